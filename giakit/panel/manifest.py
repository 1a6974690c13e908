"""The manifest: one row for every path, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from giakit.panel.plan import Order, Plan, distinct
from giakit.panel.schema import MANIFEST, MANIFEST_SCHEMA, WRITTEN, Span, hash_of, read_files, schema, sync
from giakit.panel.shard import report_id
from giakit.panel.source import shown

_CHUNK = 65_536
NO_SUCH_FILE = "no_such_file"


Told: TypeAlias = tuple[str, str, str | None]


def write_manifest(out: Path, plan: Plan, order: Order, firsts: Order, spans: list[Span]) -> str:
    """Write the manifest and give the SHA-256 of its file."""
    treated = _treated(out, plan, distinct(firsts), spans)
    first_of = np.full(len(plan.listing.files), -1)
    first_of[order] = firsts
    aside = out / MANIFEST / ".aside.tmp"
    aside.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(aside, MANIFEST_SCHEMA, **WRITTEN) as writer:
        rows = _rows(plan, treated, first_of)
        while chunk := list(islice(rows, _CHUNK)):
            writer.write_table(_table(chunk))
    sync(aside)
    hashed = hash_of(aside)
    aside.replace(out / MANIFEST / f"{hashed[:12]}.parquet")
    return hashed


def _treated(out: Path, plan: Plan, documents: Order, spans: list[Span]) -> list[Told | None]:
    """Status, reason and format of each document, at its first file."""
    found: list[Told | None] = [None] * len(plan.listing.files)
    waiting = iter(documents.tolist())
    interned: dict[Told, Told] = {}
    for span in spans:
        columns = ["sha256", "status", "reason", "format"]
        table = read_files([span.file(out, "documents")], schema("documents"), columns)
        for digest, *told in zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True):
            position = next(number for number in waiting if plan.digest(number) == digest)
            found[position] = interned.setdefault(tuple(told), tuple(told))  # type: ignore[arg-type]
    return found


def _rows(plan: Plan, treated: list[Told | None], first_of: Order) -> Iterator[tuple[object, ...]]:
    files, passed_over = plan.listing.files, plan.listing.passed_over
    names = [*files, *(name for name, _ in passed_over)]
    for number in sorted(range(len(names)), key=names.__getitem__):
        path = shown(names[number])
        if number >= len(files):
            yield path, "passed_over", passed_over[number - len(files)][1], None, None, None, None, None
        elif number in plan.failures:
            yield path, "unreadable", plan.failures[number], None, None, None, None, None
        else:
            yield _read_row(plan, path, number, int(first_of[number]), treated)
    for path in plan.listing.lost:
        yield (path, NO_SUCH_FILE, "sources.csv names it, but there is no such file", None, None, None, None, None)


def _read_row(plan: Plan, path: str, number: int, first: int, treated: list[Told | None]) -> tuple[object, ...]:
    digest = plan.digest(number)
    status, reason, format = treated[first] or ("unread", "the build was interrupted before it", None)
    identity = report_id(digest) if status in ("parsed", "partial") else None
    original = None
    if first != number:
        original = shown(plan.listing.files[first])
        status, reason = "duplicate_of", original
    return path, status, reason, identity, original, format, int(plan.sizes[number]), digest.hex()


def _table(rows: list[tuple[object, ...]]) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in MANIFEST_SCHEMA]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, MANIFEST_SCHEMA, strict=True)],
        schema=MANIFEST_SCHEMA,
    )
