"""Text that stands in more than one report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from giakit.figures.canvas import Canvas
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import values_of
from giakit.figures.style import colour, colours_between, ink_of
from giakit.metrics.counts import require


@twin
def text_reuse_data(pairs: pd.DataFrame, reports: pd.DataFrame, *, order: str = "province") -> pd.DataFrame:
    """Pairs of similar reports with the group and the year of each.

    Parameters
    ----------
    pairs : pandas.DataFrame
        ``report_id_a, report_id_b, similarity``, as :func:`giakit.checks.reuse.similar_sections` gives them.
    reports : pandas.DataFrame
        ``report_id``, `order`, ``year``, ``agency_id``.
    order : str
        Column that reports are ordered by.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ids, ``similarity`` (Float64), ``group_a, group_b``, ``same_group`` and ``same_agency``
        (bool), ``year_a, year_b`` (Int64), ``position_a, position_b`` (Int64, place in the matrix).

    Examples
    --------
    >>> pairs = pd.DataFrame({"report_id_a": ["r"], "report_id_b": ["s"], "similarity": [0.8]})
    >>> reports = pd.DataFrame({"report_id": ["r", "s"], "province": "x", "year": [2022, 2023], "agency_id": ["a", "b"]})
    >>> text_reuse_data(pairs, reports)[["same_group", "same_agency"]].values.tolist()
    [[True, False]]
    """
    require(pairs, ["report_id_a", "report_id_b", "similarity"], "text_reuse")
    require(reports, ["report_id", order, "year", "agency_id"], "text_reuse")
    placed = reports.sort_values([order, "agency_id", "year", "report_id"], kind="stable", ignore_index=True)
    placed = placed.assign(position=pd.array(range(len(placed)), dtype="Int64")).set_index("report_id")
    data = pairs[["report_id_a", "report_id_b", "similarity"]].copy()
    for side in ("a", "b"):
        half = placed.reindex(data[f"report_id_{side}"])
        data[f"group_{side}"] = half[order].to_numpy()
        data[f"agency_{side}"] = half["agency_id"].to_numpy()
        data[f"year_{side}"] = half["year"].astype("Int64").array
        data[f"position_{side}"] = half["position"].astype("Int64").array
    data["same_group"] = data["group_a"] == data["group_b"]
    data["same_agency"] = data["agency_a"] == data["agency_b"]
    return data.sort_values(["position_a", "position_b"], kind="stable", ignore_index=True)


@drawing(text_reuse_data, n="n_reports", columns=1, height=3.15, empty=None)
def text_reuse(canvas: Canvas, data: pd.DataFrame, *, reports: pd.DataFrame, order: str) -> list[str]:
    """Draw the matrix of similar reports, ordered by group.

    One square a pair, darker where more alike; squares of grey are the groups.
    """
    from matplotlib.patches import Rectangle

    ax, size = canvas.ax, max(len(reports), 1)
    groups = reports.sort_values([order, "agency_id", "year", "report_id"], kind="stable")[order]
    middles, names, start = [], [], 0
    for place, (name, members) in enumerate(groups.value_counts(sort=False, dropna=False).items()):
        face = colour("band", "roles")
        ax.add_patch(Rectangle((start, start), members, members, facecolor=face, edgecolor="none", zorder=0))
        middles.append(start + members / 2)
        names.append(canvas.name(name, order, place))
        start += members
    x, y, shade = (
        values_of(data["position_a"]) + 0.5,
        values_of(data["position_b"]) + 0.5,
        values_of(data["similarity"]),
    )
    mesh = ax.scatter(
        np.r_[x, y], np.r_[y, x], c=np.r_[shade, shade], s=max(1.0, (170 / size) ** 2), marker="s", linewidths=0,
        cmap=colours_between("sequential"), vmin=0, vmax=1, zorder=2,
    )  # fmt: skip
    ax.set_xlim(0, size)
    ax.set_ylim(size, 0)
    ax.set_aspect("equal")
    ax.set_xticks([])
    canvas.ticks("y", middles, names, text=True)
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    canvas.scale_bar(mesh, canvas.say("similarity"), {0.0: "0", 0.5: "0.5", 1.0: "1"})
    # A bar pulls its axes to the right, where the layout does not see how far their names reach to the left.
    ax.set_anchor("W")
    across = int((~data["same_agency"]).sum())
    return [canvas.say("reuse_note", n=f"{len(reports):,}", pairs=f"{len(data):,}", across=f"{across:,}")]


@twin
def year_on_year_data(similarity: pd.DataFrame, *, ban: int = 2021) -> pd.DataFrame:
    """Cumulative share of reports by their likeness to the agency's report of the year before.

    Parameters
    ----------
    similarity : pandas.DataFrame
        One row a report with a predecessor: ``year``, ``similarity`` (0-1).
    ban : int
        First report year under the rule against copied reports.

    Returns
    -------
    pandas.DataFrame
        One row a report: ``period`` (``before`` or ``since``), ``similarity, share`` (Float64: share of the period's
        reports that are at most so alike), ``n`` (Int64).

    Examples
    --------
    >>> year_on_year_data(pd.DataFrame({"year": [2020, 2022], "similarity": [0.9, 0.4]}))["share"].tolist()
    [1.0, 1.0]
    """
    require(similarity, ["year", "similarity"], "year_on_year")
    parts = []
    for period, chosen in (("before", similarity["year"] < ban), ("since", similarity["year"] >= ban)):
        values = np.sort(similarity.loc[chosen.fillna(False), "similarity"].dropna().to_numpy(dtype="float64"))
        share = np.arange(1, len(values) + 1) / max(len(values), 1)
        parts.append(pd.DataFrame({"period": period, "similarity": values, "share": share, "n": len(values)}))
    data = pd.concat(parts, ignore_index=True)
    return data.astype({"period": "str", "similarity": "Float64", "share": "Float64", "n": "Int64"})


@drawing(year_on_year_data, n="n_reports", columns=1, height=2.8, empty=None)
def year_on_year(canvas: Canvas, data: pd.DataFrame, *, ban: int) -> list[str]:
    """Draw how alike reports are to the agency's last, before and since copying was banned.

    Two cumulative distributions: the more a line lies to the right, the more is repeated.
    """
    entries = []
    for period, role in (("before", "second"), ("since", "main")):
        part = data[data["period"] == period]
        if part.empty:
            continue
        shade = canvas.shade(period, colour(role, "roles"), len(part))
        canvas.ax.step(
            np.r_[0, values_of(part["similarity"]), 1], np.r_[0, values_of(part["share"]), 1], where="post", color=shade
        )
        named = canvas.name(period, "", default=canvas.say(f"period_{period}", n=f"{len(part):,}", ban=ban))
        entries.append((named, ink_of(role, "roles") if shade == colour(role, "roles") else shade))
    canvas.key(entries)
    canvas.ax.set_xlim(0, 1)
    canvas.ticks("x", [0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    canvas.percent("y")
    canvas.ax.set_xlabel(canvas.say("similarity_before"))
    canvas.ax.set_ylabel(canvas.say("share_reports"))
    canvas.grid("both")
    return []
