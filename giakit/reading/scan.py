"""Goes through the lines of a document and finds those that belong to a table: headers, rows, and what lies between."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from giakit.forms.labels import key, squeezed
from giakit.reading.lines import Item, Line
from giakit.reading.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Head:
    """A column label in a header: the columns it covers and its code (``extra:…`` for one that the form lacks)."""

    start: int
    end: int
    code: str
    raw: str = field(default="", compare=False)


@dataclass(slots=True)
class Hit:
    """A line that belongs to the table.

    `codes` are the rows its label may name (empty: no label, or an unknown one); `values` are the items after
    the label; `header` is the header in force.
    """

    line: Line
    at: int
    codes: tuple[str, ...]
    label: str
    values: tuple[Item, ...]
    header: tuple[Head, ...]
    header_grid: int
    group: str
    near: bool = False

    @property
    def code(self) -> str:
        """The code of the row, "" if it is not known."""
        return self.codes[0] if len(self.codes) == 1 else ""

    @property
    def has_number(self) -> bool:
        """Whether some value is a number."""
        return any(item.kind == "number" for item in self.values)


@dataclass(slots=True)
class _State:
    header: list[Head] = field(default_factory=list)
    groups: list[Item] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    torn: bool = False
    header_grid: int = -1
    open: bool = False
    group: str = ""


def scan(lines: list[Line], words: Vocabulary, foreign: Set[int] = frozenset()) -> list[Hit]:
    """All lines of a table, in reading order, grids that are `foreign` apart; the same row twice where a document prints
    it twice."""
    state = _State()
    hits: list[Hit] = []
    for at, line in enumerate(lines):
        if line.is_text or line.grid in foreign:
            continue
        if _is_header(line, words):
            _extend_header(state, line, words)
            continue
        hit = _hit(line, at, words, state)
        if hit is not None:
            state.open = False
            hits.append(hit)
    return hits


def _is_header(line: Line, words: Vocabulary) -> bool:
    if line.has_number:
        return False
    labels = line.labels
    codes = {code for code in (words.column_code(item.raw) for item in labels) if code}
    rows = {codes for codes in (words.row_codes(item.raw) for item in labels) if codes}
    if words.table.code == "requests" and len(codes) < 2:
        return not _specific(rows) and (
            any(words.is_column_group(item.raw) for item in labels) or _heads_one_column(line, words)
        )
    return bool(codes) and not _specific(rows)


def _heads_one_column(line: Line, words: Vocabulary) -> bool:
    """Whether a line of two cells heads the labels and one column."""
    return len(line.items) == 2 and words.column_code(line.items[1].raw) is not None


def _specific(rows: set[tuple[str, ...]]) -> bool:
    """Whether some label names a row that no column shares its name with."""
    return any(codes not in (("closed",), ("other_rest",), ("other",), ("other", "other_rest")) for codes in rows)


def _extend_header(state: _State, line: Line, words: Vocabulary) -> None:
    if not state.open or state.header_grid != line.grid:
        # A header may go on in the next grid where every line is a table of its own.
        if not state.open:
            state.header, state.groups, state.named, state.torn = [], [], set(), False
        state.header_grid = line.grid
        state.open = True
    known = [(item, words.column_code(item.raw)) for item in line.labels]
    first = min((item.start for item, code in known if code), default=None)
    leaf = sum(code is not None for _, code in known) >= 2
    state.groups += [item for item in line.labels if key(item.raw) in words.column_groups and not item.carried]
    for item, code in known:
        if code is None:
            if not words.stands_beside(item.raw) and (
                first is None or not leaf or item.start < first or words.is_column_group(item.raw) or item.carried
            ):
                continue
            code = f"extra:{key(item.raw)}"
        elif code == "total" and any(
            words.column_groups[key(group.raw)] == "legal_person" and group.start <= item.start < group.end
            for group in state.groups
        ):
            # 合计 inside the group of organisations is not the row's total.
            code = f"extra:{key(item.raw)}"
        covered = [head for head in state.header if head.start < item.end and head.end > item.start]
        # A lower label hides its group's, never a column's: else the header has lost its spans.
        state.torn = state.torn or any(head.code != code and not head.code.startswith("extra:") for head in covered)
        state.named.add(code)
        state.header = [head for head in state.header if head not in covered]
        state.header.append(Head(item.start, item.end, code, item.raw))
    state.header = _joined(sorted(state.header, key=lambda head: head.start))


def _joined(heads: list[Head]) -> list[Head]:
    """Neighbours of one name are one head: a merged cell that was written out."""
    joined: list[Head] = []
    for head in heads:
        if (
            joined
            and joined[-1].code == head.code
            and joined[-1].end == head.start
            and squeezed(joined[-1].raw) == squeezed(head.raw)
        ):
            joined[-1] = Head(joined[-1].start, head.end, head.code, head.raw)
        else:
            joined.append(head)
    return joined


def _hit(line: Line, at: int, words: Vocabulary, state: _State) -> Hit | None:
    labels = line.labels
    for item in labels:
        group = words.group_code(item.raw)
        if group:
            state.group = group
    named = [(item, words.row_codes(item.raw)) for item in labels]
    # A group's name that hangs down from above is not the label of the row.
    named = [(item, codes) for item, codes in named if codes and not (item.carried and words.group_code(item.raw))]
    header = _header(state, words)
    if named:
        # A span that is too long hangs down into rows that are not its own: what begins in the row names it.
        item, codes = next((entry for entry in reversed(named) if not entry[0].carried), named[-1])
        values = tuple(other for other in line.items if other.start >= item.end)
        if not state.torn:
            header = tuple(head for head in header if head.end > item.start)
        if not _only_values(values, words):
            return None
        unknown = [other for other in values if other.kind == "label" and not _is_value(other, header, words)]
        if unknown:
            rest = tuple(other for other in values if other.start >= unknown[-1].end)
            return Hit(line, at, (), unknown[-1].raw, rest, header, state.header_grid, state.group)
        inner = [other for other in labels if other.start < item.start and words.group_code(other.raw)]
        if inner and key(item.raw) in words.columns and words.group_code(inner[-1].raw) != words.group_of[codes[0]]:
            # 合计 inside a group is the group's own sum.
            return Hit(line, at, (), inner[-1].raw + item.raw, values, header, state.header_grid, state.group)
        codes = _narrow(codes, words, state.group)
        if len(codes) == 1 and codes[0] in words.opens:
            state.group = words.opens[codes[0]]
        if not values:
            return None
        return Hit(line, at, codes, item.raw, values, header, state.header_grid, state.group)
    row_labels = [item for item in labels if not words.group_code(item.raw) and key(item.raw) not in words.units]
    last = max((item.end for item in labels if key(item.raw) not in words.units), default=0)
    values = tuple(item for item in line.items if item.start >= last)
    if not any(item.kind == "number" for item in values) and not row_labels:
        return None
    sums = [item for item in labels if words.group_code(item.raw) and not item.carried and item.end == last]
    label = row_labels[-1].raw if row_labels else sums[-1].raw if sums else ""
    return Hit(line, at, (), label, values, header, state.header_grid, state.group)


def _header(state: _State, words: Vocabulary) -> tuple[Head, ...]:
    """The header in force; where it lost its spans but names every column, its columns in the form's order."""
    columns = [column.code for column in words.table.columns]
    if words.table.code == "requests" and state.torn and set(columns) <= state.named:
        return tuple(Head(position, position + 1, code) for position, code in enumerate(columns))
    return tuple(state.header)


def _is_value(item: Item, header: tuple[Head, ...], words: Vocabulary) -> bool:
    """Whether a text after the label stands where a figure should: under a column, or as a unit."""
    if item.carried or words.group_code(item.raw):
        return True
    return key(item.raw) in words.units or any(head.start <= item.start < head.end for head in header)


def _only_values(items: tuple[Item, ...], words: Vocabulary) -> bool:
    return not any(
        item.kind == "label" and not item.carried and (words.row_codes(item.raw) or words.column_code(item.raw))
        for item in items
    )


def _narrow(codes: tuple[str, ...], words: Vocabulary, group: str) -> tuple[str, ...]:
    if len(codes) < 2:
        return codes
    inside = tuple(code for code in codes if words.group_of[code] == group)
    return inside or codes
