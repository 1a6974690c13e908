"""What a collection comes to: one file a report, where each is from, and what became of each unit and year."""

from __future__ import annotations

import csv
import json
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from giakit.collect.archive import Archive, sliced_content
from giakit.collect.discover import is_decoy, site_name, unit_of, year_of
from giakit.collect.judge import members
from giakit.collect.ledger import Ledger, Row
from giakit.panel.schema import write_whole
from giakit.places.deadlines import deadline
from giakit.places.resolver import resolve
from giakit.reading.titles import parse_title

SOURCES = ("file", "url", "captured", "sha256", "unit", "year", "landing", "via", "vantage", "record_id")
COVERAGE = ("unit", "year", "status", "reason", "vantage")
_ORDER = ("refused_robots", "challenged", "unreachable", "list_incomplete", "not_listed")
_OFFICE = ("pdf", "doc", "docx", "xls", "xlsx", "ods", "rtf", "ofd", "rar", "7z")
_UNSAFE = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')


def write_files(out: Path, ledger: Ledger, archive: Archive) -> None:
    """Write ``files/``, one a reading, and ``sources.csv``. A file wins over the page that gives it."""
    (out / "files").mkdir(exist_ok=True)
    with ledger.transaction():
        ledger.write("DELETE FROM reports")
        for row in ledger.each("SELECT * FROM answers"):
            if (report := _report(row)) is not None:
                changes = ", ".join(f"{name} = excluded.{name}" for name in report)
                wins = "excluded.landing <> '' AND reports.landing = ''"
                ledger.insert("reports", report, more=f"ON CONFLICT (file) DO UPDATE SET {changes} WHERE {wins}")
        ledger.write(
            "DELETE FROM reports WHERE EXISTS (SELECT 1 FROM reports file WHERE file.landing = reports.url AND file.year IS reports.year "
            "AND file.cells >= reports.cells)"
        )
    reports = ledger.each("SELECT * FROM reports ORDER BY url, file")
    rows = (
        {**row, "sha256": _written(out / "files" / row["file"], archive, row), "year": row["year"] or ""}
        for row in reports
    )
    write_csv(out / "sources.csv", SOURCES, ([row[name] for name in SOURCES] for row in rows))


def _report(row: Row) -> Row | None:
    """The report that an answer holds, as the ledger keeps it; None where it is a decoy, or nothing says that it is one."""
    titles = [text for text in (row["title"], row["anchor"], row["member"]) if text]
    if titles and is_decoy(titles[0]):
        return None
    # A scan that cannot be read may be the report all the same: its title decides, and the build says what it is.
    if row["verdict"] == "unreadable" and (
        row["extension"] not in _OFFICE or not any(parse_title(text) is not None for text in titles)
    ):
        return None
    seed_year = int(row["seed_year"]) if re.fullmatch(r"20\d\d", row["seed_year"] or "") else None
    year = (
        next((year for text in titles if (year := year_of(text))), None)
        or row["year"]
        or row["listed_year"]
        or seed_year
    )
    unit = row["unit"] or next(
        (unit for text in titles if (unit := unit_of(text))), row["listed_unit"] or row["seed_unit"] or ""
    )
    capture = json.loads(row["plan"]) if row["plan"] and row["via"] != "direct" else {}
    url = str(capture.get("original") or row["url"]).partition("#")[0]
    reading = row["reading_id"] or row["digest"]
    # Agencies of two places may share a name, and small ones a reading: all zeros. Then the host tells them apart.
    host = "" if unit and resolve(unit, year).code else site_name(url)
    identity = sha256(f"{reading} {unit} {year} {host}".encode()).hexdigest()[:12]
    return {
        "file": f"{year or 'unknown'}_{_UNSAFE.sub('', unit)[:40] or 'unknown'}_{identity}.{row['extension']}",
        "url": url + (f"#{row['member']}" if row["member"] else ""), "captured": capture.get("captured") or row["captured"],
        "unit": unit, "year": year, "landing": row["landing"] if row["landing"] != url else "", "via": row["via"],
        "vantage": row["vantage"] or "", "record_id": row["record_id"] or "", "digest": row["digest"], "member": row["member"],
        "cells": row["cells"],
    }  # fmt: skip


