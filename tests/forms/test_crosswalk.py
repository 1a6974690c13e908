"""A verdict for each pair of forms and item, and the breaks between them."""

from __future__ import annotations

import copy
from itertools import combinations
from typing import Any

import pytest

from giakit.errors import FormError, UnknownChoice
from giakit.forms import form, tables
from giakit.forms.breaks import break_data, breaks, touched
from giakit.forms.crosswalk import crosswalk, form_order, item, items, options, terms, verdict
from giakit.forms.crosswalk_data import read_crosswalk
from giakit.forms.load import read_data

PAIRS = list(combinations(form_order(), 2))


@pytest.fixture
def raw() -> dict[str, Any]:
    return copy.deepcopy(read_data("crosswalk"))


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_pair_of_forms_has_a_verdict_for_every_item(pair: tuple[str, str]) -> None:
    for name in items():
        found = verdict(name, *pair)
        assert found.verdict in ("same", "sum", "approximate", "none")
        assert found == verdict(name, *reversed(pair))
        assert bool(found.why) == (found.verdict != "same"), name
        assert found.breaks
        if found.verdict != "none":
            assert all(found.rows), name


def test_the_frame_holds_them_all() -> None:
    frame = crosswalk()
    assert len(frame) == len(items()) * len(PAIRS)
    assert not frame.duplicated(["item", "older", "newer"]).any()
    assert not frame.isna().any().any()


@pytest.mark.parametrize("id", form_order())
def test_every_row_of_every_form_is_counted_by_some_item(id: str) -> None:
    used = {(term.table, term.row) for name in items() for listed in terms(name, id) for term in listed} | {
        (term.table, term.row)
        for name in items()
        for listed in terms(name, id, {"base": "closed", "already_public": "in", "told_to_amend": "out"})
        for term in listed
    }
    printed = {(code, row.code) for code, table in form(id).tables.items() for row in table.rows if id in row.forms}
    assert printed <= used


@pytest.mark.parametrize(
    ("name", "older", "newer", "expected"),
    [
        ("new", "2019", "2021", "same"),
        ("new", "2014", "2021", "approximate"),
        ("new", "local", "2021", "approximate"),
        ("carried_in", "2019", "2021", "same"),
        ("carried_out", "2014", "2019", "none"),
        ("granted", "2014", "2019", "approximate"),
        ("partial", "2014", "2019", "approximate"),
        ("denied_state_secret", "2014", "2021", "approximate"),
        ("denied_by_law", "2014", "2019", "none"),
        ("denied_third_party", "2014", "2021", "approximate"),
        ("denied_process", "2014", "2019", "none"),
        ("denied_inquiry", "2014", "2019", "none"),
        ("denied", "local", "2014", "none"),
        ("reply_denied", "local", "2014", "none"),
        ("unable_not_held", "2014", "2019", "sum"),
        ("unable_not_ready_made", "2014", "2019", "none"),
        ("unable_unclear", "2014", "2019", "none"),
        ("unable_unclear", "local", "2021", "approximate"),
        ("not_processed_petition", "2014", "2019", "none"),
        ("other", "2019", "2021", "sum"),
        ("other_rest", "2019", "2021", "none"),
        ("closed", "2014", "2019", "approximate"),
        ("disclosed", "2014", "2021", "sum"),
        ("not_held", "2014", "2021", "sum"),
        ("all_other", "2014", "2021", "sum"),
        ("reconsideration.corrected", "2014", "2019", "approximate"),
        ("reconsideration.pending", "2014", "2019", "none"),
        ("suit.upheld", "2014", "2021", "sum"),
        ("suit.upheld", "local", "2014", "none"),
        ("suit_direct.total", "2014", "2019", "none"),
        ("normative_documents.issued", "2019", "2021", "approximate"),
        ("normative_documents.issued", "2014", "2019", "approximate"),
        ("normative_documents.in_force", "2019", "2021", "none"),
        ("rules.public_total", "2019", "2021", "none"),
        ("normative_documents.repealed", "2019", "2021", "none"),
        ("licences.decisions", "2019", "2021", "same"),
        ("fees.amount", "2019", "2021", "none"),
        ("procurement.amount", "2019", "2021", "none"),
        ("staff", "2014", "2019", "none"),
    ],
)
def test_verdicts_of_the_methods_note(name: str, older: str, newer: str, expected: str) -> None:
    assert verdict(name, older, newer).verdict == expected


def test_in_force_against_public_total_says_why() -> None:
    found = verdict("normative_documents.in_force", "2019", "2021")
    assert "in force is not public in total" in found.why
    assert found.breaks == ("form_2021",)


def test_applicants_are_counted_since_2019() -> None:
    assert verdict("new", "2019", "2021", column="business").verdict == "same"
    found = verdict("new", "2014", "2021", column="business")
    assert found.verdict == "none"
    assert "applicants" in found.why


def test_a_chain_is_as_weak_as_its_weakest_link() -> None:
    ranks = ["same", "sum", "approximate", "none"]
    for name in items():
        if len(item(name).rows) == len(form_order()):
            whole = ranks.index(verdict(name, "local", "2021").verdict)
            steps = [verdict(name, *step).verdict for step in (("local", "2014"), ("2014", "2019"), ("2019", "2021"))]
            assert whole == max(map(ranks.index, steps)), name


