"""Figures of real reports as facts: Huai'an city 2024 (42 identities hold) and a bureau with one request."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from huaian_2024 import COLUMNS, REMEDIES, REQUESTS, RESULTS

ROWS = list(REQUESTS)


def huaian(**more: object) -> pd.DataFrame:
    """Huai'an's totals and remedies: one row, one column a code."""
    values: dict[str, object] = {row: cells[-1] for row, cells in REQUESTS.items()}
    for row, cells in REMEDIES.items():
        values |= {f"{row}.{result}": value for result, value in zip(RESULTS, cells, strict=True)}
    ids = {"report_id": "huaian", "unit": "淮安市人民政府", "agency_id": "huaian", "year": 2024, "form": "2021"}
    frame = pd.DataFrame([ids | values | more])
    figures = [name for name in values if name in frame.columns]
    return frame.astype({name: "Float64" for name in figures} | {"year": "Int64"})


def huaian_by_applicant() -> pd.DataFrame:
    """Huai'an's table of requests, codes and applicants joined by a dot."""
    values = {
        f"{row}.{column}": value
        for row, cells in REQUESTS.items()
        for column, value in zip(COLUMNS, cells, strict=True)
    }
    return pd.DataFrame([{"agency_id": "huaian", "year": 2024} | values])


def one_request(**more: object) -> pd.DataFrame:
    """A bureau that had one request and refused it for a third party's sake."""
    values: dict[str, object] = dict.fromkeys(ROWS, 0) | {"new": 1, "denied_third_party": 1, "closed": 1}
    return pd.DataFrame([{"report_id": "one", "unit": "卧龙区商务局", "year": 2025} | values | more])


@pytest.fixture(scope="session")
def golden() -> SimpleNamespace:
    """Figures of two real reports: frames to be had by calling, and the tables behind them."""
    return SimpleNamespace(
        huaian=huaian,
        huaian_by_applicant=huaian_by_applicant,
        one_request=one_request,
        requests=REQUESTS,
        remedies=REMEDIES,
        results=RESULTS,
        rows=ROWS,
    )
