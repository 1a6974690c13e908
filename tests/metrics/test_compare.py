"""Differences and stratified comparisons against other implementations."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.errors import CannotEstimate, UnknownChoice


@pytest.fixture(scope="module")
def strata() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    closed = generator.integers(1, 40, 60)
    granted = generator.binomial(closed, np.where(np.arange(60) % 2, 0.5, 0.7))
    return pd.DataFrame(
        {
            "agency_id": np.repeat(np.arange(30), 2),
            "who": ["person", "firm"] * 30,
            "granted": granted,
            "partial": 0,
            "closed": closed,
        }
    )


def test_mantel_haenszel_agrees_with_statsmodels(strata: pd.DataFrame) -> None:
    from scipy.stats import norm
    from statsmodels.stats.contingency_tables import StratifiedTable

    first, second = (strata[strata["who"] == who] for who in ("person", "firm"))
    tables = [
        np.array([[a, n - a], [c, m - c]])
        for a, n, c, m in zip(first["granted"], first["closed"], second["granted"], second["closed"], strict=True)
    ]
    other = StratifiedTable([table.astype(float) for table in tables])
    options = {"compare": "who", "levels": ["person", "firm"], "strata": "agency_id"}
    row = metrics.mantel_haenszel(strata, variance="binomial", **options).iloc[0]
    assert row["breslow_day_p"] == pytest.approx(other.test_equal_odds(adjust=True).pvalue)
    clustered = metrics.mantel_haenszel(strata, **options).iloc[0]
    assert clustered["estimate"] == row["estimate"]
    assert 0 <= clustered["i_squared"] < 1
    assert row["estimate"] == pytest.approx(other.oddsratio_pooled)
    np.testing.assert_allclose([row["low"], row["high"]], other.oddsratio_pooled_confint(), rtol=1e-9)
    z = other.logodds_pooled / other.logodds_pooled_se
    assert row["p_value"] == pytest.approx(2 * norm.sf(abs(z)))
    ratio = metrics.mantel_haenszel(
        strata, compare="who", levels=["person", "firm"], strata="agency_id", effect="risk_ratio"
    )
    assert ratio["estimate"].item() == pytest.approx(other.riskratio_pooled)
    assert row["n_strata"] == 30


def test_one_stratum_is_the_plain_comparison() -> None:
    frame = pd.DataFrame({"who": ["a", "b"], "granted": [30, 20], "partial": 0, "closed": [40, 50], "one": 1})
    options = {"compare": "who", "strata": "one"}
    ratio = metrics.mantel_haenszel(frame, variance="binomial", **options)["estimate"].item()
    assert ratio == pytest.approx(30 * 30 / (10 * 20))
    with pytest.raises(CannotEstimate, match="rests on one agency"):
        metrics.mantel_haenszel(frame, effect="difference", **options)
    twice = pd.concat([frame, frame])
    difference = metrics.mantel_haenszel(twice, effect="difference", **options)["estimate"].item()
    assert difference == pytest.approx(0.75 - 0.4)


def test_a_numerator_above_its_denominator_is_refused() -> None:
    frame = pd.DataFrame({"who": ["a", "b"], "granted": [60, 20], "partial": 0, "closed": [40, 50], "one": 1})
    with pytest.raises(CannotEstimate, match="outside its denominator"):
        metrics.mantel_haenszel(frame, compare="who", strata="one")


def test_the_clustered_variance_is_that_of_leaving_agencies_out(strata: pd.DataFrame) -> None:
    options = {"compare": "who", "levels": ["person", "firm"], "strata": "half"}
    frame = strata.assign(half=strata["agency_id"].astype("category").cat.codes % 2)
    row = metrics.mantel_haenszel(frame, **options).iloc[0]
    agencies = frame["agency_id"].unique()
    without = [
        metrics.mantel_haenszel(frame[frame["agency_id"] != one], variance="binomial", **options)["estimate"].item()
        for one in agencies
    ]
    error = np.sqrt(((np.log(without) - np.log(row["estimate"])) ** 2).sum())
    width = np.log(row["high"] / row["low"]) / error / 2
    assert 1.96 < width < 2.4


def test_merging_equal_strata_changes_nothing() -> None:
    frame = pd.DataFrame(
        {
            "agency_id": list("pqrs"),
            "who": ["a", "b"] * 2,
            "granted": [30, 20] * 2,
            "partial": 0,
            "closed": [40, 50] * 2,
            "stratum": [1, 1, 2, 2],
        }
    )
    for effect in ("odds_ratio", "risk_ratio", "difference"):
        apart = metrics.mantel_haenszel(frame, compare="who", strata="stratum", effect=effect)
        whole = metrics.mantel_haenszel(frame.assign(stratum=1), compare="who", strata="stratum", effect=effect)
        np.testing.assert_allclose(apart["estimate"].astype(float), whole["estimate"].astype(float), rtol=1e-9)


def test_two_reports_are_newcombe(golden: SimpleNamespace) -> None:
    gap = metrics.applicant_gap(
        golden.huaian_by_applicant(), groups={"person": ["natural_person"], "law": ["legal_service"]}
    ).iloc[0]
    expected = metrics.newcombe(1735, 2932, 50, 61)
    np.testing.assert_allclose([gap["difference"], gap["low"], gap["high"]], expected)
    assert gap["method"] == "newcombe"
    assert (gap["n_first"], gap["n_second"]) == (2932, 61)


def test_the_same_agencies_in_two_years_are_no_independent_samples() -> None:
    generator = np.random.default_rng(2)
    p = generator.beta(2, 2, 40)
    rows = [(agency, year, generator.binomial(50, p[agency]), 0, 50) for agency in range(40) for year in (2021, 2022)]
    frame = pd.DataFrame(rows, columns=["agency_id", "year", "granted", "partial", "closed"])
    paired = metrics.rate_difference(frame, compare="year", levels=[2022, 2021]).iloc[0]
    unpaired = metrics.rate_difference(
        frame.assign(agency_id=np.arange(len(frame))), compare="year", levels=[2022, 2021]
    ).iloc[0]
    assert paired["high"] - paired["low"] < 0.5 * (unpaired["high"] - unpaired["low"])
    assert paired["difference"] == pytest.approx(unpaired["difference"])


def test_by_group_and_side_missing() -> None:
    frame = pd.DataFrame(
        {"province": ["x", "x", "y"], "tier": ["county", "province", "county"], "granted": [5, 6, 7], "partial": 0,
         "closed": 10}
    )  # fmt: skip
    table = metrics.rate_difference(frame, compare="tier", by="province")
    assert table["difference"].round(6).tolist()[0] == -0.1
    assert pd.isna(table["difference"].iloc[1])


def test_levels_are_not_guessed(strata: pd.DataFrame) -> None:
    with pytest.raises(UnknownChoice, match="two of agency_id"):
        metrics.rate_difference(strata, compare="agency_id")
    with pytest.raises(UnknownChoice, match="closed"):
        metrics.mantel_haenszel(strata.assign(new=5), compare="who", strata="agency_id", denominator="received")


def test_coverage_of_a_paired_difference() -> None:
    generator = np.random.default_rng(8)
    runs, agencies = 600, 25
    p = generator.beta(3, 2, (runs, agencies))
    later = p + 0.1 * (1 - p)
    size = generator.integers(1, 40, (2, runs, agencies))
    frame = pd.DataFrame(
        {
            "run": np.tile(np.repeat(np.arange(runs), agencies), 2),
            "agency_id": np.tile(np.arange(agencies), 2 * runs),
            "year": np.repeat([1, 2], runs * agencies),
            "granted": generator.binomial(size, [p, later]).ravel(),
            "partial": 0,
            "closed": size.ravel(),
        }
    )
    table = metrics.rate_difference(frame, compare="year", levels=[2, 1], by="run")
    covered = ((table["low"] <= 0.04) & (table["high"] >= 0.04)).mean()
    assert 0.93 <= covered <= 0.985
