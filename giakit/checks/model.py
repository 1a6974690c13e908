"""What a check takes and gives: cells by address, and verdicts as plain tuples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from giakit.forms.model import Address

if TYPE_CHECKING:
    import pandas as pd

State: TypeAlias = Literal["reported", "blank", "undecided", "absent"]
Origin: TypeAlias = Literal["printed", "solved", "ocr", "corrected"]
Status: TypeAlias = Literal["pass", "fail", "uncertain", "not_assessable", "note"]
Basis: TypeAlias = Literal["cells", "solved", "reading", "evidence"]

FINDING: tuple[Status, ...] = ("fail", "uncertain")
"""The outcomes that make a check a finding."""


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
    basis: Basis = "cells"
    """What it rests on: the cells; an identity that a cell was solved by; how the document was read; other evidence.

    A check of the cells is made anew when a person corrects one of them, a doubt of reading is not.
    """

    @property
    def is_finding(self) -> bool:
        """Whether it failed or is uncertain."""
        return self.status in FINDING

    def as_row(self) -> tuple[object, ...]:
        """The values of `CHECK_COLUMNS`."""
        return (*self[:-1], self.fingerprint)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that stay the same as long as the verdict on this place does."""
        numbers = (None if number is None else float(number) for number in (self.expected, self.observed))
        parts = (self.check, self.status, self.table, self.row, self.column, *numbers)
        return blake2b(
            "|".join("" if part is None else str(part) for part in parts).encode(), digest_size=6
        ).hexdigest()


CHECK_COLUMNS = (*Check._fields[:-1], "fingerprint")
"""The columns of every frame of checks."""

FINDING_COLUMNS = ("report_id", *CHECK_COLUMNS)
"""Those of a panel's."""


def findings_frame(verdicts: Iterable[tuple[str | None, Check]]) -> pd.DataFrame:
    """Verdicts with the report they speak of: columns `FINDING_COLUMNS`, `expected` and `observed` Float64, the rest str.

    >>> findings_frame([("r1", Check("Y1", "pass", "requests", "carried_in", "total", 3, 3, "closes"))]).loc[0, "check"]
    'Y1'
    """
    import pandas as pd

    rows = [(report_id, *check.as_row()) for report_id, check in verdicts]
    kinds = {name: "Float64" if name in ("expected", "observed") else "str" for name in FINDING_COLUMNS}
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS)).astype(kinds)


class Suggestion(NamedTuple):
    """One cell of one solution that would make the identities close. Nothing is ever applied."""

    solution: int
    table: str
    row: str
    column: str
    printed: float | None
    value: float
    why: str
