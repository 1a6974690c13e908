"""The table of remedies in its shapes."""

from __future__ import annotations

import pytest
from report_pages import KINDS, RESULTS, figures, html_table, outcome, page, without

FIGURES = figures()
VALUES = {kind: [f"{FIGURES['remedies', kind, result]:.0f}" for result in RESULTS] for kind in KINDS}
LABELS = list(RESULTS.values())


def read(table: str, *, missing: str | None = None):  # type: ignore[no-untyped-def]
    truth = without(FIGURES, table="remedies", row=missing) if missing else FIGURES
    return outcome(page(FIGURES, remedies=table), truth)


def test_three_rows() -> None:
    assert read(html_table([["", *LABELS], *([label, *VALUES[kind]] for kind, label in KINDS.items())])).exact


def test_on_end() -> None:
    rows = [[KINDS[kind], label, value] for kind in KINDS for label, value in zip(LABELS, VALUES[kind], strict=True)]
    assert read(html_table(rows)).exact


def test_transposed() -> None:
    rows = [["", *KINDS.values()], *([label, *(VALUES[kind][at] for kind in KINDS)] for at, label in enumerate(LABELS))]
    found = read(html_table(rows))
    assert not found.wrong
    assert not found.silent


def test_order_of_results_follows_the_header() -> None:
    order = [4, 0, 1, 2, 3]
    rows = [
        ["", *(LABELS[at] for at in order)],
        *([label, *(VALUES[kind][at] for at in order)] for kind, label in KINDS.items()),
    ]
    found = read(html_table(rows))
    assert found.exact
    assert not found.alarms


@pytest.mark.parametrize("lost", range(15))
def test_a_lost_cell_shifts_nothing_in_silence(lost: int) -> None:
    line = [value for kind in KINDS for value in VALUES[kind]]
    del line[lost]
    head = f"<table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr><tr>{''.join(f'<td rowspan=2>{label}</td>' for label in LABELS)}"
    head += (
        "<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr><tr>"
        + "".join(f"<td>{label}</td>" for label in LABELS) * 2
        + "</tr>"
    )
    found = read(head + "<tr>" + "".join(f"<td>{value}</td>" for value in line) + "</tr></table>")
    assert not found.silent
    assert found.alarms


def test_kinds_that_are_not_told_apart_are_missing_and_said_to_be() -> None:
    sums = [
        f"{FIGURES['remedies', 'suit_direct', result] + FIGURES['remedies', 'suit_after', result]:.0f}"
        for result in RESULTS
    ]
    found = read(html_table([["", *LABELS], ["行政复议", *VALUES["reconsideration"]], ["行政诉讼", *sums]]))
    assert not found.wrong
    assert found.alarms == ["missing_rows"]


@pytest.mark.parametrize("cells", ["<td colspan=15>0</td>", "<td colspan=5>0</td>" * 3])
def test_merged_zero(cells: str) -> None:
    head = f"<table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr><tr>{''.join(f'<td rowspan=2>{label}</td>' for label in LABELS)}"
    head += (
        "<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr><tr>"
        + "".join(f"<td>{label}</td>" for label in LABELS) * 2
        + "</tr>"
    )
    zeros = {("remedies", kind, result): 0.0 for kind in KINDS for result in RESULTS}
    assert outcome(page(FIGURES, remedies=f"{head}<tr>{cells}</tr></table>"), FIGURES | zeros).exact
