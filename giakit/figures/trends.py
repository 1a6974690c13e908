"""Over the years: how many requests come, and what refusals rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.breaks import breaks_behind, room_for_breaks
from giakit.figures.canvas import SMALL, axes, finish, head, percent
from giakit.figures.style import colour
from giakit.figures.wording import called, count, in_order, say, together
from giakit.metrics.counts import keys, require
from giakit.metrics.definitions import Measure
from giakit.metrics.disclosure import refusal_rate
from giakit.metrics.rates import measure_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = ("main", "second", "third", "fourth", "muted", "light")


def requests_over_time_data(
    frame: pd.DataFrame, *, by: str | None = "tier", overlap: str = "error"
) -> pd.DataFrame:
    """New requests per report, by year and group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``, with ``year``.
    by : str, optional
        Column that parts the lines.
    overlap : str
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a group and year: `by`, ``year`` (Int64), ``requests, per_report, low, high`` (Float64),
        ``n_reports`` (Int64), ``note``. Per report, because a sum follows the number of reports at hand.

    Notes
    -----
    ``Σ new / reports``, interval clustered by agency.

    References
    ----------
    Form of 2021, table 3, row 一.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"year": [2022, 2022], "tier": "county", "unit": ["a", "b"], "new": [4.0, 6.0]})
    >>> requests_over_time_data(frame)["per_report"].tolist()
    [5.0]
    """
    names = [*keys(by), "year"]
    require(frame, [*names, "new"], "requests_over_time")
    wanted = Measure("requests per report", "", "new", ("reports",), ratios=("reports",), volume=True)
    known = frame[frame["year"].notna()]
    counted = known.assign(reports=pd.array(np.ones(len(known)), dtype="Float64"))
    table = measure_rate(counted, wanted, by=names, overlap=overlap)
    table = table.rename(columns={"numerator": "requests", "rate": "per_report"})
    return table[[*names, "requests", "per_report", "low", "high", "n_reports", "note"]]


def requests_over_time(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str | None = "tier",
    order: Sequence[str] | None = None,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw new requests per report over the years, forms as bands and breaks as lines.

    Parameters
    ----------
    frame, by, overlap
        As in :func:`requests_over_time_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.
    order : sequence of str, optional
        Groups to draw, in order.

    Returns
    -------
    matplotlib.axes.Axes
        One line a group on a logarithmic scale, its interval as a band, its name at its end.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = requests_over_time(panel(agencies=60).requests)
    >>> ax.get_yscale()
    'log'
    >>> plt.close(ax.figure)
    """
    data = requests_over_time_data(frame, by=by, overlap=overlap)
    ax = axes(ax, height=3.3)
    groups = [None] if by is None else list(order or in_order(data[by], by))
    ends = []
    for number, group in enumerate(groups):
        part = (data if group is None else data[data[by] == group]).dropna(subset=["per_report"])
        part = part[part["per_report"] > 0].astype(
            {"year": "int64", "per_report": "float64", "low": "float64", "high": "float64"}
        )
        if part.empty:
            continue
        shade = colour(SHADES[number % len(SHADES)], "roles")
        ax.fill_between(part["year"], part["low"], part["high"], color=shade, alpha=0.16, linewidth=0)
        ax.plot(part["year"], part["per_report"], marker="o", color=shade)
        name = say(lang, "all") if group is None else called(group, str(by), lang)
        ends.append(
            (
                float(part["per_report"].iloc[-1]),
                int(part["year"].iloc[-1]),
                f"{name} (n = {int(part['n_reports'].iloc[-1]):,})",
                shade,
            )
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    ax.set_ylabel(say(lang, "per_report"))
    _year_axis(ax, data["year"], lang, item="new")
    label_ends(ax, ends)
    note = (
        together(
            lang,
            count(lang, int(data["n_reports"].sum()), float(data["requests"].sum())),
            say(lang, "band_clustered"),
        )
        + "\n"
        + say(lang, "n_at_end")
    )
    head(ax, say(lang, "requests_title") if title is None else title, note)
    return finish(ax, lang)


def refusal_in_law_and_fact_data(
    frame: pd.DataFrame, *, by: str = "year", overlap: str = "error"
) -> pd.DataFrame:
    """Refused in law (arts 14-16) and not given in fact (not held, not ready-made, unclear), of requests closed.

    Parameters
    ----------
    frame, overlap
        As in :func:`requests_over_time_data`.
    by : str
        Column to group by, usually ``year``.

    Returns
    -------
    pandas.DataFrame
        One row a group and kind: `by`, ``kind`` (``law`` or ``fact``), ``count, closed, rate, low, high``
        (Float64), ``n_reports`` (Int64), ``note``.

    Notes
    -----
    ``Σ denied without denied_inquiry / closed`` and ``Σ unable / closed``.

    References
    ----------
    法学 2011 (10), on 245 annual reports of 2008-2010, tells legal from factual grounds.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> refusal_in_law_and_fact_data(panel(agencies=20, years=[2023]).requests)["kind"].tolist()
    ['fact', 'law']
    """
    fact = Measure("not able to give", "", "unable", ("closed",))
    tables = [
        measure_rate(frame, fact, by=by, overlap=overlap).assign(kind="fact"),
        refusal_rate(frame, kind="exemption", by=by, overlap=overlap).assign(kind="law"),
    ]
    data = pd.concat(tables, ignore_index=True).sort_values([by, "kind"], kind="stable", ignore_index=True)
    data = data.rename(columns={"numerator": "count", "denominator": "closed"}).astype({"kind": "str"})
    return data[[by, "kind", "count", "closed", "rate", "low", "high", "n_reports", "note"]]


def refusal_in_law_and_fact(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw refusals in law and in fact over the years, with bands.

    Parameters
    ----------
    frame, overlap
        As in :func:`refusal_in_law_and_fact_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = refusal_in_law_and_fact(panel(agencies=40).requests)
    >>> plt.close(ax.figure)
    """
    data = refusal_in_law_and_fact_data(frame, overlap=overlap).dropna(subset=["rate", "year"])
    ax = axes(ax, height=3.0)
    ends = []
    for kind, group in (("fact", "unable"), ("law", "denied")):
        part = data[data["kind"] == kind].astype(
            {"year": "int64", "rate": "float64", "low": "float64", "high": "float64"}
        )
        if part.empty:
            continue
        ax.fill_between(part["year"], part["low"], part["high"], color=colour(group), alpha=0.22, linewidth=0)
        ax.plot(part["year"], part["rate"], marker="o", color=colour(group))
        ends.append(
            (
                float(part["rate"].iloc[-1]),
                int(part["year"].iloc[-1]),
                say(lang, f"refused_in_{kind}"),
                {"unable": "#B57A12"}.get(group, colour(group)),
            )
        )
    ax.set_ylim(0, max(0.05, float(data["high"].fillna(data["rate"]).astype("float64").max()) * 1.1))
    percent(ax, "y")
    ax.set_ylabel(say(lang, "share_closed"))
    _year_axis(ax, data["year"], lang, item="new")
    label_ends(ax, ends)
    both = data[data["kind"] == "law"]
    counted = count(lang, int(both["n_reports"].sum()), float(both["closed"].sum()))
    note = together(lang, counted, say(lang, "band_clustered"))
    head(ax, say(lang, "law_fact_title") if title is None else title, note)
    return finish(ax, lang)


def label_ends(ax: Axes, ends: Sequence[tuple[float, int, str, str]]) -> None:
    """Write the name of each line at its end, moved apart where they would touch (points of the page)."""
    if not ends:
        return
    figure = ax.figure
    figure.draw_without_rendering()  # type: ignore[union-attr]
    to_page = ax.transData.transform
    scale = 72 / figure.dpi
    wanted = [float(to_page((year, value))[1]) * scale for value, year, _, _ in ends]
    gap = SMALL * 1.3
    placed: dict[int, float] = {}
    lowest = -np.inf
    for number in sorted(range(len(ends)), key=lambda which: wanted[which]):
        placed[number] = lowest = max(wanted[number], lowest + gap)
    # Pushed up only would drift: the whole stack is moved back by half of its largest push.
    push = max(placed[number] - wanted[number] for number in placed) / 2
    for number, (value, year, name, shade) in enumerate(ends):
        ax.annotate(
            name, (year, value), xytext=(6, placed[number] - wanted[number] - push), textcoords="offset points", va="center",
            fontsize=SMALL, color=shade, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _year_axis(ax: Axes, years: pd.Series, lang: str, *, item: str | None) -> None:
    listed = sorted({int(year) for year in years.dropna()})
    if not listed:
        return
    ax.set_xlim(listed[0] - 0.5, listed[-1] + 0.5)
    ax.set_xticks(listed, [str(year) for year in listed])
    room_for_breaks(ax)
    breaks_behind(ax, item, listed, lang=lang)
