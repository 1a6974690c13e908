"""Rates of what became of requests, against the figures of real reports."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.errors import MissingColumns, UnknownChoice

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "figures" / "tables.csv"


@pytest.mark.parametrize(
    ("denominator", "rate", "low", "high"),
    [
        ("closed", 59.5, 57.8, 61.3),
        ("on_merits", 91.1, 89.7, 92.2),
        ("on_merits_without_inquiry", 96.1, 95.2, 96.9),
        ("resolvable", 65.4, 63.7, 67.2),
        ("received", 58.2, None, None),
        ("load", 57.6, None, None),
    ],
)
def test_huaian_every_denominator(
    golden: SimpleNamespace, denominator: str, rate: float, low: float | None, high: float | None
) -> None:
    row = metrics.disclosure_rate(golden.huaian(), denominator=denominator).iloc[0]
    assert round(row["rate"] * 100, 1) == rate
    assert row["denominator_name"] == denominator
    assert row["method"] == ("poisson-score" if denominator == "received" else "wilson")
    if low is not None:
        assert (round(row["low"] * 100, 1), round(row["high"] * 100, 1)) == (low, high)
    assert row["low"] <= row["rate"] <= row["high"]
    assert row["shown"] == row["rate"]
    assert (row["n_reports"], row["n_requests"]) == (1, 3050)


@pytest.mark.parametrize(
    ("name", "options", "rate", "low", "high"),
    [
        ("full_disclosure_rate", {}, 44.7, 42.9, 46.4),
        ("refusal_rate", {}, 5.8, 5.1, 6.7),
        ("refusal_rate", {"kind": "exemption"}, 2.4, 1.9, 3.0),
        ("refusal_rate", {"kind": "broad"}, 34.3, 32.7, 36.0),
        ("not_held_rate", {}, 25.2, 23.7, 26.8),
        ("not_processed_rate", {}, 2.9, 2.3, 3.5),
        ("other_closure_rate", {}, 6.1, None, None),
        ("pending_rate", {}, 3.3, 2.7, 3.9),
        ("clearance_rate", {}, 97.8, None, None),
        ("reconsideration_rate", {"per": 100}, 1150.8, None, None),
        ("correction_rate", {}, 20.4, 16.3, 25.2),
        ("correction_rate", {"denominator": "all"}, 18.2, 14.5, 22.6),
        ("correction_rate", {"denominator": "merits"}, 47.1, 38.9, 55.4),
        ("correction_rate", {"remedy": "suit"}, 12.8, 5.6, 26.7),
    ],
)
def test_huaian_every_measure(
    golden: SimpleNamespace, name: str, options: dict[str, object], rate: float, low: float | None, high: float | None
) -> None:
    row = getattr(metrics, name)(golden.huaian(), **options).iloc[0]
    assert round(row["rate"] * 100, 1) == rate
    if low is not None:
        assert (round(row["low"] * 100, 1), round(row["high"] * 100, 1)) == (low, high)


def test_shipped_figures_agree_with_the_fixture(golden: SimpleNamespace) -> None:
    if not SHARED.exists():
        pytest.skip("shared figures are not beside the project")
    with SHARED.open(encoding="utf-8") as lines:
        rows = [line for line in csv.DictReader(lines) if line["unit"] == "淮安市人民政府"]
    totals = {row["row"]: float(row["value"]) for row in rows if (row["table"], row["column"]) == ("requests", "total")}
    assert totals == {code: cells[-1] for code, cells in golden.requests.items()}
    remedies = {(row["row"], row["column"]): float(row["value"]) for row in rows if row["table"] == "remedies"}
    assert remedies == {
        (code, result): value
        for code, cells in golden.remedies.items()
        for result, value in zip(golden.results, cells, strict=True)
    }


@pytest.mark.parametrize(
    ("column", "numerator", "denominator", "rate"),
    [("natural_person", 1735, 2932, 59.2), ("business", 28, 53, 52.8), ("legal_service", 50, 61, 82.0)],
)
def test_huaian_by_applicant(
    golden: SimpleNamespace, column: str, numerator: int, denominator: int, rate: float
) -> None:
    row = metrics.disclosure_rate(golden.huaian_by_applicant(), column=column).iloc[0]
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert round(row["rate"] * 100, 1) == rate


def test_one_request_says_almost_nothing(golden: SimpleNamespace) -> None:
    row = metrics.disclosure_rate(golden.one_request()).iloc[0]
    assert row["rate"] == 0
    assert pd.isna(row["shown"])
    assert (row["low"], round(row["high"] * 100, 1)) == (0, 79.3)


@pytest.mark.parametrize(
    ("disclosed", "base", "percent"),
    [
        pytest.param(81, 263, 30.80, id="Putuo, Shanghai, first half of 2022"),
        pytest.param(555_872, 745_337, 74.58, id="Brazil 2012-2019, of requests"),
        pytest.param(555_872, 696_659, 79.79, id="Brazil 2012-2019, of answers"),
    ],
)
def test_published_rates(disclosed: int, base: int, percent: float) -> None:
    frame = pd.DataFrame({"granted": [disclosed], "partial": [0], "closed": [base]})
    assert round(metrics.disclosure_rate(frame)["rate"].item() * 100, 2) == percent


def test_united_kingdom_2023_resolvable() -> None:
    # 46,769 resolvable of 70,475 received; 34 % full, 17 % part, 34 % withheld, 16 % not processed.
    full, part = round(0.34 * 46_769), round(0.17 * 46_769)
    frame = pd.DataFrame({"granted": [full], "partial": [part], "closed": [46_769], "new": [70_475]})
    assert round(metrics.disclosure_rate(frame)["rate"].item(), 2) == 0.51
    assert round(metrics.disclosure_rate(frame, denominator="received")["rate"].item(), 3) == 0.338


def test_a_cumulative_column_is_not_the_year() -> None:
    if not SHARED.exists():
        pytest.skip("shared figures are not beside the project")
    with SHARED.open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["form"] == "local" and r["unit"] == "平潭县人民政府"]
    values = {(r["year"], r["row"], r["column"]): float(r["value"]) for r in rows}
    grown = values["2013", "disclosed_total", "cumulative"] - values["2011", "disclosed_total", "cumulative"]
    assert grown >= values["2013", "disclosed_total", "count"] > 0


def test_denominator_is_not_guessed(golden: SimpleNamespace) -> None:
    with pytest.raises(UnknownChoice, match="on_merits_without_inquiry"):
        metrics.disclosure_rate(golden.huaian(), denominator="answered")
    with pytest.raises(MissingColumns, match="carried_in"):
        metrics.disclosure_rate(golden.huaian().drop(columns="carried_in"), denominator="load")
