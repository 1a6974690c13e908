"""Who is missing, misreports, few treated units, many tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import giakit as gia
from giakit import metrics
from giakit.errors import CannotEstimate, UnknownChoice
from giakit.panel.pool import InProcess
from typeset import typeset


def test_weights_give_back_the_rate_of_all() -> None:
    everyone = gia.simulate.panel(agencies=2000, years=[2023], seed=4).requests.query("closed > 0")
    everyone = everyone.assign(half=np.arange(len(everyone)) % 2)
    city = everyone["half"].eq(1)
    # One half disclose everything, and report three times as often.
    everyone = everyone.assign(granted=everyone["granted"].where(~city, everyone["closed"]), partial=0.0)
    generator = np.random.default_rng(1)
    there = everyone[generator.random(len(everyone)) < np.where(city, 0.9, 0.3)]
    table = everyone.groupby("half").size().rename("expected").reset_index()
    weighted = metrics.rate(metrics.reporting_weights(there, table, by="half"), "disclosure_rate", weights="weight")
    truth = metrics.disclosure_rate(everyone)["rate"].item()
    assert weighted["low"].item() < truth < weighted["high"].item()
    assert abs(weighted["rate"].item() - truth) < abs(metrics.disclosure_rate(there)["rate"].item() - truth)
    with pytest.raises(UnknownChoice, match="weights"):
        metrics.disclosure_rate(there.assign(weight=-1.0), weights="weight")


def test_equal_weights_change_nothing(golden: object) -> None:
    frame = gia.simulate.panel(agencies=40, years=[2023], seed=1).requests
    pd.testing.assert_frame_equal(
        metrics.disclosure_rate(frame)[["rate", "low", "high"]],
        metrics.disclosure_rate(frame.assign(w=1.0), weights="w")[["rate", "low", "high"]],
    )
    with pytest.raises(UnknownChoice, match="overlap"):
        metrics.disclosure_rate(frame, overlaps="wholes")  # type: ignore[call-arg]


def test_bounds_hold_whatever_is_missing() -> None:
    rates = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 0.0])
    frame = pd.DataFrame({"tier": ["a"] * 4 + ["b"] * 2, "granted": rates * 10, "partial": 0, "closed": 10})
    table = metrics.missing_bounds(frame, expected={"a": 4, "b": 4}, by="tier", compare=["a", "b"]).set_index("tier")
    assert table.loc["a", ["mean", "lowest", "highest"]].tolist() == pytest.approx([0.5, 0.5, 0.5])
    # Of four b two are missing: (1 + 0 + 0 + 0)/4 to (1 + 0 + 1 + 1)/4.
    assert table.loc["b", ["lowest", "highest"]].tolist() == pytest.approx([0.25, 0.75])
    assert table.loc["difference", ["lowest", "highest"]].tolist() == pytest.approx([-0.25, 0.25])
    # a is trimmed to half: its two lowest or two highest rates against the mean of b.
    assert table.loc["difference, Lee", ["lowest", "highest"]].tolist() == pytest.approx([0.3 - 0.5, 0.7 - 0.5])
    with pytest.raises(CannotEstimate, match="expected"):
        metrics.missing_bounds(frame, expected=3)


def test_sensitivity_to_reports_that_contradict_themselves(tmp_path: Path) -> None:
    good = {("requests", row, "total"): 10.0 for row in ("new", "closed")} | {("requests", "granted", "total"): 6.0,
            ("requests", "unable_not_held", "total"): 4.0, ("requests", "partial", "total"): 0.0}  # fmt: skip
    bad = good | {("requests", "granted", "total"): 9.0}
    paths = []
    for unit, figures in (("上海市商务局", good), ("北京市商务局", bad)):
        page = typeset(figures, unit=unit, year=2023)
        paths.append(tmp_path / f"{unit}.html")
        paths[-1].write_bytes(page.data)
    panel = gia.build(paths, tmp_path / "panel", executor=InProcess(), progress=False)
    table = metrics.sensitivity(panel).set_index("variant")
    assert table.loc["as printed", "rate"] == 0.75
    assert table.loc["failing excluded", "rate"] == 0.6
    assert table.loc["bounded below", "rate"] == 0.3
    assert table.loc["bounded above", "rate"] == 0.8
    assert table["denominator_name"].eq("closed").all()


def test_a_single_treated_province_has_no_small_p_value() -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"province": np.repeat(np.arange(10), 6), "year": np.tile([2021, 2022, 2023], 20)})
    frame["law"] = ((frame["province"] == 3) & (frame["year"] == 2023)).astype(float)
    frame["y"] = generator.normal(size=60) + 50 * frame["law"]
    row = metrics.randomisation_test(frame, "y ~ law + C(year)", "law", draws=99).iloc[0]
    assert row["p_value"] >= 0.03
    assert row["n_treated"] == 1
    with pytest.raises(UnknownChoice, match="constant within"):
        metrics.randomisation_test(frame.assign(law=generator.normal(size=60)), "y ~ law", "law")


def test_power_agrees_with_its_formula() -> None:
    frame = pd.DataFrame({"y": np.arange(40.0) % 7, "x": np.arange(40.0) % 3, "province": np.arange(40) // 4})
    fit = metrics.fit_linear(frame, "y ~ x")
    row = metrics.power(fit, "x").iloc[0]
    # t quantiles of 9 degrees of freedom from a printed table: 2.262 and 0.883.
    assert row["detectable"] == pytest.approx((2.262 + 0.883) * row["error"], rel=1e-3)


def test_many_tests_by_hand() -> None:
    frame = pd.DataFrame({"p_value": [0.01, 0.02, 0.04, None], "family": list("aaba")})
    holm = metrics.adjusted_p(frame)["p_value_holm"]
    assert holm.tolist()[:3] == pytest.approx([0.03, 0.04, 0.04])
    assert holm.isna().tolist() == [False, False, False, True]
    apart = metrics.adjusted_p(frame, method="benjamini_hochberg", by="family")["p_value_benjamini_hochberg"]
    assert apart.tolist()[:3] == pytest.approx([0.02, 0.02, 0.04])


def test_errors_after_conley_are_the_clustered_ones_where_places_lie_far_apart() -> None:
    import statsmodels.formula.api as smf

    generator = np.random.default_rng(4)
    place = np.repeat(np.arange(30), 4)
    frame = pd.DataFrame({"place": place, "x": place * 1e6, "y": 0.0, "z": generator.normal(size=120)})
    frame["rate"] = frame["z"] + generator.normal(size=30)[place]
    frame["count"] = generator.poisson(np.exp(frame["rate"] / 2))
    groups = {"groups": place, "use_correction": False}
    for fit, other in (
        (metrics.fit_linear(frame, "rate ~ z", cluster="place"), smf.ols("rate ~ z", frame)),
        (metrics.fit_counts(frame, "count ~ z", cluster="place"), smf.poisson("count ~ z", frame)),
    ):
        expected = other.fit(disp=0, cov_type="cluster", cov_kwds=groups).bse
        np.testing.assert_allclose(metrics.conley(fit, frame, within=500)["error"], expected, rtol=1e-5)
        assert (metrics.conley(fit, frame, within=2500)["neighbours"] > 3).all()
    with pytest.raises(CannotEstimate, match="smaller distance"):
        metrics.conley(fit, frame, within=1e6)
    with pytest.raises(CannotEstimate, match="3 rows have none"):
        metrics.conley(fit, frame.assign(x=frame["x"].where(frame.index > 2)), within=500)


def test_morans_i_of_a_line_by_hand() -> None:
    # Six places in a line with residuals 1, 2, 3, 3, 2, 1: I = 6/10 · 2(1·0 + 0 + 1 + 0 + 0)/4 with means taken off.
    frame = pd.DataFrame({"place": range(6), "x": np.arange(6) * 1e5, "y": 0.0, "rate": [1.0, 2, 3, 3, 2, 1]})
    fit = metrics.fit_linear(frame, "rate ~ 1", cluster="place")
    found = metrics.morans_i(fit, frame, within=120, draws=99).iloc[0]
    assert found["statistic"] == pytest.approx(6 / 10 * 2 * 1 / 4)
    assert found["expected"] == -0.2
    with pytest.raises(CannotEstimate, match="greater distance"):
        metrics.morans_i(fit, frame, within=50)


@pytest.mark.parametrize("estimator", ["two_stage", "sun_abraham"])
def test_staggered_adoption_finds_what_two_way_effects_miss(estimator: str) -> None:
    pytest.importorskip("pyfixest", reason="the extra fe is not installed")
    years = np.tile(np.arange(2018, 2026), 40)
    unit = np.repeat(np.arange(40), 8)
    since = np.where(unit % 4 == 0, 0, 2019 + unit % 4 + (unit % 3))
    # The effect grows with the years under the rule, so that those who had it longer are no controls.
    effect = np.where((since > 0) & (years >= since), years - since + 1.0, 0.0)
    noise = np.random.default_rng(1).normal(0, 0.05, len(unit))
    frame = pd.DataFrame({"agency_id": unit, "province": unit % 20, "year": years, "since": since,
                          "y": unit * 0.1 + years * 0.3 + effect + noise})  # fmt: skip
    frame["rule"] = (effect > 0).astype(float)
    truth = effect[effect > 0].mean()
    found = metrics.staggered(frame, "y", adopted="since", estimator=estimator).iloc[0]
    assert found["estimate"] == pytest.approx(truth, abs=0.1)
    twoway = metrics.fit_fixed_effects(frame, "y ~ rule | agency_id + year").coefficients["estimate"].item()
    assert abs(twoway - truth) > 0.3
    with pytest.raises(CannotEstimate, match="never had it"):
        metrics.staggered(frame[frame["since"] > 0], "y", adopted="since", estimator=estimator)


def test_a_simulated_panel_stands_in_for_one_with_findings() -> None:
    simulated = gia.simulate.panel(agencies=80, years=[2019, 2023], volume=30, misprints=0.2, seed=5)
    whole = simulated.truth.requests
    truth = (whole["granted"] + whole["partial"]).sum() / whole["closed"].sum()
    misprinted = set(simulated.truth.faults["report_id"])
    assert set(simulated.findings["report_id"]) == misprinted
    table = metrics.sensitivity(simulated).set_index("variant")["rate"]
    assert table["bounded below"] < truth < table["bounded above"]


def test_a_dealt_treatment_has_the_clustered_t_of_a_fit() -> None:
    generator = np.random.default_rng(8)
    province = np.repeat(np.arange(12), 10)
    frame = pd.DataFrame({"province": province, "year": np.tile(np.arange(2019, 2024), 24),
                          "y": generator.normal(size=120)})  # fmt: skip
    frame["law"] = (province < 4) * (frame["year"] >= 2021) * 1.0
    found = metrics.randomisation_test(frame, "y ~ law + C(year)", "law", draws=199).iloc[0]
    assert found["estimate"] == pytest.approx(
        metrics.fit_linear(frame, "y ~ law + C(year)").coefficients.set_index("term").loc["law", "estimate"]
    )
    assert 0.005 <= found["p_value"] <= 1
    with pytest.raises(UnknownChoice, match="by itself"):
        metrics.randomisation_test(frame, "y ~ law * C(year)", "law", draws=9)
