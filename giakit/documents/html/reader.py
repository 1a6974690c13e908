"""HTML: what a reader of the page would see, as texts and grids.

The parser repairs the page, whatever its markup, and writes it out again. In what it wrote every element is closed and
every name is in small letters, so that a few searches over the whole text tell tables, cells and lines: several times
faster than a walk from element to element. Before that `seen` takes out what is not shown and marks what is shown
otherwise, and `rare` rewrites what few pages have (tables in tables, tables made of boxes) into markup that needs no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from giakit.documents.grid import GridBuilder
from giakit.documents.html import rare
from giakit.documents.html.placed import placed_blocks
from giakit.documents.html.seen import MARK, NOTE_MARK, doubt_of, seen_page, sheets_of
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Block, Document, Doubt, Grid, Text
from giakit.errors import UnreadableDocument

_MANY_ATTRIBUTES = 20_000
# They begin a line of their own.
_BREAKS = re.compile(
    r"<(?:br|hr|/?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|section|article|main|header|footer|nav|aside|center|blockquote|pre|form"
    r"|fieldset|caption|address|figure|figcaption|details|summary|t[drh]|tbody|thead|tfoot)\b)[^>]*>"
)
_CELLS = re.compile(r"<(t(?:[dhr]|body|head|foot))((?: [^>]*)?)>")
_CAPTION = re.compile(r"<caption\b.*?</caption>", re.S)
_IMAGE = re.compile(r'<img [^>]*?src="[^"]')
_SPANS = re.compile(r'\b(row|col)span="\s*(\d{1,6})')
_SPACES = re.compile(r" {2,}")
_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(f"{MARK}.")
_BEHIND_TEXT = re.compile("(?<=[^\\s\ufdea])\ufdea(\\d{1,2})\ufdeb")
_ENTITIES = (("&nbsp;", "\xa0"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))
_DIGIT = re.compile(r"\d")
_META = {"articletitle": "title", "pubdate": "published", "url": "url", "contentsource": "publisher"}
_LONGEST_LABEL = 60
_NO_SPANS = (1, 1)
_OPENED = re.compile(r"<(/?)([a-zA-Z]+)")
_MANY_TAGS = 10_000
# A careless page leaves elements open; the parser closes most of them.
_FAR_TOO_DEEP = 20
# No element can stand in these, or the next of them ends them.
_SHALLOW = re.compile(
    "(?:br|img|input|meta|link|hr|col|area|base|param|embed|source|wbr|p|li|dt|dd|tr|td|th|tbody|thead|tfoot|option)$",
    re.I,
)
# The begin of a group, and the spans of the cells of one row.
_Shape = tuple[tuple[bool, tuple[tuple[int, int], ...]], ...]


def read_html(
    text: str, *, name: str, limits: Limits, format: str = "html", hidden: bool = False, scripted: bool = False
) -> Document:
    """A document from a page's text.

    `hidden`: parts that the page hides (``hidden``, ``display:none``) are read too. `scripted`: the pages inside the strings of its
    scripts are read, and not the page; they are wherever it shows no table and they have one, and where the text is a script and
    no page.

    Raises
    ------
    UnreadableDocument
        Its elements are nested too deep, its tables are too large, or the parser gives up.

    Examples
    --------
    >>> page = "<p>甲<b>局</b><table><tr><td rowspan=2>乙<td>1<tr><td>2</table>"
    >>> [getattr(block, "rows", block) for block in read_html(page, name="a.html", limits=Limits()).blocks]
    [Text(text='甲局', where='text 1', doubt=None), [['乙', '1'], ['乙', '2']]]
    """
    _check_depth(text, name=name, limits=limits)
    tree = _tree(rare.without_noscript_in_head(text), name)
    is_page = text.lstrip("\ufeff \t\r\n").startswith("<")
    if scripted or not is_page or (tree.css_first("table") is None and rare.scripts_hold_table(text)):
        written = rare.embedded_html(text)
        # What a script writes stands in the body: without a word of that, some tags would be taken for the head's.
        tree = _tree(f"<body>{written}", name) if written else tree
    metadata = _metadata(tree)
    title = metadata.pop("title", "") or _title(tree)
    sheets = sheets_of(tree)
    page = seen_page(tree, hidden=hidden)
    source = rare.plain(tree, page.source, page.tags)
    return Document(
        name=name,
        format=format,
        blocks=tuple(placed_blocks(source, sheets) or _blocks(source, name, limits)),
        title=title,
        metadata=metadata,
        notes=("image",) if "img" in page.tags and _IMAGE.search(source) else (),
        doubts=tuple(page.doubts),
    )


def _tree(text: str, name: str) -> LexborHTMLParser:
    # The parser compares each attribute of a tag with all others: 40,000 of them take it half a minute.
    if len(text) > _MANY_ATTRIBUTES * 8 and any(
        len(piece) > _MANY_ATTRIBUTES * 2 and len(piece[piece.rfind("<") :].split()) > _MANY_ATTRIBUTES
        for piece in text.split(">")
    ):
        raise UnreadableDocument(name, f"a tag of it has more than {_MANY_ATTRIBUTES:,} attributes")
    try:
        return LexborHTMLParser(text)
    except (SelectolaxError, ValueError, MemoryError) as error:
        raise UnreadableDocument(name, f"no parser reads it: {error}") from None


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return " ".join(re.split(r"[ \t\r\n\f]+", node.text())).strip() if node is not None else ""


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    stated: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        attributes = node.attributes
        field = _META.get((attributes.get("name") or "").lower())
        content = (attributes.get("content") or "").strip()
        if field and content:
            stated.setdefault(field, content)
    return stated


def _blocks(source: str, name: str, limits: Limits) -> list[Block]:
    """The blocks of markup in which no table stands in another."""
    blocks: list[Block] = []
    paragraphs = tables = cells = 0
    before, *parts = source.split("<table")
    between = before
    for part in parts:
        table, _, after = part.partition("</table>")
        if "<caption" in table:
            between += "".join(_CAPTION.findall(table))
            table = _CAPTION.sub("", table)
        lines = _lines(between)
        if lines:
            paragraphs += 1
            blocks.append(Text("\n".join(lines), f"text {paragraphs}"))
        grid = _grid(table, f"table {tables + 1}", limits, name)
        if grid is not None:
            tables += 1
            cells += sum(map(len, grid.rows))
            check_cells(name, cells, limits)
            blocks.append(grid)
        between = after
    lines = _lines(between)
    if lines:
        blocks.append(Text("\n".join(lines), f"text {paragraphs + 1}"))
    return blocks


def _grid(table: str, where: str, limits: Limits, name: str) -> Grid | None:
    """The grid of a table, given from its attributes on; None where it has no cell."""
    attributes, *parts = _CELLS.split(table)
    texts: list[str] = []
    doubts: dict[int, Doubt] = {}
    rows: list[tuple[bool, list[tuple[int, int]]]] = []
    begins_group = True
    for tag, described, content in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if tag == "td" or tag == "th":
            text, doubt = _cell(content[: content.find("</t" + tag[1])])
            if doubt is not None:
                doubts[len(texts)] = doubt
            texts.append(text)
            rows[-1][1].append(_spans(described) if "span=" in described else _NO_SPANS)
        elif tag == "tr":
            rows.append((begins_group, []))
            begins_group = False
        else:
            begins_group = True
    if not texts:
        return None
    shape = tuple([(begins, tuple(spans)) for begins, spans in rows])
    try:
        numbers, anchors = _laid_out(shape, limits)
    except UnreadableDocument as error:
        raise UnreadableDocument(name, error.reason) from None
    if rare.UNALIGNED in attributes and any(number < 0 for line in anchors for number in line):
        cut = [[number for number in line if number >= 0] for line in anchors]
        return Grid([[texts[number] for number in line] for line in cut], cut, where, False, doubts)
    return Grid(
        [[texts[number] if number >= 0 else "" for number in line] for line in numbers], anchors, where, True, doubts
    )


# The statutory tables come in few shapes.
@lru_cache(maxsize=256)
def _laid_out(shape: _Shape, limits: Limits) -> tuple[list[list[int]], Sequence[Sequence[int]]]:
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
    grid = builder.build("", ragged=True)
    return [[int(text) if text else -1 for text in row] for row in grid.rows], grid.anchors or []


def _spans(attributes: str) -> tuple[int, int]:
    spans = {side: int(number) for side, number in _SPANS.findall(attributes)}
    return spans.get("row", 1), spans.get("col", 1)


# The same labels come in every report, and so do small figures.
@lru_cache(maxsize=1 << 13)
def _cell(markup: str) -> tuple[str, Doubt | None]:
    """The text of a cell, and why it may not be what is seen there.

    A label in pieces is one; between figures a break decides what they are.
    """
    if not markup or markup.isspace():
        return "", None
    lines = _lines(markup)
    text = "".join(lines)
    if len(lines) > 1 and (len(text) > _LONGEST_LABEL or _DIGIT.search(text)):
        text = "\n".join(lines)
    text = text.strip()
    return text, doubt_of(markup, text) if "<" in markup or MARK in markup else None


def _lines(markup: str) -> list[str]:
    """The lines of some markup that hold something, without the spaces that a page does not show."""
    text = markup
    if "\n" in text or "\t" in text or "\r" in text or "\f" in text:
        text = text.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")
    if "<" in text:
        if "<sup" in text:
            text = NOTE_MARK.sub("\ufdea\\1\ufdeb", text)
        text = _TAG.sub("", _BREAKS.sub("\n", text))
        if "\ufdea" in text:
            # Raised digits behind something are the mark of a note and no digits of a figure: they get brackets.
            text = _BEHIND_TEXT.sub(r"[\1]", text).replace("\ufdea", "").replace("\ufdeb", "")
    if "&" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
    if MARK in text:
        text = _MARK.sub("", text)
    lines = [line.strip(" ") for line in text.split("\n")]
    return [_SPACES.sub(" ", line) if "  " in line else line for line in lines if line]


def _check_depth(text: str, *, name: str, limits: Limits) -> None:
    """Refuse a page that opens far more elements than it closes: the parser's time grows with the square of its depth."""
    if text.count("<") < _MANY_TAGS:
        return
    depth = 0
    for closes, tag in _OPENED.findall(text):
        if not _SHALLOW.match(tag):
            depth = max(depth + (-1 if closes else 1), 0)
            if depth > _FAR_TOO_DEEP * limits.max_depth:
                raise UnreadableDocument(
                    name, f"its elements are nested deeper than {limits.max_depth} (Limits.max_depth)"
                )
