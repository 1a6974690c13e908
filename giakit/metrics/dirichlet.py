"""Grounds of refusal that differ from agency to agency: the Dirichlet-multinomial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.metrics.composition import part_sums
from giakit.metrics.counts import keys

Keys = str | Sequence[str] | None
Values = NDArray[np.float64]


def dirichlet_multinomial(
    frame: pd.DataFrame, *, parts: str | Sequence[str] = "grounds", unit: str | Sequence[str] = "agency_id",
    by: Keys = None, blank: str = "closes", overlap: str = "error",
) -> pd.DataFrame:  # fmt: skip
    """Fit shares of grounds that differ from agency to agency.

    Parameters
    ----------
    frame, parts, by, blank, overlap
        As in :func:`ground_shares`; one fit a group.
    unit : str or sequence of str
        Columns that name the agency.

    Returns
    -------
    pandas.DataFrame
        One row a group and part: the columns of `by`, ``part, count, share`` (of the mean composition),
        ``alpha``, and of the fit ``precision`` (Σ alpha), ``overdispersion`` (``1/(1 + precision)``, the
        correlation of two refusals of one agency), ``log_likelihood, p_value`` (against the multinomial),
        ``n_units, converged``. Parts that never occur get a share of 0.

    Notes
    -----
    ``x ~ Multinomial(n, p), p ~ Dirichlet(alpha)``, maximum likelihood; the likelihood-ratio test has its
    null at the boundary, so that half the χ²(1) tail counts.

    References
    ----------
    Mosimann (1962), Biometrika 49; Guimarães and Lindrooth (2005), Dirichlet-multinomial regression, working
    paper.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": list("abcd"), "denied_process": [9, 1, 8, 0],
    ...     "denied_internal": [1, 9, 2, 10]})
    >>> fit = dirichlet_multinomial(frame, parts=["denied_process", "denied_internal"])
    >>> bool(fit["overdispersion"].iloc[0] > 0.3)
    True
    """
    by = keys(by)
    names = [*by, *(name for name in keys(unit) if name not in by)]
    labels, counts, _, codes = part_sums(frame, parts, names, blank, overlap, "dirichlet_multinomial")
    informed = counts.sum(axis=1) > 1
    labels, counts = labels[informed], counts[informed]
    group = (
        labels.groupby(by, dropna=False, sort=True, observed=True).ngroup().to_numpy()
        if by
        else np.zeros(len(labels), int)
    )
    tables = []
    for number in np.unique(group):
        chosen = counts[group == number]
        fit = pd.DataFrame({"part": codes, "count": chosen.sum(axis=0)})
        alpha, likelihood, p_value, converged = _fit(chosen)
        fit["share"], fit["alpha"] = alpha / alpha.sum(), alpha
        fit["precision"], fit["overdispersion"] = alpha.sum(), 1 / (1 + alpha.sum())
        fit["log_likelihood"], fit["p_value"] = likelihood, p_value
        fit["n_units"], fit["converged"] = len(chosen), converged
        for place, name in enumerate(by):
            fit.insert(place, name, labels[name].iloc[np.flatnonzero(group == number)[0]])
        tables.append(fit)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _fit(counts: Values) -> tuple[Values, float, float, bool]:
    from scipy.optimize import minimize
    from scipy.special import gammaln, psi
    from scipy.stats import chi2

    seen = counts.sum(axis=0) > 0
    x, size = counts[:, seen], counts.sum(axis=1)
    share = x.sum(axis=0) / size.sum()
    constant = float((gammaln(size + 1) - gammaln(x + 1).sum(axis=1)).sum())

    def negative(logs: Values) -> tuple[float, Values]:
        alpha = np.exp(logs)
        total = alpha.sum()
        value = (gammaln(total) - gammaln(total + size)).sum() + (gammaln(alpha + x) - gammaln(alpha)).sum()
        slope = (psi(total) - psi(total + size)).sum() + (psi(alpha + x) - psi(alpha)).sum(axis=0)
        return -float(value), -slope * alpha

    # Precision beyond 1e5 is a multinomial; the bounds keep the optimiser from running off there.
    starts = [np.log(share * precision) for precision in (1.0, 30.0)]
    fits = [
        minimize(negative, start, jac=True, method="L-BFGS-B", bounds=[(-15, 11.5)] * len(share))
        for start in starts
    ]
    best = min(fits, key=lambda fit: fit.fun)
    multinomial = float((x * np.log(share)).sum())
    gain = max(0.0, 2 * (-best.fun - multinomial))
    alpha = np.zeros(counts.shape[1])
    alpha[seen] = np.exp(best.x)
    return (
        alpha,
        constant - float(best.fun),
        float(chi2.sf(gain, 1) / 2 if gain > 0 else 1.0),
        bool(best.success),
    )
