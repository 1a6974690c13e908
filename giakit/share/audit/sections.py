"""The sections of the audit page that speak of the whole panel."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import pandas as pd

from giakit.share.audit.content import Content
from giakit.share.audit.markup import Column, Html, Item, section, share, table, year
from giakit.share.audit.words import OUTCOMES, STATUSES, asks

_TIERS = ("national", "province", "prefecture", "county", "township")


def summary(content: Content) -> Html:
    """Figures at a glance."""
    reports, findings = content.reports, content.panel.findings
    counts = findings["status"].value_counts()
    corrections = content.panel.corrections
    figures = [
        ("reports read", len(reports)),
        ("of them without a failed check", len(reports) - len(content.failing)),
        ("failed checks", int(counts.get("fail", 0))),
        ("uncertain", int(counts.get("uncertain", 0))),
        ("corrections by hand", int(corrections["applied"].sum()) if len(corrections) else 0),
        ("files not read", int((content.unread["status"] != "duplicate_of").sum())),
    ]
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{value:,}</dd></div>" for name, value in figures)
    return Html(f'<dl class="tiles">{tiles}</dl>')


def coverage(content: Content, expected: pd.DataFrame | None) -> Html:
    """Reports by tier and year; against what was expected, where that is known."""
    counted = content.by_tier
    years = sorted({int(value) for value in counted["year"].dropna()})
    rows = [
        [tier or "unknown", *(_read(counted, tier, value) for value in [*years, None])]
        for tier in _tiers(counted["tier"])
    ]
    heads = [
        Column("tier"),
        *(Column(str(value), figures=True) for value in years),
        Column("year unknown", figures=True),
    ]
    if counted["year"].notna().all():
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    files = [[OUTCOMES.get(str(name), str(name)), int(count)] for name, count in content.outcomes.items()]
    parts = [
        table(
            heads,
            rows,
            kind="matrix",
            note="Reports read; in brackets those without a failed check, where that is fewer.",
        )
    ]
    if expected is not None:
        parts += [Html("<h3>Expected and read</h3>"), _expected(expected)]
    parts += [
        Html("<h3>What became of the files</h3>"),
        table([Column("outcome"), Column("files", figures=True)], files, kind="matrix"),
    ]
    lead = (
        "Reports that were given and read. Without a list of all agencies this says nothing of those that are missing."
    )
    return section("coverage", "Coverage", *parts, lead="" if expected is not None else lead)


def _read(counted: pd.DataFrame, tier: str | None, value: int | None) -> Item:
    at = (counted["tier"].isna() if tier is None else counted["tier"] == tier) & (
        counted["year"].isna() if value is None else counted["year"] == value
    )
    here = counted[at.fillna(False)]
    if here.empty:
        return Item("·")
    read, clean = int(here["read"].iloc[0]), int(here["clean"].iloc[0])
    return Item(f"{read:,}" if read == clean else f"{read:,} ({clean:,})", read)


def _tiers(tiers: pd.Series) -> list[str | None]:
    present = set(tiers.dropna())
    known: list[str | None] = [tier for tier in _TIERS if tier in present]
    return known + sorted(present - set(_TIERS)) + ([None] if tiers.isna().any() else [])


def _expected(counted: pd.DataFrame) -> Html:
    figures = ("expected", "found", "read", "clean")
    groups = [str(name) for name in counted.columns if name not in (*figures, "share_read")]
    columns = [
        *(Column(name, choose=True) for name in groups),
        *(Column(name, figures=True) for name in figures),
        Column("share read", figures=True),
    ]
    rows = [
        [
            *(year(row[name]) if name == "year" else row[name] for name in groups),
            *(row[name] for name in figures),
            Item(f"{row['share_read']:.0%}", row["share_read"]),
        ]
        for row in counted.to_dict("records")
    ]
    return table(columns, rows)


def checks(content: Content) -> Html:
    """Share of reports in which each check fails: by year, then by year and tier."""
    by_year, full = content.shares(["year"]), content.shares(["year", "tier"])
    years = sorted({int(value) for value in by_year["year"].dropna()})
    cells = {(row["check"], row["year"]): row for row in by_year.to_dict("records") if not pd.isna(row["year"])}
    names = list(dict.fromkeys(by_year["check"]))
    rows = [
        [Html(f"<b>{escape(name)}</b> {escape(asks(name))}"), *(_share(cells.get((name, value))) for value in years)]
        for name in names
    ]
    matrix = table(
        [Column("check"), *(Column(str(value), figures=True) for value in years)],
        rows,
        kind="matrix",
        note="Share of the reports in which the check could be assessed; counts where there are fewer than ten.",
    )
    columns = [
        Column("check", choose=True), Column("year", choose=True), Column("tier", choose=True), Column("assessed", True, asks="reports in which the check has an outcome"),
        Column("fail", True), Column("uncertain", True), Column("share failing", True), Column("95 % interval", True, asks="Wilson"),
    ]  # fmt: skip
    detail = table(columns, [_detail(row) for row in full.to_dict("records")])
    lead = (
        "A sum that was used to read a cell, or whose total is blank, is not assessed and stands in no share. "
        "Sums that close say that the table is consistent, not that the agency counted rightly: totals filled in by a spreadsheet always close."
    )
    other = [
        [
            Html(f"<b>{escape(row['check'])}</b> {escape(asks(row['check']) or asks(row['check'] + ':'))}"),
            row["reports"],
            row["findings"],
        ]
        for row in content.noticed.to_dict("records")
    ]
    noticed = table([Column("noticed"), Column("reports", True), Column("findings", True)], other, kind="matrix")
    return section(
        "checks",
        "Checks",
        matrix,
        Html(f"<details><summary>By check, year and tier</summary>{detail}</details>"),
        Html("<h3>Noticed where it occurs</h3>"),
        noticed,
        lead=lead,
    )


def _share(row: dict[Any, Any] | None) -> Item:
    return Item("·", -1) if row is None else share(int(row["failed"]), int(row["reports"]), enough=bool(row["shown"]))


def _detail(row: dict[Any, Any]) -> list[Any]:
    interval = f"{row['low']:.1%} to {row['high']:.1%}" if row["shown"] else "n < 10"
    return [
        row["check"],
        year(row["year"]),
        row["tier"] if isinstance(row["tier"], str) else "unknown",
        row["reports"],
        row["failed"],
        row["uncertain"],
        _share(row),
        Item(interval, row["low"]),
    ]


def unread(content: Content, most: int) -> Html:
    """Files that were not read, and why."""
    found = content.unread
    rows = (
        [row["path"], OUTCOMES.get(row["status"], row["status"]), row["reason"]]
        for row in found.head(most).to_dict("records")
    )
    cut = f"The first {most:,} of {len(found):,}; panel.manifest has all of them." if len(found) > most else ""
    return section(
        "unread",
        "Files not read",
        table([Column("file"), Column("outcome", choose=True), Column("why")], rows, note=cut),
    )


def outcomes() -> Html:
    """What the outcomes mean."""
    return Html("".join(_meanings()))


def _meanings() -> Iterator[str]:
    yield '<dl class="meanings">'
    for name, meaning in STATUSES.items():
        yield f'<div><dt><span class="status {name}">{name.replace("_", " ")}</span></dt><dd>{escape(meaning)}</dd></div>'
    yield "</dl>"
