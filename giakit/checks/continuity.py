"""Continuity over the years, unit by unit: what was carried out comes in again, stocks follow their flows.

All functions take the panel's frames and give a frame of findings. A difference that has a stated reason (a merger,
another form) is uncertain; where no report of the year before stands beside, the report is not assessable and the
message says why.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from giakit.checks.comparison import Printed, equal, over_years, soft
from giakit.checks.frames import findings_frame
from giakit.checks.model import Check, Status
from giakit.checks.years import Pair

_STOCKS = ("rules", "normative_documents")
_FEWEST_FILLED = 5
"""At none to three requests a year, figures that repeat are the rule."""


def carried_over(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """carried_in(t) = carried_out(t-1), by kind of applicant (check ``Y1``).

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`, and `state` where known (absent cells are left out).
    reports : DataFrame
        `report_id`, `year`, `agency_id` or `unit`, and where known `scope`, `form`.
    events : DataFrame, optional
        `agency_id` or `unit`, `year`, `reason`: mergers and the like.

    Returns
    -------
    DataFrame
        Findings: `report_id, check, status, table, row, column, expected, observed, message, fingerprint`. One row a
        column, or one for the report where nothing can be compared. A blank against 0 passes, against another figure
        it is uncertain.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a", "b"], "table": "requests", "row": ["carried_out", "carried_in"],
    ...                       "column": "total", "value": [3, 2]})
    >>> reports = pd.DataFrame({"report_id": ["a", "b"], "unit": "U", "year": [2022, 2023]})
    >>> found = carried_over(cells, reports)
    >>> found.loc[found["report_id"] == "b", ["status", "expected", "observed"]].values.tolist()
    [['fail', 3.0, 2.0]]
    """

    def compare(pair: Pair, earlier: Printed, later: Printed) -> Iterator[Check]:
        for column in [column for row, column in later if row == "carried_in" and ("carried_out", column) in earlier]:
            yield equal(
                "Y1",
                pair,
                "requests",
                "carried_in",
                column,
                earlier["carried_out", column],
                later["carried_in", column],
                "carried out the year before",
            )

    return findings_frame(over_years("Y1", "requests", "carried_in", cells, reports, events, compare))


def stock_flow(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """in_force(t) = in_force(t-1) + issued(t) - repealed(t), for rules and normative documents (check ``Y2``).

    Soft: clean-ups and reclassification break it, so a difference is uncertain. Parameters and result as
    `carried_over`.
    """

    def compare(pair: Pair, earlier: Printed, later: Printed) -> Iterator[Check]:
        for row in _STOCKS:
            operands = (earlier.get((row, "in_force")), later.get((row, "issued")), later.get((row, "repealed")))
            if (row, "in_force") in later and (row, "in_force") in earlier:
                stock, issued, repealed = operands
                due = None if stock is None or issued is None or repealed is None else stock + issued - repealed
                yield soft(
                    "Y2",
                    pair,
                    row,
                    "in_force",
                    due,
                    later[row, "in_force"],
                    "the stock of the year before, what was issued and what was repealed",
                )

    return findings_frame(over_years("Y2", "proactive", None, cells, reports, events, compare))


def items_before(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """items_before(t) = items_before(t-1) + change(t-1), 2019 form (check ``Y3``).

    Soft; parameters and result as `carried_over`.
    """

    def compare(pair: Pair, earlier: Printed, later: Printed) -> Iterator[Check]:
        for row in [row for row, column in later if column == "items_before" and (row, "items_before") in earlier]:
            stock, change = earlier[row, "items_before"], earlier.get((row, "change"))
            due = None if stock is None or change is None else stock + change
            yield soft(
                "Y3", pair, row, "items_before", due, later[row, "items_before"], "items and change of the year before"
            )

    return findings_frame(over_years("Y3", "proactive", None, cells, reports, events, compare))


def cumulative(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """cumulative(t) = cumulative(t-1) + count(t), in local tables with both columns (check ``Y4``).

    A cumulative figure that falls fails; one that grew by something else than the year's figure is uncertain.
    Parameters and result as `carried_over`.
    """

    def compare(pair: Pair, earlier: Printed, later: Printed) -> Iterator[Check]:
        for row in [row for row, column in later if column == "cumulative" and (row, "cumulative") in earlier]:
            before, count, now = (earlier[row, "cumulative"], later.get((row, "count")), later[row, "cumulative"])
            due = None if before is None or count is None else before + count
            check = soft(
                "Y4",
                pair,
                row,
                "cumulative",
                due,
                now,
                "the cumulative figure of the year before and the year's own",
                table="statistics",
            )
            fell = before is not None and now is not None and now < before
            yield (
                check._replace(status="fail", message=f"{check.message}; it fell from {before:g}")
                if fell and not pair.reason
                else check
            )

    return findings_frame(over_years("Y4", "statistics", None, cells, reports, events, compare))


def repeated_figures(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """Requests and remedies that are last year's, figure by figure (check ``same_as_last_year``, uncertain).

    Assessable from five cells above 0. ``observed`` is the number of those, ``expected`` is NA. Parameters and result
    as `carried_over`.
    """
    found: list[tuple[str, Check]] = []
    for table in ("requests", "remedies"):

        def compare(pair: Pair, earlier: Printed, later: Printed, table: str = table) -> Iterator[Check]:
            filled = sum(bool(value) for value in later.values())
            same = {key: value or 0 for key, value in earlier.items()} == {
                key: value or 0 for key, value in later.items()
            }
            status: Status = "not_assessable" if filled < _FEWEST_FILLED else "uncertain" if same else "pass"
            word = "are" if same else "are not"
            yield Check(
                "same_as_last_year",
                status,
                table,
                None,
                None,
                None,
                float(filled),
                f"the figures of {table} {word} those of the year before; {filled} above 0",
            )

        found.extend(over_years("same_as_last_year", table, None, cells, reports, events, compare))
    return findings_frame(found)
