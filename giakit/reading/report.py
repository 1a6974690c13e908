"""One annual report: its cells, texts, checks and doubts, as frames made when they are asked for."""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.model import CHECK_COLUMNS, FINDING
from giakit.documents.limits import DEFAULT_LIMITS, Limits, because, open_regular
from giakit.errors import GiakitError, UnknownChoice, UnreadableDocument
from giakit.forms import Form, tables
from giakit.reading.guard import Guard, read_guarded, reason_of
from giakit.reading.record import Record, read_record

if TYPE_CHECKING:
    from giakit.places import Place

_CELL_COLUMNS = ["table", "row", "column", "value", "state", "origin", "raw", "where"]
_SOURCES = ("a path", "bytes", "a binary file object")


def read(
    source: str | os.PathLike[str] | bytes | IO[bytes],
    *,
    name: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    isolate: bool = False,
) -> Report:
    """Read one annual report.

    Parameters
    ----------
    source : path, bytes or binary file object
        The document: HTML, saved web archive, text, Markdown, Word, PDF, spreadsheet or image. The format is
        told from the bytes.
    name : str, optional
        A name for messages, where `source` is no path.
    limits : Limits, optional
        What the document may cost: bytes, cells, pages, seconds.
    isolate : bool, default False
        Whether to read in a process of its own, under limits on time and memory: no document ends the caller.

    Returns
    -------
    Report

    Raises
    ------
    UnreadableDocument
        There is no such file, or it is empty, damaged, encrypted or of a format that is not read.
    NotAReport
        The document is no annual report on government information disclosure.

    Examples
    --------
    >>> import giakit as gia
    >>> report = gia.read(gia.example())
    >>> report.unit, report.year, str(report.form)
    ('卧龙区商务局', 2025, '2021')
    """
    data, known_as = _bytes(source, limits)
    name = name or known_as
    guard = Guard(limits)
    if isolate:
        return Report(read_guarded(data, name=name, guard=guard))
    try:
        return Report(read_record(data, name=name, limits=limits))
    except GiakitError:
        raise
    except Exception as error:  # a fault of ours in one document must not end a loop over many
        raise UnreadableDocument(name, reason_of(error, guard)) from error


def _bytes(source: str | os.PathLike[str] | bytes | IO[bytes], limits: Limits) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "document"
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "document"))
        try:
            data = source.read(limits.max_bytes + 1)
        except (OSError, ValueError) as error:
            raise UnreadableDocument(name, because(error)) from None
        if not isinstance(data, bytes):
            raise UnknownChoice("source", "a text file object", _SOURCES)
        return data, name
    if not isinstance(source, (str, os.PathLike)):
        raise UnknownChoice("source", type(source).__name__, _SOURCES)
    # A message must be printable, whatever the name holds.
    name = os.fspath(source).encode("utf-8", "backslashreplace").decode()
    with os.fdopen(open_regular(source, name, limits), "rb") as file:
        try:
            return file.read(limits.max_bytes + 1), os.path.basename(name)
        except OSError as error:
            raise UnreadableDocument(name, because(error)) from None


