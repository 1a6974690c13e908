"""The parts of a page's source that no browser shows, cut out before there is a tree.

Every search goes forward once: a page of a million tags that nothing closes costs no more than any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from giakit.documents.limits import Limits
from giakit.errors import UnreadableDocument

_UNSHOWN = re.compile(
    r"<(?:(script|style|noscript|template|iframe|object|svg|select|button|map|video|audio)\b|!--)"
)
_EMPTY_COMMENT = re.compile(r"<!---?>")
_COMMENT_END = re.compile(r"--!?>")
_TAG = re.compile(r"<(/?)([a-zA-Z]+)")
# No element can stand in these, or the next of them ends them.
_SHALLOW = frozenset(
    [
        "br",
        "img",
        "input",
        "meta",
        "link",
        "hr",
        "col",
        "area",
        "base",
        "param",
        "embed",
        "source",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "tfoot",
        "option",
    ]
)
_MANY_TAGS = 10_000
# A careless page leaves elements open; the walk through the tree counts them exactly.
_FAR_TOO_DEEP = 20


def elements(text: str, name: str) -> Iterator[tuple[int, int, int, int]]:
    """Elements of a name that hold no markup: begin of the tag, begin and end of the content, end of the element.

    One that nothing closes ends the search.

    >>> [text[first:last] for text in ["<STYLE>p{}</style>"] for _, first, last, _ in elements(text, "style")]
    ['p{}']
    """
    begins, ends = _tags(name)
    opening = begins.search(text)
    while opening:
        closing = ends.search(text, opening.end())
        if closing is None:
            return
        yield opening.start(), opening.end(), closing.start(), closing.end()
        opening = begins.search(text, closing.end())


def without(text: str, name: str) -> str:
    """The text without the elements of a name."""
    kept = []
    place = 0
    for begin, _, _, end in elements(text, name):
        kept.append(text[place:begin])
        place = end
    return "".join(kept) + text[place:]


class Shown(NamedTuple):
    """A page's source without what holds no text, and the style sheets that were cut out of it."""

    source: str
    sheets: list[str]


def shown(text: str) -> Shown | None:
    """A page's source without scripts, style sheets, comments and what else holds no text; None where one is left open.

    >>> shown("1<script>var a = '<td>'</script><!-- 2 -->3<style>p{}</style>"), shown("1<script>2")
    (Shown(source='13', sheets=['p{}']), None)
    """
    kept = []
    sheets = []
    place = 0
    opening = _UNSHOWN.search(text)
    while opening:
        kept.append(text[place : opening.start()])
        name = opening[1]
        if name is None:
            empty = _EMPTY_COMMENT.match(text, opening.start())
            closing = empty or _COMMENT_END.search(text, opening.end())
        else:
            closing = _tags(name)[1].search(text, opening.end())
        if closing is None:
            return None
        if name == "style":
            sheets.append(text[text.find(">", opening.end(), closing.start()) + 1 : closing.start()])
        place = closing.end()
        opening = _UNSHOWN.search(text, place)
    return Shown("".join(kept) + text[place:], sheets)


def check_depth(text: str, *, name: str, limits: Limits) -> None:
    """Refuse a page that opens far more elements than it closes: the parser's time grows with the square of its depth.

    Raises
    ------
    UnreadableDocument
    """
    if text.count("<") < _MANY_TAGS:
        return
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _SHALLOW:
            depth = max(depth + (-1 if tag[1] else 1), 0)
            if depth > _FAR_TOO_DEEP * limits.max_depth:
                raise UnreadableDocument(
                    name, f"its elements are nested deeper than {limits.max_depth} (Limits.max_depth)"
                )


@cache
def _tags(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(rf"<{name}\b[^<>]*>", re.I), re.compile(rf"</{name}\s*>", re.I)
