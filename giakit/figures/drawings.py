"""The few drawings that figures are made of: rows of intervals, tables in colours, series over years, bars, dots, pairs, breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import FEW, ROUND_THE_POINT, Canvas, number, rows
from giakit.figures.style import SMALLEST, colour, colours_between, ink_of, ink_on
from giakit.figures.wording import called
from giakit.forms import forms
from giakit.forms.breaks import breaks

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SERIES = ("main", "second", "third", "fourth", "muted", "light")


def values_of(column: Any) -> Any:
    """A column as floats, NaN where it is missing."""
    return column.to_numpy(dtype="float64", na_value=np.nan)


def interval_rows(
    canvas: Canvas, data: pd.DataFrame, *, value: str, low: str = "low", high: str = "high", n: str | None = None,
    places: Sequence[float] | None = None, shade: Callable[[Any], str] | str = "", marker: Callable[[Any], str] | str = "o",
    size: Callable[[Any], float] | float = 5.0, hollow: Callable[[Any], bool] | None = None,
    beside: Callable[[Any], Sequence[str]] | None = None, margin: Callable[[Any], Sequence[str]] | None = None,
    vertical: bool = False, thick: float = 2.0,
) -> None:  # fmt: skip
    """One dot and its interval a row; what is known of the row beside it, or right of the axes.

    A row whose n is below 10 is grey. The functions are asked row by row.
    """
    for order, row in enumerate(rows(data)):
        at = order if places is None else places[order]
        middle, ends = number(getattr(row, value)), [number(getattr(row, low)), number(getattr(row, high))]
        few = n is not None and number(getattr(row, n)) < FEW
        tint = colour("faint" if few else "main", "roles")
        if not few and shade:
            tint = shade(row) if callable(shade) else shade
        if np.isfinite(ends).all():
            line = ([at, at], ends) if vertical else (ends, [at, at])
            canvas.ax.plot(*line, color=tint, linewidth=thick, solid_capstyle="butt", zorder=2)
        if np.isfinite(middle):
            is_hollow = hollow is not None and hollow(row)
            canvas.ax.plot(
                *((at, middle) if vertical else (middle, at)), marker=marker(row) if callable(marker) else marker, color=tint,
                linestyle="none", markersize=size(row) if callable(size) else size, markeredgewidth=0.9 if is_hollow else 0.5,
                markerfacecolor="white" if is_hollow else tint, markeredgecolor=tint if is_hollow else "white", zorder=3, clip_on=False,
            )  # fmt: skip
            if beside is not None and vertical:
                canvas.text(beside(row), at, middle, sides=ROUND_THE_POINT, gap=5, color=colour("muted", "roles"))
            elif beside is not None:
                canvas.text(beside(row), np.nanmax([middle, ends[1]]), at, gap=6)
        if margin is not None:
            canvas.margin(margin(row), at)


def cells(
    canvas: Canvas, faces: Any, *, rows: Sequence[str], columns: Sequence[str],
    texts: Sequence[Sequence[str]] = (), bold: Any = None, edge: str = "white", top: bool = True, wide: bool = True,
) -> None:  # fmt: skip
    """A table whose cells have these colours, and texts where they have room; `wide`: names of columns may be broken."""
    from matplotlib.colors import to_rgba_array

    ax = canvas.ax
    few = len(rows) <= 60 and len(columns) <= 60
    # Rectangles, not an image: an image is stretched on screens and prints with seams.
    shades = np.array([to_rgba_array(list(line)) for line in faces])
    ax.pcolormesh(shades, edgecolors=edge if few else "none", linewidth=0.8 if few else 0.0).set_rasterized(False)
    for y, line in enumerate(texts if len(rows) * len(columns) <= 1500 else ()):
        for x, text in enumerate(line):
            if text:
                canvas.text(
                    text, x + 0.5, y + 0.5, sides="centre", between=(x, x + 1, y, y + 1), color=ink_on(shades[y, x][:3]),
                    weight="bold" if bold is not None and bold[y][x] else "normal",
                )  # fmt: skip
    ax.set_xlim(0, len(columns))
    ax.set_ylim(len(rows), 0)
    canvas.row_names(rows, start=0.5)
    canvas.ticks("x", [place + 0.5 for place in range(len(columns))], columns, text=wide)
    ax.tick_params(axis="x", length=0)
    if top:
        ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)


def heat(
    canvas: Canvas, values: Any, *, limits: tuple[float, float], bar: tuple[str, Mapping[float, str]], family: str = "sequential",
    **table: Any,
) -> None:  # fmt: skip
    """A table of numbers in colours (:func:`cells`), with a bar that says which is which; white where there is none."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = ScalarMappable(Normalize(*limits), colours_between(family))
    known = np.asarray(values, dtype="float64")
    cells(canvas, [["white" if np.isnan(value) else scale.to_rgba(value) for value in line] for line in known], **table)
    canvas.scale_bar(scale, *bar)


