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
    status["found"] = status["read"] | _in_manifest(status, manifest, by)
    status["clean"] = _clean(status, findings)
    return status[[*(column for column in wanted.columns), "report_id", *STEPS]]


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
        belong to no expected unit are not counted: see `unexpected`.

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


def unexpected(reports: pd.DataFrame, expected: pd.DataFrame, *, key: str | None = None) -> pd.DataFrame:
    """Reports that were read although nobody expected them: a list of units with gaps, or names that did not match."""
    name = _key(reports, expected, key)
    by = [name, "year"] if "year" in expected.columns else [name]
    marked = reports.merge(expected[by].drop_duplicates(), on=by, how="left", indicator=True)
    return reports[(marked["_merge"] == "left_only").to_numpy()].reset_index(drop=True)


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
    rows = []
    for name in names:
        values = status[name].astype("Float64")
        read, unread = (values[status["read"].astype(bool)].dropna(), values[~status["read"].astype(bool)].dropna())
        spread = ((read.var() + unread.var()) / 2) ** 0.5 if len(read) > 1 and len(unread) > 1 else pd.NA
        difference = (read.mean() - unread.mean()) / spread if not pd.isna(spread) and spread else pd.NA
        rows.append(
            (
                name,
                len(read),
                len(unread),
                read.mean() if len(read) else pd.NA,
                unread.mean() if len(unread) else pd.NA,
                difference,
            )
        )
    types = {
        "column": "str",
        "n_read": "Int64",
        "n_unread": "Int64",
        "mean_read": "Float64",
        "mean_unread": "Float64",
        "difference": "Float64",
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)


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


def _in_manifest(status: pd.DataFrame, manifest: pd.DataFrame, by: list[str]) -> pd.Series:
    if any(name not in manifest.columns for name in by):
        return pd.Series(False, index=status.index, dtype="boolean")
    held = manifest[by].dropna().assign(year=manifest["year"].astype("Int64")).drop_duplicates()
    marked = status[by].merge(held, on=by, how="left", indicator=True)
    return (marked["_merge"] == "both").astype("boolean").set_axis(status.index)


def _clean(status: pd.DataFrame, findings: pd.DataFrame | None) -> pd.Series:
    if findings is None:
        return pd.Series(pd.NA, index=status.index, dtype="boolean")
    require(findings, ("report_id", "status"), "coverage")
    failing = set(findings.loc[findings["status"] == "fail", "report_id"])
    return (status["read"] & ~status["report_id"].isin(failing)).astype("boolean")
