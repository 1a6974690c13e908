"""CPU time of read_pdf against pdfplumber on the same files.

Usage: python benchmarks/pdf.py [FILE.pdf …]; without files, the report beside the project is taken.
"""

from __future__ import annotations

import io
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber

from giakit.documents.limits import Limits
from giakit.documents.pdf.reader import read_pdf

ROUNDS = 5
REPORT = Path(__file__).resolve().parents[1].parent / "shared" / "reports" / "2024_淮安市人民政府.pdf"


def _read(data: bytes) -> None:
    read_pdf(data, name="report.pdf", limits=Limits())


def _tables(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_tables()


def _tables_and_text(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_tables()
            page.extract_text()


def _seconds(work: Callable[[bytes], None], data: bytes) -> float:
    start = time.process_time()
    work(data)
    return time.process_time() - start


def main() -> None:
    """Print one line a file: milliseconds of each way, paired in every round, and the ratios."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    files = [Path(name) for name in sys.argv[1:]] or [REPORT]
    print(f"{'file':40s} {'read_pdf':>9s} {'tables':>9s} {'+ text':>9s} {'ratio':>6s} {'+ text':>6s}")
    for file in files:
        data = file.read_bytes()
        rounds = [
            (_seconds(_read, data), _seconds(_tables, data), _seconds(_tables_and_text, data)) for _ in range(ROUNDS)
        ]
        own, tables, both = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(
            f"{file.name[:40]:40s} {own * 1e3:6.1f} ms {tables * 1e3:6.1f} ms {both * 1e3:6.1f} ms"
            f" {tables / own:5.1f}x {both / own:5.1f}x"
        )


if __name__ == "__main__":
    main()
