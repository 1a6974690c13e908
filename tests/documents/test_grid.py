"""Spans as browsers lay them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents.grid import GridBuilder
from giakit.documents.limits import Limits
from giakit.documents.model import Grid
from giakit.errors import UnreadableDocument


def lay_out(*rows: list[tuple[str, int, int]], limits: Limits | None = None) -> Grid:
    """A grid of rows of (text, rowspan, colspan)."""
    builder = GridBuilder(limits or Limits(), "a.html")
    for row in rows:
        builder.row()
        for text, rowspan, colspan in row:
            builder.cell(text, rowspan=rowspan, colspan=colspan)
    return builder.build("table 1")


def test_a_row_span_that_overruns_the_table_is_cut() -> None:
    grid = lay_out([("a", 9, 1), ("1", 1, 1)], [("2", 1, 1)])
    assert grid.rows == [["a", "1"], ["a", "2"]]
    assert grid.anchors == [[0, 1], [0, 2]]


def test_overlap_keeps_the_first() -> None:
    grid = lay_out([("a", 1, 1), ("b", 2, 1), ("c", 1, 1)], [("d", 1, 3)])
    assert grid.rows == [["a", "b", "c"], ["d", "b", "d"]]


def test_zero_row_span_reaches_to_the_end_of_the_group() -> None:
    builder = GridBuilder(Limits(), "a.html")
    builder.cell("a", rowspan=0)
    builder.cell("1")
    builder.row()
    builder.cell("2")
    builder.end_group()
    builder.row()
    builder.cell("b")
    builder.cell("3")
    assert builder.build("").rows == [["a", "1"], ["a", "2"], ["b", "3"]]


def test_ragged_rows_are_padded_with_cells_of_their_own() -> None:
    grid = lay_out([("a", 1, 1)], [("1", 1, 1), ("2", 1, 1), ("3", 1, 1)])
    assert grid.rows == [["a", "", ""], ["1", "2", "3"]]
    assert grid.anchors is not None
    assert len({number for row in grid.anchors for number in row}) == 6


def test_rows_in_which_no_cell_begins_are_left_out() -> None:
    assert lay_out([("a", 2, 1), ("1", 2, 1)], [], [("b", 1, 1), ("2", 1, 1)]).rows == [["a", "1"], ["b", "2"]]


def test_a_title_that_claims_too_much_widens_nothing() -> None:
    assert lay_out([("title", 1, 40)], [("a", 1, 1), ("1", 1, 1)]).rows == [["title"] * 2, ["a", "1"]]


def test_nothing_given_is_a_grid_without_rows() -> None:
    assert lay_out().rows == []


def test_a_joined_cell_shares_the_number() -> None:
    builder = GridBuilder(Limits(), "a.docx")
    number = builder.cell("a")
    builder.cell("1")
    builder.row()
    builder.cell("a", join=number)
    builder.cell("2")
    assert builder.build("").anchors == [[0, 1], [0, 2]]


@pytest.mark.parametrize("rows", [[[("a", 10**9, 10**9)] * 3000], [[("a", 1, 1), ("b", 1, 10**9)]] * 3000])
def test_absurd_tables_are_refused_before_they_grow(rows: list[list[tuple[str, int, int]]]) -> None:
    with pytest.raises(UnreadableDocument, match="max_cells"):
        lay_out(*rows)


_CELL = st.tuples(st.sampled_from("abc"), st.integers(-1, 6), st.integers(-1, 6))


@given(st.lists(st.lists(_CELL, max_size=5), max_size=6))
def test_every_grid_is_a_rectangle_whose_cells_say_one_thing(rows: list[list[tuple[str, int, int]]]) -> None:
    grid = lay_out(*rows)
    assert grid.anchors is not None
    said: dict[int, str] = {}
    for row, anchors in zip(grid.rows, grid.anchors, strict=True):
        assert len(row) == len(anchors) == len(grid.rows[0])
        for text, number in zip(row, anchors, strict=True):
            assert said.setdefault(number, text) == text
    assert len(grid.rows) == sum(bool(row) for row in rows)
