"""Work on a cluster: an executor of Dask, which is an extra."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from giakit.errors import MissingExtra, NoScheduler

_SECONDS = 10
"""How long a scheduler may take to answer."""


@contextmanager
def scheduled(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on a Dask scheduler, and the number of its threads.

    Raises
    ------
    MissingExtra
        If ``distributed`` is not installed.
    NoScheduler
        If none answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtra("distributed", "dask") from None
    try:
        client: Any = Client(address, timeout=_SECONDS)  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, ValueError):
        raise NoScheduler(address) from None
    with client:
        workers = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
        yield client.get_executor(pure=False), max(workers, 1)
