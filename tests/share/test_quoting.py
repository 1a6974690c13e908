"""Texts that a spreadsheet program would take for formulas are quoted wherever a table leaves giakit."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from trust_inputs import built, page

from giakit.data import FORMULA, inert
from giakit.panel.panel import Panel
from giakit.panel.validate import coding_sheet
from giakit.share.bundle import bundle
from giakit.share.export import export

BEGINNINGS = ("=HYPERLINK(1)", "+cmd|1", "@SUM(A1)", "\tx", "\rx", "-2+3", "＝1+1", "＋1", "－x", "＠x")


@pytest.mark.parametrize("text", BEGINNINGS)
def test_what_begins_like_a_formula_is_quoted(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-", "+3.2", "-1,234.5", "12%", "—", "卧龙区商务局", "", "a=b"])
def test_figures_dashes_and_words_stay(text: str) -> None:
    assert inert(text) == text


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("quoting")
    (folder / "source").mkdir()
    lines = ["path,who,url", '=1+1.html,"=HYPERLINK(""http://x"")",@x', "+cmd.html,-2+3,http://a.gov.cn/"]
    (folder / "source" / "sources.csv").write_text("\n".join(lines), encoding="utf-8")
    return built(folder, {"=1+1.html": page("卧龙区商务局", 2023), "+cmd.html": page("金湖县人民政府", 2022)})


def formulas(text: str) -> list[str]:
    return [field for row in csv.reader(StringIO(text)) for field in row if inert(field) != field]


def files(panel: Panel, tmp_path: Path) -> Iterator[tuple[str, str]]:
    yield "sheet", coding_sheet(panel, n=20).to_csv(index=False)
    export(panel, to="csv", out=tmp_path / "csv")
    for path in (tmp_path / "csv").rglob("*.csv"):
        yield path.name, path.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(bundle(panel, out=tmp_path / "deposit.zip")) as packed:
        for name in packed.namelist():
            if name.endswith(".csv"):
                yield name, packed.read(name).decode("utf-8-sig")


def test_no_table_that_leaves_holds_a_formula(panel: Panel, tmp_path: Path) -> None:
    tables = dict(files(panel, tmp_path))
    assert len(tables) >= 3
    assert {name: formulas(text) for name, text in tables.items() if formulas(text)} == {}
    assert any("'=1+1.html" in text for text in tables.values())
    assert FORMULA.match("=1+1.html")
