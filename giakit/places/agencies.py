"""Agencies as they go on over the years: identity through reforms and mergers, and places through their successors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from giakit.errors import UnknownChoice
from giakit.places.gazetteer import LAST_YEAR, Division, by_code, direct_successors, spell
from giakit.places.organs import Known, Reform, known, table
from giakit.places.resolver import Hint, Place, resolve

if TYPE_CHECKING:
    import pandas as pd


_TOWN_TAIL = re.compile(r"(?:办事处|人民政府|政府)?(?:党政)?(?:综合)?(?:办公室|办)?$")

#: The local body of a system itself, not one of the offices below it (税务局第二税务分局).
_LOCAL_BODY = re.compile(r"(?!第)[^局]*[局队行关处]")


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as one and the same through its renamings.

    Attributes
    ----------
    id : str
        Place and policy function: the same before and after a renaming or merger. Predecessors that merged
        share the id of what they became.
    key : str
        As `id`, but a predecessor that was merged keeps a key of its own: use it to tell agencies of one year
        apart.
    place_code : str
        Code of the place, carried forward to 2024 where one division continues it.
    function : str
        Id of the policy function, or the organ's own words where the table does not know it.
    before : str or None
        Id of the predecessor that the name is.
    merged : bool
        Whether a merger lies between this agency and its counterpart on the other side of `break_year`.
    break_year : int or None
        First report year in which the merged agency is usual: figures before and after are not one series.
    reform : Reform or None
        The reform, with its date and source.
    """

    id: str
    key: str
    place_code: str
    function: str
    before: str | None
    merged: bool
    break_year: int | None
    reform: Reform | None


def agency(unit: str | Place, year: int | None = None, *, hint: Hint = None) -> Agency | None:
    """The agency that a name stands for, or None where its place is undecided.

    Parameters
    ----------
    unit : str or Place
        Name of the agency, or what :func:`resolve` made of it.
    year : int, optional
        The year of the report.
    hint : optional
        As for :func:`resolve`.

    Returns
    -------
    Agency or None

    Examples
    --------
    >>> from giakit.places import agency
    >>> old, new = agency("泰州市工商行政管理局", 2015), agency("泰州市市场监督管理局", 2022)
    >>> old.id == new.id, old.key == new.key, old.merged, old.break_year
    (True, False, True, 2019)
    """
    place = unit if isinstance(unit, Place) else resolve(unit, year, hint)
    where = place.code or (place.within if place.area else None)
    if where is None:
        return None
    code = successor(where)
    prefix = f"{code}:{place.area}" if place.area else code
    known_as = _known(place)
    if known_as is None:
        function = _function(place)
        identity = f"{prefix}:{function}"
        return Agency(identity, identity, code, function, None, False, None, None)
    identity = f"{prefix}:{known_as.function.id}"
    before = known_as.before
    reform = before.reform if before and before.merged else _merger(known_as) if before is None else None
    key = f"{identity}@{before.id}" if before and before.merged else identity
    return Agency(
        identity,
        key,
        code,
        known_as.function.id,
        before.id if before else None,
        reform is not None,
        reform.year if reform else None,
        reform or (before.reform if before else None),
    )


def agency_id(unit: str | Place, year: int | None = None, *, hint: Hint = None) -> str | None:
    """Identity of an agency that survives renaming and merger, or None where its place is undecided.

    Parameters
    ----------
    unit, year, hint
        As for :func:`agency`, which also tells whether a merger breaks the series.

    Returns
    -------
    str or None

    Examples
    --------
    >>> from giakit.places import agency_id
    >>> agency_id("郫县国土资源局", 2014), agency_id("成都市郫都区规划和自然资源局", 2022)
    ('510117:natural_resources', '510117:natural_resources')
    """
    agent = agency(unit, year, hint=hint)
    return agent.id if agent else None


def mergers(function: str | None = None) -> pd.DataFrame:
    """The reviewed table of renamings and mergers.

    Parameters
    ----------
    function : str, optional
        Only the predecessors of this policy function.

    Returns
    -------
    DataFrame
        `function`, `predecessor`, `chinese`, `merged` (bool), `year` (Int64, first report year of the
        successor), `date`, `reform`, `source`. Localities carried the reforms out at different times: `year` is
        the usual one.

    Raises
    ------
    UnknownChoice
        If the table has no such function.

    Examples
    --------
    >>> from giakit.places import mergers
    >>> mergers("taxation")["predecessor"].tolist()
    ['national_tax', 'local_tax']
    """
    import pandas as pd

    data = table()
    if function is not None and function not in data.functions:
        raise UnknownChoice("function", function, data.functions)
    rows = [
        (
            old.function,
            old.id,
            old.chinese,
            old.merged,
            old.reform.year,
            old.reform.date,
            old.reform.title,
            old.reform.source,
        )
        for old in data.predecessors
        if function in (None, old.function)
    ]
    columns = ["function", "predecessor", "chinese", "merged", "year", "date", "reform", "source"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64", "merged": "bool"})


def policy_areas() -> pd.DataFrame:
    """Policy areas with Chinese and English names.

    Returns
    -------
    DataFrame
        `policy_area`, `chinese`, `english` (str), `vertical` (bool: run from above).

    Examples
    --------
    >>> from giakit.places import policy_areas
    >>> policy_areas().set_index("policy_area").loc["taxation", "english"]
    'taxation'
    """
    import pandas as pd

    return pd.DataFrame(list(table().functions.values()), columns=["policy_area", "chinese", "english", "vertical"])


def _known(place: Place) -> Known | None:
    known_as = known(place.organ) if place.organ else None
    if (
        known_as is None
        and place.organ_kind == "vertical_system"
        and place.policy_area
        and _LOCAL_BODY.fullmatch(place.organ)
    ):
        return Known(table().functions[place.policy_area], None)
    return known_as


def _function(place: Place) -> str:
    if place.organ_kind in ("government", "general_office", "functional_area_committee"):
        return place.organ_kind
    if place.organ_kind in ("subdistrict", "township"):
        return _TOWN_TAIL.sub("", place.organ) or place.organ
    return place.organ or place.organ_kind or "unknown"


def _merger(known_as: Known) -> Reform | None:
    """The last reform that merged agencies into this function."""
    reforms = [old.reform for old in table().predecessors if old.function == known_as.function.id and old.merged]
    return max(reforms, key=lambda reform: reform.year, default=None)


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

    >>> from giakit.places.agencies import successor
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
    heirs: dict[str, _Heir] = {}
    front: list[tuple[Division, int | None, int | None]] = [(start, from_year, None)]
    seen: set[Division] = set()
    while front:
        division, since, changed = front.pop()
        if division in seen:
            continue
        seen.add(division)
        if division.in_force(to_year):
            heirs.setdefault(division.code, _Heir(division.code, changed))
            continue
        for heir, year in _next(division, since):
            following = next((row for row in by_code().get(heir, ()) if row.in_force(year)), None)
            if following:
                front.append((following, year, year))
    return tuple(heirs[key] for key in sorted(heirs))


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
