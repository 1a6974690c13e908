"""A panel's folder: the file that says which shards are live, and where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from giakit.errors import BadPanel
from giakit.panel.lock import write_whole
from giakit.panel.shard import LAYOUT, LONG, WIDE

INDEX = "panel.json"
DATA_PACKAGE = "datapackage.json"
WORK = ".work"
MANIFEST = "manifest"
TABLES = ("documents", "reports", *WIDE, *LONG, "conflicts")


@dataclass(frozen=True, slots=True)
class Span:
    """A range of report ids, and the digest of what went into its shards."""

    name: str
    digest: str
    documents: int
    reports: int

    def file(self, folder: Path, table: str) -> Path:
        """The shard of a table."""
        return folder / table / f"{self.name}-{self.digest}.parquet"


@dataclass(frozen=True, slots=True)
class Index:
    """What is live in a panel.

    Attributes
    ----------
    version : str
        The giakit that wrote it.
    complete : bool
        Whether every file of the source was treated.
    spans : tuple of Span
        In the order of report ids.
    manifest : str
        Digest in the name of the manifest's file.
    """

    version: str
    complete: bool
    spans: tuple[Span, ...] = field(default=())
    manifest: str = ""

    @property
    def reports(self) -> int:
        """Number of reports."""
        return sum(span.reports for span in self.spans)

    def files(self, folder: Path, table: str) -> list[Path]:
        """The live shards of a table, in the order of report ids."""
        return [span.file(folder, table) for span in self.spans if span.reports or table == "documents"]

    def manifest_file(self, folder: Path) -> Path:
        """The live manifest."""
        return folder / MANIFEST / f"{self.manifest}.parquet"

    def live(self, folder: Path) -> Iterator[Path]:
        """Every live file."""
        for table in TABLES:
            yield from self.files(folder, table)
        yield self.manifest_file(folder)


def read_index(folder: Path) -> Index:
    """The index of a panel.

    Raises
    ------
    BadPanel
        If the folder holds no panel, or one of another layout.
    """
    if not folder.is_dir():
        raise BadPanel(str(folder), "there is no such folder; giakit.build makes one")
    try:
        raw: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = (
            "a build was begun here and wrote nothing yet; run it again"
            if (folder / WORK).exists()
            else f"it has no {INDEX}"
        )
        raise BadPanel(str(folder), hint) from None
    except (OSError, ValueError) as error:
        raise BadPanel(str(folder), f"{INDEX} cannot be read: {error}") from None
    if raw.get("layout") != LAYOUT:
        raise BadPanel(
            str(folder), f"its layout is {raw.get('layout')}, this version opens {LAYOUT}; build it again"
        )
    spans = tuple(Span(*entry) for entry in raw["spans"])
    return Index(raw["giakit"], raw["complete"], spans, raw["manifest"])


def write_index(folder: Path, index: Index) -> None:
    """Make shards live: the one moment at which a panel changes."""
    raw = {
        "layout": LAYOUT,
        "giakit": index.version,
        "complete": index.complete,
        "manifest": index.manifest,
        "spans": [[span.name, span.digest, span.documents, span.reports] for span in index.spans],
    }
    write_whole(folder / INDEX, (json.dumps(raw, indent=0) + "\n").encode())
