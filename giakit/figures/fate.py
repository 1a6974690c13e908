"""What became of requests: the fate of requests, every outcome with its interval, one report, one report's many rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.errors import UnknownChoice
from giakit.figures.canvas import Canvas, Look, drawing, number, rows
from giakit.figures.drawings import interval_rows
from giakit.figures.style import colour, ink_of, ink_on
from giakit.figures.wording import called, count, say, words
from giakit.forms import tables
from giakit.metrics.blanks import cell_values, close_blanks
from giakit.metrics.counts import keys, prepared, require
from giakit.metrics.definitions import Measure, identities, measure, term
from giakit.metrics.rates import measure_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Groups of outcomes, in the order of the form.
GROUPS = ("granted", "partial", "denied", "unable", "not_processed", "other")
STAGES = ("inflow", "outcome", "reconsideration", "suit")


def _parts(group: str, single_other: bool) -> list[str]:
    if group == "other":
        return ["other"] if single_other else list(identities()["other_parts"])
    return [group] if group in ("granted", "partial") else [code for code, _ in term(group)]


def fate_of_requests_data(
    frame: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    detail: str = "groups",
    overlap: str = "error",
    blank: str = "closes",
    **look: Unpack[Look],
) -> pd.DataFrame:
    """Share of each outcome among requests closed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``, forms of 2019 and 2021.
    by : str or sequence of str, optional
        Columns to group by (``year``, ``tier``, ``unit``); None puts all reports together.
    detail : {"groups", "rows"}
        The six groups of outcomes, or the rows of the form.
    overlap, blank
        As in :func:`giakit.metrics.rate`.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a group and outcome, in the form's order: the columns of `by`, ``outcome, group`` (str),
        ``count, closed`` (Float64), ``share, low, high`` (Float64, 0-1), ``n_reports``, ``n_empty`` (closed nothing),
        ``n_left_out`` (Int64: outcomes blank, or that do not add up to their total), ``method``, and on every row of a
        group ``disclosed, disclosed_low, disclosed_high``: granted and partial together.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Notes
    -----
    ``outcome / closed``, intervals of :func:`giakit.metrics.rate`: clustered by agency where there are several.

    References
    ----------
    Forms of 2019 and 2021, table 3, rows 三（一）to 三（七）.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.simulate.panels import panel
    >>> data = fate_of_requests_data(panel(agencies=20, years=[2023]).requests)
    >>> data["outcome"].tolist()
    ['granted', 'partial', 'denied', 'unable', 'not_processed', 'other']
    >>> round(float(data["share"].sum()), 6)
    1.0
    """
    if detail not in ("groups", "rows"):
        raise UnknownChoice("detail", detail, ("groups", "rows"))
    names = keys(by)
    frame = prepared(frame, names, overlap, "fate_of_requests")
    filled = close_blanks(frame) if blank == "closes" else frame
    closing, empty, single_other = _closing(filled)
    # A group none of whose reports close keeps its place, empty.
    used = filled.assign(closed=filled["closed"].where(closing))
    tables_of = []
    for group in GROUPS:
        for code in [group] if detail == "groups" else _parts(group, single_other):
            wanted = Measure(f"share of {code}", "", code, ("closed",))
            table = measure_rate(used, wanted, by=names, overlap=None, blank="missing")
            tables_of.append(table.assign(outcome=code, group=group))
    disclosed = measure_rate(used, measure("disclosure_rate"), by=names, overlap=None, blank="missing")
    for name in ("rate", "low", "high"):
        target = "disclosed" if name == "rate" else f"disclosed_{name}"
        tables_of = [table.assign(**{target: disclosed[name].array}) for table in tables_of]
    return _tidy(tables_of, names, frame, closing, empty)


def _closing(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, bool]:
    """Reports whose outcomes add up to a total above zero; those that closed nothing; whether other handling is one row."""
    total = cell_values(frame, "closed", None)
    require(frame, ["granted", "partial", "closed"], "fate_of_requests")
    codes = ["granted", "partial", *(code for group in GROUPS[2:5] for code in _parts(group, False))]
    require(frame, codes, "fate_of_requests")
    other = cell_values(frame, "other", None)
    if other is None:
        require(frame, ["other"], "fate_of_requests")
    values = [cell_values(frame, code, None) for code in codes]
    added = np.sum([value for value in values if value is not None], axis=0) + other
    single = "other" in frame.columns and bool(frame["other"].notna().any())
    with np.errstate(invalid="ignore"):
        # A total of zero over blank parts closed nothing as surely as one over zeros.
        empty = (np.asarray(total) == 0) & ~(np.nan_to_num(added) > 0)
        return np.asarray((added == total) & (np.asarray(total) > 0)), np.asarray(empty), single


def _tidy(
    tables_of: list[pd.DataFrame], names: list[str], frame: pd.DataFrame, closing: np.ndarray, empty: np.ndarray
) -> pd.DataFrame:  # fmt: skip
    length = len(tables_of[0])
    order = np.arange(length * len(tables_of)).reshape(len(tables_of), length).T.ravel()
    data = pd.concat(tables_of, ignore_index=True).iloc[order].reset_index(drop=True)
    data = data.rename(columns={"numerator": "count", "denominator": "closed", "rate": "share"})
    marks = {"n_empty": empty, "n_left_out": ~closing & ~empty}
    if names:
        left = frame.assign(**marks).groupby(names, dropna=False, observed=True)[list(marks)].sum()
        data = data.merge(left.reset_index(), on=names, how="left")
    else:
        data = data.assign(**{name: int(mark.sum()) for name, mark in marks.items()})
    data = data.astype(dict.fromkeys(marks, "Int64"))
    kept = ["outcome", "group", "count", "closed", "share", "low", "high", "n_reports", *marks]
    kept += ["disclosed", "disclosed_low", "disclosed_high", "method"]
    return data[[*names, *kept]].astype({"outcome": "str", "group": "str"})


def fate_of_requests(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str | Sequence[str] | None = None,
    overlap: str = "error",
    blank: str = "closes",
    **look: Unpack[Look],
) -> Axes:
    """Draw what became of requests: one bar of 100 per cent a group, outcomes in six groups.

    Parameters
    ----------
    frame, by, overlap, blank
        As in :func:`fate_of_requests_data`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of two columns by default.
    **look
        ``lang, title, note, color, labels``: see :class:`giakit.figures.Look`.

    Returns
    -------
    matplotlib.axes.Axes
        Thin lines inside a segment part the rows of the form; the whisker below a bar is the interval of what was
        disclosed in full or in part; n (requests closed) stands at the right. ``ax.giakit`` holds caption and data.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = fate_of_requests(panel(agencies=20).requests, by="year")
    >>> len(ax.get_yticks())
    7
    >>> plt.close(ax.figure)
    """
    names = keys(by)
    grouped = fate_of_requests_data(frame, by=names, overlap=overlap, blank=blank)
    detailed = fate_of_requests_data(frame, by=names, detail="rows", overlap=overlap, blank=blank)
    bars = len(grouped) // len(GROUPS)
    canvas = Canvas("fate_of_requests", ax, look, height=min(1.25 + 0.27 * bars, 8.5))
    each = len(detailed) // max(bars, 1)
    for bar in range(bars):
        _bar(canvas, bar, grouped.iloc[bar * 6 : bar * 6 + 6], detailed.iloc[bar * each : (bar + 1) * each])
    shares = grouped["share"].iloc[:6].fillna(0).to_numpy(dtype="float64") if bars else np.zeros(6)
    said = words("outcome", canvas.lang)
    canvas.key(
        [(said[group], ink_of(group)) for group in GROUPS], at=(np.cumsum(shares) - shares / 2).tolist()
    )
    first = grouped.iloc[:: len(GROUPS)]
    canvas.row_names(
        [_bar_name(canvas, row, names, place) for place, row in enumerate(first.to_dict("records"))]
    )
    canvas.ax.set_ylim(max(bars, 1) - 0.35, -0.6)
    canvas.percent("x")
    canvas.ax.set_xlabel(canvas.say("share_closed"))
    counted = count(canvas.lang, int(first["n_reports"].sum()), float(first["closed"].sum()))
    left_out, empty = int(first["n_left_out"].sum()), int(first["n_empty"].sum())
    return canvas.finish(
        grouped, canvas.say("fate_title"), counted, canvas.say("whisker"),
        canvas.say("closed_nothing", n=f"{empty:,}") if empty else "",
        canvas.say("left_out", n=f"{left_out:,}") if left_out else "", n=canvas.say("n_closed"),
    )  # fmt: skip


def _bar(canvas: Canvas, place: int, grouped: pd.DataFrame, detailed: pd.DataFrame) -> None:
    ax, start = canvas.ax, 0.0
    for group, share in zip(grouped["group"], grouped["share"], strict=True):
        if pd.isna(share):
            continue
        width, shade = float(share), canvas.shade(group, colour(group))
        ax.barh(place, width, left=start, height=0.72, color=shade, edgecolor="white", linewidth=1.0)
        inner = start
        for part in detailed.loc[detailed["group"] == group, "share"].fillna(0).iloc[:-1]:
            inner += float(part)
            if start + 0.004 < inner < start + width - 0.004:
                ax.plot([inner, inner], [place - 0.36, place + 0.36], color="white", linewidth=0.35, zorder=3)
        if width > 0:
            canvas.text(
                f"{width * 100:.0f}%", start + width / 2, place, sides="centre", between=(start, start + width),
                color=ink_on(shade),
            )  # fmt: skip
        start += width
    first = grouped.iloc[0]
    if not pd.isna(first["disclosed_low"]):
        ends = [float(first["disclosed_low"]), float(first["disclosed_high"])]
        ax.plot(
            ends, [place + 0.44] * 2, color=colour("ink", "roles"), linewidth=0.9, solid_capstyle="butt", marker="|",
            markersize=3,
        )  # fmt: skip
    if first["n_reports"] == 0 or pd.isna(first["closed"]):
        why = "not_assessable" if first["n_left_out"] else "closed_nothing_here"
        canvas.text(
            [canvas.say(why), canvas.say(f"{why}_short")], 0.0, place, gap=3, color=colour("muted", "roles"),
        )  # fmt: skip
    else:
        canvas.margin([f"n = {float(first['closed']):,.0f}", f"{float(first['closed']):,.0f}"], place)


def _bar_name(canvas: Canvas, row: dict[Any, Any], names: list[str], place: int) -> str:
    if not names:
        return canvas.name("all", "group", place)
    values = tuple(row[name] for name in names)
    named = " ".join(called(value, name, canvas.lang) for value, name in zip(values, names, strict=True))
    return canvas.name(values[0] if len(values) == 1 else values, names[0], place, default=named)


def outcomes_data(
    frame: pd.DataFrame, *, overlap: str = "error", blank: str = "closes", **look: Unpack[Look]
) -> pd.DataFrame:
    """Share of every row of outcomes among requests closed: ``fate_of_requests_data`` with ``detail="rows"``.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(outcomes_data(panel(agencies=20, years=[2023]).requests))
    21
    """
    return fate_of_requests_data(frame, detail="rows", overlap=overlap, blank=blank)


@drawing(outcomes_data)
def outcomes(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw the share of every outcome with its interval, in the form's order.

    One dot a row of the form; the scale of shares is a square root, so that small ones are seen.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = outcomes(panel(agencies=20, years=[2023]).requests)
    >>> len(ax.get_yticks())
    21
    >>> plt.close(ax.figure)
    """
    canvas.size(height=4.1)
    interval_rows(
        canvas, data, value="share", n="closed",
        shade=lambda row: canvas.shade(row.outcome, canvas.shade(row.group, colour(row.group))),
        beside=lambda row: (f"{number(row.count):,.0f}",),
    )  # fmt: skip
    canvas.row_names(
        [_outcome_name(canvas, row, place, data) for place, row in enumerate(rows(data))],
        inks=[ink_of(group) for group in data["group"]],
    )
    canvas.ax.set_ylim(len(data) - 0.4, -0.6)
    canvas.percent("x", _largest(data), squared=True)
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("share_closed_root"))
    counted = count(
        canvas.lang, int(data["n_reports"].iloc[0]), number(data["closed"].iloc[0]) if len(data) else 0
    )
    return canvas.finish(data, canvas.say("outcomes_title"), counted, canvas.say("numbers_are_counts"))


