"""The sections of the audit page that name single reports: findings, the worst, suggestions, corrections."""

from __future__ import annotations

from html import escape
from typing import Any

from giakit.panel.reports import reports_of
from giakit.reading.display import tables_html
from giakit.share.audit.content import Content
from giakit.share.audit.markup import Column, Html, breakable, section, status, table, year
from giakit.share.audit.words import labels, place


def findings(content: Content, most: int) -> Html:
    """Every finding, failures first."""
    found = content.findings
    noted = "note" in found.columns
    columns = [
        Column("report"), Column("year", choose=True), Column("tier", choose=True), Column("outcome", choose=True), Column("check", choose=True), Column("where"),
        Column("expected", True, asks="the sum of the parts, or what the other report or the text says"), Column("observed", True, asks="the total, or what the table says"), Column("message"),
        *([Column("note")] if noted else []),
    ]  # fmt: skip
    rows = (
        [
            _report_name(row), year(row["year"]), row["tier"], status(row["status"]), breakable(row["check"]), _where(row), row["expected"], row["observed"], _said(row["message"]),
            *([_note(row)] if noted else []),
        ]
        for row in found.head(most).to_dict("records")
    )  # fmt: skip
    cut = f"The first {most:,} of {len(found):,}; panel.findings has all of them." if len(found) > most else ""
    return section(
        "findings",
        "Findings",
        table(columns, rows, note=cut),
        lead=f"{len(found):,} findings. What passes and what cannot be assessed is not listed.",
    )


def _report_name(row: dict[Any, Any]) -> Html:
    """Unit and file of a report."""
    unit = row["unit"] if isinstance(row["unit"], str) else "unknown unit"
    return Html(f'<div class="name"><b>{escape(unit)}</b> <span class="file">{escape(str(row["source"]))}</span></div>')


def _where(row: dict[Any, Any]) -> Html:
    codes, words = (place(row["table"], row["row"], row["column"]), labels(row["table"], row["row"], row["column"]))
    return (
        Html(f'<div class="place"><code>{breakable(codes)}</code> <span class="label">{escape(words)}</span></div>')
        if codes
        else Html("the report")
    )


def _said(text: str) -> Html:
    return Html(f'<div class="said">{escape(text)}</div>')


def _note(row: dict[Any, Any]) -> str:
    if not isinstance(row["note"], str):
        return ""
    signed = ", ".join(text for text in (row["note_who"], row["note_date"]) if isinstance(text, str) and text)
    return _said(f"{row['note']} ({signed})" if signed else row["note"])


def worst(content: Content, most: int) -> Html:
    """The reports with the most failures, their tables drawn."""
    names = content.worst(most)
    drawn = reports_of(content.panel, names, findings=content.panel.findings)
    parts = []
    for number, name in enumerate(names):
        report = drawn[name]
        fails = sum(check.status == "fail" for check in report.record.checks)
        doubts = len(report.record.checks) - fails
        head = f"<b>{escape(report.unit or 'unknown unit')}</b> {report.year or 'year unknown'} · {fails} fail, {doubts} uncertain"
        told = f'<p class="file">{escape(report.record.name)} · {escape(name)}</p>'
        parts.append(
            f'<details{" open" if number < 3 else ""}><summary>{head}</summary>{told}<div class="giakit">{tables_html(report, only_found=True)}</div></details>'
        )
    key = "Red: fails; amber: uncertain; small figures name the finding below the table. Framed: a change of this cell, such as the one in italics, would make every sum close. Nothing is ever applied."
    return section("worst", "The worst reports", *(parts or ['<p class="none">none</p>']), lead=key)


def suggestions(content: Content, most: int) -> Html:
    """What would make broken sums close."""
    found = content.suggestions
    columns = [
        Column("report"),
        Column("year", choose=True),
        Column("solution", True),
        Column("cell"),
        Column("printed", True),
        Column("would close", True),
        Column("why"),
    ]
    rows = (
        [_report_name(row), year(row["year"]), row["solution"], _where(row), row["printed"], row["value"], row["why"]]
        for row in found.head(most).to_dict("records")
    )
    cut = f"The first {most:,} of {len(found):,}." if len(found) > most else ""
    lead = "At most three solutions a report; the rows of one solution belong together. They stand beside the figures and are applied nowhere."
    return section("suggestions", "Suggestions", table(columns, rows, note=cut), lead=lead)


def corrections(content: Content) -> Html:
    """The ledger, applied and refused."""
    entries = content.panel.corrections
    names = {
        str(index): _report_name({"unit": line["unit"], "source": line["source"]})
        for index, line in content.reports.iterrows()
    }
    columns = [
        Column("report"),
        Column("cell"),
        Column("as read", True),
        Column("corrected", True),
        Column("reason"),
        Column("evidence"),
        Column("who"),
        Column("date"),
        Column("outcome", choose=True),
    ]
    rows = (
        [
            names.get(row["report_id"], row["report_id"]), Html(f"<code>{breakable(place(row['table'], row['row'], row['column']))}</code>"), row["as_read"], row["corrected"],
            row["reason"], row["evidence"], row["who"], row["date"], "applied" if row["applied"] else f"refused: {row['message']}",
        ]
        for row in entries.to_dict("records")
    )  # fmt: skip
    return section(
        "corrections",
        "Corrections",
        table(columns, rows),
        lead="What a person changed, in corrections.csv beside the panel. What was read stays in the panel.",
    )
