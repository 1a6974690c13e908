from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from giakit.checks.sampling import agree, kappa, sample
from giakit.errors import MissingColumns


@pytest.fixture
def cells() -> pd.DataFrame:
    rows = []
    for number in range(60):
        kind = "pdf" if number % 10 == 0 else "html"
        for place in range(50):
            state = "undecided" if place == 49 else "blank" if place == 48 else "reported"
            value = None if place >= 48 else float(number + 1) if place == 0 else 0.0
            rows.append((f"r{number}", kind, "2021", "requests", f"row{place}", "total", value, state))
    columns = ["report_id", "format", "form", "table", "row", "column", "value", "state"]
    return pd.DataFrame(rows, columns=columns).astype({"value": "Float64"})


def coded(sheet: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    key = ["report_id", "table", "row", "column"]
    true = sheet[key].merge(cells, on=key)["value"]
    return sheet.assign(coder_1=["/" if pd.isna(value) else f"{value:g}" for value in true])


def test_the_sheet_is_blind_and_stratified(cells: pd.DataFrame) -> None:
    sheet = sample(cells, n=100)
    assert len(sheet) == 100
    assert not {"value", "state", "format", "stratum", "filled"} & set(sheet.columns)
    assert sheet["item"].tolist() == list(range(1, 101))
    filled = sheet["row"].eq("row0").sum()
    assert 8 <= filled <= 30
    assert not sheet["row"].eq("row49").any()


def test_weights_add_to_the_cells(cells: pd.DataFrame) -> None:
    assert sample(cells, n=100)["weight"].sum() == pytest.approx(60 * 49)


def test_the_same_seed_draws_the_same_sheet(cells: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(sample(cells, seed=4), sample(cells, seed=4))
    assert not sample(cells, n=50, seed=4).equals(sample(cells, n=50, seed=5))


def test_more_cells_than_there_are(cells: pd.DataFrame) -> None:
    assert len(sample(cells.head(7), n=300)) == 7
    assert sample(cells.head(0)).empty


def test_a_faultless_reading(cells: pd.DataFrame) -> None:
    done = agree(coded(sample(cells, n=100), cells))
    assert (done.n, done.n_errors, done.error_rate, done.low, done.kappa) == (100, 0, 0.0, 0.0, 1.0)
    assert 3 / 100 < done.high < 0.15
    assert done.kappa_coders is None


def test_errors_are_weighted_and_listed(cells: pd.DataFrame) -> None:
    sheet = coded(sample(cells, n=100), cells)
    sheet.loc[[3, 8], "coder_1"] = "777"
    done = agree(sheet)
    assert done.n_errors == 2
    assert done.error_rate == pytest.approx(sheet["weight"][[3, 8]].sum() / sheet["weight"].sum())
    assert done.low <= done.error_rate <= done.high
    assert done.errors["coded"].tolist() == ["777", "777"]
    assert done.method == "Wilson, stratified"


def test_the_panels_rate_is_covered_where_errors_come_in_documents() -> None:
    generator = np.random.default_rng(2)
    counts = (4000, 600, 400)
    document = np.concatenate([generator.integers(0, n // 200, n) + 100 * k for k, n in enumerate(counts)])
    cells = pd.DataFrame({"report_id": document.astype(str), "table": "requests", "row": range(5000), "column": "total",
                          "value": 1.0, "format": np.repeat(["html", "pdf", "scan"], counts)})  # fmt: skip
    inside, runs = 0, 150
    for run in range(runs):
        # A quarter of the documents holds all errors.
        wrong = generator.random(5000) < np.where(document % 4 == 0, np.repeat([0.08, 0.2, 0.4], counts), 0)
        sheet = sample(cells, n=200, seed=run)
        done = agree(sheet.assign(coder_1=np.where(wrong[sheet["row"].astype(int)], "9", "1")))
        inside += done.low <= wrong.mean() <= done.high
    assert 0.9 <= inside / runs <= 0.99


def test_rows_without_an_answer_are_left_out(cells: pd.DataFrame) -> None:
    sheet = coded(sample(cells, n=20), cells)
    sheet.loc[:4, "coder_1"] = ""
    assert agree(sheet).n == 15
    nothing = agree(sheet.assign(coder_1=""))
    assert nothing.n == 0
    assert math.isnan(nothing.error_rate)


def test_two_coders(cells: pd.DataFrame) -> None:
    sheet = coded(sample(cells, n=40), cells)
    assert agree(sheet.assign(coder_2=sheet["coder_1"])).kappa_coders == 1.0


def test_what_was_settled_is_held_against_the_reading_table_by_table(cells: pd.DataFrame) -> None:
    sheet = coded(sample(cells, n=12), cells)
    right = sheet["coder_1"].tolist()
    sheet = sheet.assign(coder_1=["99", *right[1:]], coder_2=right, settled=[right[0], *[""] * 11])
    done = agree(sheet)
    assert done.n_errors == 0
    assert agree(sheet.drop(columns="settled")).n_errors == 1
    assert done.by_table["n"].sum() == done.by_table["n_both"].sum() == 12
    assert (done.by_table["kappa"].dropna() == 1).all()


def test_a_sheet_survives_a_csv(cells: pd.DataFrame, tmp_path: object) -> None:
    path = f"{tmp_path}/sheet.csv"
    coded(sample(cells, n=60), cells).to_csv(path, index=False)
    assert agree(pd.read_csv(path)).n_errors == 0


def test_kappa_against_a_table_by_hand() -> None:
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert kappa(first, second) == pytest.approx(0.4)
    assert np.isnan(kappa(["0"], ["0"]))


def test_missing_columns(cells: pd.DataFrame) -> None:
    with pytest.raises(MissingColumns, match="sealed"):
        agree(pd.DataFrame({"report_id": [], "coder_1": [], "weight": []}))
