"""The document as it was read, for a person's eye: a grid redrawn with the cell framed, or the page's picture with a box."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from giakit.documents.model import Document, Grid
from giakit.documents.ocr_engine import ocr_installed, read_lines
from giakit.documents.open import open_document
from giakit.errors import GiakitError

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of the page."""
Find: TypeAlias = Callable[[str], list[Box]]
Page: TypeAlias = tuple[Any, Find]
_PLACE = re.compile(r"row (\d+)(?: column (\d+))?$")
_PAGE = re.compile(r"pages? (\d+)")
_AROUND = 60
_SAME_LINE = 0.017
"""Of the page's height: how far the figure and the label of its row may lie apart."""


def source_html(path: Path | None, *, where: str, raw: str, label: str = "") -> str:
    """The part of a document where a cell stands, as inert HTML.

    Parameters
    ----------
    path : Path or None
        The file; None if it is not at hand.
    where, raw : str
        Of the cell: where it stood, and what was printed there.
    label : str
        The Chinese label of its row: tells lines of a page apart that print the same figure.

    Returns
    -------
    str
        Never the page's own HTML: text is escaped, pictures are drawn here.
    """
    if path is None or not path.is_file():
        return '<p class="note">The file is not at hand: start the desk with files="the folder it was read from".</p>'
    try:
        if pages := _drawn_pages(path):
            return _picture(pages(path, _page_of(where)), raw.strip("⁇ "), label)
        document = _opened(path, path.stat().st_mtime_ns)
    except (GiakitError, OSError) as error:
        return f'<p class="note">{escape(str(error))}</p>'
    grids = [block for block in document.blocks if isinstance(block, Grid) and where.startswith(block.where)]
    if grids:
        return _grid(max(grids, key=lambda block: len(block.where)), where, raw)
    before, framed, after = _parts(
        "\n".join(block.text for block in document.blocks if not isinstance(block, Grid)), where, raw
    )
    mark = f'<mark class="framed">{escape(framed)}</mark>' if framed else ""
    return f"<pre>{escape(before)}{mark}{escape(after)}</pre>"


@lru_cache(maxsize=4)
def _opened(path: Path, _changed: int) -> Document:
    return open_document(path.read_bytes(), name=path.name)


def _parts(text: str, where: str, raw: str) -> tuple[str, str, str]:
    """A text before a figure, the figure where it stands behind the words that `where` names, and the text after it."""
    anchor = re.search(r"after '(.+)'$", where)
    start = text.find(raw, max(text.find(anchor[1]), 0) if anchor else 0) if raw and not _PLACE.search(where) else -1
    return (text, "", "") if start < 0 else (text[:start], raw, text[start + len(raw) :])


