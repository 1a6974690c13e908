"""Do intervals cover, does shrinkage help, do bootstraps hold their size? Prints tables; exits 1 on a failure.

Run: ``python benchmarks/coverage.py`` (a few minutes) or ``--quick``.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd
from scipy.stats import binom

from giakit import metrics


def single_report() -> pd.DataFrame:
    """Exact coverage of the 95 % interval of one report, over 999 values of p."""
    p = np.linspace(0.001, 0.999, 999)
    rows = []
    for name in ("wilson", "jeffreys", "clopper-pearson"):
        interval = {"wilson": metrics.wilson, "jeffreys": metrics.jeffreys, "clopper-pearson": metrics.clopper_pearson}[
            name
        ]
        for trials in (1, 2, 3, 5, 10, 20, 50, 100, 300, 1000):
            counts = np.arange(trials + 1)
            low, high = interval(counts, trials)
            inside = (low[:, None] <= p) & (p <= high[:, None])
            coverage = (binom.pmf(counts[:, None], trials, p) * inside).sum(axis=0)
            rows.append({"interval": name, "n": trials, "mean": coverage.mean(), "minimum": coverage.min()})
    return pd.DataFrame(rows)


def sizes(generator: np.random.Generator, shape: tuple[int, ...], most: int = 5000) -> np.ndarray:
    """Requests of agencies from 1 to `most`, even in the logarithm."""
    return np.floor(np.exp(generator.uniform(0, np.log(most + 1), shape))).astype(int)


def successes(generator: np.random.Generator, n: np.ndarray, mean: float, alike: float) -> np.ndarray:
    """Beta-binomial counts: two requests to one agency are correlated by `alike`."""
    spread = (1 - alike) / alike
    return generator.binomial(n, generator.beta(mean * spread, (1 - mean) * spread, n.shape))


def reports(n: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """A frame of reports from counts by run (rows) and agency (columns)."""
    runs, agencies = n.shape
    return pd.DataFrame(
        {
            "run": np.repeat(np.arange(runs), agencies),
            "agency_id": np.tile(np.arange(agencies), runs),
            "granted": y.ravel(),
            "partial": 0,
            "closed": n.ravel(),
        }
    )


def groups(times: int) -> pd.DataFrame:
    """Coverage of the pooled rate, the mean of rates, a ratio, and the pooled Wilson interval that is not used."""
    generator = np.random.default_rng(1)
    rows = []
    for agencies in (5, 10, 31):
        for kind in ("1 to 5,000", "20 each"):
            for alike in (0.02, 0.15):
                for p in (0.05, 0.6):
                    shape = (times, agencies)
                    n = sizes(generator, shape) if kind != "20 each" else np.full(shape, 20)
                    frame = reports(n, successes(generator, n, p, alike))
                    exposed = generator.gamma(1 / alike, alike * 0.2, n.shape) * n
                    frame["reconsideration.total"] = generator.poisson(exposed).ravel()
                    row = {"agencies": agencies, "sizes": kind, "alike": alike, "p": p}
                    for estimator in ("pooled", "mean"):
                        table = metrics.disclosure_rate(frame, by="run", estimator=estimator)
                        row[estimator] = ((table["low"] <= p) & (p <= table["high"])).mean()
                    row["noted rough"] = table["note"].str.contains("effective agencies").mean()
                    table = metrics.reconsideration_rate(frame, by="run", per=1)
                    row["ratio"] = ((table["low"] <= 0.2) & (table["high"] >= 0.2)).mean()
                    low, high = metrics.wilson(frame.groupby("run")["granted"].sum(), n.sum(axis=1))
                    row["pooled Wilson"] = ((low <= p) & (p <= high)).mean()
                    rows.append(row)
    return pd.DataFrame(rows)


def strata(times: int) -> pd.DataFrame:
    """Coverage of the Mantel-Haenszel odds ratio where agencies differ in rate and in effect."""
    generator = np.random.default_rng(5)
    rows = []
    for name, places, each, spread in (("31 × 6, effects differ", 31, 6, 0.5), ("31 × 1, effects differ", 31, 1, 0.5),
                                       ("31 × 6, one effect", 31, 6, 0.0), ("10 × 3, effects differ", 10, 3, 0.5)):  # fmt: skip
        covered, estimates = {"clustered": 0, "binomial": 0}, []
        tables = []
        for _ in range(times):
            n = np.maximum(sizes(generator, (places * each, 2), 400), 1)
            level = np.repeat(generator.normal(0.3, 0.5, places), each) + generator.normal(0, 0.4, places * each)
            effect = 0.4 + generator.normal(0, spread, places * each)
            chance = 1 / (1 + np.exp(-(level[:, None] + effect[:, None] * [1, 0])))
            frame = reports(n, generator.binomial(n, chance)).assign(who=np.tile(["person", "firm"], places * each))
            frame["agency_id"] = frame["run"]
            frame["place"] = frame["run"] // each
            found = {
                kind: metrics.mantel_haenszel(
                    frame, compare="who", strata="place", levels=["person", "firm"], variance=kind
                )
                for kind in covered
            }
            tables.append({kind: found[kind][["low", "high"]].astype(float).iloc[0].tolist() for kind in covered})
            estimates.append(float(found["clustered"]["estimate"].item()))
        # What the pooled ratio estimates where effects differ: its own mean over all runs.
        target = np.exp(np.mean(np.log(estimates)))
        for one in tables:
            for kind, (low, high) in one.items():
                covered[kind] += low <= target <= high
        rows.append({"strata × agencies": name, "odds ratio": target} | {k: v / times for k, v in covered.items()})
    return pd.DataFrame(rows)


def maps(times: int) -> pd.DataFrame:
    """Coverage of the shrunken rates of 31 provinces, each of several agencies."""
    generator = np.random.default_rng(6)
    rows = []
    for alike in (0.02, 0.15):
        covered = {"clustered": [], "as if independent": []}
        for _ in range(times):
            true = 1 / (1 + np.exp(-generator.normal(0.4, 0.4, 31)))
            agencies = generator.integers(4, 25, 31)
            province = np.repeat(np.arange(31), agencies)
            n = sizes(generator, (len(province),), 1000)
            y = np.array(
                [successes(generator, size[None], p, alike)[0] for size, p in zip(n, true[province], strict=True)]
            )
            frame = pd.DataFrame(
                {"province": province, "agency_id": np.arange(len(n)), "granted": y, "partial": 0, "closed": n}
            )
            for name, given in (("clustered", frame), ("as if independent", frame.assign(agency_id=frame["province"]))):
                table = metrics.shrunken_rates(given, unit="province")
                covered[name].append(((table["low"] <= true) & (true <= table["high"])).mean())
        rows.append({"alike": alike} | {name: np.mean(values) for name, values in covered.items()})
    return pd.DataFrame(rows)


def validation(times: int) -> pd.DataFrame:
    """Coverage of the error rate of a hand validation with one dominant stratum, errors alike within documents."""
    from giakit.checks.sampling import agree, sample

    generator = np.random.default_rng(7)
    rows = []
    for name, rates in (
        ("equal", (0.02, 0.02, 0.02)),
        ("worse when rare", (0.01, 0.1, 0.2)),
        ("worse when common", (0.05, 0.01, 0.0)),
    ):
        inside, seen, zero = 0, 0, 0
        for run in range(times):
            counts = (16_000, 3_000, 1_000)
            fmt = np.repeat(["html", "pdf", "scan"], counts)
            document = np.concatenate(
                [generator.integers(0, max(size // 100, 1), size) + 1000 * k for k, size in enumerate(counts)]
            )
            chance = np.repeat(rates, counts)
            # A quarter of the documents holds the errors: fourfold there.
            wrong = generator.random(len(fmt)) < np.where(document % 4 == 0, np.minimum(chance * 4, 1), 0)
            cells = pd.DataFrame(
                {
                    "report_id": document.astype(str),
                    "table": "requests",
                    "row": "new",
                    "column": "total",
                    "value": np.where(wrong, 9.0, 1.0),
                    "format": fmt,
                }
            )
            sheet = sample(cells.assign(value=1.0, truth=cells["value"], label=np.arange(len(cells))), n=300, seed=run)
            answer = np.where(wrong[sheet["label"].to_numpy()], "9", "1")
            found = agree(sheet.assign(coder_1=answer))
            inside += found.low <= wrong.mean() <= found.high
            zero += found.n_errors == 0
            seen += 1
        rows.append({"errors": name, "covered": inside / seen, "no error seen": zero / seen})
    return pd.DataFrame(rows)


def null_panels(times: int) -> pd.DataFrame:
    """Share of bold cells and of agencies beyond 99.8 % limits where nothing differs."""
    generator = np.random.default_rng(8)
    parts = ["denied_internal", "denied_process", "denied_by_law", "denied_security"]
    bold, outer = [], {0.05: [], 0.6: []}
    for _ in range(times):
        agencies = 200
        shares = generator.dirichlet(np.array([0.4, 0.35, 0.2, 0.05]) * 6, agencies)
        n = sizes(generator, (agencies,), 200)
        counts = np.array([generator.multinomial(size, share) for size, share in zip(n, shares, strict=True)])
        frame = pd.DataFrame(counts, columns=parts).assign(agency_id=np.arange(agencies), area=np.arange(agencies) % 8)
        bold.append(metrics.ground_shares(frame, parts=parts, by="area")["differs"].mean())
        for mean, found in outer.items():
            size = sizes(generator, (1, 300), 2000)
            table = metrics.funnel(reports(size, successes(generator, size, mean, 0.05)))
            found.append((table["outside"] == "outer").mean())
    return pd.DataFrame(
        [{"false bold": np.mean(bold)} | {f"outer, rate {mean}": np.mean(found) for mean, found in outer.items()}]
    )


def shrinkage(times: int) -> pd.DataFrame:
    """Squared error of raw and shrunken rates, and coverage of credible intervals."""
    generator = np.random.default_rng(2)
    rows = []
    for units in (10, 50, 300):
        for alike in (0.05, 0.2):
            found = []
            for _ in range(times):
                n = np.maximum(np.floor(np.exp(generator.normal(1.5, 1.2, units))), 1).astype(int)
                spread = (1 - alike) / alike
                p = generator.beta(0.6 * spread, 0.4 * spread, units)
                frame = pd.DataFrame(
                    {"agency_id": np.arange(units), "granted": generator.binomial(n, p), "partial": 0, "closed": n}
                )
                table = metrics.shrunken_rates(frame)
                theta = generator.gamma(1 / alike, alike * 0.5, units)
                counted = pd.DataFrame(
                    {"agency_id": np.arange(units), "new": generator.poisson(theta * n), "population": n}
                )
                counts = metrics.shrunken_counts(counted)
                found.append(
                    {
                        "raw error": ((table["rate"] - p) ** 2).mean(),
                        "shrunken error": ((table["shrunken"] - p) ** 2).mean(),
                        "covered": ((table["low"] <= p) & (p <= table["high"])).mean(),
                        "raw error (counts)": ((counts["rate"] - theta) ** 2).mean(),
                        "shrunken error (counts)": ((counts["shrunken"] - theta) ** 2).mean(),
                        "covered (counts)": ((counts["low"] <= theta) & (theta <= counts["high"])).mean(),
                    }
                )
            rows.append({"units": units, "alike": alike} | pd.DataFrame(found).astype(float).mean().to_dict())
    return pd.DataFrame(rows)


def bootstrap_size(times: int, draws: int) -> pd.DataFrame:
    """Share of true nulls rejected at 5 %: clustered t test and bootstrap, with 31 and with 10 clusters."""
    generator = np.random.default_rng(3)
    rows = []
    for clusters in (31, 10):
        for family in ("linear", "poisson", "negative_binomial", "fractional_logit"):
            rejected = {"clustered t": 0, "bootstrap": 0}
            for run in range(times):
                frame = null_clusters(generator, clusters)
                if family == "linear":
                    fit = metrics.fit_linear(frame, "y ~ x + z")
                elif family == "fractional_logit":
                    fit = metrics.fit_share(frame, "disclosed ~ x + z", trials="closed")
                else:
                    fit = metrics.fit_counts(frame, "count ~ x + z", exposure="closed", family=family)
                test = metrics.wild_cluster_bootstrap if family == "linear" else metrics.score_bootstrap
                p_value = test(fit, "x", draws=draws, seed=run, interval=False)["p_value"].item()
                rejected["bootstrap"] += p_value < 0.05
                term = fit.coefficients.set_index("term").loc["x"]
                # The t test as statistical packages give it by default: normal quantiles.
                rejected["clustered t"] += abs(term["statistic"]) > 1.96
            rows.append(
                {"clusters": clusters, "family": family} | {name: count / times for name, count in rejected.items()}
            )
    return pd.DataFrame(rows)


def null_clusters(generator: np.random.Generator, clusters: int) -> pd.DataFrame:
    """Reports of provinces of unequal size; x varies by province and has no effect on anything."""
    sizes = generator.integers(4, 30, clusters)
    province = np.repeat(np.arange(clusters), sizes)
    effect = generator.normal(0, 0.5, clusters)[province]
    closed = generator.poisson(20, len(province)) + 1
    chance = 1 / (1 + np.exp(-(0.3 + effect)))
    return pd.DataFrame(
        {
            "province": province,
            "x": generator.normal(size=clusters)[province] + 0.3 * generator.normal(size=len(province)),
            "z": generator.normal(size=len(province)),
            "y": effect + generator.normal(size=len(province)),
            "closed": closed,
            "disclosed": generator.binomial(closed, chance),
            "count": generator.poisson(closed * 0.1 * np.exp(effect)),
        }
    )


def shared_dose(times: int) -> pd.DataFrame:
    """Slope of a change on a dose where nothing happens: dose from the outcome's own year, and from an earlier one."""
    generator = np.random.default_rng(4)
    rows = []
    for trials in (3, 10, 100):
        own, earlier = [], []
        for _ in range(times):
            p = generator.beta(3, 2, 500)
            dose, before, after = (generator.binomial(trials, p) / trials for _ in range(3))
            change = after - before
            own.append(np.polyfit(before, change, 1)[0])
            earlier.append(np.polyfit(dose, change, 1)[0])
        rows.append(
            {"n": trials, "dose shares its counts": np.mean(own), "dose from an earlier year": np.mean(earlier)}
        )
    return pd.DataFrame(rows)


