"""The prose of a report: its chapters, and the figures that it states."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from giakit.documents.model import Document, Text
from giakit.forms.labels import key, simplified, squeezed

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]{1,2})\s*[、.．,，]\s*(\S.{1,38})$")
_GAP = r"[^\w]{0,4}?"
_NUMERAL = r"(?P<n>\d[\d,，]*(?:\.\d+)?万?|[零〇一二三四五六七八九十百千两]+万?)余?"
_UNIT = r"(?:件|宗|条|份|起|个|项)"
_SHORT_GAP = r"[^，。；\d]{0,24}?"


class Section(NamedTuple):
    """A chapter: its code, its heading as printed, its text."""

    section: str
    heading: str
    text: str


class Stated(NamedTuple):
    """A figure in the prose, with the words that state it. `about` marks a round figure (余, 约)."""

    table: str
    row: str
    column: str
    value: float
    text: str
    about: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    table: str
    row: str
    column: str
    value: float | None
    pattern: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("giakit.forms") / "data" / "prose.toml").read_text(encoding="utf-8"))


@cache
def _headings() -> re.Pattern[str]:
    labels = [label for entry in _data()["sections"] for label in (entry["label"], *entry.get("aliases", ()))]
    labels.sort(key=len, reverse=True)
    spelled = "|".join(_GAP.join(key(label)) for label in labels)
    return re.compile(rf"[一二三四五六七八九十]\s*[、.．,，]\s*(?P<label>{spelled})")


@cache
def _codes() -> dict[str, str]:
    return {key(label): entry["code"] for entry in _data()["sections"] for label in (entry["label"], *entry.get("aliases", ()))}


@cache
def _patterns() -> tuple[_Pattern, ...]:
    found = []
    for entry in _data()["stated"]:
        for pattern in entry["patterns"]:
            text = re.sub(r"G", _SHORT_GAP.replace("\\", "\\\\"), pattern)
            text = re.sub(r"NU", (_NUMERAL + _UNIT).replace("\\", "\\\\"), text)
            found.append(_Pattern(entry["table"], entry["row"], entry["column"], entry.get("value"), re.compile(text)))
    return tuple(found)


def prose(document: Document) -> str:
    """The running text of a document without its grids."""
    return simplified("\n".join(block.text for block in document.blocks if isinstance(block, Text)))


def sections(document: Document) -> list[Section]:
    """The chapters in reading order; what stands before the first is the section ``preamble``.

    A chapter whose heading is not one of the form's has the code ``chapter``.
    """
    text = prose(document)
    marks: list[tuple[int, int, str, str]] = []
    for found in _headings().finditer(text):
        marks.append((found.start(), found.end(), _codes()[key(found["label"])], found.group(0)))
    position = 0
    for line in text.split("\n"):
        found = _HEADING.match(line)
        if found and not any(start <= position + len(line) and end >= position for start, end, _, _ in marks):
            marks.append((position, position + len(line), "chapter", line.strip()))
        position += len(line) + 1
    marks.sort()
    result = []
    first = marks[0][0] if marks else len(text)
    if text[:first].strip():
        result.append(Section("preamble", "", text[:first].strip()))
    ends = [mark[0] for mark in marks[1:]] + [len(text)] * bool(marks)
    for (_, end, code, heading), following in zip(marks, ends, strict=True):
        result.append(Section(code, heading, text[end:following].strip()))
    return result


def stated(document: Document, year: int | None) -> list[Stated]:
    """The figures that the prose states on the report's year.

    A clause that names another year, or last year, states nothing on this one.
    """
    found: dict[tuple[str, str, str, float], Stated] = {}
    for clause in _clauses(squeezed(prose(document)), year):
        for pattern in _patterns():
            for match in pattern.pattern.finditer(clause):
                value = pattern.value if pattern.value is not None else numeral(match["n"])
                if value is not None:
                    about = "余" in match.group(0) or "约" in match.group(0)
                    entry = Stated(pattern.table, pattern.row, pattern.column, value, match.group(0), about)
                    found.setdefault(entry[:4], entry)
    return list(found.values())


_STOP = re.compile(r"[。；;！？]")
_OTHER_YEAR = re.compile(r"(20\d\d)年")


def _clauses(text: str, year: int | None) -> Iterator[str]:
    for clause in _STOP.split(text):
        named = {int(found) for found in _OTHER_YEAR.findall(clause)}
        if year is None or not named or year in named or named == {year + 1}:
            yield clause + "。"


_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def numeral(text: str) -> float | None:
    """The value of a number in Arabic or Chinese numerals.

    >>> numeral("1,213"), numeral("三十五"), numeral("一百零二"), numeral("1.2万")
    (1213.0, 35.0, 102.0, 12000.0)
    """
    factor = 1
    if text.endswith("万"):
        text, factor = text[:-1], 10_000
    plain = text.replace(",", "").replace("，", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return round(float(plain) * factor, 6)
    total, digit = 0, 0
    for character in plain:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            total += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            return None
    return float((total + digit) * factor) if plain else None
