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
    "words": "words",
    "report_names": "words",
    "save": "saving",
    "Unmarked": "saving",
    "fate_of_requests": "fate",
    "fate_of_requests_data": "fate",
    "outcomes": "fate",
    "outcomes_data": "fate",
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