def test_variants_of_the_three_outcomes() -> None:
    assert [str(term) for term in terms("disclosed", "2014")[0]][-1] == "statistics.reply_already_public"
    assert len(terms("disclosed", "2014", {"already_public": "out"})[0]) == 2
    base = {"base": "closed", "told_to_amend": "out"}
    assert [str(term) for term in terms("all_outcomes", "2014", base)[0]] == [
        "statistics.closed",
        "statistics.reply_told_to_amend",
    ]
    with pytest.raises(UnknownChoice, match="replies, closed"):
        options({"base": "received"})
    with pytest.raises(UnknownChoice, match="told_to_amend"):
        options({"basis": "closed"})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownChoice, match="carried_in"):
        verdict("requests", "2019", "2021")
    with pytest.raises(UnknownChoice, match="local, 2014"):
        verdict("new", "2018", "2021")


def test_a_pair_without_verdict_is_refused(raw: dict[str, Any]) -> None:
    raw["items"][0]["links"].pop()
    with pytest.raises(FormError, match="'new': forms 2014 and 2019 have rows and no verdict"):
        read_crosswalk(raw)


def test_a_pair_across_a_gap_without_verdict_is_refused(raw: dict[str, Any]) -> None:
    entry = next(entry for entry in raw["items"] if entry["item"] == "unable_unclear")
    entry["links"].pop()
    with pytest.raises(FormError, match="local and 2021"):
        read_crosswalk(raw)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"both": "requests.newest"}, "no row requests.newest"),
        ({"both": "request.new"}, "no row request.new"),
        ({"both": "requests:new"}, "names no row"),
        ({"links": [["local", "2014", "close", "local_wording"]]}, "unknown verdict"),
        ({"links": [["local", "2014", "approximate"]]}, "has a reason"),
        ({"links": [["local", "2014", "approximate", "because"]]}, "because"),
        ({"item": "carried_in"}, "stands twice"),
        ({"rows": {"2014": "statistics.received if base=both"}}, "unknown"),
    ],
)
def test_a_broken_copy_is_refused(raw: dict[str, Any], change: dict[str, Any], reason: str) -> None:
    raw["items"][0].update(change)
    with pytest.raises(FormError, match=reason):
        read_crosswalk(raw)


def test_a_link_to_a_form_without_rows_is_refused(raw: dict[str, Any]) -> None:
    entry = next(entry for entry in raw["items"] if entry["item"] == "carried_in")
    entry["links"] = [["2014", "2019", "sum", "new_backlog"]]
    with pytest.raises(FormError, match="a form has no row"):
        read_crosswalk(raw)


def test_breaks_stand_in_order_of_time_and_name_their_document() -> None:
    frame = breaks()
    assert frame["report_year"].is_monotonic_increasing
    assert frame[["date", "kind", "label", "what", "document", "items"]].ne("").all().all()
    assert set(frame["kind"]) == {"law", "form", "count", "court"}
    dates = frame.set_index("break")["date"]
    assert dates["law_2019"] == "2019-05-15"
    assert dates["reconsideration_first_2024"] == "2024-01-01"
    assert dates["form_2021"] == "2021-09-26"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("new", {"law_2008", "form_2014", "law_2019", "form_2019", "fees_2021"}),
        ("other", {"law_2008", "form_2014", "law_2019", "form_2019", "fees_2021", "form_2021"}),
        ("fees.amount", {"law_2008", "form_2019", "form_2021"}),
    ],
)
def test_breaks_of_an_item(name: str, expected: set[str]) -> None:
    found = breaks(name)
    assert set(found.loc[found["checked"], "break"]) == expected


def test_remedies_break_in_2024() -> None:
    for name in ("reconsideration.total", "suit_direct.total", "suit.pending"):
        assert "reconsideration_first_2024" in set(breaks(name)["break"])
    assert "reconsideration_first_2024" not in set(breaks("denied_process")["break"])


def test_co_defendants_touch_suits_only() -> None:
    assert all(name.startswith("suit") for name in touched("co_defendants_2016"))


def test_every_pattern_of_a_break_touches_something() -> None:
    for id in break_data():
        assert touched(id), id
    assert breaks("fees").query("checked")["break"].tolist() == ["law_2008", "form_2014", "form_2019"]
    with pytest.raises(UnknownChoice, match="new"):
        breaks("suits")


def test_breaks_between_forms_exist() -> None:
    assert set(read_data("crosswalk")["between"].values()) <= set(break_data())
    assert set(tables()) == {"requests", "remedies", "proactive", "statistics"}


def test_what_was_not_checked_is_no_fact() -> None:
    table = breaks().query("not checked")
    assert set(table["break"]) == {
        "litigation_law_2015", "fees_2017", "organs_2018", "reconsideration_by_governments_2024",
    }  # fmt: skip
    assert table["what"].str.startswith("Not checked").all()
    assert "litigation_law_2015" in set(breaks("suit.upheld")["break"])
    assert "litigation_law_2015" not in set(breaks("reconsideration.total")["break"])
