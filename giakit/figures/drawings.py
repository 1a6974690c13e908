"""The few drawings that figures are made of: rows of intervals, heat maps, series over years, stacked bars, breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import FEW, ROUND_THE_POINT, Canvas, number, rows
from giakit.figures.style import SMALL, SMALLEST, colour, colours_between, ink_of, ink_on
from giakit.figures.wording import called
from giakit.forms import forms
from giakit.forms.breaks import breaks

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SERIES = ("main", "second", "third", "fourth", "muted", "light")


def interval_rows(
    canvas: Canvas,
    data: pd.DataFrame,
    *,
    value: str,
    low: str = "low",
    high: str = "high",
    n: str | None = None,
    places: Sequence[float] | None = None,
    shade: Callable[[Any], str] | str = "",
    marker: Callable[[Any], str] | str = "o",
    size: Callable[[Any], float] | float = 5.0,
    hollow: Callable[[Any], bool] | None = None,
    beside: Callable[[Any], Sequence[str]] | None = None,
    margin: Callable[[Any], Sequence[str]] | None = None,
    vertical: bool = False,
    thick: float = 2.0,
) -> None:
    """One dot and its interval a row; what is known of the row beside it, or right of the axes.

    A row whose n is below 10 is grey. The functions are asked row by row.
    """
    ax = canvas.ax
    default = colour("main", "roles")
    for order, row in enumerate(rows(data)):
        at = order if places is None else places[order]
        middle, ends = number(getattr(row, value)), [number(getattr(row, low)), number(getattr(row, high))]
        few = n is not None and number(getattr(row, n)) < FEW
        tint = colour("faint", "roles") if few else (shade(row) if callable(shade) else shade or default)
        if np.isfinite(ends).all():
            line = ([at, at], ends) if vertical else (ends, [at, at])
            ax.plot(*line, color=tint, linewidth=thick, solid_capstyle="butt", zorder=2)
        if np.isfinite(middle):
            point = (at, middle) if vertical else (middle, at)
            open_dot = hollow is not None and hollow(row)
            ax.plot(
                *point, marker=marker(row) if callable(marker) else marker, color=tint, linestyle="none",
                markersize=size(row) if callable(size) else size, markeredgewidth=0.9 if open_dot else 0.5,
                markerfacecolor="white" if open_dot else tint, markeredgecolor=tint if open_dot else "white",
                zorder=3, clip_on=False,
            )  # fmt: skip
            if beside is not None:
                right = np.nanmax([middle, ends[1]])
                if vertical:
                    canvas.text(
                        beside(row), at, middle, sides=ROUND_THE_POINT, gap=5, color=colour("muted", "roles")
                    )
                else:
                    canvas.text(beside(row), right, at, gap=6)
        if margin is not None:
            canvas.margin(margin(row), at)


def heat(
    canvas: Canvas,
    values: Any,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    texts: Sequence[Sequence[str]],
    limits: tuple[float, float],
    family: str = "sequential",
    bold: Any = None,
    bar: tuple[str, Mapping[float, str]] | None = None,
    top: bool = True,
) -> None:
    """A table in colours, its numbers in the cells that have room for them."""
    ax = canvas.ax
    shades = colours_between(family)
    table = np.ma.masked_invalid(np.asarray(values, dtype="float64"))
    # Rectangles, not an image: an image is stretched on screens and prints with seams.
    edge = (
        {"edgecolors": "white", "linewidth": 0.8}
        if len(rows) <= 60 and len(columns) <= 60
        else {"linewidth": 0}
    )
    mesh = ax.pcolormesh(table, cmap=shades, vmin=limits[0], vmax=limits[1], **edge)
    mesh.set_rasterized(False)
    if len(rows) * len(columns) <= 1500:
        for y, line in enumerate(texts):
            for x, text in enumerate(line):
                if not text:
                    continue
                known = not np.ma.is_masked(table[y, x])
                face = (
                    shades((table[y, x] - limits[0]) / max(limits[1] - limits[0], 1e-9)) if known else "white"
                )
                strong = bold is not None and bool(bold[y][x])
                canvas.text(
                    text, x + 0.5, y + 0.5, sides="centre", between=(x, x + 1, y, y + 1), color=ink_on(face[:3] if known else face),
                    weight="bold" if strong else "normal", fontsize=SMALL,
                )  # fmt: skip
    ax.set_xlim(0, len(columns))
    ax.set_ylim(len(rows), 0)
    canvas.row_names(rows, start=0.5)
    canvas.ticks("x", [place + 0.5 for place in range(len(columns))], columns, text=True)
    ax.tick_params(axis="x", length=0)
    if top:
        ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    if bar is not None:
        canvas.scale_bar(mesh, *bar)


def series(
    canvas: Canvas,
    data: pd.DataFrame,
    *,
    value: str,
    low: str | None = "low",
    high: str | None = "high",
    group: str | None = None,
    order: Sequence[Any] = (None,),
    n: str | None = None,
    name: Callable[[Any], str] = str,
    shade: Callable[[Any, int], str] | None = None,
    ink: Callable[[Any, int], str] | None = None,
    hollow: str | None = None,
) -> None:
    """One line a group over the years, its interval as a band, its name at its end.

    A year without a value breaks the line; a value whose n is below 10 is a grey dot.
    """
    ax = canvas.ax
    for place, code in enumerate(order):
        part = data if group is None or code is None else data[data[group] == code]
        part = part.dropna(subset=[value, "year"]).sort_values("year", kind="stable")
        if part.empty:
            continue
        tint = (
            shade(code, place) if shade else canvas.shade(code, colour(SERIES[place % len(SERIES)], "roles"))
        )
        years = part["year"].to_numpy(dtype="int64")
        values = part[value].to_numpy(dtype="float64", na_value=np.nan)
        every = np.arange(years[0], years[-1] + 1)
        whole = pd.Series(values, years).groupby(level=0).last().reindex(every)
        if low is not None and high is not None:
            bounds = [
                pd.Series(part[name].to_numpy(dtype="float64", na_value=np.nan), years)
                .groupby(level=0)
                .last()
                .reindex(every)
                for name in (low, high)
            ]
            ax.fill_between(every, bounds[0], bounds[1], color=tint, alpha=0.18, linewidth=0, zorder=1.5)
            alone = whole.notna() & whole.shift().isna() & whole.shift(-1).isna()
            ax.vlines(
                every[alone],
                bounds[0][alone],
                bounds[1][alone],
                color=tint,
                alpha=0.35,
                linewidth=3,
                zorder=1.5,
            )
        ax.plot(every, whole, color=tint, zorder=2)
        few = (
            np.zeros(len(part), bool)
            if n is None
            else (part[n].to_numpy(dtype="float64", na_value=np.nan) < FEW)
        )
        open_dots = np.zeros(len(part), bool) if hollow is None else part[hollow].to_numpy(dtype=bool)
        for year, height, small, empty in zip(years, values, few, open_dots, strict=True):
            edge = colour("faint", "roles") if small else tint
            ax.plot(
                year, height, MARKERS[place % len(MARKERS)], color=edge, markersize=4, markeredgewidth=0.9,
                markerfacecolor="white" if empty else edge, zorder=3, clip_on=False,
            )  # fmt: skip
        label = name(code)
        if label:
            canvas.end(label, values[-1], color=ink(code, place) if ink else _readable(tint, place))


def _readable(tint: str, place: int) -> str:
    """The colour of a line for letters: darker where the palette's is too pale."""
    role = SERIES[place % len(SERIES)]
    return ink_of(role, "roles") if tint == colour(role, "roles") else tint


