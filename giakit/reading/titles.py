"""Who reports on which year, and whose figures follow: what titles and headings say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from giakit.documents.model import Block, Document, Text
from giakit.forms.labels import simplified, squeezed

# Not within more digits: the addresses of pages hold dates (202403).
_YEAR = r"(?<!\d)(?:20\d\d|[二2][〇○ОOo零0０][〇○零一二三四五六七八九0-9]{2})(?!\d)"
_TAIL = r"(?:信息公开|(?<=政务)公开)(?:工作)?(?:情况)?的?(?:年度)?(?:工作)?(?:情况)?的?(?:报告|年报)"
_BEFORE = re.compile(
    rf"(?P<head>[^。；;]*?)(?P<year>{_YEAR})(?:年度|年|度)?(?P<unit>[^。；;]{{0,40}}?)(?:政府|政务)?{_TAIL}"
)
_AFTER = re.compile(rf"(?P<unit>[^。；;]{{0,40}}?)(?:政府|政务)?{_TAIL}[（(\[—-]*(?P<year>{_YEAR})(?:年度|年)?")
_INSIDE = re.compile(
    rf"(?P<unit>[^。；;]{{0,40}}?)(?:政府|政务)?信息公开(?:工作)?(?:情况)?(?P<year>{_YEAR})(?:年度|年)+(?:工作)?(?:报告|年报)"
)
_PLAIN = re.compile(rf"(?P<unit>[^。；;]{{0,40}}?)(?:政府|政务)?{_TAIL}")
_PERIOD = re.compile(
    rf"(?P<first>{_YEAR})[年.](?:度)?0?[1一][月.]?(?:0?[1一]日?)?(?:起|开始)?[,，]?(?:至|到|—|–|-|－|~|～|―)+"
    rf"(?:(?P<last>{_YEAR})[年.]|同年|当年)?(?:度)?(?:12|十二)[月.](?:31日?|三十一日|底)?"
)
_ISSUER = re.compile(
    r"(?:发布机构|发布单位|发文机关|发文单位|公开单位|信息来源|来源|编制单位)\s*[:：]\s*([^\s:：]{3,40})"
)
_UNIT = re.compile(
    r"^[^\s，。；：、《》“”\d]{2,38}(?:局|委|委员会|办|办公室|办公厅|政府|厅|院|处|所|中心|管委会|街道|镇|乡|区|县|市|省|社|会|部|站|队|公司|学校|大学|学院|总队|支队|分局|馆|库|署|厅)$"
)
_NOISE = re.compile(
    r"^(?:附件?\d*|标题|题目|名称|首页|当前位置|您(?:现在)?(?:所在|的)?的?位置)[:：>]*|^【[^】]{0,8}】|^[《【\[（(#*>]+|^(?:关于|印发|公布|发布)+|[_|>·\-—:：]+$|^[_|>·\-—:：、.\d]+"
)
_TRAIL = re.compile(r"(?:关于|编制的|发布的|公布的|的|《|（|\(|【|本?年度)+$")
_DATE = re.compile(r"20\d\d(?:年\d{1,2}月\d{1,2}日|[-./]\d{1,2}[-./]\d{1,2})(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_CHINESE = {"〇": "0", "○": "0", "О": "0", "O": "0", "o": "0", "零": "0", "０": "0"} | {
    c: str(n) for n, c in enumerate("〇一二三四五六七八九")
}
_ABOUT = re.compile(r"解读|图解|读懂")
_WITH_PROPERTIES = frozenset(("docx", "doc", "wps", "rtf", "odt", "office", "word-xml", "pdf"))
_LONGEST = 90
# With all its spaces hardly a title is as long.
_LONG = 300
_FIRST_LINES = 150


@dataclass(frozen=True, slots=True)
class Title:
    """The issuing agency and the year that a title names; None for what it does not name."""

    unit: str | None
    year: int | None


def parse_title(text: str) -> Title | None:
    """Read a title of an annual report; None if the text is none.

    >>> parse_title("卧龙区商务局 2025 年政府信息公开工作年度报告")
    Title(unit='卧龙区商务局', year=2025)
    >>> parse_title("上海市人民政府信息公开工作年度报告（2019年度）")
    Title(unit='上海市人民政府', year=2019)
    """
    if "公" not in text:
        return None
    return _known_title(text) if len(text) < _LONG else _parsed(text)


# The same lines are asked for the title, and for whose figures follow; a site's menu comes again on every page.
@lru_cache(maxsize=1 << 12)
def _known_title(text: str) -> Title | None:
    return _parsed(text)


def _parsed(text: str) -> Title | None:
    plain = _DATE.sub("", simplified(squeezed(text)).translate(_FULL_WIDTH))
    if "公开" not in plain or len(plain) > _LONGEST or _ABOUT.search(plain):
        return None
    found = _BEFORE.search(plain) or _INSIDE.search(plain) or _AFTER.search(plain) or _PLAIN.search(plain)
    if not found:
        return None
    parts = found.groupdict()
    whole_tail = found.group(0)
    if "年度" not in whole_tail and not parts.get("year") and "年报" not in whole_tail:
        return None
    unit = _clean(parts.get("unit") or "") or _clean(parts.get("head") or "")
    return Title(unit or None, _year(parts.get("year")))


def _clean(text: str) -> str:
    text = re.split(r"[>＞»›]", text)[-1]
    while True:
        bare = _TRAIL.sub("", _NOISE.sub("", text))
        if bare == text:
            break
        text = bare
    if text.endswith("人民"):
        text += "政府"
    for opening, closing in (("（", "）"), ("(", ")")):
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, "").replace(closing, "")
    return text if 2 <= len(text) <= 40 else ""


def _year(text: str | None) -> int | None:
    if not text:
        return None
    digits = "".join(_CHINESE.get(character, character) for character in text)
    return int(digits) if re.fullmatch(r"20\d\d", digits) else None


@lru_cache(maxsize=2)
def reporting_period(text: str) -> int | None:
    """The year whose first and last day the text names as its period; None where it names none or several.

    >>> reporting_period("统计期限自2019年1月1日起至2019年12月31日止")
    2019
    """
    years = set()
    for found in _PERIOD.finditer(squeezed(text)):
        first, last = _year(found["first"]), _year(found["last"])
        if first and last in (None, first):
            years.add(first)
    return years.pop() if len(years) == 1 else None


def titles(document: Document) -> Iterator[Title]:
    """Every title that a document shows, the one it declares first."""
    for text in _candidates(document):
        title = parse_title(text)
        if title is not None:
            yield title


def _candidates(document: Document) -> Iterator[str]:
    if document.title:
        yield re.split(r"[_|]", document.title)[0]
        yield document.title
    lines = list(_head_lines(document))
    for line in lines:
        yield from (part for part in line.split() if "信息公开" in part and len(part) > 12)
        yield line
    for position in range(len(lines)):
        for more in (2, 3, 4):
            if position + more <= len(lines) and not any("。" in part for part in lines[position : position + more]):
                yield "".join(lines[position : position + more])


def _head_lines(document: Document) -> Iterator[str]:
    count = 0
    for block in document.blocks:
        if isinstance(block, Text):
            parts: Iterable[str] = block.text.split("\n")
        else:
            rows = [list(dict.fromkeys(filter(None, row))) for row in block.rows[:3]]
            cells = [cell for row in rows for cell in row if "公开" in simplified(cell)]
            # A converter that sees columns in a title's spaces cuts it over cells (markitdown).
            parts = [*cells, *(squeezed("".join(row)) for row in rows if cells and len(row) > 1)]
        for part in parts:
            if part.strip():
                yield part.strip()
                count += 1
                if count >= _FIRST_LINES:
                    return


def title_of(document: Document) -> Title:
    """Unit and year of a document, from its titles, then from its text.

    A title that names an agency and a year wins, the one of the stated period before others; else what the
    titles name first, completed from the text. The properties of a file only add what nothing in it says: a report is
    often written over the last one's file, and keeps them.
    """
    if document.title and document.format in _WITH_PROPERTIES:
        shown = title_of(replace(document, title=""))
        stated = parse_title(document.title) or shown
        if any(a and b and a != b for a, b in ((shown.unit, stated.unit), (shown.year, stated.year))):
            return shown
        return Title(shown.unit or stated.unit, shown.year or stated.year)
    text = "\n".join(block.text for block in document.blocks if isinstance(block, Text))
    period = reporting_period(text)
    found: list[Title] = []
    for title in titles(document):
        if title.unit is None or _is_agency(title.unit):
            if title.unit and title.year and period in (None, title.year):
                return title
            found.append(title)
    for title in found:
        if title.unit and title.year:
            return title
    unit = next((title.unit for title in found if title.unit), None)
    years = [title.year for title in found if title.year]
    year = period if period in years or not years else years[0]
    return Title(_issuer(document, text) if unit is None else unit, year)


def is_agency_name(unit: str) -> bool:
    """Whether a name ends as agencies' names do.

    >>> is_agency_name("某县财政局"), is_agency_name("栏目")
    (True, False)
    """
    return bool(_UNIT.match(unit))


_MENU = re.compile(r"公开|公示|公告|年报|报告|指南|栏目|首页|目录|通知|专栏|网站|导航|下载|服务")


def _is_agency(unit: str) -> bool:
    """Whether a name can be an agency's and is no entry of a menu."""
    return bool(_UNIT.match(unit)) or not _MENU.search(unit)


