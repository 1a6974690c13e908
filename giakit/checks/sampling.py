"""Validation by hand: a blind sheet of cells drawn by strata, and what its coding says of the reading.

The sheet shows where a cell stands and asks a person for the figure; what was read is sealed in a column that the
eye cannot read, so that the coder stays blind and the sheet alone is enough to evaluate it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import require

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
        Number of cells. A stratum gets its share of the cells, and a quarter of n is spread evenly, so that rare
        formats and figures above 0 are seen without one stratum's errors being multiplied.
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
    require(cells, ("report_id", "table", "row", "column", "value"), "sample")
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
    about = sheet[[name for name in SHOWN if name in sheet.columns]]
    item = pd.Series(range(1, len(sheet) + 1), dtype="Int64", name="item")
    answers: dict[str, Any] = {
        "coder_1": "",
        "coder_2": "",
        "weight": sheet["weight"].astype("Float64"),
        "sealed": sealed,
    }
    return pd.concat([item, about], axis=1).assign(**answers)


def _sizes(available: list[int], n: int) -> list[int]:
    """A quarter of n spread evenly over the strata, the rest by their size."""
    n, total = min(n, sum(available)), sum(available)
    even = n / 4 / max(len(available), 1)
    wanted = [min(cells, even + 0.75 * n * cells / total) for cells in available]
    sizes = [int(share) for share in wanted]
    # What rounding and small strata leave goes where the most is wanting.
    while (left := n - sum(sizes)) > 0:
        order = sorted(range(len(sizes)), key=lambda number: sizes[number] - wanted[number])
        for number in [number for number in order if sizes[number] < available[number]][:left]:
            sizes[number] += 1
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
        Share of the panel's cells read wrongly (weighted by stratum), with its 95 % interval.
    kappa : float
        Cohen's kappa between reading and first coder over the answers blank, zero, and each figure.
    kappa_coders : float or None
        The same between both coders, where both coded.
    method : str
        How the interval was made.
    errors : DataFrame
        The cells that differ: the sheet's columns, `read`, `coded`.
    by_table : DataFrame
        For each statutory table: `table`, `n`, `kappa`, and where both coded `n_both`, `kappa_coders`.
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
    by_table: pd.DataFrame = field(default_factory=pd.DataFrame)


def agree(sheet: pd.DataFrame) -> Agreement:
    """Evaluate a coded sheet.

    Wilson's interval on the number of cells, drawn from the whole panel alike, that would give the weighted rate the
    variance it has from its strata. Where no error was seen, Clopper and Pearson's on the number of cells of Kish
    (1965), which unequal weights make smaller.

    Parameters
    ----------
    sheet : DataFrame
        What `sample` gave, with `coder_1` filled in; rows without an answer are left out. Where two coders differed and
        `settled` has an answer, that is what the reading is held against.

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
    require(sheet, ("report_id", "coder_1", "weight", "sealed"), "agree")
    coded = sheet[sheet["coder_1"].notna() & (sheet["coder_1"].astype("str").str.strip() != "")].reset_index(drop=True)
    read = [_category(json.loads(base64.urlsafe_b64decode(sealed))[0]) for sealed in coded["sealed"]]
    settled = (
        coded["settled"].astype("str").fillna("").str.strip() if "settled" in coded else pd.Series("", coded.index)
    )
    first = [_category(answer) for answer in coded["coder_1"].where(settled == "", settled)]
    wrong = np.array([a != b for a, b in zip(read, first, strict=True)], dtype=float)
    weights = coded["weight"].to_numpy(dtype=float)
    strata = np.array([json.loads(base64.urlsafe_b64decode(sealed))[1] for sealed in coded["sealed"]])
    rate, low, high, method = _interval(wrong, weights, strata)
    errors = coded.assign(read=read, coded=first)[wrong.astype(bool)].drop(columns=["sealed"]).reset_index(drop=True)
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
        _by_table(coded.assign(read=read, answer=first)),
    )


def _by_table(coded: pd.DataFrame) -> pd.DataFrame:
    """Agreement within each statutory table."""
    lines = []
    for table, part in coded.groupby("table", sort=True) if "table" in coded else ():
        both = part[part["coder_2"].astype("str").fillna("").str.strip() != ""] if "coder_2" in part else part[:0]
        between = _between_coders(part)
        lines.append((table, len(part), kappa([*part["read"]], [*part["answer"]]), len(both), between))
    return pd.DataFrame(lines, columns=["table", "n", "kappa", "n_both", "kappa_coders"])


def _between_coders(coded: pd.DataFrame) -> float | None:
    if "coder_2" not in coded.columns:
        return None
    both = coded[coded["coder_2"].notna() & (coded["coder_2"].astype("str").str.strip() != "")]
    if both.empty:
        return None
    return kappa([_category(answer) for answer in both["coder_1"]], [_category(answer) for answer in both["coder_2"]])


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
    wrong: NDArray[np.float64], weights: NDArray[np.float64], strata: NDArray[np.str_]
) -> tuple[float, float, float, str]:
    """Weighted rate of errors, its bounds, and how they were made.

    Cells are drawn one by one within their stratum: that errors of a document come together makes the errors of the
    panel no less well known.
    """
    from scipy.stats import beta
    from statsmodels.stats.proportion import proportion_confint

    if not len(wrong):
        return float("nan"), float("nan"), float("nan"), "no cell was coded"
    rate = float(np.average(wrong, weights=weights))
    if not wrong.any() or wrong.all():
        size = weights.sum() ** 2 / (weights**2).sum()
        far = 1 - float(beta.ppf(0.975, 1, size)), float(beta.ppf(0.975, 1, size))
        bounds = (far[0], 1.0) if wrong.all() else (0.0, far[1])
        return rate, *bounds, "Clopper-Pearson, Kish's number of cells"
    variance = 0.0
    for stratum in np.unique(strata):
        here = strata == stratum
        # One more cell at the overall rate: a stratum in which no error was seen is not free of doubt.
        expected = (wrong[here].sum() + rate) / (here.sum() + 1)
        variance += (weights[here].sum() / weights.sum()) ** 2 * expected * (1 - expected) / here.sum()
    size = rate * (1 - rate) / variance
    low, high = proportion_confint(rate * size, size, method="wilson")
    return rate, float(low), float(high), "Wilson, stratified"
