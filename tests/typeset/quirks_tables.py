"""Quirks on the shape of tables: spans, splits, shells."""

from __future__ import annotations

import random
from collections.abc import Callable

from typeset.model import Block, Cell, Draft, Grid, Placed, Text
from typeset.quirks_labels import leaf_rows
from typeset.registry import NATIONAL, PAGED, quirk

_PAGES = ("html", "mht")
_GRIDDED = ("html", "mht", "text", "markdown", "docx", "xlsx", "xls", "pdf", "png")


@quirk("the remedies are printed as three rows of five", forms=NATIONAL)
def remedies_in_rows(draft: Draft, draw: random.Random) -> None:
    """One row a kind of remedy."""

    def rows(grid: Grid) -> Grid:
        overs = [grid.rows[1][i] if grid.rows[1][i].text.endswith("起诉") else grid.rows[0][i] for i in range(0, 15, 5)]
        leaves = [grid.rows[2][i] for i in range(5)]
        lines = [[Cell(over.text), *grid.rows[3][5 * i : 5 * i + 5]] for i, over in enumerate(overs)]
        return Grid(grid.code, [[Cell("类别", "head"), *leaves], *lines], 1, 1)

    draft.each(rows, "remedies")


@quirk("empty rows and an empty column between the labels and the numbers", formats=_GRIDDED)
def spacer_cells(draft: Draft, draw: random.Random) -> None:
    """Cells without any meaning."""

    def spaced(grid: Grid) -> Grid:
        rows = []
        for i, row in enumerate(grid.rows):
            rows.append([*row[: grid.stub], Cell("", "empty"), *row[grid.stub :]] if grid.code == "requests" else row)
            if i >= grid.heads and draw.random() < 0.1:
                rows.append([Cell("", "empty") for _ in rows[-1]])
        return grid.like(rows)

    draft.each(spaced)


@quirk("rows and columns of the requests table change places", forms=NATIONAL)
def transposed(draft: Draft, draw: random.Random) -> None:
    """Applicants run down, outcomes across."""
    draft.each(
        lambda grid: Grid(grid.code, [list(line) for line in zip(*grid.rows, strict=True)], grid.stub, grid.heads),
        "requests",
    )


@quirk("merged cells are empty cells", formats=("html", "mht", "docx", "xlsx", "xls", "pdf"), forms=NATIONAL)
def spans_empty(draft: Draft, draw: random.Random) -> None:
    """No cell spans another."""
    draft.each(
        lambda grid: grid.like([p.cell if p.begins else Cell("", "empty") for p in row] for row in grid.placed())
    )


@quirk(
    "merged cells are repeated in every place, or only their labels are",
    formats=("html", "mht", "text", "markdown", "docx", "xlsx"),
    forms=NATIONAL,
)
def spans_repeated(draft: Draft, draw: random.Random) -> None:
    """As tools unmerge tables: some repeat numbers too, some leave the other places empty."""
    numbers_too = draw.random() < 0.5

    def repeated(placed: Placed) -> Cell:
        if placed.begins or placed.cell.kind != "value" or numbers_too:
            return Cell(placed.cell.text, placed.cell.kind, placed.cell.address)
        return Cell("", "empty")

    draft.each(lambda grid: grid.like([repeated(placed) for placed in row] for row in grid.placed()))


def _miscount(draft: Draft, by: int) -> None:
    def wrong(grid: Grid) -> Grid:
        spans = {
            id(p.cell): (p.rowspan, p.colspan)
            for row in grid.placed()
            for p in row
            if p.begins and p.rowspan > 2 and p.cell.kind == "label"
        }
        return grid.map(
            lambda cell: cell.claims(spans[id(cell)][0] + by, spans[id(cell)][1]) if id(cell) in spans else cell
        )

    draft.each(wrong, "requests")


@quirk("rowspans of groups are one too small", formats=_PAGES, forms=NATIONAL)
def spans_too_small(draft: Draft, draw: random.Random) -> None:
    """The last row of a group slips to the left."""
    _miscount(draft, -1)


@quirk("rowspans of groups are one too large", formats=_PAGES, forms=NATIONAL)
def spans_too_large(draft: Draft, draw: random.Random) -> None:
    """The row below a group slips to the right."""
    _miscount(draft, 1)


def _split(
    draft: Draft, draw: random.Random, *, headers: bool, between: str | None, label: Callable[[Cell], Cell]
) -> None:
    for grid in draft.grids("requests"):
        inner = leaf_rows(grid)[4:-2]
        if not inner:
            continue
        place = draw.choice(inner)
        top, bottom = grid.rows[:place], grid.rows[place:]
        shared = {id(cell) for cell in grid.rows[place - 1]} & {id(cell) for cell in grid.rows[place]}
        fresh: dict[int, Cell] = {}
        bottom = [
            [fresh.setdefault(id(cell), label(cell)) if id(cell) in shared else cell for cell in row] for row in bottom
        ]
        head = [list(row) for row in grid.rows[: grid.heads]] if headers else []
        parts: list[Block] = [Grid(grid.code, top, grid.heads, grid.stub)]
        if between:
            parts.append(Text(between))
        parts.append(Grid(grid.code, head + bottom, len(head), grid.stub))
        draft.replace(grid, *parts)


@quirk("the requests table is split at a page break, without headers on the second part", forms=NATIONAL)
def page_split(draft: Draft, draw: random.Random) -> None:
    """The group's label stands only above."""
    _split(draft, draw, headers=False, between=None, label=lambda cell: cell.says(""))


