"""Who reports on which year."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents.model import Document, Grid, Text
from giakit.reading.titles import Title, parse_title, reporting_period, title_of

TITLES = [
    ("卧龙区商务局 2025 年政府信息公开工作年度报告", "卧龙区商务局", 2025),
    ("2023年度某某市财政局政府信息公开工作年度报告", "某某市财政局", 2023),
    ("某某市财政局关于2023年度政府信息公开工作年度报告", "某某市财政局", 2023),
    ("某某县人民政府2023年政府信息公开工作年度报告", "某某县人民政府", 2023),
    ("某某县2023年政府信息公开工作年度报告", "某某县", 2023),
    ("政府信息公开工作年度报告（2022年）", None, 2022),
    ("上海市人民政府信息公开工作年度报告（2019年度）", "上海市人民政府", 2019),
    ("某某市水务局政府信息公开工作2021年度报告", "某某市水务局", 2021),
    ("某某市水务局2021年政府信息公开年报", "某某市水务局", 2021),
    ("二〇二三年某某局政府信息公开工作年度报告", "某某局", 2023),
    ("某某区教育局2024年政务公开工作年度报告", "某某区教育局", 2024),
    ("国家税务总局某某市税务局2023年政府信息公开工作年度报告", "国家税务总局某某市税务局", 2023),
    ("关于某某市教育局2019年政府信息公开工作年度报告的公示", "某某市教育局", 2019),
    ("【年报】某某市教育局2019年政府信息公开工作年度报告", "某某市教育局", 2019),
    ("首页>政府信息公开>某某市教育局2019年政府信息公开工作年度报告", "某某市教育局", 2019),
    ("某某县卫健局2023年政府信息公开工作年度报告（2024年1月15日）", "某某县卫健局", 2023),
    ("2024年01月15日 某某县卫健局2023年政府信息公开工作年度报告", "某某县卫健局", 2023),
    ("2024-01-15某某县卫健局2023年政府信息公开工作年度报告", "某某县卫健局", 2023),
    ("某某县公安局２０２３年政府信息公开工作年度报告", "某某县公安局", 2023),
    ("某某縣公安局2023年政府信息公開工作年度報告", "某某县公安局", 2023),
    ("某某市住建局政府信息公开年度报告2017", "某某市住建局", 2017),
]


@pytest.mark.parametrize(("text", "unit", "year"), TITLES)
def test_titles(text: str, unit: str | None, year: int) -> None:
    assert parse_title(text) == Title(unit, year)


@pytest.mark.parametrize(
    "text",
    [
        "某某县2022年度政务公开工作总结",
        "政府信息公开指南",
        "《某某县2023年政府信息公开工作年度报告》解读",
        "某某县2023年政务公开工作要点",
        "政府信息公开申请表",
        "",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert parse_title(text) is None


PERIODS = [
    ("统计期限自2019年1月1日起至2019年12月31日止", 2019),
    ("所列数据统计期限为2023年1月1日至12月31日", 2023),
    ("统计时间从2023年1月1日起，至2023年12月31日止", 2023),
    ("2023年1月1日-12月31日", 2023),
    ("2023年1-12月", 2023),
    ("2023.1.1-2023.12.31", 2023),
    ("自2023 年1月1日 至 2023年12月 31日", 2023),
    ("二〇二三年一月一日至十二月三十一日", 2023),
    ("2022年1月1日至2023年12月31日", None),
    ("2023年11月至12月", None),
    ("2023年1月1日至12月31日，去年为2022年1月1日至12月31日", None),
]


@pytest.mark.parametrize(("text", "year"), PERIODS)
def test_periods(text: str, year: int | None) -> None:
    assert reporting_period(text) == year


def document(*blocks: str | Grid, title: str = "", metadata: dict[str, str] | None = None) -> Document:
    return Document(
        "x",
        "html",
        tuple(Text(block) if isinstance(block, str) else block for block in blocks),
        title=title,
        metadata=metadata or {},
    )


def test_the_declared_title_comes_first() -> None:
    page = document(
        "某县财政局2022年政府信息公开工作年度报告", title="某县商务局2023年政府信息公开工作年度报告_某县人民政府"
    )
    assert title_of(page) == Title("某县商务局", 2023)


def test_the_stated_period_chooses_between_titles() -> None:
    page = document(
        "某县商务局2022年政府信息公开工作年度报告",
        "某县商务局2023年政府信息公开工作年度报告",
        "统计期限自2023年1月1日起至2023年12月31日止。",
    )
    assert title_of(page).year == 2023


def test_a_title_over_several_lines() -> None:
    assert title_of(document("某县商务局\n2023年政府信息公开工作\n年度报告\n本报告按照条例编制。")) == Title(
        "某县商务局", 2023
    )


def test_a_title_in_a_table() -> None:
    grid = Grid([["某县商务局2023年政府信息公开工作年度报告"] * 2, ["一", "二"]], [[0, 0], [1, 2]])
    assert title_of(document(grid)) == Title("某县商务局", 2023)


def test_the_publisher_completes_a_bare_title() -> None:
    page = document("政府信息公开工作年度报告（2023年）", metadata={"publisher": "某县商务局"})
    assert title_of(page) == Title("某县商务局", 2023)


def test_the_signature_completes_a_bare_title() -> None:
    page = document("2023年政府信息公开工作年度报告\n一、总体情况\n做好工作。\n某县商务局\n2024年1月15日")
    assert title_of(page) == Title("某县商务局", 2023)


def test_nothing_is_made_up() -> None:
    assert title_of(document("今天天气很好。")) == Title(None, None)


@given(text=st.text(alphabet="某县局2023年政府信息公开工作度报告（）>【】-_ ", max_size=40))
def test_any_text_is_a_title_or_none(text: str) -> None:
    found = parse_title(text)
    assert found is None or found.year in (None, *range(2000, 2100))


@pytest.mark.parametrize("format", ["docx", "doc", "pdf"])
def test_the_properties_of_a_file_may_be_those_of_the_last_report(format: str) -> None:
    shown = Text("某市财政局2022年政府信息公开工作年度报告")
    stale = "某县教育局2021年政府信息公开工作年度报告"
    assert title_of(Document("x", format, (shown,), title=stale)) == Title("某市财政局", 2022)
    assert title_of(Document("x", format, (), title=stale)) == Title("某县教育局", 2021)
    year_alone = Text("2022年政府信息公开工作年度报告")
    assert title_of(Document("x", format, (year_alone,), title=stale)) == Title(None, 2022)
    assert title_of(Document("x", "html", (shown,), title=stale)) == Title("某县教育局", 2021)


def test_a_title_cut_over_the_cells_of_a_row_is_joined() -> None:
    row = ["", "某某市", "2023", "年政府信息公开工作年度报告"]
    document = Document("a.md", "text", (Grid([row]),))
    assert title_of(document) == Title("某某市", 2023)
