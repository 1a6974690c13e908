"""Population and money beside the reports: the shipped figures, and a user's own, joined by code and year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from giakit import data
from giakit.errors import CannotEstimate, GiakitError, MissingColumns, UnknownChoice
from giakit.places.frames import provinces

_COLUMNS = ["code", "year", "variable", "value", "unit", "source"]
_LEVELS = {"place": 6, "prefecture": 4, "province": 2}


class BadCovariates(GiakitError, ValueError):
    """A table of covariates contradicts itself or holds what is no figure.

    Attributes
    ----------
    source : str
        The table.
    reason : str
        What is wrong, and where.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")


def covariates() -> pd.DataFrame:
    """The shipped figures: census of 2020 and budget expenditure of the 31 provinces.

    Returns
    -------
    DataFrame
        `code`, `year` (Int64, NA for a figure that belongs to no single report year), `variable`, `value`
        (Float64), `unit`, `source`. Sources in full: :func:`sources`.

    Examples
    --------
    >>> from giakit.metrics.covariates import covariates
    >>> table = covariates()
    >>> int(table.loc[table["variable"] == "population_census_2020", "value"].sum())
    1409778724
    """
    return _shipped().copy()


def sources() -> pd.DataFrame:
    """Where the shipped figures come from.

    Returns
    -------
    DataFrame
        `source`, `title`, `publisher`, `date`, `note`.

    Examples
    --------
    >>> from giakit.metrics.covariates import sources
    >>> sources()["source"].tolist()
    ['census2020', 'yearbook']
    """
    entries = data.toml("metrics", "covariates/sources.toml")
    return pd.DataFrame([{"source": key, **entry} for key, entry in entries.items()])


def join(
    frame: pd.DataFrame,
    figures: str | Path | pd.DataFrame | None = None,
    *,
    variables: Sequence[str] | None = None,
    at: Literal["place", "prefecture", "province"] = "province",
    context: bool = False,
    code: str | None = None,
    year: str = "year",
) -> pd.DataFrame:
    """Adds covariates to a frame, by code and year.

    Parameters
    ----------
    frame : DataFrame
        One row a report, or a result of a metric by province and year.
    figures : path or DataFrame, optional
        Figures of your own: a CSV or a frame with the columns ``code, year, variable, value, unit, source``, or
        with ``code``, ``year`` and one column a variable; an empty year joins to every year. Of a variable that
        is shipped too, your figures are taken.
    variables : sequence of str, optional
        Which to add; all by default.
    at : {"province", "prefecture", "place"}
        Whose figure a row gets: that of its province, of its prefecture, or of exactly its code.
    context : bool
        Give figures also to what is not the whole place: to a bureau, or a city, those of the province around it.
        The columns are then named ``province_…`` (``prefecture_…``, ``place_…``): they say where an agency works
        and are no base for its requests.
    code : str, optional
        Column with codes, or with official or short names of provinces. By default ``place_code``, else
        ``province``.
    year : str
        Column with years; needed unless every variable asked for belongs to no single year.

    Returns
    -------
    DataFrame
        `frame` with one Float64 column a variable, rows and index unchanged. In ``attrs``: ``units`` and
        ``sources`` (by variable), ``unmatched`` (what :func:`unmatched` gives as a frame).

    Raises
    ------
    MissingColumns
        If a column is not there, in the frame or the CSV.
    UnknownChoice
        If a variable is not known, or is a column of the frame already.
    BadCovariates
        If your figures hold two for one cell, two units for one variable, or no number.
    CannotEstimate
        If a row that would get a figure is not the whole place that the figure is of, and `context` is not set: its
        code lies below that level, or its `scope` is not ``whole``. Added up, the figure would count once a row.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.metrics.covariates import join, unmatched
    >>> rates = pd.DataFrame({"province": ["江苏省", "上海市"], "year": [2023, 2024]})
    >>> both = join(rates, variables=["budget_education"])
    >>> both["budget_education"].notna().tolist(), both.attrs["units"]
    ([True, False], {'budget_education': '100 million yuan'})
    >>> unmatched(both).values.tolist()
    [['budget_education', '310000', 2024, 1]]
    """
    if at not in _LEVELS:
        raise UnknownChoice("at", at, _LEVELS)
    table = _table(figures)
    wanted = list(variables) if variables is not None else list(dict.fromkeys(table["variable"]))
    for name in wanted:
        if name not in set(table["variable"]):
            raise UnknownChoice("variables", name, sorted(set(table["variable"])))
        if (f"{at}_{name}" if context else name) in frame.columns:
            raise UnknownChoice("variables (this one is a column already)", name, [v for v in wanted if v not in frame])
    table = table[table["variable"].isin(wanted)]
    column = code or ("place_code" if "place_code" in frame.columns else "province")
    needed = (column, year) if table["year"].notna().any() else (column,)
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise MissingColumns("covariates.join", missing)
    codes = _codes(frame[column], at)
    if not context:
        _refuse_parts(frame, column, codes[codes.isin(table["code"])], at)
    years = frame[year].astype("Int64") if year in frame.columns else pd.Series(pd.NA, frame.index, dtype="Int64")
    result = frame.copy()
    for name in wanted:
        rows = table[table["variable"] == name]
        with_year = rows["year"].notna()
        result[name] = _lookup(rows[with_year], codes, years).fillna(_lookup(rows[~with_year], codes, None))
    units = table.drop_duplicates("variable").set_index("variable")["unit"]
    cited = table.groupby("variable")["source"].unique()
    result.attrs = {
        **frame.attrs,
        "units": {name: units[name] for name in wanted},
        "sources": {name: "; ".join(cited[name]) for name in wanted},
        "unmatched": _unmatched(result, wanted, codes, years),
    }
    return result.rename(columns={name: f"{at}_{name}" for name in wanted}) if context else result


