"""The tables of a page, where lines, areas or columns show them, and the lines of text between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from giakit.documents.columns import word_tables
from giakit.documents.geometry import DOUBT, Box, Lattice, Line, lattices, split_directions
from giakit.documents.geometry import grid_of as _plain_grid
from giakit.documents.model import Doubt, Grid
from giakit.documents.pdf.content import Glyph, Mark, PageContent, character_height, once, overlapping
from giakit.documents.pdf.text import TextLine, cell_text, line_text, text_lines, words_of


@dataclass(slots=True)
class Table:
    """A table, or the part of it that stands on one page.

    Parameters
    ----------
    xs : list of float
        Edges of the columns.
    rows : rows of int
        Number of the cell at each position.
    texts : list of str
        Text of each cell, by its number.
    top, bottom : float
        Where it stands on its page.
    pages : list of int
        Pages it stands on.
    aligned : bool
        Whether a column is a column in every row.
    doubts : int
        Cells with a text that is not certain.
    why : str
        What makes them so, where that is known.
    """

    xs: list[float]
    rows: list[list[int]]
    texts: list[str]
    top: float
    bottom: float
    pages: list[int]
    doubts: int = 0
    why: str = ""


def fill_tables(
    grids: list[Lattice], glyphs: list[Glyph], page: int
) -> tuple[list[tuple[Lattice, list[list[Glyph]]]], list[Glyph]]:
    """Give every glyph to the cell it stands in.

    Parameters
    ----------
    grids : list of Lattice
        Tables of one page.
    glyphs : list of Glyph
        All glyphs of the page.
    page : int
        Page number.

    Returns
    -------
    list of (Lattice, glyphs of each cell)
    list of Glyph
        Those outside any table.
    """
    filled: list[tuple[Lattice, list[list[Glyph]]]] = [
        (grid, [[] for _ in range(grid.cells)]) for grid in _innermost(grids)
    ]
    outside: list[Glyph] = []
    unit = character_height(glyphs)
    for run in _runs(glyphs):
        for grid, cells in filled:
            if _is_watermark(run, grid, unit):
                break
            if _place(run, grid, cells):
                break
        else:
            outside.extend(run)
    return filled, outside


def _is_watermark(run: list[Glyph], grid: Lattice, unit: float) -> bool:
    """Whether letters many times as large as all others, and higher than the rows, run over a table."""
    size = run[0][3] - run[0][1]
    spot = (
        grid.positions([((run[0][0] + run[0][2]) / 2, (run[0][1] + run[0][3]) / 2)])[0] if size > 2.5 * unit else None
    )
    return spot is not None and grid.ys[spot[0] + 1] - grid.ys[spot[0]] < size


def _innermost(grids: list[Lattice]) -> list[Lattice]:
    """Leave out frames: tables in one cell of which another table stands."""
    kept = []
    for grid in grids:
        box = grid.box
        for other in grids:
            inner = other.box
            if other is not grid and _inside(inner, box) and grid.cells < other.cells + 40:
                break
        else:
            kept.append(grid)
    return kept


def _inside(inner: Box, outer: Box) -> bool:
    return (
        inner.left >= outer.left - 1
        and inner.right <= outer.right + 1
        and inner.top >= outer.top - 1
        and inner.bottom <= outer.bottom + 1
        and inner.width * inner.height < outer.width * outer.height
    )


def _runs(glyphs: Iterable[Glyph]) -> Iterable[list[Glyph]]:
    """Glyphs that follow each other in the source without a gap."""
    run: list[Glyph] = []
    last_right = last_bottom = 0.0
    for glyph in glyphs:
        left, top, right, bottom, _, _ = glyph
        size = bottom - top
        if run and not (-0.3 * size < left - last_right < 0.12 * size and abs(bottom - last_bottom) <= 0.2 * size):
            yield run
            run = []
        run.append(glyph)
        last_right, last_bottom = right, bottom
    if run:
        yield run


def _place(run: list[Glyph], grid: Lattice, cells: list[list[Glyph]]) -> bool:
    """Put a run into the cells of a table; False if it stands elsewhere."""
    spots = grid.positions([((g[0] + g[2]) / 2, (g[1] + g[3]) / 2) for g in run])
    numbers = [None if spot is None else grid.anchors[spot[0]][spot[1]] for spot in spots]
    if len(set(numbers)) == 1:
        if numbers[0] is None:
            return False
        cells[numbers[0]].extend(run)
        return True
    middle = grid.positions([((run[0][0] + run[-1][2]) / 2, (run[0][1] + run[0][3]) / 2)])[0]
    if middle is None:
        middle = next(spot for spot in spots if spot is not None)
    home = grid.anchors[middle[0]][middle[1]]
    if any(_is_cut(grid, run, spots, k) for k in range(1, len(run))):
        cells[home].extend(run)
        return True
    size = run[0][3] - run[0][1]
    for k in range(1, len(run)):
        first, second = numbers[k - 1], numbers[k]
        close = run[k][0] - run[k - 1][2] < 0.08 * size
        if first != second and close and run[k - 1][4].isdigit() and run[k][4].isdigit():
            # One number that overflows its cell, or two that touch: nobody can tell.
            for number in dict.fromkeys((first, second)):
                if number is not None:
                    cells[number].append((*run[k][:2], *run[k][2:4], DOUBT, 0))
    for glyph, number in zip(run, numbers, strict=True):
        if number is not None:
            cells[number].append(glyph)
    return True


def _is_cut(grid: Lattice, run: list[Glyph], spots: list[tuple[int, int] | None], k: int) -> bool:
    """Whether the edge of a cell runs through the glyph before or after position k."""
    if spots[k - 1] == spots[k]:
        return False
    for glyph in (run[k - 1], run[k]):
        inset = 0.15 * (glyph[2] - glyph[0])
        if any(glyph[0] + inset < x < glyph[2] - inset for x in grid.xs):
            return True
    return False


def table_of(grid: Lattice, cells: list[list[Glyph]], page: int, why: str = "") -> Table:
    """Read the cells of a filled lattice; `why` some of them are in doubt."""
    texts = [cell_text(cell) if cell else "" for cell in cells]
    rows = [list(row) for row in grid.anchors]
    box = grid.box
    table = Table(list(grid.xs), rows, texts, box.top, box.bottom, [page])
    table.doubts = sum(DOUBT in text for text in texts)
    table.why = why
    return _rows_apart(table, grid, cells)


def _rows_apart(table: Table, grid: Lattice, cells: list[list[Glyph]]) -> Table:
    """Cut rows without a line between them apart, where the numbers show that there are several.

    Only where every cell of a row holds the same number of lines at the same heights: digits that wrap in
    a narrow cell do not do that in every column.
    """
    rows: list[list[int]] = []
    texts = list(table.texts)
    changed = False
    for row in table.rows:
        lines = _parallel_lines(row, table, cells)
        if lines is None:
            rows.append(row)
            continue
        changed = True
        count = len(next(iter(lines.values())))
        for k in range(count):
            numbers: dict[int, int] = {}
            for number in dict.fromkeys(row):
                numbers[number] = len(texts)
                texts.append(lines[number][k])
            rows.append([numbers[number] for number in row])
    if not changed:
        return table
    return _renumbered(table, rows, texts)


def _parallel_lines(row: list[int], table: Table, cells: list[list[Glyph]]) -> dict[int, list[str]] | None:
    numbers = list(dict.fromkeys(row))
    # Most cells hold one line.
    if len(numbers) < 4 or "\n" not in table.texts[numbers[0]]:
        return None
    texts = {number: table.texts[number].split("\n") for number in numbers}
    count = len(texts[numbers[0]])
    if any(len(lines) != count for lines in texts.values()) or any(
        sum(number in other for other in table.rows) > 1 for number in numbers
    ):
        return None
    figures = [n for n in numbers if all(line.strip().isdigit() for line in texts[n])]
    if len(figures) < 3 or len(figures) < len(numbers) - 2:
        return None
    heights = [[line.bottom for line in text_lines(cells[number])] for number in numbers]
    size = max(g[3] - g[1] for g in cells[numbers[0]])
    if any(len(h) != count for h in heights):
        return None
    if any(abs(h[k] - heights[0][k]) > 0.4 * size for h in heights for k in range(count)):
        return None
    return texts


def _renumbered(table: Table, rows: list[list[int]], texts: list[str]) -> Table:
    order = {number: k for k, number in enumerate(dict.fromkeys(n for row in rows for n in row))}
    return Table(
        table.xs,
        [[order[number] for number in row] for row in rows],
        [texts[number] for number in order],
        table.top,
        table.bottom,
        table.pages,
        table.doubts,
        table.why,
    )


def grid_of(table: Table, where: str, unit: float) -> Grid:
    """The grid of a table.

    Edges that do not quite meet from row to row make slivers; so do the joints of page parts. A column is left
    out if it is narrow and every cell in it has another column to stand in.
    """
    widths = [right - left for left, right in zip(table.xs, table.xs[1:], strict=False)]
    columns = _needed(_columns(table.rows), widths, 2.0 * unit)
    rows = _distinct([[row[column] for column in columns] for row in table.rows])
    grid = _plain_grid(rows, dict(enumerate(table.texts)), where)
    if not table.why or grid.anchors is None:
        return grid
    # The sign of doubt makes way for the doubt itself.
    doubts = {
        grid.anchors[y][x]: Doubt(table.why)
        for y, row in enumerate(grid.rows)
        for x, text in enumerate(row)
        if DOUBT in text
    }
    texts = [[text.replace(DOUBT, "").strip() for text in row] for row in grid.rows]
    return Grid(texts, grid.anchors, where, doubts=doubts)


def _columns(rows: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _needed(columns: list[list[int]], widths: list[float], narrow: float) -> list[int]:
    """Indices of the columns to keep."""
    count: dict[int, int] = {}
    for column in columns:
        for number in set(column):
            count[number] = count.get(number, 0) + 1
    kept = set(range(len(columns)))
    for index in sorted(kept, key=lambda k: widths[k]):
        cells = set(columns[index])
        doubled = index > 0 and columns[index] == columns[index - 1]
        if len(kept) > 1 and (doubled or widths[index] < narrow) and all(count[n] > 1 for n in cells):
            kept.discard(index)
            for number in cells:
                count[number] -= 1
    return sorted(kept)


def _distinct(rows: list[list[int]]) -> list[list[int]]:
    """Leave out rows that only repeat the cells of the row above."""
    kept: list[list[int]] = []
    for row in rows:
        if not kept or row != kept[-1]:
            kept.append(row)
    return kept


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
        table_of(grid, cells, page.number, why) for (grid, cells), why in zip(filled, whys, strict=True) if any(cells)
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
                max(box[0], mark.box[0]), max(box[1], mark.box[1]), min(box[2], mark.box[2]), min(box[3], mark.box[3])
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
        mark.box.left <= (g[0] + g[2]) / 2 <= mark.box.right and mark.box.top <= (g[1] + g[3]) / 2 <= mark.box.bottom
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
        if any(t.left <= (left + right) / 2 <= t.right and t.top <= (top + bottom) / 2 <= t.bottom for t in tables):
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
