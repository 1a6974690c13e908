"""What a document is before it is printed: texts and grids in reading order, with the truth they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from giakit.forms.model import Address

Kind = Literal["label", "head", "value", "extra", "empty"]
Role = Literal["title", "chapter", "section", "body", "note", "image"]


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """A printed cell; one object over several positions of a grid is a merged cell.

    Attributes
    ----------
    text : str
        What is printed; a line feed is a line break inside the cell.
    kind : str
        ``value``: a cell of the form. ``extra``: a number the form does not have.
    address : Address or None
        The cell of the form that it prints.
    printed_span : (int, int) or None
        Rows and columns that the markup claims, where it claims something wrong.
    """

    text: str = ""
    kind: Kind = "label"
    address: Address | None = None
    printed_span: tuple[int, int] | None = None

    def says(self, text: str) -> Cell:
        """The same cell with another text."""
        return Cell(text, self.kind, self.address, self.printed_span)

    def claims(self, rows: int, columns: int) -> Cell:
        """The same cell with a span that is not its own."""
        return Cell(self.text, self.kind, self.address, (rows, columns))


class Placed(NamedTuple):
    """A cell at a position: its span where it begins, or (0, 0) where another position already printed it."""

    cell: Cell
    rowspan: int
    colspan: int

    @property
    def begins(self) -> bool:
        """Whether the cell is printed here."""
        return self.rowspan > 0


@dataclass(slots=True)
class Grid:
    """A table as a matrix of cells.

    `heads` counts the rows of the header, `stub` the label columns; both follow the transformations.
    """

    code: str
    rows: list[list[Cell]]
    heads: int = 0
    stub: int = 1
    decoy: bool = False

    def placed(self) -> Iterator[list[Placed]]:
        """The positions row by row, with the spans."""
        for r, row in enumerate(self.rows):
            line = []
            for c, cell in enumerate(row):
                above = r > 0 and c < len(self.rows[r - 1]) and self.rows[r - 1][c] is cell
                if above or (c > 0 and row[c - 1] is cell):
                    line.append(Placed(cell, 0, 0))
                    continue
                down = 1
                while r + down < len(self.rows) and c < len(self.rows[r + down]) and self.rows[r + down][c] is cell:
                    down += 1
                right = 1
                while c + right < len(row) and row[c + right] is cell:
                    right += 1
                line.append(Placed(cell, down, right))
            yield line

    def map(self, change: Callable[[Cell], Cell]) -> Grid:
        """A grid with every cell changed once, merged cells staying merged."""
        done: dict[int, Cell] = {}

        def once(cell: Cell) -> Cell:
            if id(cell) not in done:
                done[id(cell)] = change(cell)
            return done[id(cell)]

        return self.like([[once(cell) for cell in row] for row in self.rows])

    def like(self, rows: Iterable[list[Cell]]) -> Grid:
        """A grid of the same table with other rows."""
        return Grid(self.code, list(rows), self.heads, self.stub, self.decoy)

    def values(self) -> list[Cell]:
        """The cells of the form, in reading order."""
        seen: dict[int, Cell] = {}
        for row in self.rows:
            for cell in row:
                if cell.kind == "value":
                    seen.setdefault(id(cell), cell)
        return list(seen.values())


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph or a heading."""

    text: str
    role: Role = "body"


Block = Grid | Text


@dataclass(slots=True)
class Draft:
    """A report on its way to the printer. Quirks change a draft in place; it belongs to one call.

    Attributes
    ----------
    figures : dict of Address to float
        What is printed.
    printed : set of Address
        Every cell of the form that the document prints, blank ones included.
    style : dict
        What the renderers ask for: `blank`, `text`, `grid`, `encoding`…
    truth : dict
        What quirks add to the truth: `ambiguous`, `lenient`, `broken`…
    """

    unit: str
    year: int
    form: str
    format: str
    title: str
    blocks: list[Block]
    figures: dict[Address, float]
    printed: set[Address]
    style: dict[str, Any] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)

    def grids(self, code: str | None = None) -> list[Grid]:
        """The grids of the report itself."""
        return [
            block for block in self.blocks if isinstance(block, Grid) and not block.decoy and code in (None, block.code)
        ]

    def replace(self, grid: Grid, *blocks: Block) -> None:
        """Put other blocks in the place of a grid."""
        place = next(i for i, block in enumerate(self.blocks) if block is grid)
        self.blocks[place : place + 1] = blocks

    def each(self, change: Callable[[Grid], Grid], *codes: str) -> None:
        """Change every grid of the report, or those of some tables."""
        for grid in self.grids():
            if not codes or grid.code in codes:
                self.replace(grid, change(grid))

    def reword(self, change: Callable[[Text], Text]) -> None:
        """Change every text."""
        self.blocks = [change(block) if isinstance(block, Text) else block for block in self.blocks]

    def doubt(self, key: str, places: Iterable[tuple[str, ...]]) -> None:
        """Add rows to `ambiguous` or cells to `lenient`."""
        known = self.truth.setdefault(key, [])
        known.extend(list(place) for place in places if list(place) not in known)

    def insert_before_grid(self, code: str, *blocks: Block) -> None:
        """Put blocks before the first grid of a table."""
        for grid in self.grids(code)[:1]:
            self.replace(grid, *blocks, grid)

    def chapter(self, number: int) -> int:
        """Where the chapter of that number begins."""
        chapters = [i for i, block in enumerate(self.blocks) if isinstance(block, Text) and block.role == "chapter"]
        return chapters[number - 1]


def number(value: float) -> str:
    """A figure as reports print it.

    >>> number(70.0), number(24252.311082), number(-4)
    ('70', '24252.311082', '-4')
    """
    return str(int(value)) if float(value).is_integer() else format(value, "f").rstrip("0")


def nested(figures: Mapping[Address, float]) -> dict[str, dict[str, dict[str, float]]]:
    """Figures as table, row, column: the form in which a truth file holds them."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for (table, row, column), value in figures.items():
        plain = int(value) if float(value).is_integer() else float(value)
        result.setdefault(table, {}).setdefault(row, {})[column] = plain
    return result
