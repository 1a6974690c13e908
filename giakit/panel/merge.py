"""Merges shards of workers into the panel's own: one file a table and range of ids, rows in the order of ids.

A document's rows lie together in every table, and `documents` counts them: merging copies slices, nothing is sorted
or parsed. What is derived of a report, its place and its doubts, is copied too where the live panel has derived it of the same
document, path and evidence. One row group of each file at hand is in memory at once. The bytes depend on the documents
alone, not on how they were batched.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from giakit import __version__
from giakit.panel.evidence import FromReport, Wanted, report_row
from giakit.panel.schema import LONG, WIDE, Span, schema, table_of, write_file
from giakit.panel.tasks import Outcome

_GROUP = 512
"""Documents of which the rows make one row group of a long table, and that are in memory at once; eight times as many of a wide one."""
_CODES = ["table", "row", "column", "state", "origin", "check", "status", "section"]
_COUNTED = {table: "n_report" for table in (*WIDE, "reports")} | {table: f"n_{table}" for table in (*LONG, "conflicts")}
"""The column of `documents` that counts a document's rows in a table."""


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
        wanted, places, documents = _located(self.wanted, [_Files(self.out, source) for source in self.sources])
        derived = [_digest(entry, place) for entry, place in zip(wanted, places, strict=True)]
        digest = sha256(f"{__version__}{derived}".encode()).hexdigest()[:12]
        if self.live is not None and self.live.digest == digest:
            return self.live
        reports = int(np.sum(documents.column("n_report").to_numpy()))
        span = Span(self.name, digest, documents.num_rows, reports)
        conflicts = np.zeros(len(places), np.int64)
        if reports:
            for table in (*WIDE, *LONG):
                self._write(span, table, _groups(places, table, 8 * _GROUP if table in WIDE else _GROUP))
            about = list(_derived(wanted, places, documents, derived, conflicts))
            for table, groups in zip(("reports", "conflicts"), zip(*about, strict=True), strict=True):
                self._write(span, table, [pa.concat_tables(groups).combine_chunks()])
        for name, column in (("n_conflicts", conflicts), ("derived", derived)):
            number = documents.schema.get_field_index(name)
            documents = documents.set_column(
                number, schema("documents").field(name), pa.array(column, schema("documents").field(name).type)
            )
        self._write(span, "documents", [documents])
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


class _Files:
    """The tables of a shard, which is a folder, or of a range of the live panel; a row group is read when it is needed.

    `last` is the position of the last document that is taken from here, after which nothing is kept open.
    """

    def __init__(self, out: str, source: str) -> None:
        self.out, self.source, self.last = Path(out), Path(source), -1
        self._file: tuple[str, pq.ParquetFile] | None = None
        self._held: tuple[int, pa.Table] | None = None

    @cached_property
    def documents(self) -> pa.Table:
        table = pq.read_table(self._path("documents"), partitioning=None, page_checksum_verification=True)
        return table.cast(schema("documents"))

    @cached_property
    def ends(self) -> dict[str, NDArray[np.int64]]:
        """For each table the first row of every document, and the end."""
        counts = {name: self.documents.column(name).fill_null(0).to_numpy() for name in set(_COUNTED.values())}
        return {table: np.concatenate([[0], np.cumsum(counts[name])]) for table, name in _COUNTED.items()}

    def _path(self, name: str) -> Path:
        if self.source.is_absolute():
            return self.source / f"{name}.parquet"
        return self.out / name / f"{self.source}.parquet"

    def rows(self, name: str, first: int, last: int) -> Iterator[pa.Table]:
        """Some rows of a table, in pieces of one row group each."""
        if self._file is None or self._file[0] != name:
            self.drop()
            coded = [field.name for field in schema(name) if field.name in _CODES]
            file = pq.ParquetFile(self._path(name), read_dictionary=coded, page_checksum_verification=True)
            self._file = (name, file)
        file, start = self._file[1], 0
        for number in range(file.num_row_groups):
            end = start + file.metadata.row_group(number).num_rows
            if start < last and end > first:
                if self._held is None or self._held[0] != number:
                    self._held = (number, file.read_row_group(number, use_threads=False))
                yield self._held[1].slice(max(first - start, 0), min(last, end) - max(first, start))
            start = end

    def drop(self) -> None:
        """Keep nothing of it open."""
        if self._file is not None:
            self._file[1].close()
        self._file = self._held = None


