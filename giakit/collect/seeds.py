"""Where to begin: seeds as they are given, the portals that are known for places, and folders saved by hand."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from giakit import data
from giakit.collect.coverage import Expected, write_csv
from giakit.collect.crawl import CLOSED, index_address
from giakit.collect.discover import normal, site_name, unit_of, year_of
from giakit.documents.encoding import decode
from giakit.errors import GiakitError, MissingColumns, UnknownChoice, UnreadableDocument
from giakit.panel.source import list_source, shown
from giakit.places.resolver import resolve

KINDS = ("auto", "page", "list", "site", "warc", "wayback", "cc")
COLUMNS = ("url", "kind", "unit", "place", "year", "note")
Seeds: TypeAlias = "str | os.PathLike[str] | Iterable[Mapping[str, Any] | str] | Any"


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV in UTF-8 or, as Chinese Excel saves it, GB 18030.

    Raises
    ------
    UnreadableDocument
        If there is no such file.
    """
    try:
        text = decode(path.read_bytes())[0].lstrip("\ufeff")
    except OSError as error:
        raise UnreadableDocument(str(path), str(error.strerror or error)) from None
    return [
        {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(value, str) or value is None}
        for row in csv.DictReader(io.StringIO(text))
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
    if isinstance(given, (str, os.PathLike)):
        rows: list[Any] = list(read_table(Path(given)))
        name = os.fspath(given)
    else:
        rows = given.to_dict("records") if hasattr(given, "to_dict") else list(given)
        name = "seeds"
    seeds = []
    for row in rows:
        held = {"url": row} if isinstance(row, (str, os.PathLike)) else row
        seed = {column: _text(held.get(column)) for column in COLUMNS}
        if not any(seed.values()):
            continue
        if not seed["url"]:
            raise MissingColumns(name, ["url"])
        seeds.append({**seed, **_addressed(seed)})
    if not seeds:
        raise MissingColumns(name, ["url"])
    return seeds


def _text(value: Any) -> str:
    text = "" if value is None or value != value else str(value).strip()
    return re.sub(r"^(20\d\d)\.0$", r"\1", text)


def _addressed(seed: Mapping[str, str]) -> dict[str, str]:
    kind = seed["kind"].lower() or "auto"
    if kind not in KINDS:
        raise UnknownChoice("kind", seed["kind"], KINDS)
    if kind == "warc" or (re.search(r"(?i)\.(?:warc(?:\.gz)?|wacz)$", seed["url"]) and not seed["url"].startswith("http")):
        path = os.path.abspath(seed["url"].removeprefix("file://"))
        return {"kind": "warc", "url": path, "site": f"file:{path}"}
    given = seed["url"] if "://" in seed["url"] else f"http://{seed['url']}"
    url = normal(index_address(given, kind) if kind in CLOSED else given)
    if not url:
        raise UnknownChoice("url", seed["url"], ["an address that begins with http:// or https://"])
    return {"kind": kind, "url": url, "site": site_name(url)}


def read_expected(given: Any) -> list[Expected]:
    """Units, or units and years, of which reports are expected: a CSV or a frame with the column `unit`."""
    if given is None:
        return []
    rows = given.to_dict("records") if hasattr(given, "to_dict") else read_table(Path(given))
    if any("unit" not in row for row in rows):
        raise MissingColumns(str(given) if isinstance(given, (str, os.PathLike)) else "expected", ["unit"])
    years = [_text(row.get("year")) for row in rows]
    return [Expected(_text(row["unit"]), int(year) if re.fullmatch(r"20\d\d", year) else None) for row, year in zip(rows, years, strict=True)]


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
        found = re.fullmatch(r"\s*(20\d\d)\s*(?:[-–:]\s*(20\d\d))?\s*", part)
        if not found:
            raise UnknownChoice("years", given, ["2019-2024", "2019,2021"])
        years |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
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
    chosen: dict[str, dict[str, str]] = {}
    for name in places:
        english = [row["code"] for row in portals if name.lower() in (row["english"].lower(), row["province"].lower())]
        code = name if re.fullmatch(r"\d{6}", name) else resolve(name).code or (english[0] if english else None)
        if code is not None and name.lower() in (row["province"].lower() for row in portals):
            code = f"{code[:2]}0000"
        below = "" if code is None else re.sub(r"(?:0000|00)$", "", code)
        known = [row for row in portals if below and row["code"].startswith(below)]
        if not known:
            raise UnknownChoice("place", name, sorted({row["name"] for row in portals})[:20])
        for row in known:
            chosen[row["url"]] = {"url": row["url"], "kind": "site", "unit": "", "place": row["code"], "year": "", "note": row["name"]}
    return list(chosen.values())


def portal_table(places: Iterable[str]) -> str:
    """`portal_seeds` as the text of a SEEDS.csv."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(portal_seeds(places))
    return stream.getvalue()


def draft_sources(folder: Path) -> tuple[Path, Path]:
    """Draft ``sources.csv`` and ``units.csv`` for a folder that was saved by hand, to be looked over by a person.

    Parameters
    ----------
    folder : path

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
    for path in made:
        if path.exists():
            raise UnknownChoice("sources", path, ["a folder without sources.csv and units.csv"])
    if not folder.is_dir():
        raise UnreadableDocument(str(folder), "there is no such folder")
    listing = list_source(folder)
    rows, units = [], set()
    for name in listing.files:
        path = Path(os.fsdecode(listing.path(name)))
        unit, year, url, note = unit_of(path.stem), year_of(path.stem), "", ""
        try:
            report = read(path)
            unit, year = report.unit or unit, report.year or year
            url = report.record.metadata.get("url", "")
        except GiakitError as error:
            note = str(error)
        content = path.read_bytes()
        captured = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append((shown(name), url, captured, sha256(content).hexdigest(), unit or "", year or "", note))
        if unit:
            units.add((unit, resolve(unit, year).code or ""))
    write_csv(made[0], ("path", "url", "captured", "sha256", "unit", "year", "note"), rows)
    write_csv(made[1], ("unit", "place_code"), sorted(units))
    return made
