"""What the identities leave of a cell that could not be read: proposed, never filled in."""

from __future__ import annotations

from collections import defaultdict

from giakit.checks.identities import equations
from giakit.checks.model import Cells, Suggestion
from giakit.forms.model import Address, Form

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
    """Values of undecided cells that every identity over them agrees on.

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
    >>> [(found.column, found.value) for found in implied(form("2021"), cells)]
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
        _suggestion(address, found.pop(), names[address], cells)
        for address, found in values.items()
        if _is_one_count(found)
    ]


def _is_one_count(found: set[float]) -> bool:
    return len(found) == 1 and all(value >= 0 and value == int(value) for value in found)


def _suggestion(address: Address, value: float, names: list[str], cells: Cells) -> Suggestion:
    raw = cells[address].raw
    read = "".join(_ALIKE.get(character, character) for character in raw)
    digits = "".join(character for character in read if character.isdigit())
    alike = f", and {raw!r} can be read so" if raw and digits == f"{value:.0f}" else ""
    return Suggestion(1, *address, None, value, f"{' and '.join(names)} leave no other value{alike}")
