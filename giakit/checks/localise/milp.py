"""Sets of three cells and more, by an integer program (HiGHS).

The values are continuous and only the switches binary, with bounds as tight as the residual allows; a solution
counts only if its rounded values restore every equation in integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from giakit.checks.localise.system import Changes, Residual, System

_NODE_LIMIT = 2000


def smallest_sets(
    system: System, residual: Residual, weights: Mapping[int, float], *, at_most: int, cells: int, slack: float = 0.05
) -> list[Changes]:
    """Sets of cells of the smallest weight whose change restores all equations.

    Parameters
    ----------
    system : System
    residual : mapping of equation to its sum
    weights : mapping of cell to weight
    at_most : int
        Number of solutions to look for.
    cells : int
        Size beyond which a solution says nothing.
    slack : float
        Weight by which a later solution may exceed the first.

    Returns
    -------
    list of mapping of cell to change
        Lightest first; empty if there is none of that size.
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
    found: list[Changes] = []
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
        if changes and _restores(system, residual, changes):
            found.append(changes)
        forbidden = np.concatenate([np.zeros(2 * count), chosen.astype(float)])
        constraints.append(LinearConstraint(forbidden[None, :], -np.inf, chosen.sum() - 1))
    return found


def _restores(system: System, residual: Residual, changes: Changes) -> bool:
    for cell, change in changes.items():
        if not system.allows(cell, change):
            return False
        residual = system.after(residual, cell, change)
    return not residual
