"""Over the years and over the forms: how many requests come, what may be drawn as a line, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import Canvas, number, rows
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import MARKERS, cells, dots, interval_rows, over_forms, series
from giakit.figures.style import colour, ink_of
from giakit.figures.wording import called, in_order
from giakit.forms.crosswalk import crosswalk as crosswalk_table
from giakit.forms.crosswalk_data import crosswalk_file
from giakit.metrics.counts import keys, require
from giakit.metrics.definitions import Measure
from giakit.metrics.rates import measure_rate

PAIRS = (("local", "2019"), ("local", "2021"), ("2014", "2021"), ("2019", "2021"))
#: Items whose verdict a reader looks up first.
ITEMS = 20


@twin
def requests_over_time_data(
    frame: pd.DataFrame, *, by: str | None = "tier", order: Sequence[str] | None = None, overlap: str = "error"
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

    Returns
    -------
    pandas.DataFrame
        One row a group and year: `by`, ``year`` (Int64), ``requests, per_report, low, high`` (Float64),
        ``n_reports`` (Int64), ``method, note``. Per report, because a sum follows the number of reports at hand.

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
    known = frame[frame["year"].notna()]
    if by is not None and order is not None:
        known = known[known[by].isin(list(order))]
    counted = known.assign(reports=pd.array(np.ones(len(known)), dtype="Float64"))
    wanted = Measure("requests per report", "", "new", ("reports",), ratios=("reports",), volume=True)
    table = measure_rate(counted, wanted, by=names, overlap=overlap)
    table = table.rename(columns={"numerator": "requests", "rate": "per_report"})
    return table[[*names, "requests", "per_report", "low", "high", "n_reports", "method", "note"]]


@drawing(requests_over_time_data, n="n_reports", height=3.3)
def requests_over_time(canvas: Canvas, data: pd.DataFrame, *, by: str | None, order: Sequence[str] | None) -> list[str]:
    """Draw new requests per report over the years, forms as bands and breaks as lines.

    One line a group on a logarithmic scale, its interval as a band, its name at its end. A mean of zero cannot stand
    on that scale and breaks the line.
    """
    drawn = data[(data["per_report"] > 0).fillna(False).astype(bool)]
    if drawn.empty:
        return canvas.empty()
    groups: list[Any] = [None] if by is None else list(order or in_order(data[by], by))
    if by is not None and len(groups) > len(MARKERS):
        groups = drawn.groupby(by)["requests"].sum().sort_values(ascending=False).index[: len(MARKERS)].tolist()
    last = drawn.sort_values("year").drop_duplicates(keys(by), keep="last") if by else drawn.tail(1)
    ends = dict(zip(last[by] if by else [None], last["n_reports"], strict=True))

    def name(group: Any) -> str:
        named = canvas.name(group, str(by)) if group is not None else canvas.say("all")
        return f"{named} (n = {int(ends[group]):,})" if group in ends else named

    seen = drawn[drawn[by].isin(groups)] if by else drawn
    spread = seen[["per_report", "low", "high"]].to_numpy(dtype="float64", na_value=np.nan)
    top = min(np.nanmax(spread), np.nanmax(spread[:, 0]) * 6)
    bottom = max(np.nanmin(spread), np.nanmin(spread[:, 0]) / 6, 0.01)
    canvas.counts("y", float(top), log=True, bottom=float(bottom))
    series(canvas, seen, value="per_report", group=by, order=groups, name=name)
    canvas.ax.set_ylabel(canvas.say("per_report"))
    over_forms(canvas, seen["year"], "new")
    counted = canvas.count(data["n_reports"].sum(), data["requests"].sum())
    left_out = canvas.say("largest_groups", n=len(groups)) if by and data[by].nunique() > len(groups) else ""
    return [counted, canvas.say("n_at_end"), left_out]


@twin
def volumes_data(frame: pd.DataFrame, *, by: str = "tier", value: str = "new") -> pd.DataFrame:
    """How many requests a report counts: quartiles by group.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with the columns `by` and `value`.
    by : str
        Column of the groups.
    value : str
        Column counted.

    Returns
    -------
    pandas.DataFrame
        One row a group: `by`, ``reports, zeros`` (Int64), ``lowest, low, median, high, highest`` (Float64: quartiles).

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
    named = {"lowest": 0.0, "low": 0.25, "median": 0.5, "high": 0.75, "highest": 1.0}
    columns = {
        "reports": values.size(),
        "zeros": (known[value] == 0).groupby(known[by].astype("str"), sort=False).sum(),
    }
    data = pd.DataFrame({**columns, **{name: values.quantile(share) for name, share in named.items()}})
    data = data.astype({"reports": "Int64", "zeros": "Int64", **dict.fromkeys(named, "Float64")})
    return data.loc[in_order(data.index, by)].rename_axis(by).reset_index().astype({by: "str"})


