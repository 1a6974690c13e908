"""Pictures that pages show, drawn by giakit from the shipped reports, or from simulated panels that say so."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

import giakit as gia
from _pages.gallery import state
from giakit.data import shipped


def make(docs: Path) -> None:
    """Draw what was not drawn yet with this state of the package."""
    folder = docs / "_generated"
    folder.mkdir(exist_ok=True)
    digest, stamp = state(), folder / "pictures.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    gia.figures.set_style("en")
    with tempfile.TemporaryDirectory() as place:
        panel = gia.build(shipped("data/reports"), Path(place) / "panel", jobs=1, progress=False)
        requests = panel.wide("requests")
    for name, draw in _PICTURES.items():
        ax = draw(requests)
        ax.figure.savefig(folder / f"{name}.png", dpi=160, bbox_inches="tight", facecolor="white")
        plt.close(ax.figure)
    stamp.write_text(digest, encoding="utf-8")


def _denominators(requests: Any) -> Any:
    return gia.figures.rates_by_denominator(requests[requests["unit"] == "淮安市人民政府"])


def _fate(requests: Any) -> Any:
    return gia.figures.fate_of_requests(requests[requests["year"] >= 2023], by="year")


_MAP_TITLE = "SIMULATED: requests disclosed, shrunken rates"


def _map(requests: Any) -> Any:
    simulated = gia.simulate.panel(agencies=300, years=[2024], seed=9)
    return gia.figures.tile_map(simulated.requests, title=_MAP_TITLE)


def _choropleth(requests: Any) -> Any:
    simulated = gia.simulate.panel(agencies=300, years=[2024], seed=9)
    return gia.figures.choropleth(simulated.requests, labels="name", title=_MAP_TITLE)


def _funnel(requests: Any) -> Any:
    simulated = gia.simulate.panel(agencies=200, years=[2024], seed=5)
    return gia.figures.funnel(simulated.requests, title="SIMULATED: disclosure by agency, with funnel limits")


_PICTURES: dict[str, Callable[[Any], Any]] = {
    "fate": _fate,
    "denominators": _denominators,
    "map": _map,
    "choropleth": _choropleth,
    "funnel": _funnel,
}
