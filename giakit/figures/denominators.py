"""One report, many rates: the same counts over every denominator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent, rows
from giakit.figures.style import colour
from giakit.figures.wording import called, count, say, together
from giakit.metrics.definitions import measure
from giakit.metrics.rates import rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rates_by_denominator_data(
    frame: pd.DataFrame,
    *,
    measure_name: str = "disclosure_rate",
    denominators: Sequence[str] | None = None,
    overlap: str = "error",
) -> pd.DataFrame:
    """One measure over each of its denominators.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, usually a single one.
    measure_name : str
        A measure of :func:`giakit.metrics.measures`.
    denominators : sequence of str, optional
        Which of its denominators; all by default.
    overlap : str
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a denominator, as :func:`giakit.metrics.rate` with ``measure`` in front; sorted by the rate.

    Raises
    ------
    MissingColumns, UnknownChoice

    References
    ----------
    Denominators in use: :func:`giakit.metrics.disclosure_rate`.

    Examples
    --------
    >>> frame = pd.DataFrame({"granted": [1362.0], "partial": [454.0], "closed": [3050.0], "new": [3119.0]})
    >>> data = rates_by_denominator_data(frame, denominators=["closed", "received"])
    >>> data[["denominator_name", "rate"]].round(3).values.tolist()
    [['received', 0.582], ['closed', 0.595]]
    """
    wanted = measure(measure_name).denominators if denominators is None else denominators
    tables = [rate(frame, measure_name, denominator=name, overlap=overlap) for name in wanted]
    data = pd.concat(tables, ignore_index=True)
    data.insert(0, "measure", measure_name)
    return data.sort_values("rate", kind="stable", ignore_index=True)


def rates_by_denominator(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure_name: str = "disclosure_rate",
    denominators: Sequence[str] | None = None,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw one measure over each of its denominators, with intervals.

    Parameters
    ----------
    frame, measure_name, denominators, overlap
        As in :func:`rates_by_denominator_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One dot a denominator; an open dot is a ratio that may exceed 100 per cent.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> frame = pd.DataFrame({"granted": [1362.0], "partial": [454.0], "closed": [3050.0], "new": [3119.0]})
    >>> ax = rates_by_denominator(frame, denominators=["closed", "received"])
    >>> len(ax.get_yticks())
    2
    >>> plt.close(ax.figure)
    """
    data = rates_by_denominator_data(
        frame, measure_name=measure_name, denominators=denominators, overlap=overlap
    )
    ax = axes(ax, height=1.15 + 0.33 * len(data))
    ratios = measure(measure_name).ratios
    shade = colour("main", "roles")
    for place, row in enumerate(rows(data)):
        if pd.isna(row.rate):
            continue
        if not pd.isna(row.low):
            ax.plot(
                [float(row.low), float(row.high)],
                [place, place],
                color=shade,
                linewidth=2,
                solid_capstyle="butt",
            )
        face = "white" if row.denominator_name in ratios else shade
        ax.plot(float(row.rate), place, "o", color=shade, markerfacecolor=face, markersize=5.5)
        right = float(row.rate) if pd.isna(row.high) else float(row.high)
        text = f"{float(row.rate) * 100:.1f}%   {float(row.numerator):,.0f} / {float(row.denominator):,.0f}"
        ax.annotate(
            text,
            (right, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour("ink", "roles"),
        )
    family = {"correction_rate": "correction"}.get(measure_name, "denominator")
    ax.set_yticks(range(len(data)), [called(name, family, lang) for name in data["denominator_name"]])
    ax.set_ylim(len(data) - 0.5, -0.6)
    top = (
        float(data["high"].fillna(data["rate"]).astype("float64").max())
        if data["rate"].notna().any()
        else 1.0
    )
    low = (
        float(data["low"].fillna(data["rate"]).astype("float64").min()) if data["rate"].notna().any() else 0.0
    )
    ax.set_xlim(max(0.0, low - 0.08), max(0.3, top + 0.25 * (top - max(0.0, low - 0.08)) + 0.05))
    ax.set_xticks([tick / 10 for tick in range(11) if ax.get_xlim()[0] <= tick / 10 <= min(1.0, top + 0.05)])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    percent(ax)
    n_reports = int(data["n_reports"].max()) if len(data) else 0
    parts = [count(lang, n_reports), say(lang, "interval" if n_reports == 1 else "interval_clustered")]
    if set(data["denominator_name"]) & set(ratios):
        parts.append(say(lang, "open_ratio"))
    note = together(lang, *parts)
    head(ax, say(lang, "denominators_title") if title is None else title, note)
    return finish(ax, lang)
