"""Measures over panels: rates with named denominators and honest intervals, and the models behind papers.

Every function takes a frame with one row a report, as ``panel.wide("requests")`` gives it, and gives a tidy
frame.
"""

from __future__ import annotations

from typing import Any

from giakit.lazy import lazy

#: Public functions and the module of this room that holds each.
_WHERE = {
    "rate": "rates",
    "measures": "definitions",
    "close_blanks": "blanks",
    "disclosure_rate": "disclosure",
    "full_disclosure_rate": "rates",
    "refusal_rate": "disclosure",
    "not_held_rate": "rates",
    "not_processed_rate": "rates",
    "other_closure_rate": "rates",
    "discretionary_share": "rates",
    "legal_refusal_share": "rates",
    "pending_rate": "rates",
    "clearance_rate": "rates",
    "requests_per_100k": "flows",
    "requests_per_decision": "rates",
    "backlog": "flows",
    "carry_over": "flows",
    "join_tables": "remedies",
    "reconsideration_rate": "rates",
    "suit_rate": "rates",
    "correction_rate": "remedies",
    "remedy_pending_share": "remedies",
    "direct_suit_share": "rates",
    "remedy_pyramid": "remedies",
    "wilson": "intervals",
    "jeffreys": "intervals",
    "clopper_pearson": "intervals",
    "count_ratio": "intervals",
    "newcombe": "intervals",
    "rate_difference": "compare",
    "mantel_haenszel": "compare",
    "shrunken_rates": "shrinkage",
    "shrunken_counts": "shrinkage",
    "funnel": "funnels",
    "funnel_limits": "funnels",
    "ground_shares": "composition",
    "concentration": "composition",
    "by_applicant": "applicants",
    "applicant_mix": "applicants",
    "applicant_gap": "applicants",
    "Fit": "modelframe",
    "model_frame": "modelframe",
    "fit_linear": "models",
    "fit_counts": "models",
    "fit_share": "models",
    "fit_fixed_effects": "models",
    "wild_cluster_bootstrap": "bootstrap",
    "score_bootstrap": "bootstrap",
    "dose_design": "eventstudy",
    "event_study": "eventstudy",
    "specification_curve": "specification",
    "regression_table": "tables",
    "series": "over_years",
    "reporting_weights": "referee",
    "missing_bounds": "referee",
    "sensitivity": "referee",
    "randomisation_test": "referee",
    "power": "referee",
    "adjusted_p": "referee",
    "as_abroad": "abroad",
    "abroad_shares": "abroad",
}

__all__ = sorted(_WHERE)


def _take(module: Any, name: str) -> Any:
    """Rates that only name what they count are made from the file of measures."""
    return getattr(module, name) if hasattr(module, name) else module.measure_function(name)


__getattr__, __dir__ = lazy(__name__, _WHERE, take=_take)
