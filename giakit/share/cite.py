"""How to cite giakit, what to say of a panel in a footnote, and what was read of a report."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zipfile import is_zipfile

import pandas as pd

from giakit import __version__
from giakit.errors import UnknownChoice, UnreadableDocument
from giakit.forms import forms
from giakit.panel.corrections import REPORT_TABLE
from giakit.panel.schema import batches, schema
from giakit.panel.verify import changed_sources, differences, faults, require_sound_panel

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.reading.report import Report

TITLE = "giakit: annual reports on government information disclosure in China as data"
AUTHOR = "The giakit authors"
RELEASED = "2026-11-24"
"""As in CITATION.cff, which a wheel does not hold."""
LIMIT = "An identity that holds does not show that an agency counted rightly."
_FORMATS = ("text", "bibtex")
_WITHIN = r"(?: row \d|, after ).*$"
"""What `where` says beyond the table or text."""
_BIBTEX = """@software{{giakit,
  author = {{{{{author}}}}},
  title = {{{{{title}}}}},
  year = {{{year}}},
  version = {{{version}}},
  license = {{MIT}}
}}"""


def citation(panel: Panel | str | os.PathLike[str] | None = None, *, format: Literal["text", "bibtex"] = "text") -> str:
    """How to cite giakit; of a panel, the data statement that goes with it.

    Parameters
    ----------
    panel : Panel or path, optional
        See `statement`.
    format : {"text", "bibtex"}
        Of a panel only text.

    Raises
    ------
    UnknownChoice
        If there is no such format.

    Examples
    --------
    >>> import giakit as gia
    >>> gia.citation().splitlines()[0][:24]
    'The giakit authors (2026'
    """
    if format not in _FORMATS:
        raise UnknownChoice("format", format, _FORMATS)
    if panel is None:
        year = RELEASED[:4]
        if format == "bibtex":
            return _BIBTEX.format(author=AUTHOR, title=TITLE, year=year, version=__version__)
        return f"{AUTHOR} ({year}). {TITLE} (version {__version__}) [Computer software]."
    if format != "text":
        raise UnknownChoice("format of a data statement", format, ["text"])
    return statement(panel)


def statement(panel: Panel | str | os.PathLike[str]) -> str:
    """What a paper says of its panel, short enough for a footnote.

    Parameters
    ----------
    panel : Panel or path

    Returns
    -------
    str
        Reports, agencies, years, forms; the files, with a digest that tells them from any others; the version that read
        them; the share of identities that hold as printed; cells left out as undecided; corrections by hand.

    Raises
    ------
    BadPanel
        If the path holds no panel.

    Notes
    -----
    The digest is the SHA-256 of the sorted, distinct SHA-256 of the files (hexadecimal, a line feed after each). The
    identities are tested on what is printed, before corrections.

    Examples
    --------
    >>> import giakit as gia
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> statement(panel).split(", read with")[0]
    'Panel of 1 annual report of 1 agency on 2025'
    """
    from giakit.panel.panel import Panel, open_panel

    opened = panel if isinstance(panel, Panel) else open_panel(panel)
    require_sound_panel(opened)
    return " ".join([*_sentences(opened), LIMIT])


def _sentences(panel: Panel) -> list[str]:
    """What a data statement says of a panel."""
    unfinished = [] if panel.index.complete else ["The build was not finished: more files wait to be read."]
    parts = (_files, _identities, _undecided, _corrections)
    return [_extent(panel), *unfinished, *(part(panel) for part in parts)]


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    checked : tuple of str
        What was looked at.
    problems : tuple of str
        What is wrong; nothing if the panel is what it should be.
    """

    checked: tuple[str, ...]
    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        wrong = [f"wrong: {problem}" for problem in self.problems]
        return "\n".join([*(f"checked: {name}" for name in self.checked), *(wrong or ["nothing is wrong"])])


