"""What a page leads to: its links and what they promise, and how lists of government sites give their further pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from html import unescape
from string import Template
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from giakit import data
from giakit.collect.ledger import packed
from giakit.documents.encoding import decode
from giakit.reading.titles import is_agency_name, parse_title

MARKS = {name: re.compile(pattern) for name, pattern in data.toml("collect", "marks.toml").items()}
_ADDRESS_NAMES = ("url", "infourl", "href", "link", "linkurl", "post_url", "arturl", "docpuburl", "visiturl", "puburl")
_TITLE_NAMES = ("title", "realtitle", "name", "articletitle", "doctitle", "infotitle", "text", "subject")
_SHELL = 4000
"""Characters up to which a page that leads elsewhere is nothing but a shell."""
_NEVER_MADE = 2


@dataclass(frozen=True, slots=True)
class Link:
    """An address as a page gives it, with the words that it stands under."""

    url: str
    text: str

    @property
    def is_document(self) -> bool:
        """Whether it leads to a file rather than to a page."""
        return bool(MARKS["document"].search(self.url) or MARKS["document"].search(self.text))


def normal(url: str, base: str = "") -> str:
    """An address in one spelling, fragment kept; "" where it is none of the web."""
    try:
        parts = urlsplit(urljoin(base, re.sub(r"[\t\r\n]", "", url.strip())))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
        port = f":{parts.port}" if parts.port not in (None, {"http": 80, "https": 443}[parts.scheme]) else ""
    except (ValueError, UnicodeError):
        return ""
    path = re.sub(r";jsessionid=[^/?#]*", "", parts.path, flags=re.I) or "/"
    path = quote(path, safe="/%:=&~+!$,;'@()*[]-._")
    query = quote(parts.query, safe="/%:=&~+!$,;'@()*[]-._?{}")
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, host.lower() + port, path, query, parts.fragment))


def site_name(url: str) -> str:
    """The host without ``www.``."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def same_site(url: str, seed: str) -> bool:
    """Whether an address lies on the host of a seed; ``www.`` makes no other host, another port of the same scheme does."""
    one, other = urlsplit(url), urlsplit(seed)
    return site_name(url) == site_name(seed) and (one.port == other.port or one.scheme != other.scheme)


def year_of(text: str) -> int | None:
    """The one year that a title or anchor names.

    >>> year_of("市财政局2023年政府信息公开工作年度报告"), year_of("2023年至2024年"), year_of("发布于2024-01-20")
    (2023, None, None)
    """
    title = parse_title(text)
    if title is not None and title.year:
        return title.year
    years = set(MARKS["year"].findall(text))
    return int(years.pop()) if len(years) == 1 else None


def unit_of(text: str) -> str:
    """The agency that a title or anchor names, or ""."""
    title = parse_title(text)
    if title is not None and title.unit and is_agency_name(title.unit):
        return title.unit
    plain = MARKS["around_unit"].sub("", text)
    return plain if 3 <= len(plain) <= 25 and is_agency_name(plain) and not MARKS["menu"].search(plain) else ""


def is_decoy(text: str) -> bool:
    """Whether a title is about reports, or of a report on something else.

    >>> is_decoy("市财政年报"), is_decoy("《2023年信息公开年报》解读"), is_decoy("市审计局2023年年报")
    (True, True, False)
    """
    return bool(MARKS["about"].search(text) or (MARKS["other"].search(text) and "公开" not in text))


