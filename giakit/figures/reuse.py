"""Text that stands in more than one report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent
from giakit.figures.style import colour, colours_between
from giakit.figures.wording import say
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        found = placed.reindex(data[f"report_id_{side}"])
        data[f"group_{side}"] = found[order].to_numpy()
        data[f"agency_{side}"] = found["agency_id"].to_numpy()
        data[f"year_{side}"] = found["year"].astype("Int64").array
        data[f"position_{side}"] = found["position"].astype("Int64").array
    data["same_group"] = data["group_a"] == data["group_b"]
    data["same_agency"] = data["agency_a"] == data["agency_b"]
    return data.sort_values(["position_a", "position_b"], kind="stable", ignore_index=True)


def text_reuse(
    pairs: pd.DataFrame,
    reports: pd.DataFrame,
    ax: Axes | None = None,
    *,
    order: str = "province",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the matrix of similar reports, ordered by group.

    Parameters
    ----------
    pairs, reports, order
        As in :func:`text_reuse_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One square a pair, darker where more alike; squares of grey are the groups.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> pairs = pd.DataFrame({"report_id_a": ["r"], "report_id_b": ["s"], "similarity": [0.8]})
    >>> reports = pd.DataFrame({"report_id": ["r", "s"], "province": "x", "year": [2022, 2023], "agency_id": ["a", "b"]})
    >>> ax = text_reuse(pairs, reports)
    >>> plt.close(ax.figure)
    """
    from matplotlib.patches import Rectangle

    data = text_reuse_data(pairs, reports, order=order)
    ax = axes(ax, columns=1, height=3.15)
    size = len(reports)
    groups = reports.sort_values([order, "agency_id", "year", "report_id"], kind="stable")[order]
    start = 0
    for name, number in groups.value_counts(sort=False).items():
        ax.add_patch(
            Rectangle(
                (start, start), number, number, facecolor=colour("band", "roles"), edgecolor="none", zorder=0
            )
        )
        ax.annotate(
            str(name),
            (0, start + number / 2),
            xytext=(-3, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=5.5,
            annotation_clip=False,
        )
        start += number
    x, y = (data[f"position_{side}"].to_numpy(dtype="float64") + 0.5 for side in ("a", "b"))
    shade = data["similarity"].to_numpy(dtype="float64")
    area = max(1.0, (170 / max(size, 1)) ** 2)
    mesh = ax.scatter(
        np.r_[x, y],
        np.r_[y, x],
        c=np.r_[shade, shade],
        s=area,
        marker="s",
        linewidths=0,
        cmap=colours_between("sequential"),
        vmin=0,
        vmax=1,
        zorder=2,
    )
    ax.set_xlim(0, size)
    ax.set_ylim(size, 0)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(mesh, ax=ax, shrink=0.55, aspect=16, pad=0.02)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.set_label(say(lang, "similarity"), fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    across = int((~data["same_agency"]).sum())
    head(
        ax,
        say(lang, "reuse_title") if title is None else title,
        say(lang, "reuse_note", n=f"{size:,}", pairs=f"{len(data):,}", across=f"{across:,}"),
    )
    finish(bar.ax, lang)
    return finish(ax, lang)


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
    for period, part in (
        ("before", similarity[similarity["year"] < ban]),
        ("since", similarity[similarity["year"] >= ban]),
    ):
        values = np.sort(part["similarity"].dropna().to_numpy(dtype="float64"))
        parts.append(
            pd.DataFrame(
                {
                    "period": period,
                    "similarity": values,
                    "share": np.arange(1, len(values) + 1) / max(len(values), 1),
                    "n": len(values),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype(
        {"period": "str", "similarity": "Float64", "share": "Float64", "n": "Int64"}
    )


def year_on_year(
    similarity: pd.DataFrame,
    ax: Axes | None = None,
    *,
    ban: int = 2021,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw how alike reports are to the agency's last, before and since copying was banned.

    Parameters
    ----------
    similarity, ban
        As in :func:`year_on_year_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Two cumulative distributions: the more a line lies to the right, the more is repeated.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = year_on_year(pd.DataFrame({"year": [2020, 2022], "similarity": [0.9, 0.4]}))
    >>> plt.close(ax.figure)
    """
    data = year_on_year_data(similarity, ban=ban)
    ax = axes(ax, columns=1, height=2.8)
    middles = data.groupby("period")["similarity"].median()
    leftmost = middles.idxmin() if len(middles) else None
    for period, name in (("before", "third"), ("since", "main")):
        part = data[data["period"] == period]
        if part.empty:
            continue
        shade = "#B57A12" if name == "third" else colour(name, "roles")
        x, y = part["similarity"].to_numpy(dtype="float64"), part["share"].to_numpy(dtype="float64")
        ax.step(np.r_[0, x, 1], np.r_[0, y, 1], where="post", color=shade)
        # The corner above the left curve and the one below the right curve are empty.
        left = period == leftmost or len(middles) < 2
        ax.text(
            0.03 if left else 0.97, 0.96 if left else 0.05, say(lang, f"period_{period}", n=f"{len(part):,}", ban=ban),
            ha="left" if left else "right", va="top" if left else "bottom", fontsize=SMALL, color=shade, fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.01)
    percent(ax, "y")
    ax.set_xlabel(say(lang, "similarity_before"))
    ax.set_ylabel(say(lang, "share_reports"))
    ax.grid(True)
    head(ax, say(lang, "yoy_title") if title is None else title)
    return finish(ax, lang)
