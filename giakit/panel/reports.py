"""Reports of a panel as `giakit.read` gives them, with corrections and the findings across reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.model import CHECK_COLUMNS, Cell, Check, Suggestion
from giakit.errors import UnknownChoice
from giakit.forms import forms
from giakit.reading.prose import Section, Stated
from giakit.reading.record import Record
from giakit.reading.report import Report

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_ADDRESS = ["table", "row", "column"]


def reports_of(panel: Panel, report_ids: Iterable[str], *, findings: pd.DataFrame | None = None) -> dict[str, Report]:
    """Some reports of a panel.

    Parameters
    ----------
    panel : Panel
    report_ids : iterable of str
    findings : DataFrame, optional
        The verdicts that the reports shall carry in place of those made within them: `Panel.findings` to have those
        across reports too.

    Returns
    -------
    dict of str to Report

    Raises
    ------
    UnknownChoice
        If the panel has no such report.
    """
    wanted = list(dict.fromkeys(report_ids))
    reports = panel.reports
    lines = {str(line["report_id"]): line for _, line in reports[reports["report_id"].isin(wanted)].iterrows()}
    for report_id in wanted:
        if report_id not in lines:
            raise UnknownChoice("report_id", report_id, [f"the {len(reports)} of panel.reports"])
    verdicts = panel.select("checks", wanted) if findings is None else findings
    parts = {name: _grouped(panel.select(name, wanted)) for name in ("cells", "texts", "stated", "suggestions")}
    checks = _grouped(verdicts[verdicts["report_id"].isin(wanted)])
    return {name: Report(_record(name, lines[name], checks, parts)) for name in wanted}


def _grouped(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): group for name, group in frame.groupby("report_id", sort=False)}


def _record(
    report_id: str, line: pd.Series, checks: dict[str, pd.DataFrame], parts: dict[str, dict[str, pd.DataFrame]]
) -> Record:
    cells = _rows(parts["cells"].get(report_id), [*_ADDRESS, *Cell._fields])
    return Record(
        name=str(line["source"]),
        sha256=report_id,
        format=str(line["format"]),
        unit=None if pd.isna(line["unit"]) else str(line["unit"]),
        year=None if pd.isna(line["year"]) else int(line["year"]),
        form=None if pd.isna(line["form"]) else forms()[str(line["form"])],
        cells={
            (table, row, column): Cell(value, state, origin, raw or "", where or "")
            for table, row, column, value, state, origin, raw, where in cells
        },
        checks=[Check(*row) for row in _rows(checks.get(report_id), list(CHECK_COLUMNS[:-1]))],
        suggestions=[Suggestion(*row) for row in _rows(parts["suggestions"].get(report_id), list(Suggestion._fields))],
        texts=[Section(*row) for row in _rows(parts["texts"].get(report_id), list(Section._fields))],
        stated=[Stated(*row) for row in _rows(parts["stated"].get(report_id), list(Stated._fields))],
        metadata={"url": str(line["url"])} if not pd.isna(line["url"]) else {},
    )


def _rows(frame: pd.DataFrame | None, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Rows as tuples, None where nothing is known."""
    if frame is None:
        return
    plain = frame[columns].astype(object)
    yield from plain.where(plain.notna(), None).itertuples(index=False, name=None)
