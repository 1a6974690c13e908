"""Frames that figures are tested with, and figures that are closed again."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from giakit.metrics import join_tables
from giakit.simulate.panels import SimulatedPanel, panel


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    mpl.use("Agg")
    with mpl.rc_context():
        yield
    plt.close("all")


@pytest.fixture(scope="session")
def simulated() -> SimulatedPanel:
    return panel(agencies=60, years=range(2019, 2026), applicants=True, seed=1)


@pytest.fixture
def requests(simulated: SimulatedPanel) -> pd.DataFrame:
    return simulated.requests


@pytest.fixture
def remedies(simulated: SimulatedPanel) -> pd.DataFrame:
    return join_tables(simulated.requests, simulated.remedies)


@pytest.fixture
def huaian() -> pd.DataFrame:
    """Huai'an city, 2024, as published."""
    counts = {
        "new": 3119, "carried_in": 34, "granted": 1362, "partial": 454, "denied_state_secret": 2, "denied_by_law": 31,
        "denied_security": 5, "denied_third_party": 6, "denied_internal": 8, "denied_process": 12,
        "denied_enforcement": 9, "denied_inquiry": 105, "unable_not_held": 769, "unable_not_ready_made": 11,
        "unable_unclear": 1, "not_processed_petition": 62, "not_processed_repeat": 25, "not_processed_publication": 0,
        "not_processed_excessive": 0, "not_processed_reissue": 1, "other_uncorrected": 71, "other_unpaid": 6,
        "other_rest": 110, "closed": 3050, "carried_out": 103,
    }  # fmt: skip
    frame = pd.DataFrame([counts], dtype="Float64")
    return frame.assign(unit="淮安市人民政府", year=pd.array([2024], dtype="Int64"), form="2021")
