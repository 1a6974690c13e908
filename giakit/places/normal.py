"""Brings a name into the one form in which it is compared: characters, spaces, titles, brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_PLAIN = re.compile(r"[\u4e00-\u9fff]+")
_NOISE = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff\u00ad《》〈〉“”‘’\"'「」『』【】\[\]·•．:;,。、，：；_|~!?*#-]+"
)
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
    text = (files("giakit.places") / "data" / "traditional.txt").read_text(encoding="utf-8")
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
    >>> from giakit.places.normal import normalise
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
