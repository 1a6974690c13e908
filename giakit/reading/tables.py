"""Reads one statutory table out of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from giakit.checks.model import Cell
from giakit.documents.model import Document
from giakit.forms import tables
from giakit.forms.labels import squeezed
from giakit.reading.fill import Reading, fill
from giakit.reading.instances import Instance, choose, split
from giakit.reading.lines import Line, document_lines, foreign_grids, oriented
from giakit.reading.placing import match_near_columns, place_rows
from giakit.reading.remedies import scan_remedies
from giakit.reading.scan import Hit, scan
from giakit.reading.titles import Title
from giakit.reading.values import doubt
from giakit.reading.vocabulary import Vocabulary, vocabulary

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
            if found and title.year and int(found.group()) != title.year
            else head
            for head, found in dated
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
