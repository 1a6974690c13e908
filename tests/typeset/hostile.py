"""Small documents that want to cost much: each is at most a megabyte, `HOSTILE` gives its maker by its name."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import xlwt

_TITLE = "卧龙区商务局2023年政府信息公开工作年度报告"
_H1 = f"<h1>{_TITLE}</h1>"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006/relationships"

HOSTILE: dict[str, Callable[[], bytes]] = {}


def hostile(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Enter a maker under its name."""
    HOSTILE[make.__name__] = make
    return make


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A zip of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, content in parts.items():
            # As OpenDocument asks for, so that the format is told from the first bytes.
            archive.writestr(path, content, zipfile.ZIP_STORED if path == "mimetype" else None)
    return out.getvalue()


def docx(body: str, parts: dict[str, bytes | str] | None = None, head: str = "") -> bytes:
    """A .docx with that body."""
    return zipped(
        {"word/document.xml": f'{head}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>', **(parts or {})}
    )


def xlsx(sheet: str, parts: dict[str, bytes | str] | None = None) -> bytes:
    """An .xlsx with that inside of its one worksheet."""
    link = f'<Relationship Id="s" Type="{_R}/worksheet" Target="worksheets/sheet1.xml"/>'
    shared = f'<Relationship Id="t" Type="{_R}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="y" Type="{_R}/styles" Target="styles.xml"/>'
    return zipped(
        {
            "xl/workbook.xml": f'<workbook xmlns="{_X}" xmlns:r="{_R}"><sheets><sheet name="s" sheetId="1" r:id="s"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_P}">{link}{shared}</Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_X}">{sheet}</worksheet>',
            **(parts or {}),
        }
    )


def _rows(cells: str, count: int) -> str:
    return "<sheetData>" + f"<row>{cells}</row>" * count + "</sheetData>"


def ods(rows: str) -> bytes:
    """An .ods with those rows."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='s'>{rows}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        }
    )


def excel_xml(table: str) -> bytes:
    """An Excel 2003 XML workbook with that table."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="s"><Table>{table}</Table></Worksheet></Workbook>'.encode()


