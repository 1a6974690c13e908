"""A report as lines of text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from giakit.forms import tables

if TYPE_CHECKING:
    from giakit.reading.report import Report

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
    lines += [
        f"  {status}: {message}"
        for status, message in zip(findings["status"], findings["message"], strict=True)
    ]
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
