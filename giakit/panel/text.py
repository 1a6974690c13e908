"""Text that reports of a panel have in common."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from giakit.checks.frames import findings_frame
from giakit.checks.model import Check
from giakit.checks.reuse import boilerplate, clean, similar_sections

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_NAMES = ["unit", "province", "prefecture", "county"]
_PRESCRIBED = ("preamble", "proactive", "requests", "remedies")
"""Sections that every report is told to word alike, or that hold a statutory table."""
_SHORTEST = 50
"""Characters from which a section can be a copy: shorter ones say that there is nothing to report."""
_LATE = 9999
"""Stands for an unknown year: such a report can be a copy of any."""


class Reuse(NamedTuple):
    """Text that reports have in common: pairs of sections, and a share for each report."""

    pairs: pd.DataFrame
    boilerplate: pd.DataFrame


class _Member(NamedTuple):
    """A report in which a text stands."""

    year: int
    report_id: str
    agency: str


def reuse(panel: Panel, *, threshold: float) -> Reuse:
    """Pairs of alike sections and the share of boilerplate; see `giakit.panel.panel.Panel.reuse`."""
    names = _names(panel)
    reports = panel.reports.set_index("report_id")
    agencies = {str(identity): str(agency) for identity, agency in reports["agency_id"].dropna().items()}
    pairs = similar_sections(panel.texts, threshold=threshold, names=names)
    return Reuse(_related(panel, pairs), boilerplate(panel.texts, names=names, agencies=agencies))


def repeated_text(panel: Panel) -> pd.DataFrame:
    """A finding for each section that stands word for word in a report that is not younger, names and figures apart.

    Returns
    -------
    DataFrame
        Findings ``repeated_text:<section>`` (uncertain), one a report and section. The agency's own report comes before
        those of others; files of the same report are no copies of each other. Nothing is estimated: what is merely
        alike is found by `reuse`.
    """
    source = panel.reports.set_index("report_id")["source"].to_dict()
    return findings_frame(
        (
            member.report_id,
            Check(
                f"repeated_text:{section}",
                "uncertain",
                None,
                None,
                None,
                None,
                None,
                f"{section}: word for word as in {whose} {source[original]}, names and figures apart",
            ),
        )
        for section, members in _identical(panel)
        for member, whose, original in _copies(members)
    )


def _copies(members: list[_Member]) -> Iterator[tuple[_Member, str, str]]:
    """Each report that copies, from whom, and from which report; members come the oldest first."""
    own: dict[str, list[_Member]] = {}
    first = members[0]
    second = next((member for member in members if member.agency != first.agency), None)
    for member in members:
        before = [other for other in own.get(member.agency, ()) if other.year < member.year]
        other = second if member.agency == first.agency else first
        if before:
            yield member, "its own report", before[-1].report_id
        elif other is not None and other.year <= member.year:
            yield member, "the report of another agency", other.report_id
        own.setdefault(member.agency, []).append(member)


def _identical(panel: Panel) -> Iterator[tuple[str, list[_Member]]]:
    """Sections of the same words, with the reports they stand in, the oldest first."""
    names, members = _names(panel), _members(panel)
    texts = panel.texts[~panel.texts["section"].isin(_PRESCRIBED)]
    groups: dict[tuple[str, bytes], list[_Member]] = {}
    whole: dict[tuple[str, str], list[str]] = {}
    for report_id, section, text in zip(texts["report_id"], texts["section"], texts["text"], strict=True):
        whole.setdefault((section, report_id), []).append(text)
    for (section, report_id), parts in whole.items():
        words = clean("".join(parts), names[report_id])
        if len(words) >= _SHORTEST:
            groups.setdefault((section, blake2b(words.encode(), digest_size=16).digest()), []).append(
                members[report_id]
            )
    for (section, _), found in sorted(groups.items()):
        if len(found) > 1:
            yield section, sorted(found)


def _members(panel: Panel) -> dict[str, _Member]:
    reports = panel.reports
    agencies = reports["agency_id"].fillna(reports["unit"]).fillna(reports["report_id"])
    years = reports["year"].fillna(_LATE)
    return {
        report_id: _Member(int(year), report_id, agency)
        for report_id, year, agency in zip(reports["report_id"], years, agencies, strict=True)
    }


def _names(panel: Panel) -> dict[str, list[str]]:
    """What to remove from the text of each report: who and where it is."""
    reports = panel.reports
    lines = zip(*(reports[name].tolist() for name in _NAMES), strict=True)
    return {
        report_id: [name for name in line if isinstance(name, str)]
        for report_id, line in zip(reports["report_id"], lines, strict=True)
    }


def _related(panel: Panel, pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs with years, and how the two reports are related."""
    about = panel.reports.set_index("report_id")[["agency_id", "scope", "year"]]
    first, second = (about.reindex(pairs[name]).reset_index(drop=True) for name in ("report_id_a", "report_id_b"))
    own = (first["agency_id"].notna() & (first["agency_id"] == second["agency_id"])).to_numpy(dtype=bool)
    same_year = (first["year"] == second["year"]).fillna(False).to_numpy(dtype=bool)
    same_scope = (first["scope"].fillna("") == second["scope"].fillna("")).to_numpy(dtype=bool)
    relation = (
        pd.Series("other agency", index=pairs.index, dtype="str")
        .mask(own, "same agency")
        .mask(own & same_year & same_scope, "same report")
    )
    return pairs.assign(year_a=first["year"].array, year_b=second["year"].array, relation=relation)
