"""What is no report, or cannot be read, gets its clear error; nothing else ever leaves `read`."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import UNIT, figures, official, page

import giakit as gia
from giakit.errors import GiakitError, NotAReport, UnreadableDocument
from typeset import negative, negatives, typeset

UNREADABLE = ("empty_file", "rubbish", "truncated_pdf", "truncated_docx")


@pytest.mark.parametrize("kind", sorted(negatives()))
@pytest.mark.parametrize("seed", [0, 1])
def test_other_documents(kind: str, seed: int) -> None:
    data, name, _ = negative(kind, seed=seed)
    expected = UnreadableDocument if kind in UNREADABLE else GiakitError if kind == "png_named_html" else NotAReport
    with pytest.raises(expected) as error:
        gia.read(data, name=name)
    assert name in str(error.value)


def html(title: str, body: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()


TABLES = {
    "budget": (
        "某县2023年部门预算",
        "<table><tr><td>项目</td><td>总计</td></tr><tr><td>行政许可</td><td>5</td></tr><tr><td>行政处罚</td><td>7</td></tr></table>",
    ),
    "enforcement statistics": (
        "某县市场监管局2023年行政执法统计年报",
        "<table><tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>5</td></tr><tr><td>行政处罚</td><td>7</td></tr></table>",
    ),
    "reconsideration statistics": (
        "某县2023年行政复议案件统计",
        "<table><tr><td></td><td>结果维持</td><td>结果纠正</td><td>其他结果</td><td>尚未审结</td><td>总计</td></tr><tr><td>行政复议</td><td>1</td><td>2</td><td>3</td><td>4</td><td>10</td></tr></table>",
    ),
    "self-assessment": (
        "政务公开工作自查表",
        "<table><tr><td>指标</td><td>得分</td></tr><tr><td>依申请公开</td><td>10</td></tr></table>",
    ),
    "news on a report": ("某县发布2023年政府信息公开工作年度报告", "<p>近日，某县发布报告，全年收到申请30件。</p>"),
    "study of reports": ("我国政府信息公开年度报告研究", "<p>本文分析各地报告。2023年收到申请3000件，办结2000件。</p>"),
    "plan of work": ("某县2023年政务公开工作要点", "<p>一、总体要求</p><p>二、主动公开</p><p>三、依申请公开</p>"),
    "list of reports": (
        "政府信息公开年报",
        "".join(f"<li><a href='#'>某县{year}年政府信息公开工作年度报告</a></li>" for year in range(2015, 2025)),
    ),
}


@pytest.mark.parametrize(("title", "body"), TABLES.values(), ids=TABLES.keys())
def test_pages_that_look_like_one(title: str, body: str) -> None:
    with pytest.raises(NotAReport):
        gia.read(html(title, body), name="page.html")


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no such file"):
        gia.read(tmp_path / "nothing.html")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="folder"):
        gia.read(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.html").touch()
    with pytest.raises(UnreadableDocument, match="empty"):
        gia.read(tmp_path / "empty.html")


def test_text_file_object() -> None:
    with pytest.raises(GiakitError):
        gia.read(io.StringIO("x"))  # type: ignore[arg-type]


def test_path_and_bytes_and_file_agree(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(page(figures()))
    first = gia.read(path)
    assert first.cells.equals(gia.read(str(path)).cells)
    with path.open("rb") as file:
        assert first.cells.equals(gia.read(file).cells)


def test_empty_form_is_a_report_with_nothing_reported() -> None:
    report = gia.read(page({}), name="page.html")
    assert (report.unit, str(report.form)) == (UNIT, "2021")
    assert report.cells["value"].isna().all()
    assert set(report.cells["state"]) == {"blank"}
    assert "fail" not in set(report.checks["status"])


def test_prose_alone_is_a_report_without_cells() -> None:
    sentences = "<p>一、总体情况</p><p>2023年，本机关做好信息公开工作，完善制度，加强培训，推进平台建设。</p><p>二、主动公开政府信息情况</p><p>通过网站公开各类信息，内容涉及机构职能、政策文件、工作动态。</p><p>三、收到和处理政府信息公开申请情况</p><p>共收到政府信息公开申请3件，办结3件。</p><p>四、政府信息公开行政复议、行政诉讼情况</p><p>无。</p><p>五、存在的主要问题及改进情况</p><p>栏目更新不够及时，下一步将定期检查，并为承办人员安排业务交流，逐项核对目录，及时答复来信来访，提高公开质量。同时完善审核制度，明确承办机构的职责，公开内容经审核后发布，答复书由专人校对，送达情况逐件登记。</p>"
    report = gia.read(html("某县商务局2023年政府信息公开工作年度报告", sentences), name="page.html")
    assert report.cells["value"].isna().all()
    assert set(report.cells["state"]) == {"absent"}
    assert {(entry.row, entry.value) for entry in report.stated.itertuples()} >= {("new", 3), ("closed", 3)}
    assert "missing_table" in set(report.findings["check"])


@given(data=st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_random_bytes(data: bytes) -> None:
    with pytest.raises(GiakitError):
        gia.read(data, name="x")


HEADS = [
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"<html>",
    b"<?xml version='1.0'?>",
    b"MIME-Version: 1.0\r\n",
    b"GIF89a",
]


@given(head=st.sampled_from(HEADS), data=st.binary(max_size=600))
@settings(max_examples=60, deadline=None)
def test_random_bytes_behind_the_mark_of_a_format(head: bytes, data: bytes) -> None:
    with pytest.raises(GiakitError):
        gia.read(head + data, name="x")


WHOLE = {
    format: typeset(figures(), unit=UNIT, year=2023, format=format).data
    for format in ("html", "text", "docx", "xlsx", "xls", "mht")
}


@given(format=st.sampled_from(sorted(WHOLE)), share=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_files_that_break_off(format: str, share: float) -> None:
    """A part of a report is read as far as it goes, or refused; figures that are read are those printed."""
    data = WHOLE[format]
    try:
        report = gia.read(data[: int(len(data) * share)], name="x")
    except GiakitError:
        return
    truth = figures()
    read = {
        (cell.table, cell.row, cell.column): cell.value
        for cell in report.cells.itertuples()
        if cell.state == "reported" and ":" not in cell.row + cell.column
    }
    wrong = [address for address, value in read.items() if truth.get(address) != value]
    touched = set(report.findings["table"].dropna())
    assert all(address[0] in touched for address in wrong) or report.findings["table"].isna().any()


@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_damaged_zips(at: float, junk: bytes) -> None:
    data = WHOLE["docx"]
    place = int(len(data) * at)
    with contextlib.suppress(GiakitError):
        gia.read(data[:place] + junk + data[place + len(junk) :], name="x.docx")


@given(
    parts=st.lists(
        st.sampled_from(
            [
                *(cell.text for row in official(figures())["requests"].rows for cell in row),
                "",
                "/",
                "1O",
                "\t",
                "\n",
                "|",
            ]
        ),
        max_size=60,
    ),
    separator=st.sampled_from(["\t", "|", " ", "\n", ""]),
)
@settings(max_examples=60, deadline=None)
def test_any_soup_of_labels_and_digits(parts: list[str], separator: str) -> None:
    with contextlib.suppress(GiakitError):
        gia.read(f"{UNIT}2023年政府信息公开工作年度报告\n{separator.join(parts)}".encode(), name="x.txt")


def test_unpacked_bomb_is_refused() -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (1 << 28))
    with pytest.raises(GiakitError):
        gia.read(memory.getvalue(), name="x.docx")


def test_a_blank_form_is_no_report() -> None:
    page = typeset({("requests", "new", "total"): None}, unit="某某局", year=2023)
    text = page.data.decode()
    blank = text.replace("某某局", "").replace("2023", "")
    with pytest.raises(NotAReport, match="blank form"):
        gia.read(blank.encode(), name="template.html")
    assert gia.read(page.data, name="report.html").unit == "某某局"
