"""Slips: how likely one number was printed for another, and those that move figures without changing them.

Costs are negative logarithms of a plain model: a slip of some kind happens to a cell, and small figures are
commoner than large ones. They only rank changes that restore the sums equally well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from giakit.checks.localise.system import Changes, Residual, System, one_cell
from giakit.checks.model import Cell, Cells
from giakit.data import toml
from giakit.forms.model import Address, Form

SLIP = 5.0
"""What each further slip costs: two explain a report only where one does not."""

EXCHANGED = SLIP + 2.0
NEIGHBOURS_EXCHANGED = SLIP
LINE_MOVED = SLIP - 1.5
"""A row is one of two dozen, a cell one of two hundred: a moved row is met sooner than any given cell."""

_ELSE = 0.002
_TOTAL_AT_ZERO = 7.0
_ABSENT = 1.0
"""A row that was not read is no slip of each of its cells."""
_ORIGIN = {"ocr": -1.0, "solved": -1.0, "corrected": 3.0}
"""A figure that was recognised or solved is doubted sooner than a printed one, a person's correction later."""


class Slip(NamedTuple):
    """What happened to a cell, and the cost of thinking so."""

    kind: str
    cost: float


def slips(printed: int, value: int) -> dict[str, float]:
    """Kinds of slip that print `printed` where `value` was meant, each with the share of such slips that do.

    Examples
    --------
    >>> slips(6, 64)
    {'a digit was dropped': 0.5}
    >>> sorted(slips(37, 73))
    ['two digits were exchanged']
    """
    short, long = str(printed), str(value)
    kinds: dict[str, float] = {}
    if abs(printed - value) == 1:
        kinds["off by one"] = 0.5
    if len(short) == len(long):
        differing = [place for place, (a, b) in enumerate(zip(short, long, strict=True)) if a != b]
        if len(differing) == 1:
            kinds["one digit is wrong"] = 1 / (9 * len(long))
        elif (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and short[differing[0]] + short[differing[1]] == long[differing[1]] + long[differing[0]]
        ):
            kinds["two digits were exchanged"] = 1 / (len(long) - 1)
    if len(long) == len(short) + 1 and _without_one(long, short):
        kinds["a digit was dropped"] = _without_one(long, short) / len(long)
    if printed == 0 and value < 10:
        kinds["the figure was left out"] = 1.0
    if len(short) == len(long) + 1 and value and _doubles(short, long):
        kinds["a digit was doubled"] = _doubles(short, long) / len(long)
    return kinds


