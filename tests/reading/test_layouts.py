"""Layouts seen before: reading by place gives what reading by labels gives, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from giakit.documents.limits import DEFAULT_LIMITS
from giakit.documents.model import Document, Grid, Text
from giakit.documents.open import open_document
from giakit.reading import layouts
from giakit.reading.headings import own_texts
from giakit.reading.opening import find_tables
from giakit.reading.record import read_record
from giakit.reading.titles import Title
from typeset import quirks, random_figures, typeset

TITLE = Title("某市财政局", 2022)
CASES = [
    (format, name)
    for format in ("html", "docx", "xlsx")
    for name in ("", *quirks())
    if not name or quirks()[name].fits(format, "2021")
]


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    layouts.forget()
    yield
    layouts.forget()


def _data(seed: int, *, format: str = "html", quirks: tuple[str, ...] | list[str] = ()) -> bytes:
    figures = random_figures(seed)
    return typeset(
        figures, unit=TITLE.unit or "", year=TITLE.year or 0, format=format, seed=1, quirks=list(quirks)
    ).data


def _document(seed: int) -> Document:
    return open_document(_data(seed), name="page")


def _learnt() -> Document:
    data = _data(1)
    _meet(data)
    return open_document(data, name="page")


def _meet(data: bytes) -> None:
    """A layout is remembered when it comes again."""
    for _ in range(2):
        find_tables(data, name="page", limits=DEFAULT_LIMITS)


def _recalled(document: Document, title: Title = TITLE) -> bool:
    return len(layouts.recall(document, own_texts(document, title), title)) == 4


def _with_cell(document: Document, grid: int, row: int, column: int, raw: str) -> Document:
    blocks = list(document.blocks)
    block = [number for number, block in enumerate(blocks) if isinstance(block, Grid)][grid]
    rows = [list(line) for line in blocks[block].rows]
    rows[row][column] = raw
    blocks[block] = replace(blocks[block], rows=rows)
    return replace(document, blocks=tuple(blocks))


@pytest.mark.parametrize(("format", "quirk"), CASES)
def test_memory_changes_no_reading(format: str, quirk: str) -> None:
    documents = [_data(seed, format=format, quirks=[quirk] if quirk else []) for seed in range(3)]
    fresh = []
    for data in documents:
        layouts.forget()
        fresh.append(read_record(data, name="page"))
    layouts.forget()
    # In either order, and again: what is remembered must not depend on who came first.
    for order in (range(3), range(2, -1, -1)):
        layouts.forget()
        for number in (*order, *order):
            assert read_record(documents[number], name="page") == fresh[number]


@pytest.mark.parametrize(
    "piece",
    [
        "<ul><li><span>一、本年新收政府信息公开申请数量</span><span>7</span></li><li><span>乙</span><span>3</span></li></ul>",
        "<p>全年 收到 <b> 申请</b>\r\n3件。</p>",
        "<p>2021年度数据</p>",
        "<div><p><span>甲</span><span>1</span></p><p><span>乙</span><span>2</span></p><p><span>丙</span><span>3</span></p></div>",
        '<p><img src="map.png"></p>',
        "<table><tr><td>公告</td><td>12</td></tr></table>",
    ],
)
def test_what_stands_before_the_tables_is_read_the_same_with_and_without_memory(piece: str) -> None:
    page = _data(1).replace(b"</h1>", b"</h1>" + piece.encode(), 1)
    fresh = read_record(page, name="page")
    layouts.forget()
    _learnt()
    assert read_record(page, name="page") == fresh


def test_the_same_layout_with_other_figures_is_recalled() -> None:
    assert not _recalled(_document(1))
    _learnt()
    assert all(_recalled(_document(seed)) for seed in (2, 3, 4))


def test_a_row_that_does_not_close_is_read_by_its_labels() -> None:
    document = _learnt()
    rows = [block for block in document.blocks if isinstance(block, Grid)][1].rows
    assert rows[3][0].startswith("一、")
    assert not _recalled(_with_cell(document, 1, 3, 9, str(int(rows[3][9]) + 1)))


@pytest.mark.parametrize(
    "heading", ["2021年度数据", "某市财政局2021年政府信息公开工作年度报告", "上年度数据"]
)
def test_a_heading_of_another_year_is_never_passed_over(heading: str) -> None:
    document = _learnt()
    blocks = list(document.blocks)
    place = next(number for number, block in enumerate(blocks) if isinstance(block, Grid))
    blocks[place - 1] = Text(f"{blocks[place - 1].text}\n{heading}", "text 1")
    assert not _recalled(replace(document, blocks=tuple(blocks)))
    table = Grid([[heading, ""]], where="table 0")
    assert not _recalled(replace(document, blocks=(table, *document.blocks)))


def test_what_stands_alone_in_a_row_of_a_sheet_may_differ_but_name_no_other_year() -> None:
    data = _data(1, format="xlsx")
    _meet(data)
    document = open_document(data, name="book")
    (rows,) = [block.rows for block in document.blocks if isinstance(block, Grid)]
    alone = next(
        number for number, row in enumerate(rows) if "机构" in row[0] and len(set(filter(None, row))) == 1
    )

    def with_text(text: str) -> Document:
        changed = document
        for column, raw in enumerate(rows[alone]):
            changed = _with_cell(changed, 0, alone, column, text if raw else "")
        return changed

    assert _recalled(with_text("全年没有别的事项。"))
    assert not _recalled(with_text("2021年度数据"))
    assert not _recalled(with_text("一、本年新收政府信息公开申请数量"))


def test_a_second_printing_is_another_layout() -> None:
    document = _learnt()
    assert not _recalled(replace(document, blocks=document.blocks * 2))


def test_the_year_belongs_to_the_layout() -> None:
    document = _learnt()
    assert not _recalled(document, Title(TITLE.unit, 2023))


def test_a_label_that_changed_is_another_layout() -> None:
    document = _learnt()
    assert _recalled(document)
    assert not _recalled(_with_cell(document, 1, 3, 0, "一、上年新收政府信息公开申请数量"))
    assert not _recalled(_with_cell(document, 1, 3, 3, ""))
    assert not _recalled(_with_cell(document, 1, 3, 3, "2021"))


def test_what_one_cell_leaves_open_stays_open() -> None:
    document = _with_cell(_learnt(), 0, 2, 1, "1 2")
    readings = layouts.recall(document, document, TITLE)
    assert [question.check for question in readings["proactive"].doubts] == ["broken_number"]


@pytest.mark.parametrize(
    "quirk", ["label_typo", "transposed", "labels_lost", "last_year_before", "two_agencies"]
)
def test_doubtful_readings_are_not_remembered(quirk: str) -> None:
    data = _data(1, quirks=[quirk])
    _meet(data)
    found = find_tables(data, name="page", limits=DEFAULT_LIMITS)
    known = layouts.recall(found.document, found.own, found.title)
    assert "requests" not in known
    # Tables that stand twice are told apart by what stands above them.
    assert bool(known) is (quirk not in ("last_year_before", "two_agencies"))


def test_a_table_in_doubt_costs_the_others_nothing() -> None:
    data = _data(1, quirks=["label_typo"])
    _meet(data)
    fresh = find_tables(data, name="page", limits=DEFAULT_LIMITS).readings
    layouts.forget()
    again = find_tables(data, name="page", limits=DEFAULT_LIMITS).readings
    assert list(fresh) == list(again)
    assert {table: reading.cells for table, reading in fresh.items()} == {
        table: reading.cells for table, reading in again.items()
    }
    assert [question.check for question in fresh["requests"].doubts] == ["near_label"]


def test_a_header_that_covers_two_cells_is_never_read_by_place() -> None:
    def page(first: int, second: int) -> bytes:
        text = _data(1).decode()
        head = "<td>现行有效件数</td></tr>"
        assert text.count(head) == 1
        text = text.replace(head, '<td colspan="2">现行有效件数</td></tr>').replace(
            'colspan="4"', 'colspan="5"'
        )
        row = text.index("<tr><td>行政规范性文件")
        end = text.index("</tr>", row)
        return (
            text[:row]
            + f"<tr><td>行政规范性文件</td><td>1</td><td>2</td><td>{first}</td><td>{second}</td>"
            + text[end:]
        ).encode()

    _meet(page(0, 0))
    fresh = find_tables(page(0, 3), name="page", limits=DEFAULT_LIMITS).readings["proactive"]
    layouts.forget()
    again = find_tables(page(0, 3), name="page", limits=DEFAULT_LIMITS).readings["proactive"]
    assert fresh.cells == again.cells
