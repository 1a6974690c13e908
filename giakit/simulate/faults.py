"""What goes wrong on the way to print: blanks, misprints, totals of zero, reports that are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.metrics.definitions import identities

Rows = NDArray[np.int64]
#: Totals that are printed even where every other zero is left blank.
PRINTED = ("new", "closed", "new.total", "closed.total")


def printed_with_faults(
    generator: np.random.Generator,
    requests: pd.DataFrame,
    *,
    blanks: float,
    misprints: float,
    zero_totals: float,
    missing: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put faults into a share of reports each.

    Parameters
    ----------
    generator : numpy.random.Generator
        Source of chance.
    requests : pandas.DataFrame
        One row a report on a fresh index, with ``report_id``; never changed.
    blanks, misprints, zero_totals, missing : float
        Shares of reports that print zeros as blanks, have one outcome 1 to 9 too high, print 0 for a positive
        total, or are not there.

    Returns
    -------
    printed, faults : pandas.DataFrame
        The reports as printed, and one row a fault: ``report_id, kind, row``.

    Examples
    --------
    >>> frame = pd.DataFrame({"report_id": ["a"], "closed": pd.array([5], dtype="Float64")})
    >>> printed, faults = printed_with_faults(np.random.default_rng(0), frame, blanks=0, misprints=0,
    ...     zero_totals=1, missing=0)
    >>> printed["closed"].tolist(), faults["kind"].tolist()
    ([0.0], ['zero_total'])
    """
    printed = requests.copy()
    draws = generator.random((4, len(requests)))
    chosen = {
        kind: np.flatnonzero(draw < share)
        for kind, share, draw in zip(
            ("misprint", "zero_total", "blanks", "missing"),
            (misprints, zero_totals, blanks, missing),
            draws,
            strict=True,
        )
    }
    found = []
    if len(chosen["misprint"]):
        found.append(_misprint(generator, printed, chosen["misprint"]))
    rows = chosen["zero_total"]
    rows = rows[(printed["closed"].iloc[rows] > 0).fillna(False).to_numpy(dtype=bool)]
    printed.loc[rows, "closed"] = 0.0
    found.append(_listed(requests, rows, "zero_total", "closed"))
    _blank(printed, chosen["blanks"])
    found += [_listed(requests, chosen[kind], kind, "") for kind in ("blanks", "missing")]
    there = np.ones(len(requests), dtype=bool)
    there[chosen["missing"]] = False
    return printed[there].reset_index(drop=True), pd.concat(found, ignore_index=True)


def _misprint(generator: np.random.Generator, printed: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    outcomes = np.array(identities()["outcomes"], dtype=object)
    codes = outcomes[generator.integers(0, len(outcomes), len(rows))]
    for code in outcomes:
        hit = rows[codes == code]
        printed.loc[hit, code] = printed.loc[hit, code] + generator.integers(1, 10, len(hit))
    return _listed(printed, rows, "misprint", codes)


def _blank(printed: pd.DataFrame, rows: Rows) -> None:
    touched = np.zeros(len(printed), dtype=bool)
    touched[rows] = True
    for name in printed.columns:
        if printed[name].dtype == "Float64" and name not in PRINTED:
            printed[name] = printed[name].mask(touched & (printed[name] == 0).fillna(False).to_numpy(dtype=bool))


def _listed(requests: pd.DataFrame, rows: Rows, kind: str, row: object) -> pd.DataFrame:
    return pd.DataFrame({"report_id": requests["report_id"].iloc[rows].to_numpy(), "kind": kind, "row": row})
