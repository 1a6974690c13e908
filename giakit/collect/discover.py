"""What a page leads to: its links and what they promise, and how lists of government sites give their further pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import unescape
from string import Template
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from giakit import data
from giakit.documents.encoding import decode
from giakit.reading.titles import is_agency_name, parse_title

MARKED_PATH = re.compile(r"(?i)^(.*/(?:(?:zfxx|xx)?gknb|annualreport)[^/]*)")
_LIST = re.compile(r"公开.{0,8}(?:年报|年度报告)|^.{0,6}(?:年报|年度报告).{0,4}$")
_REPORT = re.compile(r"年度?(?:工作)?报告|年报|年度政府信息公开|信息公开(?:工作)?(?:情况)?(?:的)?(?:报告|总结)")
_ABOUT = re.compile(r"解读|图解|一图|读懂|漫画|通知|通报|模板|格式|培训|会议|答记者|征求意见")
# An agency may be called after any of these; the decoy is the report on them.
_OTHER = re.compile(
    r"(?:财政|财务|企业|决算|预算|统计|审计|环境(?:质量|状况)?|教育|社会组织|法治(?:政府)?(?:建设)?|依法行政|网站(?:工作)?|"
    r"绩效(?:评价)?|质量|发展|监测|金融|气象|卫生|水资源|知识产权|政府工作)(?:工作)?(?:情况)?(?:年度)?(?:年报|报告|报表|公报)|年报公示"
)
_ENTRY = re.compile(r"信息公开|政务公开|公开目录|公开内容|法定(?:主动)?公开|公开专栏|^公开$|^xxgk$|^zwgk$")
_MENU = re.compile(r"新闻|资讯|互动|媒体|下载|专题|网站|首页|服务大厅|旗舰店|客户端")
_YEAR = re.compile(r"(?<!\d)(20[012]\d)(?!\d)\s*(?:年|$|[^\d.\-/年月])")
_PAGER = re.compile(r"^\W*(?:下一?页|后一?页|next|\d{1,3})\W*$|^(?:>{1,2}|»|›)$", re.I)
_PAGES = re.compile(r"共\s*(?:<[^>]+>\s*)*(\d+)\s*(?:<[^>]+>\s*)*页")
_DOCUMENT = re.compile(r"(?i)\.(?:pdf|docx?|xlsx?|wps|et|rtf|ofd|zip|rar|7z|txt|csv|ods|odt)(?:$|[?#&\"'])")
_MOVES = (
    re.compile(r"""(?:window|document|self|top|parent)?\.?location(?:\.href)?\s*(?:=|\.replace\s*\(|\.assign\s*\()\s*['"]([^'"]+)['"]"""),
    re.compile(r"""(?i)<meta[^>]+http-equiv\s*=\s*['"]?refresh['"]?[^>]*url\s*=\s*['"]?([^'"\s>;]+)"""),
)  # fmt: skip
_SCRIPT_PLACE = re.compile(r"""['"]((?:https?:/)?/?[^'"\s<>{}]*?[/.][^'"\s<>{}]+)['"]""")
_OBJECT = re.compile(r"\{[^{}]{4,4000}\}")
_PAIR = re.compile(r"""['"]?(\w+)['"]?\s*[:=]\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))""")
_ADDRESS_NAMES = ("url", "infourl", "href", "link", "linkurl", "post_url", "arturl", "docpuburl", "visiturl", "puburl")
_TITLE_NAMES = ("title", "realtitle", "name", "articletitle", "doctitle", "infotitle", "text", "subject")
_TOTAL = re.compile(
    r"""(?i)<(?:totalrecord|recordcount|total)>\s*(?:<!\[CDATA\[)?(\d+)|["'](?:total|totalcount|totalrecord|recordcount|count)["']\s*:\s*["']?(\d+)"""
)
_FIELD = re.compile(r"<(\w+)>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</\1>", re.S)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
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
        return bool(_DOCUMENT.search(self.url) or _DOCUMENT.search(self.text))


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
    query = quote(parts.query, safe="/%:=&~+!$,;'@()*[]-._?{}\"")
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, host.lower() + port, path, query.replace('"', "%22"), parts.fragment))


def key_of(url: str) -> str:
    """What makes two addresses the same: http and https of one host are."""
    parts = urlsplit(url)
    return urlunsplit(("", parts.netloc, parts.path or "/", parts.query, ""))


def same_site(url: str, seed: str) -> bool:
    """Whether an address lies on the host of a seed; ``www.`` makes no other host, another port of the same scheme does."""
    ours, theirs = urlsplit(url), urlsplit(seed)
    if site_name(url) != site_name(seed):
        return False
    return ours.port == theirs.port or ours.scheme != theirs.scheme


def site_name(url: str) -> str:
    """The host without ``www.``."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def year_of(text: str) -> int | None:
    """The one year that a title or anchor names.

    >>> year_of("市财政局2023年政府信息公开工作年度报告"), year_of("2023年至2024年"), year_of("发布于2024-01-20")
    (2023, None, None)
    """
    title = parse_title(text)
    if title is not None and title.year:
        return title.year
    years = set(_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def unit_of(text: str) -> str:
    """The agency that a title or anchor names, or ""."""
    title = parse_title(text)
    if title is not None and title.unit and is_agency_name(title.unit):
        return title.unit
    plain = re.sub(r"[\s_\-—]|20\d\d年?度?|政府信息公开.*$|信息公开.*$|年度?(?:报告|年报).*$|\.\w+$", "", text)
    return plain if 3 <= len(plain) <= 25 and is_agency_name(plain) and not _MENU.search(plain) else ""


def is_decoy(text: str) -> bool:
    """Whether a title is about reports, or of a report on something else.

    >>> is_decoy("市财政年报"), is_decoy("《2023年信息公开年报》解读"), is_decoy("市审计局2023年年报")
    (True, True, False)
    """
    return bool(_ABOUT.search(text) or (_OTHER.search(text) and "公开" not in text))


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
        Whether the seed says that it is a list of annual reports.
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

    @cached_property
    def title(self) -> str:
        """The title of the article that it shows, or its own."""
        tags = ("meta[name=ArticleTitle]", "ucaptitle", "h1", "title")
        for tag in tags:
            node = self._tree.css_first(tag)
            text = "" if node is None else (node.attributes.get("content") or node.text() or "")
            if text.strip():
                return re.sub(r"\s+", "", text)[:200]
        return ""

    @cached_property
    def _column(self) -> str:
        names = ("ColumnType", "ColumnName")
        nodes = (self._tree.css_first(f"meta[name={name}]") for name in names)
        return " ".join(node.attributes.get("content") or "" for node in nodes if node is not None)

    @property
    def is_marked(self) -> bool:
        """Whether anything says that annual reports are listed here; tags lie, so any of the marks will do."""
        words = (self.anchor, self.title, self._column)
        return self.marked or bool(
            MARKED_PATH.match(urlsplit(self.url).path) or any(_LIST.search(text) and not is_decoy(text) for text in words)
        )

    @cached_property
    def links(self) -> list[Link]:
        """Every address that the page leads to, in its order, once."""
        held: dict[str, str] = {}
        for url, text in self._raw_links():
            url = normal(url, self._base)
            if url and urlsplit(url)._replace(fragment="") != urlsplit(self.url)._replace(fragment=""):
                text = re.sub(r"\s+", "", unescape(text))[:200]
                if len(text) > len(held.get(url, "")) or url not in held:
                    held[url] = text
        return [Link(url, text) for url, text in held.items()]

    @cached_property
    def _base(self) -> str:
        node = self._tree.css_first("base[href]")
        return urljoin(self.url, (node.attributes.get("href") or "") if node is not None else "")

    def _raw_links(self) -> Iterator[tuple[str, str]]:
        yield from _anchors(self._tree)
        for node in self._tree.css("iframe[src], frame[src], embed[src], object[data]"):
            place = node.attributes.get("src") or node.attributes.get("data") or ""
            # A viewer shows a file that its address names.
            shown = next((value for _, value in parse_qsl(urlsplit(place).query) if _DOCUMENT.search(value)), "")
            if _DOCUMENT.search(shown or place):
                yield shown or place, self.title
        for node in self._tree.css("script, textarea, xml"):
            text = (node.text(deep=True) or "") if node.tag != "textarea" else unescape(node.html or "")
            if "<a" in text or r"\u003c" in text.lower() or "&lt;a" in text:
                yield from _fragment_links(text)
            yield from _object_links(text)

    def frames(self) -> list[str]:
        """Pages that this one shows inside itself, from its own host."""
        places = [normal(node.attributes.get("src") or "", self._base) for node in self._tree.css("iframe[src], frame[src]")]
        return [url for url in places if url and same_site(url, self.url) and not _DOCUMENT.search(url)]

    def moves_to(self) -> str:
        """Where a page that is nothing but a shell leads, or ""."""
        if len(self.text) > _SHELL or len(self._words) > 200:
            return ""
        source = re.sub(r"(?s)<!--.*?-->", "", self.text)
        scripts = " ".join(re.findall(r"(?is)<script[^>]*>(.*?)</script>", source))
        found = _MOVES[0].search(scripts) or _MOVES[1].search(source)
        return normal(unescape(found[1]), self._base) if found else ""

    @cached_property
    def _words(self) -> str:
        body = self._tree.body
        if body is None:
            return ""
        tree = LexborHTMLParser(body.html or "")
        tree.strip_tags(["script", "style", "noscript"])
        return re.sub(r"\s+", "", tree.text() or "")

    @property
    def is_missing(self) -> bool:
        """Whether it says, with status 200, that there is no such page."""
        head = f"{self.title} {self._words[:300]}"
        return len(self._words) < 600 and bool(
            re.search(r"(?<!\d)404(?!\d)|页面(?:不存在|未找到|没有找到|找不到|已删除)|找不到(?:您|该|此)?.{0,8}页|不存在或已|notfound", head, re.I)
        )

    @property
    def declared_pages(self) -> int:
        """The number of pages that a list says it has; 1 where it says nothing."""
        return max((int(number) for number in _PAGES.findall(self.text)), default=1)

    @property
    def names_report(self) -> bool:
        """Whether its title, or the words that led to it, are those of a report."""
        return any(parse_title(text) is not None or (_REPORT.search(text) and year_of(text)) for text in (self.title, self.anchor))

    def attachments(self) -> list[Link]:
        """Files that the page gives."""
        return [link for link in self.links if link.is_document and not _ABOUT.search(link.text)]

    def pager(self) -> list[Link]:
        """Links to further pages of the list that this is a page of."""
        folder = _folder(self.url)
        return [
            link
            for link in self.links
            if not link.is_document
            and _PAGER.match(link.text)
            and same_site(link.url, self.url)
            and (urlsplit(link.url).path.startswith(folder) or "页" in link.text)
        ]

    def candidates(self) -> Iterator[tuple[Link, int]]:
        """Links that may lead to reports, with their rank; the lower, the sooner they are followed."""
        pager = {link.url for link in self.pager()}
        for link in self.links:
            if link.url not in pager and (rank := self._rank(link)):
                yield link, rank

    def _rank(self, link: Link) -> int:
        text = link.text
        path = urlsplit(link.url).path
        if is_decoy(text):
            return 0
        if parse_title(text) is not None or (_REPORT.search(text) and (self.is_marked or "公开" in text)):
            return 2 if year_of(text) else 3
        if link.is_document:
            return 3 if self.is_marked and (year_of(text) or unit_of(text)) else 0
        if _LIST.search(text):
            return 4
        if self.is_marked and (year_of(text) or unit_of(text) or self._is_below(link.url)):
            return 4
        if MARKED_PATH.match(path):
            return 4
        return 6 if _ENTRY.search(text) or _ENTRY.search(unquote(path).strip("/").rpartition("/")[2]) else 0

    def _is_below(self, url: str) -> bool:
        """Whether an address lies in the folder of this list, or is an article of its column."""
        if site_name(url) != site_name(self.url):
            return False
        path, ours = urlsplit(url).path, urlsplit(self.url).path
        marked = MARKED_PATH.match(ours)
        folder = marked[1] if marked else _folder(self.url)
        column = re.search(r"col/?(?:col)?(\d+)", ours)
        return (len(folder) > 1 and path.startswith(folder.rstrip("/") + "/")) or bool(column and f"art_{column[1]}_" in path)


def _folder(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[0] + "/"


def _anchors(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("a, area, [onclick]"):
        given = node.attributes
        image = node.css_first("img[alt]")
        text = max(node.text(deep=True) or "", given.get("title") or "", key=lambda words: len(words.strip()))
        text = text.strip() or ((image.attributes.get("alt") or "") if image is not None else "")
        place = (given.get("href") or "").strip()
        if place and not place.lower().startswith(("javascript:", "#")):
            yield place, text
        elif found := _SCRIPT_PLACE.search(place or "") or _SCRIPT_PLACE.search(given.get("onclick") or ""):
            yield found[1], text


def _fragment_links(text: str) -> Iterator[tuple[str, str]]:
    """Links in markup that stands in a script, in XML or in JSON."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = text.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    yield from _anchors(LexborHTMLParser(_CDATA.sub(r"\1", text)))


def _object_links(text: str) -> Iterator[tuple[str, str]]:
    """Links in the objects of a script, such as ``{title: "…", url: "…"}``."""
    for found in _OBJECT.finditer(text):
        pairs = {name.lower(): a or b or c for name, a, b, c in _PAIR.findall(found[0])}
        yield from _pair_link(pairs)


def _pair_link(pairs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    url = next((pairs[name] for name in _ADDRESS_NAMES if isinstance(pairs.get(name), str) and pairs[name]), "")
    title = next((pairs[name] for name in _TITLE_NAMES if isinstance(pairs.get(name), str) and pairs[name]), "")
    if url and title and ("/" in url or "." in url):
        yield url.replace("\\/", "/"), title


def answer_links(body: bytes, url: str, parser: str) -> tuple[list[Link], int | None]:
    """The items of a further page of a list and the total that it declares.

    Parameters
    ----------
    parser : {"html", "xml", "json"}
    """
    text = decode(body)[0]
    total = next((int(a or b) for a, b in _TOTAL.findall(text)), None) if parser != "html" else None
    raw = {"html": _html_items, "xml": _xml_items, "json": _json_items}[parser](text, url)
    held: dict[str, str] = {}
    for place, words in raw:
        if address := normal(place, url):
            held.setdefault(address, re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", words)))[:200])
    return [Link(address, words) for address, words in held.items()], total


def _html_items(text: str, url: str) -> list[tuple[str, str]]:
    return [(link.url, link.text) for link in Page(text.encode(), url).links]


def _xml_items(text: str, url: str) -> list[tuple[str, str]]:
    items = list(_fragment_links(text))
    for record in re.findall(r"(?is)<rec>(.*?)</rec>", text):
        items += _pair_link({name.lower(): a or b for name, a, b in _FIELD.findall(record)})
    return items


def _json_items(text: str, url: str) -> list[tuple[str, str]]:
    start = re.search(r"[\[{]", text)
    try:
        content = json.JSONDecoder().raw_decode(text[start.start() :] if start else "")[0]
    except (ValueError, RecursionError):
        return list(_fragment_links(text))
    return list(_walk(content))


def _walk(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 20:
        return
    if isinstance(value, dict):
        yield from _pair_link({str(name).lower(): part for name, part in value.items()})
        for part in value.values():
            yield from _walk(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, depth + 1)
    elif isinstance(value, str) and "<a" in value:
        yield from _fragment_links(value)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the further pages of one list are asked, and how far that is."""

    family: str
    list: str
    facts: Mapping[str, str]
    way: int = 0
    n: int = 0
    held: int = 0
    gaps: int = 0
    hole: bool = False
    tried: tuple[int, ...] = ()
    total: int | None = None
    resource: bool = False
    base: str = field(default="")

    @property
    def goes_on(self) -> bool:
        """Whether its pages go on after the one that was met, rather than give the list anew."""
        return any("last" in way for way in families()[self.family]["ways"])

    def as_json(self) -> dict[str, Any]:
        """The plan as the ledger keeps it."""
        return {name: getattr(self, name) for name in self.__slots__}


@lru_cache(maxsize=1)
def families() -> dict[str, dict[str, Any]]:
    """The list families by name."""
    return {family["name"]: family for family in data.toml("collect", "families.toml")["family"]}


def plans(page: Page) -> list[Plan]:
    """The lists on a page whose further pages a family of sites gives, each at its first request."""
    made: list[Plan] = []
    for name, family in families().items():
        mark = re.search(family["mark"], page.text)
        if mark is None and not re.search(family["mark"], page.url):
            continue
        parts = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")
        facts = {"stem": parts[0] or "index", "ext": parts[2] or "html", **family.get("defaults", {})}
        facts |= {key: value for key, value in (mark.groupdict() if mark else {}).items() if value}
        facts |= _facts(family.get("vars", {}), page.text, page.url)
        block = next((found[1] for pattern in family.get("block", ()) if (found := re.search(pattern, page.text, re.S))), "")
        pairs = _pairs(block, family.get("drop", ()))
        facts["query"] = urlencode(pairs)
        for each in _each(family.get("each", {}), page.text, page.url):
            held = {**facts, **each}
            if "resource" not in family and not all(held.get(need) for need in family.get("needs", ())):
                continue
            order = _order(family, held)
            plan = Plan(name, f"{page.url} {name} {urlencode(each)}".strip(), held, order[0], base=page.url, tried=tuple(order[1:]))
            needed = family.get("resource") and not all(held.get(need) for need in family["needs"])
            made.append(_at_first(plan) if not needed else _with(plan, resource=True))
    return [plan for plan in made if plan.resource or not _is_over(plan)]


def _facts(patterns: Mapping[str, list[str]], text: str, url: str) -> dict[str, str]:
    return {
        name: unescape(next(group for group in found.groups() if group is not None))
        for name, alternatives in patterns.items()
        if (found := next((hit for pattern in alternatives for place in (url, text) if (hit := re.search(pattern, place))), None))
    }


def _each(patterns: Mapping[str, str], text: str, url: str) -> list[dict[str, str]]:
    if not patterns:
        return [{}]
    ((name, pattern),) = patterns.items()
    hits = [group for place in (url, text) for found in re.finditer(pattern, place) for group in found.groups() if group]
    return [{name: value} for value in dict.fromkeys(hits)]


def _pairs(block: str, drop: list[str]) -> dict[str, str]:
    block = unescape(block)
    pairs = _PAIR.findall(block) if ":" in block and "&" not in block else [(*pair, "", "") for pair in parse_qsl(block, keep_blank_values=True)]
    return {name: a or b or c for name, a, b, c in pairs if name not in drop}


def _order(family: Mapping[str, Any], facts: Mapping[str, str]) -> list[int]:
    ways = family["ways"]
    return sorted(range(len(ways)), key=lambda way: (ways[way].get("current", facts.get("current")) != facts.get("current"), way))


def _with(plan: Plan, **changes: Any) -> Plan:
    return Plan(**{**plan.as_json(), **changes})


def _at_first(plan: Plan) -> Plan:
    return _with(plan, n=families()[plan.family]["ways"][plan.way]["first"], held=0, gaps=0, hole=False, resource=False)


def _last(plan: Plan) -> int | None:
    """The number of the last page, where the list declares how many it has."""
    way = families()[plan.family]["ways"][plan.way]
    return int(plan.facts["pages"]) + way.get("last", 0) if "pages" in plan.facts and "last" in way else None


def _is_over(plan: Plan) -> bool:
    last = _last(plan)
    return last is not None and plan.n > last


def request_of(plan: Plan) -> tuple[str, dict[str, str]]:
    """The address that a plan asks next, and what makes it no plain GET."""
    family = families()[plan.family]
    if plan.resource:
        return normal(family["resource"]["address"], plan.base), {}
    way = family["ways"][plan.way]
    size = way.get("size", family.get("size", 15))
    facts = {**plan.facts, "n": str(plan.n), "start": str(plan.held + 1), "end": str(plan.held + size), "size": str(size)}
    url = normal(Template(way["address"]).safe_substitute(facts).rstrip("&?"), plan.base)
    for kind, content in (("form", "application/x-www-form-urlencoded"), ("json", "application/json")):
        if kind in way:
            return url, {"method": "POST", "body": Template(way[kind]).safe_substitute(facts), "type": content}
    return url, {}


def resumed(plan: Plan, text: str) -> Plan | None:
    """The plan at its first request, with the facts that its resource gave; None where they are missing."""
    family = families()[plan.family]
    facts = {**plan.facts, **_facts(family["resource"]["vars"], text, "")}
    return _at_first(_with(plan, facts=facts)) if all(facts.get(need) for need in family["needs"]) else None


def items_of(plan: Plan, body: bytes, url: str) -> tuple[list[Link], int | None]:
    """The items that an answer to a plan holds, those of other columns left out, and the declared total."""
    family = families()[plan.family]
    links, total = answer_links(body, url, family["parser"])
    keep = Template(family.get("keep", "")).safe_substitute(plan.facts)
    return [link for link in links if keep in link.url], None if keep else total


def followed(plan: Plan, *, fresh: int, count: int, total: int | None, failed: str) -> tuple[Plan | None, str, str]:
    """Where a list goes on after an answer: the next plan, or None with the state of the list and why.

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
    total = plan.total if total is None else total
    last = _last(plan)
    hole = plan.hole or bool(plan.gaps and fresh) or failed not in ("", "missing")
    gaps = plan.gaps + 1 if failed else 0
    moved = _with(plan, n=plan.n + 1, held=plan.held + fresh, total=total, gaps=gaps, hole=hole)
    more = fresh or (failed and plan.held and last is not None)
    if more and not _is_over(moved) and not (last is None and total is not None and count >= total):
        return moved, "open", ""
    short = total is not None and count < total
    if plan.tried and (not moved.held or short):
        return _at_first(_with(plan, way=plan.tried[0], tried=plan.tried[1:], total=total)), "open", ""
    if short:
        return None, "incomplete", f"{count} of {total} items were given"
    # A declared total may count a page or two that were never made; a gap before a page that answers is a gap.
    if hole or gaps > _NEVER_MADE or (failed and not moved.held):
        return None, "incomplete", "some of its pages could not be got"
    return None, "complete", ""
