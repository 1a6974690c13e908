"""Many small agencies: rates drawn towards their group, and funnels in place of league tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from giakit.errors import UnknownChoice
from giakit.metrics.counts import choose, cluster_codes, keys, measure_counts, prepared, term_values
from giakit.metrics.definitions import Measure, measure, term
from giakit.metrics.intervals import alike_weights, cluster_sums, effective_sizes
from giakit.metrics.rates import measure_rate, rate

Values = NDArray[np.float64]


def shrunken_rates(
    frame: pd.DataFrame,
    measure_name: str = "disclosure_rate",
    *,
    denominator: str | None = None,
    unit: str | Sequence[str] = "agency_id",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    **options: Any,
) -> pd.DataFrame:
    """Empirical-Bayes rates of agencies with credible intervals, from a beta-binomial in each group.

    Parameters
    ----------
    frame, measure_name, denominator
        As in :func:`giakit.metrics.rate`; the measure must be a proportion.
    unit : str or sequence of str
        Columns that name the agency (or agency and year).
    by : str or sequence of str, optional
        Columns of the groups that share a prior (province, tier, policy area …).
    level : float
        Probability of the credible interval.
    **options
        Other options of :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row an agency: the columns of `by` and `unit`, ``numerator, denominator, rate, effective`` (requests that
        those of a unit of several agencies are worth, as requests to one agency are alike), ``shrunken,
        low, high, weight`` (of the agency's own data), ``prior_mean, prior_size, n_units, method``. An agency
        without requests gets its group's mean and a wide interval; figures beyond their base give NA.

    Notes
    -----
    ``y ~ Binomial(n, p), p ~ Beta(μM, (1-μ)M)``; given μ and M the posterior is
    ``Beta(μM + y, (1-μ)M + n - y)``. Where a unit holds several agencies (a province on a map), n is its
    effective size ``N²/Σ n(1 + (n-1)ρ)`` under one correlation within agencies, estimated from all units.
    μ and M are integrated over a grid (μ flat, M by a uniform prior on the shrinkage of an average agency);
    a Beta of equal mean and variance gives the interval, which so knows that the prior is estimated.
    Shrunken rates describe; they must not be outcomes of a regression.

    References
    ----------
    Morris (1983), JASA 78; Christiansen and Morris (1997), JASA 92; Kass and Steffey (1989), JASA 84.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": list("abcd"), "granted": [1, 60, 0, 45], "partial": 0,
    ...     "closed": [1, 100, 2, 90]})
    >>> result = shrunken_rates(frame)
    >>> bool(result["shrunken"].between(0.3, 0.75).all())
    True
    """
    wanted = measure(measure_name)
    if wanted.denominator(denominator) in wanted.ratios:
        proportions = [name for name in wanted.denominators if name not in wanted.ratios]
        raise UnknownChoice("denominator", denominator, proportions)
    names = [*keys(by), *(name for name in keys(unit) if name not in keys(by))]
    frame = prepared(frame, names, options.get("overlap", "error"), "shrunken_rates")
    rates = measure_rate(frame, wanted, denominator=denominator, by=names, **{**options, "overlap": None})
    result = rates[[*names, "numerator", "denominator", "rate"]].copy()
    result["effective"] = pd.array(
        _effective(frame, wanted, wanted.denominator(denominator), names, options), dtype="Float64"
    )
    return _shrink(result, keys(by), level=level, method="empirical Bayes, beta-binomial", proportion=True)


def shrunken_counts(
    frame: pd.DataFrame,
    count: str = "new",
    *,
    exposure: str = "population",
    unit: str | Sequence[str] = "agency_id",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    per: float = 1.0,
    blank: str = "closes",
    overlap: str = "error",
) -> pd.DataFrame:
    """Empirical-Bayes counts per exposure with credible intervals, from a gamma-Poisson in each group.

    Parameters
    ----------
    frame, unit, by, level, blank, overlap
        As in :func:`shrunken_rates`.
    count : str
        Row code or term that is counted.
    exposure : str
        Column of the exposure (people, decisions, requests closed).
    per : float
        Give rates per so many of the exposure.

    Returns
    -------
    pandas.DataFrame
        As :func:`shrunken_rates`, `numerator` the count and `denominator` the exposure.

    Notes
    -----
    ``y ~ Poisson(E θ), θ ~ Gamma(shape a, mean μ)``; posterior ``Gamma(a + y, a/μ + E)``, integrated over μ
    and a as in :func:`shrunken_rates`.

    References
    ----------
    Morris (1983), JASA 78; Christiansen and Morris (1997), JASA 92.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": list("abc"), "new": [0, 50, 70], "population": [1e4, 1e6, 1e6]})
    >>> result = shrunken_counts(frame, per=100_000)
    >>> bool(result["shrunken"].iloc[0] > result["rate"].iloc[0])
    True
    """
    names = [*keys(by), *(name for name in keys(unit) if name not in keys(by))]
    frame = prepared(frame, names, overlap, "shrunken_counts", more=[exposure])
    counted, _ = term_values(frame, term(count), column=None, blank=blank, function="shrunken_counts")
    values = frame[names].assign(
        numerator=counted, denominator=frame[exposure].to_numpy(dtype="float64", na_value=np.nan)
    )
    values = values.dropna(subset=["numerator", "denominator"])
    summed = values.groupby(names, dropna=False, sort=True, observed=True).sum().reset_index()
    summed["rate"] = summed["numerator"] / summed["denominator"].where(summed["denominator"] > 0)
    summed = summed.astype(dict.fromkeys(["numerator", "denominator", "rate"], "Float64"))
    result = _shrink(summed, keys(by), level=level, method="empirical Bayes, gamma-Poisson", proportion=False)
    scaled = ["rate", "shrunken", "low", "high", "prior_mean"]
    result[scaled] = result[scaled] * per
    return result


def _effective(
    frame: pd.DataFrame, wanted: Measure, denominator: str, names: list[str], options: dict[str, Any]
) -> Values:
    """Requests that those of each unit are worth: all of them for one agency, fewer where they are of several."""
    counts = measure_counts(
        frame, wanted, denominator, column=options.get("column"), blank=options.get("blank", "closes")
    )
    group = frame.groupby(names, dropna=False, sort=True, observed=True).ngroup().to_numpy(dtype="int64")
    used = ~(np.isnan(counts.numerator) | np.isnan(counts.denominator))
    agency = cluster_codes(frame, options.get("cluster", "agency_id"))
    groups = int(group.max(initial=-1)) + 1
    clusters = cluster_sums(
        counts.numerator[used], counts.denominator[used], group[used].astype("int64"), agency[used], groups
    )
    effective = clusters.total(clusters.denominator)
    several = clusters.count > 1
    if several.any():
        chosen = clusters.of(several)
        with np.errstate(divide="ignore"):
            worth = (alike_weights(chosen, shared=True) / effective_sizes(chosen)).sum(axis=0)
        effective[several] = 1 / worth
    return effective


def _shrink(result: pd.DataFrame, by: list[str], *, level: float, method: str, proportion: bool) -> pd.DataFrame:
    """Fill in the posterior of each unit, group by group."""
    columns = ["shrunken", "low", "high", "weight", "prior_mean", "prior_size", "n_units"]
    filled = np.full((len(result), len(columns)), np.nan)
    y = result["numerator"].to_numpy(dtype="float64", na_value=np.nan)
    n = result["denominator"].to_numpy(dtype="float64", na_value=np.nan)
    with np.errstate(invalid="ignore"):
        sound = (y >= 0) & (n >= 0) & ((y <= n) | (not proportion))
    if "effective" in result.columns:
        worth = result["effective"].to_numpy(dtype="float64", na_value=np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            y, n = np.where(n > 0, y / n * worth, y), worth
    group = (
        result.groupby(by, dropna=False, observed=True).ngroup().to_numpy() if by else np.zeros(len(result), dtype=int)
    )
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        rows = rows[sound[rows]]
        informed = int((n[rows] > 0).sum())
        if informed < 2:
            # One agency cannot tell how much agencies differ.
            continue
        *each, prior_mean, prior_size = _posterior(y[rows], n[rows], level, proportion=proportion)
        filled[rows, :4] = np.column_stack(each)
        filled[rows, 4:] = prior_mean, prior_size, informed
    for number, name in enumerate(columns):
        result[name] = pd.array(filled[:, number], dtype="Float64")
    result["n_units"] = result["n_units"].astype("Int64")
    result["method"] = pd.Series([method] * len(result), dtype="str").mask(np.isnan(filled[:, 0])).array
    return result


#: Nodes of the integration over the prior's mean and size.
MEAN_NODES, SIZE_NODES = 41, 31


def _posterior(
    y: Values, n: Values, level: float, *, proportion: bool
) -> tuple[Values, Values, Values, Values, float, float]:
    """Mean, bounds and weight of its own data for each unit; mean and size of the prior they share.

    The prior is a Beta for proportions, a Gamma for counts per exposure.
    """
    from scipy.special import betaln, gammaln
    from scipy.stats import beta, gamma

    # Ratios are measured in the pooled one, so that the grid has no unit.
    unit = 1.0 if proportion else max(float(y.sum()), 0.5) / float(n.sum())
    pairs, back, times = np.unique(np.column_stack([y, n * unit]), axis=0, return_inverse=True, return_counts=True)
    there, back = n > 0, back.ravel()
    rates, scale = y[there] / (n[there] * unit), float(np.median(n[there] * unit))
    units, total, size = len(rates), float(y.sum()), float(n.sum())
    # The mean lies where both the pooled rate and the mean of rates would put it, five errors either way.
    if proportion:
        centres = np.array([total / size, rates.mean()])
        spread = 5 * np.sqrt(np.maximum(centres * (1 - centres), 0.5 / size) / units) + 3 / (units + 10)
        low, high = np.clip((centres - spread).min(), 1e-4, 0.98), np.clip((centres + spread).max(), 0.02, 1 - 1e-4)
    else:
        error, scale = 5 * max(float(rates.std()), 1 / np.sqrt(max(total, 1.0))) / np.sqrt(units), max(scale, 0.05)
        low, high = max(min(1.0, float(rates.mean())) - error, 0.02), max(1.0, float(rates.mean())) + error
    means, sizes = np.linspace(low, high, MEAN_NODES)[:, None], scale * np.logspace(-2.5, 3.5, SIZE_NODES)
    # Uniform prior on size/(size + scale), on a grid that is even in the logarithm.
    density = np.log(sizes) - 2 * np.log(sizes + scale) + np.zeros_like(means)
    a, b = (means * sizes, (1 - means) * sizes) if proportion else (sizes, sizes / means)
    for (count, base), repeated in zip(pairs, times, strict=True):
        if base > 0 and proportion:
            density += repeated * (betaln(a + count, b + base - count) - betaln(a, b))
        elif base > 0:
            marginal = gammaln(a + count) - gammaln(a) + a * np.log(b / (b + base)) - count * np.log(b + base)
            density += repeated * marginal
    weights = np.exp(density - density.max())
    weights /= weights.sum()
    mean, variance, its_weight = np.empty((3, len(pairs)))
    for number, (count, base) in enumerate(pairs):
        held = a + b + base if proportion else b + base
        given = (a + count) / held
        within = given * (1 - given) / (held + 1) if proportion else given / held
        mean[number] = (weights * given).sum()
        variance[number] = (weights * (within + (given - mean[number]) ** 2)).sum()
        its_weight[number] = (weights * (base / held)).sum()
    if proportion:
        precision = np.maximum(mean * (1 - mean) / variance - 1, 1e-6)
        fitted = beta(mean * precision, (1 - mean) * precision)
    else:
        fitted = gamma(mean**2 / variance, scale=variance / mean)
    bounds = [fitted.ppf(tail)[back] * unit for tail in ((1 - level) / 2, (1 + level) / 2)]
    prior = float((weights * means).sum()) * unit, float(np.exp((weights * np.log(sizes)).sum()))
    return mean[back] * unit, *bounds, its_weight[back], *prior


DISPERSIONS = ("additive", "multiplicative", "none")


def funnel_limits(
    target: float, sizes: ArrayLike, *, level: float = 0.95, dispersion: str = "none", amount: float = 0.0
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
    reached = np.empty(len(pairs))
    for number, (size, correlation) in enumerate(pairs):
        counts = np.arange(size + 1)
        cumulated = np.cumsum(_chances(counts, np.full_like(counts, size), target, np.full_like(counts, correlation)))
        reached[number] = min(np.searchsorted(cumulated, tail * (1 - 1e-12)), size)
    return reached[back.ravel()].reshape(n.shape)


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
    result["method"] = "exact binomial" if dispersion == "none" else f"beta-binomial, {dispersion} over-dispersion"
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
        return float(np.mean(np.clip(scores, *np.quantile(scores, [winsorise, 1 - winsorise])) ** 2)) / left - 1

    if excess(least) <= 0:
        return least
    # From below: where nearly all agencies would refuse all or nothing, the scores lose their meaning.
    step = target * (1 - target) if dispersion == "additive" else 1.0
    low = least
    for high in least + step * np.geomspace(*((0.002, 0.6) if dispersion == "additive" else (0.5, 500.0)), 12):
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
