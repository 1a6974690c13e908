"""A replication package that is made, runs, and refuses what was changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import giakit as gia
from giakit.errors import UnknownChoice
from giakit.share.project import new_project

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ("2023_宿迁市", "2024_宿迁市", "2024_淮安市人民政府")


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_a_project_runs_and_refuses_a_changed_byte(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for name in REPORTS:
        shutil.copy(gia.example(name), given)
    project = new_project(tmp_path / "paper", reports=given)
    first = run(project)
    assert first.returncode == 0, first.stderr
    output = project / "output"
    assert {path.name for path in output.iterdir()} == {
        "statement.txt", "rates.csv", "fate_of_requests.png", "analysis.ipynb"
    }  # fmt: skip
    assert "3 annual reports" in (output / "statement.txt").read_text(encoding="utf-8")
    again = run(project)
    assert again.returncode == 0, again.stderr
    page = project / "raw" / "2023_宿迁市.html"
    page.write_bytes(page.read_bytes().replace(b"<td>1175</td>", b"<td>1176</td>", 1))
    (output / "rates.csv").unlink()
    changed = run(project)
    assert changed.returncode == 1
    assert "not the one of output/statement.txt" in changed.stderr
    assert not (output / "rates.csv").exists()
    assert run(project, "--accept").returncode == 0


def test_requirements_pin_what_is_installed(tmp_path: Path) -> None:
    lines = (new_project(tmp_path / "paper") / "requirements.txt").read_text(encoding="utf-8").split()
    pins = dict(line.split("==") for line in lines)
    assert pins["giakit[notebooks]"] == gia.__version__
    assert {"pandas", "pyarrow", "jupyterlab", "numpy"} <= pins.keys()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(UnknownChoice, match="new or empty"):
        new_project(tmp_path / "paper")
    assert [path.name for path in (tmp_path / "paper").iterdir()] == ["thesis.docx"]
