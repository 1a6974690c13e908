"""A person's corrections, beside a panel in ``corrections.csv``, applied to its frames when they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.frames import findings_frame
from giakit.checks.ledger import LEDGER_COLUMNS, apply_corrections
from giakit.checks.model import Check
from giakit.errors import UnreadableDocument

if TYPE_CHECKING:
    from giakit.panel.store import Stored

CORRECTIONS = "corrections.csv"
_KEY = ["report_id", "table", "row", "column"]
_PLACE = (
    "place_code",
    "province",
    "prefecture",
    "county",
    "tier",
    "organ_kind",
    "policy_area",
    "within",
    "agency_id",
    "agency_key",
)


@dataclass(slots=True)
class Ledger:
    """Corrections that fit the panel, and those that do not.

    Attributes
    ----------
    changed : DataFrame
        The corrected cells, with what was read in `as_read`.
    lines : DataFrame
        The corrected reports.
    refused : DataFrame
        Entries that were not applied, with `message`.
    entries : DataFrame
        Every entry, with `applied` (bool) and, where refused, `message`.
    """

    changed: pd.DataFrame = field(default_factory=pd.DataFrame)
    lines: pd.DataFrame = field(default_factory=pd.DataFrame)
    refused: pd.DataFrame = field(default_factory=pd.DataFrame)
    entries: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=[*LEDGER_COLUMNS, "applied", "message"])
    )

    @classmethod
    def beside(cls, panel: Stored) -> Ledger:
        """The ledger that lies in the panel's folder; empty if there is none."""
        path = panel.path / CORRECTIONS
        if not path.is_file():
            return cls()
        try:
            entries = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        except (ValueError, UnicodeDecodeError) as error:
            raise UnreadableDocument(str(path), f"no CSV in UTF-8: {error}") from None
        if "report_id" in entries:
            entries["report_id"] = entries["report_id"].str.strip().str.lower().str[:16]
        return cls.of(
            entries, *panel.as_read(entries["report_id"].tolist() if "report_id" in entries else [])
        )

    @classmethod
    def of(cls, entries: pd.DataFrame, cells: pd.DataFrame, reports: pd.DataFrame) -> Ledger:
        """Apply entries to the cells and reports that they name."""
        cells, lines, refused = apply_corrections(cells, reports, entries.assign(entry=range(len(entries))))
        told = refused.set_index("entry")["message"].reindex(range(len(entries))).reset_index(drop=True)
        listed = entries.reset_index(drop=True).assign(applied=told.isna(), message=told)
        lines = lines[lines["corrected"].notna()]
        lines = pd.DataFrame([_placed(line) for _, line in lines.iterrows()], columns=lines.columns).astype(
            lines.dtypes
        )
        return cls(
            cells[cells["as_read"].notna()].set_index(_KEY),
            lines.set_index("report_id"),
            refused.drop(columns="entry"),
            listed,
        )

    def corrected_reports(self) -> list[str]:
        """Ids of the reports of which cells, or what is told of them, were corrected."""
        cells: Iterable[str] = self.changed.index.get_level_values(0) if len(self.changed) else ()
        return sorted({*cells, *self.lines.index})

    @property
    def applies(self) -> bool:
        """Whether anything is corrected."""
        return bool(len(self.changed) or len(self.lines))

    def cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Cells with the corrections; those have `origin` ``corrected`` and keep what was read in `as_read`."""
        if not len(self.changed):
            return frame
        frame = frame.assign(as_read=pd.Series(pd.NA, index=frame.index, dtype="str"))
        changed: dict[Any, Any] = self.changed[["value", "state", "origin", "as_read"]].to_dict("index")
        touched = frame.index[frame["report_id"].isin(self.changed.index.get_level_values(0))]
        for number, key in zip(
            touched, frame.loc[touched, _KEY].itertuples(index=False, name=None), strict=True
        ):
            for name, value in changed.get(key, {}).items():
                if name in frame:
                    frame.at[number, name] = value
        return frame

    def wide(
        self, frame: pd.DataFrame, reports: pd.Series, table: str, names: dict[str, str]
    ) -> pd.DataFrame:
        """A wide table with the corrections."""
        line = dict(zip(reports, frame.index, strict=True)) if len(self.changed) else {}
        for cell in self.changed.reset_index().to_dict("records"):
            name = names.get(f"{cell['row']}.{cell['column']}")
            if cell["table"] == table and name is not None and cell["report_id"] in line:
                frame.at[line[cell["report_id"]], name] = cell["value"]
        return frame

    def reports(self, frame: pd.DataFrame, *, mark: bool = False) -> pd.DataFrame:
        """Reports with the corrections; with `mark`, a column `corrected` lists the fields."""
        if not len(self.lines):
            return frame
        if mark:
            frame = frame.assign(corrected=pd.Series(pd.NA, index=frame.index, dtype="str"))
        lines: dict[Any, Any] = self.lines[frame.columns.intersection(self.lines.columns)].to_dict("index")
        for number in frame.index[frame["report_id"].isin(self.lines.index)]:
            for name, value in lines[frame.at[number, "report_id"]].items():
                frame.at[number, name] = value
        return frame

    def findings(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Findings, and the entries that were refused."""
        if not len(self.refused):
            return frame
        rows = [
            (
                entry["report_id"],
                Check(
                    "correction",
                    "fail",
                    None if entry["table"] == "report" else entry["table"],
                    entry["row"] or None,
                    entry["column"] or None,
                    None,
                    None,
                    f"correction refused: {entry['message']}",
                ),
            )
            for entry in self.refused.to_dict("records")
        ]
        return pd.concat([frame, findings_frame(rows)[list(frame.columns)]], ignore_index=True)


def _placed(line: pd.Series) -> pd.Series:
    """A corrected report with the columns that follow from its unit, year and place."""
    from giakit.places import agency, resolve
    from giakit.places.gazetteer import spell

    fields = set(str(line["corrected"]).split(", "))
    if not fields & {"unit", "place_code", "year"} or pd.isna(line["unit"]):
        return line
    year = None if pd.isna(line["year"]) else int(line["year"])
    code = None if pd.isna(line["place_code"]) else str(line["place_code"])
    place = resolve(str(line["unit"]), year, hint=code)
    division = spell(code, year) if code is not None and "place_code" in fields else None
    if division is not None and code is not None:
        county = division.name if division.level == "county" else None
        place = replace(
            place,
            code=code,
            candidates=[code],
            within=None,
            province=division.province,
            prefecture=division.prefecture,
            county=county,
        )
    found = agency(place, year)
    new = (
        place.code,
        place.province,
        place.prefecture,
        place.county,
        place.tier,
        place.organ_kind,
        place.policy_area,
        place.within,
    )
    keys = (None, None) if found is None else (found.id, found.key)
    line = line.copy()
    for name, value in zip(_PLACE, (*new, *keys), strict=True):
        line[name] = value
    return line


__all__ = ["CORRECTIONS", "LEDGER_COLUMNS", "Ledger"]
