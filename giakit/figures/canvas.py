"""What every figure stands on: Axes of a journal's size, title and note, axes of rates, fonts of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from giakit.figures.fonts import cjk_font
from giakit.figures.style import check_language, colour, size

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Text that stands small beside the data.
SMALL = 6.5
#: Mark of the note below a title.
NOTE = "giakit note"


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples."""
    return iter(frame.itertuples(index=False))


def axes(ax: Axes | None, *, columns: int = 2, height: float = 3.4) -> Axes:
    """The Axes given, or those of a new figure of that size."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size(columns, height), layout="constrained")[1]


def head(ax: Axes, title: str | None, note: str = "", *, above: float = 0.0) -> None:
    """Put a title, and below it what the reader must know: data, n, interval.

    `above` leaves so many points for tick labels that stand on top. :func:`finish` breaks the lines.
    """
    if note:
        text = ax.annotate(
            note, (0, 1), xytext=(0, 5 + above), xycoords="axes fraction", textcoords="offset points", ha="left",
            va="bottom", fontsize=SMALL, color=colour("muted", "roles"), linespacing=1.25, annotation_clip=False,
        )  # fmt: skip
        text.set_gid(NOTE)
        # A long line must not push the axes aside: it is broken once their width is known.
        text.set_in_layout(False)
    if title:
        ax.set_title(title, loc="left", pad=_pad(note, above))


def _pad(note: str, above: float) -> float:
    return above + (6 if not note else 9 + (note.count("\n") + 1) * SMALL * 1.35)


def _break_lines(ax: Axes) -> None:
    """Break title and note to the width there is."""
    note: Any = next((text for text in ax.texts if text.get_gid() == NOTE), None)
    title: Any = next(iter(ax.findobj(_is_title)), None)
    figure: Any = ax.figure
    if title is None or figure is None or not title.get_text():
        return
    title.set_in_layout(False)
    figure.draw_without_rendering()
    box = ax.get_window_extent()
    grid = ax.get_subplotspec()
    alone = grid is None or grid.get_gridspec().ncols == 1
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    right = figure.bbox.x1 - 4 if alone else box.x1
    above = 0.0
    if note is not None:
        above = float(note.xyann[1]) - 5
        note.set_text(_fitted(note, right - box.x0, renderer))
    title.set_text(_fitted(title, max(box.width, 0.75 * (right - box.x0)), renderer))
    ax.set_title(title.get_text(), loc="left", pad=_pad("" if note is None else note.get_text(), above))
    title.set_in_layout(True)


def _is_title(artist: Any) -> bool:
    return (
        hasattr(artist, "axes")
        and artist.axes is not None
        and artist is getattr(artist.axes, "_left_title", None)
    )


def _fitted(text: Any, width: float, renderer: Any) -> str:
    """The text with lines broken at spaces (anywhere in Chinese) so that none is wider than so many pixels."""
    lines = []
    for line in text.get_text().split("\n"):
        text.set_text(line)
        needed = text.get_window_extent(renderer).width
        most = max(12, int(len(line) * width / needed)) if needed > width else len(line)
        lines += wrap(line, most) or [""]
    return "\n".join(lines)


def percent(ax: Axes, axis: str = "x", digits: int = 0) -> None:
    """Print the ticks of an axis of rates as per cent."""
    from matplotlib.ticker import FuncFormatter

    show: Callable[[float, Any], str] = lambda value, _: f"{value * 100:.{digits}f}%"  # noqa: E731
    (ax.xaxis if axis == "x" else ax.yaxis).set_major_formatter(FuncFormatter(show))


def finish(ax: Axes, lang: str) -> Axes:
    """Set all text of the Axes in a font that has the characters of the language, and break title and note."""
    check_language(lang)
    if lang == "zh":
        from matplotlib.text import Text

        family = [cjk_font(), "DejaVu Sans"]
        for text in ax.findobj(Text):
            text.set_fontfamily(family)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_tick_params(labelfontfamily=family)
    _break_lines(ax)
    return ax
