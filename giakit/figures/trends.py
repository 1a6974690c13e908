"""Over the years and over the forms: how many requests come, what may be drawn as a line, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit.figures.canvas import Canvas, Look, drawing, number
from giakit.figures.drawings import MARKERS, breaks_behind, room_above, series
from giakit.figures.style import SMALLEST, colour, ink_of, ink_on
from giakit.figures.wording import called, count, in_order
from giakit.forms.crosswalk import crosswalk as crosswalk_table
from giakit.forms.crosswalk_data import crosswalk_file
from giakit.metrics.counts import keys, require
from giakit.metrics.definitions import Measure
from giakit.metrics.rates import measure_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAIRS = (("local", "2019"), ("local", "2021"), ("2014", "2021"), ("2019", "2021"))
#: Items whose verdict a reader looks up first.
ITEMS = 20


def requests_over_time_data(
    frame: pd.DataFrame, *, by: str | None = "tier", order: Sequence[str] | None = None, overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:  # fmt: skip
    """New requests per report, by year and group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``, with ``year``.
    by : str, optional
        Column that parts the lines.
    order : sequence of str, optional
        Groups to keep, in order.
    overlap : str
        As in :func:`giakit.metrics.rate`.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a group and year: `by`, ``year`` (Int64), ``requests, per_report, low, high`` (Float64),
        ``n_reports`` (Int64), ``method, note``. Per report, because a sum follows the number of reports at hand.

    Raises
    ------
    MissingColumns, MixedScopes

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
    if by is not None and order is not None:
        known = known[known[by].isin(list(order))]
    counted = known.assign(reports=pd.array(np.ones(len(known)), dtype="Float64"))
    table = measure_rate(counted, wanted, by=names, overlap=overlap)
    table = table.rename(columns={"numerator": "requests", "rate": "per_report"})
    return table[[*names, "requests", "per_report", "low", "high", "n_reports", "method", "note"]]


@drawing(requests_over_time_data)
def requests_over_time(
    canvas: Canvas, data: pd.DataFrame, *, by: str | None, order: Sequence[str] | None, **options: Any
) -> Axes:
    """Draw new requests per report over the years, forms as bands and breaks as lines.

    One line a group on a logarithmic scale, its interval as a band, its name at its end. A mean of zero cannot stand
    on that scale and breaks the line.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = requests_over_time(panel(agencies=60).requests)
    >>> ax.get_yscale()
    'log'
    >>> plt.close(ax.figure)
    """
    canvas.size(height=3.3)
    groups = [None] if by is None else list(order or in_order(data[by], by))
    drawn = data.assign(per_report=data["per_report"].where(data["per_report"] > 0)).dropna(
        subset=["per_report"]
    )
    if by is not None and len(groups) > len(MARKERS):
        groups = (
            drawn.groupby(by)["requests"].sum().sort_values(ascending=False).index[: len(MARKERS)].tolist()
        )
    if drawn.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("requests_title"), n=canvas.say("n_reports"))
    last = drawn.sort_values("year").drop_duplicates(keys(by), keep="last") if by else drawn.tail(1)
    ends = last.set_index(by)["n_reports"] if by else {None: last["n_reports"].iloc[0]}

    def name(group: Any) -> str:
        named = canvas.name(group, str(by)) if group is not None else canvas.say("all")
        return f"{named} (n = {int(ends[group]):,})" if group in ends else named

    shown = drawn[drawn[by].isin(groups)] if by else drawn
    spread = shown[["per_report", "low", "high"]].to_numpy(dtype="float64", na_value=np.nan)
    middle = spread[:, 0]
    top, bottom = (
        np.nanmin([np.nanmax(spread), np.nanmax(middle) * 6]),
        np.nanmax([np.nanmin(spread), np.nanmin(middle) / 6]),
    )
    canvas.counts("y", float(top), log=True, bottom=max(float(bottom), 0.01))
    years = canvas.years(shown["year"])
    series(canvas, shown, value="per_report", group=by, order=groups, name=name)
    canvas.ax.set_ylabel(canvas.say("per_report"))
    room_above(canvas.ax)
    breaks_behind(canvas.ax, "new", years, lang=canvas.lang, canvas=canvas)
    counted = count(canvas.lang, int(data["n_reports"].sum()), float(data["requests"].sum()))
    left_out = canvas.say("largest_groups", n=len(groups)) if by and data[by].nunique() > len(groups) else ""
    return canvas.finish(
        data, canvas.say("requests_title"), counted, canvas.say("n_at_end"), left_out, n=canvas.say("n_reports")
    )  # fmt: skip


