"""Every figure: Axes in, Axes out; nothing overprints or leaves the page, at any width, in any panel, in either language."""

from __future__ import annotations

import inspect
import warnings
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from figures.drawn import beyond, beyond_page, every, odd_panels, overlaps, page, visible_texts
from matplotlib.text import Text

from giakit import figures
from giakit.data import toml


def has_chinese_font() -> bool:
    try:
        figures.cjk_font()
    except figures.MissingFont:
        return False
    return True


needs_font = pytest.mark.skipif(not has_chinese_font(), reason="no font with Chinese characters")
WIDTHS = {"one column": (85, 70), "two columns": (183, 90)}
PANELS = odd_panels()


@cache
def drawings(panel: str) -> dict[str, Any]:
    return every(PANELS[panel])


NAMES = sorted(drawings("usual"))
#: Drawn in the quick suite; the others in the slow one.
QUICK = ("fate_of_requests", "applicant_gap", "requests_over_time", "outcomes", "direct_suits", "applicant_outcomes")


def drawn(name: str, ax: Any, panel: str = "usual", **look: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return drawings(panel)[name](ax, **look)


def check(figure: Any) -> None:
    texts = visible_texts(figure)
    assert not overlaps(figure, texts)
    assert not beyond(figure, texts)
    shown = {text for text, _ in texts}
    assert not [
        text.get_text() for text in figure.findobj(Text) if text.get_text() in shown and text.get_fontsize() < 5.99
    ]


QUICK_FIRST = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_axes_in_axes_out_within_one_column(name, tmp_path):
    figures.set_style("en")
    before = PANELS["usual"].requests.copy(deep=True)
    ax = page(85, 70)
    assert drawn(name, ax) is ax
    check(ax.figure)
    words = ax.giakit
    assert words.figure == name
    assert words.caption.endswith(".")
    assert words.alt
    assert words.n
    if name in QUICK:
        assert len(figures.save(ax.figure, name, tmp_path)) == 4
    pd.testing.assert_frame_equal(PANELS["usual"].requests, before)


@needs_font
@pytest.mark.parametrize("name", QUICK_FIRST)
def test_in_chinese_without_boxes_and_without_english_names(name, tmp_path):
    figures.set_style("zh")
    ax = drawn(name, page(183, 90), lang="zh")
    check(ax.figure)
    figures.save(ax.figure, name, tmp_path)
    axes = [label.get_text() for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()]
    codes = {
        word
        for family in ("outcome", "tier", "applicant", "status", "denominator")
        for word in toml("figures", "words.toml")[family]["en"]
    }
    assert not [label for label in axes if label in codes]


@pytest.mark.parametrize("panel", ["one row", "all zeros"])
@pytest.mark.parametrize("name", QUICK)
def test_odd_panels(name, panel):
    figures.set_style("en")
    check(drawn(name, page(85, 70), panel).figure)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", pytest.param("zh", marks=needs_font)])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("name", NAMES)
def test_every_panel_at_every_width(name, panel, width, lang):
    if name not in drawings(panel):
        pytest.skip("no event to study in this panel")
    figures.set_style(lang)
    check(drawn(name, page(*WIDTHS[width]), panel, lang=lang).figure)


@pytest.mark.parametrize(
    "start", [0, *[pytest.param(place, marks=pytest.mark.slow) for place in range(4, len(NAMES), 4)]]
)
def test_four_to_a_page(start):
    figures.set_style("en")
    figure, grid = plt.subplots(2, 2, figsize=(183 / 25.4, 150 / 25.4))
    for name, ax in zip(NAMES[start : start + 4], grid.ravel(), strict=False):
        drawn(name, ax)
    check(figure)


@pytest.mark.parametrize(
    "name",
    sorted(set(figures.__all__) & {name.removesuffix("_data") for name in figures.__all__ if name.endswith("_data")}),
)
def test_a_twin_takes_what_its_figure_takes(name):
    ours = inspect.signature(getattr(figures, name)).parameters
    twin = inspect.signature(getattr(figures, f"{name}_data")).parameters
    allowed = {*twin, "ax", *(figures.Look.__annotations__ if "look" in twin else ())}
    assert [parameter for parameter in ours if parameter not in allowed] == []


def test_title_note_and_color_are_the_callers(requests):
    ax = figures.refusal_in_law_and_fact(requests, title=None, note=True, color={"law": "#123456"})
    assert ax.get_title(loc="left") == ""
    assert any("95%" in text.get_text() for text in ax.texts)
    assert "#123456" in {line.get_color() for line in ax.lines}
    ax = figures.refusal_in_law_and_fact(requests, title="Mine")
    assert ax.get_title(loc="left") == "Mine"
    assert not any("95%" in text.get_text() for text in ax.texts)
    with pytest.raises(TypeError, match="titel"):
        figures.refusal_in_law_and_fact(requests, titel="Mine")


def test_a_missing_year_breaks_the_line(requests):
    ax = figures.refusal_in_law_and_fact(requests[requests["year"] != 2022])
    lines = [line for line in ax.lines if len(line.get_xdata()) > 3]
    assert lines
    assert all(np.isnan(np.asarray(line.get_ydata(), dtype=float)).any() for line in lines)


def test_rates_of_few_are_grey(requests):
    small = requests.head(4).assign(closed=4.0, granted=2.0, partial=0.0)
    ax = figures.rates_by_denominator(small.head(1), denominators=["closed"])
    grey = figures.colour("faint", "roles")
    assert [line.get_color() for line in ax.lines if line.get_marker() == "o"] == [grey]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_figure_keeps_to_its_page_and_per_cent_to_a_hundred(name, tmp_path):
    figures.set_style("en")
    ax = drawn(name, None)
    ax.figure.savefig(tmp_path / "one.pdf")
    assert not beyond_page(tmp_path / "one.pdf")
    for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        if any(label.get_text().endswith("%") for label in axis.get_ticklabels()):
            assert max(limits) <= 1.0


def test_text_beyond_the_page_is_seen(tmp_path):
    figure = plt.figure(figsize=(2, 2))
    figure.text(0.9, 0.5, "clipped here")
    figure.savefig(tmp_path / "one.pdf")
    assert beyond_page(tmp_path / "one.pdf")


def test_what_stands_on_the_axes():
    """As many rows, scales and tiles as the data have."""
    rows = {"fate_of_requests": 7, "outcomes": 19, "crosswalk": 20, "rank_intervals": 20, "remedy_pyramid": 5}
    for name, number in rows.items():
        assert len(drawn(name, None).get_yticks()) == number, name
    assert len(drawn("tile_map", None).patches) == 31
    assert len(drawn("one_report", None).patches) == 3
    assert drawn("funnel", None).get_xscale() == "log"
    assert {drawn(name, None).get_yscale() for name in ("requests_over_time", "cumulative_column")} == {"log"}


def test_every_check_has_words():
    """Rows of the failures by level are no codes: every identity and soft rule that there is has its words."""
    from giakit.checks.soft import rules
    from giakit.forms import forms

    named = set(figures.words("check"))
    assert {rule["id"] for kind in rules().values() for rule in kind} <= named
    assert {identity.id for form in forms().values() for identity in form.identities} <= named
    assert {"Y1", "Y2", "Y3", "Y4", "stated", "form_year"} <= named


def test_every_word_is_said_in_both_languages():
    for family, languages in toml("figures", "words.toml").items():
        assert set(languages) == {"en", "zh"}, family
        assert set(languages["en"]) <= set(languages["zh"]), family
        for key, text in languages["en"].items():
            gaps = {part.split("}")[0] for part in text.split("{")[1:]}
            assert gaps == {part.split("}")[0] for part in languages["zh"][key].split("{")[1:]}, (family, key)


def test_denominators_of_huaian(huaian):
    data = figures.rates_by_denominator_data(huaian, denominators=["closed", "on_merits", "received", "load"])
    printed = {"closed": 59.5, "on_merits": 91.1, "received": 58.2, "load": 57.6}
    assert (data.set_index("denominator_name")["rate"] * 100).round(1).to_dict() == printed


def test_log_odds_of_applicants_are_those_of_a_clustered_logit():
    """The same estimate and error as statsmodels' logit on one row a request, clustered by agency."""
    import statsmodels.api as sm

    from giakit.simulate.panels import panel

    requests = panel(agencies=60, years=[2023], applicants=True, seed=1).requests
    data = figures.applicant_outcomes_data(requests).set_index(["applicant", "outcome"])
    rows = []
    for place, report in enumerate(requests.to_dict("records")):
        for business, kind in ((0, "natural_person"), (1, "business")):
            closed, granted = (int(report[f"{code}.{kind}"]) for code in ("closed", "granted"))
            rows += [(place, business, int(number < granted)) for number in range(closed)]
    long = pd.DataFrame(rows, columns=["agency", "business", "granted"])
    fit = sm.Logit(long["granted"], sm.add_constant(long["business"])).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": long["agency"]}
    )
    ours = data.loc[("business", "granted")]
    assert ours["log_odds"] == pytest.approx(fit.params["business"], abs=1e-6)
    from scipy.stats import t

    error = (ours["high"] - ours["low"]) / 2 / t.ppf(0.975, int(ours["clusters"]) - 1)
    assert error == pytest.approx(fit.bse["business"], rel=0.03)


