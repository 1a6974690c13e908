"""Posteriors of many units under one prior whose mean and size are integrated over a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
#: Nodes of the integration over the prior's mean and size.
MEAN_NODES, SIZE_NODES = 41, 31


@dataclass(frozen=True)
class Posteriors:
    """Mean, interval and weight of its own data for each unit; mean and size of the prior they share."""

    mean: Values
    low: Values
    high: Values
    weight: Values
    prior_mean: float
    prior_size: float


Posterior = Callable[[Values, Values, float], Posteriors]


def _grid(
    y: Values, n: Values, lowest: Values, highest: Values, scale: float
) -> tuple[Values, Values, Values]:
    """Nodes of the prior's mean (linear between the bounds) and size, with the log prior of the size."""
    sizes = scale * np.logspace(-2.5, 3.5, SIZE_NODES)
    means = np.linspace(float(lowest), float(highest), MEAN_NODES)
    # Uniform prior on size/(size + scale), on a grid that is even in the logarithm.
    return means, sizes, np.log(sizes) - 2 * np.log(sizes + scale)


def _distinct(y: Values, n: Values) -> tuple[Values, Values, NDArray[np.int64], Values]:
    pairs, back, counts = np.unique(np.column_stack([y, n]), axis=0, return_inverse=True, return_counts=True)
    return pairs[:, 0], pairs[:, 1], back.ravel(), counts.astype("float64")


def _weights(log_density: Values) -> Values:
    weights = np.exp(log_density - log_density.max())
    return np.asarray(weights / weights.sum())


def beta_posterior(y: Values, n: Values, level: float) -> Posteriors:
    from scipy.special import betaln
    from scipy.stats import beta

    one, many, back, times = _distinct(y, n)
    total, size = float(y.sum()), float(n.sum())
    there = n > 0
    units = float(there.sum())
    # The mean lies where both the pooled rate and the mean of rates would put it, five errors either way.
    centres = np.array([total / size, float(np.mean(y[there] / n[there]))])
    spread = 5 * np.sqrt(np.maximum(centres * (1 - centres), 0.5 / size) / units) + 3 / (units + 10)
    low, high = (centres - spread).min(), (centres + spread).max()
    means, sizes, prior = _grid(
        y, n, np.clip(low, 1e-4, 0.98), np.clip(high, 0.02, 1 - 1e-4), float(np.median(n[there]))
    )
    a = means[:, None] * sizes
    b = (1 - means)[:, None] * sizes
    likelihood = np.zeros_like(a)
    for success, trial, count in zip(one, many, times, strict=True):
        if trial > 0:
            likelihood += count * (betaln(a + success, b + trial - success) - betaln(a, b))
    weights = _weights(likelihood + prior)
    mean, variance = np.empty(len(one)), np.empty(len(one))
    own = np.empty(len(one))
    for number, (success, trial) in enumerate(zip(one, many, strict=True)):
        given = (a + success) / (a + b + trial)
        mean[number] = (weights * given).sum()
        within = given * (1 - given) / (a + b + trial + 1)
        variance[number] = (weights * (within + (given - mean[number]) ** 2)).sum()
        own[number] = (weights * (trial / (a + b + trial))).sum()
    precision = np.maximum(mean * (1 - mean) / variance - 1, 1e-6)
    bounds = [
        beta.ppf(tail, mean * precision, (1 - mean) * precision)
        for tail in ((1 - level) / 2, (1 + level) / 2)
    ]
    return Posteriors(
        mean[back], bounds[0][back], bounds[1][back], own[back],
        float((weights * means[:, None]).sum()), float(np.exp((weights * np.log(sizes)).sum())),
    )  # fmt: skip


def gamma_posterior(y: Values, n: Values, level: float) -> Posteriors:
    from scipy.special import gammaln
    from scipy.stats import gamma

    there = n > 0
    units, total = float(there.sum()), float(y.sum())
    # Rates are measured in the pooled rate, so that the grid has no unit.
    unit = max(total, 0.5) / float(n.sum())
    one, many, back, times = _distinct(y, n * unit)
    rates = y[there] / (n[there] * unit)
    error = 5 * max(float(rates.std()), 1 / np.sqrt(max(total, 1.0))) / np.sqrt(units)
    low, high = min(1.0, float(rates.mean())) - error, max(1.0, float(rates.mean())) + error
    scale = float(np.median(n[there] * unit))
    means, shapes, prior = _grid(y, n, np.asarray(max(low, 0.02)), np.asarray(high), max(scale, 0.05))
    shape = np.broadcast_to(shapes, (len(means), len(shapes)))
    inverse = shape / means[:, None]
    likelihood = np.zeros_like(inverse)
    for count, exposure, repeated in zip(one, many, times, strict=True):
        if exposure > 0:
            likelihood += repeated * (
                gammaln(shape + count) - gammaln(shape) + shape * np.log(inverse / (inverse + exposure))
                - count * np.log(inverse + exposure)
            )  # fmt: skip
    weights = _weights(likelihood + prior)
    mean, variance, own = np.empty(len(one)), np.empty(len(one)), np.empty(len(one))
    for number, (count, exposure) in enumerate(zip(one, many, strict=True)):
        given = (shape + count) / (inverse + exposure)
        mean[number] = (weights * given).sum()
        variance[number] = (weights * (given / (inverse + exposure) + (given - mean[number]) ** 2)).sum()
        own[number] = (weights * (exposure / (inverse + exposure))).sum()
    matched = mean**2 / variance
    bounds = [
        gamma.ppf(tail, matched, scale=mean / matched) * unit for tail in ((1 - level) / 2, (1 + level) / 2)
    ]
    return Posteriors(
        mean[back] * unit, bounds[0][back], bounds[1][back], own[back],
        float((weights * means[:, None]).sum()) * unit, float(np.exp((weights * np.log(shapes)).sum())),
    )  # fmt: skip
