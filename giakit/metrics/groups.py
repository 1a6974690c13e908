"""Intervals for a group of agencies: requests within an agency are alike, so agencies are what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from giakit.metrics.intervals import count_ratio, wilson, wilson_with

Values = NDArray[np.float64]
Codes = NDArray[np.int64]

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
        return Clusters(
            self.numerator[kept], self.denominator[kept], number[self.group[kept]], int(chosen.sum())
        )

    @property
    def count(self) -> Values:
        """Number of agencies of each group that have any denominator."""
        return self.total((self.denominator > 0).astype("float64"))

    @property
    def each(self) -> Values:
        """Rate of each agency, 0 where it has no denominator."""
        there = self.denominator > 0
        return np.divide(self.numerator, self.denominator, out=np.zeros(len(there)), where=there)


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
