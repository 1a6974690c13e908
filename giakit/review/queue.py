"""What waits for a person: doubtful cells of a panel, or cells of a coding sheet, and where decisions on them are written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from giakit.checks.model import Suggestion
from giakit.data import inert
from giakit.errors import UnknownChoice
from giakit.panel.corrections import CORRECTIONS, NOTES, edit_lines
from giakit.panel.reports import reports_of

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.reading.report import Report

WAITING = ("fail", "undecided", "uncertain")
_FILTERS = ("place", "year", "table", "check")
_AHEAD = 16
_FIGURE = re.compile(r"\d{1,15}(?:\.\d+)?")


class Item(NamedTuple):
    """One decision: a cell, or a table whose sums do not close; with what was found there."""

    report_id: str
    table: str | None
    row: str | None
    column: str | None
    findings: tuple[tuple[str, str, str, str], ...] = ()
    """Check, status, message and fingerprint of each."""
    label: str = ""


def doubtful(panel: Panel, where: Mapping[str, object]) -> list[Item]:
    """The findings of a panel that nobody has noted yet, as items: reports by largest effect on a total first.

    Raises
    ------
    UnknownChoice
        If `where` names something other than place (any part of province, prefecture, county or unit), year, table or check.
    """
    asked = {name: str(value) for name, value in where.items() if value not in (None, "")}
    if unknown := set(asked) - set(_FILTERS):
        raise UnknownChoice("where", min(unknown), _FILTERS)
    frame = panel.findings
    frame = frame[frame["status"].isin(WAITING) & frame.get("note", pd.Series(index=frame.index)).isna()]
    about = panel.reports.set_index("report_id").reindex(frame["report_id"])
    if "year" in asked:
        frame = frame[(about["year"].astype("str") == asked["year"]).to_numpy(bool)]
    if "place" in asked:
        names = about[["province", "prefecture", "county", "unit"]].fillna("").agg(" ".join, axis=1)
        here = set(about.index[names.str.contains(asked["place"], regex=False)])
        frame = frame[frame["report_id"].isin(here)]
    for name in ("table", "check"):
        frame = frame[frame[name].fillna("").str.startswith(asked.get(name, ""))]
    effect = (frame["expected"] - frame["observed"]).abs().fillna(0).astype(float)
    # Lines that fail in one table are one question: a single figure often mends several sums.
    is_cell = frame["row"].notna() & frame["column"].notna()
    frame = frame.assign(
        row=frame["row"].where(is_cell),
        column=frame["column"].where(is_cell),
        effect=effect,
        largest=effect.groupby(frame["report_id"]).transform("max"),
    ).sort_values(["largest", "report_id", "effect"], ascending=[False, True, False], kind="stable")
    kept = frame[["report_id", "table", "row", "column", "check", "status", "message", "fingerprint"]].astype(object)
    questions: dict[tuple[Any, ...], list[Any]] = {}
    for line in kept.where(kept.notna(), None).itertuples(index=False, name=None):
        questions.setdefault(line[:4], []).append(line[4:])
    return [Item(*key)._replace(findings=tuple(lines)) for key, lines in questions.items()]


class _Reports:
    """Reports of a queue, some ahead of the one that is asked for: of a large panel many cost little more to read than one."""

    def __init__(self, panel: Panel | None, items: Sequence[Item]) -> None:
        self._panel, self._items = panel, items
        self._held: dict[str, Report] = {}

    def at(self, number: int) -> Report | None:
        """The report of an item, with the corrections that stood at the start."""
        report_id = self._items[number].report_id
        if report_id not in self._held and self._panel is not None:
            self._held = reports_of(self._panel, [item.report_id for item in self._items[number : number + _AHEAD]])
        return self._held.get(report_id)


class DoubtfulCells:
    """The queue of a panel's findings; decisions go to ``corrections.csv`` and ``notes.csv`` beside the panel."""

    def __init__(self, panel: Panel, who: str, where: Mapping[str, object]) -> None:
        panel.require_writable()
        self.items = doubtful(panel, where)
        self._folder, self._who = panel.path, inert(who)
        readings = panel.readings()
        self._reading_ids = dict(zip(readings["report_id"], readings["reading_id"], strict=True))
        self._reports = _Reports(panel, self.items)
        self._decided: dict[int, str] = {}
        self._last: list[tuple[int, str, list[dict[str, str]]]] = []

    def report(self, number: int) -> Report:
        """The report of an item."""
        report = self._reports.at(number)
        assert report is not None
        return report

    @property
    def n_decided(self) -> int:
        """How many items are decided."""
        return len(self._decided)

    def decided(self, number: int) -> str:
        """What was decided on an item, or ""."""
        return self._decided.get(number, "")

    def _solutions(self, number: int) -> list[list[Suggestion]]:
        """Up to three solutions of the item's table, each with the cells that it changes."""
        item = self.items[number]
        solutions: dict[int, list[Suggestion]] = {}
        for change in self.report(number).record.suggestions:
            solutions.setdefault(change.solution, []).append(change)
        fitting = [
            changes
            for changes in solutions.values()
            if any(change.table == item.table and (not item.row or change[2:4] == item[2:4]) for change in changes)
        ]
        return fitting[:3]

    def suggestions(self, number: int) -> list[str]:
        """The solutions of an item as lines."""
        return [
            "; ".join(f"{c.row}.{c.column} {_figure(c.printed)} → {_figure(c.value)}" for c in changes)
            + f": {changes[0].why}"
            for changes in self._solutions(number)
        ]

    def cell(self, number: int) -> tuple[str, str, str] | None:
        """The cell that a figure typed now corrects: the item's own, the first suggested, or the total of the line that fails."""
        item = self.items[number]
        if item.table and item.row and item.column:
            return item.table, item.row, item.column
        for changes in self._solutions(number):
            return changes[0].table, changes[0].row, changes[0].column
        for check in self.report(number).record.checks if item.table else ():
            if check.table == item.table and check.status in WAITING and (check.row or check.column):
                return str(item.table), check.row or "closed", check.column or "total"
        return None

    def keep(self, number: int) -> None:
        """Note on every finding of the item that the figures are kept as printed."""
        lines = [
            {"fingerprint": fingerprint, "note": "kept as printed"} for *_, fingerprint in self.items[number].findings
        ]
        self._write(number, "kept as printed", NOTES, lines)

    def enter(self, number: int, figure: str) -> None:
        """Correct the cell of an item to the figure that a person reads; "" is a blank."""
        if figure and not _FIGURE.fullmatch(figure):
            raise UnknownChoice("figure", figure, ["digits, with a point where the form has decimals"])
        cell = self.cell(number)
        if cell is None:
            raise UnknownChoice("cell", "none: the finding names no cell", ["Enter", "s"])
        self._correct(number, [(*cell, figure)], "as the document shows it")

    def take(self, number: int, choice: int) -> None:
        """Correct all cells of a suggested solution."""
        offered = self._solutions(number)
        if not 1 <= choice <= len(offered):
            raise UnknownChoice("suggestion", choice, range(1, len(offered) + 1))
        changes = offered[choice - 1]
        cells = [(change.table, change.row, change.column, _figure(change.value)) for change in changes]
        self._correct(number, cells, f"suggested: {changes[0].why}")

    def undo(self) -> int | None:
        """Take the last decision back; its number, None where there is none."""
        if not self._last:
            return None
        number, name, lines = self._last.pop()
        edit_lines(self._folder / name, lambda rows: [row for row in rows if not any(_is(row, line) for line in lines)])
        self._decided.pop(number, None)
        return number

    def _correct(self, number: int, changes: list[tuple[str, str, str, str]], reason: str) -> None:
        cells = self.report(number).record.cells
        lines = []
        for table, row, column, figure in changes:
            cell = cells.get((table, row, column))
            if cell is None:
                raise UnknownChoice("cell", f"{table}.{row}.{column}", ["a cell that the report has"])
            place = {"table": table, "row": row, "column": column, "as_read": _figure(cell.value), "corrected": figure}
            lines.append(place | {"reason": inert(reason), "evidence": inert(f"{cell.where}: {cell.raw}"[:200])})
        decision = ", ".join(f"{row}.{column} = {figure or 'blank'}" for _, row, column, figure in changes)
        self._write(number, decision, CORRECTIONS, lines)

    def _write(self, number: int, decision: str, name: str, lines: list[dict[str, str]]) -> None:
        report_id = self.items[number].report_id
        about = {"report_id": report_id, "reading_id": self._reading_ids[report_id]}
        signed = {"who": self._who, "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        new = [about | line | signed for line in lines]
        edit_lines(self._folder / name, lambda rows: [*rows, *new])
        self._decided[number] = decision
        self._last.append((number, name, new))


class CodedSheet:
    """The queue of a blind coding sheet; answers go into the coder's own column, or, of two coders, are settled."""

    def __init__(self, path: str | os.PathLike[str], coder: int | str, panel: Panel | None) -> None:
        if coder not in (1, 2, "settle"):
            raise UnknownChoice("coder", coder, [1, 2, "settle"])
        self._path, self._settles = Path(path), coder == "settle"
        self._column = "settled" if self._settles else f"coder_{coder}"
        sheet = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        lines = sheet.assign(**{self._column: sheet.get(self._column, "")})
        if self._settles:
            answers = lines["coder_1"].str.strip(), lines["coder_2"].str.strip()
            lines = lines[(answers[0] != "") & (answers[1] != "") & (answers[0] != answers[1])]
        self._lines = lines
        places = lines[["report_id", "table", "row", "column", "label"]].to_dict("records")
        self.items = [Item(**{str(name): value for name, value in place.items()}) for place in places]
        self.report = _Reports(panel, self.items).at
        self._last: list[tuple[int, str]] = []

    @property
    def n_decided(self) -> int:
        """How many cells have an answer."""
        return int((self._lines[self._column] != "").sum())

    def decided(self, number: int) -> str:
        """What the coder answered, or ""."""
        return str(self._lines[self._column].iloc[number])

    def suggestions(self, number: int) -> list[str]:
        """None while coding, so that the coder stays blind; the two answers where they are settled."""
        line = self._lines.iloc[number]
        return [f"coder {coder}: {line[f'coder_{coder}']}" for coder in (1, 2)] if self._settles else []

    def cell(self, number: int) -> tuple[str, str, str] | None:
        """The cell to be coded."""
        item = self.items[number]
        return str(item.table), str(item.row), str(item.column)

    def keep(self, number: int) -> None:
        """A blind coder has nothing to keep."""
        raise UnknownChoice("answer", "", ["the figure as printed, or / for a blank"])

    def enter(self, number: int, figure: str) -> None:
        """Write down an answer; "" is a blank."""
        self._last.append((number, self.decided(number)))
        self._answer(number, figure or "/")

    def take(self, number: int, choice: int) -> None:
        """Settle for the answer of a coder."""
        if not self._settles or choice not in (1, 2):
            raise UnknownChoice("suggestion", choice, [1, 2] if self._settles else [])
        self.enter(number, str(self._lines[f"coder_{choice}"].iloc[number]))

    def undo(self) -> int | None:
        """Take the last answer back; its number, None where there is none."""
        if not self._last:
            return None
        number, before = self._last.pop()
        self._answer(number, before)
        return number

    def _answer(self, number: int, answer: str) -> None:
        place = self._lines.index[number]
        # The lines are read again: the other coder may have saved the same file since.
        edit_lines(
            self._path,
            lambda rows: [
                row | {self._column: answer if line == place else row.get(self._column, "")}
                for line, row in enumerate(rows)
            ],
        )
        self._lines.loc[place, self._column] = answer


def _figure(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.10g}"


def _is(row: Mapping[str, str], line: Mapping[str, str]) -> bool:
    return all(row.get(name) == value.strip() for name, value in line.items())