def provinces_with_a_rule(
    generator: np.random.Generator, effect: float = 0.0, adopters: int = 12, each: int = 3
) -> pd.DataFrame:
    """Agencies of 31 provinces in six years; some provinces adopt a rule in the third to fifth, for good."""
    agency = np.arange(31 * each).repeat(6)
    province, year = agency // each, np.tile(np.arange(2019, 2025), 31 * each)
    since = np.zeros(31, dtype=int)
    since[generator.permutation(31)[:adopters]] = generator.integers(2021, 2024, adopters)
    rule = ((since[province] > 0) & (year >= since[province])).astype(float)
    shocks = generator.normal(0, 0.04, (31, 6))[province, year - 2019] + generator.normal(0, 0.1, 31)[province]
    rate = 0.6 + shocks + 0.01 * (year - 2019) + effect * rule + generator.normal(0, 0.1, len(agency))
    return pd.DataFrame(
        {"agency_id": agency, "province": province, "year": year, "since": since[province], "rule": rule, "rate": rate}
    )  # fmt: skip


def treatment(times: int) -> pd.DataFrame:
    """Tests of a rule of provinces: size with few treated, power, equivalence, and estimates under staggered adoption."""
    generator = np.random.default_rng(9)
    formula, seen = "rate ~ rule + C(year) + C(province)", {}

    def note(name: str, value: bool) -> None:
        seen.setdefault(name, []).append(bool(value))

    for run in range(times):
        for adopters in (2, 12):
            frame = provinces_with_a_rule(generator, adopters=adopters)
            fit = metrics.fit_linear(frame, formula)
            row = fit.coefficients.set_index("term").loc["rule"]
            note(f"size, clustered t, {adopters} treated", row["p_value"] < 0.05)
            dealt = metrics.randomisation_test(frame, formula, "rule", draws=99, seed=run)
            note(f"size, randomisation, {adopters} treated", dealt["p_value"].item() <= 0.05)
        detectable = metrics.power(fit, "rule")["detectable"].item()
        moved = frame.assign(rate=frame["rate"] + detectable * frame["rule"])
        row = metrics.fit_linear(moved, formula).coefficients.set_index("term").loc["rule"]
        note("power at the smallest detectable effect", row["p_value"] < 0.05)
        moved = frame.assign(rate=frame["rate"] + 0.05 * frame["rule"])
        equal = metrics.power(metrics.fit_linear(moved, formula), "rule", bound=0.05)
        note("size, equivalence, effect at the bound", equal["equivalence_p"].item() < 0.05)
        moved = provinces_with_a_rule(generator, effect=0.1)
        for estimator in ("two_stage", "sun_abraham"):
            row = metrics.staggered(moved, "rate", adopted="since", estimator=estimator).iloc[0]
            note(f"coverage, staggered, {estimator}", row["low"] <= 0.1 <= row["high"])
    return pd.DataFrame([{"what": name, "share": np.mean(values)} for name, values in seen.items()])


