"""PDF files of known content: lines, turned pages, cells, hidden text, and one real report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typeset_pdf import TABLE, edges, grids, only_grid, prose, squeezed, table, texts, typeset

from giakit.documents.limits import Limits
from giakit.documents.model import Document
from giakit.documents.pdf.reader import read_pdf

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


# --- the real report -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def huaian() -> tuple[Document, dict[str, dict[str, dict[str, float]]]]:
    path = SHARED / "reports" / "2024_淮安市人民政府.pdf"
    if not path.exists():
        pytest.skip("the real reports are not here")
    truth = json.loads((SHARED / "reports" / "truth" / "2024_淮安市人民政府.json").read_text("utf-8"))
    return read_pdf(path.read_bytes(), name=path.name, limits=Limits()), truth["cells"]


def test_real_requests_table_is_one_grid_over_two_pages(huaian: tuple) -> None:
    document, truth = huaian
    grid = next(g for g in grids(document) if "自然人" in map(squeezed, [cell for row in g.rows for cell in row]))
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
    for left, right in pairwise(xs):
        for top, bottom in pairwise(ys):
            c.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
    texts(c, 100, 700, TABLE)


def cell_fills(c: object) -> None:
    xs, ys = edges(100, 700)
    c.setFillGray(0.85)
    for left, right in pairwise(xs):
        for top, bottom in pairwise(ys):
            c.rect(left + 0.5, bottom + 0.5, right - left - 1, top - bottom - 1, stroke=0, fill=1)
    c.setFillGray(0)
    texts(c, 100, 700, TABLE)


def form_object(c: object) -> None:
    c.beginForm("part")
    table(c, 0, 60)
    c.endForm()
    c.saveState()
    c.translate(100, 640)
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
    [
        table,
        one_path,
        dashes,
        double_lines,
        thin_rectangles,
        cell_boxes,
        cell_fills,
        form_object,
        open_sides,
        false_bold,
    ],
)
def test_lines_of_every_kind(draw: Callable[[object], None]) -> None:
    assert only_grid(typeset(draw)) == TABLE


@given(
    st.lists(
        st.lists(st.one_of(st.just(""), st.integers(0, 99999).map(str)), min_size=4, max_size=4), min_size=3, max_size=3
    )
)
@settings(max_examples=30, deadline=None)
def test_every_figure_stands_in_its_cell(rows: list[list[str]]) -> None:
    if not any(map(any, rows)):
        return
    assert only_grid(typeset(lambda c: table(c, rows=rows))) == rows