@drawing(volumes_data, n="n_reports", height=lambda data: 1.1 + 0.42 * max(len(data), 1))
def volumes(canvas: Canvas, data: pd.DataFrame, *, frame: pd.DataFrame, by: str, value: str) -> list[str]:
    """Draw how many requests reports count: one grey dot a report, median and quartiles of each group.

    The scale is log(1 + x): reports of zero requests stand at its left end.
    """
    for place, group in enumerate(data[by]):
        values = frame.loc[frame[by].astype("str") == group, value].dropna().to_numpy(dtype="float64")
        dots(canvas, values, place, colour("light", "roles"))
    canvas.log_counts("x", max(float(data["highest"].max()) * 1.05, 3))
    interval_rows(
        canvas, data, value="median", n="reports", shade=lambda row: canvas.shade(row[0], colour("main", "roles")), size=6, thick=2.5,
        margin=lambda row: canvas.say("median_is", n=f"{row.median:,.4g}").split("|"),
    )  # fmt: skip
    canvas.grid("x")
    canvas.row_names(canvas.names(data[by].tolist(), by, data["reports"]))
    canvas.ax.set_xlabel(canvas.say("new_requests") if value == "new" else called(value, "outcome", canvas.lang))
    zeros = canvas.say("zeros_note", n=f"{int(data['zeros'].sum()):,}")
    return [canvas.count(data["reports"].sum()), canvas.say("volumes_note"), zeros]


@twin
def item_over_forms_data(series: pd.DataFrame, *, item: str = "") -> pd.DataFrame:
    """The reports drawn: what :func:`giakit.metrics.series` gives, without those that have no value.

    Examples
    --------
    >>> series = pd.DataFrame({"unit": ["a"], "year": [2021], "value": [3.0], "verdict": ["same"], "item": ["new"]})
    >>> len(item_over_forms_data(series, item="new"))
    1
    """
    require(series, ["unit", "year", "value", "verdict"], "item_over_forms")
    known = series[series["value"].notna() & series["year"].notna()]
    return known.sort_values(["unit", "year"], kind="stable", ignore_index=True)


@drawing(item_over_forms_data, n="n_reports", height=3.3)
def item_over_forms(canvas: Canvas, data: pd.DataFrame, *, item: str) -> list[str]:
    """Draw an item over the years: a line where forms agree, open points where they are only alike.

    A year without a report breaks the line.
    """
    for place, (unit, part) in enumerate(data.groupby("unit", sort=False)):
        marker, shade = MARKERS[place % len(MARKERS)], canvas.shade(unit, colour("same", "verdicts"))
        values = part.groupby("year")["value"].last().astype("float64")
        same = part["verdict"].isin(["same", "sum"]).groupby(part["year"]).last().astype(bool)
        every = list(range(int(values.index.min()), int(values.index.max()) + 1))
        canvas.ax.plot(every, values.where(same).reindex(every), color=shade, marker=marker, zorder=3)
        look: dict[str, Any] = {
            "color": ink_of("approximate", "verdicts"),
            "markerfacecolor": "white",
            "markersize": 5,
            "zorder": 3,
        }
        canvas.ax.plot(values.index[~same].astype(int), values[~same], marker, **look)
        named, year, value = canvas.name(unit, "unit", place), float(values.index[-1]), float(values.iloc[-1])
        if values.index[-1] == data["year"].max():
            canvas.end(named, value, color=colour("ink", "roles"))
        else:
            sides = ("above", "below", "above left", "below left", "above right", "below right")
            canvas.text(named, year, value, gap=7, weight="bold", sides=sides)
    canvas.counts("y", float(data["value"].max()))
    over_forms(canvas, data["year"], item, above=0.2)
    canvas.ax.set_ylabel(canvas.say("item_axis") if item == "new" else called(item, "outcome", canvas.lang))
    return [canvas.count(len(data)), canvas.say("forms_note")]


