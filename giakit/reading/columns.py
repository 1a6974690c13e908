"""Gives the values of a row their columns, by the header they stand under or by its sequence, and makes cells of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from giakit.checks.model import Cell, Check
from giakit.forms import Label, Table, tables
from giakit.forms.labels import key, squeezed
from giakit.reading.digits import cut_by_count, cut_requests, cut_statistics
from giakit.reading.instances import Instance
from giakit.reading.lines import Item
from giakit.reading.numbers import amount, number
from giakit.reading.scan import Head, Hit
from giakit.reading.vocabulary import Vocabulary

UNCONFIRMED = "unconfirmed"
"""A doubt that an identity with parts other than zero settles, if it closes with the figure as it was taken."""


def doubt(check: str, table: str | None, row: str | None, column: str | None, message: str) -> Check:
    """A doubt of reading, as a finding."""
    return Check(check, "uncertain", table, row, column, None, None, message)


def cell_of(
    table: Table, row: str, column: str, item: Item, *, where: str, header: str = ""
) -> tuple[Cell, Check | None]:
    """The cell that an item prints, and a doubt if there is one."""
    place = f"{where} column {item.start + 1}"
    undecided = Cell(None, "undecided", None, item.raw, place)
    if item.doubt is not None and not (item.doubt.confirmable and item.kind == "number"):
        return undecided, doubt("not_as_shown", table.code, row, column, f"{row}.{column}: {item.doubt.why}")
    if item.kind == "odd" and item.solved:
        message = f"{row}.{column}: {item.raw!r} can be cut into cells in more than one way"
        return undecided, doubt("undecided", table.code, row, column, message)
    if item.kind in ("blank", "pad"):
        return Cell(None, "blank", None, item.raw, place), None
    printed = number(item.raw)
    if printed is None:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} is no number for certain"
        )
    unit, signed, decimal = _expectations(table.code, row, column)
    if printed.signed and not signed and printed.value < 0:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} is negative where counts stand"
        )
    if printed.decimal and not decimal:
        return undecided, doubt(
            "unreadable", table.code, row, column, f"{row}.{column}: {item.raw!r} has decimals where counts stand"
        )
    value = amount(printed, unit, header)
    if value is None:
        return undecided, doubt(
            "unit", table.code, row, column, f"{row}.{column}: {item.raw!r} is not in {unit or 'a unit of counts'}"
        )
    cell = Cell(value, "reported", "printed", item.raw, place)
    if item.doubt is not None:
        return cell, doubt(UNCONFIRMED, table.code, row, column, f"{row}.{column}: {item.doubt.why}")
    if printed.broken:
        return cell, doubt(
            "broken_number", table.code, row, column, f"{row}.{column}: {item.raw!r} is read as one number, {value:g}"
        )
    return cell, None


@cache
def _expectations(table: str, row: str, column: str) -> tuple[str, bool, bool]:
    whole = tables()[table]
    named: list[Label] = [label for label in (*whole.rows, *whole.columns) if label.code in (row, column)]
    units = [label.unit for label in named if label.unit in ("元", "万元")]
    return ((units[0] if units else ""), any(label.signed for label in named), any(label.decimal for label in named))


Assignment: TypeAlias = dict[str, Item]
Method: TypeAlias = Callable[[Hit, tuple[Head, ...]], Assignment | None]


def by_position(hit: Hit, header: tuple[Head, ...]) -> Assignment | None:
    """Each value belongs to the label it stands under; None where a number stands under none."""
    if not hit.line.aligned or not header:
        return None
    assignment: Assignment = {}
    taken = set()
    starts = {item.start: item for item in hit.values}
    for head in header:
        at = starts.get(head.start)
        if at is not None and head.end <= at.end:
            under = [at]
        else:
            under = [item for item in hit.values if item.start < head.end and item.end > head.start]
        if not under:
            continue
        filled = [item for item in under if item.kind not in ("blank", "pad")]
        under = [item for item in under if item.kind != "pad"]
        if not under:
            return None
        if head.code in assignment or (len(filled) > 1 and len({squeezed(item.raw) for item in filled}) > 1):
            return None
        assignment[head.code] = (filled or under)[0]
        taken |= {item.start for item in under}
    if any([item.kind == "number" and item.start not in taken for item in hit.values]):
        return None
    return assignment if len(assignment) == len(header) else None


def by_sequence(hit: Hit, header: tuple[Head, ...]) -> Assignment | None:
    """As many values as the header has labels, counted from the row's label; None where the count differs."""
    return _window(_values(hit), header, 0)


