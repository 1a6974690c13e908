"""A panel on disk: its tables and their columns, its index with the hash of every file, writing that is whole or not at all.

A file of a panel is never changed, and `panel.json` holds its SHA-256. What is opened is held against that: a panel of
which a bit has flipped says so and gives no figure.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq

from giakit.checks.model import Cell, Check, Suggestion
from giakit.errors import BadPanel, PanelLocked
from giakit.forms import tables

LAYOUT = 3
"""Number of the layout on disk; a panel of another one is not opened."""

INDEX = "panel.json"
DATA_PACKAGE = "datapackage.json"
WORK = ".work"
LOCK = ".lock"
DEPOSITED = "panel"
"""Folder of the panel in a deposit."""
WIDE = ("requests", "remedies", "proactive", "statistics")
LONG = ("cells", "texts", "stated", "checks", "findings", "suggestions")

MANIFEST = "manifest"
TABLES = ("documents", "reports", *WIDE, *LONG, "conflicts")

_COLUMNS: dict[str, tuple[str, ...]] = {
    "documents": (
        "sha256", "report_id", "status", "reason", "format", "form", "unit", "year", "url", "published", "publisher", "encoding",
        "version", "environment", "reading_id", "n_report", *(f"n_{table}" for table in (*LONG, "conflicts")), "derived",
    ),
    # Those of the contract, then what they rest on; `given`: further columns of sources.csv, as JSON.
    "reports": (
        "report_id", "source", "format", "form", "unit", "agency_id", "place_code", "province", "prefecture", "county",
        "tier", "organ_kind", "policy_area", "scope", "year", "status", "within", "vertical", "agency_key", "url",
        "published", "captured", "unit_from", "year_from", "scope_from", "place_why", "scope_why", "reading_id", "given",
    ),
    MANIFEST: ("path", "status", "reason", "report_id", "duplicate_of", "format", "bytes", "sha256"),
    "cells": ("report_id", "table", "row", "column", *Cell._fields),
    "texts": ("report_id", "section", "heading", "text"),
    "stated": ("report_id", "table", "row", "column", "value", "text", "about", "body"),
    "suggestions": ("report_id", *Suggestion._fields),
    **dict.fromkeys(("checks", "findings", "conflicts"), ("report_id", *Check._fields)),
}  # fmt: skip
_KINDS = {
    **dict.fromkeys(("value", "printed", "expected", "observed"), pa.float64()),
    **dict.fromkeys(("year", "bytes", "solution"), pa.int64()),
    "about": pa.bool_(),
}
"""Types by name; whatever else is text, but for numbers of rows and the hash of a document."""

_NAME = re.compile(r"\d\d_[0-9a-f]{4,16}")
_DIGEST = re.compile(r"[0-9a-f]{12}")
_HASH = re.compile(r"[0-9a-f]{64}")
_FORMAT = pads.ParquetFileFormat(
    default_fragment_scan_options=pads.ParquetFragmentScanOptions(page_checksum_verification=True)
)
WRITTEN = {"compression": "zstd", "compression_level": 3, "write_statistics": True, "write_page_checksum": True}
"""How every Parquet file of a panel is written."""


@cache
def schema(table: str) -> pa.Schema:
    """The columns of a table on disk."""
    if table in WIDE:
        return pa.schema([("report_id", pa.string()), *((name, pa.float64()) for name in wide_columns(table))])
    kinds = _KINDS | ({"sha256": pa.binary(32)} if table == "documents" else {})
    counted = {name: pa.int64() for name in _COLUMNS[table] if name.startswith("n_")}
    return pa.schema([(name, (kinds | counted).get(name, pa.string())) for name in _COLUMNS[table]])


REPORTS, MANIFEST_SCHEMA = schema("reports"), schema(MANIFEST)


@cache
def wide_columns(table: str) -> tuple[str, ...]:
    """The columns ``row.column`` of a wide table: every cell that any form prints, in the table's order."""
    whole = tables()[table]
    printed = {cell for cells in whole.cells.values() for cell in cells}
    return tuple(
        f"{row.code}.{column.code}"
        for row in whole.rows
        for column in whole.columns
        if (row.code, column.code) in printed
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A range of report ids.

    Attributes
    ----------
    name : str
        The range.
    digest : str
        Of what went into its files.
    documents, reports : int
    hashes : dict of str to str
        Table to the SHA-256 of its file; tables without a file are left out.
    """

    name: str
    digest: str
    documents: int
    reports: int
    hashes: dict[str, str] = field(default_factory=dict, hash=False)

    def file(self, folder: Path, table: str) -> Path:
        """The file of a table."""
        return folder / table / f"{self.name}-{self.digest}.parquet"


@dataclass(frozen=True, slots=True)
class Index:
    """What is live in a panel.

    Attributes
    ----------
    version : str
        The giakit that wrote it.
    complete : bool
        Whether every file of the source was treated.
    spans : tuple of Span
        In the order of report ids.
    manifest : str
        SHA-256 of the manifest's file.
    """

    version: str
    complete: bool
    spans: tuple[Span, ...] = ()
    manifest: str = ""

    @property
    def reports(self) -> int:
        """Number of reports."""
        return sum(span.reports for span in self.spans)

    def files(self, folder: Path, table: str) -> list[Path]:
        """The live files of a table, in the order of report ids."""
        if table == MANIFEST:
            return [self.manifest_file(folder)]
        return [span.file(folder, table) for span in self.spans if table in span.hashes]

    def manifest_file(self, folder: Path) -> Path:
        """The live manifest."""
        return folder / MANIFEST / f"{self.manifest[:12]}.parquet"

    def hashes(self, folder: Path) -> dict[Path, str]:
        """Every live file with its SHA-256."""
        found = {span.file(folder, table): hashed for span in self.spans for table, hashed in span.hashes.items()}
        return {**found, self.manifest_file(folder): self.manifest}


def read_index(folder: Path) -> Index:
    """The index of a panel.

    Raises
    ------
    BadPanel
        If the folder holds no panel, one of another layout, or an index that is damaged.
    """
    if not folder.is_dir():
        raise BadPanel(str(folder), "there is no such folder; giakit.build makes one")
    try:
        raw: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = (
            "a build was begun here and wrote nothing yet; run it again"
            if (folder / WORK).exists()
            else f"it has no {INDEX}"
        )
        raise BadPanel(str(folder), hint) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadPanel(str(folder), f"{INDEX} cannot be read ({error}); build it again") from None
    if not isinstance(raw, dict) or "layout" not in raw:
        raise BadPanel(str(folder), f"its {INDEX} is none of giakit's")
    if raw["layout"] != LAYOUT:
        raise BadPanel(str(folder), f"its layout is {raw['layout']!r}, this version opens {LAYOUT}; build it again")
    if raw.pop("seal", None) != _seal(raw):
        raise BadPanel(str(folder), f"{INDEX} was changed after it was written; build it again")
    try:
        spans = tuple(Span(*entry) for entry in raw["spans"])
        index = Index(raw["giakit"], raw["complete"], spans, raw["manifest"])
        _require_names(index)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadPanel(str(folder), f"{INDEX} lacks what giakit writes ({error}); build it again") from None
    return index


def _require_names(index: Index) -> None:
    """Refuse names that giakit does not give: they could lead out of the folder."""
    for span in index.spans:
        if not (_NAME.fullmatch(span.name) and _DIGEST.fullmatch(span.digest)) or set(span.hashes) - set(TABLES):
            raise ValueError(f"{span.name!r} is no range of a panel")
    if not all(_HASH.fullmatch(hashed) for hashed in index.hashes(Path()).values()):
        raise ValueError("a hash is none")


def _seal(raw: dict[str, Any]) -> str:
    return sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()


def write_index(folder: Path, index: Index) -> None:
    """Make files live: the one moment at which a panel changes."""
    raw = {
        "layout": LAYOUT,
        "giakit": index.version,
        "complete": index.complete,
        "manifest": index.manifest,
        "spans": [[span.name, span.digest, span.documents, span.reports, span.hashes] for span in index.spans],
    }
    write_whole(folder / INDEX, (json.dumps(raw | {"seal": _seal(raw)}, indent=0) + "\n").encode())


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        digest = sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def damage(path: Path, expected: str) -> str:
    """What is wrong with a file of a panel; "" if nothing is."""
    try:
        return "" if hash_of(path) == expected else "its content is not what was written"
    except FileNotFoundError:
        return "it is not there"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def require_sound(folder: Path, path: Path, expected: str) -> None:
    """Raise BadPanel if a file of a panel is not what was written."""
    wrong = damage(path, expected)
    if wrong:
        name = path.relative_to(folder).as_posix()
        raise BadPanel(
            str(folder), f"{name}: {wrong}; giakit.build with the same source makes it anew, or take it from a copy"
        )


def table_of(rows: Sequence[Sequence[Any]], fields: pa.Schema) -> pa.Table:
    """Rows as an Arrow table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [pa.array(list(column), field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.table(arrays, schema=fields)


def read_files(
    paths: Iterable[Path], fields: pa.Schema, columns: list[str] | None = None, where: Any = None
) -> pa.Table:
    """Rows of files of one table."""
    files = [str(path) for path in paths]
    if not files:
        empty = fields.empty_table()
        return empty.select(columns) if columns is not None else empty
    return pads.dataset(files, schema=fields, format=_FORMAT).to_table(columns=columns, filter=where)


def batches(paths: Iterable[Path], fields: pa.Schema, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Rows of files of one table, some at a time."""
    files = [str(path) for path in paths]
    if files:
        yield from pads.dataset(files, schema=fields, format=_FORMAT).to_batches(columns=columns)


def write_file(path: Path, groups: Iterable[pa.Table], fields: pa.Schema) -> str:
    """Write a table from Arrow tables that each become one row group, have it on the disk, and give its SHA-256."""
    with pq.ParquetWriter(path, fields, **WRITTEN) as writer:
        for group in groups:
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
    sync(path)
    return hash_of(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder.

    The lock belongs to an open file, not to its name: it ends with the process that holds it, however that ends.

    Raises
    ------
    PanelLocked
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise PanelLocked(str(folder)) from None


def sync(path: Path) -> None:
    """Have a file or folder on the disk before anything that relies on it."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside and put it in place at once."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    sync(path.parent)
