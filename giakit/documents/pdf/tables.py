"""The cells that ruling lines cut out: filled with the characters that stand in them, and handed over as a grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from giakit.documents.geometry import DOUBT, Box, Lattice
from giakit.documents.geometry import grid_of as _plain_grid
from giakit.documents.model import Doubt, Grid
from giakit.documents.pdf.content import Glyph, character_height
from giakit.documents.pdf.text import cell_text, text_lines


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
        grid.positions([((run[0][0] + run[0][2]) / 2, (run[0][1] + run[0][3]) / 2)])[0]
        if size > 2.5 * unit
        else None
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
        if run and not (
            -0.3 * size < left - last_right < 0.12 * size and abs(bottom - last_bottom) <= 0.2 * size
        ):
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