class _Place(NamedTuple):
    """Where a document's rows are: the shard, and the number of the document there."""

    files: _Files
    row: int

    @property
    def derived(self) -> str | None:
        """Of what the live panel derived the document's row in `reports`."""
        value: str | None = self.files.documents.column("derived")[self.row].as_py()
        return value

    def count(self, table: str) -> int:
        """Number of its rows in a table."""
        return int(self.files.ends[table][self.row + 1] - self.files.ends[table][self.row])


def _located(wanted: Sequence[Wanted], sources: Sequence[_Files]) -> tuple[list[Wanted], list[_Place], pa.Table]:
    """Of the documents wanted those that were read, where the rows of each lie, and their rows in `documents`."""
    order = {entry.sha256: position for position, entry in enumerate(wanted)}
    located: dict[int, tuple[_Place, int]] = {}
    before = 0
    for files in sources:
        for row, digest in enumerate(files.documents.column("sha256").to_pylist()):
            position = order.get(digest)
            if position is not None and position not in located:
                located[position] = (_Place(files, row), before + row)
                files.last = max(files.last, position)
        before += files.documents.num_rows
    positions = sorted(located)
    ordered = [located[position] for position in positions]
    every = pa.concat_tables([schema("documents").empty_table(), *(files.documents for files in sources)])
    documents = every.take(pa.array([row for _, row in ordered], pa.int64())).combine_chunks()
    return [wanted[position] for position in positions], [place for place, _ in ordered], documents


def _digest(entry: Wanted, place: _Place) -> str:
    """Of all that what is derived of a document depends on."""
    version, status = (place.files.documents.column(name)[place.row].as_py() for name in ("version", "status"))
    whole = repr((entry.sha256, version, status, __version__, entry.path, sorted(entry.given.items())))
    return sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _derived(
    wanted: Sequence[Wanted],
    places: Sequence[_Place],
    documents: pa.Table,
    derived: Sequence[str],
    conflicts: NDArray[np.int64],
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """`reports` and the conflicts between their witnesses, in groups; the numbers of conflicts are noted."""
    for start in range(0, len(places), _GROUP):
        end = min(start + _GROUP, len(places))
        for is_known, run in groupby(range(start, end), key=lambda number: places[number].derived == derived[number]):
            numbers = list(run)
            here = [places[number] for number in numbers]
            if is_known:
                conflicts[numbers] = [place.count("conflicts") for place in here]
                yield _whole(here, "reports"), _whole(here, "conflicts")
                continue
            texts = iter(_whole(here, "texts").column("text").to_pylist())
            rows: list[tuple[Any, ...]] = []
            doubts: list[tuple[Any, ...]] = []
            for number, place, document in zip(numbers, here, documents.take(numbers).to_pylist(), strict=True):
                text = "\n".join(islice(texts, place.count("texts")))
                if document["n_report"]:
                    about = {name: document[name] for name in FromReport._fields[:-1]}
                    row, checks = report_row(FromReport(**about, text=text), *wanted[number][1:])
                    rows.append(row)
                    doubts += [(document["report_id"], *check) for check in checks]
                    conflicts[number] = len(checks)
            yield table_of(rows, schema("reports")), table_of(doubts, schema("conflicts"))
        _drop(places[start:end], end)


def _groups(places: Sequence[_Place], table: str, size: int) -> Iterator[pa.Table]:
    """The rows of a table, a table of Arrow for each group of so many documents."""
    for start in range(0, len(places), size):
        group = places[start : start + size]
        yield _whole(group, table).combine_chunks()
        _drop(group, start + size)


def _drop(group: Sequence[_Place], position: int) -> None:
    """Close the files from which nothing more is taken."""
    for place in group:
        if place.files.last < position:
            place.files.drop()


def _whole(places: Sequence[_Place], table: str) -> pa.Table:
    """The rows of some documents: runs of rows that lie together in one shard."""
    pieces = [schema(table).empty_table()]
    files: _Files | None = None
    first = last = 0
    for place in (*places, None):
        start = -1 if place is None else int(place.files.ends[table][place.row])
        if files is not None and (place is None or place.files is not files or start != last):
            pieces += [piece.cast(schema(table)) for piece in files.rows(table, first, last)]
            files = None
        if place is not None:
            first, files = (start if files is None else first), place.files
            last = start + place.count(table)
    return pa.concat_tables(pieces)
