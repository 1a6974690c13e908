"""Who reported: from the name of an agency to its place, tier, kind, policy area and identity over time."""

from __future__ import annotations

from giakit.lazy import lazy
from giakit.places.resolver import Place, resolve
from giakit.places.scope import Scope, scope

#: Functions that need pandas, or are needed seldom, and the module of this room that holds each.
_WHERE = {
    "agency": "agencies",
    "agency_id": "agencies",
    "Agency": "agencies",
    "mergers": "agencies",
    "policy_areas": "agencies",
    "harmonise": "agencies",
    "provinces": "frames",
    "tiles": "frames",
    "divisions": "frames",
    "hierarchy": "levels",
    "overlap": "levels",
    "scope_by_size": "levels",
    "deadline": "deadlines",
}

__all__ = ["Place", "Scope", "resolve", "scope", *sorted(_WHERE)]


__getattr__, __dir__ = lazy(__name__, _WHERE)
