"""The columns of a row, and the cells made of its items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.forms import tables
from giakit.reading.columns import best_method, by_position, by_sequence, by_sequence_after_blanks, cell_of, row_closes
from giakit.reading.lines import Item, Line
from giakit.reading.numbers import kind, number
from giakit.reading.scan import Head, Hit

HEADER = (Head(1, 2, "a"), Head(2, 3, "b"), Head(3, 4, "total"))


def hit(*cells: str, start: int = 1, aligned: bool = True) -> Hit:
    items = tuple(Item(start + at, start + at + 1, raw, kind(raw)) for at, raw in enumerate(cells))
    return Hit(Line(0, 0, items, aligned, "row 1"), 0, ("row",), "row", items, HEADER, 0, "")


def raws(found: dict[str, Item] | None) -> list[str] | None:
    return None if found is None else [found[head.code].raw for head in HEADER]


def test_by_position() -> None:
    assert raws(by_position(hit("1", "2", "3"), HEADER)) == ["1", "2", "3"]


def test_no_position_without_columns_in_line() -> None:
    assert by_position(hit("1", "2", "3", aligned=False), HEADER) is None


def test_a_number_beside_every_head_is_not_dropped() -> None:
    assert by_position(hit("1", "2", "3", "4"), HEADER) is None
    assert by_sequence(hit("1", "2", "3", "4"), HEADER) is None


def test_too_few_values_are_not_filled_up() -> None:
    assert by_position(hit("1", "2"), HEADER) is None
    assert by_sequence(hit("1", "2"), HEADER) is None


def test_blanks_around_the_values() -> None:
    assert raws(by_sequence(hit("1", "2", "3", "", aligned=False), HEADER)) == ["1", "2", "3"]
    assert raws(by_sequence_after_blanks(hit("", "", "1", "2", "3", aligned=False), HEADER)) == ["1", "2", "3"]


def test_two_figures_under_one_head_are_not_chosen_from() -> None:
    wide = (Head(1, 3, "a"), Head(3, 4, "total"))
    assert by_position(hit("1", "2", "3"), wide) is None


def value(item: Item) -> float | None:
    printed = number(item.raw)
    return printed.value if printed else None


def test_the_sums_choose_between_methods() -> None:
    closes = row_closes(("a", "b"), "total", value)
    shifted = [hit("1", "2", "3", "", start=0, aligned=False), hit("4", "4", "8", "", start=0, aligned=False)]
    method, unfit = best_method(shifted, HEADER, closes)
    assert raws(method(shifted[0], HEADER)) == ["1", "2", "3"]
    assert unfit == 0


def test_a_blank_row_closes_nothing() -> None:
    closes = row_closes(("a", "b"), "total", value)
    assert closes({head.code: item for head, item in zip(HEADER, hit("", "2", "3").values, strict=True)}) is None


@given(cells=st.lists(st.sampled_from(["", "0", "1", "12", "/"]), min_size=0, max_size=6))
def test_no_method_moves_a_value_past_another(cells: list[str]) -> None:
    for method in (by_position, by_sequence, by_sequence_after_blanks):
        found = method(hit(*cells), HEADER)
        if found is not None:
            starts = [found[head.code].start for head in HEADER]
            assert starts == sorted(starts)
            assert sum(cell in ("0", "1", "12") for cell in cells) == sum(
                item.kind == "number" for item in found.values()
            )


def cell(table: str, row: str, column: str, raw: str, header: str = "") -> tuple[str, float | None, str]:
    found, question = cell_of(
        tables()[table], row, column, Item(3, 4, raw, kind(raw)), where="table 1 row 2", header=header
    )
    assert found.where == "table 1 row 2 column 4"
    return found.state, found.value, question.check if question else ""


@pytest.mark.parametrize(
    ("address", "raw", "expected"),
    [
        (("requests", "new", "total"), "12", ("reported", 12, "")),
        (("requests", "new", "total"), "/", ("blank", None, "")),
        (("requests", "new", "total"), "1O", ("undecided", None, "unreadable")),
        (("requests", "new", "total"), "-5", ("undecided", None, "unreadable")),
        (("requests", "new", "total"), "1.5", ("undecided", None, "unreadable")),
        (("requests", "new", "total"), "5万元", ("undecided", None, "unit")),
        (("requests", "new", "total"), "1\n2", ("reported", 12, "broken_number")),
        (("proactive", "licences", "change"), "-5", ("reported", -5, "")),
        (("proactive", "fees", "amount"), "1.5", ("reported", 1.5, "")),
    ],
)
def test_cells(address: tuple[str, str, str], raw: str, expected: tuple[str, float | None, str]) -> None:
    assert cell(*address, raw) == expected


def test_the_header_names_the_unit() -> None:
    assert cell("proactive", "procurement", "amount", "251000", "采购总金额（元）") == ("reported", 25.1, "")
