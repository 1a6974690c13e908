"""One picture of a page: straighten it, find lines and text, look twice at cells with figures."""

from __future__ import annotations

import time
from collections.abc import Sequence

import cv2
import numpy as np

from giakit.documents.geometry import DOUBT, Box, Lattice, lattices, split_directions
from giakit.documents.ocr_engine import Mark, read_crops, read_lines
from giakit.documents.pdf.content import Glyph, PageContent, character_height
from giakit.documents.pdf.tables import fill_tables
from giakit.documents.pdf.text import cell_text

_SURE = 0.85
_PADDING = 8
# Marks smaller than this share of a character are dust, or points.
_DUST = 0.3


def second_look(
    glyphs: list[Glyph], grids: list[Lattice], image: np.ndarray, ink: np.ndarray, name: str, deadline: float
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


def _settled(box: tuple[int, int, int, int], text: str, cell: list[Glyph], again: str, score: float) -> list[Glyph]:
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


def _strokes(ink: np.ndarray, box: tuple[float, float, float, float], unit: float) -> list[tuple[int, int, int, int]]:
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


# Below these the recogniser's word is not enough: for a character, for a line.
_SURE_CHARACTER = 0.8
_SMALL = 1400
_LARGE = 5000
_FOR_ANGLE = 1200


def page_of_image(image: np.ndarray, *, name: str, seconds: float, number: int) -> PageContent:
    """Recognise a picture of a page; see `giakit.documents.ocr.recognise`."""
    start = time.monotonic()
    image = _sized(image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    image = _straight(image)
    marks = read_lines(image, name)
    if _lies_on_side(marks):
        image, marks = _upright(image, name)
    height, width = image.shape[:2]
    page = PageContent(float(width), float(height), number=number, recognised=True)
    if not marks:
        return page
    unit = 0.8 * float(np.median([mark.bottom - mark.top for mark in marks]))
    ink = _ink(image)
    page.rulings = [box for box in _rulings(ink, unit) if not _is_stroke(box, marks)]
    page.glyphs = [glyph for mark in marks for glyph in _glyphs(mark)]
    level, upright = split_directions(page.rulings, unit)
    grids = lattices(level, upright, unit)
    deadline = start + seconds
    page.glyphs = second_look(page.glyphs, grids, image, _without_lines(ink, page.rulings), name, deadline)
    return page


def _sized(image: np.ndarray) -> np.ndarray:
    """Bring small pictures up and huge ones down to where characters are recognised best."""
    longest = max(image.shape[:2])
    if longest < _SMALL:
        return cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    if longest > _LARGE:
        factor = _LARGE / longest
        return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return image


def _ink(image: np.ndarray) -> np.ndarray:
    """Black and white: 255 where there is ink, also on paper that is unevenly lit."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    window = max(31, (min(grey.shape) // 40) | 1)
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 12)


def _straight(image: np.ndarray) -> np.ndarray:
    """Turn a picture that is a few degrees askew, by its long lines."""
    height, width = image.shape[:2]
    factor = min(1.0, _FOR_ANGLE / max(height, width))
    small = _ink(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    reach = small.shape[1]
    lines = cv2.HoughLinesP(small, 1, np.pi / 3600, 150, minLineLength=reach // 3, maxLineGap=3)
    if lines is None:
        return image
    angles = []
    for x0, y0, x1, y1 in np.asarray(lines).reshape(-1, 4):
        angle = np.degrees(np.arctan2(float(y1 - y0), float(x1 - x0)))
        angle = (angle + 45) % 90 - 45
        if abs(angle) < 10:
            angles.append(angle)
    if not angles:
        return image
    askew = float(np.median(angles))
    if abs(askew) < 0.05:
        return image
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), askew, 1.0)
    return cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


def _lies_on_side(marks: Sequence[Mark]) -> bool:
    """Whether most lines of several characters run upwards or downwards: figures tell little, words much."""
    shapes = [(mark.bottom - mark.top) / max(1.0, mark.right - mark.left) for mark in marks]
    tall = sum(shape > 1.6 for shape in shapes)
    wide = sum(shape < 0.6 for shape in shapes)
    return tall > 2 and tall > 2 * wide


def _upright(image: np.ndarray, name: str) -> tuple[np.ndarray, list[Mark]]:
    """Try both quarter turns; the one that is recognised with more confidence is right."""
    tries = []
    for turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
        turned = np.ascontiguousarray(cv2.rotate(image, turn))
        marks = read_lines(turned, name)
        score = sum(mark.score * len(mark.text) for mark in marks) / max(1, sum(len(m.text) for m in marks))
        tries.append((score, turned, marks))
    _, turned, marks = max(tries, key=lambda item: item[0])
    return turned, marks


def _rulings(ink: np.ndarray, unit: float) -> list[Box]:
    """Long thin marks, level and upright."""
    found = []
    length = max(12, int(1.3 * unit))
    for shape in ((length, 1), (1, length)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, shape)
        mask = cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
        # A line that is a little askew breaks into steps of one pixel: let the steps touch.
        mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        for k in range(1, count):
            left, top, wide, high = (int(v) for v in stats[k, :4])
            along, across = (wide, high) if shape[0] > 1 else (high, wide)
            if across <= max(8.0, 0.5 * unit) and along >= length:
                found.append(Box(left, top, left + wide, top + high))
    return found


def _is_stroke(box: Box, marks: Sequence[Mark]) -> bool:
    """Whether a line is part of a character: large titles have strokes as long as the lines of a table."""
    return any(
        mark.left - 2 <= box.left
        and box.right <= mark.right + 2
        and mark.top - 2 <= box.top
        and box.bottom <= mark.bottom + 2
        for mark in marks
    )


def _without_lines(ink: np.ndarray, rulings: Sequence[Box]) -> np.ndarray:
    """The ink of the characters alone."""
    rest = ink.copy()
    for left, top, right, bottom in rulings:
        rest[int(top) : int(bottom) + 1, int(left) : int(right) + 1] = 0
    return rest


def _glyphs(mark: Mark) -> list[Glyph]:
    glyphs: list[Glyph] = [
        (left, mark.top, right, mark.bottom, character, 0) for character, _, left, right in mark.characters
    ]
    doubtful = min((score for _, score, _, _ in mark.characters), default=mark.score) < _SURE_CHARACTER
    # A label with a weak character is still told from other labels; a figure is not.
    if doubtful and (len(mark.text) <= 3 or sum(c.isdigit() for c in mark.text) * 2 >= len(mark.text)):
        last = mark.characters[-1]
        glyphs.append((last[3], mark.top, last[3] + 1.0, mark.bottom, DOUBT, 0))
    return glyphs
