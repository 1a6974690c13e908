"""What every figure stands on: an Axes of any size, on which text is measured before it is placed.

Text is placed when the figure is drawn, because only then the size of every panel is known: names of rows are broken
or shortened, ticks thinned, names beside marks moved to where there is room, or left out. Nothing is printed over
anything else.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import pandas as pd
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine

from giakit.figures import wording
from giakit.figures.style import SMALL, SMALLEST, check_language, cjk_font, colour, size
from giakit.figures.wording import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The title that a figure has where none is given.
AUTO = "auto"
#: Share of a panel's width that names of rows, and what stands right of the axes, may take.
ROW_NAMES, MARGIN = 0.42, 0.3
#: Requests below which a rate is drawn in grey.
FEW = 10
#: Offset from the point, horizontal and vertical alignment, of a name beside its mark.
SIDES: dict[str, tuple[float, float, str, str]] = {
    "right": (1, 0, "left", "center"), "left": (-1, 0, "right", "center"), "above": (0, 1, "center", "bottom"),
    "below": (0, -1, "center", "top"), "centre": (0, 0, "center", "center"), "corner": (1, -0.6, "left", "top"),
    "upright": (1, -0.6, "left", "top"), "above right": (0.5, 0.8, "left", "bottom"), "below right": (0.5, -0.8, "left", "top"),
    "above left": (-0.5, 0.8, "right", "bottom"), "below left": (-0.5, -0.8, "right", "top"),
}  # fmt: skip
ROUND_THE_POINT = (
    "right",
    "above right",
    "below right",
    "above",
    "below",
    "left",
    "above left",
    "below left",
)


class Look(TypedDict, total=False):
    """What every figure takes beside its own options.

    Attributes
    ----------
    lang : {"en", "zh"}
        Language of the figure.
    title : str or None
        ``"auto"`` is the figure's own title; None leaves it out.
    note : bool
        Print the note (n, interval) in grey below the title too; it always stands in ``ax.giakit.caption``.
    color : str, or mapping of code to colour
        In place of the palette.
    labels : mapping of code to text, or sequence of text in the order drawn
        What to call rows, groups or lines, in place of their names.
    """

    lang: str
    title: str | None
    note: bool
    color: str | Mapping[Any, str] | None
    labels: Mapping[Any, str] | Sequence[str] | None


@dataclass(frozen=True)
class Drawn:
    """What ``ax.giakit`` knows of the figure on an Axes.

    Attributes
    ----------
    figure : str
        Name of the function that drew it.
    data : pandas.DataFrame
        The numbers drawn.
    title, caption, alt : str
        Title; caption with n, units and intervals; a sentence for those who cannot see the figure.
    interval : str
        Name of the intervals, empty where there are none.
    n : str
        What n counts.
    """

    figure: str
    data: pd.DataFrame
    title: str
    caption: str
    alt: str
    interval: str
    n: str


#: Defaults of the look, in the order of the signature.
LOOK: dict[str, Any] = {"lang": "en", "title": AUTO, "note": False, "color": None, "labels": None}


def drawing(data: Callable[..., pd.DataFrame]) -> Callable[[Callable[..., Axes]], Callable[..., Axes]]:
    """Make a public figure of a function that draws on a canvas: it takes what its data twin takes, Axes, and the look.

    The signature, and the sections of the docstring that all figures share, are written here once.
    """
    twin = inspect.signature(data).parameters.values()
    frames = [part for part in twin if part.kind is part.POSITIONAL_OR_KEYWORD]
    options = [part for part in twin if part.kind is part.KEYWORD_ONLY and part.name not in LOOK]
    rest = [part for part in twin if part.kind is part.VAR_KEYWORD and part.name != "look"]
    look = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in LOOK.items()
    ]
    ax = inspect.Parameter(
        "ax", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation="Axes | None"
    )
    signature = inspect.Signature([*frames, ax, *options, *look, *rest], return_annotation="Axes")

    def made(draw: Callable[..., Axes]) -> Callable[..., Axes]:
        @wraps(draw)
        def figure(*args: Any, **given: Any) -> Axes:
            bound = signature.bind(*args, **given)
            bound.apply_defaults()
            values = bound.arguments
            taken = {part.name: values[part.name] for part in options}
            for part in rest:
                taken |= values.get(part.name, {})
            shown: Any = {name: values[name] for name in LOOK}
            canvas = Canvas(draw.__name__, values["ax"], shown)
            drawn = {part.name: values[part.name] for part in frames}
            return draw(canvas, data(*drawn.values(), **taken), **drawn, **taken)

        figure.__signature__ = signature  # type: ignore[attr-defined]
        figure.__doc__ = _documented(draw, data, [part.name for part in (*frames, *options)])
        return figure

    return made


def _documented(draw: Callable[..., Axes], data: Callable[..., pd.DataFrame], names: list[str]) -> str:
    about, *sections = re.split(r"\n(?=(?:Notes|References|Examples)\n-)", inspect.getdoc(draw) or "")
    raised = re.search(r"\nRaises\n-+\n(.*?)(?=\n\n[A-Z]\w+\n-|\Z)", inspect.getdoc(data) or "", re.S)
    errors = raised[1] if raised else "MissingColumns"
    shared = (
        f"Parameters\n----------\n{', '.join(names)}\n    As in :func:`{data.__name__}`.\n"
        "ax : matplotlib.axes.Axes, optional\n    Where to draw; a new figure by default.\n"
        "lang, title, note, color, labels\n    See :class:`giakit.figures.Look`.\n\n"
        "Returns\n-------\nmatplotlib.axes.Axes\n    ``ax.giakit`` holds the caption and the data drawn.\n\n"
        f"Raises\n------\n{errors}"
    )
    return "\n\n".join([about.strip(), shared, *(section.strip() for section in sections)])


@dataclass
class _Name:
    """A name beside a mark: texts from full to short, places in order of preference, ends to keep between (data)."""

    artist: Any
    texts: tuple[str, ...]
    sides: tuple[str, ...]
    gap: float
    between: tuple[float, ...] | None = None


class Canvas:
    """An Axes, its language and names, and the text that is to be placed on it."""

    ax: Axes

    def __init__(
        self, figure: str, ax: Axes | None, look: Look, *, columns: int = 2, height: float | None = None
    ) -> None:
        unknown = set(look) - set(Look.__annotations__)
        if unknown:
            raise TypeError(f"{figure}() got an unexpected keyword argument {sorted(unknown)[0]!r}")
        self.figure = figure
        self.lang = look.get("lang", "en")
        check_language(self.lang)
        self._look = look
        self.labels = look.get("labels")
        self._given = ax
        self.bar: Axes | None = None
        self._bar_place: Any = None
        self.marks = False
        self._ticks: dict[str, tuple[list[float], list[str], bool]] = {}
        self._tick_inks: dict[str, list[str]] = {}
        self._names: list[_Name] = []
        self._margins: list[_Name] = []
        self._ends: list[_Name] = []
        self._key: list[tuple[Any, str, float | None]] = []
        self._note: Any = None
        self._note_text = ""
        self._labels: dict[int, tuple[str, str]] = {}
        self._positions: dict[int, tuple[float, float]] = {}
        self._title = self._title_broken = ""
        if height is not None:
            self.size(columns=columns, height=height)

    def size(self, *, columns: int = 2, height: float) -> None:
        """Take the Axes given, or those of a new figure of that size."""
        if self._given is None:
            import matplotlib.pyplot as plt

            self._given = plt.subplots(figsize=size(columns, min(height, 9.0)), layout="constrained")[1]
        self.ax = self._given
        self.cell: Any = cell_of(self.ax)
        _follow(self)

    # Names and colours -------------------------------------------------------------------------------------

    def say(self, key: str, **filled: Any) -> str:
        """A sentence in the language of the figure."""
        return say(self.lang, key, **filled)

    def name(self, code: Any, family: str, place: int | None = None, default: str | None = None) -> str:
        """What a row, group or line is called: as the caller has it, else in words."""
        labels = self.labels
        if isinstance(labels, Mapping):
            if code in labels:
                return str(labels[code])
        elif labels is not None and place is not None and place < len(labels):
            return str(labels[place])
        return wording.called(code, family, self.lang) if default is None else default

    def shade(self, code: Hashable, default: str, n: Any = None) -> str:
        """The colour of a mark: the caller's, else the palette's; grey where n is small."""
        if n is not None and not pd.isna(n) and float(n) < FEW:
            return colour("faint", "roles")
        given = self._look.get("color")
        if isinstance(given, Mapping):
            return str(given.get(code, default))
        return given or default

    # Axes --------------------------------------------------------------------------------------------------

    def ticks(
        self, axis: str, places: Sequence[float], labels: Sequence[str], *, text: bool = False, inks: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Ticks of an axis; text is broken or turned, numbers are thinned, until they do not touch."""
        self._ticks[axis] = ([float(place) for place in places], [str(label) for label in labels], text)
        self._tick_inks[axis] = list(inks)
        self._set_ticks(axis, list(labels))

    def _set_ticks(self, axis: str, labels: Sequence[str]) -> None:
        places = self._ticks[axis][0]
        setter = self.ax.set_xticks if axis == "x" else self.ax.set_yticks
        setter(places, labels)
        for tick, ink in zip(self._tick_labels(axis), self._tick_inks[axis], strict=False):
            tick.set_color(ink)

    def _tick_labels(self, axis: str) -> list[Any]:
        return list(self.ax.get_xticklabels() if axis == "x" else self.ax.get_yticklabels())

    def row_names(self, names: Sequence[str], *, inks: Sequence[str] = (), start: float = 0.0) -> None:
        """Names of rows on the left, the first on top."""
        self.ticks("y", [place + start for place in range(len(names))], names, text=True, inks=inks)
        self.ax.tick_params(axis="y", length=0)
        self.ax.spines["left"].set_visible(False)

    def years(self, years: Sequence[Any] | pd.Series) -> list[int]:
        """Every year from the first to the last on x."""
        known = sorted({int(year) for year in years if not pd.isna(year)})
        listed = list(range(known[0], known[-1] + 1)) if known else []
        if listed:
            self.ax.set_xlim(listed[0] - 0.5, listed[-1] + 0.5)
            self.ticks("x", listed, [str(year) for year in listed])
        return listed

    def percent(self, axis: str, top: float = 1.0, bottom: float = 0.0, *, squared: bool = False) -> None:
        """An axis of shares that ends at a round tick, never beyond 100 per cent."""
        top = 1.0 if not np.isfinite(top) or top > 0.72 else top
        steps = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
        step = next((step for step in steps if (top - bottom) / step <= 5.2), 0.25)
        first, last = int(np.floor(bottom / step + 1e-9)), int(np.ceil(top / step - 1e-9))
        places = [number * step for number in range(first, max(last, first + 1) + 1)]
        if squared:
            every = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
            places = [place for place in every if place <= top] or [0.0]
            places += [next((place for place in every if place >= top), 1.0)] * (places[-1] < top)
            setter = self.ax.set_xscale if axis == "x" else self.ax.set_yscale
            setter("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda x: np.square(x)))
        places = [min(place, 1.0) for place in places]
        limit = self.ax.set_xlim if axis == "x" else self.ax.set_ylim
        limit(places[0], places[-1])
        self.ticks(axis, places, [f"{place * 100:.4g}%" for place in places])

    def counts(self, axis: str, top: float, *, log: bool = False, bottom: float | None = None) -> None:
        """An axis of whole numbers from 0, or from 1 on a logarithmic scale, in figures and never in powers."""
        top = top if np.isfinite(top) and top > 0 else 1.0
        limit = self.ax.set_xlim if axis == "x" else self.ax.set_ylim
        if log:
            low = bottom if bottom and np.isfinite(bottom) and bottom > 0 else 1.0
            (self.ax.set_xscale if axis == "x" else self.ax.set_yscale)("log")
            limit(low / 1.25, max(top * 1.25, low * 4))
            decades = range(int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(max(top, low * 4)))) + 1)
            factors = (1, 2, 5) if top / low < 200 else (1,)
            places = [factor * 10.0**power for power in decades for factor in factors]
            places = [place for place in places if low / 1.25 <= place <= max(top * 1.25, low * 4)]
        else:
            step = next(
                factor * 10.0**power
                for power in range(-2, 13)
                for factor in (1, 2, 5)
                if top / (factor * 10.0**power) <= 5.2
            )
            step = max(step, 1.0)
            places = [number * step for number in range(int(np.ceil(top / step)) + 1)]
            limit(0, max(top * 1.08, places[-1] if top > 0.92 * places[-1] else top * 1.08))
            places = [place for place in places if place <= top * 1.08]
        self.ticks(axis, places, [f"{place:,.10g}" for place in places])
        from matplotlib.ticker import NullLocator

        (self.ax.xaxis if axis == "x" else self.ax.yaxis).set_minor_locator(NullLocator())

    def grid(self, axis: str) -> None:
        """Faint lines at the ticks of an axis."""
        self.ax.grid(axis=axis, color=colour("band", "roles"), linewidth=0.6, zorder=0)  # type: ignore[arg-type]
        self.ax.set_axisbelow(True)

    def empty(self, key: str = "nothing") -> None:
        """Say in place of a figure why there is none."""
        self.ax.set_axis_off()
        self.ax.text(
            0.5, 0.5, self.say(key), transform=self.ax.transAxes, ha="center", va="center", fontsize=SMALL,
            color=colour("muted", "roles"), style="italic" if self.lang == "en" else "normal", wrap=True,
        )  # fmt: skip

    # Text in points ----------------------------------------------------------------------------------------

    def text(
        self, texts: str | Sequence[str], x: float, y: float, *, sides: str | Sequence[str] = "right", gap: float = 4,
        color: str | None = None, fontsize: float = SMALL, weight: str = "normal", coords: Any = "data",
        between: tuple[float, ...] | None = None, behind: bool = False,
    ) -> None:  # fmt: skip
        """Write beside a point, at a distance in points: the first text at the first side that has room, or nothing.

        `between` are the left and right (and lower and upper) ends that the text has to stay within, in data.
        """
        texts, sides = _listed(texts), _listed(sides)
        artist = self.ax.annotate(
            texts[0], (x, y), xytext=(0, 0), xycoords=coords, textcoords="offset points", annotation_clip=False,
            fontsize=max(fontsize, SMALLEST), fontweight=weight, color=color or colour("ink", "roles"),
            linespacing=1.15, zorder=1 if behind else 6,
        )  # fmt: skip
        artist.set_in_layout(False)
        self._names.append(_Name(artist, texts, sides, gap, between))

    def last_text(self) -> Any:
        """The text written last."""
        return self._names[-1].artist

    def margin(
        self, texts: str | Sequence[str], y: float, *, color: str | None = None, weight: str = "normal"
    ) -> None:
        """Write right of the axes, at the height of a row; the shorter text where the panel is narrow."""
        texts = _listed(texts)
        artist = self.ax.annotate(
            texts[0], (1, y), xytext=(5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", annotation_clip=False, fontsize=SMALL, fontweight=weight, color=color or colour("muted", "roles"),
        )  # fmt: skip
        self._margins.append(_Name(artist, texts, ("right",), 5))

    def end(self, text: str, y: float, *, color: str) -> None:
        """Name a line at its end, right of the axes; names that would touch are moved apart."""
        artist = self.ax.annotate(
            text, (1, y), xytext=(6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
            annotation_clip=False, fontsize=SMALL, fontweight="bold", color=color, linespacing=1.1,
        )  # fmt: skip
        self._ends.append(_Name(artist, (text,), ("right",), 6))

    def key(self, entries: Sequence[tuple[str, str]], at: Sequence[float] = ()) -> None:
        """Names in their colours above the axes: at their places if they fit in one line, else line by line."""
        for number, (text, ink) in enumerate(entries):
            artist = self.ax.annotate(
                text, (0, 1), xytext=(0, 4), xycoords="axes fraction", textcoords="offset points", ha="left", va="bottom",
                annotation_clip=False, fontsize=SMALL, fontweight="bold", color=ink,
            )  # fmt: skip
            self._key.append((artist, text, at[number] if len(at) else None))

    def scale_bar(self, mappable: Any, label: str, labels: Mapping[float, str]) -> None:
        """A bar of colours right of the axes."""
        figure: Any = self.ax.figure
        bar = figure.colorbar(
            mappable, ax=self.ax, shrink=0.7, aspect=18, pad=0.02, fraction=0.08, ticks=list(labels)
        )
        bar.ax.set_yticklabels(list(labels.values()))
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL, length=0)
        bar.set_label(label, fontsize=SMALL)
        bar.ax.minorticks_off()
        self.bar = bar.ax
        self._bar_place = bar.ax.get_position(original=True).frozen()

    # The end -----------------------------------------------------------------------------------------------

    def finish(
        self,
        data: pd.DataFrame,
        title: str,
        *notes: str,
        n: str = "",
        interval: str | None = None,
        alt: str = "",
    ) -> Axes:
        """Set title, note and caption, and all text in a font of the language."""
        given = self._look.get("title", AUTO)
        self._title = title if given == AUTO else given or ""
        interval = wording.interval_name(data, self.lang) if interval is None else interval
        sentences = [note for note in notes if note]
        if interval:
            sentences.append(self.say("intervals_are", interval=interval))
        if self._title:
            self.ax.set_title(self._title, loc="left")
        if self._look.get("note", False) and sentences:
            self._note_text = say(self.lang, "between").join(sentences)
            self._note = self.ax.annotate(
                self._note_text, (0, 1), xytext=(0, 5), xycoords="axes fraction", textcoords="offset points", ha="left",
                va="bottom", fontsize=SMALLEST, color=colour("muted", "roles"), linespacing=1.25, annotation_clip=False,
            )  # fmt: skip
        caption = wording.sentences([self._title or title, *sentences], self.lang)
        described = alt or wording.described(self.figure, data, self._title or title, self.lang)
        self.ax.giakit = Drawn(  # type: ignore[attr-defined]
            self.figure, data, self._title or title, caption, described, interval, n or self.say("n_requests")
        )
        if self.lang == "zh":
            family = [cjk_font(), "DejaVu Sans"]
            for ax in filter(None, (self.ax, self.bar)):
                for text in ax.findobj(lambda artist: hasattr(artist, "set_fontfamily")):
                    text.set_fontfamily(family)  # type: ignore[attr-defined]
                for axis in (ax.xaxis, ax.yaxis):
                    axis.set_tick_params(labelfontfamily=family)
        return self.ax

    # Measuring and placing ---------------------------------------------------------------------------------

    def alive(self) -> bool:
        """Whether the Axes still hold what was drawn on them."""
        texts = [name.artist for name in (*self._names, *self._margins, *self._ends)] + [
            entry[0] for entry in self._key
        ]
        return self.ax.figure is not None and all(text.get_figure() is not None for text in texts)

    def reset(self) -> None:
        """Forget what an earlier drawing, perhaps of another size, has placed: the same figure gives the same bytes."""
        figure: Any = self.ax.figure
        spec = self.ax.get_subplotspec()
        if spec is not None and not _adjusted(figure):
            self.ax._set_position(spec.get_position(figure), which="both")  # type: ignore[attr-defined]
        if self.bar is not None:
            self.bar._set_position(self._bar_place, which="both")  # type: ignore[attr-defined]
        for axis in self._ticks:
            self._set_ticks(axis, self._ticks[axis][1])
        self.ax.tick_params(axis="x", labelrotation=0)
        for label in (self.ax.xaxis.label, self.ax.yaxis.label):
            self._positions.setdefault(id(label), label.get_position())
        self.ax.xaxis.label.set_x(self._positions[id(self.ax.xaxis.label)][0])
        self.ax.yaxis.label.set_y(self._positions[id(self.ax.yaxis.label)][1])
        title = self.ax.get_title(loc="left")
        if title not in (self._title, self._title_broken):
            self._title = title
        if self._title:
            self.ax.set_title(self._title, loc="left", x=0.0, pad=6)
        if self._note is not None:
            self._note.set_text(self._note_text)

    def shape(self, renderer: Any) -> None:
        """Before the panel's size is known: names of rows and what stands right of the axes take a part of it at most."""
        cell = cell_of(self.ax)
        if "y" in self._ticks and self._ticks["y"][2]:
            self._fit_rows(cell, 0.75 * cell.height, renderer)
        if self._margins:
            for length in range(3):
                for name in self._margins:
                    name.artist.set_visible(length < len(name.texts))
                    name.artist.set_text(name.texts[min(length, len(name.texts) - 1)])
                shown = [name.artist for name in self._margins if name.artist.get_visible()]
                if all(text.get_window_extent(renderer).width <= MARGIN * cell.width for text in shown):
                    break
            else:
                for name in self._margins:
                    name.artist.set_visible(False)
        for name in self._ends:
            _fit(name.artist, name.texts[0], MARGIN * cell.width, 0.3 * cell.height, renderer)
        labels = [(self.ax.xaxis.label, 0.62 * cell.width), (self.ax.yaxis.label, 0.62 * cell.height)]
        if self.bar is not None:
            labels.append((self.bar.yaxis.label, 0.5 * cell.height))
        for label, extent in labels:
            whole, broken = self._labels.get(id(label), ("", ""))
            # What the caller has set since stands; what was broken here is broken anew.
            whole = whole if label.get_text() == broken else label.get_text()
            label.set_text(_broken(label, whole, extent, renderer))
            self._labels[id(label)] = whole, label.get_text()

    def settle(self, renderer: Any) -> None:
        """Once the size of the axes is known: lines of key, note and title, and ticks that do not touch."""
        figure: Any = self.ax.figure
        points = 72 / figure.dpi
        box, cell = self.ax.get_window_extent(), self.cell
        above = self._lay_key(renderer, box, cell) * points
        room = cell.x1 - box.x0 - 3
        if self._note is not None:
            self._note.set_text(_broken(self._note, self._note_text, room, renderer))
            self._note.xyann = (0, 4 + above)
            above += self._note.get_window_extent(renderer).height * points + 3
        if self._title:
            title = self.ax._left_title  # type: ignore[attr-defined]
            text = self._title_broken = _broken(title, self._title, cell.width - 6, renderer, most=3)
            # A title begins at the edge of the panel: beside wide names of rows it would be broken to pieces.
            self.ax.set_title(text, loc="left", x=(cell.x0 + 3 - box.x0) / max(box.width, 1), pad=6 + above)
        for axis in self._ticks:
            self._thin(axis, renderer, cell)
        self._spread_ends(renderer, points)

    def _spread_ends(self, renderer: Any, points: float) -> None:
        """Move the names of lines apart, as little as possible."""
        if not self._ends:
            return
        heights = [name.artist.get_window_extent(renderer).height + 1 for name in self._ends]
        wanted = [float(self.ax.transData.transform((0, name.artist.xy[1]))[1]) for name in self._ends]
        box = self.ax.get_window_extent()
        order = np.argsort(wanted, kind="stable")
        below = np.array([wanted[place] - heights[place] / 2 - box.y0 for place in order])
        moved = _spread(below, np.array([heights[place] for place in order]), 0.0, box.height + 12)
        for place, at in zip(order, moved, strict=True):
            self._ends[place].artist.xyann = (6, (at + box.y0 + heights[place] / 2 - wanted[place]) * points)

    def _lay_key(self, renderer: Any, box: Any, cell: Any) -> float:
        """Lay the names above the axes, and give the height they take in pixels."""
        if not self._key:
            return 0.0
        figure: Any = self.ax.figure
        points = 72 / figure.dpi
        entries = []
        for artist, text, at in self._key:
            artist.set_text(text)
            artist.set_visible(True)
            # The title above makes room for the key; without one the key makes its own.
            artist.set_in_layout(not self._title)
            extent = artist.get_window_extent(renderer)
            entries.append((artist, extent.width, extent.height, at))
        gap, line = 7 / points, max(entry[2] for entry in entries) * 1.25
        room = max(cell.x1 - box.x0 - 4, 20)
        needed = sum(entry[1] for entry in entries) + gap * (len(entries) - 1)
        if needed <= room and entries[0][3] is not None:
            middles = np.array([float(entry[3] or 0) * box.width for entry in entries])
            widths = np.array([entry[1] for entry in entries])
            lefts = _spread(middles - widths / 2, widths, gap, room)
            for (artist, *_), left in zip(entries, lefts, strict=True):
                artist.xyann = (left * points, 4)
            return float(line)
        edge = cell.x0 + 3 - box.x0 if self._title else 0.0
        lines: list[list[tuple[Any, float]]] = [[]]
        x = edge
        for artist, width, _, _ in entries:
            if lines[-1] and x + width > room:
                lines.append([])
                x = edge
            lines[-1].append((artist, x))
            x += width + gap
        for number, entry in enumerate(reversed(lines)):
            for artist, left in entry:
                artist.xyann = (left * points, 4 + number * line * points)
        return float(line * len(lines))

    def _thin(self, axis: str, renderer: Any, cell: Any) -> None:
        places, labels, text = self._ticks[axis]
        if not places:
            return
        across = axis == "x"
        if across and text:
            self._fit_columns(labels, renderer, cell)
            return
        if text:
            self._fit_rows(cell, self.ax.get_window_extent().height, renderer)
        else:
            self._set_ticks(axis, labels)
        shown = [label.get_text() for label in self._tick_labels(axis)]
        extents = [label.get_window_extent(renderer) for label in self._tick_labels(axis)]
        box = self.ax.get_window_extent()
        pixels = (self.ax.transData.transform([(place, 0) if across else (0, place) for place in places]))[
            :, 0 if across else 1
        ]
        inside = [
            (box.x0 - 1 <= at <= box.x1 + 1) if across else (box.y0 - 1 <= at <= box.y1 + 1) for at in pixels
        ]
        sizes = [extent.width if across else extent.height for extent in extents]
        gap = 3 if across else 1
        for step in range(1, len(places) + 1):
            kept = [number for number in range(0, len(places), step) if inside[number]]
            if all(abs(pixels[b] - pixels[a]) >= (sizes[a] + sizes[b]) / 2 + gap for a, b in pairwise(kept)):
                break
        self._set_ticks(axis, [label if number in kept else "" for number, label in enumerate(shown)])

    def _fit_rows(self, cell: Any, height: float, renderer: Any) -> None:
        """Names of rows within their share of the panel; every second, third … where rows stand closer than lines."""
        labels = self._ticks["y"][1]
        figure: Any = self.ax.figure
        pitch = height / max(len(labels), 1)
        step = max(1, int(np.ceil(SMALLEST * figure.dpi / 72 / max(pitch, 0.1))))
        self._set_ticks("y", [label if place % step == 0 else "" for place, label in enumerate(labels)])
        artists = self._tick_labels("y")
        for label, artist in list(zip(labels, artists, strict=True))[::step]:
            _fit(artist, label, ROW_NAMES * cell.width, pitch * step, renderer)
        self._set_ticks("y", [artist.get_text() for artist in artists])

    def _fit_columns(self, labels: list[str], renderer: Any, cell: Any) -> None:
        """Names of columns: broken to their width, else turned and shortened."""
        self.ax.tick_params(axis="x", labelrotation=0)
        self._set_ticks("x", labels)
        pitch = self.ax.get_window_extent().width / max(len(labels), 1) - 3
        artists = self._tick_labels("x")
        turned = False
        for label, artist in zip(labels, artists, strict=True):
            artist.set_text(_broken(artist, label, pitch, renderer))
            turned |= artist.get_window_extent(renderer).width > pitch
        if turned:
            for label, artist in zip(labels, artists, strict=True):
                _fit(artist, label.replace("\n", " "), 0.3 * cell.height, 0.0, renderer)
            # Turned names stand beside each other: where even that has no room, every second one is left out.
            step = int(np.ceil(artists[0].get_window_extent(renderer).height * 1.05 / max(pitch + 3, 1)))
            for number, artist in enumerate(artists):
                artist.set_text(artist.get_text() if number % step == 0 else "")
        self._set_ticks("x", [artist.get_text() for artist in artists])
        self.ax.tick_params(axis="x", labelrotation=90 if turned else 0)

    def place(self, renderer: Any) -> None:
        """Once everything else stands: names beside marks, where they touch nothing, in the order they were given."""
        box, cell = self.ax.get_window_extent(), self.cell
        # The axes have moved since title and key were laid: they begin at the edge of the panel as it is now.
        self._lay_key(renderer, box, cell)
        if self._title:
            self.ax._left_title.set_x((cell.x0 + 3 - box.x0) / max(box.width, 1))  # type: ignore[attr-defined]
        self._keep_inside(renderer, box, cell)
        placed = _Touching(self._standing(renderer))
        for name in self._margins:
            if name.artist.get_visible():
                extent = name.artist.get_window_extent(renderer)
                name.artist.set_visible(not placed.touches(extent))
                if name.artist.get_visible():
                    placed.add(extent)
        for name in self._names:
            extent = self._try(name, renderer, cell, placed)
            name.artist.set_visible(extent is not None)
            if extent is not None:
                placed.add(extent)

    def _keep_inside(self, renderer: Any, box: Any, cell: Any) -> None:
        """Move the names of the axes along them where they would reach over the panel."""
        x, y = self.ax.xaxis.label, self.ax.yaxis.label
        across, up = x.get_window_extent(renderer), y.get_window_extent(renderer)
        right = min(0.0, cell.x1 - 2 - across.x1) + max(0.0, cell.x0 + 2 - across.x0)
        above = min(0.0, cell.y1 - 2 - up.y1) + max(0.0, cell.y0 + 2 - up.y0)
        if x.get_text() and right:
            x.set_x(x.get_position()[0] + right / max(box.width, 1))
        if y.get_text() and above:
            y.set_y(y.get_position()[1] + above / max(box.height, 1))

    def _standing(self, renderer: Any) -> list[Any]:
        """Where text stands already: ticks, names of axes, title, key, bar."""
        mine = {id(name.artist) for name in (*self._names, *self._margins)}
        texts = []
        for ax in filter(None, (self.ax, self.bar)):
            if ax.axison:
                texts += [label for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
                texts += [ax.xaxis.label, ax.yaxis.label]
            texts += [text for text in ax.texts if id(text) not in mine]
        texts.append(self.ax._left_title)  # type: ignore[attr-defined]
        return [
            text.get_window_extent(renderer) for text in texts if text.get_visible() and text.get_text().strip()
        ]  # fmt: skip

    def _try(self, name: _Name, renderer: Any, cell: Any, placed: _Touching) -> Any:
        artist = name.artist
        artist.set_visible(True)
        room = (np.inf, np.inf)
        if name.between is not None:
            x0, x1, y0, y1 = (*name.between, *self.ax.get_ylim())[:4]
            corners = self.ax.transData.transform([(x0, y0), (x1, y1)])
            room = (abs(corners[1][0] - corners[0][0]) - 2, abs(corners[1][1] - corners[0][1]) - 1)
        for text in name.texts:
            artist.set_text(text)
            for side in name.sides:
                across, up, ha, va = SIDES[side]
                artist.xyann = (across * name.gap, up * name.gap)
                artist.set(ha=ha, va=va, rotation=90 if side == "upright" else 0)
                extent = artist.get_window_extent(renderer)
                if extent.width > room[0] or extent.height > room[1]:
                    continue
                if (
                    extent.x0 < cell.x0 + 1
                    or extent.x1 > cell.x1 - 1
                    or extent.y0 < cell.y0 + 1
                    or extent.y1 > cell.y1 - 1
                ):
                    continue
                if not placed.touches(extent):
                    return extent
        return None


class _Touching:
    """Boxes that stand already, asked together."""

    def __init__(self, boxes: list[Any]) -> None:
        self._boxes = [box.extents for box in boxes]

    def touches(self, box: Any) -> bool:
        if not self._boxes:
            return False
        x0, y0, x1, y1 = np.asarray(self._boxes).T
        return bool(np.any((box.x0 < x1 + 1) & (box.x1 > x0 - 1) & (box.y0 < y1 + 0.5) & (box.y1 > y0 - 0.5)))

    def add(self, box: Any) -> None:
        self._boxes.append(box.extents)


class Fitting(LayoutEngine):
    """The layout of a figure, with text measured before and placed after."""

    def __init__(self, inner: LayoutEngine | None) -> None:
        super().__init__()
        self._inner = inner
        self._adjust_compatible = True if inner is None else inner.adjust_compatible
        self._colorbar_gridspec = True if inner is None else inner.colorbar_gridspec
        self.canvases: list[Canvas] = []

    def set(self, **settings: Any) -> None:
        """Hand settings to the layout within."""
        if self._inner is not None:
            self._inner.set(**settings)

    def execute(self, fig: Figure) -> None:
        """Lay out: names to their share of the panel, axes, ticks and titles, axes again, names beside marks."""
        renderer = fig._get_renderer()  # type: ignore[attr-defined]
        alive = [canvas for canvas in self.canvases if canvas.ax in fig.axes and canvas.alive()]
        for canvas in alive:
            canvas.reset()
            canvas.shape(renderer)
        before: list[Any] = []
        for _ in range(2):
            self._lay(fig)
            extents = [canvas.ax.get_window_extent().extents for canvas in alive]
            if before and np.allclose(before, extents, atol=2):
                break
            before = extents
            self._part(fig, alive, renderer)
            for canvas in alive:
                canvas.settle(renderer)
        else:
            self._lay(fig)
        self._part(fig, alive, renderer)
        for canvas in alive:
            canvas.place(renderer)

    @staticmethod
    def _part(fig: Figure, alive: list[Canvas], renderer: Any) -> None:
        """Give each canvas its part of the page: to the edge, or to what its neighbours in the row need for themselves."""
        bars = {canvas.bar: canvas.ax for canvas in alive if canvas.bar is not None}
        outlines: dict[Any, list[Any]] = {}
        if len(set(fig.axes) - set(bars)) > 1:
            for ax in fig.axes:
                outlines.setdefault(bars.get(ax, ax), []).append(
                    ax.get_tightbbox(renderer, for_layout_only=True)
                )
        for canvas in alive:
            spec, cell = canvas.ax.get_subplotspec(), cell_of(canvas.ax)
            (x0, y0), (x1, y1) = cell.get_points()
            for ax, boxes in outlines.items():
                other = ax.get_subplotspec()
                if (
                    spec is None
                    or other is None
                    or ax is canvas.ax
                    or not set(spec.rowspan) & set(other.rowspan)
                ):
                    continue
                if other.colspan.start >= spec.colspan.stop:
                    x1 = min(box.x0 for box in boxes) - 3
                elif other.colspan.stop <= spec.colspan.start:
                    x0 = max(box.x1 for box in boxes) + 3
            canvas.cell = type(cell)([[x0, y0], [x1, y1]])

    def _lay(self, fig: Figure) -> None:
        if self._inner is not None:
            self._inner.execute(fig)
        for ax in fig.axes:
            ax.apply_aspect()


def _follow(canvas: Canvas) -> None:
    """Have the figure measure and place the text of a canvas whenever it is drawn."""
    figure: Any = canvas.ax.get_figure(root=True)
    engine = figure.get_layout_engine()
    if not isinstance(engine, Fitting):
        if engine is None and not _adjusted(figure):
            engine = ConstrainedLayoutEngine()
        engine = Fitting(engine)
        figure.set_layout_engine(engine)
    engine.canvases = [other for other in engine.canvases if other.ax is not canvas.ax or other.alive()]
    engine.canvases.append(canvas)


def _adjusted(figure: Any) -> bool:
    """Whether the margins of a figure were set by hand: then they stay."""
    from matplotlib import rcParams

    settings: Any = rcParams
    sides = ("left", "right", "bottom", "top", "wspace", "hspace")
    return any(getattr(figure.subplotpars, side) != settings[f"figure.subplot.{side}"] for side in sides)


def cell_of(ax: Axes) -> Any:
    """The part of the page that belongs to an Axes, in pixels."""
    from matplotlib.transforms import Bbox

    whole: Any = ax.figure
    spec = ax.get_subplotspec()
    if spec is None:
        return whole.bbox
    return Bbox(_part(spec, whole.bbox.extents))


def _part(spec: Any, page: Any) -> list[list[float]]:
    grid = spec.get_gridspec()
    above = getattr(grid, "_subplot_spec", None)
    if above is not None:
        (x0, y0), (x1, y1) = _part(above, page)
    else:
        x0, y0, x1, y1 = page
    columns, rows = (
        np.cumsum([0.0, *ratios]) / np.sum(ratios)
        for ratios in (grid.get_width_ratios(), grid.get_height_ratios())
    )
    left, right = columns[spec.colspan.start], columns[spec.colspan.stop]
    top, bottom = rows[spec.rowspan.start], rows[spec.rowspan.stop]
    return [[x0 + left * (x1 - x0), y1 - bottom * (y1 - y0)], [x0 + right * (x1 - x0), y1 - top * (y1 - y0)]]


def _spread(left: Any, widths: Any, gap: float, room: float) -> Any:
    """Move names apart: from the left, then back from the right edge."""
    placed = np.array(left, dtype=float)
    floor = 0.0
    for number in range(len(placed)):
        placed[number] = max(placed[number], floor)
        floor = placed[number] + widths[number] + gap
    ceiling = room
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], ceiling - widths[number])
        ceiling = placed[number] - gap
    return placed


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _broken(artist: Any, text: str, room: float, renderer: Any, *, most: int = 9) -> str:
    """The text with lines broken so that none is wider than so many pixels, as far as its words allow."""
    turned = artist.get_rotation() % 180 == 90
    lines: list[str] = []
    for line in text.split("\n"):
        artist.set_text(line)
        extent = artist.get_window_extent(renderer)
        needed = extent.height if turned else extent.width
        lines += wording.wrapped(line, room / needed) if needed > room > 0 else [line]
    artist.set_text(text)
    return "\n".join(lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1] + " …"])


def _fit(artist: Any, text: str, room: float, pitch: float, renderer: Any) -> None:
    """Set a name that is no wider than so many pixels: as it is, in two lines where they have room, or shortened."""
    artist.set_text(text)
    extent = artist.get_window_extent(renderer)
    if extent.width <= room and extent.height <= max(pitch, extent.height / (text.count("\n") + 1) * 1.01):
        return
    flat = text.replace("\n", " ")
    artist.set_text(flat)
    extent = artist.get_window_extent(renderer)
    if extent.width <= room:
        return
    if pitch >= 2.3 * extent.height:
        artist.set_text(_broken(artist, flat, room, renderer))
        second = artist.get_window_extent(renderer)
        if second.width <= room and second.height <= pitch:
            return
    kept = flat
    while len(kept) > 2 and extent.width > room:
        kept = kept[: max(2, min(len(kept) - 1, int(len(kept) * room / extent.width)))]
        artist.set_text(kept.rstrip(" ,;:（(") + "…")
        extent = artist.get_window_extent(renderer)


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples."""
    return iter(frame.itertuples(index=False))


def number(value: Any) -> float:
    """A value as a float, NaN where it is missing."""
    return float("nan") if value is None or pd.isna(value) else float(value)
