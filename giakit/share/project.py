"""A replication package that runs: ``giakit new PROJECT``."""

from __future__ import annotations

import json
import os
import re
import shutil
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from giakit import __version__
from giakit.data import text
from giakit.errors import UnknownChoice
from giakit.panel.corrections import LEDGER_COLUMNS

_SOURCES = ("path", "url", "captured", "unit", "year", "place")
_UNITS = ("unit", "tier")
_NOTEBOOK = (
    "# {name}\n\nEvery number and figure of the paper. `python run.py` builds the panel first.",
    'import giakit as gia\n\npanel = gia.open_panel("panel")\nrequests = panel.wide("requests")\nlen(panel), panel.findings["status"].value_counts().to_dict()',
    "## Rates\n\nTable 1. The denominator is every request closed in the year; intervals are clustered by agency.",
    'rates = gia.metrics.disclosure_rate(requests, denominator="closed", by="year")\nrates.to_csv("output/rates.csv", index=False)\nrates',
    "## Figure 1\n\nWhat became of the requests.",
    'ax = gia.figures.fate_of_requests(requests)\nax.figure.savefig("output/fate_of_requests.png", dpi=200, bbox_inches="tight")',
)


def new_project(folder: str | os.PathLike[str], *, reports: str | os.PathLike[str] | None = None) -> Path:
    """Lay out a replication package.

    Parameters
    ----------
    folder : path
        Made new: raw/ with sources.csv, units.csv, corrections.csv, analysis.ipynb, run.py, requirements.txt and a README in the
        form that journals' data editors ask for.
    reports : path, optional
        A folder whose files are copied into raw/; its ``sources.csv`` (as `giakit.collect` writes it, in the folder or beside it) goes with them.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UnknownChoice
        If the folder exists and holds something, or `reports` is no folder.

    Examples
    --------
    >>> import giakit as gia
    >>> from giakit.share.project import new_project
    >>> sorted(path.name for path in new_project("paper").iterdir())
    ['README.md', 'analysis.ipynb', 'corrections.csv', 'raw', 'requirements.txt', 'run.py', 'units.csv']
    """
    target = Path(folder)
    if target.exists() and any(target.iterdir()):
        raise UnknownChoice("folder", str(target), ["a folder that is new or empty"])
    raw = target / "raw"
    raw.parent.mkdir(parents=True, exist_ok=True)
    if reports is None:
        raw.mkdir()
    else:
        given = Path(reports)
        if not given.is_dir():
            raise UnknownChoice("reports", str(given), ["a folder of reports"])
        shutil.copytree(given, raw)
        beside = given.parent / "sources.csv"
        if not (raw / "sources.csv").exists() and beside.is_file():
            shutil.copy(beside, raw)
    if not (raw / "sources.csv").exists():
        _write(raw / "sources.csv", ",".join(_SOURCES) + "\n")
    _write(target / "units.csv", ",".join(_UNITS) + "\n")
    _write(target / "corrections.csv", ",".join(LEDGER_COLUMNS) + "\n")
    _write(target / "run.py", text("share", "project/run.py"))
    readme = text("share", "project/README.md").replace("{name}", target.name).replace("{version}", __version__)
    _write(target / "README.md", readme)
    _write(target / "analysis.ipynb", _notebook(target.name))
    _write(target / "requirements.txt", "".join(f"{name}=={number}\n" for name, number in sorted(_pinned())))
    return target


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


def _notebook(name: str) -> str:
    cells = []
    for number, source in enumerate(_NOTEBOOK):
        lines = source.replace("{name}", name).splitlines(keepends=True)
        cell: dict[str, object] = {"id": f"cell-{number}", "metadata": {}, "source": lines}
        if source.startswith("#"):
            cells.append(cell | {"cell_type": "markdown"})
        else:
            cells.append(cell | {"cell_type": "code", "execution_count": None, "outputs": []})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _pinned() -> set[tuple[str, str]]:
    """giakit with its notebooks and all that these need, in the versions that are installed here."""
    pins: dict[str, str] = {}
    waiting = [("giakit", "notebooks")]
    while waiting:
        name, extra = waiting.pop()
        if name in pins:
            continue
        try:
            pins[name] = version(name)
        except PackageNotFoundError:
            continue
        for line in requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting.append((re.sub(r"[-_.]+", "-", needed.name).lower(), ""))
    return {(f"{name}[notebooks]" if name == "giakit" else name, number) for name, number in pins.items()}
