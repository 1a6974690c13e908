"""HTML: what a reader of the page would see, as texts and grids."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from giakit.documents.html_walk import Walker
from giakit.documents.limits import Limits
from giakit.documents.model import Document

_HIDING_RULE = re.compile(r"([^{}]+)\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}", re.I)
_SIMPLE = re.compile(r"^[\w-]*([.#])([\w-]+)$")
_NO_DISPLAY = re.compile(r"display\s*:\s*none")
_NO_SIZE = re.compile(r"font-size\s*:\s*0")
_SPACE = re.compile(r"[ \t\r\n\f]+")
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
    tree = LexborHTMLParser(text)
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


def _may_hide(text: str) -> bool:
    # One search for one literal at a time: a pattern of alternatives takes as long as all the rest.
    low = text.lower()
    struck = any(tag in low for tag in ("<del", "<s>", "<s ", "<strike"))
    return (
        struck
        or "hidden" in low
        or "line-through" in low
        or bool(_NO_DISPLAY.search(low) or _NO_SIZE.search(low))
    )


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
    found = set()
    for node in tree.css("style"):
        for rule in _HIDING_RULE.finditer(node.text()):
            for selector in rule.group(1).split(","):
                simple = _SIMPLE.match(selector.strip())
                if simple:
                    found.add(simple.group(1) + simple.group(2))
    return frozenset(found)
