"""What each measure counts: the file ``denominators.toml``, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from giakit.data import toml
from giakit.errors import UnknownChoice

if TYPE_CHECKING:
    import pandas as pd

#: A sum of row codes, each with its sign.
Term = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Measure:
    """One measure: a numerator and the denominators it may be put over.

    Attributes
    ----------
    name, label : str
        The name of the function, and what the measure says in words.
    numerator : str
        A row code or the name of a term.
    denominators : tuple of str
        Names of the denominators; the first is the default.
    names : dict
        Denominators whose name is not that of their row code or term.
    ratios : tuple of str
        Denominators of which the numerator is no subset.
    per : int
        The rate is given per so many of the denominator.
    volume, remedy : bool
        Whether the measure counts requests at all, or remedies: which transition years touch it.
    """

    name: str
    label: str
    numerator: str
    denominators: tuple[str, ...]
    names: dict[str, str] = field(default_factory=dict)
    ratios: tuple[str, ...] = ()
    per: int = 1
    volume: bool = False
    remedy: bool = False

    def denominator(self, name: str | None) -> str:
        """Name of the denominator asked for, the default for None; UnknownChoice for any other."""
        if name is None:
            return self.denominators[0]
        if name not in self.denominators:
            raise UnknownChoice(f"{self.name}: denominator", name, self.denominators)
        return name


def _file() -> dict[str, Any]:
    return toml("metrics", "denominators.toml")


@cache
def term(name: str) -> Term:
    """Row codes and signs of a term; a name that is no term is a row code, or several joined by ``+``.

    >>> term("load")
    (('new', 1), ('carried_in', 1))
    """
    listed = _file()["terms"].get(name)
    if listed is None:
        return tuple((code, 1) for code in name.split("+"))
    return _expanded(listed)


def _expanded(listed: list[str]) -> Term:
    codes: list[tuple[str, int]] = []
    for entry in listed:
        if entry[0] in "+-":
            sign = -1 if entry[0] == "-" else 1
            codes.extend((code, sign * inner) for code, inner in term(entry[1:]))
        else:
            codes.append((entry, 1))
    return tuple(codes)


@cache
def measure(name: str) -> Measure:
    """The measure of that name; UnknownChoice lists those there are."""
    known = _file()["measures"]
    if name not in known:
        raise UnknownChoice("measure", name, known)
    entry = dict(known[name])
    for key in ("denominators", "ratios"):
        entry[key] = tuple(entry.get(key, ()))
    return Measure(name=name, **entry)


@cache
def kinds(name: str) -> tuple[str, str, dict[str, str]]:
    """What a function of that name counts, the argument that chooses among its measures ("" for none), and these."""
    entry = _file()["kinds"].get(name)
    if entry is None:
        return measure(name).label, "", {"": name}
    return entry["label"], entry["argument"], entry["measures"]


@cache
def identities() -> dict[str, Any]:
    """The identities that decide whether a blank may be read as zero, with row codes written out."""
    entry = dict(_file()["identities"])
    entry["outcomes"] = tuple(code for code, _ in _expanded(entry["outcomes"]))
    return entry


@dataclass(frozen=True)
class Transition:
    """Years in which measures of a kind count something else, why, and whether it goes on after them."""

    years: tuple[int, ...]
    note: str
    goes_on: bool


@cache
def transitions(*, volume: bool, remedy: bool) -> tuple[Transition, ...]:
    """Years in which a measure of that kind counts something else, and why."""
    touched = {"all"} if not remedy else {"remedy"}
    if volume:
        touched.add("volume")
    return tuple(
        Transition(tuple(entry["years"]), entry["note"], entry.get("goes_on", False))
        for entry in _file()["transitions"]
        if entry["touches"] in touched
    )


def measures() -> pd.DataFrame:
    """List every measure with its denominators.

    Returns
    -------
    pandas.DataFrame
        One row a measure and denominator: ``measure, label, denominator, formula`` (row codes),
        ``kind`` (``proportion`` or ``ratio``) and ``per``.

    Examples
    --------
    >>> table = measures()
    >>> table.loc[table["measure"] == "clearance_rate", "formula"].item()
    'closed / new'
    """
    import pandas as pd

    rows = []
    for name in _file()["measures"]:
        entry = measure(name)
        for denominator in entry.denominators:
            below = entry.names.get(denominator, denominator)
            rows.append(
                {
                    "measure": name,
                    "label": entry.label,
                    "denominator": denominator,
                    "formula": f"{_written(entry.numerator)} / {_written(below)}",
                    "kind": "ratio" if denominator in entry.ratios else "proportion",
                    "per": entry.per,
                }
            )
    return pd.DataFrame(rows)


def formulas(wanted: Measure) -> list[str]:
    """The measure over each of its denominators, in row codes."""
    return [f"{_written(wanted.numerator)} / {_written(wanted.names.get(name, name))}" for name in wanted.denominators]


def _written(name: str) -> str:
    codes = term(name)
    text = "".join(f" {'-' if sign < 0 else '+'} {code}" for code, sign in codes).removeprefix(" + ")
    return f"({text})" if len(codes) > 1 else text
