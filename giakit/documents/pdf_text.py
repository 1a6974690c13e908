"""Glyphs to lines of text: who stands on one line, where spaces were, which way the text runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from giakit.documents.pdf_content import Glyph

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


def text_lines(glyphs: Sequence[Glyph]) -> list[TextLine]:
    """Gather upright glyphs into lines, from above to below."""
    groups: list[list[Glyph]] = []
    middle = reach = 0.0
    for glyph in sorted(glyphs, key=lambda g: g[1] + g[3]):
        height = glyph[3] - glyph[1]
        y = (glyph[1] + glyph[3]) / 2
        if groups and y - middle <= min(reach, 0.45 * height if height > 0 else reach):
            group = groups[-1]
            group.append(glyph)
            middle += (y - middle) / len(group)
            reach = max(reach, 0.45 * height)
        else:
            groups.append([glyph])
            middle, reach = y, 0.45 * height
    return [_line(group) for group in groups]


def _line(group: list[Glyph]) -> TextLine:
    group.sort(key=lambda g: g[0] + g[2])
    return TextLine(
        group,
        group[0][0],
        min(g[1] for g in group),
        max(g[2] for g in group),
        max(g[3] for g in group),
    )


def line_text(glyphs: Sequence[Glyph], *, wide: bool = False) -> str:
    """The text of one line.

    Parameters
    ----------
    glyphs : sequence of Glyph
        From left to right.
    wide : bool, default False
        Whether the number of spaces shows how wide a gap is.
    """
    heights = sorted(g[3] - g[1] for g in glyphs)
    usual = heights[len(heights) // 2]
    small_note = heights[0] < _NOTE * usual
    base = max(g[3] for g in glyphs if g[3] - g[1] >= _NOTE * usual) if small_note else 0.0
    parts: list[str] = []
    end: float | None = None
    note = False
    for left, top, right, bottom, text, _ in glyphs:
        size = bottom - top
        raised = small_note and size < _NOTE * usual and base - bottom > 0.18 * usual and text.isdigit()
        if raised != note:
            parts.append("[" if raised else "]")
            note = raised
        elif end is not None and left - end > _SPACE * size:
            spaces = max(1, min(60, round((left - end) / (0.5 * size)))) if wide and size > 0 else 1
            parts.append(" " * spaces)
        parts.append(text)
        end = right if end is None else max(right, end)
    if note:
        parts.append("]")
    return "".join(parts)


def cell_text(glyphs: list[Glyph]) -> str:
    """Text of a cell in reading order; lines are joined by line breaks.

    Examples
    --------
    >>> cell_text([(0, 0, 5, 10, "1", 0), (0, 12, 5, 22, "3", 0), (5, 0, 10, 10, "2", 0)])
    '12\\n3'
    """
    if len(glyphs) == 1:
        return glyphs[0][4]
    lying = {glyph[5] for glyph in glyphs}
    if lying != {0}:
        return _turned_text(glyphs, lying)
    lines = text_lines(glyphs)
    if len(lines) > 1 and _runs_down(glyphs):
        return _columns_text(glyphs)
    return "\n".join(line_text(line.glyphs) for line in lines)


def _turned_text(glyphs: list[Glyph], lying: set[int]) -> str:
    """Text of which at least a part lies on its side: each direction is read by itself."""
    if len(lying) > 1 and _runs_down(glyphs):
        return _columns_text([(*g[:5], 0) for g in glyphs])
    parts = []
    for quarters in sorted(lying):
        group = [g for g in glyphs if g[5] == quarters]
        if quarters == 1:
            upright = [(t, -r, b, -l, text, 0) for l, t, r, b, text, _ in group]
        elif quarters == 2:
            upright = [(-r, -b, -l, -t, text, 0) for l, t, r, b, text, _ in group]
        elif quarters == 3:
            upright = [(-b, l, -t, r, text, 0) for l, t, r, b, text, _ in group]
        else:
            upright = group
        parts.extend(line_text(line.glyphs) for line in text_lines(upright))
    return "\n".join(parts)


def _runs_down(glyphs: list[Glyph]) -> bool:
    """Whether the source wrote the glyphs one under the other in more than one column."""
    down = beside = 0
    for first, second in zip(glyphs, glyphs[1:], strict=False):
        size = max(first[3] - first[1], 1e-6)
        dx = (second[0] + second[2] - first[0] - first[2]) / 2
        dy = second[3] - first[3]
        if abs(dx) < 0.3 * size and dy > 0.5 * size:
            down += 1
        elif abs(dy) < 0.3 * size and dx > 0:
            beside += 1
    sizes = _column_sizes(glyphs)
    return down > 2 and len(sizes) > 1 and (beside == 0 or down > 2 * beside and min(sizes) > 1)


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
    across = [(t, -r, b, -l, text, 0) for l, t, r, b, text, _ in glyphs]
    return "\n".join(
        "".join(g[4] for g in sorted(line.glyphs, key=lambda g: g[0])) for line in text_lines(across)
    )
