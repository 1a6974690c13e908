"""Citing: the software, a panel, a report."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from panel_inputs import report_bytes, write_reports

import giakit as gia
from giakit.cli import main
from giakit.errors import UnknownChoice
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from giakit.panel.schema import write_index
from giakit.share import cite as citing
from giakit.share.cite import citation, files_digest, reading_record, statement
from typeset import typeset

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "report_id,table,row,column,as_read,corrected,reason,evidence,who,date\n"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("citing")
    source = write_reports(folder / "source", 4)
    (source / "copy.html").write_bytes(report_bytes())
    (source / "page.html").write_bytes(report_bytes())
    (source / "note.txt").write_text("no report", encoding="utf-8")
    return gia.build(source, folder / "panel", executor=InProcess())


def cff() -> dict[str, object]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    content: dict[str, object] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return content


def test_citation_file_has_what_the_format_demands() -> None:
    content = cff()
    assert content["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "license", "type"} <= set(content)
    assert content["type"] == "software"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(content["date-released"]))
    assert all(
        set(author) <= {"name", "family-names", "given-names", "orcid", "affiliation", "email"}
        for author in content["authors"]
    )  # type: ignore[attr-defined]


def test_cffconvert_agrees() -> None:
    cffconvert = pytest.importorskip("cffconvert", reason="cffconvert is not installed")
    citation = cffconvert.Citation((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    citation.validate()
    assert "giakit" in citation.as_bibtex()


def test_citation_and_citation_file_say_the_same() -> None:
    content = cff()
    assert str(content["version"]) == gia.__version__
    assert content["title"] == citing.TITLE
    assert content["authors"] == [{"name": citing.AUTHOR}]
    assert str(content["date-released"]) == citing.RELEASED


def test_citation_in_two_formats() -> None:
    assert (
        gia.citation() == f"The giakit authors (2026). {citing.TITLE} (version {gia.__version__}) [Computer software]."
    )
    bibtex = gia.citation(format="bibtex")
    assert bibtex.count("{") == bibtex.count("}")
    assert f"version = {{{gia.__version__}}}" in bibtex
    with pytest.raises(UnknownChoice, match="text, bibtex"):
        citation(format="apa")  # type: ignore[arg-type]


def test_gia_citation_is_a_function_whatever_was_imported_before() -> None:
    assert callable(gia.citation)
    assert gia.citation is citation


def test_a_statement_fits_a_footnote_and_says_what_a_reader_needs(panel: Panel) -> None:
    told = gia.citation(panel)
    assert told == statement(panel.path)
    assert "\n" not in told
    assert len(told.split()) < 120
    assert "Panel of 5 annual reports" in told
    assert f"read with giakit {gia.__version__}" in told
    assert "Of 7 files 5 were read as reports" in told
    assert "1 no reports; 1 duplicates" in told
    assert files_digest(panel)[:16] in told
    assert "Nothing was corrected by hand." in told
    assert told.endswith("does not show that an agency counted rightly.")
    with pytest.raises(UnknownChoice):
        gia.citation(panel, format="bibtex")


def test_the_digest_can_be_made_again_with_common_tools(panel: Panel) -> None:
    files = [path for path in (panel.path.parent / "source").rglob("*") if path.is_file()]
    digests = sorted({sha256(path.read_bytes()).hexdigest() for path in files})
    assert files_digest(panel) == sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def test_the_share_of_identities_is_that_of_the_checks(panel: Panel) -> None:
    checks = panel.checks[panel.checks["check"].isin(["H1", "H2", "H3", "H4"])]
    outcomes = citing.identity_outcomes(panel)
    assert dict(outcomes) == checks["status"].value_counts().to_dict()


def test_a_share_is_never_rounded_up_to_all(tmp_path: Path) -> None:
    assert citing._percent(99_999, 100_000) == "99.9%"
    assert citing._percent(5, 5) == "100%"


def test_failures_blanks_and_corrections_are_told(tmp_path: Path) -> None:
    figures = {
        ("remedies", "reconsideration", column): value
        for column, value in (("upheld", 2), ("corrected", 0), ("other", 0), ("pending", 0), ("total", 3))
    }
    (tmp_path / "page.html").write_bytes(typeset(figures, unit="卧龙区商务局", year=2023).data)
    panel = gia.build(tmp_path / "page.html", tmp_path / "panel", executor=InProcess())
    assert "failing: 1," in statement(panel)
    identity = panel.reports["report_id"].item()
    rows = [
        f"{identity},remedies,reconsideration,total,3,2,typing error,page,me,2026-01-01",
        f"{identity},report,,year,2023,2022,wrong title,page,me,2026-01-01",
        f"{identity},remedies,suit_direct,total,7,8,typing error,page,me,2026-01-01",
    ]
    (panel.path / "corrections.csv").write_text(LEDGER + "\n".join(rows) + "\n", encoding="utf-8")
    assert "Corrected by hand: 1 figure, 1 heading; entries that did not fit: 1 (" in statement(panel.path)


def test_an_unfinished_panel_says_so(panel: Panel, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(panel.path, copy)
    write_index(copy, replace(panel.index, complete=False))
    assert "The build was not finished" in statement(copy)


def test_a_panel_without_reports_has_a_statement(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no report", encoding="utf-8")
    told = statement(gia.build(tmp_path / "note.txt", tmp_path / "panel", executor=InProcess()))
    assert "Panel of 0 annual reports of 0 agencies" in told
    assert "No identity could be tested." in told


def test_the_record_of_a_report_says_what_was_read_how() -> None:
    page = typeset({("requests", "new", "total"): 3}, unit="卧龙区商务局", year=2023)
    told = reading_record(gia.read(page.data, name=page.name))
    assert told.splitlines()[0] == "卧龙区商务局, annual report on 2023, form 2021, scope organ"
    assert f"SHA-256 {sha256(page.data).hexdigest()}" in told
    assert re.search(r"Table requests: 175 cells, 1 reported, 174 blank; in table \d", told)
    assert told.endswith("It says nothing on whether the agency counted rightly.")


def test_the_record_tells_findings_and_how_digits_were_solved() -> None:
    report = gia.read(ROOT / "data" / "reports" / "2023_金湖县人民政府.txt")
    told = reading_record(report)
    assert told.count("Finding (") == len(report.findings) > 0
    assert "Suggestions that would close the sums: " in told


@pytest.mark.parametrize("argument", [None, "panel", "report"])
def test_the_command(panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str], argument: str | None) -> None:
    (tmp_path / "page.html").write_bytes(report_bytes())
    paths = {"panel": panel.path, "report": tmp_path / "page.html"}
    with pytest.raises(SystemExit) as ending:
        main(["cite", *([] if argument is None else [str(paths[argument])])])
    assert not ending.value.code
    expected = {None: citation(), "panel": statement(panel), "report": "Read with giakit"}[argument]
    assert expected in capsys.readouterr().out
