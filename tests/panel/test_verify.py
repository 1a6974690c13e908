"""A panel proves itself: every bit of it, its deposit, a rebuilt copy, a statement."""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from panel_inputs import panel_files, write_reports
from trust_inputs import LEDGER, page

import giakit as gia
from giakit.cli import main
from giakit.errors import BadCorrection, BadPanel, GiakitError, UnknownChoice
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from giakit.share.bundle import bundle
from giakit.share.cite import statement, verify

FRAMES = ("reports", "manifest", "cells", "texts", "stated", "checks", "findings", "suggestions")


def quick(source: Path, out: Path) -> Panel:
    return gia.build(source, out, executor=InProcess(), progress=False)


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("verify")
    return quick(write_reports(folder / "source", 4), folder / "panel")


def content(panel: Panel) -> dict[str, pd.DataFrame]:
    """All that a panel says."""
    return {name: getattr(panel, name) for name in FRAMES} | {"wide": panel.wide("requests", None, versions="all")}


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def trials(panel: Panel, folder: Path, per_file: int) -> dict[str, int]:
    """Flip bits of every file of a panel, one at a time: detected, or nothing that it says changes."""
    truth = content(panel)
    copy = folder / "copy"
    shutil.copytree(panel.path, copy)
    choice = random.Random(3)
    outcomes = {"detected": 0, "harmless": 0}
    for name, data in panel_files(copy).items():
        for bit in choice.sample(range(8 * len(data)), min(per_file, 8 * len(data))):
            (copy / name).write_bytes(flipped(data, bit))
            try:
                told = content(gia.open_panel(copy))
            except BadPanel:
                outcomes["detected"] += 1
            else:
                for frame, expected in truth.items():
                    pd.testing.assert_frame_equal(told[frame], expected)
                outcomes["harmless"] += 1
        (copy / name).write_bytes(data)
    return outcomes


def test_a_bit_that_flips_is_detected_or_harmless(panel: Panel, tmp_path: Path) -> None:
    outcomes = trials(panel, tmp_path, 1)
    assert outcomes["detected"] >= 10


@pytest.mark.slow
def test_many_bits_that_flip(panel: Panel, tmp_path: Path) -> None:
    print(f"\nbits flipped over every file of a panel: {trials(panel, tmp_path, 12)}, silent 0")


