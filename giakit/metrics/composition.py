"""What refusals rest on and who asks: shares of grounds and of applicants, and whether applicants fare alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import MissingColumns, UnknownChoice
from giakit.metrics.compare import mantel_haenszel, rate_difference
from giakit.metrics.counts import BLANKS, cell_name, choose, close_blanks, keys, prepared, term_values
from giakit.metrics.definitions import Measure, identities, term
from giakit.metrics.rates import RateOptions, parts_rate

Keys = str | Sequence[str] | None
Values = NDArray[np.float64]
#: Terms whose codes make a composition.
PARTS = {"grounds": "denied", "grounds_without_inquiry": "exempt", "not_processed": "not_processed", "unable": "unable"}


def part_codes(parts: str | Sequence[str]) -> list[str]:
    """Row codes of a composition: a name such as ``grounds``, or the codes themselves."""
    if isinstance(parts, str):
        choose("parts", parts, tuple(PARTS))
        return [code for code, _ in term(PARTS[parts])]
    if len(parts) < 2:
        raise UnknownChoice("parts", parts, [*PARTS, "a list of at least two row codes"])
    return list(parts)


def part_sums(
    frame: pd.DataFrame, parts: str | Sequence[str], by: Keys, blank: str, overlap: str, function: str
) -> tuple[pd.DataFrame, Values, Values, list[str]]:
    """Groups, counts of each part, reports used, and the codes; reports with a blank part left out."""
    codes, names = part_codes(parts), keys(by)
    frame = prepared(frame, names, overlap, function)
    values = np.column_stack(
        [term_values(frame, ((code, 1),), column=None, blank=blank, function=function)[0] for code in codes]
    )
    known = ~np.isnan(values).any(axis=1)
    if names:
        group = frame.groupby(names, dropna=False, sort=True, observed=True).ngroup().to_numpy(dtype="int64")
        labels = frame[names].iloc[np.unique(group, return_index=True)[1]].reset_index(drop=True)
    else:
        group, labels = np.zeros(len(frame), dtype="int64"), pd.DataFrame(index=pd.RangeIndex(1))
    group, values = group[known], values[known]
    summed = np.column_stack([np.bincount(group, weights=column, minlength=len(labels)) for column in values.T])
    reports = np.bincount(group, minlength=len(labels)).astype("float64")
    summed[reports == 0] = np.nan
    return labels, np.asarray(summed, dtype="float64"), reports, codes


def ground_shares(
    frame: pd.DataFrame, *, parts: str | Sequence[str] = "grounds", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of each ground among refusals, with intervals.

    Parameters
    ----------
    frame, by, **options
        As in :func:`giakit.metrics.rate`.
    parts : str or sequence of str
        ``grounds`` (eight), ``grounds_without_inquiry`` (seven), ``unable``, ``not_processed``, or row codes.

    Returns
    -------
    pandas.DataFrame
        One row a group and part, as :func:`giakit.metrics.rate` with the column ``part`` after those of `by`, then
        ``overall`` (the part's share in the whole frame) and ``differs`` (bool: the clustered interval of the group
        excludes it).

    Notes
    -----
    ``d_i / Σ d``; a ground is recorded for full refusals only.

    References
    ----------
    Form of 2021, table 3, rows 三（三）.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"denied_process": [12], "denied_internal": [8]})
    >>> ground_shares(frame, parts=["denied_process", "denied_internal"])["rate"].tolist()
    [0.6, 0.4]
    """
    codes = part_codes(parts)
    base = {"parts": "+".join(codes)}
    wanted = {code: Measure(f"share of {code}", "", code, ("parts",), names=base) for code in codes}
    result = parts_rate(frame, wanted, "part", by=by, **options)
    overall = parts_rate(frame, wanted, "part", **options).set_index("part")["rate"]
    result["overall"] = overall.loc[result["part"]].array
    result["differs"] = ((result["low"] > result["overall"]) | (result["high"] < result["overall"])).fillna(False)
    return result.astype({"differs": "bool"})


