"""Pages of reports in layouts of our own, and what a reading of them is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

import giakit as gia
from giakit.documents.model import Document, Text
from giakit.documents.text import read_text
from giakit.forms import tables
from giakit.forms.model import Address
from giakit.reading.report import Report
from typeset import random_figures
from typeset.layouts import grids
from typeset.model import Cell, Grid

UNIT = "某县商务局"
YEAR = 2023
COLUMNS = tuple(column.code for column in tables()["requests"].columns)
CHAPTERS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
RESULTS = {"upheld": "结果维持", "corrected": "结果纠正", "other": "其他结果", "pending": "尚未审结", "total": "总计"}
KINDS = {"reconsideration": "行政复议", "suit_direct": "未经复议直接起诉", "suit_after": "复议后起诉"}
Rows = Sequence[Sequence[str]]
Figures = Mapping[Address, float]


def figures(form: str = "2021") -> dict[Address, float]:
    """Figures of one invented report, no two of its requests columns alike."""
    return random_figures(3, form=form, scale=60)


def without(values: Figures, *, table: str, row: str | None = None, column: str | None = None) -> dict[Address, float]:
    """The figures without those of a table, a row or a column."""
    return {
        address: value
        for address, value in values.items()
        if address[0] != table
        or (row is not None and address[1] != row)
        or (column is not None and address[2] != column)
    }


def official(values: Figures, form: str = "2021", year: int = YEAR) -> dict[str, Grid]:
    """The official tables over the figures."""
    return {grid.code: grid for grid in grids(form, values, year=year, units={})}


def matrix(grid: Grid) -> list[list[str]]:
    """A grid's strings, merged cells written out."""
    return [[cell.text for cell in row] for row in grid.rows]


def html_table(table: Grid | Rows) -> str:
    """A table's HTML: of a grid with its spans, of rows cell by cell as given (markup stays markup)."""
    if isinstance(table, Grid):
        rows = []
        for line in table.placed():
            cells = [
                f"<td rowspan={place.rowspan} colspan={place.colspan}>{escape(place.cell.text)}</td>".replace(
                    " rowspan=1", ""
                ).replace(" colspan=1", "")
                for place in line
                if place.begins
            ]
            rows.append("".join(cells))
    else:
        rows = ["".join(f"<td>{cell}</td>" for cell in row) for row in table]
    return "<table border=1>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def edited(grid: Grid, rows: Iterable[Sequence[Cell]]) -> Grid:
    """A grid of the same table with other rows."""
    return grid.like([list(row) for row in rows])


def page(
    values: Figures,
    *,
    form: str = "2021",
    year: int = YEAR,
    title: str | None = None,
    before: str = "",
    after: str = "",
    **tables: str,
) -> bytes:
    """A page with the official tables, or with the HTML given for one of them."""
    own = {code: html_table(grid) for code, grid in official(values, form, year).items()} | tables
    heading = f"{UNIT}{year}年政府信息公开工作年度报告" if title is None else title
    parts = [f"<h1>{heading}</h1>", before, *(f"<p>{CHAPTERS[0]}</p><p>本机关按照职责办理。</p>",)]
    parts += [f"<p>{CHAPTERS[1]}</p>", own["proactive"], f"<p>{CHAPTERS[2]}</p>", own["requests"]]
    parts += [
        f"<p>{CHAPTERS[3]}</p>",
        own["remedies"],
        f"<p>{CHAPTERS[4]}</p><p>栏目更新不够及时。</p><p>{CHAPTERS[5]}</p><p>无。</p>",
        after,
    ]
    return f"<html><head><title>{heading}</title></head><body>{''.join(parts)}</body></html>".encode()


def text_document(*lines: str) -> Document:
    """A document of plain text."""
    return read_text("\n".join(lines), name="x.txt")


def prose_document(text: str) -> Document:
    """A document of one paragraph."""
    return Document("x", "text", (Text(text),))


@dataclass(frozen=True)
class Outcome:
    """A reading held against the truth; `silent` are the differences that no finding touches."""

    report: Report
    wrong: list[Address]
    missing: list[Address]
    invented: list[Address]
    silent: list[Address]
    alarms: list[str]

    @property
    def exact(self) -> bool:
        """Whether every figure is as printed, and none is there that is not."""
        return not (self.wrong or self.missing or self.invented)


def outcome(data: bytes, truth: Figures, *, name: str = "page.html") -> Outcome:
    """Read a document and hold it against its truth. Extra rows and columns are no part of the truth."""
    return judged(gia.read(data, name=name), truth)


def judged(report: Report, truth: Figures) -> Outcome:
    """Hold a report against its truth."""
    read = {
        (cell.table, cell.row, cell.column): float(cell.value)
        for cell in report.cells.itertuples()
        if cell.state == "reported" and ":" not in cell.row and ":" not in cell.column
    }
    findings = report.findings
    tables = set(findings["table"].dropna())
    everything = bool(findings["table"].isna().any())
    wrong = [
        address
        for address, value in truth.items()
        if address in read and abs(read[address] - value) > 1e-9 * max(1, abs(value))
    ]
    missing = [address for address in truth if address not in read]
    invented = [address for address in read if address not in truth]
    silent = [address for address in (*wrong, *missing, *invented) if not everything and address[0] not in tables]
    return Outcome(report, wrong, missing, invented, silent, sorted(set(findings["check"])))


def told(report: Report) -> pd.DataFrame:
    """The findings in few words, for messages of tests."""
    return report.findings[["check", "table", "row", "message"]]


def squeezed_names(*names: str | None) -> set[str | None]:
    """Names without white space."""
    return {None if name is None else "".join(name.split()) for name in names}