def _p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _lying(data: bytes, path: bytes, size: int) -> bytes:
    """The zip with another unpacked size of that part in its directory."""
    changed = bytearray(data)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", changed, at + 28)[0]
        if bytes(changed[at + 46 : at + 46 + length]) == path:
            struct.pack_into("<I", changed, at + 24, size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


@hostile
def docx_of_empty_paragraphs() -> bytes:
    return docx("<w:p/>" * 7_000_000)


@hostile
def docx_of_paragraphs() -> bytes:
    return docx(_p("一") * 500_000)


@hostile
def docx_lying_small() -> bytes:
    return _lying(docx("<w:p/>" * 15_000_000), b"word/document.xml", 1000)


@hostile
def docx_lying_large() -> bytes:
    return _lying(docx(_p("一")), b"word/document.xml", 0xFFFFFFF0)


@hostile
def docx_entities() -> bytes:
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return docx(_p("&e9;"), head=f'<!DOCTYPE x [<!ENTITY e0 "一一一一">{layers}]>')


@hostile
def docx_external_entity() -> bytes:
    return docx(_p("&e;"), head='<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>')


@hostile
def docx_late_doctype() -> bytes:
    return docx(_p("&e;"), head=f'<!--{" " * 5000}--><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


@hostile
def docx_deep() -> bytes:
    return docx("<w:tbl><w:tr><w:tc>" * 200_000)


@hostile
def docx_deep_but_whole() -> bytes:
    return docx("<w:sdt><w:sdtContent>" * 120 + _p("一") + "</w:sdtContent></w:sdt>" * 120)


@hostile
def docx_wide_spans() -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc>'
    return docx(f"<w:tbl>{f'<w:tr>{cell * 5}</w:tr>' * 20_000}</w:tbl>")


@hostile
def docx_many_cells() -> bytes:
    return docx("<w:tbl>" + ("<w:tr>" + "<w:tc/>" * 60 + "</w:tr>") * 30_000 + "</w:tbl>")


@hostile
def docx_nested_text_boxes() -> bytes:
    return docx("<w:p><w:r><w:pict><w:txbxContent>" * 60 + _p("一") + "</w:txbxContent></w:pict></w:r></w:p>" * 60)


@hostile
def docx_styles_in_a_circle() -> bytes:
    styles = "".join(f'<w:style w:styleId="s{n}"><w:basedOn w:val="s{(n + 1) % 4000}"/></w:style>' for n in range(4000))
    parts: dict[str, bytes | str] = {
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_P}"><Relationship Id="s" Type="{_R}/styles" Target="styles.xml"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{_W}">{styles}</w:styles>',
    }
    return docx(_p("一"), parts)


@hostile
def docx_in_docx() -> bytes:
    inner = docx(_p("一") * 30_000)
    for _ in range(8):
        link = f'<Relationship Id="a" Type="{_R}/aFChunk" Target="a.docx"/>'
        inner = docx(
            f'<w:altChunk xmlns:r="{_R}" r:id="a"/>' * 6,
            {
                "word/_rels/document.xml.rels": f'<Relationships xmlns="{_P}">{link}</Relationships>',
                "word/a.docx": inner,
            },
        )
    return inner


@hostile
def docx_of_the_same_page_often() -> bytes:
    page = f"{_H1}<table>{'<tr><td>一</td><td>2</td></tr>' * 20_000}</table>"
    link = f'<Relationship Id="a" Type="{_R}/aFChunk" Target="a.html"/>'
    return docx(
        f'<w:altChunk xmlns:r="{_R}" r:id="a"/>' * 500,
        {"word/_rels/document.xml.rels": f'<Relationships xmlns="{_P}">{link}</Relationships>', "word/a.html": page},
    )


@hostile
def docx_attributes() -> bytes:
    return docx("<w:p " + " ".join(f'a{n}="1"' for n in range(200_000)) + "/>")


@hostile
def docx_alternatives() -> bytes:
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    opening = f"<mc:AlternateContent {space}><mc:Choice Requires=''>"
    return docx(
        f"<w:p><w:r>{opening * 100}<w:t>1</w:t>{'</mc:Choice><mc:Fallback><w:t>1</w:t></mc:Fallback></mc:AlternateContent>' * 100}</w:r></w:p>"
        * 50
    )


@hostile
def docx_long_runs_of_one_paragraph() -> bytes:
    run = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>'
    return docx(f"<w:p>{run * 150_000}</w:p>")


@hostile
def xlsx_of_empty_rows() -> bytes:
    return xlsx(f"<sheetData>{'<row/>' * 1_900_000}</sheetData>")


@hostile
def xlsx_of_cells() -> bytes:
    return xlsx(_rows("<c><v>1</v></c>" * 100, 40_000))


@hostile
def xlsx_of_half_a_million_cells() -> bytes:
    return xlsx(_rows("<c><v>1</v></c>" * 80, 5_000))


@hostile
def xlsx_of_numbers_that_do_not_repeat() -> bytes:
    chance = random.Random(1)
    rows = "".join(
        "<row>" + "".join(f"<c><v>{chance.randrange(100_000)}</v></c>" for _ in range(100)) + "</row>"
        for _ in range(3_000)
    )
    return xlsx(f"<sheetData>{rows}</sheetData>")


@hostile
def docx_of_figures_that_do_not_repeat() -> bytes:
    chance = random.Random(1)
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc>{_p(str(chance.randrange(100_000)))}</w:tc>" for _ in range(30)) + "</w:tr>"
        for _ in range(6_000)
    )
    return docx(f"<w:tbl>{rows}</w:tbl>")


@hostile
def xlsx_column_ranges() -> bytes:
    return xlsx("<cols>" + "<col min='1' max='16384' hidden='1'/>" * 250_000 + "</cols><sheetData/>")


