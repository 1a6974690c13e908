"""Exact search for the one or two slips that restore every equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from giakit.checks.localise.moves import Move, effect, together
from giakit.checks.localise.system import Changes, Residual, System


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
    if len(residual) > 2 * widest(system):
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
            remaining = system.after(residual, first, change)
            if not remaining:
                continue
            for second, other in one_cell(system, remaining):
                pair = frozenset((first, second))
                if second != first and pair not in seen:
                    seen.add(pair)
                    yield {first: change, second: other}


def one_move(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[Move]:
    """Every move that repairs the residual alone."""
    for move in moves:
        if not together(residual, effect(system, move)):
            yield move


def move_and_cell(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[tuple[Move, int, int]]:
    """Every move after which one other cell repairs the rest."""
    most = widest(system)
    for move in moves:
        remaining = together(residual, effect(system, move))
        if 0 < len(remaining) <= most:
            for cell, change in one_cell(system, remaining):
                if cell not in move.changes:
                    yield move, cell, change


def two_moves(system: System, residual: Residual, moves: Sequence[Move]) -> Iterator[tuple[Move, Move]]:
    """Every pair of moves of different cells that repairs the residual."""
    waiting: dict[frozenset[tuple[int, int]], list[Move]] = {}
    for move in moves:
        added = effect(system, move)
        for other in waiting.get(frozenset(together(residual, added).items()), ()):
            if not move.changes.keys() & other.changes.keys():
                yield other, move
        waiting.setdefault(frozenset((number, -total) for number, total in added.items()), []).append(move)


def widest(system: System) -> int:
    """Number of equations that the busiest cell stands in."""
    return max(len(uses) for uses in system.of_cell.values())


def _anchor(system: System, residual: Residual) -> int:
    return min(residual, key=lambda number: (len(system.equations[number].terms), number))
