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


def test_a_stream_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(
        UnreadableDocument, match=r"unpacks to more than .* \(Limits.max_ratio, Limits.max_part\)"
    ):
        check_streams(file_of(LINES), name="a.pdf", limits=DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        file_of(zlib.compress(b"\xff" * 30_000_000, 9), b"/Type/XObject/Subtype/Image"),
        file_of(zlib.compress(random.Random(0).randbytes(2_000_000))),
        file_of(zlib.compress(b"0 0 m 9 9 l S\n" * 400_000, 9)),
        file_of(b"\xff\xd8" * 40_000),
        b"endstream" * 10,
    ],
    ids=["a blank picture", "a font", "many lines", "packed in another way", "no streams"],
)
def test_other_streams_are_not(data: bytes) -> None:
    check_streams(data, name="a.pdf", limits=DEFAULT_LIMITS)


def test_the_limits_can_be_raised() -> None:
    check_streams(file_of(LINES), name="a.pdf", limits=Limits(max_ratio=1100))
