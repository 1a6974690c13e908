"""PDF files of known content for the tests of `giakit.documents.pdf.reader`, typeset with reportlab."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from giakit.documents.limits import Limits
from giakit.documents.model import Document, Grid, Text
from giakit.documents.pdf.reader import read_pdf

canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
pdfmetrics = pytest.importorskip("reportlab.pdfbase.pdfmetrics")
cidfonts = pytest.importorskip("reportlab.pdfbase.cidfonts")
pdfmetrics.registerFont(cidfonts.UnicodeCIDFont("STSong-Light"))

TABLE = [["标题", "甲", "乙", "丙"], ["第一", "1", "22", "333"], ["第二", "", "0", "4"]]
WIDTHS, HEIGHTS = [80, 40, 40, 40], [20, 20, 20]


def read(data: bytes, **limits: int) -> Document:
    return read_pdf(data, name="a.pdf", limits=Limits(**limits))


def typeset(*draw: Callable[[object], None], size: tuple[int, int] = (595, 842), **options: object) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=size, **options)
    for one in draw:
        page.setFont("STSong-Light", 9)
        one(page)
        page.showPage()
    page.save()
    return out.getvalue()


def texts(c: object, x: float, y: float, rows: list[list[str]], size: float = 9, shift: float = 0) -> None:
    c.setFont("STSong-Light", size)
    for row, height in zip(rows, HEIGHTS, strict=False):
        left = x
        for text, width in zip(row, WIDTHS, strict=False):
            c.drawCentredString(left + width / 2 + shift, y - height / 2 - size / 3, text)
            left += width
        y -= height


def edges(x: float, y: float) -> tuple[list[float], list[float]]:
    xs, ys = [x], [y]
    for width in WIDTHS:
        xs.append(xs[-1] + width)
    for height in HEIGHTS:
        ys.append(ys[-1] - height)
    return xs, ys


def table(c: object, x: float = 100, y: float = 700, rows: list[list[str]] = TABLE) -> None:
    xs, ys = edges(x, y)
    for at in xs:
        c.line(at, ys[0], at, ys[-1])
    for at in ys:
        c.line(xs[0], at, xs[-1], at)
    texts(c, x, y, rows)


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def only_grid(data: bytes) -> list[list[str]]:
    (grid,) = grids(read(data))
    return [list(row) for row in grid.rows]


def prose(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks if isinstance(block, Text))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
