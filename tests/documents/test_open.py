"""The format is told from the bytes, and what cannot be opened says why."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from report_pages import figures, page

from giakit.documents.limits import Limits
from giakit.documents.model import Grid
from giakit.documents.open import open_document
from giakit.errors import GiakitError, UnreadableDocument
from typeset import typeset

PAGE = page(figures())


def zipped(**parts: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return memory.getvalue()


@pytest.mark.parametrize("format", ["html", "text", "markdown", "docx", "xlsx", "xls", "mht"])
def test_the_name_does_not_matter(format: str) -> None:
    data = typeset(figures(), unit="某县商务局", year=2023, format=format).data
    first, second = open_document(data, name="a.pdf"), open_document(data, name="b")
    assert first.blocks == second.blocks
    assert any(isinstance(block, Grid) for block in first.blocks)
    assert first.sha256 == second.sha256 != ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\x00", "empty"),
        (b"PK\x03\x04" + b"\x00" * 60, "zip is damaged"),
        (zipped(readme=b"x"), "zip archive"),
        (zipped(**{"OFD.xml": b"<OFD/>"}), "save it as PDF"),
        (gzip.compress(PAGE), "unknown format"),
        (bytes(range(256)) * 20, "unknown format"),
        (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ""),
        (b"\x89PNG\r\n\x1a\n", ""),
        (zipped(word__document_xml=b"<broken"), ""),
        (zipped(xl__workbook_xml=b"<broken"), ""),
    ],
)
def test_what_cannot_be_opened(data: bytes, reason: str) -> None:
    with pytest.raises(GiakitError) as error:
        open_document(data, name="x.html")
    assert reason in str(error.value)


def test_limits() -> None:
    with pytest.raises(UnreadableDocument, match="bytes"):
        open_document(PAGE, name="x.html", limits=Limits(max_bytes=100))


def test_tables_in_scripts_are_read_where_the_page_shows_none() -> None:
    hidden = '<html><body><p>加载中</p><script>var page = "<table><tr><td>申请<\\/td><td>1<\\/td><\\/tr><\\/table>";</script></body></html>'
    (grid,) = [block for block in open_document(hidden.encode(), name="x").blocks if isinstance(block, Grid)]
    assert grid.rows == [["申请", "1"]]


def test_tables_in_scripts_are_left_where_the_page_shows_its_own() -> None:
    page = '<html><body><table><tr><td>申请</td><td>2</td></tr></table><script>var old = "<table><tr><td>申请<\\/td><td>1<\\/td><\\/tr><\\/table>";</script></body></html>'
    (grid,) = [block for block in open_document(page.encode(), name="x").blocks if isinstance(block, Grid)]
    assert grid.rows == [["申请", "2"]]


def test_markdown_that_breaks_lines_with_tags_is_no_page() -> None:
    table = "# **某局2023年政府信息公开工作年度报告**\n\n|自然<br>人|总计|\n|---|---|\n|1|2|\n"
    document = open_document(table.encode(), name="a.md")
    assert document.format == "text"
    page = f"<table><tr><td>{table}</td></tr></table>"
    assert open_document(page.encode(), name="a.html").format == "html"
