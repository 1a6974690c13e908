"""Beside other sources and other countries: audits, foreign statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from giakit.figures.canvas import SMALL, axes, finish, head, percent, rows
from giakit.figures.style import colour
from giakit.figures.wording import called, count, say
from giakit.forms.abroad import Category
from giakit.forms.abroad import system as mapping
from giakit.metrics.abroad import abroad_shares
from giakit.metrics.counts import require
from giakit.metrics.intervals import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def published_rates_data(published: pd.DataFrame) -> pd.DataFrame:
    """Published rates with an interval where their counts were published.

    Parameters
    ----------
    published : pandas.DataFrame
        ``label, kind`` (``self_report`` or ``audit``), ``rate`` (0-1), ``numerator, denominator`` (NA where not
        published), ``source``.

    Returns
    -------
    pandas.DataFrame
        As given, with ``low, high`` (Float64: Wilson, NA without counts); audits first, then by rate.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["a"], "kind": ["audit"], "rate": [0.5], "numerator": [5], "denominator": [10],
    ...     "source": ["x"]})
    >>> published_rates_data(table)["low"].round(3).tolist()
    [0.237]
    """
    require(published, ["label", "kind", "rate", "numerator", "denominator"], "published_rates")
    data = published.copy()
    above, below = (
        data[name].astype("Float64").to_numpy(dtype="float64", na_value=float("nan"))
        for name in ("numerator", "denominator")
    )
    low, high = wilson(above, below)
    for name, bound in (("low", low), ("high", high)):
        data[name] = pd.Series(bound, index=data.index).astype("Float64")
    return data.sort_values(["kind", "rate"], kind="stable", ignore_index=True)


def published_rates(
    published: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en", title: str | None = None
) -> Axes:
    """Draw what audits found beside what agencies report of themselves.

    Parameters
    ----------
    published
        As in :func:`published_rates_data`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"label": ["a"], "kind": ["audit"], "rate": [0.5], "numerator": [5], "denominator": [10],
    ...     "source": ["x"]})
    >>> ax = published_rates(table)
    >>> plt.close(ax.figure)
    """
    data = published_rates_data(published)
    ax = axes(ax, height=1.3 + 0.3 * len(data))
    looks = {"audit": ("second", "D"), "self_report": ("main", "o")}
    for place, row in enumerate(rows(data)):
        name, marker = looks.get(str(row.kind), ("muted", "o"))
        shade = colour(name, "roles")
        ax.plot(
            [0, float(row.rate)],
            [place, place],
            color=colour("band", "roles"),
            linewidth=3,
            zorder=1,
            solid_capstyle="butt",
        )
        if not pd.isna(row.low):
            ax.plot(
                [float(row.low), float(row.high)],
                [place, place],
                color=shade,
                linewidth=2,
                solid_capstyle="butt",
                zorder=2,
            )
        ax.plot(float(row.rate), place, marker, color=shade, markersize=5.5, zorder=3)
        right = float(row.rate) if pd.isna(row.high) else float(row.high)
        told = f"{float(row.rate) * 100:.1f}%" + (
            "" if pd.isna(row.denominator) else f"  (n = {float(row.denominator):,.0f})"
        )
        ax.annotate(
            told, (right, place), xytext=(7, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
    ax.set_yticks(range(len(data)), data["label"])
    for tick, kind in zip(ax.get_yticklabels(), data["kind"], strict=True):
        tick.set_color(colour(looks.get(str(kind), ("muted", "o"))[0], "roles"))
    ax.set_ylim(len(data) - 0.4, -0.6)
    ax.set_xlim(0, 1.02)
    percent(ax)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say(lang, "published_x"))
    head(ax, say(lang, "published_title") if title is None else title, say(lang, "published_note"))
    return finish(ax, lang)


def abroad_data(
    frame: pd.DataFrame, *, systems: Sequence[str] = ("us_foia", "uk_foi", "br_lai")
) -> pd.DataFrame:
    """The outcomes of a frame of reports in the categories of other countries.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report on the forms of 2019 or 2021.
    systems : sequence of str
        Systems of :func:`giakit.metrics.as_abroad`.

    Returns
    -------
    pandas.DataFrame
        One row a system and category: ``system, category, label`` (str), ``value, base, share, low, high`` (Float64;
        as :func:`giakit.metrics.abroad_shares` adds them up), ``rows``, ``note``.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> abroad_data(panel(agencies=10, years=[2023]).requests, systems=["uk_foi"])["system"].unique().tolist()
    ['uk_foi']
    """
    data = pd.concat([abroad_shares(frame, system) for system in systems], ignore_index=True)
    notes = {
        (system, category.code): category.note
        for system in systems
        for category in mapping(system).categories
    }
    data["note"] = [
        "; ".join(filter(None, (notes[system, category], note)))
        for system, category, note in zip(data["system"], data["category"], data["note"], strict=True)
    ]
    renamed = data.rename(columns={"numerator": "value", "denominator": "base", "rate": "share"})
    return renamed[["system", "category", "label", "value", "base", "share", "low", "high", "rows", "note"]]


def abroad(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    system: str = "us_foia",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw the outcomes of reports in the categories of one other country.

    Parameters
    ----------
    frame : pandas.DataFrame
        As in :func:`abroad_data`.
    system : str
        A system of :func:`giakit.metrics.as_abroad`.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        One bar a category; what stands outside the base is named with its count.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = abroad(panel(agencies=10, years=[2023]).requests, system="uk_foi")
    >>> plt.close(ax.figure)
    """
    data = abroad_data(frame, systems=[system])
    data = data[data["value"].notna()].reset_index(drop=True)
    categories = {category.code: category for category in mapping(system).categories}
    ax = axes(ax, height=1.2 + 0.26 * len(data))
    for place, row in enumerate(rows(data)):
        share = 0.0 if pd.isna(row.share) else float(row.share)
        ax.barh(place, share, height=0.68, color=colour(_family(categories[str(row.category)])))
        told = f"{float(row.value):,.0f}" + (
            f"  ({share * 100:.1f}%)" if not pd.isna(row.share) else "  " + say(lang, "outside_base")
        )
        ax.annotate(
            told, (share, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=SMALL
        )
    named = [
        categories[code].label_zh if lang == "zh" else categories[code].label for code in data["category"]
    ]
    ax.set_yticks(range(len(data)), [_wrapped(label) for label in named], fontsize=6)
    ax.invert_yaxis()
    top = float(data["share"].max()) if data["share"].notna().any() else 0.5
    ax.set_xlim(0, top * 1.3)
    percent(ax)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(say(lang, "abroad_x", base=called(system, "base", lang)))
    head(
        ax,
        called(system, "system", lang) if title is None else title,
        say(
            lang,
            "abroad_note",
            reports=count(lang, len(frame)),
            base=f"{float(data['base'].max()):,.0f}" if len(data) else "0",
        ),
    )
    return finish(ax, lang)


def _family(category: Category) -> str:
    """The group whose colour a category has; what has no counterpart abroad is no refusal."""
    known = ("granted", "partial", "denied", "unable", "not_processed", "other")
    if category.unmapped:
        return "other"
    return next((group for group in known if category.rows[0].startswith(group)), "other")


def _wrapped(label: str) -> str:
    from textwrap import fill

    return fill(label, 44)
