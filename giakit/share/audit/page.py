"""One self-contained page: no network, readable without script, in print and on a phone."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from giakit import __version__
from giakit.data import text
from giakit.reading.display import STYLE
from giakit.share.audit import sections, sections_of_reports
from giakit.share.audit.content import Content
from giakit.share.audit.markup import year

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.panel.validate import Table

_PARTS = {
    "coverage": "Coverage",
    "checks": "Checks",
    "findings": "Findings",
    "worst": "Worst reports",
    "suggestions": "Suggestions",
    "corrections": "Corrections",
    "unread": "Files not read",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


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

    content = Content(panel)
    counted = None if expected is None else coverage(panel, expected=expected)
    name = title or panel.path.name
    body = [
        sections.summary(content),
        sections.outcomes(),
        sections.coverage(content, counted),
        sections.checks(content),
        sections_of_reports.findings(content, most),
        sections_of_reports.worst(content, worst),
        sections_of_reports.suggestions(content, most),
        sections_of_reports.corrections(content),
        sections.unread(content, most),
    ]
    links = "".join(f'<a href="#{identity}">{words}</a>' for identity, words in _PARTS.items())
    head = f"<header><p>giakit audit</p><h1>{escape(name)}</h1><p>{_described(content)}</p><nav>{links}</nav></header>"
    foot = f"<footer>giakit {__version__}. Figures are kept as printed: what contradicts itself is found and shown, never changed.</footer>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>Audit of {escape(name)}</title>'
        f"<style>{text('share.audit', 'audit.css')}</style>{STYLE}</head><body>{head}<main>{''.join(body)}</main>{foot}<script>{text('share.audit', 'audit.js')}</script></body></html>\n"
    )


def write_audit(
    panel: Panel, path: str | os.PathLike[str], *, title: str | None = None, expected: Table | None = None
) -> Path:
    """Write the audit of a panel to a file; parameters as of `audit_page`."""
    file = Path(path)
    file.write_text(audit_page(panel, title=title, expected=expected), encoding="utf-8")
    return file


def _described(content: Content) -> str:
    reports = content.panel.reports
    years = reports["year"].dropna()
    span = f"report years {year(years.min())} to {year(years.max())}" if len(years) else "no report year known"
    agencies = int(reports["agency_id"].fillna(reports["unit"]).nunique())
    unfinished = "" if content.panel.index.complete else "; the build was interrupted"
    return escape(f"{len(reports):,} reports of {agencies:,} agencies, {span}{unfinished}")
