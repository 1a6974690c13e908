"""What a referee asks next: who is missing, what misreports do, few treated units, many tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from giakit.errors import CannotEstimate, UnknownChoice
from giakit.metrics.counts import choose, keys, measure_counts, prepared, require
from giakit.metrics.definitions import measure
from giakit.metrics.modelframe import Fit
from giakit.metrics.models import fit_linear
from giakit.metrics.rates import RateOptions, measure_rate

CORRECTIONS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


def reporting_weights(
    frame: pd.DataFrame, coverage: pd.DataFrame, *, by: str | Sequence[str], name: str = "weight"
) -> pd.DataFrame:
    """Weight each report by how many it stands for: expected over read, within cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    coverage : pandas.DataFrame
        One row a cell, as ``gia.coverage`` gives it: the columns of `by` and ``expected``.
    by : str or sequence of str
        Columns that make the cells (province, tier, year). Within a cell missing reports are taken to be like
        those that are there.
    name : str
        Name of the new column, for ``rate(weights=…)``.

    Returns
    -------
    pandas.DataFrame
        `frame` with the weights (Float64), NA where the cell is not in `coverage`.

    References
    ----------
    Little and Rubin (2019), Statistical Analysis with Missing Data, ch. 3.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"tier": ["city", "county", "county"]})
    >>> table = pd.DataFrame({"tier": ["city", "county"], "expected": [1, 6]})
    >>> reporting_weights(frame, table, by="tier")["weight"].tolist()
    [1.0, 3.0, 3.0]
    """
    names = keys(by)
    require(frame, names, "reporting_weights")
    require(coverage, [*names, "expected"], "reporting_weights")
    expected = coverage.groupby(names, dropna=False)["expected"].sum().rename("_expected").reset_index()
    read = frame.groupby(names, dropna=False).size().rename("_read").reset_index()
    cells = frame[names].merge(read.merge(expected, on=names, how="left"), on=names, how="left")
    weight = (cells["_expected"].astype("Float64") / cells["_read"].astype("Float64")).to_numpy(
        dtype="float64", na_value=np.nan
    )
    return frame.assign(**{name: pd.array(weight, dtype="Float64")})


def missing_bounds(
    frame: pd.DataFrame, measure_name: str = "disclosure_rate", *, expected: Mapping[Any, float] | float,
    by: str | None = None, compare: Sequence[Any] | None = None, denominator: str | None = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """Bound the mean of the agencies' rates over all reports expected, whatever those that are missing hold.

    Parameters
    ----------
    frame, measure_name, denominator, **options
        As in :func:`giakit.metrics.rate`; the measure must be a proportion.
    expected : mapping or float
        Reports expected, by value of `by`.
    by : str, optional
        Column to group by.
    compare : sequence of two, optional
        Two values of `by`: also the difference, first less second, after Lee.

    Returns
    -------
    pandas.DataFrame
        One row a group: `by`, ``mean`` (of the reports that are there), ``lowest, highest`` (Manski: missing reports
        disclosed nothing, or everything), ``n_reports, expected``. With `compare` two more rows: ``difference`` with
        Manski's bounds and ``difference, Lee``, whose bounds trim the better covered group to the share that the other
        reaches, which takes for granted that whoever reports in the worse covered one would report in both.

    Raises
    ------
    CannotEstimate
        If fewer reports are expected than there are.

    References
    ----------
    Manski (1990), American Economic Review 80; Lee (2009), Review of Economic Studies 76.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"granted": [6, 8], "partial": 0, "closed": 10})
    >>> missing_bounds(frame, expected=4)[["mean", "lowest", "highest"]].iloc[0].round(3).tolist()
    [0.7, 0.35, 0.85]
    """
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    if name in wanted.ratios:
        raise UnknownChoice("denominator", name, [d for d in wanted.denominators if d not in wanted.ratios])
    names = keys(by)
    frame = prepared(frame, names, options.get("overlap", "error"), "missing_bounds")
    counts = measure_counts(
        frame, wanted, name, column=options.get("column"), blank=options.get("blank", "closes")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = counts.numerator / counts.denominator
    group = frame[by] if by else pd.Series("all", index=frame.index)
    rates = {
        value: np.sort(rate[(group == value).to_numpy() & np.isfinite(rate)])
        for value in group.dropna().unique()
    }
    rows, share = {}, {}
    for value, there in rates.items():
        total = float(expected[value]) if isinstance(expected, Mapping) else float(expected)
        if total < len(there) or not len(there):
            raise CannotEstimate(
                "missing_bounds",
                f"{len(there)} reports of {value}, {total:g} expected",
                "give the number expected",
            )
        share[value] = len(there) / total
        low = there.sum() / total
        rows[value] = (there.mean(), low, low + 1 - share[value], len(there), total)
    if compare is not None:
        first, second = compare
        for value in (first, second):
            choose(f"compare: {by}", value, list(rows))
        one, other = rows[first], rows[second]
        gap = one[0] - other[0]
        sizes = (one[3] + other[3], one[4] + other[4])
        rows["difference"] = (gap, one[1] - other[2], one[2] - other[1], *sizes)
        better, worse = (first, second) if share[first] >= share[second] else (second, first)
        kept = max(round(len(rates[better]) * share[worse] / share[better]), 1)
        ends = [rates[better][:kept].mean(), rates[better][-kept:].mean()]
        bounds = [end - other[0] for end in ends] if better == first else [one[0] - end for end in ends]
        rows["difference, Lee"] = (gap, min(bounds), max(bounds), *sizes)
    columns = ["mean", "lowest", "highest", "n_reports", "expected"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis(by or "group").reset_index().astype({"n_reports": "Int64"})


def sensitivity(
    panel: Any, measure_name: str = "disclosure_rate", *, denominator: str | None = None,
    where: Any = None, **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """A headline rate under what may be done with reports that contradict themselves.

    Parameters
    ----------
    panel : Panel
        Its reports, findings and suggestions are used.
    measure_name, denominator, **options
        As in :func:`giakit.metrics.rate`; a measure of the requests.
    where
        As in ``panel.wide``.

    Returns
    -------
    pandas.DataFrame
        Rows ``as printed``, ``failing excluded``, ``repaired`` (the one suggested solution put in, where there is
        exactly one), ``bounded below`` and ``bounded above`` (failing reports gave nothing, or everything), with the
        columns of :func:`giakit.metrics.rate`.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions.

    Examples
    --------
    >>> sensitivity(gia.open_panel("panel"), denominator="closed")  # doctest: +SKIP
    """
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    frame = panel.wide("requests", where=where)
    findings = panel.findings
    failed = findings[
        (findings["status"] == "fail")
        & findings["check"].str.match(r"H\d")
        & (findings["table"] == "requests")
    ]
    failing = frame["report_id"].isin(failed["report_id"]).to_numpy(dtype=bool)
    cells = panel.adjusted()
    cells = cells[cells["adjusted"] & (cells["table"] == "requests") & (cells["column"] == "total")]
    repaired = frame.set_index("report_id")
    for cell in cells.itertuples():
        if cell.report_id in repaired.index and cell.row in repaired.columns:
            repaired.loc[cell.report_id, cell.row] = cell.value
    rows = [
        ("as printed", measure_rate(frame, wanted, denominator=name, **options)),
        ("failing excluded", measure_rate(frame[~failing], wanted, denominator=name, **options)),
        ("repaired", measure_rate(repaired.reset_index(), wanted, denominator=name, **options)),
    ]
    counts = measure_counts(frame, wanted, name, column=None, blank=options.get("blank", "closes"))
    plain = type(wanted)(
        wanted.name, "", "_above", ("_below",), ratios=("_below",) if name in wanted.ratios else ()
    )
    for label, value in (("bounded below", np.zeros(len(frame))), ("bounded above", counts.denominator)):
        above = np.where(failing, value, counts.numerator)
        bounded = frame.assign(_above=above, _below=counts.denominator)
        settled: dict[str, Any] = {**options, "blank": "missing"}
        rows.append((label, measure_rate(bounded, plain, **settled)))
    table = pd.concat([one for _, one in rows], ignore_index=True).assign(denominator_name=name)
    table.insert(0, "variant", [label for label, _ in rows])
    return table


def randomisation_test(
    frame: pd.DataFrame, formula: str, treatment: str, *, cluster: str = "province", time: str | None = "year",
    draws: int = 499, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Test a treatment by dealing it out anew to provinces or prefectures.

    Parameters
    ----------
    frame, formula
        As in :func:`giakit.metrics.fit_linear`.
    treatment : str
        Column that is the same for all reports of a cluster (and time), as a rule of a province is.
    cluster, time : str
        Columns; the histories of clusters over time are dealt out whole.
    draws, seed : int
        Number of permutations, and their seed.

    Returns
    -------
    pandas.DataFrame
        One row: ``term, estimate, p_value`` (share of permutations, this one included, whose clustered t is as
        large), ``draws, n_clusters, n_treated``. With one treated cluster of G the p value is never below 1/G.

    Raises
    ------
    UnknownChoice
        If the treatment varies within a cluster and time.

    References
    ----------
    MacKinnon and Webb (2020), Journal of Econometrics 218; Young (2019), Quarterly Journal of Economics 134.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"province": list("aabbccdd"), "y": [1.0, 2, 2, 1, 2, 2, 8, 9], "law": [0.0] * 6 + [1.0] * 2})
    >>> randomisation_test(frame, "y ~ law", "law", time=None, draws=99)["p_value"].item() >= 0.25
    True
    """
    at = [cluster] if time is None else [cluster, time]
    require(frame, [*at, treatment], "randomisation_test")
    frame = frame[frame[[*at, treatment]].notna().all(axis=1)].reset_index(drop=True)
    if bool((frame.groupby(at, observed=True)[treatment].nunique() > 1).any()):
        raise UnknownChoice("treatment", treatment, [f"a column that is constant within {' and '.join(at)}"])
    moments = frame[time].to_numpy() if time is not None else np.zeros(len(frame))
    paths = frame.assign(_moment=moments).pivot_table(
        index=cluster, columns="_moment", values=treatment, observed=True
    )
    # A cluster that lacks a year has in it what it had the year before.
    paths = paths.ffill(axis=1).bfill(axis=1)
    rows, columns = (
        paths.index.get_indexer(pd.Index(frame[cluster])),
        paths.columns.get_indexer(pd.Index(moments)),
    )
    values = paths.to_numpy(dtype="float64")
    generator = np.random.default_rng(seed)

    def fitted(dealt: np.ndarray) -> Any:
        fit = fit_linear(frame.assign(**{treatment: dealt}), formula, cluster=cluster)
        return fit.coefficients.set_index("term").loc[treatment]

    observed = fitted(values[rows, columns])
    drawn = []
    for _ in range(draws):
        dealt = values[generator.permutation(len(values))][rows, columns]
        try:
            drawn.append(abs(float(fitted(dealt)["statistic"])))
        except CannotEstimate:
            # A deal without variation says nothing against the null.
            drawn.append(0.0)
    extreme = 1 + sum(one >= abs(float(observed["statistic"])) * (1 - 1e-9) for one in drawn)
    return pd.DataFrame(
        {
            "term": [treatment], "estimate": [observed["estimate"]], "p_value": [extreme / (draws + 1)],
            "draws": [draws], "n_clusters": [len(values)], "n_treated": [int((values > 0).any(axis=1).sum())],
        }
    )  # fmt: skip