def many_tests(times: int) -> pd.DataFrame:
    """Any false finding among eight grounds, and the share of false ones among those found, with three true effects."""
    from scipy.stats import norm

    generator = np.random.default_rng(10)
    false, rates = {"p_value": [], "p_value_holm": []}, []
    for _ in range(times):
        z = generator.normal(size=8) + np.array([3.5] * 3 + [0.0] * 5)
        table = pd.DataFrame({"p_value": 2 * norm.sf(np.abs(z))})
        table = metrics.adjusted_p(metrics.adjusted_p(table), method="benjamini_hochberg")
        for name, values in false.items():
            values.append((table[name][3:] < 0.05).any())
        below = table["p_value_benjamini_hochberg"] < 0.05
        rates.append(below[3:].sum() / max(below.sum(), 1))
    return pd.DataFrame([{"any false, unadjusted": np.mean(false["p_value"]),
                          "any false, Holm": np.mean(false["p_value_holm"]),
                          "false among found, Benjamini-Hochberg": np.mean(rates)}])  # fmt: skip


def neighbours(times: int) -> pd.DataFrame:
    """Rejected true nulls where neighbours are alike (Conley), and where they are not (Moran's I)."""
    generator = np.random.default_rng(11)
    side = 15
    x, y = (values.ravel() * 1e5 for values in np.meshgrid(np.arange(side), np.arange(side)))
    near = np.exp(-np.hypot(x[:, None] - x, y[:, None] - y) / 1.5e5)
    root = np.linalg.cholesky(near + 1e-9 * np.eye(side**2))
    seen = {"independent errors": [], "Conley, 600 km": [], "Moran's I, nothing alike": [], "Moran's I, alike": []}
    for run in range(times):
        z, error = root @ generator.normal(size=(side**2, 2)).T[0], root @ generator.normal(size=side**2)
        frame = pd.DataFrame({"place": np.arange(side**2), "x": x, "y": y, "z": z, "rate": error})
        fit = metrics.fit_linear(frame, "rate ~ z", cluster="place")
        seen["independent errors"].append(fit.coefficients["p_value"].iloc[1] < 0.05)
        seen["Conley, 600 km"].append(metrics.conley(fit, frame, within=600)["p_value"].iloc[1] < 0.05)
        test = metrics.morans_i(fit, frame, within=150, draws=99, seed=run)
        seen["Moran's I, alike"].append(test["p_value"].item() <= 0.05)
        frame = frame.assign(rate=generator.normal(size=side**2))
        fit = metrics.fit_linear(frame, "rate ~ z", cluster="place")
        test = metrics.morans_i(fit, frame, within=150, draws=99, seed=run)
        seen["Moran's I, nothing alike"].append(test["p_value"].item() <= 0.05)
    return pd.DataFrame([{"test": name, "rejected": np.mean(values)} for name, values in seen.items()])


