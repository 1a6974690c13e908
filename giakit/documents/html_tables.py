"""A table's source to its grid by its tags alone; markup that was seen before is not taken apart again.

The tables of two reports differ in their figures, and in markup that shows nothing. What stands between the figures is
reduced to what it shows; that says where each figure goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import NamedTuple, TypeAlias

from giakit.documents.grid import GridBuilder
from giakit.documents.html_boxes import has_figure_boxes
from giakit.documents.html_cells import SHORT_LABEL, lines_of, span
from giakit.documents.limits import Limits
from giakit.documents.model import Grid
from giakit.errors import UnreadableDocument

BREAKS = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|section|article|main|header|footer|nav|aside|center|blockquote|form"
    r"|fieldset|address|figure|figcaption|hr|br|body|html)\b[^<>]*>"
)
# Any tag beyond these leads to the tree.
INLINE = re.compile(
    r"</?(?:span|a|b|strong|font|em|i|u|img|input|label|small|big|sub|o:p|st1:\w+|\?xml:\w+)\b[^<>]*>|<!\[[^<>]*>"
)
FIGURE_MARK = "\x01"
"""Stands for a figure in remembered markup: no source may hold it."""

_TAG = re.compile(r"<(/?)(t(?:able|body|head|foot|r|d|h)|col(?:group)?)\b([^<>]*)>")
# A tag, the text behind it, and the end of the cell where that follows.
_TAGS = re.compile(_TAG.pattern + r"([^<]*)(</t[dh]>\s*(?=<|\Z))?")
_COLUMNS = frozenset(("col", "colgroup"))
_CELLS = frozenset(("td", "th"))
_GROUPS = frozenset(("tbody", "thead", "tfoot"))
_CONTAINER = re.compile(r"<(?:div|ul|ol|dl|section|article|main|center|form)\b")
_TORN_TAG = re.compile(r"[\"'][^<>\n\x01]{0,300}>")
_IMAGE = re.compile(r"<img\b[^<>]*\bsrc\s*=\s*[\"']?[^\s\"'>]")
_SPANS = re.compile(r"(?<![\w-])(row|col)span\s*=\s*[\"']?([^\s\"'>]*)", re.I)
_CONTROL = re.compile(r"&#(?:0*(?:9|1[0-3])\b|[xX]0*[9a-dA-D]\b)")
_DIGIT = re.compile(r"[0-9０-９\x01]")
# A figure alone between two tags, with the space around it; a line of the source may break inside of it.
_FIGURE = re.compile(r">([ \t\r\n\f]*)([0-9][0-9.,]*(?:[ \t\r\n\f]+[0-9.,]+)*)([ \t\r\n\f]*)<")
# A label, whole between two figures: no digits but those that number it.
_LABEL = re.compile(
    r"(?<=>)(?:\s*[0-9]{1,2}\s*[.．、])?[^<>&0-9０-９]*[\u4e00-\u9fff][^<>&0-9０-９]*(?=</t[dh]>)"
)
# Between two words of Latin letters alone a space counts.
_SPACE_IN_LABEL = re.compile(r"(?<![A-Za-z]) +| +(?![A-Za-z])")

# A larger table is none of a report, and is not kept in mind.
_MOST_CELLS = 5000
_LONGEST_MARKUP = 50_000
_LONGEST_PIECE = 10_000
_NO_SPANS = (1, 1)
Spans: TypeAlias = tuple[tuple[int, int], ...]


class _Piece(NamedTuple):
    """What the markup between two figures shows: tags of the table, and text."""

    text: str
    is_space: bool
    """Whether the figures beside it stand in one line, with nothing but space between them."""
    has_image: bool
    has_boxes: bool


class _Markup(NamedTuple):
    """A table without its figures: its cells in the order of the source, and where each stands."""

    cells: tuple[str, ...]
    """With a mark for each figure."""
    with_figures: tuple[int, ...]
    """The cells that hold figures."""
    places: Sequence[Sequence[int]]
    """For each position of the grid the number of the cell that covers it; -1 for none."""
    anchors: Sequence[Sequence[int]]


def grid_of(source: str, *, where: str, limits: Limits) -> tuple[Grid | None, bool] | None:
    """The grid of a table (None where it has no cells), and whether it shows a picture; None where its tags do not tell.

    Parameters
    ----------
    source : str
        From ``<table`` to ``</table>``, without comments, scripts and `FIGURE_MARK`.
    """
    parts = _FIGURE.split(source[1:-1])
    pieces = [_piece(part) if len(part) < _LONGEST_PIECE else _reduced(part) for part in parts[::4]]
    if any(piece.has_boxes for piece in pieces) and has_figure_boxes(source):
        return None
    text, figures = _marked(pieces, parts)
    markup = _of_markup(text, limits) if len(text) < _LONGEST_MARKUP else None
    if markup is None:
        return None
    has_image = any(piece.has_image for piece in pieces)
    if not markup.places:
        return None, has_image
    cells = [*markup.cells, ""]
    following = iter(figures)
    for number in markup.with_figures:
        cell = cells[number]
        cells[number] = next(following) if cell == FIGURE_MARK else _filled(cell, following)
    return Grid(
        [[cells[place] for place in line] for line in markup.places], markup.anchors, where
    ), has_image


def _marked(pieces: list[_Piece], parts: list[str]) -> tuple[str, list[str]]:
    """What a table shows, with a mark for each figure, and the figures; the parts of a figure in pieces are one."""
    shown = [pieces[0].text]
    figures: list[str] = []
    behind = ""
    for number, (before, figure, piece) in enumerate(zip(parts[1::4], parts[2::4], pieces[1:], strict=True)):
        above = pieces[number]
        figure = " ".join(figure.split())
        if number and above.is_space:
            figures[-1] += f" {figure}" if before or behind or above.text else figure
            shown.pop()
        else:
            figures.append(figure)
            shown.append(f" {FIGURE_MARK}" if before else FIGURE_MARK)
        behind = parts[4 * number + 3]
        shown.append(f" {piece.text}" if behind else piece.text)
    return "".join(shown), figures


def _filled(text: str, figures: Iterator[str]) -> str:
    first, *others = text.split(FIGURE_MARK)
    return first + "".join(next(figures) + other for other in others)


def has_control(source: str) -> bool:
    """Whether a source spells out a white space that counts where others do not."""
    return "&#" in source and _CONTROL.search(source) is not None


def shows_image(source: str) -> bool:
    """Whether a source shows a picture."""
    return _IMAGE.search(source) is not None


def has_torn_tag(text: str) -> bool:
    """Whether a text without tags seems to hold the rest of one that a quoted ``>`` has cut."""
    return ">" in text and _TORN_TAG.search(text) is not None


@lru_cache(maxsize=1 << 12)
def _piece(part: str) -> _Piece:
    return _reduced(part)


def _reduced(part: str) -> _Piece:
    """`part` begins inside of a tag and ends inside of one."""
    source = f"<{part}>"
    text = INLINE.sub("", source)
    for space in "\n\t\r\f":
        text = text.replace(space, " ")
    text = _TAG.sub(_bare, BREAKS.sub("\n", text))
    return _Piece(
        text=_LABEL.sub(_label, text),
        is_space=not text.strip(" "),
        has_image=shows_image(source),
        has_boxes=_CONTAINER.search(source) is not None,
    )


def _bare(tag: re.Match[str]) -> str:
    """A tag without the attributes that say nothing of a table's shape."""
    closing, name, attributes = tag.groups()
    spans = _NO_SPANS if closing else _spans(attributes)
    return f"<{closing}{name}>" if spans == _NO_SPANS else f"<{name} rowspan={spans[0]} colspan={spans[1]}>"


