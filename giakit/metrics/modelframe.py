"""What a formula can take, and what a fit gives back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingColumns
from giakit.metrics.counts import require

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    coefficients : pandas.DataFrame
        One row a term: ``term, estimate, error, statistic, p_value, low, high``.
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
        Column of the clusters; added as ``cluster``, integers from 0 without gaps.
    exposure : str, optional
        Positive column; added as ``offset``, its natural logarithm. Rows without exposure are left out.

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
    Formulas fail on nullable integers with NA, and clusters must be cut to the estimation sample.

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
    if isinstance(columns, str):
        words = dict.fromkeys(re.findall(r"[^\W\d]\w*", columns))
        # Names of functions and of the formula's grammar are words too; what is called is no column.
        called = set(re.findall(r"([^\W\d]\w*)\s*\(", columns)) | {"np"}
        missing = [word for word in words if word not in frame.columns and word not in called]
        attributes = set(re.findall(r"\.([^\W\d]\w*)", columns))
        missing = [word for word in missing if word not in attributes]
        if missing:
            raise MissingColumns("model_frame", missing)
        names = [word for word in words if word in frame.columns]
    else:
        names = list(dict.fromkeys(columns))
    extra = [name for name in (cluster, exposure) if name is not None]
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
        result["cluster"] = pd.factorize(cut[cluster], sort=True)[0]
    if exposure is not None:
        result["offset"] = np.log(result[exposure])
    result.attrs["n_dropped"] = len(frame) - len(cut)
    return result
