"""A map without boundaries: one square a province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, rows
from giakit.figures.style import colour, colours_between
from giakit.figures.wording import say
from giakit.metrics.counts import require
from giakit.metrics.shrinkage import shrunken_rates
from giakit.places import provinces, tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tile_map_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", minimum: float = 10, **options: Any
) -> pd.DataFrame:
    """Shrunken rates of the 31 provinces, and where each stands on the grid.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``province`` (official, short or English name).
    measure_name, **options
        As in :func:`giakit.metrics.shrunken_rates`.
    minimum : float
        Denominator below which a province gets no colour.

    Returns
    -------
    pandas.DataFrame
        One row a province: ``code, name, english, row, column``, then ``numerator, denominator, rate, shrunken,
        low, high`` (Float64), ``shown`` (bool); a province without reports has NA.

    Raises
    ------
    MissingColumns

    Notes
    -----
    Hong Kong, Macao and Taiwan make no reports under these Regulations and have no tile.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(tile_map_data(panel(agencies=60, years=[2023]).requests))
    31
    """
    require(frame, ["province"], "tile_map")
    table = provinces()
    by_name = {
        name: code
        for key in ("name", "short", "english")
        for name, code in zip(table[key], table["code"], strict=True)
    }
    coded = frame.assign(province=frame["province"].map(by_name))
    rates = shrunken_rates(coded[coded["province"].notna()], measure_name, unit="province", **options)
    kept = ["numerator", "denominator", "rate", "shrunken", "low", "high"]
    data = tiles().merge(rates.rename(columns={"province": "code"})[["code", *kept]], on="code", how="left")
    data["shown"] = (data["denominator"] >= minimum).fillna(False).astype(bool) & data["shrunken"].notna()
    return data.drop(columns="short").sort_values("code", ignore_index=True)


def tile_map(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure_name: str = "disclosure_rate",
    minimum: float = 10,
    wide: float = 0.25,
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw shrunken rates of the provinces as a grid of squares.

    Parameters
    ----------
    frame, measure_name, minimum, **options
        As in :func:`tile_map_data`.
    wide : float
        Width of a credible interval from which on a tile is hatched.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        White: no report or fewer than `minimum` requests; hatched: wide interval.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = tile_map(panel(agencies=60, years=[2023]).requests)
    >>> len(ax.patches)
    31
    >>> plt.close(ax.figure)
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    data = tile_map_data(frame, measure_name=measure_name, minimum=minimum, **options)
    ax = axes(ax, height=5.0)
    shown = data.loc[data["shown"], "shrunken"].astype("float64")
    low, high = (
        (float(np.floor(shown.min() * 20) / 20), float(np.ceil(shown.max() * 20) / 20))
        if len(shown)
        else (0.0, 1.0)
    )
    scale, shades = Normalize(low, max(high, low + 0.05)), colours_between("sequential")
    for row in rows(data):
        value = float(row.shrunken) if row.shown else float("nan")
        unsure = row.shown and float(row.high) - float(row.low) > wide
        face = shades(scale(value)) if row.shown else "white"
        dark = row.shown and scale(value) > 0.5
        edge = (
            colour("faint", "roles")
            if not row.shown
            else ("white" if not unsure else colour("faint" if dark else "muted", "roles"))
        )
        ax.add_patch(
            Rectangle(
                (row.column + 0.03, row.row + 0.03),
                0.94,
                0.94,
                facecolor=face,
                edgecolor=edge,
                linewidth=0.6,
                hatch="////" if unsure else None,
            )
        )
        ink = "white" if dark else colour("ink", "roles")
        name = row.name if lang == "zh" else row.english
        box = {"facecolor": face, "edgecolor": "none", "pad": 0.6} if unsure else None
        ax.text(
            row.column + 0.5,
            row.row + 0.28,
            _short(name, lang),
            ha="center",
            va="center",
            fontsize=5.8,
            color=ink,
            bbox=box,
        )
        if row.shown:
            ax.text(
                row.column + 0.5,
                row.row + 0.55,
                f"{value * 100:.0f}%",
                ha="center",
                va="center",
                fontsize=7.5,
                fontweight="bold",
                color=ink,
                bbox=box,
            )
            ax.text(
                row.column + 0.5,
                row.row + 0.8,
                f"{float(row.low) * 100:.0f}–{float(row.high) * 100:.0f}",
                ha="center",
                va="center",
                fontsize=5.3,
                color=ink,
                bbox=box,
            )
        else:
            told = "0" if pd.isna(row.denominator) else f"{float(row.denominator):,.0f}"
            ax.text(
                row.column + 0.5,
                row.row + 0.6,
                f"n = {told}",
                ha="center",
                va="center",
                fontsize=5.3,
                color=colour("muted", "roles"),
            )
    ax.set_xlim(data["column"].min(), data["column"].max() + 1)
    ax.set_ylim(data["row"].max() + 1, data["row"].min())
    ax.set_aspect("equal")
    ax.set_axis_off()
    bar = ax.figure.colorbar(
        ScalarMappable(scale, shades),
        ax=ax,
        shrink=0.45,
        aspect=16,
        pad=0.01,
        format=lambda value, _: f"{value * 100:.0f}%",
    )
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.set_label(
        say(lang, measure_name) if measure_name == "disclosure_rate" else measure_name, fontsize=SMALL
    )
    bar.ax.tick_params(labelsize=SMALL)
    note = say(
        lang,
        "map_note",
        n=f"{float(data['denominator'].sum()):,.0f}",
        wide=f"{wide * 100:.0f}",
        minimum=f"{minimum:g}",
    )
    head(ax, say(lang, "map_title") if title is None else title, note)
    finish(bar.ax, lang)
    return finish(ax, lang)


def _short(name: str, lang: str) -> str:
    if lang == "zh":
        return name[:3] if name.startswith(("内蒙古", "黑龙江")) else name[:2]
    return name.replace("Inner Mongolia", "Inner Mong.")
