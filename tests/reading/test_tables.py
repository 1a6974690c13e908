"""One table out of a document: cells by their label paths, doubts where they cannot be told."""

from __future__ import annotations

import pytest
from report_pages import COLUMNS, figures, official

from giakit.documents.model import Document, Grid, Text
from giakit.reading.columns import Reading
from giakit.reading.tables import read_table
from giakit.reading.titles import Title

TITLE = Title("某县商务局", 2023)
HEAD = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
LABELS = [
    "一、本年新收政府信息公开申请数量",
    "二、上年结转政府信息公开申请数量",
    "（一）予以公开",
    "（二）部分公开",
    "（七）总计",
    "四、结转下年度继续办理",
]


def requests(*rows: list[str], head: list[str] = HEAD, aligned: bool = True) -> Reading:
    width = max(len(row) for row in (head, *rows))
    grid = Grid([row + [""] * (width - len(row)) for row in (head, *rows)], where="table 1", aligned=aligned)
    return read_table("requests", Document("x", "html", (grid,)), TITLE)


def row(label: str, figure: str = "3") -> list[str]:
    return [label, figure, *["0"] * 5, figure]


def values(reading: Reading, code: str) -> list[float | None]:
    return [reading.cells[code, column].value for column in COLUMNS]


def test_cells_know_where_they_stood() -> None:
    reading = requests(*(row(label) for label in LABELS))
    cell = reading.cells["granted", "total"]
    assert (cell.value, cell.state, cell.origin, cell.raw) == (3, "reported", "printed", "3")
    assert cell.where == "table 1 row 4 column 8"


def test_columns_follow_the_header_not_the_form() -> None:
    head = ["", "总计", *HEAD[1:7]]
    reading = requests(*([label, "7", "3", "4", "0", "0", "0", "0"] for label in LABELS), head=head)
    assert values(reading, "granted") == [3, 4, 0, 0, 0, 0, 7]


def test_extra_rows_and_columns_keep_their_labels() -> None:
    reading = requests(
        *([*row(label), "9"] for label in LABELS[:4]),
        [*row("其中：网络申请"), "8"],
        *([*row(label), "9"] for label in LABELS[4:]),
        head=[*HEAD, "同比"],
    )
    assert reading.cells["extra:其中网络申请", "total"].value == 3
    assert reading.cells["granted", "extra:同比"].value == 9
    assert values(reading, "granted") == [3, 0, 0, 0, 0, 0, 3]


def test_a_number_too_many_is_not_placed() -> None:
    reading = requests(row(LABELS[0]), [*row(LABELS[1]), "5"], *(row(label) for label in LABELS[2:]), aligned=False)
    assert {reading.cells["carried_in", column].state for column in COLUMNS} == {"undecided"}
    assert "columns" in {question.check for question in reading.doubts}


def test_one_number_for_several_cells_is_undecided() -> None:
    grid = Grid(
        [HEAD, *(row(label) for label in LABELS[:5]), [LABELS[5], *["5"] * 7]],
        [list(range(8 * at, 8 * at + 8)) for at in range(6)] + [[48, *[49] * 7]],
    )
    reading = read_table("requests", Document("x", "html", (grid,)), TITLE)
    assert {reading.cells["carried_out", column].state for column in COLUMNS} == {"undecided"}
    assert "merged_number" in {question.check for question in reading.doubts}


def test_no_header_no_certainty() -> None:
    reading = read_table("requests", Document("x", "html", (Grid([row(label) for label in LABELS]),)), TITLE)
    assert "torn_header" in {question.check for question in reading.doubts}


@pytest.mark.parametrize("code", ["requests", "remedies", "proactive"])
def test_official_tables(code: str) -> None:
    printed = figures()
    grid = official(printed)[code]
    ids: dict[int, int] = {}
    anchors = [[ids.setdefault(id(cell), len(ids)) for cell in line] for line in grid.rows]
    reading = read_table(
        code,
        Document("x", "html", (Grid([[cell.text for cell in line] for line in grid.rows], anchors, "table 1"),)),
        TITLE,
    )
    assert {address: cell.value for address, cell in reading.cells.items()} == {
        address[1:]: value for address, value in printed.items() if address[0] == code
    }
    assert not reading.doubts


@pytest.mark.parametrize("code", ["requests", "remedies", "proactive", "statistics"])
def test_other_documents_have_no_table(code: str) -> None:
    blocks = (Text("某县2023年部门预算"), Grid([["项目", "总计", "其他"], ["行政许可", "5", "3"], ["合计", "5", "3"]]))
    assert read_table(code, Document("x", "html", blocks), TITLE).cells == {}


def test_a_column_of_another_year_is_not_the_reports() -> None:
    lines = [
        ["统计指标", "单位", "2015年", "2016年"],
        *(
            [label, "件", "1", "2"]
            for label in ("收到申请数", "申请办结数", "按时办结数", "申请答复数", "同意公开答复数")
        ),
    ]
    reading = read_table("statistics", Document("x", "html", (Grid(lines),)), Title("某县", 2016))
    counts = {cell.value for (_, column), cell in reading.cells.items() if column == "count"}
    assert counts <= {2.0, None}
    assert 1.0 not in counts
