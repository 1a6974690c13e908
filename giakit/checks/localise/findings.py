"""What localisation says beside its suggestions: a moved line, sums that no small change or too many restore."""

from __future__ import annotations

from giakit.checks.localise.moves import Move
from giakit.checks.localise.system import System
from giakit.checks.model import Check


def shifted(move: Move) -> Check:
    assert move.line is not None
    table, axis, line = move.line
    row, column = (line, None) if axis == "row" else (None, line)
    along = "column" if axis == "row" else "row"
    message = f"{axis} {line}: its figures stand shifted by one {along} {move.towards}; moved back, the sums close"
    return Check("shift", "fail", table, row, column, None, None, message)


def _place(system: System) -> tuple[str, str | None, str | None, str]:
    open_ones = [system.equations[number] for number in system.residual()]
    rows = {equation.place for equation in open_ones if equation.axis == "row"}
    columns = {equation.place for equation in open_ones if equation.axis == "column"}
    row = rows.pop() if len(rows) == 1 else None
    column = columns.pop() if len(columns) == 1 else None
    named = ", ".join(f"{equation.identity} {equation.axis} {equation.place}" for equation in open_ones)
    return open_ones[0].table, row, column, named


def undetermined(system: System, fitting: int) -> Check:
    table, row, column, named = _place(system)
    message = f"undetermined: at least {fitting} changes would each restore {named}; the most plausible are given"
    return Check("localisation", "uncertain", table, row, column, None, None, message)


def unfound(system: System, cells: int) -> Check:
    table, row, column, named = _place(system)
    message = f"undetermined: no change of up to {cells} cells restores {named}"
    return Check("localisation", "uncertain", table, row, column, None, None, message)


def hidden(system: System) -> Check:
    table, row, column, named = _place(system)
    message = f"whatever the blank totals hold, the figures contradict each other: {named}"
    return Check("localisation", "uncertain", table, row, column, None, None, message)
