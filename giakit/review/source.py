"""The document as it was read, for a person's eye: a grid redrawn with the cell framed, or the page's picture with a box."""

from __future__ import annotations

import base64
import io
import re
from functools import lru_cache
from html import escape
from pathlib import Path

from giakit.documents.model import Document, Grid
from giakit.documents.open import open_document
from giakit.errors import GiakitError

_PLACE = re.compile(r"row (\d+)(?: column (\d+))?$")
_PAGE = re.compile(r"pages? (\d+)")
_AROUND = 60


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
        document = _opened(path, path.stat().st_mtime_ns)
        if document.format == "pdf":
            return _page(path, where, raw, label)
        if document.format == "image":
            kind = path.suffix.lstrip(".").lower().replace("jpg", "jpeg")
            return f'<img alt="the scan" src="data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}">'
    except (GiakitError, OSError) as error:
        return f'<p class="note">{escape(str(error))}</p>'
    return _blocks(document, where, raw)


@lru_cache(maxsize=4)
def _opened(path: Path, _changed: int) -> Document:
    return open_document(path.read_bytes(), name=path.name)


def _blocks(document: Document, where: str, raw: str) -> str:
    grids = [block for block in document.blocks if isinstance(block, Grid) and where.startswith(block.where)]
    if not grids:
        texts = "\n".join(block.text for block in document.blocks if not isinstance(block, Grid))
        place = _PLACE.search(where)
        text = escape(texts)
        named = re.search(r"after '(.+)'$", where)
        anchor = text.find(escape(named[1])) if named else -1
        at = text.find(escape(raw), max(anchor, 0)) if raw else -1
        if at < 0 or place:
            return f"<pre>{text}</pre>"
        end = at + len(escape(raw))
        return f'<pre>{text[:at]}<mark class="framed">{text[at:end]}</mark>{text[end:]}</pre>'
    grid = max(grids, key=lambda block: len(block.where))
    return _grid(grid, where, raw)


def _grid(grid: Grid, where: str, raw: str) -> str:
    place = _PLACE.search(where)
    line = int(place[1]) - 1 if place else -1
    column = int(place[2]) - 1 if place and place[2] else -1
    if 0 <= line < len(grid.rows) and column < 0 and raw in grid.rows[line]:
        column = len(grid.rows[line]) - 1 - grid.rows[line][::-1].index(raw)
    first = max(0, line - _AROUND)
    drawn: set[int] = set()
    parts = []
    for number in range(first, min(len(grid.rows), max(line, 0) + _AROUND)):
        cells = []
        for position, text in enumerate(grid.rows[number]):
            anchor = grid.anchors[number][position] if grid.anchors is not None else number * 10_000 + position
            if anchor >= 0 and anchor in drawn:
                continue
            drawn.add(anchor)
            across = sum(other == anchor for other in grid.anchors[number]) if grid.anchors is not None else 1
            down = sum(anchor in row for row in grid.anchors[number:]) if grid.anchors is not None else 1
            spans = "".join(f' {name}="{size}"' for name, size in (("colspan", across), ("rowspan", down)) if size > 1)
            framed = ' class="framed"' if number == line and position <= column < position + across else ""
            cells.append(f"<td{framed}{spans}>{escape(text)}</td>")
        parts.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table class="source">{"".join(parts)}</table>'


def _page(path: Path, where: str, raw: str, label: str) -> str:
    """The page's picture; a box around the figure on the line of its label, where the text layer has both."""
    import pypdfium2 as pdfium

    named = _PAGE.search(where)
    document = pdfium.PdfDocument(path)
    try:
        number = int(named[1]) - 1 if named else 0
        pages = [page for page in (number, number + 1) if 0 <= page < len(document)]
        for candidate in pages:
            box = _box(document[candidate], raw, label)
            if box is not None or candidate == pages[-1]:
                page = document[candidate if box is not None else number]
                picture = io.BytesIO()
                page.render(scale=1.5).to_pil().convert("L").save(picture, "PNG", optimize=False)
                width, height = page.get_size()
                frame = ""
                if box is not None:
                    left, bottom, right, top = box
                    style = f"left:{100 * left / width:.2f}%;top:{100 * (1 - top / height):.2f}%;width:{100 * (right - left) / width:.2f}%;height:{100 * (top - bottom) / height:.2f}%"
                    frame = f'<div class="framed" style="{style}"></div>'
                encoded = base64.b64encode(picture.getvalue()).decode()
                return f'<div class="page"><img alt="page" src="data:image/png;base64,{encoded}">{frame}</div>'
        return '<p class="note">the document has no such page</p>'
    finally:
        document.close()


def _box(page: object, raw: str, label: str) -> tuple[float, float, float, float] | None:
    text = page.get_textpage()  # type: ignore[attr-defined]

    def boxes(wanted: str) -> list[tuple[float, float, float, float]]:
        found = []
        search = text.search(wanted, match_whole_word=wanted.isdigit())
        while (hit := search.get_next()) is not None:
            rects = [text.get_rect(place) for place in range(text.count_rects(*hit))]
            found += rects[:1]
        return found

    key = "".join(re.findall(r"[\u4e00-\u9fff]+", label))[:6]
    lines = boxes(key) if key else []
    figures = boxes(raw.strip()) if raw.strip() else []
    if not lines or not figures:
        return None
    middle = [(low + high) / 2 for _, low, _, high in lines]
    best = min(figures, key=lambda box: min(abs((box[1] + box[3]) / 2 - line) for line in middle))
    return best if min(abs((best[1] + best[3]) / 2 - line) for line in middle) < 14 else None
