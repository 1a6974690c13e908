"""How faithfully giakit reads: real reports and files of converters (if ../shared is there), and generated ones of known truth.

    python benchmarks/fidelity.py [--only QUIRK] [--out FOLDER] [--verbose] [--no-pages] [--scans] [--composed N] [--seed N]

Ends with status 1 if any error is silent: a wrong, invented or missing figure, or a blank read as a number, in a
table that no finding touches (nor the whole report); or a row that cannot be decided and is not marked.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fidelity_by_hand import BY_HAND, read_by_hand
from fidelity_plan import Document, documents
from fidelity_score import Reading, Score, score

import giakit
from giakit.forms import forms
from typeset.printed import browser

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL, CONVERTED = SHARED / "reports", SHARED / "converters"
SECONDS = 60
HEADS = (
    "docs",
    "cells",
    "exact",
    "missing",
    "wrong",
    "invented",
    "blank_read",
    "undecided",
    "silent",
    "refused",
    "crash",
    "loud",
    "wary",
)
KNOWN = {(table, row, column) for form in forms().values() for table, row, column in form.cells()}


def real_documents(*folders: Path) -> Iterator[Document]:
    """The documents of some folders that have a truth file."""
    for folder in folders:
        for path in sorted((folder / "truth").glob("*.json")):
            truth = json.loads(path.read_text(encoding="utf-8"))
            file = folder / truth["file"]
            if file.is_file():
                yield Document(truth["file"], file.read_bytes(), {"kind": "real", **truth})


def read(document: Document) -> Reading:
    """Read a document with giakit, within the time allowed."""

    def expired(number: int, frame: object) -> None:
        raise TimeoutError(f"no answer in {SECONDS} s")

    signal.signal(signal.SIGALRM, expired)
    signal.alarm(SECONDS)
    try:
        report = giakit.read(document.data, name=document.name)
        cells = list(report.cells.itertuples(index=False))
        reading = Reading(
            cells={(c.table, c.row, c.column): float(c.value) for c in cells if c.state == "reported"},
            undecided={(c.table, c.row, c.column) for c in cells if c.state == "undecided"},
            findings=_records(report.findings),
            unit=report.unit,
            year=report.year,
            form=None if report.form is None else str(report.form),
            suggestions=_records(report.suggestions),
        )
    except giakit.GiakitError as error:
        return Reading(refused=str(error))
    except Exception as error:
        return Reading(crashed=f"{type(error).__name__}: {error}"[:200])
    finally:
        signal.alarm(0)
    return reading


def _records(frame: Any) -> list[dict[str, Any]]:
    return [
        {key: None if value != value or value is None else value for key, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def by_hand(document: Document) -> Score | None:
    """What a script of a user's own makes of it."""
    truth = document.truth
    if truth.get("expect") == "error" or truth["kind"] not in BY_HAND:
        return None
    try:
        cells = read_by_hand(document.data, str(truth["kind"]), str(truth["form"]))
    except Exception:
        cells = {}
    return score(truth, Reading(cells=cells), KNOWN)


def table(title: str, groups: dict[str, Counter[str]], heads: Iterable[str] = HEADS) -> str:
    """Counts by group as a table of text."""
    lines = [f"{title:26}" + "".join(f"{head:>11}" for head in heads) + f"{'exact %':>10}"]
    for name, counts in groups.items():
        share = f"{100 * counts['exact'] / counts['cells']:.2f}" if counts["cells"] else "-"
        lines.append(f"{name[:25]:26}" + "".join(f"{counts[head]:>11}" for head in heads) + f"{share:>10}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="documents with this quirk only")
    parser.add_argument("--out", type=Path, help="write the documents and their truth into this folder")
    parser.add_argument("--verbose", action="store_true", help="list every document that is not perfect")
    parser.add_argument("--no-pages", action="store_true", help="leave out PDF, which needs a Chromium")
    parser.add_argument("--scans", action="store_true", help="scans too, which need character recognition")
    parser.add_argument("--composed", type=int, default=80, help="how many layouts to compose at random")
    parser.add_argument("--seed", type=int, default=0, help="draws other figures and other compositions")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    pages = browser() is not None and not options.no_pages
    made = documents(
        only=options.only, pages=pages, scans=options.scans and pages, composed=options.composed, seed=options.seed
    )
    real = iter(()) if options.only else real_documents(REAL, CONVERTED)
    return run([*real, *made], options)


def run(batch: list[Document], options: argparse.Namespace) -> int:
    """Read every document, print what came of it."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    by_quirk: dict[str, Counter[str]] = defaultdict(Counter)
    hand: dict[str, Counter[str]] = defaultdict(Counter)
    composed: Counter[str] = Counter()
    imperfect: list[tuple[Document, Score]] = []
    started = time.perf_counter()
    for document in batch:
        if options.out:
            _write(options.out, document)
        result = score(document.truth, read(document), KNOWN)
        kinds[str(document.truth.get("kind", "real"))].update(result.counts)
        if document.composed:
            composed.update(result.counts)
        for quirk in str(document.truth.get("quirk") or "none").split("+"):
            by_quirk[quirk].update(result.counts)
        usual = by_hand(document)
        if usual is not None:
            hand[str(document.truth["kind"])].update(usual.counts)
        if result.reasons:
            imperfect.append((document, result))
    total: Counter[str] = sum(kinds.values(), Counter())
    layouts = {(d.truth.get("kind"), d.truth.get("form"), d.truth.get("quirk")) for d in batch}
    print(table("format", {**kinds, "all": total, "of these composed": composed}))
    print(
        "\n"
        + table(
            "by hand",
            {**hand, "all": sum(hand.values(), Counter())},
            ("docs", "cells", "exact", "missing", "wrong", "invented", "blank_read"),
        )
    )
    faulty = {
        name: counts
        for name, counts in by_quirk.items()
        if counts["cells"] != counts["exact"] or counts["silent"] or counts["loud"] or counts["wary"] or counts["crash"]
    }
    print("\n" + table("quirks not perfect", faulty))
    worst = sorted(
        imperfect, key=lambda item: (-item[1].counts["silent"], -item[1].counts["crash"], -item[1].counts["missing"])
    )
    for document, result in worst if options.verbose else worst[:12]:
        print(
            f"\n- {document.name} [{document.truth.get('quirk', '')}] exact {result.counts['exact']}/{result.counts['cells']}, silent {result.counts['silent']}"
        )
        print("    " + "\n    ".join(result.reasons[:6]))
    print(
        f"\n{total['docs']} documents in {len(layouts)} layouts, {time.perf_counter() - started:.0f} s: "
        f"exact {total['exact']}/{total['cells']} ({100 * total['exact'] / max(1, total['cells']):.2f} %), silent {total['silent']}, "
        f"undecided {total['undecided']}, false alarms {total['loud']} loud and {total['wary']} wary, "
        f"unit {total['unit']}/{total['unit_of']}, year {total['year']}/{total['year_of']}, form {total['form']}/{total['form_of']}, "
        f"broken identities {total['broken']}/{total['broken_of']}, wrong cells named {total['culprits']}/{total['culprits_of']}, "
        f"no reports refused {total['negatives_refused']}/{total['negatives']}"
    )
    return 1 if total["silent"] or total["crash"] else 0


def _write(folder: Path, document: Document) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / document.name).write_bytes(document.data)
    truth = json.dumps(document.truth, ensure_ascii=False, indent=1)
    (folder / f"{document.name}.json").write_text(truth, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
