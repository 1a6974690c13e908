"""From requests to reconsideration, suit and correction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas, number, rows
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import bars, over_forms, series, values_of
from giakit.figures.style import colour, ink_of
from giakit.metrics.counts import prepared

RESULTS = ("upheld", "corrected", "other", "pending")


@twin
def remedy_pyramid_data(frame: pd.DataFrame, *, by: str | None = None, overlap: str = "error") -> pd.DataFrame:
    """Requests closed, adverse outcomes, reconsiderations, suits, corrections: :func:`giakit.metrics.remedy_pyramid`.

    Examples
    --------
    >>> frame = pd.DataFrame({"closed": [3050.0], "granted": [1362.0], "reconsideration.total": [351.0],
    ...     "suit_direct.total": [26.0], "suit_after.total": [20.0], "reconsideration.corrected": [64.0],
    ...     "suit_direct.corrected": [4.0], "suit_after.corrected": [1.0]})
    >>> remedy_pyramid_data(frame)["count"].tolist()
    [3050.0, 1688.0, 351.0, 46.0, 69.0]
    """
    return metrics.remedy_pyramid(frame, by=by, overlap=overlap)


@drawing(remedy_pyramid_data, n="n_case", height=2.4)
def remedy_pyramid(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw how many requests there are at each stage from closure to correction, on a logarithmic scale.

    One dot a stage (a bar on a logarithmic scale has no length), its count and how many there are per 100
    requests closed. A stage without a case stands at the left edge as 0.
    """
    if data["count"].isna().all():
        return canvas.empty()
    canvas.counts("x", float(data["count"].max()), log=True)
    left = canvas.ax.get_xlim()[0]
    for place, row in enumerate(rows(data)):
        if pd.isna(row.count):
            continue
        own = colour("corrected", "remedies") if row.stage == "corrected" else colour("main", "roles")
        at, shade, plain = max(number(row.count), left), canvas.shade(row.stage, own), f"{number(row.count):,.0f}"
        canvas.ax.plot([left, at], [place, place], color=colour("band", "roles"), linewidth=1.5, zorder=1)
        canvas.ax.plot(at, place, "o", color=shade, markersize=6, zorder=3, clip_on=False)
        rate = canvas.say("per_100", n=f"{number(row.per_closed) * 100:.1f}")
        canvas.margin(
            [f"{plain}   {rate}" if place and not pd.isna(row.per_closed) else plain, plain], place, color=shade
        )
    canvas.row_names(canvas.names(data["stage"].tolist(), "stage"))
    canvas.ax.set_xlabel(canvas.say("log_count"))
    return [canvas.count(data["n_reports"].iloc[0]), canvas.say("pyramid_note")]


@twin
def direct_suits_data(frame: pd.DataFrame, *, overlap: str = "error") -> pd.DataFrame:
    """Share of suits brought without reconsideration, by year: :func:`giakit.metrics.direct_suit_share`.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "suit_direct.total": [26.0], "suit_after.total": [20.0]})
    >>> direct_suits_data(frame)["rate"].round(3).tolist()
    [0.565]
    """
    return metrics.direct_suit_share(frame, by="year", overlap=overlap)


