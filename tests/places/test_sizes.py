"""What the size of figures says of a scope that no text tells."""

from __future__ import annotations

import pandas as pd
import pytest

from giakit.errors import MissingColumns
from giakit.places import scope_by_size


def reports(own: float | None, *parts: float | None) -> pd.DataFrame:
    codes = ["320800", "320803", "320804", "320812"][: len(parts) + 1]
    return pd.DataFrame(
        {
            "report_id": codes,
            "place_code": codes,
            "year": 2024,
            "organ_kind": "government",
            "scope": [None, *["whole"] * len(parts)],
            "new": pd.array([own, *parts], dtype="Float64"),
        }
    )


@pytest.mark.parametrize(
    ("own", "parts", "verdict"),
    [
        (30, (10, 20), "whole"),
        (29, (10, 20), "not_whole"),
        (31, (10, 20), None),
        (10, (10, 0), None),
        (None, (10, 20), None),
        (5, (None, None), None),
    ],
)
def test_verdicts(own: float | None, parts: tuple[float | None, ...], verdict: str | None) -> None:
    found = scope_by_size(reports(own, *parts))
    assert found["report_id"].tolist() == ["320800"]
    assert (None if found["verdict"].isna().all() else found["verdict"].iloc[0]) == verdict


def test_order_does_not_matter_and_nothing_is_changed() -> None:
    frame = reports(30, 10, 20)
    before = frame.copy()
    pd.testing.assert_frame_equal(scope_by_size(frame), scope_by_size(frame.iloc[::-1]))
    pd.testing.assert_frame_equal(frame, before)


def test_a_known_scope_is_left_alone() -> None:
    assert scope_by_size(reports(30, 10, 20).assign(scope="whole")).empty


def test_the_count_must_be_there() -> None:
    with pytest.raises(MissingColumns, match="closed"):
        scope_by_size(reports(30, 10), count="closed")
