"""Every figure function: Axes in, Axes out, frames untouched, no box in either language, artists as the data."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import giakit.figures as figures
from giakit.figures import fonts
from giakit.metrics import disclosure_rate, specification_curve


def has_chinese_font() -> bool:
    try:
        fonts.cjk_font()
    except fonts.MissingFont:
        return False
    return True


LANGUAGES = [
    "en",
    pytest.param(
        "zh", marks=pytest.mark.skipif(not has_chinese_font(), reason="no font with Chinese characters")
    ),
]

COVERAGE = pd.DataFrame(
    {
        "province": ["江苏省", "上海市"],
        "tier": ["county", "province"],
        "year": [2023, 2023],
        "expected": [10, 4],
        "found": [8, 4],
        "read": [8, 4],
        "clean": [6, 4],
    }
)
CHECKS = pd.DataFrame(
    {
        "report_id": ["r", "r", "s", "t"],
        "check": ["H1", "H2", "H1", "H3"],
        "status": ["fail", "fail", "pass", "fail"],
    }
)
REPORTS = pd.DataFrame(
    {"report_id": ["r", "s"], "province": "Jiangsu", "year": [2022, 2023], "agency_id": ["a", "b"]}
)
PAIRS = pd.DataFrame({"report_id_a": ["r"], "report_id_b": ["s"], "similarity": [0.8]})
PUBLISHED = pd.DataFrame(
    {
        "label": ["x", "y"],
        "kind": ["audit", "self_report"],
        "rate": [0.14, 0.31],
        "numerator": [None, 81],
        "denominator": [None, 263],
        "source": "z",
    }
)
SERIES = pd.DataFrame(
    {
        "unit": ["x", "x"],
        "year": [2017, 2021],
        "value": [3.0, 8.0],
        "verdict": ["approximate", "same"],
        "item": "new",
    }
)
FALLING = pd.DataFrame(
    {"year": [2016, 2017], "count": [5.0, 6.0], "cumulative": [50.0, 7.0], "falls": [False, True]}
)
CELLS = pd.DataFrame(
    [
        ("requests", "new", "total", 1.0),
        ("requests", "denied_third_party", "total", 1.0),
        ("remedies", "suit_after", "upheld", 1.0),
    ],
    columns=["table", "row", "column", "value"],
)


def dosed(remedies: pd.DataFrame) -> pd.DataFrame:
    return remedies[remedies["year"] >= 2021].assign(
        dose=lambda frame: frame["agency_id"].str[-1].astype(float)
    )


def every(requests: pd.DataFrame, remedies: pd.DataFrame) -> dict[str, Callable[..., Any]]:
    curve = specification_curve(
        requests,
        disclosure_rate,
        choices={"denominator": ["closed", "on_merits"], "blank": ["closes", "missing"]},
    )
    return {
        "fate_of_requests": lambda ax, lang: figures.fate_of_requests(requests, ax, by="year", lang=lang),
        "outcomes": lambda ax, lang: figures.outcomes(requests, ax, lang=lang),
        "one_report": lambda ax, lang: figures.one_report(CELLS, ax, lang=lang),
        "requests_over_time": lambda ax, lang: figures.requests_over_time(requests, ax, lang=lang),
        "refusal_in_law_and_fact": lambda ax, lang: figures.refusal_in_law_and_fact(requests, ax, lang=lang),
        "rates_by_denominator": lambda ax, lang: figures.rates_by_denominator(
            requests.head(1), ax, lang=lang
        ),
        "grounds_by_group": lambda ax, lang: figures.grounds_by_group(requests, ax, lang=lang),
        "funnel": lambda ax, lang: figures.funnel(requests, ax, lang=lang),
        "shrinkage": lambda ax, lang: figures.shrinkage(requests, ax, most=8, lang=lang),
        "coverage": lambda ax, lang: figures.coverage(COVERAGE, ax, lang=lang),
        "coverage_steps": lambda ax, lang: figures.coverage_steps(COVERAGE, ax, lang=lang),
        "applicant_gap": lambda ax, lang: figures.applicant_gap(requests, ax, lang=lang),
        "applicant_mix": lambda ax, lang: figures.applicant_mix(requests, ax, by="tier", lang=lang),
        "backlog_continuity": lambda ax, lang: figures.backlog_continuity(requests, ax, lang=lang),
        "backlog_breaks": lambda ax, lang: figures.backlog_breaks(requests, ax, lang=lang),
        "remedy_pyramid": lambda ax, lang: figures.remedy_pyramid(remedies, ax, lang=lang),
        "direct_suits": lambda ax, lang: figures.direct_suits(remedies, ax, lang=lang),
        "event_study": lambda ax, lang: figures.event_study(
            dosed(remedies), ax, outcome="suit_direct.total", event=2024, truth=0.0, lang=lang
        ),
        "tile_map": lambda ax, lang: figures.tile_map(requests, ax, lang=lang),
        "text_reuse": lambda ax, lang: figures.text_reuse(PAIRS, REPORTS, ax, lang=lang),
        "year_on_year": lambda ax, lang: figures.year_on_year(
            pd.DataFrame({"year": [2019, 2020, 2022], "similarity": [0.9, 0.8, 0.3]}), ax, lang=lang
        ),
        "violations": lambda ax, lang: figures.violations(CHECKS, ax, lang=lang),
        "check_outcomes": lambda ax, lang: figures.check_outcomes(CHECKS, ax, lang=lang),
        "published_rates": lambda ax, lang: figures.published_rates(PUBLISHED, ax, lang=lang),
        "abroad": lambda ax, lang: figures.abroad(requests[requests["form"] == "2021"], ax, lang=lang),
        "specification_curve": lambda ax, lang: figures.specification_curve(curve, ax, lang=lang),
        "item_over_forms": lambda ax, lang: figures.item_over_forms(SERIES, ax, item="new", lang=lang),
        "cumulative_column": lambda ax, lang: figures.cumulative_column(FALLING, ax, lang=lang),
        "crosswalk": lambda ax, lang: figures.crosswalk(ax, lang=lang),
    }


NAMES = sorted(every(pd.DataFrame({"granted": [1.0], "partial": [0.0], "closed": [1.0]}), pd.DataFrame()))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_axes_in_axes_out_without_boxes_or_warnings(name, lang, requests, remedies, tmp_path):
    figures.set_style(lang)
    frames = [frame.copy(deep=True) for frame in (requests, remedies)]
    ax = plt.subplots(figsize=(6.85, 5), layout="constrained")[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert every(requests, remedies)[name](ax, lang) is ax
        figures.save(ax.figure, name, tmp_path, data=pd.DataFrame({"x": [1]}))
    assert ax.get_title(loc="left")
    for frame, before in zip((requests, remedies), frames, strict=True):
        pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off(name, requests, remedies):
    figures.set_style()
    ax = every(requests, remedies)[name](None, "en")
    figure = ax.figure
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    axes = (ax.xaxis, ax.yaxis) if ax.axison else ()
    ticks = [tick.label1 for axis in axes for tick in axis._update_ticks() if tick.label1.get_visible()]
    for text in [*ax.texts, *ticks, ax.xaxis.label, ax.yaxis.label, ax._left_title]:
        if not text.get_text() or not text.get_visible():
            continue
        box = text.get_window_extent(renderer)
        assert box.x0 > page.x0 - 2, text.get_text()
        assert box.x1 < page.x1 + 2, text.get_text()
        assert box.y0 > page.y0 - 2, text.get_text()
        assert box.y1 < page.y1 + 2, text.get_text()


@pytest.mark.skipif(not has_chinese_font(), reason="no font with Chinese characters")
@pytest.mark.parametrize("name", ["abroad", "backlog_breaks", "crosswalk"])
def test_categories_are_named_in_the_language_of_the_figure(name, requests, remedies):
    figures.set_style("zh")
    ax = every(requests, remedies)[name](None, "zh")
    labels = [label.get_text() for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()]
    assert not [label for label in labels if any(word.isalpha() for word in label.split() if word.isascii())]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_data_twin(name):
    shared = {"backlog_breaks": "backlog_continuity_data", "cumulative_column": "item_over_forms_data"}
    assert callable(getattr(figures, shared.get(name, f"{name}_data")))


def test_every_word_is_said_in_both_languages():
    from giakit.figures.wording import _said

    for family, languages in _said().items():
        assert set(languages) == {"en", "zh"}, family
        assert set(languages["en"]) <= set(languages["zh"]) or family in ("tier",), family
        for key, text in languages["en"].items():
            gaps = {part.split("}")[0] for part in text.split("{")[1:]}
            assert gaps == {part.split("}")[0] for part in languages["zh"][key].split("{")[1:]}, (family, key)


def test_denominators_of_huaian(huaian):
    data = figures.rates_by_denominator_data(huaian)
    printed = {
        "closed": 59.5,
        "on_merits": 91.1,
        "on_merits_without_inquiry": 96.1,
        "resolvable": 65.4,
        "received": 58.2,
        "load": 57.6,
    }
    assert (data.set_index("denominator_name")["rate"] * 100).round(1).to_dict() == printed
    ax = figures.rates_by_denominator(huaian)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(data["rate"].astype(float).tolist())
    assert sum(dot.get_markerfacecolor() == "white" for dot in dots) == 1


def test_funnel_draws_every_agency_once(requests):
    data = figures.funnel_data(requests)
    ax = figures.funnel(requests)
    points = np.vstack([collection.get_offsets() for collection in ax.collections])
    assert len(points) == len(data)
    assert sorted(points[:, 1]) == pytest.approx(sorted(data["rate"].astype(float)))


def test_event_study_draws_what_it_estimates(remedies):
    options = {"outcome": "suit_direct.total", "event": 2024}
    data = figures.event_study_data(dosed(remedies), **options)
    ax = figures.event_study(dosed(remedies), **options)
    dots = sorted(
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in ax.lines
        if line.get_marker() == "o"
    )
    expected = [
        (float(year), float(value)) for year, value in zip(data["time"], data["estimate"], strict=True)
    ]
    np.testing.assert_allclose(dots, expected)


def test_map_leaves_small_numbers_white(requests):
    small = requests.head(3).assign(province="Jiangsu", closed=3.0)
    data = figures.tile_map_data(small)
    assert not data["shown"].any()
    ax = figures.tile_map(small)
    assert {plt.matplotlib.colors.to_hex(patch.get_facecolor()) for patch in ax.patches} == {"#ffffff"}


def test_violations_count_sets():
    data = figures.violations_data(CHECKS)
    assert dict(zip(data["identities"], data["reports"], strict=True)) == {"H1 & H2": 1, "H3": 1}
    ax = figures.violations(CHECKS)
    assert [patch.get_height() for patch in ax.patches[:2]] == [1, 1]


def test_clean_reports_have_no_violation():
    ax = figures.violations(CHECKS[CHECKS["status"] == "pass"])
    assert any("No identity fails" in text.get_text() for text in ax.texts)


def test_english_names_need_no_chinese_font(requests):
    frame = pd.DataFrame(
        {
            "unit": ["某某局", "杭州市", None],
            "province": ["河南省", "浙江省", None],
            "place_code": ["411303", "330100", None],
            "year": pd.array([2023, 2025, None], dtype="Int64"),
        }
    )
    assert figures.report_names(frame).tolist() == ["Henan 411303 2023", "Hangzhou 2025", "unit not resolved"]
    assert figures.report_names(frame, lang="zh").tolist()[0] == "某某局 2023"