def gaps(times: int) -> pd.DataFrame:
    """Truth inside bounds and intervals where reports are missing, more of them in one tier, or misprinted."""
    from giakit.simulate.panels import panel

    generator = np.random.default_rng(12)
    seen = {"Manski's bounds": [], "Lee's bounds of a difference": [], "unweighted": [], "weighted": [],
            "misprints bounded": []}  # fmt: skip
    for run in range(times):
        agencies = 240
        tier = np.repeat(["city", "county"], agencies // 2)
        mean = np.where(tier == "city", 0.4, 0.7)
        n = sizes(generator, (agencies,), 100)
        frame = pd.DataFrame({"agency_id": np.arange(agencies), "tier": tier, "partial": 0, "closed": n,
                              "granted": successes(generator, n, mean, 0.1)})  # fmt: skip
        rate = frame["granted"] / frame["closed"]
        # Whoever reports among the cities would report among the counties.
        willing = generator.random(agencies) < 0.9
        there = willing & ((tier == "county") | (generator.random(agencies) < 0.5))
        bounds = metrics.missing_bounds(
            frame[there], by="tier", expected={"city": 120, "county": 120}, compare=("county", "city")
        ).set_index("tier")
        inside = [bounds.loc[name, "lowest"] <= rate[tier == name].mean() <= bounds.loc[name, "highest"]
                  for name in ("city", "county")]  # fmt: skip
        seen["Manski's bounds"].append(all(inside))
        seen["Lee's bounds of a difference"].append(
            bounds.loc["difference, Lee", "lowest"] <= 0.3 <= bounds.loc["difference, Lee", "highest"]
        )
        expected = pd.DataFrame({"tier": ["city", "county"], "expected": [120, 120]})
        weighed = metrics.reporting_weights(frame[there], expected, by="tier")
        for name, weights in (("unweighted", None), ("weighted", "weight")):
            row = metrics.disclosure_rate(weighed, weights=weights).iloc[0]
            seen[name].append(row["low"] <= 0.55 <= row["high"])
        simulated = panel(agencies=60, years=[2023], volume=30, misprints=0.1, seed=run)
        whole = simulated.truth.requests
        truth = (whole["granted"] + whole["partial"]).sum() / whole["closed"].sum()
        table = metrics.sensitivity(simulated).set_index("variant")["rate"]
        seen["misprints bounded"].append(table["bounded below"] <= truth <= table["bounded above"])
    return pd.DataFrame([{"what": name, "truth inside": np.mean(values)} for name, values in seen.items()])


def main() -> int:
    """Print every table and say which demands failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer draws")
    quick = parser.parse_args().quick
    failures: list[str] = []
    # What chance alone moves a share by in a quick run.
    slack = 0.04 if quick else 0.0

    def show(title: str, table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
        print(f"\n{title}\n{table.round(digits).to_string(index=False)}", flush=True)
        return table

    def demand(met: object, otherwise: str) -> None:
        if not met:
            failures.append(otherwise)

    single = show("Coverage of one report's 95 % interval, over p", single_report())
    wilson = single[single["interval"] == "wilson"]["mean"]
    demand(wilson.between(0.94, 0.965).all(), "mean coverage of Wilson outside 94-96.5 %")

    grouped = show("Coverage of 95 % intervals of groups", groups(300 if quick else 4000))
    methods = ["pooled", "mean", "ratio", "pooled Wilson"]
    show("… mean by number of agencies", grouped.groupby("agencies")[methods].mean().reset_index())
    unequal = grouped[grouped["sizes"] != "20 each"]
    ten = unequal[unequal["agencies"] >= 10][["pooled", "mean", "ratio"]].stack()
    demand(ten.between(0.93 - slack, 0.975 + slack).all(), "coverage of ten or more agencies outside 93-97.5 %")
    five = unequal.loc[unequal["agencies"] < 10]
    demand(five["pooled"].between(0.92 - slack, 0.98 + slack).all(), "coverage of five agencies outside 92-98 %")
    demand(five["noted rough"].eq(1).all(), "few effective agencies without a note")
    # Small counts are discrete and never narrower than chance: an interval may be too wide, not too narrow.
    demand((grouped[["pooled", "mean", "ratio"]] > 0.92 - slack).all(axis=None), "an interval of a group is too narrow")

    layered = show("Coverage of the Mantel-Haenszel odds ratio", strata(30 if quick else 400))
    # The jackknife's variance is a little too large where each agency is much of its stratum.
    demand(layered["clustered"].between(0.92 - 2 * slack, 0.985 + slack).all(), "Mantel-Haenszel outside 92-98.5 %")
    mapped = show("Coverage of the shrunken rates of provinces", maps(10 if quick else 80))
    demand(mapped["clustered"].between(0.925 - slack, 0.97 + slack).all(), "coverage of the map outside 93-97 %")
    validated = show("Coverage of the hand validation", validation(40 if quick else 400))
    demand(validated["covered"].between(0.93 - 2 * slack, 0.97 + slack).all(), "the validation outside 93-97 %")
    nothing = show("Null panels", null_panels(4 if quick else 40), 4)
    demand(nothing["false bold"].item() <= 0.05 + slack / 2, "false bold above 5 %")
    demand(nothing.filter(like="outer").max(axis=None) <= 0.004 + slack / 10, "funnel: false outliers above .4 %")

    small = show("Shrinkage", shrinkage(10 if quick else 60), 4)
    demand((small["shrunken error"] < small["raw error"]).all(), "shrinkage does not beat raw rates")

    runs = 60 if quick else 300
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    size = show("Share of true nulls rejected at 5 %", bootstrap_size(runs, 399))
    demand((size["bootstrap"] <= most).all(), "a bootstrap rejects too often")
    dose = show("Slope of a change on a dose where nothing happens", shared_dose(50 if quick else 300))
    demand((dose["dose from an earlier year"].abs() < 0.05).all(), "an earlier dose has a slope from nothing")

    runs = 20 if quick else 120
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    rule = show("A rule of provinces: size, power and coverage", treatment(runs)).set_index("what")["share"]
    tests = rule[[name for name in rule.index if name.startswith("size") and "clustered t, 2" not in name]]
    demand((tests <= most).all(), "a test of a rule rejects too often")
    demand(rule.filter(like="coverage").ge(0.93 - slack).all(), "staggered adoption covers too little")
    found = show("Many tests", many_tests(200 if quick else 2000)).iloc[0]
    demand(found.iloc[1:].le(0.05 + slack).all(), "many tests find too much")
    near = show("Neighbours: share of true nulls rejected at 5 %", neighbours(runs)).set_index("test")["rejected"]
    demand(near["Moran's I, nothing alike"] <= most, "Moran's I rejects too often")
    demand(near["Conley, 600 km"] < near["independent errors"] / 2, "Conley's errors help too little")
    kept = show("Missing and misprinted reports", gaps(runs)).set_index("what")["truth inside"]
    demand(kept["Manski's bounds"] == 1 and kept["misprints bounded"] >= 0.95 - slack, "bounds miss the truth")
    demand(kept["weighted"] >= 0.93 - 2 * slack, "weighted rates cover too little")

    print("\n" + ("\n".join(f"FAILED: {failure}" for failure in failures) or "All demands met."))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
