"""From requests to reconsideration, suit and correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent, rows
from giakit.figures.style import colour
from giakit.figures.wording import count, say, together, words
from giakit.metrics.eventstudy import event_study as study_table
from giakit.metrics.remedies import direct_suit_share
from giakit.metrics.remedies import remedy_pyramid as pyramid_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def remedy_pyramid_data(
    frame: pd.DataFrame, *, by: str | None = None, overlap: str = "error"
) -> pd.DataFrame:
    """Requests closed, adverse outcomes, reconsiderations, suits, corrections: :func:`giakit.metrics.remedy_pyramid`.

    Examples
    --------
    >>> frame = pd.DataFrame({"closed": [3050.0], "granted": [1362.0], "reconsideration.total": [351.0],
    ...     "suit_direct.total": [26.0], "suit_after.total": [20.0], "reconsideration.corrected": [64.0],
    ...     "suit_direct.corrected": [4.0], "suit_after.corrected": [1.0]})
    >>> remedy_pyramid_data(frame)["count"].tolist()
    [3050.0, 1688.0, 351.0, 46.0, 69.0]
    """
    return pyramid_table(frame, by=by, overlap=overlap)


def remedy_pyramid(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the remedy pyramid on a logarithmic scale.

    Parameters
    ----------
    frame : pandas.DataFrame
        Requests with remedies beside them (:func:`giakit.metrics.join_tables`).
    overlap, ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One bar a stage, its count and how many there are per 100 requests closed.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> frame = pd.DataFrame({"closed": [3050.0], "granted": [1362.0], "reconsideration.total": [351.0],
    ...     "suit_direct.total": [26.0], "suit_after.total": [20.0], "reconsideration.corrected": [64.0],
    ...     "suit_direct.corrected": [4.0], "suit_after.corrected": [1.0]})
    >>> ax = remedy_pyramid(frame)
    >>> len(ax.patches)
    5
    >>> plt.close(ax.figure)
    """
    data = remedy_pyramid_data(frame, overlap=overlap)
    ax = axes(ax, height=2.5)
    shades = [
        colour("faint", "roles"),
        colour("unable"),
        colour("light", "roles"),
        colour("main", "roles"),
        colour("second", "roles"),
    ]
    said = words("stage", lang)
    if data.empty:
        head(ax, title or say(lang, "pyramid_title"), say(lang, "nothing"))
        return finish(ax, lang)
    counts = data["count"].to_numpy(dtype="float64")
    # On a logarithmic scale nothing has no length: bars start at a half, so that one case is seen.
    ax.barh(range(len(data)), np.maximum(counts, 0.5) - 0.5, left=0.5, color=shades, height=0.7)
    for place, row in enumerate(rows(data)):
        told = f"{float(row.count):,.0f}"
        if place and not pd.isna(row.per_closed):
            told += "   " + say(lang, "per_100", n=f"{float(row.per_closed) * 100:.1f}")
        ax.annotate(
            told,
            (max(float(row.count), 0.5), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    ax.set_xscale("log")
    ax.set_xlim(0.5, max(10.0, counts.max()) * 40)
    ticks = [tick for tick in (1, 10, 100, 1000, 10000, 100000, 1000000) if tick <= counts.max() * 2]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    ax.set_yticks(range(len(data)), [said[stage] for stage in data["stage"]])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say(lang, "log_count"))
    note = together(lang, count(lang, int(data["n_reports"].iloc[0])), say(lang, "pyramid_note"))
    head(ax, say(lang, "pyramid_title") if title is None else title, note)
    return finish(ax, lang)


def direct_suits_data(frame: pd.DataFrame, *, overlap: str = "error") -> pd.DataFrame:
    """Share of suits brought without reconsideration, by year: :func:`giakit.metrics.direct_suit_share`.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "suit_direct.total": [26.0], "suit_after.total": [20.0]})
    >>> direct_suits_data(frame)["rate"].round(3).tolist()
    [0.565]
    """
    return direct_suit_share(frame, by="year", overlap=overlap)


def direct_suits(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the share of direct suits over the years, the years of legal uncertainty shaded.

    Parameters
    ----------
    frame, overlap, ax, lang, title
        As in :func:`remedy_pyramid`; the frame holds ``year``.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = direct_suits(panel(agencies=40).remedies)
    >>> plt.close(ax.figure)
    """
    data = direct_suits_data(frame, overlap=overlap).dropna(subset=["rate", "year"])
    ax = axes(ax, columns=1, height=2.7)
    years = data["year"].to_numpy(dtype="int64")
    rate, low, high = (
        data[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("rate", "low", "high")
    )
    ax.axvspan(2023.5, 2025.5, color=colour("band", "roles"), zorder=0, linewidth=0)
    ax.errorbar(
        years,
        rate,
        yerr=[np.clip(rate - low, 0, None), np.clip(high - rate, 0, None)],
        fmt="o-",
        color=colour("main", "roles"),
        elinewidth=1.0,
        capsize=2,
    )
    for year, value, n in zip(years, rate, data["denominator"], strict=True):
        ax.annotate(
            f"{float(n):,.0f}",
            (year, value),
            xytext=(4, 5),
            textcoords="offset points",
            fontsize=5.8,
            color=colour("muted", "roles"),
        )
    ax.set_ylim(0, 1.02)
    ax.set_xlim(min([*years, 2023]) - 0.5, max([*years, 2025]) + 0.5)
    ax.set_xticks(sorted({*years.tolist()}))
    percent(ax, "y")
    ax.set_ylabel(say(lang, "direct_share"))
    ax.text(
        2024.5,
        0.98,
        say(lang, "uncertain_band"),
        ha="center",
        va="top",
        fontsize=5.8,
        color=colour("muted", "roles"),
    )
    head(
        ax,
        say(lang, "direct_title") if title is None else title,
        say(lang, "direct_note", n=f"{float(data['denominator'].sum()):,.0f}"),
    )
    return finish(ax, lang)


def event_study_data(frame: pd.DataFrame, *, outcome: str, event: int, **options: Any) -> pd.DataFrame:
    """Coefficients of a dose in each year: :func:`giakit.metrics.event_study`.

    Examples
    --------
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> event_study_data(frame, outcome="y", event=2024)["time"].tolist()
    [2022, 2023, 2024]
    """
    return study_table(frame, outcome, event=event, **options)


def event_study(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    outcome: str,
    event: int,
    truth: float | None = None,
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw the coefficients of a dose before and after an event.

    Parameters
    ----------
    frame, outcome, event, **options
        As in :func:`giakit.metrics.event_study`.
    truth : float, optional
        The effect that simulated data were made with, drawn as a line.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Open dot: the year of reference. The note gives the joint test of the years before.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> agencies = [("a", "x", 0.0), ("b", "x", 1.0), ("c", "y", 2.0), ("d", "z", 3.0)]
    >>> frame = pd.DataFrame([(a, p, d, t, d * (t >= 2024) + t / 10) for a, p, d in agencies
    ...     for t in (2022, 2023, 2024)], columns=["agency_id", "province", "dose", "year", "y"])
    >>> ax = event_study(frame, outcome="y", event=2024)
    >>> plt.close(ax.figure)
    """
    data = event_study_data(frame, outcome=outcome, event=event, **options)
    ax = axes(ax, height=2.9)
    shade = colour("main", "roles")
    ax.axhline(0, color=colour("ink", "roles"), linewidth=0.6)
    ax.axvline(event - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)))
    if truth is not None:
        ax.plot(
            [event - 0.5, data["time"].max() + 0.4],
            [truth, truth],
            color=colour("second", "roles"),
            linewidth=0.9,
        )
        ax.annotate(
            say(lang, "truth"),
            (data["time"].max() + 0.4, truth),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour("second", "roles"),
            annotation_clip=False,
        )
    for row in rows(data):
        if row.reference:
            ax.plot(row.time, 0, "o", color=shade, markerfacecolor="white", markersize=5)
            continue
        ax.plot([row.time, row.time], [row.low, row.high], color=shade, linewidth=1.2)
        ax.plot(row.time, row.estimate, "o", color=shade, markersize=5)
    ax.set_xticks(data["time"], [str(year) for year in data["time"]])
    ax.set_xlim(data["time"].min() - 0.5, data["time"].max() + 0.5)
    ax.set_ylabel(say(lang, "effect"))
    first = data.iloc[0]
    p = first["pre_trend_p"]
    note = say(
        lang, "event_note", n=f"{int(first['n_observations']):,}", units=f"{int(first['n_units']):,}",
        clusters=int(first["n_clusters"]), p="–" if pd.isna(p) else f"{p:.2f}",
    )  # fmt: skip
    head(ax, say(lang, "event_title") if title is None else title, note)
    return finish(ax, lang)
