"""Hostile files: each gets its row in bounded time and memory, none reaches the network or writes elsewhere."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import write_source

import giakit as gia
from giakit.errors import GiakitError
from giakit.panel import tasks
from giakit.panel.pool import InProcess
from giakit.reading.guard import memory_limit
from typeset.hostile import HOSTILE

WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
TITLE = "<h1>卧龙区商务局2023年政府信息公开工作年度报告</h1>"


def docx(body: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", body)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    return docx(WORD.format("<w:p/>" * 40_000_000).encode())


def entity_bomb() -> bytes:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return docx(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "一一一一">{layers}]>{WORD.format("<w:p><w:r><w:t>&e9;</w:t></w:r></w:p>")}'.encode()
    )


def external_entity() -> bytes:
    return docx(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>{WORD.format("<w:p><w:r><w:t>&e;</w:t></w:r></w:p>")}'.encode()
    )


def wide_spans() -> bytes:
    return f"{TITLE}<table>{'<tr><td rowspan=65000 colspan=1000>收到申请</td></tr>' * 100}</table>".encode()


def nested_tables() -> bytes:
    return (TITLE + "<table><tr><td>" * 20_000 + "1" + "</td></tr></table>" * 20_000).encode()


def nested_boxes() -> bytes:
    return (TITLE + "<div>" * 200_000 + "1").encode()


def one_long_line() -> bytes:
    return (TITLE + "<span>收到政府信息公开申请3件</span> " * 4_000_000).encode()[:190_000_000]


def many_cells() -> bytes:
    return (TITLE + "<table>" + "<tr><td>1</td></tr>" * 3_000_000 + "</table>").encode()


def many_lines() -> bytes:
    return ("卧龙区商务局2023年政府信息公开工作年度报告\n" + "一\t2\t3\n" * 2_000_000).encode()


def pdf_pages(count: int = 50_000) -> bytes:
    kids = " ".join(f"{n + 3} 0 R" for n in range(count))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>",
        *["<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"] * count,
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, 2)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj{body}endobj\n".encode())
    start = out.tell()
    out.write(
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
        + b"".join(b"%010d 00000 n \n" % place for place in places)
    )
    out.write(f"trailer<</Root 1 0 R/Size {len(objects) + 1}>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def pdf_stream_bomb() -> bytes:
    body = zlib.compress(b"0 0 m 9 9 l S\n" * 20_000_000, 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>endobj\n"
    return (
        head
        + page
        + b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(body)
        + body
        + b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n%%EOF"
    )


def image_bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + size + b"\x08\x02\0\0\0")
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000))
        + chunk(b"IEND", b"")
    )


def regular_expression_trap() -> bytes:
    return f"{TITLE}<p>{'收到申请' * 60_000}</p><p>{'2023年' * 60_000}</p><p>{'一二三四五' * 60_000}</p><p>{'1,' * 200_000}</p>".encode()


def surrogates() -> bytes:
    return f"{TITLE}<p>&#xD800;&#xDFFF;&#0;</p><table><tr><td>&#xD800;</td><td>3</td></tr></table>".encode()


def many_headings() -> bytes:
    return ("卧龙区商务局2023年政府信息公开工作年度报告\n" + "一、总体情况\n二、别的\n" * 20_000).encode()


def too_much_text() -> bytes:
    return (TITLE + "<p>收到政府信息公开申请3件</p>" * 200_000).encode()


def unclosed_scripts() -> bytes:
    return (TITLE + "<script>" * 300_000 + "<!--" * 300_000).encode()


SMALL: list[Callable[[], bytes]] = [
    entity_bomb,
    external_entity,
    wide_spans,
    nested_tables,
    pdf_pages,
    pdf_stream_bomb,
    image_bomb,
    surrogates,
    nested_boxes,
    many_headings,
    too_much_text,
    unclosed_scripts,
]
LARGE: list[Callable[[], bytes]] = [zip_bomb, one_long_line, many_cells, many_lines, regular_expression_trap]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **options: object) -> None:
        raise AssertionError("a file made giakit touch the network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.mark.parametrize("make", SMALL, ids=lambda make: make.__name__)
def test_a_single_hostile_file(make: Callable[[], bytes], no_network: None) -> None:
    began = time.process_time()
    with contextlib.suppress(GiakitError):
        report = gia.read(make(), name="hostile")
        assert report.cells["value"].isna().all()
    assert time.process_time() - began < 20


_QUICK = ("docx", "xls", "ods", "ole", "zip", "word_xml", "excel_xml")
_ROOM = 1_500_000_000


def _refused_or_empty(name: str) -> None:
    """Read a hostile document: within limits on memory, nothing but `GiakitError`, and no figure."""
    data = HOSTILE[name]()
    assert len(data) <= 1_048_576
    reason = ""
    with memory_limit(_ROOM, owns_process=True):
        try:
            report = gia.read(data, name=name)
        except GiakitError as error:
            reason = str(error)
        else:
            assert report.cells["value"].isna().all()
    assert "giakit failed on it" not in reason


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.startswith(_QUICK)])
def test_small_office_files_that_want_to_cost_much(name: str, no_network: None) -> None:
    _refused_or_empty(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in HOSTILE if not name.startswith(_QUICK)])
def test_other_small_files_that_want_to_cost_much(name: str, no_network: None) -> None:
    _refused_or_empty(name)


def hostile_folder(folder: Path, makers: list[Callable[[], bytes]]) -> Path:
    write_source(folder, 6)
    for make in makers:
        (folder / f"{make.__name__}.bin").write_bytes(make())
    return folder


def table_of(panel: gia.building.Panel, makers: list[Callable[[], bytes]]) -> list[tuple[str, str, str]]:  # type: ignore[name-defined]
    rows = panel.manifest.set_index("path")
    return [
        (
            make.__name__,
            str(rows.loc[f"{make.__name__}.bin", "status"]),
            str(rows.loc[f"{make.__name__}.bin", "reason"]),
        )
        for make in makers
    ]


def test_hostile_files_in_a_build_cost_only_their_rows(tmp_path: Path) -> None:
    source = hostile_folder(tmp_path / "source", SMALL)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    panel = gia.build(source, tmp_path / "panel", jobs=2, seconds=30)
    assert panel.manifest["status"].value_counts()["parsed"] == 6
    assert all(reason for _, _, reason in table_of(panel, SMALL))
    after = sorted(
        path.relative_to(tmp_path) for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "panel")
    )
    assert after == before


@pytest.mark.slow
def test_large_hostile_files_in_a_build(tmp_path: Path) -> None:
    source = hostile_folder(tmp_path / "source", SMALL + LARGE)
    began = time.time()
    panel = gia.build(source, tmp_path / "panel", jobs=2, seconds=20)
    print(f"\n{time.time() - began:.0f} s for all, 20 s allowed for each")
    for name, status, reason in table_of(panel, SMALL + LARGE):
        print(f"{name:26} {status:14} {reason[:90]}")
    assert panel.manifest["status"].value_counts()["parsed"] == 6


def test_a_file_that_changes_or_goes_while_the_build_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_source(tmp_path / "source", 4)
    paths = sorted(source.glob("0*"))
    original = tasks.Batch.run

    def meddle(self: tasks.Batch, *, owns_process: bool) -> tasks.Outcome:
        paths[0].write_text("其他内容", encoding="utf-8")
        paths[1].unlink(missing_ok=True)
        return original(self, owns_process=owns_process)

    monkeypatch.setattr(tasks.Batch, "run", meddle)
    panel = gia.build(source, tmp_path / "panel", executor=InProcess())
    rows = panel.manifest.set_index("path")
    (source / "twin.html").unlink()
    monkeypatch.undo()
    assert "changed while the build ran" in str(rows.loc[paths[0].name, "reason"])
    assert "there is no such file" in str(rows.loc[paths[1].name, "reason"])
    again = gia.build(source, tmp_path / "panel", executor=InProcess())
    assert set(again.manifest["status"]) == {"parsed", "not_a_report", "unreadable"}
    assert paths[1].name not in set(again.manifest["path"])


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_files_without_permission(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", 2)
    (source / "twin.html").chmod(0)
    panel = gia.build(source, tmp_path / "panel", executor=InProcess())
    assert panel.manifest.set_index("path").loc["twin.html", "status"] == "unreadable"


def test_in_a_thread_without_signals(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", 2)
    done: list[int] = []
    thread = threading.Thread(
        target=lambda: done.append(len(gia.build(source, tmp_path / "panel", executor=InProcess())))
    )
    thread.start()
    thread.join()
    assert done == [2]