def verify(
    panel: Panel | str | os.PathLike[str],
    against: Panel | str | os.PathLike[str] | None = None,
    *,
    source: str | os.PathLike[str] | None = None,
) -> Verification:
    """Say whether a panel is what was written, and whether it is the one that a statement or another panel tells of.

    Parameters
    ----------
    panel : Panel or path
        A folder, or the archive of a deposit.
    against : Panel, path or str, optional
        Another panel, a file that holds a data statement (also a paper's text or the README of a deposit), or the
        statement itself.
    source : path, optional
        The folder that was read. Default: looked for beside the panel.

    Returns
    -------
    Verification
        True if nothing is wrong: every file has the SHA-256 that was written, the wide tables hold the figures of the
        cells, every entry of the ledger applies, the files of the source are those that were read, and the other panel
        or the statement says the same.

    Raises
    ------
    BadPanel
        If there is no panel.

    Examples
    --------
    >>> import giakit as gia
    >>> panel = gia.build(gia.example(), "panel", jobs=1)
    >>> bool(gia.verify(panel, gia.citation(panel)))
    True
    """
    from giakit.panel.panel import Panel, open_panel

    opened = panel if isinstance(panel, Panel) else open_panel(panel)
    checked = [f"{len(opened.index.hashes(opened.path)):,} files of {opened.home.name} and what they hold"]
    problems = faults(opened)
    if problems:
        return Verification(tuple(checked), tuple(problems))
    at_hand, changed = changed_sources(opened, None if source is None else Path(source))
    if at_hand or changed:
        checked.append(f"{at_hand:,} files of the source")
        problems += changed
    if against is not None:
        told, wrong = _held_against(opened, against)
        checked.append(told)
        problems += wrong
    return Verification(tuple(checked), tuple(problems))


def _held_against(panel: Panel, other: Panel | str | os.PathLike[str]) -> tuple[str, list[str]]:
    from giakit.panel.panel import Panel, open_panel

    if isinstance(other, Panel):
        return f"against {other.home.name}", [*faults(other), *differences(panel, other)]
    text = str(other)
    # A statement has sentences; what has none names a file.
    if ". " not in text:
        path = Path(other)
        if path.is_dir() or (path.is_file() and is_zipfile(path)):
            return _held_against(panel, open_panel(path))
        if not path.is_file():
            raise UnreadableDocument(text, "there is no such statement or panel")
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    given = "".join(text.split())
    lacking = [sentence for sentence in _sentences(panel) if "".join(sentence.split()) not in given]
    return "against a data statement", [f"the statement does not say: {sentence}" for sentence in lacking]


def files_digest(panel: Panel) -> str:
    """One SHA-256 for all the files of a panel: of their sorted, distinct SHA-256."""
    digests = sorted(panel.manifest["sha256"].dropna().unique())
    return sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def versions(panel: Panel) -> list[str]:
    """The versions of giakit that read the files."""
    return sorted({version for (version,) in counts(panel, "documents", ["version"])} or {panel.index.version})


def counts(panel: Panel, table: str, columns: list[str]) -> Counter[tuple[str, ...]]:
    """How many rows of a table on disk have which values; nothing else of it is kept in memory."""
    found: Counter[tuple[str, ...]] = Counter()
    for batch in batches(panel.files(table), schema(table), columns):
        found.update(zip(*(batch.column(name).to_pylist() for name in columns), strict=True))
    return found


def identity_outcomes(panel: Panel) -> Counter[str]:
    """How many identities hold, fail, are open or cannot be tested."""
    known = {identity.id for form in forms().values() for identity in form.identities}
    outcomes: Counter[str] = Counter()
    for table in ("checks", "findings"):
        for (check, status), number in counts(panel, table, ["check", "status"]).items():
            if check in known:
                outcomes[status] += number
    return outcomes


def _extent(panel: Panel) -> str:
    reports = panel.reports
    agencies = int(reports["agency_id"].fillna(reports["unit"]).nunique())
    years = reports["year"].dropna()
    told = (
        ""
        if years.empty
        else f" on {years.min()}"
        if years.min() == years.max()
        else f" on {years.min()}-{years.max()}"
    )
    held = reports["form"].value_counts()
    listed = ", ".join(f"{form} ({held[form]:,})" for form in forms() if form in held)
    of_forms = f"; forms {listed}" if listed else ""
    return f"Panel of {_number(len(reports), 'annual report')} of {_number(agencies, 'agency', 'agencies')}{told}, read with giakit {', '.join(versions(panel))}{of_forms}."


def _files(panel: Panel) -> str:
    status = panel.manifest["status"].value_counts()
    read = int(sum(status.get(name, 0) for name in ("parsed", "partial")))
    given = int(status.sum() - status.get("passed_over", 0) - status.get("no_such_file", 0))
    partial = f", {status['partial']:,} of them in part" if "partial" in status else ""
    words = {
        "not_a_report": "no reports",
        "unreadable": "unreadable",
        "duplicate_of": "duplicates",
        "unread": "not yet read",
    }
    others = "".join(f"; {status[name]:,} {word}" for name, word in words.items() if name in status)
    return f"Of {_number(given, 'file')} {read:,} were read as reports{partial}{others} (SHA-256 over their hashes: {files_digest(panel)[:16]})."


