"""Who reports on which year and place: the report's own words first, then sources.csv, then the path.

What a weaker witness adds is marked as such, and where a stronger one is contradicted a finding says so.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from giakit.checks.model import Check
from giakit.checks.run import check_form_year
from giakit.data import written_table
from giakit.errors import MissingColumns
from giakit.forms import forms
from giakit.places import Place, agency, resolve, scope
from giakit.places.scope import Scope

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_ENDING = re.compile(r"\.\w{1,5}$")
_NO_NAME = re.compile(
    r"[\s_\-—–()（）\[\]【】.,，、]+|(?:政府)?信息公开(?:工作)?(?:年度)?(?:报告|年报)|年度?(?:报告)?|page|统计表"
)
_DECIDING = ("unit", "year", "place", "parent", "scope")
FURTHER = "*further"
CONTRADICTED = "*contradicted"
_SCOPES = ("organ", "own_level", "whole")
_COLUMNS = ("path", "url", "captured", "published", "unit", "year", "place", "parent", "scope")
_DATE = re.compile(r"(20\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})")
_TIME = re.compile(r"(?<!\d)\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[Zz]|[+-]\d{2}:?\d{2})?")
_HEAD = 3000
"""Characters of a report's text that are searched for its place."""

Evidence = Mapping[str, str]


class FromReport(NamedTuple):
    """What the document itself says."""

    report_id: str
    format: str
    form: str | None
    unit: str | None
    year: int | None
    status: str
    url: str | None
    published: str | None
    reading_id: str | None
    text: str


class Wanted(NamedTuple):
    """A document that belongs in the panel, where it lies in the source, and what sources.csv says of it."""

    sha256: bytes
    path: str
    given: Evidence


def read_sources(files: Iterable[Path], root: str) -> dict[str, Evidence]:
    """Evidence by path below the root; a file that lies nearer to a path is believed before one further out.

    Columns that giakit does not know are kept, together as JSON under `FURTHER`. Where two rows on one path contradict
    each other, `CONTRADICTED` says so.

    Raises
    ------
    MissingColumns
        If a file has no column `path`.
    UnreadableDocument
        If it is no CSV.
    """
    evidence: dict[str, dict[str, str]] = {}
    for file in files:
        below = file.parent.relative_to(root).as_posix() if file.parent.is_relative_to(root) else "."
        names, rows = written_table(file)
        # A collection calls the column `file`: the name of a report in its folder of files.
        key = next((name for name in ("path", "file") if name in names), None)
        if key is None:
            raise MissingColumns(str(file), ["path"])
        here: dict[str, dict[str, str]] = {}
        for row in rows:
            path = row.pop(key).replace("\\", "/").removeprefix("./")
            path = named(path if below == "." else f"{below}/{path}")
            _join(here.setdefault(path, {}), row, both=False)
        for path, row in here.items():
            _join(evidence.setdefault(path, {}), row, both=True)
    return {path: _folded(row) for path, row in evidence.items()}


