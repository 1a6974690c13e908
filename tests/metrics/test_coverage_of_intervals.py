"""Intervals hold the truth of simulations as often as they say; null panels show nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from giakit import metrics


def counts(generator: np.random.Generator, n: np.ndarray, mean: float, alike: float) -> np.ndarray:
    spread = (1 - alike) / alike
    return generator.binomial(n, generator.beta(mean * spread, (1 - mean) * spread, n.shape))


def sizes(generator: np.random.Generator, shape: tuple[int, ...], most: int) -> np.ndarray:
    return np.floor(np.exp(generator.uniform(0, np.log(most + 1), shape))).astype(int)


@pytest.mark.parametrize(("alike", "mean"), [(0.02, 0.6), (0.15, 0.05), (0.15, 0.6)])
def test_groups_of_unequal_agencies(alike: float, mean: float) -> None:
    generator = np.random.default_rng(3)
    n = sizes(generator, (400, 31), 5000)
    frame = pd.DataFrame(
        {"run": np.repeat(np.arange(400), 31), "agency_id": np.tile(np.arange(31), 400),
         "granted": counts(generator, n, mean, alike).ravel(), "partial": 0, "closed": n.ravel()}
    )  # fmt: skip
    table = metrics.disclosure_rate(frame, by="run")
    covered = ((table["low"] <= mean) & (mean <= table["high"])).mean()
    assert 0.92 <= covered <= 0.985
    rough = (n.sum(axis=1) ** 2 / (n**2).sum(axis=1)) < 10
    assert (table["note"].str.contains("effective agencies").to_numpy() == rough).all()


def test_nothing_of_many_is_told_by_the_other_grounds() -> None:
    n = np.array([20_000, 3_000, 1_500, 900, 46])
    other = np.array([9_000, 1_200, 800, 400, 20])
    frame = pd.DataFrame({"agency_id": list("abcde"), "denied_security": 0, "denied_internal": other,
                          "denied_process": n - other})  # fmt: skip
    parts = ["denied_security", "denied_internal", "denied_process"]
    row = metrics.ground_shares(frame, parts=parts).set_index("part").loc["denied_security"]
    # Agencies that are hardly alike in the other grounds: the rule of three on a small effective size.
    assert 3 / 25_446 < row["high"] < 0.1
    alone = metrics.rate(frame.assign(partial=0, granted=0, closed=n), "disclosure_rate")
    assert alone["high"].item() > row["high"]


def test_null_panels_show_no_outliers() -> None:
    generator = np.random.default_rng(5)
    outer = []
    for _ in range(4):
        n = sizes(generator, (300,), 1000)
        frame = pd.DataFrame({"agency_id": np.arange(300), "granted": counts(generator, n, 0.05, 0.05),
                              "partial": 0, "closed": n})  # fmt: skip
        outer.append((metrics.funnel(frame)["outside"] == "outer").mean())
    assert np.mean(outer) <= 0.004
    low = pd.DataFrame({"agency_id": range(41), "granted": [60] * 40 + [300], "partial": 0,
                        "closed": [100] * 40 + [1000]})  # fmt: skip
    assert metrics.funnel(low)["outside"].tolist()[-1] == "outer"
    assert (metrics.funnel(low)["outside"] == "inside").sum() == 40


def test_limits_are_never_narrower_than_chance() -> None:
    sizes_ = [1, 5, 40, 700]
    plain = metrics.funnel_limits(0.05, sizes_, level=0.998)
    wide = metrics.funnel_limits(0.05, sizes_, level=0.998, dispersion="additive", amount=0.004)
    assert (wide[0] <= plain[0]).all()
    assert (wide[1] >= plain[1]).all()


def test_provinces_of_several_agencies_are_shrunken_on_what_they_are_worth() -> None:
    generator = np.random.default_rng(6)
    true = 1 / (1 + np.exp(-generator.normal(0.4, 0.4, 31)))
    province = np.repeat(np.arange(31), 12)
    n = sizes(generator, (len(province),), 1000)
    y = np.array([counts(generator, size[None], p, 0.15)[0] for size, p in zip(n, true[province], strict=True)])
    frame = pd.DataFrame({"province": province, "agency_id": range(len(n)), "granted": y, "partial": 0, "closed": n})
    table = metrics.shrunken_rates(frame, unit="province")
    assert (table["effective"] < table["denominator"]).all()
    assert ((table["low"] <= true) & (true <= table["high"])).sum() >= 27
    single = metrics.shrunken_rates(frame, unit="agency_id")
    assert (single["effective"] == single["denominator"]).all()


def test_what_the_law_changed_goes_on() -> None:
    frame = pd.DataFrame({"year": [2021, 2024, 2026], "suit_direct.total": 1, "suit_after.total": 1,
                          "new": 2, "closed": 2})  # fmt: skip
    notes = metrics.direct_suit_share(frame, by="year")["note"].tolist()
    assert notes[0] == ""
    assert notes[1].startswith("transition year 2024")
    assert notes[2].startswith("since 2024")
    assert "2021" in metrics.clearance_rate(frame, by="year")["note"].iloc[0]
    varied = frame.assign(granted=1, partial=0)
    curve = metrics.specification_curve(varied, metrics.disclosure_rate, choices={"transition_years": [True, False]})
    assert sorted(curve["n"]) == [1, 3]
