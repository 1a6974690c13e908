"""Quirks on labels and headings."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from typeset.model import Cell, Draft, Grid, Text
from typeset.registry import NATIONAL, quirk

_NUMBERING = re.compile(r"^(?:（[一二三四五六七八九]）|[一二三四五六七八九]、|\d[.、])")
_SLIPS = dict(zip("结掌机理形作请案益构", "接撑几里型做情按易购", strict=True))
_PINYIN = {
    "自然人": "zì rán rén",
    "商业企业": "shāng yè qǐ yè",
    "科研机构": "kē yán jī gòu",
    "总计": "zǒng jì",
    "重复申请": "chóng fù shēn qǐng",
    "规章": "guī zhāng",
}


def relabel(draft: Draft, change: Callable[[Cell], str], *tables: str) -> None:
    """Give label and header cells another text."""
    draft.each(
        lambda grid: grid.map(lambda cell: cell.says(change(cell)) if cell.kind in ("label", "head") else cell), *tables
    )


def leaf_rows(grid: Grid) -> list[int]:
    """Rows that print cells of the form."""
    return [i for i, row in enumerate(grid.rows) if any(cell.kind == "value" for cell in row)]


def row_code(row: list[Cell]) -> str:
    """Code of the row of the form that a row of the grid prints."""
    return next(cell.address[1] for cell in row if cell.address)


def _flattened(grid: Grid, glue: Callable[[list[str]], str]) -> Grid:
    rows = []
    for row in grid.rows:
        labels = list({id(cell): cell for cell in row[: grid.stub]}.values())
        rows.append([Cell(glue([cell.text for cell in labels]), labels[0].kind), *row[grid.stub :]])
    corner = rows[0][0]
    for row in rows[: grid.heads]:
        row[0] = corner
    return Grid(grid.code, rows, grid.heads, 1)


@quirk("the three label columns are run into one", forms=NATIONAL)
def labels_flattened(draft: Draft, draw: random.Random) -> None:
    """三、本年度办理结果（三）不予公开1.属于国家秘密."""
    draft.each(lambda grid: _flattened(grid, "".join), "requests")


@quirk("the three label columns are one, joined by dashes and without numbers", forms=NATIONAL)
def labels_dashed(draft: Draft, draw: random.Random) -> None:
    """不予公开-属于国家秘密."""
    draft.each(
        lambda grid: _flattened(grid, lambda labels: "-".join(_NUMBERING.sub("", label) for label in labels[-2:])),
        "requests",
    )


@quirk("only the innermost labels are printed, the columns of groups are missing", forms=NATIONAL)
def groups_missing(draft: Draft, draw: random.Random) -> None:
    """One label column."""
    draft.each(lambda grid: Grid(grid.code, [row[grid.stub - 1 :] for row in grid.rows], grid.heads, 1), "requests")


@quirk("header cells are broken into lines")
def header_breaks(draft: Draft, draw: random.Random) -> None:
    """结果 over 维持."""

    def broken(cell: Cell) -> str:
        middle = len(cell.text) // 2
        return (
            f"{cell.text[:middle]}\n{cell.text[middle:]}"
            if cell.kind == "head" and 3 < len(cell.text) < 9
            else cell.text
        )

    relabel(draft, broken)


@quirk(
    "header cells and groups are set vertically, a character a line",
    formats=("html", "mht", "docx", "xlsx", "pdf", "png"),
    forms=NATIONAL,
)
def vertical_headers(draft: Draft, draw: random.Random) -> None:
    """A line break behind every character."""
    grouped = {"（三）不予公开", "（四）无法提供", "（五）不予处理", "（六）其他处理", "三、本年度办理结果"}
    relabel(
        draft,
        lambda cell: (
            "\n".join(cell.text) if cell.text in grouped or (cell.kind == "head" and len(cell.text) < 7) else cell.text
        ),
        "requests",
    )


@quirk("labels are padded with spaces: 自 然 人", formats=("html", "mht", "docx", "xlsx", "xls", "markdown"))
def spaced_labels(draft: Draft, draw: random.Random) -> None:
    """Full-width, plain and no-break spaces."""
    space = draw.choice((" ", "\u3000", "\u00a0"))
    relabel(draft, lambda cell: space.join(cell.text) if len(cell.text) <= 4 else cell.text)


@quirk("one label has a wrong character", forms=NATIONAL)
def label_typo(draft: Draft, draw: random.Random) -> None:
    """A unique near match within an otherwise matched table."""
    _damage_one(draft, draw, lambda text, place: text[:place] + _SLIPS[text[place]] + text[place + 1 :])


@quirk("one label has lost a character", forms=NATIONAL)
def label_lost_character(draft: Draft, draw: random.Random) -> None:
    """A unique near match within an otherwise matched table."""
    _damage_one(draft, draw, lambda text, place: text[:place] + text[place + 1 :])


def _damage_one(draft: Draft, draw: random.Random, damage: Callable[[str, int], str]) -> None:
    cells = [row[grid.stub - 1] for grid in draft.grids("requests") for row in grid.rows[grid.heads :] if grid.stub]
    fit = [cell for cell in cells if len(cell.text) > 7 and any(character in _SLIPS for character in cell.text)]
    if not fit:
        return
    target = draw.choice(fit)
    place = draw.choice([i for i, character in enumerate(target.text) if character in _SLIPS])
    draft.each(
        lambda grid: grid.map(lambda cell: cell.says(damage(cell.text, place)) if cell is target else cell), "requests"
    )


@quirk("the labels of some rows were torn away", forms=NATIONAL)
def label_torn(draft: Draft, draw: random.Random) -> None:
    """What stands in these rows cannot be proved: they must be marked."""
    for grid in draft.grids("requests"):
        fixed = ("new", "carried", "closed", "granted")
        inner = [i for i in leaf_rows(grid) if not row_code(grid.rows[i]).startswith(fixed)]
        if len(inner) < 2:
            # The end of a table that was split: nothing there to tear.
            continue
        first = draw.randrange(len(inner) - 1)
        rows = inner[first : first + draw.randint(1, 2)]
        draft.doubt("ambiguous", [("requests", row_code(grid.rows[i])) for i in rows])
        draft.replace(grid, _without_text(grid, {id(grid.rows[i][grid.stub - 1]) for i in rows}))


def _without_text(grid: Grid, cells: set[int]) -> Grid:
    return grid.map(lambda cell: cell.says("") if id(cell) in cells else cell)


@quirk("the chapters that hold the tables are numbered anew from 一", forms=NATIONAL)
def numbering_restarts(draft: Draft, draw: random.Random) -> None:
    """The tables' chapters begin again at 一."""
    fresh = iter("一二三四五六七八九")
    started = False
    for i, block in enumerate(draft.blocks):
        if isinstance(block, Text) and block.role == "chapter":
            started = started or "主动公开" in block.text
            if started:
                draft.blocks[i] = Text(f"{next(fresh)}、{block.text.partition('、')[2]}", "chapter")