def series(
    canvas: Canvas, data: pd.DataFrame, *, value: str, low: str | None = "low", high: str | None = "high", group: str | None = None,
    order: Sequence[Any] = (None,), n: str | None = None, name: Callable[[Any], str] = str,
    shade: Callable[[Any], str] | None = None, ink: Callable[[Any], str] | None = None,
) -> None:  # fmt: skip
    """One line a group over the years, its interval as a band, its name at its end.

    A year without a value breaks the line; a value whose n is below 10 is a grey dot.
    """
    ax = canvas.ax
    for place, code in enumerate(order):
        part = data if group is None or code is None else data[data[group] == code]
        part = part.dropna(subset=[value, "year"]).sort_values("year", kind="stable")
        if part.empty:
            continue
        role = SERIES[place % len(SERIES)]
        tint = shade(code) if shade else canvas.shade(code, colour(role, "roles"))
        years = part["year"].to_numpy(dtype="int64")
        every = np.arange(years[0], years[-1] + 1)
        wanted = [name for name in (value, low, high) if name is not None]
        whole = part[wanted].astype("float64").set_axis(years).groupby(level=0).last().reindex(every)
        if low is not None and high is not None:
            ax.fill_between(every, whole[low], whole[high], color=tint, alpha=0.18, linewidth=0, zorder=1.5)
            alone = whole[value].notna() & whole[value].shift().isna() & whole[value].shift(-1).isna()
            ends = (whole[name][alone] for name in (low, high))
            ax.vlines(every[alone], *ends, color=tint, alpha=0.35, linewidth=3, zorder=1.5)
        ax.plot(every, whole[value], color=tint, zorder=2)
        heights = values_of(part[value])
        few = np.zeros(len(part), bool) if n is None else values_of(part[n]) < FEW
        for year, height, small in zip(years, heights, few, strict=True):
            edge = colour("faint", "roles") if small else tint
            ax.plot(
                year,
                height,
                MARKERS[place % len(MARKERS)],
                color=edge,
                markersize=4,
                markeredgewidth=0.9,
                zorder=3,
                clip_on=False,
            )
        label = name(code)
        if label:
            # A pale line is named in a darker shade of its colour.
            readable = ink_of(role, "roles") if tint == colour(role, "roles") else tint
            canvas.end(label, heights[-1], color=ink(code) if ink else readable)


def over_forms(canvas: Canvas, years: Any, item: str, *, above: float = 0.16) -> None:
    """Years on x, and behind the data the generations of the form and what broke an item's series, named above the data."""
    listed = canvas.years(years)
    low, high = canvas.ax.get_ylim()
    log = canvas.ax.get_yscale() == "log"
    higher = high * (high / low) ** above if log else high + (high - low) * above
    # Shares end at 100 per cent.
    canvas.ax.set_ylim(low, max(high, min(higher, 1.0)) if canvas.is_share("y") else higher)
    breaks_behind(canvas.ax, item, listed, lang=canvas.lang, canvas=canvas)


def bars(
    canvas: Canvas, shares: Any, *, shade: Callable[[str], str], text: Callable[[Any, str], str], n: Sequence[Any] = ()
) -> None:  # fmt: skip
    """Bars of 100 per cent: one row of the frame a bar, one column a part, its text where it has room; n at the right."""
    for bar, (label, row) in enumerate(shares.iterrows()):
        start = 0.0
        for part, share in row.dropna().items():
            end, face = start + float(share), shade(str(part))
            canvas.ax.barh(bar, float(share), left=start, height=0.72, color=face, edgecolor="white", linewidth=1.0)
            if share > 0:
                between = (start, end)
                canvas.text(
                    text(label, str(part)), (start + end) / 2, bar, sides="centre", between=between, color=ink_on(face)
                )
            start = end
    for bar, total in enumerate(n):
        if not pd.isna(total):
            canvas.margin_n(total, bar)
    canvas.percent("x")


def dots(canvas: Canvas, values: Any, at: float, color: Any) -> None:
    """All values of a group as small dots along a row, laid out by rank: the same input gives the same picture."""
    shifts = ((np.arange(len(values)) * 0.618) % 1 - 0.5) * 0.5
    canvas.ax.scatter(np.sort(values), at + shifts, s=6, c=color, linewidth=0, zorder=2, clip_on=False)


