"""Many agencies: a funnel in place of a league table, rates drawn towards their group, ranks that depend on the denominator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas, number, rows
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import MARKERS, SERIES, interval_rows, values_of
from giakit.figures.style import colour
from giakit.metrics.definitions import measure

#: Draws from the posterior of every agency behind an interval of its rank.
DRAWS = 2000


@twin
def funnel_data(frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", **options: Any) -> pd.DataFrame:
    """Each agency against funnel limits: :func:`giakit.metrics.funnel`.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": list("abc"), "granted": [60, 55, 99], "partial": 0, "closed": 100})
    >>> funnel_data(frame, dispersion="none")["outside"].nunique() > 1
    True
    """
    return metrics.funnel(frame, measure_name, **options)


@drawing(funnel_data, n="n_denominator", height=3.6, interval="")
def funnel(canvas: Canvas, data: pd.DataFrame, *, measure_name: str) -> list[str]:
    """Draw agencies against funnel limits that allow for over-dispersion.

    Dotted: limits by chance alone; lines: limits with over-dispersion (95 and 99.8 per cent). Agencies beyond the outer
    limits are named where `labels` are given.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24.
    """
    drawn = data[data["rate"].notna() & (data["denominator"] > 0)]
    if drawn.empty:
        return canvas.empty()
    # Exact binomial limits exist for whole numbers only.
    smallest, largest = max(1.0, float(drawn["denominator"].min())), float(drawn["denominator"].max())
    sizes = np.unique(np.geomspace(smallest, max(largest * 1.05, smallest + 1), 300).round())
    target, kind, amount = float(drawn["target"].iloc[0]), drawn["dispersion"].iloc[0], number(drawn["amount"].iloc[0])
    for level, dispersion, extra, dash in (
        (0.95, "none", 0.0, ":"),
        (0.95, kind, amount, "-"),
        (0.998, kind, amount, "--"),
    ):
        shade = colour("ink" if dash == ":" else "muted", "roles")
        for bound in metrics.funnel_limits(target, sizes, level=level, dispersion=dispersion, amount=extra):
            canvas.ax.plot(sizes, bound, linestyle=dash, color=shade, linewidth=0.9, zorder=1)
    canvas.ax.axhline(target, color=colour("ink", "roles"), linewidth=0.7)
    looks = {"inside": ("light", 8, "o"), "inner": ("second", 14, "s"), "outer": ("main", 18, "D")}
    for where, (name, area, marker) in looks.items():
        part, shade = drawn[drawn["outside"] == where], canvas.shade(where, colour(name, "roles"))
        look: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.3, "zorder": 2 + area / 100, "clip_on": False}
        x, y = part["denominator"].astype("float64"), part["rate"].astype("float64")
        canvas.ax.scatter(x, y, s=area, marker=marker, color=shade, **look)
    canvas.counts("x", largest, log=True, bottom=smallest)
    canvas.percent("y")
    canvas.ax.set_xlabel(canvas.say("funnel_x"))
    canvas.ax.set_ylabel(canvas.name(measure_name, "measure"))
    canvas.margin(canvas.say("funnel_target", rate=f"{target * 100:.0f}%"), target)
    for row in rows(drawn[drawn["outside"] == "outer"]) if canvas.labels is not None else ():
        canvas.text(
            canvas.name(row[0], "unit"), number(row.denominator), number(row.rate), sides=("right", "left", "above")
        )
    counts = drawn["outside"].value_counts()
    beyond = {where: int(counts.get(where, 0)) for where in ("inner", "outer")}
    return [canvas.say("funnel_note", n=f"{len(drawn):,}", **beyond)]


@twin
def shrinkage_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", most: int = 36, **options: Any
) -> pd.DataFrame:
    """Raw and shrunken rates of some agencies, evenly taken over the order of their raw rates.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    measure_name, **options
        As in :func:`giakit.metrics.shrunken_rates`.
    most : int
        Agencies to draw.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.shrunken_rates`, sorted by the raw rate, then by size.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(shrinkage_data(panel(agencies=80).requests, most=10))
    10
    """
    data = metrics.shrunken_rates(frame, measure_name, **options)
    data = data[data["rate"].notna() & data["shrunken"].notna()]
    data = data.sort_values(["rate", "denominator"], kind="stable", ignore_index=True)
    if len(data) > most:
        data = data.iloc[np.unique(np.linspace(0, len(data) - 1, most).round().astype(int))].reset_index(drop=True)
    return data


@drawing(shrinkage_data, n="n_denominator", height=lambda data: 1.1 + 0.125 * len(data))
def shrinkage(canvas: Canvas, data: pd.DataFrame, *, measure_name: str) -> list[str]:
    """Draw how far each agency's rate is drawn towards its group, with its credible interval.

    Open dot: raw rate; full dot: shrunken rate; line: 95 per cent credible interval; n at the right. Agencies are named
    where `labels` are given.

    References
    ----------
    Morris (1983), JASA 78.
    """
    for place, row in enumerate(rows(data)):
        raw, shade = number(row.rate), colour("second", "roles")
        canvas.ax.plot(
            [raw, number(row.shrunken)], [place, place], color=colour("muted", "roles"), linewidth=0.6, zorder=2.5
        )
        look: dict[str, Any] = {
            "markerfacecolor": "white",
            "markersize": 3.6,
            "markeredgewidth": 0.9,
            "zorder": 2.8,
            "clip_on": False,
        }
        canvas.ax.plot(raw, place, "o", color=shade, **look)
    interval_rows(
        canvas, data, value="shrunken", shade=lambda row: canvas.shade(row[0], colour("main", "roles")), size=3.6,
        margin=lambda row: (f"{number(row.denominator):,.0f}",), thick=1.6,
    )  # fmt: skip
    canvas.ax.axvline(float(data["prior_mean"].mean()), color=colour("ink", "roles"), linewidth=0.6, zorder=0)
    canvas.text("n", 1, 1, coords="axes fraction", sides="above right", gap=5, color=colour("muted", "roles"))
    named = canvas.labels is not None
    canvas.row_names(canvas.names(data.iloc[:, 0].tolist(), "unit") if named else [""] * len(data))
    canvas.ax.set_ylim(-0.8, len(data) - 0.2)
    canvas.percent("x")
    canvas.ax.set_xlabel(canvas.name(measure_name, "measure"))
    return [canvas.say("shrinkage_note", shown=len(data), n=f"{int(data['n_units'].max()):,}")]


@twin
def rank_intervals_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", denominators: Sequence[str] | None = None, unit: str = "agency_id",
    most: int = 20, overlap: str = "error", seed: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """The rank of each agency, with its interval, under every denominator of a measure.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    measure_name : str
        A measure of :func:`giakit.metrics.measures`.
    denominators : sequence of str, optional
        Which of its denominators; all by default.
    unit : str
        Column of what is ranked.
    most : int
        Units ranked: those with the largest denominators.
    seed : int
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        One row a unit and denominator: `unit`, ``denominator_name`` (str), ``rate, rank, low, high`` (Float64: rank 1 is the
        highest rate; 95 per cent of draws), ``denominator`` (Float64), ``method``; ordered by the mean rank.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Notes
    -----
    Ranks of 2,000 draws from Beta(y + 1/2, n - y + 1/2) of each unit. A ratio above one is cut at one before it is drawn.

    References
    ----------
    Goldstein and Spiegelhalter (1996), JRSS A 159, on league tables and their limitations.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> data = rank_intervals_data(panel(agencies=30, years=[2023]).requests, denominators=["closed", "load"], most=5)
    >>> len(data), bool((data["low"] <= data["high"]).all())
    (10, True)
    """
    wanted = list(measure(measure_name).denominators if denominators is None else denominators)
    known = frame[frame[unit].notna()]
    parts = [metrics.rate(known, measure_name, denominator=name, by=unit, overlap=overlap) for name in wanted]
    sized = parts[0][parts[0]["denominator"] > 0].sort_values(["denominator", unit], ascending=[False, True])
    generator, ranked = np.random.default_rng(seed), []
    for name, part in zip(wanted, parts, strict=True):
        table = part.set_index(unit).reindex(sized[unit].head(most))
        n = table["denominator"].to_numpy(dtype="float64", na_value=0.0)
        y = np.clip(table["numerator"].to_numpy(dtype="float64", na_value=0.0), 0, np.maximum(n, 0))
        draws = generator.beta(y + 0.5, np.maximum(n - y, 0) + 0.5, size=(DRAWS, len(n)))
        ranks = (-draws).argsort(axis=1).argsort(axis=1) + 1.0
        low, high = np.quantile(ranks, [0.025, 0.975], axis=0) if len(n) else np.zeros((2, 0))
        rank = table["rate"].astype("float64").rank(ascending=False, method="min")
        columns = {
            "denominator_name": name,
            "rate": table["rate"],
            "rank": rank,
            "low": low,
            "high": high,
            "denominator": n,
        }
        ranked.append(pd.DataFrame(columns, index=table.index).rename_axis(unit).reset_index())
    data = pd.concat(ranked, ignore_index=True)
    data = data.astype({"denominator_name": "str", **dict.fromkeys(data.columns[2:], "Float64")}).assign(
        method="credible"
    )
    mean = data.groupby(unit)["rank"].mean().sort_values(kind="stable")
    order = {code: place for place, code in enumerate(mean.index)}
    return data.sort_values(unit, key=lambda codes: codes.map(order), kind="stable", ignore_index=True)


@drawing(rank_intervals_data, n="n_denominator", height=lambda data: 1.4 + 0.2 * data.iloc[:, 0].nunique())
def rank_intervals(
    canvas: Canvas, data: pd.DataFrame, *, frame: pd.DataFrame, measure_name: str, unit: str
) -> list[str]:
    """Draw where each agency stands in a ranking, under every denominator, with the interval of its rank.

    One row an agency, one dot a denominator at its rank; the line joins the lowest to the highest bound of all. If
    ranks were a fact, each row would be one dot.
    """
    units = list(dict.fromkeys(data[unit]))
    listed = [name for name in measure(measure_name).denominators if name in set(data["denominator_name"])]
    whole = data.groupby(unit, sort=False).agg(low=("low", "min"), high=("high", "max"))
    look: dict[str, Any] = {"color": colour("light", "roles"), "linewidth": 2.2, "zorder": 1}
    canvas.ax.hlines(range(len(units)), values_of(whole["low"]), values_of(whole["high"]), **look)
    keys = []
    for order, name in enumerate(listed):
        part, shade = (
            data[data["denominator_name"] == name],
            canvas.shade(name, colour((*SERIES[:5], "ink")[order % 6], "roles")),
        )
        places = [units.index(code) for code in part[unit]]
        marks: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.3, "zorder": 3, "clip_on": False}
        canvas.ax.scatter(part["rank"].astype("float64"), places, s=13, marker=MARKERS[order % 7], color=shade, **marks)
        keys.append((canvas.name(name, "denominator").replace("\n", " "), shade))
    canvas.key(keys)
    first = data[data["denominator_name"] == listed[0]].set_index(unit)["denominator"]
    canvas.row_names(canvas.names(units, "unit", first[units]))
    canvas.ax.set_xlim(0.5, len(units) + 0.5)
    ranks = list(range(1, len(units) + 1))
    canvas.ticks("x", ranks, [str(rank) for rank in ranks])
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("rank_axis"))
    return [canvas.count(len(frame)), canvas.say("ranks_note")]
