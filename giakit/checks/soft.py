"""Soft rules within one report: what a figure can hardly be, given another one.

The rules are data (``data/soft.toml``). A breach of most of them can be explained and is therefore uncertain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from giakit.checks.model import Cells, Check, Status
from giakit.data import toml
from giakit.forms.model import Address


def rules() -> dict[str, list[dict[str, Any]]]:
    """The soft rules as they stand in the data file."""
    return toml("checks", "soft.toml")


def check_soft(cells: Cells) -> list[Check]:
    """Test the soft rules of a report.

    Parameters
    ----------
    cells : mapping of address to Cell

    Returns
    -------
    list of Check
        One verdict a rule and place that the report prints. ``expected`` is the bound, ``observed`` what stands
        against it. A rule of which a figure is blank or undecided is not assessable, unless those that are there
        break it already.

    Examples
    --------
    >>> from giakit.checks.model import Cell
    >>> cells = {("statistics", "interviews", "count"): Cell(2, "reported"),
    ...          ("statistics", "interviews_principal", "count"): Cell(3, "reported")}
    >>> [(check.check, check.status, check.expected, check.observed) for check in check_soft(cells)]
    [('of_which', 'fail', 2.0, 3.0)]
    """
    return [*_at_most(cells), *_columns(cells), *_stocks(cells)]


def _at_most(cells: Cells) -> Iterator[Check]:
    for rule in rules()["at_most"]:
        smaller, larger = ([_address(rule["table"], entry) for entry in rule[side]] for side in ("smaller", "larger"))
        if _printed(cells, (*smaller, *larger)):
            yield _bounded(cells, rule, smaller, larger)


def _columns(cells: Cells) -> Iterator[Check]:
    for rule in rules()["columns"]:
        for table, row, column in cells:
            smaller, larger = (table, row, rule["smaller"]), (table, row, rule["larger"])
            if table == rule["table"] and column == rule["smaller"] and _printed(cells, (smaller, larger)):
                yield _bounded(cells, rule, [smaller], [larger])


def _stocks(cells: Cells) -> Iterator[Check]:
    for rule in rules()["stock"]:
        for table, row, column in cells:
            change = (table, row, rule["change"])
            if table == rule["table"] and column == rule["before"] and _printed(cells, (change,)):
                before, moved = cells[table, row, column].value, cells[change].value
                known = before is not None and moved is not None
                status: Status = (
                    "not_assessable" if not known else rule["status"] if (before or 0) + (moved or 0) < 0 else "pass"
                )
                message = f"{rule['gloss']}: {_number(before)} and a change of {_number(moved)}"
                yield Check(
                    rule["id"], status, table, row, rule["change"], None if before is None else -before, moved, message
                )


def _bounded(cells: Cells, rule: dict[str, Any], smaller: list[Address], larger: list[Address]) -> Check:
    low, bound = _sum(cells, smaller), _sum(cells, larger)
    complete = all(cells[address].value is not None for address in larger)
    known = all(cells[address].value is not None for address in smaller)
    limit = float("inf") if rule.get("only_presence") and bound else bound
    status: Status
    if low is None or limit is None or not complete:
        status = "not_assessable"
    elif low > limit:
        status = rule["status"]
    else:
        status = "pass" if known else "not_assessable"
    table, row, column = smaller[0]
    return Check(
        rule["id"],
        status,
        table,
        row if len(smaller) == 1 else None,
        column,
        bound,
        low,
        f"{rule['gloss']}: {_number(low)} against {_number(bound)}",
    )


def _address(table: str, entry: list[str]) -> Address:
    return (entry[0], entry[1], entry[2]) if len(entry) == 3 else (table, entry[0], entry[1])


def _printed(cells: Cells, addresses: tuple[Address, ...]) -> bool:
    return all(address in cells and cells[address].state != "absent" for address in addresses)


def _sum(cells: Cells, addresses: list[Address]) -> float | None:
    values = [value for value in (cells[address].value for address in addresses) if value is not None]
    return float(sum(values)) if values else None


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
