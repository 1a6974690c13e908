"""How a map is drawn: window and inset, colours and hatching, names, colour bar, and what must be said below."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.boundaries import SHIPPED, Boundaries, facts, provinces_of, say, thinned
from giakit.figures.canvas import SMALL, head, rows
from giakit.figures.map_units import stem
from giakit.figures.style import colour, colours_between, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Below this share of the colours a fill could be taken for white.
_PALEST = 0.16
_WIDTHS = {"province": 0.45, "prefecture": 0.25, "county": 0.12}
_HATCH = "//////"
#: Height of the inset, of the map's.
_INSET = 0.24
#: Points that a letter of a label is wide.
_LETTERS = 2.6


@dataclass(frozen=True)
class View:
    """What part of the boundaries is drawn: left, bottom, right, top in metres; the inset's, if there is one."""

    main: tuple[float, float, float, float]
    inset: tuple[float, float, float, float] | None
    within: str | None

    @property
    def width(self) -> float:
        """Metres from left to right."""
        return self.main[2] - self.main[0]


def window(shapes: Boundaries, within: str | None) -> View:
    """The part to draw: all units, or those within a place; far islands go to the inset."""
    units = chosen(shapes.units, within)
    border = _projected(109.0, facts()["projection"]["south"])[1]
    parts = units.geometry.explode().bounds
    north = parts[parts["maxy"] > border]
    apart = len(north) > 0 and len(north) < len(parts)
    kept = north if apart else parts
    box = (kept["minx"].min(), kept["miny"].min(), kept["maxx"].max(), kept["maxy"].max())
    margin = 0.015 * (box[2] - box[0])
    left, bottom, right, top = box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin
    if not apart:
        return View((left, bottom, right, top), None, within)
    inset = _inset()
    tall = _INSET * (top - bottom)
    # The inset stands in the corner: the window is widened until it hides no unit.
    beside = kept.loc[kept["miny"] < bottom + tall, "maxx"].max()
    right = max(right, beside + margin / 2 + tall * (inset[2] - inset[0]) / (inset[3] - inset[1]))
    return View((left, bottom, right, top), inset, within)


def chosen(units: Any, within: str | None) -> Any:
    """The units within a place, all where there is none."""
    if within is None:
        return units
    return units[units["code"].str.startswith(stem(within), na=False)]


