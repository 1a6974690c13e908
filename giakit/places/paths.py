"""Reads the chain of places with which a name begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from giakit.places.areas import Area, Zone, areas, zone_at_start
from giakit.places.gazetteer import (
    FIRST_REPORTS,
    WORDS,
    Division,
    choose,
    index,
    lowest_common,
    reaches,
    spell,
    under,
)
from giakit.places.organs import WORDS_WITH_CITY, classify

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
    found: dict[str, set[int]] = {}
    for name in names:
        found.setdefault(name[:2], set()).add(len(name))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in found.items()}


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


def follow(
    text: str, year: int | None, parents: tuple[Division, ...] = (), named: tuple[str, ...] = ()
) -> Path:
    """The chain of places that a text goes on with, below the parents if there are any."""
    rows = parents
    while text:
        area = area_at_start(text, rows)
        found = match(text, rows)
        if area and area[0] >= (found[0] if found else 0):
            return _past_area(text, year, rows, named, *area)
        if found is None:
            found = _root_between(text, rows)
        if found is None:
            break
        length, rows = found
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
    kept = {
        row.code: row for row in both if not any(reaches(row, code) for code in codes if code != row.code)
    }
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
        if found := _with_organ(chosen, rest, system):
            return found._replace(named=(text[:length],))
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


def child(
    word: str, rows: Sequence[Division], year: int | None, *, namesake: bool = False
) -> tuple[Division, ...]:
    """The divisions inside the rows that a word names, in full or without 市, 区, 县.

    Where the city has that name too, the word means the part only with `namesake`.

    >>> from giakit.places.gazetteer import index
    >>> from giakit.places.paths import child
    >>> [row.code for row in child("鼓楼", index().full["南京市"], None)]
    ['320106']
    """
    names = index()
    found = names.full.get(word) or names.short.get(word) or names.roots.get(word) or ()
    parents = {row.code: row for row in rows}.values()
    inside = [
        row
        for row in found
        if any(
            under(row.code, parent.code) and (namesake or not parent.name.startswith(word))
            for parent in parents
        )
    ]
    return choose(inside, year) if inside else ()
