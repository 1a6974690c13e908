from __future__ import annotations

import pytest

from giakit.checks.model import Cell
from giakit.checks.soft import check_soft, rules
from giakit.forms import tables


def read(table: str, figures: dict[tuple[str, str], float | None]) -> dict[tuple[str, str, str], Cell]:
    return {(table, *key): Cell(value, "blank" if value is None else "reported") for key, value in figures.items()}


def test_rules_name_existing_codes() -> None:
    known = tables()
    for rule in rules()["at_most"]:
        for entry in (*rule["smaller"], *rule["larger"]):
            table, row, column = entry if len(entry) == 3 else (rule["table"], *entry)
            assert known[table].row(row)
            assert known[table].column(column)


@pytest.mark.parametrize(
    ("principal", "all_of_them", "status"),
    [(1, 2, "pass"), (3, 2, "fail"), (None, 2, "not_assessable"), (3, None, "not_assessable")],
)
def test_a_part_of_a_figure(principal: float | None, all_of_them: float | None, status: str) -> None:
    cells = read("statistics", {("interviews", "count"): all_of_them, ("interviews_principal", "count"): principal})
    assert [check.status for check in check_soft(cells)] == [status]


def test_stock_below_what_was_issued_is_uncertain() -> None:
    row = "normative_documents"
    cells = read("proactive", {(row, "issued"): 9, (row, "repealed"): 1, (row, "in_force"): 5})
    (check,) = check_soft(cells)
    assert (check.check, check.status, check.expected, check.observed) == ("stock", "uncertain", 6, 9)


def test_cumulative_below_the_year() -> None:
    cells = read("statistics", {("received", "count"): 9, ("received", "cumulative"): 5, ("replies", "count"): 1})
    assert [(check.check, check.status, check.row) for check in check_soft(cells)] == [
        ("cumulative", "fail", "received")
    ]


def test_more_items_given_up_than_there_were() -> None:
    cells = read("proactive", {("licences", "items_before"): 5, ("licences", "change"): -8})
    assert [check.status for check in check_soft(cells)] == ["fail"]
    cells = read("proactive", {("licences", "items_before"): 8, ("licences", "change"): -8})
    assert [check.status for check in check_soft(cells)] == ["pass"]


def test_remedies_without_any_request_are_a_note() -> None:
    cells = read("remedies", {(row, "total"): 1 for row in ("reconsideration", "suit_direct", "suit_after")})
    cells |= read("requests", {(row, "total"): 0 for row in ("new", "carried_in", "closed")})
    assert [check.status for check in check_soft(cells)] == ["note"]
    cells["requests", "closed", "total"] = Cell(1, "reported")
    assert [check.status for check in check_soft(cells)] == ["pass"]
