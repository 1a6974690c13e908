"""What hostile documents of at most a megabyte cost: seconds and megabytes of each, in a process of its own.

    python benchmarks/hostile.py [NAME ...]

Goal: none costs more than 10 s or 500 MB beyond what the import takes, none ends its process, and nothing but `GiakitError`
leaves `gia.read`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import giakit as gia
from giakit.errors import GiakitError
from typeset.hostile import HOSTILE

SECONDS, MEGABYTES = 10.0, 500.0
_FAULT = "giakit failed on it"


def megabytes() -> float:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str) -> dict[str, object]:
    """Read one document here."""
    # What every reading loads is no cost of the document.
    gia.read(gia.example())
    path = Path(sys.argv[3])
    before, began = megabytes(), time.process_time()
    try:
        report = gia.read(path)
        outcome = f"read: {len(report.cells)} cells, {len(report.findings)} findings"
    except GiakitError as error:
        outcome = str(getattr(error, "reason", error))
    return {
        "name": name,
        "kb": path.stat().st_size / 1024,
        "seconds": time.process_time() - began,
        "megabytes": megabytes() - before,
        "outcome": outcome.replace("\n", " "),
    }


def main(names: list[str]) -> int:
    """Print the table; the number of documents that cost too much, die or are a fault of ours."""
    import tempfile

    bad = 0
    print(f"{'document':34} {'KB':>6} {'s':>6} {'MB':>6}  outcome")
    with tempfile.TemporaryDirectory() as folder:
        for name in names or list(HOSTILE):
            path = Path(folder) / name
            path.write_bytes(HOSTILE[name]())
            command = [sys.executable, __file__, "--one", name, str(path)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            except subprocess.TimeoutExpired:
                print(f"{name:34} SLOW: over 60 s", flush=True)
                bad += 1
                continue
            if done.returncode:
                print(f"{name:34} DEAD: exit {done.returncode} {done.stderr[-200:]}")
                bad += 1
                continue
            row = json.loads(done.stdout)
            over = row["seconds"] > SECONDS or row["megabytes"] > MEGABYTES or _FAULT in row["outcome"]
            bad += over
            print(
                f"{name:34} {row['kb']:6.0f} {row['seconds']:6.2f} {row['megabytes']:6.0f}  {'OVER ' if over else ''}{row['outcome'][:90]}",
                flush=True,
            )
    print(f"{len(names or HOSTILE)} documents, {bad} over the goal")
    return bad


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        raise SystemExit(min(main(sys.argv[1:]), 1))
