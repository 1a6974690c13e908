"""Spreadsheets (.xlsx, .xls, .et, .ods, Excel 2003 XML) as documents: each sheet its name and one grid.

Formulas are read as their stored results, errors as their names (``#REF!``), dates as ISO dates. Hidden
sheets, rows (also filtered ones) and columns, and texts under merged cells, are passed over with a note.
"""

from __future__ import annotations

from giakit.documents.archive import Archive
from giakit.documents.excel_xml import excel_xml_sheets, is_excel_xml
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes, check_cells
from giakit.documents.model import Block, Document, Text
from giakit.documents.ods import ods_sheets
from giakit.documents.ole import is_ole, ole_kind
from giakit.documents.sheets import Sheet, grid_of
from giakit.documents.xls import xls_sheets
from giakit.documents.xlsx import xlsx_sheets
from giakit.errors import UnreadableDocument


def read_spreadsheet(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a spreadsheet.

    Parameters
    ----------
    data : bytes
        The file; what it is is told from the bytes.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.

    Returns
    -------
    Document
        `format` is ``xlsx``, ``xls``, ``ods`` or ``excel-xml``. For each sheet that is shown and says
        something a text (its name) and a grid; rows that say nothing are left out.

    Raises
    ------
    UnreadableDocument
        If the file is no spreadsheet, damaged, encrypted, beyond the limits, or an .xlsb.
    """
    check_bytes(name, len(data), limits)
    kind, sheets = _sheets(data, name, limits)
    blocks: list[Block] = []
    notes: list[str] = []
    cells = 0
    for sheet in sheets:
        if not sheet.visible:
            if sheet.cells:
                notes.append(f"hidden sheet passed over: {sheet.name}")
            continue
        grid, left_out = grid_of(sheet, name=name, limits=limits)
        notes += [*sheet.notes, *left_out]
        if grid is not None:
            cells += len(grid.rows) * len(grid.rows[0])
            check_cells(name, cells, limits)
            blocks += [Text(sheet.name, f"sheet {sheet.name}"), grid]
    return Document(
        name=name,
        format=kind,
        blocks=tuple(blocks),
        notes=tuple(notes),
    )


def _sheets(data: bytes, name: str, limits: Limits) -> tuple[str, list[Sheet]]:
    if is_ole(data):
        if ole_kind(data) == "encrypted":
            raise UnreadableDocument(name, "encrypted: it opens only with its password")
        return "xls", xls_sheets(data, name=name, limits=limits)
    if is_excel_xml(data):
        return "excel-xml", excel_xml_sheets(data, name=name, limits=limits)
    archive = Archive(data, name=name, limits=limits)
    if "xl/workbook.bin" in archive:
        reason = "an .xlsb workbook, whose errors and hidden rows cannot be told; save it as .xlsx"
        raise UnreadableDocument(name, reason)
    if "content.xml" in archive:
        return "ods", ods_sheets(archive, limits=limits)
    return "xlsx", xlsx_sheets(archive)