def concentration(
    frame: pd.DataFrame, *, parts: str | Sequence[str] = "grounds", by: Keys = None, minimum: float = 10,
    blank: str = "closes", overlap: str = "error",
) -> pd.DataFrame:  # fmt: skip
    """How far refusals rest on few grounds.

    Parameters
    ----------
    frame, parts, by, blank, overlap
        As in :func:`ground_shares`.
    minimum : float
        Refusals below which the unbiased index, the effective number and the entropy are NA.

    Returns
    -------
    pandas.DataFrame
        One row a group: the columns of `by`, ``n`` (refusals), ``hhi``, ``hhi_unbiased``,
        ``effective_number, entropy, entropy_normalised, n_parts, n_reports``.

    Notes
    -----
    ``hhi = Σ (d_i/D)²``, biased upward for small D; ``hhi_unbiased = Σ d_i (d_i - 1) / (D (D - 1))``;
    ``effective_number = 1 / hhi_unbiased``; entropy ``-Σ p ln p`` (natural logarithm), normalised by the
    logarithm of the number of parts.

    References
    ----------
    Simpson (1949), Nature 163; Hirschman (1964), American Economic Review 54.

    Examples
    --------
    >>> import pandas as pd
    >>> codes = ["state_secret", "by_law", "security", "third_party", "internal", "process", "enforcement"]
    >>> frame = pd.DataFrame([dict(zip([f"denied_{code}" for code in codes], [2, 31, 5, 6, 8, 12, 9]))])
    >>> frame["denied_inquiry"] = 105
    >>> concentration(frame)[["hhi", "entropy_normalised"]].astype(float).round(3).iloc[0].tolist()
    [0.389, 0.651]
    >>> concentration(frame, parts="grounds_without_inquiry")["hhi"].round(3).tolist()
    [0.247]
    """
    result, counts, reports, codes = part_sums(frame, parts, by, blank, overlap, "concentration")
    total = counts.sum(axis=1)
    enough = total >= max(minimum, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / total[:, None]
        hhi = (share**2).sum(axis=1)
        unbiased = (counts * (counts - 1)).sum(axis=1) / (total * (total - 1))
        terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
        entropy = -terms.sum(axis=1)
        values = {
            "n": total,
            "hhi": hhi,
            "hhi_unbiased": np.where(enough, unbiased, np.nan),
            "effective_number": np.where(enough & (unbiased > 0), 1 / unbiased, np.nan),
            "entropy": np.where(enough, entropy, np.nan),
            "entropy_normalised": np.where(enough, entropy / np.log(len(codes)), np.nan),
        }
    for name, column in values.items():
        result[name] = pd.array(column, dtype="Float64")
    result["n_parts"] = pd.array([len(codes)] * len(result), dtype="Int64")
    result["n_reports"] = pd.array(reports.astype("int64"), dtype="Int64")
    return result


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
    row_of = {
        name: name.rpartition(".")[0]
        for name in frame.columns
        if str(name).rpartition(".")[2] in columns and "." in name
    }
    rows = list(dict.fromkeys(row_of.values()))
    if not rows:
        raise MissingColumns("by_applicant", ["new.natural_person", "…"])
    ids = [name for name in frame.columns if name not in row_of and "." not in str(name)]
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
        parts.append(part.assign(**{row: pd.array(values, dtype="Float64") for row, values in summed.items()}))
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
            long, measure_name, compare="applicant", levels=list(groups), denominator=denominator, by=by, **options
        )
    return mantel_haenszel(
        long, measure_name, compare="applicant", levels=list(groups), strata=strata, effect=effect,
        denominator=denominator, level=options.get("level", 0.95), blank=options.get("blank", "closes"),
        cluster=options.get("cluster", "agency_id"), overlap=options.get("overlap") or "error",
    )  # fmt: skip
