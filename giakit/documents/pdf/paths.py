"""Painted paths of a PDF page, sorted into ruling lines and areas."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator

from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls

# Thinner than this a painted mark is a line, in points; double rules and shadows stay below it.
THIN = 3.0
# A path of more segments is a drawing, not a table.
_MOST_SEGMENTS = 20_000
# A line across figures has few corners.
_MOST_SLANTS = 8
_OPAQUE = 250

Matrix = tuple[float, ...] | None


class PathReader:
    """Collects the rulings, areas and pictures of one page, in displayed coordinates before rotation.

    Parameters
    ----------
    left, top : float
        Corner of the page in the coordinates of the file.
    """

    __slots__ = (
        "_left",
        "_mode_places",
        "_modes",
        "_numbers",
        "_sides",
        "_top",
        "fills",
        "images",
        "rulings",
        "slants",
    )

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
        self.slants: list[Box] = []

    def bounds(self, item: int, matrix: Matrix) -> Box:
        """Box around a page object."""
        calls.object_bounds(item, *self._sides)
        left, bottom, right, top = calls.four_floats(self._numbers)
        if matrix is not None:
            left, bottom, right, top = _around(matrix, left, bottom, right, top)
        return Box(left - self._left, self._top - top, right - self._left, self._top - bottom)

    def add_image(self, item: int, matrix: Matrix) -> None:
        """Take in a picture; one as thin as a line is a line."""
        box = self.bounds(item, matrix)
        if min(box.width, box.height) < THIN:
            self.rulings.append(box)
        else:
            self.images.append(box)

    def add(self, item: int, matrix: Matrix) -> Box | None:
        """Take in a path; the box is returned if it paints over what lies under it."""
        calls.path_draw_mode(item, *self._mode_places)
        filled, stroked = self._modes
        if not filled and not stroked:
            return None
        box = self.bounds(item, matrix)
        left, top, right, bottom = box
        if right - left < THIN or bottom - top < THIN:
            self.rulings.append(box)
            return None
        segments = calls.count_segments(item)
        if segments > _MOST_SEGMENTS:
            return None
        if stroked:
            self.rulings.extend(self._straight(item, segments, matrix))
        elif segments > 6:
            self.rulings.extend(self._thin_parts(item, segments, matrix))
        if not filled:
            return None
        self.fills.append(box)
        return box if self._opaque(item) else None

    def _opaque(self, item: int) -> bool:
        color = (ctypes.c_uint * 4)()
        first = ctypes.addressof(color)
        return (
            bool(calls.object_fill_color(item, first, first + 4, first + 8, first + 12))
            and color[3] >= _OPAQUE
        )

    def _subpaths(self, item: int, segments: int, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
        """Corner points of each sub-path on the page; curves count as their end points."""
        own = raw.FS_MATRIX()
        calls.object_matrix(item, ctypes.addressof(own))
        inner = (own.a, own.b, own.c, own.d, own.e, own.f)
        at = (ctypes.c_float * 2)()
        first = ctypes.addressof(at)
        points: list[tuple[float, float]] = []
        for index in range(segments):
            segment = calls.path_segment(item, index)
            calls.segment_point(segment, first, first + 4)
            point = _apply(inner, *at)
            if matrix is not None:
                point = _apply(matrix, *point)
            if calls.segment_type(segment) == raw.FPDF_SEGMENT_MOVETO:
                if len(points) > 1:
                    yield points
                points = []
            points.append((point[0] - self._left, self._top - point[1]))
            if calls.segment_closes(segment):
                points.append(points[0])
        if len(points) > 1:
            yield points

    def _straight(self, item: int, segments: int, matrix: Matrix) -> Iterator[Box]:
        """The level and the upright edges of a path; short paths of others are kept as slanting lines."""
        for points in self._subpaths(item, segments, matrix):
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                if min(abs(x1 - x0), abs(y1 - y0)) < 0.5:
                    yield Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                elif segments < _MOST_SLANTS:
                    self.slants.append(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    def _thin_parts(self, item: int, segments: int, matrix: Matrix) -> Iterator[Box]:
        """Thin rectangles that were painted together as one path."""
        for points in self._subpaths(item, segments, matrix):
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            box = Box(min(xs), min(ys), max(xs), max(ys))
            if min(box.width, box.height) < THIN:
                yield box


def _around(
    matrix: tuple[float, ...], left: float, bottom: float, right: float, top: float
) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the upright box around a box that a matrix turns."""
    corners = [_apply(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _apply(matrix: tuple[float, ...], x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
