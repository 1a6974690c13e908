"""What was asked, answered and made of it: one SQLite file with one writer."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, started REAL, ended REAL, contact TEXT, vantage TEXT);
CREATE TABLE IF NOT EXISTS seeds (
    seed INTEGER PRIMARY KEY, url TEXT, kind TEXT, unit TEXT, place TEXT, year TEXT, note TEXT, site TEXT,
    active INTEGER, UNIQUE (url, kind));
CREATE TABLE IF NOT EXISTS sites (site TEXT PRIMARY KEY, state TEXT, reason TEXT, answered INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, host TEXT, ip TEXT, url TEXT, started REAL, ended REAL, until REAL);
CREATE INDEX IF NOT EXISTS requests_host ON requests (host, started);
CREATE INDEX IF NOT EXISTS requests_ip ON requests (ip, started);
CREATE TABLE IF NOT EXISTS targets (
    site TEXT, seq INTEGER, key TEXT, request TEXT, url TEXT, seed INTEGER, role TEXT, priority INTEGER, depth INTEGER,
    anchor TEXT, title TEXT DEFAULT '', unit TEXT, year INTEGER, parent TEXT, landing TEXT, plan TEXT, via TEXT,
    state TEXT DEFAULT 'waiting', was TEXT DEFAULT '', tries INTEGER DEFAULT 0, hops INTEGER DEFAULT 0, verdict TEXT DEFAULT '',
    reason TEXT DEFAULT '', sha256 TEXT, PRIMARY KEY (site, seq), UNIQUE (site, key, request)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS targets_next ON targets (site, state, priority, seq);
CREATE TABLE IF NOT EXISTS visits (
    site TEXT, seq INTEGER, run INTEGER, try INTEGER, url TEXT, method TEXT, status INTEGER, started REAL, ended REAL,
    captured TEXT, error TEXT, type TEXT, size INTEGER, sha256 TEXT, digest TEXT, etag TEXT, modified TEXT, tls TEXT,
    record TEXT, record_id TEXT, file TEXT, offset INTEGER, length INTEGER,
    PRIMARY KEY (site, seq, run, try)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS visits_payload ON visits (sha256, record);
CREATE TABLE IF NOT EXISTS lists (
    site TEXT, list TEXT, seed INTEGER, state TEXT, reason TEXT, PRIMARY KEY (site, list));
CREATE TABLE IF NOT EXISTS listed (site TEXT, list TEXT, key TEXT, PRIMARY KEY (site, list, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    sha256 TEXT, member TEXT, verdict TEXT, reading_id TEXT, unit TEXT, year INTEGER, cells INTEGER, extension TEXT,
    title TEXT, reason TEXT, PRIMARY KEY (sha256, member));
CREATE TABLE IF NOT EXISTS archives (name TEXT PRIMARY KEY, length INTEGER);
"""


Row = dict[str, Any]


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