def power(
    fit: Fit, term: str, *, bound: float | None = None, level: float = 0.95, wanted: float = 0.8
) -> pd.DataFrame:
    """What a fit could have found: the smallest detectable effect, and whether the effect is negligible.

    Parameters
    ----------
    fit : Fit
        A fit with clustered errors.
    term : str
        A coefficient.
    bound : float, optional
        Effects within ± bound count as none: the p value of the equivalence test is given.
    level, wanted : float
        Confidence level of the test, and power wanted.

    Returns
    -------
    pandas.DataFrame
        One row: ``term, estimate, error, detectable`` (smallest effect found with that power),
        ``equivalence_p`` (larger p value of the two one-sided tests; NA without `bound`), ``n_clusters``.

    References
    ----------
    Bloom (1995), Evaluation Review 19; Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1.0, 2, 2, 4, 5, 5], "x": [0, 1, 1, 2, 3, 3], "province": list("aabbcc")})
    >>> fit = fit_linear(frame, "y ~ x")
    >>> table = power(fit, "x", bound=5)
    >>> bool(table["detectable"].item() > 2 * table["error"].item()), bool(table["equivalence_p"].item() < 0.05)
    (True, True)
    """
    from scipy.stats import t

    choose("term", term, fit.coefficients["term"].tolist())
    row = fit.coefficients.set_index("term").loc[term]
    freedom = fit.n_clusters - 1
    detectable = (t.ppf(0.5 + level / 2, freedom) + t.ppf(wanted, freedom)) * row["error"]
    chance = np.nan
    if bound is not None:
        chance = max(
            t.sf((row["estimate"] + bound) / row["error"], freedom),
            t.cdf((row["estimate"] - bound) / row["error"], freedom),
        )
    return pd.DataFrame(
        {
            "term": [term], "estimate": [row["estimate"]], "error": [row["error"]], "detectable": [detectable],
            "equivalence_p": pd.array([chance], dtype="Float64"), "n_clusters": [fit.n_clusters],
        }
    )  # fmt: skip


