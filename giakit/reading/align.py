"""The form laid over a document's tokens.

A document is a stream of tokens: label text, numbers, blanks, breaks. A converter keeps their order and loses the
rest: cells become lines, lines become one line, a row is torn off its label. What a person does with such a page is to
lay the form over it: its labels come in its order, each with as many figures as the form has columns. So it is done here.

Lines are made of the tokens under a hypothesis of what a row is: `giakit.reading.lines` takes the rows of grids as they
stand, `stream_lines` takes a row for the figures between two labels, wherever the breaks are. Everything behind it
(headers, columns, identities, proof) works on lines and does not know where they came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from giakit.documents.model import Document, Doubt, Text
from giakit.forms import tables
from giakit.forms.labels import LETTERS, key, simplified, squeezed
from giakit.reading.lines import Item, Line
from giakit.reading.numbers import Kind, kind
from giakit.reading.vocabulary import Vocabulary, label_keys, vocabulary

ENDS = ("存在的主要问题及改进情况", "其他需要报告的事项", "存在的主要问题", "附件下载")
"""What stands behind the last table of a report."""
STREAM = 1 << 20
"""The number of the grid that rows of the stream stand in."""

_PAGE_NUMBER = re.compile(
    r"^[ \t]*(?:[—\-–─－]+[ \t]*\d+[ \t]*[—\-–─－]+|第[ \t]*\d+[ \t]*页(?:[ \t]*[,，共/][ \t]*共?[ \t]*\d+[ \t]*页)?)[ \t]*$",
    re.M,
)
# Pinyin beside a label, but never a letter beside a digit: that may be a misread digit.
_PINYIN = re.compile(rf"[（(]{LETTERS}[）)]|(?<![\dA-Za-z]){LETTERS}(?![\dA-Za-z])")
_SPACES = re.compile(r"[\s|｜&\u3000\xa0]+")
_MARKUP = re.compile(r"</?(?:br|span)\b[^<>]*>|\*\*|__|^#+\s|\\\\$|\\[a-z]+", re.I | re.M)
# A cell over several columns in LaTeX.
_SPAN = re.compile(r"\\multi(?:column|row)\{\d+\}\{[^{}]*\}\{([^{}]*)\}")
_RULE = re.compile(r"^(?:[\s|:+=\-—─┼├┤*]{3,}|\s*[{|][|}-].*|\s*\|\s*)$")
_RULE_PIECE = re.compile(r"^:?-{3,}:?$|^={3,}$")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_GAP = r"[^\w]{0,4}?"
# The number of a label is one digit: what stands before it belongs to the row above.
_NUMBER = r"(?:其\W{0,2}中\W{0,2})?(?:[（(]\s*[一二三四五六七八九十]\s*[)）]\W?|[一二三四五六七八九十]\s*[、.．,，]|\d\s*[.．、,，])"
# Figures glued to a label, up to the number of the next one; none before a counting word, which makes them prose.
_COUNTED = r"(?:人次|[件宗条个项次份起部篇人元月日号届季%％]|年(?!度))"
_FIGURES = re.compile(
    r"(?P<remark>[（(][^（）()]{4,60}[）)])?(?P<unit>[条件元次])?(?!\d[.．、])(?P<figures>[\d/—–－―-][\d.,/—–－―-]*?)"
    rf"(?!\s*{_COUNTED})(?=$|[\s|]|\d?[.．、](?=[\u3400-\u9fff“])|[（(“\u3400-\u9fff])"
)
_CJK = re.compile(r"[\u3400-\u9fff]")
_NO_LABEL = re.compile(r"[^\u3400-\u9fff\d]+")
_NUMBERED = re.compile(r"\d[.．、](?=[\u3400-\u9fff“])")
_BEHIND = re.compile(r"[\u3400-\u9fff\d]")
_FIGURE = re.compile(r"[\d/—–－―-]")
_MOST_PIECES = 8
_MOST_HEADS = 20


class Token(NamedTuple):
    """A piece of label text, a number, a blank, or something that is none of them for certain."""

    kind: Kind
    raw: str
    where: str
    doubt: Doubt | None = None


def tokens(document: Document) -> list[Token]:
    """The tokens of a document in reading order.

    >>> from giakit.documents.model import Text
    >>> text = Text("1.属于国家秘密00000002.重复申请\\n3 0\\n共收到申请 3 件。")
    >>> [token.raw for token in tokens(Document("page", "text", (text,)))]
    ['1.属于国家秘密', '0000000', '2.重复申请', '3', '0', '共收到申请', '3件。']
    """
    found: list[Token] = []
    for block in document.blocks:
        if isinstance(block, Text):
            text = _PAGE_NUMBER.sub("", block.text)
            found.extend(_of_text(text, block.where, block.doubt))
            continue
        number = 0
        above: set[int] = set()
        for position, row in enumerate(block.rows):
            anchors = range(number, number + len(row)) if block.anchors is None else block.anchors[position]
            number += len(row)
            cells = dict.fromkeys(zip(anchors, row, strict=True))
            for anchor, raw in cells:
                if anchor in above or anchor < 0:
                    continue
                doubt = block.doubts.get(anchor) if block.doubts else None
                where = f"{block.where} row {position + 1}"
                if not raw.strip():
                    found.append(Token("blank", "", where, doubt))
                    continue
                whole = kind(raw)
                if "\n" not in raw and " " not in raw and whole in ("number", "blank"):
                    found.append(Token(whole, raw, where, doubt))
                    continue
                found.extend(_of_text(raw, where, doubt))
            above = set(anchors)
    return found


def _of_text(text: str, where: str, doubt: Doubt | None) -> Iterator[Token]:
    """The tokens of a text: the labels of rows wherever they stand, and what white space parts between them."""
    lines = [line for line in simplified(text).translate(_FULL_WIDTH).split("\n") if not _RULE.match(line)]
    text = "\n".join(_unwrapped_headers(lines))
    text = _ESCAPE.sub("", _PINYIN.sub(" ", _MARKUP.sub(" ", _SPAN.sub(r" \1 ", text))))
    end = 0
    for label in _row_labels().finditer(text):
        if label.start() < end or not _names_a_row(text, label.start(), label.end()):
            continue
        yield from _of_pieces(text[end : label.start()], where, doubt)
        yield Token("label", squeezed(label.group()), where, doubt)
        end = label.end()
        figures = _FIGURES.match(text, end)
        if figures and (rest := figures["remark"] or figures["unit"]):
            yield Token("label", rest, where, doubt)
        if figures:
            yield from _of_pieces(figures["figures"], where, doubt)
            end = figures.end()
    yield from _of_pieces(text[end:], where, doubt)


def _unwrapped_headers(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a text; those of a header whose cells wrap are joined cell by cell (指标名 历年累, then 称 计)."""
    held: list[str] = []
    for line in lines:
        pieces = [piece for piece in _SPACES.split(line) if piece]
        joined = [above + below for above, below in zip(held, pieces, strict=False)]
        mended = sum(
            _heads_a_column(whole) and not (_heads_a_column(above) or _heads_a_column(below))
            for whole, above, below in zip(joined, held, pieces, strict=False)
        )
        figures = sum(kind(piece) == "number" for piece in (*held, *pieces))
        if len(pieces) == len(held) > 1 >= figures and 2 * mended > len(held):
            held = joined
            continue
        if held:
            yield "   ".join(held)
        held = pieces if 1 < len(pieces) <= _MOST_HEADS and _CJK.search(line) else []
        if not held:
            yield line
    if held:
        yield "   ".join(held)


