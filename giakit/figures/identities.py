"""Which identities are broken, alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head
from giakit.figures.style import colour
from giakit.figures.wording import called, say
from giakit.metrics.counts import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def violations_data(checks: pd.DataFrame) -> pd.DataFrame:
    """Reports by the set of identities that fail in them.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``report_id, check, status``.

    Returns
    -------
    pandas.DataFrame
        One row a set that occurs, the most frequent first: ``identities`` (joined by ``&``), ``reports`` (Int64),
        ``share`` (Float64, of reports with any failure), and one boolean column an identity that fails anywhere.
        ``attrs["assessed"]``: reports with a verdict.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> checks = pd.DataFrame({"report_id": ["r", "r", "s"], "check": ["H1", "H2", "H1"], "status": ["fail", "fail", "pass"]})
    >>> violations_data(checks)[["identities", "reports"]].values.tolist()
    [['H1 & H2', 1]]
    """
    require(checks, ["report_id", "check", "status"], "violations")
    failing = checks[checks["status"] == "fail"]
    kinds = sorted(failing["check"].unique())
    sets = failing.groupby("report_id")["check"].agg(lambda found: " & ".join(sorted(set(found))))
    counted = sets.value_counts().rename_axis("identities").reset_index(name="reports")
    counted = counted.sort_values(["reports", "identities"], ascending=[False, True], ignore_index=True)
    data = counted.astype({"identities": "str", "reports": "Int64"})
    data["share"] = (data["reports"] / max(int(data["reports"].sum()), 1)).astype("Float64")
    for kind in kinds:
        data[kind] = [kind in found.split(" & ") for found in data["identities"]]
    data.attrs["assessed"] = int(checks.loc[checks["status"] != "not_assessable", "report_id"].nunique())
    return data


def violations(
    checks: pd.DataFrame,
    ax: Axes | None = None,
    *,
    most: int = 12,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw which identities fail together (an UpSet plot in one Axes).

    Parameters
    ----------
    checks
        As in :func:`violations_data`.
    most : int
        Sets to draw.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Bars: reports by the set of identities that fail in them; dots below: which identities these are.

    References
    ----------
    Lex, Gehlenborg, Strobelt, Vuillemot and Pfister (2014), IEEE TVCG 20.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> checks = pd.DataFrame({"report_id": ["r", "r", "s"], "check": ["H1", "H2", "H1"], "status": ["fail", "fail", "pass"]})
    >>> ax = violations(checks)
    >>> plt.close(ax.figure)
    """
    data = violations_data(checks)
    assessed = data.attrs["assessed"]
    failing = int(data["reports"].sum())
    kinds = [name for name in data.columns if name not in ("identities", "reports", "share")]
    ax = axes(ax, height=2.4 + 0.2 * len(kinds))
    note = say(lang, "violations_note", n=f"{assessed:,}", failing=f"{failing:,}")
    head(ax, say(lang, "violations_title") if title is None else title, note)
    if data.empty:
        ax.text(
            0.5,
            0.5,
            say(lang, "no_violation"),
            ha="center",
            va="center",
            transform=ax.transAxes,
            color=colour("muted", "roles"),
        )
        ax.set_axis_off()
        return finish(ax, lang)
    drawn = data.head(most)
    heights = drawn["reports"].to_numpy(dtype="float64")
    x = np.arange(len(drawn))
    ax.bar(x, heights, color=colour("second", "roles"), width=0.62)
    for place, height in enumerate(heights):
        ax.text(place, height, f"{height:,.0f}", ha="center", va="bottom", fontsize=SMALL)
    top = heights.max() * 1.12
    step = top * 0.115
    for number, kind in enumerate(kinds):
        y = -step * (number + 0.9)
        if number % 2 == 0:
            ax.axhspan(y - step / 2, y + step / 2, color=colour("band", "roles"), zorder=0, linewidth=0)
        ax.scatter(
            x, np.full(len(x), y), s=20, color=colour("faint", "roles"), alpha=0.45, linewidths=0, zorder=1
        )
        hit = drawn[kind].to_numpy(dtype=bool)
        ax.scatter(
            x[hit], np.full(int(hit.sum()), y), s=26, color=colour("ink", "roles"), linewidths=0, zorder=3
        )
        total = int(data.loc[data[kind], "reports"].sum())
        ax.annotate(
            f"{called(kind, 'check', lang)}  {total:,}",
            (0, y),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=SMALL,
            annotation_clip=False,
        )
    for place in range(len(drawn)):
        hits = [number for number, kind in enumerate(kinds) if bool(drawn[kind].iloc[place])]
        if len(hits) > 1:
            ax.plot(
                [place, place],
                [-step * (hits[0] + 0.9), -step * (hits[-1] + 0.9)],
                color=colour("ink", "roles"),
                linewidth=1.1,
                zorder=2,
            )
    ax.set_ylim(-step * (len(kinds) + 0.5), top)
    ax.set_xlim(-0.6, max(len(drawn), 4) - 0.4)
    ax.set_xticks([])
    ticks = [tick for tick in ax.get_yticks() if tick >= 0 and float(tick).is_integer() and tick <= top]
    ax.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    ax.spines["left"].set_bounds(0, top)
    ax.spines["bottom"].set_visible(False)
    ax.set_ylabel(say(lang, "reports_axis"), y=0.5 + 0.5 * (1 - top / (top + step * (len(kinds) + 0.5))))
    return finish(ax, lang)


