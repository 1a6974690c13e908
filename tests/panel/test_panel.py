"""Opening a panel: frames and their types, wide tables, corrections, versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pyarrow.compute as pc
import pytest
from panel_inputs import report_bytes, write_reports

import giakit as gia
from giakit.errors import BadPanel, RepeatedReports, UnknownChoice
from giakit.panel.panel import IDS, Panel
from giakit.panel.pool import InProcess
from typeset import typeset

STR = pd.StringDtype(na_value=float("nan"))


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("panel")
    return gia.build(write_reports(folder / "source", 8), folder / "panel", executor=InProcess())


def built(folder: Path, **pages: bytes) -> Panel:
    (folder / "source").mkdir(exist_ok=True)
    for name, data in pages.items():
        (folder / "source" / f"{name}.html").write_bytes(data)
    return gia.build(folder / "source", folder / "panel", executor=InProcess())


def test_types_are_those_of_the_contract(panel: Panel) -> None:
    reports = panel.reports
    assert reports.columns[:16].tolist() == [
        "report_id", "source", "format", "form", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier",
        "organ_kind", "policy_area", "scope", "year", "status",
    ]  # fmt: skip
    assert reports["year"].dtype == "Int64"
    assert reports.drop(columns="year").dtypes.eq(STR).all()
    assert panel.cells.columns.tolist() == [
        "report_id",
        "table",
        "row",
        "column",
        "value",
        "state",
        "origin",
        "raw",
        "where",
    ]
    assert panel.cells["value"].dtype == "Float64"
    assert panel.cells.drop(columns="value").dtypes.eq(STR).all()
    assert panel.checks.columns.tolist() == [
        "report_id",
        "check",
        "status",
        "table",
        "row",
        "column",
        "expected",
        "observed",
        "message",
        "fingerprint",
    ]
    assert panel.reports["report_id"].is_monotonic_increasing


def test_wide_holds_the_values_of_cells(panel: Panel) -> None:
    wide = panel.wide("requests", None)
    melted = wide.drop(columns=[name for name in IDS if name != "report_id"]).melt("report_id", value_name="wide")
    cells = panel.cells[panel.cells["table"].eq("requests") & ~panel.cells["row"].str.contains(":")]
    cells = cells.assign(variable=cells["row"] + "." + cells["column"])
    both = cells.merge(melted, on=["report_id", "variable"], how="left", validate="one_to_one")
    pd.testing.assert_series_equal(both["value"], both["wide"], check_names=False)


def test_wide_is_the_frame_that_metrics_take(panel: Panel) -> None:
    wide = panel.wide("requests")
    assert wide.columns[: len(IDS)].tolist() == list(IDS)
    assert wide.columns[len(IDS) :].tolist()[:3] == ["new", "carried_in", "granted"]
    assert wide["new"].dtype == "Float64"
    assert len(gia.metrics.disclosure_rate(wide, by=["year"])) == 4


def test_wide_reads_the_rows_and_reports_asked_for(panel: Panel) -> None:
    two = panel.wide("requests", rows=["closed", "new"], where={"year": [2021, 2022]}, ids=["year"])
    assert two.columns.tolist() == ["year", "closed", "new"]
    assert set(two["year"]) == {2021, 2022}
    by_expression = panel.wide("requests", rows=["closed", "new"], where=pc.field("year") < 2023, ids=["year"])
    pd.testing.assert_frame_equal(two, by_expression)
    assert panel.wide("remedies", None, rows=["suit_direct.total"], ids=["report_id"]).columns.tolist() == [
        "report_id",
        "suit_direct.total",
    ]
    assert panel.wide("statistics").columns[-1] == "trainees"


@pytest.mark.parametrize("province", ["河南省", "河南", "Henan"])
def test_where_knows_the_names_of_a_province(panel: Panel, province: str) -> None:
    there = panel.reports["province"].eq("河南省").sum()
    assert len(panel.wide("requests", where={"province": province}, versions="all")) == there > 0


@pytest.mark.parametrize(
    ("where", "valid"),
    [
        ({"year": "2023"}, "2023"),
        ({"year": [2022, 1999]}, "2022"),
        ({"place_code": "000000"}, "310000"),
        ({"province": "Hainan"}, "河南省"),
    ],
)
def test_where_refuses_what_no_report_has(panel: Panel, where: dict[str, object], valid: str) -> None:
    with pytest.raises(UnknownChoice, match=valid):
        panel.wide("requests", where=where)


@pytest.mark.parametrize(
    ("table", "options"),
    [
        ("request", {}),
        ("requests", {"column": "sum"}),
        ("requests", {"rows": ["received"]}),
        ("requests", {"where": {"town": 1}}),
        ("requests", {"ids": ["town"]}),
    ],
)
def test_unknown_names_are_said(panel: Panel, table: str, options: dict[str, object]) -> None:
    with pytest.raises(UnknownChoice):
        panel.wide(table, **options)  # type: ignore[arg-type]


def test_select_reads_some_reports(panel: Panel) -> None:
    wanted = panel.reports["report_id"].iloc[:2].tolist()
    assert set(panel.select("texts", wanted)["report_id"]) == set(wanted)
    with pytest.raises(UnknownChoice):
        panel.select("pages")


def test_a_blank_is_no_zero(tmp_path: Path) -> None:
    panel = built(tmp_path, a=report_bytes(new=0))
    row = panel.wide("requests").iloc[0]
    assert row["new"] == 0
    assert pd.isna(row["closed"])
    states = panel.cells.set_index(["table", "row", "column"])["state"]
    assert states["requests", "closed", "total"] == "blank"


@pytest.mark.parametrize("content", [None, "{", '{"layout": 99}'])
def test_a_folder_that_is_no_panel(tmp_path: Path, content: str | None) -> None:
    with pytest.raises(BadPanel):
        gia.open_panel(tmp_path / "nothing")
    if content is not None:
        (tmp_path / "panel.json").write_text(content)
    with pytest.raises(BadPanel):
        gia.open_panel(tmp_path)


def test_the_index_names_no_path_of_this_machine(panel: Panel) -> None:
    assert json.loads((panel.path / "panel.json").read_text())["complete"]
    assert not any(str(panel.path.parent).encode() in path.read_bytes() for path in panel.path.rglob("*.parquet"))


class TestCorrections:
    HEAD = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date\n"

    def test_applied_when_opened_and_kept_by_a_rebuild(self, tmp_path: Path) -> None:
        panel = built(tmp_path, a=report_bytes())
        identity = panel.reports.loc[0, "report_id"]
        (panel.path / "corrections.csv").write_text(
            self.HEAD
            + f"{identity},requests,new,total,3,4,misprint,scan,me,2025-01-01\n{identity},report,,year,2023,2022,,,me,\n",
            encoding="utf-8",
        )
        built(tmp_path, b=report_bytes(new=9))
        opened = gia.open_panel(panel.path)
        cell = opened.cells.set_index(["report_id", "table", "row", "column"]).loc[
            (identity, "requests", "new", "total")
        ]
        assert cell[["value", "origin", "as_read"]].tolist() == [4, "corrected", "3"]
        wide = opened.wide("requests", where={"year": 2022})
        assert wide["new"].tolist() == [4]
        assert opened.reports.set_index("report_id").loc[identity, ["year", "corrected"]].tolist() == [2022, "year"]

    def test_a_corrected_place_moves_what_follows_from_it(self, tmp_path: Path) -> None:
        panel = built(tmp_path, a=report_bytes("鼓楼区教育局"))
        identity = panel.reports.loc[0, "report_id"]
        (panel.path / "corrections.csv").write_text(
            self.HEAD + f"{identity},report,,place_code,,320106,,,me,\n", encoding="utf-8"
        )
        row = gia.open_panel(panel.path).reports.iloc[0]
        assert row[["place_code", "province", "agency_id"]].tolist() == ["320106", "江苏省", "320106:education"]

    def test_refused_where_the_panel_reads_otherwise(self, tmp_path: Path) -> None:
        panel = built(tmp_path, a=report_bytes())
        identity = panel.reports.loc[0, "report_id"]
        (panel.path / "corrections.csv").write_text(
            self.HEAD + f"{identity},requests,new,total,7,4,,,me,\n", encoding="utf-8"
        )
        opened = gia.open_panel(panel.path)
        assert opened.wide("requests")["new"].tolist() == [3]
        assert opened.findings["message"].str.contains("correction refused").any()


class TestVersions:
    FIGURES: ClassVar = {("requests", "new", "total"): 3, ("requests", "closed", "total"): 3}

    def page(self, *, format: str = "html", **changes: float) -> bytes:
        figures = self.FIGURES | {("requests", row, "total"): value for row, value in changes.items()}
        return typeset(figures, unit="卧龙区商务局", year=2023, format=format).data

    def test_equal_versions_merge(self, tmp_path: Path) -> None:
        panel = built(tmp_path, a=self.page(), b=self.page(format="docx"))
        assert len(panel.reports) == 2
        rows = panel.unit_years()
        assert rows[["versions", "differs"]].values.tolist() == [[2, False]]
        assert "versions" not in set(panel.findings["check"])

    def test_differing_versions_are_a_finding_that_names_the_one_kept(self, tmp_path: Path) -> None:
        panel = built(tmp_path, a=self.page(), b=self.page(new=5))
        row = panel.unit_years().iloc[0]
        assert row["differs"]
        found = panel.findings[panel.findings["check"] == "versions"].iloc[0]
        assert found["report_id"] == row["report_id"]
        assert f"{row['source']} is kept" in found["message"]
        assert "requests.new.total" in found["message"]

    def test_wide_keeps_the_version_that_unit_years_keeps(self, tmp_path: Path) -> None:
        pages = {"a": self.page(), "b": self.page(new=5), "other": report_bytes("吴中区商务局", 2023)}
        panel = built(tmp_path, **pages)
        kept = panel.unit_years()["report_id"]
        assert len(panel.wide("requests", versions="all")) == 3
        assert set(panel.wide("requests")["report_id"]) == set(kept)
        assert len(panel.wide("remedies", None, ids=["year"])) == 2
        worse = panel.reports.loc[~panel.reports["report_id"].isin(kept), "report_id"].item()
        # Where the best is not among the reports asked for, the next stands for the agency.
        assert panel.wide("requests", where={"report_id": worse})["report_id"].tolist() == [worse]
        with pytest.raises(RepeatedReports):
            gia.metrics.requests_per_decision(
                panel.wide("requests", versions="all").merge(
                    panel.wide("proactive", None, versions="all", ids=["report_id"]), on="report_id"
                )
            )
        with pytest.raises(UnknownChoice, match="best, all"):
            panel.wide("requests", versions="last")  # type: ignore[arg-type]

    def test_two_bureaus_of_unknown_place_are_no_versions(self, tmp_path: Path) -> None:
        pages = {name: report_bytes("财政局", 2023, new=new) for name, new in (("a", 3), ("b", 4))}
        assert len(built(tmp_path, **pages).wide("requests")) == 2

    def test_other_years_and_agencies_stay(self, panel: Panel) -> None:
        assert len(panel.unit_years()) == len(panel.reports.drop_duplicates(["agency_id", "unit", "scope", "year"]))


def test_adjusted_marks_what_it_changed(tmp_path: Path) -> None:
    figures = {
        ("remedies", "reconsideration", column): value
        for column, value in zip(["upheld", "corrected", "other", "pending", "total"], [11, 2, 3, 4, 200], strict=True)
    }
    panel = built(tmp_path, a=typeset(figures, unit="卧龙区商务局", year=2023).data)
    frame = panel.adjusted()
    changed = frame[frame["adjusted"]]
    assert len(panel.suggestions["solution"].unique()) != 1 or (changed["value"] != changed["printed"]).all()
    untouched = frame[~frame["adjusted"]]
    pd.testing.assert_series_equal(untouched["value"], untouched["printed"], check_names=False)


def test_figures_for_models_and_a_look_in_a_notebook(panel: Panel) -> None:
    wide = panel.wide("requests", dtype="float64")
    assert set(wide.drop(columns=list(IDS)).dtypes.astype(str)) == {"float64"}
    with pytest.raises(UnknownChoice):
        panel.wide("requests", dtype="int")  # type: ignore[arg-type]
    shown = panel._repr_html_()
    assert f"{len(panel)}, 2021-2024" in shown
    assert "<script" not in shown
