"""The identities of a form, tested on the cells of a report.

Outcomes: ``pass``: closes, blanks taken as 0. ``fail``: all operands are there and differ, or the reported parts
already exceed the total. ``uncertain``: a blank part could close it. ``not_assessable``: the total is blank or
undecided, or the identity was used to solve a cell of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from giakit.checks.model import Cell, Cells, Check, Status
from giakit.forms.model import Address, Form, Identity

Side = tuple[Address, ...]


def equations(form: Form, cells: Cells) -> Iterator[tuple[Identity, str, Side, Side]]:
    """Every identity of the form at every place where the report prints it.

    Yields the identity, the row or column it is tested in, and the addresses of its two sides; cells that the
    report does not print are left out, and an identity of which a side has no cell at all is no identity here.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for table, row, column in cells:
        places.setdefault((table, "row"), []).append(row)
        places.setdefault((table, "column"), []).append(column)
    for identity in form.identities:
        for place in dict.fromkeys(places.get((identity.table, identity.axis), ())):
            if ":" in place:
                continue
            left, right = (_side(identity, place, codes, cells) for codes in (identity.left, identity.right))
            if left and right:
                yield identity, place, left, right


def _side(identity: Identity, place: str, codes: tuple[str, ...], cells: Cells) -> Side:
    if identity.axis == "column":
        addresses = ((identity.table, code, place) for code in codes)
    else:
        addresses = ((identity.table, place, code) for code in codes)
    return tuple(address for address in addresses if address in cells and cells[address].state != "absent")


def check_identities(form: Form, cells: Cells, *, solved_by: Mapping[tuple[str, str], str] | None = None) -> list[Check]:
    """Test every identity of the form.

    Parameters
    ----------
    form : Form
    cells : mapping of address to Cell
        Cells that are absent may be left out or have the state ``absent``.
    solved_by : mapping of (identity id, place) to reason, optional
        Identities that were used to read a cell: they prove nothing about it and are ``not_assessable``.

    Returns
    -------
    list of Check
    """
    used: Collection[tuple[str, str]] = solved_by or {}
    return [_verdict(identity, place, left, right, cells, (identity.id, place) in used) for identity, place, left, right in equations(form, cells)]


def _verdict(identity: Identity, place: str, left: Side, right: Side, cells: Cells, used: bool) -> Check:
    parts = [cells[address] for address in left]
    wholes = [cells[address] for address in right]
    status, why = _status(parts, wholes)
    if used and status in ("pass", "uncertain"):
        status, why = "not_assessable", "it was used to read a cell"
    known = [cell.value for cell in parts if cell.value is not None]
    total = [cell.value for cell in wholes if cell.value is not None]
    expected, observed = (sum(known) if known else None), (sum(total) if total else None)
    row, column = (None, place) if identity.axis == "column" else (place, None)
    message = f"{identity.id} {identity.gloss}, {identity.axis} {place}: {_number(expected)} against {_number(observed)}"
    return Check(identity.id, status, identity.table, row, column, expected, observed, f"{message}{'; ' + why if why else ''}")


def _status(parts: list[Cell], wholes: list[Cell]) -> tuple[Status, str]:
    undecided = any(cell.state == "undecided" for cell in (*parts, *wholes))
    blank_parts = any(cell.state == "blank" for cell in parts)
    blank_wholes = any(cell.state == "blank" for cell in wholes)
    low = sum(cell.value or 0 for cell in parts)
    total = sum(cell.value or 0 for cell in wholes)
    if all(cell.value is None for cell in wholes):
        return "not_assessable", "the total is blank or undecided"
    if not undecided and abs(low - total) < 1e-9:
        return "pass", ""
    if any(cell.state == "undecided" for cell in wholes):
        return "not_assessable", "the total is undecided"
    if undecided:
        if low > total and not blank_wholes:
            return "fail", "the reported parts already exceed the total"
        return "uncertain", "an undecided part could close it"
    if low > total:
        return ("uncertain", "a blank total could close it") if blank_wholes else ("fail", "the reported parts exceed the total")
    if blank_parts:
        return "uncertain", "a blank part could close it"
    return "fail", ""


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}" if value % 1 else f"{value:.0f}"
