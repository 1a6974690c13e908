"""Expand the spans of a table into a grid, the way browsers lay tables out."""

from __future__ import annotations

from collections.abc import Mapping

from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Doubt, Grid

# The HTML standard clips spans to these; no word processor allows wider ones.
MAX_COLSPAN = 1000
MAX_ROWSPAN = 65534
# The widest sheet that Excel knows.
MAX_COLUMN = 16384

_FREE = -1


class GridBuilder:
    """Collects the cells of one table, row by row, and places them.

    A cell goes to the first free column of its row. A span from above that still holds a position keeps it:
    where two cells claim one position, the first has it. Row spans that overrun the table, or the row group
    (see `end_group`), are cut there. Ragged rows are padded with "".

    Parameters
    ----------
    limits : Limits
        ``max_cells`` bounds the expanded positions of this one table.
    name : str
        Name of the document, for errors.

    Raises
    ------
    UnreadableDocument
        From any method, once the table has more than ``limits.max_cells`` positions.

    Notes
    -----
    Two kinds of rows and columns that nobody sees are left out: a row in which no cell begins (all of it is
    covered from above, or empty), and columns that only a row of a single cell reaches (a title row that
    claims more columns than the table has).

    Examples
    --------
    >>> builder = GridBuilder(Limits(), "report.html")
    >>> builder.row()
    >>> _ = builder.cell("label", rowspan=2); _ = builder.cell("7", colspan=2)
    >>> builder.row()
    >>> _ = builder.cell("3"); _ = builder.cell("4")
    >>> grid = builder.build("table 1")
    >>> grid.rows
    [['label', '7', '7'], ['label', '3', '4']]
    >>> grid.anchors
    [[0, 1, 1], [0, 2, 3]]
    """

    __slots__ = ("_anchors", "_begins", "_count", "_cursor", "_held", "_limits", "_name", "_next", "_texts")

    def __init__(self, limits: Limits, name: str) -> None:
        self._limits = limits
        self._name = name
        self._texts: list[list[str]] = []
        self._anchors: list[list[int]] = []
        self._begins: list[bool] = []
        # column -> (rows still to cover, text, anchor)
        self._held: dict[int, tuple[int, str, int]] = {}
        self._cursor = 0
        self._count = 0
        self._next = 0

    def row(self) -> None:
        """Begin a row; spans from above take their positions in it."""
        if self._anchors:
            self._count += len(self._anchors[-1])
            check_cells(self._name, self._count, self._limits)
        texts: list[str] = []
        anchors: list[int] = []
        if self._held:
            width = max(self._held) + 1
            texts = [""] * width
            anchors = [_FREE] * width
            remaining = {}
            for column, (rows, text, anchor) in self._held.items():
                texts[column] = text
                anchors[column] = anchor
                if rows > 1:
                    remaining[column] = (rows - 1, text, anchor)
            self._held = remaining
        self._texts.append(texts)
        self._anchors.append(anchors)
        self._begins.append(False)
        self._cursor = 0

    def cell(
        self, text: str, rowspan: int = 1, colspan: int = 1, at: int | None = None, join: int | None = None
    ) -> int:
        """Place a cell in the current row (the first row is begun if none was); returns its anchor number.

        Parameters
        ----------
        text : str
            What the cell says.
        rowspan, colspan : int, default 1
            Spans as the source states them; ``rowspan=0`` reaches to the end of the row group. Absurd values are clipped.
        at : int, optional
            Column to start at, for sources that state it; taken positions are skipped.
        join : int, optional
            Number of an earlier cell that this one continues: it takes that number.
        """
        if not self._anchors:
            self.row()
        texts, anchors = self._texts[-1], self._anchors[-1]
        column = self._cursor if at is None else min(max(at, 0), MAX_COLUMN)
        width = len(anchors)
        while column < width and anchors[column] != _FREE:
            column += 1
        if join is None:
            number = self._next
            self._next += 1
            self._begins[-1] = True
        else:
            number = join
        end = column + (1 if colspan < 2 else min(colspan, MAX_COLSPAN))
        if end > width:
            if self._count + end > self._limits.max_cells:
                check_cells(self._name, self._count + end, self._limits)
            texts.extend([""] * (end - width))
            anchors.extend([_FREE] * (end - width))
        rows = MAX_ROWSPAN if rowspan == 0 else min(max(rowspan, 1), MAX_ROWSPAN)
        for position in range(column, end):
            if anchors[position] == _FREE:
                texts[position] = text
                anchors[position] = number
                if rows > 1:
                    self._held[position] = (rows - 1, text, number)
        self._cursor = end
        return number

    def end_group(self) -> None:
        """End a row group (``<tbody>``): spans do not reach beyond it."""
        self._held = {}

    def build(self, where: str, *, ragged: bool = False, doubts: Mapping[int, Doubt] | None = None) -> Grid:
        """The rectangular grid of what was collected, without rows if no cell was given.

        Parameters
        ----------
        where : str
            Where the table stood, for `Grid.where`.
        ragged : bool, default False
            Whether a position that no cell took says that a cell is missing there (its anchor is negative).
            False: the source leaves empty cells out, and the position is an empty cell.
        doubts : mapping of int to Doubt, optional
            `Grid.doubts`, by the numbers that `cell` gave.
        """
        kept = [index for index, begins in enumerate(self._begins) if begins]
        width = _width([self._anchors[index] for index in kept])
        check_cells(self._name, len(kept) * width, self._limits)
        rows, numbers = [], []
        for index in kept:
            texts, anchors = self._texts[index][:width], self._anchors[index][:width]
            missing = width - len(anchors)
            if missing:
                texts.extend([""] * missing)
                anchors.extend([_FREE] * missing)
            if not ragged and _FREE in anchors:
                for position, anchor in enumerate(anchors):
                    if anchor == _FREE:
                        anchors[position] = self._next
                        self._next += 1
            rows.append(texts)
            numbers.append(anchors)
        return Grid(rows=rows, anchors=numbers, where=where, doubts=doubts or {})


def _width(rows: list[list[int]]) -> int:
    """Columns of the table: rows of one single cell do not widen it, unless there are only such rows."""
    several = [len(row) for row in rows if row[0] != row[-1]]
    if several:
        return max(several)
    # Of a table of single cells nothing is lost by one column.
    return 1 if rows else 0
