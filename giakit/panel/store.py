"""What a panel is on disk, read as frames: the part of `Panel` that knows files and Arrow."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from giakit.checks.model import CHECK_COLUMNS, FINDING, Check
from giakit.errors import BadPanel, UnknownChoice
from giakit.forms import tables
from giakit.panel.schema import (
    DEPOSITED,
    INDEX,
    REPORTS,
    WIDE,
    Index,
    damage,
    read_files,
    read_index,
    require_sound,
    schema,
    wide_columns,
)

if TYPE_CHECKING:
    from giakit.panel.corrections import Ledger

_MEMBER = re.compile(
    rf"(?:\w+/[\w-]+\.parquet|{re.escape(INDEX)}|datapackage\.json|corrections\.csv|notes\.csv)", re.ASCII
)
_MOST_UNPACKED = 200
"""How many times larger than its archive a panel can be: Parquet is packed already."""

Where: TypeAlias = Mapping[str, object] | pc.Expression | None


class Stored:
    """A panel's tables on disk, and the corrections beside them."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.home, self.path, self._held = _opened(Path(path))
        self.index: Index = read_index(self.path)
        self._hashes = self.index.hashes(self.path)
        self._sound: set[Path] = set()

    def __len__(self) -> int:
        return self.index.reports

    def __repr__(self) -> str:
        unfinished = "" if self.index.complete else ", unfinished: build again to go on"
        return f"<Panel {self.home}: {len(self):,} reports{unfinished}>"

    @cached_property
    def reports(self) -> pd.DataFrame:
        """One row a report; further columns of sources.csv come last."""
        frame = self._ledger.reports(as_frame(self._read("reports", None, None)), mark=True)
        given = frame.pop("given")
        given_rows = {number: json.loads(text) for number, text in given.dropna().items()}
        for name in dict.fromkeys(name for row in given_rows.values() for name in row):
            column = name if name not in frame else f"sources_{name}"
            frame[column] = pd.Series({number: row.get(name) for number, row in given_rows.items()}, frame.index, "str")
        return frame

    @cached_property
    def _ledger(self) -> Ledger:
        from giakit.panel.corrections import Ledger

        return Ledger.beside(self)

    def as_stored(self, table: str, reports: Iterable[str] | None = None) -> pd.DataFrame:
        """As `select`, before corrections; checks and findings with their `basis`."""
        chosen = None if reports is None else pc.field("report_id").isin(pa.array(sorted(set(reports)), pa.string()))
        parts = {"findings": ["findings", "conflicts"], "checks": ["checks", "findings", "conflicts"]}.get(
            table, [table]
        )
        frame = as_frame(pa.concat_tables([self._read(part, None, chosen) for part in parts]))
        if table == "findings":
            frame = frame[frame["status"].isin(FINDING)]
        if len(parts) > 1:
            frame = frame.sort_values("report_id", kind="stable", ignore_index=True)
            frame["fingerprint"] = _fingerprints(frame)
        return frame

    def readings(self) -> pd.DataFrame:
        """`report_id` and `reading_id` of every report."""
        return as_frame(self._read("reports", ["report_id", "reading_id"], None))

    def require_writable(self) -> None:
        """Raise BadPanel if the panel was opened from an archive or a deposit."""
        if self.home != self.path:
            raise BadPanel(str(self.home), "it is a deposit, which is only read; work on the panel that build wrote")

    def coded(self, columns: Sequence[str]) -> pd.DataFrame:
        """Cells with `report_id` and some of their columns, strings as categories: a large panel's fit into memory so."""
        frame: pd.DataFrame = self._read("cells", ["report_id", *columns], None).to_pandas(
            strings_to_categorical=True, types_mapper=_NUMBERS.get
        )
        if not len(self._ledger.changed):
            return frame
        for name in {"state", "origin"}.intersection(columns):
            frame[name] = frame[name].cat.set_categories(
                frame[name].cat.categories.union(["reported", "blank", "corrected"])
            )
        return self._ledger.cells(frame)[["report_id", *columns]]

    def as_read(self, reports: Iterable[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Cells and lines of some reports, before corrections."""
        chosen = pc.field("report_id").isin(pa.array(sorted(set(reports)), pa.string()))
        return as_frame(self._read("cells", None, chosen)), as_frame(self._read("reports", None, chosen))

    def _kept(self, where: Where) -> pa.Array | None:
        """For each report whether it is wanted; None: all are."""
        if where is None:
            return None
        if isinstance(where, Mapping):
            return self._kept_by_mapping(where)
        on_disk = not self._ledger.applies
        table = (
            self._read("reports", None, None) if on_disk else pa.Table.from_pandas(self.reports, preserve_index=False)
        )
        table = table.append_column("_position", pa.array(np.arange(len(self))))
        positions = table.filter(where).column("_position").to_numpy()
        kept = np.zeros(len(self), bool)
        kept[positions] = True
        return pa.array(kept)

    def _kept_by_mapping(self, where: Mapping[str, object]) -> pa.Array:
        unknown = [name for name in where if name not in REPORTS.names]
        if unknown:
            raise UnknownChoice("where", unknown[0], REPORTS.names)
        reports = self._ledger.reports(
            as_frame(self._read("reports", ["report_id", *(name for name in where if name != "report_id")], None))
        )
        kept = np.ones(len(reports), bool)
        for name, value in where.items():
            values = (
                list(value)
                if isinstance(value, (list, tuple, set, frozenset, pd.Series, np.ndarray, range))
                else [value]
            )
            wanted = [
                _province(item) if name == "province" else item
                for item in values
                if item is not None and item is not pd.NA and item == item
            ]
            there = reports[name].dropna().unique().tolist()
            for item in wanted:
                if item not in there:
                    raise UnknownChoice(f"where {name}", item, _nearest(item, there))
            kept &= reports[name].isin(wanted).to_numpy(bool) | (
                reports[name].isna().to_numpy() & (len(wanted) < len(values))
            )
        return pa.array(kept)

    def _read(self, table: str, columns: list[str] | None, where: pc.Expression | None) -> pa.Table:
        return read_files(self.files(table), schema(table), columns, where)

    def damaged(self) -> list[tuple[Path, str]]:
        """Files that are not what was written, each with what is wrong; the others need not be held against their hash again."""
        wrong = {path: damage(path, hashed) for path, hashed in self._hashes.items()}
        self._sound = {path for path, reason in wrong.items() if not reason}
        return [(path, reason) for path, reason in wrong.items() if reason]

    def files(self, table: str) -> list[Path]:
        """The files of a table, each held against its hash when it is first asked for.

        Raises
        ------
        BadPanel
            If one is lost or is not what was written.
        """
        paths = self.index.files(self.path, table)
        for path in paths:
            if path not in self._sound:
                require_sound(self.path, path, self._hashes[path])
                self._sound.add(path)
        return paths


def _opened(path: Path) -> tuple[Path, Path, object]:
    """What the user named, the folder of the panel, and what holds it while it is in use.

    A deposit has the panel in a folder of its own; an archive is unpacked into a folder that goes with the panel.
    """
    if path.is_file() and zipfile.is_zipfile(path):
        held = tempfile.TemporaryDirectory(prefix="giakit-")
        _unpack(path, Path(held.name))
        return path.with_suffix(""), Path(held.name), held
    inside = path / DEPOSITED
    if not (path / INDEX).exists() and (inside / INDEX).exists():
        return path, inside, None
    return path, path, None


def _unpack(archive: Path, folder: Path) -> None:
    """Take a panel out of an archive: files of the names that giakit gives, and nothing else."""
    try:
        with zipfile.ZipFile(archive) as packed:
            names = packed.namelist()
            roots = sorted(
                (name.removesuffix(INDEX) for name in names if re.fullmatch(rf"(?:.*/)?{INDEX}", name)), key=len
            )
            if not roots:
                raise BadPanel(
                    str(archive), f"the archive holds no {INDEX}; give one that giakit bundle wrote, or a zipped panel"
                )
            members = {
                name: name.removeprefix(roots[0])
                for name in names
                if name.startswith(roots[0]) and _MEMBER.fullmatch(name.removeprefix(roots[0]))
            }
            if (
                sum(packed.getinfo(name).file_size for name in members)
                > _MOST_UNPACKED * archive.stat().st_size + 1_000_000
            ):
                raise BadPanel(str(archive), "it unpacks to far more than a panel of its size does")
            for name, below in members.items():
                target = folder / below
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(name) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadPanel(str(archive), f"the archive is damaged: {error}") from None


def filtered(table: pa.Table, kept: pa.Array | None) -> pa.Table:
    """The rows that are wanted; all where `kept` is None."""
    return table if kept is None else table.filter(kept)


def _province(name: object) -> object:
    """The official name of a province that is named in short or in English."""
    from giakit.places.frames import provinces

    table = provinces()
    official = {
        **dict(zip(table["short"], table["name"], strict=True)),
        **dict(zip(table["english"], table["name"], strict=True)),
    }
    return official.get(str(name), name)


def _nearest(item: object, there: list[object]) -> list[str]:
    """Values that are there, those that look like the one asked for first, ten at most."""
    from difflib import get_close_matches

    alike = get_close_matches(str(item), [str(value) for value in there], n=5, cutoff=0.5)
    listed = [repr(value) for value in there if str(value) in alike] or sorted(map(repr, there))
    return [*listed[:10], *([f"… ({len(there)} in all)"] if len(there) > 10 else [])]


_NUMBERS = {pa.float64(): pd.Float64Dtype(), pa.int64(): pd.Int64Dtype()}
_TYPES = {
    pa.float64(): pd.Float64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.string(): pd.StringDtype(na_value=np.nan),
    pa.bool_(): np.dtype(bool),
}


def as_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table with the types of the contract: str, Float64, Int64."""
    kinds = {kind: dtype for kind, dtype in _TYPES.items() if not isinstance(dtype, np.dtype)}
    frame: pd.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame


def _fingerprints(frame: pd.DataFrame) -> pd.Series:
    plain = frame[list(CHECK_COLUMNS[:-1])].astype(object)
    plain = plain.where(plain.notna(), None)
    return pd.Series(
        [Check(*row).fingerprint for row in plain.itertuples(index=False, name=None)], index=frame.index, dtype="str"
    )


def cells_asked(table: str, column: str | None, rows: Sequence[str] | None) -> dict[str, str]:
    """Columns on disk, and the names they get."""
    if table not in WIDE:
        raise UnknownChoice("table", table, WIDE)
    columns = [code.code for code in tables()[table].columns]
    if column == "total" and column not in columns:
        column = "count" if "count" in columns else None
    if column is not None and column not in columns:
        raise UnknownChoice("column", column, columns)
    names = {
        name: name if column is None else name.partition(".")[0]
        for name in wide_columns(table)
        if column is None or name.endswith(f".{column}")
    }
    if rows is None:
        return names
    by_label = {label: name for name, label in names.items()}
    for row in rows:
        if row not in by_label:
            raise UnknownChoice("rows", row, by_label)
    return {by_label[row]: row for row in rows}
