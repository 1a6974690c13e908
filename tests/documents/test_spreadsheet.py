"""Spreadsheets in three formats: values, merges, what is hidden, what is shown."""

from __future__ import annotations

import datetime
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.formatting.rule import CellIsRule, FormulaRule, Rule
from openpyxl.styles import Color, Font, PatternFill

from giakit.documents.excel import read_spreadsheet
from giakit.documents.limits import Limits
from giakit.documents.model import Document, Doubt, Grid
from giakit.documents.sheets import Sheet, grid_of
from giakit.errors import GiakitError, UnreadableDocument


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def as_xlsx(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def example() -> openpyxl.Workbook:
    """A workbook with everything that a naive reader gets wrong."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "数据"
    sheet["B2"] = "title"
    sheet.merge_cells("B2:E2")
    rows = [
        ("a", 3, 96171.6, "007"),
        ("b", 3.0, 0.1 + 0.2, True),
        ("c", datetime.date(2024, 1, 2), -4, "x\ny"),
        ("hidden", 5, 6, 7),
        ("d", None, 1234567890123, 22),
        ("m", 0, None, None),
        ("n", None, None, None),
    ]
    for number, row in enumerate(rows, start=3):
        for column, value in enumerate(row, start=2):
            sheet.cell(number, column, value)
    sheet["C7"] = "#REF!"
    sheet["C7"].data_type = "e"
    sheet["E7"].number_format = '0"件"'
    sheet.row_dimensions[6].hidden = True
    sheet.merge_cells("C8:E9")
    sheet["F3"] = "hidden"
    sheet.column_dimensions["F"].hidden = True
    book.create_sheet("past")["A1"] = 1
    book["past"].sheet_state = "hidden"
    book.create_sheet("empty")
    return book


EXPECTED = [
    ["title"] * 4,
    ["a", "3", "96171.6", "007"],
    ["b", "3", "0.3", "TRUE"],
    ["c", "2024-01-02", "-4", "x\ny"],
    ["d", "#REF!", "1234567890123", "22件"],
    ["m", "0", "0", "0"],
    ["n", "0", "0", "0"],
]


def check_example(document: Document, kind: str) -> None:
    assert document.format == kind
    assert [grid.rows for grid in grids(document)] == [EXPECTED]
    anchors = grids(document)[0].anchors
    assert anchors is not None
    assert len(set(anchors[0])) == 1
    assert len({*anchors[5][1:], *anchors[6][1:]}) == 1
    assert "hidden sheet passed over: past" in document.notes
    assert "sheet 数据: hidden cells passed over: 5" in document.notes


def test_xlsx() -> None:
    check_example(read_spreadsheet(as_xlsx(example()), name="a.xlsx"), "xlsx")


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_same_workbook_saved_by_libreoffice(kind: str, tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    source = tmp_path / "a.xlsx"
    source.write_bytes(as_xlsx(example()))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, "--headless", profile, "--convert-to", kind, "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    check_example(read_spreadsheet((tmp_path / f"a.{kind}").read_bytes(), name=f"a.{kind}"), kind)


def test_xls() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    sheet.write_merge(0, 0, 0, 2, "title")
    sheet.write(1, 0, "a")
    sheet.write(1, 1, 7)
    sheet.write(1, 2, 152790, xlwt.easyxf(num_format_str='0"元"'))
    sheet.write(2, 0, "hidden")
    sheet.row(2).hidden = True
    sheet.write(3, 0, "b")
    sheet.write(3, 1, "12")
    sheet.row(3).set_cell_error(2, "#DIV/0!")
    out = io.BytesIO()
    book.save(out)
    document = read_spreadsheet(out.getvalue(), name="a.xls")
    assert grids(document)[0].rows == [["title"] * 3, ["a", "7", "152790元"], ["b", "12", "#DIV/0!"]]


def test_a_formula_that_nobody_computed_is_no_blank() -> None:
    book = openpyxl.Workbook()
    book.active.append(["total", "=SUM(A2:A3)"])
    document = read_spreadsheet(as_xlsx(book), name="a.xlsx")
    assert grids(document)[0].rows == [["total", "=SUM(A2:A3)"]]
    assert document.notes == ("sheet Sheet: formulas without a stored result: 1",)


def test_merges_and_hidden_parts_meet() -> None:
    cells = {(0, 0): "label", (1, 1): "1", (2, 1): "2", (2, 0): "under", (1, 3): "3"}
    sheet = Sheet("s", cells, merges=[(0, 0, 2, 0)], hidden_rows={0}, hidden_columns={2})
    grid, notes, _ = grid_of(sheet, name="a.xlsx", limits=Limits())
    assert grid is not None
    assert grid.rows == [["label", "1", "3"], ["label", "2", ""]]
    assert notes == [
        "sheet s: hidden cells passed over: 1",
        "sheet s: text in cells covered by a merged cell passed over: 1",
    ]


def test_one_stray_cell_costs_nothing() -> None:
    sheet = Sheet("s", {(0, 0): "a", (0, 1): "1", (1_048_575, 0): "x"})
    grid, _, _ = grid_of(sheet, name="a.xlsx", limits=Limits())
    assert grid is not None
    assert len(grid.rows) == 2
    wide = Sheet("s", {(row, 16_383): "x" for row in range(200)} | {(0, 0): "x"})
    with pytest.raises(UnreadableDocument, match="max_cells"):
        grid_of(wide, name="a.xlsx", limits=Limits())


def ods(rows: str, manifest: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f"<table:table table:name='s'>{rows}</table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return out.getvalue()


def test_ods_repeats_comments_and_covered_cells() -> None:
    rows = (
        "<table:table-row table:number-rows-repeated='2'><table:table-cell table:number-columns-repeated='2'>"
        "<office:annotation><text:p>comment</text:p></office:annotation>"
        "<text:p>1<text:s text:c='2'/>2</text:p></table:table-cell></table:table-row>"
        "<table:table-row table:number-rows-repeated='1000000'/>"
        "<table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>b</text:p>"
        "</table:table-cell><table:covered-table-cell><text:p>under</text:p></table:covered-table-cell></table:table-row>"
    )
    document = read_spreadsheet(ods(rows), name="a.ods")
    assert grids(document)[0].rows == [["1  2", "1  2"], ["1  2", "1  2"], ["b", "b"]]


def test_ods_bombs_and_passwords() -> None:
    bomb = (
        "<table:table-row table:number-rows-repeated='1000000'><table:table-cell "
        "table:number-columns-repeated='16000'><text:p>x</text:p></table:table-cell></table:table-row>"
    )
    with pytest.raises(UnreadableDocument, match="max_cells"):
        read_spreadsheet(ods(bomb), name="a.ods")
    with pytest.raises(UnreadableDocument, match="password"):
        read_spreadsheet(ods("", "<encryption-data/>"), name="a.ods")


_VALID = as_xlsx(example())


def read_or_refused(data: bytes, name: str) -> bool:
    """Whether a file becomes a document, or an error of ours that names it."""
    try:
        return isinstance(read_spreadsheet(data, name=name), Document)
    except GiakitError as error:
        return name in str(error)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_VALID) - 1), st.binary(min_size=1, max_size=8))
def test_only_our_errors_leave_xlsx(position: int, noise: bytes) -> None:
    assert read_or_refused(_VALID[:position] + noise + _VALID[position + len(noise) :], "a.xlsx")


def _small_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    sheet.write_merge(0, 0, 0, 2, "title")
    for column in range(4):
        sheet.write(1, column, column)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_VALID_XLS = _small_xls()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(_VALID_XLS) - 1), st.binary(min_size=1, max_size=8))
def test_only_our_errors_leave_xls(position: int, noise: bytes) -> None:
    assert read_or_refused(_VALID_XLS[:position] + noise + _VALID_XLS[position + len(noise) :], "a.xls")


_VALUE = st.one_of(st.integers(-(10**9), 10**9).map(str), st.text("abc 公开", min_size=1, max_size=5).filter(str.strip))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(_VALUE, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_is_read(rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(value) if value.lstrip("-").isdecimal() else value for value in row])
    assert grids(read_spreadsheet(as_xlsx(book), name="a.xlsx"))[0].rows == rows


def test_excel_2003_xml() -> None:
    cell = '<Cell{0}><Data ss:Type="{1}">{2}</Data></Cell>'.format
    rows = (
        "<Row>" + cell(' ss:MergeAcross="2"', "String", "title") + "</Row>"
        "<Row>"
        + cell(' ss:MergeDown="1"', "String", "a")
        + cell("", "Number", "3.0")
        + cell(' ss:Index="3" ss:StyleID="u"', "Number", "5")
        + "</Row>"
        "<Row>" + cell(' ss:Index="2"', "Number", "4") + cell("", "Error", "#N/A") + "</Row>"
        '<Row ss:Index="9" ss:Hidden="1">' + cell("", "String", "hidden") + "</Row>"
    )
    data = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="u">'
        '<NumberFormat ss:Format="0&quot;件&quot;"/></Style></Styles>'
        f'<Worksheet ss:Name="s"><Table>{rows}</Table></Worksheet></Workbook>'
    )
    document = read_spreadsheet(data.encode(), name="a.xls")
    assert document.format == "excel-xml"
    assert grids(document)[0].rows == [["title"] * 3, ["a", "3", "5件"], ["a", "4", "#N/A"]]


def test_xls_strings_that_go_on_in_the_next_record() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("数据")
    written = ["政" * 9000, "x" * 12_000, "a" * 5000 + "公", "short"]
    for row, text in enumerate(written):
        sheet.write(row, 0, text)
    out = io.BytesIO()
    book.save(out)
    found = grids(read_spreadsheet(out.getvalue(), name="a.xls"))[0]
    assert [row[0] for row in found.rows] == written


def _one_cell(change: Callable[[openpyxl.Workbook, Any, Any], None], value: object = 5) -> tuple[str, Doubt | None]:
    """Text and doubt of B1, after a label, once something was changed about it."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["A1"], sheet["B1"] = "label", value
    change(book, sheet, sheet["B1"])
    # What keeps its place beside the cell where that shows nothing.
    sheet["C1"] = "x"
    grid = grids(read_spreadsheet(as_xlsx(book), name="a.xlsx"))[0]
    return grid.rows[0][1], grid.doubts.get(grid.anchors[0][1] if grid.anchors else 1)


def _styled(**style: object) -> Callable[[openpyxl.Workbook, Any, Any], None]:
    def change(book: openpyxl.Workbook, sheet: Any, cell: Any) -> None:
        for key, value in style.items():
            setattr(cell, key, value)

    return change


def _rule(rule: Rule) -> Callable[[openpyxl.Workbook, Any, Any], None]:
    return lambda book, sheet, cell: sheet.conditional_formatting.add("B1:B9", rule)


_WHITE = Font(color="FFFFFFFF")
_BLUE = PatternFill("solid", fgColor="FF4472C4")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_styled(font=_WHITE), "colour of its ground"),
        (_styled(font=Font(color="FFFDFDFD")), "colour of its ground"),
        (_styled(font=Font(color=Color(theme=0))), "colour of its ground"),
        (_styled(font=Font(color=Color(theme=1, tint=0.999))), "colour of its ground"),
        (_styled(fill=PatternFill("solid", fgColor="FF000000")), "colour of its ground"),
        (_styled(fill=_BLUE, font=Font(color="FF4472C4")), "colour of its ground"),
        (_styled(font=Font(sz=1)), "too small"),
        (_styled(font=Font(strike=True)), "struck"),
        (_styled(number_format="[White]0"), "number format"),
        (_styled(number_format="0.0E+0"), "number format"),
        (_rule(FormulaRule(formula=["LEN(B1)>0"], font=_WHITE)), "conditional format"),
    ],
)
def test_what_a_person_may_not_see_is_doubted(change: Callable[..., None], why: str) -> None:
    text, doubt = _one_cell(change)
    assert text == "5"
    assert doubt is not None
    assert why in doubt.why


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_styled(font=Font(color="FFFF0000")), "5"),
        (_styled(font=_WHITE, fill=_BLUE), "5"),
        (_styled(fill=PatternFill("solid", fgColor="FFFFFF00")), "5"),
        (_styled(font=Font(b=True, sz=22)), "5"),
        (_styled(number_format=";;;"), ""),
        (_styled(number_format='[=5]"7";0'), "7"),
        (_rule(CellIsRule(operator="equal", formula=["5"], font=_WHITE)), ""),
        (_rule(CellIsRule(operator="equal", formula=["0"], font=_WHITE)), "5"),
        (_rule(FormulaRule(formula=["B1=5"], font=_WHITE)), ""),
        (_rule(FormulaRule(formula=["LEN(B1)>0"], font=Font(color="FFFF0000"))), "5"),
    ],
)
def test_what_is_seen_stays_quiet(change: Callable[..., None], text: str) -> None:
    assert _one_cell(change) == (text, None)


