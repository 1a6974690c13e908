"""Colours of type and of its ground: whether a person can tell one from the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

WHITE, BLACK = "FFFFFF", "000000"
DIGIT = re.compile(r"\d")
PICTURE_FONT = re.compile(r"Wingdings|Webdings|ZapfDingbats|MT Extra", re.I)
"""Names of fonts that show pictures in place of digits."""
# The contrast, and the sum of differences of colour, below which a person sees nothing.
_FAINT = 1.25
_ALIKE = 150


def is_near(first: str, second: str) -> bool:
    """Whether one colour can hardly be told from the other: they are equal, or alike and nearly equally bright.

    Parameters
    ----------
    first, second : str
        Six hexadecimal digits; any other name equals only itself.

    Examples
    --------
    >>> is_near("FFFFFF", "FFF3B0"), is_near("FFFFFF", "4472C4"), is_near("pattern", "FFFFFF")
    (True, False, False)
    """
    if first == second:
        return True
    try:
        pairs = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (0, 2, 4)]
    except ValueError:
        return False
    bright, dark = sorted(
        (_brightness([one for one, _ in pairs]), _brightness([other for _, other in pairs])), reverse=True
    )
    return sum(abs(one - other) for one, other in pairs) < _ALIKE and (bright + 0.05) / (dark + 0.05) < _FAINT


def mixed(dots: str, paper: str, share: float) -> str:
    """The colour of a ground of dots, as it is seen from afar; the name "pattern" where one of the colours is not known.

    >>> mixed("000000", "FFFFFF", 0.25)
    'BFBFBF'
    """
    try:
        pairs = [(int(dots[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (0, 2, 4)]
    except ValueError:
        return "pattern"
    return "".join(f"{round(one * share + other * (1 - share)):02X}" for one, other in pairs)


def _brightness(colour: Sequence[int]) -> float:
    """Relative luminance, as WCAG 2 defines it (with the power 2.2 in place of its pieces)."""
    red, green, blue = ((part / 255) ** 2.2 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
