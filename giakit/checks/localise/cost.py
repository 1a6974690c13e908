"""How likely it is that one number was printed for another, as a cost: the lower, the likelier.

Costs are negative logarithms of a plain model: a slip of some kind happens to a cell, and small figures are
commoner than large ones. They only rank changes that restore the sums equally well.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

from giakit.checks.model import Cell
from giakit.data import toml
from giakit.forms.model import Address

SLIP = 5.0
"""What each further slip costs: two explain a report only where one does not."""

EXCHANGED = SLIP + 2.0
NEIGHBOURS_EXCHANGED = SLIP
LINE_MOVED = SLIP - 1.5
"""A row is one of two dozen, a cell one of two hundred: a moved row is met sooner than any given cell."""

_ELSE = 0.002
_TOTAL_AT_ZERO = 7.0
_ABSENT = 1.0
"""A row that was not read is no slip of each of its cells."""
_ORIGIN = {"ocr": -1.0, "solved": -1.0, "corrected": 3.0}
"""A figure that was recognised or solved is doubted sooner than a printed one, a person's correction later."""


class Slip(NamedTuple):
    """What happened to a cell, and the cost of thinking so."""

    kind: str
    cost: float


def slips(printed: int, value: int) -> dict[str, float]:
    """Kinds of slip that print `printed` where `value` was meant, each with the share of such slips that do.

    Examples
    --------
    >>> slips(6, 64)
    {'a digit was dropped': 0.5}
    >>> sorted(slips(37, 73))
    ['two digits were exchanged']
    """
    short, long = str(printed), str(value)
    found: dict[str, float] = {}
    if abs(printed - value) == 1:
        found["off by one"] = 0.5
    if len(short) == len(long):
        differing = [place for place, (a, b) in enumerate(zip(short, long, strict=True)) if a != b]
        if len(differing) == 1:
            found["one digit is wrong"] = 1 / (9 * len(long))
        elif (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and short[differing[0]] + short[differing[1]] == long[differing[1]] + long[differing[0]]
        ):
            found["two digits were exchanged"] = 1 / (len(long) - 1)
    if len(long) == len(short) + 1 and _without_one(long, short):
        found["a digit was dropped"] = _without_one(long, short) / len(long)
    if printed == 0 and value < 10:
        found["the figure was left out"] = 1.0
    if len(short) == len(long) + 1 and value and _doubles(short, long):
        found["a digit was doubled"] = _doubles(short, long) / len(long)
    return found


def _without_one(long: str, short: str) -> int:
    return sum(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _doubles(long: str, short: str) -> int:
    return sum(short[: place + 1] + short[place:] == long for place in range(len(short)))


def _rarity(address: Address, value: int) -> float:
    """Minus the logarithm of how often such a cell holds that value: 0 has its share, larger figures are rarer."""
    commonness = toml("checks", "commonness.toml")
    filled = commonness.get(address[0], {}).get(address[2], commonness["default"])
    return -log(1 - filled if value == 0 else filled / (value * (value + 1)))


def slip_of(address: Address, cell: Cell, value: int, *, parts: int | None) -> Slip:
    """The likeliest slip in the cell at `address` that should hold `value`.

    `parts` is what the parts of a total add to, None for a cell that is no total: the parts decide how rare a
    total is, so it has no rarity of its own; and totals are what is left at 0.
    """
    if cell.state == "undecided" or (cell.value is not None and cell.value % 1):
        return Slip("the cell is no readable count", 0.0)
    if cell.state == "absent":
        return Slip("the cell is absent", _ABSENT)
    printed = int(cell.value or 0)
    found = slips(printed, value)
    if not printed and parts == value:
        found[f"the total was left at 0 over parts that add to {value}"] = _TOTAL_AT_ZERO
    kind = max(found, key=lambda name: found[name]) if found else "another number"
    likelihood = sum(found.values()) + _ELSE
    rarity = _rarity(address, value) - _rarity(address, printed) if parts is None else 0.0
    if cell.state == "blank":
        kind = "the cell is blank"
    return Slip(kind, SLIP - log(likelihood) + rarity + _ORIGIN.get(cell.origin or "", 0.0))


def solver_weight(cell: Cell, *, parts: int | None) -> float:
    """Weight of a cell before its value is known, for the integer program."""
    if cell.state == "absent":
        return 0.5
    if cell.state == "blank":
        return 0.95
    return (0.7 if parts and not cell.value else 1.0) + 0.1 * _ORIGIN.get(cell.origin or "", 0.0)
