"""The canvas of a figure: an Axes with names in two languages, colours that mean one thing, axes in plain numbers, and text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import pandas as pd

from giakit.figures import wording
from giakit.figures.layout import Name, Placed
from giakit.figures.style import SMALL, SMALLEST, check_language, cjk_font, colour, size
from giakit.figures.wording import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The title that a figure has where none is given.
AUTO = "auto"
#: Requests below which a rate is drawn in grey.
FEW = 10
ROUND_THE_POINT = ("right", "above right", "below right", "above", "below", "left", "above left", "below left")


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


class Canvas(Placed):
    """An Axes, its language and names, and the text that is to be placed on it."""

    def __init__(self, figure: str, ax: Axes | None, look: Mapping[str, Any]) -> None:
        super().__init__()
        self._look = {**LOOK, **look}
        self.figure, self.lang, self.labels = figure, str(self._look["lang"]), self._look["labels"]
        check_language(self.lang)
        self._given = ax
        #: In place of the title that the figure has by its name.
        self.heading = ""

    def size(self, *, height: float, columns: int = 2) -> None:
        """Take the Axes given, or those of a new figure of that size."""
        if self._given is None:
            import matplotlib.pyplot as plt

            self._given = plt.subplots(figsize=size(columns, min(height, 9.0)), layout="constrained")[1]
        self.ax = self._given
        self.follow()

    # Names and colours -------------------------------------------------------------------------------------

    def say(self, key: str, **filled: Any) -> str:
        """A sentence in the language of the figure."""
        return say(self.lang, key, **filled)

    def count(self, reports: Any, requests: Any = None) -> str:
        """How many reports, and requests in them."""
        return wording.count(self.lang, int(reports), None if requests is None else number(requests))

    def name(self, code: Any, family: str, place: int | None = None, default: str | None = None) -> str:
        """What a row, group or line is called: as the caller has it, else in words."""
        if isinstance(self.labels, Mapping):
            if code in self.labels:
                return str(self.labels[code])
        elif self.labels is not None and place is not None and place < len(self.labels):
            return str(self.labels[place])
        return wording.called(code, family, self.lang) if default is None else default

    def names(self, codes: Sequence[Any], family: str, n: Any = None) -> list[str]:
        """The names of rows in order, with the n of each behind its name where it is given."""
        named = [self.name(code, family, place) for place, code in enumerate(codes)]
        return (
            named if n is None else [f"{name} (n = {number(part):,.0f})" for name, part in zip(named, n, strict=True)]
        )

    def shade(self, code: Hashable, default: str, n: Any = None) -> str:
        """The colour of a mark: the caller's, else the palette's; grey where n is small."""
        if n is not None and not pd.isna(n) and float(n) < FEW:
            return colour("faint", "roles")
        given = self._look["color"]
        return str(given.get(code, default)) if isinstance(given, Mapping) else given or default

    # Axes --------------------------------------------------------------------------------------------------

    def ticks(
        self, axis: str, places: Sequence[float], labels: Sequence[str], *, text: bool = False, inks: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Ticks of an axis; text is broken or turned, numbers are thinned, until they do not touch."""
        self._ticks[axis] = ([float(place) for place in places], [str(label) for label in labels], text)
        self._tick_inks[axis] = list(inks)
        self.set_ticks(axis, self._ticks[axis][1])

    def row_names(self, names: Sequence[str], *, inks: Sequence[str] = (), start: float = 0.0) -> None:
        """Names of rows on the left, the first on top."""
        self.ticks("y", [place + start for place in range(len(names))], names, text=True, inks=inks)
        self.ax.tick_params(axis="y", length=0)
        self.ax.spines["left"].set_visible(False)
        if not start:
            self.ax.set_ylim(max(len(names), 1) - 0.4, -0.6)

    def years(self, years: Sequence[Any] | pd.Series) -> list[int]:
        """Every year from the first to the last on x."""
        known = sorted({int(year) for year in years if not pd.isna(year)})
        listed = list(range(known[0], known[-1] + 1)) if known else []
        if listed:
            self.ax.set_xlim(listed[0] - 0.5, listed[-1] + 0.5)
            self.ticks("x", listed, [str(year) for year in listed])
        return listed

    def _setter(self, axis: str, what: str) -> Callable[..., Any]:
        return getattr(self.ax, f"set_{axis}{what}")

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
            self._setter(axis, "scale")(
                "function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda x: np.square(x))
            )
        places = [min(place, 1.0) for place in places]
        self._setter(axis, "lim")(places[0], places[-1])
        self.ticks(axis, places, [f"{place * 100:.4g}%" for place in places])

    def is_share(self, axis: str) -> bool:
        """Whether an axis is one of shares."""
        return any(label.endswith("%") for label in self._ticks.get(axis, ((), ()))[1])

    def counts(self, axis: str, top: float, *, log: bool = False, bottom: float | None = None) -> None:
        """An axis of whole numbers from 0, or from 1 on a logarithmic scale, in figures and never in powers."""
        from matplotlib.ticker import NullLocator

        top = top if np.isfinite(top) and top > 0 else 1.0
        if log:
            low = bottom if bottom and np.isfinite(bottom) and bottom > 0 else 1.0
            first, last = low / 1.25, max(top * 1.25, low * 4)
            self._setter(axis, "scale")("log")
            decades = range(int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(max(top, low * 4)))) + 1)
            places = [factor * 10.0**power for power in decades for factor in ((1, 2, 5) if top / low < 200 else (1,))]
        else:
            steps = (factor * 10.0**power for power in range(-2, 13) for factor in (1, 2, 5))
            step = max(next(step for step in steps if top / step <= 5.2), 1.0)
            places = [number * step for number in range(int(np.ceil(top / step)) + 1)]
            first, last = 0.0, max(top * 1.08, places[-1] if top > 0.92 * places[-1] else 0.0)
            places = [place for place in places if place <= top * 1.08]
        places = [place for place in places if first <= place <= last]
        self._setter(axis, "lim")(first, last)
        self.ticks(axis, places, [f"{place:,.10g}" for place in places])
        (self.ax.xaxis if axis == "x" else self.ax.yaxis).set_minor_locator(NullLocator())

    def log_counts(self, axis: str, top: float) -> None:
        """An axis of counts on the scale of log(1 + x), so that zeros have a place."""
        self._setter(axis, "scale")("function", functions=(lambda x: np.log1p(np.maximum(x, 0)), np.expm1))
        places = [place for place in (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000) if place <= top]
        self.ticks(axis, places, [f"{place:,}" for place in places])
        self._setter(axis, "lim")(0, top)

    def grid(self, axis: str) -> None:
        """Faint lines at the ticks of an axis."""
        self.ax.grid(axis=axis, color=colour("band", "roles"), linewidth=0.6, zorder=0)
        self.ax.set_axisbelow(True)

    def empty(self, key: str = "nothing") -> list[str]:
        """Say in place of a figure why there is none; there are no notes."""
        self.ax.set_axis_off()
        self.ax.text(
            0.5, 0.5, self.say(key), transform=self.ax.transAxes, ha="center", va="center", fontsize=SMALL,
            color=colour("muted", "roles"), style="italic" if self.lang == "en" else "normal", wrap=True,
        )  # fmt: skip
        return []

    # Text in points ----------------------------------------------------------------------------------------

    def _write(
        self, text: str, at: tuple[Any, Any], away: tuple[float, float], coords: Any, color: str | None, **look: Any
    ) -> Any:
        """Text at a distance in points from a point: the one way in which figures write."""
        return self.ax.annotate(
            text, at, xytext=away, xycoords=coords, textcoords="offset points", annotation_clip=False,
            color=color or colour("ink", "roles"), **{"fontsize": SMALL, **look},
        )  # fmt: skip

    def text(
        self, texts: str | Sequence[str], x: float, y: float, *, sides: str | Sequence[str] = "right", gap: float = 4,
        color: str | None = None, fontsize: float = SMALL, weight: str = "normal", coords: Any = "data",
        between: tuple[float, ...] | None = None, behind: bool = False,
    ) -> Any:  # fmt: skip
        """Write beside a point, at a distance in points: the first text at the first side that has room, or nothing.

        `between` are the left and right (and lower and upper) ends that the text has to stay within, in data.
        """
        texts = _listed(texts)
        artist = self._write(
            texts[0], (x, y), (0, 0), coords, color, fontsize=max(fontsize, SMALLEST), fontweight=weight, linespacing=1.15,
            zorder=1 if behind else 6,
        )  # fmt: skip
        artist.set_in_layout(False)
        self._names.append(Name(artist, texts, _listed(sides), gap, between))
        return artist

    def margin(self, texts: str | Sequence[str], y: float, *, color: str | None = None) -> None:
        """Write right of the axes, at the height of a row; the shorter text where the panel is narrow."""
        texts = _listed(texts)
        ink = color or colour("muted", "roles")
        artist = self._write(texts[0], (1, y), (5, 0), ("axes fraction", "data"), ink, va="center")
        self._margins.append(Name(artist, texts))

    def margin_n(self, n: Any, y: float) -> None:
        """Write n right of a row."""
        self.margin([f"n = {number(n):,.0f}", f"{number(n):,.0f}"], y)

    def end(self, text: str, y: float, *, color: str) -> None:
        """Name a line at its end, right of the axes; names that would touch are moved apart."""
        look: dict[str, Any] = {"va": "center", "fontweight": "bold", "linespacing": 1.1}
        self._ends.append(Name(self._write(text, (1, y), (6, 0), ("axes fraction", "data"), color, **look), (text,)))

    def key(self, entries: Sequence[tuple[str, str]], at: Sequence[float] = ()) -> None:
        """Names in their colours above the axes: at their places if they fit in one line, else line by line."""
        for place, (text, ink) in enumerate(entries):
            artist = self._write(text, (0, 1), (0, 4), "axes fraction", ink, ha="left", va="bottom", fontweight="bold")
            self._key.append((artist, text, at[place] if len(at) else None))

    def scale_bar(self, mappable: Any, label: str, labels: Mapping[float, str]) -> None:
        """A bar of colours right of the axes."""
        figure: Any = self.ax.figure
        bar = figure.colorbar(mappable, ax=self.ax, shrink=0.7, aspect=18, pad=0.02, fraction=0.08, ticks=list(labels))
        bar.ax.set_yticklabels(list(labels.values()))
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL, length=0)
        bar.set_label(label, fontsize=SMALL)
        bar.ax.minorticks_off()
        self.bar = bar.ax
        self._bar_place = bar.ax.get_position(original=True).frozen()

    # The end -----------------------------------------------------------------------------------------------

    def finish(self, data: pd.DataFrame, notes: Sequence[str], *, n: str, interval: str | None = None) -> Axes:
        """Set title, note and caption, and all text in a font of the language."""
        heading = self.heading or wording.words("title", self.lang)[self.figure]
        given = self._look["title"]
        self._title = heading if given == AUTO else given or ""
        interval = (
            wording.interval_name(data, self.lang)
            if interval is None
            else wording.words("interval", self.lang).get(interval, "")
        )
        sentences = [note for note in notes if note]
        if interval:
            sentences.append(self.say("intervals_are", interval=interval))
        if self._title:
            self.ax.set_title(self._title, loc="left")
        if self._look["note"] and sentences:
            self._note_text = self.say("between").join(sentences)
            look: dict[str, Any] = {"ha": "left", "va": "bottom", "fontsize": SMALLEST, "linespacing": 1.25}
            self._note = self._write(self._note_text, (0, 1), (0, 5), "axes fraction", colour("muted", "roles"), **look)
        title = self._title or heading
        caption = wording.sentences([title, *sentences], self.lang)
        described = wording.described(self.figure, data, title, self.lang)
        self.ax.giakit = Drawn(self.figure, data, title, caption, described, interval, self.say(n))
        if self.lang == "zh":
            family = [cjk_font(), "DejaVu Sans"]
            for ax in filter(None, (self.ax, self.bar)):
                for text in ax.findobj(lambda artist: hasattr(artist, "set_fontfamily")):
                    text.set_fontfamily(family)
                for axis in (ax.xaxis, ax.yaxis):
                    axis.set_tick_params(labelfontfamily=family)
        return self.ax


def _listed(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples."""
    return iter(frame.itertuples(index=False))


def number(value: Any) -> float:
    """A value as a float, NaN where it is missing."""
    return float("nan") if value is None or pd.isna(value) else float(value)
