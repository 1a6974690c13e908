"""Which reports were expected, found, read, and read without a contradiction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head
from giakit.figures.style import colour, colours_between
from giakit.figures.wording import called, in_order, province_name, say
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = ("expected", "found", "read", "clean")


def coverage_data(table: pd.DataFrame, *, rows: str = "province", columns: str = "year") -> pd.DataFrame:
    """Expected and read reports by place and year, added up from a table of coverage.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`giakit.checks.coverage.coverage` gives: groups, ``expected, found, read, clean``.
    rows, columns : str
        Its columns to lay out.

    Returns
    -------
    pandas.DataFrame
        One row a cell: `rows`, `columns`, ``expected, found, read, clean`` (Int64), ``share_read`` (Float64).

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> table = pd.DataFrame({"province": ["x", "x"], "year": 2023, "tier": ["a", "b"], "expected": [4, 6],
    ...     "found": [4, 5], "read": [3, 5], "clean": [3, 4]})
    >>> coverage_data(table)[["expected", "read", "share_read"]].values.tolist()
    [[10, 8, 0.8]]
    """
    require(table, [rows, columns, *STEPS], "coverage")
    data = table.groupby([rows, columns], dropna=False, sort=True)[list(STEPS)].sum(min_count=1).reset_index()
    data = data.astype(dict.fromkeys(STEPS, "Int64"))
    return data.assign(share_read=(data["read"] / data["expected"]).astype("Float64"))


def coverage(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    rows: str = "province",
    columns: str = "year",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the share of expected reports that were read, by place and year.

    Parameters
    ----------
    table, rows, columns
        As in :func:`coverage_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        A heat map, the least covered rows at the bottom; in each cell the share read in per cent.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"province": ["x"], "year": 2023, "expected": 4, "found": 4, "read": 3, "clean": 3})
    >>> ax = coverage(table)
    >>> plt.close(ax.figure)
    """
    data = coverage_data(table, rows=rows, columns=columns)
    shares = data.pivot(index=rows, columns=columns, values="share_read").astype("float64")
    totals = data.groupby(rows)[["expected", "read"]].sum()
    order = (
        (totals["read"] / totals["expected"])
        .astype("float64")
        .sort_values(ascending=False, kind="stable")
        .index
    )
    shares = shares.loc[order]
    ax = axes(ax, height=1.1 + 0.165 * len(shares))
    lowest = min(0.5, float(np.floor(np.nanmin(shares.to_numpy()) * 10) / 10))
    mesh = ax.pcolormesh(
        shares.to_numpy(),
        cmap=colours_between("sequential"),
        vmin=lowest,
        vmax=1,
        edgecolors="white",
        linewidth=1.0,
    )
    for (y, x), value in np.ndenumerate(shares.to_numpy()):
        if not np.isnan(value):
            ax.text(
                x + 0.5,
                y + 0.5,
                f"{value * 100:.0f}",
                ha="center",
                va="center",
                fontsize=5.8,
                color="white" if value > 0.5 + lowest / 2 else colour("ink", "roles"),
            )
    names = [
        province_name(place, lang) if rows == "province" else called(place, rows, lang)
        for place in shares.index
    ]
    ax.set_yticks(
        np.arange(len(shares)) + 0.5,
        [
            f"{name}  {int(totals.loc[place, 'expected']):,}"
            for name, place in zip(names, shares.index, strict=True)
        ],
        fontsize=6,
    )
    ax.set_xticks(np.arange(shares.shape[1]) + 0.5, [str(name) for name in shares.columns])
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(
        mesh, ax=ax, shrink=0.5, aspect=18, pad=0.02, format=lambda value, _: f"{value * 100:.0f}%"
    )
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.set_label(say(lang, "share_read"), fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    expected, read = (int(data[name].sum()) for name in ("expected", "read"))
    head(
        ax,
        say(lang, "coverage_title") if title is None else title,
        say(lang, "coverage_note", expected=f"{expected:,}", read=f"{read:,}"),
    )
    finish(bar.ax, lang)
    return finish(ax, lang)


def coverage_steps_data(table: pd.DataFrame, *, by: str = "tier") -> pd.DataFrame:
    """Reports expected, found, read and clean, by a group.

    Parameters
    ----------
    table : pandas.DataFrame
        As in :func:`coverage_data`.
    by : str
        Column of groups.

    Returns
    -------
    pandas.DataFrame
        One row a group and step: `by`, ``step`` (str), ``reports`` (Int64), ``of_expected`` (Float64).

    Examples
    --------
    >>> table = pd.DataFrame({"tier": ["county"], "expected": 10, "found": 8, "read": 8, "clean": 6})
    >>> coverage_steps_data(table)["of_expected"].tolist()
    [1.0, 0.8, 0.8, 0.6]
    """
    require(table, [by, *STEPS], "coverage_steps")
    summed = table.groupby(by, sort=True)[list(STEPS)].sum(min_count=1)
    data = pd.Series(summed.rename_axis(columns="step").stack(), name="reports").reset_index()
    data["reports"] = data["reports"].astype("Int64")
    whole = summed["expected"].reindex(data[by]).to_numpy()
    return data.assign(
        of_expected=(data["reports"] / whole).astype("Float64"), step=data["step"].astype("str")
    )


def coverage_steps(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str = "tier",
    order: Sequence[str] | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw what became of the reports that were expected: found, read, read without a contradiction.

    Parameters
    ----------
    table, by
        As in :func:`coverage_steps_data`.
    order : sequence of str, optional
        Groups, in order.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One line a group; each step as a share of what was expected, with the number of reports.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = coverage_steps(pd.DataFrame({"tier": ["county"], "expected": 10, "found": 8, "read": 8, "clean": 6}))
    >>> plt.close(ax.figure)
    """
    data = coverage_steps_data(table, by=by)
    groups = list(order or in_order(data[by], by))
    ax = axes(ax, height=1.2 + 0.36 * len(groups))
    shades = ("band", "light", "main", "ink")
    inks = (colour("muted", "roles"), "#3B86B5", colour("main", "roles"), colour("ink", "roles"))
    for place, group in enumerate(groups):
        part = data[data[by] == group].set_index("step")
        for number, step in enumerate(STEPS):
            if step not in part.index or pd.isna(part.loc[step, "of_expected"]):
                continue
            share = float(part.loc[step, "of_expected"])
            ax.barh(
                place,
                share,
                height=0.74 - 0.19 * number,
                color=colour(shades[number], "roles"),
                zorder=number + 1,
            )
            told = f"{int(part.loc[step, 'reports']):,}"
            ax.annotate(
                told,
                (1.12 + 0.09 * number, place),
                ha="right",
                va="center",
                fontsize=SMALL,
                color=inks[number],
                annotation_clip=False,
            )
    for number, step in enumerate(STEPS):
        ax.annotate(
            say(lang, f"step_{step}"),
            (1.12 + 0.09 * number, -0.62),
            ha="right",
            va="center",
            fontsize=SMALL,
            fontweight="bold",
            color=inks[number],
            annotation_clip=False,
        )
    ax.set_yticks(range(len(groups)), [called(group, by, lang) for group in groups])
    ax.set_ylim(len(groups) - 0.5, -0.75)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.0f}%")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say(lang, "of_expected"))
    head(ax, say(lang, "steps_title") if title is None else title)
    return finish(ax, lang)
