"""The codebook tells every code once."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from giakit.errors import UnknownChoice
from giakit.forms import form, forms, tables
from giakit.forms.codebook import codebook, codebook_markdown, codebook_text


def test_every_code_stands_once() -> None:
    book = codebook()
    for code, table in tables().items():
        here = book[book["table"] == code]
        assert here["row"].dropna().tolist() == [row.code for row in table.rows]
        assert here["column"].dropna().tolist() == [column.code for column in table.columns]
    assert book[["table", "label", "gloss", "forms", "traditional"]].notna().all().all()


def test_every_cell_of_every_form_stands_once() -> None:
    book = codebook(by="cell").set_index(["table", "row", "column"])
    assert book.index.is_unique
    for id, each in forms().items():
        printed = set(each.cells())
        listed = set(book.index[book["forms"].str.split(", ").map(lambda ids, id=id: id in ids)])
        assert listed == printed


@pytest.mark.parametrize(
    ("row", "since", "until"),
    [("denied_process", 2019, None), ("other_rest", 2021, None), ("other", 2019, 2020), ("staff", 2008, 2018)],
)
def test_years(row: str, since: int, until: int | None) -> None:
    entry = codebook().set_index("row").loc[row]
    assert entry["since"] == since
    assert pd.isna(entry["until"]) if until is None else entry["until"] == until


def test_law_units_and_aliases() -> None:
    book = codebook().query("table in ('requests', 'proactive')").set_index("row")
    assert book.loc["denied_third_party", ["article", "kind"]].tolist() == ["15", "mandatory_with_override"]
    assert "规范性文件" in book.loc["normative_documents", "aliases"].split("|")
    cells = codebook(by="cell").set_index(["table", "row", "column"])
    assert cells.loc[("proactive", "fees", "amount"), "unit"] == "万元"


def test_dtypes_are_of_the_contract() -> None:
    types = codebook().dtypes.astype(str)
    assert set(types.drop(["since", "until"])) == {"str"}
    assert types[["since", "until"]].tolist() == ["Int64", "Int64"]


def test_csv_and_markdown_hold_every_row() -> None:
    listed = list(csv.DictReader(io.StringIO(codebook_text("csv"))))
    assert len(listed) == len(codebook())
    text = codebook_markdown()
    assert text == codebook_text("md")
    assert text.count("\n# ") + text.startswith("# ") == 1
    for row in form("2021").tables["requests"].rows:
        assert f"| `{row.code}` |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("| `") and "`2" not in line[:5]}
    assert len(widths - {5}) == 1


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(UnknownChoice, match="md, csv"):
        codebook_text("html")
    with pytest.raises(UnknownChoice, match="code, cell"):
        codebook(by="row")  # type: ignore[arg-type]
