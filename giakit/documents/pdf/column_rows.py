"""Rows of a table that no line draws: which pieces of labels and heads belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from giakit.documents.pdf.join import ENUMERATED
from giakit.documents.pdf.text import TextLine, line_text

_FIGURE = re.compile(r"[+\-]?\d[\d,.，．]*%?|[-—–/]+")
# Two free stretches that differ by less, in characters, do not show where a row ends.
_CLEARLY = 0.08


class Word(NamedTuple):
    """A piece of a line between two wide gaps."""

    left: float
    right: float
    top: float
    bottom: float
    text: str

    @property
    def is_figure(self) -> bool:
        """Whether it is a number or a mark for nothing."""
        return bool(_FIGURE.fullmatch(self.text))


def words_of(line: TextLine, gap: float) -> list[Word]:
    """Cut a line at gaps wider than `gap`."""
    groups = [[line.glyphs[0]]]
    end = line.glyphs[0][2]
    for glyph in line.glyphs[1:]:
        if glyph[0] - end > gap:
            groups.append([])
            end = glyph[2]
        groups[-1].append(glyph)
        end = max(end, glyph[2])
    return [
        Word(g[0][0], max(x[2] for x in g), min(x[1] for x in g), max(x[3] for x in g), line_text(g))
        for g in groups
    ]


def label_starts(labels: Sequence[Word], unit: float) -> list[float]:
    """Where the columns of labels begin: where several numbered labels do, and where most pieces do."""
    starts = Counter(round(word.left / (0.5 * unit)) for word in labels)
    numbered = Counter(round(word.left / (0.5 * unit)) for word in labels if ENUMERATED.match(word.text))
    keys = {key for key, count in starts.items() if count >= 0.2 * len(labels)}
    keys |= {key for key, count in numbered.items() if count > 1}
    edges: list[float] = []
    for key in sorted(keys):
        edge = (key - 0.6) * 0.5 * unit
        if not edges or edge - edges[-1] > 1.5 * unit:
            edges.append(edge)
    return edges


def row_edges(
    figures: Sequence[Word], labels: Sequence[Word], lines: Sequence[float], bottom: float, unit: float
) -> list[float] | None:
    """Heights that part the rows.

    Parameters
    ----------
    figures : sequence of Word
        One figure of each row, from above to below.
    labels : sequence of Word
        Pieces of the innermost labels.
    lines : sequence of float
        Heights of level lines.
    bottom : float
        Lower edge of the table.
    unit : float
        Height of a character.

    Returns
    -------
    list of float or None
        At least one more than there are figures (rows without any have edges too); None if some row cannot be
        told from the next.
    """
    ys = [(word.top + word.bottom) / 2 for word in figures]
    edges = [_first_edge(figures[0], labels, lines, unit)]
    for above, below in pairwise(ys):
        ruled = [y for y in lines if above < y < below]
        between = ruled or _edges_between(above, below, labels, unit)
        if not between:
            return None
        edges.extend(between)
    return [*edges, bottom]


def _first_edge(first: Word, labels: Sequence[Word], lines: Sequence[float], unit: float) -> float:
    """Upper edge of the first row: a line, the beginning of its numbered label, or the figure itself."""
    y = (first.top + first.bottom) / 2
    near = [line for line in lines if y - 3 * unit < line < y]
    if near:
        return near[-1]
    numbered = [w.top for w in labels if ENUMERATED.match(w.text) and y - 3 * unit < w.top <= y + 0.2 * unit]
    return min([numbered[-1] if numbered else first.top, first.top]) - 0.05 * unit


def _edges_between(above: float, below: float, labels: Sequence[Word], unit: float) -> list[float]:
    """Where rows begin between two figures: at numbered labels, else in the widest free stretch."""
    numbered = [
        w.top
        for w in labels
        if ENUMERATED.match(w.text) and above + 0.3 * unit < (w.top + w.bottom) / 2 <= below + 0.3 * unit
    ]
    if numbered:
        return sorted(numbered)
    free: list[tuple[float, float]] = []
    end = above
    for word in sorted(labels, key=lambda w: w.top):
        if word.bottom <= above or word.top >= below:
            continue
        if word.top > end:
            free.append((word.top - end, (word.top + end) / 2))
        end = max(end, word.bottom)
    if below > end:
        free.append((below - end, (below + end) / 2))
    free.sort(reverse=True)
    if not free or (len(free) > 1 and free[0][0] - free[1][0] < _CLEARLY * unit):
        return []
    return [free[0][1]]


def head_rows(head: list[Word], edges: Sequence[float], unit: float) -> list[list[Word]]:
    """Rows of the head: pieces of one column's name that stand close above each other are one."""
    named: list[list[Word]] = [[] for _ in edges[1:]]
    upper: list[Word] = []
    for word in sorted(head, key=lambda w: -w.bottom):
        column = _only_column(word, edges)
        below = named[column][-1] if column is not None and named[column] else None
        if column is not None and (below is None or below.top - word.bottom < 0.5 * unit):
            named[column].append(word)
        else:
            upper.append(word)
    lowest = [
        Word(
            min(w.left for w in stack),
            max(w.right for w in stack),
            stack[-1].top,
            stack[0].bottom,
            "\n".join(w.text for w in reversed(stack)),
        )
        for stack in named
        if stack
    ]
    rows: list[list[Word]] = []
    for word in sorted(upper, key=lambda w: w.top):
        if rows and word.top - rows[-1][0].top < 0.5 * unit:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [*rows, lowest] if lowest else rows


def _only_column(word: Word, edges: Sequence[float]) -> int | None:
    for column, (left, right) in enumerate(pairwise(edges)):
        if left <= (word.left + word.right) / 2 < right:
            slack = 0.2 * (right - left)
            return column if word.left > left - slack and word.right < right + slack else None
    return None


class RowBuilder:
    """Rows of cells numbered in reading order."""

    def __init__(self, edges: Sequence[float], labels: int) -> None:
        self._edges = edges
        self._labels = labels
        self.rows: list[list[int]] = []
        self.texts: list[str] = []

    def _add(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts) - 1

    def spanning(self, words: Sequence[Word]) -> None:
        """A row of the head: a word names all columns it stands over."""
        row: list[int | None] = [None] * (len(self._edges) - 1)
        for word in words:
            number = self._add(word.text)
            for column, (left, right) in enumerate(zip(self._edges, self._edges[1:], strict=False)):
                over = min(right, word.right) - max(left, word.left)
                if row[column] is None and over > 0.3 * min(right - left, word.right - word.left):
                    row[column] = number
        self.rows.append([self._add("") if number is None else number for number in row])

    def plain(self, words: Sequence[Word]) -> None:
        """A row of figures with its label: every word stands in one column."""
        cells: list[list[Word]] = [[] for _ in self._edges[1:]]
        for word in words:
            # A label may run on over the columns beside it: where it begins is its column.
            at = word.left if word.right <= self._edges[self._labels] else (word.left + word.right) / 2
            column = sum(edge <= at for edge in self._edges[1:-1])
            cells[column].append(word)
        self.rows.append(
            [
                self._add("\n".join(w.text for w in sorted(c, key=lambda w: (round(w.top), w.left))))
                for c in cells
            ]
        )
