"""A build of many typeset reports with its memory over time, and a simulated panel of a million reports opened.

    python benchmarks/scale.py [--reports 100000] [--panel 1000000] [--jobs 2] [--keep FOLDER]

First part: reports are typeset by `giakit.simulate` into a folder, then built with processes; the curve shows the
memory of the parent and of its largest worker as documents are read. Second part: a panel of simulated figures is
written, and a process of its own opens it, takes ten columns and groups them by province and year.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

import giakit as gia
from giakit.panel.plan import Range, bits_for
from giakit.panel.schema import (
    LONG,
    MANIFEST,
    REPORTS,
    WIDE,
    Index,
    Span,
    schema,
    wide_columns,
    write_file,
    write_index,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from typeset import random_figures, typeset

UNITS = ["卧龙区商务局", "淮安市人民政府", "金湖县人民政府", "上海市教育委员会", "泰州市税务局", "南京市鼓楼区民政局"]
CODES = [
    "new",
    "carried_in",
    "granted",
    "partial",
    "denied_third_party",
    "unable_not_held",
    "not_processed_petition",
    "other_rest",
    "closed",
    "carried_out",
]
OPENING = """
import resource, sys, time
began = time.perf_counter()
import giakit as gia
panel = gia.open_panel(sys.argv[1])
imported = time.perf_counter()
frame = panel.wide("requests", rows=sys.argv[2].split(","), ids=["province", "year"])
read = time.perf_counter()
sums = frame.groupby(["province", "year"]).sum(min_count=1)
grouped = time.perf_counter()
rates = gia.metrics.disclosure_rate(frame.assign(report_id=range(len(frame))), denominator="closed", by=["province", "year"]) if len(sys.argv) > 3 else ()
ended = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"  open with imports {imported - began:.2f} s, select {read - imported:.2f} s, group {grouped - read:.2f} s: "
      f"{grouped - began:.2f} s in all; {len(frame):,} rows, {len(sums)} groups; disclosure_rate {ended - grouped:.2f} s; {memory:,.0f} MB at most")
"""


def typeset_some(folder: str, first: int, last: int) -> int:
    """Typeset reports by number."""
    for number in range(first, last):
        page = typeset(random_figures(number), unit=UNITS[number % len(UNITS)], year=2021 + number % 4, seed=number)
        below = Path(folder) / f"{number // 1000:04d}"
        below.mkdir(exist_ok=True)
        (below / f"{number:07d}.html").write_bytes(page.data)
    return last - first


def typeset_all(folder: Path, count: int, jobs: int) -> None:
    """Typeset reports in processes; a folder that holds them already is left alone."""
    from loky import get_reusable_executor

    if sum(1 for _ in folder.rglob("*.html")) == count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with get_reusable_executor(max_workers=jobs) as executor:
        list(
            executor.map(
                typeset_some,
                *zip(*((str(folder), first, min(first + 1000, count)) for first in range(0, count, 1000)), strict=True),
            )
        )


def memory_of(process: int) -> float:
    """Resident megabytes of a process."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0.0


