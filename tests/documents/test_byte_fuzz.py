"""Bytes changed at random in each format: only `GiakitError` leaves, and no zip gives another figure than it held."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import islice

import pytest

import giakit as gia
from giakit.errors import GiakitError
from typeset import random_figures, typeset
from typeset.hostile import excel_xml, ods

_ZIPPED = ("docx", "xlsx", "ods")
_FORMATS = (*_ZIPPED, "xls", "excel-xml", "word-xml", "html", "mht", "text", "markdown", "pdf")
_FAULT = "giakit failed on it"


@cache
def sample(format: str) -> bytes:
    """A report in that format."""
    if format == "word-xml":
        with zipfile.ZipFile(io.BytesIO(sample("docx"))) as archive:
            body = archive.read("word/document.xml").decode()
        body = body.partition("?>")[2] or body
        space = "http://schemas.microsoft.com/office/2006/xmlPackage"
        return f'<?xml version="1.0"?><pkg:package xmlns:pkg="{space}"><pkg:part pkg:name="/word/document.xml"><pkg:xmlData>{body}</pkg:xmlData></pkg:part></pkg:package>'.encode()
    if format in ("ods", "excel-xml"):
        return _sheet(format)
    return typeset(random_figures(3), unit="某县商务局", year=2023, seed=1, format=format).data


def _sheet(format: str) -> bytes:
    """The grids of the report as a sheet."""
    from giakit.documents.model import Grid
    from giakit.documents.open import open_document

    blocks = open_document(sample("docx"), name="a.docx").blocks
    lines = [list(row) for block in blocks for row in (block.rows if isinstance(block, Grid) else [[block.text]])]
    if format == "ods":
        cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>".format
        row = "<table:table-row>{}</table:table-row>".format
        return ods("".join(row("".join(map(cell, line))) for line in lines))
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'.format
    return excel_xml("".join(f"<Row>{''.join(map(cell, line))}</Row>" for line in lines))


def changed(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one kind of damage: other bytes, bytes lost, doubled or cut off, or a number made absurd."""
    at = chance.randrange(len(data))
    length = chance.choice((1, 1, 2, 4, 8, 64, 1000))
    match chance.randrange(6):
        case 0:
            return data[:at] + chance.randbytes(length) + data[at + length :]
        case 1:
            return data[:at] + data[at + length :]
        case 2:
            return data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]
        case 3:
            return data[:at]
        case 4:
            return (
                data[:at]
                + chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"999999999", b"-1", b"<", b">"))
                + data[at + 4 :]
            )
        case _:
            flipped = bytearray(data)
            for _ in range(chance.choice((1, 5, 40))):
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            return bytes(flipped)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """A zip in whose largest part or another one something is changed, with checksums that fit."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        chosen = (
            max(names, key=lambda name: source.getinfo(name).file_size)
            if chance.random() < 0.6
            else chance.choice(names)
        )
        for name in names:
            part = source.read(name)
            target.writestr(name, changed(part, chance) if name == chosen and part else part)
    return out.getvalue()


def mutants(format: str, chance: random.Random) -> Iterator[tuple[bytes, bool]]:
    """Damaged documents without end, and whether their figures can only be lost."""
    data = sample(format)
    while True:
        if format in _ZIPPED and chance.random() < 0.6:
            yield repacked(data, chance), False
        else:
            yield changed(data, chance), format in _ZIPPED


def check(format: str, data: bytes, *, only_lost: bool) -> None:
    """Read a damaged document."""
    try:
        report = gia.read(data, name=f"fuzz.{format}")
    except GiakitError as error:
        report, reason = None, str(error)
    else:
        reason = ""
    assert _FAULT not in reason
    if only_lost and report is not None:
        truth = gia.read(sample(format), name=f"truth.{format}").cells.set_index(["table", "row", "column"])["value"]
        read = report.cells.set_index(["table", "row", "column"])["value"].reindex(truth.index)
        assert ((read == truth) | read.isna()).all()


@pytest.mark.parametrize("format", _FORMATS)
def test_every_sample_is_read(format: str) -> None:
    assert gia.read(sample(format), name=f"a.{format}").cells["value"].notna().sum() > 100


@pytest.mark.parametrize("format", _FORMATS)
def test_a_few_of_each_format(format: str) -> None:
    source = mutants(format, random.Random(f"short {format}"))
    for _ in range(3 if format == "pdf" else 12):
        data, only_lost = next(source)
        check(format, data, only_lost=only_lost)


@pytest.mark.parametrize(("format", "number"), [("html", 218), ("text", 185)])
def test_rows_that_damage_doubles(format: str, number: int) -> None:
    # A label cut off before its row, again and again: the rows hold figures in other columns.
    data, only_lost = next(islice(mutants(format, random.Random(f"office 41000 {format}")), number - 1, None))
    check(format, data, only_lost=only_lost)


@pytest.mark.slow
@pytest.mark.parametrize("format", _FORMATS)
def test_a_minute_over_all_formats(format: str) -> None:
    source = mutants(format, random.Random(f"long {format}"))
    end = time.monotonic() + 60 / len(_FORMATS)
    while time.monotonic() < end:
        data, only_lost = next(source)
        check(format, data, only_lost=only_lost)
