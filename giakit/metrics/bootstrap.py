"""Inference with few clusters: wild cluster bootstrap of linear models, score bootstrap of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import UnknownChoice
from giakit.metrics.counts import choose
from giakit.metrics.modelframe import Fit

Values = NDArray[np.float64]
WEIGHTS = ("auto", "rademacher", "webb")
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


def wild_cluster_bootstrap(
    fit: Fit,
    term: str,
    *,
    null: float = 0.0,
    draws: int = 9999,
    weights: str = "auto",
    interval: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Test a coefficient of a linear model with few clusters.

    Parameters
    ----------
    fit : Fit
        From :func:`giakit.metrics.fit_linear`, or from :func:`giakit.metrics.fit_fixed_effects` with fixed effects that
        lie within clusters (agencies within provinces); years swept out are taken as given.
    term : str
        Name of the coefficient.
    null : float
        Value under test.
    draws : int
        Bootstrap draws; with Rademacher weights and few clusters every sign pattern is enumerated instead.
    weights : {"auto", "rademacher", "webb"}
        ``auto`` takes Webb's six points below 12 clusters.
    interval : bool
        Whether to find the interval by inverting the test, which takes some forty tests; else it is NaN.
    level : float
        Confidence level of the interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    pandas.DataFrame
        One row: ``term, estimate, null, p_value, low, high, method, weights, draws, n_clusters``.

    Notes
    -----
    The null is imposed; residuals of a cluster keep their signs together; the statistic is studentised with
    clustered errors in every draw.

    References
    ----------
    Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90; Webb (2014), Queen's Economics
    Department Working Paper 1315; Roodman, Nielsen, MacKinnon and Webb (2019), Stata Journal 19.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from giakit.metrics import fit_linear
    >>> x = np.tile([0.0, 1.0], 20)
    >>> frame = pd.DataFrame({"x": x, "y": 2 * x + np.arange(40) % 7 / 7})
    >>> frame["province"] = np.repeat(list("abcdefghij"), 4)
    >>> result = wild_cluster_bootstrap(fit_linear(frame, "y ~ x"), "x", draws=999)
    >>> bool(result["p_value"].item() < 0.05), bool(result["low"].item() < 2 < result["high"].item())
    (True, True)
    """
    if fit.family not in ("linear", "fixed_effects_linear"):
        raise UnknownChoice(
            "wild_cluster_bootstrap: family", fit.family, ["linear (score_bootstrap takes the others)"]
        )
    return _bootstrap(
        fit, term, null, draws, weights, level if interval else None, seed, method="wild cluster bootstrap"
    )


