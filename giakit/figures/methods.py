"""How an estimate was made: an event study year by year, and the same estimate under every defensible choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import grid_below, interval_rows, values_of
from giakit.figures.style import SMALLEST, colour, ink_of
from giakit.metrics.counts import require

RESULT = ("estimate", "low", "high", "p_value", "n", "problem", "rank")


@twin
def event_study_data(
    frame: pd.DataFrame, *, outcome: str, event: int, truth: float | None = None, **options: Any
) -> pd.DataFrame:  # fmt: skip
    """Coefficients of a dose in each year: :func:`giakit.metrics.event_study`; `truth` is drawn as a line.

    Examples
    --------
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> event_study_data(frame, outcome="y", event=2024)["time"].tolist()
    [2022, 2023, 2024]
    """
    return metrics.event_study(frame, outcome, event=event, **options)


@drawing(event_study_data, n="n_agency_years", height=2.9, interval="clustered")
def event_study(canvas: Canvas, data: pd.DataFrame, *, event: int, truth: float | None) -> list[str]:
    """Draw the coefficients of a dose before and after an event.

    Open dot: the year of reference. The caption gives the joint test of the years before.
    """
    canvas.ax.axhline(0, color=colour("ink", "roles"), linewidth=0.6)
    canvas.ax.axvline(event - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)))
    if truth is not None:
        ends = [event - 0.5, float(data["time"].max()) + 0.5]
        canvas.ax.plot(ends, [truth, truth], color=colour("second", "roles"), linewidth=1.1)
        canvas.margin(canvas.say("truth"), truth, color=ink_of("second", "roles"))
    interval_rows(
        canvas, data, value="estimate", places=[float(year) for year in data["time"]], vertical=True, thick=1.2,
        hollow=lambda row: bool(row.reference), shade=canvas.shade("estimate", colour("main", "roles")),
    )  # fmt: skip
    canvas.years(data["time"])
    canvas.ax.set_ylabel(canvas.say("effect"))
    first = data.iloc[0]
    counts = {
        "n": f"{int(first['n_observations']):,}",
        "units": f"{int(first['n_units']):,}",
        "clusters": int(first["n_clusters"]),
    }
    p = "–" if pd.isna(first["pre_trend_p"]) else f"{first['pre_trend_p']:.2f}"
    return [canvas.say("event_note", p=p, **counts)]


@twin
def specification_curve_data(
    curve: pd.DataFrame, *, scale: float = 1.0, label: str | None = None, truth: float | None = None
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


@drawing(
    specification_curve_data, n="n_reports", interval="clustered",
    height=lambda data: 2.4 + 0.15 * sum(data[name].nunique() for name in data.columns if name not in RESULT),
)  # fmt: skip
def specification_curve(
    canvas: Canvas, data: pd.DataFrame, *, scale: float, label: str | None, truth: float | None
) -> list[str]:  # fmt: skip
    """Draw estimates in order, and below them which choices make each.

    Estimates above, a grid of dots below; combinations without an estimate, or without an interval, are counted in
    the caption.
    """
    known = data[data["estimate"].notna()].reset_index(drop=True)
    without = int((known["low"].isna() | known["high"].isna()).sum())
    note = canvas.say("curve_note", n=len(known), failed=len(data) - len(known), without=without)
    if known.empty:
        return [*canvas.empty(), note]
    values, low, high = (values_of(known[name]) * scale for name in ("estimate", "low", "high"))
    x = np.arange(len(known))
    canvas.ax.vlines(x, low, high, color=colour("light", "roles"), linewidth=1.4)
    canvas.ax.plot(x, values, "o", color=canvas.shade("estimate", colour("main", "roles")), markersize=2.8)
    spread = [*values, *low, *high, *([] if truth is None else [truth * scale])]
    bottom, top = float(np.nanmin(spread)), float(np.nanmax(spread))
    top = max(top, bottom + max(1e-9, abs(top) * 1e-3))
    if truth is not None:
        canvas.ax.axhline(truth * scale, color=colour("second", "roles"), linewidth=0.8)
        canvas.margin(canvas.say("truth"), truth * scale, color=ink_of("second", "roles"))
    picked = [name for name in data.columns if name not in RESULT and data[name].astype(str).nunique() > 1]
    lines = [
        (name, canvas.name(f"{name}={'all' if pd.isna(value) else value}", "choice"), _holds(known[name], value))
        for name in picked
        for value in dict.fromkeys(None if pd.isna(held) else held for held in data[name])
    ]
    named = label or canvas.say("estimate")
    grid_below(canvas, lines, bottom=bottom, top=top, step=(top - bottom) * 0.09, label=named, marker="|")
    canvas.ax.tick_params(axis="y", labelsize=SMALLEST)
    canvas.ax.set_xlim(-1, len(known))
    return [note]


def _holds(column: pd.Series, value: Any) -> Any:
    return (column.isna() if value is None else column == value).to_numpy(dtype=bool)
