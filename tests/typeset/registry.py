"""The table of quirks: small named transformations, each with its stage, its formats and one line on what it does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from giakit.errors import UnknownChoice

Stage = Literal["figures", "draft", "markup", "bytes"]
STAGES: tuple[Stage, ...] = ("figures", "draft", "markup", "bytes")
FORMATS = ("html", "text", "markdown", "docx", "xlsx", "xls", "pdf", "mht", "png")
FORMS = ("2021", "2019", "2014", "local")
NATIONAL = ("2021", "2019")
PAGED = ("html", "mht", "pdf", "png")
"""Formats that are made from an HTML page."""


@dataclass(frozen=True, slots=True)
class Quirk:
    """A transformation.

    Attributes
    ----------
    name, description : str
    stage : str
        ``figures``: changes the figures before they are laid out. ``draft``: changes blocks. ``markup``: changes the
        page's HTML. ``bytes``: changes the finished file.
    formats, forms : tuple of str
        Where it makes sense.
    kind : str
        Quirks of one kind cannot be combined: a file has one encoding.
    apply : callable
        Takes the thing of its stage, the draft (None at the stage ``figures``) and a random generator.
    """

    name: str
    description: str
    stage: Stage
    formats: tuple[str, ...]
    forms: tuple[str, ...]
    apply: Callable[..., Any]
    kind: str = ""

    def fits(self, format: str, form: str) -> bool:
        """Whether it can be used on that format and form."""
        return format in self.formats and form in self.forms


_REGISTERED: dict[str, Quirk] = {}


def quirk(
    description: str,
    *,
    stage: Stage = "draft",
    formats: Iterable[str] = FORMATS,
    forms: Iterable[str] = FORMS,
    kind: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the quirk of its name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__
        _REGISTERED[name] = Quirk(name, description, stage, tuple(formats), tuple(forms), function, kind)
        return function

    return register


def chosen(names: Iterable[str], *, format: str, form: str) -> list[Quirk]:
    """The quirks of those names in the order in which they are applied.

    Raises
    ------
    UnknownChoice
        If a name is not known, does not fit the format or the form, or two of a kind are asked for.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in _REGISTERED:
            raise UnknownChoice("quirk", name, sorted(_REGISTERED))
        if not _REGISTERED[name].fits(format, form):
            valid = sorted(other.name for other in _REGISTERED.values() if other.fits(format, form))
            raise UnknownChoice(f"quirk for {format} and form {form}", name, valid)
    for kind in {_REGISTERED[name].kind for name in wanted} - {""}:
        rivals = [name for name in wanted if _REGISTERED[name].kind == kind]
        if len(rivals) > 1:
            raise UnknownChoice(f"quirks of the kind {kind}", " + ".join(rivals), ["one of them"])
    order = list(_REGISTERED)
    return sorted((_REGISTERED[name] for name in wanted), key=lambda q: (STAGES.index(q.stage), order.index(q.name)))


def registered() -> dict[str, Quirk]:
    """All quirks by name, in the order in which they are applied within a stage."""
    return dict(_REGISTERED)


def generator(seed: int | str, name: str) -> random.Random:
    """The random generator of one quirk, the same whatever other quirks are used."""
    return random.Random(f"{seed}:{name}")
