"""Opens a document in the way that finds its tables: by what it shows, by what its scripts write, by what it hides."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from giakit.checks.identities import check_identities
from giakit.checks.model import Cell, Check
from giakit.documents.limits import Limits
from giakit.documents.model import Block, Document, Text
from giakit.documents.open import Part, open_document
from giakit.forms.labels import has_radicals, with_plain_characters
from giakit.reading.align import Token, stream_lines, tokens
from giakit.reading.fill import Reading, is_whole
from giakit.reading.headings import own_texts
from giakit.reading.lines import document_lines, oriented
from giakit.reading.prose import Stated, stated
from giakit.reading.prove import is_settled, proved
from giakit.reading.recognition import recognised_form
from giakit.reading.tables import read_table
from giakit.reading.titles import Title, title_of
from giakit.reading.values import doubt
from giakit.reading.vocabulary import vocabulary

_TABLES = ("requests", "remedies", "proactive", "statistics")
_OTHER_PARTS: tuple[Part, ...] = ("scripted", "hidden")
_HIDDEN = "the only tables stand in a part that the page hides: no figure is taken from it"


class Found(NamedTuple):
    """A document with what its tables and its prose say; `own` is it without the texts of other reports."""

    document: Document
    title: Title
    own: Document
    readings: dict[str, Reading]
    stated: list[Stated]
    doubts: list[Check]


def find_tables(data: bytes, *, name: str, limits: Limits) -> Found:
    """Open a document and read its tables.

    Raises
    ------
    UnreadableDocument
        The document cannot be opened.
    """
    document = _folded(open_document(data, name=name, limits=limits))
    shown = _found(document, title_of(document))
    if document.hides and (gaps := _gaps(shown)):
        whole = _folded(open_document(data, name=name, limits=limits, part="hidden"))
        uncovered = _found(whole, shown.title)
        return uncovered if _gaps(uncovered) < gaps else shown
    if _has_cells(shown) or document.format != "html":
        return shown
    for part in _OTHER_PARTS:
        other = _folded(open_document(data, name=name, limits=limits, part=part))
        found = _found(other, shown.title)
        if _has_cells(found):
            return _undecided(found) if part == "hidden" else _retitled(found)
    return shown


def _folded(document: Document) -> Document:
    """The document with characters in place of radicals: the fonts of a PDF give them, whatever it was made into since."""
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Text):
            blocks.append(replace(block, text=with_plain_characters(block.text)))
        elif has_radicals("\n".join(map("".join, block.rows))):
            rows = [[with_plain_characters(raw) for raw in row] for row in block.rows]
            blocks.append(replace(block, rows=rows))
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks), title=with_plain_characters(document.title))


def _found(document: Document, title: Title) -> Found:
    own = own_texts(document, title)
    told = stated(own, title.year, title.unit)
    return Found(document, title, own, _by_labels(document, title, told), told, [])


def _gaps(found: Found) -> int:
    """How many cells of the form are not there, and how many identities fail."""
    form = recognised_form(found.readings, found.title)
    if form is None:
        return len(_TABLES)
    cells = dict.fromkeys(form.cells(), Cell(None, "absent"))
    printed = {(table, *at): cell for table, each in found.readings.items() for at, cell in each.cells.items()}
    failing = sum(check.status == "fail" for check in check_identities(form, cells | printed, solved_by={}))
    return failing + sum(address not in printed for address in cells)


def _has_cells(found: Found) -> bool:
    return any(reading.cells for reading in found.readings.values())


def _retitled(found: Found) -> Found:
    """With the title that the part itself names, where the page names none."""
    own = title_of(found.document)
    title = Title(found.title.unit or own.unit, found.title.year or own.year)
    return found._replace(title=title, own=own_texts(found.document, title))


def _undecided(found: Found) -> Found:
    readings = {
        table: replace(
            reading,
            cells={
                address: Cell(None, "undecided", None, cell.raw, cell.where) for address, cell in reading.cells.items()
            },
        )
        for table, reading in found.readings.items()
    }
    return found._replace(readings=readings, doubts=[doubt("hidden", None, None, None, _HIDDEN)])


def _by_labels(document: Document, title: Title, told: list[Stated]) -> dict[str, Reading]:
    """The tables by their labels: in grids, and what grids lack in the running text."""
    figures: dict[str, set[float]] = {}
    for entry in told:
        if entry.table == "statistics" and not entry.about:
            figures.setdefault(entry.row, set()).add(entry.value)
    readings: dict[str, Reading] = {}
    lines = document_lines(document)
    found: list[Token] | None = None
    for table in _TABLES:
        words = vocabulary(table)
        # A report holds either the statistics of 2008-2018 or the tables since 2019.
        if table == "statistics" and is_whole(readings["requests"]):
            readings[table] = Reading(table)
            continue
        own = lines if table == "remedies" else oriented(document, words, lines)
        reading = read_table(table, document, title, own, stated=figures)
        if not is_settled(reading) and not (table == "statistics" and readings["requests"].cells):
            found = tokens(document) if found is None else found
            streamed = read_table(table, document, title, stream_lines(found, words), stated=figures)
            reading = proved([reading, streamed])
        readings[table] = reading
    return readings
