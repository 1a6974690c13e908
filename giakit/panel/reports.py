"""Reports of a panel as `giakit.read` gives them, and the checks within a report made anew on cells that a person corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.model import CHECK_COLUMNS, FINDING, FINDING_COLUMNS, Cell, Check, Suggestion, findings_frame
from giakit.checks.run import Verdicts, check_report
from giakit.errors import UnknownChoice
from giakit.forms import Address, forms
from giakit.reading.prose import Section, Stated
from giakit.reading.record import Record
from giakit.reading.report import Report

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_FROM_CELLS = ("cells", "solved")
_SUGGESTION_COLUMNS = ["report_id", *Suggestion._fields]


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
    reports = panel.reports[panel.reports["report_id"].isin(wanted)]
    lines = {str(line["report_id"]): line for _, line in reports.iterrows()}
    for report_id in wanted:
        if report_id not in lines:
            raise UnknownChoice("report_id", report_id, [f"the {len(panel.reports)} of panel.reports"])
    verdicts = panel.select("checks", wanted) if findings is None else findings
    parts = {name: _grouped(panel.select(name, wanted)) for name in ("cells", "texts", "stated", "suggestions")}
    parts["checks"] = _grouped(verdicts[verdicts["report_id"].isin(wanted)])
    return {name: Report(_record(lines[name], {part: parts[part].get(name) for part in parts})) for name in wanted}


def _grouped(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): group for name, group in frame.groupby("report_id", sort=False)}


def _record(line: pd.Series, parts: dict[str, pd.DataFrame | None]) -> Record:
    return Record(
        name=str(line["source"]),
        sha256=str(line["report_id"]),
        format=str(line["format"]),
        unit=None if pd.isna(line["unit"]) else str(line["unit"]),
        year=None if pd.isna(line["year"]) else int(line["year"]),
        form=None if pd.isna(line["form"]) else forms()[str(line["form"])],
        cells=_cells(parts["cells"]),
        checks=[Check(*row) for row in _rows(parts["checks"], CHECK_COLUMNS[:-1])],
        suggestions=[Suggestion(*row) for row in _rows(parts["suggestions"], Suggestion._fields)],
        texts=[Section(*row) for row in _rows(parts["texts"], Section._fields)],
        stated=[Stated(*row) for row in _rows(parts["stated"], Stated._fields)],
        metadata={"url": str(line["url"])} if not pd.isna(line["url"]) else {},
    )


def _cells(frame: pd.DataFrame | None) -> dict[Address, Cell]:
    return {
        (table, row, column): Cell(value, state, origin, raw or "", where or "")
        for table, row, column, value, state, origin, raw, where in _rows(
            frame, ("table", "row", "column", *Cell._fields)
        )
    }


def _rows(frame: pd.DataFrame | None, columns: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Rows as tuples, None where nothing is known."""
    if frame is not None:
        plain = frame[list(columns)].astype(object)
        yield from plain.where(plain.notna(), None).itertuples(index=False, name=None)


class Rechecked:
    """Verdicts on the reports that a person `corrected`, in place of those made when they were read."""

    def __init__(self, panel: Panel, corrected: list[str]) -> None:
        self.ids = corrected
        verdicts = _verdicts(panel, corrected) if corrected else {}
        self.checks = findings_frame((name, check) for name, (checks, _) in verdicts.items() for check in checks)
        rows = [(name, *row) for name, (_, suggestions) in verdicts.items() for row in suggestions]
        self.suggestions = pd.DataFrame(rows, columns=_SUGGESTION_COLUMNS)

    def applied(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The table of checks, findings or suggestions, with those on the corrected reports made anew."""
        anew = frame["report_id"].isin(self.ids)
        if table == "suggestions":
            new = self.suggestions[self.suggestions["report_id"].isin(frame["report_id"])]
            return _joined(frame[~anew], new) if self.ids else frame
        kept = frame[~(anew & frame["basis"].isin(_FROM_CELLS))][list(FINDING_COLUMNS)]
        if not self.ids:
            return kept
        return _joined(kept, self.checks if table == "checks" else self.checks[self.checks["status"].isin(FINDING)])


def _verdicts(panel: Panel, corrected: list[str]) -> dict[str, Verdicts]:
    cells, stated = (_grouped(panel.select(name, corrected)) for name in ("cells", "stated"))
    read = panel.as_stored("checks", corrected)
    solved = _grouped(read[read["basis"] == "solved"])
    about = panel.reports.loc[panel.reports["report_id"].isin(corrected), ["report_id", "form", "year"]]
    return {
        name: check_report(
            forms()[form],
            _cells(cells.get(name)),
            year=year,
            stated=[Stated(*row) for row in _rows(stated.get(name), Stated._fields)],
            solved_by={
                (check, row or column) for check, row, column in _rows(solved.get(name), ("check", "row", "column"))
            },
        )
        for name, form, year in _rows(about, about.columns)
        if form is not None
    }


def _joined(kept: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    joined = pd.concat([kept, new.astype(kept.dtypes[new.columns])], ignore_index=True)
    return joined.sort_values("report_id", kind="stable", ignore_index=True)
