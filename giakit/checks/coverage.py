"""Coverage: which reports were expected, found, read, and read without a contradiction."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from giakit.data import require
from giakit.errors import UnknownChoice

STEPS = ("expected", "found", "read", "clean")
_KEYS = ("agency_id", "place_code", "unit")
_READ = ("parsed", "partial")
_GROUPS = ("tier", "province", "year")


def unit_status(
    reports: pd.DataFrame,
    manifest: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    findings: pd.DataFrame | None = None,
    key: str | None = None,
) -> pd.DataFrame:
    """What became of each report that was expected.

    Parameters
    ----------
    reports : DataFrame
        One row a report that was read: `report_id`, the key, `year`, `status` where known.
    manifest : DataFrame
        One row a path; with the key (and `year`), from ``sources.csv``, a file that could not be read still counts
        as found.
    expected : DataFrame
        One row a unit, or a unit and `year`; with the key, and whatever else is known of the units (tier, province,
        population). Without `year` each unit is expected in every year of `reports`.
    findings : DataFrame, optional
        `report_id, status`; a report with a finding that fails is not clean. Without it `clean` is NA.
    key : {"agency_id", "place_code", "unit"}, optional
        What names a unit; by default the first of these that `reports` and `expected` share.

    Returns
    -------
    DataFrame
        The rows of `expected`, by year, with `report_id` (NA if none) and `expected, found, read, clean` (boolean).

    Examples
    --------
    >>> reports = pd.DataFrame({"report_id": ["r"], "unit": "A", "year": 2023, "status": "parsed"})
    >>> status = unit_status(reports, pd.DataFrame({"path": ["a.html"]}), pd.DataFrame({"unit": ["A", "B"], "tier": "county"}))
    >>> status[["unit", "found", "read"]].values.tolist()
    [['A', True, True], ['B', False, False]]
    """
    name = _key(reports, expected, key)
    require(reports, ("report_id", "year"), "coverage")
    by = [name, "year"]
    wanted = expected.drop_duplicates(by if "year" in expected.columns else [name])
    if "year" not in wanted.columns:
        wanted = wanted.merge(reports[["year"]].dropna().drop_duplicates().sort_values("year"), how="cross")
    wanted = wanted.assign(year=wanted["year"].astype("Int64"))
    read = reports[reports["status"].isin(_READ)] if "status" in reports.columns else reports
    read = read.assign(year=read["year"].astype("Int64")).drop_duplicates(by)
    status = wanted.merge(read[["report_id", *by]], on=by, how="left")
    status["expected"] = pd.array([True] * len(status), dtype="boolean")
    status["read"] = status["report_id"].notna().astype("boolean")
    listed = manifest.reindex(columns=by).dropna().astype({"year": "Int64"}).drop_duplicates()
    status["found"] = status["read"] | pd.MultiIndex.from_frame(status[by]).isin(pd.MultiIndex.from_frame(listed))
    status["clean"] = pd.array([pd.NA] * len(status), dtype="boolean")
    if findings is not None:
        require(findings, ("report_id", "status"), "coverage")
        failed = findings.loc[findings["status"] == "fail", "report_id"]
        status["clean"] = status["read"] & ~status["report_id"].isin(failed)
    return status[[*wanted.columns, "report_id", *STEPS]]


def coverage(
    reports: pd.DataFrame,
    manifest: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    findings: pd.DataFrame | None = None,
    by: Iterable[str] | None = None,
    key: str | None = None,
) -> pd.DataFrame:
    """Expected, found, read and clean reports, counted by tier, province and year.

    Parameters
    ----------
    reports, manifest, expected, findings, key
        As in `unit_status`.
    by : iterable of str, optional
        Columns of `expected` to group by; by default those of tier, province, year that it has.

    Returns
    -------
    DataFrame
        The groups, `expected, found, read, clean` (Int64), `share_read` (Float64: read over expected). Files that
        belong to no expected unit are not counted.

    Examples
    --------
    >>> reports = pd.DataFrame({"report_id": ["r"], "unit": "A", "year": 2023})
    >>> counted = coverage(reports, pd.DataFrame({"path": ["a.html"]}), pd.DataFrame({"unit": ["A", "B"], "tier": "county"}))
    >>> counted[["tier", "year", "expected", "read", "share_read"]].values.tolist()
    [['county', 2023, 2, 1, 0.5]]
    """
    status = unit_status(reports, manifest, expected, findings=findings, key=key)
    groups = [name for name in _GROUPS if name in status.columns] if by is None else list(by)
    for name in groups:
        if name not in status.columns:
            raise UnknownChoice("by", name, [column for column in status.columns if column not in STEPS])
    counted = (
        status.groupby(groups, dropna=False, sort=True)[list(STEPS)].sum(min_count=1).astype("Int64").reset_index()
    )
    return counted.assign(share_read=(counted["read"] / counted["expected"]).astype("Float64"))


def read_against_unread(status: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Compare units whose reports were read with those whose were not.

    Parameters
    ----------
    status : DataFrame
        What `unit_status` gives.
    columns : iterable of str
        Its numeric columns to compare (population, expenditure, …).

    Returns
    -------
    DataFrame
        `column`, `n_read`, `n_unread` (Int64), `mean_read`, `mean_unread`, `difference` (Float64: in standard
        deviations of the pooled values; beyond 0.1 the sample is commonly called unbalanced).

    Examples
    --------
    >>> status = pd.DataFrame({"read": [True, True, False, False], "population": [4.0, 6.0, 1.0, 3.0]})
    >>> read_against_unread(status, ["population"])[["mean_read", "mean_unread"]].values.tolist()
    [[5.0, 2.0]]
    """
    names = list(columns)
    require(status, ("read", *names), "read_against_unread")
    values, is_read = status[names].astype("Float64"), status["read"].astype(bool)
    read, unread = values[is_read], values[~is_read]
    spread = ((read.var() + unread.var()) / 2) ** 0.5
    compared = pd.DataFrame(
        {
            "n_read": read.count().astype("Int64"),
            "n_unread": unread.count().astype("Int64"),
            "mean_read": read.mean().astype("Float64"),
            "mean_unread": unread.mean().astype("Float64"),
            "difference": ((read.mean() - unread.mean()) / spread.where(spread > 0)).astype("Float64"),
        }
    )
    return compared.rename_axis("column").reset_index().astype({"column": "str"})


def _key(reports: pd.DataFrame, expected: pd.DataFrame, key: str | None) -> str:
    shared = [name for name in _KEYS if name in reports.columns and name in expected.columns]
    if key is not None:
        if key not in shared:
            raise UnknownChoice("key", key, shared)
        return key
    if not shared:
        require(expected, ("unit",), "coverage")
        require(reports, ("unit",), "coverage")
    return shared[0]
