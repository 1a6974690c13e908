"""Sheets of an OpenDocument spreadsheet (.ods, .ots), read from its XML: the texts as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from lxml import etree

from giakit.documents.archive import Archive
from giakit.documents.limits import Limits, check_cells
from giakit.documents.number_formats import number_text
from giakit.documents.sheets import Sheet
from giakit.errors import UnreadableDocument

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_GROUPS = {
    f"{_TABLE}{name}"
    for name in (
        "table-rows",
        "table-row-group",
        "table-header-rows",
        "table-columns",
        "table-column-group",
        "table-header-columns",
    )
}
_NO_TEXT = {f"{_TEXT}note", f"{_TEXT}ruby-text", f"{_OFFICE}annotation"}
_EXPONENT = re.compile(r"[-+]?[0-9.,]+[Ee][-+]?[0-9]+")
_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384


@dataclass(slots=True)
class _Found:
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    unstored: int = 0


def ods_sheets(archive: Archive, *, limits: Limits) -> list[Sheet]:
    """Read all sheets of an OpenDocument spreadsheet.

    Parameters
    ----------
    archive : Archive
        The package.
    limits : Limits
        ``max_cells`` bounds what repeated cells may grow to.

    Returns
    -------
    list of Sheet
        In their order, hidden ones included. A formula without a stored result is given as its text.

    Raises
    ------
    UnreadableDocument
        If the package is damaged, encrypted or no spreadsheet.
    """
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableDocument(archive.name, "encrypted: it opens only with its password")
    root = archive.xml("content.xml")
    book = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    if book is None:
        raise UnreadableDocument(archive.name, "an OpenDocument file, but no spreadsheet")
    hidden_styles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iterfind(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    return [
        _sheet(table, table.get(f"{_TABLE}style-name") not in hidden_styles, archive.name, limits)
        for table in book.iterfind(f"{_TABLE}table")
    ]


def _sheet(table: etree._Element, visible: bool, name: str, limits: Limits) -> Sheet:
    found = _Found()
    hidden_rows: list[range] = []
    hidden_columns: set[int] = set()
    row = column = 0
    for element in _flat(table):
        if element.tag == f"{_TABLE}table-column":
            times = _times(element, "number-columns-repeated", _MAX_COLUMNS - column)
            if _is_hidden(element):
                hidden_columns.update(range(column, column + times))
            column += times
        elif element.tag == f"{_TABLE}table-row":
            times = _times(element, "number-rows-repeated", _MAX_ROWS - row)
            if _is_hidden(element):
                hidden_rows.append(range(row, row + times))
            for column_number, repeated, text in _row(element, row, found):
                check_cells(name, len(found.cells) + times * repeated, limits)
                for place in product(range(row, row + times), range(column_number, column_number + repeated)):
                    found.cells[place] = text
            row += times
    # A sheet may hide its million unused rows; only those up to the last text matter.
    last = max((place[0] for place in found.cells), default=-1)
    concealed = {row for stretch in hidden_rows for row in range(stretch.start, min(stretch.stop, last + 1))}
    title = table.get(f"{_TABLE}name", "")
    note = f"sheet {title}: formulas without a stored result: {found.unstored}"
    return Sheet(
        name=title,
        cells=found.cells,
        merges=tuple(found.merges),
        hidden_rows=frozenset(concealed),
        hidden_columns=frozenset(hidden_columns),
        visible=visible,
        notes=(note,) if found.unstored else (),
    )


def _row(element: etree._Element, row: int, found: _Found) -> Iterator[tuple[int, int, str]]:
    """Column, repetitions and text of the cells that have one; merges go to `found`."""
    column = 0
    for cell in element:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = _times(cell, "number-columns-repeated", _MAX_COLUMNS - column)
        text, stored = _cell(cell)
        found.unstored += not stored
        down = _times(cell, "number-rows-spanned", _MAX_ROWS - row)
        right = _times(cell, "number-columns-spanned", _MAX_COLUMNS - column)
        if down > 1 or right > 1:
            found.merges.append((row, column, row + down - 1, column + right - 1))
        if text and cell.tag == f"{_TABLE}table-cell":
            yield column, repeated, text
        column += repeated


def _cell(cell: etree._Element) -> tuple[str, bool]:
    """Text of a cell, and whether it was stored (False: a formula nobody has computed)."""
    text = "\n".join("".join(_inline(paragraph)) for paragraph in cell.iterfind(f"{_TEXT}p"))
    value = cell.get(f"{_OFFICE}value")
    if text and (value is None or not _EXPONENT.fullmatch(text)):
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


def _is_hidden(element: etree._Element) -> bool:
    return element.get(f"{_TABLE}visibility", "visible") != "visible"


def _times(element: etree._Element, attribute: str, room: int) -> int:
    return min(_count(element.get(f"{_TABLE}{attribute}")), max(room, 0))


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else 1
