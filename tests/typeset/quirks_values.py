"""Quirks on number cells: how figures and blanks are written."""

from __future__ import annotations

import random
from collections.abc import Callable

from typeset.model import Cell, Draft, Grid, number
from typeset.registry import NATIONAL, PAGED, quirk

_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_MONEY = ("fees", "fee_reductions", "budget")
_PAPER = ("html", "text", "markdown", "docx", "pdf", "mht", "png")


def rewrite(draft: Draft, change: Callable[[Cell, float], str], *tables: str) -> None:
    """Write the figures of the report's grids anew; blank cells stay."""

    def cell(old: Cell) -> Cell:
        figure = draft.figures.get(old.address) if old.kind == "value" and old.address else None
        return old if figure is None else old.says(change(old, figure))

    draft.each(lambda grid: grid.map(cell), *tables)


def _blank_as(draft: Draft, draw: random.Random, mark: str) -> None:
    left_out = {
        a
        for a, v in draft.figures.items()
        if v == 0 and a in draft.printed and a[0] != "proactive" and draw.random() < 0.7
    }
    for address in left_out:
        del draft.figures[address]

    def cell(old: Cell) -> Cell:
        return old.says(mark) if old.kind == "value" and old.address not in draft.figures else old

    draft.each(lambda grid: grid.map(cell))


@quirk("many zeros are left empty")
def blank_nothing(draft: Draft, draw: random.Random) -> None:
    """An empty cell."""
    _blank_as(draft, draw, "")


@quirk("many zeros are left empty, printed as no-break spaces")
def blank_nbsp(draft: Draft, draw: random.Random) -> None:
    """A no-break space, as editors leave it."""
    _blank_as(draft, draw, "\u00a0")


@quirk("many zeros are left empty, printed as a slash")
def blank_slash(draft: Draft, draw: random.Random) -> None:
    """A slash."""
    _blank_as(draft, draw, "/")


@quirk("many zeros are left empty, printed as an em dash")
def blank_dash(draft: Draft, draw: random.Random) -> None:
    """An em dash."""
    _blank_as(draft, draw, "—")


@quirk("many zeros are left empty, printed as a hyphen")
def blank_hyphen(draft: Draft, draw: random.Random) -> None:
    """A hyphen."""
    _blank_as(draft, draw, "-")


@quirk("digits in full width")
def full_width_digits(draft: Draft, draw: random.Random) -> None:
    """１２０ for 120."""
    rewrite(draft, lambda cell, value: cell.text.translate(_FULL_WIDTH))


@quirk("thousands are set off by commas")
def thousands_separators(draft: Draft, draw: random.Random) -> None:
    """1,200 for 1200."""
    rewrite(draft, lambda cell, value: f"{value:,.0f}" if value.is_integer() and abs(value) >= 1000 else cell.text)


@quirk("a counting word behind the numbers: 124宗")
def counting_words(draft: Draft, draw: random.Random) -> None:
    """宗, 件 or 项; amounts of money have none."""
    word = draw.choice("宗件项")

    def counted(cell: Cell, value: float) -> str:
        _, row, column = cell.address or ("", "", "")
        return cell.text if column == "amount" or row in _MONEY else f"{number(value)}{word}"

    rewrite(draft, counted)


@quirk("notes behind some numbers: 22（其中修订16件）", formats=_PAPER, forms=NATIONAL)
def notes_in_cells(draft: Draft, draw: random.Random) -> None:
    """A number within the note must not be read."""

    def noted(cell: Cell, value: float) -> str:
        if value < 2 or not value.is_integer() or draw.random() > 0.5:
            return cell.text
        return f"{number(value)}（其中修订{draw.randint(1, int(value))}件）"

    rewrite(draft, noted, "proactive")


@quirk("amounts are printed in yuan: 152790元", forms=NATIONAL)
def yuan_amounts(draft: Draft, draw: random.Random) -> None:
    """The truth holds the figure as printed, with its unit."""
    units = draft.truth.setdefault("units", {})
    for address, value in list(draft.figures.items()):
        if address[2] == "amount" and address in draft.printed:
            draft.figures[address] = round(value * 10000, 2)
            units[".".join(address)] = "元"
    rewrite(
        draft,
        lambda cell, value: f"{number(value)}元" if (cell.address or ("", "", ""))[2] == "amount" else cell.text,
        "proactive",
    )


@quirk("changes are printed as 减4 and +70", forms=("2019",))
def spelled_changes(draft: Draft, draw: random.Random) -> None:
    """Signs in words."""

    def spelled(cell: Cell, value: float) -> str:
        if cell.address is None or cell.address[2] != "change" or value == 0:
            return cell.text
        return f"减{number(-value)}" if value < 0 else f"+{number(value)}"

    rewrite(draft, spelled, "proactive")


@quirk(
    "footnote marks behind some numbers and labels: 154①",
    formats=("html", "text", "markdown", "docx", "mht"),
    forms=NATIONAL,
)
def note_marks(draft: Draft, draw: random.Random) -> None:
    """A circled figure belongs to no number."""
    rewrite(
        draft,
        lambda cell, value: cell.text + draw.choice("①②③") if value and draw.random() < 0.3 else cell.text,
        "requests",
    )


@quirk("rows of zeros are printed as one merged 0", formats=("html", "mht", "docx", "xlsx"), forms=NATIONAL)
def merged_zero(draft: Draft, draw: random.Random) -> None:
    """Whether every cell is 0 is not quite certain: they may be read as 0 or as nothing."""

    def merged(grid: Grid) -> Grid:
        rows = []
        for row in grid.rows:
            values = [cell for cell in row if cell.kind == "value"]
            if (
                values
                and len(values) == 7
                and all(cell.address and draft.figures.get(cell.address) == 0 for cell in values)
            ):
                draft.doubt("lenient", [cell.address for cell in values if cell.address])
                zero = Cell("0", "extra")
                rows.append([zero if cell.kind == "value" else cell for cell in row])
            else:
                rows.append(row)
        return grid.like(rows)

    draft.each(merged, "requests")


@quirk("numbers are wrapped in narrow cells: 12 over 34", formats=PAGED, forms=NATIONAL)
def wrapped_numbers(draft: Draft, draw: random.Random) -> None:
    """Long numbers break within their cell."""
    rewrite(
        draft,
        lambda cell, value: f"{cell.text[:-2]}\n{cell.text[-2:]}" if len(cell.text) > 3 else cell.text,
        "requests",
    )
