"""Checks that need more than one report, or only a panel can run: as verdicts with the report they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.checks import continuity
from giakit.checks.frames import findings_frame
from giakit.checks.levels import check_levels
from giakit.checks.model import Check
from giakit.errors import UnknownChoice
from giakit.panel.text import repeated_text

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_CHUNK = 2_000
"""Reports of which the cells are held as Python objects at once."""


def across(panel: Panel, families: Iterable[str] | None = None) -> pd.DataFrame:
    """Run the checks across reports.

    Parameters
    ----------
    panel : Panel
    families : iterable of str, optional
        Of ``continuity`` (`Y1` what was carried out comes in, `Y2`-`Y4` stocks and flows), ``repeated``
        (`same_as_last_year`), ``levels`` (`L1`: a whole counts at least its known parts), ``text`` (`repeated_text:<section>`: word for word another report's), ``versions``. Default: all.

    Returns
    -------
    DataFrame
        ``report_id, check, status, table, row, column`` (str), ``expected, observed`` (Float64), ``message,
        fingerprint`` (str): every verdict, also ``pass`` and ``not_assessable``. Of several files of one report only
        the one that `unit_years` keeps is compared with others.

    Raises
    ------
    UnknownChoice
        If there is no such family.
    """
    names = list(FAMILIES) if families is None else list(families)
    for name in names:
        if name not in FAMILIES:
            raise UnknownChoice("families", name, FAMILIES)
    inputs = _Inputs(panel)
    return pd.concat([FAMILIES[name](inputs) for name in names] or [findings_frame([])], ignore_index=True)


class _Inputs:
    """What the families share."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells that are printed, codes as categories."""
        cells = self.panel.coded(["table", "row", "column", "value", "state"])
        return cells[cells["state"] != "absent"]

    @cached_property
    def kept(self) -> pd.DataFrame:
        """One report for each agency, scope and year."""
        return self.panel.unit_years()

    @cached_property
    def series(self) -> pd.DataFrame:
        """Kept reports of which agency and year are known."""
        return self.kept[self.kept["agency_id"].notna() & self.kept["year"].notna()].sort_values(
            ["agency_id", "year"], kind="stable"
        )


def _continuity(inputs: _Inputs) -> pd.DataFrame:
    moved = inputs.cells[
        inputs.cells["row"].isin(["carried_in", "carried_out"])
        | inputs.cells["table"].isin(["proactive", "statistics"])
    ]
    checks = (continuity.carried_over, continuity.stock_flow, continuity.items_before, continuity.cumulative)
    found = [check(cells, reports) for reports, cells in _by_agency(inputs.series, moved) for check in checks]
    return pd.concat([*found, _without_agency(inputs.kept)], ignore_index=True)


def _repeated(inputs: _Inputs) -> pd.DataFrame:
    figures = inputs.cells[inputs.cells["table"].isin(["requests", "remedies"])]
    found = [continuity.repeated_figures(cells, reports) for reports, cells in _by_agency(inputs.series, figures)]
    return pd.concat([*found, findings_frame([])], ignore_index=True)


def _levels(inputs: _Inputs) -> pd.DataFrame:
    pairs = inputs.panel.hierarchy()
    kept = inputs.kept.set_index("report_id")
    pairs = pairs[pairs["certain"] & pairs["whole"].isin(kept.index) & pairs["part"].isin(kept.index)]
    part, whole = (
        kept.loc[pairs[name], ["organ_kind", "agency_key", "scope"]].set_axis(pairs.index) for name in ("part", "whole")
    )
    # An area's committee may stand beside or above the government that it is held against.
    beside = part["organ_kind"] == "functional_area_committee"
    itself = (part["agency_key"] == whole["agency_key"]) & part["scope"].isna()
    once = pairs.assign(agency=part["agency_key"].fillna(pairs["part"]))[~(beside | itself)].drop_duplicates(
        ["whole", "agency"]
    )
    direct = _direct(once.rename(columns={"whole": "parent"}))
    named = inputs.cells["report_id"].isin([*direct["parent"], *direct["part"]])
    return check_levels(
        inputs.cells[named].astype({"report_id": "str", "table": "str", "row": "str", "column": "str"}), direct
    )


def _text(inputs: _Inputs) -> pd.DataFrame:
    return repeated_text(inputs.panel)


def _versions(inputs: _Inputs) -> pd.DataFrame:
    from giakit.panel.versions import version_findings

    return version_findings(inputs.panel)


FAMILIES: dict[str, Callable[[_Inputs], pd.DataFrame]] = {
    "continuity": _continuity,
    "repeated": _repeated,
    "levels": _levels,
    "text": _text,
    "versions": _versions,
}


def _by_agency(series: pd.DataFrame, cells: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Reports and their cells in pieces that no agency is divided between."""
    if series.empty:
        return
    agencies = series["agency_id"].to_numpy()
    ends = [0]
    for place in range(1, len(agencies)):
        if agencies[place] != agencies[place - 1] and place - ends[-1] >= _CHUNK:
            ends.append(place)
    for first, last in pairwise([*ends, len(agencies)]):
        reports = series.iloc[first:last]
        yield reports, cells[cells["report_id"].isin(reports["report_id"])]


def _direct(pairs: pd.DataFrame) -> pd.DataFrame:
    """Wholes and parts without those that another part counts already."""
    parents: dict[str, set[str]] = {}
    for parent, part in zip(pairs["parent"], pairs["part"], strict=True):
        parents.setdefault(part, set()).add(parent)
    between = [
        any(parent in parents.get(other, ()) for other in parents[part])
        for parent, part in zip(pairs["parent"], pairs["part"], strict=True)
    ]
    return pairs.loc[~np.array(between, dtype=bool), ["parent", "part"]]


def _without_agency(kept: pd.DataFrame) -> pd.DataFrame:
    lost = kept[kept["agency_id"].isna() | kept["year"].isna()]
    message = "the agency or the year is not known: nothing to compare with"
    return findings_frame(
        (report_id, Check("Y1", "not_assessable", "requests", "carried_in", None, None, None, message))
        for report_id in lost["report_id"]
    )
