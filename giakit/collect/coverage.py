"""What a collection comes to: one file a report, where each is from, and what became of each unit and year."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from giakit.collect.archive import Archive, ranged_record
from giakit.collect.discover import is_decoy, site_name, unit_of, year_of
from giakit.collect.judge import members
from giakit.collect.ledger import Ledger
from giakit.panel.schema import write_whole
from giakit.places.deadlines import deadline
from giakit.places.resolver import resolve
from giakit.reading.titles import parse_title

STATUSES = (
    "found", "listed_not_fetched", "refused_robots", "challenged", "unreachable", "list_incomplete", "not_listed", "not_due", "no_seed",
)  # fmt: skip
SOURCES = ("file", "url", "captured", "sha256", "unit", "year", "landing", "via", "vantage", "record_id")
COVERAGE = ("unit", "year", "status", "reason", "vantage")
_OFFICE = ("pdf", "doc", "docx", "xls", "xlsx", "ods", "rtf", "ofd", "rar", "7z")
_UNSAFE = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')
_FOUND = """
SELECT t.site, t.seq, t.url, t.anchor, t.title, t.unit AS t_unit, t.year AS t_year, t.landing, t.via, t.plan, t.parent,
       s.unit AS s_unit, s.year AS s_year, v.captured, v.record_id, r.*, u.vantage
