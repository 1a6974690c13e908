"""A second look at single cells: ink without text, and figures with more marks than digits."""

from __future__ import annotations

import time

import cv2
import numpy as np

from giakit.documents.geometry import DOUBT, Lattice
from giakit.documents.ocr_engine import read_crops
from giakit.documents.pdf.content import Glyph, character_height
from giakit.documents.pdf.tables import fill_tables
from giakit.documents.pdf.text import cell_text

_SURE = 0.85
_PADDING = 8
# Marks smaller than this share of a character are dust, or points.
_DUST = 0.3


def second_look(
    glyphs: list[Glyph],
    grids: list[Lattice],
    image: np.ndarray,
    ink: np.ndarray,
    name: str,
    deadline: float,
) -> list[Glyph]:
    """Recognise cells anew where the first reading left ink unread or does not fit the ink.

    Parameters
    ----------
    glyphs : list of Glyph
        First reading.
    grids : list of Lattice
        Tables of the page.
    image : array
        The page, blue-green-red.
    ink : array of uint8
        Its ink without ruling lines.
    name : str
        Name of the document.
    deadline : float
        Time (`time.monotonic`) after which cells are marked as doubtful instead.
    """
    unit = character_height(glyphs)
    filled, outside = fill_tables(grids, glyphs, 1)
    kept = list(outside)
    crops, places = [], []
    for grid, cells in filled:
        boxes = grid.cell_boxes()
        for number, cell in enumerate(cells):
            strokes = _strokes(ink, boxes[number], unit)
            text = cell_text(cell).strip() if cell else ""
            if not strokes or (text and not _misfit(text, strokes)):
                kept.extend(cell)
                continue
            box = _around(strokes)
            if text or len(strokes) <= 12:
                crops.append(_crop(image, box))
                places.append((box, text, cell))
    readings = [("", 0.0)] * len(crops) if time.monotonic() > deadline else read_crops(crops, name)
    for (box, text, cell), (again, score) in zip(places, readings, strict=True):
        kept.extend(_settled(box, text, cell, again.strip(), score))
    return kept


def _settled(
    box: tuple[int, int, int, int], text: str, cell: list[Glyph], again: str, score: float
) -> list[Glyph]:
    """What the cell says after both looks; doubtful where they disagree."""
    left, top, right, bottom = box
    if text:
        sure = [glyph for glyph in cell if glyph[4] != DOUBT]
        if again == text.replace("\n", "").replace(DOUBT, "") and score >= _SURE:
            return sure
        return [*sure, (right, cell[-1][1], right + 1.0, cell[-1][3], DOUBT, 0)]
    shown = again if again and score >= _SURE else again + DOUBT
    step = (right - left) / len(shown)
    return [
        (left + k * step, float(top), left + (k + 1) * step, float(bottom), character, 0)
        for k, character in enumerate(shown)
    ]


def _strokes(
    ink: np.ndarray, box: tuple[float, float, float, float], unit: float
) -> list[tuple[int, int, int, int]]:
    """Boxes of the marks in a cell that are too large for dust, from left to right.

    Marks one over the other (the parts of 二 or of a broken 8) count once.
    """
    left, top, right, bottom = (round(v) for v in box)
    inset = 3
    part = ink[top + inset : bottom - inset, left + inset : right - inset]
    if part.size == 0:
        return []
    count, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    marks = []
    for k in range(1, count):
        x, y, wide, high = (int(v) for v in stats[k, :4])
        # Remains of ruling lines hug the edge and are thin.
        at_edge = x == 0 or y == 0 or x + wide == part.shape[1] or y + high == part.shape[0]
        if max(wide, high) < _DUST * unit or (at_edge and min(wide, high) <= 0.2 * unit):
            continue
        marks.append((x + left + inset, y + top + inset, x + wide + left + inset, y + high + top + inset))
    marks.sort()
    merged: list[tuple[int, int, int, int]] = []
    for x0, y0, x1, y1 in marks:
        if merged and x0 <= merged[-1][2] - 0.3 * min(x1 - x0, merged[-1][2] - merged[-1][0]):
            a, b, c, d = merged[-1]
            merged[-1] = (min(a, x0), min(b, y0), max(c, x1), max(d, y1))
        else:
            merged.append((x0, y0, x1, y1))
    return merged


def _misfit(text: str, strokes: list[tuple[int, int, int, int]]) -> bool:
    """Whether a figure has fewer digits than there are marks side by side, or a mark was read as nothing."""
    if DOUBT in text:
        return True
    if not text.isdigit():
        return False
    tallest = max(y1 - y0 for _, y0, _, y1 in strokes)
    return len(text) != sum(y1 - y0 > 0.5 * tallest for _, y0, _, y1 in strokes)


def _around(strokes: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    return (
        min(s[0] for s in strokes),
        min(s[1] for s in strokes),
        max(s[2] for s in strokes),
        max(s[3] for s in strokes),
    )


def _crop(image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """A cut with a white rim: the recogniser wants room around a character."""
    left, top, right, bottom = box
    part = image[max(0, top) : bottom, max(0, left) : right]
    return cv2.copyMakeBorder(
        part, _PADDING, _PADDING, 2 * _PADDING, 2 * _PADDING, cv2.BORDER_CONSTANT, value=(255, 255, 255)
    )
