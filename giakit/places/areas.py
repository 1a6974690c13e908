"""Places without a code of their own: development zones, new areas, and the divisions that contain them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

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
    text = (files("giakit.places") / "data" / "areas.csv").read_text(encoding="utf-8")
    found: dict[str, Area] = {}
    for row in csv.DictReader(text.splitlines()):
        area = Area(row["name"], row["within"], row["tier"], row["note"])
        for name in (row["name"], *filter(None, row["aliases"].split("|"))):
            found[name] = area
    return found


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

    >>> from giakit.places.areas import zone_at_start
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
    text = (files("giakit.places") / "data" / "corps.csv").read_text(encoding="utf-8")
    return {row["division"]: row["city"] for row in csv.DictReader(text.splitlines())}


def corps_division(text: str) -> tuple[str, str] | None:
    """The corps division with which a text begins, and what follows.

    >>> from giakit.places.areas import corps_division
    >>> corps_division("新疆生产建设兵团第八师石河子市")
    ('第八师', '石河子市')
    """
    match = _CORPS.match(text)
    if match is None:
        return None
    number = match[1] if match[1].startswith("第") else "第" + match[1]
    return (number, text[match.end() :]) if number in corps_cities() else None
