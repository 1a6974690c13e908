"""Every figure by name, drawn from frames of reports, and the measuring of what stands on a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.text import Text

from giakit import figures, metrics
from giakit.simulate.panels import SimulatedPanel, panel

Draw = Callable[..., Any]

CELLS = pd.DataFrame(
    [
        ("requests", "new", "total", 1.0),
        ("requests", "denied_third_party", "total", 1.0),
        ("remedies", "suit_after", "upheld", 1.0),
    ],
    columns=["table", "row", "column", "value"],
)


def overlaps(figure: Any, texts: list[tuple[str, Any]] | None = None) -> list[tuple[str, str]]:
    """Pairs of texts that are printed over each other, measured with the figure's renderer."""
    texts = visible_texts(figure) if texts is None else texts
    return [
        (a, b)
        for number, (a, one) in enumerate(texts)
        for b, other in texts[number + 1 :]
        if one.x0 < other.x1 - 0.6 and one.x1 > other.x0 + 0.6 and one.y0 < other.y1 - 0.9 and one.y1 > other.y0 + 0.9
    ]


def beyond(figure: Any, texts: list[tuple[str, Any]] | None = None) -> list[str]:
    """Texts that reach over the edge of the page."""
    page = figure.bbox
    texts = visible_texts(figure) if texts is None else texts
    return [
        text
        for text, box in texts
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
    ]


def beyond_page(path: Path) -> list[str]:
    """Characters of a PDF that reach over the edge of its page."""
    import pypdfium2

    outside = []
    for page in pypdfium2.PdfDocument(path):
        width, height = page.get_size()
        text = page.get_textpage()
        for place in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(place)
            if right > left and (left < -0.5 or bottom < -0.5 or right > width + 0.5 or top > height + 0.5):
                outside.append(text.get_text_range(place, 1))
    return outside


def visible_texts(figure: Any) -> list[tuple[str, Any]]:
    """What is printed, and its box in pixels; ticks outside the axes are not printed."""
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    hidden = set()
    for ax in figure.findobj(lambda artist: hasattr(artist, "xaxis")):
        for axis in (ax.xaxis, ax.yaxis):
            drawn = axis._update_ticks() if ax.axison and axis.get_visible() else []
            labels = {id(label) for tick in drawn for label in (tick.label1, tick.label2)}
            hidden |= {id(text) for text in axis.findobj(Text)} - labels - ({id(axis.label)} if ax.axison else set())
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]


def coverage_table(requests: pd.DataFrame) -> pd.DataFrame:
    counted = requests.groupby(["province", "tier", "year"]).size().rename("expected").reset_index()
    return counted.assign(found=counted["expected"], read=counted["expected"], clean=counted["expected"])


def checks_of(requests: pd.DataFrame) -> pd.DataFrame:
    kinds = ["H1", "H2", "H3", "H4", "Y1", "of_which"]
    statuses = ["pass", "fail", "uncertain", "not_assessable", "pass"]
    found = [
        (report, kind, statuses[(number + place) % 5])
        for number, report in enumerate(requests["report_id"])
        for place, kind in enumerate(kinds)
    ]
    return pd.DataFrame(found, columns=["report_id", "check", "status"])


