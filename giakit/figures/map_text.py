"""What a map says: names in its units, title and note, legend, whose boundaries it shows, what is not on it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.boundaries import SHIPPED, Boundaries, facts, projected, say
from giakit.figures.canvas import SMALL, head, rows
from giakit.figures.map_drawing import HATCH, View, chosen, roomy
from giakit.figures.style import colour, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Points that a letter of a label is wide.
_LETTERS = 2.6


def print_names(
    ax: Axes,
    shapes: Boundaries,
    data: pd.DataFrame,
    view: View,
    scale: Any,
    what: str,
    number: str,
    lang: str,
) -> None:
    """Print a name or a value in each unit that has one and room for it."""
    from matplotlib.patheffects import withStroke

    names = _names(data, lang)
    values = dict(zip(data["code"], zip(data["status"], data["value"], strict=True), strict=True))
    figure: Any = ax.figure
    points_a_metre = 0.85 * figure.bbox.width / figure.dpi * 72 / view.width
    for row in rows(_places(chosen(shapes.units, view.within), data.attrs["level"])):
        status, value = values.get(row.code, ("missing", pd.NA))
        text = (
            names.get(row.code)
            if what == "name"
            else number.format(float(value))
            if status == "shown"
            else None
        )
        if not text:
            continue
        letters = len(text) * (2 if lang == "zh" and what == "name" else 1)
        if row.wide * points_a_metre < _LETTERS * letters:
            continue
        inside = status == "shown" and row.inside
        ink = "white" if inside and scale.norm(float(value)) > 0.42 else colour("ink", "roles")
        drawn = ax.text(
            row.x, row.y, text, ha="center", va="center", fontsize=4.8, linespacing=1, color=ink, clip_on=True
        )
        if inside:
            drawn.set_path_effects([withStroke(linewidth=1.3, foreground=scale.to_rgba(float(value)))])


def _names(data: pd.DataFrame, lang: str) -> dict[str, str]:
    from giakit.places import provinces

    table = provinces()
    known = dict(zip(table["code"], table["short" if lang == "zh" else "english"], strict=True))
    away = {f"{digits}0000": names[lang] for digits, names in facts()["outside"].items()}
    others = dict(zip(data["code"], data["name"], strict=True)) if lang == "zh" else {}
    found = {**{code: name for code, name in others.items() if not pd.isna(name)}, **away, **known}
    return {code: name.replace("Inner Mongolia", "Inner\nMongolia") for code, name in found.items()}


def _places(units: Any, level: str) -> pd.DataFrame:
    """Where the label of each unit stands (`x`, `y`), whether that is inside it, and how wide the unit is there."""
    parts = units[["code", "geometry"]].explode(index_parts=False)
    largest = parts.assign(area=parts.area).sort_values("area").drop_duplicates("code", keep="last")
    middle = largest.centroid
    point = middle.where(largest.contains(middle), largest.representative_point())
    places = pd.DataFrame({"code": largest["code"].array, "x": point.x.array, "y": point.y.array})
    places["inside"], places["wide"] = True, np.sqrt(largest["area"].to_numpy())
    if level == "province":
        # The few names of provinces are all wanted, if need be in the sea.
        places["wide"] = np.inf
        for code, at in facts()["label"].items():
            row = places["code"] == code
            point = projected(*at)
            places.loc[row, ["x", "y"]] = point.x, point.y
            places.loc[row, "inside"] = largest.contains(point).to_numpy()[row]
    return places


def explain(
    ax: Axes, shapes: Boundaries, data: pd.DataFrame, view: View, minimum: float, title: str | None, lang: str
) -> None:
    """Title, note, legend of what has no colour, and below the map: whose boundaries, of which year, what is left out."""
    counts = data["status"].value_counts()
    level = say(lang, str(data.attrs["level"]), "level")
    reports = data.attrs["kind"] == "reports"
    note = say(
        lang,
        "note_counts" if reports else "note_values",
        n=f"{float(data['n'].sum()):,.0f}",
        requests=f"{float(data['n'].sum()):,.0f}",
        shown=f"{counts.get('shown', 0):,}",
    )
    below_map = _legend(ax, counts, minimum, reports, lang, view)
    below = [whose(shapes, lang), left_out(data, lang)]
    ax.set_xlabel(
        "\n".join(_lines(ax, text) for text in below if text),
        loc="left",
        fontsize=5.5,
        color=colour("muted", "roles"),
        labelpad=3 + below_map,
        linespacing=1.25,
    )
    head(ax, say(lang, "title" if reports else "title_values", level=level) if title is None else title, note)


def _legend(ax: Axes, counts: pd.Series, minimum: float, reports: bool, lang: str, view: View) -> float:
    """Draw the legend of what has no colour, and give the points of height it takes below the map."""
    from matplotlib.patches import Patch

    paper, faint, muted = (colour(name, "roles") for name in ("paper", "faint", "muted"))
    looks = {
        "small": (
            say(lang, "small", minimum=f"{minimum:g}"),
            {"facecolor": paper, "edgecolor": muted, "hatch": HATCH},
        ),
        "missing": (
            say(lang, "missing" if reports else "missing_values"),
            {"facecolor": paper, "edgecolor": faint},
        ),
        "outside": (
            say(lang, "outside"),
            {"facecolor": palette()["verdicts"]["none"], "edgecolor": palette()["verdicts"]["none"]},
        ),
    }
    patches = [
        Patch(label=f"{words} ({counts[status]:,})", linewidth=0.5, **look)
        for status, (words, look) in looks.items()
        if counts.get(status)
    ]
    if not patches:
        return 0.0
    inside = view.within is None and roomy(ax)
    place: dict[str, Any] = {"loc": "lower left"}
    columns = 3 if roomy(ax) else 1
    if not inside:
        place = {"loc": "upper left", "bbox_to_anchor": (0, 0), "ncols": columns}
    ax.legend(handles=patches, fontsize=SMALL, borderaxespad=0, handlelength=1.6, **place)
    return 0.0 if inside else 3 + 11.0 * -(-len(patches) // columns)


def whose(shapes: Boundaries, lang: str) -> str:
    """The sentence that says whose boundaries a map shows, and of which year."""
    if shapes.version is not None:
        year = say(lang, "year_unknown") if shapes.year is None else say(lang, "year", year=shapes.year)
        return say(lang, "shipped", name=SHIPPED, version=shapes.version, year=year)
    year = say(lang, "given_year_unknown") if shapes.year is None else say(lang, "year", year=shapes.year)
    return say(lang, "given", source=shapes.source or say(lang, "given_unsaid"), year=year)


def left_out(data: pd.DataFrame, lang: str, most: int = 4) -> str:
    """The sentence that lists codes that are not on the map; empty where all are."""
    lost = data[data["status"] == "unmatched"]
    if lost.empty:
        return ""
    told = []
    for why, part in lost.groupby("why", sort=False):
        codes = [str(code) for code in part["code"] if not pd.isna(code)]
        shown = ", ".join(codes[:most]) + (" …" if len(codes) > most else "")
        told.append(f"{say(lang, str(why), 'why')}: {shown}" if shown else say(lang, str(why), "why"))
    return say(lang, "unmatched", n=len(lost), codes="; ".join(told))


def _lines(ax: Axes, text: str) -> str:
    """Broken to about the width of the figure; Chinese letters take twice the room."""
    figure: Any = ax.figure
    points = figure.bbox.width / figure.dpi * 72 * ax.get_position().width
    wide = sum(ord(letter) > 0x2E7F for letter in text) > len(text) / 4
    return "\n".join(wrap(text, max(20, int(points / (5.5 if wide else 3.0)))))
