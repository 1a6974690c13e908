"""Saved web archives (.mht, .mhtml, Word's "Single File Web Page") and mails: their HTML parts.

The HTML itself is read by the HTML reader; here the parts are found and decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from urllib.parse import urljoin

from giakit.documents.encoding import decode
from giakit.errors import UnreadableDocument

_HEADER = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:From [^\n]*\n)?[!-9;-~]+:[ \t]")
_MIME = re.compile(rb"^(?:MIME-Version|Content-Type):", re.IGNORECASE | re.MULTILINE)
_FRAME = re.compile(rb"<(?:frame|iframe)\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_BEGINS_AS_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb")
_MAX_BOUNDARIES = 100_000
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """One HTML page of an archive.

    Parameters
    ----------
    html : bytes
        The page, its transfer encoding undone; its character set is still to be decided.
    charset : str
        What the archive says of it, "" if nothing.
    location : str
        Its address (``Content-Location``), "" if none is given.
    id : str
        Its ``Content-ID``, by which browsers name frames, "" if none is given.
    """

    html: bytes
    charset: str
    location: str
    id: str


@dataclass(frozen=True, slots=True)
class WebArchive:
    """What a saved web archive holds.

    Parameters
    ----------
    pages : tuple of HtmlPart
        The root page first, then the frames it names in their order, then all other pages. Never empty.
    metadata : dict of str to str
        ``subject`` (browsers put the title of the page there), ``url``, ``saved`` (the date) and
        ``attachments`` (names of files attached to a mail), where stated.
    """

    pages: tuple[HtmlPart, ...]
    metadata: dict[str, str]


def is_mht(data: bytes) -> bool:
    """Whether bytes look like a web archive or a mail: MIME headers at the very beginning.

    Parameters
    ----------
    data : bytes
        The file or its first kilobytes.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_mht(b"MIME-Version: 1.0\\r\\nContent-Type: multipart/related\\r\\n\\r\\n"), is_mht(b"<html>")
    (True, False)
    """
    head = re.split(rb"\r?\n\r?\n", data[:8192].lstrip(), maxsplit=1)[0]
    return bool(_HEADER.match(head) and _MIME.search(head))


def html_from_mht(data: bytes, *, name: str) -> tuple[str, dict[str, str]]:
    """One HTML text with all pages of a saved web archive or a mail.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors.

    Returns
    -------
    html : str
        The pages one after the other, the root first; a root that is only a set of frames is left out.
    metadata : dict of str to str
        See `WebArchive`.

    Raises
    ------
    UnreadableDocument
        If the file is damaged or holds no HTML.

    Examples
    --------
    >>> html_from_mht(b"MIME-Version: 1.0\\nContent-Type: text/html; charset=gbk\\n\\n<p>1</p>", name="a.mht")
    ('<p>1</p>', {})
    """
    archive = read_web_archive(data, name=name)
    pages = archive.pages
    if len(pages) > 1 and b"<frameset" in pages[0].html.lower():
        pages = pages[1:]
    return "\n".join(map(_as_text, pages)), archive.metadata


def read_web_archive(data: bytes, *, name: str) -> WebArchive:
    """Find the HTML pages of a saved web archive or a mail.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors.

    Returns
    -------
    WebArchive
        All pages, the root first.

    Raises
    ------
    UnreadableDocument
        If the file is damaged or holds no HTML.

    Examples
    --------
    >>> data = b"MIME-Version: 1.0\\nContent-Type: text/html; charset=gbk\\n\\n<p>1</p>"
    >>> page = read_web_archive(data, name="a.mht").pages[0]
    >>> page.html, page.charset
    (b'<p>1</p>', 'gbk')
    """
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    # Each line that could be a boundary is one; a page has few lines that begin so.
    if data.count(b"\n--") > _MAX_BOUNDARIES:
        raise UnreadableDocument(name, "a web archive of too many parts")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
        leaves = _leaves(message, 0)
        pages = [(part, _page(part)) for part in leaves if _is_page(part)]
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        raise UnreadableDocument(name, f"the web archive is damaged ({error})") from None
    pages = [(part, page) for part, page in pages if page.html.strip()]
    if not pages:
        raise UnreadableDocument(name, "a web archive without an HTML page, or cut off before it")
    root = _root(message, [part for part, _ in pages])
    ordered = _in_order(root, [page for _, page in pages])
    attached = [part.get_filename() for part in leaves if part.get_content_disposition() == "attachment"]
    metadata = {
        "subject": _text(message.get("Subject")),
        "url": ordered[0].location or _text(message.get("Snapshot-Content-Location")),
        "saved": _text(message.get("Date")),
        "attachments": "; ".join(filename for filename in attached if filename),
    }
    return WebArchive(ordered, {key: value for key, value in metadata.items() if value})


def _as_text(page: HtmlPart) -> str:
    """Text of a page; what the archive says of its character set counts where the page itself is silent."""
    silent = page.charset and b"charset" not in page.html[:8192].lower()
    hint = f'<meta charset="{page.charset}">' if silent and page.html[:2] not in _WIDE_MARKS else ""
    return decode(hint.encode("ascii", "ignore") + page.html)[0].removeprefix(hint)


def _leaves(message: Message, depth: int) -> list[Message]:
    """Parts that hold something, in their order."""
    if depth > _MAX_DEPTH:
        return []
    payload = message.get_payload()
    if not isinstance(payload, list):
        return [message]
    return [leaf for part in payload if isinstance(part, Message) for leaf in _leaves(part, depth + 1)]


def _page(part: Message) -> HtmlPart:
    charset = part.get_content_charset() or ""
    location, key = (
        _text(part.get("Content-Location")).strip(),
        _text(part.get("Content-ID")).strip().strip("<>"),
    )
    return HtmlPart(_decoded(part), charset, location, key)


def _decoded(part: Message) -> bytes:
    """Content with its transfer encoding undone, as far as it goes: archives come cut off."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_page(part: Message) -> bool:
    """Whether a part is HTML, by its type or, where a server knew no type, by how it begins."""
    kind = part.get_content_type()
    if kind in ("text/plain", "application/octet-stream") and part.get_content_disposition() != "attachment":
        return bool(_BEGINS_AS_HTML.match(_decoded(part)[:1000]))
    return kind in _HTML_TYPES


