"""Bytes to text, whatever the page says of itself."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents.encoding import decode

TEXT = "某县商务局2023年政府信息公开工作年度报告，收到申请3件，㐀龥。"
PLAIN = "某县商务局2023年政府信息公开工作年度报告"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig", "utf-16"])
def test_encodings_tell_themselves(encoding: str) -> None:
    assert decode(TEXT.encode(encoding))[0] == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    page = f"<html><head><title>report</title></head><body>{TEXT}</body></html>"
    assert decode(page.encode(encoding))[0] == page


@pytest.mark.parametrize(
    ("declared", "true"),
    [
        ("gb2312", "gb18030"),
        ("utf-8", "gb18030"),
        ("gb2312", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("iso-8859-1", "gb18030"),
        ("x-user-defined", "gb18030"),
        ("undefined", "gb18030"),
        ("unicode_escape", "gb18030"),
        ("rot13", "utf-8"),
    ],
)
def test_a_wrong_declaration_does_no_harm(declared: str, true: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body>{TEXT}</body></html>'
    assert TEXT in decode(page.encode(true))[0]


def test_big5() -> None:
    text = "某縣2023年政府信息公開工作年度報告，收到申請3件"
    assert decode(f'<meta charset="big5">{text}'.encode("big5hkscs"))[0].endswith(text)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@given(at=st.integers(5, 40), byte=st.sampled_from([0xFF, 0x80]))
def test_one_broken_byte_does_not_cost_the_page(encoding: str, at: int, byte: int) -> None:
    data = (PLAIN * 8).encode(encoding)
    text, _ = decode(data[:at] + bytes([byte]) + data[at:])
    assert PLAIN in text


def test_a_cut_character_at_the_end() -> None:
    for encoding in ("utf-8", "gb18030"):
        text, _ = decode((PLAIN * 3).encode(encoding)[:-1])
        assert text.startswith(PLAIN * 2)


def test_the_mark_wins() -> None:
    assert decode(codecs.BOM_UTF8 + TEXT.encode()) == (TEXT, "utf-8-sig")


@given(data=st.binary(max_size=300))
def test_any_bytes_are_decoded(data: bytes) -> None:
    text, encoding = decode(data)
    assert isinstance(text, str)
    codecs.lookup(encoding)


@given(
    text=st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\ufeff\x00"), max_size=80
    )
)
def test_utf8_is_always_read_as_it_is(text: str) -> None:
    data = text.encode()
    if data.count(0) or data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return
    assert decode(data)[0] == text
