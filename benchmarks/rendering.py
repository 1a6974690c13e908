"""What is read of documents that show something else than the text in them, beside what is seen in their rendering.

    python benchmarks/rendering.py [--format html] [--only NAME] [--no-pictures]

Each kind of `tests/appearance` changes the style or the structure of one cell of a typeset report. Chromium (HTML) or
LibreOffice (docx, xlsx) prints the changed document, and of the printed page the pixels are asked: a character is seen
where its box has ink that is darker than the cell's ground. What the kind says is seen must be what is seen there, as far
as pixels tell; then `gia.read` is held against it. Printed for each kind: exact, loud or silent; the exit code is 1 if
one is silent. With ``--no-pictures`` the kinds are believed.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from appearance import FORMATS, SHADE, Shown, judge, kinds, sample

_SCALE = 4
_NEAR = 24
_DARKER = 50
_LEAST_INK = 6
_SMALL = 0.9
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)


def printed(data: bytes, format: str) -> bytes | None:
    """The document as PDF; None where the program that prints it is not installed."""
    if format == "pdf":
        return data
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, f"page.{format}"), Path(folder, "page.pdf")
        source.write_bytes(data)
        if format == "html":
            program = shutil.which("chromium") or shutil.which("google-chrome")
            options = [*_FLAGS, f"--user-data-dir={folder}/new", f"--print-to-pdf={target}", source.as_uri()]
        else:
            program = shutil.which("soffice")
            options = [
                f"-env:UserInstallation={Path(folder, 'new').as_uri()}",
                *("--headless", "--convert-to", "pdf", "--outdir", folder, str(source)),
            ]
        if program is None:
            return None
        subprocess.run([program, *options], check=True, capture_output=True, timeout=180)
        return target.read_bytes()


def seen_in_shade(pdf: bytes) -> str | None:
    """What is seen in the shaded cell: its digits from left to right, small ones left out; None where there is ink and no text.

    An empty string: nothing is seen there.
    """
    for page in pypdfium2.PdfDocument(io.BytesIO(pdf)):
        image = np.asarray(page.render(scale=_SCALE).to_pil().convert("RGB")).astype(int)
        shaded = (np.abs(image - np.array(SHADE)).max(axis=2) <= _NEAR).nonzero()
        if len(shaded[0]) < 50:
            continue
        top, bottom = shaded[0].min(), shaded[0].max()
        left, right = shaded[1].min(), shaded[1].max()
        inked = np.array(SHADE).sum() - image.sum(axis=2) > _DARKER * 3
        inked[: top + 1], inked[bottom:] = False, False
        inked[:, : left + 1], inked[:, right:] = False, False
        characters = []
        unexplained = inked.copy()
        for character, box in _characters(page):
            x0, y0, x1, y1 = box
            inside = inked[y0 : y1 + 1, x0 : x1 + 1]
            if left <= (x0 + x1) / 2 <= right and top <= (y0 + y1) / 2 <= bottom and inside.sum() >= _LEAST_INK:
                unexplained[y0 - 2 : y1 + 3, x0 - 2 : x1 + 3] = False
                if character.isdigit():
                    characters.append((x0, y1 - y0, character))
        if unexplained.sum() > 40 * _LEAST_INK:
            return None
        tallest = max((height for _, height, _ in characters), default=0)
        return "".join(digit for _, height, digit in sorted(characters) if height >= _SMALL * tallest)
    return ""


def _characters(page: pypdfium2.PdfPage) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The characters of a page and their boxes, in pixels of its picture."""
    text = page.get_textpage()
    height = page.get_height()
    for number in range(text.count_chars()):
        character = text.get_text_range(number, 1)
        x0, y0, x1, y1 = text.get_charbox(number)
        if character.strip() and x1 > x0 and y1 > y0:
            yield (
                character,
                (
                    max(int(x0 * _SCALE), 0),
                    max(int((height - y1) * _SCALE), 0),
                    int(x1 * _SCALE),
                    int((height - y0) * _SCALE),
                ),
            )


def main() -> int:
    """Print a line a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", choices=FORMATS)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-pictures", action="store_true")
    options = parser.parse_args()
    counts: dict[str, Counter[str]] = {format: Counter() for format in FORMATS}
    for kind in kinds():
        if options.format not in (None, kind.format) or options.only not in kind.name:
            continue
        shown = kind.change(sample(kind.format))
        remark = ""
        pdf = None if options.no_pictures else printed(shown.data, kind.format)
        if pdf is not None:
            seen = seen_in_shade(pdf)
            if (seen or None) != shown.seen:
                remark = f"the picture shows {seen!r}, the kind says {shown.seen!r}"
                # What is not certain from the picture is not held against the reading.
                if seen and shown.seen is not None and not shown.by_eye:
                    shown = Shown(shown.data, seen)
        verdict, took = judge(sample(kind.format), shown)
        counts[kind.format][verdict] += 1
        print(f"{verdict:7} {kind.format:5} {kind.name:28} seen {shown.seen!s:6} read {took or '-':6} {remark}")
    for format, count in counts.items():
        if count:
            print(
                f"{format}: {sum(count.values())} kinds, silent {count['silent']}, loud {count['loud']}, exact {count['exact']}"
            )
    return int(any(count["silent"] for count in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
