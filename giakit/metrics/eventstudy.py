"""Shocks that hit everyone at once: event studies by dose, the dose measured in earlier years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, RepeatedReports, UnknownChoice
from giakit.metrics.counts import choose, keys, prepared, require
from giakit.metrics.definitions import measure
from giakit.metrics.models import model_frame, pyfixest_fit, quiet_pyfixest, t_table
from giakit.metrics.rates import measure_rate

Values = NDArray[np.float64]


def dose_design(
    frame: pd.DataFrame,
    measure_name: str,
    *,
    years: Iterable[int],
    unit: str | Sequence[str] = "agency_id",
    denominator: str | None = None,
    minimum: float = 10,
    **options: Any,
) -> pd.DataFrame:
    """Measure how exposed each agency is from early years, and keep the later years for the estimate.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``year``.
    measure_name, denominator, **options
        The measure that is the dose, and options of :func:`giakit.metrics.rate`.
    years : iterable of int
        Years that the dose is taken from. They are left out of the result.
    unit : str or sequence of str
        Columns that name the agency.
    minimum : float
        Denominator in those years below which the dose is NA.

    Returns
    -------
    pandas.DataFrame
        The rows of other years in their order, with ``dose`` (Float64).

    Notes
    -----
    A dose that shares its counts with the outcome makes slopes from nothing: agencies that look exposed by
    chance fall back to their mean. With the dose from years of its own, the pre-trends stand on later ones.

    References
    ----------
    Callaway, Goodman-Bacon and Sant'Anna (2024), NBER Working Paper 32117, on continuous treatments.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": "a", "year": [2019, 2020, 2021], "granted": [6, 1, 2],
    ...     "partial": 0, "closed": [10, 10, 10]})
    >>> dose_design(frame, "disclosure_rate", years=[2019])[["year", "dose"]].astype(float).values.tolist()
    [[2020.0, 0.6], [2021.0, 0.6]]
    """
    names = keys(unit)
    frame = prepared(frame, names, options.pop("overlap", "error"), "dose_design", more=["year"])
    early = frame["year"].isin(list(years)).fillna(False).to_numpy(dtype=bool)
    if not early.any():
        raise UnknownChoice("years", list(years), sorted(frame["year"].dropna().unique().tolist()))
    doses = measure_rate(
        frame[early], measure(measure_name), denominator=denominator, by=names, minimum=minimum, overlap=None, **options
    )
    later = frame[~early]
    dose = later[names].merge(doses[[*names, "shown"]], on=names, how="left")["shown"]
    return later.assign(dose=dose.astype("Float64").array)


def event_study(
    frame: pd.DataFrame,
    outcome: str,
    *,
    event: int,
    dose: str = "dose",
    unit: str = "agency_id",
    time: str = "year",
    exposure: str | None = None,
    family: str = "linear",
    cluster: str = "province",
    level: float = 0.95,
) -> pd.DataFrame:
    """Give the coefficients of a dose in each year before and after an event.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an agency and year, with a dose that does not vary within an agency (:func:`dose_design`).
    outcome : str
        Column of the outcome; a count for ``family="poisson"``.
    event : int
        First year under the new rule; the year before is the reference.
    dose, unit, time, cluster : str
        Columns.
    exposure : str, optional
        For ``poisson``: column whose logarithm is the offset.
    family : {"linear", "poisson"}
        Least squares, or PPML (agencies whose counts are all zero say nothing and are left out).
    level : float
        Confidence level; t quantiles of clusters - 1 degrees of freedom.

    Returns
    -------
    pandas.DataFrame
        One row a year: ``time, relative, estimate, error, low, high, reference, n_observations, n_units,
        n_clusters, pre_trend_p`` (joint test that all years before the reference have no slope).

    Raises
    ------
    UnknownChoice
        If a dose varies within an agency, or the reference year is not there.
    RepeatedReports
        If an agency stands twice in one year.
    CannotEstimate
        If the dose is the same for all, or there is one cluster.

    Notes
    -----
    ``y_it = α_i + λ_t + Σ_k β_k dose_i 1[t = k] + ε_it``; with ``poisson`` the same in the exponent.
    Everyone is treated at once, so that the slope in the dose carries the estimate; effects common to all
    are in λ.

    References
    ----------
    Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88; Callaway, Goodman-Bacon and
    Sant'Anna (2024), NBER Working Paper 32117.

    Examples
    --------
    >>> import pandas as pd
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> event_study(frame, "y", event=2024)["estimate"].round(6).abs().tolist()
    [0.0, 0.0, 1.0]
    """
    choose("family", family, ("linear", "poisson"))
    data = model_frame(frame, [outcome, dose, unit, time], cluster=cluster, exposure=exposure)
    _refuse_twice(data.rename(columns={unit: "_unit", time: "_time"}), data[unit])
    if bool((data.groupby(unit, observed=True)[dose].nunique() > 1).any()):
        raise UnknownChoice("dose", dose, ["a column that is constant within each agency (see dose_design)"])
    years = sorted(int(year) for year in data[time].unique())
    if event - 1 not in years or event not in years:
        raise UnknownChoice("event", event, [f"a year with data of itself and the year before: {years}"])
    if data[dose].nunique() < 2:
        raise CannotEstimate(
            "event_study", f"{dose} is the same for all", "choose a dose that differs between agencies"
        )
    # Plain names: what a column is called must not be grammar to pyfixest.
    plain = data.rename(columns={outcome: "_y", dose: "_dose", unit: "_unit", time: "_time"})
    plain["_time"] = plain["_time"].astype("int64")
    result = pyfixest_fit(f"_y ~ i(_time, _dose, ref={event - 1}) | _unit + _time", plain, family, cluster)
    estimated = [year for year in years if year != event - 1]
    number = {int(str(name).split("::")[1].split(":")[0]): place for place, name in enumerate(result._coefnames)}
    order = [number[year] for year in estimated]
    used = plain.iloc[np.asarray(result._data.index)]
    sizes = {
        "n_observations": len(used), "n_units": used["_unit"].nunique(), "n_clusters": used["_cluster"].nunique(),
    }  # fmt: skip
    beta, covariance = np.asarray(result._beta_hat)[order], np.asarray(result._vcov)[np.ix_(order, order)]
    return _table(beta, covariance, estimated, years, event, level, sizes)


def _table(
    beta: Values, covariance: Values, estimated: list[int], years: list[int], event: int, level: float,
    sizes: dict[str, int],
) -> pd.DataFrame:  # fmt: skip
    from scipy.stats import f, t

    freedom = max(sizes["n_clusters"] - 1, 1)
    error = np.sqrt(np.diag(covariance))
    half = t.ppf(0.5 + level / 2, freedom)
    before = [number for number, year in enumerate(estimated) if year < event - 1]
    pre_trend = np.nan
    if before:
        # More restrictions than clusters carry no test.
        restrictions = min(len(before), freedom)
        block = covariance[np.ix_(before, before)]
        wald = float(beta[before] @ np.linalg.pinv(block) @ beta[before]) / len(before)
        pre_trend = float(f.sf(wald, restrictions, freedom)) if len(before) <= freedom else np.nan
    rows = []
    for year in years:
        if year == event - 1:
            values = (0.0, 0.0, 0.0, 0.0, True)
        else:
            number = estimated.index(year)
            estimate, wide = float(beta[number]), float(half * error[number])
            values = (estimate, float(error[number]), estimate - wide, estimate + wide, False)
        rows.append((year, year - event, *values))
    table = pd.DataFrame(rows, columns=["time", "relative", "estimate", "error", "low", "high", "reference"])
    return table.assign(**sizes, pre_trend_p=pre_trend)


def staggered(
    frame: pd.DataFrame,
    outcome: str,
    *,
    adopted: str,
    estimator: str = "sun_abraham",
    unit: str = "agency_id",
    time: str = "year",
    cluster: str = "province",
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean effect on the treated of a rule that places adopt in different years, by pyfixest (extra ``fe``).

    Parameters
    ----------
    frame : pandas.DataFrame
        One row an agency and year.
    outcome : str
        Column of the outcome.
    adopted : str
        Column with the first year under the rule, 0 or NA where there never was one.
    estimator : {"sun_abraham", "two_stage"}
        Cohorts by year, weighted by their agency-years; or agency and year effects from untreated years alone, taken
        off before the second stage (did2s). Agencies with fewer than two years before the rule are left out.
    unit, time, cluster : str
        Columns.
    level : float
        Confidence level; t quantiles with the clusters that adopted, less one, as degrees of freedom.

    Returns
    -------
    pandas.DataFrame
        One row: ``term`` (the estimator), ``estimate, error, statistic, p_value, low, high, n_observations, n_units,
        n_clusters, n_treated`` (clusters that adopted).

    Raises
    ------
    MissingExtra, MissingColumns, UnknownChoice, RepeatedReports
    CannotEstimate
        If no agency is seen twice before and once under the rule, or none is never treated.

    References
    ----------
    Sun and Abraham (2021), Journal of Econometrics 225; Gardner (2022), arXiv 2207.05943.

    Examples
    --------
    >>> frame = pd.DataFrame([(f"{p}{a}", p, t, 2023 * (p in "ab"), (p in "ab") * (t >= 2023) + t / 10) for p in "abcd"
    ...     for a in range(3) for t in range(2020, 2025)], columns=["agency_id", "province", "year", "since", "y"])
    >>> staggered(frame, "y", adopted="since")["estimate"].round(6).tolist()
    [1.0]
    """
    choose("estimator", estimator, ("sun_abraham", "two_stage"))
    require(frame, [adopted], "staggered")
    known = frame.assign(**{adopted: frame[adopted].astype("Float64").fillna(0)})
    data = model_frame(known, [outcome, adopted, unit, time], cluster=cluster)
    plain = data.rename(columns={outcome: "_y", adopted: "_adopted", unit: "_unit", time: "_time"})
    plain = plain.astype({"_time": "int64", "_adopted": "int64"}).assign(_unit=pd.factorize(plain["_unit"])[0])
    _refuse_twice(plain, data[unit])
    plain["_treated"] = ((plain["_adopted"] > 0) & (plain["_time"] >= plain["_adopted"])).astype("int64")
    plain = plain[(1 - plain["_treated"]).groupby(plain["_unit"]).transform("sum") > 1].reset_index(drop=True)
    if plain["_treated"].nunique() < 2 or not (plain["_adopted"] == 0).any():
        raise CannotEstimate("staggered", "no agency is seen before and under the rule beside one that never had it",
                             "take more years, or dose_design where all have it")  # fmt: skip
    plain.attrs = data.attrs
    if estimator == "two_stage":
        with quiet_pyfixest() as pyfixest:
            row = pyfixest.did2s(
                plain, yname="_y", first_stage="~ 0 | _unit + _time", second_stage="~ _treated",
                treatment="_treated", cluster="_cluster",
            ).tidy().iloc[0]  # fmt: skip
        estimate, error = float(row["Estimate"]), float(row["Std. Error"])
    else:
        # The year before adoption is what each cohort is held against.
        own = (plain["_adopted"] > 0) & (plain["_time"] != plain["_adopted"] - 1)
        plain["_cell"] = np.where(own, plain["_adopted"] * 10_000 + plain["_time"], 0)
        result = pyfixest_fit("_y ~ i(_cell, ref=0) | _unit + _time", plain, "linear", cluster)
        cells = np.array([int(str(name).split("::")[1]) for name in result._coefnames])
        under = cells % 10_000 >= cells // 10_000
        weight = plain["_cell"].value_counts().reindex(cells).to_numpy() * under
        weight = weight / weight.sum()
        estimate = float(weight @ np.asarray(result._beta_hat))
        error = float(np.sqrt(weight @ np.asarray(result._vcov) @ weight))
    treated = plain.loc[plain["_adopted"] > 0, "_cluster"].nunique()
    table = t_table(pd.Series([estimate], [estimator]), pd.Series([error]), max(treated - 1, 1), level)
    return table.assign(
        n_observations=len(plain), n_units=plain["_unit"].nunique(), n_clusters=plain["_cluster"].nunique(),
        n_treated=treated,
    )  # fmt: skip


def _refuse_twice(plain: pd.DataFrame, names: pd.Series) -> None:
    """Raise where an agency stands twice in one year."""
    twice = plain.duplicated(["_unit", "_time"]).to_numpy()
    if twice.any():
        raise RepeatedReports(f"{name}, one year twice" for name in names[twice].astype(str).unique())
