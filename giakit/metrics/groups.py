"""Intervals for a group of agencies: requests within an agency are alike, so agencies are what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from giakit.metrics.intervals import count_ratio, wilson, wilson_with

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


#: Correlations of two requests to one agency that are averaged over.
ALIKE = np.concatenate([[1e-4], np.geomspace(0.002, 0.9, 17)])
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
        return Clusters(
            self.numerator[kept], self.denominator[kept], number[self.group[kept]], int(chosen.sum())
        )

    @property
    def count(self) -> Values:
        """Number of agencies of each group that have any denominator."""
        return self.total((self.denominator > 0).astype("float64"))


def cluster_sums(
    numerator: Values, denominator: Values, group: Codes, cluster: Codes, groups: int
) -> Clusters:
    """Add up reports by group and cluster (codes from 0)."""
    width = int(cluster.max()) + 1 if len(cluster) else 1
    _, first, which = np.unique(group * width + cluster, return_index=True, return_inverse=True)
    return Clusters(
        weighted(which, numerator, len(first)),
        weighted(which, denominator, len(first)),
        group[first],
        groups,
    )


def clustered_proportion(clusters: Clusters, *, level: float) -> tuple[Values, Values]:
    """Interval of the pooled proportion of each group, clustered by agency.

    Notes
    -----
    An effective sample size is put into the score interval. From 50 effective agencies on it is
    ``R(1-R)/variance`` with the variance ``Σ e²/(1 - h) / N²`` of the linearised residuals ``e = y - R n``
    (CR2, ``h = n/N``) and a t quantile whose degrees of freedom (Satterthwaite) count the agencies that carry the
    variance. With fewer, a giant among them leaves no residual, and the variance says little: the effective size
    is ``N²/Σ n(1 + (n-1)ρ)``, the interval being averaged over what the counts of all agencies, small ones too,
    say of the correlation ρ within agencies (:func:`alike_weights`). Where all or none are successes, what
    the other groups say of ρ is taken. The interval is never narrower than the pooled Wilson interval.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28; Korn and Graubard (1998), Survey Methodology 24;
    Dean and Pagano (2015), Journal of Survey Statistics and Methodology 3; Griffiths (1973), Biometrics 29.
    """
    y, n = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = y / n
        spread = rate * (1 - rate)
        variance, freedom = _variance(clusters, rate, n, unit=spread)
        effective = np.where(spread > 0, np.minimum(spread / variance, n * 1e6), n)
        modelled = (clusters.count > 1) & ((clusters.effective < MANY) | ~(spread > 0)) & (y >= 0) & (y <= n)
    low, high = wilson_with(rate * effective, effective, _student(level, freedom))
    if modelled.any():
        chosen = clusters.of(modelled)
        weights, varied = alike_weights(chosen), spread[modelled] > 0
        if varied.any():
            weights[:, ~varied] = weights[:, varied].mean(axis=1, keepdims=True)
        low[modelled], high[modelled] = _averaged_score(
            rate[modelled], effective_sizes(chosen), weights, level
        )
    narrow_low, narrow_high = wilson(y, n, level=level)
    return np.fmin(low, narrow_low), np.fmax(high, narrow_high)


def alike_weights(clusters: Clusters, *, shared: bool = False) -> Values:
    """Posterior weights of the correlations :data:`ALIKE` within agencies, one column a group.

    Notes
    -----
    Beta-binomial likelihood of the agencies' counts at the mean that is best for each correlation, the flat
    prior of that mean integrated over (Laplace); the correlation has the prior Beta(0.65, 2), which favours
    few per cent and leaves large ones possible. With `shared` all groups have one correlation.
    """
    from scipy.special import betaln

    y, size = clusters.numerator, clusters.denominator
    there = (size > 0) & (y >= 0) & (y <= size)
    curve = []
    for alike in ALIKE:
        weight = np.where(there, size / (1 + (size - 1) * alike), 0.0)
        total = clusters.total(weight)
        own = np.divide(y, size, out=np.zeros(len(y)), where=there)
        mean = np.clip((clusters.total(weight * own) + 0.5) / (total + 1), 1e-7, 1 - 1e-7)[clusters.group]
        a, b = mean * (1 - alike) / alike, (1 - mean) * (1 - alike) / alike
        terms = np.where(
            there, betaln(a + np.where(there, y, 0), b + np.where(there, size - y, 0)) - betaln(a, b), 0
        )
        curve.append(clusters.total(terms) - 0.5 * np.log(np.maximum(total, 1e-9)))
    logs = np.array(curve)
    if shared:
        logs = np.repeat(logs.sum(axis=1, keepdims=True), clusters.groups, axis=1)
    # The grid is even in the logarithm, so that the density of the logarithm is what counts.
    logs += (0.65 * np.log(ALIKE) + np.log(1 - ALIKE))[:, None]
    weights = np.exp(logs - logs.max(axis=0)) * np.gradient(np.log(ALIKE))[:, None]
    return np.asarray(weights / weights.sum(axis=0))


def effective_sizes(clusters: Clusters) -> Values:
    """Requests that the clustered ones of each group are worth, one row a correlation of :data:`ALIKE`."""
    size = clusters.denominator
    squares = clusters.total(size**2)
    total = clusters.total(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total**2 / (total + ALIKE[:, None] * (squares - total)))


def _averaged_score(rate: Values, sizes: Values, weights: Values, level: float) -> tuple[Values, Values]:
    """Bounds at which the score test, averaged over the sizes by their weights, reaches its tail."""
    from scipy.special import ndtr

    bounds = []
    for end in (0.0, 1.0):
        inside, outside = rate.copy(), np.full(len(rate), end)
        for _ in range(45):
            middle = (inside + outside) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                score = np.abs(rate - middle) * np.sqrt(sizes / (middle * (1 - middle)))
            kept = (weights * ndtr(-score)).sum(axis=0) > (1 - level) / 2
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        bounds.append(np.where(rate == end, end, (inside + outside) / 2))
    return bounds[0], bounds[1]


def clustered_ratio(clusters: Clusters, *, level: float) -> tuple[Values, Values]:
    """Interval of a ratio of counts of each group, clustered by agency, on the log scale.

    Notes
    -----
    ``R exp(± t √variance / R)`` with the variance and degrees of freedom of
    :func:`clustered_proportion`; never narrower than the score interval of a Poisson count, which stands
    alone where nothing was counted.

    References
    ----------
    Cochran (1977), Sampling Techniques, ch. 6; Bell and McCaffrey (2002), Survey Methodology 28.
    """
    y, n = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    narrow_low, narrow_high = count_ratio(y, n, level=level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rate = y / n
        variance, freedom = _variance(clusters, rate, n, unit=rate)
        factor = np.exp(_student(level, freedom) * np.sqrt(variance) / rate)
        low, high = rate / factor, rate * factor
    return np.fmin(low, narrow_low), np.fmax(high, narrow_high)


def mean_of_rates(
    clusters: Clusters, *, level: float, proportion: bool = True
) -> tuple[Values, Values, Values]:
    """Mean of the agencies' rates of each group, each agency counting once, with its interval.

    Returns
    -------
    mean, low, high : numpy.ndarray
        Of the m agencies with a denominator. NaN bounds for one agency.

    Notes
    -----
    Variance ``s²/m`` with m - 1 degrees of freedom. For proportions the effective sample size
    ``R(1-R)/variance`` goes into the score interval (bounds stay between 0 and 1), never narrower than
    with the sample size ``m²/Σ(1/n)`` of equal agencies; for ratios the interval is ``R exp(± t se/R)``.

    References
    ----------
    Student (1908), Biometrika 6; Dean and Pagano (2015), Journal of Survey Statistics and Methodology 3.
    """
    there = clusters.denominator > 0
    each = np.divide(clusters.numerator, clusters.denominator, out=np.zeros(len(there)), where=there)
    m = clusters.count
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = clusters.total(each) / m
        squares = clusters.total(np.where(there, (each - mean[clusters.group]) ** 2, 0.0))
        variance = squares / (m - 1) / m
        quantile = _student(level, m - 1)
        if proportion:
            inverse = np.divide(1.0, clusters.denominator, out=np.zeros(len(there)), where=there)
            alike = m**2 / clusters.total(inverse)
            spread = mean * (1 - mean)
            effective = np.where(spread > 0, np.minimum(spread / variance, alike * 1e6), m)
            low, high = wilson_with(mean * effective, effective, quantile)
            narrow_low, narrow_high = wilson(mean * alike, alike, level=level)
            low, high = np.fmin(low, narrow_low), np.fmax(high, narrow_high)
        else:
            factor = np.exp(quantile * np.sqrt(variance) / mean)
            low, high = mean / factor, mean * factor
    return mean, np.where(m > 1, low, np.nan), np.where(m > 1, high, np.nan)


def residuals(clusters: Clusters) -> Values:
    """Linearised residuals ``(y - R n) / N`` of the pooled ratio, one an agency."""
    y, n = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (y / n)[clusters.group]
        return (clusters.numerator - rate * clusters.denominator) / n[clusters.group]


def _variance(clusters: Clusters, rate: Values, n: Values, *, unit: Values) -> tuple[Values, Values]:
    """Variance of a pooled ratio and the degrees of freedom it is worth.

    `unit` is the variance that one request would add if requests were independent.
    """
    size = clusters.denominator
    share = size / n[clusters.group]
    error = clusters.numerator - rate[clusters.group] * size
    # An agency that is nearly the whole group has no residual of its own; its weight must not explode.
    squares = clusters.total(np.where(size > 0, error**2 / np.maximum(1 - share, 0.02), 0.0))
    pairs = clusters.total(np.maximum(size * (size - 1), 0))
    alike = np.clip((squares - unit * n) / pairs / unit, 0, None)
    alike = np.where(np.isfinite(alike), alike, 0.0)
    expected = size * (1 + np.maximum(size - 1, 0) * alike[clusters.group])
    freedom = clusters.total(expected) ** 2 / clusters.total(expected**2)
    return squares / n**2, np.maximum(freedom, 1.0)


def _student(level: float, freedom: Values) -> Values:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.maximum(np.nan_to_num(freedom, nan=1.0), 1.0), 0.5 + level / 2))
