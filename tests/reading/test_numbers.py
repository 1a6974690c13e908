"""What a printed cell says, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.reading.numbers import amount, kind, number


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("12", 12),
        ("１２", 12),
        (" 1 2 ", 12),
        ("1,024", 1024),
        ("1，024", 1024),
        ("12件", 12),
        ("124宗", 124),
        ("12（件）", 12),
        ("22（其中修订 16 件）", 22),
        ("7[1]", 7),
        ("154①", 154),
        ("+70", 70),
        ("减4", -4),
        ("减少4", -4),
        ("－4", -4),
        ("24252.311082", 24252.311082),
        ("0.0", 0),
        ("12\u200b", 12),
    ],
)
def test_numbers(raw: str, value: float) -> None:
    printed = number(raw)
    assert printed is not None
    assert printed.value == value
    assert kind(raw) == "number"


@pytest.mark.parametrize("raw", ["1O", "l2", "约5", "12.3.4", "1,02", "3-5", "1.5E+05", "5%", "1234567890123456"])
def test_what_is_no_number_for_certain(raw: str) -> None:
    assert number(raw) is None
    assert kind(raw) != "blank"


@pytest.mark.parametrize("raw", ["", " ", "\u00a0\u3000", "/", "—", "——", "-", "－", "无", "…", "\\"])
def test_blanks(raw: str) -> None:
    assert kind(raw) == "blank"
    assert number(raw) is None


def test_zero_is_no_blank() -> None:
    assert kind("0") == "number"
    assert kind("〇") != "blank"
    assert kind("零") != "blank"


def test_white_space_within_a_number_is_remembered() -> None:
    assert number("12\n34").broken  # type: ignore[union-attr]
    assert not number(" 1234\n").broken  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("raw", "header", "value"),
    [
        ("12", "", 12),
        ("152790元", "", 15.279),
        ("152790（元）", "", 15.279),
        ("3亿元", "", 30000),
        ("250千元", "", 25),
        ("152790", "采购总金额（元）", 15.279),
        ("12", "采购总金额（单位：万元）", 12),
        ("152", "收费金额（千元）", 15.2),
        ("1.5", "收费金额（亿元）", 15000),
        ("12件", "", None),
    ],
)
def test_amounts_in_ten_thousand_yuan(raw: str, header: str, value: float | None) -> None:
    printed = number(raw)
    assert printed is not None
    assert amount(printed, "万元", header) == (pytest.approx(value) if value is not None else None)


def test_money_is_no_count() -> None:
    printed = number("12万元")
    assert printed is not None
    assert amount(printed, "") is None


@given(value=st.integers(0, 10**9))
def test_every_whole_number_is_read_back_however_it_is_set(value: int) -> None:
    for printed in (
        str(value),
        f"{value:,}",
        f"{value}件",
        str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ):
        assert number(printed).value == value  # type: ignore[union-attr]


@given(text=st.text(max_size=12))
def test_any_text_has_a_kind(text: str) -> None:
    assert (kind(text) == "number") == (number(text) is not None)
