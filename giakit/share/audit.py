"""The audit page of a panel: what was read, which checks fail where, the worst reports with their cells marked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pandas as pd
from jinja2 import Environment
from markupsafe import Markup

from giakit import __version__
from giakit.data import text
from giakit.metrics.intervals import wilson
from giakit.panel.reports import reports_of
from giakit.reading.display import STYLE, tables_html
from giakit.share.checks import asks, findings_with_reports, is_assessed, labels, place, unread, words, year

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.panel.validate import Table

_TIERS = ("national", "province", "prefecture", "county", "township")
_FEWEST = 10
"""Reports below which a share is not shown."""


class Column(NamedTuple):
    """A column of a table: its head, whether it holds figures, whether the reader may choose among its values, what it says."""

    head: str
    figures: bool = False
    choose: bool = False
    asks: str = ""


class Item(NamedTuple):
    """A cell that is sorted by something other than what it shows."""

    shown: Any
    sort: float | str


Listed: TypeAlias = tuple[list[Column], list[list[Any]], str, str]
"""A table for the template: columns, rows, "list" or "matrix", and a line below."""


def audit_page(
    panel: Panel, *, title: str | None = None, expected: Table | None = None, worst: int = 20, most: int = 2_000
) -> str:
    """The audit of a panel as HTML.

    Parameters
    ----------
    panel : Panel
    title : str, optional
        Default: the name of the panel's folder.
    expected : path or DataFrame, optional
        ``units.csv``, to hold what was read against what was expected; see `giakit.coverage`.
    worst : int, default 20
        Reports to draw.
    most : int, default 2000
        Rows of each list; a longer one says how many are left out.

    Returns
    -------
    str
        A page that needs nothing from elsewhere. Everything that comes from files is escaped.

    Examples
    --------
    >>> import giakit as gia
    >>> audit_page(gia.build([gia.example()], "panel", jobs=1)).startswith("<!doctype html>")
    True
    """
    from giakit.panel.validate import coverage

    findings = findings_with_reports(panel)
    failing = set(findings.loc[findings["status"] == "fail", "report_id"])
    counts, corrections, files = findings["status"].value_counts(), panel.corrections, unread(panel)
    shares = _verdicts(panel)
    tiles = {
        "reports read": len(panel),
        "of them without a failed check": len(panel) - len(failing),
        "failed checks": int(counts.get("fail", 0)),
        "uncertain": int(counts.get("uncertain", 0)),
        "corrections by hand": int(corrections["applied"].sum()) if len(corrections) else 0,
        "files not read": int((files["status"] != "duplicate_of").sum()),
    }
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text("share", "audit.html"))
    return page.render(
        title=title or panel.path.name,
        described=_described(panel),
        version=__version__,
        tiles=tiles,
        meanings=words()["statuses"],
        n_findings=len(findings),
        by_tier=_by_tier(panel.reports, failing),
        expected=None if expected is None else _expected(coverage(panel, expected=expected)),
        outcomes=_outcomes(panel),
        checks=_checks(shares_of(shares, ["year"])),
        checks_in_detail=_checks_in_detail(shares_of(shares, ["year", "tier"])),
        noticed=_noticed(findings),
        worst=_worst(panel, findings, worst),
        findings=_findings(findings, most),
        suggestions=_suggestions(panel, most),
        corrections=_corrections(panel),
        unread=_unread(files, most),
        css=Markup(text("share", "audit.css")),
        js=Markup(text("share", "audit.js")),
        display_style=Markup(STYLE),
    )


def write_audit(
    panel: Panel, path: str | os.PathLike[str], *, title: str | None = None, expected: Table | None = None
) -> Path:
    """Write the audit of a panel to a file; parameters as of `audit_page`."""
    file = Path(path)
    file.write_text(audit_page(panel, title=title, expected=expected), encoding="utf-8")
    return file


def _described(panel: Panel) -> str:
    years = panel.reports["year"].dropna()
    span = f"report years {year(years.min())} to {year(years.max())}" if len(years) else "no report year known"
    agencies = int(panel.reports["agency_id"].fillna(panel.reports["unit"]).nunique())
    unfinished = "" if panel.index.complete else "; the build was interrupted"
    return f"{len(panel):,} reports of {agencies:,} agencies, {span}{unfinished}"


def _by_tier(reports: pd.DataFrame, failing: set[str]) -> Listed:
    """Reports read, and those without a failed check, by tier and year."""
    frame = reports.assign(tier=reports["tier"].fillna("unknown"), clean=~reports["report_id"].isin(list(failing)))
    counted = frame.assign(year=frame["year"].map(year)).groupby(["tier", "year"])["clean"].agg(["size", "sum"])
    years = sorted(set(counted.index.get_level_values("year")) - {"—"}) + ["—"] * bool(frame["year"].isna().any())
    tiers = sorted(set(frame["tier"]), key=lambda tier: (_TIERS.index(tier) if tier in _TIERS else 9, tier))
    found = {key: Item(f"{n:,}" if n == clean else f"{n:,} ({clean:,})", n) for key, n, clean in counted.itertuples()}
    columns = [Column("tier"), *(Column(name.replace("—", "year unknown"), figures=True) for name in years)]
    rows = [[tier, *(found.get((tier, name), "·") for name in years)] for tier in tiers]
    return columns, rows, "matrix", ""


def _expected(counted: pd.DataFrame) -> Listed:
    figures = ["expected", "found", "read", "clean"]
    groups = [str(name) for name in counted.columns if name not in (*figures, "share_read")]
    columns = [Column(name, choose=True) for name in groups] + [
        Column(name, figures=True) for name in [*figures, "share read"]
    ]
    rows = [
        [*(year(line[name]) if name == "year" else line[name] for name in groups), *(line[name] for name in figures),
         Item(f"{line['share_read']:.0%}", line["share_read"])]
        for line in counted.to_dict("records")
    ]  # fmt: skip
    return columns, rows, "list", ""


def _outcomes(panel: Panel) -> Listed:
    counts = panel.manifest["status"].value_counts()
    rows = [[words()["files"].get(str(name), name), int(count)] for name, count in counts.items()]
    return [Column("outcome"), Column("files", figures=True)], rows, "matrix", ""


def _verdicts(panel: Panel) -> pd.DataFrame:
    """Worst outcome of each check in each report; solved and blank sums, which are not assessable, are left out."""
    columns = ["report_id", "check", "status"]
    every = pd.concat([panel.checks[columns], panel.across[columns]], ignore_index=True)
    assessed = {name: is_assessed(name) for name in every["check"].unique()}
    every = every[every["status"].isin(["pass", "fail", "uncertain"]) & every["check"].map(assessed).astype(bool)]
    rank = every["status"].map({"pass": 0, "uncertain": 1, "fail": 2}).astype("int8")
    worst = rank.groupby([every["report_id"], every["check"]]).max().rename("rank").reset_index()
    worst = worst.assign(failed=worst["rank"] == 2, uncertain=worst["rank"] == 1)
    return worst.merge(panel.reports[["report_id", "year", "tier"]], "left", "report_id")


def shares_of(verdicts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Reports in which each check was assessed, fails, is uncertain.

    Returns
    -------
    DataFrame
        `check`, the columns of `by`, ``reports, failed, uncertain`` (Int64), ``low, high`` (Float64: Wilson interval of
        failed over reports), ``shown`` (bool: at least ten reports).
    """
    groups = verdicts.groupby(["check", *by], dropna=False, sort=True)
    sums = {"reports": ("rank", "size"), "failed": ("failed", "sum"), "uncertain": ("uncertain", "sum")}
    counted = groups.agg(**sums).astype("Int64").reset_index()
    low, high = wilson(counted["failed"].to_numpy(float), counted["reports"].to_numpy(float))
    return counted.assign(low=low, high=high, shown=(counted["reports"] >= _FEWEST).to_numpy(bool))


