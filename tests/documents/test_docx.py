"""Word files: real ones, hand-made XML for each quirk, damage and bombs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.documents.limits import Limits
from giakit.documents.model import Document, Grid, Text
from giakit.documents.word import read_docx
from giakit.errors import GiakitError, UnreadableDocument

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SPACES = (
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def package(
    body: str, *, parts: dict[str, str | bytes] | None = None, links: str = "", space: str = TRANSITIONAL
) -> bytes:
    """A .docx whose body is given as XML."""
    root = f'<w:document xmlns:w="{space}" {_SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>'
    rels = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", root)
        archive.writestr("word/_rels/document.xml.rels", rels)
        for path, content in (parts or {}).items():
            archive.writestr(path, content)
    return out.getvalue()


def link(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="http://schemas.openxmlformats.org/x/{kind}" Target="{target}"/>'


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def read(body: str, **options: object) -> Document:
    return read_docx(package(body, **options), name="a.docx")  # type: ignore[arg-type]


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def cell_text(runs: str) -> str:
    """What a cell with these runs says."""
    return grids(read(table(f"<w:tc><w:p>{runs}</w:p></w:tc>{tc('x')}")))[0].rows[0][0]


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_blank_official_form() -> None:
    files = sorted((SHARED / "reports").glob("*.docx"))
    if not files:
        pytest.skip("the shared reports are not beside the project")
    document = read_docx(files[0].read_bytes(), name=files[0].name)
    found = grids(document)
    assert [(len(grid.rows), len(grid.rows[0])) for grid in found] == [(14, 4), (28, 10), (4, 15)]
    requests = found[1]
    assert requests.anchors is not None
    assert len({row[0] for row in requests.anchors[5:27]}) == 1, "one label spans all results"
    assert requests.anchors[27][0] == requests.anchors[27][2] != requests.anchors[26][0]
    assert len({number for row in requests.anchors[3:] for number in row[3:]}) == 25 * 7
    assert document.notes == ()


def test_spans_and_merges() -> None:
    body = table(
        tc("a", '<w:vMerge w:val="restart"/>') + tc("b", '<w:gridSpan w:val="2"/>'),
        tc("", "<w:vMerge/>") + tc("1") + tc("2"),
        tc("c", '<w:hMerge w:val="restart"/>') + tc("", '<w:hMerge w:val="continue"/>') + tc("3"),
    )
    grid = grids(read(body))[0]
    assert grid.rows == [["a", "b", "b"], ["a", "1", "2"], ["c", "c", "3"]]
    assert grid.anchors == [[0, 1, 1], [0, 2, 3], [4, 4, 5]]


def test_text_under_a_vertical_merge_is_not_shown_but_noted() -> None:
    document = read(table(tc("a", '<w:vMerge w:val="restart"/>') + tc("1"), tc("b", "<w:vMerge/>") + tc("2")))
    assert grids(document)[0].rows == [["a", "1"], ["a", "2"]]
    assert document.notes == ("text in cells covered by a vertical merge passed over: 1",)


def test_a_merge_that_continues_nothing_is_a_cell() -> None:
    body = table(tc("a") + tc("1"), tc("b", "<w:vMerge/>") + tc("2"), tc("c", '<w:gridSpan w:val="2"/>'))
    grid = grids(read(body))[0]
    assert grid.rows == [["a", "1"], ["b", "2"], ["c", "c"]]


def test_columns_left_out_before_and_after() -> None:
    body = (
        "<w:tbl><w:tr>" + tc("a") + tc("b") + tc("c") + "</w:tr>"
        '<w:tr><w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>' + tc("1") + "</w:tr></w:tbl>"
    )
    assert grids(read(body))[0].rows == [["a", "b", "c"], ["", "1", ""]]


@pytest.mark.parametrize("space", [TRANSITIONAL, STRICT])
def test_both_namespaces(space: str) -> None:
    document = read(p("t") + table(tc("1", '<w:gridSpan w:val="2"/>'), tc("2") + tc("3")), space=space)
    assert texts(document) == ["t"]
    assert grids(document)[0].rows == [["1", "1"], ["2", "3"]]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ("<w:ins>" + run("12") + "</w:ins><w:del><w:r><w:delText>7</w:delText></w:r></w:del>", "12"),
        ("<w:moveFrom>" + run("9") + "</w:moveFrom><w:moveTo>" + run("8") + "</w:moveTo>", "8"),
        (run("1") + run("7", "<w:vanish/>") + run("2"), "12"),
        (run("1") + run("7", '<w:vanish w:val="0"/>'), "17"),
        (run("7", "<w:strike/>") + run("8"), "8"),
        (run("22") + run("1", '<w:vertAlign w:val="superscript"/>'), "22[1]"),
        (run("label") + run("1", '<w:vertAlign w:val="superscript"/>'), "label"),
        (run("22") + '<w:r><w:footnoteReference w:id="2"/></w:r>', "22"),
        (run("22") + '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>3</w:t></w:r>', "22"),
        ("<w:r><w:t>1</w:t><w:br/><w:t>2</w:t><w:tab/><w:t>3</w:t></w:r>", "1\n2\t3"),
        ("<w:r><w:t>4</w:t><w:noBreakHyphen/><w:t>5</w:t><w:softHyphen/></w:r>", "4-5"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>=SUM(1)</w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + run("6")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "6",
        ),
        ('<w:fldSimple w:instr="=1">' + run("7") + "</w:fldSimple>", "7"),
        ("<w:smartTag>" + run("1") + "</w:smartTag><w:hyperlink>" + run("2") + "</w:hyperlink>", "12"),
        ("<w:sdt><w:sdtContent>" + run("5") + "</w:sdtContent></w:sdt>", "5"),
        ("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" + run("click") + "</w:sdtContent></w:sdt>", ""),
        ('<w:r><w:sym w:font="Symbol" w:char="F035"/></w:r>', "5"),
        ("<w:r><w:t>1<!-- c -->2</w:t></w:r>", "12"),
    ],
)
def test_what_a_cell_shows(runs: str, expected: str) -> None:
    assert cell_text(runs) == expected


_MATHS = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_POWER = f"<m:oMath {_MATHS}><m:sSup><m:e><m:r><m:t>5</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
_DROP_DOWN = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="3"/>'
    '<w:listEntry w:val="7"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


def alternatives(requires: str, first: str, second: str) -> str:
    return (
        f'<w:r><mc:AlternateContent><mc:Choice xmlns:zz="http://example.org/zz" Requires="{requires}"><w:t>{first}</w:t></mc:Choice>'
        f"<mc:Fallback><w:t>{second}</w:t></mc:Fallback></mc:AlternateContent></w:r>"
    )


def cell_and_doubt(runs: str, properties: str = "", **options: object) -> tuple[str, str]:
    """What a cell with these runs says, and why that is doubted."""
    body = f"<w:tbl><w:tr><w:tc><w:tcPr>{properties}</w:tcPr><w:p>{runs}</w:p></w:tc>{tc('x')}</w:tr></w:tbl>"
    grid = grids(read(body, **options))[0]
    return grid.rows[0][0], " ".join(doubt.why for doubt in grid.doubts.values())


@pytest.mark.parametrize(
    ("runs", "text", "why"),
    [
        (run("5") + run("0", '<w:color w:val="FFFFFF"/>'), "5", "colour of their ground"),
        (run("5") + run("0", '<w:color w:val="FDFDFD"/>'), "5", "colour of their ground"),
        (run("50", '<w:color w:val="FFFFFF"/>'), "", "colour of their ground"),
        (run("5") + run("0", '<w:highlight w:val="black"/>'), "5", "colour of their ground"),
        (run("5", '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="000000"/>'), "", "colour of their ground"),
        (run("5") + run("0", '<w:sz w:val="1"/>'), "5", "too small"),
        (run("5") + run("0", '<w:w w:val="1"/>'), "5", "too small"),
        (run("5") + run("2", '<w:position w:val="12"/>'), "5[2]", "raised or lowered"),
        (run("5") + run("2", '<w:vertAlign w:val="subscript"/>'), "5[2]", "raised or lowered"),
        (run("5", '<w:vertAlign w:val="superscript"/>') + run("2"), "52", "raised or lowered"),
        (run("5", "<w:strike/>") + run("9"), "9", "struck"),
        ("<w:del><w:r><w:delText>7</w:delText></w:r></w:del>" + run("8"), "8", "deleted"),
        (_POWER, "5^2", "formula"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>EQ \\o(5,9)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "",
            "formula",
        ),
        (alternatives("w", "9", "5"), "9", "newer"),
    ],
)
def test_figures_whose_runs_differ_are_doubted(runs: str, text: str, why: str) -> None:
    taken, doubt = cell_and_doubt(runs)
    assert taken == text
    assert why in doubt


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (run("5") + run("2"), "52"),
        (run("5", "<w:b/>") + run("2", '<w:color w:val="FF0000"/>'), "52"),
        (run("5") + run("2", '<w:highlight w:val="yellow"/>'), "52"),
        (run("5", '<w:shd w:val="clear" w:fill="000000"/>'), "5"),
        (run("5") + run("2", '<w:position w:val="1"/>'), "52"),
        (run("CO") + run("2", '<w:vertAlign w:val="subscript"/>'), "CO2"),
        (f"<m:oMath {_MATHS}><m:r><m:t>52</m:t></m:r></m:oMath>", "52"),
        (_DROP_DOWN, "7"),
        (alternatives("zz", "9", "5"), "5"),
        (alternatives("w", "5", "5"), "5"),
    ],
)
def test_what_is_seen_whole_stays_quiet(runs: str, text: str) -> None:
    assert cell_and_doubt(runs) == (text, "")


def test_the_ground_of_a_cell_decides_what_is_seen() -> None:
    white = run("5", '<w:color w:val="FFFFFF"/>')
    assert cell_and_doubt(white, '<w:shd w:val="clear" w:fill="4472C4"/>') == ("5", "")
    assert "ground" in cell_and_doubt(white, '<w:shd w:val="clear" w:fill="FFFFFF"/>')[1]


def test_boxes_over_figures() -> None:
    assert "text box" in cell_and_doubt(run("5") + box(p("7")))[1]
    assert cell_and_doubt(run("label") + box(p("斜线")))[1] == ""
    beside = read(f"<w:p>{box(p('7'))}</w:p>" + table(tc("a") + tc("1")))
    assert beside.doubts == ("a text box that may lie over a table says '7'",)
    assert read(f"<w:p>{box(p('text'))}</w:p>").doubts == ()


def test_hidden_by_style() -> None:
    styles = (
        f'<w:styles xmlns:w="{TRANSITIONAL}"><w:style w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="B"><w:basedOn w:val="H"/></w:style></w:styles>'
    )
    body = table(
        "<w:tc><w:p>" + run("1", '<w:rStyle w:val="B"/>') + run("2") + "</w:p></w:tc>"
        '<w:tc><w:p><w:pPr><w:pStyle w:val="H"/></w:pPr>' + run("3") + "</w:p></w:tc>"
    )
    document = read(body, parts={"word/styles.xml": styles}, links=link("s", "styles", "styles.xml"))
    assert grids(document)[0].rows == [["2", ""]]
    assert document.notes == ("hidden text passed over: 2",)


def test_hidden_and_deleted_rows() -> None:
    body = (
        "<w:tbl><w:tr>" + tc("a") + tc("1") + "</w:tr><w:tr><w:trPr><w:del/></w:trPr>" + tc("b") + tc("2") + "</w:tr>"
        "<w:tr><w:tc><w:p>" + run("c", "<w:vanish/>") + "</w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    )
    document = read(body)
    assert grids(document)[0].rows == [["a", "1"]]
    assert "hidden rows passed over: 1" in document.notes
    assert "deleted rows passed over: 1" in document.notes


def test_deleted_paragraph_mark_joins_lines() -> None:
    first = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("1") + "</w:p>"
    assert grids(read(table(f"<w:tc>{first}{p('2')}</w:tc>{tc('x')}")))[0].rows == [["12", "x"]]
    assert texts(read(first + p("2"))) == ["12"]


def box(content: str) -> str:
    """A text box as Word writes it: twice."""
    inside = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><a:graphic>"
        f"<wps:wsp><wps:txbx>{inside}</wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_text_boxes_are_read_once() -> None:
    document = read("<w:p>" + run("before") + box(p("in") + table(tc("1") + tc("2"))) + "</w:p>" + p("after"))
    assert texts(document) == ["before", "in", "after"]
    assert [grid.rows for grid in grids(document)] == [[["1", "2"]]]


def test_text_box_over_an_empty_cell() -> None:
    assert grids(read(table(f"<w:tc><w:p>{box(p('5'))}</w:p></w:tc>{tc('x')}")))[0].rows == [["5", "x"]]


def test_nested_tables() -> None:
    inner = table(tc("1") + tc("2"))
    document = read(table(tc("a") + f"<w:tc>{p('own')}{inner}</w:tc>"))
    assert [grid.rows for grid in grids(document)] == [[["a", "own"]], [["1", "2"]]]
    framed = read(table(f"<w:tc>{table(tc('7'))}</w:tc>{tc('x')}"))
    assert [grid.rows for grid in grids(framed)] == [[["7", "x"]]]


def test_a_frame_around_everything_keeps_the_reading_order() -> None:
    inner = table(tc("1") + tc("2"))
    document = read(table(f"<w:tc>{p('one')}{inner}{p('two')}{inner}</w:tc>" + tc("")))
    assert [type(block) for block in document.blocks] == [Text, Grid, Text, Grid]


def test_content_controls_around_rows_and_cells() -> None:
    body = (
        "<w:tbl><w:sdt><w:sdtContent><w:tr>" + tc("a") + "<w:sdt><w:sdtContent>" + tc("1") + "</w:sdtContent></w:sdt>"
        "</w:tr></w:sdtContent></w:sdt></w:tbl>"
    )
    assert grids(read(f"<w:sdt><w:sdtContent>{body}</w:sdtContent></w:sdt>"))[0].rows == [["a", "1"]]


def test_headers_footnotes_title_and_images() -> None:
    def story(kind: str, inner: str) -> str:
        return f'<w:{kind} xmlns:w="{TRANSITIONAL}">{inner}</w:{kind}>'

    parts: dict[str, str | bytes] = {
        "word/header1.xml": story("hdr", p("head")),
        "word/footnotes.xml": story(
            "footnotes",
            f'<w:footnote w:id="0" w:type="separator">{p("-")}</w:footnote>'
            f'<w:footnote w:id="2">{p("note")}</w:footnote>',
        ),
        "docProps/core.xml": '<c:p xmlns:c="x" xmlns:dc="y"><dc:title>the title</dc:title></c:p>',
    }
    links = link("h", "header", "header1.xml") + link("f", "footnotes", "footnotes.xml")
    document = read(p("body") + "<w:p><w:r><w:drawing><a:blip/></w:drawing></w:r></w:p>", parts=parts, links=links)
    assert texts(document) == ["body", "note"]
    assert document.blocks[1].where == "footnote 2"
    assert document.metadata["header"] == "head"
    assert document.title == "the title"
    assert document.notes == ("image",)


def test_embedded_documents() -> None:
    parts: dict[str, str | bytes] = {"word/a.docx": package(table(tc("1") + tc("2"))), "word/b.html": "<p>x</p>"}
    links = link("a", "aFChunk", "a.docx") + link("b", "aFChunk", "/word/b.html")
    data = package('<w:altChunk r:id="a"/><w:altChunk r:id="b"/>', parts=parts, links=links)
    document = read_docx(data, name="a.docx")
    assert grids(document)[0].rows == [["1", "2"]]
    assert document.notes == ("embedded document not read: word/b.html",)

    def chunk(content: bytes, name: str) -> Document:
        return Document(name=name, format="html", blocks=(Text(content.decode()),))

    assert texts(read_docx(data, name="a.docx", read_chunk=chunk)) == ["<p>x</p>"]


def test_absurd_spans_are_clipped() -> None:
    body = table(tc("t", '<w:gridSpan w:val="999999999"/>'), tc("1") + tc("2"))
    assert grids(read(body))[0].rows == [["t", "t"], ["1", "2"]]
    wide = table(*[tc("a", '<w:gridSpan w:val="999999999"/>') + tc("b")] * 30)
    with pytest.raises(UnreadableDocument, match="max_cells"):
        read_docx(package(wide), name="a.docx", limits=Limits(max_cells=20_000))


def test_bombs_are_refused() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", entities)
    with pytest.raises(UnreadableDocument, match="DOCTYPE"):
        read_docx(out.getvalue(), name="a.docx")
    bomb = package(p("x"), parts={"word/media/a": b"\0" * 20_000_000})
    with pytest.raises(UnreadableDocument, match="max_ratio"):
        read_docx(bomb, name="a.docx")
    with pytest.raises(UnreadableDocument, match="max_unpacked"):
        read_docx(bomb, name="a.docx", limits=Limits(max_unpacked=1_000_000))
    deep = "<w:tbl><w:tr><w:tc>" * 150 + p("x") + "</w:tc></w:tr></w:tbl>" * 150
    with pytest.raises(UnreadableDocument):
        read_docx(package(deep), name="a.docx")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 rubbish", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "encrypted"),
        (package(p("x"))[:-40], "damaged"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_docx(data, name="a.docx")


def test_a_zip_that_is_no_word_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableDocument, match=r"word/document\.xml"):
        read_docx(out.getvalue(), name="a.zip")


_VALID = package(p("text") + table(tc("a", '<w:vMerge w:val="restart"/>') + tc("1"), tc("", "<w:vMerge/>") + tc("2")))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(_VALID) - 1), st.binary(min_size=1, max_size=8))
def test_only_our_errors_leave(position: int, noise: bytes) -> None:
    broken = _VALID[:position] + noise + _VALID[position + len(noise) :]
    result: Document | GiakitError
    try:
        result = read_docx(broken, name="a.docx")
    except GiakitError as error:
        result = error
    assert isinstance(result, Document) or "a.docx" in str(result)


_XML = st.recursive(
    st.sampled_from(
        [
            p("1"),
            "<w:p/>",
            "<w:tc/>",
            "<w:tr/>",
            "<w:tbl/>",
            "<w:r><w:t/></w:r>",
            '<w:gridSpan w:val="x"/>',
            "<w:vMerge/>",
        ]
    ),
    lambda inner: st.builds(
        lambda name, children: f"<w:{name}>{''.join(children)}</w:{name}>",
        st.sampled_from(
            [
                "p",
                "r",
                "tbl",
                "tr",
                "tc",
                "tcPr",
                "sdt",
                "sdtContent",
                "ins",
                "del",
                "drawing",
                "txbxContent",
                "pPr",
                "rPr",
            ]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_XML, max_size=4))
def test_elements_in_any_order_give_rectangles(elements: list[str]) -> None:
    for grid in grids(read("".join(elements))):
        assert grid.anchors is not None
        assert {len(row) for row in grid.rows} == {len(row) for row in grid.anchors} == {len(grid.rows[0])}
        said = {}
        for row, anchors in zip(grid.rows, grid.anchors, strict=True):
            for text, anchor in zip(row, anchors, strict=True):
                assert said.setdefault(anchor, text) == text
