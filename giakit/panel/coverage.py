"""Coverage of a panel: what was expected, found, read and read without a contradiction."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from giakit.checks import coverage as checks
from giakit.data import written_table
from giakit.errors import MissingColumns

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

Table: TypeAlias = pd.DataFrame | str | os.PathLike[str]
_CODES = ("place_code", "agency_id", "unit", "year", "report_id")


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
        the report or across reports. For one row a unit see `units`, for what sets read units apart `compared`.

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
    told = _table(expected)
    return checks.coverage(panel.reports, _manifest(panel, sources), told, findings=panel.findings, by=by, key=key)


def units(panel: Panel, *, expected: Table, key: str | None = None, sources: Table | None = None) -> pd.DataFrame:
    """What became of each expected report: one row a unit and year; see `giakit.checks.coverage.unit_status`."""
    return checks.unit_status(
        panel.reports, _manifest(panel, sources), _table(expected), findings=panel.findings, key=key
    )


def compared(
    panel: Panel, *, expected: Table, columns: Iterable[str] | None = None, key: str | None = None
) -> pd.DataFrame:
    """Units whose reports were read against those whose were not; see `giakit.checks.coverage.read_against_unread`.

    Parameters
    ----------
    panel, expected, key
        As in `coverage`.
    columns : iterable of str, optional
        Numeric columns of `expected` to compare. Default: all but codes and year.
    """
    told = _table(expected)
    names = (
        [str(name) for name in told.select_dtypes("number").columns if name not in _CODES]
        if columns is None
        else list(columns)
    )
    return checks.read_against_unread(checks.unit_status(panel.reports, panel.manifest, told, key=key), names)


def _manifest(panel: Panel, sources: Table | None) -> pd.DataFrame:
    if sources is None:
        return panel.manifest
    told = _table(sources)
    if "path" not in told.columns:
        raise MissingColumns("sources", ["path"])
    known = [name for name in ("path", "agency_id", "place_code", "unit", "year") if name in told.columns]
    return panel.manifest.merge(told[known].drop_duplicates("path"), on="path", how="left")


def _table(given: Table) -> pd.DataFrame:
    """The frame itself, or a CSV with its codes as text."""
    if isinstance(given, pd.DataFrame):
        return given
    names, rows = written_table(Path(given))
    text = pd.DataFrame(rows, columns=names, dtype="str").to_csv(index=False)
    return pd.read_csv(io.StringIO(text), dtype={"place_code": "str", "agency_id": "str", "unit": "str"})
