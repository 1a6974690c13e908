"""A walk through a page's tree that collects what a reader sees."""

from __future__ import annotations

import re
from typing import Any

from giakit.documents.grid import GridBuilder
from giakit.documents.html_cells import grid_of_boxes, lines_of, plain_text, span, table_rows
from giakit.documents.html_tags import BLOCKS, CELLS, CONTAINERS, INLINE, SKIPPED, STRUCK
from giakit.documents.limits import Limits
from giakit.documents.model import Block, Grid, Text
from giakit.errors import UnreadableDocument

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Only on inline elements: around boxes it is a means of layout, and the boxes set a size of their own.
_SIZELESS = re.compile(r"font-size\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)", re.I)
_STRUCK_OUT = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I)
_NOTE_MARK = re.compile(r"\d{1,2}")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LONGEST_CELL = 90
_NESTED = "table, ul, ol"
_MOST_INNER = 2


class Walker:
    """Goes through the tree once and collects blocks."""

    def __init__(
        self, name: str, limits: Limits, *, all_seen: bool, hiding: frozenset[str] = frozenset()
    ) -> None:
        self.name = name
        self.limits = limits
        self.all_seen = all_seen
        self.hiding = hiding
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self.pieces: list[str] = []
        self.tables = 0
        self.paragraphs = 0
        self.preformatted = False

    def flush(self) -> None:
        """Close the running text."""
        text = "".join(self.pieces)
        self.pieces = []
        text = "\n".join(lines_of(text))
        if text:
            self.paragraphs += 1
            self.blocks.append(Text(text, f"text {self.paragraphs}"))

    def seen(self, node: Any) -> bool:
        """Whether a reader of the page sees the element."""
        if self.all_seen:
            return True
        attributes = node.attributes
        if not attributes:
            return True
        style = attributes.get("style") or ""
        if "hidden" in attributes or (style and (_HIDDEN.search(style) or _STRUCK_OUT.search(style))):
            return False
        if style and node.tag in INLINE and _SIZELESS.search(style):
            return False
        if self.hiding:
            if "#" + (attributes.get("id") or "") in self.hiding:
                return False
            return not any("." + name in self.hiding for name in (attributes.get("class") or "").split())
        return True

    def children(self, node: Any, depth: int) -> None:
        """Walk what stands in an element."""
        if depth > self.limits.max_depth:
            raise UnreadableDocument(
                self.name, f"its elements are nested deeper than {self.limits.max_depth} (Limits.max_depth)"
            )
        child = node.child
        while child is not None:
            self.node(child, depth)
            child = child.next

    def node(self, node: Any, depth: int) -> None:
        """Walk one node."""
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            self.pieces.append(text.expandtabs() if self.preformatted else _SPACE.sub(" ", text))
            return
        if tag in SKIPPED or not self.seen(node):
            return
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "table":
            self.flush()
            self.table(node, depth)
        elif tag == "img":
            self.image(node)
        elif tag in STRUCK and not self.all_seen:
            return
        elif tag == "sup":
            self.raised(node, depth)
        elif tag in BLOCKS:
            if tag in CONTAINERS:
                rows = self.rows_of_boxes(node)
                if rows:
                    self.flush()
                    self.tables += 1
                    self.blocks.append(grid_of_boxes(rows, f"table {self.tables}"))
                    return
            before, self.preformatted = self.preformatted, self.preformatted or tag == "pre"
            self.pieces.append("\n")
            self.children(node, depth + 1)
            self.pieces.append("\n")
            self.preformatted = before
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
        for image in node.css("img"):
            self.image(image)
        builder = GridBuilder(self.limits, self.name)
        some = 0
        for group, row in table_rows(node):
            if not self.seen(row):
                continue
            if group:
                builder.end_group()
            some += self.row(row, builder, depth)
        if some:
            self.tables += 1
            self.blocks.append(builder.build(f"table {self.tables}", ragged=True))

    def row(self, row: Any, builder: GridBuilder, depth: int) -> int:
        """Put the cells of a row into the grid; how many there are."""
        builder.row()
        count = 0
        cell = row.child
        while cell is not None:
            if cell.tag in ("td", "th") and self.seen(cell):
                attributes = cell.attributes
                builder.cell(
                    self.text(cell, depth), span(attributes.get("rowspan")), span(attributes.get("colspan"))
                )
                count += 1
            cell = cell.next
        return count

    def layout(self, node: Any, depth: int) -> None:
        """A table that holds tables: rows without one keep their cells together, the others are walked."""
        plain: list[Any] = []
        for _, row in table_rows(node):
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
        if max((self.row(row, builder, depth) for row in rows), default=0) > 1:
            self.tables += 1
            self.blocks.append(builder.build(f"table {self.tables}", ragged=True))
            return
        for row in rows:
            self.children(row, depth + 1)
            self.pieces.append("\n")
        self.flush()

    def text(self, node: Any, depth: int) -> str:
        """The text of a cell, with line breaks where the page breaks it."""
        if self.all_seen:
            plain = plain_text(node)
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
        return "\n".join(lines_of("".join(pieces))).strip()

    def rows_of_boxes(self, node: Any) -> list[list[str]]:
        """Rows of a table that is made of boxes: at least three rows of at least two short cells each."""
        rows: list[list[str]] = []
        misses = 0
        child = node.child
        while child is not None:
            if child.tag == "-text":
                if (child.text_content or "").strip():
                    return []
            elif child.tag not in SKIPPED and self.seen(child):
                cells = self.boxes(child) if child.tag in CONTAINERS or child.tag in CELLS else []
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
            elif child.tag in CELLS:
                # A box with boxes inside is no cell; asking before reading keeps nested boxes cheap.
                if (
                    len(child.text(deep=True).strip()) > _LONGEST_CELL
                    or child.css_first(_NESTED) is not None
                    or len(child.css("div")) > _MOST_INNER
                ):
                    return []
                if self.seen(child):
                    cells.append(self.text(child, 0))
            elif child.tag not in SKIPPED:
                return []
            child = child.next
        return cells
