"""Any file to a `Document`: the format is told from the bytes, never from the name."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Literal, TypeAlias

from giakit.documents.archive import DAMAGED, is_ole, ole_kind, opened_zip
from giakit.documents.encoding import decode
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes, check_text
from giakit.documents.model import Document, Grid, Text
from giakit.errors import UnreadableDocument

Part: TypeAlias = Literal["shown", "scripted", "hidden"]

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_HTML = re.compile(r"<(?:!doctype html|html|head|body|table|div|p|td|tr|span|title|meta|font|center|h[1-6]|br)\b", re.I)
# Markdown breaks the lines of a cell with <br> (pymupdf4llm), a wiki names its headings with <span> (pandoc): no pages for it.
_MARKDOWN = re.compile(r"^(?:\|?[ ]*:?-{3,}:?[ ]*(?:\|[ ]*:?-{3,}:?[ ]*)+\|?[ ]*|\{\|.*)$", re.M)
_TAGS_OF_PAGES = re.compile(r"<(?:!doctype|html|head|body|table|div|p|td|tr)\b", re.I)
_ODD = re.compile("[\ufffd\x00-\x08\x0e-\x19\x1b-\x1f]")
_PDF_WITHIN = 1024
_HEAD = 8192


def open_document(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, part: Part = "shown") -> Document:
    """Open a document of any format.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for messages.
    limits : Limits
        What it may cost.
    part : "shown", "scripted" or "hidden"
        What of a page is read: what it shows, the pages inside the strings of its scripts, or also what it hides; of a
        spreadsheet what it shows, or also its hidden rows and columns. Other formats know no such parts.

    Raises
    ------
    UnreadableDocument
        With the reason: empty, damaged, encrypted, a format that is not read, an extra that is missing.

    Examples
    --------
    >>> from giakit.documents.open import open_document
    >>> open_document("一\\t二".encode(), name="a.txt").format
    'text'
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableDocument(name, "the file is empty")
    check_bytes(name, len(data), limits)
    document = _reader(data, name)(data, name=name, limits=limits, part=part)
    _check_size(document, limits)
    return replace(document, sha256=sha256(data).hexdigest())


def _check_size(document: Document, limits: Limits) -> None:
    """Rows, running text, and the text of cells with what spans repeat, within the limits.

    A text that many cells share is stored once, and a row may have a single cell: what is read of them costs their number.
    """
    rows = sum(len(block.rows) for block in document.blocks if isinstance(block, Grid))
    if rows > limits.max_rows:
        reason = f"its tables have {rows:,} rows, more than {limits.max_rows:,} (Limits.max_rows)"
        raise UnreadableDocument(document.name, reason)
    check_text(document.name, sum(len(block.text) for block in document.blocks if isinstance(block, Text)), limits)
    check_text(
        document.name,
        sum(sum(map(len, row)) for block in document.blocks if isinstance(block, Grid) for row in block.rows),
        limits,
    )


def _reader(data: bytes, name: str) -> Callable[..., Document]:
    """What reads a document, called with its name, the limits and the part."""
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return _pdf
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_reader(data, name)
    if is_ole(data):
        kind = ole_kind(data)
        if kind == "encrypted":
            raise UnreadableDocument(name, "it is encrypted; save it without a password")
        return _spreadsheet if kind == "excel" else _office
    if data.startswith(b"{\\rtf"):
        return _office
    if data.startswith(_IMAGES) or data[8:12] == b"WEBP":
        return _image
    head = data[:_HEAD].lower()
    if b"mime-version" in head or b"content-type:" in head:
        from giakit.documents.mht import is_mht

        if is_mht(data):
            return _mht
    if b"<?xml" in head or b"schemas-microsoft-com" in head:
        from giakit.documents.word import is_word_xml
        from giakit.documents.workbooks import is_excel_xml

        if is_word_xml(data):
            return _word_xml
        if is_excel_xml(data):
            return _spreadsheet
    return _page


def _zip_reader(data: bytes, name: str) -> Callable[..., Document]:
    archive = opened_zip(data, name)
    names = archive.namelist()
    if any(part.startswith("word/") for part in names):
        return _word
    if any(part.startswith("xl/") for part in names):
        return _spreadsheet
    if "content.xml" in names:
        return _spreadsheet if b"opendocument.spreadsheet" in _mimetype(archive) else _office
    if "OFD.xml" in names:
        raise UnreadableDocument(name, "OFD is not read; open it with its reader and save it as PDF")
    raise UnreadableDocument(name, "a zip archive, neither Word nor a spreadsheet; unpack it first")


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    try:
        with archive.open("mimetype") as file:
            return file.read(100)
    except (KeyError, *DAMAGED):
        return b""


def _pdf(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.pdf.reader import read_pdf

    return read_pdf(data, name=name, limits=limits)


def _image(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.ocr import read_image

    return read_image(data, name=name, limits=limits)


def _office(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.office import read_office

    return read_office(data, name=name, limits=limits)


def _spreadsheet(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.excel import read_spreadsheet

    return read_spreadsheet(data, name=name, limits=limits, hidden=part == "hidden")


def _word(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.word import read_docx

    def read_chunk(chunk: bytes, of: str) -> Document:
        return open_document(chunk, name=of, limits=limits)

    return read_docx(data, name=name, limits=limits, read_chunk=read_chunk)


def _word_xml(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.word import read_word_xml

    return read_word_xml(data, name=name, limits=limits)


def _mht(data: bytes, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.html.reader import read_html
    from giakit.documents.mht import html_from_mht

    page, metadata = html_from_mht(data, name=name)
    document = read_html(page, name=name, limits=limits, format="mht")
    return replace(document, metadata={**document.metadata, **metadata})


def _page(data: bytes, *, name: str, limits: Limits, part: Part = "shown") -> Document:
    from giakit.documents.html.rare import scripts_hold_table
    from giakit.documents.html.reader import read_html

    text, encoding = decode(data)
    if _is_binary(text):
        raise UnreadableDocument(name, "binary data of an unknown format")
    markdown = not _TAGS_OF_PAGES.search(text) and _MARKDOWN.search(text)
    if not markdown and (_HTML.search(text) or scripts_hold_table(text)):
        document = read_html(text, name=name, limits=limits, hidden=part == "hidden", scripted=part == "scripted")
    else:
        from giakit.documents.text import read_text

        document = read_text(text, name=name)
    return replace(document, metadata={**document.metadata, "encoding": encoding})


def _is_binary(text: str) -> bool:
    head = text[:4096]
    return len(_ODD.findall(head)) * 10 > len(head)
