"""Slips that move figures without changing them: two cells in each other's place, a row moved by a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from giakit.checks.localise.cost import EXCHANGED, LINE_MOVED, NEIGHBOURS_EXCHANGED
from giakit.checks.localise.system import Changes, Residual, System
from giakit.checks.model import Cells
from giakit.forms.model import Address, Form

_FEWEST_MOVED = 3
"""Two changed cells are an exchange, or two slips."""


class Move(NamedTuple):
    """Changes that one slip explains together. `line`: table, axis and code of a moved line; `towards`: where it went."""

    changes: Changes
    cost: float
    kind: str
    line: tuple[str, str, str] | None = None
    towards: str = ""


def moves(form: Form, cells: Cells, system: System) -> list[Move]:
    """Every move that the slip could have been: each costs the same to undo, whatever the sums say."""
    number_of = {system.addresses[cell]: cell for cell in system.of_cell}
    found: list[Move] = []
    for table in dict.fromkeys(equation.table for equation in system.equations.values()):
        rows = [row.code for row in form.tables[table].rows]
        columns = form.tables[table].column_codes(form.id)
        grid = [[(table, row, column) for column in columns] for row in rows]
        for line in (*grid, *zip(*grid, strict=True)):
            found.extend(_neighbours(system, number_of, line))
        if len({equation.axis for equation in system.equations.values()}) == 2:
            for row in grid:
                found.extend(_moved_back(cells, system, number_of, row))
    return found


def _neighbours(system: System, number_of: dict[Address, int], line: Iterable[Address]) -> Iterator[Move]:
    present = [number_of[address] for address in line if address in number_of]
    for first, second in pairwise(present):
        gap = system.values[second] - system.values[first]
        if gap:
            yield Move({first: gap, second: -gap}, NEIGHBOURS_EXCHANGED, "two cells were exchanged")


def exchanged_with_total(system: System) -> Iterator[Move]:
    """In a lone equation: a part and the total, wherever they stand."""
    (equation,) = system.equations.values()
    totals = [cell for cell, weight in equation.terms.items() if weight == -1]
    for part in equation.terms:
        gap = system.values[totals[0]] - system.values[part]
        if len(totals) == 1 and part != totals[0] and gap:
            yield Move({part: gap, totals[0]: -gap}, EXCHANGED, "two cells were exchanged")


def _moved_back(cells: Cells, system: System, number_of: dict[Address, int], row: list[Address]) -> Iterator[Move]:
    """The row one place to the left and to the right, the lost figure filled in from the sum of the row."""
    if any(address not in cells or cells[address].state in ("undecided", "absent") for address in row):
        return
    old = [int(cells[address].value or 0) for address in row]
    parts = old[1:-1] + old[-1:]
    forward = [*parts, sum(parts)]
    lost = old[-2] - sum(old[:-2])
    backward = [lost, *old[:-1]]
    for new, spare, lost_figure, towards in (
        (forward, old[0], forward[-1], "forward"),
        (backward, old[-1], lost, "backward"),
    ):
        changes = {
            number_of[address]: after - before
            for address, before, after in zip(row, old, new, strict=True)
            if before != after and address in number_of
        }
        moved = sum(before != after for before, after in zip(old, new, strict=True))
        if moved >= _FEWEST_MOVED and min(new) >= 0 and spare in (0, lost_figure):
            yield Move(changes, LINE_MOVED, "moved back by one place", (row[0][0], "row", row[0][1]), towards)


def effect(system: System, move: Move) -> Residual:
    """What a move adds to the equations."""
    added: Residual = {}
    for cell, change in move.changes.items():
        for number, weight in system.of_cell[cell].items():
            added[number] = added.get(number, 0) + weight * change
    return {number: total for number, total in added.items() if total}


def together(residual: Residual, added: Residual) -> Residual:
    """The residual once a move is made."""
    mixed = {number: residual.get(number, 0) + added.get(number, 0) for number in (*residual, *added)}
    return {number: total for number, total in mixed.items() if total}
