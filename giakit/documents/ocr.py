"""Read pictures: scans, photographs and screenshots of reports, through the extra ``ocr``.

What was recognised is marked as such (`Document.origin`); a figure that is not certain carries "⁇", so that
nobody takes it for a number.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from giakit.documents.limits import Limits, check_bytes
from giakit.documents.model import Document
from giakit.documents.ocr_engine import ocr_installed
from giakit.documents.pdf.assemble import assemble
from giakit.documents.pdf.content import PageContent
from giakit.errors import UnreadableDocument


def read_image(data: bytes, *, name: str, limits: Limits) -> Document:
    """Recognise the text and the tables of a picture.

    Parameters
    ----------
    data : bytes
        A PNG, JPEG, TIFF (of several pages too), BMP, GIF or WebP file.
    name : str
        Its name, for errors and for the document.
    limits : Limits
        ``max_bytes``, ``max_pages``, ``max_pixels``, ``max_cells`` and ``seconds`` apply.

    Returns
    -------
    Document
        ``format="image"``, ``origin="ocr"``. Cells without ink are "". A cell whose figure is not certain ends
        in "⁇".

    Raises
    ------
    UnreadableDocument
        No picture, too large, or the extra ``ocr`` is not installed.
    """
    check_bytes(name, len(data), limits)
    if not ocr_installed():
        raise UnreadableDocument(name, 'it is a picture; pip install "giakit[ocr]" reads it')
    pages = [
        recognise(frame, name=name, limits=limits, number=number)
        for number, frame in enumerate(_frames(data, name, limits), start=1)
    ]
    blocks, notes = assemble(pages, name=name, limits=limits)
    if not blocks:
        raise UnreadableDocument(name, "no text was recognised in the picture")
    return Document(name=name, format="image", blocks=tuple(blocks), origin="ocr", notes=tuple(notes))


def recognise(image: np.ndarray, *, name: str, limits: Limits, number: int = 1) -> PageContent:
    """Characters and ruling lines of one picture of a page.

    Parameters
    ----------
    image : array of uint8, (height, width) or (height, width, 3)
        Grey, or blue-green-red.
    name : str
        Name of the document, for errors.
    limits : Limits
        ``seconds`` bounds the time for second looks at single cells.
    number : int, default 1
        Page number.

    Raises
    ------
    UnreadableDocument
        The extra ``ocr`` is not installed, or its models are missing.
    """
    if not ocr_installed():
        raise UnreadableDocument(name, 'it is a picture; pip install "giakit[ocr]" reads it')
    from giakit.documents.ocr_page import page_of_image

    return page_of_image(image, name=name, seconds=limits.seconds, number=number)


def _frames(data: bytes, name: str, limits: Limits) -> Iterator[np.ndarray]:
    """The pictures in a file, as blue-green-red arrays on white, turned as the camera says."""
    from PIL import Image, ImageOps, ImageSequence

    try:
        opened: Any = Image.open(io.BytesIO(data))
        frames = getattr(opened, "n_frames", 1)
    except Exception as error:  # Pillow raises many kinds on broken files
        raise UnreadableDocument(name, f"the picture cannot be opened: {error}") from error
    if frames > limits.max_pages:
        raise UnreadableDocument(name, f"{frames} pictures are more than {limits.max_pages} (Limits.max_pages)")
    for frame in ImageSequence.Iterator(opened):
        if frame.width * frame.height > limits.max_pixels:
            size = f"{frame.width} x {frame.height} pixels"
            raise UnreadableDocument(name, f"{size} are more than {limits.max_pixels:,} (Limits.max_pixels)")
        try:
            shown = ImageOps.exif_transpose(frame).convert("RGBA")
        except Exception as error:  # Pillow raises many kinds on broken files
            raise UnreadableDocument(name, f"the picture is damaged: {error}") from error
        paper = Image.new("RGBA", shown.size, "white")
        paper.alpha_composite(shown)
        yield np.ascontiguousarray(np.asarray(paper.convert("RGB"))[:, :, ::-1])
