"""Digits of several cells that run together: which readings are there, and does the form leave only one?

A row of a table that lost its borders is a string of digits (``640020470`` for 64, 0, 0, 2, 0, 4, 70). Numbers have no leading zeros, the
parts of a row add up to its total and the rows of a column to theirs. What these laws leave open stays open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from giakit.forms import Identity, forms
from giakit.reading.lines import Item

Values: TypeAlias = tuple[float | None, ...]
_MOST_CANDIDATES = 400
_MOST_STEPS = 400_000
_BLANKS = frozenset("/-—–－―")


@dataclass(frozen=True, slots=True)
class Sums:
    """In each column the `parts` add up to the `wholes`, both lists of rows."""

    id: str
    parts: tuple[str, ...]
    wholes: tuple[str, ...]


@dataclass(slots=True)
class Solution:
    """What the laws leave of a table of run-together rows.

    `values` holds a row's cells, None where a cell is blank; `open` the (row, column number) that stay undecided;
    `used` the identities that were needed, as (identity, place); `impossible` the rows that no reading fits.
    """

    values: dict[str, Values] = field(default_factory=dict)
    open: set[tuple[str, int]] = field(default_factory=set)
    used: set[tuple[str, str]] = field(default_factory=set)
    impossible: set[str] = field(default_factory=set)


class TooMany(Exception):
    """More readings than are worth looking at."""


def readings(pieces: Sequence[str], groups: Sequence[int], *, summing: bool = True) -> list[Values]:
    """All readings of a row.

    Parameters
    ----------
    pieces : sequence of str
        Strings of digits between white space: a cell never runs over a border. A dash or slash is a blank cell.
    groups : sequence of int
        Sizes of the groups of cells; the last cell of each is the sum of the others.
    summing : bool, default True
        Whether the groups add up. False: every way to cut.

    Examples
    --------
    >>> readings(["640020470"], [7])
    [(64.0, 0.0, 0.0, 2.0, 0.0, 4.0, 70.0)]
    """
    count = sum(groups)
    ends = [sum(groups[: position + 1]) for position in range(len(groups))]
    found: list[Values] = []
    steps = 0

    def walk(piece: int, offset: int, cells: list[float | None]) -> None:
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS or len(found) > _MOST_CANDIDATES:
            raise TooMany
        if len(cells) in ends and summing:
            size = groups[ends.index(len(cells))]
            inside = cells[-size:]
            total = inside[-1]
            if total is not None and sum(cell or 0 for cell in inside[:-1]) != total:
                return
        if len(cells) == count:
            if piece == len(pieces):
                found.append(tuple(cells))
            return
        if piece == len(pieces):
            return
        text = pieces[piece]
        left = sum(1 if other in _BLANKS else len(other) for other in pieces[piece + 1 :]) + (len(text) - offset)
        if left < count - len(cells) or len(pieces) - piece > count - len(cells):
            return
        if text in _BLANKS:
            walk(piece + 1, 0, [*cells, None])
            return
        longest = 1 if text[offset] == "0" else len(text) - offset
        for length in range(1, longest + 1):
            end = offset + length
            value = float(text[offset:end])
            following = (piece + 1, 0) if end == len(text) else (piece, end)
            walk(*following, [*cells, value])

    walk(0, 0, [])
    return found


def is_forced(pieces: Sequence[str], count: int) -> bool:
    """Whether the digits can be cut in one way only: as many digits, or as many pieces, as cells."""
    return sum(1 if piece in _BLANKS else len(piece) for piece in pieces) == count or len(pieces) == count


def solve(
    rows: Mapping[str, Sequence[str]], *, groups: Sequence[int], columns: int, row_identity: str, sums: Sequence[Sums]
) -> Solution:
    """Read the rows of a table jointly.

    Parameters
    ----------
    rows : mapping of row code to pieces
    groups : sequence of int
        See `readings`.
    columns : int
        Number of cells of a row.
    row_identity : str
        Name of the identity within a row.
    sums : sequence of Sums
        The identities within a column; one that names a row which is missing or cannot be read is left out.
    """
    solution = Solution()
    candidates: dict[str, list[Values]] = {}
    for code, pieces in rows.items():
        forced = is_forced(pieces, columns)
        try:
            found = readings(pieces, groups, summing=not forced)
        except TooMany:
            found = []
        if not found:
            solution.impossible.add(code)
            solution.open |= {(code, column) for column in range(columns)}
            continue
        candidates[code] = found
        if not forced:
            solution.used.add((row_identity, code))
    usable = [law for law in sums if set(law.parts) | set(law.wholes) <= candidates.keys()]
    several = [code for code, found in candidates.items() if len(found) > 1]
    fitting = _joint(candidates, several, usable) if several else []
    for code, found in candidates.items():
        if code in several:
            chosen = list(dict.fromkeys(choice[code] for choice in fitting)) or found
        else:
            chosen = found
        solution.values[code] = tuple(cells[0] for cells in zip(*chosen, strict=True))
        solution.open |= {
            (code, column) for column in range(columns) if len({reading[column] for reading in chosen}) > 1
        }
    for law in usable:
        touched = [code for code in several if code in law.parts or code in law.wholes]
        for column in range(columns):
            if any(len({reading[column] for reading in candidates[code]}) > 1 for code in touched):
                solution.used.add((law.id, str(column)))
    return solution


def _joint(candidates: Mapping[str, list[Values]], several: list[str], laws: Sequence[Sums]) -> list[dict[str, Values]]:
    """The choices for the rows with several readings under which every law holds in every column.

    Rows are chosen one by one; a choice is dropped as soon as what is left to choose can no longer close a law.
    Empty where too many choices had to be tried: then nothing is known.
    """
    columns = range(len(next(iter(candidates.values()))[0]))
    order = sorted(several, key=lambda code: len(candidates[code]))
    signs = [{code: 1.0 for code in law.parts} | {code: -1.0 for code in law.wholes} for law in laws]
    fixed = [
        [
            sum(
                sign * (candidates[code][0][column] or 0)
                for code, sign in law.items()
                if code in candidates and code not in several
            )
            for column in columns
        ]
        for law in signs
    ]
    slack = [_slack(law, order, candidates, columns) for law in signs]
    found: list[dict[str, Values]] = []
    steps = 0

    def walk(position: int, chosen: dict[str, Values], sums: list[list[float]]) -> None:
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS or len(found) > _MOST_CANDIDATES:
            raise TooMany
        if position == len(order):
            found.append(chosen)
            return
        code = order[position]
        for reading in candidates[code]:
            after = [
                [
                    total + law.get(code, 0.0) * (reading[column] or 0)
                    for column, total in zip(columns, row, strict=True)
                ]
                for law, row in zip(signs, sums, strict=True)
            ]
            open_ = (ranges[position + 1][column] for ranges in slack for column in columns)
            totals = (total for row in after for total in row)
            if all(total + low <= 0 <= total + high for total, (low, high) in zip(totals, open_, strict=True)):
                walk(position + 1, {**chosen, code: reading}, after)

    try:
        walk(0, {}, fixed)
    except TooMany:
        return []
    return found


def _slack(
    law: Mapping[str, float], order: list[str], candidates: Mapping[str, list[Values]], columns: range
) -> list[list[tuple[float, float]]]:
    """For each number of rows already chosen and each column: how little and how much the others can still add."""
    ranges = [[(0.0, 0.0) for _ in columns]]
    for code in reversed(order):
        sign = law.get(code, 0.0)
        terms = [[sign * (reading[column] or 0) for reading in candidates[code]] for column in columns]
        ranges.append(
            [(low + min(term), high + max(term)) for (low, high), term in zip(ranges[-1], terms, strict=True)]
        )
    return ranges[::-1]


Rows = Mapping[str, Sequence[Item]]
_WHOLE = re.compile(r"\d+")
# Where so many rows have their figures apart, one that has not lacks cells.
_APART = 0.6
# What went out through one channel is a part of what was disclosed.
_BOUNDS = {"via_website": "disclosed_total", "via_gazette": "disclosed_total"}


def pieces(items: Sequence[Item]) -> list[str] | None:
    """The strings of digits of a row, "/" for a mark of a blank; None where something else stands there."""
    found = []
    for item in items:
        raw = item.raw.strip().replace(",", "")
        if item.kind == "blank":
            found += ["/"] if raw else []
        elif _WHOLE.fullmatch(raw) and item.doubt is None:
            found.append(raw)
        else:
            return None
    return found


def cut_remedies(items: Sequence[Item], count: int) -> list[Item]:
    """The cells of kinds of case by five results whose digits run together; none where they do not."""
    row = pieces(items)
    if not row or len(row) > _APART * count:
        return []
    try:
        ways = readings(row, [5] * (count // 5), summing=not is_forced(row, count))
    except TooMany:
        ways = []
    return _items(items, ways, count)


def cut_requests(torn: Rows, whole: Mapping[str, Values]) -> tuple[dict[str, list[Item]], set[tuple[str, int | str]]]:
    """The cells of rows of seven, read jointly with the rows that stand apart; and the identities that were needed."""
    rows = {code: row for code, items in torn.items() if (row := pieces(items))}
    if len(whole) > _APART * (len(whole) + len(torn)):
        return {}, set()
    known = {code: ["/" if value is None else f"{value:.0f}" for value in values] for code, values in whole.items()}
    sums = [
        _over_rows(law, {*rows, *known})
        for law in forms()["2021"].identities
        if law.table == "requests" and law.axis == "column"
    ]
    solution = solve({**rows, **known}, groups=[7], columns=7, row_identity="H3", sums=sums)
    # Where some cells are blank, which leaves no trace here, so many digits as cells need not be one digit for each.
    has_blanks = any(sum(map(len, row)) < 7 for row in rows.values())
    cut = {}
    for code in rows:
        values = solution.values.get(code)
        if values is None or (has_blanks and sum(value or 0 for value in values[:-1]) != (values[-1] or 0)):
            continue
        open_ = [(code, position) in solution.open for position in range(7)]
        cut[code] = [_item(torn[code], value, open) for value, open in zip(values, open_, strict=True)]
    return cut, {(law, int(place) if place.isdigit() else place) for law, place in solution.used}


def _over_rows(law: Identity, rows: set[str]) -> Sums:
    """The identity over the rows that this report should print: one of the alternatives, as it does."""
    printed = [codes for codes in law.alternatives if rows & set(codes)]
    spared = {code for codes in law.alternatives if codes not in printed[:1] for code in codes}
    return Sums(law.id, tuple(code for code in law.left if code not in spared), law.right)


def cut_by_count(torn: Rows, counts: Mapping[str, int]) -> dict[str, list[Item]]:
    """The cells of rows that have as many digits as cells."""
    cut = {}
    for code, items in torn.items():
        row = pieces(items)
        if row and is_forced(row, counts[code]):
            cut[code] = _items(items, readings(row, [counts[code]], summing=False), counts[code])
    return cut


def cut_statistics(torn: Rows, stated: Mapping[str, set[float]]) -> tuple[dict[str, list[Item]], list[str]]:
    """The year's and the cumulative figure, which is no less: by what the prose states, by what bounds them.

    The rows that more than the count of digits cut come second.
    """
    ways: dict[str, list[Values]] = {}
    for code, items in torn.items():
        row = pieces(items) or []
        cuts = readings(row, [2], summing=False)
        cuts = cuts if is_forced(row, 2) else [cut for cut in cuts if (cut[0] or 0) <= (cut[1] or 0)]
        ways[code] = [cut for cut in cuts if cut[0] in stated.get(code, ())] or cuts
    for code, bound in _BOUNDS.items():
        if len(ways.get(bound, ())) == 1 and code in ways:
            most = ways[bound][0]
            ways[code] = [
                cut for cut in ways[code] if all((part or 0) <= (top or 0) for part, top in zip(cut, most, strict=True))
            ]
    cut = {code: _items(torn[code], found, 2) for code, found in ways.items() if len(found) == 1}
    return cut, [code for code in cut if not is_forced(pieces(torn[code]) or [], 2)]


def _items(items: Sequence[Item], readings: Sequence[Values], count: int) -> list[Item]:
    """A cell for each position: its value where all readings agree."""
    if not readings:
        return []
    values = [{reading[position] for reading in readings} for position in range(count)]
    return [_item(items, next(iter(each)), len(each) > 1) for each in values]


def _item(items: Sequence[Item], value: float | None, open: bool) -> Item:
    start = items[0].start
    if open:
        return Item(start, start + 1, " ".join(item.raw for item in items), "odd", solved=True)
    if value is None:
        return Item(start, start + 1, "/", "blank")
    return Item(start, start + 1, f"{value:.0f}", "number", solved=True)
