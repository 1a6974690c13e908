"""Data packages (Frictionless, version 1): every table, field, unit and code list, from the schemas that write the files.

``python -m giakit.panel.datapackage FOLDER`` writes ``datapackage.json`` of the shipped figures into their folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pyarrow as pa

from giakit import __version__
from giakit.data import toml
from giakit.forms.codebook import codebook
from giakit.panel.names import code_lists, code_numbers
from giakit.panel.schema import DATA_PACKAGE, MANIFEST, TABLES, WIDE, schema, write_whole

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

Json = dict[str, Any]
_TYPES = {
    pa.string(): "string",
    pa.float64(): "number",
    pa.int64(): "integer",
    pa.bool_(): "boolean",
    pa.binary(32): "string",
}
_BOOK = ["table", "row", "column", "label", "gloss", "unit", "article", "kind", "forms", "since", "until"]
_CELL_KEY = ["table", "row", "column"]


def texts() -> dict[str, Any]:
    """The content of ``data/export/tables.toml``."""
    return toml("panel", "tables.toml")


@cache
def _book(by: Literal["code", "cell"] = "code") -> pd.DataFrame:
    """The codebook; made once, as a build of one page would else make it nine times."""
    return codebook(by=by)


def described(table: str, names: Sequence[str] | None = None) -> list[Json]:
    """The fields of a panel's table, with type, meaning, unit and code list.

    Parameters
    ----------
    table : str
    names : sequence of str, optional
        Which fields. Those that the table on disk does not have are text.

    Examples
    --------
    >>> described("cells")[4]["name"], described("cells")[4]["type"]
    ('value', 'number')
    """
    kinds = {field.name: _TYPES[field.type] for field in schema(table)} if table in (*TABLES, MANIFEST) else {}
    if table in WIDE:
        return [_field("report_id", "string", table), *_cell_fields(table)]
    return [_field(name, kinds.get(name, "string"), table) for name in names or kinds]


def _field(name: str, kind: str, table: str) -> Json:
    field: Json = {"name": name, "type": kind}
    meaning = texts()["fields"].get(name)
    if meaning:
        field["description"] = meaning
    elif name.startswith("n_"):
        field["description"] = f"number of rows in {name[2:]}"
    if name == "sha256" and table == "documents":
        field["format"] = "binary"
    listed = texts()["enums"].get(f"{table}.{name}") or (
        list(code_numbers(name)) if name in code_lists() and name != "status" else None
    )
    constraints: Json = {"enum": listed} if listed else {}
    if [name] == texts()["panel"].get(table, {}).get("key"):
        constraints |= {"required": True, "unique": True}
    return field | ({"constraints": constraints} if constraints else {})


@cache
def _cell_fields(table: str) -> list[Json]:
    book = _book("cell")
    fields = []
    for entry in book.loc[book["table"] == table, ["row", "column", "label", "gloss", "unit", "forms"]].to_dict(
        "records"
    ):
        field = {
            "name": f"{entry['row']}.{entry['column']}",
            "type": "number",
            "title": entry["label"],
            "description": entry["gloss"],
            "forms": entry["forms"],
        }
        fields.append(field | ({"unit": entry["unit"]} if entry["unit"] else {}))
    return fields


@cache
def code_list() -> Json:
    """The codebook, a row a cell, as a resource that holds its data."""
    book = _book("cell")[_BOOK].astype(object)
    rows = book.where(book.notna(), None).to_dict("records")
    fields = [{"name": name, "type": "integer" if name in ("since", "until") else "string"} for name in _BOOK]
    return {
        "name": "codebook",
        "title": "Every cell of every form: official label, English gloss, unit, legal ground, forms",
        "profile": "tabular-data-resource",
        "data": rows,
        "schema": {"fields": fields, "primaryKey": _CELL_KEY},
    }


def resource(
    name: str, path: str | list[str], fields: list[Json], *, title: str, format: str, key: Sequence[str] = ()
) -> Json:
    """A table in files."""
    kind: Json = {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    if format == "parquet":
        kind = {"profile": "data-resource", "format": "parquet", "mediatype": "application/vnd.apache.parquet"}
    shape: Json = {"fields": fields, "missingValues": [""]} | ({"primaryKey": list(key)} if key else {})
    return {"name": name, "title": title, "path": path, **kind, "schema": shape}


def shipped_datapackage() -> Json:
    """The data package of the folder ``data``.

    Returns
    -------
    dict
        The figures as published, their sources and licence (which is not the code's), and the codebook.

    Examples
    --------
    >>> [entry["name"] for entry in shipped_datapackage()["resources"]]
    ['tables', 'units', 'stated', 'published', 'codebook']
    """
    told = texts()["shipped"]
    about = {name: value for name, value in told.items() if not isinstance(value, dict)}
    tables = [_shipped(name, entry) for name, entry in told.items() if isinstance(entry, dict)]
    return {
        "profile": "tabular-data-package",
        **about,
        "licenses": [texts()["licence"]],
        "sources": [
            {
                "title": "annual reports of Chinese governments and agencies; the address of each stands in its row (tables: source, stated: url)"
            }
        ],
        "resources": [*tables, code_list()],
    }


def _shipped(name: str, entry: Mapping[str, Any]) -> Json:
    glosses = _glosses()
    fields = [
        {"name": field, "type": kind, "description": meaning or glosses.get(field) or texts()["fields"][field]}
        for field, (kind, meaning) in entry["fields"].items()
    ]
    for field in fields:
        if field["name"] == "form":
            field["constraints"] = {"enum": list(code_numbers("form"))}
    table = resource(name, entry["path"], fields, title=entry["title"], format="csv", key=entry["key"])
    if entry.get("cells"):
        table["schema"]["foreignKeys"] = [
            {"fields": _CELL_KEY, "reference": {"resource": "codebook", "fields": _CELL_KEY}}
        ]
    return table


def _glosses() -> dict[str, str]:
    book = _book()
    rows = book[(book["table"] == "requests") & book["row"].notna() & (book["row"] != "other")]
    return dict(zip(rows["row"], rows["gloss"], strict=True))


def panel_datapackage(panel: Panel) -> Json:
    """The data package of a panel's folder.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    dict
        A resource for every table that has a file, in Parquet, of one or several files, and the codebook. A licence is
        its maker's to choose and is not named.
    """
    resources = []
    for table in (*TABLES, MANIFEST):
        paths = [panel.index.manifest_file(panel.path)] if table == MANIFEST else panel.index.files(panel.path, table)
        if paths:
            title, key = _title(table)
            resources.append(
                resource(
                    table,
                    _told([path.relative_to(panel.path).as_posix() for path in paths]),
                    described(table),
                    title=title,
                    format="parquet",
                    key=key,
                )
            )
    return package("giakit-panel", [*resources, code_list()])


def package(name: str, resources: list[Json]) -> Json:
    """A package of tables that giakit read."""
    return {
        "profile": "data-package",
        "name": name,
        "title": "Annual reports on government information disclosure in China, as data",
        "description": f"Read with giakit {__version__}. A missing value is no zero: the table cells says whether a figure is blank, undecided or absent. Values stand as printed.",
        "sources": [
            {
                "title": "annual reports of Chinese governments and agencies; addresses and hashes in the tables reports and manifest"
            }
        ],
        "resources": resources,
    }


def _title(table: str) -> tuple[str, Sequence[str]]:
    if table in WIDE:
        book = _book()
        gloss = book.loc[(book["table"] == table) & book[["row", "column", "group"]].isna().all(axis=1), "gloss"]
        return f"{gloss.iloc[0]}, one report a row, one field a cell", ["report_id"]
    entry = texts()["panel"][table]
    return entry["title"], entry.get("key", ())


def _told(paths: list[str]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else paths


def as_text(package: Json, *, indent: int | None = 1) -> str:
    """A package as JSON, the same text for the same content."""
    return json.dumps(package, ensure_ascii=False, indent=indent, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return None if value is pd.NA else int(value)


def write_datapackage(panel: Panel) -> Path:
    """Write the data package of a panel into its folder.

    Returns
    -------
    Path
        ``datapackage.json``.
    """
    path = panel.path / DATA_PACKAGE
    # Without indents it is written in C, which is a tenth of the time of building one page.
    write_whole(path, as_text(panel_datapackage(panel), indent=None).encode())
    return path


def main(arguments: Iterable[str]) -> None:
    """Write the data package of the shipped figures."""
    for folder in arguments:
        write_whole(Path(folder) / DATA_PACKAGE, as_text(shipped_datapackage()).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
