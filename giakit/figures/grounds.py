"""Grounds of refusal: which body rests its refusals on what."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, rows
from giakit.figures.style import colour, colours_between
from giakit.figures.wording import called, count, say, together
from giakit.metrics.composition import ground_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Residual beyond which a cell is called out.
MARKED = 3.0


def grounds_by_group_data(
    frame: pd.DataFrame, *, by: str = "policy_area", parts: str = "grounds", overlap: str = "error"
) -> pd.DataFrame:
    """Share of each ground in each group, and how far it lies from what all groups together would give.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``.
    by : str
        Column of the groups (``policy_area``, ``tier``).
    parts : str
        A composition of :func:`giakit.metrics.ground_shares`.
    overlap : str
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a group and ground: `by`, ``part``, ``count, refusals, share, low, high, residual`` (Float64),
        ``n_reports`` (Int64). Groups without refusals are left out.

    Notes
    -----
    Standardised residuals of the table of counts (statsmodels), which take refusals as independent: within an
    agency they are alike, so that a residual of 2 is no finding.

    References
    ----------
    Agresti (2013), Categorical Data Analysis, 3.3.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> data = grounds_by_group_data(panel(agencies=60).requests)
    >>> data.groupby("policy_area")["share"].sum().round(6).unique().tolist()
    [1.0]
    """
    shares = ground_shares(frame, parts=parts, by=by, overlap=overlap)
    shares = shares[(shares["denominator"] > 0).fillna(False) & shares[by].notna()].reset_index(drop=True)
    shares = shares.rename(columns={"numerator": "count", "denominator": "refusals", "rate": "share"})
    counts = shares.pivot(index=by, columns="part", values="count").astype("float64")
    shares["residual"] = (
        _residuals(counts).stack().reindex(list(zip(shares[by], shares["part"], strict=True))).array
    )
    shares["residual"] = shares["residual"].astype("Float64")
    return shares[[by, "part", "count", "refusals", "share", "low", "high", "residual", "n_reports"]]


def _residuals(counts: pd.DataFrame) -> pd.DataFrame:
    from statsmodels.stats.contingency_tables import Table

    there = counts.loc[counts.sum(axis=1) > 0, counts.sum() > 0]
    result = pd.DataFrame(np.zeros(counts.shape), index=counts.index, columns=counts.columns)
    if min(there.shape) > 1:
        found = Table(there.to_numpy(), shift_zeros=False).standardized_resids
        result.loc[there.index, there.columns] = np.asarray(found)
    return result


def grounds_by_group(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str = "policy_area",
    parts: str = "grounds",
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the share of each ground in each group; colour says whether that is more or less than elsewhere.

    Parameters
    ----------
    frame, by, parts, overlap
        As in :func:`grounds_by_group_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Shares as numbers; in bold where the standardised residual is beyond 3.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = grounds_by_group(panel(agencies=60).requests)
    >>> plt.close(ax.figure)
    """
    data = grounds_by_group_data(frame, by=by, parts=parts, overlap=overlap)
    codes = list(dict.fromkeys(data["part"]))
    groups = list(dict.fromkeys(data[by]))
    ax = axes(ax, height=1.75 + 0.28 * len(groups))
    residuals = (
        data.pivot(index=by, columns="part", values="residual").loc[groups, codes].to_numpy(dtype="float64")
    )
    # Rectangles, not an image: an image is stretched on screens and prints with seams.
    mesh = ax.pcolormesh(
        np.clip(residuals, -6, 6),
        cmap=colours_between("diverging"),
        vmin=-6,
        vmax=6,
        edgecolors="white",
        linewidth=1.2,
    )
    for row in rows(data):
        x, y = codes.index(row.part) + 0.5, groups.index(row[0]) + 0.5
        strong = abs(float(row.residual)) > MARKED
        ink = "white" if abs(float(row.residual)) > 4.5 else colour("ink", "roles")
        ax.text(
            x,
            y,
            f"{float(row.share) * 100:.0f}%",
            ha="center",
            va="center",
            fontsize=SMALL,
            fontweight="bold" if strong else "normal",
            color=ink,
        )
    ax.set_xticks(
        np.arange(len(codes)) + 0.5,
        [fill(called(code, "outcome", lang), 11, break_long_words=False) for code in codes],
    )
    first = data.drop_duplicates(by).set_index(by)
    ax.set_yticks(
        np.arange(len(groups)) + 0.5,
        [f"{called(group, by, lang)}  (n = {float(first.loc[group, 'refusals']):,.0f})" for group in groups],
    )
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(mesh, ax=ax, shrink=0.8, aspect=18, pad=0.02, ticks=[-6, -3, 0, 3, 6])
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.set_label(say(lang, "residual"), fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    n_reports = int(first["n_reports"].sum())
    refused = say(lang, "refusals", n=f"{float(first['refusals'].sum()):,.0f}")
    counted = say(lang, "n_line", requests=refused, reports=count(lang, n_reports))
    note = together(lang, counted, say(lang, "residual_note"))
    head(ax, say(lang, "grounds_title") if title is None else title, note, above=26)
    finish(bar.ax, lang)
    return finish(ax, lang)
