"""The statutory forms as objects: tables of rows and columns, and the identities that bind their cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Address: TypeAlias = tuple[str, str, str]
"""A cell's name: table, row, column."""


@dataclass(frozen=True, slots=True)
class Label:
    """A row, a column or a group, with what is printed and what it means.

    Attributes
    ----------
    code : str
        The code of giakit.
    label : str
        The official Chinese label, with its number.
    gloss : str
        English gloss.
    aliases : tuple of str
        Other labels met in reports.
    group : str
        Code of the group it stands in, else "".
    forms : tuple of str
        The forms that print it.
    tolerated : tuple of str
        Forms in whose reports it turns up although they do not prescribe it.
    unit : str
        Unit, "" for plain counts.
    signed, decimal : bool
        Whether values may be negative, and whether they may have decimals.
    opens : bool
        Whether the row opens a section whose name the rows below it need.
    """

    code: str
    label: str
    gloss: str
    aliases: tuple[str, ...] = ()
    group: str = ""
    forms: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    unit: str = ""
    signed: bool = False
    decimal: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A statutory table, over all the forms that print it."""

    code: str
    label: str
    gloss: str
    headings: tuple[str, ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    groups: tuple[Label, ...]
    column_groups: tuple[Label, ...]
    cells: dict[str, tuple[tuple[str, str], ...]]
    """For each form the cells it prints, as (row, column) in its order."""
    stub: tuple[str, ...] = ()
    unit_columns: tuple[str, ...] = ()
    numbering: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """What heads of columns hold that are none of the form's: other years, changes, parts of the whole."""

    def row(self, code: str) -> Label:
        """The row of that code."""
        return next(row for row in self.rows if row.code == code)

    def column(self, code: str) -> Label:
        """The column of that code."""
        return next(column for column in self.columns if column.code == code)

    def row_codes(self, form: str) -> list[str]:
        """Codes of the rows that a form prints, in its order."""
        return list(dict.fromkeys(row for row, _ in self.cells.get(form, ())))

    def column_codes(self, form: str) -> list[str]:
        """Codes of the columns that a form prints, in its order."""
        used = {column for _, column in self.cells.get(form, ())}
        return [column.code for column in self.columns if column.code in used]


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sums that are equal in a table that closes.

    With ``axis == "column"`` the codes are rows and the identity holds in every column; with ``"row"`` they
    are columns and it holds in every row. `complete`: the form prints all its cells, so that one that is absent
    leaves the identity open; of `alternatives` a report prints one list or the other.
    """

    id: str
    table: str
    axis: Literal["row", "column"]
    left: tuple[str, ...]
    right: tuple[str, ...]
    gloss: str
    forms: tuple[str, ...]
    complete: bool = False
    alternatives: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One generation of the form.

    ``str(form)`` is its id: ``"2021"``, ``"2019"``, ``"2014"`` or ``"local"``.
    """

    id: str
    title: str
    gloss: str
    document: str
    since: int
    until: int | None
    tables: dict[str, Table]
    identities: tuple[Identity, ...]

    def __str__(self) -> str:
        return self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and other.id == self.id

    def cells(self) -> Iterator[Address]:
        """Every cell of the form, in its order."""
        for code, table in self.tables.items():
            for row, column in table.cells[self.id]:
                yield code, row, column
