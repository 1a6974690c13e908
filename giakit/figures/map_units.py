"""Which unit of a map a place code belongs to, and the values of the units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from giakit.errors import GiakitError
from giakit.figures.boundaries import facts
from giakit.metrics.counts import require
from giakit.metrics.shrinkage import shrunken_rates

#: Columns of numbers of every map.
NUMBERS = ["value", "n", "numerator", "rate", "low", "high"]
#: Column that holds a report's unit while rates are computed.
_UNIT = "_map_unit"


class RepeatedCodes(GiakitError, ValueError):
    """A frame of values names a place more than once.

    Attributes
    ----------
    codes : tuple of str
        The codes that stand in several rows.
    """

    def __init__(self, codes: Iterable[object]) -> None:
        self.codes = tuple(str(code) for code in codes)
        shown = ", ".join(self.codes[:5]) + (" …" if len(self.codes) > 5 else "")
        super().__init__(f"a map takes one value a place; several rows for {shown}")

    def __reduce__(self) -> tuple[type[RepeatedCodes], tuple[tuple[str, ...]]]:
        return type(self), (self.codes,)


def match(codes: Iterable[object], units: Iterable[object], level: str, year: int | None) -> pd.DataFrame:
    """The unit of a map that holds each place.

    Parameters
    ----------
    codes : iterable of str
        Codes of places, of any year and level; missing ones are left out.
    units : iterable of str
        Codes of the units drawn.
    level : {"province", "prefecture", "county"}
        Level of the units.
    year : int or None
        Year of the boundaries; None takes the codes as they are.

    Returns
    -------
    pandas.DataFrame
        One row a distinct code, in their order: `code`, `unit` (NA where there is none or more than one), `why` (NA where there is
        one; else ``divided, not_yet, above, unknown``); all str.

    Examples
    --------
    >>> match(["510124", "341400", "999999"], ["510117", "340100"], "county", 2023)["why"].tolist()
    ['divided', nan, 'unknown']
    """
    drawn = {str(code) for code in units if not _is_missing(code)}
    given = sorted({str(code) for code in codes if not _is_missing(code)})
    heirs, relations = _heirs(given, year)
    found = []
    for code in given:
        lifted = [_lift(heir, drawn, level) for heir in heirs.get(code, [code])]
        unit = lifted[0] if len(set(lifted)) == 1 else None
        found.append((code, unit, None if unit else _reason(code, lifted, relations.get(code), level)))
    return pd.DataFrame(found, columns=["code", "unit", "why"]).astype("str")


def _heirs(codes: list[str], year: int | None) -> tuple[dict[str, list[str]], dict[str, str]]:
    if year is None:
        return {}, {}
    from giakit.places import harmonise

    table = harmonise(codes, to_year=year)
    known = table[table["to_code"].notna()]
    heirs = {str(code): list(rows) for code, rows in known.groupby("code")["to_code"]}
    return heirs, dict(zip(table["code"], table["relation"], strict=True))


def _lift(code: str, units: set[str], level: str) -> str | None:
    """The unit that holds a place by the digits of its code; municipalities are units of both upper levels."""
    above = {
        "province": [f"{code[:2]}0000"],
        "prefecture": [code, f"{code[:4]}00", f"{code[:2]}0000"],
        "county": [code],
    }
    return next((unit for unit in above[level] if unit in units), None)


def _reason(code: str, lifted: list[str | None], relation: str | None, level: str) -> str:
    if len(set(lifted)) > 1:
        return "divided"
    if relation == "not_yet":
        return "not_yet"
    higher = code.endswith("0000") if level == "prefecture" else code.endswith("00") and level == "county"
    if higher:
        return "above"
    # A divided place whose heirs are all missing from the map is as unknown to it as any other.
    return "unknown"


def counted(
    frame: pd.DataFrame, units: Any, level: str, year: int | None, measure_name: str, **options: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shrunken rates of the units from reports, and the codes that fit none."""
    require(frame, ["place_code"], "choropleth")
    matched = match(frame["place_code"], units, level, year)
    unit = dict(zip(matched["code"], matched["unit"], strict=True))
    placed = frame.assign(**{_UNIT: frame["place_code"].map(unit).astype("str")})
    placed = placed[placed[_UNIT].notna()]
    lost = matched[matched["why"].notna()][["code", "why"]]
    unplaced = int(frame["place_code"].isna().sum())
    if unplaced:
        lost = pd.concat(
            [lost, pd.DataFrame({"code": [pd.NA], "why": ["no_code"]})], ignore_index=True
        ).astype("str")
    if placed.empty:
        return _numbers(pd.DataFrame({"code": []})), lost
    rates = shrunken_rates(placed, measure_name, unit=_UNIT, **options)
    rates = rates.rename(columns={_UNIT: "code", "shrunken": "value", "denominator": "n"})
    repeated(rates["code"])
    return _numbers(rates), lost


def valued(
    frame: pd.DataFrame, units: Any, level: str, year: int | None, columns: tuple[str, str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values that are ready, by unit, and the codes that fit none or share one."""
    code, value, n = columns
    require(frame, [code, value, n], "choropleth")
    repeated(frame[code].dropna())
    matched = match(frame[code], units, level, year)
    lost = matched[matched["why"].notna()][["code", "why"]]
    kept = matched[matched["unit"].notna()]
    shared = kept["unit"].duplicated(keep=False)
    # Two values for one unit cannot be joined without the counts behind them.
    lost = pd.concat([lost, kept[shared][["code"]].assign(why="several")], ignore_index=True).astype("str")
    unit = dict(zip(kept[~shared]["code"], kept[~shared]["unit"], strict=True))
    others = {name: frame[name] for name in NUMBERS if name in frame.columns}
    numbers = pd.DataFrame({**others, "code": frame[code].map(unit), "value": frame[value], "n": frame[n]})
    numbers = numbers[numbers["code"].notna()]
    return _numbers(numbers), lost


def repeated(codes: pd.Series) -> None:
    """Raise RepeatedCodes where a code stands in several rows."""
    twice = codes[codes.duplicated()]
    if len(twice):
        raise RepeatedCodes(dict.fromkeys(twice))


def stem(code: str) -> str:
    """The digits that all codes within a place begin with.

    >>> stem("410000"), stem("411300"), stem("411303")
    ('41', '4113', '411303')
    """
    return code[:2] if code[2:] in ("", "0000") else code[:4] if code[4:] in ("", "00") else code


def outside(code: object) -> bool:
    """Whether a place makes no reports under the Regulations: Hong Kong, Macao, Taiwan."""
    return str(code)[:2] in facts()["outside"]


def _is_missing(code: Any) -> bool:
    return bool(pd.isna(code))


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    kept: dict[str, Any] = {"code": frame["code"].astype("str").reset_index(drop=True)}
    for name in NUMBERS:
        column = (
            frame[name].reset_index(drop=True)
            if name in frame.columns
            else pd.Series(pd.NA, kept["code"].index)
        )
        kept[name] = column.astype("Float64")
    return pd.DataFrame(kept)
