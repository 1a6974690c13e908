"""A reviewer's notes on findings, beside a panel in ``notes.csv``; they outlive a rebuild."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from giakit.checks.frames import findings_frame, require
from giakit.checks.model import Check
from giakit.errors import UnreadableDocument

NOTES = "notes.csv"
NOTE_COLUMNS = ("report_id", "fingerprint", "note", "who", "date")


def read_notes(folder: Path) -> pd.DataFrame:
    """The notes that lie in a panel's folder; empty if there are none.

    Raises
    ------
    UnreadableDocument
        If the file is no CSV in UTF-8.
    MissingColumns
        If it lacks a column.
    """
    path = folder / NOTES
    if not path.is_file():
        return pd.DataFrame(columns=list(NOTE_COLUMNS), dtype="str")
    try:
        notes = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError) as error:
        raise UnreadableDocument(str(path), f"no CSV in UTF-8: {error}") from None
    require(NOTES, notes, NOTE_COLUMNS)
    keys = {name: notes[name].str.strip().str.lower() for name in ("report_id", "fingerprint")}
    return notes[list(NOTE_COLUMNS)].assign(**keys)


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
    joined = notes.groupby(key, as_index=False, sort=False).agg(
        {"note": "; ".join, "who": _last, "date": _last}
    )
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
        for report_id, fingerprint, note in zip(
            lost["report_id"], lost["fingerprint"], lost["note"], strict=True
        )
    )
    return pd.concat([frame, gone.reindex(columns=frame.columns).astype(frame.dtypes)], ignore_index=True)


def _last(texts: pd.Series) -> str:
    return str(texts.iloc[-1])
