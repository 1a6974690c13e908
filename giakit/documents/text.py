"""Plain text, Markdown and CSV: lines of cells and drawn tables become grids, the rest stays text.

A table that is drawn with characters (``+---+``, ``│``, ``--- ---``), as pandoc, w3m, links, antiword and others do, has ruling
lines, and letters with places, as a printed one has: `giakit.documents.geometry` makes its cells.
"""

from __future__ import annotations

import csv
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple, TypeAlias

from giakit.documents.columns import word_tables
from giakit.documents.geometry import Line, Word, grid_of, lattices, merge_lines
from giakit.documents.model import Block, Document, Grid, Text

# Heads of saved pages: "标题: …" and the like, as site copies write them.
_HEAD = re.compile(r"^(标题|发布时间|发布日期|发布机构|原文链接)\s*[:：]\s*(.*)$")
_FIELDS = {
    "标题": "title",
    "发布时间": "published",
    "发布日期": "published",
    "发布机构": "publisher",
    "原文链接": "url",
}
_QUOTED_BREAK = re.compile(r'(?<=,)"[^",]*\n[^",]*"(?=,|\n|$)')
_LEAST_COMMAS = 2
_LEAST_LINES = 3
_LINE_BREAK = re.compile(r"<br\s*/?>", re.I)
_BARS = "|｜"
_BAR = re.compile(r"(?<!\\)[|｜]")
_DELIMITER = re.compile(r"(?=.*\|)[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)*(?:[ \t]*:?-+:?[ \t]*)?")
_MARKDOWN = re.compile(r"^#{1,6} |\*\*\S|\\[.()\[\]*_#+!-]|^[ |:-]*-[ |:-]*\|[ |:-]*-[ |:-]*$", re.M)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_FIGURE = re.compile(r"[+\-]?\d[\d,.]*%?")
_GAP = re.compile(r"(?<=\d)[ \t\u3000]+(?=\d)")
_SEVERAL_GAPS = 4
_WIKI_TABLE = re.compile(r"^\{\|.*?\n(.*?)^\|\}", re.M | re.S)
_WIKI_ROW = re.compile(r"^\|-.*$", re.M)
_WIKI_CELL = re.compile(r"^[|!]|\|\||!!", re.M)
_WIKI_STYLE = re.compile(r"^\s*(?:\w+\s*=\s*\"[^\"]*\"\s*)+\|")


def read_text(text: str, *, name: str, format: str = "text") -> Document:
    """A document from plain text or Markdown.

    Drawn tables are grids with their spans. Lines with tabs or with two pipes and more are rows of a grid; lines that follow each
    other, blank ones apart, make one grid. So do three lines and more with equally many commas (CSV). Everything else is text, with
    its line breaks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    metadata: dict[str, str] = {}
    for line in text.split("\n")[:20]:
        head = _HEAD.match(line.strip())
        if head and head.group(2):
            metadata.setdefault(_FIELDS[head.group(1)], head.group(2).strip())
    title = metadata.pop("title", "")
    blocks: Iterable[Block] = text_blocks(_WIKI_TABLE.sub(_wiki_rows, text))
    if _MARKDOWN.search(text):
        blocks = map(_without_markup, blocks)
    return Document(name=name, format=format, blocks=tuple(blocks), title=title, metadata=metadata)


def _wiki_rows(table: re.Match[str]) -> str:
    """A table of a wiki, which gives each cell a line, with each row on a line and pipes between its cells."""
    rows = [_WIKI_CELL.split(row)[1:] for row in _WIKI_ROW.split(table.group(1))]
    cells = [[_WIKI_STYLE.sub("", cell).replace("\n", " ").strip() for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells if row)


def _without_markup(block: Block) -> Block:
    """A block of Markdown as it is shown: what is saved as ``8486\\.3`` or ``**5**`` is 8486.3 and 5."""
    if isinstance(block, Text):
        return Text(_shown(block.text), block.where)
    return Grid([[_shown(cell) for cell in row] for row in block.rows], block.anchors, block.where)


def _shown(text: str) -> str:
    return html.unescape(_ESCAPED.sub(r"\1", _BOLD.sub(r"\2", text)))


def text_blocks(text: str, where: str = "") -> Iterator[Block]:
    """Split text into blocks: grids where lines have cells, texts elsewhere."""
    prefix = f"{where} " if where else ""
    lines = _QUOTED_BREAK.sub(lambda cell: cell.group(0).replace("\n", ""), text).split("\n")
    tables = start = 0
    for kind, group in groupby(_kinds(lines)):
        end = start + len(list(group))
        for block in _READERS[kind](lines[start:end]):
            if isinstance(block, Grid):
                tables += 1
                yield Grid(block.rows, block.anchors, f"{prefix}lines {tables}")
            else:
                yield Text(block.text, f"{prefix}line {start + 1}")
        start = end


def _kinds(lines: Sequence[str]) -> list[str]:
    """For each line the kind of table that it is part of; "line" for running text."""
    kinds = ["tab" if "\t" in line.rstrip() else "pipe" if _is_barred(line) else "line" for line in lines]
    for start, end in _around_delimiters(lines):
        kinds[start:end] = ["pipe"] * (end - start)
    for number in _comma_lines(lines):
        kinds[number] = "comma"
    for start, end in _dashed(lines):
        kinds[start:end] = ["dashed"] * (end - start)
    # Blank lines between two lines of a table do not part it.
    last = 0
    for number, line in enumerate(lines):
        if line.strip():
            if kinds[number] == kinds[last]:
                kinds[last:number] = [kinds[last]] * (number - last)
            last = number
        else:
            kinds[number] = "line"
    start = 0
    for kind, group in groupby(list(kinds)):
        end = start + len(list(group))
        if kind == "pipe" and _is_drawn(lines[start:end]):
            kinds[start:end] = ["drawn"] * (end - start)
        start = end
    return kinds


# Cells that a mark parts


def _is_barred(line: str) -> bool:
    return line.count("|") + line.count("｜") > 1 or bool(_CORNERED.search(line))


def _around_delimiters(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Tables of two columns in Markdown: one pipe a line, told by the line between head and body."""
    for number, line in enumerate(lines):
        if "-|" in line.replace(" ", "") and _DELIMITER.fullmatch(line):
            start, end = number, number + 1
            while start and "|" in lines[start - 1]:
                start -= 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            yield start, end


