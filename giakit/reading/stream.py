"""Tables that lost their borders: labels and digits in running text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from giakit.documents.model import Document, Text
from giakit.forms import tables
from giakit.forms.labels import LETTERS, bare_key, key, simplified, squeezed
from giakit.reading.headings import verdict_of
from giakit.reading.titles import Title
from giakit.reading.vocabulary import Vocabulary, vocabulary

_GAP = r"[^\w]{0,4}?"
# A label that a column shares (其他, 总计) is a row's only with its number before it. The number is one digit: what
# stands before it belongs to the row above.
_NUMBER = r"(?:其\W{0,2}中\W{0,2})?(?:[（(]\s*[一二三四五六七八九十]\s*[)）]\W?|[一二三四五六七八九十]\s*[、.．,，]|\d\s*[.．、,，])"
# It must not begin with white space: of two labels the one that begins first is found.
_CHAPTER = r"(?:(?:[（(]\s*)?[一二三四五六七八九十]\s*[)）]?\s*[、.．,，]?\s*)?"
_PAGE_NUMBER = re.compile(
    r"^[ \t]*(?:[—\-–─－]+[ \t]*\d+[ \t]*[—\-–─－]+|第[ \t]*\d+[ \t]*页(?:[ \t]*[,，共/][ \t]*共?[ \t]*\d+[ \t]*页)?)[ \t]*$",
    re.M,
)
# Pinyin beside a label, but never a letter beside a digit: that may be a misread digit.
_PINYIN = re.compile(rf"[（(]{LETTERS}[）)]|(?<![\dA-Za-z]){LETTERS}(?![\dA-Za-z])")
_VALUES = re.compile(r"[\s\d.．,，/\-—–－―]*")
# A remark that belongs to the label before it; a note and a counting word that belong to the figure before them.
_REMARK = re.compile(r"^\s*[（(][^（）()]{4,60}[）)]")
_NOTE = re.compile(r"(?<=\d)[ \t]*[（(\[【](?![一二三四五六七八九十][）)])[^（）()\[\]【】]*[）)\]】]")
_COUNTER = re.compile(r"(?<=\d)[ \t]*(?:人次|[件宗条个项次份起部篇人])(?=[\s/—\-]|$)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PROSE = re.compile(r"^\s*(?:[件宗条起份％%项，。；、占]|人次)")
_STUCK = re.compile(r"[^\s\w\u3400-\u9fff（(|「“]\W*\d|[A-Za-z]")
_PIECE = re.compile(r"\d+(?:\.\d+)?|[/\-—–－―]+")


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A row found in running text: its code, the pieces of digits after its label, and what else stands there."""

    code: str
    label: str
    pieces: tuple[str, ...]
    raw: str
    rest: str
    at: int

    @property
    def whole(self) -> bool:
        """Whether all the digits up to the next label were taken for the row's."""
        return not any(character.isdigit() for character in self.rest)


def running_text(document: Document, title: Title) -> str:
    """What a document says on its report as one text, page numbers apart; cells of grids stand on lines of their own."""
    parts: list[str] = []
    for block in document.blocks:
        if isinstance(block, Text):
            parts.append(_without_figures(block.text) if block.doubt else block.text)
        else:
            for number, row in enumerate(block.rows):
                anchors = (
                    block.anchors[number]
                    if block.anchors is not None
                    else range(number * len(row), (number + 1) * len(row))
                )
                parts.append(
                    "\n".join(
                        _without_figures(text) if anchor in block.doubts else text
                        for text, anchor in dict.fromkeys(zip(row, anchors, strict=True))
                    )
                )
    text = simplified(own_part("\n".join(parts), title)).translate(
        str.maketrans("０１２３４５６７８９", "0123456789")
    )
    return _PINYIN.sub(" ", _PAGE_NUMBER.sub("", text))


def _without_figures(text: str) -> str:
    """A text that may show something else: its labels stay, its figures are none to read."""
    return re.sub(r"[0-9０-９]", "?", text)


def own_part(text: str, title: Title) -> str:
    """The text without what stands under the title or heading of another report or year."""
    kept = []
    own = True
    for line in text.split("\n"):
        verdict = verdict_of(line, title)
        own = own if verdict is None else not verdict
        if own:
            kept.append(line)
    return "\n".join(kept)


@cache
def _pattern(table: str) -> re.Pattern[str]:
    words = vocabulary(table)
    entries: list[tuple[str, str]] = []
    for row in words.table.rows:
        for spelled in _spellings((row.label, *row.aliases)):
            optional = "" if spelled in words.columns else "?"
            entries.append((spelled, rf"(?P<_R_>{_NUMBER}{optional}\s*{_GAP.join(spelled)})"))
    for group in words.table.groups:
        for spelled in _spellings((group.label, *group.aliases)):
            entries.append((spelled, rf"(?:{_CHAPTER}{_GAP.join(spelled)})"))
    ends = [
        heading
        for other in tables().values()
        for heading in (other.label, *other.headings)
        if other.code != table
    ]
    ends += ["存在的主要问题及改进情况", "其他需要报告的事项", "存在的主要问题", "附件下载"]
    for heading in ends:
        entries.append((heading, rf"(?:{_CHAPTER}{_GAP.join(key(heading))})"))
    entries.sort(key=lambda entry: -len(entry[0]))
    alternatives = []
    for number, (_, pattern) in enumerate(entries):
        alternatives.append(pattern.replace("?P<_R_>", f"?P<r{number}>"))
    return re.compile("|".join(alternatives))


