"""Which text of a PDF page a reader sees, judged by the picture of the page.

Text that changes nothing in the picture when it is taken away is hidden, whatever hides it: its colour, a layer that is off, a picture or
an area painted over it, a clip. Pages without anything that could hide text are not drawn.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls
from giakit.documents.pdf.content import Glyph, Mark

_INVISIBLE_MODES = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})
# Brightness from which text on white paper is looked at, below which areas may swallow black text.
_PALE = 150
_DARK = 110
_SOLID = 250
_SCALE = 2.0
_MOST_POINTS = 8_000_000
# A page with more painted areas is a chart; nobody hides text one area at a time.
_MOST_AREAS = 2000
# Grey levels between paper and ink below which nobody sees a difference, and from which everybody does.
_CONTRAST, _CLEAR = 16, 60
# A figure of which less of the ink is seen is not read for certain.
_WHOLE = 0.7
_COVER = 0.4


class Sight:
    """Watches the objects of a page go by in the order of painting, for what could hide text.

    Parameters
    ----------
    layers : bool
        Whether the document can switch optional content off.
    bounds : callable
        Box of a page object, from its address and the matrix of its form.
    """

    def __init__(self, bounds: Any, *, layers: bool) -> None:
        self._bounds = bounds
        self._layers = layers
        self._color = (ctypes.c_uint * 4)()
        first = ctypes.addressof(self._color)
        self._places = (first, first + 4, first + 8, first + 12)
        self._numbers = (ctypes.c_float * 4)()
        side = ctypes.addressof(self._numbers)
        self._sides = (side, side + 4, side + 8, side + 12)
        self._new: list[tuple[int, Any]] = []
        self._boxes: list[Box] = []
        self._painted = 0
        self._dark: list[Box] = []
        self.objects: list[int] = []
        self.suspicious = False
        self.invisible: list[tuple[int, Any]] = []

    def text(self, item: int, matrix: Any) -> None:
        """A text object is painted."""
        self.objects.append(item)
        self._new.append((item, matrix))
        if calls.text_render_mode(item) in _INVISIBLE_MODES:
            self.invisible.append((item, matrix))
        elif self.suspicious:
            return
        elif calls.object_fill_color(item, *self._places):
            red, green, blue, alpha = calls.four_integers(self._color)
            if min(red, green, blue) >= _PALE or alpha < _SOLID:
                self.suspicious = True
            elif self._dark:
                box = self._bounds(item, matrix)
                self.suspicious = any(_meet(dark, box) for dark in self._dark)
        if self._layers and (matrix is not None or calls.count_marks(item) > 0):
            self.suspicious = True
        if self._clipped(item):
            self.suspicious = True

    def _clipped(self, item: int) -> bool:
        """Whether a clip leaves out a part of an object. Its points have the coordinates of the object's form."""
        clip = calls.clip_path(item)
        paths = calls.count_clip_paths(clip) if clip else 0
        if paths < 1:
            return False
        point = (ctypes.c_float * 2)()
        first = ctypes.addressof(point)
        calls.object_bounds(item, *self._sides)
        left, bottom, right, top = calls.four_floats(self._numbers)
        for path in range(paths):
            xs, ys = [], []
            for segment in range(calls.count_clip_segments(clip, path)):
                calls.segment_point(calls.clip_segment(clip, path, segment), first, first + 4)
                xs.append(point[0])
                ys.append(point[1])
            if xs and not (
                min(xs) <= left + 1 and right - 1 <= max(xs) and min(ys) <= bottom + 1 and top - 1 <= max(ys)
            ):
                return True
        return False

    def area(self, box: Box, item: int) -> None:
        """An area is painted: over what was written there before, and under what comes."""
        if self.suspicious or self._painted > _MOST_AREAS:
            return
        if calls.object_fill_color(item, *self._places):
            red, green, blue, _ = calls.four_integers(self._color)
            if (red + green + blue) / 3 < _DARK:
                self._dark.append(box)
        self.cover(box)

    def cover(self, box: Box) -> None:
        """A picture, a shading or an area is painted over what was written there before."""
        if self.suspicious:
            return
        self._painted += 1
        self._boxes += [self._bounds(item, matrix) for item, matrix in self._new]
        self._new.clear()
        self.suspicious = any(_meet(box, text) for text in self._boxes)

    def over_pictures(self, images: Sequence[Box]) -> set[int]:
        """Invisible text over a picture: what recognition leaves in a scan."""
        return {
            item
            for item, matrix in self.invisible
            if any(_meet(box, self._bounds(item, matrix)) for box in images)
        }


