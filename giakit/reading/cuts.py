"""Rows whose figures run together: cut into cells where the form leaves one way, else left open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from giakit.forms import Identity, forms
from giakit.reading import digits
from giakit.reading.lines import Item

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
    if not row or len(row) >= count:
        return []
    try:
        readings = digits.readings(row, [5] * (count // 5), summing=not digits.is_forced(row, count))
    except digits.TooMany:
        readings = []
    return _items(items, readings, count)


def cut_requests(
    torn: Rows, whole: Mapping[str, digits.Values]
) -> tuple[dict[str, list[Item]], set[tuple[str, int | str]]]:
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
    solution = digits.solve({**rows, **known}, groups=[7], columns=7, row_identity="H3", sums=sums)
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


def _over_rows(law: Identity, rows: set[str]) -> digits.Sums:
    """The identity over the rows that this report should print: one of the alternatives, as it does."""
    printed = [codes for codes in law.alternatives if rows & set(codes)]
    spared = {code for codes in law.alternatives if codes not in printed[:1] for code in codes}
    return digits.Sums(law.id, tuple(code for code in law.left if code not in spared), law.right)


def cut_by_count(torn: Rows, counts: Mapping[str, int]) -> dict[str, list[Item]]:
    """The cells of rows that have as many digits as cells."""
    cut = {}
    for code, items in torn.items():
        row = pieces(items)
        if row and digits.is_forced(row, counts[code]):
            cut[code] = _items(items, digits.readings(row, [counts[code]], summing=False), counts[code])
    return cut


def cut_statistics(torn: Rows, stated: Mapping[str, set[float]]) -> tuple[dict[str, list[Item]], list[str]]:
    """The year's and the cumulative figure, which is no less: by what the prose states, by what bounds them.

    The rows that more than the count of digits cut come second.
    """
    readings: dict[str, list[digits.Values]] = {}
    for code, items in torn.items():
        row = pieces(items) or []
        cuts = digits.readings(row, [2], summing=False)
        cuts = cuts if digits.is_forced(row, 2) else [cut for cut in cuts if (cut[0] or 0) <= (cut[1] or 0)]
        readings[code] = [cut for cut in cuts if cut[0] in stated.get(code, ())] or cuts
    for code, bound in _BOUNDS.items():
        if len(readings.get(bound, ())) == 1 and code in readings:
            most = readings[bound][0]
            readings[code] = [
                cut
                for cut in readings[code]
                if all((part or 0) <= (top or 0) for part, top in zip(cut, most, strict=True))
            ]
    cut = {code: _items(torn[code], found, 2) for code, found in readings.items() if len(found) == 1}
    return cut, [code for code in cut if not digits.is_forced(pieces(torn[code]) or [], 2)]


def _items(items: Sequence[Item], readings: Sequence[digits.Values], count: int) -> list[Item]:
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
