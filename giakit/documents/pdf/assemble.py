"""Pages to one document: reading order, and tables that page breaks cut put together again."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TypeAlias

from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Block, Text
from giakit.documents.pdf.blocks import PageBlocks, drop_margins, page_blocks, take_columns
from giakit.documents.pdf.content import PageContent, split_sheet, upright
from giakit.documents.pdf.join import continues, join, take_overflow
from giakit.documents.pdf.tables import Table, grid_of
from giakit.documents.pdf.text import TextLine, line_text

Item: TypeAlias = Table | list[TextLine]
_CONTINUED = re.compile(r"[（(〔【]?\s*(?:接上表|续上?表|续)\s*[一二三四五\d]*\s*[)）〕】]?[:：]?")


def assemble(contents: list[PageContent], *, name: str, limits: Limits) -> tuple[list[Block], list[str]]:
    """Blocks in reading order, and what a reader should know.

    Parameters
    ----------
    contents : list of PageContent
        All pages.
    name : str
        Name of the document, for errors.
    limits : Limits
        ``max_cells`` applies.

    Raises
    ------
    UnreadableDocument
        Too many cells.
    """
    pages = [page_blocks(half) for content in contents for half in split_sheet(upright(content))]
    drop_margins(pages)
    for page in pages:
        take_columns(page)
    blocks: list[Block] = []
    notes = [note for content in contents for note in content.notes]
    cells = count = 0
    for page, item in _sequence(pages):
        if isinstance(item, Table):
            cells += len(item.rows) * len(item.rows[0])
            check_cells(name, cells, limits)
            count += 1
            where = f"{_pages(item.pages)} table {count}"
            blocks.append(grid_of(item, where, page.unit))
            if item.doubts:
                notes.append(f"{where}: {item.doubts} cells hold text that is not certain")
        else:
            text = "\n".join(line_text(line.glyphs, wide=True) for line in item)
            blocks.append(Text(text, f"page {page.number}"))
    return blocks, notes


def _pages(numbers: list[int]) -> str:
    return f"page {numbers[0]}" if numbers[0] == numbers[-1] else f"pages {numbers[0]}-{numbers[-1]}"


def _sequence(pages: list[PageBlocks]) -> list[tuple[PageBlocks, Item]]:
    """Everything in reading order, with tables joined over page breaks."""
    sequence: list[tuple[PageBlocks, Item]] = []
    for page in pages:
        items = _in_order(page)
        if len(items) > 1 and isinstance(items[1], Table) and _says_continued(items[0]):
            items = items[1:]
        if items and isinstance(items[0], Table) and _joined(sequence, items[0], page):
            items = items[1:]
        sequence.extend((page, item) for item in items)
    return sequence


def _says_continued(item: Item) -> bool:
    if isinstance(item, Table) or len(item) > 1:
        return False
    return bool(_CONTINUED.fullmatch(line_text(item[0].glyphs).strip()))


def _joined(sequence: list[tuple[PageBlocks, Item]], table: Table, page: PageBlocks) -> bool:
    """Join a table at the top of a page to the one at the foot of the page before, if it goes on there."""
    rest: list[TextLine] = []
    above = sequence[-1:]
    last = above[0][1] if above else None
    if isinstance(last, list):
        rest, above = last, sequence[-2:-1]
    if not above or not isinstance(above[0][1], Table):
        return False
    first, before = above[0][1], above[0][0]
    if (first.pages[-1] == table.pages[0] and before is page) or not continues(first, table, page.unit):
        return False
    if rest and not take_overflow(first, [(x.left, x.right, line_text(x.glyphs)) for x in rest]):
        return False
    if rest:
        sequence.pop()
    sequence[-1] = (before, join(first, table, page.unit))
    return True


def _in_order(page: PageBlocks) -> list[Item]:
    """Tables and the runs of lines between them, from above to below."""
    marks: list[tuple[float, Table | TextLine]] = [(table.top, table) for table in page.tables]
    marks += [((line.top + line.bottom) / 2, line) for line in page.lines]
    marks.sort(key=lambda mark: mark[0])
    ordered: list[Item] = []
    for is_table, group in groupby((mark[1] for mark in marks), key=lambda item: isinstance(item, Table)):
        if is_table:
            ordered.extend(item for item in group if isinstance(item, Table))
        else:
            ordered.append([item for item in group if isinstance(item, TextLine)])
    return ordered
