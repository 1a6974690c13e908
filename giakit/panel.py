"""A panel on disk: tables that are read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from giakit.building.evidence import REPORTS
from giakit.building.manifest import SCHEMA as MANIFEST_SCHEMA
from giakit.building.shard import WIDE, schema, wide_columns
from giakit.building.store import Index, read_index
from giakit.checks.model import Check
from giakit.errors import UnknownChoice
from giakit.forms import tables

if TYPE_CHECKING:
    from giakit.panel_corrections import Ledger
    from giakit.report import Report
    from giakit.trust.text import Reuse
    from giakit.trust.within import Rechecked

__all__ = ["Panel", "open_panel"]

IDS = (
    "report_id", "source", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier", "organ_kind",
    "policy_area", "scope", "year", "form", "status",
)  # fmt: skip
"""The columns that tell which report a row is, in `wide`."""

Where: TypeAlias = Mapping[str, object] | pc.Expression | None


def open_panel(path: str | os.PathLike[str]) -> Panel:
    """Open a panel that `build` wrote.

    Parameters
    ----------
    path : path
        Its folder. A ``corrections.csv`` in it is applied, a ``notes.csv`` joined to its findings.

    Returns
    -------
    Panel

    Raises
    ------
    BadPanel
        If there is no panel, or one of another layout.
    """
    return Panel(path)


class Panel:
    """Reports of many agencies and years.

    Attributes
    ----------
    reports : DataFrame
        One row a report: ``report_id, source, format, form, unit, agency_id, place_code, province, prefecture, county,
        tier, organ_kind, policy_area, scope`` (str), ``year`` (Int64), ``status``; then what these rest on: ``within,
        vertical, agency_key, url, published, captured, unit_from, year_from, scope_from, place_why, scope_why``.
    manifest : DataFrame
        One row a path given: ``path, status, reason, report_id, duplicate_of, format, bytes`` (Int64), ``sha256``;
        status is ``parsed``, ``partial``, ``not_a_report``, ``unreadable``, ``duplicate_of``, ``passed_over`` or
        ``unread`` (the build was interrupted).
    cells : DataFrame
        One row a cell: ``report_id, table, row, column, value`` (Float64), ``state, origin, raw, where``.
    findings, checks, across : DataFrame
        ``report_id, check, status, table, row, column, expected, observed, message, fingerprint``; with a ``notes.csv``
        findings have ``note, note_who, note_date`` too.
    corrections : DataFrame
        The entries of ``corrections.csv`` with ``applied`` (bool) and ``message``.
    texts, stated, suggestions : DataFrame
        As of a `Report`, with ``report_id``.

    Frames are read on access and kept. Those of a large panel do not fit into memory: use `wide` and `select`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.index: Index = read_index(self.path)

    def __len__(self) -> int:
        return self.index.reports

    def __repr__(self) -> str:
        unfinished = "" if self.index.complete else ", unfinished: build again to go on"
        return f"<Panel {self.path}: {len(self):,} reports{unfinished}>"

    @cached_property
    def reports(self) -> pd.DataFrame:
        """One row a report."""
        return self._ledger.reports(_frame(self._read("reports", None, None)), mark=True)

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """One row a path given."""
        return _frame(pq.read_table(self.index.manifest_file(self.path), schema=MANIFEST_SCHEMA, partitioning=None))

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a cell."""
        return self.select("cells")

    @cached_property
    def texts(self) -> pd.DataFrame:
        """One row a chapter."""
        return self.select("texts")

    @cached_property
    def stated(self) -> pd.DataFrame:
        """One row a figure stated in prose."""
        return self.select("stated")

    @cached_property
    def suggestions(self) -> pd.DataFrame:
        """One row a cell of a suggested solution."""
        return self.select("suggestions")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The checks that failed or are uncertain, within reports and across them, doubts of reading, conflicts of evidence, refused corrections."""
        from giakit.trust.notes import read_notes, with_notes

        frame = self._ledger.findings(self.select("findings"))
        key = ["report_id", "fingerprint"]
        new = self.across[self.across["status"].isin(["fail", "uncertain"])]
        new = new[~pd.MultiIndex.from_frame(new[key]).isin(pd.MultiIndex.from_frame(frame[key]))]
        return with_notes(pd.concat([frame, new[list(frame.columns)]], ignore_index=True), read_notes(self.path))

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every check with its outcome."""
        return self.select("checks")

    @cached_property
    def across(self) -> pd.DataFrame:
        """Every check across reports with its outcome; see `giakit.trust.across`."""
        from giakit.trust.across import across

        return across(self)

    @cached_property
    def _ledger(self) -> Ledger:
        from giakit.panel_corrections import Ledger

        return Ledger.beside(self)

    @property
    def corrections(self) -> pd.DataFrame:
        """The entries of ``corrections.csv``, each with `applied` (bool) and, where it was refused, `message`."""
        return self._ledger.entries

    @cached_property
    def _rechecked(self) -> Rechecked:
        from giakit.trust.within import Rechecked

        return Rechecked(self, self._ledger.corrected_reports())

    def select(self, table: str, reports: Iterable[str] | None = None) -> pd.DataFrame:
        """One of the long tables, whole or of some reports.

        Parameters
        ----------
        table : {"cells", "texts", "stated", "checks", "findings", "suggestions"}
        reports : iterable of str, optional
            Values of `report_id`.

        Raises
        ------
        UnknownChoice
            If there is no such table.
        """
        long = ("cells", "texts", "stated", "checks", "findings", "suggestions")
        if table not in long:
            raise UnknownChoice("table", table, long)
        frame = self.as_stored(table, reports)
        if table == "cells":
            return self._ledger.cells(frame)
        return self._rechecked.applied(table, frame) if table in ("checks", "findings", "suggestions") else frame

    def as_stored(self, table: str, reports: Iterable[str] | None = None) -> pd.DataFrame:
        """As `select`, before corrections."""
        chosen = None if reports is None else pc.field("report_id").isin(pa.array(sorted(set(reports)), pa.string()))
        parts = {"findings": ["findings", "conflicts"], "checks": ["checks", "findings", "conflicts"]}.get(table, [table])
        frame = _frame(pa.concat_tables([self._read(part, None, chosen) for part in parts]))
        if len(parts) > 1:
            frame = frame.sort_values("report_id", kind="stable", ignore_index=True)
            frame["fingerprint"] = _fingerprints(frame)
        return frame

    def coded(self, columns: Sequence[str]) -> pd.DataFrame:
        """Cells with `report_id` and some of their columns, strings as categories: a large panel's fit into memory so."""
        frame: pd.DataFrame = self._read("cells", ["report_id", *columns], None).to_pandas(strings_to_categorical=True, types_mapper=_NUMBERS.get)
        if not len(self._ledger.changed):
            return frame
        for name in {"state", "origin"}.intersection(columns):
            frame[name] = frame[name].cat.set_categories(frame[name].cat.categories.union(["reported", "blank", "corrected"]))
        return self._ledger.cells(frame)[["report_id", *columns]]

    def report(self, report_id: str) -> Report:
        """One report of the panel, corrections applied, as `giakit.read` gives it.

        Raises
        ------
        UnknownChoice
            If the panel has no such report.
        """
        from giakit.trust.reports import reports_of

        return reports_of(self, [report_id])[report_id]

    def as_read(self, reports: Iterable[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Cells and lines of some reports, before corrections."""
        chosen = pc.field("report_id").isin(pa.array(sorted(set(reports)), pa.string()))
        return _frame(self._read("cells", None, chosen)), _frame(self._read("reports", None, chosen))

    def wide(
        self,
        table: str,
        column: str | None = "total",
        *,
        rows: Sequence[str] | None = None,
        where: Where = None,
        ids: Sequence[str] = IDS,
    ) -> pd.DataFrame:
        """One row a report, one column a cell: the frame that metrics take.

        Parameters
        ----------
        table : {"requests", "remedies", "proactive", "statistics"}
        column : str or None, default "total"
            The column of the table whose cells are wanted, named by row; None: all cells, named ``row.column``. For
            `statistics`, which has no totals, ``"total"`` stands for ``"count"``.
        rows : sequence of str, optional
            Row codes, or ``row.column`` with ``column=None``. Default: all.
        where : mapping or pyarrow expression, optional
            Which reports: a column of `reports` to a value or a list of values, ``{"year": [2023, 2024]}``.
        ids : sequence of str
            Which columns of `reports` go with them.

        Returns
        -------
        DataFrame
            Columns `ids` (str, year Int64), then Float64 columns; NA where a cell is blank, undecided or absent.
            Rows in the order of `report_id`. Only the columns asked for are read.

        Raises
        ------
        UnknownChoice
            If a table, column, row or id is not known.

        Examples
        --------
        >>> import tempfile, giakit as gia
        >>> from pathlib import Path
        >>> folder = Path(tempfile.mkdtemp())
        >>> page = gia.simulate.typeset({("requests", "new", "total"): 3}, unit="卧龙区商务局", year=2023)
        >>> _ = (folder / page.name).write_bytes(page.data)
        >>> panel = gia.build(folder, folder / "panel", jobs=1)
        >>> panel.wide("requests", rows=["new", "closed"], ids=["unit", "year"]).values.tolist()
        [['卧龙区商务局', 2023, 3.0, <NA>]]
        """
        names = _cells_asked(table, column, rows)
        unknown = [name for name in ids if name not in REPORTS.names]
        if unknown:
            raise UnknownChoice("ids", unknown[0], REPORTS.names)
        kept = self._kept(where)
        # The ids of a million reports cost as much as ten columns of figures: read where something is to be found by them.
        wanted = [*ids] if "report_id" in ids or not self._ledger.applies else ["report_id", *ids]
        about = self._ledger.reports(_frame(_filtered(self._read("reports", wanted, None), kept)))
        values = _frame(_filtered(self._read(table, list(names), None), kept).rename_columns(list(names.values())))
        if self._ledger.applies:
            values = self._ledger.wide(values, about["report_id"], table, names)
        return pd.concat([about[[*ids]], values], axis=1)

    def _kept(self, where: Where) -> pa.Array | None:
        """For each report whether it is wanted; None: all are."""
        if where is None:
            return None
        if isinstance(where, Mapping):
            return self._kept_by_mapping(where)
        on_disk = not self._ledger.applies
        table = self._read("reports", None, None) if on_disk else pa.Table.from_pandas(self.reports, preserve_index=False)
        table = table.append_column("_position", pa.array(np.arange(len(self))))
        positions = table.filter(where).column("_position").to_numpy()
        kept = np.zeros(len(self), bool)
        kept[positions] = True
        return pa.array(kept)

    def _kept_by_mapping(self, where: Mapping[str, object]) -> pa.Array:
        unknown = [name for name in where if name not in REPORTS.names]
        if unknown:
            raise UnknownChoice("where", unknown[0], REPORTS.names)
        reports = self._ledger.reports(_frame(self._read("reports", ["report_id", *(name for name in where if name != "report_id")], None)))
        kept = np.ones(len(reports), bool)
        for name, value in where.items():
            values = list(value) if isinstance(value, (list, tuple, set, frozenset, pd.Series, np.ndarray, range)) else [value]
            kept &= reports[name].isin([item for item in values if item is not None]).to_numpy(bool) | (reports[name].isna().to_numpy() & (None in values))
        return pa.array(kept)

    def _read(self, table: str, columns: list[str] | None, where: pc.Expression | None) -> pa.Table:
        fields = REPORTS if table == "reports" else schema(table)
        files = [str(path) for path in self.index.files(self.path, table)]
        if not files:
            empty = fields.empty_table()
            return empty.select(columns) if columns is not None else empty
        return pads.dataset(files, schema=fields, format="parquet").to_table(columns=columns, filter=where)

    def unit_years(self, scope: str | None = None) -> pd.DataFrame:
        """One row per agency, scope and year.

        See :mod:`giakit.panel_versions` for how several files of one report become one row.
        """
        from giakit.panel_versions import unit_years

        frame = unit_years(self)
        return frame if scope is None else frame[frame["scope"] == scope].reset_index(drop=True)

    def hierarchy(self) -> pd.DataFrame:
        """Pairs of reports of one year of which the first counts the second; see `giakit.places.hierarchy`."""
        from giakit.places.overlaps import hierarchy

        return hierarchy(self.reports)

    def reuse(self, *, threshold: float = 0.5) -> Reuse:
        """Text that is repeated from other reports, names of agencies and places apart.

        Parameters
        ----------
        threshold : float, default 0.5
            Least similarity of two sections.

        Returns
        -------
        Reuse
            ``pairs`` as of `giakit.checks.reuse.similar_sections` with ``year_a, year_b`` (Int64) and ``relation``
            (``same report``, ``same agency``, ``other agency``), ``boilerplate`` as of
            `giakit.checks.reuse.boilerplate`: reports of one agency are no others to each other.
        """
        from giakit.trust.text import reuse

        return reuse(self, threshold=threshold)

    def adjusted(self) -> pd.DataFrame:
        """The cells with the first suggested solution of each report put in.

        Returns
        -------
        DataFrame
            As `cells`, with ``printed`` (Float64: what the report says), ``adjusted`` (bool) and ``why``. Only where a
            report has exactly one solution is it put in: of several none is known to be the right one.
        """
        from giakit.trust.adjusted import adjusted

        return adjusted(self.cells, self.suggestions)


def _cells_asked(table: str, column: str | None, rows: Sequence[str] | None) -> dict[str, str]:
    """Columns on disk, and the names they get."""
    if table not in WIDE:
        raise UnknownChoice("table", table, WIDE)
    columns = [code.code for code in tables()[table].columns]
    if column == "total" and column not in columns:
        column = "count" if "count" in columns else None
    if column is not None and column not in columns:
        raise UnknownChoice("column", column, columns)
    names = {name: name if column is None else name.partition(".")[0] for name in wide_columns(table) if column is None or name.endswith(f".{column}")}
    if rows is None:
        return names
    by_label = {label: name for name, label in names.items()}
    for row in rows:
        if row not in by_label:
            raise UnknownChoice("rows", row, by_label)
    return {by_label[row]: row for row in rows}


def _filtered(table: pa.Table, kept: pa.Array | None) -> pa.Table:
    return table if kept is None else table.filter(kept)


_NUMBERS = {pa.float64(): pd.Float64Dtype(), pa.int64(): pd.Int64Dtype()}
_TYPES = {pa.float64(): pd.Float64Dtype(), pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype(na_value=np.nan), pa.bool_(): np.dtype(bool)}


def _frame(table: pa.Table) -> pd.DataFrame:
    kinds = {kind: dtype for kind, dtype in _TYPES.items() if not isinstance(dtype, np.dtype)}
    frame: pd.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame


def _fingerprints(frame: pd.DataFrame) -> pd.Series:
    plain = frame[list(Check._fields)].astype(object)
    plain = plain.where(plain.notna(), None)
    return pd.Series([Check(*row).fingerprint for row in plain.itertuples(index=False, name=None)], index=frame.index, dtype="str")
