"""From a frame of reports to the numerator and denominator of each report, NA kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import require as require
from giakit.errors import MissingColumns, MixedScopes, RepeatedReports, UnknownChoice
from giakit.metrics.blanks import cell_values, reported_part, zero_where_closed
from giakit.metrics.definitions import Measure, Term, identities, term

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLANKS = ("closes", "missing")
OVERLAPS = ("error", "wholes", "parts")
#: Columns by which the scope of a report and its place in the hierarchy are known.
SCOPE_COLUMNS = ("scope", "place_code")
#: Names of the divisions an agency lies in, for frames without codes.
PLACE_COLUMNS = ("province", "prefecture", "county")
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


def choose(what: str, given: object, valid: Sequence[str]) -> None:
    """Raise UnknownChoice where an option is none of the valid ones."""
    if given not in valid:
        raise UnknownChoice(what, given, valid)


def prepared(
    frame: pd.DataFrame, by: Sequence[str], overlap: str | None, function: str, *, more: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows that may be summed together by the columns named: none twice, no whole beside its parts.

    Agencies without an id get one of their own (:func:`agencies`). A frame whose rows were settled before
    comes with overlap None.

    Raises
    ------
    MissingColumns, RepeatedReports, MixedScopes
    """
    require(frame, [*by, *more], function)
    if overlap is not None:
        choose("overlap", overlap, OVERLAPS)
        _refuse_repeated(frame, by)
        frame = _without_overlap(frame, overlap, by)
    if "agency_id" in by and frame["agency_id"].isna().any():
        frame = frame.assign(agency_id=agencies(frame))
    return frame


def agencies(frame: pd.DataFrame, column: str = "agency_id") -> pd.Series:
    """Agency of each row: its id; without one its unit within its place; without a place the row itself.

    Two bureaus of finance whose place is not known are no single agency. Where a frame knows nothing of
    places, a unit is taken at its word.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": ["a", None, None], "unit": "财政局", "place_code": ["1", "2", None]})
    >>> agencies(frame).tolist()
    ['a', '财政局 (2)', '财政局 [row 2]']
    """
    rows = pd.Series([f"[row {number}]" for number in range(len(frame))], index=frame.index, dtype="str")
    if "report_id" in frame.columns:
        rows = ("[" + frame["report_id"].astype("str") + "]").fillna(rows)
    result = rows
    if "unit" in frame.columns:
        unit = frame["unit"].astype("str")
        result = (unit + " " + rows).fillna(rows)
        if "place_code" in frame.columns:
            result = (unit + " (" + frame["place_code"].astype("str") + ")").fillna(result)
        else:
            named = [frame[name].astype("str").fillna("") for name in PLACE_COLUMNS if name in frame.columns]
            place = sum(named[1:], named[0]).map(lambda text: f" ({text})" if text else "") if named else ""
            result = (unit + place).fillna(rows)
    return frame[column].astype("str").fillna(result) if column in frame.columns else result


def _refuse_repeated(frame: pd.DataFrame, by: Sequence[str]) -> None:
    """Raise where an agency of one scope and year stands twice in a frame, and so twice in its sums."""
    name = next((name for name in ("agency_key", "agency_id") if name in frame.columns), None)
    if "year" not in frame.columns or (name is None and "unit" not in frame.columns):
        return
    # A frame by applicant, or another that the caller grouped by, holds a report once for each.
    apart = [other for other in dict.fromkeys(("scope", "applicant", *by)) if other in frame.columns]
    keyed = frame[[*dict.fromkeys((*apart, "year"))]].assign(_agency=agencies(frame, name or "agency_id"))
    if name == "agency_id" and "unit" in frame.columns:
        # Agencies that were merged later share an id; in the years before they are told apart by their names.
        keyed["_unit"] = frame["unit"]
    keyed = keyed[keyed["year"].notna()]
    twice = keyed[keyed.duplicated()].drop_duplicates()
    if len(twice):
        scope = (
            twice["scope"].astype("str").fillna("unknown") if "scope" in twice else ["unknown"] * len(twice)
        )
        raise RepeatedReports(
            f"{agency}, {year}, scope {kind}"
            for agency, year, kind in zip(twice["_agency"], twice["year"], scope, strict=True)
        )


def _without_overlap(frame: pd.DataFrame, overlap: str, by: Sequence[str]) -> pd.DataFrame:
    """A frame without scope and place, or without any report that holds others, comes back as it is."""
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


def unknown_scope(frame: pd.DataFrame, group: NDArray[np.int64]) -> Flags:
    """Reports of unknown scope that may count another of their group and year, or be counted by it."""
    flagged = np.zeros(len(frame), dtype=bool)
    if "scope" not in frame.columns or len(frame) < 2:
        return flagged
    unknown = frame["scope"].isna().to_numpy(dtype=bool)
    if not unknown.any():
        return flagged
    if any(name not in frame.columns for name in ("place_code", "year")):
        return unknown & (np.bincount(group, minlength=group.max() + 1)[group] > 1)
    from giakit.places.levels import hierarchy

    kind = frame["organ_kind"] if "organ_kind" in frame.columns else pd.Series(None, frame.index, dtype="str")
    supposed = frame.assign(
        report_id=np.arange(len(frame)),
        scope=frame["scope"].fillna("whole"),
        organ_kind=kind.fillna("government"),
    )
    pairs = hierarchy(supposed)
    whole, part = pairs["whole"].to_numpy(dtype="int64"), pairs["part"].to_numpy(dtype="int64")
    doubtful = unknown[whole] & (group[whole] == group[part])
    flagged[whole[doubtful]] = flagged[part[doubtful]] = True
    return flagged & unknown


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
    """Number of the agency of each row (:func:`agencies`), or of its row where `cluster` is None."""
    if cluster is None:
        return np.arange(len(frame), dtype="int64")
    if cluster not in ("agency_id", *frame.columns):
        raise MissingColumns("cluster", [cluster])
    return pd.factorize(agencies(frame, cluster))[0].astype("int64")
