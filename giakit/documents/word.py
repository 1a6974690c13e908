"""Word files (.docx, .docm, .dotx, .wps that is a zip, Word 2003 XML, flat packages) as documents.

Read as the printed page reads: insertions kept, deletions, hidden and struck text and the content of covered cells left out (with
a note), headers and footers apart, text boxes once. A figure whose characters differ in style (raised, struck, tiny, in the
colour of their ground), that a formula prints or that a drawn shape may cover is doubted. Numbers that Word counts by itself
(automatic numbering) are not in the text and are left off.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from lxml import etree

from giakit.documents.archive import Archive, Relationship, is_ole, parse_xml
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Block, Document, Text
from giakit.documents.stories import StoryReader
from giakit.documents.wordml import WORD_2003, attribute, child, name_of, read_styles
from giakit.errors import UnreadableDocument

# Reads an embedded document, given its bytes and a name.
ReadChunk: TypeAlias = Callable[[bytes, str], Document]
_MAX_CHUNK_DEPTH = 3
_PASSED_OVER = {
    "hidden": "hidden text passed over: {}",
    "struck": "struck-through text passed over: {}",
    "unseen": "text in the colour of its ground passed over: {}",
    "tiny": "text too small to be seen passed over: {}",
    "mark": "raised note marks passed over: {}",
    "deleted": "tracked deletions passed over: {}",
    "placeholder": "unfilled content controls passed over: {}",
    "covered": "text in cells covered by a vertical merge passed over: {}",
    "row:hidden": "hidden rows passed over: {}",
    "row:deleted": "deleted rows passed over: {}",
    "image": "image",
}


def read_docx(
    data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, read_chunk: ReadChunk | None = None
) -> Document:
    """Read a Word file.

    `read_chunk` reads what the file embeds as a whole (``altChunk``: HTML, MHT, text), given bytes and a name; embedded Word files
    are read without it, others are noted if it is absent. `title` of the document is that of the core properties; `metadata` has
    ``header``, ``footer``, ``created`` and ``modified`` where the file has them. Footnotes and endnotes follow the body.

    Raises
    ------
    UnreadableDocument
        If the file is no Word file, damaged, encrypted, or beyond the limits.
    """
    return _read(data, name, limits, read_chunk, 0)


def _read(data: bytes, name: str, limits: Limits, read_chunk: ReadChunk | None, depth: int) -> Document:
    if is_ole(data):
        raise UnreadableDocument(name, "no docx: an encrypted Office file or one of the old binary formats")
    archive = Archive(data, name=name, limits=limits)
    main = _main_part(archive)
    body = child(archive.xml(main), "body")
    if body is None:
        raise UnreadableDocument(name, f"{main} is no Word document")
    relationships = {each.id: each for each in archive.relationships(main)}
    chunk_notes: list[str] = []

    def optional(kind: str) -> etree._Element | None:
        part = next((each.target for each in relationships.values() if each.kind == kind), "")
        return archive.xml(part) if part and part in archive else None

    @cache
    def embedded(key: str) -> Document | str:
        return _read_chunk(archive, relationships.get(key), name, limits, read_chunk, depth)

    def chunk(key: str) -> list[Block]:
        document = embedded(key)
        if isinstance(document, str):
            chunk_notes.append(document)
            return []
        chunk_notes.extend(document.notes)
        reader.doubts.extend(document.doubts)
        for block in document.blocks:
            reader.count(len(block.text) if isinstance(block, Text) else len(block.rows) * len(block.rows[0]))
        return list(document.blocks)

    reader = StoryReader(styles=read_styles(optional("styles")), chunk=chunk, name=name, limits=limits)
    blocks = reader.blocks(body)
    for kind in ("footnotes", "endnotes"):
        notes = optional(kind)
        for note in notes if notes is not None else ():
            # Separators have a type and no text of their own.
            if name_of(note) == kind[:-1] and attribute(note, "type") in (None, "normal"):
                blocks.extend(reader.blocks(note, f"{kind[:-1]} {attribute(note, 'id') or ''}".strip()))
    metadata = _core_properties(archive)
    title = metadata.pop("title", "")
    for kind in ("header", "footer"):
        parts = [each.target for each in relationships.values() if each.kind == kind and each.target in archive]
        lines = [line for part in parts for line in _lines(reader.blocks(archive.xml(part), "header or footer"))]
        if lines:
            metadata[kind] = "\n".join(dict.fromkeys(lines))
    return Document(
        name=name,
        format="docx",
        blocks=tuple(blocks),
        title=title,
        metadata=metadata,
        notes=(*_notes_on(reader.passed_over), *dict.fromkeys(chunk_notes)),
        doubts=tuple(dict.fromkeys(reader.doubts)),
    )


def _main_part(archive: Archive) -> str:
    for each in archive.relationships():
        if each.kind == "officeDocument" and each.target in archive:
            return each.target
    if "word/document.xml" in archive:
        return "word/document.xml"
    if "EncryptedPackage" in archive or "EncryptionInfo" in archive:
        raise UnreadableDocument(archive.name, "encrypted: it opens only with its password")
    raise UnreadableDocument(archive.name, "a zip without word/document.xml, so no Word document")


def _read_chunk(
    archive: Archive, link: Relationship | None, name: str, limits: Limits, read_chunk: ReadChunk | None, depth: int
) -> Document | str:
    """An embedded document, or a note on why it was not read."""
    if link is None or link.external or link.target not in archive:
        return "an embedded document is missing from the file"
    if depth >= _MAX_CHUNK_DEPTH:
        return f"embedded document not read: {link.target} (embedded too deeply)"
    data = archive.read(link.target)
    if data[:2] == b"PK":
        return _read(data, name, limits, read_chunk, depth + 1)
    if read_chunk is None:
        return f"embedded document not read: {link.target}"
    return read_chunk(data, f"{name}/{link.target}")


def _lines(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Text):
            lines.append(block.text.strip())
        else:
            lines.extend(" ".join(dict.fromkeys(row)).strip() for row in block.rows)
    return [line for line in lines if line]


def _core_properties(archive: Archive) -> dict[str, str]:
    part = next((each.target for each in archive.relationships() if each.kind == "core-properties"), "")
    part = part or "docProps/core.xml"
    if part not in archive:
        return {}
    root = archive.xml(part)
    stated = {key: (root.findtext(f"{{*}}{key}") or "").strip() for key in ("title", "created", "modified")}
    return {key: value for key, value in stated.items() if value}


def _notes_on(passed_over: Counter[str]) -> list[str]:
    """What a reader should know was left out."""
    notes = [text.format(passed_over[key]) for key, text in _PASSED_OVER.items() if passed_over[key]]
    objects = sorted(key.partition(":")[2] for key in passed_over if key.startswith("object:"))
    return notes + [f"embedded object not read: {kind}" for kind in objects]


_PACKAGE = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


def is_word_xml(data: bytes) -> bool:
    """Whether bytes are a Word document in a single XML file: Word 2003 XML or a flat package, often named .doc or .xml.

    >>> is_word_xml(b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'), is_word_xml(b"<html>")
    (True, False)
    """
    head = data[:8192]
    return b"<html" not in head.lower() and any(mark.encode() in head for mark in (WORD_2003, _PACKAGE[1:-1]))


def read_word_xml(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a Word document in a single XML file, whose vocabulary is almost that of .docx; its `format` is ``word-xml``.

    Raises
    ------
    UnreadableDocument
        If the file is no such document, damaged, or beyond the limits.
    """
    root = parse_xml(data, name, limits)
    if root.tag == f"{_PACKAGE}package":
        document = read_docx(_as_zip(root, name), name=name, limits=limits)
        return dataclasses.replace(document, format="word-xml")
    body = child(root, "body")
    if name_of(root) != "wordDocument" or body is None:
        raise UnreadableDocument(name, "an XML file that is no Word document")
    reader = StoryReader(styles=read_styles(child(root, "styles")), chunk=lambda _: [], name=name, limits=limits)
    title = root.findtext("{urn:schemas-microsoft-com:office:office}DocumentProperties/{*}Title") or ""
    return Document(
        name=name,
        format="word-xml",
        blocks=tuple(reader.blocks(body)),
        title=title.strip(),
        notes=tuple(_notes_on(reader.passed_over)),
        doubts=tuple(dict.fromkeys(reader.doubts)),
    )


def _as_zip(root: etree._Element, name: str) -> bytes:
    """A flat package as the zip it stands for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in root.iterfind(f"{_PACKAGE}part"):
            path = part.get(f"{_PACKAGE}name", "").lstrip("/")
            content = part.find(f"{_PACKAGE}xmlData")
            try:
                if path and content is not None and len(content):
                    archive.writestr(path, etree.tostring(content[0]))
                elif path:
                    archive.writestr(path, base64.b64decode(part.findtext(f"{_PACKAGE}binaryData") or ""))
            except (ValueError, OSError) as error:
                raise UnreadableDocument(name, f"the part {path} is damaged ({error})") from None
    return out.getvalue()
