"""Read a PDF: characters and ruling lines of each page, put together to text and tables."""

from __future__ import annotations

from giakit.documents.limits import Limits, check_bytes
from giakit.documents.model import Document
from giakit.documents.pdf.assemble import assemble
from giakit.documents.pdf.opening import contents_of


def read_pdf(data: bytes, *, name: str, limits: Limits) -> Document:
    """Read the text layer of a PDF.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and for the document.
    limits : Limits
        What it may cost.

    Returns
    -------
    Document
        Tables as grids (a table over several pages is one), the lines between them as text, each with the
        page it stood on; `title` is that of its properties.

    Raises
    ------
    UnreadableDocument
        If the file is damaged, encrypted, too large, or holds pictures only.
    """
    check_bytes(name, len(data), limits)
    pages, title = contents_of(data, name, limits)
    blocks, notes = assemble(pages, name=name, limits=limits)
    return Document(
        name=name,
        format="pdf",
        blocks=tuple(blocks),
        title=title,
        origin="ocr" if any(page.recognised for page in pages) else "printed",
        notes=tuple(notes),
    )
