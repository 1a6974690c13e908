"""Figures of a paper: Axes in, Axes out, and beside each a function that gives the data drawn.

Every figure function takes a frame of reports (or of a check's result), ``ax=None`` and keyword-only options;
``name_data`` takes the same frame and options and gives the frame that is drawn. No measure is computed here:
the numbers come from :mod:`giakit.metrics`.
"""

from __future__ import annotations

from giakit.lazy import lazy

#: Helpers, and the module of this room that holds each.
_HELPERS = {
    "style": ("set_style", "size", "colour", "palette", "STYLE", "cjk_font", "MissingFont", "MissingGlyphs"),
    "canvas": ("Look", "Drawn"),
    "wording": ("words", "report_names", "province_name"),
    "saving": ("save", "Unmarked"),
    "drawings": ("breaks_behind",),
}
#: Figures by what readers look for; each `x` has a twin `x_data`.
_FIGURES = {
    "fate": ("fate_of_requests", "outcomes", "rates_by_denominator", "one_report"),
    "applicants": ("applicant_mix", "applicant_gap", "applicant_outcomes"),
    "grounds": ("refused_against_unable", "refusal_in_law_and_fact", "grounds_by_group"),
    "remedies": ("remedy_pyramid", "remedies_by_year", "suits_over_time", "direct_suits"),
    "trends": ("requests_over_time", "volumes", "item_over_forms", "cumulative_column", "crosswalk"),
    "agencies": ("funnel", "shrinkage", "rank_intervals"),
    "maps": ("tile_map", "choropleth"),
    "quality": (
        "coverage",
        "barcode",
        "check_outcomes",
        "identity_failures",
        "violations",
        "backlog_continuity",
        "publication_dates",
        "last_digits",
    ),
    "reuse": ("text_reuse", "year_on_year"),
    "methods": ("event_study", "specification_curve"),
}
_WHERE = {name: module for module, names in _HELPERS.items() for name in names}
_WHERE |= {name + end: module for module, names in _FIGURES.items() for name in names for end in ("", "_data")}

__all__ = sorted(_WHERE)


__getattr__, __dir__ = lazy(__name__, _WHERE)
