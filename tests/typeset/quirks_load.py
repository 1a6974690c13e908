"""Imports the modules that register quirks, in the order in which their quirks are applied."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "quirks_figures",
    "quirks_values",
    "quirks_labels",
    "quirks_rows",
    "quirks_tables",
    "quirks_decoys",
    "quirks_text",
    "quirks_page",
    "quirks_files",
)


def load() -> None:
    """Register every quirk."""
    for module in MODULES:
        import_module(f"typeset.{module}")
