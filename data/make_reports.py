"""Typesets data/reports from data/figures: the same figures give the same bytes.

python data/make_reports.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from typeset import Typeset, typeset

HERE = Path(__file__).resolve().parent
NOTE = (
    "表中数字系所示年度报告原公布的数字（出处：{source}）；版式和文字由 giakit 排印，并非原文。"
    " Figures as published; typesetting and wording by giakit, not the original document."
)
TEXT_EVERY = 3
"""One report in three is typeset as text, the others as HTML."""


PERIOD = "所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。"
LEFT_OUT = "原文的文字从略。"


def texts(year: int, figures: Mapping[tuple[str, str, str], float]) -> dict[str, list[str]]:
    """Sentences that say nothing beyond the figures: nothing is invented about an agency that exists."""
    flows = [figures.get(("requests", row, "total")) for row in ("new", "closed", "carried_out")]
    if None not in flows:
        new, closed, carried_out = (int(flow) for flow in flows if flow is not None)
        overview = f"全年共收到政府信息公开申请{new}件，办结{closed}件，结转下年度继续办理{carried_out}件。"
    else:
        overview = LEFT_OUT
    last = ("2", "3", "4") if overview == LEFT_OUT else ("5", "6")
    return {
        "preface": [PERIOD.format(year=year)],
        "1": [overview],
        **{chapter: [LEFT_OUT] for chapter in last},
    }


def reports(figures: Path = HERE / "figures") -> list[Typeset]:
    """All reports, in the order of `tables.csv`."""
    table = pd.read_csv(figures / "tables.csv")
    units = pd.read_csv(figures / "units.csv")
    documents = []
    for index, ((unit, year), frame) in enumerate(table.groupby(["unit", "year"], sort=False)):
        addresses = zip(frame["table"], frame["row"], frame["column"], strict=True)
        figures_of = dict(zip(addresses, frame["value"], strict=True))
        own = units[(units["unit"] == unit) & (units["year"] == year)]
        documents.append(
            typeset(
                figures_of,
                unit=str(unit),
                year=int(year),
                form=str(frame["form"].iloc[0]),
                format="text" if index % TEXT_EVERY == TEXT_EVERY - 1 else "html",
                texts=texts(int(year), figures_of),
                note=NOTE.format(source=frame["source"].iloc[0]),
                units={
                    f"{row.table}.{row.row}.{row.column}": str(row.printed_unit) for row in own.itertuples()
                },
            )
        )
    return documents


def main(folder: Path) -> None:
    """Write the documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in reports():
        (folder / document.name).write_bytes(document.data)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "reports")
