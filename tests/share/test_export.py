"""Exports: what goes out comes back, with the reason why a figure is missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from panel_inputs import write_reports
from trust_inputs import built, page

import giakit as gia
from giakit import places
from giakit.errors import MissingExtra, UnknownChoice
from giakit.forms import tables
from giakit.panel.names import cell_variables, code_labels, code_lists, code_numbers, variables
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from giakit.share.export import export
from giakit.share.frame import pieces
from typeset import typeset

FIGURES = {("requests", row, "total"): 3 for row in ("new", "granted", "closed")} | {
    ("remedies", "reconsideration", "other"): 1
}
LEDGER = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date\n"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """Reports of two forms, one with a blank cell, one in two versions, one with rows of its own, one figure corrected."""
    folder = tmp_path_factory.mktemp("export")
    source = write_reports(folder / "source", 4)
    blank = typeset(FIGURES, unit="扬州市教育局", year=2023)
    (source / "blank.html").write_bytes(blank.data)
    (source / "again.txt").write_bytes(typeset(FIGURES, unit="扬州市教育局", year=2023, format="text").data)
    (source / "old.html").write_bytes(
        typeset({("requests", "other", "total"): 2}, unit="金湖县民政局", year=2020, form="2019").data
    )
    built = gia.build(source, folder / "panel", executor=InProcess())
    corrected = built.reports.query("year == 2020")["report_id"].item()
    (folder / "panel" / "corrections.csv").write_text(
        f"{LEDGER}{corrected},requests,other,total,2,5,typing error,page,me,2026-01-01\n", encoding="utf-8"
    )
    return gia.open_panel(folder / "panel")


@pytest.fixture(scope="module")
def expected(panel: Panel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and states by report and variable, straight from the cells."""
    names = {address: name for address, name in cell_variables(list(tables())).items()}
    cells = panel.cells
    cells = cells.assign(
        name=[names.get(address) for address in zip(cells["table"], cells["row"], cells["column"], strict=True)]
    ).dropna(subset="name")
    return cells.pivot(index="report_id", columns="name", values="value"), cells.pivot(
        index="report_id", columns="name", values="state"
    ).fillna("absent")


