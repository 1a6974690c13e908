"""Characters, ruling lines and pictures of a PDF page, as pdfium finds them."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls, em_box
from giakit.documents.pdf.annotations import struck, with_annotations
from giakit.documents.pdf.content import UNMAPPED, Glyph, Mark, PageContent, once, turned
from giakit.documents.pdf.paths import PathReader
from giakit.documents.pdf.visible import Sight, visible_glyphs

# pdfium writes these for a hyphen at the end of a line; in a table the hyphen stands for "nothing".
_HYPHENS = frozenset({0x02, 0xFFFE, 0xAD})
_SPACES = frozenset({0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0x3000, *range(0x2000, 0x2010), 0xFEFF})
_NESTED = 8
_MOST_OBJECTS = 100_000


def extract(document: pdfium.PdfDocument, number: int, *, layers: bool = False) -> PageContent:
    """Collect what stands on a page.

    Parameters
    ----------
    document : pypdfium2.PdfDocument
        The file; what is laid over the page (fields, stamps) is drawn into it.
    number : int
        Number of the page, from 1.
    layers : bool, default False
        Whether the document has optional content that may be switched off: text is then checked against
        the picture of the page.

    Returns
    -------
    PageContent
        Upright as the page is displayed (``/Rotate`` applied).
    """
    page, laid_over = with_annotations(document, number)
    frame = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(frame))
    content = PageContent(frame.right - frame.left, frame.top - frame.bottom, number=number)
    paths = PathReader(frame.left, frame.top)
    sight = Sight(paths.bounds, layers=layers)
    others: list[int] = []
    is_text, see = raw.FPDF_PAGEOBJ_TEXT, sight.text
    for item, kind, matrix in _objects(page):
        if kind == is_text:
            see(item, matrix)
            continue
        others.append(item)
        if len(others) > _MOST_OBJECTS:
            raise OverflowError("a page of so many lines is a drawing, no report")
        if kind == raw.FPDF_PAGEOBJ_PATH:
            painted = paths.add(item, matrix)
            if painted is not None:
                sight.area(painted, item)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            paths.add_image(item, matrix)
            sight.cover(paths.bounds(item, matrix))
        elif kind == raw.FPDF_PAGEOBJ_SHADING:
            sight.cover(paths.bounds(item, matrix))
    content.rulings, content.fills, content.images = paths.rulings, paths.fills, paths.images
    scan = sight.over_pictures(paths.images) if sight.invisible else set()
    content.recognised = bool(scan)
    gone = {item for item, _ in sight.invisible} - scan
    content.glyphs, nowhere = _glyphs(page, frame.left, frame.top, gone)
    if sight.suspicious and not scan:
        content.glyphs, unseen, content.marks, content.recognised = visible_glyphs(
            page, content.glyphs, others, sight.objects, paths.images
        )
        nowhere += unseen
    if nowhere:
        content.notes.append(f"page {number}: text that is not visible was passed over")
    content.marks += [
        Mark(Box(*glyph[:4]), "a figure stands here that is not seen", "blank")
        for glyph in nowhere
        if glyph[4].isdigit()
    ]
    content.marks += struck(content.glyphs, paths.rulings, paths.slants)
    content.marks += [mark._replace(box=_placed(mark.box, frame.left, frame.top)) for mark in laid_over]
    _drop_outside(content)
    content.glyphs = once(content.glyphs)
    return turned(content, page.get_rotation() // 90)


def _placed(box: Box, x0: float, y0: float) -> Box:
    left, top, right, bottom = box
    return Box(min(left, right) - x0, y0 - max(top, bottom), max(left, right) - x0, y0 - min(top, bottom))


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[int, int, tuple[float, ...] | None]]:
    """Addresses and types of page objects, those of form XObjects too, with the matrix of their form."""
    get, type_of, form = calls.page_object, calls.object_type, raw.FPDF_PAGEOBJ_FORM
    address = calls.address_of(page.raw)
    count = raw.FPDFPage_CountObjects(page.raw)
    if count > _MOST_OBJECTS:
        raise OverflowError(f"a page of {count:,} objects is a drawing, no report")
    for index in range(count):
        item = get(address, index)
        kind = type_of(item)
        if kind == form:
            yield from _form_objects(item, None, 0)
        else:
            yield item, kind, None


def _form_objects(
    form: int, outer: tuple[float, ...] | None, depth: int
) -> Iterator[tuple[int, int, tuple[float, ...] | None]]:
    own = raw.FS_MATRIX()
    calls.object_matrix(form, ctypes.addressof(own))
    matrix = _times((own.a, own.b, own.c, own.d, own.e, own.f), outer)
    for index in range(max(0, calls.count_form_objects(form))):
        item = calls.form_object(form, index)
        kind = calls.object_type(item)
        if kind != raw.FPDF_PAGEOBJ_FORM:
            yield item, kind, matrix
        elif depth < _NESTED:
            yield from _form_objects(item, matrix, depth + 1)


def _times(inner: tuple[float, ...], outer: tuple[float, ...] | None) -> tuple[float, ...]:
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    k, m, n, p, q, s = outer
    return (a * k + b * n, a * m + b * p, c * k + d * n, c * m + d * p, e * k + f * n + q, e * m + f * p + s)


def _glyphs(page: pdfium.PdfPage, x0: float, y0: float, gone: set[int]) -> tuple[list[Glyph], list[Glyph]]:
    """The characters of a page, and apart from them those of text objects in `gone`."""
    textpage = raw.FPDFText_LoadPage(page.raw)
    if not textpage:
        return [], []
    nowhere: list[Glyph] = []
    try:
        return list(_characters(textpage, x0, y0, gone, nowhere)), nowhere
    finally:
        raw.FPDFText_ClosePage(textpage)


def _codes(textpage: Any, count: int) -> list[int]:
    """Code points of all characters, in one call where pdfium's text has one unit for each."""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(textpage, 0, count, buffer)
    codes = list(buffer)[:count]
    if written == count + 1 and not any(0xD800 <= code < 0xE000 for code in codes):
        return codes
    return [raw.FPDFText_GetUnicode(textpage, index) for index in range(count)]


