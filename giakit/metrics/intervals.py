"""Intervals for one proportion, one ratio of counts, and the difference of two proportions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from giakit.errors import UnknownChoice

Values = NDArray[np.float64]
Interval = tuple[Values, Values]


def wilson(successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> Interval:
    """Score interval of a proportion.

    Parameters
    ----------
    successes, trials : array_like
        Counts, of one shape; NaN passes through. Without a trial the interval is NaN.
    level : float
        Confidence level.

    Returns
    -------
    low, high : numpy.ndarray
        Bounds between 0 and 1.

    Notes
    -----
    ``(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)``; right on average over p, not at each p.

    References
    ----------
    Wilson (1927), JASA 22; Brown, Cai and DasGupta (2001), Statistical Science 16.

    Examples
    --------
    >>> low, high = wilson(0, 1)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 0.793)
    """
    return wilson_with(successes, trials, _normal(level))


def wilson_with(successes: ArrayLike, trials: ArrayLike, quantile: ArrayLike) -> Interval:
    """Score interval with a quantile of the caller's, for effective sample sizes and t quantiles."""
    x, n, z = _floats(successes, trials, quantile)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        middle = p + z**2 / (2 * n)
        half = z * np.sqrt(np.maximum(p * (1 - p), 0) / n + z**2 / (4 * n**2))
        low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
    # At the ends the score bound is 0 or 1 exactly; rounding must not move it past the rate.
    low = np.where(x == 0, 0.0, np.clip(low, 0, 1))
    high = np.where(x == n, 1.0, np.clip(high, 0, 1))
    return _without_trials(low, n), _without_trials(high, n)


def jeffreys(successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> Interval:
    """Equal-tailed Bayesian interval of a proportion under the prior Beta(1/2, 1/2).

    Parameters, shapes and bounds as in :func:`wilson`. The lower bound is 0 without a success, the upper
    1 without a failure.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16.

    Examples
    --------
    >>> low, high = jeffreys(5, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.224, 0.776)
    """
    from scipy.stats import beta

    x, n = _floats(successes, trials)
    tail = (1 - level) / 2
    low = np.where(x == 0, 0.0, beta.ppf(tail, x + 0.5, n - x + 0.5))
    high = np.where(x == n, 1.0, beta.ppf(1 - tail, x + 0.5, n - x + 0.5))
    return _without_trials(low, n), _without_trials(high, n)


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> Interval:
    """Exact interval of a proportion: never covers less than its level, mostly more.

    Parameters, shapes and bounds as in :func:`wilson`.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> float(low), round(float(high), 3)
    (0.0, 0.308)
    """
    from scipy.stats import beta

    x, n = _floats(successes, trials)
    tail = (1 - level) / 2
    low = np.where(x == 0, 0.0, beta.ppf(tail, np.maximum(x, 1), n - x + 1))
    high = np.where(x == n, 1.0, beta.ppf(1 - tail, x + 1, np.maximum(n - x, 1)))
    return _without_trials(low, n), _without_trials(high, n)


def count_ratio(count: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Interval:
    """Score interval of a Poisson count over an exposure, for ratios that are no proportions.

    Parameters
    ----------
    count, exposure : array_like
        A count and what it is put over (requests closed, people); NaN passes through.
    level : float
        Confidence level.

    Returns
    -------
    low, high : numpy.ndarray
        Bounds of ``count / exposure``; the lower one is 0 without a count.

    Notes
    -----
    ``(x + z²/2 ± z √(x + z²/4)) / exposure``, the solution of ``(x - μ)² = z² μ``.

    References
    ----------
    Rao (1948) score test; see Barker (2002), The American Statistician 56.

    Examples
    --------
    >>> low, high = count_ratio(351, 3050)
    >>> round(float(low), 3), round(float(high), 3)
    (0.104, 0.128)
    """
    x, n = _floats(count, exposure)
    z = _normal(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = z * np.sqrt(x + z**2 / 4)
        low = np.where(x == 0, 0.0, (x + z**2 / 2 - half) / n)
        high = (x + z**2 / 2 + half) / n
    return _without_trials(low, n), _without_trials(high, n)


def newcombe(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike,
    *, level: float = 0.95,
) -> tuple[Values, Values, Values]:  # fmt: skip
    """Difference of two independent proportions with the hybrid score interval.

    Parameters
    ----------
    successes, trials, other_successes, other_trials : array_like
        Counts of the first and of the second proportion.
    level : float
        Confidence level.

    Returns
    -------
    difference, low, high : numpy.ndarray
        First proportion minus second, between -1 and 1.

    Notes
    -----
    With Wilson bounds (l, u): ``d - √((p₁-l₁)² + (u₂-p₂)²)`` to ``d + √((u₁-p₁)² + (p₂-l₂)²)``.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> [round(float(value), 4) for value in newcombe(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    x1, n1, x2, n2 = _floats(successes, trials, other_successes, other_trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = x1 / n1, x2 / n2
    return square_and_add(
        (first, *wilson(x1, n1, level=level)), (second, *wilson(x2, n2, level=level)), np.zeros(())
    )


def square_and_add(
    first: Sequence[ArrayLike],
    second: Sequence[ArrayLike],
    correlation: ArrayLike,
) -> tuple[Values, Values, Values]:
    """Difference of two estimates from their own intervals (estimate, low, high) and their correlation.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27 (MOVER).

    Examples
    --------
    >>> [round(float(value), 3) for value in square_and_add((0.5, 0.4, 0.6), (0.3, 0.2, 0.4), 0.0)]
    [0.2, 0.059, 0.341]
    """
    p1, l1, u1 = _floats(*first)
    p2, l2, u2 = _floats(*second)
    (shared,) = _floats(correlation)
    difference = p1 - p2
    below = (p1 - l1) ** 2 + (u2 - p2) ** 2 - 2 * shared * (p1 - l1) * (u2 - p2)
    above = (u1 - p1) ** 2 + (p2 - l2) ** 2 - 2 * shared * (u1 - p1) * (p2 - l2)
    return difference, difference - np.sqrt(np.maximum(below, 0)), difference + np.sqrt(np.maximum(above, 0))


INTERVALS: dict[str, Callable[..., Interval]] = {
    "wilson": wilson,
    "jeffreys": jeffreys,
    "clopper-pearson": clopper_pearson,
}


def proportion_interval(name: str) -> Callable[..., Interval]:
    """The interval of that name; UnknownChoice lists those there are."""
    if name not in INTERVALS:
        raise UnknownChoice("interval", name, INTERVALS)
    return INTERVALS[name]


def _normal(level: float) -> float:
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise UnknownChoice("level", level, ["a number between 0 and 1, such as 0.95"])
    return float(ndtri(0.5 + level / 2))


def _floats(*values: ArrayLike) -> tuple[Any, ...]:
    return tuple(np.asarray(value, dtype="float64") for value in values)


def _without_trials(bound: Values, trials: Values) -> Values:
    """No trial, no interval: an unknown rate is not between 0 and 1, it is missing."""
    return np.where((trials > 0), bound, np.nan)
