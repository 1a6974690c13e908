"""Simulated panels hold what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.metrics.definitions import identities
from giakit.simulate.panels import panel

RULES = identities()


def broken(requests: pd.DataFrame) -> pd.Series:
    """Reports whose printed outcomes do not add up, blanks taken as zero."""
    other = requests[[*RULES["other_parts"], "other"]].fillna(0).sum(axis=1)
    return (requests[list(RULES["outcomes"])].fillna(0).sum(axis=1) + other) != requests["closed"]


def test_identities_hold_before_faults() -> None:
    requests = panel(agencies=100, applicants=True, seed=1).requests
    assert not broken(requests).any()
    assert (requests["new"] + requests["carried_in"] == requests["closed"] + requests["carried_out"]).all()
    for row in ("new", "granted", "denied_inquiry", "closed"):
        parts = requests[[f"{row}.{column}" for column in RULES["applicants"]]].sum(axis=1)
        assert (parts == requests[f"{row}.total"]).all()
        assert (requests[row] == requests[f"{row}.total"]).all()


def test_forms_follow_the_year() -> None:
    requests = panel(agencies=20, seed=2).requests
    early = requests["year"] < 2021
    assert (requests["form"] == np.where(early, "2019", "2021")).all()
    assert (requests["other"].notna() == early).all()
    assert (requests["other_unpaid"].isna() == early).all()


def test_remedies_add_up() -> None:
    remedies = panel(agencies=50, seed=3).remedies
    for row in RULES["remedies"]:
        parts = remedies[[f"{row}.{part}" for part in RULES["remedy_parts"]]].sum(axis=1)
        assert (parts == remedies[f"{row}.total"]).all()


def test_faults_are_recorded_and_nothing_else_breaks() -> None:
    simulated = panel(agencies=300, misprints=0.1, zero_totals=0.02, blanks=0.2, missing=0.05, seed=4)
    faults = simulated.truth.faults
    assert set(faults["kind"]) == {"misprint", "zero_total", "blanks", "missing"}
    wrong = set(faults.loc[faults["kind"].isin(["misprint", "zero_total"]), "report_id"])
    found = set(simulated.requests.loc[broken(simulated.requests), "report_id"])
    assert found == wrong - set(faults.loc[faults["kind"] == "missing", "report_id"])
    gone = faults.loc[faults["kind"] == "missing", "report_id"]
    assert not simulated.requests["report_id"].isin(gone).any()
    assert not simulated.remedies["report_id"].isin(gone).any()
    assert len(simulated.truth.requests) == 300 * 7


def test_closing_blanks_restores_the_truth() -> None:
    simulated = panel(agencies=100, blanks=0.5, seed=5)
    assert simulated.requests["denied_state_secret"].isna().any()
    closed = metrics.close_blanks(simulated.requests)
    pd.testing.assert_frame_equal(closed, simulated.truth.requests)


def test_rates_are_those_promised() -> None:
    simulated = panel(agencies=3000, years=[2022], rate=0.7, province_spread=0.0, alike=0.1, seed=6)
    row = metrics.disclosure_rate(simulated.requests, estimator="mean").iloc[0]
    assert row["low"] < 0.7 < row["high"]
    assert simulated.truth.agencies["propensity"].var() == pytest.approx(0.1 * 0.7 * 0.3, rel=0.1)


def test_direct_suits_fall_with_the_dose() -> None:
    simulated = panel(agencies=1500, volume=80, direct_suit_effect=-2.0, seed=7)
    frame = simulated.remedies.merge(simulated.truth.agencies, on="agency_id")
    table = metrics.event_study(
        frame, "suit_direct.total", event=2024, dose="exempt_share", family="poisson"
    ).set_index("time")
    assert table.loc[2024, "low"] < -2.0 < table.loc[2024, "high"]
    assert table["pre_trend_p"].iloc[0] > 0.01


def test_same_seed_same_panel() -> None:
    first, second = panel(agencies=30, blanks=0.2, seed=8), panel(agencies=30, blanks=0.2, seed=8)
    pd.testing.assert_frame_equal(first.requests, second.requests)
    assert first.truth.parameters["blanks"] == 0.2
    assert not first.requests.equals(panel(agencies=30, blanks=0.2, seed=9).requests)
