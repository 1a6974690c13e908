"""The same estimate under every defensible choice: a specification curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from giakit.errors import GiakitError, MissingColumns
from giakit.metrics.definitions import transitions
from giakit.metrics.modelframe import Fit

#: Choices that a reader of these reports will ask about; None stands for no restriction.
CHOICES: dict[str, Sequence[Any]] = {
    "blank": ("closes", "missing"),
    "scope": (None, "organ", "whole"),
    "denominator": ("closed", "on_merits", "resolvable"),
    "clean_only": (False, True),
    "transition_years": (True, False),
}


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
        row = {
            "estimate": np.nan,
            "low": np.nan,
            "high": np.nan,
            "p_value": np.nan,
            "n": len(cut),
            "problem": "",
        }
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


def _read(found: Any, term: str | None) -> dict[str, Any]:
    if isinstance(found, Fit):
        rows = found.coefficients[found.coefficients["term"] == term]
        if len(rows) != 1:
            raise MissingColumns("specification_curve", [f"term {term}"])
        row = rows.iloc[0]
        return {name: float(row[name]) for name in ("estimate", "low", "high", "p_value")} | {
            "n": found.n_observations
        }
    if isinstance(found, pd.DataFrame):
        if len(found) != 1:
            raise ValueError(f"the estimate has {len(found)} rows; one is needed")
        row = found.iloc[0]
        value = row["estimate"] if "estimate" in found.columns else row["rate"]
        read = {"estimate": _number(value)}
        for name in ("low", "high", "p_value"):
            if name in found.columns:
                read[name] = _number(row[name])
        return read
    return {"estimate": _number(found)}


def _number(value: Any) -> float:
    return float("nan") if pd.isna(value) else float(value)
