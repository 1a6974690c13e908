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
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from giakit import __version__
from giakit.collect.archive import LARGEST, Headers, header
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
_REDIRECTS = (301, 302, 303, 307, 308)
AGAIN = ("timeout", "cut_off")
"""Failures of a connection after which the same address may be asked again; others stop the site."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status with headers and the packed body, or an error of a kind."""

    started: float
    ended: float
    status: int = 0
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    error: str = ""
    message: str = ""

    @property
    def location(self) -> str:
        """Where a redirect leads, or ""."""
        # Some servers send the bytes of a Chinese path as they are.
        place = header(self.headers, "location") if self.status in _REDIRECTS else ""
        with suppress(UnicodeError):
            place = place.encode("latin-1").decode("utf-8")
        return place

    @property
    def repeatable(self) -> bool:
        """Whether asking again may help: timeouts, 5xx but for the challenge 521, 429."""
        return (
            self.error in AGAIN or self.status == 429 or (500 <= self.status < 600 and self.status != 521)
        )

    def retry_after(self) -> float:
        """Seconds after which the server asks to come back; 0 if it does not say."""
        text = header(self.headers, "retry-after").strip()
        if re.fullmatch(r"\d{1,9}", text):
            return float(text)
        with suppress(ValueError, TypeError):
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        return 0.0


class Refused(Exception):
    """A host that is not to be asked now: ``state`` and ``reason`` as the ledger keeps them."""

    def __init__(self, state: str, reason: str) -> None:
        self.state, self.reason = state, reason
        super().__init__(reason)


class Stopped(Exception):
    """The collection is to end; nothing new is begun."""


