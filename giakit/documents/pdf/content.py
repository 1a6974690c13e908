"""What a page holds, whoever found it: glyphs with boxes, ruling lines, fills, pictures.

Everything stands as a reader sees the page: y grows downwards from the upper edge, the page is upright.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from giakit.documents.geometry import Box

# left, top, right, bottom, character, quarter turns clockwise by which the character lies on its side
Glyph: TypeAlias = tuple[float, float, float, float, str, int]

UNMAPPED = "\ufffd"


class Mark(NamedTuple):
    """A place where what a person sees may differ from the text: why, and for which cells there.

    `when`: "always"; "blank": for cells that hold nothing else; "mixed": for cells that hold something else too; "ink": for cells
    that hold figures or nothing.
    """

    box: Box
    why: str
    when: Literal["always", "blank", "mixed", "ink"]


@dataclass(slots=True)
class PageContent:
    """The marks on one page.

    Parameters
    ----------
    width, height : float
        Of the page, in points (1/72 inch) or pixels.
    glyphs : list of tuples
        Visible characters without white space, in the order of the source.
    rulings : list of Box
        Thin marks: a ruling line is a box much longer than wide.
    fills : list of Box
        Painted areas that are no lines.
    images : list of Box
        Pictures.
    number : int
        Page number, from 1.
    recognised : bool
        Whether the characters were recognised in a picture.
    notes : list of str
        What was passed over on this page.
    marks : list of Mark
        Where what a person sees may differ.
    """

    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rulings: list[Box] = field(default_factory=list)
    fills: list[Box] = field(default_factory=list)
    images: list[Box] = field(default_factory=list)
    number: int = 1
    recognised: bool = False
    notes: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def turned(page: PageContent, quarters: int) -> PageContent:
    """The page after `quarters` quarter turns clockwise.

    Examples
    --------
    >>> page = PageContent(100, 200, glyphs=[(10, 20, 15, 30, "a", 1)])
    >>> turned(page, 3).glyphs
    [(20, 85, 30, 90, 'a', 0)]
    """
    quarters %= 4
    if quarters == 0:
        return page
    width, height = page.width, page.height

    def turn(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        if quarters == 1:
            return height - bottom, left, height - top, right
        if quarters == 2:
            return width - right, height - bottom, width - left, height - top
        return top, width - right, bottom, width - left

    def boxes(old: Iterable[Box]) -> list[Box]:
        return [Box(*turn(*box)) for box in old]

    glyphs = [
        (*turn(left, top, right, bottom), text, (lies + quarters) % 4)
        for left, top, right, bottom, text, lies in page.glyphs
    ]
    return PageContent(
        width=height if quarters % 2 else width,
        height=width if quarters % 2 else height,
        glyphs=glyphs,
        rulings=boxes(page.rulings),
        fills=boxes(page.fills),
        images=boxes(page.images),
        number=page.number,
        recognised=page.recognised,
        notes=page.notes,
        marks=[mark._replace(box=Box(*turn(*mark.box))) for mark in page.marks],
    )


def upright(page: PageContent) -> PageContent:
    """Turn the page so that most of its characters stand upright."""
    lying = [0, 0, 0, 0]
    for glyph in page.glyphs:
        lying[glyph[5]] += 1
    main = max(range(4), key=lying.__getitem__)
    # Labels on their side can outnumber the figures of a small table; a table on its side has hardly any other.
    return turned(page, -main) if lying[main] > 0.7 * sum(lying) else page


def _gutter(page: PageContent) -> float | None:
    """Where the free strip in the middle of a sheet runs that holds two pages side by side."""
    middle = page.width / 2
    reach = page.width * 0.06
    edges: list[tuple[float, float]] = [(middle - reach, middle - reach), (middle + reach, middle + reach)]
    for left, _, right, _, _, _ in page.glyphs:
        if right > middle - reach and left < middle + reach:
            edges.append((left, right))
    for box in page.rulings:
        if box.right > middle - reach and box.left < middle + reach:
            edges.append((box.left, box.right))
    edges.sort()
    best, cut, end = 0.0, None, edges[0][1]
    for left, right in edges[1:]:
        if left - end > best:
            best, cut = left - end, (left + end) / 2
        end = max(end, right)
    return cut if best >= page.width * 0.03 else None


def split_sheet(page: PageContent) -> list[PageContent]:
    """Cut a landscape sheet with two pages side by side into the two; else the page alone."""
    if page.width < page.height * 1.1 or len(page.glyphs) < 20:
        return [page]
    cut = _gutter(page)
    if cut is None:
        return [page]
    halves = []
    for left, right in ((0.0, cut), (cut, page.width)):
        half = PageContent(width=right - left, height=page.height, number=page.number, recognised=page.recognised)
        half.glyphs = [
            (g[0] - left, g[1], g[2] - left, g[3], g[4], g[5]) for g in page.glyphs if left <= (g[0] + g[2]) / 2 < right
        ]
        for name in ("rulings", "fills", "images"):
            inside = [
                Box(b.left - left, b.top, b.right - left, b.bottom)
                for b in getattr(page, name)
                if left <= (b.left + b.right) / 2 < right
            ]
            setattr(half, name, inside)
        half.marks = [
            mark._replace(box=Box(mark.box.left - left, mark.box.top, mark.box.right - left, mark.box.bottom))
            for mark in page.marks
            if left <= (mark.box.left + mark.box.right) / 2 < right
        ]
        halves.append(half)
    if min(len(half.glyphs) for half in halves) < 0.1 * len(page.glyphs):
        return [page]
    halves[0].notes = page.notes
    return halves


def character_height(glyphs: list[Glyph]) -> float:
    """Usual height of a character; 10 where there is none."""
    heights = sorted([bottom - top for _, top, _, bottom, _, _ in glyphs if bottom > top])
    return heights[len(heights) // 2] if heights else 10.0


def once(glyphs: list[Glyph]) -> list[Glyph]:
    """Characters drawn twice at nearly one place (false bold, shadows) count once."""
    # A coarse raster shows quickly that a page holds no character twice.
    raster = {(glyph[4], int(glyph[0] / 3), int(glyph[3] / 3)) for glyph in glyphs}
    if len(raster) == len(glyphs):
        return glyphs
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    kept = []
    for glyph in glyphs:
        left, top, right, bottom, text, _ = glyph
        reach = 0.2 * min(right - left, bottom - top)
        column, row = int(left / 4), int(bottom / 4)
        near = (
            other
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in seen.get((text, x, y), ())
        )
        if any(abs(other[0] - left) < reach and abs(other[3] - bottom) < reach for other in near):
            continue
        seen.setdefault((text, column, row), []).append(glyph)
        kept.append(glyph)
    return kept


def overlapping(glyphs: Sequence[Glyph]) -> bool:
    """Whether characters are printed over each other."""
    ordered = sorted(glyphs)
    for k, (left, top, right, bottom, *_) in enumerate(ordered):
        for x0, y0, x1, y1, *_ in ordered[k + 1 :]:
            if x0 >= right:
                break
            across = min(right, x1) - x0 > 0.4 * min(right - left, x1 - x0)
            if across and min(bottom, y1) - max(top, y0) > 0.4 * min(bottom - top, y1 - y0):
                return True
    return False
