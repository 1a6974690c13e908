"""Printed items to cells, with a doubt where an item cannot be taken at its word."""

from __future__ import annotations

from functools import cache

from giakit.checks.model import Cell, Check
from giakit.forms import Label, Table, tables
from giakit.reading.lines import Item
from giakit.reading.numbers import amount, number

UNCONFIRMED = "unconfirmed"
"""A doubt that an identity with parts other than zero settles, if it closes with the figure as it was taken."""


def doubt(check: str, table: str | None, row: str | None, column: str | None, message: str) -> Check:
    """A doubt of reading, as a finding."""
    return Check(check, "uncertain", table, row, column, None, None, message)


def cell_of(
    table: Table, row: str, column: str, item: Item, *, where: str, header: str = ""
) -> tuple[Cell, Check | None]:
    """The cell that an item prints, and a doubt if there is one."""
    place = f"{where} column {item.start + 1}"
    undecided = Cell(None, "undecided", None, item.raw, place)
    if item.doubt is not None and not (item.doubt.confirmable and item.kind == "number"):
        return undecided, doubt("not_as_shown", table.code, row, column, f"{row}.{column}: {item.doubt.why}")
    if item.kind == "odd" and item.solved:
        message = f"{row}.{column}: {item.raw!r} can be cut into cells in more than one way"
        return undecided, doubt("undecided", table.code, row, column, message)
    if item.kind in ("blank", "pad"):
        return Cell(None, "blank", None, item.raw, place), None
    printed = number(item.raw)
    if printed is None:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} is no number for certain"
        )
    unit, signed, decimal = _expectations(table.code, row, column)
    if printed.signed and not signed and printed.value < 0:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} is negative where counts stand"
        )
    if printed.decimal and not decimal:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} has decimals where counts stand"
        )
    value = amount(printed, unit, header)
    if value is None:
        return undecided, doubt(
            "unit", table.code, row, column, f"{row}.{column}: {item.raw!r} is not in {unit or 'a unit of counts'}"
        )
    cell = Cell(value, "reported", "printed", item.raw, place)
    if item.doubt is not None:
        return cell, doubt(UNCONFIRMED, table.code, row, column, f"{row}.{column}: {item.doubt.why}")
    if printed.broken:
        return cell, doubt(
            "broken_number", table.code, row, column, f"{row}.{column}: {item.raw!r} is read as one number, {value:g}"
        )
    return cell, None


@cache
def _expectations(table: str, row: str, column: str) -> tuple[str, bool, bool]:
    whole = tables()[table]
    named: list[Label] = [label for label in (*whole.rows, *whole.columns) if label.code in (row, column)]
    units = [label.unit for label in named if label.unit in ("元", "万元")]
    return ((units[0] if units else ""), any(label.signed for label in named), any(label.decimal for label in named))
