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

SIZES = {
    "20 each": lambda g, shape: np.full(shape, 20),
    "Poisson 3": lambda g, shape: np.maximum(g.poisson(3, shape), 1),
    "lognormal": lambda g, shape: np.maximum(np.floor(np.exp(g.normal(1.5, 1.3, shape))), 1).astype(int),
    "one giant": lambda g, shape: np.where(np.arange(shape[1]) == 0, 300, np.maximum(g.poisson(5, shape), 1)),
}


def single_report() -> pd.DataFrame:
    """Exact coverage of the 95 % interval of one report, over 999 values of p."""
    p = np.linspace(0.001, 0.999, 999)
    rows = []
    for name in ("wilson", "jeffreys", "clopper-pearson"):
        interval = {
            "wilson": metrics.wilson,
            "jeffreys": metrics.jeffreys,
            "clopper-pearson": metrics.clopper_pearson,
        }[name]
        for trials in (1, 2, 3, 5, 10, 20, 50, 100, 300, 1000):
            counts = np.arange(trials + 1)
            low, high = interval(counts, trials)
            inside = (low[:, None] <= p) & (p <= high[:, None])
            coverage = (binom.pmf(counts[:, None], trials, p) * inside).sum(axis=0)
            rows.append({"interval": name, "n": trials, "mean": coverage.mean(), "minimum": coverage.min()})
    return pd.DataFrame(rows)


def groups(times: int) -> pd.DataFrame:
    """Coverage of the pooled rate, the mean of rates and a ratio over agencies that differ."""
    generator = np.random.default_rng(1)
    rows = []
    for agencies in (5, 10, 31, 100):
        for sizes, draw in SIZES.items():
            for alike in (0.05, 0.1, 0.2):
                for p in (0.3, 0.6, 0.85):
                    n = draw(generator, (times, agencies))
                    spread = (1 - alike) / alike
                    y = generator.binomial(n, generator.beta(p * spread, (1 - p) * spread, n.shape))
                    exposure = generator.poisson(generator.gamma(1 / alike, alike * 0.2, n.shape) * n)
                    frame = pd.DataFrame(
                        {
                            "run": np.repeat(np.arange(times), agencies),
                            "agency_id": np.tile(np.arange(agencies), times),
                            "granted": y.ravel(),
                            "partial": 0,
                            "closed": n.ravel(),
                            "reconsideration.total": exposure.ravel(),
                        }
                    )
                    row = {"agencies": agencies, "sizes": sizes, "alike": alike, "p": p}
                    for estimator in ("pooled", "mean"):
                        table = metrics.disclosure_rate(frame, by="run", estimator=estimator)
                        row[estimator] = ((table["low"] <= p) & (p <= table["high"])).mean()
                    table = metrics.reconsideration_rate(frame, by="run", per=1)
                    row["ratio"] = ((table["low"] <= 0.2) & (table["high"] >= 0.2)).mean()
                    low, high = metrics.wilson(y.sum(axis=1), n.sum(axis=1))
                    row["pooled Wilson"] = ((low <= p) & (p <= high)).mean()
                    rows.append(row)
    return pd.DataFrame(rows)


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
                    {
                        "agency_id": np.arange(units),
                        "granted": generator.binomial(n, p),
                        "partial": 0,
                        "closed": n,
                    }
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
                {"clusters": clusters, "family": family}
                | {name: count / times for name, count in rejected.items()}
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
            {
                "n": trials,
                "dose shares its counts": np.mean(own),
                "dose from an earlier year": np.mean(earlier),
            }
        )
    return pd.DataFrame(rows)


def main() -> int:
    """Print every table and say which demands failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer draws")
    quick = parser.parse_args().quick
    failures = []

    def show(title: str, table: pd.DataFrame, digits: int = 3) -> None:
        print(f"\n{title}\n{table.round(digits).to_string(index=False)}")

    single = single_report()
    show("Coverage of one report's 95 % interval, over p", single)
    wilson = single[single["interval"] == "wilson"]["mean"]
    if not wilson.between(0.94, 0.965).all():
        failures.append("mean coverage of Wilson outside 94-96.5 %")

    grouped = groups(400 if quick else 4000)
    methods = ["pooled", "mean", "ratio", "pooled Wilson"]
    show(
        "Coverage of 95 % intervals of groups, by number of agencies",
        grouped.groupby("agencies")[methods].mean().reset_index(),
    )
    show("… by sizes of agencies", grouped.groupby("sizes")[methods].mean().reset_index())
    show("… lowest of all cases", grouped.groupby("agencies")[methods].min().reset_index())
    share = ((grouped[methods] >= 0.93) & (grouped[methods] <= 0.97)).mean()
    show("… share of cases between 93 and 97 %", share.rename_axis("method").reset_index(name="share"))
    means = grouped.groupby("agencies")[["pooled", "ratio"]].mean()
    if not ((means >= 0.93) & (means <= 0.97)).all(axis=None):
        failures.append("mean coverage of groups outside 93-97 %")

    small = shrinkage(10 if quick else 100)
    show("Shrinkage", small, 4)
    if not (small["shrunken error"] < small["raw error"]).all():
        failures.append("shrinkage does not beat raw rates")

    size = bootstrap_size(60 if quick else 600, 399)
    show("Share of true nulls rejected at 5 %", size)
    wide = 0.05 + 3 * np.sqrt(0.05 * 0.95 / (60 if quick else 600))
    if not (size["bootstrap"] <= wide).all():
        failures.append("a bootstrap rejects too often")

    dose = shared_dose(50 if quick else 300)
    show("Slope of a change on a dose where nothing happens", dose)
    if not (dose["dose from an earlier year"].abs() < 0.05).all():
        failures.append("an earlier dose has a slope from nothing")

    print("\n" + ("\n".join(f"FAILED: {failure}" for failure in failures) or "All demands met."))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