def named(path: str) -> str:
    """A path in the one spelling that names are compared in: some systems take accents apart."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _join(known: dict[str, str], row: Mapping[str, str], *, both: bool) -> None:
    """Take in a row. Of two rows in one file that contradict each other neither is believed, of two files the nearer.

    One file may well have several addresses and moments: of these the first is kept.
    """
    contradicted = [
        f"{name}: {known[name] or 'contradicted'} and {value}"
        for name, value in row.items()
        if value and name in _DECIDING and known.get(name, value) != value
    ]
    for name, value in row.items():
        if value and (both or name not in known):
            known[name] = value
        elif value and name in _DECIDING and known[name] != value:
            known[name] = ""
    if contradicted:
        known[CONTRADICTED] = "; ".join(filter(None, [known.get(CONTRADICTED), *contradicted]))


def _folded(row: Mapping[str, str]) -> Evidence:
    known = {name: value for name, value in row.items() if value}
    further = {name: known.pop(name) for name in list(known) if name not in (*_COLUMNS, CONTRADICTED)}
    return {**known, FURTHER: json.dumps(further, ensure_ascii=False)} if further else known


@dataclass(slots=True)
class _Case:
    """One report on the way to its row."""

    itself: FromReport
    path: str
    given: Evidence
    conflicts: list[Check] = field(default_factory=list)

    def doubt(self, check: str, status: Any, message: str) -> None:
        """Add a finding on the whole report."""
        self.conflicts.append(Check(check, status, None, None, None, None, None, message, "evidence"))

    def weigh(self, what: str, by_report: Any, given: Any, from_path: Any) -> tuple[Any, str | None]:
        """The value of the strongest witness, and who that is."""
        if by_report is not None:
            if given is not None and given != by_report:
                self.doubt(f"sources_{what}", "fail", f"{what}: the report says {by_report}, sources.csv says {given}")
            return by_report, "report"
        if given is not None:
            return given, "sources"
        if from_path is not None:
            self.doubt(f"path_{what}", "note", f"{what}: the report does not say; {from_path} is taken from the path")
            return from_path, "path"
        return None, None


def report_row(itself: FromReport, path: str, given: Evidence) -> tuple[tuple[Any, ...], list[Check]]:
    """The row of one report in `reports`, and the conflicts between its witnesses."""
    case = _Case(itself, path, given)
    if CONTRADICTED in given:
        case.doubt(
            "sources_rows", "fail", f"sources.csv has rows on {path} that contradict each other: {given[CONTRADICTED]}"
        )
    year, year_from = case.weigh(
        "year", itself.year, _given_year(case), _path_year(path) if itself.year is None else None
    )
    unit, unit_from = case.weigh(
        "unit", itself.unit, given.get("unit"), _path_unit(path, year) if itself.unit is None else None
    )
    place = _place(case, unit, year)
    counted = scope(unit, itself.text, place)
    extent, extent_from = case.weigh("scope", counted.scope, _given_scope(case), None)
    known = None if place is None else agency(place, year)
    row = (
        itself.report_id, path, itself.format, itself.form, unit, known and known.id, *place_columns(place), extent, year,
        itself.status, None if place is None else place.within, counted.vertical, known and known.key,
        given.get("url") or itself.url, _date(given.get("published") or itself.published), _moment(given.get("captured")),
        unit_from, year_from, extent_from, None if place is None else place.why, _why(counted, extent_from),
        itself.reading_id, given.get(FURTHER),
    )  # fmt: skip
    if itself.form is not None and year_from != "report":
        case.conflicts += [check for check in check_form_year(forms()[itself.form], year) if check.is_finding]
    return row, case.conflicts


def _why(counted: Scope, extent_from: str | None) -> str:
    return "sources.csv" if extent_from == "sources" else counted.evidence


def _date(text: str | None) -> str | None:
    """A day as ISO text; what is no day is left out."""
    day = _DATE.search(text or "")
    return f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}" if day else None


def _moment(text: str | None) -> str | None:
    """A day with the time of day, where it is told; what is no day is left out."""
    day, time = _date(text), _TIME.search(text or "")
    return f"{day}T{time[0].strip().upper()}" if day and time else day


PLACE_COLUMNS = ("place_code", "province", "prefecture", "county", "tier", "organ_kind", "policy_area")


def place_columns(place: Place | None) -> tuple[str | None, ...]:
    """The values of `PLACE_COLUMNS`."""
    if place is None:
        return (None,) * len(PLACE_COLUMNS)
    return (place.code, place.province, place.prefecture, place.county, place.tier, place.organ_kind, place.policy_area)


def _given_year(case: _Case) -> int | None:
    text = case.given.get("year")
    if text is None:
        return None
    if not re.fullmatch(r"20\d\d", text):
        case.doubt("sources_year", "uncertain", f"year: sources.csv says {text!r}, which is no year")
        return None
    return int(text)


def _given_scope(case: _Case) -> str | None:
    text = case.given.get("scope")
    if text is not None and text not in _SCOPES:
        case.doubt("sources_scope", "uncertain", f"scope: sources.csv says {text!r}; valid: {', '.join(_SCOPES)}")
        return None
    return text


def _path_year(path: str) -> int | None:
    for part in reversed(path.split("/")):
        years = set(_YEAR.findall(part))
        if years:
            return int(years.pop()) if len(years) == 1 else None
    return None


def _path_unit(path: str, year: int | None) -> str | None:
    """A part of the path that is the name of an agency of a known place, the innermost first."""
    for part in reversed(path.split("/")):
        name = _NO_NAME.sub("", _YEAR.sub("", _ENDING.sub("", part)))
        if len(name) > 2:
            place = resolve(name, year)
            if place.resolved and place.organ_kind is not None:
                return name
    return None


def _place(case: _Case, unit: str | None, year: int | None) -> Place | None:
    """The place of the unit; where its name leaves a choice, the first witness that decides."""
    if unit is None:
        return None
    place = resolve(unit, year)
    given = [case.given[name] for name in ("place", "parent") if name in case.given]
    if not place.resolved:
        for hint in (given, case.itself.url, case.given.get("url"), case.itself.text[:_HEAD], case.path):
            decided = resolve(unit, year, hint=hint) if hint else place
            if decided.resolved:
                return decided
        return place
    if "place" in case.given:
        named = case.given["place"]
        code = named if re.fullmatch(r"\d{6}", named) else resolve(named, year).code
        if code is not None and place.code is not None and code != place.code:
            case.doubt("sources_place", "fail", f"place: the unit's name says {place.code}, sources.csv says {named}")
    return place
