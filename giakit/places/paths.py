"""Brings a name into the one form in which it is compared, and reads the chain of places with which it begins or that hides in its organ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from giakit.data import text as text_of
from giakit.places.gazetteer import (
    FIRST_REPORTS,
    WORDS,
    Area,
    Division,
    Zone,
    areas,
    choose,
    index,
    lowest_common,
    reaches,
    spell,
    under,
    zone_at_start,
)
from giakit.places.organs import TOWN, WORDS_WITH_CITY, classify

_PLAIN = re.compile(r"[\u4e00-\u9fff]+")
_NOISE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad《》〈〉“”‘’\"'「」『』【】\[\]·•．:;,。、，：；_|~!?*#-]+")
_TITLE = re.compile(
    r"(?:的)?(?:(?:19|20)\d\d年?(?:年?度)?)?(?:(?<!人民)政府)?(?:信息|政务)公开(?:工作)?(?:年度)?(?:工作)?(?:报告|年报).*$"
)
_LEAD = re.compile(r"^(?:关于)?(?:(?:19|20)\d\d年?(?:年?度)?)?(?=[\u4e00-\u9fff])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DIRECT = re.compile(r"(?<=[省区])(?:省|自治区)?(?:直辖|直管)县级(?:市|行政区划|行政单位)?")
_TRADE_ZONE = re.compile(r"^中国\(([^()]+)\)(?=自由贸易|自贸|跨境)")


@cache
def _simplified() -> tuple[re.Pattern[str], dict[int, str]]:
    """The traditional characters that occur in names: one pattern over all, and their simplified forms."""
    text = text_of("places", "traditional.txt")
    pairs = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    simple = {ord(traditional): simplified for traditional, simplified in pairs}
    return re.compile(f"[{''.join(map(chr, simple))}]"), simple


def normalise(name: str) -> tuple[str, str]:
    """The name for comparison, and what stood in brackets.

    Parameters
    ----------
    name : str
        A name as printed: full-width, traditional, spaced, or inside the title of a report.

    Returns
    -------
    tuple of (str, str)
        The name without spaces, brackets and title; the contents of the brackets, joined by spaces.

    Examples
    --------
    >>> from giakit.places.paths import normalise
    >>> normalise("２０２４年 南陽市臥龍區商務局（區政府）政府信息公开工作年度报告")
    ('南阳市卧龙区商务局', '区政府')
    """
    text = name
    if not _PLAIN.fullmatch(text):
        text = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    traditional, simplified = _simplified()
    if traditional.search(text):
        text = text.translate(simplified)
    if "公开" in text:
        text = _TITLE.sub("", text)
    if text[:2] == "关于" or text[:1].isdigit():
        text = _LEAD.sub("", text)
    if "县级" in text:
        text = _DIRECT.sub("", text)
    notes = ""
    if "(" in text:
        text = _TRADE_ZONE.sub(r"\1", text)
        notes = " ".join(_BRACKETS.findall(text))
        text = _BRACKETS.sub("", text)
    return text.strip("()"), notes


#: 区 before these belongs to 区块 or 区域, not to a place.
_NOT_AFTER_DISTRICT = ("域", "块", "划", "间")
_AFTER_CITY = ("场", "容", "民", "政")
_PROVINCE_ORGANS = ("厅", "办公厅", "总队", "监管局", "银保监局", "证监局", "省")


class Path(NamedTuple):
    """Where a name begins: the divisions its last place can be, a zone inside them, the remaining words."""

    rows: tuple[Division, ...]
    rest: str
    named: tuple[str, ...] = ()
    area: Area | None = None
    bare: bool = False
    unsure: bool = False


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """For the first two characters of names: the lengths of those names, longest first."""
    lengths_of: dict[str, set[int]] = {}
    for name in names:
        lengths_of.setdefault(name[:2], set()).add(len(name))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in lengths_of.items()}


@cache
def _division_lengths() -> dict[str, tuple[int, ...]]:
    return _lengths([*index().full, *index().short])


@cache
def _area_lengths() -> dict[str, tuple[int, ...]]:
    return _lengths(areas())


def match(text: str, parents: Sequence[Division]) -> tuple[int, tuple[Division, ...]] | None:
    """The longest division name at the start of a text, inside the parents if there are any.

    An official name outranks a short form of another division while some bearer of it is in force.
    """
    names = index()
    for length in _division_lengths().get(text[:2], ()):
        piece = text[:length]
        if len(piece) < length or (piece in WORDS and not parents and piece not in names.standing):
            continue
        rows = names.standing.get(piece) or names.full.get(piece, ()) + names.short.get(piece, ())
        if rows and parents:
            rows = tuple([row for row in rows for parent in parents if under(row.code, parent.code)])
        if rows and (not _cuts_a_word(piece, text[length : length + 2]) or match(text[length:], rows)):
            return length, rows
    return None


def _cuts_a_word(piece: str, rest: str) -> bool:
    if piece[-1] == "市":
        return rest[:1] in _AFTER_CITY and WORDS_WITH_CITY.match("市" + rest) is not None
    return piece[-1] == "区" and rest[:1] in _NOT_AFTER_DISTRICT


def area_at_start(text: str, parents: Sequence[Division]) -> tuple[int, Area] | None:
    """The longest area of the table at the start of a text, in the province of the parents."""
    known = areas()
    for length in _area_lengths().get(text[:2], ()):
        area = known.get(text[:length]) if len(text) >= length else None
        if area and (not parents or any(_related(area.within, parent.code) for parent in parents)):
            return length, area
    return None


def _related(code: str, other: str) -> bool:
    return code == other or under(code, other) or under(other, code)


def walk(text: str, year: int | None, *, system: bool = False) -> Path:
    """The places with which a text begins.

    Parameters
    ----------
    text : str
        A normalised name.
    year : int or None
        The year in which it was used.
    system : bool
        Whether the name of a central body stood before it: then a place may stand without 市 or 县.

    Returns
    -------
    Path

    Examples
    --------
    >>> from giakit.places.paths import walk
    >>> path = walk("南阳市卧龙区商务局", None)
    >>> [row.code for row in path.rows], path.rest
    (['411303'], '商务局')
    """
    path = follow(text, year)
    return path if path.rows or path.area else _bare(text, year, system)


def follow(text: str, year: int | None, parents: tuple[Division, ...] = (), named: tuple[str, ...] = ()) -> Path:
    """The chain of places that a text goes on with, below the parents if there are any."""
    rows = parents
    while text:
        area = area_at_start(text, rows)
        step = match(text, rows)
        if area and area[0] >= (step[0] if step else 0):
            return _past_area(text, year, rows, named, *area)
        if step is None:
            step = _root_between(text, rows)
        if step is None:
            break
        length, rows = step
        named, text = (*named, text[:length]), text[length:]
    return Path(readings(named[-1], rows, year) if rows is not parents else rows, text, named)


def _past_area(
    text: str, year: int | None, rows: tuple[Division, ...], named: tuple[str, ...], length: int, area: Area
) -> Path:
    """A zone ends the chain, unless a division inside it follows (雄安新区雄县)."""
    named, rest = (*named, text[:length]), text[length:]
    around = spell(area.within, year)
    inner = match(rest, (around,)) if around and around.level == "prefecture" else None
    if inner:
        return Path(choose(inner[1], year), rest[inner[0] :], (*named, rest[: inner[0]]))
    return Path(rows, rest, named, area)


def _root_between(text: str, rows: tuple[Division, ...]) -> tuple[int, tuple[Division, ...]] | None:
    """A prefecture without its 市 between its province and its county: 江苏省南京鼓楼区."""
    if not any(row.level == "province" for row in rows):
        return None
    for length in range(min(8, len(text)), 1, -1):
        between = tuple(
            row
            for row in index().roots.get(text[:length], ())
            if row.level == "prefecture" and any(under(row.code, parent.code) for parent in rows)
        )
        if between and match(text[length:], between):
            return length, between
    return None


def readings(name: str, rows: tuple[Division, ...], year: int | None) -> tuple[Division, ...]:
    """What a name can mean in a year, where an official name and a short form of another division coincide.

    An official name in force wins; one that is gone leaves both.
    """
    official = [row for row in rows if row.name == name]
    others = [row for row in rows if row.name != name]
    if not (official and others) or any(row.in_force(year) for row in official):
        return choose(official or others, year)
    both = [
        row
        for row in (*choose(official, year), *choose(others, year))
        if row.until is None or row.until >= FIRST_REPORTS
    ]
    codes = {row.code for row in both}
    kept = {row.code: row for row in both if not any(reaches(row, code) for code in codes if code != row.code)}
    return tuple(kept.values()) or choose(rows, year)


def _bare(text: str, year: int | None, system: bool) -> Path:
    """A place named without 省, 市, 县: accepted only where what follows leaves no doubt."""
    roots = index().roots
    for length in range(min(8, len(text)), 1, -1):
        rows = roots.get(text[:length])
        if rows is None or rows[0].name == text[:length]:
            continue
        rows, rest = _provinces_first(rows), text[length:]
        path = follow(rest, year, rows, (text[:length],))
        if path.area or path.rows is not rows:
            return path._replace(bare=True)
        chosen = choose(rows, year)
        zone = zone_at_start(rest)
        if zone and (zone.common or any(row.level != "county" for row in chosen)):
            return Path(chosen, rest, (text[:length],), bare=True)
        if certain := _with_organ(chosen, rest, system):
            return certain._replace(named=(text[:length],))
    return Path((), text)


def _provinces_first(rows: tuple[Division, ...]) -> tuple[Division, ...]:
    """A province's short name means the province, or what shares the name inside it."""
    province = next((row for row in rows if row.level == "province"), None)
    if province is None:
        return rows
    return (province, *(row for row in rows if under(row.code, province.code)))