def _comma_lines(lines: Sequence[str]) -> list[int]:
    """Lines that follow each other and have equally many commas: prose never has."""
    taken: list[int] = []
    start = 0
    counts = [len(next(csv.reader([line]), [])) if line.count(",") >= _LEAST_COMMAS else 0 for line in lines]
    for count, group in groupby(counts):
        end = start + len(list(group))
        if count > _LEAST_COMMAS and end - start >= _LEAST_LINES:
            taken += range(start, end)
        start = end
    return taken


def _comma_rows(lines: Sequence[str]) -> Iterator[Block]:
    yield _rectangle([[cell.strip(" ") for cell in row] for row in csv.reader(lines) if row])


def _tab_rows(lines: Sequence[str]) -> Iterator[Block]:
    # A line of tabs alone is a row of blanks at best: it says nothing.
    yield _rectangle([[cell.strip(" ") for cell in line.split("\t")] for line in lines if line.strip()])


def _pipe_rows(lines: Sequence[str]) -> Iterator[Block]:
    rows = [
        [_LINE_BREAK.sub("\n", cell).strip() for cell in _BAR.split(line.strip())]
        for line in lines
        if line.strip(" \t|｜:+=-—")
    ]
    # A pipe at the edge is a border only where every line has it; else it bounds an empty cell.
    if rows and all(len(row) > 1 and not row[0] for row in rows):
        rows = [row[1:] for row in rows]
    if rows and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    yield _rectangle(rows)


def _rectangle(rows: list[list[str]]) -> Grid:
    """Rows made equally long; where a row was too short, no cell stands."""
    width = max((len(row) for row in rows), default=0)
    anchors = None
    if any(len(row) < width for row in rows):
        anchors = [[width * y + x if x < len(row) else -1 for x in range(width)] for y, row in enumerate(rows)]
    return Grid([row + [""] * (width - len(row)) for row in rows], anchors)


# Tables drawn with characters

_CORNERED = re.compile(r"[|+][-=]{2,}\+|\+[-=]{2,}[|+]|[\u2500-\u257f]{2}|[\u2502\u2503\u2551].*[\u2502\u2503\u2551]")
_DASHES = re.compile(r"\s*(?:-{2,}|={2,})(?:\s+(?:-{2,}|={2,}))*\s*")
_ASCII_RULE = re.compile(r"[|+](?:[-=:]*[-=]{2}[-=:]*[|+])+(?:[-=:]+[|+])*")
# Free cells at the end of a line of text in a cell, from which the width of the cell is known to be no chance.
_PADDING = 3
# How far a bar may stand from those of other lines where programs disagree about the width of a character.
_ASTRAY = 2.0

