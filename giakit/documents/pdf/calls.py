"""pdfium's functions for the many small questions that a page is asked, called with plain addresses.

The usual bindings make an object of every argument and of every answer, which takes longer than the answer itself.
An argument that a function fills is given as the address of a ctypes array (`ctypes.addressof`), which the caller keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import (
    PYFUNCTYPE,
    addressof,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_ulong,
    c_void_p,
    cast,
    create_string_buffer,
)
from struct import Struct
from typing import Any

from pypdfium2 import raw


def address_of(pointer: Any) -> int:
    """The address that a pointer of the usual bindings holds."""
    return cast(pointer, c_void_p).value or 0


# Several times faster than the items of a ctypes array one by one.
four_floats = Struct("4f").unpack_from
four_integers = Struct("4I").unpack_from


def _function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    return PYFUNCTYPE(result, *arguments)(address_of(getattr(raw, name)))  # type: ignore[no-any-return]


page_object = _function("FPDFPage_GetObject", c_void_p, c_void_p, c_int)
form_object = _function("FPDFFormObj_GetObject", c_void_p, c_void_p, c_int)
count_form_objects = _function("FPDFFormObj_CountObjects", c_int, c_void_p)
object_type = _function("FPDFPageObj_GetType", c_int, c_void_p)
object_matrix = _function("FPDFPageObj_GetMatrix", c_int, c_void_p, c_void_p)
object_bounds = _function("FPDFPageObj_GetBounds", c_int, c_void_p, *[c_void_p] * 4)
object_fill_color = _function("FPDFPageObj_GetFillColor", c_int, c_void_p, *[c_void_p] * 4)
has_transparency = _function("FPDFPageObj_HasTransparency", c_int, c_void_p)
stroke_width = _function("FPDFPageObj_GetStrokeWidth", c_int, c_void_p, c_void_p)
_object_mark = _function("FPDFPageObj_GetMark", c_void_p, c_void_p, c_ulong)
_parameter_text = _function(
    "FPDFPageObjMark_GetParamStringValue", c_int, c_void_p, c_char_p, c_void_p, c_ulong, c_void_p
)
count_marks = _function("FPDFPageObj_CountMarks", c_int, c_void_p)
text_render_mode = _function("FPDFTextObj_GetTextRenderMode", c_int, c_void_p)

path_draw_mode = _function("FPDFPath_GetDrawMode", c_int, c_void_p, c_void_p, c_void_p)
count_segments = _function("FPDFPath_CountSegments", c_int, c_void_p)
path_segment = _function("FPDFPath_GetPathSegment", c_void_p, c_void_p, c_int)
segment_point = _function("FPDFPathSegment_GetPoint", c_int, c_void_p, c_void_p, c_void_p)
segment_type = _function("FPDFPathSegment_GetType", c_int, c_void_p)
segment_closes = _function("FPDFPathSegment_GetClose", c_int, c_void_p)

character_box = _function("FPDFText_GetCharBox", c_int, c_void_p, c_int, *[c_void_p] * 4)
character_line_box = _function("FPDFText_GetLooseCharBox", c_int, c_void_p, c_int, c_void_p)
character_angle = _function("FPDFText_GetCharAngle", c_float, c_void_p, c_int)
character_matrix = _function("FPDFText_GetMatrix", c_int, c_void_p, c_int, c_void_p)
character_origin = _function("FPDFText_GetCharOrigin", c_int, c_void_p, c_int, c_void_p, c_void_p)
character_size = _function("FPDFText_GetFontSize", c_double, c_void_p, c_int)
character_text_object = _function("FPDFText_GetTextObject", c_void_p, c_void_p, c_int)
character_is_unmapped = _function("FPDFText_HasUnicodeMapError", c_int, c_void_p, c_int)
clip_path = _function("FPDFPageObj_GetClipPath", c_void_p, c_void_p)
count_clip_paths = _function("FPDFClipPath_CountPaths", c_int, c_void_p)
count_clip_segments = _function("FPDFClipPath_CountPathSegments", c_int, c_void_p, c_int)
clip_segment = _function("FPDFClipPath_GetPathSegment", c_void_p, c_void_p, c_int, c_int)
activate = _function("FPDFPageObj_SetIsActive", c_int, c_void_p, c_int)


def retells_figures(item: int, marks: int) -> bool:
    """Whether the file gives digits of its own (``/ActualText``) for a text object, which pdfium takes for those printed.

    Browsers give so each character that two code points share; they never do for digits.
    """
    text, length = create_string_buffer(512), c_ulong()
    return any(
        _parameter_text(_object_mark(item, k), b"ActualText", addressof(text), 512, addressof(length))
        and any(character.isdigit() for character in text.raw[: length.value].decode("utf-16-le", "replace"))
        for k in range(marks)
    )
