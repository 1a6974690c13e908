"""A report's outcomes in the categories of other countries' statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingColumns, NotComparable
from giakit.forms.abroad import Category, System, system
from giakit.metrics.counts import keys, prepared, term_values
from giakit.metrics.definitions import Measure, term
from giakit.metrics.rates import RateOptions, measure_rate

Values = NDArray[np.float64]

_OTHER = ("other_uncorrected", "other_unpaid", "other_rest")
_MAPPED_FORMS = ("2019", "2021")
_ABOUT = (
    "report_id", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier",
    "organ_kind", "policy_area", "scope", "year", "form",
)  # fmt: skip


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
    _check(frame, [row for category in mapped.categories for row in category.rows], to)
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


def _check(frame: pd.DataFrame, rows: list[str], to: str) -> None:
    alone = set(_OTHER) if "other" in frame.columns else {"other"}
    missing = [
        row for row in dict.fromkeys((*rows, "closed")) if row not in frame.columns and row not in alone
    ]
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
    return term_values(
        frame, tuple((code, 1) for code in wanted), column=None, blank=blank, function="as_abroad"
    )[0]
