"""What an answer is: a challenge, a report, or a file that only may be one. The reader has the last word."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from giakit.documents.limits import Limits
from giakit.errors import NotAReport
from giakit.reading.guard import Guard, read_guarded, reason_of
from giakit.reading.record import read_record

LIMITS = Limits(max_bytes=50_000_000, max_unpacked=200_000_000, max_cells=300_000, max_pages=300, seconds=40)
_CHALLENGE = re.compile(rb"\$_ts\b|__jsl_clearance|__jsluid|_\$jsvmprt|acw_sc__v2|aliyun_waf|WZWS-RAY|safeline", re.I)
_MAGIC = (
    (b"%PDF", "pdf"), (b"{\\rtf", "rtf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"),
)  # fmt: skip
_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("OFD.xml", "ofd"), ("content.xml", "ods"))
_OLE = b"\xd0\xcf\x11\xe0"
_MEMBERS = 40
_LARGE_PAGE = 2_000_000


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


def is_challenge(status: int, headers: str, body: bytes) -> bool:
    """Whether an answer is a test for browsers in place of the page: such a site is left alone."""
    if status in (412, 521):
        return True
    if status not in (200, 202, 203, 403, 503) or len(body) > 30_000:
        return False
    marked = _CHALLENGE.search(body) or (status != 200 and re.search(r"(?i)x-via-jsl|__jsluid", headers))
    plain = re.sub(rb"(?is)<script.*?</script>|<[^>]+>|\s", b"", body)
    return bool(marked) and len(plain) < 300


def extension_of(body: bytes) -> str:
    """The ending that the bytes of a file call for."""
    head = body[:1024]
    for magic, ending in _MAGIC:
        if magic in head[:16] or (ending == "pdf" and magic in head):
            return ending
    if head.startswith(b"PK\x03\x04"):
        try:
            names = zipfile.ZipFile(io.BytesIO(body)).namelist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return "zip"
        return next((ending for part, ending in _PARTS if any(name.startswith(part) for name in names)), "zip")
    if head.startswith(_OLE):
        return "xls" if b"W\x00o\x00r\x00k\x00b\x00o\x00o\x00k" in body else "doc"
    if b"mime-version:" in head.lower():
        return "mht"
    return "html" if re.search(rb"(?i)<(?:!doctype|html|head|body|table|div|p|a|script|meta|ul|li)\b", body[:20_000]) else "txt"


def readings(body: bytes, name: str) -> list[Reading]:
    """What the reader says of a file, or of each file in a zip."""
    ending = extension_of(body)
    if ending == "zip":
        return [_reading(data, member, extension_of(data)) for member, data in members(body)]
    return [_reading(body, "", ending, name)]


def members(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in a zip, as far as they are of a size and number that reports have."""
    try:
        package = zipfile.ZipFile(io.BytesIO(body))
        parts = [part for part in package.infolist() if not part.is_dir()][:_MEMBERS]
        for part in parts:
            with package.open(part) as stream:
                data = stream.read(LIMITS.max_bytes + 1)
            if len(data) <= LIMITS.max_bytes and not part.flag_bits & 1:
                # Chinese Windows writes names in GBK without saying so.
                name = part.filename if part.flag_bits & 0x800 else _gbk(part.filename)
                yield name, data
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        return


def _gbk(name: str) -> str:
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _reading(data: bytes, member: str, ending: str, name: str = "") -> Reading:
    known_as = member or name
    try:
        # Files, and pages of a size that no report has, are read where they can harm nobody but a process of their own.
        if ending not in ("html", "txt") or len(data) > _LARGE_PAGE:
            record = read_guarded(data, name=known_as, guard=Guard(LIMITS, seconds=LIMITS.seconds))
        else:
            record = read_record(data, name=known_as, limits=LIMITS)
    except NotAReport as error:
        return Reading(member, "other", extension=ending, reason=error.reason)
    except Exception as error:  # a fault on one page must not end a collection of thousands
        return Reading(member, "unreadable", extension=ending, reason=reason_of(error, Guard(LIMITS)))
    from giakit.panel.shard import reading_id

    cells = sum(cell.value is not None for cell in record.cells.values())
    return Reading(member, "report", reading_id(record), record.unit, record.year, cells, ending)
