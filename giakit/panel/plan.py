"""What is to be read, and what became of it: documents told apart by their bytes, in the order of their digests, cut into
batches; and the manifest, one row for every path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from giakit.documents.limits import Limits
from giakit.panel.evidence import Evidence, Wanted, named
from giakit.panel.schema import MANIFEST, MANIFEST_SCHEMA, WRITTEN, Span, hash_of, read_files, schema, sync
from giakit.panel.shard import report_id
from giakit.panel.source import Listing, path_text
from giakit.panel.tasks import Item, Survey

_SURVEY_FILES = 400
_BATCH = 64_000_000
"""Weight of a batch: a few seconds of reading."""
_OVERHEAD = 150_000
"""Bytes of a page that cost as much as matching the tables of any report."""
_SPAN = 16_384
"""Documents in one file of a table, at most on average."""
_WEIGHTS = {
    b"%PDF": 8,
    b"\x89PNG": 60,
    b"\xff\xd8\xff": 60,
    b"GIF8": 60,
    b"II*\x00": 60,
    b"MM\x00*": 60,
    b"PK\x03\x04": 2,
    b"\xd0\xcf\x11\xe0": 2,
}
"""How many bytes of a page cost as much as one byte of these."""

Order = npt.NDArray[np.int64]
NO_SUCH_FILE = "no_such_file"
_CHUNK = 65_536
"""Rows of the manifest that are held at once."""


def surveys(listing: Listing, limits: Limits) -> Iterator[Survey]:
    """Tasks that hash every file of a listing."""
    for start in range(0, len(listing.files), _SURVEY_FILES):
        names = listing.files[start : start + _SURVEY_FILES]
        yield Survey(start, tuple(listing.path(name) for name in names), limits)


@dataclass(slots=True)
class Plan:
    """The files of a source and what their bytes are."""

    listing: Listing
    digests: bytearray
    """32 bytes a file."""
    sizes: Order
    weights: Order
    """Cost of each file, in bytes of a page."""
    failures: dict[int, str]
    """Files without a digest, with the reason."""

    @classmethod
    def empty(cls, listing: Listing) -> Plan:
        """A plan in which no file is hashed yet."""
        n = len(listing.files)
        return cls(listing, bytearray(32 * n), np.zeros(n, np.int64), np.zeros(n, np.int64), {})

    def note(self, start: int, hashed: list[tuple[bytes | None, int, Any]]) -> None:
        """Take in the result of a survey."""
        for position, (digest, size, head) in enumerate(hashed, start):
            if digest is None:
                self.failures[position] = head
                continue
            self.digests[32 * position : 32 * position + 32] = digest
            self.sizes[position] = size
            factor = next((weight for magic, weight in _WEIGHTS.items() if head.startswith(magic)), 1)
            self.weights[position] = size * factor + _OVERHEAD

    def digest(self, position: int) -> bytes:
        """Digest of a file."""
        return bytes(self.digests[32 * position : 32 * position + 32])

    def documents(self) -> tuple[Order, Order]:
        """Files in the order of their digests, then of their paths; and for each the first file with the same bytes.

        Files without a digest are in neither.
        """
        parts = np.frombuffer(bytes(self.digests), dtype=">u8").reshape(-1, 4)
        readable = np.setdiff1d(np.arange(len(parts)), np.fromiter(self.failures, np.int64, len(self.failures)))
        keys = parts[readable]
        order = readable[np.lexsort((readable, keys[:, 3], keys[:, 2], keys[:, 1], keys[:, 0]))]
        ordered = parts[order]
        new = np.ones(len(order), bool)
        new[1:] = np.any(ordered[1:] != ordered[:-1], axis=1)
        return order, order[new][np.cumsum(new) - 1]

    def batches(self, documents: Order, known: set[bytes]) -> Iterator[tuple[Item, ...]]:
        """The documents that are not known, in batches of about equal cost."""
        items: list[Item] = []
        weight = 0
        for position in documents.tolist():
            digest = self.digest(position)
            if digest in known:
                continue
            cost = int(self.weights[position])
            if items and weight + cost > _BATCH:
                yield tuple(items)
                items, weight = [], 0
            items.append(Item(self.listing.path(self.listing.files[position]), digest, int(self.sizes[position])))
            weight += cost
        if items:
            yield tuple(items)


@dataclass(frozen=True, slots=True)
class Range:
    """Ids that begin with the same bits."""

    bits: int
    number: int

    @property
    def name(self) -> str:
        """Name in file names; in the order of ids."""
        return f"{self.bits:02d}_{self.number:04x}"

    @property
    def ends(self) -> tuple[int, int]:
        """First and last id as numbers of 64 bits."""
        width = 64 - self.bits
        return self.number << width, ((self.number + 1) << width) - 1

    @classmethod
    def named(cls, name: str) -> Range:
        """The range of that name."""
        bits, number = name.split("_")
        return cls(int(bits), int(number, 16))

    def meets(self, first: int, last: int) -> bool:
        """Whether ids between two others can lie in it."""
        return first <= self.ends[1] and last >= self.ends[0]


def distinct(firsts: Order) -> Order:
    """Each document once, in the same order."""
    return firsts[np.concatenate([[True], firsts[1:] != firsts[:-1]])] if len(firsts) else firsts


def bits_for(documents: int) -> int:
    """Bits by which the ids of so many documents are divided into files."""
    return max(0, math.ceil(math.log2(documents / _SPAN))) if documents else 0


def wanted_by_range(
    plan: Plan, order: Order, firsts: Order, sources: Mapping[str, Evidence]
) -> Iterator[tuple[Range, tuple[Wanted, ...]]]:
    """The documents of each range that has any."""
    bits = bits_for(len(distinct(firsts)))
    held: list[Wanted] = []
    number = 0
    for position, first in zip(order.tolist(), firsts.tolist(), strict=True):
        path = path_text(plan.listing.files[position])
        name = named(path)
        if position != first:
            if name in sources and not held[-1].given:
                held[-1] = held[-1]._replace(given=sources[name])
            continue
        digest = plan.digest(position)
        mine = int.from_bytes(digest[:8], "big") >> (64 - bits)
        if held and mine != number:
            yield Range(bits, number), tuple(held)
            held = []
        number = mine
        held.append(Wanted(digest, path, sources.get(name, {})))
    if held:
        yield Range(bits, number), tuple(held)


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
            writer.write_table(pa.Table.from_pylist(chunk, MANIFEST_SCHEMA))
    sync(aside)
    hashed = hash_of(aside)
    aside.replace(out / MANIFEST / f"{hashed[:12]}.parquet")
    return hashed


def _treated(out: Path, plan: Plan, documents: Order, spans: list[Span]) -> list[dict[str, str] | None]:
    """Status, reason and format of each document, at its first file."""
    treated: list[dict[str, str] | None] = [None] * len(plan.listing.files)
    waiting = iter(documents.tolist())
    same: dict[tuple[str, ...], dict[str, str]] = {}
    for span in spans:
        columns = ["sha256", "status", "reason", "format"]
        table = read_files([span.file(out, "documents")], schema("documents"), columns)
        for digest, *values in zip(*(table.column(name).to_pylist() for name in columns), strict=True):
            position = next(number for number in waiting if plan.digest(number) == digest)
            treated[position] = same.setdefault(tuple(values), dict(zip(columns[1:], values, strict=True)))
    return treated


def _rows(plan: Plan, treated: list[dict[str, str] | None], first_of: Order) -> Iterator[dict[str, Any]]:
    files, passed_over = plan.listing.files, plan.listing.passed_over
    names = [*files, *(name for name, _ in passed_over)]
    for number in sorted(range(len(names)), key=names.__getitem__):
        row: dict[str, Any] = {"path": path_text(names[number])}
        if number >= len(files):
            yield row | {"status": "passed_over", "reason": passed_over[number - len(files)][1]}
        elif number in plan.failures:
            yield row | {"status": "unreadable", "reason": plan.failures[number]}
        else:
            first = int(first_of[number])
            row |= treated[first] or {"status": "unread", "reason": "the build was interrupted before it"}
            digest = plan.digest(number)
            if row["status"] in ("parsed", "partial"):
                row["report_id"] = report_id(digest)
            if first != number:
                original = path_text(files[first])
                row |= {"status": "duplicate_of", "reason": original, "duplicate_of": original}
            yield row | {"bytes": int(plan.sizes[number]), "sha256": digest.hex()}
    for path in plan.listing.lost:
        yield {"path": path, "status": NO_SUCH_FILE, "reason": "sources.csv names it, but there is no such file"}
