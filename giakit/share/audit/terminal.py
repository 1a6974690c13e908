"""What fails in a panel, as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.share.audit.content import Content
from giakit.share.audit.markup import year
from giakit.share.audit.words import OUTCOMES, place

if TYPE_CHECKING:
    from giakit.checks.sampling import Agreement
    from giakit.panel.panel import Panel

_MOST = 200
_MOST_FILES = 20


def check_text(panel: Panel) -> str:
    """The failed checks with their cells, report by report, the uncertain ones counted, and the files not read.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    str
    """
    content = Content(panel)
    found = content.findings
    fails, doubts = found[found["status"] == "fail"], found[found["status"] == "uncertain"]
    lines = []
    for report_id, group in fails.head(_MOST).groupby("report_id", sort=False):
        lines += [
            "",
            _head(group.iloc[0]),
            *(
                f"  fail  {check}  {_at(row)}{row['message']}"
                for check, row in zip(group["check"], group.to_dict("records"), strict=True)
            ),
        ]
        lines += _suggested(content.suggestions, str(report_id))
    if len(fails) > _MOST:
        lines.append(f"… and {len(fails) - _MOST:,} more; --html FILE shows them")
    if len(doubts):
        kinds = doubts["check"].str.split(":").str[0].value_counts()
        lines += ["", f"{len(doubts):,} uncertain: " + ", ".join(f"{name} {count:,}" for name, count in kinds.items())]
    lines += _files(content.unread[content.unread["status"] != "duplicate_of"])
    clean = len(panel) - len(content.failing)
    summary = f"{_count(len(panel), 'report')}, {clean:,} without a failed check; {_count(len(fails), 'failed check')}"
    return "\n".join([summary, *lines])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _head(row: Any) -> str:
    unit = row["unit"] if isinstance(row["unit"], str) else "unknown unit"
    return f"{unit} {year(row['year'])} ({row['source']})"


def _at(row: dict[Any, Any]) -> str:
    where = place(row["table"], row["row"], row["column"])
    return f"{where}: " if where else ""


def _suggested(suggestions: pd.DataFrame, report_id: str) -> list[str]:
    mine = suggestions[suggestions["report_id"] == report_id]
    return [
        f"  suggestion {row['solution']}: {place(row['table'], row['row'], row['column'])} {_printed(row['printed'])} → {row['value']:g}: {row['why']}"
        for row in mine.to_dict("records")
    ]


def _printed(value: Any) -> str:
    return "blank" if pd.isna(value) else f"{value:g}"


def _files(unread: pd.DataFrame) -> list[str]:
    if unread.empty:
        return []
    lines = ["", f"{_count(len(unread), 'file')} not read:"]
    lines += [
        f"  {row['path']}: {row['reason'] or OUTCOMES[row['status']]}"
        for row in unread.head(_MOST_FILES).to_dict("records")
    ]
    return lines + ([f"  … and {len(unread) - _MOST_FILES:,} more"] if len(unread) > _MOST_FILES else [])


def agreement_text(found: Agreement) -> str:
    """What a coded sheet says of the reading."""
    lines = [
        f"{found.n:,} cells of {found.n_reports:,} reports coded, {found.n_errors:,} read otherwise",
        f"error rate {found.error_rate:.3%}, 95 % interval {found.low:.3%} to {found.high:.3%} ({found.method})",
        f"Cohen's kappa, reading against coder: {_kappa(found.kappa)}",
    ]
    if found.kappa_coders is not None:
        lines.append(f"Cohen's kappa, coder against coder: {_kappa(found.kappa_coders)}")
    lines += [
        f"  item {row['item']}, {row['report_id']} {place(row['table'], row['row'], row['column'])}: read {row['read']}, coded {row['coded']}"
        for row in found.errors.to_dict("records")
    ]
    return "\n".join(lines)


def _kappa(value: float) -> str:
    return "not defined (one answer throughout)" if value != value else f"{value:.3f}"
