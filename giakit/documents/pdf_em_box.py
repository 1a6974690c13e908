"""The box of a character in a font without line metrics (Type 3 fonts, as browsers write them).

For other fonts pdfium gives the box of the line; for these it gives the box of the ink, with which neither a
common line nor the space between two characters can be seen.
"""

from __future__ import annotations

import ctypes
import unicodedata
from typing import Any

from pypdfium2 import raw

# Shares of the character size above and below the base line, as in the usual CJK fonts.
_ASCENT = 0.88
_DESCENT = 0.12
_SAME = 0.02


def is_tight(textpage: Any, index: int, loose: Any) -> bool:
    """Whether the box that should be the line's is that of the ink."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return False
    return abs(loose.top - top.value) < _SAME and abs(loose.bottom - bottom.value) < _SAME


def around(textpage: Any, index: int, code: int, loose: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the character's square, or of its ink where the size is unknown."""
    matrix, x, y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetMatrix(textpage, index, ctypes.byref(matrix))
    raw.FPDFText_GetCharOrigin(textpage, index, x, y)
    size = raw.FPDFText_GetFontSize(textpage, index)
    height = size * (matrix.c**2 + matrix.d**2) ** 0.5
    ink = max(loose.top - loose.bottom, loose.right - loose.left)
    # A font may scale its glyphs by any factor of its own: then the ink is all there is to go by.
    if not 0.5 * ink < height < 12 * ink:
        return loose.left, loose.bottom, loose.right, loose.top
    wide = unicodedata.east_asian_width(chr(code)) in "WF"
    corners = [
        (size * (across * matrix.a + up * matrix.c), size * (across * matrix.b + up * matrix.d))
        for across in (0.0, 1.0 if wide else 0.0)
        for up in (-_DESCENT, _ASCENT)
    ]
    xs, ys = [x.value + dx for dx, _ in corners], [y.value + dy for _, dy in corners]
    if wide:
        return min(xs), min(ys), max(xs), max(ys)
    return min(*xs, loose.left), min(*ys, loose.bottom), max(*xs, loose.right), max(*ys, loose.top)
