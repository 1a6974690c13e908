"""Which printing of a table is the report's."""

from __future__ import annotations

import pytest

from giakit.documents.model import Block, Document, Grid, Text
from giakit.reading.instances import Instance, choose, split
from giakit.reading.lines import document_lines
from giakit.reading.scan import scan
from giakit.reading.titles import Title
from giakit.reading.vocabulary import vocabulary

WORDS = vocabulary("requests")
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


def table(figure: int, labels: list[str] = LABELS) -> Grid:
    return Grid([HEAD, *([label, str(figure), *["0"] * 5, str(figure)] for label in labels)])


def chosen(*blocks: Block) -> tuple[list[Instance], str]:
    lines = document_lines(Document("x", "html", blocks))
    instances = split(scan(lines, WORDS), WORDS)

    def same(one: Instance, other: Instance) -> bool:
        return {code: [item.raw for item in hit.values] for code, hit in one.rows.items()} == {
            code: [item.raw for item in hit.values] for code, hit in other.rows.items()
        }

    return choose(instances, lines, TITLE, least=3, same=same)


def figure(instance: Instance) -> str:
    return instance.rows["new"].values[0].raw


def test_one_table() -> None:
    found, why = chosen(table(3))
    assert (len(found), figure(found[0]), why) == (1, "3", "")


def test_no_table() -> None:
    assert chosen(Text("无")) == ([], "")


def test_copies_are_one_table() -> None:
    found, why = chosen(table(3), table(3))
    assert (len(found), why) == (1, "")


@pytest.mark.parametrize("own_first", [True, False])
@pytest.mark.parametrize(
    "heading",
    [
        "附：2022年度数据",
        "上年度统计表",
        "某县财政局2023年政府信息公开工作年度报告",
        "某县商务局2022年政府信息公开工作年度报告",
    ],
)
def test_the_table_under_another_heading_is_left(heading: str, own_first: bool) -> None:
    own, other = (Text("某县商务局2023年政府信息公开工作年度报告"), table(3)), (Text(heading), table(9))
    found, why = chosen(*(own + other if own_first else other + own))
    assert [figure(instance) for instance in found] == ["3"]
    assert why == ""


def test_nothing_chooses_between_two() -> None:
    found, why = chosen(table(3), table(9))
    assert len(found) == 2
    assert "2 times" in why


def test_the_only_table_under_another_year_is_doubted() -> None:
    found, why = chosen(Text("某县商务局2022年政府信息公开工作年度报告"), table(9))
    assert len(found) == 1
    assert "2022" in why


def test_a_table_cut_in_two_is_one() -> None:
    found, why = chosen(table(3, LABELS[:3]), Text("- 4 -"), table(3, LABELS[3:]))
    assert (len(found), len(found[0].rows), why) == (1, 6, "")


def test_a_row_that_stands_twice_is_remembered() -> None:
    """The second 部分公开 begins no second table: what follows it belongs to the first."""
    found, _ = chosen(table(3, [*LABELS[:4], LABELS[3], *LABELS[4:]]))
    assert len(found) == 1
    assert len(found[0].rows) == 6
    assert [hit.code for hit in found[0].repeated] == ["partial"]
