"""What of a document decides where its cells stand: labels, spans, and which cells hold a figure, but no figure itself."""

from __future__ import annotations

import re
from collections.abc import Hashable
from itertools import chain
from typing import NamedTuple

from giakit.documents.model import Document, Text
from giakit.forms.labels import squeezed
from giakit.reading.numbers import kind
from giakit.reading.titles import Title
from giakit.reading.vocabulary import vocabulary

WHOLE = ("requests", "remedies", "proactive")
"""The tables of the forms since 2019."""

_MOST_RAWS = 1 << 16
_YEAR = re.compile(r"20[0-3]\d")
# So many lines between two grids are as good as more: no reading looks further.
_FAR = 7
_FIGURE, _BLANK, _TEXT = "\x00number", "\x00blank", "\x00text"


class Fingerprint(NamedTuple):
    """What of a document decides where its cells stand, the grids that count, and the texts that stand in them."""

    key: Hashable
    grids: tuple[int, ...]
    texts: tuple[str, ...]


class _Signs(dict[str, str]):
    """What of a printed cell belongs to the layout: a label itself, of figures and blanks only that they are."""

    def __missing__(self, raw: str) -> str:
        sort = kind(raw)
        # A figure may be a year, which heads something.
        sign = (
            _BLANK
            if sort == "blank"
            else _FIGURE
            if sort == "number" and not _YEAR.fullmatch(raw.strip())
            else squeezed(raw)
        )
        if len(self) >= _MOST_RAWS:
            self.clear()
        self[raw] = sign
        return sign


class _Known(dict[str, bool]):
    """Whether some table has a sign as a row, a column, a group or a corner."""

    def __missing__(self, sign: str) -> bool:
        known = vocabulary("requests").is_column_group(sign) or any(
            words.row_codes(sign) or words.column_code(sign) or words.group_code(sign)
            for words in map(vocabulary, WHOLE)
        )
        # Of the older form's table no column is a column without a row.
        known = known or bool(vocabulary("statistics").row_codes(sign))
        if len(self) >= _MOST_RAWS:
            self.clear()
        self[sign] = known
        return known


_signs = _Signs({"": _BLANK})
_known = _Known({_FIGURE: False, _BLANK: False, _TEXT: False})


def fingerprint(document: Document, title: Title) -> Fingerprint | None:
    """The fingerprint of a document; None where it has no grid with labels of the forms."""
    parts: list[Hashable] = [title.year]
    numbers: list[int] = []
    texts: list[str] = []
    between = 0
    for number, block in enumerate(document.blocks):
        if isinstance(block, Text):
            between += block.text.count("\n") + 1
            continue
        rows = [[_signs[raw] for raw in row] for row in block.rows]
        if not any(_known[sign] for sign in set(chain.from_iterable(rows))):
            between += len(rows)
            continue
        for row, signs in zip(block.rows, rows, strict=True):
            text = _text_alone(signs)
            if text:
                texts += {raw for raw, sign in zip(row, signs, strict=True) if sign == text}
                signs[:] = [_TEXT if sign == text else sign for sign in signs]
        shape = None if block.anchors is None else tuple(map(tuple, block.anchors))
        signs_of_all = tuple(chain.from_iterable(rows))
        parts += (min(between, _FAR) if numbers else 0, signs_of_all, shape, len(rows), block.aligned)
        numbers.append(number)
        between = 0
    return Fingerprint(tuple(parts), tuple(numbers), tuple(texts)) if numbers else None


def is_figure(raw: str) -> bool:
    """Whether a printed cell is one whose figure is no part of the layout."""
    return _signs[raw] == _FIGURE


def _text_alone(signs: list[str]) -> str:
    """What stands alone in a row and is no label of the forms: a title, a paragraph in a sheet; "" for other rows."""
    alone = set(signs) - {_BLANK}
    text = alone.pop() if len(alone) == 1 else ""
    return "" if text == _FIGURE or (text and _known[text]) else text