def stacked_rows(
    canvas: Canvas,
    shares: pd.DataFrame,
    *,
    shade: Callable[[str], str],
    text: Callable[[Any, str], str],
    height: float = 0.72,
) -> None:
    """Bars of 100 per cent: one row of the frame a bar, one column a part; the text where it has room."""
    for bar, (label, row) in enumerate(shares.iterrows()):
        start = 0.0
        for part, share in row.items():
            if pd.isna(share):
                continue
            canvas.ax.barh(
                bar,
                float(share),
                left=start,
                height=height,
                color=shade(str(part)),
                edgecolor="white",
                linewidth=0.8,
            )
            if share > 0:
                end = start + float(share)
                canvas.text(
                    text(label, str(part)), (start + end) / 2, bar, sides="centre", between=(start, end),
                    color=ink_on(shade(str(part))),
                )  # fmt: skip
            start += float(share)
    canvas.ax.set_ylim(max(len(shares), 1) - 0.45, -0.6)


def log_pair(canvas: Canvas, largest: float) -> None:
    """Two counts against each other on scales of log(1 + x), so that zeros have a place, and the line where they are equal."""
    ax, top = canvas.ax, max(10.0, largest * 1.4)
    ax.plot([0, top], [0, top], color=colour("muted", "roles"), linewidth=0.7, zorder=1)
    for setter in (ax.set_xscale, ax.set_yscale):
        setter("function", functions=(lambda x: np.log1p(np.maximum(x, 0)), np.expm1))
    places = [tick for tick in (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000) if tick <= top]
    for axis in ("x", "y"):
        canvas.ticks(axis, places, [f"{tick:,}" for tick in places])
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    ax.set_aspect("equal", adjustable="box")


