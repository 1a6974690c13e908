"""What is to be read: documents told apart by their bytes, in the order of their digests, cut into batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from giakit.documents.limits import Limits
from giakit.panel.evidence import Evidence, named
from giakit.panel.merge import Wanted
from giakit.panel.source import Listing, shown
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


def surveys(listing: Listing, limits: Limits) -> Iterator[Survey]:
    """Tasks that hash every file of a listing."""
    for start in range(0, len(listing.files), _SURVEY_FILES):
        names = listing.files[start : start + _SURVEY_FILES]
        yield Survey(start, tuple(listing.path(name) for name in names), limits)


@dataclass(slots=True)
class Plan:
    """The files of a source and what their bytes are.

    Attributes
    ----------
    listing : Listing
    digests : bytearray
        32 bytes a file.
    sizes, weights : array of int64
        Bytes, and cost in bytes of a page.
    failures : dict of int to str
        Files without a digest, with the reason.
    """

    listing: Listing
    digests: bytearray
    sizes: Order
    weights: Order
    failures: dict[int, str]

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
        words = np.frombuffer(bytes(self.digests), dtype=">u8").reshape(-1, 4)
        readable = np.setdiff1d(np.arange(len(words)), np.fromiter(self.failures, np.int64, len(self.failures)))
        keys = words[readable]
        order = readable[np.lexsort((readable, keys[:, 3], keys[:, 2], keys[:, 1], keys[:, 0]))]
        ordered = words[order]
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
        path = shown(plan.listing.files[position])
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
