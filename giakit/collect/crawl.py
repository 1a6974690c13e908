"""The way through one site: ask, keep, look through, follow, until nothing is left or the site is to be left alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from giakit.collect.archive import Answer, Archive, captured_at, digest_of, foreign_answers, seconds, sliced_content
from giakit.collect.discover import Link, Page, Plan, is_decoy, normal, plans, same_site, unit_of, year_of
from giakit.collect.fetch import TRIES, Fetcher, Gate, Refused, Robots, Stopped, address_of
from giakit.collect.judge import is_challenge, readings
from giakit.collect.ledger import Ledger, Row, key_of, packed
from giakit.errors import UnreadableDocument

DEPTH = 4
PAGES = 200
CLOSED = ("warc", "wayback", "cc")
"""Kinds of seeds that give what they hold and lead nowhere else."""
_HOPS = 5
_ATTACHMENTS = 30
_CAPTURES = 400
_SILENT = 5
_EMPTY = 2
_HOLDS = "an archive holds what it happened to hold"


@dataclass
class Crawl:
    """All that the work on a site needs.

    A target is an address with what is known of it. It waits, is fetched, and is done; or it moved, is missing, refused, disallowed
    or failed; or it is listed: known and not to be asked. A site whose state is not "" is left alone for the rest of the run.
    """

    ledger: Ledger
    archive: Archive
    gate: Gate
    fetcher: Fetcher
    stop: threading.Event
    contact: str
    vantage: str

    def __post_init__(self) -> None:
        self.run = self.ledger.open_run(self.contact, self.vantage, time.time())
        self._robots: dict[str, Robots | str] = {}
        # One page is looked through at a time: reading is bound by the processor, and the PDF library is not for threads.
        self._desk = threading.Lock()

    def work(self, site: str) -> None:
        """Work on a site until nothing waits, it is to be left alone, or the collection is to end."""
        try:
            self._import(site)
            while not self.stop.is_set() and (target := self.ledger.next_target(site)) is not None:
                if target["state"] == "fetched":
                    with self._desk:
                        self._look_through(target)
                else:
                    self._ask(target)
        except Refused as refusal:
            self.ledger.write(
                "UPDATE sites SET state = ?, reason = ? WHERE site = ?", refusal.state, refusal.reason, site
            )
        except Stopped:
            pass

    # Asking

    def _ask(self, target: Row) -> None:
        settle = self.ledger.settle
        if target["via"] == "warc":
            settle(target, state="listed", reason="not in this archive")
        elif (
            target["role"] in ("page", "paging")
            and target["priority"] not in (1, 2)
            and self._spent_pages(target["site"])
        ):
            settle(target, state="listed", reason=f"more than {PAGES} pages on this site")
        elif isinstance(robots := self._rules(target), str):
            settle(target, state="failed", reason=robots)
        elif not robots.allows(target["url"]):
            settle(target, state="disallowed", reason="robots.txt")
        else:
            self._request(target, robots.delay)

    def _spent_pages(self, site: str) -> bool:
        query = (
            "SELECT count(*) FROM targets WHERE site = ? AND role IN ('page', 'paging') AND priority NOT IN (1, 2) AND tries > 0 "
            "AND verdict <> 'report'"
        )
        return bool(self.ledger.value(query, site) >= PAGES)

    def _seed(self, target: Row) -> Row:
        return self.ledger.all("SELECT * FROM seeds WHERE seed = ?", target["seed"])[0]

    def _rules(self, target: Row) -> Robots | str:
        """What robots.txt allows; or why this door of the site is closed: http where https answers, or the other way."""
        origin = _origin(target["url"])
        if origin not in self._robots:
            try:
                self._robots[origin] = self._read_rules(target, origin)
            except Refused as refusal:
                site = target["site"]
                if refusal.state != "unreachable" or not self._answered(site) or self._answered(site, origin):
                    raise
                self._robots[origin] = refusal.reason
        return self._robots[origin]

    def _read_rules(self, target: Row, origin: str) -> Robots:
        url = f"{origin}/robots.txt"
        for _ in range(_HOPS):
            site = target["site"]
            self.ledger.add_target(
                site, url, request="robots", url=url, seed=target["seed"], role="robots", priority=0, via=target["via"]
            )
            while (row := self.ledger.target(site, url, "robots") or {})["state"] == "waiting":
                self._request(row, 0.0)
            if row["state"] in ("fetched", "done"):
                return Robots(self.archive.read(row["digest"]))
            if row["state"] == "moved" and same_site(row["reason"], url):
                url = row["reason"]
            elif row["state"] in ("moved", "missing"):
                break
            else:
                silent = row["state"] == "failed" and not row["reason"].startswith("HTTP ")
                raise Refused("unreachable" if silent else "refused_robots", f"robots.txt: {row['reason']}")
        return Robots(b"")

    def _answered(self, site: str, origin: str = "") -> bool:
        """Whether the site, or that door of it, answered in this run."""
        query = "SELECT 1 FROM visits WHERE site = ? AND run = ? AND status > 0 AND substr(url, 1, ?) = ? LIMIT 1"
        return bool(self.ledger.value(query, site, self.run, len(origin), origin))

    def _request(self, target: Row, delay: float) -> None:
        asked = json.loads(target["request"]) if target["request"].startswith("{") else {}
        plan = json.loads(target["plan"]) if target["plan"] else {}
        url = target["url"].partition("#")[0]
        parts = urlsplit(url)
        ip = address_of(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        host, method, body = parts.netloc.rpartition("@")[2], asked.get("method", "GET"), asked.get("body", "").encode()
        given = {
            **self._conditions(target),
            "Referer": target["parent"],
            "Content-Type": asked.get("type"),
            "Range": plan.get("range"),
        }
        headers = self.fetcher.headers(host, {name: value for name, value in given.items() if value})
        old_tls = "old tls" in self._seed(target)["note"].lower()
        with self.gate.turn(host, ip, delay):
            number = self.gate.begin(host, ip, url)
            answer = self.fetcher.fetch(url, ip, headers, method=method, body=body, old_tls=old_tls)
            rest = self.gate.end(number, ip, answer, delay, target["tries"])
        lines = [
            f"{method} {url.partition(parts.netloc)[2] or '/'} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        tls = "" if parts.scheme != "https" else "old" if old_tls else "verified"
        self._keep(target, answer, method, "\r\n".join(lines).encode("latin-1", "replace") + body, tls)
        if rest:
            raise Refused("put_off", rest)

    def _conditions(self, target: Row) -> dict[str, str]:
        """What makes a request conditional on a change since an earlier run; its moment where the server gave no other mark."""
        query = "SELECT * FROM visits WHERE site = ? AND seq = ? AND run < ? AND status > 0 ORDER BY run DESC, try DESC LIMIT 1"
        known = self.ledger.one(query, target["site"], target["seq"], self.run)
        if known is None:
            return {}
        since = known["modified"] or format_datetime(datetime.fromisoformat(known["captured"]), usegmt=True)
        return {"If-Modified-Since": since, "If-None-Match": known["etag"] or ""}

    def _keep(self, target: Row, answer: Answer, method: str, request: bytes, tls: str, *, captured: str = "") -> None:
        """Write the answer to the archive, then, in one transaction, where it is and what became of the target."""
        url, tries = target["url"].partition("#")[0], target["tries"] + 1
        visit = {
            "site": target["site"], "seq": target["seq"], "run": self.run, "try": tries, "url": url, "method": method,
            "status": answer.status or None, "started": answer.started, "ended": answer.ended,
            "captured": captured_at(captured) or seconds(answer.started), "error": answer.message or answer.error, "tls": tls,
        }  # fmt: skip
        if answer.error:
            with self.ledger.transaction():
                self.ledger.insert("visits", visit, clause="INSERT OR REPLACE")
                refusal = self._settle_failure(target, answer, tries)
            if refusal is not None:
                raise refusal
            return
        content, problem = b"", ""
        try:
            content = answer.content()
        except UnreadableDocument as error:
            problem = error.reason
        digest = target["digest"] if answer.status == 304 else digest_of(answer.body)
        # The same payload of another site would hang on which came first.
        known = "SELECT * FROM visits WHERE digest = ? AND site = ? AND record = 'response' LIMIT 1"
        original = self.ledger.one(known, digest, target["site"]) if content or answer.status == 304 else None
        when = captured or f"{target['seq']} {self.run} {tries}"
        identity = f"{self.contact} {url} {when} {digest}"
        state, reason = (
            ("failed" if problem else "fetched", problem)
            if captured
            else self._outcome(target, answer, content, digest, tries, problem)
        )
        with self.archive.append(
            url, request, answer, captured=captured or visit["captured"], identity=identity, original=original
        ) as place:
            visit |= {
                "type": answer.header("content-type"), "size": len(content), "digest": digest, "etag": answer.header("etag"),
                "modified": answer.header("last-modified"), **place,
            }  # fmt: skip
            self.ledger.insert("visits", visit, clause="INSERT OR REPLACE")
            changes = {"digest": digest} if state == "fetched" else {}
            self.ledger.settle(target, state=state, reason=reason, tries=tries, **changes)
            if state == "moved":
                self._move(target, reason)
            if target["role"] == "paging" and state in ("failed", "refused", "missing"):
                self._go_on(target, [], None, "missing" if state == "missing" else reason)
        if state == "challenged":
            raise Refused("challenged", f"a test for browsers stands in place of {url}")

    def _outcome(
        self, target: Row, answer: Answer, content: bytes, digest: str, tries: int, problem: str
    ) -> tuple[str, str]:
        """What an answer means for its target: a state and the reason."""
        status, refusal = answer.status, f"HTTP {answer.status}"
        if is_challenge(answer, content):
            return "challenged", refusal
        if answer.repeatable:
            return ("waiting" if tries < TRIES else "failed"), refusal
        if answer.location:
            url = normal(answer.location, target["url"])
            if target["role"] == "robots":
                return "moved", url
            if url == target["url"] or target["hops"] >= _HOPS:
                return "failed", "redirects in a circle"
            return (
                ("moved", url)
                if url and same_site(url, target["url"])
                else ("moved_away", f"it leads to {url or 'no address'}")
            )
        if problem:
            return "failed", problem
        if status == 304 or (200 <= status < 300 and target["digest"] == digest and target["was"]):
            # A list is followed again even so: its further pages may have changed.
            return ("fetched" if target["verdict"] in ("list", "paging") else target["was"] or "done"), ""
        if 200 <= status < 300:
            return "fetched", ""
        return ("refused" if status in (401, 403, 407, 451) else "missing"), refusal

    def _settle_failure(self, target: Row, answer: Answer, tries: int) -> Refused | None:
        """Write what a request without an answer means for the target; what it means for the site."""
        site, reason = target["site"], answer.message or answer.error
        if (answer.repeatable or answer.error == "connect") and tries < TRIES:
            self.ledger.settle(target, tries=tries, reason=reason)
            return None
        if answer.error in ("connect", "tls") and (
            not self._answered(site) or self._answered(site, _origin(target["url"]))
        ):
            self.ledger.settle(target, tries=0)
            return Refused("unreachable", reason)
        self.ledger.settle(target, tries=tries, state="failed", reason=reason)
        query = "SELECT count(*) FROM targets WHERE site = ? AND state = 'failed' AND reason NOT LIKE 'HTTP %'"
        if self.ledger.value(query, site) >= _SILENT or not self._answered(site):
            return Refused("unreachable", reason)
        if target["role"] == "paging":
            self._go_on(target, [], None, reason)
        return None

    def _move(self, target: Row, url: str) -> None:
        """Follow a redirect: a change of scheme is the same target, anything else another one of the same role."""
        if target["role"] == "robots":
            return
        if key_of(url) == target["key"] and not target["request"]:
            self.ledger.settle(target, state="waiting", hops=target["hops"] + 1, tries=0, url=url, reason="")
        else:
            self._again_at(target, url)

    def _again_at(self, target: Row, url: str) -> None:
        if target["hops"] >= _HOPS:
            self.ledger.settle(target, state="failed", reason="it leads on and on")
            return
        names = ("seed", "role", "priority", "depth", "anchor", "unit", "year", "landing", "plan", "via")
        kept = {name: target[name] for name in names}
        self.ledger.add_target(
            target["site"], key_of(url), url=url, parent=target["url"], hops=target["hops"] + 1, **kept
        )

    # Looking through

    def _look_through(self, target: Row) -> None:
        body: bytes | None = self.archive.read(target["digest"])
        if target["via"] == "cc" and target["role"] == "page":
            body = sliced_content(body or b"")
        if body is None:
            self.ledger.settle(target, state="failed", reason="the slice holds no answer of a server")
            return
        look = {"index": self._look_through_index, "paging": self._look_through_paging}.get(
            target["role"], self._look_through_page
        )
        look(target, body)

    def _look_through_page(self, target: Row, body: bytes) -> None:
        url = json.loads(target["plan"])["original"] if target["via"] in ("cc", "wayback") else target["url"]
        known = self._readings(target["digest"], body, url)
        page = Page(body, url, target["anchor"], marked=self._seed(target)["kind"] == "list" and not target["depth"])
        with self.ledger.transaction():
            is_page = any(row["extension"] in ("html", "txt") and not row["member"] for row in known) and bool(
                body.strip()
            )
            title = page.title if is_page else ""
            report = any(row["verdict"] == "report" for row in known) and not is_decoy(title or target["anchor"])
            state, verdict = "done", "report" if report else "other"
            if is_page and page.is_missing and not report:
                state, verdict = "missing", ""
            elif is_page and not report and (place := page.moves_to()) and same_site(place, url):
                verdict = "shell"
                if key_of(place) != target["key"]:
                    self._again_at(target, place)
            elif is_page:
                verdict = self._follow(target, page, report)
            elif not report and any(row["verdict"] == "unreadable" for row in known):
                verdict = "unreadable"
            year, unit = target["year"] or year_of(title), target["unit"] or unit_of(title)
            self.ledger.settle(target, state=state, verdict=verdict, title=title, year=year, unit=unit)

    def _readings(self, digest: str, body: bytes, url: str) -> list[Row]:
        query = "SELECT * FROM readings WHERE digest = ?"
        if not (known := self.ledger.all(query, digest)):
            read = readings(body, urlsplit(url).path.rpartition("/")[2] or "page")
            # Ctrl-C at a terminal ends the reading process too, a moment before the stop is known here.
            if any("died" in reading.reason for reading in read) and self.stop.wait(1):
                raise Stopped
            with self.ledger.transaction():
                for reading in read:
                    self.ledger.insert("readings", {"digest": digest, **reading._asdict()}, clause="INSERT OR IGNORE")
            known = self.ledger.all(query, digest)
        return known

    def _follow(self, target: Row, page: Page, report: bool) -> str:
        """Take in what a page leads to; what the page is."""
        kind = self._seed(target)["kind"]
        for place in page.frames():
            self._again_at(target, place)
        candidates = [] if report else list(page.candidates())
        if report or page.names_report or kind == "page" or (page.is_marked and not candidates):
            for link in page.attachments()[:_ATTACHMENTS]:
                self._add(target, link, 1, title=page.title, landing=page.url)
        if report or is_decoy(page.title) or kind == "page":
            return "report" if report else "other"
        made = plans(page)
        page.marked = page.is_marked or any(plan.marked for plan in made)
        for link, rank in candidates:
            # A list says itself where its reports are; the menus around it lead elsewhere.
            if rank < 6 or (kind in ("auto", "site") and not page.is_marked):
                self._add(target, link, rank)
        if not page.marked and not any(rank <= 3 for _, rank in candidates):
            return "other"
        self._follow_pages(target, page, made, bool(candidates))
        return "list"

    def _follow_pages(self, target: Row, page: Page, made: list[Plan], candidates: bool) -> None:
        """Take in how a list goes on."""
        keys = [key_of(link.url) for link in page.links]
        self.ledger.note_items(target["site"], page.url, keys)
        for plan in made:
            self.ledger.note_list(target, plan.name, "open")
            if plan.goes_on:
                self.ledger.note_items(target["site"], plan.name, keys)
            self._add_plan(target, plan, page)
        pager = [] if made else page.pager()
        self._add_pager(
            target, pager, Plan("", page.url, page.url, marked=page.is_marked, empty=0 if candidates else 1), page
        )
        lost = not made and not pager and page.declared_pages > 1
        reason = f"it says it has {page.declared_pages} pages and gives no way to them" if lost else ""
        self.ledger.note_list(target, page.url, "incomplete" if lost else "complete", reason)

    def _add_plan(self, target: Row, plan: Plan, page: Page) -> None:
        url, request = plan.request()
        if url and same_site(url, page.url):
            self._add_paging(target, url, packed(**request) if request else "", plan, page)
        else:
            self.ledger.note_list(target, plan.name, "incomplete", "its further pages lie on another host")

    def _add_pager(self, target: Row, pager: Iterable[Link], plan: Plan, page: Page) -> None:
        for link in pager:
            self._add_paging(target, link.url, "", plan, page)

    def _add_paging(self, target: Row, url: str, request: str, plan: Plan, page: Page) -> None:
        self.ledger.add_target(
            target["site"], key_of(url), request=request, url=url, seed=target["seed"], role="paging", priority=0, depth=target["depth"],
            anchor=page.anchor or page.title, unit=target["unit"], year=target["year"], parent=page.url, plan=plan.text(), via=target["via"],
        )  # fmt: skip

    def _look_through_paging(self, target: Row, body: bytes) -> None:
        plan = _plan(target)
        with self.ledger.transaction():
            page = Page(body, target["url"] if not plan.family else plan.base, target["anchor"], marked=plan.marked)
            if plan.resource:
                further = plan.with_resource(body.decode("utf-8", "replace"))
                self._carry_on(target, further, "incomplete", "facts of its pages are missing")
            elif plan.family:
                page.links, total = plan.items(body, target["url"])
                self._add_candidates(target, page)
                self._go_on(target, page.links, total, "")
            else:
                pager = page.pager()
                fresh = self.ledger.note_items(
                    target["site"], plan.name, [key_of(link.url) for link in page.links if link not in pager]
                )
                # A calendar has a next page for ever; a list is at its end, or no list, where nothing on it may be a report.
                empty = 0 if self._add_candidates(target, page) else plan.empty + 1
                self._add_pager(target, pager if fresh and empty < _EMPTY else (), replace(plan, empty=empty), page)
            self.ledger.settle(target, state="done", verdict="paging")

    def _add_candidates(self, target: Row, page: Page) -> int:
        """Note what a further page of a list leads to; how many reports or lists that may be."""
        candidates = [(link, rank) for link, rank in page.candidates() if rank < 6]
        for link, rank in candidates:
            self._add(target, link, rank)
        return len(candidates)

    def _go_on(self, target: Row, items: list[Link], total: int | None, failed: str) -> None:
        """Ask a list for its next page after one that came, or did not."""
        plan = _plan(target)
        if plan.family:
            fresh = self.ledger.note_items(target["site"], plan.name, [key_of(link.url) for link in items])
            count = self.ledger.value(
                "SELECT count(*) FROM listed WHERE site = ? AND list = ?", target["site"], plan.name
            )
            self._carry_on(target, *plan.after(fresh=fresh, count=count, total=total, failed=failed))

    def _carry_on(self, target: Row, further: Plan | None, state: str, reason: str) -> None:
        if further is None:
            self.ledger.note_list(target, _plan(target).name, state, reason)
        else:
            self._add_plan(target, further, Page(b"", further.base, target["anchor"]))

    def _add(self, target: Row, link: Link, rank: int, *, title: str = "", landing: str = "") -> None:
        """Note where a link leads; what lies beyond the bounds is noted as listed and not asked."""
        depth = target["depth"] if landing else target["depth"] + 1
        origin = target["url"].partition("#")[0]
        reason = ""
        if self._seed(target)["kind"] in CLOSED:
            reason = "not in this archive"
        elif not same_site(link.url, target["url"]):
            reason = "on another host"
        elif depth > DEPTH and not landing:
            reason = f"more than {DEPTH} links from the seed"
        if reason and rank > 3:
            return
        self.ledger.add_target(
            target["site"], key_of(link.url), url=link.url, seed=target["seed"], via=target["via"], priority=rank, depth=depth, parent=origin,
            role="attachment" if link.is_document else "page", anchor=link.text, landing=landing or (origin if link.is_document else ""),
            unit=unit_of(link.text) or unit_of(title) or target["unit"], year=year_of(link.text) or year_of(title) or target["year"],
            state="listed" if reason else "waiting", reason=reason,
        )  # fmt: skip

    # Other people's archives

    def _look_through_index(self, target: Row, body: bytes) -> None:
        """Note the captures that an index lists, one target an address and version."""
        via = self._seed(target)["kind"]
        with self.ledger.transaction():
            for capture in captures(body.decode("utf-8", "replace"), target["url"], via)[:_CAPTURES]:
                self.ledger.add_target(
                    target["site"], seed=target["seed"], via=via, parent=target["url"], depth=1, **capture
                )
            self.ledger.note_list(target, target["url"], "incomplete", _HOLDS)
            self.ledger.settle(target, state="done", verdict="index")

    def _import(self, site: str) -> None:
        """Take over the records of WARC and WACZ files, once each."""
        for seed in self.ledger.all("SELECT * FROM seeds WHERE site = ? AND kind = 'warc' AND active", site):
            for url, captured, answer in foreign_answers(Path(seed["url"])):
                if self.stop.is_set():
                    return
                if answer.status == 200 and answer.body and (url := normal(url)):
                    self._take_over(site, seed, url, captured, answer)
            self.ledger.note_list(seed, seed["url"], "incomplete", _HOLDS)

    def _take_over(self, site: str, seed: Row, url: str, captured: str, answer: Answer) -> None:
        digest, key, request = digest_of(answer.body), key_of(url), ""
        held = self.ledger.target(site, key)
        if held is not None and held["digest"] not in (None, digest):
            request = f"@{digest[-16:]}"
        self.ledger.add_target(site, key, request=request, url=url, seed=seed["seed"], via="warc", depth=1)
        target = self.ledger.target(site, key, request) or {}
        if target["digest"] != digest:
            self._keep(target, answer, "GET", f"GET {url} HTTP/1.1\r\n\r\n".encode(), "", captured=captured)
        elif target["state"] == "waiting":
            self.ledger.settle(target, state="done")


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _plan(target: Row) -> Plan:
    facts = json.loads(target["plan"])
    return Plan(**{**facts, "tried": tuple(facts["tried"])})


def index_address(url: str, kind: str) -> str:
    """The address of an index query; that of a portal becomes the query for all that lies below it."""
    parts = urlsplit(url)
    if kind == "wayback" and "cdx" not in parts.path:
        query = {"url": f"{parts.netloc}{parts.path}*", "filter": "statuscode:200", "collapse": "digest"}
        url = f"https://web.archive.org/cdx/search/cdx?{urlencode(query)}"
    return url if "output=" in url else f"{url}{'&' if '?' in url else '?'}output=json"


def captures(text: str, url: str, kind: str) -> list[dict[str, Any]]:
    """The captures in the answer of an index (rows of JSON under a head, or a line of JSON each), the latest of an address first."""
    made: dict[tuple[str, str], dict[str, Any]] = {}
    origin = _origin(url)
    data = origin.replace("//index.commoncrawl.org", "//data.commoncrawl.org")
    keys: set[str] = set()
    for row in sorted(_index_rows(text), key=lambda row: str(row.get("timestamp")), reverse=True):
        original = normal(row.get("original") or row.get("url") or "")
        key, version = key_of(original), str(row.get("digest"))
        mime = str(row.get("mimetype") or row.get("mime") or "")
        no_page = mime.startswith(("image/", "text/css", "video/", "audio/")) or "javascript" in mime
        if (
            not original
            or no_page
            or str(row.get("statuscode") or row.get("status") or "200") not in ("200", "-")
            or (key, version) in made
        ):
            continue
        plan = {"original": original, "captured": captured_at(row["timestamp"])}
        place = f"{origin}/web/{row['timestamp']}id_/{original}"
        if kind == "cc":
            plan["range"] = f"bytes={row['offset']}-{int(row['offset']) + int(row['length']) - 1}"
            place = normal(f"{data}/{row['filename'].lstrip('/')}")
        request = f"@{row['timestamp']}" if key in keys else ""
        keys.add(key)
        made[key, version] = {"key": key, "request": request, "url": place, "plan": packed(**plan)}
    return list(made.values())


def _index_rows(text: str) -> list[dict[str, Any]]:
    values: list[Any] = []
    for line in [text] if text.lstrip().startswith("[") else text.splitlines():
        try:
            values.append(json.loads(line[max(line.find("{"), 0) :] if not line.lstrip().startswith("[") else line))
        except ValueError:
            continue
    if len(values) == 1 and isinstance(values[0], list):
        head, *values = values[0] or [[]]
        values = [dict(zip(head, row, strict=False)) for row in values]
    return [value for value in values if isinstance(value, dict) and value.get("timestamp")]