def _unmapped(textpage: int, count: int) -> frozenset[int]:
    """Characters of which the font does not say what they are: pdfium then shows their code."""
    failed = calls.character_is_unmapped
    return frozenset([index for index in range(count) if failed(textpage, index) == 1])


def _characters(textpage: Any, x0: float, y0: float, gone: set[int], nowhere: list[Glyph]) -> Iterator[Glyph]:
    count = raw.FPDFText_CountChars(textpage)
    if count <= 0:
        return
    # FS_RECTF: left, top, right, bottom.
    rect = (ctypes.c_float * 4)()
    place, text_address = ctypes.addressof(rect), calls.address_of(textpage)
    get_box, angle_of = calls.character_line_box, calls.character_angle
    lies, last_left, last_bottom, last_height = 0, math.inf, math.inf, math.inf
    unmapped = _unmapped(text_address, count)
    line_heights: set[float] = set()
    shown = _Shown()
    for index, code in enumerate(_codes(textpage, count)):
        text = shown[code]
        if not text:
            continue
        if not get_box(text_address, index, place):
            continue
        left, top, right, bottom = calls.four_floats(rect)
        height = top - bottom
        if not -0.01 < height - last_height < 0.01 and round(height, 2) not in line_heights:
            line = Box(left, top, right, bottom)
            if em_box.is_tight(text_address, index, line):
                left, top, right, bottom = em_box.around(text_address, index, code, line)
                height = math.inf
            else:
                line_heights.add(round(height, 2))
        # Within a run of text the direction stays; only a character that does not follow on is asked.
        if bottom != last_bottom or left <= last_left:
            lies = round(angle_of(text_address, index) / (math.pi / 2)) % 4
        last_left, last_bottom, last_height = left, bottom, height
        if index in unmapped:
            text = UNMAPPED
        glyph = left - x0, y0 - top, right - x0, y0 - bottom, text, lies
        if gone and calls.character_text_object(text_address, index) in gone:
            nowhere.append(glyph)
        else:
            yield glyph


class _Shown(dict[int, str]):
    """What a code shows: "" for white space."""

    def __missing__(self, code: int) -> str:
        if code in _SPACES:
            text = ""
        elif code in _HYPHENS:
            text = "-"
        elif code < 0x20 or code == 0xFFFF or 0xD800 <= code < 0xE000:
            text = UNMAPPED
        else:
            text = chr(code)
        self[code] = text
        return text


def _drop_outside(content: PageContent) -> None:
    """Leave out what stands outside the visible part of the page."""
    width, height = content.width, content.height
    content.glyphs = [
        glyph
        for glyph in content.glyphs
        if 0 <= glyph[0] + glyph[2] <= 2 * width and 0 <= glyph[1] + glyph[3] <= 2 * height
    ]
    frame = Box(-5.0, -5.0, width + 5.0, height + 5.0)
    content.rulings = [
        box if _holds(frame, box) else _cut(box, frame)
        for box in content.rulings
        if box[2] >= frame.left and box[0] <= frame.right and box[3] >= frame.top and box[1] <= frame.bottom
    ]


def _holds(frame: Box, box: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _cut(box: Box, frame: Box) -> Box:
    return Box(
        max(box.left, frame.left),
        max(box.top, frame.top),
        min(box.right, frame.right),
        min(box.bottom, frame.bottom),
    )
