"""Folders of typeset reports for the tests of panels and builds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from typeset import random_figures, typeset

UNITS = ["卧龙区商务局", "淮安市人民政府", "金湖县人民政府", "上海市教育委员会", "泰州市税务局", "平潭综合实验区管委会"]


def write_reports(folder: Path, count: int = 6) -> Path:
    """Reports of several agencies and years, in several formats; the same bytes on every call."""
    formats = ("html", "text", "docx", "markdown")
    for number in range(count):
        year = 2021 + number % 4
        page = typeset(
            random_figures(number),
            unit=UNITS[number % len(UNITS)],
            year=year,
            format=formats[number % len(formats)],
            seed=number,
        )
        path = folder / str(year) / f"{number:03d}_{page.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.data)
    return folder


def report_bytes(unit: str = "卧龙区商务局", year: int = 2023, new: int = 3) -> bytes:
    """A small report as HTML."""
    return typeset({("requests", "new", "total"): new}, unit=unit, year=year).data


def panel_files(out: Path) -> dict[str, bytes]:
    """What a panel is, without timings."""
    files = [path for path in out.rglob("*") if path.is_file() and path.name not in ("timings.csv", ".lock")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def same_frame(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Raise where frames differ, dtypes included."""
    pd.testing.assert_frame_equal(one, other)
