"""Tables that lost their borders: read where the form leaves one reading, else left open and marked."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import CHAPTERS, COLUMNS, KINDS, RESULTS, UNIT, YEAR, Outcome, figures, official, outcome

from giakit.documents.model import Document, Text
from giakit.forms.model import Address
from giakit.reading.align import stream_lines, tokens
from giakit.reading.fill import Reading
from giakit.reading.tables import read_table
from giakit.reading.titles import Title
from giakit.reading.vocabulary import vocabulary
from typeset import random_figures

FIGURES = figures()


def streamed(table: str, text: str, *, year: int | None = None, stated: dict[str, set[float]] | None = None) -> Reading:
    """What the stream of a text says of a table."""
    document = Document("x", "text", (Text(text),))
    lines = stream_lines(tokens(document), vocabulary(table))
    return read_table(table, document, Title(None, year), lines, stated=stated or {})


def run_together(values: dict[Address, float], *, separator: str = "", changed: dict[str, str] | None = None) -> bytes:
    """A page whose tags were stripped: all cells of a line run together."""
    parts = [f"{UNIT}{YEAR}年政府信息公开工作年度报告"]
    for chapter, grid in zip(CHAPTERS[1:4], official(values).values(), strict=True):
        lines = []
        for line in grid.placed():
            lines.append(separator.join(place.cell.text for place in line if place.begins))
        parts += [chapter, separator.join(lines)]
    text = "\n".join([*parts, CHAPTERS[4], "还有不足。"])
    for old, new in (changed or {}).items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def check(read: Outcome) -> None:
    assert not [address for address in read.wrong if address[0] != "proactive"], read.wrong
    assert not read.silent
    assert not read.invented


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_nothing_wrong_from_digits_that_run_together(seed: int) -> None:
    values = random_figures(seed, scale=80)
    read = outcome(run_together(values), values, name="x.txt")
    check(read)
    assert not read.wrong


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_with_white_space_between_cells_everything_is_read(seed: int) -> None:
    values = random_figures(seed, scale=80)
    read = outcome(run_together(values, separator=" "), values, name="x.txt")
    assert read.exact


def test_solved_cells_say_so_and_their_identities_prove_nothing() -> None:
    read = outcome(run_together(FIGURES), FIGURES, name="x.txt")
    cells = read.report.cells.query("table == 'requests' and state == 'reported'")
    assert "solved" in set(cells["origin"])
    checks = read.report.checks
    assert "not_assessable" in set(checks[checks["check"] == "H3"]["status"])


def test_a_misread_digit_is_not_solved_away() -> None:
    whole = "".join(f"{FIGURES['requests', 'new', column]:.0f}" for column in COLUMNS)
    broken = whole[:-1] + ("1" if whole[-1] != "1" else "2")
    read = outcome(run_together(FIGURES, changed={whole: broken}), FIGURES, name="x.txt")
    assert not read.silent


def remedies(text: str) -> dict[tuple[str, str], float | None]:
    header = "".join(RESULTS.values()) + KINDS["suit_direct"] + KINDS["suit_after"] + "".join(RESULTS.values()) * 2
    reading = streamed("remedies", f"{header}{text}\n五、存在的主要问题及改进情况")
    return {address: cell.value for address, cell in reading.cells.items()}


def test_remedies_of_real_reports() -> None:
    found = remedies("110024001510102")
    assert [found["reconsideration", result] for result in RESULTS] == [1, 1, 0, 0, 2]
    assert [found["suit_direct", result] for result in RESULTS] == [4, 0, 0, 1, 5]
    assert [found["suit_after", result] for result in RESULTS] == [1, 0, 1, 0, 2]


def test_remedies_that_can_be_cut_in_two_ways_stay_open() -> None:
    # 1, 10, 0, 0, 11 and 11, 0, 0, 0, 11 both add up.
    found = remedies("1100011" + "00000" + "00000")
    assert found["reconsideration", "total"] == 11
    assert found["reconsideration", "upheld"] is None
    assert found["suit_after", "total"] == 0


def test_statistics_are_cut_by_the_figure_of_the_prose() -> None:
    lines = [
        "主动公开文件数条346085376",
        "1、政府网站公开数条346085376",
        "2、政府公报公开数条00",
        "受理依申请公开信息总数条00",
        "1、当面申请数条00",
        "2、网上申请数条00",
        "对申请的答复总数条00",
    ]
    text = "指标名称计量单位2016年度历年累计\n" + "\n".join(lines)
    open_ = streamed("statistics", text, year=2016)
    assert open_.cells["disclosed_total", "count"].state == "undecided"
    told = streamed("statistics", text, year=2016, stated={"disclosed_total": {3460.0}})
    assert told.cells["disclosed_total", "count"].value == 3460
    assert told.cells["disclosed_total", "cumulative"].value == 85376
    assert any(question.check == "run_together" for question in told.doubts)


def test_a_document_without_the_labels_has_no_table() -> None:
    assert streamed("requests", "今天收到3件申请。").cells == {}
