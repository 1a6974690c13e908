"""The desk: what waits, what a decision writes, that none is lost, and that a blind coder sees no reading."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from desk_inputs import doubtful_panel

import giakit as gia
from giakit.errors import UnknownChoice
from giakit.forms import tables
from giakit.panel.panel import Panel, open_panel
from giakit.panel.validate import coding_sheet
from giakit.review import desk_of
from giakit.review.desk import Desk, serve
from giakit.review.source import source_html
from typeset import random_figures, typeset

SUMS = {"check": "H"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return doubtful_panel(tmp_path, copies=3)


@pytest.fixture
def desk(panel: Panel) -> Desk:
    return desk_of(panel, who="A.B.", files=panel.path.parent / "raw", where=SUMS)


def test_the_largest_effect_comes_first_and_lines_of_a_table_are_one_question(desk: Desk, panel: Panel) -> None:
    findings = panel.findings
    effect = (findings["expected"] - findings["observed"]).abs().groupby(findings["report_id"]).max()
    asked = [item.report_id for item in desk.queue.items]
    assert [effect[report_id] for report_id in asked] == sorted(effect[asked], reverse=True)
    assert len(desk.queue.items) == 4
    assert desk.view()["suggestions"][0].startswith("granted.natural_person 2 → 1175")


def test_each_key_writes_what_it_says(desk: Desk, panel: Panel) -> None:
    for action, figure in (("take", "1"), ("enter", "1175"), ("blank", ""), ("keep", "")):
        desk.handle(action, figure)
        assert not desk.message
    ledger = open_panel(panel.path).corrections
    assert ledger["applied"].tolist() == [True, True, True]
    assert ledger["corrected"].tolist() == ["1175", "1175", ""]
    assert set(ledger["who"]) == {"A.B."}
    assert ledger["date"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()
    notes = open_panel(panel.path).findings["note"].dropna()
    assert notes.tolist() == ["kept as printed"]
    assert desk_of(open_panel(panel.path), who="C.D.", where=SUMS).view()["total"] == 1


def test_the_ledger_of_the_desk_is_that_of_the_same_decisions_by_hand(desk: Desk, panel: Panel, tmp_path: Path) -> None:
    for _ in range(3):
        desk.handle("take", "1")
    other = doubtful_panel(tmp_path / "by_hand", copies=3)
    lines = ["report_id,table,row,column,as_read,corrected,reason,evidence,who,date"]
    for copy in range(3):
        report_id = other.reports.set_index("source").loc[f"copy_{copy}.html", "report_id"]
        lines.append(f"{report_id},requests,granted,natural_person,{copy + 2},1175,seen,,A.B.,2026-01-01")
    (other.path / "corrections.csv").write_text("\n".join(lines), encoding="utf-8")
    by_desk, by_hand = open_panel(panel.path), open_panel(other.path)
    assert by_desk.cells.equals(by_hand.cells)
    assert (by_desk.cells["origin"] == "corrected").sum() == 3


def test_undo_takes_back_the_last_and_only_that(desk: Desk, panel: Panel) -> None:
    desk.handle("take", "1")
    desk.handle("keep")
    desk.handle("undo")
    assert desk.view()["at"] == 1
    again = open_panel(panel.path)
    assert again.corrections["corrected"].tolist() == ["1175"]
    assert "note" not in again.findings or again.findings["note"].isna().all()
    desk.handle("undo")
    desk.handle("undo")
    assert desk.message == "nothing to undo"
    assert open_panel(panel.path).corrections.empty


def test_two_desks_lose_nothing(panel: Panel) -> None:
    desks = [desk_of(panel, who=who, where=SUMS) for who in ("A.B.", "C.D.")]

    def decide(desk: Desk, steps: range) -> None:
        for step in steps:
            desk.at = step
            desk.handle("take", "1")

    workers = [threading.Thread(target=decide, args=(desk, range(3))) for desk in desks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    entries = pd.read_csv(panel.path / "corrections.csv", dtype="str", encoding="utf-8-sig")
    assert entries["who"].value_counts().to_dict() == {"A.B.": 3, "C.D.": 3}


def test_a_figure_that_is_none_is_refused_and_nothing_is_written(desk: Desk, panel: Panel) -> None:
    for figure in ("-5", "1e400", "inf", "1..2"):
        desk.handle("enter", figure)
        assert desk.message
    assert not (panel.path / "corrections.csv").exists()
    assert desk.at == 0


def test_filters(panel: Panel) -> None:
    assert len(desk_of(panel, who="A", where={"table": "remedies"}).queue.items) == 1
    assert len(desk_of(panel, who="A", where={"check": "H2", "year": 2023}).queue.items) == 3
    assert not desk_of(panel, who="A", where={"place": "广东"}).queue.items
    with pytest.raises(UnknownChoice, match="place"):
        desk_of(panel, who="A", where={"province": "江苏"})
    with pytest.raises(UnknownChoice, match="initials"):
        desk_of(panel, who=" ")


def test_a_blind_coder_sees_no_reading(panel: Panel, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    coding_sheet(panel, n=12, seed=1).to_csv(path, index=False, encoding="utf-8-sig")
    desk = desk_of(panel, sheet=path, coder=1)
    for number in range(len(desk.queue.items)):
        desk.at = number
        seen = desk.view()
        assert (seen["right"], seen["suggestions"], seen["findings"]) == ("", [], [])
        assert "framed" not in seen["left"]
    desk.at = 0
    desk.handle("enter", "7")
    desk.handle("blank")
    coded = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    assert coded["coder_1"].tolist()[:2] == ["7", "/"]
    assert set(coded["coder_2"]) == {""}


def test_what_two_coders_differ_on_is_settled(panel: Panel, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    sheet = coding_sheet(panel, n=6, seed=1)
    sheet.assign(coder_1=["1", "2", "3", "", "5", "/"], coder_2=["1", "3", "3", "4", "5", "0"]).to_csv(
        path, index=False
    )
    desk = desk_of(panel, sheet=path, coder="settle")
    assert len(desk.queue.items) == 2
    desk.handle("take", "2")
    desk.handle("enter", "9")
    settled = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")["settled"]
    assert settled.tolist() == ["", "3", "", "", "", "9"]


@pytest.fixture
def served(desk: Desk) -> Iterator[str]:
    server, address = serve(desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()


def test_the_page_answers_on_loopback_to_its_token_alone(served: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    base, _, token = served.partition("?token=")
    assert base.startswith("http://127.0.0.1:")
    with opener.open(served, timeout=10) as answer:
        assert b"giakit review" in answer.read()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opener.open(base, timeout=10)
    with opener.open(f"{base}act?token={token}", data=json.dumps({"action": "skip"}).encode(), timeout=10) as answer:
        assert json.load(answer)["at"] == 1


def test_review_is_called_before_and_after_its_module_is_imported(panel: Panel) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    import giakit.review

    seen = [call(panel, who="A", where=SUMS).view["total"] for call in (gia.review, giakit.review.review)]
    assert seen == [4, 4]


@pytest.mark.slow
def test_three_hundred_decisions_give_the_ledger_of_the_same_decisions_by_hand(tmp_path: Path) -> None:
    panel = doubtful_panel(tmp_path / "desk", copies=300)
    desk = desk_of(panel, who="A.B.", where={"check": "H", "table": "requests"})
    assert desk.view()["total"] == 300
    lines, notes = [], []
    for number, item in enumerate(desk.queue.items):
        action, figure = [("take", "1"), ("keep", ""), ("enter", "1175"), ("blank", "")][number % 4]
        if action == "keep":
            notes += [
                f"{item.report_id},{fingerprint},kept as printed,A.B.,2026-01-01" for *_, fingerprint in item.findings
            ]
        else:
            copy = int(panel.reports.set_index("report_id").loc[item.report_id, "source"].split("_")[1].split(".")[0])
            right = "" if action == "blank" else "1175"
            lines.append(f"{item.report_id},requests,granted,natural_person,{copy + 2},{right},seen,,A.B.,2026-01-01")
        desk.handle(action, figure)
        assert not desk.message
    by_hand = doubtful_panel(tmp_path / "hand", copies=300)
    head = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date"
    (by_hand.path / "corrections.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    (by_hand.path / "notes.csv").write_text(
        "\n".join(["report_id,fingerprint,note,who,date", *notes]), encoding="utf-8"
    )
    one, other = open_panel(panel.path), open_panel(by_hand.path)
    pd.testing.assert_frame_equal(one.cells, other.cells)
    assert one.corrections["applied"].all()
    assert len(one.corrections) == 225
    assert one.findings["note"].notna().sum() == other.findings["note"].notna().sum() > 0


@pytest.mark.slow
def test_what_was_decided_survives_a_kill_after_each_key(panel: Panel) -> None:
    code = (
        "import os, signal, sys; from giakit.review import desk_of; desk = desk_of(sys.argv[1], who='A.B.', where={'check': 'H'}); "
        "desk.handle('take', '1'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    for kills in (1, 2, 3):
        done = subprocess.run(
            [sys.executable, "-c", code, str(panel.path)], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        )
        assert done.returncode == -signal.SIGKILL
        assert open_panel(panel.path).corrections["applied"].tolist() == [True] * kills


@pytest.mark.slow
def test_a_scan_has_the_box_of_the_figure(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="the extra ocr is not installed")
    made = typeset(random_figures(3), unit="金湖县财政局", year=2023, format="png", seed=3)
    path = tmp_path / "scan.png"
    path.write_bytes(made.data)
    label = next(row.label for row in tables()["requests"].rows if row.code == "new")
    figure = f"{random_figures(3)['requests', 'new', 'total']:g}"
    seen = source_html(path, where="page 1 table 1", raw=figure, label=label)
    assert '<div class="framed" style="left:' in seen
    assert "framed" not in source_html(path, where="page 1 table 1", raw="", label=label)
