"""A document as giakit sees it: blocks in reading order, each a text or a grid.

Nothing here knows of disclosure. A format turns bytes into these blocks and stops there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why what was taken from a cell or a text may differ from what a person sees there.

    `confirmable`: an identity with non-zero parts that closes with exactly the figure as taken settles it (digits that run over
    elements of differing style). Else the figure is not to be believed, whatever closes (text that a script writes).
    """

    why: str
    confirmable: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, a heading or a run of lines.

    `text` keeps its line breaks; `where` says where it stood, for people ("page 3", "paragraph 12").
    """

    text: str
    where: str = ""
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its spans expanded.

    Parameters
    ----------
    rows : sequence of rows of str
        Raw strings. Every row has the same length when `aligned`.
    anchors : rows of int, or None
        For each position the number of the source cell that covers it: positions that share a number are
        one merged cell; negative, where the row is too short and no cell stands. ``None``: every position is a
        cell of its own.
    where : str
        Where the grid stood ("table 2", "page 3 table 1", "sheet 数据").
    aligned : bool
        Whether positions of equal index in different rows stand in one column. False for text whose cells
        were cut at runs of spaces: there an empty cell leaves no trace.
    doubts : mapping of int to Doubt
        For cells that may not show what was taken from them, by anchor number (by position, counted row by row, where `anchors`
        is None).
    """

    rows: Sequence[Sequence[str]]
    anchors: Sequence[Sequence[int]] | None = None
    where: str = ""
    aligned: bool = True
    doubts: Mapping[int, Doubt] = field(default_factory=dict)


Block: TypeAlias = Text | Grid
Origin: TypeAlias = Literal["printed", "ocr"]


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of one document.

    Parameters
    ----------
    name : str
        Name of the file.
    format : str
        ``html``, ``mht``, ``text``, ``docx``, ``doc``, ``pdf``, ``xlsx``, ``xls``, ``ods``, ``image``…
    blocks : tuple of Text and Grid
        In reading order.
    sha256 : str
        Of the bytes; `open_document` adds it.
    title : str
        A title that the format itself declares (``<title>``, ``ArticleTitle``), else "".
    metadata : dict of str to str
        What else the format declares: ``url``, ``published``, ``encoding``…
    origin : "printed" or "ocr"
        How the figures got here.
    notes : tuple of str
        What a reader should know: hidden parts passed over, images not read, attachments named.
    doubts : tuple of str
        What casts doubt on the whole document: each becomes a finding on the report.
    hides : bool
        Whether it hides rows or columns that `open_document` takes with ``part="hidden"``.
    """

    name: str
    format: str
    blocks: tuple[Block, ...]
    sha256: str = ""
    title: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    origin: Origin = "printed"
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    hides: bool = False