def children(process: int) -> list[int]:
    """Processes below a process."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


@contextmanager
def sampled(out: Path, every: float) -> Iterator[list[tuple[float, int, float, float]]]:
    """Seconds, shards written, megabytes of this process and of its largest child, while something runs."""
    samples: list[tuple[float, int, float, float]] = []
    over = threading.Event()
    began = time.time()

    def sample() -> None:
        while not over.wait(every):
            shards = sum(1 for _ in (out / ".work" / "shards").glob("*")) if (out / ".work" / "shards").exists() else 0
            below = max((memory_of(child) for child in children(os.getpid())), default=0.0)
            samples.append((time.time() - began, shards, memory_of(os.getpid()), below))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def build_many(folder: Path, count: int, jobs: int) -> None:
    """Build and print the curve."""
    began = time.time()
    typeset_all(folder / "source", count, jobs)
    print(f"typeset {count:,} reports in {time.time() - began:.0f} s")
    began, before = time.time(), os.times()
    with sampled(folder / "panel", max(0.5, count / 20_000)) as samples:
        panel = gia.build(folder / "source", folder / "panel", jobs=jobs, progress=False, resume=False)
    seconds, after = time.time() - began, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    size = sum(path.stat().st_size for path in (folder / "panel").rglob("*.parquet"))
    print(
        f"built {len(panel):,} reports in {seconds:.0f} s with {jobs} processes: {count / seconds:.0f} a second, {cpu / count * 1000:.1f} ms of processor a report, {size / count:.0f} bytes on disk a report"
    )
    print("  seconds   shards   parent MB   largest worker MB")
    for position in np.linspace(0, len(samples) - 1, min(14, len(samples))).astype(int) if samples else []:
        print("  {:7.0f} {:8d} {:11.0f} {:19.0f}".format(*samples[position]))
    began, before = time.time(), os.times()
    gia.build(folder / "source", folder / "panel", jobs=jobs, progress=False)
    again = sum(os.times()[:4]) - sum(before[:4])
    print(
        f"built again with nothing new in {time.time() - began:.1f} s, {again:.1f} s of processor: {again / cpu:.1%} of the build"
    )


def simulated(folder: Path, count: int) -> None:
    """Write a panel of simulated figures."""
    bits = bits_for(count)
    per = count // 2**bits
    spans = []
    for number in range(2**bits):
        rows = per + (number < count - per * 2**bits)
        spans.append(_span(folder, Range(bits, number), rows, np.random.default_rng(number)))
    aside = folder / MANIFEST / "aside"
    aside.parent.mkdir()
    hashed = write_file(aside, [schema(MANIFEST).empty_table()], schema(MANIFEST))
    aside.rename(aside.with_name(f"{hashed[:12]}.parquet"))
    write_index(folder, Index(gia.__version__, True, tuple(spans), hashed))


def _span(folder: Path, part: Range, rows: int, draw: np.random.Generator) -> Span:
    first, last = part.ends
    step = (last - first) // (rows + 1)
    ids = pa.array([f"{first + step * position:016x}" for position in range(rows)])
    span = Span(part.name, "0" * 12, rows, rows)
    provinces = np.array([f"省{n:02d}" for n in range(31)])
    texts = {
        "report_id": ids,
        "source": pa.array([f"{part.number}/{position}.html" for position in range(rows)]),
        "province": pa.array(provinces[draw.integers(0, 31, rows)]),
        "year": pa.array(draw.integers(2021, 2026, rows)),
        "form": pa.array(np.full(rows, "2021")),
        "status": pa.array(np.full(rows, "parsed")),
    }
    reports = pa.table(
        [texts.get(field.name, pa.nulls(rows, field.type)).cast(field.type) for field in REPORTS], schema=REPORTS
    )
    _put(span, folder, "reports", reports)
    for table in WIDE:
        figures = draw.poisson(3.0, (rows, len(wide_columns(table)))).astype(float)
        arrays = [
            pa.array(figures[:, position]) if table != "statistics" else pa.nulls(rows, pa.float64())
            for position in range(figures.shape[1])
        ]
        _put(span, folder, table, pa.table([ids, *arrays], schema=schema(table)))
    for table in (*LONG, "conflicts", "documents"):
        _put(span, folder, table, schema(table).empty_table())
    return span


def _put(span: Span, folder: Path, table: str, rows: pa.Table) -> None:
    path = span.file(folder, table)
    path.parent.mkdir(parents=True, exist_ok=True)
    span.hashes[table] = write_file(path, [rows], rows.schema)


def open_large(folder: Path, count: int) -> None:
    """Write and open a panel in processes of their own."""
    if not (folder / "panel.json").exists():
        began = time.time()
        simulated(folder, count)
        print(
            f"a panel of {count:,} simulated reports written in {time.time() - began:.0f} s, {sum(path.stat().st_size for path in folder.rglob('*.parquet')) / 1e6:,.0f} MB"
        )
    for _ in range(3):
        subprocess.run([sys.executable, "-c", OPENING, str(folder), ",".join(CODES)], check=True)
    subprocess.run([sys.executable, "-c", OPENING, str(folder), ",".join(CODES), "rates"], check=True)


def main() -> None:
    """Print both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--panel", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="folder to work in and keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary)
        if options.panel:
            open_large(folder / "large", options.panel)
        if options.reports:
            build_many(folder, options.reports, options.jobs)
    print(
        f"largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, of a child {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MB"
    )


if __name__ == "__main__":
    main()
