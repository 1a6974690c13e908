"""What an answer is: a challenge, a report, or a file that only may be one. The reader has the last word."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from giakit.collect.archive import Answer
from giakit.collect.discover import MARKS
from giakit.documents.limits import Limits
from giakit.errors import NotAReport
from giakit.panel.source import member_name
from giakit.reading.guard import Guard, read_guarded, reason_of
from giakit.reading.record import read_record

LIMITS = Limits(max_bytes=50_000_000, max_unpacked=200_000_000, max_cells=300_000, max_pages=300, seconds=40)
_MAGIC = (
    (b"%PDF", "pdf"), (b"{\\rtf", "rtf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"),
    (b"\xd0\xcf\x11\xe0", "doc"),
)  # fmt: skip
_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("OFD.xml", "ofd"), ("content.xml", "ods"))
_MEMBERS = 40
_LARGE_PAGE = 2_000_000
_DAMAGED = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError)


class Reading(NamedTuple):
    """What the reader says of one file; ``verdict`` is report, unreadable or other."""

    member: str
    verdict: str
    reading_id: str = ""
    unit: str | None = None
    year: int | None = None
    cells: int = 0
    extension: str = ""
    reason: str = ""


def is_challenge(answer: Answer, content: bytes) -> bool:
    """Whether an answer is a test for browsers in place of the page: such a site is left alone."""
    if answer.status in (412, 521):
        return True
    if answer.status not in (200, 202, 203, 403, 503) or len(content) > 30_000:
        return False
    headers = "" if answer.status == 200 else str(answer.headers)
    marked = MARKS["challenge"].search(content.decode("latin-1")) or re.search(r"(?i)x-via-jsl|__jsluid", headers)
    return bool(marked) and len(re.sub(rb"(?is)<script.*?</script>|<[^>]+>|\s", b"", content)) < 300


def extension_of(body: bytes) -> str:
    """The ending that the bytes of a file call for."""
    head = body[:1024]
    ending = next((ending for magic, ending in _MAGIC if magic in head[: 1024 if ending == "pdf" else 16]), "")
    if ending == "doc":
        return "xls" if "Workbook".encode("utf-16-le") in body else "doc"
    if head.startswith(b"PK\x03\x04"):
        try:
            names = zipfile.ZipFile(io.BytesIO(body)).namelist()
        except _DAMAGED:
            return "zip"
        return next((ending for part, ending in _PARTS if any(name.startswith(part) for name in names)), "zip")
    if not ending and b"mime-version:" in head.lower():
        return "mht"
    tag = re.search(rb"(?i)<(?:!doctype|html|head|body|table|div|p|a|script|meta|ul|li)\b", body[:20_000])
    return ending or ("html" if tag else "txt")


def readings(body: bytes, name: str) -> list[Reading]:
    """What the reader says of a file, or of each file in a zip."""
    ending = extension_of(body)
    if ending == "zip":
        return [_reading(data, member, extension_of(data), member) for member, data in members(body)]
    return [_reading(body, "", ending, name)]


def members(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in a zip, as far as they are of a size and number that reports have."""
    try:
        package = zipfile.ZipFile(io.BytesIO(body))
        for part in [part for part in package.infolist() if not part.is_dir() and not part.flag_bits & 1][:_MEMBERS]:
            with package.open(part) as stream:
                data = stream.read(LIMITS.max_bytes + 1)
            if len(data) <= LIMITS.max_bytes:
                yield member_name(part), data
    except _DAMAGED:
        return


def _reading(data: bytes, member: str, ending: str, name: str) -> Reading:
    from giakit.panel.shard import reading_id

    try:
        # Files, and pages of a size that no report has, are read where they can harm nobody but a process of their own.
        if ending not in ("html", "txt") or len(data) > _LARGE_PAGE:
            record = read_guarded(data, name=name, guard=Guard(LIMITS, seconds=LIMITS.seconds))
        else:
            record = read_record(data, name=name, limits=LIMITS)
    except NotAReport as error:
        return Reading(member, "other", extension=ending, reason=error.reason)
    except Exception as error:  # a fault on one page must not end a collection of thousands
        return Reading(member, "unreadable", extension=ending, reason=reason_of(error, Guard(LIMITS)))
    cells = sum(cell.value is not None for cell in record.cells.values())
    return Reading(member, "report", reading_id(record), record.unit, record.year, cells, ending)