FROM readings r JOIN visits v ON v.sha256 = r.sha256 JOIN targets t ON t.site = v.site AND t.seq = v.seq
LEFT JOIN seeds s ON s.seed = t.seed LEFT JOIN runs u ON u.run = v.run
WHERE r.verdict IN ('report', 'unreadable') AND t.role NOT IN ('robots', 'paging', 'index') AND v.status BETWEEN 200 AND 299
ORDER BY v.run, t.site, t.seq, r.member
"""


class Found(NamedTuple):
    """A report that was found, and what is known of it."""

    url: str
    captured: str
    unit: str
    year: int | None
    landing: str
    via: str
    vantage: str
    record_id: str
    reading_id: str
    cells: int
    extension: str
    payload: str
    member: str
    is_sliced: bool

    @property
    def name(self) -> str:
        """The name of its file: the same for the same reading."""
        # Agencies of two places may share a name, and small ones a reading: all zeros. Then the host tells them apart.
        host = "" if self.unit and resolve(self.unit, self.year).code else site_name(self.url)
        identity = sha256(f"{self.reading_id} {self.unit} {self.year} {host}".encode()).hexdigest()[:12]
        words = [str(self.year or "unknown"), _UNSAFE.sub("", self.unit)[:40] or "unknown", identity]
        return f"{'_'.join(words)}.{self.extension}"


def found_reports(ledger: Ledger) -> list[Found]:
    """Every report once a reading, in the order in which they were met. A file wins over the page that gives it."""
    reports: dict[str, Found] = {}
    for row in ledger.each(_FOUND):
        report = _found(row)
        if report is not None:
            held = reports.get(report.name)
            if held is None or (report.landing and not held.landing):
                reports[report.name] = report
    by_landing = defaultdict(list)
    for report in reports.values():
        if report.landing:
            by_landing[report.landing].append(report)
    return [
        report
        for report in reports.values()
        if not any(other.year == report.year and other.cells >= report.cells for other in by_landing.get(report.url, ()))
    ]


def _found(row: Mapping[str, Any]) -> Found | None:
    titles = [text for text in (row["title"], row["anchor"], row["member"]) if text]
    if any(is_decoy(text) for text in titles[:1]):
        return None
    if row["verdict"] == "unreadable":
        # A scan that cannot be read may be the report all the same: its title decides, and the build says what it is.
        named = any(parse_title(text) is not None for text in titles)
        if row["extension"] not in _OFFICE or not named:
            return None
    said_years = [year for text in titles if (year := year_of(text))]
    year = said_years[0] if said_years else row["year"] or row["t_year"] or _integer(row["s_year"])
    said_units = [unit for text in titles if (unit := unit_of(text))]
    unit = row["unit"] or (said_units[0] if said_units else row["t_unit"] or row["s_unit"] or "")
    original = _original(row)
    return Found(
        original + (f"#{row['member']}" if row["member"] else ""), row["captured"] if not row["plan"] or row["via"] == "direct" else _moment(row),
        unit, year, row["landing"] if row["landing"] != original else "", row["via"], row["vantage"] or "", row["record_id"] or "",
        row["reading_id"] or row["sha256"], row["cells"], row["extension"], row["sha256"], row["member"], row["via"] == "cc",
    )  # fmt: skip


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"20\d\d", text) else None


def _plan_of(row: Mapping[str, Any]) -> dict[str, Any]:
    import json

    return dict(json.loads(row["plan"])) if row["plan"] else {}


def _original(row: Mapping[str, Any]) -> str:
    return str(_plan_of(row).get("original") or row["url"]).partition("#")[0]


def _moment(row: Mapping[str, Any]) -> str:
    return str(_plan_of(row).get("captured") or row["captured"])


def write_files(out: Path, ledger: Ledger, archive: Archive) -> tuple[list[Found], int]:
    """Write ``files/`` and ``sources.csv``; the reports, and how many files are new."""
    folder = out / "files"
    folder.mkdir(exist_ok=True)
    reports = found_reports(ledger)
    rows = []
    new = 0
    for report in reports:
        path = folder / report.name
        if not path.exists():
            write_whole(path, _content(archive, report))
            new += 1
        digest = sha256(path.read_bytes()).hexdigest()
        rows.append((
            report.name, report.url, report.captured, digest, report.unit, report.year or "", report.landing, report.via,
            report.vantage, report.record_id,
        ))  # fmt: skip
    write_csv(out / "sources.csv", SOURCES, sorted(rows, key=lambda row: (row[1], row[0])))
    return reports, new


def _content(archive: Archive, report: Found) -> bytes:
    body = archive.read(report.payload).body
    if report.is_sliced and (inner := ranged_record(body)) is not None:
        body = inner.body
    return dict(members(body))[report.member] if report.member else body


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV in UTF-8, whole or not at all, and only where it changes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    data = stream.getvalue().encode()
    if not path.exists() or path.read_bytes() != data:
        write_whole(path, data)


class Expected(NamedTuple):
    """A unit of which a report is expected; ``year`` None: of every year in question."""

    unit: str
    year: int | None = None


def coverage_rows(
    ledger: Ledger, reports: Sequence[Found], *, expected: Sequence[Expected], years: Sequence[int], vantage: str, today: date
) -> Iterator[tuple[str, int | str, str, str, str]]:
    """One row a unit and year: unit, year, status, reason, vantage."""
    held = {(report.unit, report.year) for report in reports}
    listed = _listed(ledger)
    seeds = [dict(row) for row in ledger.all("SELECT * FROM seeds WHERE active ORDER BY seed")]
    states = {seed["seed"]: seed_state(ledger, seed) for seed in seeds}
    known = sorted({unit for unit, _ in held} | {unit for unit, _ in listed} | {seed["unit"] for seed in seeds} - {""})
    found_years = sorted({year for _, year in held if year} | {year for _, year in listed if year} | {y for s in seeds if (y := _integer(s["year"]))})
    span: list[int | None] = list(years or (range(found_years[0], found_years[-1] + 1) if found_years else ())) or [None]
    same = _Names(known)
    if not expected:
        # A site of which no unit is known yet still has a state.
        nameless = [seed for seed in seeds if not seed["unit"] and states[seed["seed"]][0] not in ("not_listed", "list_incomplete")]
        names = [unit for unit in known if unit] + [seed["place"] or seed["site"] for seed in nameless]
        expected = [Expected(unit) for unit in dict.fromkeys(names)]
    for want in sorted(set(expected), key=lambda want: (want.unit, want.year or 0)):
        aliases = same.of(want.unit)
        for year in [want.year] if want.year else span:
            if any((alias, year) in held for alias in aliases):
                status, reason = "found", ""
            elif (alias := next((alias for alias in aliases if (alias, year) in listed), None)) is not None:
                status, reason = "listed_not_fetched", listed[alias, year]
            else:
                status, reason = _missing(want.unit, aliases, year, seeds, states, today)
            yield want.unit, year or "", status, reason, vantage


class _Names:
    """Units under the longer and shorter names that lists and reports give them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name for name in names if name}
        self._longer = defaultdict(list)
        for name in self._names:
            for start in range(1, len(name) - 2):
                self._longer[name[start:]].append(name)

    def of(self, unit: str) -> list[str]:
        """The names that mean the unit; an ending that two units share means neither."""
        shorter = [unit[start:] for start in range(1, len(unit) - 2) if unit[start:] in self._names]
        close = [*self._longer.get(unit, ()), *(name for name in shorter if len(self._longer[name]) == 1 or unit not in self._names)]
        return [unit, *(close if len(close) == 1 else ())]


