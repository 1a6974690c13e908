"""Layouts seen before: where labels, spans and kinds of cells are the same, the cells are the same.

The statutory tables come in few layouts, and most reports repeat one of them to the letter. Once a table was read
without any doubt, the layout of its document says where each cell stands, and in the next document of that layout it is
read by place. A table that is in doubt (one that a page break has torn, say) is read by its labels each time. What more than the labels decided is never taken from memory: figures that had a say (the layout is read with other
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
from giakit.forms.labels import squeezed
from giakit.reading.fill import PARTS, Reading, is_whole
from giakit.reading.fingerprints import WHOLE, Fingerprint, fingerprint, is_figure
from giakit.reading.headings import may_speak, verdict_of
from giakit.reading.lines import Item, document_lines
from giakit.reading.numbers import kind
from giakit.reading.remedies import scan_remedies
from giakit.reading.titles import Title
from giakit.reading.values import cell_of
from giakit.reading.vocabulary import vocabulary

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
    """The cells of every table that was sure, and the labels that say whose figures they are."""

    cells: dict[str, list[_Entry]]
    headings: list[str]


_layouts: dict[Hashable, _Layout] = {}
_met: set[int] = set()


def recall(document: Document, own: Document, title: Title) -> dict[str, Reading]:
    """The readings of tables whose layout was read before; the others have to be read by their labels.

    `own` is the document without the texts of other reports.
    """
    seen = fingerprint(document, title)
    layout = None if seen is None else _layouts.get(seen.key)
    if any(block.doubts for block in document.blocks if isinstance(block, Grid)):
        return {}
    if seen is None or layout is None or _speaks_of_others(document, own, layout, seen, title):
        return {}
    readings = {}
    for table, entries in layout.cells.items():
        reading = _read(tables()[table], entries, document, seen.grids)
        if reading is not None:
            readings[table] = reading
    return readings


def learn(
    document: Document,
    own: Document,
    title: Title,
    readings: Mapping[str, Reading],
    read: Callable[[Document], Mapping[str, Reading]],
) -> None:
    """Remember where the cells of the tables stand that were read whole and without a doubt, once the layout comes again.

    `read` reads a document by its labels: the cells must stand in the same places whatever the figures are.
    """
    seen = fingerprint(document, title)
    if seen is None or seen.key in _layouts or _is_new(seen.key):
        return
    cells = {}
    for table in _sure_tables(readings, document):
        entries = _entries(readings[table], document, seen.grids)
        if entries is not None and not _stands_twice(table, readings, document, seen):
            cells[table] = entries
    if not cells:
        return
    labels = {raw for number in seen.grids for row in _grid(document, number).rows for raw in row}
    labels -= set(seen.texts)
    layout = _Layout(cells, [raw for raw in sorted(labels) if verdict_of(raw, _ANOTHER) is not None])
    if _speaks_of_others(document, own, layout, seen, title):
        return
    for figures in (count(_FIRST_FIGURE), repeat(0)):
        other = _with_figures(document, seen.grids, figures)
        again = read(other)
        for table, entries in list(cells.items()):
            if _entries(again[table], other, seen.grids) != entries:
                del cells[table]
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


def _sure_tables(readings: Mapping[str, Reading], document: Document) -> Iterator[str]:
    """The tables since 2019 that were read whole, by their labels and places alone; the older one where it is none."""
    if readings["statistics"].cells:
        return
    for code, reading in readings.items():
        if (
            all(question.check == _OF_ONE_CELL for question in reading.doubts)
            and not reading.used
            and not any(cell.state == "undecided" for cell in reading.cells.values())
            and (code not in WHOLE or is_whole(reading))
            and (code != "remedies" or _needs_no_text(document))
        ):
            yield code


def _stands_twice(table: str, readings: Mapping[str, Reading], document: Document, seen: Fingerprint) -> bool:
    """Whether a grid of which nothing was read names rows of a table, as another printing of it would."""
    words = vocabulary(table)
    used = {source.grid for reading in readings.values() for source in reading.sources.values()}
    for number in set(seen.grids) - used:
        labels = {squeezed(raw) for row in _grid(document, number).rows for raw in row}
        if sum(bool(words.row_codes(label)) for label in labels) > 1:
            return True
    return False


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
