"""The rules of sources.csv: what it adds, what it cannot say, and what contradicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_inputs import page

import giakit as gia
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess

UNIT = "卧龙区商务局"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.html").write_bytes(page(UNIT, 2023))
    return folder


def built(source: Path, text: str, encoding: str = "utf-8") -> Panel:
    (source / "sources.csv").write_text(text, encoding=encoding)
    return gia.build(source, source.parent / "panel", executor=InProcess(), progress=False)


def test_unknown_columns_come_last_and_never_hide_one_of_the_panel(source: Path) -> None:
    panel = built(source, "path,batch,tier\na.html,七,somewhere\n")
    assert panel.reports.columns[-2:].tolist() == ["batch", "sources_tier"]
    assert panel.reports.loc[0, ["batch", "sources_tier", "tier"]].tolist() == ["七", "somewhere", "county"]
    assert "batch" in gia.open_panel(panel.path).reports


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2024-03-01T08:05:09Z", "2024-03-01T08:05:09Z"),
        ("2024-3-1 08:05:09.25+08:00", "2024-03-01T08:05:09.25+08:00"),
        ("2024年3月1日", "2024-03-01"),
        ("spring", None),
    ],
)
def test_the_moment_of_capture_keeps_its_seconds(source: Path, given: str, kept: str | None) -> None:
    captured = built(source, f"path,captured\na.html,{given}\n").reports["captured"]
    assert captured.astype(object).where(captured.notna(), None).tolist() == [kept]


def test_a_path_that_matches_nothing_is_a_finding_and_a_row_of_the_manifest(source: Path) -> None:
    panel = built(source, "path,year\na.html,2023\nlost/b.html,2022\n")
    assert panel.manifest.set_index("path").loc["lost/b.html", "status"] == "no_such_file"
    (message,) = panel.findings.loc[panel.findings["check"] == "sources_path", "message"]
    assert message.startswith("lost/b.html")


def test_of_two_rows_that_contradict_each_other_neither_is_believed(source: Path) -> None:
    panel = built(source, "path,year,scope\na.html,2023,organ\na.html,2021,organ\n")
    (row,) = panel.findings.loc[panel.findings["check"] == "sources_rows", ["status", "message"]].values.tolist()
    assert row[0] == "fail"
    assert "2023 and 2021" in row[1]
    assert panel.reports.loc[0, ["year", "year_from", "scope", "scope_from"]].tolist() == [
        2023, "report", "organ", "report",
    ]  # fmt: skip


def test_the_nearer_of_two_files_is_believed(source: Path) -> None:
    (source / "inner").mkdir()
    (source / "inner" / "b.html").write_bytes(page(UNIT, 2022))
    (source / "inner" / "sources.csv").write_text("path,url\nb.html,http://near.gov.cn/\n", encoding="utf-8")
    panel = built(source, "path,url\ninner/b.html,http://far.gov.cn/\na.html,http://far.gov.cn/\n")
    urls = panel.reports.set_index("source")["url"]
    assert urls.to_dict() == {"inner/b.html": "http://near.gov.cn/", "a.html": "http://far.gov.cn/"}


def test_what_no_year_can_be_is_a_finding(source: Path) -> None:
    panel = built(source, "path,year\na.html,last\n")
    assert panel.findings.loc[panel.findings["check"] == "sources_year", "status"].tolist() == ["uncertain"]


def test_a_table_saved_by_a_chinese_spreadsheet_program(source: Path) -> None:
    panel = built(source, "path\tbatch\r\n.\\a.html\t第七批\r\n", "gb18030")
    assert panel.reports["batch"].tolist() == ["第七批"]
