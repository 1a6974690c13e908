"""Quirks on files: encodings and their declarations, sheets, parts of Word files."""

from __future__ import annotations

import random
import re

from typeset.model import Draft
from typeset.registry import NATIONAL, quirk

_HTML = ("html",)
_PLAIN = ("text", "markdown")
_BOOKS = ("xlsx",)


def _declared(data: bytes, charset: str) -> str:
    return data.decode("utf-8").replace('charset="utf-8"', f'charset="{charset}"', 1)


@quirk("GB18030 that calls itself gb2312", stage="bytes", formats=_HTML, kind="encoding")
def gb18030_as_gb2312(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """With a character that gb2312 does not have."""
    return _declared(data, "gb2312").replace("<body>", "<body><p>经办：某镕、某喆</p>", 1).encode("gb18030")


@quirk("GB18030 that calls itself utf-8", stage="bytes", formats=_HTML, kind="encoding")
def gb18030_as_utf8(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """A wrong declaration."""
    return _declared(data, "utf-8").encode("gb18030")


@quirk("UTF-8 that calls itself gb2312", stage="bytes", formats=_HTML, kind="encoding")
def utf8_as_gb2312(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """A wrong declaration."""
    return _declared(data, "gb2312").encode("utf-8")


@quirk("no declared encoding", stage="bytes", formats=_HTML, kind="encoding")
def undeclared(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """UTF-8 or GB18030."""
    bare = re.sub(r'<meta charset="[^"]*">\n?', "", data.decode("utf-8"), count=1)
    return bare.encode(draw.choice(("utf-8", "gb18030")))


@quirk("UTF-16 with a byte order mark", stage="bytes", formats=_HTML + _PLAIN, kind="encoding")
def utf16(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """As Windows calls Unicode."""
    return data.decode("utf-8").encode("utf-16")


@quirk("UTF-8 with a byte order mark", stage="bytes", formats=_HTML + _PLAIN, kind="encoding")
def utf8_bom(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """As Windows writes UTF-8."""
    return b"\xef\xbb\xbf" + data


@quirk("text in GB18030", stage="bytes", formats=_PLAIN, kind="encoding")
def gb18030_text(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """Nothing declares it."""
    return data.decode("utf-8").encode("gb18030")


@quirk("lines end as on Windows", stage="bytes", formats=_HTML + _PLAIN)
def windows_lines(data: bytes, draft: Draft, draw: random.Random) -> bytes:
    """CR LF."""
    if data.startswith(b"\xff\xfe"):
        return data.replace(b"\n\x00", b"\r\x00\n\x00")
    return data.replace(b"\n", b"\r\n")


@quirk("a name that says nothing of the format", formats=("html", "docx", "xlsx", "pdf"))
def wrong_extension(draft: Draft, draw: random.Random) -> None:
    """The bytes tell the format."""
    draft.style["extension"] = draw.choice((".doc", ".dat", ".htm"))


@quirk("every table on a sheet of its own", formats=_BOOKS)
def sheet_a_table(draft: Draft, draw: random.Random) -> None:
    """The sheets have the names of the chapters."""
    draft.style["sheets"] = "one_a_table"


@quirk("a hidden sheet with other numbers", formats=_BOOKS)
def hidden_sheet(draft: Draft, draw: random.Random) -> None:
    """Last year's workbook was reused."""
    draft.style["hidden_sheet"] = draw.random()


@quirk("hidden rows with other numbers", formats=_BOOKS, forms=NATIONAL)
def hidden_rows(draft: Draft, draw: random.Random) -> None:
    """Rows that nobody sees."""
    draft.style["hidden_rows"] = True


@quirk("numbers are stored as text", formats=("xlsx", "xls"))
def numbers_as_text(draft: Draft, draw: random.Random) -> None:
    """With the green corner."""
    draft.style["numbers_as_text"] = True


@quirk("tracked changes: deleted numbers beside inserted ones", formats=("docx",))
def tracked_changes(draft: Draft, draw: random.Random) -> None:
    """What is deleted does not count."""
    draft.style["tracked"] = draw.random()


@quirk("hidden runs with other digits within number cells", formats=("docx",))
def hidden_runs(draft: Draft, draw: random.Random) -> None:
    """Nobody sees them."""
    draft.style["hidden_runs"] = draw.random()


@quirk("the title stands in a text box, page numbers in header and footer", formats=("docx",))
def text_boxes(draft: Draft, draw: random.Random) -> None:
    """Text outside the body's flow."""
    draft.style["text_box"] = True


@quirk("the tables stand within a cell of an outer table", formats=("docx",))
def nested_tables(draft: Draft, draw: random.Random) -> None:
    """Tables in tables."""
    draft.style["nested"] = True


@quirk("a clean scan without rotation or noise", formats=("png",))
def clean_scan(draft: Draft, draw: random.Random) -> None:
    """As a screenshot."""
    draft.style["clean"] = True