def _with_organ(rows: tuple[Division, ...], rest: str, system: bool) -> Path | None:
    """A bare name before a known organ: sure of a province or prefecture, or below it after a system's name."""
    organ = classify(rest)
    vertical = system or organ.kind == "vertical_system"
    if not (vertical or rest == "" or rest[0] == "某" or (organ.exact and not organ.level)):
        return None
    provinces = [row for row in rows if row.level == "province"]
    if provinces and (len(rows) == 1 or rest.endswith(_PROVINCE_ORGANS)):
        return Path((provinces[0],), rest, bare=True)
    if vertical and len(rows) > 1:
        container = lowest_common(row.code for row in rows)
        rows = tuple(row for row in rows if row.code == container) or rows
    if organ.kind in ("subdistrict", "township") and any(row.level == "county" for row in rows):
        return None
    certain = len(rows) == 1 and (rows[0].level != "county" or system)
    return Path(rows, rest, bare=True, unsure=not certain)


def zone_within(zone: Zone, rows: tuple[Division, ...], year: int | None) -> tuple[Division, ...]:
    """The divisions in which a zone lies: the one whose root its name begins with, else those named before it."""
    if zone.part:
        return child(zone.part, rows, year) or rows
    if not zone.scenic:
        for length in range(min(6, len(zone.name) - 2), 1, -1):
            inner = child(zone.name[:length], rows, year)
            if inner:
                return inner
    return rows