def _without_one(long: str, short: str) -> int:
    return sum(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _doubles(long: str, short: str) -> int:
    return sum(short[: place + 1] + short[place:] == long for place in range(len(short)))


def _rarity(address: Address, value: int) -> float:
    """Minus the logarithm of how often such a cell holds that value: 0 has its share, larger figures are rarer."""
    commonness = toml("checks", "commonness.toml")
    filled = commonness.get(address[0], {}).get(address[2], commonness["default"])
    return -log(1 - filled if value == 0 else filled / (value * (value + 1)))


def slip_of(address: Address, cell: Cell, value: int, *, parts: int | None) -> Slip:
    """The likeliest slip in the cell at `address` that should hold `value`.

    `parts` is what the parts of a total add to, None for a cell that is no total: the parts decide how rare a
    total is, so it has no rarity of its own; and totals are what is left at 0.
    """
    if cell.state == "undecided" or (cell.value is not None and cell.value % 1):
        return Slip("the cell is no readable count", 0.0)
    if cell.state == "absent":
        return Slip("the cell is absent", _ABSENT)
    printed = int(cell.value or 0)
    kinds = slips(printed, value)
    if not printed and parts == value:
        kinds[f"the total was left at 0 over parts that add to {value}"] = _TOTAL_AT_ZERO
    kind = max(kinds, key=lambda name: kinds[name]) if kinds else "another number"
    likelihood = sum(kinds.values()) + _ELSE
    rarity = _rarity(address, value) - _rarity(address, printed) if parts is None else 0.0
    if cell.state == "blank":
        kind = "the cell is blank"
    return Slip(kind, SLIP - log(likelihood) + rarity + _ORIGIN.get(cell.origin or "", 0.0))


def solver_weight(cell: Cell, *, parts: int | None) -> float:
    """Weight of a cell before its value is known, for the integer program."""
    if cell.state == "absent":
        return 0.5
    if cell.state == "blank":
        return 0.95
    return (0.7 if parts and not cell.value else 1.0) + 0.1 * _ORIGIN.get(cell.origin or "", 0.0)


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
    possible: list[Move] = []
    for table in dict.fromkeys(equation.table for equation in system.equations.values()):
        rows = [row.code for row in form.tables[table].rows]
        columns = form.tables[table].column_codes(form.id)
        grid = [[(table, row, column) for column in columns] for row in rows]
        for line in (*grid, *zip(*grid, strict=True)):
            possible.extend(_neighbours(system, number_of, line))
        if len({equation.axis for equation in system.equations.values()}) == 2:
            for row in grid:
                possible.extend(_moved_back(cells, system, number_of, row))
    return possible


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


def shifted_line(form: Form, system: System) -> Move | None:
    """The row (or column) that restores every identity when its figures move back by one place.

    If all faults lie in one row, each column's sums say by how much its cell there is off; so the true row is
    known, and it either is the printed one moved by a place or not.
    """
    residual = system.residual()
    for table in dict.fromkeys(equation.table for equation in system.equations.values()):
        parts = form.tables[table]
        rows = [row.code for row in parts.rows]
        columns = parts.column_codes(form.id)
        for axis, lines, places in (("row", rows, columns), ("column", columns, rows)):
            if not _crossed(system, residual, table, axis):
                continue
            for line in lines:
                move = _shift(system, residual, table, axis, line, places)
                if move:
                    return move
    return None


def _crossed(system: System, residual: Residual, table: str, axis: str) -> bool:
    across = {
        system.equations[number].place
        for number in residual
        if system.equations[number].axis != axis and system.equations[number].table == table
    }
    along = {system.equations[number].place for number in residual if system.equations[number].axis == axis}
    return len(across) >= _FEWEST_MOVED and len(along) <= 1


def _shift(system: System, residual: Residual, table: str, axis: str, line: str, places: list[str]) -> Move | None:
    number_of = {system.addresses[cell]: cell for cell in system.of_cell}
    cells = [number_of.get((table, line, place) if axis == "row" else (table, place, line)) for place in places]
    printed = [(place, cell) for place, cell in zip(places, cells, strict=True) if cell is not None]
    changes: Changes = {}
    for place, cell in printed:
        change = _needed(system, residual, axis, place, cell)
        if change is None or system.values[cell] + change < 0:
            return None
        if change:
            changes[cell] = change
    if len(changes) < _FEWEST_MOVED or system.after(residual, changes):
        return None
    old = [system.values[cell] for _, cell in printed]
    towards = _direction(old, [value + changes.get(cell, 0) for value, (_, cell) in zip(old, printed, strict=True)])
    return Move(changes, LINE_MOVED, "moved back by one place", (table, axis, line), towards) if towards else None


def _needed(system: System, residual: Residual, axis: str, place: str, cell: int) -> int | None:
    needed: set[int] = set()
    for number, weight in system.of_cell[cell].items():
        if system.equations[number].axis != axis:
            needed.add(-residual.get(number, 0) // weight)
    return needed.pop() if len(needed) == 1 else None


def _direction(old: list[int], new: list[int]) -> str:
    changed = [place for place, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
    low, high = changed[0], changed[-1]
    if any(new[low:high]) and new[low:high] == old[low + 1 : high + 1]:
        return "forward"
    return "backward" if any(old[low:high]) and new[low + 1 : high + 1] == old[low:high] else ""


def one_move(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[Move]:
    """Every move that repairs the residual alone."""
    for move in moves:
        if not system.after(residual, move.changes):
            yield move


def move_and_cell(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[tuple[Move, int, int]]:
    """Every move after which one other cell repairs the rest."""
    most = system.widest()
    for move in moves:
        remaining = system.after(residual, move.changes)
        if 0 < len(remaining) <= most:
            for cell, change in one_cell(system, remaining):
                if cell not in move.changes:
                    yield move, cell, change


def two_moves(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[tuple[Move, Move]]:
    """Every pair of moves of different cells that repairs the residual."""
    waiting: dict[frozenset[tuple[int, int]], list[Move]] = {}
    for move in moves:
        added = system.after({}, move.changes)
        for other in waiting.get(frozenset(system.after(residual, move.changes).items()), ()):
            if not move.changes.keys() & other.changes.keys():
                yield other, move
        waiting.setdefault(frozenset((number, -total) for number, total in added.items()), []).append(move)
