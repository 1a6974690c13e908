"""What `gia.read` is given: files that are none, impossible names, rows that a sheet hides, and documents read in another process."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import giakit as gia
from giakit.documents.limits import Limits
from giakit.errors import GiakitError, UnknownChoice, UnreadableDocument
from giakit.reading import guard
from typeset import random_figures, typeset


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices are those of POSIX")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(100 << 30)
    for source, reason in (
        (tmp_path / "pipe", "no regular file"),
        ("/dev/zero", "no regular file"),
        (tmp_path / "sparse", "max_bytes"),
        (tmp_path, "it is a folder"),
        (tmp_path / "none", "no such file"),
    ):
        with pytest.raises(UnreadableDocument, match=reason):
            gia.read(source)


@pytest.mark.parametrize("name", ["a\0b.docx", "a\ud800b.docx", "a" * 5000, ""])
def test_names_that_no_file_can_have(name: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        gia.read(name)
    str(error.value).encode()


@pytest.mark.parametrize("source", [3, None, io.StringIO("x"), ["a"]])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(UnknownChoice):
        gia.read(source)


def test_a_closed_file_and_an_endless_one(tmp_path: Path) -> None:
    closed = io.BytesIO(b"x")
    closed.close()
    with pytest.raises(UnreadableDocument):
        gia.read(closed)

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "an endless source is asked for all of it"
            return b"<" * size

    with pytest.raises(GiakitError):
        gia.read(Endless(), limits=Limits(max_bytes=1000))


def _with_hidden(row: bool) -> gia.Report:
    data = typeset(random_figures(3), unit="某县商务局", year=2023, seed=1, format="xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet: Any = book.active
    if row:
        number = next(cells[0].row for cells in sheet if str(cells[0].value or "").startswith("一、本年新收"))
        sheet.row_dimensions[number].hidden = True
    else:
        sheet.column_dimensions["E"].hidden = True
    out = io.BytesIO()
    book.save(out)
    return gia.read(out.getvalue(), name="a.xlsx")


@pytest.mark.parametrize("row", [True, False])
def test_hidden_rows_of_the_form_are_taken_with_a_finding(row: bool) -> None:
    data = typeset(random_figures(3), unit="某县商务局", year=2023, seed=1, format="xlsx").data
    whole, report = gia.read(data, name="a.xlsx"), _with_hidden(row)
    assert report.cells[["table", "row", "column", "value"]].equals(whole.cells[["table", "row", "column", "value"]])
    assert report.findings["message"].str.contains("hides").sum() == 1
    assert report.findings["table"].isna().all()


def test_a_document_is_read_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    report = gia.read(gia.example(), isolate=True)
    assert report.cells.equals(gia.read(gia.example()).cells)
    with pytest.raises(gia.NotAReport):
        gia.read(b"<p>x</p>", isolate=True)
    monkeypatch.setattr(guard, "_read_with_limits", _dies)
    with pytest.raises(UnreadableDocument, match="died or hung"):
        gia.read(gia.example(), isolate=True)
    monkeypatch.undo()
    assert gia.read(gia.example(), isolate=True).unit == report.unit


def _dies(data: bytes, name: str, limits: guard.Guard) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
