"""Whether boxes in a page's source may be the cells of a table that has no table's tags."""

from __future__ import annotations

import re

_CELL = r"(?:div|span|li|dt|dd|p|b|strong)"
_NOTHING = r"(?:\s|&nbsp;|<br\b[^<>]*>)*"
_OPEN = rf"<{_CELL}\b[^<>]*>{_NOTHING}"
# A wrapper inside a box. Each part can match in one way only, and the wrappers are bounded: a page of breaks or of open
# boxes costs one pass.
_WRAPPER = rf"(?:<(?!br\b)[a-z][^<>]*>{_NOTHING})"
_END = rf"{_NOTHING}</[^<>]*>"
_FOLLOWING = re.compile(rf"</{_CELL}>{_NOTHING}({_OPEN}{_WRAPPER}{{0,20}})[0-9]+((?:{_END})+)")
_FOLLOWED = re.compile(
    rf"({_OPEN}{_WRAPPER}{{0,20}})[0-9]+((?:{_END})*){_NOTHING}</{_CELL}>{_NOTHING}(?=<{_CELL}\b)"
)
_BREAK = re.compile(r"<br\b[^<>]*>")


def has_figure_boxes(source: str) -> bool:
    """Whether a box that holds a figure alone stands beside another box.

    >>> has_figure_boxes("<li><span>收到</span><span>3</span></li>"), has_figure_boxes("<li><a>收到</a><span>3</span></li>")
    (True, False)
    """
    return any(_wrappers(opening) <= ends.count("</") for opening, ends in _FOLLOWING.findall(source)) or any(
        # Most fail even with their breaks counted.
        opening.count("<") > ends.count("</") and _wrappers(opening) > ends.count("</")
        for opening, ends in _FOLLOWED.findall(source)
    )


def _wrappers(opening: str) -> int:
    return _BREAK.sub("", opening).count("<")
