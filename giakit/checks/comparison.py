"""Runs a comparison over each report and the one of the year before, and words its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pandas as pd

from giakit.checks.frames import values_by_cell
from giakit.checks.model import Check, Status
from giakit.checks.years import Pair, pairs
from giakit.data import require

Printed: TypeAlias = dict[tuple[str, str], float | None]
"""Cells of one table that a report prints: (row, column) to value, None where blank or undecided."""

Comparison: TypeAlias = Callable[[Pair, Printed, Printed], Iterator[Check]]
"""Takes the pair, the earlier report's cells and the later one's."""

_NEEDED = ("report_id", "table", "row", "column", "value")


def over_years(
    check: str,
    table: str,
    row: str | None,
    cells: pd.DataFrame,
    reports: pd.DataFrame,
    events: pd.DataFrame | None,
    compare: Comparison,
) -> Iterator[tuple[str, Check]]:
    """Verdicts on every report that holds the table; one not assessable where nothing can be compared."""
    require(cells, _NEEDED, check)
    printed = values_by_cell(cells, reports["report_id"], table)
    for pair in pairs(reports, events):
        later = printed.get(pair.later)
        if not later:
            continue
        if pair.earlier is None:
            yield (
                pair.later,
                Check(
                    check,
                    "not_assessable",
                    table,
                    row,
                    None,
                    None,
                    None,
                    f"{pair.reason}: nothing to compare {pair.year} with",
                ),
            )
            continue
        verdicts = list(compare(pair, printed.get(pair.earlier, {}), later))
        if not verdicts:
            reason = pair.reason or "the figures are not in both reports"
            verdicts = [
                Check(
                    check,
                    "not_assessable",
                    table,
                    row,
                    None,
                    None,
                    None,
                    f"{reason}: nothing to compare {pair.year} with",
                )
            ]
        for verdict in verdicts:
            yield pair.later, verdict


def equal(
    check: str, pair: Pair, table: str, row: str, column: str, expected: float | None, observed: float | None, what: str
) -> Check:
    """An identity over the years: a blank against 0 passes, a stated reason makes a difference uncertain."""
    status: Status
    if expected is None and observed is None:
        status = "not_assessable"
    elif (expected or 0) == (observed or 0):
        status = "pass"
    elif expected is None or observed is None or pair.reason:
        status = "uncertain"
    else:
        status = "fail"
    return Check(
        check, status, table, row, column, expected, observed, _message(pair, row, column, expected, observed, what)
    )


def soft(
    check: str,
    pair: Pair,
    row: str,
    column: str,
    expected: float | None,
    observed: float | None,
    what: str,
    *,
    table: str = "proactive",
) -> Check:
    """A rule that a reclassification may break: a difference is uncertain."""
    known = expected is not None and observed is not None
    status: Status = (
        "not_assessable" if not known else "pass" if abs((expected or 0) - (observed or 0)) < 1e-9 else "uncertain"
    )
    return Check(
        check, status, table, row, column, expected, observed, _message(pair, row, column, expected, observed, what)
    )


def _message(pair: Pair, row: str, column: str, expected: float | None, observed: float | None, what: str) -> str:
    due, found = ("nothing" if value is None else f"{value:g}" for value in (expected, observed))
    reason = f"; reason: {pair.reason}" if pair.reason else ""
    return f"{row}, {column} in {pair.year}: {found}, by {what} {due}{reason}"
