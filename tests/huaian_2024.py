"""The tables of requests and remedies of Huai'an city's report for 2024, as printed: all 42 identities hold."""

from __future__ import annotations

COLUMNS = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation", "total")
REQUESTS = {
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
RESULTS = ("upheld", "corrected", "other", "pending", "total")
REMEDIES = {
    "reconsideration": (72, 64, 178, 37, 351),
    "suit_direct": (13, 4, 8, 1, 26),
    "suit_after": (12, 1, 1, 6, 20),
}
