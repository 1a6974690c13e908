"""Gives the values of a row their columns: by the header they stand under, else by the header's own sequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from giakit.forms.labels import squeezed
from giakit.reading.lines import Item
from giakit.reading.scan import Head, Hit

Assignment: TypeAlias = dict[str, Item]
Method: TypeAlias = Callable[[Hit, tuple[Head, ...]], Assignment | None]


def by_position(hit: Hit, header: tuple[Head, ...]) -> Assignment | None:
    """Each value belongs to the label it stands under; None where a number stands under none."""
    if not hit.line.aligned or not header:
        return None
    found: Assignment = {}
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
        if head.code in found or (len(filled) > 1 and len({squeezed(item.raw) for item in filled}) > 1):
            return None
        found[head.code] = (filled or under)[0]
        taken |= {item.start for item in under}
    if any([item.kind == "number" and item.start not in taken for item in hit.values]):
        return None
    return found if len(found) == len(header) else None


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
        found = [method(hit, header) for hit in hits]
        fitting = [assignment for assignment in found if assignment is not None]
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
