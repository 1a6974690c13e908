"""What became of requests: the fate of requests, every outcome with its interval, one report, one report's many rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.errors import UnknownChoice
from giakit.figures.canvas import Canvas, number, rows
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import bars, interval_rows
from giakit.figures.style import colour, ink_of, ink_on
from giakit.figures.wording import called, words
from giakit.forms import tables
from giakit.metrics.counts import cell_values, close_blanks, keys, prepared, require
from giakit.metrics.definitions import Measure, identities, measure, term
from giakit.metrics.rates import measure_rate

#: Groups of outcomes, in the order of the form.
GROUPS = ("granted", "partial", "denied", "unable", "not_processed", "other")
STAGES = ("inflow", "outcome", "reconsideration", "suit")


def _parts(group: str, single_other: bool) -> list[str]:
    if group == "other":
        return ["other"] if single_other else list(identities()["other_parts"])
    return [group] if group in ("granted", "partial") else [code for code, _ in term(group)]


@twin
def fate_of_requests_data(
    frame: pd.DataFrame, *, by: str | Sequence[str] | None = None, detail: str = "groups", overlap: str = "error", blank: str = "closes"
) -> pd.DataFrame:  # fmt: skip
    """Share of each outcome among requests closed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``, forms of 2019 and 2021.
    by : str or sequence of str, optional
        Columns to group by (``year``, ``tier``, ``unit``); None puts all reports together.
    detail : {"groups", "rows"}
        The six groups of outcomes, or the rows of the form; the drawing shows both.
    overlap, blank
        As in :func:`giakit.metrics.rate`.

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
    shares = [
        measure_rate(used, Measure(f"share of {code}", "", code, ("closed",)), by=names, overlap=None, blank="missing").assign(
            outcome=code, group=group
        )
        for group in GROUPS
        for code in ([group] if detail == "groups" else _parts(group, single_other))
    ]  # fmt: skip
    disclosed = measure_rate(used, measure("disclosure_rate"), by=names, overlap=None, blank="missing")
    columns = {f"disclosed_{name}".removesuffix("_rate"): disclosed[name].array for name in ("rate", "low", "high")}
    shares = [table.assign(**columns) for table in shares]
    return _tidy(shares, names, frame, closing, empty)


def _closing(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, bool]:
    """Reports whose outcomes add up to a total above zero; those that closed nothing; whether other handling is one row."""
    total, other = (cell_values(frame, code, None) for code in ("closed", "other"))
    codes = ["granted", "partial", *(code for group in GROUPS[2:5] for code in _parts(group, False))]
    require(frame, ["closed", *codes], "fate_of_requests")
    if other is None:
        require(frame, ["other"], "fate_of_requests")
    values: list[Any] = [cell_values(frame, code, None) for code in codes]
    added = np.sum(values, axis=0) + other
    single = "other" in frame.columns and bool(frame["other"].notna().any())
    with np.errstate(invalid="ignore"):
        # A total of zero over blank parts closed nothing as surely as one over zeros.
        empty = (np.asarray(total) == 0) & ~(np.nan_to_num(added) > 0)
        return np.asarray((added == total) & (np.asarray(total) > 0)), np.asarray(empty), single


def _tidy(
    shares: list[pd.DataFrame], names: list[str], frame: pd.DataFrame, closing: np.ndarray, empty: np.ndarray
) -> pd.DataFrame:  # fmt: skip
    length = len(shares[0])
    order = np.arange(length * len(shares)).reshape(len(shares), length).T.ravel()
    data = pd.concat(shares, ignore_index=True).iloc[order].reset_index(drop=True)
    data = data.rename(columns={"numerator": "count", "denominator": "closed", "rate": "share"})
    marks = {"n_empty": empty, "n_left_out": ~closing & ~empty}
    if names:
        left = frame.assign(**marks).groupby(names, dropna=False, observed=True)[list(marks)].sum()
        data = data.merge(left.reset_index(), on=names, how="left")
    else:
        data = data.assign(**{name: int(mark.sum()) for name, mark in marks.items()})
    kept = ["outcome", "group", "count", "closed", "share", "low", "high", "n_reports", *marks]
    kept += ["disclosed", "disclosed_low", "disclosed_high", "method"]
    return data.astype(dict.fromkeys(marks, "Int64"))[[*names, *kept]].astype({"outcome": "str", "group": "str"})


