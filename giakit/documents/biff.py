"""Records and strings of an .xls workbook ([MS-XLS], Excel Binary File Format; versions 5 to 8).

Read here and not by python-calamine: on damaged files that asks for memory without bound and takes the whole
process down with it, and it gives "" for error values, which would pass for blank cells.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

BOF, EOF, CONTINUE = 0x809, 0x0A, 0x3C
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_WIDE, _WITH_READINGS, _RICH = 0x01, 0x04, 0x08


def records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Records of one part of a workbook: its globals or one sheet.

    Parameters
    ----------
    stream : bytes
        The stream ``Workbook`` or ``Book``.
    start : int
        Where the part begins.

    Yields
    ------
    (int, bytes)
        Kind and content. Charts embedded in a sheet are passed over.

    Raises
    ------
    EOFError
        If the stream is cut off before the part ends: what is missing must not pass for blank.
    """
    depth, position = 0, start
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        body = stream[position + 4 : position + 4 + length]
        position += 4 + length
        if kind == BOF:
            depth += 1
        if depth == 1:
            yield kind, body
        if kind == EOF:
            depth -= 1
        if depth <= 0:
            return
    raise EOFError("cut off before its end")


def rk_number(packed: int) -> float:
    """A number packed into four bytes: 30 bits of an integer or of a float, perhaps in hundredths.

    Parameters
    ----------
    packed : int
        The four bytes, unsigned.

    Returns
    -------
    float
        The number.

    Examples
    --------
    >>> rk_number(7 << 2 | 2), rk_number(150 << 2 | 3), rk_number(0xFFFFFFF2)
    (7.0, 1.5, -4.0)
    """
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed >> 31 else 0))
    else:
        value = float(struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & 0xFFFFFFFC))[0])
    return value / 100 if packed & 1 else value


def plain_string(body: bytes, codec: str | None, *, short: bool = False) -> str:
    """A string that fills the rest of a record.

    Parameters
    ----------
    body : bytes
        The record from the string on.
    codec : str or None
        Character set of versions before 8, None for Unicode.
    short : bool, default False
        Whether the length has one byte instead of two.

    Returns
    -------
    str
        As much of it as is there.
    """
    head = 1 if short else 2
    if len(body) < head:
        return ""
    length = int.from_bytes(body[:head], "little")
    if codec is not None:
        return body[head : head + length].decode(codec, "replace")
    return _Pieces([body[head:]]).characters(length)


def shared_strings(pieces: list[bytes]) -> list[str]:
    """Strings that the cells of a workbook refer to by number.

    Parameters
    ----------
    pieces : list of bytes
        The record and those that continue it.

    Returns
    -------
    list of str
        Without formatting and without readings; a table that is cut off gives what stands before the cut.
    """
    source = _Pieces(pieces)
    count = source.number(4) and source.number(4)
    found: list[str] = []
    while len(found) < count and not source.at_end():
        found.append(source.rich_string())
    return found


class _Pieces:
    """Bytes spread over a record and its continuations."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._index = 0
        self._position = 0

    def at_end(self) -> bool:
        while self._index < len(self._pieces) and self._position >= len(self._pieces[self._index]):
            self._index += 1
            self._position = 0
        return self._index >= len(self._pieces)

    def take(self, length: int) -> bytes:
        """Up to `length` bytes, across pieces."""
        found = bytearray()
        while len(found) < length and not self.at_end():
            piece = self._pieces[self._index]
            part = piece[self._position : self._position + length - len(found)]
            self._position += len(part)
            found += part
        return bytes(found)

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def rich_string(self) -> str:
        length = self.number(2)
        flags = self.number(1)
        runs = self.number(2) if flags & _RICH else 0
        readings = self.number(4) if flags & _WITH_READINGS else 0
        text = self._characters(length, bool(flags & _WIDE))
        self.take(4 * runs + readings)
        return text

    def characters(self, length: int) -> str:
        """A string whose length is known: one byte of flags, then its characters."""
        return self._characters(length, bool(self.number(1) & _WIDE))

    def _characters(self, length: int, wide: bool) -> str:
        """Where the characters go on in another piece, a byte says anew how wide they are."""
        found: list[str] = []
        missing = length
        while missing > 0 and not self.at_end():
            if found and self._position == 0:
                wide = bool(self.take(1)[0] & _WIDE)
            size = 2 if wide else 1
            room = (len(self._pieces[self._index]) - self._position) // size
            part = self.take(min(missing, room) * size) if room else b""
            if not part:
                break
            found.append(part.decode("utf-16-le" if wide else "latin-1", "replace"))
            missing -= len(part) // size
        return "".join(found)
