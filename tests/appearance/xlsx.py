"""Sheets of which one cell shows something else than the number in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, DataBarRule, FormulaRule, IconSetRule, Rule
from openpyxl.styles import Alignment, Color, Font, PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle

from appearance import SHADE, Sample, Shown, kind

_FILL = "FF{:02X}{:02X}{:02X}".format(*SHADE)
_SHADED = PatternFill("solid", fgColor=_FILL)
_GROUND = Font(color=_FILL)


def _register(name: str, change: Callable[[Any, Any, int], None], *, seen: str | None = "") -> None:
    """A kind that changes sheet and cell, given the figure; what is seen is the figure unless something else is said."""

    @kind("xlsx", name)
    def changed(sample: Sample) -> Shown:
        book = openpyxl.load_workbook(io.BytesIO(sample.data))
        sheet: Any = book.active
        (cell,) = [
            cell
            for row in sheet.iter_rows(min_row=20)
            for cell in row
            if cell.value == int(sample.figure) and str(sheet.cell(cell.row, 3).value or "").startswith("3.危及")
        ]
        cell.fill = _SHADED
        change(sheet, cell, int(sample.figure))
        out = io.BytesIO()
        book.save(out)
        return Shown(out.getvalue(), sample.figure if seen == "" else seen)


def _format(name: str, code: str, *, seen: str | None = "", value: Callable[[int], float] = float) -> None:
    def change(sheet: Any, cell: Any, figure: int) -> None:
        cell.value, cell.number_format = value(figure), code

    _register(name, change, seen=seen)


def _style(name: str, *, seen: str | None = None, **style: Any) -> None:
    def change(sheet: Any, cell: Any, figure: int) -> None:
        for key, value in style.items():
            setattr(cell, key, value)

    _register(name, change, seen=seen)


# Number formats that show another figure than is stored, and the figure from another number.
_format("thousands", "0,", value=lambda figure: figure * 1000)
_format("millions", "#,##0,,", value=lambda figure: figure * 1e6 + 1234)
_format("rounded", "0", value=lambda figure: figure + 0.4)
_format("rounded_up", "0", value=lambda figure: figure - 0.4)
_format("condition", '[=9]"99";0')
_format("condition_met", '[>5]"99";0', seen="99")
_format("literal_only", '"99"', seen="99")
_format("literal_digit", '0"5"', value=lambda figure: figure // 10, seen="15")
_format("hidden_by_format", ";;;", seen=None)
_format("second_section", "0;0;0", value=lambda figure: -figure)
_format("hidden_when_positive", ";-0;0", seen=None)
_format("grouped", "#,##0")
_format("unit", '0"件"')
_format("coloured", "[Red]0;[Blue]-0")
_format("white_by_format", "[White]0", seen=None)
_format("decimal_by_escape", r"0\.0", seen=None)
_format("per_cent", "0%", seen=None)
_format("date", "yyyy/m/d", seen=None)
_format("scientific", "0.0E+0", seen=None)
_format("padded", "_ 0_ ")
_format("ten_thousands_from_a_bound", '[>=10000]0.0,"万";0')
_format("thousands_when_negative", "0;0,;0", value=lambda figure: -figure * 1000)
_format("third_of_three", '[<5]0;[<10]0;"99"', seen="99")
_format("ten_thousands_by_bang", "0!.0,", seen=None)
_format("nothing_of_zero", ";;", seen=None)
# Styles.
_style("ground_colour", font=_GROUND)
_style("white", font=Font(color="FFFFFFFF"))
_style("white_by_theme", font=Font(color=Color(theme=0)))
_style("one_point", font=Font(sz=1))
_style("struck", font=Font(strike=True))
_style("font_of_pictures", font=Font(name="Wingdings"))
_style("repeated", alignment=Alignment(horizontal="fill"))
_style("indented_out", alignment=Alignment(indent=200))
_style("dark_dots", fill=PatternFill("darkGray", fgColor="FF000000", bgColor="FF000000"))
_style("protected", protection=Protection(hidden=True), seen="")
_style("shrunk", alignment=Alignment(shrink_to_fit=True), seen="")
_style("large_bold", font=Font(b=True, sz=16), seen="")
_style("red", font=Font(color="FFC00000"), seen="")


def _ruled(name: str, rule: Callable[[str, int], Any], *, seen: str | None) -> None:
    def change(sheet: Any, cell: Any, figure: int) -> None:
        sheet.conditional_formatting.add(cell.coordinate, rule(cell.coordinate, figure))

    _register(name, change, seen=seen)


_ruled(
    "hidden_by_rule", lambda at, figure: CellIsRule(operator="equal", formula=[str(figure)], font=_GROUND), seen=None
)
_ruled("hidden_by_formula", lambda at, figure: FormulaRule(formula=[f"{at}>0"], font=_GROUND), seen=None)
_ruled("rule_not_met", lambda at, figure: CellIsRule(operator="equal", formula=["0"], font=_GROUND), seen="")

_ruled("hidden_between", lambda at, figure: CellIsRule(operator="between", formula=["1", "99"], font=_GROUND), seen=None)  # fmt: skip
_ruled("hidden_always", lambda at, figure: FormulaRule(formula=["TRUE"], font=_GROUND), seen=None)
_ruled("hidden_by_others", lambda at, figure: FormulaRule(formula=["$B$1>0"], font=_GROUND), seen=None)
_ruled("errors_hidden", lambda at, figure: FormulaRule(formula=[f"ISERROR({at})"], font=_GROUND), seen="")
_ruled("hidden_twins", lambda at, figure: Rule(type="uniqueValues", dxf=DifferentialStyle(font=_GROUND)), seen=None)
_ruled("struck_by_rule", lambda at, figure: CellIsRule(operator="greaterThan", formula=["0"], font=Font(strike=True)), seen=None)  # fmt: skip
_ruled("black_scale", lambda at, figure: ColorScaleRule(start_type="min", start_color="FF000000", end_type="max", end_color="FF000000"), seen=None)  # fmt: skip
_ruled("soft_scale", lambda at, figure: ColorScaleRule(start_type="min", start_color="FFFFFFFF", end_type="max", end_color="FFFFEB84"), seen="")  # fmt: skip
_ruled("bar_alone", lambda at, figure: DataBarRule(start_type="min", end_type="max", color="FF638EC6", showValue=False), seen=None)  # fmt: skip
_ruled("icon_beside", lambda at, figure: IconSetRule("3Arrows", "num", [0, 1, 2], showValue=True), seen="")


def _flat(sheet: Any, cell: Any, figure: int) -> None:
    sheet.row_dimensions[cell.row].height = 3


def _narrow(sheet: Any, cell: Any, figure: int) -> None:
    sheet.column_dimensions[cell.column_letter].width = 1


def _hidden_row(sheet: Any, cell: Any, figure: int) -> None:
    sheet.row_dimensions[cell.row].hidden = True


def _hidden_column(sheet: Any, cell: Any, figure: int) -> None:
    sheet.column_dimensions[cell.column_letter].hidden = True


def _rich(**style: Any) -> Callable[[Any, Any, int], None]:
    def change(sheet: Any, cell: Any, figure: int) -> None:
        cell.value = CellRichText(str(figure), TextBlock(InlineFont(**style), "0"))

    return change


_register("narrow_column", _narrow, seen=None)
_register("flat_row", _flat, seen=None)
_register("hidden_row", _hidden_row, seen=None)
_register("hidden_column", _hidden_column, seen=None)
_register("rich_struck", _rich(strike=True), seen=None)
_register("rich_ground_colour", _rich(color=_FILL), seen="")
_register("rich_superscript", _rich(vertAlign="superscript"), seen=None)


@kind("xlsx", "hidden_by_extension")
def _extension(sample: Sample) -> Shown:
    """A conditional format that stands among the extensions of the sheet."""
    book = openpyxl.load_workbook(io.BytesIO(sample.data))
    sheet: Any = book.active
    (cell,) = [
        cell
        for row in sheet.iter_rows(min_row=20)
        for cell in row
        if cell.value == int(sample.figure) and str(sheet.cell(cell.row, 3).value or "").startswith("3.危及")
    ]
    cell.fill = _SHADED
    out, filled = io.BytesIO(), io.BytesIO()
    book.save(filled)
    rule = (
        '<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"'
        ' xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
        ' xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:conditionalFormattings><x14:conditionalFormatting>'
        '<x14:cfRule type="expression" priority="1" id="{0}"><xm:f>TRUE</xm:f><x14:dxf><font><color rgb="'
        + _FILL
        + f'"/></font></x14:dxf></x14:cfRule><xm:sqref>{cell.coordinate}</xm:sqref>'
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"
    )
    with zipfile.ZipFile(filled) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part.replace(b"</worksheet>", rule.encode()) if "worksheets/sheet" in name else part)
    return Shown(out.getvalue(), None)


@kind("xlsx", "text_box_over")
def _text_box(sample: Sample) -> Shown:
    """A box with another figure over the cell."""
    book = openpyxl.load_workbook(io.BytesIO(sample.data))
    sheet: Any = book.active
    (cell,) = [
        cell
        for row in sheet.iter_rows(min_row=20)
        for cell in row
        if cell.value == int(sample.figure) and str(sheet.cell(cell.row, 3).value or "").startswith("3.危及")
    ]
    cell.fill = _SHADED
    # A chart makes the drawing part, whose XML is replaced.
    sheet.add_chart(BarChart(), "Z99")
    out, filled = io.BytesIO(), io.BytesIO()
    book.save(filled)
    row, column = cell.row - 1, cell.column - 1
    corner = "<xdr:{0}><xdr:col>{1}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{2}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{0}>"
    shape = (
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="b"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></xdr:spPr>'
        "<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>99</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/>"
    )
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor>'
        f"{corner.format('from', column, row)}{corner.format('to', column + 1, row + 1)}{shape}</xdr:twoCellAnchor></xdr:wsDr>"
    )
    with zipfile.ZipFile(filled) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, drawing if name == "xl/drawings/drawing1.xml" else source.read(name))
    return Shown(out.getvalue(), None)
