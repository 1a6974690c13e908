"""Labels and the codes that they name."""

from __future__ import annotations

import pytest

from giakit.forms import tables
from giakit.reading.vocabulary import vocabulary


@pytest.mark.parametrize("table", sorted(tables()))
def test_every_label_names_its_row(table: str) -> None:
    words = vocabulary(table)
    for row in words.table.rows:
        for label in (row.label, *row.aliases):
            assert row.code in words.row_codes(label), label


@pytest.mark.parametrize("table", sorted(tables()))
def test_every_label_names_its_column(table: str) -> None:
    words = vocabulary(table)
    for column in words.table.columns:
        for label in (column.label, *column.aliases):
            assert words.column_code(label) == column.code, label


@pytest.mark.parametrize("table", ["requests", "proactive", "remedies"])
def test_a_label_names_one_row_alone_but_for_the_rest(table: str) -> None:
    words = vocabulary(table)
    shared = {spelled: codes for spelled, codes in words.rows.items() if len(codes) > 1}
    assert all(set(codes) <= {"other", "other_rest"} for codes in shared.values()), shared


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("二、上年结转政府信息公开申请数量", "carried_in"),
        ("四、结转下年度继续办理", "carried_out"),
        ("（二）部分公开", "partial"),
        ("3．危及三安全一稳定", "denied_security"),
        ("1.属於國家秘密", "denied_state_secret"),
        ("信 访 举 报 投 诉 类 申 请", "not_processed_petition"),
        ("①重复申请", "not_processed_repeat"),
        ("（四）无法提供1.本机关不掌握相关政府信息", "unable_not_held"),
    ],
)
def test_printed_labels_of_requests(label: str, code: str) -> None:
    assert vocabulary("requests").row_codes(label) == (code,)


@pytest.mark.parametrize("label", ["结转", "上年结转和结转下年度", "公开", "县教育局", "2023年"])
def test_labels_that_name_no_row(label: str) -> None:
    assert vocabulary("requests").row_codes(label) == ()
