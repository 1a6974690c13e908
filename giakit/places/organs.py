"""What kind of organ a name stands for, once the place has been taken off, and its policy function as the reviewed table holds it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from giakit.data import toml

_ENDINGS = ("委员会", "办公室", "分局", "局", "厅", "委", "办", "署")


class Function(NamedTuple):
    """A policy function: its id, Chinese and English names, and whether it is run from above."""

    id: str
    chinese: str
    english: str
    vertical: bool


class Reform(NamedTuple):
    """A reform of institutions; `year` is the first report year in which its result is usual."""

    id: str
    year: int
    title: str
    date: str
    source: str


class Predecessor(NamedTuple):
    """An agency that a reform renamed, or merged into another (`merged`)."""

    id: str
    chinese: str
    function: str
    reform: Reform
    merged: bool


class Known(NamedTuple):
    """What the name of an agency says: its function, and the predecessor that bore the name, if any."""

    function: Function
    before: Predecessor | None


class Table(NamedTuple):
    """The reviewed table, indexed."""

    functions: dict[str, Function]
    names: dict[str, Known]
    patterns: tuple[tuple[re.Pattern[str], Known], ...]
    keywords: tuple[tuple[str, Function], ...]
    central: tuple[tuple[str, Known], ...]
    predecessors: tuple[Predecessor, ...]


@cache
def table() -> Table:
    """The table of functions, read once."""
    raw = toml("places", "functions.toml")
    reforms = {entry["id"]: Reform(**entry) for entry in raw["reform"]}
    result = Table({}, {}, (), (), (), ())
    for entry in raw["function"]:
        function = Function(entry["id"], entry["chinese"], entry["english"], entry.get("vertical", False))
        result.functions[function.id] = function
        result = _add(result, entry, Known(function, None))
        for old in entry.get("before", ()):
            before = Predecessor(
                old["id"], old["chinese"], function.id, reforms[old["reform"]], old.get("merged", False)
            )
            result = _add(result, old, Known(function, before))
            result = result._replace(predecessors=(*result.predecessors, before))
    return result._replace(central=tuple(sorted(result.central, key=lambda item: -len(item[0]))))


def _add(result: Table, entry: dict[str, Any], known: Known) -> Table:
    for name in entry.get("names", ()):
        result.names.setdefault(name, known)
    patterns = [(re.compile(entry["pattern"]), known)] if "pattern" in entry else []
    return result._replace(
        patterns=(*result.patterns, *patterns),
        keywords=(*result.keywords, *((word, known.function) for word in entry.get("keywords", ()))),
        central=(*result.central, *((name, known) for name in entry.get("central", ()))),
    )


def stems(organ: str) -> list[str]:
    """An agency's name without 局, 委员会, 办公室…: taken off once, then twice.

    >>> from giakit.places.organs import stems
    >>> stems("地方志编纂委员会办公室")
    ['地方志编纂委员会办公室', '地方志编纂委员会', '地方志编纂']
    """
    shorter = [organ]
    for _ in range(2):
        last = shorter[-1]
        ending = next((ending for ending in _ENDINGS if last.endswith(ending) and len(last) > len(ending)), None)
        if ending is None:
            break
        shorter.append(last[: -len(ending)])
    return shorter


def known(organ: str) -> Known | None:
    """The function of an agency whose whole name the table knows.

    >>> from giakit.places.organs import known
    >>> found = known("国土资源局")
    >>> found.function.id, found.before.id, found.before.reform.date
    ('natural_resources', 'land_resources', '2018-03-17')
    """
    data = table()
    candidates = stems(organ)
    for stem in candidates[1:] or candidates:
        if stem in data.names:
            return data.names[stem]
    if organ in data.names and len(organ) > 2:
        return data.names[organ]
    for pattern, result in data.patterns:
        if any(pattern.fullmatch(stem) for stem in candidates[1:] or candidates):
            return result
    return None


def keyword(organ: str) -> Function | None:
    """The function that a word inside a longer name settles."""
    return next((function for word, function in table().keywords if word in organ), None)


_GOVERNMENT = re.compile(r"^(?:人民政府|政府|行政公署|行署)(?:本级|机关)?$")
_GENERAL_OFFICE = re.compile(
    r"^(?:(?:人民政府|政府|行政公署|行署|府|党政|管理委员会|管委会|党工委管委会|党委政府|党政机关)(?:机关)?(?:综合)?"
    r"(?:办公厅|办公室|办)|党政(?:综合)?办(?:公室)?|(?:党政)?综合办公室)$"
)
_COMMITTEE = re.compile(r"^(?:党工委)?(?:管理委员会|管委会|管理局|管理处|开发建设管理委员会|执行委员会|执委会|党工委)$")
_COMMITTEE_OF = re.compile(r"管委会$|(?:区|园|城|港|岛)管理委员会$")
_SUBDISTRICT = re.compile(
    r"^街道(?:办事处|办)?()$|^(?!驻)(?:(?!办公室|管理局|委员会).){1,12}?(?:街道办事处|街道办|街道|地区办事处|办事处)(.*)$"
)
_TOWNSHIP = re.compile(
    r"^(?:(?!城乡|局|委员会|人民政府|办公室).){1,12}?(?:镇|乡|苏木)(?:人民政府|政府)?(?:(?:党政|综合|党政综合)?办公室)?$"
)
_VERTICAL = re.compile(
    r"^(?:国家|地方)?税务局$|海关$|海事局$|气象局$|邮政管理局$|烟草专卖局|调查总?队$|检验检疫局$|监管分局$|银监分局$|"
    r"银监局$|证监局$|保监局$|银保监局$|银保监分局$|煤矿安全监察|消防救援(?:总队|支队|大队)$|国家安全局$|通信管理局$"
)
_PARTY = re.compile(
    r"^委(?:员会)?(?:$|办|组织部|宣传部|统战部|政法委|网信办|编办|党校|巡察|老干部局|社会工作部|机构编制|政研室|政策研究室|"
    r"直属|军民融合|台湾工作|外事)|^(?:纪委|纪律检查委员会|监察委员会|组织部|宣传部|统战部)"
)
_OTHERS = (
    (re.compile(r"人民法院$"), "court"),
    (re.compile(r"人民检察院$"), "procuratorate"),
    (re.compile(r"^(?:人民代表大会|人大)"), "congress"),
    (re.compile(r"^(?:政协|政治协商)"), "consultative_conference"),
    (
        re.compile(
            r"(?:公司|集团|大学|学院|医院|中学|小学|学校|幼儿园|研究院|研究所|图书馆|博物馆|美术馆|广播电视台|电视台)$"
        ),
        "public_institution",
    ),
)
_DEPARTMENT = re.compile(
    r"(?:局|厅|委|委员会|办公室|办|中心|处|所|站|队|院|馆|部|会|室|社|指挥部|署|团|组|联合会|商会|台|校|段|大厅|分局|"
    r"联社|总社|促进会|协会|基地|服务区)$"
)
_OFFICE_OF_GOVERNMENT = re.compile(r"^(?:人民政府|政府)(?=.{2,})")
#: 市场, 市容, 市政 begin words of their own: their 市 belongs to no place.
WORDS_WITH_CITY = re.compile(r"^市(?:场|容|民中|政(?!$|府|务|协|法|策|治|研))")
_LEVELS = {
    "省": "province",
    "州": "prefecture",
    "盟": "prefecture",
    "区": "county",
    "县": "county",
    "旗": "county",
    "镇": "township",
    "乡": "township",
    "市": None,
}


#: Organs of a government below the county, which has no code in the table.
TOWN = ("subdistrict", "township")


class Organ(NamedTuple):
    """Kind and function; `exact` when the whole name is known; `level` from a leading 市, 区, 县."""

    kind: str | None
    known: Known | None
    policy_area: str | None
    exact: bool
    name: str
    level: str = ""


@lru_cache(maxsize=8192)
def classify(rest: str) -> Organ:
    """What follows a place, as an organ.

    Examples
    --------
    >>> from giakit.places.organs import classify
    >>> classify("商务局").kind, classify("商务局").policy_area
    ('department', 'commerce')
    >>> classify("友谊路街道").kind, classify("人民政府办公室").kind, classify("市政府办公室").level
    ('subdistrict', 'general_office', '市')
    """
    whole = _plain(rest)
    if whole.exact or not rest:
        return whole
    level = "自治区" if rest.startswith("自治区") else rest[0] if rest[0] in _LEVELS else ""
    if level and not WORDS_WITH_CITY.match(rest):
        inner = _plain(rest[len(level) :])
        if inner.exact and inner.name:
            return inner._replace(level=level)
    return whole


def level_tier(level: str) -> str | None:
    """The tier that a leading 省, 市, 区… of a name without a place implies."""
    return "province" if level == "自治区" else _LEVELS.get(level)


def _plain(rest: str) -> Organ:
    if not rest or _GOVERNMENT.match(rest):
        return Organ("government", None, None, True, rest)
    if _GENERAL_OFFICE.match(rest):
        return Organ("general_office", None, None, True, rest)
    if _COMMITTEE.match(rest):
        return Organ("functional_area_committee", None, None, True, rest)
    if _PARTY.match(rest):
        return Organ("party", None, None, True, rest)
    inner = _OFFICE_OF_GOVERNMENT.sub("", rest)
    if _VERTICAL.search(inner):
        entry = known(inner)
        return Organ("vertical_system", entry, entry.function.id if entry else _area(inner), True, inner)
    if entry := known(inner):
        kind = "vertical_system" if entry.function.vertical else "department"
        return Organ(kind, entry, entry.function.id, True, inner)
    if _TOWNSHIP.match(inner):
        return Organ("township", None, None, True, inner)
    if match := _SUBDISTRICT.match(inner):
        return Organ("subdistrict", None, None, not match[match.lastindex or 1], inner)
    for pattern, kind in _OTHERS:
        if pattern.search(inner):
            return Organ(kind, None, _area(inner), False, inner)
    if _COMMITTEE_OF.search(inner):
        return Organ("functional_area_committee", None, None, False, inner)
    kind_or_none = "department" if _DEPARTMENT.search(inner) else None
    return Organ(kind_or_none, None, _area(inner), False, inner)


def _area(organ: str) -> str | None:
    function = keyword(organ.replace("人民政府", ""))
    return function.id if function else None
