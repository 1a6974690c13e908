"""The way through one site: ask, keep, look through, follow, until nothing is left or the site is to be left alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from giakit.collect.archive import (
    Archive,
    Record,
    foreign_records,
    header,
    payload_digest,
    ranged_record,
    response_records,
    unpacked,
)
from giakit.collect.discover import (
    Link,
    Page,
    Plan,
    families,
    followed,
    is_decoy,
    items_of,
    key_of,
    normal,
    plans,
    request_of,
    resumed,
    same_site,
    unit_of,
    year_of,
)  # fmt: skip
from giakit.collect.fetch import TRIES, Answer, Fetcher, Gate, Refused, Robots, Stopped, address_of
from giakit.collect.judge import is_challenge, readings
from giakit.collect.ledger import Ledger, Row, packed
from giakit.errors import UnreadableDocument

DEPTH = 4
PAGES = 200
_HOPS = 5
_ATTACHMENTS = 30
_CAPTURES = 400
_SILENT = 5
_EMPTY = 2
_REPORTS = (1, 2)
"""Ranks of what names a report and its year; such targets are no pages of lists."""
CLOSED = ("warc", "wayback", "cc")
"""Kinds of seeds that give what they hold and lead nowhere else."""

Target = Row


def seconds(moment: float) -> str:
    """A moment in UTC seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def captured_at(stamp: str) -> str:
    """The moment that the stamp of an archive names."""
    digits = "".join(character for character in stamp if character.isdigit())[:14]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}Z" if len(digits) == 14 else stamp


