"""Tables that no line draws: columns shown by where the figures stand.

Only what is plain is made a table: at least three columns of figures, none of them in doubt, and rows that can
be told apart. Everything else stays text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from giakit.documents.geometry import Line
from giakit.documents.pdf.column_rows import RowBuilder, Word, head_rows, label_starts, row_edges, words_of
from giakit.documents.pdf.tables import Table
from giakit.documents.pdf.text import TextLine

_FEWEST_COLUMNS = 3
_MOST_HEAD_LINES = 12
_LAST = frozenset("0123456789%-—–/")
# A line of text has few gaps; a line of heads over narrow columns has many.
_MOST_PIECES = 3


@dataclass(slots=True)
class Found:
    """A table without uprights, and the lines of text that went into it."""

    table: Table
    lines: list[TextLine]


def column_tables(lines: Sequence[TextLine], level: Sequence[Line], unit: float, page: int) -> list[Found]:
    """Tables without uprights among the lines of a page.

    Parameters
    ----------
    lines : sequence of TextLine
        From above to below.
    level : sequence of Line
        Level lines, and edges of shaded stripes, that may part the rows.
    unit : float
        Height of a character.
    page : int
        Page number.
    """
    if not any(_may_hold_figures(line, unit) for line in lines):
        return []
    words = [words_of(line, 0.35 * unit) for line in lines]
    solid = [
        len(words_of(line, 1.5 * unit)) == 1 and len(row) <= _MOST_PIECES
        for line, row in zip(lines, words, strict=True)
    ]
    margin = min((row[0].left for row in words), default=0.0)
    full = max((row[-1].right for row in words), default=0.0) - margin
    prose = [
        alone and row[-1].right - row[0].left > 0.7 * full for alone, row in zip(solid, words, strict=True)
    ]
    rows = [k for k, row in enumerate(words) if _figures_at_end(row) >= _FEWEST_COLUMNS and not prose[k]]
    found = []
    for group in _groups(rows, words, prose, unit):
        end = _tail(group, words, unit)
        start = _head(group[0], words, solid, margin, unit)
        rows_here = _with_blanks(group, start, end, words)
        table = _table(words[start : end + 1], [k - start for k in rows_here], level, unit, page)
        if table is not None:
            found.append(Found(table, list(lines[start : end + 1])))
    return found


def _may_hold_figures(line: TextLine, unit: float) -> bool:
    """Whether a line ends in a figure, or a mark for nothing, and has gaps enough before it."""
    if line.glyphs[-1][4] not in _LAST or len(line.glyphs) < _FEWEST_COLUMNS:
        return False
    gaps = sum(b[0] - a[2] > 0.35 * unit for a, b in pairwise(line.glyphs))
    return gaps >= _FEWEST_COLUMNS - 1


def _figures_at_end(row: Sequence[Word]) -> int:
    count = 0
    for word in reversed(row):
        if not word.is_figure:
            break
        count += 1
    return count


def _groups(rows: list[int], words: list[list[Word]], prose: list[bool], unit: float) -> list[list[int]]:
    """Rows of figures with no paragraph between them."""
    groups: list[list[int]] = []
    for k in rows:
        last = groups[-1][-1] if groups else k
        far = words[k][0].top - words[last][0].bottom > 8 * unit
        if not groups or any(prose[last + 1 : k]) or far or k - last > 9:
            groups.append([])
        groups[-1].append(k)
    return groups


def _head(first: int, words: list[list[Word]], solid: list[bool], margin: float, unit: float) -> int:
    """First line of the table: headings and paragraphs begin at the margin and stand alone."""
    edge = words[first][len(words[first]) - _figures_at_end(words[first])].left
    start = first
    while start > 0 and words[start - 1][-1].right < edge and _close(words[start - 1], words[start], unit):
        start -= 1
    label = start
    while start > 0 and first - start < _MOST_HEAD_LINES:
        row = words[start - 1]
        if words[start][0].top - row[0].bottom > 2.5 * unit:
            break
        over_columns = len(row) > 1 and row[-1].left > edge - 2 * unit
        from_margin = row[0].left < margin + 2.5 * unit or row[-1].right - row[0].left > 20 * unit
        if solid[start - 1] and from_margin and not over_columns:
            break
        start -= 1
    # Pieces above the first figures that no head stands over belong to the text.
    return start if start < label else first


def _close(upper: Sequence[Word], lower: Sequence[Word], unit: float) -> bool:
    return lower[0].top - upper[0].bottom < 0.5 * unit


def _tail(group: list[int], words: list[list[Word]], unit: float) -> int:
    """Last line of the table: rows with blanks, and pieces of the last label, may stand below the last full row."""
    columns = _columns([words[k] for k in group])
    last = words[group[-1]]
    edge = last[len(last) - _figures_at_end(last)].left
    end = group[-1]
    while columns is not None and end + 1 < len(words):
        row = words[end + 1]
        label = row[-1].right <= edge and _close(words[end], row, unit)
        near = row[0].top - words[end][0].bottom < 2.5 * unit
        if not label and not (near and _stands_in(row, columns)):
            break
        end += 1
    return end


def _stands_in(row: Sequence[Word], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether a line ends in figures that stand in columns found elsewhere."""
    figures = row[len(row) - _figures_at_end(row) :]
    over = [any(w.left < right and w.right > left for left, right in columns) for w in figures]
    return bool(over) and all(over)


