"""The one engine behind every rate: counts by report, added up by group, with the interval that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.errors import UnknownChoice
from giakit.metrics import intervals as clustered
from giakit.metrics.counts import Counts, choose, cluster_codes, keys, measure_counts, prepared, require, unknown_scope
from giakit.metrics.definitions import Measure, formulas, kinds, measure, transitions
from giakit.metrics.intervals import count_ratio, proportion_interval

Values = NDArray[np.float64]
Codes = NDArray[np.int64]

ESTIMATORS = ("pooled", "mean")
#: Effective agencies below which an interval is rough.
FEW = 10
#: Columns of every result, after the columns grouped by.
RESULT = [
    "numerator", "denominator", "denominator_name", "rate", "shown", "low", "high", "method",
    "n_reports", "n_requests", "note",
]  # fmt: skip


class RateOptions(TypedDict, total=False):
    """Options that every rate takes; see :func:`rate`."""

    column: str | None
    interval: str
    level: float
    estimator: str
    cluster: str | None
    blank: str
    overlap: str | None
    minimum: float
    per: float | None
    weights: str | None


_DEFAULTS: dict[str, Any] = {
    "column": None, "interval": "wilson", "level": 0.95, "estimator": "pooled", "cluster": "agency_id",
    "blank": "closes", "overlap": "error", "minimum": 10, "per": None, "weights": None,
}  # fmt: skip


def rate(
    frame: pd.DataFrame,
    measure_name: str,
    *,
    denominator: str | None = None,
    by: str | Sequence[str] | None = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:
    """Compute a measure by its name.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, one column a row code: ``panel.wide("requests")``. Never changed; the order
        of its rows and its index do not matter.
    measure_name : str
        A measure of :func:`giakit.metrics.measures`.
    denominator : str, optional
        Name of the denominator; the measure's first by default.
    by : str or sequence of str, optional
        Columns to group by; None puts the whole frame in one row, ``"report_id"`` gives one row a report.
    **options
        As follows.
    column : str, optional
        Applicant's column, for a frame with joined names: ``"business"`` reads ``granted.business``.
    interval : {"wilson", "jeffreys", "clopper-pearson"}
        Interval of a proportion of a single report.
    level : float
        Confidence level.
    estimator : {"pooled", "mean"}
        Pooled rate (each request counts once) or mean of the agencies' rates (each agency counts once).
    cluster : str, optional
        Column that names the agency, ``agency_id`` by default (``unit``, then the report itself, where that
        is absent or NA); None takes each report for an agency.
    blank : {"closes", "missing"}
        Whether a blank is zero where the identities of its column close with it, or always missing. A report
        with an unknown numerator or denominator is left out, and the note counts it.
    overlap : {"error", "wholes", "parts"}
        What to do where a group holds a report and another that counts it already.
    minimum : float
        Denominator below which `shown` is NA.
    per : float, optional
        Give the rate per so many of the denominator.
    weights : str, optional
        Column of weights of the reports, for those that are missing (:func:`giakit.metrics.reporting_weights`);
        reports without a weight are left out.

    Returns
    -------
    pandas.DataFrame
        One row a group, sorted: the columns of `by`, ``numerator, denominator`` (Float64 counts),
        ``denominator_name, rate, shown, low, high, method, n_reports`` (Int64, reports used),
        ``n_requests`` (requests closed in them, NA where one is unknown) and ``note``.

    Raises
    ------
    MissingColumns, UnknownChoice, MixedScopes

    Notes
    -----
    A single report: the interval of a binomial proportion. Several: clustered by agency. A numerator that
    is no subset of its denominator: a ratio of counts with an interval on the log scale. Where the printed
    numerator exceeds the denominator of a proportion, the rate stays as printed and has no interval.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"granted": [1362], "partial": [454], "closed": [3050]})
    >>> rate(frame, "disclosure_rate")[["rate", "low", "high"]].round(3).iloc[0].tolist()
    [0.595, 0.578, 0.613]
    """
    return measure_rate(frame, measure(measure_name), denominator=denominator, by=by, **options)


def measure_function(name: str) -> Callable[..., pd.DataFrame]:
    """Make the function of a measure, or of its kinds, from the file ``denominators.toml``, docstring included.

    Raises
    ------
    UnknownChoice
        If there is no such measure.

    Examples
    --------
    >>> import pandas as pd
    >>> refused = measure_function("refusal_rate")
    >>> frame = pd.DataFrame({f"denied_{ground}": [2] for ground in ("state_secret", "by_law", "security", "third_party",
    ...     "internal", "process", "enforcement", "inquiry")} | {"closed": [40]})
    >>> refused(frame)["rate"].tolist(), refused(frame, kind="exemption")["rate"].tolist()
    ([0.4], [0.35])
    """
    label, argument, listed = kinds(name)
    measures = {kind: measure(each) for kind, each in listed.items()}
    first = next(iter(measures.values()))

    def function(
        frame: pd.DataFrame, *, denominator: str | None = None, by: str | Sequence[str] | None = None, **options: Any
    ) -> pd.DataFrame:
        chosen = options.pop(argument, next(iter(measures)))
        choose(argument, chosen, tuple(measures))
        return measure_rate(frame, measures[chosen], denominator=denominator, by=by, **options)

    bases = dict.fromkeys(base for each in measures.values() for base in each.denominators)
    chooses = f"\n    {argument} : {{{', '.join(measures)}}}\n        Which of them, the first by default."
    formula = "; ".join(f"``{formula}``" for each in measures.values() for formula in formulas(each))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{label}.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with the row codes that are counted{", remedies beside requests" if first.remedy else ""}.
    denominator : {{{", ".join(bases)}}}, optional
        What it is put over, ``{first.denominators[0]}`` by default. The same report gives very different rates over
        different ones.{chooses if argument else ""}
    by, **options
        As in :func:`giakit.metrics.rate`.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate`{", per " + str(first.per) if first.per != 1 else ""}.

    Raises
    ------
    MissingColumns, UnknownChoice, RepeatedReports, MixedScopes

    Notes
    -----
    {formula}{" (ratios)" if first.ratios == first.denominators else ""}.

    References
    ----------
    Form of the State Council General Office, 国办公开办函〔2021〕30号, table {"4" if first.remedy else "3"}.

    Examples
    --------
    >>> import giakit as gia
    >>> simulated = gia.simulate.panel(agencies=20, years=[2023])
    >>> frame = gia.metrics.join_tables(simulated.requests, simulated.remedies).assign(population=1e5)
    >>> decided = dict.fromkeys(["licences.decisions", "penalties.decisions", "coercion.decisions"], 1.0)
    >>> len(gia.metrics.{name}(frame.assign(**decided)))
    1
    """
    return function


