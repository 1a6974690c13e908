"""What giakit reads of the files that common converters make of a report: exact, loud, silent, by converter.

    python benchmarks/converters.py [--keep FOLDER] [--only NAME] [--seeds 2]

Typeset reports of known figures (HTML, Word, and the PDFs that LibreOffice and Chromium print of them) go through every
converter that this machine has: programs on the path, packages that can be imported. What is missing is left out and
named. The exit code is 1 if some file is read wrongly in silence.
"""

from __future__ import annotations

import argparse
import importlib
import io
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fidelity import KNOWN, read
from fidelity_plan import Document
from fidelity_score import score

from typeset import random_figures, typeset

PANDOC = ("plain", "gfm", "markdown", "rst", "org", "asciidoc", "mediawiki", "textile", "dokuwiki", "jira", "latex", "man", "html", "docx", "odt", "rtf")  # fmt: skip
OFFICE = ("txt:Text (encoded):UTF8", "html", "rtf", "odt", "doc", "docx", "pdf")
FORMS = (("2021", 2023), ("2019", 2020), ("local", 2012))
SECONDS = 120
Convert = Callable[[Path, Path], bytes | None]


def program(*command: str) -> Convert:
    """A program that writes to standard output, or to the file that it is told."""

    def convert(source: Path, target: Path) -> bytes | None:
        if shutil.which(command[0]) is None:
            return None
        words = [word.replace("IN", str(source)).replace("OUT", str(target)) for word in command]
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, check=False)
        return target.read_bytes() if target.exists() else done.stdout

    return convert


