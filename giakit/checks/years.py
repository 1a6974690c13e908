"""Which report of a unit follows which, and why two of them should not be held against each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import pandas as pd

from giakit.data import require

_Entry: TypeAlias = tuple[str, str | None, str | None, str | None]
"""Report, scope, form, agency_key."""


class Pair(NamedTuple):
    """A report and the one of the year before. `reason`: why a difference would be no fault, "" if none is known."""

    later: str
    earlier: str | None
    year: int
    reason: str


def pairs(reports: pd.DataFrame, events: pd.DataFrame | None = None) -> Iterator[Pair]:
    """Every report with its predecessor of the same unit and scope.

    Parameters
    ----------
    reports : DataFrame
        One row a report: `report_id`, `year`, `agency_id` or `unit`, and, where known, `scope`, `form`, `agency_key`
        (tells agencies apart that were merged later and share an `agency_id`).
    events : DataFrame, optional
        Mergers and other changes: the unit's column (`agency_id` or `unit`), `year` in which it took effect,
        `reason`.

    Yields
    ------
    Pair
        `earlier` is None where there is no such report: `reason` then says whether the year is missing, only a
        report of another scope is there, or several are.
    """
    key = "agency_id" if "agency_id" in reports.columns and reports["agency_id"].notna().any() else "unit"
    require(reports, ("report_id", "year", key), "pairs")
    told = _events(events, key)
    frame = reports[reports["year"].notna() & reports[key].notna()]
    columns = {name: _column(frame, name) for name in ("report_id", key, "year", "scope", "form", "agency_key")}
    entries = list(zip(*columns.values(), strict=True))
    by_unit: dict[tuple[str, int], list[_Entry]] = {}
    for report_id, unit, year, scope, form, name in entries:
        by_unit.setdefault((unit, int(year)), []).append((report_id, scope, form, name))
    for report_id, unit, year, scope, form, name in entries:
        before = by_unit.get((unit, int(year) - 1), [])
        same = [entry for entry in before if entry[1] == scope]
        if len(same) > 1:
            same = [entry for entry in same if entry[3] == name] or same
        if len(same) != 1:
            yield Pair(report_id, None, int(year), _why_none(before, same))
            continue
        earlier, _, earlier_form, earlier_name = same[0]
        reason = told.get((unit, int(year)), "")
        if not reason and earlier_name != name:
            reason = f"merger: {earlier_name} became {name}"
        if not reason and form and earlier_form and form != earlier_form:
            reason = f"form change {earlier_form} to {form}"
        yield Pair(report_id, earlier, int(year), reason)


def _column(frame: pd.DataFrame, name: str) -> list[object]:
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(value) else value for value in frame[name]]


def _events(events: pd.DataFrame | None, key: str) -> dict[tuple[str, int], str]:
    if events is None:
        return {}
    require(events, (key, "year", "reason"), "events")
    return {
        (unit, int(year)): str(reason)
        for unit, year, reason in zip(events[key], events["year"], events["reason"], strict=True)
    }


def _why_none(before: list[_Entry], same: list[_Entry]) -> str:
    if len(same) > 1:
        return f"{len(same)} reports of the year before"
    return "scope switch" if before else "no report of the year before"
