"""What gaps, misreports and choices do to an estimate: weights, bounds, sensitivity, a specification curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Unpack

import numpy as np
import pandas as pd

from giakit.errors import CannotEstimate, GiakitError, MissingColumns, UnknownChoice
from giakit.metrics.counts import choose, keys, measure_counts, prepared, require
from giakit.metrics.definitions import measure, transitions
from giakit.metrics.models import Fit
from giakit.metrics.rates import RateOptions, measure_rate

#: Choices that a reader of these reports will ask about; None stands for no restriction.
CHOICES: dict[str, Sequence[Any]] = {
    "blank": ("closes", "missing"),
    "scope": (None, "organ", "whole"),
    "denominator": ("closed", "on_merits", "resolvable"),
    "clean_only": (False, True),
    "transition_years": (True, False),
}


def reporting_weights(
    frame: pd.DataFrame, coverage: pd.DataFrame, *, by: str | Sequence[str], name: str = "weight"
) -> pd.DataFrame:
    """Weight each report by how many it stands for: expected over read, within cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    coverage : pandas.DataFrame
        One row a cell, as ``gia.coverage`` gives it: the columns of `by` and ``expected``.
    by : str or sequence of str
        Columns that make the cells (province, tier, year). Within a cell missing reports are taken to be like
        those that are there.
    name : str
        Name of the new column, for ``rate(weights=…)``.

    Returns
    -------
    pandas.DataFrame
        `frame` with the weights (Float64), NA where the cell is not in `coverage`.

    References
    ----------
    Little and Rubin (2019), Statistical Analysis with Missing Data, ch. 3.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"tier": ["city", "county", "county"]})
    >>> table = pd.DataFrame({"tier": ["city", "county"], "expected": [1, 6]})
    >>> reporting_weights(frame, table, by="tier")["weight"].tolist()
    [1.0, 3.0, 3.0]
    """
    names = keys(by)
    require(frame, names, "reporting_weights")
    require(coverage, [*names, "expected"], "reporting_weights")
    expected = coverage.groupby(names, dropna=False)["expected"].sum().rename("_expected").reset_index()
    read = frame.groupby(names, dropna=False).size().rename("_read").reset_index()
    cells = frame[names].merge(read.merge(expected, on=names, how="left"), on=names, how="left")
    weight = (cells["_expected"].astype("Float64") / cells["_read"].astype("Float64")).to_numpy(
        dtype="float64", na_value=np.nan
    )
    return frame.assign(**{name: pd.array(weight, dtype="Float64")})


def missing_bounds(
    frame: pd.DataFrame, measure_name: str = "disclosure_rate", *, expected: Mapping[Any, float] | float,
    by: str | None = None, compare: Sequence[Any] | None = None, denominator: str | None = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """Bound the mean of the agencies' rates over all reports expected, whatever those that are missing hold.

    Parameters
    ----------
    frame, measure_name, denominator, **options
        As in :func:`giakit.metrics.rate`; the measure must be a proportion.
    expected : mapping or float
        Reports expected, by value of `by`.
    by : str, optional
        Column to group by.
    compare : sequence of two, optional
        Two values of `by`: also the difference, first less second, after Lee.

    Returns
    -------
    pandas.DataFrame
        One row a group: `by`, ``mean`` (of the reports that are there), ``lowest, highest`` (Manski: missing reports
        disclosed nothing, or everything), ``n_reports, expected``. With `compare` two more rows: ``difference`` with
        Manski's bounds and ``difference, Lee``, whose bounds trim the better covered group to the share that the other
        reaches, which takes for granted that whoever reports in the worse covered one would report in both.

    Raises
    ------
    CannotEstimate
        If fewer reports are expected than there are.

    References
    ----------
    Manski (1990), American Economic Review 80; Lee (2009), Review of Economic Studies 76.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"granted": [6, 8], "partial": 0, "closed": 10})
    >>> missing_bounds(frame, expected=4)[["mean", "lowest", "highest"]].iloc[0].round(3).tolist()
    [0.7, 0.35, 0.85]
    """
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    if name in wanted.ratios:
        raise UnknownChoice("denominator", name, [d for d in wanted.denominators if d not in wanted.ratios])
    names = keys(by)
    frame = prepared(frame, names, options.get("overlap", "error"), "missing_bounds")
    counts = measure_counts(frame, wanted, name, column=options.get("column"), blank=options.get("blank", "closes"))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = counts.numerator / counts.denominator
    group = frame[by] if by else pd.Series("all", index=frame.index)
    rates = {value: np.sort(rate[(group == value).to_numpy() & np.isfinite(rate)]) for value in group.dropna().unique()}
    rows, share = {}, {}
    for value, there in rates.items():
        total = float(expected[value]) if isinstance(expected, Mapping) else float(expected)
        if total < len(there) or not len(there):
            raise CannotEstimate(
                "missing_bounds", f"{len(there)} reports of {value}, {total:g} expected", "give the number expected"
            )
        share[value] = len(there) / total
        low = there.sum() / total
        rows[value] = (there.mean(), low, low + 1 - share[value], len(there), total)
    if compare is not None:
        first, second = compare
        for value in (first, second):
            choose(f"compare: {by}", value, list(rows))
        one, other = rows[first], rows[second]
        gap = one[0] - other[0]
        sizes = (one[3] + other[3], one[4] + other[4])
        rows["difference"] = (gap, one[1] - other[2], one[2] - other[1], *sizes)
        better, worse = (first, second) if share[first] >= share[second] else (second, first)
        kept = max(round(len(rates[better]) * share[worse] / share[better]), 1)
        ends = [rates[better][:kept].mean(), rates[better][-kept:].mean()]
        bounds = [end - other[0] for end in ends] if better == first else [one[0] - end for end in ends]
        rows["difference, Lee"] = (gap, min(bounds), max(bounds), *sizes)
    columns = ["mean", "lowest", "highest", "n_reports", "expected"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis(by or "group").reset_index().astype({"n_reports": "Int64"})


def sensitivity(
    panel: Any, measure_name: str = "disclosure_rate", *, denominator: str | None = None,
    where: Any = None, **options: Unpack[RateOptions],
) -> pd.DataFrame:  # fmt: skip
    """A headline rate under what may be done with reports that contradict themselves.

    Parameters
    ----------
    panel : Panel or SimulatedPanel
        Its requests, findings and suggestions are used.
    measure_name, denominator, **options
        As in :func:`giakit.metrics.rate`; a measure of the requests.
    where
        As in ``panel.wide``.

    Returns
    -------
    pandas.DataFrame
        Rows ``as printed``, ``failing excluded``, ``repaired`` (the one suggested solution put in, where there is
        exactly one), ``bounded below`` and ``bounded above`` (failing reports gave nothing, or everything), with the
        columns of :func:`giakit.metrics.rate`.

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions.

    Examples
    --------
    >>> from giakit.simulate.panels import panel
    >>> rates = sensitivity(panel(agencies=60, years=[2023], misprints=0.1)).set_index("variant")["rate"]
    >>> bool(rates["bounded below"] < rates["as printed"] < rates["bounded above"])
    True
    """
    wanted = measure(measure_name)
    name = wanted.denominator(denominator)
    frame = panel.wide("requests", where=where)
    findings = panel.findings
    failed = findings[
        (findings["status"] == "fail") & findings["check"].str.match(r"H\d") & (findings["table"] == "requests")
    ]
    failing = frame["report_id"].isin(failed["report_id"]).to_numpy(dtype=bool)
    cells = panel.adjusted()
    cells = cells[cells["adjusted"] & (cells["table"] == "requests") & (cells["column"] == "total")]
    repaired = frame.set_index("report_id")
    for cell in cells.itertuples():
        if cell.report_id in repaired.index and cell.row in repaired.columns:
            repaired.loc[cell.report_id, cell.row] = cell.value
    rows = [
        ("as printed", measure_rate(frame, wanted, denominator=name, **options)),
        ("failing excluded", measure_rate(frame[~failing], wanted, denominator=name, **options)),
        ("repaired", measure_rate(repaired.reset_index(), wanted, denominator=name, **options)),
    ]
    counts = measure_counts(frame, wanted, name, column=None, blank=options.get("blank", "closes"))
    plain = type(wanted)(wanted.name, "", "_above", ("_below",), ratios=("_below",) if name in wanted.ratios else ())
    for label, value in (("bounded below", np.zeros(len(frame))), ("bounded above", counts.denominator)):
        above = np.where(failing, value, counts.numerator)
        bounded = frame.assign(_above=above, _below=counts.denominator)
        settled: dict[str, Any] = {**options, "blank": "missing"}
        rows.append((label, measure_rate(bounded, plain, **settled)))
    table = pd.concat([one for _, one in rows], ignore_index=True).assign(denominator_name=name)
    table.insert(0, "variant", [label for label, _ in rows])
    return table


def specification_curve(
    frame: pd.DataFrame,
    estimate: Callable[..., Any],
    *,
    choices: Mapping[str, Sequence[Any]] | None = None,
    term: str | None = None,
    clean: str = "clean",
) -> pd.DataFrame:
    """Run an estimate under every combination of choices.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report.
    estimate : callable
        ``estimate(frame, **choices)`` gives a :class:`giakit.metrics.Fit` (with `term`), a one-row frame with
        ``rate`` or ``estimate`` and ``low, high``, or a number. It is called with the choices that are not
        applied to the frame (``blank``, ``denominator`` and those of your own).
    choices : mapping, optional
        Name of a choice to its values. ``scope``, ``clean_only`` and ``transition_years`` are applied to the
        frame: reports of that scope, reports whose column `clean` is true, reports outside transition years.
        By default blank rule × scope × denominator × clean only × transition years, as far as the frame has
        the columns.
    term : str, optional
        Coefficient to take from a Fit.
    clean : str
        Column that says whether all checks of a report passed.

    Returns
    -------
    pandas.DataFrame
        One row a combination, sorted by the estimate: the choices, ``estimate, low, high, p_value, n,
        problem`` (why a combination gave none; its estimate is NA) and ``rank``.

    Notes
    -----
    No combination is dropped: one that fails stands in the result with its reason.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4.

    Examples
    --------
    >>> import pandas as pd
    >>> from giakit.metrics import disclosure_rate
    >>> frame = pd.DataFrame({"year": [2018, 2019], "granted": [5, 9], "partial": 0, "closed": [10, 10]})
    >>> curve = specification_curve(frame, disclosure_rate, choices={"transition_years": [True, False]})
    >>> curve[["transition_years", "estimate"]].values.tolist()
    [[False, 0.5], [True, 0.7]]
    """
    grid = _available(frame, clean) if choices is None else dict(choices)
    needs = {"scope": "scope", "clean_only": clean, "transition_years": "year"}
    missing = [column for choice, column in needs.items() if choice in grid and column not in frame.columns]
    if missing:
        raise MissingColumns("specification_curve", missing)
    rows = []
    for values in product(*grid.values()):
        chosen = dict(zip(grid, values, strict=True))
        passed = {name: value for name, value in chosen.items() if name not in needs}
        cut = _applied(frame, chosen, clean)
        row = {"estimate": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, "n": len(cut), "problem": ""}
        try:
            row |= _read(estimate(cut, **passed), term)
        except (GiakitError, ValueError, np.linalg.LinAlgError, ZeroDivisionError) as error:
            row["problem"] = f"{type(error).__name__}: {error}"
        rows.append(chosen | row)
    table = pd.DataFrame(rows).sort_values("estimate", kind="stable", na_position="last", ignore_index=True)
    for name in ("estimate", "low", "high", "p_value"):
        table[name] = table[name].astype("Float64")
    table["rank"] = pd.array(range(1, len(table) + 1), dtype="Int64")
    return table


def _available(frame: pd.DataFrame, clean: str) -> dict[str, Sequence[Any]]:
    grid = dict(CHOICES)
    if "scope" not in frame.columns:
        del grid["scope"]
    else:
        there = set(frame["scope"].dropna())
        grid["scope"] = [scope for scope in grid["scope"] if scope is None or scope in there]
    if clean not in frame.columns:
        del grid["clean_only"]
    if "year" not in frame.columns:
        del grid["transition_years"]
    return grid


def _applied(frame: pd.DataFrame, chosen: Mapping[str, Any], clean: str) -> pd.DataFrame:
    keep = pd.Series(True, index=frame.index)
    if chosen.get("scope") is not None:
        keep &= (frame["scope"] == chosen["scope"]).fillna(False)
    if chosen.get("clean_only"):
        keep &= frame[clean].fillna(False).astype(bool)
    if chosen.get("transition_years") is False:
        keep &= ~frame["year"].isin(_transition_years()).fillna(False)
    return frame[keep.astype(bool)]


def _transition_years() -> list[int]:
    """Every year in which some measure counts something else."""
    kinds = (transitions(volume=True, remedy=remedy) for remedy in (False, True))
    return sorted({year for kind in kinds for change in kind for year in change.years})


def _read(result: Any, term: str | None) -> dict[str, Any]:
    if isinstance(result, Fit):
        rows = result.coefficients[result.coefficients["term"] == term]
        if len(rows) != 1:
            raise MissingColumns("specification_curve", [f"term {term}"])
        row = rows.iloc[0]
        return {name: float(row[name]) for name in ("estimate", "low", "high", "p_value")} | {
            "n": result.n_observations
        }
    if isinstance(result, pd.DataFrame):
        if len(result) != 1:
            raise ValueError(f"the estimate has {len(result)} rows; one is needed")
        row = result.iloc[0]
        value = row["estimate"] if "estimate" in result.columns else row["rate"]
        read = {"estimate": _number(value)}
        for name in ("low", "high", "p_value"):
            if name in result.columns:
                read[name] = _number(row[name])
        return read
    return {"estimate": _number(result)}


def _number(value: Any) -> float:
    return float("nan") if pd.isna(value) else float(value)
