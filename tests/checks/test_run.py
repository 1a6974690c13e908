"""One pipeline: reading, building and checking again say the same of a report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import giakit as gia
from giakit.checks.model import CHECK_COLUMNS, Cell, Check
from giakit.checks.run import check_report
from giakit.forms import form
from giakit.panel.pool import InProcess
from typeset import random_figures, typeset

SHARED = Path(__file__).parents[2].parent / "shared" / "reports"
STOCK = {("proactive", "rules", "issued"): 5.0, ("proactive", "rules", "in_force"): 1.0, ("proactive", "rules", "repealed"): 0.0}  # fmt: skip


def verdicts(findings: pd.DataFrame) -> list[tuple[object, ...]]:
    """Findings without the report they belong to, in one order."""
    plain = findings[list(CHECK_COLUMNS)].astype(object)
    return sorted(plain.where(plain.notna(), None).itertuples(index=False, name=None), key=str)


def of_one(data: bytes, name: str, folder: Path) -> pd.DataFrame:
    """The findings of a report in a panel of its own."""
    source = folder / "source"
    source.mkdir()
    (source / name).write_bytes(data)
    panel = gia.build(source, folder / "panel", executor=InProcess(), progress=False)
    assert len(panel) == 1, panel.manifest["reason"].tolist()
    return panel.findings


@pytest.mark.parametrize("year_of_form", [("2021", 2023), ("2019", 2019), ("2019", 2022), ("2014", 2016)])
@pytest.mark.parametrize("format", ["html", "text", "docx", "xlsx"])
def test_a_panel_of_one_finds_what_reading_finds(year_of_form: tuple[str, int], format: str, tmp_path: Path) -> None:
    code, year = year_of_form
    figures = dict(random_figures(f"{code}{year}", form=code))
    first = next(iter(figures))
    page = typeset(figures | {first: figures[first] + 7}, unit="卧龙区商务局", year=year, form=code, format=format)
    expected = verdicts(gia.read(page.data, name=page.name).findings)
    assert verdicts(of_one(page.data, page.name, tmp_path)) == expected
    assert year != 2022 or "form_year" in [check for check, *_ in expected]


def test_soft_rules_are_findings_of_a_report_too(tmp_path: Path) -> None:
    page = typeset(dict(random_figures(3)) | STOCK, unit="卧龙区商务局", year=2023)
    read = gia.read(page.data, name=page.name).findings
    assert "stock" in set(read["check"])
    assert verdicts(of_one(page.data, page.name, tmp_path)) == verdicts(read)


@pytest.mark.parametrize(
    "path", sorted(SHARED.glob("20*")) or [pytest.param(None, marks=pytest.mark.skip("no shared reports"))]
)
def test_real_reports_too(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    assert verdicts(of_one(data, path.name, tmp_path)) == verdicts(gia.read(data, name=path.name).findings)


class TestCheckReport:
    def test_nothing_it_is_given_is_changed(self) -> None:
        cells = {("remedies", "suit_direct", "total"): Cell(3.0, "reported")}
        doubts = [Check("torn_header", "uncertain", "remedies", None, None, None, None, "one number a row")]
        before = (dict(cells), list(doubts))
        verdict = check_report(form("2021"), cells, year=2023, doubts=doubts)
        assert (cells, doubts) == before
        assert [check.basis for check in verdict.checks if check.check == "torn_header"] == ["reading"]

    def test_without_a_form_only_the_doubts_remain(self) -> None:
        doubt = Check("title", "uncertain", None, None, None, None, None, "no title names the agency")
        assert [check.check for check in check_report(None, {}, year=2020, doubts=[doubt]).checks] == ["title"]

    def test_an_identity_that_solved_a_cell_says_so_in_a_field(self) -> None:
        row = dict.fromkeys(["upheld", "corrected", "other", "pending"], Cell(1.0, "reported"))
        row["total"] = Cell(4.0, "reported", "solved")
        cells = {("remedies", "suit_direct", column): cell for column, cell in row.items()}
        (check,) = check_report(form("2021"), cells, solved_by={("H4", "suit_direct")}).checks
        assert (check.status, check.basis) == ("not_assessable", "solved")
