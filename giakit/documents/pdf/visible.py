"""Where what a person sees of a PDF page differs from its text: judged by the picture of the page.

The page is drawn whole, without its text, and as its text alone. Text that changes nothing when it is taken away is hidden, whatever
hides it: its colour, a layer that is off, what is painted over it, a clip. Ink that stays when text and ruling lines are taken away says
something that no text says: a figure drawn as a picture, a stroke through one. Pages on which nothing could hide or draw are not drawn.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls
from giakit.documents.pdf.content import Glyph, Mark
from giakit.documents.pdf.paths import PathReader

_INVISIBLE_MODES = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})
_FILLING_MODES = frozenset({raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_STROKE})
# Grey levels by which a text must differ from its ground lest the page be drawn.
_DISTINCT = 105
_SCALE = 2.0
_MOST_POINTS = 8_000_000
# A page with more painted areas is a chart; nobody hides text one area at a time.
_MOST_AREAS = 2000
# Grey levels between paper and ink below which nobody sees a difference, and from which everybody does.
_CONTRAST, _CLEAR = 16, 60
# A figure of which less of the ink is seen is not read for certain.
_WHOLE = 0.7
_COVER = 0.4
# How far around a ruling line ink belongs to it, in points.
_RIM = 1.5
# Shares of a character's height and width: how near its middle, and over how much of it, a line strikes it out.
_MIDDLE = 0.25
_ACROSS = 0.6
# Less than this share of the usual height of a character, nobody can read it.
_TINY = 0.3

# Typed text and fields may fill a cell; the others change what stands under them.
_TYPED = frozenset({raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WIDGET})
_CHANGING = {
    raw.FPDF_ANNOT_STRIKEOUT: "struck out",
    raw.FPDF_ANNOT_INK: "drawn over",
    raw.FPDF_ANNOT_REDACT: "marked as to be blacked out",
    raw.FPDF_ANNOT_STAMP: "stamped over",
    raw.FPDF_ANNOT_CARET: "marked for an insertion",
}
# Each viewer draws these itself where the file does not.
_SHAPES = frozenset(
    {raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE}
)
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW


def with_annotations(document: pdfium.PdfDocument, number: int) -> tuple[pdfium.PdfPage, list[Mark], bool]:
    """The page with typed text and fields drawn into it, marks where what is laid over it changes what a person reads, and whether the
    picture must tell. Boxes of the marks have the coordinates of the file.
    """
    page = document[number - 1]
    marks = []
    typed = drawn = False
    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        rect = raw.FS_RECTF()
        if raw.FPDFAnnot_GetRect(annotation, rect) and not raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
            box = Box(rect.left, rect.bottom, rect.right, rect.top)
            shown = bool(raw.FPDFAnnot_HasKey(annotation, b"AP"))
            drawn = drawn or (shown and kind not in _TYPED)
            if kind in _CHANGING:
                typed = True
                marks.append(Mark(box, f"what stands here is {_CHANGING[kind]}", "always"))
            elif kind in _TYPED:
                typed = True
                # Two bytes are the end of an empty string. A field may have its value from its parent.
                says = any(
                    raw.FPDFAnnot_GetStringValue(annotation, key, None, 0) > 2 for key in (b"V", b"Contents", b"RC")
                ) or bool(raw.FPDFAnnot_HasKey(annotation, b"Parent"))
                printed = says and bool(page.get_textpage().get_text_bounded(*box).strip())
                if says or shown:
                    when: Literal["mixed", "always"] = "always" if printed or not shown else "mixed"
                    marks.append(Mark(box, "something is typed over the page here", when))
            elif kind in _SHAPES and not shown:
                marks.append(Mark(box, "something is drawn over the page here", "always"))
        raw.FPDFPage_CloseAnnot(annotation)
    if typed and raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[number - 1]
    return page, marks, drawn


class Sight:
    """Watches the objects of a page go by in the order of painting, for what could hide text.

    Parameters
    ----------
    page : pypdfium2.PdfPage
        The page.
    paths : PathReader
        Knows the boxes of objects.
    layers : bool
        Whether the document can switch optional content off.
    """

    def __init__(self, page: pdfium.PdfPage, paths: PathReader, *, layers: bool) -> None:
        self._paths = paths
        self._transparent = bool(raw.FPDFPage_HasTransparency(page.raw))
        self._hides = layers
        self._color = (ctypes.c_uint * 4)()
        first = ctypes.addressof(self._color)
        self._places = (first, first + 4, first + 8, first + 12)
        self._numbers = (ctypes.c_float * 4)()
        side = ctypes.addressof(self._numbers)
        self._sides = (side, side + 4, side + 8, side + 12)
        # Texts and areas in the order of painting: how many areas came before, brightness, object and matrix; box and brightness.
        self._texts: list[tuple[int, float, int, Any]] = []
        self._areas: list[tuple[float, float, float, float, float]] = []
        self.objects: list[int] = []
        self.invisible: list[tuple[int, Any]] = []
        self.retold: list[Box] = []

    def text(self, item: int, matrix: Any) -> None:
        """A text object is painted."""
        self.objects.append(item)
        mode = calls.text_render_mode(item)
        if mode in _INVISIBLE_MODES:
            self.invisible.append((item, matrix))
            return
        marks = calls.count_marks(item)
        if marks > 0 and calls.retells_figures(item, marks):
            self.retold.append(self._paths.bounds(item, matrix))
        if self._hides:
            return
        brightness = 0.0
        if calls.object_fill_color(item, *self._places):
            red, green, blue, _ = calls.four_integers(self._color)
            brightness = 0.3 * red + 0.59 * green + 0.11 * blue
        if (
            mode not in _FILLING_MODES
            or brightness > 255 - _DISTINCT
            or (self._transparent and calls.has_transparency(item))
            or self._clipped(item)
        ):
            self._hides = True
        self._texts.append((len(self._areas), brightness, item, matrix))

    def _clipped(self, item: int) -> bool:
        """Whether a clip may leave out a part of an object. Its points have the coordinates of the object's form."""
        clip = calls.clip_path(item)
        paths = calls.count_clip_paths(clip) if clip else 0
        if paths < 1:
            return False
        point = (ctypes.c_float * 2)()
        first = ctypes.addressof(point)
        calls.object_bounds(item, *self._sides)
        left, bottom, right, top = calls.four_floats(self._numbers)
        for path in range(paths):
            corners = set()
            for segment in range(calls.count_clip_segments(clip, path)):
                calls.segment_point(calls.clip_segment(clip, path, segment), first, first + 4)
                corners.add((round(point[0], 1), round(point[1], 1)))
            xs, ys = {x for x, _ in corners}, {y for _, y in corners}
            upright = len(corners) == 4 and len(xs) == len(ys) == 2
            if corners and not (
                upright
                and min(xs) <= left + 1
                and right - 1 <= max(xs)
                and min(ys) <= bottom + 1
                and top - 1 <= max(ys)
            ):
                return True
        return False

    def cover(self, box: Box, item: int | None = None) -> None:
        """A picture, a shading or an area (`item`) is painted over what was written before, and under what comes."""
        brightness = -1000.0
        if item is not None and calls.object_fill_color(item, *self._places):
            red, green, blue, _ = calls.four_integers(self._color)
            brightness = 0.3 * red + 0.59 * green + 0.11 * blue
        if len(self._areas) < _MOST_AREAS:
            self._areas.append((*box, brightness))

    @property
    def suspicious(self) -> bool:
        """Whether any text may be hidden: it is pale, clipped or switched off, painted over, or near the colour of its ground."""
        if self._hides:
            return True
        if not self._areas or not self._texts:
            return False
        boxes = np.array([self._paths.bounds(item, matrix) for _, _, item, matrix in self._texts])
        before = np.array([count for count, *_ in self._texts])
        brightness = np.array([level for _, level, *_ in self._texts])
        for k, (left, top, right, bottom, ground) in enumerate(self._areas):
            over = (before <= k) | (np.abs(brightness - ground) < _DISTINCT)
            if over.any():
                near = boxes[over]
                wide = np.minimum(near[:, 2], right) - np.maximum(near[:, 0], left)
                high = np.minimum(near[:, 3], bottom) - np.maximum(near[:, 1], top)
                if (
                    (wide > 0.2 * np.minimum(near[:, 2] - near[:, 0], right - left))
                    & (high > 0.15 * np.minimum(near[:, 3] - near[:, 1], bottom - top))
                ).any():
                    return True
        return False

    def over_pictures(self, images: Sequence[Box]) -> set[int]:
        """Invisible text over a picture: what recognition leaves in a scan."""
        return {
            item
            for item, matrix in self.invisible
            if any(_meet(box, self._paths.bounds(item, matrix)) for box in images)
        }


