"""Models of counts and shares with clustered errors: one kind of fit from statsmodels and pyfixest."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, MissingColumns, MissingExtra, UnknownChoice
from giakit.metrics.counts import choose, require

Values = NDArray[np.float64]
FAMILIES = ("poisson", "negative_binomial")


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    coefficients : pandas.DataFrame
        One row a term: ``term, estimate, error, statistic, p_value, low, high``; ``effective`` clusters that carry it
        and, for a term of 0 and 1, ``treated`` clusters (or untreated ones, if they are fewer).
    outcome, formula, family, cluster : str
        What was fitted, and by what errors are clustered.
    n_observations, n_clusters, n_dropped : int
        Rows used, clusters among them, and rows left out for a missing value.
    converged : bool
        Whether the fit converged and every coefficient has an error.
    statistics : dict
        Figures of the whole model (R², log-likelihood, over-dispersion).
    design : pandas.DataFrame
        The design matrix, one column a term.
    response, trials, offset : numpy.ndarray
        Counts or values, trials of a share, offset of the linear predictor.
    groups, rows : numpy.ndarray
        Number of the cluster of each row, and its place in the frame that was given.
    """

    coefficients: pd.DataFrame
    outcome: str
    formula: str
    family: str
    cluster: str
    n_observations: int
    n_clusters: int
    n_dropped: int
    converged: bool
    statistics: dict[str, float]
    design: pd.DataFrame = field(repr=False)
    response: Values = field(repr=False)
    trials: Values = field(repr=False)
    offset: Values = field(repr=False)
    groups: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)

    def mean(self, linear: Values | None = None) -> Values:
        """Expected response at a linear predictor, that of the estimates by default."""
        if linear is None:
            linear = self.design.to_numpy(dtype="float64") @ self.coefficients["estimate"].to_numpy() + self.offset
        if self.family.endswith("linear"):
            return linear
        linear = np.clip(linear, -30, 30)
        return self.trials / (1 + np.exp(-linear)) if self.family == "fractional_logit" else np.exp(linear)

    def working(self, mean: Values) -> tuple[Values, Values]:
        """Weight of each row in the information, and what its residual adds to the score beside the design."""
        one = np.ones_like(mean)
        if self.family.endswith("linear"):
            return one, one
        if self.family == "fractional_logit":
            return np.maximum(mean * (1 - mean / self.trials), 1e-12), one
        slope = 1 / (1 + self.statistics["alpha"] * mean) if self.family == "negative_binomial" else one
        return np.maximum(mean * slope, 1e-12), slope


def model_frame(
    frame: pd.DataFrame, columns: str | Sequence[str], *, cluster: str | None = None, exposure: str | None = None
) -> pd.DataFrame:
    """Cut a frame to what a formula can take: plain floats and categories, complete cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report; nullable types and NA are fine.
    columns : str or sequence of str
        Columns to keep, or a formula whose columns are kept.
    cluster : str, optional
        Column of the clusters; added as ``_cluster``, integers from 0 without gaps, with ``_row``, the place of each
        row in `frame`.
    exposure : str, optional
        Positive column; added as ``_offset``, its natural logarithm. Rows without exposure are left out.

    Returns
    -------
    pandas.DataFrame
        Complete cases on a fresh index: numbers as float64, text and categories as category (levels in
        use only), ``attrs["n_dropped"]`` the rows left out. NA never becomes a number.

    Raises
    ------
    MissingColumns

    Notes
    -----
    Formulas fail on nullable integers with NA, and clusters must be cut to the estimation sample. What a formula speaks
    of is read by patsy (:func:`variables`).

    References
    ----------
    Conventions of the formulas of statsmodels.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"closed": pd.array([5, None, 7], dtype="Float64"), "tier": ["a", "b", "c"]})
    >>> cut = model_frame(frame, "closed ~ C(tier)", cluster="tier", exposure="closed")
    >>> cut["tier"].cat.categories.tolist(), cut.attrs["n_dropped"]
    (['a', 'c'], 1)
    """
    names = variables(columns, frame) if isinstance(columns, str) else list(dict.fromkeys(columns))
    if not (cluster is None or isinstance(cluster, str)):
        raise UnknownChoice("cluster", cluster, ["one column (two-way clusters are not offered)"])
    added = {"_cluster": cluster, "_offset": exposure}
    for name, source in added.items():
        if source is not None and name in names:
            raise UnknownChoice("column", name, ["another name: this one is added by model_frame"])
    extra = [name for name in added.values() if name is not None]
    require(frame, [*names, *extra], "model_frame")
    cut = frame[list(dict.fromkeys([*names, *extra]))].reset_index(drop=True).dropna()
    if exposure is not None:
        cut = cut[cut[exposure].to_numpy(dtype="float64") > 0]
    result = pd.DataFrame(index=pd.RangeIndex(len(cut)))
    for name in cut.columns:
        values = cut[name]
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        result[name] = (
            values.to_numpy(dtype="float64")
            if numeric
            else pd.Categorical(values.astype(object)).remove_unused_categories()
        )
    if cluster is not None:
        result["_cluster"] = pd.factorize(cut[cluster], sort=True)[0]
        result["_row"] = cut.index.to_numpy(dtype="int64")
    if exposure is not None:
        result["_offset"] = np.log(result[exposure])
    result.attrs["n_dropped"] = len(frame) - len(cut)
    return result


