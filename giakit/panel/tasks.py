"""The units of work: hash some files, read a batch of documents. Each is picklable and writes only where told."""

from __future__ import annotations

import faulthandler
import gc
import os
import shutil
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, Protocol, Self

from giakit.documents.limits import Limits, because, check_bytes, open_regular
from giakit.errors import NotAReport, UnreadableDocument
from giakit.panel.shard import Shard
from giakit.reading.guard import Guard, TookTooLong, memory_limit, reason_of, time_limit
from giakit.reading.record import read_record

_CHUNK = 1 << 20
GC_THRESHOLD = (50_000, 20, 20)
"""Reading makes many small objects that live shortly: looking for cycles among them as often as Python does by default
costs a twelfth of the time, on a worker of Dask as on ours."""


class Outcome(NamedTuple):
    """What a unit of work gives back: small, whatever the files hold."""

    files: int = 0
    errors: int = 0
    read_bytes: int = 0
    seconds: float = 0.0
    failure: str = ""
    result: Any = None


class Task(Protocol):
    """A unit of work."""

    @property
    def name(self) -> str:
        """What tells it from others of its stage."""

    @property
    def size(self) -> int:
        """Number of files in it."""

    @property
    def beat(self) -> str | None:
        """A file that is rewritten whenever the work moves on; it holds the number of the file at hand."""

    def run(self, *, owns_process: bool) -> Outcome:
        """Do it."""

    def split(self, at: int | None) -> list[Self]:
        """Smaller tasks that make up this one: around file `at`, or halves."""

    def blamed(self, reason: str) -> Outcome:
        """The outcome for a single file that no process survives."""


def run_task(task: Task, owns_process: bool) -> Outcome:
    """Run a task in a worker. What a crash of a process of ours would print, the manifest tells."""
    if owns_process:
        faulthandler.disable()
    return task.run(owns_process=owns_process)


def _cut(items: tuple[Any, ...], at: int | None) -> list[tuple[Any, ...]]:
    if at is None or not 0 <= at < len(items) or len(items) < 2:
        middle = len(items) // 2
        parts = [items[:middle], items[middle:]]
    else:
        parts = [items[:at], items[at : at + 1], items[at + 1 :]]
    return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class Survey:
    """Hashes files. Its result: for each file its digest, size and first bytes, or the reason why there are none."""

    start: int
    paths: tuple[bytes, ...]
    limits: Limits
    beat: str | None = None

    @property
    def name(self) -> str:
        """The place of its first file, and how many there are."""
        return f"{self.start}+{len(self.paths)}"

    @property
    def size(self) -> int:
        """Number of files."""
        return len(self.paths)

    def run(self, *, owns_process: bool) -> Outcome:
        """Hash every file."""
        began = time.process_time()
        result = [_hashed(path, self.limits) for path in self.paths]
        return Outcome(len(result), seconds=time.process_time() - began, result=(self.start, result))

    def split(self, at: int | None) -> list[Self]:
        """Halves."""
        parts, start = [], self.start
        for paths in _cut(self.paths, at):
            parts.append(replace(self, start=start, paths=paths))
            start += len(paths)
        return parts

    def blamed(self, reason: str) -> Outcome:
        """The file has no digest."""
        return Outcome(1, result=(self.start, [(None, 0, reason)]))


def _hashed(path: bytes, limits: Limits) -> tuple[bytes | None, int, Any]:
    name = os.fsdecode(os.path.basename(path))
    try:
        handle = open_regular(path, name, limits)
        try:
            digest = sha256()
            head = b""
            size = 0
            while chunk := os.read(handle, _CHUNK):
                head = head or chunk[:8]
                size += len(chunk)
                check_bytes(name, size, limits)
                digest.update(chunk)
        finally:
            os.close(handle)
    except UnreadableDocument as error:
        return None, 0, error.reason
    except OSError as error:
        return None, 0, because(error)
    return digest.digest(), size, head


