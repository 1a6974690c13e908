"""Across levels: a report on a whole jurisdiction counts at least what its known parts count."""

from __future__ import annotations

import pandas as pd

from giakit.checks.frames import findings_frame
from giakit.checks.model import Check, Status
from giakit.data import require

_SIGNED = ("change",)


def check_levels(cells: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """parent >= the sum of its known parts, for every count (check ``L1``).

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`.
    pairs : DataFrame
        `parent`, `part`: report ids of a whole and of the reports it counts, one row a part. Each part stands once
        under a parent; a part of a part is counted by the part.

    Returns
    -------
    DataFrame
        Findings, of the parent: ``expected`` is the sum of the parts that are known (a blank adds nothing and is no
        zero), ``observed`` the parent's figure. ``fail`` where the parts exceed it, ``not_assessable`` where the
        parent holds nothing. The message says how many parts are known and what share of the parent they cover.
        Signed cells are left out.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["city", "a", "b"], "table": "requests", "row": "new", "column": "total",
    ...                       "value": [5, 4, 3]})
    >>> found = check_levels(cells, pd.DataFrame({"parent": "city", "part": ["a", "b"]}))
    >>> found[["report_id", "status", "expected", "observed"]].values.tolist()
    [['city', 'fail', 7.0, 5.0]]
    """
    require(cells, ("report_id", "table", "row", "column", "value"), "check_levels")
    require(pairs, ("parent", "part"), "check_levels")
    key = ["table", "row", "column"]
    counts = cells[~cells["column"].isin(_SIGNED)]
    if "state" in counts.columns:
        counts = counts[counts["state"] != "absent"]
    counts = counts.assign(value=counts["value"].astype("Float64"))
    links = pairs[["parent", "part"]].drop_duplicates()
    known = counts[counts["value"].notna()].merge(links, left_on="report_id", right_on="part")
    parts = known.groupby(["parent", *key], sort=False)["value"].agg(["sum", "count"]).reset_index()
    own = counts.rename(columns={"report_id": "parent"})
    joined = own[own["parent"].isin(links["parent"])].merge(parts, on=["parent", *key])
    places = zip(joined["parent"], joined["table"], joined["row"], joined["column"], strict=True)
    figures = zip(joined["sum"].astype(float), joined["count"], joined["value"].astype("Float64"), strict=True)
    verdicts = (
        (parent, _verdict(table, row, column, known_sum, number, None if pd.isna(value) else float(value)))
        for (parent, table, row, column), (known_sum, number, value) in zip(places, figures, strict=True)
    )
    return findings_frame(verdicts)


def _verdict(table: str, row: str, column: str, parts: float, number: int, parent: float | None) -> Check:
    status: Status = "not_assessable" if parent is None else "fail" if parts > parent + 1e-9 else "pass"
    whole = "nothing" if parent is None else f"{parent:g}"
    share = f", {parts / parent:.0%} of it" if parent else ""
    message = f"{row}, {column}: {number} known parts add to {parts:g}{share}, the whole says {whole}"
    return Check("L1", status, table, row, column, parts, parent, message)
