"""Shocks that hit everyone at once: event studies by dose, the dose measured in earlier years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, RepeatedReports, UnknownChoice
from giakit.metrics.counts import choose, keys, prepared
from giakit.metrics.definitions import measure
from giakit.metrics.modelframe import model_frame
from giakit.metrics.models import pyfixest_fit
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
        frame[early],
        measure(measure_name),
        denominator=denominator,
        by=names,
        minimum=minimum,
        overlap=None,
        **options,
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
    if bool(data.duplicated([unit, time]).any()):
        twice = data.loc[data.duplicated([unit, time]), unit].astype(str).unique()
        raise RepeatedReports(f"{name}, one {time} twice" for name in twice)
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
    shown = [year for year in years if year != event - 1]
    number = {
        int(str(name).split("::")[1].split(":")[0]): place for place, name in enumerate(result._coefnames)
    }
    order = [number[year] for year in shown]
    used = plain.iloc[np.asarray(result._data.index)]
    sizes = {
        "n_observations": len(used), "n_units": used["_unit"].nunique(), "n_clusters": used["_cluster"].nunique(),
    }  # fmt: skip
    beta, covariance = np.asarray(result._beta_hat)[order], np.asarray(result._vcov)[np.ix_(order, order)]
    return _table(beta, covariance, shown, years, event, level, sizes)


def _table(
    beta: Values, covariance: Values, shown: list[int], years: list[int], event: int, level: float,
    sizes: dict[str, int],
) -> pd.DataFrame:  # fmt: skip
    from scipy.stats import f, t

    freedom = max(sizes["n_clusters"] - 1, 1)
    error = np.sqrt(np.diag(covariance))
    half = t.ppf(0.5 + level / 2, freedom)
    before = [number for number, year in enumerate(shown) if year < event - 1]
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
            number = shown.index(year)
            estimate, wide = float(beta[number]), float(half * error[number])
            values = (estimate, float(error[number]), estimate - wide, estimate + wide, False)
        rows.append((year, year - event, *values))
    table = pd.DataFrame(rows, columns=["time", "relative", "estimate", "error", "low", "high", "reference"])
    return table.assign(**sizes, pre_trend_p=pre_trend)
