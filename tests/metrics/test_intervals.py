"""Intervals against other implementations, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.errors import UnknownChoice
from giakit.metrics.intervals import (
    clopper_pearson,
    count_ratio,
    jeffreys,
    newcombe,
    proportion_interval,
    square_and_add,
    wilson,
)


@pytest.mark.parametrize(
    ("name", "other"), [("wilson", "wilson"), ("jeffreys", "jeffreys"), ("clopper-pearson", "beta")]
)
def test_agrees_with_statsmodels(name: str, other: str) -> None:
    from statsmodels.stats.proportion import proportion_confint

    for trials in (1, 5, 30, 400):
        inner = np.arange(1, trials) if name == "jeffreys" else np.arange(trials + 1)
        if not len(inner):
            continue
        low, high = proportion_interval(name)(inner, trials, level=0.9)
        expected = proportion_confint(inner, trials, alpha=0.1, method=other)
        np.testing.assert_allclose(low, expected[0], atol=1e-9)
        np.testing.assert_allclose(high, expected[1], atol=1e-9)


def test_newcombe_agrees_with_statsmodels() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    for counts in [(56, 70, 48, 80), (0, 10, 3, 12), (5, 5, 0, 7)]:
        difference, low, high = newcombe(*counts)
        expected = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
        np.testing.assert_allclose([low, high], expected, atol=1e-9)
        assert difference == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])


def test_count_ratio_solves_the_score_equation() -> None:
    low, high = count_ratio([7, 351], [10, 3050])
    for bound in (low, high):
        mean = bound * np.array([10, 3050])
        np.testing.assert_allclose((np.array([7, 351]) - mean) ** 2, 1.959964**2 * mean, rtol=1e-5)


def test_published_figures() -> None:
    low, high = wilson([0, 5], [1, 10])
    np.testing.assert_allclose(low * 100, [0, 23.7], atol=0.05)
    np.testing.assert_allclose(high * 100, [79.3, 76.3], atol=0.05)


@given(trials=st.integers(1, 5000), share=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_a_rate_lies_in_its_interval(trials: int, share: float, level: float) -> None:
    successes = round(share * trials)
    for interval in (wilson, jeffreys, clopper_pearson):
        low, high = interval(successes, trials, level=level)
        assert 0 <= low <= successes / trials + 1e-12
        assert successes / trials - 1e-12 <= high <= 1
    low, high = count_ratio(successes, trials, level=level)
    assert low <= successes / trials <= high


@given(successes=st.integers(0, 50), more=st.integers(0, 50))
def test_wilson_is_symmetric(successes: int, more: int) -> None:
    trials = successes + more
    low, high = wilson(successes, trials)
    other_low, other_high = wilson(more, trials)
    if trials == 0:
        assert np.isnan(low)
        assert np.isnan(high)
    else:
        assert low == pytest.approx(1 - other_high)
        assert high == pytest.approx(1 - other_low)


def test_unknown_stays_unknown() -> None:
    for interval in (wilson, jeffreys, clopper_pearson, count_ratio):
        low, high = interval([np.nan, 1, 0], [5, np.nan, 0])
        assert np.isnan(low).all()
        assert np.isnan(high).all()


@pytest.mark.parametrize("trials", [1, 3, 10, 30, 100, 1000])
def test_mean_coverage_of_a_single_report(trials: int) -> None:
    from scipy.stats import binom

    p = np.linspace(0.001, 0.999, 999)
    counts = np.arange(trials + 1)
    low, high = wilson(counts, trials)
    inside = (low[:, None] <= p) & (p <= high[:, None])
    coverage = (binom.pmf(counts[:, None], trials, p) * inside).sum(axis=0)
    assert 0.94 <= coverage.mean() <= 0.965


def test_correlation_narrows_a_paired_difference() -> None:
    alone = square_and_add((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), 0.0)
    paired = square_and_add((0.5, 0.4, 0.6), (0.4, 0.3, 0.5), 0.8)
    assert paired[2] - paired[1] < alone[2] - alone[1]


def test_valid_choices_are_named() -> None:
    with pytest.raises(UnknownChoice, match="clopper-pearson"):
        proportion_interval("wald")
    with pytest.raises(UnknownChoice, match="between 0 and 1"):
        wilson(1, 2, level=95)