def office(kind: str) -> Convert:
    """LibreOffice."""

    def convert(source: Path, target: Path) -> bytes | None:
        if shutil.which("soffice") is None:
            return None
        with tempfile.TemporaryDirectory() as home:
            subprocess.run(
                ["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", kind,
                 "--outdir", str(target.parent), str(source)],
                capture_output=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        made = target.parent / f"{source.stem}.{kind.split(':')[0]}"
        return made.read_bytes() if made.exists() else None

    return convert


def package(name: str, work: Callable[[object, Path], str | bytes]) -> Convert:
    """A package of Python."""

    def convert(source: Path, target: Path) -> bytes | None:
        try:
            module = importlib.import_module(name)
        except ImportError:
            return None
        made = work(module, source)
        return made.encode() if isinstance(made, str) else made

    return convert


def _text(source: Path) -> str:
    return source.read_text(encoding="utf-8")


def _pdf2docx(module, source: Path) -> bytes:  # type: ignore[no-untyped-def]
    target = source.with_suffix(".made.docx")
    converter = module.Converter(str(source))
    converter.convert(str(target))
    converter.close()
    return target.read_bytes()


OF_HTML: dict[str, Convert] = {
    "lynx": program("lynx", "-dump", "-nolist", "-width=200", "-display_charset=utf-8", "-assume_charset=utf-8", "IN"),
    "elinks": program("elinks", "-dump", "-no-references", "-dump-charset", "utf-8", "IN"),
    "links2": program("links2", "-dump", "-codepage", "utf-8", "IN"),
    "w3m": program("w3m", "-dump", "-cols", "140", "-I", "utf-8", "-O", "utf-8", "IN"),
    "w3m-narrow": program("w3m", "-dump", "-cols", "80", "-I", "utf-8", "-O", "utf-8", "IN"),
    "html2text-c": program("html2text", "-utf8", "-width", "160", "IN"),
    "inscriptis": package("inscriptis", lambda m, p: m.get_text(_text(p))),
    "html2text": package("html2text", lambda m, p: m.html2text(_text(p))),
    "trafilatura": package("trafilatura", lambda m, p: m.extract(_text(p), include_tables=True) or ""),
    "markdownify": package("markdownify", lambda m, p: m.markdownify(_text(p))),
    "markitdown": package("markitdown", lambda m, p: m.MarkItDown().convert(str(p)).text_content),
    "bs4-lines": package("bs4", lambda m, p: m.BeautifulSoup(_text(p), "lxml").get_text("\n", strip=True)),
    "bs4-spaces": package("bs4", lambda m, p: m.BeautifulSoup(_text(p), "lxml").get_text(" ", strip=True)),
    "bs4-nothing": package("bs4", lambda m, p: m.BeautifulSoup(_text(p), "lxml").get_text()),
    "bs4-pretty": package("bs4", lambda m, p: m.BeautifulSoup(_text(p), "lxml").prettify()),
    "readability": package("readability", lambda m, p: m.Document(_text(p)).summary()),
    **{f"pandoc-{kind}": program("pandoc", "-f", "html", "-t", kind, "-o", "OUT", "IN") for kind in PANDOC},
    **{f"soffice-{kind.split(':')[0]}": office(kind) for kind in OFFICE},
}
OF_DOCX: dict[str, Convert] = {
    "docx2txt": package("docx2txt", lambda m, p: m.process(str(p))),
    "docx2txt-perl": program("docx2txt", "IN", "OUT"),
    "mammoth": package("mammoth", lambda m, p: m.convert_to_html(io.BytesIO(p.read_bytes())).value),
    "mammoth-md": package("mammoth", lambda m, p: m.convert_to_markdown(io.BytesIO(p.read_bytes())).value),
    "markitdown-docx": package("markitdown", lambda m, p: m.MarkItDown().convert(str(p)).text_content),
    "pandoc-docx-plain": program("pandoc", "-t", "plain", "-o", "OUT", "IN"),
    "pandoc-docx-gfm": program("pandoc", "-t", "gfm", "-o", "OUT", "IN"),
    "soffice-docx-txt": office("txt:Text (encoded):UTF8"),
    "soffice-docx-html": office("html"),
    "soffice-docx-doc": office("doc"),
    "soffice-docx-odt": office("odt"),
}
OF_PDF: dict[str, Convert] = {
    "pdftotext": program("pdftotext", "IN", "OUT"),
    "pdftotext-layout": program("pdftotext", "-layout", "IN", "OUT"),
    "pdftotext-raw": program("pdftotext", "-raw", "IN", "OUT"),
    "pdftotext-table": program("pdftotext", "-tsv", "IN", "OUT"),
    "pdftohtml": program("pdftohtml", "-noframes", "-i", "-stdout", "IN"),
    "pdftohtml-complex": program("pdftohtml", "-c", "-noframes", "-i", "-stdout", "IN"),
    "mutool-txt": program("mutool", "draw", "-F", "txt", "-o", "OUT", "IN"),
    "mutool-html": program("mutool", "draw", "-F", "html", "-o", "OUT", "IN"),
    "pypdf": package("pypdf", lambda m, p: "\n".join(page.extract_text() for page in m.PdfReader(p).pages)),
    "pypdf-layout": package(
        "pypdf", lambda m, p: "\n".join(page.extract_text(extraction_mode="layout") for page in m.PdfReader(p).pages)
    ),
    "pdfplumber": package("pdfplumber", lambda m, p: "\n".join(page.extract_text() or "" for page in m.open(p).pages)),
    "pdfplumber-layout": package(
        "pdfplumber", lambda m, p: "\n".join(page.extract_text(layout=True) or "" for page in m.open(p).pages)
    ),
    "pdfminer": package("pdfminer.high_level", lambda m, p: m.extract_text(str(p))),
    "pymupdf": package("pymupdf", lambda m, p: "\n".join(page.get_text() for page in m.open(p))),
    "pymupdf-sorted": package("pymupdf", lambda m, p: "\n".join(page.get_text(sort=True) for page in m.open(p))),
    "pymupdf4llm": package("pymupdf4llm", lambda m, p: m.to_markdown(str(p))),
    "pdf2docx": package("pdf2docx", _pdf2docx),
    "markitdown-pdf": package("markitdown", lambda m, p: m.MarkItDown().convert(str(p)).text_content),
}
SUFFIX = {"html": "html", "docx": "docx", "odt": "odt", "rtf": "rtf", "doc": "doc", "pdf": "pdf", "pdf2docx": "docx", "mammoth": "html", "readability": "html", "pretty": "html", "complex": "html", "pdftohtml": "html"}  # fmt: skip


def sources(seeds: int, folder: Path) -> Iterator[tuple[str, Path, dict[str, object], dict[str, Convert]]]:
    """The typeset documents, with the converters that take them."""
    for seed in range(seeds):
        for form, year in FORMS:
            for format in ("html", "docx"):
                made = typeset(
                    random_figures(f"converters:{seed}", form=form),
                    unit="某县教育局",
                    year=year,
                    form=form,
                    format=format,
                )
                path = folder / f"{form}-{seed}.{format}"
                path.write_bytes(made.data)
                yield f"{form} {format}", path, dict(made.truth), OF_HTML if format == "html" else OF_DOCX
                printed = office("pdf")(path, folder / "unused") if format == "docx" else None
                if printed:
                    path = folder / f"{form}-{seed}.printed.pdf"
                    path.write_bytes(printed)
                    yield f"{form} pdf", path, dict(made.truth), OF_PDF


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="a folder for what the converters made")
    parser.add_argument("--only", default="", help="converters whose name holds this")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    totals: dict[str, Counter[str]] = {}
    reasons: list[str] = []
    missing = set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _, path, truth, converters in sources(options.seeds, folder):
            for converter, convert in converters.items():
                if options.only not in converter:
                    continue
                suffix = SUFFIX.get(converter.split("-")[-1], "md" if converter.endswith(("md", "gfm")) else "txt")
                out = folder / "out"
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                try:
                    data = convert(path, out / f"made.{suffix}")
                except Exception as error:
                    reasons.append(
                        f"{converter} on {path.name}: the converter failed: {type(error).__name__} {error}"[:200]
                    )
                    continue
                if data is None:
                    missing.add(converter)
                    continue
                if options.keep:
                    options.keep.mkdir(exist_ok=True)
                    (options.keep / f"{converter}__{path.stem}.{suffix}").write_bytes(data)
                made = Document(f"{converter}__{path.stem}.{suffix}", data, truth)
                result = score(truth, read(made), KNOWN)
                totals.setdefault(converter, Counter()).update(result.counts)
                reasons += [f"{made.name}: {reason}" for reason in result.reasons[:2]]
    print(
        f"{'converter':22}{'cells':>7}{'exact':>7}{'%':>7}{'wrong':>7}{'silent':>7}{'refused':>8}{'unit':>5}{'year':>5}"
    )
    for converter, counts in totals.items():
        share = 100 * counts["exact"] / counts["cells"] if counts["cells"] else 0.0
        print(
            f"{converter:22}{counts['cells']:7}{counts['exact']:7}{share:7.1f}{counts['wrong'] + counts['invented']:7}"
            f"{counts['silent']:7}{counts['refused'] + counts['crash']:8}{counts['unit']:5}{counts['year']:5}"
        )
    total = sum(totals.values(), Counter())
    print(
        f"all: {total['exact']}/{total['cells']} ({100 * total['exact'] / total['cells']:.1f} %), silent {total['silent']}"
    )
    print(f"not installed: {', '.join(sorted(missing)) or 'none'}")
    print(*reasons, sep="\n")
    return int(total["silent"] > 0)


if __name__ == "__main__":
    sys.exit(main())
