"""Reports in layouts that real sites produce: read to the figure and quietly, or marked; never wrong in silence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_pages import (
    CHAPTERS,
    COLUMNS,
    KINDS,
    RESULTS,
    UNIT,
    YEAR,
    Outcome,
    edited,
    figures,
    html_table,
    matrix,
    official,
    outcome,
    page,
    told,
    without,
)

import giakit as gia
from typeset import random_figures, typeset
from typeset.model import Cell

FIGURES = figures()
TABLES = official(FIGURES)
REQUESTS = html_table(TABLES["requests"])
REMEDIES = html_table(TABLES["remedies"])
PROACTIVE = html_table(TABLES["proactive"])
OTHER = html_table(official(random_figures(9, scale=40))["requests"])


def quiet(read: Outcome) -> bool:
    assert read.exact, (read.wrong[:3], read.missing[:3], read.invented[:3])
    assert not read.alarms, told(read.report).to_string()
    return True


def test_official_page_is_read_to_the_figure() -> None:
    read = outcome(page(FIGURES), FIGURES)
    assert quiet(read)
    assert (read.report.unit, read.report.year, str(read.report.form)) == (UNIT, YEAR, "2021")


@pytest.mark.parametrize("form", ["2019", "2014", "local"])
def test_older_forms_are_read_to_the_figure(form: str) -> None:
    values = random_figures(4, form=form, scale=60)
    document = typeset(values, unit=UNIT, year=2019 if form == "2019" else 2016, form=form)
    assert quiet(outcome(document.data, values))


def with_value(change: str) -> str:
    return re.sub(r"<td>(\d+)</td>", change, REQUESTS)


CELLS = {
    "counting words": r"<td>\1件</td>",
    "counting words in brackets": r"<td>\1（件）</td>",
    "decimals of nothing": r"<td>\1.0</td>",
    "zero-width space": "<td>\u200b\\1</td>",
    "no-break spaces": r"<td>&nbsp;\1&nbsp;</td>",
    "word's namespaced tags": r"<td><o:p></o:p><span lang=EN-US>\1<o:p></o:p></span></td>",
    "word's conditional comments": r"<td><!--[if !supportEmptyParas]-->&nbsp;<!--[endif]-->\1</td>",
    "paragraph and an empty one": r"<td><p>\1</p><p>&nbsp;</p></td>",
    "a table in every cell": r"<td><table><tr><td>\1</td></tr></table></td>",
    "a raised note mark": r"<td>\1<sup>1</sup></td>",
    "a raised note mark in brackets": r"<td>\1<sup>[2]</sup></td>",
    "struck-out figure": r"<td><del>7</del>\1</td>",
    "struck-out figure by style": r'<td><span style="text-decoration: line-through">7</span>\1</td>',
    "hidden figure": r'<td><span style="display:none">9</span>\1</td>',
    "figure of no size": r'<td><span style="font-size:0">9</span>\1</td>',
}


@pytest.mark.parametrize("change", CELLS.values(), ids=CELLS.keys())
def test_noise_in_cells(change: str) -> None:
    assert quiet(outcome(page(FIGURES, requests=with_value(change)), FIGURES))


def test_digits_over_two_paragraphs_are_one_number() -> None:
    split = re.sub(r"<td>(\d)(\d)</td>", r"<td><p>\1</p><p>\2</p></td>", REQUESTS)
    assert quiet(outcome(page(FIGURES, requests=split), FIGURES))


LABELS = [
    ("（一）予以公开", "（一）同意公开"),
    ("（七）总计", "（七）合计"),
    ("（七）总计", "总计"),
    ("四、结转下年度继续办理", "四、结转下年度继续办理政府信息公开申请数量"),
    ("四、结转下年度继续办理", "四、结转至下一年度继续办理"),
    ("一、本年新收政府信息公开申请数量", "一、本年新收政府信息公开申请数量（件）"),
    ("1.属于国家秘密", "1.涉及国家秘密"),
    ("3.其他", "3.其他情形"),
    ("2.没有现成信息需要另行制作", "2.没有现成信息"),
    ("法人或其他组织", "法人及其他组织"),
    ("社会公益组织", "社会公益性组织"),
    ("自然人", "公民"),
    ("自然人", "自<br>然<br>人"),
    ("总计</td>", "总数</td>"),
]


@pytest.mark.parametrize(("printed", "own"), LABELS)
def test_wordings_of_labels(printed: str, own: str) -> None:
    assert quiet(outcome(page(FIGURES, requests=REQUESTS.replace(printed, own)), FIGURES))


def added_column(position: int, heading: str, value: str) -> str:
    rows = []
    for number, row in enumerate(TABLES["requests"].rows):
        text = heading if number == 2 else "" if number < 2 else value.format(number=number - 2)
        rows.append([*row[:position], Cell(text, "extra"), *row[position:]])
    return html_table(edited(TABLES["requests"], rows))


ADDED = {
    "row numbers first": (0, "序号", "{number}"),
    "row numbers before the values": (3, "行次", "{number}"),
    "unit before the values": (3, "单位", "件"),
    "empty remarks behind": (10, "备注", ""),
    "last year's total behind": (10, "上年总计", "{number}"),
    "last year behind": (10, "去年", "{number}"),
}


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED.keys())
def test_columns_that_the_form_does_not_have(added: tuple[int, str, str]) -> None:
    assert quiet(outcome(page(FIGURES, requests=added_column(*added)), FIGURES))


@pytest.mark.parametrize("heading", ["小计", "合计", "总计"])
@pytest.mark.parametrize("position", [4, 9])
def test_subtotal_of_the_organisations(heading: str, position: int) -> None:
    rows = []
    for number, row in enumerate(TABLES["requests"].rows):
        parts = sum(float(cell.text) for cell in row[4:9]) if number > 2 else 0
        new = Cell(f"{parts:.0f}", "extra") if number > 2 else Cell(heading, "head") if number == 2 else row[8]
        rows.append([*row[:position], new, *row[position:]])
    read = outcome(page(FIGURES, requests=html_table(edited(TABLES["requests"], rows))), FIGURES)
    assert not read.wrong
    assert not read.silent


def test_total_column_first() -> None:
    rows = [[*row[:3], row[9], *row[3:9]] for row in TABLES["requests"].rows]
    assert quiet(outcome(page(FIGURES, requests=html_table(edited(TABLES["requests"], rows))), FIGURES))


@pytest.mark.parametrize(("position", "column"), list(enumerate(COLUMNS, start=3)))
@pytest.mark.parametrize("remark", [False, True])
def test_column_that_is_missing(position: int, column: str, remark: bool) -> None:
    rows = [[*row[:position], *row[position + 1 :]] for row in TABLES["requests"].rows]
    if remark:
        rows = [[*row, Cell("备注" if number == 2 else "")] for number, row in enumerate(rows)]
    read = outcome(
        page(FIGURES, requests=html_table(edited(TABLES["requests"], rows))),
        without(FIGURES, table="requests", column=column, row=None),
    )
    assert not read.wrong
    assert not read.invented
    assert not read.silent
    assert read.alarms


@pytest.mark.parametrize("label", ["小计", "合计", "总计"])
def test_sums_below_groups_are_no_totals(label: str) -> None:
    grid = TABLES["requests"]
    rows: list[list[Cell]] = []
    sums = [0.0] * 7
    for row, following in zip(grid.rows, [*grid.rows[1:], None], strict=True):
        rows.append(row)
        if len(rows) > 3 and row[1] is not row[2]:
            sums = [total + float(cell.text) for total, cell in zip(sums, row[3:], strict=True)]
            if following is None or following[1] is not row[1]:
                rows.append([row[0], row[1], Cell(label), *(Cell(f"{total:.0f}", "extra") for total in sums)])
                sums = [0.0] * 7
    read = outcome(page(FIGURES, requests=html_table(edited(grid, rows))), FIGURES)
    assert quiet(read)


NOTES = {
    "a sentence with numbers": "<tr><td colspan=10>注：本表数据含乡镇12个，其中网络申请30件。</td></tr>",
    "a number behind a remark": "<tr><td colspan=3>备注</td><td>12</td><td colspan=6>&nbsp;</td></tr>",
    "who filled it in": "<tr><td colspan=3>填表人：某某</td><td colspan=3>联系电话</td><td colspan=4>0591-12345678</td></tr>",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES.keys())
def test_notes_under_the_table(note: str) -> None:
    assert quiet(outcome(page(FIGURES, requests=REQUESTS.replace("</table>", note + "</table>")), FIGURES))


def test_missing_row_moves_no_other() -> None:
    whole = re.sub(r"<tr>(?:(?!</tr>).)*2\.重复申请(?:(?!</tr>).)*</tr>", "", REQUESTS)
    read = outcome(page(FIGURES, requests=whole), without(FIGURES, table="requests", row="not_processed_repeat"))
    assert read.exact
    assert "missing_rows" in read.alarms


def test_missing_row_of_other_handling_is_told_under_every_form() -> None:
    made = typeset(random_figures(3, form="2019"), unit="某县商务局", year=2020, form="2019").data.decode()
    gone, rows = re.subn(r"<tr>(?:(?!</tr>).)*（六）其他处理(?:(?!</tr>).)*</tr>", "", made, flags=re.S)
    report = gia.read(gone.encode())
    assert rows == 1
    assert "requests: rows not found: other" in set(report.findings["message"])


def test_blank_total_row_stays_blank() -> None:
    blank = re.sub(r"(（七）总计</td>)(?:<td>\d+</td>)+", r"\1" + "<td></td>" * 7, REQUESTS)
    read = outcome(page(FIGURES, requests=blank), without(FIGURES, table="requests", row="closed"))
    assert read.exact
    assert set(read.report.cells.query("table == 'requests' and row == 'closed'")["state"]) == {"blank"}
    assert "fail" not in set(read.report.checks["status"])


def test_absent_total_row_fails_no_identity() -> None:
    gone = re.sub(r"<tr>(?:(?!</tr>).)*（七）总计(?:(?!</tr>).)*</tr>", "", REQUESTS)
    read = outcome(page(FIGURES, requests=gone), without(FIGURES, table="requests", row="closed"))
    assert read.exact
    assert "fail" not in set(read.report.checks["status"])
    assert "missing_rows" in read.alarms


def test_single_row_of_other_handling_in_a_2021_table() -> None:
    merged = {
        ("requests", "other", column): sum(
            FIGURES["requests", row, column] for row in ("other_uncorrected", "other_unpaid", "other_rest")
        )
        for column in COLUMNS
    }
    truth = {
        address: value
        for address, value in FIGURES.items()
        if not address[1].startswith("other_") or address[0] != "requests"
    } | merged
    label = Cell("（六）其他处理")
    rows = [row for row in TABLES["requests"].rows if row[1].text != "（六）其他处理"]
    at = next(number for number, row in enumerate(rows) if row[2].text == "（七）总计")
    row = [rows[at][0], label, label, *(Cell(f"{merged['requests', 'other', column]:.0f}") for column in COLUMNS)]
    read = outcome(page(FIGURES, requests=html_table(edited(TABLES["requests"], [*rows[:at], row, *rows[at:]]))), truth)
    assert quiet(read)
    assert str(read.report.form) == "2021"


def test_2019_table_in_a_later_report() -> None:
    values = figures("2019")
    read = outcome(page(values, form="2019", year=2022), values)
    assert read.exact
    assert read.alarms == ["form_year"]
    assert (str(read.report.form), read.report.year) == ("2019", 2022)


def test_whole_report_in_one_table() -> None:
    def rows(table: str) -> str:
        return re.sub(r"</?table[^>]*>", "", table)

    parts = [
        CHAPTERS[0],
        "做好工作。",
        CHAPTERS[1],
        rows(PROACTIVE),
        CHAPTERS[2],
        rows(REQUESTS),
        CHAPTERS[3],
        rows(REMEDIES),
        CHAPTERS[4],
        "无。",
    ]
    body = "".join(
        part if part.startswith("<tr") else f"<tr><td colspan=15>{part}</td></tr>"
        for part in [f"{UNIT}{YEAR}年政府信息公开工作年度报告", *parts]
    )
    assert quiet(outcome(f"<html><body><table>{body}</table></body></html>".encode(), FIGURES))


HEADINGS = [
    ("2022年", "2023年"),
    ("上年度", "本年度"),
    ("附：2022年数据", "2023年数据"),
    ("（二）上一年度收到和处理申请情况", "（一）本年度收到和处理申请情况"),
]


@pytest.mark.parametrize("first", ["last", "this"])
@pytest.mark.parametrize("headings", HEADINGS)
def test_last_years_table_beside_this_years(headings: tuple[str, str], first: str) -> None:
    last, this = f"<p>{headings[0]}</p>{OTHER}", f"<p>{headings[1]}</p>{REQUESTS}"
    assert quiet(outcome(page(FIGURES, requests=last + this if first == "last" else this + last), FIGURES))


@pytest.mark.parametrize("headings", [("", ""), ("全区汇总", "区本级")])
def test_two_tables_that_nothing_tells_apart(headings: tuple[str, str]) -> None:
    both = f"<p>{headings[0]}</p>{OTHER}<p>{headings[1]}</p>{REQUESTS}"
    read = outcome(page(FIGURES, requests=both), FIGURES)
    assert "which_table" in read.alarms
    assert not read.wrong
    assert not read.silent


def test_small_table_of_last_year_before_the_report() -> None:
    small = html_table(
        [
            ["项目", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"],
            ["一、本年新收政府信息公开申请数量", *"3000003"],
        ]
    )
    assert quiet(outcome(page(FIGURES, before="<p>上年情况</p>" + small), FIGURES))


def test_list_of_departments_is_not_the_table() -> None:
    rows = [
        ["单位", "本年新收政府信息公开申请数量", "上年结转政府信息公开申请数量", "结转下年度继续办理", "总计"],
        ["县教育局", *"3003"],
        ["合计", *"8109"],
    ]
    assert quiet(outcome(page(FIGURES, after=html_table(rows)), FIGURES))
    assert quiet(outcome(page(FIGURES, before=html_table(rows)), FIGURES))


def remedy(kind: str, result: str) -> str:
    return f"{FIGURES['remedies', kind, result]:.0f}"


def remedies_line(kinds: tuple[str, ...], *, spans: bool = True) -> str:
    span = " colspan=5" if spans else ""
    results = "".join(f"<td>{label}</td>" for label in RESULTS.values())
    line = "".join(f"<td>{remedy(kind, result)}</td>" for kind in kinds for result in RESULTS)
    return (
        f"<table><tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr><tr>{results.replace('<td>', '<td rowspan=2>')}"
        f"<td{span}>{KINDS[kinds[1]]}</td><td{span}>{KINDS[kinds[2]]}</td></tr><tr>{results * 2}</tr><tr>{line}</tr></table>"
    )


def test_suits_in_the_other_order() -> None:
    assert quiet(
        outcome(page(FIGURES, remedies=remedies_line(("reconsideration", "suit_after", "suit_direct"))), FIGURES)
    )


def test_suits_in_the_other_order_without_spans() -> None:
    read = outcome(
        page(FIGURES, remedies=remedies_line(("reconsideration", "suit_after", "suit_direct"), spans=False)), FIGURES
    )
    assert not read.silent


def test_remedies_in_rows_with_a_sum_of_suits() -> None:
    rows = [
        ["类别", "", *RESULTS.values()],
        *(
            [
                "行政复议" if kind == "reconsideration" else "行政诉讼",
                label,
                *(remedy(kind, result) for result in RESULTS),
            ]
            for kind, label in KINDS.items()
        ),
    ]
    sums = [
        f"{FIGURES['remedies', 'suit_direct', result] + FIGURES['remedies', 'suit_after', result]:.0f}"
        for result in RESULTS
    ]
    for label in ("小计", "合计"):
        assert quiet(
            outcome(page(FIGURES, remedies=html_table([*rows[:2], ["行政诉讼", label, *sums], *rows[2:]])), FIGURES)
        )


def test_remedies_of_a_department_below_the_total() -> None:
    heads, line = remedies_line(tuple(KINDS)).rsplit("<tr>", 1)
    other = "".join(f"<td>{value}</td>" for value in "210030000010001")
    for rows in (
        f"<tr><td>合计</td>{line[:-8]}<tr><td>其中：县公安局</td>{other}</tr>",
        f"<tr><td>县公安局</td>{other}</tr><tr><td>合计</td>{line[:-8]}",
    ):
        table = heads.replace("<table><tr>", "<table><tr><td rowspan=3>单位</td>") + rows + "</table>"
        read = outcome(page(FIGURES, remedies=table), FIGURES)
        assert not read.silent


def test_remedies_in_two_tables_lose_nothing_in_silence() -> None:
    results = "".join(f"<td>{label}</td>" for label in RESULTS.values())
    decisions = "".join(f"<td>{remedy('reconsideration', result)}</td>" for result in RESULTS)
    first = f"<p>行政复议</p><table><tr>{results}</tr><tr>{decisions}</tr></table>"
    lines = "".join(f"<td>{remedy(kind, result)}</td>" for kind in ("suit_direct", "suit_after") for result in RESULTS)
    second = f"<p>行政诉讼</p><table><tr><td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr><tr>{results * 2}</tr><tr>{lines}</tr></table>"
    assert not outcome(page(FIGURES, remedies=first + second), FIGURES).silent


def proactive(**cells: str) -> str:
    """The proactive table with other strings for its rules (a list of cells) or its fees."""
    rows = matrix(TABLES["proactive"])
    table = PROACTIVE
    if "head" in cells:
        table = table.replace("本年收费金额（单位：万元）", cells["head"])
    if "fee" in cells:
        table = re.sub(r"(行政事业性收费</td><td colspan=3>)[^<]*", rf"\g<1>{cells['fee']}", table)
    if "rules" in cells:
        printed = "".join(f"<td>{text}</td>" for text in next(row for row in rows if row[0] == "规章")[1:])
        table = table.replace("规章</td>" + printed, "规章</td>" + cells["rules"])
    return table


AMOUNTS = [
    ("本年收费金额（单位：元）", "152000", 15.2),
    ("本年收费金额（元）", "152000.00", 15.2),
    ("本年收费金额（单位：千元）", "152", 15.2),
    ("本年收费金额（单位：亿元）", "1.52", 15200.0),
    ("本年收费金额", "15.2", 15.2),
    ("本年收费金额（单位：万元）", "152000元", 15.2),
    ("本年收费金额（单位：万元）", "152000（元）", 15.2),
    ("本年收费金额（单位：万元）", "15.2（万元）", 15.2),
    ("本年收费金额（单位：万元）", "15.2亿元", 152000.0),
    ("本年收费金额（单位：万元）", "152，000.50", 152000.5),
]


@pytest.mark.parametrize(("head", "fee", "value"), AMOUNTS)
def test_amounts_and_their_units(head: str, fee: str, value: float) -> None:
    read = outcome(
        page(FIGURES, proactive=proactive(head=head, fee=fee)), FIGURES | {("proactive", "fees", "amount"): value}
    )
    assert quiet(read)


@pytest.mark.parametrize("fee", ["约15", "不收费", "15,2", "1.52E+05"])
def test_amounts_that_are_no_figures_are_undecided(fee: str) -> None:
    read = outcome(page(FIGURES, proactive=proactive(fee=fee)), without(FIGURES, table="proactive", row="fees"))
    assert read.exact
    assert "unreadable" in read.alarms


@pytest.mark.parametrize("cells", ["<td>3</td><td>5</td>", "<td>5</td>", "<td colspan=3>5</td>"])
def test_too_few_cells_in_a_row_are_not_guessed(cells: str) -> None:
    read = outcome(page(FIGURES, proactive=proactive(rules=cells)), without(FIGURES, table="proactive", row="rules"))
    assert not read.silent
    assert read.alarms


def test_one_merged_zero_is_a_zero_in_every_cell() -> None:
    zeros = {("proactive", "rules", column): 0.0 for column in ("issued", "repealed", "in_force")}
    assert quiet(outcome(page(FIGURES, proactive=proactive(rules="<td colspan=3>0</td>")), FIGURES | zeros))


def test_nothing_is_no_zero() -> None:
    read = outcome(
        page(FIGURES, proactive=proactive(rules="<td>无</td><td>/</td><td></td>")),
        without(FIGURES, table="proactive", row="rules"),
    )
    assert read.exact
    assert set(read.report.cells.query("table == 'proactive' and row == 'rules'")["state"]) == {"blank"}


def test_comma_separated_values() -> None:
    lines = [f"{UNIT}{YEAR}年政府信息公开工作年度报告"]
    for chapter, code in zip(CHAPTERS[1:4], ("proactive", "requests", "remedies"), strict=True):
        lines += [chapter, *(",".join(row) for row in matrix(TABLES[code]))]
    assert quiet(outcome("\n".join(lines).encode("gb18030"), FIGURES, name="x.csv"))


def test_merged_figures_repeated_between_commas_do_not_crash() -> None:
    lines = [f"{UNIT}{YEAR}年政府信息公开工作年度报告", CHAPTERS[1]]
    for row in matrix(TABLES["proactive"]):
        lines.append("，".join(row))
    read = outcome("\n".join(lines).encode(), FIGURES, name="x.txt")
    assert not read.silent


def test_cells_on_lines_of_their_own_are_not_cut_into_digits() -> None:
    """Where blank cells leave no trace, seven digits need not be seven cells."""
    lines = [f"{UNIT}{YEAR}年政府信息公开工作年度报告", CHAPTERS[2]]
    for row in matrix(TABLES["requests"])[3:]:
        figures = ["258", "12", "1", "1"] if row[2].startswith("（一）予以公开") else ["3", "3"]
        lines += [*dict.fromkeys(row[:3]), *figures]
    cells = outcome("\n".join(lines).encode(), {}, name="x.txt").report.cells.query("table == 'requests'")
    granted = cells[cells["row"] == "granted"]
    assert set(granted["state"]) == {"undecided"}
    assert granted["raw"].str.startswith("258").all()


def folded() -> str:
    """The requests table in two halves side by side."""
    rows = [row[2:] for row in matrix(TABLES["requests"])[2:]]
    rows[0] = ["项目", *rows[0][1:]]
    left, right = rows[1:14], rows[14:]
    right += [[""] * 8] * (len(left) - len(right))
    return html_table([rows[0] * 2, *(one + other for one, other in zip(left, right, strict=True))])


def test_table_in_two_halves_loses_nothing_in_silence() -> None:
    assert not outcome(page(FIGURES, requests=folded()), FIGURES).silent


@pytest.mark.xfail(strict=True, reason="the row of totals of a table folded into halves stays open")
def test_table_in_two_halves() -> None:
    assert outcome(page(FIGURES, requests=folded()), FIGURES).exact


def single(heading: str, position: int) -> str:
    return html_table([["项目", heading], *([row[2], row[position]] for row in matrix(TABLES["requests"])[3:])])


@pytest.mark.parametrize("heading", ["数量", "总计", "合计", "件数"])
def test_hand_made_table_with_totals_alone(heading: str) -> None:
    truth = {address: value for address, value in FIGURES.items() if address[0] != "requests" or address[2] == "total"}
    read = outcome(page(FIGURES, requests=single(heading, 9)), truth)
    assert read.exact
    assert read.alarms


def test_hand_made_table_with_one_other_column() -> None:
    truth = {
        address: value
        for address, value in FIGURES.items()
        if address[0] != "requests" or address[2] == "natural_person"
    }
    read = outcome(page(FIGURES, requests=single("自然人", 3)), truth)
    assert read.exact
    assert read.alarms


def dated_remedies(first: tuple[str, str], second: tuple[str, str]) -> str:
    heads, line = remedies_line(tuple(KINDS)).rsplit("<tr>", 1)
    own, other = line[: -len("</tr></table>")], "".join(f"<td>{value}</td>" for value in "210030000010001")
    rows = "".join(f"<tr><td>{label}</td>{own if kind == 'own' else other}</tr>" for label, kind in (first, second))
    return heads.replace("<table><tr>", "<table><tr><td rowspan=3>年度</td>") + rows + "</table>"


DATED = [
    (("2022年", "other"), ("2023年", "own")),
    (("2023年", "own"), ("2022年", "other")),
    (("上年", "other"), ("本年", "own")),
]


@pytest.mark.parametrize("rows", DATED)
def test_remedies_of_two_years_are_never_mixed_up(rows: tuple[tuple[str, str], tuple[str, str]]) -> None:
    read = outcome(page(FIGURES, remedies=dated_remedies(*rows)), FIGURES)
    assert not read.wrong
    assert not read.silent


@pytest.mark.parametrize("rows", DATED)
def test_remedies_of_two_years(rows: tuple[tuple[str, str], tuple[str, str]]) -> None:
    assert outcome(page(FIGURES, remedies=dated_remedies(*rows)), FIGURES).exact


STATISTICS = random_figures(4, form="2014", scale=60)


def statistics_page(*heads: str, own: int) -> bytes:
    """A page with the statistical table, its figures in column `own` and another number in the other one."""
    lines = matrix(official(STATISTICS, "2014", 2016)["statistics"])[1:]
    rows = [
        [label, unit, *((value if at == own else "—" if value == "—" else "7") for at in range(len(heads)))]
        for label, unit, value in lines
    ]
    title = f"{UNIT}2016年政府信息公开工作年度报告"
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>一、概述</p>{html_table([['统计指标', '单位', *heads], *rows])}</body></html>".encode()


@pytest.mark.parametrize(
    ("heads", "own"), [(("2016年",), 0), (("数值",), 0), (("2015年", "2016年"), 1), (("2016年", "2015年"), 0)]
)
def test_statistics_under_years_and_other_words(heads: tuple[str, ...], own: int) -> None:
    assert outcome(statistics_page(*heads, own=own), STATISTICS).exact


TWO_COLUMNS = [
    (("上年", "本年"), 1),
    (("本年", "上年"), 0),
    (("合计", "县本级"), 0),
    (("统计数", "上年同期"), 0),
    (("县本级", "乡镇街道", "合计"), 2),
    (("数量", "上年数", "同比增减"), 0),
    (("2016年", "同比"), 0),
    (("统计数", "备注"), 0),
]


@pytest.mark.parametrize(("heads", "own"), TWO_COLUMNS)
def test_statistics_beside_another_column_are_never_mixed_up(heads: tuple[str, ...], own: int) -> None:
    read = outcome(statistics_page(*heads, own=own), STATISTICS)
    assert not read.wrong
    assert not read.silent


@pytest.mark.parametrize(("heads", "own"), TWO_COLUMNS)
def test_statistics_beside_another_column(heads: tuple[str, ...], own: int) -> None:
    assert outcome(statistics_page(*heads, own=own), STATISTICS).exact


def test_subtotal_of_an_empty_sheet_is_no_total() -> None:
    """The zeros of a sub-total column on a sheet without header: nothing is reported there."""
    quirks = ["page_split", "blank_nbsp", "sheet_a_table", "empty_form", "spacer_cells", "subtotal_column"]
    document = typeset(
        random_figures(2118, form="2019", scale=40),
        unit=UNIT,
        year=2019,
        form="2019",
        format="xlsx",
        quirks=quirks,
        seed=2118,
    )
    read = outcome(document.data, {}, name=document.name)
    assert not read.silent


@given(order=st.permutations(range(25)))
@settings(max_examples=15, deadline=None)
def test_shuffled_rows_change_nothing(order: list[int]) -> None:
    """Rows are found by their labels, never by their order."""
    rows = matrix(TABLES["requests"])
    labelled = [
        ["三、本年度办理结果" if row[0] != row[2] else "", row[1] if row[1] != row[2] else "", *row[2:]]
        for row in rows[3:]
    ]
    shuffled = html_table([rows[2], *(labelled[position] for position in order)])
    read = outcome(page(FIGURES, requests=shuffled), FIGURES)
    assert read.exact, (read.wrong, read.missing)


@given(
    seed=st.integers(0, 10_000),
    form=st.sampled_from(["2021", "2019"]),
    format=st.sampled_from(["html", "text", "markdown"]),
)
@settings(max_examples=20, deadline=None)
def test_typeset_and_read_gives_the_figures_back(seed: int, form: str, format: str) -> None:
    values = random_figures(seed, form=form)
    year = {"2019": 2020, "2021": 2022}[form]
    document = typeset(values, unit=UNIT, year=year, form=form, format=format)
    assert quiet(outcome(document.data, values, name=document.name))


@given(
    blank=st.sets(st.sampled_from(sorted(FIGURES)), min_size=1, max_size=60),
    mark=st.sampled_from(["", "/", "—", "-", "&nbsp;"]),
)
@settings(max_examples=20, deadline=None)
def test_a_blank_never_becomes_a_zero(blank: set[tuple[str, str, str]], mark: str) -> None:
    left = {address: value for address, value in FIGURES.items() if address not in blank}
    data = page(left)
    if mark:
        data = data.replace(b"<td></td>", f"<td>{mark}</td>".encode())
    read = outcome(data, left)
    assert not read.wrong
    assert not read.invented
    cells = read.report.cells.set_index(["table", "row", "column"])
    assert cells.loc[sorted(blank), "value"].isna().all()


def test_reading_does_not_depend_on_the_name() -> None:
    data = page(FIGURES)
    assert gia.read(data, name="a.pdf").cells.equals(gia.read(data, name="b.html").cells)
