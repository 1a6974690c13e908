"""By what a person judges a panel: coverage against a list of what should be there, and a sheet on which cells are coded blindly."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from giakit.checks import coverage as checks
from giakit.checks.sampling import sample
from giakit.data import inert, require, written_table
from giakit.errors import UnreadableDocument
from giakit.forms import tables

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

Table: TypeAlias = pd.DataFrame | str | os.PathLike[str]
_ABOUT = ["source", "unit", "year", "format", "form"]


def coverage(
    panel: Panel,
    *,
    expected: Table,
    by: Iterable[str] | None = None,
    key: str | None = None,
    sources: Table | None = None,
) -> pd.DataFrame:
    """Count reports expected, found, read and clean.

    Parameters
    ----------
    panel : Panel
    expected : path or DataFrame
        ``units.csv``: one row a unit, or a unit and `year`, with `agency_id`, `place_code` or `unit`, and what is known
        of it (`tier`, `province`, population…). Without `year` each is expected in every year of the panel.
    by : iterable of str, optional
        Columns of `expected` to count by. Default: those of `tier`, `province`, `year` that it has.
    key : {"agency_id", "place_code", "unit"}, optional
        What names a unit. Default: the first of these that `expected` has.
    sources : path or DataFrame, optional
        ``sources.csv`` with `path`, `year` and the key: files that could not be read count as found then.

    Returns
    -------
    DataFrame
        The groups, ``expected, found, read, clean`` (Int64), ``share_read`` (Float64). Clean: no check failed, within
        the report or across reports. For one row a unit see `giakit.checks.coverage.unit_status`, for what sets read
        units apart `giakit.checks.coverage.read_against_unread`.

    Raises
    ------
    UnreadableDocument
        If a file is not there or no CSV in UTF-8.
    MissingColumns, UnknownChoice

    Examples
    --------
    >>> import pandas as pd, giakit as gia
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> wanted = pd.DataFrame({"unit": ["卧龙区商务局", "卧龙区教育局"], "tier": "county"})
    >>> gia.coverage(panel, expected=wanted)[["tier", "year", "expected", "read", "share_read"]].values.tolist()
    [['county', 2025, 2, 1, 0.5]]
    """
    manifest = panel.manifest
    if sources is not None:
        listed = _table(sources)
        require(listed, ["path"], "sources")
        known = listed.columns.intersection(["path", "agency_id", "place_code", "unit", "year"])
        manifest = manifest.merge(listed[known].drop_duplicates("path"), on="path", how="left")
    return checks.coverage(panel.reports, manifest, _table(expected), findings=panel.findings, by=by, key=key)


def _table(given: Table) -> pd.DataFrame:
    """The frame itself, or a CSV with its codes as text."""
    if isinstance(given, pd.DataFrame):
        return given
    names, rows = written_table(Path(given))
    text = pd.DataFrame(rows, columns=names, dtype="str").to_csv(index=False)
    return pd.read_csv(io.StringIO(text), dtype={"place_code": "str", "agency_id": "str", "unit": "str"})


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
    harmless = {name: full[name].map(inert, na_action="ignore") for name in ("source", "unit", "row", "label", "where")}
    return full.assign(**harmless)[[*order, "coder_1", "coder_2", "weight", "sealed"]]


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
