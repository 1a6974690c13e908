"""A report for the eye: as HTML in a notebook, as text in a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from giakit.checks.model import Cell, Check, Suggestion
from giakit.forms import tables
from giakit.forms.model import Address, Label, Table
from giakit.reading.record import Record

if TYPE_CHECKING:
    from giakit.reading.report import Report

_STATES = {
    "blank": "printed blank: not a zero",
    "undecided": "printed, but not readable for certain",
    "absent": "not in the report",
}
_ORIGINS = {
    "solved": "digits run together, cut by the table's sums",
    "ocr": "read from an image",
    "corrected": "corrected by hand",
}


@dataclass(slots=True)
class Cells:
    """Draws cells of one report; findings are numbered in the order of the checks."""

    record: Record
    numbers: dict[Check, int] = field(default_factory=dict)
    proposed: dict[Address, list[Suggestion]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        failing = [check for check in self.record.checks if check.is_finding]
        self.numbers = {check: number for number, check in enumerate(failing, 1)}
        for suggestion in self.record.suggestions:
            self.proposed.setdefault((suggestion.table, suggestion.row, suggestion.column), []).append(suggestion)

    def notes(self, table: str | None) -> str:
        """The findings on a table, or on the whole report."""
        items = [
            f'<li value="{number}">{escape(check.message)}</li>'
            for check, number in self.numbers.items()
            if check.table == table
        ]
        return f"<ol>{''.join(items)}</ol>" if items else ""

    def has_findings(self, table: str) -> bool:
        """Whether something was found on a table, or a change is proposed in it."""
        return any(check.table == table for check in self.numbers) or any(
            address[0] == table for address in self.proposed
        )

    def column_head(self, table: Table, column: Label, *, rowspan: int = 1, colspan: int = 1) -> str:
        """The head of a column."""
        return head(
            column,
            rowspan=rowspan,
            colspan=colspan,
            centred=True,
            more=self._class(table.code, None, column.code),
            marks=self._marks(table.code, None, column.code),
        )

    def row_head(self, table: Table, row: Label, *, rowspan: int = 1, colspan: int = 1) -> str:
        """The head over the cells of a row that is laid out as columns."""
        return head(
            row,
            rowspan=rowspan,
            colspan=colspan,
            centred=True,
            more=self._class(table.code, row.code, None),
            marks=self._marks(table.code, row.code, None),
        )

    def line_head(self, table: Table, row: Label, *, colspan: int = 1) -> str:
        """The label before the cells of a row."""
        return head(
            row,
            colspan=colspan,
            more=self._class(table.code, row.code, None),
            marks=self._marks(table.code, row.code, None),
        )

    def caption(self, table: Table) -> str:
        """The name of a table."""
        return f'<caption title="{escape(table.gloss)}"{self._class(table.code, None, None)}>{escape(table.label)}{self._marks(table.code, None, None)}</caption>'

    def cell(self, table: Table, row: Label, column: Label, colspan: int = 1) -> str:
        """A figure, or the sign of what stands in its place; the title says what is known of it."""
        cell: Cell | None = self.record.cells.get((table.code, row.code, column.code))
        state = "absent" if cell is None else cell.state
        findings, proposed = (
            self._at(table.code, row.code, column.code),
            self.proposed.get((table.code, row.code, column.code), []),
        )
        named = (
            state if state != "reported" else "",
            cell.origin if cell and cell.origin in _ORIGINS else "",
            _worst(findings),
            "suspect" if proposed else "",
        )
        classes = [name for name in named if name]
        told = [f"{row.gloss} · {column.gloss}", _STATES.get(state, ""), _ORIGINS.get((cell and cell.origin) or "", "")]
        told += [f"printed: {cell.raw}"] if cell and cell.raw else []
        told += [check.message for check in findings] + [
            f"{suggestion.value:,.10g} would close the sums: {suggestion.why}" for suggestion in proposed
        ]
        beside = " or ".join(dict.fromkeys(f"{suggestion.value:,.10g}" for suggestion in proposed))
        change = f'<span class="proposed">{beside}?</span>' if beside else ""
        attributes = f' class="{" ".join(classes)}"' if classes else ""
        spans = f' colspan="{colspan}"' if colspan > 1 else ""
        return f'<td{attributes}{spans} title="{escape(chr(10).join(filter(None, told)))}">{_value(cell)}{self._marks(table.code, row.code, column.code)}{change}</td>'

    def _at(self, table: str, row: str | None, column: str | None) -> list[Check]:
        return [check for check in self.numbers if (check.table, check.row, check.column) == (table, row, column)]

    def _marks(self, table: str, row: str | None, column: str | None) -> str:
        return "".join(f"<sup>{self.numbers[check]}</sup>" for check in self._at(table, row, column))

    def _class(self, table: str, row: str | None, column: str | None) -> str:
        return _worst(self._at(table, row, column))


def _worst(checks: Sequence[Check]) -> str:
    found = {check.status for check in checks}
    return "fail" if "fail" in found else "uncertain" if found else ""


def _value(cell: Cell | None) -> str:
    if cell is None or cell.state == "absent":
        return "·"
    if cell.state == "undecided":
        return "?"
    return "" if cell.value is None else f"{cell.value:,.10g}"


def head(
    label: Label, *, rowspan: int = 1, colspan: int = 1, centred: bool = False, more: str = "", marks: str = ""
) -> str:
    """The head of a row, a column or a group, with its English gloss as title."""
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", rowspan), ("colspan", colspan)) if n > 1)
    classes = " ".join(filter(None, ("c" if centred else "", more)))
    named = f' class="{classes}"' if classes else ""
    return f'<th{named}{spans} title="{escape(label.gloss)}">{escape(label.label)}{marks}</th>'


STYLE = """<style>
.giakit{font-size:13px;line-height:1.45;overflow-x:auto}
.giakit table{border-collapse:collapse;margin:.4em 0 1em;font-size:12px}
.giakit th,.giakit td{border:1px solid rgba(128,128,128,.45);padding:2px 6px;text-align:right;background:none;color:inherit;vertical-align:middle;white-space:normal;max-width:22em}
.giakit th{font-weight:500;text-align:left}
.giakit th.c{text-align:center;text-wrap:balance;min-width:3em}
.giakit th[title]{cursor:help}
.giakit td.blank{background:repeating-linear-gradient(135deg,transparent 0 4px,rgba(128,128,128,.16) 4px 5px)}
.giakit td.absent{opacity:.45}
.giakit td.undecided,.giakit .fail{background:rgba(220,60,40,.24)}
.giakit .uncertain{background:rgba(240,170,0,.26)}
.giakit td.suspect{outline:2px solid rgb(205,70,45);outline-offset:-2px}
.giakit td .proposed{display:block;font-size:10px;white-space:nowrap;font-style:italic}
.giakit td.corrected,.giakit td.solved,.giakit td.ocr{font-style:italic}
.giakit sup{font-size:9px;margin-left:1px}
.giakit caption{caption-side:top;text-align:left;font-weight:600;color:inherit;padding:.2em 0}
.giakit ol{margin:.2em 0 .2em 1.6em;padding:0}
.giakit .key{opacity:.75;font-size:11px}
</style>"""

_KEY = "blank: hatched · undecided: ? · not in the report: · · framed: a change here, such as the one below the figure, would make the sums close; nothing is applied"


def report_html(report: Report) -> str:
    """A report as HTML that needs nothing from elsewhere.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        One ``<div>`` with its style: what was read of unit, year and form, the tables in the layout of the form, and
        the findings, numbered as in the cells they mark. Everything that comes from the document is escaped. Colours
        are translucent and follow the page: it can be read on light and dark.
    """
    drawing = _Drawing(report)
    body = [drawing.table(table) for table in drawing.printed_tables()]
    name = f"<b>{escape(report.unit or 'unknown unit')}</b> · {report.year or 'unknown year'} · form {escape(str(report.form or 'unknown'))}"
    return f'<div class="giakit">{STYLE}<div>{name}</div>{drawing.cells.notes(None)}{"".join(body)}<div class="key">{_KEY}</div></div>'


def tables_html(report: Report, *, only_found: bool = False) -> str:
    """The tables of a report alone, without head, style and key: for a page that brings these once.

    Parameters
    ----------
    report : Report
    only_found : bool, default False
        Leave out tables on which nothing was found.

    Returns
    -------
    str
    """
    drawing = _Drawing(report)
    shown = [table for table in drawing.printed_tables() if not only_found or drawing.cells.has_findings(table.code)]
    return drawing.cells.notes(None) + "".join(drawing.table(table) for table in shown)


class _Drawing:
    """Lays out the tables of one report."""

    def __init__(self, report: Report) -> None:
        self.form = report.form
        self.record = report.record
        self.cells = Cells(report.record)

    def printed_tables(self) -> Iterator[Table]:
        """The tables of the form, and others that the document has."""
        form = self.form
        found = {address[0] for address, cell in self.record.cells.items() if cell.state != "absent"}
        for code, table in tables().items():
            if code in found or (form is not None and code in form.tables):
                yield table

    def table(self, table: Table) -> str:
        """A table with its findings below."""
        layout = {"requests": self._matrix, "remedies": self._line, "proactive": self._blocks}.get(
            table.code, self._list
        )
        return f"<table>{self.cells.caption(table)}{layout(table)}</table>{self.cells.notes(table.code)}"

    def _form(self, table: Table) -> str:
        form = self.form
        return form.id if form is not None and form.id in table.cells else next(iter(table.cells))

    def _rows(self, table: Table) -> list[Label]:
        """The rows of the form, those of another form that are printed too, and those a locality added."""
        printed = [
            row for (code, row, _), cell in self.record.cells.items() if code == table.code and cell.state != "absent"
        ]
        # The local form is all local tables together: no report prints every row of it.
        codes = [] if self._form(table) == "local" else table.row_codes(self._form(table))
        rows = [row for row in table.rows if row.code in codes or row.code in printed]
        extras = dict.fromkeys(row for row in printed if row.startswith("extra:"))
        return rows + [Label(row, row.removeprefix("extra:"), "a row beyond the form") for row in extras]

    def _columns(self, table: Table) -> list[Label]:
        printed = {column for code, _, column in self.record.cells if code == table.code}
        codes = table.column_codes(self._form(table))
        return [column for column in table.columns if column.code in codes or column.code in printed]

    def _matrix(self, table: Table) -> str:
        """Groups of rows as cells that span them, groups of columns above them."""
        columns, rows = self._columns(table), self._rows(table)
        depth = 3
        spans = _row_groups(table, rows)
        lines = [f"<tr>{cells}</tr>" for cells in self._heads(table, columns, depth)]
        for position, row in enumerate(rows):
            opening = [group for group, first, last in spans if first == position]
            inside = sum(first <= position <= last for _, first, last in spans)
            cells = "".join(head(group, rowspan=_length(spans, group)) for group in opening)
            cells += self.cells.line_head(table, row, colspan=depth - inside)
            lines.append(f"<tr>{cells}{''.join(self.cells.cell(table, row, column) for column in columns)}</tr>")
        return "".join(lines)

    def _heads(self, table: Table, columns: Sequence[Label], depth: int) -> Iterator[str]:
        """Three lines: all applicants, single kinds and the group, the kinds of the group."""
        over = next(
            (group for group in table.column_groups if not any(column.group == group.code for column in table.columns)),
            None,
        )
        yield f'<th rowspan="3" colspan="{depth}"></th>' + (
            head(over, colspan=len(columns), centred=True) if over else ""
        )
        middle, drawn = "", set()
        for column in columns:
            if not column.group:
                middle += self.cells.column_head(table, column, rowspan=2)
            elif column.group not in drawn:
                drawn.add(column.group)
                group = next(entry for entry in table.column_groups if entry.code == column.group)
                middle += head(group, colspan=sum(entry.group == group.code for entry in columns), centred=True)
        yield middle
        yield "".join(self.cells.column_head(table, column) for column in columns if column.group)

    def _line(self, table: Table) -> str:
        """One line of figures under three lines of heads."""
        rows, columns = self._rows(table), self._columns(table)
        top, drawn = "", set()
        for row in rows:
            if not row.group:
                top += self.cells.row_head(table, row, rowspan=2, colspan=len(columns))
            elif row.group not in drawn:
                drawn.add(row.group)
                group = next(entry for entry in table.groups if entry.code == row.group)
                top += head(
                    group, colspan=len(columns) * sum(entry.group == group.code for entry in rows), centred=True
                )
        middle = "".join(self.cells.row_head(table, row, colspan=len(columns)) for row in rows if row.group)
        heads = "".join(self.cells.column_head(table, column) for _ in rows for column in columns)
        cells = "".join(self.cells.cell(table, row, column) for row in rows for column in columns)
        return f"<tr>{top}</tr><tr>{middle}</tr><tr>{heads}</tr><tr>{cells}</tr>"

    def _blocks(self, table: Table) -> str:
        """A block for each group of rows, each with heads of its own."""
        form, rows = self._form(table), self._rows(table)
        codes = {
            row.code: [column for code, column in table.cells[form] if code == row.code] or self._printed(table, row)
            for row in rows
        }
        width = max((len(columns) for columns in codes.values()), default=1)
        lines = []
        for group in [*table.groups, None]:
            members = [row for row in rows if row.group == (group.code if group else "")]
            if not members:
                continue
            columns = list(dict.fromkeys(column for row in members for column in codes[row.code]))
            spans = _shares(width, len(columns))
            if group:
                lines.append(f"<tr>{head(group, colspan=width + 1, centred=True)}</tr>")
            heads = "".join(
                self.cells.column_head(table, table.column(column), colspan=span)
                for column, span in zip(columns, spans, strict=True)
            )
            lines.append(f"<tr><th></th>{heads}</tr>")
            for row in members:
                cells = "".join(
                    self.cells.cell(table, row, table.column(column), span)
                    for column, span in zip(columns, spans, strict=True)
                )
                lines.append(f"<tr>{self.cells.line_head(table, row)}{cells}</tr>")
        return "".join(lines)

    def _printed(self, table: Table, row: Label) -> list[str]:
        return [column for code, of_row, column in self.record.cells if (code, of_row) == (table.code, row.code)]

    def _list(self, table: Table) -> str:
        """A line a row, a head for each group."""
        columns = self._columns(table)
        lines = [f"<tr><th></th>{''.join(self.cells.column_head(table, column) for column in columns)}</tr>"]
        group = ""
        for row in self._rows(table):
            if row.group and row.group != group:
                label = next(entry for entry in table.groups if entry.code == row.group)
                lines.append(f"<tr>{head(label, colspan=len(columns) + 1)}</tr>")
            group = row.group
            cells = "".join(self.cells.cell(table, row, column) for column in columns)
            lines.append(f"<tr>{self.cells.line_head(table, row)}{cells}</tr>")
        return "".join(lines)


def _row_groups(table: Table, rows: Sequence[Label]) -> list[tuple[Label, int, int]]:
    """Groups with the first and the last row they span: one that begins before another and ends after it encloses it."""
    found = []
    for group in table.groups:
        positions = [position for position, row in enumerate(rows) if row.group == group.code]
        if positions:
            found.append((group, positions[0], positions[-1]))
    return sorted(found, key=lambda entry: (entry[1], -entry[2]))


def _length(spans: Sequence[tuple[Label, int, int]], group: Label) -> int:
    return next(last - first + 1 for entry, first, last in spans if entry is group)


def _shares(width: int, parts: int) -> list[int]:
    """Spans of `parts` cells that fill a line of `width`."""
    whole, left = divmod(width, max(parts, 1))
    return [whole + (position < left) for position in range(parts)]


_LONGEST = 34


def report_text(report: Report) -> str:
    """A report as text: unit, year, form, scope, place, the tables, the findings.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        A blank cell is ``-``, an undecided one ``?``, one that is not there ``.``.
    """
    place = report.place
    known = [
        ("unit", report.unit), ("year", report.year), ("form", report.form), ("scope", report.scope),
        ("place", None if place is None else place.code or place.why),
    ]  # fmt: skip
    lines = [f"{name:<6} {'unknown' if value is None else value}" for name, value in known]
    for code in _printed(report):
        lines += ["", tables()[code].label, *_table(report, code)]
    findings = report.findings
    lines += ["", f"{len(findings)} findings" if len(findings) else "no findings"]
    lines += [f"  {status}: {message}" for status, message in zip(findings["status"], findings["message"], strict=True)]
    for solution, group in report.suggestions.groupby("solution"):
        told = "; ".join(
            f"{row['table']} {row['row']} {row['column']}: {row['why']}" for row in group.to_dict("records")
        )
        lines.append(f"  suggestion {solution}: {told}")
    return "\n".join(lines)


def _printed(report: Report) -> list[str]:
    found = {address[0] for address, cell in report.record.cells.items() if cell.state != "absent"}
    return [code for code in tables() if code in found]


def _table(report: Report, code: str) -> list[str]:
    shown = report.table(code, labels=True)
    states = report.table(code)
    symbols = {"blank": "-", "undecided": "?", "absent": "."}
    cells = report.record.cells
    heads = [_cut(str(column), 10) for column in shown.columns]
    lines = [["", *heads]]
    for label, row in zip(shown.index, states.index, strict=True):
        line = [_cut(str(label), _LONGEST)]
        for column in states.columns:
            cell = cells.get((code, row, column))
            line.append("" if cell is None else symbols.get(cell.state) or f"{cell.value:,.10g}")
        lines.append(line)
    return _aligned(lines)


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(cell) for cell in column) for column in zip(*lines, strict=True)]
    text = []
    for line in lines:
        first = line[0] + " " * (widths[0] - _width(line[0]))
        rest = [" " * (width - _width(cell)) + cell for cell, width in zip(line[1:], widths[1:], strict=True)]
        text.append("  ".join([first, *rest]).rstrip())
    return text


def _width(text: str) -> int:
    """Places on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str, longest: int) -> str:
    """The text, or its beginning with a sign that it goes on."""
    if _width(text) <= longest:
        return text
    while _width(text) > longest - 2:
        text = text[:-1]
    return text + "…"
