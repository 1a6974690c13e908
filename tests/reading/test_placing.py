"""Labels that are cut, misspelt or gone."""

from __future__ import annotations

import pytest
from report_pages import COLUMNS, figures, html_table, judged, matrix, official, outcome, page, without

import giakit as gia
from giakit.documents.model import Document, Grid, Text
from giakit.reading.tables import read_table
from giakit.reading.titles import Title

FIGURES = figures()
ROWS = matrix(official(FIGURES)["requests"])
TITLE = Title("某县商务局", 2023)


def relabelled(old: str, new: str) -> str:
    return html_table(
        [[new if cell == old and column == 2 else cell for column, cell in enumerate(row)] for row in ROWS]
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.其他法律行政法规禁止公开", "2.其他法律行政法规禁此公开"),
        ("1.本机关不掌握相关政府信息", "1.本机关不掌相关政府信息"),
        ("4.无正当理由大量反复申请", "4.无正当理由大量反复的申请"),
        ("8.属于行政查询事项", "8.属于行政查询事项的"),
    ],
)
def test_misspelt_label_is_read_and_marked(old: str, new: str) -> None:
    read = outcome(page(FIGURES, requests=relabelled(old, new)), FIGURES)
    assert read.exact
    assert read.alarms == ["near_label"]


def test_a_label_of_its_own_is_not_bent_into_a_row() -> None:
    own = "9.其他不属于上述情形的答复"
    labels = [row[2] for row in ROWS]
    at = labels.index("8.属于行政查询事项") + 1
    rows = [*ROWS[:at], [ROWS[at - 1][0], ROWS[at - 1][1], own, *["0"] * 7], *ROWS[at:]]
    read = outcome(page(FIGURES, requests=html_table(rows)), FIGURES)
    assert read.exact
    assert not read.silent


def test_rows_without_a_label_take_their_place_in_the_order_and_are_marked() -> None:
    labels = [row[2] for row in ROWS]
    at = labels.index("5.属于三类内部事务信息")
    bare = [["", "", "", *row[3:]] if number == at else row for number, row in enumerate(ROWS)]
    read = outcome(page(FIGURES, requests=html_table(bare)), FIGURES)
    assert not read.wrong
    assert "unlabelled" in read.alarms


def test_as_many_bare_rows_as_gaps_or_none() -> None:
    labels = [row[2] for row in ROWS]
    at = labels.index("5.属于三类内部事务信息")
    bare = [["", "", "", *row[3:]] if number == at else row for number, row in enumerate(ROWS) if number != at + 1]
    truth = without(without(FIGURES, table="requests", row="denied_internal"), table="requests", row="denied_process")
    read = outcome(page(FIGURES, requests=html_table(bare)), truth)
    assert not read.wrong
    assert not read.silent
    assert read.alarms


def test_label_cut_by_a_page_break() -> None:
    head = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    first = Grid([head, ["（一）予以公开", *"3000003"], ["（二）部分公开", *"1000001"], ["1.本机关不掌握", *"5000005"]])
    second = Grid(
        [
            ["相关政府信息", *[""] * 7],
            ["2.没有现成信息需要另行制作", *"2000002"],
            ["（七）总计", *["11", "0", "0", "0", "0", "0", "11"]],
        ]
    )
    reading = read_table("requests", Document("x", "html", (first, Text("—4—"), second)), TITLE)
    assert [reading.cells["unable_not_held", column].value for column in COLUMNS] == [5, 0, 0, 0, 0, 0, 5]


def test_two_misspelt_labels_of_one_row_are_not_both_taken() -> None:
    rows = [
        [cell.replace("2.重复申请", "2.重复申").replace("3.要求提供公开出版物", "2.重复的申请") for cell in row]
        for row in ROWS
    ]
    report = gia.read(page(FIGURES, requests=html_table(rows)), name="page.html")
    read = judged(report, FIGURES)
    assert not read.silent
