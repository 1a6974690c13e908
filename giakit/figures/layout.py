"""Text on an Axes of any size, measured before it is placed.

Text is placed when the figure is drawn, because only then the size of every panel is known: names of rows are broken
or shortened, ticks thinned, names beside marks moved to where there is room, or left out. Nothing is printed over
anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine

from giakit.figures.style import SMALLEST
from giakit.figures.wording import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Share of a panel's width that names of rows, and what stands right of the axes, may take.
ROW_NAMES, MARGIN = 0.42, 0.3
#: Offset from the point, horizontal and vertical alignment, of a name beside its mark.
SIDES: dict[str, tuple[float, float, str, str]] = {
    "right": (1, 0, "left", "center"), "left": (-1, 0, "right", "center"), "above": (0, 1, "center", "bottom"),
    "below": (0, -1, "center", "top"), "centre": (0, 0, "center", "center"), "corner": (1, -0.6, "left", "top"),
    "upright": (1, -0.6, "left", "top"), "above right": (0.5, 0.8, "left", "bottom"), "below right": (0.5, -0.8, "left", "top"),
    "above left": (-0.5, 0.8, "right", "bottom"), "below left": (-0.5, -0.8, "right", "top"),
}  # fmt: skip


@dataclass
class Name:
    """A name beside a mark: texts from full to short, places in order of preference, ends to keep between (data)."""

    artist: Any
    texts: tuple[str, ...]
    sides: tuple[str, ...] = ("right",)
    gap: float = 5
    between: tuple[float, ...] | None = None


class Placed:
    """An Axes and the text that is to be placed on it: ticks, names beside marks and in the margin, key, title and note."""

    #: matplotlib.axes.Axes, of which the stubs do not know all that is used.
    ax: Any

    def __init__(self) -> None:
        self.bar: Axes | None = None
        self._bar_place: Any = None
        self._ticks: dict[str, tuple[list[float], list[str], bool]] = {}
        self._tick_inks: dict[str, list[str]] = {}
        self._names: list[Name] = []
        self._margins: list[Name] = []
        self._ends: list[Name] = []
        self._key: list[tuple[Any, str, float | None]] = []
        self._note: Any = None
        self._note_text = self._title = self._title_broken = ""
        self._labels: dict[int, tuple[str, str]] = {}
        self._positions: dict[int, tuple[float, float]] = {}

    def follow(self) -> None:
        """Have the figure measure and place the text of these Axes whenever it is drawn."""
        self.cell: Any = cell_of(self.ax)
        figure: Any = self.ax.get_figure(root=True)
        engine = figure.get_layout_engine()
        if not isinstance(engine, Fitting):
            if engine is None and not _adjusted(figure):
                engine = ConstrainedLayoutEngine()
            engine = Fitting(engine)
            figure.set_layout_engine(engine)
        engine.placed = [other for other in engine.placed if other.ax is not self.ax or other.alive()]
        engine.placed.append(self)

    def set_ticks(self, axis: str, labels: Sequence[str]) -> None:
        """Print these labels at the ticks of an axis."""
        (self.ax.set_xticks if axis == "x" else self.ax.set_yticks)(self._ticks[axis][0], labels)
        for tick, ink in zip(self._tick_labels(axis), self._tick_inks[axis], strict=False):
            tick.set_color(ink)

    def _tick_labels(self, axis: str) -> list[Any]:
        return list(self.ax.get_xticklabels() if axis == "x" else self.ax.get_yticklabels())

    @property
    def _points(self) -> float:
        """Points in a pixel."""
        figure: Any = self.ax.figure
        return float(72 / figure.dpi)

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
            self.ax._set_position(spec.get_position(figure), which="both")
        if self.bar is not None:
            self.bar._set_position(self._bar_place, which="both")  # type: ignore[attr-defined]
        for axis in self._ticks:
            self.set_ticks(axis, self._ticks[axis][1])
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
        # The longest texts of the margin that all fit; where none do, the margin stays empty.
        for length in range(4):
            for name in self._margins:
                name.artist.set_visible(length < min(len(name.texts), 3))
                name.artist.set_text(name.texts[min(length, len(name.texts) - 1)])
            seen = [name.artist for name in self._margins if name.artist.get_visible()]
            if all(text.get_window_extent(renderer).width <= MARGIN * cell.width for text in seen):
                break
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
        box, cell = self.ax.get_window_extent(), self.cell
        above = self._lay_key(renderer, box, cell) * self._points
        if self._note is not None:
            self._note.set_text(_broken(self._note, self._note_text, cell.x1 - box.x0 - 3, renderer))
            self._note.xyann = (0, 4 + above)
            above += self._note.get_window_extent(renderer).height * self._points + 3
        if self._title:
            title = self.ax._left_title
            text = self._title_broken = _broken(title, self._title, cell.width - 6, renderer, most=3)
            # A title begins at the edge of the panel: beside wide names of rows it would be broken to pieces.
            self.ax.set_title(text, loc="left", x=(cell.x0 + 3 - box.x0) / max(box.width, 1), pad=6 + above)
        for axis in self._ticks:
            self._thin(axis, renderer, cell)
        self._spread_ends(renderer)

    def _spread_ends(self, renderer: Any) -> None:
        """Move the names of lines apart, as little as possible."""
        if not self._ends:
            return
        heights = np.array([name.artist.get_window_extent(renderer).height + 1 for name in self._ends])
        wanted = np.array([float(self.ax.transData.transform((0, name.artist.xy[1]))[1]) for name in self._ends])
        box, order = self.ax.get_window_extent(), np.argsort(wanted, kind="stable")
        below = wanted - heights / 2 - box.y0
        moved = _spread(below[order], heights[order], 0.0, box.height + 12)
        for place, at in zip(order, moved, strict=True):
            self._ends[place].artist.xyann = (6, (at - below[place]) * self._points)

    def _lay_key(self, renderer: Any, box: Any, cell: Any) -> float:
        """Lay the names above the axes, and give the height they take in pixels."""
        if not self._key:
            return 0.0
        for artist, text, _ in self._key:
            artist.set_text(text)
            artist.set_visible(True)
            # The title above makes room for the key; without one the key makes its own.
            artist.set_in_layout(not self._title)
        extents = [artist.get_window_extent(renderer) for artist, _, _ in self._key]
        widths = np.array([extent.width for extent in extents])
        gap, line = 7 / self._points, max(extent.height for extent in extents) * 1.25
        room = max(cell.x1 - box.x0 - 4, 20)
        if widths.sum() + gap * (len(widths) - 1) <= room and self._key[0][2] is not None:
            middles = np.array([float(at or 0) * box.width for _, _, at in self._key])
            for (artist, *_), left in zip(self._key, _spread(middles - widths / 2, widths, gap, room), strict=True):
                artist.xyann = (left * self._points, 4)
            return float(line)
        edge = x = cell.x0 + 3 - box.x0 if self._title else 0.0
        lines: list[list[tuple[Any, float]]] = [[]]
        for (artist, _, _), width in zip(self._key, widths, strict=True):
            if lines[-1] and x + width > room:
                lines.append([])
                x = edge
            lines[-1].append((artist, x))
            x += width + gap
        for number, entry in enumerate(reversed(lines)):
            for artist, left in entry:
                artist.xyann = (left * self._points, 4 + number * line * self._points)
        return float(line * len(lines))

    def _thin(self, axis: str, renderer: Any, cell: Any) -> None:
        places, labels, text = self._ticks[axis]
        if not places:
            return
        across = axis == "x"
        if across and text:
            self._fit_columns(labels, renderer, cell)
            return
        box = self.ax.get_window_extent()
        if text:
            self._fit_rows(cell, box.height, renderer)
        else:
            self.set_ticks(axis, labels)
        printed = [label.get_text() for label in self._tick_labels(axis)]
        extents = [label.get_window_extent(renderer) for label in self._tick_labels(axis)]
        ends = [(place, 0) if across else (0, place) for place in places]
        pixels = self.ax.transData.transform(ends)[:, 0 if across else 1]
        low, high = (box.x0, box.x1) if across else (box.y0, box.y1)
        sizes, gap = [extent.width if across else extent.height for extent in extents], 3 if across else 1
        for step in range(1, len(places) + 1):
            kept = [number for number in range(0, len(places), step) if low - 1 <= pixels[number] <= high + 1]
            if all(abs(pixels[b] - pixels[a]) >= (sizes[a] + sizes[b]) / 2 + gap for a, b in pairwise(kept)):
                break
        self.set_ticks(axis, [label if number in kept else "" for number, label in enumerate(printed)])

    def _fit_rows(self, cell: Any, height: float, renderer: Any) -> None:
        """Names of rows within their share of the panel; every second, third … where rows stand closer than lines."""
        labels = self._ticks["y"][1]
        pitch = height / max(len(labels), 1)
        step = max(1, int(np.ceil(SMALLEST / self._points / max(pitch, 0.1))))
        self.set_ticks("y", [label if place % step == 0 else "" for place, label in enumerate(labels)])
        artists = self._tick_labels("y")
        for label, artist in list(zip(labels, artists, strict=True))[::step]:
            _fit(artist, label, ROW_NAMES * cell.width, pitch * step, renderer)
        self.set_ticks("y", [artist.get_text() for artist in artists])

    def _fit_columns(self, labels: list[str], renderer: Any, cell: Any) -> None:
        """Names of columns: broken to their width, else turned, in two lines where these have room, and shortened."""
        self.ax.tick_params(axis="x", labelrotation=0)
        self.set_ticks("x", labels)
        pitch = self.ax.get_window_extent().width / max(len(labels), 1) - 3
        artists = self._tick_labels("x")
        turned = False
        for label, artist in zip(labels, artists, strict=True):
            artist.set_text(_broken(artist, label, pitch, renderer))
            turned |= artist.get_window_extent(renderer).width > pitch
        if turned:
            for label, artist in zip(labels, artists, strict=True):
                _fit(artist, label, 0.4 * cell.height, pitch, renderer)
            # Turned names stand beside each other: where even that has no room, every second one is left out.
            highest = max(artist.get_window_extent(renderer).height for artist in artists)
            step = int(np.ceil(highest * 1.05 / max(pitch + 3, 1)))
            for number, artist in enumerate(artists):
                artist.set_text(artist.get_text() if number % step == 0 else "")
        self.set_ticks("x", [artist.get_text() for artist in artists])
        self.ax.tick_params(axis="x", labelrotation=90 if turned else 0)

    def place(self, renderer: Any) -> None:
        """Once everything else stands: names beside marks, where they touch nothing, in the order they were given."""
        box, cell = self.ax.get_window_extent(), self.cell
        # The axes have moved since title and key were laid: they begin at the edge of the panel as it is now.
        self._lay_key(renderer, box, cell)
        if self._title:
            self.ax._left_title.set_x((cell.x0 + 3 - box.x0) / max(box.width, 1))
        self._keep_inside(renderer, box, cell)
        for axis, (_, _, text) in self._ticks.items():
            if not text:
                # The last layout may have left the axes narrower than when their numbers were thinned.
                self._thin(axis, renderer, cell)
        standing = _Touching(self._standing(renderer))
        for name in self._margins:
            if name.artist.get_visible():
                extent = name.artist.get_window_extent(renderer)
                name.artist.set_visible(not standing.touches(extent))
                if name.artist.get_visible():
                    standing.add(extent)
        for name in self._names:
            extent = self._try(name, renderer, cell, standing)
            name.artist.set_visible(extent is not None)
            if extent is not None:
                standing.add(extent)

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
        to_place = {id(name.artist) for name in (*self._names, *self._margins)}
        texts: list[Any] = [self.ax._left_title]
        for ax in filter(None, (self.ax, self.bar)):
            if ax.axison:
                texts += [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.yaxis.label]
            texts += [text for text in ax.texts if id(text) not in to_place]
        return [text.get_window_extent(renderer) for text in texts if text.get_visible() and text.get_text().strip()]

    def _try(self, name: Name, renderer: Any, cell: Any, standing: _Touching) -> Any:
        """Set the first text at the first side that has room; its extent, None where nothing fits."""
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
                inside = (
                    extent.width <= room[0] and extent.height <= room[1] and extent.x0 >= cell.x0 + 1 and extent.x1 <= cell.x1 - 1
                    and extent.y0 >= cell.y0 + 1 and extent.y1 <= cell.y1 - 1
                )  # fmt: skip
                if inside and not standing.touches(extent):
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
        self.placed: list[Placed] = []

    def set(self, **settings: Any) -> None:
        """Hand settings to the layout within."""
        if self._inner is not None:
            self._inner.set(**settings)

    def execute(self, fig: Figure) -> None:
        """Lay out: names to their share of the panel, axes, ticks and titles, axes again, names beside marks."""
        renderer = fig._get_renderer()  # type: ignore[attr-defined]
        alive = [part for part in self.placed if part.ax in fig.axes and part.alive()]
        for part in alive:
            part.reset()
            part.shape(renderer)
        before: list[Any] = []
        for _ in range(2):
            self._lay(fig)
            extents = [part.ax.get_window_extent().extents for part in alive]
            if before and np.allclose(before, extents, atol=2):
                break
            before = extents
            self._share(fig, alive, renderer)
            for part in alive:
                part.settle(renderer)
        else:
            self._lay(fig)
        self._share(fig, alive, renderer)
        for part in alive:
            part.place(renderer)

    @staticmethod
    def _share(fig: Figure, alive: list[Placed], renderer: Any) -> None:
        """Give each panel its part of the page: to the edge, or to what its neighbours in the row need for themselves."""
        bars = {part.bar: part.ax for part in alive if part.bar is not None}
        outlines: dict[Any, list[Any]] = {}
        if len(set(fig.axes) - set(bars)) > 1:
            for ax in fig.axes:
                outlines.setdefault(bars.get(ax, ax), []).append(ax.get_tightbbox(renderer, for_layout_only=True))
        for part in alive:
            spec, cell = part.ax.get_subplotspec(), cell_of(part.ax)
            (x0, y0), (x1, y1) = cell.get_points()
            for ax, boxes in outlines.items():
                other = ax.get_subplotspec()
                if spec is None or other is None or ax is part.ax or not set(spec.rowspan) & set(other.rowspan):
                    continue
                if other.colspan.start >= spec.colspan.stop:
                    x1 = min(box.x0 for box in boxes) - 3
                elif other.colspan.stop <= spec.colspan.start:
                    x0 = max(box.x1 for box in boxes) + 3
            part.cell = type(cell)([[x0, y0], [x1, y1]])

    def _lay(self, fig: Figure) -> None:
        if self._inner is not None:
            self._inner.execute(fig)
        for ax in fig.axes:
            ax.apply_aspect()


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
    return whole.bbox if spec is None else Bbox(_cell(spec, whole.bbox.extents))


def _cell(spec: Any, page: Any) -> list[list[float]]:
    grid = spec.get_gridspec()
    above = getattr(grid, "_subplot_spec", None)
    x0, y0, x1, y1 = page if above is None else np.ravel(_cell(above, page))
    ratios = (grid.get_width_ratios(), grid.get_height_ratios())
    columns, rows = (np.cumsum([0.0, *parts]) / np.sum(parts) for parts in ratios)
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


def _broken(artist: Any, text: str, room: float, renderer: Any, *, most: int = 9) -> str:
    """The text with lines broken so that none is wider than so many pixels, as far as its words allow."""
    turned = artist.get_rotation() % 180 == 90
    lines: list[str] = []
    for line in text.split("\n"):
        artist.set_text(line)
        extent = artist.get_window_extent(renderer)
        needed = extent.height if turned else extent.width
        lines += wrapped(line, room / needed) if needed > room > 0 else [line]
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
