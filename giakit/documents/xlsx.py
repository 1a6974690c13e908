"""Sheets of an .xlsx or .xlsm package, read from its XML.

python-calamine gives "" for an error value and for a formula without a stored result, which would pass for a
blank cell, and reserves memory for the whole rectangle of a sheet with one stray cell; so not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from giakit.documents.archive import Archive
from giakit.documents.number_formats import built_in_format, shown
from giakit.documents.sheets import Sheet
from giakit.errors import UnreadableDocument

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LONGEST_REFERENCE = len("$ABC$1234567")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAX_HIDDEN_COLUMNS = 16384


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share."""

    texts: list[str]
    formats: list[str]
    since_1904: bool


def xlsx_sheets(archive: Archive) -> list[Sheet]:
    """Read all worksheets of a workbook.

    Parameters
    ----------
    archive : Archive
        The package.

    Returns
    -------
    list of Sheet
        In the order of the tabs, hidden ones included; charts and macros are left out. Stored results stand
        for formulas; a formula without one is given as its text, ``=SUM(B2:B4)``, and an error as its name.

    Raises
    ------
    UnreadableDocument
        If the package is damaged or no workbook.
    """
    main = next(
        (each.target for each in archive.relationships() if each.kind == "officeDocument"), "xl/workbook.xml"
    )
    if main not in archive:
        raise UnreadableDocument(archive.name, "a zip without a workbook, so no spreadsheet")
    workbook = archive.xml(main)
    links = {each.id: each for each in archive.relationships(main)}
    parts = {each.kind: each.target for each in links.values() if each.target in archive}
    properties = workbook.find("{*}workbookPr")
    book = _Book(
        texts=_shared_texts(archive.xml(parts["sharedStrings"])) if "sharedStrings" in parts else [],
        formats=_formats(archive.xml(parts["styles"])) if "styles" in parts else [],
        since_1904=properties is not None and properties.get("date1904") in ("1", "true"),
    )
    sheets = []
    for element in workbook.iterfind("{*}sheets/{*}sheet"):
        key = next((value for name, value in element.attrib.items() if str(name).endswith("}id")), "")
        link = links.get(str(key))
        if link is not None and link.kind == "worksheet":
            visible = element.get("state", "visible") == "visible"
            sheets.append(_sheet(archive.xml(link.target), element.get("name", ""), visible, book))
    return sheets


def _sheet(root: etree._Element, name: str, visible: bool, book: _Book) -> Sheet:
    cells: dict[tuple[int, int], str] = {}
    hidden_rows = set()
    unstored = 0
    row_number = -1
    for row in root.iterfind("{*}sheetData/{*}row"):
        stated = row.get("r", "")
        row_number = int(stated) - 1 if stated.isdecimal() and len(stated) < 8 else row_number + 1
        if row.get("hidden") in ("1", "true") or row.get("ht") == "0":
            hidden_rows.add(row_number)
        column = -1
        for cell in row.iterfind("{*}c"):
            place = _place(cell.get("r", ""))
            column = place[1] if place else column + 1
            text, stored = _cell(cell, book)
            unstored += not stored
            if text:
                cells[row_number, column] = text
    return Sheet(
        name=name,
        cells=cells,
        merges=_merges(root),
        hidden_rows=frozenset(hidden_rows),
        hidden_columns=_hidden_columns(root),
        visible=visible,
        notes=(f"sheet {name}: formulas without a stored result: {unstored}",) if unstored else (),
    )


def _cell(cell: etree._Element, book: _Book) -> tuple[str, bool]:
    """Text of a cell, and whether it was stored (False: a formula nobody has computed)."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("{*}is")
        return ("" if inline is None else _rich_text(inline)), True
    value = cell.findtext("{*}v")
    if value is None or (value == "" and kind != "str"):
        formula = cell.find("{*}f")
        return ("", True) if formula is None else (f"={formula.text or ''}", False)
    if kind == "s":
        # A number that points nowhere is damage; the cell must not pass for a blank one.
        known = value.isdecimal() and len(value) < 10 and int(value) < len(book.texts)
        return (book.texts[int(value)] if known else "#LOST!"), True
    if kind == "b":
        return ("TRUE" if value == "1" else "FALSE"), True
    if kind != "n":
        return _unescape(value), True
    style = cell.get("s", "0")
    code = book.formats[int(style)] if style.isdecimal() and int(style) < len(book.formats) else "General"
    try:
        return shown(float(value), code, since_1904=book.since_1904), True
    except ValueError:
        return value, True


def _place(reference: str) -> tuple[int, int] | None:
    """Row and column, counted from 0, of a reference such as B7."""
    return _known_place(reference) if len(reference) <= _LONGEST_REFERENCE else None


# The same places come in every workbook.
@lru_cache(maxsize=1 << 14)
def _known_place(reference: str) -> tuple[int, int] | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _merges(root: etree._Element) -> tuple[tuple[int, int, int, int], ...]:
    found = []
    for merge in root.iterfind("{*}mergeCells/{*}mergeCell"):
        first, _, last = merge.get("ref", "").partition(":")
        start, end = _place(first), _place(last or first)
        if start and end and start[0] <= end[0] and start[1] <= end[1]:
            found.append((*start, *end))
    return tuple(found)


def _hidden_columns(root: etree._Element) -> frozenset[int]:
    hidden: set[int] = set()
    for columns in root.iterfind("{*}cols/{*}col"):
        first, last = columns.get("min", ""), columns.get("max", "")
        concealed = columns.get("hidden") in ("1", "true") or columns.get("width") == "0"
        if concealed and first.isdecimal() and last.isdecimal():
            hidden.update(range(int(first[:6]) - 1, min(int(last[:6]), _MAX_HIDDEN_COLUMNS)))
    return frozenset(hidden)


def _shared_texts(root: etree._Element) -> list[str]:
    return [_rich_text(item) for item in root.iterfind("{*}si")]


def _rich_text(item: etree._Element) -> str:
    """Text of a string item; readings (``rPh``, pinyin over the characters) are no part of it."""
    parts = [part.text or "" for part in item.iterfind("{*}t")]
    parts += [part.text or "" for part in item.iterfind("{*}r/{*}t")]
    return _unescape("".join(parts))


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).encode("utf-8", "ignore").decode()


def _formats(root: etree._Element) -> list[str]:
    """Number format of each cell style, in their order."""
    own = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")}
    formats = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = style.get("numFmtId", "0")
        built_in = built_in_format(int(number)) if number.isdecimal() else "General"
        formats.append(own.get(number) or built_in)
    return formats