def agent(contact: str) -> str:
    """How the collector names itself."""
    return f"{AGENT}/{__version__} (+{contact})"


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
        known = [place[4][0] for place in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Refused("unreachable", f"the name {host} is not known: {error}") from None
    return str(next((ip for ip in known if ":" not in str(ip)), known[0]))


def is_loopback(ip: str) -> bool:
    """Whether an address is this machine's own."""
    with suppress(ValueError):
        return ipaddress.ip_address(ip).is_loopback
    return False


class Gate:
    """Lets one request at a time through to a host and to an IP address, after the pause that is due.

    Parameters
    ----------
    ledger : Ledger
        Remembers requests over restarts.
    pause : float
        Seconds between the end of an answer and the next request; below 1 it holds for loopback addresses only.
    stop : Event
        Ends all waiting.
    """

    def __init__(self, ledger: Ledger, pause: float, stop: threading.Event) -> None:
        self._ledger = ledger
        self._pause = pause
        self._stop = stop
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._ready: dict[str, float] = {}

    def pause(self, ip: str, delay: float) -> float:
        """Seconds that a host at that address is left in peace."""
        pause = self._pause if self._pause >= 1 or is_loopback(ip) else PAUSE
        return max(pause, delay)

    def begin(self, host: str, ip: str, url: str) -> int:
        """Note that a request starts, before it does; its number."""
        today = time.time() // 86_400 * 86_400
        with self._ledger.transaction():
            asked = self._ledger.value("SELECT count(*) FROM requests WHERE host = ? AND started >= ?", host, today)
            if asked >= A_DAY:
                raise Refused("spent", f"{A_DAY} requests today; the rest waits for tomorrow")
            row = {"host": host, "ip": ip, "url": url, "started": time.time()}
            self._ledger.insert("requests", row)
            return int(self._ledger.value("SELECT last_insert_rowid()"))

    def note_end(self, number: int, host: str, ip: str, answer: Answer, delay: float, tries: int) -> str:
        """Note the end of an answer, and until when its host is left alone; why that is longer than one waits, or ""."""
        pause = self.pause(ip, delay)
        rest = max(pause, 2 * (answer.ended - answer.started))
        if answer.repeatable:
            rest = max(rest, pause * 2 ** (tries + 1), answer.retry_after())
        now = time.time()
        with self._guard:
            self._ready[host] = time.monotonic() + rest
            self._ready[ip] = time.monotonic() + pause
        self._ledger.write("UPDATE requests SET ended = ?, until = ? WHERE id = ?", now, now + rest, number)
        wait = answer.retry_after() if answer.repeatable else 0.0
        return f"the server asks to come back in {wait:.0f} seconds" if wait > _LONGEST_WAIT else ""

    @contextmanager
    def turn(self, host: str, ip: str, delay: float) -> Iterator[None]:
        """Hold the host and the address for one request."""
        with self._lock(host), self._lock(ip):
            for name, column in ((host, "host"), (ip, "ip")):
                self._wait(name, column, self.pause(ip, delay))
            yield

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())

    def _wait(self, name: str, column: str, pause: float) -> None:
        with self._guard:
            ready = self._ready.get(name)
        if ready is None:
            ready = self._remembered(name, column, pause)
        while (left := ready - time.monotonic()) > 0:
            if self._stop.wait(left):
                raise Stopped
        if self._stop.is_set():
            raise Stopped

    def _remembered(self, name: str, column: str, pause: float) -> float:
        """When the pause after the last request of an earlier process is over."""
        query = f"SELECT ended, until FROM requests WHERE {column} = ? ORDER BY id DESC LIMIT 1"
        last = self._ledger.one(query, name)
        if last is None:
            return 0.0
        now = time.time()
        # Nobody knows when the answer to a killed request ended: the pause counts from now.
        until = now + pause if last["ended"] is None else last["until"] if column == "host" else last["ended"] + pause
        if until - now > _LONGEST_ANSWER:
            raise Refused("put_off", f"the server asked to come back in {until - now:.0f} seconds")
        return time.monotonic() + max(until - now, 0.0)


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
        self.agent = agent(contact)
        self._timeout = timeout
        self._tls = {False: ssl.create_default_context(), True: _old_tls()}

    def head(self, url: str, method: str, given: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request, in order."""
        parts = urlsplit(url)
        return {
            "Host": parts.netloc.rpartition("@")[2],
            "User-Agent": self.agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **given,
        }

    def fetch(
        self, url: str, ip: str, headers: Mapping[str, str], *, method: str = "GET", body: bytes = b"", old_tls: bool = False
    ) -> Answer:
        """Ask once. Never raises for what a server does."""
        parts = urlsplit(url)
        started = time.time()
        connection = self._connection(parts.scheme, parts.hostname or "", ip, parts.port, old_tls)
        # A server can drip its headers for hours without ever being silent for long.
        watch = threading.Timer(2 * self._timeout, _hang_up, [connection])
        watch.daemon = True
        watch.start()
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                method, target, body=body or None, headers=dict(headers), preload_content=False, decode_content=False
            )
            response = connection.getresponse()
            watch.cancel()
            content, error = self._body(response, started)
            pairs = tuple((str(key), str(value)) for key, value in response.headers.items())
            expected = header(pairs, "content-length")
            if not error and method != "HEAD" and expected.isdigit() and len(content) < int(expected) and response.status != 304:
                error = "cut_off"
            if error:
                return Answer(started, time.time(), error=error, message=_WHY[error])
            return Answer(started, time.time(), response.status, response.reason or "", pairs, content)
        except (ConnectTimeoutError, BadTLS, ssl.SSLError) as failure:
            kind = "tls" if not isinstance(failure, ConnectTimeoutError) else "connect"
            return Answer(started, time.time(), error=kind, message=str(failure)[:300])
        except (HTTPError, OSError, ValueError) as failure:
            return Answer(started, time.time(), error=_kind(failure, connection), message=str(failure)[:300])
        finally:
            watch.cancel()
            connection.close()

    def _connection(self, scheme: str, host: str, ip: str, port: int | None, old_tls: bool) -> HTTPConnection:
        if scheme == "https":
            return HTTPSConnection(
                ip, port or 443, timeout=self._timeout, ssl_context=self._tls[old_tls], server_hostname=host, assert_hostname=host
            )
        return HTTPConnection(ip, port or 80, timeout=self._timeout)

    def _body(self, response: object, started: float) -> tuple[bytes, str]:
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(1 << 16, decode_content=False):  # type: ignore[attr-defined]
            parts.append(chunk)
            size += len(chunk)
            passed = time.time() - started
            if size > LARGEST:
                return b"", "too_large"
            if passed > _LONGEST_ANSWER or (passed > self._timeout and size < _SLOWEST * passed):
                return b"", "timeout"
        return b"".join(parts), ""


_WHY = {
    "too_large": f"the answer has more than {LARGEST:,} bytes",
    "timeout": "the answer comes in drips",
    "cut_off": "the answer ends before its stated length",
}


def _kind(failure: Exception, connection: HTTPConnection) -> str:
    """Whether a server was silent or broke off, or there is no server."""
    if isinstance(failure, TimeoutError) or "timed out" in str(failure).lower():
        return "timeout" if connection.sock is not None else "connect"
    return "cut_off" if connection.sock is not None else "connect"


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _old_tls() -> ssl.SSLContext:
    """TLS as old servers speak it; the certificate is verified all the same."""
    context = ssl.create_default_context()
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context


class Robots:
    """What robots.txt of a host allows."""

    def __init__(self, data: bytes) -> None:
        # A byte-order mark before the first line makes a parser miss it, and with it every rule.
        text = decode(data[:_ROBOTS_READ])[0].replace("\ufeff", "")
        self._rules = Protego.parse(_DELAY.sub(r"\1", text))

    def allows(self, url: str) -> bool:
        """Whether the address may be asked."""
        return bool(self._rules.can_fetch(url, AGENT))

    @property
    def delay(self) -> float:
        """Seconds between requests that are asked for.

        Raises
        ------
        Refused
            If they are more than a minute.
        """
        delay = float(self._rules.crawl_delay(AGENT) or 0)
        rate = self._rules.request_rate(AGENT)
        if rate is not None and rate.requests:
            delay = max(delay, rate.seconds / rate.requests)
        if delay > _LONGEST_DELAY:
            raise Refused("refused_robots", f"robots.txt asks for {delay:.0f} seconds between requests")
        return delay
