"""Bytes to text: byte-order marks, declarations that may be wrong, and detection."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.I)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# GB 18030 reads everything that says it is one of its ancestors, and pages do go beyond what they declare.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "gb-2312": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
}
# Codecs of Python that no page is written in; one raises whatever it is given, others undo escapes.
_NO_ENCODINGS = frozenset(("undefined", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "charmap"))
_LIKELY = re.compile("信息|政府|公开|公開|申请|申請|的")


def decode(data: bytes) -> tuple[str, str]:
    """Text of the bytes of a page, and the name of its encoding.

    Valid UTF-8 is taken for UTF-8 whatever a page declares, since no other encoding in use here yields it by
    chance; then come the declaration, GB 18030, Big5 and detection.

    >>> decode("政府信息".encode("gbk"))
    ('政府信息', 'gb18030')
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    wide = _utf16_without_mark(data)
    if wide:
        return data.decode(wide, "replace"), wide
    candidates = ["utf-8", *_declared(data), "gb18030", "big5hkscs"]
    first: tuple[str, str] | None = None
    for encoding in dict.fromkeys(candidates):
        try:
            text = data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if encoding == "utf-8" or _LIKELY.search(text):
            return text, encoding
        first = first or (text, encoding)
    damaged = _damaged(data)
    return damaged if first is None or _LIKELY.search(damaged[0]) else first


def _declared(data: bytes) -> list[str]:
    found = _DECLARED.search(data[:8192])
    if not found:
        return []
    name = found.group(1).decode("ascii", "replace").lower()
    return [] if name.replace("_", "-") in _NO_ENCODINGS else [_WIDER.get(name, name)]


def _utf16_without_mark(data: bytes) -> str:
    """UTF-16 without a mark shows in zero bytes on every other place of the ASCII it holds."""
    head = data[:4096]
    zeros = head.count(0)
    if len(head) < 4 or zeros < len(head) // 20:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even * 10 < odd:
        return "utf-16-le"
    if odd * 10 < even:
        return "utf-16-be"
    return ""


def _damaged(data: bytes) -> tuple[str, str]:
    """A few broken bytes must not cost the page: take the encoding that says something, then the one that breaks least."""
    readings = [(data.decode(encoding, "replace"), encoding) for encoding in ("utf-8", "gb18030")]
    return min(readings, key=lambda reading: (_LIKELY.search(reading[0]) is None, reading[0].count("\ufffd")))