@quirk(
    "the requests table is split at a page break, with a page number between and the headers repeated", forms=NATIONAL
)
def page_split_headers(draft: Draft, draw: random.Random) -> None:
    """The group's label is repeated as well."""
    _split(draft, draw, headers=True, between=f"- {draw.randint(2, 6)} -", label=lambda cell: cell.says(cell.text))


@quirk(
    "the requests table is split at a page break that cuts a group's label in two: （四）无 / 法提供", forms=NATIONAL
)
def page_split_label(draft: Draft, draw: random.Random) -> None:
    """The label's second half stands on the next page."""
    halves: dict[str, str] = {}

    def cut(cell: Cell) -> Cell:
        halves[cell.text] = cell.text[: len(cell.text) // 2 + 1]
        return cell.says(cell.text[len(cell.text) // 2 + 1 :])

    _split(draft, draw, headers=False, between=None, label=cut)
    first = draft.grids("requests")[0]
    draft.replace(first, first.map(lambda cell: cell.says(halves.get(cell.text, cell.text))))


@quirk(
    "a page break cuts the label of a row in two, its numbers stand above",
    formats=("html", "mht", "docx", "text", "markdown"),
    forms=NATIONAL,
)
def page_split_row(draft: Draft, draw: random.Random) -> None:
    """The rest of the label opens the next page, with empty cells."""
    for grid in draft.grids("requests"):
        long = [i for i in leaf_rows(grid)[4:-2] if grid.stub and len(grid.rows[i][grid.stub - 1].text) > 9]
        if not long:
            continue
        place = draw.choice(long)
        row = grid.rows[place]
        label = row[grid.stub - 1]
        upper, lower = label.says(label.text[:7]), label.says(label.text[7:])
        top = [*grid.rows[:place], [upper if cell is label else cell for cell in row]]
        rest = [lower if cell is label else Cell("", "empty") for cell in row]
        parts = [
            Grid(grid.code, top, grid.heads, grid.stub),
            Grid(grid.code, [rest, *grid.rows[place + 1 :]], 0, grid.stub),
        ]
        draft.replace(grid, *parts)


@quirk("the requests table has lost its label columns", forms=NATIONAL)
def labels_lost(draft: Draft, draw: random.Random) -> None:
    """Nothing says which row is which: they must be marked."""
    draft.doubt("ambiguous", sorted({address[:2] for address in draft.printed if address[0] == "requests"}))
    draft.each(lambda grid: Grid(grid.code, [row[grid.stub :] for row in grid.rows], grid.heads, 0), "requests")


@quirk("each line is a table of its own", formats=(*_PAGES, "docx"))
def line_tables(draft: Draft, draw: random.Random) -> None:
    """Editors that cannot do tables."""
    for grid in draft.grids():
        lines = [_line(placed, row) for placed, row in zip(grid.placed(), grid.rows, strict=True)]
        draft.replace(grid, *(Grid(grid.code, [line], int(i < grid.heads), grid.stub) for i, line in enumerate(lines)))


def _line(placed: list[Placed], row: list[Cell]) -> list[Cell]:
    """A row on its own: what began above it is an empty cell of the same width."""
    beginning = {id(item.cell) for item in placed if item.begins}
    empty: dict[int, Cell] = {}
    return [cell if id(cell) in beginning else empty.setdefault(id(cell), Cell("", "empty")) for cell in row]


@quirk("a table of metadata stands first", formats=_GRIDDED)
def metadata_table(draft: Draft, draw: random.Random) -> None:
    """Index number, date, issuer."""
    pairs = [
        ("索 引 号", f"0113{draw.randint(10000, 99999)}/{draft.year + 1}-{draw.randint(100, 999):05d}"),
        ("发布机构", draft.unit),
    ]
    more = [("发布日期", f"{draft.year + 1}-01-{draw.randint(10, 28)}"), ("文　　号", "")]
    rows = [[Cell(text) for pair in (left, right) for text in pair] for left, right in zip(pairs, more, strict=True)]
    rows.append([Cell("名　　称"), *[Cell(draft.title)] * 3])
    draft.blocks.insert(0, Grid("metadata", rows, 0, 1, decoy=True))


@quirk("layout tables around everything", stage="markup", formats=PAGED)
def layout_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """Tables in tables in tables."""
    start, end = markup.index("<body>") + 6, markup.index("</body>")
    menu = "".join(f"<tr><td>{name}</td></tr>" for name in ("首页", "政务公开", "办事服务", "互动交流"))
    shell = f'<table width="100%"><tr><td colspan="2">政府信息公开</td></tr><tr><td><table>{menu}</table></td><td><table><tr><td>{markup[start:end]}</td></tr></table></td></tr></table>'
    return markup[:start] + shell + markup[end:]


@quirk("tables are made of divs", formats=_PAGES)
def div_tables(draft: Draft, draw: random.Random) -> None:
    """display: table."""
    draft.style["grid"] = "div"


@quirk("tables are made of lists", formats=_PAGES)
def list_tables(draft: Draft, draw: random.Random) -> None:
    """A list a line."""
    draft.style["grid"] = "list"
    draft.style["css"] = (
        "ul.line{display:flex;margin:0;padding:0}ul.line li{list-style:none;border:1px solid #333;flex:1;min-height:22px}"
    )
