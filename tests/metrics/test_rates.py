"""Laws that every rate keeps, whatever it counts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import giakit.metrics as metrics
from giakit.errors import MissingColumns, MixedScopes, UnknownChoice
from giakit.metrics.rates import RESULT
from giakit.simulate.panels import panel


@pytest.fixture(scope="module")
def simulated() -> pd.DataFrame:
    return panel(agencies=120, years=range(2019, 2024), blanks=0.2, misprints=0.05, seed=3).requests


counts = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from([2021, 2022]), st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
    max_size=10,
    unique_by=lambda row: row[:2],
)


def as_frame(rows: list[tuple[str, int, int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["agency_id", "year", "granted", "rest"])
    return frame.assign(partial=0, closed=frame["granted"] + frame["rest"])


def test_columns_and_types(simulated: pd.DataFrame) -> None:
    table = metrics.disclosure_rate(simulated, by=["province", "year"])
    assert table.columns.tolist() == ["province", "year", *RESULT]
    assert (table.dtypes[["numerator", "denominator", "rate", "shown", "low", "high"]] == "Float64").all()
    assert table["n_reports"].dtype == "Int64"
    assert table["year"].dtype == "Int64"
    assert table["n_reports"].sum() <= len(simulated)


def test_input_is_never_changed(simulated: pd.DataFrame) -> None:
    before = simulated.copy(deep=True)
    for name in metrics.measures()["measure"].unique():
        try:
            metrics.rate(simulated, name)
        except MissingColumns:
            continue
    pd.testing.assert_frame_equal(simulated, before)


def test_order_and_index_do_not_matter(simulated: pd.DataFrame) -> None:
    mixed = simulated.sample(frac=1, random_state=1).set_index("source")
    for by in (None, "tier", ["province", "year"], "report_id"):
        expected = metrics.disclosure_rate(simulated, by=by)
        pd.testing.assert_frame_equal(metrics.disclosure_rate(mixed, by=by), expected, rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(rows=counts)
def test_a_rate_lies_in_its_interval(rows: list[tuple[str, int, int, int]]) -> None:
    frame = as_frame(rows)
    for options in ({}, {"estimator": "mean"}, {"interval": "jeffreys"}, {"cluster": None}):
        for by in (None, "year", "agency_id"):
            table = metrics.disclosure_rate(frame, by=by, **options)
            known = table[table["low"].notna()]
            assert (known["low"] <= known["rate"] + 1e-12).all()
            assert (known["rate"] <= known["high"] + 1e-12).all()
            assert known["low"].ge(0).all()
            assert known["high"].le(1).all()
            assert (table["denominator"].eq(0) == table["rate"].isna()).all()


@settings(max_examples=25, deadline=None)
@given(rows=counts)
def test_merging_reports_of_one_agency_changes_no_pooled_interval(rows: list[tuple[str, int, int, int]]) -> None:
    frame = as_frame(rows)
    merged = frame.groupby("agency_id", as_index=False)[["granted", "partial", "closed"]].sum()
    if (merged["closed"] > 0).sum() < 2:
        return
    names = ["numerator", "denominator", "rate", "low", "high"]
    pd.testing.assert_frame_equal(
        metrics.disclosure_rate(frame)[names], metrics.disclosure_rate(merged)[names], rtol=1e-9
    )


@settings(max_examples=25, deadline=None)
@given(rows=counts, hole=st.integers(0, 24))
def test_missing_is_left_out_never_zero(rows: list[tuple[str, int, int, int]], hole: int) -> None:
    frame = as_frame(rows).astype({"granted": "Float64"})
    hole %= len(frame)
    holed = frame.assign(granted=frame["granted"].mask(frame.index == hole))
    without = frame.drop(index=hole)
    table, expected = metrics.disclosure_rate(holed), metrics.disclosure_rate(without)
    if len(without):
        names = ["numerator", "denominator", "rate", "low", "high", "n_reports"]
        pd.testing.assert_frame_equal(table[names], expected[names])
    assert "1 report left out" in table["note"].item()


def test_small_denominators_are_hidden_in_display_only() -> None:
    frame = pd.DataFrame({"report_id": ["a", "b"], "granted": [4, 5], "partial": 0, "closed": [9, 10]})
    table = metrics.disclosure_rate(frame, by="report_id")
    assert table["shown"].isna().tolist() == [True, False]
    assert table["rate"].notna().all()
    assert metrics.disclosure_rate(frame, by="report_id", minimum=0)["shown"].notna().all()


def test_clustering_widens_where_agencies_differ() -> None:
    frame = pd.DataFrame({"agency_id": list("abcdefgh"), "granted": [0, 100] * 4, "partial": 0, "closed": 100})
    table = metrics.disclosure_rate(frame).iloc[0]
    low, high = metrics.wilson(400, 800)
    assert table["low"] < float(low) - 0.1
    assert table["high"] > float(high) + 0.1
    assert table["method"] == "clustered-wilson"


def test_one_agency_over_years_says_so() -> None:
    frame = pd.DataFrame(
        {"agency_id": "a", "year": [2021, 2022, 2023], "granted": [5, 6, 7], "partial": 0, "closed": 10}
    )
    assert "one agency" in metrics.disclosure_rate(frame)["note"].item()


def test_a_figure_beyond_its_base_has_no_interval() -> None:
    frame = pd.DataFrame({"granted": [12], "partial": [0], "closed": [10]})
    row = metrics.disclosure_rate(frame).iloc[0]
    assert row["rate"] == 1.2
    assert pd.isna(row["low"])
    assert pd.isna(row["method"])
    assert row["note"] == "no interval, the count is outside its base in 1 report"


def test_ratios_may_exceed_one_and_have_their_own_interval() -> None:
    frame = pd.DataFrame({"agency_id": list("abc"), "granted": [12, 15, 9], "partial": 0, "new": [10, 10, 10]})
    row = metrics.disclosure_rate(frame, denominator="received").iloc[0]
    assert row["rate"] == 1.2
    assert row["high"] > 1.2
    assert row["method"] == "clustered-log-ratio"


def test_transition_years_are_named(golden: SimpleNamespace) -> None:
    frame = pd.DataFrame({"year": [2018, 2019], "granted": [5, 5], "partial": 0, "closed": 10})
    notes = metrics.disclosure_rate(frame, by="year")["note"].tolist()
    assert notes[0] == ""
    assert "transition year 2019" in notes[1]
    assert "reconsideration comes before suit" in metrics.direct_suit_share(golden.huaian())["note"].item()
    assert metrics.disclosure_rate(golden.huaian())["note"].item() == ""


def test_mean_of_rates_counts_each_agency_once() -> None:
    frame = pd.DataFrame({"agency_id": list("ab"), "granted": [1, 90], "partial": 0, "closed": [1, 100]})
    assert metrics.disclosure_rate(frame, estimator="mean")["rate"].item() == pytest.approx(0.95)
    assert metrics.disclosure_rate(frame)["rate"].item() == pytest.approx(91 / 101)


def test_empty_frames() -> None:
    frame = pd.DataFrame({"year": [], "granted": [], "partial": [], "closed": []}, dtype="float64")
    assert metrics.disclosure_rate(frame)["rate"].isna().all()
    assert len(metrics.disclosure_rate(frame, by="year")) == 0


def test_groups_with_a_missing_key_are_kept() -> None:
    frame = pd.DataFrame({"tier": ["county", None], "granted": [5, 6], "partial": 0, "closed": 10})
    table = metrics.disclosure_rate(frame, by="tier")
    assert len(table) == 2
    assert table["tier"].isna().sum() == 1


@pytest.mark.parametrize("choice", ["error", "wholes", "parts"])
def test_wholes_and_parts_are_never_added(choice: str) -> None:
    frame = pd.DataFrame(
        {"report_id": ["whole", "part"], "scope": ["whole", "organ"], "place_code": "411303", "year": 2023,
         "organ_kind": ["government", "department"], "granted": [50, 5], "partial": 0, "closed": [100, 20]}
    )  # fmt: skip
    if choice == "error":
        with pytest.raises(MixedScopes):
            metrics.disclosure_rate(frame)
        # Nothing is added up where each stands in a row of its own.
        assert metrics.disclosure_rate(frame, by="scope")["rate"].tolist() == [0.25, 0.5]
    else:
        expected = {"wholes": 100, "parts": 20}[choice]
        assert metrics.disclosure_rate(frame, overlap=choice)["denominator"].item() == expected


def test_options_are_checked(golden: SimpleNamespace) -> None:
    frame = golden.huaian()
    for options in ({"interval": "wald"}, {"estimator": "median"}, {"overlap": "both"}):
        with pytest.raises(UnknownChoice):
            metrics.disclosure_rate(frame, **options)
    with pytest.raises(MissingColumns, match="region"):
        metrics.disclosure_rate(frame, by="region")
    with pytest.raises(MissingColumns, match="ministry"):
        metrics.disclosure_rate(frame, cluster="ministry")
    with pytest.raises(UnknownChoice, match="disclosure_rate"):
        metrics.rate(frame, "openness")


def test_measures_lists_every_denominator() -> None:
    table = metrics.measures().set_index(["measure", "denominator"])
    assert table.loc[("disclosure_rate", "resolvable"), "formula"].startswith("(granted + partial) / (closed - not_")
    assert table.loc[("clearance_rate", "received"), "kind"] == "ratio"


def test_public_names_all_resolve() -> None:
    others = {"series", "as_abroad"}
    for name in set(metrics.__all__) - others:
        assert callable(getattr(metrics, name)), name
        assert ">>>" in (getattr(metrics, name).__doc__ or "") or name == "Fit", name


@pytest.mark.parametrize(("agencies", "alike"), [(5, 0.1), (30, 0.1), (30, 0.3), (100, 0.05)])
def test_coverage_of_groups(agencies: int, alike: float) -> None:
    generator = np.random.default_rng(agencies)
    times, p = 1500, 0.6
    size = np.maximum(np.floor(np.exp(generator.normal(2, 1, (times, agencies)))), 1)
    spread = (1 - alike) / alike
    granted = generator.binomial(size.astype(int), generator.beta(p * spread, (1 - p) * spread, size.shape))
    frame = pd.DataFrame(
        {"run": np.repeat(np.arange(times), agencies), "agency_id": np.tile(np.arange(agencies), times),
         "granted": granted.ravel(), "partial": 0, "closed": size.ravel()}
    )  # fmt: skip
    for estimator in ("pooled", "mean"):
        table = metrics.disclosure_rate(frame, by="run", estimator=estimator)
        covered = ((table["low"] <= p) & (p <= table["high"])).mean()
        assert 0.93 <= covered <= 0.985, (estimator, covered)