def unmatched(joined: pd.DataFrame) -> pd.DataFrame:
    """The cells for which :func:`giakit.metrics.covariates.join` found no figure.

    Parameters
    ----------
    joined : DataFrame
        What `join` gave, with its ``attrs``.

    Returns
    -------
    DataFrame
        `variable`, `code` (NA where the row's code is unknown), `year` (Int64), `rows` (Int64, how many of the
        frame).

    Raises
    ------
    UnknownChoice
        If the frame does not come from `join`.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.metrics.covariates import join, unmatched
    >>> rates = pd.DataFrame({"province": ["江苏省", "上海市"], "year": [2023, 2024]})
    >>> unmatched(join(rates, variables=["budget_education"]))
               variable    code  year  rows
    0  budget_education  310000  2024     1
    """
    if "unmatched" not in joined.attrs:
        raise UnknownChoice("joined", "a frame without attrs['unmatched']", ("the result of covariates.join",))
    table = pd.DataFrame(joined.attrs["unmatched"], columns=["variable", "code", "year", "rows"])
    return table.astype({"variable": "str", "code": "str", "year": "Int64", "rows": "Int64"})


@cache
def _shipped() -> pd.DataFrame:
    return _read(data.path("metrics", "covariates/provinces.csv"))


def _refuse_parts(frame: pd.DataFrame, column: str, codes: pd.Series, at: str) -> None:
    """Raise where a row that would get a figure is no whole place of that level."""
    rows = frame.loc[codes.index] if frame.index.is_unique else frame[codes.notna().to_numpy()]
    exact = (_codes(rows[column], "place") == codes.to_numpy()).to_numpy()
    whole = rows["scope"].eq("whole").fillna(False).to_numpy(dtype=bool) if "scope" in rows.columns else True
    parts = rows[~(exact & whole)]
    if len(parts):
        named = parts["unit"] if "unit" in parts.columns else parts[column]
        first = ", ".join(named.astype("str").drop_duplicates().head(3))
        raise CannotEstimate(
            "covariates.join",
            f"{len(parts)} rows ({first}…) are not the whole {at} that the figures are of",
            'keep reports of scope "whole" of that level, or add up to it first; context=True gives the figures as '
            "a property of the surroundings",
        )


