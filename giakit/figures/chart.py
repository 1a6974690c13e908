"""What every figure is: a function that gives data, one that draws them on a canvas, and what both share.

Signatures, the sections of the docstrings that all figures share, titles, captions and what is drawn of nothing stand here once.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from giakit.figures.canvas import LOOK, Canvas

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


_OVERLAP = "overlap : str\n    As in :func:`giakit.metrics.rate`."
_TWIN = "lang, title, note, color, labels\n    See :class:`giakit.figures.Look`: they change the drawing, not the data."


def twin(make: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Make the data twin of a figure: it takes the look too, so that both are called with the same arguments."""
    signature = inspect.signature(make)
    named = [part for part in signature.parameters.values() if part.kind is not part.VAR_KEYWORD]
    look = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default) for name, default in LOOK.items()]

    @wraps(make)
    def data(*frames: Any, **options: Any) -> pd.DataFrame:
        return make(*frames, **{name: value for name, value in options.items() if name not in LOOK})

    rest = [part for part in signature.parameters.values() if part.kind is part.VAR_KEYWORD]
    data.__signature__ = signature.replace(parameters=[*named, *look, *rest])  # type: ignore[attr-defined]
    data.__doc__ = _completed(inspect.getdoc(make) or "", "overlap" in signature.parameters)
    return data


def _completed(documented: str, has_overlap: bool) -> str:
    """The docstring of a twin with what all twins take and raise."""
    if "\nParameters\n" not in documented:
        return documented
    taken = [_OVERLAP] * (has_overlap and not re.search(r"^(\w+, )*overlap\b", documented, re.M)) + [_TWIN]
    documented = re.sub(
        r"(\nParameters\n-+\n.*?)\n\n",
        lambda found: "\n".join([found[1], *taken]) + "\n\n",
        documented,
        count=1,
        flags=re.S,
    )
    if "\nRaises\n" in documented:
        return documented
    raised = "\n\nRaises\n------\nMissingColumns" + ", MixedScopes" * has_overlap
    return re.sub(
        r"(\nReturns\n-+\n.*?)\n\n", lambda found: found[1] + raised + "\n\n", documented, count=1, flags=re.S
    )


def drawing(
    data: Callable[..., pd.DataFrame], *, n: str = "n_requests", height: float | Callable[[pd.DataFrame], float] = 3.0,
    columns: int = 2, interval: str | None = None, empty: str | None = "nothing", refused: tuple[type[Exception], ...] = (),
) -> Callable[[Callable[..., Sequence[str]]], Callable[..., Axes]]:  # fmt: skip
    """Make a public figure of a function that draws on a canvas and gives the notes of its caption.

    Parameters
    ----------
    data : callable
        The twin that gives the data; the figure takes its arguments, and Axes behind its frames.
    n, empty : str
        Words for what n counts, and for what stands there if the data are empty (None: the drawing sees to it).
    height, columns
        Size of a figure of its own.
    interval : str, optional
        Name of the intervals; by default that of the column ``method``.
    refused : tuple of type
        Errors of the twin at which a figure is drawn that says `empty`.

    Returns
    -------
    callable
        ``draw(canvas, data, ...) -> notes`` made ``figure(frame, ax=None, ...) -> Axes``; `draw` is given those arguments
        that it names.
    """
    arguments = list(inspect.signature(data).parameters.values())
    frames = [part for part in arguments if part.kind is part.POSITIONAL_OR_KEYWORD]
    ax = inspect.Parameter("ax", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation="Axes | None")
    signature = inspect.Signature([*frames, ax, *arguments[len(frames) :]], return_annotation="Axes")

    def made(draw: Callable[..., Sequence[str]]) -> Callable[..., Axes]:
        wanted = inspect.signature(draw).parameters

        @wraps(draw)
        def figure(*args: Any, **given: Any) -> Axes:
            bound = signature.bind(*args, **given)
            bound.apply_defaults()
            values = dict(bound.arguments)
            canvas = Canvas(draw.__name__, values.pop("ax"), {name: values.pop(name) for name in LOOK})
            for part in arguments:
                if part.kind is part.VAR_KEYWORD:
                    values |= values.pop(part.name)
            try:
                table = data(**values)
            except refused:
                table = values[frames[0].name].head(0)
            canvas.size(columns=columns, height=height(table) if callable(height) else height)
            if table.empty and empty:
                notes: Sequence[str] = canvas.empty(empty)
            else:
                notes = draw(canvas, table, **{name: value for name, value in values.items() if name in wanted})
            return canvas.finish(table, notes, n=n, interval=interval)

        figure.__signature__ = signature  # type: ignore[attr-defined]
        figure.__doc__ = _documented(draw, data, [part.name for part in arguments if part.name not in LOOK])
        return figure

    return made


def _documented(draw: Callable[..., Any], data: Callable[..., pd.DataFrame], names: list[str]) -> str:
    about, *sections = re.split(r"\n(?=(?:Notes|References)\n-)", inspect.getdoc(draw) or "")
    raised = re.search(r"\nRaises\n-+\n(.*?)(?=\n\n[A-Z]\w+\n-|\Z)", inspect.getdoc(data) or "", re.S)
    shared = (
        f"Parameters\n----------\n{', '.join(names)}\n    As in :func:`{draw.__name__}_data`.\n"
        "ax : matplotlib.axes.Axes, optional\n    Where to draw; a new figure by default.\n"
        "lang, title, note, color, labels\n    See :class:`giakit.figures.Look`.\n\n"
        "Returns\n-------\nmatplotlib.axes.Axes\n    ``ax.giakit`` holds the caption and the data drawn.\n\n"
        f"Raises\n------\n{raised[1] if raised else 'MissingColumns'}"
    )
    example = _example(draw.__name__, inspect.getdoc(data) or "")
    return "\n\n".join([about.strip(), shared, *(section.strip() for section in sections), example])


def _example(figure: str, documented: str) -> str:
    """The example of a figure: that of its twin, drawn."""
    lines = ["Examples", "--------", ">>> import matplotlib.pyplot as plt"]
    for example in doctest.DocTestParser().get_examples(documented):
        calls = [
            call for call in ast.walk(ast.parse(example.source))
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == f"{figure}_data"
        ]  # fmt: skip
        if calls:
            called = str(ast.get_source_segment(example.source, calls[0])).replace(f"{figure}_data(", f"{figure}(", 1)
            return "\n".join(
                [*lines, f">>> ax = {called}", ">>> ax.giakit.figure", repr(figure), ">>> plt.close(ax.figure)"]
            )
        first, *more = example.source.rstrip().split("\n")
        lines += [f">>> {first}", *(f"... {line}" for line in more)]
    raise ValueError(f"the docstring of {figure}_data holds no example of it")
