"""What one document may cost before it is refused: bytes, cells, depth, pages, pixels, seconds.

A report is small: the largest of the real ones has a few hundred cells and a few megabytes of pictures. The
limits are far above that and exist so that one hostile or broken file cannot stop a run over a million.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from giakit.errors import UnreadableDocument


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that hold for one document.

    Parameters
    ----------
    max_bytes : int, default 200 MB
        Size of the file.
    max_unpacked : int, default 500 MB
        Sum of the parts of a zip (docx, xlsx, ods) once unpacked.
    max_part : int, default 50 MB
        One XML part of a zip, or one stream of a PDF, once unpacked; as a tree it takes several times that.
    max_nodes : int, default 2,000,000
        Tags and attributes of the XML of one document: a tree takes some 200 bytes for each.
    max_ratio : int, default 200
        Unpacked over packed size; asked only where more than 10 MB are unpacked. Pictures in a PDF are left out.
    max_cells : int, default 100,000
        Positions of all grids of the document, spans expanded.
    max_rows : int, default 40,000
        Rows of all grids of the document.
    max_text : int, default 2,000,000
        Characters of running text, and of all cells together, spans expanded; a report has some ten thousand.
    max_depth : int, default 200
        Nesting of tables and elements.
    max_pages : int, default 2000
        Pages of a PDF or images of a scan.
    max_pixels : int, default 120,000,000
        Pixels of one image.
    seconds : float, default 60
        Time for a converter that runs outside this process, and for recognition of one page.

    Examples
    --------
    >>> Limits(max_cells=1000).max_cells
    1000
    """

    max_bytes: int = 200_000_000
    max_unpacked: int = 500_000_000
    max_part: int = 50_000_000
    max_nodes: int = 2_000_000
    max_ratio: int = 200
    max_cells: int = 100_000
    max_rows: int = 40_000
    max_text: int = 2_000_000
    max_depth: int = 200
    max_pages: int = 2000
    max_pixels: int = 120_000_000
    seconds: float = 60.0


DEFAULT_LIMITS = Limits()


def check_cells(name: str, n: int, limits: Limits) -> None:
    """Refuse a document whose tables have more than ``limits.max_cells`` positions, spans expanded.

    >>> check_cells("a.docx", 70, Limits())
    """
    if n > limits.max_cells:
        reason = f"its tables have more than {limits.max_cells:,} cells (Limits.max_cells)"
        raise UnreadableDocument(name, reason)


def check_bytes(name: str, n: int, limits: Limits, limit: str = "max_bytes") -> None:
    """Refuse a file, or a part of one, of more bytes than one of the limits allows.

    >>> check_bytes("a.docx", 70, Limits())
    """
    allowed = getattr(limits, limit)
    if n > allowed:
        raise UnreadableDocument(name, f"{n:,} bytes are more than {allowed:,} (Limits.{limit})")


def check_text(name: str, n: int, limits: Limits) -> None:
    """Refuse a document with more than ``limits.max_text`` characters of running text.

    >>> check_text("a.html", 70, Limits())
    """
    if n > limits.max_text:
        reason = f"its text has {n:,} characters, more than {limits.max_text:,} (Limits.max_text)"
        raise UnreadableDocument(name, reason)


def open_regular(path: str | bytes | os.PathLike[str], name: str, limits: Limits) -> int:
    """A descriptor, which the caller closes, of a regular file: anything else could block for ever or never end.

    Raises
    ------
    UnreadableDocument
        There is no such file, it is no regular one, larger than ``limits.max_bytes`` (before anything is read), or may not be
        opened.

    Examples
    --------
    >>> open_regular("/no/such/file", "a.docx", Limits())
    Traceback (most recent call last):
    giakit.errors.UnreadableDocument: a.docx: cannot be read: there is no such file
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError) as error:
        # A name may hold a NUL, or half of a character.
        raise UnreadableDocument(name, because(error)) from None
    try:
        state = os.fstat(handle)
        if stat.S_ISDIR(state.st_mode):
            raise UnreadableDocument(name, "it is a folder; giakit.build reads folders")
        if not stat.S_ISREG(state.st_mode):
            raise UnreadableDocument(name, "it is no regular file")
        check_bytes(name, state.st_size, limits)
    except BaseException:
        os.close(handle)
        raise
    return handle


def because(error: OSError | ValueError) -> str:
    """Why a file cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return f"the file cannot be opened: {getattr(error, 'strerror', None) or error}"
