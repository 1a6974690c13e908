"""Breaks: what changed in law, form or count, when, and which items it touches."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from giakit.errors import FormError
from giakit.forms.crosswalk import item as find_item
from giakit.forms.crosswalk import items
from giakit.forms.crosswalk_data import crosswalk_file
from giakit.forms.load import read_data

if TYPE_CHECKING:
    import pandas as pd


def breaks(item: str | None = None) -> pd.DataFrame:
    """Breaks in law, form or count.

    Parameters
    ----------
    item : str, optional
        An item of the crosswalk; only the breaks that touch it.

    Returns
    -------
    pandas.DataFrame
        One row a break, in order of time: ``break, date`` (text: a day, or a year where no more is known),
        ``report_year`` (Int64: the first report it shows in), ``kind`` (``law``, ``form``, ``count`` or
        ``court``), ``label`` (for figures), ``what``, ``document``, ``items`` (names, joined by commas),
        ``checked`` (bool: False where no text was compared; such a row is no fact to print).

    Raises
    ------
    UnknownChoice
        If there is no such item.

    Examples
    --------
    >>> from giakit.forms.breaks import breaks
    >>> breaks("suit_direct.total").query("report_year > 2019")["break"].tolist()
    ['reconsideration_first_2024', 'court_rules_2025']
    """
    import pandas as pd

    if item is not None:
        find_item(item)
    rows = [
        {
            "break": entry["id"],
            "date": entry["date"],
            "report_year": entry["report_year"],
            "kind": entry["kind"],
            "label": entry["label"],
            "what": entry["what"],
            "document": entry["document"],
            "items": ", ".join(touched(entry["id"])),
            "checked": entry.get("checked", True),
        }
        for entry in break_data().values()
        if item is None or item in touched(entry["id"])
    ]
    columns = ["break", "date", "report_year", "kind", "label", "what", "document", "items", "checked"]
    types = {name: "Int64" if name == "report_year" else "str" for name in columns} | {"checked": "bool"}
    return pd.DataFrame(rows, columns=columns).astype(types)


@cache
def touched(id: str) -> tuple[str, ...]:
    """Items that a break touches.

    >>> from giakit.forms.breaks import touched
    >>> touched("co_defendants_2016")[:2]
    ('suit.upheld', 'suit.corrected')
    """
    patterns = break_data()[id]["touches"]
    tables = {pattern.removeprefix("table:") for pattern in patterns if pattern.startswith("table:")}
    return tuple(
        name for name in items() if tables & _tables(name) or any(fnmatchcase(name, pattern) for pattern in patterns)
    )


@cache
def break_data() -> dict[str, dict[str, Any]]:
    """The breaks by id, as the file has them.

    Raises
    ------
    FormError
        If the crosswalk names a break that is not there.
    """
    data = {entry["id"]: entry for entry in read_data("breaks")["breaks"]}
    for id in crosswalk_file().between.values():
        if id not in data:
            raise FormError("breaks", f"the crosswalk names an unknown break: {id!r}")
    return data


def _tables(name: str) -> set[str]:
    rows = find_item(name).rows
    return {term.table for alternatives in rows.values() for listed in alternatives for term in listed}