def child(word: str, rows: Sequence[Division], year: int | None, *, namesake: bool = False) -> tuple[Division, ...]:
    """The divisions inside the rows that a word names, in full or without 市, 区, 县.

    Where the city has that name too, the word means the part only with `namesake`.

    >>> from giakit.places.gazetteer import index
    >>> from giakit.places.paths import child
    >>> [row.code for row in child("鼓楼", index().full["南京市"], None)]
    ['320106']
    """
    names = index()
    bearers = names.full.get(word) or names.short.get(word) or names.roots.get(word) or ()
    parents = {row.code: row for row in rows}.values()
    inside = [
        row
        for row in bearers
        if any(under(row.code, parent.code) and (namesake or not parent.name.startswith(word)) for parent in parents)
    ]
    return choose(inside, year) if inside else ()


_BRANCH = re.compile(
    r"(?:局|委员会|委|厅|人民政府|总队|支队)"
    r"((?:(?!局|委|厅).){2,}?)"
    r"(?:分局|分中心|监管局|管理局|监督局|分队|支队|大队|办公室|稽查局|所)$"
)
_UNKNOWN_DISTRICT = re.compile(
    r"^(?!市|某)[\u4e00-\u9fff]{2,4}(?<![社库老山小园校景城地辖郊片灾林牧])(?:区|县|旗)(?!块|域|划|间)"
)
_DISTRICT_NAME = re.compile(r"^.{2,}(?:市|区|县|旗)$")