def by_sequence_after_blanks(hit: Hit, header: tuple[Head, ...]) -> Assignment | None:
    """As many values as the header has labels, counted from the end of the line."""
    values = _values(hit)
    return _window(values, header, len(values) - len(header))


def by_printed(hit: Hit, header: tuple[Head, ...]) -> Assignment | None:
    """As many figures and marks as the header has labels, cells without anything in them apart."""
    values = [item for item in _values(hit) if item.raw.strip()]
    if not header or len(values) != len(header):
        return None
    return {head.code: item for head, item in zip(header, values, strict=True)}


def _values(hit: Hit) -> list[Item]:
    return [item for item in hit.values if item.kind not in ("label", "pad")]


def _window(values: list[Item], header: tuple[Head, ...], offset: int) -> Assignment | None:
    if not header or offset < 0 or len(values) < offset + len(header):
        return None
    inside = values[offset : offset + len(header)]
    outside = values[:offset] + values[offset + len(header) :]
    if any(item.kind != "blank" for item in outside):
        return None
    return {head.code: item for head, item in zip(header, inside, strict=True)}


# A row with so many figures shows under which columns they stand.
_TELLING = 2
METHODS: tuple[Method, ...] = (by_position, by_sequence, by_sequence_after_blanks)


def best_method(
    hits: list[Hit], header: tuple[Head, ...], closes: Callable[[Assignment], bool | None]
) -> tuple[Method, int]:
    """The method that fits most rows of a grid; of equals the one whose rows close, then the first.

    Returns the method and the number of rows it does not fit.
    """
    scores = []
    for rank, method in enumerate(METHODS):
        assignments = [method(hit, header) for hit in hits]
        fitting = [assignment for assignment in assignments if assignment is not None]
        if rank and is_loose(hits, header):
            fitting = []
        verdicts = [closes(assignment) for assignment in fitting]
        if rank == 0 and len(fitting) == len(hits) and False not in verdicts:
            return method, 0
        # One under which no row adds up is none, whatever fits.
        refuted = False in verdicts and True not in verdicts
        scores.append((refuted, -len(fitting), verdicts.count(False), -verdicts.count(True), rank, method))
    best = min(scores, key=lambda score: score[:5])
    return best[5], len(hits) + best[1]


def is_loose(hits: list[Hit], header: tuple[Head, ...]) -> bool:
    """Whether no row has figures enough to show where they begin, and the cells do not show it either.

    They do not where rows have other numbers of cells than the header, or a figure stands under another head than
    the sequence gives it.
    """
    if any(sum(item.kind != "blank" for item in _values(hit)) >= _TELLING for hit in hits):
        return False
    return any(len(_values(hit)) != len(header) or _stands_elsewhere(hit, header) for hit in hits)


def _stands_elsewhere(hit: Hit, header: tuple[Head, ...]) -> bool:
    return hit.line.aligned and any(
        item.kind != "blank"
        and any(other.start < item.end and other.end > item.start for other in header)
        and not (head.start < item.end and head.end > item.start)
        for head, item in zip(header, _values(hit), strict=False)
    )


def row_closes(
    parts: tuple[str, ...], total: str, value: Callable[[Item], float | None]
) -> Callable[[Assignment], bool | None]:
    """Whether the parts of a row add up to its total; None where some of them is blank or cannot be read."""

    def closes(assignment: Mapping[str, Item]) -> bool | None:
        values = [value(assignment[code]) if code in assignment else None for code in (*parts, total)]
        if any(part is None for part in values):
            return None
        known = [part for part in values if part is not None]
        return None if not any(known) else abs(sum(known[:-1]) - known[-1]) < 1e-9

    return closes


