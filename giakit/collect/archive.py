"""The archive: WARC 1.1 files that end where the ledger says they end, and records out of other people's archives."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from giakit.collect.ledger import Ledger
from giakit.errors import MissingExtra, UnreadableDocument
from giakit.panel.schema import sync

try:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter
except ImportError as error:
    raise MissingExtra("warcio", "collect") from error

LARGEST = 50_000_000
"""Bytes of an answer, packed or unpacked, beyond which it is not read on: no report comes near."""
_ROLL = 1_000_000_000
_VERSION = "WARC/1.1"
_DAMAGE = (ArchiveLoadFailed, zlib.error, EOFError, ValueError, KeyError, zipfile.BadZipFile, NotImplementedError)

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Record:
    """An answer as an archive holds it: the body is unpacked."""

    url: str
    captured: str
    status: int
    headers: Headers
    body: bytes
    packed: bytes


def header(headers: Headers, name: str) -> str:
    """The first header of that name, or ""."""
    return next((value for key, value in headers if key.lower() == name), "")


def unpacked(body: bytes, headers: Headers) -> bytes:
    """The body without its content coding.

    Raises
    ------
    UnreadableDocument
        If it is damaged, coded in a way that was not asked for, or unpacks to more than `LARGEST`.
    """
    coding = header(headers, "content-encoding").strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableDocument("the answer", f"it is coded as {coding!r}, which was not asked for")
    for window in (47, -15):
        decoder = zlib.decompressobj(window)
        try:
            data = decoder.decompress(body, LARGEST)
        except zlib.error:
            continue
        if decoder.unconsumed_tail:
            raise UnreadableDocument("the answer", f"it unpacks to more than {LARGEST:,} bytes")
        return data
    # Some servers label plain pages as gzip.
    return body


class Archive:
    """The archive of a collection. Records are appended, synced and only then made known; see `Ledger`.

    Parameters
    ----------
    folder : path
    ledger : Ledger
    about : str
        What the archive says of its maker.
    """

    def __init__(self, folder: Path, ledger: Ledger, about: str) -> None:
        self._folder = folder
        self._ledger = ledger
        self._about = about
        self._folder.mkdir(parents=True, exist_ok=True)
        self.cut()

    def cut(self) -> None:
        """Cut the files to the last record that is known: what is appended behind a torn record is lost to readers."""
        known = {row["name"]: row["length"] for row in self._ledger.all("SELECT * FROM archives")}
        for path in self._folder.glob("*.warc.gz"):
            if path.name not in known:
                path.unlink()
            elif path.stat().st_size > known[path.name]:
                os.truncate(path, known[path.name])
                sync(path)

    @contextmanager
    def append(self, records: Sequence[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
        """Append records, sync them, and give the place of the last one to a transaction that makes them known."""
        with self._ledger.transaction():
            name, start = self._place()
            path = self._folder / name
            try:
                with path.open("ab") as file:
                    if not start:
                        file.write(self._opening(name))
                    offset = file.tell()
                    for _, data in records:
                        offset = file.tell()
                        file.write(data)
                    end = file.tell()
                    file.flush()
                    os.fsync(file.fileno())
                if not start:
                    sync(self._folder)
                self._ledger.write("INSERT OR REPLACE INTO archives VALUES (?, ?)", name, end)
                yield {"file": name, "offset": offset, "length": end - offset, "record_id": records[-1][0]}
            except BaseException:
                with suppress(OSError):
                    if start:
                        os.truncate(path, start)
                    else:
                        path.unlink()
                raise

    def _place(self) -> tuple[str, int]:
        row = self._ledger.one("SELECT * FROM archives ORDER BY name DESC LIMIT 1")
        if row is None or row["length"] > _ROLL:
            number = 1 if row is None else int(row["name"][7:12]) + 1
            return f"giakit-{number:05d}.warc.gz", 0
        return row["name"], row["length"]

    def _opening(self, name: str) -> bytes:
        stream = io.BytesIO()
        writer = WARCWriter(stream, gzip=True, warc_version=_VERSION)
        about = {"software": self._about, "format": "WARC File Format 1.1", "robots": "obeyed"}
        writer.write_record(writer.create_warcinfo_record(name, about))
        return stream.getvalue()

    def read(self, sha256: str) -> Record:
        """The answer whose body has that hash."""
        row = self._ledger.one(
            "SELECT file, offset FROM visits WHERE sha256 = ? AND record = 'response' LIMIT 1", sha256
        )
        if row is None:
            raise UnreadableDocument(sha256, "the archive holds no such answer")
        with (self._folder / row["file"]).open("rb") as file:
            file.seek(row["offset"])
            return next(records(file))


def response_records(
    url: str, request: bytes, answer: Any, *, captured: str, identity: str, original: Any
) -> list[tuple[str, bytes]]:
    """The request, and the response or, where the payload is known, the revisit, as packed records with their ids."""
    ids = {"WARC-Record-ID": _urn(identity), "WARC-Date": captured}
    writer = WARCWriter(io.BytesIO(), gzip=True, warc_version=_VERSION)
    asked = writer.create_warc_record(
        url,
        "request",
        payload=io.BytesIO(request),
        length=len(request),
        warc_headers_dict={
            "WARC-Record-ID": _urn(identity + " request"), "WARC-Date": captured, "WARC-Concurrent-To": ids["WARC-Record-ID"],
        },
    )  # fmt: skip
    # The body is kept as it came but for the chunks, which the connection has taken off.
    headers = [
        (f"X-Archive-Orig-{key}" if key.lower() == "transfer-encoding" else key, value)
        for key, value in answer.headers
    ]
    status = StatusAndHeaders(f"{answer.status} {answer.reason}".strip(), headers, protocol="HTTP/1.1")
    if original is not None:
        ids["WARC-Refers-To"] = original["record_id"]
        given = writer.create_revisit_record(
            url, original["digest"], original["url"], original["captured"], http_headers=status, warc_headers_dict=ids
        )
        if answer.status == 304:
            profile = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
            given.rec_headers.replace_header("WARC-Profile", profile)
    else:
        given = writer.create_warc_record(
            url, "response", payload=io.BytesIO(answer.body), length=len(answer.body), http_headers=status, warc_headers_dict=ids
        )  # fmt: skip
    return [(ids["WARC-Record-ID"], _bytes(asked)), (ids["WARC-Record-ID"], _bytes(given))]


def payload_digest(body: bytes) -> str:
    """The digest that a response record of that body carries."""
    import base64
    from hashlib import sha1

    return "sha1:" + base64.b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def _urn(identity: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, identity)}>"


def _bytes(record: Any) -> bytes:
    stream = io.BytesIO()
    WARCWriter(stream, gzip=True, warc_version=_VERSION).write_record(record)
    return stream.getvalue()


def records(stream: IO[bytes]) -> Iterator[Record]:
    """The answers to requests that a WARC or ARC file holds; what is no page or document is passed over."""
    for record in ArchiveIterator(stream, arc2warc=True):
        headers = record.http_headers
        if record.rec_type != "response" or headers is None:
            continue
        kind = (headers.get_header("Content-Type") or "").lower()
        if kind.startswith(("image/", "video/", "audio/", "font/", "text/css")):
            continue
        body = record.raw_stream.read(LARGEST + 1)
        pairs = [(str(key), str(value)) for key, value in headers.headers]
        if "chunked" in header(pairs, "transfer-encoding").lower():
            body = _unchunked(body)
        yield Record(
            record.rec_headers.get_header("WARC-Target-URI"),
            record.rec_headers.get_header("WARC-Date"),
            int(headers.get_statuscode() or 0),
            pairs,
            unpacked(body, pairs),
            body,
        )


def _unchunked(body: bytes) -> bytes:
    from warcio.bufferedreaders import ChunkedDataReader

    reader = ChunkedDataReader(io.BytesIO(body))
    return b"".join(iter(lambda: reader.read(1 << 16), b""))


def foreign_records(path: Path) -> Iterator[Record]:
    """The answers in a WARC file, packed or not, or in all of a WACZ.

    Raises
    ------
    UnreadableDocument
        If the file is not there, damaged, or neither of the two.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                names = sorted(name for name in package.namelist() if name.startswith("archive/"))
                if not names:
                    raise UnreadableDocument(str(path), "a zip without archive/*.warc.gz is no WACZ")
                for name in names:
                    with package.open(name) as stream:
                        yield from records(stream)
            return
        with path.open("rb") as stream:
            yield from records(stream)
    except OSError as error:
        raise UnreadableDocument(str(path), str(error.strerror or error)) from None
    except _DAMAGE as error:
        if isinstance(error, UnreadableDocument):
            raise
        raise UnreadableDocument(str(path), f"no sound WARC or WACZ: {error}") from None


def ranged_record(data: bytes) -> Record | None:
    """The answer in a slice of a WARC file, as an index names it."""
    try:
        return next(records(io.BytesIO(data)), None)
    except _DAMAGE:
        return None
