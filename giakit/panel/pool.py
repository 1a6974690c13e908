"""Runs tasks on an executor, of this machine or of a cluster, and outlives what they do to it: dead workers, hanging workers, lost results."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from typing import Any

from giakit.errors import BuildStopped, MissingExtra, NoScheduler
from giakit.panel.tasks import Outcome, Task, run_task

_DIED = "the process that read it died or hung, also when it read nothing else"
_TICK = 1.0
_TRIES = 2
_PATIENCE = 20
"""How many times longer a task may take that gives no signs of life."""
_SCHEDULER_SECONDS = 10
"""How long a scheduler may take to answer."""


class InProcess(Executor):
    """Runs each task at once in this process: for debugging, and for comparing runs.

    Nothing outlives a file that kills the process here.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Pool:
    """Yields the outcome of every task, whatever becomes of the workers.

    Parameters
    ----------
    executor : Executor or None
        None: processes of our own, which are replaced when one dies or shows no sign of life. Of a foreign
        executor only `submit` is used, and a task that fails there is tried again in smaller pieces.
    jobs : int
        Tasks under way at once.
    stalled : float
        Seconds without a sign of life after which our own processes are replaced.
    """

    def __init__(self, executor: Executor | None, *, jobs: int, stalled: float) -> None:
        self.foreign = executor
        self.jobs = jobs
        self.stalled = stalled
        self.processes: Any = None
        self.reason = _DIED
        self.tries: dict[str, int] = {}

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes in the order in which they come.

        Raises
        ------
        BuildStopped
            If a task reports that it cannot write.
        """
        under_way: dict[Future[Any], tuple[Task, float]] = {}
        try:
            yield from self._run(iter(tasks), under_way)
        finally:
            for future in under_way:
                future.cancel()

    def _run(self, source: Iterator[Task], under_way: dict[Future[Any], tuple[Task, float]]) -> Iterator[Outcome]:
        queue: deque[Task] = deque()
        exhausted = False
        while True:
            while not exhausted and len(under_way) + len(queue) < self.jobs + 1:
                task = next(source, None)
                exhausted = task is None
                if task is not None:
                    queue.append(task)
            while queue and len(under_way) < self.jobs + 1:
                self._start(queue.popleft(), under_way)
            if not under_way:
                if exhausted and not queue:
                    return
                continue
            suspects = []
            done, _ = wait(under_way, timeout=_TICK, return_when=FIRST_COMPLETED)
            for future in done:
                task, _ = under_way.pop(future)
                outcome = self._result(future)
                if outcome is None:
                    suspects.append(task)
                else:
                    yield _checked(outcome)
            if suspects and self.foreign is not None:
                for task in suspects:
                    yield from self._retry(task, queue)
            elif suspects or self._hangs(under_way):
                suspects += [task for task, _ in under_way.values()]
                under_way.clear()
                self.close(kill=True)
                for task in suspects:
                    yield from self._isolate(task, queue)

    def close(self, *, kill: bool = False) -> None:
        """End our own processes."""
        if self.processes is not None:
            self.processes.shutdown(wait=not kill, kill_workers=kill)
            self.processes = None

    def _start(self, task: Task, under_way: dict[Future[Any], tuple[Task, float]]) -> None:
        if self.foreign is None and self.processes is None:
            self.processes = _processes(self.jobs)
        executor = self.foreign if self.foreign is not None else self.processes
        under_way[executor.submit(run_task, task, self.foreign is None)] = (task, time.time())

    def _result(self, future: Future[Any]) -> Outcome | None:
        """The outcome; None if the worker did not live to give one."""
        try:
            outcome: Outcome = future.result()
        except BrokenExecutor:
            self.reason = _DIED
            return None
        except Exception as error:
            if isinstance(self.foreign, InProcess):
                raise
            self.reason = f"{_DIED}: {type(error).__name__}: {str(error)[:200]}"
            return None
        return outcome

    def _hangs(self, under_way: dict[Future[Any], tuple[Task, float]]) -> bool:
        """Whether a task of our own processes gave signs of life and has stopped to, or none gives any."""
        if self.foreign is not None or not under_way:
            return False
        lives = [(_beat(task), begun) for task, begun in under_way.values()]
        silent = [time.time() - max(beat, begun) for beat, begun in lives if beat]
        waited = min(time.time() - begun for _, begun in lives)
        return max(silent, default=0.0) > self.stalled or (not silent and waited > _PATIENCE * self.stalled)

    def _isolate(self, task: Task, queue: deque[Task]) -> Iterator[Outcome]:
        """Run the file that a suspect was at by itself; what stands before and after it goes back into the queue."""
        if task.size > 1:
            pieces = task.split(_at(task))
            alone = [piece for piece in pieces if piece.size == 1] if _at(task) is not None else []
            queue.extend(piece for piece in pieces if piece not in alone)
            for piece in alone:
                yield from self._isolate(piece, queue)
            return
        under_way: dict[Future[Any], tuple[Task, float]] = {}
        self._start(task, under_way)
        while True:
            done, _ = wait(under_way, timeout=_TICK)
            if done:
                outcome = self._result(done.pop())
                break
            if self._hangs(under_way):
                self.reason = _DIED
                outcome = None
                break
        if outcome is None:
            self.close(kill=True)
            outcome = task.blamed(self.reason)
        yield _checked(outcome)

    def _retry(self, task: Task, queue: deque[Task]) -> Iterator[Outcome]:
        """Try again what a foreign executor failed on, in smaller pieces."""
        if task.size > 1:
            queue.extend(task.split(_at(task)))
            return
        self.tries[task.name] = self.tries.get(task.name, 0) + 1
        if self.tries[task.name] < _TRIES:
            queue.append(task)
        else:
            yield _checked(task.blamed(self.reason))


def _checked(outcome: Outcome) -> Outcome:
    if outcome.failure:
        raise BuildStopped(outcome.failure)
    return outcome


def _processes(jobs: int) -> Any:
    import warnings

    from loky.process_executor import ProcessPoolExecutor

    # A worker that grew is replaced: that is what keeps memory flat, and nothing a user can act on.
    warnings.filterwarnings("ignore", message="A worker was restarted", category=UserWarning)
    return ProcessPoolExecutor(max_workers=jobs, timeout=300, initializer=_prepare)


def _prepare() -> None:
    """What a worker of ours sets up.

    An interrupt at the keyboard is for the parent, which ends the workers.
    """
    import gc
    import signal

    import giakit.reading.record  # noqa: F401  frozen with what it loads

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def _beat(task: Task) -> float:
    """Time of the last sign of life."""
    if task.beat is None:
        return 0.0
    try:
        return os.stat(task.beat).st_mtime
    except OSError:
        return 0.0


def _at(task: Task) -> int | None:
    """Number of the file that a task was at."""
    if task.beat is None:
        return None
    try:
        with open(task.beat, "rb") as file:
            return int(file.read(12))
    except (OSError, ValueError):
        return None


def follow(
    outcomes: Iterable[Outcome], stage: str, total: int, *, shown: bool | None, unit: str = "file"
) -> Iterator[Outcome]:
    """Pass outcomes on, with a bar on stderr of rate, errors and time left; `shown` None: at a terminal, in a notebook."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules if shown is None else shown) or not total:
        yield from outcomes
        return
    from tqdm.auto import tqdm

    plain = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
    look: Any = {"file": sys.stderr, "smoothing": 0.1, "ascii": plain, "dynamic_ncols": True}
    with tqdm(total=total, desc=stage, unit=unit, **look) as bar:
        errors = 0
        for outcome in outcomes:
            errors += outcome.errors
            if errors:
                bar.set_postfix_str(f"{errors} unreadable", refresh=False)
            bar.update(outcome.files if unit == "file" else 1)
            yield outcome


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
        client: Any = Client(address, timeout=_SCHEDULER_SECONDS)  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, ValueError):
        raise NoScheduler(address) from None
    with client:
        workers = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
        yield client.get_executor(pure=False), max(workers, 1)
