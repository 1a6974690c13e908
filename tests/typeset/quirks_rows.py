"""Quirks that add rows and columns which the form does not have."""

from __future__ import annotations

import random

from typeset.model import Cell, Draft, Grid, number
from typeset.quirks_labels import leaf_rows, row_code
from typeset.registry import NATIONAL, quirk

_GRIDDED = ("html", "mht", "text", "markdown", "docx", "xlsx", "xls", "pdf", "png")
_GROUPS = {"denied": "（三）不予公开", "unable": "（四）无法提供", "not_processed": "（五）不予处理"}


@quirk("a row with the sum of its group below each group", formats=_GRIDDED, forms=NATIONAL)
def subtotal_rows(draft: Draft, draw: random.Random) -> None:
    """Sums that the form does not have."""

    def summed(grid: Grid) -> Grid:
        rows: list[list[Cell]] = []
        for i, row in enumerate(grid.rows):
            rows.append(row)
            group = next((g for g in _GROUPS if i in leaf_rows(grid) and row_code(row).startswith(g)), None)
            after = grid.rows[i + 1] if i + 1 < len(grid.rows) else []
            if group and not (any(cell.address for cell in after) and row_code(after).startswith(group)):
                rows.append([*row[: grid.stub - 1], Cell("小计"), *_sums(draft, grid, group)])
        return grid.like(rows)

    draft.each(summed, "requests")


def _sums(draft: Draft, grid: Grid, group: str) -> list[Cell]:
    # A row of zeros may have been merged into one cell.
    fullest = max(grid.rows, key=lambda row: sum(cell.address is not None for cell in row))
    columns = [cell.address[2] for cell in fullest if cell.address]
    members = {a[1] for a in draft.printed if a[0] == "requests" and a[1].startswith(group)}
    return [Cell(number(sum(draft.figures.get(("requests", m, c), 0) for m in members)), "extra") for c in columns]


@quirk("the sum of each group stands in a row of its own above it", formats=_GRIDDED, forms=NATIONAL)
def group_sums(draft: Draft, draw: random.Random) -> None:
    """（三）不予公开 has numbers."""

    def summed(grid: Grid) -> Grid:
        rows: list[list[Cell]] = []
        seen: set[str] = set()
        for i, row in enumerate(grid.rows):
            group = next((g for g in _GROUPS if i in leaf_rows(grid) and row_code(row).startswith(g)), None)
            if group and group not in seen:
                seen.add(group)
                label = Cell(_GROUPS[group])
                rows.append([*row[: grid.stub - 2], label, label, *_sums(draft, grid, group)][-len(row) :])
            rows.append(row)
        return grid.like(rows)

    draft.each(summed, "requests")


@quirk("a column with the sum of the organisations before the total", formats=_GRIDDED, forms=NATIONAL)
def subtotal_column(draft: Draft, draw: random.Random) -> None:
    """小计 under 法人或其他组织."""

    def widened(grid: Grid) -> Grid:
        head = Cell("小计", "head")
        rows = []
        for i, row in enumerate(grid.rows):
            if i == grid.heads - 1:
                between = head
            elif i < grid.heads:
                between = row[-2]
            else:
                parts = [draft.figures.get(cell.address, 0) for cell in row[-6:-1] if cell.address]
                between = Cell(number(sum(parts)), "extra")
            rows.append([*row[:-1], between, row[-1]])
        return grid.like(rows)

    draft.each(widened, "requests")


@quirk("a row of the locality's own in the requests and the proactive table", formats=_GRIDDED, forms=NATIONAL)
def local_rows(draft: Draft, draw: random.Random) -> None:
    """Rows that the form does not have."""

    def requests(grid: Grid) -> Grid:
        own = Cell("其中：涉及征地拆迁的申请")
        columns = len(grid.rows[0]) - grid.stub
        place = grid.heads + 1
        return grid.like(
            [
                *grid.rows[:place],
                [own] * grid.stub + [Cell(str(draw.randint(0, 3)), "extra") for _ in range(columns)],
                *grid.rows[place:],
            ]
        )

    def proactive(grid: Grid) -> Grid:
        place = leaf_rows(grid)[1] + 1
        row = [Cell("其他主动公开文件"), *(Cell(str(draw.randint(1, 300)), "extra") for _ in range(3))]
        return grid.like([*grid.rows[:place], row, *grid.rows[place:]])

    draft.each(requests, "requests")
    draft.each(proactive, "proactive")


@quirk("the first row of each table is its name, with the unit of count", formats=_GRIDDED)
def caption_rows(draft: Draft, draw: random.Random) -> None:
    """表三 … （单位：件）."""

    def captioned(grid: Grid) -> Grid:
        name = Cell(
            f"附表：{ {'proactive': '主动公开', 'requests': '申请处理', 'remedies': '复议诉讼'}.get(grid.code, '统计') }情况（单位：件）",
            "head",
        )
        return Grid(grid.code, [[name] * len(grid.rows[0]), *grid.rows], grid.heads + 1, grid.stub)

    draft.each(captioned)
