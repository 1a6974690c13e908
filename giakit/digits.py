"""Digits of several cells that run together: which readings are there, and does the form leave only one?

A row of a table that lost its borders is a string of digits (``640020470`` for 64, 0, 0, 2, 0, 4, 70). Numbers have
no leading zeros, the parts of a row add up to its total and the rows of a column to theirs. What these laws leave
open stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

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


def solve(rows: Mapping[str, Sequence[str]], *, groups: Sequence[int], columns: int, row_identity: str, sums: Sequence[Sums]) -> Solution:
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
        The identities within a column; those that name a row which cannot be read are left out.
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
    usable = [law for law in sums if not (set(law.parts) | set(law.wholes)) & solution.impossible and set(law.wholes) <= candidates.keys()]
    several = [code for code, found in candidates.items() if len(found) > 1]
    fitting = list(_joint(candidates, several, usable)) if several else []
    for code, found in candidates.items():
        if code in several:
            chosen = list(dict.fromkeys(choice[code] for choice in fitting)) or found
        else:
            chosen = found
        solution.values[code] = tuple(cells[0] for cells in zip(*chosen, strict=True))
        solution.open |= {(code, column) for column in range(columns) if len({reading[column] for reading in chosen}) > 1}
    for law in usable:
        touched = [code for code in several if code in law.parts or code in law.wholes]
        for column in range(columns):
            if any(len({reading[column] for reading in candidates[code]}) > 1 for code in touched):
                solution.used.add((law.id, str(column)))
    return solution


def _joint(candidates: Mapping[str, list[Values]], several: list[str], laws: Sequence[Sums]) -> Iterator[dict[str, Values]]:
    """The choices for the rows with several readings under which every law holds in every column."""
    fixed = {code: found[0] for code, found in candidates.items() if code not in several}
    steps = 0

    def holds(chosen: Mapping[str, Values]) -> bool:
        for law in laws:
            involved = [code for code in (*law.parts, *law.wholes) if code in candidates]
            if any(code not in chosen for code in involved):
                continue
            for column in range(len(next(iter(chosen.values())))):
                parts = sum(chosen[code][column] or 0 for code in law.parts if code in chosen)
                wholes = sum(chosen[code][column] or 0 for code in law.wholes if code in chosen)
                if parts != wholes:
                    return False
        return True

    def walk(position: int, chosen: dict[str, Values]) -> Iterator[dict[str, Values]]:
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS // 100:
            return
        if position == len(several):
            if holds(chosen):
                yield dict(chosen)
            return
        for reading in candidates[several[position]]:
            yield from walk(position + 1, {**chosen, several[position]: reading})

    yield from walk(0, fixed)
