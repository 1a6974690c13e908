"""From files to a panel."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from giakit import __version__
from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.errors import BadPanel, BuildInterrupted, BuildStopped, GiakitError
from giakit.panel.evidence import Evidence, Wanted, named, read_sources
from giakit.panel.merge import Merge
from giakit.panel.plan import Plan, Range, bits_for, distinct, surveys, wanted_by_range, write_manifest
from giakit.panel.pool import Pool, follow
from giakit.panel.schema import (
    DATA_PACKAGE,
    INDEX,
    LOCK,
    MANIFEST,
    TABLES,
    WORK,
    Index,
    Span,
    damage,
    locked,
    read_files,
    read_index,
    schema,
    sync,
    write_index,
)
from giakit.panel.shard import is_sound
from giakit.panel.source import Listing, Source, list_source, path_text, sources_files, unpacked
from giakit.panel.tasks import Batch
from giakit.reading.guard import Guard

if TYPE_CHECKING:
    from giakit.panel.panel import Panel


_TIMINGS = "timings.csv"
_USERS = {LOCK, "corrections.csv", "notes.csv", "sources.csv", _TIMINGS}
"""Files that may lie in a folder before it is a panel."""
_GRACE = 30.0


def build(
    source: Source,
    out: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    resume: bool = True,
    jobs: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    seconds: float = 120.0,
    memory: int = 4_000_000_000,
    progress: bool | None = None,
) -> Panel:
    """Read every report of a source into a panel.

    Parameters
    ----------
    source : path, glob or iterable of paths
        What to read; folders with all that is below them, a zip of reports as a folder (unpacked beside `out`). A ``sources.csv`` beside the files (path, url, captured,
        published, unit, year, place, parent, scope; all but `path` optional) adds what the reports do not say.
    out : path
        Folder of the panel, on a local or shared POSIX file system.
    executor : concurrent.futures.Executor, optional
        Where the work is done. None: processes of this machine, replaced when a file kills them. For a cluster
        ``dask.distributed.Client(...).get_executor()``; it must see source and panel under the same paths.
    resume : bool, default True
        Keep what this version of giakit has read before. False drops the panel that is there and starts over.
    jobs : int, optional
        Processes, or tasks at once on a foreign executor. Default: the number of cores.
    limits : Limits
        What one file may cost: bytes, cells, depth, pages.
    seconds, memory : float, int
        Time for one file, and bytes of memory beyond what its process has.
    progress : bool, optional
        Whether to show a bar. None: where stderr is a terminal.

    Returns
    -------
    Panel

    Raises
    ------
    UnreadableDocument
        If the source does not exist.
    PanelLocked
        If another build writes into `out`.
    BadPanel
        If `out` holds other things than a panel.
    BuildStopped
        If `out` cannot be written. What was read is kept.
    BuildInterrupted
        After an interrupt at the keyboard; `out` is a panel of what was read.

    Notes
    -----
    `report_id` is the first 16 hex digits of the SHA-256 of a file's bytes: one document under several names is
    read once. The files of the panel depend on source and version alone, not on executor, order or interruptions.

    Examples
    --------
    >>> import giakit as gia
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> panel.reports[["unit", "place_code", "year"]].values.tolist()
    [['卧龙区商务局', '411303', 2025]]
    """
    folder = Path(out).absolute()
    _require_own(folder)
    guard = Guard(limits, seconds, memory)
    listing = list_source(unpacked(source, folder.with_name(f"{folder.name}_source")), besides=[str(folder)])
    try:
        with locked(folder):
            pool = Pool(executor, jobs=jobs or os.cpu_count() or 1, stalled=2 * seconds + _GRACE)
            run = _Run(listing, folder, guard, pool, progress)
            if not resume:
                _drop(folder)
            began = time.time()
            try:
                index = run.build()
            finally:
                run.pool.close(kill=True)
            _note_timing(folder, began, run)
            panel = _described(folder)
    except GiakitError:
        raise
    except OSError as error:
        raise BuildStopped(f"{error.filename or folder}: {error.strerror or error}") from error
    if run.interrupted:
        raise BuildInterrupted(str(out), index.reports)
    return panel


@dataclass(slots=True)
class _Run:
    """One build."""

    listing: Listing
    out: Path
    guard: Guard
    pool: Pool
    progress: bool | None
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    files: int = 0
    errors: int = 0
    interrupted: bool = False
    live: dict[str, Span] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """Where shards lie until they are merged."""
        return self.out / WORK

    def build(self) -> Index:
        """Survey, read, merge, commit."""
        for left in self.work.glob("run-*"):
            shutil.rmtree(left, ignore_errors=True)
        for torn in self.out.glob(".*.tmp"):
            torn.unlink(missing_ok=True)
        self._drop_damaged()
        evidence = read_sources(sources_files(self.listing), self.listing.root)
        there = {named(path_text(name)) for name in self.listing.files}
        there |= {named(path_text(name)) for name, _ in self.listing.passed_over}
        self.listing.lost = sorted(evidence.keys() - there)
        plan = Plan.empty(self.listing)
        tasks = surveys(self.listing, self.guard.limits)
        for outcome in follow(self.pool.run(tasks), "looking", len(self.listing.files), shown=self.progress):
            plan.note(*outcome.result)
        complete = True
        try:
            self._read(plan)
        except KeyboardInterrupt:
            self._interrupt()
            complete = False
        return self._finish(plan, evidence, complete)

    def _finish(self, plan: Plan, evidence: Mapping[str, Evidence], complete: bool) -> Index:
        """Make what was read the panel; the first interrupt does not stop that, the second does."""
        try:
            order, firsts = plan.documents()
            spans = self._merge(wanted_by_range(plan, order, firsts, evidence), 2 ** bits_for(len(distinct(firsts))))
            manifest = write_manifest(self.out, plan, order, firsts, spans)
            index = Index(__version__, complete, tuple(spans), manifest)
            self._commit(index)
            self.live = {span.name: span for span in spans}
        except KeyboardInterrupt:
            if self.interrupted:
                raise
            self._interrupt()
            return self._finish(plan, evidence, complete)
        return index

    def _drop_damaged(self) -> None:
        """Keep of earlier builds what is as it was written; the documents of the rest are read again."""
        for shard in (self.work / "shards").glob("*"):
            if not is_sound(shard):
                shutil.rmtree(shard, ignore_errors=True)
        try:
            spans = read_index(self.out).spans
        except BadPanel:
            return
        for span in spans:
            files = {span.file(self.out, table): hashed for table, hashed in span.hashes.items()}
            damaged = [path for path, hashed in files.items() if damage(path, hashed)]
            for path in damaged:
                path.unlink(missing_ok=True)
            if not damaged:
                self.live[span.name] = span

    def _interrupt(self) -> None:
        self.interrupted = True
        self.pool.close(kill=True)
        print(
            "\ngiakit: interrupted; writing the panel of what was read (again Ctrl-C leaves at once)", file=sys.stderr
        )

    def _read(self, plan: Plan) -> None:
        known = self._known()
        documents = distinct(plan.documents()[1])
        total = sum(plan.digest(position) not in known for position in documents.tolist())
        environment = _environment(self.guard)
        tasks = (
            Batch(items, str(self.work), self.token, self.guard, __version__, environment)
            for items in plan.batches(documents, known)
        )
        for outcome in follow(self.pool.run(tasks), "reading", total, shown=self.progress):
            self.files += outcome.files
            self.errors += outcome.errors

    def _known(self) -> set[bytes]:
        """Documents that this version has read before; those it could not read only if nothing has changed since."""
        environment = _environment(self.guard)
        known = set()
        for path in self._documents():
            columns = ["sha256", "version", "status", "environment"]
            table = read_files([path], schema("documents"), columns)
            for digest, version, status, under in zip(
                *(table.column(name).to_pylist() for name in table.column_names), strict=True
            ):
                if version == __version__ and (status != "unreadable" or under == environment):
                    known.add(digest)
        return known

    def _documents(self) -> Iterator[Path]:
        for source in self._sources():
            path = Path(source)
            yield (path / "documents.parquet" if path.is_absolute() else self.out / "documents" / f"{source}.parquet")

    def _sources(self) -> dict[str, tuple[int, int]]:
        """Every shard there is, the newest first, with the ids between which it lies."""
        shards: dict[str, tuple[int, int]] = {}
        for shard in sorted((self.work / "shards").glob("*-*-*")):
            first, last, _ = shard.name.split("-")
            shards[str(shard)] = (int(first, 16), int(last, 16))
        for span in self.live.values():
            shards[f"{span.name}-{span.digest}"] = Range.named(span.name).ends
        return shards

    def _merge(self, ranges: Iterable[tuple[Range, tuple[Wanted, ...]]], total: int) -> list[Span]:
        sources = self._sources()
        tasks = (
            Merge(
                str(self.out),
                part.name,
                wanted,
                tuple(name for name, ends in sources.items() if part.meets(*ends)),
                self.live.get(part.name),
            )
            for part, wanted in ranges
        )
        outcomes = follow(self.pool.run(tasks), "writing", total, shown=self.progress, unit="range")
        spans: list[Span] = [outcome.result for outcome in outcomes]
        return sorted((span for span in spans if span.documents), key=lambda span: span.name)

    def _commit(self, index: Index) -> None:
        live = index.hashes(self.out)
        for table in (*TABLES, MANIFEST):
            if (self.out / table).is_dir():
                sync(self.out / table)
        write_index(self.out, index)
        for table in (*TABLES, MANIFEST):
            for path in (self.out / table).glob("*"):
                if path not in live:
                    path.unlink(missing_ok=True)
        _clear(self.work)


def _environment(guard: Guard) -> str:
    """What decides whether a document can be read, besides the version."""
    helpers = f"{find_spec('rapidocr') is not None} {shutil.which('soffice') or shutil.which('libreoffice')}"
    return blake2b(f"{guard.key} {helpers}".encode(), digest_size=4).hexdigest()


def _require_own(folder: Path) -> None:
    """Refuse a folder in which other things lie: they would be taken for the panel's."""
    if folder.exists() and not folder.is_dir():
        raise BadPanel(str(folder), "it is a file; give a folder")
    if folder.is_dir() and not (folder / MANIFEST).is_dir() and not (folder / WORK).is_dir():
        others = sorted(path.name for path in folder.iterdir() if path.name not in _USERS)
        if others:
            raise BadPanel(str(folder), f"it holds other files ({', '.join(others[:3])}); give a new or empty folder")


