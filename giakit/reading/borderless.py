"""Reads a statutory table from running text, with the laws of the form where digits run together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from giakit.documents.model import Document
from giakit.forms import Identity, forms
from giakit.forms.labels import key
from giakit.reading import digits
from giakit.reading.borderless_statistics import fill_statistics
from giakit.reading.cuts import is_forced, is_separate, put, signed
from giakit.reading.fill import Reading
from giakit.reading.numbers import amount, number
from giakit.reading.stream import (
    StreamRow,
    names_rows,
    remedy_pieces,
    remedy_rows,
    running_text,
    stream_rows,
    windows,
)
from giakit.reading.tables import leave_open
from giakit.reading.titles import Title
from giakit.reading.values import doubt
from giakit.reading.vocabulary import vocabulary

_LEAST = {"requests": 5, "proactive": 3, "statistics": 5}
_SIGN = re.compile(r"[-—–－―+]\s*\d")
_UNIT_AFTER = ("亿元", "万元", "元")


def read_borderless(
    table: str, document: Document, title: Title, *, stated: Mapping[str, set[float]] | None = None
) -> Reading:
    """Read a table from the running text of a document; empty where its labels do not stand there.

    Parameters
    ----------
    stated : mapping of row to values, optional
        Figures of the year that the prose states: they decide between the ways to cut a row of `statistics`.
    """
    text = running_text(document, title)
    reading = Reading(table)
    if table == "remedies":
        _remedies(text, reading)
        return reading
    if not names_rows(table, text, least=_LEAST[table]):
        return reading
    found = [window for window in windows(stream_rows(table, text)) if len(window) >= _LEAST[table]]
    if not found:
        return reading
    most = max(len(window) for window in found)
    full = [window for window in found if 2 * len(window) > most]
    rows = {row.code: row for row in full[0]}
    _fill(table, rows, text, stated or {}, reading)
    if len({tuple((row.code, row.pieces) for row in window) for window in full}) > 1:
        reading.doubts.append(
            doubt(
                "which_table",
                table,
                None,
                None,
                f"{table}: the table stands {len(full)} times with different figures in running text",
            )
        )
        for window in full[1:]:
            other = Reading(table)
            _fill(table, {row.code: row for row in window}, text, stated or {}, other)
            leave_open(reading, other)
    return reading


def _fill(
    table: str, rows: dict[str, StreamRow], text: str, stated: Mapping[str, set[float]], reading: Reading
) -> None:
    if table == "requests":
        _requests(rows, text, reading)
    elif table == "proactive":
        _proactive(rows, text, reading)
    else:
        fill_statistics(rows, text, stated, reading)


def _requests(rows: dict[str, StreamRow], text: str, reading: Reading) -> None:
    table = vocabulary("requests").table
    columns = [column.code for column in table.columns]
    head = key(
        text[max(0, min(row.at for row in rows.values()) - 400) : min(row.at for row in rows.values())]
    )
    missing = [column.label for column in table.columns if key(column.label) not in head]
    if missing:
        reading.doubts.append(
            doubt(
                "torn_header",
                "requests",
                None,
                None,
                f"columns not found: {', '.join(missing)}; taken in the form's order",
            )
        )
    separate = is_separate(rows, len(columns))
    usable = {
        code: row
        for code, row in rows.items()
        if len(row.pieces) == len(columns) or (row.whole and not separate)
    }
    laws = [
        _law(law, usable)
        for law in forms()["2021"].identities
        if law.table == "requests" and law.axis == "column"
    ]
    solution = digits.solve(
        {code: row.pieces for code, row in usable.items()},
        groups=[7],
        columns=7,
        row_identity="H3",
        sums=laws,
    )
    # Where some cells are blank, which leaves no trace here, so many digits as cells need not be one digit for each.
    has_blanks = any(sum(map(len, row.pieces)) < len(columns) for row in rows.values())
    for code, row in rows.items():
        values = solution.values.get(code)
        if has_blanks and len(row.pieces) != len(columns) and values is not None and not _closes(values):
            values = None
        for position, column in enumerate(columns):
            open_ = values is None or (code, position) in solution.open
            value = None if values is None else values[position]
            put(reading, code, column, row, value, open_, len(columns))
        if values is None or any((code, position) in solution.open for position in range(len(columns))):
            reading.doubts.append(
                doubt(
                    "undecided",
                    "requests",
                    code,
                    None,
                    f"{code}: {row.raw!r} cannot be cut into cells for certain",
                )
            )
    reading.used |= {(law, columns[int(place)] if place.isdigit() else place) for law, place in solution.used}


def _closes(values: digits.Values) -> bool:
    *parts, total = (value or 0 for value in values)
    return sum(parts) == total


def _law(law: Identity, rows: Mapping[str, StreamRow]) -> digits.Sums:
    """The identity over the rows that this report should print: one of the alternatives, as it does."""
    printed = [codes for codes in law.alternatives if any(code in rows for code in codes)]
    spared = {code for codes in law.alternatives if codes not in printed[:1] for code in codes}
    return digits.Sums(law.id, tuple(code for code in law.left if code not in spared), law.right)


def _proactive(rows: dict[str, StreamRow], text: str, reading: Reading) -> None:
    table = vocabulary("proactive").table
    spelled = key(text)
    marks = {
        form: sum(key(column.label) in spelled for column in table.columns if column.forms == (form,))
        for form in table.cells
    }
    form = max(marks, key=lambda id: marks[id])
    if not marks[form]:
        return
    for code, row in rows.items():
        columns = [column for other, column in table.cells[form] if other == code]
        if not columns:
            continue
        may_be_negative = any(table.column(column).signed for column in columns)
        cuts = (
            digits.readings(row.pieces, [len(columns)], summing=False) if is_forced(row, len(columns)) else []
        )
        if may_be_negative and _SIGN.search(row.raw):
            cuts = signed(row, len(columns))
        if len(cuts) == 1:
            cut = cuts[0]
            unit = next((unit for unit in _UNIT_AFTER if row.rest.startswith(unit)), "")
            for column, value in zip(columns, cut, strict=True):
                printed = (
                    number(f"{value:.12g}{unit}")
                    if value is not None and column == columns[-1] and unit
                    else None
                )
                value = amount(printed, table.column(column).unit) if printed else value
                put(
                    reading,
                    code,
                    column,
                    row,
                    value,
                    False,
                    len(columns),
                )
            continue
        for column in columns:
            put(reading, code, column, row, None, True, len(columns))
        reading.doubts.append(
            doubt(
                "undecided",
                "proactive",
                code,
                None,
                f"{code}: {row.raw!r} cannot be cut into {len(columns)} cells for certain",
            )
        )
    solved = [code for code, column in reading.cells if reading.cells[code, column].origin == "solved"]
    if solved:
        reading.doubts.append(
            doubt(
                "run_together",
                "proactive",
                None,
                None,
                f"digits run together; read by their count: {', '.join(dict.fromkeys(solved))}",
            )
        )


def _remedies(text: str, reading: Reading) -> None:
    printings = remedy_pieces(text)
    if not printings:
        rows = remedy_rows(text)
        printings = [tuple(piece for pieces in rows.values() for piece in pieces)] if rows else []
    if not printings:
        return
    if len(printings) > 1:
        reading.doubts.append(
            doubt(
                "which_table",
                "remedies",
                None,
                None,
                f"remedies: the table stands {len(printings)} times with different figures in running text",
            )
        )
        return
    pieces = printings[0]
    table = vocabulary("remedies").table
    cells = table.cells["2021"]
    try:
        found = digits.readings(pieces, [5, 5, 5], summing=not digits.is_forced(pieces, 15))
    except digits.TooMany:
        found = []
    raw = " ".join(pieces)
    row = StreamRow("", "总计", pieces, raw, "", 0)
    for position, (remedy, result) in enumerate(cells):
        values = {cut[position] for cut in found}
        value = next(iter(values)) if len(values) == 1 else None
        put(reading, remedy, result, row, value, len(values) != 1, len(cells))
    if len(found) != 1:
        reading.doubts.append(
            doubt(
                "undecided",
                "remedies",
                None,
                None,
                f"remedies: {raw!r} can be cut into cells in {len(found) or 'no'} ways",
            )
        )
    if not digits.is_forced(pieces, len(cells)):
        reading.used |= {("H4", kind) for kind, _ in cells}