def volumes_data(
    frame: pd.DataFrame, *, by: str = "tier", value: str = "new", **look: Unpack[Look]
) -> pd.DataFrame:
    """How many requests a report counts: quartiles by group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with the columns `by` and `value`.
    by : str
        Column of the groups.
    value : str
        Column counted.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a group: `by`, ``reports, zeros`` (Int64), ``lowest, low, median, high, highest`` (Float64: quartiles).

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"tier": "county", "unit": ["a", "b", "c"], "new": [0.0, 4.0, 8.0]})
    >>> volumes_data(frame)["median"].tolist()
    [4.0]
    """
    require(frame, [by, value], "volumes")
    known = frame[frame[by].notna() & frame[value].notna()]
    values = known[value].astype("float64").groupby(known[by].astype("str"), sort=False)
    quartiles = values.quantile(np.array([0, 0.25, 0.5, 0.75, 1])).unstack()
    data = quartiles.set_axis(["lowest", "low", "median", "high", "highest"], axis=1) if len(known) else pd.DataFrame(
        columns=["lowest", "low", "median", "high", "highest"]
    )  # fmt: skip
    data.insert(0, "reports", values.size().reindex(data.index))
    data.insert(
        1,
        "zeros",
        values.agg(lambda group: int((group == 0).sum())).reindex(data.index) if len(known) else None,
    )
    data = data.astype("Float64").astype({"reports": "Int64", "zeros": "Int64"})
    return data.loc[in_order(data.index, by)].rename_axis(by).reset_index().astype({by: "str"})


