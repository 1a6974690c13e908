"""giakit turns the disclosure reports of Chinese local governments into a panel that a paper can stand on."""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING, Any

from giakit.errors import GiakitError, NotAReport, NotComparable, UnreadableDocument

if TYPE_CHECKING:
    from giakit import collect, figures, metrics, places, review, simulate
    from giakit.checks.sampling import agree
    from giakit.data import example
    from giakit.forms.codebook import codebook
    from giakit.metrics import covariates
    from giakit.panel.build import build
    from giakit.panel.coverage import coverage
    from giakit.panel.panel import Panel, open_panel
    from giakit.panel.sheet import coding_sheet
    from giakit.reading.report import Report, read
    from giakit.share.bundle import bundle
    from giakit.share.cite import citation, verify
    from giakit.share.export import export

__version__ = "0.1.0"

# Loaded when first asked for: importing giakit must not cost the import of pandas.
_LAZY = {
    "read": "giakit.reading.report",
    "Report": "giakit.reading.report",
    "build": "giakit.panel.build",
    "agree": "giakit.checks.sampling",
    "bundle": "giakit.share.bundle",
    "citation": "giakit.share.cite",
    "coding_sheet": "giakit.panel.sheet",
    "export": "giakit.share.export",
    "Panel": "giakit.panel.panel",
    "verify": "giakit.share.cite",
    "open_panel": "giakit.panel.panel",
    "codebook": "giakit.forms.codebook",
    "example": "giakit.data",
    "coverage": "giakit.panel.coverage",
}
_ROOMS = ("collect", "figures", "metrics", "places", "review", "simulate")

__all__ = [
    "GiakitError",
    "NotAReport",
    "NotComparable",
    "Panel",
    "Report",
    "UnreadableDocument",
    "agree",
    "build",
    "bundle",
    "citation",
    "codebook",
    "coding_sheet",
    "collect",
    "covariates",
    "coverage",
    "example",
    "export",
    "figures",
    "metrics",
    "open_panel",
    "places",
    "read",
    "review",
    "simulate",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        found = getattr(importlib.import_module(_LAZY[name]), name)
    elif name == "covariates":
        found = importlib.import_module("giakit.metrics.covariates")
    elif name in _ROOMS:
        found = importlib.import_module(f"giakit.{name}")
    else:
        close = difflib.get_close_matches(name, __all__, 1)
        hint = f"; did you mean {close[0]!r}?" if close and not name.startswith("_") else ""
        raise AttributeError(f"module 'giakit' has no attribute {name!r}{hint}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
