"""A page of plain markup, read without a tree: texts and grids from its tags alone.

Most pages that hold a report hide nothing and nest no tables, and nothing but the tables and the lines of text counts.
Their tags are taken one after another. A page whose tags do not say for certain what a browser would show (parts that
may be hidden, tables inside tables, cells left open, markup of a kind not known here) is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from typing import TypeAlias

from giakit.documents.grid import GridBuilder
from giakit.documents.html_boxes import has_figure_boxes
from giakit.documents.html_cells import SHORT_LABEL, lines_of, span
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Block, Grid, Text
from giakit.errors import UnreadableDocument

_BREAKS = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|section|article|main|header|footer|nav|aside|center|blockquote|pre|form"
    r"|fieldset|address|figure|figcaption|hr|br|body|html)\b[^<>]*>"
)
# Any tag beyond these leads to the tree.
_INLINE = re.compile(
    r"</?(?:span|a|b|strong|font|em|i|u|img|input|label|small|big|sub|o:p|st1:\w+|\?xml:\w+)\b[^<>]*>|<!\[[^<>]*>"
)
# A tag, the text behind it, and the end of the cell where that follows.
_TABLE_TAGS = re.compile(
    r"<(/?)(t(?:able|body|head|foot|r|d|h)|col(?:group)?)\b([^<>]*)>([^<]*)(</t[dh]>\s*(?=<|\Z))?"
)
_COLUMNS = frozenset(("col", "colgroup"))
_CELLS = frozenset(("td", "th"))
_GROUPS = frozenset(("tbody", "thead", "tfoot"))
_TORN_TAG = re.compile(r"[\"'][^<>\n]{0,300}>")
_IMAGE = re.compile(r"<img\b[^<>]*\bsrc\s*=\s*[\"']?[^\s\"'>]")
_SPANS = re.compile(r"(?<![\w-])(row|col)span\s*=\s*[\"']?([^\s\"'>]*)", re.I)
_CONTROL = re.compile(r"&#(?:0*(?:9|1[0-3])\b|[xX]0*[9a-dA-D]\b)")
_FIGURES = re.compile(r"[0-9０-９]")

# A larger table is none of a report.
_MOST_CELLS = 5000
_NO_SPANS = (1, 1)
Spans: TypeAlias = tuple[tuple[int, int], ...]


def read_plain(body: str, *, limits: Limits = DEFAULT_LIMITS) -> tuple[list[Block], list[str]] | None:
    """The blocks of a page and its notes; None where it has to be read as a tree.

    Parameters
    ----------
    body : str
        The page without its head, its scripts and its comments (see `html_parts.shown`). Whether it hides anything,
        the caller has asked.
    """
    if "\x00" in body or ("&#" in body and _CONTROL.search(body)) or has_figure_boxes(body):
        return None
    notes = ["image"] if _IMAGE.search(body) else []
    body = _INLINE.sub("", body)
    for space in "\n\t\r\f":
        body = body.replace(space, " ")
    body = _BREAKS.sub("\n", body)
    blocks = _Blocks(limits)
    tags = _TABLE_TAGS.findall(body)
    if body.count("<") != len(tags) + sum(1 for tag in tags if tag[4]):
        return None
    before = body.partition("<")[0]
    if _TORN_TAG.search(before):
        return None
    blocks.text(before)
    taken = all(blocks.take(*tag) for tag in tags)
    return (blocks.found, notes) if taken and blocks.rows is None else None


class _Blocks:
    """Takes the tags of tables, each with the text behind it, and collects blocks."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.found: list[Block] = []
        self.rows: list[tuple[bool, list[str], list[tuple[int, int]]]] | None = None
        self.tables = 0
        self.paragraphs = 0
        self.in_row = False
        self.begins_group = True

    def text(self, text: str) -> None:
        """Running text between tables."""
        lines = "\n".join(_lines(text))
        if lines:
            self.paragraphs += 1
            self.found.append(Text(lines, f"text {self.paragraphs}"))

    def take(self, closing: str, tag: str, attributes: str, text: str, end_of_cell: str) -> bool:
        """One tag and the text behind it; False where it does not stand where it should."""
        if ">" in text and _TORN_TAG.search(text):
            return False
        if end_of_cell:
            if closing or not self.in_row or self.rows is None or tag not in _CELLS:
                return False
            _, texts, spans = self.rows[-1]
            texts.append(text if text.isdecimal() else _cell(text))
            spans.append(_spans(attributes) if "span" in attributes.lower() else _NO_SPANS)
            return True
        if tag == "table":
            return self._end(text) if closing else self._begin(text)
        if self.rows is None or (text and not text.isspace()):
            return False
        if tag == "tr" and self.in_row is bool(closing):
            if not closing:
                self.rows.append((self.begins_group, [], []))
                self.begins_group = False
            self.in_row = not closing
            return True
        self.begins_group = True
        return (tag in _GROUPS and not self.in_row) or (tag in _COLUMNS and not self.rows)

    def _begin(self, text: str) -> bool:
        if self.rows is not None:
            return False
        self.rows, self.in_row, self.begins_group = [], False, True
        return not text or text.isspace()

    def _end(self, text: str) -> bool:
        rows, self.rows = self.rows, None
        if rows is None or self.in_row or sum(len(texts) for _, texts, _ in rows) > _MOST_CELLS:
            return False
        shape = tuple((begins_group, tuple(spans)) for begins_group, _, spans in rows)
        try:
            places, anchors = _laid_out(shape, self.limits)
        except UnreadableDocument:
            return False
        if places:
            cells = [text for _, texts, _ in rows for text in texts]
            cells.append("")
            self.tables += 1
            grid = [[cells[place] for place in line] for line in places]
            self.found.append(Grid(grid, anchors, f"table {self.tables}"))
        self.text(text)
        return True


# The statutory tables come in few shapes.
@lru_cache(maxsize=256)
def _laid_out(
    shape: tuple[tuple[bool, Spans], ...], limits: Limits
) -> tuple[list[list[int]], Sequence[Sequence[int]]]:
    """For each position of a table the number of the cell that covers it (-1: none), and the anchors."""
    builder = GridBuilder(limits, "")
    number = 0
    for begins_group, spans in shape:
        if begins_group:
            builder.end_group()
        builder.row()
        for rows, columns in spans:
            builder.cell(str(number), rows, columns)
            number += 1
    if not number:
        return [], []
    grid = builder.build("", ragged=True)
    return [[int(text) if text else -1 for text in row] for row in grid.rows], grid.anchors or []


def _spans(attributes: str) -> tuple[int, int]:
    named = {"row": "", "col": ""}
    for found in _SPANS.finditer(attributes):
        side = found[1].lower()
        named[side] = named[side] or found[2]
    return span(named["row"]), span(named["col"])


# The same labels come in every report.
@lru_cache(maxsize=1 << 12)
def _cell(text: str) -> str:
    """The text of a cell. A label in pieces is one; between figures a break decides what they are."""
    if not text or text.isspace():
        return ""
    lines = _lines(text)
    if len(lines) > 1:
        joined = "".join(lines)
        if len(joined) <= SHORT_LABEL and not _FIGURES.search(joined):
            return joined
    return "\n".join(lines).strip()


def _lines(text: str) -> list[str]:
    return lines_of(unescape(text) if "&" in text else text)