@dataclass
class Page:
    """A page that was fetched.

    Parameters
    ----------
    body : bytes
        Unpacked.
    url : str
        Its address, with the fragment that it was asked under.
    anchor : str
        The words that led to it.
    marked : bool
        Whether the seed, or the list that it goes on with, is one of annual reports.
    """

    body: bytes
    url: str
    anchor: str = ""
    marked: bool = False

    @cached_property
    def text(self) -> str:
        """Its source as text."""
        return decode(self.body)[0]

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    def _meta(self, name: str) -> str:
        node = self._tree.css_first(f"meta[name={name}]")
        return "" if node is None else node.attributes.get("content") or ""

    @cached_property
    def title(self) -> str:
        """The title of the article that it shows, or its own."""
        nodes = (self._tree.css_first(tag) for tag in ("ucaptitle", "h1", "title"))
        texts = (self._meta("ArticleTitle"), *(node.text() or "" for node in nodes if node is not None))
        return next((re.sub(r"\s+", "", text)[:200] for text in texts if text.strip()), "")

    @property
    def is_marked(self) -> bool:
        """Whether anything says that annual reports are listed here; tags lie, so any of the marks will do."""
        return self.marked or self._says_list

    @cached_property
    def _says_list(self) -> bool:
        texts = (self.anchor, self.title, f"{self._meta('ColumnType')} {self._meta('ColumnName')}")
        path = MARKS["path"].match(urlsplit(self.url).path)
        return bool(path) or any(MARKS["list"].search(text) and not is_decoy(text) for text in texts)

    @cached_property
    def links(self) -> list[Link]:
        """Every address that the page leads to, in its order, once."""
        return [
            link
            for link in _links(self._raw_links(), self._base)
            if link.url.partition("#")[0] != self.url.partition("#")[0]
        ]

    @cached_property
    def _base(self) -> str:
        node = self._tree.css_first("base[href]")
        return urljoin(self.url, (node.attributes.get("href") or "") if node is not None else "")

    def _raw_links(self) -> Iterator[tuple[str, str]]:
        yield from _anchors(self._tree)
        for node in self._tree.css("iframe[src], frame[src], embed[src], object[data]"):
            place = node.attributes.get("src") or node.attributes.get("data") or ""
            # A viewer shows a file that its address names.
            file = next(
                (value for _, value in parse_qsl(urlsplit(place).query) if MARKS["document"].search(value)), place
            )
            if MARKS["document"].search(file):
                yield file, self.title
        for node in self._tree.css("script, textarea, xml"):
            text = (node.text(deep=True) or "") if node.tag != "textarea" else unescape(node.html or "")
            if "<a" in text or r"\u003c" in text.lower() or "&lt;a" in text:
                yield from _fragment_links(text)
            for match in MARKS["object"].finditer(text):
                yield from _pair_link({name.lower(): a or b or c for name, a, b, c in MARKS["pair"].findall(match[0])})

    def frames(self) -> list[str]:
        """Pages that this one shows inside itself, from its own host."""
        places = [
            normal(node.attributes.get("src") or "", self._base) for node in self._tree.css("iframe[src], frame[src]")
        ]
        return [url for url in places if url and same_site(url, self.url) and not MARKS["document"].search(url)]

    def moves_to(self) -> str:
        """Where a page that is nothing but a shell leads, or ""."""
        if len(self.text) > _SHELL or len(self._visible) > 200:
            return ""
        source = re.sub(r"(?s)<!--.*?-->", "", self.text)
        scripts = " ".join(re.findall(r"(?is)<script[^>]*>(.*?)</script>", source))
        match = MARKS["script_move"].search(scripts) or MARKS["refresh"].search(source)
        return normal(unescape(match[1]), self._base) if match else ""

    @cached_property
    def _visible(self) -> str:
        """The text that a reader sees, without white space."""
        tree = LexborHTMLParser(self._tree.body.html or "") if self._tree.body is not None else LexborHTMLParser("")
        tree.strip_tags(["script", "style", "noscript"])
        return re.sub(r"\s+", "", (tree.body.text() if tree.body is not None else "") or "")

    @property
    def is_missing(self) -> bool:
        """Whether it says, with status 200, that there is no such page."""
        return len(self._visible) < 600 and bool(MARKS["missing"].search(f"{self.title} {self._visible[:300]}"))

    @property
    def declared_pages(self) -> int:
        """The number of pages that a list says it has; 1 where it says nothing."""
        return max((int(number) for number in MARKS["pages"].findall(self.text)), default=1)

    @property
    def names_report(self) -> bool:
        """Whether its title, or the words that led to it, are those of a report."""
        return any(
            parse_title(text) is not None or (MARKS["report"].search(text) and year_of(text))
            for text in (self.title, self.anchor)
        )

    def attachments(self) -> list[Link]:
        """Files that the page gives."""
        return [link for link in self.links if link.is_document and not is_decoy(link.text)]

    def pager(self) -> list[Link]:
        """Links to further pages of the list that this is a page of."""
        folder = _folder(self.url)
        return [
            link
            for link in self.links
            if not link.is_document
            and MARKS["pager"].match(link.text)
            and same_site(link.url, self.url)
            and (urlsplit(link.url).path.startswith(folder) or "页" in link.text)
        ]

    def candidates(self) -> Iterator[tuple[Link, int]]:
        """Links that may lead to reports, with their rank; the lower, the sooner they are followed."""
        pager = self.pager()
        for link in self.links:
            if link not in pager and (rank := self._rank(link)):
                yield link, rank

    def _rank(self, link: Link) -> int:
        text, path = link.text, urlsplit(link.url).path
        if is_decoy(text):
            return 0
        if parse_title(text) is not None or (MARKS["report"].search(text) and (self.is_marked or "公开" in text)):
            return 2 if year_of(text) else 3
        names = self.is_marked and bool(year_of(text) or unit_of(text))
        if link.is_document:
            return 3 if names else 0
        if (
            names
            or MARKS["list"].search(text)
            or MARKS["path"].match(path)
            or (self.is_marked and self._is_below(link.url))
        ):
            return 4
        return (
            6
            if MARKS["entry"].search(text) or MARKS["entry"].search(unquote(path).strip("/").rpartition("/")[2])
            else 0
        )

    def _is_below(self, url: str) -> bool:
        """Whether an address lies in the folder of this list, or is an article of its column."""
        path, list_path = urlsplit(url).path, urlsplit(self.url).path
        marked = MARKS["path"].match(list_path)
        folder = marked[1] if marked else _folder(self.url)
        column = re.search(r"col/?(?:col)?(\d+)", list_path)
        is_inside = (len(folder) > 1 and path.startswith(folder.rstrip("/") + "/")) or bool(
            column and f"art_{column[1]}_" in path
        )
        return is_inside and site_name(url) == site_name(self.url)


