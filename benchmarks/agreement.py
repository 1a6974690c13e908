"""Sets giakit's numbers beside those of scipy, statsmodels and pyfixest; prints a Markdown table; exits 1 where they differ.

Run: ``python benchmarks/agreement.py > docs/method/agreement.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyfixest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from giakit import metrics

Row = tuple[str, float, float, str]


def intervals() -> Iterator[Row]:
    """Single proportions, counts and a difference."""
    for name, own, other in (
        ("Wilson", metrics.wilson, "wilson"),
        ("Jeffreys", metrics.jeffreys, "jeffreys"),
        ("Clopper-Pearson", metrics.clopper_pearson, "beta"),
    ):
        mine, theirs = own(64, 314), proportion_confint(64, 314, method=other)
        for side, one, two in zip(("low", "high"), mine, theirs, strict=True):
            yield (f"{name} interval of 64 of 314, {side}", float(one), float(two), "statsmodels proportion_confint")
    mine = metrics.newcombe(56, 70, 48, 80)
    theirs = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    for side, one, two in zip(("low", "high"), mine[1:], theirs, strict=True):
        yield (f"Newcombe's difference, {side}", float(one), float(two), "statsmodels confint_proportions_2indep")
    low, high = metrics.count_ratio(351, 3050)
    for side, bound in (("low", low), ("high", high)):
        # The score interval holds the means at which the score statistic is just the normal quantile.
        z = (351 - bound * 3050) / np.sqrt(bound * 3050)
        yield (f"Poisson score statistic at the {side} bound", abs(float(z)), stats.norm.ppf(0.975), "scipy norm")


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agencies with two kinds of applicant, and reports with a regressor."""
    generator = np.random.default_rng(4)
    n = generator.integers(5, 80, (30, 2))
    y = generator.binomial(n, [0.6, 0.5])
    strata = pd.DataFrame({"agency_id": np.repeat(np.arange(30), 2), "who": ["person", "firm"] * 30,
                           "granted": y.ravel(), "partial": 0, "closed": n.ravel()})  # fmt: skip
    units = np.repeat(np.arange(60), 4)
    reports = pd.DataFrame({"agency_id": units, "province": units % 12, "year": np.tile(range(2021, 2025), 60),
                            "x": generator.normal(size=240), "closed": generator.integers(5, 60, 240)})  # fmt: skip
    reports["dose"] = generator.normal(size=60)[units]
    reports["y"] = reports["x"] * 0.4 + reports["province"] * 0.1 + generator.normal(size=240)
    reports["new"] = generator.poisson(reports["closed"] * np.exp(0.2 * reports["x"]))
    reports["granted"] = generator.binomial(reports["closed"], 1 / (1 + np.exp(-0.3 * reports["x"])))
    return strata, reports


def groups(strata: pd.DataFrame) -> Iterator[Row]:
    """Strata, funnels, compositions."""
    tables = [
        np.array([[a, n - a], [c, m - c]], dtype=float)
        for (a, c), (n, m) in zip(
            strata["granted"].to_numpy().reshape(-1, 2), strata["closed"].to_numpy().reshape(-1, 2), strict=True
        )
    ]
    other = StratifiedTable(tables)
    options = {"compare": "who", "levels": ["person", "firm"], "strata": "agency_id"}
    row = metrics.mantel_haenszel(strata, variance="binomial", **options).iloc[0]
    low, high = other.oddsratio_pooled_confint()
    source = "statsmodels StratifiedTable"
    yield "Mantel-Haenszel odds ratio", float(row["estimate"]), other.oddsratio_pooled, source
    yield "… Robins-Breslow-Greenland low", float(row["low"]), low, source
    yield "… Robins-Breslow-Greenland high", float(row["high"]), high, source
    yield ("… Breslow-Day p, Tarone's", float(row["breslow_day_p"]), other.test_equal_odds(adjust=True).pvalue, source)
    ratio = metrics.mantel_haenszel(strata, effect="risk_ratio", **options)["estimate"].item()
    yield "Mantel-Haenszel risk ratio", float(ratio), other.riskratio_pooled, source
    low, high = metrics.funnel_limits(0.3, [400], level=0.95, dispersion="additive", amount=0.3 * 0.7 * 0.05)
    law = stats.betabinom(400, 0.3 * 19, 0.7 * 19)
    yield "Funnel limit of 400 requests, low", float(low[0]) * 400, law.ppf(0.025), "scipy betabinom"
    yield "Funnel limit of 400 requests, high", float(high[0]) * 400, law.ppf(0.975), "scipy betabinom"
    counts = np.array([2, 31, 5, 6, 8, 12, 9, 105])
    codes = ["state_secret", "by_law", "security", "third_party", "internal", "process", "enforcement", "inquiry"]
    frame = pd.DataFrame([dict(zip([f"denied_{code}" for code in codes], counts, strict=True))])
    yield (
        "Entropy of grounds",
        float(metrics.concentration(frame)["entropy"].item()),
        stats.entropy(counts),
        "scipy entropy",
    )


