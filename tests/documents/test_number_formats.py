"""Number formats against LibreOffice's rendering, what it does not know of Chinese Excel, and what is left undecided."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from giakit.documents.number_formats import built_in_format, shown, shown_text

# Rendered by LibreOffice 7: the text of each cell of an .ods that it saved from an .xlsx.
_RENDERED = list(
    csv.DictReader((Path(__file__).parent / "number_formats.csv").read_text(encoding="utf-8").splitlines())
)
# Powers and fractions, minus signs in conditional formats, literals in place of a negative number or of a text.
_UNDECIDED = {"0.00E+00", "##0.0E+0", "# ?/?", "# ??/??", "?/?", "# ?/4", "0%%", '@"件"', '"5"', '"无"', "-", r"\-"}


@pytest.mark.parametrize("code", sorted({row["format"] for row in _RENDERED}))
def test_as_libreoffice_renders(code: str) -> None:
    for row in _RENDERED:
        if row["format"] == code:
            text = shown(float(row["value"]), code)
            may_be_open = code in _UNDECIDED or ("[" in code and float(row["value"]) < 0)
            assert text is None if may_be_open and text is None else " ".join(str(text).split()) == row["shown"]


def test_most_of_the_table_is_rendered() -> None:
    rendered = [row for row in _RENDERED if shown(float(row["value"]), row["format"]) is not None]
    assert len({row["format"] for row in rendered}) >= 64
    assert len(rendered) >= 0.85 * len(_RENDERED)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        # The usual ways to print yuan in 万元.
        (152790, "0!.0000", "15.2790"),
        (152790, r"0\.0000", "15.2790"),
        (152790, '0"."0000', "15.2790"),
        (152790, "0!.0,", "15.3"),
        (152790, '0!.0,"万元"', "15.3万元"),
        (152790, "#!.0000", "15.2790"),
        (790, "#!.0000", ".0790"),
        (152790, "0.0,", "152.8"),
        (152790, "#,##0.00,", "152.79"),
        (7, '0"5"', "75"),
        (9, '[=9]"5";0', "5"),
        (8, '[=9]"5";0', "8"),
        (12, "[DBNum1]0", "12"),
        (12, "[DBNum2][$-804]General", "12"),
        (0, "#,###", ""),
        (0, "[=0]0;0;0", "0"),
        (1e-7, "0.00", "0.00"),
        (0.125, "0.00", "0.13"),
        (2.675, "0.00", "2.68"),
        (999.995, "#,##0.00", "1,000.00"),
        (5, "[White]0", None),
        (5, "[颜色2]0", None),
        (5, "0;0;0;0;0", None),
        (5, "0xyz", None),
        (5, "0.0E+0", None),
        (-5, "[<10]0;0", None),
        (5, "[>10]0", None),
        (1e20, "0", None),
        (float("nan"), "0", None),
        (45293, "yyyy年m月d日", "2024-01-02"),
        (0.5, "上午/下午h:mm", "12:00:00"),
    ],
)
def test_what_a_sheet_shows(value: float, code: str, text: str | None) -> None:
    assert shown(value, code) == text


def test_texts_have_a_section_of_their_own() -> None:
    assert shown_text("7", '0;0;0;"x"') == "x"
    assert shown_text("7", '0;0;0;@"件"') == "7件"
    assert shown_text("7", "0;;") == "7"


def test_accounting_shows_zero_as_a_dash() -> None:
    assert shown(0, built_in_format(41)) == "-"
    assert shown(1234, built_in_format(43)) == "1,234.00"
