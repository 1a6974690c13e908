"""Reports as pages: the official layout, marks and their explanations, nothing of the document unescaped."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import giakit as gia
from giakit.reading.display import report_html, report_text
from typeset import random_figures, typeset

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reports"


class Tables(HTMLParser):
    """Tables as rows of (text, rowspan, colspan), without marks and proposals."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[list[object]]]] = []
        self.titles: list[str] = []
        self.open = False
        self.beside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append(["", int(found.get("rowspan") or 1), int(found.get("colspan") or 1)])
            self.titles.append(found.get("title") or "")
            self.open = True
        elif tag in ("sup", "span"):
            self.beside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.open = False
        elif tag in ("sup", "span"):
            self.beside = False

    def handle_data(self, data: str) -> None:
        if self.open and not self.beside:
            cell = self.tables[-1][-1][-1]
            cell[0] = str(cell[0]) + data


def widths(table: list[list[list[object]]]) -> set[int]:
    """Widths of the lines of a table, spans expanded."""
    hanging: dict[int, int] = {}
    found = []
    for number, row in enumerate(table):
        width = hanging.pop(number, 0)
        for _, down, across in row:
            width += int(str(across))
            for below in range(1, int(str(down))):
                hanging[number + below] = hanging.get(number + below, 0) + int(str(across))
        found.append(width)
    return set(found)


def page_of(figures: object, form: str = "2021") -> gia.Report:
    year = {"2021": 2023, "2019": 2019, "2014": 2016}[form]
    page = typeset(figures, unit="卧龙区商务局", year=year, form=form)
    return gia.read(page.data, name=page.name)


@pytest.mark.parametrize("form", ["2021", "2019", "2014"])
def test_every_line_of_a_table_is_equally_wide(form: str) -> None:
    page = Tables(report_html(page_of(random_figures(3, form=form), form)))
    assert page.tables
    assert all(len(widths(table)) == 1 for table in page.tables)


def test_the_official_layout_of_2021() -> None:
    proactive, requests, remedies = Tables(report_html(page_of(random_figures(3)))).tables
    assert widths(requests) == {10}
    assert ["三、本年度办理结果", 22, 1] in requests[5]
    assert [cell for row in requests for cell in row if cell[0] == "（三）不予公开"] == [["（三）不予公开", 8, 1]]
    assert widths(remedies) == {15}
    assert ["行政诉讼", 1, 10] in remedies[0]
    assert next(row[0][0] for row in proactive if len(row) == 1) == "第二十条第（一）项"


def test_labels_have_their_gloss() -> None:
    assert "requests newly received this year" in Tables(report_html(page_of(random_figures(3)))).titles


def test_blank_undecided_and_absent_are_told_apart() -> None:
    page = report_html(page_of({("requests", "new", "total"): 0}))
    assert 'class="blank"' in page
    assert "printed blank: not a zero" in page
    assert ">0</td>" in page


def test_doubtful_cells_are_marked_and_explained() -> None:
    figures = random_figures(3)
    figures = {**figures, ("requests", "new", "total"): figures["requests", "new", "total"] + 7}
    report = page_of(figures)
    page = report_html(report)
    assert report.findings["status"].eq("fail").any()
    for message in report.findings["message"]:
        assert escape(message) in page
    assert 'class="c fail"' in page
    assert "<sup>1</sup>" in page


def test_nothing_of_the_document_is_markup() -> None:
    page = typeset({("requests", "new", "total"): 3}, unit="卧龙区商务局", year=2023).data.decode()
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    page = page.replace("四、结转下年度继续办理", evil, 1).replace("予以公开", f"予以公开{evil}", 1)
    html = gia.read(page.encode(), name="<b>x</b>.html")._repr_html_()
    assert "<script" not in html
    assert "<b>x" not in html


def test_text_for_a_terminal() -> None:
    text = report_text(page_of(random_figures(3)))
    assert text.splitlines()[0] == "unit   卧龙区商务局"
    assert "（七）总计" in text
    assert "no findings" in text


@pytest.mark.skipif(not SHARED.exists(), reason="the real reports are not beside the project")
@pytest.mark.parametrize(
    "name",
    [
        "2019_上海市人民政府办公厅.html",
        "2021_平潭综合实验区_page.txt",
        "2017_平潭综合实验区_page.txt",
        "2025_卧龙区商务局.txt",
    ],
)
def test_real_reports(name: str) -> None:
    report = gia.read(SHARED / name)
    page = Tables(report_html(report))
    assert all(len(widths(table)) == 1 for table in page.tables)
    shown = [str(cell[0]).replace(",", "") for table in page.tables for row in table for cell in row]
    for value in report.cells["value"].dropna():
        assert f"{value:.10g}" in shown
