"""What few pages have, rewritten into markup that the reader of plain pages reads.

Tables in tables, and tables made of boxes, become tables of their own; pages that stand in the strings of scripts are
taken out of them; what stands in lines keeps its lines.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser

UNALIGNED = "\ufdd1"
"""Stands in the tag of a table made of boxes: its rows need not have common columns."""

_PRE = re.compile(r"<pre\b.*?</pre>", re.S)
_LITERAL = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`", re.S)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "\n": ""}
_MARKUP = re.compile(r"<(?:table|p|div|td)\b", re.I)
_SHORTEST_PAGE = 30
_SCRIPT_TABLE = re.compile(r"(?:<|\\u003c|\\x3c|&lt;)\s*table\b", re.I)
_NOSCRIPT = re.compile(r"<noscript\b[^>]*>.*?</noscript>", re.S | re.I)
_TABLE_TAGS = re.compile(r"(</?(?:table|t[rdh]|tbody|thead|tfoot)\b[^>]*>)")

_CONTAINERS = frozenset({"div", "ul", "ol", "dl", "section", "article", "main", "body", "center", "form"})
_CELLS = frozenset({"div", "span", "li", "dt", "dd", "p", "b", "strong"})
_BOX = r"(?:div|span|li|dt|dd|p|b|strong)"
_OPEN_BOX = rf"<{_BOX}\b[^>]*>\s*"
_FIGURE_BESIDE_BOX = re.compile(
    rf"</{_BOX}>\s*{_OPEN_BOX}(?:<[^/][^>]*>\s*)*\d+\s*</"
    rf"|{_OPEN_BOX}\d+\s*</{_BOX}>\s*<{_BOX}\b|{_OPEN_BOX}<[^/][^>]*>\s*\d+\s*</[^>]*>\s*</{_BOX}>\s*<{_BOX}\b"
)
_LONGEST_CELL = 90
_MOST_INNER = 2
_FEWEST_ROWS, _FEWEST_FIGURES = 3, 2


def without_noscript_in_head(text: str) -> str:
    """Without scripts, a parser lets what stands there fall into the body; a browser shows none of it."""
    end = text.find("<body")
    if end < 0 or "<noscript" not in text[:end]:
        return text
    return _NOSCRIPT.sub("", text[:end]) + text[end:]


def plain(tree: LexborHTMLParser, source: str, tags: set[str]) -> str:
    """The markup of a page's body, given with the tags in it, without tables in tables and without tables made of boxes."""
    if _has_figure_boxes(source):
        source = _with_boxes_as_tables(tree, source)
    if "pre" in tags:
        source = _PRE.sub(lambda match: match[0].expandtabs().replace("\n", "<br>"), source)
    if any("</table>" not in part for part in source.split("<table")[1:]):
        source = _unnested(source)
    return source


# Tables in tables


