"""Blocks of a Word story (body, header, note): paragraphs, tables, text boxes in reading order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml import etree

from giakit.documents.docx_runs import Paragraph, ParagraphReader
from giakit.documents.grid import MAX_COLSPAN, GridBuilder
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Block, Grid, Text
from giakit.documents.wordml import attribute, contents, name_of, properties_of, whole_number
from giakit.errors import UnreadableDocument

# column -> (anchor, text) of the cells that the row below may continue
_Open = dict[int, tuple[int, str]]


class StoryReader:
    """Turns the stories of one document into blocks.

    Parameters
    ----------
    paragraphs : ParagraphReader
        Reads single paragraphs.
    passed_over : Counter
        Counts what is left out, see `ParagraphReader`; here ``covered``, ``row:hidden`` and ``row:deleted``.
    chunk : callable
        Gives the blocks of an ``altChunk`` by its relationship id.
    name : str
        Name of the document, for errors.
    limits : Limits
        ``max_cells`` over all tables, ``max_depth`` for tables in tables.
    """

    def __init__(
        self,
        *,
        paragraphs: ParagraphReader,
        passed_over: Counter[str],
        chunk: Callable[[str], list[Block]],
        name: str,
        limits: Limits,
    ) -> None:
        self._paragraphs = paragraphs
        self._passed_over = passed_over
        self._chunk = chunk
        self._name = name
        self._limits = limits
        self._depth = 0
        self._cells = 0
        self._counted: Counter[str] = Counter()

    def blocks(self, container: etree._Element, where: str = "") -> list[Block]:
        """Blocks of an element that holds paragraphs and tables.

        Parameters
        ----------
        container : lxml.etree._Element
            A body, header, note, cell or text box.
        where : str, default ""
            Where its paragraphs stand; "" counts them.

        Returns
        -------
        list of Text and Grid
            Paragraphs without text are left out.
        """
        self._depth += 1
        if self._depth > self._limits.max_depth:
            raise UnreadableDocument(self._name, "its tables or text boxes are nested too deeply")
        found: list[Block] = []
        begun = ""
        for each in contents(container, self._passed_over):
            name = name_of(each)
            if name == "p":
                paragraph = self._paragraphs.read(each)
                place = where or f"paragraph {self._next('paragraph')}"
                begun += paragraph.text
                if not paragraph.joins_next:
                    found.extend(_text(begun, place))
                    begun = ""
                for box in paragraph.boxes:
                    found.extend(self.blocks(box, f"text box {self._next('text box')}"))
            elif name == "tbl":
                found.extend(self._table(each))
            elif name == "altChunk":
                found.extend(self._chunk(attribute_of_relationship(each)))
        found.extend(_text(begun, where))
        self._depth -= 1
        return found

    def _next(self, kind: str) -> int:
        self._counted[kind] += 1
        return self._counted[kind]

    def _table(self, table: etree._Element) -> list[Block]:
        rows = [
            (row, [cell for cell in contents(row, self._passed_over) if name_of(cell) == "tc"])
            for row in contents(table, self._passed_over)
            if name_of(row) == "tr"
        ]
        if _holds_tables(table) and _is_frame([cells for _, cells in rows]):
            # Its content in reading order is worth more than its one column.
            return [block for _, cells in rows for cell in cells for block in self.blocks(cell)]
        where = f"table {self._next('table')}"
        builder = GridBuilder(self._limits, self._name)
        inner: list[Block] = []
        still_open: _Open = {}
        for row, cells in rows:
            properties = properties_of(row, "trPr")
            if "del" in properties:
                self._passed_over["row:deleted"] += 1
            else:
                before = whole_number(properties.get("gridBefore"), 0)
                still_open = self._row(before, cells, builder, still_open, inner)
        grid = builder.build(where, ragged=True)
        if not grid.rows:
            return inner
        self._cells += len(grid.rows) * len(grid.rows[0])
        check_cells(self._name, self._cells, self._limits)
        return [grid, *inner]

    def _row(
        self,
        before: int,
        cells: list[etree._Element],
        builder: GridBuilder,
        above: _Open,
        inner: list[Block],
    ) -> _Open:
        """Place the cells of one row behind `before` empty columns; returns what the next row may continue."""
        stated = [(cell, properties_of(cell, "tcPr")) for cell in cells]
        kept = [(cell, properties) for cell, properties in stated if "cellDel" not in properties]
        self._passed_over["deleted"] += len(cells) - len(kept)
        read = [self._cell(cell) for cell, _ in kept]
        if any(hid for _, _, hid in read) and not any(text or more for text, more, _ in read):
            self._passed_over["row:hidden"] += 1
            return above
        builder.row()
        column = min(max(before, 0), MAX_COLSPAN)
        below: _Open = {}
        left: tuple[int, str] | None = None
        for (_, properties), (text, more, _) in zip(kept, read, strict=True):
            span = min(max(whole_number(properties.get("gridSpan"), 1), 1), MAX_COLSPAN)
            vertical = _merge(properties)
            master = above.get(column) if vertical == "continue" else None
            if left is not None and attribute(properties.get("hMerge")) == "continue":
                master = left
            if master is not None:
                if text and text != master[1]:
                    self._passed_over["covered"] += 1
                builder.cell(master[1], colspan=span, at=column, join=master[0])
            else:
                master = (builder.cell(text, colspan=span, at=column), text)
            inner.extend(more)
            if vertical:
                below[column] = master
            left = master
            column += span
        return below

    def _cell(self, cell: etree._Element) -> tuple[str, list[Block], bool]:
        """Text of a cell, the blocks in it that are not its text, and whether something was hidden."""
        self._depth += 1
        if self._depth > self._limits.max_depth:
            raise UnreadableDocument(self._name, "its tables or text boxes are nested too deeply")
        lines: list[str] = []
        inner: list[Block] = []
        boxes: list[Block] = []
        before, hid = Paragraph(), False
        for each in contents(cell, self._passed_over):
            name = name_of(each)
            if name == "p":
                paragraph = self._paragraphs.read(each)
                if before.joins_next and lines:
                    lines[-1] += paragraph.text
                else:
                    lines.append(paragraph.text)
                before, hid = paragraph, hid or paragraph.hid
                for box in paragraph.boxes:
                    boxes.extend(self.blocks(box, f"text box {self._next('text box')}"))
            elif name == "tbl":
                nested = self._table(each)
                single = _single_text(nested)
                if single is None:
                    inner.extend(nested)
                else:
                    lines.append(single)
            elif name == "altChunk":
                inner.extend(self._chunk(attribute_of_relationship(each)))
        self._depth -= 1
        text = "\n".join(lines).strip("\n")
        # A text box over an empty cell (a slanted header, a figure laid over it) is what the cell shows.
        if boxes and not text.strip() and all(isinstance(block, Text) for block in boxes):
            return "\n".join(block.text for block in boxes if isinstance(block, Text)), inner, hid
        return text, [*inner, *boxes], hid


def attribute_of_relationship(element: etree._Element) -> str:
    """The ``r:id`` of an element, whatever namespace `r` is."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _text(text: str, where: str) -> list[Block]:
    return [Text(text, where)] if text.strip() else []


