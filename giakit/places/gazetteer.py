"""The table of administrative divisions with their years, and the indexes over its names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

#: The last year that the division table covers, as at 31 December.
LAST_YEAR = 2024
#: Names of districts long gone that are ordinary words today: read as places only after their city.
WORDS = frozenset(("新区", "郊区", "城区", "矿区", "东区", "西区", "南区", "北区", "市区"))
#: The Regulations took effect in 2008: divisions gone before matter only where nothing else bears the name.
FIRST_REPORTS = 2007

_PEOPLES = re.compile(
    r"(?:各族|回族|满族|蒙古族|蒙古|朝鲜族|达斡尔族|鄂温克族|藏族|羌族|彝族|苗族|侗族|布依族|仡佬族|土家族|壮族|瑶族|"
    r"仫佬族|毛南族|水族|黎族|畲族|白族|哈尼族|傣族|景颇族|傈僳族|佤族|拉祜族|布朗族|纳西族|普米族|怒族|独龙族|土族|"
    r"撒拉族|保安族|东乡族|裕固族|哈萨克族|哈萨克|柯尔克孜族|柯尔克孜|锡伯族|锡伯|塔吉克族|塔吉克)+$"
)
_AUTONOMOUS = re.compile(r"自治(州|县|旗)$")
_DISTRICT_OF_PEOPLE = re.compile(r"(?:回族|达斡尔族)区$")
_SUFFIX = re.compile(r"(?:自治区|特别行政区|行政区|自治区|地区|新区|林区|特区|省|市|州|盟|县|区|旗)$")
#: 伊犁 is a prefecture with two prefectures of its own below it.
_ALSO_UNDER = {"6540": ("6542", "6543")}


class Division(NamedTuple):
    """One division in one spell of years; `until` is the first year without it, None while in force."""

    code: str
    name: str
    province: str
    prefecture: str
    level: str
    since: int
    until: int | None
    changes: str

    def in_force(self, year: int | None) -> bool:
        """Whether the division stood on 31 December of the year (None: on the table's last day)."""
        if year is None:
            return self.until is None
        return self.since <= year and (self.until is None or year < self.until)


class Index(NamedTuple):
    """Names to divisions: full names, those with a bearer in force, short forms, bare roots (南阳)."""

    standing: dict[str, tuple[Division, ...]]
    full: dict[str, tuple[Division, ...]]
    short: dict[str, tuple[Division, ...]]
    roots: dict[str, tuple[Division, ...]]


@cache
def divisions() -> tuple[Division, ...]:
    """Every row of the division table."""
    return tuple(
        Division(code, name, province, prefecture, level, int(since), int(until) if until else None, changes)
        for code, name, province, prefecture, level, since, until, changes in _rows("divisions.csv")
    )


@cache
def by_code() -> dict[str, tuple[Division, ...]]:
    """The spells of each code, oldest first."""
    found: dict[str, list[Division]] = {}
    for division in sorted(divisions(), key=lambda row: row.since):
        found.setdefault(division.code, []).append(division)
    return {code: tuple(spells) for code, spells in found.items()}


def spell(code: str, year: int | None = None) -> Division | None:
    """The division that bore the code in the year, else its last spell."""
    spells = by_code().get(code)
    if not spells:
        return None
    return next((division for division in spells if division.in_force(year)), spells[-1])


@cache
def index() -> Index:
    """The names of all divisions, built once."""
    full: dict[str, list[Division]] = {}
    short: dict[str, list[Division]] = {}
    roots: dict[str, list[Division]] = {}
    provinces = {row[0]: row[2] for row in _rows("provinces.csv")}
    for division in divisions():
        full.setdefault(division.name, []).append(division)
        root = division.name
        if match := _AUTONOMOUS.search(root):
            root = _PEOPLES.sub("", root[: match.start()])
            for form in (root + match[1], root + match[0]) if root else ():
                short.setdefault(form, []).append(division)
        elif match := _DISTRICT_OF_PEOPLE.search(root):
            short.setdefault(root[: match.start()] + "区", []).append(division)
            root = root[: match.start()]
        else:
            root = provinces.get(division.code) or _SUFFIX.sub("", root)
        if len(root) > 1:
            roots.setdefault(root, []).append(division)
    for alias, name in _rows("aliases.csv"):
        short.setdefault(alias, []).extend(full[name])
    for root, name in _rows("roots.csv"):
        roots[root] = full[name]
    standing = {name: rows for name, rows in full.items() if any(row.until is None for row in rows)}
    return Index(
        *({name: tuple(rows) for name, rows in table.items()} for table in (standing, full, short, roots))
    )


def _rows(name: str) -> list[list[str]]:
    text = (files("giakit.places") / "data" / name).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))[1:]


