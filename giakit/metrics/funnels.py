"""Funnel limits instead of league tables: which agencies differ by more than chance and over-dispersion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from giakit.errors import UnknownChoice
from giakit.metrics.counts import choose, keys
from giakit.metrics.definitions import measure
from giakit.metrics.rates import rate

Values = NDArray[np.float64]
DISPERSIONS = ("additive", "multiplicative", "none")


def funnel_limits(
    target: float,
    sizes: ArrayLike,
    *,
    level: float = 0.95,
    dispersion: str = "none",
    amount: float = 0.0,
) -> tuple[Values, Values]:
    """Give control limits of a proportion around a target, for agencies of given sizes.

    Parameters
    ----------
    target : float
        Rate that agencies are held against.
    sizes : array_like
        Denominators.
    level : float
        Share of agencies that stay inside by chance.
    dispersion : {"none", "additive", "multiplicative"}
        ``none``: exact binomial limits; ``additive``: the variance between agencies `amount` is added;
        ``multiplicative``: the variance is multiplied by `amount`.
    amount : float
        Over-dispersion as :func:`funnel` estimates it.

    Returns
    -------
    low, high : numpy.ndarray
        Limits between 0 and 1.

    Notes
    -----
    Limits are counts over n, so that they step where n is small: the quantile of a binomial or, with
    over-dispersion, of the beta-binomial whose variance between agencies is τ² or ``(φ - 1) target(1-target)/n``;
    they are never narrower than those of chance. Normal limits, which are symmetric, let few outliers through
    below a rate near 0 and many above it.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24, doi 10.1002/sim.1970; Griffiths (1973), Biometrics 29.

    Examples
    --------
    >>> low, high = funnel_limits(0.6, [10, 1000])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.3, 0.57], [0.9, 0.63])
    """
    choose("dispersion", dispersion, DISPERSIONS)
    n = np.floor(np.asarray(sizes, dtype="float64"))
    bounds = [_quantiles(tail, n, target, np.zeros_like(n)) for tail in ((1 - level) / 2, (1 + level) / 2)]
    if dispersion != "none" and 0 < target < 1:
        alike = _alike(n, target, dispersion, amount)
        bounds[0] = np.fmin(bounds[0], _quantiles((1 - level) / 2, n, target, alike))
        bounds[1] = np.fmax(bounds[1], _quantiles((1 + level) / 2, n, target, alike))
    with np.errstate(divide="ignore", invalid="ignore"):
        return bounds[0] / n, bounds[1] / n


def _alike(n: Values, target: float, dispersion: str, amount: float) -> Values:
    """Correlation within agencies of the beta-binomial whose variance is that of the over-dispersion."""
    within = target * (1 - target) / np.maximum(n, 1)
    between = amount if dispersion == "additive" else within * (amount - 1)
    return np.asarray(np.clip(between / (target * (1 - target)), 0, 0.99) * np.ones_like(n))


def _chances(counts: Values, n: Values, target: float, alike: Values) -> Values:
    """Probability of each count of n, binomial where agencies are not alike, else beta-binomial."""
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    ways = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    more = np.maximum(alike, 1e-7)
    a, b = target * (1 - more) / more, (1 - target) * (1 - more) / more
    over = betaln(a + counts, b + n - counts) - betaln(a, b) if alike.any() else np.zeros_like(ways)
    chance = xlogy(counts, target) + xlog1py(n - counts, -target)
    return np.asarray(np.exp(ways + np.where(alike > 1e-7, over, chance)))


def _quantiles(tail: float, n: Values, target: float, alike: Values) -> Values:
    """Smallest count whose cumulated probability reaches the tail, for each size."""
    pairs, back = np.unique(np.column_stack([n.ravel(), alike.ravel()]), axis=0, return_inverse=True)
    found = np.empty(len(pairs))
    for number, (size, correlation) in enumerate(pairs):
        counts = np.arange(size + 1)
        cumulated = np.cumsum(
            _chances(counts, np.full_like(counts, size), target, np.full_like(counts, correlation))
        )
        found[number] = min(np.searchsorted(cumulated, tail * (1 - 1e-12)), size)
    return found[back.ravel()].reshape(n.shape)


def funnel(
    frame: pd.DataFrame,
    measure_name: str = "disclosure_rate",
    *,
    denominator: str | None = None,
    unit: str | Sequence[str] = "agency_id",
    target: float | None = None,
    levels: tuple[float, float] = (0.95, 0.998),
    dispersion: str = "additive",
    winsorise: float = 0.1,
    **options: Any,
) -> pd.DataFrame:
    """Hold each agency against funnel limits that allow for over-dispersion.

    Parameters
    ----------
    frame, measure_name, denominator
        As in :func:`giakit.metrics.rate`; the measure must be a proportion.
    unit : str or sequence of str
        Columns that name what is compared.
    target : float, optional
        Rate to hold agencies against; the pooled rate by default.
    levels : tuple of float
        Inner and outer limits.
    dispersion : {"additive", "multiplicative", "none"}
        How differences between agencies beyond chance widen the limits.
    winsorise : float
        Share of z scores at each end that is pulled in before over-dispersion is estimated.
    **options
        Other options of :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row an agency with a denominator: the columns of `unit`, ``numerator, denominator, rate, target,
        z, low_inner, high_inner, low_outer, high_outer, outside`` (``inside``, ``inner``, ``outer``),
        ``dispersion, amount`` (τ² or φ) and ``method``.

    Notes
    -----
    ``z = (rate - target) / √(target(1-target)/n)``. An agency is outside where its count lies beyond the
    quantile, so that at most ``1 - level`` are so by chance. Over-dispersion is the τ² or φ at which the normal scores
    of the counts (mid-p under the beta-binomial) have variance one, winsorised so that outliers do not hide
    themselves, and divided by what winsorising leaves of a normal variance (0.68 at 0.1); none where chance is
    enough. Where agencies differ this much around a rate near 0, only large ones can be low outliers.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24; Paule and Mandel (1982), Journal of Research of the
    National Bureau of Standards 87.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": list("abc"), "granted": [60, 55, 99], "partial": 0, "closed": 100})
    >>> funnel(frame, dispersion="none", target=0.6)["outside"].tolist()
    ['inside', 'inside', 'outer']
    """
    choose("dispersion", dispersion, DISPERSIONS)
    wanted = measure(measure_name)
    if wanted.denominator(denominator) in wanted.ratios:
        proportions = [name for name in wanted.denominators if name not in wanted.ratios]
        raise UnknownChoice("denominator", denominator, proportions)
    rates = rate(frame, measure_name, denominator=denominator, by=unit, **options)
    rates = rates[(rates["denominator"] > 0).fillna(False)].reset_index(drop=True)
    size = rates["denominator"].to_numpy(dtype="float64")
    observed = rates["numerator"].to_numpy(dtype="float64") / size
    if target is None:
        target = float(np.average(observed, weights=size)) if len(size) else np.nan
    held = target
    within = held * (1 - held) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (observed - held) / np.sqrt(within)
    amount = _dispersion(observed * size, size, held, dispersion, winsorise)
    result = rates[[*keys(unit), "numerator", "denominator", "rate"]].copy()
    result["target"], result["z"] = held, z
    outside = np.full(len(result), "inside", dtype=object)
    for name, level in zip(("inner", "outer"), levels, strict=True):
        low, high = funnel_limits(held, size, level=level, dispersion=dispersion, amount=amount)
        result[f"low_{name}"], result[f"high_{name}"] = low, high
        outside[(observed < low) | (observed > high)] = name
    result["outside"] = pd.array(outside, dtype="str")
    result["dispersion"], result["amount"] = dispersion, amount
    result["method"] = (
        "exact binomial" if dispersion == "none" else f"beta-binomial, {dispersion} over-dispersion"
    )
    return result


def _dispersion(counts: Values, n: Values, target: float, dispersion: str, winsorise: float) -> float:
    """Variance between agencies (additive) or factor of the variance (multiplicative)."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    least = 1.0 if dispersion == "multiplicative" else 0.0
    if dispersion == "none" or len(n) < 2 or not 0 < target < 1:
        return least
    # An agency that expects no success says nothing of how much agencies differ.
    telling = n * min(target, 1 - target) >= 1
    chosen = telling if telling.sum() >= 10 else np.ones_like(telling)
    pairs, times = np.unique(np.column_stack([np.round(counts), n])[chosen], axis=0, return_counts=True)
    y, size = pairs.T
    starts = np.concatenate([[0], np.cumsum(y + 1)[:-1]]).astype("int64")
    number = np.repeat(np.arange(len(y)), (y + 1).astype("int64"))
    below = np.arange(len(number)) - starts[number]
    left = _left_by_winsorising(winsorise)

    def excess(amount: float) -> float:
        alike = _alike(size, target, dispersion, amount)
        chances = _chances(below, size[number], target, alike[number])
        cumulated = np.add.reduceat(chances, starts)
        # Half of the count's own probability: a score of discrete counts without a lean.
        score = ndtri(np.clip(cumulated - chances[starts + y.astype("int64")] / 2, 1e-12, 1 - 1e-12))
        scores = np.repeat(score, times)
        return (
            float(np.mean(np.clip(scores, *np.quantile(scores, [winsorise, 1 - winsorise])) ** 2)) / left - 1
        )

    if excess(least) <= 0:
        return least
    # From below: where nearly all agencies would refuse all or nothing, the scores lose their meaning.
    step = target * (1 - target) if dispersion == "additive" else 1.0
    low = least
    for high in least + step * np.geomspace(
        *((0.002, 0.6) if dispersion == "additive" else (0.5, 500.0)), 12
    ):
        if excess(high) < 0:
            return float(brentq(excess, low, high, rtol=0.01))
        low = high
    return float(low)


def _left_by_winsorising(share: float) -> float:
    """Variance of a standard normal whose outer shares are pulled in to the quantiles."""
    from scipy.stats import norm

    if share == 0:
        return 1.0
    edge = norm.ppf(1 - share)
    return float(1 - 2 * share - 2 * edge * norm.pdf(edge) + 2 * share * edge**2)
