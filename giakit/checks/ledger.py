"""The ledger of corrections: what a person decided, applied to a panel's frames and never to the documents."""

from __future__ import annotations

from typing import Any

import pandas as pd

from giakit.checks.frames import require

LEDGER_COLUMNS = (
    "report_id",
    "table",
    "row",
    "column",
    "as_read",
    "corrected",
    "reason",
    "evidence",
    "who",
    "date",
)
REPORT_TABLE = "report"
REPORT_FIELDS = ("unit", "year", "scope", "place_code")
_BLANK_WORDS = ("", "blank", "/", "-", "—")


def apply_corrections(
    cells: pd.DataFrame, reports: pd.DataFrame, ledger: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Apply a ledger to a panel's frames.

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`, and where known `state, origin`.
    reports : DataFrame
        One row a `report_id`.
    ledger : DataFrame
        `report_id` (hash of the file), `table, row, column, as_read, corrected, reason, evidence, who, date`.
        ``table="report"`` with `column` one of unit, year, scope, place_code corrects the report itself. An empty
        `as_read` or `corrected` is a blank. Later entries of a place come after earlier ones and must name the
        value that these left.

    Returns
    -------
    cells, reports : DataFrame
        Copies with the corrections. A corrected cell has `origin` ``corrected`` and keeps what was read in
        `as_read` (str, NA elsewhere); a corrected report lists its fields in `corrected` (str, NA elsewhere).
    refused : DataFrame
        Entries that were not applied, with `message`.

    Raises
    ------
    MissingColumns
        If the ledger lacks a column.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a"], "table": "remedies", "row": "suit_direct", "column": "total", "value": [0.0]})
    >>> entry = dict.fromkeys(LEDGER_COLUMNS, "") | {"report_id": "a", "table": "remedies", "row": "suit_direct", "column": "total", "as_read": "0", "corrected": "3"}
    >>> changed, _, refused = apply_corrections(cells, pd.DataFrame({"report_id": ["a"]}), pd.DataFrame([entry]))
    >>> float(changed.loc[0, "value"]), changed.loc[0, "as_read"], changed.loc[0, "origin"], len(refused)
    (3.0, '0', 'corrected', 0)
    """
    require("apply_corrections", ledger, LEDGER_COLUMNS)
    require("apply_corrections", cells, ("report_id", "table", "row", "column", "value"))
    require("apply_corrections", reports, ("report_id",))
    new_cells, new_reports = _prepared(cells, reports)
    touched = new_cells[new_cells["report_id"].isin(ledger["report_id"])]
    place = {
        key: number
        for number, *key_parts in touched[["report_id", "table", "row", "column"]].itertuples()
        if (key := tuple(key_parts))
    }
    line = {report_id: number for number, report_id in enumerate(new_reports["report_id"])}
    refused = []
    for number, entry in enumerate(ledger[list(LEDGER_COLUMNS)].to_dict("records")):
        text = {str(name): "" if pd.isna(value) else str(value).strip() for name, value in entry.items()}
        if text["table"] == REPORT_TABLE:
            message = _correct_report(new_reports, line, text)
        else:
            message = _correct_cell(new_cells, place, text)
        if message:
            refused.append((number, message))
    listed = ledger.iloc[[number for number, _ in refused]].reset_index(drop=True)
    return (
        new_cells,
        new_reports,
        listed.assign(message=pd.Series([message for _, message in refused], dtype="str")),
    )


def _prepared(cells: pd.DataFrame, reports: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    new_cells = cells.reset_index(drop=True).assign(
        value=cells["value"].astype("Float64").to_numpy(),
        as_read=pd.Series(pd.NA, index=range(len(cells)), dtype="str"),
    )
    new_cells["value"] = new_cells["value"].astype("Float64")
    if "origin" not in new_cells.columns:
        new_cells["origin"] = pd.Series(pd.NA, index=new_cells.index, dtype="str")
    new_reports = reports.reset_index(drop=True).assign(
        corrected=pd.Series(pd.NA, index=range(len(reports)), dtype="str")
    )
    return new_cells, new_reports


def _correct_cell(cells: pd.DataFrame, place: dict[tuple[str, ...], int], entry: dict[str, str]) -> str:
    number = place.get((entry["report_id"], entry["table"], entry["row"], entry["column"]))
    if number is None:
        return "the panel has no such cell; check report_id, table, row and column"
    now = _value(cells, number)
    try:
        expected, corrected = _figure(entry["as_read"]), _figure(entry["corrected"])
    except ValueError as error:
        return f"{error}; valid: a number, or nothing for a blank"
    if now != expected:
        return f"as_read is {_shown(expected)}, but the panel reads {_shown(now)}: look again, then mend the entry"
    if not _text(cells, number, "as_read"):
        cells.at[number, "as_read"] = _shown(expected)
    cells.at[number, "value"] = pd.NA if corrected is None else corrected
    cells.at[number, "origin"] = "corrected"
    if "state" in cells.columns:
        cells.at[number, "state"] = "blank" if corrected is None else "reported"
    return ""


def _correct_report(reports: pd.DataFrame, line: dict[str, int], entry: dict[str, str]) -> str:
    number, field = line.get(entry["report_id"]), entry["column"]
    if number is None:
        return "the panel has no such report; check report_id"
    if field not in REPORT_FIELDS:
        return f"{field!r} cannot be corrected; valid: {', '.join(REPORT_FIELDS)}"
    if field not in reports.columns:
        return f"the panel's reports have no column {field}"
    shown = _text(reports, number, field)
    if shown != entry["as_read"]:
        return (
            f"as_read is {entry['as_read']!r}, but the panel reads {shown!r}: look again, then mend the entry"
        )
    if field == "year" and entry["corrected"] and not entry["corrected"].isdigit():
        return f"{entry['corrected']!r} is no year"
    value = entry["corrected"] or pd.NA
    reports.at[number, field] = int(entry["corrected"]) if field == "year" and entry["corrected"] else value
    before = _text(reports, number, "corrected")
    reports.at[number, "corrected"] = f"{before}, {field}" if before else field
    return ""


def _value(cells: pd.DataFrame, number: int) -> float | None:
    value: Any = cells.at[number, "value"]
    return None if pd.isna(value) else float(value)


def _text(frame: pd.DataFrame, number: int, column: str) -> str:
    value: Any = frame.at[number, column]
    return "" if pd.isna(value) else str(value)


def _figure(text: str) -> float | None:
    if text.lower() in _BLANK_WORDS:
        return None
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise ValueError(f"{text!r} is no figure") from None


def _shown(value: float | None) -> str:
    return "blank" if value is None else f"{value:g}"
