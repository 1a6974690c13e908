"""A whole row or column at fault: its figures stand one place too far."""

from __future__ import annotations

from giakit.checks.localise.cost import LINE_MOVED
from giakit.checks.localise.moves import Move
from giakit.checks.localise.system import Changes, Residual, System
from giakit.forms.model import Form

_FEWEST_CHANGED = 3
"""Two changed cells are told by the search for pairs."""


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
    return len(across) >= _FEWEST_CHANGED and len(along) <= 1


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
    if len(changes) < _FEWEST_CHANGED or not _closes(system, residual, changes):
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


def _closes(system: System, residual: Residual, changes: Changes) -> bool:
    for cell, change in changes.items():
        residual = system.after(residual, cell, change)
    return not residual


def _direction(old: list[int], new: list[int]) -> str:
    changed = [place for place, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
    low, high = changed[0], changed[-1]
    if _moved(new[low:high], old[low + 1 : high + 1]):
        return "forward"
    if _moved(new[low + 1 : high + 1], old[low:high]):
        return "backward"
    return ""


def _moved(true: list[int], found: list[int]) -> bool:
    return true == found and any(true)
