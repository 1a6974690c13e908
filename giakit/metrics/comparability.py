"""Comparisons that forms and countries allow: one item over the years, outcomes in another country's categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingColumns, NotComparable, UnknownChoice
from giakit.forms.abroad import Category, System, system
from giakit.forms.breaks import break_data, touched
from giakit.forms.crosswalk import form_order, terms, verdict, written
from giakit.forms.crosswalk import item as find_item
from giakit.forms.crosswalk_data import Term
from giakit.forms.load import tables
from giakit.metrics.counts import keys, prepared, term_values
from giakit.metrics.definitions import Measure, term
from giakit.metrics.rates import RateOptions, measure_rate

Values = NDArray[np.float64]
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
    >>> from giakit.metrics.comparability import series
    >>> frame = pd.DataFrame({"form": ["2014", "2019", "2021"], "year": [2018, 2019, 2021],
    ...     "reply_not_exist": [3, None, None], "reply_not_this_agency": [4, None, None],
    ...     "unable_not_held": [None, 6, 9]})
    >>> table = series(frame, "not_held", forms=("2014", "2019", "2021"))
    >>> table[["year", "value", "verdict"]].values.tolist()
    [[2018, 7.0, 'sum'], [2019, 6.0, 'same'], [2021, 9.0, 'same']]
    """
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
    asked = find_item(name)
    applicants = [label.code for label in tables()["requests"].columns]
    columns = applicants if asked.topic == "requests" else ["total"]
    if column not in columns:
        raise UnknownChoice(f"column of {name}", column, columns)
    for older, newer in combinations(order, 2):
        between = verdict(name, older, newer, column=column)
        if between.verdict not in accept:
            labels = ", ".join(f"{id}: {break_data()[id]['label']}" for id in between.breaks)
            raise NotComparable(name, (older, newer), f"{between.verdict}: {between.why} (break {labels})")
    if len(order) == 1 and order[0] not in asked.rows:
        raise NotComparable(name, (order[0], order[0]), f"none: the form {order[0]} has no row for it")


def _frame(panel: Any, sums: Mapping[str, list[list[Term]]]) -> pd.DataFrame:
    """The frame given, or the wide tables of a panel, each with the reports on its forms."""
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
        for one, name in zip(listed, names, strict=True):
            added += one.sign * frame[name].to_numpy(dtype="float64", na_value=np.nan)
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
    dated = [
        (entry["report_year"], id)
        for id, entry in break_data().items()
        # What was not compared with a text is listed by `breaks`, and said of no series.
        if entry.get("checked", True) and name in touched(id)
    ]
    agency = next((about for about in ("agency_id", "unit", "place_code") if about in result.columns), None)
    owners = result[agency] if agency else pd.Series("", index=result.index)
    crossed: list[str] = []
    years: dict[str, list[int]] = {}
    pairs = [
        (str(owner), None if pd.isna(year) else int(year)) for owner, year in zip(owners, result["year"], strict=True)
    ]
    for owner, year in pairs:
        if year is not None:
            years.setdefault(owner, []).append(year)
    for owner, year in pairs:
        if year is None:
            crossed.append("")
            continue
        before = max((earlier for earlier in years[owner] if earlier < year), default=year - 1)
        crossed.append(", ".join(id for report_year, id in dated if before < report_year <= year))
    return crossed


_OTHER = ("other_uncorrected", "other_unpaid", "other_rest")
_MAPPED_FORMS = ("2019", "2021")


def as_abroad(frame: pd.DataFrame, to: str, *, blank: str = "closes") -> pd.DataFrame:
    """The outcomes of requests in the categories of another country's statistics.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, as ``panel.wide("requests", column="total")`` gives it.
    to : {"us_foia", "uk_foi", "br_lai"}
        Statistics to put them into.
    blank : {"closes", "missing"}
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        One row a report and category: the columns that say whose report it is; ``system, category, label``;
        ``value`` (Float64): NA where a row of the sum is; ``base`` (Float64): what the category is a share
        of: requests closed, or in the UK ``uk_resolvable``; ``share`` (Float64): NA where
        value or base is, where the base is 0, and for what stands outside the base; ``rows``; ``note``.
        ``attrs["caveats"]`` holds the caveats of the whole.

    Raises
    ------
    UnknownChoice
        If there is no mapping to that system.
    MissingColumns
        If the frame lacks an outcome row.
    NotComparable
        If it holds reports on forms before 2019, whose outcomes are others.

    Notes
    -----
    The mapping is a proposal (:func:`giakit.forms.abroad`): no office has endorsed it. On the form of
    2019 the three kinds of other handling are one row and stay together under a category of their own.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.forms import form
    >>> frame = pd.DataFrame({code: [0] for code in form("2021").tables["requests"].row_codes("2021")})
    >>> frame = frame.assign(granted=3, unable_not_held=1, closed=4)
    >>> table = as_abroad(frame, "us_foia").set_index("category")
    >>> table.loc[["full_grants", "no_records"], ["value", "share"]].values.tolist()
    [[3.0, 0.75], [1.0, 0.25]]
    """
    mapped = system(to)
    _check_abroad(frame, [row for category in mapped.categories for row in category.rows], to)
    about = frame[[name for name in _ABOUT if name in frame.columns]]
    base = term_values(frame, term(mapped.base_term), column=None, blank=blank, function="as_abroad")[0]
    parts = []
    for category in mapped.categories:
        value = _count(frame, category, blank)
        share = np.full(len(frame), np.nan)
        np.divide(value, base, out=share, where=(base > 0) & _in_base(category, mapped))
        parts.append(
            about.assign(
                system=to,
                category=category.code,
                label=category.label,
                value=pd.array(value, dtype="Float64"),
                base=pd.array(base, dtype="Float64"),
                share=pd.array(share, dtype="Float64"),
                rows=" + ".join(category.rows),
                note=category.note,
            )
        )
    result = pd.concat(parts, ignore_index=True)
    result.attrs["caveats"] = list(mapped.caveats)
    return result