def pairs(canvas: Canvas, x: Any, y: Any, kinds: Iterable[tuple[Any, str, str, float]]) -> None:
    """Two counts against each other on scales of log(1 + x), and the line where they are equal.

    `kinds`: which points, colour, marker and area of each kind.
    """
    ax, top = canvas.ax, max(10.0, float(np.max([*x, *y])) * 1.4)
    ax.plot([0, top], [0, top], color=colour("muted", "roles"), linewidth=0.7, zorder=1)
    for axis in ("x", "y"):
        canvas.log_counts(axis, top)
    ax.set_aspect("equal", adjustable="box")
    for order, (chosen, shade, marker, area) in enumerate(kinds):
        look: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.3, "zorder": 2 + order / 10, "clip_on": False}
        ax.scatter(x[chosen], y[chosen], s=area, marker=marker, color=shade, **look)


def grid_below(
    canvas: Canvas, lines: Sequence[tuple[str, Any, Any]], *, bottom: float, top: float, step: float, label: str, marker: str,
    whole: bool = False,
) -> list[float]:  # fmt: skip
    """Below values that stand side by side (from `bottom` to `top`) a row of marks a line; the height of each line.

    A line is its group, its name and which of the values it holds for; groups are parted by a gap.
    """
    ax, levels, before = canvas.ax, [], lines[0][0] if lines else None
    y = bottom - 1.1 * step
    for group, _, holds in lines:
        y -= 0.6 * step if group != before else 0.0
        before = group
        x, small = np.arange(len(holds)), 3.0 if marker == "|" else 4.0
        ax.plot(x, np.full(len(x), y), marker, color=colour("band", "roles"), markersize=small, zorder=0)
        ax.plot(
            x[holds], np.full(int(sum(holds)), y), marker, color=colour("ink", "roles"), markersize=small + 1, zorder=3
        )
        levels.append(y)
        y -= step
    ax.set_ylim(y, top + 0.06 * (top - bottom))
    ticks = [
        tick
        for tick in ax.get_yticks()
        if bottom - 0.3 * step <= tick <= top and (not whole or float(tick).is_integer())
    ]
    printed = [f"{tick:,.6g}".replace("-", "−") for tick in ticks]
    canvas.ticks("y", [*levels, *ticks], [*(name for _, name, _ in lines), *printed], text=True)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_bounds(bottom, top)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    canvas.text(label, 0, 1, coords="axes fraction", sides="corner", color=colour("muted", "roles"))
    return levels


def breaks_behind(
    ax: Any, item: str | None, years: Iterable[int], *, lang: str = "en", bands: bool = True, canvas: Canvas | None = None
) -> Any:  # fmt: skip
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
    if canvas is None:
        canvas = Canvas("breaks_behind", ax, {"lang": lang})
        canvas.size(height=3.0)
    first, last = listed[0] - 0.5, listed[-1] + 0.5
    look: dict[str, Any] = {
        "gap": 3, "fontsize": SMALLEST, "color": colour("muted", "roles"), "behind": True, "coords": ("data", "axes fraction")
    }  # fmt: skip
    lines = {year: labels for year, labels in _break_lines(item).items() if first < year - 0.5 < last}
    edges = [*sorted(lines), last + 0.5]
    for year, labels in lines.items():
        ax.axvline(year - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5)
        between = (year - 0.5, next(edge for edge in edges if edge > year) - 0.5)
        named = ", ".join(called(label, "break", lang) for label in labels)
        canvas.text(named, year - 0.5, 0.985, sides=("corner", "upright"), between=between, **look)
    for place, form in enumerate(sorted(forms().values(), key=lambda known: known.since) if bands else ()):
        start, end = max(first, form.since - 0.5), min(last, (form.until or 9999) + 0.5)
        if form.id == "local" or start >= end:
            continue
        if place % 2 == 0:
            ax.axvspan(start, end, color=colour("band", "roles"), zorder=0, linewidth=0)
        canvas.text(
            called(f"form_{form.id}", "break", lang), start, 0.0, sides="above right", between=(start, end), **look
        )
    return ax


def _break_lines(item: str | None) -> dict[int, list[str]]:
    """Breaks of law and count by the first report year they show in; a form's change is its band's edge."""
    lines: dict[int, list[str]] = {}
    for row in rows(breaks(item)):
        if row.kind != "form" and row.checked:
            lines.setdefault(int(row.report_year), []).append(str(row[0]))
    return lines