def _read(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        path, raw = "figures", source.astype({"code": "str"})
    else:
        path, raw = str(source), pd.read_csv(source, dtype="str", encoding="utf-8-sig")
    if not {"variable", "value"} & set(raw.columns) and "code" in raw.columns:
        about = [name for name in ("code", "year", "unit", "source") if name in raw.columns]
        raw = raw.melt(about, var_name="variable").dropna(subset="value")
        raw = raw.assign(**{name: "" for name in ("unit", "source") if name not in about})
        raw = raw if "year" in about else raw.assign(year=None)
    missing = [name for name in _COLUMNS if name not in raw.columns]
    if missing:
        raise MissingColumns(path, missing)
    table = raw[_COLUMNS].copy()
    try:
        table["year"] = pd.to_numeric(table["year"]).astype("Int64")
        table["value"] = pd.to_numeric(table["value"]).astype("Float64")
    except (ValueError, TypeError) as error:
        raise BadCovariates(path, f"year and value must be numbers: {error}") from None
    wrong = table["code"].isna() | ~table["code"].str.fullmatch(r"\d{6}").fillna(False).astype(bool)
    if wrong.any():
        raise BadCovariates(path, f"code must have six digits: {table.loc[wrong, 'code'].iloc[0]!r}")
    twice = table[table.duplicated(["code", "year", "variable"])]
    if len(twice):
        raise BadCovariates(path, f"two figures for {twice.iloc[0][['code', 'year', 'variable']].tolist()}")
    units = table.groupby("variable")["unit"].nunique(dropna=False)
    if (units > 1).any():
        raise BadCovariates(path, f"two units for {units.idxmax()}")
    return table


def _table(figures: str | Path | pd.DataFrame | None) -> pd.DataFrame:
    if figures is None:
        return _shipped()
    own = _read(figures)
    return pd.concat([own, _shipped()[~_shipped()["variable"].isin(own["variable"])]], ignore_index=True)


def _codes(values: pd.Series, at: str) -> pd.Series:
    names = provinces()
    by_name = {
        name: code for key in ("name", "short", "english") for name, code in zip(names[key], names["code"], strict=True)
    }
    text = values.map(lambda value: by_name.get(value, value), na_action="ignore").astype(str)
    digits = _LEVELS[at]
    cut = text.where(text.str.fullmatch(r"\d{6}").fillna(False).astype(bool)).str[:digits].str.ljust(6, "0")
    return cut


def _lookup(rows: pd.DataFrame, codes: pd.Series, years: pd.Series | None) -> pd.Series:
    keys = pd.DataFrame({"code": codes.to_numpy()})
    on = ["code"]
    if years is not None:
        keys["year"] = years.to_numpy()
        on.append("year")
        keys = keys.astype({"year": "Int64"})
    matched = keys.merge(rows[[*on, "value"]], on=on, how="left", validate="many_to_one")["value"].astype("Float64")
    unknown = keys[on].isna().any(axis=1)
    return matched.mask(unknown).set_axis(codes.index)


def _unmatched(result: pd.DataFrame, wanted: list[str], codes: pd.Series, years: pd.Series) -> list[tuple[object, ...]]:
    matched: list[tuple[object, ...]] = []
    for name in wanted:
        gaps = pd.DataFrame({"code": codes, "year": years})[result[name].isna()]
        counts = gaps.groupby(["code", "year"], dropna=False, sort=True).size()
        for place, year, rows in counts.rename("rows").reset_index().itertuples(index=False):
            matched.append((name, None if pd.isna(place) else place, None if pd.isna(year) else int(year), int(rows)))
    return matched
