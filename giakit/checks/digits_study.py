"""Zeros, heaping and last digits: only where such a study is valid.

The cells of the statutory tables are mostly 0 to 9 and bound by sums: Benford's law and last-digit tests say nothing
there, and are refused. They may be asked of free totals that somebody wrote down: items published, visits, decisions
of the proactive table, figures stated in prose.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import require
from giakit.errors import InvalidStudy

FEWEST = 500
FEWEST_DIGITS = 3
_SUMMED_TABLES = ("requests", "remedies", "statistics")
_LEVELS = ("tier", "scope")


def last_digits(figures: pd.DataFrame) -> pd.DataFrame:
    """Frequency of each last digit among large free totals, against equal shares.

    Parameters
    ----------
    figures : DataFrame
        `value`, and where known `table` (NA for figures of the prose) and `tier`, `scope`. Only whole figures of at
        least three digits are used.

    Returns
    -------
    DataFrame
        `digit, count` (Int64), `share, expected, low, high` (Float64: Wilson 95 %), and, the same in every row,
        `chi2`, `p_value` (Float64) and `n` (Int64). A small p-value shows heaping; that is usually estimation, and
        no evidence of fraud.

    Raises
    ------
    InvalidStudy
        On cells of tables whose figures are bound by sums, on fewer than 500 figures, and where levels are mixed
        (a whole repeats its parts).

    Examples
    --------
    >>> figures = pd.DataFrame({"value": range(1000, 2000)})
    >>> last_digits(figures)["share"].round(2).unique().tolist()
    [0.1]
    """
    from scipy.stats import chisquare
    from statsmodels.stats.proportion import proportion_confint

    values = _free_totals("last digits", figures)
    counts = np.bincount(values % 10, minlength=10)
    chi2, p_value = chisquare(counts)
    low, high = proportion_confint(counts, len(values), method="wilson")
    frame = pd.DataFrame(
        {
            "digit": range(10),
            "count": counts,
            "share": counts / len(values),
            "expected": 0.1,
            "low": low,
            "high": high,
            "chi2": chi2,
            "p_value": p_value,
            "n": len(values),
        }
    )
    return frame.astype({name: "Int64" if name in ("digit", "count", "n") else "Float64" for name in frame})


def zero_reports(
    wide: pd.DataFrame, *, rows: tuple[str, ...] = ("new", "carried_in", "closed", "carried_out")
) -> pd.DataFrame:
    """Which reports hold nothing but zeros, which nothing but blanks, and how many years in a row.

    Parameters
    ----------
    wide : DataFrame
        One row a report: `report_id`, `year`, `agency_id` or `unit`, and one column a row code.
    rows : tuple of str
        The rows that must all be 0 (or blank).

    Returns
    -------
    DataFrame
        `report_id`, `all_zero`, `all_blank` (boolean; a blank beside zeros makes neither), `zero_years` (Int64:
        length of the unbroken run of zero reports that the year ends, by unit). A run of three years or more asks
        for a look at the parent's report.

    Examples
    --------
    >>> wide = pd.DataFrame({"report_id": ["a", "b", "c"], "unit": "U", "year": [2021, 2022, 2023], "new": [0, 0, 4], "closed": [0, 0, 4]})
    >>> zero_reports(wide, rows=("new", "closed"))["zero_years"].tolist()
    [1, 2, 0]
    """
    key = "agency_id" if "agency_id" in wide.columns and wide["agency_id"].notna().any() else "unit"
    require(wide, ("report_id", "year", key, *rows), "zero_reports")
    figures = wide[list(rows)].astype("Float64")
    frame = pd.DataFrame(
        {
            "report_id": wide["report_id"],
            "all_zero": figures.eq(0).fillna(False).all(axis=1),
            "all_blank": figures.isna().all(axis=1),
        }
    )
    ended: dict[tuple[object, object], int] = {}
    order = wide.assign(zero=frame["all_zero"]).sort_values("year")
    runs = {}
    for index, unit, year, zero in zip(order.index, order[key], order["year"], order["zero"], strict=True):
        known = not (pd.isna(unit) or pd.isna(year))
        runs[index] = (ended.get((unit, int(year) - 1), 0) + 1 if known else 1) if zero else 0
        if known:
            ended[unit, int(year)] = runs[index]
    zero_years = pd.Series(runs, dtype="Int64").reindex(wide.index)
    return (
        frame.assign(zero_years=zero_years)
        .astype({"all_zero": "boolean", "all_blank": "boolean"})
        .reset_index(drop=True)
    )


def _free_totals(study: str, figures: pd.DataFrame) -> NDArray[np.int64]:
    require(figures, ("value",), study)
    if "table" in figures.columns and figures["table"].isin(_SUMMED_TABLES).any():
        raise InvalidStudy(
            study,
            "cells of the statutory tables are mostly single digits bound by sums; ask it of free totals: prose figures, decisions in the proactive table",
        )
    for name in _LEVELS:
        if name in figures.columns and figures[name].nunique(dropna=False) > 1:
            raise InvalidStudy(
                study, f"{name} differs among the figures and a whole repeats its parts; ask it of one {name} at a time"
            )
    values = figures["value"].dropna().astype("float64")
    large = values[(values % 1 == 0) & (values >= 10 ** (FEWEST_DIGITS - 1))]
    whole: NDArray[np.int64] = large.to_numpy().astype(np.int64)
    if len(whole) < FEWEST:
        raise InvalidStudy(
            study, f"{len(whole)} figures of {FEWEST_DIGITS} digits or more; at least {FEWEST} are needed"
        )
    return whole
