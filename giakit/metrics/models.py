"""Models of counts and shares with errors clustered by province, ready for a table or a bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingExtra, UnknownChoice
from giakit.metrics.counts import choose
from giakit.metrics.modelframe import Fit, model_frame

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
    result = smf.ols(formula, data=data).fit(
        cov_type="cluster", cov_kwds={"groups": data["cluster"].to_numpy()}
    )
    return _fit(result, data, formula, "linear", cluster, level, {"r_squared": float(result.rsquared)})


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
    offset = data["offset"].to_numpy() if exposure is not None else None
    clustered: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": data["cluster"].to_numpy()}}
    if family == "poisson":
        result = smf.glm(formula, data=data, family=sm.families.Poisson(), offset=offset).fit(**clustered)
        statistics = {"dispersion": float(result.pearson_chi2 / result.df_resid)}
    else:
        result = smf.negativebinomial(formula, data=data, offset=offset).fit(disp=0, maxiter=500, **clustered)
        statistics = {"alpha": float(result.params["alpha"])}
    return _fit(result, data, formula, family, cluster, level, statistics, offset=offset)


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
    data["failures_"] = data[trials] - data[left]
    if bool((data["failures_"] < 0).any()):
        exceeding = int((data["failures_"] < 0).sum())
        raise UnknownChoice(
            "trials", trials, [f"a column that {left} never exceeds (it does in {exceeding} rows)"]
        )
    result = smf.glm(f"{left} + failures_ ~ {right}", data=data, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": data["cluster"].to_numpy()}
    )
    statistics = {"dispersion": float(result.pearson_chi2 / result.df_resid)}
    return _fit(
        result, data, formula, "fractional_logit", cluster, level, statistics, trials=data[trials].to_numpy()
    )


def fit_fixed_effects(
    frame: pd.DataFrame, formula: str, *, family: str = "linear", cluster: str = "province"
) -> pd.DataFrame:
    """Linear or Poisson model with many fixed effects, by pyfixest (extra ``fe``).

    Parameters
    ----------
    frame, cluster
        As in :func:`fit_linear`.
    formula : str
        With fixed effects after a bar: ``"new ~ treated | agency_id + year"``.
    family : {"linear", "poisson"}
        Least squares or PPML.

    Returns
    -------
    pandas.DataFrame
        One row a term: ``term, estimate, error, statistic, p_value, low, high``.

    Raises
    ------
    MissingExtra
        If pyfixest is not installed.

    Notes
    -----
    Fixed effects are swept out, never estimated as dummies.

    References
    ----------
    Correia, Guimarães and Zylkin (2020), Stata Journal 20.

    Examples
    --------
    >>> fit = fit_fixed_effects(frame, "new ~ treated | agency_id + year")  # doctest: +SKIP
    """
    choose("family", family, ("linear", "poisson"))
    try:
        import pyfixest
    except ImportError as error:
        raise MissingExtra("pyfixest", "fe") from error
    data = model_frame(frame, formula, cluster=cluster)
    fitted = (pyfixest.feols if family == "linear" else pyfixest.fepois)(
        formula, data=data, vcov={"CRV1": "cluster"}
    )
    tidy = fitted.tidy().reset_index()
    names = ["term", "estimate", "error", "statistic", "p_value", "low", "high"]
    given = ["Coefficient", "Estimate", "Std. Error", "t value", "Pr(>|t|)", "2.5%", "97.5%"]
    renamed: pd.DataFrame = tidy[given].set_axis(names, axis="columns")
    return renamed


def _fit(
    result: Any, data: pd.DataFrame, formula: str, family: str, cluster: str, level: float,
    statistics: dict[str, float], *, trials: Values | None = None, offset: Values | None = None,
) -> Fit:  # fmt: skip
    from scipy.stats import t

    clusters = int(data["cluster"].nunique())
    estimate, error = result.params.to_numpy(dtype="float64"), result.bse.to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    half = t.ppf(0.5 + level / 2, max(clusters - 1, 1)) * error
    coefficients = pd.DataFrame(
        {
            "term": result.params.index.astype(str),
            "estimate": estimate,
            "error": error,
            "statistic": statistic,
            "p_value": 2 * t.sf(np.abs(statistic), max(clusters - 1, 1)),
            "low": estimate - half,
            "high": estimate + half,
        }
    )
    response = np.asarray(result.model.endog, dtype="float64")
    if trials is not None:
        response = data[formula.split("~")[0].strip()].to_numpy()
    converged = getattr(result, "converged", None)
    if converged is None:
        converged = getattr(result, "mle_retvals", {"converged": True})["converged"]
    return Fit(
        coefficients=coefficients,
        outcome=formula.split("~")[0].strip(),
        formula=formula,
        family=family,
        cluster=cluster,
        n_observations=len(data),
        n_clusters=clusters,
        n_dropped=int(data.attrs["n_dropped"]),
        converged=bool(converged) and bool(np.isfinite(error).all()),
        statistics=statistics,
        design=pd.DataFrame(result.model.exog, columns=result.model.exog_names[: result.model.exog.shape[1]]),
        response=response,
        trials=np.ones(len(data)) if trials is None else trials,
        offset=np.zeros(len(data)) if offset is None else offset,
        groups=data["cluster"].to_numpy(dtype="int64"),
    )
