"""The sheet on which a person codes cells of a panel blindly."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from giakit.checks.sampling import sample
from giakit.data import inert, require, written_table
from giakit.errors import UnreadableDocument
from giakit.forms import tables

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_ABOUT = ["source", "unit", "year", "format", "form"]


def coding_sheet(panel: Panel, *, n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Draw cells of a panel to be read by hand, stratified by format, form and whether the cell holds more than 0.

    Parameters
    ----------
    panel : Panel
    n : int, default 300
    seed : int, default 0

    Returns
    -------
    DataFrame
        As of `giakit.checks.sampling.sample`: where each cell stands, with its labels, but not what was read there.
        Cells that a person corrected are left out.

    Examples
    --------
    >>> import giakit as gia
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> sheet = coding_sheet(panel, n=5)
    >>> len(sheet), "value" in sheet.columns
    (5, False)
    """
    cells = panel.coded(["table", "row", "column", "value", "state", "origin"])
    cells = cells[(cells["origin"] != "corrected") & cells["state"].isin(["reported", "blank"])]
    about = panel.reports.set_index("report_id")[["format", "form"]]
    ids = cells["report_id"].astype("category")
    strata = {name: ids.map(about[name]) for name in about.columns}
    drawn = sample(cells.drop(columns="origin").assign(**strata), n=n, seed=seed)
    if drawn.empty:
        return drawn
    text = drawn.astype({name: "str" for name in ("report_id", "table", "row", "column")})
    where = panel.select("cells", text["report_id"])[["report_id", "table", "row", "column", "where"]]
    full = text.merge(where, on=["report_id", "table", "row", "column"], how="left")
    full = full.merge(panel.reports[["report_id", *_ABOUT[:3]]], on="report_id", how="left")
    full["label"] = [_label(*address) for address in zip(full["table"], full["row"], full["column"], strict=True)]
    order = ["item", "report_id", "source", "unit", "year", "table", "row", "column", "label", "where"]
    told = {name: full[name].map(inert, na_action="ignore") for name in ("source", "unit", "row", "label", "where")}
    return full.assign(**told)[[*order, "coder_1", "coder_2", "weight", "sealed"]]


def read_sheet(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A coded sheet, as `coding_sheet` gave it or a spreadsheet program saved it again.

    Raises
    ------
    UnreadableDocument
        If it is no CSV, or nothing is coded yet.
    MissingColumns
        If it is no such sheet.
    """
    names, rows = written_table(Path(path))
    sheet = pd.DataFrame(rows, columns=names, dtype="str")
    require(sheet, ("coder_1",), "agree")
    if not sheet["coder_1"].any():
        raise UnreadableDocument(str(path), "no cell is coded yet; fill in coder_1")
    return sheet


@cache
def _labels(table: str) -> dict[str, str]:
    known = tables()[table]
    return {label.code: label.label for label in (*known.rows, *known.columns)}


def _label(table: str, row: str, column: str) -> str:
    labels = _labels(table)
    return f"{tables()[table].label} / {labels.get(row, row.removeprefix('extra:'))} / {labels.get(column, column)}"