class Report:
    """What was read of one document.

    Attributes
    ----------
    unit : str or None
        The issuing agency as printed.
    year : int or None
        The year reported on.
    form : Form or None
        The form its labels belong to; ``str(report.form)`` is ``"2021"``, ``"2019"``, ``"2014"`` or ``"local"``.
    cells : DataFrame
        ``table, row, column`` (str), ``value`` (Float64; NA unless reported), ``state``, ``origin``, ``raw``,
        ``where``: every cell of the form, then what is printed beyond it.
    texts : DataFrame
        ``section, heading, text``: the chapters in reading order.
    stated : DataFrame
        ``table, row, column, value, text``: figures stated in prose.
    checks, findings : DataFrame
        ``check, status, table, row, column, expected, observed, message, fingerprint``. Findings are the checks
        that failed or are uncertain, and the doubts of reading; `table` NA: the whole report.
    suggestions : DataFrame
        ``solution, table, row, column, printed, value, why``: at most three ways to close broken identities.
        Nothing is ever applied.
    """

    def __init__(self, record: Record) -> None:
        self.record = record

    @property
    def unit(self) -> str | None:
        """The issuing agency as printed."""
        return self.record.unit

    @property
    def year(self) -> int | None:
        """The year reported on."""
        return self.record.year

    @property
    def form(self) -> Form | None:
        """The form its labels belong to."""
        return self.record.form

    @cached_property
    def place(self) -> Place | None:
        """The place of the issuing agency; None where no unit was found."""
        if self.unit is None:
            return None
        from giakit.places import resolve

        return resolve(self.unit, self.year, hint=self.record.metadata.get("url"))

    @cached_property
    def scope(self) -> str | None:
        """``organ``, ``own_level``, ``whole`` or None where nothing tells."""
        from giakit.places.scope import scope

        text = "\n".join(section.text for section in self.record.texts)
        return scope(self.unit, text, self.place)[0]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Every cell of the form, then what is printed beyond it."""
        rows = [(*address, *cell) for address, cell in self.record.cells.items()]
        return _typed(pd.DataFrame(rows, columns=_CELL_COLUMNS), floats=["value"])

    @cached_property
    def texts(self) -> pd.DataFrame:
        """The chapters in reading order."""
        return _typed(pd.DataFrame(self.record.texts, columns=["section", "heading", "text"]))

    @cached_property
    def stated(self) -> pd.DataFrame:
        """Figures stated in prose."""
        rows = [entry[:5] for entry in self.record.stated]
        return _typed(pd.DataFrame(rows, columns=["table", "row", "column", "value", "text"]), floats=["value"])

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every check with its outcome."""
        rows = [check.as_row() for check in self.record.checks]
        return _typed(pd.DataFrame(rows, columns=list(CHECK_COLUMNS)), floats=["expected", "observed"])

    @property
    def findings(self) -> pd.DataFrame:
        """The checks that failed or are uncertain."""
        return self.checks[self.checks["status"].isin(FINDING)].reset_index(drop=True)

    @cached_property
    def suggestions(self) -> pd.DataFrame:
        """Ways to close broken identities; nothing is ever applied."""
        columns = ["solution", "table", "row", "column", "printed", "value", "why"]
        return _typed(
            pd.DataFrame(self.record.suggestions, columns=columns), floats=["printed", "value"], integers=["solution"]
        )

    def table(self, code: str, *, labels: bool = False) -> pd.DataFrame:
        """One statutory table in the form's order.

        Parameters
        ----------
        code : str
            ``requests``, ``remedies``, ``proactive`` or ``statistics``.
        labels : bool, default False
            Chinese labels in place of codes, for print.

        Returns
        -------
        DataFrame
            Float64; index row codes, columns column codes; NA where nothing is reported.
        """
        known = tables()
        if code not in known:
            raise UnknownChoice("table", code, known)
        table = known[code]
        form = self.form.id if self.form is not None and self.form.id in table.cells else next(iter(table.cells))
        rows = table.row_codes(form)
        columns = table.column_codes(form)
        printed = {(row, column) for name, row, column in self.record.cells if name == code and ":" not in row}
        rows += [
            row.code for row in table.rows if row.code not in rows and any(row.code == other for other, _ in printed)
        ]
        columns += [
            column.code
            for column in table.columns
            if column.code not in columns and any(column.code == other for _, other in printed)
        ]
        values = [[self._value(code, row, column) for column in columns] for row in rows]
        frame = pd.DataFrame(
            values, index=pd.Index(rows, name="row"), columns=pd.Index(columns, name="column"), dtype="Float64"
        )
        if labels:
            frame = frame.rename(
                index={row.code: row.label for row in table.rows},
                columns={column.code: column.label for column in table.columns},
            )
        return frame

    def _value(self, table: str, row: str, column: str) -> float | None:
        cell = self.record.cells.get((table, row, column))
        return None if cell is None else cell.value

    def to_json(self) -> str:
        """The report as JSON: unit, year, form, scope, cells, findings, suggestions; null where nothing is known."""
        content: dict[str, Any] = {
            "unit": self.unit,
            "year": self.year,
            "form": None if self.form is None else self.form.id,
            "scope": self.scope,
            "cells": _records(self.cells),
            "findings": _records(self.findings),
            "suggestions": _records(self.suggestions),
        }
        return json.dumps(content, ensure_ascii=False, indent=1)

    def __repr__(self) -> str:
        reported = sum(cell.value is not None for cell in self.record.cells.values())
        return f"<Report {self.unit or 'unknown unit'} {self.year or 'unknown year'}, form {self.form or 'unknown'}: {reported} figures, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from giakit.reading.display import report_html

        return report_html(self)


def _typed(frame: pd.DataFrame, *, floats: list[str] = [], integers: list[str] = []) -> pd.DataFrame:  # noqa: B006
    types = {
        column: "Float64" if column in floats else "Int64" if column in integers else "str" for column in frame.columns
    }
    return frame.astype(types)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): (None if pd.isna(value) else value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
