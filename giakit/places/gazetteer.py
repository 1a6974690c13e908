"""The table of administrative divisions with their years, the zones without a code of their own, and the indexes over their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from giakit.data import rows

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
    spells_of: dict[str, list[Division]] = {}
    for division in sorted(divisions(), key=lambda row: row.since):
        spells_of.setdefault(division.code, []).append(division)
    return {code: tuple(spells) for code, spells in spells_of.items()}


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
    return Index(*({name: tuple(rows) for name, rows in table.items()} for table in (standing, full, short, roots)))


def _rows(name: str) -> list[list[str]]:
    return [list(row.values()) for row in rows("places", name)]


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
    codes = [code for code in division.changes.split(";") if code and "[" not in code]
    if not codes and division.level == "prefecture":
        ended = (
            row
            for row in divisions()
            if row.level == "county" and row.code[:4] == division.code[:4] and row.until == division.until
        )
        heirs = (code for row in ended for code in row.changes.split(";") if code and "[" not in code)
        codes = sorted({code[:4] + "00" for code in heirs} & by_code().keys())
    return tuple((code, division.until) for code in dict.fromkeys(codes))


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


#: What makes a name that of a zone, at the start of what follows a place.
_KINDS = (
    "经济技术开发区|经济开发区|高新技术产业开发区|高新技术产业园区|高新技术开发区|高技术产业开发区|高新技术产业园|开发区|"
    "经开区|高新区|高新园区|工业园区|工业集中区|产业园区|产业园|工业园|工业区|产业集中区|科技产业园区|科技园区|科技园|科技城|科学城|综合保税区|"
    "保税港区|保税区|出口加工区|旅游度假区|度假区|风景名胜区|风景区|旅游区|景区|生态区|新区|示范区|试验区|实验区|先行区|"
    "合作区|自贸区|管理区|集聚区|聚集区|功能区|商务区|港务区|港区|园区|新城(?!区)|投资区|创新区|起步区|文旅区"
)
_ZONE = re.compile(
    rf"^((?:(?!局|委|厅|政府|办公室|街道|镇|社区).){{0,12}}?(?:{_KINDS}))(?!块|域)"
    r"((?:[\u4e00-\u9fff]{2,6}?(?:片区|区块))?)"
)
#: Zones that counties name after themselves: their name without 县 or 区 is theirs.
_COMMON = re.compile(
    r"(?:国家级?|省级|沿海|旅游|现代|农业|循环|生态|化工|高端|新型)*"
    r"(?:经济技术开发区|经济开发区|高新技术产业开发区|高新技术开发区|高新技术产业园区|高新区|经开区|工业园区|工业集中区|开发区)"
)
_SCENIC = re.compile(r"风景|景区|旅游区|度假区")
_CORPS = re.compile(r"^(?:新疆)?(?:生产建设)?(?:兵团)?(第?[一二三四五六七八九十]{1,3}师)")


class Area(NamedTuple):
    """A zone: its name, the smallest division that surely contains it, and its tier."""

    name: str
    within: str
    tier: str
    note: str


@cache
def areas() -> dict[str, Area]:
    """Names and aliases of the areas in the table."""
    named: dict[str, Area] = {}
    for row in rows("places", "areas.csv"):
        area = Area(row["name"], row["within"], row["tier"], row["note"])
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            named[name] = area
    return named


class Zone(NamedTuple):
    """A zone recognised by its kind: its words, the 片区 named after them, and what follows.

    `common` marks the kinds that a county names after itself, `scenic` those that cross boundaries.
    """

    name: str
    part: str
    rest: str
    scenic: bool
    common: bool


def zone_at_start(text: str) -> Zone | None:
    """The zone with which a text begins, recognised by its kind.

    >>> from giakit.places.gazetteer import zone_at_start
    >>> zone_at_start("高新区沟赵办事处").rest
    '沟赵办事处'
    """
    if not ("区" in text or "园" in text or "城" in text):
        return None
    match = _ZONE.match(text)
    if match is None:
        return None
    name, part = match[1], match[2]
    inner = part.removesuffix("片区").removesuffix("区块")
    scenic, common = _SCENIC.search(name) is not None, _COMMON.fullmatch(name) is not None
    return Zone(name + part, inner, text[match.end() :], scenic, common)


@cache
def corps_cities() -> dict[str, str]:
    """Divisions of the Xinjiang corps and the codes of their cities ('' where there is none)."""
    return {row["division"]: row["city"] for row in rows("places", "corps.csv")}


def corps_division(text: str) -> tuple[str, str] | None:
    """The corps division with which a text begins, and what follows.

    >>> from giakit.places.gazetteer import corps_division
    >>> corps_division("新疆生产建设兵团第八师石河子市")
    ('第八师', '石河子市')
    """
    match = _CORPS.match(text)
    if match is None:
        return None
    number = match[1] if match[1].startswith("第") else "第" + match[1]
    return (number, text[match.end() :]) if number in corps_cities() else None
