"""HTML from plain values: everything is escaped unless it was made here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

import pandas as pd


class Html(str):
    """Markup that was made by giakit and needs no escaping."""

    __slots__ = ()


class Column(NamedTuple):
    """A column of a table: its head, whether it holds figures, whether the reader may choose among its values."""

    head: str
    figures: bool = False
    choose: bool = False
    asks: str = ""


class Item(NamedTuple):
    """A cell: what it shows, and by what it is sorted."""

    shown: Any
    sort: float | str | None = None
    kind: str = ""


def shown(value: Any) -> str:
    """A value as markup; nothing for NA.

    >>> shown("<b>"), shown(1234.0), shown(None)
    ('&lt;b&gt;', '1,234', '')
    """
    if isinstance(value, Html):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float):
        return f"{value:,.10g}"
    return escape(str(value))


def breakable(codes: str) -> Html:
    """Codes that a line may break after each word.

    >>> breakable("requests.carried_in")
    'requests.<wbr>carried_<wbr>in'
    """
    return Html(re.sub(r"([.:_])", r"\1<wbr>", escape(codes, quote=False)))


def year(value: Any) -> str:
    """A year without a thousands separator; a dash where it is not known."""
    return "—" if pd.isna(value) else str(int(value))


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, kind: str = "list", note: str = "") -> Html:
    """A table with heads.

    Parameters
    ----------
    columns : sequence of Column
    rows : iterable of sequences
        Values or `Item`.
    kind : {"list", "matrix"}
        A list becomes cards on a narrow screen and can be sorted; a matrix stays as it is.
    note : str
        A line below.
    """
    heads = "".join(_head(column) for column in columns)
    body = "".join(
        f"<tr>{''.join(_cell(column, value) for column, value in zip(columns, row, strict=True))}</tr>" for row in rows
    )
    if not body:
        return Html('<p class="none">none</p>')
    below = f'<p class="note">{escape(note)}</p>' if note else ""
    return Html(
        f'<div class="scroll"><table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>{below}'
    )


def _head(column: Column) -> str:
    classes = ' class="figures"' if column.figures else ""
    choose = " data-choose" if column.choose else ""
    title = f' title="{escape(column.asks)}"' if column.asks else ""
    return f'<th scope="col"{classes}{choose}{title}>{escape(column.head)}</th>'


def _cell(column: Column, value: Any) -> str:
    item = value if isinstance(value, Item) else Item(value)
    classes = " ".join(name for name in ("figures" if column.figures else "", item.kind) if name)
    named = f' class="{classes}"' if classes else ""
    sort = "" if item.sort is None else f' data-sort="{escape(str(item.sort))}"'
    return f'<td{named}{sort} data-label="{escape(column.head)}">{shown(item.shown)}</td>'


def section(identity: str, heading: str, *parts: str, lead: str = "") -> Html:
    """A section with its heading and a sentence on what it shows."""
    said = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return Html(f'<section id="{identity}"><h2>{escape(heading)}</h2>{said}{"".join(parts)}</section>')


def status(name: str) -> Item:
    """An outcome as a coloured word."""
    return Item(Html(f'<span class="status {escape(name)}">{escape(name.replace("_", " "))}</span>'), name)


def share(failed: int, of: int, *, enough: bool) -> Item:
    """A share of failures, shaded; counts alone where there are too few."""
    if not of:
        return Item("", -1)
    rate = failed / of
    tint = f"--share:{min(1.0, rate * 3):.2f}"
    words = f"{rate:.1%}" if enough else f"{failed} of {of}"
    if not failed:
        return Item(Html(f'<span class="share zero" title="0 of {of} reports">{words}</span>'), "0")
    return Item(
        Html(f'<span class="share" style="{tint}" title="{failed} of {of} reports">{words}</span>'), f"{rate:.6f}"
    )