@drawing(volumes_data)
def volumes(
    canvas: Canvas, data: pd.DataFrame, frame: pd.DataFrame, *, by: str, value: str, **options: Any
) -> Axes:
    """Draw how many requests reports count: one grey dot a report, median and quartiles of each group.

    The scale is log(1 + x): reports of zero requests stand at its left end.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = volumes(panel(agencies=60, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    canvas.size(height=1.1 + 0.42 * max(len(data), 1))
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("volumes_title"), n=canvas.say("n_reports"))
    for place, row in enumerate(data.to_dict("records")):
        values = frame.loc[frame[by].astype("str") == row[by], value].dropna().to_numpy(dtype="float64")
        # Laid out by rank, not at random: the same input gives the same picture.
        shifts = ((np.arange(len(values)) * 0.618) % 1 - 0.5) * 0.5
        shade = canvas.shade(row[by], colour("main", "roles"), row["reports"])
        canvas.ax.scatter(
            np.sort(values), place + shifts, s=5, color=colour("light", "roles"), linewidth=0, zorder=2
        )
        canvas.ax.plot(
            [row["low"], row["high"]],
            [place, place],
            color=shade,
            linewidth=2.5,
            solid_capstyle="butt",
            zorder=3,
        )
        canvas.ax.plot(
            row["median"], place, "o", color=shade, markeredgecolor="white", markersize=6, zorder=4
        )
        canvas.margin(canvas.say("median_is", n=f"{row['median']:,.4g}").split("|"), place)
    canvas.ax.set_xscale("function", functions=(lambda x: np.log1p(np.maximum(x, 0)), np.expm1))
    top = float(data["highest"].max())
    canvas.ax.set_xlim(0, max(top * 1.05, 3))
    ticks = [
        tick
        for tick in (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000)
        if tick <= max(top * 1.05, 3)
    ]
    canvas.ticks("x", ticks, [f"{tick:,}" for tick in ticks])
    canvas.grid("x")
    canvas.row_names([f"{canvas.name(code, by, place)} (n = {n:,})" for place, (code, n) in enumerate(zip(data[by], data["reports"], strict=True))])  # fmt: skip
    canvas.ax.set_ylim(len(data) - 0.4, -0.6)
    canvas.ax.set_xlabel(
        canvas.say("new_requests") if value == "new" else called(value, "outcome", canvas.lang)
    )
    counted = count(canvas.lang, int(data["reports"].sum()))
    zeros = canvas.say("zeros_note", n=f"{int(data['zeros'].sum()):,}")
    return canvas.finish(
        data,
        canvas.say("volumes_title"),
        counted,
        canvas.say("volumes_note"),
        zeros,
        n=canvas.say("n_reports"),
    )


def item_over_forms_data(series: pd.DataFrame, *, item: str = "", **look: Unpack[Look]) -> pd.DataFrame:
    """The reports drawn: what :func:`giakit.metrics.series` gives, without those that have no value.

    Examples
    --------
    >>> series = pd.DataFrame({"unit": ["a"], "year": [2021], "value": [3.0], "verdict": ["same"], "item": ["new"]})
    >>> len(item_over_forms_data(series))
    1
    """
    require(series, ["unit", "year", "value", "verdict"], "item_over_forms")
    known = series[series["value"].notna() & series["year"].notna()]
    return known.sort_values(["unit", "year"], kind="stable", ignore_index=True)


@drawing(item_over_forms_data)
def item_over_forms(canvas: Canvas, data: pd.DataFrame, *, item: str, **options: Any) -> Axes:
    """Draw an item over the years: a line where forms agree, open points where they are only alike.

    A year without a report breaks the line.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> series = pd.DataFrame({"unit": ["a"], "year": [2021], "value": [3.0], "verdict": ["same"], "item": ["new"]})
    >>> ax = item_over_forms(series, item="new")
    >>> plt.close(ax.figure)
    """
    canvas.size(height=3.3)
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("forms_title"), n=canvas.say("n_reports"))
    ax = canvas.ax
    for place, (unit, part) in enumerate(data.groupby("unit", sort=False)):
        marker, shade = MARKERS[place % len(MARKERS)], canvas.shade(unit, colour("same", "verdicts"))
        values = part.groupby("year")["value"].last().astype("float64")
        same = part["verdict"].isin(["same", "sum"]).groupby(part["year"]).last().astype(bool)
        every = range(int(values.index.min()), int(values.index.max()) + 1)
        ax.plot(list(every), values.where(same).reindex(every), color=shade, marker=marker, zorder=3)
        ax.plot(
            values.index[~same].astype(int), values[~same], marker, color=ink_of("approximate", "verdicts"),
            markerfacecolor="white", markersize=5, zorder=3,
        )  # fmt: skip
        named = canvas.name(unit, "unit", place)
        if values.index[-1] == data["year"].max():
            canvas.end(named, float(values.iloc[-1]), color=colour("ink", "roles"))
        else:
            sides = ("above", "below", "above left", "below left", "above right", "below right")
            canvas.text(
                named, float(values.index[-1]), float(values.iloc[-1]), gap=7, weight="bold", sides=sides
            )
    canvas.counts("y", float(data["value"].max()))
    years = canvas.years(data["year"])
    room_above(ax, 0.2)
    breaks_behind(ax, item, years, lang=canvas.lang, canvas=canvas)
    ax.set_ylabel(canvas.say("item_axis") if item == "new" else called(item, "outcome", canvas.lang))
    counted = count(canvas.lang, len(data))
    return canvas.finish(
        data, canvas.say("forms_title"), counted, canvas.say("forms_note"), n=canvas.say("n_reports")
    )


def cumulative_column_data(table: pd.DataFrame, **look: Unpack[Look]) -> pd.DataFrame:
    """The figure of each year, the cumulative one beside it, and whether the latter falls.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a report of one unit: ``year, count, cumulative``.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        ``year`` (Int64), ``count, cumulative`` (Float64), ``least`` (Float64: the column before plus the year's own) and
        ``falls`` (bool), by year.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2016, 2017], "count": [5.0, 6.0], "cumulative": [50.0, 7.0]})
    >>> cumulative_column_data(table)["falls"].tolist()
    [False, True]
    """
    require(table, ["year", "count", "cumulative"], "cumulative_column")
    data = table[["year", "count", "cumulative"]].sort_values("year", kind="stable", ignore_index=True)
    data = data.astype({"year": "Int64", "count": "Float64", "cumulative": "Float64"})
    data["least"] = data["cumulative"].shift() + data["count"]
    data["falls"] = (data["cumulative"] < data["cumulative"].shift()).fillna(False).astype(bool)
    return data


@drawing(cumulative_column_data)
def cumulative_column(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw the figure of the year and the cumulative one that stands beside it, and mark where the latter falls.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"year": [2016, 2017], "count": [5.0, 6.0], "cumulative": [50.0, 7.0]})
    >>> ax = cumulative_column(table)
    >>> ax.get_yscale()
    'log'
    >>> plt.close(ax.figure)
    """
    canvas.size(height=2.8)
    long = data.melt("year", ["cumulative", "count"], "column").query("value > 0")
    if long.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("cumulative_title"), n=canvas.say("n_reports"))
    canvas.counts("y", float(long["value"].max()), log=True, bottom=float(long["value"].min()))
    canvas.years(data["year"])
    series(
        canvas, long, value="value", low=None, high=None, group="column", order=["cumulative", "count"],
        name=lambda column: canvas.name(column, "", default=canvas.say(f"column_{column}")),
    )  # fmt: skip
    for row in data[data["falls"]].to_dict("records"):
        canvas.text(
            canvas.say("falls"),
            row["year"],
            number(row["cumulative"]),
            sides=("below left", "left", "below"),
            gap=6,
        )
    canvas.ax.set_ylabel(canvas.say("items_disclosed"))
    return canvas.finish(
        data, canvas.say("cumulative_title"), count(canvas.lang, len(data)), n=canvas.say("n_items")
    )


