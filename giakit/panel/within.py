"""All checks within one report, on cells that may have been corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from giakit.checks.frames import FINDING_COLUMNS, findings_frame
from giakit.checks.identities import check_identities
from giakit.checks.implied import implied
from giakit.checks.localise import localise
from giakit.checks.model import Cell, Check, Suggestion
from giakit.checks.prose_check import check_stated
from giakit.checks.soft import check_soft, rules
from giakit.forms import Address, Form, forms
from giakit.reading.prose import Stated

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_LOCATED = ("localisation", "shift")
_SUGGESTION_COLUMNS = ["report_id", *Suggestion._fields]
_USED = "it was used to read a cell"


class Rechecked:
    """Verdicts on the reports of which a person corrected cells, in place of those that were made when they were read.

    Parameters
    ----------
    panel : Panel
    corrected : sequence of str
        Their ids.
    """

    def __init__(self, panel: Panel, corrected: Sequence[str]) -> None:
        self.ids = sorted(set(corrected))
        self.checks = findings_frame([])
        self.suggestions = pd.DataFrame(columns=_SUGGESTION_COLUMNS)
        if not self.ids:
            return
        read = panel.as_stored("checks", self.ids)
        codes = panel.reports.set_index("report_id")["form"].dropna().to_dict()
        found, proposed = [], []
        for report_id in self.ids:
            if report_id not in codes:
                continue
            used = read[(read["report_id"] == report_id) & read["message"].str.endswith(_USED)]
            places = {
                (check, row if pd.isna(column) else column): ""
                for check, row, column in zip(used["check"], used["row"], used["column"], strict=True)
            }
            checks, suggestions = recheck(
                forms()[codes[report_id]], *_inputs(panel, report_id), solved_by=places
            )
            found += [(report_id, check) for check in checks]
            proposed += [(report_id, *suggestion) for suggestion in suggestions]
        self.checks = findings_frame(found)
        self.suggestions = pd.DataFrame(proposed, columns=_SUGGESTION_COLUMNS)

    def applied(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """One of the tables of verdicts, with those on the corrected reports made anew."""
        if not self.ids or table not in ("checks", "findings", "suggestions"):
            return frame
        theirs = frame["report_id"].isin(self.ids)
        if table == "suggestions":
            new = self.suggestions[self.suggestions["report_id"].isin(frame["report_id"])]
            return _joined(frame[~theirs], new)
        new = (
            self.checks
            if table == "checks"
            else self.checks[self.checks["status"].isin(["fail", "uncertain"])]
        )
        return _joined(frame[~(theirs & _follows_from_cells(frame["check"]))], new[list(FINDING_COLUMNS)])


def recheck(
    form: Form,
    cells: Mapping[Address, Cell],
    stated: Sequence[Stated],
    *,
    solved_by: Mapping[tuple[str, str], str],
) -> tuple[list[Check], list[Suggestion]]:
    """Identities, localisation, soft rules and prose against table, of one report.

    Parameters
    ----------
    form : Form
    cells : mapping of address to Cell
    stated : sequence of Stated
    solved_by : mapping of (identity id, place) to reason
        As in `check_identities`.

    Returns
    -------
    checks : list of Check
    suggestions : list of Suggestion
    """
    checks = check_identities(form, cells, solved_by=solved_by)
    suggestions, located = localise(form, cells, checks=checks)
    if not suggestions and any(cell.state == "undecided" for cell in cells.values()):
        suggestions = implied(form, cells)
    return [*checks, *located, *check_soft(cells), *check_stated(form, cells, stated)], suggestions


def _inputs(panel: Panel, report_id: str) -> tuple[dict[Address, Cell], list[Stated]]:
    cells: dict[Address, Cell] = {}
    for row in panel.select("cells", [report_id]).to_dict("records"):
        value = None if pd.isna(row["value"]) else float(row["value"])
        origin = None if pd.isna(row["origin"]) else row["origin"]
        cells[row["table"], row["row"], row["column"]] = Cell(
            value, row["state"], origin, row["raw"] or "", row["where"] or ""
        )
    stated = panel.select("stated", [report_id])[list(Stated._fields)]
    return cells, [Stated(*entry) for entry in stated.itertuples(index=False, name=None)]


@cache
def _names() -> frozenset[str]:
    identities = {identity.id for form in forms().values() for identity in form.identities}
    soft = {rule["id"] for group in rules().values() for rule in group}
    return frozenset({*identities, *soft, *_LOCATED})


def _follows_from_cells(checks: pd.Series) -> pd.Series:
    return checks.isin(_names()) | checks.str.startswith("stated:")


def _joined(kept: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    joined = pd.concat([kept, new.astype(kept.dtypes[new.columns])], ignore_index=True)
    return joined.sort_values("report_id", kind="stable", ignore_index=True)