def _listed(ledger: Ledger) -> dict[tuple[str, int | None], str]:
    """Units and years whose report a list names and that were not got, with the reason."""
    query = (
        "SELECT t.anchor, t.unit, t.year, t.state, t.verdict, t.reason, s.unit AS s_unit FROM targets t LEFT JOIN seeds s ON s.seed = t.seed "
        "WHERE t.priority <= 2 AND t.role IN ('page', 'attachment') AND t.verdict NOT IN ('report', 'list', 'shell') AND t.state <> 'moved' "
        "AND t.year IS NOT NULL"
    )
    made: dict[tuple[str, int | None], str] = {}
    for row in ledger.each(query):
        if not is_decoy(row["anchor"]) and (unit := row["unit"] or row["s_unit"]):
            reason = row["reason"] or ("it is no report that could be read" if row["state"] == "done" else f"{row['state']}")
            made[unit, row["year"]] = reason
    return made


def seed_state(ledger: Ledger, seed: Mapping[str, Any]) -> tuple[str, str]:
    """What the lists of a seed prove of a report that is not found: a status and why."""
    site = ledger.one("SELECT * FROM sites WHERE site = ?", seed["site"])
    if site is not None and site["state"] in ("refused_robots", "challenged", "unreachable"):
        return site["state"], site["reason"]
    if site is not None and site["state"]:
        return "list_incomplete", site["reason"]
    # A seed that moved, or is nothing but a shell, stands for the page that it leads to.
    entries = ledger.all(
        "SELECT * FROM targets WHERE seed = ? AND depth = 0 AND role IN ('page', 'index') AND state <> 'moved' AND verdict <> 'shell'",
        seed["seed"],
    )
    if entries and all(entry["state"] == "disallowed" for entry in entries):
        return "refused_robots", "robots.txt disallows the address"
    if entries and all(entry["state"] in ("refused", "failed", "moved_away", "missing", "disallowed") for entry in entries):
        return "unreachable", entries[-1]["reason"] or "there is no such page"
    open_list = ledger.one("SELECT * FROM lists WHERE seed = ? AND state <> 'complete' LIMIT 1", seed["seed"])
    if open_list is not None:
        return "list_incomplete", open_list["reason"] or "a list was not followed to its end"
    refused = ledger.one(
        "SELECT * FROM targets WHERE seed = ? AND state = 'disallowed' AND role IN ('page', 'paging') AND priority IN (0, 3, 4, 5) LIMIT 1",
        seed["seed"],
    )
    if refused is not None:
        return "refused_robots", f"robots.txt disallows the list {refused['url']}"
    lost = ledger.one(
        "SELECT * FROM targets WHERE seed = ? AND ((role = 'page' AND priority IN (0, 3, 4, 5) AND state IN "
        "('waiting', 'failed', 'refused', 'missing', 'listed')) OR (role = 'paging' AND state IN ('waiting', 'failed', 'refused', 'listed') "
        "AND plan NOT LIKE '%\"family\":%') OR (state = 'listed' AND reason LIKE 'more than%')) LIMIT 1",
        seed["seed"],
    )
    if lost is not None:
        return "list_incomplete", f"{lost['url']}: {lost['reason'] or lost['state']}"
    # Only a list that says what it lists, with a report in it, proves that another report is not in it.
    proof = ledger.one("SELECT 1 FROM lists WHERE seed = ? LIMIT 1", seed["seed"])
    return ("not_listed", "a complete list does not name it") if proof is not None else ("list_incomplete", "no list of reports was met")


def _missing(
    unit: str, aliases: Sequence[str], year: int | None, seeds: Sequence[Mapping[str, Any]], states: Mapping[int, tuple[str, str]], today: date
) -> tuple[str, str]:
    own = [seed for seed in seeds if unit in (seed["unit"], seed["place"], seed["site"]) or seed["unit"] in aliases]
    responsible = own or [seed for seed in seeds if not seed["unit"] and _covers(seed["place"], unit)]
    if not responsible:
        return "no_seed", "no seed is for this unit"
    place = resolve(unit, year)
    due = deadline(year, place.organ_kind) if year else None
    if year and (due or date(year + 1, 3, 31)) >= today:
        return "not_due", f"due on {(due or date(year + 1, 3, 31)).isoformat()}"
    order = ("refused_robots", "challenged", "unreachable", "list_incomplete", "not_listed")
    status, reason = min((states[seed["seed"]] for seed in responsible), key=lambda state: order.index(state[0]))
    return (status, reason) if year or status != "not_listed" else ("list_incomplete", "no year is asked for")


def _covers(place: str, unit: str) -> bool:
    """Whether a seed for a place may list a unit: it says nothing of places, or the unit lies there."""
    if not place:
        return True
    code = place if re.fullmatch(r"\d{6}", place) else resolve(place).code
    theirs = resolve(unit, hint=place).code
    if code is None or theirs is None:
        return code is None
    return theirs.startswith(re.sub(r"(?:0000|00)$", "", code))