def scale_of(data: pd.DataFrame, limits: tuple[float, float] | None) -> Any:
    """Values to colours that are never near white."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    shades = colours_between("sequential")(np.linspace(_PALEST, 1, 64))
    shown = data.loc[data["status"] == "shown", "value"].astype("float64")
    if limits is None:
        limits = _round_limits(float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    return ScalarMappable(
        Normalize(*limits, clip=True), LinearSegmentedColormap.from_list("giakit_map", shades)
    )


def _round_limits(low: float, high: float) -> tuple[float, float]:
    """Ends at a round step outside the values.

    >>> _round_limits(0.213, 0.684), _round_limits(0.5, 0.5)
    ((0.2, 0.7), (0.495, 0.505))
    """
    step = 10 ** np.floor(np.log10(max(high - low, 0.05 * max(abs(high), 0.01)))) / 2
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    if first == last:
        first, last = first - 1, last + 1
    return float(round(first * step, 10)), float(round(last * step, 10))


def draw_units(ax: Axes, shapes: Boundaries, data: pd.DataFrame, view: View, scale: Any) -> None:
    """Fill the units, hatch those with small numbers, lay the lines over them; the same in the inset."""
    level = str(data.attrs["level"])
    units = thinned(chosen(shapes.units, view.within), view.width)
    filled = units.merge(
        data[data["status"] != "unmatched"][["code", "status", "value"]], on="code", how="left"
    )
    over = provinces_of(shapes) if level != "province" else None
    if over is not None:
        over = thinned(chosen(over, view.within and view.within[:2]), view.width)
    frames = [(ax, view.main)]
    if view.inset is not None:
        frames.append((_inset_axes(ax, view), view.inset))
    for target, box in frames:
        _fill(target, filled, level, scale)
        if over is not None and (view.within is None or len(view.within.rstrip("0")) <= 2):
            over.boundary.plot(ax=target, color=colour("muted", "roles"), linewidth=0.35, aspect=None)
        if len(shapes.lines):
            shapes.lines.plot(ax=target, color=colour("muted", "roles"), linewidth=0.7, aspect=None)
        target.set(
            xlim=(box[0], box[2]),
            ylim=(box[1], box[3]),
            xticks=[],
            yticks=[],
            xlabel="",
            ylabel="",
            aspect="equal",
        )
    for spine in ax.spines.values():
        spine.set_visible(False)


def _fill(ax: Axes, filled: Any, level: str, scale: Any) -> None:
    muted, faint = colour("muted", "roles"), colour("faint", "roles")
    fine = _WIDTHS[level]
    groups = filled["status"].fillna("missing")
    for status in ("outside", "shown", "missing", "small"):
        part = filled[groups == status]
        if part.empty:
            continue
        looks: dict[str, Any] = {"facecolor": colour("paper", "roles"), "edgecolor": faint, "linewidth": fine}
        if status == "shown":
            looks = {
                "facecolor": list(scale.to_rgba(part["value"].to_numpy(dtype="float64"))),
                "edgecolor": "white",
                "linewidth": fine,
            }
        elif status == "outside":
            looks["facecolor"] = looks["edgecolor"] = palette()["verdicts"]["none"]
        elif status == "small":
            looks |= {"hatch": _HATCH, "edgecolor": muted}
        part.geometry.plot(ax=ax, aspect=None, gid=status, **looks)


def _inset_axes(ax: Axes, view: View) -> Axes:
    assert view.inset is not None
    left, bottom, right, top = view.inset
    tall = (view.main[3] - view.main[1]) * _INSET
    wide = tall * (right - left) / (top - bottom) / view.width
    inset = ax.inset_axes((1 - wide, 0.0, wide, _INSET))
    for spine in inset.spines.values():
        spine.set(visible=True, linewidth=0.5, color=colour("muted", "roles"))
    return inset


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
        if not text or row.wide * points_a_metre < _LETTERS * (
            2 if lang == "zh" and what == "name" else 1
        ) * len(text):
            continue
        inside = status == "shown" and row.inside
        ink = "white" if inside and scale.norm(float(value)) > 0.55 else colour("ink", "roles")
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
            places.loc[row, ["x", "y"]] = _projected(*at)
            places.loc[row, "inside"] = largest.contains(_point(at)).to_numpy()[row]
    return places


def bar(ax: Axes, scale: Any, view: View, number: str, named: str, lang: str) -> Axes:
    """The colour bar: in the sea above the inset where there is one, else beside the map."""
    figure: Any = ax.figure
    beside: dict[str, Any] = {"ax": ax, "shrink": 0.45, "aspect": 16, "pad": 0.01}
    if view.inset is not None:
        beside = {"cax": ax.inset_axes((0.915, 0.32, 0.018, 0.27))}
    drawn = figure.colorbar(scale, **beside, format=lambda value, _: number.format(value))
    drawn.outline.set_visible(False)
    drawn.ax.tick_params(labelsize=SMALL)
    coloured: Axes = drawn.ax
    coloured.set_title(
        facts()["text"][lang].get(named, named), loc="right", fontsize=SMALL, fontweight="normal", pad=5
    )
    return coloured


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
    _legend(ax, counts, minimum, reports, lang, view)
    below = [whose(shapes, lang), left_out(data, lang)]
    ax.set_xlabel(
        "\n".join(_lines(ax, text) for text in below if text),
        loc="left",
        fontsize=5.5,
        color=colour("muted", "roles"),
        labelpad=3 if view.within is None else 16,
        linespacing=1.25,
    )
    head(ax, say(lang, "title" if reports else "title_values", level=level) if title is None else title, note)


def _legend(ax: Axes, counts: pd.Series, minimum: float, reports: bool, lang: str, view: View) -> None:
    from matplotlib.patches import Patch

    paper, faint, muted = (colour(name, "roles") for name in ("paper", "faint", "muted"))
    looks = {
        "small": (
            say(lang, "small", minimum=f"{minimum:g}"),
            {"facecolor": paper, "edgecolor": muted, "hatch": _HATCH},
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
        return
    place: dict[str, Any] = {"loc": "lower left"}
    if view.within is not None:
        place = {"loc": "upper left", "bbox_to_anchor": (0, 0), "ncols": 3}
    ax.legend(handles=patches, fontsize=SMALL, borderaxespad=0, handlelength=1.6, **place)


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


def _point(at: Any) -> Any:
    import geopandas

    return (
        geopandas.GeoSeries.from_xy([at[0]], [at[1]], crs="EPSG:4490")
        .to_crs(facts()["projection"]["all"])
        .iloc[0]
    )


def _projected(longitude: float, latitude: float) -> tuple[float, float]:
    point = _point((longitude, latitude))
    return float(point.x), float(point.y)


def _inset() -> tuple[float, float, float, float]:
    edge = facts()["projection"]["inset"]
    x, y = _outline(np.linspace(edge["west"], edge["east"], 9), [edge["south"], edge["north"]])
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _outline(longitudes: Any, latitudes: Any) -> tuple[Any, Any]:
    import geopandas

    xs, ys = (part.ravel() for part in np.meshgrid(longitudes, latitudes))
    points = geopandas.GeoSeries.from_xy(xs, ys, crs="EPSG:4490").to_crs(facts()["projection"]["all"])
    return points.x.to_numpy(), points.y.to_numpy()
