"""How a map is drawn: window and inset, colours and hatching, lines, colour bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.figures.boundaries import Boundaries, facts, projected, provinces_of, thinned
from giakit.figures.canvas import SMALL
from giakit.figures.map_units import stem
from giakit.figures.style import colour, colours_between, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Below this share of the colours a fill could be taken for white.
_PALEST = 0.16
_WIDTHS = {"province": 0.45, "prefecture": 0.25, "county": 0.12}
HATCH = "//////"
#: Parts narrower than this share of the map's width get no outline of their province.
_ISLET = 300
#: Points of width from which legend and title of the colour bar find room inside a map.
_ROOMY = 300
#: Height of the inset, of the map's.
_INSET = 0.24


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
    border = projected(109.0, facts()["projection"]["south"]).y
    single = units[["code", "geometry"]].explode(index_parts=False).reset_index(drop=True)
    parts = single.geometry.bounds
    far = single["code"].str.startswith(tuple(facts()["projection"]["apart"]), na=False)
    north = parts[(parts["maxy"] > border) & ~far]
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
    lines = shapes.lines.explode().bounds
    seen = pd.concat([kept, lines[lines["maxy"] > border] if within is None else lines.head(0)])
    beside = seen.loc[seen["miny"] < bottom + tall, "maxx"].max()
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
        parts = thinned(chosen(over, view.within and view.within[:2]), view.width).explode()
        # A line around an islet would be wider than the islet.
        outlines = parts[parts.area > (view.width / _ISLET) ** 2]
    frames = [(ax, view.main)]
    if view.inset is not None:
        frames.append((_inset_axes(ax, view), view.inset))
    for target, box in frames:
        _fill(target, filled, level, scale)
        if over is not None and (view.within is None or len(view.within.rstrip("0")) <= 2):
            # In the inset islets are all there is to see.
            lines, ink = (outlines, "ink") if target is ax else (parts, "muted")
            lines.boundary.plot(ax=target, color=colour(ink, "roles"), linewidth=0.35, aspect=None)
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
            looks |= {"hatch": HATCH, "edgecolor": muted}
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
    said = facts()["text"][lang].get(named, named)
    if roomy(ax):
        coloured.set_title(said, loc="right", fontsize=SMALL, fontweight="normal", pad=5)
    else:
        coloured.set_ylabel(said, fontsize=SMALL)
    return coloured


def roomy(ax: Axes) -> bool:
    """Whether the Axes are wide enough for words within the map."""
    figure: Any = ax.figure
    return bool(figure.bbox.width / figure.dpi * 72 * ax.get_position().width >= _ROOMY)


def _inset() -> tuple[float, float, float, float]:
    edge = facts()["projection"]["inset"]
    x, y = _outline(np.linspace(edge["west"], edge["east"], 9), [edge["south"], edge["north"]])
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _outline(longitudes: Any, latitudes: Any) -> tuple[Any, Any]:
    import geopandas

    xs, ys = (part.ravel() for part in np.meshgrid(longitudes, latitudes))
    points = geopandas.GeoSeries.from_xy(xs, ys, crs="EPSG:4490").to_crs(facts()["projection"]["all"])
    return points.x.to_numpy(), points.y.to_numpy()
