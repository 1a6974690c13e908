"""Sheets of an Excel 2003 XML workbook, which web systems like to export under the name .xls."""

from __future__ import annotations

from lxml import etree

from giakit.documents.archive import parse_xml
from giakit.documents.limits import Limits, check_cells
from giakit.documents.number_formats import shown
from giakit.documents.sheets import Sheet
from giakit.errors import UnreadableDocument

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_S = f"{{{_NAMESPACE}}}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_NAMED_FORMATS = {"Percent": "0%"}
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384


def is_excel_xml(data: bytes) -> bool:
    """Whether bytes are an Excel 2003 XML workbook (not a web page that Excel wrote).

    Parameters
    ----------
    data : bytes
        The file or its first kilobytes.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_excel_xml(b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">')
    True
    """
    head = data[:4096]
    return _NAMESPACE.encode() in head and b"Workbook" in head and b"<html" not in head.lower()


def excel_xml_sheets(data: bytes, *, name: str, limits: Limits) -> list[Sheet]:
    """Read all worksheets of an Excel 2003 XML workbook.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors.
    limits : Limits
        ``max_cells`` bounds the cells, ``max_part`` the XML.

    Returns
    -------
    list of Sheet
        In the order of the tabs, hidden ones included.

    Raises
    ------
    UnreadableDocument
        If the XML is damaged, no workbook, or beyond the limits.
    """
    if len(data) > limits.max_part:
        raise UnreadableDocument(name, f"{len(data):,} bytes of XML (Limits.max_part)")
    root = parse_xml(data, name)
    if root.tag != f"{_S}Workbook":
        raise UnreadableDocument(name, "an XML file that is no workbook")
    formats = {
        style.get(f"{_S}ID", ""): each.get(f"{_S}Format", "General")
        for style in root.iterfind(f"{_S}Styles/{_S}Style")
        for each in style.iterfind(f"{_S}NumberFormat")
    }
    return [_sheet(sheet, formats, name, limits) for sheet in root.iterfind(f"{_S}Worksheet")]


def _sheet(element: etree._Element, formats: dict[str, str], name: str, limits: Limits) -> Sheet:
    cells: dict[tuple[int, int], str] = {}
    merges: list[tuple[int, int, int, int]] = []
    hidden_rows: set[int] = set()
    row = 0
    for line in element.iterfind(f"{_S}Table/{_S}Row"):
        row = min(_number(line, "Index", row + 1) - 1, _MAX_ROWS)
        span = _number(line, "Span", 0)
        if line.get(f"{_S}Hidden") == "1":
            hidden_rows.update(range(row, min(row + span + 1, _MAX_ROWS)))
        column = 0
        for cell in line.iterfind(f"{_S}Cell"):
            column = min(_number(cell, "Index", column + 1) - 1, _MAX_COLUMNS)
            across, down = _number(cell, "MergeAcross", 0), _number(cell, "MergeDown", 0)
            if across or down:
                merges.append((row, column, row + down, column + across))
            text = _text(cell, formats)
            if text:
                cells[row, column] = text
            column += across + 1
        check_cells(name, len(cells), limits)
        row += span + 1
    visible = element.findtext(f"{_X}WorksheetOptions/{_X}Visible", "SheetVisible") == "SheetVisible"
    return Sheet(
        name=element.get(f"{_S}Name", ""),
        cells=cells,
        merges=tuple(merges),
        hidden_rows=frozenset(hidden_rows),
        hidden_columns=_hidden_columns(element),
        visible=visible,
    )


def _hidden_columns(element: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    column = 0
    for each in element.iterfind(f"{_S}Table/{_S}Column"):
        column = min(_number(each, "Index", column + 1) - 1, _MAX_COLUMNS)
        end = min(column + _number(each, "Span", 0) + 1, _MAX_COLUMNS)
        if each.get(f"{_S}Hidden") == "1" or each.get(f"{_S}Width") == "0":
            hidden.update(range(column, end))
        column = end
    return frozenset(hidden)


def _text(cell: etree._Element, formats: dict[str, str]) -> str:
    data = cell.find(f"{_S}Data")
    if data is None:
        return ""
    text = "".join(str(part) for part in data.itertext())
    kind = data.get(f"{_S}Type")
    if kind == "Boolean":
        return "TRUE" if text == "1" else "FALSE"
    if kind == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
    if kind == "Number":
        code = formats.get(cell.get(f"{_S}StyleID", ""), "General")
        try:
            return shown(float(text), _NAMED_FORMATS.get(code, code))
        except ValueError:
            return text
    return text


def _number(element: etree._Element, attribute: str, default: int) -> int:
    value = element.get(f"{_S}{attribute}", "")
    return int(value) if value.isdecimal() and len(value) < 8 else default