def measure_rate(
    frame: pd.DataFrame, wanted: Measure, *, denominator: str | None = None,
    by: str | Sequence[str] | None = None, **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """Compute a measure given as such; options and result as in :func:`rate`, overlap None where settled."""
    by, chosen = keys(by), _chosen(options)
    frame = prepared(frame, by, chosen["overlap"], wanted.name)
    name = wanted.denominator(denominator)
    counts = measure_counts(frame, wanted, name, column=chosen["column"], blank=chosen["blank"])
    return _counted(frame, counts, wanted, name, by, chosen)


def parts_rate(
    frame: pd.DataFrame, parts: Mapping[str, Measure], part: str, *,
    by: str | Sequence[str] | None = None, **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """Compute one measure a part, all together: one row a group and part, in the column named `part`.

    What one part says of how alike the requests to an agency are serves those that say nothing.
    """
    by, chosen = keys(by), _chosen(options)
    frame = prepared(frame, by, chosen["overlap"], part)
    each = [
        measure_counts(frame, wanted, wanted.denominators[0], column=chosen["column"], blank=chosen["blank"])
        for wanted in parts.values()
    ]
    counts = Counts(*(np.concatenate([getattr(one, field.name) for one in each]) for field in fields(Counts)))
    order = pd.CategoricalDtype(list(parts), ordered=True)
    long = pd.concat([frame.assign(**{part: name}) for name in parts], ignore_index=True)
    wanted = next(iter(parts.values()))
    result = _counted(long.astype({part: order}), counts, wanted, wanted.denominators[0], [*by, part], chosen)
    return result.astype({part: "str"})


def _chosen(options: RateOptions) -> dict[str, Any]:
    for name in options:
        choose("option", name, tuple(_DEFAULTS))
    return _DEFAULTS | dict(options)


def _counted(
    frame: pd.DataFrame, counts: Counts, wanted: Measure, name: str, by: list[str], chosen: Mapping[str, Any]
) -> pd.DataFrame:
    """The result of :func:`rate` from the counts of each row."""
    level, minimum = chosen["level"], chosen["minimum"]
    choose("estimator", chosen["estimator"], ESTIMATORS)
    single = proportion_interval(chosen["interval"])
    group, labels = _group(frame, by)
    used = ~(np.isnan(counts.numerator) | np.isnan(counts.denominator))
    proportion = name not in wanted.ratios
    weight = np.ones(len(frame))
    if chosen["weights"] is not None:
        weight, used = _weight(frame, chosen["weights"], used)

    scaled = _effective(counts, weight, used, group, len(labels))
    clusters, agencies, n_reports = _clusters(scaled, used, group, cluster_codes(frame, chosen["cluster"]), len(labels))
    below = clustered.weighted(group[used], (weight * counts.denominator)[used], len(labels))
    above = clustered.weighted(group[used], (weight * counts.numerator)[used], len(labels))
    estimate, low, high, method = _estimate(
        clusters, n_reports, estimator=chosen["estimator"], proportion=proportion, single=single,
        single_name=chosen["interval"], level=level,
    )  # fmt: skip
    factor = wanted.per if chosen["per"] is None else chosen["per"]
    known = n_reports > 0
    result = labels.copy()
    result["numerator"] = _nullable(np.where(known, above, np.nan))
    result["denominator"] = _nullable(np.where(known, below, np.nan))
    result["denominator_name"] = pd.array([name] * len(labels), dtype="str")
    result["rate"] = _nullable(estimate * factor)
    result["shown"] = _nullable(np.where(below >= minimum, estimate * factor, np.nan))
    result["low"], result["high"] = _nullable(low * factor), _nullable(high * factor)
    result["method"] = pd.Series(method, dtype="str").mask(np.isnan(low)).array
    result["n_reports"] = pd.array(n_reports.astype("int64"), dtype="Int64")
    requests = np.bincount(group[used], weights=counts.requests[used], minlength=len(labels))
    result["n_requests"] = _nullable(np.where(known, requests, np.nan))
    notes = _notes(frame, wanted, name, counts, used, group, len(labels), agencies, n_reports)
    few = (agencies > 1) & (clusters.effective < FEW)
    notes = [
        f"{note}; {size:.1f} effective agencies: a rough interval".removeprefix("; ") if rough else note
        for note, rough, size in zip(notes, few, clusters.effective, strict=True)
    ]
    result["note"] = pd.array(notes, dtype="str")
    return result


def _weight(frame: pd.DataFrame, name: str, used: NDArray[np.bool_]) -> tuple[Values, NDArray[np.bool_]]:
    require(frame, [name], "weights")
    weight = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    if bool((weight < 0).any()):
        raise UnknownChoice("weights", name, ["a column without negative weights"])
    return np.nan_to_num(weight), used & (weight > 0)


def _effective(counts: Counts, weight: Values, used: NDArray[np.bool_], group: Codes, groups: int) -> Counts:
    """Counts scaled by weights that add up, in each group, to what the weighted requests are worth (Kish)."""
    if np.all(weight == 1):
        return counts
    size = np.where(used, counts.denominator, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = clustered.weighted(group, weight * size, groups) / clustered.weighted(group, weight**2 * size, groups)
    scaled = weight * np.nan_to_num(scale)[group]
    return Counts(counts.numerator * scaled, counts.denominator * scaled, counts.requests, counts.touched)


def _group(frame: pd.DataFrame, by: list[str]) -> tuple[Codes, pd.DataFrame]:
    """Number of the group of each row, and the groups' keys in sorted order."""
    if not by:
        return np.zeros(len(frame), dtype="int64"), pd.DataFrame(index=pd.RangeIndex(1))
    grouped = frame.groupby(by, dropna=False, sort=True, observed=True)
    number = grouped.ngroup().to_numpy(dtype="int64")
    first = np.unique(number, return_index=True)[1]
    return number.astype("int64", copy=False), frame[by].iloc[first].reset_index(drop=True)


def _clusters(
    counts: Counts, used: NDArray[np.bool_], group: Codes, cluster: Codes, groups: int
) -> tuple[clustered.Clusters, Values, Values]:
    """Counts by group and agency; a group with one agency is taken report by report."""
    above, below = counts.numerator[used], counts.denominator[used]
    group, cluster = group[used], cluster[used]
    agencies = clustered.cluster_sums(above, below, group, cluster, groups).count
    reports = np.bincount(group, minlength=groups).astype("float64")
    alone = agencies[group] <= 1
    cluster = np.where(alone, np.arange(len(group)) + (cluster.max(initial=0) + 1), cluster)
    return clustered.cluster_sums(above, below, group, cluster, groups), agencies, reports


def _estimate(
    clusters: clustered.Clusters, reports: Values, *, estimator: str, proportion: bool, single: Any,
    single_name: str, level: float,
) -> tuple[Values, Values, Values, NDArray[Any]]:  # fmt: skip
    above, below = clusters.total(clusters.numerator), clusters.total(clusters.denominator)
    mean = estimator == "mean"
    estimate, *many = clustered.clustered_rate(clusters, level=level, proportion=proportion, equal=mean)
    one = (single if proportion else count_ratio)(above, below, level=level)
    name = "mean-of-rates" if mean else "clustered-wilson" if proportion else "clustered-log-ratio"
    alone = clusters.count <= 1
    low, high = np.where(alone, one[0], many[0]), np.where(alone, one[1], many[1])
    sound = np.isfinite(estimate) & (estimate >= 0) & ((estimate <= 1) | (not proportion))
    if proportion:
        broken = (clusters.numerator < 0) | (clusters.numerator > clusters.denominator)
        sound &= clusters.total(broken.astype("float64")) == 0
    method = np.where(alone, single_name if proportion else "poisson-score", name)
    return estimate, np.where(sound, low, np.nan), np.where(sound, high, np.nan), method


def _notes(
    frame: pd.DataFrame, wanted: Measure, denominator: str, counts: Counts, used: NDArray[np.bool_],
    group: Codes, groups: int, agencies: Values, reports: Values,
) -> list[str]:  # fmt: skip
    """What a reader of each row must know: transition years, blanks, reports left out, broken figures."""
    notes = np.full(groups, "", dtype=object)
    if "year" in frame.columns:
        years = frame["year"].to_numpy(dtype="float64", na_value=np.nan)
        for change in transitions(volume=wanted.volume, remedy=wanted.remedy):
            for year in change.years:
                notes[np.unique(group[used & (years == year)])] += f"; transition year {year}: {change.note}"
            if change.goes_on:
                later = used & (years > max(change.years))
                notes[np.unique(group[later])] += f"; since {min(change.years)}: {change.note}"
    _count(notes, group[used & counts.touched], "blanks taken as zero in {}")
    _count(notes, group[~used], "{} left out: blank or undecided")
    doubtful = unknown_scope(frame, group) & used
    _count(notes, group[doubtful], "unknown scope in {}: may be counted in one another (panel.scope_by_size())")
    if denominator not in wanted.ratios:
        with np.errstate(invalid="ignore"):
            exceeds = used & ((counts.numerator > counts.denominator) | (counts.numerator < 0))
        _count(notes, group[exceeds], "no interval, the count is outside its base in {}")
    notes[(reports > 1) & (agencies == 1)] += "; one agency: interval over its reports"
    return [note.removeprefix("; ") for note in notes]


def _count(notes: NDArray[Any], group: Codes, text: str) -> None:
    """Add a note to each group with the number of its reports that it concerns."""
    counts = np.bincount(group, minlength=len(notes))
    for count in np.unique(counts[counts > 0]):
        reports = f"{count} report" if count == 1 else f"{count} reports"
        notes[counts == count] += "; " + text.format(reports)


def _nullable(values: Values) -> pd.api.extensions.ExtensionArray:
    """Float64 with NA where the value is unknown."""
    return pd.array(pd.Series(values, dtype="float64").to_numpy(), dtype="Float64")
