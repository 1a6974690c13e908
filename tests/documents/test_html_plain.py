"""Plain pages: what the tags alone tell is what the tree tells, and what they do not tell is left to the tree."""

from __future__ import annotations

import random
import re

import pytest

from giakit.documents.html_boxes import has_figure_boxes
from giakit.documents.html_parts import elements, shown, without
from giakit.documents.limits import Limits
from giakit.documents.model import Document, Text
from giakit.documents.open import open_document, open_plain
from giakit.errors import UnreadableDocument
from typeset import random_figures, typeset

_TAG = re.compile(r"<[^>]*>")
_PIECES = [
    *("<tr>", "</tr>", "<td>", "</td>", "<td rowspan=2>", '<td colspan="3">', "<td data-rowspan=3>", "<td ROWSPAN=2>", "<TD>"),
    *("<table>", "</table>", "<tbody>", "</tbody>", "<thead>", "<colgroup><col></colgroup>", "<caption>注</caption>", "<th>"),
    *("<p>", "</p>", "<div>", "</div>", "<span>", "</span>", "<br>", "<br/>", "<td/>", "<h2>", "<li>5</li>", "<center>"),
    *("<sup>1</sup>", "<del>3</del>", "<!-- 9 -->", "<!--", "-->", "<script>", "</script>", "<template><td>1</td></template>"),
    *('<a title="x>1">', '<td style="display:none">', '<input type="hidden" value="3">', "<style>.a{display:none}</style>"),
    *("&nbsp;", "&#10;", "&lt;", "7", " > ", "<x>", "<tr", "<td", '"', "<![if x]>", "\x00", "\xa0", "<button>3</button>"),
]  # fmt: skip


def _page(*, seed: int = 1, quirks: tuple[str, ...] = ()) -> str:
    report = typeset(
        random_figures(seed), unit="某市财政局", year=2022, format="html", seed=seed, quirks=list(quirks)
    )
    return report.data.decode()


def _parts(document: Document) -> list[object]:
    """Texts as they are, cells without white space, which labels may have more or less of."""
    return [
        block.text
        if isinstance(block, Text)
        else (
            block.where,
            [[re.sub(r"\s+", "", cell) for cell in row] for row in block.rows],
            [list(row) for row in block.anchors or ()],
        )
        for block in document.blocks
    ]


@pytest.mark.parametrize("quirks", [(), ("word_markup",), ("site_chrome",), ("site_chrome", "word_markup")])
def test_a_plain_page_is_what_its_tree_is(quirks: tuple[str, ...]) -> None:
    data = _page(quirks=quirks).encode()
    plain, tree = open_plain(data, name="page"), open_document(data, name="page")
    assert plain is not None
    assert _parts(plain) == _parts(tree)
    assert (plain.title, plain.metadata, plain.sha256) == (tree.title, tree.metadata, tree.sha256)


def test_damaged_pages_are_read_alike_or_left_to_the_tree() -> None:
    draw = random.Random(7)
    pages = [_page(seed=seed, quirks=quirks) for seed, quirks in ((1, ()), (2, ("word_markup",)), (3, ()))]
    read = 0
    for _ in range(400):
        page = draw.choice(pages)
        body = page.index("<h1>")
        for _ in range(draw.randint(1, 3)):
            begin, end = draw.choice([tag.span() for tag in _TAG.finditer(page, body)])
            page = page[:begin] + draw.choice(["", page[begin:end] * 2, *_PIECES]) + page[end:]
        data = page.encode()
        plain = open_plain(data, name="page")
        if plain is not None:
            read += 1
            assert _parts(plain) == _parts(open_document(data, name="page")), page
    assert 25 < read < 350


@pytest.mark.parametrize(
    "piece",
    [
        '<table style="display:none"><tr><td>1</td></tr></table>',
        "<style>.old{display:none}</style><p class=old>3</p>",
        "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>",
        "<table><tr><td>1<tr><td>2</table>",
        "<TABLE><TR><TD>1</TD></TR></TABLE>",
        "<p>12<sup>1</sup></p>",
        "<p>12<del>1</del></p>",
        "<div><div>自然人</div><div>3</div></div>",
        "<ul><li><span>自然人</span><span>3</span></li></ul>",
        "<ul><li><b><i>4</i><br></b>\n<span>自然人</span></li></ul>",
        "<script>document.write('<td>')",
        "<!-- <table>",
        '<p title="a>b">1</p>',
        "<p>&#10;</p>",
        "<pre>一\n二</pre>",
    ],
)
def test_what_the_tags_do_not_tell_is_left_to_the_tree(piece: str) -> None:
    page = _page()
    assert open_plain(page.encode(), name="page") is not None
    assert open_plain(page.replace("</h1>", "</h1>" + piece, 1).encode(), name="page") is None


