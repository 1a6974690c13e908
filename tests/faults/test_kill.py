"""A build that is killed at any moment goes on where it stopped and ends like an undisturbed one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import MANY_STEPS, in_child, panel_files, write_source

import giakit as gia
from giakit.panel import plan
from giakit.panel.pool import InProcess

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX processes")

ROOT = Path(__file__).resolve().parents[2]
STEPS = ("fsync", "replace", "rename", "unlink", "mkdir")
"""Calls of the system at which a build can be stopped for a test: every change of the disk is one of them."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in MANY_STEPS.items():
        monkeypatch.setattr(plan, name, value)
    return write_source(tmp_path / "source", 24)


def build(source: Path, out: Path) -> None:
    gia.build(source, out, executor=InProcess(), progress=False)


def stopped_at(number: int, act: Callable[[], None], work: Callable[[], None]) -> int:
    """Run in a child, where `act` comes instead of the numbered change of the disk."""

    def run() -> None:
        left = number

        def counted(original: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **options: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    act()
                return original(*args, **options)

            return call

        for name in STEPS:
            setattr(os, name, counted(getattr(os, name)))
        work()

    return in_child(run)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def disk_full() -> None:
    raise OSError(28, "No space left on device")


def changes(source: Path, tmp_path: Path) -> int:
    """How many changes of the disk a build makes."""

    def ends(number: int) -> bool:
        return stopped_at(number, die, lambda: build(source, tmp_path / f"length {number}")) == 0

    high = 1
    while not ends(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if ends(middle) else (middle, high)
    return low


def moments(source: Path, tmp_path: Path, count: int, act: Callable[[], None]) -> list[tuple[int, int]]:
    """Stop builds at moments spread over all changes of the disk, each time into the same panel, then finish."""
    build(source, tmp_path / "undisturbed")
    expected = panel_files(tmp_path / "undisturbed")
    length = changes(source, tmp_path)
    choice = random.Random(7)
    # The end is where it is decided what stays.
    numbers = {*choice.sample(range(1, length), min(count, length - 1)), *range(length - 3, length + 1)}
    endings = []
    for number in sorted(numbers):
        out = tmp_path / f"stopped {number}"
        endings.append((number, stopped_at(number, act, lambda out=out: build(source, out))))  # type: ignore[misc]
        if act is die and choice.random() < 0.5:
            stopped_at(choice.randrange(1, 40), act, lambda out=out: build(source, out))  # type: ignore[misc]
        build(source, out)
        assert panel_files(out) == expected, f"after a stop at change {number}"
    return endings


def test_killed_at_some_changes_of_the_disk(source: Path, tmp_path: Path) -> None:
    endings = moments(source, tmp_path, 5, die)
    assert {code for _, code in endings} == {-signal.SIGKILL}


def test_write_errors_at_some_changes_of_the_disk(source: Path, tmp_path: Path) -> None:
    endings = moments(source, tmp_path, 5, disk_full)
    assert {code for _, code in endings} <= {0, 1}


@pytest.mark.slow
def test_killed_at_many_changes_of_the_disk(source: Path, tmp_path: Path) -> None:
    endings = moments(source, tmp_path, 60, die)
    print(
        f"\n{len(endings)} builds killed at one of {endings[-1][0]} or more changes of the disk; each resumed to the undisturbed bytes"
    )


@pytest.mark.slow
def test_write_errors_at_many_changes_of_the_disk(source: Path, tmp_path: Path) -> None:
    endings = moments(source, tmp_path, 60, disk_full)
    refused = sum(code != 0 for _, code in endings)
    print(
        f"\n{len(endings)} builds met a full disk ({refused} ended with an error); each resumed to the undisturbed bytes"
    )


def started(source: Path, out: Path) -> subprocess.Popen[bytes]:
    """A build by the command, with processes of its own, in many steps."""
    sizes = "; ".join(f"plan.{name} = {value}" for name, value in MANY_STEPS.items())
    code = f"from giakit.panel import plan; {sizes}\nfrom giakit.cli import main; main(['build', {str(source)!r}, {str(out)!r}, '--jobs', '2', '--quiet'])"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def random_kills(source: Path, tmp_path: Path, count: int) -> list[float]:
    """Kill a build again and again at random times, with its workers or without them, then let it finish."""
    build(source, tmp_path / "undisturbed")
    began = time.time()
    assert started(source, tmp_path / "timed").wait() == 0
    whole = time.time() - began
    choice = random.Random(11)
    times = []
    for number in range(count):
        out = tmp_path / f"killed {number}"
        for _ in range(choice.choice([1, 1, 2])):
            process = started(source, out)
            after = choice.uniform(0.2, 1.0) * whole
            time.sleep(after)
            times.append(after)
            if choice.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
        last = started(source, out)
        told = last.communicate()[1].decode()
        assert last.returncode == 0, told
        assert panel_files(out) == panel_files(tmp_path / "undisturbed"), f"killed after {times[-1]:.2f} s"
    return times


def test_killed_at_a_random_moment(source: Path, tmp_path: Path) -> None:
    random_kills(source, tmp_path, 1)


@pytest.mark.slow
def test_killed_at_many_random_moments(source: Path, tmp_path: Path) -> None:
    times = random_kills(source, tmp_path, 50)
    print(
        f"\n{len(times)} kill -9 between {min(times):.1f} and {max(times):.1f} s after the start; each resumed to the undisturbed bytes"
    )


def test_ctrl_c_leaves_a_panel_and_says_how_to_go_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "panel"
    process = started(source, out)
    deadline = time.time() + 60
    while not list((out / ".work" / "shards").glob("*")) and time.time() < deadline and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate()[1].decode()
    if process.returncode == 0:
        pytest.skip("the build was quicker than the interrupt")
    assert process.returncode == 130
    assert "run the same command again" in told
    panel = gia.open_panel(out)
    assert 0 < len(panel.reports) < 24
    assert "unread" in set(panel.manifest["status"])
    build(source, out)
    build(source, tmp_path / "undisturbed")
    assert panel_files(out) == panel_files(tmp_path / "undisturbed")


def test_two_builds_into_one_panel(source: Path, tmp_path: Path) -> None:
    first, second = started(source, tmp_path / "panel"), started(source, tmp_path / "panel")
    told = [process.communicate()[1].decode() for process in (first, second)]
    codes = sorted([first.returncode, second.returncode])
    if codes == [0, 0]:
        pytest.skip("the first build ended before the second began")
    assert codes == [0, 3]
    assert any("another build is writing here" in text for text in told)
    build(source, tmp_path / "undisturbed")
    assert panel_files(tmp_path / "panel") == panel_files(tmp_path / "undisturbed")
