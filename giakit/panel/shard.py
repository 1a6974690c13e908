"""What a worker writes of the documents that it read: the tables of a panel, in a folder of their own."""

from __future__ import annotations

import json
from functools import cache
from hashlib import blake2b
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from giakit.forms import Address
from giakit.panel.schema import LONG, WIDE, damage, schema, wide_columns, write_file, write_whole
from giakit.reading.record import Record

SEAL = "seal.json"
_STATES = {"reported": "", "blank": "b", "undecided": "u"}


@cache
def _places() -> dict[Address, tuple[int, int]]:
    """For each cell of a form the number of its wide table and its position there."""
    places = {}
    for number, table in enumerate(WIDE):
        for position, name in enumerate(wide_columns(table)):
            row, _, column = name.partition(".")
            places[table, row, column] = (number, position)
    return places


class Shard:
    """Collects records as lists and writes them as one folder of Parquet files."""

    def __init__(self, version: str, environment: str) -> None:
        self.version = version
        self.environment = environment
        self.documents: list[tuple[Any, ...]] = []
        self.ids: list[str] = []
        self.wide: list[list[list[float | None]]] = [[] for _ in WIDE]
        self.long: dict[str, list[list[Any]]] = {name: [[] for _ in schema(name)] for name in LONG}

    def add_failure(self, sha256: bytes, status: str, reason: str) -> None:
        """A document that was no report, or could not be read."""
        row = (sha256, report_id(sha256), status, reason, *(None,) * 8)
        self.documents.append((*row, self.version, self.environment, None, 0, *(0 for _ in LONG), 0, None))

    def add(self, sha256: bytes, record: Record) -> None:
        """A report."""
        identity = report_id(sha256)
        status, reason = _status(record)
        self.ids.append(identity)
        rows: list[list[float | None]] = [[None] * len(wide_columns(table)) for table in WIDE]
        places = _places()
        for address, cell in record.cells.items():
            place = places.get(address)
            if place is not None:
                rows[place[0]][place[1]] = cell[0]
        for collected, row in zip(self.wide, rows, strict=True):
            collected.append(row)
        checks = [check for check in record.checks if not check.is_finding]
        failing = [check for check in record.checks if check.is_finding]
        cells = (
            [[*zip(*record.cells, strict=True)], [*zip(*record.cells.values(), strict=True)]]
            if record.cells
            else [[], []]
        )
        counts = [
            self._extend("cells", identity, [column for half in cells for column in half]),
            self._extend("texts", identity, _columns(record.texts)),
            self._extend("stated", identity, _columns(record.stated)),
            self._extend("checks", identity, _columns(checks)),
            self._extend("findings", identity, _columns(failing)),
            self._extend("suggestions", identity, _columns(record.suggestions)),
        ]
        form = None if record.form is None else record.form.id
        document = (sha256, identity, status, reason, record.format, form, record.unit, record.year)
        metadata = (record.metadata.get(name) for name in ("url", "published", "publisher", "encoding"))
        read = (self.version, self.environment, reading_id(record))
        self.documents.append((*document, *metadata, *read, 1, *counts, 0, None))

    def _extend(self, name: str, identity: str, columns: list[Any]) -> int:
        if not columns:
            return 0
        into = self.long[name]
        length = len(columns[0])
        into[0].extend(repeat(identity, length))
        for collected, column in zip(into[1:], columns, strict=True):
            collected.extend(column)
        return length

    def tables(self) -> dict[str, pa.Table]:
        """What was collected, as Arrow tables."""
        made = {name: _long(name, columns) for name, columns in self.long.items()}
        for table, rows in zip(WIDE, self.wide, strict=True):
            made[table] = _wide(table, self.ids, rows)
        columns = [list(column) for column in zip(*self.documents, strict=True)] or [[] for _ in schema("documents")]
        made["documents"] = _long("documents", columns)
        return made

    def write(self, folder: Path) -> None:
        """Write every table into a new folder, with their hashes, and have it on the disk."""
        folder.mkdir(parents=True)
        hashes = {
            name: write_file(folder / f"{name}.parquet", [table], schema(name)) for name, table in self.tables().items()
        }
        write_whole(folder / SEAL, json.dumps(hashes).encode())


def is_sound(folder: Path) -> bool:
    """Whether a folder that a worker wrote is as it was written."""
    try:
        hashes = json.loads((folder / SEAL).read_text(encoding="ascii"))
        return set(hashes) == {"documents", *WIDE, *LONG} and not any(
            damage(folder / f"{name}.parquet", hashed) for name, hashed in hashes.items()
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def report_id(sha256: bytes) -> str:
    """The id of a report: the first 16 hex digits of the SHA-256 of its bytes."""
    return sha256.hex()[:16]


def reading_id(record: Record) -> str:
    """The id of a reading: of unit, year, form and cells as read, whatever file they stood in.

    A page that is fetched again has other bytes, such as a counter of visits; what is read of it is the same.
    """
    cells = sorted(
        (*address, repr(cell.value) if cell.value is not None else _STATES[cell.state])
        for address, cell in record.cells.items()
        if cell.state != "absent"
    )
    reading = (record.unit, record.year, None if record.form is None else record.form.id, cells)
    return blake2b(repr(reading).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def _columns(entries: Any) -> list[Any]:
    return [*zip(*entries, strict=True)] if entries else []


def _long(name: str, columns: list[list[Any]]) -> pa.Table:
    fields = schema(name)
    arrays = [_array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.table(arrays, schema=fields)


def _array(column: list[Any], kind: pa.DataType) -> pa.Array:
    """A column; a lone surrogate in a hostile file, which UTF-8 cannot hold, must not cost the whole batch."""
    try:
        return pa.array(column, kind)
    except UnicodeEncodeError:
        held = [text and text.encode("utf-8", "backslashreplace").decode() for text in column]
        return pa.array(held, kind)


def _wide(table: str, ids: list[str], rows: list[list[float | None]]) -> pa.Table:
    fields = schema(table)
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(fields) - 1)
    arrays = [
        pa.array(np.ascontiguousarray(values[:, position]), pa.float64(), from_pandas=True)
        for position in range(values.shape[1])
    ]
    return pa.table([pa.array(ids, pa.string()), *arrays], schema=fields)


def _status(record: Record) -> tuple[str, str]:
    """parsed, or partial with what could not be read."""
    undecided = dict.fromkeys(address[0] for address, cell in record.cells.items() if cell.state == "undecided")
    reported = any(cell.value is not None for cell in record.cells.values())
    reasons = [f"{table}: cells that could not be decided" for table in undecided]
    reasons += [check.message for check in record.checks if check.check == "missing_table"]
    if not reported:
        reasons = ["no statutory table with figures was found"]
    return ("partial", "; ".join(reasons)) if reasons else ("parsed", "")
