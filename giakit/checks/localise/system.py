"""The identities of a report as a system of integer equations, with the unknown cells eliminated from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from giakit.checks.identities import equations
from giakit.checks.model import Cells
from giakit.forms.model import Address, Form

UNPRINTED = ("blank", "absent")
"""States of a cell that counts as 0 and may itself be the missing number."""

Residual = dict[int, int]
Changes = dict[int, int]
"""What is added to each cell of one solution."""


@dataclass(slots=True)
class Equation:
    """One identity at one place: the weighted sum of its cells is zero where it closes."""

    identity: str
    table: str
    axis: str
    place: str
    terms: dict[int, int]


@dataclass(slots=True)
class System:
    """Cells, their values, and the equations between them.

    `equations` is a mapping, so that an equation keeps its number when others are eliminated.
    """

    addresses: list[Address]
    values: list[int]
    free: set[int]
    equations: dict[int, Equation]
    of_cell: dict[int, dict[int, int]] = field(default_factory=dict)
    definitions: list[tuple[int, Equation]] = field(default_factory=list)

    def residual(self) -> Residual:
        """Equations that do not close, with their sums."""
        sums = (
            (number, sum(weight * self.values[cell] for cell, weight in equation.terms.items()))
            for number, equation in self.equations.items()
        )
        return {number: total for number, total in sums if total}

    def after(self, residual: Residual, cell: int, change: int) -> Residual:
        """What remains when one cell is changed."""
        remaining = dict(residual)
        for number, weight in self.of_cell[cell].items():
            total = remaining.get(number, 0) + weight * change
            if total:
                remaining[number] = total
            else:
                remaining.pop(number, None)
        return remaining

    def allows(self, cell: int, change: int) -> bool:
        """Whether the cell stays a count."""
        return change != 0 and self.values[cell] + change >= 0


def build(form: Form, cells: Cells) -> System:
    """The system of a report.

    A blank or absent cell counts as 0. Free are the cells of which nothing is known: undecided ones, counts with decimals, and
    blank totals over parts that add to something, and what is left blank throughout.
    """
    number_of: dict[Address, int] = {}
    found: dict[int, Equation] = {}
    for number, (identity, place, left, right) in enumerate(equations(form, cells)):
        terms: dict[int, int] = {}
        for side, weight in ((left, 1), (right, -1)):
            for address in side:
                terms[number_of.setdefault(address, len(number_of))] = weight
        found[number] = Equation(identity.id, identity.table, identity.axis, place, terms)
    addresses = list(number_of)
    values = [int(cells[address].value or 0) for address in addresses]
    free = {number for address, number in number_of.items() if _unknown(cells, address)}
    system = System(addresses, values, free | _blank_sides(cells, addresses, values, found), found)
    _index(system)
    return system


def _unknown(cells: Cells, address: Address) -> bool:
    cell = cells[address]
    return cell.state == "undecided" or (cell.value is not None and cell.value % 1 != 0)


def _blank_sides(cells: Cells, addresses: list[Address], values: list[int], found: dict[int, Equation]) -> set[int]:
    """Blank totals over parts that add to something, and rows that are blank in every column.

    A blank among the parts, or beside another total, is none of these: nothing is commonly printed for 0.
    """
    sides: dict[tuple[str, int], list[list[int]]] = {}
    blank: set[int] = set()
    for equation in found.values():
        for sign in (-1, 1):
            side = [cell for cell, weight in equation.terms.items() if weight == sign]
            empty = all(cells[addresses[cell]].state in UNPRINTED for cell in side)
            if equation.axis == "column":
                sides.setdefault((equation.identity, sign), []).append(side if empty else [])
            if empty and sign == -1 and len(side) == 1 and any(values[cell] for cell in equation.terms):
                blank.update(side)
    for empty_sides in sides.values():
        if all(empty_sides):
            blank.update(cell for side in empty_sides for cell in side)
    return blank


def _index(system: System) -> None:
    system.of_cell.clear()
    for number, equation in system.equations.items():
        for cell, weight in equation.terms.items():
            system.of_cell.setdefault(cell, {})[number] = weight


def components(system: System) -> Iterator[System]:
    """The parts of the system that share no cell."""
    waiting = dict(system.equations)
    while waiting:
        number, equation = waiting.popitem()
        members, front = {number: equation}, list(equation.terms)
        while front:
            for other in system.of_cell[front.pop()]:
                if other in waiting:
                    members[other] = waiting.pop(other)
                    front.extend(members[other].terms)
        cells = {cell for member in members.values() for cell in member.terms}
        part = System(system.addresses, system.values, system.free & cells, dict(sorted(members.items())))
        _index(part)
        yield part


def eliminate(system: System) -> System:
    """The same system without its free cells: each is expressed by one equation, which then proves nothing more."""
    if not system.free:
        return system
    left = {
        number: Equation(e.identity, e.table, e.axis, e.place, dict(e.terms)) for number, e in system.equations.items()
    }
    definitions = []
    for cell in sorted(system.free):
        holders = [number for number, equation in left.items() if cell in equation.terms]
        if not holders:
            continue
        pivot = left.pop(min(holders, key=lambda number: (len(left[number].terms), number)))
        definitions.append((cell, pivot))
        for equation in left.values():
            if cell in equation.terms:
                equation.terms = _without(equation.terms, pivot.terms, cell)
    left = {number: equation for number, equation in left.items() if equation.terms}
    result = System(system.addresses, system.values, system.free, left, {}, definitions)
    _index(result)
    return result


def _without(terms: dict[int, int], pivot: dict[int, int], cell: int) -> dict[int, int]:
    ours, theirs = terms[cell], pivot[cell]
    mixed = {other: theirs * weight for other, weight in terms.items()}
    for other, weight in pivot.items():
        mixed[other] = mixed.get(other, 0) - ours * weight
    return {other: weight for other, weight in mixed.items() if weight}


def free_values(system: System, changes: Changes) -> dict[int, int | None] | None:
    """Values of the free cells once the changes are made: None for a cell that stays open.

    Returns None if a free cell would have to be negative or broken: the changes are then no solution.
    """
    known: dict[int, int | None] = {cell: None for cell in system.free}
    for cell, pivot in reversed(system.definitions):
        total = 0
        for other, weight in pivot.terms.items():
            if other == cell:
                continue
            value = known[other] if other in known else system.values[other] + changes.get(other, 0)
            if value is None:
                break
            total += weight * value
        else:
            value, rest = divmod(-total, pivot.terms[cell])
            if rest or value < 0:
                return None
            known[cell] = value
    return known


def parts_of_total(system: System, cell: int) -> int | None:
    """What the parts of a total add to; None for a cell that is no total."""
    for number, weight in system.of_cell[cell].items():
        terms = system.equations[number].terms
        if weight < 0 and sum(other < 0 for other in terms.values()) == 1:
            return sum(system.values[other] * share for other, share in terms.items() if other != cell)
    return None
