"""One request at a time: names, connections, robots.txt, pauses, and what kind of answer came."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from giakit import __version__
from giakit.collect.archive import LARGEST, Answer
from giakit.collect.ledger import Ledger
from giakit.documents.encoding import decode
from giakit.errors import MissingExtra

try:
    from protego import Protego
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import ConnectTimeoutError, HTTPError
    from urllib3.exceptions import SSLError as BadTLS
except ImportError as error:
    raise MissingExtra(str(error.name).partition(".")[0], "collect") from error

AGENT = "giakit-collect"
PAUSE = 5.0
A_DAY = 500
TRIES = 3
_LONGEST_DELAY = 60.0
_LONGEST_WAIT = 120.0
_LONGEST_ANSWER = 600.0
_SLOWEST = 512
"""Bytes a second below which an answer is a drip that would hold a place for hours."""
_ROBOTS_READ = 500_000
_DELAY = re.compile(r"(?im)^(\s*crawl-delay\s*:\s*[\d.]+)\s*(?:s|sec|seconds?)\b.*$")


class Refused(Exception):
    """A host that is not to be asked now: ``state`` and ``reason`` as the ledger keeps them."""

    def __init__(self, state: str, reason: str) -> None:
        self.state, self.reason = state, reason
        super().__init__(reason)


class Stopped(Exception):
    """The collection is to end; nothing new is begun."""


def address_of(host: str, port: int) -> str:
    """The IP address that a name stands for.

    Raises
    ------
    Refused
        If the name is not known.
    """
    # Names below localhost mean this machine, whether or not the system knows them.
    name = "localhost" if host.endswith(".localhost") else host
    try:
        known = [str(place[4][0]) for place in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Refused("unreachable", f"the name {host} is not known: {error}") from None
    return next((ip for ip in known if ":" not in ip), known[0])


class Gate:
    """Lets one request at a time through to a host and to an IP address, after the pause that is due.

    Parameters
    ----------
    ledger : Ledger
        Holds every request, so that pauses last over restarts.
    pause : float
        Seconds between the end of an answer and the next request; below 1 it holds for loopback addresses only.
    stop : Event
        Ends all waiting.
    """

    def __init__(self, ledger: Ledger, pause: float, stop: threading.Event) -> None:
        self._ledger, self._pause, self._stop = ledger, pause, stop
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def pause(self, ip: str, delay: float) -> float:
        """Seconds that a host at that address is left in peace."""
        return max(self._pause if self._pause >= 1 or ipaddress.ip_address(ip).is_loopback else PAUSE, delay)

    @contextmanager
    def turn(self, host: str, ip: str, delay: float) -> Iterator[None]:
        """Hold the host and the address for one request, once their pauses are over."""
        with self._guard:
            # A host may be called by its address.
            locks = [self._locks.setdefault(name, threading.Lock()) for name in (f"host {host}", ip)]
        with locks[0], locks[1]:
            while (left := self._ready(host, ip, self.pause(ip, delay)) - time.time()) > 0:
                if left > _LONGEST_ANSWER:
                    raise Refused("put_off", f"the server asked to come back in {left:.0f} seconds")
                self._stop.wait(left)
                if self._stop.is_set():
                    break
            if self._stop.is_set():
                raise Stopped
            yield

    def _ready(self, host: str, ip: str, pause: float) -> float:
        """When the pauses after the last requests to the host and to the address are over."""
        query = "SELECT ended, until FROM requests WHERE {} = ? ORDER BY started DESC LIMIT 1"
        of_host, of_ip = (self._ledger.one(query.format(column), name) for column, name in (("host", host), ("ip", ip)))
        return max(
            (
                max(row["ended"] + pause, row["until"] if row is of_host else 0)
                for row in (of_host, of_ip)
                if row is not None
            ),
            default=0.0,
        )

    def begin(self, host: str, ip: str, url: str) -> int:
        """Note that a request starts, before it does; its number."""
        now = time.time()
        with self._ledger.transaction():
            if (
                self._ledger.value(
                    "SELECT count(*) FROM requests WHERE host = ? AND started >= ?", host, now // 86_400 * 86_400
                )
                >= A_DAY
            ):
                raise Refused("spent", f"{A_DAY} requests today; the rest waits for tomorrow")
            return self._ledger.write(
                "INSERT INTO requests (host, ip, url, started) VALUES (?, ?, ?, ?)", host, ip, url, now
            )

    def end(self, number: int, ip: str, answer: Answer, delay: float, tries: int) -> str:
        """Note the end of an answer, and until when its host is left alone; why that is longer than one waits, or ""."""
        pause = self.pause(ip, delay)
        wait = answer.retry_after() if answer.repeatable else 0.0
        backoff = pause * 2 ** (tries + 1) if answer.repeatable else 0.0
        now = time.time()
        until = now + max(pause, 2 * (answer.ended - answer.started), backoff, wait)
        self._ledger.write("UPDATE requests SET ended = ?, until = ? WHERE id = ?", now, until, number)
        return f"the server asks to come back in {wait:.0f} seconds" if wait > _LONGEST_WAIT else ""


class Fetcher:
    """Makes requests that say who asks: no cookies, no proxies, TLS verified.

    Parameters
    ----------
    contact : str
        Address of the person who asks.
    timeout : float
        Seconds without a byte after which a server is taken for silent.
    """

    def __init__(self, contact: str, timeout: float) -> None:
        self._agent = f"{AGENT}/{__version__} (+{contact})"
        self._timeout = timeout
        self._tls = ssl.create_default_context()
        # TLS as old servers speak it; the certificate is verified all the same.
        self._old_tls = ssl.create_default_context()
        self._old_tls.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
        self._old_tls.set_ciphers("DEFAULT:@SECLEVEL=1")

    def headers(self, host: str, given: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request, in order."""
        return {
            "Host": host, "User-Agent": self._agent, "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9", "Accept-Encoding": "gzip", "Connection": "close", **given,
        }  # fmt: skip

    def fetch(
        self,
        url: str,
        ip: str,
        headers: Mapping[str, str],
        *,
        method: str = "GET",
        body: bytes = b"",
        old_tls: bool = False,
    ) -> Answer:
        """Ask once. Never raises for what a server does."""
        parts = urlsplit(url)
        started = time.time()
        connection = HTTPConnection(ip, parts.port or 80, timeout=self._timeout)
        if parts.scheme == "https":
            context = self._old_tls if old_tls else self._tls
            connection = HTTPSConnection(
                ip,
                parts.port or 443,
                timeout=self._timeout,
                ssl_context=context,
                server_hostname=parts.hostname,
                assert_hostname=parts.hostname,
            )
        # A server can drip its headers for hours without ever being silent for long.
        watch = threading.Timer(2 * self._timeout, _hang_up, [connection])
        watch.daemon = True
        watch.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                method, path, body=body or None, headers=dict(headers), preload_content=False, decode_content=False
            )
            response = connection.getresponse()
            watch.cancel()
            content, error, message = self._body(response, started)
            expected = response.headers.get("content-length", "")
            if not error and expected.isdigit() and len(content) < int(expected) and response.status != 304:
                error, message = "cut_off", "the answer ends before its stated length"
            if error:
                return Answer(started, time.time(), error=error, message=message)
            pairs = tuple((str(key), str(value)) for key, value in response.headers.items())
            return Answer(started, time.time(), response.status, response.reason or "", pairs, content)
        except (HTTPError, OSError, ValueError) as failure:
            return Answer(started, time.time(), error=_kind(failure, connection), message=str(failure)[:300])
        finally:
            watch.cancel()
            connection.close()

    def _body(self, response: Any, started: float) -> tuple[bytes, str, str]:
        """The body as it was sent, and what kind of error it comes to and why, or ""."""
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(1 << 16, decode_content=False):
            parts.append(chunk)
            size += len(chunk)
            passed = time.time() - started
            if size > LARGEST:
                return b"", "too_large", f"the answer has more than {LARGEST:,} bytes"
            if passed > _LONGEST_ANSWER or (passed > self._timeout and size < _SLOWEST * passed):
                return b"", "timeout", "the answer comes in drips"
        return b"".join(parts), "", ""


