"""A panel as pieces of one wide table: what is told of each report, its figures, and why a figure is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from giakit.data import FORMULA, inert
from giakit.forms import forms, tables
from giakit.panel.names import cell_variables, rules

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

STATES = ("reported", "blank", "undecided", "absent")
PIECE = 2000
"""Reports that are in memory at once."""
Numbers: TypeAlias = "npt.NDArray[np.float64]"
Codes: TypeAlias = "npt.NDArray[np.int8]"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some reports of a panel.

    Attributes
    ----------
    about : DataFrame
        One row a report, the columns of ``[[about]]`` in names.toml.
    values : ndarray of float64, reports x variables
        NaN where nothing is reported.
    states : ndarray of int8, reports x variables
        Positions in `STATES`.
    """

    about: pd.DataFrame
    values: Numbers
    states: Codes


def inert_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts that no spreadsheet program takes for formulas; see `giakit.data.inert`."""
    texts = {
        name: frame[name].map(inert, na_action="ignore")
        for name in frame.columns
        if pd.api.types.is_string_dtype(frame[name].dtype) and frame[name].str.match(FORMULA).any()
    }
    return frame.assign(**texts)


def tables_held(panel: Panel) -> list[str]:
    """The statutory tables of the forms that the panel's reports follow."""
    held = {code for form in panel.reports["form"].dropna().unique() for code in forms()[str(form)].tables}
    return [code for code in tables() if code in held]


def pieces(panel: Panel, chosen: Sequence[str], *, size: int = PIECE) -> Iterator[Piece]:
    """The panel in pieces, in the order of `report_id`."""
    kept = set(panel.unit_years()["report_id"])
    findings = panel.findings.groupby("report_id").size()
    places = {address: number for number, address in enumerate(cell_variables(chosen))}
    reports = panel.reports.sort_values("report_id", ignore_index=True)
    for start in range(0, len(reports), size):
        part = reports.iloc[start : start + size].reset_index(drop=True)
        cells = panel.select("cells", part["report_id"].tolist())
        values, states, left_out = _spread(cells, part["report_id"], places, chosen)
        counted = part["report_id"]
        part = part.assign(
            kept=counted.isin(kept).astype("Int64"),
            n_undecided=_count(cells[cells["state"] == "undecided"], counted),
            n_corrected=_count(cells[cells["origin"] == "corrected"], counted),
            n_findings=counted.map(findings).fillna(0).astype("Int64"),
            n_left_out=left_out,
        )
        yield Piece(part[[entry["name"] for entry in rules()["about"]]], values, states)


def _count(cells: pd.DataFrame, reports: pd.Series) -> pd.Series:
    return reports.map(cells.groupby("report_id").size()).fillna(0).astype("Int64")


def _spread(
    cells: pd.DataFrame, reports: pd.Series, places: dict[Any, int], chosen: Sequence[str]
) -> tuple[Numbers, Codes, pd.Series]:
    """Cells as a matrix of values and one of states; for each report the figures that have no place in them."""
    values = np.full((len(reports), len(places)), np.nan)
    states = np.full((len(reports), len(places)), STATES.index("absent"), dtype=np.int8)
    column = np.array(
        [places.get(address, -1) for address in zip(cells["table"], cells["row"], cells["column"], strict=True)],
        dtype=np.int64,
    )
    line = (
        cells["report_id"].map({identity: number for number, identity in enumerate(reports)}).to_numpy(dtype=np.int64)
    )
    state = cells["state"].map({name: number for number, name in enumerate(STATES)}).to_numpy(dtype=np.int8)
    placed = column >= 0
    values[line[placed], column[placed]] = cells["value"].to_numpy(dtype=np.float64, na_value=np.nan)[placed]
    states[line[placed], column[placed]] = state[placed]
    lost = cells[~placed & cells["table"].isin(list(chosen)).to_numpy() & cells["value"].notna().to_numpy()]
    return values, states, _count(lost, reports)
