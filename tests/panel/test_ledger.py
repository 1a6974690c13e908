from __future__ import annotations

import pandas as pd
import pytest

from giakit.errors import MissingColumns
from giakit.panel.corrections import LEDGER_COLUMNS, apply_corrections


@pytest.fixture
def cells() -> pd.DataFrame:
    frame = pd.DataFrame({
        "report_id": ["a", "a", "b"], "table": "remedies", "row": "suit_direct", "column": ["total", "upheld", "total"],
        "value": pd.array([0, None, 2], dtype="Float64"), "state": ["reported", "blank", "reported"], "origin": ["printed", None, "printed"],
    })  # fmt: skip
    return frame.astype({"origin": "str"})


@pytest.fixture
def reports() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"report_id": ["a", "b"], "unit": ["甲县", None], "year": [2023, None], "scope": [None, "organ"]}
    )
    return frame.astype({"unit": "str", "year": "Int64", "scope": "str"})


def ledger(*entries: dict[str, object]) -> pd.DataFrame:
    common = dict.fromkeys(LEDGER_COLUMNS, "") | {
        "report_id": "a",
        "table": "remedies",
        "row": "suit_direct",
        "column": "total",
    }
    return pd.DataFrame([common | entry for entry in entries])


def test_a_correction_keeps_both_values(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    changed, _, refused = apply_corrections(cells, reports, ledger({"as_read": "0", "corrected": "3"}))
    assert changed.loc[0, ["as_read", "origin", "state"]].tolist() == ["0", "corrected", "reported"]
    assert changed.loc[0, "value"] == 3
    assert changed["as_read"].isna().tolist() == [False, True, True]
    assert refused.empty
    assert str(changed["value"].dtype) == "Float64"


def test_nothing_given_is_changed(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    before = cells.copy(), reports.copy()
    apply_corrections(
        cells,
        reports,
        ledger(
            {"as_read": "0", "corrected": "3"},
            {"table": "report", "column": "year", "as_read": "2023", "corrected": "2022"},
        ),
    )
    pd.testing.assert_frame_equal(cells, before[0])
    pd.testing.assert_frame_equal(reports, before[1])


def test_as_read_must_match(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    changed, _, refused = apply_corrections(cells, reports, ledger({"as_read": "5", "corrected": "3"}))
    assert changed.loc[0, "value"] == 0
    assert "as_read is 5, but the panel reads 0" in refused["message"][0]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"row": "suit_indirect"}, "no such cell"),
        ({"report_id": "z"}, "no such cell"),
        ({"as_read": "0", "corrected": "three"}, "is no figure"),
        ({"table": "report", "column": "colour"}, "valid: unit, year, scope, place_code"),
        ({"table": "report", "column": "place_code"}, "no column place_code"),
        ({"table": "report", "column": "unit", "report_id": "z"}, "no such report"),
        ({"table": "report", "column": "year", "as_read": "2023", "corrected": "last"}, "is no year"),
        ({"table": "report", "column": "unit", "as_read": "乙县", "corrected": "丙县"}, "the panel reads '甲县'"),
    ],
)
def test_refusals_say_why(cells: pd.DataFrame, reports: pd.DataFrame, entry: dict[str, object], message: str) -> None:
    changed, lines, refused = apply_corrections(cells, reports, ledger(entry))
    assert message in refused["message"][0]
    pd.testing.assert_frame_equal(changed[list(cells.columns)], cells)
    pd.testing.assert_frame_equal(lines[list(reports.columns)], reports)


def test_blank_both_ways(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    entries = ledger({"column": "upheld", "as_read": None, "corrected": "3"}, {"as_read": "0", "corrected": "/"})
    changed, _, _ = apply_corrections(cells, reports, entries)
    assert changed["state"].tolist() == ["blank", "reported", "reported"]
    assert changed["as_read"].tolist()[:2] == ["0", "blank"]


def test_a_later_entry_follows_the_first(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    entries = ledger(
        {"as_read": "0", "corrected": "3"}, {"as_read": "3", "corrected": "4"}, {"as_read": "0", "corrected": "9"}
    )
    changed, _, refused = apply_corrections(cells, reports, entries)
    assert changed.loc[0, "value"] == 4
    assert changed.loc[0, "as_read"] == "0"
    assert refused["corrected"].tolist() == ["9"]


def test_the_report_itself(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    entries = ledger(
        {"table": "report", "column": "unit", "as_read": "甲县", "corrected": "乙县"},
        {"table": "report", "column": "year", "as_read": "2023", "corrected": "2022"},
        {"table": "report", "column": "scope", "as_read": "", "corrected": "whole"},
        {"report_id": "b", "table": "report", "column": "year", "as_read": "", "corrected": "2021"},
    )
    _, lines, refused = apply_corrections(cells, reports, entries)
    assert refused.empty
    assert lines["corrected"].tolist() == ["unit, year, scope", "year"]
    assert lines["year"].tolist() == [2022, 2021]
    assert str(lines["year"].dtype) == "Int64"
    assert lines.loc[0, "scope"] == "whole"


def test_missing_columns(cells: pd.DataFrame, reports: pd.DataFrame) -> None:
    with pytest.raises(MissingColumns, match="who"):
        apply_corrections(cells, reports, ledger({}).drop(columns="who"))
