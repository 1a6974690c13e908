"""The audit page: what it says, that nothing in it is foreign markup, and how it works in a browser; the commands around it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import Browser, browser
from trust_inputs import LEDGER, SUIT, built, page, report_id, zero_total

import giakit as gia
from giakit import cli
from giakit.panel.panel import Panel
from giakit.share.audit import _verdicts, audit_page, shares_of, write_audit
from giakit.share.checks import asks, findings_with_reports
from typeset import random_figures

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("audit")
    pages = {
        f"{name}{year}.html": page(name, year)
        for name in ("卧龙区商务局", "宛城区教育局", "淮安市人民政府")
        for year in (2022, 2023)
    }
    broken = dict(random_figures(7))
    broken["requests", "new", "natural_person"] = broken["requests", "new", "natural_person"] + 10
    pages |= {
        "zero.html": zero_total(),
        "broken.html": page("盱眙县财政局", 2022, broken),
        f"{EVIL.replace('/', '')}.html": b"<p>nothing</p>",
        "empty.pdf": b"",
    }
    made = built(folder, pages)
    name = report_id(made, "卧龙区商务局", 2023)
    (made.path / "corrections.csv").write_text(
        f"{LEDGER}{name},{','.join(SUIT)},999,3,{EVIL},scan,me,2026-01-01\n", encoding="utf-8"
    )
    return gia.open_panel(made.path)


@pytest.fixture(scope="module")
def file(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_audit(panel, tmp_path_factory.mktemp("page") / "audit.html", title=f"Audit {EVIL}")


class Tags(HTMLParser):
    """The tags of a page, and whether each is closed in order."""

    VOID = ("meta", "br", "wbr", "img", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rows_of(panel: Panel) -> int:
    """Findings are folded: one row a report and check."""
    return len(panel.findings.drop_duplicates(["report_id", "check"]))


class TestPage:
    def test_it_stands_alone_and_is_well_formed(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        tags = Tags(text)
        assert tags.open == []
        assert not {"img", "link", "iframe"} & set(tags.seen)
        assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
        assert not re.search(r"url\(|@import|https?:", text)

    def test_nothing_of_files_is_markup(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert EVIL not in text
        assert unescape(text).count(EVIL) > 2

    def test_the_same_panel_gives_the_same_page(self, panel: Panel) -> None:
        assert audit_page(panel) == audit_page(gia.open_panel(panel.path))

    def test_it_says_what_fails_and_what_would_close(self, file: Path) -> None:
        text = unescape(file.read_text(encoding="utf-8"))
        for said in (
            "the total was left at 0 over parts that add to 3",
            "H4 the results add up to the cases, row suit_direct",
            "cannot be opened",
            "correction refused: as_read is 999",
            'class="suspect"',
        ):
            assert said in text

    def test_what_is_left_out_is_said(self, panel: Panel) -> None:
        assert f"The first 1 of {rows_of(panel)}; panel.findings has all of them." in audit_page(panel, most=1)

    def test_against_what_was_expected(self, panel: Panel, tmp_path: Path) -> None:
        (tmp_path / "units.csv").write_text("unit,tier\n卧龙区商务局,county\n卧龙区教育局,county\n", encoding="utf-8")
        text = audit_page(panel, expected=tmp_path / "units.csv")
        assert "Expected and read" in text
        assert "50%" in text

    def test_an_empty_panel(self, tmp_path: Path) -> None:
        assert "no report year known" in audit_page(built(tmp_path, {"x.html": b""}))


class TestContent:
    def test_shares_are_of_reports_and_leave_out_what_cannot_be_assessed(self, panel: Panel) -> None:
        shares = shares_of(_verdicts(panel), ["year"]).set_index(["check", "year"])
        assert shares.loc[("H4", 2023), ["reports", "failed"]].tolist() == [4, 1]
        assert shares.loc[("H3", 2022), "failed"] == 1
        assert not shares["shown"].any()
        assert "repeated_text:overview" not in shares.index.get_level_values(0)

    def test_a_solved_sum_is_in_no_share(self, tmp_path: Path) -> None:
        solved = built(tmp_path, {"a.html": page("卧龙区商务局", 2023)})
        checks = solved.checks
        checks.loc[checks["check"] == "H2", "status"] = "not_assessable"
        assert "H2" not in set(shares_of(_verdicts(solved), ["year"])["check"])

    def test_the_worst_come_first(self, panel: Panel) -> None:
        fails = panel.findings[panel.findings["status"] == "fail"].groupby("report_id").size()
        order = [fails.get(name, 0) for name in findings_with_reports(panel)["report_id"]]
        assert order[0] > 0
        assert order == sorted(order, reverse=True)

    def test_every_finding_has_words(self, panel: Panel) -> None:
        assert all(asks(check) for check in panel.across["check"].unique())
        assert all(asks(check) for check in panel.checks["check"].unique())


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        yield page


SHOWN = "[...document.querySelectorAll('#findings tbody tr')].filter(row => row.offsetParent !== null)"


class TestInTheBrowser:
    def test_opens_without_complaint_and_without_the_network(self, chromium: Browser, file: Path) -> None:
        chromium.open(file)
        assert chromium.evaluate("document.querySelectorAll('section').length") == 7
        assert chromium.evaluate("document.querySelectorAll('#worst table').length") > 0
        assert chromium.complaints == []

    def test_filters_by_text_and_by_choice(self, chromium: Browser, file: Path, panel: Panel) -> None:
        chromium.open(file)
        assert chromium.evaluate(f"{SHOWN}.length") == rows_of(panel)
        chromium.evaluate(
            "(box => { box.value = '金湖 h4'; box.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('#findings input'))"
        )
        assert chromium.evaluate(f"{SHOWN}.length") == 1
        assert (
            chromium.evaluate("document.querySelector('#findings .count').textContent") == f"1 of {rows_of(panel)} rows"
        )
        chromium.open(file)
        chromium.evaluate(
            "(box => { box.value = 'fail'; box.dispatchEvent(new Event('input', {bubbles: true})) })([...document.querySelectorAll('#findings select')].find(box => box.options[0].text.startsWith('outcome')))"
        )
        fails = panel.findings[panel.findings["status"] == "fail"]
        assert chromium.evaluate(f"{SHOWN}.length") == len(fails.drop_duplicates(["report_id", "check"]))

    def test_sorts_figures_as_figures(self, chromium: Browser, file: Path) -> None:
        chromium.open(file)
        place = chromium.evaluate(
            "[...document.querySelectorAll('#findings th')].findIndex(head => head.textContent === 'findings')"
        )
        values = f"[...document.querySelectorAll('#findings tbody tr')].map(row => row.cells[{place}].textContent).filter(Boolean).map(text => Number(text.replaceAll(',', '')))"
        for direction in ("ascending", "descending"):
            chromium.evaluate(f"document.querySelectorAll('#findings th')[{place}].querySelector('button').click()")
            found = chromium.evaluate(values)
            assert found == sorted(found, reverse=direction == "descending")
            assert (
                chromium.evaluate(f"document.querySelectorAll('#findings th')[{place}].getAttribute('aria-sort')")
                == direction
            )

    @pytest.mark.parametrize("width", [360, 390, 768, 1280])
    def test_nothing_sticks_out(self, chromium: Browser, file: Path, width: int) -> None:
        chromium.open(file, width=width, mobile=width < 700)
        assert chromium.evaluate("document.documentElement.scrollWidth") <= width
        assert chromium.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 15

    def test_readable_without_script(self, chromium: Browser, file: Path, panel: Panel) -> None:
        chromium.open(file, script=False)
        root = chromium.call("DOM.getDocument")["root"]["nodeId"]
        rows = chromium.call("DOM.querySelectorAll", nodeId=root, selector="#findings tbody tr")["nodeIds"]
        assert len(rows) == rows_of(panel)
        assert chromium.call("DOM.querySelectorAll", nodeId=root, selector=".controls")["nodeIds"] == []

    def test_prints(self, chromium: Browser, file: Path) -> None:
        chromium.open(file)
        assert len(chromium.call("Page.printToPDF", printBackground=True)["data"]) > 10_000
        assert chromium.complaints == []


class TestCommands:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            cli.main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return int(ending.value.code or 0), told.out, told.err

    def test_check_names_the_cells_and_ends_with_1(
        self, panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = self.run(capsys, "check", panel.path, "--html", tmp_path / "audit.html")
        assert (code, err) == (1, "")
        assert "金湖县人民政府 2023 (zero.html)" in out
        assert "suggestion 1: remedies.suit_direct.total 0 → 3" in out
        assert "2 files not read" in out
        assert (tmp_path / "audit.html").stat().st_size > 10_000

    def test_check_reads_files_and_ends_with_0_where_nothing_fails(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "a.html").write_bytes(page("卧龙区商务局", 2023))
        code, out, err = self.run(capsys, "check", tmp_path / "a.html", "--quiet")
        assert (code, err) == (0, "")
        assert out.startswith("1 report, 1 without a failed check")
        assert sorted(os.listdir(tmp_path)) == ["a.html"]

    @pytest.mark.parametrize("content", [None, b"", "<p>今天天气很好</p>".encode()])
    def test_check_ends_with_2_where_nothing_can_be_read(
        self, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        if content is not None:
            (tmp_path / "a.html").write_bytes(content)
        code, out, err = self.run(capsys, "check", tmp_path / "a.html")
        assert (code, out) == (2, "")
        assert err.startswith("giakit: ")
        assert len(err.splitlines()) <= 2

    def test_sample_and_agree(self, panel: Panel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        sheet = tmp_path / "sheet.csv"
        assert self.run(capsys, "sample", panel.path, "--cells", 30, "--out", sheet)[0] == 0
        code, _, err = self.run(capsys, "agree", sheet)
        assert code == 1
        assert "no cell is coded yet" in err
        lines = sheet.read_text(encoding="utf-8-sig").splitlines()
        place = lines[0].split(",").index("coder_1")
        coded = [
            lines[0],
            *(",".join([*line.split(",")[:place], "-1", *line.split(",")[place + 1 :]]) for line in lines[1:]),
        ]
        sheet.write_text("\n".join(coded), encoding="utf-8")
        code, out, _ = self.run(capsys, "agree", sheet)
        assert code == 0
        assert out.startswith("30 cells of ")
        assert "error rate 100.000%" in out
        code, _, err = self.run(capsys, "agree", tmp_path / "none.csv")
        assert (code, len(err.splitlines())) == (1, 1)
