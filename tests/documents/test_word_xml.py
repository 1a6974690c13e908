"""Word 2003 XML and flat packages."""

from __future__ import annotations

import pytest

from giakit.documents.model import Grid, Text
from giakit.documents.word import is_word_xml, read_word_xml
from giakit.errors import UnreadableDocument


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


TABLE = (
    "<w:tbl><w:tr>" + cell("a", '<w:vmerge w:val="restart"/>') + cell("b", '<w:gridSpan w:val="2"/>') + "</w:tr>"
    "<w:tr>" + cell("", "<w:vmerge/>") + cell("1") + cell("2") + "</w:tr></w:tbl>"
)
EXPECTED = [["a", "b", "b"], ["a", "1", "2"]]


def test_word_2003_xml() -> None:
    deletion = (
        '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:t>7</w:t></w:r></aml:content>'
        '</aml:annotation><aml:annotation w:type="Word.Insertion"><aml:content><w:r><w:t>8</w:t></w:r>'
        "</aml:content></aml:annotation>"
    )
    data = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
        'xmlns:aml="http://schemas.microsoft.com/aml/2001/core" '
        'xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" '
        'xmlns:o="urn:schemas-microsoft-com:office:office">'
        "<o:DocumentProperties><o:Title>t</o:Title></o:DocumentProperties>"
        f"<w:body><wx:sect><w:p>{deletion}</w:p>{TABLE}</wx:sect></w:body></w:wordDocument>"
    ).encode()
    assert is_word_xml(data)
    document = read_word_xml(data, name="a.doc")
    text, grid = document.blocks
    assert isinstance(text, Text)
    assert isinstance(grid, Grid)
    assert text.text == "8"
    assert grid.rows == EXPECTED
    assert document.title == "t"
    assert document.notes == ("tracked deletions passed over: 1",)


def test_flat_package() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = TABLE.replace("vmerge", "vMerge")
    main = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    data = (
        '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>{main}</pkg:xmlData></pkg:part>'
        '<pkg:part pkg:name="/word/media/a.png"><pkg:binaryData>AAAA</pkg:binaryData></pkg:part>'
        "</pkg:package>"
    ).encode()
    assert is_word_xml(data)
    grid = read_word_xml(data, name="a.xml").blocks[0]
    assert isinstance(grid, Grid)
    assert grid.rows == EXPECTED


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<w:wordDocument", b"<!DOCTYPE a><a/>"])
def test_other_files_are_refused(data: bytes) -> None:
    assert not is_word_xml(data)
    with pytest.raises(UnreadableDocument):
        read_word_xml(data, name="a.xml")
