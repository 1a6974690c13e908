"""How an estimate was made: an event study year by year, and the same estimate under every defensible choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas, Look, drawing
from giakit.figures.drawings import interval_rows
from giakit.figures.style import SMALLEST, colour, ink_of
from giakit.figures.wording import called
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULT = ("estimate", "low", "high", "p_value", "n", "problem", "rank")


def event_study_data(
    frame: pd.DataFrame,
    *,
    outcome: str,
    event: int,
    truth: float | None = None,
    lang: str = "en",
    title: str | None = None,
    note: bool = False,
    color: Any = None,
    labels: Any = None,
    **options: Any,
) -> pd.DataFrame:
    """Coefficients of a dose in each year: :func:`giakit.metrics.event_study`.

    Examples
    --------
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> event_study_data(frame, outcome="y", event=2024)["time"].tolist()
    [2022, 2023, 2024]
    """
    return metrics.event_study(frame, outcome, event=event, **options)


@drawing(event_study_data)
def event_study(
    canvas: Canvas, data: pd.DataFrame, *, event: int, truth: float | None, **options: Any
) -> Axes:
    """Draw the coefficients of a dose before and after an event.

    Open dot: the year of reference. The caption gives the joint test of the years before.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> ax = event_study(frame, outcome="y", event=2024)
    >>> plt.close(ax.figure)
    """
    canvas.size(height=2.9)
    ax = canvas.ax
    ax.axhline(0, color=colour("ink", "roles"), linewidth=0.6)
    ax.axvline(event - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)))
    if truth is not None:
        ax.plot(
            [event - 0.5, float(data["time"].max()) + 0.5],
            [truth, truth],
            color=colour("second", "roles"),
            linewidth=1.1,
        )
        canvas.margin(canvas.say("truth"), truth, color=ink_of("second", "roles"))
    interval_rows(
        canvas, data, value="estimate", places=[float(year) for year in data["time"]], vertical=True, thick=1.2,
        hollow=lambda row: bool(row.reference), shade=canvas.shade("estimate", colour("main", "roles")),
    )  # fmt: skip
    canvas.years(data["time"])
    ax.set_ylabel(canvas.say("effect"))
    first = data.iloc[0]
    tested = canvas.say(
        "event_note", n=f"{int(first['n_observations']):,}", units=f"{int(first['n_units']):,}", clusters=int(first["n_clusters"]),
        p="–" if pd.isna(first["pre_trend_p"]) else f"{first['pre_trend_p']:.2f}",
    )  # fmt: skip
    interval = called("clustered", "interval", canvas.lang)
    return canvas.finish(
        data, canvas.say("event_title"), tested, n=canvas.say("n_agency_years"), interval=interval
    )


def specification_curve_data(
    curve: pd.DataFrame, *, scale: float = 1.0, label: str | None = None, truth: float | None = None, **look: Unpack[Look]
) -> pd.DataFrame:  # fmt: skip
    """The choices and estimates drawn, in order: what :func:`giakit.metrics.specification_curve` gives.

    Examples
    --------
    >>> curve = pd.DataFrame({"blank": ["closes"], "estimate": [0.5], "low": [0.4], "high": [0.6], "n": [9], "rank": [1]})
    >>> len(specification_curve_data(curve))
    1
    """
    require(curve, ["estimate", "low", "high", "rank"], "specification_curve")
    return curve.sort_values("rank", kind="stable", ignore_index=True)


@drawing(specification_curve_data)
def specification_curve(
    canvas: Canvas,
    data: pd.DataFrame,
    *,
    scale: float,
    label: str | None,
    truth: float | None,
    **options: Any,
) -> Axes:
    """Draw estimates in order, and below them which choices make each.

    Estimates above, a grid of dots below; combinations without an estimate, or without an interval, are counted in
    the caption.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> curve = pd.DataFrame({"blank": ["closes", "missing"], "estimate": [0.5, 0.6], "low": [0.4, 0.5],
    ...     "high": [0.6, 0.7], "n": [9, 9], "rank": [1, 2]})
    >>> ax = specification_curve(curve)
    >>> plt.close(ax.figure)
    """
    known = data[data["estimate"].notna()].reset_index(drop=True)
    picked = [
        (name, value)
        for name in data.columns
        if name not in RESULT and data[name].astype(str).nunique() > 1
        for value in dict.fromkeys(_plain(data[name]))
    ]
    canvas.size(height=2.4 + 0.15 * len(picked))
    without = int((known["low"].isna() | known["high"].isna()).sum())
    note = canvas.say("curve_note", n=len(known), failed=len(data) - len(known), without=without)
    if known.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("curve_title"), note, n=canvas.say("n_reports"), interval="")
    ax = canvas.ax
    values, low, high = (
        known[name].to_numpy(dtype="float64", na_value=np.nan) * scale for name in ("estimate", "low", "high")
    )
    x = np.arange(len(known))
    ax.vlines(x, low, high, color=colour("light", "roles"), linewidth=1.4)
    ax.plot(x, values, "o", color=canvas.shade("estimate", colour("main", "roles")), markersize=2.8)
    spread = [*values, *low, *high, *([] if truth is None else [truth * scale])]
    bottom, top = float(np.nanmin(spread)), float(np.nanmax(spread))
    height = max(top - bottom, 1e-9, abs(top) * 1e-3)
    if truth is not None:
        ax.axhline(truth * scale, color=colour("second", "roles"), linewidth=0.8)
        canvas.margin(canvas.say("truth"), truth * scale, color=ink_of("second", "roles"))
    step, names, places = height * 0.09, [], []
    y, before = bottom - 1.6 * step, picked[0][0] if picked else ""
    for name, value in picked:
        if name != before:
            ax.axhline(y + 0.3 * step, color=colour("band", "roles"), linewidth=0.6)
            y, before = y - 0.6 * step, name
        hit = np.flatnonzero([held == value for held in _plain(known[name])])
        ax.plot(x, np.full(len(x), y), "|", color=colour("band", "roles"), markersize=3, zorder=0)
        ax.plot(
            hit, np.full(len(hit), y), "|", color=colour("ink", "roles"), markersize=4, markeredgewidth=0.9
        )
        names.append(canvas.name(f"{name}={'all' if value is None else value}", "choice"))
        places.append(y)
        y -= step
    ax.set_ylim(y, top + 0.06 * height)
    ticks = [tick for tick in ax.get_yticks() if bottom - 0.3 * step <= tick <= top + 0.06 * height]
    canvas.ticks(
        "y", [*places, *ticks], [*names, *(f"{tick:,.6g}".replace("-", "−") for tick in ticks)], text=True
    )
    ax.tick_params(axis="y", length=0, labelsize=SMALLEST)
    ax.spines["left"].set_bounds(bottom, top)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(-1, len(known))
    canvas.text(
        label or canvas.say("estimate"),
        0,
        1,
        coords="axes fraction",
        sides="corner",
        gap=4,
        color=colour("muted", "roles"),
    )
    interval = called("clustered", "interval", canvas.lang)
    return canvas.finish(data, canvas.say("curve_title"), note, n=canvas.say("n_reports"), interval=interval)


def _plain(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column]
