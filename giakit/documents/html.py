"""HTML: what a reader of the page would see, as texts and grids."""

from __future__ import annotations

import re
from itertools import chain

from selectolax.lexbor import LexborHTMLParser

from giakit.documents.html_parts import Shown, check_depth, shown, without
from giakit.documents.html_plain import read_plain
from giakit.documents.html_walk import Walker
from giakit.documents.limits import Limits
from giakit.documents.model import Document

_HIDES = (re.compile(rb"display\s*:\s*none"), re.compile(rb"visibility\s*:\s*hidden"))
_SIMPLE = re.compile(r"^[\w-]*([.#])([\w-]+)$")
_NO_SIZE = re.compile(rb"font-size\s*:\s*0")
_SPACE = re.compile(r"[ \t\r\n\f]+")
# What may stand before "hidden" where that hides no text.
_NO_SIGN_OF_HIDING = re.compile(rb"<input\b[^>]*$|<[^>]*overflow(?:-[xy])?\s*:\s*$")
_LONGEST_TAG = 2000
_BEFORE_HEAD = re.compile(r"[\ufeff\s]*(?:<!doctype[^>]*>)?\s*(?:<html[^>]*>)?\s*<head\b", re.I)
_STYLE = re.compile("<style", re.I)
_META = {"articletitle": "title", "pubdate": "published", "url": "url", "contentsource": "publisher"}


def read_html(
    text: str, *, name: str, limits: Limits, format: str = "html", hidden: bool = False
) -> Document:
    """A document from a page's text.

    Parameters
    ----------
    text : str
        The page.
    hidden : bool, default False
        Whether parts that the page hides (``hidden``, ``display:none``) are read too.
    """
    check_depth(text, name=name, limits=limits)
    tree = LexborHTMLParser(_without_noscript_in_head(text))
    # Most pages hide nothing: then no element need be asked.
    all_seen = hidden or not _may_hide(text)
    walker = Walker(
        name, limits, all_seen=all_seen, hiding=frozenset() if all_seen else _hiding_selectors(tree)
    )
    root = tree.root
    if root is not None:
        walker.children(root, 0)
        walker.flush()
    metadata = _metadata(tree)
    title = metadata.pop("title", "") or _title(tree)
    notes = tuple(walker.notes)
    return Document(
        name=name, format=format, blocks=tuple(walker.blocks), title=title, metadata=metadata, notes=notes
    )


def _without_noscript_in_head(text: str) -> str:
    """Without scripts, a parser lets what stands there fall into the body; a browser shows none of it."""
    end = text.find("<body")
    if end < 0 or "<noscript" not in text[:end]:
        return text
    return without(text[:end], "noscript") + text[end:]


def read_plain_html(text: str, *, name: str, limits: Limits) -> Document | None:
    """A document from a page that its tags alone tell how to read; None for any other.

    It has the grids and the lines of `read_html`, white space within labels apart.
    """
    head, body = map(shown, _parted(text))
    if head is None or body is None or "<table" not in body.source or _hides(head, body):
        return None
    read = read_plain(body.source, limits=limits)
    if read is None:
        return None
    tree = LexborHTMLParser(head.source)
    metadata = _metadata(tree)
    title = metadata.pop("title", "") or _title(tree)
    blocks, notes = read
    return Document(
        name=name,
        format="html",
        blocks=tuple(blocks),
        title=title,
        metadata=metadata,
        notes=tuple(notes),
    )


def _parted(text: str) -> tuple[str, str]:
    """Head and body of a page; both empty where it is not clear where it begins."""
    end = text.find("</head>")
    start = text.find("<body", max(end, 0))
    if end < 0 or start < 0 or not _BEFORE_HEAD.match(text) or text.find("<body", 0, end) >= 0:
        return "", ""
    return text[:start], text[start:]


def _hides(head: Shown, body: Shown) -> bool:
    """Whether the page may hide something of its body; a style sheet that was not cut out may say anything.

    Struck text has a tag that no plain page has.
    """
    if _STYLE.search(head.source) or _has_hiding_style(_lower(body.source)):
        return True
    selectors = _hiding_rules("\n".join(head.sheets + body.sheets))
    return any(selector[1:] in body.source for selector in selectors)


def _may_hide(text: str) -> bool:
    low = _lower(text)
    return any(tag in low for tag in (b"<del", b"<s>", b"<s ", b"<strike")) or _has_hiding_style(low)


def _lower(text: str) -> bytes:
    # Bytes are searched several times faster than text.
    return text.encode("utf-8", "replace").lower()


def _has_hiding_style(low: bytes) -> bool:
    """Whether some attribute may hide something. One search for one literal at a time: alternatives take far longer."""
    return (
        b"line-through" in low
        or (b"display" in low and _HIDES[0].search(low) is not None)
        or (b"font-size" in low and _NO_SIZE.search(low) is not None)
        or _says_hidden(low)
    )


def _says_hidden(low: bytes) -> bool:
    """Whether "hidden" stands anywhere but in an input, or as what overflows."""
    place = low.find(b"hidden")
    while place >= 0:
        begin = low.rfind(b"<", max(place - _LONGEST_TAG, 0), place)
        tag = low[begin:place] if begin >= 0 else b""
        if not _NO_SIGN_OF_HIDING.match(tag):
            return True
        place = low.find(b"hidden", place + 1)
    return False


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return _SPACE.sub(" ", node.text()).strip() if node is not None else ""


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        attributes = node.attributes
        field = _META.get((attributes.get("name") or "").lower())
        content = (attributes.get("content") or "").strip()
        if field and content:
            found.setdefault(field, content)
    return found


def _hiding_selectors(tree: LexborHTMLParser) -> frozenset[str]:
    """Classes (``.x``) and ids (``#x``) that a style sheet of the page hides outright."""
    return _hiding_rules("\n".join(node.text() for node in tree.css("style")))


def _hiding_rules(text: str) -> frozenset[str]:
    sheet = text.encode("utf-8", "replace")
    low = sheet.lower()
    found = set()
    for hides in chain.from_iterable(pattern.finditer(low) for pattern in _HIDES):
        opens = sheet.rfind(b"{", 0, hides.start())
        if opens < 0 or sheet.rfind(b"}", opens, hides.start()) >= 0:
            continue
        begins = max(sheet.rfind(brace, 0, opens) for brace in (b"{", b"}")) + 1
        for selector in sheet[begins:opens].decode().split(","):
            simple = _SIMPLE.match(selector.strip())
            if simple:
                found.add(simple.group(1) + simple.group(2))
    return frozenset(found)
