"""Quirks on the figures themselves: what the agency left out or got wrong.

Each takes the figures, the form's id, the additions to the truth and a random generator, and gives new figures.
"""

from __future__ import annotations

import random
from typing import Any

from giakit.forms import form as form_of
from giakit.forms.model import Address
from typeset.model import number
from typeset.registry import NATIONAL, quirk

Figures = dict[Address, float]
INFLOW = ("new", "carried_in", "closed", "carried_out")


@quirk("no number at all: the blank form", stage="figures")
def empty_form(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """Nothing is reported."""
    return {}


@quirk("row totals of the outcomes are left blank", stage="figures", forms=NATIONAL)
def blank_row_totals(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """As one city printed it: H3 cannot be tested there."""
    return {a: v for a, v in figures.items() if not (a[0] == "requests" and a[2] == "total" and a[1] not in INFLOW)}


@quirk("a whole statutory table is printed without numbers", stage="figures", forms=NATIONAL)
def blank_table(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """The remedies are blank."""
    return {a: v for a, v in figures.items() if a[0] != "remedies"}


@quirk("one wrong cell in the requests table: breaks its row and its column", stage="figures", forms=NATIONAL)
def wrong_cell(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """A real arithmetic error."""
    return _plant(figures, form, added, draw, 1)


@quirk("two wrong cells in different rows and columns of the requests table", stage="figures", forms=NATIONAL)
def two_wrong_cells(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """Two real arithmetic errors."""
    return _plant(figures, form, added, draw, 2)


@quirk("the figures of one row stand one column too far to the right", stage="figures", forms=NATIONAL)
def shifted_row(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """The row's total still fits, two or more columns do not."""
    table = form_of(form).tables["requests"]
    columns = [code for code in table.column_codes(form) if code != "total"]
    rows = [row for row in table.row_codes(form) if row not in INFLOW and _can_shift(figures, row, columns)]
    if not rows:
        return figures
    row = draw.choice(rows)
    moved = [0.0, *(figures["requests", row, column] for column in columns[:-1])]
    changed = {**figures, **{("requests", row, column): value for column, value in zip(columns, moved, strict=True)}}
    added["shifted"] = ["requests", row]
    for column, value in zip(columns, moved, strict=True):
        true, closed = figures["requests", row, column], figures["requests", "closed", column]
        if value != true:
            added.setdefault("culprit", []).append(["requests", row, column, int(true)])
            _record(added, "H2", column, closed + value - true, closed)
    return changed


def _can_shift(figures: Figures, row: str, columns: list[str]) -> bool:
    values = [figures.get(("requests", row, column)) for column in columns]
    return None not in values and values[-1] == 0 and any(values)


@quirk("a wrong total in the remedies table", stage="figures", forms=NATIONAL)
def wrong_remedy_total(figures: Figures, form: str, added: dict[str, Any], draw: random.Random) -> Figures:
    """Only the fact is certain, not which of the five cells is wrong."""
    row = draw.choice(form_of(form).tables["remedies"].row_codes(form))
    address = ("remedies", row, "total")
    if address not in figures:
        return figures
    changed = {**figures, address: figures[address] + draw.randint(1, 5)}
    _record(added, "H4", row, figures[address], changed[address])
    return changed


def _plant(figures: Figures, form: str, added: dict[str, Any], draw: random.Random, count: int) -> Figures:
    table = form_of(form).tables["requests"]
    rows = [row for row in table.row_codes(form) if row not in INFLOW and ("requests", row, "total") in figures]
    columns = [code for code in table.column_codes(form) if code != "total"]
    if len(rows) < count:
        return figures
    changed = dict(figures)
    deltas: set[float] = set()
    for row, column in zip(draw.sample(rows, count), draw.sample(columns, count), strict=True):
        address = ("requests", row, column)
        wrong = _typo(figures[address], draw, deltas)
        deltas.add(abs(wrong - figures[address]))
        changed[address] = wrong
        added.setdefault("culprit", []).append([*address, int(figures[address])])
        _record(
            added,
            "H2",
            column,
            figures["requests", "closed", column] + wrong - figures[address],
            figures["requests", "closed", column],
        )
        _record(
            added,
            "H3",
            row,
            figures["requests", row, "total"] + wrong - figures[address],
            figures["requests", row, "total"],
        )
    return changed


def _typo(value: float, draw: random.Random, taken: set[float]) -> float:
    while True:
        digits = number(value)
        place = draw.randrange(len(digits))
        wrong = float(digits[:place] + draw.choice("123456789") + digits[place + 1 :])
        if wrong != value and abs(wrong - value) not in taken:
            return wrong


def _record(added: dict[str, Any], identity: str, place: str, left: float, right: float) -> None:
    added.setdefault("broken", []).append([identity, place])
    added.setdefault("violations", []).append(
        {"identity": identity, "where": place, "left": int(left), "right": int(right)}
    )
