"""From bytes to a record: everything that is read of one document, as plain tuples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from giakit.checks.identities import check_identities, equations
from giakit.checks.model import Cell, Check, Suggestion
from giakit.checks.run import check_report
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.model import Document, Text
from giakit.forms import Address, Form
from giakit.forms.labels import bare_key, key
from giakit.reading.fill import Reading
from giakit.reading.opening import find_tables
from giakit.reading.prose import Section, Stated, sections
from giakit.reading.recognition import recognised_form, require_report
from giakit.reading.titles import Title, reporting_period
from giakit.reading.values import UNCONFIRMED, doubt
from giakit.reading.vocabulary import label_keys

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
    found = find_tables(data, name=name, limits=limits)
    document, title, readings, told = found.document, found.title, found.readings, found.stated
    chapters = sections(found.own)
    require_report(document, title, readings, chapters, told)
    form = recognised_form(readings, title)
    cells = _cells(form, readings, document)
    doubts = found.doubts + _doubts(form, readings, cells, document, title)
    used = {place for reading in readings.values() for place in reading.used}
    identities = check_identities(form, cells, solved_by=used) if form is not None else []
    cells, identities, doubts = _after_checks(form, cells, identities, doubts, used)
    cells, identities, doubts = _unconfirmed_left_open(form, cells, identities, doubts, used)
    checks, suggestions = check_report(
        form, cells, year=title.year, stated=told, solved_by=used, doubts=doubts, identities=identities
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
        stated=told,
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
    found = [question for reading in readings.values() for question in reading.doubts]
    for table, reading in readings.items():
        found += _missing(form, table, reading, cells, document)
    if title.unit is None or title.year is None:
        lacking = [name for name, value in (("agency", title.unit), ("year", title.year)) if value is None]
        found.append(doubt("title", None, None, None, f"no title names the {' and the '.join(lacking)}"))
    texts = "\n".join(block.text for block in document.blocks if hasattr(block, "text"))
    period = reporting_period(texts)
    if title.year and period and period != title.year:
        found.append(doubt("year", None, None, None, f"the title says {title.year}, the stated period is {period}"))
    found += [doubt("document", None, None, None, why) for why in document.doubts]
    return found


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


def _printed_labels(document: Document) -> set[str]:
    lines = [
        line
        for block in document.blocks
        for line in (
            block.text.split("\n")
            if isinstance(block, Text)
            else dict.fromkeys(cell for row in block.rows for cell in row)
        )
    ]
    return {spelled for line in lines if len(line) <= _LONGEST_LABEL for spelled in (key(line), bare_key(line))}


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
