"""A PDF's streams, looked at before pdfium unpacks and draws them: it ends the whole process where memory does not suffice."""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from giakit.documents.limits import Limits
from giakit.errors import UnreadableDocument

# Where less is unpacked, no ratio does harm.
_HARMLESS = 6_000_000
# No stream packs better than this.
_BEST_RATIO = 1032
_SAMPLE = 4096
# A window of packed bytes holds fewer different ones only where it repeats itself.
_WINDOW, _VARIED, _WINDOWS = 256, 80, 8
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_SIZE = {
    name: re.compile(rb"/" + name + rb"\s+(\d+)") for name in (b"Width", b"Height", b"BitsPerComponent", b"Length")
}
_CONTENTS = re.compile(rb"/Contents\s*(?:\[([^\]]*)\]|(\d+\s+\d+\s+R))")
_REFERENCE = re.compile(rb"(\d+)\s+\d+\s+R\b")
_NUMBERED = re.compile(rb"(\d+)\s+\d+\s+\Z")
_PACKING = re.compile(rb"/(?:FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL)\b")
_DRAWS = re.compile(rb"[\s>\]/]Do\b")
# Drawings within drawings that a page may come to.
_MOST_DRAWINGS = 20_000


class _Stream(NamedTuple):
    """Number of its object, the dictionary before it, and its bytes as they are packed."""

    number: int
    head: bytes
    body: bytes


