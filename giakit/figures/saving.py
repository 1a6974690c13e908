"""Write a figure and what stands behind it: the same input gives the same bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from giakit.errors import GiakitError
from giakit.figures.style import no_missing_glyphs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What a title says of simulated data, in either language.
MARKS = ("SIMULATED", "模拟数据")


class Unmarked(GiakitError, ValueError):
    """A figure of simulated data that does not say so everywhere, or one of real data that says it is simulated.

    Attributes
    ----------
    name : str
        Name of the file.
    reason : str
        What is missing.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: {reason}")


def save(
    figure: Figure, name: str, folder: str | os.PathLike[str] = "figures", *, data: pd.DataFrame | None = None
) -> list[Path]:
    """Write a figure as PDF and PNG, the data drawn as CSV, and what a paper says of it as text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    name : str
        Name of the files, without ending. It holds ``SIMULATED`` exactly if a title of the figure says so.
    folder : path
        Where to write; made if it is not there.
    data : pandas.DataFrame, optional
        The numbers drawn; by default those that ``ax.giakit.data`` holds.

    Returns
    -------
    list of Path
        ``name.pdf`` (Type 42 fonts, no date; Title and Subject say what it is), ``name.png`` (300 dpi), ``name.csv``
        (UTF-8) and, for figures of giakit, ``name.txt``: caption, alternative text, intervals, what n counts.

    Raises
    ------
    MissingGlyphs
        If a character has no glyph in the figure's font.
    Unmarked
        If name and titles disagree on whether the data are simulated.

    Notes
    -----
    Two runs on the same machine and versions write the same bytes: no date, no version of matplotlib.

    Examples
    --------
    >>> import tempfile, matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> data = pd.DataFrame({"year": [2024], "rate": [0.5]})
    >>> [path.name for path in save(figure, "rates", tempfile.mkdtemp(), data=data)]
    ['rates.pdf', 'rates.png', 'rates.csv']
    >>> plt.close(figure)
    """
    import matplotlib as mpl

    _check_marks(figure, name)
    drawn: list[Any] = [ax.giakit for ax in figure.axes if hasattr(ax, "giakit")]  # type: ignore[attr-defined]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = [target / f"{name}.{ending}" for ending in ("pdf", "png", "csv")]
    title = " | ".join(part.title for part in drawn) or name
    described = {"Title": title.replace("\n", " ")}
    if drawn:
        described["Subject"] = " ".join(part.caption for part in drawn)
    nothing = {"CreationDate": None, "Producer": None, "Creator": None}
    with mpl.rc_context({"pdf.fonttype": 42, "savefig.bbox": None}), no_missing_glyphs():
        figure.savefig(paths[0], metadata={**described, **nothing})
        figure.savefig(paths[1], dpi=300, metadata={**described, "Software": None})
    if data is None:
        data = pd.concat([part.data for part in drawn], ignore_index=True) if drawn else pd.DataFrame()
    data.to_csv(paths[2], index=False, encoding="utf-8", lineterminator="\n")
    if drawn:
        paths.append(target / f"{name}.txt")
        paths[3].write_text("\n\n".join(_words(part) for part in drawn) + "\n", encoding="utf-8", newline="\n")
    return paths


def _words(part: Any) -> str:
    lines = {"Caption": part.caption, "Alternative text": part.alt, "Intervals": part.interval or "none", "n": part.n}
    return "\n".join(f"{name}: {text}" for name, text in lines.items())


def _check_marks(figure: Figure, name: str) -> None:
    titles = [ax.get_title(loc=place) for ax in figure.axes for place in ("left", "center", "right")]
    titles.append(figure.get_suptitle())
    said = any(mark in title for title in titles for mark in MARKS)
    if said and MARKS[0] not in name:
        raise Unmarked(name, f"its title says {MARKS[0]}; the name of the file must say so too")
    if MARKS[0] in name and not said:
        raise Unmarked(name, f"the name of the file says {MARKS[0]}; a title of the figure must say so too")