def _identities(panel: Panel) -> str:
    outcomes = identity_outcomes(panel)
    tested = outcomes["pass"] + outcomes["fail"] + outcomes["uncertain"]
    if not tested:
        return "No identity could be tested."
    return (
        f"Of {_number(tested, 'identity', 'identities')} that could be tested, {_percent(outcomes['pass'], tested)} hold as printed; "
        f"failing: {outcomes['fail']:,}, open for a blank: {outcomes['uncertain']:,}, not testable: {outcomes['not_assessable']:,}."
    )


def _undecided(panel: Panel) -> str:
    states = counts(panel, "cells", ["state"])
    printed = sum(number for (state,), number in states.items() if state != "absent")
    undecided = states[("undecided",)]
    return f"Of {printed:,} printed cells {undecided:,} could not be read for certain and have no value."


def _corrections(panel: Panel) -> str:
    entries = panel.corrections
    if not len(entries):
        return "Nothing was corrected by hand."
    applied = entries["applied"].astype(bool)
    headings = int((applied & (entries["table"] == REPORT_TABLE)).sum())
    told = f"Corrected by hand: {_number(int(applied.sum()) - headings, 'figure')}, {_number(headings, 'heading')}"
    refused = int((~applied).sum())
    unfit = f"; entries that did not fit: {refused:,}" if refused else ""
    return f"{told}{unfit} (SHA-256 over them: {_ledger_digest(entries)})."


def _ledger_digest(entries: pd.DataFrame) -> str:
    """A hash of what a ledger corrects."""
    columns = ["report_id", "table", "row", "column", "as_read", "corrected"]
    return sha256(entries[columns].to_csv(index=False, lineterminator="\n").encode()).hexdigest()[:16]


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _percent(part: int, whole: int) -> str:
    """Rounded down: 100% means all.

    >>> _percent(9999, 10000), _percent(99999, 100000), _percent(3, 3)
    ('99.9%', '99.9%', '100%')
    """
    return "100%" if part == whole else f"{part * 1000 // whole / 10:.1f}%"


def reading_record(report: Report) -> str:
    """What was read of a report, and how.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
        Lines: the report, the file with its hash, for each table what its cells are and where they stood, the outcome
        of the identities, findings and suggestions.

    Examples
    --------
    >>> import giakit as gia
    >>> print(reading_record(gia.read(gia.example())).splitlines()[0])
    卧龙区商务局, annual report on 2025, form 2021, scope organ
    """
    record = report.record
    lines = [
        f"{report.unit or 'agency unknown'}, annual report on {report.year or 'an unknown year'}, form {report.form or 'unknown'}, scope {report.scope or 'unknown'}",
        f"File: {record.name}, {record.format}, SHA-256 {record.sha256}",
        f"Read with giakit {__version__}",
        *_tables_read(report.cells),
        _outcomes(report),
        *(
            f"Finding ({status}): {message}"
            for status, message in report.findings[["status", "message"]].itertuples(index=False)
        ),
        *(f"Note: {note}" for note in record.notes),
    ]
    if len(report.suggestions):
        lines.append(
            f"Suggestions that would close the sums: {report.suggestions['solution'].nunique()}; none is applied"
        )
    return "\n".join(
        [*lines, "This record says what was read and how. It says nothing on whether the agency counted rightly."]
    )


def _tables_read(cells: pd.DataFrame) -> list[str]:
    lines = []
    for table, part in cells.groupby("table", sort=False):
        states = part["state"].value_counts()
        told = ", ".join(
            f"{states[state]} {state}" for state in ("reported", "blank", "undecided", "absent") if state in states
        )
        origins = part["origin"].value_counts().drop("printed", errors="ignore")
        otherwise = (
            f" ({', '.join(f'{number} of them {origin}' for origin, number in origins.items())})"
            if len(origins)
            else ""
        )
        places = part.loc[part["state"] != "absent", "where"].dropna().str.replace(_WITHIN, "", regex=True).unique()
        where = f"; in {', '.join(place for place in places if place)}" if any(places) else ""
        lines.append(f"Table {table}: {len(part)} cells, {told}{otherwise}{where}")
    return lines or ["No statutory table was found"]


def _outcomes(report: Report) -> str:
    known = set() if report.form is None else {identity.id for identity in report.form.identities}
    outcomes = report.checks.loc[report.checks["check"].isin(known), "status"].value_counts()
    words = {"pass": "hold", "fail": "fail", "uncertain": "are open", "not_assessable": "cannot be tested"}
    told = ", ".join(f"{outcomes.get(status, 0)} {word}" for status, word in words.items())
    return f"Identities of the form: {told}"
