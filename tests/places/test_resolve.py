"""Names to places: a table of hard names, the units of real reports, and laws over the whole division table."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.places import Place, resolve
from giakit.places.gazetteer import by_code, divisions
from giakit.places.organs import table

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
STATED = SHARED / "figures" / "stated.csv"
KINDS = {
    "government", "general_office", "department", "subdistrict", "township", "vertical_system",
    "functional_area_committee", "party", "court", "procuratorate", "congress", "consultative_conference",
    "public_institution", "central",
}  # fmt: skip
#: Zones that the source names as a county of its own: the table gives the division around them.
ZONES_AS_COUNTY = {
    "净月区", "遂宁经济技术开发区", "泰安旅游经济开发区", "泰安高新区", "滨州北海经济开发区", "深汕特别合作区", "湖滨新区",
    "淮安工业园区", "淮安经济技术开发区", "湾里", "燕郊高新区", "高新区", "滨海新区", "东湖生态旅游风景区", "泉州开发区",
    "古雷港经济开发区", "长兴岛经济技术开发区", "万盛经开区", "两江新区", "重庆高新区", "西咸新区",
}  # fmt: skip


def _names() -> list[dict[str, str]]:
    text = (Path(__file__).parent / "names.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@pytest.mark.parametrize("row", _names(), ids=lambda row: f"{row['name']}-{row['year']}-{row['hint']}")
def test_hard_names(row: dict[str, str]) -> None:
    place = resolve(row["name"], int(row["year"]) if row["year"] else None, row["hint"] or None)
    candidates = [] if place.code else place.candidates
    found = (place.code, place.within, place.tier, place.organ_kind, place.policy_area, candidates)
    wanted = [row[column] or None for column in ("code", "within", "tier", "kind", "policy")]
    assert found == (*wanted, sorted(row["candidates"].split())), place.why


def test_the_table_of_names_is_large_and_reaches_every_province_and_tier() -> None:
    rows = _names()
    assert len(rows) >= 200
    assert len({row["code"][:2] for row in rows if row["code"]}) >= 31
    assert {row["tier"] for row in rows} >= {"province", "prefecture", "county", "township", ""}


def _stated() -> list[dict[str, str]]:
    if not STATED.exists():
        return []
    with STATED.open(encoding="utf-8", newline="") as file:
        rows = {(row["unit"], row["year"]): row for row in csv.DictReader(file)}
    return list(rows.values())


@pytest.mark.skipif(not STATED.exists(), reason="the shared figures are not beside the project")
def test_units_of_real_reports_resolve_and_agree_with_their_source() -> None:
    for row in _stated():
        place = resolve(row["unit"], int(row["year"]))
        assert place.organ_kind in KINDS, row["unit"]
        assert (place.province or "") == row["province"], place
        if "某" in row["unit"] and row["level"] == "department":
            assert place.code is None
            assert "withholds" in place.why
            continue
        assert place.resolved, place
        if place.area and row["county"] in ZONES_AS_COUNTY:
            assert place.code is None
            assert place.within
            assert (place.prefecture or "") == row["prefecture"]
            continue
        assert (place.prefecture or "", place.county or "") == (row["prefecture"], row["county"]), place


def test_the_year_of_an_old_name_and_what_is_said_outside_it() -> None:
    assert resolve("襄樊市", 2009).code == resolve("襄阳市", 2015).code == "420600"
    assert "in force 1981-2009" in resolve("襄樊市", 2015).why
    assert "in force" not in resolve("襄樊市", 2009).why


def test_other_places_never_come_from_similarity() -> None:
    assert resolve("横琴粤澳深度合作区").code is None
    assert resolve("中国证券监督管理委员会").candidates == []


def test_a_hint_decides_only_among_what_the_name_can_mean() -> None:
    assert resolve("朝阳区", hint="110000").code == "110105"
    assert resolve("朝阳区", hint=["上海市", "长春市"]).code == "220104"
    assert resolve("朝阳区", hint=["北京市", "长春市"]).code is None
    assert resolve("南阳市卧龙区", hint="上海市").code == "411303"
    assert "elsewhere" in resolve("南阳市卧龙区", hint="上海市").why
    assert resolve("教育局", hint=resolve("南阳市卧龙区")).code == "411303"


def test_a_text_as_hint() -> None:
    text = "2024年，本局在徐州市委领导下开展工作。" * 30
    assert resolve("鼓楼区教育局", hint=text).code == "320302"
    assert resolve("鼓楼区教育局", hint=text + "赴福州市学习。").code is None


def test_place_is_frozen_hashable_and_shows_itself() -> None:
    place = resolve("鼓楼区教育局")
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.code = "1"  # type: ignore[misc]
    assert isinstance(hash(place), int)
    assert "福建省 福州市 鼓楼区" in str(place)
    assert "<table>" in place._repr_html_()
    assert "&lt;" in resolve("<鼓楼区>教育局")._repr_html_()
    assert isinstance(place, Place)


CURRENT = [row for row in divisions() if row.until is None]
REPORTED = [row for row in divisions() if row.until is None or row.until > 2008]


def _path(row: tuple[str, ...]) -> str:
    _, name, province, prefecture, level = row[:5]
    return province + prefecture * (level == "county") + name * (level != "province")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(REPORTED), st.integers(2008, 2024), st.sampled_from(["教育局", "人民政府", "", "市场监督管理局"])
)
def test_a_full_path_is_its_division_in_every_year_of_it(row, year, organ) -> None:  # type: ignore[no-untyped-def]
    if not row.in_force(year):
        return
    assert resolve(_path(row) + organ, year).code == row.code
    assert row.code in resolve(row.name + organ, year).candidates


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CURRENT), st.sampled_from([" ", "　", "\u200b", "\n"]))
def test_spaces_and_widths_change_nothing(row, space) -> None:  # type: ignore[no-untyped-def]
    plain = resolve(_path(row) + "2024办公室")
    spaced = resolve(space.join(_path(row) + "２０２４办公室"))
    assert (plain.code, plain.tier, plain.organ_kind) == (spaced.code, spaced.tier, spaced.organ_kind)


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet="市县区州省局厅委办公室镇乡街道新高开发人民政府国家税务中和平朝阳南北东西第八师石河子（）() 某12",
        max_size=16,
    )
)
def test_no_text_breaks_it_and_codes_are_codes(text: str) -> None:
    place = resolve(text, 2020, hint="南京市")
    assert place.code is None or place.code in by_code()
    assert place.within is None or place.within in by_code()
    assert place.organ_kind in KINDS | {None}
    assert place.policy_area is None or place.policy_area in table().functions
    assert place.code is None or place.candidates == [place.code]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CURRENT), st.sampled_from(CURRENT))
def test_a_hint_never_moves_a_name_that_is_clear(row, other) -> None:  # type: ignore[no-untyped-def]
    assert resolve(_path(row) + "教育局", hint=_path(other)).code == row.code
