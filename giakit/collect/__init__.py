"""From addresses to an archive, politely and with proof: `collect`, and what a collection holds."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from giakit.errors import GiakitError, UnknownChoice, UnreadableDocument

if TYPE_CHECKING:
    import pandas as pd

    from giakit.collect.crawl import Crawl
    from giakit.collect.ledger import Ledger
    from giakit.collect.seeds import Seeds

__all__ = ["CollectStopped", "Collection", "collect"]

HOSTS = 16
_UNKNOWN = ("listed_not_fetched", "refused_robots", "challenged", "unreachable", "list_incomplete", "no_seed")


class CollectStopped(GiakitError, OSError):
    """A collection cannot go on now: what was kept is whole, and the next start goes on from there.

    Attributes
    ----------
    reason : str
        What stands in the way.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the collection stopped: {reason}; what was kept is whole: run the same command again to go on")


class CollectInterrupted(KeyboardInterrupt):
    """A collection was interrupted at the keyboard; what it had is kept."""


class Collection:
    """What a collection holds.

    Parameters
    ----------
    out : path
        Its folder.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)
        if not (self.out / "ledger.sqlite").is_file():
            raise UnreadableDocument(str(out), "no collection: it has no ledger.sqlite")

    @property
    def visits(self) -> pd.DataFrame:
        """One row a request: address, run, try, status, moments, error, and where its record lies in the archive."""
        return self._frame("SELECT * FROM visits ORDER BY site, seq, run, try")

    @property
    def targets(self) -> pd.DataFrame:
        """One row an address that was met: its role, anchor, unit, year, state, and what it turned out to be."""
        return self._frame("SELECT * FROM targets ORDER BY site, seq")

    def coverage(self, by: str | Iterable[str] | None = None) -> pd.DataFrame:
        """What became of each unit and year, or the share found with its bounds.

        Parameters
        ----------
        by : str or iterable of str, optional
            Columns to count by, such as ``"year"``; an empty list counts all.

        Returns
        -------
        DataFrame
            One row a unit and year: ``unit, year, status, reason, vantage, low, high``, where `low` and `high` are 0 or 1: what it
            counts if all unknown reports do not, or do, exist. With `by`: ``expected, found, not_listed, unknown, low, high, vantage``,
            of which `low` and `high` are shares. Reports that are not due yet count nowhere.
        """
        import pandas as pd

        frame = pd.read_csv(self.out / "coverage.csv", dtype={"unit": "str", "status": "str", "reason": "str", "vantage": "str"})
        frame["year"] = frame["year"].astype("Int64")
        frame[["reason", "vantage"]] = frame[["reason", "vantage"]].fillna("")
        due = frame["status"] != "not_due"
        frame["low"] = (frame["status"] == "found").astype("Float64").where(due)
        frame["high"] = (frame["status"] != "not_listed").astype("Float64").where(due)
        if by is None:
            return frame
        keys = [by] if isinstance(by, str) else list(by)
        unknown = sorted(set(keys) - set(frame.columns))
        if unknown:
            raise UnknownChoice("by", unknown[0], frame.columns)
        counted = frame[due].assign(
            found=frame["low"], not_listed=(frame["status"] == "not_listed"), unknown=frame["status"].isin(_UNKNOWN), expected=1
        )
        groups = counted.groupby([*keys, "vantage"], dropna=False, sort=True)
        totals = groups[["expected", "found", "not_listed", "unknown"]].sum().astype("Int64")
        return totals.join(groups[["low", "high"]].mean()).reset_index()

    def _frame(self, query: str) -> pd.DataFrame:
        import pandas as pd

        connection = sqlite3.connect(f"{(self.out / 'ledger.sqlite').resolve().as_uri()}?mode=ro", uri=True)
        try:
            return pd.read_sql_query(query, connection)
        finally:
            connection.close()

    def __repr__(self) -> str:
        return f"<Collection {self.out}>"


def collect(
    seeds: Seeds,
    out: str | os.PathLike[str],
    *,
    contact: str,
    vantage: str = "",
    years: str | Iterable[int] | None = None,
    expected: Any = None,
    pause: float = 5.0,
    timeout: float = 20.0,
    dry_run: bool = False,
    progress: bool | None = False,
    tell: Callable[[str], object] | None = None,
) -> Collection:
    """Collect annual reports from the sites of agencies into an archive.

    Parameters
    ----------
    seeds : path, DataFrame, or iterable of dict or str
        Where to begin: ``url`` and, where known, ``kind`` (auto, page, list, site, warc, wayback, cc), ``unit``, ``place``, ``year``,
        ``note``. A note that says ``old TLS`` lets that seed use it; the certificate is verified all the same.
    out : path
        The folder: ``archive/``, ``ledger.sqlite``, ``files/``, ``sources.csv``, ``coverage.csv``. One that was begun is gone on with.
    contact : str
        A mail address or page under which those who run the sites reach you; it is told with every request.
    vantage : str, optional
        From where the requests are made, such as ``"university network, Berlin"``.
    years : str or iterable of int, optional
        Years whose coverage is asked for, such as ``"2019-2024"``.
    expected : path or DataFrame, optional
        Units of which reports are expected: `unit` and, where not all years are meant, `year`.
    pause : float, default 5
        Seconds between an answer and the next request to the host, at least twice what the answer took. Below 1 it holds for
        loopback addresses only.
    timeout : float, default 20
        Seconds without a byte after which a server is taken for silent.
    dry_run : bool
        Say what would be asked; ask and write nothing.
    progress : bool, optional
        Whether to show a bar; None: where stderr is a terminal.
    tell : callable, optional
        Is given a summary in words before the run is closed.

    Returns
    -------
    Collection

    Raises
    ------
    UnknownChoice, MissingColumns, UnreadableDocument
        If seeds, contact, years or expected units cannot be understood.
    CollectStopped
        If the disk is full, or servers that had answered are gone.
    PanelLocked
        If another process collects into `out`.
    """
    from giakit.collect.seeds import read_expected, read_seeds, read_years

    if "@" not in contact and not contact.startswith(("http://", "https://")):
        raise UnknownChoice("contact", contact, ["a mail address", "the address of a page"])
    wanted = read_seeds(seeds)
    options = {"years": read_years(years), "expected": read_expected(expected), "vantage": vantage}
    if dry_run:
        _say_plan(wanted)
        return _Planned(out)
    from giakit.panel.schema import locked

    folder = Path(out)
    with locked(folder), _reasons():
        _Run(folder, wanted, contact, pause, timeout, options, progress).go(tell)
    return Collection(folder)


def _summary(out: Path) -> str:
    """What a collection comes to, in a few lines."""
    import csv
    from collections import Counter

    with (out / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        counts = Counter(row["status"] for row in csv.DictReader(stream))
    lines = [f"{len(list((out / 'files').iterdir())):,} files in {out / 'files'}"]
    lines += [f"  {status:20}{count:>7,}" for status, count in counts.most_common()]
    if due := counts.total() - counts["not_due"]:
        low, high = counts["found"] / due, 1 - counts["not_listed"] / due
        lines.append(f"  between {low:.0%} (no unknown report exists) and {high:.0%} (all do) of {due:,} were published")
    return "\n".join(lines)


class _Planned(Collection):
    """A collection that was only planned."""

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)


def _say_plan(seeds: list[dict[str, str]]) -> None:
    sites = {seed["site"] for seed in seeds}
    print(f"{len(seeds)} seeds on {len(sites)} hosts; robots.txt of each comes first; nothing was asked.")
    for seed in seeds:
        print(f"  {seed['kind']:8}{seed['url']}")


@contextmanager
def _reasons() -> Iterator[None]:
    """Say why a disk that is full, or a ledger that cannot be written, ends a collection."""
    try:
        yield
    except CollectStopped:
        raise
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, GiakitError):
            raise
        raise CollectStopped(str(getattr(error, "strerror", None) or error)) from error


class _Run:
    """One start of a collection: from seeds to coverage."""

    def __init__(
        self, out: Path, seeds: list[dict[str, str]], contact: str, pause: float, timeout: float, options: dict[str, Any], progress: bool | None
    ) -> None:
        from giakit import __version__
        from giakit.collect.archive import Archive
        from giakit.collect.crawl import Crawl
        from giakit.collect.fetch import Fetcher, Gate
        from giakit.collect.ledger import Ledger

        self.out, self.seeds, self.options = out, seeds, options
        self.stop = threading.Event()
        self.failures: list[BaseException] = []
        self.ledger: Ledger = Ledger(out / "ledger.sqlite")
        self.archive = Archive(out / "archive", self.ledger, f"giakit-collect/{__version__}")
        self.run, self.is_new = self.ledger.open_run(contact, options["vantage"], time.time())
        gate = Gate(self.ledger, pause, self.stop)
        self.crawl: Crawl = Crawl(self.ledger, self.archive, gate, Fetcher(contact, timeout), self.run, self.stop, contact)
        self.shown = sys.stderr.isatty() if progress is None else progress

    def go(self, tell: Callable[[str], object] | None) -> None:
        """Work on all sites, then write what came of it."""
        from giakit.reading.guard import end_reader

        try:
            self._plant()
            try:
                self._work()
            finally:
                if not self.failures:
                    self._write()
            if self.failures:
                raise self.failures[0]
            # Last of all: a process that is killed while it still talks must not find a closed run and begin another.
            if tell is not None:
                tell(_summary(self.out))
            self._end()
        except KeyboardInterrupt:
            raise CollectInterrupted(
                f"interrupted; what was collected is kept in {self.out}: run the same command again to go on"
            ) from None
        finally:
            end_reader()
            self.ledger.close()

    def _plant(self) -> None:
        from giakit.collect.crawl import CLOSED
        from giakit.collect.discover import key_of

        with self.ledger.transaction():
            self.ledger.add_seeds(self.seeds)
            for row in self.ledger.all("SELECT * FROM seeds WHERE active AND kind <> 'warc' ORDER BY seed"):
                index = row["kind"] in CLOSED
                self.ledger.add_target(
                    row["site"], key=key_of(row["url"]), url=row["url"], seed=row["seed"], role="index" if index else "page", unit=row["unit"],
                    year=int(row["year"]) if row["year"].isdigit() else None, via=row["kind"] if index else "direct",
                )  # fmt: skip

    def _work(self) -> None:
        query = (
            "SELECT DISTINCT s.site FROM sites s JOIN seeds d ON d.site = s.site WHERE d.active AND s.state NOT IN "
            "('refused_robots', 'challenged') ORDER BY s.site"
        )
        sites = [row["site"] for row in self.ledger.all(query)]
        left = iter(sites)
        lock = threading.Lock()
        done = [0]

        def worker() -> None:
            while not self.stop.is_set():
                with lock:
                    site = next(left, None)
                if site is None:
                    return
                try:
                    self.crawl.work(site)
                except BaseException as error:
                    self.failures.append(error)
                    self.stop.set()
                done[0] += 1

        workers = [threading.Thread(target=worker, daemon=True) for _ in range(min(HOSTS, len(sites)))]
        for thread in workers:
            thread.start()
        try:
            self._watch(workers, done, len(sites))
        except KeyboardInterrupt:
            self.stop.set()
            for thread in workers:
                thread.join(5)
            raise

    def _watch(self, workers: list[threading.Thread], done: list[int], total: int) -> None:
        """Show how far the work is until it ends; joins are short, so that Ctrl-C is heard."""
        from tqdm import tqdm

        with tqdm(total=total, desc="hosts", unit="host", file=sys.stderr, disable=not self.shown, dynamic_ncols=True) as bar:
            for thread in workers:
                while thread.is_alive():
                    thread.join(0.2)
                    if self.shown:
                        bar.update(done[0] - bar.n)
                        bar.set_postfix_str(self._state(), refresh=True)

    def _state(self) -> str:
        value = self.ledger.value
        found = value("SELECT count(*) FROM targets WHERE verdict = 'report'")
        refused = value("SELECT count(*) FROM sites WHERE state IN ('refused_robots', 'challenged')")
        waiting = value("SELECT count(*) FROM targets WHERE state = 'waiting'")
        return f"{found} found, {refused} refused, {waiting} addresses wait"

    def _write(self) -> None:
        from giakit.collect.coverage import COVERAGE, coverage_rows, write_csv, write_files

        reports, _ = write_files(self.out, self.ledger, self.archive)
        rows = coverage_rows(self.ledger, reports, today=date.today(), **self.options)
        write_csv(self.out / "coverage.csv", COVERAGE, rows)

    def _end(self) -> None:
        """Close the run, unless something waits that another start may still get."""
        sites = self.ledger.all("SELECT s.* FROM sites s WHERE s.site IN (SELECT site FROM seeds WHERE active)")
        gone = [row for row in sites if row["state"] == "unreachable"]
        died = [row for row in gone if row["answered"]]
        if died or (len(gone) == len(sites) > 1):
            first = (died or gone)[0]
            reason = f"{first['site']} does not answer any more" if died else "no host answers"
            raise CollectStopped(f"{reason} ({first['reason']})")
        if not any(row["state"] in ("spent", "put_off") for row in sites):
            self.ledger.write("UPDATE runs SET ended = ? WHERE run = ?", time.time(), self.run)


class _Room(ModuleType):
    """The room is called like its function: ``giakit.collect(…)`` works whichever of the two was imported first."""

    def __call__(self, *arguments: Any, **options: Any) -> Collection:
        return collect(*arguments, **options)


sys.modules[__name__].__class__ = _Room
