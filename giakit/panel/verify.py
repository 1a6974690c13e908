"""Is a panel what was written, and is it the same as another one?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from giakit.errors import BadPanel
from giakit.panel.plan import NO_SUCH_FILE
from giakit.panel.schema import WIDE, hash_of, read_files, schema
from giakit.panel.store import as_frame

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_MOST = 20
"""Files of a source that are named one by one."""


def faults(panel: Panel) -> list[str]:
    """What is wrong with a panel; nothing if every file is what was written and its tables agree.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of str
        Files that are lost or changed, counts that do not fit, cells that stand otherwise in the wide tables.
    """
    damaged = [f"{path.relative_to(panel.path).as_posix()}: {wrong}" for path, wrong in panel.damaged()]
    return damaged or [*_disagreeing(panel), *_refused(panel)]


def require_sound_panel(panel: Panel) -> None:
    """Raise BadPanel if anything is wrong with a panel but its ledger."""
    wrong = [fault for fault in faults(panel) if not fault.startswith(_LEDGER)]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise BadPanel(str(panel.home), f"{wrong[0]}{more}; giakit.build with the same source makes it anew")


def _disagreeing(panel: Panel) -> list[str]:
    """Wide tables that do not hold the cells, and counts that are not those of the index."""
    wrong = []
    for span in panel.index.spans:
        documents = read_files([span.file(panel.path, "documents")], schema("documents"), ["n_report"])
        reports = int(np.sum(documents.column("n_report").to_numpy()))
        if (documents.num_rows, reports) != (span.documents, span.reports):
            wrong.append(f"{span.name}: {documents.num_rows} documents and {reports} reports, not those of its index")
        if "cells" not in span.hashes:
            continue
        cells = as_frame(read_files([span.file(panel.path, "cells")], schema("cells")))
        for table in WIDE:
            wide = as_frame(read_files([span.file(panel.path, table)], schema(table)))
            if not _same_values(cells[cells["table"] == table], wide):
                wrong.append(f"{span.name}: the table {table} does not hold the figures of cells")
    return wrong


def _same_values(cells: pd.DataFrame, wide: pd.DataFrame) -> bool:
    """Whether a wide table holds exactly the values of its cells."""
    names = wide.columns[1:]
    place = {name: number for number, name in enumerate(names)}
    line = {report_id: number for number, report_id in enumerate(wide["report_id"])}
    column = (cells["row"] + "." + cells["column"]).map(place)
    row = cells["report_id"].map(line)
    inside = column.notna()
    if row.isna().any():
        return False
    values = np.full((len(wide), len(names)), np.nan)
    values[row[inside].to_numpy(int), column[inside].to_numpy(int)] = cells.loc[inside, "value"].to_numpy(
        float, na_value=np.nan
    )
    stored = wide[names].to_numpy(float, na_value=np.nan)
    return bool(np.array_equal(values, stored, equal_nan=True))


_LEDGER = "corrections.csv: "


def _refused(panel: Panel) -> list[str]:
    entries = panel.corrections
    return [f"{_LEDGER}{message}" for message in entries.loc[~entries["applied"].astype(bool), "message"]]


def changed_sources(panel: Panel, folder: Path | None) -> tuple[int, list[str]]:
    """How many files of the source are at hand, and which of them are not what was read."""
    manifest = panel.manifest
    listed = manifest[manifest["sha256"].notna() & (manifest["status"] != NO_SUCH_FILE)]
    root = folder if folder is not None else _root(panel, listed["path"].tolist())
    if root is None:
        return 0, []
    at_hand, changed = 0, []
    for path, hashed in zip(listed["path"], listed["sha256"], strict=True):
        file = root / path
        if not file.is_file():
            if folder is not None:
                changed.append(f"{path}: it is not there")
            continue
        at_hand += 1
        if hash_of(file) != hashed:
            changed.append(f"{path}: it is not the file that was read")
    more = [f"and {len(changed) - _MOST} more files"] if len(changed) > _MOST else []
    return at_hand, changed[:_MOST] + more


def _root(panel: Panel, paths: list[str]) -> Path | None:
    """The folder, beside the panel or around it, in which the first file of the source lies."""
    beside = panel.home.resolve().parent
    try:
        folders = [beside, *sorted(path for path in beside.iterdir() if path.is_dir())]
    except OSError:
        return None
    return next((folder for folder in folders if paths and (folder / paths[0]).is_file()), None)


def differences(panel: Panel, other: Panel) -> list[str]:
    """In what two panels differ: the files that were read, what was read of them, what a person corrected.

    Names of files and folders are no difference: a deposit leaves them out.
    """
    differing = []
    ours, theirs = (set(one.manifest["sha256"].dropna()) for one in (panel, other))
    if ours != theirs:
        differing.append(
            f"files: {len(ours - theirs)} are only in {panel.home.name}, {len(theirs - ours)} only in {other.home.name}"
        )
    for table in (*WIDE, "cells"):
        if [span.hashes.get(table) for span in panel.index.spans] == [
            span.hashes.get(table) for span in other.index.spans
        ]:
            continue
        one, two = panel.as_stored(table), other.as_stored(table)
        if not one.equals(two):
            differing.append(f"{table}: what was read differs")
    about = ["report_id", "unit", "year", "form", "scope", "place_code", "agency_id", "reading_id"]
    if not panel.reports[about].equals(other.reports[about]):
        differing.append("reports: agency, year, form, scope or place differ")
    columns = ["table", "row", "column", "as_read", "corrected", "applied"]
    if not panel.corrections[columns].equals(other.corrections[columns]):
        differing.append("corrections: the ledgers differ")
    return differing
