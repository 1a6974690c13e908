"""The marks on a PDF page as pdfminer finds them: the second opinion where pdfium fails."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from giakit.documents.geometry import Box
from giakit.documents.pdf.content import UNMAPPED, PageContent, once
from giakit.documents.pdf.paths import THIN


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
