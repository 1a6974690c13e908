"""Simulated panels of agencies and years, with the truth behind every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import toml
from giakit.metrics.counts import close_blanks
from giakit.metrics.definitions import identities, term
from giakit.simulate.faults import printed_with_faults

Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Generator = np.random.Generator

IDS = ["report_id", "source", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier",
       "organ_kind", "policy_area", "scope", "year", "form", "status"]  # fmt: skip


def _assumed() -> dict[str, Any]:
    """Provinces, tiers and shares that simulated panels assume."""
    return toml("simulate", "panels.toml")


@dataclass(frozen=True)
class Truth:
    """What a simulated panel was made from.

    Attributes
    ----------
    parameters : dict
        The arguments of :func:`panel`.
    agencies : pandas.DataFrame
        One row an agency: ``agency_id, propensity`` (probability of disclosure of a person's request),
        ``volume`` (expected new requests a year), ``exempt_share`` (share of the undisclosed refused under
        arts 14-16: the dose of 2024).
    faults : pandas.DataFrame
        One row a fault: ``report_id, kind`` (``blanks``, ``misprint``, ``zero_total``, ``missing``), ``row``.
    requests : pandas.DataFrame
        The figures before any fault, missing reports included.
    """

    parameters: dict[str, Any]
    agencies: pd.DataFrame
    faults: pd.DataFrame
    requests: pd.DataFrame


@dataclass(frozen=True)
class SimulatedPanel:
    """Frames as a panel gives them, and the truth: ``requests``, ``remedies``, ``truth``.

    It stands in for a panel where only its requests, findings and suggestions are asked for
    (:func:`giakit.metrics.sensitivity`).
    """

    requests: pd.DataFrame
    remedies: pd.DataFrame
    truth: Truth

    def wide(self, table: str = "requests", *, where: None = None) -> pd.DataFrame:
        """The requests, or the remedies."""
        return self.remedies if table == "remedies" else self.requests

    @property
    def findings(self) -> pd.DataFrame:
        """Reports whose outcomes, all printed, do not add up to their total."""
        closed = close_blanks(self.requests)
        parts = [*identities()["outcomes"], "other", *identities()["other_parts"]]
        printed = closed[[code for code in parts if code in closed]]
        short = closed["form"].eq("2019")
        absent = printed.isna().sum(axis=1) - np.where(short, len(identities()["other_parts"]), 1)
        broken = (printed.sum(axis=1) != closed["closed"]) & (absent <= 0)
        failed = pd.DataFrame({"report_id": closed.loc[broken.fillna(False), "report_id"]})
        return failed.assign(check="H2", status="fail", table="requests").reset_index(drop=True)

    def adjusted(self) -> pd.DataFrame:
        """No cell is adjusted: one column cannot say which of its figures is wrong."""
        return pd.DataFrame(columns=["table", "report_id", "row", "column", "value", "adjusted"]).astype(
            {"adjusted": "bool"}
        )


def panel(
    *,
    agencies: int = 300,
    years: Sequence[int] = range(2019, 2026),
    rate: float = 0.6,
    alike: float = 0.1,
    province_spread: float = 0.3,
    volume: float = 12.0,
    volume_shape: float = 0.6,
    applicant_gap: float = 0.0,
    direct_suit_effect: float = -1.0,
    split_since_2021: float = 1.1,
    blanks: float = 0.0,
    misprints: float = 0.0,
    zero_totals: float = 0.0,
    missing: float = 0.0,
    applicants: bool = False,
    seed: int = 0,
) -> SimulatedPanel:
    """Simulate a panel of agencies and years with known truth.

    Parameters
    ----------
    agencies : int
        Number of agencies, spread over 31 provinces and four tiers; places are invented beneath real province
        codes.
    years : sequence of int
        Report years; 2019 and 2020 stand on the form of 2019, later ones on that of 2021.
    rate : float
        Probability that a natural person's request is answered with information, at the centre of provinces.
    alike : float
        Correlation of two requests to one agency (over-dispersion): propensities are Beta with that
        correlation.
    province_spread : float
        Standard deviation of the provinces' effects on the log-odds of disclosure.
    volume, volume_shape : float
        Mean of new requests a year of a county agency, and shape of the gamma that agencies differ by
        (below 1: most agencies get few).
    applicant_gap : float
        Log-odds of disclosure of organisations less that of natural persons (with ``applicants=True``).
    direct_suit_effect : float
        From 2024, the log of direct suits changes by this much times the agency's true exempt share.
    split_since_2021 : float
        Factor on new requests from 2021 on, for applications counted in parts.
    blanks, misprints, zero_totals, missing : float
        Share of reports that print their zeros as blanks, have one wrong outcome, print 0 for the total, or
        are not there at all.
    applicants : bool
        Whether requests also hold the six kinds of applicant (``new.natural_person``).
    seed : int
        Seed of all draws.

    Returns
    -------
    SimulatedPanel
        ``requests`` and ``remedies`` as :meth:`giakit.panel.panel.Panel.wide` gives them (the id columns, then Float64 codes,
        joined by dots for remedies), ``truth`` (``parameters``; ``agencies`` with
        ``propensity, volume, exempt_share``; ``faults``; ``requests`` before any fault).

    Notes
    -----
    ``new ~ Poisson(volume_i)``, ``carried_out ~ Binomial(load, 0.05)``, ``carried_in(t) = carried_out(t-1)``,
    ``disclosed ~ Binomial(closed, p_i)``, the rest multinomial with an agency's own Dirichlet composition.
    Before faults all identities of the forms hold.

    References
    ----------
    Forms of 2019 and 2021, tables 3 and 4.

    Examples
    --------
    >>> simulated = panel(agencies=50, years=range(2021, 2024), seed=1)
    >>> len(simulated.requests), bool(simulated.truth.agencies["propensity"].between(0, 1).all())
    (150, True)
    """
    parameters = {name: value for name, value in locals().items()}
    parameters["years"] = list(years)
    generator = np.random.default_rng(seed)
    units = _agencies(generator, agencies, rate, alike, province_spread, volume, volume_shape)
    ids = _ids(units, list(years))
    cells = _requests(generator, units, ids, len(parameters["years"]), applicant_gap, split_since_2021, applicants)
    requests = pd.concat([ids, pd.DataFrame(cells, dtype="Float64")], axis=1)
    remedies = pd.concat([ids, _remedies(generator, units, requests, direct_suit_effect)], axis=1)
    printed, faults = printed_with_faults(
        generator, requests, blanks=blanks, misprints=misprints, zero_totals=zero_totals, missing=missing
    )
    there = remedies["report_id"].isin(printed["report_id"])
    truth = Truth(
        parameters=parameters,
        agencies=units[["agency_id", "propensity", "volume", "exempt_share"]].copy(),
        faults=faults,
        requests=requests,
    )
    return SimulatedPanel(printed, remedies[there].reset_index(drop=True), truth)


def _agencies(
    generator: Generator, number: int, rate: float, alike: float, spread: float, volume: float, shape: float
) -> pd.DataFrame:
    assumed = _assumed()
    provinces, sizes = assumed["provinces"], assumed["tiers"]
    codes = generator.choice(list(provinces), size=number)
    effect = dict(zip(provinces, generator.normal(0, spread, len(provinces)), strict=True))
    centre = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + np.array([effect[code] for code in codes]))))
    if alike > 0:
        size = (1 - alike) / alike
        propensity = np.clip(generator.beta(centre * size, (1 - centre) * size), 1e-6, 1 - 1e-6)
    else:
        propensity = centre
    tiers = generator.choice(list(sizes), size=number, p=[tier["share"] for tier in sizes.values()])
    times = np.array([sizes[tier]["requests"] for tier in tiers])
    rest = np.array(list(assumed["rest"].values()), dtype="float64")
    composition = generator.gamma(rest / rest.sum() * 15 + 1e-3, size=(number, len(rest)))
    composition /= composition.sum(axis=1, keepdims=True)
    exempt = [code in dict(term("exempt")) for code in assumed["rest"]]
    return pd.DataFrame(
        {
            "agency_id": [f"agency-{i:06d}" for i in range(number)],
            "place_code": [f"{code}{i % 9999 + 1:04d}" for i, code in enumerate(codes)],
            "province": [provinces[code] for code in codes],
            "tier": tiers,
            "policy_area": generator.choice(assumed["policy_areas"], size=number),
            "propensity": propensity,
            "volume": generator.gamma(shape, volume / shape, number) * times,
            "exempt_share": composition[:, exempt].sum(axis=1),
            "composition": list(composition),
        }
    )


def _ids(units: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    ids = units.loc[np.repeat(units.index, len(years))].reset_index(drop=True)
    ids["year"] = pd.array(years * len(units), dtype="Int64")
    ids["form"] = np.where(ids["year"].to_numpy(dtype="int64") >= 2021, "2021", "2019")
    ids["report_id"] = ids["agency_id"].str.cat(ids["year"].astype(str), sep="-")
    ids["unit"] = "SIMULATED " + ids["agency_id"]
    ids["source"], ids["organ_kind"], ids["scope"], ids["status"] = ("simulated", "department", "organ", "parsed")
    ids["prefecture"] = pd.array([None] * len(ids), dtype="str")
    ids["county"] = pd.array([None] * len(ids), dtype="str")
    return ids[IDS]


def _requests(
    generator: Generator, units: pd.DataFrame, ids: pd.DataFrame, periods: int, gap: float, split: float,
    applicants: bool,
) -> dict[str, Values]:  # fmt: skip
    rules = identities()
    columns = rules["applicants"] if applicants else [None]
    shares = [_assumed()["applicants"][column] for column in columns] if applicants else [1.0]
    agency = np.repeat(np.arange(len(units)), periods)
    growth = np.where(ids["year"].to_numpy(dtype="int64") >= 2021, split, 1.0)
    rest = np.stack(units["composition"].to_list())[agency]
    single = np.asarray(ids["form"] == "2019", dtype=bool)
    total: dict[str, Values] = {}
    parts: dict[str, Values] = {}
    for column, share in zip(columns, shares, strict=True):
        propensity = units["propensity"].to_numpy()
        odds = np.log(propensity / (1 - propensity))
        shifted = odds + (gap if column not in (None, "natural_person") else 0.0)
        chance = (1 / (1 + np.exp(-shifted)))[agency]
        new = generator.poisson(units["volume"].to_numpy()[agency] * growth * share)
        cells = _ledger(generator, new.reshape(-1, periods), chance.reshape(-1, periods), rest)
        for code, values in _form_rows(cells, single).items():
            total[code] = total[code] + values if code in total else values
            if column is not None:
                parts[f"{code}.{column}"] = values
    if applicants:
        return parts | {f"{code}.total": values for code, values in total.items()} | total
    return total


def _ledger(generator: Generator, new: Counts, chance: Values, rest: Values) -> dict[str, Values]:
    """Flows and outcomes of each agency and year; what one year carries out the next carries in."""
    carried_in, carried_out = np.zeros_like(new), np.zeros_like(new)
    before = generator.binomial(new[:, 0], 0.05)
    for year in range(new.shape[1]):
        carried_in[:, year] = before
        carried_out[:, year] = before = generator.binomial(new[:, year] + before, 0.05)
    closed = new + carried_in - carried_out
    disclosed = generator.binomial(closed, chance)
    partial = generator.binomial(disclosed, 0.2)
    others = generator.multinomial((closed - disclosed).ravel(), rest)
    codes = list(_assumed()["rest"])
    flows = {"new": new, "carried_in": carried_in, "granted": disclosed - partial, "partial": partial}
    cells = {code: values.ravel().astype("float64") for code, values in flows.items()}
    cells |= {code: values.astype("float64") for code, values in zip(codes, others.T, strict=True)}
    cells["closed"], cells["carried_out"] = (closed.ravel().astype("float64"), carried_out.ravel().astype("float64"))
    return cells


def _form_rows(cells: dict[str, Values], single: NDArray[np.bool_]) -> dict[str, Values]:
    """The group `other` as the report's form prints it: one row in 2019, three from 2021."""
    parts = identities()["other_parts"]
    rows = {code: np.where(single, np.nan, values) if code in parts else values for code, values in cells.items()}
    rows["other"] = np.where(single, np.sum([cells[code] for code in parts], axis=0), np.nan)
    return rows


def _remedies(generator: Generator, units: pd.DataFrame, requests: pd.DataFrame, effect: float) -> pd.DataFrame:
    adverse = (requests["closed"] - requests["granted"]).to_numpy(dtype="float64")
    late = requests["year"].to_numpy(dtype="int64") >= 2024
    dose = np.repeat(units["exempt_share"].to_numpy(), len(requests) // len(units))
    factor = np.exp(effect * dose * late)
    means = {"reconsideration": 0.12 * adverse, "suit_direct": 0.06 * adverse * factor, "suit_after": 0.02 * adverse}
    columns: dict[str, Any] = {}
    for row, mean in means.items():
        total = generator.poisson(mean)
        results = generator.multinomial(
            total, [_assumed()["results"][row][name] for name in identities()["remedy_parts"]]
        )
        for name, values in zip(identities()["remedy_parts"], results.T, strict=True):
            columns[f"{row}.{name}"] = values
        columns[f"{row}.total"] = total
    return pd.DataFrame(columns).astype("Float64")