@twin
def cumulative_column_data(table: pd.DataFrame) -> pd.DataFrame:
    """The figure of each year, the cumulative one beside it, and whether the latter falls.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a report of one unit: ``year, count, cumulative``.

    Returns
    -------
    pandas.DataFrame
        ``year`` (Int64), ``count, cumulative`` (Float64), ``least`` (Float64: the column before plus the year's own) and
        ``falls`` (bool), by year.

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


@drawing(cumulative_column_data, n="n_items", height=2.8)
def cumulative_column(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the figure of the year and the cumulative one that stands beside it, and mark where the latter falls."""
    long = data.melt("year", ["cumulative", "count"], "column").query("value > 0")
    if long.empty:
        return canvas.empty()
    canvas.counts("y", float(long["value"].max()), log=True, bottom=float(long["value"].min()))
    canvas.years(data["year"])
    series(
        canvas, long, value="value", low=None, high=None, group="column", order=["cumulative", "count"],
        name=lambda column: canvas.name(column, "", default=canvas.say(f"column_{column}")),
    )  # fmt: skip
    for row in rows(data[data["falls"]]):
        canvas.text(canvas.say("falls"), row.year, number(row.cumulative), sides=("below left", "left", "below"), gap=6)
    canvas.ax.set_ylabel(canvas.say("items_disclosed"))
    return [canvas.count(len(data))]


@twin
def crosswalk_data(*, pairs: Sequence[tuple[str, str]] = PAIRS, items: Sequence[str] | None = None) -> pd.DataFrame:
    """Verdicts of the crosswalk for pairs of forms.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Older and newer form.
    items : sequence of str, optional
        Items, in order; by default those that at least one pair can carry over.

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


@drawing(
    crosswalk_data, n="n_items", height=lambda data: 0.9 + 0.17 * min(len(data), ITEMS), empty=None
)  # fmt: skip
def crosswalk(
    canvas: Canvas, data: pd.DataFrame, *, pairs: Sequence[tuple[str, str]], items: Sequence[str] | None
) -> list[str]:  # fmt: skip
    """Draw which items may be compared between which forms; by default twenty that differ most between the pairs."""
    verdicts, known = data.set_index("item"), crosswalk_file().items
    if items is None and len(data) > ITEMS:
        listed = verdicts.loc[[code for code in known if code in verdicts.index]]
        # Rows of the same group have the same verdicts: one of each kind says it.
        order = listed.groupby(list(listed.columns), sort=False).cumcount()
        chosen = set(order.sort_values(kind="stable").index[:ITEMS])
        verdicts = listed[listed.index.isin(chosen)]
    forms = [
        {"older": called(older, "form", canvas.lang), "newer": called(newer, "form", canvas.lang)}
        for older, newer in pairs
    ]
    cells(
        canvas, [[canvas.shade(verdict, colour(verdict, "verdicts")) for verdict in line] for line in verdicts.to_numpy()],
        texts=[[called(verdict, "verdict", canvas.lang) for verdict in line] for line in verdicts.to_numpy()],
        rows=[
            canvas.name(code, "item", place, default=known[code].zh if canvas.lang == "zh" else _item(code))
            for place, code in enumerate(verdicts.index)
        ],
        columns=[canvas.say("pair", **pair) for pair in forms],
    )  # fmt: skip
    return [canvas.say("crosswalk_note")]


def _item(code: str) -> str:
    """The English name of an item of the crosswalk: row and column, in words."""
    row, _, column = code.partition(".")
    plain = row.replace("_", " ")
    names = (called(row, family, "en") for family in ("flow", "outcome", "remedy"))
    named = next((name for name in names if name != plain), plain)
    return f"{named}, {column.replace('_', ' ')}" if column else named
