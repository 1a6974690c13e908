"""What a reader of a page would see, as texts and grids."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.documents.html.rare import embedded_html
from giakit.documents.html.reader import read_html
from giakit.documents.limits import DEFAULT_LIMITS
from giakit.documents.model import Document, Grid, Text
from giakit.errors import UnreadableDocument


def read(body: str, *, hidden: bool = False) -> Document:
    return read_html(f"<html><body>{body}</body></html>", name="x.html", limits=DEFAULT_LIMITS, hidden=hidden)


def grids(body: str, *, hidden: bool = False) -> list[list[list[str]]]:
    return [[list(row) for row in block.rows] for block in read(body, hidden=hidden).blocks if isinstance(block, Grid)]


def texts(body: str) -> list[str]:
    return [block.text for block in read(body).blocks if isinstance(block, Text)]


def test_spans_are_expanded() -> None:
    assert grids("<table><tr><td rowspan=2>甲<td colspan=2>乙<tr><td>1<td>2</table>") == [
        [["甲", "乙", "乙"], ["甲", "1", "2"]]
    ]


def test_reading_order_is_kept() -> None:
    kinds = [type(block).__name__ for block in read("<p>一</p><table><tr><td>1</td></tr></table><p>二</p>").blocks]
    assert kinds == ["Text", "Grid", "Text"]


@pytest.mark.parametrize(
    "cell",
    [
        "<span>1</span><span>2</span>",
        "<p><font>12</font></p>",
        "12<!-- 9 -->",
        "12<script>9</script><style>9</style>",
        "<b><i>1</i>2</b>",
        "12<span hidden>9</span>",
        '12<span style="display: none">9</span>',
        '12<span style="visibility:hidden">9</span>',
        '12<span style="font-size:0pt">9</span>',
        "12<del>9</del><s>9</s><strike>9</strike>",
        "<s class='x'>9</s>12",
        '12<span style="text-decoration:underline line-through">9</span>',
        '12<input type="hidden" value="9">',
        "12<template>9</template><noscript>9</noscript>",
    ],
)
def test_a_figure_is_what_one_sees(cell: str) -> None:
    assert grids(f"<table><tr><td>甲</td><td>{cell}</td></tr></table>") == [[["甲", "12"]]]


def test_raised_digits_behind_a_figure_are_a_mark() -> None:
    assert grids("<table><tr><td>12<sup>1</sup></td><td><sup>5</sup></td><td>甲<sup>注</sup></td></tr></table>") == [
        [["12[1]", "5", "甲注"]]
    ]
    assert texts("<p>收到申请12<sup>1</sup>件</p>") == ["收到申请12[1]件"]


def test_layout_sizes_hide_no_boxes() -> None:
    assert texts('<div style="font-size:0"><p style="font-size:14px">一</p></div>') == ["一"]


def test_paragraphs_in_a_cell_are_lines() -> None:
    assert grids("<table><tr><td><p>12</p><p>34</p></td><td>5<br>6</td></tr></table>") == [[["12\n34", "5\n6"]]]


def test_labels_in_pieces_are_one_label() -> None:
    (row,) = grids(
        "<table><tr><td><p>自然</p><p>人</p></td><td>商业<br>企业</td><td><span>科</span><b>研</b></td></tr></table>"
    )[0]
    assert ["".join(cell.split()) for cell in row] == ["自然人", "商业企业", "科研"]


def test_hidden_tables_are_read_only_when_asked_for() -> None:
    body = '<table style="display:none"><tr><td>1</td><td>2</td></tr></table>'
    assert grids(body) == []
    assert grids(body, hidden=True) == [[["1", "2"]]]


def test_style_sheets_hide_too() -> None:
    body = "<style>.gone, #away {color: red; display: none}</style><p class='x gone'>一</p><p id='away'>二</p><p>三</p>"
    assert texts(body) == ["三"]


def test_tables_in_layout_tables() -> None:
    inner = "<table><tr><td>甲</td><td>1</td></tr></table>"
    assert grids(f"<table><tr><td><h1>标题</h1></td></tr><tr><td>{inner}</td></tr></table>") == [[["甲", "1"]]]
    assert "标题" in "".join(texts(f"<table><tr><td><h1>标题</h1></td></tr><tr><td>{inner}</td></tr></table>"))


def test_a_table_in_every_cell() -> None:
    inner = "<table><tr><td>{}</td></tr></table>"
    rows = "".join(
        f"<tr><td>{label}</td><td>{inner.format(value)}</td></tr>" for label, value in (("甲", 1), ("乙", 2))
    )
    document = read(f"<table>{rows}</table>")
    said = " ".join(
        block.text if isinstance(block, Text) else " ".join(cell for row in block.rows for cell in row)
        for block in document.blocks
    )
    assert said.split() == ["甲", "1", "乙", "2"]


@pytest.mark.parametrize(("row", "cell"), [("div", "span"), ("ul", "li"), ("div", "div")])
def test_tables_made_of_boxes(row: str, cell: str) -> None:
    rows = "".join(
        f"<{row}>" + "".join(f"<{cell}>{text}</{cell}>" for text in line) + f"</{row}>"
        for line in (("甲", "乙"), ("1", "2"), ("3", "4"))
    )
    assert grids(f"<div>{rows}</div>") == [[["甲", "乙"], ["1", "2"], ["3", "4"]]]


def test_missing_end_tags() -> None:
    assert grids("<table><tr><td>甲<td>1<tr><td>乙<td>2</table>") == [[["甲", "1"], ["乙", "2"]]]


def test_a_row_that_is_too_short_is_told_from_one_with_empty_cells() -> None:
    short, full = (
        read(f"<table><tr><td>甲<td>乙<td>丙</tr><tr>{row}</tr></table>").blocks[0]
        for row in ("<td>1<td>2", "<td>1<td>2<td>")
    )
    assert isinstance(short, Grid)
    assert isinstance(full, Grid)
    assert short.anchors is not None
    assert full.anchors is not None
    assert short.anchors[1][2] < 0 <= full.anchors[1][2]


def test_metadata() -> None:
    page = '<head><title> 年报 </title><meta name="ArticleTitle" content="某局2023年年报"><meta name="PubDate" content="2024-01-15"></head><p>一'
    document = read_html(page, name="x", limits=DEFAULT_LIMITS)
    assert (document.title, document.metadata) == ("某局2023年年报", {"published": "2024-01-15"})


def test_images_are_remembered() -> None:
    assert read('<p><img src="table.png"></p>').notes == ("image",)


@pytest.mark.parametrize(
    "literal",
    [
        r'var page = "<table><tr><td>申请数量<\/td><td>1<\/td><\/tr><\/table>";',
        r'{"content": "\u003ctable\u003e\u003ctr\u003e\u003ctd\u003e申请数量\u003c/td\u003e\u003ctd\u003e1\u003c/td\u003e\u003c/tr\u003e\u003c/table\u003e"}',
        '{"content": "&lt;table&gt;&lt;tr&gt;&lt;td&gt;申请数量&lt;/td&gt;&lt;td&gt;1&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;"}',
        "var page = '<table><tr><td>申请数量</td><td>1</td></tr></table>'",
        "var page = `<table><tr><td>申请数量</td><td>1</td></tr></table>`",
    ],
)
def test_pages_in_strings(literal: str) -> None:
    assert grids(embedded_html(literal)) == [[["申请数量", "1"]]]


def test_strings_without_markup_give_nothing() -> None:
    assert embedded_html('{"message": "这里没有表格，只有一句很长很长很长很长很长很长很长很长的话"}') == ""


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="nested deeper"):
        read("<div>" * 5000 + "一" + "</div>" * 5000)


@pytest.mark.parametrize("opening", ["<div>", "<div><span>甲</span>", "<div><div>甲</div>", "<ul><li>"])
def test_nested_boxes_are_read_once(opening: str) -> None:
    """Each level of boxes once asked all below it anew: thirty levels took for ever."""
    began = time.process_time()
    read("<style>.none{display:none}</style>" + opening * 60 + "<p>1</p>" * 20)
    assert time.process_time() - began < 5


TAGS = [
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "<td rowspan=3>",
    "<td colspan=0>",
    "<td colspan=99999>",
    "</td>",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<s>",
    "<sup>",
    "1",
    "甲",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "&nbsp;",
    "&#x3",
]


@given(parts=st.lists(st.sampled_from(TAGS), max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_markup_gives_rectangular_grids(parts: list[str]) -> None:
    for block in read("".join(parts)).blocks:
        if isinstance(block, Grid) and block.aligned:
            assert len({len(row) for row in block.rows}) <= 1
            assert block.anchors is None or [len(row) for row in block.anchors] == [len(row) for row in block.rows]


def test_placed_pieces_are_words_with_boxes() -> None:
    """As pdftohtml writes pages: every piece of text has its place, and no table has a tag."""
    lines = [["事项", "收到", "办结", "结转"], *(["申请" + "甲" * n, str(n), "0", str(n * 3)] for n in range(3, 12))]
    pieces = "".join(
        f'<p style="position:absolute;top:{100 + 30 * y}px;left:{left}px" class="ft">{text}</p>'
        for y, line in enumerate(lines)
        for left, text in zip((50, 400, 500, 600), line, strict=True)
    )
    page = (
        f'<style>.ft{{font-size:15px}}</style><div style="position:relative;width:900px;height:1100px">{pieces}</div>'
    )
    (grid,) = [rows for rows in grids(page) if len(rows) > 3]
    assert ["申请甲甲甲", "3", "0", "9"] in grid
    assert grid[-1][1:] == ["11", "0", "33"]
