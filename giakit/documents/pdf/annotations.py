"""What was laid over a PDF page: typed text, filled fields, stamps and strokes become part of the page, or marks of doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf.content import Glyph, Mark

# Typed text and fields may fill a cell; the others change what stands under them.
_TYPED = frozenset({raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WIDGET})
_CHANGING = {
    raw.FPDF_ANNOT_STRIKEOUT: "struck out",
    raw.FPDF_ANNOT_INK: "drawn over",
    raw.FPDF_ANNOT_REDACT: "marked as to be blacked out",
    raw.FPDF_ANNOT_STAMP: "stamped over",
    raw.FPDF_ANNOT_CARET: "marked for an insertion",
}
_PAINTING = frozenset(
    {raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_POLYGON}
)
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
# Shares of a character's height and width: how near its middle, and over how much of it, a line strikes it out.
_MIDDLE = 0.25
_ACROSS = 0.6


def with_annotations(document: pdfium.PdfDocument, number: int) -> tuple[pdfium.PdfPage, list[Mark]]:
    """The page with what is laid over it drawn into it, and marks where that changes what a person reads.

    Boxes of the marks have the coordinates of the file.
    """
    page = document[number - 1]
    marks = []
    changed = False
    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        rect = raw.FS_RECTF()
        seen = raw.FPDFAnnot_GetRect(annotation, rect) and not raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN
        if seen and (kind in _TYPED or kind in _CHANGING or kind in _PAINTING):
            changed = True
            box = Box(rect.left, rect.bottom, rect.right, rect.top)
            if kind in _CHANGING:
                marks.append(Mark(box, f"what stands here is {_CHANGING[kind]}", "always"))
            elif kind in _TYPED:
                # Two bytes are the end of an empty string.
                says = any(
                    raw.FPDFAnnot_GetStringValue(annotation, key, None, 0) > 2 for key in (b"V", b"Contents")
                )
                shown = raw.FPDFAnnot_HasKey(annotation, b"AP")
                printed = says and bool(page.get_textpage().get_text_bounded(*box).strip())
                if says or shown:
                    when: Literal["mixed", "always"] = "always" if printed or not shown else "mixed"
                    marks.append(Mark(box, "something is typed over the page here", when))
        raw.FPDFPage_CloseAnnot(annotation)
    if changed and raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[number - 1]
    return page, marks


def struck(glyphs: Sequence[Glyph], rulings: Sequence[Box], slants: Sequence[Box]) -> list[Mark]:
    """Marks on figures that a thin line crosses.

    Parameters
    ----------
    glyphs : sequence of Glyph
    rulings : sequence of Box
        Level and upright lines.
    slants : sequence of Box
        Boxes around slanting lines.
    """
    digits = sorted((g[1] + g[3], *g[:4]) for g in glyphs if g[4].isdigit())
    if not digits:
        return []
    places = np.array(digits)
    middles, heights = places[:, 0] / 2, places[:, 4] - places[:, 2]
    level = np.array([box for box in rulings if box[2] - box[0] > box[3] - box[1]]).reshape(-1, 4)
    at = (level[:, 1] + level[:, 3]) / 2
    reach = _MIDDLE * heights.max()
    first, behind = np.searchsorted(middles, at - reach), np.searchsorted(middles, at + reach)
    marks = []
    for line in np.flatnonzero(behind > first):
        for k in range(first[line], behind[line]):
            _, left, top, right, bottom = digits[k]
            over = min(right, level[line, 2]) - max(left, level[line, 0])
            if abs(middles[k] - at[line]) < _MIDDLE * heights[k] and over > _ACROSS * (right - left):
                marks.append(Mark(Box(left, top, right, bottom), "a figure is struck through", "always"))
    for slant in slants:
        for _, left, top, right, bottom in digits:
            if (
                slant.left < (left + right) / 2 < slant.right
                and slant.top < (top + bottom) / 2 < slant.bottom
            ):
                marks.append(Mark(Box(left, top, right, bottom), "a line is drawn across a figure", "always"))
    return marks


def overlapping(glyphs: Sequence[Glyph]) -> bool:
    """Whether characters are printed over each other."""
    return any(
        min(a[2], b[2]) - max(a[0], b[0]) > 0.4 * min(a[2] - a[0], b[2] - b[0])
        and min(a[3], b[3]) - max(a[1], b[1]) > 0.4 * min(a[3] - a[1], b[3] - b[1])
        for k, a in enumerate(glyphs)
        for b in glyphs[k + 1 :]
    )
