"""Intervals of one rate, of a difference, and of a group of agencies, whose requests are alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from giakit.errors import UnknownChoice

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
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
    return square_and_add((first, *wilson(x1, n1, level=level)), (second, *wilson(x2, n2, level=level)), np.zeros(()))


def square_and_add(
    first: Sequence[ArrayLike], second: Sequence[ArrayLike], correlation: ArrayLike
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


#: Correlations of two requests to one agency, and squared variations of agencies' ratios, that are averaged over.
ALIKE = np.concatenate([[1e-4], np.geomspace(0.002, 0.9, 17)])
VARIED = np.concatenate([[1e-4], np.geomspace(0.002, 9, 20)])
#: Effective agencies from which on their residuals alone say how much a rate varies.
MANY = 50


def weighted(codes: NDArray[Any], values: Values, length: int) -> Values:
    """Sum of values by code (codes from 0 to length - 1)."""
    return np.bincount(codes, weights=values, minlength=length).astype("float64", copy=False)


@dataclass(frozen=True)
class Clusters:
    """Counts of each agency: numerator, denominator and the number of the group it stands in."""

    numerator: Values
    denominator: Values
    group: Codes
    groups: int

    def total(self, values: Values) -> Values:
        """Sum of a value over the agencies of each group."""
        return weighted(self.group, values, self.groups)

    @property
    def effective(self) -> Values:
        """Agencies of equal size that those of each group are worth, ``(Σ n)²/Σ n²``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.total(self.denominator) ** 2 / self.total(self.denominator**2))

    def of(self, chosen: NDArray[np.bool_]) -> Clusters:
        """The clusters of some groups."""
        kept = chosen[self.group]
        number = np.cumsum(chosen) - 1
        return Clusters(self.numerator[kept], self.denominator[kept], number[self.group[kept]], int(chosen.sum()))

    @property
    def count(self) -> Values:
        """Number of agencies of each group that have any denominator."""
        return self.total((self.denominator > 0).astype("float64"))

    @property
    def each(self) -> Values:
        """Rate of each agency, 0 where it has no denominator."""
        there = self.denominator > 0
        return np.divide(self.numerator, self.denominator, out=np.zeros(len(there)), where=there)


def cluster_sums(numerator: Values, denominator: Values, group: Codes, cluster: Codes, groups: int) -> Clusters:
    """Add up reports by group and cluster (codes from 0)."""
    width = int(cluster.max()) + 1 if len(cluster) else 1
    _, first, which = np.unique(group * width + cluster, return_index=True, return_inverse=True)
    return Clusters(
        weighted(which, numerator, len(first)), weighted(which, denominator, len(first)), group[first], groups
    )


def clustered_rate(
    clusters: Clusters, *, level: float, proportion: bool = True, equal: bool = False
) -> tuple[Values, Values, Values]:
    """Rate of each group with its interval, clustered by agency.

    Parameters
    ----------
    clusters : Clusters
        Counts of each agency.
    level : float
        Confidence level.
    proportion : bool
        Whether the numerator is a subset of the denominator; else a ratio of counts.
    equal : bool
        Whether each agency counts once (the mean of rates); else each request (the pooled rate).

    Returns
    -------
    rate, low, high : numpy.ndarray
        NaN bounds for the mean of rates of one agency.

    Notes
    -----
    The rate is ``R = Σ w y/n``, w the agency's share of the requests, or one in so many agencies. Its variance is
    ``R(1-R) (a (1-ρ) + b ρ)`` for a proportion, ρ the correlation of two requests to one agency, and
    ``R a + R² b φ`` for a ratio, φ the squared variation of the agencies' ratios, with ``a = Σ w²/n`` and ``b = Σ w²``.

    Below 50 effective agencies (``1/b``) one giant leaves no residual, and residuals say little: the score test is
    averaged over what the counts of all agencies, small ones too, say of ρ or φ (:func:`alike_weights`). Where all or
    none are successes, what the other groups say is taken. From 50 on the variance is ``Σ e²/(1 - w)`` of the residuals
    ``e = w (y/n - R)`` (CR2), with a t quantile, in the score interval of a proportion or on the log scale of a ratio.
    The interval is never narrower than that of independent requests.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28; Dean and Pagano (2015), Journal of Survey Statistics and
    Methodology 3; Griffiths (1973), Biometrics 29.
    """
    from scipy.special import stdtrit

    n, agencies = clusters.total(clusters.denominator), clusters.count
    there = clusters.denominator > 0
    group = clusters.group
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        weight = np.where(there, 1.0 if equal else clusters.denominator, 0.0)
        weight = np.nan_to_num(weight / (agencies if equal else n)[group])
        rate = np.where(n > 0, clusters.total(weight * clusters.each), np.nan)
        alone = clusters.total(np.divide(weight**2, clusters.denominator, out=0 * weight, where=there))
        together = clusters.total(weight**2)
        residual = weight * (clusters.each - rate[group])
        variance = clusters.total(residual**2 / np.maximum(1 - weight, 0.02))
        quantile = np.asarray(stdtrit(np.maximum(1 / together - 1, 1.0), 0.5 + level / 2))
        if proportion:
            spread = rate * (1 - rate)
            worth = np.where(spread > 0, np.minimum(spread / variance, 1 / alone), 1 / alone)
            low, high = wilson_with(rate * worth, worth, quantile)
            narrow = wilson(rate / alone, 1 / alone, level=level)
        else:
            factor = np.exp(quantile * np.sqrt(variance) / rate)
            low, high = rate / factor, rate * factor
            narrow = count_ratio(rate / alone, 1 / alone, level=level)
        modelled = (agencies > 1) & (rate >= 0) & ((rate <= 1) | (not proportion))
        modelled &= (1 / together < MANY) | ~(variance > 0)
    if modelled.any():
        chosen = clusters.of(modelled)
        low[modelled], high[modelled] = _averaged_score(
            chosen, rate[modelled], alone[modelled], together[modelled], level, proportion=proportion
        )
    low, high = np.fmin(low, narrow[0]), np.fmax(high, narrow[1])
    return rate, np.where(equal & (agencies < 2), np.nan, low), np.where(equal & (agencies < 2), np.nan, high)


