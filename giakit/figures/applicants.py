"""Who asks, and whether persons and organisations fare alike."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.errors import CannotEstimate
from giakit.figures.canvas import FEW, Canvas, number, rows
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import MARKERS, SERIES, heat, interval_rows
from giakit.figures.fate import GROUPS
from giakit.figures.style import colour
from giakit.figures.wording import in_order
from giakit.metrics.counts import cell_values, close_blanks, cluster_codes, prepared, require
from giakit.metrics.definitions import term

KINDS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation")


@twin
def applicant_gap_data(
    frame: pd.DataFrame, *, by: str = "tier", strata: str | None = "agency_id", overlap: str = "error", **options: Any
) -> pd.DataFrame:  # fmt: skip
    """Rate of natural persons less that of organisations, by group, together, and within agencies.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report with joined names: ``panel.wide("requests", column=None)``.
    by : str
        Column of the groups.
    strata : str, optional
        Column of the strata of the pooled difference (Mantel-Haenszel); None leaves it out.
    overlap, **options
        As in :func:`giakit.metrics.applicant_gap`.

    Returns
    -------
    pandas.DataFrame
        One row a group: ``group`` (str), ``kind`` (``group``, ``all`` or ``within``), ``rate_first, rate_second,
        difference, low, high, n_first, n_second`` (Float64), ``method``.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> frame = panel(agencies=60, applicants=True, years=[2023]).requests
    >>> applicant_gap_data(frame)["kind"].tolist()[-2:]
    ['all', 'within']
    """
    kept = ["rate_first", "rate_second", "difference", "low", "high", "n_first", "n_second", "method"]
    grouped = metrics.applicant_gap(frame, by=by, overlap=overlap, **options)
    grouped = grouped[grouped["difference"].notna() & grouped[by].notna()].rename(columns={by: "group"})
    listed = in_order(grouped["group"], by)
    grouped = grouped.sort_values("group", key=lambda values: values.map(listed.index), kind="stable")
    parts = [grouped.assign(kind="group")]
    if len(grouped) != 1:
        parts.append(metrics.applicant_gap(frame, overlap=overlap, **options).assign(kind="all", group="all"))
    if strata is not None:
        # Where no agency answered both kinds there is nothing to pool: the figure goes without that row.
        with suppress(CannotEstimate):
            within = metrics.applicant_gap(frame, strata=strata, effect="difference", **options)
            parts.append(within.rename(columns={"estimate": "difference"}).assign(kind="within", group="within"))
    named = [part.reindex(columns=["group", "kind", *kept]) for part in parts]
    data = pd.concat([part.astype(dict.fromkeys(kept[:-1], "Float64")) for part in named], ignore_index=True)
    return data.astype({"group": "str", "kind": "str"})


@drawing(applicant_gap_data, n="n_gap", height=lambda data: 1.3 + 0.24 * len(data))
def applicant_gap(canvas: Canvas, data: pd.DataFrame, *, by: str) -> list[str]:
    """Draw the gap between natural persons and organisations as a forest plot.

    Squares grow with the organisations' requests; diamonds are the pooled differences.
    """
    largest = max(np.nan_to_num(number(data.loc[data["kind"] == "group", "n_second"].max())), 1.0)

    def size(row: Any) -> float:
        share = min(np.nan_to_num(number(row.n_second)) / largest, 1.0)
        return 6.0 if row.kind != "group" else 3.0 + 4.0 * float(np.sqrt(share))

    def margin(row: Any) -> tuple[str, str]:
        difference, low, high = (_signed(number(value), ".1f") for value in (row.difference, row.low, row.high))
        return (difference if pd.isna(row.low) else f"{difference} [{low}, {high}]"), difference

    def shade(row: Any) -> str:
        few = row.kind == "group" and min(np.nan_to_num([number(row.n_first), number(row.n_second)])) < FEW
        return canvas.shade(row.kind, colour("faint" if few else "main" if row.kind == "group" else "ink", "roles"))

    def name(place: int, row: Any) -> str:
        if row.kind != "group":
            return canvas.name(row.kind, "", place, default=canvas.say(f"gap_{row.kind}"))
        first, second = (f"{np.nan_to_num(number(value)):,.0f}" for value in (row.n_first, row.n_second))
        return f"{canvas.name(row.group, by, place)} (n = {first}; {second})"

    marker = {"group": "s", "all": "D", "within": "D"}
    interval_rows(
        canvas, data, value="difference", size=size, margin=margin, thick=1.2, marker=lambda row: marker[row.kind], shade=shade
    )  # fmt: skip
    canvas.ax.axvline(0, color=colour("ink", "roles"), linewidth=0.7, zorder=1)
    canvas.row_names([name(place, row) for place, row in enumerate(rows(data))])
    known = data[["low", "high", "difference"]].to_numpy(dtype="float64", na_value=np.nan)
    _points_axis(canvas, max(float(np.nanmax(np.abs(known))), 0.01) if np.isfinite(known).any() else 0.1)
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("gap_x"))
    return [canvas.say("gap_note")]


def _signed(share: float, form: str) -> str:
    """Percentage points with their sign, printed without rounding to whole ones: 2.5 says +2.5."""
    return "0" if abs(share) < 1e-9 and form == "g" else f"{round(share * 100, 6):+{form}}".replace("-", "−")


def _points_axis(canvas: Canvas, bound: float) -> None:
    """Percentage points on both sides of zero."""
    steps = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1)
    step = next(step for step in steps if bound / step <= 3.2)
    last = int(np.ceil(bound / step - 1e-9))
    places = [step * place for place in range(-last, last + 1)]
    canvas.ax.set_xlim(-max(bound * 1.05, places[-1]), max(bound * 1.05, places[-1]))
    canvas.ticks("x", places, [_signed(place, "g") for place in places])


@twin
def applicant_mix_data(frame: pd.DataFrame, *, by: str | None = None, overlap: str = "error") -> pd.DataFrame:
    """Share of each kind of applicant: :func:`giakit.metrics.applicant_mix`.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(applicant_mix_data(panel(agencies=20, applicants=True, years=[2023]).requests))
    6
    """
    return metrics.applicant_mix(frame, by=by, overlap=overlap)


def _kinds_and_groups(data: pd.DataFrame) -> tuple[list[Any], list[Any]]:
    by = data.columns[0] if data.columns[0] != "applicant" else None
    return list(dict.fromkeys(data["applicant"])), [None] if by is None else in_order(data[by], by)[:6]


def _mix_height(data: pd.DataFrame) -> float:
    kinds, groups = _kinds_and_groups(data)
    return 1.2 + 0.3 * len(kinds) + 0.14 * (len(groups) - 1) * len(kinds)


@drawing(applicant_mix_data, n="n_new", height=_mix_height)
def applicant_mix(canvas: Canvas, data: pd.DataFrame, *, by: str | None) -> list[str]:
    """Draw the share of each kind of applicant with its interval.

    A square-root scale, because natural persons dwarf the others.
    """
    kinds, groups = _kinds_and_groups(data)
    step = 0.8 / max(len(groups), 1)
    shades = [canvas.shade(group, colour(SERIES[place], "roles")) for place, group in enumerate(groups)]
    for place, group in enumerate(groups):
        part = data if group is None else data[data[by] == group]
        shift = (place - (len(groups) - 1) / 2) * step
        interval_rows(
            canvas, part, value="rate", n="denominator", places=[kinds.index(kind) + shift for kind in part["applicant"]],
            shade=shades[place], marker=MARKERS[place], size=4.0, margin=lambda row: (f"{number(row.rate) * 100:.1f}%",),
        )  # fmt: skip
    if by is not None:
        canvas.key([(canvas.name(group, by, place), shades[place]) for place, group in enumerate(groups)])
    canvas.row_names(
        [canvas.name(kind, "applicant", place if by is None else None) for place, kind in enumerate(kinds)]
    )
    canvas.percent("x", squared=True)
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("share_new"))
    one = data[data["applicant"] == kinds[0]]
    return [canvas.count(one["n_reports"].sum(), one["denominator"].sum())]


@twin
def applicant_outcomes_data(frame: pd.DataFrame, *, cluster: str = "agency_id", overlap: str = "error") -> pd.DataFrame:
    """Every kind of applicant by every group of outcomes, with the log-odds against natural persons.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report with joined names: ``panel.wide("requests", column=None)``.
    cluster : str
        Column of the clusters; reports without one are clusters of their own.

    Returns
    -------
    pandas.DataFrame
        36 rows: ``applicant, outcome`` (str), ``count, closed, share`` (Float64), ``log_odds, low, high`` (Float64: log
        of the odds of the outcome over those of natural persons; NA where a side has none of it, or all), ``clusters``
        (Int64), ``method``. Reports of which an outcome of the kind is blank and cannot be closed are left out.

    Notes
    -----
    ``log(p / (1 - p)) - log(p₀ / (1 - p₀))``; its variance is that of the sum over clusters of the influences
    ``(y - p n) / (N p (1 - p)) - (y₀ - p₀ n₀) / (N₀ p₀ (1 - p₀))`` times G / (G - 1), its quantile Student's with
    G - 1 degrees of freedom: persons and organisations of one agency are not independent.

    References
    ----------
    Binder (1983), International Statistical Review 51, on linearisation.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> data = applicant_outcomes_data(panel(agencies=60, applicants=True, years=[2023]).requests)
    >>> len(data), float(data.loc[data["applicant"] == "natural_person", "log_odds"].abs().max())
    (36, 0.0)
    """
    frame = prepared(frame, [], overlap, "applicant_outcomes", more=[f"closed.{kind}" for kind in KINDS])
    groups = cluster_codes(frame, cluster)
    counts = {kind: _counts(frame, kind) for kind in KINDS}
    cells = []
    for kind in KINDS:
        for outcome in GROUPS:
            (y, n), (y0, n0) = ((counts[side][outcome], counts[side]["closed"]) for side in (kind, KINDS[0]))
            cells.append((kind, outcome, *_log_odds(y, n, y0, n0, groups, same=kind == KINDS[0])))
    columns = ["applicant", "outcome", "count", "closed", "share", "log_odds", "low", "high", "clusters"]
    types = {"applicant": "str", "outcome": "str", **dict.fromkeys(columns[2:-1], "Float64"), "clusters": "Int64"}
    data = pd.DataFrame(cells, columns=columns).astype(types)
    return data.assign(method=pd.Series("clustered linearisation", data.index, dtype="str").mask(data["low"].isna()))


def _counts(frame: pd.DataFrame, kind: str) -> dict[str, np.ndarray]:
    """Counts of one kind of applicant by group of outcomes, NaN throughout where any of them is not known."""
    filled, sums = close_blanks(frame, column=kind), []
    for group in GROUPS:
        codes = [group] if group in ("granted", "partial", "other") else [code for code, _ in term(group)]
        values = [cell_values(filled, code, kind) for code in codes]
        if any(value is None for value in values):
            require(filled, [f"{code}.{kind}" for code in codes], "applicant_outcomes")
        sums.append(np.sum([value for value in values if value is not None], axis=0))
    table = np.array(sums, dtype="float64")
    table[:, np.isnan(table).any(axis=0)] = np.nan
    return {**dict(zip(GROUPS, table, strict=True)), "closed": table.sum(axis=0)}


def _log_odds(
    y: np.ndarray, n: np.ndarray, y0: np.ndarray, n0: np.ndarray, groups: np.ndarray, *, same: bool
) -> tuple[float, ...]:  # fmt: skip
    """Count, base, share, log-odds, low, high and clusters; NaN where they are not defined."""
    from scipy.stats import t

    total, base, total0, base0 = np.nansum(y), np.nansum(n), np.nansum(y0), np.nansum(n0)
    nothing = float("nan")
    share = total / base if base > 0 else nothing
    active = (np.isfinite(y) | np.isfinite(y0)) & ((np.nan_to_num(n) > 0) | (np.nan_to_num(n0) > 0))
    clusters = len(np.unique(groups[active]))
    if same:
        return total, base, share, 0.0 if base > 0 else nothing, nothing, nothing, clusters
    if not (0 < total < base and 0 < total0 < base0):
        return total, base, share, nothing, nothing, nothing, clusters
    share0 = total0 / base0
    estimate = float(np.log(share / (1 - share)) - np.log(share0 / (1 - share0)))
    if clusters < 2:
        return total, base, share, estimate, nothing, nothing, clusters
    influence = np.nan_to_num(y - share * n) / (base * share * (1 - share))
    influence = influence - np.nan_to_num(y0 - share0 * n0) / (base0 * share0 * (1 - share0))
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], influence)
    spread = float(np.sqrt(np.sum(sums**2) * clusters / (clusters - 1)) * t.ppf(0.975, clusters - 1))
    return total, base, share, estimate, estimate - spread, estimate + spread, clusters


@drawing(applicant_outcomes_data, n="n_closed", height=3.1)
def applicant_outcomes(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw how kinds of applicant fare, outcome by outcome, against natural persons.

    Numbers: share of the outcome among the kind's requests; colour: log-odds against natural persons; bold: the
    clustered interval leaves out zero. White: fewer than ten requests, or none of one side.
    """
    shape = (len(KINDS), len(GROUPS))
    values = {
        name: data[name].to_numpy(dtype="float64", na_value=np.nan).reshape(shape)
        for name in ("closed", "share", "log_odds", "low", "high")
    }  # fmt: skip
    odds = np.where(values["closed"] >= FEW, np.clip(values["log_odds"], -2, 2), np.nan)
    heat(
        canvas, odds, limits=(-2, 2), family="diverging", bold=(values["low"] > 0) | (values["high"] < 0),
        texts=[["" if np.isnan(share) else f"{share * 100:.0f}%" for share in line] for line in values["share"]],
        rows=canvas.names(KINDS, "applicant", values["closed"][:, 0]), columns=canvas.names(GROUPS, "outcome"),
        bar=(canvas.say("log_odds"), {-2.0: "≤ −2", -1.0: "−1", 0.0: "0", 1.0: "+1", 2.0: "≥ +2"}),
    )  # fmt: skip
    return [canvas.say("matrix_note")]
