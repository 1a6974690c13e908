"""Parts of a place that hide in the name of an organ: …局鼓楼分局, 吴江生态环境局, 人民政府郊区办公室."""

from __future__ import annotations

import re
from typing import NamedTuple

from giakit.places.answers import TOWN
from giakit.places.areas import Area, zone_at_start
from giakit.places.gazetteer import Division
from giakit.places.organs import classify
from giakit.places.paths import area_at_start, child, match

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
    >>> from giakit.places.parts import part_of
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
        found = area_at_start(name, rows)
        if found and found[0] == len(name):
            return found[1]
    zone = zone_at_start(word)
    if zone and not zone.rest and len(rows) == 1:
        return Area(rows[0].name + word, rows[0].code, "county", "")
    return None


def elsewhere(rest: str, rows: tuple[Division, ...]) -> bool:
    """Whether what follows a place withholds, misplaces or buries a part of it: 某区, a district not in the table.

    >>> from giakit.places.gazetteer import index
    >>> from giakit.places.parts import elsewhere
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
    found = match(rest, ())
    if found and found[0] > 2 and _DISTRICT_NAME.match(rest[: found[0]]):
        return True
    if _UNKNOWN_DISTRICT.match(rest):
        return True
    inside = (match(rest[start:], rows) for start in range(1, len(rest) - 2))
    return any(found is not None and found[0] > 2 for found in inside)