def _root(message: Message, parts: list[Message]) -> int:
    """Number of the page that the archive is about: ``start`` by id, then by address, else the first."""
    start = message.get_param("start")
    wanted = start.strip("<>") if isinstance(start, str) else ""
    ids = [_text(part.get("Content-ID")).strip().strip("<>") for part in parts]
    if wanted and wanted in ids:
        return ids.index(wanted)
    for header in ("Snapshot-Content-Location", "Content-Location"):
        address = _text(message.get(header)).strip()
        addresses = [_text(part.get("Content-Location")).strip() for part in parts]
        if address and address in addresses:
            return addresses.index(address)
    return 0


def _in_order(root: int, pages: list[HtmlPart]) -> tuple[HtmlPart, ...]:
    """The root, then the frames that it names, then the rest."""
    first, others = pages[root], pages[:root] + pages[root + 1 :]
    sources = [match.decode("utf-8", "replace") for match in _FRAME.findall(first.html)]
    rank: dict[str, int] = {}
    for index, source in enumerate(sources):
        rank.setdefault(_absolute(first.location, source), index)
    last = len(sources)
    return (
        first,
        *sorted(others, key=lambda page: rank.get(f"cid:{page.id}", rank.get(page.location, last))),
    )


def _absolute(base: str, source: str) -> str:
    try:
        return urljoin(base, source)
    except ValueError:
        return source


def _text(header: object) -> str:
    """A header as text, its encoded words decoded."""
    if header is None:
        return ""
    raw = str(header)
    if "=?" not in raw:
        return raw
    parts = []
    try:
        for content, charset in decode_header(raw):
            parts.append(
                content if isinstance(content, str) else content.decode(charset or "ascii", "replace")
            )
    except (LookupError, ValueError, HeaderParseError):
        return raw
    return "".join(parts)
