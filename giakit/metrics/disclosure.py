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


def full_disclosure_rate(
    frame: pd.DataFrame, *, denominator: str = "closed", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of requests answered in full.

    Parameters, denominators and result as in :func:`disclosure_rate`.

    Notes
    -----
    ``granted / denominator``.

    References
    ----------
    Form of 2021, table 3, row 三（一）.

    Examples
    --------
    >>> import pandas as pd
    >>> full_disclosure_rate(pd.DataFrame({"granted": [1362], "closed": [3050]}))["rate"].round(3).tolist()
    [0.447]
    """
    return rate(frame, "full_disclosure_rate", denominator=denominator, by=by, **options)


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


def not_held_rate(
    frame: pd.DataFrame, *, denominator: str = "closed", by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of requests answered with "this agency does not hold the information".

    Parameters and result as in :func:`disclosure_rate`; denominators ``closed`` and ``resolvable``.

    Notes
    -----
    ``unable_not_held / denominator``. Since 2019 the row holds what does not exist and what another agency
    holds; the two cannot be told apart.

    References
    ----------
    Form of 2021, table 3, row 三（四）1; Regulations of 2019, art. 36.

    Examples
    --------
    >>> import pandas as pd
    >>> not_held_rate(pd.DataFrame({"unable_not_held": [769], "closed": [3050]}))["rate"].round(3).tolist()
    [0.252]
    """
    return rate(frame, "not_held_rate", denominator=denominator, by=by, **options)


def not_processed_rate(
    frame: pd.DataFrame, *, by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of requests that were not processed: petitions, repeats, publications, excess, confirmations.

    Parameters and result as in :func:`disclosure_rate`.

    Notes
    -----
    ``Σ not_processed / closed``.

    References
    ----------
    Form of 2021, table 3, rows 三（五）.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = ["petition", "repeat", "publication", "excessive", "reissue"]
    >>> counts = dict(zip([f"not_processed_{row}" for row in rows], [62, 25, 0, 0, 1]))
    >>> frame = pd.DataFrame([counts | {"closed": 3050}])
    >>> not_processed_rate(frame)["rate"].round(3).tolist()
    [0.029]
    """
    return rate(frame, "not_processed_rate", by=by, **options)


def other_closure_rate(
    frame: pd.DataFrame, *, by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of requests closed otherwise: not corrected in time, fee not paid, the rest.

    Parameters and result as in :func:`disclosure_rate`. Reads the single row `other` of the form of 2019
    and the three rows of the form of 2021.

    Notes
    -----
    ``Σ other / closed``.

    References
    ----------
    Forms of 2019 and 2021, table 3, rows 三（六）.

    Examples
    --------
    >>> import pandas as pd
    >>> other_closure_rate(pd.DataFrame({"other": [187], "closed": [3050]}))["rate"].round(3).tolist()
    [0.061]
    """
    return rate(frame, "other_closure_rate", by=by, **options)


def discretionary_share(
    frame: pd.DataFrame, *, by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Share of refusals under an exemption that the law leaves to the agency.

    Parameters and result as in :func:`disclosure_rate`.

    Notes
    -----
    ``(denied_internal + denied_process + denied_enforcement) / Σ denied without denied_inquiry``: arts 14
    and 15 bind the agency, art. 16 lets it withhold.

    References
    ----------
    Regulations of 2019, arts 14-16.

    Examples
    --------
    >>> import pandas as pd
    >>> grounds = dict(state_secret=2, by_law=31, security=5, third_party=6, internal=8, process=12)
    >>> grounds["enforcement"] = 9
    >>> frame = pd.DataFrame([{f"denied_{ground}": n for ground, n in grounds.items()}])
    >>> discretionary_share(frame)["rate"].round(3).tolist()
    [0.397]
    """
    return rate(frame, "discretionary_share", by=by, **options)


def legal_refusal_share(
    frame: pd.DataFrame, *, by: Keys = None, **options: Unpack[RateOptions]
) -> pd.DataFrame:
    """Refusals in law as a share of refusals in law or in fact.

    Parameters and result as in :func:`disclosure_rate`.

    Notes
    -----
    ``D / (D + Σ unable)`` with D the refusals under arts 14-16; `unable`: not held, not ready-made, unclear.

    References
    ----------
    Distinction of legal and factual grounds: 法学 2011 (10), on 245 annual reports of 2008-2010.

    Examples
    --------
    >>> import pandas as pd
    >>> codes = ["state_secret", "by_law", "security", "third_party", "internal", "process", "enforcement"]
    >>> frame = pd.DataFrame([dict(zip([f"denied_{code}" for code in codes], [2, 31, 5, 6, 8, 12, 9]),
    ...     unable_not_held=769, unable_not_ready_made=11, unable_unclear=1)])
    >>> legal_refusal_share(frame)["rate"].round(3).tolist()
    [0.085]
    """
    return rate(frame, "legal_refusal_share", by=by, **options)
