"""Labels and digits in running text."""

from __future__ import annotations

import pytest

from giakit.documents.model import Document, Grid, Text
from giakit.reading.stream import own_part, remedy_pieces, running_text, stream_rows, windows
from giakit.reading.titles import Title

TITLE = Title("某县商务局", 2023)
HEADER = (
    "结果维持结果纠正其他结果尚未审结总计未经复议直接起诉复议后起诉"
    + "结果维持结果纠正其他结果尚未审结总计" * 2
)


def rows(text: str, table: str = "requests") -> dict[str, tuple[str, ...]]:
    return {row.code: row.pieces for row in stream_rows(table, text)}


def test_digits_behind_labels() -> None:
    text = "一、本年新收政府信息公开申请数量640020470二、上年结转政府信息公开申请数量0000000三、本年度办理结果（一）予以公开270020130"
    assert rows(text) == {"new": ("640020470",), "carried_in": ("0000000",), "granted": ("270020130",)}


def test_white_space_parts_the_pieces() -> None:
    assert rows("（一）予以公开 27 0 0 2 0 1 30\n（二）部分公开\n1\n0\n0\n0\n0\n0\n1") == {
        "granted": ("27", "0", "0", "2", "0", "1", "30"),
        "partial": tuple("1000001"),
    }


def test_the_group_tells_equal_labels_apart() -> None:
    found = rows("（五）不予处理1.信访举报投诉类申请1000001（六）其他处理3.其他2000002（七）总计3000003")
    assert {code: pieces for code, pieces in found.items() if pieces} == {
        "not_processed_petition": ("1000001",),
        "other_rest": ("2000002",),
        "closed": ("3000003",),
    }


def test_prose_is_no_row() -> None:
    assert rows("其中（一）予以公开42件，占51.85%。")["granted"] == ()
    assert windows(stream_rows("requests", "其中（一）予以公开42件，占51.85%。")) == []


def test_numbers_of_the_next_label_stay_with_it() -> None:
    assert rows("（三）不予公开1.属于国家秘密50000052.其他法律行政法规禁止公开0000000", "requests") == {
        "denied_state_secret": ("5000005",),
        "denied_by_law": ("0000000",),
    }


def test_thousands_are_one_piece_and_other_commas_are_borders() -> None:
    assert rows("行政许可 1,024", "proactive")["licences"] == ("1024",)
    assert rows("规章,9,9,9", "proactive")["rules"] == ("9", "9", "9")


def test_windows_are_cut_where_a_row_comes_again() -> None:
    once = "（一）予以公开2000002（二）部分公开1000001"
    assert [len(window) for window in windows(stream_rows("requests", once + once))] == [2, 2]


@pytest.mark.parametrize(
    ("values", "pieces"),
    [("000000000000000", ("000000000000000",)), (" 1 0 2 0 3 1 2 0 0 0 1 2 0 0 0", tuple("102031200012000"))],
)
def test_digits_behind_the_header_of_the_remedies(values: str, pieces: tuple[str, ...]) -> None:
    assert remedy_pieces(HEADER + values + "\n五、存在的主要问题") == [pieces]


def test_no_digits_without_the_whole_header() -> None:
    assert remedy_pieces("尚未审结总计000000000000000") == []


def test_page_numbers_and_pinyin_are_left_out() -> None:
    document = Document(
        "x",
        "text",
        (Text("（一）予以公开(yu yi gong kai)2000002\n— 4 —\n第 4 页 共 9 页\n（二）部分公开1000001"),),
    )
    text = running_text(document, TITLE)
    assert rows(text) == {"granted": ("2000002",), "partial": ("1000001",)}


def test_a_letter_beside_a_digit_is_kept() -> None:
    document = Document("x", "text", (Text("（一）予以公开2O00002"),))
    assert "2O" in running_text(document, TITLE)


def test_merged_cells_are_said_once() -> None:
    grid = Grid([["总计", "0", "0"], ["总计", "5", "5"]], [[0, 1, 1], [0, 2, 3]])
    assert running_text(Document("x", "html", (grid,)), TITLE).split() == ["总计", "0", "总计", "5", "5"]


def test_what_stands_under_another_years_title_is_left_out() -> None:
    text = "某县商务局2023年政府信息公开工作年度报告\n甲\n某县商务局2022年政府信息公开工作年度报告\n乙"
    assert own_part(text, TITLE).split("\n")[1:] == ["甲"]
