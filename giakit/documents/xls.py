"""Sheets of an old .xls (or .et) workbook."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from giakit.documents.biff import BOF, CONTINUE, ERRORS, plain_string, records, rk_number, shared_strings
from giakit.documents.limits import Limits, check_cells
from giakit.documents.number_formats import built_in_format, shown
from giakit.documents.ole import ole_stream
from giakit.documents.sheets import Sheet
from giakit.errors import UnreadableDocument

_FILE_PASS, _CODE_PAGE, _DATE_MODE, _SHEET, _XF, _SST, _FORMAT = 0x2F, 0x42, 0x22, 0x85, 0xE0, 0xFC, 0x41E
_ROW, _COLUMNS, _MERGED = 0x208, 0x7D, 0xE5
_FORMULA, _FORMULA_TEXT, _MULRK, _RK, _NUMBER, _ERROR = 0x06, 0x207, 0xBD, 0x27E, 0x203, 0x205
_LABEL, _RICH_LABEL, _SHARED_LABEL = 0x204, 0xD6, 0xFD
_VERSION_8 = 0x0600
_WORKSHEET = 0
_LAST_COLUMN = 255


@dataclass(slots=True)
class _Book:
    """What the sheets share; `codec` is None where strings are Unicode."""

    texts: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    starts: list[tuple[int, bool, str]] = field(default_factory=list)
    codec: str | None = None
    since_1904: bool = False

    def number(self, value: float, style: int) -> str:
        """A number as its cell style shows it."""
        key = self.styles[style] if style < len(self.styles) else 0
        return shown(value, self.codes.get(key) or built_in_format(key), since_1904=self.since_1904)


@dataclass(slots=True)
class _Found:
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    awaits_text: tuple[int, int] | None = None


def xls_sheets(data: bytes, *, name: str, limits: Limits) -> list[Sheet]:
    """Read all worksheets of a workbook.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors.
    limits : Limits
        ``max_cells`` bounds the cells of a sheet.

    Returns
    -------
    list of Sheet
        In the order of the tabs, hidden ones included. Stored results stand for formulas.

    Raises
    ------
    UnreadableDocument
        If the file is damaged, encrypted, or beyond the limits.
    """
    stream = ole_stream(data, "Workbook", "Book")
    if stream is None:
        raise UnreadableDocument(name, "an OLE file without a workbook, or a damaged one")
    try:
        book = _globals(stream, name)
        if not book.starts:
            raise UnreadableDocument(name, "the workbook is damaged: it lists no sheets")
        return [
            _sheet(stream, start, title, visible, book, name, limits) for start, visible, title in book.starts
        ]
    except (struct.error, EOFError) as error:
        raise UnreadableDocument(name, f"the workbook is damaged ({error})") from None


def _globals(stream: bytes, name: str) -> _Book:
    book = _Book(codec="gb18030")
    strings: list[bytes] = []
    previous = 0
    for kind, body in records(stream, 0):
        if kind == CONTINUE:
            if previous == _SST:
                strings.append(body)
            continue
        previous = kind
        if kind == BOF and body[:2] == struct.pack("<H", _VERSION_8):
            book.codec = None
        elif kind == _FILE_PASS:
            raise UnreadableDocument(name, "encrypted: it opens only with its password")
        elif kind == _CODE_PAGE and book.codec is not None:
            book.codec = _codec(*struct.unpack_from("<H", body))
        elif kind == _DATE_MODE:
            book.since_1904 = body[:1] == b"\1"
        elif kind == _SHEET:
            start, state, what = struct.unpack_from("<IBB", body)
            if what == _WORKSHEET:
                book.starts.append((start, state & 3 == 0, plain_string(body[6:], book.codec, short=True)))
        elif kind == _FORMAT:
            key = struct.unpack_from("<H", body)[0]
            book.codes[key] = plain_string(body[2:], book.codec, short=book.codec is not None)
        elif kind == _XF:
            book.styles.append(struct.unpack_from("<2xH", body)[0])
        elif kind == _SST:
            strings.append(body)
    book.texts = shared_strings(strings)
    return book


def _codec(page: int) -> str:
    """Python's name of a Windows code page; Chinese where it is none."""
    return {936: "gb18030", 950: "cp950", 932: "cp932", 1252: "cp1252", 1200: "utf-16-le"}.get(
        page, "gb18030"
    )


