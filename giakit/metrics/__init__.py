"""Measures over panels: rates with named denominators and honest intervals, and the models behind papers.

Every function takes a frame with one row a report, as ``panel.wide("requests")`` gives it, and gives a tidy
frame.
"""

from __future__ import annotations

from typing import Any

from giakit.lazy import lazy

#: Modules of this room and the public functions of each.
_MODULES = {
    "rates": "rate disclosure_rate full_disclosure_rate refusal_rate not_held_rate not_processed_rate other_closure_rate "
    "discretionary_share legal_refusal_share pending_rate clearance_rate requests_per_decision reconsideration_rate "
    "suit_rate correction_rate remedy_pending_share direct_suit_share",
    "definitions": "measures",
    "counts": "close_blanks",
    "flows": "requests_per_100k backlog carry_over join_tables remedy_pyramid",
    "intervals": "wilson jeffreys clopper_pearson count_ratio newcombe",
    "compare": "rate_difference mantel_haenszel",
    "agencies": "shrunken_rates shrunken_counts funnel funnel_limits",
    "composition": "ground_shares concentration by_applicant applicant_mix applicant_gap",
    "models": "Fit model_frame fit_linear fit_counts fit_share fit_fixed_effects",
    "eventstudy": "dose_design event_study staggered",
    "inference": "wild_cluster_bootstrap score_bootstrap randomisation_test power adjusted_p conley morans_i",
    "robustness": "reporting_weights missing_bounds sensitivity specification_curve",
    "tables": "regression_table",
    "comparability": "series as_abroad abroad_shares",
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted(_WHERE)


def _take(module: Any, name: str) -> Any:
    """Rates that only name what they count are made from the file of measures."""
    return getattr(module, name) if hasattr(module, name) else module.measure_function(name)


__getattr__, __dir__ = lazy(__name__, _WHERE, take=_take)
