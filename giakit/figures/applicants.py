"""Who asks, and whether persons and organisations fare alike."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.errors import CannotEstimate
from giakit.figures.canvas import FEW, Canvas, Look, drawing, number, rows
from giakit.figures.drawings import MARKERS, SERIES, heat, interval_rows
from giakit.figures.fate import GROUPS
from giakit.figures.style import colour
from giakit.figures.wording import count, in_order
from giakit.metrics.blanks import cell_values, close_blanks
from giakit.metrics.counts import cluster_codes, prepared, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation")


def applicant_gap_data(
    frame: pd.DataFrame,
    *,
    by: str = "tier",
    strata: str | None = "agency_id",
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
    note: bool = False,
    color: Any = None,
    labels: Any = None,
    **options: Any,
) -> pd.DataFrame:
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
    lang, title, note, color, labels
        What the drawing takes beside; they change nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a group: ``group`` (str), ``kind`` (``group``, ``all`` or ``within``), ``rate_first, rate_second,
        difference, low, high, n_first, n_second`` (Float64), ``method``.

    Raises
    ------
    MissingColumns, MixedScopes

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


@drawing(applicant_gap_data)
def applicant_gap(canvas: Canvas, data: pd.DataFrame, *, by: str, **options: Any) -> Axes:
    """Draw the gap between natural persons and organisations as a forest plot.

    Squares grow with the organisations' requests; diamonds are the pooled differences.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = applicant_gap(panel(agencies=60, applicants=True, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    canvas.size(height=1.3 + 0.24 * len(data))
    largest = max(number(data.loc[data["kind"] == "group", "n_second"].max()), 1.0)

    def size(row: Any) -> float:
        share = np.nan_to_num(number(row.n_second)) / (largest if np.isfinite(largest) else 1.0)
        return 6.0 if row.kind != "group" else 3.0 + 4.0 * float(np.sqrt(min(share, 1.0)))

    def margin(row: Any) -> tuple[str, str]:
        difference, low, high = (
            f"{number(value) * 100:+.1f}".replace("-", "−") for value in (row.difference, row.low, row.high)
        )
        return (difference if pd.isna(row.low) else f"{difference} [{low}, {high}]"), difference

    interval_rows(
        canvas, data, value="difference", size=size, margin=margin, thick=1.2,
        marker=lambda row: "s" if row.kind == "group" else "D",
        shade=lambda row: canvas.shade(row.kind, _few(row, colour("main" if row.kind == "group" else "ink", "roles"))),
    )  # fmt: skip
    canvas.ax.axvline(0, color=colour("ink", "roles"), linewidth=0.7, zorder=1)
    canvas.row_names([_gap_name(canvas, row, by, place) for place, row in enumerate(rows(data))])
    canvas.ax.set_ylim(max(len(data), 1) - 0.4, -0.7)
    known = data[["low", "high", "difference"]].to_numpy(dtype="float64", na_value=np.nan)
    bound = float(np.nanmax(np.abs(known))) if np.isfinite(known).any() else 0.1
    _points_axis(canvas, max(bound, 0.01))
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("gap_x"))
    return canvas.finish(data, canvas.say("gap_title"), canvas.say("gap_note"), n=canvas.say("n_gap"))


def _few(row: Any, shade: str) -> str:
    small = min(np.nan_to_num(number(row.n_first)), np.nan_to_num(number(row.n_second))) < FEW
    return colour("faint", "roles") if row.kind == "group" and small else shade


def _points_axis(canvas: Canvas, bound: float) -> None:
    """Percentage points on both sides of zero, printed without rounding: a tick at 2.5 says 2.5."""
    step = next(
        step
        for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1)
        if bound / step <= 3.2
    )
    last = int(np.ceil(bound / step - 1e-9))
    places = [step * place for place in range(-last, last + 1)]
    canvas.ax.set_xlim(-max(bound * 1.05, places[-1]), max(bound * 1.05, places[-1]))
    canvas.ticks(
        "x",
        places,
        [f"{round(place * 100, 6):+g}".replace("-", "−") if abs(place) > 1e-9 else "0" for place in places],
    )


