"""Painted paths of a PDF page, sorted into ruling lines and areas."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator
from typing import NamedTuple

from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls

# Thinner than this a painted mark is a line, in points; double rules and shadows stay below it.
THIN = 3.0
# A broader stroke is a border only where it is many times longer than broad; else it paints something over.
_BORDER = 12
# A path of more segments is a drawing, not a table.
_MOST_SEGMENTS = 20_000

Matrix = tuple[float, ...] | None


class _Subpath(NamedTuple):
    """Straight edges as pairs of points, the box around everything, and whether an edge slants or bends."""

    edges: list[tuple[float, float, float, float]]
    box: Box
    odd: bool


class PathReader:
    """Collects the rulings, areas and pictures of one page, in displayed coordinates before rotation.

    `drawn`: whether there is any path that is neither a line nor a rectangle, or a picture: it may show a figure, or strike one.
    """

    def __init__(self, left: float, top: float) -> None:
        self._left = left
        self._top = top
        # pdfium fills them: left, bottom, right, top of a box; whether a path is filled, and stroked.
        self._numbers = (ctypes.c_float * 4)()
        self._modes = (ctypes.c_int * 2)()
        first, modes = ctypes.addressof(self._numbers), ctypes.addressof(self._modes)
        self._sides = (first, first + 4, first + 8, first + 12)
        self._mode_places = (modes, modes + 4)
        self.rulings: list[Box] = []
        self.fills: list[Box] = []
        self.images: list[Box] = []
        self.drawn = False

    def bounds(self, item: int, matrix: Matrix) -> Box:
        """Box around a page object."""
        calls.object_bounds(item, *self._sides)
        left, bottom, right, top = calls.four_floats(self._numbers)
        if matrix is not None:
            corners = [_apply(matrix, x, y) for x in (left, right) for y in (bottom, top)]
            xs, ys = zip(*corners, strict=True)
            left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
        return Box(left - self._left, self._top - top, right - self._left, self._top - bottom)

    def add_image(self, item: int, matrix: Matrix) -> Box:
        """Take in a picture; one as thin as a line is a line."""
        box = self.bounds(item, matrix)
        thin = min(box.width, box.height) < THIN
        (self.rulings if thin else self.images).append(box)
        self.drawn = self.drawn or not thin
        return box

    def add(self, item: int, matrix: Matrix) -> Box | None:
        """Take in a path; the box is returned if it may paint over what lies under it."""
        calls.path_draw_mode(item, *self._mode_places)
        filled, stroked = self._modes
        if not filled and not stroked:
            return None
        box = self.bounds(item, matrix)
        if box[2] - box[0] < THIN or box[3] - box[1] < THIN:
            self.rulings.append(box)
            return None
        segments = calls.count_segments(item)
        if segments > _MOST_SEGMENTS:
            self.drawn = True
            return None
        parts = list(self._subpaths(item, segments, matrix))
        self.drawn = self.drawn or any(part.odd for part in parts)
        broad = False
        if stroked:
            calls.stroke_width(item, self._sides[0])
            width = self._numbers[0] * self._scale(item, matrix)
            broad = width > THIN
            for x0, y0, x1, y1 in itertools.chain.from_iterable(part.edges for part in parts):
                if min(abs(x1 - x0), abs(y1 - y0)) < 0.5 and not (
                    broad and max(abs(x1 - x0), abs(y1 - y0)) < _BORDER * width
                ):
                    self.rulings.append(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        elif segments > 6:
            # Thin rectangles that were painted together as one path.
            self.rulings += [part.box for part in parts if min(part.box.width, part.box.height) < THIN]
        if filled:
            self.fills.append(box)
        return box if filled or broad else None

    @staticmethod
    def _scale(item: int, matrix: Matrix) -> float:
        scale = 1.0
        for a, b, c, d, *_ in (_own_matrix(item), matrix or (1.0, 0.0, 0.0, 1.0)):
            scale *= abs(a * d - b * c) ** 0.5
        return scale

    def _subpaths(self, item: int, segments: int, matrix: Matrix) -> Iterator[_Subpath]:
        inner = _own_matrix(item)
        at = (ctypes.c_float * 2)()
        first = ctypes.addressof(at)
        points: list[tuple[float, float]] = []
        bent: set[int] = set()
        for index in range(segments + 1):
            segment = calls.path_segment(item, index) if index < segments else None
            kind = calls.segment_type(segment) if segment else raw.FPDF_SEGMENT_MOVETO
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if len(points) > 1:
                    yield _subpath(points, bent)
                points, bent = [], set()
            if segment is None:
                return
            calls.segment_point(segment, first, first + 4)
            x, y = _apply(inner, *at)
            if matrix is not None:
                x, y = _apply(matrix, x, y)
            if kind == raw.FPDF_SEGMENT_BEZIERTO:
                bent.add(len(points))
            points.append((x - self._left, self._top - y))
            if calls.segment_closes(segment):
                points.append(points[0])


def _own_matrix(item: int) -> tuple[float, ...]:
    own = raw.FS_MATRIX()
    calls.object_matrix(item, ctypes.addressof(own))
    return own.a, own.b, own.c, own.d, own.e, own.f


def _subpath(points: list[tuple[float, float]], bent: set[int]) -> _Subpath:
    edges = [(*a, *b) for k, (a, b) in enumerate(itertools.pairwise(points), 1) if k not in bent]
    xs, ys = zip(*points, strict=True)
    slants = any(min(abs(x1 - x0), abs(y1 - y0)) >= 0.5 for x0, y0, x1, y1 in edges)
    return _Subpath(edges, Box(min(xs), min(ys), max(xs), max(ys)), bool(bent) or slants)


def _apply(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