def test_a_build_makes_anew_what_is_damaged_or_lost(panel: Panel, tmp_path: Path) -> None:
    copy = tmp_path / "panel"
    shutil.copytree(panel.path, copy)
    expected = panel_files(copy)
    for name in [name for name in expected if name.endswith(".parquet")]:
        if name.startswith(("cells", "documents", "reports")):
            (copy / name).write_bytes(flipped(expected[name], 4 * len(expected[name])))
        elif name.startswith(("texts", "requests", "manifest")):
            (copy / name).unlink()
    assert not verify(copy)
    quick(panel.path.parent / "source", copy)
    assert panel_files(copy) == expected
    assert verify(copy)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: [],
        lambda raw: {"name": "a panel of wood"},
        lambda raw: raw | {"complete": "perhaps"},
        lambda raw: {name: value for name, value in raw.items() if name != "spans"},
        lambda raw: raw | {"spans": [["../../etc", "0" * 12, 1, 1, {}]]},
        lambda raw: raw | {"layout": 99},
    ],
)
def test_an_index_that_is_not_ours_is_refused(
    panel: Panel, tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    shutil.copytree(panel.path, tmp_path / "panel")
    path = tmp_path / "panel" / "panel.json"
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(BadPanel, match="panel"):
        gia.open_panel(tmp_path / "panel")


def test_names_that_lead_out_of_the_folder_are_refused_under_a_true_seal(panel: Panel, tmp_path: Path) -> None:
    from giakit.panel.schema import _seal

    shutil.copytree(panel.path, tmp_path / "panel")
    path = tmp_path / "panel" / "panel.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    del raw["seal"]
    raw["spans"][0][0] = "../00_0000"
    path.write_text(json.dumps(raw | {"seal": _seal(raw)}), encoding="utf-8")
    with pytest.raises(BadPanel, match="no range of a panel"):
        gia.open_panel(tmp_path / "panel")


class TestVerify:
    def test_panel_deposit_and_rebuilt_copy_verify_against_each_other(self, panel: Panel, tmp_path: Path) -> None:
        archive = bundle(panel, out=tmp_path / "deposit.zip")
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(tmp_path / "unpacked")
        rebuilt = quick(panel.path.parent / "source", tmp_path / "rebuilt")
        every = [panel, archive, tmp_path / "unpacked", rebuilt]
        for one in every:
            for other in every:
                assert verify(one, other), str(verify(one, other))
        assert statement(archive) == statement(rebuilt) == statement(panel)

    def test_against_a_statement(self, panel: Panel, tmp_path: Path) -> None:
        told = statement(panel)
        (tmp_path / "paper.txt").write_text(f"We use data.\n{told}\n", encoding="utf-8")
        assert verify(panel, tmp_path / "paper.txt")
        wrong = verify(panel, told.replace("Panel of 4", "Panel of 5"))
        assert not wrong
        assert "Panel of 4 annual reports" in wrong.problems[0]

    def test_another_panel_is_another(self, panel: Panel, tmp_path: Path) -> None:
        other = quick(write_reports(tmp_path / "source", 3), tmp_path / "panel")
        assert any("files" in problem for problem in verify(panel, other).problems)

    def test_a_source_that_changed_is_named(self, tmp_path: Path) -> None:
        panel = quick(write_reports(tmp_path / "source", 2), tmp_path / "panel")
        changed = next((tmp_path / "source").rglob("*.html"))
        changed.write_bytes(changed.read_bytes() + b" ")
        assert [problem for problem in verify(panel).problems if changed.name in problem]

    def test_a_total_that_was_tampered_with_under_true_hashes(self, panel: Panel, tmp_path: Path) -> None:
        import dataclasses

        import pyarrow as pa

        from giakit.panel.schema import read_files, schema, write_file, write_index

        copy = tmp_path / "panel"
        shutil.copytree(panel.path, copy)
        span = panel.index.spans[0]
        held = read_files([span.file(copy, "requests")], schema("requests"))
        column = held.column_names.index("new.total")
        held = held.set_column(column, "new.total", pa.array([1e6] * held.num_rows, pa.float64()))
        hashed = write_file(span.file(copy, "requests"), [held], schema("requests"))
        spans = (dataclasses.replace(span, hashes=span.hashes | {"requests": hashed}), *panel.index.spans[1:])
        write_index(copy, dataclasses.replace(panel.index, spans=spans))
        assert any("requests does not hold" in problem for problem in verify(copy).problems)
        for command in (statement, bundle):
            with pytest.raises(BadPanel, match="requests does not hold"):
                command(copy)

    def test_the_command_ends_with_0_or_1(
        self, panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ending:
            main(["verify", str(panel.path)])
        assert ending.value.code == 0
        (tmp_path / "other.txt").write_text("Panel of 9 annual reports.", encoding="utf-8")
        with pytest.raises(SystemExit) as ending:
            main(["verify", str(panel.path), str(tmp_path / "other.txt")])
        assert ending.value.code == 1
        assert "the statement does not say" in capsys.readouterr().out


class TestArchives:
    def test_a_zipped_panel_opens_and_is_only_read(self, panel: Panel, tmp_path: Path) -> None:
        archive = shutil.make_archive(str(tmp_path / "panel"), "zip", panel.path.parent, "panel")
        opened = gia.open_panel(archive)
        for name, frame in content(opened).items():
            pd.testing.assert_frame_equal(frame, content(panel)[name])
        with pytest.raises(BadPanel, match="only read"):
            opened.correct(panel.reports["report_id"][0], "requests", "new", "total", 1, why="a scan")

    @pytest.mark.parametrize("name", ["../evil.parquet", "/etc/evil.parquet", "cells/../../evil.parquet"])
    def test_nothing_is_unpacked_outside(self, panel: Panel, tmp_path: Path, name: str) -> None:
        archive = Path(shutil.make_archive(str(tmp_path / "panel"), "zip", panel.path))
        with zipfile.ZipFile(archive, "a") as packed:
            packed.writestr(name, b"evil")
        assert len(gia.open_panel(archive)) == 4
        assert not list(tmp_path.rglob("*evil*"))

    def test_other_archives_are_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
            packed.writestr("hello.txt", "hello")
        with pytest.raises(BadPanel, match="holds no panel"):
            gia.open_panel(tmp_path / "a.zip")
        (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 no archive")
        with pytest.raises(GiakitError):
            gia.open_panel(tmp_path / "b.zip")


class TestCorrect:
    @pytest.fixture
    def captured(self, tmp_path: Path) -> tuple[Path, Path]:
        """A page, and the same page fetched again, with another count of visits."""
        source = tmp_path / "source"
        source.mkdir()
        data = page("卧龙区商务局", 2023)
        (source / "first.html").write_bytes(data)
        return source, tmp_path / "panel"

    def again(self, source: Path, visits: int) -> None:
        data = (source / "first.html").read_bytes()
        (source / f"again{visits}.html").write_bytes(data.replace(b"</body>", b"<!-- %d --></body>" % visits))

    def test_it_is_applied_checked_again_and_written_down(self, captured: tuple[Path, Path]) -> None:
        panel = quick(*captured)
        report = panel.reports["report_id"].item()
        before = panel.wide("requests").loc[0, "new"]
        panel.correct(report, "requests", "new", "total", before + 1, why="=see page 3", who="A. B.")
        assert panel.wide("requests").loc[0, "new"] == before + 1
        assert {"H1", "H3"} <= set(panel.findings["check"])
        entry = panel.corrections.iloc[0]
        assert (entry["who"], entry["reason"], entry["applied"]) == ("A. B.", "'=see page 3", True)
        assert entry["date"].endswith("+00:00")
        panel.correct(report, "requests", "new", "total", None, why="it is a blank after all")
        assert pd.isna(gia.open_panel(captured[1]).wide("requests").loc[0, "new"])

    def test_it_outlives_a_page_fetched_again(self, captured: tuple[Path, Path]) -> None:
        source, out = captured
        panel = quick(source, out)
        panel.correct(panel.reports["report_id"].item(), "requests", "new", "total", 77, why="scan")
        self.again(source, 12)
        both = quick(source, out)
        assert both.reports["reading_id"].nunique() == 1
        assert both.wide("requests", versions="all")["new"].tolist() == [77, 77]
        (source / "first.html").unlink()
        assert quick(source, out).wide("requests")["new"].tolist() == [77]

    def test_a_ledger_by_report_counts_for_both_captures(self, captured: tuple[Path, Path]) -> None:
        source, out = captured
        panel = quick(source, out)
        line = f"{panel.reports['report_id'].item()},requests,new,total,{panel.wide('requests').loc[0, 'new']:g},77,通过,,,\n"
        (out / "corrections.csv").write_bytes((LEDGER + line).encode("gb18030"))
        self.again(source, 3)
        assert quick(source, out).wide("requests", versions="all")["new"].tolist() == [77, 77]

    def test_a_corrected_version_wins(self, captured: tuple[Path, Path]) -> None:
        source, out = captured
        figures = page("卧龙区商务局", 2023, {("requests", "new", "total"): 3.0})
        (source / "other.html").write_bytes(figures)
        panel = quick(source, out)
        kept = panel.unit_years()["report_id"].item()
        other = next(name for name in panel.reports["report_id"] if name != kept)
        panel.correct(other, "requests", "new", "total", 4, why="scan")
        chosen = panel.unit_years().iloc[0]
        assert (chosen["report_id"], chosen["why"]) == (other, "a person corrected it")

    @pytest.mark.parametrize("value", ["inf", "1e400", "-5", -5, 2.5, "nan", "many", float("inf"), float("nan")])
    def test_counts_are_whole_and_not_negative(self, captured: tuple[Path, Path], value: object) -> None:
        panel = quick(*captured)
        with pytest.raises(BadCorrection):
            panel.correct(panel.reports["report_id"].item(), "requests", "new", "total", value, why="scan")  # type: ignore[arg-type]
        assert not (captured[1] / "corrections.csv").exists()

    def test_refusals_name_the_line(self, captured: tuple[Path, Path]) -> None:
        panel = quick(*captured)
        report = panel.reports["report_id"].item()
        lines = "".join(f"{report},requests,new,total,0,{value},x,,,\n" for value in ("-5", "1e400"))
        (captured[1] / "corrections.csv").write_text(LEDGER + lines, encoding="utf-8")
        told = gia.open_panel(captured[1]).corrections["message"].tolist()
        assert ["(line 2 of corrections.csv)" in told[0], "(line 3 of corrections.csv)" in told[1]] == [True, True]

    def test_reports_and_places_that_are_not_there(self, captured: tuple[Path, Path]) -> None:
        panel = quick(*captured)
        with pytest.raises(UnknownChoice):
            panel.correct("0" * 16, "requests", "new", "total", 1, why="scan")
        report = panel.reports["report_id"].item()
        with pytest.raises(BadCorrection):
            panel.correct(report, "requests", "new", "everyone", 1, why="scan")
        with pytest.raises(BadCorrection):
            panel.correct(report, "requests", "new", "total", 1, why=" ")
        panel.correct(report, "report", None, "year", 2022, why="the cover says so")
        assert panel.reports["year"].tolist() == [2022]
