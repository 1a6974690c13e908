"""Merges shards of workers into the panel's own: one file a table and range of ids, rows in the order of ids.

A document's rows lie together in every table, and `documents` counts them: merging copies slices, nothing is sorted
or parsed. The bytes depend on the documents alone, not on how they were batched.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from giakit import __version__
from giakit.panel.evidence import FromReport, Wanted, report_row
from giakit.panel.schema import LONG, WIDE, Span, schema, table_of, write_file
from giakit.panel.tasks import Outcome

_GROUP = 1024
"""Documents of which the rows make one row group of a long table, and that are in memory at once."""

_CODES = ["table", "row", "column", "state", "origin", "check", "status", "section"]


@dataclass(frozen=True, slots=True)
class Merge:
    """Makes the files of one range of ids."""

    out: str
    name: str
    wanted: tuple[Wanted, ...]
    sources: tuple[str, ...]
    """Shards that may hold the documents: folders of workers, or ``range-digest`` of the live panel."""
    live: Span | None = None
    """The range as it is in the panel, whole and sound."""
    beat: str | None = None

    @property
    def size(self) -> int:
        """A merge is one piece of work."""
        return 1

    def split(self, at: int | None) -> list[Self]:
        """A merge is not split."""
        return [self]

    def blamed(self, reason: str) -> Outcome:
        """A merge that kills its process stops the build: no file is to blame."""
        return Outcome(failure=f"the range {self.name} cannot be merged: {reason}")

    def run(self, *, owns_process: bool) -> Outcome:
        """Write the files, if the range is not in the panel as it should be."""
        began = time.process_time()
        try:
            span = self._merge()
        except (OSError, pa.ArrowException) as error:
            return Outcome(failure=f"{getattr(error, 'strerror', None) or error}")
        return Outcome(seconds=time.process_time() - began, result=span)

    def _merge(self) -> Span:
        places, documents = _located(self.wanted, [_files(self.out, source) for source in self.sources])
        digest = self._digest(documents)
        if self.live is not None and self.live.digest == digest:
            return self.live
        reports = int(np.sum(documents.column("n_report").to_numpy()))
        span = Span(self.name, digest, documents.num_rows, reports)
        self._write(span, "documents", [documents])
        if reports:
            for table in WIDE:
                whole = pa.concat_tables(list(_groups(places, table, schema(table)))).combine_chunks()
                self._write(span, table, [whole])
            for table in LONG:
                self._write(span, table, _groups(places, table, schema(table)))
            self._derive(span, documents, places)
            for place in places:
                place.files.drop()
        return span

    def _write(self, span: Span, table: str, groups: Any) -> None:
        path = span.file(Path(self.out), table)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{token_hex(4)}.tmp")
        try:
            span.hashes[table] = write_file(aside, groups, schema(table))
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def _digest(self, documents: pa.Table) -> str:
        """Of all that the files depend on."""
        given = {entry.sha256: (entry.path, sorted(entry.given.items())) for entry in self.wanted}
        whole = sha256(__version__.encode())
        for digest, version, status in zip(
            *(documents.column(name).to_pylist() for name in ("sha256", "version", "status")), strict=True
        ):
            whole.update(repr((digest, version, status, given[digest])).encode())
        return whole.hexdigest()[:12]

    def _derive(self, span: Span, documents: pa.Table, places: Sequence[_Place]) -> None:
        """Write `reports` and the conflicts between their witnesses."""
        wanted = {entry.sha256: entry for entry in self.wanted}
        texts = _texts(places)
        rows, conflicts = [], []
        for document in documents.to_pylist():
            if document["n_report"]:
                entry = wanted[document["sha256"]]
                itself = FromReport(**{name: document[name] for name in FromReport._fields[:-1]}, text=next(texts))
                row, doubts = report_row(itself, entry.path, entry.given)
                rows.append(row)
                conflicts += [(itself.report_id, *check) for check in doubts]
        self._write(span, "reports", [table_of(rows, schema("reports"))])
        self._write(span, "conflicts", [table_of(conflicts, schema("conflicts"))])


class _Place(NamedTuple):
    """Where a document's rows are: the shard, and for each table the first row and how many."""

    files: _Files
    rows: dict[str, tuple[int, int]]


