"""Pictures of known content, drawn here, read through the extra ``ocr``."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest

from giakit.documents import ocr
from giakit.documents.limits import Limits
from giakit.documents.model import Document, Grid, Text
from giakit.documents.ocr import read_image
from giakit.documents.pdf import reader as pdf_open
from giakit.documents.pdf.reader import read_pdf
from giakit.errors import UnreadableDocument

image_module = pytest.importorskip("PIL.Image", reason="pillow is not installed")
draw_module = pytest.importorskip("PIL.ImageDraw")
font_module = pytest.importorskip("PIL.ImageFont")

FONTS = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
]
TABLE = [["项目名称", "第一列", "第二列", "合计"], ["予以公开", "1", "0", "3001"], ["不予公开", "", "47", "8"]]
WIDTHS, HEIGHT = (300, 180, 180, 200), 80

needs_ocr = pytest.mark.skipif(not ocr.ocr_installed(), reason="the extra ocr is not installed")


def picture(angle: float = 0.0, quarter: int = 0) -> object:
    path = next((path for path in FONTS if Path(path).exists()), None)
    if path is None:
        pytest.skip("no CJK font is installed")
    font = font_module.truetype(path, 34)
    page = image_module.new("L", (1240, 1000), 255)
    draw = draw_module.Draw(page)
    draw.text((180, 120), "二、申请的收到和处理情况", font=font, fill=0)
    y = 240
    for row in TABLE:
        x = 180
        for text, width in zip(row, WIDTHS, strict=True):
            draw.rectangle((x, y, x + width, y + HEIGHT), outline=0, width=3)
            wide = draw.textlength(text, font=font)
            draw.text((x + (width - wide) / 2, y + 18), text, font=font, fill=0)
            x += width
        y += HEIGHT
    if angle:
        page = page.rotate(angle, resample=image_module.BICUBIC, fillcolor=255)
    return page.rotate(90 * quarter, expand=True)


def encoded(page: object, kind: str = "png") -> bytes:
    out = io.BytesIO()
    page.save(out, kind, **({"resolution": 150} if kind == "pdf" else {}))
    return out.getvalue()


def rows_of(document: Document) -> list[list[str]]:
    (grid,) = [block for block in document.blocks if isinstance(block, Grid)]
    return [list(row) for row in grid.rows]


@needs_ocr
@pytest.mark.parametrize(("angle", "quarter"), [(0.0, 0), (1.5, 0), (0.0, 1)])
def test_table_in_a_picture(angle: float, quarter: int) -> None:
    document = read_image(encoded(picture(angle, quarter)), name="a.png", limits=Limits())
    assert rows_of(document) == TABLE
    assert document.origin == "ocr"
    assert document.format == "image"
    assert "收到和处理情况" in "".join(block.text for block in document.blocks if isinstance(block, Text))


@needs_ocr
def test_scanned_pdf_is_recognised_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    document = read_pdf(encoded(picture(), "pdf"), name="a.pdf", limits=Limits())
    assert rows_of(document) == TABLE
    assert (document.origin, document.format) == ("ocr", "pdf")


@needs_ocr
def test_blot_in_a_cell_is_not_read_as_a_number() -> None:
    page = picture()
    draw = draw_module.Draw(page)
    # A blank cell with a scribble: ink, but nothing that could be told for certain.
    draw.line((520, 425, 560, 455, 530, 470, 575, 430, 540, 440), fill=0, width=4)
    cell = rows_of(read_image(encoded(page), name="a.png", limits=Limits()))[2][1]
    assert not cell.isdigit()
    assert cell.endswith("⁇")


def test_scan_without_the_extra_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "ocr_installed", lambda: False)
    monkeypatch.setattr(pdf_open, "ocr_installed", lambda: False)
    with pytest.raises(UnreadableDocument, match=r"giakit\[ocr\]"):
        read_image(encoded(picture()), name="a.png", limits=Limits())
    with pytest.raises(UnreadableDocument, match=r"scan.*giakit\[ocr\]"):
        read_pdf(encoded(picture(), "pdf"), name="a.pdf", limits=Limits())


@needs_ocr
def test_what_is_no_picture() -> None:
    with pytest.raises(UnreadableDocument, match="cannot be opened"):
        read_image(b"\x89PNG\r\n\x1a\n rubbish", name="a.png", limits=Limits())
    with pytest.raises(UnreadableDocument, match="pixels"):
        read_image(encoded(picture()), name="a.png", limits=Limits(max_pixels=1000))
    with pytest.raises(UnreadableDocument, match="no text"):
        read_image(encoded(image_module.new("L", (400, 300), 255)), name="a.png", limits=Limits())
