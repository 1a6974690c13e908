"""The notebooks: their common shape, and that each runs on the shipped panel and on panels of other shapes."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from figures.drawn import beyond_page

import giakit as gia
from giakit import notebook as running
from giakit.data import shipped
from giakit.figures import MissingFont, cjk_font
from giakit.forms import form
from giakit.simulate.panels import panel as simulated_panel
from typeset import typeset

FOLDER = shipped("notebooks")
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
#: Run by the quick suite; the others by the slow one, on more panels.
QUICK = ("02_fate_of_requests.ipynb", "12_compared_with_others.ipynb", "13_a_paper.ipynb")


def load(name: str) -> Any:
    with warnings.catch_warnings():
        # Cells without ids and the like: what JupyterLab would warn of.
        warnings.simplefilter("error")
        notebook = nbformat.read(FOLDER / name, as_version=4)
        nbformat.validate(notebook)
    return notebook


def prose(notebook: Any, language: str = "en") -> str:
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    return "\n".join(cell.source if language == "en" else cell.metadata[language] for cell in cells)


def run(name: str, panel: Path, out: Path, lang: str = "en") -> None:
    """Execute a notebook; a cell that raises is a failure."""
    out.mkdir(parents=True, exist_ok=True)
    assert running._run(FOLDER / name, {"PANEL": str(panel), "FIGURES": str(out), "LANG": lang}) == ""


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "panel"
    return gia.build(shipped("data/reports"), folder, jobs=1, progress=False).path


def built(folder: Path, *, provinces: int, years: range, level: str = "county", each: int = 2) -> Path:
    """A panel of bureaus of commerce: so many places in each of so many provinces."""
    divisions = gia.places.divisions(2024)
    places = divisions[divisions["level"] == level]
    chosen = places.groupby(places["code"].str[:2]).head(each).groupby(places["code"].str[:2], sort=True)
    rows = pd.concat([part for _, part in list(chosen)[2 : 2 + provinces]])
    source = simulated_panel(agencies=len(rows), years=years, volume=15, volume_shape=2.0, applicants=True, seed=9)
    remedies = source.remedies.set_index("report_id")
    names = dict(zip(sorted(source.requests["agency_id"].unique()), rows.itertuples(), strict=True))
    for row in source.requests.to_dict("records"):
        laid_out, place, other = form(row["form"]), names[row["agency_id"]], remedies.loc[row["report_id"]]
        figures = {}
        for table, code, column in laid_out.cells():
            value = (row if table == "requests" else other).get(f"{code}.{column}")
            if value is not None and not pd.isna(value):
                figures[table, code, column] = float(value)
        parents = "".join(name for name in (place.province, place.prefecture) if isinstance(name, str))
        page = typeset(figures, unit=f"{parents}{place.name}商务局", year=int(row["year"]), form=laid_out.id)
        (folder / page.name).write_bytes(page.data)
    return gia.build(folder, folder / "panel", jobs=1, progress=False).path


SHAPES: dict[str, dict[str, Any]] = {
    "one province, three years": {"provinces": 1, "years": range(2021, 2024), "each": 6},
    "one tier": {"provinces": 3, "years": range(2019, 2022), "level": "prefecture"},
    "2021 and later": {"provinces": 3, "years": range(2021, 2025)},
    "one year": {"provinces": 4, "years": range(2023, 2024)},
}


@pytest.fixture(scope="session", params=SHAPES)
def shape(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("shape"), **SHAPES[request.param])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_has_the_common_shape(name):
    notebook = load(name)
    assert [cell.id for cell in notebook.cells] == [f"cell-{number:02d}" for number in range(len(notebook.cells))]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].metadata.tags == ["parameters"]
    assert {"PANEL", "FIGURES", "LANG"} <= set(code[0].source.replace(",", " ").split())
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert max(len(line) for cell in code for line in cell.source.splitlines()) <= 100
    heads = [line for line in prose(notebook).splitlines() if line.startswith("# ")]
    assert len(heads) == 1
    assert "?" in heads[0]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_prose_states_data_unit_n_and_caveat_in_both_languages(name):
    text, chinese = prose(load(name)), prose(load(name), "zh")
    for word in ("**Data**", "**Unit**", "**n**"):
        assert word in text, word
    assert "**Caveat" in text
    for word in ("**数据**", "**单位**", "**n**", "**局限**"):
        assert word in chinese, word


def test_numbers_follow_each_other():
    assert [name[:2] for name in NOTEBOOKS] == [f"{number:02d}" for number in range(1, len(NOTEBOOKS) + 1)]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in NOTEBOOKS]
)
def test_runs_on_the_shipped_panel(name, panel, tmp_path):
    run(name, panel, tmp_path)
    listed = (tmp_path / "README.md").read_text(encoding="utf-8")
    for figure in [*tmp_path.glob("*.png"), *tmp_path.glob("simulated/*.png")]:
        for ending in (".pdf", ".csv", ".txt"):
            assert figure.with_suffix(ending).exists()
        assert len(pd.read_csv(figure.with_suffix(".csv")))
        assert b"/Type3" not in figure.with_suffix(".pdf").read_bytes()
        assert not beyond_page(figure.with_suffix(".pdf"))
        assert f"| {figure.stem} |" in listed
        assert ("SIMULATED" in figure.stem) == (figure.parent.name == "simulated")
    assert all(path.name.startswith(name[:2]) for path in tmp_path.glob("*.png"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_on_panels_of_other_shapes(name, shape, tmp_path):
    run(name, shape, tmp_path)
    assert not [path for path in tmp_path.glob("*.png") if "SIMULATED" in path.name]


@pytest.mark.slow
def test_a_small_panel_gives_its_own_figures(tmp_path):
    small = built(tmp_path, **SHAPES["one province, three years"])
    running.run_notebooks(panel=small, out=tmp_path / "figures")
    assert len(list((tmp_path / "figures").glob("*.png"))) >= 25
    assert not list((tmp_path / "figures").glob("*SIMULATED*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_in_chinese(name, panel, tmp_path):
    try:
        cjk_font()
    except MissingFont:
        pytest.skip("no font with Chinese characters is installed")
    run(name, panel, tmp_path, "zh")


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_figure_repeats_byte_for_byte(name, panel, tmp_path):
    for folder in ("a", "b"):
        run(name, panel, tmp_path / folder)
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path.name


def test_an_empty_parameter_opens_the_shipped_reports(tmp_path):
    study = running.Study("", tmp_path)
    assert len(study.panel.reports) == len(list(shipped("data/reports").iterdir()))
    assert study.is_shipped
    assert set(study.requests["form"]) == {"2019", "2021"}


def test_the_panel_is_set_once(tmp_path, monkeypatch):
    monkeypatch.delenv("GIAKIT_PANEL", raising=False)
    (tmp_path / "panel.toml").write_text('panel = "mine"\nlang = "zh"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "mine") == running.PANEL
    assert running.LANG == "zh"
    monkeypatch.setenv("GIAKIT_PANEL", "elsewhere")
    assert running.PANEL == "elsewhere"


def test_a_notebook_that_fails_does_not_keep_the_others_from_running(tmp_path, monkeypatch, panel):
    names = []

    def fake(path: Path, settings: dict[str, str]) -> str:
        names.append(path.name)
        return "ValueError: no" if path.name.startswith("02") else ""

    monkeypatch.setattr(running, "_run", fake)
    with pytest.raises(running.NotebooksFailed, match="02_fate") as caught:
        running.run_notebooks(panel=panel, out=tmp_path)
    assert names == NOTEBOOKS
    assert list(caught.value.failed) == ["02_fate_of_requests.ipynb"]


def test_the_map_of_figures_keeps_what_other_notebooks_wrote(tmp_path):
    running.enter(tmp_path, ("02_a", "02", "panel", "3 rows", ""))
    running.enter(tmp_path, ("01_b", "01", "simulated", "4 rows", "simulated"), ("02_a", "02", "panel", "5 rows", ""))
    lines = [
        line for line in (tmp_path / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| 0")
    ]
    assert lines == ["| 01_b | 01 | simulated | 4 rows | simulated |", "| 02_a | 02 | panel | 5 rows |  |"]


def test_copies_speak_the_language_asked_for(tmp_path):
    running.copy_notebooks(tmp_path, "zh")
    assert 'lang = "zh"' in (tmp_path / "panel.toml").read_text(encoding="utf-8")
    copied = json.loads((tmp_path / NOTEBOOKS[0]).read_text(encoding="utf-8"))
    first = next(cell for cell in copied["cells"] if cell["cell_type"] == "markdown")
    assert first["source"].startswith("# giakit 读取")
