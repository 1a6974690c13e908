"""The archive: WARC 1.1 files that end where the ledger says they end, and records out of other people's archives."""

from __future__ import annotations

import io
import os
import re
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from giakit.collect.ledger import Ledger, Row
from giakit.errors import MissingExtra, UnreadableDocument
from giakit.panel.schema import sync

try:
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry
    from warcio.archiveiterator import ArchiveIterator
    from warcio.bufferedreaders import BufferedReader, ChunkedDataReader
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.utils import Digester
    from warcio.warcwriter import WARCWriter
except ImportError as error:
    raise MissingExtra(str(error.name).partition(".")[0], "collect") from error

LARGEST = 50_000_000
"""Bytes of an answer, packed or unpacked, beyond which it is not read on: no report comes near."""
ROLL = 1_000_000_000
_DAMAGE = (ArchiveLoadFailed, zlib.error, EOFError, ValueError, KeyError, zipfile.BadZipFile, NotImplementedError)
_NO_PAGE = ("image/", "video/", "audio/", "font/", "text/css")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status with headers and the body as it was sent, or an error of a kind."""

    started: float
    ended: float
    status: int = 0
    reason: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    error: str = ""
    message: str = ""

    def header(self, name: str) -> str:
        """The first header of that name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def location(self) -> str:
        """Where a redirect leads, or ""."""
        place = self.header("location") if self.status in (301, 302, 303, 307, 308) else ""
        # Some servers send the bytes of a Chinese path as they are.
        with suppress(UnicodeError):
            place = place.encode("latin-1").decode("utf-8")
        return place

    @property
    def repeatable(self) -> bool:
        """Whether asking again may help: timeouts, 5xx but for the challenge 521, 429."""
        return (
            self.error in ("timeout", "cut_off")
            or self.status == 429
            or (500 <= self.status < 600 and self.status != 521)
        )

    def retry_after(self) -> float:
        """Seconds after which the server asks to come back; 0 if it does not say."""
        with suppress(HTTPError, ValueError, OverflowError):
            return float(Retry().parse_retry_after(self.header("retry-after")))
        return 0.0

    def content(self) -> bytes:
        """The body without its content coding; a plain page that is labelled as packed is taken as it is.

        Raises
        ------
        UnreadableDocument
            If it is coded in a way that was not asked for, or unpacks to more than `LARGEST`.
        """
        coding = self.header("content-encoding").strip().lower().removeprefix("x-")
        if coding in ("", "identity") or not self.body:
            return self.body
        if coding not in ("gzip", "deflate"):
            raise UnreadableDocument("the answer", f"it is coded as {coding!r}, which was not asked for")
        body: bytes = BufferedReader(io.BytesIO(self.body), decomp_type=coding).read(LARGEST + 1)
        if len(body) > LARGEST:
            raise UnreadableDocument("the answer", f"it unpacks to more than {LARGEST:,} bytes")
        return body


def digest_of(body: bytes) -> str:
    """The digest of a body as it was sent, as WARC records carry it."""
    digester = Digester("sha1")
    digester.update(body)
    return str(digester)


