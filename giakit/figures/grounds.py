"""Grounds of refusal: refused in law or not given in fact, and which body rests its refusals on what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.figures.canvas import FEW, Canvas, number
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import heat, over_forms, pairs, series, values_of
from giakit.figures.style import colour, ink_of
from giakit.metrics.counts import require
from giakit.metrics.definitions import Measure, term
from giakit.metrics.rates import measure_rate


@twin
def grounds_by_group_data(
    frame: pd.DataFrame, *, by: str = "policy_area", parts: str = "grounds", overlap: str = "error"
) -> pd.DataFrame:  # fmt: skip
    """Share of each ground in each group, and how far it lies from what all groups together give.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``.
    by : str
        Column of the groups (``policy_area``, ``tier``).
    parts : str
        A composition of :func:`giakit.metrics.ground_shares`.

    Returns
    -------
    pandas.DataFrame
        One row a group and ground: `by`, ``part``, ``count, refusals, share, low, high, overall, distance`` (Float64: share
        of all groups together, and share less that), ``differs`` (bool: the interval, clustered by agency, leaves out the
        overall share), ``n_reports`` (Int64), ``method``. Groups without refusals are left out.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Notes
    -----
    ``Σ ground / Σ refusals``. Refusals of one agency are alike: residuals that take them as independent call two
    cells in five a finding where there is none.

    References
    ----------
    Rao and Scott (1981), JASA 76, on clustered tables.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> data = grounds_by_group_data(panel(agencies=60).requests)
    >>> data.groupby("policy_area")["share"].sum().round(6).unique().tolist()
    [1.0]
    """
    shares = metrics.ground_shares(frame, parts=parts, by=by, overlap=overlap)
    shares = shares[(shares["denominator"] > 0).fillna(False) & shares[by].notna()].reset_index(drop=True)
    shares = shares.rename(columns={"numerator": "count", "denominator": "refusals", "rate": "share"})
    sums = shares.groupby("part", sort=False)[["count", "refusals"]].sum()
    shares["overall"] = shares["part"].map(sums["count"] / sums["refusals"]).astype("Float64")
    shares["distance"] = shares["share"] - shares["overall"]
    outside = (shares["low"] > shares["overall"]) | (shares["high"] < shares["overall"])
    shares["differs"] = outside.fillna(False).astype(bool)
    kept = ["count", "refusals", "share", "low", "high", "overall", "distance", "differs", "n_reports", "method"]
    return shares[[by, "part", *kept]]


@drawing(
    grounds_by_group_data, n="n_refusals", empty="no_refusals", height=lambda data: 2.1 + 0.28 * data.iloc[:, 0].nunique()
)  # fmt: skip
def grounds_by_group(canvas: Canvas, data: pd.DataFrame, *, by: str) -> list[str]:
    """Draw the share of each ground in each group; colour says whether that is more or less than overall.

    Shares as numbers; bold where the interval, clustered by agency, leaves out the overall share; white: fewer than ten
    refusals.
    """
    codes, groups, edge = list(dict.fromkeys(data["part"])), list(dict.fromkeys(data[by])), 0.3
    laid = data.pivot(index=by, columns="part").loc[groups]
    first = data.drop_duplicates(by)
    distance = laid["distance"][codes].astype("float64").clip(-edge, edge)
    distance.loc[values_of(first["refusals"]) < FEW] = np.nan
    heat(
        canvas, distance, limits=(-edge, edge), family="diverging",
        texts=[[f"{number(share) * 100:.0f}%" for share in line] for line in laid["share"][codes].to_numpy()],
        bold=laid["differs"][codes].to_numpy(dtype=bool), rows=canvas.names(groups, by, first["refusals"]),
        columns=[canvas.name(code, "outcome") for code in codes],
        bar=(canvas.say("distance"), {-edge: "≤ −30", -0.15: "−15", 0.0: "0", 0.15: "+15", edge: "≥ +30"}),
    )  # fmt: skip
    refused = canvas.say("refusals", n=f"{float(first['refusals'].sum()):,.0f}")
    counted = canvas.say("n_line", requests=refused, reports=canvas.count(first["n_reports"].sum()))
    return [counted, canvas.say("bold_note")]


@twin
def refusal_in_law_and_fact_data(frame: pd.DataFrame, *, by: str = "year", overlap: str = "error") -> pd.DataFrame:
    """Refused in law (arts 14-16) and not given in fact (not held, not ready-made, unclear), of requests closed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``.
    by : str
        Column to group by, usually ``year``.

    Returns
    -------
    pandas.DataFrame
        One row a group and kind: `by`, ``kind`` (``law`` or ``fact``), ``count, closed, rate, low, high``
        (Float64), ``n_reports`` (Int64), ``method, note``.

    Notes
    -----
    ``Σ denied without denied_inquiry / closed`` and ``Σ unable / closed``.

    References
    ----------
    法学 2011 (10), on 245 annual reports of 2008-2010, tells legal from factual grounds.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> refusal_in_law_and_fact_data(panel(agencies=20, years=[2023]).requests)["kind"].tolist()
    ['fact', 'law']
    """
    fact = Measure("not able to give", "", "unable", ("closed",))
    parts = [
        measure_rate(frame, fact, by=by, overlap=overlap).assign(kind="fact"),
        metrics.refusal_rate(frame, kind="exemption", by=by, overlap=overlap).assign(kind="law"),
    ]
    data = pd.concat(parts, ignore_index=True).sort_values([by, "kind"], kind="stable", ignore_index=True)
    data = data.rename(columns={"numerator": "count", "denominator": "closed"}).astype({"kind": "str"})
    return data[[by, "kind", "count", "closed", "rate", "low", "high", "n_reports", "method", "note"]]


@drawing(refusal_in_law_and_fact_data, n="n_closed")
def refusal_in_law_and_fact(canvas: Canvas, data: pd.DataFrame, *, by: str) -> list[str]:
    """Draw refusals in law and in fact over the years, with bands."""
    groups, drawn = {"fact": "unable", "law": "denied"}, data.rename(columns={by: "year"})
    series(
        canvas, drawn, value="rate", group="kind", order=["fact", "law"], n="closed",
        name=lambda kind: canvas.name(kind, "", default=canvas.say(f"refused_in_{kind}")),
        shade=lambda kind: canvas.shade(kind, colour(groups[kind])), ink=lambda kind: ink_of(groups[kind]),
    )  # fmt: skip
    bounds = data[["rate", "high"]].to_numpy(dtype="float64", na_value=np.nan)
    canvas.percent("y", float(np.nanmax(bounds)) if np.isfinite(bounds).any() else 0.1)
    canvas.ax.set_ylabel(canvas.say("share_closed"))
    over_forms(canvas, drawn["year"], "new")
    law = data[data["kind"] == "law"]
    return [canvas.count(law["n_reports"].sum(), law["closed"].sum())]


@twin
def refused_against_unable_data(
    frame: pd.DataFrame, *, refused: str = "denied", unable: str = "unable"
) -> pd.DataFrame:
    """Requests refused, and requests for which there was nothing to give, report by report.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with both columns; group sums are taken from the rows of the form where they are not there.
    refused, unable : str
        Columns.

    Returns
    -------
    pandas.DataFrame
        One row a report that knows both: ``unit, year`` where known, ``refused, unable`` (Float64).

    Examples
    --------
    >>> refused_against_unable_data(pd.DataFrame({"denied": [3.0, None], "unable": [9.0, 2.0]}))["unable"].tolist()
    [9.0]
    """
    values = {}
    for name, code in (("refused", refused), ("unable", unable)):
        summed = code not in frame.columns and code in ("denied", "unable")
        parts = [part for part, _ in term(code)] if summed else [code]
        require(frame, parts, "refused_against_unable")
        values[name] = frame[parts].astype("Float64").sum(axis=1, skipna=False)
    data = frame.reindex(columns=[name for name in ("unit", "year") if name in frame.columns]).assign(**values)
    return data.dropna(subset=["refused", "unable"]).reset_index(drop=True)


@drawing(refused_against_unable_data, n="n_reports", columns=1, height=3.3)
def refused_against_unable(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw requests refused against requests for which there was nothing to give: one dot a report.

    Both scales are log(1 + x); above the line more was not there than was refused.
    """
    x, y = values_of(data["refused"]), values_of(data["unable"])
    kinds = (("unable", y > x), ("denied", y < x), ("other", y == x))
    pairs(canvas, x, y, [(chosen, canvas.shade(group, colour(group)), "o", 12) for group, chosen in kinds])
    canvas.ax.set_xlabel(canvas.say("refused_axis"))
    canvas.ax.set_ylabel(canvas.say("unable_axis"))
    counts = {"n": f"{len(data):,}", "above": f"{int((y > x).sum()):,}", "below": f"{int((y < x).sum()):,}"}
    return [canvas.say("against_note", **counts)]
