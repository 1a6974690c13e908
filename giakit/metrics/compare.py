"""Two groups compared: the difference of rates, and a comparison within strata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import UnknownChoice
from giakit.metrics.counts import choose, cluster_codes, keys, measure_counts, prepared
from giakit.metrics.definitions import Measure, measure
from giakit.metrics.groups import cluster_sums, residuals, weighted
from giakit.metrics.intervals import square_and_add
from giakit.metrics.rates import RateOptions, measure_rate

Keys = str | Sequence[str] | None
Values = NDArray[np.float64]
EFFECTS = ("odds_ratio", "risk_ratio", "difference")


def two_levels(frame: pd.DataFrame, compare: str, levels: Sequence[object] | None) -> tuple[object, object]:
    """The two values of a column that are compared: those given, else the only two there are."""
    if levels is not None and len(levels) == 2:
        return levels[0], levels[1]
    found = sorted(frame[compare].dropna().unique().tolist(), key=str)
    if levels is None and len(found) == 2:
        return found[0], found[1]
    raise UnknownChoice("levels", levels, [f"two of {compare}: {found}"])


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
        np.where(single.fillna(False).to_numpy(dtype=bool), "newcombe", "clustered square-and-add"),
        dtype="str",
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
        sums = cluster_sums(
            np.where(side, above, 0.0), np.where(side, below, 0.0), group, cluster, len(labels)
        )
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
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        One row: ``effect, first, second, estimate, low, high, p_value, method, n_strata`` (strata with both
        groups), ``n_requests`` in them, ``note``.

    Notes
    -----
    Strata with the tables (a, b; c, d) of n: odds ratio ``Σ ad/n / Σ bc/n`` with the variance of Robins,
    Breslow and Greenland; risk ratio and difference with those of Greenland and Robins and of Sato.
    `p_value` is of the Cochran-Mantel-Haenszel test without continuity correction.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22; Robins, Breslow and Greenland (1986), Biometrics 42; Greenland and
    Robins (1985), Biometrics 41; Sato (1989), Biometrics 45.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"city": ["x", "x", "y", "y"], "who": ["person", "firm"] * 2,
    ...     "granted": [30, 20, 5, 4], "partial": 0, "closed": [40, 40, 20, 20]})
    >>> result = mantel_haenszel(frame, compare="who", strata="city", levels=["person", "firm"])
    >>> result["estimate"].round(3).tolist()
    [2.375]
    """
    from scipy.stats import chi2, norm

    choose("effect", effect, EFFECTS)
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    if name in wanted.ratios:
        raise UnknownChoice("denominator", name, [d for d in wanted.denominators if d not in wanted.ratios])
    frame = prepared(frame, [compare, *keys(strata)], overlap, "mantel_haenszel")
    first, second = two_levels(frame, compare, levels)
    counts = measure_counts(frame, wanted, name, column=column, blank=blank)
    side = np.where(
        (frame[compare] == first).fillna(False), 0, np.where((frame[compare] == second).fillna(False), 1, 2)
    )
    known = ~(np.isnan(counts.numerator) | np.isnan(counts.denominator)) & (side < 2)
    stratum = frame.groupby(keys(strata), dropna=False, observed=True).ngroup().to_numpy()

    def summed(values: Values, which: int) -> Values:
        chosen = known & (side == which)
        return weighted(stratum[chosen], values[chosen], int(stratum.max(initial=0)) + 1)

    a, n1 = summed(counts.numerator, 0), summed(counts.denominator, 0)
    c, n2 = summed(counts.numerator, 1), summed(counts.denominator, 1)
    both = (n1 > 0) & (n2 > 0)
    a, c, n1, n2 = a[both], c[both], n1[both], n2[both]
    estimate, low, high = _pooled(effect, a, n1, c, n2, z=norm.ppf(0.5 + level / 2))
    n = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        expected, m = n1 * (a + c) / n, a + c
        variance = np.where(n > 1, n1 * n2 * m * (n - m) / (n**2 * (n - 1)), 0.0).sum()
        statistic = (a - expected).sum() ** 2 / variance
    left_out = int((~known & (side < 2)).sum())
    return pd.DataFrame(
        {
            "effect": [effect],
            "first": [first],
            "second": [second],
            "estimate": pd.array([estimate], dtype="Float64"),
            "low": pd.array([low], dtype="Float64"),
            "high": pd.array([high], dtype="Float64"),
            "p_value": pd.array([chi2.sf(statistic, 1)], dtype="Float64"),
            "method": ["mantel-haenszel"],
            "n_strata": pd.array([int(both.sum())], dtype="Int64"),
            "n_requests": pd.array([float(n.sum())], dtype="Float64"),
            "note": [f"{left_out} rows left out: blank or undecided" if left_out else ""],
        }
    )


def _pooled(
    effect: str, a: Values, n1: Values, c: Values, n2: Values, *, z: float
) -> tuple[float, float, float]:
    b, d, n = n1 - a, n2 - c, n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        if effect == "difference":
            weight = n1 * n2 / n
            estimate = ((a * n2 - c * n1) / n).sum() / weight.sum()
            p = (c * n1**2 / n**2 - a * n2**2 / n**2 + n1 * n2 * (n2 - n1) / (2 * n**2)).sum()
            q = ((a * d + b * c) / (2 * n)).sum()
            error = np.sqrt((estimate * p + q) / weight.sum() ** 2)
            return estimate, estimate - z * error, estimate + z * error
        if effect == "risk_ratio":
            r, s = (a * n2 / n).sum(), (c * n1 / n).sum()
            spread = ((n1 * n2 * (a + c) - a * c * n) / n**2).sum() / (r * s)
        else:
            r, s = (a * d / n).sum(), (b * c / n).sum()
            p, q = (a + d) / n, (b + c) / n
            spread = (
                (p * a * d / n).sum() / (2 * r**2)
                + ((p * b * c + q * a * d) / n).sum() / (2 * r * s)
                + (q * b * c / n).sum() / (2 * s**2)
            )
        ratio, factor = r / s, np.exp(z * np.sqrt(spread))
        return ratio, ratio / factor, ratio * factor
