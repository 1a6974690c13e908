"""Sheets of workbooks other than .xlsx: old .xls by xlrd, Excel 2003 XML, which web systems like to export, OpenDocument."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from lxml import etree

from giakit.documents.appearance import BLACK, DIGIT, WHITE
from giakit.documents.archive import Archive, parse_xml
from giakit.documents.limits import Limits, check_cells
from giakit.documents.number_formats import number_text
from giakit.documents.sheets import (
    CONDITIONAL,
    INDEXED,
    MAX_COLUMNS,
    MAX_ROWS,
    MIXED,
    UNDER,
    Place,
    Sheet,
    Style,
    covered,
    doubt_of,
)
from giakit.errors import UnreadableDocument


def xls_sheets(data: bytes, name: str, limits: Limits) -> Iterator[Sheet]:
    """All worksheets of an old workbook, by xlrd."""
    import xlrd
    from xlrd.biffh import error_text_from_code

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO(), ragged_rows=True)
    except Exception as error:  # its own, struct's and many more, on damage
        reason = (
            "encrypted: it opens only with its password"
            if "ncrypt" in str(error)
            else f"the workbook is damaged ({error})"
        )
        raise UnreadableDocument(name, reason) from None
    styles = [_xls_style(book, key) for key in range(len(book.xf_list))]
    cells = 0
    for page in book.sheets():
        sheet = Sheet(page.name, visible=page.visibility == 0, zeros=bool(page.show_zero_values))
        for row in range(page.nrows):
            for column, cell in enumerate(page.row(row)):
                style = styles[cell.xf_index] if 0 <= (cell.xf_index or 0) < len(styles) else Style()
                if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                    sheet.number((row, column), cell.value, style, since_1904=book.datemode == 1)
                elif cell.ctype == xlrd.XL_CELL_TEXT:
                    sheet.text((row, column), cell.value, style)
                    if (
                        len(
                            {
                                book.font_list[font].struck_out
                                for _, font in page.rich_text_runlist_map.get((row, column), ())
                                if font < len(book.font_list)
                            }
                        )
                        > 1
                    ):
                        sheet.doubts[row, column] = MIXED
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    sheet.text((row, column), "TRUE" if cell.value else "FALSE")
                elif cell.ctype == xlrd.XL_CELL_ERROR:
                    sheet.text((row, column), error_text_from_code.get(cell.value, "#ERROR!"))
        check_cells(name, cells := cells + len(sheet.cells), limits)
        sheet.merges = [
            (top, left, bottom - 1, right - 1)
            for top, bottom, left, right in page.merged_cells
            if top < bottom and left < right
        ]
        sheet.hidden_rows = {row for row, info in page.rowinfo_map.items() if info.hidden or info.height == 0}
        sheet.hidden_columns = {column for column, info in page.colinfo_map.items() if info.hidden or info.width == 0}
        yield sheet


def _xls_style(book: Any, key: int) -> Style:
    style = book.xf_list[key]
    format_ = book.format_map.get(style.format_key)
    font = book.font_list[style.font_index] if style.font_index < len(book.font_list) else None
    ground, index = WHITE, style.background.pattern_colour_index
    if style.background.fill_pattern:
        ground = _xls_colour(book, index, BLACK) if style.background.fill_pattern == 1 else "pattern"
    if font is None:
        return Style(ground=ground)
    colour = _xls_colour(book, font.colour_index, BLACK)
    doubt = doubt_of(colour=colour, ground=ground, struck=bool(font.struck_out), points=(font.height or 220) / 20)
    return Style((format_.format_str if format_ else "") or "General", doubt, colour, ground)


def _xls_colour(book: Any, index: int, default: str) -> str:
    rgb = book.colour_map.get(index)
    return "".join(f"{part:02X}" for part in rgb) if rgb else INDEXED.get(index, default)


_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_S = f"{{{_SPREADSHEET}}}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_NAMED_FORMATS = {"Percent": "0%", "Fixed": "0.00", "Standard": "#,##0.00", "General Number": "General"}


def is_excel_xml(data: bytes) -> bool:
    """Whether bytes are an Excel 2003 XML workbook (not a web page that Excel wrote).

    >>> is_excel_xml(b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">')
    True
    """
    head = data[:4096]
    return _SPREADSHEET.encode() in head and b"Workbook" in head and b"<html" not in head.lower()


def excel_xml_sheets(data: bytes, name: str, limits: Limits) -> Iterator[Sheet]:
    """All worksheets of an Excel 2003 XML workbook, which web systems like to export under the name .xls."""
    root = parse_xml(data, name, limits)
    if root.tag != f"{_S}Workbook":
        raise UnreadableDocument(name, "an XML file that is no workbook")
    styles: dict[str, Style] = {}
    for each in root.iterfind(f"{_S}Styles/{_S}Style"):
        format_, font, fill = (each.find(f"{_S}{part}") for part in ("NumberFormat", "Font", "Interior"))
        code = "General" if format_ is None else format_.get(f"{_S}Format", "General")
        colour = BLACK if font is None else font.get(f"{_S}Color", BLACK).lstrip("#").upper()
        ground = WHITE if fill is None else fill.get(f"{_S}Color", WHITE).lstrip("#").upper()
        struck = font is not None and font.get(f"{_S}StrikeThrough") == "1"
        doubt = doubt_of(colour=colour, ground=ground, struck=struck, points=11.0)
        styles[each.get(f"{_S}ID", "")] = Style(_NAMED_FORMATS.get(code, code), doubt, colour, ground)
    cells = 0
    for element in root.iterfind(f"{_S}Worksheet"):
        options = element.find(f"{_X}WorksheetOptions")
        visible = options is None or options.findtext(f"{_X}Visible", "SheetVisible") == "SheetVisible"
        zeros = options is None or options.find(f"{_X}DoNotDisplayZeros") is None
        sheet = Sheet(element.get(f"{_S}Name", ""), visible=visible, zeros=zeros)
        _fill_from_excel_xml(sheet, element, styles, name, limits)
        check_cells(name, cells := cells + len(sheet.cells), limits)
        yield sheet


def _fill_from_excel_xml(
    sheet: Sheet, element: etree._Element, styles: dict[str, Style], name: str, limits: Limits
) -> None:
    hidden_rows: list[tuple[int, int]] = []
    row = 0
    for line in element.iterfind(f"{_S}Table/{_S}Row"):
        row = min(_stated(line, "Index", row + 1) - 1, MAX_ROWS)
        span = _stated(line, "Span", 0)
        if line.get(f"{_S}Hidden") == "1" or line.get(f"{_S}Height") == "0":
            hidden_rows.append((row, row + span))
        column = 0
        for cell in line.iterfind(f"{_S}Cell"):
            column = min(_stated(cell, "Index", column + 1) - 1, MAX_COLUMNS)
            across, down = _stated(cell, "MergeAcross", 0), _stated(cell, "MergeDown", 0)
            if across or down:
                sheet.merges.append((row, column, row + down, column + across))
            style = styles.get(cell.get(f"{_S}StyleID") or line.get(f"{_S}StyleID") or "Default", Style())
            _keep_data(sheet, (row, column), cell.find(f"{_S}Data"), style)
            column += across + 1
        check_cells(name, len(sheet.cells), limits)
        row += span + 1
    last = max((place[0] for place in sheet.cells), default=-1)
    sheet.hidden_rows = covered(hidden_rows, last + 1)
    hidden_columns: list[tuple[int, int]] = []
    column = 0
    for each in element.iterfind(f"{_S}Table/{_S}Column"):
        column = min(_stated(each, "Index", column + 1) - 1, MAX_COLUMNS)
        end = column + _stated(each, "Span", 0)
        if each.get(f"{_S}Hidden") == "1" or each.get(f"{_S}Width") == "0":
            hidden_columns.append((column, end))
        column = end + 1
    sheet.hidden_columns = covered(hidden_columns, MAX_COLUMNS)


def _keep_data(sheet: Sheet, place: Place, data: etree._Element | None, style: Style) -> None:
    if data is None:
        return
    text = "".join(map(str, data.itertext()))
    kind = data.get(f"{_S}Type")
    if kind == "Boolean":
        sheet.text(place, "TRUE" if text == "1" else "FALSE")
    elif kind == "DateTime":
        sheet.text(place, text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " "))
    elif kind == "Number":
        try:
            sheet.number(place, float(text), style)
        except ValueError:
            sheet.text(place, text, style)
    else:
        sheet.text(place, text, style)
        if len(data) and any(DIGIT.search("".join(map(str, part.itertext()))) for part in data):
            # Only text whose parts differ in style has elements in it.
            sheet.doubts.setdefault(place, MIXED)


def _stated(element: etree._Element, attribute: str, default: int) -> int:
    value = element.get(f"{_S}{attribute}", "")
    return int(value) if value.isdecimal() and len(value) < 8 else default


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_GROUPS = {
    f"{_TABLE}table-{name}"
    for name in ("rows", "row-group", "header-rows", "columns", "column-group", "header-columns")
}
_NO_TEXT = {f"{_TEXT}note", f"{_TEXT}ruby-text", f"{_OFFICE}annotation"}


def ods_sheets(archive: Archive, limits: Limits) -> Iterator[Sheet]:
    """All sheets of an OpenDocument spreadsheet: the texts as they are shown, which the file stores beside the values."""
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableDocument(archive.name, "encrypted: it opens only with its password")
    root = archive.xml("content.xml")
    book = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    if book is None:
        raise UnreadableDocument(archive.name, "an OpenDocument file, but no spreadsheet")
    roots = [root] + ([archive.xml("styles.xml")] if "styles.xml" in archive else [])
    elements = {
        style.get(f"{_STYLE}name", ""): style for each in reversed(roots) for style in each.iter(f"{_STYLE}style")
    }
    styles = {name: _ods_style(name, elements) for name in elements}
    hidden = {
        name
        for name, style in elements.items()
        for properties in style.iterfind(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    # Some writers store values without the text that shows them: then the values are what there is.
    texts = any(
        cell.find(f"{_TEXT}p") is not None for cell in book.iter(f"{_TABLE}table-cell") if cell.get(f"{_OFFICE}value")
    )
    for table in book.iterfind(f"{_TABLE}table"):
        sheet = Sheet(table.get(f"{_TABLE}name", ""), visible=table.get(f"{_TABLE}style-name") not in hidden)
        _fill_from_ods(sheet, table, styles, archive.name, limits, texts=texts)
        yield sheet


def _ods_style(name: str, elements: dict[str, etree._Element]) -> Style:
    """Colours and strike of a style, what it inherits included."""
    stated: dict[str, str] = {}
    seen: set[str] = set()
    conditional = False
    while name in elements and name not in seen:
        seen.add(name)
        element = elements[name]
        conditional = conditional or element.find(f"{_STYLE}map") is not None
        for each in element.iterfind(f"{_STYLE}text-properties"):
            for key in (f"{_FO}color", f"{_FO}font-size", f"{_STYLE}text-line-through-style"):
                stated.setdefault(key, each.get(key, "")) if each.get(key) else None
        for each in element.iterfind(f"{_STYLE}table-cell-properties"):
            stated.setdefault("ground", each.get(f"{_FO}background-color") or "") if each.get(
                f"{_FO}background-color"
            ) else None
        name = element.get(f"{_STYLE}parent-style-name", "")
    size = re.fullmatch(r"([\d.]+)pt", stated.get(f"{_FO}font-size", ""))
    ground = stated.get("ground", "transparent").lstrip("#").upper()
    doubt = doubt_of(
        colour=stated.get(f"{_FO}color", BLACK).lstrip("#").upper(),
        ground=WHITE if ground == "TRANSPARENT" else ground,
        struck=stated.get(f"{_STYLE}text-line-through-style", "none") != "none",
        points=float(size[1]) if size else 11.0,
    )
    return Style(doubt=doubt or (CONDITIONAL if conditional else None))


def _fill_from_ods(
    sheet: Sheet, table: etree._Element, styles: dict[str, Style], name: str, limits: Limits, *, texts: bool
) -> None:
    hidden_rows: list[tuple[int, int]] = []
    hidden_columns: list[tuple[int, int]] = []
    defaults: list[tuple[int, str]] = []
    row = column = unstored = 0
    for element in _flat(table):
        if element.tag == f"{_TABLE}table-column":
            times = _times(element, "columns-repeated", MAX_COLUMNS - column)
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                hidden_columns.append((column, column + times - 1))
            defaults.append((column, element.get(f"{_TABLE}default-cell-style-name", "")))
            column += times
        elif element.tag == f"{_TABLE}table-row":
            times = _times(element, "rows-repeated", MAX_ROWS - row)
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                hidden_rows.append((row, row + times - 1))
            at = 0
            for cell in element:
                if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    continue
                repeated = _times(cell, "columns-repeated", MAX_COLUMNS - at)
                down, right = (_times(cell, f"{side}-spanned", 1 << 20) for side in ("rows", "columns"))
                if down > 1 or right > 1:
                    sheet.merges.append((row, at, min(row + down, MAX_ROWS) - 1, min(at + right, MAX_COLUMNS) - 1))
                text, stored = _ods_text(cell, texts=texts)
                unstored += not stored
                if text and cell.tag == f"{_TABLE}table-cell":
                    check_cells(name, len(sheet.cells) + times * repeated, limits)
                    style_name = cell.get(f"{_TABLE}style-name") or next(
                        (key for start, key in reversed(defaults) if start <= at), ""
                    )
                    for place in product(range(row, row + times), range(at, at + repeated)):
                        sheet.text(place, text, styles.get(style_name, Style()))
                        if next(cell.iter(f"{_DRAW}*"), None) is not None and DIGIT.search(text):
                            sheet.doubts[place] = UNDER
                at += repeated
            row += times
    # A sheet may hide its million unused rows; only those up to the last text matter.
    sheet.hidden_rows = covered(hidden_rows, max((place[0] for place in sheet.cells), default=-1) + 1)
    sheet.hidden_columns = covered(hidden_columns, MAX_COLUMNS)
    if unstored:
        sheet.notes.append(f"sheet {sheet.name}: formulas without a stored result: {unstored}")


def _ods_text(cell: etree._Element, *, texts: bool) -> tuple[str, bool]:
    """Text of a cell, and whether it was stored (False: a formula nobody has computed)."""
    text = "\n".join("".join(_inline(paragraph)) for paragraph in cell.iterfind(f"{_TEXT}p"))
    value = cell.get(f"{_OFFICE}value")
    if text or (texts and value is not None):
        return text, True
    if value is not None:
        try:
            return number_text(float(value)), True
        except (ValueError, ArithmeticError):
            return value, True
    for key in ("string-value", "date-value", "time-value", "boolean-value"):
        if cell.get(f"{_OFFICE}{key}") is not None:
            return cell.get(f"{_OFFICE}{key}", ""), True
    formula = cell.get(f"{_TABLE}formula")
    if formula is not None and cell.get(f"{_OFFICE}value-type") != "string":
        return formula, False
    return "", True


def _inline(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for each in element:
        if each.tag == f"{_TEXT}s":
            yield " " * min(_count(each.get(f"{_TEXT}c")), 1000)
        elif each.tag == f"{_TEXT}tab":
            yield "\t"
        elif each.tag == f"{_TEXT}line-break":
            yield "\n"
        elif each.tag not in _NO_TEXT:
            yield from _inline(each)
        yield each.tail or ""


def _flat(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if element.tag in _GROUPS:
            yield from _flat(element)
        else:
            yield element


def _times(element: etree._Element, attribute: str, room: int) -> int:
    return min(_count(element.get(f"{_TABLE}number-{attribute}")), max(room, 0))


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else 1