def _checks(shares: pd.DataFrame) -> Listed:
    """Share of reports in which each check fails, by year."""
    years = sorted({int(value) for value in shares["year"].dropna()})
    known = {(line["check"], line["year"]): _share(line) for line in shares.dropna(subset="year").to_dict("records")}
    rows = [
        [_asked(name, asks(name)), *(known.get((name, value), Item("·", -1)) for value in years)]
        for name in dict.fromkeys(shares["check"])
    ]
    return [Column("check"), *(Column(str(value), figures=True) for value in years)], rows, "matrix", ""


def _checks_in_detail(shares: pd.DataFrame) -> Listed:
    columns = [
        Column("check", choose=True), Column("year", choose=True), Column("tier", choose=True),
        Column("assessed", True, asks="reports in which the check has an outcome"), Column("fail", True), Column("uncertain", True),
        Column("share failing", True), Column("95 % interval", True, asks="Wilson"),
    ]  # fmt: skip
    rows = [
        [line["check"], year(line["year"]), line["tier"] if isinstance(line["tier"], str) else "unknown", line["reports"], line["failed"],
         line["uncertain"], _share(line), Item(f"{line['low']:.1%} to {line['high']:.1%}" if line["shown"] else "n < 10", line["low"])]
        for line in shares.to_dict("records")
    ]  # fmt: skip
    return columns, rows, "list", ""