def _gap_name(canvas: Canvas, row: Any, by: str, place: int) -> str:
    if row.kind != "group":
        return canvas.name(row.kind, "", place, default=canvas.say(f"gap_{row.kind}"))
    first, second = (f"{np.nan_to_num(number(value)):,.0f}" for value in (row.n_first, row.n_second))
    return f"{canvas.name(row.group, by, place)} (n = {first}; {second})"


def applicant_mix_data(
    frame: pd.DataFrame, *, by: str | None = None, overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:
    """Share of each kind of applicant: :func:`giakit.metrics.applicant_mix`.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(applicant_mix_data(panel(agencies=20, applicants=True, years=[2023]).requests))
    6
    """
    return metrics.applicant_mix(frame, by=by, overlap=overlap)


@drawing(applicant_mix_data)
def applicant_mix(canvas: Canvas, data: pd.DataFrame, *, by: str | None, **options: Any) -> Axes:
    """Draw the share of each kind of applicant with its interval.

    A square-root scale, because natural persons dwarf the others.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = applicant_mix(panel(agencies=20, applicants=True, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    kinds = list(dict.fromkeys(data["applicant"]))
    groups: list[Any] = [None] if by is None else in_order(data[by], by)[:6]
    canvas.size(height=1.2 + 0.3 * len(kinds) + 0.14 * (len(groups) - 1) * len(kinds))
    step = 0.8 / max(len(groups), 1)
    shades = [canvas.shade(group, colour(SERIES[place], "roles")) for place, group in enumerate(groups)]
    for place, group in enumerate(groups):
        part = data if group is None else data[data[by] == group]
        shift = (place - (len(groups) - 1) / 2) * step
        interval_rows(
            canvas, part, value="rate", n="denominator", places=[kinds.index(kind) + shift for kind in part["applicant"]],
            shade=shades[place], marker=MARKERS[place], size=4.0,
            beside=lambda row: (f"{number(row.rate) * 100:.1f}%",),
        )  # fmt: skip
    if by is not None:
        canvas.key([(canvas.name(group, by, place), shades[place]) for place, group in enumerate(groups)])
    canvas.row_names(
        [canvas.name(kind, "applicant", place if by is None else None) for place, kind in enumerate(kinds)]
    )
    canvas.ax.set_ylim(max(len(kinds), 1) - 0.45, -0.55)
    canvas.percent("x", squared=True)
    canvas.grid("x")
    canvas.ax.set_xlabel(canvas.say("share_new"))
    one = data[data["applicant"] == kinds[0]] if kinds else data
    counted = count(canvas.lang, int(one["n_reports"].sum()), float(one["denominator"].sum()))
    return canvas.finish(data, canvas.say("mix_title"), counted, n=canvas.say("n_new"))


def applicant_outcomes_data(
    frame: pd.DataFrame, *, cluster: str = "agency_id", overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:
    """Every kind of applicant by every group of outcomes, with the log-odds against natural persons.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report with joined names: ``panel.wide("requests", column=None)``.
    cluster : str
        Column of the clusters; reports without one are clusters of their own.
    overlap : str
        As in :func:`giakit.metrics.rate`.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        36 rows: ``applicant, outcome`` (str), ``count, closed, share`` (Float64), ``log_odds, low, high`` (Float64: log
        of the odds of the outcome over those of natural persons; NA where a side has none of it, or all), ``clusters``
        (Int64), ``method``. Reports of which an outcome of the kind is blank and cannot be closed are left out.

    Raises
    ------
    MissingColumns, MixedScopes

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
    found = []
    for kind in KINDS:
        for outcome in GROUPS:
            (y, n), (y0, n0) = ((counts[side][outcome], counts[side]["closed"]) for side in (kind, KINDS[0]))
            found.append((kind, outcome, *_log_odds(y, n, y0, n0, groups, same=kind == KINDS[0])))
    columns = ["applicant", "outcome", "count", "closed", "share", "log_odds", "low", "high", "clusters"]
    data = pd.DataFrame(found, columns=columns).astype(
        {"applicant": "str", "outcome": "str", "clusters": "Int64"}
    )
    data = data.astype(dict.fromkeys(columns[2:-1], "Float64"))
    return data.assign(
        method=pd.Series("clustered linearisation", data.index, dtype="str").mask(data["low"].isna())
    )


def _counts(frame: pd.DataFrame, kind: str) -> dict[str, np.ndarray]:
    """Counts of one kind of applicant by group of outcomes, NaN throughout where any of them is not known."""
    filled = close_blanks(frame, column=kind)
    parts: dict[str, Any] = {group: _group(filled, group, kind) for group in GROUPS}
    table = np.array([parts[group] for group in GROUPS], dtype="float64")
    unknown = np.isnan(table).any(axis=0)
    table[:, unknown] = np.nan
    return {**dict(zip(GROUPS, table, strict=True)), "closed": table.sum(axis=0)}


def _group(frame: pd.DataFrame, group: str, kind: str) -> Any:
    from giakit.metrics.definitions import term

    codes = [group] if group in ("granted", "partial", "other") else [code for code, _ in term(group)]
    values = [cell_values(frame, code, kind) for code in codes]
    if any(value is None for value in values):
        require(frame, [f"{code}.{kind}" for code in codes], "applicant_outcomes")
    return np.sum([value for value in values if value is not None], axis=0)


def _log_odds(
    y: np.ndarray, n: np.ndarray, y0: np.ndarray, n0: np.ndarray, groups: np.ndarray, *, same: bool
) -> tuple[float, ...]:
    from scipy.stats import t

    used = np.isfinite(y)
    total, base, total0, base0 = np.nansum(y), np.nansum(n), np.nansum(y0), np.nansum(n0)
    nothing = float("nan")
    share = total / base if base > 0 else nothing
    either = used | np.isfinite(y0)
    active = either & ((np.nan_to_num(n) > 0) | (np.nan_to_num(n0) > 0))
    clusters = len(np.unique(groups[active]))
    if same:
        return total, base, share, 0.0 if base > 0 else nothing, nothing, nothing, clusters
    if not (0 < total < base and 0 < total0 < base0):
        return total, base, share, nothing, nothing, nothing, clusters
    share0 = total0 / base0
    estimate = float(np.log(share / (1 - share)) - np.log(share0 / (1 - share0)))
    influence = np.nan_to_num(y - share * n) / (base * share * (1 - share))
    influence = influence - np.nan_to_num(y0 - share0 * n0) / (base0 * share0 * (1 - share0))
    if clusters < 2:
        return total, base, share, estimate, nothing, nothing, clusters
    sums = np.bincount(np.unique(groups, return_inverse=True)[1], influence)
    spread = float(np.sqrt(np.sum(sums**2) * clusters / (clusters - 1)) * t.ppf(0.975, clusters - 1))
    return total, base, share, estimate, estimate - spread, estimate + spread, clusters


@drawing(applicant_outcomes_data)
def applicant_outcomes(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw how kinds of applicant fare, outcome by outcome, against natural persons.

    Numbers: share of the outcome among the kind's requests; colour: log-odds against natural persons; bold: the
    clustered interval leaves out zero. White: fewer than ten requests, or none of one side.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = applicant_outcomes(panel(agencies=60, applicants=True, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    canvas.size(height=3.1)
    table = data.set_index(["applicant", "outcome"])
    enough = data.groupby("applicant")["closed"].first() >= FEW
    shade, text, bold = [], [], []
    for kind in KINDS:
        cells: list[Any] = [table.loc[(kind, outcome)] for outcome in GROUPS]
        shade.append([number(cell["log_odds"]) if enough[kind] else np.nan for cell in cells])
        text.append(
            ["" if pd.isna(cell["share"]) else f"{float(cell['share']) * 100:.0f}%" for cell in cells]
        )
        bold.append([number(cell["low"]) > 0 or number(cell["high"]) < 0 for cell in cells])
    first = data.drop_duplicates("applicant").set_index("applicant")["closed"]
    ticks = {-2.0: "≤ −2", -1.0: "−1", 0.0: "0", 1.0: "+1", 2.0: "≥ +2"}
    heat(
        canvas, np.clip(shade, -2, 2), texts=text, bold=bold, limits=(-2, 2), family="diverging",
        rows=[f"{canvas.name(kind, 'applicant')} (n = {number(first[kind]):,.0f})" for kind in KINDS],
        columns=[canvas.name(outcome, "outcome") for outcome in GROUPS], bar=(canvas.say("log_odds"), ticks),
    )  # fmt: skip
    return canvas.finish(
        data, canvas.say("matrix_title"), canvas.say("matrix_note"), n=canvas.say("n_closed")
    )
