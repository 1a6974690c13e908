"""A disk that is full at any one moment of a build stops it with an error that says so; nothing else is raised."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import giakit as gia
from giakit.errors import BuildStopped
from giakit.panel.pool import InProcess


def fails_at(number: int, out: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Build with a disk that is full at the numbered moment; whether there was such a moment."""
    real, left = os.fsync, number

    def full(handle: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        try:
            gia.build(gia.example(), out, executor=InProcess(), progress=False)
        except BuildStopped:
            return True
    return left <= 0


@pytest.mark.parametrize("number", [1, 20, 44])
def test_a_full_disk_at_some_writes(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fails_at(number, tmp_path / "panel", monkeypatch)


@pytest.mark.slow
def test_a_full_disk_at_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = 1
    while fails_at(number, tmp_path / f"panel{number}", monkeypatch):
        number += 1
    assert number > 40
    print(f"\na disk full at each of {number - 1} writes: every build stopped and said so")
