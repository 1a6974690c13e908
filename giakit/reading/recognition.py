"""Whether a document is an annual report at all, and under which form."""

from __future__ import annotations

from collections import Counter

from giakit.documents.model import Document
from giakit.errors import NotAReport
from giakit.forms import Form, forms, tables
from giakit.forms.labels import key
from giakit.reading.align import tokens
from giakit.reading.fill import Reading
from giakit.reading.prose import Section, Stated
from giakit.reading.titles import Title
from giakit.reading.vocabulary import label_keys

_FEW_SECTIONS = 3
_MANY_ROWS = 12
_SHORT_PROSE = 80


def require_report(
    document: Document, title: Title, readings: dict[str, Reading], chapters: list[Section], told: list[Stated]
) -> None:
    found = [table for table, reading in readings.items() if reading.cells]
    titled = title.unit is not None or title.year is not None
    if found and not titled and not _holds_figures(readings):
        raise NotAReport(
            document.name, "a blank form: its tables hold no figure, and no title names an agency or a year"
        )
    if "requests" in found or "statistics" in found or len(found) > 1 or (found and titled):
        return
    known = {chapter.section for chapter in chapters} - {"preamble", "chapter"}
    prose_length = sum(len(chapter.text) for chapter in chapters)
    numbered = sum(chapter.section != "preamble" for chapter in chapters)
    several = len(known) >= _FEW_SECTIONS or (told and (len(known) > 1 or numbered >= _FEW_SECTIONS))
    if titled and prose_length > _SHORT_PROSE and several:
        return
    if titled and any(_rows_named(table, document) >= _MANY_ROWS for table in ("requests", "statistics")):
        return
    raise NotAReport(document.name, _reason(document, titled))


def _rows_named(table: str, document: Document) -> int:
    """How many of a table's rows the document names, figures or not."""
    text = key("\n".join(token.raw for token in tokens(document)))
    return sum(any(name in text for name in label_keys(row)) for row in tables()[table].rows)


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
