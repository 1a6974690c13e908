"""The frame of findings that checks across reports give, and what they ask of the frames they take."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from giakit.checks.model import CHECK_COLUMNS, Check

FINDING_COLUMNS = ("report_id", *CHECK_COLUMNS)


def findings_frame(found: Iterable[tuple[str | None, Check]]) -> pd.DataFrame:
    """Verdicts with the report they speak of, as a frame.

    Returns
    -------
    DataFrame
        Columns `report_id, check, status, table, row, column` (str), `expected, observed` (Float64), `message,
        fingerprint` (str).

    Examples
    --------
    >>> findings_frame([("r1", Check("Y1", "pass", "requests", "carried_in", "total", 3, 3, "closes"))]).loc[0, "check"]
    'Y1'
    """
    rows = [(report_id, *check.as_row()) for report_id, check in found]
    frame = pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
    numbers = {name: "Float64" for name in ("expected", "observed")}
    return frame.astype({**{name: "str" for name in FINDING_COLUMNS if name not in numbers}, **numbers})


def values_by_cell(
    cells: pd.DataFrame, reports: Iterable[str], table: str
) -> dict[str, dict[tuple[str, str], float | None]]:
    """Printed cells of one table, by report: (row, column) to value, None where blank or undecided."""
    wanted = cells[(cells["table"] == table) & cells["report_id"].isin(list(reports))]
    if "state" in wanted.columns:
        wanted = wanted[wanted["state"] != "absent"]
    found: dict[str, dict[tuple[str, str], float | None]] = {}
    values = wanted["value"].astype("Float64")
    for report_id, row, column, value in zip(wanted["report_id"], wanted["row"], wanted["column"], values, strict=True):
        found.setdefault(report_id, {})[row, column] = None if pd.isna(value) else float(value)
    return found
