"""Flows of requests and what follows a refusal: backlog, carry-over, reconsiderations and suits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd

from giakit.metrics.counts import keys, prepared, require, term_values
from giakit.metrics.definitions import term
from giakit.metrics.rates import RateOptions, rate

Keys = str | Sequence[str] | None


def requests_per_100k(
    frame: pd.DataFrame, *, population: str = "population", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Give new requests per 100,000 people.

    Parameters
    ----------
    frame, by, **options
        As in :func:`giakit.metrics.disclosure_rate`.
    population : str
        Column with the number of people of each report's place and year (persons).

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate`; the denominator is in persons (person-years over several years).

    Notes
    -----
    ``new / population × 100,000``.

    References
    ----------
    Hazell and Worthy (2010), Government Information Quarterly 27.

    Examples
    --------
    >>> import pandas as pd
    >>> requests_per_100k(pd.DataFrame({"new": [450], "population": [4_500_000]}))["rate"].tolist()
    [10.0]
    """
    require(frame, [population], "requests_per_100k")
    return rate(frame.assign(population=frame[population]), "requests_per_100k", by=by, **options)


def backlog(
    frame: pd.DataFrame, *, by: Keys = None, column: str | None = None, blank: str = "closes", overlap: str = "error"
) -> pd.DataFrame:
    """What stands open at the end of the year, and how much work that is.

    Parameters
    ----------
    frame, by, column, blank, overlap
        As in :func:`giakit.metrics.rate`; a report with an unknown flow is left out of its group.

    Returns
    -------
    pandas.DataFrame
        One row a group: the columns of `by`, ``new, carried_in, closed, carried_out, change``
        (``carried_out - carried_in``), ``days`` (days of work in stock) and ``n_reports``.

    Notes
    -----
    ``days = carried_out / closed × 365``.

    References
    ----------
    Form of 2021, table 3; Little's law for the days in stock.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"new": [3119], "carried_in": [34], "closed": [3050], "carried_out": [103]})
    >>> backlog(frame)[["change", "days"]].round(1).iloc[0].tolist()
    [69.0, 12.3]
    """
    by = keys(by)
    frame = prepared(frame, by, overlap, "backlog")
    flows = ["new", "carried_in", "closed", "carried_out"]
    values = pd.DataFrame(
        {code: term_values(frame, term(code), column=column, blank=blank, function="backlog")[0] for code in flows},
        index=frame.index,
    )
    known = values.notna().all(axis=1)
    values["n_reports"] = 1
    group = [frame.loc[known, name] for name in by] or [pd.Series(0, index=frame.index[known], name="all")]
    result = values[known].groupby(group, dropna=False, sort=True, observed=True).sum()
    result = result.reset_index(drop=not by).astype(dict.fromkeys(flows, "Float64") | {"n_reports": "Int64"})
    result.insert(len(by) + 4, "change", result["carried_out"] - result["carried_in"])
    closed = result["closed"].mask(result["closed"] == 0)
    result.insert(len(by) + 5, "days", result["carried_out"] / closed * 365)
    return result


def carry_over(
    frame: pd.DataFrame, *, unit: str | Sequence[str] = "agency_id", column: str | None = None
) -> pd.DataFrame:
    """Compare what each agency carried over with what it brought forward the year after.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``year``; where there is a ``scope``, reports are paired within one scope.
    unit : str or sequence of str
        Columns that name the agency.
    column : str, optional
        Applicant's column, for a frame with joined names.

    Returns
    -------
    pandas.DataFrame
        One row a pair of consecutive years: the columns of `unit`, ``scope`` if there, ``year`` (the later),
        ``carried_out_before, carried_in, difference`` (``carried_in - carried_out_before``), Float64 with NA
        where either is blank. Agencies with several reports of one year and scope are left out.

    Notes
    -----
    ``carried_in(t) = carried_out(t - 1)`` should hold exactly; the form of 2019 has no year before it.

    References
    ----------
    Form of 2021, table 3, rows 二 and 四.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"agency_id": ["a", "a"], "year": [2022, 2023], "carried_in": [0, 5],
    ...     "carried_out": [4, 1]})
    >>> carry_over(frame)[["year", "difference"]].iloc[0].tolist()
    [2023.0, 1.0]
    """
    names = keys(unit) + (["scope"] if "scope" in frame.columns else [])
    require(frame, [*names, "year"], "carry_over")
    values = frame[[*names, "year"]].copy()
    for code in ("carried_in", "carried_out"):
        read = term_values(frame, term(code), column=column, blank="missing", function="carry_over")[0]
        values[code] = pd.array(read, dtype="Float64")
    values = values[values[[*keys(unit), "year"]].notna().all(axis=1)]
    values = values[~values.duplicated([*names, "year"], keep=False)]
    before = values[[*names, "year", "carried_out"]].rename(columns={"carried_out": "carried_out_before"})
    before["year"] = before["year"] + 1
    pairs = before.merge(values[[*names, "year", "carried_in"]], on=[*names, "year"])
    pairs["difference"] = pairs["carried_in"] - pairs["carried_out_before"]
    order = np.lexsort([pairs[name].astype(str) for name in ["year", *reversed(names)]])
    return pairs.iloc[order].reset_index(drop=True)


