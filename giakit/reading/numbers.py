"""What a printed cell says: a number, nothing, a label, or something that cannot be read for certain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from giakit.forms.labels import simplified, squeezed

Kind: TypeAlias = Literal["number", "blank", "label", "odd", "pad"]

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，＋－％（）／：", "0123456789.,+-%()/:")
_BLANK = re.compile(r"^[/\\\-‐‑‒–—―−─－_~～…·.*×]*$|^无$")
_UNITS = "亿元|万元|千元|元|人次|件|宗|条|个|项|次|人|份|起|部|篇|例|类|批"
_NUMBER = re.compile(
    rf"^(?P<sign>[+\-−–﹣]|增加|减少|新增|增|减)?(?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<decimals>\.\d+)?"
    rf"(?P<unit>{_UNITS})?(?P<note>[\[(【〔].*[\])】〕]|[①-⑳*＊※])?$"
)
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]")
# Factors from a printed unit to 10,000 yuan.
_AMOUNT = {"": 1.0, "万元": 1.0, "元": 1e-4, "千元": 0.1, "亿元": 1e4}
_UNIT_NAMED = re.compile(r"(?:单位(?:[为是])?[：:]?|[（(〔\[]|^)(亿元|万元|千元|元)")
_NEGATIVE = frozenset("-−–﹣") | {"减少", "减"}
_SPLIT = re.compile(r"^\d+(?:\s+\d+)+(?:\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed: value, sign, unit, and whether white space ran through it."""

    value: float
    signed: bool
    decimal: bool
    unit: str
    broken: bool


@lru_cache(maxsize=1 << 15)
def kind(raw: str) -> Kind:
    """What kind of thing a cell holds.

    >>> [kind(raw) for raw in ("12", "—", "属于国家秘密", "1O", "22（其中修订 16 件）")]
    ['number', 'blank', 'label', 'odd', 'number']
    """
    text = squeezed(raw)
    if _BLANK.match(text):
        return "blank"
    if number(raw) is not None:
        return "number"
    return "label" if _CJK.search(text) else "odd"


@lru_cache(maxsize=1 << 15)
def number(raw: str) -> Number | None:
    """The number that a cell prints, or None.

    Full-width digits, thousands separators, a unit, a note in brackets and a sign (also 增, 减) are read.

    >>> number("减4").value, number("152790元").unit, number("1,024").value
    (-4.0, '元', 1024.0)
    """
    stripped = raw.translate(_FULL_WIDTH).strip()
    found = _NUMBER.match(simplified(squeezed(stripped)))
    if not found:
        return None
    unit, note = found["unit"] or "", found["note"] or ""
    if not unit and note[1:-1] in _AMOUNT:
        unit = note[1:-1]
    digits = found["digits"].replace(",", "")
    if len(digits) > 15:
        return None
    value = float(digits + (found["decimals"] or ""))
    sign = found["sign"]
    return Number(
        value=-value if sign in _NEGATIVE else value,
        signed=sign is not None,
        decimal=bool(found["decimals"]) and value != int(value),
        unit=unit,
        broken=bool(_SPLIT.match(stripped)),
    )


def unit_named(header: str) -> str:
    """The unit of money that a header names in brackets or behind 单位, "" if it names none.

    >>> unit_named("本年收费金额（单位：千元）"), unit_named("本年收费金额（单位：万容元）")
    ('千元', '')
    """
    named = _UNIT_NAMED.search(simplified(squeezed(header)))
    return named.group(1) if named else ""


def amount(number: Number, unit: str, header: str = "") -> float | None:
    """The value in the unit of its column; None where the printed unit does not fit it.

    An amount in 10,000 yuan that is printed in yuan is converted; the cell's own unit comes before the header's.

    >>> from giakit.reading.numbers import number
    >>> amount(number("251000元"), "万元")
    25.1
    """
    if unit == "万元":
        factor = _AMOUNT.get(number.unit or unit_named(header))
        if factor is None:
            return None
        return round(number.value * factor, 10) if factor != 1.0 else number.value
    if number.unit in ("万元", "千元", "亿元"):
        return None
    return number.value
