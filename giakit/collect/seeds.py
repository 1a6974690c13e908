"""Where to begin: seeds as they are given, the portals that are known for places, and folders saved by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from giakit import data
from giakit.collect.archive import seconds
from giakit.collect.coverage import Expected, write_csv
from giakit.collect.crawl import CLOSED, index_address
from giakit.collect.discover import normal, site_name, unit_of, year_of
from giakit.errors import GiakitError, MissingColumns, UnknownChoice, UnreadableDocument
from giakit.panel.source import list_source, path_text
from giakit.places.resolver import resolve

KINDS = ("auto", "page", "list", "site", *CLOSED)
COLUMNS = ("url", "kind", "unit", "place", "year", "note")
Seeds: TypeAlias = "str | os.PathLike[str] | Iterable[Mapping[str, Any] | str] | Any"


def _rows(given: Any) -> list[dict[str, str]]:
    """The rows of a CSV, a frame, or a sequence of rows or addresses, as texts; a year that a frame made a fraction is one again."""
    if isinstance(given, (str, os.PathLike)):
        rows: list[Any] = data.written_table(Path(given))[1]
    else:
        rows = given.to_dict("records") if hasattr(given, "to_dict") else list(given)
    named = ({"url": row} if isinstance(row, (str, os.PathLike)) else row for row in rows)
    return [
        {
            name: "" if value is None or value != value else re.sub(r"^(20\d\d)\.0$", r"\1", str(value).strip())
            for name, value in row.items()
        }
        for row in named
    ]


def read_seeds(given: Seeds) -> list[dict[str, str]]:
    """The seeds of a CSV, a frame, or a sequence of rows or addresses, each with its site.

    Raises
    ------
    MissingColumns
        If a row has no `url`.
    UnknownChoice
        If a kind is not known, or an address is none.
    """
    seeds = [{column: row.get(column, "") for column in COLUMNS} for row in _rows(given)]
    seeds = [seed for seed in seeds if any(seed.values())]
    if not seeds or not all(seed["url"] for seed in seeds):
        raise MissingColumns(os.fspath(given) if isinstance(given, (str, os.PathLike)) else "seeds", ["url"])
    return [{**seed, **_addressed(seed)} for seed in seeds]


def _addressed(seed: Mapping[str, str]) -> dict[str, str]:
    kind = seed["kind"].lower() or "auto"
    if kind not in KINDS:
        raise UnknownChoice("kind", seed["kind"], KINDS)
    if kind == "warc" or (
        re.search(r"(?i)\.(?:warc(?:\.gz)?|wacz)$", seed["url"]) and not seed["url"].startswith("http")
    ):
        path = os.path.abspath(seed["url"].removeprefix("file://"))
        return {"kind": "warc", "url": path, "site": f"file:{path}"}
    given = seed["url"] if "://" in seed["url"] else f"http://{seed['url']}"
    url = normal(index_address(given, kind) if kind in CLOSED else given)
    if not url:
        raise UnknownChoice("url", seed["url"], ["an address that begins with http:// or https://"])
    return {"kind": kind, "url": url, "site": site_name(url)}


def read_expected(given: Any) -> list[Expected]:
    """Units, or units and years, of which reports are expected: a CSV or a frame with the column `unit`."""
    rows = [] if given is None else _rows(given)
    if any("unit" not in row for row in rows):
        raise MissingColumns(str(given) if isinstance(given, (str, os.PathLike)) else "expected", ["unit"])
    return [
        Expected(row["unit"], int(year) if re.fullmatch(r"20\d\d", year := row.get("year", "")) else None)
        for row in rows
    ]


def read_years(given: str | Iterable[int] | None) -> list[int]:
    """Years as ``2019-2024``, ``2019,2021`` or numbers.

    >>> read_years("2019-2021"), read_years([2023])
    ([2019, 2020, 2021], [2023])
    """
    if given is None:
        return []
    if not isinstance(given, str):
        return sorted({int(year) for year in given})
    years: set[int] = set()
    for part in given.split(","):
        match = re.fullmatch(r"\s*(20\d\d)\s*(?:[-–:]\s*(20\d\d))?\s*", part)
        if not match:
            raise UnknownChoice("years", given, ["2019-2024", "2019,2021"])
        years |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(years)


def portal_seeds(places: Iterable[str]) -> list[dict[str, str]]:
    """Seeds of the portals that are known for places.

    Parameters
    ----------
    places : iterable of str
        Names or division codes; a province stands for all of its portals.

    Returns
    -------
    list of dict
        The columns of a SEEDS.csv: url, kind, unit, place, year, note.

    Raises
    ------
    UnknownChoice
        If a name is no place, or no portal is known for it.

    Examples
    --------
    >>> [seed["url"] for seed in portal_seeds(["合肥市"])]
    ['https://www.hefei.gov.cn/']
    """
    portals = data.rows("collect", "portals.csv")
    provinces = {row["province"].lower(): f"{row['code'][:2]}0000" for row in portals if row["code"]}
    english = {row["english"].lower(): row["code"] for row in reversed(portals) if row["code"]}
    chosen: dict[str, dict[str, str]] = {}
    for name in places:
        code = (
            provinces.get(name.lower())
            or english.get(name.lower())
            or (name if re.fullmatch(r"\d{6}", name) else resolve(name).code)
        )
        known = [row for row in portals if code and row["code"].startswith(re.sub(r"(?:0000|00)$", "", code))]
        if not known:
            raise UnknownChoice("place", name, sorted({row["name"] for row in portals})[:20])
        chosen |= {
            row["url"]: {
                "url": row["url"],
                "kind": "site",
                "unit": "",
                "place": row["code"],
                "year": "",
                "note": row["name"],
            }
            for row in known
        }
    return list(chosen.values())


def draft_sources(folder: Path) -> tuple[Path, Path]:
    """Draft ``sources.csv`` and ``units.csv`` for a folder that was saved by hand, to be looked over by a person.

    Returns
    -------
    (path, path)
        The two files. What stands in them is what the reports say; where one says nothing, its name or nothing.

    Raises
    ------
    UnknownChoice
        If one of the files is there: it may hold work.
    UnreadableDocument
        If there is no such folder.
    """
    from giakit.reading.report import read

    made = folder / "sources.csv", folder / "units.csv"
    if any(path.exists() for path in made):
        raise UnknownChoice("sources", folder, ["a folder without sources.csv and units.csv"])
    if not folder.is_dir():
        raise UnreadableDocument(str(folder), "there is no such folder")
    listing = list_source(folder)
    rows, units = [], set()
    for name in listing.files:
        path = Path(os.fsdecode(listing.path(name)))
        unit, year, url, note = unit_of(path.stem), year_of(path.stem), "", ""
        try:
            report = read(path)
            unit, year, url = report.unit or unit, report.year or year, report.record.metadata.get("url", "")
        except GiakitError as error:
            note = str(error)
        rows.append(
            (
                path_text(name),
                url,
                seconds(path.stat().st_mtime),
                sha256(path.read_bytes()).hexdigest(),
                unit or "",
                year or "",
                note,
            )
        )
        if unit:
            units.add((unit, resolve(unit, year).code or ""))
    write_csv(made[0], ("path", "url", "captured", "sha256", "unit", "year", "note"), rows)
    write_csv(made[1], ("unit", "place_code"), sorted(units))
    return made
