"""How long giakit takes from the bytes of a file to checked rows in a shard, beside what others take for less.

    python benchmarks/speed.py [--pages 200] [--pdfs 40] [--rounds 3]

Every figure is processor time of one core, the best of the rounds, on the same bytes in the same process, the tools
in turn. HTML pages are typeset with 60-120 kB of navigation, scripts and styles, every second one with Word's markup.
`pandas.read_html` makes raw tables and stops; a bare parse of lexbor makes a tree and stops; pdfplumber's
`extract_tables` makes raw tables; unzip + parse reads a docx's main part into a tree; calamine (left out where it is
not installed) makes raw sheets. Each round has documents of its own (PDFs apart, which take a second each to typeset).
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import random
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

import giakit as gia
from giakit.documents.open import open_document
from giakit.errors import MissingExtra
from giakit.panel.shard import Shard
from giakit.reading.record import read_record

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from typeset import random_figures, typeset
from typeset.printed import MissingProgram

Work = Callable[[Sequence[bytes]], None]
GOALS = {
    "html / pandas.read_html": "≤ 1",
    "html / lexbor parse": "≤ 2",
    "pdf / pdfplumber tables": "≤ 1/10",
    "docx / unzip + parse": "≤ 5",
    "xlsx / calamine": "≤ 6",
}


def rows_in_shard(documents: Sequence[bytes]) -> None:
    """The bulk path of a build: read, check, write a shard."""
    shard = Shard("bench", "bench")
    for data in documents:
        shard.add(sha256(data).digest(), read_record(data, name="page"))
    with tempfile.TemporaryDirectory() as folder:
        shard.write(Path(folder) / "shard")


def blocks(documents: Sequence[bytes]) -> None:
    """Only open: texts and grids, nothing matched."""
    for data in documents:
        open_document(data, name="page")


def pandas_tables(documents: Sequence[bytes]) -> None:
    """pandas' raw tables."""
    for data in documents:
        pd.read_html(io.BytesIO(data), flavor="lxml", encoding="utf-8")


def lexbor_tree(documents: Sequence[bytes]) -> None:
    """A tree of the page."""
    for data in documents:
        LexborHTMLParser(data)


def plumber_tables(documents: Sequence[bytes]) -> None:
    """pdfplumber's raw tables."""
    import logging

    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    for data in documents:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                page.extract_tables()


def docx_tree(documents: Sequence[bytes]) -> None:
    """The tree of a docx's main part."""
    for data in documents:
        etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))


def calamine_sheets(documents: Sequence[bytes]) -> None:
    """calamine's raw sheets."""
    from python_calamine import CalamineWorkbook

    for data in documents:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in book.sheet_names:
            book.get_sheet_by_name(sheet).to_python()


def documents_of(
    format: str, count: int, rounds: int = 1, quirks: Callable[[int], list[str]] = lambda number: []
) -> list[list[bytes]]:
    """Typeset reports, so many for each round."""
    made = [
        typeset(random_figures(n), unit="卧龙区商务局", year=2021 + n % 4, format=format, seed=n, quirks=quirks(n)).data
        for n in range(count * rounds)
    ]
    return [made[begin : begin + count] for begin in range(0, len(made), count)]


_WRAPS = ("ucapcontent", "div class=TRS_Editor", "article", "section", "x-content", "div id=zoom")
_CELLS = ("", ' style="text-align:center"', ' class="MsoNormal"', ' align="center" valign="middle"', ' width="66"')


def real_like(pages: int, layouts_of: int = 24) -> list[bytes]:
    """Pages of so many layouts, one after the other: menus that differ from page to page, figure boxes, tags of their own."""
    made = []
    for number in range(pages):
        layout = number % layouts_of
        report_ = typeset(
            random_figures(number), unit="卧龙区商务局", year=2021 + number % 4, format="html", seed=number, texts={}
        )
        page = report_.data.decode()
        draw = random.Random(number)
        links = "".join(
            f'<li><a href="/c{draw.randint(1, 9999)}/" title="栏目">栏目{draw.randint(1, 99)}</a></li>'
            for _ in range(draw.randint(40, 160))
        )
        boxes = "".join(
            f"<div class=box><span>{name}</span><b>{draw.randint(0, 9999)}</b></div>"
            for name in ("阅读", "收藏", "转发")
        )
        wrap = _WRAPS[layout % len(_WRAPS)]
        cell = _CELLS[layout % len(_CELLS)]
        inner = f"<p{cell}><span lang=EN-US style='font-size:{9 + layout / 2}pt;mso-font-kerning:0pt'>"
        page = page.replace("<td", f"<td{cell}") if layout % 2 else page
        if layout % 3 == 0:
            page = re.sub(r"(<td[^>]*>)([^<]*)</td>", rf"\1{inner}\2</span></p></td>", page)
        style = "".join(f".m{layout}_{n}{{float:left;width:{n}px}}" for n in range(120))
        script = f"<script>var d={[draw.random() for _ in range(600)]}</script>"
        page = page.replace("</head>", f"<style>{style}.sub{{display:none}}</style>{script}</head>", 1)
        page = page.replace("<body>", f"<body><ul class=menu>{links}</ul>{boxes}<{wrap}>", 1)
        made.append(page.replace("</body>", f"</{wrap.split()[0]}><ul class=sub>{links}</ul></body>", 1).encode())
    return made


