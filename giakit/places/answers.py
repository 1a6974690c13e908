"""Builds the answers of the resolver: settled, inside an area, ambiguous, undecided, without a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from giakit.places.areas import Area
from giakit.places.gazetteer import Division, lowest_common, spell
from giakit.places.hints import decide, evidence
from giakit.places.organs import Organ
from giakit.places.place import Place

Hint = str | Place | Iterable["str | Place"] | None

#: Organs of a government below the county, which has no code in the table.
TOWN = ("subdistrict", "township")
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
    return _answer(
        query, organ, why, code=row.code, candidates=[row.code], tier=tier, path=row, name=row.name
    )


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
        query,
        organ,
        why,
        candidates=codes,
        tier=tier,
        path=within,
        inside=True,
        name=area.name,
        area=area.name,
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
    return _answer(
        query, organ, why, tier=tier, path=spell(within, query.year) if within else None, inside=True
    )


def placeless(query: Query, organ: Organ, why: str, *, tier: str | None = None) -> Place:
    """The name gives no place."""
    return _answer(query, organ, why, tier=tier)


def in_corps(query: Query, organ: Organ, number: str, city: str | None, why: str) -> Place:
    """A division of the corps that the name does not tie to its city."""
    place = _answer(query, organ, why, candidates=[city] if city else [], path=spell("650000"), inside=True)
    return replace(place, name=number)


def doubted(place: Place, hint: Hint) -> Place:
    """Says so where a short hint points to another province than the name does."""
    if (
        place.code is None
        or not isinstance(hint, str | Place)
        or (isinstance(hint, str) and len(hint) > _SHORT_HINT)
    ):
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