def _holds_tables(table: etree._Element) -> bool:
    return next(table.iterdescendants(str(table.tag)), None) is not None


def _is_frame(rows: list[list[etree._Element]]) -> bool:
    """Whether a table only frames other tables: each row has at most one cell with anything in it."""
    if not any(
        name_of(each) == "tbl" for cells in rows for cell in cells for each in contents(cell, Counter())
    ):
        return False
    return all(sum(map(_is_filled, cells)) <= 1 for cells in rows)


def _is_filled(cell: etree._Element) -> bool:
    return any(
        name_of(each) == "tbl" or (name_of(each) == "t" and (each.text or "").strip()) for each in cell.iter()
    )


def _single_text(blocks: list[Block]) -> str | None:
    """Text of a nested table that is no more than a frame around one text."""
    if len(blocks) == 1 and isinstance(blocks[0], Grid):
        rows = blocks[0].rows
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
    return None


def _merge(properties: dict[str, etree._Element]) -> str:
    """``restart``, ``continue`` or "": how a cell takes part in a vertical merge."""
    merge = properties.get("vMerge")
    if merge is None:
        tracked = attribute(properties.get("cellMerge"), "vMerge")
        return {"cont": "continue", "rest": "restart"}.get(tracked or "", "")
    return "restart" if attribute(merge) == "restart" else "continue"
