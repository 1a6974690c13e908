"""Panels with a known fault, for the tests of trust and audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import giakit as gia
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from typeset import random_figures, typeset

Figures = Mapping[tuple[str, str, str], float]
LEDGER = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date\n"
NOTES = "report_id,fingerprint,note,who,date\n"
SUIT = ("remedies", "suit_direct", "total")


def built(folder: Path, pages: Mapping[str, bytes]) -> Panel:
    """A panel of these pages; pages of an earlier call stay in the source."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    for name, data in pages.items():
        (source / name).write_bytes(data)
    return gia.build(source, folder / "panel", executor=InProcess(), progress=False)


def page(unit: str, year: int, figures: Figures | None = None, **options: object) -> bytes:
    """One report as HTML."""
    return typeset(
        random_figures(f"{unit}{year}") if figures is None else figures, unit=unit, year=year, **options
    ).data  # type: ignore[arg-type]


def zero_total(unit: str = "金湖县人民政府", year: int = 2023) -> bytes:
    """A report of which a total was left at 0 over parts that add to 3."""
    figures = dict(random_figures(1)) | {
        ("remedies", "suit_direct", column): value
        for column, value in zip(["upheld", "corrected", "other", "pending"], [2, 0, 1, 0], strict=True)
    }
    return page(unit, year, figures | {SUIT: 0})


def report_id(panel: Panel, unit: str, year: int) -> str:
    """The id of the report of that unit and year."""
    reports = panel.reports
    found: str = reports.loc[(reports["unit"] == unit) & (reports["year"] == year), "report_id"].item()
    return found
