"""Wholes and parts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.errors import MissingColumns, MixedScopes, UnknownChoice
from giakit.places import hierarchy, overlap

COLUMNS = ["report_id", "place_code", "organ_kind", "policy_area", "scope", "year"]


def _frame(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": "Int64"})


REPORTS = _frame(
    ("city", "320800", "government", None, "whole", 2023),
    ("district", "320803", "government", None, "whole", 2023),
    ("town", "320803", "township", None, "organ", 2023),
    ("bureau", "320800", "department", "education", "organ", 2023),
    ("elsewhere", "320100", "government", None, "whole", 2023),
    ("next year", "320803", "government", None, "whole", 2024),
    ("unknown", "320800", "government", None, None, 2024),
)


def _pairs(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(hierarchy(frame)[["whole", "part"]].itertuples(index=False, name=None))


def test_pairs_of_one_year() -> None:
    assert _pairs(REPORTS) == {("city", "district"), ("city", "town"), ("city", "bureau"), ("district", "town")}


def test_own_level_counts_departments_but_no_towns_and_no_lower_place() -> None:
    frame = _frame(
        ("level", "320803", "government", None, "own_level", 2023),
        ("bureau", "320803", "department", "education", "organ", 2023),
        ("town", "320803", "township", None, "organ", 2023),
    )
    assert _pairs(frame) == {("level", "bureau")}


def test_a_department_that_counts_its_whole_system() -> None:
    frame = _frame(
        ("police", "320800", "department", "public_security", "whole", 2023),
        ("lower police", "320803", "department", "public_security", "organ", 2023),
        ("lower school", "320803", "department", "education", "organ", 2023),
        ("school", "320800", "department", "education", "organ", 2023),
    )
    assert _pairs(frame) == {("police", "lower police")}


def test_bodies_run_from_above() -> None:
    frame = _frame(
        ("city", "320800", "government", None, "whole", 2023),
        ("tax", "320800", "vertical_system", "taxation", "organ", 2023),
    )
    assert hierarchy(frame)["certain"].tolist() == [False]
    assert hierarchy(frame.assign(vertical=["in", None]))["certain"].tolist() == [True]
    assert len(hierarchy(frame.assign(vertical=["out", None]))) == 0


def test_an_area_counts_inside_the_division_around_it() -> None:
    frame = _frame(
        ("city", "320500", "government", None, "whole", 2023),
        ("zone", None, "functional_area_committee", None, "whole", 2023),
    ).assign(within=[None, "320500"])
    assert _pairs(frame) == {("city", "zone")}


def test_the_default_refuses_to_mix() -> None:
    with pytest.raises(MixedScopes) as caught:
        overlap(REPORTS)
    assert ("city", "district") in caught.value.pairs
    alone = REPORTS[REPORTS["report_id"] == "city"]
    pd.testing.assert_frame_equal(overlap(alone), alone)


def test_wholes_hold_for_all_years() -> None:
    kept = overlap(REPORTS, "wholes")
    assert kept["report_id"].tolist() == ["city", "elsewhere"]
    missing = {(row["place_code"], row["year"]) for row in kept.attrs["composition"]}
    assert ("320800", 2024) in missing


def test_parts_hold_for_all_years() -> None:
    kept = overlap(REPORTS, "parts")
    assert kept["report_id"].tolist() == ["town", "bureau", "elsewhere", "unknown"]
    changes = {(row["place_code"], row["year"], row["change"], row["parts"]) for row in kept.attrs["composition"]}
    assert changes == {
        ("320800", 2024, "parts left", "320800:education; 320803:township"),
        ("320800", 2024, "parts entered", "320800:government"),
        ("320803", 2024, "parts left", "320803:township"),
    }


def test_results_can_be_concatenated() -> None:
    kept = overlap(REPORTS, "parts")
    assert len(pd.concat([kept, kept])) == 2 * len(kept)


def test_errors_say_what_is_needed() -> None:
    with pytest.raises(UnknownChoice, match="wholes"):
        overlap(REPORTS, "some")  # type: ignore[arg-type]
    with pytest.raises(MissingColumns, match="scope"):
        hierarchy(REPORTS.drop(columns="scope"))


codes = st.sampled_from(["320000", "320800", "320803", "320804", "320100", None])
reports = st.lists(
    st.tuples(
        codes,
        st.sampled_from(["government", "department", "township", "vertical_system"]),
        st.sampled_from(["whole", "own_level", "organ", None]),
        st.integers(2020, 2022),
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(reports, st.sampled_from(["wholes", "parts"]))
def test_what_is_kept_never_mixes(rows: list[tuple[object, ...]], choice: str) -> None:
    frame = _frame(
        *((str(i), code, kind, "education", scope, year) for i, (code, kind, scope, year) in enumerate(rows))
    )
    before = frame.copy()
    kept = overlap(frame, choice)  # type: ignore[arg-type]
    assert len(hierarchy(kept)) == 0
    pd.testing.assert_frame_equal(frame, before)
    overlap(kept)
