"""Several files of one report: equal ones count once, of differing ones one is kept and the reason said."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.frames import findings_frame
from giakit.checks.model import Check
from giakit.panel.schema import WIDE

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_ADDED = ["versions", "report_ids", "differs", "why"]


def unit_years(panel: Panel) -> pd.DataFrame:
    """One row per agency, scope and year.

    Returns
    -------
    DataFrame
        The columns of `reports`, of the version that is kept, then ``versions`` (Int64: files of this report),
        ``report_ids`` (joined by commas, the kept one first), ``differs`` (bool: their figures contradict) and ``why``
        that one was kept. Reports without agency or year stay rows of their own.

    Notes
    -----
    Agencies that were merged later share an `agency_id`; they are told apart here by `agency_key`. An agency without one
    is its unit within its place; files of a unit whose place is not known are versions only where their figures agree,
    since two bureaus of finance are no single agency. Versions are equal
    if no cell that both report differs, as they were read. Kept is the version that a person corrected, then the one
    with the fewest failed checks, then the one read whole,
    then the one with the most figures, then the one published last.
    """
    rows = [_row(group, why, differs) for group, why, differs in _groups(panel)]
    reports = panel.reports
    frame = pd.DataFrame(rows, columns=[*reports.columns, *_ADDED])
    kinds = {name: kind for name, kind in reports.dtypes.items() if name in frame}
    return frame.astype({**kinds, "versions": "Int64", "report_ids": "str", "differs": "bool", "why": "str"})


def ranked_versions(panel: Panel) -> pd.DataFrame:
    """Reports of which there are several files: ``report_id, group``, the best of each group first."""
    rows = [
        (str(line["report_id"]), number)
        for number, (group, _, _) in enumerate(_groups(panel, several=True))
        if len(group) > 1
        for line in group
    ]
    return pd.DataFrame(rows, columns=["report_id", "group"])


def version_findings(panel: Panel) -> pd.DataFrame:
    """A finding for each report of which the files contradict each other."""
    found = []
    for group, why, differs in _groups(panel):
        if differs:
            others = ", ".join(str(line["source"]) for line in group[1:])
            message = f"{len(group)} files of this report differ ({differs}); {group[0]['source']} is kept before {others}: {why}"
            found.append((str(group[0]["report_id"]), Check("versions", "fail", None, None, None, None, None, message)))
    return findings_frame(found)


def _row(group: list[dict[str, Any]], why: str, differs: str) -> dict[str, Any]:
    return {
        **group[0],
        "versions": len(group),
        "report_ids": ",".join(str(line["report_id"]) for line in group),
        "differs": bool(differs),
        "why": why,
    }


def _groups(panel: Panel, *, several: bool = False) -> list[tuple[list[dict[str, Any]], str, str]]:
    """Reports of one agency, scope and year, the kept one first; why it is kept; and in what they differ.

    With `several` only agencies, scopes and years of which there is more than one report.
    """
    key = _key(panel.reports)
    twice = key.duplicated(keep=False)
    chosen = panel.reports[twice] if several else panel.reports
    lines: list[dict[str, Any]] = [
        {str(name): value for name, value in line.items()} for line in chosen.to_dict("records")
    ]
    by_key: dict[str, list[dict[str, Any]]] = {}
    for line, name in zip(lines, key[chosen.index], strict=True):
        by_key.setdefault(name, []).append(line)
    together = panel.reports.loc[twice, "report_id"].tolist()
    figures = _figures(panel, together)
    failed = panel.as_stored("findings", together).groupby("report_id").size() if together else pd.Series(dtype="int64")
    groups = [part for group in by_key.values() for part in _of_one_agency(group, figures)]
    corrected = set(panel.corrected_reports())
    return [_chosen(group, figures, failed, corrected) for group in groups]


def _key(reports: pd.DataFrame) -> pd.Series:
    """One text for each agency, scope and year; the report's own id where agency or year is not known."""
    place = reports["place_code"].fillna(reports["within"]).fillna("")
    agency = reports["agency_key"].fillna(reports["unit"] + " (" + place + ")")
    joined = agency + "|" + reports["scope"].fillna("") + "|" + reports["year"].astype("str")
    return joined.where(agency.notna() & reports["year"].notna(), reports["report_id"])


def _of_one_agency(group: list[dict[str, Any]], figures: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """A group as it is, or split by figures where nothing but a unit's name holds it together."""
    first = group[0]
    if len(group) == 1 or not all(pd.isna(first[name]) for name in ("agency_key", "place_code", "within")):
        return [group]
    parts: list[list[dict[str, Any]]] = []
    for line in group:
        own = figures.loc[line["report_id"]]
        same = (part for part in parts if not _differing(figures.loc[part[0]["report_id"]], own))
        part = next(same, None)
        if part is None:
            parts.append([line])
        else:
            part.append(line)
    return parts


def _figures(panel: Panel, reports: list[str]) -> pd.DataFrame:
    """Every figure of some reports as it was read: one row a report."""
    if not reports:
        return pd.DataFrame()
    tables = [panel.as_stored(table, reports).set_index("report_id").add_prefix(f"{table}.") for table in WIDE]
    return pd.concat(tables, axis=1)


def _chosen(
    group: list[dict[str, Any]], figures: pd.DataFrame, failed: pd.Series, corrected: set[str]
) -> tuple[list[dict[str, Any]], str, str]:
    if len(group) == 1:
        return group, "the only file", ""

    def rank(line: dict[str, Any]) -> tuple[Any, ...]:
        identity = line["report_id"]
        return (
            identity not in corrected,
            int(failed.get(identity, 0)),
            line["status"] != "parsed",
            -int(figures.loc[identity].notna().sum()),
            _late_first(line["published"]),
            identity,
        )

    ordered = sorted(group, key=rank)
    reasons = (
        "a person corrected it",
        "fewer findings",
        "it was read whole",
        "it has more figures",
        "it was published later",
        "equal in every respect; the first id",
    )
    first, second = rank(ordered[0]), rank(ordered[1])
    why = next(
        (reason for reason, mine, other in zip(reasons, first, second, strict=True) if mine != other), reasons[-1]
    )
    differing = sorted(
        {
            name
            for one, other in pairwise(ordered)
            for name in _differing(figures.loc[one["report_id"]], figures.loc[other["report_id"]])
        }
    )
    told = ", ".join(differing[:4]) + (f" and {len(differing) - 4} more" if len(differing) > 4 else "")
    return ordered, why, told


def _late_first(published: Any) -> tuple[int, ...]:
    return () if pd.isna(published) else tuple(-ord(character) for character in str(published)[:10])


def _differing(one: pd.Series, other: pd.Series) -> list[str]:
    both = one.notna() & other.notna()
    return [str(name) for name in one.index[both & (one != other).fillna(False)]]
