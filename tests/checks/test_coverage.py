from __future__ import annotations

import pandas as pd
import pytest

from giakit.checks.coverage import coverage, read_against_unread, unit_status
from giakit.errors import MissingColumns, UnknownChoice

EXPECTED = pd.DataFrame(
    {"unit": ["A", "B", "C"], "tier": ["city", "county", "county"], "province": "江苏省", "people": [9.0, 3.0, 1.0]}
)
REPORTS = pd.DataFrame(
    {"report_id": ["r1", "r2", "r3"], "unit": ["A", "B", "X"], "year": [2023, 2023, 2023], "status": "parsed"}
)
MANIFEST = pd.DataFrame({"path": ["a", "b", "c", "x"], "unit": ["A", "B", "C", "X"], "year": [2023] * 4})


def test_each_step_is_counted() -> None:
    findings = pd.DataFrame({"report_id": ["r2"], "status": ["fail"]})
    counted = coverage(REPORTS, MANIFEST, EXPECTED, findings=findings).set_index("tier")
    assert counted.loc["county", ["expected", "found", "read", "clean"]].tolist() == [2, 2, 1, 0]
    assert counted.loc["city", ["expected", "found", "read", "clean"]].tolist() == [1, 1, 1, 1]
    assert counted["share_read"].tolist() == [1.0, 0.5]


def test_without_findings_clean_is_unknown() -> None:
    assert coverage(REPORTS, MANIFEST, EXPECTED)["clean"].isna().all()


def test_uncertain_findings_leave_a_report_clean() -> None:
    findings = pd.DataFrame({"report_id": ["r1"], "status": ["uncertain"]})
    assert (
        coverage(REPORTS, MANIFEST, EXPECTED, findings=findings, by=["tier"]).set_index("tier").loc["city", "clean"]
        == 1
    )


def test_expected_by_year() -> None:
    expected = pd.DataFrame({"unit": ["A", "A"], "year": [2022, 2023], "tier": "city"})
    assert unit_status(REPORTS, MANIFEST, expected)["read"].tolist() == [False, True]


def test_read_against_unread() -> None:
    compared = read_against_unread(unit_status(REPORTS, MANIFEST, EXPECTED), ["people"])
    assert compared[["n_read", "n_unread", "mean_read", "mean_unread"]].values.tolist() == [[2, 1, 6.0, 1.0]]
    assert compared["difference"].isna().all()


def test_keys_and_columns_are_checked() -> None:
    with pytest.raises(UnknownChoice, match="unit"):
        coverage(REPORTS, MANIFEST, EXPECTED, key="agency_id")
    with pytest.raises(UnknownChoice, match="tier"):
        coverage(REPORTS, MANIFEST, EXPECTED, by=["colour"])
    with pytest.raises(MissingColumns, match="unit"):
        coverage(REPORTS, MANIFEST, EXPECTED.drop(columns="unit"))
