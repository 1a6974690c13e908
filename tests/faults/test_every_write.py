"""A disk that refuses any one change of a build stops it with an error that says so; the next build ends like an undisturbed one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import panel_files

import giakit as gia
from giakit.errors import BuildStopped
from giakit.panel.pool import InProcess

CALLS = ("fsync", "replace", "rename", "unlink", "mkdir")
"""Calls of the system that change the disk; files are opened and written between them."""


def build(out: Path) -> None:
    gia.build(gia.example(), out, executor=InProcess(), progress=False)


def refused_at(number: int, call: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Build with a disk that refuses the numbered call of that name: what came of it, "" if there was no such call.

    A call that only clears up may be refused without harm; everything else stops the build, and with no other error.
    """
    left = number

    def refusing(original: Callable[..., object]) -> Callable[..., object]:
        def called(*args: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(28, "No space left on device")
            return original(*args, **options)

        return called

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refusing(getattr(os, call)))
        try:
            build(out)
        except BuildStopped as error:
            return "stopped" if "No space left on device" in error.reason else str(error)
    return "harmless" if left <= 0 else ""


def trials(numbers: dict[str, range], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    build(tmp_path / "undisturbed")
    expected = panel_files(tmp_path / "undisturbed")
    outcomes: Counter[tuple[str, str]] = Counter()
    for call, every in numbers.items():
        for number in every:
            out = tmp_path / f"{call} {number}"
            outcome = refused_at(number, call, out, monkeypatch)
            if not outcome:
                break
            outcomes[call, outcome] += 1
            build(out)
            assert panel_files(out) == expected, f"{call} {number}"
    return outcomes


def test_a_disk_that_refuses_some_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {call: range(1, 2) for call in CALLS} | {"fsync": range(1, 42, 20)}
    outcomes = trials(first, tmp_path, monkeypatch)
    assert outcomes["fsync", "stopped"] == 3
    assert {call for call, _ in outcomes} == set(CALLS)


@pytest.mark.slow
def test_a_disk_that_refuses_every_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = trials({call: range(1, 1000) for call in CALLS}, tmp_path, monkeypatch)
    assert outcomes["fsync", "stopped"] > 40
    assert outcomes["fsync", "harmless"] == outcomes["mkdir", "harmless"] == outcomes["replace", "harmless"] == 0
    print(f"\n{outcomes.total()} changes of the disk refused, one in each build: {dict(outcomes)}; 0 other errors")
