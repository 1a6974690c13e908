"""A build on a Dask scheduler of its own, in a shared folder, with a worker that is killed on the way."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_tools import MANY_STEPS, panel_files, write_source

import giakit as gia
from giakit import cli
from giakit.errors import NoScheduler
from giakit.panel import plan
from giakit.panel import pool as pool_module
from giakit.panel.pool import InProcess, scheduled

pytest.importorskip("distributed", reason="the extra dask is not installed")

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    file = tmp_path / "scheduler.json"
    scheduler = start(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    workers = [
        start(
            "worker",
            "--scheduler-file",
            str(file),
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            str(tmp_path / f"w{n}"),
        )
        for n in range(2)
    ]
    try:
        deadline = time.time() + 60
        while not file.exists() and time.time() < deadline:
            time.sleep(0.1)
        import json

        address = json.loads(file.read_text())["address"]
        from distributed import Client

        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            end(process)


@pytest.mark.slow
def test_a_worker_is_killed_on_the_way(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, workers = cluster
    for name, value in MANY_STEPS.items():
        monkeypatch.setattr(plan, name, value)
    source = write_source(tmp_path / "source", 60)
    out = tmp_path / "panel"

    def kill_when_under_way() -> None:
        while not list((out / ".work" / "shards").glob("*")):
            time.sleep(0.01)
        end(workers[0])

    killer = threading.Thread(target=kill_when_under_way)
    killer.start()
    with scheduled(address) as (executor, threads):
        assert threads == 2
        gia.build(source, out, executor=executor, jobs=4)
    killer.join()
    assert workers[0].poll() is not None
    gia.build(source, tmp_path / "undisturbed", executor=InProcess())
    assert panel_files(out) == panel_files(tmp_path / "undisturbed")


@pytest.mark.slow
def test_the_command_takes_a_scheduler(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_source(tmp_path / "source", 6)
    with pytest.raises(SystemExit) as ending:
        cli.main(["build", str(source), str(tmp_path / "panel"), "--scheduler", cluster[0], "--quiet"])
    assert ending.value.code == 0
    assert "6 reports" in capsys.readouterr().out


def test_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_SCHEDULER_SECONDS", 1)
    with pytest.raises(NoScheduler, match="no Dask scheduler answers"), scheduled("tcp://127.0.0.1:9"):
        pass