class Part(NamedTuple):
    """The divisions that a word inside an organ's name means, and the organ without it."""

    rows: tuple[Division, ...]
    word: str
    organ: str


def part_of(rest: str, rows: tuple[Division, ...], year: int | None) -> Part | Area | None:
    """The part of a place that an organ's name gives, if it is one that the place has.

    Parameters
    ----------
    rest : str
        What follows the place.
    rows : tuple of Division
        The divisions that the place can be.
    year : int or None
        The year of the name.

    Returns
    -------
    Part, Area or None

    Examples
    --------
    >>> from giakit.places.gazetteer import index
    >>> from giakit.places.paths import part_of
    >>> part_of("公安局荔湾区分局", index().full["广州市"], None).word
    '荔湾区'
    """
    branch = _BRANCH.search(rest)
    if branch and rows[0].level != "county":
        word, office = branch[1], rest[: branch.start(1)]
        for form in (word, word.rstrip("区县市")):
            inside = child(form, rows, year, namesake=True)
            if inside:
                return Part(inside, word, office + "办公室" if office.endswith("人民政府") else office)
        area = _area(word, rows)
        if area:
            return area
    for length in range(min(5, len(rest) - 2), 1, -1):
        inside = child(rest[:length], rows, year)
        organ = classify(rest[length:])
        if inside and organ.exact and organ.known:
            return Part(inside, rest[:length], rest[length:])
    return None


def _area(word: str, rows: tuple[Division, ...]) -> Area | None:
    for name in (word, rows[0].name + word):
        area = area_at_start(name, rows)
        if area and area[0] == len(name):
            return area[1]
    zone = zone_at_start(word)
    if zone and not zone.rest and len(rows) == 1:
        return Area(rows[0].name + word, rows[0].code, "county", "")
    return None


def elsewhere(rest: str, rows: tuple[Division, ...]) -> bool:
    """Whether what follows a place withholds, misplaces or buries a part of it: 某区, a district not in the table.

    >>> from giakit.places.gazetteer import index
    >>> from giakit.places.paths import elsewhere
    >>> elsewhere("和平区教育局", index().full["南京市"]), elsewhere("社区矫正局", index().full["南京市"])
    (True, False)
    """
    if rest[:1] == "某" and len(rest) > 1:
        return True
    kind = classify(rest).kind
    if kind in TOWN:
        return False
    if kind is None and rest[-1:] in ("市", "区", "县", "旗"):
        return True
    begins = match(rest, ())
    if begins and begins[0] > 2 and _DISTRICT_NAME.match(rest[: begins[0]]):
        return True
    if _UNKNOWN_DISTRICT.match(rest):
        return True
    inside = (match(rest[start:], rows) for start in range(1, len(rest) - 2))
    return any(begins is not None and begins[0] > 2 for begins in inside)
