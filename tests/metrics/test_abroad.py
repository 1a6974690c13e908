"""Outcomes in the categories of other countries."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from huaian_2024 import REQUESTS
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.errors import MissingColumns, MixedScopes, NotComparable, RepeatedReports, UnknownChoice
from giakit.forms import form
from giakit.metrics import disclosure_rate
from giakit.metrics.comparability import abroad_shares, as_abroad

HUAIAN = {row: cells[-1] for row, cells in REQUESTS.items()}
OUTCOMES = [code for code in HUAIAN if code not in ("new", "carried_in", "closed", "carried_out")]


def report(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame([{"unit": "淮安市人民政府", "year": 2024, "form": "2021", **HUAIAN, **changes}])


def test_huaian_in_the_terms_of_the_united_states() -> None:
    found = as_abroad(report(), "us_foia").set_index("category")["value"]
    assert found["full_grants"] == 1362
    assert found["full_denials_exemptions"] == 73
    assert found["no_records"] == 769
    assert found["improper_or_other"] == 105 + 11 + 62 + 0 + 0 + 1
    assert found.drop("other_one_row").sum() == 3050
    assert pd.isna(found["other_one_row"])


def test_huaian_in_the_terms_of_the_united_kingdom() -> None:
    found = as_abroad(report(), "uk_foi").set_index("category")
    # Repeated and vexatious requests (25 and 0) are resolvable in the UK, where 16 % were not processed in 2023.
    assert found["base"].unique().tolist() == [1362 + 454 + 73 + 25 + 0]
    assert round(found.loc["granted_in_full", "share"], 4) == round(1362 / 1914, 4)
    assert found.loc["repeated_or_vexatious", "value"] == 25
    assert pd.isna(found.loc["not_held", "share"])
    assert found.loc["not_held", "value"] == 769
    assert found["value"].sum() == 3050


def test_huaian_in_the_terms_of_brazil() -> None:
    found = as_abroad(report(), "br_lai").set_index("category")
    assert found["value"].sum() == 3050
    assert round(found.loc["acesso_concedido", "share"], 3) == 0.447


def test_the_one_row_of_2019_stays_one() -> None:
    parts = {"other_uncorrected": None, "other_unpaid": None, "other_rest": None}
    frame = report(form="2019", year=2019, other=187, **parts)
    found = as_abroad(frame, "us_foia").set_index("category")["value"]
    assert found["other_one_row"] == 187
    assert found[["withdrawn", "fee_related", "other_handling"]].isna().all()
    uk = as_abroad(frame, "uk_foi").set_index("category")["value"]
    assert uk["unmapped"] == 11 + 62 + 0 + 1 + 187


def test_two_reports_are_added_up_as_any_rate_is() -> None:
    frame = pd.concat(
        [report(report_id="a", agency_id="a", year=2024), report(report_id="b", agency_id="b", year=2024)],
        ignore_index=True,
    )
    shares = abroad_shares(frame, "us_foia").set_index("category")
    pooled = disclosure_rate(frame)
    assert shares.loc["full_grants", ["numerator", "denominator", "n_reports"]].tolist() == [2724, 6100, 2]
    assert shares.loc[["full_grants", "partial_grants"], "rate"].sum() == pytest.approx(pooled["rate"].item())
    assert shares["low"].notna().sum() > 0
    with pytest.raises(RepeatedReports, match="a, 2024"):
        abroad_shares(frame.assign(agency_id="a"), "us_foia")
    city = frame.assign(
        place_code=["320800", "320803"], scope="whole", organ_kind="government", report_id=["city", "district"]
    )
    with pytest.raises(MixedScopes, match=r"district in city.*hierarchy"):
        abroad_shares(city, "uk_foi")
    assert abroad_shares(city, "uk_foi", overlap="wholes")["denominator"].max() == 1914


def test_a_blank_that_the_identities_close_is_zero_abroad_too() -> None:
    frame = report(denied_security=None, denied_by_law=36, report_id="a", agency_id="a")
    counted = as_abroad(frame, "us_foia").set_index("category")["value"]
    assert counted["full_denials_exemptions"] == 73
    kept = as_abroad(frame, "us_foia", blank="missing").set_index("category")["value"]
    assert pd.isna(kept["full_denials_exemptions"])


def test_a_frame_of_2019_alone_needs_no_later_rows() -> None:
    rows = form("2019").tables["requests"].row_codes("2019")
    frame = pd.DataFrame({"form": ["2019"], "year": [2020], **{row: [1] for row in rows}})
    assert as_abroad(frame, "us_foia").set_index("category").loc["other_one_row", "value"] == 1


def test_a_blank_stays_blank() -> None:
    found = as_abroad(report(denied_security=None, closed=None), "us_foia").set_index("category")
    assert pd.isna(found.loc["full_denials_exemptions", "value"])
    assert found["share"].isna().all()
    assert as_abroad(report(closed=0), "us_foia")["share"].isna().all()


def test_caveats_come_along() -> None:
    found = as_abroad(report(), "us_foia")
    assert any("full refusals only" in caveat for caveat in found.attrs["caveats"])
    assert found["rows"].ne("").all()


def test_what_cannot_be_mapped_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="us_foia"):
        as_abroad(report(), "us")
    with pytest.raises(MissingColumns, match="granted"):
        as_abroad(report().drop(columns="granted"), "us_foia")
    with pytest.raises(MissingColumns, match="other_rest"):
        as_abroad(report().drop(columns="other_rest"), "uk_foi")
    with pytest.raises(NotComparable, match="2014"):
        as_abroad(report(form="2014"), "br_lai")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 999), min_size=len(OUTCOMES), max_size=len(OUTCOMES)))
def test_nothing_is_lost_and_nothing_counted_twice(values: list[int]) -> None:
    frame = report(**dict(zip(OUTCOMES, values, strict=True)), closed=sum(values))
    before = frame.copy(deep=True)
    for to in ("us_foia", "uk_foi", "br_lai"):
        assert as_abroad(frame, to)["value"].sum() == sum(values)
    pd.testing.assert_frame_equal(frame, before)
