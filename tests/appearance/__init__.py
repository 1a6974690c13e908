"""Documents of which one cell shows something else than the text that stands there: what a person sees is known.

A kind is one change of style or structure. It takes a sample (a typeset report with a figure in a shaded cell) and gives
the bytes of the changed document and what is seen in the cell. `judge` holds a reading against what is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import giakit as gia
from giakit.errors import GiakitError
from giakit.forms.model import Address
from typeset import random_figures, typeset

FORMATS = ("html", "docx", "xlsx", "pdf")
SHADE = (255, 243, 176)
"""The ground of the changed cell, by which it is found in a picture of the page."""
UNIT, YEAR = "某县商务局", 2023
_SEED = 11
Verdict = Literal["exact", "loud", "silent"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A report as it is printed, and the cell that a kind changes.

    `figure` has two digits and stands nowhere else in the document alone.
    """

    data: bytes
    format: str
    figure: str
    address: Address
    truth: dict[Address, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """A changed document. `seen` is the figure that a person sees in the cell; None: none, or none that is certain.

    `by_eye`: pixels alone do not tell (what is struck out or a mark is inked, too).
    """

    data: bytes
    seen: str | None
    by_eye: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A change by its format and name."""

    format: str
    name: str
    change: Callable[[Sample], Shown]


_KINDS: list[Kind] = []


def kind(format: str, name: str) -> Callable[[Callable[[Sample], Shown]], Callable[[Sample], Shown]]:
    """Register a function as the kind of that format and name."""

    def register(change: Callable[[Sample], Shown]) -> Callable[[Sample], Shown]:
        _KINDS.append(Kind(format, name, change))
        return change

    return register


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds; each format has a module of its own name here."""
    for format in FORMATS:
        if find_spec(f"appearance.{format}"):
            import_module(f"appearance.{format}")
    return tuple(_KINDS)


@cache
def sample(format: str) -> Sample:
    """The report that the kinds of a format change."""
    figures = random_figures(_SEED, scale=200)
    values = list(figures.values())
    address = next(
        address
        for address, value in figures.items()
        if address[0] == "requests" and address[2] != "total" and 10 <= value <= 99 and values.count(value) == 1
    )
    document = typeset(figures, unit=UNIT, year=YEAR, format=format, seed=_SEED, texts={})
    return Sample(document.data, format, f"{figures[address]:.0f}", address, dict(figures))


def judge(sample: Sample, shown: Shown) -> tuple[Verdict, str]:
    """How `gia.read` takes a changed document, and what it took.

    Exact: what is seen is reported. Loud: it is not, and a finding touches the table or the report. Silent: no finding does,
    or another cell differs and no finding touches its table.
    """
    try:
        report = gia.read(shown.data, name=f"page.{sample.format}")
    except GiakitError as error:
        return "loud", type(error).__name__
    cells = {
        (cell.table, cell.row, cell.column): float(cell.value)
        for cell in report.cells.itertuples()
        if cell.state == "reported"
    }
    findings = report.findings
    touched = set(findings["table"].dropna())
    everything = bool(findings["table"].isna().any())
    seen = {**sample.truth}
    seen.pop(sample.address)
    if shown.seen is not None:
        seen[sample.address] = float(shown.seen)
    differing = [
        address
        for address in seen.keys() | cells.keys()
        if ":" not in address[1] and ":" not in address[2] and seen.get(address) != cells.get(address)
    ]
    took = "" if sample.address not in cells else f"{cells[sample.address]:g}"
    if any(address[0] not in touched for address in differing) and not everything:
        return "silent", took
    exact = sample.address not in differing and shown.seen is not None
    return "exact" if exact else "loud", took