def test_columns_too_narrow_and_zeros_switched_off() -> None:
    def narrow(book: openpyxl.Workbook, sheet: Any, cell: Any) -> None:
        sheet.column_dimensions["B"].width = 3

    text, doubt = _one_cell(narrow, 123456)
    assert text == "123456"
    assert doubt is not None
    assert _one_cell(narrow, 12) == ("12", None)
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["label", 0, 3])
    sheet.sheet_view.showZeros = False
    assert grids(read_spreadsheet(as_xlsx(book), name="a.xlsx"))[0].rows == [["label", "", "3"]]


def test_hidden_rows_and_columns_can_be_taken() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (["a", 1, 2], ["b", 3, 4], ["c", 5, 6]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    data = as_xlsx(book)
    document = read_spreadsheet(data, name="a.xlsx")
    assert grids(document)[0].rows == [["a", "2"], ["c", "6"]]
    assert document.hides
    whole = read_spreadsheet(data, name="a.xlsx", hidden=True)
    assert grids(whole)[0].rows == [["a", "1", "2"], ["b", "3", "4"], ["c", "5", "6"]]
    assert whole.doubts == ("rows or columns that sheet Sheet hides were read",)
    assert not whole.hides


def test_a_text_box_over_cells() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["label", 3, 4, 5])
    # A chart makes the drawing part, whose XML is replaced.
    sheet.add_chart(BarChart(), "F9")
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor>'
        "<xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>0</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        "<xdr:to><xdr:col>2</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
        "<xdr:sp><xdr:txBody><a:p><a:r><a:t>7</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(book))) as source, zipfile.ZipFile(out, "w") as changed:
        for name in source.namelist():
            changed.writestr(name, drawing if name == "xl/drawings/drawing1.xml" else source.read(name))
    grid = grids(read_spreadsheet(out.getvalue(), name="a.xlsx"))[0]
    assert grid.rows == [["label", "3", "4", "5"]]
    assert [(number, doubt.confirmable) for number, doubt in grid.doubts.items()] == [(1, False)]


