"""Validation by hand: a blind sheet of cells drawn by strata, and what its coding says of the reading.

The sheet shows where a cell stands and asks a person for the figure; what was read is sealed in a column that the
eye cannot read, so that the coder stays blind and the sheet alone is enough to evaluate it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.checks.frames import require

SHOWN = ("report_id", "source", "unit", "year", "table", "row", "column", "label", "where")
ANSWERS = ("coder_1", "coder_2")
_STRATA = ("format", "form", "filled")
_BLANK_WORDS = ("", "blank", "/", "-", "—", "空")


def sample(cells: pd.DataFrame, *, n: int = 300, seed: int = 0) -> pd.DataFrame:
    """Draw a coding sheet, stratified by format × form × whether the cell holds more than 0.

    Parameters
    ----------
    cells : DataFrame
        Long cells with `report_id, table, row, column, value`, and, where known, `state` (only reported and blank
        cells are drawn), `format`, `form`, `source`, `unit`, `year`, `label`, `where`.
    n : int, default 300
        Number of cells; every stratum gets the same share as far as it goes, so that rare formats and figures above
        0 are seen.
    seed : int, default 0

    Returns
    -------
    DataFrame
        `item` (Int64), the columns of `cells` that say where to look, empty `coder_1`, `coder_2` (second coder, may
        stay empty), `weight` (Float64: cells of the panel that the item stands for) and `sealed`. In random order. A
        coder writes the figure as printed, ``/`` for a blank, and leaves the answer empty where undone.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a", "a", "b"], "table": "requests", "row": "new", "column": ["total", "business", "total"], "value": [3, 0, 7]})
    >>> sheet = sample(cells, n=2)
    >>> len(sheet), "value" in sheet.columns
    (2, False)
    """
    require("sample", cells, ("report_id", "table", "row", "column", "value"))
    frame = cells[cells["state"].isin(["reported", "blank"])] if "state" in cells.columns else cells
    frame = frame.assign(filled=frame["value"].fillna(0).ne(0))
    present = [name for name in _STRATA if name in frame.columns]
    random = np.random.default_rng(seed)
    strata = [group for _, group in frame.groupby(present, sort=True, dropna=False)]
    drawn = []
    for group, size in zip(strata, _sizes([len(group) for group in strata], n), strict=True):
        if size:
            chosen = group.iloc[random.permutation(len(group))[:size]]
            stratum = "|".join(str(chosen.iloc[0][name]) for name in present)
            drawn.append(chosen.assign(weight=len(group) / size, stratum=stratum))
    if not drawn:
        return pd.DataFrame(columns=["item", *SHOWN[:1], *ANSWERS, "weight", "sealed"])
    sheet = pd.concat(drawn, ignore_index=True)
    sheet = sheet.iloc[random.permutation(len(sheet))].reset_index(drop=True)
    sealed = [_seal(value, stratum) for value, stratum in zip(sheet["value"], sheet["stratum"], strict=True)]
    shown = sheet[[name for name in SHOWN if name in sheet.columns]]
    item = pd.Series(range(1, len(sheet) + 1), dtype="Int64", name="item")
    answers: dict[str, Any] = {
        "coder_1": "",
        "coder_2": "",
        "weight": sheet["weight"].astype("Float64"),
        "sealed": sealed,
    }
    return pd.concat([item, shown], axis=1).assign(**answers)


def _sizes(available: list[int], n: int) -> list[int]:
    """Equal shares of n, what small strata cannot use going to the others."""
    sizes = [0] * len(available)
    left = min(n, sum(available))
    while left:
        open_ones = [number for number, cells in enumerate(available) if sizes[number] < cells]
        share = max(left // len(open_ones), 1)
        for number in open_ones:
            taken = min(share, available[number] - sizes[number], left)
            sizes[number] += taken
            left -= taken
    return sizes


def _seal(value: object, stratum: str) -> str:
    read = None if pd.isna(value) else float(str(value))  # type: ignore[call-overload]
    return base64.urlsafe_b64encode(json.dumps([read, stratum]).encode()).decode()


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a coded sheet says of the reading.

    Attributes
    ----------
    n, n_reports, n_errors : int
        Cells coded, documents they come from, cells read otherwise than the first coder did.
    error_rate, low, high : float
        Share of the panel's cells read wrongly (weighted by stratum), with its 95 % interval, clustered by document.
    kappa : float
        Cohen's kappa between reading and first coder over the answers blank, zero, and each figure.
    kappa_coders : float or None
        The same between both coders, where both coded.
    method : str
        How the interval was made.
    errors : DataFrame
        The cells that differ: the sheet's columns, `read`, `coded`.
    """

    n: int
    n_reports: int
    n_errors: int
    error_rate: float
    low: float
    high: float
    kappa: float
    kappa_coders: float | None
    method: str
    errors: pd.DataFrame