@hostile
def xlsx_custom_widths() -> bytes:
    return xlsx("<cols>" + "<col min='1' max='16384' width='9' customWidth='1'/>" * 150_000 + "</cols><sheetData/>")


@hostile
def xlsx_merges() -> bytes:
    rows = "".join(f"<row><c r='A{n}'><v>1</v></c></row>" for n in range(1, 2000))
    merges = "".join(f"<mergeCell ref='B{n}:XFD1048576'/>" for n in range(1, 60_000))
    return xlsx(f"<sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells>")


@hostile
def xlsx_corner_to_corner() -> bytes:
    return xlsx(
        "<sheetData><row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
    )


@hostile
def xlsx_wide_rows() -> bytes:
    return xlsx(
        "<sheetData>"
        + "".join(f"<row><c r='A{n}'><v>1</v></c><c r='XFD{n}'><v>1</v></c></row>" for n in range(1, 30_000))
        + "</sheetData>"
    )


@hostile
def xlsx_one_long_text_often() -> bytes:
    cells = ("<row>" + "<c t='s'><v>0</v></c>" * 50 + "</row>") * 2_000
    return xlsx(
        f"<sheetData>{cells}</sheetData>",
        {"xl/sharedStrings.xml": f'<sst xmlns="{_X}"><si><t>' + "政府信息公开 " * 30_000 + "</t></si></sst>"},
    )


@hostile
def xlsx_conditional_formats() -> bytes:
    rules = "<conditionalFormatting sqref='A1:XFD1048576'><cfRule type='expression' dxfId='0'><formula>1</formula></cfRule></conditionalFormatting>"
    styles = f'<styleSheet xmlns="{_X}"><dxfs><dxf><font><color rgb="FFFFFFFF"/></font></dxf></dxfs></styleSheet>'
    rows = f"<row>{'<c><v>1</v></c>' * 20}</row>" * 5_000
    return xlsx(f"<sheetData>{rows}</sheetData>{rules * 50_000}", {"xl/styles.xml": styles})


@hostile
def xlsx_number_formats() -> bytes:
    numbers = range(200, 2200)
    formats = "".join(f'<numFmt numFmtId="{n}" formatCode="{n:0>200}"/>' for n in numbers)
    uses = "".join(f'<xf numFmtId="{n}"/>' for n in numbers)
    styles = f'<styleSheet xmlns="{_X}"><numFmts>{formats}</numFmts><cellXfs>{uses}</cellXfs></styleSheet>'
    cells = "".join(f"<row><c s='{n}'><v>{n}.5</v></c></row>" for n in range(2000))
    return xlsx(f"<sheetData>{cells}</sheetData>", {"xl/styles.xml": styles})


@hostile
def xlsx_one_long_format() -> bytes:
    code = "0,." * 200_000
    styles = f'<styleSheet xmlns="{_X}"><numFmts><numFmt numFmtId="200" formatCode="{code}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'
    return xlsx("<sheetData>" + "<row><c><v>1.5</v></c></row>" * 3 + "</sheetData>", {"xl/styles.xml": styles})


@hostile
def xlsx_absurd_numbers() -> bytes:
    numbers = ("1e308", "-1e308", "1e999", "nan", "9" * 5000, "1" + "0" * 300, "0x10", "1_000", "１２")
    return xlsx(f"<sheetData>{''.join(f'<row><c><v>{number}</v></c></row>' for number in numbers)}</sheetData>")


@hostile
def xlsx_of_many_sheets() -> bytes:
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="s"/>' for n in range(1, 5000))
    return xlsx(
        f"<sheetData>{'<row><c><v>1</v></c></row>' * 1000}</sheetData>",
        {"xl/workbook.xml": f'<workbook xmlns="{_X}" xmlns:r="{_R}"><sheets>{sheets}</sheets></workbook>'},
    )


