"""Cells that may show something else than what was taken from them: undecided, unless an identity confirms the figure."""

from __future__ import annotations

import dataclasses

import pytest

import giakit as gia
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


def test_a_table_whose_labels_got_no_figure_is_missed() -> None:
    labels = "主动公开信息数\n受理依申请公开信息总数\n对申请的答复总数\n行政复议数\n行政诉讼数\n政府信息公开收费减免金额\n同意公开答复数"
    text = f"某县教育局2012年政府信息公开工作年度报告\n一、概述\n略。\n二、主动公开情况\n略。\n三、依申请公开情况\n略。\n四、统计表\n{labels}\n5126\n9346\n7\n"
    report = gia.read((text + "五、存在的问题\n" + "还要努力。" * 30).encode(), name="x.txt")
    assert "statistics" in set(report.findings["table"])


def test_a_text_that_lost_characters_says_so() -> None:
    text = f"某县教育局2012年政府信息公开工作年度报告\n一、概述\n{'做好工作。' * 30}\n二、主动公开情况\n略。\n三、依申请公开情况\n略。\n四、存在的问题\n略。\n主动\ufffd\n申请\ufffd\n答复\ufffd\n复议\ufffd\n收费\ufffd\n"
    report = gia.read(text.encode(), name="x.txt")
    assert report.findings["message"].str.contains("characters were lost").any()
