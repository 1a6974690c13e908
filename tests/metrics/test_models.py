"""Models, bootstraps and event studies against other implementations and known truth."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import giakit.metrics as metrics
from giakit.errors import CannotEstimate, MissingColumns, UnknownChoice
from giakit.simulate.panels import panel


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    generator = np.random.default_rng(11)
    province = np.repeat(np.arange(12), 15)
    x = generator.normal(size=180)
    effect = generator.normal(0, 0.3, 12)[province]
    closed = generator.poisson(20, 180) + 1
    chance = 1 / (1 + np.exp(-(0.2 + 0.5 * x + effect)))
    return pd.DataFrame(
        {
            "province": province,
            "x": x,
            "tier": np.where(np.arange(180) % 3, "county", "city"),
            "y": 1 + 0.5 * x + effect + generator.normal(size=180),
            "closed": pd.array(closed, dtype="Float64"),
            "disclosed": pd.array(generator.binomial(closed, chance), dtype="Float64"),
            "new": generator.poisson(closed * np.exp(0.3 * x + effect)),
        }
    )


def test_model_frame_is_plain_and_complete(reports: pd.DataFrame) -> None:
    holed = reports.assign(closed=reports["closed"].mask(reports.index < 10), tier=reports["tier"])
    cut = metrics.model_frame(holed, "disclosed ~ x + C(tier)", cluster="province", exposure="closed")
    assert len(cut) == 170
    assert cut.attrs["n_dropped"] == 10
    assert cut["closed"].dtype == "float64"
    assert isinstance(cut["tier"].dtype, pd.CategoricalDtype)
    assert sorted(cut["_cluster"].unique()) == list(range(12))
    np.testing.assert_allclose(cut["_offset"], np.log(holed["closed"].dropna().astype(float)))
    with pytest.raises(MissingColumns, match="wealth"):
        metrics.model_frame(reports, "y ~ np.log(closed) + wealth")
    assert len(metrics.model_frame(reports, "y ~ np.log(closed) + C(tier, Treatment('city'))".replace("'city'", "0")))


def test_linear_agrees_with_a_hand_made_sandwich(reports: pd.DataFrame) -> None:
    fit = metrics.fit_linear(reports, "y ~ x")
    design = np.column_stack([np.ones(180), reports["x"]])
    beta = np.linalg.solve(design.T @ design, design.T @ reports["y"])
    score = design * (reports["y"].to_numpy() - design @ beta)[:, None]
    summed = np.array([score[reports["province"] == p].sum(axis=0) for p in range(12)])
    bread = np.linalg.inv(design.T @ design)
    covariance = bread @ summed.T @ summed @ bread * 12 / 11 * 179 / 178
    np.testing.assert_allclose(fit.coefficients["estimate"], beta)
    np.testing.assert_allclose(fit.coefficients["error"], np.sqrt(np.diag(covariance)))
    assert (fit.n_observations, fit.n_clusters, fit.n_dropped) == (180, 12, 0)


def test_counts_and_shares_find_the_slope(reports: pd.DataFrame) -> None:
    for family in ("poisson", "negative_binomial"):
        fit = metrics.fit_counts(reports, "new ~ x", exposure="closed", family=family)
        assert fit.converged
        assert fit.coefficients.set_index("term").loc["x", "estimate"] == pytest.approx(0.3, abs=0.1)
    fit = metrics.fit_share(reports, "disclosed ~ x", trials="closed")
    row = fit.coefficients.set_index("term").loc["x"]
    assert row["low"] < 0.5 < row["high"]
    with pytest.raises(UnknownChoice, match="never exceeds"):
        metrics.fit_share(reports.assign(disclosed=reports["closed"] + 1), "disclosed ~ x", trials="closed")


def test_fixed_effects_agree_with_dummies(reports: pd.DataFrame) -> None:
    pytest.importorskip("pyfixest", reason="the extra fe is not installed")
    found = metrics.fit_fixed_effects(reports, "y ~ x | province").coefficients["estimate"].item()
    dummies = metrics.fit_linear(reports, "y ~ x + C(province)").coefficients.set_index("term")
    assert found == pytest.approx(dummies.loc["x", "estimate"])


def test_wild_bootstrap_agrees_with_drawing_it_out(reports: pd.DataFrame) -> None:
    fit = metrics.fit_linear(reports, "y ~ x + C(tier)")
    fast = metrics.wild_cluster_bootstrap(fit, "x", null=0.35, draws=4096, weights="rademacher", interval=False)
    assert fast["draws"].item() == 4096
    design, groups = fit.design.to_numpy(), fit.groups
    column = fit.design.columns.tolist().index("x")
    bread = np.linalg.inv(design.T @ design)

    def statistic(y: np.ndarray, null: float) -> float:
        beta = bread @ design.T @ y
        score = design * (y - design @ beta)[:, None]
        summed = np.array([score[groups == g].sum(axis=0) for g in range(12)])
        return (beta[column] - null) / np.sqrt((bread @ summed.T @ summed @ bread)[column, column])

    kept = np.delete(design, column, axis=1)
    rest = fit.response - 0.35 * design[:, column]
    fitted = kept @ np.linalg.lstsq(kept, rest, rcond=None)[0] + 0.35 * design[:, column]
    residual = fit.response - fitted
    patterns = np.random.default_rng(0).choice(4096, 300, replace=False)
    observed = abs(statistic(fit.response, 0.35))
    slow = []
    for pattern in patterns:
        signs = np.where((pattern >> np.arange(12)) & 1, 1.0, -1.0)
        slow.append(abs(statistic(fitted + residual * signs[groups], 0.35)) >= observed * (1 - 1e-9))
    assert fast["p_value"].item() == pytest.approx(np.mean(slow), abs=0.09)


def test_bootstrap_interval_is_where_the_test_rejects(reports: pd.DataFrame) -> None:
    fit = metrics.fit_linear(reports, "y ~ x")
    row = metrics.wild_cluster_bootstrap(fit, "x", draws=999, weights="webb").iloc[0]
    assert row["low"] < row["estimate"] < row["high"]
    for bound in (row["low"], row["high"]):
        again = metrics.wild_cluster_bootstrap(fit, "x", null=bound, draws=999, weights="webb", interval=False)
        assert again["p_value"].item() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("family", ["poisson", "negative_binomial", "fractional_logit"])
def test_score_bootstrap_tells_effects_from_nothing(reports: pd.DataFrame, family: str) -> None:
    if family == "fractional_logit":
        fit = metrics.fit_share(reports, "disclosed ~ x + C(tier)", trials="closed")
    else:
        fit = metrics.fit_counts(reports, "new ~ x + C(tier)", exposure="closed", family=family)
    row = metrics.score_bootstrap(fit, "x", draws=999).iloc[0]
    assert row["p_value"] < 0.02
    assert row["low"] < (0.5 if family == "fractional_logit" else 0.3) < row["high"]
    assert metrics.score_bootstrap(fit, "C(tier)[T.county]", draws=999, interval=False)["p_value"].item() > 0.02


def test_bootstraps_refuse_the_wrong_model(reports: pd.DataFrame) -> None:
    fit = metrics.fit_linear(reports, "y ~ x")
    with pytest.raises(UnknownChoice, match="score_bootstrap takes"):
        metrics.wild_cluster_bootstrap(metrics.fit_counts(reports, "new ~ x"), "x")
    with pytest.raises(UnknownChoice, match="poisson"):
        metrics.score_bootstrap(fit, "x")
    with pytest.raises(UnknownChoice, match="Intercept, x"):
        metrics.wild_cluster_bootstrap(fit, "z")


@pytest.mark.parametrize("clusters", [10, 31])
def test_bootstrap_holds_its_size(clusters: int) -> None:
    generator = np.random.default_rng(clusters)
    rejected = {"linear": 0, "poisson": 0}
    for run in range(60):
        province = np.repeat(np.arange(clusters), generator.integers(4, 20, clusters))
        effect = generator.normal(0, 0.5, clusters)[province]
        frame = pd.DataFrame(
            {"province": province, "x": generator.normal(size=clusters)[province],
             "y": effect + generator.normal(size=len(province)), "new": generator.poisson(4 * np.exp(effect))}
        )  # fmt: skip
        fit = metrics.fit_linear(frame, "y ~ x")
        test = metrics.wild_cluster_bootstrap(fit, "x", draws=199, seed=run, interval=False)
        rejected["linear"] += test["p_value"].item() < 0.05
        fit = metrics.fit_counts(frame, "new ~ x")
        test = metrics.score_bootstrap(fit, "x", draws=199, seed=run, interval=False)
        rejected["poisson"] += test["p_value"].item() < 0.05
    assert all(count / 60 <= 0.13 for count in rejected.values()), rejected


@pytest.fixture(scope="module")
def dosed() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    rows = []
    for agency in range(80):
        dose = generator.uniform()
        level = generator.normal(1.5, 0.5)
        for year in range(2021, 2026):
            mean = np.exp(level + 0.1 * (year - 2021) - 0.8 * dose * (year >= 2024))
            rows.append((agency, agency % 20, dose, year, generator.poisson(mean)))
    return pd.DataFrame(rows, columns=["agency_id", "province", "dose", "year", "suits"])


@pytest.mark.parametrize("family", ["linear", "poisson"])
def test_event_study_agrees_with_dummies(dosed: pd.DataFrame, family: str) -> None:
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    table = metrics.event_study(dosed, "suits", event=2024, family=family)
    kept = dosed[dosed.groupby("agency_id")["suits"].transform("sum") > 0]
    terms = [f"I(dose * (year == {year}))" for year in (2021, 2022, 2024, 2025)]
    formula = "suits ~ C(agency_id) + C(year) + " + " + ".join(terms)
    kind = sm.families.Poisson() if family == "poisson" else sm.families.Gaussian()
    other = smf.glm(formula, data=kept if family == "poisson" else dosed, family=kind).fit()
    expected = [value for name, value in other.params.items() if "dose" in name]
    np.testing.assert_allclose(table.loc[~table["reference"], "estimate"], expected, atol=1e-6)


def test_event_study_finds_the_truth(dosed: pd.DataFrame) -> None:
    table = metrics.event_study(dosed, "suits", event=2024, family="poisson").set_index("time")
    assert table.loc[2024, "low"] < -0.8 < table.loc[2024, "high"]
    assert table["pre_trend_p"].iloc[0] > 0.05
    assert table.loc[2023, "reference"]
    with pytest.raises(UnknownChoice, match="constant within each agency"):
        metrics.event_study(dosed.assign(dose=dosed["dose"] + dosed["year"]), "suits", event=2024)
    with pytest.raises(UnknownChoice, match="year before"):
        metrics.event_study(dosed, "suits", event=2021)


def test_a_dose_comes_from_years_of_its_own() -> None:
    simulated = panel(agencies=200, volume=200, seed=4)
    design = metrics.dose_design(simulated.requests, "exemption_rate", years=[2021, 2022])
    assert set(design["year"]) == {2019, 2020, 2023, 2024, 2025}
    assert design["dose"].notna().any()
    with pytest.raises(UnknownChoice, match="2019"):
        metrics.dose_design(simulated.requests, "exemption_rate", years=[1999])


def test_a_dose_that_shares_its_counts_makes_slopes_from_nothing() -> None:
    generator = np.random.default_rng(0)
    p = generator.beta(3, 2, 20_000)
    earlier, before, after = (generator.binomial(3, p) / 3 for _ in range(3))
    assert np.polyfit(before, after - before, 1)[0] < -0.5
    assert abs(np.polyfit(earlier, after - before, 1)[0]) < 0.03


def test_specification_curve_keeps_failures() -> None:
    requests = panel(agencies=60, blanks=0.3, seed=6).requests.assign(clean=True)
    curve = metrics.specification_curve(requests, metrics.disclosure_rate)
    assert len(curve) == 2 * 2 * 3 * 2 * 2
    assert curve["estimate"].is_monotonic_increasing
    assert (curve.loc[curve["denominator"] == "on_merits", "estimate"] > 0.6).all()
    failing = metrics.specification_curve(requests, metrics.disclosure_rate, choices={"denominator": ["closed", "x"]})
    assert "UnknownChoice" in failing["problem"].iloc[-1]
    assert pd.isna(failing["estimate"].iloc[-1])


def test_specification_curve_of_a_model(reports: pd.DataFrame) -> None:
    def estimate(frame: pd.DataFrame, outcome: str) -> metrics.Fit:
        return metrics.fit_linear(frame, f"{outcome} ~ x")

    curve = metrics.specification_curve(reports, estimate, choices={"outcome": ["y", "new"]}, term="x")
    assert curve[["low", "high", "p_value"]].notna().all(axis=None)
    assert curve["n"].tolist() == [180, 180]


def test_regression_table(reports: pd.DataFrame) -> None:
    fits = [metrics.fit_linear(reports, "y ~ x"), metrics.fit_counts(reports, "new ~ x", exposure="closed")]
    text = metrics.regression_table(fits, labels={"x": "Share & size"}, names=["OLS", "PPML"], keep=["x"])
    assert "| Share & size | 0." in text
    assert "| Clusters | 12 (province) | 12 (province) |" in text
    assert "*" not in text
    latex = metrics.regression_table(fits, labels={"x": "Share & size"}, keep=["x"], format="latex")
    assert r"Share \& size" in latex
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 1
    frame = metrics.regression_table(fits, format="frame")
    assert frame.loc["Observations"].tolist() == ["180", "180"]


@pytest.mark.parametrize("format", ["markdown", "latex", "html", "frame"])
def test_regression_table_prints_errors_and_stars_only_if_asked(reports: pd.DataFrame, format: str) -> None:
    fit = metrics.fit_linear(reports, "y ~ x + C(tier)")
    plain = str(metrics.regression_table([fit], format=format, draws=0))
    assert f"({fit.coefficients.set_index('term').loc['x', 'error']:.3f})" in plain
    assert "*" not in plain
    assert "C(tier)" not in plain
    assert "***" in str(metrics.regression_table([fit], format=format, stars=True, draws=0))


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
def test_latex_compiles(reports: pd.DataFrame, tmp_path: Path) -> None:
    fits = [metrics.fit_linear(reports, "y ~ x + C(tier)"), metrics.fit_counts(reports, "new ~ x", exposure="closed")]
    text = metrics.regression_table(fits, format="latex", stars=True, names=["a_b & 5 %", "PPML #2"],
                                    labels={"x": "Share ~ size^2"}, note="Left out: 3 % of {all}_rows.")  # fmt: skip
    page = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}"
    (tmp_path / "table.tex").write_text(page + text + r"\end{document}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


def test_few_treated_clusters_get_the_bootstrap_and_a_warning(reports: pd.DataFrame) -> None:
    treated = reports.assign(law=reports["province"].isin(reports["province"].unique()[:2]).astype(float))
    fit = metrics.fit_linear(treated, "y ~ law")
    assert fit.coefficients.set_index("term").loc["law", "treated"] == 2
    text = metrics.regression_table([fit], draws=199)
    assert "bootstrap p = " in text
    assert "no test has power" in text


@pytest.mark.parametrize("name", ["cluster", "offset", "a.b"])
def test_any_name_can_be_a_column(reports: pd.DataFrame, name: str) -> None:
    renamed = reports.rename(columns={"x": name})
    expected = metrics.fit_linear(reports, "y ~ x + C(tier, Treatment('county'))").coefficients["estimate"]
    fit = metrics.fit_linear(renamed, f"y ~ Q('{name}') + C(tier, Treatment(\"county\"))")
    np.testing.assert_allclose(fit.coefficients["estimate"], expected)


@pytest.mark.parametrize(
    ("changes", "formula", "reason"),
    [
        ({"province": "x"}, "y ~ x", "one province.*prefecture"),
        ({"x": 1.0}, "y ~ x", "does not vary"),
        ({"y": 2.0}, "y ~ x", "outcome does not vary"),
        ({"twin": 0.0}, "y ~ x + I(2 * x)", "say the same"),
        ({"y": None}, "y ~ x", "no row is complete"),
        ({"tier": "county"}, "y ~ x | province + tier", None),
    ],
)
def test_what_cannot_be_estimated_names_the_choice_to_make(
    reports: pd.DataFrame, changes: dict[str, object], formula: str, reason: str | None
) -> None:
    frame = reports.assign(**changes)
    if reason is None:
        pytest.importorskip("pyfixest", reason="the extra fe is not installed")
        assert metrics.fit_fixed_effects(frame, formula).n_clusters == 12
        return
    with pytest.raises(CannotEstimate, match=reason):
        metrics.fit_linear(frame, formula)
    if "province" in changes or "x" in changes:
        with pytest.raises(CannotEstimate):
            metrics.fit_counts(frame, "new ~ x")
        pytest.importorskip("pyfixest", reason="the extra fe is not installed")
        with pytest.raises(CannotEstimate):
            metrics.fit_fixed_effects(frame, "y ~ x | tier")


def test_fixed_effects_are_a_fit_like_others(reports: pd.DataFrame) -> None:
    pytest.importorskip("pyfixest", reason="the extra fe is not installed")
    fit = metrics.fit_fixed_effects(reports, "y ~ x | province", level=0.9)
    row = fit.coefficients.iloc[0]
    from scipy.stats import t

    assert (row["high"] - row["estimate"]) / row["error"] == pytest.approx(t.ppf(0.95, 11))
    assert 0 <= metrics.wild_cluster_bootstrap(fit, "x", draws=199, interval=False)["p_value"].item() <= 1
    assert "fixed effects" in metrics.regression_table([fit], draws=199)
    with pytest.raises(UnknownChoice, match="two-way"):
        metrics.fit_linear(reports, "y ~ x", cluster=["province", "tier"])  # type: ignore[arg-type]
