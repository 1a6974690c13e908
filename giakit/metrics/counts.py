"""From a frame of reports to the counts of each: NA kept, a blank zero only where the identities of its column close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import require as require
from giakit.errors import MissingColumns, MixedScopes, RepeatedReports, UnknownChoice
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
        scope = twice["scope"].astype("str").fillna("unknown") if "scope" in twice else ["unknown"] * len(twice)
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
        report_id=np.arange(len(frame)), scope=frame["scope"].fillna("whole"), organ_kind=kind.fillna("government")
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
    missing = [code for code, read in values.items() if read is None]
    if missing:
        raise MissingColumns(function, [code if column is None else f"{code}.{column}" for code in missing])
    touched = np.zeros(len(frame), dtype=bool)
    if blank == "closes":
        gone = [code for code, read in values.items() if read is not None and np.isnan(read).any()]
        for code, zero in (zero_where_closed(frame, gone, column=column) if gone else {}).items():
            read = values[code]
            assert read is not None
            filled = np.isnan(read) & zero
            touched |= filled
            values[code] = np.where(filled, np.asarray(reported_part(frame, code, column)), read)
    total = np.zeros(len(frame))
    for code, sign in codes:
        total = total + sign * np.asarray(values[code])
    return total, touched


def measure_counts(
    frame: pd.DataFrame, measure: Measure, denominator: str, *, column: str | None, blank: str
) -> Counts:
    """Numerator and denominator of a measure for each report."""
    above, touched = term_values(frame, term(measure.numerator), column=column, blank=blank, function=measure.name)
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


def cell_name(frame: pd.DataFrame, code: str, column: str | None = None) -> str | None:
    """Name of the frame's column that holds a row code, or None.

    A frame with one column a code (``new``) or with codes joined (``new.natural_person``,
    ``reconsideration.upheld``, also written ``reconsideration_upheld``).
    """
    wanted = code if column is None else f"{code}.{column}"
    for name in (wanted, wanted.replace(".", "_")):
        if name in frame.columns:
            return name
    return None


def cell_values(frame: pd.DataFrame, code: str, column: str | None = None) -> Values | None:
    """Values of a row code as floats with NaN where blank; None where the frame lacks it."""
    if code == "other":
        return _other(frame, column)
    name = cell_name(frame, code, column)
    if name is None:
        return None
    return np.asarray(frame[name].to_numpy(dtype="float64", na_value=np.nan))


def _plain(frame: pd.DataFrame, code: str, column: str | None) -> Values | None:
    name = cell_name(frame, code, column)
    return None if name is None else np.asarray(frame[name].to_numpy(dtype="float64", na_value=np.nan))


def _other(frame: pd.DataFrame, column: str | None) -> Values | None:
    """The group `other`: its rows where a report has them, else the single row; NaN where both disagree."""
    single, parts = _other_rows(frame, column)
    if parts is None:
        return single
    summed = np.asarray(np.sum(parts, axis=0))
    if single is None:
        return summed
    agrees = np.where(np.isnan(summed), single >= np.nansum(parts, axis=0), single == summed)
    return np.where(np.isnan(single), summed, np.where(agrees, single, np.nan))


def reported_part(frame: pd.DataFrame, code: str, column: str | None = None) -> Values | None:
    """What a report prints of a row code: 0 where it is blank, for the group `other` what its rows print.

    NaN where the single row `other` and its parts are both printed and disagree.
    """
    values = cell_values(frame, code, column)
    if values is None or code != "other":
        return None if values is None else np.nan_to_num(values, nan=0.0)
    single, parts = _other_rows(frame, column)
    if parts is None:
        return np.nan_to_num(values, nan=0.0)
    known = np.nansum(parts, axis=0)
    if single is not None:
        known = np.where(np.isnan(single), known, np.nan)
    return np.where(np.isnan(values), known, values)


def _other_rows(frame: pd.DataFrame, column: str | None) -> tuple[Values | None, list[Values] | None]:
    """The single row `other`, and its three rows where the frame has all of them."""
    listed = [_plain(frame, code, column) for code in identities()["other_parts"]]
    parts = [part for part in listed if part is not None]
    return _plain(frame, "other", column), parts if len(parts) == len(listed) else None


def zero_where_closed(frame: pd.DataFrame, codes: list[str], *, column: str | None = None) -> dict[str, Flags]:
    """For each row code, the rows of the frame in which a blank of that code is zero.

    For the group `other`: in which what its rows print is all of it (:func:`reported_part`).

    Notes
    -----
    An outcome that is blank is zero where the outcomes add up to `closed` without it and
    ``new + carried_in = closed + carried_out`` is not broken; a flow that is blank is zero where that
    balance closes without it and the outcomes are not broken. A blank total is zero only where every
    part is a printed zero. A code whose identity the frame cannot test is never zero.
    """
    zeros: dict[str, Flags] = {}
    rules = identities()
    nothing = np.zeros(len(frame), dtype=bool)
    requests: dict[str, Flags] | None = None
    for code in codes:
        row = code.partition(".")[0]
        if row in rules["remedies"]:
            zeros[code] = _part_zeros(frame, row, code.partition(".")[2], rules["remedy_parts"])
            continue
        if "." in code:
            zeros[code] = _part_zeros(frame, row, code.partition(".")[2], rules["applicants"])
            continue
        requests = _request_zeros(frame, column) if requests is None else requests
        if code in (*rules["inflow"], rules["outflow"]):
            zeros[code] = requests["flow"]
        elif code == rules["total"]:
            zeros[code] = requests["total"]
        elif code in rules["other_parts"]:
            zeros[code] = requests["outcome"] & _has_parts(frame, column)
        elif code in (*rules["outcomes"], "other"):
            zeros[code] = requests["outcome"]
        else:
            zeros[code] = nothing
    return zeros


def _request_zeros(frame: pd.DataFrame, column: str | None) -> dict[str, Flags]:
    rules = identities()
    nothing = np.zeros(len(frame), dtype=bool)
    closed = cell_values(frame, rules["total"], column)
    if closed is None:
        return {"flow": nothing, "outcome": nothing, "total": nothing}
    outcomes = _summed(frame, [*rules["outcomes"], "other"], column)
    inflow = _summed(frame, rules["inflow"], column)
    carried = _summed(frame, [rules["outflow"]], column)

    total = closed
    outcomes_close = all_zero = outcomes_broken = nothing
    if outcomes is not None:
        summed, blank = outcomes
        all_zero = ~blank & (summed == 0)
        total = np.where(np.isnan(closed) & all_zero, 0.0, closed)
        outcomes_close = summed == total
        outcomes_broken = (summed > total) | ((summed < total) & ~blank)
    balances = balance_broken = nothing
    if inflow is not None and carried is not None:
        gap = inflow[0] - total - carried[0]
        balances = gap == 0
        balance_broken = ((gap > 0) & ~carried[1]) | ((gap < 0) & ~inflow[1])
    return {
        "flow": balances & ~outcomes_broken,
        "outcome": outcomes_close & ~balance_broken,
        "total": all_zero & ~balance_broken,
    }


def _part_zeros(frame: pd.DataFrame, row: str, column: str, listed: list[str]) -> Flags:
    """Rows in which the parts of a row add up to its total without the blank."""
    parts = _summed(frame, [f"{row}.{part}" for part in listed], None)
    total = cell_values(frame, f"{row}.total")
    if total is None or parts is None:
        return np.zeros(len(frame), dtype=bool)
    summed, blank = parts
    if column == "total":
        return np.asarray(~blank & (summed == 0))
    return np.asarray(summed == total)


def _has_parts(frame: pd.DataFrame, column: str | None) -> Flags:
    """Whether a report has the three rows of the group `other`: by its form, else by what it prints."""
    if "form" in frame.columns and frame["form"].notna().all():
        return np.asarray(frame["form"].astype(str) == "2021", dtype=bool)
    parts = [_plain(frame, code, column) for code in identities()["other_parts"]]
    there = [~np.isnan(part) for part in parts if part is not None]
    return np.any(there, axis=0) if there else np.zeros(len(frame), dtype=bool)


def _has_row(frame: pd.DataFrame, column: str | None) -> Flags:
    """Whether a report has the single row `other`: its form says so, or the frame knows no other rows."""
    if "form" in frame.columns:
        return np.asarray(frame["form"].astype(str) == "2019", dtype=bool)
    alone = all(cell_name(frame, code, column) is None for code in identities()["other_parts"])
    return np.full(len(frame), alone)


def _summed(frame: pd.DataFrame, codes: list[str], column: str | None) -> tuple[Values, Flags] | None:
    """Sum of what is reported, and whether anything is blank; None where the frame lacks one of the codes."""
    summed = np.zeros(len(frame))
    blank = np.zeros(len(frame), dtype=bool)
    for code in codes:
        values = cell_values(frame, code, column)
        if values is None:
            return None
        summed += np.asarray(reported_part(frame, code, column))
        blank |= np.isnan(values)
    return summed, blank


def close_blanks(frame: pd.DataFrame, *, column: str | None = None) -> pd.DataFrame:
    """Give a copy in which blanks are zero where the identities of their column close with it.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, one column a row code, as ``panel.wide("requests")`` gives it.
    column : str, optional
        The applicant's column, for a frame with joined names (``new.natural_person``).

    Returns
    -------
    pandas.DataFrame
        Same rows, columns and index. A report without any total keeps its blanks: an empty table is
        missing, never zero.

    Notes
    -----
    Identities: outcomes add up to `closed`; ``new + carried_in = closed + carried_out``; results of a
    remedy add up to its total (State Council General Office, form of 2021).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"reconsideration.upheld": [2, 2], "reconsideration.corrected": [None, None],
    ...     "reconsideration.other": [0, 0], "reconsideration.pending": [0, 0],
    ...     "reconsideration.total": [2, 3]}, dtype="Float64")
    >>> close_blanks(frame)["reconsideration.corrected"].tolist()
    [0.0, <NA>]
    """
    filled: dict[str, Any] = {}
    for code, zero in zero_where_closed(frame, _codes(frame, column), column=column).items():
        name = cell_name(frame, code, column)
        if code == "other":
            # As a group it may be zero in any form; as a printed row it is there in that of 2019 alone.
            zero = zero & _has_row(frame, column)
        if name is not None and bool((frame[name].isna() & zero).any()):
            filled[name] = frame[name].mask(frame[name].isna() & zero, 0)
    return frame.assign(**filled)


def _codes(frame: pd.DataFrame, column: str | None) -> list[str]:
    rules = identities()
    codes = [*rules["inflow"], *rules["outcomes"], "other", *rules["other_parts"]]
    codes += [rules["total"], rules["outflow"]]
    if column is None:
        codes += [f"{row}.{part}" for row in rules["remedies"] for part in (*rules["remedy_parts"], "total")]
    return [code for code in codes if cell_name(frame, code, column) is not None]
