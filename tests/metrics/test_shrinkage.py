"""Shrunken rates and counts, funnel limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.errors import UnknownChoice


def agencies(units: int, alike: float, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    generator = np.random.default_rng(seed)
    closed = np.maximum(np.floor(np.exp(generator.normal(1.5, 1.2, units))), 1).astype(int)
    spread = (1 - alike) / alike
    p = generator.beta(0.6 * spread, 0.4 * spread, units)
    granted = generator.binomial(closed, p)
    return pd.DataFrame({"agency_id": np.arange(units), "granted": granted, "partial": 0, "closed": closed}), p


def test_shrinkage_beats_raw_rates_and_covers() -> None:
    error, covered = [], []
    for seed in range(20):
        frame, p = agencies(60, 0.1, seed)
        table = metrics.shrunken_rates(frame)
        error.append([((table[name] - p) ** 2).mean() for name in ("rate", "shrunken")])
        covered.append(((table["low"] <= p) & (p <= table["high"])).mean())
    raw, shrunken = np.mean(error, axis=0)
    assert shrunken < 0.5 * raw
    assert 0.92 <= np.mean(covered) <= 0.98


def test_prior_agrees_with_scipy_maximum_likelihood() -> None:
    from scipy.optimize import minimize
    from scipy.stats import betabinom

    frame, _ = agencies(400, 0.15, 1)
    y, n = frame["granted"].to_numpy(float), frame["closed"].to_numpy(float)

    def negative(values: np.ndarray) -> float:
        mean, size = 1 / (1 + np.exp(-values[0])), np.exp(values[1])
        return -betabinom.logpmf(y, n, mean * size, (1 - mean) * size).sum()

    best = minimize(negative, [0.0, 1.0], method="Nelder-Mead").x
    prior = metrics.shrunken_rates(frame).iloc[0]
    assert prior["prior_mean"] == pytest.approx(1 / (1 + np.exp(-best[0])), abs=0.01)
    assert np.log(prior["prior_size"]) == pytest.approx(best[1], abs=0.15)


def test_small_agencies_move_most_and_each_group_has_its_prior() -> None:
    frame = pd.DataFrame(
        {"province": ["x"] * 4 + ["y"] * 4, "agency_id": list("abcdefgh"), "granted": [1, 90, 80, 0, 0, 10, 20, 1],
         "partial": 0, "closed": [1, 100, 100, 0, 1, 100, 100, 1]}
    )  # fmt: skip
    table = metrics.shrunken_rates(frame, by="province").set_index("agency_id")
    assert table.loc["a", "weight"] < table.loc["b", "weight"]
    assert table.loc["d", "shrunken"] > 0.6, "no request: the mean of its own group"
    assert table.loc["h", "shrunken"] < 0.5
    assert table["n_units"].tolist() == [3, 3, 3, 3, 4, 4, 4, 4]


def test_one_agency_has_nothing_to_shrink_to() -> None:
    frame = pd.DataFrame({"agency_id": ["a"], "granted": [5], "partial": 0, "closed": [10]})
    table = metrics.shrunken_rates(frame)
    assert table["shrunken"].isna().all()
    assert table["rate"].item() == 0.5


def test_impossible_figures_stay_out() -> None:
    frame = pd.DataFrame({"agency_id": list("abc"), "granted": [5, 7, 12], "partial": 0, "closed": 10})
    assert metrics.shrunken_rates(frame)["shrunken"].isna().tolist() == [False, False, True]


def test_counts_do_not_depend_on_the_unit_of_exposure() -> None:
    generator = np.random.default_rng(4)
    people = generator.integers(10_000, 900_000, 40)
    frame = pd.DataFrame(
        {"agency_id": np.arange(40), "new": generator.poisson(generator.gamma(2, 0.5, 40) * people / 1e5),
         "population": people}
    )  # fmt: skip
    table = metrics.shrunken_counts(frame, per=100_000)
    scaled = metrics.shrunken_counts(frame.assign(population=people / 10_000), per=10)
    names = ["rate", "shrunken", "low", "high"]
    pd.testing.assert_frame_equal(table[names], scaled[names], rtol=1e-6)
    assert (table["low"] <= table["shrunken"]).all()
    assert (table["shrunken"] <= table["high"]).all()


def test_ratios_are_refused() -> None:
    frame = pd.DataFrame({"agency_id": ["a"], "new": [5], "closed": [10]})
    for function in (metrics.shrunken_rates, metrics.funnel):
        with pytest.raises(UnknownChoice):
            function(frame, "clearance_rate")


def test_exact_funnel_limits_hold_their_level() -> None:
    generator = np.random.default_rng(6)
    sizes = generator.integers(5, 200, 4000)
    rates = generator.binomial(sizes, 0.6) / sizes
    low, high = metrics.funnel_limits(0.6, sizes)
    assert np.mean((rates < low) | (rates > high)) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize("dispersion", ["additive", "multiplicative"])
def test_over_dispersion_widens_the_funnel(dispersion: str) -> None:
    frame, _ = agencies(500, 0.1, 3)
    frame["closed"] *= 20
    frame["granted"] = np.random.default_rng(1).binomial(frame["closed"], np.random.default_rng(2).beta(6, 4, 500))
    plain = metrics.funnel(frame, dispersion="none")
    wide = metrics.funnel(frame, dispersion=dispersion)
    assert (plain["outside"] != "inside").mean() > 0.4
    assert (wide["outside"] != "inside").mean() < 0.13
    assert wide["outside"].isin(["inside", "inner", "outer"]).all()


def test_without_over_dispersion_nothing_is_added() -> None:
    generator = np.random.default_rng(9)
    closed = generator.integers(20, 200, 300)
    frame = pd.DataFrame(
        {"agency_id": np.arange(300), "granted": generator.binomial(closed, 0.6), "partial": 0, "closed": closed}
    )
    assert metrics.funnel(frame)["amount"].iloc[0] < 5e-4
