"""Localisation on real tables, printed as they were and with errors planted."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.checks.identities import check_identities
from giakit.checks.localise import MOST_SOLUTIONS, localise
from giakit.checks.model import Cell, Check, Suggestion
from giakit.forms import form

FORM = form("2021")
ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT.parent / "shared" / "figures" / "tables.csv"
Address = tuple[str, str, str]
ADDRESSES = [address for address in FORM.cells() if address[0] in ("requests", "remedies")]


def places(suggestions: list[Suggestion], solution: int = 1) -> dict[Address, float]:
    return {(s.table, s.row, s.column): s.value for s in suggestions if s.solution == solution}


def closes(read: dict[Address, Cell], suggestions: list[Suggestion], solution: int) -> bool:
    mended = {address: cell._replace(value=cell.value or 0, state="reported") for address, cell in read.items()}
    for address, value in places(suggestions, solution).items():
        mended[address] = Cell(value, "reported")
    return all(check.status == "pass" for check in check_identities(FORM, mended))


def real(unit: str, year: str) -> tuple[str, dict[Address, Cell]]:
    if not FIGURES.is_file():
        pytest.skip("the shared figures are not beside this project")
    with FIGURES.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["unit"] == unit and row["year"] == year]
    printed = {(r["table"], r["row"], r["column"]): Cell(float(r["value"]), "reported") for r in rows}
    tables = {address[0] for address in printed}
    shape = form(rows[0]["form"])
    return shape.id, {
        address: printed.get(address, Cell(None, "blank")) for address in shape.cells() if address[0] in tables
    }


def test_a_report_that_closes_pays_nothing(huaian: Any) -> None:
    assert localise(FORM, huaian.cells()) == ([], [])


def test_given_checks_that_pass_are_trusted(huaian: Any) -> None:
    broken = huaian.cells({("requests", "new", "total"): 3118})
    assert localise(FORM, broken, checks=[]) == ([], [])


def test_jinhu_2023_has_a_total_left_at_zero() -> None:
    id, read = real("金湖县人民政府", "2023")
    suggestions, _ = localise(form(id), read)
    assert suggestions[0][1:6] == ("remedies", "suit_direct", "total", 0, 3)
    assert "total was left at 0" in suggestions[0].why


def test_shanghai_2019_blank_totals_are_filled_and_no_figure_is_doubted() -> None:
    id, read = real("上海市人民政府办公厅", "2019")
    suggestions, findings = localise(form(id), read)
    assert {s.printed for s in suggestions} == {None}
    assert {s.solution for s in suggestions} == {1}
    assert places(suggestions)["requests", "granted", "total"] == 272
    assert findings == []


def test_shanghai_science_2024_names_its_missing_total() -> None:
    id, read = real("上海市科委", "2024")
    suggestions, _ = localise(form(id), read)
    assert places(suggestions) == {("requests", "carried_out", "total"): 1}


def test_parts_that_were_never_printed_are_not_invented() -> None:
    id, read = real("平潭县人民政府", "2013")
    assert localise(form(id), read) == ([], [])


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([address for address in ADDRESSES if address[0] == "requests"]), st.integers(0, 9999), st.booleans()
)
def test_any_one_wrong_cell_of_the_requests_names_itself(
    huaian: Any, address: Address, printed: int, blank_zeros: bool
) -> None:
    true = huaian.figures()[address]
    if printed == true:
        return
    suggestions, findings = localise(FORM, huaian.cells({address: printed}, blank_zeros=blank_zeros))
    assert places(suggestions) == {address: true}
    assert {s.solution for s in suggestions} == {1}
    assert all(blank_zeros and "blank totals" in finding.message for finding in findings)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(ADDRESSES), st.integers(0, 400), min_size=1, max_size=3))
def test_every_solution_restores_every_identity(huaian: Any, changes: dict[Address, int]) -> None:
    read = huaian.cells({**changes})
    suggestions, _ = localise(FORM, read)
    assert {s.solution for s in suggestions} <= set(range(1, MOST_SOLUTIONS + 1))
    for solution in {s.solution for s in suggestions}:
        assert closes(read, suggestions, solution)
    assert all(s.value >= 0 and s.value == int(s.value) for s in suggestions)


def test_two_wrong_cells(huaian: Any) -> None:
    wrong: dict[Address, int | None] = {("requests", "granted", "business"): 12, ("requests", "closed", "total"): 305}
    suggestions, _ = localise(FORM, huaian.cells(wrong))
    assert places(suggestions) == {address: huaian.figures()[address] for address in wrong}


def test_the_total_and_not_the_part_where_the_columns_close(huaian: Any) -> None:
    suggestions, _ = localise(FORM, huaian.cells({("requests", "partial", "total"): 445}))
    assert places(suggestions) == {("requests", "partial", "total"): 454}
    assert suggestions[0].why == "two digits were exchanged"


@pytest.mark.parametrize(
    ("printed", "why"),
    [(12, "a digit was dropped"), (11288, "a digit was doubled"), (1289, "off by one"), (7, "another number")],
)
def test_kinds_of_misprint(huaian: Any, printed: int, why: str) -> None:
    true = {12: 112, 11288: 1288, 1289: 1288, 7: 1288}[printed]
    if printed == 12:
        suggestions, _ = localise(FORM, huaian.cells({("remedies", "suit_after", "total"): 2}))
        assert places(suggestions) == {("remedies", "suit_after", "total"): 20}
    else:
        suggestions, _ = localise(FORM, huaian.cells({("requests", "granted", "natural_person"): printed}))
        assert suggestions[0].value == true
    assert suggestions[0].why == why


def test_two_cells_in_each_others_place(huaian: Any) -> None:
    swapped: dict[Address, int | None] = {
        ("requests", "unable_not_held", "legal_service"): 1,
        ("requests", "unable_not_held", "other_organisation"): 10,
    }
    suggestions, _ = localise(FORM, huaian.cells(swapped))
    assert places(suggestions) == {address: huaian.figures()[address] for address in swapped}
    assert suggestions[0].why == "two cells were exchanged"


@pytest.mark.parametrize("towards", ["forward", "backward"])
@pytest.mark.parametrize("row", ["granted", "new", "closed", "carried_out", "other_uncorrected"])
def test_a_row_shifted_by_a_column(huaian: Any, row: str, towards: str) -> None:
    values = huaian.requests[row]
    moved: tuple[int | None, ...] = (None, *values[:-1]) if towards == "forward" else (*values[1:], None)
    changes = {("requests", row, column): value for column, value in zip(huaian.columns, moved, strict=True)}
    suggestions, findings = localise(FORM, huaian.cells(changes))
    assert [(f.check, f.status, f.row) for f in findings] == [("shift", "fail", row)]
    assert "shifted" in findings[0].message
    assert towards in findings[0].message
    mended = {**{a: c.value for a, c in huaian.cells(changes).items()}, **places(suggestions)}
    assert {a: v or 0 for a, v in mended.items()} == huaian.figures()


def test_a_column_shifted_by_a_row(huaian: Any) -> None:
    rows = list(huaian.requests)
    values = [huaian.requests[row][0] for row in rows]
    changes: dict[Address, int | None] = {
        ("requests", row, "natural_person"): value for row, value in zip(rows[2:12], [0, *values[2:11]], strict=True)
    }
    changes["requests", "denied_inquiry", "natural_person"] = values[10]
    _, findings = localise(FORM, huaian.cells(changes))
    assert [(f.check, f.column) for f in findings] == [("shift", "natural_person")]


def test_a_shifted_row_beside_another_error(huaian: Any) -> None:
    moved = (None, *huaian.requests["partial"][:-1])
    changes = {("requests", "partial", column): value for column, value in zip(huaian.columns, moved, strict=True)}
    changes["requests", "new", "total"] = 0
    suggestions, findings = localise(FORM, huaian.cells(changes))
    assert [f.row for f in findings if f.check == "shift"] == ["partial"]
    assert places(suggestions)["requests", "new", "total"] == 3119


def test_remedies_that_cannot_be_decided_say_so(huaian: Any) -> None:
    suggestions, findings = localise(FORM, huaian.cells({("remedies", "suit_direct", "other"): 9}))
    assert ("remedies", "suit_direct", "other") in {key for n in (1, 2, 3) for key in places(suggestions, n)}
    assert len(suggestions) == MOST_SOLUTIONS
    assert [(f.check, f.status, f.row) for f in findings] == [("localisation", "uncertain", "suit_direct")]
    assert "undetermined" in findings[0].message


def test_errors_in_separate_parts_are_told_together(huaian: Any) -> None:
    wrong: dict[Address, int | None] = {("requests", "new", "business"): 35, ("remedies", "suit_direct", "total"): 0}
    suggestions, _ = localise(FORM, huaian.cells(wrong))
    assert places(suggestions) == {address: huaian.figures()[address] for address in wrong}


def test_a_blank_is_the_missing_number(huaian: Any) -> None:
    suggestions, _ = localise(FORM, huaian.cells({("requests", "partial", "business"): None}))
    assert places(suggestions) == {("requests", "partial", "business"): 7}
    assert suggestions[0].printed is None


def test_an_undecided_cell_is_given_by_its_sums(huaian: Any) -> None:
    read = huaian.cells()
    read["requests", "partial", "business"] = Cell(None, "undecided", None, "?")
    suggestions, _ = localise(FORM, read)
    assert places(suggestions) == {("requests", "partial", "business"): 7}


def test_a_row_that_was_not_read_is_the_missing_one(huaian: Any) -> None:
    read = huaian.cells()
    row = {address: Cell(None, "absent") for address in read if address[:2] == ("requests", "denied_by_law")}
    suggestions, _ = localise(FORM, {**read, **row})
    assert places(suggestions) == {address: huaian.figures()[address] for address in row if huaian.figures()[address]}
    assert all("absent" in s.why for s in suggestions if s.solution == 1)


def test_a_contradiction_behind_blank_totals_is_found(huaian: Any) -> None:
    read = huaian.cells({("requests", "not_processed_excessive", "research"): 4}, blank_zeros=True)
    suggestions, findings = localise(FORM, read)
    assert places(suggestions) == {("requests", "not_processed_excessive", "research"): 0}
    assert {f.check for f in findings} <= {"localisation"}


def test_a_table_that_was_misread_is_not_mended(huaian: Any) -> None:
    wrong: dict[Address, int | None] = {
        a: v + 1 + n for n, (a, v) in enumerate(huaian.figures().items()) if a[0] == "requests" and n % 7 == n // 7 % 7
    }
    suggestions, findings = localise(FORM, huaian.cells(wrong))
    assert suggestions == []
    assert findings[0].check == "localisation"


def benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "localise.py"
    spec = importlib.util.spec_from_file_location("benchmark_localise", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_simulated_reports_reach_the_goals() -> None:
    bench = benchmark()
    one = list(bench.trials(200, errors=1, seed=11))
    two = list(bench.trials(100, errors=2, seed=12))
    assert all(result["found"] for result in (*one, *two))
    assert sum(result["named"] for result in one) >= 0.98 * len(one)
    assert sum(result["named"] for result in two) >= 0.9 * len(two)
    assert all(result["alone"] and result["named"] for result in one if result["determined"])


def test_findings_have_a_stable_fingerprint(huaian: Any) -> None:
    changed = huaian.cells({("remedies", "suit_direct", "other"): 9})
    first: list[Check] = localise(FORM, changed)[1]
    assert [f.fingerprint for f in first] == [f.fingerprint for f in localise(FORM, changed)[1]]
