"""Digits that run together: every reading adds up, and what is decided is true."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import COLUMNS

from giakit.forms import form
from giakit.reading import digits
from giakit.reading.digits import Solution, Sums, is_forced, readings, solve
from typeset import random_figures

LAWS = [
    Sums(law.id, law.left, law.right)
    for law in form("2021").identities
    if law.table == "requests" and law.axis == "column"
]
ROWS = form("2021").tables["requests"].row_codes("2021")
counts = st.integers(0, 120)


def test_readings_of_a_real_row() -> None:
    assert readings(["640020470"], [7]) == [(64, 0, 0, 2, 0, 4, 70)]


def test_a_row_with_two_readings_has_both() -> None:
    assert set(readings(["270020130"], [7])) == {(27, 0, 0, 2, 0, 1, 30), (2, 7, 0, 0, 20, 1, 30)}


@given(parts=st.lists(counts, min_size=6, max_size=6))
def test_readings_always_add_up_and_hold_the_true_one(parts: list[int]) -> None:
    row = (*parts, sum(parts))
    found = readings(["".join(map(str, row))], [7])
    assert all(sum(reading[:-1]) == reading[-1] for reading in found)
    assert row in found
    assert len(set(found)) == len(found)


@given(fives=st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_three_groups_in_one_string(fives: list[list[int]]) -> None:
    row = tuple(value for five in fives for value in (*five, sum(five)))
    try:
        found = readings(["".join(map(str, row))], [5, 5, 5])
    except digits.TooMany:
        return
    assert row in found


@given(parts=st.lists(counts, min_size=6, max_size=6), cuts=st.sets(st.integers(1, 6)))
def test_a_border_is_never_crossed(parts: list[int], cuts: set[int]) -> None:
    row = (*parts, sum(parts))
    edges = [0, *sorted(cuts), 7]
    pieces = ["".join(map(str, row[start:end])) for start, end in pairwise(edges)]
    whole = readings(["".join(map(str, row))], [7])
    parted = readings(pieces, [7])
    assert row in parted
    assert set(parted) <= set(whole)


@pytest.mark.parametrize("pieces", [["007"], ["12345678"], ["1", "2", "3", "4", "5", "6", "7", "8"], []])
def test_what_has_no_reading(pieces: list[str]) -> None:
    assert readings(pieces, [7]) == []


def test_a_dash_is_a_blank_cell() -> None:
    assert readings(["3", "/", "/", "/", "/", "/", "3"], [7]) == [(3, None, None, None, None, None, 3)]


def test_forced() -> None:
    assert is_forced(["0000000"], 7)
    assert is_forced(["12", "0", "0", "0", "0", "0", "12"], 7)
    assert not is_forced(["12000012"], 7)


def solved(values: dict[tuple[str, str, str], float], *, without: tuple[str, ...] = ()) -> Solution:
    rows = {
        code: ["".join(f"{values['requests', code, column]:.0f}" for column in COLUMNS)]
        for code in ROWS
        if code not in without
    }
    return solve(rows, groups=[7], columns=7, row_identity="H3", sums=LAWS)


def contradictions(solution: Solution, values: dict[tuple[str, str, str], float]) -> list[tuple[str, str]]:
    return [
        (code, column)
        for code, cells in solution.values.items()
        for position, column in enumerate(COLUMNS)
        if (code, position) not in solution.open and cells[position] != values["requests", code, column]
    ]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_what_is_decided_is_true_where_the_report_closes(seed: int) -> None:
    values = random_figures(seed, scale=80)
    solution = solved(values)
    assert not contradictions(solution, values)
    assert not solution.impossible


@given(seed=st.integers(0, 10_000), missing=st.sampled_from(ROWS))
@settings(max_examples=80, deadline=None)
def test_what_is_decided_is_true_where_a_row_is_missing(seed: int, missing: str) -> None:
    values = random_figures(seed, scale=80)
    assert not contradictions(solved(values, without=(missing,)), values)


def test_rows_that_could_be_exchanged_stay_open() -> None:
    rows = {"a": ["270020130"], "b": ["270020130"], "sum": ["2970220260"]}
    solution = solve(rows, groups=[7], columns=7, row_identity="H3", sums=[Sums("H2", ("a", "b"), ("sum",))])
    assert solution.open == {(code, column) for code in ("a", "b") for column in (0, 1, 3, 4)}
    assert solution.values["sum"] == (29, 7, 0, 2, 20, 2, 60)


def test_the_sum_decides_between_two_readings() -> None:
    rows = {"a": ["270020130"], "b": ["0000000"], "sum": ["270020130"]}
    alone = solve(rows, groups=[7], columns=7, row_identity="H3", sums=[])
    assert {("a", 0), ("sum", 0)} <= alone.open
    told = solve(
        rows | {"sum": ["27", "002", "0", "1", "30"]},
        groups=[7],
        columns=7,
        row_identity="H3",
        sums=[Sums("H2", ("a", "b"), ("sum",))],
    )
    assert told.values["a"] == (27, 0, 0, 2, 0, 1, 30)
    assert not told.open
    assert ("H2", "0") in told.used


def test_an_identity_that_was_needed_is_named() -> None:
    solution = solved(random_figures(3, scale=80))
    assert {law for law, _ in solution.used} >= {"H3"}
