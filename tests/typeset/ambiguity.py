"""Which rows of run-together digits have one reading only: what a document can decide, and what it cannot."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from giakit.forms import form as form_of
from giakit.forms.model import Address
from typeset.model import number

Reading = tuple[int, ...]
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_FLOWS = ("new", "carried_in", "closed", "carried_out")
_TRIALS = 50_000
"""Combinations of readings that are tried before the rows in question count as undecided."""


def undecidable_rows(form: str, figures: Mapping[Address, float], printed: set[Address]) -> list[tuple[str, str]]:
    """Rows whose numbers, printed without anything between them, can be read in more than one way.

    Numbers have no leading zeros; the identities of the form hold. A row that is partly blank is not decided.
    """
    rows: dict[tuple[str, str], list[Address]] = {}
    for address in _ordered(form, printed):
        rows.setdefault(address[:2], []).append(address)
    result = [
        key
        for key in rows
        if key[0] not in ("requests", "remedies") and not _one_reading([figures.get(a) for a in rows[key]])
    ]
    for table, solve in (("requests", _requests), ("remedies", _remedies)):
        own = {key[1]: [figures.get(a) for a in addresses] for key, addresses in rows.items() if key[0] == table}
        if own:
            result += [(table, row) for row in solve(own)]
    return result


def _ordered(form: str, printed: set[Address]) -> list[Address]:
    return [address for address in form_of(form).cells() if address in printed]


def _digits(values: Sequence[float | None]) -> str:
    return "".join(number(value) for value in values if value is not None)


def _partly_blank(values: Sequence[float | None]) -> bool:
    return any(value is None for value in values) and any(value is not None for value in values)


def _one_reading(values: Sequence[float | None]) -> bool:
    known = [value for value in values if value is not None]
    if not known or len(values) == 1:
        return True
    # A minus sign between digits may as well be the mark of a blank cell.
    return (
        not _partly_blank(values)
        and min(known) >= 0
        and len(list(itertools.islice(_splits(_digits(values), len(values)), 2))) == 1
    )


def _splits(text: str, parts: int) -> Iterator[tuple[str, ...]]:
    if parts == 1:
        if _NUMBER.fullmatch(text):
            yield (text,)
        return
    for end in range(1, len(text) - parts + 2):
        if _NUMBER.fullmatch(text[:end]):
            for rest in _splits(text[end:], parts - 1):
                yield (text[:end], *rest)


def _sums(text: str, parts: int) -> list[Reading]:
    """Readings of `text` as so many numbers and their sum."""
    found = []
    for start in range(parts, len(text)):
        if len(text) - start > 1 and text[start] == "0":
            continue
        total = int(text[start:])
        for split in _bounded(text[:start], parts, total):
            found.append((*split, total))
    return found


def _bounded(text: str, parts: int, total: int) -> Iterator[Reading]:
    if parts == 1:
        if text and (text == "0" or text[0] != "0") and int(text) == total:
            yield (total,)
        return
    for end in range(1, len(text) - parts + 2):
        value = int(text[:end])
        if value > total or (end > 1 and text[0] == "0"):
            return
        for rest in _bounded(text[end:], parts - 1, total - value):
            yield (value, *rest)


def _requests(rows: Mapping[str, Sequence[float | None]]) -> list[str]:
    partly = [row for row, values in rows.items() if _partly_blank(values)]
    readings: dict[str, list[Reading]] = {
        row: [(0,) * 7] if not _digits(values) else _sums(_digits(values), 6)
        for row, values in rows.items()
        if row not in partly
    }
    unreadable = partly + [row for row, found in readings.items() if not found]
    open_rows = [row for row, found in readings.items() if len(found) > 1]
    if unreadable or not open_rows:
        return unreadable + open_rows
    fitting = list(_closing(readings, open_rows))
    return [row for row in open_rows if len({choice[row] for choice in fitting}) != 1]


def _closing(readings: Mapping[str, list[Reading]], open_rows: list[str]) -> Iterator[dict[str, Reading]]:
    """The choices under which outcomes add up to what was closed, and flows balance, in every column."""
    outcomes = [row for row in open_rows if row not in _FLOWS]
    fixed = [found[0] for row, found in readings.items() if row not in _FLOWS and row not in outcomes]
    sums: list[int] = [sum(column) for column in zip((0,) * 7, *fixed, strict=True)]
    most: list[list[int]] = [[0] * 7]
    for row in reversed(outcomes):
        most.insert(
            0, [high + max(column) for high, column in zip(most[0], zip(*readings[row], strict=True), strict=True)]
        )
    for flow in itertools.product(*(readings[row] for row in _FLOWS)):
        new, carried_in, closed, carried_out = flow
        if any(a + b != c + d for a, b, c, d in zip(new, carried_in, closed, carried_out, strict=True)):
            continue
        left = [total - known for total, known in zip(closed, sums, strict=True)]
        for chosen in _filling(left, outcomes, readings, most):
            yield chosen | dict(zip(_FLOWS, flow, strict=True))


def _filling(
    left: list[int], rows: list[str], readings: Mapping[str, list[Reading]], most: list[list[int]]
) -> Iterator[dict[str, Reading]]:
    """The choices of the rows that add up to what is left; those that no more can are not followed."""
    if any(missing < 0 or missing > high for missing, high in zip(left, most[len(most) - 1 - len(rows)], strict=True)):
        return
    if not rows:
        yield {}
        return
    for reading in readings[rows[0]]:
        rest = [missing - value for missing, value in zip(left, reading, strict=True)]
        for chosen in _filling(rest, rows[1:], readings, most):
            yield {rows[0]: reading} | chosen


def _remedies(rows: Mapping[str, Sequence[float | None]]) -> list[str]:
    values = [value for row in rows.values() for value in row]
    if not any(value is not None for value in values):
        return []
    if any(value is None for value in values):
        return list(rows)
    fitting = list(itertools.islice(_lines(_digits(values), len(rows)), _TRIALS))
    return [row for i, row in enumerate(rows) if len({line[i] for line in fitting}) != 1]


def _lines(text: str, rows: int) -> Iterator[tuple[Reading, ...]]:
    if rows == 0:
        if not text:
            yield ()
        return
    for end in range(5, len(text) + 1):
        for reading in _sums(text[:end], 4):
            for rest in _lines(text[end:], rows - 1):
                yield (reading, *rest)
