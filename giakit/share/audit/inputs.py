"""A panel of whatever a person points at: a panel's folder, or reports that are read into one for the moment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from giakit.errors import NotAReport, UnreadableDocument
from giakit.panel.build import build
from giakit.panel.panel import Panel, open_panel
from giakit.panel.schema import INDEX


@contextmanager
def panel_of(source: str | os.PathLike[str], *, progress: bool | None = None) -> Iterator[Panel]:
    """The panel at `source`, or one of the reports there, which lasts as long as the context.

    Raises
    ------
    UnreadableDocument, NotAReport
        If `source` is a single file that cannot be read, or nothing at all can be.
    """
    if (Path(source) / INDEX).exists():
        yield open_panel(source)
        return
    with tempfile.TemporaryDirectory() as folder:
        panel = build(source, Path(folder) / "panel", progress=progress)
        _require_reports(panel, str(source))
        yield panel


def _require_reports(panel: Panel, source: str) -> None:
    if len(panel):
        return
    manifest = panel.manifest
    if len(manifest) == 1:
        line = manifest.iloc[0]
        kind = NotAReport if line["status"] == "not_a_report" else UnreadableDocument
        raise kind(source, str(line["reason"]))
    raise UnreadableDocument(
        source,
        f"none of its {len(manifest):,} files could be read as a report" if len(manifest) else "it holds no files",
    )