def _heads_a_column(label: str) -> bool:
    return any(words.column_code(label) or words.is_column_group(label) for words in map(vocabulary, tables()))


def _names_a_row(text: str, start: int, end: int) -> bool:
    """Whether a row's label stands for the row: alone, or with figures right behind it. Prose and other labels hold it too."""
    if _FIGURES.match(text, end) or _NUMBERED.match(text, end):
        return True
    return not _CJK.match(text[start - 1 : start]) and not _BEHIND.match(text[end : end + 1])


def _of_pieces(text: str, where: str, doubt: Doubt | None) -> Iterator[Token]:
    pieces = [piece for piece in _SPACES.split(text) if piece and not _RULE_PIECE.match(piece)]
    for piece in _with_units(pieces):
        sort = kind(piece)
        if sort == "odd" and not _FIGURE.search(piece):
            continue
        yield Token(sort, piece, where, doubt)


def _with_units(pieces: list[str]) -> Iterator[str]:
    """A figure before a counting word is a figure of prose, and stays with its words."""
    held = ""
    for position, piece in enumerate(pieces):
        following = pieces[position + 1] if position + 1 < len(pieces) else ""
        if held:
            piece, held = held + piece, ""
        elif kind(piece) == "number" and re.match(_COUNTED, following):
            if len(squeezed(following)) == 1 or following == "人次":
                yield piece
                pieces[position + 1] = ""
                continue
            held = piece
            continue
        if piece:
            yield piece
    if held:
        yield held


@cache
def _row_labels() -> re.Pattern[str]:
    """The labels of rows and groups with their numbers, and the headings that end a table; the longest first."""
    names: set[str] = set()
    shared: set[str] = set()
    for words in map(vocabulary, tables()):
        names |= {key(heading) for heading in (words.table.label, *words.table.headings, *ENDS)} | words.groups.keys()
        names |= {name for row in words.table.rows for name in label_keys(row)}
        shared |= words.columns.keys()
    # A label that a column shares (其他, 总计) is a row's only with its number before it, or figures glued to it.
    rows, columns = (_any_of(each) for each in (names - shared, shared))
    return re.compile(rf"(?P<number>{_NUMBER})?\s*(?:{rows}|(?(number)(?:{columns})|(?:{columns})(?=\d)))[）)”’]?")


