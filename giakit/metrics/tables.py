"""One style of regression table, to Markdown, LaTeX and HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from giakit.metrics.counts import choose
from giakit.metrics.models import Fit

FORMATS = ("markdown", "latex", "html", "frame")
BELOW = ("error", "interval")
#: Effective clusters, and treated ones, below which t alone rejects true nulls too often.
FEW_CLUSTERS, FEW_TREATED = 20, 6
FAMILY_NAMES = {
    "linear": "Least squares",
    "poisson": "PPML",
    "negative_binomial": "Negative binomial",
    "fractional_logit": "Fractional logit",
    "fixed_effects_linear": "Least squares, fixed effects",
    "fixed_effects_poisson": "PPML, fixed effects",
}
STATISTIC_NAMES = {"r_squared": "R²", "dispersion": "Pearson dispersion", "alpha": "Over-dispersion (alpha)"}


def regression_table(
    fits: Sequence[Fit],
    *,
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    keep: Sequence[str] | None = None,
    digits: int = 3,
    below: str = "error",
    stars: bool = False,
    draws: int = 999,
    format: str = "markdown",
    note: str | None = None,
) -> str | pd.DataFrame:
    """Lay fits out side by side.

    Parameters
    ----------
    fits : sequence of Fit
        Models, one a column.
    names : sequence of str, optional
        Heads of the columns; ``(1), (2), …`` by default.
    labels : mapping, optional
        Term to what the table calls it.
    keep : sequence of str, optional
        Terms to show, in order; all by default. Terms left out are counted in a row.
    digits : int
        Digits after the point.
    below : {"error", "interval"}
        What stands below an estimate: its standard error in parentheses, or its confidence interval in brackets.
    stars : bool
        Mark p values below 0.1, 0.05 and 0.01, of the bootstrap where that is printed.
    draws : int
        Draws of the bootstrap; 0 leaves it out.
    format : {"markdown", "latex", "html", "frame"}
        Text, LaTeX (for booktabs) and HTML by pandas, or a frame of strings.
    note : str, optional
        Text after the note on errors.

    Returns
    -------
    str or pandas.DataFrame
        Each term has its estimate and below it error or interval; where fewer than 20 effective clusters carry it, or
        fewer than 6 are treated, the p value of the wild cluster or score bootstrap too. Then outcome,
        model, clusters, observations, rows left out and statistics.

    Notes
    -----
    Errors and intervals are those of the fits: clustered, t quantiles. With few clusters t alone rejected 16 to 55 per
    cent of true nulls in simulation; with one or two treated clusters the bootstrap rejects none, and
    nothing has power, which the note then says.

    References
    ----------
    Wasserstein and Lazar (2016), The American Statistician 70, on intervals in place of stars.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.metrics import fit_linear
    >>> frame = pd.DataFrame({"y": [1.0, 2, 2, 4, 5, 5], "x": [0, 1, 1, 2, 3, 3], "province": list("aabbcc")})
    >>> print(regression_table([fit_linear(frame, "y ~ x")], keep=["x"], digits=2).splitlines()[2])
    | x | 1.41 |
    """
    choose("format", format, FORMATS)
    choose("below", below, BELOW)
    heads = [f"({number})" for number in range(1, len(fits) + 1)] if names is None else list(names)
    labels = labels or {}
    tables = [fit.coefficients.set_index("term") for fit in fits]
    terms = list(dict.fromkeys(term for table in tables for term in table.index)) if keep is None else list(keep)
    chances = [_bootstrapped(fit, terms, draws) for fit in fits]
    rows: list[tuple[str, list[str]]] = []
    for term in terms:
        p_values = [
            chance.get(term, float(table["p_value"].get(term, np.nan)))
            for chance, table in zip(chances, tables, strict=True)
        ]
        marks = [_stars(p_value) if stars else "" for p_value in p_values]
        estimates = [_number(table["estimate"].get(term), digits) for table in tables]
        rows.append(
            (labels.get(term, plain_term(term)), [one + mark for one, mark in zip(estimates, marks, strict=True)])
        )
        rows.append(("", [_below(table, term, digits, below) for table in tables]))
        if any(term in chance for chance in chances):
            listed = [_number(chance.get(term), digits) for chance in chances]
            rows.append(("", [f"bootstrap p = {one}" if one else "" for one in listed]))
    hidden = [len([term for term in table.index if term not in terms]) for table in tables]
    if any(hidden):
        rows.append(("Other terms", [str(number) for number in hidden]))
    rows.append(("Outcome", [fit.outcome for fit in fits]))
    rows.append(("Model", [FAMILY_NAMES.get(fit.family, fit.family) for fit in fits]))
    for statistic, name in STATISTIC_NAMES.items():
        if any(statistic in fit.statistics for fit in fits):
            rows.append((name, [_number(fit.statistics.get(statistic), digits) for fit in fits]))
    rows.append(("Observations", [f"{fit.n_observations:,}" for fit in fits]))
    rows.append(("Rows left out (missing)", [f"{fit.n_dropped:,}" for fit in fits]))
    rows.append(("Clusters", [f"{fit.n_clusters} ({fit.cluster})" for fit in fits]))
    if not all(fit.converged for fit in fits):
        rows.append(("Converged", ["yes" if fit.converged else "NO" for fit in fits]))
    table = pd.DataFrame([cells for _, cells in rows], columns=heads, index=[name for name, _ in rows])
    if format == "frame":
        return table
    text = _note(tables, terms, below, stars, any(chances)) + (f" {note}" if note else "")
    if format == "markdown":
        return _markdown(heads, rows, text)
    if format == "html":
        return f"{table.to_html()}\n<p>{escape(text)}</p>\n"
    # As a column: rows of errors have no name, and an index of pandas' Styler must not repeat one.
    styled = table.rename_axis("").reset_index().style.hide(axis="index").format(escape="latex")
    body = styled.format_index(escape="latex", axis=1).to_latex(column_format="l" + "r" * len(heads), hrules=True)
    printed = re.sub(r"([&%$#_{}])", r"\\\1", text).replace("~", r"\textasciitilde{}")
    return body.replace("−", "$-$") + rf"\par{{\footnotesize {printed.replace('<', '$<$')}\par}}" + "\n"


def plain_term(term: str) -> str:
    """A term in words: ``C(tier)[T.county]`` is ``tier: county``, a product has a cross.

    Examples
    --------
    >>> plain_term("C(tier, Treatment('county'))[T.city]:x"), plain_term("year::2024:dose")
    ('tier: city × x', 'year: 2024 × dose')
    """
    if term == "Intercept":
        return "Constant"
    text = re.sub(r"Q\([\"'](.+?)[\"']\)", r"\1", term)
    text = re.sub(r"C\(([^,()]+)[^()]*(?:\([^()]*\))?[^()]*\)", r"\1", text)
    text = re.sub(r"\[(?:T\.)?(.+?)\]", r"=\1", text).replace("::", "=")
    return text.replace(":", " × ").replace("=", ": ")


def _bootstrapped(fit: Fit, terms: Sequence[str], draws: int) -> dict[str, float]:
    """Bootstrap p values of the terms that few clusters carry."""
    from giakit.metrics.inference import score_bootstrap, wild_cluster_bootstrap

    if not draws or fit.family == "fixed_effects_poisson":
        return {}
    test = wild_cluster_bootstrap if fit.family.endswith("linear") else score_bootstrap
    table = fit.coefficients.set_index("term")
    few = (table["effective"] < FEW_CLUSTERS) | (table["treated"].fillna(FEW_TREATED) < FEW_TREATED)
    chosen = [term for term in terms if term != "Intercept" and bool(few.get(term, False))]
    return {term: float(test(fit, term, draws=draws, interval=False)["p_value"].item()) for term in chosen}


def _note(tables: Sequence[pd.DataFrame], terms: Sequence[str], below: str, stars: bool, bootstrapped: bool) -> str:
    text = "Standard errors in parentheses" if below == "error" else "Confidence intervals in brackets"
    text += ", clustered."
    if stars:
        text += " * p < 0.1, ** p < 0.05, *** p < 0.01."
    if bootstrapped:
        text += " Where few clusters carry a term, read the bootstrap's p value, not the error."
    rare = [
        f"{plain_term(term)}: {int(table['treated'][term])}"
        for table in tables
        for term in terms
        if term in table.index and not pd.isna(table["treated"][term]) and table["treated"][term] <= 2
    ]
    if rare:
        text += f" With one or two treated clusters ({', '.join(dict.fromkeys(rare))}) no test has power."
    return text


def _stars(p_value: float) -> str:
    return "*" * sum(p_value < limit for limit in (0.1, 0.05, 0.01))


def _number(value: float | None, digits: int) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.{digits}f}".replace("-", "−")


def _below(table: pd.DataFrame, term: str, digits: int, below: str) -> str:
    if term not in table.index:
        return ""
    if below == "error":
        return f"({_number(table['error'][term], digits)})"
    return f"[{_number(table['low'][term], digits)}, {_number(table['high'][term], digits)}]"


def _markdown(heads: list[str], rows: list[tuple[str, list[str]]], note: str) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    lines = [line(["", *heads]), "|:--|" + "--:|" * len(heads)]
    lines += [line([name, *cells]) for name, cells in rows]
    return "\n".join([*lines, "", note, ""])
