"""The checks within a report made anew, on cells that a person corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from giakit.checks.frames import FINDING_COLUMNS, findings_frame
from giakit.checks.model import FINDING, Cell, Suggestion
from giakit.checks.run import Verdicts, check_report
from giakit.forms import Address, Form, forms
from giakit.reading.prose import Stated

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_FROM_CELLS = ("cells", "solved")
_SUGGESTION_COLUMNS = ["report_id", *Suggestion._fields]


class Rechecked:
    """Verdicts on the reports that a person corrected, in place of those made when they were read.

    Parameters
    ----------
    panel : Panel
    corrected : sequence of str
        Their ids.
    """

    def __init__(self, panel: Panel, corrected: list[str]) -> None:
        self.ids = corrected
        self.checks = findings_frame([])
        self.suggestions = pd.DataFrame(columns=_SUGGESTION_COLUMNS)
        if not self.ids:
            return
        about = panel.reports[["report_id", "form", "year"]]
        about = about[about["report_id"].isin(self.ids) & about["form"].notna()]
        read = panel.as_stored("checks", self.ids)
        verdicts = {
            report_id: _verdicts(panel, report_id, forms()[form], None if pd.isna(year) else int(year), read)
            for report_id, form, year in about.itertuples(index=False, name=None)
        }
        self.checks = findings_frame(
            (report_id, check) for report_id, (checks, _) in verdicts.items() for check in checks
        )
        self.suggestions = pd.DataFrame(
            [(report_id, *row) for report_id, (_, rows) in verdicts.items() for row in rows],
            columns=_SUGGESTION_COLUMNS,
        )

    def applied(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The table of checks, findings or suggestions, with those on the corrected reports made anew."""
        theirs = frame["report_id"].isin(self.ids)
        if table == "suggestions":
            new = self.suggestions[self.suggestions["report_id"].isin(frame["report_id"])]
            return _joined(frame[~theirs], new) if self.ids else frame
        kept = frame[~(theirs & frame["basis"].isin(_FROM_CELLS))][list(FINDING_COLUMNS)]
        if not self.ids:
            return kept
        new = self.checks if table == "checks" else self.checks[self.checks["status"].isin(FINDING)]
        return _joined(kept, new)


def _verdicts(panel: Panel, report_id: str, form: Form, year: int | None, read: pd.DataFrame) -> Verdicts:
    cells: dict[Address, Cell] = {}
    for row in panel.select("cells", [report_id]).to_dict("records"):
        value = None if pd.isna(row["value"]) else float(row["value"])
        origin = None if pd.isna(row["origin"]) else row["origin"]
        cells[row["table"], row["row"], row["column"]] = Cell(
            value, row["state"], origin, row["raw"] or "", row["where"] or ""
        )
    stated = panel.select("stated", [report_id])[list(Stated._fields)]
    solved = read[(read["report_id"] == report_id) & (read["basis"] == "solved")]
    places = zip(solved["check"], solved["row"].fillna(solved["column"]), strict=True)
    return check_report(
        form,
        cells,
        year=year,
        stated=[Stated(*entry) for entry in stated.itertuples(index=False, name=None)],
        solved_by=set(places),
    )


def _joined(kept: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    joined = pd.concat([kept, new.astype(kept.dtypes[new.columns])], ignore_index=True)
    return joined.sort_values("report_id", kind="stable", ignore_index=True)