def test_signs_of_hiding_that_hide_nothing_do_no_harm() -> None:
    page = _page().replace(
        "</h1>", '</h1><div style="overflow:hidden"><input type="hidden" value="1"></div>', 1
    )
    page = page.replace("</head>", "<style>.menu{display:none}</style></head>", 1)
    assert open_plain(page.encode(), name="page") is not None


def test_counts_behind_links_are_no_boxes() -> None:
    page = _page().replace(
        "</h1>", "</h1><ul><li><a>公告</a><span>38</span></li><li><a>要闻</a><span>4</span></li></ul>", 1
    )
    assert open_plain(page.encode(), name="page") is not None


@pytest.mark.parametrize(
    "piece", ["<br>" * 50_000, "<p>" * 50_000, "</p><p>" * 20_000, "3<br>" * 20_000, " " * 100_000]
)
def test_runs_of_breaks_and_boxes_cost_one_pass(piece: str) -> None:
    """A pattern that may match a run in more than one way never ends on it: the suite's time limit would tell."""
    assert not has_figure_boxes(f"</p><p>{piece}x")


def test_cells_of_several_figures_and_of_figures_with_words_keep_their_text() -> None:
    cells = "".join(
        f"<td>{cell}</td>"
        for cell in (
            "<b>1</b><b>2</b>",
            "\n 7\n",
            "<p>3</p>\n<p>4</p>",
            "约<b>5</b>件",
            "<i>1,234</i>",
            "6.5",
            "收 <u>\n8 </u> 件",
        )
    )
    page = _page().replace("</h1>", f"</h1><table><tr>{cells}</tr></table>", 1).encode()
    plain, tree = open_plain(page, name="page"), open_document(page, name="page")
    assert plain is not None
    assert plain.blocks[1] == tree.blocks[1]
    assert plain.blocks[1].rows[0] == ["12", "7", "3\n4", "约5件", "1,234", "6.5", "收 8 件"]


def test_a_plain_page_may_not_hold_more_text_than_any_other() -> None:
    with pytest.raises(UnreadableDocument, match="max_text"):
        open_plain(_page().encode(), name="page", limits=Limits(max_text=100))


def test_no_other_format_is_a_plain_page() -> None:
    for data in (b"", b"%PDF-1.4", b"PK\x03\x04", "政府信息公开年度报告".encode(), b"<p>no table</p>"):
        assert open_plain(data, name="x") is None


def test_noscript_in_the_head_shows_nothing() -> None:
    table = "<table><tr><td>{}</td><td>2</td></tr></table>"
    page = f"<html><head><noscript>{table.format(1)}</noscript></head><body>{table.format(3)}</body></html>"
    assert [block.rows for block in open_document(page.encode(), name="x").blocks] == [[["3", "2"]]]
    script = (
        f"<body><script>var page = '<noscript>{table.format(1)}</noscript>{table.format(3)}';</script></body>"
    )
    assert [block.rows for block in open_document(script.encode(), name="x").blocks] == [[["3", "2"]]]


def test_lines_of_preformatted_text_stay_lines() -> None:
    page = "<body><p>一\n二</p><pre>某市财政局2022年政府信息公开工作年度报告\n一、总体情况\n<b>2022年</b>，本机关\t好</pre>三\n四</body>"
    (text,) = open_document(page.encode(), name="x").blocks
    assert isinstance(text, Text)
    assert text.text.split("\n") == [
        "一 二",
        "某市财政局2022年政府信息公开工作年度报告",
        "一、总体情况",
        "2022年，本机关 好",
        "三 四",
    ]


def test_unclosed_parts_cost_one_search() -> None:
    text = "<script>" * 200_000
    assert shown(text) is None
    assert without(text, "script") == text
    assert list(elements("<style>" * 200_000, "style")) == []
    assert shown("<!-->1<!-- 2 --!>3") == ("13", [])
