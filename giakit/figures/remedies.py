"""From requests to reconsideration, suit and correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import Canvas, Look, drawing, number, rows
from giakit.figures.drawings import breaks_behind, room_above, series, stacked_rows
from giakit.figures.style import colour, ink_of
from giakit.figures.wording import count
from giakit.metrics.counts import prepared

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUTES = ("reconsideration", "suit_direct", "suit_after")
RESULTS = ("upheld", "corrected", "other", "pending")


def remedy_pyramid_data(
    frame: pd.DataFrame, *, by: str | None = None, overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:
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


@drawing(remedy_pyramid_data)
def remedy_pyramid(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw how many requests there are at each stage from closure to correction, on a logarithmic scale.

    One dot a stage (a bar on a logarithmic scale has no length), its count and how many there are per 100
    requests closed. A stage without a case stands at the left edge as 0.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> frame = pd.DataFrame({"closed": [3050.0], "granted": [1362.0], "reconsideration.total": [351.0],
    ...     "suit_direct.total": [26.0], "suit_after.total": [20.0], "reconsideration.corrected": [64.0],
    ...     "suit_direct.corrected": [4.0], "suit_after.corrected": [1.0]})
    >>> ax = remedy_pyramid(frame)
    >>> len(ax.get_yticks())
    5
    >>> plt.close(ax.figure)
    """
    canvas.size(height=2.4)
    if data.empty or data["count"].isna().all():
        canvas.empty()
        return canvas.finish(data, canvas.say("pyramid_title"), n=canvas.say("n_case"))
    counts = data["count"].to_numpy(dtype="float64", na_value=np.nan)
    canvas.counts("x", float(np.nanmax(counts)), log=True)
    left = canvas.ax.get_xlim()[0]
    for place, row in enumerate(rows(data)):
        if pd.isna(row.count):
            continue
        at = max(number(row.count), left)
        corrected = row.stage == "corrected"
        shade = canvas.shade(
            row.stage, colour("corrected", "remedies") if corrected else colour("main", "roles")
        )
        canvas.ax.plot([left, at], [place, place], color=colour("band", "roles"), linewidth=1.5, zorder=1)
        canvas.ax.plot(at, place, "o", color=shade, markersize=6, zorder=3, clip_on=False)
        plain = f"{number(row.count):,.0f}"
        rate = canvas.say("per_100", n=f"{number(row.per_closed) * 100:.1f}") if place else ""
        canvas.margin(
            [f"{plain}   {rate}" if rate and not pd.isna(row.per_closed) else plain, plain],
            place,
            color=shade,
        )
    canvas.row_names([canvas.name(stage, "stage", place) for place, stage in enumerate(data["stage"])])
    canvas.ax.set_ylim(len(data) - 0.4, -0.6)
    canvas.ax.set_xlabel(canvas.say("log_count"))
    counted = count(canvas.lang, int(data["n_reports"].iloc[0]))
    return canvas.finish(
        data, canvas.say("pyramid_title"), counted, canvas.say("pyramid_note"), n=canvas.say("n_case")
    )


def direct_suits_data(frame: pd.DataFrame, *, overlap: str = "error", **look: Unpack[Look]) -> pd.DataFrame:
    """Share of suits brought without reconsideration, by year: :func:`giakit.metrics.direct_suit_share`.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "suit_direct.total": [26.0], "suit_after.total": [20.0]})
    >>> direct_suits_data(frame)["rate"].round(3).tolist()
    [0.565]
    """
    return metrics.direct_suit_share(frame, by="year", overlap=overlap)


