"""Read a PDF: pdfium first, pdfminer where pdfium fails, recognition for pictures; then text and tables of its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pypdfium2 as pdfium

from giakit.documents.limits import Limits, check_bytes
from giakit.documents.model import Document
from giakit.documents.ocr_engine import ocr_installed
from giakit.documents.pdf.assemble import assemble
from giakit.documents.pdf.content import PageContent
from giakit.documents.pdf.fonts import borrows, lacks_chinese, plumb, with_lost_text, without_garbage
from giakit.documents.pdf.page import extract
from giakit.documents.pdf.streams import check_streams, has_layers
from giakit.errors import UnreadableDocument

_WRONG_PASSWORD = 4
# A page with fewer characters than this under a picture is a picture with a stamp or a page number.
_SPARSE = 60
_COVER = 0.4
# Fine enough for nine-point figures, coarse enough for recognition in seconds.
_DOTS_PER_POINT = 200 / 72


class Contents(NamedTuple):
    """What stands on every page of a PDF, and the title that its properties state ("" for none)."""

    pages: list[PageContent]
    title: str = ""


def contents_of(data: bytes, name: str, limits: Limits) -> Contents:
    """Everything that a PDF holds.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors.
    limits : Limits
        ``max_pages``, ``max_pixels``, ``max_ratio`` and ``max_part`` apply.

    Raises
    ------
    UnreadableDocument
        Damaged, encrypted, too long, or pictures and no means to read them.
    """
    if b"%%EOF" not in data[-4096:] and b"startxref" not in data[-4096:]:
        raise UnreadableDocument(name, "the PDF breaks off: its end is missing; download it again")
    check_streams(data, name=name, limits=limits)
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        return Contents(_second_opinion(data, name, limits, error))
    try:
        if len(document) > limits.max_pages:
            raise UnreadableDocument(name, f"{len(document)} pages are more than {limits.max_pages} (Limits.max_pages)")
        if len(document) == 0:
            raise UnreadableDocument(name, "the PDF has no pages")
        layers = has_layers(data)
        try:
            pages = [extract(document, number, layers=layers) for number in range(1, len(document) + 1)]
        except OverflowError as error:
            raise UnreadableDocument(name, str(error)) from None
        except pdfium.PdfiumError as error:
            return Contents(_second_opinion(data, name, limits, error))
        borrowing = [number for number, page in enumerate(document, 1) if borrows(page)] if lacks_chinese() else []
        if borrowing:
            pages = with_lost_text(pages, borrowing, data)
        pages = without_garbage(pages, data)
        pages = _with_pictures(pages, name, limits, lambda number: _render(document, number, name, limits))
        return Contents(pages, document.get_metadata_value("Title").strip())
    finally:
        document.close()


def _second_opinion(data: bytes, name: str, limits: Limits, error: pdfium.PdfiumError) -> list[PageContent]:
    if getattr(error, "err_code", None) == _WRONG_PASSWORD:
        raise UnreadableDocument(name, "the PDF is encrypted and opens with a password only") from error
    try:
        pages = plumb(data, list(range(1, limits.max_pages + 1)))
    except Exception as second:  # pdfminer raises many kinds on broken files
        raise UnreadableDocument(name, f"the PDF is damaged: {error}") from second
    if not any(page.glyphs for page in pages):
        raise UnreadableDocument(name, f"the PDF is damaged: {error}") from error
    return pages


def _with_pictures(
    pages: list[PageContent], name: str, limits: Limits, render: Callable[[int], Any]
) -> list[PageContent]:
    """Read pages that are pictures, if recognition is installed; else say what was not read."""
    pictures = [page for page in pages if _is_picture(page)]
    if not pictures:
        return pages
    if not ocr_installed():
        if len(pictures) == sum(bool(page.glyphs or page.images or page.notes) for page in pages):
            why = "its fonts hide their characters" if pictures[0].notes else "it is a scan without a text layer"
            raise UnreadableDocument(name, f'{why}; pip install "giakit[ocr]" reads it')
        for page in pictures:
            page.notes.append(f'page {page.number} is a picture and was not read; pip install "giakit[ocr]"')
        return pages
    from giakit.documents.ocr_page import page_of_image

    read = []
    for page in pages:
        if page in pictures:
            notes = page.notes
            page = page_of_image(render(page.number), name=name, seconds=limits.seconds, number=page.number)
            page.notes[:0] = notes
        read.append(page)
    return read


def _is_picture(page: PageContent) -> bool:
    if any("fonts do not say" in note for note in page.notes):
        return True
    area = page.width * page.height
    covered = sum(max(0.0, box.width) * max(0.0, box.height) for box in page.images)
    return len(page.glyphs) < _SPARSE and covered > _COVER * area


def _render(document: pdfium.PdfDocument, number: int, name: str, limits: Limits) -> Any:
    page = document[number - 1]
    width, height = page.get_size()
    scale = min(_DOTS_PER_POINT, (limits.max_pixels / max(width * height, 1.0)) ** 0.5)
    return page.render(scale=scale, rev_byteorder=False).to_numpy()


def read_pdf(data: bytes, *, name: str, limits: Limits) -> Document:
    """Read the text layer of a PDF.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and for the document.
    limits : Limits
        What it may cost.

    Returns
    -------
    Document
        Tables as grids (a table over several pages is one), the lines between them as text, each with the
        page it stood on; `title` is that of its properties.

    Raises
    ------
    UnreadableDocument
        If the file is damaged, encrypted, too large, or holds pictures only.
    """
    check_bytes(name, len(data), limits)
    pages, title = contents_of(data, name, limits)
    blocks, notes = assemble(pages, name=name, limits=limits)
    return Document(
        name=name,
        format="pdf",
        blocks=tuple(blocks),
        title=title,
        origin="ocr" if any(page.recognised for page in pages) else "printed",
        notes=tuple(notes),
    )
