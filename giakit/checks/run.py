"""The one pipeline of checks within a report, for reading, building and checking again alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from giakit.checks.identities import check_identities, implied
from giakit.checks.localise import localise
from giakit.checks.model import Cells, Check, Suggestion
from giakit.checks.prose_check import Statement, check_stated
from giakit.checks.soft import check_soft
from giakit.forms.model import Form


class Verdicts(NamedTuple):
    """What the checks say of a report."""

    checks: list[Check]
    suggestions: list[Suggestion]


def check_report(
    form: Form | None,
    cells: Cells,
    *,
    year: int | None = None,
    stated: Sequence[Statement] = (),
    solved_by: Collection[tuple[str, str]] = (),
    doubts: Iterable[Check] = (),
    identities: Sequence[Check] | None = None,
) -> Verdicts:
    """Run every check within a report.

    Parameters
    ----------
    form : Form or None
        Without one only the doubts of reading remain.
    cells : mapping of (table, row, column) to Cell
        The cells as they are to stand; nothing is changed.
    year : int, optional
        The year reported on: held against the years in which the form was in force.
    stated : sequence of Statement
        The figures that the prose states.
    solved_by : collection of (identity id, row or column)
        Identities that were used to read a cell: they prove nothing about it.
    doubts : iterable of Check
        Doubts of reading; they are passed on, marked as such.
    identities : sequence of Check, optional
        The outcome of `check_identities` on these very cells, where it is known already.

    Returns
    -------
    Verdicts
        ``checks`` in the order identities, doubts, localisation, soft rules, form and year, prose against table; and
        ``suggestions``: ways to close what is broken, or else values of undecided cells that the identities leave.

    Examples
    --------
    >>> from giakit.checks.model import Cell
    >>> from giakit.forms import form
    >>> row = {"upheld": 2, "corrected": 1, "other": 0, "pending": 0, "total": 0}
    >>> cells = {("remedies", "suit_direct", column): Cell(value, "reported") for column, value in row.items()}
    >>> verdicts = check_report(form("2021"), cells, year=2020)
    >>> [(check.check, check.status) for check in verdicts.checks]
    [('H4', 'fail'), ('form_year', 'uncertain')]
    >>> [(suggestion.column, suggestion.value) for suggestion in verdicts.suggestions]
    [('total', 3)]
    """
    read = [doubt._replace(basis="reading") for doubt in doubts]
    if form is None:
        return Verdicts(read, [])
    if identities is None:
        identities = check_identities(form, cells, solved_by=solved_by)
    suggestions, located = localise(form, cells, checks=identities)
    if not suggestions and any(cell.state == "undecided" for cell in cells.values()):
        suggestions = implied(form, cells)
    checks = [*identities, *read, *located, *check_soft(cells), *check_form_year(form, year)]
    return Verdicts([*checks, *check_stated(form, cells, stated)], suggestions)


def check_form_year(form: Form, year: int | None) -> list[Check]:
    """Whether the form was in force in the year reported on (check ``form_year``); nothing where no year is known."""
    if year is None:
        return []
    in_force = form.since <= year <= (form.until or year)
    term = f"{form.since} to {form.until}" if form.until else f"since {form.since}"
    message = f"the tables are those of the form {form.id}, in force for the years {term}; the report is on {year}"
    return [Check("form_year", "pass" if in_force else "uncertain", None, None, None, None, None, message)]
