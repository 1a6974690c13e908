"""Codes of one year as codes of another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.errors import UnknownChoice
from giakit.places import harmonise
from giakit.places.gazetteer import divisions, spell


def _targets(code: str, **options: int) -> list[str]:
    return harmonise([code], **options)["to_code"].dropna().tolist()


@pytest.mark.parametrize(
    ("code", "targets"),
    [
        ("411303", ["411303"]),
        ("510124", ["510117"]),
        ("512081", ["510185"]),
        ("371200", ["370100"]),
        ("341400", ["340100", "340200", "340500"]),
        ("420600", ["420600"]),
        ("522200", ["520600"]),
        ("340000", ["340000"]),
        ("513521", ["500240"]),
    ],
)
def test_known_successions(code: str, targets: list[str]) -> None:
    assert _targets(code) == targets


def test_a_partial_loss_counts_only_for_a_code_used_before_it() -> None:
    assert harmonise(["130421"])["to_code"].tolist() == ["130402", "130403"]
    assert harmonise(["130421"], from_year=2010)["to_code"].tolist() == ["130402", "130403", "130404"]


def test_an_earlier_target_year_and_a_code_not_yet_there() -> None:
    assert _targets("510124", to_year=2012) == ["510124"]
    row = harmonise(["130111"], 2010).iloc[0]
    assert (row["relation"], row["to_code"] != row["to_code"]) == ("not_yet", True)
    assert harmonise(["999999"])["relation"].tolist() == ["unknown"]


def test_marks_and_dtypes() -> None:
    frame = harmonise(["110103", "110101", None, "341400"])
    assert frame.loc[frame["code"] == "341400", "one_to_many"].all()
    assert frame.loc[frame["to_code"] == "110101", "many_to_one"].all()
    assert str(frame["changed"].dtype) == "Int64"
    assert "renamed" in harmonise(["420600"], from_year=2009)["relation"].tolist()


def test_an_impossible_year_says_what_is_possible() -> None:
    with pytest.raises(UnknownChoice, match="1981 to 2024"):
        harmonise(["110101"], 2030)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(divisions()), st.integers(2008, 2024))
def test_heirs_stand_in_the_year_asked_for(row, year) -> None:  # type: ignore[no-untyped-def]
    for code in _targets(row.code, to_year=year):
        found = spell(code, year)
        assert found is not None
        assert found.in_force(year)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([row for row in divisions() if row.until is None]))
def test_a_code_in_force_is_its_own_heir(row) -> None:  # type: ignore[no-untyped-def]
    assert _targets(row.code) == [row.code]