def models(reports: pd.DataFrame) -> Iterator[Row]:
    """Regressions with clustered errors, fixed effects, event studies."""
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": reports["province"]}}
    binomial = sm.families.Binomial()
    both = reports.assign(rest=reports["closed"] - reports["granted"])
    for name, fit, other in (
        ("Least squares", metrics.fit_linear(reports, "y ~ x"), smf.ols("y ~ x", reports).fit(**clustered)),
        ("PPML", metrics.fit_counts(reports, "new ~ x", exposure="closed"),
         smf.glm("new ~ x", reports, family=sm.families.Poisson(), offset=np.log(reports["closed"])).fit(**clustered)),
        ("Fractional logit", metrics.fit_share(reports, "granted ~ x", trials="closed"),
         smf.glm("granted + rest ~ x", both, family=binomial).fit(**clustered)),
    ):  # fmt: skip
        row = fit.coefficients.set_index("term").loc["x"]
        yield f"{name}, slope", float(row["estimate"]), float(other.params["x"]), "statsmodels"
        yield f"{name}, clustered error", float(row["error"]), float(other.bse["x"]), "statsmodels"
    row = metrics.fit_fixed_effects(reports, "y ~ x | agency_id + year").coefficients.iloc[0]
    dummies = smf.ols("y ~ x + C(agency_id) + C(year)", reports).fit()
    yield ("Two-way fixed effects, slope", float(row["estimate"]), float(dummies.params["x"]), "statsmodels, dummies")
    plain = pyfixest.feols("y ~ x | agency_id + year", reports, vcov={"CRV1": "province"})
    yield "Two-way fixed effects, clustered error", float(row["error"]), float(plain.se().iloc[0]), "pyfixest"
    study = metrics.event_study(reports, "y", event=2024).set_index("time")
    doses = {f"dose_{year}": reports["dose"] * (reports["year"] == year) for year in (2021, 2022, 2024)}
    formula = f"y ~ C(agency_id) + C(year) + {' + '.join(doses)}"
    expected = smf.ols(formula, reports.assign(**doses)).fit().params["dose_2024"]
    yield ("Event study, slope of 2024", float(study.loc[2024, "estimate"]), float(expected), "statsmodels, dummies")
    p = np.array([0.01, 0.02, 0.03, 0.2])
    holm = metrics.adjusted_p(pd.DataFrame({"p_value": p}))["p_value_holm"].to_numpy(dtype=float)
    yield (
        "Holm, third of four",
        float(holm[2]),
        float(multipletests(p, method="holm")[1][2]),
        "statsmodels multipletests",
    )


def main() -> int:
    """Print the table; 1 where two numbers differ."""
    strata, reports = frames()
    rows = [*intervals(), *groups(strata), *models(reports)]
    print("# Agreement with other programs\n")
    print("Made by `benchmarks/agreement.py`, on data with a fixed seed. R was not run.\n")
    print("| quantity | giakit | other | difference | by |\n|:--|--:|--:|--:|:--|")
    worst = 0.0
    for name, own, other, source in rows:
        gap = abs(own - other) / max(abs(other), 1e-12)
        worst = max(worst, gap)
        print(f"| {name} | {own:.6f} | {other:.6f} | {gap:.0e} | {source} |")
    print(f"\n{len(rows)} quantities; largest relative difference {worst:.0e}.")
    return int(worst > 1e-5)


if __name__ == "__main__":
    sys.exit(main())
