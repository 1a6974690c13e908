"""How much a report counts: one organ, a government with its departments, or a whole jurisdiction."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from giakit.places.resolver import Place, resolve

_COUNTED = (
    r"(?:未收到|(?:收到|受理|接收|新收|收受|办理|答复)[^。;]{0,40}?"
    r"(?:申请[^。;]{0,25}?\d|\d+(?:件|条|宗|份|次|个)[^。;]{0,20}?申请|申请[^。;]{0,12}?[零一二两三四五六七八九十百]+(?:件|条|宗|份))|"
    r"主动公开[^。;]{0,20}?\d+余?(?:条|件|份))"
)
_LOWER = (
    r"(?:各?县\(?[市、区]|各?区\(?县|区县|县区|县市区|市县|乡镇|镇街|街镇|镇\(?街|街道|各镇|各乡|各市县|各市州|各区)"
)
_WHOLE = re.compile(rf"全(?:市|省|区|县|州|盟|旗|自治区)[^。;]{{0,30}}?{_COUNTED}")
_GATHERS = re.compile(r"(?:汇总|(?:报告|数据|统计)[^。;]{0,25}?(?:包括|包含|涵盖|含|覆盖))(?P<what>[^。;]{0,60})")
_LOWER_NAMED = re.compile(_LOWER)
_DEPARTMENTS = re.compile(r"部门|委办局|直属单位|组成单位")
_OWN_LEVEL = re.compile(r"[市省区县州盟旗]本级")
_OWN_LEVEL_COUNTED = re.compile(rf"[市省区县州盟旗]本级[^。;]{{0,30}}?{_COUNTED}")
_ORGAN = re.compile(
    r"(?:本机关|[本我](?:局|委|办|厅|单位|中心|院|部门|街道|镇|乡|街道办|街|公司|队|分局|所|馆|会))(?!不掌握)"
    rf"[^。;]{{0,40}}?{_COUNTED}"
)
_GOVERNMENT_ITSELF = re.compile(r"政府本级")
_VERTICAL = r"(?:垂直(?:管理|领导)?|垂管|条管|双管|中央驻|国家驻|省驻|驻[^。;]{0,4}单位)"
_VERTICAL_OUT = re.compile(rf"(?:不含|不包括|不包含|未包括|未包含|未含|不计|未计|剔除|除)[^。;,]{{0,16}}?{_VERTICAL}")
_VERTICAL_IN = re.compile(rf"(?<![不未])(?:含|包括|包含|涵盖|纳入|以及|及)[^。;]{{0,24}}?{_VERTICAL}")
_SINGLE = frozenset(("department", "subdistrict", "township", "vertical_system", "party", "public_institution"))


class Scope(NamedTuple):
    """What a report counts.

    `scope` is ``organ`` (the agency alone), ``own_level`` (a government with its departments), ``whole`` (lower
    governments included) or None; `vertical` says whether bodies run from above are ``in`` or ``out``, None where
    nothing is said; `evidence` is the wording, or the ground.
    """

    scope: str | None
    vertical: str | None
    evidence: str


def scope(unit: str | None, text: str, place: Place | None = None) -> Scope:
    """Scope of a report from its wording and its issuer; what is not said stays None.

    Parameters
    ----------
    unit : str or None
        The issuing agency as the report names it.
    text : str
        The prose of the report.
    place : Place, optional
        The resolved issuer, to save resolving it again.

    Returns
    -------
    Scope

    Notes
    -----
    A statement about the counts decides, in this order: a whole jurisdiction (全市共收到…申请), a compilation that
    names lower governments, the own level (市本级), the organ (我局收到…). A department, a township or a vertical
    body that says nothing else counts itself. A government that says nothing stays unknown. 政府本级 is the
    government as one organ; 市本级 is the level with its departments.

    Examples
    --------
    >>> from giakit.places import scope
    >>> scope("某市人民政府", "2024年，全市共收到政府信息公开申请312件。").scope
    'whole'
    >>> scope("卧龙区商务局", "我局加强学习。").scope, scope("淮安市人民政府", "持续推进公开。").scope
    ('organ', None)
    """
    prose = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    name = unicodedata.normalize("NFKC", unit or "")
    counted, evidence = _counted(prose, name, unit, place)
    return Scope(counted, _vertical(prose), evidence)


def _counted(prose: str, name: str, unit: str | None, place: Place | None) -> tuple[str | None, str]:
    if wording := _GOVERNMENT_ITSELF.search(name):
        return "organ", wording[0]
    if wording := _WHOLE.search(prose):
        return "whole", wording[0]
    gathered = list(_GATHERS.finditer(prose))
    for match in gathered:
        if _LOWER_NAMED.search(match["what"]):
            return "whole", match[0]
    if wording := _OWN_LEVEL.search(name) or _OWN_LEVEL_COUNTED.search(prose):
        return "own_level", wording[0]
    for match in gathered:
        if match[0].startswith("汇总") and _DEPARTMENTS.search(match["what"]):
            return "own_level", match[0]
    if wording := _ORGAN.search(prose):
        return "organ", wording[0]
    issuer = place or (resolve(unit) if unit else None)
    if issuer is not None and issuer.organ_kind in _SINGLE:
        return (
            "organ",
            f"the issuer is a {issuer.organ_kind.replace('_', ' ')}, and nothing says that others are counted",
        )
    return None, "nothing is said"


def _vertical(prose: str) -> str | None:
    out = _VERTICAL_OUT.search(prose)
    inside = next((match for match in _VERTICAL_IN.finditer(prose) if not _VERTICAL_OUT.search(match[0])), None)
    if out and inside and not (out.start() <= inside.start() < out.end()):
        return None
    return "out" if out else "in" if inside else None