def test_stata_there_and_back(panel: Panel, expected: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat", reason="pyreadstat is not installed")
    path, beside = export(panel, to="dta", out=tmp_path / "panel.dta")
    frame, about = pyreadstat.read_dta(str(path), user_missing=True)
    frame = frame.set_index("report_id")
    values, states = expected
    letters = {"a": "blank", "b": "undecided", "c": "absent"}
    for name in values.columns:
        back = frame[name].reindex(values.index)
        assert [letters.get(value, "reported") for value in back] == states[name].tolist()
        assert [None if value in letters else float(value) for value in back] == [
            None if pd.isna(value) else float(value) for value in values[name]
        ]
        assert about.variable_value_labels[name] == letters
    assert about.column_names_to_labels["req_other_handling_total"] == "other handling, one row: total"
    assert (
        frame["scope"].map(about.variable_value_labels["scope"]).notna().sum() == panel.reports["scope"].notna().sum()
    )
    assert beside.name == "panel_variables.csv"


def test_stata_s_own_missing_values(panel: Panel, tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat", reason="pyreadstat is not installed")
    path, _ = export(panel, to="dta", out=tmp_path / "panel.dta")
    frame = pd.read_stata(path, convert_missing=True, convert_categoricals=False).set_index("report_id")
    blank = panel.reports.query("source == 'blank.html'")["report_id"].item()
    assert str(frame.loc[blank, "req_carried_in_total"]) == ".a"
    assert str(frame.loc[blank, "req_other_handling_total"]) == ".c"
    assert frame.loc[blank, "req_new_total"] == 3


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_csv_and_parquet_there_and_back(
    panel: Panel, expected: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path, kind: Any
) -> None:
    path, states_path, _ = export(panel, to=kind, out=tmp_path / f"panel.{kind}")

    def read(file: Path) -> pd.DataFrame:
        frame = (
            pd.read_csv(file, encoding="utf-8-sig", dtype={"report_id": "str", "place_code": "str"})
            if kind == "csv"
            else pq.read_table(file).to_pandas()
        )
        return frame.set_index("report_id")

    values, states = expected
    pd.testing.assert_frame_equal(
        read(path)[values.columns].astype("Float64"),
        values.rename_axis(columns=None).astype("Float64"),
        check_names=False,
    )
    pd.testing.assert_frame_equal(
        read(states_path)[states.columns].astype("str"),
        states.rename_axis(columns=None).astype("str"),
        check_names=False,
    )
    assert read(path)["unit"].notna().all()


def test_csv_begins_with_the_mark_that_excel_needs(panel: Panel, tmp_path: Path) -> None:
    for path in export(panel, to="csv", out=tmp_path / "panel.csv"):
        data = path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\xef\xbb\xbf") == 1
    assert ".0," not in (tmp_path / "panel.csv").read_text(encoding="utf-8-sig")


def test_a_version_that_does_not_count_is_marked(panel: Panel, tmp_path: Path) -> None:
    frame = pq.read_table(export(panel, to="parquet", out=tmp_path / "panel.parquet")[0]).to_pandas()
    twice = frame[frame["unit"] == "扬州市教育局"]
    assert sorted(twice["kept"]) == [0, 1]
    assert frame["kept"].sum() == len(panel.unit_years())


def test_corrections_are_in_it_and_counted(panel: Panel, tmp_path: Path) -> None:
    frame = pq.read_table(export(panel, to="parquet", out=tmp_path / "panel.parquet")[0]).to_pandas().set_index("year")
    assert (frame.loc[2020, "req_other_handling_total"], frame.loc[2020, "n_corrected"]) == (5, 1)
    assert frame["n_corrected"].sum() == 1


def test_rows_of_a_locality_are_counted_where_they_find_no_variable(tmp_path: Path) -> None:
    figures = {
        ("requests", row, column): 2 for row in ("new", "closed", "granted") for column in ("natural_person", "total")
    }
    (tmp_path / "page.html").write_bytes(typeset(figures, unit="卧龙区商务局", year=2023, quirks=["local_rows"]).data)
    panel = gia.build(tmp_path / "page.html", tmp_path / "panel", executor=InProcess())
    local = panel.cells[panel.cells["row"].str.startswith("extra:") & panel.cells["value"].notna()]
    frame = pq.read_table(export(panel, to="parquet")[0]).to_pandas()
    assert len(local) > 0
    assert frame["n_left_out"].item() == len(local)


def test_names_and_labels_fit_stata() -> None:
    for lang in ("en", "zh"):
        book = variables(lang=lang)
        assert book["name"].is_unique
        assert book["label"].is_unique
        assert book["label"].str.len().max() <= 80
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,27}", name) for name in book["name"])


def test_other_never_stands_unqualified() -> None:
    book = variables()
    names = set(book["name"])
    assert {"req_other_handling_total", "req_new_otherorg", "rem_recons_other_result", "req_other_rest_total"} <= names
    assert not [
        name
        for name in names
        if re.search(r"(^|_)other($|_total$|_n$|_natural$)", name) and not name.startswith("stat_")
    ]
    assert not book["label"].str.fullmatch(r"other: .*|.*: other").any()


def test_names_do_not_change() -> None:
    """Names of one version are names of the next: a sample of every kind."""
    kept = [
        "req_new_total",
        "req_denied_secret_pubint",
        "req_noproc_publ_otherorg",
        "req_unable_to_make_total",
        "rem_suit_direct_pending",
        "pro_fees_amount",
        "stat_received_n",
        "stat_disclosed_total_cum",
    ]
    assert set(kept) <= set(variables()["name"])
    assert code_numbers("tier") == {"province": 1, "prefecture": 2, "county": 3, "township": 4}


def test_code_lists_hold_every_value_that_places_give() -> None:
    names = [
        "江苏省人民政府",
        "淮安市税务局",
        "卧龙区商务局",
        "平潭综合实验区管委会",
        "解放路街道办事处",
        "城关镇人民政府",
        "淮安市人民政府办公室",
        "淮安市中级人民法院",
        "淮安市委办公室",
        "南京大学",
    ]
    for name in names:
        place = places.resolve(name)
        assert place.tier is None or place.tier in code_numbers("tier")
        assert place.organ_kind is None or place.organ_kind in code_numbers("organ_kind")
    listed = re.findall(r"\w+", str(places.Place.__doc__).split("organ_kind : str or None")[1].split("policy_area")[0])
    assert set(listed) == set(code_numbers("organ_kind"))
    for kind in code_lists():
        for lang in ("en", "zh"):
            assert list(code_labels(kind, lang)) == list(code_numbers(kind).values())


def test_pieces_of_any_size_make_the_same_table(panel: Panel) -> None:
    whole = list(pieces(panel, ["requests"]))
    parts = list(pieces(panel, ["requests"], size=2))
    pd.testing.assert_frame_equal(pd.concat([part.about for part in parts], ignore_index=True), whole[0].about)
    assert sum(len(part.values) for part in parts) == len(panel)


def test_tables_are_those_of_the_panel_s_forms_unless_asked(panel: Panel, tmp_path: Path) -> None:
    columns = pq.read_table(export(panel, to="parquet", out=tmp_path / "a.parquet")[0]).column_names
    assert {name.partition("_")[0] for name in columns if name.partition("_")[0] in ("req", "rem", "pro", "stat")} == {
        "req",
        "rem",
        "pro",
    }
    columns = pq.read_table(
        export(panel, to="parquet", out=tmp_path / "b.parquet", tables=["remedies"])[0]
    ).column_names
    assert sum(name.startswith("rem_") for name in columns) == 15
    assert not any(name.startswith("req_") for name in columns)


@pytest.mark.parametrize("kind", ["dta", "csv", "parquet", "xlsx"])
def test_a_panel_without_reports_has_columns_and_no_rows(tmp_path: Path, kind: Any) -> None:
    if kind == "dta":
        pytest.importorskip("pyreadstat", reason="pyreadstat is not installed")
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "note.txt").write_text("no report", encoding="utf-8")
    panel = gia.build(tmp_path / "source", tmp_path / "panel", executor=InProcess())
    path = export(panel, to=kind, tables=["requests"])[0]
    frame = {"dta": pd.read_stata, "csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[kind](path)
    assert len(frame) == 0
    assert "req_new_total" in frame


def test_what_is_not_known_is_refused(panel: Panel, tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="dta, csv, parquet, xlsx"):
        export(panel, to="sav")  # type: ignore[arg-type]
    with pytest.raises(UnknownChoice, match="tables"):
        export(panel, to="csv", tables=["request"])
    with pytest.raises(UnknownChoice, match="lang"):
        export(panel, to="csv", lang="fr")  # type: ignore[arg-type]


def test_without_pyreadstat_the_extra_is_named(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(MissingExtra, match=r"giakit\[export\]"):
        export(panel, to="dta", out=tmp_path / "panel.dta")


def test_the_command(panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        gia_main(
            ["export", str(panel.path), "--to", "csv", "--out", str(tmp_path), "--table", "remedies", "--lang", "zh"]
        )
    assert not ending.value.code
    assert [Path(line).name for line in capsys.readouterr().out.split()] == [
        "panel.csv",
        "panel_states.csv",
        "panel_variables.csv",
    ]


def gia_main(arguments: list[str]) -> None:
    from giakit.cli import main

    main(arguments)


def test_a_name_without_an_ending_is_a_folder(panel: Panel, tmp_path: Path) -> None:
    path = export(panel, to="parquet", out=tmp_path / "new" / "folder")[0]
    assert path == tmp_path / "new" / "folder" / f"{panel.path.resolve().name}.parquet"
    assert path.is_file()


def test_a_column_of_letters_in_its_first_hundred_rows_stays_numeric(tmp_path: Path) -> None:
    from giakit.share.export import _typed

    pyreadstat = pytest.importorskip("pyreadstat")
    column = np.array(["a"] * 150 + [3.0, 4.5], dtype=object)
    frame = pd.DataFrame({"x": _typed(column), "y": _typed(np.array(["b"] * 152, dtype=object))})
    missing = {name: ["a", "b", "c"] for name in frame}
    pyreadstat.write_dta(frame, str(tmp_path / "x.dta"), missing_user_values=missing)
    read, meta = pyreadstat.read_dta(str(tmp_path / "x.dta"), user_missing=True)
    assert read["x"].iloc[[0, 150, 151]].tolist() == ["a", 3.0, 4.5]
    assert not any(kind.endswith("s") for kind in meta.original_variable_types.values())


def test_a_workbook_has_values_states_labels_and_the_statement(tmp_path: Path) -> None:
    evil = page("卧龙区商务局", 2023).replace("卧龙区商务局".encode(), "=1+1卧龙区商务局".encode())
    panel = built(tmp_path, {"=cmd.html": evil, "b.html": page("宛城区教育局", 2023)})
    (path,) = export(panel, to="xlsx", out=tmp_path / "panel.xlsx")
    sheets = pd.read_excel(path, sheet_name=None)
    assert list(sheets) == ["values", "states", "labels", "statement"]
    (csv, *_) = export(panel, to="csv", out=tmp_path / "panel.csv")
    plain = pd.read_csv(csv)
    pd.testing.assert_frame_equal(sheets["values"][plain.columns], plain, check_dtype=False)
    assert sheets["labels"]["name"].tolist() == plain.columns.tolist()
    assert sheets["statement"].iloc[0, 0].startswith("Panel of 2 annual reports")
    formulas = [
        cell.value for row in load_workbook(path)["values"].iter_rows() for cell in row if cell.data_type == "f"
    ]
    assert formulas == []
    assert "'=cmd.html" in sheets["values"]["source"].tolist()
