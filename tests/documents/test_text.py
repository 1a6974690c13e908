"""Plain text: which lines are rows of a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents.model import Document, Grid, Text
from giakit.documents.text import read_text


def read(*lines: str) -> Document:
    return read_text("\n".join(lines), name="x.txt")


def grid(*lines: str) -> list[list[str]]:
    (found,) = [block for block in read(*lines).blocks if isinstance(block, Grid)]
    return [list(row) for row in found.rows]


def test_tabs() -> None:
    assert grid("甲\t乙", "1\t2") == [["甲", "乙"], ["1", "2"]]


def test_empty_cells_are_kept() -> None:
    assert grid("甲\t\t乙", "1\t\t2") == [["甲", "", "乙"], ["1", "", "2"]]


def test_short_rows_are_filled_up() -> None:
    assert grid("甲\t乙\t丙", "1\t2") == [["甲", "乙", "丙"], ["1", "2", ""]]


def test_markdown() -> None:
    assert grid("| 甲 | 乙 |", "|---|:--:|", "| 1 | 2<br>3 |") == [["甲", "乙"], ["1", "2\n3"]]


def test_pipes_at_one_edge_bound_empty_cells() -> None:
    assert grid("甲|乙|", "1|2|") == [["甲", "乙"], ["1", "2"]]
    assert grid("甲|乙|丙", "1||3") == [["甲", "乙", "丙"], ["1", "", "3"]]


def test_blank_lines_do_not_part_a_table() -> None:
    assert len(grid("甲\t乙", "", "1\t2")) == 2


def test_text_parts_tables() -> None:
    blocks = read("甲\t乙", "一句话。", "1\t2").blocks
    assert [type(block) for block in blocks] == [Grid, Text, Grid]


def test_commas() -> None:
    assert grid("甲,乙,丙", "1,2,3", '"1,024",,"x"') == [["甲", "乙", "丙"], ["1", "2", "3"], ["1,024", "", "x"]]


def test_line_breaks_within_quotes() -> None:
    assert grid("甲,乙,丙", '1,"法人\n或其他组织",3', "4,5,6")[1] == ["1", "法人或其他组织", "3"]


@pytest.mark.parametrize(
    "lines", [("甲,乙,丙", "1,2,3"), ("2023年,我局收到申请3件,办结3件。", "各科室,做好工作。", "一,二,三,四")]
)
def test_prose_with_commas_is_no_table(lines: tuple[str, ...]) -> None:
    assert all(isinstance(block, Text) for block in read(*lines).blocks)


def test_heads_of_saved_pages() -> None:
    document = read("标题: 某局2023年年报", "发布时间：2024-01-15", "原文链接: https://example.org/a", "正文")
    assert document.title == "某局2023年年报"
    assert document.metadata == {"published": "2024-01-15", "url": "https://example.org/a"}


def test_line_ends_of_all_kinds() -> None:
    assert read_text("甲\t乙\r\n1\t2\r3\t4\f", name="x").blocks[0] == read("甲\t乙", "1\t2", "3\t4").blocks[0]


@given(rows=st.lists(st.lists(st.text(alphabet="甲乙1 ", max_size=3), min_size=2, max_size=5), min_size=1, max_size=6))
def test_no_figure_is_lost(rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(row) for row in rows)
    said = "".join(
        block.text if isinstance(block, Text) else "".join("".join(row) for row in block.rows)
        for block in read_text(text, name="x").blocks
    )
    assert said.replace(" ", "").replace("\t", "").replace("\n", "") == "".join("".join(row) for row in rows).replace(
        " ", ""
    )


@given(text=st.text(alphabet='甲1,|\t\n"｜- ', max_size=60))
def test_any_text_gives_rectangular_grids(text: str) -> None:
    for block in read_text(text, name="x").blocks:
        if isinstance(block, Grid):
            assert len({len(row) for row in block.rows}) <= 1


def spans(*lines: str) -> list[list[str]]:
    """Rows of the one grid; "<" and "^" where a cell goes on from the left or from above."""
    (found,) = [block for block in read(*lines).blocks if isinstance(block, Grid)]
    assert found.anchors is not None
    rows = []
    for y, row in enumerate(found.rows):
        shown = []
        for x, text in enumerate(row):
            number = found.anchors[y][x]
            left = x and found.anchors[y][x - 1] == number
            above = y and found.anchors[y - 1][x] == number
            shown.append("<" if left else "^" if above else text)
        rows.append(shown)
    return rows


def test_box_drawing_with_merged_and_wrapped_cells() -> None:
    """As w3m prints a page."""
    assert spans(
        "┌────────────┬────────────┐",
        "│            │申请人      │",
        "│            ├────┬───────┤",
        "│            │自然│法人或 │",
        "│事项        │人  │其他   │",
        "├──────┬─────┼────┼───────┤",
        "│      │公开 │3402│99     │",
        "│结果  ├─────┼────┼───────┤",
        "│      │不予 │0   │       │",
        "│      │公开 │    │       │",
        "└──────┴─────┴────┴───────┘",
    ) == [
        ["事项", "<", "申请人", "<"],
        ["^", "<", "自然\n人", "法人或\n其他"],
        ["结果", "公开", "3402", "99"],
        ["^", "不予\n公开", "0", ""],
    ]


def test_rules_of_plus_and_minus() -> None:
    """As pandoc writes reStructuredText, and links with rules that begin at a bar and letters that all count one."""
    pandoc = (
        "+------+------+----+",
        "| 本年 |      | 其 |",
        "| 新收 |      | 他 |",
        "+======+======+====+",
        "| 一、 | 3402 | -5 |",
        "+------+------+----+",
    )
    assert grid(*pandoc) == [["本年\n新收", "", "其\n他"], ["一、", "3402", "-5"]]
    links = (
        "  +-----------------+",
        "  | 结果  | 予以公开 | 12 |",
        "  |     |------+----|",
        "  |     | 不予公开 | 7  |",
        "  |-----------------|",
        "  | 总计         | 19 |",
        "  +-----------------+",
    )
    assert spans(*links)[:2] == [["结果", "予以公开", "12"], ["^", "不予公开", "7"]]


def test_bars_without_rules_and_a_label_that_wraps() -> None:
    """As antiword prints: no line between rows, and what does not fit in a cell goes on below."""
    assert spans(
        "|申请人无正当理由逾期不补正、行|40    |3511  |",
        "|政机关不再处理                |      |      |",
        "|其他                          |287   |      |",
        "|总计                                 |1     |",
    ) == [["申请人无正当理由逾期不补正、行\n政机关不再处理", "40", "3511"], ["其他", "287", ""], ["总计", "<", "1"]]


def test_rows_of_figures_between_two_rules_are_rows() -> None:
    """As psql, MySQL and Org print: rules around the head alone."""
    assert grid(
        "+--------+-----+",
        "| 事项   | 数  |",
        "+--------+-----+",
        "| 许可   | 12  |",
        "| 处罚   | 7   |",
        "+--------+-----+",
    ) == [["事项", "数"], ["许可", "12"], ["处罚", "7"]]


def test_columns_shown_by_dashes() -> None:
    """Simple and multiline tables of pandoc: blanks stay where they are, wrapped cells are one."""
    simple = ("  ------ ------ ----", "  规章   2      11", "  规范          597", "  ------ ------ ----")
    assert grid("一段话。", "", *simple, "", "又一段。") == [["规章", "2", "11"], ["规范", "", "597"]]
    multiline = (
        "  -------------------",
        "  事项     新收   总",
        "                  计",
        "  -------- ------ ---",
        "  其他处   12",
        "  理              7",
        "",
        "  总计            19",
        "  -------------------",
    )
    assert grid(*multiline) == [["事项", "新收", "总\n计"], ["其他处\n理", "12", "7"], ["总计", "", "19"]]


def test_an_underlined_heading_is_no_table() -> None:
    assert all(
        isinstance(block, Text) for block in read("一、概述", "--------", "", "二、总计", "======", "无 5").blocks
    )


def test_markdown_is_read_as_it_is_shown() -> None:
    assert grid("| 收费 | 数 |", "| --- | --- |", "| **金额** | 8486\\.3 |", "| A&amp;B | ~~5~~ |") == [
        ["收费", "数"],
        ["金额", "8486.3"],
        ["A&B", "~~5~~"],
    ]
    assert grid("甲 | 乙", "---|---", "一 | 12") == [["甲", "乙"], ["一", "12"]]


def test_backslashes_of_other_texts_stay() -> None:
    assert read("金额 8\\486 元").blocks[0] == Text("金额 8\\486 元", "line 1")


def test_where_a_row_is_too_short_no_cell_stands() -> None:
    (found,) = read("| 甲 | 乙 | 丙 |", "|---|---|---|", "| 丁 | 1 |").blocks
    assert isinstance(found, Grid)
    assert found.anchors is not None
    assert [number < 0 for number in found.anchors[1]] == [False, False, True]


def test_columns_that_only_gaps_show() -> None:
    """As w3m and pdftotext print a table without lines: labels over several lines, names of groups beside them, blanks."""
    assert spans(
        "",
        "                                            商业 科研 总",
        "                                            企业 机构 计",
        "一、本年新收政府信息公开申请数量            12   0    12",
        "          （一）予以公开                    7         7",
        "          （二）部分公开（区分处理的，只计  1    0    1",
        "          这一情形）",
        "结果                 1.属于国家秘密         0    0    0",
        "          （三）不予 2.其他法律行政法规禁",
        "          公开       止公开                 3    1    4",
        "          （七）总计                        11   1    12",
        "",
        "五、存在的主要问题",
    ) == [
        ["", "", "", "商业\n企业", "科研\n机构", "总\n计"],
        ["一、本年新收政府信息公开申请数量", "<", "<", "12", "0", "12"],
        ["", "（一）予以公开", "<", "7", "", "7"],
        ["", "（二）部分公开（区分处理的，只计\n这一情形）", "<", "1", "0", "1"],
        ["结果", "", "1.属于国家秘密", "0", "0", "0"],
        ["", "（三）不予\n公开", "2.其他法律行政法规禁\n止公开", "3", "1", "4"],
        ["", "（七）总计", "<", "11", "1", "12"],
    ]


def test_figures_in_running_text_are_no_columns() -> None:
    assert all(isinstance(block, Text) for block in read("新收 3 0 3", "结转 1 0 1", "合计 4 0 4").blocks)


def test_a_table_of_a_wiki_has_a_cell_a_line() -> None:
    text = '{|\n! 信息内容\n! 本年制发件数\n|-\n| 规章\n| colspan="2"| 5\n|-\n| 文件 || 7\n|}\n完。'
    grid, end = read_text(text, name="x").blocks
    assert isinstance(grid, Grid)
    assert [list(row) for row in grid.rows] == [["信息内容", "本年制发件数"], ["规章", "5"], ["文件", "7"]]
    assert isinstance(end, Text)


def test_white_space_that_is_as_wide_everywhere_places_nothing() -> None:
    # The second line lost a cell: that its figures stand below others is chance.
    text = "规章   0   7970   8102\n行政规范性文件   0   74\n规章   1   2   3"
    assert not any(isinstance(block, Grid) for block in read_text(text, name="x").blocks)
