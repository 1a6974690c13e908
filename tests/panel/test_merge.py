"""What a build does again: only what is new is read, only of what changed anything is derived, each file is hashed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import panel_files, write_source

import giakit as gia
from giakit.panel import merge, plan, schema
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess


def build(source: Path, out: Path) -> Panel:
    return gia.build(source, out, executor=InProcess(), progress=False)


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the reports of which place, year and doubts were derived."""
    paths: list[str] = []
    original: Callable[..., object] = merge.report_row

    def counted(itself: object, path: str, given: object) -> object:
        paths.append(path)
        return original(itself, path, given)

    monkeypatch.setattr(merge, "report_row", counted)
    return paths


def test_only_what_is_new_is_derived(tmp_path: Path, derived: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "_GROUP", 5)
    source = write_source(tmp_path / "source", 12)
    build(source, tmp_path / "panel")
    assert len(derived) == 12
    derived.clear()
    build(source, tmp_path / "panel")
    assert derived == []
    extra = source / "extra.html"
    extra.write_bytes(_other(source))
    build(source, tmp_path / "panel")
    assert derived == ["extra.html"]
    derived.clear()
    (source / "sources.csv").write_text("path,year,scope\nextra.html,2019,organ\n", encoding="utf-8")
    panel = build(source, tmp_path / "panel")
    assert derived == ["extra.html"]
    assert "sources_year" in set(panel.findings["check"])
    extra.unlink()
    derived.clear()
    build(source, tmp_path / "panel")
    assert derived == []
    assert panel_files(build(source, tmp_path / "anew").path) == panel_files(tmp_path / "panel")


def _other(source: Path) -> bytes:
    """A page of the source under other bytes."""
    first = next(path for path in sorted(source.iterdir()) if path.suffix == ".html" and path.stat().st_size > 1000)
    return first.read_bytes() + b"\n<!-- 2 -->"


def test_a_range_of_which_nothing_changed_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_SPAN", 8)
    source = write_source(tmp_path / "source", 24)
    before = build(source, tmp_path / "panel").index
    (source / "extra.html").write_bytes(_other(source))
    after = build(source, tmp_path / "panel").index
    same = {span.name for span in before.spans} & {span.name for span in after.spans if span in before.spans}
    assert len(before.spans) == 4
    assert len(same) == 3


def test_each_file_of_a_panel_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_source(tmp_path / "source", 6)
    build(source, tmp_path / "panel")
    hashed: Counter[Path] = Counter()
    original = schema.hash_of

    def counted(path: Path) -> str:
        hashed[path] += 1
        return original(path)

    monkeypatch.setattr(schema, "hash_of", counted)
    build(source, tmp_path / "panel")
    assert set(hashed.values()) == {1}
    hashed.clear()
    panel = gia.open_panel(tmp_path / "panel")
    assert gia.verify(panel)
    _ = panel.cells, panel.reports, panel.findings, panel.wide("requests")
    assert {path: times for path, times in hashed.items() if times > 1 and path.is_relative_to(panel.path)} == {}