def _averaged_score(
    clusters: Clusters, rate: Values, alone: Values, together: Values, level: float, *, proportion: bool
) -> tuple[Values, Values]:
    """Bounds at which the score test, averaged over how alike requests may be, reaches its tail."""
    from scipy.special import ndtr

    grid = (ALIKE if proportion else VARIED)[:, None]
    unit = np.maximum(rate, 0.5 * alone)
    more = grid * (together - alone) / (alone + grid * (together - alone)) if proportion else (
        grid * unit * together / (alone + grid * unit * together))  # fmt: skip
    weights = alike_weights(clusters, more, proportion=proportion)
    varied = (rate > 0) & ((rate < 1) | (not proportion))
    if varied.any():
        weights[:, ~varied] = weights[:, varied].mean(axis=1, keepdims=True)
    bounds = []
    for end in (0.0, 1.0 if proportion else np.inf):
        inside = rate.copy()
        # A bound so far away that the widest variance of the grid cannot reach it.
        outside = np.full(len(rate), end) if np.isfinite(end) else 10 * unit * (1 + 400 * (alone / unit + together))
        for _ in range(45):
            middle = (inside + outside) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                variance = (
                    middle * (1 - middle) * (alone + grid * (together - alone))
                    if proportion
                    else middle * alone + middle**2 * grid * together
                )
                score = np.abs(rate - middle) / np.sqrt(variance)
            kept = (weights * ndtr(-score)).sum(axis=0) > (1 - level) / 2
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        bounds.append(np.where(rate == end, end, (inside + outside) / 2))
    return bounds[0], bounds[1]


def alike_weights(
    clusters: Clusters, more: Values | None = None, *, proportion: bool = True, shared: bool = False
) -> Values:
    """Posterior weights of the correlations :data:`ALIKE` (or of :data:`VARIED`), one column a group.

    Notes
    -----
    Beta-binomial (or gamma-Poisson) likelihood of the agencies' counts at the mean that is best for each value, the
    flat prior of that mean integrated over (Laplace). The prior is flat in the logarithm of the variance of the
    estimate: `more` is the share of the variance that is not chance, which is its slope. For large
    agencies of one size that gives the interval of t with one degree of freedom fewer than agencies. With
    `shared` all groups have one correlation.
    """
    from scipy.special import betaln, gammaln

    y, size = clusters.numerator, clusters.denominator
    grid = ALIKE if proportion else VARIED
    there = (size > 0) & (y >= 0) & ((y <= size) | (not proportion))
    y, size = np.where(there, y, 0), np.where(there, size, 0)
    curve = []
    for alike in grid:
        if proportion:
            weight = np.where(there, size / (1 + (size - 1) * alike), 0.0)
            total = clusters.total(weight)
            mean = np.clip((clusters.total(weight * clusters.each) + 0.5) / (total + 1), 1e-7, 1 - 1e-7)
            a, b = mean * (1 - alike) / alike, (1 - mean) * (1 - alike) / alike
            a, b = a[clusters.group], b[clusters.group]
            terms = betaln(a + y, b + size - y) - betaln(a, b)
        else:
            pooled = (clusters.total(y) + 0.5) / np.maximum(clusters.total(size), 1e-9)
            weight = size / (1 + size * pooled[clusters.group] * alike)
            total = clusters.total(weight)
            mean = (clusters.total(weight * clusters.each) + 1e-9) / np.maximum(total, 1e-9)
            expected, shape = mean[clusters.group] * size, 1 / alike
            terms = (
                gammaln(shape + y) - gammaln(shape)
                - (shape + y) * np.log1p(expected * alike) + y * np.log(np.maximum(expected * alike, 1e-300))
            )  # fmt: skip
        curve.append(clusters.total(np.where(there, terms, 0)) - 0.5 * np.log(np.maximum(total, 1e-9)))
    logs = np.array(curve)
    if shared:
        logs = np.repeat(logs.sum(axis=1, keepdims=True), clusters.groups, axis=1)
    if more is None:
        extra = clusters.total(size**2) - clusters.total(size)
        more = grid[:, None] * extra / np.maximum(clusters.total(size) + grid[:, None] * extra, 1e-9)
    logs += np.log(np.maximum(more, 1e-12))
    weights = np.exp(logs - logs.max(axis=0)) * np.gradient(np.log(grid))[:, None]
    return np.asarray(weights / weights.sum(axis=0))


def effective_sizes(clusters: Clusters) -> Values:
    """Requests that the clustered ones of each group are worth, one row a correlation of :data:`ALIKE`."""
    squares, total = clusters.total(clusters.denominator**2), clusters.total(clusters.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total**2 / (total + ALIKE[:, None] * (squares - total)))


def residuals(clusters: Clusters) -> Values:
    """Linearised residuals ``(y - R n) / N`` of the pooled ratio, one an agency."""
    y, n = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (y / n)[clusters.group]
        return (clusters.numerator - rate * clusters.denominator) / n[clusters.group]
