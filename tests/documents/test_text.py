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
    assert grid("甲,乙,丙", "1,2,3", '"1,024",,"x"') == [
        ["甲", "乙", "丙"],
        ["1", "2", "3"],
        ["1,024", "", "x"],
    ]


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


@given(
    rows=st.lists(
        st.lists(st.text(alphabet="甲乙1 ", max_size=3), min_size=2, max_size=5), min_size=1, max_size=6
    )
)
def test_no_figure_is_lost(rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(row) for row in rows)
    said = "".join(
        block.text if isinstance(block, Text) else "".join("".join(row) for row in block.rows)
        for block in read_text(text, name="x").blocks
    )
    assert said.replace(" ", "").replace("\t", "").replace("\n", "") == "".join(
        "".join(row) for row in rows
    ).replace(" ", "")


@given(text=st.text(alphabet='甲1,|\t\n"｜- ', max_size=60))
def test_any_text_gives_rectangular_grids(text: str) -> None:
    for block in read_text(text, name="x").blocks:
        if isinstance(block, Grid):
            assert len({len(row) for row in block.rows}) <= 1
