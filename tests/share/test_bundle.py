"""The deposit: complete, the same bytes each time, nothing of the machine in it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from package_rules import problems
from panel_inputs import report_bytes, write_reports

import giakit as gia
from giakit.cli import main
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from giakit.share.bundle import bundle, without_folders
from typeset import typeset

LEDGER = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date\n"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Reports in folders of folders; duplicates, versions that differ, a file that is no report, an address that is local."""
    folder = tmp_path_factory.mktemp("secret_folder")
    source = write_reports(folder / "source", 3)
    (source / "private" / "of_mine").mkdir(parents=True)
    (source / "private" / "page.html").write_bytes(report_bytes(new=3))
    (source / "private" / "copy.html").write_bytes(report_bytes(new=3))
    (source / "private" / "of_mine" / "other.html").write_bytes(report_bytes(new=4))
    (source / "private" / "note.txt").write_text("no report", encoding="utf-8")
    (source / "sources.csv").write_text(
        f"path,url\nprivate/page.html,file://{source}/private/page.html\nprivate/of_mine/other.html,https://www.example.cn/a.html\n",
        encoding="utf-8",
    )
    built = gia.build(source, folder / "panel", executor=InProcess())
    [corrected] = built.reports.loc[built.reports["source"].str.endswith("/other.html"), "report_id"]
    entry = (
        f"{corrected},requests,new,total,4,5,typing error,{folder}/scan.png and C:\\Users\\me\\a.png,me,2026-01-01\n"
    )
    (folder / "panel" / "corrections.csv").write_text(LEDGER + entry, encoding="utf-8")
    return gia.open_panel(folder / "panel")


@pytest.fixture(scope="module")
def deposit(panel: Panel) -> Path:
    return bundle(panel)


def table(deposit: Path, name: str) -> pd.DataFrame:
    with zipfile.ZipFile(deposit) as archive:
        return pd.read_csv(io.BytesIO(archive.read(f"{name}.csv")), dtype="str", keep_default_na=False)


def test_it_holds_what_a_repository_needs(deposit: Path, panel: Panel) -> None:
    with zipfile.ZipFile(deposit) as archive:
        assert archive.testzip() is None
        assert [name for name in archive.namelist() if not name.startswith("panel/")] == [
            "reports.csv", "manifest.csv", "cells.csv", "stated.csv", "findings.csv", "suggestions.csv", "corrections.csv", "codebook.csv",
            "README.txt", "datapackage.json",
        ]  # fmt: skip
        assert gia.citation(panel) in archive.read("README.txt").decode()
    assert deposit.name == "panel.zip"


