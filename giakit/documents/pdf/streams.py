"""A PDF's packed streams, looked at before pdfium unpacks them: it ends the whole process where memory does not suffice."""

from __future__ import annotations

import re
import zlib

from giakit.documents.limits import Limits
from giakit.errors import UnreadableDocument

# Where less is unpacked, no ratio does harm.
_HARMLESS = 10_000_000
# No stream packs better than this.
_BEST_RATIO = 1032
_SAMPLE = 4096
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")


def check_streams(data: bytes, *, name: str, limits: Limits) -> None:
    """Refuse a PDF of which a stream unpacks to far more than any page of a report.

    Pictures are left out: a blank page of a scan packs as well as a bomb, and pdfium unpacks none unless it is drawn.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error.
    limits : Limits
        ``max_ratio``, where more than 10 MB are unpacked, and ``max_part`` apply.

    Raises
    ------
    UnreadableDocument

    Examples
    --------
    >>> check_streams(b"1 0 obj<<>>stream\\n0 0 m\\nendstream", name="a.pdf", limits=Limits())
    """
    for piece in data.split(b"endstream"):
        if len(piece) < _HARMLESS // _BEST_RATIO:
            continue
        head, _, body = piece.partition(b"stream")
        body = body.lstrip(b"\r\n")
        if _PICTURE.search(head, max(head.rfind(b"obj"), 0)):
            continue
        allowed = min(max(_HARMLESS, limits.max_ratio * len(body)), limits.max_part)
        sampled = _SAMPLE * limits.max_ratio
        if _unpacks_beyond(body[:_SAMPLE], sampled) and _unpacks_beyond(body, allowed):
            raise UnreadableDocument(
                name,
                f"a stream of {len(body):,} bytes unpacks to more than {allowed:,} (Limits.max_ratio, Limits.max_part)",
            )


def _unpacks_beyond(body: bytes, length: int) -> bool:
    try:
        return len(zlib.decompressobj().decompress(body, length + 1)) > length
    except zlib.error:
        return False


def has_layers(data: bytes) -> bool:
    """Whether a PDF has optional content, which may be switched off; where its objects are encrypted, it may."""
    if b"/OCProperties" in data:
        return True
    if b"/ObjStm" not in data:
        return False
    if b"/Encrypt" in data:
        return True
    for piece in data.split(b"endstream"):
        head, _, body = piece.partition(b"stream")
        if b"/ObjStm" in head[head.rfind(b"obj") :]:
            try:
                if b"/OCProperties" in zlib.decompressobj().decompress(body.lstrip(b"\r\n"), _HARMLESS):
                    return True
            except zlib.error:
                return True
    return False
