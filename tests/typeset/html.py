"""Drafts as HTML pages."""

from __future__ import annotations

import html as escaping
from collections.abc import Callable

from typeset.model import Cell, Draft, Grid, Text

_STYLE = (
    "body{font-family:'Noto Serif CJK SC',SimSun,serif;line-height:1.7}"
    "h1{text-align:center;font-size:22px}h2{font-size:17px}"
    "table{border-collapse:collapse;margin:8px auto}td,th{border:1px solid #333;padding:3px 6px;font-size:13px;text-align:center}"
    ".note{color:#555;font-size:12px;text-align:center}"
)
_TAGS = {"title": "h1", "chapter": "h2", "section": "h3", "body": "p", "note": "p"}


def page(draft: Draft) -> str:
    """The whole page."""
    title = draft.style.get("page_title", draft.title)
    charset = draft.style.get("declared", "utf-8")
    head = f'<meta charset="{charset}">\n<title>{_escape(title)}</title>\n<style>{_STYLE}{draft.style.get("css", "")}</style>'
    return f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n{head}\n</head>\n<body>\n{body(draft)}\n</body>\n</html>\n'


def body(draft: Draft) -> str:
    """What stands between the body tags."""
    cell = _cell_markup(draft)
    draw = {"table": table, "div": _divs, "list": _lists}[draft.style.get("grid", "table")]
    parts = []
    for block in draft.blocks:
        if isinstance(block, Text):
            parts.append(_paragraph(block))
        else:
            drawn = draw(block, cell) if not block.decoy else table(block, cell)
            parts.append(draft.style.get("wrap", {}).get(id(block), "{}").replace("{}", drawn, 1))
    return "\n".join(parts)


def _paragraph(text: Text) -> str:
    if text.role == "image":
        return f'<p><img src="{text.text}" alt="" width="800"></p>'
    tag = _TAGS[text.role]
    note = ' class="note"' if text.role == "note" else ""
    return f"<{tag}{note}>{_escape(text.text)}</{tag}>"


def _escape(text: str) -> str:
    return escaping.escape(text, quote=False).replace("\n", "<br>")


def _cell_markup(draft: Draft) -> Callable[[Cell], str]:
    blank = draft.style.get("blank_html", "")
    own: Callable[[str], str] = draft.style.get("cell_html", lambda text: text)

    def markup(cell: Cell) -> str:
        return own(_escape(cell.text)) if cell.text else blank

    return markup


def table(grid: Grid, cell_markup: Callable[[Cell], str]) -> str:
    """A grid as a table with spans."""
    lines = ['<table border="1">']
    for row in grid.placed():
        cells = []
        for placed in row:
            if not placed.begins:
                continue
            rowspan, colspan = placed.cell.printed_span or (placed.rowspan, placed.colspan)
            spans = (f' colspan="{colspan}"' if colspan != 1 else "") + (
                f' rowspan="{rowspan}"' if rowspan != 1 else ""
            )
            cells.append(f"<td{spans}>{cell_markup(placed.cell)}</td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _divs(grid: Grid, cell_markup: Callable[[Cell], str]) -> str:
    lines = ['<div class="t-table" style="display:table">']
    for row in grid.placed():
        cells = (
            f'<div class="t-cell" style="display:table-cell">{cell_markup(placed.cell) if placed.begins else ""}</div>'
            for placed in row
        )
        lines.append('<div class="t-row" style="display:table-row">' + "".join(cells) + "</div>")
    return "\n".join([*lines, "</div>"])


def _lists(grid: Grid, cell_markup: Callable[[Cell], str]) -> str:
    lines = ['<div class="form">']
    for row in grid.placed():
        cells = (f"<li>{cell_markup(placed.cell) if placed.begins else ''}</li>" for placed in row)
        lines.append('<ul class="line">' + "".join(cells) + "</ul>")
    return "\n".join([*lines, "</div>"])