def variables(formula: str, frame: pd.DataFrame) -> list[str]:
    """Columns of the frame that a formula speaks of, fixed effects after a bar too.

    Raises
    ------
    MissingColumns
        If it speaks of a name that is neither a column nor a function of formulas.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame(columns=["y", "tier", "a.b", "year"])
    >>> variables('np.log(y) ~ C(tier, Treatment("county")) + Q("a.b") | year', frame)
    ['y', 'tier', 'a.b', 'year']
    """
    from patsy import ModelDesc, PatsyError, builtins

    main, *fixed = formula.split("|")
    try:
        described = [ModelDesc.from_formula(part) for part in (main, *fixed)]
    except PatsyError as error:
        raise UnknownChoice("formula", formula, [f"one that patsy can read ({error})"]) from None
    code = [
        factor.code
        for part in described
        for term in (*part.lhs_termlist, *part.rhs_termlist)
        for factor in term.factors
    ]
    names: dict[str, None] = {}
    for tree in map(ast.parse, code):
        functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        modules = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Q":
                names |= dict.fromkeys(str(ast.literal_eval(argument)) for argument in node.args)
            elif isinstance(node, ast.Name) and id(node) not in functions | modules:
                names[node.id] = None
    missing = [name for name in names if name not in frame.columns and name not in builtins.__all__]
    if missing:
        raise MissingColumns("model_frame", missing)
    return [name for name in names if name in frame.columns]


def check_design(design: pd.DataFrame, response: Values, groups: NDArray[np.int64], cluster: str) -> None:
    """Refuse what no clustered model can be fitted to, and name the choice to make.

    Raises
    ------
    CannotEstimate
    """
    if not len(design):
        raise CannotEstimate("model", "no row is complete", "leave out the columns that are missing")
    clusters = int(groups.max()) + 1
    if clusters < 2:
        raise CannotEstimate(
            "model", f"all rows lie in one {cluster}", 'cluster by smaller units, cluster="prefecture" or "agency_id"'
        )
    if np.ptp(response) == 0:
        raise CannotEstimate("model", "the outcome does not vary", "choose other years or another outcome")
    values = design.to_numpy(dtype="float64")
    flat = [str(name) for name, column in design.items() if str(name) != "Intercept" and np.ptp(column.to_numpy()) == 0]
    if flat:
        raise CannotEstimate("model", f"{', '.join(flat)} does not vary", "leave it out of the formula")
    rank = int(np.linalg.matrix_rank(values))
    if rank < values.shape[1]:
        raise CannotEstimate(
            "model",
            f"the {values.shape[1]} terms carry {rank} pieces of information: some say the same",
            "leave one of them out (a column that is constant within what other terms absorb)",
        )
    if rank >= len(values):
        raise CannotEstimate("model", f"{len(values)} rows for {rank} terms", "take fewer terms or more reports")


def support(design: pd.DataFrame, groups: NDArray[np.int64]) -> pd.DataFrame:
    """Clusters that carry each term: ``effective`` and, for terms of 0 and 1, ``treated``.

    Effective clusters are ``(Σ s)²/Σ s²`` of the squares s that a term keeps in each cluster once the other terms are
    taken out (partial leverage); treated ones have a 1, or a 0 where fewer have that.

    References
    ----------
    Carter, Schnepel and Steigerwald (2017), Review of Economics and Statistics 99; MacKinnon, Nielsen and Webb
    (2023), Journal of Econometrics 232.
    """
    values = design.to_numpy(dtype="float64")
    left = (values @ np.linalg.pinv(values.T @ values)) ** 2
    clusters = int(groups.max()) + 1
    squares = np.column_stack([np.bincount(groups, weights=column, minlength=clusters) for column in left.T])
    treated = []
    for column in values.T:
        two = set(np.unique(column)) == {0.0, 1.0}
        with_one = np.bincount(groups, weights=column > 0, minlength=clusters) > 0
        with_none = np.bincount(groups, weights=column == 0, minlength=clusters) > 0
        treated.append(min(int(with_one.sum()), int(with_none.sum())) if two else pd.NA)
    return pd.DataFrame(
        {"effective": squares.sum(axis=0) ** 2 / (squares**2).sum(axis=0), "treated": pd.array(treated, dtype="Int64")}
    )


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