def _with_blanks(group: list[int], start: int, end: int, words: list[list[Word]]) -> list[int]:
    """Rows of figures, also those that leave so many columns blank that they show none by themselves."""
    columns = _columns([words[k] for k in group])
    if columns is None:
        return group
    more = [
        k for k in range(max(start, group[0]), end + 1) if k not in group and _stands_in(words[k], columns)
    ]
    return sorted([*group, *more])


def _columns(rows: Sequence[Sequence[Word]]) -> list[tuple[float, float]] | None:
    """Extents of the columns of figures; None if they are not plain."""
    spans = sorted((w.left, w.right) for row in rows for w in row[len(row) - _figures_at_end(row) :])
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    if len(columns) < _FEWEST_COLUMNS:
        return None
    for row in rows:
        own = [_index(columns, w) for w in row[len(row) - _figures_at_end(row) :]]
        if len(set(own)) != len(own):
            return None
    # Three marks for nothing, or a page number between dashes, make no table.
    if sum(w.text[-1].isdigit() for row in rows for w in row) < _FEWEST_COLUMNS:
        return None
    held = sum(_figures_at_end(row) for row in rows)
    return columns if held >= 0.5 * len(columns) * len(rows) else None


def _index(columns: Sequence[tuple[float, float]], word: Word) -> int:
    middle = (word.left + word.right) / 2
    return min(range(len(columns)), key=lambda k: abs((columns[k][0] + columns[k][1]) / 2 - middle))


def _cuts(columns: list[tuple[float, float]], words: Sequence[Sequence[Word]]) -> list[float]:
    """Where one column ends and the next begins: in the gap, past as few words as possible."""
    cuts = []
    for (_, end), (start, _) in pairwise(columns):
        tries = [end + (start - end) * share for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)]
        cuts.append(min(tries, key=lambda x: sum(w.left < x < w.right for row in words for w in row)))
    return cuts


def _table(
    words: list[list[Word]], figure_rows: list[int], level: Sequence[Line], unit: float, page: int
) -> Table | None:
    columns = _columns([words[k] for k in figure_rows])
    if columns is None:
        return None
    every = [word for row in words for word in row]
    labels = [
        w for row in words[figure_rows[0] :] for w in row if w.right <= columns[0][0] and not w.is_figure
    ]
    edges = [*_label_edges(every, labels, columns[0][0], unit), *_cuts(columns, words)]
    edges.append(max(word.right for word in every) + 1)
    top, bottom = min(word.top for word in every), max(word.bottom for word in every)
    inner = [w for row in words for w in row if w.right <= columns[0][0] and not w.is_figure]
    count = len(edges) - 1 - len(columns)
    if count > 1:
        inner = [word for word in inner if word.right > edges[count - 1] + unit]
    lines = sorted({line.at for line in level if top < line.at < bottom})
    heights = row_edges([words[k][-1] for k in figure_rows], inner, lines, bottom + 1, unit)
    if heights is None:
        return None
    builder = RowBuilder(edges, count)
    for head in head_rows([w for w in every if (w.top + w.bottom) / 2 < heights[0]], edges, unit):
        builder.spanning(head)
    for upper, lower in pairwise(heights):
        builder.plain([w for w in every if upper <= (w.top + w.bottom) / 2 < lower])
    return Table(edges, builder.rows, builder.texts, top, bottom, [page])


def _label_edges(every: Sequence[Word], labels: Sequence[Word], figures: float, unit: float) -> list[float]:
    """Edges of the columns of labels, the one before the first figure included."""
    left = min(word.left for word in every)
    if not labels:
        return [min(left, figures) - 1]
    end = (max(word.right for word in labels) + figures) / 2
    starts = [edge for edge in label_starts(labels, unit) if left + 1.5 * unit < edge < end]
    return [left - 1, *starts, end]