def check_streams(data: bytes, *, name: str, limits: Limits) -> None:
    """Refuse a PDF that unpacks to far more than any report holds, or whose drawings draw each other without end.

    Pictures may unpack to what their size asks for: a blank page of a scan packs as well as a bomb.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the error.
    limits : Limits
        ``max_ratio``, where more than 6 MB are unpacked, ``max_part`` (of one stream, and of all such together) and
        ``max_pixels`` apply.

    Raises
    ------
    UnreadableDocument

    Examples
    --------
    >>> check_streams(b"1 0 obj<<>>stream\\n0 0 m\\nendstream", name="a.pdf", limits=Limits())
    """
    total = 0
    drawing = False
    contents: Counter[int] | None = None
    for stream in _streams(data):
        head, body = stream.head, stream.body
        drawing = drawing or b"/Form" in head or b"/PatternType" in head
        picture = bool(_PICTURE.search(head))
        packings = len(_PACKING.findall(head))
        if contents is None and packings > 1:
            contents = _contents(data)
        if packings > 1 and not (picture and contents is not None and stream.number not in contents):
            raise UnreadableDocument(name, "a stream is packed several times over, which no report needs")
        if len(body) < _HARMLESS // _BEST_RATIO:
            continue
        packed = _without_letters(head, body)
        if not _is_suspicious(packed, limits):
            continue
        allowed = min(max(_HARMLESS, limits.max_ratio * len(body)), limits.max_part)
        contents = _contents(data) if contents is None else contents
        picture = picture and stream.number not in contents
        if picture:
            width, height, bits = (_number(head, key) for key in (b"Width", b"Height", b"BitsPerComponent"))
            allowed = max(_HARMLESS, min(4 * width * height * max(bits, 8) // 8, 2 * limits.max_pixels))
        unpacked = _unpacked(packed, allowed + 1)
        total += 0 if picture else unpacked * max(1, contents[stream.number])
        if unpacked > allowed or total > max(allowed, 3 * _HARMLESS):
            raise UnreadableDocument(
                name,
                f"a stream of {len(body):,} bytes unpacks to more than {allowed:,} (Limits.max_ratio, Limits.max_part)",
            )
    if drawing:
        _check_drawings(data, name)


def _contents(data: bytes) -> Counter[int]:
    """Numbers of the streams that are the contents of pages, whatever they call themselves, and how often."""
    objects = _objects(data)
    numbers: Counter[int] = Counter()
    for text in objects.values():
        for several, one in _CONTENTS.findall(text):
            for number in map(int, _REFERENCE.findall(several or one)):
                numbers.update([number, *map(int, _REFERENCE.findall(objects.get(number, b"")))])
    return numbers


def _streams(data: bytes) -> Iterator[_Stream]:
    end = 0
    for piece in data.split(b"endstream"):
        start, end = end, end + len(piece) + len(b"endstream")
        at = piece.find(b"stream")
        if at < 0:
            continue
        objects = list(_headings(piece, max(0, at - 20_000), at))
        head = piece[objects[-1].end if objects else max(0, at - 2000) : at]
        first = start + at + len(b"stream")
        first += 2 if data[first : first + 2] == b"\r\n" else 1
        # What looks like the end may be packed bytes.
        behind = max(start + len(piece), min(first + _number(head, b"Length"), len(data)))
        yield _Stream(objects[-1].number if objects else -1, head, data[first:behind])


class _Heading(NamedTuple):
    """``12 0 obj``: the number, and where it begins and ends."""

    number: int
    start: int
    end: int


def _headings(data: bytes, start: int, end: int) -> Iterator[_Heading]:
    at = data.find(b"obj", start, end)
    while at >= 0:
        numbers = _NUMBERED.search(data, max(start, at - 30), at)
        if numbers:
            yield _Heading(int(numbers.group(1)), numbers.start(), at + 3)
        at = data.find(b"obj", at + 3, end)


def _number(head: bytes, key: bytes) -> int:
    found = _SIZE[key].search(head)
    return int(found.group(1)[:12]) if found else 0


def _without_letters(head: bytes, body: bytes) -> bytes:
    """The packed bytes of a stream that is written in letters."""
    try:
        if re.search(rb"/(?:ASCII85Decode|A85)\b", head):
            return base64.a85decode(body.strip().removesuffix(b"~>"))
        if re.search(rb"/(?:ASCIIHexDecode|AHx)\b", head):
            return bytes.fromhex(body.split(b">")[0].decode("ascii"))
    except ValueError:
        return body
    return body


def _is_suspicious(body: bytes, limits: Limits) -> bool:
    """Whether a stream may unpack to very much: it does at once, or its packed bytes repeat themselves."""
    sampled = _SAMPLE * limits.max_ratio
    if _unpacked(body[:_SAMPLE], sampled + 1) > sampled:
        return True
    step = max(_WINDOW, len(body) // _WINDOWS)
    return any(len(set(body[at : at + _WINDOW])) < _VARIED for at in range(0, len(body) - _WINDOW, step))


def _unpacked(body: bytes, most: int) -> int:
    """Length of a stream unpacked, up to `most`."""
    unpacker, length = zlib.decompressobj(), 0
    try:
        while body and length < most and not unpacker.eof:
            length += len(unpacker.decompress(body, min(most - length, 1 << 20)))
            body = unpacker.unconsumed_tail
    except zlib.error:
        pass
    return length


def _objects(data: bytes) -> dict[int, bytes]:
    """Dictionaries of all objects by number; those in streams of objects too."""
    objects: dict[int, bytes] = {}
    headings = list(_headings(data, 0, len(data)))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        text = data[heading.end : following.start if following else len(data)]
        objects[heading.number] = text[: text.find(b"stream")] if b"stream" in text else text
    for stream in _streams(data):
        if b"/ObjStm" not in stream.head:
            continue
        try:
            text = zlib.decompressobj().decompress(stream.body, _HARMLESS)
        except zlib.error:
            continue
        first = re.search(rb"/First\s+(\d+)", stream.head)
        numbers = [int(n) for n in text[: int(first.group(1)) if first else 0].split() if n.isdigit()]
        starts = [int(first.group(1)) + at for at in numbers[1::2]] if first else []
        for number, start, end in zip(numbers[::2], starts, [*starts[1:], len(text)], strict=False):
            objects[number] = text[start:end]
    return objects


def _check_drawings(data: bytes, name: str) -> None:
    """Refuse drawings that draw themselves, or that draw so many others that pages never end."""
    calls: dict[int, int] = {}
    for number, head, body in _streams(data):
        if b"/Form" in head or b"/PatternType" in head:
            try:
                text = zlib.decompressobj().decompress(body, _HARMLESS) if b"Fl" in head else body
            except zlib.error:
                text = body
            calls[number] = len(_DRAWS.findall(text))
    if not any(calls.values()):
        return
    references = {
        number: {int(other) for other in _REFERENCE.findall(re.sub(rb"/(?:Parent|P)\s+\d+\s+\d+\s+R", b"", text))}
        for number, text in _objects(data).items()
    }
    drawings: dict[int, int] = {}
    # Numbers of drawings that are being counted; one met again draws itself.
    pending = [(number, False) for number in calls]
    open_ones: set[int] = set()
    while pending:
        number, done = pending.pop()
        children = _drawn_by(number, calls, references) if number not in drawings else set()
        if done:
            open_ones.discard(number)
            most = max((drawings.get(child, 0) for child in children), default=0)
            drawings[number] = min(1 + calls[number] * most, _MOST_DRAWINGS + 1)
        elif number not in drawings:
            open_ones.add(number)
            if calls[number] and children & open_ones:
                raise UnreadableDocument(name, "a drawing in it draws itself")
            pending.append((number, True))
            pending += [(child, False) for child in children]
    if max(drawings.values()) > _MOST_DRAWINGS:
        raise UnreadableDocument(name, f"its drawings draw each other more than {_MOST_DRAWINGS:,} times")


def _drawn_by(number: int, calls: dict[int, int], references: dict[int, set[int]]) -> set[int]:
    """Drawings that an object may draw: those it refers to, by other objects too."""
    if not calls[number]:
        return set()
    reached: set[int] = set()
    waiting = list(references.get(number, ()))
    seen: set[int] = set()
    while waiting:
        other = waiting.pop()
        if other in seen:
            continue
        seen.add(other)
        if other in calls:
            reached.add(other)
        else:
            waiting += references.get(other, ())
    return reached


def has_layers(data: bytes) -> bool:
    """Whether a PDF has optional content, which may be switched off; where its objects are encrypted, it may."""
    if b"/OCProperties" in data:
        return True
    if b"/ObjStm" not in data:
        return False
    if b"/Encrypt" in data:
        return True
    for stream in _streams(data):
        if b"/ObjStm" in stream.head:
            try:
                if b"/OCProperties" in zlib.decompressobj().decompress(stream.body, _HARMLESS):
                    return True
            except zlib.error:
                return True
    return False
