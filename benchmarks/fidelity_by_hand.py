"""What a user would write: pandas.read_html, python-docx or pdfplumber, a label map, and the last numbers of a row."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from giakit.forms import form as form_of

Address = tuple[str, str, str]
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _key(text: str) -> str:
    return re.sub(r"^[（(]?[一二三四五六七八九\d]+[）)、.．]|[\s（(].*$", "", text.strip())


def read_by_hand(data: bytes, format: str, form: str) -> dict[Address, float]:
    """Cells that the usual script finds; every error of it is silent."""
    rows = [row for table in _tables(data, format) for row in table]
    figures: dict[Address, float] = {}
    for code, table in form_of(form).tables.items():
        labels = {_key(table.row(row).label): row for row in table.row_codes(form)}
        for row in rows:
            texts = [text.strip() for text in row if text.strip()]
            numbers = [float(text) for text in texts if _NUMBER.fullmatch(text)]
            if code == "remedies" and len(numbers) == 15 == len(texts):
                addresses: Iterable[tuple[str, str]] = table.cells[form]
            else:
                found = next((labels[_key(text)] for text in reversed(texts) if _key(text) in labels), None)
                addresses = [cell for cell in table.cells[form] if cell[0] == found]
            for (name, column), value in zip(addresses, numbers, strict=False):
                figures[code, name, column] = value
    return figures


def _tables(data: bytes, format: str) -> list[list[Sequence[str]]]:
    return BY_HAND[format](data) if format in BY_HAND else []


def _frames(frames: Iterable[pd.DataFrame]) -> list[list[Sequence[str]]]:
    return [
        [
            ["" if cell == "nan" else cell.removesuffix(".0") for cell in map(str, row)]
            for row in frame.itertuples(index=False)
        ]
        for frame in frames
    ]


def _html(data: bytes) -> list[list[Sequence[str]]]:
    return _frames(pd.read_html(io.BytesIO(data), flavor="lxml"))


def _sheets(data: bytes) -> list[list[Sequence[str]]]:
    return _frames(pd.read_excel(io.BytesIO(data), header=None, sheet_name=None).values())


def _docx(data: bytes) -> list[list[Sequence[str]]]:
    import docx

    return [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(data)).tables
    ]


def _pdf(data: bytes) -> list[list[Sequence[str]]]:
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    with pdfplumber.open(io.BytesIO(data)) as document:
        return [
            [[(text or "").replace("\n", "") for text in row] for row in table]
            for page in document.pages
            for table in page.extract_tables()
        ]


def _text(data: bytes) -> list[list[Sequence[str]]]:
    return [[re.split(r"\t|\|| {2,}", line) for line in data.decode("utf-8").splitlines()]]


BY_HAND: dict[str, Callable[[bytes], list[list[Sequence[str]]]]] = {
    "html": _html,
    "docx": _docx,
    "pdf": _pdf,
    "xlsx": _sheets,
    "text": _text,
    "markdown": _text,
}
"""Formats for which a user would have a script."""