def _spellings(labels: Sequence[str]) -> list[str]:
    return list(
        dict.fromkeys(spelled for label in labels for spelled in (key(label), bare_key(label)) if spelled)
    )


def names_rows(table: str, text: str, *, least: int) -> bool:
    """Whether the text names at least so many of the table's rows: a cheap look before the search."""
    spelled = key(text)
    found = 0
    for row in vocabulary(table).table.rows:
        found += any(name in spelled for name in _spellings((row.label, *row.aliases)))
        if found >= least:
            return True
    return False


def stream_rows(table: str, text: str) -> list[StreamRow]:
    """All rows of a table in running text, in reading order."""
    words = vocabulary(table)
    pattern = _pattern(table)
    rows = []
    group = ""
    tokens = list(pattern.finditer(text))
    for number, token in enumerate(tokens):
        label = token.group(0)
        if not token.lastgroup:
            group = words.group_code(label) or group
            continue
        codes = words.row_codes(label)
        inside = tuple(code for code in codes if words.group_of[code] == group)
        codes = inside if len(codes) > 1 and inside else codes
        if len(codes) != 1:
            continue
        if codes[0] in words.opens:
            group = words.opens[codes[0]]
        end = tokens[number + 1].start() if number + 1 < len(tokens) else len(text)
        rows.append(_row(codes[0], label, text[token.end() : end], token.start(), words))
    return rows


def _row(code: str, label: str, after: str, at: int, words: Vocabulary) -> StreamRow:
    body = _REMARK.sub("", after).lstrip(" \t\n\r\u3000）)”\"'’。:：|")
    for unit in sorted(words.units, key=len, reverse=True):
        if words.table.code == "statistics" and body.startswith(unit):
            body = body[len(unit) :]
            break
    body = _COUNTER.sub(" ", _NOTE.sub(" ", body))
    found = _VALUES.match(body)
    raw = found.group(0) if found else ""
    rest = body[len(raw) :]
    pieces = tuple(
        "/" if piece[0] in "/-—–－―" else piece
        for piece in _PIECE.findall(_THOUSANDS.sub("", raw.replace("，", ",")))
    )
    if words.table.code != "statistics" and _PROSE.match(rest):
        pieces = ()
    if not raw[-1:].isspace() and _STUCK.match(rest):
        # A figure beside characters that are not read is no figure (8486·3).
        pieces = ()
    return StreamRow(code, squeezed(label), pieces, raw.strip(), rest, at)


def windows(rows: list[StreamRow]) -> list[list[StreamRow]]:
    """The rows cut where one comes again with figures; rows without figures (prose that names them) are left out."""
    found: list[list[StreamRow]] = [[]]
    seen: set[str] = set()
    for row in rows:
        if not row.pieces:
            continue
        if row.code in seen:
            found.append([])
            seen = set()
        seen.add(row.code)
        found[-1].append(row)
    return [window for window in found if window]


_LAST_RESULT = re.compile(
    _GAP.join("尚未审结") + r"[^\w]*" + _GAP.join("总计") + r"(?P<values>[\s\d/\-—–－―|]+)"
)
_AFTER_RECONSIDERATION = re.compile(_GAP.join("复议后起诉"))


def remedy_pieces(text: str) -> list[tuple[str, ...]]:
    """The digits that follow the header of the remedies, where its labels stand in the form's order; each reading once."""
    readings = []
    for found in _LAST_RESULT.finditer(text):
        before = text[max(0, found.start() - 400) : found.start()]
        pieces = tuple("/" if piece[0] in "/-—–－―" else piece for piece in _PIECE.findall(found["values"]))
        if pieces and _AFTER_RECONSIDERATION.search(before):
            readings.append(pieces)
    return list(dict.fromkeys(readings))


_KIND_ROWS = (
    ("reconsideration", "行政复议"),
    ("suit_direct", "未经复议直接起诉"),
    ("suit_after", "复议后起诉"),
)


def remedy_rows(text: str) -> dict[str, tuple[str, ...]]:
    """The digits behind each kind of case, where the remedies stand as three rows of five; else nothing."""
    found: dict[str, tuple[str, ...]] = {}
    for code, label in _KIND_ROWS:
        pattern = re.compile(_GAP.join(label) + r"[ \t\n\u3000\xa0]+(?P<values>[\d/\-—–－―][\s\d/\-—–－―]*)")
        readings = {
            tuple("/" if piece[0] in "/-—–－―" else piece for piece in _PIECE.findall(match["values"]))
            for match in pattern.finditer(text)
        }
        readings = {pieces for pieces in readings if len(pieces) == len(_RESULTS)}
        if len(readings) != 1:
            return {}
        found[code] = readings.pop()
    return found


_RESULTS = ("upheld", "corrected", "other", "pending", "total")