def test_its_data_package_is_true(deposit: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(deposit) as archive:
        archive.extractall(tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert problems(package, tmp_path) == []
    assert {entry["path"] for entry in package["resources"]} == {path.name for path in tmp_path.glob("*.csv")}


def test_cells_are_those_of_the_panel(deposit: Path, panel: Panel) -> None:
    cells = table(deposit, "cells")
    assert len(cells) == len(panel.cells)
    assert pd.to_numeric(cells["value"]).sum() == panel.cells["value"].sum()
    [changed] = cells[cells["origin"] == "corrected"].to_dict("records")
    assert (changed["value"], changed["as_read"]) == ("5", "4")


def test_hashes_and_addresses_are_in_it(deposit: Path, panel: Panel) -> None:
    manifest = table(deposit, "manifest")
    assert sorted(manifest["sha256"][manifest["sha256"] != ""]) == sorted(panel.manifest["sha256"].dropna())
    assert table(deposit, "reports")["url"].tolist().count("https://www.example.cn/a.html") == 1


def test_no_path_of_the_machine_and_no_folder_is_in_it(deposit: Path, panel: Panel) -> None:
    with zipfile.ZipFile(deposit) as archive:
        held = gia.open_panel(deposit)
        frames = (held.reports, held.manifest, held.checks, held.findings, held.texts, held.stated, held.corrections)
        inside = {f"frame {number}": frame.to_csv() for number, frame in enumerate(frames)}
        plain = {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith(".parquet")}
        for name, text in (plain | inside).items():
            for word in (str(panel.path.parent), "secret_folder", "private/", "of_mine", "C:\\Users", "file://"):
                assert word not in text, (name, word)
    manifest = table(deposit, "manifest")
    assert {"page.html", "other.html", "note.txt"} <= set(manifest["path"])
    [duplicate] = manifest[manifest["status"] == "duplicate_of"].to_dict("records")
    assert duplicate["duplicate_of"] == duplicate["reason"] == "copy.html"
    assert table(deposit, "corrections")["evidence"].tolist() == ["scan.png and a.png"]


def test_files_that_differ_are_named_in_the_findings(deposit: Path) -> None:
    findings = table(deposit, "findings")
    [message] = findings.loc[findings["check"] == "versions", "message"]
    assert "other.html" in message


def test_words_of_the_reports_only_if_asked(deposit: Path, panel: Panel, tmp_path: Path) -> None:
    assert "text" not in table(deposit, "stated").columns
    asked = bundle(panel, out=tmp_path / "with.zip", with_texts=True)
    assert len(table(asked, "texts")) == len(panel.texts)
    assert table(asked, "stated")["text"].ne("").all()


def test_the_same_panel_gives_the_same_bytes(deposit: Path, panel: Panel, tmp_path: Path) -> None:
    again = gia.build(panel.path.parent / "source", tmp_path / "elsewhere", executor=InProcess(), resume=False)
    (again.path / "corrections.csv").write_bytes((panel.path / "corrections.csv").read_bytes())
    assert bundle(gia.open_panel(again.path), out=tmp_path / "again.zip").read_bytes() == deposit.read_bytes()


def test_a_failing_write_leaves_nothing_behind(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("giakit.share.bundle.codebook", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bundle(panel, out=tmp_path / "deposit.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see /home/me/a.pdf", "see a.pdf"),
        ("file:///C:/Users/me/年报.html", "年报.html"),
        (r"\\server\share\a.pdf, page 2", "a.pdf, page 2"),
        ("~/x/a.pdf; /scratch/u/b.pdf", "a.pdf; b.pdf"),
        ("D:/年报/a.doc", "a.doc"),
        ("https://www.example.cn/home/x/1.html", "https://www.example.cn/home/x/1.html"),
        ("本年增/减 / 1/2", "本年增/减 / 1/2"),
        ("H1: 36 against 35", "H1: 36 against 35"),
    ],
)
def test_paths_lose_their_folders_and_addresses_stay(text: str, left: str) -> None:
    assert without_folders(text) == left
    assert without_folders(left) == left


def test_a_panel_without_reports(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "note.txt").write_text("no report", encoding="utf-8")
    deposit = bundle(gia.build(tmp_path / "source", tmp_path / "panel", executor=InProcess()))
    assert table(deposit, "cells").empty
    assert len(table(deposit, "manifest")) == 1


def test_quotes_and_line_feeds_survive(tmp_path: Path) -> None:
    page = typeset(
        {("requests", "new", "total"): 3}, unit="卧龙区商务局", year=2023, texts={"1": ['他说："好，\n再来,一次"。']}
    )
    (tmp_path / "page.html").write_bytes(page.data)
    panel = gia.build(tmp_path / "page.html", tmp_path / "panel", executor=InProcess())
    with zipfile.ZipFile(bundle(panel, with_texts=True)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("texts.csv").decode(), newline="")))
    assert [row["text"] for row in rows] == panel.texts["text"].tolist()


def test_the_command(panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["bundle", str(panel.path), "--out", str(tmp_path)])
    assert not ending.value.code
    assert capsys.readouterr().out.strip() == str(tmp_path / "panel.zip")
