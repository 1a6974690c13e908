"""Reconsiderations and suits: how often decisions are contested, and how often that succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd

from giakit.metrics.counts import choose, keys, prepared, require, term_values
from giakit.metrics.definitions import term
from giakit.metrics.rates import RateOptions, rate

Keys = str | Sequence[str] | None
REMEDIES = ("reconsideration", "suit")
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


def correction_rate(
    frame: pd.DataFrame,
    *,
    denominator: str = "decided",
    remedy: str = "reconsideration",
    by: Keys = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:
    """Share of reconsiderations, or of suits, that corrected the agency.

    Parameters
    ----------
    frame, by, **options
        As in :func:`giakit.metrics.disclosure_rate`; the frame is ``panel.wide("remedies", column=None)``.
    denominator : {"decided", "all", "merits"}
        Cases concluded; all cases, pending ones included; cases upheld or corrected.
    remedy : {"reconsideration", "suit"}
        Suits are direct suits and suits after reconsideration together.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate`.

    Notes
    -----
    ``corrected / (total - pending)``, ``corrected / total``, ``corrected / (upheld + corrected)``.

    References
    ----------
    Form of 2021, table 4.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"reconsideration.upheld": [72], "reconsideration.corrected": [64],
    ...     "reconsideration.pending": [37], "reconsideration.total": [351]})
    >>> for base in ("decided", "all", "merits"):
    ...     print(base, correction_rate(frame, denominator=base)["rate"].round(3).tolist())
    decided [0.204]
    all [0.182]
    merits [0.471]
    """
    choose("remedy", remedy, REMEDIES)
    name = "correction_rate" if remedy == "reconsideration" else "suit_correction_rate"
    return rate(frame, name, denominator=denominator, by=by, **options)


def remedy_pending_share(
    frame: pd.DataFrame, *, remedy: str = "reconsideration", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of reconsiderations, or of suits, that were not concluded at the end of the year.

    Parameters and result as in :func:`correction_rate`.

    Notes
    -----
    ``pending / total``.

    References
    ----------
    Form of 2021, table 4.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"reconsideration.pending": [37], "reconsideration.total": [351]})
    >>> remedy_pending_share(frame)["rate"].round(3).tolist()
    [0.105]
    """
    choose("remedy", remedy, REMEDIES)
    name = "remedy_pending_share" if remedy == "reconsideration" else "suit_pending_share"
    return rate(frame, name, by=by, **options)


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
