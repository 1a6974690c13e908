"""Layouts seen before: where labels, spans and kinds of cells are the same, the cells are the same.

The statutory tables come in few layouts, and most reports repeat one of them to the letter. Once a document was read
without any doubt, its layout says where each cell stands, and the next document of that layout is read by place.
What more than the labels decided is never taken from memory: figures that had a say (the layout is read with other
figures before it is remembered), headings that name another year or agency, tables that stand twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, repeat
from typing import NamedTuple

from giakit.checks.model import Cell
from giakit.documents.model import Document, Grid, Text
from giakit.forms import Table, tables
from giakit.matching.fill import PARTS, Reading, is_whole
from giakit.matching.fingerprints import WHOLE, Fingerprint, fingerprint, is_figure
from giakit.matching.headings import may_speak, verdict_of
from giakit.matching.lines import Item, document_lines
from giakit.matching.numbers import kind
from giakit.matching.remedies import scan_remedies
from giakit.matching.values import cell_of
from giakit.matching.vocabulary import vocabulary
from giakit.titles import Title

_MOST_LAYOUTS = 512
_MOST_MET = 1 << 16
# Five digits, so that none is taken for a year.
_FIRST_FIGURE = 10_001
# Longer ones are no counts.
_LONGEST_FIGURE = 15
_OF_ONE_CELL = "broken_number"
_ANOTHER = Title("\x00", 0)


class _Entry(NamedTuple):
    """One cell of a layout."""

    row: str
    column: str
    grid: int
    at: tuple[int, int]
    place: str
    header: str
    shared: bool
    plain: bool
    """Whether digits alone are its value."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """The cells of every table, and the labels that say whose figures they are."""

    cells: dict[str, list[_Entry]]
    headings: list[str]


_layouts: dict[Hashable, _Layout] = {}
_met: set[int] = set()


def recall(document: Document, own: Document, title: Title) -> dict[str, Reading] | None:
    """The readings of a document whose layout was read before; None where it has to be read by its labels.

    `own` is the document without the texts of other reports.
    """
    seen = fingerprint(document, title)
    layout = None if seen is None else _layouts.get(seen.key)
    if seen is None or layout is None or _speaks_of_others(document, own, layout, seen, title):
        return None
    readings = {}
    for table, entries in layout.cells.items():
        reading = _read(tables()[table], entries, document, seen.grids)
        if reading is None:
            return None
        readings[table] = reading
    return readings


def learn(
    document: Document,
    own: Document,
    title: Title,
    readings: Mapping[str, Reading],
    read: Callable[[Document], Mapping[str, Reading]],
) -> None:
    """Remember the layout of a document that was read whole and without a doubt, once it comes again.

    `read` reads a document by its labels: the cells must stand in the same places whatever the figures are.
    """
    seen = fingerprint(document, title)
    if seen is None or seen.key in _layouts or not _is_sure(readings) or not _needs_no_text(document):
        return
    if _is_new(seen.key):
        return
    used = {source.grid for reading in readings.values() for source in reading.sources.values()}
    if used != set(seen.grids):
        return
    cells = {table: _entries(reading, document, seen.grids) for table, reading in readings.items()}
    layout = _Layout({table: entries for table, entries in cells.items() if entries is not None}, [])
    labels = {raw for number in seen.grids for row in _grid(document, number).rows for raw in row}
    labels -= set(seen.texts)
    layout.headings.extend(raw for raw in sorted(labels) if verdict_of(raw, _ANOTHER) is not None)
    if len(layout.cells) < len(cells) or _speaks_of_others(document, own, layout, seen, title):
        return
    for figures in (count(_FIRST_FIGURE), repeat(0)):
        other = _with_figures(document, seen.grids, figures)
        again = {table: _entries(reading, other, seen.grids) for table, reading in read(other).items()}
        if again != layout.cells:
            return
    if len(_layouts) >= _MOST_LAYOUTS:
        _layouts.clear()
    _layouts[seen.key] = layout


def _is_new(key: Hashable) -> bool:
    """Whether a layout comes for the first time; most of those that do never come again."""
    number = hash(key)
    if number in _met:
        return False
    if len(_met) >= _MOST_MET:
        _met.clear()
    _met.add(number)
    return True


def _with_figures(document: Document, numbers: Sequence[int], figures: Iterator[int]) -> Document:
    """The document with other figures in its grids, the same in all positions of a merged cell."""
    blocks = list(document.blocks)
    for number in numbers:
        grid = _grid(document, number)
        given: dict[int, str] = {}
        rows = []
        for line, row in enumerate(grid.rows):
            anchors = (
                range(line * len(row), (line + 1) * len(row)) if grid.anchors is None else grid.anchors[line]
            )
            rows.append(
                [
                    given.setdefault(anchor, str(next(figures))) if is_figure(raw) else raw
                    for raw, anchor in zip(row, anchors, strict=True)
                ]
            )
        blocks[number] = replace(grid, rows=rows)
    return replace(document, blocks=tuple(blocks))


def forget() -> None:
    """Forget every layout."""
    _layouts.clear()
    _met.clear()


def _grid(document: Document, number: int) -> Grid:
    block = document.blocks[number]
    assert isinstance(block, Grid)
    return block


def _speaks_of_others(
    document: Document, own: Document, layout: _Layout, seen: Fingerprint, title: Title
) -> bool:
    """Whether some heading before or among the tables names another year or agency."""
    for number, block in enumerate(document.blocks[: seen.grids[-1]]):
        if isinstance(block, Text):
            kept = own.blocks[number]
            if kept is not block:
                return True
        elif number not in seen.grids:
            cells = {raw for raw in chain.from_iterable(block.rows) if may_speak(raw)}
            if any(verdict_of(raw, title) for raw in cells):
                return True
    return any(verdict_of(raw, title) for raw in chain(layout.headings, seen.texts))


def _read(table: Table, entries: list[_Entry], document: Document, numbers: Sequence[int]) -> Reading | None:
    """The cells of a table; None where a figure speaks against the places."""
    reading = Reading(table.code)
    grids = [_grid(document, number) for number in numbers]
    for row, column, grid, (line, start), place, header, shared, plain in entries:
        raw = grids[grid].rows[line][start]
        where = grids[grid].where
        if plain and raw.isdecimal() and raw.isascii() and len(raw) <= _LONGEST_FIGURE:
            cell = Cell(float(raw), "reported", "printed", raw, where + place)
        else:
            item = Item(start, start + 1, raw, kind(raw))
            where = f"{where} row {line + 1}"
            cell, question = cell_of(table, row, column, item, where=where, header=header)
            if question is not None:
                reading.doubts.append(question)
        if shared and cell.value:
            return None
        reading.cells[row, column] = cell
    return None if table.code == "requests" and _some_row_fails(reading) else reading


def _some_row_fails(reading: Reading) -> bool:
    """Whether the parts of some row miss its total: then figures may be a column off."""
    rows: dict[str, dict[str, float | None]] = {}
    for (row, column), cell in reading.cells.items():
        rows.setdefault(row, {})[column] = cell.value
    for values in rows.values():
        parts = [values.get(part) for part in PARTS]
        total = values.get("total")
        if total is not None and None not in parts and sum(filter(None, parts)) != total:
            return True
    return False


def _is_sure(readings: Mapping[str, Reading]) -> bool:
    """Whether the tables since 2019 were read whole, by their labels and places alone."""
    return not readings["statistics"].cells and not any(
        any(question.check != _OF_ONE_CELL for question in reading.doubts)
        or reading.used
        or any(cell.state == "undecided" for cell in reading.cells.values())
        or (code in WHOLE and not is_whole(reading))
        for code, reading in readings.items()
    )


def _needs_no_text(document: Document) -> bool:
    """Whether the remedies are named by their table alone, and by no line of text above it."""
    words = vocabulary("remedies")
    lines = [line for line in document_lines(document) if not line.is_text]
    hits = [hit.code for hit in scan_remedies(document_lines(document), words)]
    return hits == [hit.code for hit in scan_remedies(lines, words)]


def _entries(reading: Reading, document: Document, numbers: Sequence[int]) -> list[_Entry] | None:
    """The cells of a table by place; None where some cell does not stand where its source says."""
    table = tables()[reading.table]
    entries = []
    for (row, column), cell in reading.cells.items():
        source = reading.sources.get((row, column))
        if source is None or source.grid not in numbers:
            return None
        grid = _grid(document, source.grid)
        place = f" row {source.row + 1} column {source.column + 1}"
        if cell.where != grid.where + place or grid.rows[source.row][source.column] != cell.raw:
            return None
        sample, question = cell_of(
            table, row, column, Item(0, 1, "7", "number"), where="", header=source.header
        )
        entries.append(
            _Entry(
                row,
                column,
                numbers.index(source.grid),
                (source.row, source.column),
                place,
                source.header,
                source.shared,
                plain=sample.value == 7 and question is None,
            )
        )
    return entries