def reads(documents: Sequence[bytes]) -> None:
    """`gia.read` of each."""
    for data in documents:
        gia.read(data, name="page.html")


def builds(documents: Sequence[bytes]) -> None:
    """`gia.build` of a folder of them, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "pages")
        source.mkdir()
        for number, data in enumerate(documents):
            (source / f"{number:05}.html").write_bytes(data)
        gia.build(source, Path(folder, "panel"), jobs=1, progress=False)


def report_real_like(pages: int) -> None:
    """Print what a page costs the first time its layout is met, and after that."""
    count = max(pages, 200)
    documents = real_like(count + 48)
    works = {"gia.read": reads, "rows in shard": rows_in_shard, "gia.build": builds, "pandas.read_html": pandas_tables, "lexbor parse": lexbor_tree}  # fmt: skip
    print(
        f"html, real-like: {count} pages of 24 layouts, {sum(map(len, documents)) / len(documents) / 1000:.0f} kB each"
    )
    for name, work in works.items():
        took = []
        for part in (documents[:24], documents[48:]):
            # A build reads in a worker: the time of ended children counts.
            began = sum(os.times()[:4])
            work(part)
            took.append((sum(os.times()[:4]) - began) / len(part) * 1000)
        print(f"  {name:18} cold {took[0]:8.2f} ms   warm {took[1]:8.2f} ms")


def timed(works: dict[str, Work], rounds: Sequence[Sequence[bytes]]) -> dict[str, float]:
    """Milliseconds a document, the best of the rounds after the first; the tools take turns."""
    best = dict.fromkeys(works, float("inf"))
    for work in works.values():
        work(rounds[0])
    for documents in rounds[1:]:
        for name, work in works.items():
            began = time.process_time()
            work(documents)
            best[name] = min(best[name], (time.process_time() - began) / len(documents) * 1000)
    return best


def report(format: str, rounds: Sequence[Sequence[bytes]], others: dict[str, Work]) -> None:
    """Print one format."""
    documents = rounds[0]
    size = sum(map(len, documents)) / len(documents) / 1000
    best = timed({"rows in shard": rows_in_shard, "open only": blocks, **others}, rounds)
    whole, opened = best["rows in shard"], best["open only"]
    print(
        f"{format}: {len(documents)} files of {size:.0f} kB; to checked rows in the shard {whole:.2f} ms"
        f", open only {opened:.2f} ms"
    )
    for name in others:
        goal = GOALS.get(f"{format} / {name}", "")
        print(
            f"  {name:18} {best[name]:8.2f} ms   rows/it {whole / best[name]:6.2f}   open/it {opened / best[name]:6.2f}   it/rows {best[name] / whole:6.2f}   goal (rows/it) {goal}"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--pdfs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{platform.machine()}, {_processor()}, Python {platform.python_version()}")
    count, rounds = options.pages, options.rounds + 1
    report_real_like(count)
    chrome = documents_of("html", count, rounds, lambda n: ["site_chrome", "word_markup"] if n % 2 else ["site_chrome"])
    report("html", chrome, {"pandas.read_html": pandas_tables, "lexbor parse": lexbor_tree})
    report("docx", documents_of("docx", count, rounds), {"unzip + parse": docx_tree})
    sheets: dict[str, Work] = {"calamine": calamine_sheets} if find_spec("python_calamine") else {}
    report("xlsx", documents_of("xlsx", count, rounds), sheets)
    try:
        pdfs = documents_of("pdf", options.pdfs) * rounds
    except (MissingExtra, MissingProgram) as error:
        print(f"pdf: left out: {error}")
        return
    report("pdf", pdfs, {"pdfplumber tables": plumber_tables})


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    main()
