"""The notebooks: their common shape, and that each runs on the shipped panel and on a foreign one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import giakit as gia
import giakit.forms
from giakit.data import shipped
from giakit.figures import fonts
from giakit.simulate.panels import panel as simulated_panel

FOLDER = shipped("notebooks")
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECONDS = 300


def load(name: str) -> Any:
    with warnings.catch_warnings():
        # Cells without ids and the like: what JupyterLab would warn of.
        warnings.simplefilter("error")
        notebook = nbformat.read(FOLDER / name, as_version=4)
        nbformat.validate(notebook)
    return notebook


def prose(notebook: Any) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def run(name: str, panel: Path, out: Path, lang: str = "en") -> list[str]:
    """Execute a notebook; give what it printed. Anything on stderr is a failure."""
    notebook = load(name)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"PANEL = {str(panel)!r}\nFIGURES = {str(out)!r}\nLANG = {lang!r}"
    out.mkdir(parents=True, exist_ok=True)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(out)}}
    ).execute()
    streams = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream"
    ]
    said = [stream.text for stream in streams if stream.name == "stderr"]
    assert not said, said
    return [stream.text for stream in streams]


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "panel"
    return gia.build(shipped("data/reports"), folder, jobs=1, progress=False).path


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four reports of other places, on the form of 2019 only, one of them without requests, none with remedies."""
    folder = tmp_path_factory.mktemp("foreign")
    for number, (unit, year) in enumerate([("渭南市", 2019), ("渭南市", 2020), ("大足区教育委员会", 2020)]):
        figures = {
            ("requests", row, column): float(value + number)
            for row, value in (("new", 6), ("closed", 6), ("granted", 6))
            for column in ("natural_person", "total")
        }
        document = gia.simulate.typeset(figures, unit=unit, year=year, form="2019")
        (folder / document.name).write_bytes(document.data)
    empty = gia.simulate.typeset(
        {("proactive", "licences", "decisions"): 3.0}, unit="余杭区商务局", year=2019, form="2019"
    )
    (folder / empty.name).write_bytes(empty.data)
    return gia.build(folder, folder / "panel", jobs=1, progress=False).path


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty agencies over five years: enough for every figure that needs many agencies of a user's own."""
    folder = tmp_path_factory.mktemp("many")
    divisions = gia.places.divisions(2024)
    counties = divisions[divisions["level"] == "county"]
    provinces = counties.groupby(counties["code"].str[:2]).nth([0, 1]).sort_values("code").head(40)
    source = simulated_panel(
        agencies=len(provinces), years=range(2020, 2025), volume=15, volume_shape=2.0, applicants=True, seed=9
    )
    requests, remedies = source.requests, source.remedies.set_index("report_id")
    names = dict(zip(sorted(requests["agency_id"].unique()), provinces.itertuples(), strict=True))
    for row in requests.to_dict("records"):
        form = gia.forms.form(row["form"])
        place = names[row["agency_id"]]
        other = remedies.loc[row["report_id"]]
        figures = {}
        for table, code, column in form.cells():
            value = row.get(f"{code}.{column}") if table == "requests" else other.get(f"{code}.{column}")
            if value is not None and not pd.isna(value):
                figures[table, code, column] = float(value)
        parents = "".join(name for name in (place.province, place.prefecture) if isinstance(name, str))
        document = gia.simulate.typeset(
            figures, unit=f"{parents}{place.name}商务局", year=int(row["year"]), form=form.id
        )
        (folder / document.name).write_bytes(document.data)
    return gia.build(folder, folder / "panel", jobs=2, progress=False).path


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_shape(name):
    notebook = load(name)
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{number:02d}" for number in range(len(notebook.cells))
    ]
    first, *rest = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert first is notebook.cells[0]
    assert first.metadata.tags == ["parameters"]
    assert [line.split(" = ")[0] for line in first.source.splitlines()] == ["PANEL", "FIGURES", "LANG"]
    assert all(not cell.outputs and cell.execution_count is None for cell in (first, *rest))
    assert rest[-1] is notebook.cells[-1]
    assert rest[-1].source == "bench.close()"
    heads = [line for line in prose(notebook).splitlines() if line.startswith("# ")]
    assert len(heads) == 1
    assert heads[0].endswith("?")


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_prose_states_data_unit_n_and_caveat(name):
    text = prose(load(name))
    for word in ("**Data**", "**Unit**", "**n**"):
        assert word in text, word
    assert "**Caveat**" in text or "**Caveats**" in text


def test_numbers_follow_each_other():
    assert [name[:2] for name in NOTEBOOKS] == [f"{number:02d}" for number in range(1, len(NOTEBOOKS) + 1)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_on_the_shipped_panel(name, panel, tmp_path):
    printed = run(name, panel, tmp_path)
    written = {path.name for path in tmp_path.iterdir() if path.is_file()}
    listed = {line.strip() for line in printed[-1].splitlines()[1:]}
    assert written == listed
    for figure in tmp_path.glob("*.png"):
        assert {f"{figure.stem}.pdf", f"{figure.stem}.csv"} <= written
        assert len(pd.read_csv(figure.with_suffix(".csv")))
        assert b"/Type3" not in figure.with_suffix(".pdf").read_bytes()
    assert all(name.startswith(name[:2]) for name in written)


def test_two_runs_give_the_same_bytes(panel, tmp_path):
    for run_name in ("a", "b"):
        run("02_fate_of_requests.ipynb", panel, tmp_path / run_name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir())
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_an_empty_parameter_opens_the_shipped_reports(tmp_path):
    from giakit.notebook import Notebook

    bench = Notebook("", tmp_path)
    assert len(bench.panel) == len(list(shipped("data/reports").iterdir()))
    assert bench.is_shipped
    assert set(bench.requests["form"]) == {"2019", "2021"}


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_on_a_foreign_panel(name, foreign, tmp_path):
    printed = run(name, foreign, tmp_path)
    told = [
        line
        for text in printed
        for line in text.splitlines()
        if line.startswith(("Not in this panel", "This panel holds too little"))
    ]
    assert len(told) == len(set(told))
    assert printed[-1].splitlines()[0].endswith(":") or printed[-1].startswith("Nothing")


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_on_a_panel_of_many_agencies(name, many, tmp_path):
    run(name, many, tmp_path)
    real = {
        "05": ["05_requests_over_time", "05_funnel", "05_shrinkage"], "06": ["06_law_and_fact"],
        "07": ["07_gap"], "08": ["08_remedy_pyramid", "08_direct_suits"], "09": ["09_map_of_disclosure"],
    }  # fmt: skip
    for figure in real.get(name[:2], []):
        assert (tmp_path / f"{figure}.png").exists(), figure


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_in_chinese(name, panel, tmp_path):
    try:
        fonts.cjk_font()
    except fonts.MissingFont:
        pytest.skip("no font with Chinese characters is installed")
    run(name, panel, tmp_path, "zh")


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_figure_repeats_byte_for_byte(name, panel, tmp_path):
    for folder in ("a", "b"):
        run(name, panel, tmp_path / folder)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
