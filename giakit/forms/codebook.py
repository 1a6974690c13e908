"""The codebook: every code of the forms, generated from their data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from giakit.errors import UnknownChoice
from giakit.forms.law import law
from giakit.forms.load import forms, tables
from giakit.forms.model import Label, Table

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = [
    "table", "row", "column", "group", "label", "traditional", "gloss", "unit", "article", "kind",
    "forms", "since", "until", "aliases",
]  # fmt: skip
_FORMATS = ("md", "csv")


def codebook(*, by: Literal["code", "cell"] = "code") -> pd.DataFrame:
    """Every code of the forms.

    Parameters
    ----------
    by : {"code", "cell"}
        ``code``: one row a table, group, row or column, each told once. ``cell``: one row a cell, to be
        merged with ``panel.cells`` on ``table, row, column``.

    Returns
    -------
    pandas.DataFrame
        ``table, row, column, group`` (codes; NA where it does not apply), ``label`` (official, Chinese),
        ``traditional``, ``gloss`` (English), ``unit`` ("" for plain counts), ``article`` (NA where unverified) and ``kind`` of the
        legal ground, ``forms`` in which it exists (joined by commas), ``since`` and ``until`` (Int64 report
        years; ``until`` NA while in use), ``aliases`` met in reports (joined by ``|``).

    Raises
    ------
    UnknownChoice
        If ``by`` is neither.

    Examples
    --------
    >>> from giakit.forms.codebook import codebook
    >>> book = codebook().set_index("row")
    >>> book.loc["denied_process", ["gloss", "article", "kind"]].tolist()
    ['one of four kinds of process information', '16(2)', 'discretionary']
    >>> len(codebook(by="cell").query("table == 'remedies'"))
    15
    """
    import pandas as pd

    if by not in ("code", "cell"):
        raise UnknownChoice("by", by, ("code", "cell"))
    listed = _codes if by == "code" else _cells
    rows = [entry for table in tables().values() for entry in listed(table)]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({name: "Int64" if name in ("since", "until") else "str" for name in _COLUMNS})


def codebook_text(format: str = "md") -> str:
    """The codebook as text.

    Parameters
    ----------
    format : {"md", "csv"}
        Markdown with a table for each statutory table, or CSV.

    Returns
    -------
    str

    Raises
    ------
    UnknownChoice
        If the format is neither.

    Examples
    --------
    >>> from giakit.forms.codebook import codebook_text
    >>> codebook_text().splitlines()[0]
    '# Codebook'
    >>> codebook_text("csv").splitlines()[0].split(",")[:4]
    ['table', 'row', 'column', 'group']
    """
    if format not in _FORMATS:
        raise UnknownChoice("format", format, _FORMATS)
    if format == "csv":
        return str(codebook().to_csv(index=False, lineterminator="\n"))
    return codebook_markdown()


def codebook_markdown() -> str:
    """The codebook in Markdown: the forms, then each table with its rows and columns.

    >>> from giakit.forms.codebook import codebook_markdown
    >>> "| `denied_process` |" in codebook_markdown()
    True
    """
    lines = ["# Codebook", "", "| form | title | document | report years |", "| --- | --- | --- | --- |"]
    for form in forms().values():
        until = form.until or ""
        lines.append(f"| `{form.id}` | {form.title} | {form.document or 'local'} | {form.since}-{until} |")
    book = codebook()
    for code, table in tables().items():
        lines += ["", f"## `{code}` {table.label}", "", table.gloss + "."]
        here = book[book["table"] == code]
        for name in ("row", "column"):
            lines += ["", *_markdown(here[here[name].notna()], name)]
    return "\n".join(lines) + "\n"


def _markdown(part: pd.DataFrame, name: str) -> list[str]:
    head = [name, "label", "gloss", "unit", "article", "kind", "forms", "aliases"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for entry in part[head].fillna("").to_dict("records"):
        texts = [f"`{entry[name]}`", *(str(entry[field]).replace("|", ", ") for field in head[1:])]
        lines.append("| " + " | ".join(texts) + " |")
    return lines


def _codes(table: Table) -> list[dict[str, Any]]:
    here = Label(table.code, table.label, table.gloss, forms=tuple(table.cells))
    entries = [_entry(table, here)]
    entries += [_entry(table, group, group=group.code) for group in (*table.groups, *table.column_groups)]
    entries += [_entry(table, row, row=row.code, group=row.group or None) for row in table.rows]
    entries += [_entry(table, label, column=label.code, group=label.group or None) for label in table.columns]
    return entries


def _cells(table: Table) -> list[dict[str, Any]]:
    printed: dict[tuple[str, str], list[str]] = {}
    for form, cells in table.cells.items():
        for address in cells:
            printed.setdefault(address, []).append(form)
    entries = []
    for row in table.rows:
        for column in table.columns:
            if (row.code, column.code) in printed:
                cell = Label(
                    code=row.code,
                    label=f"{row.label} / {column.label}",
                    gloss=f"{row.gloss}: {column.gloss}",
                    unit=row.unit or column.unit,
                    forms=tuple(printed[row.code, column.code]),
                )
                entries.append(_entry(table, cell, row=row.code, column=column.code, group=row.group or None))
    return entries


def _entry(
    table: Table, label: Label, *, row: str | None = None, column: str | None = None, group: str | None = None
) -> dict[str, Any]:
    held = [form for form in forms().values() if form.id in label.forms]
    article, kind = _grounds().get((table.code, row), (None, None)) if row else (None, None)
    return {
        "table": table.code,
        "row": row,
        "column": column,
        "group": group,
        "label": label.label,
        "traditional": traditional(label.label),
        "gloss": label.gloss,
        "unit": label.unit,
        "article": article,
        "kind": kind,
        "forms": ", ".join(form.id for form in held),
        "since": min(form.since for form in held),
        "until": None if any(form.until is None for form in held) else max(form.until or 0 for form in held),
        "aliases": "|".join(label.aliases),
    }


@cache
def _grounds() -> dict[tuple[Any, Any], tuple[Any, Any]]:
    listed = law().astype(object).where(lambda frame: frame.notna(), None)
    return {
        (entry["table"], entry["row"]): (entry["article"] if entry["checked"] else None, entry["kind"])
        for entry in listed.to_dict("records")
    }


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def traditional(label: str) -> str:
    """A label in traditional characters.

    >>> from giakit.forms.codebook import traditional
    >>> traditional("行政复议")
    '行政複議'
    """
    return str(_converter().convert(label))
