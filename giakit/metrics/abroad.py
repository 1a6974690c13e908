"""A report's outcomes in the categories of other countries' statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from giakit.errors import MissingColumns, NotComparable
from giakit.forms.abroad import Category, system

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]

_OTHER = ("other_uncorrected", "other_unpaid", "other_rest")
_MAPPED_FORMS = ("2019", "2021")
_ABOUT = (
    "report_id", "unit", "agency_id", "place_code", "province", "prefecture", "county", "tier",
    "organ_kind", "policy_area", "scope", "year", "form",
)  # fmt: skip


def as_abroad(frame: pd.DataFrame, to: str) -> pd.DataFrame:
    """The outcomes of requests in the categories of another country's statistics.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, as ``panel.wide("requests", column="total")`` gives it.
    to : {"us_foia", "uk_foi", "br_lai"}
        Statistics to put them into.

    Returns
    -------
    pandas.DataFrame
        One row a report and category: the columns that say whose report it is; ``system, category, label``;
        ``value`` (Float64): NA where a row of the sum is; ``base`` (Float64): what the category is a share
        of: requests closed, or in the UK requests that are resolvable; ``share`` (Float64): NA where
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
    >>> found = as_abroad(frame, "us_foia").set_index("category")
    >>> found.loc[["full_grants", "no_records"], ["value", "share"]].values.tolist()
    [[3.0, 0.75], [1.0, 0.25]]
    """
    import pandas as pd

    mapped = system(to)
    _check(frame, [row for category in mapped.categories for row in category.rows], to)
    about = frame[[name for name in _ABOUT if name in frame.columns]]
    counts = {category.code: _count(frame, category) for category in mapped.categories}
    resolvable = [counts[category.code] for category in mapped.categories if category.resolvable]
    base = np.sum(resolvable, axis=0) if resolvable else _values(frame, "closed")
    parts = []
    for category in mapped.categories:
        inside = category.resolvable or not resolvable
        share = np.full(len(frame), np.nan)
        np.divide(counts[category.code], base, out=share, where=(base > 0) & inside)
        part = about.assign(
            system=to,
            category=category.code,
            label=category.label,
            value=pd.array(counts[category.code], dtype="Float64"),
            base=pd.array(base, dtype="Float64"),
            share=pd.array(share, dtype="Float64"),
            rows=" + ".join(category.rows),
            note=category.note,
        )
        parts.append(part)
    result = pd.concat(parts)
    result.attrs["caveats"] = list(mapped.caveats)
    return result


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


def _count(frame: pd.DataFrame, category: Category) -> Values:
    """Sum of the rows; the kinds of other handling count as one where a report has one row for them."""
    rows = [row for row in category.rows if row not in _OTHER]
    counted = np.sum([np.zeros(len(frame)), *(_values(frame, row) for row in rows)], axis=0)
    kinds = [row for row in category.rows if row in _OTHER]
    if not kinds:
        return np.asarray(counted)
    handled = np.sum([_values(frame, row) for row in kinds], axis=0)
    if len(kinds) == len(_OTHER):
        handled = np.where(np.isnan(handled), _values(frame, "other"), handled)
    return np.asarray(counted + handled)


def _values(frame: pd.DataFrame, row: str) -> Values:
    if row not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[row].to_numpy(dtype="float64", na_value=np.nan))