class _Files:
    """The tables of a shard, read when they are needed; one table is kept at a time."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self.paths = paths
        self.last = -1
        """Position of the last document that is taken from here."""
        self.held: tuple[str, pa.Table] | None = None

    def table(self, name: str) -> pa.Table:
        if self.held is None or self.held[0] != name:
            coded = [field.name for field in schema(name) if field.name in _CODES]
            self.held = (
                name,
                pq.read_table(
                    self.paths[name],
                    read_dictionary=coded,
                    use_threads=False,
                    partitioning=None,
                    page_checksum_verification=True,
                ),
            )
        return self.held[1]

    def drop(self) -> None:
        self.held = None


def _files(out: str, source: str) -> _Files:
    folder = Path(source)
    names = ("documents", *WIDE, *LONG)
    if folder.is_absolute():
        return _Files({name: folder / f"{name}.parquet" for name in names})
    return _Files({name: Path(out) / name / f"{source}.parquet" for name in names})


def _located(wanted: Sequence[Wanted], sources: Sequence[_Files]) -> tuple[list[_Place], pa.Table]:
    """Where the rows of each document lie, and the documents, in the order of `wanted`."""
    order = {entry.sha256: position for position, entry in enumerate(wanted)}
    located: dict[int, tuple[_Place, pa.Table, int]] = {}
    for files in sources:
        documents = files.table("documents")
        files.drop()
        firsts: dict[str, Any] = {}
        for name, column in (*((table, "n_report") for table in WIDE), *((table, f"n_{table}") for table in LONG)):
            counts = documents.column(column).to_numpy()
            firsts[name] = (np.concatenate([[0], np.cumsum(counts)]), counts)
        for row, digest in enumerate(documents.column("sha256").to_pylist()):
            position = order.get(digest)
            if position is not None and position not in located:
                rows = {name: (int(first[row]), int(counts[row])) for name, (first, counts) in firsts.items()}
                located[position] = (_Place(files, rows), documents, row)
                files.last = max(files.last, position)
    ordered = [located[position] for position in sorted(located)]
    pieces = [documents.slice(row, 1) for _, documents, row in ordered]
    whole = pa.concat_tables(pieces).combine_chunks() if pieces else schema("documents").empty_table()
    return [place for place, _, _ in ordered], whole.cast(schema("documents"))


def _groups(places: Sequence[_Place], table: str, fields: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a table, a table of Arrow for each group of documents."""
    for start in range(0, len(places), _GROUP):
        group = places[start : start + _GROUP]
        pieces = [piece.cast(fields) for piece in _slices(group, table)]
        yield pa.concat_tables(pieces or [fields.empty_table()]).combine_chunks()
        for place in group:
            if place.files.last < start + _GROUP:
                place.files.drop()


def _slices(places: Sequence[_Place], table: str) -> Iterator[pa.Table]:
    """Runs of rows that lie together in one shard."""
    files: _Files | None = None
    start = length = 0
    for place in places:
        first, count = place.rows[table]
        if not count:
            continue
        if place.files is files and first == start + length:
            length += count
            continue
        if files is not None:
            yield files.table(table).slice(start, length)
        files, start, length = place.files, first, count
    if files is not None:
        yield files.table(table).slice(start, length)


def _texts(places: Sequence[_Place]) -> Iterator[str]:
    """The prose of each report."""
    for place in places:
        if place.rows["requests"][1]:
            first, count = place.rows["texts"]
            yield "\n".join(place.files.table("texts").column("text").slice(first, count).to_pylist())