def _folder(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[0] + "/"


def _links(raw: Iterable[tuple[str, str]], base: str) -> list[Link]:
    """Addresses and their words, each address once, with the longest words that it stands under."""
    held: dict[str, str] = {}
    for place, words in raw:
        if url := normal(place, base):
            text = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", words)))[:200]
            held[url] = max(held.get(url, ""), text, key=len)
    return [Link(url, text) for url, text in held.items()]


def _anchors(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("a, area, [onclick]"):
        given = node.attributes
        image = node.css_first("img[alt]")
        text = max(node.text(deep=True) or "", given.get("title") or "", key=lambda words: len(words.strip()))
        text = text.strip() or ((image.attributes.get("alt") or "") if image is not None else "")
        place = (given.get("href") or "").strip()
        if place and not place.lower().startswith(("javascript:", "#")):
            yield place, text
        elif match := MARKS["script_place"].search(place) or MARKS["script_place"].search(given.get("onclick") or ""):
            yield match[1], text


def _fragment_links(text: str) -> Iterator[tuple[str, str]]:
    """Links in markup that stands in a script, in XML or in JSON."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    for escaped, plain in (('\\"', '"'), ("\\'", "'"), ("\\/", "/"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"')):
        text = text.replace(escaped, plain)
    yield from _anchors(LexborHTMLParser(MARKS["cdata"].sub(r"\1", text)))


def _pair_link(pairs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The link in an object of a script, such as ``{title: "…", url: "…"}``."""
    url, title = (
        next((value for name in names if isinstance(value := pairs.get(name), str) and value), "")
        for names in (_ADDRESS_NAMES, _TITLE_NAMES)
    )
    if title and ("/" in url or "." in url):
        yield url.replace("\\/", "/"), title


def _xml_items(text: str) -> Iterator[tuple[str, str]]:
    yield from _fragment_links(text)
    for record in re.findall(r"(?is)<rec>(.*?)</rec>", text):
        yield from _pair_link({name.lower(): a or b for name, a, b in MARKS["field"].findall(record)})


def _json_items(text: str) -> Iterator[tuple[str, str]]:
    start = re.search(r"[\[{]", text)
    try:
        content = json.JSONDecoder().raw_decode(text[start.start() :] if start else "")[0]
    except (ValueError, RecursionError):
        yield from _fragment_links(text)
        return
    waiting = [content]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            yield from _pair_link({str(name).lower(): part for name, part in value.items()})
            waiting[:0] = value.values()
        elif isinstance(value, list):
            waiting[:0] = value
        elif isinstance(value, str) and "<a" in value:
            yield from _fragment_links(value)


_PARSERS = {"xml": _xml_items, "json": _json_items}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the further pages of one list are asked, and how far that is; the family "" gives them by links.

    Attributes
    ----------
    name : str
        Of the list in the ledger.
    facts : mapping
        What its page says of it.
    way, tried : int, list of int
        The way of its family that is being tried, and those that are left.
    n, held, gaps, hole
        The page asked next, items that came, pages in a row that did not, and whether one is missing for good.
    resource : bool
        Whether another file is asked for facts first.
    base : str
        The page that it was met on.
    marked : bool
        Whether it is known for a list of reports.
    empty : int
        Pages in a row on which nothing may be a report.
    """

    family: str
    name: str
    base: str
    facts: Mapping[str, str] = field(default_factory=dict)
    way: int = 0
    n: int = 0
    held: int = 0
    gaps: int = 0
    hole: bool = False
    tried: tuple[int, ...] = ()
    total: int | None = None
    resource: bool = False
    marked: bool = False
    empty: int = 0

    @property
    def _family(self) -> Mapping[str, Any]:
        return families()[self.family]

    @property
    def _way(self) -> Mapping[str, Any]:
        way: Mapping[str, Any] = self._family["ways"][self.way]
        return way

    @property
    def goes_on(self) -> bool:
        """Whether its pages go on after the one that was met, rather than give the list anew."""
        return any("last" in way for way in self._family["ways"])

    def text(self) -> str:
        """The plan as the ledger keeps it."""
        return packed(**asdict(self))

    def at_first(self, **changes: Any) -> Plan:
        """The plan at its first request."""
        plan = replace(self, held=0, gaps=0, hole=False, resource=False, **changes)
        return replace(plan, n=plan._way["first"])

    @property
    def last(self) -> int | None:
        """The number of the last page, where the list declares how many it has."""
        return int(self.facts["pages"]) + self._way["last"] if "pages" in self.facts and "last" in self._way else None

    @property
    def is_over(self) -> bool:
        """Whether the next page lies behind the last."""
        return self.last is not None and self.n > self.last

    def request(self) -> tuple[str, dict[str, str]]:
        """The address that is asked next, and what makes it no plain GET."""
        if self.resource:
            return normal(self._family["resource"]["address"], self.base), {}
        size = self._way.get("size", self._family.get("size", 15))
        facts = {
            **self.facts,
            "n": str(self.n),
            "start": str(self.held + 1),
            "end": str(self.held + size),
            "size": str(size),
        }
        url = normal(Template(self._way["address"]).safe_substitute(facts).rstrip("&?"), self.base)
        for kind, content in (("form", "application/x-www-form-urlencoded"), ("json", "application/json")):
            if kind in self._way:
                return url, {
                    "method": "POST",
                    "body": Template(self._way[kind]).safe_substitute(facts),
                    "type": content,
                }
        return url, {}

    def with_resource(self, text: str) -> Plan | None:
        """The plan at its first request, with the facts that its resource gave; None where they are missing."""
        facts = {**self.facts, **_facts(self._family["resource"]["vars"], text, "")}
        return self.at_first(facts=facts) if all(facts.get(need) for need in self._family["needs"]) else None

    def items(self, body: bytes, url: str) -> tuple[list[Link], int | None]:
        """The items that an answer holds, those of other columns left out, and the total that it declares."""
        text, parser, keep = (
            decode(body)[0],
            self._family["parser"],
            Template(self._family.get("keep", "")).safe_substitute(self.facts),
        )
        links = [
            link
            for link in (Page(body, url).links if parser == "html" else _links(_PARSERS[parser](text), url))
            if keep in link.url
        ]
        total = (
            next((int(a or b) for a, b in MARKS["total"].findall(text)), None)
            if parser != "html" and not keep
            else None
        )
        return links, total

    def after(self, *, fresh: int, count: int, total: int | None, failed: str) -> tuple[Plan | None, str, str]:
        """Where the list goes on after an answer: the next plan, or None with the state of the list and why.

        Parameters
        ----------
        fresh : int
            Items that no earlier answer of this list held.
        count : int
            Items that the list has given so far.
        total : int or None
            What the answer declares.
        failed : str
            "" or why there was no answer; "missing" for a 404.
        """
        total = self.total if total is None else total
        hole = self.hole or bool(self.gaps and fresh) or failed not in ("", "missing")
        gaps = self.gaps + 1 if failed else 0
        moved = replace(self, n=self.n + 1, held=self.held + fresh, total=total, gaps=gaps, hole=hole)
        more = fresh or (failed and self.held and self.last is not None)
        if more and not moved.is_over and not (self.last is None and total is not None and count >= total):
            return moved, "open", ""
        short = total is not None and count < total
        if self.tried and (not moved.held or short):
            return self.at_first(way=self.tried[0], tried=self.tried[1:], total=total), "open", ""
        if short:
            return None, "incomplete", f"{count} of {total} items were given"
        # A declared total may count a page or two that were never made (Shanghai: 322, of which 321 and 322 are 404); a gap
        # before a page that answers is a gap.
        if hole or gaps > _NEVER_MADE or (failed and not moved.held):
            return None, "incomplete", "some of its pages could not be got"
        return None, "complete", ""


@lru_cache(maxsize=1)
def families() -> dict[str, dict[str, Any]]:
    """The list families by name."""
    return {family["name"]: family for family in data.toml("collect", "families.toml")["family"]}


def plans(page: Page) -> list[Plan]:
    """The lists on a page whose further pages a family of sites gives, each at its first request."""
    return [
        plan
        for name, family in families().items()
        for plan in _plans(page, name, family)
        if plan.resource or not plan.is_over
    ]


def _plans(page: Page, name: str, family: Mapping[str, Any]) -> Iterator[Plan]:
    mark = re.search(family["mark"], page.text)
    if mark is None and not re.search(family["mark"], page.url):
        return
    stem, _, ext = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")
    facts = {"stem": stem or "index", "ext": ext or "html", **family.get("defaults", {})}
    facts |= {key: value for key, value in (mark.groupdict() if mark else {}).items() if value}
    facts |= _facts(family.get("vars", {}), page.text, page.url)
    block = next(
        (match[1] for pattern in family.get("block", ()) if (match := re.search(pattern, page.text, re.S))), ""
    )
    facts["query"] = urlencode(_pairs(unescape(block), family.get("drop", ())))
    for each in _each(family.get("each", {}), page.text, page.url):
        known = {**facts, **each}
        is_ready = all(known.get(need) for need in family.get("needs", ()))
        if is_ready or "resource" in family:
            ways = family["ways"]
            # The way whose count begins as that of the page comes first.
            first, *others = sorted(
                range(len(ways)), key=lambda way: ways[way].get("current", known.get("current")) != known.get("current")
            )
            plan = Plan(
                name, f"{page.url} {name} {urlencode(each)}".strip(), page.url, known, first, tried=tuple(others),
                marked=page.is_marked or family.get("sure", False),
            )  # fmt: skip
            yield plan.at_first() if is_ready else replace(plan, resource=True)


def _facts(patterns: Mapping[str, list[str]], text: str, url: str) -> dict[str, str]:
    return {
        name: unescape(next(group for group in match.groups() if group is not None))
        for name, alternatives in patterns.items()
        if (
            match := next(
                (hit for pattern in alternatives for place in (url, text) if (hit := re.search(pattern, place))), None
            )
        )
    }


def _each(patterns: Mapping[str, str], text: str, url: str) -> list[dict[str, str]]:
    if not patterns:
        return [{}]
    ((name, pattern),) = patterns.items()
    hits = [
        group for place in (url, text) for match in re.finditer(pattern, place) for group in match.groups() if group
    ]
    return [{name: value} for value in dict.fromkeys(hits)]


def _pairs(block: str, drop: Iterable[str]) -> dict[str, str]:
    """The pairs of an object or of a query string."""
    if ":" in block and "&" not in block:
        return {name: a or b or c for name, a, b, c in MARKS["pair"].findall(block) if name not in drop}
    return {name: value for name, value in parse_qsl(block, keep_blank_values=True) if name not in drop}