def score_bootstrap(
    fit: Fit,
    term: str,
    *,
    null: float = 0.0,
    draws: int = 9999,
    weights: str = "auto",
    interval: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Test a coefficient of a Poisson, negative binomial or fractional-logit model with few clusters.

    Parameters and result as in :func:`wild_cluster_bootstrap`, for fits of
    :func:`giakit.metrics.fit_counts` and :func:`giakit.metrics.fit_share`.

    Notes
    -----
    The model is fitted under the null; its scores, added up by cluster, are perturbed and passed through one
    Newton step, with the clustered error of that step in every draw. The over-dispersion of a negative
    binomial is held at its estimate.

    References
    ----------
    Kline and Santos (2012), Journal of Econometric Methods 1.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from giakit.metrics import fit_counts
    >>> x = np.tile([0, 1], 20)
    >>> frame = pd.DataFrame({"x": x, "y": 5 + 10 * x + np.arange(40) % 7})
    >>> frame["province"] = np.repeat(list("abcdefghij"), 4)
    >>> result = score_bootstrap(fit_counts(frame, "y ~ x"), "x", draws=999)
    >>> bool(result["p_value"].item() < 0.05)
    True
    """
    if fit.family not in ("poisson", "negative_binomial", "fractional_logit"):
        raise UnknownChoice(
            "score_bootstrap: family", fit.family, ["poisson, negative_binomial, fractional_logit"]
        )
    return _bootstrap(
        fit, term, null, draws, weights, level if interval else None, seed, method="score bootstrap"
    )


def _bootstrap(
    fit: Fit, term: str, null: float, draws: int, weights: str, level: float | None, seed: int, *, method: str
) -> pd.DataFrame:
    choose("weights", weights, WEIGHTS)
    terms = fit.design.columns.tolist()
    choose("term", term, terms)
    column = terms.index(term)
    kind = weights if weights != "auto" else ("webb" if fit.n_clusters < 12 else "rademacher")
    signs = _signs(fit.n_clusters, draws, kind, seed)
    estimate, error = (float(fit.coefficients[name].iloc[column]) for name in ("estimate", "error"))
    p_value = _p_value(fit, column, null, signs)
    low = high = np.nan
    if level is not None:
        low = _edge(fit, column, estimate, -error, 1 - level, signs)
        high = _edge(fit, column, estimate, error, 1 - level, signs)
    return pd.DataFrame(
        {
            "term": [term],
            "estimate": [estimate],
            "null": [null],
            "p_value": [p_value],
            "low": [low],
            "high": [high],
            "method": [method],
            "weights": [kind],
            "draws": [signs.shape[1]],
            "n_clusters": [fit.n_clusters],
        }
    )


def _signs(clusters: int, draws: int, kind: str, seed: int) -> Values:
    """Weights by cluster (rows) and draw (columns)."""
    if kind == "rademacher" and clusters <= 20 and 2**clusters <= draws:
        patterns = np.arange(2**clusters)
        return np.where((patterns >> np.arange(clusters)[:, None]) & 1, 1.0, -1.0)
    generator = np.random.default_rng(seed)
    values = np.array([-1.0, 1.0]) if kind == "rademacher" else WEBB
    return np.asarray(generator.choice(values, size=(clusters, draws)))


def _p_value(fit: Fit, column: int, null: float, signs: Values) -> float:
    design, residual = _linearised(fit, column, null)
    observed = abs(_statistics(design, residual, fit.groups, column, np.ones((fit.n_clusters, 1)))[0])
    drawn = np.abs(_statistics(design, residual, fit.groups, column, signs))
    # Patterns that repeat the data tie with it up to rounding.
    return float(np.mean(drawn >= observed * (1 - 1e-9)))


def _edge(fit: Fit, column: int, estimate: float, step: float, alpha: float, signs: Values) -> float:
    """Where the p value falls to alpha on one side of the estimate."""
    inside, outside = estimate, estimate + 2 * step
    for _ in range(12):
        if _p_value(fit, column, outside, signs) < alpha:
            break
        inside, outside = outside, outside + 2 * (outside - estimate)
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(25):
        middle = (inside + outside) / 2
        if _p_value(fit, column, middle, signs) < alpha:
            outside = middle
        else:
            inside = middle
    return float((inside + outside) / 2)


def _statistics(
    design: Values, residual: Values, groups: NDArray[np.int64], column: int, signs: Values
) -> Values:
    """Studentised coefficient of each draw, by the algebra of cluster sums."""
    clusters = signs.shape[0]
    bread = np.linalg.pinv(design.T @ design)[column]
    scores = _by_cluster(design * residual[:, None], groups, clusters)
    direct = scores @ bread
    fitted = design @ np.linalg.pinv(design.T @ design) @ scores.T
    spread = _by_cluster((design @ bread)[:, None] * fitted, groups, clusters)
    left = direct[:, None] * signs - spread @ signs
    error = np.sqrt((left**2).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(direct @ signs / error, nan=0.0, posinf=np.inf, neginf=-np.inf))


def _by_cluster(values: Values, groups: NDArray[np.int64], clusters: int) -> Values:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(clusters))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def _linearised(fit: Fit, column: int, null: float) -> tuple[Values, Values]:
    """Design and residuals under the null; for other than linear models those of the last weighted step."""
    design = fit.design.to_numpy(dtype="float64")
    kept = np.delete(design, column, axis=1)
    offset = fit.offset + null * design[:, column]
    if fit.family in ("linear", "fixed_effects_linear"):
        rest = fit.response - offset
        return design, rest - (kept @ np.linalg.lstsq(kept, rest, rcond=None)[0] if kept.size else 0.0)
    mean, weight = _restricted(fit, kept, offset)
    root = np.sqrt(weight)
    return design * root[:, None], (fit.response - mean) * _slope(fit, mean) / root


def _slope(fit: Fit, mean: Values) -> Values:
    """What a residual adds to the score beside the design."""
    if fit.family == "negative_binomial":
        return 1 / (1 + fit.statistics["alpha"] * mean)
    return np.ones_like(mean)


def _restricted(fit: Fit, kept: Values, offset: Values) -> tuple[Values, Values]:
    """Mean and working weight of the model fitted under the null, by iterated weighted least squares."""
    logit = fit.family == "fractional_logit"
    if logit:
        start = (fit.response + 0.5) / (fit.trials + 1)
        linear = np.log(start / (1 - start))
    else:
        linear = np.log(fit.response + 0.5)
    for _ in range(100):
        linear = np.clip(linear, -30, 30)
        mean = fit.trials / (1 + np.exp(-linear)) if logit else np.exp(linear)
        weight = mean * (1 - mean / fit.trials) if logit else mean * _slope(fit, mean)
        weight = np.maximum(weight, 1e-12)
        target = linear - offset + (fit.response - mean) * _slope(fit, mean) / weight
        root = np.sqrt(weight)
        new = (
            offset + kept @ np.linalg.lstsq(kept * root[:, None], target * root, rcond=None)[0]
            if kept.size
            else offset
        )
        if np.max(np.abs(new - linear)) < 1e-9:
            break
        linear = new
    return mean, weight
