"""Labels as keys: what is left of a printed label once layout, numbering and punctuation are gone."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_NUMBERING = re.compile(
    r"^(?:其中|注|项目)?[:：]?"
    r"(?:[（(〔\[][一二三四五六七八九十\d]{1,3}[）)〕\]][、.．,，]?|[一二三四五六七八九十\d]{1,3}[、.．,，:：)）]|[①-⑳㈠-㈩])+"
)
LETTERS = r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f ]*"
"""Latin letters, such as pinyin beside a label."""
_REMARK = re.compile(r"[（(〔【\[][^（(〔【\[）)〕】\]]*[）)〕】\]]")
# Letters go too: no label has one, and pinyin over or behind a label is no part of it.
_NOT_WORD = re.compile(r"[^\u3400-\u9fff\U00020000-\U0002ffff]+")
# Numbering inside a label: group and row written into one cell.
_PINYIN = re.compile(rf"[（(]{LETTERS}[）)]")
_INNER = re.compile(r"[（(〔][一二三四五六七八九十]{1,3}[）)〕]")
_SPACE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
# The traditional characters of every label of the forms: enough to know that a conversion is worth its while.
_TRADITIONAL = re.compile(
    "["
    "佈係個傳內動務區參員問單國圍執報場實審專對屬廢強後徑從應採據數於時會條業構標機檔欄權歷決沒況減滿"
    "濟為無熱爲獲現當發眾確碼祕稱穩範糾納組結絡統經維網線編總織繳繼續罰聞職聽與舉萬處衆補製複覆規計訓"
    "訟訪設許訴詢試話認談請諮議護讀負責費賴購輯輿轉辦這過違郵錄錯門開閱閲關際隱電響頁項題額類駁體點"
    "]"
)

# Radicals that fonts of PDFs give in place of characters. Unicode maps those of Kangxi; of the supplement it maps two.
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_SUPPLEMENT = dict(
    zip(
        "⺠⺟⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "民母虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1 << 16)
def simplified(text: str) -> str:
    """The text in simplified characters.

    >>> simplified("政府信息公開申請")
    '政府信息公开申请'
    """
    if not _TRADITIONAL.search(text):
        return text
    return str(_converter().convert(text))


def has_radicals(text: str) -> bool:
    """Whether some character of a text is a radical that stands for a character."""
    return bool(_RADICAL.search(text))


def with_plain_characters(text: str) -> str:
    """The text with characters in place of the radicals that stand for them.

    >>> with_plain_characters("⾏政处罚 ⻋辆")
    '行政处罚 车辆'
    """
    return _RADICAL.sub(_plain, text)


def _plain(radical: re.Match[str]) -> str:
    character = radical.group()
    return _SUPPLEMENT.get(character) or unicodedata.normalize("NFKC", character)


def squeezed(text: str) -> str:
    """The text without white space of any kind, zero-width characters included.

    >>> squeezed(" 商业\\u00a0企 业")
    '商业企业'
    """
    return _SPACE.sub("", text)


@lru_cache(maxsize=1 << 16)
def key(text: str) -> str:
    """What identifies a label: its characters without numbering, punctuation, digits and white space.

    >>> key("（三） 不予公开"), key("3.危及“三安全一稳定”"), key("其中：1.网站公开")
    ('不予公开', '危及三安全一稳定', '网站公开')
    """
    bare = _INNER.sub("", _NUMBERING.sub("", squeezed(text)))
    return simplified(_NOT_WORD.sub("", bare))


@lru_cache(maxsize=1 << 16)
def bare_key(text: str) -> str:
    """The key of a label without its remarks in brackets.

    >>> bare_key("（二）部分公开（区分处理的，只计这一情形，不计其他情形）")
    '部分公开'
    """
    bare = _INNER.sub("", _NUMBERING.sub("", _PINYIN.sub("", squeezed(text))))
    return simplified(_NOT_WORD.sub("", _REMARK.sub("", bare)))
