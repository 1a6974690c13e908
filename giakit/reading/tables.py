"""Reads a statutory table under each hypothesis of what a row is, and keeps what the form's identities prove."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from giakit.checks.identities import check_identities
from giakit.checks.model import Cell
from giakit.documents.model import Document
from giakit.forms import forms, tables
from giakit.forms.labels import squeezed
from giakit.reading.columns import Reading, doubt, fill, is_whole
from giakit.reading.instances import Instance, choose, split
from giakit.reading.lines import Line, document_lines, foreign_grids, oriented
from giakit.reading.placing import match_near_columns, place_rows
from giakit.reading.remedies import scan_remedies
from giakit.reading.scan import Hit, scan
from giakit.reading.titles import Title
from giakit.reading.vocabulary import Vocabulary, vocabulary

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
            chosen_cell = chosen.cells.get((row, column))
            if (
                row == question.row
                and cell.state == "undecided"
                and chosen_cell is not None
                and chosen_cell.value is not None
            ):
                chosen.cells[row, column] = cell


_LEAST = {"requests": 3, "proactive": 2, "remedies": 1, "statistics": 4}
_COLUMN_YEAR = re.compile(r"20\d\d")


def read_table(
    code: str,
    document: Document,
    title: Title,
    lines: list[Line] | None = None,
    *,
    stated: Mapping[str, set[float]] | None = None,
) -> Reading:
    """Read a table from the grids of a document; empty where no grid holds it.

    `lines` are the document's under some hypothesis of what a row is, those of its grids by default; figures of the year
    that the prose states, by row, are in `stated`.
    """
    words = vocabulary(code)
    reading = Reading(code)
    if lines is None:
        lines = oriented(document, words, document_lines(document))
    foreign = foreign_grids(lines, words, (vocabulary(other) for other in tables() if other != code))
    hits = scan_remedies(lines, words, foreign) if code == "remedies" else scan(lines, words, foreign)
    instances = split(hits, words)
    chosen, why = choose(
        instances,
        lines,
        title,
        least=_LEAST[code],
        same=lambda one, other: _printed(one, words) == _printed(other, words),
    )
    if not chosen or (code == "proactive" and not _has_header(chosen[0])):
        return reading
    if why:
        reading.doubts.append(doubt("which_table", code, None, None, f"{code}: {why}"))
    for instance in chosen:
        _name_dated_columns(instance, title)
    _read_instance(chosen[0], lines, words, reading, stated or {})
    if why and len(chosen) == 1:
        leave_open(reading, Reading(code))
    for rival in chosen[1:]:
        other = Reading(code)
        _read_instance(rival, lines, words, other, stated or {})
        leave_open(reading, other)
    return reading


def _name_dated_columns(instance: Instance, title: Title) -> None:
    """A column headed by another year is not the report's."""
    for hit in (*instance.rows.values(), *instance.others):
        dated = [(head, _COLUMN_YEAR.search(squeezed(head.raw))) for head in hit.header]
        hit.header = tuple(
            replace(head, code=f"extra:{squeezed(head.raw)}")
            if year and title.year and int(year.group()) != title.year
            else head
            for head, year in dated
        )


def leave_open(reading: Reading, other: Reading) -> None:
    """Where two printings differ and nothing chooses between them, neither is taken."""
    for address, cell in reading.cells.items():
        rival = other.cells.get(address)
        if rival is None or rival.value != cell.value or rival.state != cell.state:
            reading.cells[address] = Cell(None, "undecided", None, cell.raw, cell.where)


def _read_instance(
    instance: Instance, lines: list[Line], words: Vocabulary, reading: Reading, stated: Mapping[str, set[float]]
) -> None:
    code = words.table.code
    if code != "remedies":
        _mend(instance, lines, words, reading)
    elif any(hit.near for hit in instance.rows.values()):
        reading.doubts.append(
            doubt(
                "torn_header",
                code,
                None,
                None,
                "the header cannot be read: fifteen figures are taken in the form's order, and their sums close",
            )
        )
    fill(instance, words, reading, stated)
    for hit in instance.repeated:
        _leave_repeated_open(hit, hit.code, words, reading, stated)
    # A label that two rows share, where both stand already, stands again as one of them.
    for hit in instance.others:
        if len(hit.codes) > 1 and hit.has_number and instance.rows.keys() >= set(hit.codes):
            for code in hit.codes:
                _leave_repeated_open(hit, code, words, reading, stated)


def _leave_repeated_open(
    hit: Hit, code: str, words: Vocabulary, reading: Reading, stated: Mapping[str, set[float]]
) -> None:
    """A row that stands twice is undecided where its figures differ."""
    reading.doubts.append(doubt("repeated_row", words.table.code, code, None, f"{code}: the row stands twice"))
    again = Reading(words.table.code)
    fill(Instance({code: replace(hit, codes=(code,))}), words, again, stated)
    for address, cell in again.cells.items():
        if address in reading.cells and cell.value != reading.cells[address].value:
            reading.cells[address] = Cell(None, "undecided", None, cell.raw, cell.where)


def _has_header(instance: Instance) -> bool:
    return any(hit.header for hit in instance.rows.values())


def _printed(instance: Instance, words: Vocabulary) -> dict[str, tuple[str, ...]]:
    return {
        code: tuple(item.raw for item in hit.values if item.kind == "number") for code, hit in instance.rows.items()
    }


def _mend(instance: Instance, lines: list[Line], words: Vocabulary, reading: Reading) -> None:
    if words.table.code == "requests":
        reading.doubts += match_near_columns(instance, words)
    reading.doubts += place_rows(instance, lines, words)
