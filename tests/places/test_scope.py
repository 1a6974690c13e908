"""Scope from wording and issuer."""

from __future__ import annotations

import pytest

from giakit.places import resolve, scope


@pytest.mark.parametrize(
    ("unit", "text", "wanted"),
    [
        ("淮安市人民政府", "2024年全市共受理政府信息公开申请3119件。", "whole"),
        ("濂溪区人民政府办公室", "2020年，全区未收到政府信息公开申请。", "whole"),
        ("平潭县人民政府", "全县各级行政机关收到申请12件。", "whole"),
        ("南阳市公安局", "全市公安机关共收到政府信息公开申请50件。", "whole"),
        ("某市人民政府", "本报告由市政府办公室汇总各县区和市直部门数据编制。", "whole"),
        ("某市人民政府", "报告所列数据包括各县（市、区）人民政府、市政府各部门。", "whole"),
        ("某市人民政府", "本报告汇总市政府各部门的情况编制。", "own_level"),
        ("某市人民政府", "2023年，市本级共收到政府信息公开申请80件。", "own_level"),
        ("某市人民政府", "全市共收到申请300件，其中市本级收到申请80件。", "whole"),
        ("上海市宝山区人民政府(区政府本级)", "", "organ"),
        ("卧龙区商务局", "我局将信息公开置于工作核心位置。", "organ"),
        ("卧龙区人民政府", "本机关共收到政府信息公开申请5件。", "organ"),
        ("徐泾镇", "", "organ"),
        ("卧龙区人民政府", "提升全区政务公开水平。", None),
        ("卧龙区人民政府", "1.本机关不掌握相关政府信息 5", None),
        ("上海市人民政府办公厅", "实现全市依申请统一受理入口和统一办理功能，进一步提高水平。", None),
        (None, "", None),
    ],
)
def test_scope(unit: str | None, text: str, wanted: str | None) -> None:
    found = scope(unit, text)
    assert found.scope == wanted, found
    assert found.evidence


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("统计数据不含垂直管理部门。", "out"),
        ("数据不包括中央驻市的垂直管理单位。", "out"),
        ("统计范围包括各部门及垂直管理部门。", "in"),
        ("数据含垂管单位。", "in"),
        ("加强对部门的管理。", None),
        ("数据含垂管单位。另表不含垂直管理部门。", None),
    ],
)
def test_bodies_run_from_above(text: str, wanted: str | None) -> None:
    assert scope("某市人民政府", text).vertical == wanted


def test_line_breaks_inside_the_wording() -> None:
    assert scope("淮安市人民政府", "全市共\n受理政府信息\n公开申请 3119 件").scope == "whole"


def test_a_resolved_issuer_is_taken_as_it_is() -> None:
    place = resolve("南阳市教育局")
    assert scope(None, "", place).scope == "organ"
