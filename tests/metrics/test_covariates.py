"""Covariates beside reports."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest

from giakit.errors import CannotEstimate, MissingColumns, UnknownChoice
from giakit.metrics.covariates import BadCovariates, covariates, join, sources, unmatched

HEAD = "code,year,variable,value,unit,source\n"


@pytest.fixture
def reports() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "place_code": ["320000", "310000", None, "320000"],
            "year": pd.array([2023, 2024, 2023, pd.NA], dtype="Int64"),
        },
        index=[7, 3, 9, 1],
    )


def test_shipped_figures_add_up() -> None:
    table = covariates()
    people = table[table["variable"] == "population_census_2020"]
    assert len(people) == 31
    assert int(people["value"].sum()) + 2_000_000 == 1_411_778_724
    assert table.groupby("variable")["unit"].nunique().eq(1).all()
    assert set(table["source"]) == set(sources()["source"])


def test_rows_get_the_figures_of_their_province(reports: pd.DataFrame) -> None:
    before = reports.copy()
    joined = join(reports)
    pd.testing.assert_frame_equal(reports, before)
    assert joined.index.tolist() == [7, 3, 9, 1]
    assert joined["population_census_2020"].tolist()[:2] == [84748016, 24870895]
    assert joined["population_census_2020"].isna().tolist() == [False, False, True, False]
    assert joined["budget_education"].isna().tolist() == [False, True, True, True]
    assert str(joined["budget_education"].dtype) == "Float64"
    assert joined.attrs["units"]["population_census_2020"] == "persons"
    listed = unmatched(joined).query("variable == 'budget_education'")
    assert listed["rows"].sum() == 3


def test_names_of_provinces_serve_as_codes() -> None:
    frame = pd.DataFrame({"province": ["江苏", "江苏省", "Jiangsu"], "year": [2020, 2020, 2020]})
    assert join(frame, variables=["budget_expenditure"])["budget_expenditure"].isna().tolist() == [False, False, False]


@pytest.mark.parametrize(
    "part", [{"place_code": "320803"}, {"place_code": "320000", "scope": "organ"}, {"province": "江苏", "scope": None}]
)
def test_no_part_of_a_place_gets_its_population(part: dict[str, str | None]) -> None:
    bureaus = pd.DataFrame([{"unit": f"bureau {number}", "year": 2023, **part} for number in range(3)])
    with pytest.raises(CannotEstimate, match="context"):
        join(bureaus, variables=["population_census_2020"])
    around = join(bureaus, variables=["population_census_2020"], context=True)
    assert around["province_population_census_2020"].tolist() == [84748016] * 3
    assert "population_census_2020" not in around


def test_a_whole_province_gets_its_population() -> None:
    report = pd.DataFrame({"place_code": ["320000"], "scope": ["whole"], "year": [2023]})
    assert join(report, variables=["population_census_2020"])["population_census_2020"].tolist() == [84748016]


def test_a_frame_with_one_column_a_variable() -> None:
    report = pd.DataFrame({"place_code": ["330100"], "scope": ["whole"], "year": [2023]})
    figures = pd.DataFrame({"code": ["330100", "330100"], "year": [2022, 2023], "gdp": [1.5, 2.5], "people": [None, 7]})
    joined = join(report, figures, variables=["gdp", "people"], at="place")
    assert joined[["gdp", "people"]].values.tolist() == [[2.5, 7.0]]


def test_results_can_be_concatenated(reports: pd.DataFrame) -> None:
    joined = join(reports)
    assert len(pd.concat([joined, joined])) == 8


def test_a_csv_of_ones_own(tmp_path: Path, reports: pd.DataFrame) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        HEAD + "320000,2023,gdp,5.5,100 million yuan,me\n320000,,area,107200,square km,me\n", encoding="utf-8-sig"
    )
    joined = join(reports, path, variables=["gdp"], at="place")
    assert joined["gdp"].tolist()[0] == 5.5
    assert joined["gdp"].isna().sum() == 3
    assert join(reports, path, variables=["area"])["area"].tolist()[0] == 107200
    assert joined.attrs["sources"] == {"gdp": "me"}


def test_own_figures_take_the_place_of_shipped_ones(tmp_path: Path, reports: pd.DataFrame) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "320000,,population_census_2020,1,persons,me\n", encoding="utf-8")
    assert join(reports, path, variables=["population_census_2020"])["population_census_2020"].tolist()[0] == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("320000,2020,a,1,x,me\n320000,2020,a,2,x,me\n", "two figures"),
        ("320000,2020,a,1,x,me\n310000,2020,a,2,y,me\n", "two units"),
        ("320000,2020,a,many,x,me\n", "numbers"),
        ("32,2020,a,1,x,me\n", "six digits"),
    ],
)
def test_a_csv_that_contradicts_itself(tmp_path: Path, reports: pd.DataFrame, rows: str, reason: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    with pytest.raises(BadCovariates, match=reason) as caught:
        join(reports, path)
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason


def test_errors_say_what_would_be_valid(tmp_path: Path, reports: pd.DataFrame) -> None:
    with pytest.raises(UnknownChoice, match="budget_education"):
        join(reports, variables=["gdp"])
    with pytest.raises(UnknownChoice, match="already"):
        join(join(reports), variables=["budget_education"])
    with pytest.raises(UnknownChoice, match="prefecture"):
        join(reports, at="town")  # type: ignore[arg-type]
    with pytest.raises(MissingColumns, match="year"):
        join(reports.drop(columns="year"))
    with pytest.raises(UnknownChoice):
        unmatched(reports)
    assert "population_census_2020" in join(reports.drop(columns="year"), variables=["population_census_2020"])
    path = tmp_path / "own.csv"
    path.write_text("code,value\n", encoding="utf-8")
    with pytest.raises(MissingColumns, match="unit"):
        join(reports, path)