def _written(path: Path, archive: Archive, report: Row) -> str:
    """The hash of the file of a report, which is written where it is not there."""
    if not path.exists():
        body = archive.read(report["digest"])
        body = (sliced_content(body) or body) if report["via"] == "cc" else body
        write_whole(path, dict(members(body))[report["member"]] if report["member"] else body)
    return sha256(path.read_bytes()).hexdigest()


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV in UTF-8, row by row, and put it in place at once."""
    aside = path.with_name(f".{path.name}.tmp")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(aside, path)


class Expected(NamedTuple):
    """A unit of which a report is expected; ``year`` None: of every year in question."""

    unit: str
    year: int | None = None


def coverage_rows(
    ledger: Ledger, *, expected: Sequence[Expected], years: Sequence[int], vantage: str, today: date
) -> Iterator[tuple[str, int | str, str, str, str]]:
    """One row a unit and year: unit, year, status, reason, vantage."""
    ledger.write("DELETE FROM known")
    ledger.write(
        "INSERT OR IGNORE INTO known SELECT unit, coalesce(year, 0), 'found', '' FROM reports WHERE unit <> ''"
    )
    ledger.write(
        "INSERT OR IGNORE INTO known SELECT unit, year, 'listed_not_fetched', reason FROM missed WHERE unit <> ''"
    )
    seeds = ledger.all("SELECT * FROM seed_states")
    first, last = (
        ledger.value(
            f"SELECT {side}(year) FROM (SELECT year FROM known WHERE year > 0 UNION SELECT year + 0 FROM seeds WHERE year GLOB '20[0-9][0-9]')"
        )
        for side in ("min", "max")
    )
    span: Sequence[int | None] = years or (range(first, last + 1) if first else [None])
    units = [row["unit"] for row in ledger.all("SELECT unit FROM known UNION SELECT unit FROM seeds WHERE unit <> ''")]
    same = _Names(units)
    if not expected:
        # A site of which no unit is known yet still has a state.
        nameless = [
            seed for seed in seeds if not seed["unit"] and seed["status"] not in ("not_listed", "list_incomplete")
        ]
        expected = [
            Expected(unit) for unit in dict.fromkeys([*units, *(seed["place"] or seed["site"] for seed in nameless)])
        ]
    for want in sorted(set(expected), key=lambda want: (want.unit, want.year or 0)):
        names = same.of(want.unit)
        query = f"SELECT status, reason FROM known WHERE unit IN ({', '.join('?' * len(names))}) AND year = ? ORDER BY status LIMIT 1"
        proved: tuple[str, str] | None = None
        for year in [want.year] if want.year else span:
            row = ledger.one(query, *names, year or 0)
            if row is not None:
                status, reason = row["status"], row["reason"]
            else:
                proved = proved or _proved(want.unit, names, seeds)
                status, reason = _missing(want.unit, year, proved, today)
            yield want.unit, year or "", status, reason, vantage


class _Names:
    """Units under the longer and shorter names that lists and reports give them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._backwards = sorted(name[::-1] for name in self._names)

    def _longer(self, ending: str) -> list[str]:
        """The names that end so and are longer; two are enough."""
        start = bisect_left(self._backwards, ending[::-1])
        near = (name[::-1] for name in self._backwards[start : start + 3])
        return [name for name in near if name.endswith(ending) and name != ending]

    def of(self, unit: str) -> list[str]:
        """The names that mean the unit; an ending that two units share means neither."""
        shorter = [unit[start:] for start in range(1, len(unit) - 2) if unit[start:] in self._names]
        close = self._longer(unit) if len(unit) > 2 else []
        close += [name for name in shorter if len(self._longer(name)) == 1 or unit not in self._names]
        return [unit, *(close if len(close) == 1 else ())]


def _proved(unit: str, names: Sequence[str], seeds: Sequence[Row]) -> tuple[str, str]:
    """What the seeds for a unit prove of a report that no list names, and why."""
    own_seeds = [seed for seed in seeds if unit in (seed["unit"], seed["place"], seed["site"]) or seed["unit"] in names]
    responsible = own_seeds or [seed for seed in seeds if not seed["unit"] and _covers(seed["place"], unit)]
    states = [(seed["status"], seed["reason"]) for seed in responsible]
    return min(states, key=lambda state: _ORDER.index(state[0]), default=("no_seed", "no seed is for this unit"))


def _missing(unit: str, year: int | None, proved: tuple[str, str], today: date) -> tuple[str, str]:
    """The status of a report that no list names, and why."""
    if year and proved[0] != "no_seed":
        due = deadline(year, resolve(unit, year).organ_kind) or date(year + 1, 3, 31)
        if due >= today:
            return "not_due", f"due on {due.isoformat()}"
    return proved if year or proved[0] != "not_listed" else ("list_incomplete", "no year is asked for")


def _covers(place: str, unit: str) -> bool:
    """Whether a seed for a place may list a unit: it says nothing of places, or the unit lies there."""
    code = place if re.fullmatch(r"\d{6}", place) else resolve(place).code if place else None
    if code is None:
        return True
    lies_in = resolve(unit, hint=place).code
    return lies_in is not None and lies_in.startswith(re.sub(r"(?:0000|00)$", "", code))
