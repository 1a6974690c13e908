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
            level = np.repeat(generator.normal(0.3, 0.5, places), each) + generator.normal(
                0, 0.4, places * each
            )
            effect = 0.4 + generator.normal(0, spread, places * each)
            chance = 1 / (1 + np.exp(-(level[:, None] + effect[:, None] * [1, 0])))
            frame = reports(n, generator.binomial(n, chance)).assign(
                who=np.tile(["person", "firm"], places * each)
            )
            frame["agency_id"] = frame["run"]
            frame["place"] = frame["run"] // each
            found = {
                kind: metrics.mantel_haenszel(
                    frame, compare="who", strata="place", levels=["person", "firm"], variance=kind
                )
                for kind in covered
            }
            tables.append(
                {kind: found[kind][["low", "high"]].astype(float).iloc[0].tolist() for kind in covered}
            )
            estimates.append(float(found["clustered"]["estimate"].item()))
        # What the pooled ratio estimates where effects differ: its own mean over all runs.
        target = np.exp(np.mean(np.log(estimates)))
        for one in tables:
            for kind, (low, high) in one.items():
                covered[kind] += low <= target <= high
        rows.append(
            {"strata × agencies": name, "odds ratio": target} | {k: v / times for k, v in covered.items()}
        )
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
                [
                    successes(generator, size[None], p, alike)[0]
                    for size, p in zip(n, true[province], strict=True)
                ]
            )
            frame = pd.DataFrame(
                {
                    "province": province,
                    "agency_id": np.arange(len(n)),
                    "granted": y,
                    "partial": 0,
                    "closed": n,
                }
            )
            for name, given in (
                ("clustered", frame),
                ("as if independent", frame.assign(agency_id=frame["province"])),
            ):
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
            sheet = sample(
                cells.assign(value=1.0, truth=cells["value"], label=np.arange(len(cells))), n=300, seed=run
            )
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
        frame = pd.DataFrame(counts, columns=parts).assign(
            agency_id=np.arange(agencies), area=np.arange(agencies) % 8
        )
        bold.append(metrics.ground_shares(frame, parts=parts, by="area")["differs"].mean())
        for mean, found in outer.items():
            size = sizes(generator, (1, 300), 2000)
            table = metrics.funnel(reports(size, successes(generator, size, mean, 0.05)))
            found.append((table["outside"] == "outer").mean())
    return pd.DataFrame(
        [
            {"false bold": np.mean(bold)}
            | {f"outer, rate {mean}": np.mean(found) for mean, found in outer.items()}
        ]
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

    grouped = groups(300 if quick else 3000)
    methods = ["pooled", "mean", "ratio", "pooled Wilson"]
    show("Coverage of 95 % intervals of groups", grouped)
    show("… mean by number of agencies", grouped.groupby("agencies")[methods].mean().reset_index())
    slack = 0.02 if quick else 0.0
    firm = grouped[grouped["noted rough"] < 0.5]
    if not firm["pooled"].between(0.93 - slack, 0.97 + slack + 0.012).all():
        failures.append("coverage of a group of ten or more effective agencies outside 93-97 %")
    if not grouped.loc[(grouped["noted rough"] >= 0.5), "pooled"].ge(0.93 - slack).all():
        failures.append("coverage of a group of few effective agencies below 93 %")

    layered = strata(30 if quick else 300)
    show("Coverage of the Mantel-Haenszel odds ratio", layered)
    if not layered["clustered"].ge(0.93 - 3 * slack).all():
        failures.append("coverage of Mantel-Haenszel below 93 %")
    mapped = maps(10 if quick else 60)
    show("Coverage of the shrunken rates of provinces", mapped)
    if not mapped["clustered"].between(0.93 - slack, 0.97 + slack).all():
        failures.append("coverage of the map outside 93-97 %")
    validated = validation(40 if quick else 300)
    show("Coverage of the hand validation", validated)
    if not validated["covered"].ge(0.93 - 3 * slack).all():
        failures.append("coverage of the validation below 93 %")
    nothing = null_panels(4 if quick else 40)
    show("Null panels", nothing, 4)
    if nothing["false bold"].item() > 0.05 or nothing.filter(like="outer").max(axis=None) > 0.004 + slack / 5:
        failures.append("null panels show differences")

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