def check_outcomes_data(checks: pd.DataFrame, *, order: list[str] | None = None) -> pd.DataFrame:
    """Outcomes of each family of checks.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``check, status``.
    order : list of str, optional
        Checks, in order.

    Returns
    -------
    pandas.DataFrame
        One row a check and outcome: ``check, status`` (str), ``verdicts, of_check`` (Int64), ``share`` (Float64).

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["H1", "H1"], "status": ["pass", "fail"]})
    >>> check_outcomes_data(checks)["share"].tolist()
    [0.5, 0.5]
    """
    require(checks, ["check", "status"], "check_outcomes")
    data = (
        checks[checks["status"] != "note"]
        .groupby(["check", "status"])
        .size()
        .rename("verdicts")
        .reset_index()
    )
    data["of_check"] = data.groupby("check")["verdicts"].transform("sum")
    data["share"] = (data["verdicts"] / data["of_check"]).astype("Float64")
    data = data.astype({"check": "str", "status": "str", "verdicts": "Int64", "of_check": "Int64"})
    if order is not None:
        data = (
            data.set_index("check").loc[[name for name in order if name in set(data["check"])]].reset_index()
        )
    return data[["check", "status", "verdicts", "of_check", "share"]]


def check_outcomes(
    checks: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the outcomes of each family of checks as bars of 100 per cent.

    Parameters
    ----------
    checks
        As in :func:`check_outcomes_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = check_outcomes(pd.DataFrame({"check": ["H1", "H1"], "status": ["pass", "fail"]}))
    >>> plt.close(ax.figure)
    """
    data = check_outcomes_data(checks)
    names = list(dict.fromkeys(data["check"]))
    ax = axes(ax, height=1.3 + 0.24 * len(names))
    statuses = ["pass", "uncertain", "fail", "not_assessable"]
    for place, name in enumerate(names):
        part = data[data["check"] == name].set_index("status")
        start = 0.0
        for status in statuses:
            if status not in part.index:
                continue
            share = float(part.loc[status, "share"])
            ax.barh(
                place,
                share,
                left=start,
                height=0.7,
                color=colour(status, "statuses"),
                edgecolor="white",
                linewidth=0.8,
            )
            if share > 0.05:
                ax.text(
                    start + share / 2,
                    place,
                    f"{int(part.loc[status, 'verdicts']):,}",
                    ha="center",
                    va="center",
                    fontsize=SMALL,
                    color="white" if status == "fail" else colour("ink", "roles"),
                )
            start += share
        ax.annotate(
            f"n = {int(part['of_check'].iloc[0]):,}",
            (1, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour("muted", "roles"),
            annotation_clip=False,
        )
    inks = {
        "pass": "#3B86B5",
        "uncertain": "#B57A12",
        "fail": colour("fail", "statuses"),
        "not_assessable": "#7A7A7A",
    }
    for number, status in enumerate(statuses):
        ax.text(
            0.01 + 0.25 * number,
            -0.55,
            say(lang, f"status_{status}"),
            fontsize=SMALL,
            fontweight="bold",
            color=inks[status],
            va="bottom",
        )
    ax.set_yticks(range(len(names)), [called(name, "check", lang) for name in names])
    ax.set_ylim(len(names) - 0.5, -1.0)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.0f}%")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    head(
        ax,
        say(lang, "checks_title") if title is None else title,
        say(lang, "checks_note", n=f"{len(checks):,}"),
    )
    return finish(ax, lang)
