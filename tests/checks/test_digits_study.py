from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from giakit.checks.digits_study import last_digits, zero_reports
from giakit.errors import InvalidStudy


def test_uniform_digits_pass() -> None:
    frame = last_digits(pd.DataFrame({"value": range(1000, 3000)}))
    assert frame["p_value"][0] == pytest.approx(1)
    assert frame["count"].sum() == 2000
    assert ((frame["low"] < 0.1) & (frame["high"] > 0.1)).all()


def test_heaping_shows() -> None:
    values = np.random.default_rng(0).integers(100, 9999, 1000)
    values[:300] = values[:300] // 10 * 10
    figures = pd.DataFrame({"value": values})
    assert last_digits(figures)["p_value"][0] < 1e-6


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (pd.DataFrame({"value": range(1000, 2000), "table": "requests"}), "statutory tables"),
        (pd.DataFrame({"value": range(1000, 1100)}), "at least 500"),
        (pd.DataFrame({"value": [1, 2, 3] * 400}), "at least 500"),
        (pd.DataFrame({"value": range(1000, 2000), "scope": ["organ", "whole"] * 500}), "scope differs"),
    ],
)
def test_refusals(figures: pd.DataFrame, reason: str) -> None:
    with pytest.raises(InvalidStudy, match=reason):
        last_digits(figures)


def test_the_refusal_survives_a_process() -> None:
    error = InvalidStudy("last digits", "too few")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_decisions_of_the_proactive_table_may_be_studied() -> None:
    assert len(last_digits(pd.DataFrame({"value": range(1000, 2000), "table": "proactive"}))) == 10


def test_zero_reports_and_their_runs() -> None:
    wide = pd.DataFrame({
        "report_id": list("abcdef"), "unit": ["U", "U", "U", "U", "V", "W"], "year": [2020, 2021, 2023, 2022, 2020, 2020],
        "new": pd.array([0, 0, 0, 5, None, 0], dtype="Int64"), "closed": pd.array([0, 0, 0, 5, None, None], dtype="Int64"),
    })  # fmt: skip
    frame = zero_reports(wide, rows=("new", "closed"))
    assert frame["all_zero"].tolist() == [True, True, True, False, False, False]
    assert frame["all_blank"].tolist() == [False, False, False, False, True, False]
    assert frame["zero_years"].tolist() == [1, 2, 1, 0, 0, 0]
