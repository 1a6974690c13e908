"""What a formula can take, and what a fit gives back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, MissingColumns, UnknownChoice
from giakit.metrics.counts import require

Values = NDArray[np.float64]


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
    groups : numpy.ndarray
        Number of the cluster of each row.
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


def model_frame(
    frame: pd.DataFrame,
    columns: str | Sequence[str],
    *,
    cluster: str | None = None,
    exposure: str | None = None,
) -> pd.DataFrame:
    """Cut a frame to what a formula can take: plain floats and categories, complete cases.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report; nullable types and NA are fine.
    columns : str or sequence of str
        Columns to keep, or a formula whose columns are kept.
    cluster : str, optional
        Column of the clusters; added as ``_cluster``, integers from 0 without gaps.
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
    cut = frame[list(dict.fromkeys([*names, *extra]))].dropna()
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
            "model",
            f"all rows lie in one {cluster}",
            'cluster by smaller units, cluster="prefecture" or "agency_id"',
        )
    if np.ptp(response) == 0:
        raise CannotEstimate("model", "the outcome does not vary", "choose other years or another outcome")
    values = design.to_numpy(dtype="float64")
    flat = [
        str(name)
        for name, column in design.items()
        if str(name) != "Intercept" and np.ptp(column.to_numpy()) == 0
    ]
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
        raise CannotEstimate(
            "model", f"{len(values)} rows for {rank} terms", "take fewer terms or more reports"
        )


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
        {
            "effective": squares.sum(axis=0) ** 2 / (squares**2).sum(axis=0),
            "treated": pd.array(treated, dtype="Int64"),
        }
    )
