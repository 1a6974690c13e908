"""Where the error is: the smallest sets of cells whose change restores every identity (Fellegi and Holt).

One wrong cell breaks the sums of its row and of its column, and so names itself. One slip and two are found by an
exact search, more by an integer program. Nothing is ever applied: what comes out stands beside the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from giakit.checks.identities import check_identities
from giakit.checks.localise.slips import (
    EXCHANGED,
    Move,
    exchanged_with_total,
    move_and_cell,
    moves,
    one_move,
    shifted_line,
    slip_of,
    solver_weight,
    two_moves,
)
from giakit.checks.localise.system import (
    UNPRINTED,
    Changes,
    System,
    build,
    components,
    eliminate,
    free_values,
    one_cell,
    parts_of_total,
    smallest_sets,
    two_cells,
)
from giakit.checks.model import Cells, Check, Suggestion
from giakit.forms.model import Form

MOST_SOLUTIONS = 3
MOST_CELLS = 6
"""A set of more cells says that the table was misread, not where the error is."""


_RIVALS = 3.5
"""An exchange or a moved row this much dearer than the best solution is no rival of it."""


class Solution(NamedTuple):
    """One way to make a part of the report close: its cost, its rows, the moves that it consists of."""

    cost: float
    rows: tuple[Suggestion, ...]
    moves: tuple[Move, ...] = ()


def localise(
    form: Form, cells: Cells, *, checks: Iterable[Check] | None = None
) -> tuple[list[Suggestion], list[Check]]:
    """Name the cells whose change would make the identities close.

    Parameters
    ----------
    form : Form
    cells : mapping of address to Cell
        A blank or absent cell counts as 0 and may itself be the missing number; blank totals and undecided cells are unknowns.
    checks : iterable of Check, optional
        The identities as already tested; without them they are tested here. If all of them pass, nothing is done.

    Returns
    -------
    suggestions : list of Suggestion
        At most three solutions, the most plausible first. A solution is complete: all its rows together restore
        every identity.
    findings : list of Check
        ``shift`` where a line stands one place too far; ``localisation`` (uncertain) where more solutions fit
        than are given, where none of a useful size does, or where blank totals hide that the sums contradict
        each other.

    Examples
    --------
    >>> from giakit.forms import form
    >>> from giakit.checks.model import Cell
    >>> row = {"upheld": 2, "corrected": 1, "other": 0, "pending": 0, "total": 0}
    >>> cells = {("remedies", "suit_direct", column): Cell(value, "reported") for column, value in row.items()}
    >>> suggestions, _ = localise(form("2021"), cells)
    >>> suggestions[0].column, suggestions[0].value, suggestions[0].why
    ('total', 3, 'the total was left at 0 over parts that add to 3')
    """
    verdicts = list(check_identities(form, cells) if checks is None else checks)
    names = {identity.id for identity in form.identities}
    open_ones = [
        check
        for check in verdicts
        if check.check in names and (check.is_finding or (check.status == "not_assessable" and check.expected))
    ]
    if not open_ones:
        return [], []
    broken = {(check.check, check.row or check.column) for check in open_ones if check.status != "not_assessable"}
    findings: list[Check] = []
    parts: list[list[Solution]] = []
    for part in components(build(form, cells)):
        if part.free or part.residual():
            solutions, doubts = _solve(form, cells, part, broken)
            findings.extend(doubts)
            if solutions:
                parts.append(solutions)
    return _number(parts), findings


def _number(parts: list[list[Solution]]) -> list[Suggestion]:
    """Solutions of separate parts of a report side by side, each with the best of the parts that have fewer."""
    longest = max((len(solutions) for solutions in parts), default=0)
    return [
        row._replace(solution=index + 1)
        for index in range(longest)
        for solutions in parts
        for row in solutions[index if index < len(solutions) else 0].rows
    ]


def _solve(
    form: Form, cells: Cells, part: System, broken: set[tuple[str, str | None]]
) -> tuple[list[Solution], list[Check]]:
    system = eliminate(part)
    residual = system.residual()
    if not residual:
        return _fills(cells, part, system, broken), []
    findings = (
        []
        if any((e.identity, e.place) in broken for e in part.equations.values())
        else [_doubt(system, "whatever the blank totals hold, the figures contradict each other: {}")]
    )
    unique: dict[tuple[tuple[object, ...], ...], Solution] = {}
    for solution in sorted(
        _solutions(form, cells, part, system), key=lambda solution: (round(solution.cost, 6), len(solution.rows))
    ):
        unique.setdefault(tuple(row[1:6] for row in solution.rows), solution)
    best = min((solution.cost for solution in unique.values()), default=0.0)
    solutions = [entry for entry in unique.values() if not entry.moves or entry.cost <= best + _RIVALS]
    if not solutions:
        return [], [*findings, _doubt(system, f"undetermined: no change of up to {MOST_CELLS} cells restores {{}}")]
    kept = _kept(solutions)
    if len(solutions) > len(kept):
        fitting = (
            f"undetermined: at least {len(solutions)} changes would each restore {{}}; the most plausible are given"
        )
        findings.append(_doubt(system, fitting))
    findings.extend(_shift(*move.line, move.towards) for move in kept[0].moves if move.line)
    return kept, findings


def _shift(table: str, axis: str, line: str, towards: str) -> Check:
    row, column, along = (line, None, "column") if axis == "row" else (None, line, "row")
    message = f"{axis} {line}: its figures stand shifted by one {along} {towards}; moved back, the sums close"
    return Check("shift", "fail", table, row, column, None, None, message)


def _doubt(system: System, message: str) -> Check:
    """What no small change, or too many, restores: the broken identities are put into the message."""
    broken = [system.equations[number] for number in system.residual()]
    rows, columns = (list({one.place for one in broken if one.axis == axis}) for axis in ("row", "column"))
    named = ", ".join(f"{one.identity} {one.axis} {one.place}" for one in broken)
    row, column = (places[0] if len(places) == 1 else None for places in (rows, columns))
    return Check("localisation", "uncertain", broken[0].table, row, column, None, None, message.format(named))


Candidate = tuple[tuple[Move, ...], Changes]
"""Moves, and changes of single cells beside them."""


def _solutions(form: Form, cells: Cells, part: System, system: System) -> Iterator[Solution]:
    """Solutions of as few slips as there is a solution for."""
    residual = system.residual()
    singles: list[Candidate] = [((), {cell: change}) for cell, change in one_cell(system, residual)]
    if singles and len(part.equations) > 1:
        proper = _proper(cells, part, system, singles)
        if proper:
            yield from proper
            return
    possible = moves(form, cells, system)
    if len(part.equations) == 1 and not part.free:
        possible.extend(exchanged_with_total(system))
    one_slip = [*singles, *(((move,), {}) for move in one_move(system, residual, possible)), *_line(form, cells, part)]
    for candidates in (lambda: one_slip, lambda: _two_slips(system, possible), lambda: _more_slips(cells, system)):
        proper = _proper(cells, part, system, candidates())
        if proper:
            yield from proper
            return


def _proper(cells: Cells, part: System, system: System, candidates: Iterable[Candidate]) -> list[Solution]:
    """The candidates that leave every count a count."""
    solutions = []
    for moved, changes in candidates:
        every = dict(changes)
        for move in moved:
            every.update(move.changes)
        free = free_values(system, every)
        if free is not None:
            solutions.append(_solution(cells, part, system, moved, changes, free))
    return solutions


def _line(form: Form, cells: Cells, part: System) -> Iterator[Candidate]:
    if all(cells[part.addresses[cell]].state in UNPRINTED for cell in part.free):
        move = shifted_line(form, part)
        if move:
            yield (
                (
                    move._replace(
                        changes={cell: change for cell, change in move.changes.items() if cell not in part.free}
                    ),
                ),
                {},
            )


def _two_slips(system: System, possible: list[Move]) -> Iterator[Candidate]:
    residual = system.residual()
    for changes in two_cells(system, residual):
        yield (), changes
    for move, cell, change in move_and_cell(system, residual, possible):
        yield (move,), {cell: change}
    for pair in two_moves(system, residual, possible):
        yield pair, {}


def _more_slips(cells: Cells, system: System) -> Iterator[Candidate]:
    residual = system.residual()
    if len(residual) <= MOST_CELLS * system.widest():
        weights = {
            cell: solver_weight(cells[system.addresses[cell]], parts=parts_of_total(system, cell))
            for cell in system.of_cell
        }
        for changes in smallest_sets(system, residual, weights, at_most=MOST_SOLUTIONS + 1, cells=MOST_CELLS):
            yield (), changes


def _kept(solutions: list[Solution]) -> list[Solution]:
    """The best three, but no more rows than three of the smallest of them would have."""
    kept: list[Solution] = []
    room = MOST_SOLUTIONS * min(len(solution.rows) for solution in islice(solutions, MOST_SOLUTIONS))
    for solution in solutions[:MOST_SOLUTIONS]:
        if not kept or sum(len(other.rows) for other in (*kept, solution)) <= room:
            kept.append(solution)
    return kept


def _fills(cells: Cells, part: System, system: System, broken: set[tuple[str, str | None]]) -> list[Solution]:
    """What blank totals and undecided cells must hold, where a broken identity asks for them and nothing else is wrong."""
    rows = []
    for cell, value in sorted((free_values(system, {}) or {}).items()):
        asked = any(
            (part.equations[number].identity, part.equations[number].place) in broken for number in part.of_cell[cell]
        )
        if value and asked:
            rows.append(_fill(cells, part, cell, value))
    return [Solution(0.0, tuple(rows))] if rows else []


def _fill(cells: Cells, system: System, cell: int, value: int) -> Suggestion:
    address = system.addresses[cell]
    state = cells[address].state
    seen = f"the cell is {state}" if state in UNPRINTED else "the cell is no readable count"
    return Suggestion(1, *address, cells[address].value, value, f"{seen}; the identities leave only {value}")


def _solution(
    cells: Cells, part: System, system: System, moved: tuple[Move, ...], changes: Changes, free: dict[int, int | None]
) -> Solution:
    rows: list[Suggestion] = []
    cost = sum(move.cost for move in moved)
    why = {cell: move.kind for move in moved for cell in move.changes}
    every = {**changes, **{cell: change for move in moved for cell, change in move.changes.items()}}
    exchange = not moved and _exchanged(system, changes)
    for cell, change in sorted(every.items(), key=lambda item: system.addresses[item[0]]):
        value = system.values[cell] + change
        slip = slip_of(system.addresses[cell], cells[system.addresses[cell]], value, parts=parts_of_total(system, cell))
        if cell in changes:
            cost += slip.cost
            why[cell] = "two cells were exchanged" if exchange else slip.kind
        rows.append(Suggestion(1, *system.addresses[cell], cells[system.addresses[cell]].value, value, why[cell]))
    for cell, left in free.items():
        if left and _beside(part, cell, every):
            rows.append(_fill(cells, system, cell, left))
    return Solution(EXCHANGED if exchange else cost, tuple(rows), moved)


def _beside(part: System, cell: int, changes: Changes) -> bool:
    """Whether a changed cell stands in the sum of the row that gives a blank its value."""
    equations = (part.equations[number] for number in part.of_cell[cell])
    return any(equation.axis == "row" and equation.terms.keys() & changes.keys() for equation in equations)


def _exchanged(system: System, changes: Changes) -> bool:
    if len(changes) != 2:
        return False
    (first, up), (second, down) = changes.items()
    return up == -down and system.values[first] + up == system.values[second]
