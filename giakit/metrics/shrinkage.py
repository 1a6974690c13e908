"""Many small agencies: rates drawn towards their group by as much as the data warrant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import UnknownChoice
from giakit.metrics.counts import cluster_codes, keys, measure_counts, prepared, term_values
from giakit.metrics.definitions import Measure, measure, term
from giakit.metrics.groups import alike_weights, cluster_sums, effective_sizes
from giakit.metrics.posteriors import Posterior, beta_posterior, gamma_posterior
from giakit.metrics.rates import measure_rate

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
    return _shrink(
        result,
        keys(by),
        beta_posterior,
        level=level,
        method="empirical Bayes, beta-binomial",
        proportion=True,
    )


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
    result = _shrink(
        summed,
        keys(by),
        gamma_posterior,
        level=level,
        method="empirical Bayes, gamma-Poisson",
        proportion=False,
    )
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


def _shrink(
    result: pd.DataFrame, by: list[str], posterior: Posterior, *, level: float, method: str, proportion: bool
) -> pd.DataFrame:
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
        result.groupby(by, dropna=False, observed=True).ngroup().to_numpy()
        if by
        else np.zeros(len(result), dtype=int)
    )
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        rows = rows[sound[rows]]
        informed = int((n[rows] > 0).sum())
        if informed < 2:
            # One agency cannot tell how much agencies differ.
            continue
        found = posterior(y[rows], n[rows], level)
        filled[rows, :4] = np.column_stack([found.mean, found.low, found.high, found.weight])
        filled[rows, 4:] = found.prior_mean, found.prior_size, informed
    for number, name in enumerate(columns):
        result[name] = pd.array(filled[:, number], dtype="Float64")
    result["n_units"] = result["n_units"].astype("Int64")
    result["method"] = pd.Series([method] * len(result), dtype="str").mask(np.isnan(filled[:, 0])).array
    return result
