"""What was asked, answered and made of it: one SQLite file with one writer; its tables and views stand in ``data/ledger.sql``."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from giakit import data

Row = dict[str, Any]

_GO_ON = (
    # Sites that stopped answering, or had their day's share of requests, are asked again.
    "UPDATE targets SET state = 'waiting', tries = 0, reason = '' WHERE state = 'failed' AND site IN "
    "(SELECT site FROM sites WHERE state = 'unreachable')",
    "DELETE FROM visits WHERE run = (SELECT max(run) FROM runs) AND status IS NULL AND site IN (SELECT site FROM sites WHERE state = 'unreachable')",
    "UPDATE sites SET state = '', reason = '' WHERE state IN ('unreachable', 'spent', 'put_off')",
)
_BEGIN = (
    "UPDATE targets SET was = state, state = 'waiting', tries = 0, hops = 0 WHERE state <> 'listed'",
    "DELETE FROM listed",
    # What is new stands in the lists.
    "UPDATE targets SET priority = 0 WHERE verdict IN ('list', 'paging')",
    "UPDATE sites SET state = '', reason = ''",
)


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
        self._connection.row_factory = lambda cursor, values: {
            column[0]: value for column, value in zip(cursor.description, values, strict=True)
        }
        # A record that the ledger knows must be known after a power cut too.
        self._connection.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000; {data.text('collect', 'ledger.sql')}"
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing; a transaction inside another belongs to it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
            else:
                self._connection.execute("BEGIN IMMEDIATE")
                with self._connection:
                    yield

    def each(self, query: str, *values: Any) -> Iterator[Row]:
        """The rows of a query, read as they are needed; the tables that it reads may not be written meanwhile."""
        with self._lock:
            cursor = self._connection.execute(query, values)
            while (row := cursor.fetchone()) is not None:
                yield row

    def all(self, query: str, *values: Any) -> list[Row]:
        """The rows of a query."""
        return list(self.each(query, *values))

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

    def insert(self, table: str, row: Mapping[str, Any], *, clause: str = "INSERT", more: str = "") -> int:
        """Insert a row; the number of rows that are new."""
        query = f"{clause} INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) {more}"
        with self._lock:
            return self._connection.execute(query, tuple(row.values())).rowcount

    def open_run(self, contact: str, vantage: str, now: float) -> int:
        """The run that was broken off, or a new one."""
        with self.transaction():
            run = self.value("SELECT run FROM runs WHERE ended IS NULL")
            for statement in _BEGIN if run is None else _GO_ON:
                self.write(statement)
            # Nobody knows when the answer to a killed request ended: its pause counts from now.
            self.write("UPDATE requests SET ended = ?, until = ? WHERE ended IS NULL", now, now)
            return run or self.write(
                "INSERT INTO runs (started, contact, vantage) VALUES (?, ?, ?)", now, contact, vantage
            )

    def add_seeds(self, seeds: Iterable[Mapping[str, str]]) -> None:
        """Take over the seeds that hold now, each a first target; those of an earlier start stay known, and rest."""
        changes = ", ".join(f"{name} = excluded.{name}" for name in ("unit", "place", "year", "note", "site", "active"))
        with self.transaction():
            self.write("UPDATE seeds SET active = 0")
            for seed in seeds:
                clause = f"ON CONFLICT (url, kind) DO UPDATE SET {changes}"
                self.insert("seeds", {**seed, "active": 1}, more=clause)
                self.insert("sites", {"site": seed["site"]}, clause="INSERT OR IGNORE")
            for seed in self.all("SELECT * FROM seeds WHERE active AND kind <> 'warc' ORDER BY seed"):
                index = seed["kind"] in ("wayback", "cc")
                place = {"role": "index", "via": seed["kind"]} if index else {}
                year = int(seed["year"]) if seed["year"].isdigit() else None
                about = {"url": seed["url"], "seed": seed["seed"], "unit": seed["unit"], "year": year}
                self.add_target(seed["site"], key_of(seed["url"]), **about, **place)

    def add_target(self, site: str, key: str, **target: Any) -> None:
        """Note an address to ask. A known one may learn its anchor, unit, year and landing page."""
        learned = ", ".join(
            f"{name} = coalesce(nullif({name}, ''), excluded.{name})" for name in ("anchor", "unit", "landing")
        )
        with self.transaction():
            seq = (self.value("SELECT max(seq) FROM targets WHERE site = ?", site) or 0) + 1
            more = f"ON CONFLICT (site, key, request) DO UPDATE SET {learned}, year = coalesce(year, excluded.year)"
            self.insert("targets", {"site": site, "seq": seq, "key": key, **target}, more=more)

    def target(self, site: str, key: str, request: str = "") -> Row | None:
        """The target of that key."""
        return self.one("SELECT * FROM targets WHERE site = ? AND key = ? AND request = ?", site, key, request)

    def next_target(self, site: str) -> Row | None:
        """What is to be worked on next: pages that were fetched and not yet looked through, then the first that waits."""
        query = "SELECT * FROM targets WHERE site = ? AND state = ? AND role <> 'robots' ORDER BY priority, seq LIMIT 1"
        return self.one(query, site, "fetched") or self.one(query, site, "waiting")

    def settle(self, target: Mapping[str, Any], **changes: Any) -> None:
        """Write what became of a target."""
        names = ", ".join(f"{name} = ?" for name in changes)
        self.write(
            f"UPDATE targets SET {names} WHERE site = ? AND seq = ?", *changes.values(), target["site"], target["seq"]
        )

    def note_list(self, target: Mapping[str, Any], name: str, state: str, reason: str = "") -> None:
        """Write how far a list was followed: open, complete or incomplete."""
        row = {"site": target["site"], "list": name, "seed": target["seed"], "state": state, "reason": reason}
        self.insert("lists", row, clause="INSERT OR REPLACE")

    def note_items(self, site: str, name: str, keys: Iterable[str]) -> int:
        """Note what a list names; how many of it are new."""
        rows = ({"site": site, "list": name, "key": key} for key in keys)
        return sum(self.insert("listed", row, clause="INSERT OR IGNORE") for row in rows)


def key_of(url: str) -> str:
    """What makes two addresses the same: http and https of one host are."""
    parts = urlsplit(url)
    return urlunsplit(("", parts.netloc, parts.path or "/", parts.query, ""))


def packed(**content: Any) -> str:
    """Content as JSON that is the same in every run."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