def _sheet(
    stream: bytes, start: int, title: str, visible: bool, book: _Book, name: str, limits: Limits
) -> Sheet:
    found = _Found()
    for kind, body in records(stream, start):
        if kind == _ROW:
            row, height, flags = struct.unpack_from("<H4xH4xB", body)
            if flags & 0x20 or height == 0:
                found.hidden_rows.add(row)
        elif kind == _COLUMNS:
            first, last, width, _, flags = struct.unpack_from("<5H", body)
            if flags & 1 or width == 0:
                found.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
        elif kind == _MERGED:
            for offset in range(2, len(body) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<4H", body, offset)
                if top <= bottom and left <= right:
                    found.merges.append((top, left, bottom, right))
        elif kind == _FORMULA_TEXT and found.awaits_text is not None:
            found.cells[found.awaits_text] = plain_string(body, book.codec)
            found.awaits_text = None
        elif kind in _READERS:
            _READERS[kind](body, book, found)
            check_cells(name, len(found.cells), limits)
    return Sheet(
        name=title,
        cells={place: text for place, text in found.cells.items() if text},
        merges=tuple(found.merges),
        hidden_rows=frozenset(found.hidden_rows),
        hidden_columns=frozenset(found.hidden_columns),
        visible=visible,
    )


def _number(body: bytes, book: _Book, found: _Found) -> None:
    row, column, style, value = struct.unpack_from("<3Hd", body)
    found.cells[row, column] = book.number(value, style)


def _packed(body: bytes, book: _Book, found: _Found) -> None:
    row, column, style, value = struct.unpack_from("<3HI", body)
    found.cells[row, column] = book.number(rk_number(value), style)


def _packed_run(body: bytes, book: _Book, found: _Found) -> None:
    row, column = struct.unpack_from("<2H", body)
    for index in range((len(body) - 6) // 6):
        style, value = struct.unpack_from("<HI", body, 4 + 6 * index)
        found.cells[row, column + index] = book.number(rk_number(value), style)


def _boolean_or_error(body: bytes, book: _Book, found: _Found) -> None:
    row, column, _, value, is_error = struct.unpack_from("<3HBB", body)
    found.cells[row, column] = _named(value, bool(is_error))


def _label(body: bytes, book: _Book, found: _Found) -> None:
    row, column = struct.unpack_from("<2H", body)
    found.cells[row, column] = plain_string(body[6:], book.codec)


def _shared_label(body: bytes, book: _Book, found: _Found) -> None:
    row, column, _, number = struct.unpack_from("<3HI", body)
    # A number that points nowhere is damage; the cell must not pass for a blank one.
    found.cells[row, column] = book.texts[number] if number < len(book.texts) else "#LOST!"


def _formula(body: bytes, book: _Book, found: _Found) -> None:
    row, column, style = struct.unpack_from("<3H", body)
    result = body[6:14]
    if result[6:] != b"\xff\xff":
        found.cells[row, column] = book.number(struct.unpack("<d", result)[0], style)
    elif result[0] == 0:
        found.awaits_text = (row, column)
    elif result[0] in (1, 2):
        found.cells[row, column] = _named(result[2], result[0] == 2)


def _named(value: int, is_error: bool) -> str:
    return ERRORS.get(value, "#ERROR!") if is_error else ("TRUE" if value else "FALSE")


_READERS = {
    _NUMBER: _number,
    _RK: _packed,
    _MULRK: _packed_run,
    _ERROR: _boolean_or_error,
    _LABEL: _label,
    _RICH_LABEL: _label,
    _SHARED_LABEL: _shared_label,
    _FORMULA: _formula,
}
