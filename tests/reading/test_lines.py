"""A document as lines of items."""

from __future__ import annotations

from giakit.documents.model import Document, Grid, Text
from giakit.reading.lines import document_lines, is_transposed, oriented, transposed
from giakit.reading.vocabulary import vocabulary

ACROSS = Grid(
    [
        ["", "一、本年新收政府信息公开申请数量", "二、上年结转政府信息公开申请数量", "（一）予以公开", "（七）总计"],
        ["自然人", "3", "0", "2", "3"],
        ["商业企业", "1", "0", "1", "1"],
        ["总计", "4", "0", "3", "4"],
    ]
)


def test_merged_cells_are_one_item() -> None:
    grid = Grid([["甲", "甲", "5"], ["甲", "乙", "6"]], [[0, 0, 1], [0, 2, 3]], "table 1")
    first, second = document_lines(Document("x", "html", (grid,)))
    assert [(item.start, item.end, item.raw) for item in first.items] == [(0, 2, "甲"), (2, 3, "5")]
    assert [item.carried for item in second.items] == [True, False, False]
    assert first.has_number
    assert [item.raw for item in second.labels] == ["甲", "乙"]


def test_texts_are_lines_without_cells() -> None:
    lines = document_lines(Document("x", "text", (Text("一\n\n二", "line 1"),)))
    assert [line.items[0].raw for line in lines] == ["一", "二"]
    assert all(line.is_text for line in lines)


def test_crosswise_tables_are_turned() -> None:
    words = vocabulary("requests")
    assert is_transposed(ACROSS, words)
    assert not is_transposed(transposed(ACROSS), words)
    assert transposed(transposed(ACROSS)).rows == ACROSS.rows
    document = Document("x", "html", (ACROSS,))
    lines = oriented(document, words, document_lines(document))
    assert [item.raw for item in lines[1].items] == ["一、本年新收政府信息公开申请数量", "3", "1", "4"]


def test_a_ragged_grid_is_never_turned() -> None:
    ragged = Grid([list(row) for row in ACROSS.rows[:-1]] + [["总计"]], aligned=False)
    assert not is_transposed(ragged, vocabulary("requests"))