def _meet(one: Box, two: Box) -> bool:
    width = min(one.right, two.right) - max(one.left, two.left)
    height = min(one.bottom, two.bottom) - max(one.top, two.top)
    return width > 0.2 * min(one.width, two.width) and height > 0.3 * min(one.height, two.height)


def visible_glyphs(
    page: pdfium.PdfPage,
    glyphs: list[Glyph],
    others: Iterable[int],
    texts: Iterable[int],
    images: Sequence[Box],
) -> tuple[list[Glyph], list[Glyph], list[Mark], bool]:
    """The glyphs that are seen, those that are not, marks where that is not certain, and whether text lies under the picture of a scan.

    Parameters
    ----------
    page : pypdfium2.PdfPage
        The page.
    glyphs : list of Glyph
        As they stand on the page before it is turned.
    others, texts : iterable of int
        Addresses of its objects: those that are no text, and texts.
    images : sequence of Box
        Its pictures.
    """
    if not glyphs:
        return glyphs, [], [], False
    texts, others = list(texts), list(others)
    everything = _picture(page)
    without = _picture_without(page, texts)
    alone = _picture_without(page, others)
    changed = np.abs(everything.astype(np.int16) - without)
    area = page.get_width() * page.get_height()
    scans = [box for box in images if box.width * box.height > _COVER * area]
    boxes = np.array([glyph[:4] for glyph in glyphs]) * _scale(page)
    traces = _count(changed >= _CONTRAST, boxes)
    seen = _count(changed >= _CLEAR, boxes)
    ink = _count(np.abs(255 - alone.astype(np.int16)) >= _CLEAR, boxes)
    kept: list[Glyph] = []
    gone: list[Glyph] = []
    marks: list[Mark] = []
    scanned = False
    hidden = False
    for glyph, trace, clear, full in zip(glyphs, traces, seen, ink, strict=True):
        box = Box(*glyph[:4])
        if glyph[4].isalnum():
            hidden = trace == 0
        if hidden and any(_meet(scan, box) for scan in scans):
            scanned = True
        elif hidden:
            gone.append(glyph)
            continue
        elif glyph[4].isalnum() and (clear == 0 or trace < _WHOLE * full):
            marks.append(Mark(box, "text is hardly seen, or only in part", "always"))
        kept.append(glyph)
    marks += [Mark(box, "figures are printed over each other", "always") for box in _over_each_other(kept)]
    return kept, gone, marks, scanned


def _over_each_other(glyphs: Iterable[Glyph]) -> Iterator[Box]:
    """Boxes of figures in whose place another character stands too."""
    places: dict[tuple[int, int], Glyph] = {}
    for glyph in glyphs:
        if glyph[4].isalnum():
            size = max(glyph[3] - glyph[1], 1.0)
            place = round((glyph[0] + glyph[2]) / size), round((glyph[1] + glyph[3]) / size)
            other = places.setdefault(place, glyph)
            shared = min(glyph[2], other[2]) - max(glyph[0], other[0])
            if other is not glyph and other[4] != glyph[4] and shared > 0.4 * (glyph[2] - glyph[0]):
                yield Box(*glyph[:4])


def _count(mask: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """How many points of a mask lie in each box."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int32)
    sums[1:, 1:] = mask.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    left, right = (np.clip(np.rint(boxes[:, k]).astype(int), 0, mask.shape[1]) for k in (0, 2))
    top, bottom = (np.clip(np.rint(boxes[:, k]).astype(int), 0, mask.shape[0]) for k in (1, 3))
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _scale(page: pdfium.PdfPage) -> float:
    """Points of the picture a point of the page: fewer where the page is huge."""
    return float(min(_SCALE, (_MOST_POINTS / max(page.get_width() * page.get_height(), 1.0)) ** 0.5))


def _picture_without(page: pdfium.PdfPage, items: Sequence[int]) -> np.ndarray:
    for item in items:
        calls.activate(item, 0)
    try:
        return _picture(page)
    finally:
        for item in items:
            calls.activate(item, 1)


def _picture(page: pdfium.PdfPage) -> np.ndarray:
    """Grey picture of the page, not rotated."""
    bitmap = page.render(scale=_scale(page), grayscale=True, rotation=(360 - page.get_rotation()) % 360)
    return np.array(bitmap.to_numpy()).squeeze()
