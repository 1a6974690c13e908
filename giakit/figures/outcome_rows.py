"""Every outcome of the form with its share and interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, rows
from giakit.figures.fate import fate_of_requests_data, ink_of
from giakit.figures.style import colour
from giakit.figures.wording import count, say, together, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def outcomes_data(frame: pd.DataFrame, *, overlap: str = "error", blank: str = "closes") -> pd.DataFrame:
    """Share of every row of outcomes among requests closed: ``fate_of_requests_data`` with ``detail="rows"``.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(outcomes_data(panel(agencies=20, years=[2023]).requests))
    21
    """
    return fate_of_requests_data(frame, detail="rows", overlap=overlap, blank=blank)


def outcomes(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    overlap: str = "error",
    blank: str = "closes",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the share of every outcome with its interval, in the form's order.

    Parameters
    ----------
    frame, overlap, blank
        As in :func:`fate_of_requests_data`.
    ax, lang, title
        As in :func:`fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One dot a row of the form; the scale of shares is a square root, so that small ones are seen.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = outcomes(panel(agencies=20, years=[2023]).requests)
    >>> len(ax.get_yticks())
    21
    >>> plt.close(ax.figure)
    """
    data = outcomes_data(frame, overlap=overlap, blank=blank)
    ax = axes(ax, height=4.1)
    said = words("outcome", lang)
    ax.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda x: np.square(x)))
    top = float(np.nanmax([data["high"].astype("float64").max(), data["share"].astype("float64").max(), 0.1]))
    for place, row in enumerate(rows(data)):
        shade = colour(str(row.group))
        if not pd.isna(row.low):
            ax.plot(
                [float(row.low), float(row.high)],
                [place, place],
                color=shade,
                linewidth=2.2,
                solid_capstyle="butt",
                zorder=2,
            )
        if not pd.isna(row.share):
            ax.plot(
                float(row.share),
                place,
                "o",
                color=shade,
                markeredgecolor="white",
                markeredgewidth=0.6,
                markersize=5,
                zorder=3,
            )
            right = max(float(row.share), 0.0 if pd.isna(row.high) else float(row.high))
            ax.annotate(
                f"{float(row.count):,.0f}",
                (right, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                color=colour("muted", "roles"),
            )
    labels = []
    for group, code in zip(data["group"], data["outcome"], strict=True):
        labels.append(
            said[group]
            if code == group
            else said[group] + say(lang, "within") + said[code]
            if _first(data, code)
            else said[code]
        )
    ax.set_yticks(range(len(data)), labels)
    for tick, group in zip(ax.get_yticklabels(), data["group"], strict=True):
        tick.set_color(ink_of(group))
    ax.set_ylim(len(data) - 0.4, -0.6)
    ticks = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0]
    ax.set_xticks([tick for tick in ticks if tick <= top * 1.2])
    ax.set_xlim(0, top * 1.2)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * 100:g}%")
    ax.grid(axis="x")
    ax.set_xlabel(say(lang, "share_closed"))
    reports = int(data["n_reports"].iloc[0])
    counted = count(lang, reports, float(data["closed"].iloc[0] if reports else 0))
    note = together(lang, counted, say(lang, "interval" if reports == 1 else "interval_clustered"))
    head(ax, say(lang, "outcomes_title") if title is None else title, note)
    return finish(ax, lang)


def _first(data: pd.DataFrame, code: str) -> bool:
    """Whether a row of the form is the first of its group."""
    group = data.loc[data["outcome"] == code, "group"].iloc[0]
    return bool(data.loc[data["group"] == group, "outcome"].iloc[0] == code)