@quirk("rows are numbered in another style: (1) or ①", forms=NATIONAL)
def other_numbering(draft: Draft, draw: random.Random) -> None:
    """Numbers are no part of a label."""
    circled = draw.random() < 0.5

    def renumbered(cell: Cell) -> str:
        match = re.match(r"(\d)\.", cell.text)
        if not match:
            return cell.text
        return ("①②③④⑤⑥⑦⑧"[int(match[1]) - 1] if circled else f"({match[1]})") + cell.text[2:]

    relabel(draft, renumbered, "requests")


def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)


@quirk("everything is in traditional characters")
def traditional(draft: Draft, draw: random.Random) -> None:
    """As copies on Taiwanese sites have it."""
    convert = _converter("s2t").convert
    draft.each(lambda grid: grid.map(lambda cell: cell.says(convert(cell.text))))
    draft.reword(lambda text: Text(convert(text.text), text.role))
    draft.title = convert(draft.title)
    draft.truth["unit_also"] = [convert(draft.unit)]


@quirk("pinyin in brackets behind some labels", formats=("html", "text", "markdown", "docx", "mht"), forms=NATIONAL)
def pinyin_noise(draft: Draft, draw: random.Random) -> None:
    """規章（guī zhāng）."""
    traditional_of = _converter("s2t").convert
    sounds = {**_PINYIN, **{traditional_of(label): sound for label, sound in _PINYIN.items()}}
    relabel(
        draft,
        lambda cell: cell.text + next((f"（{sounds[label]}）" for label in sounds if cell.text.endswith(label)), ""),
    )
