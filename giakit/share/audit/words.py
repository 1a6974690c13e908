"""Names of checks, cells and states, for people."""

from __future__ import annotations

from functools import cache
from typing import Any

from giakit.data import toml
from giakit.forms import forms, tables

STATUSES = {
    "fail": "all figures are there and contradict each other",
    "uncertain": "a blank cell, a reform or a reclassification could explain it",
    "pass": "closes, blanks counted as 0",
    "not_assessable": "the total is blank or undecided, nothing to compare with, or the sum was used to read the cell",
}
OUTCOMES = {
    "parsed": "read",
    "partial": "read in part",
    "unreadable": "cannot be opened",
    "not_a_report": "no annual report",
    "duplicate_of": "the same bytes as another file",
    "passed_over": "passed over",
    "no_such_file": "no such file",
    "unread": "not yet read",
}


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    return tuple(toml("share.audit", "checks.toml")["checks"])


@cache
def _identities() -> dict[str, str]:
    return {identity.id: identity.gloss for form in forms().values() for identity in form.identities}


def asks(check: str) -> str:
    """What a check asks.

    >>> asks("H1"), asks("stated:new")
    ('new + carried in = closed + carried out', 'the text states what the table says')
    """
    if check in _identities():
        return _identities()[check]
    entry = _entry(check)
    return str(entry["asks"]) if entry else ""


def is_assessed(check: str) -> bool:
    """Whether the check has an outcome wherever it can be tested, so that a share of failures makes sense.

    >>> is_assessed("H1"), is_assessed("missing_rows")
    (True, False)
    """
    entry = _entry(check)
    return check in _identities() or (entry is not None and entry["group"] == "assessed")


def _entry(check: str) -> dict[str, Any] | None:
    return next(
        (
            entry
            for entry in _entries()
            if entry["name"] == check or (entry["name"][-1] in ":_" and check.startswith(entry["name"]))
        ),
        None,
    )


@cache
def _labels(table: str) -> dict[str, str]:
    whole = tables()[table]
    return {label.code: label.label for label in (*whole.rows, *whole.columns)}


def place(table: Any, row: Any, column: Any) -> str:
    """Where a finding is, in codes; empty for the whole report.

    >>> place("requests", "new", "total"), place("requests", None, "total"), place(None, None, None)
    ('requests.new.total', 'requests, column total', '')
    """
    parts = [part if isinstance(part, str) else "" for part in (table, row, column)]
    if all(parts):
        return ".".join(parts)
    named = [parts[0], parts[1] and f"row {parts[1]}", parts[2] and f"column {parts[2]}"]
    return ", ".join(part for part in named if part)


def labels(table: Any, row: Any, column: Any) -> str:
    """Where a finding is, in the words of the form.

    >>> labels("requests", "denied_inquiry", "total")
    '8.属于行政查询事项 · 总计'
    """
    if not isinstance(table, str):
        return ""
    known = _labels(table)
    found = [known.get(part, part.removeprefix("extra:")) for part in (row, column) if isinstance(part, str)]
    return " · ".join(found) or tables()[table].label
