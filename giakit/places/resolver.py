"""From the name of an agency to its place, tier, kind of organ and policy area."""

from __future__ import annotations

import re

from giakit.places.answers import (
    TOWN,
    Hint,
    Query,
    ambiguous,
    doubted,
    in_area,
    in_corps,
    placeless,
    settled,
    undecided,
)
from giakit.places.areas import Area, corps_cities, corps_division, zone_at_start
from giakit.places.functions import Known, table
from giakit.places.gazetteer import Division, choose, lowest_common, spell
from giakit.places.hints import evidence, place_without_name
from giakit.places.normal import normalise
from giakit.places.organs import Organ, classify, level_tier
from giakit.places.parts import elsewhere, part_of
from giakit.places.paths import Path, child, match, walk, zone_within
from giakit.places.place import Place

_CENTRAL = re.compile(
    r"^(?:国务院|中华人民共和国|中国|国家|全国|最高人民|中共中央|中央)|"
    r"^(?:外交|国防|教育|科学技术|工业和信息化|公安|安全|民政|司法|财政|人力资源和社会保障|自然资源|生态环境|"
    r"住房和城乡建设|交通运输|水利|农业农村|商务|文化和旅游|退役军人事务|应急管理|国土资源|环境保护|农业|文化|"
    r"卫生|铁道|交通|建设|监察)部(?!队)|^(?:海关总署|审计署)"
)
_SYSTEM_HEADS = frozenset(("国家", "中国", "中华", "金融", "银保", "银监", "保监", "证监", "海关"))
_OF_THE_REPUBLIC = ("海关", "海事局", "检验检疫局")


def resolve(name: str, year: int | None = None, hint: Hint = None) -> Place:
    """Place, tier, kind of organ and policy area of an agency, from its name.

    Parameters
    ----------
    name : str
        Name of the agency, as printed.
    year : int, optional
        Year of the report: a name means the division that bore it then. Without it divisions in force on
        31 December 2024 come first, then the last that bore the name.
    hint : str, Place or several of them, optional
        Evidence for names that leave a choice: a parent's name or code, an address, a domain, the path of the
        file, the text of the report. It decides only where it points to one candidate.

    Returns
    -------
    Place
        Never an error: what cannot be decided has ``code`` None, its ``candidates``, and the reason in ``why``.

    Notes
    -----
    Names are compared as they stand (after folding widths, spaces and traditional characters): no similarity,
    no pinyin. Source of the divisions: Ministry of Civil Affairs by way of yescallop/areacodes (CC0).

    Examples
    --------
    >>> from giakit.places import resolve
    >>> resolve("南阳市卧龙区商务局").code, resolve("卧龙区商务局").code
    ('411303', '411303')
    >>> resolve("鼓楼区教育局").candidates
    ['320106', '320302', '350102', '410204']
    >>> resolve("鼓楼区教育局", hint="江苏省南京市").code
    '320106'
    """
    query = Query(name, year, hint)
    text, notes = normalise(name)
    text, system = _system(text.removeprefix("中共"))
    corps = corps_division(text) if "师" in text else None
    if corps:
        return _corps(query, *corps)
    path = walk(text, year, system=system is not None)
    if not path.rows and path.area is None:
        return _nowhere(query, text, system)
    if path.area:
        return _area(query, path, path.area, notes, system)
    zone = zone_at_start(path.rest)
    if zone:
        rows = choose(zone_within(zone, path.rows, year), year)
        area = Area(
            "".join(path.named) + zone.name, lowest_common(row.code for row in rows) or "", "county", ""
        )
        return _area(query, path._replace(rows=rows, rest=zone.rest), area, notes, system)
    return _division(query, path, system)


def _system(text: str) -> tuple[str, Known | None]:
    """Takes off the name of a central body that stands before the place of its local branch."""
    if text[:2] not in _SYSTEM_HEADS:
        return text, None
    for title, known in table().central:
        if text.startswith(title) and len(text) > len(title):
            return text[len(title) :], known
    return text.removeprefix("中华人民共和国") if text.endswith(_OF_THE_REPUBLIC) else text, None