@hostile
def ods_rows_repeated() -> bytes:
    return ods(
        "<table:table-row table:number-rows-repeated='1000000'><table:table-cell table:number-columns-repeated='16000'>"
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )


@hostile
def ods_columns_hidden_often() -> bytes:
    return ods("<table:table-column table:visibility='collapse' table:number-columns-repeated='1'/>" * 90_000)


@hostile
def ods_spaces() -> bytes:
    return ods(
        "<table:table-row><table:table-cell><text:p>"
        + "<text:s text:c='99999999'/>" * 50_000
        + "</text:p></table:table-cell></table:table-row>"
    )


@hostile
def ods_deep() -> bytes:
    return ods("<table:table-rows>" * 250 + "</table:table-rows>" * 250)


@hostile
def excel_xml_indexes() -> bytes:
    cell = (
        '<Cell ss:Index="16000" ss:MergeAcross="9999999" ss:MergeDown="9999999"><Data ss:Type="Number">1</Data></Cell>'
    )
    return excel_xml(f'<Row ss:Index="1000000">{cell}</Row><Row>{cell}</Row>' * 2000)


@hostile
def excel_xml_hidden_spans() -> bytes:
    return excel_xml('<Row ss:Hidden="1" ss:Span="1048575"/><Column ss:Hidden="1" ss:Span="9999999"/>' * 9_000)


@hostile
def excel_xml_cells() -> bytes:
    return excel_xml(f"<Row>{'<Cell/>' * 100}</Row>" * 1_300)


