from __future__ import annotations

import pandas as pd
import pytest

from giakit.checks.continuity import check_levels
from giakit.errors import MissingColumns


def cells(values: dict[str, float | None], row: str = "new", column: str = "total") -> pd.DataFrame:
    frame = pd.DataFrame({"report_id": list(values), "table": "requests", "row": row, "column": column})
    return frame.assign(value=pd.array(list(values.values()), dtype="Float64"))


PAIRS = pd.DataFrame({"parent": "city", "part": ["a", "b"]})


@pytest.mark.parametrize(("parent", "status"), [(7, "pass"), (9, "pass"), (6, "fail"), (None, "not_assessable")])
def test_a_whole_is_at_least_its_parts(parent: float | None, status: str) -> None:
    found = check_levels(cells({"city": parent, "a": 4, "b": 3}), PAIRS)
    assert found[["report_id", "status", "expected"]].values.tolist() == [["city", status, 7.0]]


def test_a_blank_part_adds_nothing() -> None:
    found = check_levels(cells({"city": 3, "a": None, "b": 3}), PAIRS)
    assert found[["status", "expected"]].values.tolist() == [["pass", 3.0]]
    assert "1 known parts" in found["message"][0]


def test_no_known_part_no_verdict() -> None:
    assert check_levels(cells({"city": 3, "a": None, "b": None}), PAIRS).empty


def test_a_pair_given_twice_counts_once() -> None:
    assert check_levels(cells({"city": 7, "a": 4, "b": 3}), pd.concat([PAIRS, PAIRS]))["expected"].tolist() == [7.0]


def test_signed_cells_are_left_out() -> None:
    assert check_levels(cells({"city": -9, "a": 1, "b": 1}, "licences", "change"), PAIRS).empty


def test_missing_columns() -> None:
    with pytest.raises(MissingColumns, match="part"):
        check_levels(cells({"city": 1}), PAIRS[["parent"]])
