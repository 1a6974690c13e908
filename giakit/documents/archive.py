"""Containers of Office files: zip packages (docx, xlsx, ods), opened within limits, and OLE compound files (.doc, .xls).

XML is parsed without entities or network.
"""

from __future__ import annotations

import io
import logging
import posixpath
import zipfile
import zlib
from dataclasses import dataclass

import olefile
from lxml import etree

from giakit.documents.limits import Limits, check_bytes
from giakit.errors import UnreadableDocument

# Below this size a high ratio is only a sheet full of equal cells.
_RATIO_MATTERS_ABOVE = 10_000_000
_MAX_PARTS = 100_000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# First match counts: an encrypted docx has no other stream of interest, a Word file may embed a workbook
# further down but never at the root.
_KINDS = (
    ("encrypted", ("encryptedpackage", "encryptioninfo")),
    ("word", ("worddocument",)),
    ("excel", ("workbook", "book")),
    ("powerpoint", ("powerpoint document", "pp97_dualstorage")),
    ("wps", ("wpsdocument", "wps document", "wps文字", "contents", "matost")),
    ("hwp", ("fileheader", "bodytext")),
    ("outlook", ("__properties_version1.0",)),
)

# It reports damage through its log as well as by raising; the error says enough.
logging.getLogger("olefile").setLevel(logging.CRITICAL)


def is_ole(data: bytes) -> bool:
    """Whether bytes begin like an OLE compound file (.doc, .xls, .wps, .et, an encrypted .docx).

    >>> is_ole(b"PK"), is_ole(bytes.fromhex("d0cf11e0a1b11ae1"))
    (False, True)
    """
    return data[:8] == _OLE


def ole_kind(data: bytes) -> str:
    """Kind of an OLE compound file, told from the names of its streams.

    ``word``, ``excel``, ``encrypted``, ``powerpoint``, ``wps`` (Works or an early WPS), ``hwp``, ``outlook``, ``other`` for a
    file with other streams, ``damaged`` for one whose directory cannot be read.

    >>> ole_kind(bytes.fromhex("d0cf11e0a1b11ae1"))
    'damaged'
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            names = {path[0].lower() for path in container.listdir(streams=True, storages=True)}
    except Exception:  # struct, index, value, recursion and its own errors, on damage
        return "damaged"
    return next((kind for kind, streams in _KINDS if not names.isdisjoint(streams)), "other")


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part of an OOXML package to another.

    `kind` is the last step of its type (``officeDocument``, ``header``, ``aFChunk``…); `target` a path in the package, or an address
    if `external`.
    """

    id: str
    kind: str
    target: str
    external: bool


def parse_xml(data: bytes, name: str, limits: Limits) -> etree._Element:
    """Parse XML that is not trusted: its root, without comments and processing instructions.

    Raises
    ------
    UnreadableDocument
        If the XML is damaged, nested too deeply, beyond ``max_part`` or ``max_nodes``, or declares a DOCTYPE (entities could
        make it explode).

    Examples
    --------
    >>> parse_xml(b"<a>1<!-- x -->2</a>", "a.xml", Limits()).text
    '12'
    """
    check_bytes(name, len(data), limits, "max_part")
    if nodes_of(data) > limits.max_nodes:
        raise UnreadableDocument(name, f"its XML has more than {limits.max_nodes:,} nodes (Limits.max_nodes)")
    if b"<!DOCTYPE" in data[:4096]:
        raise UnreadableDocument(name, "its XML declares a DOCTYPE, which Office files never do")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnreadableDocument(name, f"its XML is damaged ({error})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableDocument(name, "its XML declares a DOCTYPE, which Office files never do")
    return root


def nodes_of(data: bytes) -> int:
    """Tags and attributes of XML, as many as there can be: what its tree costs, long before it is made."""
    return data.count(b"<") + data.count(b"=")


def opened_zip(data: bytes, name: str) -> zipfile.ZipFile:
    """A zip in memory; damaged ones, and directories too long to list, are refused."""
    # Every entry of the directory begins so; a directory of millions would cost minutes.
    if data.count(b"PK\x01\x02") > _MAX_PARTS:
        raise UnreadableDocument(name, f"the zip has more than {_MAX_PARTS:,} parts")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        raise UnreadableDocument(name, f"the zip is damaged or cut off ({error})") from None


class Archive:
    """A zip in memory whose unpacked size is within ``max_bytes``, ``max_unpacked`` and ``max_ratio`` of the limits.

    Raises
    ------
    UnreadableDocument
        If the zip is damaged, protected by a password, or unpacks to too much.
    """

    def __init__(self, data: bytes, *, name: str, limits: Limits) -> None:
        check_bytes(name, len(data), limits)
        self.name = name
        self._limits = limits
        self._nodes = 0
        self._zip = opened_zip(data, name)
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > limits.max_unpacked:
            reason = f"unpacks to {unpacked:,} bytes, more than {limits.max_unpacked:,} (Limits.max_unpacked)"
            raise UnreadableDocument(name, reason)
        if unpacked > _RATIO_MATTERS_ABOVE and unpacked > limits.max_ratio * len(data):
            reason = f"unpacks to more than {limits.max_ratio} times its size (Limits.max_ratio)"
            raise UnreadableDocument(name, reason)
        # Backslashes and letter case differ between writers; Office ignores both.
        self._links: dict[str, list[Relationship]] = {}
        self._paths = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in parts}

    def __contains__(self, path: str) -> bool:
        return path.lower() in self._paths

    def read(self, path: str) -> bytes:
        """Unpack one part; letter case in its path does not matter.

        Raises
        ------
        UnreadableDocument
            If there is no such part, or if it is damaged, encrypted or packed in a way Office does not use.
        """
        part = self._paths.get(path.lower())
        if part is None:
            raise UnreadableDocument(self.name, f"the part {path} is missing from the zip")
        if part.flag_bits & 1:
            raise UnreadableDocument(self.name, "the zip is protected by a password")
        if part.compress_type not in _METHODS:
            raise UnreadableDocument(self.name, f"the part {path} is packed with an unknown method")
        try:
            with self._zip.open(part) as file:
                # The directory may lie about the size: never more than it states is unpacked.
                return file.read(part.file_size + 1)
        except DAMAGED as error:
            raise UnreadableDocument(self.name, f"the part {path} is damaged ({error})") from None

    def xml(self, path: str) -> etree._Element:
        """Unpack and parse one part; errors as in `read` and `parse_xml`: the limits hold for all its parts together."""
        part = self._paths.get(path.lower())
        if part is not None:
            check_bytes(self.name, part.file_size, self._limits, "max_part")
        data = self.read(path)
        self._nodes += nodes_of(data)
        if self._nodes > self._limits.max_nodes:
            raise UnreadableDocument(
                self.name, f"its XML has more than {self._limits.max_nodes:,} nodes (Limits.max_nodes)"
            )
        return parse_xml(data, self.name, self._limits)

    def relationships(self, path: str = "") -> list[Relationship]:
        """Links that leave from a part; "" is the package itself."""
        if path not in self._links:
            self._links[path] = self._read_links(path)
        return self._links[path]

    def _read_links(self, path: str) -> list[Relationship]:
        folder, base = posixpath.split(path)
        listing = posixpath.join(folder, "_rels", f"{base}.rels")
        if listing not in self:
            return []
        links = []
        for element in self.xml(listing).iter("{*}Relationship"):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = element.get("Type", "").rpartition("/")[2]
            links.append(Relationship(element.get("Id", ""), kind, target, external))
        return links
