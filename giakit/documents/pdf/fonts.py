"""Fonts that do not say which characters they show, or that a PDF names and does not hold: then pdfminer is asked.

pdfium borrows from the machine what a PDF does not hold, and loses characters where the machine has none to lend.
"""

from __future__ import annotations

import io
import logging
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf.content import UNMAPPED, PageContent, once
from giakit.documents.pdf.paths import THIN

# What a Chinese report is written with: Latin, punctuation, symbols, CJK and its full-width forms.
_EXPECTED = re.compile(
    r"[\x21-\x7e\xa0-\u03ff\u2000-\u27ff\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_GARBLED = 0.2
# One Chinese character in a font that every reader has to supply.
_ONE_CHARACTER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 28>>stream
BT/F 9 Tf 9 50 Td<7532>Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>endobj
6 0 obj<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>endobj
7 0 obj<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF"""


@cache
def lacks_chinese() -> bool:
    """Whether this machine has no font to lend for Chinese characters."""
    document = pdfium.PdfDocument(_ONE_CHARACTER)
    try:
        return not document[0].get_textpage().count_chars()
    finally:
        document.close()


def borrows(page: pdfium.PdfPage) -> bool:
    """Whether a page writes in a font that the document does not hold."""
    return any(
        not raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(item.raw))
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
    )


def with_lost_text(pages: list[PageContent], numbers: list[int], data: bytes) -> list[PageContent]:
    """The pages with what pdfminer, which needs no fonts, finds on those of these numbers.

    It does not know which text is hidden: a page with hidden text, as one that it cannot read, stays and says so.
    """
    others = _others(data, numbers)
    mended = []
    for page in pages:
        other = others.get(page.number)
        if page.number in numbers and (other is None or len(other.glyphs) != len(page.glyphs)):
            if other is None or page.notes or garbled(other) > _GARBLED:
                page.notes.append(f"page {page.number}: characters may be missing, this machine lacks its fonts")
            elif abs(page.width - other.width) < 1 and abs(page.height - other.height) < 1:
                page.glyphs = other.glyphs
            else:
                page = other
        mended.append(page)
    return mended


def _others(data: bytes, numbers: list[int]) -> dict[int, PageContent]:
    """The pages as pdfminer finds them; none where it fails."""
    try:
        return {page.number: page for page in plumb(data, numbers)}
    except Exception:  # pdfminer raises many kinds on broken files
        return {}


def garbled(page: PageContent) -> float:
    """Share of characters that no report is written with: fonts without a mapping show such."""
    if not page.glyphs:
        return 0.0
    counts = Counter([glyph[4] for glyph in page.glyphs])
    return sum(n for text, n in counts.items() if not _EXPECTED.match(text)) / len(page.glyphs)


def without_garbage(pages: list[PageContent], data: bytes) -> list[PageContent]:
    """Where the fonts do not say which characters they show, ask pdfminer; else drop the text."""
    bad = [page.number for page in pages if garbled(page) > _GARBLED]
    if not bad:
        return pages
    others = _others(data, bad)
    mended = []
    for page in pages:
        other = others.get(page.number)
        if page.number in bad:
            if other is not None and other.glyphs and garbled(other) <= _GARBLED:
                page = other
            else:
                page.glyphs = []
                page.notes.append(f"page {page.number}: its fonts do not say which characters they show")
        mended.append(page)
    return mended


def plumb(data: bytes, numbers: list[int] | None = None) -> list[PageContent]:
    """Contents of the pages of a PDF, read by pdfplumber.

    Parameters
    ----------
    data : bytes
        The file.
    numbers : list of int, optional
        Page numbers wanted, from 1; all by default.

    Raises
    ------
    Exception
        Whatever pdfminer raises on a damaged file.
    """
    import pdfplumber

    with _quiet(), pdfplumber.open(io.BytesIO(data), pages=numbers) as document:
        return [_content(page) for page in document.pages]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pdfminer from logging every flaw of a file that is known to have flaws."""
    logger = logging.getLogger("pdfminer")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _content(page: Any) -> PageContent:
    content = PageContent(float(page.width), float(page.height), number=page.page_number)
    for char in page.chars:
        text = char["text"]
        if not text.strip():
            continue
        a, b = char["matrix"][:2]
        lies = -round(math.atan2(b, a) / (math.pi / 2)) % 4
        shown = text if len(text) == 1 or not text.startswith("(cid:") else UNMAPPED
        content.glyphs.append((char["x0"], char["top"], char["x1"], char["bottom"], shown, lies))
    content.glyphs = once(content.glyphs)
    for item in [*page.lines, *page.rects, *page.curves]:
        box = Box(item["x0"], item["top"], item["x1"], item["bottom"])
        if min(box.width, box.height) < THIN:
            content.rulings.append(box)
        elif item.get("stroke"):
            left, top, right, bottom = box
            content.rulings += [Box(left, top, right, top), Box(left, bottom, right, bottom)]
            content.rulings += [Box(left, top, left, bottom), Box(right, top, right, bottom)]
    content.images = [Box(i["x0"], i["top"], i["x1"], i["bottom"]) for i in page.images]
    return content
