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
    weighted = metrics.rate(
        metrics.reporting_weights(there, table, by="half"), "disclosure_rate", weights="weight"
    )
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
    table = metrics.missing_bounds(frame, expected={"a": 4, "b": 4}, by="tier", compare=["a", "b"]).set_index(
        "tier"
    )
    assert table.loc["a", ["mean", "lowest", "highest"]].tolist() == pytest.approx([0.5, 0.5, 0.5])
    # Of four b two are missing: (1 + 0 + 0 + 0)/4 to (1 + 0 + 1 + 1)/4.
    assert table.loc["b", ["lowest", "highest"]].tolist() == pytest.approx([0.25, 0.75])
    assert table.loc["difference", ["lowest", "highest"]].tolist() == pytest.approx([-0.25, 0.25])
    # a is trimmed to half: its two lowest or two highest rates against the mean of b.
    assert table.loc["difference, Lee", ["lowest", "highest"]].tolist() == pytest.approx(
        [0.3 - 0.5, 0.7 - 0.5]
    )
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
