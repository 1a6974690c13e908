"""Agencies through renamings and mergers."""

from __future__ import annotations

import pytest

from giakit.errors import UnknownChoice
from giakit.places import agency, agency_id, mergers, policy_areas, resolve


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("南阳市国土资源局", "南阳市自然资源和规划局"),
        ("泰州市国家税务局", "国家税务总局泰州市税务局"),
        ("泰州市地方税务局", "国家税务总局泰州市税务局"),
        ("泰州市工商行政管理局", "泰州市市场监督管理局"),
        ("泰州市质量技术监督局", "泰州市市场监督管理局"),
        ("泰州市食品药品监督管理局", "泰州市市场监督管理局"),
        ("南阳市环境保护局", "南阳市生态环境局"),
        ("南阳市安全生产监督管理局", "南阳市应急管理局"),
        ("南阳市卫生局", "南阳市卫生和计划生育委员会"),
        ("南阳市卫生和计划生育委员会", "南阳市卫生健康委员会"),
        ("南阳市文化广电新闻出版局", "南阳市文化广电和旅游局"),
        ("南阳市旅游局", "南阳市文化广电和旅游局"),
        ("南阳市农业局", "南阳市农业农村局"),
        ("南阳市乡村振兴局", "南阳市农业农村局"),
        ("南阳市人民防空办公室", "南阳市国防动员办公室"),
        ("贵阳市大数据发展管理局", "贵阳市数据局"),
        ("深圳市地方金融监督管理局", "深圳市地方金融管理局"),
        ("上海市科学技术委员会", "上海市科委"),
        ("上海市经济和信息化委员会", "上海市经信委"),
        ("郫县教育局", "成都市郫都区教育局"),
        ("襄樊市财政局", "襄阳市财政局"),
        ("上海市宝山区友谊路街道", "上海市宝山区友谊路街道办事处"),
        ("中国银保监会泰州监管分局", "国家金融监督管理总局泰州监管分局"),
        ("广州市公安局荔湾区分局", "广州市荔湾区公安局"),
    ],
)
def test_one_identity_before_and_after(old: str, new: str) -> None:
    assert agency_id(old) == agency_id(new) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("南阳市教育局", "南阳市卧龙区教育局"),
        ("南阳市人民政府", "南阳市人民政府办公室"),
        ("莱芜市教育局", "济南市教育局"),
        ("北京市城市管理委员会", "北京市城市管理综合行政执法局监察总队"),
        ("国家税务总局泰州市税务局", "国家税务总局泰州市税务局第二税务分局"),
        ("苏州工业园区教育局", "苏州市教育局"),
        ("江苏省市场监督管理局", "江苏省药品监督管理局"),
    ],
)
def test_different_agencies_stay_apart(one: str, other: str) -> None:
    assert agency_id(one) != agency_id(other)


def test_a_merger_is_on_record() -> None:
    old, new = agency("泰州市国家税务局", 2015), agency("国家税务总局泰州市税务局", 2020)
    assert old is not None
    assert new is not None
    assert (old.merged, old.break_year, old.before) == (True, 2018, "national_tax")
    assert (new.merged, new.break_year, new.before) == (True, 2018, None)
    assert old.key != new.key
    assert old.reform is not None
    assert old.reform.date == "2018-06-15"


def test_predecessors_of_one_year_have_keys_of_their_own() -> None:
    names = ["泰州市工商行政管理局", "泰州市质量技术监督局", "泰州市食品药品监督管理局"]
    assert len({found.key for name in names if (found := agency(name, 2014))}) == 3


def test_a_plain_renaming_is_no_break() -> None:
    found = agency("南阳市环境保护局", 2012)
    assert found is not None
    assert (found.merged, found.break_year) == (False, None)
    assert found.key == found.id


def test_an_undecided_place_has_no_identity() -> None:
    assert agency_id("鼓楼区教育局") is None
    assert agency_id("鼓楼区教育局", hint="南京市") == "320106:education"
    assert agency_id(resolve("南阳市教育局")) == "411300:education"


def test_the_table_names_its_sources() -> None:
    table = mergers()
    assert table["source"].str.len().min() > 20
    assert table["date"].str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()
    assert set(table["function"]) <= set(policy_areas()["policy_area"])
    assert policy_areas()["english"].str.len().min() > 0
    with pytest.raises(UnknownChoice):
        mergers("alchemy")