def _corps(query: Query, number: str, rest: str) -> Place:
    """A division of the Xinjiang corps: its city's code where the name gives the city too."""
    city = corps_cities()[number]
    found = match(rest, ())
    row = next((row for row in found[1] if row.code == city), None) if found else None
    organ = classify(rest[found[0] :] if found else rest)
    if row:
        return settled(query, row, organ, f"{number} of the corps and its city {row.name}")
    if found:
        return in_corps(query, organ, number, None, f"{number} is not the division of that city")
    return in_corps(query, organ, number, city or None, f"{number} of the corps named without its city")


def _nowhere(query: Query, text: str, system: Known | None) -> Place:
    """A name that names no place: a central body, or one that only a hint can place."""
    organ = classify(text)
    zone = zone_at_start(text) if not organ.exact else None
    if zone:
        organ = classify(zone.rest)
    elif system or _CENTRAL.match(text):
        known = system or next((known for title, known in table().central if text == title), None)
        subject = known.function.id if known else organ.policy_area
        central = organ._replace(kind="central", policy_area=subject)
        return placeless(query, central, "a central body: no local place")
    if organ.level in ("镇", "乡") and organ.kind == "government":
        organ = organ._replace(kind="township")
    if query.hint is not None and (organ.kind or zone):
        row = place_without_name(evidence(query.hint, query.year), organ.level, query.year)
        if row and zone:
            return in_area(query, Area(row.name + zone.name, row.code, "county", ""), organ)
        if row:
            return settled(query, row, organ, f"the hint points to {row.name} alone")
    if zone and organ.kind == "government":
        organ = organ._replace(kind="functional_area_committee")
    tier = "township" if organ.kind in TOWN else "county" if zone else level_tier(organ.level)
    return placeless(query, organ, "the name gives no place", tier=tier)


def _area(query: Query, path: Path, area: Area, notes: str, system: Known | None) -> Place:
    """An organ of a zone: no code, unless brackets name the division that is the same government."""
    organ = _with_system(classify(path.rest), system)
    around = spell(area.within, query.year) if area.within else None
    for note in notes.split() if around else ():
        rows = (
            (around,)
            if around and around.name == note
            else child(note, [around] if around else [], query.year)
        )
        if len(rows) == 1 and rows[0].level == "county" and rows[0].name == note:
            return settled(query, rows[0], organ, f"{area.name} is one with {note}")
    return in_area(query, area, organ, sorted({row.code for row in path.rows}))


def _division(query: Query, path: Path, system: Known | None) -> Place:
    """An organ of a division, or of a part of it that its own name goes on to give."""
    rows, organ = path.rows, _with_system(classify(path.rest), system)
    said = " › ".join(path.named)
    if not organ.exact:
        part = part_of(path.rest, rows, query.year)
        if isinstance(part, Area):
            return in_area(query, part, organ)
        if part:
            rows, organ = part.rows, _with_system(classify(part.organ), system)
            said = f"{said}, and {part.word} in the organ's name,"
        elif elsewhere(path.rest, rows):
            withheld = path.rest.startswith("某")
            missing = (
                "withholds the name of the part" if withheld else "the division table has no such part there"
            )
            return undecided(query, rows, organ, f"{said} named; {missing}")
    if path.unsure:
        return ambiguous(query, rows, organ, f"{said} without 市, 区 or 县")
    if len(rows) > 1:
        return ambiguous(query, rows, organ, f"{said} names {len(rows)} divisions")
    return doubted(
        settled(query, _only(rows), organ, f"{said} named" + ("" if path.bare else " in full")), query.hint
    )


def _only(rows: tuple[Division, ...]) -> Division:
    (row,) = rows
    return row


def _with_system(organ: Organ, system: Known | None) -> Organ:
    if system is None:
        return organ
    subject = system.function.id
    return organ._replace(
        kind="vertical_system", known=organ.known or system, policy_area=subject, exact=True
    )
