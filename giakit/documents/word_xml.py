"""Word documents in a single XML file: Word 2003 XML and flat packages, often named .doc or .xml.

Their vocabulary is almost that of .docx, so no other program is needed.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import zipfile
from collections import Counter

from lxml import etree

from giakit.documents.archive import parse_xml
from giakit.documents.docx import notes_on, read_docx
from giakit.documents.docx_body import StoryReader
from giakit.documents.docx_runs import ParagraphReader
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes
from giakit.documents.model import Document
from giakit.documents.wordml import child, name_of, read_styles
from giakit.errors import UnreadableDocument

_MARKS = (b"schemas.microsoft.com/office/word/2003/wordml", b"schemas.microsoft.com/office/2006/xmlPackage")
_PACKAGE = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


def is_word_xml(data: bytes) -> bool:
    """Whether bytes are a Word document in a single XML file.

    Parameters
    ----------
    data : bytes
        The file or its first kilobytes.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_word_xml(b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">')
    True
    >>> is_word_xml(b"<html>")
    False
    """
    head = data[:8192]
    return b"<html" not in head.lower() and any(mark in head for mark in _MARKS)


def read_word_xml(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a Word document in a single XML file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.

    Returns
    -------
    Document
        `format` is ``word-xml``.

    Raises
    ------
    UnreadableDocument
        If the file is no such document, damaged, or beyond the limits.
    """
    check_bytes(
        name, min(len(data), limits.max_part + 1), dataclasses.replace(limits, max_bytes=limits.max_part)
    )
    root = parse_xml(data, name)
    if root.tag == f"{_PACKAGE}package":
        document = read_docx(_as_zip(root, name), name=name, limits=limits)
        return dataclasses.replace(document, format="word-xml")
    body = child(root, "body")
    if name_of(root) != "wordDocument" or body is None:
        raise UnreadableDocument(name, "an XML file that is no Word document")
    passed_over: Counter[str] = Counter()
    stories = StoryReader(
        paragraphs=ParagraphReader(read_styles(child(root, "styles")), passed_over),
        passed_over=passed_over,
        chunk=lambda _: [],
        name=name,
        limits=limits,
    )
    title = (
        root.findtext("{urn:schemas-microsoft-com:office:office}DocumentProperties/{*}Title") or ""
    ).strip()
    return Document(
        name=name,
        format="word-xml",
        blocks=tuple(stories.blocks(body)),
        title=title,
        notes=tuple(notes_on(passed_over)),
    )


def _as_zip(root: etree._Element, name: str) -> bytes:
    """A flat package as the zip it stands for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in root.iterfind(f"{_PACKAGE}part"):
            path = part.get(f"{_PACKAGE}name", "").lstrip("/")
            content = part.find(f"{_PACKAGE}xmlData")
            if path and content is not None and len(content):
                archive.writestr(path, etree.tostring(content[0]))
            elif path:
                encoded = part.findtext(f"{_PACKAGE}binaryData") or ""
                try:
                    archive.writestr(path, base64.b64decode(encoded))
                except ValueError as error:
                    raise UnreadableDocument(name, f"the part {path} is damaged ({error})") from None
    return out.getvalue()
