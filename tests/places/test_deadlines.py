"""Statutory dates."""

from __future__ import annotations

from datetime import date

import pytest

from giakit.places import deadline


@pytest.mark.parametrize(
    ("year", "kind", "scope", "due"),
    [
        (2024, "department", None, date(2025, 1, 31)),
        (2024, "vertical_system", None, date(2025, 1, 31)),
        (2024, "government", "whole", date(2025, 3, 31)),
        (2024, "general_office", None, date(2025, 3, 31)),
        (2024, "general_office", "organ", date(2025, 1, 31)),
        (2019, "department", None, date(2020, 1, 31)),
        (2018, "department", None, date(2019, 3, 31)),
        (2018, "township", None, date(2019, 3, 31)),
        (2024, "township", None, None),
        (2024, "functional_area_committee", None, None),
        (2024, None, None, None),
    ],
)
def test_deadline(year: int, kind: str | None, scope: str | None, due: date | None) -> None:
    assert deadline(year, kind, scope=scope) == due
