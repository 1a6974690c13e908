"""The reference: one page a room, with every public name of it, so that none is forgotten."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from _pages.writing import write


@dataclass(frozen=True)
class Room:
    """A page of the reference: a module, its title, and what is shown of it (default: its ``__all__``)."""

    module: str
    title: str
    intro: str
    names: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


ROOMS = (
    Room(
        "giakit",
        "Reading and building",
        "What most users need, under ``import giakit as gia``.",
        ("read", "build", "open_panel", "coverage", "codebook", "citation"),
    ),
    Room(
        "giakit.metrics",
        "Measures",
        "Functions of frames with one row a report, as :meth:`giakit.panel.panel.Panel.wide` gives them. None changes its input.",
    ),
    Room("giakit.figures", "Figures", "Axes in, Axes out. ``name_data`` gives the data that ``name`` draws."),
    Room(
        "giakit.places",
        "Places",
        "From the name of an agency to its place, tier, kind, subject and identity over time.",
    ),
    Room(
        "giakit.metrics.covariates",
        "Covariates",
        "Population and money beside the reports.",
        ("covariates", "sources", "join", "unmatched"),
    ),
    Room(
        "giakit.forms",
        "Forms and law",
        "The statutory forms as data, the law behind their rows, and what may be compared.",
    ),
    Room(
        "giakit.checks",
        "Checks",
        "Functions of a form and cells, or of the frames of a panel. A panel runs them by itself; they are here for who has cells of another source.",
        within=("identities", "localise", "continuity", "soft", "prose_check", "coverage", "reuse", "digits_study"),
    ),
    Room("giakit.simulate", "Simulation", "Panels and documents with known truth."),
    Room(
        "giakit.errors",
        "Errors",
        "Every error that giakit raises on purpose descends from ``GiakitError``, and carries its data as attributes.",
    ),
)
CLASSES = ("giakit.reading.report.Report", "giakit.panel.panel.Panel", "giakit.documents.limits.Limits")
SHARING = (
    "giakit.share.audit.write_audit",
    "giakit.panel.validate.coding_sheet",
    "giakit.panel.validate.read_sheet",
    "giakit.checks.sampling.agree",
    "giakit.share.export.export",
    "giakit.share.bundle.bundle",
    "giakit.share.cite.statement",
    "giakit.share.cite.reading_record",
    "giakit.panel.datapackage.panel_datapackage",
)


def make(docs: Path) -> None:
    """Write a page for each room, and the index of the reference."""
    folder = docs / "reference"
    for room in ROOMS:
        write(folder / f"{_stem(room)}.rst", _page(room))
    _clear(
        folder / "generated",
        {FILENAMES.get(name, name) for room in ROOMS for name, _ in public(room)} | {*CLASSES, *SHARING},
    )
    listed = "\n   ".join([*(_stem(room) for room in ROOMS), "commands"])
    write(
        folder / "index.rst", f"{_heading('Reference', '=')}\n{_INDEX}\n.. toctree::\n   :maxdepth: 1\n\n   {listed}\n"
    )


_INDEX = """
Every public function, with its parameters, what it gives, what it raises, and an example that runs in the tests.
Frames come first, options are keyword-only, nothing changes its input, and a missing value stays missing.
"""


def _clear(folder: Path, listed: set[str]) -> None:
    """Remove pages of names that are gone."""
    for page in folder.glob("*.rst"):
        if page.stem not in listed:
            page.unlink()


def public(room: Room) -> Iterator[tuple[str, Any]]:
    """Full names and objects of a room."""
    for module in [f"{room.module}.{name}" for name in room.within] or [room.module]:
        found = import_module(module)
        for name in room.names or _names(found):
            thing = getattr(found, name)
            if inspect.isclass(thing) or inspect.isfunction(inspect.unwrap(thing)):
                yield f"{module}.{name}", thing


def _names(module: Any) -> list[str]:
    listed = getattr(module, "__all__", None)
    if listed is not None:
        # Rooms that load their parts lazily list them by subject; what they add to that stands first.
        by_subject = list(getattr(module, "_WHERE", ()))
        return [*(name for name in listed if name not in by_subject), *by_subject]
    own = [
        (name, thing)
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    ]
    return [name for name, thing in own if inspect.isfunction(thing) or inspect.isclass(thing)]


def _page(room: Room) -> str:
    parts = [_heading(room.title, "="), room.intro, ""]
    grouped: dict[str, list[str]] = {}
    for name, thing in public(room):
        grouped.setdefault(_subject(thing), []).append(name)
    if len(grouped) == 1 or room.names or room.module == "giakit.errors":
        parts.append(_summary([name for names in grouped.values() for name in names]))
    else:
        for subject, names in grouped.items():
            parts += [_heading(subject, "-"), _summary(names)]
    if room.module == "giakit":
        parts += [_heading("A report, a panel, limits", "-"), _summary(list(CLASSES))]
        parts += [_heading("Sharing and validating", "-"), _summary(list(SHARING))]
    return "\n".join(parts)


def _subject(thing: Any) -> str:
    """What the module is about in which something is defined: the first line of its docstring."""
    first = (inspect.getdoc(import_module(thing.__module__)) or thing.__module__).split("\n")[0]
    return first.rstrip(".").partition(":")[0]


def _summary(names: list[str]) -> str:
    listed = "\n   ".join(names)
    return f".. autosummary::\n   :toctree: generated\n   :nosignatures:\n\n   {listed}\n"


def _heading(text: str, mark: str) -> str:
    return f"{text}\n{mark * (2 * len(text))}\n"


def _stem(room: Room) -> str:
    return room.module.rpartition(".")[2] if room.module != "giakit" else "reading"


def _filenames() -> dict[str, str]:
    """Files of names that differ in case only: they would be one file on some systems."""
    seen: dict[str, str] = {}
    renamed = {}
    for room in ROOMS:
        for name, _ in public(room):
            if seen.setdefault(name.lower(), name) != name:
                renamed[name] = f"{name}-2"
    return renamed


FILENAMES = _filenames()

__all__ = ["FILENAMES", "ROOMS", "make", "public"]
