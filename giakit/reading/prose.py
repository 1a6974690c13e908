"""The prose of a report: its chapters, and the figures that it states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from giakit.data import toml
from giakit.documents.model import Document, Text
from giakit.forms.labels import key, simplified, squeezed

_HEADING = re.compile(r"^\s*([一二三四五六七八九十]{1,2})\s*[、.．,，]\s*(\S.{1,38})$")
_GAP = r"[^\w]{0,4}?"
_FIGURE = r"(?P<n>\d[\d,，]*(?:\.\d+)?万?|[零〇一二三四五六七八九十百千两]+万?)(?P<about>余|多)?"
_COUNTED = "件宗条份起个项例"
_SHORTHANDS = {
    "SUFFIX": r"(?:的|答复|决定|处理|申请|情形|类|数量|数|共|为|有|计)*",
    "NU": rf"(?P<before>约|近|超过|超|逾)?{_FIGURE}[{_COUNTED}](?P<after>左右|以上)?",
    "NM": rf"(?P<before>约|近|超过|超|逾)?{_FIGURE}(?P<money>万元|元)",
    "Z": r"(?:0|零|〇)(?:件|宗|条|份|起|例|元|万元)?(?![\d.万])",
}
# Without a figure and its unit, or a word of what can be nil, no pattern need be tried on a sentence.
_COUNTED_FIGURE = re.compile(rf"[\d零〇一二三四五六七八九十百千两万][余多]?(?:[{_COUNTED}]|万?元)")
_NIL = re.compile("复议|诉讼|申请|费")
_YEAR = re.compile(r"(20\d\d)年")
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
_STOP = re.compile(r"(?<=[。！？])")
# A page without stops is no sentence: what stands further before a figure says nothing on it.
_REACH = 400
_PARTS_FOLLOW = re.compile(r"[（(][^（()）]{0,200}[)）]|[，,]?其中[^。；;]{0,200}")
_PART = re.compile(r"\d+(?=[件宗条份起个项例])")


class Section(NamedTuple):
    """A chapter: its code, its heading as printed, its text."""

    section: str
    heading: str
    text: str


class Stated(NamedTuple):
    """A figure in the prose, with the words that state it. `about` marks a round figure (余, 约); `body` is another agency that the
    sentence names as the one that counted ("" where it names none, or the report's own).

    `row` is a row or a group of `table`, ``granted+partial``, ``suits`` (both kinds of suit) or ``processing_fee``
    (in 10,000 yuan). Where a sentence goes on to the parts of the figure, `text` runs on to the last of them.
    """

    table: str
    row: str
    column: str
    value: float
    text: str
    about: bool
    body: str = ""


class _Entry(NamedTuple):
    """A quantity and the ways to state it; see data/prose.toml."""

    table: str
    row: str
    column: str
    value: float | None
    patterns: tuple[re.Pattern[str], ...]
    needs: re.Pattern[str] | None
    never: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    single: re.Pattern[str] | None
    part: bool
    under: str
    offices: bool


def _data() -> dict[str, Any]:
    return toml("forms", "prose.toml")


@cache
def _headings() -> re.Pattern[str]:
    labels = [label for entry in _data()["sections"] for label in (entry["label"], *entry.get("aliases", ()))]
    labels.sort(key=len, reverse=True)
    spelled = "|".join(_GAP.join(key(label)) for label in labels)
    return re.compile(rf"[一二三四五六七八九十]\s*[、.．,，]\s*(?P<label>{spelled})")


@cache
def _codes() -> dict[str, str]:
    return {
        key(label): entry["code"]
        for entry in _data()["sections"]
        for label in (entry["label"], *entry.get("aliases", ()))
    }


@cache
def _entries(year: int | None) -> tuple[_Entry, ...]:
    around = {"LAST": -1, "THIS": 0, "NEXT": 1}
    years = {name: "(?!)" if year is None else f"{year + shift}" for name, shift in around.items()}

    def spelled(pattern: str) -> re.Pattern[str]:
        for short, long in (_SHORTHANDS | years).items():
            pattern = pattern.replace(short, long)
        return re.compile(pattern)

    def optional(entry: dict[str, Any], field: str, ending: str = "") -> re.Pattern[str] | None:
        return re.compile(f"(?:{entry[field]}){ending}") if field in entry else None

    return tuple(
        _Entry(
            table=entry["table"],
            row=entry["row"],
            column=entry["column"],
            value=entry.get("value"),
            patterns=tuple(spelled(pattern) for pattern in entry["patterns"]),
            needs=optional(entry, "needs"),
            never=optional(entry, "never"),
            behind=optional(entry, "behind", "$"),
            unless=optional(entry, "unless"),
            single=optional(entry, "single"),
            part=entry.get("part", False),
            under=entry.get("under", ""),
            offices=entry.get("offices", False),
        )
        for entry in _data()["stated"]
    )


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(_data()["words"][name])


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
    named = [(start, end) for start, end, _, _ in marks]
    position = nearest = 0
    for line in text.split("\n"):
        while nearest < len(named) and named[nearest][1] < position:
            nearest += 1
        is_named = nearest < len(named) and named[nearest][0] <= position + len(line)
        if not is_named and _HEADING.match(line):
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


def stated(document: Document, year: int | None, unit: str | None = None) -> list[Stated]:
    """The figures that the prose states on the report's year.

    What a sentence says of another year, of some offices, of one way to apply, of cases of another kind or of a
    part (behind 其中) is no statement on the whole. Better no figure than a wrong one.
    """
    found: dict[tuple[str, str, str, float], Stated] = {}
    foreign = False
    for sentence in _STOP.split(squeezed(prose(document))):
        states = _COUNTED_FIGURE.search(sentence) or _NIL.search(sentence)
        if not states and not foreign:
            continue
        text = _words("comparison").sub(lambda words: "□" * len(words.group(0)), sentence)
        if any(sign.search(text) for sign in (_YEAR, _words("last_year"), _words("this_year"), _headings())):
            foreign = False
        if not states:
            continue
        skipped = False
        for entry, match in _matches(text, year):
            if foreign or _governing_year(_before(text, match), year) != year:
                skipped = True
                continue
            value = entry.value if entry.value is not None else _value(match)
            if value is not None:
                figure = Stated(
                    entry.table, entry.row, entry.column, value, _wording(text, match), _is_round(match),
                    _other_body(_before(text, match), unit),
                )  # fmt: skip
                found.setdefault(figure[:4], figure)
        foreign = foreign or skipped
    return list(found.values())


def _matches(text: str, year: int | None) -> Iterator[tuple[_Entry, re.Match[str]]]:
    """What the entries find in a sentence; a number belongs to the first that takes it."""
    taken: set[int] = set()
    counted, nil = _COUNTED_FIGURE.search(text), _NIL.search(text)
    for entry in _entries(year):
        if not (nil if entry.value is not None else counted):
            continue
        for pattern in entry.patterns:
            for match in pattern.finditer(text):
                numbers = set(range(*match.span("n"))) if "n" in pattern.groupindex else set()
                if not numbers & taken and _fits(entry, text, match):
                    taken |= numbers
                    yield entry, match


def _fits(entry: _Entry, text: str, match: re.Match[str]) -> bool:
    before = _before(text, match)
    clause = re.split(r"[，,；;。：:]", before)[-1]
    if _words("stretch").search(before) or (entry.unless and entry.unless.search(before)):
        return False
    if entry.needs and not entry.needs.search(before + match.group(0)):
        return False
    if entry.never and entry.never.search(match.group(0)):
        return False
    if entry.behind and entry.behind.search(before):
        return False
    if entry.single and len(set(entry.single.findall(clause + match.group(0)))) == 1:
        return False
    if not entry.part and "其中" in _BRACKETS.sub("", re.split("[；;]", before)[-1]):
        return False
    if entry.under and _subject(before) != entry.under:
        return False
    return not (entry.offices and _words("offices").search(clause) and not _words("whole").search(clause))


def _before(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - _REACH) : match.start()]


def _other_body(before: str, unit: str | None) -> str:
    """The agency that the clause names as its subject, where it is another than the report's: an office of a district, say."""
    clause = next((part for part in reversed(re.split(r"[，,；;。：:]", before)) if part), "")
    named = _words("body").search(clause)
    if named is None or _words("own_body").search(named.group(0)):
        return ""
    body = named.group(0).lstrip("年度")
    return "" if any(body[start:] in (unit or "") for start in range(max(1, len(body) - 2))) else body


def _subject(before: str) -> str:
    last = [
        (max((found.end() for found in re.finditer(pattern, before)), default=-1), name)
        for name, pattern in _data()["subjects"].items()
    ]
    place, name = max(last)
    return name if place >= 0 else ""


def _governing_year(before: str, year: int | None) -> int | None:
    """The year that the words before a figure speak of."""
    if year is None:
        return None
    named = [(found.start(), int(found.group(1))) for found in _YEAR.finditer(before)]
    named += [(found.start(), year - 1) for found in _words("last_year").finditer(before)]
    named += [(found.start(), year) for found in _words("this_year").finditer(before)]
    return max(named)[1] if named else year


def _value(match: re.Match[str]) -> float | None:
    value = numeral(match["n"])
    if value is not None and match.groupdict().get("money") == "元":
        return round(value / 10_000, 6)
    return value


def _is_round(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return any(groups.get(name) for name in ("about", "before", "after"))


def _wording(text: str, match: re.Match[str]) -> str:
    """The words of a match, and of the parts that follow it behind 其中 or in brackets."""
    follows = _PARTS_FOLLOW.match(text, match.end())
    if not follows:
        return match.group(0)
    parts = list(_PART.finditer(text, follows.start(), follows.end()))
    return text[match.start() : parts[-1].end() + 1] if len(parts) > 1 else match.group(0)


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
