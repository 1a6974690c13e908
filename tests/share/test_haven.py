"""What R's haven sees in the Stata file: the figures, and why a figure is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import giakit as gia
from giakit.panel.pool import InProcess
from giakit.share.export import export
from typeset import typeset

SCRIPT = """
suppressMessages(library(haven))
panel <- read_dta(commandArgs(trailingOnly = TRUE)[1])
cat(panel$req_new_total, na_tag(panel$req_new_natural), na_tag(panel$req_carried_in_total), panel$unit, sep = "\\n")
"""


@pytest.fixture
def rscript() -> str:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    if subprocess.run([program, "-e", "library(haven)"], capture_output=True).returncode:
        pytest.skip("R has no package haven")
    return program


def test_haven_reads_figures_and_reasons(rscript: str, tmp_path: Path) -> None:
    figures = {("requests", "new", "total"): 3, ("requests", "new", "natural_person"): None}
    page = typeset(figures, unit="卧龙区商务局", year=2023)
    (tmp_path / page.name).write_bytes(page.data)
    panel = gia.build([tmp_path / page.name], tmp_path / "panel", executor=InProcess(), progress=False)
    (written, _) = export(panel, to="dta", out=tmp_path / "panel.dta")
    answer = subprocess.run(
        [rscript, "-e", SCRIPT, str(written)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert answer.stdout.split() == ["3", "a", "a", "卧龙区商务局"]
