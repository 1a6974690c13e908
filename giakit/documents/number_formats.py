"""What a spreadsheet shows for a stored number: the sections, conditions, scaling, rounding and literals of its number format.

A value is what the sheet shows: ``0!.0000`` prints 152790 as 15.2790 (the usual way to print yuan in 万元), ``0.0,`` as 152.8,
``0;;`` prints zero as nothing. A format that cannot be rendered for certain gives None, and the cell stays undecided.
"""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

_ACCOUNTING = '_(* #,##0{0}_);_(* \\(#,##0{0}\\);_(* "-"{1}_);_(@_)'
# Formats that a file may use by number alone, without stating their code (ECMA-376, 18.8.30).
_BUILT_IN: dict[int, str] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);(#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);(#,##0.00)",
    41: _ACCOUNTING.format("", ""),
    42: _ACCOUNTING.format("", ""),
    43: _ACCOUNTING.format(".00", "??"),
    44: _ACCOUNTING.format(".00", "??"),
    48: "##0.0E+0",
    49: "@",
} | dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd")
_TOKEN = re.compile(
    r'(?P<quoted>"[^"]*"?)|(?P<escaped>[\\!].?)|(?P<bracket>\[[^\]]*\]?)|(?P<pad>[_*].?)|(?P<general>General|G/通用格式)'
    r"|(?P<exponent>[Ee][+-])|(?P<noon>AM/PM|A/P|上午/下午)|(?P<digit>[0#?])|(?P<date>[yYmMdDhHsSeg])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"\[(<>|<=|>=|<|>|=)\s*(-?[0-9.]+)\]")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_COLOURS = re.compile(
    r"\[(black|blue|cyan|green|magenta|red|yellow|colou?r ?\d+|黑色?|蓝色?|青色?|绿色?|洋红色?|红色?|黄色?|颜色 ?\d+)\]",
    re.I,
)
_ON_WHITE = re.compile(r"\[(white|白色?|colou?r ?2|颜色 ?2)\]", re.I)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.I)
# Digits in Chinese numerals say the same number.
_NUMERALS = re.compile(r"\[(DBNum\d|NatNum\d+)[^\]]*\]", re.I)
_DIGITS = frozenset(("0", "#", "?", "General", "@"))
_WIDEST = 11
# What Excel allows of a format.
_LONGEST = 255
_EXACT = 1e15


class _Section(NamedTuple):
    """One section of a format: its kind, its pieces (a digit's sign, or a literal behind ``'``), what scales, when it holds."""

    kind: str
    pieces: tuple[str, ...] = ()
    scale: int = 0
    grouped: bool = False
    condition: tuple[str, float] | None = None


def built_in_format(number: int) -> str:
    """Code of a format that a file names only by number; ``General`` if it says no more than the number."""
    return _BUILT_IN.get(number, "General")


