"""The command line: thin commands over the library."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from giakit import __version__
from giakit.errors import GiakitError, PanelLocked

READ_FAILED = 2
LOCKED = 3
FAILED = 1
INTERRUPTED = 130


def print_anything() -> None:
    """Write what a console cannot show as an escape: a GBK or ASCII console must not break printing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """Say in a line or two what went wrong."""
    lines = [line for line in message.splitlines() if line.strip()][:2]
    print(visible("giakit: " + "\n        ".join(lines)), file=sys.stderr)


def say(text: object, *, end: str = "\n") -> None:
    """Print a text; control characters that come from documents are shown, never obeyed."""
    print(visible(str(text)), end=end)


def visible(text: str) -> str:
    """A text of which a terminal obeys nothing but line feeds and tabs.

    >>> visible("a\\x1b[2Jb\\u202ec")
    'a\\\\u001b[2Jb\\\\u202ec'
    """
    if text.isprintable():
        return text
    return "".join(
        character if character in "\n\t" or unicodedata.category(character) not in _OBEYED else _escaped(character)
        for character in text
    )


_OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    # As JSON escapes them: what `read --json` prints stays JSON.
    return f"\\u{ord(character):04x}"


def said(error: BaseException) -> str:
    """What an error says, for a person."""
    if isinstance(error, GiakitError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def exits(code: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a command's own errors end with a code of its own."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, **options: Any) -> Any:
            try:
                return command(*args, **options)
            except PanelLocked:
                raise
            except (GiakitError, OSError) as error:
                complain(said(error))
                return code

        return run

    return decorate


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command ``giakit``."""
    print_anything()
    try:
        sys.exit(cli.main(arguments, prog_name="giakit", standalone_mode=False) or 0)
    except click.exceptions.Exit as ending:
        sys.exit(ending.exit_code)
    except click.ClickException as error:
        command = f"; see {error.ctx.command_path} --help" if isinstance(error, click.UsageError) and error.ctx else ""
        complain(f"{error.format_message().rstrip('.')}{command}")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as interruption:
        complain(str(interruption.__cause__ or interruption) or "interrupted; run the same command again to go on")
        sys.exit(INTERRUPTED)
    except PanelLocked as error:
        complain(str(error))
        sys.exit(LOCKED)
    except (GiakitError, OSError, UnicodeError, MemoryError, RecursionError) as error:
        complain(said(error))
        sys.exit(FAILED)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="giakit %(version)s")
def cli() -> None:
    """Read Chinese local governments' annual reports on information disclosure into a panel."""


@cli.command()
@click.argument("file")
@click.option(
    "--json", "as_json", is_flag=True, help="Unit, year, form, scope, cells, findings and suggestions as JSON."
)
@exits(READ_FAILED)
def read(file: str, as_json: bool) -> int:
    """Read one report. Exit code: 0 read, 2 not readable or no report."""
    from giakit.reading.report import read as read_report

    report = read_report(file)
    if as_json:
        text = report.to_json()
    else:
        from giakit.reading.display import report_text

        text = report_text(report)
    say(text)
    return 0


@cli.command()
@click.argument("source")
@click.argument("out")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Address of a Dask scheduler that sees SOURCE and OUT under the same paths."
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes. Default: the number of cores.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Time for one file.",
)
@click.option("--resume/--no-resume", default=True, show_default=True, help="Keep what was read before, or start over.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def build(
    source: str, out: str, scheduler: str | None, jobs: int | None, seconds: float, resume: bool, quiet: bool
) -> int:
    """Read every report of SOURCE (folder or glob) into a panel at OUT.

    Exit code: 0 complete, also with unreadable files in the manifest; 1 if nothing was read; 3 if OUT is locked; 130
    after Ctrl-C, which leaves a usable panel.
    """
    from giakit.panel.build import build as build_panel

    progress = False if quiet else None
    if scheduler is None:
        panel = build_panel(source, out, jobs=jobs, seconds=seconds, resume=resume, progress=progress)
    else:
        from giakit.panel.pool import scheduled

        with scheduled(scheduler) as (executor, workers):
            panel = build_panel(
                source,
                out,
                executor=executor,
                jobs=jobs or 2 * workers,
                seconds=seconds,
                resume=resume,
                progress=progress,
            )
    counts = panel.manifest["status"].value_counts()
    told = ", ".join(f"{count:,} {str(status).replace('_', ' ')}" for status, count in counts.items())
    say(f"{out}: {len(panel):,} reports; of {int(counts.sum()):,} paths: {told or 'none'}")
    if not len(panel):
        reasons = panel.manifest.loc[panel.manifest["status"] != "passed_over", "reason"].dropna().value_counts()
        often = f": {reasons.index[0]} ({reasons.iloc[0]:,} files)" if len(reasons) else ""
        complain(f"nothing was read{often}")
        return FAILED
    say(f"what to look at: giakit check {out} --html audit.html")
    return 0


@cli.command()
@click.argument("source")
@click.option("--html", metavar="FILE", help="Write the audit page there: one file, no network.")
@click.option("--expected", metavar="CSV", help="units.csv: hold what was read against what was expected, on the page.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@exits(READ_FAILED)
def check(source: str, html: str | None, expected: str | None, quiet: bool) -> int:
    """Check SOURCE: a panel, or reports (file, folder or glob). Exit code: 0 nothing fails, 1 a check fails, 2 not readable."""
    from giakit.share.audit import write_audit
    from giakit.share.checks import check_text, panel_of

    with panel_of(source, progress=False if quiet else None) as panel:
        say(check_text(panel))
        if html is not None:
            written = write_audit(panel, html, title=Path(source).resolve().name, expected=expected)
            say(f"\n{written}")
        return int((panel.findings["status"] == "fail").any())


@cli.command()
@click.argument("panel")
@click.option("--cells", type=click.IntRange(min=1), default=300, show_default=True, help="Cells to draw.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--out", metavar="CSV", default="sheet.csv", show_default=True, help="Where to write the sheet.")
def sample(panel: str, cells: int, seed: int, out: str) -> int:
    """Draw cells of PANEL onto a blind sheet: code the figures as printed, / for a blank, then run giakit agree."""
    from giakit.panel.panel import open_panel
    from giakit.panel.validate import coding_sheet

    sheet = coding_sheet(open_panel(panel), n=cells, seed=seed)
    sheet.to_csv(out, index=False, encoding="utf-8-sig")
    say(
        f"{out}: {len(sheet):,} cells of {sheet['report_id'].nunique():,} reports; fill in coder_1, and coder_2 where a second person codes"
    )
    return 0


@cli.command()
@click.argument("sheet")
def agree(sheet: str) -> int:
    """Evaluate a coded SHEET: the share of cells read wrongly with its interval, and Cohen's kappa."""
    from giakit.checks.sampling import agree as evaluate
    from giakit.panel.validate import read_sheet
    from giakit.share.checks import agreement_text

    say(agreement_text(evaluate(read_sheet(sheet))))
    return 0


@cli.command()
@click.option("--format", "kind", type=click.Choice(["md", "csv"]), default="md", show_default=True)
def codebook(kind: str) -> int:
    """Print every code: table, row, column, label, gloss, law, forms."""
    from giakit.forms.codebook import codebook_text

    say(codebook_text(kind))
    return 0


@cli.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--year", type=int, help="Year in which the names are read.")
@click.option("--hint", help="Evidence for names that leave a choice: a parent, an address, a path.")
def places(names: tuple[str, ...], year: int | None, hint: str | None) -> int:
    """Say which place, tier and kind of organ a name stands for."""
    from giakit.places import resolve

    say("\n\n".join(str(resolve(name, year, hint=hint)) for name in names))
    return 0


@cli.command()
@click.argument("panel", required=False)
@click.option("--out", default="figures", show_default=True, help="Folder of the figures.")
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the figures."
)
def figures(panel: str | None, out: str, lang: str) -> int:
    """Run the notebooks on PANEL, or on the reports that are shipped, and write their figures."""
    from giakit.notebook import run_notebooks

    written = run_notebooks(panel=None if panel is None else Path(panel), out=Path(out), language=lang)
    say(f"{len(written)} files in {os.path.abspath(out)}")
    for path in written:
        say(f"  {path.relative_to(os.path.abspath(out))}")
    return 0


@cli.command()
@click.argument("directory")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the prose.")
def notebooks(directory: str, lang: str) -> int:
    """Copy the notebooks to DIRECTORY."""
    from giakit.notebook import copy_notebooks

    for path in copy_notebooks(Path(directory), lang):
        say(str(path))
    return 0


@cli.command()
@click.argument("panel")
@click.option(
    "--to",
    type=click.Choice(["dta", "csv", "parquet", "xlsx"]),
    required=True,
    help="Stata, CSV for Excel, Parquet, or an Excel workbook.",
)
@click.option("--out", metavar="PATH", help="File or folder. Default: beside the panel.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="CODE",
    help="A statutory table; may be repeated. Default: all that the panel holds.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels.")
def export(panel: str, to: Any, out: str | None, tables: tuple[str, ...], lang: Any) -> int:
    """Write PANEL as one table: one row a report, one variable a cell."""
    from giakit.share.export import export as export_panel

    for path in export_panel(panel, to=to, out=out, tables=tables or None, lang=lang):
        say(str(path))
    return 0


@cli.command()
@click.argument("panel")
@click.option("--out", metavar="PATH", help="Archive or folder. Default: beside the panel.")
@click.option("--with-texts", is_flag=True, help="Add the words of the reports.")
def bundle(panel: str, out: str | None, with_texts: bool) -> int:
    """Write the deposit of PANEL for a repository: cells, hashes, addresses, ledger, codebook, data statement."""
    from giakit.share.bundle import bundle as bundle_panel

    say(str(bundle_panel(panel, out=out, with_texts=with_texts)))
    return 0


@cli.command()
@click.argument("panel")
@click.argument("against", metavar="[STATEMENT]", required=False)
@click.option("--source", metavar="FOLDER", help="The folder that was read. Default: looked for beside the panel.")
def verify(panel: str, against: str | None, source: str | None) -> int:
    """Say whether PANEL is what was written, and the one that STATEMENT (a text, or another panel) tells of.

    Exit code: 0 nothing is wrong, 1 something is.
    """
    from giakit.share.cite import verify as verify_panel

    found = verify_panel(panel, against, source=source)
    say(found)
    return 0 if found else FAILED


@cli.command()
@click.argument("path", required=False)
@click.option("--format", "kind", type=click.Choice(["text", "bibtex"]), default="text", show_default=True)
def cite(path: str | None, kind: Any) -> int:
    """Say how to cite giakit; the data statement of the panel at PATH; or what was read of the report at PATH."""
    from giakit.share.cite import citation, reading_record

    if path is not None and os.path.isfile(path):
        from giakit.reading.report import read as read_report

        say(reading_record(read_report(path)))
    else:
        say(citation(path, format=kind))
    return 0


@cli.command()
@click.argument("panel", required=False)
@click.option("--who", default="", help="Initials that each decision bears.")
@click.option("--files", metavar="FOLDER", help="The folder from which PANEL was built.")
@click.option("--place", help="Only findings on reports of this place or agency.")
@click.option("--year", type=int, help="Only reports on this year.")
@click.option("--table", help="Only findings on this table.")
@click.option("--check", help="Only findings whose check begins so.")
@click.option("--sheet", metavar="CSV", help="Code this sheet blindly instead.")
@click.option("--coder", type=click.Choice(["1", "2", "settle"]), help="Whose column of the sheet is filled.")
def review(
    panel: str | None,
    who: str,
    files: str | None,
    place: str | None,
    year: int | None,
    table: str | None,
    check: str | None,
    sheet: str | None,
    coder: str | None,
) -> int:
    """Go through the doubtful cells of PANEL on a page of this machine, one key a decision; Ctrl-C ends it."""
    from giakit.review import desk_of
    from giakit.review.desk import serve

    desk = desk_of(
        panel,
        who=who,
        files=files,
        where={"place": place, "year": year, "table": table, "check": check},
        sheet=sheet,
        coder=int(coder) if coder in ("1", "2") else coder,
    )
    server, address = serve(desk)
    say(
        f"{desk.view()['total']} wait for a decision; open {address} in a browser of this machine. Ctrl-C ends the desk, nothing is lost."
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say(desk.view()["progress"])
    return 0


@cli.command()
@click.argument("seeds")
@click.argument("out")
@click.option("--contact", required=True, metavar="MAIL", help="Your address; it is told with every request. Needed.")
@click.option("--vantage", default="", metavar="TEXT", help="From where you ask; stands beside the coverage.")
@click.option("--years", metavar="2019-2024", help="Years whose coverage is asked for.")
@click.option("--expected", metavar="CSV", help="Units of which reports are expected: unit[, year].")
@click.option(
    "--pause",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Seconds between requests to a host; below 1 for loopback addresses only.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and ask nothing.")
def collect(
    seeds: str,
    out: str,
    contact: str,
    vantage: str,
    years: str | None,
    expected: str | None,
    pause: float,
    dry_run: bool,
) -> int:
    """Collect annual reports from the addresses in SEEDS.csv into an archive at OUT.

    Exit code: 0 all was asked, 1 stopped before its time, 2 a wrong call, 3 OUT is locked, 130 after Ctrl-C; the same
    command goes on where it stopped.
    """
    from giakit.collect import collect as collect_reports

    if "@" not in contact and not contact.startswith(("http://", "https://")):
        raise click.BadParameter("a mail address or the address of a page", param_hint="--contact")
    collection = collect_reports(
        seeds,
        out,
        contact=contact,
        vantage=vantage,
        years=years,
        expected=expected,
        pause=pause,
        dry_run=dry_run,
        progress=None,
    )
    if not dry_run:
        say(collection.summary())
    return 0


@cli.command()
@click.argument("places", nargs=-1, required=True)
@click.option("--out", metavar="CSV", help="File to write. Default: print.")
def seeds(places: tuple[str, ...], out: str | None) -> int:
    """Write a SEEDS.csv of the portals that are known for PLACES (names or codes; a province: all of its portals)."""
    import csv

    from giakit.collect.seeds import COLUMNS, portal_seeds

    with click.open_file(out or "-", "w", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(portal_seeds(places))
    return 0


@cli.command()
@click.argument("directory")
def sources(directory: str) -> int:
    """Draft sources.csv and units.csv for a folder of reports that was saved by hand."""
    from giakit.collect.seeds import draft_sources

    for path in draft_sources(Path(directory)):
        say(str(path))
    return 0


@cli.command()
@click.argument("project")
@click.option("--reports", metavar="FOLDER", help="Copy these reports, and their sources.csv, into raw/.")
def new(project: str, reports: str | None) -> int:
    """Lay out a replication package at PROJECT that runs: reports, corrections, notebook, run.py, README."""
    from giakit.share.project import new_project

    print(f"{new_project(project, reports=reports)}: put reports into raw/, then: python run.py")
    return 0


if __name__ == "__main__":
    main()
