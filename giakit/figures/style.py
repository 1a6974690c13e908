"""One look for every figure: style sheet, palette, sizes of a journal's columns, fonts of the language."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from giakit import data
from giakit.data import toml
from giakit.errors import GiakitError, UnknownChoice

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

LANGUAGES = ("en", "zh")
#: Points of the smallest text: what a journal still prints.
SMALLEST = 6.0
#: Points of text beside the data.
SMALL = 6.5


class MissingFont(GiakitError, RuntimeError):
    """No installed font has Chinese characters.

    Attributes
    ----------
    tried : tuple of str
        Fonts that were looked for.
    install : str
        What to install.
    """

    def __init__(self, tried: Sequence[str], install: str) -> None:
        self.tried = tuple(tried)
        self.install = install
        super().__init__(
            f'no font with Chinese characters is installed, which lang="zh" needs. Install one ({install}) '
            f'or draw with lang="en". Looked for: {", ".join(self.tried)}'
        )


class MissingGlyphs(GiakitError, RuntimeError):
    """A figure holds characters that its font does not have; they would be printed as boxes.

    Attributes
    ----------
    characters : str
        Those characters.
    """

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(
            f"the font of the figure lacks {characters}: it would print boxes. Draw Chinese text with "
            'lang="zh" and giakit.figures.set_style(lang="zh")'
        )


def palette() -> dict[str, dict[str, Any]]:
    """The palette by family: ``outcomes``, ``remedies``, ``verdicts``, ``statuses``, ``states``, ``roles``.

    Returns
    -------
    dict
        Family to name to colour, as the data file ``palette.toml`` has them.

    Examples
    --------
    >>> sorted(palette()["outcomes"])
    ['denied', 'granted', 'not_processed', 'other', 'partial', 'unable']
    """
    return toml("figures", "palette.toml")


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


def ink_of(name: str, family: str = "outcomes") -> str:
    """The colour of letters that name a thing: its own, darker where that is too pale to read."""
    return str(palette()["inks"].get(name, colour(name, family)))


def ink_on(face: Any) -> str:
    """Black or white, whichever is read on a face."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(face)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else colour("ink", "roles")


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

    sheet = data.path("figures", "giakit.mplstyle")
    settings: dict[Any, Any] = dict(rc_params_from_file(str(sheet), use_default_template=False))
    if lang == "zh":
        settings["font.sans-serif"] = [cjk_font(), *settings["font.sans-serif"]]
    return settings


def check_language(lang: str) -> None:
    """Raise UnknownChoice for a language that figures do not speak."""
    if lang not in LANGUAGES:
        raise UnknownChoice("lang", lang, LANGUAGES)


def cjk_font() -> str:
    """Name of the first installed font with Chinese characters.

    Returns
    -------
    str
        A family that matplotlib knows.

    Raises
    ------
    MissingFont
        If none is installed; the message says what to install.

    Examples
    --------
    >>> cjk_font()  # doctest: +SKIP
    'Noto Sans CJK SC'
    """
    listed = toml("figures", "fonts.toml")
    first = _first_known(listed["chinese"])
    if first is None:
        _look_for_new_fonts()
        first = _first_known(listed["chinese"])
    if first is None:
        raise MissingFont(listed["chinese"], str(listed["install"]))
    return first


def _first_known(wanted: Sequence[str]) -> str | None:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in wanted if name in known), None)


def _look_for_new_fonts() -> None:
    """Tell matplotlib of fonts that are not in its list: it keeps that of its first run, and a font just installed would be missed."""
    from matplotlib import font_manager

    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        # A damaged font file is no reason to draw nothing.
        with suppress(OSError, RuntimeError, ValueError):
            font_manager.fontManager.addfont(path)


@contextmanager
def no_missing_glyphs() -> Iterator[None]:
    """Turn matplotlib's warning of a missing glyph into an error that names the characters."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    lost = []
    for warning in caught:
        text = str(warning.message)
        if text.startswith("Glyph ") and "missing from" in text:
            lost.append(chr(int(text.split()[1])))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if lost:
        raise MissingGlyphs("".join(dict.fromkeys(lost)))


def __getattr__(name: str) -> Any:
    if name == "STYLE":
        return str(data.path("figures", "giakit.mplstyle"))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
