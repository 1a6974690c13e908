"""Word files (.docx, .docm, .dotx, .wps that is a zip) as documents.

Read as the printed page reads: insertions kept, deletions, hidden and struck text and the content of covered
cells left out (with a note), headers and footers apart, text boxes once. Numbers that Word counts by itself
(automatic numbering) are not in the text and are left off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml import etree

from giakit.documents.archive import Archive, Relationship
from giakit.documents.docx_body import StoryReader
from giakit.documents.docx_runs import ParagraphReader
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Block, Document, Grid, Text
from giakit.documents.wordml import attribute, child, name_of, read_styles
from giakit.errors import UnreadableDocument

_PASSED_OVER = {
    "hidden": "hidden text passed over: {}",
    "struck": "struck-through text passed over: {}",
    "mark": "raised note marks passed over: {}",
    "deleted": "tracked deletions passed over: {}",
    "placeholder": "unfilled content controls passed over: {}",
    "covered": "text in cells covered by a vertical merge passed over: {}",
    "row:hidden": "hidden rows passed over: {}",
    "row:deleted": "deleted rows passed over: {}",
    "image": "image",
}
_MAX_CHUNK_DEPTH = 3
_OLE = b"\xd0\xcf\x11\xe0"


def read_docx(
    data: bytes,
    *,
    name: str,
    limits: Limits = DEFAULT_LIMITS,
    read_chunk: Callable[[bytes, str], Document] | None = None,
) -> Document:
    """Read a Word file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.
    read_chunk : callable, optional
        Reads what the file embeds as a whole (``altChunk``: HTML, MHT, text), given bytes and a name.
        Embedded Word files are read without it; others are noted if it is absent.

    Returns
    -------
    Document
        `format` is ``docx``; `title` is that of the core properties; `metadata` has ``header``, ``footer``,
        ``created`` and ``modified`` where the file has them. Footnotes and endnotes follow the body.

    Raises
    ------
    UnreadableDocument
        If the file is no Word file, damaged, encrypted, or beyond the limits.
    """
    return _read(data, name, limits, read_chunk, 0)


def _read(
    data: bytes, name: str, limits: Limits, read_chunk: Callable[[bytes, str], Document] | None, depth: int
) -> Document:
    if data[:4] == _OLE:
        raise UnreadableDocument(name, "no docx: an encrypted Office file or one of the old binary formats")
    archive = Archive(data, name=name, limits=limits)
    main = _main_part(archive)
    root = archive.xml(main)
    body = child(root, "body")
    if body is None:
        raise UnreadableDocument(name, f"{main} is no Word document")
    relationships = {each.id: each for each in archive.relationships(main)}
    passed_over: Counter[str] = Counter()
    chunk_notes: list[str] = []

    def chunk(key: str) -> list[Block]:
        found = _read_chunk(archive, relationships.get(key), name, limits, read_chunk, depth)
        if isinstance(found, str):
            chunk_notes.append(found)
            return []
        chunk_notes.extend(found.notes)
        return list(found.blocks)

    styles = read_styles(_optional(archive, _target(relationships, "styles")))
    stories = StoryReader(
        paragraphs=ParagraphReader(styles, passed_over),
        passed_over=passed_over,
        chunk=chunk,
        name=name,
        limits=limits,
    )
    blocks = stories.blocks(body)
    for kind in ("footnotes", "endnotes"):
        blocks.extend(_notes(_optional(archive, _target(relationships, kind)), kind[:-1], stories))
    metadata = _core_properties(archive)
    title = metadata.pop("title", "")
    for kind in ("header", "footer"):
        parts = [each.target for each in relationships.values() if each.kind == kind]
        lines = [line for part in parts for line in _lines(_optional(archive, part), stories)]
        if lines:
            metadata[kind] = "\n".join(dict.fromkeys(lines))
    return Document(
        name=name,
        format="docx",
        blocks=tuple(blocks),
        title=title,
        metadata=metadata,
        notes=(*notes_on(passed_over), *dict.fromkeys(chunk_notes)),
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


def _target(relationships: dict[str, Relationship], kind: str) -> str:
    return next((each.target for each in relationships.values() if each.kind == kind), "")


def _optional(archive: Archive, part: str) -> etree._Element | None:
    return archive.xml(part) if part and part in archive else None


def _read_chunk(
    archive: Archive,
    link: Relationship | None,
    name: str,
    limits: Limits,
    read_chunk: Callable[[bytes, str], Document] | None,
    depth: int,
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


def _notes(root: etree._Element | None, kind: str, stories: StoryReader) -> list[Block]:
    """Blocks of the footnotes or endnotes; separators have a type and no text of their own."""
    if root is None:
        return []
    found: list[Block] = []
    for note in root:
        if name_of(note) == kind and attribute(note, "type") in (None, "normal"):
            found.extend(stories.blocks(note, f"{kind} {attribute(note, 'id') or ''}".strip()))
    return found


def _lines(root: etree._Element | None, stories: StoryReader) -> list[str]:
    lines: list[str] = []
    for block in stories.blocks(root, "header or footer") if root is not None else []:
        if isinstance(block, Text):
            lines.append(block.text.strip())
        elif isinstance(block, Grid):
            lines.extend(" ".join(dict.fromkeys(row)).strip() for row in block.rows)
    return [line for line in lines if line]


def _core_properties(archive: Archive) -> dict[str, str]:
    part = next((each.target for each in archive.relationships() if each.kind == "core-properties"), "")
    root = _optional(archive, part or "docProps/core.xml")
    if root is None:
        return {}
    wanted = ("title", "created", "modified")
    found = {key: (root.findtext(f"{{*}}{key}") or "").strip() for key in wanted}
    return {key: value for key, value in found.items() if value}


def notes_on(passed_over: Counter[str]) -> list[str]:
    """What a reader should know was left out, from the counts that a `StoryReader` kept."""
    notes = [text.format(passed_over[key]) for key, text in _PASSED_OVER.items() if passed_over[key]]
    objects = sorted(key.partition(":")[2] for key in passed_over if key.startswith("object:"))
    return notes + [f"embedded object not read: {kind}" for kind in objects]
