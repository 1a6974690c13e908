"""Ways in which tables end up in text files, and what is lost on the way."""

from __future__ import annotations

import random
import textwrap

from typeset.ambiguity import undecidable_rows
from typeset.model import Draft, Text
from typeset.registry import NATIONAL, quirk

_TEXT = ("text",)


def _rows_with_lost_blanks(draft: Draft) -> None:
    """Rows of which some cells are empty and others not: without separators nobody can tell which."""
    for grid in draft.grids():
        for row in grid.rows:
            values = [cell for cell in row if cell.kind == "value" and cell.address]
            empty = [cell for cell in values if not cell.text.strip()]
            if empty and len(empty) < len(values):
                draft.doubt("ambiguous", [cell.address[:2] for cell in values if cell.address])


@quirk("cells are separated by pipes", formats=_TEXT, kind="text")
def text_pipes(draft: Draft, draw: random.Random) -> None:
    """| a | b |."""
    draft.style["text"] = "pipes"


@quirk("every cell ends with a pipe", formats=_TEXT, kind="text")
def text_trailing_pipes(draft: Draft, draw: random.Random) -> None:
    """a|b|."""
    draft.style["text"] = "trailing_pipes"


@quirk("cells are separated by several spaces, empty ones vanish", formats=_TEXT, kind="text")
def text_spaces(draft: Draft, draw: random.Random) -> None:
    """A row that is partly blank cannot be decided."""
    draft.style["text"] = "spaces"
    _rows_with_lost_blanks(draft)


@quirk("a table is one line, cells separated by a space", formats=_TEXT, kind="text")
def text_one_line(draft: Draft, draw: random.Random) -> None:
    """Tags were stripped."""
    draft.style["text"] = "one_line"
    _rows_with_lost_blanks(draft)


@quirk("every cell is a line", formats=_TEXT, kind="text")
def text_cell_lines(draft: Draft, draw: random.Random) -> None:
    """Empty cells are empty lines."""
    draft.style["text"] = "cell_lines"


@quirk("every cell is a line, with an empty line between; empty cells vanish in them", formats=_TEXT, kind="text")
def text_cell_blank_lines(draft: Draft, draw: random.Random) -> None:
    """A row that is partly blank cannot be decided."""
    draft.style["text"] = "cell_blank_lines"
    _rows_with_lost_blanks(draft)


@quirk(
    "all digits of a row run together, tags were stripped without a trace",
    formats=_TEXT,
    forms=("2021", "2019", "2014"),
    kind="text",
)
def text_run_together(draft: Draft, draw: random.Random) -> None:
    """Only the identities can tell the numbers apart, and not always."""
    draft.style["text"] = "run_together"
    draft.doubt("ambiguous", undecidable_rows(draft.form, draft.figures, draft.printed))


@quirk("prose is wrapped at thirty characters, as text from a PDF", formats=_TEXT)
def text_hard_wrapped(draft: Draft, draw: random.Random) -> None:
    """Sentences are broken anywhere."""
    draft.reword(
        lambda block: Text("\n".join(textwrap.wrap(block.text, 30)), block.role) if block.role == "body" else block
    )


@quirk("long labels are torn around their numbers, as text from a PDF", formats=_TEXT, forms=NATIONAL, kind="text")
def text_torn_labels(draft: Draft, draw: random.Random) -> None:
    """Half of a label above the numbers, half below."""
    draft.style["text"] = "torn"


@quirk("pages of a flip-book: a cell a line, page numbers in between", formats=_TEXT, kind="text")
def text_flip_book(draft: Draft, draw: random.Random) -> None:
    """Page numbers are no figures."""
    draft.style["text"] = "flip_book"
    _rows_with_lost_blanks(draft)


@quirk("a menu of the site stands before and after the report", formats=_TEXT)
def text_site_menu(draft: Draft, draw: random.Random) -> None:
    """Copied with the whole page."""
    draft.blocks.insert(
        0,
        Text(
            "当前位置： 首页 > 政务公开 > 政府信息公开年报\n"
            f"来源： 本站 时间：{draft.year + 1}-01-20 10:00 浏览次数：1204 次 字号：[大 中 小]"
        ),
    )
    draft.blocks.append(Text("扫一扫在手机打开当前页\n相关链接 网站地图 联系我们 备案号00000000号 访问量：3928401"))
