"""Bands of the forms and lines of the breaks behind a figure over years."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.canvas import rows
from giakit.figures.style import colour
from giakit.figures.wording import called
from giakit.forms import forms
from giakit.forms.breaks import breaks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Size of what stands behind the data.
TINY = 5.5
#: Years beyond which labels are turned, because they would touch.
ROOMY = 9


def breaks_behind(
    ax: Axes, item: str | None, years: Iterable[int], *, lang: str = "en", bands: bool = True
) -> Axes:
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
    first, last = listed[0] - 0.5, listed[-1] + 0.5
    if bands:
        _bands(ax, first, last, lang)
    for year, labels in _lines(item).items():
        if not first < year - 0.5 < last:
            continue
        ax.axvline(
            year - 0.5, color=colour("faint", "roles"), linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5
        )
        upright = last - first > ROOMY
        width = 60 if upright else (9 if lang == "zh" else 16)
        said = [fill(called(label, "break", lang), width) for label in labels]
        ax.text(
            year - 0.44, 0.985, "\n".join(said), transform=ax.get_xaxis_transform(), rotation=90 if upright else 0,
            va="top", ha="left", fontsize=TINY, color=colour("muted", "roles"), linespacing=1.15, zorder=0.6,
        )  # fmt: skip
    return ax


def room_for_breaks(ax: Axes, share: float = 0.14) -> None:
    """Raise the upper limit of y so that the labels of the breaks stand above the data."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log":
        ax.set_ylim(low, high * (high / low) ** share)
    else:
        ax.set_ylim(low, high + (high - low) * share)


def _lines(item: str | None) -> dict[int, list[str]]:
    """Breaks of law and count by the first report year they show in; a form's change is its band's edge."""
    table: pd.DataFrame = breaks(item)
    found: dict[int, list[str]] = {}
    for row in rows(table):
        if row.kind != "form":
            found.setdefault(int(row.report_year), []).append(str(row[0]))
    return found


def _bands(ax: Axes, first: float, last: float, lang: str) -> None:
    for number, form in enumerate(sorted(forms().values(), key=lambda known: known.since)):
        if form.id == "local":
            continue
        start, end = max(first, form.since - 0.5), min(last, (form.until or 9999) + 0.5)
        if start >= end:
            continue
        if number % 2 == 0:
            ax.axvspan(start, end, color=colour("band", "roles"), zorder=0, linewidth=0)
        ax.text(
            (start + end) / 2, 0.012, called(f"form_{form.id}", "break", lang), transform=ax.get_xaxis_transform(),
            ha="center", va="bottom", fontsize=TINY, color=colour("muted", "roles"), zorder=0.6,
        )  # fmt: skip
