"""The tokens of running text: labels, and the figures that stand behind them."""

from __future__ import annotations

from giakit.documents.model import Document, Grid, Text
from giakit.reading.align import stream_lines, tokens
from giakit.reading.vocabulary import vocabulary


def rows(text: str, table: str = "requests") -> dict[str, tuple[str, ...]]:
    """The figures behind each label of a row."""
    words = vocabulary(table)
    found = {}
    for line in stream_lines(tokens(Document("x", "text", (Text(text),))), words):
        codes = words.row_codes(line.items[0].raw)
        if codes and len(line.items) > 1:
            found["/".join(codes)] = tuple(item.raw for item in line.items[1:])
    return found


def test_figures_glued_to_their_labels() -> None:
    text = "一、本年新收政府信息公开申请数量640020470二、上年结转政府信息公开申请数量0000000三、本年度办理结果（一）予以公开270020130"
    assert rows(text) == {"new": ("640020470",), "carried_in": ("0000000",), "granted": ("270020130",)}


def test_white_space_parts_the_pieces() -> None:
    assert rows("（一）予以公开 27 0 0 2 0 1 30\n（二）部分公开\n1\n0\n0\n0\n0\n0\n1") == {
        "granted": ("27", "0", "0", "2", "0", "1", "30"),
        "partial": tuple("1000001"),
    }


def test_a_label_broken_by_the_end_of_a_line() -> None:
    assert rows("二、上\n年结转政府信息公开申请数量0000000三、") == {"carried_in": ("0000000",)}


def test_a_label_that_columns_share_is_a_row_with_its_number() -> None:
    text = "（五）不予处理1.信访举报投诉类申请1000001（六）其他处理3.其他2000002（七）总计3000003"
    assert list(rows(text).values()) == [("1000001",), ("2000002",), ("3000003",)]
    assert rows("（三）总计3000003四、复议\n结果维持其他结果尚未审结总计000000000000000") == {"closed": ("3000003",)}


def test_prose_is_no_row() -> None:
    assert rows("其中（一）予以公开42件，占51.85%。") == {}


def test_numbers_of_the_next_label_stay_with_it() -> None:
    assert rows("（三）不予公开1.属于国家秘密50000052.其他法律行政法规禁止公开0000000") == {
        "denied_state_secret": ("5000005",),
        "denied_by_law": ("0000000",),
    }


def test_a_unit_before_the_figure_is_no_label() -> None:
    assert rows("主动公开文件数条346085376其中：1、政府网站公开数条3460853762、政府公报公开数条00", "statistics") == {
        "disclosed_total": ("346085376",),
        "via_website": ("346085376",),
        "via_gazette": ("00",),
    }


def test_headers_that_run_together_are_columns_one_by_one() -> None:
    text = "（本列数据的勾稽关系为：略）申请人情况自然人法人或其他组织总计\n商业企业科研机构社会公益组织法律服务机构其他\n（一）予以公开1000001"
    (header,) = [
        line
        for line in stream_lines(tokens(Document("x", "text", (Text(text),))), vocabulary("requests"))
        if len(line.items) > 5
    ]
    assert [item.raw for item in header.items][-6:] == [
        "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计",
    ]  # fmt: skip


def test_page_numbers_and_pinyin_are_left_out() -> None:
    text = "（一）予以公开(yu yi gong kai)2000002\n— 4 —\n第 4 页 共 9 页\n（二）部分公开1000001"
    assert rows(text) == {"granted": ("2000002",), "partial": ("1000001",)}


def test_a_letter_beside_a_digit_makes_it_no_figure() -> None:
    (line,) = stream_lines(tokens(Document("x", "text", (Text("（一）予以公开 2O00002"),))), vocabulary("requests"))
    assert [item.kind for item in line.items] == ["label", "odd"]


def test_merged_cells_are_one_token() -> None:
    grid = Grid([["总计", "0", "0"], ["总计", "5", "5"]], [[0, 1, 1], [0, 2, 3]])
    assert [token.raw for token in tokens(Document("x", "html", (grid,)))] == ["总计", "0", "5", "5"]


def test_a_label_goes_on_behind_its_figures() -> None:
    text = "主动公 条 5126 9346\n开信息\n数\n其中： 条 0 2679\n1.网站\n公开\n2.政府 条 0 0\n公报公\n开"
    assert rows(text, "statistics") == {
        "disclosed_total": ("5126", "9346"),
        "via_website": ("0", "2679"),
        "via_gazette": ("0", "0"),
    }


def test_a_label_behind_figures_is_the_next_rows_where_it_names_one() -> None:
    text = "本年度办理结果 - 不予公开-属于国家秘密 0 0 0 0 0 0 0\n不予公开-其他法律行政法规禁止公开 1 0 0 0 0 0 1"
    assert rows(text) == {"denied_state_secret": ("0",) * 7, "denied_by_law": tuple("1000001")}


def test_a_header_that_wraps_is_joined_cell_by_cell() -> None:
    text = "指标名 计量单 2012 历年累\n称 位 年度 计\n主动公开信息数 条 5 9"
    (header,) = [
        [item.raw for item in line.items]
        for line in stream_lines(tokens(Document("x", "text", (Text(text),))), vocabulary("statistics"))
        if line.grid >= 0 and not line.has_number
    ]
    assert header == ["2012年度", "历年累计"]


def test_latex_is_read_as_it_is_shown() -> None:
    text = r"行政规范性文件 & 44 & 8819 & 93 \\" + "\n" + r"行政许可 & \multicolumn{3}{l}{73} \\"
    assert rows(text, "proactive") == {"normative_documents": ("44", "8819", "93"), "licences": ("73",)}
