"""Pages to one document: reading order, and tables that page breaks cut put together again."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import TypeAlias

from giakit.documents.columns import ENUMERATED
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Block, Text
from giakit.documents.pdf.content import PageContent, split_sheet, upright
from giakit.documents.pdf.tables import PageBlocks, Table, drop_margins, grid_of, page_blocks, take_columns
from giakit.documents.pdf.text import TextLine, line_text

_FIGURE = re.compile(r"[\s\d.,，%％+\-—–/\\⁇]*")


def continues(first: Table, second: Table, unit: float) -> bool:
    """Whether the second table, at the top of a page, has the outer edges of the first, at the foot of one."""
    width, other = first.xs[-1] - first.xs[0], second.xs[-1] - second.xs[0]
    return abs(width - other) <= 0.6 * unit


def join(first: Table, second: Table, unit: float) -> Table:
    """Join two parts of a table; labels and rows that the page break cut are made whole again."""
    xs = _union(first.xs, second.xs, unit)
    above, below = _on(xs, first), _on(xs, second)
    offset = len(first.texts)
    below = [[number + offset for number in row] for row in below]
    texts = [*first.texts, *second.texts]
    below = below[_repeated_header(above, below, texts) :]
    if below and _header_is_cut(above, below, texts):
        below, texts = _joined_row(above, below, texts)
    if below:
        above, below, texts = _mend(above, below, texts)
    return Table(
        xs,
        above + below,
        texts,
        first.top,
        second.bottom,
        [*first.pages, *second.pages],
        first.doubts + second.doubts,
        "; ".join(dict.fromkeys(why for why in (first.why, second.why) if why)),
    )


def _union(first: list[float], second: list[float], unit: float) -> list[float]:
    """Edges of both parts, in the coordinates of the first."""
    shift = first[0] - second[0]
    edges = list(first)
    for x in second:
        if min(abs(x + shift - edge) for edge in edges) > 0.3 * unit:
            edges.append(x + shift)
    return sorted(edges)


def _on(xs: list[float], table: Table) -> list[list[int]]:
    """Rows of a table on finer columns."""
    shift = xs[0] - table.xs[0]
    own = []
    last = len(table.xs) - 2
    for left, right in itertools.pairwise(xs):
        middle = (left + right) / 2 - shift
        column = sum(x <= middle for x in table.xs[1:-1])
        own.append(min(column, last))
    return [[row[column] for column in own] for row in table.rows]


def _repeated_header(above: list[list[int]], below: list[list[int]], texts: Sequence[str]) -> int:
    """Rows at the head of the second part that repeat the head of the first."""

    best = 0
    for k, (one, two) in enumerate(zip(above, below, strict=False), start=1):
        if any(texts[n].strip() and _FIGURE.fullmatch(texts[n]) for n in (*one, *two)):
            break
        if not _alike(_words(one, texts), _words(two, texts)):
            break
        if any(texts[n].strip() for n in two):
            best = k
    # A cell that goes on below the repeated rows is no header.
    while best and best < len(below) and set(below[best - 1]) & set(below[best]):
        best -= 1
    return best


def _words(row: list[int], texts: Sequence[str]) -> str:
    """What a row says, without spaces and punctuation."""
    said = "|".join(texts[number] for number in dict.fromkeys(row))
    return re.sub(r"[^\w|]", "", unicodedata.normalize("NFKC", said))


def _alike(one: str, two: str) -> bool:
    """Whether two rows say the same; a recognised character may differ."""
    return one == two or SequenceMatcher(None, one, two, autojunk=False).ratio() > 0.93


def _spans(row: list[int]) -> dict[tuple[int, int], int]:
    """Cells of a row by the columns they cover."""
    spans: dict[tuple[int, int], int] = {}
    start = 0
    for column in range(1, len(row) + 1):
        if column == len(row) or row[column] != row[start]:
            spans[start, column] = row[start]
            start = column
    return spans


def _label_end(rows: list[list[int]], texts: Sequence[str]) -> int:
    """First column whose cells hold figures and nothing else in most rows that have any."""
    width = len(rows[0])
    for column in range(width):
        held = [texts[row[column]].strip() for row in rows]
        held = [text for text in held if text]
        figures = sum(bool(_FIGURE.fullmatch(text)) for text in held)
        if figures and figures * 2 >= len(held):
            return column
    return width


def _goes_on(first: str, second: str, column: Sequence[str]) -> bool:
    """Whether two label cells that meet at a page break are one."""
    if not first.strip() or not second.strip():
        return True
    if ENUMERATED.match(second):
        return False
    others = [text for text in column if text.strip() and text not in (first, second)]
    numbered = sum(bool(ENUMERATED.match(text)) for text in others)
    return (bool(others) and numbered * 2 > len(others)) or (bool(ENUMERATED.match(first)) and not others)


def _header_is_cut(above: list[list[int]], below: list[list[int]], texts: Sequence[str]) -> bool:
    """Whether the page break runs through the last row of the table's head."""
    said = [texts[number].strip() for number in dict.fromkeys(n for row in [*above, below[0]] for n in row)]
    if any(text and _FIGURE.fullmatch(text) for text in said):
        return False
    lower = [texts[number].strip() for number in dict.fromkeys(below[0])]
    same = list(_spans(above[-1])) == list(_spans(below[0]))
    return same and any(lower) and not all(lower)


