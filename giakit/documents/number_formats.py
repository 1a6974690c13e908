"""What a spreadsheet shows for a stored number: units, per cent and scaling of its number format.

A format may say what the number means: ``0"元"`` prints a unit, ``0%`` a hundredth, ``0!.0000`` and ``0,``
print 152790 as 15.2790 or 153. Digits hidden by rounding are kept, the rest is shown.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache

# Formats that a file may use by number alone, without stating their code: per cent, dates and times.
_BUILT_IN: dict[int, str] = {9: "0%", 10: "0.00%"} | dict.fromkeys(
    (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)), "yyyy-mm-dd"
)
_TOKEN = re.compile(r'"[^"]*"?|[\\!].?|\[[^\]]*\]?|[_*].?|General|G/通用格式|[Ee][+-]|.', re.DOTALL)
# Below this a whole number has at most 15 digits.
_EXACT = 1e15
_DATE_LETTERS = frozenset("yYmMdDhHsS")


def built_in_format(number: int) -> str:
    """Code of a format that a file names only by number; ``General`` if it says no more than the number."""
    return _BUILT_IN.get(number, "General")


def number_text(value: float) -> str:
    """A stored number as text: 15 significant digits, no exponent, no ``.0``.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Its digits.

    Examples
    --------
    >>> number_text(3.0), number_text(96171.6), number_text(0.1 + 0.2), number_text(1e20)
    ('3', '96171.6', '0.3', '100000000000000000000')
    """
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    digits = format(Decimal(format(value, ".15g")), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def shown(value: float, code: str, *, since_1904: bool = False) -> str:
    """A stored number as its format shows it.

    Parameters
    ----------
    value : float
        The number.
    code : str
        The number format.
    since_1904 : bool, default False
        Whether dates count from 1904.

    Returns
    -------
    str
        The digits with the literals of the format around them; the format itself in brackets behind them
        where it scales or splits the digits; an ISO date where it is a date; "" where it hides the number.

    Examples
    --------
    >>> shown(152790, '0"元"'), shown(0.5, "0%"), shown(152790, "0!.0000"), shown(7, ";;;")
    ('152790元', '50%', '152790 [0!.0000]', '')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    kind, before, after = _parse(code)
    if kind == "hidden":
        return ""
    if kind == "date":
        return _date(value, since_1904)
    if kind == "scaled":
        return f"{number_text(value)} [{code}]"
    digits = number_text(value * 100) if kind == "percent" else number_text(value)
    return f"{before}{digits}{after}"


@lru_cache(maxsize=1024)
def _parse(code: str) -> tuple[str, str, str]:
    """Kind of a format (``plain``, ``percent``, ``scaled``, ``date``, ``hidden``) and its literals."""
    tokens = _TOKEN.findall(code)
    if tokens and not any(token != ";" for token in tokens):
        return "hidden", "", ""
    if ";" in tokens:
        tokens = tokens[: tokens.index(";")]
    before, after, split = "", "", False
    kind, digits_seen, comma = "plain", False, False
    for token in tokens:
        if token in ("General", "G/通用格式"):
            digits_seen = True
        elif token in "0#?":
            split = split or bool(after)
            digits_seen, comma = True, False
        elif token == ",":
            comma = digits_seen
        elif token in _DATE_LETTERS or token.lower() in ("[h]", "[hh]", "[m]", "[mm]", "[s]", "[ss]"):
            return "date", "", ""
        elif token == "%":
            kind = "percent"
            after += token
        elif literal := _literal(token):
            if digits_seen:
                after += literal
            else:
                before += literal
    if split or comma:
        return "scaled", "", ""
    return kind, before.lstrip(), after.rstrip()


def _literal(token: str) -> str:
    """What a token prints as it stands; "" for digits' own signs, padding, colours and conditions."""
    if token[0] == '"':
        return token.strip('"')
    if token[0] in "\\!":
        return token[1:]
    if token[0] == "[":
        return token[2:].partition("-")[0].rstrip("]") if token[1:2] == "$" else ""
    if token[0] in "_*" or token in ".@-+/" or token[0] in "Ee":
        return ""
    return token


def _date(value: float, since_1904: bool) -> str:
    moment = datetime.datetime(1904, 1, 1) if since_1904 else datetime.datetime(1899, 12, 30)
    try:
        moment += datetime.timedelta(seconds=round(value * 86400))
    except OverflowError:
        return number_text(value)
    if 0 <= value < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == datetime.time() else moment.isoformat(sep=" ")
