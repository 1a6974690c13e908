"""Whose figures follow: what a title or a heading says of the agency and the year."""

from __future__ import annotations

import re
from dataclasses import replace

from giakit.documents.model import Block, Document, Text
from giakit.reading.titles import Title, is_agency_name, parse_title

_YEAR = re.compile(r"(20\d\d)\s*年")
_WHAT = r"(?:收到|数据|情况|报告|统计|政府信息|主动公开|依申请|行政复议|$)"
_LAST = re.compile(
    rf"^[（(]?[一二三四五六七八九十\d]*[)）、.．]*(?:上一?年度?|去年|往年)的?{_WHAT}|上一?年度?(?:数据|情况|报告|统计)|往年(?:数据|情况|报告)"
)
_THIS = re.compile(rf"^[（(]?[一二三四五六七八九十\d]*[)）、.．]*(?:本年度?|今年)的?{_WHAT}")
# A heading names its subject and is no sentence, nor a line of one.
_SUBJECT = re.compile(r"数据|情况|统计|报告|年报|表")
_YEAR_ALONE = re.compile(r"^\W*20\d\d\s*年度?\W*$")
_SENTENCE = re.compile(r"[，,；;。！!]")
_LONGEST = 60


def may_speak(text: str) -> bool:
    """Whether a line can name an agency's report or a year at all; most lines of a page cannot."""
    return ("年" in text or "公" in text) and len(text) <= _LONGEST


def verdict_of(text: str, title: Title, *, titles_only: bool = False) -> str | None:
    """Why what follows a line belongs to another report; "" if the line says it is this one's, None if it says nothing.

    Examples
    --------
    >>> verdict_of("附：2022年度数据", Title("某局", 2023))
    'it stands under a heading of 2022'
    >>> verdict_of("本机关做好各项工作。", Title("某局", 2023)) is None
    True
    """
    if not may_speak(text) or "。" in text:
        return None
    named = parse_title(text)
    if named is not None and (named.year or (named.unit and is_agency_name(named.unit))):
        return _against(named, title)
    if titles_only:
        return None
    years = (
        {int(year) for year in _YEAR.findall(text)}
        if (_SUBJECT.search(text) or _YEAR_ALONE.match(text)) and not _SENTENCE.search(text)
        else set()
    )
    if years and title.year and title.year not in years:
        return f"it stands under a heading of {min(years)}"
    if _THIS.search(text):
        return ""
    return "it stands under a heading of last year's figures" if _LAST.search(text) else None


def _against(named: Title, title: Title) -> str:
    if named.year and title.year and named.year != title.year:
        return f"it stands under the title of {named.year}"
    if (
        named.unit
        and title.unit
        and is_agency_name(named.unit)
        and named.unit not in title.unit
        and title.unit not in named.unit
    ):
        return f"it stands under the title of {named.unit}"
    return ""


def own_texts(document: Document, title: Title) -> Document:
    """The document without the texts that stand under the title or heading of another report or year.

    A text of which nothing is left out stays the same object.
    """
    blocks: list[Block] = []
    own = True
    for block in document.blocks:
        if not isinstance(block, Text) or (own and not ("年" in block.text or "公" in block.text)):
            blocks.append(block)
            continue
        lines = block.text.split("\n")
        kept = []
        for line in lines:
            verdict = verdict_of(line, title)
            own = own if verdict is None else not verdict
            if own:
                kept.append(line)
        blocks.append(block if len(kept) == len(lines) else Text("\n".join(kept), block.where))
    return replace(document, blocks=tuple(blocks))
