"""Old binary files: told apart by their streams, read through LibreOffice."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents import office
from giakit.documents.archive import is_ole, ole_kind
from giakit.documents.limits import Limits
from giakit.documents.model import Document, Grid
from giakit.documents.office import read_office
from giakit.documents.word import read_docx
from giakit.errors import UnreadableDocument

needs_libreoffice = pytest.mark.skipif(office.libreoffice() is None, reason="LibreOffice is not installed")


def example() -> bytes:
    """A Word file with merged cells, a line break in a cell and a nested table."""
    document = docx.Document()
    document.add_paragraph("heading")
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "label"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "two\nlines"
    table.cell(1, 1).text = "1"
    table.cell(1, 2).text = "2"
    table.cell(2, 0).text = "last"
    # Without a paragraph after it Word files are invalid, and LibreOffice writes a .doc without the table.
    document.add_paragraph("end")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def saved_as(kind: str, folder: Path) -> bytes:
    """The example, saved by LibreOffice."""
    program = office.libreoffice()
    assert program is not None
    (folder / "a.docx").write_bytes(example())
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, "--headless", profile, "--convert-to", kind, "--outdir", str(folder), str(folder / "a.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / f"a.{kind}").read_bytes()


def seen(document: Document) -> list[object]:
    """Texts, and rows with their merges numbered anew."""
    found: list[object] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            numbers: dict[int, int] = {}
            anchors = [[numbers.setdefault(each, len(numbers)) for each in row] for row in block.anchors or ()]
            found.append((block.rows, anchors))
        else:
            found.append(block.text)
    return found


@needs_libreoffice
@pytest.mark.parametrize("kind", ["doc", "rtf", "odt"])
def test_read_like_the_docx_it_came_from(kind: str, tmp_path: Path) -> None:
    data = saved_as(kind, tmp_path)
    if kind == "doc":
        assert is_ole(data)
        assert ole_kind(data) == "word"
    document = read_office(data, name=f"a.{kind}")
    assert document.format == kind
    assert seen(document) == seen(read_docx(example(), name="a.docx"))


@needs_libreoffice
def test_a_conversion_that_takes_too_long(tmp_path: Path) -> None:
    data = saved_as("rtf", tmp_path)
    with pytest.raises(UnreadableDocument, match="seconds"):
        read_office(data, name="a.rtf", limits=dataclasses.replace(Limits(), seconds=0.01))


def test_without_libreoffice_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(UnreadableDocument, match="LibreOffice, which is not installed"):
        read_office(rb"{\rtf1 x}", name="a.rtf")


def test_nothing_else_is_handed_to_libreoffice() -> None:
    with pytest.raises(UnreadableDocument, match="none of the old Office formats"):
        read_office(b"some text", name="a.doc")


def test_workbooks_and_damage_are_told_apart() -> None:
    book = xlwt.Workbook()
    book.add_sheet("s").write(0, 0, "x")
    out = io.BytesIO()
    book.save(out)
    assert ole_kind(out.getvalue()) == "excel"
    assert ole_kind(out.getvalue()[:600]) == "damaged"
    with pytest.raises(UnreadableDocument, match="damaged or cut off"):
        read_office(out.getvalue()[:600], name="a.doc")


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_kind(noise: bytes) -> None:
    assert ole_kind(bytes.fromhex("d0cf11e0a1b11ae1") + noise) in {"damaged", "other"}


def test_libreoffice_is_sought_where_installers_put_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "LibreOffice" / "program" / "soffice"
    program.parent.mkdir(parents=True)
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(office, "_FOLDERS", ("/no/such/folder", "$PROGRAMS/LibreOffice/program"))
    monkeypatch.setenv("PROGRAMS", str(tmp_path))
    assert office.libreoffice() == str(program)


@pytest.mark.skipif(os.name == "nt", reason="process groups are those of POSIX")
def test_a_reader_that_dies_takes_the_converter_and_its_folder_along(tmp_path: Path) -> None:
    folder = tmp_path / "conversion"
    folder.mkdir()
    mark = tmp_path / "pid"
    slow = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    reader = (
        "from pathlib import Path; from giakit.documents import office; from giakit.documents.limits import Limits;"
        f"office._run([{sys.executable!r}, '-c', {slow!r}], Path({str(folder)!r}), 'a.doc', Limits())"
    )
    process = subprocess.Popen([sys.executable, "-c", reader], cwd=Path(__file__).parents[2])
    try:
        assert _waits_for(lambda: mark.exists() and mark.read_text() != "")
    finally:
        process.kill()
        process.wait()
    assert _waits_for(lambda: not folder.exists() and not _lives(int(mark.read_text())))


def _waits_for(condition: Callable[[], bool]) -> bool:
    for _ in range(600):
        if condition():
            return True
        time.sleep(0.05)
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"
