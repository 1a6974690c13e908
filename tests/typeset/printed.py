"""Pages as printers, scanners and browsers save them: PDF, PNG, MHT."""

from __future__ import annotations

import base64
import io
import os
import quopri
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from giakit.errors import GiakitError
from typeset.model import Draft
from typeset.registry import generator

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_BOUNDARY = "----=_NextPart_giakit"
_SCAN_DPI = 170


class MissingProgram(GiakitError, OSError):
    """A format needs a program that is not installed.

    Attributes
    ----------
    program : str
        The program.
    """

    def __init__(self, program: str) -> None:
        self.program = program
        super().__init__(f"{program} is not installed; formats pdf and png need it")

    def __reduce__(self) -> tuple[type[MissingProgram], tuple[str]]:
        return type(self), (self.program,)


def browser() -> str | None:
    """Where a Chromium is, if there is one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


@cache
def has_chinese_font() -> bool:
    """Whether a browser finds a font with Chinese characters; where nothing lists fonts, it is taken to."""
    program = shutil.which("fc-list")
    if program is None:
        return True
    return bool(subprocess.run([program, ":lang=zh", "family"], capture_output=True, check=False).stdout.strip())


def pdf(markup: str, draft: Draft) -> bytes:
    """A page as a PDF with a text layer.

    Raises
    ------
    MissingProgram
        If there is no Chromium, or no font with Chinese characters.
    """
    program = browser()
    if program is None:
        raise MissingProgram("Chromium")
    if not has_chinese_font():
        raise MissingProgram("a font with Chinese characters (Noto Serif CJK)")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(markup, encoding="utf-8")
        options = ["--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")
        subprocess.run(
            [program, *options, f"--print-to-pdf={target}", source.as_uri()],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return target.read_bytes()


def png(markup: str, draft: Draft) -> bytes:
    """The pages of the PDF below one another as an image, slightly turned and with the noise of a scanner."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf(markup, draft))
    draw = generator(draft.title, "scan")
    pages = []
    for page in document:
        image = page.render(scale=_SCAN_DPI / 72, grayscale=True).to_pil()
        if not draft.style.get("clean"):
            image = image.rotate(draw.uniform(-0.4, 0.4), fillcolor=255)
        pages.append(image)
    return _stacked(pages, noise=not draft.style.get("clean"), seed=draw.randrange(1 << 30))


def _stacked(pages: list[Any], *, noise: bool, seed: int) -> bytes:
    import numpy as np
    from PIL import Image

    width, height = max(page.width for page in pages), sum(page.height for page in pages)
    sheet = Image.new("L", (width, height), 255)
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    if noise:
        grain = np.random.default_rng(seed).normal(0, 9, (height, width))
        sheet = Image.fromarray(np.clip(np.asarray(sheet, dtype=float) + grain, 0, 255).astype("uint8"))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def mht(markup: str, draft: Draft) -> bytes:
    """A saved web archive: the page in quoted-printable or base64, with a style sheet and an image beside it."""
    coded = generator(draft.title, "mht").choice(("quoted-printable", "base64"))
    raw = markup.encode("utf-8")
    body = quopri.encodestring(raw) if coded == "quoted-printable" else base64.encodebytes(raw)
    pixel = base64.encodebytes(
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    )
    head = (
        "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="{_BOUNDARY}"\r\n\r\n'
    )
    parts = [
        ("text/html; charset=utf-8", coded, "http://localhost/report.html", body),
        ("text/css", "quoted-printable", "http://localhost/style.css", b"td{padding:0}"),
        ("image/gif", "base64", "http://localhost/dot.gif", pixel),
    ]
    chunks = [head.encode("ascii")]
    for kind, coding, place, content in parts:
        chunks.append(
            f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {coding}\r\nContent-Location: {place}\r\n\r\n".encode(
                "ascii"
            )
        )
        chunks += [content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), b"\r\n"]
    return b"".join(chunks) + f"--{_BOUNDARY}--\r\n".encode("ascii")
