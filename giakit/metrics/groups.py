"""Intervals for a group of agencies: requests within an agency are alike, so agencies are what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from giakit.metrics.intervals import count_ratio, wilson, wilson_with

Values = NDArray[np.float64]
Codes = NDArray[np.int64]


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
    The linearised residuals ``e = y - R n`` give the variance ``Σ e²/(1 - h) / N²`` (CR2, ``h = n/N``);
    ``R(1-R)/variance`` is an effective sample size, put into the score interval with a t quantile whose
    degrees of freedom (Satterthwaite) count the agencies that carry the variance. The interval is never
    narrower than the pooled Wilson interval. Where all or none are successes the residuals say nothing,
    and the effective sample size is the effective number of agencies ``N²/Σ n²``.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28; Korn and Graubard (1998), Survey Methodology 24;
    Dean and Pagano (2015), Journal of Survey Statistics and Methodology 3.
    """
    y, n = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = y / n
        spread = rate * (1 - rate)
        variance, freedom = _variance(clusters, rate, n, unit=spread)
        agencies = np.minimum(n**2 / clusters.total(clusters.denominator**2), n)
        effective = np.where(spread > 0, np.minimum(spread / variance, n * 1e6), agencies)
    low, high = wilson_with(rate * effective, effective, _student(level, freedom))
    narrow_low, narrow_high = wilson(y, n, level=level)
    return np.fmin(low, narrow_low), np.fmax(high, narrow_high)


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
