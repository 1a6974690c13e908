"""The one loader of data files: those of a room of the package, and the notebooks, reports and figures that come with it."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from giakit.errors import UnknownChoice


def text(room: str, name: str) -> str:
    """The text of a file in the folder ``data`` of a room.

    >>> text("figures", "palette.toml")[:1]
    '#'
    """
    return (files(f"giakit.{room}") / "data" / name).read_text(encoding="utf-8")


@cache
def toml(room: str, name: str) -> dict[str, Any]:
    """A TOML file of a room, read once; callers do not change it."""
    return tomllib.loads(text(room, name))


@cache
def rows(room: str, name: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file of a room, read once; callers do not change them."""
    return tuple(csv.DictReader(text(room, name).splitlines()))


def shipped(name: str) -> Path:
    """The folder or file of that name, such as ``"notebooks"`` or ``"data/reports"``: inside the wheel, or beside the package.

    >>> shipped("data/figures").name
    'figures'
    """
    package = Path(__file__).resolve().parent
    for base in (package / "_shipped", package.parent):
        if (base / name).exists():
            return base / name
    raise UnknownChoice("shipped", name, ["notebooks", "data/figures", "data/reports"])


def example(name: str = "2025_卧龙区商务局") -> Path:
    """The path of a report that comes with giakit: real figures, typeset anew.

    Parameters
    ----------
    name : str
        Year and agency, as its file is called, without the ending.

    Raises
    ------
    UnknownChoice
        If no report of that name comes with giakit; the error lists those that do.

    Examples
    --------
    >>> import giakit as gia
    >>> gia.read(gia.example("2023_宿迁市")).year
    2023
    """
    reports = {path.stem: path for path in shipped("data/reports").iterdir()}
    if name not in reports:
        raise UnknownChoice("example", name, sorted(reports))
    return reports[name]