_LATEST = {"requests": "2021", "proactive": "2021", "remedies": "2021", "statistics": "2014"}
PARTS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation")
# A header with so many of its labels is a header that lacks a column, not a torn one.
_ENOUGH_COLUMNS = 4


@dataclass(slots=True)
class Reading:
    """What was read of one table: cells by (row, column), and doubts."""

    table: str
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    doubts: list[Check] = field(default_factory=list)
    used: set[tuple[str, str]] = field(default_factory=set)
    """Identities that were needed to read a cell, as (id, place)."""

    @property
    def figures(self) -> int:
        """How many cells hold a number."""
        return sum(cell.value is not None for cell in self.cells.values())


def is_whole(reading: Reading) -> bool:
    """Whether it has every row of some form."""
    rows = {row for row, _ in reading.cells}
    table = tables()[reading.table]
    return any(set(table.row_codes(form)) <= rows for form in table.cells)


def fill(instance: Instance, words: Vocabulary, reading: Reading, stated: Mapping[str, set[float]]) -> None:
    """Give the values of every row their columns."""
    rows = {code: hit for code, hit in instance.rows.items()}
    extras = _extra_rows(instance, words)
    fallback = _header(instance, words, reading)
    by_grid: dict[tuple[int, int], list[tuple[str, Hit]]] = defaultdict(list)
    count: dict[int, int] = defaultdict(int)
    for hit in (*rows.values(), *extras.values()):
        count[hit.line.grid] += 1
    for code, hit in (*rows.items(), *extras.items()):
        header = _usable(hit, code, words) or fallback
        grid = hit.line.grid if count[hit.line.grid] > 2 else -1
        by_grid[grid, len(header)].append((code, hit))
    for group in by_grid.values():
        _fill_group(group, words, reading, fallback, stated)


def _header(instance: Instance, words: Vocabulary, reading: Reading) -> tuple[Head, ...]:
    """The header that rows without one of their own stand under."""
    if words.table.code not in ("requests", "statistics"):
        return ()
    headers = [hit.header for hit in instance.rows.values() if hit.header]
    single = all(
        sum(item.kind == "number" for item in hit.values) <= 1 and not any(map(_runs_together, hit.values))
        for hit in instance.rows.values()
    )
    if (
        single
        and all(len(header) < _ENOUGH_COLUMNS for header in headers)
        and not (words.table.code == "statistics" and headers)
    ):
        named = {head.code for header in headers for head in header if not head.code.startswith("extra:")}
        column = "count" if words.table.code == "statistics" else next(iter(named)) if len(named) == 1 else "total"
        reading.doubts.append(
            doubt("torn_header", words.table.code, None, None, f"one number a row: it is taken for {column}")
        )
        return (Head(0, 1, column),)
    needed = len(words.table.columns)
    full = max(headers, key=len, default=())
    known = {head.code for head in full} & {column.code for column in words.table.columns}
    if any(not head.raw for head in full):
        reading.doubts.append(
            doubt(
                "torn_header",
                words.table.code,
                None,
                None,
                "the header lost its spans: its columns are taken in the form's order",
            )
        )
    if (words.table.code == "statistics" and known != {"cumulative"}) or len(known) >= min(needed, _ENOUGH_COLUMNS):
        return full
    reading.doubts.append(
        doubt(
            "torn_header",
            words.table.code,
            None,
            None,
            "the header cannot be read whole: columns are taken in the form's order",
        )
    )
    return tuple(Head(position, position + 1, column.code) for position, column in enumerate(words.table.columns))


def _runs_together(item: Item) -> bool:
    """Whether a figure begins as no count does: 0000000 is seven of them."""
    return len(item.raw) > 1 and item.raw.isdecimal() and item.raw[0] == "0"


