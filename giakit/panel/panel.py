"""A panel on disk: tables that are read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from giakit.checks.model import FINDING, Check, findings_frame
from giakit.errors import UnknownChoice
from giakit.panel.plan import NO_SUCH_FILE
from giakit.panel.schema import MANIFEST, REPORTS
from giakit.panel.store import Stored, Where, as_frame, cells_asked, filtered

if TYPE_CHECKING:
    from giakit.panel.across import Reuse
    from giakit.panel.reports import Rechecked
    from giakit.reading.report import Report

__all__ = ["Panel", "open_panel"]

IDS = (
    "report_id", "source", "unit", "agency_id", "agency_key", "place_code", "province", "prefecture", "county", "tier", "organ_kind",
    "policy_area", "scope", "year", "form", "status",
)  # fmt: skip
"""The columns that tell which report a row is, in `wide`."""


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

    Examples
    --------
    >>> import giakit as gia
    >>> _ = gia.build([gia.example()], "panel", jobs=1)
    >>> gia.open_panel("panel").reports[["unit", "year"]].values.tolist()
    [['卧龙区商务局', 2025]]
    """
    return Panel(path)


class Panel(Stored):
    """Reports of many agencies and years.

    Frames are read on access and kept. Those of a large panel do not fit into memory: use `wide` and `select`.

    Attributes
    ----------
    reports : DataFrame
        One row a report: ``report_id, source, format, form, unit, agency_id, place_code, province, prefecture, county,
        tier, organ_kind, policy_area, scope`` (str), ``year`` (Int64), ``status``; then what these rest on: ``within,
        vertical, agency_key, url, published, captured, unit_from, year_from, scope_from, place_why, scope_why``.
    manifest : DataFrame
        One row a path given: ``path, status, reason, report_id, duplicate_of, format, bytes`` (Int64), ``sha256``;
        status is ``parsed``, ``partial``, ``not_a_report``, ``unreadable``, ``duplicate_of``, ``passed_over``,
        ``unread`` (the build was interrupted) or ``no_such_file`` (only a sources.csv names it).
    cells : DataFrame
        One row a cell: ``report_id, table, row, column, value`` (Float64), ``state, origin, raw, where``.
    findings, checks, across : DataFrame
        ``report_id, check, status, table, row, column, expected, observed, message, fingerprint``; with a ``notes.csv``
        findings have ``note, note_who, note_date`` too.
    corrections : DataFrame
        The entries of ``corrections.csv`` with ``applied`` (bool) and ``message``.
    texts, stated, suggestions : DataFrame
        As of a `Report`, with ``report_id``.
    """

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """One row a path given."""
        return as_frame(self._read(MANIFEST, None, None))

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
        from giakit.panel.corrections import read_notes, with_notes

        frame = self._ledger.findings(self.select("findings"))
        key = ["report_id", "fingerprint"]
        new = self.across[self.across["status"].isin(FINDING)]
        new = new[~pd.MultiIndex.from_frame(new[key]).isin(pd.MultiIndex.from_frame(frame[key]))]
        every = [frame, new[list(frame.columns)], self._lost_sources()[list(frame.columns)]]
        return with_notes(pd.concat(every, ignore_index=True), read_notes(self))

    def _lost_sources(self) -> pd.DataFrame:
        """A finding, on no report, for each path that sources.csv names and that is not there."""
        lost = self.manifest[self.manifest["status"] == NO_SUCH_FILE]
        return findings_frame(
            (None, Check("sources_path", "uncertain", *(None,) * 5, f"{path}: {reason}", "evidence"))
            for path, reason in zip(lost["path"], lost["reason"], strict=True)
        )

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every check with its outcome."""
        return self.select("checks")

    @cached_property
    def across(self) -> pd.DataFrame:
        """Every check across reports with its outcome; see `giakit.panel.across`."""
        from giakit.panel.across import across

        return across(self)

    @property
    def corrections(self) -> pd.DataFrame:
        """The entries of ``corrections.csv``, each with `applied` (bool) and, where it was refused, `message`."""
        return self._ledger.entries

    def corrected_reports(self) -> list[str]:
        """Ids of the reports that a person corrected."""
        return self._ledger.corrected_reports()

    def _repr_html_(self) -> str:
        """What the panel holds, what is open in it, and what to do next, for a notebook."""
        statuses = self.manifest["status"].value_counts()
        years = self.reports["year"].dropna()
        open_ones = self.select("findings")["status"].value_counts()
        rows = {
            "reports": f"{len(self):,}" + (f", {years.min()}-{years.max()}" if len(years) else ""),
            "files": ", ".join(f"{n:,} {str(name).replace('_', ' ')}" for name, n in statuses.items()) or "none",
            "findings within reports": f"{open_ones.get('fail', 0):,} failed, {open_ones.get('uncertain', 0):,} uncertain",
            "corrections": f"{int(self.corrections['applied'].astype(bool).sum()):,} applied of {len(self.corrections):,}",
            "next": "panel.reports, panel.findings, panel.wide('requests'); giakit check PANEL --html audit.html",
        }
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
        return f"<table><caption>{escape(str(self.home))}</caption>{body}</table>"

    def correct(
        self,
        report: str,
        table: str,
        row: str | None,
        column: str,
        value: float | str | None,
        *,
        why: str,
        who: str = "",
        evidence: str = "",
    ) -> None:
        """Correct a cell, or what is told of a report, by an entry in ``corrections.csv``; the files stay as they are.

        Parameters
        ----------
        report : str
            Its `report_id`. Other files of which the same was read are corrected too.
        table, row, column : str
            The cell; or ``"report"``, None and one of ``unit, year, scope, place_code``.
        value : number, str or None
            What is right; None for a blank.
        why : str
            The reason; it goes into the ledger with `who`, `evidence` and the time in UTC.

        Raises
        ------
        UnknownChoice
            If the panel has no such report.
        BadCorrection
            If there is no such cell, or it cannot hold that value. Nothing is written then.
        BadPanel
            If the panel was opened from an archive.

        Examples
        --------
        >>> import giakit as gia
        >>> panel = gia.build(gia.example(), "panel", jobs=1)
        >>> report = panel.reports["report_id"].item()
        >>> panel.correct(report, "requests", "new", "natural_person", 3, why="page 2 of the scan", who="A. B.")
        >>> panel.wide("requests", "natural_person")["new"].tolist()
        [3.0]
        """
        from giakit.panel.corrections import corrected

        self.require_writable()
        corrected(self, report, table, row, column, value, why=why, who=who, evidence=evidence)
        for name in [
            name for name in vars(self) if name not in ("path", "home", "index", "_hashes", "_sound", "_held")
        ]:
            delattr(self, name)

    @cached_property
    def _rechecked(self) -> Rechecked:
        from giakit.panel.reports import Rechecked

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

    def report(self, report_id: str) -> Report:
        """One report of the panel, corrections applied, as `giakit.read` gives it.

        Raises
        ------
        UnknownChoice
            If the panel has no such report.
        """
        from giakit.panel.reports import reports_of

        return reports_of(self, [report_id])[report_id]

    def wide(
        self,
        table: str,
        column: str | None = "total",
        *,
        rows: Sequence[str] | None = None,
        where: Where = None,
        versions: Literal["best", "all"] = "best",
        ids: Sequence[str] = IDS,
        dtype: Literal["Float64", "float64"] = "Float64",
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
            Which reports: a column of `reports` to a value or a list of values, ``{"year": [2023, 2024]}``. A
            province may also be named in short or in English.
        versions : {"best", "all"}
            Of several files of one agency, scope and year the one that `unit_years` keeps, or every file.
        ids : sequence of str
            Which columns of `reports` go with them.
        dtype : {"Float64", "float64"}
            Of the figures: nullable, or with NaN as statsmodels and formulas want it.

        Returns
        -------
        DataFrame
            Columns `ids` (str, year Int64), then Float64 columns; NA where a cell is blank, undecided or absent.
            Rows in the order of `report_id`. Only the columns asked for are read.

        Raises
        ------
        UnknownChoice
            If a table, column, row or id is not known, or no report has a value asked for.

        Examples
        --------
        >>> import giakit as gia
        >>> panel = gia.build([gia.example()], "panel", jobs=1)
        >>> panel.wide("requests", rows=["new", "closed"], ids=["unit", "year"]).values.tolist()
        [['卧龙区商务局', 2025, 1.0, 1.0]]
        """
        if versions not in ("best", "all"):
            raise UnknownChoice("versions", versions, ("best", "all"))
        if dtype not in ("Float64", "float64"):
            raise UnknownChoice("dtype", dtype, ["Float64", "float64"])
        names = cells_asked(table, column, rows)
        unknown = [name for name in ids if name not in REPORTS.names]
        if unknown:
            raise UnknownChoice("ids", unknown[0], REPORTS.names)
        kept = self._kept(where)
        if versions == "best":
            kept = self._without_worse_versions(kept)
        # The ids of a million reports cost as much as ten columns of figures: read where something is to be found by them.
        wanted = [*ids] if "report_id" in ids or not self._ledger.applies else ["report_id", *ids]
        about = self._ledger.reports(as_frame(filtered(self._read("reports", wanted, None), kept)))
        values = as_frame(filtered(self._read(table, list(names), None), kept).rename_columns(list(names.values())))
        if self._ledger.applies:
            values = self._ledger.wide(values, about["report_id"], table, names)
        if dtype == "float64":
            values = values.astype("float64")
        return pd.concat([about[[*ids]], values], axis=1)

    @cached_property
    def _versions(self) -> pd.DataFrame:
        from giakit.panel.across import ranked_versions

        return ranked_versions(self)

    def _without_worse_versions(self, kept: pa.Array | None) -> pa.Array | None:
        """Of the reports wanted the best version of each: where its best is not wanted, the next."""
        if self._versions.empty:
            return kept
        ids = self._read("reports", ["report_id"], None).column("report_id").to_pandas()
        wanted = np.ones(len(ids), bool) if kept is None else np.asarray(kept)
        there = self._versions[self._versions["report_id"].isin(ids[wanted])]
        worse = there.loc[there.duplicated("group"), "report_id"]
        return pa.array(wanted & ~ids.isin(worse).to_numpy())

    def unit_years(self, scope: str | None = None) -> pd.DataFrame:
        """One row per agency, scope and year.

        Files of one report whose figures agree count once; where they differ, one is kept.

        Parameters
        ----------
        scope : {"organ", "own_level", "whole"}, optional
            Only reports of that scope.

        Returns
        -------
        DataFrame
            The columns of `reports`, of the version that is kept, then ``versions`` (Int64: files of this report),
            ``report_ids`` (joined by commas, the kept one first), ``differs`` (bool: their figures contradict) and
            ``why`` that one was kept. Reports without agency or year stay rows of their own.
        """
        from giakit.panel.across import unit_years

        frame = unit_years(self)
        return frame if scope is None else frame[frame["scope"] == scope].reset_index(drop=True)

    def hierarchy(self) -> pd.DataFrame:
        """Pairs of reports of one year of which the first counts the second; see `giakit.places.hierarchy`."""
        from giakit.places.levels import hierarchy

        return hierarchy(self.reports)

    def scope_by_size(self, *, count: str = "new") -> pd.DataFrame:
        """Reports of unknown scope held against their known parts; see `giakit.places.scope_by_size`."""
        from giakit.places.levels import scope_by_size

        return scope_by_size(self.wide("requests", rows=[count]), count=count)

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
        from giakit.panel.across import reuse

        return reuse(self, threshold=threshold)

    def adjusted(self) -> pd.DataFrame:
        """The cells with the first suggested solution of each report put in.

        Returns
        -------
        DataFrame
            As `cells`, with ``printed`` (Float64: what the report says), ``adjusted`` (bool) and ``why``. Only where a
            report has exactly one solution is it put in: of several none is known to be the right one.
        """
        keys = ["report_id", "table", "row", "column"]
        solutions = self.suggestions.groupby("report_id")["solution"].transform("nunique")
        changes = self.suggestions.loc[solutions == 1, [*keys, "value", "why"]].rename(columns={"value": "_new"})
        frame = self.cells.merge(changes, on=keys, how="left", validate="one_to_one")
        value = frame["_new"].fillna(frame["value"])
        return frame.assign(printed=frame["value"], adjusted=frame["_new"].notna(), value=value).drop(columns="_new")