def _issuer(document: Document, text: str) -> str | None:
    """The issuer where no title names it: above a bare title, in the page's head, or under the text."""
    lines = [squeezed(line) for line in text.split("\n")]
    lines = [line for line in lines if line]
    for position, line in enumerate(lines[:_FIRST_LINES]):
        named = parse_title(line)
        if named is not None and named.unit is None and position and _UNIT.match(lines[position - 1]):
            return lines[position - 1]
    publisher = document.metadata.get("publisher", "")
    if _UNIT.match(squeezed(publisher)):
        return squeezed(publisher)
    found = _ISSUER.search(text[:3000])
    if found and _UNIT.match(squeezed(found.group(1))):
        return squeezed(found.group(1))
    for position in range(len(lines) - 1, max(len(lines) - 6, 0), -1):
        if re.search(rf"{_YEAR}年\d{{1,2}}月\d{{1,2}}日$", lines[position]) and _UNIT.match(lines[position - 1]):
            return lines[position - 1]
    return None


_HEADED_YEAR = re.compile(r"(20\d\d)\s*年")
_WHAT = r"(?:收到|数据|情况|报告|统计|政府信息|主动公开|依申请|行政复议|$)"
_LAST = re.compile(
    rf"^[（(]?[一二三四五六七八九十\d]*[)）、.．]*(?:上一?年度?|去年|往年)的?{_WHAT}|上一?年度?(?:数据|情况|报告|统计)|往年(?:数据|情况|报告)"
)
_THIS = re.compile(rf"^[（(]?[一二三四五六七八九十\d]*[)）、.．]*(?:本年度?|今年)的?{_WHAT}")
# A heading names its subject and is no sentence, nor a line of one.
_SUBJECT = re.compile(r"数据|情况|统计|报告|年报|表")
_YEAR_ALONE = re.compile(r"^\W*20\d\d\s*年度?\W*$")
_SENTENCE = re.compile(r"[，,；;。！!]")
_LONGEST_HEADING = 60


def may_speak(text: str) -> bool:
    """Whether a line can name an agency's report or a year at all; most lines of a page cannot."""
    return ("年" in text or "公" in text) and len(text) <= _LONGEST_HEADING


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
        {int(year) for year in _HEADED_YEAR.findall(text)}
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
