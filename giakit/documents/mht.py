"""Saved web archives (.mht, .mhtml, Word's "Single File Web Page") and mails: their HTML parts as one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from typing import NamedTuple
from urllib.parse import urljoin

from giakit.documents.encoding import decode
from giakit.errors import UnreadableDocument

_HEADER = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:From [^\n]*\n)?[!-9;-~]+:[ \t]")
_MIME = re.compile(rb"^(?:MIME-Version|Content-Type):", re.IGNORECASE | re.MULTILINE)
_FRAME = re.compile(rb"<(?:frame|iframe)\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BEGINS_AS_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb")
_MAX_BOUNDARIES = 100_000
_MAX_DEPTH = 50


class _Page(NamedTuple):
    """An HTML page of an archive, its transfer encoding undone: its character set, address and id as the archive states them."""

    html: bytes
    charset: str
    location: str
    id: str


def is_mht(data: bytes) -> bool:
    """Whether bytes look like a web archive or a mail: MIME headers at the very beginning.

    >>> is_mht(b"MIME-Version: 1.0\\r\\nContent-Type: multipart/related\\r\\n\\r\\n"), is_mht(b"<html>")
    (True, False)
    """
    head = re.split(rb"\r?\n\r?\n", data[:8192].lstrip(), maxsplit=1)[0]
    return bool(_HEADER.match(head) and _MIME.search(head))


def html_from_mht(data: bytes, *, name: str) -> tuple[str, dict[str, str]]:
    """One HTML text with all pages of a saved web archive or a mail, and what it states of itself.

    The root page comes first, then the frames that it names in their order, then the rest; a root that is only a set of frames
    is left out. Stated are ``subject`` (browsers put the title of the page there), ``url``, ``saved`` (the date) and
    ``attachments`` (names of files attached to a mail).

    Raises
    ------
    UnreadableDocument
        If the file is damaged or holds no HTML.

    Examples
    --------
    >>> html_from_mht(b"MIME-Version: 1.0\\nContent-Type: text/html; charset=gbk\\n\\n<p>1</p>", name="a.mht")
    ('<p>1</p>', {})
    """
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    # Each line that could be a boundary is one; a page has few lines that begin so.
    if data.count(b"\n--") > _MAX_BOUNDARIES:
        raise UnreadableDocument(name, "a web archive of too many parts")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
        leaves = _leaves(message, 0)
        pages = [page for page in map(_page, filter(_is_page, leaves)) if page.html.strip()]
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        raise UnreadableDocument(name, f"the web archive is damaged ({error})") from None
    if not pages:
        raise UnreadableDocument(name, "a web archive without an HTML page, or cut off before it")
    root = _root(message, pages)
    ordered = [root, *sorted((page for page in pages if page is not root), key=_rank_of_frames(root))]
    attached = [part.get_filename() for part in leaves if part.get_content_disposition() == "attachment"]
    stated = {
        "subject": _text(message.get("Subject")),
        "url": root.location or _text(message.get("Snapshot-Content-Location")),
        "saved": _text(message.get("Date")),
        "attachments": "; ".join(filename for filename in attached if filename),
    }
    shown = ordered[1:] if len(ordered) > 1 and b"<frameset" in root.html.lower() else ordered
    return "\n".join(map(_as_text, shown)), {key: value for key, value in stated.items() if value}


def _as_text(page: _Page) -> str:
    """Text of a page; what the archive says of its character set counts where the page itself is silent."""
    silent = page.charset and b"charset" not in page.html[:8192].lower()
    hint = f'<meta charset="{page.charset}">' if silent and page.html[:2] not in _WIDE_MARKS else ""
    return decode(hint.encode("ascii", "ignore") + page.html)[0].removeprefix(hint)


def _leaves(message: Message, depth: int) -> list[Message]:
    """Parts that hold something, in their order."""
    payload = message.get_payload() if depth <= _MAX_DEPTH else []
    if not isinstance(payload, list):
        return [message]
    return [leaf for part in payload if isinstance(part, Message) for leaf in _leaves(part, depth + 1)]


def _page(part: Message) -> _Page:
    location, key = (_text(part.get(header)).strip() for header in ("Content-Location", "Content-ID"))
    return _Page(_decoded(part), part.get_content_charset() or "", location, key.strip("<>"))


def _decoded(part: Message) -> bytes:
    """Content with its transfer encoding undone, as far as it goes: archives come cut off."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_page(part: Message) -> bool:
    """Whether a part is HTML, by its type or, where a server knew no type, by how it begins."""
    kind = part.get_content_type()
    if kind in ("text/plain", "application/octet-stream") and part.get_content_disposition() != "attachment":
        return bool(_BEGINS_AS_HTML.match(_decoded(part)[:1000]))
    return kind in ("text/html", "application/xhtml+xml")


def _root(message: Message, pages: list[_Page]) -> _Page:
    """The page that the archive is about: ``start`` by id, then by address, else the first."""
    start = message.get_param("start")
    wanted = start.strip("<>") if isinstance(start, str) else ""
    by_id = [page for page in pages if wanted and page.id == wanted]
    addresses = [_text(message.get(header)).strip() for header in ("Snapshot-Content-Location", "Content-Location")]
    by_address = [page for address in addresses if address for page in pages if page.location == address]
    return [*by_id, *by_address, *pages][0]


def _rank_of_frames(root: _Page) -> Callable[[_Page], int]:
    sources = [match.decode("utf-8", "replace") for match in _FRAME.findall(root.html)]
    rank = {_absolute(root.location, source): index for index, source in reversed([*enumerate(sources)])}
    return lambda page: rank.get(f"cid:{page.id}", rank.get(page.location, len(sources)))


def _absolute(base: str, source: str) -> str:
    try:
        return urljoin(base, source)
    except ValueError:
        return source


def _text(header: object) -> str:
    """A header as text, its encoded words decoded."""
    raw = "" if header is None else str(header)
    if "=?" not in raw:
        return raw
    try:
        return "".join(
            content if isinstance(content, str) else content.decode(charset or "ascii", "replace")
            for content, charset in decode_header(raw)
        )
    except (LookupError, ValueError, HeaderParseError):
        return raw
