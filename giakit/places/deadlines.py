"""The statutory dates by which annual reports are due."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

#: Report year from which the Regulations as revised in 2019 (in force since 15 May 2019) set the dates.
_REVISED = 2019
_GOVERNMENT = frozenset(("government", "general_office"))
_AGENCY = frozenset(("department", "vertical_system"))


class Timeliness(NamedTuple):
    """A publication date against its deadline; `days_late` is negative before it."""

    deadline: date | None
    days_late: int | None
    on_time: bool | None
    why: str


def deadline(year: int, organ_kind: str | None, *, scope: str | None = None) -> date | None:
    """Last day on which the report of a year is in time, or None where the law names none.

    Parameters
    ----------
    year : int
        The year reported on.
    organ_kind : str or None
        As in :class:`giakit.places.Place`.
    scope : str, optional
        ``organ`` marks the report of a general office on itself, which is due like a department's.

    Returns
    -------
    datetime.date or None
        Reports on 2008-2018: 31 March (Regulations of 2007, art. 31). Since then 31 January for departments
        and 31 March for the report of a government (Regulations of 2019, art. 49), which names neither
        townships nor the committees of functional areas.

    Examples
    --------
    >>> from giakit.places import deadline
    >>> deadline(2024, "department"), deadline(2024, "government"), deadline(2024, "township")
    (datetime.date(2025, 1, 31), datetime.date(2025, 3, 31), None)
    """
    if year < _REVISED:
        return date(year + 1, 3, 31)
    if organ_kind in _AGENCY or (organ_kind == "general_office" and scope == "organ"):
        return date(year + 1, 1, 31)
    return date(year + 1, 3, 31) if organ_kind in _GOVERNMENT else None


def timeliness(published: date | None, year: int, organ_kind: str | None, *, scope: str | None = None) -> Timeliness:
    """How a publication date stands to the deadline.

    Parameters
    ----------
    published : datetime.date or None
        Day of publication, None where unknown.
    year : int
        The year reported on.
    organ_kind, scope : str or None
        As in :func:`deadline`.

    Returns
    -------
    Timeliness
        All unknown where the day or the deadline is.

    Examples
    --------
    >>> from datetime import date
    >>> from giakit.places import timeliness
    >>> timeliness(date(2025, 2, 3), 2024, "department").days_late
    3
    """
    due = deadline(year, organ_kind, scope=scope)
    if due is None:
        return Timeliness(None, None, None, "the law names no date for this kind of organ")
    if published is None:
        return Timeliness(due, None, None, "the day of publication is not known")
    late = (published - due).days
    return Timeliness(due, late, late <= 0, f"due on {due.isoformat()}")
