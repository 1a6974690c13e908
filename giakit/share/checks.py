"""What was checked in a panel, in words: names of checks and places for people, and what fails, as lines for a terminal."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.data import toml
from giakit.errors import NotAReport, UnreadableDocument
from giakit.forms import forms, tables
from giakit.panel.build import build
from giakit.panel.panel import Panel, open_panel
from giakit.panel.schema import INDEX

if TYPE_CHECKING:
    from giakit.checks.sampling import Agreement

_MOST = 200
_MOST_FILES = 20


def words() -> dict[str, dict[str, str]]:
    """What the outcomes of checks (`statuses`) and of files (`files`) mean."""
    return dict(toml("share", "checks.toml")["words"])


@cache
def _identities() -> dict[str, str]:
    return {identity.id: identity.gloss for form in forms().values() for identity in form.identities}


def _entry(check: str) -> dict[str, Any]:
    entries = toml("share", "checks.toml")["checks"]
    fits = (e for e in entries if e["name"] == check or (e["name"][-1] in ":_" and check.startswith(e["name"])))
    return next(fits, {"asks": "", "group": ""})


def asks(check: str) -> str:
    """What a check asks.

    >>> asks("H1"), asks("stated:new")
    ('new + carried in = closed + carried out', 'the text states what the table says')
    """
    return _identities().get(check) or str(_entry(check)["asks"])


def is_assessed(check: str) -> bool:
    """Whether the check has an outcome wherever it can be tested, so that a share of failures makes sense.

    >>> is_assessed("H1"), is_assessed("missing_rows")
    (True, False)
    """
    return check in _identities() or _entry(check)["group"] == "assessed"


def place(line: Any) -> str:
    """Where a finding is, in codes; empty for the whole report.

    >>> place({"table": "requests", "row": None, "column": "total"}), place(dict.fromkeys(["table", "row", "column"]))
    ('requests, column total', '')
    """
    table, row, column = (line[name] if isinstance(line[name], str) else "" for name in ("table", "row", "column"))
    if table and row and column:
        return f"{table}.{row}.{column}"
    return ", ".join(part for part in (table, row and f"row {row}", column and f"column {column}") if part)


def labels(line: Any) -> str:
    """Where a finding is, in the words of the form.

    >>> labels({"table": "requests", "row": "denied_inquiry", "column": "total"})
    '8.属于行政查询事项 · 总计'
    """
    if not isinstance(line["table"], str):
        return ""
    whole = tables()[line["table"]]
    known = {label.code: label.label for label in (*whole.rows, *whole.columns)}
    codes = [line[name] for name in ("row", "column") if isinstance(line[name], str)]
    return " · ".join(known.get(code, code.removeprefix("extra:")) for code in codes) or whole.label


def year(value: Any) -> str:
    """A year without a thousands separator; a dash where it is not known."""
    return "—" if pd.isna(value) else str(int(value))


def findings_with_reports(panel: Panel) -> pd.DataFrame:
    """Findings with `source, unit, year, tier` of their report, the reports with the most failures first, and failures first in each."""
    frame = panel.findings.merge(panel.reports[["report_id", "source", "unit", "year", "tier"]], "left", "report_id")
    fails = (frame["status"] == "fail").astype(int)
    by_report = frame["report_id"].fillna("")
    order = pd.DataFrame({
        "fails": fails.groupby(by_report).transform("sum"), "doubts": (1 - fails).groupby(by_report).transform("sum"),
        "report_id": by_report, "fail": fails, "check": frame["check"],
    })  # fmt: skip
    ranked = order.sort_values([*order.columns], ascending=[False, False, True, False, True], kind="stable")
    return frame.loc[ranked.index].reset_index(drop=True)


def unread(panel: Panel) -> pd.DataFrame:
    """Paths that were not read, or read under another name."""
    return panel.manifest[~panel.manifest["status"].isin(["parsed", "partial"])].reset_index(drop=True)


@contextmanager
def panel_of(source: str | os.PathLike[str], *, progress: bool | None = None) -> Iterator[Panel]:
    """The panel at `source`, or one of the reports there, which lasts as long as the context.

    Raises
    ------
    UnreadableDocument, NotAReport
        If `source` is a single file that cannot be read, or nothing at all can be.
    """
    if (Path(source) / INDEX).exists():
        yield open_panel(source)
        return
    with tempfile.TemporaryDirectory() as folder:
        panel = build(source, Path(folder) / "panel", progress=progress)
        manifest = panel.manifest
        if len(manifest) == 1 and not len(panel):
            kind = NotAReport if manifest["status"].item() == "not_a_report" else UnreadableDocument
            raise kind(str(source), str(manifest["reason"].item()))
        if not len(panel):
            reason = (
                f"none of its {len(manifest):,} files could be read as a report"
                if len(manifest)
                else "it holds no files"
            )
            raise UnreadableDocument(str(source), reason)
        yield panel


def check_text(panel: Panel) -> str:
    """The failed checks with their cells, report by report, the uncertain ones counted, and the files not read."""
    findings, suggestions = findings_with_reports(panel), panel.suggestions
    fails, doubts = (findings[findings["status"] == status] for status in ("fail", "uncertain"))
    lines = []
    for report_id, group in fails.head(_MOST).groupby("report_id", sort=False):
        first = group.iloc[0]
        unit = first["unit"] if isinstance(first["unit"], str) else "unknown unit"
        lines += ["", f"{unit} {year(first['year'])} ({first['source']})"]
        for line in group.to_dict("records"):
            lines.append(f"  fail  {line['check']}  {f'{at}: ' if (at := place(line)) else ''}{line['message']}")
        for line in suggestions[suggestions["report_id"] == report_id].to_dict("records"):
            printed = "blank" if pd.isna(line["printed"]) else f"{line['printed']:g}"
            lines.append(f"  suggestion {line['solution']}: {place(line)} {printed} → {line['value']:g}: {line['why']}")
    if len(fails) > _MOST:
        lines.append(f"… and {len(fails) - _MOST:,} more; --html FILE shows them")
    if len(doubts):
        kinds = doubts["check"].str.split(":").str[0].value_counts()
        lines += ["", f"{len(doubts):,} uncertain: " + ", ".join(f"{name} {count:,}" for name, count in kinds.items())]
    files = unread(panel)
    files = files[files["status"] != "duplicate_of"]
    if len(files):
        lines += ["", f"{_count(len(files), 'file')} not read:"]
        for line in files.head(_MOST_FILES).to_dict("records"):
            lines.append(f"  {line['path']}: {line['reason'] or words()['files'][line['status']]}")
    if len(files) > _MOST_FILES:
        lines.append(f"  … and {len(files) - _MOST_FILES:,} more")
    clean = len(panel) - fails["report_id"].nunique()
    summary = f"{_count(len(panel), 'report')}, {clean:,} without a failed check; {_count(len(fails), 'failed check')}"
    return "\n".join([summary, *lines])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def agreement_text(agreement: Agreement) -> str:
    """What a coded sheet says of the reading."""
    interval = f"95 % interval {agreement.low:.3%} to {agreement.high:.3%} ({agreement.method})"
    lines = [
        f"{agreement.n:,} cells of {agreement.n_reports:,} reports coded, {agreement.n_errors:,} read otherwise",
        f"error rate {agreement.error_rate:.3%}, {interval}",
        f"Cohen's kappa, reading against coder: {_kappa(agreement.kappa)}",
    ]
    if agreement.kappa_coders is not None:
        lines.append(f"Cohen's kappa, coder against coder: {_kappa(agreement.kappa_coders)}")
    for table, n, read, n_both, coders in agreement.by_table.itertuples(index=False, name=None):
        between = f", coders {_kappa(coders)} ({n_both:,} cells)" if n_both else ""
        lines.append(f"  {table}: kappa {_kappa(read)} ({n:,} cells){between}")
    for line in agreement.errors.to_dict("records"):
        lines.append(
            f"  item {line['item']}, {line['report_id']} {place(line)}: read {line['read']}, coded {line['coded']}"
        )
    return "\n".join(lines)


def _kappa(value: float) -> str:
    return "not defined (one answer throughout)" if value != value else f"{value:.3f}"