def test_funnel_draws_every_agency_once(requests):
    data = figures.funnel_data(requests)
    points = np.vstack([collection.get_offsets() for collection in figures.funnel(requests).collections])
    assert sorted(points[:, 1]) == pytest.approx(sorted(data["rate"].astype(float)))


def test_event_study_draws_what_it_estimates(remedies):
    options: dict[str, Any] = {"outcome": "suit_direct.total", "event": 2024}
    dosed = remedies[remedies["year"] >= 2021].assign(dose=lambda frame: frame["agency_id"].str[-1].astype(float))
    data = figures.event_study_data(dosed, **options)
    ax = figures.event_study(dosed, **options)
    dots = sorted(
        (float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in ax.lines if line.get_marker() == "o"
    )
    np.testing.assert_allclose(
        dots, [(float(year), float(value)) for year, value in zip(data["time"], data["estimate"], strict=True)]
    )


def test_map_leaves_small_numbers_white(requests):
    small = requests.head(3).assign(province="Jiangsu", closed=3.0)
    assert not figures.tile_map_data(small)["shown"].any()
    assert {plt.matplotlib.colors.to_hex(patch.get_facecolor()) for patch in figures.tile_map(small).patches} == {
        "#ffffff"
    }


def test_barcode_tells_six_states_apart():
    reports = pd.DataFrame(
        {"report_id": list("abcde"), "unit": "x", "agency_id": "x", "year": [2019, 2020, 2021, 2022, 2023]}
    )
    cells = pd.DataFrame(
        {
            "report_id": list("abcd"), "table": "requests", "row": "new", "column": "total", "value": [3.0, 0.0, None, None],
            "state": ["reported", "reported", "blank", "undecided"],
        }
    )  # fmt: skip
    data = figures.barcode_data(reports, cells, years=range(2019, 2025))
    assert data["state"].tolist() == ["positive", "zero", "blank", "undecided", "absent", "no_report"]


def test_ranks_of_one_request_each_are_no_ranks():
    frame = pd.DataFrame(
        {"agency_id": list("abcdef"), "granted": [1.0, 0.0] * 3, "partial": 0.0, "closed": 1.0, "new": 1.0}
    )
    data = figures.rank_intervals_data(frame, denominators=["closed"])
    assert float((data["high"] - data["low"]).min()) >= 3
    large = frame.assign(granted=[1000.0, 3000.0, 5000.0, 6000.0, 7000.0, 9000.0], closed=10000.0)
    told = figures.rank_intervals_data(large, denominators=["closed"])
    assert (told["low"] == told["high"]).all()


def test_days_late_of_the_law():
    reports = pd.DataFrame(
        {
            "published": ["2024-01-31", "2024-02-01", "2024-03-31"],
            "year": 2023,
            "organ_kind": ["department", "department", "government"],
            "scope": "organ",
            "tier": "county",
        }
    )
    assert figures.publication_dates_data(reports)["days_late"].tolist() == [0, 1, 0]


def test_results_that_do_not_add_up_are_left_out():
    row = {
        "year": 2023,
        "reconsideration.upheld": 3.0,
        "reconsideration.corrected": 1.0,
        "reconsideration.other": 0.0,
        "reconsideration.pending": 0.0,
    }
    frame = pd.DataFrame(
        [{**row, "unit": "a", "reconsideration.total": 4.0}, {**row, "unit": "b", "reconsideration.total": 5.0}]
    )
    data = figures.remedies_by_year_data(frame)
    assert data["cases"].unique().tolist() == [4.0]
    assert data["n_reports"].unique().tolist() == [1]


def test_english_names_need_no_chinese_font():
    frame = pd.DataFrame(
        {
            "unit": ["某某局", "杭州市", None], "province": ["河南省", "浙江省", None], "place_code": ["411303", "330100", None],
            "year": pd.array([2023, 2025, None], dtype="Int64"),
        }
    )  # fmt: skip
    assert figures.report_names(frame).tolist() == ["Henan 411303 2023", "Hangzhou 2025", "unit not resolved"]
    assert figures.report_names(frame, lang="zh").tolist()[0] == "某某局 2023"


def test_clean_reports_have_no_violation():
    checks = pd.DataFrame({"report_id": ["r", "s"], "check": "H1", "status": "pass"})
    assert any("No identity fails" in text.get_text() for text in figures.violations(checks).texts)
