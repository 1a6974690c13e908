"""The table of remedies: three kinds of case by five results, printed as one line, as three, or on end."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from giakit.forms.labels import squeezed
from giakit.reading.digits import cut_remedies
from giakit.reading.lines import Item, Line
from giakit.reading.numbers import number
from giakit.reading.scan import Head, Hit
from giakit.reading.vocabulary import Vocabulary

_HEADING = 60
Path = tuple[str | None, str | None]


@dataclass(slots=True)
class _Header:
    lines: list[Line] = field(default_factory=list)
    open: bool = False


def scan_remedies(lines: list[Line], words: Vocabulary, foreign: Set[int] = frozenset()) -> list[Hit]:
    """A hit for each kind of case, its values under heads of results."""
    header = _Header()
    found: list[tuple[int, Line, str, str, Item]] = []
    context = ""
    for at, line in enumerate(lines):
        if line.is_text:
            codes = words.row_codes(line.items[0].raw)
            context = codes[0] if codes else context
            continue
        if line.grid in foreign:
            continue
        if _is_header(line, words):
            if not header.open:
                header.lines = []
            header.lines.append(line)
            header.open = True
            continue
        if not any(item.kind in ("number", "odd") for item in line.items) and not _blank_line(line, header):
            continue
        cells = _cells(line, header.lines, words, context)
        if cells:
            header.open = False
            found.extend((at, line, kind, result, item) for kind, result, item in cells)
    return _hits(found, words) or _torn(lines, words)


def _torn(lines: list[Line], words: Vocabulary) -> list[Hit]:
    """Fifteen numbers under the chapter's heading, where the labels were torn: in the form's order, if the sums close."""
    order = [(row.code, column.code) for row in words.table.rows for column in words.table.columns]
    below = False
    for at, line in enumerate(lines):
        if line.is_text:
            text = squeezed(line.items[0].raw)
            below = below or ("行政复议" in text and "行政诉讼" in text and len(text) < _HEADING)
            continue
        below = below or sum(words.column_code(item.raw) is not None for item in line.labels) > len(words.table.columns)
        values = [item for item in line.items if item.kind in ("number", "blank") and item.raw.strip()]
        numbers = [number(item.raw) for item in values if item.kind == "number"]
        if not below or len(values) != len(order) or len(numbers) != len(order):
            continue
        figures = [found.value for found in numbers if found is not None]
        fives = [figures[start : start + 5] for start in range(0, len(figures), 5)]
        if all(sum(five[:4]) == five[4] for five in fives):
            return _hits(
                [(at, line, kind, result, item) for (kind, result), item in zip(order, values, strict=True)],
                words,
                torn=True,
            )
    return []


def _is_header(line: Line, words: Vocabulary) -> bool:
    if line.has_number:
        return False
    labels = line.labels
    results = {code for code in (words.column_code(item.raw) for item in labels) if code}
    kinds = [item for item in labels if words.row_codes(item.raw)]
    groups = [item for item in labels if words.group_code(item.raw)]
    if len(labels) > 1 and len(results) + len(kinds) + len(groups) < 2:
        return False
    return len(results) >= 2 or bool(kinds) or bool(groups)


def _blank_line(line: Line, header: _Header) -> bool:
    """A line of blanks under a header is an empty form."""
    return header.open and len(line.items) >= 5 and all(item.kind == "blank" for item in line.items)


def _cells(line: Line, header: list[Line], words: Vocabulary, context: str) -> list[tuple[str, str, Item]]:
    kind, result, end = _left(line, words)
    values = [item for item in line.items if item.start >= end and item.kind not in ("label", "pad")]
    if kind and result:
        return [(kind, result, values[0])] if len(_trimmed(values)) <= 1 and values else []
    heads: list[tuple[int, int, Path]] = _heads(header, words)
    if result and not kind and len(_trimmed(values)) == len([head for head in heads if head[2][0] and head[2][1]]) > 0:
        # 总计 before fifteen numbers names the line, not a result.
        result = None
    if kind:
        heads = [(start, stop, _path(kind, leaf)) for start, stop, (_, leaf) in heads if leaf][:5]
    elif result:
        heads = [(start, stop, _path(above, result)) for start, stop, (above, leaf) in heads if above and not leaf]
    else:
        heads = [head for head in heads if head[2][1]]
        if context and len(heads) == len(words.table.columns):
            heads = [(start, stop, (above or context, leaf)) for start, stop, (above, leaf) in heads]
    kinds = _kinds_in_order(header, words)
    if not line.aligned and kinds != sorted(kinds, key=words.order.__getitem__):
        # Lines of a header that was laid out as text go over and under each other: its order is not the figures'.
        return []
    heads = _complete(heads, words, kinds)
    paths = [path for _, _, path in heads]
    if not heads or len(set(paths)) != len(paths) or any(above is None or leaf is None for above, leaf in paths):
        return []
    chosen = _by_position(line, heads) or _by_sequence(values, len(heads))
    if not chosen and not line.aligned and len(heads) % 5 == 0:
        chosen = cut_remedies(values, len(heads))
    return [(str(above), str(leaf), item) for (_, _, (above, leaf)), item in zip(heads, chosen, strict=False)]


def _path(kind: str | None, result: str | None) -> Path:
    return kind, result


def _left(line: Line, words: Vocabulary) -> tuple[str | None, str | None, int]:
    kind = result = None
    end = 0
    for item in line.labels:
        codes = words.row_codes(item.raw)
        if codes:
            kind, end = codes[0], item.end
        elif words.column_code(item.raw):
            result, end = words.column_code(item.raw), item.end
        else:
            end = max(end, item.end) if item.start == end else end
    return kind, result, end


def _heads(header: list[Line], words: Vocabulary) -> list[tuple[int, int, Path]]:
    """For each column of the header its kind and its result, as far as it names them."""
    starts: dict[int, int] = {}
    for line in header:
        for item in line.labels:
            if words.column_code(item.raw) or words.row_codes(item.raw):
                starts.setdefault(item.start, item.end)
    heads = []
    for start in sorted(starts):
        leaf = next(
            (
                words.column_code(item.raw)
                for line in reversed(header)
                for item in line.labels
                if item.start <= start < item.end and words.column_code(item.raw)
            ),
            None,
        )
        kind = _kind_above(start, header, words)
        heads.append((start, starts[start], (kind, leaf)))
    with_leaf = [head for head in heads if head[2][1]]
    return with_leaf or heads


def _kind_above(column: int, header: list[Line], words: Vocabulary) -> str | None:
    for line in reversed(header):
        over = next((item for item in line.items if item.start <= column < item.end), None)
        if over is not None and over.kind == "label":
            codes = words.row_codes(over.raw)
            if codes:
                return codes[0]
            continue
        left = [item for item in line.labels if item.start <= column]
        if left:
            codes = words.row_codes(left[-1].raw)
            if codes:
                return codes[0]
    return None


def _kinds_in_order(header: list[Line], words: Vocabulary) -> list[str]:
    """The kinds of case as their labels stand in the header, from left to right."""
    named = [(item.start, codes[0]) for line in header for item in line.labels if (codes := words.row_codes(item.raw))]
    return list(dict.fromkeys(code for _, code in sorted(named)))


def _complete(heads: list[tuple[int, int, Path]], words: Vocabulary, kinds: list[str]) -> list[tuple[int, int, Path]]:
    """Kinds from the sequence of results, where the header lost its spans: five results for each kind that it names."""
    order = [column.code for column in words.table.columns]
    paths = [path for _, _, path in heads]
    if len(set(paths)) == len(paths) and all(kind for kind, _ in paths):
        return heads
    leaves = [leaf for _, leaf in paths]
    if leaves != order * len(words.table.rows):
        return heads
    if len(kinds) != len(words.table.rows):
        kinds = [row.code for row in words.table.rows]
    expected = [kind for kind in kinds for _ in order]
    return [(start, stop, (kind, leaf)) for (start, stop, (_, leaf)), kind in zip(heads, expected, strict=True)]


def _by_position(line: Line, heads: list[tuple[int, int, Path]]) -> list[Item]:
    if not line.aligned:
        return []
    chosen = []
    for start, _, _ in heads:
        item = next((item for item in line.items if item.start <= start < item.end), None)
        if item is None or item.kind in ("label", "pad"):
            return []
        chosen.append(item)
    taken = {item.start for item in chosen}
    if any(item.kind == "number" and item.start not in taken for item in line.items):
        return []
    return chosen


def _by_sequence(values: list[Item], count: int) -> list[Item]:
    if len(values) < count or any(item.kind != "blank" for item in values[count:]):
        values = _trimmed(values)
    if len(values) < count or any(item.kind != "blank" for item in values[count:]):
        return []
    return values[:count]


def _trimmed(values: list[Item]) -> list[Item]:
    while values and values[0].kind == "blank":
        values = values[1:]
    while values and values[-1].kind == "blank":
        values = values[:-1]
    return values


def _hits(found: list[tuple[int, Line, str, str, Item]], words: Vocabulary, *, torn: bool = False) -> list[Hit]:
    """One hit for each kind of case, in order; a cell that comes again begins new hits."""
    order = {column.code: position for position, column in enumerate(words.table.columns)}
    hits: list[Hit] = []
    current: dict[str, dict[str, tuple[int, Line, Item]]] = {}
    for at, line, kind, result, item in found:
        if result in current.get(kind, {}):
            hits.extend(_closed(current, order, torn))
            current = {}
        current.setdefault(kind, {})[result] = (at, line, item)
    return hits + _closed(current, order, torn)


def _closed(current: dict[str, dict[str, tuple[int, Line, Item]]], order: dict[str, int], torn: bool) -> list[Hit]:
    hits = []
    for kind, results in current.items():
        at, line, _ = max(results.values(), key=lambda entry: entry[0])
        ordered = sorted(results, key=lambda code: order[code])
        items = tuple(results[result][2] for result in ordered)
        heads = tuple(Head(item.start, item.end, result) for item, result in zip(items, ordered, strict=True))
        hits.append(Hit(line, at, (kind,), kind, items, heads, line.grid, kind, near=torn))
    return hits
