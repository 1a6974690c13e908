"""Digits that run together: cut where the form leaves one reading, else left open and marked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import CHAPTERS, COLUMNS, KINDS, RESULTS, UNIT, YEAR, Outcome, figures, official, outcome

from giakit.documents.model import Document, Text
from giakit.forms import form
from giakit.forms.model import Address
from giakit.reading import digits
from giakit.reading.align import stream_lines, tokens
from giakit.reading.columns import Reading
from giakit.reading.digits import Solution, Sums, is_forced, readings, solve
from giakit.reading.tables import read_table
from giakit.reading.titles import Title
from giakit.reading.vocabulary import vocabulary
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


FIGURES = figures()


def streamed(table: str, text: str, *, year: int | None = None, stated: dict[str, set[float]] | None = None) -> Reading:
    """What the stream of a text says of a table."""
    document = Document("x", "text", (Text(text),))
    lines = stream_lines(tokens(document), vocabulary(table))
    return read_table(table, document, Title(None, year), lines, stated=stated or {})


def run_together(values: dict[Address, float], *, separator: str = "", changed: dict[str, str] | None = None) -> bytes:
    """A page whose tags were stripped: all cells of a line run together."""
    parts = [f"{UNIT}{YEAR}年政府信息公开工作年度报告"]
    for chapter, grid in zip(CHAPTERS[1:4], official(values).values(), strict=True):
        lines = []
        for line in grid.placed():
            lines.append(separator.join(place.cell.text for place in line if place.begins))
        parts += [chapter, separator.join(lines)]
    text = "\n".join([*parts, CHAPTERS[4], "还有不足。"])
    for old, new in (changed or {}).items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def check(read: Outcome) -> None:
    assert not [address for address in read.wrong if address[0] != "proactive"], read.wrong
    assert not read.silent
    assert not read.invented


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_nothing_wrong_from_digits_that_run_together(seed: int) -> None:
    values = random_figures(seed, scale=80)
    read = outcome(run_together(values), values, name="x.txt")
    check(read)
    assert not read.wrong


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_with_white_space_between_cells_everything_is_read(seed: int) -> None:
    values = random_figures(seed, scale=80)
    read = outcome(run_together(values, separator=" "), values, name="x.txt")
    assert read.exact


def test_solved_cells_say_so_and_their_identities_prove_nothing() -> None:
    read = outcome(run_together(FIGURES), FIGURES, name="x.txt")
    cells = read.report.cells.query("table == 'requests' and state == 'reported'")
    assert "solved" in set(cells["origin"])
    checks = read.report.checks
    assert "not_assessable" in set(checks[checks["check"] == "H3"]["status"])


def test_a_misread_digit_is_not_solved_away() -> None:
    whole = "".join(f"{FIGURES['requests', 'new', column]:.0f}" for column in COLUMNS)
    broken = whole[:-1] + ("1" if whole[-1] != "1" else "2")
    read = outcome(run_together(FIGURES, changed={whole: broken}), FIGURES, name="x.txt")
    assert not read.silent


def remedies(text: str) -> dict[tuple[str, str], float | None]:
    header = "".join(RESULTS.values()) + KINDS["suit_direct"] + KINDS["suit_after"] + "".join(RESULTS.values()) * 2
    reading = streamed("remedies", f"{header}{text}\n五、存在的主要问题及改进情况")
    return {address: cell.value for address, cell in reading.cells.items()}


def test_remedies_of_real_reports() -> None:
    found = remedies("110024001510102")
    assert [found["reconsideration", result] for result in RESULTS] == [1, 1, 0, 0, 2]
    assert [found["suit_direct", result] for result in RESULTS] == [4, 0, 0, 1, 5]
    assert [found["suit_after", result] for result in RESULTS] == [1, 0, 1, 0, 2]


def test_remedies_that_can_be_cut_in_two_ways_stay_open() -> None:
    # 1, 10, 0, 0, 11 and 11, 0, 0, 0, 11 both add up.
    found = remedies("1100011" + "00000" + "00000")
    assert found["reconsideration", "total"] == 11
    assert found["reconsideration", "upheld"] is None
    assert found["suit_after", "total"] == 0


def test_statistics_are_cut_by_the_figure_of_the_prose() -> None:
    lines = [
        "主动公开文件数条346085376",
        "1、政府网站公开数条346085376",
        "2、政府公报公开数条00",
        "受理依申请公开信息总数条00",
        "1、当面申请数条00",
        "2、网上申请数条00",
        "对申请的答复总数条00",
    ]
    text = "指标名称计量单位2016年度历年累计\n" + "\n".join(lines)
    open_ = streamed("statistics", text, year=2016)
    assert open_.cells["disclosed_total", "count"].state == "undecided"
    told = streamed("statistics", text, year=2016, stated={"disclosed_total": {3460.0}})
    assert told.cells["disclosed_total", "count"].value == 3460
    assert told.cells["disclosed_total", "cumulative"].value == 85376
    assert any(question.check == "run_together" for question in told.doubts)


def test_a_document_without_the_labels_has_no_table() -> None:
    assert streamed("requests", "今天收到3件申请。").cells == {}


def test_sums_that_cut_the_remedies_prove_nothing_and_those_that_did_not_are_tested() -> None:
    head = "".join(RESULTS.values()) + KINDS["suit_direct"] + KINDS["suit_after"] + "".join(RESULTS.values()) * 2
    cut = streamed("remedies", f"{head}12000124001510102\n五、存在的主要问题及改进情况")
    assert {place for law, place in cut.used if law == "H4"} == {"reconsideration", "suit_direct", "suit_after"}
    by_count = streamed("remedies", f"{head}110034001510102\n五、存在的主要问题及改进情况")
    assert by_count.cells["reconsideration", "total"].value == 3
    assert not by_count.used
