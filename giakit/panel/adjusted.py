"""Cells with the suggestions put in, for who wants them: each change marked."""

from __future__ import annotations

import pandas as pd


def adjusted(cells: pd.DataFrame, suggestions: pd.DataFrame) -> pd.DataFrame:
    """Put in the suggestion of each report that has exactly one.

    Parameters
    ----------
    cells, suggestions : DataFrame
        As of a panel.

    Returns
    -------
    DataFrame
        As `cells`, with ``printed`` (Float64), ``adjusted`` (bool) and ``why`` (str, NA elsewhere).

    Examples
    --------
    >>> place = {"report_id": "r", "table": "remedies", "row": "suit_direct", "column": "total"}
    >>> cells = pd.DataFrame({**place, "value": pd.array([0.0], dtype="Float64")}, index=[0])
    >>> suggestions = pd.DataFrame({**place, "solution": 1, "value": 3.0, "why": "left at 0"}, index=[0])
    >>> adjusted(cells, suggestions)[["value", "printed", "adjusted"]].values.tolist()
    [[3.0, 0.0, True]]
    """
    keys = ["report_id", "table", "row", "column"]
    single = suggestions[suggestions.groupby("report_id")["solution"].transform("nunique") == 1]
    changes = single[[*keys, "value", "why"]].rename(columns={"value": "_new"})
    frame = cells.merge(changes, on=keys, how="left", validate="one_to_one")
    frame["printed"] = frame["value"]
    frame["adjusted"] = frame["_new"].notna()
    frame["value"] = frame["_new"].fillna(frame["value"])
    return frame.drop(columns="_new")
