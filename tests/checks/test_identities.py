"""The identities of the forms and their four outcomes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.checks.identities import check_identities, equations
from giakit.checks.model import Cell, Check
from giakit.forms import form
from giakit.forms.model import Address
from typeset import random_figures

FIGURES = random_figures(3, scale=60)
Cells = dict[Address, Cell]


def cells(values: dict[Address, float] = FIGURES) -> Cells:
    return {address: Cell(value, "reported", "printed") for address, value in values.items()}


def changed(address: Address, value: float | None, state: str = "reported") -> Cells:
    return cells() | {address: Cell(value, state)}  # type: ignore[arg-type]


def verdict(found: list[Check], identity: str, place: str) -> str:
    (status,) = {check.status for check in found if check.check == identity and place in (check.row, check.column)}
    return status


def test_numbers_of_identities() -> None:
    assert len(check_identities(form("2021"), cells())) == 42
    assert len(check_identities(form("2019"), cells(random_figures(3, form="2019")))) == 40


@pytest.mark.parametrize("name", ["2021", "2019", "2014", "local"])
@given(seed=st.integers(0, 5000))
@settings(max_examples=10, deadline=None)
def test_reports_that_close_pass(name: str, seed: int) -> None:
    found = check_identities(form(name), cells(random_figures(seed, form=name)))
    assert {check.status for check in found} == {"pass"}


def test_one_wrong_cell_breaks_its_row_and_its_column() -> None:
    address = ("requests", "granted", "business")
    found = check_identities(form("2021"), changed(address, FIGURES[address] + 5))
    broken = {(check.check, check.row or check.column) for check in found if check.status == "fail"}
    assert broken == {("H2", "business"), ("H3", "granted")}


def test_row_and_column_are_named_apart() -> None:
    for check in check_identities(form("2021"), cells()):
        assert (check.column is None) == (check.check in ("H3", "H4"))
        assert (check.row is None) == (check.check in ("H1", "H2"))


def test_blank_part_is_taken_as_zero_where_that_closes() -> None:
    zero = next(
        address
        for address, value in FIGURES.items()
        if address[0] == "requests" and value == 0 and address[2] == "research" and address[1] == "partial"
    )
    found = check_identities(form("2021"), changed(zero, None, "blank"))
    assert verdict(found, "H3", "partial") == "pass"


def test_blank_part_that_could_close_it_is_uncertain() -> None:
    address = ("requests", "new", "natural_person")
    found = check_identities(form("2021"), changed(address, None, "blank"))
    assert verdict(found, "H3", "new") == "uncertain"


def test_blank_part_cannot_mend_parts_that_exceed_the_total() -> None:
    both = changed(("requests", "new", "natural_person"), None, "blank") | {
        ("requests", "new", "business"): Cell(9999, "reported")
    }
    assert verdict(check_identities(form("2021"), both), "H3", "new") == "fail"


@pytest.mark.parametrize("state", ["blank", "undecided"])
def test_without_its_total_an_identity_is_not_assessable(state: str) -> None:
    found = check_identities(form("2021"), changed(("requests", "granted", "total"), None, state))
    assert verdict(found, "H3", "granted") == "not_assessable"


def test_undecided_part_never_passes() -> None:
    found = check_identities(form("2021"), changed(("requests", "granted", "natural_person"), None, "undecided"))
    assert verdict(found, "H3", "granted") in ("uncertain", "not_assessable")


def test_row_that_is_not_there_fails_nothing() -> None:
    """A report without 总计 (row 七): the carried-out requests alone are no right side."""
    lacking = {address: Cell(None, "absent") if address[1] == "closed" else cell for address, cell in cells().items()}
    assert "fail" not in {check.status for check in check_identities(form("2021"), lacking)}


def test_used_identities_prove_nothing() -> None:
    found = check_identities(form("2021"), cells(), solved_by={("H3", "granted"): "", ("H2", "total"): ""})
    assert (verdict(found, "H3", "granted"), verdict(found, "H2", "total"), verdict(found, "H3", "partial")) == (
        "not_assessable",
        "not_assessable",
        "pass",
    )


def test_used_identities_that_fail_still_fail() -> None:
    address = ("requests", "granted", "total")
    found = check_identities(form("2021"), changed(address, FIGURES[address] + 1), solved_by={("H3", "granted"): ""})
    assert verdict(found, "H3", "granted") == "fail"


def test_old_row_of_other_handling_counts_in_a_2021_table() -> None:
    values = {
        address: value
        for address, value in FIGURES.items()
        if not (address[0] == "requests" and address[1].startswith("other_"))
    }
    for column in {address[2] for address in FIGURES if address[0] == "requests"}:
        values["requests", "other", column] = sum(
            FIGURES["requests", row, column] for row in ("other_uncorrected", "other_unpaid", "other_rest")
        )
    found = check_identities(form("2021"), cells(values))
    assert {check.status for check in found} == {"pass"}


def test_extra_rows_and_columns_are_in_no_sum() -> None:
    more = cells() | {
        ("requests", "extra:其中", "total"): Cell(500, "reported"),
        ("requests", "new", "extra:小计"): Cell(500, "reported"),
    }
    assert {check.status for check in check_identities(form("2021"), more)} == {"pass"}


def test_fingerprint_stays_and_tells_apart() -> None:
    first = check_identities(form("2021"), cells())
    assert [check.fingerprint for check in first] == [
        check.fingerprint for check in check_identities(form("2021"), cells())
    ]
    assert len({check.fingerprint for check in first}) == len(first)


def test_equations_name_both_sides() -> None:
    sides = {(identity.id, place): (left, right) for identity, place, left, right in equations(form("2021"), cells())}
    left, right = sides["H1", "total"]
    assert left == (("requests", "new", "total"), ("requests", "carried_in", "total"))
    assert right == (("requests", "closed", "total"), ("requests", "carried_out", "total"))


@given(seed=st.integers(0, 5000), row=st.sampled_from(["granted", "unable_not_held", "closed"]), by=st.integers(1, 50))
@settings(max_examples=25, deadline=None)
def test_every_single_change_is_found(seed: int, row: str, by: int) -> None:
    values = random_figures(seed)
    address = ("requests", row, "natural_person")
    found = check_identities(form("2021"), cells(values | {address: values[address] + by}))
    assert sum(check.status == "fail" for check in found) >= 2
