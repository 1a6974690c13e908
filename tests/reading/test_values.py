"""Printed items to cells."""

from __future__ import annotations

import pytest

from giakit.forms import tables
from giakit.reading.lines import Item
from giakit.reading.numbers import kind
from giakit.reading.values import cell_of


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
