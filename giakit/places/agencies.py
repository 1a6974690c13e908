"""Identity of agencies over time: one id through renamings and mergers, and the breaks that mergers leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from giakit.errors import UnknownChoice
from giakit.places.answers import Hint
from giakit.places.functions import Known, Reform, known, table
from giakit.places.place import Place
from giakit.places.resolver import resolve
from giakit.places.succession import successor

if TYPE_CHECKING:
    import pandas as pd

_TOWN_TAIL = re.compile(r"(?:办事处|人民政府|政府)?(?:党政)?(?:综合)?(?:办公室|办)?$")

#: The local body of a system itself, not one of the offices below it (税务局第二税务分局).
_LOCAL_BODY = re.compile(r"(?!第)[^局]*[局队行关处]")


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as one and the same through its renamings.

    Attributes
    ----------
    id : str
        Place and policy function: the same before and after a renaming or merger. Predecessors that merged
        share the id of what they became.
    key : str
        As `id`, but a predecessor that was merged keeps a key of its own: use it to tell agencies of one year
        apart.
    place_code : str
        Code of the place, carried forward to 2024 where one division continues it.
    function : str
        Id of the policy function, or the organ's own words where the table does not know it.
    before : str or None
        Id of the predecessor that the name is.
    merged : bool
        Whether a merger lies between this agency and its counterpart on the other side of `break_year`.
    break_year : int or None
        First report year in which the merged agency is usual: figures before and after are not one series.
    reform : Reform or None
        The reform, with its date and source.
    """

    id: str
    key: str
    place_code: str
    function: str
    before: str | None
    merged: bool
    break_year: int | None
    reform: Reform | None


def agency(unit: str | Place, year: int | None = None, *, hint: Hint = None) -> Agency | None:
    """The agency that a name stands for, or None where its place is undecided.

    Parameters
    ----------
    unit : str or Place
        Name of the agency, or what :func:`resolve` made of it.
    year : int, optional
        The year of the report.
    hint : optional
        As for :func:`resolve`.

    Returns
    -------
    Agency or None

    Examples
    --------
    >>> from giakit.places import agency
    >>> old, new = agency("泰州市工商行政管理局", 2015), agency("泰州市市场监督管理局", 2022)
    >>> old.id == new.id, old.key == new.key, old.merged, old.break_year
    (True, False, True, 2019)
    """
    place = unit if isinstance(unit, Place) else resolve(unit, year, hint)
    where = place.code or (place.within if place.area else None)
    if where is None:
        return None
    code = successor(where)
    prefix = f"{code}:{place.area}" if place.area else code
    found = _known(place)
    if found is None:
        function = _function(place)
        identity = f"{prefix}:{function}"
        return Agency(identity, identity, code, function, None, False, None, None)
    identity = f"{prefix}:{found.function.id}"
    before = found.before
    reform = before.reform if before and before.merged else _merger(found) if before is None else None
    key = f"{identity}@{before.id}" if before and before.merged else identity
    return Agency(
        identity,
        key,
        code,
        found.function.id,
        before.id if before else None,
        reform is not None,
        reform.year if reform else None,
        reform or (before.reform if before else None),
    )


def agency_id(unit: str | Place, year: int | None = None, *, hint: Hint = None) -> str | None:
    """Identity of an agency that survives renaming and merger, or None where its place is undecided.

    Parameters
    ----------
    unit, year, hint
        As for :func:`agency`, which also tells whether a merger breaks the series.

    Returns
    -------
    str or None

    Examples
    --------
    >>> from giakit.places import agency_id
    >>> agency_id("郫县国土资源局", 2014), agency_id("成都市郫都区规划和自然资源局", 2022)
    ('510117:natural_resources', '510117:natural_resources')
    """
    found = agency(unit, year, hint=hint)
    return found.id if found else None


def mergers(function: str | None = None) -> pd.DataFrame:
    """The reviewed table of renamings and mergers.

    Parameters
    ----------
    function : str, optional
        Only the predecessors of this policy function.

    Returns
    -------
    DataFrame
        `function`, `predecessor`, `chinese`, `merged` (bool), `year` (Int64, first report year of the
        successor), `date`, `reform`, `source`. Localities carried the reforms out at different times: `year` is
        the usual one.

    Raises
    ------
    UnknownChoice
        If the table has no such function.

    Examples
    --------
    >>> from giakit.places import mergers
    >>> mergers("taxation")["predecessor"].tolist()
    ['national_tax', 'local_tax']
    """
    import pandas as pd

    data = table()
    if function is not None and function not in data.functions:
        raise UnknownChoice("function", function, data.functions)
    rows = [
        (
            old.function,
            old.id,
            old.chinese,
            old.merged,
            old.reform.year,
            old.reform.date,
            old.reform.title,
            old.reform.source,
        )
        for old in data.predecessors
        if function in (None, old.function)
    ]
    columns = ["function", "predecessor", "chinese", "merged", "year", "date", "reform", "source"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64", "merged": "bool"})


def policy_areas() -> pd.DataFrame:
    """Policy areas with Chinese and English names.

    Returns
    -------
    DataFrame
        `policy_area`, `chinese`, `english` (str), `vertical` (bool: run from above).

    Examples
    --------
    >>> from giakit.places import policy_areas
    >>> policy_areas().set_index("policy_area").loc["taxation", "english"]
    'taxation'
    """
    import pandas as pd

    return pd.DataFrame(
        list(table().functions.values()), columns=["policy_area", "chinese", "english", "vertical"]
    )


def _known(place: Place) -> Known | None:
    found = known(place.organ) if place.organ else None
    if (
        found is None
        and place.organ_kind == "vertical_system"
        and place.policy_area
        and _LOCAL_BODY.fullmatch(place.organ)
    ):
        return Known(table().functions[place.policy_area], None)
    return found


def _function(place: Place) -> str:
    if place.organ_kind in ("government", "general_office", "functional_area_committee"):
        return place.organ_kind
    if place.organ_kind in ("subdistrict", "township"):
        return _TOWN_TAIL.sub("", place.organ) or place.organ
    return place.organ or place.organ_kind or "unknown"


def _merger(found: Known) -> Reform | None:
    """The last reform that merged agencies into this function."""
    reforms = [old.reform for old in table().predecessors if old.function == found.function.id and old.merged]
    return max(reforms, key=lambda reform: reform.year, default=None)
