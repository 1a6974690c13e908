"""Figures of a paper: Axes in, Axes out, and beside each a function that gives the data drawn.

Every figure function takes a frame of reports (or of a check's result), ``ax=None`` and keyword-only options;
``name_data`` takes the same frame and options and gives the frame that is drawn. No measure is computed here:
the numbers come from :mod:`giakit.metrics`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Public functions and the module of this room that holds each.
_WHERE = {
    "set_style": "style",
    "size": "style",
    "colour": "style",
    "palette": "style",
    "STYLE": "style",
    "cjk_font": "fonts",
    "MissingFont": "fonts",
    "MissingGlyphs": "fonts",
    "words": "wording",
    "report_names": "wording",
    "province_name": "wording",
    "save": "saving",
    "Unmarked": "saving",
    "fate_of_requests": "fate",
    "fate_of_requests_data": "fate",
    "outcomes": "outcome_rows",
    "outcomes_data": "outcome_rows",
    "breaks_behind": "breaks",
    "requests_over_time": "trends",
    "requests_over_time_data": "trends",
    "refusal_in_law_and_fact": "trends",
    "refusal_in_law_and_fact_data": "trends",
    "rates_by_denominator": "denominators",
    "rates_by_denominator_data": "denominators",
    "grounds_by_group": "grounds",
    "grounds_by_group_data": "grounds",
    "funnel": "small",
    "funnel_data": "small",
    "shrinkage": "small",
    "shrinkage_data": "small",
    "coverage": "expected",
    "coverage_data": "expected",
    "coverage_steps": "expected",
    "coverage_steps_data": "expected",
    "applicant_gap": "applicants",
    "applicant_gap_data": "applicants",
    "applicant_mix": "applicants",
    "applicant_mix_data": "applicants",
    "backlog_continuity": "backlog",
    "backlog_continuity_data": "backlog",
    "backlog_breaks": "backlog",
    "agency_names": "backlog",
    "remedy_pyramid": "remedies",
    "remedy_pyramid_data": "remedies",
    "direct_suits": "remedies",
    "direct_suits_data": "remedies",
    "event_study": "remedies",
    "event_study_data": "remedies",
    "choropleth": "choropleths",
    "choropleth_data": "choropleths",
    "tile_map": "maps",
    "tile_map_data": "maps",
    "text_reuse": "reuse",
    "text_reuse_data": "reuse",
    "year_on_year": "reuse",
    "year_on_year_data": "reuse",
    "violations": "identities",
    "violations_data": "identities",
    "check_outcomes": "identities",
    "check_outcomes_data": "identities",
    "published_rates": "comparison",
    "published_rates_data": "comparison",
    "abroad": "comparison",
    "abroad_data": "comparison",
    "specification_curve": "specifications",
    "specification_curve_data": "specifications",
    "item_over_forms": "forms",
    "item_over_forms_data": "forms",
    "crosswalk": "forms",
    "cumulative_column": "forms",
    "crosswalk_data": "forms",
    "one_report": "single",
    "one_report_data": "single",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        found = getattr(import_module(f"giakit.figures.{_WHERE[name]}"), name)
        # Kept, because importing a module of the same name would else stand in the function's place.
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_WHERE]
