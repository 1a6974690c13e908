"""HTML: what a reader of the page would see, as texts and grids."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from giakit.documents.grid import GridBuilder
from giakit.documents.limits import Limits
from giakit.documents.model import Block, Document, Grid, Text

_SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "iframe", "object", "svg", "select", "option", "button", "-comment", "!doctype", "map", "video", "audio", "input"})
_BLOCKS = frozenset(
    "p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 section article main header footer nav aside center blockquote pre form fieldset "
    "table tr td th caption tbody thead tfoot body html address figure figcaption hr".split()
)
_BETWEEN = "\x01"
_SHORT_LABEL = 60
_LABEL_ONLY = re.compile(r"^[^0-9０-９]*$")
_FIGURE_OR_SHORT = re.compile(r"^[\s\d]{1,12}$")
_UNSEEN = "script, style, noscript, template, iframe, object, svg, select, button, table, img, del, s, strike, sup"
_CONTAINERS = frozenset({"div", "ul", "ol", "dl", "section", "article", "main", "body", "center", "form"})
_CELLS = frozenset({"div", "span", "li", "dt", "dd", "p", "b", "strong"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Only on inline elements: around boxes it is a means of layout, and the boxes set a size of their own.
_SIZELESS = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)", re.I)
_INLINE = frozenset({"span", "font", "b", "i", "em", "strong", "u"})
_STRUCK_OUT = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I)
_STRUCK_TAGS = frozenset({"del", "s", "strike"})
_NOTE_MARK = re.compile(r"\d{1,2}")
_HIDING_RULE = re.compile(r"([^{}]+)\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}", re.I)
_SIMPLE = re.compile(r"^[\w-]*([.#])([\w-]+)$")
_NO_DISPLAY = re.compile(r"display\s*:\s*none")
_NO_SIZE = re.compile(r"font-size\s*:\s*0")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_META = {"articletitle": "title", "pubdate": "published", "url": "url", "contentsource": "publisher"}


def read_html(text: str, *, name: str, limits: Limits, format: str = "html", hidden: bool = False) -> Document:
    """A document from a page's text.

    Parameters
    ----------
    text : str
        The page.
    hidden : bool, default False
        Whether parts that the page hides (``hidden``, ``display:none``) are read too.
    """
    tree = LexborHTMLParser(text)
    # Most pages hide nothing: then no element need be asked.
    walker = _Walker(name, limits, hidden or not _may_hide(text))
    root = tree.root
    if root is not None:
        walker.hiding = _hiding_selectors(tree) if not hidden else frozenset()
        walker.children(root, 0)
        walker.flush()
    metadata = _metadata(tree)
    title = metadata.pop("title", "") or _title(tree)
    notes = tuple(walker.notes)
    return Document(name=name, format=format, blocks=tuple(walker.blocks), title=title, metadata=metadata, notes=notes)


def _may_hide(text: str) -> bool:
    # One search for one literal at a time: a pattern of alternatives takes as long as all the rest.
    low = text.lower()
    struck = any(tag in low for tag in ("<del", "<s>", "<s ", "<strike"))
    return struck or "hidden" in low or "line-through" in low or bool(_NO_DISPLAY.search(low) or _NO_SIZE.search(low))


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return _SPACE.sub(" ", node.text()).strip() if node is not None else ""


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        attributes = node.attributes
        field = _META.get((attributes.get("name") or "").lower())
        content = (attributes.get("content") or "").strip()
        if field and content:
            found.setdefault(field, content)
    return found


def _hiding_selectors(tree: LexborHTMLParser) -> frozenset[str]:
    """Classes (``.x``) and ids (``#x``) that a style sheet of the page hides outright."""
    found = set()
    for node in tree.css("style"):
        for rule in _HIDING_RULE.finditer(node.text()):
            for selector in rule.group(1).split(","):
                simple = _SIMPLE.match(selector.strip())
                if simple:
                    found.add(simple.group(1) + simple.group(2))
    return frozenset(found)


class _Walker:
    """Goes through the tree once and collects blocks."""

    def __init__(self, name: str, limits: Limits, hidden: bool) -> None:
        self.name = name
        self.limits = limits
        self.hidden = hidden
        self.hiding: frozenset[str] = frozenset()
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self.pieces: list[str] = []
        self.tables = 0
        self.paragraphs = 0

    def flush(self) -> None:
        """Close the running text."""
        text = "".join(self.pieces)
        self.pieces = []
        lines = [line.strip(" ") for line in text.split("\n")]
        text = "\n".join(line for line in lines if line)
        if text:
            self.paragraphs += 1
            self.blocks.append(Text(text, f"text {self.paragraphs}"))

    def seen(self, node: Any) -> bool:
        """Whether a reader of the page sees the element."""
        if self.hidden:
            return True
        attributes = node.attributes
        if not attributes:
            return True
        style = attributes.get("style") or ""
        if "hidden" in attributes or (style and (_HIDDEN.search(style) or _STRUCK_OUT.search(style))):
            return False
        if style and node.tag in _INLINE and _SIZELESS.search(style):
            return False
        if self.hiding:
            if "#" + (attributes.get("id") or "") in self.hiding:
                return False
            return not any("." + name in self.hiding for name in (attributes.get("class") or "").split())
        return True

    def children(self, node: Any, depth: int) -> None:
        """Walk what stands in an element."""
        if depth > self.limits.max_depth:
            return
        child = node.child
        while child is not None:
            self.node(child, depth)
            child = child.next

    def node(self, node: Any, depth: int) -> None:
        """Walk one node."""
        tag = node.tag
        if tag == "-text":
            self.pieces.append(_SPACE.sub(" ", node.text_content or ""))
            return
        if tag in _SKIPPED or not self.seen(node):
            return
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "table":
            self.flush()
            self.table(node, depth)
        elif tag == "img":
            self.image(node)
        elif tag in _STRUCK_TAGS and not self.hidden:
            return
        elif tag == "sup":
            self.raised(node, depth)
        elif tag in _BLOCKS:
            if tag in _CONTAINERS:
                rows = self.rows_of_boxes(node)
                if rows:
                    self.flush()
                    self.tables += 1
                    self.blocks.append(_boxes(rows, f"table {self.tables}"))
                    return
            self.pieces.append("\n")
            self.children(node, depth + 1)
            self.pieces.append("\n")
        else:
            self.children(node, depth + 1)

    def raised(self, node: Any, depth: int) -> None:
        """Raised digits behind something are the mark of a note and no digits of a figure: they get brackets."""
        mark = (node.text() or "").strip()
        before = "".join(self.pieces[-2:])
        if _NOTE_MARK.fullmatch(mark) and before.strip() and not before[-1].isspace():
            self.pieces.append(f"[{mark}]")
        else:
            self.children(node, depth + 1)

    def image(self, node: Any) -> None:
        """Remember that a picture stands here: it may be the table."""
        source = node.attributes.get("src") or ""
        if source and "image" not in self.notes:
            self.notes.append("image")

    def table(self, node: Any, depth: int) -> None:
        """A table: a grid, or a container where it holds tables itself."""
        if len(node.css("table")) > 1 and node.css_first("table table") is not None:
            self.layout(node, depth)
            return
        builder = GridBuilder(self.limits, self.name)
        some = False
        for group, row in _table_rows(node):
            if not self.seen(row):
                continue
            if group:
                builder.end_group()
            builder.row()
            cell = row.child
            while cell is not None:
                if cell.tag in ("td", "th") and self.seen(cell):
                    attributes = cell.attributes
                    builder.cell(self.text(cell, depth), _span(attributes.get("rowspan")), _span(attributes.get("colspan")))
                    some = True
                cell = cell.next
        if some:
            self.tables += 1
            self.blocks.append(builder.build(f"table {self.tables}", ragged=True))

    def layout(self, node: Any, depth: int) -> None:
        """A table that holds tables: rows without one keep their cells together, the others are walked."""
        plain: list[Any] = []
        for _, row in _table_rows(node):
            if not self.seen(row):
                continue
            if row.css_first("table") is None:
                plain.append(row)
                continue
            self.plain_rows(plain, depth)
            plain = []
            cell = row.child
            while cell is not None:
                if cell.tag in ("td", "th") and self.seen(cell):
                    self.children(cell, depth + 1)
                    self.pieces.append("\n")
                cell = cell.next
            self.flush()
        self.plain_rows(plain, depth)

    def plain_rows(self, rows: list[Any], depth: int) -> None:
        """Rows of a layout table that hold no table: a grid where they have several cells, else text."""
        builder = GridBuilder(self.limits, self.name)
        several = False
        for row in rows:
            builder.row()
            count = 0
            cell = row.child
            while cell is not None:
                if cell.tag in ("td", "th") and self.seen(cell):
                    attributes = cell.attributes
                    builder.cell(self.text(cell, depth), _span(attributes.get("rowspan")), _span(attributes.get("colspan")))
                    count += 1
                cell = cell.next
            several = several or count > 1
        if several:
            self.tables += 1
            self.blocks.append(builder.build(f"table {self.tables}", ragged=True))
            return
        for row in rows:
            self.children(row, depth + 1)
            self.pieces.append("\n")
        self.flush()

    def text(self, node: Any, depth: int) -> str:
        """The text of a cell, with line breaks where the page breaks it."""
        if self.hidden:
            plain = _plain_text(node)
            if plain is not None:
                return plain
        saved, self.pieces = self.pieces, []
        blocks = self.blocks
        self.blocks = []
        self.children(node, depth + 1)
        inner = [block for block in self.blocks if isinstance(block, Grid)]
        pieces = self.pieces
        self.pieces, self.blocks = saved, blocks
        self.blocks.extend(inner)
        text = "".join(pieces)
        if "\n" not in text:
            return text.strip(" ")
        return "\n".join(line for line in (part.strip(" ") for part in text.split("\n")) if line)

    def rows_of_boxes(self, node: Any) -> list[list[str]]:
        """Rows of a table that is made of boxes: at least three rows of at least two short cells each."""
        rows: list[list[str]] = []
        misses = 0
        child = node.child
        while child is not None:
            if child.tag == "-text":
                if (child.text_content or "").strip():
                    return []
            elif child.tag not in _SKIPPED and self.seen(child):
                cells = self.boxes(child) if child.tag in _CONTAINERS or child.tag in _CELLS else []
                if cells:
                    rows.append(cells)
                else:
                    misses += 1
                    if misses > 2 and misses > len(rows):
                        return []
            child = child.next
        several = sum(len(row) > 1 for row in rows)
        figures = sum(any(cell.strip().isdigit() for cell in row) for row in rows)
        return rows if several >= 3 and figures >= 2 and not misses else []

    def boxes(self, node: Any) -> list[str]:
        """The cells of a row of boxes; empty where the element is no such row."""
        cells = []
        child = node.child
        while child is not None:
            if child.tag == "-text":
                if (child.text_content or "").strip():
                    return []
            elif child.tag in _CELLS:
                if self.seen(child):
                    text = self.text(child, 0)
                    if len(text) > 90:
                        return []
                    cells.append(text)
            elif child.tag not in _SKIPPED:
                return []
            child = child.next
        return cells


def _plain_text(node: Any) -> str | None:
    """The text of a cell that holds one piece of text, or a short label in pieces; None where its markup matters.

    Between figures a break or a raised mark decides what they are; within a label nothing does.
    """
    pieces = [piece for piece in node.text(deep=True, separator=_BETWEEN).split(_BETWEEN) if piece and not piece.isspace()]
    if len(pieces) > 1:
        joined = "".join(pieces)
        if len(joined) > _SHORT_LABEL or not _LABEL_ONLY.match(joined) or node.css_first(_UNSEEN) is not None:
            return None
        pieces = [joined]
    elif pieces and not _FIGURE_OR_SHORT.match(pieces[0]) and node.css_first(_UNSEEN) is not None:
        return None
    return _SPACE.sub(" ", pieces[0]).strip(" ") if pieces else ""


def _boxes(rows: list[list[str]], where: str) -> Grid:
    width = max(len(row) for row in rows)
    aligned = all(len(row) == width for row in rows)
    return Grid([row + [""] * (width - len(row)) for row in rows] if aligned else rows, where=where, aligned=aligned)


def _table_rows(node: Any) -> list[tuple[bool, Any]]:
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


def _span(value: str | None) -> int:
    if not value:
        return 1
    digits = re.match(r"\s*(\d{1,6})", value)
    return int(digits.group(1)) if digits else 1


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
