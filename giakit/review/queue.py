"""What waits for a person: doubtful cells of a panel, or cells of a coding sheet, and where decisions on them are written."""

from __future__ import annotations

import csv
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from giakit.checks.model import Suggestion
from giakit.errors import PanelLocked, UnknownChoice
from giakit.panel.schema import locked, write_whole

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.reading.report import Report

WAITING = ("fail", "undecided", "uncertain")
_FIGURE = re.compile(r"\d{1,15}(?:\.\d+)?")
_PATIENCE = 10.0
"""Seconds to wait for another desk; a build that runs longer is named."""


class Item(NamedTuple):
    """One decision: a cell, or a table whose sums do not close; with what was found there."""

    report_id: str
    table: str | None
    row: str | None
    column: str | None
    findings: tuple[tuple[str, str, str, str], ...] = ()
    """Check, status, message and fingerprint of each."""
    label: str = ""


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep other desks and builds out of a folder while a file in it is replaced: of two desks' decisions none is lost."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        with ExitStack() as held:
            try:
                held.enter_context(locked(path.parent))
            except PanelLocked:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
                continue
            yield
            return


def doubtful(panel: Panel, *, where: Mapping[str, object] | None = None) -> list[Item]:
    """The findings of a panel that nobody has noted yet, as items: reports by largest effect on a total first.

    Parameters
    ----------
    panel : Panel
    where : mapping, optional
        ``place`` (any part of province, prefecture, county or unit), ``year``, ``table``, ``check``: only those.

    Raises
    ------
    UnknownChoice
        If `where` names something else.
    """
    asked = {name: str(value) for name, value in (where or {}).items() if value not in (None, "")}
    for name in asked:
        if name not in ("place", "year", "table", "check"):
            raise UnknownChoice("where", name, ["place", "year", "table", "check"])
    frame = panel.findings
    frame = frame[frame["status"].isin(WAITING)]
    if "note" in frame:
        frame = frame[frame["note"].isna()]
    reports = panel.reports.set_index("report_id")
    if "year" in asked:
        frame = frame[frame["report_id"].map(reports["year"]).astype("str") == asked["year"]]
    if "place" in asked:
        names = reports[["province", "prefecture", "county", "unit"]].fillna("").agg(" ".join, axis=1)
        frame = frame[frame["report_id"].map(names).str.contains(asked["place"], regex=False, na=False)]
    for name in ("table", "check"):
        if name in asked:
            frame = frame[frame[name].fillna("").str.startswith(asked[name])]
    effect = (frame["expected"] - frame["observed"]).abs().fillna(0).astype(float)
    # Lines that fail in one table are one question: a single figure often mends several sums.
    cell = frame["row"].notna() & frame["column"].notna()
    frame = frame.assign(
        row=frame["row"].where(cell), column=frame["column"].where(cell), effect=effect,
        worst=effect.groupby(frame["report_id"]).transform("max"),
    )  # fmt: skip
    frame = frame.sort_values(["worst", "report_id", "effect"], ascending=[False, True, False], kind="stable")
    kept = ["report_id", "table", "row", "column", "check", "status", "message", "fingerprint"]
    plain = frame[kept].astype(object).where(frame[kept].notna(), None)
    questions: dict[tuple[Any, ...], list[Any]] = {}
    for line in plain.itertuples(index=False, name=None):
        questions.setdefault(line[:4], []).append(line[4:])
    return [Item(*key, findings=tuple(lines)) for key, lines in questions.items()]  # type: ignore[misc]


