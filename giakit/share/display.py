"""A report as a page: the statutory tables in their official layout, doubtful cells marked and explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from giakit.forms import tables
from giakit.forms.model import Label, Table
from giakit.share.display_cells import Cells, head

if TYPE_CHECKING:
    from giakit.reading.report import Report

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
    shown = [
        table
        for table in drawing.printed_tables()
        if not only_found or drawing.cells.has_findings(table.code)
    ]
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
            row
            for (code, row, _), cell in self.record.cells.items()
            if code == table.code and cell.state != "absent"
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
            lines.append(
                f"<tr>{cells}{''.join(self.cells.cell(table, row, column) for column in columns)}</tr>"
            )
        return "".join(lines)

    def _heads(self, table: Table, columns: Sequence[Label], depth: int) -> Iterator[str]:
        """Three lines: all applicants, single kinds and the group, the kinds of the group."""
        over = next(
            (
                group
                for group in table.column_groups
                if not any(column.group == group.code for column in table.columns)
            ),
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
                middle += head(
                    group, colspan=sum(entry.group == group.code for entry in columns), centred=True
                )
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
                    group,
                    colspan=len(columns) * sum(entry.group == group.code for entry in rows),
                    centred=True,
                )
        middle = "".join(self.cells.row_head(table, row, colspan=len(columns)) for row in rows if row.group)
        heads = "".join(self.cells.column_head(table, column) for _ in rows for column in columns)
        cells = "".join(self.cells.cell(table, row, column) for row in rows for column in columns)
        return f"<tr>{top}</tr><tr>{middle}</tr><tr>{heads}</tr><tr>{cells}</tr>"

    def _blocks(self, table: Table) -> str:
        """A block for each group of rows, each with heads of its own."""
        form, rows = self._form(table), self._rows(table)
        codes = {
            row.code: [column for code, column in table.cells[form] if code == row.code]
            or self._printed(table, row)
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
        return [
            column for code, of_row, column in self.record.cells if (code, of_row) == (table.code, row.code)
        ]

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