def fit_share(frame: pd.DataFrame, formula: str, *, trials: str, cluster: str = "province", level: float = 0.95) -> Fit:
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
        raise UnknownChoice("trials", trials, [f"a column that {left} never exceeds (it does in {exceeding} rows)"])
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
        statistics=statistics, design=design, converged=True,
        response=np.asarray(result._Y, dtype="float64").ravel(),
    )  # fmt: skip


def _model(kind: Any, formula: str, data: pd.DataFrame, **options: Any) -> Any:
    """A model of statsmodels; a column that no row has a value for is said, not a matter of array shapes."""
    if not len(data):
        raise CannotEstimate("model", "no row is complete", "leave out the columns that are missing")
    return kind(formula, data=data, **options)


@contextmanager
def quiet_pyfixest() -> Iterator[Any]:
    """pyfixest, without its warnings of pandas' inplace, which are no concern of a user's."""
    try:
        import pyfixest
    except ImportError as error:
        raise MissingExtra("pyfixest", "fe") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pyfixest


def pyfixest_fit(formula: str, data: pd.DataFrame, family: str, cluster: str) -> Any:
    """A fit of pyfixest on what :func:`giakit.metrics.model_frame` gave, errors clustered."""
    with quiet_pyfixest() as pyfixest:
        if not len(data) or data["_cluster"].nunique() < 2:
            raise CannotEstimate(
                "model",
                f"all complete rows lie in one {cluster}" if len(data) else "no row is complete",
                'cluster by smaller units, cluster="prefecture" or "agency_id"',
            )
        options: dict[str, Any] = {"vcov": {"CRV1": "_cluster"}, "fixef_rm": "none"}
        if family == "poisson" and "_offset" in data.columns:
            options["offset"] = "_offset"
        try:
            result = (pyfixest.feols if family == "linear" else pyfixest.fepois)(formula, data=data, **options)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, IndexError) as error:
            raise CannotEstimate(
                "model", f"no term is left within the fixed effects ({error})", "leave fixed effects or terms out"
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
    model: Any, data: pd.DataFrame, formula: str, family: str, cluster: str, level: float,
    *, options: dict[str, Any] | None = None, **given: Any,
) -> Fit:  # fmt: skip
    """Fit a model of statsmodels with clustered errors."""
    groups = data["_cluster"].to_numpy(dtype="int64")
    design = pd.DataFrame(model.exog, columns=[name for name in model.exog_names if name != "alpha"])
    given.setdefault("response", np.asarray(model.endog, dtype="float64"))
    check_design(design, given["response"] / given.get("trials", 1.0), groups, cluster)
    result = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, **(options or {}))
    if family == "linear":
        statistics = {"r_squared": float(result.rsquared)}
    elif family == "negative_binomial":
        statistics = {"alpha": float(result.params["alpha"])}
    else:
        statistics = {"dispersion": float(result.pearson_chi2 / result.df_resid)}
    converged = getattr(result, "converged", getattr(result, "mle_retvals", {}).get("converged", True))
    return _as_fit(
        result.params, result.bse, data, formula, family, cluster, level, statistics=statistics, design=design,
        converged=bool(converged), **given,
    )  # fmt: skip


def _as_fit(
    estimates: pd.Series, errors: pd.Series, data: pd.DataFrame, formula: str, family: str, cluster: str,
    level: float, *, converged: bool, design: pd.DataFrame, trials: Values | None = None,
    offset: Values | None = None, **given: Any,
) -> Fit:  # fmt: skip
    """One kind of fit from either library: t quantiles of clusters - 1 degrees of freedom."""
    groups = data["_cluster"].to_numpy(dtype="int64")
    carried = support(design, groups).assign(term=design.columns.astype(str))
    coefficients = t_table(estimates, errors, int(groups.max()), level).merge(carried, on="term", how="left")
    return Fit(
        coefficients=coefficients,
        outcome=formula.split("~")[0].strip(),
        formula=formula,
        family=family,
        cluster=cluster,
        n_observations=len(data),
        n_clusters=int(groups.max()) + 1,
        n_dropped=int(data.attrs["n_dropped"]),
        converged=converged and bool(np.isfinite(errors.to_numpy(dtype="float64")).all()),
        design=design,
        trials=np.ones(len(data)) if trials is None else trials,
        offset=np.zeros(len(data)) if offset is None else offset,
        groups=groups,
        rows=data["_row"].to_numpy(dtype="int64"),
        **given,
    )


def t_table(estimates: pd.Series, errors: pd.Series, freedom: int, level: float) -> pd.DataFrame:
    """Estimates by term with statistics, p values and intervals of t."""
    from scipy.stats import t

    estimate, error = estimates.to_numpy(dtype="float64"), errors.to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    half = t.ppf(0.5 + level / 2, freedom) * error
    return pd.DataFrame(
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
