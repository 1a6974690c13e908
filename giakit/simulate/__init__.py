"""Panels and documents with known truth."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Typeset": "typesetting",
    "negative": "typesetting",
    "panel": "panels",
    "negatives": "typesetting",
    "quirks": "typesetting",
    "random_figures": "typesetting",
    "typeset": "typesetting",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
