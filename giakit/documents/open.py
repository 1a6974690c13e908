"""Any file to a `Document`: the format is told from the bytes, never from the name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Literal, TypeAlias

from giakit.documents.encoding import decode
from giakit.documents.html_parts import without
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes, check_text
from giakit.documents.model import Document, Text
from giakit.errors import UnreadableDocument

Part: TypeAlias = Literal["shown", "scripted", "hidden"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|table|div|p|td|tr|span|title|meta|font|center|h[1-6]|br)\b", re.I
)
_SCRIPT_TABLE = re.compile(r"(?:<|\\u003c|\\x3c|&lt;)\s*table\b", re.I)
_ODD = re.compile("[\ufffd\x00-\x08\x0e-\x19\x1b-\x1f]")
_TABLE = re.compile(r"<table\b", re.I)
_PDF_WITHIN = 1024
_HEAD = 8192


def open_document(
    data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, part: Part = "shown"
) -> Document:
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
        What of a page is read: what it shows, the pages inside the strings of its scripts, or also what it hides.
        Other formats know no such parts.

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
    reader = _reader(data)
    document = (
        _page(data, name=name, limits=limits, part=part)
        if reader is _page
        else reader(data, name=name, limits=limits)
    )
    check_text(name, _running(document), limits)
    return replace(document, sha256=sha256(data).hexdigest())


def _running(document: Document) -> int:
    return sum(len(block.text) for block in document.blocks if isinstance(block, Text))


def open_plain(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document | None:
    """A page whose tags alone tell how to read it, several times faster than `open_document`; None for any other file.

    Raises
    ------
    UnreadableDocument
        It is larger than `limits` allow.
    """
    from giakit.documents.html import read_plain_html

    check_bytes(name, len(data), limits)
    start = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<") or _reader(data) is not _page:
        return None
    text, encoding = decode(data)
    document = None if _is_binary(text) else read_plain_html(text, name=name, limits=limits)
    if document is None:
        return None
    check_text(name, _running(document), limits)
    return replace(
        document,
        metadata={**document.metadata, "encoding": encoding},
        sha256=sha256(data).hexdigest(),
    )


def _reader(data: bytes) -> Callable[..., Document]:
    if b"%PDF-" in data[:_PDF_WITHIN]:
        from giakit.documents.pdf.reader import read_pdf

        return read_pdf
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _zip
    if data.startswith(_OLE):
        return _ole
    if data.startswith(b"{\\rtf"):
        from giakit.documents.office import read_office

        return read_office
    if data.startswith(_IMAGES) or data[8:12] == b"WEBP":
        from giakit.documents.ocr import read_image

        return read_image
    head = data[:_HEAD].lower()
    if b"mime-version" in head or b"content-type:" in head:
        from giakit.documents.mht import is_mht

        if is_mht(data):
            return _mht
    if b"<?xml" in head or b"schemas-microsoft-com" in head:
        return _xml
    return _page


def _xml(data: bytes, *, name: str, limits: Limits) -> Document:
    from giakit.documents.excel import is_excel_xml, read_spreadsheet
    from giakit.documents.word import is_word_xml, read_word_xml

    if is_word_xml(data):
        return read_word_xml(data, name=name, limits=limits)
    if is_excel_xml(data):
        from giakit.documents.excel import read_spreadsheet

        return read_spreadsheet(data, name=name, limits=limits)
    return _page(data, name=name, limits=limits)


def _zip(data: bytes, *, name: str, limits: Limits) -> Document:
    import io
    import zipfile

    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableDocument(name, f"a damaged zip: {error}") from None
    if any(part.startswith("word/") for part in names):
        from giakit.documents.word import read_docx

        return read_docx(
            data,
            name=name,
            limits=limits,
            read_chunk=lambda part, of: open_document(part, name=of, limits=limits),
        )
    if any(part.startswith("xl/") for part in names):
        from giakit.documents.excel import read_spreadsheet

        return read_spreadsheet(data, name=name, limits=limits)
    if "content.xml" in names:
        if b"opendocument.spreadsheet" in data[:200]:
            from giakit.documents.excel import read_spreadsheet

            return read_spreadsheet(data, name=name, limits=limits)
        from giakit.documents.office import read_office

        return read_office(data, name=name, limits=limits)
    if "OFD.xml" in names:
        raise UnreadableDocument(name, "OFD is not read; open it with its reader and save it as PDF")
    raise UnreadableDocument(name, "a zip archive, neither Word nor a spreadsheet; unpack it first")


def _ole(data: bytes, *, name: str, limits: Limits) -> Document:
    from giakit.documents.archive import ole_kind

    kind = ole_kind(data)
    if kind == "encrypted":
        raise UnreadableDocument(name, "it is encrypted; save it without a password")
    if kind == "excel":
        from giakit.documents.excel import read_spreadsheet

        return read_spreadsheet(data, name=name, limits=limits)
    from giakit.documents.office import read_office

    return read_office(data, name=name, limits=limits)


def _mht(data: bytes, *, name: str, limits: Limits) -> Document:
    from giakit.documents.html import read_html
    from giakit.documents.mht import html_from_mht

    page, metadata = html_from_mht(data, name=name)
    text = page if isinstance(page, str) else decode(page)[0]
    document = read_html(text, name=name, limits=limits, format="mht")
    return replace(document, metadata={**document.metadata, **metadata})


def _page(data: bytes, *, name: str, limits: Limits, part: Part = "shown") -> Document:
    text, encoding = decode(data)
    if _is_binary(text):
        raise UnreadableDocument(name, "binary data of an unknown format")
    document = (
        _html(text, name=name, limits=limits, part=part)
        if _HTML.search(text) or _SCRIPT_TABLE.search(text)
        else None
    )
    if document is None:
        from giakit.documents.text import read_text

        document = read_text(text, name=name)
    return replace(document, metadata={**document.metadata, "encoding": encoding})


def _html(text: str, *, name: str, limits: Limits, part: Part) -> Document:
    from giakit.documents.html import read_html
    from giakit.documents.scripts import embedded_html

    is_page = text.lstrip("\ufeff \t\r\n").startswith("<")
    scripted = ""
    if part == "scripted" or not is_page or (_SCRIPT_TABLE.search(text) and not _shows_table(text)):
        scripted = embedded_html(text)
    # What a script writes stands in the body: without a word of that, some tags would be taken for the head's.
    page = f"<body>{scripted}" if scripted else text
    return read_html(page, name=name, limits=limits, hidden=part == "hidden")


def _shows_table(text: str) -> bool:
    """Whether the page has a table outside its scripts, so that strings in scripts are not its content."""
    source = _without_comments(without(text, "script"))
    return bool(_TABLE.search(source)) or not _SCRIPT_TABLE.search(text)


def _without_comments(text: str) -> str:
    return "".join(
        part.partition("-->")[2] if number else part for number, part in enumerate(text.split("<!--"))
    )


def _is_binary(text: str) -> bool:
    head = text[:4096]
    return len(_ODD.findall(head)) * 10 > len(head)
