"""From addresses to an archive, politely and with proof: `collect`, and what a collection holds."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
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


class CollectStopped(GiakitError, OSError):
    """A collection cannot go on now: what was kept is whole, and the next start goes on from there.

    Attributes
    ----------
    reason : str
        What stands in the way.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"the collection stopped: {reason}; what was kept is whole: run the same command again to go on"
        )


class Collection:
    """What a collection holds.

    Parameters
    ----------
    out : path
        Its folder.

    Raises
    ------
    UnreadableDocument
        When a frame is asked for and the folder holds no collection.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)

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

        Raises
        ------
        UnknownChoice
            If a column of `by` is not there.
        """
        import pandas as pd

        texts = dict.fromkeys(("unit", "status", "reason", "vantage"), "str")
        frame = pd.read_csv(
            self._file("coverage.csv"),
            dtype={**texts, "year": "Int64"},
            keep_default_na=False,
            na_values={"year": [""]},
        )
        due = frame["status"] != "not_due"
        frame["low"] = (frame["status"] == "found").astype("Float64").where(due)
        frame["high"] = (frame["status"] != "not_listed").astype("Float64").where(due)
        if by is None:
            return frame
        keys = [by] if isinstance(by, str) else list(by)
        if unknown := sorted(set(keys) - set(frame.columns)):
            raise UnknownChoice("by", unknown[0], frame.columns)
        counted = frame[due].assign(
            expected=1, found=frame["low"], not_listed=1 - frame["high"], unknown=frame["high"] - frame["low"]
        )
        groups = counted.groupby([*keys, "vantage"], dropna=False, sort=True)
        totals = groups[["expected", "found", "not_listed", "unknown"]].sum().astype("Int64")
        return totals.join(groups[["low", "high"]].mean()).reset_index()

    def summary(self) -> str:
        """What the collection comes to, in a few lines."""
        counts = self.coverage()["status"].value_counts()
        lines = [f"{len(list((self.out / 'files').iterdir())):,} files in {self.out / 'files'}"]
        lines += [f"  {status:20}{count:>7,}" for status, count in counts.items()]
        if due := counts.sum() - counts.get("not_due", 0):
            low, high = counts.get("found", 0) / due, 1 - counts.get("not_listed", 0) / due
            lines.append(
                f"  between {low:.0%} (no unknown report exists) and {high:.0%} (all do) of {due:,} were published"
            )
        return "\n".join(lines)

    def _file(self, name: str) -> Path:
        if not (self.out / name).is_file():
            raise UnreadableDocument(str(self.out), f"no collection: it has no {name}")
        return self.out / name

    def _frame(self, query: str) -> pd.DataFrame:
        import pandas as pd

        with closing(
            sqlite3.connect(f"{self._file('ledger.sqlite').resolve().as_uri()}?mode=ro", uri=True)
        ) as connection:
            return pd.read_sql_query(query, connection)

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
    roll: int = 1_000_000_000,
    dry_run: bool = False,
    progress: bool | None = False,
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
    roll : int, default 1,000,000,000
        Bytes after which a new file of the archive is begun.
    dry_run : bool
        Say what would be asked; ask and write nothing.
    progress : bool, optional
        Whether to show a bar; None: where stderr is a terminal.

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
    asked: dict[str, Any] = {"years": read_years(years), "expected": read_expected(expected), "vantage": vantage}
    if dry_run:
        print(
            f"{len(wanted)} seeds on {len({seed['site'] for seed in wanted})} hosts; robots.txt of each comes first; nothing was asked."
        )
        print("\n".join(f"  {seed['kind']:8}{seed['url']}" for seed in wanted))
        return Collection(out)
    from giakit import __version__
    from giakit.collect.archive import Archive
    from giakit.collect.crawl import Crawl
    from giakit.collect.fetch import Fetcher, Gate
    from giakit.collect.ledger import Ledger
    from giakit.panel.schema import locked

    folder = Path(out)
    with locked(folder), _reasons(), closing(Ledger(folder / "ledger.sqlite")) as ledger:
        stop = threading.Event()
        archive = Archive(folder / "archive", ledger, f"giakit-collect/{__version__}", roll)
        crawl = Crawl(ledger, archive, Gate(ledger, pause, stop), Fetcher(contact, timeout), stop, contact, vantage)
        ledger.add_seeds(wanted)
        _run(folder, crawl, asked, sys.stderr.isatty() if progress is None else progress)
    return Collection(folder)