def _joined_row(
    above: list[list[int]], below: list[list[int]], texts: Sequence[str]
) -> tuple[list[list[int]], list[str]]:
    """Add the first row below the break to the last one above."""
    joined = list(texts)
    same = dict(zip(below[0], above[-1], strict=True))
    for lower, upper in same.items():
        joined[upper] = "\n".join(text for text in (texts[upper], texts[lower]) if text.strip())
    return [[same.get(number, number) for number in row] for row in below[1:]], joined


def take_overflow(table: Table, lines: Sequence[tuple[float, float, str]]) -> bool:
    """Give lines that stand under the last row, at a page break, to the label cell that they run out of.

    Parameters
    ----------
    table : Table
        The part above the break; its text is changed where True is returned.
    lines : sequence of (left, right, text)
        Everything that stands between the part and the next page.
    """
    cells = _spans(table.rows[-1])
    homes = []
    for left, right, _ in lines:
        inside = [
            number
            for (start, end), number in cells.items()
            if table.xs[start] - 1 <= left
            and right <= table.xs[end] + 1
            and table.xs[end] - table.xs[start] < 0.5 * (table.xs[-1] - table.xs[0])
            and not _FIGURE.fullmatch(table.texts[number])
        ]
        if not inside:
            return False
        homes.append(inside[0])
    for (_, _, text), number in zip(lines, homes, strict=True):
        table.texts[number] += "\n" + text
    return True


def _mend(
    above: list[list[int]], below: list[list[int]], texts: list[str]
) -> tuple[list[list[int]], list[list[int]], list[str]]:
    """Join what the page break cut: the last row with the first, or only the labels that run on."""
    rows = above + below
    labels = _label_end(rows, texts)
    if labels in (0, len(rows[0])):
        return above, below, texts
    last, first = _spans(above[-1]), _spans(below[0])
    shared = [span for span in last if span in first]
    row_label = next((span for span in shared if span[1] == labels), None)
    same: dict[int, int] = {}
    cut_row = row_label is not None and _row_is_cut(above, below, texts, labels, row_label)
    for span in shared:
        if span[1] > labels and not cut_row:
            continue
        if span[1] == labels and not cut_row:
            continue
        column = [texts[number] for number in dict.fromkeys(row[span[0]] for row in rows)]
        upper, lower = last[span], first[span]
        if (cut_row and span[1] >= labels) or _goes_on(texts[upper], texts[lower], column):
            same[lower] = upper
    texts = list(texts)
    for lower, upper in same.items():
        texts[upper] = "\n".join(text for text in (texts[upper], texts[lower]) if text.strip())
    below = [[same.get(number, number) for number in row] for row in below]
    return above, below[1:] if cut_row else below, texts


def _row_is_cut(
    above: list[list[int]], below: list[list[int]], texts: Sequence[str], labels: int, row_label: tuple[int, int]
) -> bool:
    """Whether the last row above and the first below the break are one row."""
    upper, lower = _spans(above[-1]), _spans(below[0])
    if [span for span in upper if span[1] > labels] != [span for span in lower if span[1] > labels]:
        return False
    if len(below) > 1 and set(below[0][labels:]) & set(below[1][labels:]):
        return False
    up = [texts[number].strip() for number in above[-1][labels:]]
    down = [texts[number].strip() for number in below[0][labels:]]
    if any(up) and any(down):
        return False
    first, second = texts[upper[row_label]].strip(), texts[lower[row_label]].strip()
    if not second:
        return True
    if not first:
        return any(up) and not any(down)
    column = [texts[n] for n in dict.fromkeys(row[labels - 1] for row in above + below)]
    return _goes_on(first, second, column)


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