def seconds(moment: float) -> str:
    """A moment in UTC seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


class Archive:
    """The archive of a collection. Records are appended, synced and only then made known; see `Ledger`.

    Parameters
    ----------
    folder : path
    ledger : Ledger
    about : str
        What the archive says of its maker.
    roll : int
        Bytes after which a new file is begun.
    """

    def __init__(self, folder: Path, ledger: Ledger, about: str, roll: int = ROLL) -> None:
        self._folder, self._ledger, self._about, self._roll = folder, ledger, about, roll
        folder.mkdir(parents=True, exist_ok=True)
        # What is appended behind a torn record is lost to readers: files are cut to the last record that is known.
        known = {row["name"]: row["length"] for row in ledger.each("SELECT * FROM archives")}
        for path in folder.glob("*.warc.gz"):
            if path.name not in known:
                path.unlink()
            elif path.stat().st_size > known[path.name]:
                os.truncate(path, known[path.name])
                sync(path)

    @contextmanager
    def append(
        self, url: str, request: bytes, answer: Answer, *, captured: str, identity: str, original: Row | None
    ) -> Iterator[dict[str, Any]]:
        """Append a request and its response, or, where the payload is known, its revisit.

        The records are synced, and their place is given to a transaction that makes them known.
        """
        with self._ledger.transaction():
            last = self._ledger.one("SELECT * FROM archives ORDER BY name DESC LIMIT 1") or {
                "name": "giakit-00000.warc.gz",
                "length": self._roll,
            }
            name, start = last["name"], last["length"]
            if start >= self._roll:
                name, start = f"giakit-{int(name[7:12]) + 1:05d}.warc.gz", 0
            path = self._folder / name
            try:
                with path.open("ab") as file:
                    writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
                    if not start:
                        about = {"software": self._about, "format": "WARC File Format 1.1", "robots": "obeyed"}
                        writer.write_record(writer.create_warcinfo_record(name, about))
                    asked, given = _records(writer, url, request, answer, captured, identity, original)
                    writer.write_record(asked)
                    offset = file.tell()
                    writer.write_record(given)
                    end = file.tell()
                    os.fsync(file.fileno())
                if not start:
                    sync(self._folder)
                self._ledger.write("INSERT OR REPLACE INTO archives VALUES (?, ?)", name, end)
                yield {
                    "file": name, "offset": offset, "length": end - offset, "record": given.rec_type,
                    "record_id": given.rec_headers.get_header("WARC-Record-ID"),
                }  # fmt: skip
            except BaseException:
                with suppress(OSError):
                    if start:
                        os.truncate(path, start)
                    else:
                        path.unlink()
                raise

    def read(self, digest: str) -> bytes:
        """The unpacked body of the answer with that digest."""
        row = self._ledger.one(
            "SELECT file, offset FROM visits WHERE digest = ? AND record = 'response' LIMIT 1", digest
        )
        if row is None:
            raise UnreadableDocument(digest, "the archive holds no such answer")
        with (self._folder / row["file"]).open("rb") as file:
            file.seek(row["offset"])
            return next(_answers(file))[2].content()


def _records(
    writer: Any, url: str, request: bytes, answer: Answer, captured: str, identity: str, original: Row | None
) -> tuple[Any, Any]:
    """The request, and the response or revisit, with ids that are the same in every run."""
    response_id, request_id = (
        f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, identity + what)}>" for what in ("", " request")
    )
    asked = writer.create_warc_record(
        url, "request", payload=io.BytesIO(request), length=len(request),
        warc_headers_dict={"WARC-Record-ID": request_id, "WARC-Date": captured, "WARC-Concurrent-To": response_id},
    )  # fmt: skip
    # The body is kept as it came but for the chunks, which the connection has taken off.
    headers = [
        (f"X-Archive-Orig-{key}" if key.lower() == "transfer-encoding" else key, value) for key, value in answer.headers
    ]
    status = StatusAndHeaders(f"{answer.status} {answer.reason}".strip(), headers, protocol="HTTP/1.1")
    given_headers = {"WARC-Record-ID": response_id, "WARC-Date": captured}
    if original is None:
        body = io.BytesIO(answer.body)
        return asked, writer.create_warc_record(
            url, "response", payload=body, length=len(answer.body), http_headers=status, warc_headers_dict=given_headers
        )
    given = writer.create_revisit_record(
        url, original["digest"], original["url"], original["captured"], http_headers=status,
        warc_headers_dict={**given_headers, "WARC-Refers-To": original["record_id"]},
    )  # fmt: skip
    if answer.status == 304:
        given.rec_headers.replace_header("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified")
    return asked, given


def _answers(stream: IO[bytes]) -> Iterator[tuple[str, str, Answer]]:
    """Address, moment and answer of each response that a WARC or ARC file holds; what is no page or document is passed over."""
    for record in ArchiveIterator(stream, arc2warc=True):
        headers = record.http_headers
        if record.rec_type != "response" or headers is None:
            continue
        if (headers.get_header("Content-Type") or "").lower().startswith(_NO_PAGE):
            continue
        is_chunked = "chunked" in (headers.get_header("Transfer-Encoding") or "").lower()
        body = (ChunkedDataReader(record.raw_stream) if is_chunked else record.raw_stream).read(LARGEST + 1)
        pairs = [(str(key), str(value)) for key, value in headers.headers]
        answer = Answer(0.0, 0.0, int(headers.get_statuscode() or 0), "OK", pairs, body)
        yield record.rec_headers.get_header("WARC-Target-URI"), record.rec_headers.get_header("WARC-Date"), answer


def foreign_answers(path: Path) -> Iterator[tuple[str, str, Answer]]:
    """The answers in a WARC file, packed or not, or in all of a WACZ.

    Raises
    ------
    UnreadableDocument
        If the file is not there, damaged, or neither of the two.
    """
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as stream:
                yield from _answers(stream)
            return
        with zipfile.ZipFile(path) as package:
            names = sorted(name for name in package.namelist() if name.startswith("archive/"))
            if not names:
                raise UnreadableDocument(str(path), "a zip without archive/*.warc.gz is no WACZ")
            for name in names:
                with package.open(name) as stream:
                    yield from _answers(stream)
    except UnreadableDocument:
        raise
    except OSError as error:
        raise UnreadableDocument(str(path), str(error.strerror or error)) from None
    except _DAMAGE as error:
        raise UnreadableDocument(str(path), f"no sound WARC or WACZ: {error}") from None


def sliced_content(data: bytes) -> bytes | None:
    """The body of the answer in a slice of a WARC file, as an index names it; None where it holds none."""
    with suppress(*_DAMAGE, StopIteration):
        _, _, answer = next(_answers(io.BytesIO(data)))
        return answer.content() if answer.status == 200 else None
    return None


def captured_at(stamp: str) -> str:
    """The moment that the stamp of an archive names.

    >>> captured_at("20240301020304"), captured_at("2024-03-01T02:03:04.5Z")
    ('2024-03-01T02:03:04Z', '2024-03-01T02:03:04Z')
    """
    digits = re.sub(r"\D", "", stamp)[:14]
    return re.sub(r"(....)(..)(..)(..)(..)(..)", r"\1-\2-\3T\4:\5:\6Z", digits) if len(digits) == 14 else stamp
