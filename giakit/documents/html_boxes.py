"""Whether boxes in a page's source may be the cells of a table that has no table's tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CELL = r"(?:div|span|li|dt|dd|p|b|strong)"
_NOTHING = r"(?:\s|&nbsp;|<br\b[^<>]*>)*"
# A box that follows a box and holds a figure, in as many wrappers as it may have.
_FOLLOWING = re.compile(
    rf"</{_CELL}>{_NOTHING}(?P<opening><{_CELL}\b[^<>]*>{_NOTHING}(?:<[a-z][^<>]*>{_NOTHING})*)\d+"
    rf"(?P<closing>{_NOTHING}(?:</[^<>]*>{_NOTHING})+)"
)
# A figure, the ends of what it stands in, and a box behind them.
_FOLLOWED = re.compile(
    rf"(?<=[>\s;])\d+(?P<closing>{_NOTHING}(?:</[^<>]*>{_NOTHING})*</{_CELL}>){_NOTHING}<{_CELL}\b"
)
_CONTAINER = re.compile(r"<(?:div|ul|ol|dl|section|article|main|center|form)\b")
_OPENED = re.compile(rf"<[a-z][\w:]*[^<>]*>{_NOTHING}$")
_BREAK = re.compile(r"<br\b[^<>]*>")
_LONGEST_TAG = 2000


def has_figure_boxes(source: str) -> bool:
    """Whether a box that holds a figure alone stands beside another box.

    >>> has_figure_boxes("<li><span>收到</span><span>3</span></li>"), has_figure_boxes("<li><a>收到</a><span>3</span></li>")
    (True, False)
    """
    return any(
        any(_count(found["opening"]) <= found["closing"].count("</") for found in _FOLLOWING.finditer(part))
        or any(
            _opens(part, found.start(), found["closing"].count("</")) for found in _FOLLOWED.finditer(part)
        )
        for part in _parts(source)
    )


def _parts(source: str) -> Iterator[str]:
    """What stands outside of tables, and tables with boxes inside: paragraphs of a cell are never rows."""
    place = 0
    while (begin := source.find("<table", place)) >= 0:
        yield source[place:begin]
        place = source.find("</table", begin)
        if place < 0:
            return
        if _CONTAINER.search(source, begin, place):
            yield source[begin:place]
    yield source[place:]


def _count(opening: str) -> int:
    return _BREAK.sub("", opening).count("<")


def _opens(source: str, end: int, wrappers: int) -> bool:
    """Whether so many elements open right before a place, with nothing between them."""
    for _ in range(wrappers):
        begin = source.rfind("<", max(end - _LONGEST_TAG, 0), end)
        while begin >= 0 and _BREAK.match(source, begin):
            begin = source.rfind("<", max(begin - _LONGEST_TAG, 0), begin)
        if begin < 0 or not _OPENED.match(source[begin:end]):
            return False
        end = begin
    return True
