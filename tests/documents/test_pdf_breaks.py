"""PDF tables over page breaks and without lines, files that cannot be read, and what browsers write."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typeset_pdf import TABLE, WIDTHS, grids, only_grid, prose, read, squeezed, table, typeset

from giakit.documents.pdf.fonts import lacks_chinese
from giakit.errors import UnreadableDocument
from typeset.printed import has_chinese_font

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
    rows = [
        ["项目名称", "甲", "乙", "丙"],
        *[[f"{k}.第{k}项", str(k), "" if k == 3 else "0", str(90 * k)] for k in range(1, 7)],
    ]

    def draw(c: object) -> None:
        c.drawString(100, 720, "三、收到和处理申请情况如下")
        for k, row in enumerate(rows):
            left = 100.0
            for text, width in zip(row, (120, 60, 60, 60), strict=True):
                c.drawString(left if left == 100 else left + 25, 680 - 20 * k, text)
                left += width

    (grid,) = grids(read(typeset(draw)))
    assert [[cell for cell in row if cell or k] for k, row in enumerate(map(list, grid.rows))][1:] == rows[1:]


@pytest.mark.parametrize(("figures", "centred"), [(["12", "340"], False), (["12", "340"], True), (["7"], False)])
def test_few_columns_with_labels_of_several_lines(figures: list[str], centred: bool) -> None:
    labels = [["主动公开信息", "数"], ["其中网站公开"], ["受理申请信息", "总数"], ["其中当面申请", "数"]]

    def draw(c: object) -> None:
        y = 680.0
        for k, label in enumerate(labels):
            at = y - 6 * (len(label) - 1) if centred else y
            for column, text in enumerate(["元" if k == 2 else "条", *(f"{figure}{k}" for figure in figures)]):
                c.drawString(200 + 60 * column, at, text)
            for piece in label:
                c.drawString(100, y, piece)
                y -= 12
            y -= 4

    (grid,) = grids(read(typeset(draw)))
    assert [list(row) for row in grid.rows] == [
        ["\n".join(label), "元" if k == 2 else "条", *(f"{figure}{k}" for figure in figures)]
        for k, label in enumerate(labels)
    ]


def test_lines_of_prose_stay_text() -> None:
    def draw(c: object) -> None:
        for k in range(12):
            c.drawString(
                80, 700 - 16 * k, f"2024 年共收到申请 {k} 件，答复 {k + 1} 件，其中予以公开 {k} 件，部分公开 3 件。"
            )

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

    if lacks_chinese():
        pytest.skip("no font with Chinese characters is installed")
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
    [
        (1, ""),
        (2, "td.g{writing-mode:vertical-rl}"),
        (3, "td{border:1px dashed;vertical-align:top}"),
        (4, "td{padding:0;font-size:8pt}"),
    ],
)
def test_page_printed_by_a_browser(seed: int, css: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    if not has_chinese_font():
        pytest.skip("no font with Chinese characters is installed")
    page, truth = web_page(seed, css)
    (tmp_path / "a.html").write_text(page, "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    target = tmp_path / "a.pdf"
    command = [chromium, *flags, "--no-pdf-header-footer", f"--print-to-pdf={target}", str(tmp_path / "a.html")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    rows = only_grid(target.read_bytes())
    assert [[squeezed(cell) for cell in row] for row in rows[1:]] == truth
