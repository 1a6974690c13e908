"""Which text of a PDF page a reader sees: invisible, white, covered and switched-off text is set apart."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls

_INVISIBLE_MODES = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})
_PALE = 245
_CLEAR = 13
_SCALE = 2.0
# A page with more painted areas is a chart; nobody hides text one area at a time.
_MOST_AREAS = 2000
# Grey levels between paper and ink below which nobody sees a difference.
_CONTRAST = 16


class TextSight:
    """Watches the text objects of a page go by in the order of painting.

    Parameters
    ----------
    layers_off : bool
        Whether the document can switch optional content off.
    """

    __slots__ = (
        "_boxes",
        "_color",
        "_layers_off",
        "_painted",
        "_pale",
        "_places",
        "_texts",
        "covered",
        "invisible",
        "layered",
    )

    def __init__(self, *, layers_off: bool) -> None:
        self._layers_off = layers_off
        self._color = (ctypes.c_uint * 4)()
        first = ctypes.addressof(self._color)
        self._places = (first, first + 4, first + 8, first + 12)
        self._texts: list[tuple[int, Any]] = []
        self._boxes: list[tuple[int, Box]] = []
        self._painted = 0
        self._pale: list[tuple[int, Any]] = []
        self.invisible: list[tuple[int, Any]] = []
        self.layered: list[tuple[int, Any]] = []
        self.covered: set[int] = set()

    def text(self, item: int, matrix: Any) -> None:
        """A text object is painted."""
        self._texts.append((item, matrix))
        if calls.text_render_mode(item) in _INVISIBLE_MODES:
            self.invisible.append((item, matrix))
        elif calls.object_fill_color(item, *self._places):
            red, green, blue, alpha = calls.four_integers(self._color)
            if red >= _PALE and green >= _PALE and blue >= _PALE:
                self._pale.append((item, matrix))
            if alpha < _CLEAR:
                self.covered.add(item)
        if self._layers_off and calls.count_marks(item) > 0:
            self.layered.append((item, matrix))

    def paint(self, box: Box, bounds: Any) -> None:
        """An opaque area is painted; what was written there before is gone."""
        self._painted += 1
        if self._painted > _MOST_AREAS:
            return
        for item, matrix in self._texts:
            self._boxes.append((item, bounds(item, matrix)))
        self._texts.clear()
        for item, text in self._boxes:
            if _holds(box, text):
                self.covered.add(item)

    def hidden(self, page: pdfium.PdfPage, images: list[Box], bounds: Any) -> tuple[set[int], bool]:
        """Addresses of the text objects that nobody sees, and whether text was recognised in a picture.

        Invisible text over a picture is what text recognition leaves in a scan: it is kept.
        """
        gone = set(self.covered)
        recognised = False
        for item, matrix in self.invisible:
            if _over_image(bounds(item, matrix), images):
                recognised = True
            else:
                gone.add(item)
        if self._pale or self.layered:
            picture = _picture(page)
            for item, matrix in self._pale:
                # Pale text shows only on a dark ground.
                if np.median(_cut(picture, bounds(item, matrix))) >= _PALE - _CONTRAST:
                    gone.add(item)
            for item, matrix in self.layered:
                spot = _cut(picture, bounds(item, matrix))
                if int(spot.max()) - int(spot.min()) < _CONTRAST:
                    gone.add(item)
        return gone, recognised


def _over_image(text: Box, images: list[Box]) -> bool:
    return any(_holds(box, text) for box in images)


def _holds(box: Box, text: Box) -> bool:
    """Whether the middle of a text lies in a box."""
    x, y = (text.left + text.right) / 2, (text.top + text.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _picture(page: pdfium.PdfPage) -> np.ndarray:
    """Grey picture of the page, not rotated."""
    bitmap = page.render(scale=_SCALE, grayscale=True, rotation=(360 - page.get_rotation()) % 360)
    return np.asarray(bitmap.to_numpy()).squeeze()


def _cut(picture: np.ndarray, box: Box) -> np.ndarray:
    top, bottom = int(box.top * _SCALE), int(box.bottom * _SCALE) + 1
    left, right = int(box.left * _SCALE), int(box.right * _SCALE) + 1
    spot = picture[max(top, 0) : max(bottom, 1), max(left, 0) : max(right, 1)]
    return spot if spot.size else picture[:1, :1]
