"""One sheet of a spreadsheet: what its cells show and why that may be doubted, before and after merged cells are expanded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import NamedTuple, TypeAlias

from giakit.documents.appearance import BLACK, DIGIT, WHITE, is_near
from giakit.documents.grid import GridBuilder
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Doubt, Grid
from giakit.documents.number_formats import number_text, shown, shown_text

Place: TypeAlias = tuple[int, int]
Range: TypeAlias = tuple[int, int, int, int]

# Points below which a person sees a speck.
_TINY = 3.0
_UNSEEN = Doubt("it is written in the colour of its ground")
_SPECK = Doubt("it is too small to be seen")
_STRUCK = Doubt("it is struck through")
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
INDEXED = {0: BLACK, 1: WHITE, 8: BLACK, 9: WHITE, 64: BLACK, 65: WHITE}
MIXED = Doubt("its characters differ in style", confirmable=True)
CONDITIONAL = Doubt("a conditional format hides it, or may do so")
PICTURED = Doubt("its font shows pictures in place of digits")
MOVED = Doubt("its alignment repeats it or moves it out of its cell")
UNDER = Doubt("a drawn shape lies over it", confirmable=True)
_UNKNOWN_FORMAT = "its number format {!r} cannot be rendered for certain"


class Style(NamedTuple):
    """How a cell shows what it holds: its number format, why it may not be seen, its colours, and its size over the usual one."""

    code: str = "General"
    doubt: Doubt | None = None
    colour: str = BLACK
    ground: str = WHITE
    size: float = 1.0


@dataclass(slots=True)
class Sheet:
    """What a sheet holds: texts by row and column, counted from 0, and why they may be doubted; ranges that are merged, as first
    row, first column, last row, last column; rows and columns that are not shown (filtered ones too); whether the sheet itself is
    shown, and zeros in it; what a reader should know of it.
    """

    name: str
    cells: dict[Place, str] = field(default_factory=dict)
    merges: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    visible: bool = True
    zeros: bool = True
    doubts: dict[Place, Doubt] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def number(self, place: Place, value: float, style: Style, *, since_1904: bool = False) -> None:
        """A cell that holds a number."""
        if value == 0 and not self.zeros:
            return
        text = shown(value, style.code, since_1904=since_1904)
        if text is None:
            text = number_text(value) if abs(value) < 1e300 else str(value)
            self.doubts[place] = Doubt(_UNKNOWN_FORMAT.format(style.code))
        self._keep(place, text, style)

    def text(self, place: Place, text: str, style: Style = Style()) -> None:  # noqa: B008
        """A cell that holds a text."""
        said = text if style.code == "General" or not text else shown_text(text, style.code)
        if said is None:
            self.doubts[place] = Doubt(_UNKNOWN_FORMAT.format(style.code))
        self._keep(place, text if said is None else said, style)

    def _keep(self, place: Place, text: str, style: Style) -> None:
        if text:
            self.cells[place] = text
            if style.doubt is not None and DIGIT.search(text):
                self.doubts[place] = style.doubt


def doubt_of(*, colour: str, ground: str, struck: bool, points: float) -> Doubt | None:
    """Why a person may not see, or not believe, what is written so; None where nothing speaks against it."""
    if is_near(colour, ground):
        return _UNSEEN
    if points < _TINY:
        return _SPECK
    return _STRUCK if struck else None


def grid_of(sheet: Sheet, *, name: str, limits: Limits) -> tuple[Grid | None, list[str], int]:
    """Expand the merged cells of a sheet: its grid, notes on what was left out, and how many texts are hidden.

    The grid has the rows in which at least one cell says something, from the first to the last column that does; it is None if
    there are none. Hidden rows and columns are left out; of a merged cell that reaches out of them, what can be seen stays.

    Examples
    --------
    >>> sheet = Sheet("s", {(0, 0): "title", (1, 0): "a", (1, 1): "3"}, merges=[(0, 0, 0, 1)])
    >>> grid_of(sheet, name="a.xlsx", limits=Limits())[0].rows
    [['title', 'title'], ['a', '3']]
    """
    columns, hidden = _shown_columns(sheet)
    rows = _shown_rows(sheet, columns)
    notes = [f"sheet {sheet.name}: hidden cells passed over: {hidden}"] if hidden else []
    if not rows:
        return None, notes, hidden
    merges = _merges_by_row(sheet, rows, _last_column(sheet, columns), name, limits)
    concealed = sorted(sheet.hidden_columns)
    builder = GridBuilder(limits, name)
    anchors: dict[int, int] = {}
    doubts: dict[int, Doubt] = {}
    covered = 0
    left = min(_position(min(places), concealed) for places in columns.values() if places)
    left = min([left, *(_position(start, concealed) for spans in merges.values() for start, _, _ in spans)])
    for row in rows:
        builder.row()
        spans = {start: (end, merge) for start, end, merge in reversed(merges.get(row, []))}
        free_from = 0
        for column in sorted({*columns.get(row, ()), *spans}):
            end, merge = spans.get(column, (column, -1))
            corner = sheet.merges[merge][:2] if merge >= 0 else (row, column)
            if column < free_from:
                covered += corner == (row, column) and (row, column) in sheet.cells
                continue
            text = sheet.cells.get(corner, "")
            covered += corner != (row, column) and (row, column) in sheet.cells
            at = _position(column, concealed)
            span = _position(end + 1, concealed) - at
            free_from = end + 1
            if span:
                number = builder.cell(text, colspan=span, at=at - left, join=anchors.get(merge))
                if corner in sheet.doubts:
                    doubts[number] = sheet.doubts[corner]
                if merge >= 0:
                    anchors[merge] = number
    if covered:
        notes.append(f"sheet {sheet.name}: text in cells covered by a merged cell passed over: {covered}")
    grid = builder.build(f"sheet {sheet.name}", doubts=doubts)
    return (grid if grid.rows else None), notes, hidden


def _shown_columns(sheet: Sheet) -> tuple[dict[int, list[int]], int]:
    """Columns with a text, or a doubt, in each row that is shown, and how many texts are hidden."""
    columns: dict[int, list[int]] = {}
    hidden = 0
    for (row, column), text in sheet.cells.items():
        if not text.strip():
            continue
        if row in sheet.hidden_rows or column in sheet.hidden_columns:
            hidden += 1
        else:
            columns.setdefault(row, []).append(column)
    for row, column in sheet.doubts:
        if row in columns and (row, column) not in sheet.cells and column not in sheet.hidden_columns:
            columns[row].append(column)
    return columns, hidden


def _shown_rows(sheet: Sheet, columns: dict[int, list[int]]) -> list[int]:
    """Rows that say something; a merged cell that begins in a hidden row speaks in the first one shown."""
    rows = set(columns)
    end = max(rows, default=-1)
    for first, left, last, _ in sheet.merges:
        if first in sheet.hidden_rows and sheet.cells.get((first, left), "").strip():
            inside = range(first, min(last, end) + 1)
            rows.update(islice((row for row in inside if row not in sheet.hidden_rows), 1))
    return sorted(rows)


def _last_column(sheet: Sheet, columns: dict[int, list[int]]) -> int:
    """Where the sheet ends on the right: an empty merged cell beyond it is only formatting."""
    ends = [max(places) for places in columns.values()]
    ends += [right for top, left, _, right in sheet.merges if sheet.cells.get((top, left), "").strip()]
    return max(ends, default=0)


def _merges_by_row(
    sheet: Sheet, rows: list[int], last: int, name: str, limits: Limits
) -> dict[int, list[tuple[int, int, int]]]:
    """For each row the stretches of it that merged cells cover: first column, last column, which merge."""
    stretches: dict[int, list[tuple[int, int, int]]] = {}
    count = 0
    for index, (top, left, bottom, right) in enumerate(sheet.merges):
        inside = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        count += len(inside)
        check_cells(name, count, limits)
        if left <= last:
            for row in inside:
                stretches.setdefault(row, []).append((left, min(right, last), index))
    return stretches


def _position(column: int, concealed: list[int]) -> int:
    """Position of a column once the hidden ones before it are gone."""
    return column - bisect_left(concealed, column) if concealed else column


def covered(ranges: Iterable[tuple[int, int]], end: int) -> set[int]:
    """The numbers below `end` that ranges cover, however many ranges there are."""
    steps = [0] * (end + 1)
    for first, last in ranges:
        if first <= last:
            steps[min(max(first, 0), end)] += 1
            steps[min(last + 1, end)] -= 1
    return {number for number, depth in enumerate(accumulate(steps[:-1])) if depth}
