"""PDF pages on their side, what stands in a cell, and what is not to be seen."""

from __future__ import annotations

import pytest
from typeset_pdf import TABLE, edges, grids, only_grid, prose, read, squeezed, table, texts, typeset

from giakit.documents.pdf import reader as pdf_open
from giakit.documents.pdf.content import PageContent
from giakit.documents.pdf.fonts import lacks_chinese

# --- turned pages, turned labels -------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [90, -90])
@pytest.mark.parametrize("rotate_page", [False, True])
def test_table_on_its_side(turn: int, rotate_page: bool) -> None:
    # With a page rotation of 90 degrees reportlab writes the media box with its sides exchanged.
    width, height = (842, 595) if rotate_page else (595, 842)

    def draw(c: object) -> None:
        if rotate_page:
            c.setPageRotation(90)
        c.translate(*((width, 0) if turn == 90 else (0, height)))
        c.rotate(turn)
        table(c, 100, 500)
        c.drawString(100, 520, "横向的表格标题")

    document = read(typeset(draw))
    assert [list(row) for row in grids(document)[0].rows] == TABLE
    assert prose(document) == "横向的表格标题"


def test_label_on_its_side_and_label_of_single_characters() -> None:
    def draw(c: object) -> None:
        table(c)
        for k in (0, 1):
            xs, _ys = edges(100 + 250 * k, 700)
            c.rect(xs[0], 560, 30, 60, stroke=1, fill=0)
            c.rect(xs[0] + 30, 560, 60, 60, stroke=1, fill=0)
            c.drawString(xs[0] + 40, 580, "12")
        c.saveState()
        c.translate(118, 570)
        c.rotate(90)
        c.drawString(0, 0, "办理结果")
        c.restoreState()
        for k, character in enumerate("办理结果"):
            c.drawString(361, 608 - 12 * k, character)

    rows = [list(grid.rows[0]) for grid in grids(read(typeset(draw)))[-2:]]
    assert [[squeezed(cell) for cell in row] for row in rows] == [["办理结果", "12"]] * 2


def test_two_pages_on_a_sheet_are_read_one_after_the_other() -> None:
    def draw(c: object) -> None:
        for k, word in ((0, "左边"), (420, "右边")):
            c.drawString(40 + k, 540, f"{word}的标题")
            table(c, 40 + k, 500)
            c.drawString(40 + k, 400, f"{word}的正文在表的下面")

    document = read(typeset(draw, size=(842, 595)))
    kinds = [type(block).__name__ for block in document.blocks]
    assert kinds == ["Text", "Grid", "Text", "Text", "Grid", "Text"] or kinds == [
        "Text",
        "Grid",
        "Text",
        "Grid",
        "Text",
    ]
    assert prose(document).index("左边的正文") < prose(document).index("右边的标题")


# --- what is in a cell -----------------------------------------------------------------------------------


def test_wrapped_digits_keep_their_break() -> None:
    def draw(c: object) -> None:
        table(c, rows=[["标题", "", "", ""], ["", "", "", ""], ["", "", "", ""]])
        c.drawString(190, 692, "4472")
        c.drawString(190, 682, "28")

    assert only_grid(typeset(draw))[0][1] == "4472\n28"


def test_number_wider_than_its_cell_stays_whole() -> None:
    rows = [["标题", "甲", "乙", "丙"], ["第一", "4472281234", "", ""], ["第二", "1", "2", "3"]]
    assert only_grid(typeset(lambda c: table(c, rows=rows))) == rows


def test_raised_note_is_no_digit() -> None:
    def draw(c: object) -> None:
        table(c)
        c.setFont("STSong-Light", 5)
        c.drawString(202.5, 672, "1")

    cell = only_grid(typeset(draw))[1][1]
    assert cell.startswith("1[") or not cell.replace("\n", "").isdigit()


def test_merged_cells_share_their_anchor() -> None:
    def draw(c: object) -> None:
        xs, ys = edges(100, 700)
        for at in (0, 1, 4):
            c.line(xs[at], ys[0], xs[at], ys[-1])
        for at in (2, 3):
            c.line(xs[at], ys[1], xs[at], ys[-1])
        c.line(xs[0], ys[0], xs[-1], ys[0])
        c.line(xs[1], ys[1], xs[-1], ys[1])
        c.line(xs[1], ys[2], xs[-1], ys[2])
        c.line(xs[0], ys[3], xs[-1], ys[3])
        c.drawString(210, 686, "甲乙丙")
        c.drawString(120, 665, "标题")
        texts(c, 100, 700, [["", "", "", ""], ["", "1", "2", "3"], ["", "4", "5", "6"]])

    (grid,) = grids(read(typeset(draw)))
    assert grid.anchors[0] == [0, 1, 1, 1]
    assert [row[0] for row in grid.anchors] == [0, 0, 0]
    assert [list(row) for row in grid.rows] == [
        ["标题", "甲乙丙", "甲乙丙", "甲乙丙"],
        ["标题", "1", "2", "3"],
        ["标题", "4", "5", "6"],
    ]


# --- what is not to be seen ------------------------------------------------------------------------------


def test_hidden_text_is_passed_over_with_a_note() -> None:
    def draw(c: object) -> None:
        table(c)
        text = c.beginText(100, 500)
        text.setTextRenderMode(3)
        text.textLine("看不见 999")
        text.setTextRenderMode(0)
        c.drawText(text)
        c.setFillColorRGB(1, 1, 1)
        c.drawString(100, 480, "白纸白字 888")
        c.setFillColorRGB(0, 0, 0.4)
        c.rect(100, 400, 200, 30, fill=1, stroke=0)
        c.setFillColorRGB(1, 1, 1)
        c.drawString(110, 410, "深底白字")
        c.setFillColorRGB(0, 0, 0)
        c.drawString(100, 350, "被盖住 777")
        c.setFillColorRGB(1, 1, 1)
        c.rect(90, 340, 200, 30, fill=1, stroke=0)

    document = read(typeset(draw))
    assert prose(document).strip() == "深底白字"
    assert document.notes[0] == "page 1: text that is not visible was passed over"
    assert len(document.notes) == 1 + lacks_chinese()
    assert document.origin == "printed"


def test_the_title_of_a_pdf_is_that_of_its_properties() -> None:
    def draw(c: object) -> None:
        c.setTitle(" 某县教育局2021年政府信息公开工作年度报告 ")
        table(c)

    assert read(typeset(draw)).title == "某县教育局2021年政府信息公开工作年度报告"


# --- fonts that the machine lacks ------------------------------------------------------------------------


def test_characters_lost_for_want_of_a_font_come_from_pdfminer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pdf_open.extract

    def without_single_characters(*given: object, **more: object) -> PageContent:
        page = whole(*given, **more)
        page.glyphs = [glyph for glyph in page.glyphs if glyph[4] not in "甲乙丙"]
        return page

    monkeypatch.setattr(pdf_open, "extract", without_single_characters)
    monkeypatch.setattr(pdf_open, "lacks_chinese", lambda: False)
    assert only_grid(typeset(table)) != TABLE
    monkeypatch.setattr(pdf_open, "lacks_chinese", lambda: True)
    document = read(typeset(table))
    assert [list(row) for row in grids(document)[0].rows] == TABLE
    assert document.notes == ()


def test_characters_that_nobody_finds_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_open, "lacks_chinese", lambda: True)
    monkeypatch.setattr("giakit.documents.pdf.fonts.plumb", lambda *_: [])
    (note,) = read(typeset(table)).notes
    assert note == "page 1: characters may be missing, this machine lacks its fonts"