@drawing(direct_suits_data, n="n_suits", height=2.7)
def direct_suits(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the share of direct suits over the years, the years of legal uncertainty shaded."""
    canvas.percent("y")
    years = canvas.years(data["year"])
    muted = colour("muted", "roles")
    if years and years[-1] >= 2024:
        end = min(2025.5, years[-1] + 0.5)
        canvas.ax.axvspan(2023.5, end, color=colour("band", "roles"), zorder=0, linewidth=0)
        look: dict[str, Any] = {"between": (2023.5, end), "gap": 3, "color": muted, "behind": True}
        canvas.text(canvas.say("uncertain_band"), 2023.5, 0.98, sides=("corner", "upright"), **look)
    series(canvas, data, value="rate", n="denominator", name=lambda _: "")
    for row in rows(data.dropna(subset=["rate", "year"])):
        sides = ("above", "below", "above right")
        canvas.text(f"{number(row.denominator):,.0f}", row.year, number(row.rate), sides=sides, gap=5, color=muted)
    canvas.ax.set_ylabel(canvas.say("direct_share"))
    return [canvas.say("direct_note", n=f"{number(data['denominator'].sum()):,.0f}")]


@twin
def remedies_by_year_data(
    frame: pd.DataFrame, *, route: str = "reconsideration", overlap: str = "error"
) -> pd.DataFrame:
    """Results of reconsiderations or suits, by year.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("remedies", column=None)``, with ``year``.
    route : {"reconsideration", "suit_direct", "suit_after"}
        The row of table 4.

    Returns
    -------
    pandas.DataFrame
        One row a year and result: ``year`` (Int64), ``result`` (str), ``count, cases, share`` (Float64), ``n_reports``
        (Int64: reports whose four results are known and add up to their total; others are left out).

    References
    ----------
    Form of 2021, table 4.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "reconsideration.total": [4.0], "reconsideration.upheld": [3.0],
    ...     "reconsideration.corrected": [1.0], "reconsideration.other": [0.0], "reconsideration.pending": [0.0]})
    >>> remedies_by_year_data(frame)["share"].tolist()
    [0.75, 0.25, 0.0, 0.0]
    """
    columns = [f"{route}.{result}" for result in RESULTS]
    frame = prepared(frame, ["year"], overlap, "remedies_by_year", more=[f"{route}.total", *columns])
    total, parts = frame[f"{route}.total"].astype("Float64"), frame[columns].astype("Float64")
    # A printed total of zero over blank results is no case.
    parts = parts.mask(parts.isna() & (total == 0).fillna(False).to_numpy()[:, None], 0.0)
    closes = parts.notna().all(axis=1) & (parts.sum(axis=1) == total).fillna(False)
    grouped = parts[closes].assign(year=frame.loc[closes, "year"].astype("Int64")).groupby("year")
    sums = grouped[columns].sum(min_count=1).set_axis(list(RESULTS), axis=1)
    data = sums.rename_axis(columns="result").stack().reset_index().set_axis(["year", "result", "count"], axis=1)
    data["cases"] = data["year"].map(sums.sum(axis=1)).astype("Float64")
    data["share"] = (data["count"] / data["cases"].where(data["cases"] > 0)).astype("Float64")
    data["n_reports"] = data["year"].map(grouped.size()).astype("Int64")
    return data.astype({"year": "Int64", "result": "str", "count": "Float64"})


@drawing(remedies_by_year_data, n="n_case", height=lambda data: 1.25 + 0.27 * data["year"].nunique())
def remedies_by_year(canvas: Canvas, data: pd.DataFrame, *, route: str) -> list[str]:
    """Draw how reconsiderations or suits ended, year by year, as bars of 100 per cent.

    One bar a year; n (cases) at its right.
    """
    laid: Any = data.pivot(index="year", columns="result")
    first = data.drop_duplicates("year").sort_values("year")
    bars(
        canvas, laid["share"][list(RESULTS)], n=first["cases"].tolist(),
        shade=lambda result: canvas.shade(result, colour(result, "remedies")),
        text=lambda year, result: f"{number(laid.loc[year, ('count', result)]):,.0f}",
    )  # fmt: skip
    canvas.key([(canvas.name(result, "remedy"), ink_of(result, "remedies")) for result in RESULTS])
    canvas.row_names([str(year) for year in laid.index])
    canvas.heading = canvas.say(f"{route}_by_year")
    canvas.ax.set_xlabel(canvas.say("share_reconsiderations" if route == "reconsideration" else "share_suits"))
    return [canvas.count(first["n_reports"].sum()), canvas.say("pending_note")]


@twin
def suits_over_time_data(frame: pd.DataFrame, *, overlap: str = "error") -> pd.DataFrame:
    """Reconsiderations and suits per 100 requests closed, by year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Requests with remedies beside them (:func:`giakit.metrics.join_tables`), with ``year``.

    Returns
    -------
    pandas.DataFrame
        One row a kind and year: ``kind`` (``reconsideration`` or ``suit``), then as :func:`giakit.metrics.rate`.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "closed": [200.0], "reconsideration.total": [4.0],
    ...     "suit_direct.total": [1.0], "suit_after.total": [1.0]})
    >>> suits_over_time_data(frame)["rate"].tolist()
    [2.0, 1.0]
    """
    parts = {"reconsideration": metrics.reconsideration_rate, "suit": metrics.suit_rate}
    rated = [rate(frame, by="year", overlap=overlap).assign(kind=kind) for kind, rate in parts.items()]
    data = pd.concat(rated, ignore_index=True).astype({"kind": "str"})
    return data[["kind", *data.columns[:-1]]]


@drawing(suits_over_time_data, n="n_closed")
def suits_over_time(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw reconsiderations and suits per 100 requests closed over the years, with the breaks of law."""
    order = ["reconsideration", "suit"]
    series(
        canvas,
        data,
        value="rate",
        group="kind",
        order=order,
        n="denominator",
        name=lambda kind: canvas.name(kind, "stage"),
    )
    rates, highs = values_of(data["rate"]), values_of(data["high"])
    known = np.isfinite(rates).any()
    canvas.counts("y", min(float(np.nanmax([*rates, *highs])), 3 * float(np.nanmax(rates))) if known else 1)
    canvas.ax.set_ylabel(canvas.say("per_100_closed"))
    over_forms(canvas, data["year"], "suit_direct.total")
    first = data[data["kind"] == "reconsideration"]
    return [canvas.count(first["n_reports"].sum(), first["denominator"].sum()), canvas.say("pyramid_note")]
