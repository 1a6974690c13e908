"""From a frame of reports to the numerator and denominator of each report, NA kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingColumns, MixedScopes, UnknownChoice
from giakit.metrics.blanks import cell_values, reported_part, zero_where_closed
from giakit.metrics.definitions import Measure, Term, identities, term

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLANKS = ("closes", "missing")
OVERLAPS = ("error", "wholes", "parts")
#: Columns by which the scope of a report and its place in the hierarchy are known.
SCOPE_COLUMNS = ("scope", "place_code")
#: Scopes that hold the figures of other agencies.
CONTAINING = ("own_level", "whole")


@dataclass(frozen=True)
class Counts:
    """Numerator, denominator and requests of each report (NaN where unknown); where blanks were closed."""

    numerator: Values
    denominator: Values
    requests: Values
    touched: Flags


def keys(by: str | Sequence[str] | None) -> list[str]:
    """Columns to group by as a list."""
    if by is None:
        return []
    return [by] if isinstance(by, str) else list(by)


def require(frame: pd.DataFrame, names: Sequence[str], function: str) -> None:
    """Raise MissingColumns where the frame lacks any of the names."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise MissingColumns(function, missing)


def choose(what: str, given: object, valid: Sequence[str]) -> None:
    """Raise UnknownChoice where an option is none of the valid ones."""
    if given not in valid:
        raise UnknownChoice(what, given, valid)


def without_overlap(frame: pd.DataFrame, overlap: str | None, by: Sequence[str]) -> pd.DataFrame:
    """Rows that may be summed together: no whole beside its parts within a group.

    A frame without scope and place, or without any report that holds others, is given back as it is; so is
    one whose overlap was settled before (None).
    """
    if overlap is None:
        return frame
    choose("overlap", overlap, OVERLAPS)
    if any(name not in frame.columns for name in SCOPE_COLUMNS) or len(frame) < 2:
        return frame
    # An agency that reports for itself alone contains no other.
    if not frame["scope"].isin(CONTAINING).any():
        return frame
    from giakit.places.levels import overlap as select

    try:
        selected: pd.DataFrame = select(frame, overlap)  # type: ignore[arg-type]
        return selected
    except MixedScopes as error:
        if _within_groups(frame, error.pairs, by):
            raise
        return frame


def _within_groups(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]], by: Sequence[str]) -> bool:
    """Whether any whole stands in one group with a part of it; a sum by tier, say, never adds the two."""
    if not by or "report_id" not in frame.columns:
        return True
    group = frame.groupby(list(by), dropna=False, sort=False, observed=True).ngroup()
    place = dict(zip(frame["report_id"], group, strict=True))
    return any(place.get(whole) == place.get(part) for whole, part in pairs)


def term_values(
    frame: pd.DataFrame, codes: Term, *, column: str | None, blank: str, function: str
) -> tuple[Values, Flags]:
    """Signed sum of row codes, NaN where any is unknown, and the rows in which a blank was read as zero."""
    choose("blank", blank, BLANKS)
    values = {code: cell_values(frame, code, column) for code, _ in codes}
    missing = [code for code, found in values.items() if found is None]
    if missing:
        raise MissingColumns(function, [code if column is None else f"{code}.{column}" for code in missing])
    touched = np.zeros(len(frame), dtype=bool)
    if blank == "closes":
        gone = [code for code, found in values.items() if found is not None and np.isnan(found).any()]
        for code, zero in (zero_where_closed(frame, gone, column=column) if gone else {}).items():
            found = values[code]
            assert found is not None
            filled = np.isnan(found) & zero
            touched |= filled
            values[code] = np.where(filled, np.asarray(reported_part(frame, code, column)), found)
    total = np.zeros(len(frame))
    for code, sign in codes:
        total = total + sign * np.asarray(values[code])
    return total, touched


def measure_counts(
    frame: pd.DataFrame, measure: Measure, denominator: str, *, column: str | None, blank: str
) -> Counts:
    """Numerator and denominator of a measure for each report."""
    above, touched = term_values(
        frame, term(measure.numerator), column=column, blank=blank, function=measure.name
    )
    below, also = term_values(
        frame, term(measure.names.get(denominator, denominator)), column=column, blank=blank,
        function=measure.name,
    )  # fmt: skip
    closed = cell_values(frame, identities()["total"], column)
    requests = np.full(len(frame), np.nan) if closed is None else closed
    return Counts(above, below, requests, touched | also)


def cluster_codes(frame: pd.DataFrame, cluster: str | None) -> NDArray[np.int64]:
    """Number of the agency of each row: `cluster`, where that is NA the unit, else the row itself."""
    names = [name for name in (cluster, "unit") if name is not None and name in frame.columns]
    if cluster is not None and cluster not in ("agency_id", *frame.columns):
        raise MissingColumns("cluster", [cluster])
    codes = np.full(len(frame), -1, dtype="int64")
    highest = 0
    for name in names:
        found, levels = pd.factorize(frame[name])
        codes = np.where(codes < 0, np.where(found < 0, -1, found + highest), codes)
        highest += len(levels)
    return np.where(codes < 0, np.arange(len(frame)) + highest, codes)
