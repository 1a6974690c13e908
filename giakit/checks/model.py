"""What a check takes and gives: cells by address, and verdicts as plain tuples."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeAlias

from giakit.forms.model import Address

State: TypeAlias = Literal["reported", "blank", "undecided", "absent"]
Origin: TypeAlias = Literal["printed", "solved", "ocr", "corrected"]
Status: TypeAlias = Literal["pass", "fail", "uncertain", "not_assessable", "note"]


class Cell(NamedTuple):
    """One cell of a report as it was read."""

    value: float | None
    state: State
    origin: Origin | None = None
    raw: str = ""
    where: str = ""


Cells: TypeAlias = Mapping[Address, Cell]


class Check(NamedTuple):
    """One verdict. `table` None: it speaks of the whole report."""

    check: str
    status: Status
    table: str | None
    row: str | None
    column: str | None
    expected: float | None
    observed: float | None
    message: str

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that stay the same as long as the verdict on this place does."""
        numbers = (None if number is None else float(number) for number in (self.expected, self.observed))
        parts = (self.check, self.status, self.table, self.row, self.column, *numbers)
        return blake2b(
            "|".join("" if part is None else str(part) for part in parts).encode(), digest_size=6
        ).hexdigest()


class Suggestion(NamedTuple):
    """One cell of one solution that would make the identities close. Nothing is ever applied."""

    solution: int
    table: str
    row: str
    column: str
    printed: float | None
    value: float
    why: str