def _any_of(names: set[str]) -> str:
    """A pattern of names with their punctuation; by first character, which spares most of the search."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_first.setdefault(name[0], []).append(name[1:])
    return "|".join(
        rf"{first}(?:{'|'.join(_GAP.join(('', *rest)) for rest in rests)})" for first, rests in by_first.items()
    )


def stream_lines(found: Sequence[Token], words: Vocabulary) -> list[Line]:
    """Lines under the hypothesis that a row is what stands between two labels."""
    runs: list[tuple[list[Token], list[Token]]] = [([], [])]
    for token in found:
        labels, values = runs[-1]
        if token.kind != "label":
            values.append(token)
        elif any(value.raw.strip() for value in values):
            runs.append(([token], []))
        else:
            # Cells with nothing in them leave no trace.
            values.clear()
            labels.append(token)
    lines: list[Line] = []
    between = [_without_units(labels, words) for labels, _ in runs] + [[]]
    for number, (_, values) in enumerate(runs):
        before, after = between[number : number + 2]
        row = _row_label(before, words) if values else 0
        head, tail = (row, 0) if row else _torn_label(before, after, words) if values else (0, 0)
        between[number + 1] = after[tail:]
        if values and not head and before and words.table.code != "remedies":
            head = 1
        above, pieces = before[: len(before) - head], before[len(before) - head :] + after[:tail]
        lines.extend(_heads_and_texts(above, words, len(lines)))
        if values:
            label = [Item(0, 1, "".join(token.raw for token in pieces), "label")] if pieces else []
            items = [
                Item(position, position + 1, token.raw, token.kind, doubt=token.doubt)
                for position, token in enumerate(values, len(label))
            ]
            lines.append(Line(STREAM, len(lines), (*label, *items), False, values[0].where))
    return lines


def _without_units(labels: Sequence[Token], words: Vocabulary) -> list[Token]:
    return [token for token in labels if key(token.raw) not in words.units or not key(token.raw)]


def _torn_label(before: Sequence[Token], after: Sequence[Token], words: Vocabulary) -> tuple[int, int]:
    """How many pieces before a row's figures and behind them make its label together; none where they make none.

    Cells that wrap are written line by line: 主动公 条 5126 9346, then 开信息, then 数.
    """
    best = (0, 0)
    after = after[: len(after) - _row_label(after, words)]
    for head in range(1, min(len(before), _MOST_PIECES) + 1):
        spelled = "".join(token.raw for token in before[-head:])
        for tail in range(1, min(len(after), _MOST_PIECES) + 1):
            spelled += after[tail - 1].raw
            if words.row_codes(spelled):
                best = max(best, (head, tail), key=sum)
    return best


def _row_label(labels: Sequence[Token], words: Vocabulary) -> int:
    """How many of the last pieces make the label of a row; 0 where they make none."""
    spelled = ""
    best = 0
    for count in range(1, min(len(labels), _MOST_PIECES) + 1):
        piece = labels[-count].raw
        spelled = piece + spelled
        if words.row_codes(spelled):
            best = count
        elif best:
            break
    # 总计 behind other labels of a header is the last of them; the row of that name has a number.
    if best == 1 and len(labels) > 1 and labels[-1].raw in words.columns:
        return 2
    return best


def _pieces_of_header(labels: Sequence[Token], words: Vocabulary) -> Iterator[Token]:
    """Labels of columns that run together, one by one."""
    for token in labels:
        raw = _NO_LABEL.sub("", token.raw)
        chain = words.header.search(raw)
        if chain is None:
            yield token
            continue
        if chain.start():
            yield token._replace(raw=raw[: chain.start()])
        for name in words.head.findall(chain.group()):
            yield token._replace(raw=name)


def _heads_and_texts(labels: Sequence[Token], words: Vocabulary, at: int) -> Iterator[Line]:
    labels = list(_pieces_of_header(labels, words))
    heads: list[tuple[str, str]] = []
    kinds: list[str] = []
    texts: list[Token] = []
    grouped = False
    position = 0
    where = labels[0].where if labels else ""
    while position < len(labels):
        for count in range(min(4, len(labels) - position), 0, -1):
            spelled = "".join(token.raw for token in labels[position : position + count])
            # 年1 is a piece of a date.
            code = None if spelled[-1:].isdigit() else words.column_code(spelled)
            if code:
                if code == "total" and grouped and not any(seen == "business" for _, seen in heads):
                    code = "total "
                heads.append((spelled, code))
                break
            if words.table.code == "remedies" and (words.row_codes(spelled) or words.group_code(spelled)):
                kinds.append(spelled)
                break
            grouped = grouped or key(spelled) in words.column_groups
        else:
            texts.append(labels[position])
            count = 1
        position += count
    for token in texts:
        yield Line(-1, at, (Item(0, 1, token.raw, "label"),), False, token.where)
    # Where the organisations are a group of columns, the total of all stands beside the group's name, before its columns.
    heads.sort(key=lambda head: head[1] == "total ")
    for names in (kinds, [raw for raw, _ in heads]):
        if names:
            items = tuple(Item(start, start + 1, raw, "label") for start, raw in enumerate(names, 1))
            yield Line(STREAM, at, items, False, where)
