"""Codes of one year as codes of another: renamed, moved, merged and divided divisions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from giakit.errors import UnknownChoice
from giakit.places.gazetteer import LAST_YEAR, Division, by_code, direct_successors, spell

_FIRST_YEAR = 1981


class _Heir(NamedTuple):
    code: str
    year: int | None


def harmonise(
    codes: Iterable[str], to_year: int = LAST_YEAR, *, from_year: int | Iterable[int] | None = None
) -> pd.DataFrame:
    """Maps codes to the divisions that hold their territory in another, later year.

    Parameters
    ----------
    codes : iterable of str
        Six-digit codes; missing ones are left out.
    to_year : int
        The year of the codes wanted, as at 31 December.
    from_year : int or iterable of int, optional
        The year in which each code was used: partial transfers after it count too, and a code that was given
        twice is read rightly. By default the last year in which the code was in force.

    Returns
    -------
    DataFrame
        One row a distinct code (and year) and heir: `code`, `name`, `from_year` (Int64), `to_code`, `to_name`,
        `changed` (Int64, year of the last change), `relation` (``same``, ``renamed``, ``moved``, ``divided``,
        ``not_yet`` where the code is younger than `to_year`, ``unknown``), `one_to_many` and `many_to_one` (bool).
        The table has no shares of population: a divided code cannot be allotted without outside data.

    Raises
    ------
    UnknownChoice
        If `to_year` lies outside the table.

    Examples
    --------
    >>> from giakit.places import harmonise
    >>> harmonise(["510124", "341400"])[["code", "to_code", "one_to_many"]].values.tolist()
    [['510124', '510117', False], ['341400', '340100', True], ['341400', '340200', True], ['341400', '340500', True]]
    """
    if not _FIRST_YEAR <= to_year <= LAST_YEAR:
        raise UnknownChoice("to_year", to_year, (f"{_FIRST_YEAR} to {LAST_YEAR}",))
    given = list(codes)
    years = [from_year] * len(given) if from_year is None or isinstance(from_year, int) else list(from_year)
    pairs = {
        (str(code), None if pd.isna(year) else int(year)): None
        for code, year in zip(given, years, strict=True)
        if not pd.isna(code)
    }
    rows = [row for code, year in pairs for row in _mapped(code, year, to_year)]
    columns = ["code", "name", "from_year", "to_code", "to_name", "changed", "relation"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.astype(
        {
            "from_year": "Int64",
            "changed": "Int64",
            **dict.fromkeys(["code", "name", "to_code", "to_name", "relation"], "str"),
        }
    )
    frame["one_to_many"] = frame.duplicated(["code", "from_year"], keep=False)
    heirs = frame.drop_duplicates(["code", "to_code"])
    shared = heirs.loc[heirs.duplicated("to_code", keep=False) & heirs["to_code"].notna(), "to_code"]
    frame["many_to_one"] = frame["to_code"].isin(shared)
    return frame


def successor(code: str, to_year: int = LAST_YEAR) -> str:
    """The one code that continues a code, else the code itself.

    A division that was absorbed by one that stood already is not continued by it.

    >>> from giakit.places.succession import successor
    >>> successor("510124"), successor("341400"), successor("371200")
    ('510117', '341400', '371200')
    """
    heirs = _heirs(code, None, to_year)
    if len(heirs) != 1 or heirs[0].year is None:
        return code
    heir, year = heirs[0].code, heirs[0].year
    stood = any(row.in_force(year - 1) for row in by_code()[heir])
    return code if stood and heir != code else heir


def _mapped(code: str, year: int | None, to_year: int) -> list[tuple[object, ...]]:
    start = spell(code, year)
    if start is None:
        return [(code, None, year, None, None, None, "unknown")]
    heirs = _heirs(code, year, to_year)
    if not heirs:
        return [(code, start.name, year, None, None, None, "not_yet" if start.since > to_year else "unknown")]
    rows: list[tuple[object, ...]] = []
    for heir in heirs:
        target = spell(heir.code, to_year)
        name = target.name if target else None
        same = "same" if name == start.name else "renamed"
        relation = "divided" if len(heirs) > 1 else same if heir.code == code else "moved"
        rows.append((code, start.name, year, heir.code, name, heir.year, relation))
    return rows


@lru_cache(maxsize=8192)
def _heirs(code: str, from_year: int | None, to_year: int) -> tuple[_Heir, ...]:
    start = spell(code, from_year)
    if start is None or start.since > to_year:
        return ()
    found: dict[str, _Heir] = {}
    front: list[tuple[Division, int | None, int | None]] = [(start, from_year, None)]
    seen: set[Division] = set()
    while front:
        division, since, changed = front.pop()
        if division in seen:
            continue
        seen.add(division)
        if division.in_force(to_year):
            found.setdefault(division.code, _Heir(division.code, changed))
            continue
        for heir, year in _next(division, since):
            following = next((row for row in by_code().get(heir, ()) if row.in_force(year)), None)
            if following:
                front.append((following, year, year))
    return tuple(found[key] for key in sorted(found))


def _next(division: Division, since: int | None) -> list[tuple[str, int]]:
    """The heirs of a division that is gone: its own code if it lives on, the heirs at its end, later partial ones."""
    if division.until is None:
        return []
    if any(row.since == division.until for row in by_code()[division.code]):
        return [(division.code, division.until)]
    heirs = list(direct_successors(division))
    if since is not None:
        for change in division.changes.split(";"):
            code, _, year = change.partition("[")
            if year and int(year.rstrip("]")) > since:
                heirs.append((code, int(year.rstrip("]"))))
    return heirs
