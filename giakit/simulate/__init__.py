"""Panels with known truth."""

from __future__ import annotations

from giakit.simulate.panels import panel

__all__ = ["panel"]
