"""Frames of the shipped tables: provinces, their tiles, the divisions of a year."""

from __future__ import annotations

import pandas as pd

from giakit.data import path
from giakit.places import gazetteer


def provinces() -> pd.DataFrame:
    """The 31 provinces with their English names.

    Returns
    -------
    DataFrame
        `code`, `name` (official), `short` (as in tables), `english`; all str, by code.

    Examples
    --------
    >>> from giakit.places import provinces
    >>> provinces().set_index("short").loc[["陕西", "山西", "内蒙古"], "english"].tolist()
    ['Shaanxi', 'Shanxi', 'Inner Mongolia']
    """
    return pd.read_csv(path("places", "provinces.csv"), dtype="str")


def tiles() -> pd.DataFrame:
    """One square a province, for a map without boundaries.

    Returns
    -------
    DataFrame
        `code`, `row` (0 in the north), `column` (0 in the west), and the names of :func:`provinces`.

    Examples
    --------
    >>> from giakit.places import tiles
    >>> len(tiles()), tiles().duplicated(["row", "column"]).any()
    (31, np.False_)
    """
    tiles = pd.read_csv(path("places", "tiles.csv"), dtype={"code": "str"})
    return tiles.merge(provinces(), on="code", validate="one_to_one")


def divisions(year: int | None = None) -> pd.DataFrame:
    """The divisions in force on 31 December of a year.

    Parameters
    ----------
    year : int, optional
        1981 to 2024; the table's last year by default.

    Returns
    -------
    DataFrame
        `code`, `name`, `province`, `prefecture` (NA where there is none), `level`, `since` (Int64). Source:
        Ministry of Civil Affairs, by way of yescallop/areacodes (CC0).

    Examples
    --------
    >>> from giakit.places import divisions
    >>> divisions(2024).query("level == 'province'").shape[0]
    34
    """
    rows = [row for row in gazetteer.divisions() if row.in_force(gazetteer.LAST_YEAR if year is None else year)]
    frame = pd.DataFrame(rows, columns=list(gazetteer.Division._fields)).drop(columns=["until", "changes"])
    frame["prefecture"] = frame["prefecture"].where(frame["prefecture"] != "", pd.NA).astype("str")
    return frame.astype({"since": "Int64"}).sort_values("code", ignore_index=True)
