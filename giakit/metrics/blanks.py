"""When a blank may be read as zero: only where the identities of its column close with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from giakit.metrics.definitions import identities

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


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


def zero_where_closed(
    frame: pd.DataFrame, codes: list[str], *, column: str | None = None
) -> dict[str, Flags]:
    """For each row code, the rows of the frame in which a blank of that code is zero.

    For the group `other`: in which what its rows print is all of it (:func:`reported_part`).

    Notes
    -----
    An outcome that is blank is zero where the outcomes add up to `closed` without it and
    ``new + carried_in = closed + carried_out`` is not broken; a flow that is blank is zero where that
    balance closes without it and the outcomes are not broken. A blank total is zero only where every
    part is a printed zero. A code whose identity the frame cannot test is never zero.
    """
    found: dict[str, Flags] = {}
    rules = identities()
    nothing = np.zeros(len(frame), dtype=bool)
    requests: dict[str, Flags] | None = None
    for code in codes:
        row = code.partition(".")[0]
        if row in rules["remedies"]:
            found[code] = _part_zeros(frame, row, code.partition(".")[2], rules["remedy_parts"])
            continue
        if "." in code:
            found[code] = _part_zeros(frame, row, code.partition(".")[2], rules["applicants"])
            continue
        requests = _request_zeros(frame, column) if requests is None else requests
        if code in (*rules["inflow"], rules["outflow"]):
            found[code] = requests["flow"]
        elif code == rules["total"]:
            found[code] = requests["total"]
        elif code in rules["other_parts"]:
            found[code] = requests["outcome"] & _has_parts(frame, column)
        elif code in (*rules["outcomes"], "other"):
            found[code] = requests["outcome"]
        else:
            found[code] = nothing
    return found


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