def number_text(value: float) -> str:
    """A stored number as text: 15 significant digits, no exponent, no ``.0``.

    >>> number_text(3.0), number_text(96171.6), number_text(0.1 + 0.2), number_text(1e20)
    ('3', '96171.6', '0.3', '100000000000000000000')
    """
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    digits = format(_decimal(value), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


@lru_cache(maxsize=1 << 14)
def shown(value: float, code: str, *, since_1904: bool = False) -> str | None:
    """A stored number as its format shows it, dates (counted from 1904 on demand) in ISO form, Chinese numerals as digits; None where
    the format cannot be rendered for certain.

    >>> shown(152790, '0"元"'), shown(0.5, "0%"), shown(152790, "0!.0000"), shown(7, ";;;"), shown(9, '[=9]"5";0')
    ('152790元', '50%', '15.2790', '', '5')
    """
    if code == "General":
        return general(value)
    if value != value or value in (float("inf"), float("-inf")):
        return None
    sections = _sections(code)
    if sections is None:
        return None
    section, signed = _chosen(sections, value)
    if section is None or section.kind == "unknown" or abs(value) >= _EXACT:
        return None
    if section.kind == "date":
        return _date(value, since_1904)
    literal = not any(piece in _DIGITS for piece in section.pieces)
    if (signed and literal and section.pieces) or (section.kind == "text" and len(section.pieces) > 1):
        # Programs differ on whether the literals alone stand for the number.
        return None
    text = _rendered(section, _decimal(abs(value)) * Decimal(10) ** section.scale)
    if signed and any(digit in text for digit in "123456789"):
        text = f"-{text}"
    return text.strip()


def shown_text(text: str, code: str) -> str | None:
    """A stored text as its format shows it: the section with ``@``, or the fourth.

    >>> shown_text("7", ";;;"), shown_text("7", '@"件"'), shown_text("7", "0.00")
    ('', '7件', '7')
    """
    if code in ("General", "@"):
        return text
    sections = _sections(code)
    if sections is None:
        return text if "@" not in code and code.count(";") < 3 else None
    last = sections[-1]
    if last.kind != "text" and len(sections) < 4:
        return text
    if last.kind == "unknown":
        return None
    return "".join(text if piece == "@" else piece[1:] for piece in last.pieces if piece == "@" or piece[0] == "'")


def general(value: float) -> str:
    """A number in the format General, which has room for eleven signs; whole numbers keep their digits.

    >>> general(96171.6), general(2 / 3), general(1234567890123.0), general(1e-7)
    ('96171.6', '0.666666667', '1234567890123', '1E-07')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    size = abs(value)
    if 1e-4 <= size < 1e11:
        whole = len(str(int(size)))
        return number_text(float(round(_decimal(value), max(_WIDEST - 1 - whole, 0))))
    mantissa, _, exponent = f"{value:.5E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def _decimal(value: float) -> Decimal:
    return Decimal(format(value, ".15g"))


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The sections of a format; None where it is none."""
    if len(code) > _LONGEST:
        return None
    parts: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(code):
        if match.group() == ";":
            parts.append([])
        else:
            parts[-1].append((str(match.lastgroup), match.group()))
    return tuple(map(_section, parts)) if len(parts) <= 4 else None


def _section(tokens: list[tuple[str, str]]) -> _Section:
    pieces: list[str] = []
    condition = None
    kind, known = "number", True
    for token, text in tokens:
        if token == "quoted":
            pieces.append("'" + text.strip('"'))
        elif token == "escaped":
            pieces.append("'" + text[1:])
        elif token == "pad":
            pieces += ["' "] if text[0] == "_" else []
        elif token == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = (found[1], float(found[2]))
            elif text.startswith("[$"):
                pieces.append("'" + text[2:].rstrip("]").partition("-")[0])
            elif _ELAPSED.fullmatch(text):
                kind = "date"
            elif not (_COLOURS.fullmatch(text) or _NUMERALS.fullmatch(text)) or _ON_WHITE.fullmatch(text):
                known = False
        elif token in ("date", "noon"):
            kind = "date"
        elif token == "general":
            pieces.append("General")
        elif token == "exponent" or token == "digit" or text in ".,%/":
            pieces.append(text)
        elif text == "@":
            kind = "text"
            pieces.append(text)
        else:
            # Letters that stand for nothing here may stand for something elsewhere.
            known = known and not (text.isascii() and text.isalpha())
            pieces.append("'" + text)
    if known and kind == "date":
        return _Section(kind, condition=condition)
    # Powers and fractions round in ways of their own, and no report counts in them.
    if not known or pieces.count("%") > 1 or not {"/", "E+", "E-", "e+", "e-"}.isdisjoint(pieces):
        return _Section("unknown", condition=condition)
    return _scaled(kind, pieces, condition)


def _scaled(kind: str, pieces: list[str], condition: tuple[str, float] | None) -> _Section:
    """Takes the commas out: behind the last digit of a part each divides by a thousand, between digits they group."""
    kept: list[str] = []
    scale, grouped, point = 2 * pieces.count("%"), False, False
    places = [number for number, piece in enumerate(pieces) if piece in ("0", "#", "?")]
    for number, piece in enumerate(pieces):
        if piece == "." and not point:
            point = True
            kept.append(piece)
        elif piece == ",":
            before = any(place < number for place in places)
            after = any(place > number for place in places)
            stop = (
                "." in pieces
                and pieces.index(".") > number
                and not any(number < place < pieces.index(".") for place in places)
            )
            if before and (not after or stop):
                scale -= 3
            elif before:
                grouped = True
            else:
                kept.append("',")
        else:
            kept.append("'." if piece == "." else piece)
    return _Section(kind, tuple(kept), scale, grouped, condition)


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, bool]:
    """The section for a number, and whether a minus goes before it."""
    numeric = sections[:-1] if sections[-1].kind == "text" and len(sections) > 1 else sections[:3]
    if any(section.condition for section in numeric):
        if value < 0:
            # Which of the programs prints a minus here differs.
            return None, False
        for number, section in enumerate(numeric):
            sign, bound = section.condition or (">" if number == 0 else "<", 0.0)
            is_rest = section.condition is None and number > 0 and number == len(numeric) - 1
            if is_rest or COMPARISONS[sign](value, bound):
                return section, False
        # No section holds: a row of hashes is shown.
        return None, False
    if value < 0 and len(numeric) > 1:
        return numeric[1], False
    if value == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], value < 0


