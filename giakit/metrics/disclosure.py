"""Rates of what became of requests: disclosed, refused, not held, not processed, closed otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import pandas as pd

from giakit.metrics.rates import RateOptions, rate

Keys = str | Sequence[str] | None


def disclosure_rate(
    frame: pd.DataFrame, *, denominator: str = "closed", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of requests answered with the information, in full or in part.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report: ``panel.wide("requests")``.
    denominator : str
        ``closed`` (all requests closed), ``on_merits`` (disclosed or refused), ``on_merits_without_inquiry``
        (special inquiry regimes taken as a diversion), ``resolvable`` (closed less not processed and closed
        otherwise), ``received`` (new requests: a ratio that may exceed 1) or ``load`` (new and carried in).
    by : str or sequence of str, optional
        Columns to group by; None puts the whole frame in one row.
    **options
        Options of :func:`giakit.metrics.rate`: ``column, interval, level, estimator, cluster, blank,
        overlap, minimum, per``.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate`; rates between 0 and 1.

    Notes
    -----
    ``(granted + partial) / denominator``. The same report gives very different rates under different
    denominators; name the one you use.

    References
    ----------
    Form of the State Council General Office, 国办公开办函〔2021〕30号, table 3.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"granted": [1362], "partial": [454], "closed": [3050], "new": [3119]})
    >>> disclosure_rate(frame)["rate"].round(3).tolist()
    [0.595]
    >>> disclosure_rate(frame, denominator="received")["rate"].round(3).tolist()
    [0.582]
    """
    return rate(frame, "disclosure_rate", denominator=denominator, by=by, **options)


#: Kinds of refusal and the measure of each.
REFUSALS = {"formal": "formal_refusal_rate", "exemption": "exemption_rate", "broad": "broad_refusal_rate"}


def refusal_rate(
    frame: pd.DataFrame,
    *,
    kind: str = "formal",
    denominator: str = "closed",
    by: Keys = None,
    **options: Unpack[RateOptions],
) -> pd.DataFrame:
    """Share of requests refused.

    Parameters
    ----------
    frame, by, **options
        As in :func:`disclosure_rate`.
    kind : {"formal", "exemption", "broad"}
        ``formal``: the eight headings of refusal; ``exemption``: without special inquiry regimes, which
        divert rather than refuse; ``broad``: everything not given (refused, not able, not processed).
    denominator : str
        ``closed``; for ``formal`` also ``on_merits`` and ``resolvable``, for ``exemption`` also
        ``on_merits_without_inquiry`` and ``resolvable``.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.rate`.

    Notes
    -----
    ``Σ denied / closed``; ``(Σ denied - denied_inquiry) / closed``; ``(Σ denied + Σ unable + Σ not_processed)
    / closed``. A ground is recorded for full refusals only.

    References
    ----------
    Form of 2021, table 3, rows 三（三）to 三（五）; Regulations of 2019, arts 14-16.

    Examples
    --------
    >>> import pandas as pd
    >>> grounds = dict(state_secret=2, by_law=31, security=5, third_party=6, internal=8, process=12,
    ...     enforcement=9, inquiry=105)
    >>> frame = pd.DataFrame([{f"denied_{ground}": n for ground, n in grounds.items()} | {"closed": 3050}])
    >>> refusal_rate(frame)["rate"].round(3).tolist()
    [0.058]
    >>> refusal_rate(frame, kind="exemption")["rate"].round(3).tolist()
    [0.024]
    """
    from giakit.metrics.counts import choose

    choose("kind", kind, tuple(REFUSALS))
    return rate(frame, REFUSALS[kind], denominator=denominator, by=by, **options)
