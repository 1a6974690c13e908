"""Reports of several levels: whose territory holds whose, which totals hold which parts, and the scope that a report's size gives away."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Literal

import pandas as pd

from giakit.data import require
from giakit.errors import MixedScopes, UnknownChoice
from giakit.places.gazetteer import ancestors

_FEWEST_PARTS = 2


def scope_by_size(frame: pd.DataFrame, *, count: str = "new") -> pd.DataFrame:
    """Reports of unknown scope held against the reports that they would count if they were wholes.

    A count below the sum of its known parts proves that a report does not count them. A count equal to that sum,
    with two parts or more that are not zero, speaks for a whole. Anything else leaves the scope unknown: parts
    may be missing. Nothing is changed in `frame`.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`giakit.places.hierarchy`, with a column of counts.
    count : str, default "new"
        The column that is compared.

    Returns
    -------
    DataFrame
        One row a report of unknown scope that has known parts: `report_id`, `parts` (Int64, how many are known),
        `own` and `sum` (Float64, the counts), `verdict` (str: ``whole``, ``not_whole``, or NA).

    Raises
    ------
    MissingColumns
        If a needed column is not there.

    Examples
    --------
    >>> reports = pd.DataFrame({
    ...     "report_id": ["city", "a", "b"], "place_code": ["320800", "320803", "320804"], "year": 2024,
    ...     "organ_kind": "government", "scope": [None, "whole", "whole"], "new": [30.0, 10.0, 20.0]})
    >>> scope_by_size(reports)[["report_id", "own", "sum", "verdict"]].values.tolist()
    [['city', 30.0, 30.0, 'whole']]
    """
    require(frame, [count], "scope_by_size")
    unknown = frame.loc[frame["scope"].isna(), "report_id"]
    supposed = frame.assign(scope=frame["scope"].astype("object").where(frame["scope"].notna(), "whole"))
    pairs = hierarchy(supposed)
    pairs = pairs[pairs["whole"].isin(unknown) & pairs["certain"]]
    counts = frame.set_index("report_id")[count].astype("Float64")
    rows = [
        _row(report, counts.get(report), counts.reindex(parts["part"]).dropna())
        for report, parts in pairs.groupby("whole", sort=True)
    ]
    columns = {"report_id": "str", "parts": "Int64", "own": "Float64", "sum": "Float64", "verdict": "str"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _row(report: object, counted: object, parts: pd.Series) -> tuple[object, int, object, object, str | None]:
    total = float(parts.sum()) if len(parts) else pd.NA
    verdict = None
    if len(parts) and not pd.isna(counted):  # type: ignore[call-overload]
        if float(counted) < float(parts.sum()):  # type: ignore[arg-type]
            verdict = "not_whole"
        elif counted == total and int((parts > 0).sum()) >= _FEWEST_PARTS:
            verdict = "whole"
    return report, len(parts), counted, total, verdict


_NEEDED = ("report_id", "place_code", "organ_kind", "scope", "year")
_CHOICES = ("error", "wholes", "parts")
#: Organs whose report can stand for a whole government rather than for one subject.
_GOVERNMENT = frozenset(("government", "general_office", "functional_area_committee"))
_TOWN = frozenset(("subdistrict", "township"))
_PAIR_COLUMNS = ["whole", "part", "year", "place_code", "relation", "certain"]

Report = dict[str, object]
#: A whole, a part of it, how they are related, and whether that is certain.
Link = tuple[Report, Report, str, bool]


def hierarchy(frame: pd.DataFrame) -> pd.DataFrame:
    """Pairs of reports of one year of which the first already counts the second.

    Parameters
    ----------
    frame : DataFrame
        One row a report: `report_id`, `place_code`, `organ_kind`, `scope`, `year`; `policy_area`, `within` (the
        division around an area without a code) and `vertical` (``in``, ``out``) are used where present.

    Returns
    -------
    DataFrame
        `whole`, `part` (report_id), `year` (Int64), `place_code` of the whole, `relation` (``lower``: a place inside,
        ``own``: an organ of the same place), `certain` (bool; False where the part is a body run from above and
        the whole does not say whether it counts those).

    Notes
    -----
    A government's ``whole`` counts every report of its place and of those inside; its ``own_level`` counts the
    departments of its place; a department's ``whole`` counts the same policy area in the places inside. Reports
    of unknown scope are never wholes.

    Raises
    ------
    MissingColumns
        If a needed column is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.places import hierarchy
    >>> reports = pd.DataFrame({
    ...     "report_id": ["city", "district"], "place_code": ["320800", "320803"], "year": [2024, 2024],
    ...     "organ_kind": ["government", "government"], "scope": ["whole", "whole"]})
    >>> hierarchy(reports)[["whole", "part", "relation"]].values.tolist()
    [['city', 'district', 'lower']]
    """
    reports = _reports(frame, "hierarchy")
    pairs = [pair for pair in _links(reports) if pair[0]["year"] == pair[1]["year"]]
    rows = [
        (whole["report_id"], part["report_id"], whole["year"], whole["place"], relation, certain)
        for whole, part, relation, certain in pairs
    ]
    return pd.DataFrame(rows, columns=_PAIR_COLUMNS).astype({"year": "Int64", "certain": "bool"})


def overlap(frame: pd.DataFrame, choice: Literal["error", "wholes", "parts"] = "error") -> pd.DataFrame:
    """The reports that can be summed: never a whole beside its parts.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`hierarchy`.
    choice : {"error", "wholes", "parts"}
        What to do where both are present. ``wholes`` keeps the report that counts the others, ``parts`` keeps the
        others. The choice holds for a place in all years: a part is dropped also in a year in which its whole is
        missing, so that a series never changes its composition unseen.

    Returns
    -------
    DataFrame
        Rows of `frame`, unchanged and in order. ``attrs["composition"]`` lists what the choice leaves uneven,
        one dict each: `place_code`, `year`, `change` (``whole missing``, ``parts entered``, ``parts left``), `parts` (place:subject).

    Raises
    ------
    MixedScopes
        With ``error``, if a whole stands beside a part in one year.
    UnknownChoice
        If `choice` is none of the three.
    MissingColumns
        If a needed column is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.places import overlap
    >>> reports = pd.DataFrame({
    ...     "report_id": ["city", "district"], "place_code": ["320800", "320803"], "year": [2024, 2024],
    ...     "organ_kind": ["government", "government"], "scope": ["whole", "whole"]})
    >>> overlap(reports, "wholes")["report_id"].tolist(), overlap(reports, "parts")["report_id"].tolist()
    (['city'], ['district'])
    """
    if choice not in _CHOICES:
        raise UnknownChoice("overlap", choice, _CHOICES)
    reports = _reports(frame, "overlap")
    links = _links(reports)
    if choice == "error":
        mixed = [
            (str(whole["report_id"]), str(part["report_id"]))
            for whole, part, _, _ in links
            if whole["year"] == part["year"]
        ]
        if mixed:
            raise MixedScopes(mixed)
        return frame.copy()
    dropped = {(part if choice == "wholes" else whole)["row"] for whole, part, _, _ in links}
    kept = frame.loc[[row not in dropped for row in range(len(frame))]].copy()
    kept.attrs = {**frame.attrs, "composition": _composition(links, choice, dropped)}
    return kept


def _reports(frame: pd.DataFrame, function: str) -> list[Report]:
    require(frame, _NEEDED, function)
    wanted = [*_NEEDED, *(name for name in ("policy_area", "within", "vertical") if name in frame.columns)]
    columns = [
        [None if missing else value for value, missing in zip(frame[name].tolist(), frame[name].isna(), strict=True)]
        for name in wanted
    ]
    reports: list[Report] = []
    for number, values in enumerate(zip(*columns, strict=True)):
        report: Report = {
            "policy_area": None,
            "within": None,
            "vertical": None,
            **dict(zip(wanted, values, strict=True)),
        }
        reports.append({**report, "row": number, "place": report["place_code"] or report["within"]})
    return reports


def _links(reports: list[Report]) -> list[Link]:
    """Every whole and part, in whatever years: (whole, part, relation, certain)."""
    wholes: dict[object, list[Report]] = defaultdict(list)
    for report in reports:
        if report["scope"] in ("whole", "own_level") and report["place_code"]:
            wholes[report["place_code"]].append(report)
    links: list[Link] = []
    for part in reports:
        place = part["place"]
        if not place:
            continue
        has_code = part["place_code"] is not None
        for code in (*ancestors(str(place)), str(place)):
            relation = "own" if has_code and code == place else "lower"
            for whole in wholes.get(code, ()):
                if whole["row"] != part["row"] and _counts(whole, part, relation):
                    links.append((whole, part, relation, _certain(whole, part)))
    return links


def _counts(whole: Report, part: Report, relation: str) -> bool:
    government = whole["organ_kind"] in _GOVERNMENT
    if part["organ_kind"] == "vertical_system" and (not government or whole["vertical"] == "out"):
        return False
    if not government:
        return bool(
            whole["scope"] == "whole"
            and relation == "lower"
            and whole["policy_area"]
            and whole["policy_area"] == part["policy_area"]
            and whole["organ_kind"] == part["organ_kind"]
        )
    if relation == "lower":
        return whole["scope"] == "whole"
    if whole["scope"] == "own_level":
        return part["scope"] != "whole" and part["organ_kind"] not in _TOWN and part["scope"] != "own_level"
    return not (part["scope"] == "whole" and part["organ_kind"] in _GOVERNMENT)


def _certain(whole: Report, part: Report) -> bool:
    return part["organ_kind"] != "vertical_system" or whole["vertical"] == "in"


def _composition(links: list[Link], choice: str, dropped: set[object]) -> list[Report]:
    """Years in which a choice made for all years leaves a place without its whole, or with other parts."""
    wholes: dict[object, set[object]] = defaultdict(set)
    parts: dict[object, dict[object, set[str]]] = defaultdict(lambda: defaultdict(set))
    for whole, part, _, _ in links:
        place = whole["place"]
        wholes[place].add(whole["year"])
        kept = part["row"] not in dropped
        parts[place][part["year"]] |= {_identity(part)} if kept or choice == "wholes" else set()
    rows: list[tuple[object, object, str, str]] = []
    for place, by_year in parts.items():
        if choice == "wholes":
            lost = sorted(by_year.keys() - wholes[place], key=str)
            rows += [(place, year, "whole missing", "; ".join(sorted(by_year[year]))) for year in lost]
            continue
        for before, year in pairwise(sorted(by_year.keys() | wholes[place], key=str)):
            entered, left = by_year[year] - by_year[before], by_year[before] - by_year[year]
            for change, who in (("parts entered", entered), ("parts left", left)):
                if who:
                    rows.append((place, year, change, "; ".join(sorted(who))))
    return [dict(zip(("place_code", "year", "change", "parts"), row, strict=True)) for row in rows]


def _identity(part: Report) -> str:
    subject = part["policy_area"] or part["organ_kind"] or "?"
    return f"{part['place']}:{subject}"
