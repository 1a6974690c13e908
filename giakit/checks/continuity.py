"""Checks across reports: of one unit over the years, and of a whole against its parts.

All functions take a panel's frames and give a frame of findings. Over the years, a difference that has a stated reason (a
merger, another form) is uncertain; where no report of the year before stands beside, the report is not assessable and the
message says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from giakit.checks.model import Check, Status, findings_frame
from giakit.data import require, toml
from giakit.errors import UnknownChoice

Printed: TypeAlias = dict[tuple[str, str], float | None]
"""Cells of one table that a report prints: (row, column) to value, None where blank or undecided."""

CELLS = ("report_id", "table", "row", "column", "value")
_FEWEST_FILLED = 5
"""At none to three requests a year, figures that repeat are the rule."""


class Pair(NamedTuple):
    """A report and the one of the year before. `reason`: why a difference would be no fault, "" if none is known."""

    later: str
    earlier: str | None
    year: int
    reason: str


class _Entry(NamedTuple):
    report_id: str
    unit: str
    year: int
    scope: str | None
    form: str | None
    agency_key: str | None


def pairs(reports: pd.DataFrame, events: pd.DataFrame | None = None) -> Iterator[Pair]:
    """Every report with its predecessor of the same unit and scope.

    Parameters
    ----------
    reports : DataFrame
        One row a report: `report_id`, `year`, `agency_id` or `unit`, and, where known, `scope`, `form`, `agency_key`
        (tells agencies apart that were merged later and share an `agency_id`).
    events : DataFrame, optional
        Mergers and other changes: the unit's column (`agency_id` or `unit`), `year` in which it took effect, `reason`.

    Yields
    ------
    Pair
        `earlier` is None where there is no such report: `reason` then says whether the year is missing, only a
        report of another scope is there, or several are.
    """
    key = "agency_id" if "agency_id" in reports.columns and reports["agency_id"].notna().any() else "unit"
    require(reports, ("report_id", "year", key), "pairs")
    reasons: dict[tuple[str, int], str] = {}
    if events is not None:
        require(events, (key, "year", "reason"), "events")
        reasons = dict(zip(zip(events[key], events["year"].astype(int), strict=True), events["reason"], strict=True))
    known = reports[reports["year"].notna() & reports[key].notna()]
    known = known.reindex(columns=["report_id", key, "year", "scope", "form", "agency_key"]).astype(object)
    entries = [_Entry(*row) for row in known.where(known.notna(), None).itertuples(index=False, name=None)]
    by_unit: dict[tuple[str, int], list[_Entry]] = {}
    for entry in entries:
        by_unit.setdefault((entry.unit, int(entry.year)), []).append(entry)
    for entry in entries:
        year = int(entry.year)
        before = by_unit.get((entry.unit, year - 1), [])
        same = [other for other in before if other.scope == entry.scope]
        if len(same) > 1:
            same = [other for other in same if other.agency_key == entry.agency_key] or same
        if len(same) != 1:
            none = "scope switch" if before else "no report of the year before"
            several = f"{len(same)} reports of the year before"
            yield Pair(entry.report_id, None, year, several if same else none)
            continue
        (earlier,) = same
        reason = str(reasons.get((entry.unit, year), ""))
        if not reason and earlier.agency_key != entry.agency_key:
            reason = f"merger: {earlier.agency_key} became {entry.agency_key}"
        if not reason and entry.form and earlier.form and entry.form != earlier.form:
            reason = f"form change {earlier.form} to {entry.form}"
        yield Pair(entry.report_id, earlier.report_id, year, reason)


def over_years(
    cells: pd.DataFrame,
    reports: pd.DataFrame,
    *,
    checks: Iterable[str] | None = None,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What was carried out comes in again, stocks follow their flows: the rules of ``data/continuity.toml``.

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`, and `state` where known (absent cells are left out).
    reports, events : DataFrame
        As for `pairs`.
    checks : iterable of str, optional
        Of ``Y1`` (carried_in is what was carried_out, by kind of applicant), ``Y2`` (stocks of rules and normative documents),
        ``Y3`` (items of the 2019 form), ``Y4`` (cumulative figures of local tables). Default: all.

    Returns
    -------
    DataFrame
        Findings: `report_id, check, status, table, row, column, expected, observed, message, fingerprint`. One row a
        cell compared, or one for the report where nothing can be.

    Raises
    ------
    MissingColumns, UnknownChoice

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a", "b"], "table": "requests", "row": ["carried_out", "carried_in"],
    ...                       "column": "total", "value": [3, 2]})
    >>> reports = pd.DataFrame({"report_id": ["a", "b"], "unit": "U", "year": [2022, 2023]})
    >>> verdicts = over_years(cells, reports, checks=["Y1"])
    >>> verdicts.loc[verdicts["report_id"] == "b", ["status", "expected", "observed"]].values.tolist()
    [['fail', 3.0, 2.0]]
    """
    rules: list[dict[str, Any]] = toml("checks", "continuity.toml")["rules"]
    wanted = {rule["check"] for rule in rules} if checks is None else set(checks)
    for name in wanted - {rule["check"] for rule in rules}:
        raise UnknownChoice("checks", name, sorted({rule["check"] for rule in rules}))
    verdicts: list[tuple[str, Check]] = []
    for check, group in groupby(rules, key=lambda rule: rule["check"]):
        of_check = list(group)

        def compare(pair: Pair, earlier: Printed, later: Printed, of_check: Any = of_check) -> Iterator[Check]:
            return (verdict for rule in of_check for verdict in _by_rule(rule, pair, earlier, later))

        if check in wanted:
            row = of_check[0]["observed"][0] if check == "Y1" else None
            verdicts += _compared(check, of_check[0]["table"], row, cells, reports, events, compare)
    return findings_frame(verdicts)


