"""The figures that sentences state, and those that they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import prose_document

import giakit as gia
from giakit.documents.model import Document, Grid, Text
from giakit.reading import prose
from giakit.reading.prose import numeral, sections, stated

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"


def told(text: str, year: int | None = 2023) -> dict[str, float]:
    return {
        entry.row if entry.column in ("total", "count", "amount") else f"{entry.row}.{entry.column}": entry.value
        for entry in stated(prose_document(text), year)
    }


SENTENCES: list[tuple[str, dict[str, float]]] = [
    ("2023年，我局共收到政府信息公开申请12件，均已按期答复。", {"new": 12}),
    ("2023年共受理依申请公开申请35件，办结34件，结转下年度继续办理1件。", {"new": 35, "closed": 34, "carried_out": 1}),
    ("全年收到依申请公开政府信息申请八件，已全部办结。", {"new": 8}),
    ("2023年收到政府信息公开申请一百二十三件。", {"new": 123}),
    ("我县共收到政府信息公开申请1.2万件，办结1,198件。", {"new": 12000, "closed": 1198}),
    ("本年度全区共收到70件申请，及时办结69件，1件结转下年度继续办理。", {"new": 70, "closed": 69, "carried_out": 1}),
    ("全县各部门共收到政府信息公开申请25件。", {"new": 25}),
    ("共收到公民、法人和其他组织提出的政府信息公开申请154件。", {"new": 154}),
    (
        "上年结转5件，本年新收政府信息公开申请70件，办结73件，结转下年度继续办理2件。",
        {"carried_in": 5, "new": 70, "closed": 73, "carried_out": 2},
    ),
    ("2022年结转政府信息公开申请3件。", {"carried_in": 3}),
    ("另有4件结转至2024年办理。", {"carried_out": 4}),
    (
        "共受理政府信息公开申请3119件，答复3050件（含上年度结转申请34件，另有103件顺延到下年度答复）。",
        {"new": 3119, "closed": 3050, "carried_in": 34, "carried_out": 103},
    ),
    ("收到申请18件（自然人15件，商业企业3件）。", {"new.natural_person": 15, "new.business": 3}),
    (
        "全年收到政府信息公开申请18件，其中当面申请2件、网络申请10件、信函申请6件。",
        {"new": 18, "received_in_person": 2, "received_online": 10, "received_mail": 6},
    ),
    ("未收到政府信息公开申请。", {"new": 0}),
    ("本年度我镇没有收到公民、法人或其他组织的政府信息公开申请。", {"new": 0}),
    ("收到政府信息公开申请数量为0。", {"new": 0}),
]
OUTCOMES: list[tuple[str, dict[str, float]]] = [
    (
        "办结政府信息公开申请31件，其中予以公开20件，部分公开3件，不予公开2件，无法提供5件，不予处理1件，其他处理0件。",
        {"closed": 31, "granted": 20, "partial": 3, "denied": 2, "unable": 5, "not_processed": 1, "other": 0},
    ),
    ("办结申请31件，予以公开及部分公开20件，不予公开2件。", {"closed": 31, "granted+partial": 20, "denied": 2}),
    ("所有申请中同意公开答复9件，部分公开答复0件，不予公开答复2件。", {"granted": 9, "partial": 0, "denied": 2}),
    ("申请办结31件，不予以公开2件。", {"closed": 31, "denied": 2}),
]
REMEDIES: list[tuple[str, dict[str, float]]] = [
    (
        "2023年，因政府信息公开引发行政复议3件，其中结果维持2件，结果纠正1件；行政诉讼1件，维持1件。",
        {
            "reconsideration": 3,
            "reconsideration.upheld": 2,
            "reconsideration.corrected": 1,
            "suits": 1,
            "suits.upheld": 1,
        },
    ),
    ("本年度未发生因政府信息公开工作引起的行政复议、行政诉讼案件。", {"reconsideration": 0, "suits": 0}),
    ("2023年我局无因政府信息公开被申请行政复议、提起行政诉讼情况。", {"reconsideration": 0, "suits": 0}),
    ("涉及政府信息公开的行政复议和行政诉讼均为0件。", {"reconsideration": 0, "suits": 0}),
    ("因政府信息公开被申请行政复议0件，被提起行政诉讼0件。", {"reconsideration": 0, "suits": 0}),
    ("有1件涉及政府信息公开工作的行政复议。", {"reconsideration": 1}),
    ("政府信息公开案件未经复议直接起诉2件，复议后起诉1件。", {"suit_direct": 2, "suit_after": 1}),
    ("2023年县政府作为被申请人的政府信息公开行政复议案件4件，无被撤销案件。", {"reconsideration": 4}),
]
FEES: list[tuple[str, dict[str, float]]] = [
    ("依申请公开政府信息收取信息处理费1.5万元。", {"processing_fee": 1.5}),
    ("全年收取政府信息公开信息处理费3940元。", {"processing_fee": 0.394}),
    ("本机关2023年度依申请公开未收取信息处理费。", {"processing_fee": 0}),
    ("2023年，无收取信息处理费情况。", {"processing_fee": 0}),
    ("不断规范政府信息公开信息处理费管理。", {}),
    ("行政事业性收费152万元。", {}),
]
NOT_STATED = [
    # other years, several years, parts of a year
    "去年收到政府信息公开申请20件。其中办结18件。",
    "2022年因政府信息公开被申请行政复议3件。",
    "与上一年相比：2022年共收到政府信息公开申请20件，办结18件，其中予以公开3件，结转下年度继续办理2件。",
    "“十三五”以来，共收到政府信息公开申请500件。",
    "2019年至2023年，累计收到政府信息公开申请500件。",
    "2023年第一季度收到政府信息公开申请5件。",
    "截至2023年底，累计主动公开政府信息98000条。",
    # parts of the whole
    "通过网络渠道收到政府信息公开申请5件，通过信函收到政府信息公开申请3件。",
    "收到自然人政府信息公开申请80件。",
    "其中，区教育局收到政府信息公开申请5件。",
    "各镇街共收到政府信息公开申请5件，县直部门收到政府信息公开申请15件。",
    "各乡镇主动公开政府信息122条。",
    "通过政府网站主动公开政府信息122条。",
    "政府信息公开行政复议、行政诉讼案件共5件。",
    # other things
    "全年办理行政许可申请3000件，答复群众留言56件。",
    "收到行政复议申请5件，办结4件。",
    "办理人大建议35件、政协提案40件，答复率100%。",
    "收到12345热线工单3000件，办结2990件。",
    "未发生超期答复政府信息公开申请的情况。",
    "未出现因政府信息公开行政复议被纠错的情况。",
    "作为依申请公开信息数46条，不予公开信息数1402条。",
]


@pytest.mark.parametrize(("text", "figures"), SENTENCES + OUTCOMES + REMEDIES + FEES)
def test_what_is_stated(text: str, figures: dict[str, float]) -> None:
    assert told(text) == figures


@pytest.mark.parametrize("text", NOT_STATED)
def test_what_is_not_stated(text: str) -> None:
    assert told(text) == {}


def test_comparisons_do_not_change_the_year() -> None:
    assert told("2023年收到政府信息公开申请30件，比2022年增加10件，办结29件。") == {"new": 30, "closed": 29}
    assert told("2022年收到申请20件，2023年收到政府信息公开申请30件。") == {"new": 30}


def test_what_follows_a_sentence_on_last_year_is_on_last_year() -> None:
    assert told("2022年收到政府信息公开申请20件。办结申请18件。") == {}
    assert told("2022年收到政府信息公开申请20件。2023年办结申请18件。") == {"closed": 18}


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("收到政府信息公开申请120余件。", True),
        ("收到政府信息公开申请约120件。", True),
        ("收到政府信息公开申请120件。", False),
    ],
)
def test_round_figures_are_marked(text: str, about: bool) -> None:
    (entry,) = stated(prose_document(text), 2023)
    assert (entry.value, entry.about) == (120, about)


def test_the_words_run_on_to_the_parts() -> None:
    (entry,) = stated(
        prose_document("全年主动公开政府信息1213件，其中网站公开1198件，公众号公开15件，均已更新。"), 2023
    )
    assert entry.text == "主动公开政府信息1213件，其中网站公开1198件，公众号公开15件"


def test_tables_state_nothing() -> None:
    grid = Grid([["收到政府信息公开申请", "12件"]])
    assert stated(Document("x", "html", (grid, Text("收到政府信息公开申请5件。"))), 2023)[0].value == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,213", 1213),
        ("三十五", 35),
        ("一百零二", 102),
        ("十", 10),
        ("两千三百", 2300),
        ("1.2万", 12000),
        ("三万", 30000),
        ("零", 0),
        ("件", None),
        ("", None),
    ],
)
def test_numerals(text: str, value: float | None) -> None:
    assert numeral(text) == value


def test_chapters() -> None:
    found = sections(
        prose_document(
            "标题\n一、总体情况\n甲\n二、主动公开政府信息情况\n乙\n三、其它工作\n丙\n六、其他需要报告的事项\n丁"
        )
    )
    assert [(section.section, section.text) for section in found] == [
        ("preamble", "标题"),
        ("overview", "甲"),
        ("proactive", "乙"),
        ("chapter", "丙"),
        ("other", "丁"),
    ]


@given(
    text=st.text(
        alphabet="收到受理政府信息公开申请未其中去年，。；（）一二十0123456789件余约行政复议诉讼结转下", max_size=60
    ),
    year=st.sampled_from([None, 2023]),
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_a_crash(text: str, year: int | None) -> None:
    for entry in stated(prose_document(text), year):
        assert entry.value >= 0
        assert entry.text in text.replace(" ", "")


# What the prose of the real reports states, and we do not read: the sentence does not name the quantity plainly.
UNREAD = {("2014_平潭综合实验区_page.txt", "new"), ("2024_上海市科学技术委员会.md", "suits")}
NAMES = {
    "received": "new",
    "replies": "closed",
    "reply_granted": "granted",
    "reconsideration_total": "reconsideration",
    "suit_total": "suits",
}


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not beside the project")
def test_prose_of_the_real_reports() -> None:
    missed, wrong = set(), set()
    for path in sorted((REPORTS / "truth").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        record = gia.read(REPORTS / truth["file"]).record
        found: dict[str, set[float]] = {}
        for entry in record.stated:
            name = entry.row if entry.column in ("total", "count") else f"{entry.row}.{entry.column}"
            found.setdefault(name, set()).add(entry.value)
        for name, value in truth["narrative"].items():
            own = NAMES.get(name, name.removesuffix(".total"))
            if own.startswith("suit_direct"):
                own = "suits" if "total" in own else f"suits.{own.rsplit('.', 1)[1]}"
            if own not in found:
                missed.add((truth["file"], own))
            elif value not in found[own]:
                wrong.add((truth["file"], own, value, *found[own]))
    assert not wrong
    assert missed == UNREAD


def test_no_pattern_is_kept_from_what_it_would_find() -> None:
    for entry in prose._entries(2023):
        for pattern in entry.patterns:
            if entry.value is None:
                assert {"n"} <= set(pattern.groupindex)
            else:
                assert prose._NIL.search(pattern.pattern), pattern.pattern


def test_another_body_is_named_and_never_the_report_s_own() -> None:
    def bodies(unit: str, sentence: str) -> list[str]:
        text = Text(f"一、总体情况\n2013年{sentence}共收到政府信息公开申请5件。")
        return [entry.body for entry in prose.stated(Document("a", "text", (text,)), 2013, unit)]

    assert bodies("平潭综合实验区", "区行政服务中心") == ["区行政服务中心"]
    assert bodies("卧龙区商务局", "区商务局") == [""]
    assert bodies("卧龙区商务局", "，我局") == [""]
    assert bodies("淮安市人民政府", "全市") == [""]
