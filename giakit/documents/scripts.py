"""Pages inside the strings of scripts and of JSON."""

from __future__ import annotations

import re
from html import unescape

_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`", re.S)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "\n": ""}
_MARKUP = re.compile(r"<(?:table|p|div|td)\b", re.I)


def embedded_html(text: str) -> str:
    """HTML that stands inside string literals of a script or of JSON, unescaped; "" if there is none.

    >>> embedded_html(r'var page = "<table><tr><td>1<\\/td><\\/tr><\\/table>";')
    '<table><tr><td>1</td></tr></table>'
    """
    parts = []
    for found in _LITERAL.finditer(text):
        literal = next(group for group in found.groups() if group is not None)
        if len(literal) < 30:
            continue
        plain = _ESCAPE.sub(_unescape, literal)
        if "&lt;" in plain and not _MARKUP.search(plain):
            plain = unescape(plain)
        if _MARKUP.search(plain):
            parts.append(plain)
    return "\n".join(parts)


def _unescape(found: re.Match[str]) -> str:
    code = found.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _SIMPLE_ESCAPES.get(code, code)
