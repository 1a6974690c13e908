"""The first three walks of CONTRIBUTING.md, done in a copy of the package: each does what it promises."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from panel_inputs import report_bytes

import giakit as gia

ROOT = Path(gia.__file__).resolve().parents[1]
LABEL = "全年新接公开申请总件数"
MEASURE = """
[measures.new_per_closed]
label = "New requests per 100 closed"
numerator = "new"
denominators = ["closed"]
per = 100
"""
CHART = '''

@twin
def reports_by_year_data(frame: pd.DataFrame) -> pd.DataFrame:
    """Number of reports of each year.

    Examples
    --------
    >>> reports_by_year_data(pd.DataFrame({"year": [2021, 2021]}))["n"].tolist()
    [2]
    """
    return frame.groupby("year").size().reset_index(name="n")


@drawing(reports_by_year_data)
def reports_by_year(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the number of reports of each year."""
    canvas.ax.bar(data["year"], data["n"], color=colour("main", "roles"))
    return []
'''
ASKED = """
import json, sys
import matplotlib
matplotlib.use("Agg")
import pandas as pd
import giakit as gia
report = gia.read(sys.argv[1])
rate = gia.metrics.new_per_closed(pd.DataFrame({"new": [30], "closed": [20]}))
frame = pd.DataFrame({"year": [2021, 2022, 2022]})
ax = gia.figures.reports_by_year(frame)
print(json.dumps({
    "from": gia.__file__, "new": report.table("requests").loc["new", "total"], "rate": rate["rate"].item(),
    "doc": gia.metrics.new_per_closed.__doc__.splitlines()[0], "bars": [int(bar.get_height()) for bar in ax.patches],
    "data": gia.figures.reports_by_year_data(frame)["n"].tolist(), "title": ax.get_title(loc="left") or ax.get_title(),
}))
"""


def changed(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{path.name} has no {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "giakit", tmp_path / "giakit", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "giakit"


def test_a_label_a_measure_and_a_chart_are_added_as_told(copy: Path) -> None:
    page = copy.parent / "2023.html"
    printed = report_bytes(new=7).decode()
    known = next(row.label for row in gia.forms.tables()["requests"].rows if row.code == "new")
    assert known in printed
    page.write_text(printed.replace(known, LABEL), encoding="utf-8")
    assert LABEL not in (copy / "forms/data/requests.toml").read_text(encoding="utf-8")
    changed(
        copy / "forms/data/requests.toml",
        ('aliases = ["本年新收政府信息公开申请数"', f'aliases = ["{LABEL}", "本年新收政府信息公开申请数"'),
    )
    changed(copy / "metrics/data/denominators.toml", ("\n[measures.", f"{MEASURE}\n[measures."))
    changed(copy / "metrics/__init__.py", ('"rates": "rate ', '"rates": "rate new_per_closed '))
    module = copy / "figures/quality.py"
    module.write_text(module.read_text(encoding="utf-8") + CHART, encoding="utf-8")
    changed(
        copy / "figures/__init__.py", ('        "last_digits",', '        "last_digits",\n        "reports_by_year",')
    )
    words = [(f"[{kind}.{lang}]\n", f'[{kind}.{lang}]\nreports_by_year = "Reports by year"\n')
             for kind in ("title", "kind") for lang in ("en", "zh")]  # fmt: skip
    changed(copy / "figures/data/words.toml", *words)
    answer = subprocess.run(
        [sys.executable, "-c", ASKED, str(page)],
        env=os.environ | {"PYTHONPATH": str(copy.parent)},
        capture_output=True,
        text=True,
        cwd=copy.parent,
    )
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout.splitlines()[-1])
    assert result.pop("from").startswith(str(copy))
    assert result.pop("title") == "Reports by year"
    assert result == {"new": 7, "rate": 150, "doc": "New requests per 100 closed.", "bars": [1, 2], "data": [1, 2]}


def test_an_alias_that_names_two_rows_is_refused(copy: Path) -> None:
    carried = next(row.label for row in gia.forms.tables()["requests"].rows if row.code == "carried_in")
    changed(
        copy / "forms/data/requests.toml",
        ('aliases = ["本年新收政府信息公开申请数"', f'aliases = ["{carried}", "本年新收政府信息公开申请数"'),
    )
    answer = subprocess.run(
        [sys.executable, "-c", "from giakit.forms import tables; tables()"],
        env=os.environ | {"PYTHONPATH": str(copy.parent)},
        capture_output=True,
        text=True,
        cwd=copy.parent,
    )
    assert "FormError" in answer.stderr
