"""From bytes to a record: everything that is read of one document, as plain tuples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from giakit.checks.identities import check_identities, equations
from giakit.checks.model import Cell, Check, Suggestion
from giakit.checks.run import check_report
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Block, Document, Text
from giakit.documents.open import Part, open_document
from giakit.errors import NotAReport
from giakit.forms import Address, Form, forms, tables
from giakit.forms.labels import bare_key, has_radicals, key, with_plain_characters
from giakit.reading.align import Token, stream_lines, tokens
from giakit.reading.columns import UNCONFIRMED, Reading, doubt, is_whole
from giakit.reading.lines import document_lines, oriented
from giakit.reading.prose import Section, Stated, sections, stated
from giakit.reading.tables import is_settled, proved, read_table
from giakit.reading.titles import Title, own_texts, reporting_period, title_of
from giakit.reading.vocabulary import label_keys, vocabulary

_FEW_SECTIONS = 3
_MANY_ROWS = 12
_SEVERAL_ROWS = 6
_MOST_LOST = 3
_SHORT_PROSE = 80


def require_report(
    document: Document, title: Title, readings: dict[str, Reading], chapters: list[Section], statements: list[Stated]
) -> None:
    printed = [table for table, reading in readings.items() if reading.cells]
    titled = title.unit is not None or title.year is not None
    if printed and not titled and not _holds_figures(readings):
        raise NotAReport(
            document.name, "a blank form: its tables hold no figure, and no title names an agency or a year"
        )
    if "requests" in printed or "statistics" in printed or len(printed) > 1 or (printed and titled):
        return
    known = {chapter.section for chapter in chapters} - {"preamble", "chapter"}
    prose_length = sum(len(chapter.text) for chapter in chapters)
    numbered = sum(chapter.section != "preamble" for chapter in chapters)
    several = len(known) >= _FEW_SECTIONS or (statements and (len(known) > 1 or numbered >= _FEW_SECTIONS))
    if titled and prose_length > _SHORT_PROSE and several:
        return
    if titled and any(_rows_named(table, document) >= _MANY_ROWS for table in ("requests", "statistics")):
        return
    raise NotAReport(document.name, _reason(document, titled))


def _rows_named(table: str, document: Document) -> int:
    """How many of a table's rows the document names, figures or not."""
    text = key("\n".join(token.raw for token in tokens(document)))
    return sum(any(len(name) > 3 and name in text for name in label_keys(row)) for row in tables()[table].rows)


def _holds_figures(readings: dict[str, Reading]) -> bool:
    return any(
        cell.value is not None or cell.state == "undecided"
        for reading in readings.values()
        for cell in reading.cells.values()
    )


def _reason(document: Document, titled: bool) -> str:
    text = " ".join(block.text for block in document.blocks if hasattr(block, "text"))
    if titled and "附件" in text:
        at = text.index("附件")
        return f"the page only names an attachment ({text[at : at + 40].strip()!r}); read that file"
    if titled and "image" in document.notes:
        return "the page shows the report as an image; read that image"
    if titled:
        return "it names an annual report but has none of its tables and chapters"
    return "none of the statutory tables and no title of an annual report was found"


def recognised_form(readings: dict[str, Reading], title: Title) -> Form | None:
    """The form whose own labels are the most; of equals the one in force in the year."""
    known = forms()
    votes: Counter[str] = Counter()
    for table, reading in readings.items():
        whole = tables()[table]
        rows = {row for row, _ in reading.cells}
        columns = {column for _, column in reading.cells}
        for labels, seen in ((whole.rows, rows), (whole.columns, columns)):
            for label in labels:
                if label.code in seen and len(label.forms) < len(whole.cells):
                    votes.update(label.forms)
    if not votes:
        votes.update(form for table, reading in readings.items() if reading.cells for form in tables()[table].cells)
    if not votes:
        return next(
            (
                form
                for form in known.values()
                if form.id != "local" and title.year and form.since <= title.year <= (form.until or title.year)
            ),
            None,
        )
    best = max(votes.values())
    equal = [id for id, count in votes.items() if count == best]
    in_force = [id for id in equal if title.year and known[id].since <= title.year <= (known[id].until or title.year)]
    return known[sorted(in_force or equal, reverse=True)[0]]


