"""Sites of many kinds on loopback addresses, each with the truth about its reports, and a log of every request."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Answer:
    """What a site answers: with ``drip``, so many bytes a second; with ``silent``, nothing for so many seconds."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    drip: float = 0
    silent: float = 0


@dataclass(frozen=True)
class Asked:
    """A request as a site sees it."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    data: Any
    headers: dict[str, str]


Route = Answer | Callable[[Asked], Answer]


@dataclass
class Report:
    """A report of the test web and the truth about it."""

    unit: str
    year: int
    data: bytes
    extension: str = "html"
    path: str = ""


@dataclass
class Site:
    """One host: its routes, its reports and what a collection must say of it.

    ``status`` is what coverage must say of a report that no list names.
    """

    name: str
    ip: str = ""
    routes: dict[str, Route] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    entry: str = "/"
    kind: str = "auto"
    status: str = "not_listed"
    unit: str = ""
    validators: bool = True
    robots: Route | None = None

    def page(self, path: str, body: str | bytes, **options: Any) -> None:
        """Put a page at a path."""
        self.routes[path] = Answer(body.encode() if isinstance(body, str) else body, **options)


def html(body: str, title: str = "某市人民政府", head: str = "") -> str:
    """A page with a menu and a foot, as sites have them."""
    menu = "".join(
        f'<li><a href="/{name}/">{text}</a></li>'
        for name, text in (("news", "新闻中心"), ("service", "办事服务"), ("hd", "互动交流"))
    )
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><ul>{menu}</ul>{body}<div>主办：某市人民政府办公室</div></body></html>'


def link(url: str, text: str) -> str:
    """A line of a list."""
    return f'<li><a href="{url}" title="{text}">{text[:18]}</a><span>2024-01-20</span></li>'


class Web:
    """The sites, served while the context lasts."""

    def __init__(self, sites: list[Site], port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.sites = sites
        self.tls = tls
        self.log: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._servers: list[ThreadingHTTPServer] = []
        self.port = port

    def __enter__(self) -> Web:
        for number, site in enumerate(self.sites):
            site.ip = site.ip or f"127.0.{1 + number // 250}.{1 + number % 250}"
            server = _Server((site.ip, self.port), _handler(self, site))
            self.port = self.port or server.server_address[1]
            if self.tls is not None:
                server.socket = self.tls.wrap_socket(server.socket, server_side=True)
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take all sites down."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    def url(self, site: Site, path: str | None = None) -> str:
        """The address of a site's entry or page."""
        return f"{'https' if self.tls else 'http'}://{site.ip}:{self.port}{site.entry if path is None else path}"

    def seeds(self) -> list[dict[str, str]]:
        """One seed a site."""
        return [{"url": self.url(site), "kind": site.kind, "unit": site.unit} for site in self.sites]

    def asked(self, site: Site) -> list[dict[str, Any]]:
        """The requests to a site in order."""
        with self._lock:
            return sorted((entry for entry in self.log if entry["site"] == site.name), key=lambda entry: entry["start"])

    def note(self, entry: dict[str, Any]) -> None:
        """Log a request."""
        with self._lock:
            self.log.append(entry)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the server."""


def _handler(web: Web, site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            start = time.time()
            entry = {
                "site": site.name, "ip": site.ip, "start": start, "end": None, "method": self.command, "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()}, "status": 0,
            }  # fmt: skip
            web.note(entry)
            try:
                self._send(entry, _route(site, self._asked()))
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                entry["end"] = time.time()

        do_GET = do_POST = _answer

        def _asked(self) -> Asked:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            single = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            form = {
                name: values[-1]
                for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()
            }
            data = json.loads(body) if body.startswith(b"{") else None
            return Asked(self.command, parts.path, single, form, data, {k.lower(): v for k, v in self.headers.items()})

        def _send(self, entry: dict[str, Any], answer: Answer) -> None:
            if answer.silent:
                time.sleep(answer.silent)
                return
            etag = f'"{sha256(answer.body).hexdigest()[:16]}"'
            since = self.headers.get("If-Modified-Since")
            same = self.headers.get("If-None-Match") == etag if site.validators else bool(since)
            status = 304 if answer.status == 200 and self.command == "GET" and same else answer.status
            entry["status"] = status
            self.send_response(status)
            self.send_header("Content-Type", answer.type)
            if site.validators:
                self.send_header("ETag", etag)
            for name, value in answer.headers:
                self.send_header(name, value)
            body = b"" if status == 304 else answer.body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            step = max(1, int(answer.drip / 10)) if answer.drip else len(body) or 1
            for place in range(0, len(body), step):
                self.wfile.write(body[place : place + step])
                self.wfile.flush()
                if answer.drip:
                    time.sleep(0.1)

        def log_message(self, *_: Any) -> None:
            """The web keeps its own log."""

    return Handler


def _route(site: Site, asked: Asked) -> Answer:
    if asked.path == "/robots.txt":
        route = site.robots or site.routes.get("/robots.txt") or Answer(b"none", 404)
    else:
        path = unquote(asked.path)
        full = path + ("?" + "&".join(f"{k}={v}" for k, v in asked.query.items()) if asked.query else "")
        route = (
            site.routes.get(full)
            or site.routes.get(path)
            or Answer(html("<p>您访问的页面不存在</p>", "404").encode(), 404)
        )
    return route if isinstance(route, Answer) else route(asked)
