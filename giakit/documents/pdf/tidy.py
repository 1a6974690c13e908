"""Leave out columns and rows of a table that nobody sees, and hand it over as a grid."""

from __future__ import annotations

from giakit.documents import geometry
from giakit.documents.geometry import DOUBT
from giakit.documents.model import Doubt, Grid
from giakit.documents.pdf.tables import Table


def grid_of(table: Table, where: str, unit: float) -> Grid:
    """The grid of a table.

    Edges that do not quite meet from row to row make slivers; so do the joints of page parts. A column is left
    out if it is narrow and every cell in it has another column to stand in.
    """
    widths = [right - left for left, right in zip(table.xs, table.xs[1:], strict=False)]
    columns = _needed(_columns(table.rows), widths, 2.0 * unit)
    rows = _distinct([[row[column] for column in columns] for row in table.rows])
    grid = geometry.grid_of(rows, dict(enumerate(table.texts)), where)
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