def _share(line: dict[Any, Any]) -> Item:
    """A share of failures, shaded; counts alone where there are too few."""
    failed, of = int(line["failed"]), int(line["reports"])
    shown = f"{failed / of:.1%}" if line["shown"] else f"{failed} of {of}"
    tint = (
        Markup('style="--share:{:.2f}" class="share"').format(min(1.0, failed / of * 3))
        if failed
        else Markup('class="share zero"')
    )
    return Item(
        Markup('<span {} title="{} of {} reports">{}</span>').format(tint, failed, of, shown), f"{failed / of:.6f}"
    )


def _asked(name: str, question: str) -> Markup:
    return Markup("<b>{}</b> {}").format(name, question)


def _noticed(findings: pd.DataFrame) -> Listed:
    """Findings that have no share."""
    found = findings[~findings["check"].map(is_assessed).astype(bool)]
    kinds = found.groupby(found["check"].str.split(":").str[0])["report_id"].agg(["nunique", "size"])
    rows = [[_asked(kind, asks(kind) or asks(f"{kind}:")), reports, n] for kind, reports, n in kinds.itertuples()]
    return [Column("noticed"), Column("reports", True), Column("findings", True)], rows, "matrix", ""


def _worst(panel: Panel, findings: pd.DataFrame, most: int) -> Iterator[tuple[Any, int, int, Markup]]:
    """The reports with the most failures, then those of which a suggestion is known, with their tables drawn."""
    failing = findings.loc[findings["status"] == "fail", "report_id"]
    drawable = findings["report_id"].isin([*failing, *panel.suggestions["report_id"]])
    names = findings.loc[drawable, "report_id"].drop_duplicates().head(most).tolist()
    drawn = reports_of(panel, names, findings=panel.findings)
    for name in names:
        report = drawn[name]
        fails = sum(check.status == "fail" for check in report.record.checks)
        yield report, fails, len(report.record.checks) - fails, Markup(tables_html(report, only_found=True))


def _findings(findings: pd.DataFrame, most: int) -> Listed:
    """One row a report and check, with its outcome, where it was found and what is said there."""
    columns = [
        Column("report"), Column("year", choose=True), Column("tier", choose=True), Column("outcome", choose=True),
        Column("check", choose=True), Column("findings", True), Column("what is found where"),
    ]  # fmt: skip
    groups = findings.groupby(["report_id", "check"], sort=False, dropna=False)
    rows = [_folded(group.to_dict("records")) for _, group in list(groups)[:most]]
    return columns, rows, "list", _cut(most, len(groups), "findings")