def repeated_figures(cells: pd.DataFrame, reports: pd.DataFrame, *, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """Requests and remedies that are last year's, figure by figure (check ``same_as_last_year``, uncertain).

    Assessable from five cells above 0. ``observed`` is the number of those, ``expected`` is NA. Parameters and result
    as `over_years`.
    """
    name = "same_as_last_year"
    verdicts: list[tuple[str, Check]] = []
    for table in ("requests", "remedies"):

        def compare(pair: Pair, earlier: Printed, later: Printed, table: str = table) -> Iterator[Check]:
            filled = sum(bool(value) for value in later.values())
            same = {key: value or 0 for key, value in earlier.items()} == {
                key: value or 0 for key, value in later.items()
            }
            status: Status = "not_assessable" if filled < _FEWEST_FILLED else "uncertain" if same else "pass"
            are = "are" if same else "are not"
            message = f"the figures of {table} {are} those of the year before; {filled} above 0"
            yield Check(name, status, table, None, None, None, float(filled), message)

        verdicts += _compared(name, table, None, cells, reports, events, compare)
    return findings_frame(verdicts)


def _compared(
    check: str,
    table: str,
    row: str | None,
    cells: pd.DataFrame,
    reports: pd.DataFrame,
    events: pd.DataFrame | None,
    compare: Callable[[Pair, Printed, Printed], Iterator[Check]],
) -> Iterator[tuple[str, Check]]:
    """Verdicts on every report that holds the table; one not assessable where nothing can be compared."""
    require(cells, CELLS, check)
    printed = _printed(cells, reports["report_id"], table)
    for pair in pairs(reports, events):
        later = printed.get(pair.later)
        if not later:
            continue
        verdicts = [] if pair.earlier is None else list(compare(pair, printed.get(pair.earlier, {}), later))
        reason = pair.reason or "the figures are not in both reports"
        message = f"{reason}: nothing to compare {pair.year} with"
        for verdict in verdicts or [Check(check, "not_assessable", table, row, None, None, None, message)]:
            yield pair.later, verdict


def _printed(cells: pd.DataFrame, reports: Iterable[str], table: str) -> dict[str, Printed]:
    wanted = cells[(cells["table"] == table) & cells["report_id"].isin(list(reports))]
    if "state" in wanted.columns:
        wanted = wanted[wanted["state"] != "absent"]
    printed: dict[str, Printed] = {}
    values = wanted["value"].astype("Float64")
    for report_id, row, column, value in zip(wanted["report_id"], wanted["row"], wanted["column"], values, strict=True):
        printed.setdefault(report_id, {})[row, column] = None if pd.isna(value) else float(value)
    return printed


def _by_rule(rule: dict[str, Any], pair: Pair, earlier: Printed, later: Printed) -> Iterator[Check]:
    for (row, column), observed in later.items():
        if not all(asked in ("*", name) for asked, name in zip(rule["observed"], (row, column), strict=True)):
            continue
        terms = [
            (sign, earlier if year == "earlier" else later, (of_row.replace("*", row), of_column.replace("*", column)))
            for year, sign, of_row, of_column in rule["due"]
        ]
        _, figures, address = terms[0]
        if address not in figures:
            continue
        values = [(sign, figures.get(address)) for sign, figures, address in terms]
        known = [sign * value for sign, value in values if value is not None]
        due = sum(known) if len(known) == len(values) else None
        status = _status(rule, pair, due, observed)
        message = f"{row}, {column} in {pair.year}: {_number(observed)}, by {rule['gloss']} {_number(due)}"
        message += f"; reason: {pair.reason}" if pair.reason else ""
        before = values[0][1]
        if "falls" in rule and before is not None and observed is not None and observed < before and not pair.reason:
            status, message = rule["falls"], f"{message}; it fell from {before:g}"
        yield Check(rule["check"], status, rule["table"], row, column, due, observed, message)


def _status(rule: dict[str, Any], pair: Pair, due: float | None, observed: float | None) -> Status:
    unknown = due is None or observed is None
    if unknown and (not rule.get("blank_is_zero") or due is observed):
        return "not_assessable"
    if abs((due or 0) - (observed or 0)) < 1e-9:
        return "pass"
    difference: Status = rule["difference"]
    return "uncertain" if unknown or pair.reason else difference


def check_levels(cells: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """A whole counts at least the sum of its known parts, in every count (check ``L1``).

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`.
    pairs : DataFrame
        `parent`, `part`: report ids of a whole and of the reports it counts, one row a part. Each part stands once
        under a parent; a part of a part is counted by the part.

    Returns
    -------
    DataFrame
        Findings, of the parent: ``expected`` is the sum of the parts that are known (a blank adds nothing and is no
        zero), ``observed`` the parent's figure. ``fail`` where the parts exceed it, ``not_assessable`` where the
        parent holds nothing. The message says how many parts are known and what share of the parent they cover.
        Signed cells are left out.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["city", "a", "b"], "table": "requests", "row": "new", "column": "total",
    ...                       "value": [5, 4, 3]})
    >>> verdicts = check_levels(cells, pd.DataFrame({"parent": "city", "part": ["a", "b"]}))
    >>> verdicts[["report_id", "status", "expected", "observed"]].values.tolist()
    [['city', 'fail', 7.0, 5.0]]
    """
    require(cells, CELLS, "check_levels")
    require(pairs, ("parent", "part"), "check_levels")
    key = ["table", "row", "column"]
    counts = cells[cells["column"] != "change"]
    if "state" in counts.columns:
        counts = counts[counts["state"] != "absent"]
    counts = counts.assign(value=counts["value"].astype("Float64"))
    links = pairs[["parent", "part"]].drop_duplicates()
    known = counts[counts["value"].notna()].merge(links, left_on="report_id", right_on="part")
    parts = known.groupby(["parent", *key], sort=False)["value"].agg(["sum", "count"]).reset_index()
    wholes = counts.rename(columns={"report_id": "parent"})
    joined = wholes[wholes["parent"].isin(links["parent"])].merge(parts, on=["parent", *key])
    columns = joined[["parent", *key, "value", "sum", "count"]].astype(object)
    return findings_frame(
        (parent, _level(table, row, column, None if pd.isna(value) else float(value), float(total), count))
        for parent, table, row, column, value, total, count in columns.itertuples(index=False, name=None)
    )


def _level(table: str, row: str, column: str, parent: float | None, parts: float, number: int) -> Check:
    status: Status = "not_assessable" if parent is None else "fail" if parts > parent + 1e-9 else "pass"
    share = f", {parts / parent:.0%} of it" if parent else ""
    message = f"{row}, {column}: {number} known parts add to {parts:g}{share}, the whole says {_number(parent)}"
    return Check("L1", status, table, row, column, parts, parent, message)


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
