"""The tables of Huai'an 2024 as cells, with and without planted errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from huaian_2024 import COLUMNS, REMEDIES, REQUESTS, RESULTS

from giakit.checks.model import Cell
from giakit.forms.model import Address

Changes = Mapping[Address, int | None]


@dataclass(frozen=True)
class HuaiAn:
    """Chapters three and four."""

    columns: tuple[str, ...] = COLUMNS
    requests: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: REQUESTS)

    def figures(self) -> dict[Address, int]:
        """All cells."""
        return {
            (table, row, column): value
            for table, rows, columns in (("requests", REQUESTS, COLUMNS), ("remedies", REMEDIES, RESULTS))
            for row, values in rows.items()
            for column, value in zip(columns, values, strict=True)
        }

    def cells(self, changes: Changes | None = None, *, blank_zeros: bool = False) -> dict[Address, Cell]:
        """The cells as read, some of them printed otherwise; None is a blank."""
        read = {}
        for address, value in {**self.figures(), **(changes or {})}.items():
            if value is None or (blank_zeros and not value and address not in (changes or {})):
                read[address] = Cell(None, "blank")
            else:
                read[address] = Cell(float(value), "reported", "printed", str(value))
        return read


@pytest.fixture(scope="session")
def huaian() -> HuaiAn:
    return HuaiAn()