@dataclass
class DoubtfulCells:
    """The queue of a panel's findings; decisions go to ``corrections.csv`` and ``notes.csv`` beside the panel."""

    panel: Panel
    who: str
    items: Sequence[Item]
    _done: dict[int, str] = field(default_factory=dict)
    _last: list[tuple[int, list[tuple[Path, dict[str, str]]]]] = field(default_factory=list)
    _reports: dict[str, Report] = field(default_factory=dict)

    def report(self, number: int) -> Report:
        """The report of an item, corrections that stood at the start applied; the last few are kept."""
        report_id = self.items[number].report_id
        if report_id not in self._reports:
            while len(self._reports) > 8:
                self._reports.pop(next(iter(self._reports)))
            self._reports[report_id] = self.panel.report(report_id)
        return self._reports[report_id]

    def decided(self, number: int) -> str:
        return self._done.get(number, "")

    def suggestions(self, number: int) -> list[tuple[str, list[Suggestion]]]:
        """Up to three solutions of the item's table, each with the cells that it changes."""
        solutions: dict[int, list[Suggestion]] = {}
        for suggestion in self.report(number).record.suggestions:
            solutions.setdefault(suggestion.solution, []).append(suggestion)
        item = self.items[number]
        fitting = []
        for changes in solutions.values():
            here = [change for change in changes if change.table == item.table]
            if here and (item.row is None or any((change.row, change.column) == item[2:4] for change in here)):
                text = "; ".join(
                    f"{change.row}.{change.column} {_figure(change.printed)} → {_figure(change.value)}"
                    for change in changes
                )
                fitting.append((f"{text}: {changes[0].why}", changes))
        return fitting[:3]

    def keep(self, number: int) -> None:
        """Note on every finding of the item that the figures are kept as printed."""
        item = self.items[number]
        lines = [
            {"report_id": item.report_id, "fingerprint": fingerprint, "note": "kept as printed"}
            for *_, fingerprint in item.findings
        ]
        self._write(number, "kept as printed", "notes.csv", lines)

    def cell(self, number: int) -> tuple[str, str, str] | None:
        """The cell that a figure typed now corrects: the item's own, the first suggested, or the total of the line that fails."""
        item = self.items[number]
        if item.table and item.row and item.column:
            return item.table, item.row, item.column
        for _, changes in self.suggestions(number):
            return changes[0].table, changes[0].row, changes[0].column
        for check in self.report(number).record.checks:
            if item.table and check.table == item.table and check.status in WAITING and (check.row or check.column):
                return item.table, check.row or "closed", check.column or "total"
        return None

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
        offered = self.suggestions(number)
        if not 1 <= choice <= len(offered):
            raise UnknownChoice("suggestion", str(choice), [str(place + 1) for place in range(len(offered))])
        _, changes = offered[choice - 1]
        self._correct(
            number,
            [(change.table, change.row, change.column, _figure(change.value)) for change in changes],
            f"suggested: {changes[0].why}",
        )

    def undo(self) -> int | None:
        """Take the last decision back; its number, None where there is none."""
        if not self._last:
            return None
        number, lines = self._last.pop()
        for path, line in lines:
            with _held(path):
                rows = _read(path)
                kept = [row for row in rows if any(row.get(name) != value for name, value in line.items())]
                _replace(path, kept)
        self._done.pop(number, None)
        return number

    def _correct(self, number: int, changes: Sequence[tuple[Any, ...]], reason: str) -> None:
        item = self.items[number]
        cells = self.report(number).record.cells
        lines = []
        for table, row, column, figure in changes:
            cell = cells.get((table, row, column))
            if cell is None:
                raise UnknownChoice("cell", f"{table}.{row}.{column}", ["a cell that the report has"])
            lines.append(
                {
                    "report_id": item.report_id, "table": table, "row": row, "column": column,
                    "as_read": _figure(cell.value), "corrected": figure, "reason": reason,
                    "evidence": f"{cell.where}: {cell.raw}"[:200],
                }
            )  # fmt: skip
        shown = ", ".join(f"{line['row']}.{line['column']} = {line['corrected'] or 'blank'}" for line in lines)
        self._write(number, shown, "corrections.csv", lines)

    def _write(self, number: int, shown: str, name: str, lines: list[dict[str, str]]) -> None:
        path = Path(self.panel.path) / name
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        reading = self._reading_id(self.items[number].report_id)
        dated = [line | reading | {"who": self.who, "date": now} for line in lines]
        with _held(path):
            _replace(path, _read(path) + dated)
        self._done[number] = shown
        self._last.append((number, [(path, line) for line in dated]))

    def _reading_id(self, report_id: str) -> dict[str, str]:
        reports = self.panel.reports
        if "reading_id" not in reports:
            return {}
        return {"reading_id": str(reports.loc[reports["report_id"] == report_id, "reading_id"].iloc[0])}