def _usable(hit: Hit, code: str, words: Vocabulary) -> tuple[Head, ...]:
    """The heads over a row that the row can have; none where its header is not whole."""
    if ":" in code:
        return hit.header
    allowed = words.allowed[code]
    heads = tuple(head for head in hit.header if head.code in allowed or head.code.startswith("extra:"))
    known = {head.code for head in heads} & allowed
    if known == {"cumulative"} or (words.table.code == "requests" and len(known) < _ENOUGH_COLUMNS):
        return ()
    return heads


def _fill_group(
    group: list[tuple[str, Hit]],
    words: Vocabulary,
    reading: Reading,
    fallback: tuple[Head, ...],
    stated: Mapping[str, set[float]],
) -> None:
    table = words.table.code
    closes = row_closes(PARTS, "total", _value) if table == "requests" else (lambda _: None)
    header = _usable(group[0][1], group[0][0], words) or fallback
    method: Method = by_sequence
    loose = False
    if table != "remedies":
        hits = [hit for _, hit in group]
        method, _ = best_method(hits, header, closes)
        loose = is_loose(hits, header)
    torn: dict[str, tuple[Hit, tuple[Head, ...]]] = {}
    whole: dict[str, Assignment] = {}
    for code, hit in group:
        heads = _usable(hit, code, words) or fallback
        assignment = method(hit, heads) if table != "remedies" else _as_given(hit)
        if assignment is None and table != "remedies" and not loose:
            assignment = by_sequence(hit, heads)
        if assignment is None and not hit.line.aligned:
            assignment = by_printed(hit, heads)
        if assignment is None and table == "requests" and not _names_all(heads, words):
            assignment = _in_form_order(hit, words, closes, reading)
        if assignment is None:
            torn[code] = hit, heads
            continue
        whole[code] = assignment
        _cells(code, hit, assignment, heads, words, reading)
        if table == "remedies" and _was_cut_by_sums(hit, group):
            reading.used.add(("H4", code))
    cut = _cut(torn, whole, words, reading, stated) if torn else {}
    for code, (hit, heads) in torn.items():
        if code in cut:
            _cells(code, hit, cut[code], heads, words, reading)
        else:
            _undecided(code, hit, words, reading)


def _was_cut_by_sums(hit: Hit, group: list[tuple[str, Hit]]) -> bool:
    """Whether the sums of the remedies were needed to cut the line of a row: not where each digit is a cell."""
    line = [item for _, other in group if other.line is hit.line for item in other.values]
    return any(item.solved and len(item.raw) > 1 for item in line)


def _cut(
    torn: Mapping[str, tuple[Hit, tuple[Head, ...]]],
    whole: Mapping[str, Assignment],
    words: Vocabulary,
    reading: Reading,
    stated: Mapping[str, set[float]],
) -> dict[str, Assignment]:
    """The rows whose figures run together, cut where the form leaves one way."""
    table = words.table.code
    heads = {code: [head.code for head in heads] for code, (_, heads) in torn.items()}
    rows = {code: hit.values for code, (hit, _) in torn.items() if not hit.line.aligned and heads[code]}
    if table == "requests":
        order = next(iter(heads.values()))
        if (
            len(order) != len(words.table.columns)
            or order[-1] != "total"
            or any(each != order for each in heads.values())
        ):
            return {}
        known = {
            code: tuple(_value(assignment[column]) for column in order)
            for code, assignment in whole.items()
            if set(order) == set(assignment)
        }
        cut, used = cut_requests(rows, known)
        reading.used |= {(law, order[place] if isinstance(place, int) else place) for law, place in used}
    elif whole or any(len(items) > 1 for items in rows.values()):
        # Where figures stand apart, and no sum binds them, a row of fewer has lost a cell.
        return {}
    elif table == "statistics":
        two = {code: items for code, items in rows.items() if heads[code] == ["count", "cumulative"]}
        cut, weighed = cut_statistics(two, stated)
        for code in weighed:
            message = f"{code}: {two[code][0].raw!r} is cut by what the prose states and by the row's total"
            reading.doubts.append(doubt("run_together", table, code, None, message))
    elif table == "proactive":
        # A dash may be a sign there.
        signed = {column.code for column in words.table.columns if column.signed}
        sure = {
            code: items
            for code, items in rows.items()
            if not (signed & set(heads[code]) and any(item.kind == "blank" for item in items))
        }
        cut = cut_by_count(sure, {code: len(heads[code]) for code in sure})
        if cut:
            message = f"digits run together; read by their count: {', '.join(cut)}"
            reading.doubts.append(doubt("run_together", table, None, None, message))
    else:
        return {}
    return {code: dict(zip(heads[code], items, strict=True)) for code, items in cut.items()}


