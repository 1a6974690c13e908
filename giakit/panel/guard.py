"""Limits on time and memory that act inside the process that reads a file."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from giakit.documents.limits import DEFAULT_LIMITS, Limits

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
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
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
