"""What a notebook needs beside its question: a panel, a folder for its figures, and the list of what it wrote."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from giakit.data import shipped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from giakit.metrics.modelframe import Fit
    from giakit.panel.panel import Panel


class Notebook:
    """The bench of one notebook.

    Parameters
    ----------
    panel : path
        A panel; empty: one is built from the reports that come with giakit, into a temporary folder.
    figures : path
        Where figures and tables are written.
    lang : {"en", "zh"}
        Language of the figures; the style of giakit is set for it.

    Attributes
    ----------
    written : list of str
        Names of the files written so far.

    Examples
    --------
    >>> bench = Notebook(figures=tempfile.mkdtemp())
    >>> bench.is_shipped, bench.written
    (True, [])
    """

    def __init__(
        self,
        panel: str | os.PathLike[str] = "",
        figures: str | os.PathLike[str] = "figures",
        lang: str = "en",
    ) -> None:
        from giakit.figures import set_style

        set_style(lang)
        self.lang = lang
        self.figures = Path(figures)
        self.written: list[str] = []
        self._given = str(panel)

    @cached_property
    def panel(self) -> Panel:
        """The panel, opened, or built from the shipped reports."""
        import giakit

        if self._given:
            return giakit.open_panel(self._given)
        # One folder a kernel: two notebooks that are open at once must not wait for each other's lock.
        self._folder = tempfile.TemporaryDirectory(prefix="giakit-")
        return giakit.build(
            shipped("data/reports"), Path(self._folder.name) / "panel", jobs=1, progress=False
        )

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
        """Requests and remedies side by side, one row a report."""
        from giakit.metrics.remedies import join_tables

        return join_tables(self.requests, self.panel.wide("remedies", column=None))

    @staticmethod
    def _on_forms(frame: pd.DataFrame, *needed: str) -> pd.DataFrame:
        modern = frame["form"].isin(["2019", "2021"]) & frame["year"].notna()
        return frame[modern & frame[list(needed)].notna().any(axis=1)].reset_index(drop=True)

    def enough(self, frame: pd.DataFrame, agencies: int = 30, years: int = 1) -> bool:
        """Whether a frame holds so many agencies and years that a figure of many agencies means something."""
        if not len(frame):
            return False
        named = frame["agency_id"].fillna(frame["unit"])
        return named.nunique() >= agencies and frame["year"].nunique() >= years

    def missing(self, what: str) -> None:
        """Say in one line what the panel does not hold."""
        print(f"Not in this panel: {what}. This part is left out.")

    def simulated(self, what: str) -> None:
        """Say in one line that the panel holds too little, and that what follows is simulated."""
        print(f"This panel holds too little for {what}: what follows is SIMULATED, with a known truth.")

    def choose(
        self,
        frame: pd.DataFrame,
        simulate: Callable[[], pd.DataFrame],
        *,
        what: str,
        agencies: int = 30,
        years: int = 1,
    ) -> tuple[pd.DataFrame, bool]:
        """The panel's frame where it holds enough agencies and years, else a simulated one; whether it is simulated."""
        if self.enough(frame, agencies, years):
            return frame, False
        self.simulated(what)
        return simulate(), True

    def title(self, text: str, *, simulated: bool = False) -> str:
        """A title in the language of the figures, marked where the data are simulated.

        Parameters
        ----------
        text : str
            A key of the family ``text`` of :func:`giakit.figures.words`, or the title itself.
        simulated : bool
            Whether the data are simulated.
        """
        from giakit.figures import words

        said = words("text", self.lang).get(text, text)
        return f"SIMULATED: {said}" if simulated else said

    def save(self, figure: Figure, name: str, data: pd.DataFrame, *, simulated: bool = False) -> None:
        """Write a figure with its data; the name says where the data are simulated."""
        from giakit.figures import save

        full = f"{name}_SIMULATED" if simulated else name
        self.written.extend(path.name for path in save(figure, full, self.figures, data=data))

    def save_table(self, data: pd.DataFrame, name: str, *, simulated: bool = False) -> None:
        """Write a table as CSV."""
        self._write(
            f"{name}_SIMULATED" if simulated else name, "csv", data.to_csv(index=False, lineterminator="\n")
        )

    def save_regression(self, fits: list[Fit], name: str, *, simulated: bool = False, **options: Any) -> str:
        """Write a regression table as Markdown and LaTeX; the Markdown is given back."""
        from giakit.metrics.tables import regression_table

        full = f"{name}_SIMULATED" if simulated else name
        texts = {
            ending: str(regression_table(fits, format=kind, **options))
            for ending, kind in (("md", "markdown"), ("tex", "latex"))
        }
        for ending, text in texts.items():
            self._write(full, ending, text)
        return texts["md"]

    def _write(self, name: str, ending: str, text: str) -> None:
        self.figures.mkdir(parents=True, exist_ok=True)
        path = self.figures / f"{name}.{ending}"
        path.write_text(text, encoding="utf-8", newline="\n")
        self.written.append(path.name)

    def close(self) -> None:
        """Print what was written."""
        print(f"{len(self.written)} files in {self.figures}:" if self.written else "Nothing was written.")
        for name in self.written:
            print(f"  {name}")
