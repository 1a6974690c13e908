"""How many names a second `giakit.places.resolve` reads, and what loading its table costs.

    python benchmarks/places.py

Every name is different: each division in force is combined with common organs; no name is read twice in a round.
Times are processor time.
"""

from __future__ import annotations

import argparse
import resource
import time

_ORGANS = (
    "商务局",
    "人民政府办公室",
    "自然资源和规划局",
    "市场监督管理局",
    "城关镇人民政府",
    "文化广电和旅游局",
    "解放路街道办事处",
    "",
)


def main() -> None:
    """Prints the figures, one a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3, help="rounds, of which the best counts")
    options = parser.parse_args()
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    from giakit.places import resolve
    from giakit.places.gazetteer import divisions, index

    print(f"import            {time.process_time() - begin:8.3f} s")
    begin = time.process_time()
    index()
    print(f"division table    {time.process_time() - begin:8.3f} s")
    resolve("南阳市卧龙区商务局")
    print(f"memory            {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024:8.1f} MB")
    current = [row for row in divisions() if row.until is None]
    names = [row.prefecture * (row.level == "county") + row.name + organ for row in current for organ in _ORGANS]
    best = 0.0
    for _ in range(options.repeat):
        begin = time.process_time()
        for name in names:
            resolve(name)
        best = max(best, len(names) / (time.process_time() - begin))
    print(f"names a second    {best:8,.0f} ({len(names):,} names)")


if __name__ == "__main__":
    main()
