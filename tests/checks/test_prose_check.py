"""Prose against table: agreement, contradiction, and what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_pages import figures, prose_document

import giakit as gia
from giakit.checks.model import Cell, Check
from giakit.checks.prose_check import check_stated
from giakit.forms import form
from giakit.forms.model import Address
from giakit.reading.prose import Stated, stated

REPORTS = Path(__file__).resolve().parents[2].parent / "shared" / "reports"
CELLS = {address: Cell(value, "reported", "printed") for address, value in figures().items()}
VALUES = figures()


def total(*rows: str, table: str = "requests", column: str = "total") -> int:
    return int(sum(VALUES[table, row, column] for row in rows))


def verdicts(text: str, cells: dict[Address, Cell] | None = None) -> dict[str, str]:
    checks = check_stated(form("2021"), CELLS if cells is None else cells, stated(prose_document(text), 2023))
    return {check.check: check.status for check in checks}


def test_agreement() -> None:
    text = f"收到政府信息公开申请{total('new')}件，上年结转{total('carried_in')}件，办结{total('closed')}件，结转下年度继续办理{total('carried_out')}件。"
    assert verdicts(text) == {
        "stated:new": "pass",
        "stated:carried_in": "pass",
        "stated:closed": "pass",
        "stated:carried_out": "pass",
    }


def test_contradiction() -> None:
    assert verdicts(f"收到政府信息公开申请{total('new') + 31}件。") == {"stated:new": "fail"}
    assert verdicts("未收到政府信息公开申请。") == {"stated:new": "fail"}


def test_received_may_be_new_or_the_load_and_the_message_says_which() -> None:
    cells = CELLS | {("requests", "carried_in", "total"): Cell(7, "reported", "printed")}
    (check,) = check_stated(
        form("2021"), cells, stated(prose_document(f"收到政府信息公开申请{total('new') + 7}件。"), 2023)
    )
    assert check.status == "pass"
    assert "new + carried_in" in check.message


def test_a_neighbouring_quantity_is_no_plain_contradiction() -> None:
    cells = CELLS | {("requests", "closed", "total"): Cell(total("new") - 4, "reported", "printed")}
    assert verdicts(f"收到政府信息公开申请{total('new') - 4}件。", cells) == {"stated:new": "uncertain"}


def test_groups_are_sums_of_their_rows() -> None:
    table = form("2021").tables["requests"]
    sums = {
        group: total(
            *(row.code for row in table.rows if row.group == group and ("requests", row.code, "total") in VALUES)
        )
        for group in ("denied", "unable", "not_processed", "other")
    }
    text = f"办结申请{total('closed')}件，予以公开及部分公开{total('granted', 'partial')}件，不予公开{sums['denied']}件，无法提供{sums['unable']}件，不予处理{sums['not_processed']}件，其他处理{sums['other']}件。"
    found = verdicts(text)
    assert set(found.values()) == {"pass"}
    assert set(found) == {
        "stated:closed",
        "stated:granted+partial",
        "stated:denied",
        "stated:unable",
        "stated:not_processed",
        "stated:other",
        "stated:sum",
    }
    assert verdicts(f"办结申请{total('closed')}件，不予公开{sums['denied'] + 12}件。")["stated:denied"] == "fail"


def test_the_single_row_of_other_handling_is_the_group() -> None:
    cells = {address: cell for address, cell in CELLS.items() if not address[1].startswith("other_")} | {
        ("requests", "other", "total"): Cell(9, "reported", "printed")
    }
    assert verdicts("申请其他处理9件。", cells) == {"stated:other": "pass"}


def test_suits_are_both_kinds() -> None:
    assert verdicts(f"因政府信息公开提起行政诉讼{total('suit_direct', 'suit_after', table='remedies')}件。") == {
        "stated:suits": "pass"
    }


@pytest.mark.parametrize(
    ("text", "status"), [("收到政府信息公开申请{}余件。", "pass"), ("收到政府信息公开申请90余件。", "note")]
)
def test_round_figures_never_fail(text: str, status: str) -> None:
    assert verdicts(text.format(total("new") // 10 * 10)) == {"stated:new": status}


def test_blank_cells_are_not_compared_with_a_figure() -> None:
    blank = CELLS | {("requests", "new", "total"): Cell(None, "blank")}
    assert verdicts("收到政府信息公开申请5件。", blank) == {"stated:new": "not_assessable"}
    undecided = CELLS | {("requests", "new", "total"): Cell(None, "undecided")}
    assert verdicts("收到政府信息公开申请5件。", undecided) == {"stated:new": "not_assessable"}


def test_another_meaning_that_is_undecided_forbids_a_verdict() -> None:
    """答复 may mean the replies: their undecided cell could be the figure."""
    cells = {
        ("statistics", "closed", "count"): Cell(20, "reported"),
        ("statistics", "replies", "count"): Cell(None, "undecided"),
    }
    (check,) = check_stated(form("2014"), cells, stated(prose_document("收到政府信息公开申请，答复136件。"), 2016))
    assert (check.check, check.status) == ("stated:closed", "not_assessable")


def test_a_blank_part_could_account_for_the_difference() -> None:
    cells = CELLS | {("requests", "denied_process", "total"): Cell(None, "blank")}
    assert verdicts("申请不予公开999件。", cells) == {"stated:denied": "uncertain"}


def test_a_table_that_is_not_there_is_not_compared() -> None:
    absent = {address: Cell(None, "absent") for address in CELLS}
    assert verdicts("收到政府信息公开申请5件。", absent) == {}
    assert check_stated(None, {}, stated(prose_document("收到政府信息公开申请5件。"), 2023)) == []


def test_several_statements_of_which_one_fits() -> None:
    assert verdicts(f"收到政府信息公开申请5件。收到政府信息公开申请{total('new')}件。") == {"stated:new": "pass"}
    assert verdicts("收到政府信息公开申请5件。收到政府信息公开申请6件。") == {"stated:new": "uncertain"}


def test_sums_inside_the_prose() -> None:
    assert verdicts("全年主动公开政府信息1213件，其中网站公开1198件，公众号公开15件。") == {"stated:sum": "pass"}
    # Parts need not be all there is.
    assert verdicts("全年主动公开政府信息1213件，其中网站公开198件，公众号公开15件。") == {}
    outcomes = "办结申请31件，予以公开及部分公开20件，不予公开2件，无法提供5件，不予处理1件，其他处理1件。"
    assert verdicts(outcomes)["stated:sum"] == "uncertain"


def by_name(checks: list[Check]) -> dict[str, str]:
    return {check.check: check.status for check in checks}


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not beside the project")
def test_real_reports_contradict_themselves_where_they_do() -> None:
    def of(name: str) -> dict[str, str]:
        report = gia.read(REPORTS / name)
        return by_name(check_stated(report.form, report.record.cells, report.record.stated))

    pingtan = of("2013_平潭综合实验区_page.txt")
    assert (pingtan["stated:disclosed_total"], pingtan["stated:reconsideration"], pingtan["stated:new"]) == (
        "fail",
        "fail",
        "pass",
    )
    county = of("2013_平潭县人民政府_统计表.html")
    assert (county["stated:received_online"], county["stated:received_mail"], county["stated:new"]) == (
        "fail",
        "fail",
        "pass",
    )
    shanghai = of("2019_上海市人民政府办公厅.html")
    assert (shanghai["stated:new"], shanghai["stated:closed"], shanghai["stated:denied"], shanghai["stated:sum"]) == (
        "pass",
        "pass",
        "not_assessable",
        "uncertain",
    )
    for name in (
        "2024_淮安市人民政府.pdf",
        "2023_平潭综合实验区_page.txt",
        "2025_平潭综合实验区.html",
        "2025_卧龙区商务局.txt",
    ):
        assert set(of(name).values()) == {"pass"}, name


def test_what_another_body_counted_is_no_contradiction() -> None:
    cells = {
        ("requests", "new", "total"): Cell(70, "reported"),
        ("requests", "carried_in", "total"): Cell(2, "reported"),
    }
    for body, status in (("", "fail"), ("区行政服务中心", "uncertain")):
        told = [Stated("requests", "new", "total", 5, "收到申请5件", False, body)]
        (check,) = check_stated(form("2021"), cells, told)
        assert check.status == status
