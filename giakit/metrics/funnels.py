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
    Exact limits interpolate the binomial quantile ``r`` of p: ``(r - (F(r) - p)/(F(r) - F(r-1))) / n``.
    With over-dispersion ``target ± z √(target(1-target)/n + τ²)`` or ``target ± z √(φ target(1-target)/n)``.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24, doi 10.1002/sim.1970.

    Examples
    --------
    >>> low, high = funnel_limits(0.6, [10, 1000])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.23, 0.569], [0.853, 0.63])
    """
    from scipy.stats import binom, norm

    choose("dispersion", dispersion, DISPERSIONS)
    n = np.asarray(sizes, dtype="float64")
    if dispersion == "none":
        bounds = []
        for tail in ((1 - level) / 2, (1 + level) / 2):
            quantile = binom.ppf(tail, n, target)
            step = binom.cdf(quantile, n, target) - binom.cdf(quantile - 1, n, target)
            bounds.append((quantile - (binom.cdf(quantile, n, target) - tail) / step) / n)
    else:
        within = target * (1 - target) / n
        variance = within + amount if dispersion == "additive" else within * amount
        half = norm.ppf(0.5 + level / 2) * np.sqrt(variance)
        bounds = [target - half, target + half]
    return np.clip(bounds[0], 0, 1), np.clip(bounds[1], 0, 1)


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
    ``z = (rate - target) / √(target(1-target)/n)``, winsorised; ``φ = Σ z²/I``, divided by what winsorising
    leaves of a normal variance (0.68 at 0.1; the paper leaves this bias in, and limits come out too narrow).
    Additive: the τ² at which the φ of ``(rate - target) / √(target(1-target)/n + τ²)`` is 1, which unlike
    the paper's moment estimate is right where sizes differ much; 0 where φ is at most 1.

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
    from scipy.stats import norm

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
    amount = _dispersion(observed - held, within, dispersion, winsorise)
    result = rates[[*keys(unit), "numerator", "denominator", "rate"]].copy()
    result["target"], result["z"] = held, z
    outside = np.full(len(result), "inside", dtype=object)
    for name, level in zip(("inner", "outer"), levels, strict=True):
        low, high = funnel_limits(held, size, level=level, dispersion=dispersion, amount=amount)
        result[f"low_{name}"], result[f"high_{name}"] = low, high
        if dispersion == "none":
            beyond = (observed < low) | (observed > high)
        else:
            spread = within + amount if dispersion == "additive" else within * amount
            beyond = np.abs(observed - held) > norm.ppf(0.5 + level / 2) * np.sqrt(spread)
        outside[beyond] = name
    result["outside"] = pd.array(outside, dtype="str")
    result["dispersion"], result["amount"] = dispersion, amount
    result["method"] = "exact binomial" if dispersion == "none" else f"normal, {dispersion} over-dispersion"
    return result


def _dispersion(distance: Values, within: Values, dispersion: str, winsorise: float) -> float:
    """Variance between agencies (additive) or factor of the variance (multiplicative)."""
    from scipy.optimize import brentq

    left = _left_by_winsorising(winsorise)

    def phi(between: float) -> float:
        z = distance / np.sqrt(within + between)
        return float(np.mean(np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise])) ** 2)) / left

    if dispersion == "none" or len(within) < 2 or not (within > 0).all():
        return 1.0 if dispersion == "multiplicative" else 0.0
    if dispersion == "multiplicative":
        return max(phi(0.0), 1.0)
    # A rate is never further from the target than 1, so that no larger variance is needed.
    return float(brentq(lambda between: phi(between) - 1, 0.0, 1.0 / left)) if phi(0.0) > 1 else 0.0


def _left_by_winsorising(share: float) -> float:
    """Variance of a standard normal whose outer shares are pulled in to the quantiles."""
    from scipy.stats import norm

    if share == 0:
        return 1.0
    edge = norm.ppf(1 - share)
    return float(1 - 2 * share - 2 * edge * norm.pdf(edge) + 2 * share * edge**2)