def _grid(grid: Grid, where: str, raw: str) -> str:
    place = _PLACE.search(where)
    line = int(place[1]) - 1 if place else -1
    column = int(place[2]) - 1 if place and place[2] else -1
    if 0 <= line < len(grid.rows) and column < 0 and raw in grid.rows[line]:
        column = len(grid.rows[line]) - 1 - list(grid.rows[line])[::-1].index(raw)
    anchors = grid.anchors or [
        [10_000 * number + position for position in range(len(row))] for number, row in enumerate(grid.rows)
    ]
    drawn: set[int] = set()
    rows = []
    for number in range(max(0, line - _AROUND), min(len(grid.rows), max(line, 0) + _AROUND)):
        cells = []
        for position, text in enumerate(grid.rows[number]):
            anchor = anchors[number][position]
            if anchor >= 0 and anchor in drawn:
                continue
            drawn.add(anchor)
            across = max(list(anchors[number]).count(anchor), 1) if anchor >= 0 else 1
            down = sum(anchor in row for row in anchors[number:]) if anchor >= 0 else 1
            framed = ' class="framed"' if number == line and position <= column < position + across else ""
            cells.append(f'<td{framed} colspan="{across}" rowspan="{down}">{escape(text)}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="source">{"".join(rows)}</table>'


def _drawn_pages(path: Path) -> Callable[[Path, int], Iterator[Page]] | None:
    """What draws the pages of a file that is a PDF or a picture: nothing of it is read anew for that."""
    from PIL import Image

    with path.open("rb") as file:
        if b"%PDF-" in file.read(1024):
            return _pdf_pages
    try:
        Image.open(path).close()
    except OSError:
        return None
    return _image_pages


def _page_of(where: str) -> int:
    named = _PAGE.search(where)
    return int(named[1]) - 1 if named else 0


def _picture(pages: Iterator[Page], raw: str, label: str) -> str:
    """The page's picture; a box around the figure on the line of its label, on that page or the next."""
    key = max(re.findall(r"[\u4e00-\u9fff]+", label), key=len, default="")[:6]
    chosen, box = None, None
    for image, find in pages:
        box = _nearest(find(raw), find(key)) if raw and key else None
        chosen = image if chosen is None or box is not None else chosen
        if box is not None:
            break
    if chosen is None:
        return '<p class="note">the document has no such page</p>'
    picture = io.BytesIO()
    chosen.convert("L").save(picture, "PNG")
    frame = ""
    if box is not None:
        left, top, right, bottom = (100 * share for share in box)
        style = f"left:{left:.2f}%;top:{top:.2f}%;width:{right - left:.2f}%;height:{bottom - top:.2f}%"
        frame = f'<div class="framed" style="{style}"></div>'
    data = base64.b64encode(picture.getvalue()).decode()
    return f'<div class="page"><img alt="page" src="data:image/png;base64,{data}">{frame}</div>'


def _nearest(figures: list[Box], labels: list[Box]) -> Box | None:
    """The figure on the line of a label."""
    pairs = [(abs(figure[1] + figure[3] - label[1] - label[3]) / 2, figure) for figure in figures for label in labels]
    apart, box = min(pairs, default=(1.0, None))
    return box if apart < _SAME_LINE else None


def _pdf_pages(path: Path, first: int) -> Iterator[Page]:
    """Two pages, each with a search in its text, or, where it is a scan, in what is recognised on it."""
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(path)
    try:
        for number in range(first, min(first + 2, len(document))):
            page = document[number]
            image, text, size = page.render(scale=1.5).to_pil(), page.get_textpage(), page.get_size()
            yield image, _searched(text, *size) if text.count_chars() else _recognised(path, number, image)
    finally:
        document.close()


def _searched(text: Any, width: float, height: float) -> Find:
    def find(wanted: str) -> list[Box]:
        search = text.search(wanted, match_whole_word=wanted.isdigit())
        boxes = []
        while (hit := search.get_next()) is not None:
            for left, bottom, right, top in [text.get_rect(place) for place in range(text.count_rects(*hit))][:1]:
                boxes.append((left / width, 1 - top / height, right / width, 1 - bottom / height))
        return boxes

    return find


def _image_pages(path: Path, first: int) -> Iterator[Page]:
    from PIL import Image, ImageOps

    with Image.open(path) as opened:
        opened.seek(min(first, getattr(opened, "n_frames", 1) - 1))
        image = ImageOps.exif_transpose(opened).convert("RGB")
    yield image, _recognised(path, first, image)


def _recognised(path: Path, number: int, image: Any) -> Find:
    marks = _marks(path, number, image) if ocr_installed() else ()

    def find(wanted: str) -> list[Box]:
        pattern = re.compile(rf"(?<!\d){re.escape(wanted)}(?!\d)")
        return [box for text, box in marks if pattern.search(text)]

    return find


_READ: dict[tuple[Path, int], list[tuple[str, Box]]] = {}
"""What was recognised on the page that was looked at last: it takes seconds, and several cells stand on one page."""


def _marks(path: Path, number: int, image: Any) -> list[tuple[str, Box]]:
    import numpy as np

    if (path, number) not in _READ:
        width, height = image.size
        pixels = np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
        _READ.clear()
        _READ[path, number] = [
            (mark.text, (mark.left / width, mark.top / height, mark.right / width, mark.bottom / height))
            for mark in read_lines(pixels, path.name)
        ]
    return _READ[path, number]
