"""Characters, ruling lines and pictures of a PDF page, as pdfium finds them."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls
from giakit.documents.pdf.content import UNMAPPED, Glyph, Mark, PageContent, once, turned
from giakit.documents.pdf.paths import PathReader
from giakit.documents.pdf.visible import Sight, struck, tiny, visible_glyphs, with_annotations

# pdfium writes these for a hyphen at the end of a line; in a table the hyphen stands for "nothing".
_HYPHENS = frozenset({0x02, 0xFFFE, 0xAD})
_SPACES = frozenset({0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0x3000, *range(0x2000, 0x2010), 0xFEFF})
_NESTED = 8
_MOST_OBJECTS = 100_000
# Shares of the character size above and below the base line, as in the usual CJK fonts.
_ASCENT, _DESCENT = 0.88, 0.12
_SAME = 0.02


def extract(document: pdfium.PdfDocument, number: int, *, layers: bool = False) -> PageContent:
    """Collect what stands on a page, upright as it is displayed (``/Rotate`` applied).

    Parameters
    ----------
    document : pypdfium2.PdfDocument
        The file; what is typed over the page is drawn into it.
    number : int
        Number of the page, from 1.
    layers : bool, default False
        Whether the document has optional content that may be switched off.
    """
    page, laid_over, drawn = with_annotations(document, number)
    frame = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(frame))
    content = PageContent(frame.right - frame.left, frame.top - frame.bottom, number=number)
    paths = PathReader(frame.left, frame.top)
    sight = Sight(page, paths, layers=layers)
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
                sight.cover(painted, item)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            sight.cover(paths.add_image(item, matrix))
        elif kind == raw.FPDF_PAGEOBJ_SHADING:
            sight.cover(paths.bounds(item, matrix))
    content.rulings, content.fills, content.images = paths.rulings, paths.fills, paths.images
    scan = sight.over_pictures(paths.images) if sight.invisible else set()
    content.recognised = bool(scan)
    gone = {item for item, _ in sight.invisible} - scan
    content.glyphs, nowhere = _glyphs(page, frame.left, frame.top, gone)
    if not scan and (drawn or paths.drawn or sight.suspicious):
        content.glyphs, unseen, content.marks, stains, content.recognised = visible_glyphs(
            page, content.glyphs, others, sight.objects, paths, layers=layers
        )
        content.rulings = paths.rulings
        nowhere += unseen
        content.marks += [
            Mark(Box(x - 1, y - 1, x + 1, y + 1), "something that is no text is drawn here", "ink") for x, y in stains
        ]
    if nowhere:
        content.notes.append(f"page {number}: text that is not visible was passed over")
    nowhere += tiny(content.glyphs)
    content.marks += [
        Mark(Box(*glyph[:4]), "a figure stands here that is not seen", "blank")
        for glyph in nowhere
        if glyph[4].isdigit()
    ]
    content.glyphs = [glyph for glyph in content.glyphs if glyph not in nowhere] if nowhere else content.glyphs
    content.marks += struck(content.glyphs, [*paths.rulings, *paths.fills])
    content.marks += [
        Mark(box, "the file gives other words for what is printed here", "always") for box in sight.retold
    ]
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
            if _is_tight(text_address, index, line):
                left, top, right, bottom = _square(text_address, index, code, line)
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


def _is_tight(textpage: int, index: int, loose: Box) -> bool:
    """Whether the box that should be the line's is that of the ink, as in fonts without line metrics (Type 3, as browsers write them)."""
    # Left, right, bottom, top.
    ink = (ctypes.c_double * 4)()
    first = ctypes.addressof(ink)
    if not calls.character_box(textpage, index, first, first + 8, first + 16, first + 24):
        return False
    return abs(loose.top - ink[3]) < _SAME and abs(loose.bottom - ink[2]) < _SAME


def _square(textpage: int, index: int, code: int, loose: Box) -> Box:
    """The square of a character of which only the ink is known: ink shows no common line, nor the space between two characters."""
    matrix, origin = raw.FS_MATRIX(), (ctypes.c_double * 2)()
    calls.character_matrix(textpage, index, ctypes.addressof(matrix))
    calls.character_origin(textpage, index, ctypes.addressof(origin), ctypes.addressof(origin) + 8)
    x, y = origin
    size = calls.character_size(textpage, index)
    height = size * (matrix.c**2 + matrix.d**2) ** 0.5
    ink = max(loose.top - loose.bottom, loose.right - loose.left)
    # A font may scale its glyphs by any factor of its own: then the ink is all there is to go by.
    if not 0.5 * ink < height < 12 * ink:
        return loose
    wide = unicodedata.east_asian_width(chr(code)) in "WF"
    corners = [
        (size * (across * matrix.a + up * matrix.c), size * (across * matrix.b + up * matrix.d))
        for across in (0.0, 1.0 if wide else 0.0)
        for up in (-_DESCENT, _ASCENT)
    ]
    xs, ys = [x + dx for dx, _ in corners], [y + dy for _, dy in corners]
    if wide:
        return Box(min(xs), max(ys), max(xs), min(ys))
    return Box(min(*xs, loose.left), max(*ys, loose.top), max(*xs, loose.right), min(*ys, loose.bottom))


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
        max(box.left, frame.left), max(box.top, frame.top), min(box.right, frame.right), min(box.bottom, frame.bottom)
    )