def under(child: str, parent: str) -> bool:
    """Whether the code of one division lies inside another's.

    >>> from giakit.places.gazetteer import under
    >>> under("411303", "411300"), under("411303", "411303"), under("654201", "654000")
    (True, False, True)
    """
    if child == parent or child[:2] != parent[:2]:
        return False
    if parent[2:] == "0000":
        return True
    if parent[4:] != "00":
        return False
    return child[:4] == parent[:4] or child[:4] in _ALSO_UNDER.get(parent[:4], ())


@lru_cache(maxsize=8192)
def ancestors(code: str) -> tuple[str, ...]:
    """The codes above one code, province first, only those that are divisions."""
    above = [code[:2] + "0000", code[:4] + "00"]
    above += [parent + "00" for parent, children in _ALSO_UNDER.items() if code[:4] in children]
    return tuple(sorted({other for other in above if other != code and other in by_code()}))


def lowest_common(codes: Iterable[str]) -> str | None:
    """The smallest division that contains all of the codes, or None across provinces."""
    chains = [{*ancestors(code), code} for code in codes]
    shared = set.intersection(*chains) if chains else set()
    return max(shared, key=lambda code: len(ancestors(code)), default=None)


def direct_successors(division: Division) -> tuple[tuple[str, int], ...]:
    """Where a division's territory went: (code, year of the change), without partial losses before its end.

    Of a prefecture the table names none; its successors are those of the counties that ended with it.
    """
    if division.until is None:
        return ()
    found = [code for code in division.changes.split(";") if code and "[" not in code]
    if not found and division.level == "prefecture":
        ended = (
            row
            for row in divisions()
            if row.level == "county" and row.code[:4] == division.code[:4] and row.until == division.until
        )
        heirs = (code for row in ended for code in row.changes.split(";") if code and "[" not in code)
        found = sorted({code[:4] + "00" for code in heirs} & by_code().keys())
    return tuple((code, division.until) for code in dict.fromkeys(found))


def reaches(division: Division, code: str) -> bool:
    """Whether a chain of successors leads from the division to the code."""
    seen: set[str] = set()
    front = [division]
    while front:
        current = front.pop()
        for heir, year in direct_successors(current):
            if heir == code:
                return True
            if heir not in seen:
                seen.add(heir)
                following = spell(heir, year)
                front += [following] if following else []
    return False


def choose(rows: Sequence[Division], year: int | None) -> tuple[Division, ...]:
    """The rows that a name can mean in a year: those in force, else the last heirs of each line.

    >>> from giakit.places.gazetteer import choose, index
    >>> [row.code for year in (2014, None) for row in choose(index().full["简阳市"], year)]
    ['512081', '510185']
    """
    if len(rows) == 1:
        return tuple(rows)
    standing = {row.code: row for row in rows if row.in_force(year)}
    if standing:
        return tuple(standing.values())
    recent = [row for row in rows if row.until is None or row.until >= FIRST_REPORTS] or rows
    last = {row.code: row for row in sorted(recent, key=lambda row: row.since)}
    heirs = [row for row in last.values() if not any(reaches(row, code) for code in last if code != row.code)]
    return tuple(heirs) or tuple(last.values())[-1:]