def _meet(one: Box, two: Box) -> bool:
    width = min(one.right, two.right) - max(one.left, two.left)
    height = min(one.bottom, two.bottom) - max(one.top, two.top)
    return width > 0.2 * min(one.width, two.width) and height > 0.3 * min(one.height, two.height)


def visible_glyphs(
    page: pdfium.PdfPage,
    glyphs: list[Glyph],
    others: Sequence[int],
    texts: Sequence[int],
    paths: PathReader,
    *,
    layers: bool,
) -> tuple[list[Glyph], list[Glyph], list[Mark], list[tuple[float, float]], bool]:
    """Judge the text of a page by its picture.

    Parameters
    ----------
    page : pypdfium2.PdfPage
        The page.
    glyphs : list of Glyph
        As they stand on the page before it is turned.
    others, texts : sequence of int
        Addresses of its objects: those that are no text, and texts.
    paths : PathReader
        Its lines, areas and pictures; lines that are not seen are taken out where there are layers.
    layers : bool
        Whether optional content may be switched off.

    Returns
    -------
    list of Glyph, list of Glyph
        Those that are seen, and those that are not.
    list of Mark
        Where that is not certain.
    list of (x, y)
        Where there is ink that neither text nor ruling lines account for.
    bool
        Whether text lies under the picture of a scan.
    """
    everything = _picture(page)
    without = _picture_without(page, texts)
    alone = _picture_without(page, others)
    changed = np.abs(everything.astype(np.int16) - without)
    if layers:
        paths.rulings = [box for box in paths.rulings if _is_seen(box, without, _scale(page))]
    area = page.get_width() * page.get_height()
    scans = [box for box in paths.images if box.width * box.height > _COVER * area]
    stains = [] if scans else _stains(without, paths, _scale(page))
    if not glyphs:
        return glyphs, [], [], stains, False
    boxes = np.array([glyph[:4] for glyph in glyphs]) * _scale(page)
    traces = _count(changed >= _CONTRAST, boxes)
    seen = _count(changed >= _CLEAR, boxes)
    ink = _count(np.abs(255 - alone.astype(np.int16)) >= _CLEAR, boxes)
    kept: list[Glyph] = []
    gone: list[Glyph] = []
    marks: list[Mark] = []
    scanned = False
    hidden = False
    # A word in letters many times as large is a watermark.
    largest = 3 * float(np.median(boxes[:, 3] - boxes[:, 1])) / _scale(page)
    for glyph, trace, clear, full in zip(glyphs, traces, seen, ink, strict=True):
        box = Box(*glyph[:4])
        if glyph[4].isalnum():
            hidden = trace == 0
        if hidden and any(_meet(scan, box) for scan in scans):
            scanned = True
        elif hidden:
            gone.append(glyph)
            continue
        elif glyph[4].isalnum() and box.height < largest and (clear == 0 or trace < _WHOLE * full):
            marks.append(Mark(box, "text is hardly seen, or only in part", "always"))
        kept.append(glyph)
    return kept, gone, marks, stains, scanned


