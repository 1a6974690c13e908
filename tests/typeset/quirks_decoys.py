"""Decoys: other numbers on the page, and reports without the numbers."""

from __future__ import annotations

import random

from giakit.forms.model import Address
from typeset import html, layouts, prose
from typeset.figures import random_figures
from typeset.model import Block, Cell, Draft, Grid, Text
from typeset.registry import NATIONAL, quirk

_PAGES = ("html", "mht")
_WRITTEN = ("html", "mht", "text", "markdown", "docx", "pdf", "png")


def _other_figures(draft: Draft, draw: random.Random) -> dict[Address, float]:
    return random_figures(draw.randrange(1 << 30), form=draft.form, scale=draw.choice((8, 60, 300)))


def _other_tables(draft: Draft, draw: random.Random, year: int | None = None) -> list[Grid]:
    tables = layouts.grids(draft.form, _other_figures(draft, draw), year=year or draft.year, units={})
    for grid in tables:
        grid.decoy = True
    return tables


def _decoy_markup(draft: Draft, draw: random.Random) -> str:
    return "\n".join(html.table(grid, lambda cell: cell.text) for grid in _other_tables(draft, draw))


def _put(markup: str, decoy: str, draw: random.Random) -> str:
    """Before or after the report."""
    if draw.random() < 0.5:
        return markup.replace("<body>", f"<body>\n{decoy}", 1)
    return markup.replace("</body>", f"{decoy}\n</body>", 1)


@quirk("tables with other numbers in a comment", stage="markup", formats=_PAGES)
def commented_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """An older state of the page."""
    return _put(markup, f"<!-- {_decoy_markup(draft, draw)} -->", draw)


@quirk("tables with other numbers that are not displayed", stage="markup", formats=_PAGES)
def hidden_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """display: none, or the attribute hidden."""
    opening = draw.choice(('<div style="display:none">', "<div hidden>", '<div style="color:red; DISPLAY : none ;">'))
    return _put(markup, f"{opening}{_decoy_markup(draft, draw)}</div>", draw)


@quirk("tables with other numbers in a template", stage="markup", formats=_PAGES)
def template_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """A template element."""
    return _put(markup, f"<template>{_decoy_markup(draft, draw)}</template>", draw)


@quirk("tables with other numbers in a noscript", stage="markup", formats=_PAGES)
def noscript_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """A noscript element."""
    return _put(markup, f"<noscript>{_decoy_markup(draft, draw)}</noscript>", draw)


@quirk("tables with other numbers in a script of the type of a template", stage="markup", formats=_PAGES)
def script_tables(markup: str, draft: Draft, draw: random.Random) -> str:
    """text/template."""
    return _put(markup, f'<script type="text/template">{_decoy_markup(draft, draw)}</script>', draw)


@quirk("last year's requests table stands in an annex under its own heading", formats=_WRITTEN, forms=NATIONAL)
def last_year_annex(draft: Draft, draw: random.Random) -> None:
    """After the report."""
    draft.blocks += _last_year(draft, draw, f"附：{draft.year - 1}年收到和处理政府信息公开申请情况（供对比）")


@quirk("last year's requests table stands before this year's, under its own heading", formats=_WRITTEN, forms=NATIONAL)
def last_year_before(draft: Draft, draw: random.Random) -> None:
    """Within chapter three."""
    decoys = _last_year(draft, draw, f"（一）{draft.year - 1}年度收到和处理政府信息公开申请情况")
    draft.insert_before_grid(
        "requests", *decoys, Text(f"（二）{draft.year}年度收到和处理政府信息公开申请情况", "section")
    )


def _last_year(draft: Draft, draw: random.Random, heading: str) -> list[Block]:
    table = next(grid for grid in _other_tables(draft, draw, draft.year - 1) if grid.code == "requests")
    return [Text(heading, "section"), table]


