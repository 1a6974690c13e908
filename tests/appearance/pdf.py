"""Kinds of PDF: what is laid over the figure of a printed page, or done to it, with pdfium's own means."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Callable

import pypdfium2 as pdfium
from pypdfium2 import raw

from appearance import Sample, Shown, kind

Box = tuple[float, float, float, float]
Change = Callable[[pdfium.PdfDocument, pdfium.PdfPage, Box, str], None]


def _changed(sample: Sample, change: Change) -> bytes:
    """The printed report, changed where its figure stands."""
    document = pdfium.PdfDocument(sample.data)
    for page in document:
        text = page.get_textpage()
        found = text.search(sample.figure, match_whole_word=True).get_next()
        if found is None:
            continue
        boxes = [text.get_charbox(found[0] + k) for k in range(found[1])]
        box = boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes)
        change(document, page, box, sample.figure)
        page.gen_content()
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
    raise LookupError(f"{sample.figure} is not printed")


def _rectangle(page: pdfium.PdfPage, box: Box, grey: int, alpha: int = 255) -> None:
    left, bottom, right, top = box
    area = raw.FPDFPageObj_CreateNewRect(left, bottom, right - left, top - bottom)
    raw.FPDFPageObj_SetFillColor(area, grey, grey, grey, alpha)
    raw.FPDFPath_SetDrawMode(area, raw.FPDF_FILLMODE_WINDING, False)
    raw.FPDFPage_InsertObject(page.raw, area)


def _annotated(subtype: int, contents: str = "") -> Change:
    def change(_: pdfium.PdfDocument, page: pdfium.PdfPage, box: Box, __: str) -> None:
        left, bottom, right, top = box
        annotation = raw.FPDFPage_CreateAnnot(page.raw, subtype)
        raw.FPDFAnnot_SetRect(annotation, ctypes.byref(raw.FS_RECTF(left, top, right, bottom)))
        raw.FPDFAnnot_SetFlags(annotation, raw.FPDF_ANNOT_FLAG_PRINT)
        if contents:
            text = (ctypes.c_ushort * (len(contents) + 1))(*map(ord, contents), 0)
            raw.FPDFAnnot_SetStringValue(annotation, b"Contents", text)
        raw.FPDFPage_CloseAnnot(annotation)

    return change


def _register(name: str, change: Change, *, kept: bool) -> None:
    @kind("pdf", name)
    def shown(sample: Sample) -> Shown:
        return Shown(_changed(sample, change), sample.figure if kept else None, by_eye=True)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _struck(box: Box) -> Box:
    middle = (box[1] + box[3]) / 2
    return box[0] - 1, middle - 0.3, box[2] + 1, middle + 0.3


_register("covered_by_white", lambda _, page, box, __: _rectangle(page, _grown(box, 1), 255), kept=False)
_register("covered_by_black", lambda _, page, box, __: _rectangle(page, _grown(box, 1), 0), kept=False)
_register(
    "covered_in_part",
    lambda _, page, box, __: _rectangle(page, ((box[0] + box[2]) / 2, box[1] - 1, box[2] + 1, box[3] + 1), 255),
    kept=False,
)
_register("under_a_light_veil", lambda _, page, box, __: _rectangle(page, _grown(box, 2), 200, 60), kept=True)
_register("struck_through", lambda _, page, box, __: _rectangle(page, _struck(box), 0), kept=False)
_register("strikeout_annotation", _annotated(raw.FPDF_ANNOT_STRIKEOUT), kept=False)
_register("ink_annotation", _annotated(raw.FPDF_ANNOT_INK), kept=False)
_register("stamp_annotation", _annotated(raw.FPDF_ANNOT_STAMP), kept=False)
_register("typed_over", _annotated(raw.FPDF_ANNOT_FREETEXT, "99"), kept=False)
_register("highlight_annotation", _annotated(raw.FPDF_ANNOT_HIGHLIGHT), kept=True)
_register("link_annotation", _annotated(raw.FPDF_ANNOT_LINK), kept=True)
