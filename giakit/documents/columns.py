"""Tables that no upright line shows: columns known by the figures that stand below each other.

Serves printed pages, pictures and text in columns alike; all it sees are lines of words with boxes.
"""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from giakit.documents.geometry import Line, Word

# How a numbered line begins. A label without such a beginning, among labels that have one, goes on from above.
ENUMERATED = re.compile(
    r"\s*(?:[（(〔]\s*[一二三四五六七八九十\d]{1,3}\s*[)）〕]|[一二三四五六七八九十]{1,3}\s*[、.．,，]"
    r"|\d{1,2}\s*[、.．,，)）]|[①-⑳⑴-⑽]|第[一二三四五六七八九十]+[章条])"
)
# Figures in a row that tell a table by themselves.
_MANY = 3
_MOST_HEAD_LINES = 12


@dataclass(slots=True)
class WordTable:
    """A table that only the places of its words show.

    Parameters
    ----------
    lines : range
        Numbers of the lines that went into it.
    edges : list of float
        Edges of its columns.
    anchors : rows of int
        Number of the cell at each position.
    texts : list of str
        What the cells say.
    """

    lines: range
    edges: list[float]
    anchors: list[list[int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add_row(self, cells: Sequence[tuple[int, int, str]]) -> None:
        """Add a row of cells (first column, column behind the last, text); the rest of it is blank."""
        row = [-1] * (len(self.edges) - 1)
        for start, end, text in cells:
            for column in range(start, end):
                if row[column] < 0:
                    row[column] = len(self.texts)
            self.texts.append(text)
        for column, number in enumerate(row):
            if number < 0:
                row[column] = len(self.texts)
                self.texts.append("")
        self.anchors.append(row)


@dataclass(slots=True)
class _Label:
    """Pieces of one label, one below the other."""

    pieces: list[Word]
    line: int
    row: int = -1

    @property
    def text(self) -> str:
        return "\n".join(piece.text for piece in self.pieces)

    def is_balanced(self, figures: Mapping[int, Word]) -> bool:
        """Whether as much of it stands below its figures as above."""
        figure = next(iter(figures.values()))
        above = sum(piece.bottom <= (figure.top + figure.bottom) / 2 for piece in self.pieces)
        return sum(piece.top >= (figure.top + figure.bottom) / 2 for piece in self.pieces) >= above


def word_tables(lines: Sequence[Sequence[Word]], parting: Sequence[Line], unit: float) -> list[WordTable]:
    """Tables that no upright line shows: at least three columns of figures.

    Rows that print every figure name the columns by their order, others by the places of the next such row. A label is the pieces that
    stand one below the other, up to the next that is numbered or has figures of its own.

    Parameters
    ----------
    lines : sequence of words from left to right
        From above to below.
    parting : sequence of Line
        Level lines, and edges of shaded stripes, that may part the rows.
    unit : float
        Height of a character.
    """
    lines = _with_units(lines)
    counts = [_figures_in_columns(line, unit) for line in lines]
    if not any(counts):
        return []
    margin = min((line[0].left for line in lines if line), default=0.0)
    full = max((line[-1].right for line in lines if line), default=0.0) - margin
    prose = [_is_prose(line, full, unit) for line in lines]
    tables = []
    behind = 0
    for group in _groups(lines, counts, prose, unit):
        usual = Counter(counts[k] for k in group).most_common(1)[0][0]
        width = max(count for count in {counts[k] for k in group} if count <= usual or _often(count, counts, group))
        complete = [k for k in group if counts[k] == width]
        figures = [lines[k][-width:] for k in complete]
        if not any(word.text[-1].isdigit() for row in figures for word in row) or not _apart(figures, unit):
            continue
        if width < _MANY and not _stand_in_column(figures):
            continue
        edge = min(lines[k][-width].left for k in complete)
        start = _head(group[0], lines, edge, margin, unit, behind)
        end = _tail(group[-1], lines, complete, width, prose, unit)
        table = _word_table(lines, range(start, end + 1), complete, width, parting, unit)
        if table is not None:
            tables.append(table)
            behind = end + 1
    return tables


class _Unit(Word):
    """A word that is no label of its row (条, 件, 元): it belongs to the columns."""

    is_figure = True


def _with_units(lines: Sequence[Sequence[Word]]) -> Sequence[Sequence[Word]]:
    """The lines with a column of units among the figures: what stands before the figures of most rows is the same few words."""
    before = {
        k: len(line) - count - 1
        for k, line in enumerate(lines)
        if (count := _figures_at_end(line)) and count < len(line)
    }
    words = [lines[k][at] for k, at in before.items()]
    usual = Counter(word.text for word in words)
    units = [word for word in words if usual[word.text] > 2]
    if len(units) * 2 < len(words):
        return lines
    left, right = min((w.left for w in units), default=0.0), max((w.right for w in units), default=0.0)
    return [
        [
            _Unit(*word)
            if before.get(k) == at
            and (usual[word.text] > 2 or (len(word.text) < 3 and left <= (word.left + word.right) / 2 <= right))
            else word
            for at, word in enumerate(line)
        ]
        for k, line in enumerate(lines)
    ]


def _apart(rows: Sequence[Sequence[Word]], unit: float) -> bool:
    """Whether figures stand in columns: in running text one space parts them, wherever they come to stand."""
    gaps = [b.left - a.right for row in rows for a, b in itertools.pairwise(row)]
    return not gaps or sum(gap > 0.6 * unit for gap in gaps) * 2 > len(gaps)


def _stand_in_column(rows: Sequence[Sequence[Word]]) -> bool:
    """Whether figures that are few in a row stand below each other, in three rows and more."""
    columns = list(zip(*rows, strict=True))
    return len(rows) > 2 and all(
        max(word.left for word in column) < min(word.right for word in column)
        or len({round(word.right) for word in column}) == 1
        for column in columns
    )


def _often(count: int, counts: Sequence[int], group: Sequence[int]) -> bool:
    return sum(counts[k] == count for k in group) * 4 >= len(group)


def _figures_at_end(line: Sequence[Word]) -> int:
    return len(list(itertools.takewhile(lambda word: word.is_figure, reversed(line))))


def _figures_in_columns(line: Sequence[Word], unit: float) -> int:
    """Figures at the end of a line; one or two count only where a wide gap parts them from what stands before."""
    count = _figures_at_end(line)
    if count < _MANY and count < len(line) and line[-count].left - line[-count - 1].right < 1.5 * unit:
        return 0
    return count if count < len(line) or count >= _MANY else 0


def _is_prose(line: Sequence[Word], full: float, unit: float) -> bool:
    """Whether a line fills the page with few gaps, none of them wide."""
    if not line or (len(line) > 3 and any(b.left - a.right > 1.5 * unit for a, b in itertools.pairwise(line))):
        return False
    wide = any(b.left - a.right > 1.5 * unit for a, b in itertools.pairwise(line))
    return not wide and line[-1].right - line[0].left > 0.7 * full and not line[-1].is_figure


def _groups(
    lines: Sequence[Sequence[Word]], counts: Sequence[int], prose: Sequence[bool], unit: float
) -> list[list[int]]:
    """Lines that end in figures, with no paragraph and no head between them; more figures than in all rows so far, below a line
    without any, are those of another table.
    """
    groups: list[list[int]] = []
    for k, count in enumerate(counts):
        if not count or prose[k]:
            continue
        last = groups[-1][-1] if groups else k
        far = any(lower[0].top - upper[0].bottom > 8 * unit for upper, lower in itertools.pairwise(lines[last : k + 1]))
        wider = bool(groups) and len(groups[-1]) > 1 and k > last + 1 and count > max(counts[j] for j in groups[-1])
        edge = lines[last][-counts[last]].left if last < k else 0.0
        headed = any(len(line) > 1 and line[-1].right > edge and not line[-1].is_figure for line in lines[last + 1 : k])
        if not groups or wider or headed or far or any(prose[last + 1 : k]):
            groups.append([])
        groups[-1].append(k)
    return groups


def _head(first: int, lines: Sequence[Sequence[Word]], edge: float, margin: float, unit: float, behind: int) -> int:
    """First line of the table: headings and paragraphs begin at the margin and stand alone."""
    start = first
    while start > behind and first - start < _MOST_HEAD_LINES:
        line, below = lines[start - 1], lines[start]
        if not line or below[0].top - line[0].bottom > 2.5 * unit:
            break
        alone = all(b.left - a.right < 1.5 * unit for a, b in itertools.pairwise(line))
        over_columns = line[-1].left > edge - 2 * unit
        from_margin = line[0].left < margin + 2.5 * unit or line[-1].right - line[0].left > 20 * unit
        apart = below[0].top - line[0].bottom > 0.6 * unit
        if alone and from_margin and (not over_columns or (apart and ENUMERATED.match(line[0].text))):
            break
        start -= 1
    # Figures without a label on their line have one that begins close above.
    if start == first and lines[first][0].left >= edge:
        while (
            start > behind
            and first - start < 3
            and lines[start - 1]
            and lines[start - 1][-1].right < edge
            and lines[start][0].top - lines[start - 1][0].bottom < 0.3 * unit
        ):
            start -= 1
    # Pieces above the first figures that no head stands over belong to the text, unless they are the first label's.
    while start < first and all(word.right < edge for word in lines[start]):
        if all(word.right < edge for line in lines[start:first] for word in line) and first - start < 3:
            if lines[first][0].left >= edge:
                return start
            numbered = [k for k in range(start, first) if ENUMERATED.match(lines[k][-1].text)]
            return numbered[-1] if numbered and not ENUMERATED.match(lines[first][0].text) else first
        start += 1
    return start


def _tail(
    last: int, lines: Sequence[Sequence[Word]], complete: Sequence[int], width: int, prose: Sequence[bool], unit: float
) -> int:
    """Last line of the table: rows with blanks, and pieces of the last label, may stand below the last full row."""
    edge = min(lines[k][-width].left for k in complete)
    end = last
    while end + 1 < len(lines) and lines[end + 1] and not prose[end + 1]:
        line = lines[end + 1]
        gap = line[0].top - lines[end][0].bottom
        label = line[-1].right <= edge and gap < 0.5 * unit and not ENUMERATED.match(line[0].text)
        figures = line[len(line) - _figures_at_end(line) :]
        if not label and not (figures and gap < 2.5 * unit and _columns_of(figures, lines, complete, width)):
            break
        end += 1
    return end


def _columns_of(
    figures: Sequence[Word], lines: Sequence[Sequence[Word]], complete: Sequence[int], width: int
) -> list[int] | None:
    """Columns in which figures stand, by the places of the nearest row that prints them all; None if that is not plain."""
    if len(figures) == width:
        return list(range(width))
    y = figures[0].top
    for k in sorted(complete, key=lambda k: abs(lines[k][0].top - y))[:3]:
        spans = [(word.left, word.right) for word in lines[k][-width:]]
        room = (spans[-1][0] - spans[0][0]) / max(1, width - 1) / 2
        columns = []
        for word in figures:
            distances = [max(left - word.right, word.left - right, 0.0) for left, right in spans]
            if not distances or min(distances) > room:
                break
            near = min(distances)
            best = [c for c, distance in enumerate(distances) if distance == near]
            middle = (word.left + word.right) / 2
            columns.append(min(best, key=lambda c: abs(middle - (spans[c][0] + spans[c][1]) / 2)))
        if len(columns) == len(figures) == len(set(columns)) and columns == sorted(columns):
            return columns
    return None


def _word_table(
    lines: Sequence[Sequence[Word]],
    extent: range,
    complete: Sequence[int],
    width: int,
    parting: Sequence[Line],
    unit: float,
) -> WordTable | None:
    first = complete[0]
    figures: dict[int, dict[int, Word]] = {}
    pieces: dict[int, list[Word]] = {}
    edge = min(lines[k][-width].left for k in complete)
    for k in range(extent.start, extent.stop):
        line = lines[k]
        count = min(_figures_at_end(line), width)
        at = _columns_of(line[len(line) - count :], lines, complete, width) if count else None
        if at is not None:
            figures[k] = dict(zip(at, line[len(line) - count :], strict=True))
            pieces[k] = list(line[: len(line) - count])
            first = min(first, k)
        else:
            pieces[k] = list(line)
    begin = first
    own = pieces[first][-1:] and pieces[first][-1]
    while begin > extent.start and not (own and ENUMERATED.match(own.text)):
        upper = pieces[begin - 1]
        if not upper or upper[-1].right > edge or lines[begin][0].top - upper[-1].bottom > 0.6 * unit:
            break
        own, begin = upper[-1], begin - 1
    if begin < first and not (own and ENUMERATED.match(own.text)) and pieces[first]:
        begin = first
    groups, labels = _labels({k: pieces[k] for k in range(begin, extent.stop)}, figures, parting, unit)
    every = [word for k in extent for word in lines[k]]
    stubs = _union_of([(label.pieces[0].left, label.pieces[0].right) for label in groups])
    left = min(word.left for word in every)
    ends = [word.right for label in labels for word in label.pieces if word.left < edge]
    end = (min(max(ends, default=edge - unit), edge) + edge) / 2
    columns = [[lines[k][-width:][c] for k in complete] for c in range(width)]
    cuts = _cuts(columns, every, end, max(word.right for word in every) + 1)
    edges = [left - 1, *[right + 0.01 for _, right in stubs], *cuts]
    table = WordTable(extent, edges)
    head = _head_rows([pieces[k] for k in range(extent.start, begin)], edges, width, unit)
    if head is None:
        table.lines = range(begin, extent.stop)
    for row in head or []:
        table.add_row(row)
    depth = len(stubs)
    owners: dict[int, list[tuple[int, int, str]]] = {}
    for label in groups:
        column = next(c for c, (_, right) in enumerate(stubs) if label.pieces[0].left < right)
        owners.setdefault(label.line, []).append((column, column + 1, label.text))
    rows = {label.row if label.row >= 0 else label.line: label for label in labels}
    for k in sorted({*rows, *figures}):
        cells = [cell for line in [j for j in sorted(owners) if j <= k] for cell in owners.pop(line)]
        taken = max((cell[1] for cell in cells), default=0)
        if k in rows:
            start = sum(right <= rows[k].pieces[0].left for _, right in stubs)
            cells.append((max(taken, start), depth + 1, rows[k].text))
        cells += [(depth + 1 + c, depth + 2 + c, word.text) for c, word in figures.get(k, {}).items()]
        table.add_row(cells)
    if not labels and not groups:
        table.edges = table.edges[1:]
        table.anchors = [row[1:] for row in table.anchors]
    return table


def _labels(
    pieces: Mapping[int, Sequence[Word]],
    figures: Mapping[int, Mapping[int, Word]],
    parting: Sequence[Line],
    unit: float,
) -> tuple[list[_Label], list[_Label]]:
    """Labels of groups, and of rows: what stands last before the figures, or would if the line had any."""
    right = max((words[-1].right for words in pieces.values() if words), default=0.0)
    # Where a label of two lines stands around its figures, all are centred on theirs.
    centred = any(not pieces[k] for k in figures)
    groups: list[_Label] = []
    labels: list[_Label] = []
    lines = [k for k in sorted(pieces) if k in figures and pieces[k]]
    for k in sorted(pieces):
        words = list(pieces[k])
        open_label = labels[-1] if labels else None
        at = bisect_left(lines, k)
        near = [pieces[j][-1] for j in lines[max(0, at - 3) : at + 3]]
        inner = words.pop() if words else None
        if inner is not None and not words:
            # Alone on its line: the name of a group, if it does not stand where labels of rows do.
            if k not in figures:
                beside = sum(_overlap(inner, other) for other in near) * 2 < len(near)
            else:
                beside = open_label is not None and open_label.row < 0 and not _overlap(inner, open_label.pieces[-1])
                beside = beside and not ENUMERATED.match(inner.text)
            if beside:
                words, inner = [inner], None
        for word in words:
            upper = next((g for g in reversed(groups) if _overlap(word, g.pieces[-1])), None)
            if (
                upper is not None
                and not ENUMERATED.match(word.text)
                and word.top - upper.pieces[-1].bottom < 3 * unit
                and not _parted(upper.pieces[-1], word, parting)
            ):
                upper.pieces.append(word)
            else:
                groups.append(_Label([word], k))
        if inner is None:
            if k in figures and open_label is not None and open_label.row < 0:
                open_label.row = k
            continue
        following = next((pieces[j][-1] for j in lines[at:] if j > k), None)
        # Figures without a label on their line have theirs around them.
        below = next((j for j in sorted(figures) if j > k), None)
        ends = (
            k not in figures
            and (below is None or bool(pieces.get(below)))
            and (following is None or bool(ENUMERATED.match(following.text)))
        )
        reach = -math.inf if ends else right - 2.2 * unit
        if (
            open_label is not None
            and not (centred and open_label.row >= 0 and open_label.is_balanced(figures[open_label.row]))
            and _goes_on(open_label, inner, k in figures, reach, parting, unit)
        ):
            open_label.pieces.append(inner)
            if k in figures:
                open_label.row = k
        else:
            labels.append(_Label([inner], k, k if k in figures else -1))
    return groups, labels


def _goes_on(label: _Label, word: Word, has_figures: bool, reach: float, parting: Sequence[Line], unit: float) -> bool:
    """Whether a piece belongs to the label above: that one reaches the end of its column, and this begins none."""
    above = label.pieces[-1]
    return (
        not (has_figures and label.row >= 0)
        and not ENUMERATED.match(word.text)
        and _overlap(word, above)
        and above.right > reach
        and word.top - above.bottom < 1.6 * unit
        and not _parted(above, word, parting)
    )


def _overlap(one: Word, two: Word) -> bool:
    shared = min(one.right, two.right) - max(one.left, two.left)
    return shared > 0.25 * min(one.right - one.left, two.right - two.left)


def _parted(upper: Word, lower: Word, parting: Sequence[Line]) -> bool:
    middle = (lower.left + lower.right) / 2
    top, bottom = (upper.top + upper.bottom) / 2, (lower.top + lower.bottom) / 2
    return any(top < line.at < bottom and line.start <= middle <= line.end for line in parting)


def _union_of(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches that intervals cover together."""
    joined: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if joined and left < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], right)
        else:
            joined.append((left, right))
    return joined


def _cuts(columns: Sequence[Sequence[Word]], words: Sequence[Word], left: float, right: float) -> list[float]:
    """Edges of columns: between what stands in one and in the next, past as few words as possible."""
    cuts = [left]
    for here, following in itertools.pairwise(columns):
        end, start = max(word.right for word in here), min(word.left for word in following)
        if end >= start:
            end = sum(word.right for word in here) / len(here)
            start = sum(word.left for word in following) / len(following)
        tries = [end + (start - end) * share for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)]
        cuts.append(min(tries, key=lambda x: sum(word.left < x < word.right for word in words)))
    return [*cuts, right]


def _over(word: Word, edges: Sequence[float]) -> tuple[int, int]:
    """The columns that a word of the head stands over."""
    columns = [
        c
        for c, (left, right) in enumerate(itertools.pairwise(edges))
        if min(right, word.right) - max(left, word.left) > 0.3 * min(right - left, word.right - word.left)
    ]
    if not columns:
        at = max(0, min(bisect_right(edges, (word.left + word.right) / 2) - 1, len(edges) - 2))
        return at, at + 1
    return columns[0], columns[-1] + 1


def _head_rows(
    lines: Sequence[Sequence[Word]], edges: Sequence[float], width: int, unit: float
) -> list[list[tuple[int, int, str]]] | None:
    """Cells of the head's rows: pieces that stand close above each other are one name, and name their column.

    None where there are not as many names as columns.
    """
    head: list[Word] = []
    for count, group in itertools.groupby(lines, key=len):
        if count < width:
            head += itertools.chain.from_iterable(group)
        else:
            # A piece of every name, line by line.
            head += [_stacked(stack) for stack in zip(*group, strict=True)]
    gaps = [low.top - high.bottom for low in head for high in head if high.top < low.top and _overlap(low, high)]
    close = max(0.5 * unit, min((gap for gap in gaps if gap > 0), default=0.0) + 0.3 * unit)
    stacks: list[list[Word]] = []
    upper: list[Word] = []
    for word in sorted(head, key=lambda w: -w.bottom):
        below = [stack for stack in stacks if any(w.left < word.right and word.left < w.right for w in stack)]
        if not below:
            stacks.append([word])
        elif len(below) == 1 and below[0][-1].top - word.bottom < close:
            below[0].append(word)
        else:
            upper.append(word)
    stacks.sort(key=lambda stack: stack[0].left + stack[0].right)
    names = [_stacked(stack[::-1]) for stack in stacks]
    labels = len(edges) - 1 - width
    inner = [name for name in names if name.right > edges[labels]]
    if names and len(inner) != width:
        return None
    if names:
        # Their order counts: programs that print text move the head against the figures.
        edges = [*edges[:labels], *_cuts([[name] for name in inner], [], edges[labels], edges[-1])]
    rows: list[list[Word]] = []
    for word in sorted(upper, key=lambda w: w.top):
        if rows and word.top - rows[-1][0].top < 0.5 * unit:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [[(*_over(word, edges), word.text) for word in row] for row in ([*rows, names] if names else rows)]


def _stacked(words: Sequence[Word]) -> Word:
    """Pieces one below the other as one."""
    return Word(
        min(word.left for word in words),
        words[0].top,
        max(word.right for word in words),
        words[-1].bottom,
        "\n".join(word.text for word in words),
    )
