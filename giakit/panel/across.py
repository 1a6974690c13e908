"""Reports of a panel held against each other: several files of one report, the years of an agency, wholes and parts, text in common.

Of several files of one report equal ones count once, of differing ones one is kept and the reason said. Checks across reports
give verdicts with the report they speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from giakit.checks import continuity
from giakit.checks.model import Check, findings_frame
from giakit.checks.reuse import boilerplate, clean, similar_sections
from giakit.errors import UnknownChoice
from giakit.panel.schema import WIDE

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_CHUNK = 2_000
"""Reports of which the cells are held as Python objects at once."""


def across(panel: Panel, families: Iterable[str] | None = None) -> pd.DataFrame:
    """Run the checks across reports.

    Parameters
    ----------
    panel : Panel
    families : iterable of str, optional
        Of ``continuity`` (`Y1` what was carried out comes in, `Y2`-`Y4` stocks and flows), ``repeated``
        (`same_as_last_year`), ``levels`` (`L1`: a whole counts at least its known parts), ``text`` (`repeated_text:<section>`: word for word another report's), ``versions``. Default: all.

    Returns
    -------
    DataFrame
        ``report_id, check, status, table, row, column`` (str), ``expected, observed`` (Float64), ``message,
        fingerprint`` (str): every verdict, also ``pass`` and ``not_assessable``. Of several files of one report only
        the one that `unit_years` keeps is compared with others.

    Raises
    ------
    UnknownChoice
        If there is no such family.
    """
    names = list(FAMILIES) if families is None else list(families)
    for name in names:
        if name not in FAMILIES:
            raise UnknownChoice("families", name, FAMILIES)
    inputs = _Inputs(panel)
    return pd.concat([FAMILIES[name](inputs) for name in names] or [findings_frame([])], ignore_index=True)


class _Inputs:
    """What the families share."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells that are printed, codes as categories."""
        cells = self.panel.coded(["table", "row", "column", "value", "state"])
        return cells[cells["state"] != "absent"]

    @cached_property
    def kept(self) -> pd.DataFrame:
        """One report for each agency, scope and year."""
        return self.panel.unit_years()

    @cached_property
    def series(self) -> pd.DataFrame:
        """Kept reports of which agency and year are known."""
        return self.kept[self.kept["agency_id"].notna() & self.kept["year"].notna()].sort_values(
            ["agency_id", "year"], kind="stable"
        )


def _continuity(inputs: _Inputs) -> pd.DataFrame:
    moved = inputs.cells[
        inputs.cells["row"].isin(["carried_in", "carried_out"])
        | inputs.cells["table"].isin(["proactive", "statistics"])
    ]
    verdicts = [continuity.over_years(cells, reports) for reports, cells in _by_agency(inputs.series, moved)]
    return pd.concat([*verdicts, _without_agency(inputs.kept)], ignore_index=True)


def _repeated(inputs: _Inputs) -> pd.DataFrame:
    figures = inputs.cells[inputs.cells["table"].isin(["requests", "remedies"])]
    verdicts = [continuity.repeated_figures(cells, reports) for reports, cells in _by_agency(inputs.series, figures)]
    return pd.concat([*verdicts, findings_frame([])], ignore_index=True)


def _levels(inputs: _Inputs) -> pd.DataFrame:
    pairs = inputs.panel.hierarchy()
    kept = inputs.kept.set_index("report_id")
    pairs = pairs[pairs["certain"] & pairs["whole"].isin(kept.index) & pairs["part"].isin(kept.index)]
    part, whole = (
        kept.loc[pairs[name], ["organ_kind", "agency_key", "scope"]].set_axis(pairs.index) for name in ("part", "whole")
    )
    # An area's committee may stand beside or above the government that it is held against.
    beside = part["organ_kind"] == "functional_area_committee"
    itself = (part["agency_key"] == whole["agency_key"]) & part["scope"].isna()
    once = pairs.assign(agency=part["agency_key"].fillna(pairs["part"]))[~(beside | itself)].drop_duplicates(
        ["whole", "agency"]
    )
    direct = _direct(once.rename(columns={"whole": "parent"}))
    named = inputs.cells["report_id"].isin([*direct["parent"], *direct["part"]])
    return continuity.check_levels(
        inputs.cells[named].astype({"report_id": "str", "table": "str", "row": "str", "column": "str"}), direct
    )


FAMILIES: dict[str, Callable[[_Inputs], pd.DataFrame]] = {
    "continuity": _continuity,
    "repeated": _repeated,
    "levels": _levels,
    "text": lambda inputs: repeated_text(inputs.panel),
    "versions": lambda inputs: version_findings(inputs.panel),
}


def _by_agency(series: pd.DataFrame, cells: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Reports and their cells in pieces that no agency is divided between."""
    if series.empty:
        return
    agencies = series["agency_id"].to_numpy()
    ends = [0]
    for place in range(1, len(agencies)):
        if agencies[place] != agencies[place - 1] and place - ends[-1] >= _CHUNK:
            ends.append(place)
    for first, last in pairwise([*ends, len(agencies)]):
        reports = series.iloc[first:last]
        yield reports, cells[cells["report_id"].isin(reports["report_id"])]


def _direct(pairs: pd.DataFrame) -> pd.DataFrame:
    """Wholes and parts without those that another part counts already."""
    parents: dict[str, set[str]] = {}
    for parent, part in zip(pairs["parent"], pairs["part"], strict=True):
        parents.setdefault(part, set()).add(parent)
    between = [
        any(parent in parents.get(other, ()) for other in parents[part])
        for parent, part in zip(pairs["parent"], pairs["part"], strict=True)
    ]
    return pairs.loc[~np.array(between, dtype=bool), ["parent", "part"]]


def _without_agency(kept: pd.DataFrame) -> pd.DataFrame:
    lost = kept[kept["agency_id"].isna() | kept["year"].isna()]
    message = "the agency or the year is not known: nothing to compare with"
    return findings_frame(
        (report_id, Check("Y1", "not_assessable", "requests", "carried_in", None, None, None, message))
        for report_id in lost["report_id"]
    )


_ADDED = ["versions", "report_ids", "differs", "why"]


def unit_years(panel: Panel) -> pd.DataFrame:
    """One row per agency, scope and year; see `giakit.panel.panel.Panel.unit_years`.

    Agencies that were merged later share an `agency_id`; they are told apart here by `agency_key`. An agency without one
    is its unit within its place; files of a unit whose place is not known are versions only where their figures agree,
    since two bureaus of finance are no single agency. Versions are equal
    if no cell that both report differs, as they were read. Kept is the version that a person corrected, then the one
    with the fewest findings, then the one read whole, then the one with the most figures, then the one published last.
    """
    rows = [
        {**kept, "versions": len(rest) + 1, "report_ids": ",".join(line["report_id"] for line in (kept, *rest))}
        | {"differs": bool(differs), "why": why}
        for (kept, *rest), why, differs in _groups(panel)
    ]
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
    verdicts = []
    for group, why, differs in _groups(panel):
        if differs:
            others = ", ".join(str(line["source"]) for line in group[1:])
            message = f"{len(group)} files of this report differ ({differs}); {group[0]['source']} is kept before {others}: {why}"
            verdicts.append((group[0]["report_id"], Check("versions", "fail", None, None, None, None, None, message)))
    return findings_frame(verdicts)


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
        read = figures.loc[line["report_id"]]
        same = (part for part in parts if not _differing(figures.loc[part[0]["report_id"]], read))
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
    named = ", ".join(differing[:4]) + (f" and {len(differing) - 4} more" if len(differing) > 4 else "")
    return ordered, why, named


def _late_first(published: Any) -> tuple[int, ...]:
    return () if pd.isna(published) else tuple(-ord(character) for character in str(published)[:10])


def _differing(one: pd.Series, other: pd.Series) -> list[str]:
    both = one.notna() & other.notna()
    return [str(name) for name in one.index[both & (one != other).fillna(False)]]


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
    earlier: dict[str, list[_Member]] = {}
    first = members[0]
    second = next((member for member in members if member.agency != first.agency), None)
    for member in members:
        before = [other for other in earlier.get(member.agency, ()) if other.year < member.year]
        other = second if member.agency == first.agency else first
        if before:
            yield member, "its own report", before[-1].report_id
        elif other is not None and other.year <= member.year:
            yield member, "the report of another agency", other.report_id
        earlier.setdefault(member.agency, []).append(member)


def _identical(panel: Panel) -> Iterator[tuple[str, list[_Member]]]:
    """Sections of the same words, with the reports they stand in, the oldest first."""
    names, members = _names(panel), _members(panel)
    texts = panel.texts[~panel.texts["section"].isin(_PRESCRIBED)]
    groups: dict[tuple[str, bytes], list[_Member]] = {}
    whole: dict[tuple[str, str], list[str]] = {}
    for report_id, section, text in zip(texts["report_id"], texts["section"], texts["text"], strict=True):
        whole.setdefault((section, report_id), []).append(text)
    for (section, report_id), parts in whole.items():
        plain = clean("".join(parts), names[report_id])
        if len(plain) >= _SHORTEST:
            groups.setdefault((section, blake2b(plain.encode(), digest_size=16).digest()), []).append(
                members[report_id]
            )
    for (section, _), same in sorted(groups.items()):
        if len(same) > 1:
            yield section, sorted(same)


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
    same_agency = (first["agency_id"].notna() & (first["agency_id"] == second["agency_id"])).to_numpy(dtype=bool)
    same_year = (first["year"] == second["year"]).fillna(False).to_numpy(dtype=bool)
    same_scope = (first["scope"].fillna("") == second["scope"].fillna("")).to_numpy(dtype=bool)
    relation = (
        pd.Series("other agency", index=pairs.index, dtype="str")
        .mask(same_agency, "same agency")
        .mask(same_agency & same_year & same_scope, "same report")
    )
    return pairs.assign(year_a=first["year"].array, year_b=second["year"].array, relation=relation)