@drawing(
    fate_of_requests_data, n="n_closed", empty=None,
    height=lambda data: min(1.25 + 0.27 * int((data["outcome"] == "granted").sum()), 8.5),
)  # fmt: skip
def fate_of_requests(
    canvas: Canvas, data: pd.DataFrame, *, frame: pd.DataFrame, by: str | Sequence[str] | None, detail: str, overlap: str,
    blank: str,
) -> list[str]:  # fmt: skip
    """Draw what became of requests: one bar of 100 per cent a group, outcomes in six groups.

    Thin lines inside a segment part the rows of the form; the whisker below a bar is the interval of what was disclosed
    in full or in part; n (requests closed) stands at the right.
    """
    names = keys(by)
    other = fate_of_requests_data(
        frame, by=names, detail="rows" if detail == "groups" else "groups", overlap=overlap, blank=blank
    )  # fmt: skip
    grouped, detailed = (data, other) if detail == "groups" else (other, data)
    first = grouped.iloc[:: len(GROUPS)].reset_index(drop=True)
    each = len(detailed) // max(len(first), 1)
    shares = pd.DataFrame(grouped["share"].to_numpy().reshape(-1, len(GROUPS)), columns=list(GROUPS))
    there = (first["n_reports"] > 0) & first["closed"].notna()
    bars(
        canvas, shares, n=first["closed"].where(there).tolist(), shade=lambda group: canvas.shade(group, colour(group)),
        text=lambda bar, group: f"{shares.loc[bar, group] * 100:.0f}%",
    )  # fmt: skip
    for bar, row in enumerate(rows(first)):
        _inner_lines(canvas, bar, shares.loc[bar], detailed.iloc[bar * each : (bar + 1) * each])
        if not pd.isna(row.disclosed_low):
            look: dict[str, Any] = {"linewidth": 0.9, "solid_capstyle": "butt", "marker": "|", "markersize": 3}
            ends = [float(row.disclosed_low), float(row.disclosed_high)]
            canvas.ax.plot(ends, [bar + 0.44] * 2, color=colour("ink", "roles"), **look)
        if not there[bar]:
            why = "not_assessable" if row.n_left_out else "closed_nothing_here"
            canvas.text([canvas.say(why), canvas.say(f"{why}_short")], 0.0, bar, gap=3, color=colour("muted", "roles"))
    parts = shares.iloc[0].fillna(0).to_numpy(dtype="float64") if len(shares) else np.zeros(6)
    spoken = words("outcome", canvas.lang)
    canvas.key([(spoken[group], ink_of(group)) for group in GROUPS], at=(np.cumsum(parts) - parts / 2).tolist())
    canvas.row_names([_bar_name(canvas, row, names, place) for place, row in enumerate(first.to_dict("records"))])
    canvas.ax.set_xlabel(canvas.say("share_closed"))
    left_out, closed_nothing = int(first["n_left_out"].sum()), int(first["n_empty"].sum())
    return [
        canvas.count(first["n_reports"].sum(), first["closed"].sum()), canvas.say("whisker"),
        canvas.say("closed_nothing", n=f"{closed_nothing:,}") if closed_nothing else "",
        canvas.say("left_out", n=f"{left_out:,}") if left_out else "",
    ]  # fmt: skip


def _inner_lines(canvas: Canvas, bar: int, shares: Any, detailed: pd.DataFrame) -> None:
    """Part the rows of the form inside the segments of their group."""
    start = 0.0
    for group, share in shares.dropna().items():
        inner, end = start, start + float(share)
        for part in detailed.loc[detailed["group"] == group, "share"].fillna(0).iloc[:-1]:
            inner += float(part)
            if start + 0.004 < inner < end - 0.004:
                canvas.ax.plot([inner, inner], [bar - 0.36, bar + 0.36], color="white", linewidth=0.35, zorder=3)
        start = end


