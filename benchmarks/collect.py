"""How much of the test web is collected, and how: recall, precision, unit and year, statuses, gaps.

Usage: python benchmarks/collect.py [--pause SECONDS] [--scale N] [--out FOLDER] [SITE ...]
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections import Counter, defaultdict
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests"), str(Path(__file__).resolve().parents[1])]

import giakit as gia  # noqa: E402
from collect.web import Site, Web  # noqa: E402
from collect.web.sites import small_web  # noqa: E402
from giakit.panel.pool import InProcess  # noqa: E402


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def scores(web: Web, out: Path) -> dict[str, Any]:
    """What a collection got of the web, against its truth."""
    sources = rows(out / "sources.csv")
    truth = {
        (site.ip, sha256(report.data).hexdigest()): (site, report) for site in web.sites for report in site.reports
    }
    by_reading = {(site.ip, report.unit, report.year) for site in web.sites for report in site.reports}
    got = set()
    right = 0
    strangers = []
    for row in sources:
        ip = row["url"].split("/")[2].split(":")[0]
        known = truth.get((ip, row["sha256"]))
        key = (ip, row["unit"], int(row["year"] or 0))
        if known is not None:
            got.add((ip, known[1].unit, known[1].year))
            right += (known[1].unit, str(known[1].year)) == (row["unit"], row["year"])
        elif key in by_reading:
            got.add(key)
            right += 1
        else:
            strangers.append((row["url"], row["unit"], row["year"]))
    missed = sorted(by_reading - got)
    names = {site.ip: site.name for site in web.sites}
    return {
        "reports": len(by_reading), "recall": len(got) / len(by_reading), "precision": 1 - len(strangers) / max(1, len(sources)),
        "unit and year right": right / max(1, len(sources)), "strangers": strangers, "missed": Counter(names[ip] for ip, _, _ in missed),
    }  # fmt: skip


def politeness(web: Web, pause: float) -> dict[str, Any]:
    """What the log of the web says: smallest gap, overlaps, robots first, requests to what is disallowed, repeats."""
    by_ip = defaultdict(list)
    for entry in web.log:
        by_ip[entry["ip"]].append(entry)
    gaps, overlaps, first, repeats = [], 0, 0, 0
    for entries in by_ip.values():
        entries.sort(key=lambda entry: entry["start"])
        first += entries[0]["path"] != "/robots.txt"
        repeats += sum(
            count - 1
            for count in Counter(
                (entry["method"], entry["path"])
                for entry in entries
                if entry["status"] == 200 and entry["method"] == "GET"
            ).values()
        )
        for one, other in pairwise(entries):
            gap = other["start"] - (one["end"] or one["start"])
            gaps.append(gap)
            overlaps += gap < 0
    return {
        "requests": len(web.log),
        "smallest gap": min(gaps, default=0),
        "pause": pause,
        "overlaps": overlaps,
        "not robots first": first,
        "repeated": repeats,
    }


def statuses(web: Web, out: Path) -> list[tuple[str, str, str]]:
    """Sites whose state is not what it should be: name, expected, what coverage says."""
    from giakit.collect.ledger import Ledger

    ledger = Ledger(out / "ledger.sqlite")
    wrong = []
    for seed in ledger.all("SELECT * FROM seed_states"):
        site = next(site for site in web.sites if site.ip == seed["site"])
        if seed["status"] != site.status:
            wrong.append((site.name, site.status, f"{seed['status']} {seed['reason']}"))
    return wrong


def main() -> None:
    """Collect the web and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="*")
    parser.add_argument("--pause", type=float, default=0.02)
    parser.add_argument("--scale", type=int, default=3)
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    sites: list[Site] = [site for site in small_web(given.scale) if not given.sites or site.name in given.sites]
    out = given.out or Path(tempfile.mkdtemp())
    with Web(sites) as web:
        start = time.time()
        gia.collect(web.seeds(), out, contact="test@example.org", pause=given.pause, years="2021-2023")
        print(f"{len(sites)} sites in {time.time() - start:.1f} s, {out}")
        for name, value in {**scores(web, out), **politeness(web, given.pause)}.items():
            print(f"{name}: {value}")
        panel = gia.build(out / "files", out / "panel", executor=InProcess()).reports
        truth = {(report.unit, report.year) for site in sites for report in site.reports}
        wrong = [pair for pair in zip(panel["unit"], panel["year"], strict=True) if pair not in truth]
        print(f"after build: {len(panel)} reports, {len(wrong)} of another unit or year than is true {wrong[:3]}")
        for line in statuses(web, out):
            print("status", *line)
        before = {path.name for path in (out / "files").iterdir()}
        web.log.clear()
        gia.collect(web.seeds(), out, contact="test@example.org", pause=given.pause, years="2021-2023")
        plain = [
            (entry["site"], entry["method"], entry["path"])
            for entry in web.log
            if not {"if-none-match", "if-modified-since"} & set(entry["headers"])
        ]
        print(
            f"again: {len(web.log)} requests, {len(plain)} without a condition {plain[:5]}, {len({path.name for path in (out / 'files').iterdir()} - before)} new files"
        )


if __name__ == "__main__":
    main()
