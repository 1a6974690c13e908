"""Reads the form files, and refuses them where they contradict themselves."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from giakit import data
from giakit.errors import FormError, UnknownChoice
from giakit.forms.labels import bare_key, key
from giakit.forms.model import Form, Identity, Label, Table

_LABEL_FIELDS = {
    "code",
    "label",
    "gloss",
    "aliases",
    "group",
    "forms",
    "tolerated",
    "unit",
    "signed",
    "decimal",
    "opens",
    "cells",
}


def forms(folder: str | Path | None = None) -> dict[str, Form]:
    """All forms by id.

    Parameters
    ----------
    folder : path, optional
        A folder of form files to read instead of the shipped ones.

    Returns
    -------
    dict of str to Form

    Raises
    ------
    FormError
        If a file contradicts itself: a label that hits two codes in one context, an identity that names an
        unknown code, a code without gloss.

    Examples
    --------
    >>> from giakit.forms import forms
    >>> sorted(forms())
    ['2014', '2019', '2021', 'local']
    """
    try:
        return _forms(None if folder is None else str(folder))
    except KeyError as error:
        raise FormError(str(folder or "giakit"), f"the field {error} is missing") from None


def form(id: str) -> Form:
    """The form of that id.

    >>> from giakit.forms import form
    >>> len(list(form("2021").cells()))
    200
    """
    known = forms()
    if id not in known:
        raise UnknownChoice("form", id, known)
    return known[id]


def tables() -> dict[str, Table]:
    """All statutory tables by code, each over all the forms that print it.

    Returns
    -------
    dict of str to Table

    Examples
    --------
    >>> from giakit.forms import tables
    >>> {code: len(table.row_codes("2021")) for code, table in tables().items()}
    {'proactive': 6, 'requests': 25, 'remedies': 3, 'statistics': 0}
    """
    return _tables(None)


@cache
def _forms(folder: str | None) -> dict[str, Form]:
    raw = _toml(folder, "forms")
    parts = _tables(folder)
    identities = tuple(_identity(entry) for entry in raw["identities"])
    result = {}
    for entry in raw["forms"]:
        id = entry["id"]
        for code in entry["tables"]:
            if code not in parts:
                raise FormError(id, f"table {code!r} has no file")
        result[id] = Form(
            id=id,
            title=entry["title"],
            gloss=entry["gloss"],
            document=entry["document"],
            since=entry["since"],
            until=entry.get("until"),
            tables={code: parts[code] for code in entry["tables"]},
            identities=tuple(identity for identity in identities if id in identity.forms),
        )
    for identity in identities:
        _check_identity(identity, parts)
    return result


@cache
def _tables(folder: str | None) -> dict[str, Table]:
    by_table: dict[str, list[str]] = defaultdict(list)
    for entry in _toml(folder, "forms")["forms"]:
        for code in entry["tables"]:
            by_table[code].append(entry["id"])
    return {code: _table(_toml(folder, code), ids) for code, ids in by_table.items()}


def read_data(name: str) -> dict[str, Any]:
    """A shipped data file of the forms, by its name without ending.

    >>> sorted(read_data("law"))[:2]
    ['grounds', 'itemised']
    """
    return _toml(None, name)


def _toml(folder: str | None, name: str) -> dict[str, Any]:
    file = data.path("forms", f"{name}.toml") if folder is None else Path(folder, f"{name}.toml")
    try:
        return data.toml_at(file)
    except FileNotFoundError:
        raise FormError(name, f"{name}.toml is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise FormError(name, f"{name}.toml is no valid TOML: {error}") from None


def _table(raw: Mapping[str, Any], ids: list[str]) -> Table:
    code = raw["code"]
    rows = tuple(_label(code, entry, ids) for entry in raw["rows"])
    columns = tuple(_label(code, entry, ids) for entry in raw["columns"])
    groups = tuple(_label(code, entry, ids) for entry in raw.get("groups", ()))
    column_groups = tuple(_label(code, entry, ids) for entry in raw.get("column_groups", ()))
    cells = {id: tuple(_cells(raw["rows"], rows, columns, id)) for id in ids}
    for labels, known in ((rows, groups), (columns, column_groups)):
        _check_labels(code, labels, {group.code for group in known})
    return Table(
        code=code,
        label=raw["label"],
        gloss=raw["gloss"],
        headings=tuple(raw["headings"]),
        rows=rows,
        columns=columns,
        groups=groups,
        column_groups=column_groups,
        cells=cells,
        stub=tuple(raw.get("stub", ())) + tuple(raw.get("corner", ())),
        unit_columns=tuple(raw.get("unit_columns", ())),
        numbering=tuple(raw.get("numbering", ())),
        beside=tuple(raw.get("beside", ())),
    )


def _cells(
    raw: list[dict[str, Any]], rows: Iterable[Label], columns: Iterable[Label], id: str
) -> Iterable[tuple[str, str]]:
    everywhere = [column.code for column in columns if id in column.forms]
    for entry, row in zip(raw, rows, strict=True):
        if id in row.forms:
            for column in entry.get("cells", {}).get(id, everywhere):
                if column not in everywhere:
                    raise FormError(id, f"row {row.code!r} names a column that the form lacks: {column!r}")
                yield row.code, column


def _label(table: str, entry: Mapping[str, Any], ids: list[str]) -> Label:
    unknown = set(entry) - _LABEL_FIELDS
    if unknown:
        raise FormError(table, f"{entry.get('code')!r} has unknown fields: {', '.join(sorted(unknown))}")
    for field in ("code", "label", "gloss"):
        if not entry.get(field):
            raise FormError(table, f"{entry.get('code') or entry.get('label')!r} has no {field}")
    for id in entry.get("forms", ()):
        if id not in ids:
            raise FormError(table, f"{entry['code']!r} names an unknown form: {id!r}")
    options = {name: entry[name] for name in ("group", "unit", "signed", "decimal", "opens") if name in entry}
    return Label(
        code=entry["code"],
        label=entry["label"],
        gloss=entry["gloss"],
        aliases=tuple(entry.get("aliases", ())),
        forms=tuple(entry.get("forms", ids)),
        tolerated=tuple(entry.get("tolerated", ())),
        **options,
    )


def _identity(entry: Mapping[str, Any]) -> Identity:
    return Identity(
        id=entry["id"],
        table=entry["table"],
        axis=entry["axis"],
        left=tuple(entry["left"]),
        right=tuple(entry["right"]),
        gloss=entry["gloss"],
        forms=tuple(entry["forms"]),
        complete=entry.get("complete", False),
        alternatives=tuple(tuple(codes) for codes in entry.get("alternatives", ())),
    )


def _check_labels(table: str, labels: Iterable[Label], groups: set[str]) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    codes: set[str] = set()
    for label in labels:
        if label.code in codes:
            raise FormError(table, f"code {label.code!r} stands twice")
        codes.add(label.code)
        if label.group and label.group not in groups:
            raise FormError(table, f"{label.code!r} stands in an unknown group: {label.group!r}")
        for name in (label.label, *label.aliases):
            if not key(name):
                raise FormError(table, f"{label.code!r} has a label without a character: {name!r}")
            for form_id in label.forms:
                for spelling in {key(name), bare_key(name) or key(name)}:
                    other = seen.setdefault((form_id, label.group, spelling), label.code)
                    if other != label.code:
                        raise FormError(table, f"label {name!r} hits both {other!r} and {label.code!r}")


def _check_identity(identity: Identity, parts: Mapping[str, Table]) -> None:
    if identity.table not in parts:
        raise FormError(identity.id, f"unknown table {identity.table!r}")
    table = parts[identity.table]
    known = {label.code for label in (table.rows if identity.axis == "column" else table.columns)}
    for code in (*identity.left, *identity.right):
        if code not in known:
            raise FormError(identity.id, f"unknown code {code!r} in table {identity.table!r}")
