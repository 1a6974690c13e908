"""Many small agencies: a funnel in place of a league table, and rates drawn towards their group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent, rows
from giakit.figures.style import colour
from giakit.figures.wording import say
from giakit.metrics.funnels import funnel as funnel_table
from giakit.metrics.funnels import funnel_limits
from giakit.metrics.shrinkage import shrunken_rates

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def funnel_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", **options: Any
) -> pd.DataFrame:
    """Each agency against funnel limits: :func:`giakit.metrics.funnel`.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": list("abc"), "granted": [60, 55, 99], "partial": 0, "closed": 100})
    >>> funnel_data(frame, dispersion="none")["outside"].nunique() > 1
    True
    """
    return funnel_table(frame, measure_name, **options)


def funnel(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure_name: str = "disclosure_rate",
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw agencies against funnel limits that allow for over-dispersion.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.
    measure_name, **options
        As in :func:`giakit.metrics.funnel`.

    Returns
    -------
    matplotlib.axes.Axes
        Dotted: limits by chance alone; lines: limits with over-dispersion (95 and 99.8 per cent).

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = funnel(panel(agencies=60).requests)
    >>> ax.get_xscale()
    'log'
    >>> plt.close(ax.figure)
    """
    data = funnel_data(frame, measure_name=measure_name, **options)
    ax = axes(ax, height=3.6)
    if data.empty:
        head(ax, title or say(lang, "funnel_title"), say(lang, "nothing"))
        return finish(ax, lang)
    # Exact binomial limits exist for whole numbers only.
    sizes = np.unique(
        np.geomspace(
            max(1.0, float(data["denominator"].min())), float(data["denominator"].max()) * 1.05, 300
        ).round()
    )
    target, kind, amount = (data[name].iloc[0] for name in ("target", "dispersion", "amount"))
    lines = [(0.95, "none", 0.0, ":"), (0.95, kind, float(amount), "-"), (0.998, kind, float(amount), "--")]
    for level, dispersion, extra, dash in lines:
        shade = colour("ink" if dash == ":" else "muted", "roles")
        for bound in funnel_limits(float(target), sizes, level=level, dispersion=dispersion, amount=extra):
            ax.plot(sizes, bound, linestyle=dash, color=shade, linewidth=0.9, zorder=1)
    ax.axhline(float(target), color=colour("ink", "roles"), linewidth=0.7)
    looks = {"inside": ("light", 8, "o"), "inner": ("third", 14, "s"), "outer": ("second", 18, "D")}
    for where, (name, area, marker) in looks.items():
        part = data[data["outside"] == where]
        ax.scatter(
            part["denominator"].astype("float64"),
            part["rate"].astype("float64"),
            s=area,
            marker=marker,
            color=colour(name, "roles"),
            edgecolor="white",
            linewidth=0.3,
            zorder=2 + area / 100,
        )
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    ax.set_ylim(-0.02, 1.02)
    percent(ax, "y")
    ax.set_xlabel(say(lang, "funnel_x"))
    ax.set_ylabel(say(lang, measure_name) if measure_name == "disclosure_rate" else measure_name)
    ax.annotate(
        say(lang, "funnel_target", rate=f"{float(target) * 100:.0f}%"),
        (1, float(target)),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        annotation_clip=False,
    )
    counts = data["outside"].value_counts()
    note = say(
        lang,
        "funnel_note",
        n=f"{len(data):,}",
        inner=int(counts.get("inner", 0)),
        outer=int(counts.get("outer", 0)),
    )
    head(ax, say(lang, "funnel_title") if title is None else title, note)
    return finish(ax, lang)


def shrinkage_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", most: int = 36, **options: Any
) -> pd.DataFrame:
    """Raw and shrunken rates of some agencies, evenly taken over the order of their raw rates.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    measure_name, **options
        As in :func:`giakit.metrics.shrunken_rates`.
    most : int
        Agencies to draw.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.shrunken_rates`, sorted by the raw rate, then by size.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(shrinkage_data(panel(agencies=80).requests, most=10))
    10
    """
    data = shrunken_rates(frame, measure_name, **options)
    data = data[data["rate"].notna() & data["shrunken"].notna()]
    data = data.sort_values(["rate", "denominator"], kind="stable", ignore_index=True)
    if len(data) > most:
        data = data.iloc[np.unique(np.linspace(0, len(data) - 1, most).round().astype(int))].reset_index(
            drop=True
        )
    return data


def shrinkage(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure_name: str = "disclosure_rate",
    most: int = 36,
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw how far each agency's rate is drawn towards its group, with its credible interval.

    Parameters
    ----------
    frame, measure_name, most, **options
        As in :func:`shrinkage_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Open dot: raw rate; arrow to the full dot: shrunken rate; line: 95 per cent credible interval.

    References
    ----------
    Morris (1983), JASA 78.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = shrinkage(panel(agencies=40).requests, most=12)
    >>> plt.close(ax.figure)
    """
    data = shrinkage_data(frame, measure_name=measure_name, most=most, **options)
    ax = axes(ax, height=1.1 + 0.115 * len(data))
    for place, row in enumerate(rows(data)):
        raw, pulled = float(row.rate), float(row.shrunken)
        ax.plot(
            [float(row.low), float(row.high)],
            [place, place],
            color=colour("light", "roles"),
            linewidth=2.4,
            solid_capstyle="butt",
            zorder=1,
        )
        if abs(raw - pulled) > 0.004:
            ax.annotate(
                "",
                (pulled, place),
                xytext=(raw, place),
                arrowprops={
                    "arrowstyle": "-",
                    "color": colour("muted", "roles"),
                    "linewidth": 0.6,
                    "shrinkA": 0,
                    "shrinkB": 0,
                },
                zorder=2,
            )
        ax.plot(
            raw,
            place,
            "o",
            color=colour("second", "roles"),
            markerfacecolor="white",
            markersize=3.6,
            markeredgewidth=0.9,
            zorder=3,
            clip_on=False,
        )
        ax.plot(pulled, place, "o", color=colour("main", "roles"), markersize=3.6, zorder=4)
        ax.annotate(
            f"{float(row.denominator):,.0f}",
            (1, place),
            xytext=(5, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=5.5,
            color=colour("muted", "roles"),
            annotation_clip=False,
        )
    if len(data):
        ax.axvline(float(data["prior_mean"].mean()), color=colour("ink", "roles"), linewidth=0.6, zorder=0)
    ax.annotate(
        "n",
        (1, 1),
        xytext=(5, -2),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=SMALL,
        va="bottom",
        color=colour("muted", "roles"),
        annotation_clip=False,
    )
    ax.set_ylim(-0.8, len(data) - 0.2)
    ax.set_xlim(0, 1)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    percent(ax)
    ax.set_xlabel(say(lang, "disclosure_rate") if measure_name == "disclosure_rate" else measure_name)
    units = int(data["n_units"].max()) if len(data) else 0
    head(
        ax,
        say(lang, "shrinkage_title") if title is None else title,
        say(lang, "shrinkage_note", shown=len(data), n=f"{units:,}"),
    )
    return finish(ax, lang)
