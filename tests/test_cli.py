"""The command line: exit codes, one or two lines on errors, any console."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from panel_inputs import report_bytes, write_reports

from giakit import cli
from giakit.panel.schema import locked


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ending:
        cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return int(ending.value.code or 0), told.out, told.err


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "2023_卧龙区商务局.html"
    path.write_bytes(report_bytes())
    return path


def test_read_for_people(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "read", page)
    assert (code, err) == (0, "")
    assert "卧龙区商务局" in out
    assert "411303" in out


def test_read_as_json(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "read", page, "--json")
    content = json.loads(out)
    assert code == 0
    assert (content["unit"], content["year"], content["form"]) == ("卧龙区商务局", 2023, "2021")
    assert set(content) >= {"scope", "cells", "findings", "suggestions"}
    assert {cell["value"] for cell in content["cells"]} == {None, 3.0}


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 80, "<p>今天天气很好</p>".encode(), b"\0\xff" * 400]
)
def test_what_is_no_report_ends_with_2(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(content)
    code, out, err = run(capsys, "read", path)
    assert (code, out) == (2, "")
    assert 1 <= len(err.splitlines()) <= 2
    assert err.startswith("giakit: ")


def test_missing_paths_and_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in [
        (("read", tmp_path / "no"), 2),
        (("read", tmp_path), 2),
        (("build", tmp_path / "no", tmp_path / "out"), 1),
        (("figures", tmp_path), 1),
    ]:
        code, _, err = run(capsys, *arguments)
        assert code == expected
        assert 1 <= len(err.splitlines()) <= 2
        assert "Traceback" not in err


def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "build", "only-one")
    assert code == 2
    assert err.splitlines() == ["giakit: Missing argument 'OUT'; see giakit build --help"]


def test_build_is_complete_with_unreadable_files(
    tmp_path: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    page.rename(tmp_path / "source" / page.name)
    (tmp_path / "source" / "empty.html").write_bytes(b"")
    code, out, err = run(capsys, "build", tmp_path / "source", tmp_path / "panel", "--jobs", 1, "--quiet")
    assert (code, err) == (0, "")
    assert "1 reports; of 2 paths" in out
    assert "1 unreadable" in out


def test_a_build_that_read_nothing_ends_with_1_and_the_commonest_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    for name, content in {"a.html": b"", "b.html": b"", "c.html": "<p>今天天气很好</p>".encode()}.items():
        (tmp_path / "source" / name).write_bytes(content + name[:1].encode() * (len(content) > 0))
    (tmp_path / "source" / "b.html").write_bytes(b" ")
    code, out, err = run(capsys, "build", tmp_path / "source", tmp_path / "panel", "--jobs", 1, "--quiet")
    assert code == 1
    assert "0 reports; of 3 paths" in out
    assert err.startswith("giakit: nothing was read: ")
    assert "(2 files)" in err


@pytest.mark.parametrize("command", [["read"], ["read", "--json"], ["check", "--quiet"]])
def test_nothing_in_a_document_commands_the_terminal(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    orders = "\x1b]0;owned\x07\x9b2J\u202e"
    page = tmp_path / f"2023{orders}.html"
    text = report_bytes().decode().replace("卧龙区商务局", f"卧龙区{orders}商务局")
    page.write_text(text.replace(">3<", f">3{orders}<"), encoding="utf-8")
    _, out, err = run(capsys, *command, page)
    assert out
    assert not set("\x1b\x07\x9b\u202e") & set(out + err)
    if "--json" in command:
        assert "owned" in json.loads(out)["unit"]


def test_a_locked_panel_ends_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_reports(tmp_path / "source", 1)
    with locked(tmp_path / "panel"):
        code, _, err = run(capsys, "build", source, tmp_path / "panel")
    assert code == 3
    assert "another build" in err


def test_codebook_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert "denied_process" in run(capsys, "codebook")[1]
    assert run(capsys, "codebook", "--format", "csv")[1].startswith("table,row,column")
    code, out, _ = run(capsys, "places", "卧龙区商务局", "鼓楼区教育局")
    assert code == 0
    assert "411303" in out
    assert "undecided" in out


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "utf-8"])
def test_any_console(page: Path, encoding: str) -> None:
    page.write_bytes(report_bytes("卧龙区商务局"))
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    for arguments in (["read", str(page)], ["places", "Ş 卧龙区😀"], ["codebook"]):
        done = subprocess.run(
            [sys.executable, "-m", "giakit.cli", *arguments], capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        done.stdout.decode(encoding)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from giakit.cli import cli; cli(['--help'], standalone_mode=False); print(sorted({'pandas', 'numpy', 'pyarrow', 'lxml'} & set(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
