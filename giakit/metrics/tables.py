"""One style of regression table, to Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit.metrics.counts import choose
from giakit.metrics.modelframe import Fit

FORMATS = ("markdown", "latex", "frame")
FAMILY_NAMES = {
    "linear": "Least squares",
    "poisson": "PPML",
    "negative_binomial": "Negative binomial",
    "fractional_logit": "Fractional logit",
}
STATISTIC_NAMES = {
    "r_squared": ("R²", "$R^2$"),
    "dispersion": ("Pearson dispersion", "Pearson dispersion"),
    "alpha": ("Over-dispersion α", r"Over-dispersion $\alpha$"),
}
_LATEX = {
    "&": r"\&",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
}


def regression_table(
    fits: Sequence[Fit],
    *,
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    keep: Sequence[str] | None = None,
    digits: int = 3,
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
    format : {"markdown", "latex", "frame"}
        Text, or a frame of strings.
    note : str, optional
        Text after the note on errors.

    Returns
    -------
    str or pandas.DataFrame
        Each term has its estimate and below it the confidence interval in brackets; no stars. Then outcome,
        model, clusters, observations, rows left out and statistics.

    Notes
    -----
    Intervals are those of the fits: clustered errors, t quantiles.

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
    heads = [f"({number})" for number in range(1, len(fits) + 1)] if names is None else list(names)
    labels = labels or {}
    tables = [fit.coefficients.set_index("term") for fit in fits]
    terms = (
        list(keep)
        if keep is not None
        else list(dict.fromkeys(term for table in tables for term in table.index))
    )
    rows: list[tuple[str, list[str]]] = []
    for term in terms:
        rows.append((labels.get(term, term), [_estimate(table, term, digits) for table in tables]))
        rows.append(("", [_interval(table, term, digits) for table in tables]))
    hidden = [len([term for term in table.index if term not in terms]) for table in tables]
    if any(hidden):
        rows.append(("Other terms", [str(number) for number in hidden]))
    rows.append(("Outcome", [fit.outcome for fit in fits]))
    rows.append(("Model", [FAMILY_NAMES.get(fit.family, fit.family) for fit in fits]))
    for statistic, (plain, latex) in STATISTIC_NAMES.items():
        if any(statistic in fit.statistics for fit in fits):
            name = latex if format == "latex" else plain
            rows.append((name, [_number(fit.statistics.get(statistic), digits) for fit in fits]))
    rows.append(("Observations", [f"{fit.n_observations:,}" for fit in fits]))
    rows.append(("Rows left out (missing)", [f"{fit.n_dropped:,}" for fit in fits]))
    rows.append(("Clusters", [f"{fit.n_clusters} ({fit.cluster})" for fit in fits]))
    if not all(fit.converged for fit in fits):
        rows.append(("Converged", ["yes" if fit.converged else "NO" for fit in fits]))
    if format == "frame":
        return pd.DataFrame([cells for _, cells in rows], columns=heads, index=[name for name, _ in rows])
    text = "Confidence intervals in brackets, errors clustered." + (f" {note}" if note else "")
    return _markdown(heads, rows, text) if format == "markdown" else _latex(heads, rows, text)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.{digits}f}".replace("-", "−")


def _estimate(table: pd.DataFrame, term: str, digits: int) -> str:
    return _number(table["estimate"].get(term), digits)


def _interval(table: pd.DataFrame, term: str, digits: int) -> str:
    if term not in table.index:
        return ""
    return f"[{_number(table['low'][term], digits)}, {_number(table['high'][term], digits)}]"


def _markdown(heads: list[str], rows: list[tuple[str, list[str]]], note: str) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    lines = [line(["", *heads]), "|:--|" + "--:|" * len(heads)]
    lines += [line([name, *cells]) for name, cells in rows]
    return "\n".join([*lines, "", note, ""])


def _latex(heads: list[str], rows: list[tuple[str, list[str]]], note: str) -> str:
    def escaped(text: Any) -> str:
        if str(text).startswith("$") or r"\alpha" in str(text):
            return str(text)
        return "".join(_LATEX.get(character, character) for character in str(text)).replace("−", "$-$")

    body = [" & ".join(escaped(cell) for cell in (name, *cells)) + r" \\" for name, cells in rows]
    first = next(number for number, (name, _) in enumerate(rows) if name == "Outcome")
    body.insert(first, r"\midrule")
    return "\n".join(
        [
            r"\begin{tabular}{l" + "r" * len(heads) + "}",
            r"\toprule",
            " & ".join(escaped(cell) for cell in ("", *heads)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            rf"\multicolumn{{{len(heads) + 1}}}{{l}}{{\footnotesize {escaped(note)}}} \\",
            r"\end{tabular}",
            "",
        ]
    )