@dataclass
class CodedSheet:
    """The queue of a blind coding sheet; answers go into the coder's own column, or, of two coders, are settled."""

    path: Path
    coder: int | str
    sheet: pd.DataFrame
    items: Sequence[Item] = ()
    _last: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, path: str | os.PathLike[str], coder: int | str) -> CodedSheet:
        if coder not in (1, 2, "settle"):
            raise UnknownChoice("coder", str(coder), ["1", "2", "settle"])
        sheet = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        queue = cls(Path(path), coder, sheet)
        lines = sheet
        if coder == "settle":
            both = (sheet["coder_1"] != "") & (sheet["coder_2"] != "")
            lines = sheet[both & (sheet["coder_1"].str.strip() != sheet["coder_2"].str.strip())]
        queue.items = [
            Item(line["report_id"], line["table"], line["row"], line["column"], label=line["label"])
            for _, line in lines.iterrows()
        ]
        queue._places = list(lines.index)
        return queue

    _places: list[int] = field(default_factory=list)

    @property
    def _column(self) -> str:
        return "settled" if self.coder == "settle" else f"coder_{self.coder}"

    def decided(self, number: int) -> str:
        return str(self.sheet.loc[self._places[number], self._column]) if self._column in self.sheet else ""

    def suggestions(self, number: int) -> list[tuple[str, list[Suggestion]]]:
        """None while coding, so that the coder stays blind; the two answers where they are settled."""
        if self.coder != "settle":
            return []
        line = self.sheet.loc[self._places[number]]
        return [(f"coder 1: {line['coder_1']}", []), (f"coder 2: {line['coder_2']}", [])]

    def cell(self, number: int) -> tuple[str, str, str] | None:
        """The cell to be coded."""
        item = self.items[number]
        return str(item.table), str(item.row), str(item.column)

    def keep(self, number: int) -> None:
        raise UnknownChoice("answer", "", ["the figure as printed, or / for a blank"])

    def enter(self, number: int, figure: str) -> None:
        self._answer(number, figure or "/")

    def take(self, number: int, choice: int) -> None:
        if self.coder != "settle" or choice not in (1, 2):
            raise UnknownChoice("suggestion", str(choice), ["1", "2"] if self.coder == "settle" else [])
        self._answer(number, str(self.sheet.loc[self._places[number], f"coder_{choice}"]))

    def undo(self) -> int | None:
        if not self._last:
            return None
        number = self._last.pop()
        self._answer(number, "", keep=False)
        return number

    def _answer(self, number: int, answer: str, *, keep: bool = True) -> None:
        with _held(self.path):
            # Read again: the other coder may have saved the same file since.
            rows = _read(self.path)
            rows[self._places[number]] = rows[self._places[number]] | {self._column: answer}
            _replace(self.path, rows)
        self.sheet.loc[self._places[number], self._column] = answer
        if keep:
            self._last.append(number)


def _figure(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.10g}"


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def _replace(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows aside and put them in place at once: a kill leaves the old file or the new one."""
    if not rows:
        path.unlink(missing_ok=True)
        return
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name) or "" for name in names] for row in rows)]
    text = "".join(",".join('"' + value.replace('"', '""') + '"' for value in line) + "\n" for line in lines)
    write_whole(path, ("\ufeff" + text).encode("utf-8"))
