"""giakit turns the disclosure reports of Chinese local governments into a panel that a paper can stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from giakit.errors import GiakitError, NotAReport, NotComparable, UnreadableDocument
from giakit.lazy import lazy

if TYPE_CHECKING:
    from giakit import collect, figures, metrics, places, review, simulate
    from giakit.checks.sampling import agree
    from giakit.data import example
    from giakit.forms.codebook import codebook
    from giakit.metrics import covariates
    from giakit.panel.build import build
    from giakit.panel.panel import Panel, open_panel
    from giakit.panel.validate import coding_sheet, coverage
    from giakit.reading.report import Report, read
    from giakit.share.bundle import bundle
    from giakit.share.cite import citation, verify
    from giakit.share.export import export

__version__ = "0.1.0"

_WHERE = {
    "read": "reading.report",
    "Report": "reading.report",
    "build": "panel.build",
    "agree": "checks.sampling",
    "bundle": "share.bundle",
    "citation": "share.cite",
    "coding_sheet": "panel.validate",
    "export": "share.export",
    "Panel": "panel.panel",
    "verify": "share.cite",
    "open_panel": "panel.panel",
    "codebook": "forms.codebook",
    "example": "data",
    "coverage": "panel.validate",
}
__all__ = [
    "GiakitError", "NotAReport", "NotComparable", "Panel", "Report", "UnreadableDocument", "agree", "build", "bundle", "citation",
    "codebook", "coding_sheet", "collect", "covariates", "coverage", "example", "export", "figures", "metrics", "open_panel",
    "places", "read", "review", "simulate", "verify",
]  # fmt: skip

__getattr__, __dir__ = lazy(
    __name__, _WHERE, modules=("collect", "figures", "metrics", "metrics.covariates", "places", "review", "simulate")
)
