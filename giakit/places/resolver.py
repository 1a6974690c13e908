"""From the name of an agency to its place, tier, kind of organ and policy area."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from itertools import pairwise
from typing import NamedTuple

from giakit.data import rows
from giakit.places.gazetteer import (
    Area,
    Division,
    ancestors,
    by_code,
    choose,
    corps_cities,
    corps_division,
    index,
    lowest_common,
    spell,
    under,
    zone_at_start,
)
from giakit.places.organs import TOWN, Known, Organ, classify, level_tier, table
from giakit.places.paths import Path, child, elsewhere, follow, match, normalise, part_of, walk, zone_within


@dataclass(frozen=True, slots=True)
class Place:
    """What an agency's name says about its place, tier, kind and subject.

    Attributes
    ----------
    given : str
        The name as it was given.
    code : str or None
        Six-digit code of the division; a department or township has that of its division. None where undecided,
        and for areas without a code of their own.
    candidates : list of str
        Codes that the name can mean; one where resolved, several where ambiguous, none where nothing is known.
    within : str or None
        Where `code` is None: code of the smallest division that surely contains the place.
    tier : str or None
        Tier of the government the organ belongs to: province, prefecture, county, township.
    organ_kind : str or None
        government, general_office, department, subdistrict, township, vertical_system,
        functional_area_committee, party, court, procuratorate, congress, consultative_conference,
        public_institution, central.
    policy_area : str or None
        Id of the policy function (see :func:`giakit.places.policy_areas`).
    why : str
        The evidence, or what is missing.
    name, province, prefecture, county : str or None
        Name of the place, and the names of the divisions on the path to it.
    organ : str
        The part of the name that stands for the organ.
    area : str or None
        Name of the functional area, if the place is one.
    year : int or None
        The year for which the name was read.
    """

    given: str
    code: str | None
    candidates: list[str] = field(hash=False)
    within: str | None
    tier: str | None
    organ_kind: str | None
    policy_area: str | None
    why: str
    name: str | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    organ: str = ""
    area: str | None = None
    year: int | None = None

    @property
    def resolved(self) -> bool:
        """Whether the place is known: by its own code, or as an area within a division."""
        return self.code is not None or (self.area is not None and self.within is not None)

    def _rows(self) -> list[tuple[str, str]]:
        names = []
        for code in self.candidates:
            division = spell(code, self.year)
            above = [division.province, division.prefecture, division.name] if division else []
            names.append(f"{code} {' '.join(dict.fromkeys(filter(None, above)))}".strip())
        path = " › ".join(filter(None, (self.province, self.prefecture, self.county, self.area)))
        rows = [
            ("name", self.given),
            ("code", self.code or "undecided"),
            ("place", path),
            ("within", self.within or ""),
            ("tier", self.tier or ""),
            ("organ", " · ".join(filter(None, (self.organ_kind, self.policy_area)))),
            ("candidates", "; ".join(names) if len(names) != 1 or self.code is None else ""),
            ("why", self.why),
        ]
        return [(label, value) for label, value in rows if value]

    def __str__(self) -> str:
        return "\n".join(f"{label:<10} {value}" for label, value in self._rows())

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr><th>{label}</th><td>{escape(value)}</td></tr>" for label, value in self._rows())
        return f"<table>{cells}</table>"


_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]*\.gov\.cn")
_URL = re.compile(r"https?://[^\s，。）)]+")
_CODE = re.compile(r"\d{6}(?:\d{6})?")
#: Endings that a leading 省, 市, 区… of a name without a place can stand for.
_ENDS = {
    "省": ("省",),
    "自治区": ("自治区",),
    "市": ("市",),
    "州": ("州",),
    "盟": ("盟",),
    "区": ("区",),
    "县": ("县",),
    "旗": ("旗",),
}


@cache
def _domains() -> dict[str, str]:
    return {row["domain"]: row["code"] for row in rows("places", "domains.csv")}


@cache
def _strong() -> tuple[dict[str, str], frozenset[str]]:
    """Bare names that one province or prefecture alone bears, and the heads of all names."""
    roots: dict[str, set[str]] = {}
    for root, bearers in index().roots.items():
        codes = {row.code for row in bearers if row.until is None and row.level != "county"}
        if codes:
            roots[root] = codes
    strong = {root: codes.pop() for root, codes in roots.items() if len(codes) == 1}
    heads = frozenset(name[:2] for name in (*index().full, *index().short, *strong))
    return strong, heads


def evidence(hint: str | Place | Iterable[str | Place], year: int | None) -> frozenset[str]:
    """Codes of the divisions that a hint points to.

    Parameters
    ----------
    hint : str, Place or several of them
        A code, a name, an address, a domain, a path, a text.
    year : int or None
        The year in which names are read.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> from giakit.places.resolver import evidence
    >>> sorted(evidence("https://www.huaian.gov.cn/col/1.html", None))
    ['320800']
    >>> sorted(evidence("江苏省/南京市", 2020))
    ['320000', '320100']
    """
    if isinstance(hint, Place):
        code = hint.code or hint.within
        return frozenset((code,) if code else ())
    if not isinstance(hint, str):
        return frozenset().union(*(evidence(part, year) for part in hint))
    if _CODE.fullmatch(hint.strip()):
        return frozenset((hint.strip()[:6],)) & by_code().keys()
    codes = {code for domain in _DOMAIN.findall(hint.lower()) if (code := _domain(domain))}
    return frozenset(codes | _named(normalise(_URL.sub(" ", hint).replace("报告", " "))[0], year))


def _domain(domain: str) -> str | None:
    labels = domain.split(".")
    known = _domains()
    return next((known[".".join(labels[i:])] for i in range(len(labels) - 2) if ".".join(labels[i:]) in known), None)


def _named(text: str, year: int | None) -> set[str]:
    """Every division that a text names beyond doubt, with those above it that it names too."""
    strong, heads = _strong()
    named: set[str] = set()
    position = 0
    while position < len(text) - 1:
        if text[position : position + 2] not in heads:
            position += 1
            continue
        window = text[position : position + 40]
        first = match(window, ())
        if first and first[0] > 2:
            path = follow(window, year)
            codes = {row.code for row in path.rows}
            if len(codes) == 1:
                named |= codes
                named |= {code for code in ancestors(next(iter(codes))) if _says(window, code)}
            position += len(window) - len(path.rest)
            continue
        root = next((window[:n] for n in range(8, 1, -1) if window[:n] in strong), None)
        if root:
            named.add(strong[root])
        position += len(root) if root else 1
    return named


def _says(window: str, code: str) -> bool:
    row = spell(code)
    return row is not None and row.name in window


def decide(rows: Sequence[Division], codes: frozenset[str]) -> Division | None:
    """The candidate that the evidence points to, if it points to one alone.

    A candidate wins only if all the support that another has is also support for it: a text that names two
    provinces decides nothing. A candidate named itself wins unless another lies inside it.
    """
    named = [row for row in rows if row.code in codes]
    if len(named) == 1 and not any(under(row.code, named[0].code) for row in rows):
        return named[0]
    support = {row: frozenset(code for code in codes if _supports(code, row.code)) for row in rows}
    best = max(support, key=lambda row: len(support[row]))
    rivals = [row for row in rows if row.code != best.code]
    if support[best] and all(support[row] < support[best] for row in rivals):
        return best
    return None


def _supports(code: str, candidate: str) -> bool:
    return code == candidate or under(candidate, code) or under(code, candidate)


def place_without_name(codes: frozenset[str], level: str, year: int | None) -> Division | None:
    """The place of a name that gives none: the end of the one chain that the evidence forms.

    A leading 市, 区… picks the member of the chain that it can stand for.
    """
    chain = sorted(codes, key=lambda code: len(ancestors(code)))
    if not chain or any(not under(lower, upper) for upper, lower in pairwise(chain)):
        return None
    whole = [*(code for code in ancestors(chain[-1]) if code not in chain), *chain]
    rows = [row for code in sorted(whole, key=lambda code: len(ancestors(code))) if (row := spell(code, year))]
    if level in _ENDS:
        rows = [row for row in rows if row.name.endswith(_ENDS[level])]
    return rows[-1] if rows else None


Hint = str | Place | Iterable["str | Place"] | None

#: Longer hints are texts: they name many places, and a contradiction in them means nothing.
_SHORT_HINT = 80


class Query(NamedTuple):
    """What was asked."""

    name: str
    year: int | None
    hint: Hint


def settled(query: Query, row: Division, organ: Organ, why: str) -> Place:
    """One division bears the name."""
    if not row.in_force(query.year):
        why += f"; in force {row.since}-{row.until - 1 if row.until else ''}"
    tier = "township" if organ.kind in TOWN else row.level
    return _answer(query, organ, why, code=row.code, candidates=[row.code], tier=tier, path=row, name=row.name)


def in_area(query: Query, area: Area, organ: Organ, candidates: Sequence[str] = ()) -> Place:
    """An area without a code of its own."""
    within = spell(area.within, query.year) if area.within else None
    if organ.kind == "government" and area.tier != "province":
        organ = organ._replace(kind="functional_area_committee")
    tier = "township" if organ.kind in TOWN else area.tier
    why = f"{area.name} has no code of its own"
    why += f"; within {within.name}" if within else "; several divisions can hold it"
    why += f" ({area.note})" if area.note else ""
    codes = [] if within else list(candidates)
    return _answer(
        query, organ, why, candidates=codes, tier=tier, path=within, inside=True, name=area.name, area=area.name
    )


def ambiguous(query: Query, rows: Sequence[Division], organ: Organ, why: str) -> Place:
    """Several divisions bear the name, or one that the words do not settle; a hint can decide."""
    if query.hint is not None:
        row = decide(rows, evidence(query.hint, query.year))
        if row:
            path = "".join(dict.fromkeys((row.province, row.prefecture, row.name)))
            return settled(query, row, organ, f"{why}; the hint points to {path} alone")
        why += "; the hint does not decide"
    codes = sorted({row.code for row in rows})
    levels = {row.level for row in rows}
    tier = "township" if organ.kind in TOWN else levels.pop() if len(levels) == 1 < len(codes) else None
    within = lowest_common(codes) if len(codes) > 1 else None
    around = spell(within, query.year) if within else None
    return _answer(query, organ, why, candidates=codes, tier=tier, path=around, inside=True)


def undecided(query: Query, rows: Sequence[Division], organ: Organ, why: str) -> Place:
    """The name goes on to a part that cannot be told: only what contains it is known."""
    within = lowest_common(row.code for row in rows)
    tier = "township" if organ.kind in TOWN else None
    return _answer(query, organ, why, tier=tier, path=spell(within, query.year) if within else None, inside=True)


def placeless(query: Query, organ: Organ, why: str, *, tier: str | None = None) -> Place:
    """The name gives no place."""
    return _answer(query, organ, why, tier=tier)


def in_corps(query: Query, organ: Organ, number: str, city: str | None, why: str) -> Place:
    """A division of the corps that the name does not tie to its city."""
    place = _answer(query, organ, why, candidates=[city] if city else [], path=spell("650000"), inside=True)
    return replace(place, name=number)


def doubted(place: Place, hint: Hint) -> Place:
    """Says so where a short hint points to another province than the name does."""
    if place.code is None or not isinstance(hint, str | Place) or (isinstance(hint, str) and len(hint) > _SHORT_HINT):
        return place
    codes = evidence(hint, place.year)
    if not codes or any(code[:2] == place.code[:2] for code in codes):
        return place
    return replace(place, why=f"{place.why}; the hint points elsewhere")


def _answer(
    query: Query,
    organ: Organ,
    why: str,
    *,
    code: str | None = None,
    candidates: list[str] | None = None,
    tier: str | None = None,
    path: Division | None = None,
    inside: bool = False,
    name: str | None = None,
    area: str | None = None,
) -> Place:
    province = prefecture = county = None
    if path is not None:
        province = path.province
        prefecture = path.name if path.level == "prefecture" else path.prefecture or None
        county = path.name if path.level == "county" else None
    within = path.code if inside and path else None
    return Place(
        query.name, code, candidates or [], within, tier, organ.kind, organ.policy_area, why, name, province,
        prefecture, county, organ.name, area, query.year,
    )  # fmt: skip


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
        area = Area("".join(path.named) + zone.name, lowest_common(row.code for row in rows) or "", "county", "")
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
    city_named = match(rest, ())
    row = next((row for row in city_named[1] if row.code == city), None) if city_named else None
    organ = classify(rest[city_named[0] :] if city_named else rest)
    if row:
        return settled(query, row, organ, f"{number} of the corps and its city {row.name}")
    if city_named:
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
        rows = (around,) if around and around.name == note else child(note, [around] if around else [], query.year)
        if len(rows) == 1 and rows[0].level == "county" and rows[0].name == note:
            return settled(query, rows[0], organ, f"{area.name} is one with {note}")
    return in_area(query, area, organ, sorted({row.code for row in path.rows}))


def _division(query: Query, path: Path, system: Known | None) -> Place:
    """An organ of a division, or of a part of it that its own name goes on to give."""
    rows, organ = path.rows, _with_system(classify(path.rest), system)
    named = " › ".join(path.named)
    if not organ.exact:
        part = part_of(path.rest, rows, query.year)
        if isinstance(part, Area):
            return in_area(query, part, organ)
        if part:
            rows, organ = part.rows, _with_system(classify(part.organ), system)
            named = f"{named}, and {part.word} in the organ's name,"
        elif elsewhere(path.rest, rows):
            withheld = path.rest.startswith("某")
            missing = "withholds the name of the part" if withheld else "the division table has no such part there"
            return undecided(query, rows, organ, f"{named} named; {missing}")
    if path.unsure:
        return ambiguous(query, rows, organ, f"{named} without 市, 区 or 县")
    if len(rows) > 1:
        return ambiguous(query, rows, organ, f"{named} names {len(rows)} divisions")
    return doubted(settled(query, _only(rows), organ, f"{named} named" + ("" if path.bare else " in full")), query.hint)


def _only(rows: tuple[Division, ...]) -> Division:
    (row,) = rows
    return row


def _with_system(organ: Organ, system: Known | None) -> Organ:
    if system is None:
        return organ
    subject = system.function.id
    return organ._replace(kind="vertical_system", known=organ.known or system, policy_area=subject, exact=True)
