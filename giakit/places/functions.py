"""Policy functions of government: their names over time, as the reviewed table holds them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_ENDINGS = ("委员会", "办公室", "分局", "局", "厅", "委", "办", "署")


class Function(NamedTuple):
    """A policy function: its id, Chinese and English names, and whether it is run from above."""

    id: str
    chinese: str
    english: str
    vertical: bool


class Reform(NamedTuple):
    """A reform of institutions; `year` is the first report year in which its result is usual."""

    id: str
    year: int
    title: str
    date: str
    source: str


class Predecessor(NamedTuple):
    """An agency that a reform renamed, or merged into another (`merged`)."""

    id: str
    chinese: str
    function: str
    reform: Reform
    merged: bool


class Known(NamedTuple):
    """What the name of an agency says: its function, and the predecessor that bore the name, if any."""

    function: Function
    before: Predecessor | None


class Table(NamedTuple):
    """The reviewed table, indexed."""

    functions: dict[str, Function]
    names: dict[str, Known]
    patterns: tuple[tuple[re.Pattern[str], Known], ...]
    keywords: tuple[tuple[str, Function], ...]
    central: tuple[tuple[str, Known], ...]
    predecessors: tuple[Predecessor, ...]


@cache
def table() -> Table:
    """The table of functions, read once."""
    text = (files("giakit.places") / "data" / "functions.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    reforms = {entry["id"]: Reform(**entry) for entry in raw["reform"]}
    result = Table({}, {}, (), (), (), ())
    for entry in raw["function"]:
        function = Function(entry["id"], entry["chinese"], entry["english"], entry.get("vertical", False))
        result.functions[function.id] = function
        result = _add(result, entry, Known(function, None))
        for old in entry.get("before", ()):
            before = Predecessor(
                old["id"], old["chinese"], function.id, reforms[old["reform"]], old.get("merged", False)
            )
            result = _add(result, old, Known(function, before))
            result = result._replace(predecessors=(*result.predecessors, before))
    return result._replace(central=tuple(sorted(result.central, key=lambda item: -len(item[0]))))


def _add(result: Table, entry: dict[str, Any], known: Known) -> Table:
    for name in entry.get("names", ()):
        result.names.setdefault(name, known)
    patterns = [(re.compile(entry["pattern"]), known)] if "pattern" in entry else []
    return result._replace(
        patterns=(*result.patterns, *patterns),
        keywords=(*result.keywords, *((word, known.function) for word in entry.get("keywords", ()))),
        central=(*result.central, *((name, known) for name in entry.get("central", ()))),
    )


def stems(organ: str) -> list[str]:
    """An agency's name without 局, 委员会, 办公室…: taken off once, then twice.

    >>> from giakit.places.functions import stems
    >>> stems("地方志编纂委员会办公室")
    ['地方志编纂委员会办公室', '地方志编纂委员会', '地方志编纂']
    """
    found = [organ]
    for _ in range(2):
        last = found[-1]
        ending = next(
            (ending for ending in _ENDINGS if last.endswith(ending) and len(last) > len(ending)), None
        )
        if ending is None:
            break
        found.append(last[: -len(ending)])
    return found


def known(organ: str) -> Known | None:
    """The function of an agency whose whole name the table knows.

    >>> from giakit.places.functions import known
    >>> found = known("国土资源局")
    >>> found.function.id, found.before.id, found.before.reform.date
    ('natural_resources', 'land_resources', '2018-03-17')
    """
    data = table()
    candidates = stems(organ)
    for stem in candidates[1:] or candidates:
        if stem in data.names:
            return data.names[stem]
    if organ in data.names and len(organ) > 2:
        return data.names[organ]
    for pattern, result in data.patterns:
        if any(pattern.fullmatch(stem) for stem in candidates[1:] or candidates):
            return result
    return None


def keyword(organ: str) -> Function | None:
    """The function that a word inside a longer name settles."""
    return next((function for word, function in table().keywords if word in organ), None)
