"""PDF files of known content, typeset here, and one real report."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.documents.limits import Limits
from giakit.documents.model import Document, Grid, Text
from giakit.documents.pdf import read_pdf
from giakit.errors import UnreadableDocument

canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab is not installed")
pdfmetrics = pytest.importorskip("reportlab.pdfbase.pdfmetrics")
cidfonts = pytest.importorskip("reportlab.pdfbase.cidfonts")
pdfmetrics.registerFont(cidfonts.UnicodeCIDFont("STSong-Light"))

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
TABLE = [["标题", "甲", "乙", "丙"], ["第一", "1", "22", "333"], ["第二", "", "0", "4"]]
WIDTHS, HEIGHTS = [80, 40, 40, 40], [20, 20, 20]


def read(data: bytes, **limits: int) -> Document:
    return read_pdf(data, name="a.pdf", limits=Limits(**limits))


def typeset(*draw: Callable[[object], None], size: tuple[int, int] = (595, 842), **options: object) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=size, **options)
    for one in draw:
        page.setFont("STSong-Light", 9)
        one(page)
        page.showPage()
    page.save()
    return out.getvalue()


def texts(c: object, x: float, y: float, rows: list[list[str]], size: float = 9, shift: float = 0) -> None:
    c.setFont("STSong-Light", size)
    for row, height in zip(rows, HEIGHTS, strict=False):
        left = x
        for text, width in zip(row, WIDTHS, strict=False):
            c.drawCentredString(left + width / 2 + shift, y - height / 2 - size / 3, text)
            left += width
        y -= height


def edges(x: float, y: float) -> tuple[list[float], list[float]]:
    xs, ys = [x], [y]
    for width in WIDTHS:
        xs.append(xs[-1] + width)
    for height in HEIGHTS:
        ys.append(ys[-1] - height)
    return xs, ys


def table(c: object, x: float = 100, y: float = 700, rows: list[list[str]] = TABLE) -> None:
    xs, ys = edges(x, y)
    for at in xs:
        c.line(at, ys[0], at, ys[-1])
    for at in ys:
        c.line(xs[0], at, xs[-1], at)
    texts(c, x, y, rows)


def grids(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def only_grid(data: bytes) -> list[list[str]]:
    (grid,) = grids(read(data))
    return [list(row) for row in grid.rows]


def prose(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks if isinstance(block, Text))


# --- the real report -------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def huaian() -> tuple[Document, dict[str, dict[str, dict[str, float]]]]:
    path = SHARED / "reports" / "2024_淮安市人民政府.pdf"
    if not path.exists():
        pytest.skip("the real reports are not here")
    truth = json.loads((SHARED / "reports" / "truth" / "2024_淮安市人民政府.json").read_text("utf-8"))
    return read_pdf(path.read_bytes(), name=path.name, limits=Limits()), truth["cells"]


def test_real_requests_table_is_one_grid_over_two_pages(huaian: tuple) -> None:
    document, truth = huaian
    grid = next(g for g in grids(document) if "自然人" in map(squeezed, sum(map(list, g.rows), [])))
    assert "pages 4-5" in grid.where
    figures = [[float(cell) for cell in row[-7:]] for row in grid.rows if squeezed(row[-1]).isdigit()]
    assert figures == [list(row.values()) for row in truth["requests"].values()]


def test_real_label_cut_by_the_page_is_whole(huaian: tuple) -> None:
    grid = next(g for g in grids(huaian[0]) if "pages 4-5" in g.where)
    groups = [squeezed(row[1]) for row in grid.rows]
    assert groups.count("（四）无法提供") == 3
    assert groups.count("（五）不予处理") == 5
    assert {squeezed(row[0]) for row in grid.rows[5:-1]} == {"三、本年度办理结果"}
    anchors = {row[1] for row, group in zip(grid.anchors, groups, strict=True) if group == "（四）无法提供"}
    assert len(anchors) == 1


def test_real_remedies_and_proactive(huaian: tuple) -> None:
    document, truth = huaian
    remedies = grids(document)[-1]
    printed = [float(cell) for cell in remedies.rows[-1]]
    assert printed == [value for row in truth["remedies"].values() for value in row.values()]
    proactive = {squeezed(row[0]): list(row[1:]) for row in grids(document)[0].rows}
    for label, code in (("规章", "rules"), ("行政规范性文件", "normative_documents")):
        assert [float(cell) for cell in proactive[label]] == list(truth["proactive"][code].values())
    for label, code in (("行政许可", "licences"), ("行政处罚", "penalties"), ("行政强制", "coercion")):
        assert {float(cell) for cell in proactive[label]} == set(truth["proactive"][code].values())
    assert {float(cell) for cell in proactive["行政事业性收费"]} == set(truth["proactive"]["fees"].values())


def test_real_page_numbers_are_gone_and_text_stays(huaian: tuple) -> None:
    text = prose(huaian[0])
    assert not re.search(r"^- \d -$", text, flags=re.MULTILINE)
    assert "全市共受理政府信息公开申请" in text


# --- how lines can be drawn ------------------------------------------------------------------------------


def one_path(c: object) -> None:
    xs, ys = edges(100, 700)
    path = c.beginPath()
    for at in xs:
        path.moveTo(at, ys[0])
        path.lineTo(at, ys[-1])
    for at in ys:
        path.moveTo(xs[0], at)
        path.lineTo(xs[-1], at)
    c.drawPath(path, stroke=1)
    texts(c, 100, 700, TABLE)


def dashes(c: object) -> None:
    xs, ys = edges(100, 700)
    for at in xs:
        for k in range(0, 60, 4):
            c.line(at, ys[0] - k, at, ys[0] - k - 2)
    for at in ys:
        for k in range(0, 200, 4):
            c.line(xs[0] + k, at, xs[0] + k + 2, at)
    texts(c, 100, 700, TABLE)


def double_lines(c: object) -> None:
    table(c)
    xs, ys = edges(101.5, 701.5)
    for at in xs:
        c.line(at, ys[0], at, ys[-1])
    for at in ys:
        c.line(xs[0], at, xs[-1], at)


def thin_rectangles(c: object) -> None:
    xs, ys = edges(100, 700)
    for at in xs:
        c.rect(at, ys[-1], 0.7, ys[0] - ys[-1], stroke=0, fill=1)
    for at in ys:
        c.rect(xs[0], at, xs[-1] - xs[0], 0.7, stroke=0, fill=1)
    texts(c, 100, 700, TABLE)


def cell_boxes(c: object) -> None:
    xs, ys = edges(100, 700)
    for left, right in zip(xs, xs[1:], strict=False):
        for top, bottom in zip(ys, ys[1:], strict=False):
            c.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
    texts(c, 100, 700, TABLE)


def cell_fills(c: object) -> None:
    xs, ys = edges(100, 700)
    c.setFillGray(0.85)
    for left, right in zip(xs, xs[1:], strict=False):
        for top, bottom in zip(ys, ys[1:], strict=False):
            c.rect(left + 0.5, bottom + 0.5, right - left - 1, top - bottom - 1, stroke=0, fill=1)
    c.setFillGray(0)
    texts(c, 100, 700, TABLE)


def form_object(c: object) -> None:
    c.beginForm("part")
    table(c, 0, 0)
    c.endForm()
    c.saveState()
    c.translate(100, 700)
    c.doForm("part")
    c.restoreState()


def open_sides(c: object) -> None:
    xs, ys = edges(100, 700)
    for at in xs[1:-1]:
        c.line(at, ys[0], at, ys[-1])
    for at in ys:
        c.line(xs[0], at, xs[-1], at)
    texts(c, 100, 700, TABLE)


def false_bold(c: object) -> None:
    table(c)
    texts(c, 100, 700, TABLE, shift=0.3)


@pytest.mark.parametrize(
    "draw",
    [table, one_path, dashes, double_lines, thin_rectangles, cell_boxes, cell_fills, form_object, open_sides, false_bold],
)
def test_lines_of_every_kind(draw: Callable[[object], None]) -> None:
    assert only_grid(typeset(draw)) == TABLE


@given(st.lists(st.lists(st.one_of(st.just(""), st.integers(0, 99999).map(str)), min_size=4, max_size=4), min_size=3, max_size=3))
@settings(max_examples=30, deadline=None)
def test_every_figure_stands_in_its_cell(rows: list[list[str]]) -> None:
    if not any(map(any, rows)):
        return
    assert only_grid(typeset(lambda c: table(c, rows=rows))) == rows


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
            xs, ys = edges(100 + 250 * k, 700)
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
    assert kinds == ["Text", "Grid", "Text", "Text", "Grid", "Text"] or kinds == ["Text", "Grid", "Text", "Grid", "Text"]
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
    assert document.notes == ("page 1: text that is not visible was passed over",)
    assert document.origin == "printed"


# --- page breaks -----------------------------------------------------------------------------------------


def page_of(rows: list[list[str]], number: int, top: float = 780) -> Callable[[object], None]:
    def draw(c: object) -> None:
        for k, row in enumerate(rows):
            y = top - 20 * k
            left = 100.0
            for text, width in zip(row, WIDTHS, strict=True):
                c.rect(left, y - 20, width, 20, stroke=1, fill=0)
                c.drawCentredString(left + width / 2, y - 13, text)
                left += width
        c.drawCentredString(297, 30, f"- {number} -")

    return draw


HEAD = ["项目", "甲", "乙", "丙"]
BODY = [[f"{k}.第{k}项", str(k), "", str(100 * k)] for k in range(1, 7)]


@pytest.mark.parametrize("cut", range(1, 6))
@pytest.mark.parametrize("repeated", [False, True])
def test_table_cut_by_a_page_is_one(cut: int, repeated: bool) -> None:
    second = [HEAD, *BODY[cut:]] if repeated else BODY[cut:]
    data = typeset(page_of([HEAD, *BODY[:cut]], 1), page_of(second, 2))
    assert only_grid(data) == [HEAD, *BODY]


def test_row_cut_by_a_page_is_one() -> None:
    upper = [HEAD, *BODY[:3], ["4.第四项", "4", "", "400"]]
    lower = [["的后半", "", "", ""], *BODY[4:]]
    rows = only_grid(typeset(page_of(upper, 1), page_of(lower, 2)))
    assert rows[4] == ["4.第四项\n的后半", "4", "", "400"]
    assert len(rows) == 7


def test_numbered_row_without_figures_is_no_remainder() -> None:
    upper = [HEAD, *BODY[:4]]
    lower = [["5.第五项", "", "", ""], *BODY[5:]]
    assert len(only_grid(typeset(page_of(upper, 1), page_of(lower, 2)))) == 7


def test_text_between_parts_keeps_them_apart() -> None:
    def second(c: object) -> None:
        c.drawString(100, 790, "四、另外一张表的标题在这里")
        page_of([HEAD, *BODY[3:]], 2, top=760)(c)

    assert len(grids(read(typeset(page_of([HEAD, *BODY[:3]], 1), second)))) == 2


# --- without lines ---------------------------------------------------------------------------------------


def test_columns_without_lines() -> None:
    rows = [["项目名称", "甲", "乙", "丙"], *[[f"{k}.第{k}项", str(k), "" if k == 3 else "0", str(90 * k)] for k in range(1, 7)]]

    def draw(c: object) -> None:
        c.drawString(100, 720, "三、收到和处理申请情况如下")
        for k, row in enumerate(rows):
            left = 100.0
            for text, width in zip(row, (120, 60, 60, 60), strict=True):
                c.drawString(left if left == 100 else left + 25, 680 - 20 * k, text)
                left += width

    (grid,) = grids(read(typeset(draw)))
    assert [[cell for cell in row if cell or k] for k, row in enumerate(map(list, grid.rows))][1:] == rows[1:]


def test_lines_of_prose_stay_text() -> None:
    def draw(c: object) -> None:
        for k in range(12):
            c.drawString(80, 700 - 16 * k, f"2024 年共收到申请 {k} 件，答复 {k + 1} 件，其中予以公开 {k} 件，部分公开 3 件。")

    document = read(typeset(draw))
    assert not grids(document)
    assert len(prose(document).splitlines()) == 12


# --- what cannot be read ---------------------------------------------------------------------------------


def test_encrypted_with_a_password() -> None:
    data = typeset(table, encrypt="secret")
    with pytest.raises(UnreadableDocument, match="password"):
        read(data)


def test_encrypted_with_an_empty_password_opens() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    assert only_grid(typeset(table, encrypt=StandardEncryption("", ownerPassword="owner"))) == TABLE


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated(share: float) -> None:
    data = typeset(table, table)
    with pytest.raises(UnreadableDocument):
        read(data[: int(len(data) * share)])


def test_rubbish() -> None:
    with pytest.raises(UnreadableDocument):
        read(b"%PDF-1.7\n" + random.Random(1).randbytes(3000) + b"\n%%EOF")


def test_limits() -> None:
    with pytest.raises(UnreadableDocument, match="pages"):
        read(typeset(table, table, table), max_pages=2)
    with pytest.raises(UnreadableDocument, match="cells"):
        read(typeset(table), max_cells=5)
    with pytest.raises(UnreadableDocument, match="bytes"):
        read(typeset(table), max_bytes=100)


# --- what browsers and word processors write -------------------------------------------------------------

ROWS = [("（一）公开", 1), ("（二）不予公开", 4), ("（三）无法提供", 3), ("（四）其他处理", 3)]


def web_page(seed: int, css: str) -> tuple[str, list[list[str]]]:
    rng = random.Random(seed)
    truth, body = [], []
    for group, count in ROWS:
        for k in range(1, count + 1):
            figures = [rng.choice(["", "0", str(rng.randrange(9999))]) for _ in range(7)]
            truth.append([group, f"{k}.{group[3:]}的第{k}种情形，名称较长需要换行", *figures])
            label = f"<td rowspan={count} class=g>{group}</td>" if k == 1 else ""
            cells = "".join(f"<td class=n>{figure}</td>" for figure in figures)
            body.append(f"<tr>{label}<td class=l>{truth[-1][1]}</td>{cells}</tr>")
    head = "<tr><td colspan=2>项目</td>" + "".join(f"<td>第{k}列</td>" for k in range(1, 8)) + "</tr>"
    style = (
        "@page{size:A4;margin:20mm} body{font-family:'Noto Serif CJK SC'} table{border-collapse:collapse;"
        f"width:100%}} td{{border:1px solid;text-align:center}} {css}"
    )
    space = f"<div style='height:{rng.randrange(150, 230)}mm'>一</div>"
    page = f"<meta charset=utf-8><style>{style}</style>{space}<table><thead>{head}</thead>{''.join(body)}</table>"
    return page, truth


@pytest.mark.parametrize(
    ("seed", "css"),
    [(1, ""), (2, "td.g{writing-mode:vertical-rl}"), (3, "td{border:1px dashed;vertical-align:top}"), (4, "td{padding:0;font-size:8pt}")],
)
def test_page_printed_by_a_browser(seed: int, css: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    page, truth = web_page(seed, css)
    (tmp_path / "a.html").write_text(page, "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    target = tmp_path / "a.pdf"
    command = [chromium, *flags, "--no-pdf-header-footer", f"--print-to-pdf={target}", str(tmp_path / "a.html")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    rows = only_grid(target.read_bytes())
    assert [[squeezed(cell) for cell in row] for row in rows[1:]] == truth
