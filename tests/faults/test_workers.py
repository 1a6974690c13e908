"""A worker that dies, hangs or takes all memory costs the guilty file one row, and its batch nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fault_tools import Deadly, panel_files, write_source

import giakit as gia
from giakit.panel import build as run
from giakit.panel import plan
from giakit.panel.pool import InProcess


def build_with(
    tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch, **options: object
) -> gia.building.Panel:  # type: ignore[name-defined]
    """A build of ten good reports and some that do harm, each with a report's bytes of its own."""
    source = write_source(tmp_path / "source", 10)
    good = (source / "twin.html").read_bytes()
    for number, name in enumerate(names):
        (source / name).write_bytes(good + f"<!-- {number} -->".encode())
    monkeypatch.setattr(run, "_GRACE", 1.0)
    return gia.build(source, tmp_path / "panel", limits=Deadly(), jobs=2, **options)  # type: ignore[arg-type]


def reasons(panel: gia.building.Panel, names: list[str]) -> list[str]:  # type: ignore[name-defined]
    rows = panel.manifest.set_index("path")
    assert (rows.loc[names, "status"] == "unreadable").all()
    assert rows["status"].value_counts()["parsed"] == 10
    assert len(panel.reports) == 10
    return list(rows.loc[names, "reason"])


def test_a_death_costs_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["a die.html", "z die.html"]
    found = reasons(build_with(tmp_path, names, monkeypatch), names)
    assert all("died or hung" in reason for reason in found)


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reasons(build_with(tmp_path, ["loop.html"], monkeypatch, seconds=3), ["loop.html"])
    assert found == ["it took longer than 3 seconds"]


def test_what_takes_all_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reasons(build_with(tmp_path, ["hog.html"], monkeypatch, memory=300_000_000), ["hog.html"])
    assert found == ["it needs more than 300,000,000 bytes of memory"]


def test_a_loop_that_hears_no_alarm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reasons(build_with(tmp_path, ["deaf.html"], monkeypatch, seconds=3), ["deaf.html"])
    assert "died or hung" in found[0]


@pytest.mark.slow
def test_a_process_that_stands_still_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reasons(build_with(tmp_path, ["stop.html"], monkeypatch, seconds=2), ["stop.html"])
    assert "died or hung" in found[0]


def test_the_guilty_file_is_tried_again_only_when_something_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_with(tmp_path, ["die.html"], monkeypatch)
    again = gia.build(tmp_path / "source", tmp_path / "panel", limits=Deadly(), executor=InProcess())
    assert "unreadable" in set(again.manifest["status"])
    changed = gia.build(tmp_path / "source", tmp_path / "panel", executor=InProcess())
    assert len(changed) == 11


class Lossy(ThreadPoolExecutor):
    """Loses the first results that it is asked for, as a cluster does when a node goes."""

    lost = 0

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        Lossy.lost += 1
        if Lossy.lost % 3 == 1:
            return super().submit(self.fail)
        return super().submit(fn, *args, **kwargs)

    def fail(self) -> None:
        raise RuntimeError("node lost")


def test_a_foreign_executor_that_loses_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_source(tmp_path / "source", 10)
    monkeypatch.setattr(plan, "_BATCH", 400_000)
    with Lossy(2) as executor:
        panel = gia.build(source, tmp_path / "panel", executor=executor, jobs=2)
    assert panel.manifest["status"].value_counts()["parsed"] == 10
    monkeypatch.undo()
    gia.build(source, tmp_path / "undisturbed", executor=InProcess())
    assert panel_files(tmp_path / "panel") == panel_files(tmp_path / "undisturbed")