def _folded(lines: list[dict[Any, Any]]) -> list[Any]:
    first, *others = lines
    status = "fail" if any(line["status"] == "fail" for line in lines) else first["status"]
    told = _told(first)
    if others:
        told += Markup("<details><summary>{} more</summary>{}</details>").format(
            len(others), Markup("").join(map(_told, others))
        )
    coloured = Markup('<span class="status {}">{}</span>').format(status, status.replace("_", " "))
    return [
        _report(first),
        year(first["year"]),
        first["tier"] if isinstance(first["tier"], str) else "—",
        Item(coloured, status),
        _breakable(first["check"]),
        len(lines),
        told,
    ]


def _told(line: dict[Any, Any]) -> Markup:
    note = ""
    if isinstance(line.get("note"), str):
        signed = ", ".join(part for part in (line["note_who"], line["note_date"]) if isinstance(part, str) and part)
        note = Markup(' <span class="noted">Note: {}</span>').format(
            f"{line['note']} ({signed})" if signed else line["note"]
        )
    at = (
        Markup('<code>{}</code> <span class="label">{}</span> ').format(_breakable(place(line)), labels(line))
        if place(line)
        else ""
    )
    return Markup('<div class="said">{}{}{}</div>').format(at, line["message"], note)


def _report(line: Any) -> Markup:
    unit = line["unit"] if isinstance(line["unit"], str) else "unknown unit"
    source = line["source"] if isinstance(line["source"], str) else ""
    return Markup('<div class="name"><b>{}</b> <span class="file">{}</span></div>').format(unit, source)


def _breakable(codes: str) -> Markup:
    """Codes that a line may break after each word.

    >>> _breakable("requests.carried_in")
    Markup('requests.<wbr>carried_<wbr>in')
    """
    return Markup(re.sub(r"([.:_])", r"\1<wbr>", escape(codes, quote=False)))


def _cut(most: int, n: int, table: str) -> str:
    return f"The first {most:,} of {n:,}; panel.{table} has all of them." if n > most else ""


def _suggestions(panel: Panel, most: int) -> Listed:
    """What would make broken sums close."""
    frame = panel.suggestions.merge(panel.reports[["report_id", "source", "unit", "year"]], "left", "report_id")
    columns = [
        Column("report"), Column("year", choose=True), Column("solution", True), Column("cell"), Column("printed", True),
        Column("would close", True), Column("why"),
    ]  # fmt: skip
    frame = frame.assign(printed=frame["printed"].astype(object).where(frame["printed"].notna(), None))
    rows = [
        [_report(line), year(line["year"]), line["solution"], Markup("<code>{}</code> {}").format(_breakable(place(line)), labels(line)),
         line["printed"], line["value"], line["why"]]
        for line in frame.head(most).to_dict("records")
    ]  # fmt: skip
    return columns, rows, "list", _cut(most, len(frame), "suggestions")


def _corrections(panel: Panel) -> Listed:
    """The ledger, applied and refused."""
    about = panel.reports.set_index("report_id")[["unit", "source"]].to_dict("index")
    columns = [
        Column("report"), Column("cell"), Column("as read", True), Column("corrected", True), Column("reason"), Column("evidence"),
        Column("who"), Column("date"), Column("outcome", choose=True),
    ]  # fmt: skip
    rows = [
        [_report(about[line["report_id"]]) if line["report_id"] in about else line["report_id"], _breakable(place(line)),
         *(line[name] for name in ("as_read", "corrected", "reason", "evidence", "who", "date")),
         "applied" if line["applied"] else f"refused: {line['message']}"]
        for line in panel.corrections.to_dict("records")
    ]  # fmt: skip
    return columns, rows, "list", ""


def _unread(files: pd.DataFrame, most: int) -> Listed:
    rows = [
        [line["path"], words()["files"].get(line["status"], line["status"]), line["reason"]]
        for line in files.head(most).to_dict("records")
    ]
    return (
        [Column("file"), Column("outcome", choose=True), Column("why")],
        rows,
        "list",
        _cut(most, len(files), "manifest"),
    )