def _label(cell: re.Match[str]) -> str:
    """A label without the breaks and spaces that its markup brought into it."""
    text = "".join(lines_of(cell[0]))
    return _SPACE_IN_LABEL.sub("", text) if len(text) <= SHORT_LABEL else cell[0]


@lru_cache(maxsize=256)
def _of_markup(text: str, limits: Limits) -> _Markup | None:
    """The table from its own tags and the text behind each."""
    tags = _TAGS.findall(text)
    if not tags or text.count("<") != len(tags) + sum(1 for tag in tags if tag[4]) or has_control(text):
        return None
    rows = _Rows()
    if not all(rows.take(*tag) for tag in tags) or not rows.closed:
        return None
    shape = tuple((begins_group, tuple(spans)) for begins_group, _, spans in rows.found)
    cells = tuple(text for _, texts, _ in rows.found for text in texts)
    if len(cells) > _MOST_CELLS:
        return None
    try:
        places, anchors = _laid_out(shape, limits)
    except UnreadableDocument:
        return None
    marked = tuple(number for number, text in enumerate(cells) if FIGURE_MARK in text)
    return _Markup(cells, marked, places, anchors)


class _Rows:
    """Takes the tags of one table, each with the text behind it."""

    def __init__(self) -> None:
        self.found: list[tuple[bool, list[str], list[tuple[int, int]]]] = []
        self.open = False
        self.closed = False
        self.in_row = False
        self.begins_group = True

    def take(self, closing: str, tag: str, attributes: str, text: str, end_of_cell: str) -> bool:
        """One tag and the text behind it; False where it does not stand where it should."""
        if self.closed or has_torn_tag(text):
            return False
        if end_of_cell:
            if closing or not self.in_row or tag not in _CELLS:
                return False
            _, texts, spans = self.found[-1]
            texts.append(_cell(text))
            spans.append(_spans(attributes) if "span" in attributes.lower() else _NO_SPANS)
            return True
        if text and not text.isspace():
            return False
        if tag == "table":
            self.closed = self.open and bool(closing) and not self.in_row
            self.open = not self.open
            return self.closed or (self.open and not closing)
        if not self.open:
            return False
        if tag == "tr" and self.in_row is bool(closing):
            if not closing:
                self.found.append((self.begins_group, [], []))
                self.begins_group = False
            self.in_row = not closing
            return True
        self.begins_group = True
        return (tag in _GROUPS and not self.in_row) or (tag in _COLUMNS and not self.found)


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
    lines = shown_lines(text)
    if len(lines) > 1:
        joined = "".join(lines)
        if len(joined) <= SHORT_LABEL and not _DIGIT.search(joined):
            return joined
    return "\n".join(lines).strip()


def shown_lines(text: str) -> list[str]:
    """The lines of a source without tags."""
    return lines_of(unescape(text) if "&" in text else text)
