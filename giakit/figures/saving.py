"""Write a figure and the data behind it: the same input gives the same bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from giakit.errors import GiakitError
from giakit.figures.fonts import no_missing_glyphs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

WORD = "SIMULATED"


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

    def __reduce__(self) -> tuple[type[Unmarked], tuple[str, str]]:
        return type(self), (self.name, self.reason)


def save(
    figure: Figure, name: str, folder: str | os.PathLike[str] = "figures", *, data: pd.DataFrame
) -> list[Path]:
    """Write a figure as PDF and PNG, and the data drawn as CSV.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    name : str
        Name of the files, without ending. It holds ``SIMULATED`` exactly if a title of the figure does.
    folder : path
        Where to write; made if it is not there.
    data : pandas.DataFrame
        The numbers drawn, as the ``*_data`` twin of the figure gives them.

    Returns
    -------
    list of Path
        ``name.pdf`` (Type 42 fonts, no date), ``name.png`` (300 dpi), ``name.csv`` (UTF-8).

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
    >>> import tempfile, pandas as pd, matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> data = pd.DataFrame({"year": [2024], "rate": [0.5]})
    >>> [path.name for path in save(figure, "rates", tempfile.mkdtemp(), data=data)]
    ['rates.pdf', 'rates.png', 'rates.csv']
    >>> plt.close(figure)
    """
    import matplotlib as mpl

    _check_marks(figure, name)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = [target / f"{name}.{ending}" for ending in ("pdf", "png", "csv")]
    with mpl.rc_context({"pdf.fonttype": 42, "savefig.bbox": None}), no_missing_glyphs():
        figure.savefig(paths[0], metadata={"CreationDate": None, "Producer": None, "Creator": None})
        figure.savefig(paths[1], dpi=300, metadata={"Software": None})
    data.to_csv(paths[2], index=False, encoding="utf-8", lineterminator="\n")
    return paths


def _check_marks(figure: Figure, name: str) -> None:
    titles = [ax.get_title(loc=place) for ax in figure.axes for place in ("left", "center", "right")]
    titles.append(figure.get_suptitle())
    said = any(WORD in title for title in titles)
    if said and WORD not in name:
        raise Unmarked(name, f"its title says {WORD}; the name of the file must say so too")
    if WORD in name and not said:
        raise Unmarked(name, f"the name of the file says {WORD}; a title of the figure must say so too")