def _outcome_name(canvas: Canvas, row: Any, place: int, data: pd.DataFrame) -> str:
    """The name of a row of the form; the first of a group has the name of the group before it."""
    name = canvas.name(row.outcome, "outcome", place)
    first = data.loc[data["group"] == row.group, "outcome"].iloc[0] == row.outcome
    if not first or row.outcome == row.group:
        return name
    return called(row.group, "outcome", canvas.lang) + say(canvas.lang, "within") + name


def _largest(data: pd.DataFrame, value: str = "share") -> float:
    bounds = [number(data[name].max()) for name in (value, "high") if len(data)]
    known = [bound for bound in bounds if np.isfinite(bound)]
    return max([0.05, *known])


def rates_by_denominator_data(
    frame: pd.DataFrame,
    *,
    measure_name: str = "disclosure_rate",
    denominators: Sequence[str] | None = None,
    overlap: str = "error",
    **look: Unpack[Look],
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
    **look
        What the drawing takes beside; it changes nothing here.

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
    parts = [metrics.rate(frame, measure_name, denominator=name, overlap=overlap) for name in wanted]
    data = pd.concat(parts, ignore_index=True)
    data.insert(0, "measure", measure_name)
    return data.sort_values("rate", kind="stable", ignore_index=True)


@drawing(rates_by_denominator_data)
def rates_by_denominator(canvas: Canvas, data: pd.DataFrame, *, measure_name: str, **options: Any) -> Axes:
    """Draw one measure over each of its denominators, with intervals.

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
    canvas.size(height=1.15 + 0.33 * len(data))
    ratios = measure(measure_name).ratios

    def beside(row: Any) -> tuple[str, str]:
        rate = f"{number(row.rate) * 100:.1f}%"
        return f"{rate}   {number(row.numerator):,.0f} / {number(row.denominator):,.0f}", rate

    interval_rows(
        canvas, data, value="rate", n="denominator", margin=beside, hollow=lambda row: row.denominator_name in ratios,
        shade=lambda row: canvas.shade(row.denominator_name, colour("main", "roles")),
    )  # fmt: skip
    family = "correction" if "correction" in measure_name else "denominator"
    canvas.row_names(
        [canvas.name(name, family, place) for place, name in enumerate(data["denominator_name"])]
    )
    canvas.ax.set_ylim(len(data) - 0.5, -0.6)
    canvas.percent("x", _largest(data, "rate"))
    canvas.grid("x")
    counted = count(canvas.lang, int(data["n_reports"].max()) if len(data) else 0)
    ratio = canvas.say("open_ratio") if set(data["denominator_name"]) & set(ratios) else ""
    return canvas.finish(
        data, canvas.say("denominators_title"), counted, ratio, n=canvas.say("n_denominator")
    )


def one_report_data(cells: pd.DataFrame, **look: Unpack[Look]) -> pd.DataFrame:
    """The cells above zero of a report's requests and remedies, by the stage they belong to.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``report.cells``: ``table, row, column, value``.
    **look
        What the drawing takes beside; it changes nothing here.

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
    names = ["table", "row", "column"]
    values = cells.dropna(subset=["value"]).set_index(names)["value"].to_dict()
    found = [
        (_stage(table, row), _group(table, row), table, row, column, float(values[table, row, column]))
        for table, row, column in _addresses()
        if values.get((table, row, column), 0) > 0
    ]
    columns = ["stage", "group", *names, "value"]
    return pd.DataFrame(found, columns=columns).astype(
        {**dict.fromkeys(columns[:-1], "str"), "value": "Float64"}
    )


def _addresses() -> list[tuple[str, str, str]]:
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
    return next((group for group in GROUPS[2:] if row.startswith(group)), row)


@drawing(one_report_data)
def one_report(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw the way of a report's requests: came in, decided, reconsidered, taken to court.

    One column a stage, one box a cell above zero; boxes hold the number, and their name where it has room.

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
    most = max([1, *data["stage"].value_counts().tolist()])
    canvas.size(height=0.95 + 0.42 * most)
    flow = words("flow", canvas.lang)
    muted = colour("muted", "roles")
    for place, stage in enumerate(STAGES):
        part = data[data["stage"] == stage]
        canvas.text(
            flow[stage],
            place + 0.46,
            -0.62,
            sides="centre",
            weight="bold",
            between=(place - 0.02, place + 0.98),
        )
        for order, row in enumerate(rows(part)):
            _box(canvas, place, order, row)
        if part.empty:
            canvas.text(flow["nothing"], place + 0.46, 0.0, sides="centre", color=muted)
        if place and len(part) and len(data[data["stage"].isin(STAGES[:place])]):
            canvas.ax.annotate(
                "", (place + 0.01, 0.0), xytext=(place - 0.085, 0.0),
                arrowprops={"arrowstyle": "-|>", "color": muted, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
    canvas.ax.set_xlim(0, len(STAGES))
    canvas.ax.set_ylim(most - 0.5, -0.85)
    canvas.ax.set_axis_off()
    return canvas.finish(
        data, canvas.say("one_report_title"), canvas.say("one_report_note"), n=canvas.say("n_cell")
    )


def _box(canvas: Canvas, place: int, order: int, row: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    shade = canvas.shade(row.row, _box_shade(row))
    canvas.ax.add_patch(
        FancyBboxPatch(
            (place + 0.03, order - 0.3), 0.86, 0.6, boxstyle="round,pad=0,rounding_size=0.06", facecolor=shade,
            edgecolor="none",
        )
    )  # fmt: skip
    ink = ink_on(shade)
    canvas.text(
        f"{number(row.value):,.0f}",
        place + 0.87,
        order,
        sides="left",
        gap=1,
        color=ink,
        fontsize=8.5,
        weight="bold",
    )
    named = _box_name(canvas, row)
    canvas.text(
        [named, named.replace(" ", "\n"), named.split("\n")[-1]], place + 0.03, order, sides="right", gap=3, color=ink,
        between=(place, place + 0.72),
    )  # fmt: skip


def _box_shade(row: Any) -> str:
    if row.stage == "inflow" or row.group == "carried_out":
        return colour("band", "roles")
    return colour(row.column, "remedies") if row.stage in ("reconsideration", "suit") else colour(row.group)


def _box_name(canvas: Canvas, row: Any) -> str:
    lang = canvas.lang
    remedy, flow = words("remedy", lang), words("flow", lang)
    after = "：" if lang == "zh" else ":"
    if row.stage == "suit":
        return f"{remedy[row.row]}{after}\n{remedy[row.column]}"
    if row.stage == "reconsideration":
        return remedy[row.column]
    if row.row in flow:
        return flow[row.row]
    name = canvas.name(row.row, "outcome")
    return name if row.row == row.group else f"{called(row.group, 'outcome', lang)}{after}\n{name}"
