"""The blocks of a page: tables where lines or columns show them, and the text between."""

from __future__ import annotations

import re
from dataclasses import dataclass

from giakit.documents.columns import word_tables
from giakit.documents.geometry import DOUBT, Box, Lattice, Line, lattices, split_directions
from giakit.documents.pdf.content import Glyph, Mark, PageContent, character_height, once, overlapping
from giakit.documents.pdf.tables import Table, fill_tables, table_of
from giakit.documents.pdf.text import TextLine, cell_text, line_text, text_lines, words_of

_PAGE_NUMBER = re.compile(
    r"(?:[-—–－·~〜\s]+\d{1,4}[-—–－·~〜\s]+|第\s*\d{1,4}\s*页(?:[\s,，/、]*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}|Page\s+\d{1,4}(?:\s+of\s+\d{1,4})?)"
)
_FIGURES = re.compile(r"(?<!\S)[\d.,]+(?!\S)")
_MARGIN = 0.12
# Share of a cell, or of a mark, from which the mark is one on the cell.
_TOUCHES = 0.2
# A cell of more characters holds a text, not a figure.
_MOST_FIGURES = 24


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
    whys = [_doubt_cells(grid, cells, page.marks) for grid, cells in filled]
    outside = _with_doubts(outside, page.marks, [grid.box for grid, _ in filled])
    tables = [
        table_of(grid, cells, page.number, why)
        for (grid, cells), why in zip(filled, whys, strict=True)
        if any(cells)
    ]
    stripes = [Line(y, box.left, box.right) for box in page.fills for y in (box.top, box.bottom)]
    parting = stripes if grids else [*level, *stripes]
    return PageBlocks(page.number, page.height, unit, tables, text_lines(outside), parting)


def _doubt_cells(grid: Lattice, cells: list[list[Glyph]], marks: list[Mark]) -> str:
    """Put a sign of doubt into the cells that marks touch, and in which figures lie over each other; why, for people."""
    doubts = [
        (number, Box(*cell[-1][:4]), "figures are printed over each other")
        for number, cell in enumerate(cells)
        if 1 < len(cell) <= _MOST_FIGURES and any(g[4].isdigit() for g in cell) and overlapping(cell)
    ]
    boxes = grid.cell_boxes() if marks else []
    inked: dict[int, list[Mark]] = {}
    drawn = [mark for mark in marks if mark.when == "ink"]
    points = [((mark.box.left + mark.box.right) / 2, (mark.box.top + mark.box.bottom) / 2) for mark in drawn]
    for mark, spot in zip(drawn, grid.positions(points), strict=True):
        if spot is not None:
            inked.setdefault(grid.anchors[spot[0]][spot[1]], []).append(mark)
    for number, ink in inked.items():
        if _is_drawn_in(boxes[number], cells[number], [mark.box for mark in ink]):
            doubts.append((number, ink[0].box, ink[0].why))
    areas = [mark for mark in marks if mark.when != "ink"]
    for number, box in enumerate(boxes):
        for mark in areas:
            near = Box(
                max(box[0], mark.box[0]),
                max(box[1], mark.box[1]),
                min(box[2], mark.box[2]),
                min(box[3], mark.box[3]),
            )
            if near.width <= 0 or near.height <= 0:
                continue
            least = min((box[2] - box[0]) * (box[3] - box[1]), mark.box.width * mark.box.height)
            if near.width * near.height > _TOUCHES * least and _is_doubtful(mark, cells[number]):
                doubts.append((number, near, mark.why))
    for number, (_, top, right, bottom), _ in doubts:
        cells[number].append((right - 0.1, top, right, bottom, DOUBT, 0))
    return "; ".join(dict.fromkeys(why for _, _, why in doubts))


def _is_drawn_in(box: Box, cell: list[Glyph], ink: list[Box]) -> bool:
    """Whether ink in a cell may be a figure, or change one: not if a blank cell is crossed out from corner to corner."""
    if len(ink) < 2 or len(cell) > _MOST_FIGURES or (cell and not any(g[4].isdigit() for g in cell)):
        return False
    width = max(b.right for b in ink) - min(b.left for b in ink)
    height = max(b.bottom for b in ink) - min(b.top for b in ink)
    return bool(cell) or width < 0.8 * box.width or height < 0.8 * box.height - 4


def _is_doubtful(mark: Mark, cell: list[Glyph]) -> bool:
    glyphs = [glyph for glyph in cell if glyph[4] != DOUBT]
    if mark.when == "blank":
        return not glyphs or _is_rest(mark.box, glyphs)
    if mark.when == "always":
        return True
    inside = sum(
        mark.box.left <= (g[0] + g[2]) / 2 <= mark.box.right
        and mark.box.top <= (g[1] + g[3]) / 2 <= mark.box.bottom
        for g in glyphs
    )
    return 0 < inside < len(glyphs) or (inside > 0 and overlapping(glyphs))


def _is_rest(hidden: Box, glyphs: list[Glyph]) -> bool:
    """Whether figures stand beside a hidden one, and nothing in its place."""
    size = hidden.height
    over = any(min(g[2], hidden.right) - max(g[0], hidden.left) > 0.4 * hidden.width for g in glyphs)
    return not over and any(
        g[4].isdigit() and max(hidden.left - g[2], g[0] - hidden.right) < 0.5 * size for g in glyphs
    )


def _with_doubts(glyphs: list[Glyph], marks: list[Mark], tables: list[Box]) -> list[Glyph]:
    """Glyphs outside of ruled tables, with a sign of doubt where a mark touches a figure or stands for one."""
    signs: list[Glyph] = []
    for mark in marks:
        left, top, right, bottom = mark.box
        if any(
            t.left <= (left + right) / 2 <= t.right and t.top <= (top + bottom) / 2 <= t.bottom
            for t in tables
        ):
            continue
        touched = [
            g
            for g in glyphs
            if g[4].isdigit()
            and (
                (g[0] < right and g[2] > left and g[1] < bottom and g[3] > top)
                if mark.when == "ink"
                else left <= (g[0] + g[2]) / 2 <= right and top <= (g[1] + g[3]) / 2 <= bottom
            )
        ]
        if mark.when in ("always", "ink"):
            signs += [(g[2] - 0.1, g[1], g[2], g[3], DOUBT, g[5]) for g in touched]
        elif mark.when == "mixed" and overlapping(touched):
            signs.append((right - 0.1, top, right, bottom, DOUBT, 0))
        elif mark.when == "blank" and any(g[1] < (top + bottom) / 2 < g[3] for g in glyphs):
            signs.append((left, top, right, bottom, DOUBT, 0))
    return [*glyphs, *once(signs)]


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
