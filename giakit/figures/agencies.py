"""Many agencies: a funnel in place of a league table, rates drawn towards their group, ranks that depend on the denominator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas, Look, drawing, number, rows
from giakit.figures.drawings import interval_rows
from giakit.figures.style import colour
from giakit.figures.wording import count
from giakit.metrics.definitions import measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Draws from the posterior of every agency behind an interval of its rank.
DRAWS = 2000


def funnel_data(
    frame: pd.DataFrame,
    *,
    measure_name: str = "disclosure_rate",
    lang: str = "en",
    title: str | None = None,
    note: bool = False,
    color: Any = None,
    labels: Any = None,
    **options: Any,
) -> pd.DataFrame:
    """Each agency against funnel limits: :func:`giakit.metrics.funnel`.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": list("abc"), "granted": [60, 55, 99], "partial": 0, "closed": 100})
    >>> funnel_data(frame, dispersion="none")["outside"].nunique() > 1
    True
    """
    return metrics.funnel(frame, measure_name, **options)


@drawing(funnel_data)
def funnel(canvas: Canvas, data: pd.DataFrame, *, measure_name: str, **options: Any) -> Axes:
    """Draw agencies against funnel limits that allow for over-dispersion.

    Dotted: limits by chance alone; lines: limits with over-dispersion (95 and 99.8 per cent).

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = funnel(panel(agencies=60).requests)
    >>> ax.get_xscale()
    'log'
    >>> plt.close(ax.figure)
    """
    canvas.size(height=3.6)
    drawn = data[data["rate"].notna() & (data["denominator"] > 0)] if len(data) else data
    if drawn.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("funnel_title"), n=canvas.say("n_denominator"), interval="")
    ax = canvas.ax
    # Exact binomial limits exist for whole numbers only.
    smallest, largest = max(1.0, float(drawn["denominator"].min())), float(drawn["denominator"].max())
    sizes = np.unique(np.geomspace(smallest, max(largest * 1.05, smallest + 1), 300).round())
    target, kind, amount = (drawn[name].iloc[0] for name in ("target", "dispersion", "amount"))
    lines = [(0.95, "none", 0.0, ":"), (0.95, kind, number(amount), "-"), (0.998, kind, number(amount), "--")]
    for level, dispersion, extra, dash in lines:
        shade = colour("ink" if dash == ":" else "muted", "roles")
        for bound in metrics.funnel_limits(
            float(target), sizes, level=level, dispersion=dispersion, amount=extra
        ):
            ax.plot(sizes, bound, linestyle=dash, color=shade, linewidth=0.9, zorder=1)
    ax.axhline(float(target), color=colour("ink", "roles"), linewidth=0.7)
    looks = {"inside": ("light", 8, "o"), "inner": ("second", 14, "s"), "outer": ("main", 18, "D")}
    for where, (name, area, marker) in looks.items():
        part = drawn[drawn["outside"] == where]
        ax.scatter(
            part["denominator"].astype("float64"), part["rate"].astype("float64"), s=area, marker=marker,
            color=canvas.shade(where, colour(name, "roles")), edgecolor="white", linewidth=0.3, zorder=2 + area / 100, clip_on=False,
        )  # fmt: skip
    canvas.counts("x", largest, log=True, bottom=smallest)
    canvas.percent("y")
    ax.set_xlabel(canvas.say("funnel_x"))
    ax.set_ylabel(canvas.name(measure_name, "measure"))
    canvas.margin(canvas.say("funnel_target", rate=f"{float(target) * 100:.0f}%"), float(target))
    unit = drawn.columns[0]
    if canvas.labels is not None:
        for row in drawn[drawn["outside"] == "outer"].to_dict("records"):
            canvas.text(
                canvas.name(row[unit], "unit"),
                number(row["denominator"]),
                number(row["rate"]),
                sides=("right", "left", "above"),
            )
    counts = drawn["outside"].value_counts()
    counted = canvas.say(
        "funnel_note",
        n=f"{len(drawn):,}",
        inner=int(counts.get("inner", 0)),
        outer=int(counts.get("outer", 0)),
    )
    return canvas.finish(
        data, canvas.say("funnel_title"), counted, n=canvas.say("n_denominator"), interval=""
    )


def shrinkage_data(
    frame: pd.DataFrame,
    *,
    measure_name: str = "disclosure_rate",
    most: int = 36,
    lang: str = "en",
    title: str | None = None,
    note: bool = False,
    color: Any = None,
    labels: Any = None,
    **options: Any,
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
    lang, title, note, color, labels
        What the drawing takes beside; they change nothing here.

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
        chosen = np.unique(np.linspace(0, len(data) - 1, most).round().astype(int))
        data = data.iloc[chosen].reset_index(drop=True)
    return data


@drawing(shrinkage_data)
def shrinkage(canvas: Canvas, data: pd.DataFrame, *, measure_name: str, **options: Any) -> Axes:
    """Draw how far each agency's rate is drawn towards its group, with its credible interval.

    Open dot: raw rate; full dot: shrunken rate; line: 95 per cent credible interval; n at the right.

    References
    ----------
    Morris (1983), JASA 78.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = shrinkage(panel(agencies=40).requests, most=12)
    >>> plt.close(ax.figure)
    """
    canvas.size(height=1.1 + 0.115 * len(data))
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("shrinkage_title"), n=canvas.say("n_denominator"))
    ax = canvas.ax
    for place, row in enumerate(rows(data)):
        ax.plot(
            [number(row.rate), number(row.shrunken)],
            [place, place],
            color=colour("muted", "roles"),
            linewidth=0.6,
            zorder=2.5,
        )
        ax.plot(
            number(row.rate), place, "o", color=colour("second", "roles"), markerfacecolor="white", markersize=3.6,
            markeredgewidth=0.9, zorder=2.8, clip_on=False,
        )  # fmt: skip
    unit = data.columns[0]
    interval_rows(
        canvas, data, value="shrunken", shade=lambda row: canvas.shade(row[0], colour("main", "roles")), size=3.6,
        margin=lambda row: (f"{number(row.denominator):,.0f}",), thick=1.6,
    )  # fmt: skip
    ax.axvline(float(data["prior_mean"].mean()), color=colour("ink", "roles"), linewidth=0.6, zorder=0)
    canvas.text("n", 1, 1, coords="axes fraction", sides="above right", gap=5, color=colour("muted", "roles"))
    ax.set_ylim(-0.8, len(data) - 0.2)
    if canvas.labels is not None:
        canvas.row_names([canvas.name(code, "unit", place) for place, code in enumerate(data[unit])])
    else:
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
    canvas.percent("x")
    ax.set_xlabel(canvas.name(measure_name, "measure"))
    shown = canvas.say("shrinkage_note", shown=len(data), n=f"{int(data['n_units'].max()):,}")
    return canvas.finish(data, canvas.say("shrinkage_title"), shown, n=canvas.say("n_denominator"))


def rank_intervals_data(
    frame: pd.DataFrame,
    *,
    measure_name: str = "disclosure_rate",
    denominators: Sequence[str] | None = None,
    unit: str = "agency_id",
    most: int = 20,
    overlap: str = "error",
    seed: int = 1,
    **look: Unpack[Look],
) -> pd.DataFrame:
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
    overlap : str
        As in :func:`giakit.metrics.rate`.
    seed : int
        Of the draws.
    **look
        What the drawing takes beside; it changes nothing here.

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
    largest = (
        parts[0][parts[0]["denominator"] > 0]
        .sort_values(["denominator", unit], ascending=[False, True])[unit]
        .head(most)
    )
    generator, ranked = np.random.default_rng(seed), []
    for name, part in zip(wanted, parts, strict=True):
        table = part.set_index(unit).reindex(largest)
        n = table["denominator"].to_numpy(dtype="float64", na_value=0.0)
        y = np.clip(table["numerator"].to_numpy(dtype="float64", na_value=0.0), 0, np.maximum(n, 0))
        draws = generator.beta(y + 0.5, np.maximum(n - y, 0) + 0.5, size=(DRAWS, len(n)))
        ranks = (-draws).argsort(axis=1).argsort(axis=1) + 1.0
        rank = table["rate"].astype("float64").rank(ascending=False, method="min")
        bounds = np.quantile(ranks, [0.025, 0.975], axis=0) if len(n) else np.zeros((2, 0))
        columns = {"rate": table["rate"], "rank": rank, "low": bounds[0], "high": bounds[1], "denominator": n}
        ranked.append(
            pd.DataFrame({"denominator_name": name, **columns}, index=table.index)
            .rename_axis(unit)
            .reset_index()
        )
    data = pd.concat(ranked, ignore_index=True)
    data = data.astype(
        {
            "denominator_name": "str",
            **dict.fromkeys(["rate", "rank", "low", "high", "denominator"], "Float64"),
        }
    )
    mean = data.groupby(unit)["rank"].mean().sort_values(kind="stable")
    order = {code: place for place, code in enumerate(mean.index)}
    data = data.assign(method="credible", order=data[unit].map(order))
    return data.sort_values(["order"], kind="stable", ignore_index=True).drop(columns="order")


@drawing(rank_intervals_data)
def rank_intervals(
    canvas: Canvas, data: pd.DataFrame, frame: pd.DataFrame, *, measure_name: str, unit: str, **options: Any
) -> Axes:
    """Draw where each agency stands in a ranking, under every denominator, with the interval of its rank.

    One row an agency, one dot a denominator at its rank; the line joins the lowest to the highest bound of all. If
    ranks were a fact, each row would be one dot.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = rank_intervals(panel(agencies=30, years=[2023]).requests, most=8)
    >>> len(ax.get_yticks())
    8
    >>> plt.close(ax.figure)
    """
    units, names = list(dict.fromkeys(data[unit])), list(dict.fromkeys(data["denominator_name"]))
    listed = [name for name in measure(measure_name).denominators if name in names]
    canvas.size(height=1.4 + 0.2 * len(units))
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("ranks_title"), n=canvas.say("n_denominator"))
    ax, marks = canvas.ax, ("o", "s", "D", "^", "v", "P", "X")
    roles = ("main", "second", "third", "fourth", "muted", "ink")
    whole = data.groupby(unit, sort=False).agg(low=("low", "min"), high=("high", "max"))
    for place, code in enumerate(units):
        ends = [number(whole.loc[code, "low"]), number(whole.loc[code, "high"])]
        ax.plot(
            ends,
            [place, place],
            color=colour("light", "roles"),
            linewidth=2.2,
            solid_capstyle="butt",
            zorder=1,
        )
    for order, name in enumerate(listed):
        part = data[data["denominator_name"] == name]
        ax.scatter(
            part["rank"].astype("float64"), [units.index(code) for code in part[unit]], s=13, marker=marks[order % 7],
            color=canvas.shade(name, colour(roles[order % 6], "roles")), edgecolor="white", linewidth=0.3, zorder=3, clip_on=False,
        )  # fmt: skip
    canvas.key([(canvas.name(name, "denominator").replace("\n", " "), canvas.shade(name, colour(roles[order % 6], "roles"))) for order, name in enumerate(listed)])  # fmt: skip
    first = data[data["denominator_name"] == listed[0]].set_index(unit)["denominator"]
    canvas.row_names(
        [
            f"{canvas.name(code, 'unit', place)} (n = {number(first[code]):,.0f})"
            for place, code in enumerate(units)
        ]
    )
    ax.set_ylim(len(units) - 0.4, -0.6)
    ax.set_xlim(0.5, len(units) + 0.5)
    canvas.ticks("x", list(range(1, len(units) + 1)), [str(rank) for rank in range(1, len(units) + 1)])
    canvas.grid("x")
    ax.set_xlabel(canvas.say("rank_axis"))
    return canvas.finish(
        data, canvas.say("ranks_title"), count(canvas.lang, len(frame)), canvas.say("ranks_note"), n=canvas.say("n_denominator")
    )  # fmt: skip
