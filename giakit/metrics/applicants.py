"""Who asks, and whether persons and organisations fare alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import numpy as np
import pandas as pd

from giakit.errors import MissingColumns
from giakit.metrics.blanks import cell_name, close_blanks
from giakit.metrics.compare import mantel_haenszel, rate_difference
from giakit.metrics.counts import BLANKS, choose
from giakit.metrics.definitions import Measure, identities
from giakit.metrics.rates import RateOptions, parts_rate

Keys = str | Sequence[str] | None
#: Natural persons against the five kinds of organisation.
PERSONS_AND_ORGANISATIONS = {
    "natural_person": ["natural_person"],
    "organisations": ["business", "research", "public_interest", "legal_service", "other_organisation"],
}


def by_applicant(
    frame: pd.DataFrame, *, groups: Mapping[str, Sequence[str]] | None = None, blank: str = "closes"
) -> pd.DataFrame:
    """Lay a frame of reports out with one row a report and kind of applicant.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report with joined names (``granted.natural_person``), as
        ``panel.wide("requests", column=None)`` gives it.
    groups : mapping, optional
        Name of a group to the columns it adds up; each of the six columns by itself by default.
    blank : {"closes", "missing"}
        Whether blanks become zero where the identities of their column close with it, before columns are
        added.

    Returns
    -------
    pandas.DataFrame
        The id columns of `frame`, ``applicant``, and one column a row code (Float64, NA where any part is
        blank): a frame for every measure, ``by="applicant"``.

    Notes
    -----
    No total is laid out beside its parts.

    References
    ----------
    Form of 2021, table 3.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unit": ["x"], "new.natural_person": [3001], "new.business": [53]})
    >>> by_applicant(frame, groups={"person": ["natural_person"], "firm": ["business"]})["new"].tolist()
    [3001.0, 53.0]
    """
    choose("blank", blank, BLANKS)
    columns = [*identities()["applicants"], "total"]
    groups = {column: [column] for column in identities()["applicants"]} if groups is None else groups
    found = {
        name: name.rpartition(".")[0]
        for name in frame.columns
        if str(name).rpartition(".")[2] in columns and "." in name
    }
    rows = list(dict.fromkeys(found.values()))
    if not rows:
        raise MissingColumns("by_applicant", ["new.natural_person", "…"])
    ids = [name for name in frame.columns if name not in found and "." not in str(name)]
    parts = []
    for group, listed in groups.items():
        part = frame[ids].copy()
        part["applicant"] = group
        summed: dict[str, np.ndarray] = {}
        for column in listed:
            filled = close_blanks(frame, column=column) if blank == "closes" else frame
            for row in rows:
                name = cell_name(filled, row, column)
                if name is None:
                    raise MissingColumns("by_applicant", [f"{row}.{column}"])
                values = filled[name].to_numpy(dtype="float64", na_value=np.nan)
                summed[row] = values if row not in summed else summed[row] + values
        parts.append(
            part.assign(**{row: pd.array(values, dtype="Float64") for row, values in summed.items()})
        )
    return pd.concat(parts, ignore_index=True)


def applicant_mix(
    frame: pd.DataFrame, *, row: str = "new", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of each kind of applicant, with intervals.

    Parameters
    ----------
    frame, by, **options
        As in :func:`giakit.metrics.rate`, with joined names (``new.natural_person``).
    row : str
        Row code whose columns are compared.

    Returns
    -------
    pandas.DataFrame
        One row a group and kind of applicant, as :func:`giakit.metrics.rate` with the column ``applicant``
        after those of `by`.

    Notes
    -----
    ``new.column / new.total``.

    References
    ----------
    Form of 2021, table 3, columns.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = ["natural_person", "business", "research", "public_interest", "legal_service"]
    >>> columns += ["other_organisation", "total"]
    >>> values = [3001, 53, 0, 0, 61, 4, 3119]
    >>> frame = pd.DataFrame([{f"new.{name}": value for name, value in zip(columns, values)}])
    >>> applicant_mix(frame)["rate"].round(3).tolist()
    [0.962, 0.017, 0.0, 0.0, 0.02, 0.001]
    """
    base = {"total": f"{row}.total"}
    wanted = {
        column: Measure(f"share of {column}", "", f"{row}.{column}", ("total",), names=base)
        for column in identities()["applicants"]
    }
    return parts_rate(frame, wanted, "applicant", by=by, **options)


def applicant_gap(
    frame: pd.DataFrame,
    measure_name: str = "disclosure_rate",
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    strata: str | Sequence[str] | None = None,
    effect: str = "odds_ratio",
    denominator: str | None = None,
    by: Keys = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:
    """Compare what natural persons and organisations get.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report with joined names (``granted.natural_person``).
    measure_name, denominator, by, **options
        As in :func:`giakit.metrics.rate_difference`.
    groups : mapping, optional
        Two groups of columns; natural persons and all organisations by default.
    strata : str or sequence of str, optional
        Compare within strata (``agency_id``) by :func:`giakit.metrics.mantel_haenszel`; `by` is not taken.
    effect : {"odds_ratio", "risk_ratio", "difference"}
        What is pooled over strata.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate_difference`, or with `strata` as :func:`giakit.metrics.mantel_haenszel`.

    Notes
    -----
    The subject of a request is not reported: the gap also holds what different applicants ask for.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17; Mantel and Haenszel (1959), JNCI 22.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame([{"granted.natural_person": 1288, "partial.natural_person": 447,
    ...     "closed.natural_person": 2932, "granted.business": 21, "partial.business": 7,
    ...     "closed.business": 53}])
    >>> groups = {"person": ["natural_person"], "firm": ["business"]}
    >>> applicant_gap(frame, groups=groups)["difference"].round(3).tolist()
    [0.063]
    """
    groups = PERSONS_AND_ORGANISATIONS if groups is None else groups
    long = by_applicant(frame, groups=groups, blank=options.get("blank", "closes"))
    if strata is None:
        return rate_difference(
            long,
            measure_name,
            compare="applicant",
            levels=list(groups),
            denominator=denominator,
            by=by,
            **options,
        )
    return mantel_haenszel(
        long, measure_name, compare="applicant", levels=list(groups), strata=strata, effect=effect,
        denominator=denominator, level=options.get("level", 0.95), blank=options.get("blank", "closes"),
        cluster=options.get("cluster", "agency_id"), overlap=options.get("overlap") or "error",
    )  # fmt: skip
