"""Models of counts and shares with errors clustered by province, ready for a table or a bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, MissingExtra, UnknownChoice
from giakit.metrics.counts import choose
from giakit.metrics.modelframe import Fit, check_design, model_frame, support, variables

Values = NDArray[np.float64]
FAMILIES = ("poisson", "negative_binomial")


def fit_linear(frame: pd.DataFrame, formula: str, *, cluster: str = "province", level: float = 0.95) -> Fit:
    """Least squares with errors clustered by province.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    formula : str
        Such as ``"log_new ~ treated + C(year)"``.
    cluster : str
        Column of the clusters.
    level : float
        Confidence level of the intervals, with t quantiles of clusters - 1 degrees of freedom.

    Returns
    -------
    Fit

    Notes
    -----
    ``(X'X)⁻¹ Σ X'ee'X (X'X)⁻¹`` with the factor ``G/(G-1) (n-1)/(n-k)``. With few clusters, use
    :func:`giakit.metrics.wild_cluster_bootstrap`.

    References
    ----------
    Liang and Zeger (1986), Biometrika 73; Cameron and Miller (2015), Journal of Human Resources 50.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1.0, 2, 2, 4, 5, 5], "x": [0, 1, 1, 2, 3, 3], "province": list("aabbcc")})
    >>> fit_linear(frame, "y ~ x").coefficients.set_index("term")["estimate"].round(3).to_dict()
    {'Intercept': 0.818, 'x': 1.409}
    """
    import statsmodels.formula.api as smf

    data = model_frame(frame, formula, cluster=cluster)
    return _fit(_model(smf.ols, formula, data), data, formula, "linear", cluster, level)


def _model(kind: Any, formula: str, data: pd.DataFrame, **options: Any) -> Any:
    """A model of statsmodels; a column that no row has a value for is said, not a matter of array shapes."""
    if not len(data):
        raise CannotEstimate("model", "no row is complete", "leave out the columns that are missing")
    return kind(formula, data=data, **options)


def fit_counts(
    frame: pd.DataFrame,
    formula: str,
    *,
    exposure: str | None = None,
    family: str = "poisson",
    cluster: str = "province",
    level: float = 0.95,
) -> Fit:
    """Poisson pseudo-maximum likelihood or negative binomial of a count, with an exposure.

    Parameters
    ----------
    frame, formula, cluster, level
        As in :func:`fit_linear`; the outcome is a count, zeros included.
    exposure : str, optional
        Column whose logarithm is the offset (people, requests closed); rows without exposure are left out.
    family : {"poisson", "negative_binomial"}
        ``poisson`` (PPML) needs only the mean to be right; ``negative_binomial`` has variance ``μ + α μ²``.

    Returns
    -------
    Fit

    Notes
    -----
    ``E[y] = exposure × exp(x'β)``.

    References
    ----------
    Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88; Cameron and Trivedi (2013),
    Regression Analysis of Count Data.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"new": [2, 4, 3, 9, 4, 12], "treated": [0, 1] * 3, "people": 10.0,
    ...     "province": list("aabbcc")})
    >>> fit = fit_counts(frame, "new ~ treated", exposure="people")
    >>> fit.coefficients["estimate"].round(3).tolist()
    [-1.204, 1.022]
    """
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    choose("family", family, FAMILIES)
    data = model_frame(frame, formula, cluster=cluster, exposure=exposure)
    offset = data["_offset"].to_numpy() if exposure is not None else None
    if family == "poisson":
        model, options = _model(smf.glm, formula, data, family=sm.families.Poisson(), offset=offset), None
    else:
        model = _model(smf.negativebinomial, formula, data, offset=offset)
        options = {"disp": 0, "maxiter": 500}
    return _fit(model, data, formula, family, cluster, level, options=options, offset=offset)


def fit_share(
    frame: pd.DataFrame, formula: str, *, trials: str, cluster: str = "province", level: float = 0.95
) -> Fit:
    """Fractional logit of a share, on its counts.

    Parameters
    ----------
    frame, cluster, level
        As in :func:`fit_linear`.
    formula : str
        The outcome is the numerator: ``"disclosed ~ treated + C(year)"``.
    trials : str
        Column of the denominator; rows without any are left out.

    Returns
    -------
    Fit

    Raises
    ------
    UnknownChoice
        If a numerator exceeds its denominator.

    Notes
    -----
    Quasi-likelihood of ``E[y/n] = 1/(1 + exp(-x'β))``, each row weighted by n, errors clustered. Rates
    shrunken by :func:`giakit.metrics.shrunken_rates` are no outcomes for this or any regression.

    References
    ----------
    Papke and Wooldridge (1996), Journal of Applied Econometrics 11.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"disclosed": [5, 8, 6, 9, 7, 8], "closed": 10, "treated": [0, 1] * 3,
    ...     "province": list("aabbcc")})
    >>> fit_share(frame, "disclosed ~ treated", trials="closed").coefficients["estimate"].round(3).tolist()
    [0.405, 1.204]
    """
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    data = model_frame(frame, formula, cluster=cluster, exposure=trials)
    left, right = (side.strip() for side in formula.split("~", 1))
    successes = data[variables(left, data)[0]].to_numpy()
    data["_failures"] = data[trials] - successes
    exceeding = int((data["_failures"] < 0).sum())
    if exceeding:
        raise UnknownChoice(
            "trials", trials, [f"a column that {left} never exceeds (it does in {exceeding} rows)"]
        )
    model = _model(smf.glm, f"{left} + _failures ~ {right}", data, family=sm.families.Binomial())
    return _fit(
        model, data, formula, "fractional_logit", cluster, level, trials=data[trials].to_numpy(),
        response=successes,
    )  # fmt: skip


def fit_fixed_effects(
    frame: pd.DataFrame, formula: str, *, family: str = "linear", exposure: str | None = None,
    cluster: str = "province", level: float = 0.95,
) -> Fit:  # fmt: skip
    """Linear or Poisson model with many fixed effects, by pyfixest (extra ``fe``).

    Parameters
    ----------
    frame, cluster, level
        As in :func:`fit_linear`.
    formula : str
        With fixed effects after a bar: ``"new ~ treated | agency_id + year"``; in the words of pyfixest
        (``i(year, dose, ref=2023)``).
    family : {"linear", "poisson"}
        Least squares or PPML.
    exposure : str, optional
        As in :func:`fit_counts`.

    Returns
    -------
    Fit
        Its design holds the terms with the fixed effects swept out.

    Raises
    ------
    MissingExtra
        If pyfixest is not installed.
    CannotEstimate
        If there is one cluster, or a term does not vary within the fixed effects.

    Notes
    -----
    Fixed effects are swept out, never estimated as dummies. With `poisson`, units whose counts are all zero say
    nothing and are left out. t quantiles of clusters - 1 degrees of freedom, as everywhere.

    References
    ----------
    Correia, Guimarães and Zylkin (2020), Stata Journal 20.

    Examples
    --------
    >>> fit = fit_fixed_effects(frame, "new ~ treated | agency_id + year")  # doctest: +SKIP
    """
    choose("family", family, ("linear", "poisson"))
    data = model_frame(frame, formula, cluster=cluster, exposure=exposure)
    result = pyfixest_fit(formula, data, family, cluster)
    tidy = result.tidy()
    kept = data.iloc[np.asarray(result._data.index)].reset_index(drop=True)
    kept.attrs = data.attrs | {"n_dropped": data.attrs["n_dropped"] + len(data) - len(kept)}
    kept["_cluster"] = pd.factorize(kept["_cluster"])[0]
    design = pd.DataFrame(np.asarray(result._X), columns=list(result._coefnames))
    statistics = {"r_squared": float(result._r2)} if family == "linear" else {}
    return _as_fit(
        tidy["Estimate"], tidy["Std. Error"], kept, formula, f"fixed_effects_{family}", cluster, level,
        statistics, design=design, converged=True, response=np.asarray(result._Y, dtype="float64").ravel(),
    )  # fmt: skip


def pyfixest_fit(formula: str, data: pd.DataFrame, family: str, cluster: str) -> Any:
    """A fit of pyfixest on what :func:`giakit.metrics.model_frame` gave, errors clustered."""
    import warnings

    try:
        import pyfixest
    except ImportError as error:
        raise MissingExtra("pyfixest", "fe") from error
    if not len(data) or data["_cluster"].nunique() < 2:
        raise CannotEstimate(
            "model",
            f"all complete rows lie in one {cluster}" if len(data) else "no row is complete",
            'cluster by smaller units, cluster="prefecture" or "agency_id"',
        )
    options: dict[str, Any] = {"vcov": {"CRV1": "_cluster"}, "fixef_rm": "none"}
    if family == "poisson" and "_offset" in data.columns:
        options["offset"] = "_offset"
    fit = pyfixest.feols if family == "linear" else pyfixest.fepois
    with warnings.catch_warnings():
        # Its use of pandas' inplace is no concern of a user's.
        warnings.simplefilter("ignore")
        try:
            result = fit(formula, data=data, **options)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, IndexError) as error:
            raise CannotEstimate(
                "model",
                f"no term is left within the fixed effects ({error})",
                "leave fixed effects or terms out",
            ) from None
    dropped = list(getattr(result, "_collin_vars", None) or [])
    if dropped or not len(result._coefnames):
        raise CannotEstimate(
            "model",
            f"{', '.join(map(str, dropped)) or 'every term'} does not vary within the fixed effects",
            "leave it out, or take fewer fixed effects or more years",
        )
    return result


def _fit(
    model: Any, data: pd.DataFrame, formula: str, family: str, cluster: str, level: float, *,
    options: Mapping[str, Any] | None = None, trials: Values | None = None, response: Values | None = None,
    offset: Values | None = None,
) -> Fit:  # fmt: skip
    """Fit a model of statsmodels with clustered errors."""
    groups = data["_cluster"].to_numpy(dtype="int64")
    terms = [name for name in model.exog_names if name != "alpha"]
    design = pd.DataFrame(model.exog, columns=terms)
    values = np.asarray(model.endog, dtype="float64")
    response = values if response is None else response
    shares = response if trials is None else response / trials
    check_design(design, shares, groups, cluster)
    result = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, **(options or {}))
    statistics = {
        "linear": lambda: {"r_squared": float(result.rsquared)},
        "negative_binomial": lambda: {"alpha": float(result.params["alpha"])},
    }.get(family, lambda: {"dispersion": float(result.pearson_chi2 / result.df_resid)})()
    converged = getattr(result, "converged", None)
    if converged is None:
        converged = getattr(result, "mle_retvals", {"converged": True})["converged"]
    return _as_fit(
        result.params, result.bse, data, formula, family, cluster, level, statistics, design=design,
        converged=bool(converged), response=response, trials=trials, offset=offset,
    )  # fmt: skip


def _as_fit(
    estimates: pd.Series, errors: pd.Series, data: pd.DataFrame, formula: str, family: str, cluster: str,
    level: float, statistics: dict[str, float], *, design: pd.DataFrame, converged: bool, response: Values,
    trials: Values | None = None, offset: Values | None = None,
) -> Fit:  # fmt: skip
    """One kind of fit from either library: t quantiles of clusters - 1 degrees of freedom."""
    from scipy.stats import t

    groups = data["_cluster"].to_numpy(dtype="int64")
    freedom = int(groups.max())
    estimate, error = estimates.to_numpy(dtype="float64"), errors.to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    half = t.ppf(0.5 + level / 2, freedom) * error
    coefficients = pd.DataFrame(
        {
            "term": estimates.index.astype(str),
            "estimate": estimate,
            "error": error,
            "statistic": statistic,
            "p_value": 2 * t.sf(np.abs(statistic), freedom),
            "low": estimate - half,
            "high": estimate + half,
        }
    )
    carried = support(design, groups).assign(term=design.columns.astype(str))
    return Fit(
        coefficients=coefficients.merge(carried, on="term", how="left"),
        outcome=formula.split("~")[0].strip(),
        formula=formula,
        family=family,
        cluster=cluster,
        n_observations=len(data),
        n_clusters=freedom + 1,
        n_dropped=int(data.attrs["n_dropped"]),
        converged=converged and bool(np.isfinite(error).all()),
        statistics=statistics,
        design=design,
        response=response,
        trials=np.ones(len(data)) if trials is None else trials,
        offset=np.zeros(len(data)) if offset is None else offset,
        groups=groups,
    )
