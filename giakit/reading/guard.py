"""Limits on time and memory that act inside the process that reads a file, and a process that reads one for the caller."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from giakit.documents.limits import DEFAULT_LIMITS, Limits, because
from giakit.errors import GiakitError, UnreadableDocument
from giakit.reading.record import Record, read_record

_HARD = 1.5
"""What runs this much longer than allowed does not hear the alarm: it is inside a C loop, and its process ends."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What one file may cost.

    Parameters
    ----------
    limits : Limits
        Bytes, cells, depth, pages.
    seconds : float
        Time for one file.
    memory : int
        Bytes beyond what the process has when the file is opened.
    """

    limits: Limits = DEFAULT_LIMITS
    seconds: float = 120.0
    memory: int = 4_000_000_000

    @property
    def key(self) -> str:
        """The limits as text: what was refused under others is tried again."""
        return f"{self.limits} {self.seconds} {self.memory}"


class TookTooLong(BaseException):
    """The time for one file is over. No `Exception`: code that tries another way when one fails must not catch it."""


def _over(signum: int, frame: FrameType | None) -> None:
    raise TookTooLong


@contextmanager
def time_limit(seconds: float, *, owns_process: bool) -> Iterator[None]:
    """Raise `TookTooLong` in what runs longer; end the process where it cannot be raised.

    Signals reach the main thread alone: in another thread (a worker of Dask) only the limits on bytes, cells and
    pages hold, and the scheduler's own deadline.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _over)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    if owns_process:
        signal.setitimer(signal.ITIMER_PROF, seconds * _HARD)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if owns_process:
            signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def memory_limit(memory: int, *, owns_process: bool) -> Iterator[None]:
    """Let allocations fail that go beyond what the process has by more than `memory` bytes."""
    if not owns_process or os.name == "nt":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = _address_space() + memory
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    except (ValueError, OSError):
        # macOS refuses limits that it cannot keep: then the limits on bytes and cells must do.
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 16_000_000_000


def reason_of(error: BaseException, guard: Guard) -> str:
    """Why a document was not read, whatever was raised."""
    if isinstance(error, UnreadableDocument):
        return error.reason
    if isinstance(error, GiakitError):
        return str(error)
    if isinstance(error, TookTooLong):
        return f"it took longer than {guard.seconds:g} seconds"
    if isinstance(error, MemoryError):
        return f"it needs more than {guard.memory:,} bytes of memory"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError):
        return because(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"giakit failed on it: {type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}, line {last.lineno})"


def read_guarded(data: bytes, *, name: str, guard: Guard) -> Record:
    """Read a record in a process of its own, which is kept for the next one: no document ends or blocks the caller.

    Raises
    ------
    UnreadableDocument
        The document cannot be opened, or its process took too long, too much memory, or died.
    NotAReport
        It is no annual report.
    """
    from concurrent.futures import BrokenExecutor

    global _reader
    if _reader is None:
        from loky.process_executor import ProcessPoolExecutor

        _reader = ProcessPoolExecutor(max_workers=1, timeout=300)
        atexit.register(_end_reader)
    try:
        # The alarm inside comes first; a process that does not even die of it is ended from here.
        record: Record = _reader.submit(_read_with_limits, data, name, guard).result(guard.seconds * 2 * _HARD)
    except (BrokenExecutor, TimeoutError):
        _end_reader()
        raise UnreadableDocument(name, "the process that read it died or hung") from None
    return record


def end_reader() -> None:
    """End the process that `read_guarded` keeps; the next call starts another."""
    global _reader
    if _reader is not None:
        _reader.shutdown(wait=True, kill_workers=True)
        _reader = None


_reader: Any = None


def _end_reader() -> None:
    global _reader
    if _reader is not None:
        _reader.shutdown(wait=True, kill_workers=True)
        _reader = None
    atexit.unregister(_end_reader)


def _read_with_limits(data: bytes, name: str, guard: Guard) -> Record:
    try:
        with time_limit(guard.seconds, owns_process=True), memory_limit(guard.memory, owns_process=True):
            return read_record(data, name=name, limits=guard.limits)
    except GiakitError:
        raise
    except (Exception, TookTooLong) as error:
        raise UnreadableDocument(name, reason_of(error, guard)) from None
