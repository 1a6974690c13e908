"""A blank is zero only where the identities of its column close with it."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import giakit.metrics as metrics
from giakit.errors import UnknownChoice
from giakit.metrics.definitions import identities


def blanked(frame: pd.DataFrame, *codes: str) -> pd.DataFrame:
    frame = frame.copy()
    for code in codes:
        frame[code] = frame[code].mask(pd.Series(True, index=frame.index))
    return frame


def test_printed_zeros_left_blank_are_zeros(golden: SimpleNamespace) -> None:
    frame = blanked(golden.huaian(), "not_processed_publication", "not_processed_excessive")
    row = metrics.not_processed_rate(frame).iloc[0]
    assert (row["numerator"], row["denominator"]) == (88, 3050)
    assert "blanks taken as zero in 1 report" in row["note"]
    missing = metrics.not_processed_rate(frame, blank="missing").iloc[0]
    assert pd.isna(missing["rate"])
    assert pd.isna(missing["numerator"])
    assert "1 report left out: blank or undecided" in missing["note"]
    assert missing["n_reports"] == 0


def test_a_blank_that_cannot_be_zero_stays_missing(golden: SimpleNamespace) -> None:
    frame = blanked(golden.huaian(), "partial")
    row = metrics.disclosure_rate(frame).iloc[0]
    assert pd.isna(row["rate"])
    assert pd.isna(row["low"])
    assert row["n_reports"] == 0


def test_a_total_of_zero_by_mistake_closes_nothing(golden: SimpleNamespace) -> None:
    frame = blanked(golden.huaian(closed=0), *identities()["outcomes"], *identities()["other_parts"])
    # Every outcome is blank and would add up to the printed 0; but 3153 requests came in and 103 went over.
    assert metrics.close_blanks(frame)[identities()["outcomes"][0]].isna().all()


def test_an_empty_table_is_missing_never_zero(golden: SimpleNamespace) -> None:
    frame = blanked(golden.huaian(), *golden.rows)
    pd.testing.assert_frame_equal(metrics.close_blanks(frame), frame)


def test_flows_close_by_their_own_balance(golden: SimpleNamespace) -> None:
    frame = blanked(golden.one_request().astype({"carried_in": "Float64", "carried_out": "Float64"}), "carried_in")
    frame = blanked(frame, "carried_out")
    closed = metrics.close_blanks(frame)
    assert closed["carried_in"].tolist() == [0]
    assert closed["carried_out"].tolist() == [0]
    assert blanked(golden.huaian(), "carried_out").pipe(metrics.close_blanks)["carried_out"].isna().all()


def test_form_of_2019_has_one_row_for_other(golden: SimpleNamespace) -> None:
    frame = golden.huaian(form="2019", other=187.0).astype({"other": "Float64"})
    frame = blanked(frame, "other_uncorrected", "other_unpaid", "other_rest", "not_processed_excessive")
    row = metrics.other_closure_rate(frame).iloc[0]
    assert (row["numerator"], row["note"]) == (187, "")
    closed = metrics.close_blanks(frame)
    assert closed["not_processed_excessive"].tolist() == [0]
    assert closed["other_unpaid"].isna().all(), "a row that the form does not have is absent, not zero"


def test_other_printed_twice_and_differently_is_unknown(golden: SimpleNamespace) -> None:
    frame = golden.huaian(other=180.0).astype({"other": "Float64"})
    assert pd.isna(metrics.other_closure_rate(frame)["rate"].item())


def test_applicants_add_up_to_their_total() -> None:
    columns = [*identities()["applicants"], "total"]
    values = [5, 1, None, None, None, None, 6]
    frame = pd.DataFrame([{f"new.{column}": value for column, value in zip(columns, values, strict=True)}])
    assert metrics.applicant_mix(frame)["numerator"].tolist() == [5, 1, 0, 0, 0, 0]
    frame["new.total"] = 7
    assert metrics.applicant_mix(frame).set_index("applicant")["rate"].isna().to_dict()["research"]


def test_unknown_blank_rule(golden: SimpleNamespace) -> None:
    with pytest.raises(UnknownChoice, match="closes, missing"):
        metrics.disclosure_rate(golden.huaian(), blank="zero")


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.integers(0, 4), min_size=20, max_size=20),
    gone=st.sets(st.integers(0, 19), max_size=20),
    shift=st.integers(0, 2),
)
def test_only_true_zeros_are_filled(cells: list[int], gone: set[int], shift: int) -> None:
    codes = [*identities()["outcomes"], *identities()["other_parts"]][:19]
    printed = dict(zip(codes, cells[:19], strict=True))
    frame = pd.DataFrame([printed | {"closed": sum(printed.values())}], dtype="Float64")
    frame["new"], frame["carried_in"], frame["carried_out"] = frame["closed"] + shift, 0.0, float(shift)
    holes = frame.copy()
    for number in gone:
        code = codes[number % 19]
        holes[code] = holes[code].mask(pd.Series([True]))
    closed = metrics.close_blanks(holes.assign(form="2021"))
    for code in codes:
        value = closed[code].item()
        assert pd.isna(value) or value == frame[code].item()


def test_a_blank_among_the_rows_of_other_does_not_lose_the_others(golden: SimpleNamespace) -> None:
    frame = blanked(golden.huaian(other_unpaid=0, other_rest=116.0), "other_unpaid")
    assert metrics.other_closure_rate(frame)["numerator"].item() == 187
    frame = blanked(golden.huaian(), "other_unpaid")
    assert metrics.other_closure_rate(frame)["rate"].isna().all(), "6 are missing: the blank is no zero"
