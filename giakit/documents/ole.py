"""Old binary Office files (OLE compound files): which kind one is, and its streams."""

from __future__ import annotations

import io
import logging
from typing import Any

import olefile

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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

    Parameters
    ----------
    data : bytes
        The file or its beginning.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_ole(b"PK"), is_ole(bytes.fromhex("d0cf11e0a1b11ae1"))
    (False, True)
    """
    return data[:8] == _SIGNATURE


def ole_kind(data: bytes) -> str:
    """Kind of an OLE compound file, told from the names of its streams.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    str
        ``word``, ``excel``, ``encrypted``, ``powerpoint``, ``wps`` (Works or an early WPS), ``hwp``,
        ``outlook``, ``other`` for a file with other streams, ``damaged`` for one whose directory cannot be
        read.

    Examples
    --------
    >>> ole_kind(bytes.fromhex("d0cf11e0a1b11ae1"))
    'damaged'
    """
    container = _opened(data)
    if container is None:
        return "damaged"
    with container:
        names = {path[0].lower() for path in container.listdir(streams=True, storages=True)}
    for kind, streams in _KINDS:
        if any(stream in names for stream in streams):
            return kind
    return "other"


def ole_stream(data: bytes, *names: str) -> bytes | None:
    """The first of some streams that an OLE compound file has.

    Parameters
    ----------
    data : bytes
        The file.
    *names : str
        Names of streams, tried in order.

    Returns
    -------
    bytes or None
        None if it has none of them or is damaged.
    """
    container = _opened(data)
    if container is None:
        return None
    with container:
        for name in names:
            try:
                if container.exists(name):
                    return bytes(container.openstream(name).read())
            except Exception:  # many kinds, on damaged chains
                return None
    return None


def _opened(data: bytes) -> olefile.OleFileIO[Any] | None:
    if not is_ole(data):
        return None
    try:
        return olefile.OleFileIO(io.BytesIO(data))
    except Exception:  # struct, index, value and its own errors, on damage
        return None
