"""Fonts with Chinese characters: which one is installed, and never a box in place of a character."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from typing import Any

from giakit.errors import GiakitError


class MissingFont(GiakitError, RuntimeError):
    """No installed font has Chinese characters.

    Attributes
    ----------
    tried : tuple of str
        Fonts that were looked for.
    install : str
        What to install.
    """

    def __init__(self, tried: object, install: str) -> None:
        self.tried = tuple(str(name) for name in tried)  # type: ignore[attr-defined]
        self.install = install
        super().__init__(
            f'no font with Chinese characters is installed, which lang="zh" needs. Install one ({install}) '
            f'or draw with lang="en". Looked for: {", ".join(self.tried)}'
        )

    def __reduce__(self) -> tuple[type[MissingFont], tuple[object, str]]:
        return type(self), (self.tried, self.install)


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

    def __reduce__(self) -> tuple[type[MissingGlyphs], tuple[str]]:
        return type(self), (self.characters,)


@cache
def _listed() -> dict[str, Any]:
    text = files("giakit.figures").joinpath("data", "fonts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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
    wanted = _listed()["chinese"]
    found = _first_known(wanted)
    if found is None:
        _look_for_new_fonts()
        found = _first_known(wanted)
    if found is None:
        raise MissingFont(wanted, str(_listed()["install"]))
    return found


def _first_known(wanted: Sequence[str]) -> str | None:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in wanted if name in known), None)


def _look_for_new_fonts() -> None:
    """Tell matplotlib of fonts that are not in its list: it keeps the list of its first run, and who is told to install one would be told again."""
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
