"""Inference that a referee asks for: few clusters, few treated, many tests, neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import CannotEstimate, UnknownChoice
from giakit.metrics.counts import choose, keys, require
from giakit.metrics.models import Fit, fit_linear, t_table

Values = NDArray[np.float64]
WEIGHTS = ("auto", "rademacher", "webb")
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
CORRECTIONS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


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
        raise UnknownChoice("wild_cluster_bootstrap: family", fit.family, ["linear (score_bootstrap takes the others)"])
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
        raise UnknownChoice("score_bootstrap: family", fit.family, ["poisson, negative_binomial, fractional_logit"])
    return _bootstrap(fit, term, null, draws, weights, level if interval else None, seed, method="score bootstrap")


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


def _statistics(design: Values, residual: Values, groups: NDArray[np.int64], column: int, signs: Values) -> Values:
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
    if fit.family.endswith("linear"):
        rest = fit.response - offset
        return design, rest - (kept @ np.linalg.lstsq(kept, rest, rcond=None)[0] if kept.size else 0.0)
    mean = _restricted(fit, kept, offset)
    weight, slope = fit.working(mean)
    root = np.sqrt(weight)
    return design * root[:, None], (fit.response - mean) * slope / root


def _restricted(fit: Fit, kept: Values, offset: Values) -> Values:
    """Mean of the model fitted under the null, by iterated weighted least squares."""
    share = (fit.response + 0.5) / (fit.trials + 1)
    linear = np.log(share / (1 - share)) if fit.family == "fractional_logit" else np.log(fit.response + 0.5)
    for _ in range(100):
        linear = np.clip(linear, -30, 30)
        mean = fit.mean(linear)
        weight, slope = fit.working(mean)
        target, root = linear - offset + (fit.response - mean) * slope / weight, np.sqrt(weight)
        new = offset
        if kept.size:
            new = offset + kept @ np.linalg.lstsq(kept * root[:, None], target * root, rcond=None)[0]
        if np.max(np.abs(new - linear)) < 1e-9:
            break
        linear = new
    return mean


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
        Column that is the same for all reports of a cluster (and time), as a rule of a province is, and stands in the
        formula by itself.
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
    right = formula.split("~")[1]
    if [term.strip() for term in right.split("+")].count(treatment) != 1 or right.count(treatment) != 1:
        raise UnknownChoice("treatment", treatment, [f"a column that stands once, by itself, in {formula!r}"])
    frame = frame[frame[[*at, treatment]].notna().all(axis=1)].reset_index(drop=True)
    if bool((frame.groupby(at, observed=True)[treatment].nunique() > 1).any()):
        raise UnknownChoice("treatment", treatment, [f"a column that is constant within {' and '.join(at)}"])
    moments = frame[time].to_numpy() if time is not None else np.zeros(len(frame))
    paths = frame.assign(_moment=moments).pivot_table(index=cluster, columns="_moment", values=treatment, observed=True)
    # A cluster that lacks a year has in it what it had the year before.
    paths = paths.ffill(axis=1).bfill(axis=1)
    rows, columns = (paths.index.get_indexer(pd.Index(frame[cluster])), paths.columns.get_indexer(pd.Index(moments)))
    values = paths.to_numpy(dtype="float64")
    fit = fit_linear(frame, formula, cluster=cluster)
    column = fit.design.columns.tolist().index(treatment)
    rows, columns = rows[fit.rows], columns[fit.rows]
    # What the other terms leave of outcome and treatment gives the coefficient and its clustered t (Frisch and Waugh).
    others = np.linalg.qr(np.delete(fit.design.to_numpy(dtype="float64"), column, axis=1))[0]
    outcome = fit.response - others @ (others.T @ fit.response)

    def statistic(dealt: Values) -> float:
        left = dealt - others @ (others.T @ dealt)
        if left @ left <= 1e-9 * (dealt @ dealt):
            # A deal without variation says nothing against the null.
            return 0.0
        estimate = left @ outcome / (left @ left)
        scores = np.bincount(fit.groups, weights=left * (outcome - estimate * left))
        return float(abs(estimate) * (left @ left) / np.sqrt(scores @ scores))

    generator = np.random.default_rng(seed)
    observed = statistic(values[rows, columns])
    drawn = [statistic(values[generator.permutation(len(values))][rows, columns]) for _ in range(draws)]
    extreme = 1 + sum(one >= observed * (1 - 1e-9) for one in drawn)
    return pd.DataFrame(
        {
            "term": [treatment],
            "estimate": [fit.coefficients["estimate"].iloc[column]],
            "p_value": [extreme / (draws + 1)],
            "draws": [draws],
            "n_clusters": [len(values)],
            "n_treated": [int((values > 0).any(axis=1).sum())],
        }
    )


def power(fit: Fit, term: str, *, bound: float | None = None, level: float = 0.95, wanted: float = 0.8) -> pd.DataFrame:
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
    family = frame.groupby(keys(by), dropna=False).ngroup().to_numpy() if by else np.zeros(len(frame), dtype=int)
    result = np.full(len(frame), np.nan)
    for number in np.unique(family):
        here = (family == number) & ~np.isnan(given)
        if here.any():
            result[here] = multipletests(given[here], method=CORRECTIONS[method])[1]
    return frame.assign(**{f"{p}_{method}": pd.array(result, dtype="Float64")})


def conley(
    fit: Fit, frame: pd.DataFrame, *, within: float, x: str = "x", y: str = "y", level: float = 0.95
) -> pd.DataFrame:
    """Coefficients of a fit with errors that allow neighbours to be alike.

    Parameters
    ----------
    fit : Fit
        Any but a Poisson model with fixed effects.
    frame : pandas.DataFrame
        The frame that was fitted, with coordinates in metres
        (``frame.join(giakit.figures.boundaries.centroids(frame["place_code"]))``).
    within : float
        Kilometres up to which errors are alike, whatever the year; beyond they are independent.
    x, y : str
        Columns of the coordinates.
    level : float
        Confidence level, with t quantiles of places - 1 degrees of freedom.

    Returns
    -------
    pandas.DataFrame
        ``term, estimate, error, statistic, p_value, low, high, n_places, neighbours`` (mean number within reach).

    Raises
    ------
    MissingColumns, UnknownChoice
    CannotEstimate
        If a row of the fit has no coordinates, or all lie within reach of each other.

    Notes
    -----
    ``B Σ k(d_ij) s_i s_j' B``, B the inverse information, s the scores of a place, and Bartlett's ``k = 1 - d/within``
    below `within`: weights that fall off keep the variance positive.

    References
    ----------
    Conley (1999), Journal of Econometrics 92.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"x": np.arange(40) * 1e5, "y": 0.0, "place": range(40), "z": np.arange(40) % 7})
    >>> frame["rate"] = frame["z"] + np.arange(40) % 3
    >>> conley(fit_linear(frame, "rate ~ z", cluster="place"), frame, within=250)["neighbours"].round(1).tolist()
    [3.8, 3.8]
    """
    places, distance = _places(fit, frame, x, y)
    near = np.clip(1 - distance / within, 0, None)
    if (near > 0).all():
        raise CannotEstimate("conley", f"all places lie within {within:g} km of each other", "take a smaller distance")
    mean = fit.mean()
    weight, slope = fit.working(mean)
    design = fit.design.to_numpy(dtype="float64")
    scores = _by_cluster(design * ((fit.response - mean) * slope)[:, None], places, len(distance))
    bread = np.linalg.pinv((design * weight[:, None]).T @ design)
    error = np.sqrt(np.diag(bread @ (scores.T @ near @ scores) @ bread))
    estimates = fit.coefficients.set_index("term")["estimate"]
    table = t_table(estimates, pd.Series(error, index=estimates.index), len(distance) - 1, level)
    return table.assign(n_places=len(distance), neighbours=float((near > 0).sum(axis=1).mean() - 1))


def morans_i(
    fit: Fit, frame: pd.DataFrame, *, within: float, x: str = "x", y: str = "y", draws: int = 999, seed: int = 0
) -> pd.DataFrame:
    """Test whether residuals of neighbouring places are alike.

    Parameters
    ----------
    fit, frame, x, y
        As in :func:`conley`.
    within : float
        Kilometres up to which two places are neighbours.
    draws, seed : int
        Number of permutations of the places, and their seed.

    Returns
    -------
    pandas.DataFrame
        One row: ``statistic, expected`` (-1/(places - 1)), ``p_value`` (share of permutations, this one included, with a
        statistic as high), ``n_places, neighbours``.

    Raises
    ------
    MissingColumns, UnknownChoice
    CannotEstimate
        If a row of the fit has no coordinates, or no place a neighbour.

    Notes
    -----
    ``I = P/Σw · Σ w_ij e_i e_j / Σ e²`` of the P places' mean residuals, each over the root of its variance under the
    model, less their mean; w is 1 for neighbours.

    References
    ----------
    Moran (1950), Biometrika 37; Cliff and Ord (1981), Spatial Processes.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"x": np.arange(40) * 1e5, "y": 0.0, "place": range(40), "z": np.arange(40) % 7})
    >>> frame["rate"] = np.sin(frame["x"] / 1e6)
    >>> test = morans_i(fit_linear(frame, "rate ~ z", cluster="place"), frame, within=150)
    >>> bool(test["statistic"].item() > 0.8), test["p_value"].item()
    (True, 0.001)
    """
    places, distance = _places(fit, frame, x, y)
    near = (distance <= within).astype("float64")
    np.fill_diagonal(near, 0.0)
    if not near.any():
        raise CannotEstimate("morans_i", f"no two places lie within {within:g} km", "take a greater distance")
    mean = fit.mean()
    left = (fit.response - mean) / np.sqrt(fit.working(mean)[0])
    error = np.bincount(places, weights=left) / np.bincount(places)
    error = error - error.mean()

    def statistic(values: Values) -> float:
        return float(len(values) / near.sum() * (values @ near @ values) / (values @ values))

    generator = np.random.default_rng(seed)
    observed = statistic(error)
    extreme = 1 + sum(statistic(generator.permutation(error)) >= observed - 1e-12 for _ in range(draws))
    return pd.DataFrame(
        {
            "statistic": [observed], "expected": [-1 / (len(error) - 1)], "p_value": [extreme / (draws + 1)],
            "n_places": [len(error)], "neighbours": [float(near.sum(axis=1).mean())],
        }
    )  # fmt: skip


def _places(fit: Fit, frame: pd.DataFrame, x: str, y: str) -> tuple[NDArray[np.int64], Values]:
    """Number of the place of each row of a fit, and the distances between places in kilometres."""
    require(frame, [x, y], "coordinates")
    if fit.family == "fixed_effects_poisson":
        raise UnknownChoice("family", fit.family, ["linear, fractional_logit, or Poisson without fixed effects"])
    at = frame[[x, y]].iloc[fit.rows].to_numpy(dtype="float64", na_value=np.nan)
    unknown = int(np.isnan(at).any(axis=1).sum())
    if unknown:
        raise CannotEstimate("coordinates", f"{unknown} rows have none", "leave those rows out before the fit")
    points, places = np.unique(at, axis=0, return_inverse=True)
    return places.ravel(), np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1)) / 1000
