"""The notebooks: what each finds in a panel, the figures it writes, and the run of all of them.

``PANEL``, ``FIGURES`` and ``LANG`` are set once for all notebooks: by the environment (``GIAKIT_PANEL`` …), else by the file
``panel.toml`` in the folder of the notebooks, else the panel is built from the reports that come with giakit.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giakit.data import shipped, toml_at
from giakit.errors import GiakitError, MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from giakit.panel.panel import Panel

_CELL_SECONDS = 600
_MAP = "README.md"
_HEAD = ("figure", "notebook", "data", "n", "simulated")


def _setting(name: str, default: str) -> str:
    """A setting of the notebooks: the environment's, else that of the nearest ``panel.toml``."""
    given = os.environ.get(f"GIAKIT_{name}")
    if given is not None:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "panel.toml"
        if path.exists():
            value = str(toml_at(path).get(name.lower(), default))
            return str((folder / value).resolve()) if value and name != "LANG" else value
    return default


def __getattr__(name: str) -> str:
    defaults = {"PANEL": "", "FIGURES": "figures", "LANG": "en"}
    if name in defaults:
        return _setting(name, defaults[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Study:
    """A panel as the notebooks use it: frames of its reports, the subjects they find in it, figures they write.

    Parameters
    ----------
    panel : path
        A panel; empty: one is built from the reports that come with giakit, into a temporary folder.
    figures : path
        Where figures and tables are written; simulated figures into its folder ``simulated``.
    lang : {"en", "zh"}
        Language of the figures; the style of giakit is set for it.
    name : str
        Number of the notebook; names of files begin with it.

    Examples
    --------
    >>> study = Study(figures=tempfile.mkdtemp(), name="02")
    >>> study.is_shipped, sorted(study.requests["form"].unique())
    (True, ['2019', '2021'])
    """

    def __init__(
        self,
        panel: str | os.PathLike[str] = "",
        figures: str | os.PathLike[str] = "figures",
        lang: str = "en",
        name: str = "",
    ) -> None:
        from giakit.figures import set_style

        set_style(lang)
        self.lang = lang
        self.figures = Path(figures)
        self.name = name
        self._given = str(panel)

    @cached_property
    def panel(self) -> Panel:
        """The panel, opened, or built from the shipped reports."""
        import giakit

        if self._given:
            return giakit.open_panel(self._given)
        # One folder a kernel: two notebooks that are open at once must not wait for each other's lock.
        self._folder = tempfile.TemporaryDirectory(prefix="giakit-")
        return giakit.build(shipped("data/reports"), Path(self._folder.name) / "panel", jobs=1, progress=False)

    @cached_property
    def is_shipped(self) -> bool:
        """Whether the panel is the one of the shipped reports, a convenience sample."""
        if not self._given:
            return True
        names = {path.name for path in shipped("data/reports").iterdir()}
        return {Path(path).name for path in self.panel.reports["source"].dropna()} <= names

    @cached_property
    def requests(self) -> pd.DataFrame:
        """One row a report on the forms of 2019 and 2021 that has a table of requests: totals by row code."""
        return self._on_forms(self.panel.wide("requests"), "new", "closed")

    @cached_property
    def applicants(self) -> pd.DataFrame:
        """As `requests`, with every column of the table (``new.natural_person``)."""
        return self._on_forms(self.panel.wide("requests", column=None), "new.total", "closed.total")

    @cached_property
    def remedies(self) -> pd.DataFrame:
        """Requests and remedies side by side, one row a report that has table 4."""
        from giakit.metrics import join_tables

        joined = join_tables(self.requests, self.panel.wide("remedies", column=None))
        named = [name for name in joined.columns if name.endswith(".total")]
        return joined[joined[named].notna().any(axis=1)].reset_index(drop=True) if named else joined.iloc[:0]

    @cached_property
    def at_hand(self) -> pd.DataFrame:
        """One row a report with its counts and group sums; for the shipped panel also what reports state in their prose.

        ``unit, agency_id, scope, tier, province, place_code, year``, flows, outcomes by group, totals of remedies (Float64).
        """
        import pandas as pd

        from giakit.metrics.counts import cell_values
        from giakit.metrics.definitions import term

        own = self.requests
        sums = {}
        for group in ("denied", "unable", "not_processed"):
            parts = own.reindex(columns=[code for code, _ in term(group)])
            sums[group] = parts.astype("Float64").sum(axis=1, skipna=False)
        other = cell_values(own, "other", None)
        sums["other"] = pd.Series(other if other is not None else pd.NA, own.index, dtype="Float64")
        own = own.drop(columns=["other"], errors="ignore").assign(**sums)
        if not self.is_shipped:
            return own
        stated = pd.read_csv(shipped("data/figures") / "stated.csv", dtype={"unit": "str"})
        counts = [name for name in stated.columns if name in own.columns and stated[name].dtype == "float64"]
        stated = stated.astype({**dict.fromkeys([*counts, "proactive_items"], "Float64"), "year": "Int64"})
        stated = stated.rename(columns={"level": "tier"}).assign(agency_id=stated["unit"])
        both = pd.concat([own, stated], ignore_index=True)
        # A report whose tables are at hand is not taken a second time from its prose.
        return both.drop_duplicates(["unit", "scope", "year"], keep="first").reset_index(drop=True)

    @property
    def source(self) -> str:
        """What `at_hand` holds, for the map of figures."""
        return "panel and stated.csv" if self.is_shipped else "panel"

    @staticmethod
    def _on_forms(frame: pd.DataFrame, *needed: str) -> pd.DataFrame:
        from giakit.metrics.counts import agencies

        modern = frame["form"].isin(["2019", "2021"]) & frame["year"].notna()
        # An agency that cannot be resolved is still one agency, and no other.
        named = agencies(frame)
        there = frame[list(needed)].notna().any(axis=1)
        return frame.assign(agency_id=named)[modern & there].reset_index(drop=True)

    def sound(self, frame: pd.DataFrame, *checks: str) -> pd.DataFrame:
        """The reports in which none of the named checks fails; how many are left out is said."""
        findings = self.panel.findings
        failing = findings[(findings["status"] == "fail") & findings["check"].str.startswith(checks)]["report_id"]
        kept = frame[~frame["report_id"].isin(failing)].reset_index(drop=True)
        print(f"{len(frame) - len(kept)} of {len(frame)} reports left out, because a check fails: {', '.join(checks)}")
        return kept

    def largest(self, frame: pd.DataFrame, column: str = "closed", most: int = 1) -> pd.DataFrame:
        """The reports with the largest count: of one size, the last by year and name."""
        known = frame[(frame[column] > 0).fillna(False).astype(bool)]
        ordered = known.sort_values([column, "year", "unit"], ascending=[False, False, True], kind="stable")
        return ordered.head(most).reset_index(drop=True)

    def names(self, frame: pd.DataFrame, *, by: str = "agency_id") -> dict[str, str]:
        """What figures call the agencies (or `by="report_id"` the reports, with their year) of a frame."""
        from giakit.figures import report_names

        known = frame.dropna(subset=[by]).sort_values("year", kind="stable").drop_duplicates(by, keep="last")
        named = report_names(known, lang=self.lang, year=by == "report_id")
        return dict(zip(known[by].astype(str), named, strict=True))

    def draw(self, name: str, figure: Callable[..., Axes], *frames: pd.DataFrame, **options: Any) -> Axes | None:
        """Draw a figure of the panel, write it and show it; say so where the panel does not hold what it needs.

        `simulated=True` marks the title and puts the files into the folder ``simulated``.
        """
        import matplotlib.pyplot as plt

        simulated = bool(options.pop("simulated", False))
        data = str(options.pop("data", "simulated" if simulated else "panel"))
        if any(not len(frame) for frame in frames):
            self.missing(f"{self.name}_{name}: no such report")
            return None
        try:
            ax = figure(*frames, lang=self.lang, **options)
        except GiakitError as error:
            plt.close()
            self.missing(f"{self.name}_{name}: {error}")
            return None
        if not len(ax.giakit.data) or (not ax.axison and not ax.patches and not ax.collections):  # type: ignore[attr-defined]
            plt.close()
            self.missing(f"{self.name}_{name}: {ax.giakit.title}")  # type: ignore[attr-defined]
            return None
        if simulated:
            ax.set_title("")
            plt.close()
            mark = {"en": "SIMULATED: ", "zh": "模拟数据："}[self.lang]
            options["title"] = mark + str(options.get("title") or ax.giakit.title)  # type: ignore[attr-defined]
            ax = figure(*frames, lang=self.lang, **options)
        self.save(ax.get_figure(), name, simulated=simulated, data=data)  # type: ignore[arg-type]
        return ax

    def save(self, figure: Figure, name: str, *, simulated: bool = False, data: str = "panel") -> None:
        """Write a figure with all that stands behind it, show it with its caption, and enter it into the map."""
        import matplotlib.pyplot as plt

        from giakit.figures import save

        full = f"{self.name}_{name}" + ("_SIMULATED" if simulated else "")
        folder = self.figures / "simulated" if simulated else self.figures
        save(figure, full, folder)
        drawn: list[Any] = [ax.giakit for ax in figure.axes if hasattr(ax, "giakit")]  # type: ignore[attr-defined]
        rows = sum(len(part.data) for part in drawn)
        n = f"{rows} rows; n counts {drawn[0].n}" if drawn else ""
        self._enter(full, "simulated" if simulated else data, n, simulated)
        _show(figure, " ".join(part.alt for part in drawn))
        plt.close(figure)
        print("\n".join(part.caption for part in drawn))

    def table(self, data: pd.DataFrame, name: str, *, source: str = "panel") -> pd.DataFrame:
        """Write a table as CSV, and give it back."""
        self.write(data.to_csv(index=False, lineterminator="\n"), f"{name}.csv", n=f"{len(data)} rows", source=source)
        return data

    def write(self, text: str, name: str, *, n: str = "", source: str = "panel") -> None:
        """Write a text file beside the figures."""
        self.figures.mkdir(parents=True, exist_ok=True)
        path = self.figures / f"{self.name}_{name}"
        path.write_text(text, encoding="utf-8", newline="\n")
        self._enter(path.name, source, n, False)

    def missing(self, what: str) -> None:
        """Say in one line what the panel does not hold."""
        print(f"Not in this panel: {what}. This part is left out.")

    def _enter(self, figure: str, data: str, n: str, simulated: bool) -> None:
        enter(self.figures, (figure, self.name, data, n, "simulated" if simulated else ""))


def _show(figure: Figure, alt: str) -> None:
    """Show a figure in the notebook, with its alternative text."""
    if "IPython" not in sys.modules:
        return
    from io import BytesIO

    from IPython.display import display

    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    data = {"image/png": picture.getvalue(), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": {"alt": alt}})  # type: ignore[no-untyped-call]


def enter(folder: Path, *entries: Sequence[str]) -> Path:
    """Write entries into the map of a folder of figures: one line a figure, those of the same name replaced."""
    path = folder / _MAP
    folder.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    known = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == len(_HEAD) and cells[0] != _HEAD[0] and not cells[0].startswith("-"):
            known[cells[0]] = cells
    known |= {entry[0]: [str(cell).replace("|", "/") for cell in entry] for entry in entries}
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("giakit", "pandas", "statsmodels", "matplotlib")
    )
    body = ["| " + " | ".join(known[name]) + " |" for name in sorted(known)]
    text = [
        "# Figures", "", "Written by the notebooks. Each figure is a PDF, a PNG, its data as CSV and its words as TXT; simulated ones lie in "
        "`simulated/`.", "", f"Python {platform.python_version()}, {versions}.", "", "| " + " | ".join(_HEAD) + " |",
        "|" + "---|" * len(_HEAD), *body,
    ]  # fmt: skip
    path.write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")
    return path


class NotebooksFailed(GiakitError, RuntimeError):
    """Cells of some notebooks raised; the others ran.

    Attributes
    ----------
    failed : dict of str to str
        Notebook to its first error.
    """

    def __init__(self, failed: dict[str, str]) -> None:
        self.failed = dict(failed)
        listed = "\n".join(f"  {name}: {reason}" for name, reason in failed.items())
        super().__init__(f"{len(failed)} notebooks failed, the others ran:\n{listed}")


def shipped_notebooks() -> list[Path]:
    """The notebooks that come with giakit, in the order of their numbers."""
    return sorted(shipped("notebooks").glob("*.ipynb"))


def copy_notebooks(directory: Path, language: str = "en") -> list[Path]:
    """Copy the notebooks to a folder, with the settings they share; one that is there already is kept.

    Parameters
    ----------
    directory : Path
        Where to.
    language : {"en", "zh"}
        Of their prose.

    Returns
    -------
    list of Path
        The copies that were made.
    """
    import json

    directory.mkdir(parents=True, exist_ok=True)
    settings = shipped("notebooks") / "panel.toml"
    if not (directory / settings.name).exists():
        text = settings.read_text(encoding="utf-8").replace('lang = "en"', f'lang = "{language}"')
        (directory / settings.name).write_text(text, encoding="utf-8", newline="\n")
    copied = []
    for notebook in shipped_notebooks():
        target = directory / notebook.name
        if target.exists():
            continue
        if language == "en":
            shutil.copyfile(notebook, target)
        else:
            content = in_language(json.loads(notebook.read_text(encoding="utf-8")), language)
            target.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
        copied.append(target)
    return copied


def in_language(notebook: Any, language: str) -> Any:
    """A notebook whose prose is in a language: each cell of prose holds its translation."""
    for cell in notebook["cells"]:
        translated = cell["metadata"].get(language)
        if cell["cell_type"] == "markdown" and translated:
            cell["source"] = translated
    return notebook


def run_notebooks(*, panel: Path | None, out: Path, language: str = "en") -> list[Path]:
    """Run every notebook and say what it wrote; one that fails does not keep the others from running.

    Parameters
    ----------
    panel : Path or None
        The panel that the notebooks read; None: one is built from the reports that are shipped.
    out : Path
        Folder of the figures; its ``README.md`` lists them.
    language : {"en", "zh"}
        Of figures and prose.

    Returns
    -------
    list of Path
        What was written into `out`, by name.

    Raises
    ------
    BadPanel
        If there is no panel at `panel`.
    MissingExtra
        If nbclient is not installed.
    NotebooksFailed
        At the end, with the first error of each notebook that failed.
    """
    if find_spec("nbclient") is None:
        raise MissingExtra("nbclient", "notebooks")
    from tqdm import tqdm

    out = out.absolute()
    failed: dict[str, str] = {}
    with _panel(panel) as folder:
        out.mkdir(parents=True, exist_ok=True)
        began = time.time_ns()
        settings = {"PANEL": str(folder), "FIGURES": str(out), "LANG": language}
        with tqdm(shipped_notebooks(), unit="notebook", file=sys.stderr, ascii=True) as bar:
            for notebook in bar:
                bar.set_description(notebook.stem)
                reason = _run(notebook, settings)
                if reason:
                    failed[notebook.name] = reason
    if failed:
        raise NotebooksFailed(failed)
    return sorted(path for path in out.rglob("*") if path.is_file() and path.stat().st_mtime_ns >= began - 10**9)


@contextmanager
def _panel(panel: Path | None) -> Iterator[Path]:
    import giakit

    if panel is not None:
        yield giakit.open_panel(panel).path.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="giakit-") as folder:
        yield giakit.build(shipped("data/reports"), Path(folder) / "panel").path


def _run(path: Path, settings: dict[str, str]) -> str:
    """Run one notebook; the error of the first cell that raised, empty if none did."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = in_language(nbformat.read(path, as_version=4), settings["LANG"])  # type: ignore[no-untyped-call]
    environment = {**os.environ, **{f"GIAKIT_{name}": value for name, value in settings.items()}}
    with tempfile.TemporaryDirectory(prefix="giakit-") as folder:
        client = NotebookClient(
            notebook, timeout=_CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}},
            # The kernel's own warnings would tear the progress bar.
            extra_arguments=["--log-level=ERROR"],
        )  # fmt: skip
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            return f"{error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            return str(error).splitlines()[0]
    return ""
