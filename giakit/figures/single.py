"""One report at a glance: what came in, what was decided, what was contested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, rows
from giakit.figures.style import colour
from giakit.figures.wording import say, words
from giakit.forms import tables
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STAGES = ("inflow", "outcome", "reconsideration", "suit")


def one_report_data(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells above zero of a report's requests and remedies, by the stage they belong to.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``report.cells``: ``table, row, column, value``.

    Returns
    -------
    pandas.DataFrame
        One row a cell of a total above zero: ``stage`` (``inflow, outcome, reconsideration, suit``),
        ``group, table, row, column`` (str), ``value`` (Float64), in the form's order.

    Raises
    ------
    MissingColumns

    References
    ----------
    Form of 2021, tables 3 and 4.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame([("requests", "new", "total", 1.0), ("requests", "granted", "total", 1.0)],
    ...     columns=["table", "row", "column", "value"])
    >>> one_report_data(cells)[["stage", "row", "value"]].values.tolist()
    [['inflow', 'new', 1.0], ['outcome', 'granted', 1.0]]
    """
    require(cells, ["table", "row", "column", "value"], "one_report")
    values = {
        (table, row, column): value
        for table, row, column, value in zip(
            cells["table"], cells["row"], cells["column"], cells["value"], strict=True
        )
    }
    rows = []
    for table, row, column in _wanted():
        value = values.get((table, row, column))
        if value is None or pd.isna(value) or value <= 0:
            continue
        rows.append((_stage(table, row), _group(table, row), table, row, column, float(value)))
    names = ["stage", "group", "table", "row", "column", "value"]
    types = {name: "Float64" if name == "value" else "str" for name in names}
    return pd.DataFrame(rows, columns=names).astype(types)


def _wanted() -> list[tuple[str, str, str]]:
    requests, remedies = tables()["requests"], tables()["remedies"]
    wanted = [
        ("requests", row.code, "total") for row in requests.rows if row.code not in ("closed", "other_sum")
    ]
    parts = [column.code for column in remedies.columns if column.code != "total"]
    return wanted + [("remedies", row.code, column) for row in remedies.rows for column in parts]


def _stage(table: str, row: str) -> str:
    if table == "remedies":
        return "reconsideration" if row == "reconsideration" else "suit"
    return "inflow" if row in ("new", "carried_in") else "outcome"


def _group(table: str, row: str) -> str:
    if table == "remedies":
        return row
    return next(
        (group for group in ("denied", "unable", "not_processed", "other") if row.startswith(group)), row
    )


def one_report(
    cells: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en", title: str | None = None
) -> Axes:
    """Draw the way of a report's requests: came in, decided, reconsidered, taken to court.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``report.cells``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of two columns by default.
    lang : {"en", "zh"}
        Language of the figure.
    title : str, optional
        Title.

    Returns
    -------
    matplotlib.axes.Axes
        One column a stage, one box a cell above zero.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> cells = pd.DataFrame([("requests", "new", "total", 1.0), ("requests", "granted", "total", 1.0)],
    ...     columns=["table", "row", "column", "value"])
    >>> ax = one_report(cells)
    >>> len(ax.patches)
    2
    >>> plt.close(ax.figure)
    """
    data = one_report_data(cells)
    most = max([1, *data["stage"].value_counts().tolist()])
    ax = axes(ax, height=0.95 + 0.42 * most)
    flow = words("flow", lang)
    for place, stage in enumerate(STAGES):
        part = data[data["stage"] == stage]
        ax.text(
            place + 0.03, -0.42, flow[stage], fontweight="bold", color=colour("ink", "roles"), va="bottom"
        )
        for number, row in enumerate(rows(part)):
            _box(ax, place, number, _named(row, lang), float(row.value), _shade(row))
        if part.empty:
            ax.text(
                place + 0.03,
                0.0,
                flow["nothing"],
                style="italic",
                color=colour("muted", "roles"),
                va="center",
            )
        before = data[data["stage"].isin(STAGES[:place])]
        if place and len(part) and len(before):
            ax.annotate(
                "", (place + 0.01, 0.0), xytext=(place - 0.085, 0.0),
                arrowprops={"arrowstyle": "-|>", "color": colour("muted", "roles"), "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
    ax.set_xlim(0, len(STAGES))
    ax.set_ylim(most - 0.5, -0.75)
    ax.set_axis_off()
    head(ax, say(lang, "one_report_title") if title is None else title, say(lang, "one_report_note"))
    return finish(ax, lang)


def _box(ax: Axes, place: int, number: int, text: str, value: float, shade: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    ax.add_patch(
        FancyBboxPatch(
            (place + 0.03, number - 0.3), 0.86, 0.6, boxstyle="round,pad=0,rounding_size=0.06", facecolor=shade,
            edgecolor="none",
        )
    )  # fmt: skip
    ink = "white" if _dark(shade) else colour("ink", "roles")
    ax.text(place + 0.07, number, text, va="center", color=ink, fontsize=SMALL, linespacing=1.1)
    ax.text(
        place + 0.85,
        number,
        f"{value:,.0f}",
        va="center",
        ha="right",
        color=ink,
        fontsize=8.5,
        fontweight="bold",
    )


def _dark(shade: str) -> bool:
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(shade)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55


def _shade(row: object) -> str:
    stage, group, column = row.stage, row.group, row.column  # type: ignore[attr-defined]
    if stage == "inflow" or group == "carried_out":
        return colour("band", "roles")
    return colour(str(column), "remedies") if stage in ("reconsideration", "suit") else colour(str(group))


def _named(row: object, lang: str) -> str:
    stage, group, code, column = row.stage, row.group, row.row, row.column  # type: ignore[attr-defined]
    outcome, remedy, flow = words("outcome", lang), words("remedy", lang), words("flow", lang)
    if stage in ("reconsideration", "suit"):
        between = "：" if lang == "zh" else ":\n"
        return f"{remedy[code]}{between}{remedy[column]}" if stage == "suit" else remedy[column]
    if code in flow:
        return flow[code]
    return (
        outcome[code]
        if code == group
        else f"{outcome[group]}{'：' if lang == 'zh' else ':'}\n{outcome[code]}"
    )
