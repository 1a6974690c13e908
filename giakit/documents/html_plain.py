"""A page of plain markup, read without a tree: texts and grids from its tags alone.

Most pages that hold a report hide nothing and nest no tables, and nothing but the tables and the lines of text counts.
Their tags are taken one after another. A page whose tags do not say for certain what a browser would show (parts that
may be hidden, tables inside tables, cells left open, markup of a kind not known here) is not read here.
"""

from __future__ import annotations

from giakit.documents.html_boxes import has_figure_boxes
from giakit.documents.html_tables import (
    BREAKS,
    FIGURE_MARK,
    INLINE,
    grid_of,
    has_control,
    has_torn_tag,
    shown_lines,
    shows_image,
)
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Block, Text

# Where a table stood: no tag and no text goes on beyond it.
_TABLE = FIGURE_MARK


def read_plain(body: str, *, limits: Limits = DEFAULT_LIMITS) -> tuple[list[Block], list[str]] | None:
    """The blocks of a page and its notes; None where it has to be read as a tree.

    Parameters
    ----------
    body : str
        The page without its head, its scripts and its comments (see `html_parts.shown`). Whether it hides anything,
        the caller has asked.
    """
    parts = None if "\x00" in body or FIGURE_MARK in body else _parted(body)
    if parts is None:
        return None
    outside, tables = parts
    texts = _texts(outside)
    if texts is None:
        return None
    blocks: list[Block] = []
    image = shows_image(outside)
    paragraphs = grids = 0
    for number, text in enumerate(texts):
        lines = "\n".join(shown_lines(text))
        if lines:
            paragraphs += 1
            blocks.append(Text(lines, f"text {paragraphs}"))
        if number < len(tables):
            found = grid_of(tables[number], where=f"table {grids + 1}", limits=limits)
            if found is None:
                return None
            grid, has_image = found
            image = image or has_image
            if grid is not None:
                grids += 1
                blocks.append(grid)
    return blocks, ["image"] if image else []


def _parted(body: str) -> tuple[str, list[str]] | None:
    """What stands outside of tables, and each table; None where one is not closed."""
    outside, tables = [], []
    place = 0
    while (begin := body.find("<table", place)) >= 0:
        closing = body.find("</table", begin)
        end = body.find(">", closing)
        if closing < 0 or end < 0:
            return None
        outside.append(body[place:begin])
        tables.append(body[begin : end + 1])
        place = end + 1
    outside.append(body[place:])
    return _TABLE.join(outside), tables


def _texts(outside: str) -> list[str] | None:
    """The text before, between and behind the tables; None where tags alone do not tell it."""
    if has_control(outside) or has_figure_boxes(outside):
        return None
    text = INLINE.sub("", outside)
    for space in "\n\t\r\f":
        text = text.replace(space, " ")
    text = BREAKS.sub("\n", text)
    return None if "<" in text or has_torn_tag(text) else text.split(_TABLE)
