"""Cells, rows and spans of a table in a page's tree."""

from __future__ import annotations

import re
from typing import Any

from giakit.documents.model import Grid

_BETWEEN = "\x01"
SHORT_LABEL = 60
_LABEL_ONLY = re.compile(r"^[^0-9０-９]*$")
_FIGURE_OR_SHORT = re.compile(r"^[\s\d]{1,12}$")
_UNSEEN = (
    "script, style, noscript, template, iframe, object, svg, select, button, table, img, del, s, strike, sup"
)
_SPACES = re.compile(r" {2,}")
_SPACE = re.compile(r"[ \t\r\n\f]+")


def plain_text(node: Any) -> str | None:
    """The text of a cell that holds one piece of text, or a short label in pieces; None where its markup matters.

    Between figures a break or a raised mark decides what they are; within a label nothing does.
    """
    pieces = [
        piece
        for piece in node.text(deep=True, separator=_BETWEEN).split(_BETWEEN)
        if piece and not piece.isspace()
    ]
    if len(pieces) > 1:
        joined = "".join(pieces)
        if len(joined) > SHORT_LABEL or not _LABEL_ONLY.match(joined) or node.css_first(_UNSEEN) is not None:
            return None
        pieces = [joined]
    elif pieces and not _FIGURE_OR_SHORT.match(pieces[0]) and node.css_first(_UNSEEN) is not None:
        return None
    return _SPACE.sub(" ", pieces[0]).strip() if pieces else ""


def lines_of(text: str) -> list[str]:
    """The lines that hold something, without the spaces that a page does not show."""
    lines = [line.strip(" ") for line in text.split("\n")]
    return [_SPACES.sub(" ", line) if "  " in line else line for line in lines if line]


def grid_of_boxes(rows: list[list[str]], where: str) -> Grid:
    """The grid of a table that is made of boxes."""
    width = max(len(row) for row in rows)
    aligned = all(len(row) == width for row in rows)
    return Grid(
        [row + [""] * (width - len(row)) for row in rows] if aligned else rows, where=where, aligned=aligned
    )


def table_rows(node: Any) -> list[tuple[bool, Any]]:
    """The rows of a table without those of tables inside it; True where a row begins a group."""
    rows: list[tuple[bool, Any]] = []
    child = node.child
    while child is not None:
        if child.tag == "tr":
            rows.append((False, child))
        elif child.tag in ("tbody", "thead", "tfoot"):
            first = True
            row = child.child
            while row is not None:
                if row.tag == "tr":
                    rows.append((first, row))
                    first = False
                row = row.next
        child = child.next
    return rows


def span(value: str | None) -> int:
    """The number of rows or columns that an attribute names."""
    if not value:
        return 1
    digits = re.match(r"\s*(\d{1,6})", value)
    return int(digits.group(1)) if digits else 1
