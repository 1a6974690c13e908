"""Figures of real reports as facts: Huai'an city 2024 (42 identities hold) and a bureau with one request."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

COLUMNS = [
    "natural_person", "business", "research", "public_interest", "legal_service", "other_organisation",
    "total",
]  # fmt: skip

HUAIAN_REQUESTS = {
    "new": (3001, 53, 0, 0, 61, 4, 3119),
    "carried_in": (34, 0, 0, 0, 0, 0, 34),
    "granted": (1288, 21, 0, 0, 50, 3, 1362),
    "partial": (447, 7, 0, 0, 0, 0, 454),
    "denied_state_secret": (2, 0, 0, 0, 0, 0, 2),
    "denied_by_law": (30, 1, 0, 0, 0, 0, 31),
    "denied_security": (5, 0, 0, 0, 0, 0, 5),
    "denied_third_party": (6, 0, 0, 0, 0, 0, 6),
    "denied_internal": (7, 1, 0, 0, 0, 0, 8),
    "denied_process": (12, 0, 0, 0, 0, 0, 12),
    "denied_enforcement": (9, 0, 0, 0, 0, 0, 9),
    "denied_inquiry": (105, 0, 0, 0, 0, 0, 105),
    "unable_not_held": (746, 12, 0, 0, 10, 1, 769),
    "unable_not_ready_made": (11, 0, 0, 0, 0, 0, 11),
    "unable_unclear": (1, 0, 0, 0, 0, 0, 1),
    "not_processed_petition": (56, 6, 0, 0, 0, 0, 62),
    "not_processed_repeat": (25, 0, 0, 0, 0, 0, 25),
    "not_processed_publication": (0, 0, 0, 0, 0, 0, 0),
    "not_processed_excessive": (0, 0, 0, 0, 0, 0, 0),
    "not_processed_reissue": (1, 0, 0, 0, 0, 0, 1),
    "other_uncorrected": (67, 3, 0, 0, 1, 0, 71),
    "other_unpaid": (6, 0, 0, 0, 0, 0, 6),
    "other_rest": (108, 2, 0, 0, 0, 0, 110),
    "closed": (2932, 53, 0, 0, 61, 4, 3050),
    "carried_out": (103, 0, 0, 0, 0, 0, 103),
}
HUAIAN_REMEDIES = {
    "reconsideration": (72, 64, 178, 37, 351),
    "suit_direct": (13, 4, 8, 1, 26),
    "suit_after": (12, 1, 1, 6, 20),
}
RESULTS = ["upheld", "corrected", "other", "pending", "total"]
ROWS = list(HUAIAN_REQUESTS)


def huaian(**more: object) -> pd.DataFrame:
    """Huai'an's totals and remedies: one row, one column a code."""
    values: dict[str, object] = {row: cells[-1] for row, cells in HUAIAN_REQUESTS.items()}
    for row, cells in HUAIAN_REMEDIES.items():
        values |= {f"{row}.{result}": value for result, value in zip(RESULTS, cells, strict=True)}
    ids = {
        "report_id": "huaian",
        "unit": "淮安市人民政府",
        "agency_id": "huaian",
        "year": 2024,
        "form": "2021",
    }
    frame = pd.DataFrame([ids | values | more])
    figures = [name for name in values if name in frame.columns]
    return frame.astype({name: "Float64" for name in figures} | {"year": "Int64"})


def huaian_by_applicant() -> pd.DataFrame:
    """Huai'an's table of requests, codes and applicants joined by a dot."""
    values = {
        f"{row}.{column}": value
        for row, cells in HUAIAN_REQUESTS.items()
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
        requests=HUAIAN_REQUESTS,
        remedies=HUAIAN_REMEDIES,
        results=RESULTS,
        rows=ROWS,
    )
