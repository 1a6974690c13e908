from __future__ import annotations

from typing import Any

from giakit.checks.localise import localise
from giakit.checks.localise.system import build, eliminate, smallest_sets
from giakit.forms import form


def planted() -> dict[tuple[str, str, str], int | None]:
    return {
        ("requests", "granted", "natural_person"): 1298,
        ("requests", "unable_not_held", "business"): 15,
        ("requests", "carried_out", "total"): 107,
    }


def test_three_errors_are_found_together(huaian: Any) -> None:
    system = eliminate(build(form("2021"), huaian.cells(planted())))
    residual = system.residual()
    (changes,) = smallest_sets(system, residual, dict.fromkeys(system.of_cell, 1.0), at_most=4, cells=6)
    assert {system.addresses[cell]: system.values[cell] + change for cell, change in changes.items()} == {
        address: huaian.figures()[address] for address in planted()
    }


def test_localise_gives_the_same_three(huaian: Any) -> None:
    suggestions, _ = localise(form("2021"), huaian.cells(planted()))
    assert {(s.table, s.row, s.column): s.value for s in suggestions} == {a: huaian.figures()[a] for a in planted()}


def test_too_few_cells_find_nothing(huaian: Any) -> None:
    system = eliminate(build(form("2021"), huaian.cells(planted())))
    assert smallest_sets(system, system.residual(), dict.fromkeys(system.of_cell, 1.0), at_most=4, cells=2) == []
