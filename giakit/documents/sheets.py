"""One sheet of a spreadsheet, before and after its merged cells are expanded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice

from giakit.documents.grid import GridBuilder
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Grid


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet holds.

    Parameters
    ----------
    name : str
        Its name.
    cells : dict of (int, int) to str
        Texts by row and column, counted from 0; cells without text are left out.
    merges : tuple of (int, int, int, int)
        Merged ranges: first row, first column, last row, last column.
    hidden_rows : frozenset of int
        Rows that are not shown, be it by hand or by a filter.
    hidden_columns : frozenset of int
        Columns that are not shown.
    visible : bool
        Whether the sheet itself is shown.
    notes : tuple of str
        What a reader should know of it.
    """

    name: str
    cells: dict[tuple[int, int], str]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)
    hidden_columns: frozenset[int] = field(default_factory=frozenset)
    visible: bool = True
    notes: tuple[str, ...] = ()


def grid_of(sheet: Sheet, *, name: str, limits: Limits) -> tuple[Grid | None, list[str]]:
    """Expand the merged cells of a sheet.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    name : str
        Name of the document, for errors.
    limits : Limits
        ``max_cells`` is enforced before anything is expanded.

    Returns
    -------
    grid : Grid or None
        Rows in which at least one cell says something, from the first to the last column that does; None if
        there are none. Hidden rows and columns are left out; of a merged cell that reaches out of them, what
        can be seen stays.
    notes : list of str
        What was left out.

    Examples
    --------
    >>> sheet = Sheet("s", {(0, 0): "title", (1, 0): "a", (1, 1): "3"}, merges=((0, 0, 0, 1),))
    >>> grid_of(sheet, name="a.xlsx", limits=Limits())[0].rows
    [['title', 'title'], ['a', '3']]
    """
    columns, hidden = _shown_columns(sheet)
    rows = _shown_rows(sheet, columns)
    notes = [f"sheet {sheet.name}: hidden cells passed over: {hidden}"] if hidden else []
    if not rows:
        return None, notes
    merges = _merges_by_row(sheet, rows, _last_column(sheet, columns), name, limits)
    concealed = sorted(sheet.hidden_columns)
    builder = GridBuilder(limits, name)
    anchors: dict[int, int] = {}
    covered = 0
    left = min(_position(min(places), concealed) for places in columns.values() if places)
    left = min([left, *(_position(start, concealed) for spans in merges.values() for start, _, _ in spans)])
    for row in rows:
        builder.row()
        spans = {start: (end, merge) for start, end, merge in reversed(merges.get(row, []))}
        free_from = 0
        for column in sorted({*columns.get(row, ()), *spans}):
            end, merge = spans.get(column, (column, -1))
            corner = sheet.merges[merge][:2] if merge >= 0 else (row, column)
            if column < free_from:
                covered += corner == (row, column)
                continue
            text = sheet.cells.get(corner, "")
            covered += corner != (row, column) and (row, column) in sheet.cells
            at = _position(column, concealed)
            span = _position(end + 1, concealed) - at
            free_from = end + 1
            if span:
                number = builder.cell(text, colspan=span, at=at - left, join=anchors.get(merge))
                if merge >= 0:
                    anchors[merge] = number
    if covered:
        notes.append(f"sheet {sheet.name}: text in cells covered by a merged cell passed over: {covered}")
    grid = builder.build(f"sheet {sheet.name}")
    return (grid if grid.rows else None), notes


def _shown_columns(sheet: Sheet) -> tuple[dict[int, list[int]], int]:
    """Columns with a text in each row that is shown, and how many texts are hidden."""
    columns: dict[int, list[int]] = {}
    hidden = 0
    for (row, column), text in sheet.cells.items():
        if not text.strip():
            continue
        if row in sheet.hidden_rows or column in sheet.hidden_columns:
            hidden += 1
        else:
            columns.setdefault(row, []).append(column)
    return columns, hidden


def _shown_rows(sheet: Sheet, columns: dict[int, list[int]]) -> list[int]:
    """Rows that say something; a merged cell that begins in a hidden row speaks in the first one shown."""
    rows = set(columns)
    end = max(rows, default=-1)
    for first, left, last, _ in sheet.merges:
        if first in sheet.hidden_rows and sheet.cells.get((first, left), "").strip():
            inside = range(first, min(last, end) + 1)
            rows.update(islice((row for row in inside if row not in sheet.hidden_rows), 1))
    return sorted(rows)


def _last_column(sheet: Sheet, columns: dict[int, list[int]]) -> int:
    """Where the sheet ends on the right: an empty merged cell beyond it is only formatting."""
    ends = [max(places) for places in columns.values()]
    ends += [right for top, left, _, right in sheet.merges if sheet.cells.get((top, left), "").strip()]
    return max(ends, default=0)


def _merges_by_row(
    sheet: Sheet, rows: list[int], last: int, name: str, limits: Limits
) -> dict[int, list[tuple[int, int, int]]]:
    """For each row the stretches of it that merged cells cover: first column, last column, which merge."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    count = 0
    for index, (top, left, bottom, right) in enumerate(sheet.merges):
        inside = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        count += len(inside)
        check_cells(name, count, limits)
        if left <= last:
            for row in inside:
                found.setdefault(row, []).append((left, min(right, last), index))
    return found


def _position(column: int, concealed: list[int]) -> int:
    """Position of a column once the hidden ones before it are gone."""
    return column - bisect_left(concealed, column)
