"""The blocks of a page: tables where lines or columns show them, and the text between."""

from __future__ import annotations

import re
from dataclasses import dataclass

from giakit.documents.columns import word_tables
from giakit.documents.geometry import Box, Lattice, Line, lattices, split_directions
from giakit.documents.pdf.content import PageContent, character_height
from giakit.documents.pdf.tables import Table, fill_tables, table_of
from giakit.documents.pdf.text import TextLine, cell_text, line_text, text_lines, words_of

_PAGE_NUMBER = re.compile(
    r"(?:[-—–－·~〜\s]+\d{1,4}[-—–－·~〜\s]+|第\s*\d{1,4}\s*页(?:[\s,，/、]*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}|Page\s+\d{1,4}(?:\s+of\s+\d{1,4})?)"
)
_FIGURES = re.compile(r"(?<!\S)[\d.,]+(?!\S)")
_MARGIN = 0.12


@dataclass(slots=True)
class PageBlocks:
    """What stands on a page, from above to below: tables and lines of text.

    Parameters
    ----------
    number : int
        Page number.
    height : float
        Height of the page.
    unit : float
        Usual height of a character.
    tables : list of Table
    lines : list of TextLine
        Outside the tables.
    parting : list of Line
        Level lines and edges of stripes that may part the rows of a table without uprights.
    """

    number: int
    height: float
    unit: float
    tables: list[Table]
    lines: list[TextLine]
    parting: list[Line]


def page_blocks(page: PageContent) -> PageBlocks:
    """Find the tables of a page and the lines of text around them."""
    unit = min(max(character_height(page.glyphs), 2.0), 40.0)
    level, upright = split_directions(page.rulings, unit)
    grids = lattices(level, upright, unit)
    if not grids:
        level, upright = split_directions(_fill_edges(page, unit), unit)
        grids = [grid for grid in lattices(level, upright, unit) if min(len(grid.xs), len(grid.ys)) > 2]
        grids = [grid for grid in grids if _are_cells(grid, page)]
    filled, outside = fill_tables(grids, page.glyphs, page.number)
    tables = [table_of(grid, cells, page.number) for grid, cells in filled if any(cells)]
    stripes = [Line(y, box.left, box.right) for box in page.fills for y in (box.top, box.bottom)]
    parting = stripes if grids else [*level, *stripes]
    return PageBlocks(page.number, page.height, unit, tables, text_lines(outside), parting)


def take_columns(page: PageBlocks) -> None:
    """Make tables of the lines whose figures stand in columns; margins must be out of the way."""
    words = [words_of(line, 0.35 * page.unit) for line in page.lines]
    taken: set[int] = set()
    for table in word_tables(words, page.parting, page.unit):
        inside = [word for k in table.lines for word in words[k]]
        top, bottom = min(word.top for word in inside), max(word.bottom for word in inside)
        page.tables.append(Table(table.edges, table.anchors, table.texts, top, bottom, [page.number]))
        taken.update(table.lines)
    page.lines = [line for k, line in enumerate(page.lines) if k not in taken]


def _are_cells(grid: Lattice, page: PageContent) -> bool:
    """Whether painted areas are cells: whole stripes hold several figures side by side, heads hold none."""
    filled, _ = fill_tables([grid], page.glyphs, page.number)
    lines = [line for _, cells in filled for cell in cells if cell for line in cell_text(cell).split("\n")]
    figures = [len(_FIGURES.findall(line)) for line in lines]
    return any(figures) and max(figures) < 3


def _fill_edges(page: PageContent, unit: float) -> list[Box]:
    """Edges of painted areas, for tables that colour their cells and draw no line."""
    edges = []
    for left, top, right, bottom in page.fills:
        if right - left > 0.95 * page.width or bottom - top > 0.8 * page.height or bottom - top < 0.8 * unit:
            continue
        edges += [Box(left, top, right, top), Box(left, bottom, right, bottom)]
        edges += [Box(left, top, left, bottom), Box(right, top, right, bottom)]
    return edges


def drop_margins(pages: list[PageBlocks]) -> None:
    """Take page numbers and running titles out of the lines; a running title stays where it comes first."""
    running: dict[tuple[str, int], int] = {}
    for page in pages:
        for line in _marginal(page):
            running[_key(line)] = running.get(_key(line), 0) + 1
    seen: set[tuple[str, int]] = set()
    for position, page in enumerate(pages, start=1):
        gone = []
        for line in _marginal(page):
            text = line_text(line.glyphs).strip()
            key = _key(line)
            number = text.isdigit() and int(text) in (page.number, position)
            if _PAGE_NUMBER.fullmatch(text) or number:
                gone.append(line)
            elif running[key] > 1 and running[key] * 2 >= len(pages) and not text.isdigit():
                if key in seen:
                    gone.append(line)
                seen.add(key)
        page.lines = [line for line in page.lines if not any(line is other for other in gone)]


def _marginal(page: PageBlocks) -> list[TextLine]:
    """Lines near the upper and lower edge, outside of everything else."""
    upper = [line for line in page.lines if line.bottom < _MARGIN * page.height][:2]
    lower = [line for line in page.lines if line.top > (1 - _MARGIN) * page.height][-2:]
    return upper + [line for line in lower if not any(line is other for other in upper)]


def _key(line: TextLine) -> tuple[str, int]:
    text = re.sub(r"\d+", "#", "".join(glyph[4] for glyph in line.glyphs))
    return text, round(line.bottom / 6)
