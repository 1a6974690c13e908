"""Grounds of refusal, applicants, flows and remedies."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.errors import MissingColumns, UnknownChoice
from giakit.simulate.panels import panel


def test_huaian_concentration_with_and_without_inquiry(golden: SimpleNamespace) -> None:
    grounds = metrics.concentration(golden.huaian()).iloc[0]
    without = metrics.concentration(golden.huaian(), parts="grounds_without_inquiry").iloc[0]
    assert (round(grounds["hhi"], 3), round(without["hhi"], 3)) == (0.389, 0.247)
    assert round(grounds["entropy_normalised"], 3) == 0.651
    assert (grounds["n"], without["n"]) == (178, 73)
    assert grounds["hhi_unbiased"] < grounds["hhi"]


def test_unbiased_index_is_unbiased() -> None:
    generator = np.random.default_rng(0)
    p = np.array([0.5, 0.3, 0.2])
    draws = generator.multinomial(12, p, size=4000)
    frame = pd.DataFrame(draws, columns=["denied_process", "denied_internal", "denied_by_law"]).astype(float)
    frame["report_id"] = np.arange(len(frame))
    table = metrics.concentration(frame, parts=["denied_process", "denied_internal", "denied_by_law"], by="report_id")
    assert table["hhi_unbiased"].mean() == pytest.approx((p**2).sum(), abs=0.005)
    assert table["hhi"].mean() > (p**2).sum() + 0.03


def test_few_refusals_have_no_effective_number(golden: SimpleNamespace) -> None:
    row = metrics.concentration(golden.one_request()).iloc[0]
    assert row["n"] == 1
    assert row[["hhi_unbiased", "effective_number", "entropy"]].isna().all()


def test_shares_add_up_to_one(golden: SimpleNamespace) -> None:
    table = metrics.ground_shares(golden.huaian())
    assert table["rate"].sum() == pytest.approx(1)
    assert table.set_index("part")["numerator"]["denied_inquiry"] == 105


def test_unknown_parts() -> None:
    with pytest.raises(UnknownChoice, match="grounds_without_inquiry"):
        metrics.concentration(pd.DataFrame({"x": [1]}), parts="reasons")


def test_applicants_of_huaian(golden: SimpleNamespace) -> None:
    frame = golden.huaian_by_applicant()
    mix = metrics.applicant_mix(frame).set_index("applicant")
    assert mix.loc["natural_person", "numerator"] == 3001
    assert mix["rate"].sum() == pytest.approx(1)
    rates = metrics.disclosure_rate(metrics.by_applicant(frame), by="applicant").set_index("applicant")["rate"]
    assert (rates[["natural_person", "business", "legal_service"]] * 100).round(1).tolist() == [59.2, 52.8, 82.0]
    assert rates.isna()["research"]


def test_gap_within_agencies_finds_the_truth() -> None:
    simulated = panel(agencies=400, years=range(2021, 2024), volume=60, applicants=True, applicant_gap=-0.7, seed=5)
    row = metrics.applicant_gap(simulated.requests, strata="agency_id").iloc[0]
    assert row["low"] < np.exp(0.7) < row["high"]
    assert metrics.applicant_gap(simulated.requests)["difference"].item() > 0.08


def test_applicants_need_joined_names(golden: SimpleNamespace) -> None:
    with pytest.raises(MissingColumns, match="natural_person"):
        metrics.by_applicant(golden.huaian())


def test_backlog_of_huaian(golden: SimpleNamespace) -> None:
    row = metrics.backlog(golden.huaian()).iloc[0]
    assert (row["change"], round(row["days"], 1), row["n_reports"]) == (69, 12.3, 1)


def test_carry_over_closes_in_a_faultless_panel_only() -> None:
    simulated = panel(agencies=40, years=range(2021, 2025), seed=2).requests
    assert metrics.carry_over(simulated)["difference"].eq(0).all()
    broken = simulated.assign(carried_in=simulated["carried_in"].mask(simulated["year"] == 2023, 99))
    pairs = metrics.carry_over(broken)
    assert set(pairs.loc[pairs["difference"] != 0, "year"]) == {2023}
    holed = simulated.assign(carried_in=simulated["carried_in"].mask(simulated["year"] == 2023))
    assert metrics.carry_over(holed).set_index("year")["difference"].loc[2023].isna().all()


def test_remedies_of_huaian(golden: SimpleNamespace) -> None:
    frame = golden.huaian()
    assert round(metrics.reconsideration_rate(frame)["rate"].item(), 1) == 11.5
    assert round(metrics.reconsideration_rate(frame, denominator="adverse")["rate"].item(), 1) == 20.8
    assert metrics.reconsideration_rate(frame)["method"].item() == "poisson-score"
    assert metrics.suit_rate(frame)["numerator"].item() == 46
    assert metrics.remedy_pending_share(frame, remedy="suit")["numerator"].item() == 7
    pyramid = metrics.remedy_pyramid(frame).set_index("stage")["count"]
    assert pyramid.tolist() == [3050, 1688, 351, 46, 69]


def test_remedies_of_a_frame_with_underscores(golden: SimpleNamespace) -> None:
    frame = golden.huaian().rename(columns=lambda name: name.replace(".", "_"))
    assert round(metrics.correction_rate(frame)["rate"].item() * 100, 1) == 20.4


def test_tables_of_one_report_are_joined_once() -> None:
    requests = pd.DataFrame({"report_id": ["a", "b"], "closed": [1, 2]})
    remedies = pd.DataFrame({"report_id": ["b"], "closed": [9], "suit_direct.total": [1]})
    joined = metrics.join_tables(requests, remedies)
    assert joined["closed"].tolist() == [1, 2]
    assert joined["suit_direct.total"].isna().tolist() == [True, False]
    with pytest.raises(MissingColumns):
        metrics.join_tables(requests, remedies.drop(columns="report_id"))


def test_requests_per_people() -> None:
    frame = pd.DataFrame({"year": [2020, 2021], "new": [450, 0], "people": [4_500_000, None]})
    table = metrics.requests_per_100k(frame, population="people", by="year")
    assert table["rate"].iloc[0] == 10
    assert pd.isna(table["rate"].iloc[1])
    assert (
        "counted in parts"
        in metrics.requests_per_100k(frame.dropna().assign(year=2021), population="people")["note"].item()
    )