def breaks_behind(
    ax: Any,
    item: str | None,
    years: Iterable[int],
    *,
    lang: str = "en",
    bands: bool = True,
    canvas: Canvas | None = None,
) -> Any:
    """Shade every other form generation and draw a line at each break that touches an item.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes with report years on x, its limits of y settled.
    item : str or None
        An item of the crosswalk (``new``, ``suit_direct.total``); None draws all breaks.
    years : iterable of int
        First and last of them limit what is drawn.
    lang : {"en", "zh"}
        Language of the labels.
    bands : bool
        Whether generations of the form are shaded and named.
    canvas : Canvas, optional
        The canvas of the figure behind which the breaks are drawn; by default one of their own.

    Returns
    -------
    matplotlib.axes.Axes

    References
    ----------
    :func:`giakit.forms.breaks`, which names the documents.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> ax = breaks_behind(ax, "new", [2018, 2025])
    >>> len(ax.lines)
    2
    >>> plt.close(figure)
    """
    listed = sorted(years)
    if not listed:
        return ax
    canvas = canvas or Canvas("breaks_behind", ax, {"lang": lang}, height=3.0)
    first, last = listed[0] - 0.5, listed[-1] + 0.5
    muted = colour("muted", "roles")
    within = {
        year: labels for year, labels in _break_lines(item).items() if first < year - 0.5 < last
    }  # fmt: skip
    edges = [*sorted(within), last + 0.5]
    for year, labels in within.items():
        ax.axvline(
            year - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5
        )
        named = ", ".join(called(label, "break", lang) for label in labels)
        after = next(edge for edge in edges if edge > year)
        canvas.text(
            named, year - 0.5, 0.985, sides=("corner", "upright"), gap=3, fontsize=SMALLEST, color=muted,
            coords=("data", "axes fraction"), behind=True, between=(year - 0.5, after - 0.5),
        )  # fmt: skip
    if bands:
        for place, form in enumerate(sorted(forms().values(), key=lambda known: known.since)):
            start, end = max(first, form.since - 0.5), min(last, (form.until or 9999) + 0.5)
            if form.id == "local" or start >= end:
                continue
            if place % 2 == 0:
                ax.axvspan(start, end, color=colour("band", "roles"), zorder=0, linewidth=0)
            canvas.text(
                called(f"form_{form.id}", "break", lang), start, 0.0, sides="above right", gap=3, fontsize=SMALLEST,
                color=muted, coords=("data", "axes fraction"), between=(start, end), behind=True,
            )  # fmt: skip
    return ax


def room_above(ax: Any, share: float = 0.16) -> None:
    """Raise the upper limit of y so that the labels of the breaks stand above the data."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log":
        ax.set_ylim(low, high * (high / low) ** share)
    else:
        ax.set_ylim(low, high + (high - low) * share)


def _break_lines(item: str | None) -> dict[int, list[str]]:
    """Breaks of law and count by the first report year they show in; a form's change is its band's edge."""
    lines: dict[int, list[str]] = {}
    for row in rows(breaks(item)):
        if row.kind != "form" and row.checked:
            lines.setdefault(int(row.report_year), []).append(str(row[0]))
    return lines