@contextmanager
def _reasons() -> Iterator[None]:
    """Say why a disk that is full, or a ledger that cannot be written, ends a collection."""
    try:
        yield
    except GiakitError:
        raise
    except (OSError, sqlite3.Error) as error:
        raise CollectStopped(str(getattr(error, "strerror", None) or error)) from error


def _run(out: Path, crawl: Crawl, asked: dict[str, Any], shown: bool) -> None:
    """One start of a collection: from its seeds to what it comes to."""
    from giakit.collect.coverage import COVERAGE, coverage_rows, write_csv, write_files
    from giakit.reading.guard import end_reader

    try:
        try:
            _work(crawl, shown)
        except KeyboardInterrupt:
            told = f"interrupted; what was collected is kept in {out}: run the same command again to go on"
            raise KeyboardInterrupt(told) from None
        finally:
            if not isinstance(sys.exc_info()[1], Exception):
                write_files(out, crawl.ledger, crawl.archive)
                rows = coverage_rows(crawl.ledger, today=date.today(), **asked)
                write_csv(out / "coverage.csv", COVERAGE, rows)
    finally:
        end_reader()
    _close(crawl.ledger, crawl.run)


def _work(crawl: Crawl, shown: bool) -> None:
    """Work on all sites, some at once, and show how far it is; waits are short, so that Ctrl-C is heard."""
    from tqdm import tqdm

    query = "SELECT DISTINCT site FROM sites JOIN seeds USING (site) WHERE active AND state NOT IN ('refused_robots', 'challenged') ORDER BY site"
    counts = (
        "SELECT (SELECT count(*) FROM targets WHERE verdict = 'report') || ' found, ' || (SELECT count(*) FROM sites WHERE state IN "
        "('refused_robots', 'challenged')) || ' refused, ' || (SELECT count(*) FROM targets WHERE state = 'waiting') || ' addresses wait'"
    )
    with ThreadPoolExecutor(HOSTS) as pool:
        waiting = {pool.submit(crawl.work, row["site"]) for row in crawl.ledger.all(query)}
        with tqdm(
            total=len(waiting), desc="hosts", unit="host", file=sys.stderr, disable=not shown, dynamic_ncols=True
        ) as bar:
            try:
                while waiting:
                    done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                    if shown:
                        bar.update(len(done))
                        bar.set_postfix_str(crawl.ledger.value(counts))
            except BaseException:
                # Whoever is still waiting for a host ends at once, whoever is being answered after the answer.
                crawl.stop.set()
                raise


def _close(ledger: Ledger, run: int) -> None:
    """Close the run, unless something waits that another start may still get."""
    sites = ledger.all(
        "SELECT *, EXISTS (SELECT 1 FROM visits v WHERE v.site = s.site AND run = ? AND status > 0) AS answered FROM sites s "
        "WHERE site IN (SELECT site FROM seeds WHERE active)", run,
    )  # fmt: skip
    gone = [row for row in sites if row["state"] == "unreachable"]
    died = [row for row in gone if row["answered"]]
    if died or (len(gone) == len(sites) > 1):
        first = (died or gone)[0]
        reason = f"{first['site']} does not answer any more" if died else "no host answers"
        raise CollectStopped(f"{reason} ({first['reason']})")
    if not any(row["state"] in ("spent", "put_off") for row in sites):
        ledger.write("UPDATE runs SET ended = ? WHERE run = ?", time.time(), run)


class _Room(ModuleType):
    """The room is called like its function: ``giakit.collect(…)`` works whichever of the two was imported first."""

    __call__ = staticmethod(collect)


sys.modules[__name__].__class__ = _Room