_TABLES = ("requests", "remedies", "proactive", "statistics")
_OTHER_PARTS: tuple[Part, ...] = ("scripted", "hidden")
_HIDDEN = "the only tables stand in a part that the page hides: no figure is taken from it"


class Opened(NamedTuple):
    """A document with what its tables and its prose say; `without_others` is it without the texts of other reports."""

    document: Document
    title: Title
    without_others: Document
    readings: dict[str, Reading]
    stated: list[Stated]
    doubts: list[Check]


def find_tables(data: bytes, *, name: str, limits: Limits) -> Opened:
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
        other_part = _found(other, shown.title)
        if _has_cells(other_part):
            return _undecided(other_part) if part == "hidden" else _retitled(other_part)
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


def _found(document: Document, title: Title) -> Opened:
    without_others = own_texts(document, title)
    statements = stated(without_others, title.year, title.unit)
    return Opened(document, title, without_others, _by_labels(document, title, statements), statements, [])


def _gaps(opened: Opened) -> int:
    """How many cells of the form are not there, and how many identities fail."""
    form = recognised_form(opened.readings, opened.title)
    if form is None:
        return len(_TABLES)
    cells = dict.fromkeys(form.cells(), Cell(None, "absent"))
    printed = {(table, *at): cell for table, each in opened.readings.items() for at, cell in each.cells.items()}
    failing = sum(check.status == "fail" for check in check_identities(form, cells | printed, solved_by={}))
    return failing + sum(address not in printed for address in cells)


def _has_cells(opened: Opened) -> bool:
    return any(reading.cells for reading in opened.readings.values())


def _retitled(opened: Opened) -> Opened:
    """With the title that the part itself names, where the page names none."""
    of_part = title_of(opened.document)
    title = Title(opened.title.unit or of_part.unit, opened.title.year or of_part.year)
    return opened._replace(title=title, without_others=own_texts(opened.document, title))


def _undecided(opened: Opened) -> Opened:
    readings = {
        table: replace(
            reading,
            cells={
                address: Cell(None, "undecided", None, cell.raw, cell.where) for address, cell in reading.cells.items()
            },
        )
        for table, reading in opened.readings.items()
    }
    return opened._replace(readings=readings, doubts=[doubt("hidden", None, None, None, _HIDDEN)])


def _by_labels(document: Document, title: Title, statements: list[Stated]) -> dict[str, Reading]:
    """The tables by their labels: in grids, and what grids lack in the running text."""
    figures: dict[str, set[float]] = {}
    for entry in statements:
        if entry.table == "statistics" and not entry.about:
            figures.setdefault(entry.row, set()).add(entry.value)
    readings: dict[str, Reading] = {}
    lines = document_lines(document)
    stream: list[Token] | None = None
    for table in _TABLES:
        words = vocabulary(table)
        # A report holds either the statistics of 2008-2018 or the tables since 2019.
        if table == "statistics" and is_whole(readings["requests"]):
            readings[table] = Reading(table)
            continue
        grid_rows = lines if table == "remedies" else oriented(document, words, lines)
        reading = read_table(table, document, title, grid_rows, stated=figures)
        if not is_settled(reading) and not (table == "statistics" and readings["requests"].cells):
            stream = tokens(document) if stream is None else stream
            streamed = read_table(table, document, title, stream_lines(stream, words), stated=figures)
            reading = proved([reading, streamed])
        readings[table] = reading
    return readings


_LONGEST_LABEL = 60
_ABSENT = Cell(None, "absent")
_OTHER_ROWS = ("other_uncorrected", "other_unpaid", "other_rest")


