"""What makes a value certain: of the readings of a table the one that adds up, and only what its rivals do not contest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from giakit.checks.identities import check_identities
from giakit.checks.model import Cell
from giakit.forms import forms
from giakit.reading.fill import Reading, is_whole
from giakit.reading.values import doubt

_LATEST = {"requests": "2021", "remedies": "2021", "proactive": "2021", "statistics": "local"}

_STANDING = frozenset(("repeated_row", "not_as_shown"))


class Verdict(NamedTuple):
    """How a reading fares: figures it gives for certain, identities that fail, that close over other figures than 0, doubts."""

    figures: int
    broken: int
    closing: int
    doubts: int
    open: int

    @property
    def worth(self) -> float:
        """A failing identity speaks against a whole row; a doubt against a little."""
        return self.figures - 8 * self.broken - self.doubts + min(self.closing, 3)


def verdict(reading: Reading) -> Verdict:
    """Judge a reading by the identities of its form."""
    form = forms()[_LATEST[reading.table]]
    cells = {(reading.table, row, column): cell for (row, column), cell in reading.cells.items() if ":" not in row}
    checks = check_identities(form, cells) if cells else []
    return Verdict(
        figures=reading.figures,
        broken=sum(check.status == "fail" for check in checks),
        closing=sum(check.status == "pass" and bool(check.expected) for check in checks),
        doubts=len(reading.doubts),
        open=sum(cell.state == "undecided" for cell in reading.cells.values()),
    )


def is_settled(reading: Reading) -> bool:
    """Whether a table was read whole by its labels and places alone: no other reading need be tried."""
    return is_whole(reading) and not reading.doubts


def proved(readings: Sequence[Reading]) -> Reading:
    """The best of the readings of one table; open where one that is as good says something else.

    Rows of the form that only a lesser reading has complete it.
    """
    judged = [(verdict(reading), reading) for reading in readings if reading.cells]
    if not judged:
        return readings[0]
    judged.sort(key=lambda entry: -entry[0].worth)
    (best, chosen), *others = judged
    chosen = replace(chosen, cells=dict(chosen.cells), doubts=list(chosen.doubts), used=set(chosen.used))
    for other, rival in others:
        if other.broken <= best.broken and other.figures >= best.figures and other.closing >= best.closing:
            _contest(chosen, rival)
    for _, rival in others:
        _complete(chosen, rival)
        _keep_open(chosen, rival)
    return chosen


def _contest(chosen: Reading, rival: Reading) -> None:
    contested = []
    for address, cell in chosen.cells.items():
        other = rival.cells.get(address)
        if other is not None and None not in (other.value, cell.value) and other.value != cell.value:
            chosen.cells[address] = Cell(None, "undecided", None, cell.raw, cell.where)
            contested.append(address)
    if contested:
        rows = ", ".join(dict.fromkeys(row for row, _ in contested))
        chosen.doubts.append(
            doubt("contested", chosen.table, None, None, f"{chosen.table}: two readings add up and differ in {rows}")
        )


def _complete(chosen: Reading, rival: Reading) -> None:
    rows = {row for row, _ in chosen.cells}
    added = {address: cell for address, cell in rival.cells.items() if address[0] not in rows and ":" not in address[0]}
    if not any(cell.value is not None or cell.state == "undecided" for cell in added.values()):
        return
    chosen.cells |= added
    chosen.used |= rival.used
    names = {row for row, _ in added}
    chosen.doubts += [question for question in rival.doubts if question.row in names]


def _keep_open(chosen: Reading, rival: Reading) -> None:
    """What one reading saw twice with other figures, or in doubt, is not settled by another that saw it once."""
    for question in rival.doubts:
        if question.check not in _STANDING or question in chosen.doubts:
            continue
        chosen.doubts.append(question)
        for (row, column), cell in rival.cells.items():
            own = chosen.cells.get((row, column))
            if row == question.row and cell.state == "undecided" and own is not None and own.value is not None:
                chosen.cells[row, column] = cell
