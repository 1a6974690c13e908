"""Articles, kinds and routes."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.errors import FormError, UnknownChoice
from giakit.forms import form
from giakit.forms.law import checked_law, ground_kind, law, law_notes, remedy_route
from giakit.forms.load import read_data

ARTICLES_14_TO_16 = [
    "denied_state_secret", "denied_by_law", "denied_security", "denied_third_party",
    "denied_internal", "denied_process", "denied_enforcement",
]  # fmt: skip
OUTSIDE = ["partial", "denied_inquiry", "unable_not_held", "not_processed_repeat", "other_rest", "non_response"]


def test_every_outcome_row_has_a_ground() -> None:
    flows = {"new", "carried_in", "closed", "carried_out"}
    rows = {row.code for row in form("2021").tables["requests"].rows} - flows
    assert set(law().query("table == 'requests'")["row"]) == rows


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("denied_state_secret", "mandatory"),
        ("denied_third_party", "mandatory_with_override"),
        ("denied_enforcement", "discretionary"),
        ("denied_inquiry", "diversion"),
        ("unable_unclear", "factual"),
        ("not_processed_excessive", "procedural"),
        ("other_unpaid", "procedural"),
    ],
)
def test_kinds_of_ground(row: str, kind: str) -> None:
    assert ground_kind(row) == kind


def test_articles_and_their_dates() -> None:
    frame = law().query("table == 'requests'").set_index("row")
    assert frame.loc["denied_internal", ["article", "since"]].tolist() == ["16(1)", "2019-05-15"]
    assert frame.loc["other_unpaid", "since"] == "2021-01-01"
    assert frame.loc["not_processed_reissue", "article"] != frame.loc["not_processed_reissue", "article"]
    old = law().query("table == 'statistics'").set_index("row")
    assert old.loc["denied_security", ["article", "until"]].tolist() == ["8", "2019-05-14"]


@pytest.mark.parametrize("row", ARTICLES_14_TO_16)
def test_reconsideration_comes_first_since_2024(row: str) -> None:
    assert remedy_route(row, "2023-12-31").route == "choice"
    assert remedy_route(row, "2024-01-01")[:2] == ("reconsideration_first", True)
    assert remedy_route(row, "2025-05-19")[:2] == ("reconsideration_first", True)
    assert remedy_route(row, date(2025, 5, 20))[:2] == ("reconsideration_first", False)


@pytest.mark.parametrize("row", OUTSIDE)
def test_what_stands_outside_is_unsettled(row: str) -> None:
    assert remedy_route(row, "2023-12-31").route == "choice"
    for day in ("2024-01-01", "2025-05-20", "2025-12-31"):
        assert remedy_route(row, day)[:2] == ("unsettled", True)


@given(st.sampled_from(ARTICLES_14_TO_16 + OUTSIDE), st.integers(0, 7000))
def test_no_route_is_ever_a_direct_suit(row: str, days: int) -> None:
    route = remedy_route(row, date(2008, 5, 1) + timedelta(days=days))
    assert route.route in ("choice", "reconsideration_first", "unsettled")
    assert "ecological" in route.why
    assert "201号" in route.why


def test_rows_of_the_old_table_know_the_choice_only() -> None:
    assert remedy_route("denied_security", "2016-01-01", table="statistics").route == "choice"


def test_what_cannot_be_answered_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="carried_in"):
        ground_kind("carried_in")
    with pytest.raises(UnknownChoice, match="2008-05-01"):
        remedy_route("partial", "2007-01-01")
    with pytest.raises(UnknownChoice, match="a date as"):
        remedy_route("partial", "last year")
    with pytest.raises(UnknownChoice, match="statistics"):
        ground_kind("partial", table="remedies")


def test_the_notes_say_that_routes_are_ecological() -> None:
    assert "ecological" in law_notes()["ecological"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [("row", "denied_magic", "no row"), ("kind", "magic", "unknown kind"), ("regulation", "1999", "unknown reg")],
)
def test_a_broken_copy_is_refused(field: str, value: str, reason: str) -> None:
    raw = copy.deepcopy(read_data("law"))
    raw["grounds"][3][field] = value
    with pytest.raises(FormError, match=reason):
        checked_law(raw)


def test_a_row_told_twice_is_refused() -> None:
    raw = copy.deepcopy(read_data("law"))
    raw["grounds"].append(raw["grounds"][0])
    with pytest.raises(FormError, match="twice"):
        checked_law(raw)


def test_items_and_paragraphs_are_told_apart() -> None:
    cited = law().set_index(["table", "row"])["citation"]
    assert cited["requests", "denied_process"] == "第十六条第二款"
    assert cited["requests", "granted"] == "第三十六条第（一）项、第三十六条第（二）项"
    assert cited["requests", "denied_state_secret"] == "第十四条"
    assert cited["requests", "not_processed_publication"] == "第三十九条第二款"
    assert ground_kind("reply_not_exist", table="statistics") == "factual"
    silence = law().query("row == 'non_response'").iloc[0]
    assert "23(1)(3)" in silence["content"]
    assert not silence["checked"]
