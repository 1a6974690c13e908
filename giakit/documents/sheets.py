"""One sheet of a spreadsheet: what its cells show and why that may be doubted, before and after merged cells are expanded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, islice, product
from typing import NamedTuple, TypeAlias

from giakit.documents.appearance import BLACK, DIGIT, WHITE, is_near
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

    def hides(self, place: Place) -> bool:
        """Whether a place stands in a hidden row or column."""
        return place[0] in self.hidden_rows or place[1] in self.hidden_columns

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
    texts = {place for place, text in sheet.cells.items() if text.strip()}
    seen = {place for place in texts if not sheet.hides(place)}
    hidden = len(texts) - len(seen)
    notes = [f"sheet {sheet.name}: hidden cells passed over: {hidden}"] if hidden else []
    rows = _shown_rows(sheet, seen)
    if not rows:
        return None, notes, hidden
    seen |= {place for place in sheet.doubts if place[0] in set(rows) and not sheet.hides(place)}
    columns = _shown_columns(sheet, seen, rows)
    corners = _corners(sheet, rows, columns, name, limits)
    stated = seen.union(corners.values())
    numbers: dict[Place, int] = {}
    anchors: list[list[int]] = []
    cells: list[list[str]] = []
    width = 0
    for row in rows:
        places = [corners.get((row, column), (row, column)) for column in columns]
        # A row all of which is covered from above is none; one of a single cell does not widen the table.
        if all(place in numbers or place not in stated for place in places):
            continue
        last = max(number for number, place in enumerate(places) if place in stated)
        if places[0] != places[last]:
            width = max(width, last + 1)
        anchors.append([numbers.setdefault(place, len(numbers)) for place in places])
        cells.append([sheet.cells.get(place, "") for place in places])
    covered = sum(place in texts and corner != place for place, corner in corners.items())
    if covered:
        notes.append(f"sheet {sheet.name}: text in cells covered by a merged cell passed over: {covered}")
    width = width or 1
    doubts = {number: sheet.doubts[place] for place, number in numbers.items() if place in sheet.doubts}
    grid = Grid(
        [line[:width] for line in cells], [line[:width] for line in anchors], f"sheet {sheet.name}", True, doubts
    )
    return (grid if cells else None), notes, hidden


def _shown_rows(sheet: Sheet, seen: set[Place]) -> list[int]:
    """Rows that say something; a merged cell that begins in a hidden row speaks in the first one shown."""
    rows = {row for row, _ in seen}
    end = max(rows, default=-1)
    for first, left, last, _ in sheet.merges:
        if first in sheet.hidden_rows and sheet.cells.get((first, left), "").strip():
            inside = range(first, min(last, end) + 1)
            rows.update(islice((row for row in inside if row not in sheet.hidden_rows), 1))
    return sorted(rows)


def _shown_columns(sheet: Sheet, seen: set[Place], rows: list[int]) -> list[int]:
    """Columns from the first to the last that says something: an empty merged cell beyond it is only formatting."""
    merges = [merge for merge in sheet.merges if merge[0] <= rows[-1] and merge[2] >= rows[0]]
    starts = [column for _, column in seen] + [left for _, left, _, _ in merges]
    ends = [column for _, column in seen]
    ends += [right for top, left, _, right in merges if sheet.cells.get((top, left), "").strip()]
    return [
        column for column in range(min(starts), min(max(ends), MAX_COLUMNS) + 1) if column not in sheet.hidden_columns
    ]


def _corners(sheet: Sheet, rows: list[int], columns: list[int], name: str, limits: Limits) -> dict[Place, Place]:
    """For each place that a merged cell covers the corner of that; of several the first has it."""
    check_cells(name, len(rows) * len(columns), limits)
    corners: dict[Place, Place] = {}
    count = 0
    for top, left, bottom, right in sheet.merges:
        inside = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        across = columns[bisect_left(columns, left) : bisect_right(columns, right)]
        count += len(inside) * len(across)
        check_cells(name, count, limits)
        for place in product(inside, across):
            corners.setdefault(place, (top, left))
    return corners


def covered(ranges: Iterable[tuple[int, int]], end: int) -> set[int]:
    """The numbers below `end` that ranges cover, however many ranges there are."""
    ranges = list(ranges)
    if not ranges:
        return set()
    steps = [0] * (end + 1)
    for first, last in ranges:
        if first <= last:
            steps[min(max(first, 0), end)] += 1
            steps[min(last + 1, end)] -= 1
    return {number for number, depth in enumerate(accumulate(steps[:-1])) if depth}
