"""Outcomes of the Chinese form in the categories of other countries' statistics, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from giakit.errors import FormError, UnknownChoice
from giakit.forms.load import read_data, tables

if TYPE_CHECKING:
    import pandas as pd

_OUTCOME_GROUPS = {"outcomes", "denied", "unable", "not_processed", "other"}


@dataclass(frozen=True)
class Category:
    """A category abroad and the rows that fall into it."""

    code: str
    label: str
    label_zh: str
    rows: tuple[str, ...]
    note: str = ""
    unmapped: bool = False


@dataclass(frozen=True)
class System:
    """A country's statistics."""

    id: str
    title: str
    base: str
    base_term: str
    caveats: tuple[str, ...]
    categories: tuple[Category, ...]


def systems() -> dict[str, System]:
    """The systems of statistics that there is a mapping for.

    >>> from giakit.forms.abroad import systems
    >>> sorted(systems())
    ['br_lai', 'uk_foi', 'us_foia']
    """
    return dict(_systems())


def system(id: str) -> System:
    """The system of that id.

    Raises
    ------
    UnknownChoice
        If there is no mapping to it.
    """
    known = _systems()
    if id not in known:
        raise UnknownChoice("system", id, known)
    return known[id]


def abroad() -> pd.DataFrame:
    """The mapping as a table.

    Returns
    -------
    pandas.DataFrame
        One row a system and outcome row: ``system, row, category, label, note`` and ``unmapped`` (bool).
        A proposal: no office has endorsed it.

    Examples
    --------
    >>> from giakit.forms.abroad import abroad
    >>> frame = abroad().query("system == 'us_foia'").set_index("row")
    >>> frame.loc["unable_unclear", "label"]
    'Records not reasonably described'
    """
    import pandas as pd

    rows = [
        {
            "system": found.id,
            "row": row,
            "category": category.code,
            "label": category.label,
            "note": category.note,
            "unmapped": category.unmapped,
        }
        for found in _systems().values()
        for category in found.categories
        for row in category.rows
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({name: "str" for name in frame.columns if name != "unmapped"})


@cache
def _systems() -> dict[str, System]:
    return read_systems(read_data("abroad"))


def read_systems(raw: Mapping[str, Any]) -> dict[str, System]:
    """The systems from their file.

    Raises
    ------
    FormError
        If a system leaves an outcome row out, names it twice, or names a row that is none.
    """
    found = {}
    for entry in raw["systems"]:
        categories = tuple(
            Category(**{**category, "rows": tuple(category["rows"])}) for category in entry["categories"]
        )
        found[entry["id"]] = System(
            entry["id"], entry["title"], entry["base"], entry["base_term"], tuple(entry["caveats"]), categories
        )
    for mapped in found.values():
        for problem in _problems(mapped):
            raise FormError("abroad", f"{mapped.id}: {problem}")
    return found


def _problems(mapped: System) -> Iterator[str]:
    outcomes = {
        row.code
        for row in tables()["requests"].rows
        if row.group in _OUTCOME_GROUPS and row.code != "closed" and "2021" in row.forms
    }
    counted = Counter(row for category in mapped.categories for row in category.rows)
    for row in sorted(outcomes - set(counted)):
        yield f"row {row!r} has no category"
    for row, times in counted.items():
        if row not in outcomes | {"other"}:
            yield f"{row!r} is no outcome row"
        if times > 1:
            yield f"row {row!r} has {times} categories"