def _is_seen(line: Box, picture: np.ndarray, scale: float) -> bool:
    around = picture[
        max(0, int((line.top - _RIM) * scale)) : max(0, int((line.bottom + _RIM) * scale) + 1),
        max(0, int((line.left - _RIM) * scale)) : max(0, int((line.right + _RIM) * scale) + 1),
    ]
    return not around.size or int(around.max()) - int(around.min()) >= _CONTRAST


def _stains(picture: np.ndarray, paths: PathReader, scale: float) -> list[tuple[float, float]]:
    """Points, in steps of two, at which a page without its text has edges that are no ruling line and no border of an area."""
    grey = picture.astype(np.int16)
    edges = np.zeros(grey.shape, dtype=bool)
    edges[:, 1:] |= np.abs(np.diff(grey, axis=1)) >= _CLEAR
    edges[1:] |= np.abs(np.diff(grey, axis=0)) >= _CLEAR
    lines = list(paths.rulings)
    for left, top, right, bottom in paths.fills:
        lines += [Box(left, top, right, top), Box(left, bottom, right, bottom)]
        lines += [Box(left, top, left, bottom), Box(right, top, right, bottom)]
    for left, top, right, bottom in lines:
        rows = slice(max(0, int((top - _RIM) * scale)), max(0, int((bottom + _RIM) * scale) + 1))
        columns = slice(max(0, int((left - _RIM) * scale)), max(0, int((right + _RIM) * scale) + 1))
        edges[rows, columns] = False
    step = max(1, round(2 * scale))
    ys, xs = (places // step for places in np.nonzero(edges))
    return [((x + 0.5) * step / scale, (y + 0.5) * step / scale) for x, y in sorted(set(zip(xs, ys, strict=True)))]


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


def tiny(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Figures among others that are far too small to be read."""
    heights = np.array([g[3] - g[1] for g in glyphs])
    if not len(heights):
        return []
    least = _TINY * float(np.median(heights))
    return [glyphs[k] for k in np.flatnonzero(heights < least).tolist() if glyphs[k][4].isalnum()]


def struck(glyphs: Sequence[Glyph], lines: Iterable[Box]) -> Iterator[Mark]:
    """Marks on figures that a level line, or an area lower than they are, crosses."""
    digits = sorted((g[1] + g[3], *g[:4]) for g in glyphs if g[4].isdigit())
    level = np.array([box for box in lines if box[2] - box[0] > box[3] - box[1]]).reshape(-1, 4)
    if not digits or not len(level):
        return
    places = np.array(digits)
    middles, heights = places[:, 0] / 2, places[:, 4] - places[:, 2]
    at = (level[:, 1] + level[:, 3]) / 2
    reach = _MIDDLE * heights.max()
    first, behind = np.searchsorted(middles, at - reach), np.searchsorted(middles, at + reach)
    for line in np.flatnonzero(behind > first):
        for k in range(first[line], behind[line]):
            _, left, top, right, bottom = digits[k]
            over = min(right, level[line, 2]) - max(left, level[line, 0])
            low = level[line, 3] - level[line, 1] < 0.6 * heights[k]
            if low and abs(middles[k] - at[line]) < _MIDDLE * heights[k] and over > _ACROSS * (right - left):
                yield Mark(Box(left, top, right, bottom), "a figure is struck through", "always")