#: Stages of the pyramid and the term each counts.
STAGES = {
    "closed": "closed",
    "adverse": "adverse",
    "reconsideration": "reconsiderations",
    "suit": "suits",
    "corrected": "corrected",
}


def join_tables(requests: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Put the remedies (or another table) of each report beside its requests.

    Parameters
    ----------
    requests, other : pandas.DataFrame
        Frames with one row a report and a ``report_id``; a report absent from `other` gets NA.

    Returns
    -------
    pandas.DataFrame
        The rows of `requests` in their order, with the columns of `other` that they lack.

    Notes
    -----
    A left join on ``report_id``, one to one.

    References
    ----------
    The tables of one report share its ``report_id``.

    Examples
    --------
    >>> import pandas as pd
    >>> requests = pd.DataFrame({"report_id": ["a"], "year": [2024], "closed": [3050]})
    >>> remedies = pd.DataFrame({"report_id": ["a"], "year": [2024], "reconsideration.total": [351]})
    >>> join_tables(requests, remedies).columns.tolist()
    ['report_id', 'year', 'closed', 'reconsideration.total']
    """
    for frame in (requests, other):
        require(frame, ["report_id"], "join_tables")
    more = ["report_id", *(name for name in other.columns if name not in requests.columns)]
    return requests.merge(other[more], on="report_id", how="left", validate="one_to_one")


def remedy_pyramid(
    frame: pd.DataFrame, *, by: Keys = None, blank: str = "closes", overlap: str = "error"
) -> pd.DataFrame:
    """Count requests closed, adverse outcomes, reconsiderations, suits and corrections.

    Parameters
    ----------
    frame, by, blank, overlap
        As in :func:`giakit.metrics.rate`, remedies beside requests (:func:`join_tables`). Only reports that
        state every stage count, so that the stages stand on the same reports.

    Returns
    -------
    pandas.DataFrame
        One row a group and stage, in order: the columns of `by`, ``stage``, ``count``, ``per_closed`` and
        ``per_stage_before`` (ratios, no proportions), ``n_reports``.

    Notes
    -----
    ``closed → closed - granted → reconsideration.total → suits → corrected in either``.

    References
    ----------
    Form of 2021, tables 3 and 4.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"closed": [3050], "granted": [1362], "reconsideration.total": [351],
    ...     "suit_direct.total": [26], "suit_after.total": [20], "reconsideration.corrected": [64],
    ...     "suit_direct.corrected": [4], "suit_after.corrected": [1]})
    >>> remedy_pyramid(frame)["count"].tolist()
    [3050.0, 1688.0, 351.0, 46.0, 69.0]
    """
    by = keys(by)
    frame = prepared(frame, by, overlap, "remedy_pyramid")
    corrected = term("reconsideration.corrected") + term("suits_corrected")
    counts = {}
    for stage, name in STAGES.items():
        codes = corrected if name == "corrected" else term(name)
        counts[stage] = term_values(frame, codes, column=None, blank=blank, function="remedy_pyramid")[0]
    values = pd.DataFrame(counts, index=frame.index)
    known = values.notna().all(axis=1)
    values["n_reports"] = 1
    group = [frame.loc[known, name] for name in by] or [pd.Series(0, index=frame.index[known], name="all")]
    summed = values[known].groupby(group, dropna=False, sort=True, observed=True).sum()
    labels = summed.index.to_frame(index=False)[by]
    result = labels.loc[np.repeat(labels.index.to_numpy(), len(STAGES))].reset_index(drop=True)
    stages = summed[list(STAGES)].to_numpy(dtype="float64")
    before = np.hstack([np.full((len(stages), 1), np.nan), stages[:, :-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        per_closed, per_before = stages / stages[:, :1], stages / before
    result["stage"] = pd.array(list(STAGES) * len(summed), dtype="str")
    result["count"] = pd.array(stages.ravel(), dtype="Float64")
    for name, ratio in (("per_closed", per_closed), ("per_stage_before", per_before)):
        result[name] = pd.array(np.where(np.isfinite(ratio), ratio, np.nan).ravel(), dtype="Float64")
    result["n_reports"] = pd.array(np.repeat(summed["n_reports"].to_numpy(), len(STAGES)), dtype="Int64")
    return result
