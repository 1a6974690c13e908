"""Zip packages (docx, xlsx, ods): opened within limits, their XML parsed without entities or network."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from giakit.documents.limits import Limits, check_bytes
from giakit.errors import UnreadableDocument

# Below this size a high ratio is only a sheet full of equal cells.
_RATIO_MATTERS_ABOVE = 10_000_000
_MAX_PARTS = 100_000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part of an OOXML package to another.

    Parameters
    ----------
    id : str
        Its id, unique in the part that it leaves from.
    kind : str
        Last step of its type: ``officeDocument``, ``header``, ``aFChunk``…
    target : str
        Path of the part in the package, or an address if `external`.
    external : bool
        Whether it leads out of the package.
    """

    id: str
    kind: str
    target: str
    external: bool


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Parse XML that is not trusted.

    Parameters
    ----------
    data : bytes
        The XML.
    name : str
        Name of the document, for errors.

    Returns
    -------
    lxml.etree._Element
        The root; comments and processing instructions are left out.

    Raises
    ------
    UnreadableDocument
        If the XML is damaged, nested too deeply, or declares a DOCTYPE (entities could make it explode).

    Examples
    --------
    >>> parse_xml(b"<a>1<!-- x -->2</a>", "a.xml").text
    '12'
    """
    if b"<!DOCTYPE" in data[:4096]:
        raise UnreadableDocument(name, "its XML declares a DOCTYPE, which Office files never do")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnreadableDocument(name, f"its XML is damaged ({error})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableDocument(name, "its XML declares a DOCTYPE, which Office files never do")
    return root


class Archive:
    """A zip in memory whose unpacked size has been found acceptable.

    Parameters
    ----------
    data : bytes
        The zip.
    name : str
        Name of the document, for errors.
    limits : Limits
        ``max_bytes``, ``max_unpacked`` and ``max_ratio`` are enforced here.

    Raises
    ------
    UnreadableDocument
        If the zip is damaged, protected by a password, or unpacks to too much.
    """

    def __init__(self, data: bytes, *, name: str, limits: Limits) -> None:
        check_bytes(name, len(data), limits)
        self.name = name
        self._limits = limits
        # Every entry of the directory begins so; a directory of millions would cost minutes to list.
        if data.count(b"PK\x01\x02") > _MAX_PARTS:
            raise UnreadableDocument(name, f"the zip has more than {_MAX_PARTS:,} parts")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise UnreadableDocument(name, f"the zip is damaged or cut off ({error})") from None
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
        """Unpack one part.

        Parameters
        ----------
        path : str
            Its path; letter case does not matter.

        Returns
        -------
        bytes
            Never more than the size that the directory states.

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
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError) as error:
            raise UnreadableDocument(self.name, f"the part {path} is damaged ({error})") from None

    def xml(self, path: str) -> etree._Element:
        """Unpack and parse one part; errors as in `read` and `parse_xml`, and beyond ``max_part``."""
        part = self._paths.get(path.lower())
        if part is not None and part.file_size > self._limits.max_part:
            reason = f"the part {path} has {part.file_size:,} bytes of XML (Limits.max_part)"
            raise UnreadableDocument(self.name, reason)
        return parse_xml(self.read(path), self.name)

    def relationships(self, path: str = "") -> list[Relationship]:
        """Links that leave from a part.

        Parameters
        ----------
        path : str, default ""
            The part; "" is the package itself.

        Returns
        -------
        list of Relationship
            Empty if the part has none.
        """
        if path not in self._links:
            self._links[path] = self._read_links(path)
        return self._links[path]

    def _read_links(self, path: str) -> list[Relationship]:
        folder, base = posixpath.split(path)
        listing = posixpath.join(folder, "_rels", f"{base}.rels")
        if listing not in self:
            return []
        found = []
        for element in self.xml(listing).iter("{*}Relationship"):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = element.get("Type", "").rpartition("/")[2]
            found.append(Relationship(element.get("Id", ""), kind, target, external))
        return found
