"""Names, labels and numbers of exported variables: data, in ``data/export/names.toml``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from giakit.data import toml
from giakit.errors import UnknownChoice
from giakit.forms import Address, forms, tables
from giakit.forms.model import Table

LONGEST_LABEL = 80
"""What Stata allows, in characters."""
LANGUAGES = ("en", "zh")
_COLUMNS = ["name", "table", "row", "column", "type", "label", "gloss", "unit", "forms"]


def rules() -> dict[str, Any]:
    """The content of ``names.toml``."""
    return toml("panel", "names.toml")


def variable_name(table: str, row: str, column: str) -> str:
    """The name of a cell's variable: at most 32 characters, the same in every export.

    >>> variable_name("requests", "other", "total"), variable_name("remedies", "suit_direct", "other")
    ('req_other_handling_total', 'rem_suit_direct_other_result')
    """
    short = rules()
    row_name = short["rows"].get(table, {}).get(row, row)
    return f"{short['tables'][table]}_{row_name}_{short['columns'].get(table, {}).get(column, column)}"


def cell_variables(chosen: Sequence[str]) -> dict[Address, str]:
    """For each cell of some tables, over all forms, the name of its variable, in the tables' order.

    >>> cell_variables(["remedies"])["remedies", "reconsideration", "total"]
    'rem_recons_total'
    """
    return {
        (code, row.code, column.code): variable_name(code, row.code, column.code)
        for code in chosen
        for row, column, _ in _printed(tables()[code])
    }


def variables(*, lang: str = "en", chosen: Sequence[str] | None = None) -> pd.DataFrame:
    """The variables of an exported panel.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language of the labels.
    chosen : sequence of str, optional
        Statutory tables. Default: all.

    Returns
    -------
    DataFrame
        ``name, table, row, column`` (NA for what is told of a report), ``type`` (text, integer, number or a code list),
        ``label`` (at most 80 characters), ``gloss`` (the whole label), ``unit`` ("" for counts), ``forms``.

    Raises
    ------
    UnknownChoice
        If there is no such language or table.

    Examples
    --------
    >>> from giakit.panel.names import variables
    >>> variables().set_index("name").loc["req_denied_secret_total", "label"]
    'refused: state secret: total'
    """
    if lang not in LANGUAGES:
        raise UnknownChoice("lang", lang, LANGUAGES)
    known = tables()
    for code in chosen or ():
        if code not in known:
            raise UnknownChoice("tables", code, known)
    rows = [
        [entry["name"], None, None, None, entry["type"], entry[lang], entry[lang], None, None]
        for entry in rules()["about"]
    ]
    for code in known if chosen is None else chosen:
        rows += _rows(known[code], lang)
    return pd.DataFrame(rows, columns=_COLUMNS).astype("str")


def code_numbers(kind: str) -> dict[str, int]:
    """The numbers of a code list.

    >>> code_numbers("scope")
    {'organ': 1, 'own_level': 2, 'whole': 3}
    >>> code_numbers("form")["2021"]
    2021
    """
    if kind == "form":
        return {form.id: form.since for form in forms().values()}
    return {code: entry[0] for code, entry in rules()["codes"][kind].items()}


def code_labels(kind: str, lang: str) -> dict[int, str]:
    """What the numbers of a code list mean.

    >>> code_labels("scope", "en")[3]
    'lower governments included'
    """
    if kind == "form":
        return {form.since: f"{form.id} {form.gloss if lang == 'en' else form.title}" for form in forms().values()}
    return {entry[0]: entry[1 + LANGUAGES.index(lang)] for entry in rules()["codes"][kind].values()}


def code_lists() -> tuple[str, ...]:
    """The code lists that Stata gets as numbers."""
    return ("form", *rules()["codes"])


def _printed(table: Table) -> list[tuple[Any, Any, list[str]]]:
    """Row, column and forms of every cell that any form prints."""
    cells_printed = []
    for row in table.rows:
        for column in table.columns:
            held = [form for form, cells in table.cells.items() if (row.code, column.code) in cells]
            if held:
                cells_printed.append((row, column, held))
    return cells_printed


def _rows(table: Table, lang: str) -> list[list[str | None]]:
    groups = {group.code: group for group in table.groups}
    grouped = set(rules()["labels"]["with_group"])
    rows: list[list[str | None]] = []
    for row, column, held in _printed(table):
        text, last = (row.gloss, column.gloss) if lang == "en" else (row.label, column.label)
        if f"{table.code}.{row.group}" in grouped:
            group = groups[row.group]
            text = f"{group.gloss if lang == 'en' else group.label}: {text}"
        name = variable_name(table.code, row.code, column.code)
        gloss = f"{text}: {last}"
        rows.append(
            [
                name,
                table.code,
                row.code,
                column.code,
                "number",
                _fitted(text, last),
                gloss,
                row.unit or column.unit,
                ", ".join(held),
            ]
        )
    return rows


def _fitted(text: str, last: str) -> str:
    """Row and column within the longest label; what is too long is the row's, and shown as cut."""
    room = LONGEST_LABEL - len(last) - 2
    return f"{text if len(text) <= room else text[: room - 1].rstrip() + '…'}: {last}"
