"""Streams of a PDF that unpack to more than a machine holds are refused before pdfium sees them."""

from __future__ import annotations

import random
import zlib

import pytest

from giakit.documents.limits import DEFAULT_LIMITS, Limits
from giakit.documents.pdf.streams import check_streams
from giakit.errors import UnreadableDocument

LINES = zlib.compress(b"0 0 m 9 9 l S\n" * 2_000_000, 9)


def file_of(body: bytes, entries: bytes = b"") -> bytes:
    return (
        b"%%PDF-1.4\n3 0 obj<</Subtype/Image>>endobj\n4 0 obj<<%s/Filter/FlateDecode/Length %d>>stream\r\n"
        % (entries, len(body))
        + body
        + b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n%%EOF"
    )


def refusal(data: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    """Why a file is refused; "" if it is not."""
    try:
        check_streams(data, name="a.pdf", limits=limits)
    except UnreadableDocument as error:
        return error.reason
    return ""


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=r"unpacks to more than .* \(Limits.max_ratio, Limits.max_part\)"):
        check_streams(file_of(LINES), name="a.pdf", limits=DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        file_of(zlib.compress(b"\xff" * 30_000_000, 9), b"/Subtype/Image/Width 5000/Height 2000/BitsPerComponent 8"),
        file_of(zlib.compress(random.Random(0).randbytes(2_000_000))),
        file_of(zlib.compress(b"0 0 m 9 9 l S\n" * 400_000, 9)),
        file_of(b"\xff\xd8" * 40_000),
        b"endstream" * 10,
    ],
    ids=["a blank picture", "a font", "many lines", "packed in another way", "no streams"],
)
def test_other_streams_are_not(data: bytes) -> None:
    assert refusal(data) == ""


def test_the_limits_can_be_raised() -> None:
    assert refusal(file_of(LINES))
    assert refusal(file_of(LINES), Limits(max_ratio=1100)) == ""


def pdf_of(objects: dict[int, bytes]) -> bytes:
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj" % number + text + b"\nendobj\n" for number, text in objects.items())
    return body + b"trailer<</Root 1 0 R/Size 99>>\nstartxref\n0\n%%EOF"


def stream(entries: bytes, body: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n" % (entries, len(body)) + body + b"\nendstream"


def drawing(other: int, body: bytes) -> bytes:
    return stream(b"/Type/XObject/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>" % other, body)


PAGE = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Kids[3 0 R]/Count 1>>"}
BOMB = zlib.compress(b" " * 20_000_000, 9)


@pytest.mark.parametrize(
    "objects",
    [
        {4: stream(b"/Subtype/Image/Width 9000/Height 9000/Filter/FlateDecode", BOMB)},
        {4: stream(b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(BOMB))},
        {4: stream(b"/Filter/FlateDecode", zlib.compress(random.Random(0).randbytes(5000) + b" " * 20_000_000, 9))},
        {4: stream(b"", b"/X Do"), 5: drawing(5, b"/X Do /X Do")},
        {4: stream(b"", b"/X Do"), 5: drawing(6, b"/X Do"), 6: drawing(5, b"/X Do")},
        {4: stream(b"", b"/X Do"), **{k: drawing(k + 1, b"/X Do " * 10) for k in range(5, 25)}},
    ],
    ids=[
        "contents called a picture",
        "packed twice",
        "a bomb behind noise",
        "draws itself",
        "draw each other",
        "fan-out",
    ],
)
def test_files_that_would_end_the_process_are_refused(objects: dict[int, bytes]) -> None:
    page = {3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"}
    with pytest.raises(UnreadableDocument):
        check_streams(pdf_of({**PAGE, **page, **objects}), name="a.pdf", limits=DEFAULT_LIMITS)


def test_drawings_that_end_are_read() -> None:
    objects = {
        4: stream(b"", b"/X Do"),
        5: drawing(6, b"/X Do /X Do"),
        6: drawing(7, b"/X Do"),
        7: stream(b"/Subtype/Form", b""),
    }
    assert refusal(pdf_of({**PAGE, **objects})) == ""
    assert refusal(pdf_of({**PAGE, **objects, 7: drawing(5, b"/X Do")}))


@pytest.mark.parametrize(
    "objects",
    [
        {
            3: b"<</Contents[" + b"4 0 R " * 100 + b"]>>",
            4: stream(b"/Filter/FlateDecode", zlib.compress(b" " * 5_000_000, 1)),
        },
        {4: stream(b"/Subtype/Image/Filter[/Fl/Fl]", zlib.compress(zlib.compress(b" " * 9_000_000)))},
    ],
    ids=["one stream many times", "a picture packed twice that is contents"],
)
def test_contents_are_counted_as_often_as_pages_name_them(objects: dict[int, bytes]) -> None:
    page = {3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>"}
    with pytest.raises(UnreadableDocument):
        check_streams(pdf_of({**PAGE, **page, **objects}), name="a.pdf", limits=DEFAULT_LIMITS)