def _xls(rows: int, columns: int) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    for row in range(rows):
        for column in range(columns):
            sheet.write(row, column, 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@hostile
def xls_of_cells() -> bytes:
    return _xls(600, 250)


@hostile
def xls_last_row() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("s")
    sheet.write(0, 0, 1)
    sheet.write(65535, 255, 1)
    sheet.merged_ranges.append((1, 65534, 0, 255))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@hostile
def xls_lying_records() -> bytes:
    """Lengths in the workbook stream are overwritten with large ones."""
    data = bytearray(_xls(20, 20))
    chance = random.Random(1)
    for _ in range(200):
        at = chance.randrange(512, len(data) - 2)
        data[at : at + 2] = b"\xff\x1f"
    return bytes(data)


@hostile
def ole_chain_in_a_circle() -> bytes:
    data = bytearray(_xls(20, 20))
    at = struct.unpack_from("<I", data, 76)[0] * 512 + 512
    for offset in range(0, 512, 4):
        struct.pack_into("<I", data, at + offset, 1)
    return bytes(data)


@hostile
def ole_of_nothing() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 900_000


@hostile
def rtf_deep() -> bytes:
    return b"{\\rtf1 " + b"{" * 200_000 + b"1"


@hostile
def zip_of_nothing_often() -> bytes:
    return zipped({f"{n}": b"" for n in range(8_000)})


@hostile
def zip_in_zip() -> bytes:
    data = zipped({"a": b"\0" * 10_000_000})
    for _ in range(20):
        data = zipped({"a.zip": data})
    return data


@hostile
def zip_with_an_endless_directory() -> bytes:
    return b"PK\x03\x04" + b"PK\x01\x02" * 240_000 + b"PK\x05\x06" + b"\xff" * 18


@hostile
def word_xml_deep() -> bytes:
    return (
        b'<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body>'
        + b"<w:tbl><w:tr><w:tc>" * 50_000
    )


@hostile
def word_xml_flat_package() -> bytes:
    part = '<pkg:part pkg:name="/word/{0}.xml"><pkg:binaryData>{1}</pkg:binaryData></pkg:part>'
    parts = "".join(part.format(n, "AAAA" * 10) for n in range(6_000))
    return f'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">{parts}</pkg:package>'.encode()


@hostile
def html_wide_spans() -> bytes:
    return f"{_H1}<table>{'<tr><td rowspan=65000 colspan=1000>收到申请</td></tr>' * 100}</table>".encode()


@hostile
def html_nested_tables() -> bytes:
    return (_H1 + "<table><tr><td>" * 20_000 + "1" + "</td></tr></table>" * 20_000).encode()


@hostile
def html_nested_boxes() -> bytes:
    return (_H1 + "<div>" * 180_000 + "1").encode()


@hostile
def html_cells() -> bytes:
    return (_H1 + "<table>" + "<tr><td>1" * 100_000).encode()


@hostile
def html_unclosed_scripts() -> bytes:
    return (_H1 + "<script>" * 60_000 + "<!--" * 60_000).encode()


@hostile
def html_formats_never_closed() -> bytes:
    return (_H1 + "<b><i><font><a>" * 60_000).encode()


@hostile
def html_attributes() -> bytes:
    return (_H1 + f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>").encode()


@hostile
def html_entities() -> bytes:
    return (_H1 + "<p>" + "&#xD800;&#0;&#x110000;" * 40_000).encode()


@hostile
def html_styles() -> bytes:
    rules = "".join(f".a{n} td:not(.b) span{{display:none}}" for n in range(15_000))
    return f"<style>{rules}</style>{_H1}<table>{'<tr><td class=a1><span>1</span></td></tr>' * 5_000}</table>".encode()


@hostile
def text_of_numbers() -> bytes:
    return (_TITLE + "\n" + "1 2 3 4 5 6 7 8 9 0\n" * 49_000).encode()


@hostile
def text_of_tabs() -> bytes:
    return (_TITLE + "\n" + "一\t2\t3\n" * 80_000).encode()


@hostile
def text_of_headings() -> bytes:
    return (_TITLE + "\n" + "一、总体情况\n二、别的\n" * 18_000).encode()


@hostile
def text_of_pipes() -> bytes:
    return (_TITLE + "\n" + "|" * 900_000).encode()


@hostile
def text_of_labels() -> bytes:
    return (
        _TITLE + "\n" + "本年新收政府信息公开申请数量 上年结转政府信息公开申请数量 予以公开 部分公开 " * 7_000
    ).encode()[:1_000_000]


@hostile
def text_that_repeats_itself() -> bytes:
    return f"{_TITLE}\n{'收到申请' * 20_000}\n{'2023年' * 20_000}\n{'一二三四五' * 10_000}\n{'1,' * 100_000}".encode()


@hostile
def csv_of_quotes() -> bytes:
    return (_TITLE + "\n" + 'a,"b\n' * 160_000).encode()


@hostile
def mht_of_parts() -> bytes:
    part = "--b\r\nContent-Type: text/html\r\n\r\n<p>1\r\n"
    return ("MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n" + part * 20_000).encode()


@hostile
def mht_in_mht() -> bytes:
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b{0}\r\n\r\n--b{0}\r\n"
    return "".join(head.format(n) for n in range(8_000)).encode()


@hostile
def json_of_brackets() -> bytes:
    return ("[" * 500_000 + '"<table><tr><td>1"').encode()


@hostile
def gzip_bomb() -> bytes:
    return gzip.compress(b"\0" * 500_000_000, 9)


@hostile
def png_of_many_pixels() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + size + b"\x08\x02\0\0\0")
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000))
        + chunk(b"IEND", b"")
    )


@hostile
def pdf_of_pages() -> bytes:
    kids = " ".join(f"{n + 3} 0 R" for n in range(9_000))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count 9000/Kids[{kids}]>>",
        *["<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"] * 9_000,
    ]
    body = "".join(f"{number} 0 obj{each}endobj\n" for number, each in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size {len(objects) + 1}>>\n%%EOF".encode()


@hostile
def pdf_content_bomb() -> bytes:
    body = zlib.compress(b"0 0 m 9 9 l S\n" * 20_000_000, 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>endobj\n"
    stream = b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n" % (len(body), body)
    return head + page + stream + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF"
