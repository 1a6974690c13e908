"""Drafts as spreadsheets."""

from __future__ import annotations

import io
import re
from typing import Any, Protocol

from giakit.errors import MissingExtra
from typeset import layouts
from typeset.figures import random_figures
from typeset.model import Cell, Draft, Grid, Text

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NAMES = {"proactive": "主动公开", "requests": "申请处理", "remedies": "复议诉讼", "statistics": "统计表"}


class _Sheet(Protocol):
    """What both libraries are asked for: rows and columns count from 0."""

    def write(self, row: int, column: int, value: str | float) -> None:
        """Write a cell."""

    def merge(self, row: int, column: int, rows: int, columns: int, value: str | float) -> None:
        """Write a merged cell."""


class _OpenSheet:
    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet

    def write(self, row: int, column: int, value: str | float) -> None:
        self.sheet.cell(row + 1, column + 1, value)

    def merge(self, row: int, column: int, rows: int, columns: int, value: str | float) -> None:
        self.write(row, column, value)
        self.sheet.merge_cells(
            start_row=row + 1, start_column=column + 1, end_row=row + rows, end_column=column + columns
        )


class _OldSheet:
    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet

    def write(self, row: int, column: int, value: str | float) -> None:
        self.sheet.write(row, column, value)

    def merge(self, row: int, column: int, rows: int, columns: int, value: str | float) -> None:
        self.sheet.write_merge(row, row + rows - 1, column, column + columns - 1, value)


def xlsx(draft: Draft) -> bytes:
    """An .xlsx with merged cells.

    Raises
    ------
    MissingExtra
        If openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("openpyxl", "test") from None
    book = openpyxl.Workbook()
    first: Any = book.active
    first.title = "年度报告"
    _fill(draft, _OpenSheet(first), lambda name: _OpenSheet(book.create_sheet(name)))
    if draft.style.get("hidden_rows"):
        _hide_rows(first)
    if "hidden_sheet" in draft.style:
        sheet = book.create_sheet("上年")
        sheet.sheet_state = "hidden"
        others = random_figures(draft.style["hidden_sheet"], form=draft.form, scale=50)
        row = 0
        for grid in layouts.grids(draft.form, others, year=draft.year, units={}):
            row = _table(grid, _OpenSheet(sheet), row, as_text=False) + 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(draft: Draft) -> bytes:
    """An .xls with merged cells.

    Raises
    ------
    MissingExtra
        If xlwt is not installed.
    """
    try:
        import xlwt
    except ImportError:
        raise MissingExtra("xlwt", "test") from None
    book = xlwt.Workbook(encoding="utf-8")
    _fill(draft, _OldSheet(book.add_sheet("年度报告")), lambda name: _OldSheet(book.add_sheet(name)))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(draft: Draft, sheet: _Sheet, new_sheet: Any) -> None:
    row = 0
    as_text = bool(draft.style.get("numbers_as_text"))
    for block in draft.blocks:
        if isinstance(block, Text):
            sheet.write(row, 0, block.text)
            row += 1
        elif draft.style.get("sheets") == "one_a_table":
            _table(block, new_sheet(_NAMES.get(block.code, block.code)), 0, as_text=as_text)
        else:
            row = _table(block, sheet, row, as_text=as_text) + 1


def _table(grid: Grid, sheet: _Sheet, top: int, *, as_text: bool) -> int:
    for r, placed in enumerate(grid.placed(), start=top):
        for c, item in enumerate(placed):
            if not item.begins:
                continue
            value = _value(item.cell, as_text)
            if item.rowspan > 1 or item.colspan > 1:
                sheet.merge(r, c, item.rowspan, item.colspan, value)
            elif value != "":
                sheet.write(r, c, value)
    return top + len(grid.rows)


def _value(cell: Cell, as_text: bool) -> str | float:
    if as_text or cell.kind not in ("value", "extra") or not _PLAIN.fullmatch(cell.text):
        return cell.text
    return float(cell.text) if "." in cell.text else int(cell.text)


def _hide_rows(sheet: Any) -> None:
    """Repeat the last row of the requests table with other numbers, hidden."""
    for row in range(sheet.max_row, 0, -1):
        if str(sheet.cell(row, 1).value or "").startswith("四、结转"):
            spare = sheet.max_row + 2
            sheet.cell(spare, 1, "一、本年新收政府信息公开申请数量")
            for column in range(4, 11):
                sheet.cell(spare, column, column * 7)
            sheet.row_dimensions[spare].hidden = True
            return
