"""The identities of a form, tested on the cells of a report.

Outcomes: ``pass``: closes, blanks taken as 0. ``fail``: all operands are there and differ, or the reported parts
already exceed the total. ``uncertain``: a blank part could close it. ``not_assessable``: the total is blank or
undecided, or the identity was used to solve a cell of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from giakit.checks.model import Cell, Cells, Check, Status, Suggestion
from giakit.forms.model import Address, Form, Identity

Side = tuple[Address, ...]


def equations(form: Form, cells: Cells) -> Iterator[tuple[Identity, str, Side, Side]]:
    """Every identity of the form at every place where the report prints it.

    Yields the identity, the row or column it is tested in, and the addresses of its two sides. A cell that the
    form prints and the report lacks stands in them, where the form has the identity whole; an identity of which a
    side has no cell at all is no identity here.
    """
    for equation in _printed_equations(form, cells):
        yield equation[:4]


class _Equation(NamedTuple):
    """An identity at one place, and how a message on it begins."""

    identity: Identity
    place: str
    left: Side
    right: Side
    message: str


_WITH_ARTICLE = {"blank": "a blank", "absent": "an absent"}


def _printed_equations(form: Form, cells: Cells) -> tuple[_Equation, ...]:
    absent = frozenset([address for address, cell in cells.items() if cell[1] == "absent"])
    return _equations(form, tuple(cells), absent)


# Most reports print the same cells, and are under the same equations.
@lru_cache(maxsize=256)
def _equations(form: Form, addresses: tuple[Address, ...], absent: frozenset[Address]) -> tuple[_Equation, ...]:
    places: dict[tuple[str, str], list[str]] = {}
    for table, row, column in addresses:
        places.setdefault((table, "row"), []).append(row)
        places.setdefault((table, "column"), []).append(column)
    known = set(addresses)
    printed = known - absent
    printed_here = []
    for identity in form.identities:
        for place in dict.fromkeys(places.get((identity.table, identity.axis), ())):
            if ":" in place:
                continue
            left, right = (_side(identity, place, codes, known, printed) for codes in (identity.left, identity.right))
            if printed & set(left) and printed & set(right):
                message = f"{identity.id} {identity.gloss}, {identity.axis} {place}"
                printed_here.append(_Equation(identity, place, left, right, message))
    return tuple(printed_here)


def _side(
    identity: Identity, place: str, codes: tuple[str, ...], known: Collection[Address], printed: Collection[Address]
) -> Side:
    if identity.axis == "column":
        addresses = {code: (identity.table, code, place) for code in codes}
    else:
        addresses = {code: (identity.table, place, code) for code in codes}
    addresses = {code: address for code, address in addresses.items() if address in known}
    seen = {code for code, address in addresses.items() if address in printed}
    if not identity.complete:
        return tuple(address for code, address in addresses.items() if code in seen)
    if any(seen & set(codes) for codes in identity.alternatives):
        unprinted = {code for codes in identity.alternatives if not seen & set(codes) for code in codes}
        return tuple(address for code, address in addresses.items() if code not in unprinted)
    return tuple(addresses.values())


def check_identities(form: Form, cells: Cells, *, solved_by: Collection[tuple[str, str]] = ()) -> list[Check]:
    """Test every identity of the form.

    Parameters
    ----------
    form : Form
    cells : mapping of address to Cell
        Cells that are absent may be left out or have the state ``absent``.
    solved_by : collection of (identity id, place), optional
        Identities that were used to read a cell: they prove nothing about it and are ``not_assessable``.

    Returns
    -------
    list of Check
    """
    return [
        _verdict(equation, cells, (equation.identity.id, equation.place) in solved_by)
        for equation in _printed_equations(form, cells)
    ]


def _verdict(equation: _Equation, cells: Cells, used: bool) -> Check:
    identity, place, left, right, begins = equation
    parts = [cells[address] for address in left]
    wholes = [cells[address] for address in right]
    known = [cell[0] for cell in parts if cell[0] is not None]
    total = [cell[0] for cell in wholes if cell[0] is not None]
    expected, observed = (sum(known) if known else None), (sum(total) if total else None)
    if expected is not None and observed is not None and len(known) == len(parts) and len(total) == len(wholes):
        status, why = _of_figures(expected, observed)
    else:
        status, why = _status(parts, wholes)
    if used and status in ("pass", "uncertain"):
        status, why = "not_assessable", "it was used to read a cell"
    row, column = (None, place) if identity.axis == "column" else (place, None)
    message = f"{begins}: {_number(expected)} against {_number(observed)}"
    return Check(
        identity.id,
        status,
        identity.table,
        row,
        column,
        expected,
        observed,
        f"{message}; {why}" if why else message,
        "solved" if used else "cells",
    )


def _of_figures(low: float, total: float) -> tuple[Status, str]:
    """The outcome where every cell is a figure."""
    if abs(low - total) < 1e-9:
        return "pass", ""
    return "fail", "the reported parts exceed the total" if low > total else ""


def _status(parts: list[Cell], wholes: list[Cell]) -> tuple[Status, str]:
    undecided = any(cell.state == "undecided" for cell in (*parts, *wholes))
    open_parts = [cell.state for cell in parts if cell.state in ("blank", "absent")]
    open_wholes = [cell.state for cell in wholes if cell.state in ("blank", "absent")]
    low = sum(cell.value or 0 for cell in parts)
    total = sum(cell.value or 0 for cell in wholes)
    if all(cell.value is None for cell in wholes):
        return "not_assessable", "the total is blank or undecided"
    if not undecided and abs(low - total) < 1e-9:
        return "pass", ""
    if any(cell.state == "undecided" for cell in wholes):
        return "not_assessable", "the total is undecided"
    if undecided:
        if low > total and not open_wholes:
            return "fail", "the reported parts already exceed the total"
        return "uncertain", "an undecided part could close it"
    if low > total:
        return (
            ("uncertain", f"{_WITH_ARTICLE[open_wholes[0]]} total could close it")
            if open_wholes
            else ("fail", "the reported parts exceed the total")
        )
    if open_parts:
        return "uncertain", f"{_WITH_ARTICLE[open_parts[0]]} part could close it"
    return "fail", ""


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}" if value % 1 else f"{value:.0f}"


# Characters that recognition takes for each other.
_ALIKE = {
    "O": "0",
    "o": "0",
    "Q": "0",
    "D": "0",
    "l": "1",
    "I": "1",
    "|": "1",
    "i": "1",
    "Z": "2",
    "z": "2",
    "S": "5",
    "s": "5",
    "b": "6",
    "B": "8",
    "g": "9",
    "q": "9",
}


def implied(form: Form, cells: Cells) -> list[Suggestion]:
    """Values of undecided cells that every identity over them agrees on: proposed, never filled in.

    Parameters
    ----------
    form : Form
    cells : mapping of address to Cell

    Returns
    -------
    list of Suggestion
        One solution, a cell a row. Cells that no identity reaches, or on which two disagree, are left out.

    Examples
    --------
    >>> from giakit.checks.model import Cell
    >>> from giakit.forms import form
    >>> row = dict.fromkeys(["upheld", "corrected", "other"], Cell(1.0, "reported"))
    >>> row |= {"pending": Cell(None, "undecided", None, "O"), "total": Cell(3.0, "reported")}
    >>> cells = {("remedies", "reconsideration", column): cell for column, cell in row.items()}
    >>> [(one.column, one.value) for one in implied(form("2021"), cells)]
    [('pending', 0.0)]
    """
    values: dict[Address, set[float]] = defaultdict(set)
    names: dict[Address, list[str]] = defaultdict(list)
    for identity, place, left, right in equations(form, cells):
        unknown = [address for address in (*left, *right) if cells[address].state == "undecided"]
        if len(unknown) != 1:
            continue
        parts = sum(cells[address].value or 0 for address in left)
        wholes = sum(cells[address].value or 0 for address in right)
        missing = wholes - parts if unknown[0] in left else parts - wholes
        values[unknown[0]].add(missing)
        names[unknown[0]].append(f"{identity.id} ({place})")
    return [
        _suggestion(address, left.pop(), names[address], cells)
        for address, left in values.items()
        if len(left) == 1 and all(value >= 0 and value == int(value) for value in left)
    ]


def _suggestion(address: Address, value: float, names: list[str], cells: Cells) -> Suggestion:
    raw = cells[address].raw
    read = "".join(_ALIKE.get(character, character) for character in raw)
    digits = "".join(character for character in read if character.isdigit())
    alike = f", and {raw!r} can be read so" if raw and digits == f"{value:.0f}" else ""
    return Suggestion(1, *address, None, value, f"{' and '.join(names)} leave no other value{alike}")
