"""What may stand in one sum: each agency once, known by its own name, no whole of unknown scope in silence."""

from __future__ import annotations

import pandas as pd
import pytest

from giakit import metrics
from giakit.errors import MixedScopes, RepeatedReports
from giakit.metrics.counts import agencies


def reports(**columns: object) -> pd.DataFrame:
    """Two reports of 10 requests each, of which 6 and 2 were granted."""
    return pd.DataFrame({"granted": [6, 2], "partial": 0, "closed": 10, "year": 2023, **columns})


@pytest.mark.parametrize(
    "columns",
    [
        {"agency_id": "a", "scope": "organ"},
        {"agency_id": "a", "scope": None},
        {"agency_id": ["x", "y"], "agency_key": "a"},
        {"agency_id": None, "unit": "卧龙区商务局", "place_code": "411303"},
        {"unit": "卧龙区商务局"},
    ],
)
def test_an_agency_of_one_year_and_scope_counts_once(columns: dict[str, object]) -> None:
    frame = reports(**columns)
    for measured in (metrics.disclosure_rate, metrics.shrunken_rates, metrics.ground_shares):
        if measured is metrics.shrunken_rates and columns.get("agency_id") != "a":
            continue
        filled = frame.assign(**dict.fromkeys(["denied_security", "denied_internal"], 1))
        options = {"parts": ["denied_security", "denied_internal"]} if measured is metrics.ground_shares else {}
        with pytest.raises(RepeatedReports, match="2023"):
            measured(filled, **options)
    assert len(metrics.disclosure_rate(frame.assign(report_id=["r", "s"]), by="report_id")) == 2


def test_merged_agencies_and_other_scopes_are_no_repetition() -> None:
    assert metrics.disclosure_rate(reports(agency_id="a", agency_key=["old", "new"]))["rate"].item() == 0.4
    assert metrics.disclosure_rate(reports(agency_id="a", unit=["工商局", "质监局"]))["rate"].item() == 0.4
    assert metrics.disclosure_rate(reports(agency_id="a", scope=["organ", "own_level"]))["rate"].item() == 0.4


def test_agencies_without_an_id_are_no_single_agency() -> None:
    frame = reports(agency_id=None, unit="财政局", place_code=["320803", "330100"])
    assert metrics.funnel(frame)["rate"].tolist() == [0.6, 0.2]
    assert metrics.shrunken_rates(frame)["n_units"].tolist() == [2, 2]
    unknown = reports(agency_id=None, unit="财政局", place_code=None)
    assert metrics.funnel(unknown)["denominator"].tolist() == [10, 10]
    assert agencies(reports(agency_id=["a", None], unit=None, report_id=["r", "s"])).tolist() == ["a", "[s]"]
    later = pd.concat([frame, frame.assign(year=2024)], ignore_index=True)
    doses = metrics.dose_design(later, "disclosure_rate", years=[2023])
    assert doses["dose"].tolist() == [0.6, 0.2]


def test_unknown_scope_that_may_hold_another_is_named() -> None:
    frame = reports(
        scope=None, place_code=["320800", "320803"], organ_kind="government", report_id=["city", "district"]
    )
    note = metrics.disclosure_rate(frame)["note"].item()
    assert "unknown scope in 2 reports" in note
    assert "panel.scope_by_size()" in note
    apart = frame.assign(place_code=["320800", "330100"])
    assert "scope" not in metrics.disclosure_rate(apart)["note"].item()
    assert metrics.disclosure_rate(frame, by="place_code")["note"].tolist() == ["", ""]


def test_mixed_scopes_names_the_reports() -> None:
    frame = reports(
        scope="whole", place_code=["320800", "320803"], organ_kind="government", report_id=["city", "district"]
    )
    with pytest.raises(MixedScopes, match=r"district in city.*panel\.hierarchy\(\)"):
        metrics.disclosure_rate(frame)
