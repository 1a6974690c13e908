"""Words with boxes and ruling lines to the cells of tables: the same for printed pages, pictures and text in columns.

Where rules are drawn, they cut out the cells (`lattices`). Where none are, figures that stand below each other show columns and rows
(`word_tables`). All that is seen here are boxes in one coordinate system, in which y grows downwards.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from giakit.documents.model import Grid

# Stands behind a text of which it is not certain that all of it belongs to the cell.
DOUBT = "⁇"
_FIGURE = re.compile(r"[+\-]?\d[\d,.，．]*%?|[-—–/]+")
# More pairs of lines than this on one page are a map or a drawing.
_MOST_PAIRS = 4_000_000
_MOST_CELLS = 200_000


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Extent from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Extent from top to bottom."""
        return self.bottom - self.top


class Line(NamedTuple):
    """A level line at height `at`, or an upright one at abscissa `at`, from `start` to `end`."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Lattice:
    """The cells that ruling lines cut out.

    Parameters
    ----------
    xs, ys : list of float
        Edges of the elementary columns and rows, ascending.
    anchors : rows of int
        For each elementary position the number of the cell that covers it.
    """

    xs: list[float]
    ys: list[float]
    anchors: list[list[int]]

    @property
    def box(self) -> Box:
        """Outline of the table."""
        xs, ys = self.xs, self.ys
        return Box(xs[0], ys[0], xs[-1], ys[-1])

    @property
    def cells(self) -> int:
        """Number of cells."""
        return max(map(max, self.anchors)) + 1

    def cell_boxes(self) -> list[Box]:
        """Box of each cell, by its number."""
        boxes: dict[int, Box] = {}
        for row, numbers in enumerate(self.anchors):
            for column, number in enumerate(numbers):
                first = boxes.get(number)
                left, top = (self.xs[column], self.ys[row]) if first is None else first[:2]
                boxes[number] = Box(left, top, self.xs[column + 1], self.ys[row + 1])
        return [boxes[number] for number in range(len(boxes))]

    def positions(self, points: Iterable[tuple[float, float]]) -> list[tuple[int, int] | None]:
        """Elementary row and column that hold each point; None for a point outside."""
        xs, ys = self.xs, self.ys
        left, top, right, bottom = self.box
        # A point on the outer edge belongs to the last row or column.
        columns, rows = len(xs) - 1, len(ys) - 1
        return [
            (bisect_right(ys, y, 0, rows) - 1, bisect_right(xs, x, 0, columns) - 1)
            if left <= x <= right and top <= y <= bottom
            else None
            for x, y in points
        ]


def merge_lines(lines: Iterable[Line], tolerance: float, gap: float) -> list[Line]:
    """Join pieces of one line: dashes, borders drawn cell by cell, both strokes of a double line.

    Examples
    --------
    >>> merge_lines([Line(10, 0, 5), Line(10.4, 5, 9), Line(30, 0, 9)], tolerance=1, gap=2)
    [Line(at=10.2, start=0, end=9), Line(at=30.0, start=0, end=9)]
    """
    merged = []
    for group in _near(sorted(lines), tolerance):
        at = round(sum(line.at for line in group) / len(group), 3)
        pieces = sorted((line.start, line.end) for line in group)
        start, end = pieces[0]
        for left, right in pieces[1:]:
            if left - end > gap:
                merged.append(Line(at, start, end))
                start, end = left, right
            elif right > end:
                end = right
        merged.append(Line(at, start, end))
    return merged


def _near(lines: Sequence[Line], tolerance: float) -> Iterable[list[Line]]:
    group: list[Line] = []
    for line in lines:
        if group and (line.at - group[-1].at > tolerance or line.at - group[0].at > 2 * tolerance):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def split_directions(boxes: Iterable[Box], unit: float) -> tuple[list[Line], list[Line]]:
    """Level and upright lines, merged; marks shorter than a character are left out.

    Parameters
    ----------
    boxes : iterable of Box
        Thin marks.
    unit : float
        Height of a character.
    """
    level, upright = [], []
    dot = min(2.0, 0.3 * unit)
    for box in boxes:
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        # A dot may belong to a dotted line of either direction.
        if width >= height or (width <= dot and height <= dot):
            level.append(Line((top + bottom) / 2, left, right))
        if height > width or (width <= dot and height <= dot):
            upright.append(Line((left + right) / 2, top, bottom))
    tolerance = line_tolerance(unit)
    shortest = 0.5 * unit
    return (
        [x for x in merge_lines(level, tolerance, 1.3 * tolerance) if x.end - x.start >= shortest],
        [x for x in merge_lines(upright, tolerance, 1.3 * tolerance) if x.end - x.start >= shortest],
    )


def line_tolerance(unit: float) -> float:
    """Distance within which two lines are one, for characters of height `unit`."""
    return 0.25 * unit


def lattices(level: list[Line], upright: list[Line], unit: float) -> list[Lattice]:
    """Tables of at least two cells, from above to below.

    Parameters
    ----------
    level, upright : list of Line
        As `split_directions` gives them.
    unit : float
        Height of a character.
    """
    if not level or not upright or len(level) * len(upright) > _MOST_PAIRS:
        return []
    tolerance = line_tolerance(unit)
    found = []
    for rows, columns in _connected(level, upright, 1.5 * tolerance):
        lattice = _lattice(rows, columns, unit, tolerance)
        if lattice is not None and lattice.cells > 1:
            found.append(lattice)
    return sorted(found, key=lambda table: (table.ys[0], table.xs[0]))


def _connected(level: list[Line], upright: list[Line], tolerance: float) -> Iterable[tuple[list[Line], list[Line]]]:
    """Groups of lines that cross or touch each other."""
    h, v = np.array(level), np.array(upright)
    touch = (
        (v[None, :, 0] >= h[:, None, 1] - tolerance)
        & (v[None, :, 0] <= h[:, None, 2] + tolerance)
        & (h[:, None, 0] >= v[None, :, 1] - tolerance)
        & (h[:, None, 0] <= v[None, :, 2] + tolerance)
    )
    free = np.ones(len(level), dtype=bool)
    for first in range(len(level)):
        if not free[first]:
            continue
        rows = np.zeros(len(level), dtype=bool)
        rows[first] = True
        while True:
            columns = touch[rows].any(axis=0)
            wider = touch[:, columns].any(axis=1) | rows
            if (wider == rows).all():
                break
            rows = wider
        free &= ~rows
        yield [level[i] for i in np.flatnonzero(rows)], [upright[i] for i in np.flatnonzero(columns)]


def _edges(across: list[Line], along: list[Line], unit: float, tolerance: float) -> list[float]:
    """Distinct positions of the lines `across`, and the ends of the lines `along` where a side is open."""
    edges: list[float] = []
    for position in sorted(line.at for line in across):
        if not edges or position - edges[-1] > tolerance:
            edges.append(position)
    starts, ends = min(line.start for line in along), max(line.end for line in along)
    if edges[0] - starts > unit:
        edges.insert(0, starts)
    if ends - edges[-1] > unit:
        edges.append(ends)
    return edges


def _walls(lines: list[Line], at: list[float], along: list[float], tolerance: float) -> list[list[bool]]:
    """``walls[k][i]``: whether a line at ``at[k]`` runs past the middle of stretch i of `along`."""
    middles = [(a + b) / 2 for a, b in itertools.pairwise(along)]
    walls = [[False] * len(middles) for _ in at]
    for line in lines:
        k = bisect_left(at, line.at)
        if k == len(at) or (k and line.at - at[k - 1] <= at[k] - line.at):
            k -= 1
        first = bisect_left(middles, line.start - tolerance)
        behind = bisect_right(middles, line.end + tolerance)
        walls[k][first:behind] = [True] * (behind - first)
    return walls


def _lattice(level: list[Line], upright: list[Line], unit: float, tolerance: float) -> Lattice | None:
    if not level or not upright:
        return None
    xs = _edges(upright, level, unit, tolerance)
    ys = _edges(level, upright, unit, tolerance)
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > _MOST_CELLS:
        return None
    beside = _walls(upright, xs, ys, tolerance)
    below = _walls(level, ys, xs, tolerance)
    return Lattice(xs, ys, _rectangles(len(ys) - 1, len(xs) - 1, beside, below))


def _rectangles(rows: int, columns: int, beside: list[list[bool]], below: list[list[bool]]) -> list[list[int]]:
    """Number the cells: from each free position as far right, then as far down, as no line stands between."""
    anchors = [[-1] * columns for _ in range(rows)]
    number = 0
    for row in range(rows):
        for left in range(columns):
            if anchors[row][left] >= 0:
                continue
            right = left + 1
            while right < columns and anchors[row][right] < 0 and not beside[right][row]:
                right += 1
            end = row + 1
            while end < rows and _continues(end, left, right, columns, anchors, beside, below):
                end += 1
            for r in range(row, end):
                for c in range(left, right):
                    anchors[r][c] = number
            number += 1
    return anchors


def _continues(
    row: int,
    left: int,
    right: int,
    columns: int,
    anchors: list[list[int]],
    beside: list[list[bool]],
    below: list[list[bool]],
) -> bool:
    """Whether the positions `left` to `right` of a row belong to the cell above them."""
    if any(below[row][c] or anchors[row][c] >= 0 for c in range(left, right)):
        return False
    if any(beside[c][row] for c in range(left + 1, right)):
        return False
    closed_left = left == 0 or beside[left][row]
    closed_right = right == columns or beside[right][row]
    return closed_left and closed_right


def grid_of(anchors: Sequence[Sequence[int]], texts: Mapping[int, str], where: str = "") -> Grid:
    """The grid of a table's cells; rows in which no cell begins, as ends of rules at different heights make them, are left out.

    Parameters
    ----------
    anchors : rows of int
        Number of the cell at each position.
    texts : mapping of int to str
        What the cells say, by their numbers; nothing by default.
    where : str, default ""
        Where the table stood.
    """
    rows = [row for row, _ in itertools.groupby(map(list, anchors))]
    order = {number: k for k, number in enumerate(dict.fromkeys(n for row in rows for n in row))}
    return Grid(
        rows=[[texts.get(number, "") for number in row] for row in rows],
        anchors=[[order[number] for number in row] for row in rows],
        where=where,
    )


class Word(NamedTuple):
    """A piece of a line between two gaps, and its box."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def is_figure(self) -> bool:
        """Whether it is a number or a mark for nothing."""
        return bool(_FIGURE.fullmatch(self.text.replace(DOUBT, "") or "-"))
