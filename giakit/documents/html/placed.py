"""Pages whose every piece of text is placed by itself, as converters of PDF write them: words with boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from giakit.documents.columns import word_tables
from giakit.documents.geometry import Word, grid_of
from giakit.documents.model import Block, Text

_PLACED = re.compile(r'<(p|div|span)\b([^>]*style="[^"]*position:\s*absolute[^"]*"[^>]*)>((?:(?!<\1\b).)*?)</\1>', re.S)
_PAGE = re.compile(r'<div\b[^>]*style="[^"]*position:\s*relative[^"]*height:')
_TOP = re.compile(r"\btop:\s*(-?[\d.]+)px")
_LEFT = re.compile(r"\bleft:\s*(-?[\d.]+)px")
_CLASS = re.compile(r'class="([\w-]+)')
_SIZE = re.compile(r"font-size:\s*([\d.]+)px")
_LINE_HEIGHT = re.compile(r"line-height:\s*([\d.]+)px")
_OF_CLASS = re.compile(r"\.([\w-]+)\s*\{([^}]*)\}")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<br\b[^>]*>")
_FEWEST = 30
_USUAL_SIZE = 16.0
_USUAL_LEADING = 1.3
_NARROW = 0.5
_TOUCHING = 0.3


def placed_blocks(source: str, sheets: list[str]) -> list[Block] | None:
    """The blocks of a page of placed pieces, whose sheets give them their sizes; None where the page is none."""
    if "absolute" not in source or "<table" in source or len(_PLACED.findall(source)) < _FEWEST:
        return None
    styles = {name: body for sheet in sheets for name, body in _OF_CLASS.findall(sheet)}
    starts = [match.start() for match in _PAGE.finditer(source)] or [0]
    blocks: list[Block] = []
    for begin, end in zip(starts, [*starts[1:], len(source)], strict=True):
        blocks += _page_blocks(list(_words(source[begin:end], styles)), len(blocks))
    return blocks


def _page_blocks(words: list[Word], before: int) -> Iterator[Block]:
    if not words:
        return
    unit = sorted(word.bottom - word.top for word in words)[len(words) // 2]
    lines = _lines(words, unit)
    behind = 0
    for table in word_tables(lines, [], unit):
        yield from _text(lines[behind : table.lines.start])
        yield grid_of(table.anchors, dict(enumerate(table.texts)), "table of placed words")
        behind = table.lines.stop
    yield from _text(lines[behind:])


def _text(lines: list[list[Word]]) -> Iterator[Text]:
    if lines:
        yield Text("\n".join(" ".join(word.text for word in line) for line in lines), "placed words")


def _words(source: str, styles: dict[str, str]) -> Iterator[Word]:
    for _, attributes, content in _PLACED.findall(source):
        top, left = _TOP.search(attributes), _LEFT.search(attributes)
        if top is None or left is None:
            continue
        name = _CLASS.search(attributes)
        style = attributes + styles.get(name[1] if name else "", "")
        stated, leading = _SIZE.search(style), _LINE_HEIGHT.search(style)
        size = float(stated[1]) if stated else _USUAL_SIZE
        step = float(leading[1]) if leading else size * _USUAL_LEADING
        for number, line in enumerate(_BREAK.split(content)):
            x, y = float(left[1]), float(top[1]) + number * step
            for piece in re.split(r"([\s\xa0]+)", unescape(_TAG.sub("", line))):
                width = sum(size * (_NARROW if ord(character) < 0x2000 else 1) for character in piece)
                if piece.strip():
                    yield Word(x, y, x + width, y + size, piece)
                x += width


def _lines(words: list[Word], unit: float) -> list[list[Word]]:
    """Words by lines, from left to right, those that touch as one."""
    lines: list[list[Word]] = []
    bottom = float("-inf")
    for word in sorted(words, key=lambda word: word.top + word.bottom):
        middle = (word.top + word.bottom) / 2
        if not lines or middle - bottom > unit / 2:
            lines.append([])
            bottom = middle
        lines[-1].append(word)
    return [_joined(sorted(line), unit) for line in lines]


def _joined(line: list[Word], unit: float) -> list[Word]:
    joined = [line[0]]
    for word in line[1:]:
        last = joined[-1]
        if word.left - last.right < _TOUCHING * unit and not (last.is_figure and word.is_figure):
            top, bottom = min(last.top, word.top), max(last.bottom, word.bottom)
            joined[-1] = Word(last.left, top, max(last.right, word.right), bottom, last.text + word.text)
        else:
            joined.append(word)
    return joined