@quirk("last year's figures in the prose", formats=_WRITTEN, forms=NATIONAL)
def last_year_prose(draft: Draft, draw: random.Random) -> None:
    """A comparison in chapter one."""
    lines, _ = prose.filled(prose.prose()["last_year"]["sentences"], _other_figures(draft, draw), last=draft.year - 1)
    place = draft.chapter(2)
    draft.blocks[place:place] = [Text(line) for line in lines]


@quirk(
    "a whole report of another year follows on the page", formats=("html", "mht", "text", "markdown"), forms=NATIONAL
)
def two_years(draft: Draft, draw: random.Random) -> None:
    """The title of the page names the first."""
    _second_report(draft, draw, draft.unit, draft.year - 1)


@quirk(
    "a whole report of another agency follows on the page", formats=("html", "mht", "text", "markdown"), forms=NATIONAL
)
def two_agencies(draft: Draft, draw: random.Random) -> None:
    """The title of the page names the first."""
    _second_report(draft, draw, draw.choice(("某县教育局", "某县水利局", "某县统计局")), draft.year)


def _second_report(draft: Draft, draw: random.Random, unit: str, year: int) -> None:
    figures = _other_figures(draft, draw)
    tables = layouts.grids(draft.form, figures, year=year, units={})
    for grid in tables:
        grid.decoy = True
    title = f"{unit}{year}年政府信息公开工作年度报告"
    blocks, _ = prose.report_blocks(tables, figures, unit=unit, year=year, title=title, note=None, texts=None)
    draft.blocks += blocks


@quirk("an unrelated table of numbers stands in the report", formats=_WRITTEN)
def unrelated_table(draft: Draft, draw: random.Random) -> None:
    """Website statistics."""
    labels = ("信息发布总数", "专栏专题维护数量", "解读材料数量", "留言办结数量", "其他")
    rows = [[Cell("指标", "head"), Cell("数量", "head"), Cell("总计", "head")]]
    rows += [[Cell(label), Cell(str(draw.randint(0, 900))), Cell(str(draw.randint(0, 900)))] for label in labels]
    place = draft.chapter(2)
    draft.blocks[place:place] = [Text("政府网站工作情况如下表。"), Grid("unrelated", rows, 1, 1, decoy=True)]


@quirk("the fee for processing requests is told in prose, in yuan", formats=_WRITTEN, forms=NATIONAL)
def processing_fee(draft: Draft, draw: random.Random) -> None:
    """It is not the fees of article 20(8)."""
    draft.blocks.append(
        Text(f"本年度依申请公开收取信息处理费{draw.randint(100, 9000)}元，行政事业性收费项目未作调整。")
    )


def _without_tables(draft: Draft, *blocks: Block) -> None:
    for grid in draft.grids():
        draft.replace(grid)
    draft.printed.clear()
    place = draft.chapter(3) + 1
    draft.blocks[place:place] = blocks


@quirk("no table: the figures stand only in the prose", formats=_WRITTEN, forms=NATIONAL)
def only_prose(draft: Draft, draw: random.Random) -> None:
    """Cells are absent, stated figures are not."""
    lines, told = prose.filled(
        prose.prose()["only_prose"]["sentences"], draft.figures, unit=draft.unit, year=draft.year
    )
    _without_tables(draft, *(Text(line) for line in lines))
    draft.truth["narrative"] = {**draft.truth.get("narrative", {}), **told}


@quirk("no table: the page refers to an attachment", formats=_WRITTEN)
def see_attachment(draft: Draft, draw: random.Random) -> None:
    """As many agencies do."""
    _without_tables(draft, Text(f"具体数据详见附件：{draft.title}附表.xlsx"))


@quirk("no table: an image stands in its place", formats=_PAGES)
def image_tables(draft: Draft, draw: random.Random) -> None:
    """The numbers cannot be read from this file."""
    _without_tables(draft, *(Text(f"./W0202401{draw.randint(10000, 99999)}.jpg", "image") for _ in range(3)))
