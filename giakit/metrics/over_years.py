"""One item over the years, across forms, as far as the crosswalk allows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from giakit.errors import MissingColumns, NotComparable, UnknownChoice
from giakit.forms.breaks import break_data, touched
from giakit.forms.crosswalk import form_order, terms, verdict, written
from giakit.forms.crosswalk import item as find_item
from giakit.forms.crosswalk_data import Term
from giakit.forms.load import tables

if TYPE_CHECKING:
    import pandas as pd

_ABOUT = (
    "report_id", "source", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier",
    "organ_kind", "policy_area", "scope", "year", "form", "status",
)  # fmt: skip
_VERDICTS = ("same", "sum", "approximate")


def series(
    panel: Any,
    item: str,
    *,
    forms: Sequence[str] = ("2019", "2021"),
    accept: Iterable[str] = ("same", "sum"),
    column: str = "total",
    options: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One item over the years, across forms.

    Parameters
    ----------
    panel : Panel or pandas.DataFrame
        A panel, or a frame with one row a report: ``form``, ``year`` and the columns that
        ``panel.wide(table, column=None)`` gives (``new.total``, ``reconsideration.upheld``); for the total
        of a request and the count of a statistic the row code alone will do (``new``, ``received``).
    item : str
        An item of the crosswalk, see :func:`giakit.forms.items`: ``new``, ``disclosed``,
        ``not_held``, ``all_other``, ``suit.total``, ``normative_documents.issued`` …
    forms : sequence of str
        Forms to span; reports on other forms are left out.
    accept : iterable of str
        Verdicts to accept, of ``same``, ``sum`` and ``approximate``.
    column : str
        Kind of applicant, for items of the requests table.
    options : mapping of str to str, optional
        Variants of the outcomes of 2014-2018: ``already_public`` ``in`` or ``out``, ``told_to_amend``
        ``in`` or ``out``, ``base`` ``replies`` or ``closed``.

    Returns
    -------
    pandas.DataFrame
        One row a report, index as given: the columns of the frame that say whose report it is, then
        ``item``; ``value`` (Float64): NA where a row of the sum is; ``verdict`` against the newest form
        asked for; ``rows`` that were added up; ``breaks`` that lie between the agency's report before and
        this one, joined by commas.

    Raises
    ------
    NotComparable
        If two of the forms have a verdict that is not accepted.
    MissingColumns
        If the frame lacks ``form``, ``year`` or the rows of a form that it holds.
    UnknownChoice
        If item, form, verdict, column or option is unknown.

    Notes
    -----
    Verdicts: :func:`giakit.forms.crosswalk`; breaks: :func:`giakit.forms.breaks`.
    Comparability is decided by the forms asked for, whichever of them the frame holds. Blanks stay blank:
    fill those that the identities close with ``giakit.metrics.close_blanks`` before, if that is wanted.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.metrics.over_years import series
    >>> frame = pd.DataFrame({"form": ["2014", "2019", "2021"], "year": [2018, 2019, 2021],
    ...     "reply_not_exist": [3, None, None], "reply_not_this_agency": [4, None, None],
    ...     "unable_not_held": [None, 6, 9]})
    >>> found = series(frame, "not_held", forms=("2014", "2019", "2021"))
    >>> found[["year", "value", "verdict"]].values.tolist()
    [[2018, 7.0, 'sum'], [2019, 6.0, 'same'], [2021, 9.0, 'same']]
    """
    import pandas as pd

    order = [form for form in form_order() if form in _known(forms)]
    _check(item, order, tuple(accept), column)
    sums = {form: terms(item, form, options) for form in order}
    frame = _frame(panel, sums)
    missing = [needed for needed in ("form", "year") if needed not in frame.columns]
    if missing:
        raise MissingColumns("series", missing)
    printed = frame["form"].astype("str")
    chosen = frame[printed.isin(order)]
    values = np.full(len(chosen), np.nan)
    rows = np.full(len(chosen), "", dtype=object)
    for form in order:
        here = (printed[printed.isin(order)] == form).to_numpy()
        if here.any():
            values[here], rows[here] = _summed(chosen[here], sums[form], column)
    result = chosen[[about for about in _ABOUT if about in chosen.columns]].copy()
    result["item"] = item
    result["value"] = pd.array(values, dtype="Float64")
    against = {form: verdict(item, form, order[-1], column=column).verdict for form in order}
    result["verdict"] = chosen["form"].astype("str").map(against)
    result["rows"] = rows
    result["breaks"] = _crossed(result, item)
    return result.astype({text: "str" for text in ("item", "verdict", "rows", "breaks")})