def _described(folder: Path) -> Panel:
    """The panel, with its data package beside it."""
    from giakit.panel.datapackage import write_datapackage
    from giakit.panel.panel import open_panel

    panel = open_panel(folder)
    write_datapackage(panel)
    return panel


def _drop(folder: Path) -> None:
    for name in (INDEX, DATA_PACKAGE):
        (folder / name).unlink(missing_ok=True)
    _clear(folder / WORK)
    for name in (*TABLES, MANIFEST):
        shutil.rmtree(folder / name, ignore_errors=True)


def _clear(work: Path) -> None:
    """Remove what builds left. The shards go from their place at once: one that is half gone must never be found there."""
    shards = work / "shards"
    try:
        if shards.exists():
            shards.rename(work / f"run-{secrets.token_hex(4)}")
    except OSError:
        return
    shutil.rmtree(work, ignore_errors=True)


def _note_timing(folder: Path, began: float, run: _Run) -> None:
    """Add a line on this run; timings are no part of the panel."""
    path = folder / _TIMINGS
    head = "" if path.exists() else "started,seconds,documents_read,unreadable,jobs,version\n"
    started = datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds")
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f"{head}{started},{time.time() - began:.2f},{run.files},{run.errors},{run.pool.jobs},{__version__}\n"
        )