def agree(sheet: pd.DataFrame) -> Agreement:
    """Evaluate a coded sheet.

    The interval is Clopper and Pearson's with the effective sample size of Korn and Graubard (1998), whose variance
    is clustered by document. Where no error was seen, the variance says nothing and each document counts as one
    observation: wider, never too narrow.

    Parameters
    ----------
    sheet : DataFrame
        What `sample` gave, with `coder_1` filled in; rows without an answer are left out.

    Returns
    -------
    Agreement

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a", "b"], "table": "requests", "row": "new", "column": "total", "value": [3, 7]})
    >>> sheet = sample(cells, n=2)
    >>> done = agree(sheet.assign(coder_1=["3" if report == "a" else "9" for report in sheet["report_id"]]))
    >>> done.n, done.n_errors, done.error_rate
    (2, 1, 0.5)
    """
    require("agree", sheet, ("report_id", "coder_1", "weight", "sealed"))
    coded = sheet[sheet["coder_1"].notna() & (sheet["coder_1"].astype("str").str.strip() != "")].reset_index(
        drop=True
    )
    read = [_category(json.loads(base64.urlsafe_b64decode(sealed))[0]) for sealed in coded["sealed"]]
    first = [_category(answer) for answer in coded["coder_1"]]
    wrong = np.array([a != b for a, b in zip(read, first, strict=True)], dtype=float)
    weights = coded["weight"].to_numpy(dtype=float)
    rate, low, high, method = _interval(wrong, weights, coded["report_id"].to_numpy())
    errors = (
        coded.assign(read=read, coded=first)[wrong.astype(bool)]
        .drop(columns=["sealed"])
        .reset_index(drop=True)
    )
    return Agreement(
        len(coded),
        coded["report_id"].nunique(),
        int(wrong.sum()),
        rate,
        low,
        high,
        kappa(read, first),
        _between_coders(coded),
        method,
        errors,
    )


def _between_coders(coded: pd.DataFrame) -> float | None:
    if "coder_2" not in coded.columns:
        return None
    both = coded[coded["coder_2"].notna() & (coded["coder_2"].astype("str").str.strip() != "")]
    if both.empty:
        return None
    return kappa(
        [_category(answer) for answer in both["coder_1"]], [_category(answer) for answer in both["coder_2"]]
    )


def _category(answer: object) -> str:
    """One spelling for each figure, `blank` for none."""
    if answer is None:
        return "blank"
    text = str(answer).strip().replace(",", "").replace("，", "")
    if text.lower() in _BLANK_WORDS:
        return "blank"
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def kappa(first: list[str], second: list[str]) -> float:
    """Cohen's kappa of two lists of categories; NaN where chance alone would agree always.

    Examples
    --------
    >>> kappa(["0", "0", "5", "5"], ["0", "0", "5", "0"])
    0.5
    """
    n = len(first)
    if not n:
        return float("nan")
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(first.count(name) * second.count(name) for name in set(first)) / n**2
    return float("nan") if chance == 1 else (observed - chance) / (1 - chance)


def _interval(
    wrong: NDArray[np.float64], weights: NDArray[np.float64], clusters: NDArray[np.object_]
) -> tuple[float, float, float, str]:
    from scipy.stats import beta, t

    if not len(wrong):
        return float("nan"), float("nan"), float("nan"), "no cell was coded"
    rate = float(np.average(wrong, weights=weights))
    names, inverse = np.unique(clusters, return_inverse=True)
    groups = len(names)
    scores = np.bincount(inverse, weights=weights * (wrong - rate)) / weights.sum()
    variance = float(scores @ scores) * groups / max(groups - 1, 1)
    if variance > 0 and 0 < rate < 1 and groups > 1:
        shrink = (t.ppf(0.975, len(wrong) - 1) / t.ppf(0.975, groups - 1)) ** 2
        size = min(float(len(wrong)), rate * (1 - rate) / variance * shrink)
        method = "Korn-Graubard, clustered by document"
    else:
        size, method = float(groups), "Clopper-Pearson, each document one observation"
    hits = rate * size
    low = float(beta.ppf(0.025, hits, size - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(0.975, hits + 1, size - hits)) if hits < size else 1.0
    return rate, low, high, method
