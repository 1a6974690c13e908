"""Glyphs to lines of text: who stands on one line, where spaces were, which way the text runs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from giakit.documents.geometry import Word
from giakit.documents.pdf.content import Glyph

# A gap wider than this share of the character height separates words.
_SPACE = 0.25
# A raised mark at a number ("12" with a small 1) is a note, not a digit: it is set apart by brackets.
_NOTE = 0.78


@dataclass(slots=True)
class TextLine:
    """Glyphs on one line, from left to right, with the box around them."""

    glyphs: list[Glyph]
    left: float
    top: float
    right: float
    bottom: float


def _height_twice(glyph: Glyph) -> float:
    return glyph[1] + glyph[3]


def _breadth_twice(glyph: Glyph) -> float:
    return glyph[0] + glyph[2]


def text_lines(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Gather upright glyphs into lines, from above to below."""
    groups: list[list[Glyph]] = []
    middle = reach = 0.0
    group: list[Glyph] = []
    for glyph in sorted(glyphs, key=_height_twice):
        top, bottom = glyph[1], glyph[3]
        own = 0.45 * (bottom - top)
        off = (top + bottom) / 2 - middle
        if group and off <= reach and (off <= own or own <= 0):
            group.append(glyph)
            middle += off / len(group)
            if own > reach:
                reach = own
        else:
            group = [glyph]
            groups.append(group)
            middle, reach = (top + bottom) / 2, own
    return _with_notes([_line(group) for group in groups])


def _with_notes(lines: list[TextLine]) -> list[TextLine]:
    """Put raised and lowered small marks on the line they belong to."""
    joined: list[TextLine] = []
    for line in lines:
        if joined:
            upper = joined[-1]
            heights = sorted((upper.bottom - upper.top, line.bottom - line.top))
            shared = min(upper.bottom, line.bottom) - max(upper.top, line.top)
            if heights[0] < _NOTE * heights[1] and shared > 0.4 * heights[0]:
                joined[-1] = _line(upper.glyphs + line.glyphs)
                continue
        joined.append(line)
    return joined


def _line(group: list[Glyph]) -> TextLine:
    group.sort(key=_breadth_twice)
    return TextLine(group, group[0][0], min(g[1] for g in group), max(g[2] for g in group), max(g[3] for g in group))


def line_text(glyphs: Sequence[Glyph], *, wide: bool = False) -> str:
    """The text of one line.

    Parameters
    ----------
    glyphs : sequence of Glyph
        From left to right.
    wide : bool, default False
        Whether the number of spaces shows how wide a gap is.
    """
    heights = [g[3] - g[1] for g in glyphs]
    usual = max(heights)
    small_note = min(heights) < _NOTE * usual
    if small_note:
        usual = sorted(heights)[len(heights) // 2]
    base = max(g[3] for g in glyphs if g[3] - g[1] >= _NOTE * usual) if small_note else 0.0
    parts: list[str] = []
    end: float | None = None
    note = False
    for left, top, right, bottom, text, _ in glyphs:
        size = bottom - top
        raised = small_note and size < _NOTE * usual and base - bottom > 0.18 * usual and text.isdigit()
        if raised is not note:
            parts.append("[" if raised else "]")
            note = raised
        elif end is not None and left - end > _SPACE * size:
            spaces = max(1, min(60, round((left - end) / (0.5 * size)))) if wide and size > 0 else 1
            parts.append(" " * spaces)
        parts.append(text)
        if end is None or right > end:
            end = right
    if note:
        parts.append("]")
    return "".join(parts)


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
        Word(g[0][0], min(x[1] for x in g), max(x[2] for x in g), max(x[3] for x in g), line_text(g)) for g in groups
    ]


def cell_text(glyphs: list[Glyph]) -> str:
    """Text of a cell in reading order; lines are joined by line breaks.

    Examples
    --------
    >>> cell_text([(0, 0, 5, 10, "1", 0), (0, 12, 5, 22, "3", 0), (5, 0, 10, 10, "2", 0)])
    '12\\n3'
    """
    if len(glyphs) == 1:
        return glyphs[0][4]
    text = _one_word(glyphs)
    if text is not None:
        return text
    lying = {glyph[5] for glyph in glyphs}
    if lying != {0}:
        return _turned_text(glyphs, lying)
    lines = text_lines(glyphs)
    if len(lines) > 1 and _runs_down(glyphs):
        return _columns_text(glyphs)
    return "\n".join(line_text(line.glyphs) for line in lines)


def _one_word(glyphs: list[Glyph]) -> str | None:
    """The text of equal glyphs side by side, as most cells are; None where more has to be asked."""
    left, top, end, bottom, _, _ = glyphs[0]
    reach = _SPACE * (bottom - top)
    middle = left + end - 1
    for glyph in glyphs:
        if glyph[1] != top or glyph[3] != bottom or glyph[5] or glyph[0] + glyph[2] <= middle or glyph[0] - end > reach:
            return None
        middle = glyph[0] + glyph[2]
        end = max(end, glyph[2])
    return "".join([glyph[4] for glyph in glyphs])


def _turned_text(glyphs: list[Glyph], lying: set[int]) -> str:
    """Text of which at least a part lies on its side: each direction is read by itself."""
    if len(lying) > 1 and _runs_down(glyphs):
        return _columns_text([(*g[:5], 0) for g in glyphs])
    parts: list[str] = []
    for quarters in sorted(lying):
        group = [g for g in glyphs if g[5] == quarters]
        if quarters == 1:
            upright = [(t, -r, b, -x0, text, 0) for x0, t, r, b, text, _ in group]
        elif quarters == 2:
            upright = [(-r, -b, -x0, -t, text, 0) for x0, t, r, b, text, _ in group]
        elif quarters == 3:
            upright = [(-b, x0, -t, r, text, 0) for x0, t, r, b, text, _ in group]
        else:
            upright = group
        parts.extend(line_text(line.glyphs) for line in text_lines(upright))
    return "\n".join(parts)


def _runs_down(glyphs: list[Glyph]) -> bool:
    """Whether the source wrote the glyphs one under the other in more than one column."""
    down = beside = 0
    for first, second in itertools.pairwise(glyphs):
        size = max(first[3] - first[1], 1e-6)
        dx = (second[0] + second[2] - first[0] - first[2]) / 2
        dy = second[3] - first[3]
        if abs(dx) < 0.3 * size and dy > 0.5 * size:
            down += 1
        elif abs(dy) < 0.3 * size and dx > 0:
            beside += 1
    sizes = _column_sizes(glyphs)
    return down > 2 and len(sizes) > 1 and (beside == 0 or (down > 2 * beside and min(sizes) > 1))


def _column_sizes(glyphs: list[Glyph]) -> list[int]:
    """Numbers of glyphs in the columns that their middles form."""
    sizes: list[int] = []
    last = float("-inf")
    size = max(g[3] - g[1] for g in glyphs)
    for x in sorted((g[0] + g[2]) / 2 for g in glyphs):
        if x - last > 0.6 * size:
            sizes.append(0)
        sizes[-1] += 1
        last = x
    return sizes


def _columns_text(glyphs: list[Glyph]) -> str:
    """Vertical writing: columns from right to left, each from above to below."""
    across = [(t, -r, b, -x0, text, 0) for x0, t, r, b, text, _ in glyphs]
    return "\n".join("".join(g[4] for g in sorted(line.glyphs, key=lambda g: g[0])) for line in text_lines(across))
