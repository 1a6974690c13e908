"""Rows of running text: whether they can be cut in one way, and the cells they give."""

from __future__ import annotations

from collections.abc import Mapping

from giakit.checks.model import Cell
from giakit.reading import digits
from giakit.reading.fill import Reading
from giakit.reading.numbers import kind, number
from giakit.reading.stream import StreamRow

_SEPARATE_SHARE = 0.6


def is_forced(row: StreamRow, count: int) -> bool:
    """Whether the row can be cut in one way: by its pieces, or by its digits where none was left behind."""
    return len(row.pieces) == count or (row.whole and digits.is_forced(row.pieces, count))


def signed(row: StreamRow, count: int) -> list[digits.Values]:
    """The cells of a row with a sign, where white space parts them."""
    parts = row.raw.split()
    found = [number(part) for part in parts]
    if len(parts) != count or any(
        value is None and kind(part) != "blank" for value, part in zip(found, parts, strict=True)
    ):
        return []
    return [tuple(None if value is None else value.value for value in found)]


def is_separate(rows: Mapping[str, StreamRow], count: int) -> bool:
    return sum(len(row.pieces) == count for row in rows.values()) >= _SEPARATE_SHARE * len(rows)


def put(
    reading: Reading,
    row: str,
    column: str,
    found: StreamRow,
    value: float | None,
    undecided: bool,
    count: int,
) -> None:
    """Write a cell of a row of `count` cells: what does not stand in pieces of its own was solved."""
    where = f"text, after {found.label[:20]!r}"
    if undecided:
        reading.cells[row, column] = Cell(None, "undecided", None, found.raw, where)
    elif value is None:
        reading.cells[row, column] = Cell(None, "blank", None, found.raw, where)
    else:
        reading.cells[row, column] = Cell(
            value, "reported", "printed" if len(found.pieces) == count else "solved", found.raw, where
        )