def _rendered(section: _Section, value: Decimal) -> str:
    pieces = section.pieces
    if "General" in pieces or "@" in pieces:
        return "".join(general(float(value)) if piece in ("General", "@") else _literal(piece) for piece in pieces)
    if not any(piece in "0#?" for piece in pieces):
        return "".join(map(_literal, pieces))
    point = pieces.index(".") if "." in pieces else len(pieces)
    decimals = sum(piece in "0#?" for piece in pieces[point:])
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, behind = format(rounded, "f").partition(".")
    text = _behind(pieces[point:], behind)
    # Excel prints the bare point of 7. where no decimal follows, others do not: the number is the same.
    return _whole(pieces[:point], whole.lstrip("0"), grouped=section.grouped) + re.sub(r"^\.(?![0-9 ])", "", text)


def _literal(piece: str) -> str:
    return piece[1:] if piece[0] == "'" else piece


def _whole(pieces: tuple[str, ...], digits: str, *, grouped: bool) -> str:
    """The part before the point, filled from the right; digits beyond the first sign stand before it."""
    first = next((number for number, piece in enumerate(pieces) if piece in "0#?"), None)
    parts: list[str] = []
    printed = 0
    for number in reversed(range(len(pieces))):
        piece = pieces[number]
        if piece not in "0#?":
            parts.append(_literal(piece))
            continue
        take = len(digits) if number == first else 1
        for digit in reversed(digits[max(len(digits) - take, 0) :]) if digits else [""]:
            digit = digit or {"0": "0", "?": " "}.get(piece, "")
            if grouped and digit and printed and printed % 3 == 0:
                parts.append(",")
            parts.append(digit)
            printed += bool(digit)
        digits = digits[: max(len(digits) - take, 0)]
    return "".join(reversed(parts)) if first is not None else "".join(map(_literal, pieces)) + digits


def _behind(pieces: tuple[str, ...], digits: str) -> str:
    """The part from the point on; zeros at its end are printed only where a 0 asks for them."""
    needed = len(digits.rstrip("0"))
    text, used = "", 0
    for piece in pieces:
        if piece in ("0", "#", "?"):
            digit = digits[used : used + 1]
            used += 1
            text += digit if used <= needed or piece == "0" else " " if piece == "?" else ""
        else:
            text += _literal(piece)
    return text


def _date(value: float, since_1904: bool) -> str:
    moment = datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30)
    try:
        moment += datetime.timedelta(seconds=round(value * 86400))
    except OverflowError:
        return number_text(value)
    if 0 <= value < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(sep=" ")