def adjusted_p(
    frame: pd.DataFrame, *, p: str = "p_value", method: str = "holm", by: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Add p values that allow for many tests: over grounds, applicants, event years.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a test.
    p : str
        Column of p values; NA stays NA and counts as no test.
    method : {"holm", "benjamini_hochberg"}
        Bound the chance of any false finding, or the share of false ones among those found.
    by : str or sequence of str, optional
        Families of tests; all are one by default.

    Returns
    -------
    pandas.DataFrame
        `frame` with ``{p}_{method}`` (Float64).

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6; Benjamini and Hochberg (1995), JRSS B 57.

    Examples
    --------
    >>> import pandas as pd
    >>> adjusted_p(pd.DataFrame({"p_value": [0.01, 0.04, 0.03]}))["p_value_holm"].round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    choose("method", method, tuple(CORRECTIONS))
    require(frame, [p, *keys(by)], "adjusted_p")
    given = frame[p].to_numpy(dtype="float64", na_value=np.nan)
    family = (
        frame.groupby(keys(by), dropna=False).ngroup().to_numpy() if by else np.zeros(len(frame), dtype=int)
    )
    result = np.full(len(frame), np.nan)
    for number in np.unique(family):
        here = (family == number) & ~np.isnan(given)
        if here.any():
            result[here] = multipletests(given[here], method=CORRECTIONS[method])[1]
    return frame.assign(**{f"{p}_{method}": pd.array(result, dtype="Float64")})