def _known(forms: Sequence[str]) -> list[str]:
    asked = [str(form) for form in ((forms,) if isinstance(forms, str) else forms)]
    for form in asked or [""]:
        if form not in form_order():
            raise UnknownChoice("form", form, form_order())
    return asked


def _check(name: str, order: list[str], accept: tuple[str, ...], column: str) -> None:
    for given in accept:
        if given not in _VERDICTS:
            raise UnknownChoice("accept", given, _VERDICTS)
    found = find_item(name)
    applicants = [label.code for label in tables()["requests"].columns]
    columns = applicants if found.topic == "requests" else ["total"]
    if column not in columns:
        raise UnknownChoice(f"column of {name}", column, columns)
    for older, newer in combinations(order, 2):
        between = verdict(name, older, newer, column=column)
        if between.verdict not in accept:
            labels = ", ".join(f"{id}: {break_data()[id]['label']}" for id in between.breaks)
            raise NotComparable(name, (older, newer), f"{between.verdict}: {between.why} (break {labels})")
    if len(order) == 1 and order[0] not in found.rows:
        raise NotComparable(name, (order[0], order[0]), f"none: the form {order[0]} has no row for it")


def _frame(panel: Any, sums: Mapping[str, list[list[Term]]]) -> pd.DataFrame:
    """The frame given, or the wide tables of a panel, each with the reports on its forms."""
    import pandas as pd

    if isinstance(panel, pd.DataFrame):
        return panel
    parts: list[pd.DataFrame] = []
    by_table: dict[str, list[str]] = {}
    for form, alternatives in sums.items():
        by_table.setdefault(alternatives[0][0].table, []).append(form)
    for table, here in by_table.items():
        wide = panel.wide(table, column=None)
        parts.append(wide[wide["form"].astype("str").isin(here)])
    return pd.concat(parts, ignore_index=True)


def _summed(frame: pd.DataFrame, alternatives: list[list[Term]], column: str) -> tuple[Any, Any]:
    """Value of each report, and the rows it was added up from: the first alternative it has in full."""
    values = np.full(len(frame), np.nan)
    rows = np.full(len(frame), "", dtype=object)
    missing: list[str] = []
    usable = 0
    for listed in alternatives:
        names = [_column(frame, term, column) for term in listed]
        absent = [str(term) for term, name in zip(listed, names, strict=True) if name is None]
        if absent:
            missing += absent
            continue
        usable += 1
        added = np.zeros(len(frame))
        for term, name in zip(listed, names, strict=True):
            added += term.sign * frame[name].to_numpy(dtype="float64", na_value=np.nan)
        fresh = np.isnan(values) & ~np.isnan(added)
        values[fresh] = added[fresh]
        rows[fresh] = written(listed)
    if not usable:
        raise MissingColumns("series", missing)
    return values, rows


def _column(frame: pd.DataFrame, term: Term, column: str) -> str | None:
    whole = {"requests": column, "statistics": "count"}
    if term.column:
        names = [f"{term.row}.{term.column}"]
    else:
        names = [f"{term.row}.{whole[term.table]}"]
        if whole[term.table] in ("total", "count"):
            names.append(term.row)
    return next((name for name in names if name in frame.columns), None)


def _crossed(result: pd.DataFrame, name: str) -> list[str]:
    """For each report the breaks that touch the item since the agency's report before."""
    import pandas as pd

    dated = [
        (entry["report_year"], id)
        for id, entry in break_data().items()
        # What was not compared with a text is listed by `breaks`, and said of no series.
        if entry.get("checked", True) and name in touched(id)
    ]
    agency = next((about for about in ("agency_id", "unit", "place_code") if about in result.columns), None)
    owners = result[agency] if agency else pd.Series("", index=result.index)
    told: list[str] = []
    years: dict[str, list[int]] = {}
    pairs = [
        (str(owner), None if pd.isna(year) else int(year))
        for owner, year in zip(owners, result["year"], strict=True)
    ]
    for owner, year in pairs:
        if year is not None:
            years.setdefault(owner, []).append(year)
    for owner, year in pairs:
        if year is None:
            told.append("")
            continue
        before = max((earlier for earlier in years[owner] if earlier < year), default=year - 1)
        told.append(", ".join(id for report_year, id in dated if before < report_year <= year))
    return told