@dataclass
class Crawl:
    """All that the work on a site needs."""

    ledger: Ledger
    archive: Archive
    gate: Gate
    fetcher: Fetcher
    run: int
    stop: threading.Event
    identity: str

    def __post_init__(self) -> None:
        self._robots: dict[str, Robots] = {}
        self._dead: dict[str, str] = {}
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
            self.ledger.stop_site(site, refusal.state, refusal.reason)
        except Stopped:
            pass

    # Asking

    def _ask(self, target: Target) -> None:
        seed = self._seed(target)
        if target["via"] == "warc":
            self.ledger.settle(target, state="listed", reason="not in this archive")
            return
        if target["role"] in ("page", "paging") and target["priority"] not in _REPORTS and self._spent_pages(target):
            self.ledger.settle(target, state="listed", reason=f"more than {PAGES} pages on this site")
            return
        robots = self._rules(target, seed)
        if robots is None:
            self.ledger.settle(target, state="failed", reason=self._dead[_origin(target["url"])])
        elif not robots.allows(target["url"]):
            self.ledger.settle(target, state="disallowed", reason="robots.txt")
        else:
            self._request(target, seed, robots.delay)

    def _spent_pages(self, target: Target) -> bool:
        asked = self.ledger.value(
            "SELECT count(*) FROM targets WHERE site = ? AND role IN ('page', 'paging') AND priority NOT IN (1, 2) AND tries > 0 "
            "AND verdict <> 'report'", target["site"],
        )  # fmt: skip
        return bool(asked >= PAGES)

    def _seed(self, target: Target) -> Target:
        row = self.ledger.one("SELECT * FROM seeds WHERE seed = ?", target["seed"])
        assert row is not None
        return row

    def _rules(self, target: Target, seed: Target) -> Robots | None:
        """What robots.txt allows; None where this door of the site is closed: http where https answers, or the other way."""
        origin = _origin(target["url"])
        if origin in self._dead:
            return None
        if origin not in self._robots:
            try:
                self._robots[origin] = self._read_rules(target, seed, origin)
            except Refused as refusal:
                if refusal.state != "unreachable" or not self._answered_at(target["site"]) or self._answered_at(target["site"], origin):
                    raise
                self._dead[origin] = refusal.reason
                return None
        return self._robots[origin]

    def _read_rules(self, target: Target, seed: Target, origin: str) -> Robots:
        url = f"{origin}/robots.txt"
        for _ in range(_HOPS):
            self.ledger.add_target(
                target["site"], key=url, request="robots", url=url, seed=seed["seed"], role="robots", priority=0, via=target["via"]
            )
            while (row := self.ledger.target(target["site"], url, "robots")) is not None and row["state"] == "waiting":
                self._request(row, seed, 0.0)
            assert row is not None
            if row["state"] == "moved":
                if not same_site(row["reason"], url):
                    return Robots(b"")
                url = row["reason"]
                continue
            if row["state"] in ("fetched", "done"):
                rules = Robots(self.archive.read(row["sha256"]).body)
                _ = rules.delay
                return rules
            if row["state"] == "missing":
                return Robots(b"")
            silent = row["state"] == "failed" and not row["reason"].startswith("HTTP ")
            raise Refused("unreachable" if silent else "refused_robots", f"robots.txt: {row['reason']}")
        return Robots(b"")

    def _answered_at(self, site: str, origin: str = "") -> bool:
        """Whether the site, or that door of it, answered in this run."""
        if not origin:
            return bool(self.ledger.value("SELECT answered FROM sites WHERE site = ?", site))
        query = "SELECT 1 FROM visits WHERE site = ? AND run = ? AND status > 0 AND url LIKE ? LIMIT 1"
        return bool(self.ledger.value(query, site, self.run, origin + "/%"))

    def _request(self, target: Target, seed: Target, delay: float) -> None:
        asked = json.loads(target["request"]) if target["request"].startswith("{") else {}
        plan = json.loads(target["plan"]) if target["plan"] else {}
        url = target["url"].partition("#")[0]
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        ip = address_of(parts.hostname or "", port)
        method = asked.get("method", "GET")
        body = asked.get("body", "").encode()
        known = self.ledger.one(
            "SELECT * FROM visits WHERE site = ? AND seq = ? AND run < ? AND status > 0 ORDER BY run DESC, try DESC LIMIT 1",
            target["site"], target["seq"], self.run,
        )  # fmt: skip
        given = _conditions(known) if known is not None else {}
        given |= {"Referer": target["parent"]} if target["parent"] else {}
        given |= {"Content-Type": asked["type"]} if "type" in asked else {}
        given |= {"Range": plan["range"]} if "range" in plan else {}
        headers = self.fetcher.head(url, method, given)
        old_tls = "old tls" in seed["note"].lower()
        host = parts.netloc.rpartition("@")[2]
        with self.gate.turn(host, ip, delay):
            number = self.gate.begin(host, ip, url)
            answer = self.fetcher.fetch(url, ip, headers, method=method, body=body, old_tls=old_tls)
            rest = self.gate.note_end(number, host, ip, answer, delay, target["tries"])
        request = "\r\n".join([f"{method} {url[len(parts.scheme) + 3 + len(parts.netloc):] or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""])
        self._keep(target, answer, method, request.encode("latin-1", "replace") + body, "old" if old_tls else (parts.scheme == "https" and "verified") or "")
        if rest:
            raise Refused("put_off", rest)

    def _keep(self, target: Target, answer: Answer, method: str, request: bytes, tls: str) -> None:
        """Write the answer to the archive, then, in one transaction, where it is and what became of the target."""
        url = target["url"].partition("#")[0]
        tries = target["tries"] + 1
        captured = seconds(answer.started)
        visit = {
            "site": target["site"], "seq": target["seq"], "run": self.run, "try": tries, "url": url, "method": method,
            "status": answer.status or None, "started": answer.started, "ended": answer.ended, "captured": captured,
            "error": answer.message or answer.error, "tls": tls,
        }  # fmt: skip
        if answer.error:
            with self.ledger.transaction():
                self.ledger.insert("visits", visit, clause="INSERT OR REPLACE")
                refusal = self._settle_failure(target, answer, tries)
            if refusal is not None:
                raise refusal
            return
        problem = ""
        try:
            content = unpacked(answer.body, answer.headers)
        except UnreadableDocument as error:
            content, problem = b"", error.reason
        digest = payload_digest(answer.body)
        hashed = sha256(content).hexdigest() if answer.status != 304 else target["sha256"]
        original = self._original(target["site"], hashed, digest, answer.status) if content or answer.status == 304 else None
        identity = f"{self.identity} {url} {target['seq']} {self.run} {tries} {hashed}"
        made = response_records(url, request, answer, captured=captured, identity=identity, original=original)
        with self.archive.append(made) as place:
            visit |= place
            visit |= {
                "type": header(answer.headers, "content-type"), "size": len(content), "sha256": hashed,
                "digest": original["digest"] if original is not None else digest, "etag": header(answer.headers, "etag"),
                "modified": header(answer.headers, "last-modified"), "record": "response" if original is None else "revisit",
            }  # fmt: skip
            self.ledger.insert("visits", visit, clause="INSERT OR REPLACE")
            self.ledger.write("UPDATE sites SET answered = 1 WHERE site = ? AND answered = 0", target["site"])
            self._settle_answer(target, answer, content, hashed, tries, problem)
        state = self.ledger.value("SELECT state FROM targets WHERE site = ? AND seq = ?", target["site"], target["seq"])
        if state == "challenged":
            raise Refused("challenged", f"a test for browsers stands in place of {url}")

    def _original(self, site: str, hashed: str | None, digest: str, status: int) -> Target | None:
        """The record that holds the same payload of this site already; of another site it would hang on which came first."""
        query = "SELECT * FROM visits WHERE sha256 = ? AND site = ? AND record = 'response' AND (digest = ? OR ?) LIMIT 1"
        return self.ledger.one(query, hashed, site, digest, status == 304)

    def _settle_failure(self, target: Target, answer: Answer, tries: int) -> Refused | None:
        """Write what a request without an answer means for the target; what it means for the site."""
        site = target["site"]
        reason = answer.message or answer.error
        if (answer.repeatable or answer.error == "connect") and tries < TRIES:
            self.ledger.settle(target, tries=tries, reason=reason)
            return None
        if answer.error in ("connect", "tls") and (
            not self._answered_at(site) or self._answered_at(site, _origin(target["url"]))
        ):
            self.ledger.settle(target, tries=0)
            return Refused("unreachable", reason)
        self.ledger.settle(target, tries=tries, state="failed", reason=reason)
        query = "SELECT count(*) FROM targets WHERE site = ? AND state = 'failed' AND reason NOT LIKE 'HTTP %'"
        if self.ledger.value(query, site) >= _SILENT or not self._answered_at(site):
            return Refused("unreachable", reason)
        if target["role"] == "paging":
            self._follow_list(target, [], None, reason)
        return None

    def _settle_answer(
        self, target: Target, answer: Answer, content: bytes, hashed: str | None, tries: int, problem: str
    ) -> None:
        status = answer.status
        held = {"tries": tries, "reason": ""}
        if is_challenge(status, str(answer.headers), content):
            self.ledger.settle(target, **{**held, "state": "challenged", "reason": f"HTTP {status}"})
        elif answer.repeatable:
            again = tries < TRIES
            state = "waiting" if again else "failed"
            self.ledger.settle(target, **{**held, "state": state, "reason": f"HTTP {status}"})
        elif answer.location:
            self._move(target, normal(answer.location, target["url"]), tries)
        elif problem:
            self.ledger.settle(target, **{**held, "state": "failed", "reason": problem})
        elif status == 304 or (200 <= status < 300 and target["sha256"] == hashed and target["was"]):
            # A list is followed again even so: its further pages may have changed.
            unchanged = target["was"] or "done"
            self.ledger.settle(target, **{**held, "state": "fetched" if target["verdict"] in ("list", "paging") else unchanged})
        elif 200 <= status < 300:
            self.ledger.settle(target, **{**held, "state": "fetched", "sha256": hashed})
        elif status in (401, 403, 407, 451):
            self.ledger.settle(target, **{**held, "state": "refused", "reason": f"HTTP {status}"})
        else:
            self.ledger.settle(target, **{**held, "state": "missing", "reason": f"HTTP {status}"})
            if target["role"] == "paging":
                self._follow_list(target, [], None, "missing")
        row = self.ledger.value("SELECT state FROM targets WHERE site = ? AND seq = ?", target["site"], target["seq"])
        if target["role"] == "paging" and row in ("failed", "refused"):
            self._follow_list(target, [], None, f"HTTP {status}")

    def _move(self, target: Target, url: str, tries: int) -> None:
        """Follow a redirect: a change of scheme is the same target, anything else another one of the same role."""
        if target["role"] == "robots":
            self.ledger.settle(target, state="moved", tries=tries, reason=url)
        elif url == target["url"]:
            self.ledger.settle(target, state="failed", tries=tries, reason="redirects in a circle")
        elif not url or not same_site(url, target["url"]):
            self.ledger.settle(target, state="moved_away", tries=tries, reason=f"it leads to {url or 'no address'}")
        elif key_of(url) == target["key"] and not target["request"]:
            hops = target["hops"] + 1
            state = "waiting" if hops < _HOPS else "failed"
            self.ledger.settle(target, state=state, hops=hops, tries=tries if state == "failed" else 0, url=url, reason="redirects in a circle" if state == "failed" else "")
        else:
            self.ledger.settle(target, state="moved", tries=tries, reason=url)
            self._again_at(target, url)

    def _again_at(self, target: Target, url: str) -> None:
        if target["hops"] >= _HOPS:
            self.ledger.settle(target, state="failed", reason="it leads on and on")
            return
        names = ("seed", "role", "priority", "depth", "anchor", "unit", "year", "landing", "plan", "via")
        self.ledger.add_target(
            target["site"], key=key_of(url), url=url, parent=target["url"], hops=target["hops"] + 1, **{name: target[name] for name in names}
        )

    # Looking through

    def _look_through(self, target: Target) -> None:
        record = self.archive.read(target["sha256"])
        if target["role"] == "index":
            self._look_through_index(target, record)
            return
        body, url = record.body, target["url"]
        if target["via"] == "cc":
            inner = ranged_record(body)
            if inner is None or inner.status != 200:
                self.ledger.settle(target, state="failed", reason="the slice holds no answer of a server")
                return
            body = inner.body
        if target["via"] != "direct" and target["plan"]:
            url = json.loads(target["plan"])["original"]
        if target["role"] == "paging":
            self._look_through_paging(target, body)
            return
        known = self._readings(target["sha256"], body, url)
        page = Page(body, url, target["anchor"], marked=self._seed(target)["kind"] == "list" and not target["depth"])
        with self.ledger.transaction():
            is_page = any(row["extension"] in ("html", "txt") and not row["member"] for row in known) and bool(body.strip())
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
            year = target["year"] or year_of(title)
            self.ledger.settle(target, state=state, verdict=verdict, title=title, year=year, unit=target["unit"] or unit_of(title))

    def _readings(self, hashed: str, body: bytes, url: str) -> list[Row]:
        query = "SELECT * FROM readings WHERE sha256 = ?"
        if not (known := self.ledger.all(query, hashed)):
            found = readings(body, urlsplit(url).path.rpartition("/")[2] or "page")
            # Ctrl-C at a terminal ends the reading process too, a moment before the stop is known here.
            if any("died" in reading.reason for reading in found) and self.stop.wait(1):
                raise Stopped
            with self.ledger.transaction():
                for reading in found:
                    self.ledger.insert("readings", {"sha256": hashed, **reading._asdict()}, clause="INSERT OR IGNORE")
            known = self.ledger.all(query, hashed)
        return known

    def _follow(self, target: Target, page: Page, report: bool) -> str:
        """Take in what a page leads to; what the page is."""
        kind = self._seed(target)["kind"]
        for place in page.frames():
            self._again_at(target, place)
        candidates = [] if report else list(page.candidates())
        if report or page.names_report or kind == "page" or (page.is_marked and not candidates):
            for link in page.attachments()[:_ATTACHMENTS]:
                self._add(target, link, 1, role="attachment", landing=page.url, title=page.title, depth=target["depth"])
        if report or is_decoy(page.title) or kind == "page":
            return "report" if report else "other"
        page.marked = page.marked or any(families()[plan.family].get("sure") for plan in plans(page))
        is_list = page.marked or page.is_marked or any(rank <= 3 for _, rank in candidates)
        for link, rank in candidates:
            # A list says itself where its reports are; the menus around it lead elsewhere.
            if rank < 6 or (kind in ("auto", "site") and not page.is_marked):
                self._add(target, link, rank)
        return self._follow_pages(target, page, bool(candidates)) if is_list else "other"

    def _follow_pages(self, target: Target, page: Page, candidates: bool) -> str:
        """Take in how a list goes on; ``list``."""
        site = target["site"]
        self._note_items(site, page.url, page.links)
        made = plans(page)
        for plan in made:
            self.ledger.list_state(site, target["seed"], plan.list, "open")
            if plan.goes_on:
                self._note_items(site, plan.list, page.links)
            self._add_plan(target, plan, page)
        pager = [] if made else page.pager()
        for link in pager:
            further = packed(list=page.url, marked=page.is_marked, empty=0 if candidates else 1)
            self._add_paging(target, link.url, {}, further, page)
        lost = not made and not pager and page.declared_pages > 1
        reason = f"it says it has {page.declared_pages} pages and gives no way to them" if lost else ""
        self.ledger.list_state(site, target["seed"], page.url, "incomplete" if lost else "complete", reason)
        return "list"

    def _note_items(self, site: str, name: str, links: Iterable[Link]) -> int:
        return sum(
            self.ledger.insert("listed", {"site": site, "list": name, "key": key_of(link.url)}, clause="INSERT OR IGNORE")
            for link in links
        )

    def _add_plan(self, target: Target, plan: Plan, page: Page) -> None:
        url, request = request_of(plan)
        if not url or not same_site(url, page.url):
            self.ledger.list_state(target["site"], target["seed"], plan.list, "incomplete", "its further pages lie on another host")
            return
        self._add_paging(target, url, request, packed(**plan.as_json(), marked=page.is_marked), page)

    def _add_paging(self, target: Target, url: str, request: Mapping[str, str], plan: str, page: Page) -> None:
        self.ledger.add_target(
            target["site"], key=key_of(url), request=packed(**request) if request else "", url=url, seed=target["seed"], role="paging",
            priority=0, depth=target["depth"], anchor=page.anchor or page.title, unit=target["unit"], year=target["year"],
            parent=page.url, plan=plan, via=target["via"],
        )  # fmt: skip

    def _look_through_paging(self, target: Target, body: bytes) -> None:
        state = json.loads(target["plan"])
        with self.ledger.transaction():
            if "family" not in state:
                page = Page(body, target["url"], target["anchor"], marked=state["marked"])
                pager = page.pager()
                fresh = self._note_items(target["site"], state["list"], [link for link in page.links if link not in pager])
                candidates = [(link, rank) for link, rank in page.candidates() if rank < 6]
                for link, rank in candidates:
                    self._add(target, link, rank)
                # A calendar has a next page for ever; a list is at its end, or no list, where nothing on it may be a report.
                empty = 0 if candidates else state["empty"] + 1
                for link in pager if fresh and empty < _EMPTY else ():
                    self._add_paging(target, link.url, {}, packed(**{**state, "empty": empty}), page)
            else:
                plan = _plan(state)
                if plan.resource:
                    self._go_on(target, resumed(plan, body.decode("utf-8", "replace")), plan, "incomplete", "facts of its pages are missing")
                else:
                    items, total = items_of(plan, body, target["url"])
                    page = Page(body if plan.goes_on else b"", plan.base, target["anchor"], marked=state["marked"])
                    page.__dict__["links"] = items
                    for link, rank in page.candidates():
                        self._add(target, link, rank) if rank < 6 else None
                    self._follow_list(target, items, total, "")
            self.ledger.settle(target, state="done", verdict="paging")

    def _follow_list(self, target: Target, items: list[Link], total: int | None, failed: str) -> None:
        state = json.loads(target["plan"])
        if "family" not in state:
            return
        plan = _plan(state)
        fresh = self._note_items(target["site"], plan.list, items)
        count = self.ledger.value("SELECT count(*) FROM listed WHERE site = ? AND list = ?", target["site"], plan.list)
        self._go_on(target, *followed(plan, fresh=fresh, count=count, total=total, failed=failed))

    def _go_on(self, target: Target, plan: Plan | None, *ending: Any) -> None:
        page = Page(b"", (plan or _plan(json.loads(target["plan"]))).base, target["anchor"], marked=json.loads(target["plan"])["marked"])
        if plan is not None:
            self._add_plan(target, plan, page)
        else:
            name = json.loads(target["plan"])["list"]
            self.ledger.list_state(target["site"], target["seed"], name, *ending[-2:])

    def _add(self, target: Target, link: Link, rank: int, **more: Any) -> None:
        """Note where a link leads; what lies beyond the bounds is noted as listed and not asked."""
        depth = target["depth"] + 1
        kind = self._seed(target)["kind"]
        state, reason = "waiting", ""
        if kind in CLOSED:
            state, reason = "listed", "not in this archive"
        elif not same_site(link.url, target["url"]):
            state, reason = "listed", "on another host"
        elif depth > DEPTH and more.get("role") != "attachment":
            state, reason = "listed", f"more than {DEPTH} links from the seed"
        if state == "listed" and rank > 3:
            return
        text = link.text
        row = {
            "role": "attachment" if link.is_document else "page", "priority": rank, "depth": depth, "anchor": text,
            "unit": unit_of(text) or unit_of(more.get("title", "")) or target["unit"],
            "year": year_of(text) or year_of(more.pop("title", "")) or target["year"], "parent": target["url"].partition("#")[0],
            "landing": target["url"].partition("#")[0] if link.is_document else "", "state": state, "reason": reason, **more,
        }  # fmt: skip
        self.ledger.add_target(target["site"], key=key_of(link.url), url=link.url, seed=target["seed"], via=target["via"], **row)

    # Other people's archives

    def _look_through_index(self, target: Target, record: Record) -> None:
        """Note the captures that an index lists, one target an address and version."""
        via = "cc" if self._seed(target)["kind"] == "cc" else "wayback"
        with self.ledger.transaction():
            for capture in captures(record.body.decode("utf-8", "replace"), target["url"], via)[:_CAPTURES]:
                self.ledger.add_target(
                    target["site"], seed=target["seed"], role="page", via=via, parent=target["url"], priority=5, depth=1, **capture
                )
            self.ledger.list_state(target["site"], target["seed"], target["url"], "incomplete", "an archive holds what it happened to hold")
            self.ledger.settle(target, state="done", verdict="index")

    def _import(self, site: str) -> None:
        """Take over the records of WARC and WACZ files, once each."""
        for seed in self.ledger.all("SELECT * FROM seeds WHERE site = ? AND kind = 'warc' AND active", site):
            for record in foreign_records(Path(seed["url"].removeprefix("file://"))):
                if self.stop.is_set():
                    return
                if record.status == 200 and record.body:
                    self._take_over(site, seed, record)
            self.ledger.list_state(site, seed["seed"], seed["url"], "incomplete", "an archive holds what it happened to hold")

    def _take_over(self, site: str, seed: Target, record: Record) -> None:
        url = normal(record.url)
        hashed = sha256(record.body).hexdigest()
        key = key_of(url)
        request = ""
        if (held := self.ledger.target(site, key)) is not None and held["sha256"] not in (None, hashed):
            request = f"@{hashed[:16]}"
        self.ledger.add_target(site, key=key, request=request, url=url, seed=seed["seed"], via="warc", depth=1)
        target = self.ledger.target(site, key, request)
        if not url or target is None or target["sha256"] == hashed:
            if target is not None and target["state"] == "waiting":
                self.ledger.settle(target, state="done")
            return
        answer = Answer(0.0, 0.0, record.status, "OK", record.headers, record.packed)
        digest = payload_digest(record.packed)
        identity = f"{self.identity} {url} {record.captured} {hashed}"
        original = self._original(site, hashed, digest, record.status)
        made = response_records(url, f"GET {url} HTTP/1.1\r\n\r\n".encode(), answer, captured=record.captured, identity=identity, original=original)
        with self.archive.append(made) as place:
            visit = {
                "site": site, "seq": target["seq"], "run": self.run, "try": 1, "url": url, "method": "GET", "status": record.status,
                "captured": captured_at(record.captured), "error": "", "sha256": hashed, "digest": digest, "size": len(record.body),
                "type": header(record.headers, "content-type"), "record": "response" if original is None else "revisit", **place,
            }  # fmt: skip
            self.ledger.insert("visits", visit, clause="INSERT OR REPLACE")
            self.ledger.settle(target, state="fetched", sha256=hashed)


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _plan(state: Mapping[str, Any]) -> Plan:
    facts: dict[str, Any] = {name: value for name, value in state.items() if name != "marked"}
    return Plan(**{**facts, "tried": tuple(facts["tried"])})


def _conditions(known: Target) -> dict[str, str]:
    """What makes a request conditional on a change since the last visit; its moment where the server gave no other mark."""
    moment = datetime.fromisoformat(known["captured"]) if known["captured"] else datetime.now(UTC)
    given = {"If-Modified-Since": known["modified"] or format_datetime(moment, usegmt=True)}
    return given | ({"If-None-Match": known["etag"]} if known["etag"] else {})


def index_address(url: str, kind: str) -> str:
    """The address of an index query; that of a portal becomes the query for all that lies below it."""
    parts = urlsplit(url)
    if kind == "wayback" and "cdx" not in parts.path:
        query = {"url": f"{parts.netloc}{parts.path}*", "filter": "statuscode:200", "collapse": "digest"}
        url = f"https://web.archive.org/cdx/search/cdx?{urlencode(query)}"
    return url if "output=" in url else f"{url}{'&' if '?' in url else '?'}output=json"


def captures(text: str, url: str, kind: str) -> list[dict[str, Any]]:
    """The captures in the answer of an index (CDX as JSON or text, or a line of JSON each), the latest of an address first."""
    rows: list[dict[str, str]] = []
    names = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
    for line in _index_rows(text):
        row = line if isinstance(line, dict) else dict(zip(names, line, strict=False))
        original = row.get("original") or row.get("url") or ""
        status = str(row.get("statuscode") or row.get("status") or "200")
        mime = str(row.get("mimetype") or row.get("mime") or "")
        if original and status in ("200", "-") and not mime.startswith(("image/", "text/css", "video/", "audio/")) and "javascript" not in mime:
            rows.append({**row, "original": normal(original)})
    made: dict[tuple[str, str], dict[str, Any]] = {}
    seen: set[str] = set()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    for row in sorted(rows, key=lambda row: row["timestamp"], reverse=True):
        key = key_of(row["original"])
        version = (key, str(row.get("digest")))
        if version in made:
            continue
        request = "" if key not in seen else f"@{row['timestamp']}"
        seen.add(key)
        plan = {"original": row["original"], "captured": captured_at(row["timestamp"])}
        if kind == "cc":
            base = origin.replace("//index.commoncrawl.org", "//data.commoncrawl.org")
            place = normal(f"{base}/{row['filename'].lstrip('/')}")
            plan["range"] = f"bytes={row['offset']}-{int(row['offset']) + int(row['length']) - 1}"
        else:
            place = f"{origin}/web/{row['timestamp']}id_/{row['original']}"
        made[version] = {"key": key, "request": request, "url": place, "plan": packed(**plan)}
    return list(made.values())


def _index_rows(text: str) -> list[Any]:
    try:
        content = json.loads(text)
        if isinstance(content, list):
            head = content[0] if content and isinstance(content[0], list) else []
            named = "timestamp" in head
            return [dict(zip(head, row, strict=False)) for row in content[1:]] if named else content
        return [content]
    except ValueError:
        pass
    rows: list[Any] = []
    for line in text.splitlines():
        start = line.find("{")
        try:
            rows.append(json.loads(line[start:]) if start >= 0 else line.split())
        except ValueError:
            continue
    return [row for row in rows if isinstance(row, dict) or len(row) > 2]