@dataclass(slots=True)
class Record:
    """What was read of one document."""

    name: str
    sha256: str
    format: str
    unit: str | None
    year: int | None
    form: Form | None
    cells: dict[Address, Cell]
    checks: list[Check]
    suggestions: list[Suggestion]
    texts: list[Section]
    stated: list[Stated]
    metadata: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_record(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Record:
    """Read a report from the bytes of a document.

    Raises
    ------
    UnreadableDocument
        The document cannot be opened.
    NotAReport
        It can, and is no annual report.
    """
    opened = find_tables(data, name=name, limits=limits)
    document, title, readings, statements = opened.document, opened.title, opened.readings, opened.stated
    chapters = sections(opened.without_others)
    require_report(document, title, readings, chapters, statements)
    form = recognised_form(readings, title)
    cells = _cells(form, readings, document)
    doubts = opened.doubts + _doubts(form, readings, cells, document, title)
    used = {place for reading in readings.values() for place in reading.used}
    identities = check_identities(form, cells, solved_by=used) if form is not None else []
    cells, identities, doubts = _after_checks(form, cells, identities, doubts, used)
    cells, identities, doubts = _unconfirmed_left_open(form, cells, identities, doubts, used)
    checks, suggestions = check_report(
        form, cells, year=title.year, stated=statements, solved_by=used, doubts=doubts, identities=identities
    )
    return Record(
        name=name,
        sha256=document.sha256,
        format=document.format,
        unit=title.unit,
        year=title.year,
        form=form,
        cells=cells,
        checks=checks,
        suggestions=suggestions,
        texts=chapters,
        stated=statements,
        metadata=document.metadata,
        notes=document.notes,
    )


def _cells(form: Form | None, readings: dict[str, Reading], document: Document) -> dict[Address, Cell]:
    """Every cell of the form, then what is printed beyond it."""
    cells: dict[Address, Cell] = {}
    if form is not None:
        cells = dict.fromkeys(form.cells(), _ABSENT)
    for table, reading in readings.items():
        rows = {row for row, _ in reading.cells}
        for (row, column), cell in reading.cells.items():
            if row == "other" and table == "requests" and set(_OTHER_ROWS) <= rows:
                row = "extra:其他处理"
            if cell.origin == "printed" and document.origin == "ocr":
                cell = cell._replace(origin="ocr")
            cells[table, row, column] = cell
    return cells


def _doubts(
    form: Form | None, readings: dict[str, Reading], cells: dict[Address, Cell], document: Document, title: Title
) -> list[Check]:
    doubts = [question for reading in readings.values() for question in reading.doubts]
    for table, reading in readings.items():
        doubts += _missing(form, table, reading, cells, document)
    if form is None or not any(reading.cells for reading in readings.values()):
        for table in tables():
            if _rows_named(table, document) >= _SEVERAL_ROWS:
                message = f"{table}: its labels are printed, but no figure could be given to them"
                doubts.append(doubt("missing_table", table, None, None, message))
    if title.unit is None or title.year is None:
        lacking = [name for name, value in (("agency", title.unit), ("year", title.year)) if value is None]
        doubts.append(doubt("title", None, None, None, f"no title names the {' and the '.join(lacking)}"))
    texts = "\n".join(block.text for block in document.blocks if hasattr(block, "text"))
    period = reporting_period(texts)
    if title.year and period and period != title.year:
        doubts.append(doubt("year", None, None, None, f"the title says {title.year}, the stated period is {period}"))
    printed = (text for block in document.blocks for text in _strings(block))
    if sum(text.count("\ufffd") for text in printed) > _MOST_LOST:
        doubts.append(doubt("document", None, None, None, "characters were lost when the text was made"))
    doubts += [doubt("document", None, None, None, why) for why in document.doubts]
    return doubts


def _missing(
    form: Form | None, table: str, reading: Reading, cells: dict[Address, Cell], document: Document
) -> Iterable[Check]:
    if form is None or table not in form.tables:
        return
    rows = {row for row, _ in reading.cells}
    if not rows:
        yield doubt("missing_table", table, None, None, f"{table}: the table was not found")
        return
    expected = set(form.tables[table].row_codes(form.id))
    if table == "requests":
        # "Other handling" is printed as one row or as three, whatever the form.
        if "other" in rows and not rows & set(_OTHER_ROWS):
            expected -= set(_OTHER_ROWS)
        elif rows & set(_OTHER_ROWS):
            expected.discard("other")
    extras = sorted(row for row in rows if row.startswith("extra:"))
    missing = [row for row in form.tables[table].row_codes(form.id) if row in expected and row not in rows]
    if missing and form.id == "local" and not extras:
        # Local tables print what rows they like: only one whose label stands there without a figure is missing.
        printed = _printed_labels(document)
        missing = [row for row in missing if printed & set(label_keys(form.tables[table].row(row)))]
    if missing:
        beside = f"; unknown labels: {', '.join(extras)}" if extras else ""
        yield doubt("missing_rows", table, None, None, f"{table}: rows not found: {', '.join(missing)}{beside}")
    elif extras:
        yield Check(
            "extra_rows", "note", table, None, None, None, None, f"{table}: rows beyond the form: {', '.join(extras)}"
        )
    lacking = [
        f"{row}.{column}"
        for row, column in form.tables[table].cells[form.id]
        if row in rows and (row, column) not in reading.cells
    ]
    if lacking and form.id != "local":
        yield doubt("missing_columns", table, None, None, f"{table}: cells not found: {', '.join(lacking[:6])}")


def _strings(block: Block) -> Iterable[str]:
    return (block.text,) if isinstance(block, Text) else chain.from_iterable(block.rows)


def _printed_labels(document: Document) -> set[str]:
    return {
        spelled
        for token in tokens(document)
        if token.kind == "label" and len(token.raw) <= _LONGEST_LABEL
        for spelled in (key(token.raw), bare_key(token.raw))
    }


def _after_checks(
    form: Form | None, cells: dict[Address, Cell], checks: list[Check], doubts: list[Check], used: set[tuple[str, str]]
) -> tuple[dict[Address, Cell], list[Check], list[Check]]:
    """What the identities say of doubtful readings: rows placed by order need them closed, split numbers are cleared by them."""
    failing = {check.table for check in checks if check.status == "fail"}
    closing = {check.table for check in checks if check.status == "pass"} - failing
    doubts = [question for question in doubts if not (question.check == "broken_number" and question.table in closing)]
    placed = {question.row for question in doubts if question.check == "unlabelled" and question.row}
    if (
        form is None
        or not placed
        or "requests" not in failing
        or not any(check.status == "fail" and check.check == "H2" for check in checks)
    ):
        return cells, checks, doubts
    mended = {
        address: cell._replace(value=None, state="undecided", origin=None)
        if address[0] == "requests" and address[1] in placed and cell.value is not None
        else cell
        for address, cell in cells.items()
    }
    return mended, check_identities(form, mended, solved_by=used), doubts


def _unconfirmed_left_open(
    form: Form | None, cells: dict[Address, Cell], checks: list[Check], doubts: list[Check], used: set[tuple[str, str]]
) -> tuple[dict[Address, Cell], list[Check], list[Check]]:
    """Figures that may show something else stay undecided, but for those that an identity confirms: it closes, and holds
    a part other than zero besides them."""
    asked = {
        (question.table, question.row, question.column)
        for question in doubts
        if question.check == UNCONFIRMED and question.table and question.row and question.column
    }
    if not asked:
        return cells, checks, doubts
    confirmed: set[Address] = set()
    for identity, place, left, right in equations(form, cells) if form is not None else ():
        parts, wholes = ([cells[address].value for address in side] for side in (left, right))
        telling = sum(bool(cells[address].value) for address in (*left, *right) if address not in asked)
        if (
            (identity.id, place) not in used
            and None not in parts
            and None not in wholes
            and telling
            and sum(filter(None, parts)) == sum(filter(None, wholes))
        ):
            confirmed |= {address for address in (*left, *right) if cells[address].value}
    open_ = asked - confirmed
    mended = {
        address: cell._replace(value=None, state="undecided", origin=None)
        if address in open_ and cell.value is not None
        else cell
        for address, cell in cells.items()
    }
    doubts = [
        question
        for question in doubts
        if question.check != UNCONFIRMED or (question.table, question.row, question.column) not in confirmed
    ]
    return mended, checks if form is None else check_identities(form, mended, solved_by=used), doubts
