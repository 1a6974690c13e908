"""The box of a character in a font without line metrics (Type 3 fonts, as browsers write them).

For other fonts pdfium gives the box of the line; for these it gives the box of the ink, with which neither a
common line nor the space between two characters can be seen.
"""

from __future__ import annotations

import ctypes
import unicodedata

from pypdfium2 import raw

from giakit.documents.geometry import Box
from giakit.documents.pdf import calls

# Shares of the character size above and below the base line, as in the usual CJK fonts.
_ASCENT = 0.88
_DESCENT = 0.12
_SAME = 0.02


def is_tight(textpage: int, index: int, loose: Box) -> bool:
    """Whether the box that should be the line's is that of the ink."""
    # Left, right, bottom, top.
    ink = (ctypes.c_double * 4)()
    first = ctypes.addressof(ink)
    if not calls.character_box(textpage, index, first, first + 8, first + 16, first + 24):
        return False
    return abs(loose.top - ink[3]) < _SAME and abs(loose.bottom - ink[2]) < _SAME


def around(textpage: int, index: int, code: int, loose: Box) -> Box:
    """The character's square, or its ink where the size is unknown."""
    matrix, origin = raw.FS_MATRIX(), (ctypes.c_double * 2)()
    calls.character_matrix(textpage, index, ctypes.addressof(matrix))
    calls.character_origin(textpage, index, ctypes.addressof(origin), ctypes.addressof(origin) + 8)
    x, y = origin
    size = calls.character_size(textpage, index)
    height = size * (matrix.c**2 + matrix.d**2) ** 0.5
    ink = max(loose.top - loose.bottom, loose.right - loose.left)
    # A font may scale its glyphs by any factor of its own: then the ink is all there is to go by.
    if not 0.5 * ink < height < 12 * ink:
        return loose
    wide = unicodedata.east_asian_width(chr(code)) in "WF"
    corners = [
        (size * (across * matrix.a + up * matrix.c), size * (across * matrix.b + up * matrix.d))
        for across in (0.0, 1.0 if wide else 0.0)
        for up in (-_DESCENT, _ASCENT)
    ]
    xs, ys = [x + dx for dx, _ in corners], [y + dy for _, dy in corners]
    if wide:
        return Box(min(xs), max(ys), max(xs), min(ys))
    return Box(min(*xs, loose.left), max(*ys, loose.top), max(*xs, loose.right), min(*ys, loose.bottom))
