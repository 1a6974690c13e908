"""The fate of a request: what agencies did with what they closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.errors import UnknownChoice
from giakit.figures.canvas import SMALL, axes, finish, head, percent
from giakit.figures.style import colour
from giakit.figures.wording import count, say, together, words
from giakit.metrics.blanks import cell_values, close_blanks
from giakit.metrics.counts import keys, prepared, require
from giakit.metrics.definitions import Measure, identities, measure, term
from giakit.metrics.rates import measure_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Groups of outcomes, in the order of the form.
GROUPS = ("granted", "partial", "denied", "unable", "not_processed", "other")
#: Share below which a segment has no number in it.
NARROW = 0.055


def _parts(group: str, single_other: bool) -> list[str]:
    if group == "other":
        return ["other"] if single_other else list(identities()["other_parts"])
    return [group] if group in ("granted", "partial") else [code for code, _ in term(group)]


def fate_of_requests_data(
    frame: pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    detail: str = "groups",
    overlap: str = "error",
    blank: str = "closes",
) -> pd.DataFrame:
    """Share of each outcome among requests closed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``, forms of 2019 and 2021.
    by : str or sequence of str, optional
        Columns to group by (``year``, ``tier``, ``unit``); None puts all reports together.
    detail : {"groups", "rows"}
        The six groups of outcomes, or the rows of the form.
    overlap, blank
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a group and outcome, in the form's order: the columns of `by`, ``outcome, group`` (str),
        ``count, closed`` (Float64), ``share, low, high`` (Float64, 0-1), ``n_reports, n_left_out`` (Int64), and
        on every row of a group ``disclosed, disclosed_low, disclosed_high``: granted and partial together.
        Reports whose outcomes are blank or do not add up to their total are left out and counted.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Notes
    -----
    ``outcome / closed``, intervals of :func:`giakit.metrics.rate`: clustered by agency where there are several.

    References
    ----------
    Forms of 2019 and 2021, table 3, rows 三（一）to 三（七）.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.simulate.panels import panel
    >>> data = fate_of_requests_data(panel(agencies=20, years=[2023]).requests)
    >>> data["outcome"].tolist()
    ['granted', 'partial', 'denied', 'unable', 'not_processed', 'other']
    >>> round(float(data["share"].sum()), 6)
    1.0
    """
    if detail not in ("groups", "rows"):
        raise UnknownChoice("detail", detail, ("groups", "rows"))
    names = keys(by)
    frame = prepared(frame, names, overlap, "fate_of_requests")
    filled = close_blanks(frame) if blank == "closes" else frame
    closing, single_other = _closing(filled)
    # A group none of whose reports close keeps its place, empty.
    used = filled.assign(closed=filled["closed"].where(closing))
    tables = []
    for group in GROUPS:
        for code in [group] if detail == "groups" else _parts(group, single_other):
            wanted = Measure(f"share of {code}", "", code, ("closed",))
            table = measure_rate(used, wanted, by=names, overlap=None, blank="missing")
            tables.append(table.assign(outcome=code, group=group))
    disclosed = measure_rate(used, measure("disclosure_rate"), by=names, overlap=None, blank="missing")
    for name in ("rate", "low", "high"):
        told = "disclosed" if name == "rate" else f"disclosed_{name}"
        tables = [table.assign(**{told: disclosed[name].array}) for table in tables]
    return _tidy(tables, names, frame, closing)


def _closing(frame: pd.DataFrame) -> tuple[np.ndarray, bool]:
    """Reports whose outcomes add up to their total; whether any of them has one row for other handling."""
    total = cell_values(frame, "closed", None)
    require(frame, ["granted", "partial", "closed"], "fate_of_requests")
    codes = ["granted", "partial", *(code for group in GROUPS[2:5] for code in _parts(group, False))]
    require(frame, codes, "fate_of_requests")
    other = cell_values(frame, "other", None)
    if other is None:
        require(frame, ["other"], "fate_of_requests")
    values = [cell_values(frame, code, None) for code in codes]
    added = np.sum([value for value in values if value is not None], axis=0) + other
    single = "other" in frame.columns and bool(frame["other"].notna().any())
    with np.errstate(invalid="ignore"):
        return np.asarray((added == total) & (np.asarray(total) > 0)), single


def _tidy(
    tables: list[pd.DataFrame], names: list[str], frame: pd.DataFrame, closing: np.ndarray
) -> pd.DataFrame:
    number = len(tables[0])
    order = np.arange(number * len(tables)).reshape(len(tables), number).T.ravel()
    data = pd.concat(tables, ignore_index=True).iloc[order].reset_index(drop=True)
    data = data.rename(columns={"numerator": "count", "denominator": "closed", "rate": "share"})
    if names:
        left = (
            frame.assign(n_left_out=~closing).groupby(names, dropna=False, observed=True)["n_left_out"].sum()
        )
        data = data.merge(left.reset_index(), on=names, how="left")
    else:
        data["n_left_out"] = int((~closing).sum())
    data["n_left_out"] = data["n_left_out"].astype("Int64")
    kept = ["outcome", "group", "count", "closed", "share", "low", "high", "n_reports", "n_left_out"]
    kept += ["disclosed", "disclosed_low", "disclosed_high"]
    return data[[*names, *kept]].astype({"outcome": "str", "group": "str"})


def fate_of_requests(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str | Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    overlap: str = "error",
    blank: str = "closes",
    lang: str = "en",
    title: str | None = None,
) -> Axes:
    """Draw what became of requests: one bar of 100 per cent a group, outcomes in six groups.

    Parameters
    ----------
    frame, by, overlap, blank
        As in :func:`fate_of_requests_data`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of two columns by default.
    labels : sequence of str, optional
        What to call each bar; the values of `by` by default.
    lang : {"en", "zh"}
        Language of the figure.
    title : str, optional
        Title.

    Returns
    -------
    matplotlib.axes.Axes
        Thin lines inside a segment part the rows of the form; the whisker below a bar is the interval of
        what was disclosed in full or in part; n stands at the right.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = fate_of_requests(panel(agencies=20).requests, by="year")
    >>> len(ax.get_yticks())
    7
    >>> plt.close(ax.figure)
    """
    names = keys(by)
    grouped = fate_of_requests_data(frame, by=names, overlap=overlap, blank=blank)
    rows = fate_of_requests_data(frame, by=names, detail="rows", overlap=overlap, blank=blank)
    bars = len(grouped) // len(GROUPS)
    ax = axes(ax, height=min(1.25 + 0.27 * bars, 8.5))
    n_rows = len(rows) // max(bars, 1)
    # Bars stand 1 apart with place at the right for n.
    for bar in range(bars):
        _bar(ax, bar, grouped.iloc[bar * 6 : bar * 6 + 6], rows.iloc[bar * n_rows : (bar + 1) * n_rows], lang)
    _names_above(ax, grouped.iloc[:6], lang)
    if labels is None:
        labels = _bar_labels(grouped.iloc[:: len(GROUPS)], names, lang)
    ax.set_yticks(range(bars), list(labels))
    ax.set_ylim(bars - 0.45, -0.95)
    ax.set_xlim(0, 1)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left"]].set_visible(False)
    percent(ax)
    ax.set_xlabel(say(lang, "share_closed"))
    left_out = int(grouped.iloc[:: len(GROUPS)]["n_left_out"].sum())
    used = int(grouped.iloc[:: len(GROUPS)]["n_reports"].sum())
    counted = count(lang, used, float(grouped.iloc[:: len(GROUPS)]["closed"].sum()))
    note = together(lang, counted, say(lang, "whisker"))
    if left_out:
        note += "\n" + say(lang, "left_out", n=left_out)
    head(ax, say(lang, "fate_title") if title is None else title, note)
    return finish(ax, lang)


def _bar(ax: Axes, place: int, grouped: pd.DataFrame, rows: pd.DataFrame, lang: str) -> None:
    start = 0.0
    for group, share in zip(grouped["group"], grouped["share"], strict=True):
        if pd.isna(share):
            continue
        width = float(share)
        ax.barh(place, width, left=start, height=0.72, color=colour(group), edgecolor="white", linewidth=1.0)
        inner = start
        parts = rows.loc[rows["group"] == group, "share"].fillna(0)
        for part in parts.iloc[:-1]:
            inner += float(part)
            if start + 0.004 < inner < start + width - 0.004:
                ax.plot([inner, inner], [place - 0.36, place + 0.36], color="white", linewidth=0.35, zorder=3)
        if width >= NARROW:
            ink = "white" if group in ("granted", "denied", "not_processed") else colour("ink", "roles")
            ax.text(
                start + width / 2, place, f"{width * 100:.0f}%", ha="center", va="center", color=ink, fontsize=SMALL,
                bbox={"facecolor": colour(group), "edgecolor": "none", "pad": 0.8}, zorder=4,
            )  # fmt: skip
        start += width
    first = grouped.iloc[0]
    if not pd.isna(first["disclosed_low"]):
        low, high = float(first["disclosed_low"]), float(first["disclosed_high"])
        ax.plot(
            [low, high],
            [place + 0.44] * 2,
            color=colour("ink", "roles"),
            linewidth=0.9,
            solid_capstyle="butt",
            marker="|",
            markersize=3,
        )
    closed = first["closed"]
    if pd.isna(closed) or first["n_reports"] == 0:
        ax.text(
            0.01,
            place,
            say(lang, "not_assessable"),
            va="center",
            fontsize=SMALL,
            style="italic",
            color=colour("muted", "roles"),
        )
    else:
        ax.annotate(
            f"n = {float(closed):,.0f}", (1, place), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=SMALL, color=colour("muted", "roles"), annotation_clip=False,
        )  # fmt: skip


def _names_above(ax: Axes, first: pd.DataFrame, lang: str) -> None:
    """Names of the groups above the first bar, in their colours, from left to right without overlap."""
    said = words("outcome", lang)
    middle = np.cumsum(first["share"].fillna(0).to_numpy(dtype="float64"))
    middle = middle - first["share"].fillna(0).to_numpy(dtype="float64") / 2
    widths = np.array([_width(said[group]) for group in first["group"]])
    left = _spread(middle - widths / 2, widths)
    for group, place in zip(first["group"], left, strict=True):
        ax.text(
            place,
            -0.55,
            said[group],
            ha="left",
            va="bottom",
            fontsize=SMALL,
            fontweight="bold",
            color=ink_of(group),
        )


def _width(text: str) -> float:
    """About how much of a two-column axis a bold label takes."""
    return sum(0.0225 if ord(letter) > 0x2E80 else 0.0125 for letter in text) + 0.016


def _spread(left: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Move labels apart: from the left, then back from the right edge."""
    placed = left.copy()
    for number in range(len(placed)):
        floor = 0.0 if number == 0 else placed[number - 1] + widths[number - 1]
        placed[number] = max(placed[number], floor)
    ceiling = 1.06
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], ceiling - widths[number])
        ceiling = placed[number]
    return placed


def ink_of(group: str) -> str:
    """The colour of a group, darker where it would be too pale for letters."""
    return {"partial": "#3B86B5", "unable": "#B57A12", "other": "#7A7A7A"}.get(group, colour(group))


def _bar_labels(first: pd.DataFrame, names: list[str], lang: str) -> list[str]:
    from giakit.figures.wording import called, province_name

    if not names:
        return [say(lang, "all")]
    labels = []
    for row in first[names].to_dict("records"):
        parts = []
        for name, value in row.items():
            said = province_name(value, lang) if name == "province" else called(value, str(name), lang)
            parts.append("?" if pd.isna(value) else str(said))
        labels.append(" ".join(parts))
    return labels
