"""The official layouts: the form's labels, merged as the prescribed tables merge them, over given figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from giakit.forms import form as form_of
from giakit.forms.model import Address, Label, Table
from typeset.model import Cell, Grid, number

Figures = Mapping[Address, float]


@cache
def layouts() -> dict[str, Any]:
    """The layout file."""
    return tomllib.loads((files("typeset") / "layouts.toml").read_text(encoding="utf-8"))


def grids(form: str, figures: Figures, *, year: int, units: Mapping[str, str]) -> list[Grid]:
    """The tables of a form, in its order.

    Parameters
    ----------
    form : str
        Id of the form.
    figures : mapping of Address to float
        Cells that are missing are printed blank.
    year : int
        Year of the report: local tables name it in their header.
    units : mapping of str to str
        Units printed behind the number, by ``table.row.column``.
    """
    builders = {"proactive": _proactive, "requests": _requests, "remedies": _remedies}
    tables = form_of(form).tables
    if "statistics" in tables:
        return [_statistics(form, figures, year, units)]
    return [builders[code](table, form, figures, units) for code, table in tables.items()]


def _spelling(form: str, kind: str, label: Label) -> str:
    own = layouts()["spellings"].get(form, {})
    return str(own.get(f"{kind}:{label.code}", label.label))


def _value(address: Address, figures: Figures, units: Mapping[str, str]) -> Cell:
    figure = figures.get(address)
    text = "" if figure is None else number(figure) + units.get(".".join(address), "")
    return Cell(text, "value", address)


def _requests(table: Table, form: str, figures: Figures, units: Mapping[str, str]) -> Grid:
    groups = {group.code: Cell(group.label) for group in table.groups}
    columns = table.column_codes(form)
    rows = _requests_head(table)
    for code in table.row_codes(form):
        row = table.row(code)
        label = Cell(row.label)
        if row.group in ("", "outcomes") or code == "other":
            outer = groups["outcomes"] if row.group or code == "other" else label
            stub = [outer, label, label]
        else:
            stub = [groups["outcomes"], groups[row.group], label]
        rows.append(stub + [_value((table.code, code, column), figures, units) for column in columns])
    return Grid(table.code, rows, heads=3, stub=3)


def _requests_head(table: Table) -> list[list[Cell]]:
    corner = Cell("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "head")
    over = {group.code: Cell(group.label, "head") for group in table.column_groups}
    leaves = {column.code: Cell(column.label, "head") for column in table.columns}
    top = [over["applicant"]] * len(leaves)
    middle = [over[column.group] if column.group else leaves[column.code] for column in table.columns]
    return [[corner] * 3 + line for line in (top, middle, list(leaves.values()))]


def _remedies(table: Table, form: str, figures: Figures, units: Mapping[str, str]) -> Grid:
    litigation = Cell(table.groups[0].label, "head")
    top: list[Cell] = []
    middle: list[Cell] = []
    bottom: list[Cell] = []
    line: list[Cell] = []
    for row in table.rows:
        over = Cell(row.label, "head")
        for column in table.columns:
            leaf = Cell(column.label, "head")
            top.append(litigation if row.group else over)
            middle.append(over if row.group else leaf)
            bottom.append(leaf)
            line.append(_value((table.code, row.code, column.code), figures, units))
    return Grid(table.code, [top, middle, bottom, line], heads=3, stub=0)


def _proactive(table: Table, form: str, figures: Figures, units: Mapping[str, str]) -> Grid:
    width = 4
    by_row: dict[str, list[str]] = {}
    for code, column in table.cells[form]:
        by_row.setdefault(code, []).append(column)
    rows: list[list[Cell]] = []
    for group in table.groups:
        members = [row for row in table.rows if row.group == group.code and row.code in by_row]
        if not members:
            continue
        rows.append([Cell(group.label, "head")] * width)
        columns = [Cell(_column_label(table, form, members[0].code, code), "head") for code in by_row[members[0].code]]
        rows.append(_stretch([Cell("信息内容", "head"), *columns], width))
        for row in members:
            values = [_value((table.code, row.code, code), figures, units) for code in by_row[row.code]]
            rows.append(_stretch([Cell(_spelling(form, "row", row)), *values], width))
    return Grid(table.code, rows, heads=0, stub=1)


def _column_label(table: Table, form: str, row: str, code: str) -> str:
    return _spelling(form, "column", table.column(code))


def _stretch(cells: list[Cell], width: int) -> list[Cell]:
    """Merge the last cells so that the row is as wide as the table."""
    if len(cells) == 3:
        return [cells[0], cells[1], cells[2], cells[2]]
    return cells + [cells[-1]] * (width - len(cells))


def _statistics(form: str, figures: Figures, year: int, units: Mapping[str, str]) -> Grid:
    layout = layouts()["statistics"]
    lines = layout["lines"][form]
    columns = ["count"] if form == "2014" else ["count", "cumulative"]
    if form == "local":
        printed = {row for table, row, _ in figures if table == "statistics"}
        lines = [line for line in lines if line[0] in printed] if printed else lines
    head = layout["head"] if form == "2014" else layout["local_head"]
    rows = [[Cell(text.format(year=year), "head") for text in head]]
    for code, label, unit in lines:
        stub = [Cell(label), Cell(unit)]
        values = [
            _value(("statistics", code, column), figures, units) if code else Cell("—", "empty") for column in columns
        ]
        rows.append(stub + values)
    return Grid("statistics", rows, heads=1, stub=2)