def _bar_name(canvas: Canvas, row: dict[Any, Any], names: list[str], place: int) -> str:
    if not names:
        return canvas.name("all", "group", place)
    values = tuple(row[name] for name in names)
    named = " ".join(called(value, name, canvas.lang) for value, name in zip(values, names, strict=True))
    return canvas.name(values[0] if len(values) == 1 else values, names[0], place, default=named)


@twin
def outcomes_data(frame: pd.DataFrame, *, overlap: str = "error", blank: str = "closes") -> pd.DataFrame:
    """Share of every row of outcomes among requests closed: ``fate_of_requests_data`` with ``detail="rows"``.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(outcomes_data(panel(agencies=20, years=[2023]).requests))
    21
    """
    return fate_of_requests_data(frame, detail="rows", overlap=overlap, blank=blank)


@drawing(outcomes_data, height=4.1)
def outcomes(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the share of every outcome with its interval, in the form's order.

    One dot a row of the form; the scale of shares is a square root, so that small ones are seen.
    """
    interval_rows(
        canvas, data, value="share", n="closed", beside=lambda row: (f"{number(row.count):,.0f}",),
        shade=lambda row: canvas.shade(row.outcome, canvas.shade(row.group, colour(row.group))),
    )  # fmt: skip
    first = data.groupby("group")["outcome"].transform("first")
    names = []
    for place, row in enumerate(rows(data)):
        name = canvas.name(row.outcome, "outcome", place)
        # The first row of a group has the group's name before it.
        group = called(row.group, "outcome", canvas.lang) + canvas.say("within")
        names.append(group + name if row.outcome == first.iloc[place] != row.group else name)
    canvas.row_names(names, inks=[ink_of(group) for group in data["group"]])
    canvas.percent("x", _largest(data), squared=True)
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("share_closed_root"))
    return [canvas.count(data["n_reports"].iloc[0], data["closed"].iloc[0]), canvas.say("numbers_are_counts")]


def _largest(data: pd.DataFrame, value: str = "share") -> float:
    bounds = [number(data[name].max()) for name in (value, "high") if len(data)]
    return max([0.05, *(bound for bound in bounds if np.isfinite(bound))])


@twin
def rates_by_denominator_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", denominators: Sequence[str] | None = None, overlap: str = "error"
) -> pd.DataFrame:  # fmt: skip
    """One measure over each of its denominators.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, usually a single one.
    measure_name : str
        A measure of :func:`giakit.metrics.measures`.
    denominators : sequence of str, optional
        Which of its denominators; all by default.

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


@drawing(rates_by_denominator_data, n="n_denominator", height=lambda data: 1.15 + 0.33 * len(data))
def rates_by_denominator(canvas: Canvas, data: pd.DataFrame, *, measure_name: str) -> list[str]:
    """Draw one measure over each of its denominators, with intervals.

    One dot a denominator; an open dot is a ratio that may exceed 100 per cent.
    """
    ratios = measure(measure_name).ratios

    def margin(row: Any) -> tuple[str, str]:
        rate = "–" if pd.isna(row.rate) else f"{number(row.rate) * 100:.1f}%"
        return f"{rate}   {number(row.numerator):,.0f} / {number(row.denominator):,.0f}", rate

    interval_rows(
        canvas, data, value="rate", n="denominator", margin=margin, hollow=lambda row: row.denominator_name in ratios,
        shade=lambda row: canvas.shade(row.denominator_name, colour("main", "roles")),
    )  # fmt: skip
    family = "correction" if "correction" in measure_name else "denominator"
    canvas.row_names(canvas.names(data["denominator_name"].tolist(), family))
    canvas.percent("x", _largest(data, "rate"))
    canvas.grid("x")
    ratio = canvas.say("open_ratio") if set(data["denominator_name"]) & set(ratios) else ""
    return [canvas.count(data["n_reports"].max()), ratio]


@twin
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
    names = ["table", "row", "column"]
    require(cells, [*names, "value"], "one_report")
    requests, remedies = tables()["requests"], tables()["remedies"]
    order = [("requests", row.code, "total") for row in requests.rows if row.code not in ("closed", "other_sum")]
    parts = [column.code for column in remedies.columns if column.code != "total"]
    order += [("remedies", row.code, column) for row in remedies.rows for column in parts]
    values = cells.dropna(subset=["value"]).set_index(names)["value"].to_dict()
    above = [
        (*_stage(table, row), table, row, column, float(values[table, row, column]))
        for table, row, column in order
        if values.get((table, row, column), 0) > 0
    ]
    columns = ["stage", "group", *names, "value"]
    return pd.DataFrame(above, columns=columns).astype({**dict.fromkeys(columns[:-1], "str"), "value": "Float64"})


def _stage(table: str, row: str) -> tuple[str, str]:
    """The stage of a row of the form, and its group of outcomes."""
    if table == "remedies":
        return "reconsideration" if row == "reconsideration" else "suit", row
    group = next((group for group in GROUPS[2:] if row.startswith(group)), row)
    return "inflow" if row in ("new", "carried_in") else "outcome", group


@drawing(
    one_report_data, n="n_cell", empty=None, height=lambda data: 0.95 + 0.42 * max([1, *data["stage"].value_counts().tolist()])
)  # fmt: skip
def one_report(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the way of a report's requests: came in, decided, reconsidered, taken to court.

    One column a stage, one box a cell above zero; boxes hold the number, and their name where it has room.
    """
    flow, muted = words("flow", canvas.lang), colour("muted", "roles")
    arrow = {"arrowstyle": "-|>", "color": muted, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0}
    for place, stage in enumerate(STAGES):
        part = data[data["stage"] == stage]
        canvas.text(
            flow[stage], place + 0.46, -0.62, sides="centre", weight="bold", between=(place - 0.02, place + 0.98)
        )
        for order, row in enumerate(rows(part)):
            _box(canvas, place, order, row)
        if part.empty:
            canvas.text(flow["nothing"], place + 0.46, 0.0, sides="centre", color=muted)
        elif place and len(data[data["stage"].isin(STAGES[:place])]):
            canvas.ax.annotate("", (place + 0.01, 0.0), xytext=(place - 0.085, 0.0), arrowprops=arrow)
    canvas.ax.set_xlim(0, len(STAGES))
    canvas.ax.set_ylim(max([1, *data["stage"].value_counts().tolist()]) - 0.5, -0.85)
    canvas.ax.set_axis_off()
    return [canvas.say("one_report_note")]


def _box(canvas: Canvas, place: int, order: int, row: Any) -> None:
    from matplotlib.patches import FancyBboxPatch

    remedy = row.stage in ("reconsideration", "suit")
    if row.stage == "inflow" or row.group == "carried_out":
        face = colour("band", "roles")
    else:
        face = colour(row.column, "remedies") if remedy else colour(row.group)
    face = canvas.shade(row.row, face)
    shape = "round,pad=0,rounding_size=0.06"
    box = FancyBboxPatch((place + 0.03, order - 0.3), 0.86, 0.6, boxstyle=shape, facecolor=face, edgecolor="none")
    canvas.ax.add_patch(box)
    ink = ink_on(face)
    look: dict[str, Any] = {"gap": 1, "color": ink, "fontsize": 8.5, "weight": "bold"}
    canvas.text(f"{number(row.value):,.0f}", place + 0.87, order, sides="left", **look)
    named = _box_name(canvas, row)
    texts = [named, named.replace(" ", "\n"), named.split("\n")[-1]]
    canvas.text(texts, place + 0.03, order, gap=3, color=ink, between=(place, place + 0.72))


def _box_name(canvas: Canvas, row: Any) -> str:
    remedy, flow = words("remedy", canvas.lang), words("flow", canvas.lang)
    after = canvas.say("within").rstrip()
    if row.stage == "suit":
        return f"{remedy[row.row]}{after}\n{remedy[row.column]}"
    if row.stage == "reconsideration":
        return remedy[row.column]
    if row.row in flow:
        return flow[row.row]
    name = canvas.name(row.row, "outcome")
    return name if row.row == row.group else f"{called(row.group, 'outcome', canvas.lang)}{after}\n{name}"
