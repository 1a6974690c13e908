"""What the size of a report's figures says of its scope, where its text says nothing."""

from __future__ import annotations

import pandas as pd

from giakit.errors import MissingColumns
from giakit.places.overlaps import hierarchy

_FEWEST_PARTS = 2


def scope_by_size(frame: pd.DataFrame, *, count: str = "new") -> pd.DataFrame:
    """Reports of unknown scope held against the reports that they would count if they were wholes.

    A count below the sum of its known parts proves that a report does not count them. A count equal to that sum,
    with two parts or more that are not zero, speaks for a whole. Anything else leaves the scope unknown: parts
    may be missing. Nothing is changed in `frame`.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`giakit.places.hierarchy`, with a column of counts.
    count : str, default "new"
        The column that is compared.

    Returns
    -------
    DataFrame
        One row a report of unknown scope that has known parts: `report_id`, `parts` (Int64, how many are known),
        `own` and `sum` (Float64, the counts), `verdict` (str: ``whole``, ``not_whole``, or NA).

    Raises
    ------
    MissingColumns
        If a needed column is not there.

    Examples
    --------
    >>> reports = pd.DataFrame({
    ...     "report_id": ["city", "a", "b"], "place_code": ["320800", "320803", "320804"], "year": 2024,
    ...     "organ_kind": "government", "scope": [None, "whole", "whole"], "new": [30.0, 10.0, 20.0]})
    >>> scope_by_size(reports)[["report_id", "own", "sum", "verdict"]].values.tolist()
    [['city', 30.0, 30.0, 'whole']]
    """
    if count not in frame.columns:
        raise MissingColumns("scope_by_size", [count])
    unknown = frame.loc[frame["scope"].isna(), "report_id"]
    supposed = frame.assign(scope=frame["scope"].astype("object").where(frame["scope"].notna(), "whole"))
    pairs = hierarchy(supposed)
    pairs = pairs[pairs["whole"].isin(unknown) & pairs["certain"]]
    counts = frame.set_index("report_id")[count].astype("Float64")
    rows = [
        _row(report, counts.get(report), counts.reindex(parts["part"]).dropna())
        for report, parts in pairs.groupby("whole", sort=True)
    ]
    columns = {"report_id": "str", "parts": "Int64", "own": "Float64", "sum": "Float64", "verdict": "str"}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _row(report: object, own: object, parts: pd.Series) -> tuple[object, int, object, object, str | None]:
    total = float(parts.sum()) if len(parts) else pd.NA
    verdict = None
    if len(parts) and not pd.isna(own):  # type: ignore[call-overload]
        if float(own) < float(parts.sum()):  # type: ignore[arg-type]
            verdict = "not_whole"
        elif own == total and int((parts > 0).sum()) >= _FEWEST_PARTS:
            verdict = "whole"
    return report, len(parts), own, total, verdict