class Ledger:
    """The ledger of one collection; every method may be called from any thread.

    Parameters
    ----------
    path : path
        The SQLite file; made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=60)
        self._connection.row_factory = _row
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A record that the ledger knows must be known after a power cut too.
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-16000")
        self._connection.executescript(_SCHEMA)
        self._depth = 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing; a transaction inside another belongs to it."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._connection.execute("BEGIN IMMEDIATE")
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def all(self, query: str, *values: Any) -> list[Row]:
        """The rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def each(self, query: str, *values: Any) -> Iterator[Row]:
        """The rows of a query, read as they are needed; nothing may be written meanwhile."""
        with self._lock:
            yield from self._connection.execute(query, values)

    def one(self, query: str, *values: Any) -> Row | None:
        """The first row of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchone()

    def value(self, query: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(query, *values)
        return None if row is None else next(iter(row.values()))

    def write(self, query: str, *values: Any) -> int:
        """Run a statement; the id of the row that it inserted."""
        with self._lock:
            return self._connection.execute(query, values).lastrowid or 0

    def insert(self, table: str, row: Mapping[str, Any], *, clause: str = "INSERT") -> int:
        """Insert a row; the number of rows that are new."""
        names = ", ".join(row)
        places = ", ".join("?" * len(row))
        with self._lock:
            query = f"{clause} INTO {table} ({names}) VALUES ({places})"
            return self._connection.execute(query, tuple(row.values())).rowcount

    def open_run(self, contact: str, vantage: str, now: float) -> tuple[int, bool]:
        """The run that was broken off, or a new one, and whether it is new."""
        with self.transaction():
            run = self.value("SELECT run FROM runs WHERE ended IS NULL")
            if run is not None:
                # Sites that stopped answering, or had their day's share of requests, are asked again.
                self.write(
                    "UPDATE targets SET state = 'waiting', tries = 0, reason = '' WHERE state = 'failed' AND site IN "
                    "(SELECT site FROM sites WHERE state = 'unreachable')"
                )
                self.write(
                    "DELETE FROM visits WHERE run = ? AND status IS NULL AND site IN "
                    "(SELECT site FROM sites WHERE state = 'unreachable')",
                    run,
                )
                self.write(
                    "UPDATE sites SET state = '', reason = '' WHERE state IN ('unreachable', 'spent', 'put_off')"
                )
                return run, False
            run = (self.value("SELECT max(run) FROM runs") or 0) + 1
            self.insert(
                "runs", {"run": run, "started": now, "ended": None, "contact": contact, "vantage": vantage}
            )
            self.write("UPDATE targets SET was = state, state = 'waiting', tries = 0, hops = 0 WHERE state <> 'listed'")
            self.write("DELETE FROM listed")
            # What is new stands in the lists.
            self.write("UPDATE targets SET priority = 0 WHERE verdict IN ('list', 'paging')")
            self.write("UPDATE sites SET state = '', reason = '', answered = 0")
            return run, True

    def add_seeds(self, seeds: Iterable[Mapping[str, str]]) -> None:
        """Take over the seeds that hold now; those of an earlier start stay known, and rest."""
        with self.transaction():
            self.write("UPDATE seeds SET active = 0")
            for seed in seeds:
                self.insert("seeds", {**seed, "active": 0}, clause="INSERT OR IGNORE")
                self.write(
                    "UPDATE seeds SET unit = ?, place = ?, year = ?, note = ?, site = ?, active = 1 WHERE url = ? AND kind = ?",
                    *(seed[name] for name in ("unit", "place", "year", "note", "site", "url", "kind")),
                )
                self.insert("sites", {"site": seed["site"], "state": ""}, clause="INSERT OR IGNORE")

    def add_target(self, site: str, **target: Any) -> bool:
        """Note an address to ask; whether it is new. A known one may learn its anchor, unit and year."""
        target = {
            "request": "", "role": "page", "priority": 5, "depth": 0, "anchor": "", "unit": "", "year": None,
            "parent": "", "landing": "", "plan": "", "via": "direct", "state": "waiting", "reason": "", "hops": 0, **target,
        }  # fmt: skip
        with self.transaction():
            seq = (self.value("SELECT max(seq) FROM targets WHERE site = ?", site) or 0) + 1
            if self.insert("targets", {"site": site, "seq": seq, **target}, clause="INSERT OR IGNORE"):
                return True
            self.write(
                "UPDATE targets SET anchor = CASE WHEN anchor = '' THEN ? ELSE anchor END, "
                "unit = CASE WHEN unit = '' THEN ? ELSE unit END, year = coalesce(year, ?), "
                "landing = CASE WHEN landing = '' THEN ? ELSE landing END WHERE site = ? AND key = ? AND request = ?",
                *(target[name] for name in ("anchor", "unit", "year", "landing")),
                site, target["key"], target["request"],
            )  # fmt: skip
            return False

    def target(self, site: str, key: str, request: str = "") -> Row | None:
        """The target of that key."""
        return self.one(
            "SELECT * FROM targets WHERE site = ? AND key = ? AND request = ?", site, key, request
        )

    def next_target(self, site: str) -> Row | None:
        """What is to be worked on next: pages that were fetched and not yet looked through, then the first that waits."""
        for state in ("fetched", "waiting"):
            row = self.one(
                "SELECT * FROM targets WHERE site = ? AND state = ? AND role <> 'robots' ORDER BY priority, seq LIMIT 1",
                site,
                state,
            )
            if row is not None:
                return row
        return None

    def settle(self, target: Mapping[str, Any], **changes: Any) -> None:
        """Write what became of a target."""
        names = ", ".join(f"{name} = ?" for name in changes)
        self.write(
            f"UPDATE targets SET {names} WHERE site = ? AND seq = ?",
            *changes.values(),
            target["site"],
            target["seq"],
        )

    def stop_site(self, site: str, state: str, reason: str) -> None:
        """Write why a site is left alone for the rest of this run."""
        self.write("UPDATE sites SET state = ?, reason = ? WHERE site = ?", state, reason, site)

    def list_state(self, site: str, seed: int, name: str, state: str, reason: str = "") -> None:
        """Write how far a list was followed: open, complete or incomplete."""
        row = {"site": site, "list": name, "seed": seed, "state": state, "reason": reason}
        self.insert("lists", row, clause="INSERT OR REPLACE")


def packed(**content: Any) -> str:
    """Content as JSON that is the same in every run."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
