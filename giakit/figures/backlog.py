"""What was carried over, and whether it came in again the year after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head
from giakit.figures.style import colour
from giakit.figures.wording import report_names, say
from giakit.metrics.flows import carry_over

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def backlog_continuity_data(frame: pd.DataFrame, *, unit: str = "agency_id") -> pd.DataFrame:
    """What each agency carried out and what it brought forward the year after.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``year, carried_in, carried_out``.
    unit : str
        Column that names the agency.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.carry_over`, without pairs of which a side is blank.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": ["a", "a"], "year": [2022, 2023], "carried_in": [0.0, 5.0],
    ...     "carried_out": [4.0, 1.0]})
    >>> backlog_continuity_data(frame)["difference"].tolist()
    [1.0]
    """
    # A scope that is not known is a scope of its own: it pairs with no other.
    told = frame.assign(scope=frame["scope"].fillna("not known")) if "scope" in frame.columns else frame
    pairs = carry_over(told, unit=unit)
    return pairs[pairs["difference"].notna()].reset_index(drop=True)


def backlog_continuity(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "agency_id",
    names: pd.Series | None = None,
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw what was carried out against what came in the year after.

    Parameters
    ----------
    frame, unit
        As in :func:`backlog_continuity_data`.
    names : pandas.Series, optional
        What to call an agency, by the values of `unit`; the largest breaks are named.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Both scales are log(1 + x); pairs on the line hold, squares break it.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = backlog_continuity(panel(agencies=60).requests)
    >>> plt.close(ax.figure)
    """
    data = backlog_continuity_data(frame, unit=unit)
    ax = axes(ax, columns=1, height=3.3)
    before, after = (data[name].to_numpy(dtype="float64") for name in ("carried_out_before", "carried_in"))
    holds = before == after
    top = max(10.0, float(np.max([*before, *after], initial=0)) * 1.4)
    ax.plot([0, top], [0, top], color=colour("muted", "roles"), linewidth=0.7, zorder=1)
    ax.scatter(
        before[holds],
        after[holds],
        s=10,
        color=colour("light", "roles"),
        edgecolor="white",
        linewidth=0.3,
        zorder=2,
    )
    ax.scatter(
        before[~holds],
        after[~holds],
        s=16,
        marker="s",
        color=colour("second", "roles"),
        edgecolor="white",
        linewidth=0.3,
        zorder=3,
    )
    if names is not None:
        worst = (
            data[~holds]
            .assign(size=data["difference"].abs())
            .sort_values("size", ascending=False, kind="stable")
            .head(4)
        )
        for row in worst.to_dict("records"):
            ax.annotate(
                f"{names.get(row[unit], '')} {int(row['year'])}".strip(),
                (row["carried_out_before"], row["carried_in"]),
                xytext=(5, -4),
                textcoords="offset points",
                fontsize=5.8,
            )
    for setter in (ax.set_xscale, ax.set_yscale):
        setter("function", functions=(np.log1p, np.expm1))
    ticks = [tick for tick in (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000) if tick <= top]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.set_xlim(-0.25, top)
    ax.set_ylim(-0.25, top)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlabel(say(lang, "carried_out_before"))
    ax.set_ylabel(say(lang, "carried_in"))
    note = say(
        lang,
        "continuity_note",
        n=f"{len(data):,}",
        holds=f"{int(holds.sum()):,}",
        breaks=f"{int((~holds).sum()):,}",
    )
    head(ax, say(lang, "continuity_title") if title is None else title, note)
    return finish(ax, lang)


def backlog_breaks(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "agency_id",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw how large the breaks between carried out and carried in are (those that hold are left out).

    Parameters
    ----------
    frame, unit, ax, lang, title
        As in :func:`backlog_continuity`; the data are those of :func:`backlog_continuity_data`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> frame = pd.DataFrame({"agency_id": ["a", "a"], "year": [2022, 2023], "carried_in": [0.0, 5.0],
    ...     "carried_out": [4.0, 1.0]})
    >>> ax = backlog_breaks(frame)
    >>> plt.close(ax.figure)
    """
    from matplotlib.ticker import MaxNLocator

    data = backlog_continuity_data(frame, unit=unit)
    ax = axes(ax, columns=1, height=2.6)
    broken = data.loc[data["difference"] != 0, "difference"].to_numpy(dtype="float64")
    edges = [-np.inf, -10.5, -3.5, -1.5, -0.5, 0.5, 1.5, 3.5, 10.5, np.inf]
    labels = [
        say(lang, "or_less", n="−11"),
        say(lang, "from_to", low="−10", high="−4"),
        say(lang, "from_to", low="−3", high="−2"),
        "−1",
        "0",
        "+1",
        say(lang, "from_to", low="+2", high="+3"),
        say(lang, "from_to", low="+4", high="+10"),
        say(lang, "or_more", n="+11"),
    ]
    numbers = np.histogram(broken, bins=edges)[0]
    shown = [place for place in range(len(labels)) if labels[place] != "0"]
    ax.bar(
        range(len(shown)),
        numbers[shown],
        color=[colour("second" if place < 4 else "main", "roles") for place in shown],
        width=0.8,
    )
    for x, place in enumerate(shown):
        if numbers[place]:
            ax.text(x, numbers[place], f"{numbers[place]:,}", ha="center", va="bottom", fontsize=SMALL)
    ax.set_xticks(range(len(shown)), [labels[place] for place in shown], fontsize=5.5)
    ax.set_xlabel(say(lang, "break_size"))
    ax.set_ylabel(say(lang, "pairs"))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(y=0.15)
    head(
        ax,
        say(lang, "breaks_title") if title is None else title,
        say(lang, "breaks_note", breaks=f"{len(broken):,}", n=f"{len(data):,}"),
    )
    return finish(ax, lang)


def agency_names(frame: pd.DataFrame, *, unit: str = "agency_id", lang: str = "en") -> pd.Series:
    """What to call each agency: the name of its last report, without the year.

    Examples
    --------
    >>> agency_names(pd.DataFrame({"agency_id": ["a"], "unit": ["杭州市"], "year": [2025]})).tolist()
    ['Hangzhou']
    """
    last = frame.sort_values("year", kind="stable").drop_duplicates(unit, keep="last")
    return pd.Series(report_names(last, lang=lang, year=False).to_numpy(), index=last[unit])