@drawing(direct_suits_data)
def direct_suits(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw the share of direct suits over the years, the years of legal uncertainty shaded.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = direct_suits(panel(agencies=40).remedies)
    >>> plt.close(ax.figure)
    """
    canvas.size(columns=1, height=2.7)
    canvas.percent("y")
    years = canvas.years(data["year"])
    if years and years[-1] >= 2024:
        canvas.ax.axvspan(
            2023.5, min(2025.5, years[-1] + 0.5), color=colour("band", "roles"), zorder=0, linewidth=0
        )
        canvas.text(
            canvas.say("uncertain_band"), 2023.5, 0.98, sides=("corner", "upright"), gap=3,
            color=colour("muted", "roles"), behind=True,
        )  # fmt: skip
    series(canvas, data, value="rate", n="denominator", name=lambda _: "")
    for row in rows(data.dropna(subset=["rate", "year"])):
        canvas.text(f"{number(row.denominator):,.0f}", row.year, number(row.rate), sides=("above", "below", "above right"), gap=5, color=colour("muted", "roles"))  # fmt: skip
    canvas.ax.set_ylabel(canvas.say("direct_share"))
    note = canvas.say("direct_note", n=f"{number(data['denominator'].sum()):,.0f}")
    return canvas.finish(data, canvas.say("direct_title"), note, n=canvas.say("n_suits"))


def remedies_by_year_data(
    frame: pd.DataFrame, *, route: str = "reconsideration", overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:
    """Results of reconsiderations or suits, by year.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("remedies", column=None)``, with ``year``.
    route : {"reconsideration", "suit_direct", "suit_after"}
        The row of table 4.
    overlap : str
        As in :func:`giakit.metrics.rate`.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a year and result: ``year`` (Int64), ``result`` (str), ``count, cases, share`` (Float64), ``n_reports``
        (Int64: reports whose four results are known and add up to their total; others are left out).

    Raises
    ------
    MissingColumns, MixedScopes

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
    total = frame[f"{route}.total"].astype("Float64")
    parts = frame[columns].astype("Float64")
    # A printed total of zero over blank results is no case.
    parts = parts.mask(parts.isna() & (total == 0).fillna(False).to_numpy()[:, None], 0.0)
    closes = parts.notna().all(axis=1) & (parts.sum(axis=1) == total).fillna(False)
    used = parts[closes].assign(year=frame.loc[closes, "year"].astype("Int64"))
    grouped = used.groupby("year")
    sums = grouped[columns].sum(min_count=1).rename(columns=dict(zip(columns, RESULTS, strict=True)))
    data = (
        sums.rename_axis(columns="result").stack().reset_index().set_axis(["year", "result", "count"], axis=1)
    )
    data["cases"] = data["year"].map(sums.sum(axis=1)).astype("Float64")
    data["share"] = (data["count"] / data["cases"].where(data["cases"] > 0)).astype("Float64")
    data["n_reports"] = data["year"].map(grouped.size()).astype("Int64")
    return data.astype({"year": "Int64", "result": "str", "count": "Float64"})


@drawing(remedies_by_year_data)
def remedies_by_year(canvas: Canvas, data: pd.DataFrame, *, route: str, **options: Any) -> Axes:
    """Draw how reconsiderations or suits ended, year by year, as bars of 100 per cent.

    One bar a year; n (cases) at its right.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = remedies_by_year(panel(agencies=40).remedies)
    >>> plt.close(ax.figure)
    """
    years = sorted(data["year"].unique())
    canvas.size(height=1.25 + 0.27 * len(years))
    if not years:
        canvas.empty()
        return canvas.finish(data, canvas.say(f"{route}_by_year"), n=canvas.say("n_case"))
    laid = data.pivot(index="year", columns="result", values="share").reindex(years)[list(RESULTS)]
    counts = data.pivot(index="year", columns="result", values="count")
    stacked_rows(
        canvas, laid, shade=lambda result: canvas.shade(result, colour(result, "remedies")),
        text=lambda year, result: f"{number(counts.loc[year, result]):,.0f}",
    )  # fmt: skip
    first = data.drop_duplicates("year").set_index("year")
    for place, year in enumerate(years):
        canvas.margin(
            [f"n = {number(first.loc[year, 'cases']):,.0f}", f"{number(first.loc[year, 'cases']):,.0f}"],
            place,
        )
    canvas.key([(canvas.name(result, "remedy"), ink_of(result, "remedies")) for result in RESULTS])
    canvas.row_names([str(year) for year in years])
    canvas.percent("x")
    canvas.ax.set_xlabel(canvas.say(f"share_{'suits' if route != 'reconsideration' else 'reconsiderations'}"))
    counted = count(canvas.lang, int(first["n_reports"].sum()))
    return canvas.finish(
        data, canvas.say(f"{route}_by_year"), counted, canvas.say("pending_note"), n=canvas.say("n_case")
    )


def suits_over_time_data(
    frame: pd.DataFrame, *, overlap: str = "error", **look: Unpack[Look]
) -> pd.DataFrame:
    """Reconsiderations and suits per 100 requests closed, by year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Requests with remedies beside them (:func:`giakit.metrics.join_tables`), with ``year``.
    overlap : str
        As in :func:`giakit.metrics.rate`.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a kind and year: ``kind`` (``reconsideration`` or ``suit``), then as :func:`giakit.metrics.rate`.

    Raises
    ------
    MissingColumns, MixedScopes

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2023], "closed": [200.0], "reconsideration.total": [4.0],
    ...     "suit_direct.total": [1.0], "suit_after.total": [1.0]})
    >>> suits_over_time_data(frame)["rate"].tolist()
    [2.0, 1.0]
    """
    parts = [
        metrics.reconsideration_rate(frame, by="year", overlap=overlap).assign(kind="reconsideration"),
        metrics.suit_rate(frame, by="year", overlap=overlap).assign(kind="suit"),
    ]
    data = pd.concat(parts, ignore_index=True).astype({"kind": "str"})
    return data[["kind", *(name for name in data.columns if name != "kind")]]


@drawing(suits_over_time_data)
def suits_over_time(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw reconsiderations and suits per 100 requests closed over the years, with the breaks of law.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.metrics import join_tables
    >>> from giakit.simulate.panels import panel
    >>> made = panel(agencies=40)
    >>> ax = suits_over_time(join_tables(made.requests, made.remedies))
    >>> plt.close(ax.figure)
    """
    canvas.size(height=3.0)
    series(
        canvas, data, value="rate", group="kind", order=["reconsideration", "suit"], n="denominator",
        name=lambda kind: canvas.name(kind, "stage"),
    )  # fmt: skip
    bounds = data[["rate", "high"]].to_numpy(dtype="float64", na_value=np.nan)
    canvas.counts(
        "y",
        min(float(np.nanmax(bounds)), 3 * float(np.nanmax(bounds[:, 0]))) if np.isfinite(bounds).any() else 1,
    )
    canvas.ax.set_ylabel(canvas.say("per_100_closed"))
    years = canvas.years(data["year"])
    room_above(canvas.ax)
    breaks_behind(canvas.ax, "suit_direct.total", years, lang=canvas.lang, canvas=canvas)
    first = data[data["kind"] == "reconsideration"]
    counted = count(canvas.lang, int(first["n_reports"].sum()), number(first["denominator"].sum()))
    return canvas.finish(
        data, canvas.say("suits_title"), counted, canvas.say("pyramid_note"), n=canvas.say("n_closed")
    )