Widths: TypeAlias = Callable[[str], int]


def _east_asian(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1


def _all_wide(character: str) -> int:
    return 1 if unicodedata.east_asian_width(character) in ("Na", "H", "N") else 2


def _equal(character: str) -> int:
    return 1


# Programs disagree: links counts characters, terminals in Chinese print “ and ─ wide.
_WIDTHS: tuple[Widths, ...] = (_east_asian, _all_wide, _equal)


class Piece(NamedTuple):
    """What stands between two bars of a line, and where."""

    left: float
    right: float
    start: float
    end: float
    text: str


class DrawnLine(NamedTuple):
    """A line of a drawn table: abscissas of its bars, extents of its rules, and the text between."""

    bars: list[float]
    rules: list[tuple[float, float]]
    pieces: list[Piece]


@cache
def _arms(character: str) -> tuple[bool, bool]:
    """Whether a character of the box drawing set has upright and level strokes."""
    name = unicodedata.name(character, "")
    if not name.startswith("BOX DRAWINGS"):
        return False, False
    return (
        any(word in name for word in ("VERTICAL", "UP", "DOWN")),
        any(word in name for word in ("HORIZONTAL", "LEFT", "RIGHT")),
    )


def _drawn_line(line: str, width: Widths) -> DrawnLine:
    ruled = {k for rule in _ASCII_RULE.finditer(line) for k in range(rule.start(), rule.end())}
    bars: list[float] = []
    rules: list[tuple[float, float]] = []
    texts: list[list[tuple[float, float, str]]] = [[]]
    x, on_rule = 0.0, False
    for number, character in enumerate(line):
        wide = width(character)
        middle = x + wide / 2
        up, level = _arms(character)
        up = up or character in _BARS or (number in ruled and character == "+")
        level = level or number in ruled
        if level:
            rules.append((rules.pop()[0] if on_rule else middle, middle))
        if up:
            bars.append(middle)
            texts.append([])
        elif not level and not character.isspace():
            texts[-1].append((x, x + wide, character))
        elif character.isspace() and texts[-1]:
            texts[-1].append((x, x + wide, " "))
        on_rule = level
        x += wide
    edges = [0.0, *bars, x]
    pieces = []
    for (left, right), letters in zip(pairwise(edges), texts, strict=True):
        said = "".join(letter for _, _, letter in letters).rstrip()
        if said:
            pieces.append(Piece(left, right, letters[0][0], letters[len(said) - 1][1], said))
    return DrawnLine(bars, rules, pieces)


def _measured(lines: Sequence[str]) -> list[DrawnLine]:
    """The lines of a table, with the widths of characters under which its bars stand below each other."""
    tries = [[_drawn_line(line, width) for line in lines] for width in _WIDTHS]
    table = min(tries, key=lambda table: len({x for line in table for x in line.bars}))
    counts = Counter(x for line in table for x in line.bars)
    usual = [x for x, count in counts.items() if count > 1]
    return [_straightened(line, usual) for line in table]


def _straightened(line: DrawnLine, usual: Sequence[float]) -> DrawnLine:
    """A line with its bars where those of most lines stand."""
    moved: dict[float, float] = {}
    for x in line.bars:
        near = min(usual, key=lambda other: abs(other - x), default=x)
        if near != x and abs(near - x) <= _ASTRAY and near not in line.bars and near not in moved.values():
            moved[x] = near
    if not moved:
        return line
    return DrawnLine(
        [moved.get(x, x) for x in line.bars],
        [(moved.get(left, left), moved.get(right, right)) for left, right in line.rules],
        [Piece(moved.get(p.left, p.left), moved.get(p.right, p.right), p.start, p.end, p.text) for p in line.pieces],
    )


def _is_drawn(lines: Sequence[str]) -> bool:
    """Whether lines with bars are a drawing, and not Markdown, in which places mean nothing."""
    if any(_CORNERED.search(line) for line in lines):
        return True
    if len(lines) < _LEAST_LINES or any(_DELIMITER.fullmatch(line) for line in lines if line.strip()):
        return False
    table = [line for line in _measured(lines) if line.bars]
    counts = Counter(x for line in table for x in line.bars)
    aligned = all(counts[x] > 1 for line in table for x in line.bars)
    padded = any(piece.right - piece.end > _PADDING for line in table for piece in line.pieces)
    return aligned and padded and len({line.bars[0] for line in table}) == 1


def _drawn_table(lines: Sequence[str]) -> Iterator[Block]:
    """The tables that rules and bars draw. A line of text is two units high, as a wide character is wide."""
    table = _measured(lines)
    xs = [x for line in table for x in line.bars]
    ends = [edge for line in table for piece in line.pieces for edge in (piece.start, piece.end)]
    left, right = min(xs), max(xs)
    outer = [
        x
        for x, beyond in ((min(ends, default=left) - 1, left), (max(ends, default=right) + 1, right))
        if (x < beyond - 2 if beyond == left else x > beyond + 2)
    ]
    left, right = min([left, *outer]), max([right, *outer])
    level = [Line(2 * y + 1, *rule) for y, line in enumerate(table) for rule in line.rules]
    level += [Line(2 * y, left, right) for y in _row_starts(table)]
    upright = [Line(x, 2 * y, 2 * y + 2) for y, line in enumerate(table) for x in line.bars]
    upright += [Line(x, 0, 2 * len(table)) for x in outer]
    found = lattices(merge_lines(level, 0.5, 0.6), merge_lines(upright, 0.5, 0.6), 2.0)
    cells: list[dict[int, list[str]]] = [{} for _ in found]
    outside: dict[int, list[str]] = {}
    for y, line in enumerate(table):
        for piece in line.pieces:
            at = (max(piece.left, left) + min(piece.right, right)) / 2, 2 * y + 1.0
            for lattice, texts in zip(found, cells, strict=True):
                spot = lattice.positions([at])[0]
                if spot is not None:
                    texts.setdefault(lattice.anchors[spot[0]][spot[1]], []).append(piece.text)
                    break
            else:
                outside.setdefault(y, []).append(piece.text)
    if outside:
        yield Text("\n".join(" ".join(texts) for texts in outside.values()))
    for lattice, texts in zip(found, cells, strict=True):
        yield grid_of(lattice.anchors, {number: "\n".join(text) for number, text in texts.items()})


def _row_starts(table: Sequence[DrawnLine]) -> list[int]:
    """Lines that begin a row (or end the table) without a rule above: antiword draws none."""
    starts = []
    first = 0
    for ruled, group in groupby(table, key=lambda line: bool(line.rules) or not line.bars):
        band = list(group)
        if not ruled:
            closed = first > 0 and first + len(band) < len(table)
            if not closed or _has_rows(band):
                starts += [first + k for k in range(1, len(band)) if not _goes_on(band[k - 1], band[k])]
                starts += [edge for edge in (0, len(table)) if edge in (first, first + len(band))]
        first += len(band)
    return starts


def _has_rows(band: Sequence[DrawnLine]) -> bool:
    """Whether lines between two rules are rows: a column holds several figures."""
    figures = Counter(
        (piece.left, piece.right) for line in band for piece in line.pieces if _FIGURE.fullmatch(piece.text)
    )
    return max(figures.values(), default=0) > 1


def _goes_on(upper: DrawnLine, lower: DrawnLine) -> bool:
    """Whether a line only continues cells of the line above: what it says would not have fitted there."""
    above = {(piece.left, piece.right): piece for piece in upper.pieces}
    if not lower.pieces or len(lower.pieces) > len(lower.bars) - 2 > 0:
        return not lower.pieces
    for piece in lower.pieces:
        over = above.get((piece.left, piece.right))
        if over is None:
            return False
        first = piece.text.split()[0]
        needed = _east_asian(first[0]) if _east_asian(first[0]) > 1 else len(first)
        if over.right - 0.5 - over.end >= needed + max(0.0, piece.start - piece.left - 0.5):
            return False
    return True


# Tables of pandoc: rows of dashes over the columns


def _dashed(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches from the upper to the lower rule of tables whose columns only dashes show."""
    blank = [not line.strip() for line in [*lines, ""]]
    number = 0
    while number < len(lines):
        end = number + 1
        if _DASHES.fullmatch(lines[number]) and not blank[end] and (not number or blank[number - 1]):
            rules = [lines[number]]
            while end < len(lines) and not (_DASHES.fullmatch(lines[end]) and blank[end + 1]):
                if _DASHES.fullmatch(lines[end]):
                    rules.append(lines[end])
                end += 1
            if (
                end < len(lines)
                and len(lines[end].split()) in {len(rule.split()) for rule in rules}
                and any(len(rule.split()) > 1 for rule in rules)
            ):
                yield number, end + 1
                number = end
        number += 1


def _dashed_table(lines: Sequence[str]) -> Iterator[Block]:
    """Rows are lines, or what blank lines part; a text that runs over the end of a column is a cell of several."""
    rule = max((line for line in lines if _DASHES.fullmatch(line)), key=lambda line: len(line.split()))
    runs = [(run.start(), run.end()) for run in re.finditer(r"\S+", rule)]
    bands: list[list[str]] = [[]]
    for line in lines:
        if line.strip() and not _DASHES.fullmatch(line):
            bands[-1].append(line)
        elif bands[-1]:
            bands.append([])
    bands = [band for band in bands if band]
    if not any(not line.strip() for line in lines):
        bands = [[line] for band in bands for line in band]
    anchors: list[list[int]] = []
    texts: dict[int, str] = {}
    for band in bands:
        cells = [_over_runs(line, runs) for line in band]
        joined = [any(k in joints for _, joints in cells) for k in range(len(runs) - 1)]
        row: list[int] = []
        for column in range(len(runs)):
            if not column or not joined[column - 1]:
                texts[len(texts)] = ""
            row.append(len(texts) - 1)
        for columns, _ in cells:
            for column, text in columns.items():
                texts[row[column]] = f"{texts[row[column]]}\n{text}".strip()
        anchors.append(row)
    yield grid_of(anchors, texts)


def _over_runs(line: str, runs: Sequence[tuple[int, int]]) -> tuple[dict[int, str], set[int]]:
    """What a line says in each column, and the columns that end within a text."""
    for width in _WIDTHS:
        texts: dict[int, str] = {}
        crossed: set[int] = set()
        column, x = 0, 0
        for character in line.rstrip():
            while column < len(runs) - 1 and x >= runs[column + 1][0]:
                column += 1
            if column < len(runs) - 1 and x + width(character) > runs[column][1] and not character.isspace():
                crossed.add(column)
            texts[column] = texts.get(column, "") + character
            x += width(character)
        if not crossed:
            break
    return {column: text.strip() for column, text in texts.items() if text.strip()}, crossed


# Tables that only the places of words show


def _running(lines: Sequence[str]) -> Iterator[Block]:
    """Running text, and the tables in it whose figures stand below each other."""
    if _is_separated(lines):
        yield from _text(lines)
        return
    placed = min(([_words(2 * y, line, width) for y, line in enumerate(lines)] for width in _WIDTHS), key=_raggedness)
    kept = [y for y, words in enumerate(placed) if words]
    behind = 0
    for table in word_tables([placed[y] for y in kept], [], 2.0):
        first, last = kept[table.lines.start], kept[table.lines.stop - 1]
        yield from _text(lines[behind:first])
        yield grid_of(table.anchors, dict(enumerate(table.texts)))
        behind = last + 1
    yield from _text(lines[behind:])


def _is_separated(lines: Sequence[str]) -> bool:
    """Whether white space parts the figures of a line and does not place them: it is as wide everywhere, whatever it parts."""
    gaps = Counter(len(gap) for line in lines for gap in _GAP.findall(line))
    return len(gaps) == 1 and gaps.total() >= _SEVERAL_GAPS


def _text(lines: Sequence[str]) -> Iterator[Text]:
    if any(line.strip() for line in lines):
        yield Text("\n".join(lines))


def _raggedness(lines: Sequence[Sequence[Word]]) -> int:
    """How many different places figures have: under the true widths of characters they stand below each other."""
    figures = [word for words in lines if len(words) > 2 for word in words[-2:] if word.is_figure]
    return min(len({word.left for word in figures}), len({word.right for word in figures}))


def _words(top: int, line: str, width: Widths) -> list[Word]:
    words = []
    x = end = 0
    for word in re.finditer(r"\S+", line):
        x += sum(map(width, line[end : word.start()]))
        end = word.end()
        wide = sum(map(width, word.group()))
        words.append(Word(x, top, x + wide, top + 2, word.group()))
        x += wide
    return words


_READERS: dict[str, Callable[[Sequence[str]], Iterator[Block]]] = {
    "line": _running,
    "tab": _tab_rows,
    "pipe": _pipe_rows,
    "comma": _comma_rows,
    "drawn": _drawn_table,
    "dashed": _dashed_table,
}
