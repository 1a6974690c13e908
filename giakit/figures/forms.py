"""One item over the forms: what may be drawn as a line, and what not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.breaks import breaks_behind
from giakit.figures.canvas import SMALL, axes, finish, head, rows
from giakit.figures.style import colour
from giakit.figures.wording import called, say
from giakit.forms.crosswalk import crosswalk as crosswalk_table
from giakit.forms.crosswalk_data import crosswalk_file
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def item_over_forms_data(series: pd.DataFrame) -> pd.DataFrame:
    """The reports drawn: what :func:`giakit.metrics.series` gives, without those that have no value.

    Examples
    --------
    >>> series = pd.DataFrame({"unit": ["a"], "year": [2021], "value": [3.0], "verdict": ["same"], "item": ["new"]})
    >>> len(item_over_forms_data(series))
    1
    """
    require(series, ["unit", "year", "value", "verdict"], "item_over_forms")
    return series[series["value"].notna()].sort_values(["unit", "year"], kind="stable", ignore_index=True)


def item_over_forms(
    series: pd.DataFrame,
    ax: Axes | None = None,
    *,
    item: str,
    names: dict[str, str] | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw an item over the years: a line where forms agree, open points where they are only alike.

    Parameters
    ----------
    series : pandas.DataFrame
        What :func:`giakit.metrics.series` gives, of few agencies.
    item : str
        The item, for the breaks that touch it.
    names : dict, optional
        What to call each unit.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> series = pd.DataFrame({"unit": ["a"], "year": [2021], "value": [3.0], "verdict": ["same"], "item": ["new"]})
    >>> ax = item_over_forms(series, item="new")
    >>> plt.close(ax.figure)
    """
    data = item_over_forms_data(series)
    ax = axes(ax, height=3.3)
    top = max(1.0, float(data["value"].max())) * 1.3 if len(data) else 1.0
    last_year = data["year"].max()
    below = False
    for number, (unit, own) in enumerate(data.groupby("unit", sort=False)):
        marker = "os^Dv"[number % 5]
        years, values = own["year"].to_numpy(dtype="int64"), own["value"].to_numpy(dtype="float64")
        same = own["verdict"].isin(["same", "sum"]).to_numpy(dtype=bool)
        ax.plot(years[same], values[same], marker=marker, color=colour("same", "verdicts"))
        ax.plot(years[~same], values[~same], marker, color="#B57A12", markerfacecolor="white", markersize=5)
        # Units whose reports end early end close together: their names stand above and below in turn.
        under = below and int(years[-1]) != last_year
        below = below != (int(years[-1]) != last_year)
        ax.annotate(
            (names or {}).get(str(unit), str(unit)),
            (years[-1], values[-1]),
            xytext=(0, -8 if under else 7),
            textcoords="offset points",
            ha="center",
            va="top" if under else "bottom",
            fontsize=SMALL,
            fontweight="bold",
        )
    ax.set_ylim(-0.13 * top, top)
    if len(data):
        listed = list(range(int(data["year"].min()), int(data["year"].max()) + 1))
        ax.set_xlim(listed[0] - 0.7, listed[-1] + 0.7)
        ax.set_xticks(listed, [str(year) if year % 2 else "" for year in listed])
        breaks_behind(ax, item, listed, lang=lang, bands=False)
    ax.set_ylabel(say(lang, "item_axis") if item == "new" else item)
    head(ax, say(lang, "forms_title") if title is None else title, say(lang, "forms_note", n=len(data)))
    return finish(ax, lang)


def crosswalk_data(
    *,
    pairs: Sequence[tuple[str, str]] = (
        ("local", "2019"),
        ("local", "2021"),
        ("2014", "2021"),
        ("2019", "2021"),
    ),
) -> pd.DataFrame:
    """Verdicts of the crosswalk for pairs of forms, items that at least one pair can carry over.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Older and newer form.

    Returns
    -------
    pandas.DataFrame
        One row an item: ``item``, then one column a pair (``"2019 to 2021"``) with the verdict.

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
    return table[(table != "none").any(axis=1)].rename_axis("item").reset_index()


def crosswalk(
    ax: Axes | None = None,
    *,
    pairs: Sequence[tuple[str, str]] = (
        ("local", "2019"),
        ("local", "2021"),
        ("2014", "2021"),
        ("2019", "2021"),
    ),
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw which items may be compared between which forms.

    Parameters
    ----------
    pairs
        As in :func:`crosswalk_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = crosswalk()
    >>> plt.close(ax.figure)
    """
    data = crosswalk_data(pairs=pairs)
    names = list(data.columns[1:])
    ax = axes(ax, columns=2, height=0.9 + 0.125 * len(data))
    for column, name in enumerate(names):
        for row, value in enumerate(data[name]):
            ax.barh(row, 0.96, left=column + 0.02, height=0.86, color=colour(value, "verdicts"))
            ax.text(
                column + 0.5,
                row,
                called(value, "verdict", lang),
                ha="center",
                va="center",
                fontsize=4.8,
                color="white" if value == "same" else colour("ink", "roles"),
            )
    headed = [
        say(lang, "pair", older=called(older, "form", lang), newer=called(newer, "form", lang))
        for older, newer in pairs
    ]
    items = crosswalk_file().items
    ax.set_xticks([place + 0.5 for place in range(len(names))], headed)
    ax.set_yticks(
        range(len(data)),
        [items[name].zh for name in data["item"]] if lang == "zh" else data["item"],
        fontsize=5,
    )
    ax.set_ylim(len(data) - 0.4, -0.6)
    ax.set_xlim(0, len(names))
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    ax.set_title(say(lang, "crosswalk_title") if title is None else title, loc="left", pad=8)
    return finish(ax, lang)


def cumulative_column(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en", title: str | None = None
) -> Axes:
    """Draw the figure of the year and the cumulative one that stands beside it, and mark where the latter falls.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a report of one unit: ``year, count, cumulative, falls``; it is the data drawn.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"year": [2016, 2017], "count": [5.0, 6.0], "cumulative": [50.0, 7.0], "falls": [False, True]})
    >>> ax = cumulative_column(table)
    >>> ax.get_yscale()
    'log'
    >>> plt.close(ax.figure)
    """
    require(table, ["year", "count", "cumulative", "falls"], "cumulative_column")
    ax = axes(ax, height=2.8)
    years = table["year"].to_numpy(dtype="int64")
    for name, shade in (("cumulative", "second"), ("count", "main")):
        values = table[name].to_numpy(dtype="float64", na_value=float("nan"))
        ax.plot(years, values, marker="o", color=colour(shade, "roles"))
        ax.annotate(
            say(lang, f"column_{name}"),
            (years[-1], values[-1]),
            xytext=(7, 3 if name == "cumulative" else -4),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            fontweight="bold",
            color=colour(shade, "roles"),
            annotation_clip=False,
        )
    for row in rows(table[table["falls"].astype(bool)]):
        ax.annotate(
            say(lang, "falls"),
            (row.year, row.cumulative),
            xytext=(-16, -12),
            textcoords="offset points",
            ha="right",
            fontsize=SMALL,
            arrowprops={"arrowstyle": "-", "color": colour("muted", "roles"), "linewidth": 0.6},
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    ax.set_xticks(years, [str(year) for year in years])
    ax.set_ylabel(say(lang, "items_disclosed"))
    head(ax, say(lang, "cumulative_title") if title is None else title, say(lang, "forms_note", n=len(table)))
    return finish(ax, lang)
