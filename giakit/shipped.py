"""Where the notebooks, reports and figures that come with giakit lie: inside the wheel, or beside the package."""

from __future__ import annotations

from pathlib import Path

from giakit.errors import UnknownChoice


def shipped(name: str) -> Path:
    """The folder or file of that name, such as ``"notebooks"`` or ``"data/reports"``.

    >>> shipped("data/figures").name
    'figures'
    """
    package = Path(__file__).resolve().parent
    for base in (package / "_shipped", package.parent):
        if (base / name).exists():
            return base / name
    raise UnknownChoice("shipped", name, ["notebooks", "data/figures", "data/reports"])
