"""The one loader of data files: those of a room of the package, and the notebooks, reports and figures that come with it."""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giakit.errors import MissingColumns, UnknownChoice, UnreadableDocument

if TYPE_CHECKING:
    import pandas as pd

_PACKAGE = Path(__file__).resolve().parent


def path(room: str, name: str) -> Path:
    """A file in the folder ``data`` of a room, such as ``"figures"`` or ``"share.audit"``."""
    return _PACKAGE.joinpath(*room.split("."), "data", name)


def text(room: str, name: str) -> str:
    """The text of a file of a room.

    >>> text("figures", "palette.toml")[:1]
    '#'
    """
    return path(room, name).read_text(encoding="utf-8")


@cache
def toml(room: str, name: str) -> dict[str, Any]:
    """A TOML file of a room, read once; callers do not change it."""
    return toml_at(path(room, name))


def toml_at(file: Path) -> dict[str, Any]:
    """A TOML file of a user."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def rows(room: str, name: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file of a room, read once; callers do not change them."""
    return tuple(csv.DictReader(text(room, name).splitlines()))


def shipped(name: str) -> Path:
    """The folder or file of that name, such as ``"notebooks"`` or ``"data/reports"``: inside the wheel, or beside the package.

    >>> shipped("data/figures").name
    'figures'
    """
    for base in (_PACKAGE / "_shipped", _PACKAGE.parent):
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


def require(frame: pd.DataFrame, columns: Iterable[str], function: str) -> None:
    """Raise MissingColumns where a frame lacks one of the columns that a function needs."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise MissingColumns(function, missing)


def written_table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Head and rows of a CSV that a person wrote, whatever program saved it: Excel saves GB18030 in China, and UTF-16.

    Raises
    ------
    UnreadableDocument
        If there is no such file, or it is no CSV in UTF-8, UTF-16 or GB18030.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(str(path), str(error.strerror or error)) from None
    text = _decoded(data)
    if text is None or "\0" in text:
        raise UnreadableDocument(str(path), "no CSV in UTF-8, UTF-16 or GB18030")
    head = text.partition("\n")[0]
    delimiter = next((mark for mark in ",\t;" if mark in head), ",")
    try:
        reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        lines = [
            {name: (row.get(name) or "").strip() for name in names}
            for row in reader
            if any(value for value in row.values())
        ]
    except csv.Error as error:
        raise UnreadableDocument(str(path), f"no CSV: {error}") from None
    return names, lines


def _decoded(data: bytes) -> str | None:
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_HARMLESS = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?%?|[-－]+")


def inert(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: one that begins like it gets an apostrophe before it.

    >>> inert("=HYPERLINK(1)"), inert("-5"), inert("-"), inert("@SUM(A1)")
    ("'=HYPERLINK(1)", '-5', '-', "'@SUM(A1)")
    """
    return f"'{text}" if FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text