def _names_all(heads: tuple[Head, ...], words: Vocabulary) -> bool:
    return {column.code for column in words.table.columns} <= {head.code for head in heads}


def _in_form_order(
    hit: Hit, words: Vocabulary, closes: Callable[[Assignment], bool | None], reading: Reading
) -> Assignment | None:
    """The columns in the form's order where the header was torn or replaced: only for rows of zeros and rows that add up."""
    columns = tuple(Head(position, position + 1, column.code) for position, column in enumerate(words.table.columns))
    assignment = by_printed(hit, columns)
    if assignment is None or (not closes(assignment) and any(_value(item) for item in assignment.values())):
        return None
    if not any(question.check == "torn_header" for question in reading.doubts):
        message = "the header cannot be read whole: columns are taken in the form's order where a row adds up"
        reading.doubts.append(doubt("torn_header", words.table.code, None, None, message))
    return assignment


def _as_given(hit: Hit) -> Assignment:
    return {head.code: item for head, item in zip(hit.header, hit.values, strict=True)}


def _value(item: Item) -> float | None:
    printed = number(item.raw)
    return printed.value if printed else None


def _cells(
    code: str, hit: Hit, assignment: Assignment, heads: tuple[Head, ...], words: Vocabulary, reading: Reading
) -> None:
    raws = {head.code: head.raw for head in heads}
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    for column, item in assignment.items():
        shared[item.start, item.end].append(column)
    for column, item in assignment.items():
        cell, question = cell_of(words.table, code, column, item, where=hit.line.where, header=raws.get(column, ""))
        if item.solved:
            cell = cell._replace(origin="solved")
        spread = item.carried or (len(shared[item.start, item.end]) > 1 and item.end - item.start > 1)
        if cell.value and spread:
            cell = Cell(None, "undecided", None, item.raw, cell.where)
            question = doubt(
                "merged_number",
                words.table.code,
                code,
                column,
                f"{code}.{column}: one number, {item.raw!r}, stands for several cells",
            )
        reading.cells[code, column] = cell
        if question is not None:
            reading.doubts.append(question)


def _undecided(code: str, hit: Hit, words: Vocabulary, reading: Reading) -> None:
    """Numbers are printed, but how they belong to the columns cannot be told."""
    table = words.table
    known = [head.code for head in _usable(hit, code, words)]
    columns = known or [column for row, column in words.table.cells[_LATEST[table.code]] if row == code]
    raw = " | ".join(item.raw for item in hit.values if item.kind != "blank")
    for column in dict.fromkeys(columns):
        reading.cells[code, column] = Cell(None, "undecided" if raw else "blank", None, raw, hit.line.where)
    if raw:
        reading.doubts.append(
            doubt("columns", table.code, code, None, f"{code}: {raw!r} cannot be given to the columns for certain")
        )


def _extra_rows(instance: Instance, words: Vocabulary) -> dict[str, Hit]:
    """Rows that a locality added, by their label."""
    extras: dict[str, Hit] = {}
    if words.table.code == "remedies":
        return extras
    table_grids = {hit.line.grid for hit in instance.rows.values()}
    for hit in instance.others:
        if (
            hit.label
            and hit.line.grid in table_grids
            and instance.start < hit.at < instance.end + 3
            and any(item.kind == "number" for item in hit.values)
        ):
            name = f"extra:{key(hit.label) or hit.label}"
            if name in extras or len(key(hit.label)) <= 2:
                group = next((g.label for g in words.table.groups if g.code == hit.group), "")
                name = f"extra:{key(group)}{key(hit.label)}"
            if name not in extras:
                extras[name] = hit
    return extras
