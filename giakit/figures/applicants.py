"""Who asks, and whether persons and organisations fare alike."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent, rows
from giakit.figures.style import colour
from giakit.figures.wording import called, count, in_order, province_name, say, together, words
from giakit.metrics.applicants import applicant_gap as gap_table
from giakit.metrics.applicants import applicant_mix as mix_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def applicant_gap_data(
    frame: pd.DataFrame,
    *,
    by: str = "tier",
    strata: str | None = "agency_id",
    overlap: str = "error",
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
    grouped = gap_table(frame, by=by, overlap=overlap, **options)
    grouped = grouped[grouped["difference"].notna() & grouped[by].notna()].rename(columns={by: "group"})
    listed = in_order(grouped["group"], by)
    grouped = grouped.sort_values("group", key=lambda values: values.map(listed.index), kind="stable")
    parts = [
        grouped.assign(kind="group"),
        gap_table(frame, overlap=overlap, **options).assign(kind="all", group="all"),
    ]
    if strata is not None:
        within = gap_table(
            frame,
            strata=strata,
            effect="difference",
            **{key: value for key, value in options.items() if key != "by"},
        )
        parts.append(within.rename(columns={"estimate": "difference"}).assign(kind="within", group="within"))
    tables = [part.reindex(columns=["group", "kind", *kept]) for part in parts]
    data = pd.concat(
        [table.astype({name: "Float64" for name in kept[:-1]}) for table in tables], ignore_index=True
    )
    return data.astype({"group": "str", "kind": "str"})


def applicant_gap(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str = "tier",
    strata: str | None = "agency_id",
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw the gap between natural persons and organisations as a forest plot.

    Parameters
    ----------
    frame, by, strata, overlap, **options
        As in :func:`applicant_gap_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Squares grow with the organisations' requests; diamonds are the pooled differences.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = applicant_gap(panel(agencies=60, applicants=True, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    data = applicant_gap_data(frame, by=by, strata=strata, overlap=overlap, **options)
    ax = axes(ax, height=1.3 + 0.24 * len(data))
    size = data["n_second"].astype("float64")
    largest = float(size[data["kind"] == "group"].max()) if (data["kind"] == "group").any() else 1.0
    for place, row in enumerate(rows(data)):
        pooled = row.kind != "group"
        shade = colour("second" if pooled else "main", "roles")
        if not pd.isna(row.low):
            ax.plot(
                [float(row.low), float(row.high)],
                [place, place],
                color=shade,
                linewidth=1.4 if pooled else 1.0,
                zorder=2,
            )
        width = (
            6.0
            if pooled
            else 3.0
            + 4.0 * np.sqrt((0.0 if pd.isna(row.n_second) else float(row.n_second)) / max(largest, 1.0))
        )
        if not pd.isna(row.difference):
            ax.plot(
                float(row.difference), place, "D" if pooled else "s", color=shade, markersize=width, zorder=3
            )
            told = f"{float(row.difference) * 100:+.1f}".replace("-", "−")
            if not pd.isna(row.low):
                told += f" [{float(row.low) * 100:+.1f}, {float(row.high) * 100:+.1f}]".replace("-", "−")
            ax.annotate(
                told,
                (1, place),
                xytext=(6, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                annotation_clip=False,
            )
    ax.axvline(0, color=colour("ink", "roles"), linewidth=0.7, zorder=1)
    ax.set_yticks(range(len(data)), [_gap_label(row, by, lang) for row in data.to_dict("records")])
    ax.set_ylim(len(data) - 0.4, -0.7)
    bounds = (
        np.nanmax(np.abs(data[["low", "high", "difference"]].to_numpy(dtype="float64", na_value=np.nan)))
        if len(data)
        else 0.1
    )
    ax.set_xlim(-bounds * 1.08, bounds * 1.08)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * 100:+.0f}".replace("-", "−") if value else "0")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.set_xlabel(say(lang, "gap_x"))
    head(ax, say(lang, "gap_title") if title is None else title, say(lang, "gap_note"))
    return finish(ax, lang)


def _gap_label(row: Mapping[Hashable, Any], by: str, lang: str) -> str:
    if row["kind"] != "group":
        return say(lang, f"gap_{row['kind']}")
    name = province_name(row["group"], lang) if by == "province" else called(row["group"], by, lang)
    first, second = (0 if pd.isna(row[key]) else row[key] for key in ("n_first", "n_second"))
    return f"{name}  (n = {first:,.0f}; {second:,.0f})"


def applicant_mix_data(
    frame: pd.DataFrame, *, by: str | None = "year", overlap: str = "error"
) -> pd.DataFrame:
    """Share of each kind of applicant: :func:`giakit.metrics.applicant_mix`.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(applicant_mix_data(panel(agencies=20, applicants=True, years=[2023]).requests))
    6
    """
    return mix_table(frame, by=by, overlap=overlap)


def applicant_mix(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str | None = None,
    overlap: str = "error",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the share of each kind of applicant with its interval.

    Parameters
    ----------
    frame, by, overlap
        As in :func:`applicant_mix_data`; the groups of `by` stand side by side (at most six).
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        A square-root scale, because natural persons dwarf the others.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = applicant_mix(panel(agencies=20, applicants=True, years=[2023]).requests)
    >>> plt.close(ax.figure)
    """
    data = applicant_mix_data(frame, by=by, overlap=overlap)
    kinds = list(dict.fromkeys(data["applicant"]))
    groups: list[Any] = [None] if by is None else in_order(data[by], by)[:6]
    ax = axes(ax, height=1.2 + 0.3 * len(kinds) + 0.12 * (len(groups) - 1) * len(kinds))
    shades = ("main", "second", "third", "fourth", "muted", "light")
    step = 0.72 / max(len(groups), 1)
    for number, group in enumerate(groups):
        part = (data if group is None else data[data[by] == group]).set_index("applicant")
        shade = colour(shades[number], "roles")
        for place, kind in enumerate(kinds):
            row = part.loc[kind]
            if pd.isna(row["rate"]):
                continue
            y = place + (number - (len(groups) - 1) / 2) * step
            if not pd.isna(row["low"]):
                ax.plot(
                    [float(row["low"]), float(row["high"])],
                    [y, y],
                    color=shade,
                    linewidth=2,
                    solid_capstyle="butt",
                )
            ax.plot(float(row["rate"]), y, "o", color=shade, markersize=4)
            right = float(row["rate"]) if pd.isna(row["high"]) else float(row["high"])
            label = f"{float(row['rate']) * 100:.1f}%" + (
                "" if group is None else f"  {called(group, str(by), lang)}"
            )
            ax.annotate(
                label,
                (right, y),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
                color=shade,
            )
    ax.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda x: np.square(x)))
    ax.set_xticks([0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1])
    ax.set_xlim(0, 1.15)
    percent(ax)
    said = words("applicant", lang)
    ax.set_yticks(range(len(kinds)), [said[kind] for kind in kinds])
    ax.set_ylim(len(kinds) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.set_xlabel(say(lang, "share_new"))
    one = data[data["applicant"] == kinds[0]]
    note = together(
        lang,
        count(lang, int(one["n_reports"].sum()), float(one["denominator"].sum())),
        say(lang, "interval" if int(one["n_reports"].max()) == 1 else "interval_clustered"),
    )
    head(ax, say(lang, "mix_title") if title is None else title, note)
    return finish(ax, lang)
