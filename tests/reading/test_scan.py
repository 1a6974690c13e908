"""Headers and rows of a table among the lines of a document."""

from __future__ import annotations

from giakit.documents.model import Document, Grid
from giakit.reading.lines import document_lines
from giakit.reading.scan import Hit, scan
from giakit.reading.vocabulary import vocabulary

HEAD = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
ROW = ["3", "1", "0", "0", "0", "0", "4"]


def hits(*rows: list[str], table: str = "requests") -> list[Hit]:
    return scan(document_lines(Document("x", "html", (Grid(rows),))), vocabulary(table))


def test_columns_come_from_the_header() -> None:
    (hit,) = hits(HEAD, ["一、本年新收政府信息公开申请数量", *ROW])
    assert [head.code for head in hit.header] == [
        "natural_person",
        "business",
        "research",
        "public_interest",
        "legal_service",
        "other_organisation",
        "total",
    ]
    assert hit.code == "new"
    assert [item.raw for item in hit.values] == ROW


def test_a_column_that_the_form_lacks_keeps_its_name() -> None:
    (hit,) = hits([*HEAD, "同比"], ["一、本年新收政府信息公开申请数量", *ROW, "5"])
    assert hit.header[-1].code == "extra:同比"


def test_the_group_tells_equal_labels_apart() -> None:
    found = hits(
        HEAD,
        ["（五）不予处理", *[""] * 7],
        ["1.信访举报投诉类申请", *ROW],
        ["（六）其他处理", *[""] * 7],
        ["3.其他", *ROW],
    )
    assert [hit.code for hit in found if hit.values and hit.values[0].kind == "number"] == [
        "not_processed_petition",
        "other_rest",
    ]


def test_sum_of_a_group_is_no_total_of_all() -> None:
    found = hits(
        ["", *HEAD],
        ["（三）不予公开", "1.属于国家秘密", *ROW],
        ["（三）不予公开", "合计", *ROW],
        ["三、本年度办理结果", "（七）总计", *ROW],
    )
    assert [hit.code for hit in found] == ["denied_state_secret", "", "closed"]


def test_carried_in_and_carried_out_are_different_rows() -> None:
    found = hits(HEAD, ["二、上年结转政府信息公开申请数量", *ROW], ["四、结转下年度继续办理", *ROW])
    assert [hit.code for hit in found] == ["carried_in", "carried_out"]


def test_an_unknown_label_is_a_hit_without_a_code() -> None:
    found = hits(HEAD, ["一、本年新收政府信息公开申请数量", *ROW], ["其中：来自外省的申请", *ROW])
    assert [hit.code for hit in found] == ["new", ""]
    assert found[1].label == "其中：来自外省的申请"
