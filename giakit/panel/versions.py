"""Several files of one report: equal ones count once, of differing ones one is kept and the reason said."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.frames import findings_frame
from giakit.checks.model import Check
from giakit.panel.shard import WIDE

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
    Agencies that were merged later share an `agency_id`; they are told apart here by `agency_key`. Versions are equal
    if no cell that both report differs. Kept is the version with the fewest failed checks, then the one read whole,
    then the one with the most figures, then the one published last.
    """
    rows = [_row(group, why, differs) for group, why, differs in _groups(panel)]
    reports = panel.reports
    frame = pd.DataFrame(rows, columns=[*reports.columns, *_ADDED])
    kinds = {name: kind for name, kind in reports.dtypes.items() if name in frame}
    return frame.astype({**kinds, "versions": "Int64", "report_ids": "str", "differs": "bool", "why": "str"})


def version_findings(panel: Panel) -> pd.DataFrame:
    """A finding for each report of which the files contradict each other."""
    found = []
    for group, why, differs in _groups(panel):
        if differs:
            others = ", ".join(str(line["source"]) for line in group[1:])
            message = f"{len(group)} files of this report differ ({differs}); {group[0]['source']} is kept before {others}: {why}"
            found.append(
                (str(group[0]["report_id"]), Check("versions", "fail", None, None, None, None, None, message))
            )
    return findings_frame(found)


def _row(group: list[dict[str, Any]], why: str, differs: str) -> dict[str, Any]:
    return {
        **group[0],
        "versions": len(group),
        "report_ids": ",".join(str(line["report_id"]) for line in group),
        "differs": bool(differs),
        "why": why,
    }


def _groups(panel: Panel) -> list[tuple[list[dict[str, Any]], str, str]]:
    """Reports of one agency, scope and year, the kept one first; why it is kept; and in what they differ."""
    reports = panel.reports
    lines: list[dict[str, Any]] = [
        {str(name): value for name, value in line.items()} for line in reports.to_dict("records")
    ]
    by_key: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in lines:
        agency = line["unit"] if pd.isna(line["agency_key"]) else line["agency_key"]
        known = not pd.isna(agency) and not pd.isna(line["year"])
        key = (
            (agency, None if pd.isna(line["scope"]) else line["scope"], line["year"])
            if known
            else (line["report_id"],)
        )
        by_key.setdefault(key, []).append(line)
    several = [line["report_id"] for group in by_key.values() if len(group) > 1 for line in group]
    figures = _figures(panel, several)
    failed = (
        panel.select("findings", several).groupby("report_id").size() if several else pd.Series(dtype="int64")
    )
    return [_chosen(group, figures, failed) for group in by_key.values()]


def _figures(panel: Panel, reports: list[str]) -> pd.DataFrame:
    """Every figure of some reports: one row a report."""
    if not reports:
        return pd.DataFrame()
    tables = [
        panel.wide(table, None, where={"report_id": reports}, ids=["report_id"])
        .set_index("report_id")
        .add_prefix(f"{table}.")
        for table in WIDE
    ]
    return pd.concat(tables, axis=1)


def _chosen(
    group: list[dict[str, Any]], figures: pd.DataFrame, failed: pd.Series
) -> tuple[list[dict[str, Any]], str, str]:
    if len(group) == 1:
        return group, "the only file", ""

    def rank(line: dict[str, Any]) -> tuple[Any, ...]:
        identity = line["report_id"]
        return (
            int(failed.get(identity, 0)),
            line["status"] != "parsed",
            -int(figures.loc[identity].notna().sum()),
            _late_first(line["published"]),
            identity,
        )

    ordered = sorted(group, key=rank)
    reasons = (
        "fewer findings",
        "it was read whole",
        "it has more figures",
        "it was published later",
        "equal in every respect; the first id",
    )
    first, second = rank(ordered[0]), rank(ordered[1])
    why = next(
        (reason for reason, mine, other in zip(reasons, first, second, strict=True) if mine != other),
        reasons[-1],
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
