"""Two groups compared: the difference of rates, and a comparison within strata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, UnknownChoice
from giakit.metrics.counts import choose, cluster_codes, keys, measure_counts, prepared
from giakit.metrics.definitions import Measure, measure
from giakit.metrics.intervals import cluster_sums, residuals, square_and_add, weighted
from giakit.metrics.rates import RateOptions, measure_rate

Keys = str | Sequence[str] | None
Values = NDArray[np.float64]
EFFECTS = ("odds_ratio", "risk_ratio", "difference")
VARIANCES = ("clustered", "binomial")


def two_levels(frame: pd.DataFrame, compare: str, levels: Sequence[object] | None) -> tuple[object, object]:
    """The two values of a column that are compared: those given, else the only two there are."""
    if levels is not None and len(levels) == 2:
        return levels[0], levels[1]
    present = sorted(frame[compare].dropna().unique().tolist(), key=str)
    if levels is None and len(present) == 2:
        return present[0], present[1]
    raise UnknownChoice("levels", levels, [f"two of {compare}: {present}"])


def rate_difference(
    frame: pd.DataFrame,
    measure_name: str = "disclosure_rate",
    *,
    compare: str,
    levels: Sequence[object] | None = None,
    denominator: str | None = None,
    by: Keys = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:
    """Difference of a rate between two groups, with an interval.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, as in :func:`giakit.metrics.rate`.
    measure_name : str
        A measure of :func:`giakit.metrics.measures`.
    compare : str
        Column whose two values are compared.
    levels : sequence of two, optional
        First and second value; needed where the column holds more than two.
    denominator, by, **options
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a group: the columns of `by`, ``first, second, rate_first, rate_second, difference, low,
        high, method, n_first, n_second`` (denominators) and ``note``.

    Notes
    -----
    Single reports: Newcombe's hybrid score interval. Groups: the same square-and-add of the two clustered
    intervals, less the correlation of agencies that stand on both sides (two years, two applicants).

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17; Zou and Donner (2008), Statistics in Medicine 27.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"tier": ["county", "province"], "granted": [48, 56], "partial": [0, 0],
    ...     "closed": [80, 70]})
    >>> result = rate_difference(frame, compare="tier", levels=["province", "county"])
    >>> result[["difference", "low", "high"]].astype(float).round(4).iloc[0].tolist()
    [0.2, 0.0524, 0.3339]
    """
    wanted = measure(measure_name)
    by = keys(by)
    frame = prepared(frame, [compare, *by], options.get("overlap", "error"), "rate_difference")
    first, second = two_levels(frame, compare, levels)
    settled: dict[str, Any] = {**options, "overlap": None}
    sides = [frame[(frame[compare] == level).fillna(False)] for level in (first, second)]
    rates = [measure_rate(side, wanted, denominator=denominator, by=by, **settled) for side in sides]
    if not by:
        rates = [table.assign(_all=0) for table in rates]
    on = by or ["_all"]
    both = rates[0].merge(rates[1], on=on, how="outer", suffixes=("_first", "_second"), sort=True)
    shared = (
        both[on]
        .merge(_correlation(sides, wanted, wanted.denominator(denominator), by, options), on=on, how="left")[
            "correlation"
        ]
        .fillna(0.0)
    )

    def column(name: str, side: str) -> Values:
        return np.asarray(both[f"{name}_{side}"].to_numpy(dtype="float64", na_value=np.nan))

    estimates = [[column(name, side) for name in ("rate", "low", "high")] for side in ("first", "second")]
    difference, low, high = square_and_add(estimates[0], estimates[1], shared.to_numpy(dtype="float64"))
    result = both[by].copy()
    result["first"] = pd.Series([first] * len(result), index=result.index)
    result["second"] = pd.Series([second] * len(result), index=result.index)
    result["rate_first"], result["rate_second"] = both["rate_first"], both["rate_second"]
    for name, values in (("difference", difference), ("low", low), ("high", high)):
        result[name] = pd.array(values, dtype="Float64")
    single = (both["n_reports_first"] == 1) & (both["n_reports_second"] == 1)
    result["method"] = pd.array(
        np.where(single.fillna(False).to_numpy(dtype=bool), "newcombe", "clustered square-and-add"), dtype="str"
    )
    result["n_first"], result["n_second"] = both["denominator_first"], both["denominator_second"]
    notes = both[["note_first", "note_second"]].fillna("")
    result["note"] = [
        "; ".join(f"{level}: {text}" for level, text in ((first, one), (second, other)) if text)
        for one, other in zip(notes["note_first"], notes["note_second"], strict=True)
    ]
    return result


def _correlation(
    sides: list[pd.DataFrame], wanted: Measure, denominator: str, by: list[str], options: RateOptions
) -> pd.DataFrame:
    """Correlation of the two estimates of each group through the agencies that stand on both sides."""
    frame = pd.concat(sides)
    second = np.repeat([False, True], [len(sides[0]), len(sides[1])])
    column, blank = options.get("column"), options.get("blank", "closes")
    counts = measure_counts(frame, wanted, denominator, column=column, blank=blank)
    used = ~(np.isnan(counts.numerator) | np.isnan(counts.denominator))
    if by:
        grouped = frame.groupby(by, dropna=False, sort=True, observed=True)
        group = grouped.ngroup().to_numpy().astype("int64")
        labels = frame[by].iloc[np.unique(group, return_index=True)[1]].reset_index(drop=True)
    else:
        group, labels = np.zeros(len(frame), dtype="int64"), pd.DataFrame({"_all": [0]})
    cluster = cluster_codes(frame, options.get("cluster", "agency_id"))
    above, below = np.where(used, counts.numerator, 0.0), np.where(used, counts.denominator, 0.0)
    parts = []
    for side in (~second, second):
        # Both sides keep every agency, with zeros where it is absent, so that the rows line up.
        sums = cluster_sums(np.where(side, above, 0.0), np.where(side, below, 0.0), group, cluster, len(labels))
        parts.append((sums, np.nan_to_num(residuals(sums))))
    (one, left), (_, right) = parts
    spread = np.sqrt(one.total(left**2) * one.total(right**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        labels["correlation"] = np.nan_to_num(one.total(left * right) / spread)
    return labels


def mantel_haenszel(
    frame: pd.DataFrame,
    measure_name: str = "disclosure_rate",
    *,
    compare: str,
    strata: str | Sequence[str],
    levels: Sequence[object] | None = None,
    denominator: str | None = None,
    effect: str = "odds_ratio",
    variance: str = "clustered",
    cluster: str | None = "agency_id",
    level: float = 0.95,
    column: str | None = None,
    blank: str = "closes",
    overlap: str = "error",
) -> pd.DataFrame:
    """Compare two groups within strata and pool what the strata say.

    Parameters
    ----------
    frame, measure_name, compare, levels, denominator, column, blank, overlap
        As in :func:`rate_difference`; the measure must be a proportion.
    strata : str or sequence of str
        Columns that make the strata (agency, province and year …).
    effect : {"odds_ratio", "risk_ratio", "difference"}
        What is pooled.
    variance : {"clustered", "binomial"}
        ``clustered``: by agency, right where agencies differ in rate and effect; ``binomial``: that of Robins,
        Breslow and Greenland for the odds ratio, which takes every request as independent and every stratum as
        having the same odds ratio.
    cluster : str, optional
        As in :func:`giakit.metrics.rate`.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        One row: ``effect, first, second, estimate, low, high, p_value, method, n_strata`` (strata with both
        groups), ``n_agencies, n_requests`` in them; heterogeneity of the strata's odds ratios: ``i_squared`` and
        ``breslow_day_p`` (Tarone's form); ``note``.

    Raises
    ------
    CannotEstimate
        If a numerator exceeds its denominator, no stratum has both groups, or one agency is all there is.

    Notes
    -----
    Strata with the tables (a, b; c, d) of n: odds ratio ``Σ ad/n / Σ bc/n``, risk ratio ``Σ a n₂/n / Σ c n₁/n``,
    difference ``Σ (a n₂ - c n₁)/n / Σ n₁n₂/n``. Clustered: what the estimate (on the log scale for ratios)
    moves by where one agency is left out, its empirical influence, gives the variance ``Σ z²``, and the shares h of
    the weights ``n₁n₂/n`` that go with each give t quantiles of ``1/Σh² - 1`` degrees of freedom. An estimate pooled over strata that differ is an average, not the
    odds ratio of any of them.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22; Robins, Breslow and Greenland (1986), Biometrics 42; Efron and Stein
    (1981), Annals of Statistics 9, on the variance; Tarone (1985), Biometrika 72; Higgins and Thompson (2002), Statistics in Medicine 21.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"city": ["x", "x", "y", "y"], "who": ["person", "firm"] * 2,
    ...     "granted": [30, 20, 5, 4], "partial": 0, "closed": [40, 40, 20, 20]})
    >>> result = mantel_haenszel(frame, compare="who", strata="city", levels=["person", "firm"])
    >>> result["estimate"].round(3).tolist()
    [2.375]
    """
    choose("effect", effect, EFFECTS)
    choose("variance", variance, VARIANCES)
    if variance == "binomial":
        choose('effect with variance="binomial"', effect, EFFECTS[:1])
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    if name in wanted.ratios:
        raise UnknownChoice("denominator", name, [d for d in wanted.denominators if d not in wanted.ratios])
    frame = prepared(frame, [compare, *keys(strata)], overlap, "mantel_haenszel")
    first, second = two_levels(frame, compare, levels)
    counts = measure_counts(frame, wanted, name, column=column, blank=blank)
    sides = [(frame[compare] == level_).fillna(False).to_numpy(dtype=bool) for level_ in (first, second)]
    known = ~(np.isnan(counts.numerator) | np.isnan(counts.denominator))
    compared = sides[0] | sides[1]
    broken = known & compared & ((counts.numerator > counts.denominator) | (counts.numerator < 0))
    if broken.any():
        raise CannotEstimate(
            "mantel_haenszel",
            f"the numerator lies outside its denominator in {int(broken.sum())} rows",
            "leave those reports out or take another denominator",
        )
    stratum = frame.groupby(keys(strata), dropna=False, observed=True).ngroup().to_numpy()
    agency = cluster_codes(frame, cluster)
    kept = known & compared
    cells, where = np.unique(np.column_stack([stratum, agency])[kept], axis=0, return_inverse=True)
    # Successes and failures of the first and of the second group, one row an agency within a stratum.
    table = np.column_stack(
        [
            weighted(where, values[kept] * side[kept], len(cells))
            for side in sides
            for values in (counts.numerator, counts.denominator - counts.numerator)
        ]
    )
    strata_of, agency_of = cells[:, 0], np.unique(cells[:, 1], return_inverse=True)[1]
    sums = _by(strata_of, table)
    both = (sums[:, :2].sum(axis=1) > 0) & (sums[:, 2:].sum(axis=1) > 0)
    if not both.any():
        raise CannotEstimate("mantel_haenszel", "no stratum holds both groups", "choose wider strata")
    inside = both[strata_of]
    # Strata are numbered anew: the last of them may have been left out.
    table, agency_of = table[inside], agency_of[inside]
    strata_of = np.unique(strata_of[inside], return_inverse=True)[1]
    pooled = _pooled(effect, table, strata_of, agency_of, level, binomial=variance == "binomial")
    left_out = int((~known & compared).sum())
    heterogeneity = _heterogeneity(_by(strata_of, table))
    row = {"effect": effect, "first": first, "second": second} | pooled
    row |= {"n_strata": int(both.sum()), "n_agencies": len(np.unique(agency_of)), "n_requests": float(table.sum())}
    row |= heterogeneity
    row["note"] = f"{left_out} rows left out: blank or undecided" if left_out else ""
    result = pd.DataFrame([row])
    numbers = ["estimate", "low", "high", "p_value", "n_requests", "i_squared", "breslow_day_p"]
    return result.astype(dict.fromkeys(numbers, "Float64") | {"n_strata": "Int64", "n_agencies": "Int64"})


def _by(codes: NDArray[Any], table: Values) -> Values:
    return np.column_stack([weighted(codes, column, int(codes.max()) + 1) for column in table.T])


def _pooled(
    effect: str, table: Values, stratum: NDArray[Any], agency: NDArray[Any], level: float, *, binomial: bool
) -> dict[str, Any]:
    """Estimate and interval of the pooled effect."""
    from scipy.stats import norm, t

    sums = _by(stratum, table)[stratum]
    n, agency_total = sums.sum(axis=1), table.sum(axis=1)

    def without(one: Values, other: Values, one_lost: Values, other_lost: Values) -> Values:
        """How ``one × other / n`` of its stratum changes where an agency is left out."""
        left = np.divide(
            (one - one_lost) * (other - other_lost), n - agency_total, out=np.zeros_like(n), where=n > agency_total
        )
        return weighted(codes, left - one * other / n, int(codes.max()) + 1)

    codes = np.unique(agency, return_inverse=True)[1]
    (a, b, c, d), (a_, b_, c_, d_) = sums.T, table.T
    if effect == "odds_ratio":
        cells = ((a, d, a_, d_), (b, c, b_, c_))
    else:
        cells = ((a, c + d, a_, c_ + d_), (c, a + b, c_, a_ + b_))
    first = np.unique(stratum, return_index=True)[1]
    above, below, weight = (
        float((one * other / n)[first].sum()) for one, other, _, _ in (*cells, (a + b, c + d, a_ + b_, c_ + d_))
    )
    lost = without(a + b, c + d, a_ + b_, c_ + d_)
    changed = above + without(*cells[0]), below + without(*cells[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        if effect == "difference":
            estimate, moved = (above - below) / weight, (changed[0] - changed[1]) / (weight + lost)
        else:
            estimate, moved = np.log(above / below), np.log(changed[0] / changed[1])
    if not np.isfinite(estimate):
        raise CannotEstimate(
            "mantel_haenszel", "one side has no success or no failure at all", 'take effect="difference"'
        )
    if binomial:
        error, quantile, p_of = (_statsmodels(_by(stratum, table)).logodds_pooled_se, norm.ppf(0.5 + level / 2), norm)
        method = "mantel-haenszel, Robins-Breslow-Greenland"
    else:
        if len(moved) < 2 or not np.isfinite(moved).all():
            raise CannotEstimate(
                "mantel_haenszel", "the estimate rests on one agency", 'take variance="binomial" or wider strata'
            )
        share = np.abs(lost) / np.abs(lost).sum()
        freedom = max(1 / (share**2).sum() - 1, 1.0)
        error = float(np.sqrt(((moved - estimate) ** 2).sum()))
        quantile, p_of = t.ppf(0.5 + level / 2, freedom), t(freedom)
        method = "mantel-haenszel, clustered by agency"
    bounds = np.array([estimate, estimate - quantile * error, estimate + quantile * error])
    if effect != "difference":
        bounds = np.exp(bounds)
    p_value = 2 * p_of.sf(abs(estimate) / error) if error > 0 else np.nan
    values = dict(zip(("estimate", "low", "high"), bounds.tolist(), strict=True))
    return values | {"p_value": float(p_value), "method": method}


def _statsmodels(tables: Values) -> Any:
    from statsmodels.stats.contingency_tables import StratifiedTable

    there = tables[tables.sum(axis=1) > 0]
    return StratifiedTable([one.reshape(2, 2) for one in there])


def _heterogeneity(tables: Values) -> dict[str, float]:
    """I² of the strata's log odds ratios, and the test that they are equal."""
    # A stratum without successes or without failures has no odds ratio.
    telling = tables[(tables[:, [0, 2]].sum(axis=1) > 0) & (tables[:, [1, 3]].sum(axis=1) > 0)]
    if len(telling) < 2:
        return {"i_squared": np.nan, "breslow_day_p": np.nan}
    filled = telling + 0.5
    logs = np.log(filled[:, 0] * filled[:, 3] / filled[:, 1] / filled[:, 2])
    weight = 1 / (1 / filled).sum(axis=1)
    spread = (weight * (logs - np.average(logs, weights=weight)) ** 2).sum()
    with np.errstate(all="ignore"):
        p_value = float(_statsmodels(telling).test_equal_odds(adjust=True).pvalue)
    return {"i_squared": max(0.0, 1 - (len(telling) - 1) / spread) if spread > 0 else 0.0, "breslow_day_p": p_value}
