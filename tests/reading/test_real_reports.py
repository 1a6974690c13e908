"""The real reports beside the project: every figure as printed, every blank blank, and no error in silence."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from report_pages import squeezed_names

import giakit as gia
from giakit.forms.model import Address
from giakit.reading.report import Report

REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"
TRUTHS = sorted((REPORTS / "truth").glob("*.json")) if REPORTS.is_dir() else []
# Figures that a text leaves open, and that are marked so: file, table, row.
OPEN = {
    ("2013_平潭综合实验区_page.txt", "statistics", "via_gazette"),
    ("2024_上海市科学技术委员会.md", "requests", "carried_out"),
}
pytestmark = pytest.mark.skipif(not TRUTHS, reason="the real reports are not beside the project")


@cache
def truth(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def report(path: Path) -> Report:
    return gia.read(REPORTS / truth(path)["file"])


def printed(path: Path) -> dict[Address, float]:
    """The truth by address; an amount printed in yuan in 10,000 yuan."""
    told = truth(path)
    units = told.get("units", {})
    return {
        (table, row, column): value / 10_000 if units.get(f"{table}.{row}.{column}") == "元" else value
        for table, rows in told["cells"].items()
        for row, columns in rows.items()
        for column, value in columns.items()
    }


def read(path: Path) -> dict[Address, float]:
    return {
        (cell.table, cell.row, cell.column): float(cell.value)
        for cell in report(path).cells.itertuples()
        if cell.state == "reported"
    }


def ambiguous(path: Path) -> set[tuple[str, str]]:
    return {(table, row) for table, row in truth(path).get("ambiguous", [])}


def touched(path: Path) -> set[str | None]:
    return {
        None if table != table or table is None else table
        for table in report(path).findings["table"].astype(object).where(lambda table: table.notna(), None)
    }


def by_file(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_unit_year_and_form(path: Path) -> None:
    told, found = truth(path), report(path)
    assert found.unit in squeezed_names(told["unit"], *told.get("unit_also", []))
    assert found.year == told["year"]
    assert str(found.form) == told["form"]


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_every_separable_figure_is_exact(path: Path) -> None:
    found = read(path)
    open_ = ambiguous(path)
    for address, value in printed(path).items():
        if address[:2] in open_ or (truth(path)["file"], *address[:2]) in OPEN:
            continue
        assert found.get(address) == pytest.approx(value, abs=1e-9), address


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_no_error_is_silent(path: Path) -> None:
    found, told = read(path), printed(path)
    marked = touched(path)
    for address, value in told.items():
        if found.get(address) is None or abs(found[address] - value) > 1e-9:
            assert None in marked or address[0] in marked, address
    codes = {(row, column) for _, row, column in told}
    for address in found:
        invented = address not in told and (address[1:] in codes or ":" not in address[1] + address[2])
        assert not invented or None in marked or address[0] in marked, address


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_blanks_are_blank(path: Path) -> None:
    cells = report(path).cells.set_index(["table", "row", "column"])
    for address in map(tuple, truth(path).get("blank", [])):
        if address[:2] not in ambiguous(path) and (truth(path)["file"], *address[:2]) not in OPEN:
            assert cells.loc[address, "state"] == "blank", address


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_what_cannot_be_told_apart_is_marked(path: Path) -> None:
    findings = report(path).findings
    for table, row in ambiguous(path):
        marked = findings[(findings["table"] == table) & (findings["row"].isna() | (findings["row"] == row))]
        assert len(marked), (table, row)
    found, told = read(path), printed(path)
    wrong = [
        address
        for address in told
        if address[:2] in ambiguous(path) and address in found and abs(found[address] - told[address]) > 1e-9
    ]
    assert not wrong


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_arithmetic_errors_of_the_report_are_found(path: Path) -> None:
    checks = report(path).checks
    for violation in truth(path).get("violations", []):
        here = checks[
            (checks["check"] == violation["identity"])
            & ((checks["row"] == violation["where"]) | (checks["column"] == violation["where"]))
        ]
        assert set(here["status"]) & {"fail", "uncertain", "not_assessable"}, violation


@pytest.mark.parametrize("path", TRUTHS, ids=by_file)
def test_reports_that_close_raise_no_broken_identity(path: Path) -> None:
    if not truth(path).get("violations"):
        failing = report(path).checks.query("status == 'fail'")
        assert not failing["check"].str.fullmatch(r"[HS]\d").any(), failing["message"].tolist()


def test_figures_only_in_prose_give_no_cells() -> None:
    found = gia.read(REPORTS / "2013_平潭综合实验区地方税务局_page.txt")
    assert found.cells["value"].isna().all()
    assert len(found.stated)


def test_the_blank_template_is_no_report() -> None:
    with pytest.raises(gia.NotAReport, match="blank form"):
        gia.read(REPORTS / "template_政务公开年报模版.docx")
