"""Building a panel: every path accounted for, the same bytes whatever the executor, resumed, locked, in evidence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from panel_inputs import panel_files, report_bytes, same_frame, write_reports

import giakit as gia
from giakit.documents.limits import Limits
from giakit.errors import BadPanel, BuildStopped, MissingColumns, PanelLocked, UnreadableDocument
from giakit.panel.pool import InProcess
from giakit.panel.schema import locked

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
SHARED = Path(__file__).resolve().parents[3] / "shared" / "reports"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_reports(tmp_path / "source")


def quick(source: object, out: Path, **options: object) -> gia.building.Panel:  # type: ignore[name-defined]
    return gia.build(source, out, executor=InProcess(), **options)  # type: ignore[arg-type]


def statuses(panel: object) -> dict[str, str]:
    return dict(zip(panel.manifest["path"], panel.manifest["status"], strict=True))  # type: ignore[attr-defined]


def test_every_path_has_a_row(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub" / "page_files").mkdir(parents=True)
    good = report_bytes()
    (source / "a.html").write_bytes(good)
    (source / "sub" / "copy of a.html").write_bytes(good)
    (source / "sub" / "page.html").write_bytes(report_bytes(new=5))
    (source / "sub" / "page_files" / "style.css").write_text("p {}")
    (source / "news.html").write_text("<html><body><p>今天天气很好</p></body></html>", encoding="utf-8")
    (source / "empty.txt").write_bytes(b"")
    (source / "picture.html").write_bytes(PNG)
    (source / "two\nlines.txt").write_text("今天", encoding="utf-8")
    (source / "loop").symlink_to(source, target_is_directory=True)
    (source / "gone.html").symlink_to(source / "nowhere")
    os.mkfifo(source / "pipe")
    (source / ".hidden").write_text("x")
    panel = quick(source, tmp_path / "panel")
    assert statuses(panel) == {
        ".hidden": "passed_over",
        "a.html": "parsed",
        "empty.txt": "unreadable",
        "gone.html": "unreadable",
        "loop": "passed_over",
        "news.html": "not_a_report",
        "picture.html": "unreadable",
        "pipe": "passed_over",
        "sub/copy of a.html": "duplicate_of",
        "sub/page.html": "parsed",
        "sub/page_files": "passed_over",
        "two\nlines.txt": "not_a_report",
    } | {name: status for name, status in statuses(panel).items() if name == "a.html"}
    rows = panel.manifest.set_index("path")
    assert rows.loc["sub/copy of a.html", "duplicate_of"] == "a.html"
    assert rows.loc["sub/copy of a.html", "report_id"] == rows.loc["a.html", "report_id"]
    assert rows["reason"].ne("").loc[rows["status"] != "parsed"].all()
    assert len(panel.reports) == 2


def test_bytes_that_are_no_text_in_a_name(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with open(os.path.join(os.fsencode(source), b"2023_\xff.html"), "wb") as file:
        file.write(report_bytes())
    panel = quick(source, tmp_path / "panel")
    assert list(panel.manifest["path"]) == ["2023_\\xff.html"]
    assert list(panel.reports["source"]) == ["2023_\\xff.html"]


def test_executors_write_the_same_bytes(source: Path, tmp_path: Path) -> None:
    quick(source, tmp_path / "serial")
    gia.build(source, tmp_path / "processes", jobs=2)
    with ThreadPoolExecutor(2) as threads:
        gia.build(source, tmp_path / "threads", executor=threads, jobs=2)
    expected = panel_files(tmp_path / "serial")
    assert panel_files(tmp_path / "processes") == expected
    assert panel_files(tmp_path / "threads") == expected


def test_a_resumed_build_reads_only_what_is_new_and_ends_the_same(source: Path, tmp_path: Path) -> None:
    late = sorted(source.rglob("*.*"))[2]
    aside = tmp_path / late.name
    shutil.move(late, aside)
    quick(source, tmp_path / "grown")
    shutil.move(aside, late)
    quick(source, tmp_path / "grown")
    quick(source, tmp_path / "whole")
    assert panel_files(tmp_path / "grown") == panel_files(tmp_path / "whole")
    read = [line.split(",")[2] for line in (tmp_path / "grown" / "timings.csv").read_text().splitlines()[1:]]
    assert read == ["5", "1"]


def test_a_file_that_went_leaves_the_panel(source: Path, tmp_path: Path) -> None:
    quick(source, tmp_path / "panel")
    next(source.rglob("*.docx")).unlink()
    assert len(quick(source, tmp_path / "panel")) == 5


def test_starting_over_reads_everything(source: Path, tmp_path: Path) -> None:
    quick(source, tmp_path / "panel")
    quick(source, tmp_path / "panel", resume=False)
    assert (tmp_path / "panel" / "timings.csv").read_text().splitlines()[2].split(",")[2] == "6"


def test_what_could_not_be_read_is_tried_again_under_other_limits(source: Path, tmp_path: Path) -> None:
    tight = quick(source, tmp_path / "panel", limits=Limits(max_bytes=100))
    assert set(tight.manifest["status"]) == {"unreadable"}
    assert tight.manifest["reason"].str.contains("max_bytes").all()
    assert len(quick(source, tmp_path / "panel")) == 6


def test_another_version_reads_again(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(source, tmp_path / "panel")
    monkeypatch.setattr("giakit.panel.build.__version__", "99")
    quick(source, tmp_path / "panel")
    assert (tmp_path / "panel" / "timings.csv").read_text().splitlines()[-1].split(",")[2] == "6"


def test_list_and_glob(source: Path, tmp_path: Path) -> None:
    files = sorted(source.rglob("*.html"))
    by_list = quick(files, tmp_path / "list")
    by_glob = quick(f"{source}/**/*.html", tmp_path / "glob")
    assert len(by_list) == len(files) == len(by_glob)
    same_frame(by_list.cells, by_glob.cells)
    assert len(quick(files[0], tmp_path / "single")) == 1


def test_an_empty_folder_is_an_empty_panel(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    panel = quick(tmp_path / "source", tmp_path / "panel")
    assert len(panel.reports) == len(panel.cells) == len(panel.wide("requests")) == 0
    assert panel.reports["year"].dtype == "Int64"


def test_sources_that_do_not_exist(tmp_path: Path) -> None:
    for missing in (tmp_path / "nothing", f"{tmp_path}/*.html", []):
        with pytest.raises(UnreadableDocument):
            quick(missing, tmp_path / "panel")
    assert not (tmp_path / "panel").exists()


def test_a_folder_with_other_things_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadPanel, match="other files"):
        quick(source, source)
    with pytest.raises(BadPanel, match="a file"):
        quick(source, next(source.rglob("*.html")))


def test_a_panel_inside_its_source_is_not_read(source: Path, tmp_path: Path) -> None:
    quick(source, source / "panel")
    assert statuses(quick(source, source / "panel"))["panel"] == "passed_over"


def test_a_second_build_is_refused_and_a_dead_one_leaves_no_lock(source: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "panel"), pytest.raises(PanelLocked):
        quick(source, tmp_path / "panel")
    code = f"import os, pathlib; from giakit.panel.schema import locked\nwith locked(pathlib.Path({str(tmp_path / 'panel')!r})): os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(quick(source, tmp_path / "panel")) == 6


def test_a_full_disk_stops_the_build_and_keeps_what_was_read(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("giakit.panel.merge.write_file", full)
        with pytest.raises(BuildStopped, match="No space left on device"):
            quick(source, tmp_path / "panel")
    quick(source, tmp_path / "panel")
    quick(source, tmp_path / "undisturbed")
    assert panel_files(tmp_path / "panel") == panel_files(tmp_path / "undisturbed")
    assert [line.split(",")[2] for line in (tmp_path / "panel" / "timings.csv").read_text().splitlines()[1:]] == ["0"]


class TestEvidence:
    def test_sources_add_what_the_report_lacks(self, tmp_path: Path) -> None:
        (tmp_path / "source").mkdir()
        text = report_bytes().decode().replace("2023年", "").replace("卧龙区商务局", "")
        (tmp_path / "source" / "x.html").write_text(text, encoding="utf-8")
        (tmp_path / "source" / "sources.csv").write_text(
            "path,unit,year,url,published,scope\nx.html,鼓楼区教育局,2022,http://www.nanjing.gov.cn/x,2023年1月5日,organ\n",
            encoding="utf-8",
        )
        row = quick(tmp_path / "source", tmp_path / "panel").reports.iloc[0]
        assert (row["unit"], row["year"], row["unit_from"], row["published"]) == (
            "鼓楼区教育局",
            2022,
            "sources",
            "2023-01-05",
        )
        assert row["place_code"] == "320106"

    def test_conflicts_are_findings_and_the_report_wins(self, tmp_path: Path) -> None:
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "x.html").write_bytes(report_bytes())
        (tmp_path / "source" / "sources.csv").write_text(
            "path,year,unit,place,scope\nx.html,2020,南阳市商务局,411302,everything\n", encoding="utf-8"
        )
        panel = quick(tmp_path / "source", tmp_path / "panel")
        found = panel.findings.set_index("check")["status"].to_dict()
        assert {name: found.get(name) for name in ("sources_year", "sources_unit", "sources_place", "sources_scope")} == {
            "sources_year": "fail", "sources_unit": "fail", "sources_place": "fail", "sources_scope": "uncertain",
        }  # fmt: skip
        assert panel.reports.loc[0, "year"] == 2023

    def test_the_path_is_the_weakest_witness_and_says_so(self, tmp_path: Path) -> None:
        folder = tmp_path / "source" / "2022" / "南京市鼓楼区教育局"
        folder.mkdir(parents=True)
        text = report_bytes().decode().replace("2023年", "").replace("卧龙区商务局", "")
        (folder / "index.html").write_text(text, encoding="utf-8")
        panel = quick(tmp_path / "source", tmp_path / "panel")
        assert panel.reports.loc[0, ["unit", "year", "year_from", "place_code"]].tolist() == [
            "南京市鼓楼区教育局",
            2022,
            "path",
            "320106",
        ]
        assert {"path_year", "path_unit"} <= set(panel.checks["check"])
        assert "title" in set(panel.findings["check"])

    def test_new_evidence_needs_no_new_reading(self, source: Path, tmp_path: Path) -> None:
        quick(source, tmp_path / "panel")
        first = sorted(path.relative_to(source) for path in source.rglob("*.html"))[0]
        (source / "sources.csv").write_text(f"path,url\n{first.as_posix()},http://a.gov.cn/\n", encoding="utf-8")
        panel = quick(source, tmp_path / "panel")
        assert "http://a.gov.cn/" in set(panel.reports["url"])
        assert (tmp_path / "panel" / "timings.csv").read_text().splitlines()[-1].split(",")[2] == "0"

    def test_a_sources_file_without_paths_is_refused(self, source: Path, tmp_path: Path) -> None:
        (source / "sources.csv").write_text("url\nx\n")
        with pytest.raises(MissingColumns):
            quick(source, tmp_path / "panel")


@pytest.mark.skipif(not SHARED.exists(), reason="the real reports are not beside the project")
def test_cells_of_a_panel_are_those_of_its_reports(tmp_path: Path) -> None:
    path = SHARED / "2025_卧龙区商务局.txt"
    panel = quick(path, tmp_path / "panel")
    report = gia.read(path)
    same_frame(panel.cells.drop(columns="report_id"), report.cells)
    same_frame(panel.texts.drop(columns="report_id"), report.texts)
    assert set(panel.checks["fingerprint"]) == set(report.checks["fingerprint"])
    same_frame(panel.stated[list(report.stated.columns)], report.stated)


def test_a_zip_of_reports_is_read_as_a_folder(tmp_path: Path) -> None:
    import zipfile

    name = "2023_宿迁市.html"
    data = gia.example("2023_宿迁市").read_bytes()
    with zipfile.ZipFile(tmp_path / "reports.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("QQQQ/x.html", gia.example().read_bytes())
        package.writestr(name, data)
    # As Chinese Windows writes it: GBK, without the mark of UTF-8.
    packed = (tmp_path / "reports.zip").read_bytes().replace(b"QQQQ", "下级".encode("gb18030"))
    (tmp_path / "reports.zip").write_bytes(packed)
    panel = gia.build(tmp_path / "reports.zip", tmp_path / "panel", executor=InProcess())
    assert sorted(panel.manifest["path"]) == sorted([name, "下级/x.html"])
    assert len(panel) == 2
    again = gia.build(tmp_path / "reports.zip", tmp_path / "panel", executor=InProcess())
    assert len(again) == 2
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as package:
        package.writestr("../evil.html", data)
    with pytest.raises(UnreadableDocument, match="outside of itself"):
        gia.build(tmp_path / "evil.zip", tmp_path / "other", executor=InProcess())
    assert not (tmp_path / "evil.html").exists()