class _Table:
    """A table that is being read; what is finished of it, and the rows behind that, which hold no table."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.finished: list[str] = []
        self.rows: list[str] = []
        self.widest = 0
        self.cells: list[str] = []
        self.text: list[str] = []
        self.row_holds_table = False

    def end_row(self) -> None:
        """Keep a row; one that holds a table becomes a block a cell."""
        if self.row_holds_table:
            self.end_rows()
            self.finished += [f"<div>{cell.partition('>')[2]}</div>" for cell in self.cells]
        else:
            self.widest = max(self.widest, len(self.cells))
            self.rows.append(f"<tr>{''.join(self.cells)}</tr>")
        self.cells, self.row_holds_table = [], False

    def end_rows(self) -> None:
        """The rows so far are a table where they have several cells, else lines."""
        rows = "".join(self.rows)
        self.finished.append(f"{self.tag}{rows}</table>" if self.widest > 1 else f"<div>{rows}</div>")
        self.rows, self.widest = [], 0

    def whole(self) -> str:
        """What the table is rewritten to."""
        if not self.finished:
            return f"{self.tag}{''.join(self.rows)}</table>"
        self.end_rows()
        return "".join(self.finished)


def _unnested(source: str) -> str:
    """The markup with the rows of a table that hold tables as blocks, and those between them as tables of their own."""
    page: list[str] = []
    tables: list[_Table] = []
    for part in _TABLE_TAGS.split(source):
        table = tables[-1] if tables else None
        if part.startswith("<table"):
            tables.append(_Table(part))
        elif table is None:
            page.append(part)
        elif part == "</table>":
            tables.pop()
            if tables:
                tables[-1].row_holds_table = True
            (tables[-1].text if tables else page).append(table.whole())
        elif part.startswith("<tr"):
            table.text = []
        elif part.startswith(("<td", "<th ", "<th>")):
            table.text = [part]
        elif part in ("</td>", "</th>"):
            table.cells.append("".join([*table.text, part]))
            table.text = []
        elif part == "</tr>":
            table.end_row()
        elif part.startswith(("<tbody", "<thead", "<tfoot")):
            table.rows.append(part)
        elif not part.startswith("</t"):
            table.text.append(part)
    return "".join(page)


# Tables made of boxes


def _has_figure_boxes(source: str) -> bool:
    """Whether several boxes outside of tables hold a figure alone and stand beside another box.

    >>> _has_figure_boxes("<li><span>收到</span><span>3</span></li><li><span>办结</span><span>3</span></li>")
    True
    >>> _has_figure_boxes("<li><a>要闻</a><span>3</span></li><li><a>公告</a><span>3</span></li>")
    False
    """
    outside = (part.rpartition("</table>")[2] for part in source.split("<table"))
    boxes = (box for part in outside for box in _FIGURE_BESIDE_BOX.finditer(part))
    return next(islice(boxes, _FEWEST_FIGURES - 1, None), None) is not None


def _with_boxes_as_tables(tree: LexborHTMLParser, source: str) -> str:
    boxes = _Boxes()
    waiting: list[Any] = [tree.body or tree.root]
    while waiting:
        node = waiting.pop()
        if node.tag in _CONTAINERS:
            rows = boxes.rows_of(node)
            if rows:
                source = source.replace(node.html, _table_of(rows), 1)
                continue
        if node.tag != "table":
            waiting += [child for child in node.iter() if child.child is not None]
    return source


def _table_of(rows: list[list[Any]]) -> str:
    unaligned = f" {UNALIGNED}" if len({len(row) for row in rows}) > 1 else ""
    lines = ("".join(f"<td>{cell.inner_html}</td>" for cell in row) for row in rows)
    return f"<table{unaligned}>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


class _Boxes:
    """Rows and cells of tables that are made of boxes; each element is asked once."""

    def __init__(self) -> None:
        self.known: dict[int, list[list[Any]]] = {}

    def rows_of(self, node: Any) -> list[list[Any]]:
        """The rows of a table: at least three of at least two short cells each, and figures in two; empty if it is none."""
        if node.mem_id not in self.known:
            self.known[node.mem_id] = self._rows_of(node)
        return self.known[node.mem_id]

    def _rows_of(self, node: Any) -> list[list[Any]]:
        rows: list[list[Any]] = []
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                if (child.text_content or "").strip():
                    return []
            elif child.tag[0] not in "-!":
                cells = self._cells_of(child) if child.tag in _CONTAINERS or child.tag in _CELLS else []
                if not cells:
                    return []
                rows.append(cells)
        several = sum(len(row) > 1 for row in rows)
        figures = sum(any(cell.text().strip().isdigit() for cell in row) for row in rows)
        return rows if several >= _FEWEST_ROWS and figures >= _FEWEST_FIGURES else []

    def _cells_of(self, node: Any) -> list[Any]:
        cells = []
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                if (child.text_content or "").strip():
                    return []
            elif child.tag in _CELLS:
                # A box with boxes inside is no cell; asking before reading keeps nested boxes cheap.
                if (
                    len(child.text().strip()) > _LONGEST_CELL
                    or child.css_first("table, ul, ol") is not None
                    or len(child.css("div")) > _MOST_INNER + 1
                ):
                    return []
                cells.append(child)
            elif child.tag[0] not in "-!":
                return []
        return cells


# Pages in scripts


def scripts_hold_table(text: str) -> bool:
    """Whether the tag of a table may stand in a string of a script, escaped or not."""
    return _SCRIPT_TABLE.search(text) is not None


def embedded_html(text: str) -> str:
    """HTML that stands inside string literals of a script or of JSON, unescaped; "" if there is none.

    >>> embedded_html(r'var page = "<table><tr><td>1<\\/td><\\/tr><\\/table>";')
    '<table><tr><td>1</td></tr></table>'
    """
    parts = []
    for literal in _LITERAL.finditer(text):
        string = next(group for group in literal.groups() if group is not None)
        if len(string) < _SHORTEST_PAGE:
            continue
        plain_text = _ESCAPE.sub(_unescaped, string)
        if "&lt;" in plain_text and not _MARKUP.search(plain_text):
            plain_text = unescape(plain_text)
        if _MARKUP.search(plain_text):
            parts.append(plain_text)
    return "\n".join(parts)


def _unescaped(escape: re.Match[str]) -> str:
    code = escape.group(1)
    return chr(int(code[1:], 16)) if len(code) > 1 else _SIMPLE_ESCAPES.get(code, code)
