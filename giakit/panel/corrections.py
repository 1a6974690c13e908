"""What persons write beside a panel: corrections and notes, keyed by what was read, so that they outlive a page fetched again."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.checks.model import Check, findings_frame
from giakit.data import inert, require, written_table
from giakit.errors import BadCorrection, PanelLocked, UnknownChoice
from giakit.forms import tables
from giakit.panel.evidence import PLACE_COLUMNS, place_columns
from giakit.panel.schema import locked, write_whole
from giakit.places import agency, resolve
from giakit.places.gazetteer import spell

if TYPE_CHECKING:
    from giakit.panel.store import Stored

CORRECTIONS = "corrections.csv"
NOTES = "notes.csv"
LEDGER_COLUMNS = ("report_id", "table", "row", "column", "as_read", "corrected", "reason", "evidence", "who", "date")
NOTE_COLUMNS = ("report_id", "fingerprint", "note", "who", "date")
REPORT_TABLE = "report"
REPORT_FIELDS = ("unit", "year", "scope", "place_code")
_VALID = {
    "year": re.compile(r"(?:19|20)\d\d"),
    "scope": re.compile("organ|own_level|whole"),
    "place_code": re.compile(r"\d{6}"),
    "unit": re.compile(".+"),
}
_BLANK_WORDS = ("", "blank", "/", "-", "—")
_FIGURE = re.compile(r"[-+]?\d+(?:\.\d+)?")
_KEY = ["report_id", "table", "row", "column"]
_PLACE = (*PLACE_COLUMNS, "within", "agency_id", "agency_key")


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
    entries: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*LEDGER_COLUMNS, "applied", "message"]))

    @classmethod
    def beside(cls, panel: Stored) -> Ledger:
        """The ledger that lies in the panel's folder; empty if there is none."""
        entries = _written(panel.path / CORRECTIONS, LEDGER_COLUMNS)
        return cls() if entries is None else cls.of(entries, panel)

    @classmethod
    def of(cls, entries: pd.DataFrame, panel: Stored) -> Ledger:
        """Apply entries to the reports that they name, and to others of which the same was read."""
        entries = entries.reset_index(drop=True)
        spread = _spread(entries, panel)
        cells, lines = panel.as_read(spread["report_id"].tolist())
        cells, lines, refused = apply_corrections(cells, lines, spread)
        messages = refused.drop_duplicates("entry").set_index("entry")["message"]
        messages = pd.Series(
            [f"{message} (line {int(number) + 2} of {CORRECTIONS})" for number, message in messages.items()],  # type: ignore[call-overload]
            messages.index,
            "str",
        )
        listed = entries.assign(applied=~entries.index.isin(messages.index), message=messages.reindex(entries.index))
        lines = lines[lines["corrected"].notna()]
        lines = pd.DataFrame([_placed(line) for _, line in lines.iterrows()], columns=lines.columns).astype(
            lines.dtypes
        )
        return cls(
            cells[cells["as_read"].notna()].set_index(_KEY),
            lines.set_index("report_id"),
            entries.loc[messages.index].assign(message=messages),
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
        for number, key in zip(touched, frame.loc[touched, _KEY].itertuples(index=False, name=None), strict=True):
            for name, value in changed.get(key, {}).items():
                if name in frame:
                    frame.at[number, name] = value
        return frame

    def wide(self, frame: pd.DataFrame, reports: pd.Series, table: str, names: dict[str, str]) -> pd.DataFrame:
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
                entry["report_id"] or None,
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


def _written(path: Path, columns: Iterable[str]) -> pd.DataFrame | None:
    """A table that a person wrote beside a panel; None if there is none."""
    if not path.is_file():
        return None
    names, rows = written_table(path)
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    require(frame, columns, path.name)
    for name in {"report_id", "reading_id", "fingerprint"}.intersection(names):
        frame[name] = frame[name].str.strip("' ").str.lower().str[:16]
    return frame


def _spread(entries: pd.DataFrame, panel: Stored) -> pd.DataFrame:
    """One row for each entry and report that it speaks of, with the number of the `entry`.

    An entry names a reading (`reading_id`), or a report, and then means every report of which the same was read: a page
    that was fetched again.
    """
    known = panel.readings()
    of_reading = known.groupby("reading_id")["report_id"].agg(list).to_dict()
    reading = known.set_index("report_id")["reading_id"].to_dict()
    targets = []
    for number, entry in enumerate(entries.to_dict("records")):
        ids = (entry.get("reading_id") or "", reading.get(entry["report_id"]), entry["report_id"])
        reports = next((of_reading[name] for name in ids if name in of_reading), [entry["report_id"]])
        targets += [(number, report_id) for report_id in reports]
    rows = pd.DataFrame(targets, columns=["entry", "report_id"])
    return (
        entries.drop(columns="report_id")
        .iloc[rows["entry"]]
        .reset_index(drop=True)
        .assign(entry=rows["entry"], report_id=rows["report_id"].astype("str"))
    )


def edit_lines(path: Path, edit: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    """Change the lines of a table that persons write, whole or not at all: of two who write at once none loses a line.

    Raises
    ------
    PanelLocked
        If a build holds the folder for longer than ten seconds.
    """
    patience = time.monotonic() + 10
    while True:
        try:
            with locked(path.parent):
                names, rows = written_table(path) if path.is_file() else ([], [])
                lines = edit(rows)
                stream = io.StringIO()
                writer = csv.DictWriter(
                    stream,
                    list(dict.fromkeys([*names, *(name for line in lines for name in line)])),
                    "",
                    lineterminator="\n",
                )
                writer.writeheader()
                writer.writerows(lines)
                if lines:
                    write_whole(path, stream.getvalue().encode("utf-8-sig"))
                else:
                    path.unlink(missing_ok=True)
            return
        except PanelLocked:
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


def corrected(
    panel: Stored,
    report: str,
    table: str,
    row: str | None,
    column: str,
    value: float | str | None,
    *,
    why: str,
    who: str = "",
    evidence: str = "",
) -> None:
    """Write an entry into the ledger of a panel; see `giakit.panel.panel.Panel.correct`."""
    known = panel.readings().set_index("report_id")["reading_id"].to_dict()
    if report not in known:
        raise UnknownChoice("report", report, [f"the {len(known)} values of report_id in panel.reports"])
    if not why.strip():
        raise BadCorrection("why", "a correction needs its reason")
    with locked(panel.path):
        path = panel.path / CORRECTIONS
        entries = _written(path, LEDGER_COLUMNS)
        before = Ledger() if entries is None else Ledger.of(entries, panel)
        entry = {
            "report_id": report,
            "reading_id": known[report],
            "table": table,
            "row": row or "",
            "column": column,
            "as_read": _stands(panel, before, report, table, row, column),
            "corrected": "" if value is None else f"{value:.15g}" if isinstance(value, float | int) else value,
            "reason": inert(why),
            "evidence": inert(evidence),
            "who": inert(who),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if entries is None:
            entries = pd.DataFrame(columns=[*LEDGER_COLUMNS, "reading_id"], dtype="str")
        whole = pd.concat([entries, pd.DataFrame([entry])], ignore_index=True).fillna("")
        last = Ledger.of(whole, panel).entries.iloc[-1]
        if not last["applied"]:
            raise BadCorrection(f"{table} {row or ''} {column}".replace("  ", " "), str(last["message"]))
        stream = io.StringIO()
        whole.to_csv(stream, index=False, lineterminator="\n")
        write_whole(path, stream.getvalue().encode("utf-8-sig"))


def _stands(panel: Stored, ledger: Ledger, report: str, table: str, row: str | None, column: str) -> str:
    """What stands at a place now, as a ledger writes it."""
    cells, lines = panel.as_read([report])
    if table == REPORT_TABLE:
        lines = ledger.reports(lines)
        return _text(lines, lines.index[0], column) if column in lines else ""
    cells = ledger.cells(cells)
    here = cells[(cells["table"] == table) & (cells["row"] == row) & (cells["column"] == column)]
    return _shown(_value(here, here.index[0])) if len(here) else ""


def _placed(line: pd.Series) -> pd.Series:
    """A corrected report with the columns that follow from its unit, year and place."""
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
    agent = agency(place, year)
    keys = (place.within, None, None) if agent is None else (place.within, agent.id, agent.key)
    line = line.copy()
    for name, value in zip(_PLACE, (*place_columns(place), *keys), strict=True):
        line[name] = value
    return line


def apply_corrections(
    cells: pd.DataFrame, reports: pd.DataFrame, ledger: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Apply a ledger to a panel's frames.

    Parameters
    ----------
    cells : DataFrame
        Long: `report_id, table, row, column, value`, and where known `state, origin`.
    reports : DataFrame
        One row a `report_id`.
    ledger : DataFrame
        `report_id` (hash of the file), `table, row, column, as_read, corrected, reason, evidence, who, date`.
        ``table="report"`` with `column` one of unit, year, scope, place_code corrects the report itself. An empty
        `as_read` or `corrected` is a blank. Later entries of a place come after earlier ones and must name the
        value that these left.

    Returns
    -------
    cells, reports : DataFrame
        Copies with the corrections. A corrected cell has `origin` ``corrected`` and keeps what was read in
        `as_read` (str, NA elsewhere); a corrected report lists its fields in `corrected` (str, NA elsewhere).
    refused : DataFrame
        Entries that were not applied, with `message`.

    Raises
    ------
    MissingColumns
        If the ledger lacks a column.

    Examples
    --------
    >>> cells = pd.DataFrame({"report_id": ["a"], "table": "remedies", "row": "suit_direct", "column": "total", "value": [0.0]})
    >>> entry = dict.fromkeys(LEDGER_COLUMNS, "") | {"report_id": "a", "table": "remedies", "row": "suit_direct", "column": "total", "as_read": "0", "corrected": "3"}
    >>> changed, _, refused = apply_corrections(cells, pd.DataFrame({"report_id": ["a"]}), pd.DataFrame([entry]))
    >>> float(changed.loc[0, "value"]), changed.loc[0, "as_read"], changed.loc[0, "origin"], len(refused)
    (3.0, '0', 'corrected', 0)
    """
    require(ledger, LEDGER_COLUMNS, "apply_corrections")
    require(cells, ("report_id", "table", "row", "column", "value"), "apply_corrections")
    require(reports, ("report_id",), "apply_corrections")
    new_cells, new_reports = _prepared(cells, reports)
    touched = new_cells[new_cells["report_id"].isin(ledger["report_id"])]
    place = {
        key: number
        for number, *key_parts in touched[["report_id", "table", "row", "column"]].itertuples()
        if (key := tuple(key_parts))
    }
    line = {report_id: number for number, report_id in enumerate(new_reports["report_id"])}
    refused = []
    for number, entry in enumerate(ledger[list(LEDGER_COLUMNS)].to_dict("records")):
        text = {str(name): "" if pd.isna(value) else str(value).strip() for name, value in entry.items()}
        if text["table"] == REPORT_TABLE:
            message = _correct_report(new_reports, line, text)
        else:
            message = _correct_cell(new_cells, place, text)
        if message:
            refused.append((number, message))
    listed = ledger.iloc[[number for number, _ in refused]].reset_index(drop=True)
    return (new_cells, new_reports, listed.assign(message=pd.Series([message for _, message in refused], dtype="str")))


def _prepared(cells: pd.DataFrame, reports: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    new_cells = cells.reset_index(drop=True).assign(
        value=cells["value"].astype("Float64").to_numpy(),
        as_read=pd.Series(pd.NA, index=range(len(cells)), dtype="str"),
    )
    new_cells["value"] = new_cells["value"].astype("Float64")
    if "origin" not in new_cells.columns:
        new_cells["origin"] = pd.Series(pd.NA, index=new_cells.index, dtype="str")
    new_reports = reports.reset_index(drop=True).assign(
        corrected=pd.Series(pd.NA, index=range(len(reports)), dtype="str")
    )
    return new_cells, new_reports


def _correct_cell(cells: pd.DataFrame, place: dict[tuple[str, ...], int], entry: dict[str, str]) -> str:
    number = place.get((entry["report_id"], entry["table"], entry["row"], entry["column"]))
    if number is None:
        return "the panel has no such cell; check report_id, table, row and column"
    now = _value(cells, number)
    try:
        expected, corrected = _figure(entry["as_read"]), _figure(entry["corrected"])
    except ValueError as error:
        return f"{error}; valid: a number, or nothing for a blank"
    wrong = "" if corrected is None else _unfit(entry, corrected)
    if wrong:
        return wrong
    if now != expected:
        return f"as_read is {_shown(expected)}, but the panel reads {_shown(now)}: look again, then mend the entry"
    if not _text(cells, number, "as_read"):
        cells.at[number, "as_read"] = _shown(expected)
    cells.at[number, "value"] = pd.NA if corrected is None else corrected
    cells.at[number, "origin"] = "corrected"
    if "state" in cells.columns:
        cells.at[number, "state"] = "blank" if corrected is None else "reported"
    return ""


def _correct_report(reports: pd.DataFrame, line: dict[str, int], entry: dict[str, str]) -> str:
    number, field = line.get(entry["report_id"]), entry["column"]
    if number is None:
        return "the panel has no such report; check report_id"
    if field not in REPORT_FIELDS:
        return f"{field!r} cannot be corrected; valid: {', '.join(REPORT_FIELDS)}"
    if field not in reports.columns:
        return f"the panel's reports have no column {field}"
    printed = _text(reports, number, field)
    if printed != entry["as_read"]:
        return f"as_read is {entry['as_read']!r}, but the panel reads {printed!r}: look again, then mend the entry"
    if entry["corrected"] and not _VALID[field].fullmatch(entry["corrected"]):
        return f"{entry['corrected']!r} is no {field}"
    value = entry["corrected"] or pd.NA
    reports.at[number, field] = int(entry["corrected"]) if field == "year" and entry["corrected"] else value
    before = _text(reports, number, "corrected")
    reports.at[number, "corrected"] = f"{before}, {field}" if before else field
    return ""


def _value(cells: pd.DataFrame, number: int) -> float | None:
    value: Any = cells.at[number, "value"]
    return None if pd.isna(value) else float(value)


def _text(frame: pd.DataFrame, number: int, column: str) -> str:
    value: Any = frame.at[number, column]
    return "" if pd.isna(value) else str(value)


def _figure(text: str) -> float | None:
    if text.lower() in _BLANK_WORDS:
        return None
    plain = text.replace(",", "")
    if not _FIGURE.fullmatch(plain) or not isfinite(float(plain)):
        raise ValueError(f"{text!r} is no figure")
    return float(plain)


def _unfit(entry: dict[str, str], value: float) -> str:
    """Why a cell cannot hold that figure; "" if it can."""
    labels = []
    if entry["table"] in tables():
        whole = tables()[entry["table"]]
        labels = [label for label in (*whole.rows, *whole.columns) if label.code in (entry["row"], entry["column"])]
    if value < 0 and not any(label.signed for label in labels):
        return f"{entry['corrected']} is negative; valid: a whole number from 0, or nothing for a blank"
    if value % 1 and not any(label.decimal for label in labels):
        return f"{entry['corrected']} has decimals; valid: a whole number from 0, or nothing for a blank"
    return ""


def _shown(value: float | None) -> str:
    return "blank" if value is None else f"{value:g}"


def read_notes(panel: Stored) -> pd.DataFrame:
    """The notes that lie in a panel's folder, on every report of which the same was read; empty if there are none.

    Raises
    ------
    UnreadableDocument
        If the file is no CSV.
    MissingColumns
        If it lacks a column.
    """
    notes = _written(panel.path / NOTES, NOTE_COLUMNS)
    if notes is None:
        return pd.DataFrame(columns=list(NOTE_COLUMNS), dtype="str")
    return _spread(notes, panel)[list(NOTE_COLUMNS)]


def with_notes(findings: pd.DataFrame, notes: pd.DataFrame) -> pd.DataFrame:
    """Findings with `note`, `note_who`, `note_date` (str, NA where there is none).

    A note of which the finding is gone (the figure was corrected, or is read otherwise now) becomes a finding ``note``
    itself (uncertain): what a person wrote does not vanish.

    Examples
    --------
    >>> findings = findings_frame([("r", Check("H1", "fail", "requests", None, "total", 3.0, 2.0, "3 against 2"))])
    >>> notes = pd.DataFrame([("r", findings.loc[0, "fingerprint"], "asked them", "me", "2026-01-01")], columns=list(NOTE_COLUMNS))
    >>> with_notes(findings, notes)["note"].tolist()
    ['asked them']
    """
    if notes.empty:
        return findings
    key = ["report_id", "fingerprint"]
    joined = notes.groupby(key, as_index=False, sort=False).agg({"note": "; ".join, "who": _last, "date": _last})
    columns = joined.rename(columns={"who": "note_who", "date": "note_date"})
    frame = findings.merge(columns, on=key, how="left")
    lost = joined[~pd.MultiIndex.from_frame(joined[key]).isin(pd.MultiIndex.from_frame(findings[key]))]
    gone = findings_frame(
        (
            str(report_id),
            Check(
                "note",
                "uncertain",
                None,
                None,
                None,
                None,
                None,
                f"a note on a finding that is no more ({fingerprint}): {note}",
            ),
        )
        for report_id, fingerprint, note in zip(lost["report_id"], lost["fingerprint"], lost["note"], strict=True)
    )
    return pd.concat([frame, gone.reindex(columns=frame.columns).astype(frame.dtypes)], ignore_index=True)


def _last(texts: pd.Series) -> str:
    return str(texts.iloc[-1])
