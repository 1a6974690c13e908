"""One look for every figure: style sheet, palette, sizes of a journal's columns."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from giakit.errors import UnknownChoice
from giakit.figures.fonts import cjk_font

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

LANGUAGES = ("en", "zh")


@cache
def palette() -> dict[str, dict[str, Any]]:
    """The palette by family: ``outcomes``, ``remedies``, ``verdicts``, ``statuses``, ``roles``.

    Returns
    -------
    dict
        Family to name to colour, as the data file ``palette.toml`` has them.

    Examples
    --------
    >>> sorted(palette()["outcomes"])
    ['denied', 'granted', 'not_processed', 'other', 'partial', 'unable']
    """
    text = files("giakit.figures").joinpath("data", "palette.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def colour(name: str, family: str = "outcomes") -> str:
    """The colour of an outcome, which is the same in every figure.

    Parameters
    ----------
    name : str
        A code; for outcomes also a row code (``denied_process`` has the colour of ``denied``).
    family : str
        A family of :func:`palette`.

    Returns
    -------
    str
        Six hex digits.

    Raises
    ------
    UnknownChoice
        If there is no such family or name.

    Examples
    --------
    >>> colour("denied_process") == colour("denied")
    True
    """
    families = palette()
    if family not in families:
        raise UnknownChoice("family", family, families)
    colours = families[family]
    if name in colours:
        return str(colours[name])
    group = next((code for code in colours if name.startswith(f"{code}_")), None)
    if group is None:
        raise UnknownChoice(family, name, colours)
    return str(colours[group])


def colours_between(family: str) -> Colormap:
    """A colour map: ``sequential`` or ``diverging``."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(f"giakit_{family}", palette()[family]["colours"])


def size(columns: int = 2, height: float = 3.4) -> tuple[float, float]:
    """Width and height in inches of a figure that fills one or two columns of a journal page.

    Raises
    ------
    UnknownChoice
        If columns are neither 1 nor 2.

    Examples
    --------
    >>> size(1, 2.5)
    (3.35, 2.5)
    """
    if columns not in (1, 2):
        raise UnknownChoice("columns", columns, (1, 2))
    return float(palette()["sizes"]["one" if columns == 1 else "two"]), height


def set_style(lang: str = "en") -> None:
    """Make the look of giakit the look of all figures drawn from now on.

    Parameters
    ----------
    lang : {"en", "zh"}
        ``zh`` puts the first installed font with Chinese characters in front.

    Raises
    ------
    UnknownChoice
        If there is no such language.
    MissingFont
        If ``zh`` is asked for and no font with Chinese characters is installed.

    Examples
    --------
    >>> set_style()
    """
    import matplotlib as mpl

    check_language(lang)
    mpl.rcParams.update(rules(lang))


def rules(lang: str = "en") -> dict[Any, Any]:
    """The style sheet as settings of matplotlib."""
    from matplotlib import rc_params_from_file

    with as_file(files("giakit.figures") / "data" / "giakit.mplstyle") as path:
        settings: dict[Any, Any] = dict(rc_params_from_file(str(path), use_default_template=False))
    if lang == "zh":
        settings["font.sans-serif"] = [cjk_font(), *settings["font.sans-serif"]]
    return settings


def check_language(lang: str) -> None:
    """Raise UnknownChoice for a language that figures do not speak."""
    if lang not in LANGUAGES:
        raise UnknownChoice("lang", lang, LANGUAGES)


def __getattr__(name: str) -> Any:
    if name == "STYLE":
        return str(files("giakit.figures") / "data" / "giakit.mplstyle")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