def _kind(failure: Exception, connection: HTTPConnection) -> str:
    """Whether a server was silent or broke off, shows no sound certificate, or is not there."""
    if isinstance(failure, BadTLS | ssl.SSLError):
        return "tls"
    if isinstance(failure, ConnectTimeoutError) or connection.sock is None:
        return "connect"
    return "timeout" if isinstance(failure, TimeoutError) or "timed out" in str(failure).lower() else "cut_off"


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class Robots:
    """What robots.txt of a host allows.

    Raises
    ------
    Refused
        If it asks for more than a minute between requests.
    """

    def __init__(self, data: bytes) -> None:
        # A byte-order mark before the first line makes a parser miss it, and with it every rule.
        text = decode(data[:_ROBOTS_READ])[0].replace("\ufeff", "")
        # Protego reads no number that says its unit, such as "10s".
        self._rules = Protego.parse(_DELAY.sub(r"\1", text))
        rate = self._rules.request_rate(AGENT)
        self.delay = max(
            float(self._rules.crawl_delay(AGENT) or 0),
            rate.seconds / rate.requests if rate is not None and rate.requests else 0.0,
        )
        if self.delay > _LONGEST_DELAY:
            raise Refused("refused_robots", f"robots.txt asks for {self.delay:.0f} seconds between requests")

    def allows(self, url: str) -> bool:
        """Whether the address may be asked."""
        return bool(self._rules.can_fetch(url, AGENT))