def test_rich_text_whose_digits_differ() -> None:
    def rich(*parts: object) -> tuple[str, Doubt | None]:
        return _one_cell(_styled(value=CellRichText(*parts)))

    assert rich("5", TextBlock(InlineFont(b=True), "2")) == ("52", None)
    for font in (
        InlineFont(strike=True),
        InlineFont(vertAlign="superscript"),
        InlineFont(color="FFFFFFFF"),
        InlineFont(sz=1),
    ):
        text, doubt = rich("5", TextBlock(font, "2"))
        assert (text, doubt is not None) == ("52", True)


def test_xls_styles() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    styles = [
        "",
        "font: colour white",
        "pattern: pattern solid, fore_colour black",
        "font: struck_out on",
        "font: colour red",
    ]
    sheet.write(0, 0, "label")
    for column, style in enumerate(styles, 1):
        sheet.write(0, column, 5, xlwt.easyxf(style))
    sheet.write(0, len(styles) + 1, 152790, xlwt.easyxf(num_format_str=r"0\.0000"))
    out = io.BytesIO()
    book.save(out)
    grid = grids(read_spreadsheet(out.getvalue(), name="a.xls"))[0]
    assert grid.rows == [["label", *["5"] * 5, "15.2790"]]
    assert sorted(grid.doubts) == [2, 3, 4]


def test_an_ods_shows_what_it_stores_as_text() -> None:
    cell = "<table:table-cell office:value-type='float' office:value='{}'>{}</table:table-cell>".format
    rows = f"<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>{cell(152790, '<text:p>15.2790</text:p>')}{cell(7, '')}{cell(1, '<text:p>1</text:p>')}</table:table-row>"
    assert grids(read_spreadsheet(ods(rows), name="a.ods"))[0].rows == [["a", "15.2790", "", "1"]]
    bare = f"<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>{cell(7, '')}</table:table-row>"
    assert grids(read_spreadsheet(ods(bare), name="a.ods"))[0].rows == [["a", "7"]]
