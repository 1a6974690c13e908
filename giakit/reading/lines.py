"""A document as lines of items: what all matching works on, whatever the format was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from giakit.documents.model import Document, Doubt, Grid, Text
from giakit.reading.numbers import Kind, kind
from giakit.reading.vocabulary import Vocabulary


class Item(NamedTuple):
    """One printed cell in a line: the columns it covers, its raw text, its kind, whether it hangs down from above, why
    it may show something else, and whether it was cut out of digits that run together."""

    start: int
    end: int
    raw: str
    kind: Kind
    carried: bool = False
    doubt: Doubt | None = None
    solved: bool = False


@dataclass(slots=True)
class Line:
    """A row of a grid (`grid` >= 0), or a text between grids (`grid` < 0, one item)."""

    grid: int
    row: int
    items: tuple[Item, ...]
    aligned: bool
    where: str
    labels: tuple[Item, ...] = field(init=False)
    has_number: bool = field(init=False)

    def __post_init__(self) -> None:
        self.labels = tuple([item for item in self.items if item.kind == "label"])
        self.has_number = any([item.kind == "number" for item in self.items])

    @property
    def is_text(self) -> bool:
        """Whether the line is running text."""
        return self.grid < 0


def document_lines(document: Document) -> list[Line]:
    """All lines of a document in reading order."""
    lines: list[Line] = []
    for number, block in enumerate(document.blocks):
        lines.extend(_text_lines(block, number) if isinstance(block, Text) else grid_lines(block, number))
    return lines


def grid_lines(grid: Grid, number: int) -> Iterable[Line]:
    """The lines of one grid."""
    grid = _numbered(grid)
    above: Sequence[int] = ()
    for position, row in enumerate(grid.rows):
        anchors = grid.anchors[position] if grid.anchors is not None else None
        items = _items(row, anchors, set(above), grid.doubts)
        above = anchors if anchors is not None else ()
        yield Line(number, position, items, grid.aligned, f"{grid.where} row {position + 1}")


def _numbered(grid: Grid) -> Grid:
    """A grid with doubts has its cells numbered, so that they stay with their cell when it is turned or cut."""
    if not grid.doubts or grid.anchors is not None:
        return grid
    starts = accumulate(map(len, grid.rows), initial=0)
    anchors = [list(range(start, start + len(row))) for start, row in zip(starts, grid.rows, strict=False)]
    return replace(grid, anchors=anchors)


def _items(
    row: Sequence[str], anchors: Sequence[int] | None, above: set[int], doubts: Mapping[int, Doubt]
) -> tuple[Item, ...]:
    if anchors is None:
        return tuple(Item(column, column + 1, raw, kind(raw)) for column, raw in enumerate(row))
    items = []
    column = 0
    while column < len(row):
        end = column + 1
        if anchors[column] < 0:
            items.append(Item(column, end, "", "pad"))
            column = end
            continue
        while end < len(row) and anchors[end] == anchors[column]:
            end += 1
        number = anchors[column]
        items.append(
            Item(column, end, row[column], kind(row[column]), number in above, doubts.get(number) if doubts else None)
        )
        column = end
    return tuple(items)


def transposed(grid: Grid) -> Grid:
    """The grid with rows and columns exchanged."""
    grid = _numbered(grid)
    rows = [list(column) for column in zip(*grid.rows, strict=True)]
    anchors = None if grid.anchors is None else [list(column) for column in zip(*grid.anchors, strict=True)]
    return Grid(rows, anchors, f"{grid.where}, transposed", grid.aligned, grid.doubts)


_SEVERAL = 3


def is_transposed(grid: Grid, words: Vocabulary) -> bool:
    """Whether a grid prints the table's columns as rows and its rows as columns."""
    if len({len(row) for row in grid.rows}) != 1 or len(grid.rows) < 2:
        return False
    across = [_distinct(words, row) for row in grid.rows]
    if max(rows for rows, _ in across) < _SEVERAL:
        return False
    down = [_distinct(words, column) for column in zip(*grid.rows, strict=True)]
    rows_across = max(rows for rows, _ in across)
    columns_down = max(columns for _, columns in down)
    rows_down = max(rows for rows, _ in down)
    columns_across = max(columns for _, columns in across)
    return columns_down >= 1 and rows_across > rows_down and columns_down >= columns_across


def _distinct(words: Vocabulary, cells: Sequence[str]) -> tuple[int, int]:
    labels = {cell for cell in cells if kind(cell) == "label"}
    rows = {codes for codes in (words.row_codes(label) for label in labels) if codes}
    columns = {code for code in (words.column_code(label) for label in labels) if code}
    return len(rows), len(columns)


def oriented(document: Document, words: Vocabulary, lines: list[Line]) -> list[Line]:
    """The lines of a document, with the parts of grids that print this table crosswise turned."""
    across = {
        line.grid for line in lines if len({words.row_codes(item.raw) for item in line.labels} - {()}) >= _SEVERAL
    }
    parts = {number: _parts(block) for number in across if isinstance(block := document.blocks[number], Grid)}
    turned = {number for number, grids in parts.items() if any(is_transposed(part, words) for part in grids)}
    if not turned:
        return lines
    result: list[Line] = []
    for number, block in enumerate(document.blocks):
        if isinstance(block, Text):
            result.extend(_text_lines(block, number))
        elif number not in turned:
            result.extend(grid_lines(block, number))
        else:
            for part in parts[number]:
                result.extend(grid_lines(transposed(part) if is_transposed(part, words) else part, number))
    return result


def foreign_grids(lines: Iterable[Line], words: Vocabulary, others: Iterable[Vocabulary]) -> set[int]:
    """The grids that name rows of another table, and nothing of this one."""
    labels: dict[int, set[str]] = {}
    for line in lines:
        if not line.is_text:
            labels.setdefault(line.grid, set()).update([item.raw for item in line.labels])
    return {
        grid
        for grid, raws in labels.items()
        if not any(words.knows(raw) for raw in raws)
        and any(sum(bool(other.row_codes(raw)) for raw in raws) >= _SEVERAL for other in others)
    }


def _text_lines(block: Text, number: int) -> Iterable[Line]:
    for position, part in enumerate(block.text.split("\n")):
        if part.strip():
            yield Line(-1 - number, position, (Item(0, 1, part, kind(part)),), False, block.where)


def _parts(grid: Grid) -> list[Grid]:
    """A sheet may hold a whole report: the grid cut where a row has one cell alone."""
    grid = _numbered(grid)
    cuts = [position for position, row in enumerate(grid.rows) if len(set(filter(None, row))) <= 1]
    if not cuts or len(cuts) == len(grid.rows):
        return [grid]
    edges = sorted({0, len(grid.rows), *cuts, *(cut + 1 for cut in cuts)})
    parts = []
    for start, end in pairwise(edges):
        anchors = None if grid.anchors is None else grid.anchors[start:end]
        parts.append(Grid(grid.rows[start:end], anchors, grid.where, grid.aligned, grid.doubts))
    return parts
