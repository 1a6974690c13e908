"""Checks across reports as findings of a panel, corrections, notes, coverage, coding sheets."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from trust_inputs import LEDGER, NOTES, SUIT, built, page, report_id, zero_total

import giakit as gia
from giakit.checks.continuity import pairs
from giakit.checks.coverage import read_against_unread, unit_status
from giakit.checks.model import FINDING_COLUMNS
from giakit.checks.sampling import agree
from giakit.errors import MissingColumns, UnknownChoice, UnreadableDocument
from giakit.panel.across import across
from giakit.panel.panel import Panel
from giakit.panel.validate import coding_sheet, read_sheet
from typeset import random_figures

SHARED = Path(__file__).resolve().parents[3] / "shared"
UNIT = "卧龙区商务局"
real = pytest.mark.skipif(not SHARED.exists(), reason="the real reports are not beside the project")
OWN_WORDS = "本局全年围绕群众关心的事项更新栏目，逐条核对目录，集中清理过期内容，并在窗口安排专人解答来访者的疑问，逐项登记办理进度，定期通报完成情况"


def status(checks: pd.DataFrame, check: str, **place: str) -> list[str]:
    at = checks["check"] == check
    for name, value in place.items():
        at &= (checks[name] == value).fillna(False)
    found: list[str] = checks.loc[at, "status"].tolist()
    return found


class TestRealErrors:
    @real
    def test_a_total_left_at_zero(self) -> None:
        """金湖 2023: two suits upheld and one other, a total of 0."""
        cells = pd.read_csv(SHARED / "figures" / "tables.csv", dtype=str)
        mine = cells[(cells["unit"] == "金湖县人民政府") & (cells["year"] == "2023")]
        figures = {(row["table"], row["row"], row["column"]): float(row["value"]) for row in mine.to_dict("records")}
        report = gia.read(page("金湖县人民政府", 2023, figures))
        assert status(report.checks, "H4", row="suit_direct") == ["fail"]
        assert report.suggestions[["table", "row", "column", "printed", "value"]].values.tolist() == [[*SUIT, 0, 3]]
        assert report.cells.set_index(["table", "row", "column"]).loc[SUIT, "value"] == 0

    @real
    def test_prose_against_table(self) -> None:
        """平潭 2013: online requests and letters stand in other rows of the table than in the text."""
        report = gia.read(SHARED / "reports" / "2013_平潭县人民政府_统计表.html")
        assert status(report.checks, "stated:received_online") == ["fail"]
        assert status(report.checks, "stated:received_mail") == ["fail"]
        assert status(report.checks, "stated:new") == ["pass"]
        assert status(report.checks, "stated:sum") == ["pass"]

    @real
    def test_blank_totals_are_not_assessable(self) -> None:
        """上海 2019: the totals of most rows were left blank."""
        report = gia.read(SHARED / "reports" / "2019_上海市人民政府办公厅.html")
        assert status(report.checks, "H3", row="granted") == ["not_assessable"]
        assert "fail" not in set(report.checks["status"])
        assert "H3" not in set(report.findings["check"])


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    first, second = (dict(random_figures(f"year {year}")) for year in (2022, 2023))
    for figures, row, value in ((first, "carried_out", 4), (second, "carried_in", 2)):
        figures["requests", row, "total"] = value
    text = {"5": [OWN_WORDS]}
    pages = {
        "2022.html": page(UNIT, 2022, first, texts=text),
        "2023.html": page(UNIT, 2023, second, texts=text),
        "other.html": page("宛城区教育局", 2023, first, texts={"5": [OWN_WORDS + "。"]}),
        "old.html": page("宛城区教育局", 2022, form="2019"),
        "same.html": page("宛城区教育局", 2024, first),
        "nowhere.html": page("某某局", 2024),
    }
    return built(tmp_path_factory.mktemp("across"), pages)


class TestAcross:
    def test_they_are_findings_of_the_panel(self, panel: Panel) -> None:
        assert panel.findings.columns.tolist() == list(FINDING_COLUMNS)
        assert set(panel.findings["status"]) <= {"fail", "uncertain"}
        assert {"Y1", "form_year", "same_as_last_year"} <= set(panel.findings["check"])
        assert not panel.findings.duplicated(["report_id", "fingerprint"]).any()
        assert panel.across is panel.across

    def test_carried_over(self, panel: Panel) -> None:
        mine = panel.findings[panel.findings["report_id"] == report_id(panel, UNIT, 2023)]
        found = mine[(mine["check"] == "Y1") & (mine["column"] == "total")]
        assert found[["status", "expected", "observed"]].values.tolist() == [["fail", 4, 2]]

    def test_an_agency_that_is_not_known_is_compared_with_none(self, panel: Panel) -> None:
        lost = panel.across[panel.across["report_id"] == report_id(panel, "某某局", 2024)]
        assert status(lost, "Y1") == ["not_assessable"]

    def test_a_form_out_of_force(self, panel: Panel) -> None:
        found = panel.findings[panel.findings["check"] == "form_year"]
        assert found["report_id"].tolist() == [report_id(panel, "宛城区教育局", 2022)]
        assert "2019 to 2020" in found["message"].item()

    def test_figures_of_last_year(self, panel: Panel) -> None:
        found = panel.findings[panel.findings["check"] == "same_as_last_year"]
        assert set(found["report_id"]) == {report_id(panel, "宛城区教育局", 2024)}

    def test_a_section_word_for_word(self, panel: Panel) -> None:
        found = panel.findings[panel.findings["check"] == "repeated_text:problems"].set_index("report_id")["message"]
        assert set(found.index) == {report_id(panel, UNIT, 2023), report_id(panel, "宛城区教育局", 2023)}
        assert "its own report 2022.html" in found[report_id(panel, UNIT, 2023)]
        assert "the report of another agency 2022.html" in found[report_id(panel, "宛城区教育局", 2023)]

    def test_families_can_be_chosen(self, panel: Panel) -> None:
        assert set(across(panel, ["levels"])["check"]) <= {"L1"}
        with pytest.raises(UnknownChoice):
            across(panel, ["forms"])

    def test_pairs_of_reuse_say_how_they_are_related(self, panel: Panel) -> None:
        pairs = panel.reuse().pairs
        mine = pairs[(pairs["section"] == "problems") & (pairs["relation"] == "same agency")]
        assert sorted(mine[["year_a", "year_b"]].iloc[0]) == [2022, 2023]

    def test_a_report_of_the_panel_is_the_report_that_was_read(self, panel: Panel) -> None:
        name = report_id(panel, UNIT, 2023)
        report, read = panel.report(name), gia.read(panel.path.parent / "source" / "2023.html")
        pd.testing.assert_frame_equal(report.cells, read.cells)
        key = ["check", "status", "table", "row", "column", "fingerprint"]
        assert sorted(map(str, report.checks[key].values.tolist())) == sorted(
            map(str, read.checks[key].values.tolist())
        )
        with pytest.raises(UnknownChoice):
            panel.report("0" * 16)


def test_a_whole_counts_at_least_its_parts(tmp_path: Path) -> None:
    whole = {("requests", "new", "total"): 5}
    words = {"1": ["全市共收到政府信息公开申请5件。"]}
    parts = {
        name: page(name, 2023, {("requests", "new", "total"): 4}) for name in ("清江浦区人民政府", "金湖县人民政府")
    }
    panel = built(
        tmp_path,
        {
            "whole.html": page("淮安市人民政府", 2023, whole, texts=words),
            **{f"{name}.html": data for name, data in parts.items()},
        },
    )
    assert panel.reports.set_index("unit").loc["淮安市人民政府", "scope"] == "whole"
    found = panel.findings[panel.findings["check"] == "L1"]
    assert found[["report_id", "row", "expected", "observed"]].values.tolist() == [
        [report_id(panel, "淮安市人民政府", 2023), "new", 8, 5]
    ]


def test_versions_that_differ_are_findings(tmp_path: Path) -> None:
    pages = {f"{new}.html": page(UNIT, 2023, {("requests", "new", "total"): new}) for new in (3, 5)}
    assert status(built(tmp_path, pages).findings, "versions") == ["fail"]


def test_sources_that_contradict_the_report_are_findings(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "sources.csv").write_text("path,year\na.html,2020\n", encoding="utf-8")
    assert status(built(tmp_path, {"a.html": page(UNIT, 2023)}).findings, "sources_year") == ["fail"]


class TestCorrections:
    def entry(self, panel: Panel, as_read: str, corrected: str) -> None:
        name = panel.reports["report_id"].iloc[0]
        (panel.path / "corrections.csv").write_text(
            f"{LEDGER}{name},{','.join(SUIT)},{as_read},{corrected},left at 0,scan,me,2026-01-01\n", encoding="utf-8"
        )

    def test_a_corrected_cell_is_checked_again_also_after_a_rebuild(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total()})
        assert status(panel.findings, "H4", row="suit_direct") == ["fail"]
        self.entry(panel, "0", "3")
        for more in ({}, {"b.html": page(UNIT, 2023)}):
            opened = built(tmp_path, more)
            mine = opened.report(report_id(opened, "金湖县人民政府", 2023))
            assert status(opened.findings, "H4", row="suit_direct") == []
            assert status(mine.checks, "H4", row="suit_direct") == ["pass"]
            assert mine.suggestions.empty
            assert mine.cells.set_index(["table", "row", "column"]).loc[SUIT, ["value", "origin"]].tolist() == [
                3,
                "corrected",
            ]
            assert opened.corrections[["corrected", "applied"]].values.tolist() == [["3", True]]
            assert not opened.adjusted()["adjusted"].any()

    def test_a_correction_can_break_a_sum(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total()})
        self.entry(panel, "0", "7")
        found = gia.open_panel(panel.path).findings
        assert found.loc[found["check"] == "H4", ["expected", "observed"]].values.tolist() == [[3, 7]]

    def test_refused_with_a_message_where_the_panel_reads_otherwise(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total()})
        self.entry(panel, "9", "3")
        opened = gia.open_panel(panel.path)
        assert status(opened.findings, "H4", row="suit_direct") == ["fail"]
        refused = opened.findings[opened.findings["check"] == "correction"].iloc[0]
        assert refused["status"] == "fail"
        assert "as_read is 9, but the panel reads 0" in refused["message"]
        assert opened.corrections["applied"].tolist() == [False]

    def test_adjusted_marks_what_was_put_in(self, tmp_path: Path) -> None:
        changed = built(tmp_path, {"a.html": zero_total()}).adjusted().query("adjusted")
        assert changed[["table", "row", "column", "printed", "value"]].values.tolist() == [[*SUIT, 0, 3]]


class TestNotes:
    def test_a_note_survives_a_rebuild(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total()})
        found = panel.findings[panel.findings["check"] == "H4"].iloc[0]
        (panel.path / "notes.csv").write_text(
            f"{NOTES}{found['report_id']},{found['fingerprint']},asked them,me,2026-01-01\n", encoding="utf-8"
        )
        for more in ({}, {"b.html": page(UNIT, 2023)}):
            opened = built(tmp_path, more)
            noted = opened.findings.dropna(subset="note")
            assert noted[["check", "note", "note_who", "note_date"]].values.tolist() == [
                ["H4", "asked them", "me", "2026-01-01"]
            ]

    def test_a_note_whose_finding_is_gone_is_told(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": page(UNIT, 2023)})
        (panel.path / "notes.csv").write_text(
            f"{NOTES}{panel.reports.loc[0, 'report_id']},0123456789ab,asked them,me,\n", encoding="utf-8"
        )
        told = panel.findings[panel.findings["check"] == "note"]
        assert told["status"].tolist() == ["uncertain"]
        assert "asked them" in told["message"].item()

    def test_what_is_no_ledger_of_notes(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": page(UNIT, 2023)})
        (panel.path / "notes.csv").write_text("note\nx\n", encoding="utf-8")
        with pytest.raises(MissingColumns):
            _ = panel.findings


class TestCoverage:
    def test_expected_found_read_clean(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total(), "b.html": page(UNIT, 2023), "c.html": b""})
        table = tmp_path / "units.csv"
        table.write_text(
            "unit,tier,province,population\n金湖县人民政府,county,江苏省,30\n卧龙区商务局,county,河南省,10\n卧龙区教育局,county,河南省,50\n",
            encoding="utf-8-sig",
        )
        sources = pd.DataFrame({"path": ["c.html"], "unit": ["卧龙区教育局"], "year": [2023]})
        counted = gia.coverage(panel, expected=table, sources=sources, by=["tier", "year"])
        assert counted[["expected", "found", "read", "clean"]].values.tolist() == [[3, 3, 2, 1]]
        assert gia.coverage(panel, expected=table)["province"].tolist() == ["江苏省", "河南省"]
        units = unit_status(panel.reports, panel.manifest, pd.read_csv(table), findings=panel.findings)
        assert units["clean"].tolist() == [False, True, False]
        assert read_against_unread(units, ["population"])[["column", "mean_read", "mean_unread"]].values.tolist() == [
            ["population", 20, 50]
        ]

    def test_files_that_are_not_there(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"b.html": page(UNIT, 2023)})
        with pytest.raises(UnreadableDocument):
            gia.coverage(panel, expected=tmp_path / "none.csv")


class TestCodingSheet:
    def test_drawn_blind_coded_and_evaluated(self, tmp_path: Path) -> None:
        panel = built(tmp_path, {"a.html": zero_total(), "b.html": page(UNIT, 2023)})
        sheet = coding_sheet(panel, n=40)
        assert len(sheet) == 40
        assert {"source", "unit", "label", "where"} <= set(sheet.columns)
        assert "value" not in sheet
        cells = panel.cells.set_index(["report_id", "table", "row", "column"])["value"]
        answers = [
            cells[key] for key in sheet[["report_id", "table", "row", "column"]].itertuples(index=False, name=None)
        ]
        sheet["coder_1"] = ["/" if pd.isna(value) else f"{value:g}" for value in answers]
        sheet.to_csv(tmp_path / "sheet.csv", index=False, encoding="gbk")
        found = agree(read_sheet(tmp_path / "sheet.csv"))
        assert (found.n, found.n_errors, found.kappa) == (40, 0, 1)

    def test_an_uncoded_sheet_is_told(self, tmp_path: Path) -> None:
        coding_sheet(built(tmp_path, {"b.html": page(UNIT, 2023)}), n=5).to_csv(tmp_path / "sheet.csv", index=False)
        with pytest.raises(UnreadableDocument, match="no cell is coded"):
            read_sheet(tmp_path / "sheet.csv")


class TestMergers:
    def reports(self, *entries: tuple[str, str, int]) -> pd.DataFrame:
        return pd.DataFrame(entries, columns=["report_id", "agency_key", "year"]).assign(agency_id="A")

    def test_agencies_that_merge_later_are_compared_each_with_itself(self) -> None:
        found = {
            pair.later: pair
            for pair in pairs(
                self.reports(("a1", "A@a", 2016), ("b1", "A@b", 2016), ("a2", "A@a", 2017), ("b2", "A@b", 2017))
            )
        }
        assert (found["a2"].earlier, found["a2"].reason) == ("a1", "")
        assert found["b2"].earlier == "b1"

    def test_a_merger_is_a_stated_reason(self) -> None:
        (_, after) = pairs(self.reports(("a", "A@a", 2018), ("m", "A", 2019)))
        assert after.earlier == "a"
        assert after.reason == "merger: A@a became A"

    def test_several_predecessors_are_compared_with_none(self) -> None:
        (*_, after) = pairs(self.reports(("a", "A@a", 2018), ("b", "A@b", 2018), ("m", "A", 2019)))
        assert after.earlier is None