def every(made: SimulatedPanel) -> dict[str, Draw]:
    """Every figure of one panel; each takes Axes (or None) and the look."""
    requests = made.requests
    remedies = metrics.join_tables(requests, made.remedies)
    reports = requests[["report_id", "unit", "agency_id", "year", "tier", "province"]].assign(
        published=[f"{year + 1}-0{month % 4 + 1}-15" for month, year in enumerate(requests["year"])],
        organ_kind="department", scope="organ",
    )  # fmt: skip
    cells = pd.DataFrame(
        {
            "report_id": requests["report_id"], "table": "requests", "row": "new", "column": "total", "value": requests["new"],
            "state": np.where(requests["new"].notna(), "reported", "blank"),
        }
    )  # fmt: skip
    ids = requests["report_id"].tolist()
    pairs = pd.DataFrame({"report_id_a": ids[:-1], "report_id_b": ids[1:], "similarity": 0.6}).head(200)
    alike = pd.DataFrame({"year": requests["year"], "similarity": np.linspace(0, 1, len(requests))})
    dosed = remedies.assign(dose=np.arange(len(remedies)) % 5 / 5.0).assign(
        dose=lambda rows: rows.groupby("agency_id")["dose"].transform("first")
    )
    series = requests.assign(
        value=requests["new"], verdict=np.where(requests["year"] < 2021, "approximate", "same"), item="new"
    )
    few = series[series["agency_id"].isin(requests["agency_id"].drop_duplicates().head(3))]
    falling = pd.DataFrame(
        {"year": [2013, 2014, 2016, 2017], "count": [5.0, 7.0, 6.0, 6.0], "cumulative": [20.0, 27.0, 50.0, 7.0]}
    )
    curve = metrics.specification_curve(
        requests,
        metrics.disclosure_rate,
        choices={"denominator": ["closed", "on_merits"], "blank": ["closes", "missing"]},
    )
    listed = requests["agency_id"].drop_duplicates()
    names = {code: f"Bureau of public resources {place}" for place, code in enumerate(listed)}
    digits = pd.DataFrame({"value": np.arange(1000, 1000 + max(len(requests) * 3, 3))})
    drawn: dict[str, Draw] = {
        "fate_of_requests": lambda ax, **look: figures.fate_of_requests(requests, ax, by="year", **look),
        "outcomes": lambda ax, **look: figures.outcomes(requests, ax, **look),
        "one_report": lambda ax, **look: figures.one_report(CELLS, ax, **look),
        "rates_by_denominator": lambda ax, **look: figures.rates_by_denominator(requests.head(1), ax, **look),
        "applicant_mix": lambda ax, **look: figures.applicant_mix(requests, ax, by="tier", **look),
        "applicant_gap": lambda ax, **look: figures.applicant_gap(requests, ax, **look),
        "applicant_outcomes": lambda ax, **look: figures.applicant_outcomes(requests, ax, **look),
        "grounds_by_group": lambda ax, **look: figures.grounds_by_group(requests, ax, **look),
        "refusal_in_law_and_fact": lambda ax, **look: figures.refusal_in_law_and_fact(requests, ax, **look),
        "remedy_pyramid": lambda ax, **look: figures.remedy_pyramid(remedies, ax, **look),
        "remedies_by_year": lambda ax, **look: figures.remedies_by_year(remedies, ax, **look),
        "suits_over_time": lambda ax, **look: figures.suits_over_time(remedies, ax, **look),
        "direct_suits": lambda ax, **look: figures.direct_suits(remedies, ax, **look),
        "requests_over_time": lambda ax, **look: figures.requests_over_time(requests, ax, **look),
        "volumes": lambda ax, **look: figures.volumes(requests, ax, **look),
        "item_over_forms": lambda ax, **look: figures.item_over_forms(few, ax, item="new", **look),
        "cumulative_column": lambda ax, **look: figures.cumulative_column(falling, ax, **look),
        "crosswalk": lambda ax, **look: figures.crosswalk(ax, **look),
        "funnel": lambda ax, **look: figures.funnel(requests, ax, **look),
        "shrinkage": lambda ax, **look: figures.shrinkage(requests, ax, **look),
        "rank_intervals": lambda ax, **look: figures.rank_intervals(requests, ax, **{"labels": names, **look}),
        "tile_map": lambda ax, **look: figures.tile_map(requests, ax, **look),
        "coverage": lambda ax, **look: figures.coverage(coverage_table(requests), ax, **look),
        "barcode": lambda ax, **look: figures.barcode(reports, cells, ax, **look),
        "check_outcomes": lambda ax, **look: figures.check_outcomes(checks_of(requests), ax, **look),
        "identity_failures": lambda ax, **look: figures.identity_failures(checks_of(requests), reports, ax, **look),
        "violations": lambda ax, **look: figures.violations(checks_of(requests), ax, **look),
        "backlog_continuity": lambda ax, **look: figures.backlog_continuity(requests, ax, **{"labels": names, **look}),
        "publication_dates": lambda ax, **look: figures.publication_dates(reports, ax, **look),
        "last_digits": lambda ax, **look: figures.last_digits(digits, ax, **look),
        "text_reuse": lambda ax, **look: figures.text_reuse(pairs, reports, ax, **look),
        "year_on_year": lambda ax, **look: figures.year_on_year(alike, ax, **look),
        "specification_curve": lambda ax, **look: figures.specification_curve(curve, ax, scale=100, **look),
    }  # fmt: skip
    if requests["agency_id"].nunique() > 30 and 2023 in set(requests["year"]) and requests["year"].nunique() > 2:
        drawn["event_study"] = lambda ax, **look: figures.event_study(
            dosed, ax, outcome="closed", event=2024, truth=0.0, **look
        )
    return drawn


def odd_panels() -> dict[str, SimulatedPanel]:
    """Panels of shapes that nobody draws a figure for."""
    whole = panel(agencies=60, years=range(2019, 2026), applicants=True, seed=1)
    return {
        "usual": whole,
        "one row": _cut(whole, whole.requests.index[:1]),
        "one year": _cut(whole, whole.requests.index[whole.requests["year"] == 2023]),
        "one tier": _cut(whole, whole.requests.index[whole.requests["tier"] == "county"]),
        "300 agencies": panel(agencies=300, years=[2022, 2023], applicants=True, seed=2),
        "all zeros": _zeros(whole),
    }


def _cut(made: SimulatedPanel, rows: Any) -> SimulatedPanel:
    requests = made.requests.loc[rows].reset_index(drop=True)
    remedies = made.remedies[made.remedies["report_id"].isin(requests["report_id"])].reset_index(drop=True)
    return _copy(made, requests, remedies)


def _copy(made: SimulatedPanel, requests: pd.DataFrame, remedies: pd.DataFrame) -> SimulatedPanel:
    from dataclasses import replace

    return replace(made, requests=requests, remedies=remedies)


def _zeros(made: SimulatedPanel) -> SimulatedPanel:
    tables = []
    for table in (made.requests, made.remedies):
        counted = [name for name in table.columns if str(table[name].dtype) == "Float64"]
        tables.append(table.assign(**dict.fromkeys(counted, 0.0)).astype(dict.fromkeys(counted, "Float64")))
    return _copy(made, *tables)


def page(width: float, height: float) -> Any:
    """Axes of that size in millimetres."""
    return plt.subplots(figsize=(width / 25.4, height / 25.4), layout="constrained")[1]