class Item(NamedTuple):
    """One document of a batch."""

    path: bytes
    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Reads documents and writes their shard: aside first, then in place at once."""

    items: tuple[Item, ...]
    work: str
    run_token: str
    guard: Guard
    version: str
    environment: str

    @property
    def size(self) -> int:
        """Number of documents."""
        return len(self.items)

    @property
    def name(self) -> str:
        """Name of the shard: the span of digests it holds, and a digest of them all."""
        whole = sha256(b"".join(item.sha256 for item in self.items)).hexdigest()
        return f"{self.items[0].sha256.hex()[:16]}-{self.items[-1].sha256.hex()[:16]}-{whole[:12]}"

    @property
    def beat(self) -> str | None:
        """The sign of life."""
        return os.path.join(self.work, f"run-{self.run_token}", f"{self.name}.beat")

    def run(self, *, owns_process: bool) -> Outcome:
        """Read every document."""
        return self._write(lambda shard, handle: self._read_all(shard, handle, owns_process))

    def blamed(self, reason: str) -> Outcome:
        """Record a document as unreadable without touching it."""

        def record(shard: Shard, handle: int) -> None:
            for item in self.items:
                shard.add_failure(item.sha256, "unreadable", reason)

        return self._write(record)

    def split(self, at: int | None) -> list[Self]:
        """Smaller batches."""
        return [replace(self, items=items) for items in _cut(self.items, at)]

    def _write(self, fill: Any) -> Outcome:
        began = time.process_time()
        often = gc.get_threshold()
        gc.set_threshold(*GC_THRESHOLD)
        try:
            return self._written(fill, began)
        finally:
            gc.set_threshold(*often)

    def _written(self, fill: Any, began: float) -> Outcome:
        # A scheduler may run a task twice at once: each writes into a folder of its own.
        aside = Path(self.work, f"run-{self.run_token}", f"{self.name}.{token_hex(4)}")
        final = Path(self.work, "shards", self.name)
        shard = Shard(self.version, self.environment)
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            final.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(str(self.beat), os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                fill(shard, handle)
            finally:
                os.close(handle)
            shard.write(aside)
            _put(aside, final)
            Path(str(self.beat)).unlink(missing_ok=True)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            return Outcome(failure=f"{error.strerror or error}")
        errors = sum(document[2] == "unreadable" for document in shard.documents)
        size = sum(item.size for item in self.items)
        return Outcome(len(self.items), errors, size, time.process_time() - began, result=final.name)

    def _read_all(self, shard: Shard, handle: int, owns_process: bool) -> None:
        for position, item in enumerate(self.items):
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, b"%12d" % position)
            status, reason = "unreadable", ""
            try:
                with (
                    time_limit(self.guard.seconds, owns_process=owns_process),
                    memory_limit(self.guard.memory, owns_process=owns_process),
                ):
                    data = _content(item, self.guard.limits)
                    name = os.fsdecode(os.path.basename(item.path))
                    record = read_record(data, name=name, limits=self.guard.limits)
                shard.add(item.sha256, record)
                continue
            except NotAReport as error:
                status, reason = "not_a_report", error.reason
            except (Exception, TookTooLong) as error:  # a fault of ours in one document must not cost the others
                reason = reason_of(error, self.guard)
            shard.add_failure(item.sha256, status, reason)


def _put(aside: Path, final: Path) -> None:
    """Put a shard in place; one of that name holds the same documents, read by a run that was killed."""
    try:
        os.rename(aside, final)
    except OSError:
        if not final.exists():
            raise
        shutil.rmtree(aside)


def _content(item: Item, limits: Limits) -> bytes:
    name = os.fsdecode(os.path.basename(item.path))
    handle = open_regular(item.path, name, limits)
    with os.fdopen(handle, "rb") as file:
        data = file.read(limits.max_bytes + 1)
    if sha256(data).digest() != item.sha256:
        raise UnreadableDocument(name, "it changed while the build ran; build again")
    return data
