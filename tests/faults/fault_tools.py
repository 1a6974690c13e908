"""Sources, builds that die on purpose, and comparisons for the fault suites."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from giakit.documents.limits import Limits
from typeset import random_figures, typeset

UNITS = ["卧龙区商务局", "淮安市人民政府", "金湖县人民政府", "上海市教育委员会", "泰州市税务局"]
MANY_STEPS = {"_BATCH": 800_000, "_SPAN": 8}
"""Sizes under which a small source takes many batches and ranges."""


def write_source(folder: Path, count: int) -> Path:
    """Small reports, a duplicate, a page that is none and an empty file."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        page = typeset(
            random_figures(number),
            unit=UNITS[number % len(UNITS)],
            year=2021 + number % 4,
            seed=number,
            format=("html", "text")[number % 2],
        )
        (folder / f"{number:03d}_{page.name}").write_bytes(page.data)
    (folder / "twin.html").write_bytes((folder / next(path.name for path in sorted(folder.iterdir()))).read_bytes())
    (folder / "news.html").write_text("<p>今天天气很好</p>", encoding="utf-8")
    (folder / "empty.html").write_bytes(b"")
    return folder


def panel_files(out: Path) -> dict[str, bytes]:
    """What a panel is, without timings and lock."""
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in ("timings.csv", ".lock")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def in_child(work: Callable[[], Any]) -> int:
    """Run in a forked child; give its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Deadly(Limits):
    """Limits that do harm in the worker when a document with a certain word in its name is opened."""

    def __getattribute__(self, name: str) -> Any:
        if name == "max_bytes":
            caller, opener = sys._getframe(1), sys._getframe(2)
            if opener.f_code.co_name == "open_document":
                for word, harm in HARMS.items():
                    if word in str(caller.f_locals.get("name")):
                        harm()
        return super().__getattribute__(name)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _loop() -> None:
    while True:
        time.sleep(0.01)


def _loop_deaf() -> None:
    # A loop inside C, which never asks whether a signal came. Blocking the alarm in this thread would not do: since
    # Python 3.13 an alarm that another thread catches is heard here as well.
    deque(itertools.repeat(None), maxlen=0)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _hog() -> None:
    held = []
    while True:
        held.append(bytearray(50_000_000))


HARMS: dict[str, Callable[[], None]] = {"die": _die, "loop": _loop, "deaf": _loop_deaf, "stop": _stop, "hog": _hog}
