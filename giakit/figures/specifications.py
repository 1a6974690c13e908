"""The same estimate under every defensible choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head
from giakit.figures.style import colour
from giakit.figures.wording import called, say
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULT = ("estimate", "low", "high", "p_value", "n", "problem", "rank")


def specification_curve_data(curve: pd.DataFrame) -> pd.DataFrame:
    """The choices and estimates drawn, in order: what :func:`giakit.metrics.specification_curve` gives.

    Examples
    --------
    >>> curve = pd.DataFrame({"blank": ["closes"], "estimate": [0.5], "low": [0.4], "high": [0.6], "n": [9], "rank": [1]})
    >>> len(specification_curve_data(curve))
    1
    """
    require(curve, ["estimate", "low", "high", "rank"], "specification_curve")
    return curve.sort_values("rank", kind="stable", ignore_index=True)


def specification_curve(
    curve: pd.DataFrame,
    ax: Axes | None = None,
    *,
    scale: float = 1.0,
    label: str | None = None,
    truth: float | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw estimates in order, and below them which choices make each.

    Parameters
    ----------
    curve : pandas.DataFrame
        What :func:`giakit.metrics.specification_curve` gives.
    scale : float
        Factor on the estimates (100 for per cent).
    label : str, optional
        Name of the estimate.
    truth : float, optional
        The value that simulated data were made with.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Estimates above, a grid of dots below; combinations without an estimate are counted in the note.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> curve = pd.DataFrame({"blank": ["closes", "missing"], "estimate": [0.5, 0.6], "low": [0.4, 0.5],
    ...     "high": [0.6, 0.7], "n": [9, 9], "rank": [1, 2]})
    >>> ax = specification_curve(curve)
    >>> plt.close(ax.figure)
    """
    data = specification_curve_data(curve)
    choices = [name for name in data.columns if name not in RESULT and data[name].astype(str).nunique() > 1]
    known = data[data["estimate"].notna()].reset_index(drop=True)
    options = [
        (name, value)
        for name in choices
        for value in dict.fromkeys(data[name].astype(object).where(data[name].notna(), None))
    ]
    ax = axes(ax, height=2.5 + 0.135 * (len(options) + len(choices)))
    shade = colour("main", "roles")
    values, low, high = (
        known[name].to_numpy(dtype="float64", na_value=float("nan")) * scale
        for name in ("estimate", "low", "high")
    )
    if not len(known):
        head(ax, title or say(lang, "curve_title"), say(lang, "nothing"))
        return finish(ax, lang)
    ax.vlines(range(len(known)), low, high, color=colour("light", "roles"), linewidth=1.4)
    ax.plot(range(len(known)), values, "o", color=shade, markersize=2.8)
    finite_low = pd.Series(low).fillna(pd.Series(values)).min()
    finite_high = pd.Series(high).fillna(pd.Series(values)).max()
    if truth is not None:
        ax.axhline(truth * scale, color=colour("second", "roles"), linewidth=0.8, xmax=1.0)
        ax.annotate(
            say(lang, "truth"),
            (1, truth * scale),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            fontsize=SMALL,
            color=colour("second", "roles"),
            va="center",
            annotation_clip=False,
        )
        finite_low, finite_high = min(finite_low, truth * scale), max(finite_high, truth * scale)
    height = max(finite_high - finite_low, 1e-9)
    step = height * 0.075
    y = finite_low - 1.6 * step
    for number, name in enumerate(choices):
        for value in dict.fromkeys(data[name].astype(object).where(data[name].notna(), None)):
            column = known[name].astype(object).where(known[name].notna(), None)
            hit = [place for place, found in enumerate(column) if found == value]
            ax.plot(
                range(len(known)),
                [y] * len(known),
                "|",
                color=colour("band", "roles"),
                markersize=3,
                zorder=0,
            )
            ax.plot(hit, [y] * len(hit), "|", color=colour("ink", "roles"), markersize=4, markeredgewidth=0.9)
            ax.annotate(
                called(_code(name, value), "choice", lang),
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=5.8,
                annotation_clip=False,
            )
            y -= step
        if number < len(choices) - 1:
            ax.axhline(y + 0.25 * step, color=colour("band", "roles"), linewidth=0.6)
            y -= 0.5 * step
    ax.set_ylim(y, finite_high + 0.06 * height)
    ticks = [
        tick for tick in ax.get_yticks() if finite_low - 0.3 * step <= tick <= finite_high + 0.06 * height
    ]
    ax.set_yticks(ticks)
    ax.spines["left"].set_bounds(finite_low, finite_high)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(-1, len(known))
    ax.set_ylabel(label or say(lang, "estimate"), y=0.78)
    head(
        ax,
        say(lang, "curve_title") if title is None else title,
        say(lang, "curve_note", n=len(known), failed=len(data) - len(known)),
    )
    return finish(ax, lang)


def _code(name: str, value: object) -> str:
    return f"{name}={'all' if value is None else value}"
