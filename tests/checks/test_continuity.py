from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from giakit.checks.continuity import over_years, repeated_figures
from giakit.checks.model import FINDING_COLUMNS
from giakit.errors import MissingColumns

SHARED = Path(__file__).resolve().parents[3] / "shared" / "figures" / "tables.csv"


def reports(*years: int, **other: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame({"report_id": [f"r{year}" for year in years], "agency_id": "A", "year": years})
    return frame.assign(**other)


def cells(*entries: tuple[str, str, str, str, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(entries, columns=["report_id", "table", "row", "column", "value"])
    return frame.astype({"value": "Float64"})


def carried(out: float | None, into: float | None) -> pd.DataFrame:
    return cells(("r2021", "requests", "carried_out", "total", out), ("r2022", "requests", "carried_in", "total", into))


def verdict(found: pd.DataFrame, report_id: str = "r2022") -> list[str]:
    return found.loc[found["report_id"] == report_id, "status"].tolist()


@pytest.mark.parametrize(
    ("out", "into", "status"),
    [(3, 3, "pass"), (3, 2, "fail"), (0, None, "pass"), (3, None, "uncertain"), (None, None, "not_assessable")],
)
def test_what_is_carried_out_comes_in(out: float | None, into: float | None, status: str) -> None:
    found = over_years(carried(out, into), reports(2021, 2022), checks=["Y1"])
    assert verdict(found) == [status]
    assert list(found.columns) == list(FINDING_COLUMNS)


def test_a_merger_is_a_stated_reason() -> None:
    events = pd.DataFrame({"agency_id": ["A"], "year": [2022], "reason": ["merger"]})
    found = over_years(carried(3, 2), reports(2021, 2022), checks=["Y1"], events=events)
    assert verdict(found) == ["uncertain"]
    assert "merger" in found.iloc[-1]["message"]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (reports(2020, 2022), "no report of the year before"),
        (reports(2021, 2022, scope=["organ", "whole"]), "scope switch"),
    ],
)
def test_why_nothing_is_compared(frame: pd.DataFrame, reason: str) -> None:
    figures = carried(3, 2).assign(report_id=[frame["report_id"].iloc[0], "r2022"])
    found = over_years(figures, frame, checks=["Y1"])
    assert verdict(found) == ["not_assessable"]
    assert reason in found.iloc[-1]["message"]


def test_a_change_of_form_is_said() -> None:
    figures = cells(("r2018", "statistics", "received", "count", 4), ("r2019", "requests", "carried_in", "total", 4))
    found = over_years(figures, reports(2018, 2019, form=["2014", "2019"]), checks=["Y1"])
    assert found["status"].tolist() == ["not_assessable"]
    assert "form change 2014 to 2019" in found["message"][0]


def test_two_reports_of_one_year_are_not_compared() -> None:
    frame = pd.concat([reports(2021, 2022), reports(2021).assign(report_id="copy")])
    assert "2 reports" in over_years(carried(3, 2), frame, checks=["Y1"])["message"].iloc[-1]


def test_stock_follows_its_flow_softly() -> None:
    entries = [
        ("r2021", "in_force", 10.0),
        ("r2022", "issued", 2.0),
        ("r2022", "repealed", 1.0),
        ("r2022", "in_force", 12.0),
    ]
    figures = cells(*((report, "proactive", "rules", column, value) for report, column, value in entries))
    found = over_years(figures, reports(2021, 2022), checks=["Y2"])
    assert verdict(found) == ["uncertain"]
    assert found.loc[found["report_id"] == "r2022", "expected"].tolist() == [11.0]


def test_items_before_follow_the_change() -> None:
    entries = [("r2019", "items_before", 10.0), ("r2019", "change", -3.0), ("r2020", "items_before", 7.0)]
    figures = cells(*((report, "proactive", "licences", column, value) for report, column, value in entries))
    assert verdict(over_years(figures, reports(2019, 2020), checks=["Y3"]), "r2020") == ["pass"]


@pytest.mark.parametrize(("figures", "status"), [(4, "not_assessable"), (5, "uncertain")])
def test_the_same_figures_as_last_year(figures: int, status: str) -> None:
    frame = cells(
        *((f"r{year}", "requests", f"row{n}", "total", n + 1.0) for year in (2021, 2022) for n in range(figures))
    )
    found = repeated_figures(frame, reports(2021, 2022))
    assert verdict(found) == [status]


def test_order_of_rows_does_not_matter() -> None:
    figures, frame = carried(3, 2), reports(2021, 2022)
    mixed = over_years(figures[::-1], frame[::-1], checks=["Y1"])
    straight = over_years(figures, frame, checks=["Y1"])
    assert set(mixed["fingerprint"]) == set(straight["fingerprint"])


def test_missing_columns_are_named() -> None:
    with pytest.raises(MissingColumns, match="year"):
        over_years(carried(1, 1), reports(2021).drop(columns="year"), checks=["Y1"])


def test_pingtan_2017_has_a_cumulative_figure_that_fell() -> None:
    if not SHARED.is_file():
        pytest.skip("the shared figures are not beside this project")
    figures = pd.read_csv(SHARED, dtype={"form": "str"})
    figures["report_id"] = figures["unit"] + figures["year"].astype("str")
    frame = figures[["report_id", "unit", "year", "form"]].drop_duplicates()
    found = over_years(figures, frame, checks=["Y4"])
    failed = found[(found["status"] == "fail") & (found["report_id"] == "平潭综合实验区2017")]
    assert set(failed["row"]) == {"disclosed_total", "via_website"}
    assert set(over_years(figures, frame, checks=["Y1"])["status"]) == {"pass", "not_assessable"}