def crosswalk_data(
    *, pairs: Sequence[tuple[str, str]] = PAIRS, items: Sequence[str] | None = None, **look: Unpack[Look]
) -> pd.DataFrame:
    """Verdicts of the crosswalk for pairs of forms.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Older and newer form.
    items : sequence of str, optional
        Items, in order; by default those that at least one pair can carry over.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row an item: ``item``, then one column a pair (``"2019 to 2021"``) with the verdict.

    Raises
    ------
    KeyError
        If there is no such item.

    Examples
    --------
    >>> crosswalk_data(pairs=[("2019", "2021")]).columns.tolist()
    ['item', '2019 to 2021']
    """
    whole = crosswalk_table()
    columns = [
        whole[(whole["older"] == older) & (whole["newer"] == newer)].set_index("item")["verdict"]
        for older, newer in pairs
    ]
    table = pd.concat(columns, axis=1, keys=[f"{older} to {newer}" for older, newer in pairs])
    table = table[(table != "none").any(axis=1)] if items is None else table.loc[list(items)]
    return table.rename_axis("item").reset_index()


def crosswalk(
    ax: Axes | None = None,
    *,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    items: Sequence[str] | None = None,
    **look: Unpack[Look],
) -> Axes:
    """Draw which items may be compared between which forms.

    Parameters
    ----------
    pairs, items
        As in :func:`crosswalk_data`; by default twenty items that differ most between the pairs.
    ax, **look
        As in :func:`giakit.figures.fate_of_requests`; `labels` maps items to names.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    KeyError
        If there is no such item.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = crosswalk()
    >>> len(ax.get_yticks())
    20
    >>> plt.close(ax.figure)
    """
    data = crosswalk_data(pairs=pairs, items=items)
    if items is None and len(data) > ITEMS:
        listed = [code for code in crosswalk_file().items if code in set(data["item"])]
        # Rows of the same group have the same verdicts: one of each kind says it.
        kinds = data.set_index("item").loc[listed]
        order = kinds.groupby(list(kinds.columns), sort=False).cumcount()
        chosen = order.sort_values(kind="stable").index[:ITEMS]
        data = data.set_index("item").loc[[code for code in listed if code in set(chosen)]].reset_index()
    names = list(data.columns[1:])
    canvas = Canvas("crosswalk", ax, look, height=0.9 + 0.17 * len(data))
    for column, name in enumerate(names):
        for row, verdict in enumerate(data[name]):
            shade = canvas.shade(verdict, colour(verdict, "verdicts"))
            canvas.ax.barh(row, 0.96, left=column + 0.02, height=0.86, color=shade)
            canvas.text(
                called(verdict, "verdict", canvas.lang), column + 0.5, row, sides="centre", fontsize=SMALLEST,
                between=(column, column + 1), color=ink_on(shade),
            )  # fmt: skip
    headed = [
        canvas.say("pair", older=called(older, "form", canvas.lang), newer=called(newer, "form", canvas.lang))
        for older, newer in pairs
    ]
    known = crosswalk_file().items
    canvas.row_names(
        [
            canvas.name(code, "item", place, default=known[code].zh if canvas.lang == "zh" else _item(code))
            for place, code in enumerate(data["item"])
        ]
    )
    canvas.ax.set_ylim(max(len(data), 1) - 0.4, -0.6)
    canvas.ax.set_xlim(0, len(names))
    canvas.ticks("x", [place + 0.5 for place in range(len(names))], headed, text=True)
    canvas.ax.tick_params(length=0)
    canvas.ax.xaxis.tick_top()
    canvas.ax.spines[:].set_visible(False)
    return canvas.finish(
        data, canvas.say("crosswalk_title"), canvas.say("crosswalk_note"), n=canvas.say("n_items")
    )


def _item(code: str) -> str:
    """The English name of an item of the crosswalk: row and column, in words."""
    row, _, column = code.partition(".")
    named = next((called(row, family, "en") for family in ("flow", "outcome", "remedy") if called(row, family, "en") != row.replace("_", " ")), row.replace("_", " "))  # fmt: skip
    return f"{named}, {column.replace('_', ' ')}" if column else named
