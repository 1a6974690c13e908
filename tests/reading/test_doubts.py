"""Cells that may show something else than what was taken from them: undecided, unless an identity confirms the figure."""

from __future__ import annotations

import dataclasses

import pytest

from giakit.documents.model import Document, Doubt, Grid, Text
from giakit.documents.open import open_document
from giakit.errors import NotAReport
from giakit.reading import record
from typeset import random_figures, typeset

FIGURES = random_figures(3, form="2021", scale=40)
PAGE = typeset(FIGURES, unit="某某局", year=2023)


def read_with(
    monkeypatch: pytest.MonkeyPatch, doubt: Doubt | None, raw: str, **fields: tuple[str, ...]
) -> record.Record:
    """The page read with a doubt on every cell whose text is `raw`."""
    document = open_document(PAGE.data, name="page.html")
    blocks = []
    for block in document.blocks:
        if isinstance(block, Grid) and doubt is not None:
            width = len(block.rows[0])
            anchors = block.anchors or [range(n * width, (n + 1) * width) for n in range(len(block.rows))]
            doubts = {
                a: doubt
                for row, numbers in zip(block.rows, anchors, strict=True)
                for cell, a in zip(row, numbers, strict=True)
                if cell == raw
            }
            block = dataclasses.replace(block, doubts=doubts)
        blocks.append(block)
    changed = dataclasses.replace(document, blocks=tuple(blocks), **fields)
    return read_document(monkeypatch, changed)


def read_document(monkeypatch: pytest.MonkeyPatch, document: Document) -> record.Record:
    from giakit.reading import record

    monkeypatch.setattr(record, "open_document", lambda *_, **__: document)
    return record.read_record(PAGE.data, name="page.html")


def test_a_figure_that_is_not_as_shown_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    total = f"{FIGURES['requests', 'closed', 'total']:.0f}"
    read = read_with(monkeypatch, Doubt("a script writes it"), total)
    cell = read.cells["requests", "closed", "total"]
    assert (cell.value, cell.state) == (None, "undecided")
    assert any(
        (c.table, c.row, c.column, c.status) == ("requests", "closed", "total", "uncertain") for c in read.checks
    )


def test_a_confirmable_figure_is_taken_where_an_identity_closes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    total = f"{FIGURES['requests', 'closed', 'total']:.0f}"
    read = read_with(monkeypatch, Doubt("its digits differ in style", confirmable=True), total)
    assert read.cells["requests", "closed", "total"].value == float(total)
    assert not [c for c in read.checks if c.table == "requests" and c.status == "uncertain"]


def test_a_confirmable_figure_without_an_identity_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    amount = next(f"{v:g}" for (t, r, c), v in FIGURES.items() if (t, r) == ("proactive", "licences") and v is not None)
    read = read_with(monkeypatch, Doubt("its digits differ in style", confirmable=True), amount)
    assert read.cells["proactive", "licences", "decisions"].state == "undecided"


def test_a_doubt_on_the_document_is_a_finding_on_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_with(monkeypatch, None, "", doubts=("a picture lies over the table",))
    assert [c.message for c in read.checks if c.table is None and c.status == "uncertain"] == [
        "a picture lies over the table"
    ]


def test_a_text_in_doubt_gives_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "某某局2023年政府信息公开工作年度报告\n" + "\n".join(
        ["规章 0 7 5", "行政规范性文件 1 2 9", "行政许可 31", "行政处罚 4", "行政强制 0", "行政事业性收费 0"]
    )
    head = "信息内容 本年制发件数 本年废止件数 现行有效件数 本年处理决定数量 本年收费金额"
    document = Document("page.txt", "text", (Text(head), Text(lines, doubt=Doubt("an overlay covers it"))))
    try:
        read = read_document(monkeypatch, document)
    except NotAReport:
        return
    assert not [cell for cell in read.cells.values() if cell.value is not None]
