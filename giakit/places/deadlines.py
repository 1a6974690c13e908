"""The statutory dates by which annual reports are due."""

from __future__ import annotations

from datetime import date

#: Report year from which the Regulations as revised in 2019 (in force since 15 May 2019) set the dates.
_REVISED = 2019
_GOVERNMENT = frozenset(("government", "general_office"))
_AGENCY = frozenset(("department", "vertical_system"))


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
