"""The cells of a report's tables as HTML: what was read, marked and explained where something was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from giakit.checks.model import Cell, Check, Suggestion
from giakit.forms.model import Address, Label, Table
from giakit.reading.record import Record

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
        failing = [check for check in self.record.checks if check.status in ("fail", "uncertain")]
        self.numbers = {check: number for number, check in enumerate(failing, 1)}
        for suggestion in self.record.suggestions:
            self.proposed.setdefault((suggestion.table, suggestion.row, suggestion.column), []).append(
                suggestion
            )

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
        told = [
            f"{row.gloss} · {column.gloss}",
            _STATES.get(state, ""),
            _ORIGINS.get((cell and cell.origin) or "", ""),
        ]
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
        return [
            check for check in self.numbers if (check.table, check.row, check.column) == (table, row, column)
        ]

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
    label: Label,
    *,
    rowspan: int = 1,
    colspan: int = 1,
    centred: bool = False,
    more: str = "",
    marks: str = "",
) -> str:
    """The head of a row, a column or a group, with its English gloss as title."""
    spans = "".join(f' {name}="{n}"' for name, n in (("rowspan", rowspan), ("colspan", colspan)) if n > 1)
    classes = " ".join(filter(None, ("c" if centred else "", more)))
    named = f' class="{classes}"' if classes else ""
    return f'<th{named}{spans} title="{escape(label.gloss)}">{escape(label.label)}{marks}</th>'
