"""What the audit page shows, as frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from giakit.metrics.intervals import wilson
from giakit.share.audit.words import is_assessed

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_VERDICTS = ("pass", "fail", "uncertain")
_FEWEST = 10
"""Reports below which a share is not shown."""
_UNREAD = ("unreadable", "not_a_report", "passed_over", "unread", "duplicate_of", "no_such_file")


@dataclass(slots=False)
class Content:
    """Frames of one panel, made when they are asked for."""

    panel: Panel

    @cached_property
    def reports(self) -> pd.DataFrame:
        """One row a report: `source, unit, year, tier`."""
        return self.panel.reports.set_index("report_id")[["source", "unit", "year", "tier"]]

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Findings with their report, failures first."""
        found = self.panel.findings.merge(self.reports.reset_index(), on="report_id", how="left")
        order = found.assign(rank=found["status"].map({"fail": 0, "uncertain": 1}).astype("Int64"))
        return order.sort_values(["rank", "check", "year", "unit"], kind="stable", ignore_index=True).drop(
            columns="rank"
        )

    @cached_property
    def failing(self) -> set[str]:
        """Reports in which a check fails."""
        found = self.panel.findings
        return set(found.loc[found["status"] == "fail", "report_id"])

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Worst outcome of each check in each report; solved and blank sums, which are not assessable, are left out."""
        columns = ["report_id", "check", "status"]
        every = pd.concat([self.panel.checks[columns], self.panel.across[columns]], ignore_index=True).drop_duplicates()
        known = every[
            every["status"].isin(_VERDICTS)
            & every["check"].map({name: is_assessed(name) for name in every["check"].unique()}).astype(bool)
        ]
        key = ["report_id", "check"]
        bad = {
            status: pd.MultiIndex.from_frame(known.loc[known["status"] == status, key])
            for status in ("fail", "uncertain")
        }
        worst = known[key].drop_duplicates(ignore_index=True)
        index = pd.MultiIndex.from_frame(worst)
        failed = index.isin(bad["fail"])
        worst = worst.assign(failed=failed, uncertain=index.isin(bad["uncertain"]) & ~failed)
        return worst.merge(self.reports[["year", "tier"]].reset_index(), on="report_id", how="left")

    def shares(self, by: list[str]) -> pd.DataFrame:
        """Reports in which each check was assessed, fails, is uncertain.

        Returns
        -------
        DataFrame
            `check`, the columns of `by`, ``reports, failed, uncertain`` (Int64), ``share, low, high`` (Float64: failed
            over reports and its Wilson interval), ``shown`` (bool: at least ten reports).
        """
        groups = self.verdicts.groupby(["check", *by], dropna=False, sort=True)
        counted = groups.agg(
            reports=("report_id", "size"), failed=("failed", "sum"), uncertain=("uncertain", "sum")
        ).reset_index()
        low, high = wilson(counted["failed"].to_numpy(float), counted["reports"].to_numpy(float))
        counted = counted.astype({"reports": "Int64", "failed": "Int64", "uncertain": "Int64"})
        share = (counted["failed"] / counted["reports"]).astype("Float64")
        return counted.assign(
            share=share, low=low, high=high, shown=(counted["reports"] >= _FEWEST).to_numpy(dtype=bool)
        )

    @cached_property
    def noticed(self) -> pd.DataFrame:
        """Findings that have no share: `check`, ``reports``, ``findings`` (Int64)."""
        found = self.findings[~self.findings["check"].map(is_assessed).astype(bool)]
        kind = found["check"].str.split(":").str[0]
        return (
            found.groupby(kind)
            .agg(reports=("report_id", "nunique"), findings=("report_id", "size"))
            .rename_axis("check")
            .reset_index()
        )

    @cached_property
    def by_tier(self) -> pd.DataFrame:
        """Reports read and clean, by tier and year: `tier, year, read, clean` (Int64)."""
        reports = self.reports.assign(clean=~self.reports.index.isin(list(self.failing)))
        counted = (
            reports.groupby(["tier", "year"], dropna=False)
            .agg(read=("clean", "size"), clean=("clean", "sum"))
            .reset_index()
        )
        return counted.astype({"read": "Int64", "clean": "Int64"})

    def worst(self, most: int) -> list[str]:
        """Reports with the most failed checks, then the most uncertain ones among those that have suggestions."""
        found = self.findings
        suggested = set(self.panel.suggestions["report_id"])
        counts = (
            found.groupby("report_id")["status"]
            .agg(fails=lambda column: (column == "fail").sum(), doubts="size")
            .reset_index()
        )
        counts = counts[(counts["fails"] > 0) | counts["report_id"].isin(list(suggested))]
        counts = counts.sort_values(["fails", "doubts", "report_id"], ascending=[False, False, True], kind="stable")
        return [str(name) for name in counts["report_id"].head(most)]

    @cached_property
    def suggestions(self) -> pd.DataFrame:
        """Suggestions with their report."""
        return self.panel.suggestions.merge(self.reports.reset_index(), on="report_id", how="left")

    @cached_property
    def outcomes(self) -> pd.Series:
        """Paths by what became of them."""
        return self.panel.manifest["status"].value_counts()

    @cached_property
    def unread(self) -> pd.DataFrame:
        """Paths that were not read, or read under another name."""
        manifest = self.panel.manifest
        return manifest[manifest["status"].isin(_UNREAD)].reset_index(drop=True)
