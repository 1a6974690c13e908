"""One item over the years, or the reason why not."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giakit.errors import MissingColumns, NotComparable, UnknownChoice
from giakit.forms import form
from giakit.forms.crosswalk import form_order, items, terms, verdict
from giakit.metrics.comparability import series

FIGURES = Path(__file__).resolve().parents[2].parent / "shared" / "figures" / "tables.csv"
ALL_VERDICTS = ("same", "sum", "approximate")
ALL = ("local", "2014", "2019", "2021")


class Folder:
    """A panel as far as `series` asks for one."""

    def __init__(self, cells: pd.DataFrame) -> None:
        self.cells = cells

    def wide(self, table: str, *, column: str | None = "total") -> pd.DataFrame:
        here = self.cells[self.cells["table"] == table]
        names = here["row"] if column else here["row"] + "." + here["column"]
        if column:
            here = here[here["column"] == column]
        wide = here.assign(name=names).pivot(index=["unit", "year", "form"], columns="name", values="value")
        return wide.reset_index()


@pytest.fixture(scope="module")
def pingtan() -> Folder:
    if not FIGURES.exists():
        pytest.skip("the real figures are not beside the project")
    cells = pd.read_csv(FIGURES, dtype={"form": "str"})
    here = cells[cells["unit"].str.contains("平潭综合实验区") & ~cells["year"].isin([2020, 2022, 2024])]
    return Folder(here.assign(unit="平潭综合实验区"))


def reports(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"form": ["2014", "2019", "2021"], "year": [2018, 2019, 2021], **columns})


def test_pingtan_new_requests_from_2019_on(pingtan: Folder) -> None:
    found = series(pingtan, "new").sort_values("year")
    assert found["year"].tolist() == [2019, 2021, 2023, 2025]
    assert found["value"].notna().all()
    assert set(found["verdict"]) == {"same"}
    assert found["breaks"].tolist() == ["law_2019, form_2019", "fees_2021", "", ""]


def test_pingtan_requests_from_2013_on_take_caveats(pingtan: Folder) -> None:
    with pytest.raises(NotComparable, match="受理"):
        series(pingtan, "new", forms=("local", "2019", "2021"))
    accept = ("same", "sum", "approximate")
    found = series(pingtan, "new", forms=("local", "2019", "2021"), accept=accept).set_index("year")
    assert found.loc[[2013, 2014, 2016, 2017], "value"].tolist() == [0, 1, 0, 0]
    assert found.loc[2014, ["verdict", "rows"]].tolist() == ["approximate", "statistics.received"]
    assert found.loc[2019, "breaks"] == "law_2019, form_2019"


def test_pingtan_documents_in_force_are_no_line(pingtan: Folder) -> None:
    with pytest.raises(NotComparable) as caught:
        series(pingtan, "normative_documents.in_force")
    assert caught.value.item == "normative_documents.in_force"
    assert caught.value.between == ("2019", "2021")
    assert "form_2021: Second form of the annual report" in caught.value.reason


def test_no_verdict_lets_in_what_is_not_comparable(pingtan: Folder) -> None:
    with pytest.raises(UnknownChoice, match="same, sum, approximate"):
        series(pingtan, "fees.amount", accept=("none",))
    alone = series(pingtan, "normative_documents.in_force", forms=("2021",))
    assert alone["year"].tolist() == [2021, 2023, 2025]


def test_two_grounds_of_2014_add_up_to_one() -> None:
    frame = reports(
        denied_trade_secret=[2, None, None], denied_privacy=[3, None, None], denied_third_party=[None, 4, 6]
    )
    found = series(frame, "denied_third_party", forms=("2014", "2019", "2021"), accept=ALL_VERDICTS)
    assert found["value"].tolist() == [5, 4, 6]
    assert found["verdict"].tolist() == ["approximate", "same", "same"]
    assert found["rows"].iloc[0] == "statistics.denied_trade_secret + statistics.denied_privacy"


def test_a_blank_part_leaves_the_sum_blank() -> None:
    frame = reports(
        denied_trade_secret=[2, None, None], denied_privacy=[None, None, None], denied_third_party=[None, None, 0]
    ).astype({"denied_privacy": "Float64"})
    found = series(frame, "denied_third_party", forms=("2014", "2019", "2021"), accept=ALL_VERDICTS)
    assert found["value"].isna().tolist() == [True, True, False]
    assert found["rows"].tolist()[:2] == ["", ""]


def test_other_handling_is_one_row_or_three() -> None:
    frame = pd.DataFrame(
        {
            "form": ["2019", "2021", "2021"],
            "year": [2020, 2021, 2022],
            "other": [7, None, 5],
            "other_uncorrected": [None, 1, None],
            "other_unpaid": [None, 0, None],
            "other_rest": [None, 3, None],
        }
    )
    found = series(frame, "other")
    assert found["value"].tolist() == [7, 4, 5]
    assert found["rows"].tolist()[2] == "requests.other"
    with pytest.raises(NotComparable, match="they can be added up, and not split"):
        series(frame, "other_unpaid")


OUTCOMES_2014 = {
    "replies": [20, None, None],
    "closed": [19, 30, 40],
    "reply_already_public": [2, None, None],
    "reply_granted": [5, None, None],
    "reply_partial": [1, None, None],
    "reply_not_this_agency": [3, None, None],
    "reply_not_exist": [4, None, None],
    "reply_told_to_amend": [1, None, None],
    "granted": [None, 10, 12],
    "partial": [None, 2, 3],
    "unable_not_held": [None, 8, 9],
}


@pytest.mark.parametrize("already_public", ["in", "out"])
@pytest.mark.parametrize("told_to_amend", ["in", "out"])
@pytest.mark.parametrize("base", ["replies", "closed"])
def test_the_three_outcomes_add_up_under_every_variant(already_public: str, told_to_amend: str, base: str) -> None:
    frame = reports(**OUTCOMES_2014)
    options = {"already_public": already_public, "told_to_amend": told_to_amend, "base": base}
    found = {
        name: series(frame, name, forms=("2014", "2019", "2021"), options=options)["value"]
        for name in ("disclosed", "not_held", "all_other", "all_outcomes")
    }
    whole = found["disclosed"] + found["not_held"] + found["all_other"]
    assert whole.tolist() == found["all_outcomes"].tolist()
    assert found["disclosed"].tolist() == [8 if already_public == "in" else 6, 12, 15]
    expected = (20 if base == "replies" else 19) - (told_to_amend == "out")
    assert found["all_outcomes"].tolist() == [expected, 30, 40]


def test_applicants_begin_in_2019() -> None:
    frame = reports(**{"received": [4, None, None], "new.business": [None, 1, 2], "new.total": [None, 5, 6]})
    assert series(frame, "new", column="business")["value"].tolist() == [1, 2]
    accept = ("same", "approximate")
    with pytest.raises(NotComparable, match="applicants are counted since 2019"):
        series(frame, "new", forms=("2014", "2019"), column="business", accept=accept)
    with pytest.raises(UnknownChoice, match="natural_person"):
        series(frame, "new", column="lawyers")
    with pytest.raises(UnknownChoice, match="total"):
        series(frame, "suit.total", column="business")


def test_the_count_is_taken_and_never_the_cumulative_figure() -> None:
    frame = reports(**{"received.count": [4, None, None], "received.cumulative": [99, None, None]})
    assert series(frame, "received", forms=("2014",))["value"].tolist() == [4]


def test_breaks_stand_at_each_agency_s_own_gaps() -> None:
    frame = pd.DataFrame(
        {
            "unit": ["a", "a", "b", "b", "b"],
            "form": "2021",
            "year": [2022, 2025, 2022, 2023, 2025],
            "reconsideration.total": [1, 2, 3, 4, 5],
        }
    )
    found = series(frame, "reconsideration.total", forms=("2021",))
    both = "reconsideration_first_2024, court_rules_2025"
    assert found["breaks"].tolist() == ["", both, "", "", both]


def test_an_unknown_year_has_no_breaks_and_stays() -> None:
    frame = pd.DataFrame({"form": ["2021"], "year": pd.array([None], dtype="Int64"), "new": [1]})
    assert series(frame, "new")[["value", "breaks"]].values.tolist() == [[1, ""]]


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingColumns, match="year"):
        series(pd.DataFrame({"form": ["2021"], "new": [1]}), "new")
    with pytest.raises(MissingColumns, match=r"remedies\.suit_after\.total"):
        series(pd.DataFrame({"form": ["2021"], "year": [2021], "suit_direct.total": [1]}), "suit.total")
    with pytest.raises(UnknownChoice, match="carried_in"):
        series(reports(new=[None, 1, 2]), "requests")
    with pytest.raises(UnknownChoice, match="local, 2014"):
        series(reports(new=[None, 1, 2]), "new", forms=("2020",))
    with pytest.raises(NotComparable, match="has no row"):
        series(reports(new=[None, 1, 2]), "staff", forms=("2021",))


def test_a_frame_without_reports_on_these_forms_gives_no_row() -> None:
    frame = reports(new=[None, 1, 2]).query("form == '2021'")
    found = series(frame, "staff", forms=("local", "2014"), accept=("same", "approximate"))
    assert found.empty
    assert "value" in found.columns


def test_the_frame_given_is_left_alone() -> None:
    frame = reports(new=[None, 1, 2]).set_index(pd.Index(["x", "y", "z"]))
    before = frame.copy(deep=True)
    found = series(frame, "new")
    pd.testing.assert_frame_equal(frame, before)
    assert found.index.tolist() == ["y", "z"]
    assert found.dtypes.astype(str)[["item", "value", "verdict", "rows", "breaks"]].tolist() == [
        "str", "Float64", "str", "str", "str",
    ]  # fmt: skip


def full_frame() -> pd.DataFrame:
    """A report on each form, every cell of which is 1."""
    rows = []
    for id, year in zip(ALL, (2012, 2016, 2019, 2022), strict=True):
        row: dict[str, Any] = {"form": id, "year": year}
        for table, code, column in form(id).cells():
            name = code if table in ("requests", "statistics") else f"{code}.{column}"
            if column in ("total", "count") or table in ("proactive", "remedies"):
                row[name] = 1.0
        rows.append(row)
    return pd.DataFrame(rows)


def test_every_item_and_pair_gives_a_column_or_says_why() -> None:
    frame = full_frame()
    for name in items():
        for pair in combinations(form_order(), 2):
            if verdict(name, *pair).verdict in ("same", "sum"):
                found = series(frame, name, forms=pair)
                assert found["value"].notna().all(), (name, pair)
                expected = [sum(term.sign for term in terms(name, id)[0]) for id in found["form"]]
                assert found["value"].tolist() == expected, (name, pair)
            else:
                with pytest.raises(NotComparable, match=f"{pair[0]} and {pair[1]}"):
                    series(frame, name, forms=pair)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(3)), st.lists(st.integers(0, 50) | st.none(), min_size=3, max_size=3))
def test_order_of_reports_does_not_matter(order: list[int], values: list[int | None]) -> None:
    frame = reports(new=pd.array(values, dtype="Float64"))
    straight = series(frame, "new")
    turned = series(frame.iloc[order], "new").loc[straight.index]
    pd.testing.assert_frame_equal(straight, turned)
    assert straight["value"].isna().tolist() == [value is None for value in values[1:]]
