"""The identities of a report as a system of integer equations, and the fewest changes of cells that restore them.

One change and two are found by an exact search, three and more by an integer program (HiGHS). Its values are continuous and
only its switches binary, with bounds as tight as the residual allows; a solution counts only if its rounded values restore
every equation in integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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

    def after(self, residual: Residual, changes: Changes) -> Residual:
        """What remains when cells are changed."""
        remaining = dict(residual)
        for cell, change in changes.items():
            for number, weight in self.of_cell[cell].items():
                remaining[number] = remaining.get(number, 0) + weight * change
        return {number: total for number, total in remaining.items() if total}

    def allows(self, cell: int, change: int) -> bool:
        """Whether the cell stays a count."""
        return change != 0 and self.values[cell] + change >= 0

    def widest(self) -> int:
        """Number of equations that the busiest cell stands in."""
        return max(len(uses) for uses in self.of_cell.values())


def build(form: Form, cells: Cells) -> System:
    """The system of a report.

    A blank or absent cell counts as 0. Free are the cells of which nothing is known: undecided ones, counts with decimals, and
    blank totals over parts that add to something, and what is left blank throughout.
    """
    number_of: dict[Address, int] = {}
    by_number: dict[int, Equation] = {}
    for number, (identity, place, left, right) in enumerate(equations(form, cells)):
        terms: dict[int, int] = {}
        for side, weight in ((left, 1), (right, -1)):
            for address in side:
                terms[number_of.setdefault(address, len(number_of))] = weight
        by_number[number] = Equation(identity.id, identity.table, identity.axis, place, terms)
    addresses = list(number_of)
    values = [int(cells[address].value or 0) for address in addresses]
    free = {
        number
        for address, number in number_of.items()
        if cells[address].state == "undecided" or (cells[address].value or 0) % 1
    }
    system = System(addresses, values, free | _blank_sides(cells, addresses, values, by_number), by_number)
    _index(system)
    return system


def _blank_sides(cells: Cells, addresses: list[Address], values: list[int], by_number: dict[int, Equation]) -> set[int]:
    """Blank totals over parts that add to something, and rows that are blank in every column.

    A blank among the parts, or beside another total, is none of these: nothing is commonly printed for 0.
    """
    sides: dict[tuple[str, int], list[list[int]]] = {}
    blank: set[int] = set()
    for equation in by_number.values():
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


def one_cell(system: System, residual: Residual) -> Iterator[tuple[int, int]]:
    """Every cell that repairs the residual alone, with the change it needs.

    Such a cell stands in every broken equation, in no sound one, and all of them ask for the same change.
    """
    anchor = _anchor(system, residual)
    for cell, weight in system.equations[anchor].terms.items():
        uses = system.of_cell[cell]
        if len(uses) != len(residual) or residual[anchor] % weight:
            continue
        change = -residual[anchor] // weight
        if system.allows(cell, change) and all(residual.get(number) == -use * change for number, use in uses.items()):
            yield cell, change


def two_cells(system: System, residual: Residual) -> Iterator[Changes]:
    """Every pair of cells that repairs the residual and of which neither does so alone.

    Two cells share one equation at most. So the one that stands in the anchor has an equation of its own, which
    names its change; the other is then found as a single one.
    """
    if len(residual) > 2 * system.widest():
        return
    seen: set[frozenset[int]] = set()
    anchor = _anchor(system, residual)
    for first in system.equations[anchor].terms:
        changes = {
            -residual[number] // weight
            for number, weight in system.of_cell[first].items()
            if number in residual and residual[number] % weight == 0
        }
        for change in sorted(changes):
            if not system.allows(first, change):
                continue
            remaining = system.after(residual, {first: change})
            if not remaining:
                continue
            for second, other in one_cell(system, remaining):
                pair = frozenset((first, second))
                if second != first and pair not in seen:
                    seen.add(pair)
                    yield {first: change, second: other}


def _anchor(system: System, residual: Residual) -> int:
    return min(residual, key=lambda number: (len(system.equations[number].terms), number))


_NODE_LIMIT = 2000


def smallest_sets(
    system: System, residual: Residual, weights: Mapping[int, float], *, at_most: int, cells: int, slack: float = 0.05
) -> list[Changes]:
    """At most so many sets of cells of the smallest weight whose change restores all equations, the lightest first.

    A set of more than `cells` says nothing; a later one may exceed the weight of the first by `slack`.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import block_array, csr_array, diags_array

    # A cell that stands in no broken equation could only pass a change on: never in a smallest set worth reading.
    names = sorted({cell for number in residual for cell in system.equations[number].terms})
    place = {cell: index for index, cell in enumerate(names)}
    numbers = list(system.equations)
    count = len(names)
    entries = [
        (row, place[cell], weight)
        for row, number in enumerate(numbers)
        for cell, weight in system.equations[number].terms.items()
        if cell in place
    ]
    rows, columns, data = (list(part) for part in zip(*entries, strict=True))
    sums = csr_array((data, (rows, columns)), shape=(len(numbers), count), dtype=float)
    target = np.array([-residual.get(number, 0) for number in numbers], dtype=float)
    # In a smallest set every change is a signed sum of residuals, so their absolute sum bounds it.
    reach = float(sum(abs(total) for total in residual.values()))
    up = np.full(count, reach)
    down = np.minimum(np.array([system.values[cell] for cell in names], dtype=float), reach)
    switch = block_array(
        [
            [diags_array(np.ones(count)), None, diags_array(-up)],
            [None, diags_array(np.ones(count)), diags_array(-down)],
        ],
        format="csr",
    )
    equal = block_array([[sums, -sums, csr_array((len(numbers), count))]], format="csr")
    constraints: list[Any] = [
        LinearConstraint(equal, target, target),
        LinearConstraint(switch, -np.inf, 0.0),
        LinearConstraint(np.concatenate([np.zeros(2 * count), np.ones(count)])[None, :], -np.inf, cells),
    ]
    cost = np.concatenate([np.zeros(2 * count), [weights[cell] for cell in names]])
    bounds = Bounds(np.zeros(3 * count), np.concatenate([up, down, np.ones(count)]))
    integrality = np.concatenate([np.zeros(2 * count), np.ones(count)])
    solutions: list[Changes] = []
    lightest = np.inf
    for _ in range(at_most):
        answer = milp(
            cost,
            integrality=integrality,
            bounds=bounds,
            constraints=constraints,
            options={"node_limit": _NODE_LIMIT, "mip_rel_gap": 0.0},
        )
        if answer.x is None or answer.fun > lightest + slack:
            break
        lightest = min(lightest, answer.fun)
        moved = np.rint(answer.x[:count] - answer.x[count : 2 * count]).astype(int)
        chosen = answer.x[2 * count :] > 0.5
        changes = {cell: int(change) for cell, change in zip(names, moved, strict=True) if change}
        if (
            changes
            and all(system.allows(*change) for change in changes.items())
            and not system.after(residual, changes)
        ):
            solutions.append(changes)
        forbidden = np.concatenate([np.zeros(2 * count), chosen.astype(float)])
        constraints.append(LinearConstraint(forbidden[None, :], -np.inf, chosen.sum() - 1))
    return solutions