def abroad_shares(
    frame: pd.DataFrame, to: str, *, by: str | Sequence[str] | None = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of each category of another country's statistics, with intervals.

    Parameters
    ----------
    frame, to
        As in :func:`as_abroad`.
    by, **options
        As in :func:`giakit.metrics.rate`, which adds up and refuses what must not be added.

    Returns
    -------
    pandas.DataFrame
        One row a group and category: the columns of `by`, ``system, category, label, rows``, then those of
        :func:`giakit.metrics.rate` (``numerator`` the category's count, ``denominator`` the base); rate and
        interval are NA for what stands outside the base.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> shares = abroad_shares(panel(agencies=10, years=[2023]).requests, "uk_foi")
    >>> shares.loc[shares["rate"].notna(), "rate"].sum().round(6)
    np.float64(1.0)
    """
    mapped = system(to)
    frame = prepared(frame, keys(by), options.get("overlap", "error"), "abroad_shares")
    settled: dict[str, Any] = {**options, "overlap": None, "blank": "missing"}
    long = as_abroad(frame, to, blank=options.get("blank", "closes"))
    wanted = Measure("abroad_shares", "", "value", (mapped.base_term,), names={mapped.base_term: "base"})
    names = keys(by)
    table = measure_rate(long, wanted, by=[*names, "category"], **settled)
    about = {category.code: category for category in mapped.categories}
    order = pd.CategoricalDtype(list(about), ordered=True)
    table = table.astype({"category": order}).sort_values([*names, "category"], ignore_index=True)
    table = table.astype({"category": "str"})
    outside = ~table["category"].map(lambda code: _in_base(about[code], mapped)).astype(bool)
    table.loc[outside, ["rate", "shown", "low", "high"]] = pd.NA
    table.loc[outside, "note"] = "outside the base"
    table.insert(len(names), "system", to)
    table.insert(len(names) + 2, "label", table["category"].map(lambda code: about[code].label))
    table.insert(len(names) + 3, "rows", table["category"].map(lambda code: " + ".join(about[code].rows)))
    return table


def _in_base(category: Category, mapped: System) -> bool:
    codes = {code for code, _ in term(mapped.base_term)}
    return mapped.base_term == "closed" or set(category.rows) <= codes


def _check_abroad(frame: pd.DataFrame, rows: list[str], to: str) -> None:
    alone = set(_OTHER) if "other" in frame.columns else {"other"}
    missing = [row for row in dict.fromkeys((*rows, "closed")) if row not in frame.columns and row not in alone]
    if missing:
        raise MissingColumns("as_abroad", missing)
    if "form" in frame.columns:
        for form in frame["form"].dropna().astype("str").unique():
            if form not in _MAPPED_FORMS:
                why = f"{to} is mapped from the outcomes of 2019 and later; leave reports on form {form} out"
                raise NotComparable("outcomes", (form, _MAPPED_FORMS[0]), why)


def _count(frame: pd.DataFrame, category: Category, blank: str) -> Values:
    """Sum of the rows; the kinds of other handling count as one where a report has one row for them."""
    rows = [row for row in category.rows if row not in _OTHER]
    kinds = [row for row in category.rows if row in _OTHER]
    # All three kinds together are the group, which a report on the form of 2019 has too; a kind alone is not.
    wanted = (*rows, "other") if len(kinds) == len(_OTHER) else (*rows, *kinds)
    if "other" in category.rows:
        printed = frame["other"] if "other" in frame.columns else pd.Series(np.nan, frame.index)
        return np.asarray(printed.to_numpy(dtype="float64", na_value=np.nan))
    absent = [code for code in wanted if code in _OTHER and code not in frame.columns]
    if absent:
        return np.full(len(frame), np.nan)
    return term_values(frame, tuple((code, 1) for code in wanted), column=None, blank=blank, function="as_abroad")[0]
